//! Hosts, one or many: live, from an image, from a file that was carried here, over ssh.

use crate::carried::CARRIED_BYTES_MAX;
use crate::data::digits;
use crate::examine::{How, Observed, Order};
use crate::fleet::Answer;
use crate::{Examined, Node, NodeError, home};
use evidence::{Body, Digest, Finding, Gap, GapReason, Judgement, Record, RecordKind, RunState, Say, SubjectRef};
use plan::CheckedPlan;
use std::collections::BTreeSet;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use stdx::{Progress, Stop};

/// A host to be examined.
pub enum Subject {
    /// By this program, here.
    Here(inspect::Target),
    /// From a file of `inspect --collect`, or what the collector for Windows wrote.
    Carried(PathBuf),
    /// What a bill of materials says of a product or machine, by this name or its own.
    Bill(PathBuf, Option<String>),
    /// By an answer over ssh, or by the lack of one.
    Fleet(Answer),
}

impl Node {
    /// Examines hosts and judges them together. A host of a fleet that did not answer is examined too: all that is
    /// said of it is a gap, so that it is in every denominator and in no pass.
    pub fn inspect(
        &self,
        subjects: Vec<Subject>,
        how: &How,
        plan: &CheckedPlan,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Examined, NodeError> {
        let (mut observed, mut notes) = (Vec::new(), Vec::new());
        for subject in subjects {
            observed.push(match subject {
                Subject::Here(target) => {
                    let order = Order { host: Some(target), how: how.clone(), ..Order::default() };
                    self.observe(&order, progress, stop)?
                }
                Subject::Carried(path) if is_bundle(&path)? => {
                    // Files of a bundle are not there to be searched; its lists of programs are.
                    let how = How { products: how.products.clone(), ..How::default() };
                    let order = Order { host: Some(inspect::Target::Bundle(path)), how, ..Order::default() };
                    self.observe(&order, progress, stop)?
                }
                Subject::Carried(path) => {
                    let bytes = home::read(&path, CARRIED_BYTES_MAX)?;
                    self.carried(&path, &bytes, progress)?
                }
                Subject::Bill(path, name) => self.bill(&path, name.as_deref(), progress, stop)?,
                Subject::Fleet(answer) => self.answered(answer, &mut notes, progress)?,
            });
        }
        Ok(Examined { notes, ..self.conclude(observed, plan, progress)? })
    }

    fn answered(&self, answer: Answer, notes: &mut Vec<Say>, progress: &dyn Progress) -> Result<Observed, NodeError> {
        let (reason, why) = match answer.told {
            Ok(bytes) => match self.carried(&PathBuf::from(&answer.name), &bytes, progress) {
                Ok(observed) => return Ok(observed),
                Err(e) => (GapReason::Corrupt, e.say()),
            },
            Err(fault) => (fault.reason, fault.say),
        };
        notes.push(why);
        let bodies = vec![Body::Gap(Gap { what: "fact:host".to_owned(), reason, at: None, count: 1 })];
        let subject = SubjectRef { host: answer.name, machine: None, root: None, folders: Vec::new(), carried: None };
        let now = home::now();
        self.seal(bodies, subject, (now, now), RunState::Stopped, Vec::new())
    }
}

/// A folder or a zip is what the collector for Windows wrote; anything else should be a file of `--collect`.
fn is_bundle(path: &Path) -> Result<bool, NodeError> {
    if std::fs::metadata(path).map_err(|e| NodeError::io(path, &e))?.is_dir() {
        return Ok(true);
    }
    let mut head = [0; 2];
    let mut file = std::fs::File::open(path).map_err(|e| NodeError::io(path, &e))?;
    let got = std::io::Read::read(&mut file, &mut head).map_err(|e| NodeError::io(path, &e))?;
    Ok(head.get(..got) == Some(b"PK"))
}

/// A judgement of the log.
pub struct Judged {
    /// What was judged.
    pub judgement: Judgement,
    /// Its leaf.
    pub leaf: Digest,
}
impl Judged {
    /// The hosts that machine checks were asked of.
    #[must_use]
    pub fn hosts(&self) -> BTreeSet<&str> {
        self.judgement.checks.iter().map(|c| c.host.as_str()).filter(|h| !h.is_empty()).collect()
    }
}

/// A finding, found again in the log.
pub struct FoundAgain {
    /// The finding, as the newest judgement that has it says it.
    pub finding: Finding,
    /// Where the host is: live here, or an image.
    pub target: inspect::Target,
}

impl Node {
    pub(crate) fn judged(&self, leaf: Digest) -> Result<Judged, NodeError> {
        match self.store().witness(leaf)?.record.into_value() {
            Record::Judgement(j) => Ok(Judged { judgement: *j, leaf }),
            _ => Err(NodeError::Internal("a judgement came back as another record".to_owned())),
        }
    }

    /// The judgement whose leaf begins with `typed`, or that was made over the examination whose leaf does.
    pub fn judgement(&self, typed: &str) -> Result<Judged, NodeError> {
        let unknown = || NodeError::UnknownLeaf(attest::clean(typed));
        let digits = digits(typed).ok_or_else(unknown)?;
        let leaves = self.store().leaves(&[RecordKind::Judgement])?;
        let mut fits = leaves.iter().filter(|l| l.hex().starts_with(&digits));
        match (fits.next(), fits.next()) {
            (Some(_), Some(_)) => return Err(NodeError::AmbiguousLeaf(digits)),
            (Some(leaf), None) => return self.judged(*leaf),
            (None, _) => {}
        }
        for leaf in leaves {
            let judged = self.judged(leaf)?;
            if judged.judgement.cites.iter().any(|(l, _)| l.hex().starts_with(&digits)) {
                return Ok(judged);
            }
        }
        Err(unknown())
    }

    /// The newest two judgements over the same hosts, the earlier first.
    pub fn newest_pair(&self) -> Result<(Judged, Judged), NodeError> {
        let mut newest: Option<Judged> = None;
        for leaf in self.store().leaves(&[RecordKind::Judgement])?.into_iter().rev() {
            let judged = self.judged(leaf)?;
            if judged.hosts().is_empty() {
                continue;
            }
            match newest {
                Some(newest) if newest.hosts() == judged.hosts() => return Ok((judged, newest)),
                Some(_) => {}
                None => newest = Some(judged),
            }
        }
        Err(NodeError::NothingToCompare)
    }

    /// The finding of a host whose id begins with `typed`, in the newest judgement that has it, and where to look again.
    pub fn finding(&self, typed: &str) -> Result<FoundAgain, NodeError> {
        let unknown = || NodeError::UnknownFinding(attest::clean(typed));
        let digits = digits(typed).ok_or_else(unknown)?;
        let mut elsewhere = None;
        for leaf in self.store().leaves(&[RecordKind::Judgement])?.into_iter().rev() {
            let judgement = self.judged(leaf)?.judgement;
            let approved = judgement.approved.iter().map(|a| &a.finding);
            let mut fits = judgement
                .findings
                .iter()
                .chain(approved)
                .filter(|f| f.id.hex().starts_with(&digits) && !f.host.is_empty());
            match (fits.next(), fits.next()) {
                (Some(_), Some(_)) => return Err(NodeError::AmbiguousFinding(digits)),
                (Some(f), None) => match self.again(f.clone()) {
                    // The same finding may have been carried here and seen here.
                    Err(e @ NodeError::NotHere(_)) => elsewhere = Some(e),
                    told => return told,
                },
                (None, _) => {}
            }
        }
        Err(elsewhere.unwrap_or_else(unknown))
    }

    fn again(&self, finding: Finding) -> Result<FoundAgain, NodeError> {
        let not_here = || NodeError::NotHere(attest::clean(&finding.host));
        let leaf = finding.evidence.first().map(|c| c.leaf).ok_or_else(not_here)?;
        let Record::Examination(run) = self.store().witness(leaf)?.record.into_value() else {
            return Err(NodeError::Internal("evidence of a host is no examination".to_owned()));
        };
        let target = match (&run.subject.carried, &run.subject.root) {
            (Some(_), _) => return Err(not_here()),
            (None, Some(root)) => inspect::Target::Root(PathBuf::from(std::ffi::OsString::from_vec(root.to_bytes()))),
            (None, None) => inspect::Target::Live,
        };
        let config = inspect::Config::new(self.store().keys().digest_key()?, home::now());
        let here = inspect::Inspector::new(target.clone(), config).map_err(NodeError::Root)?.identity();
        if here.host != run.subject.host || here.machine != run.subject.machine {
            return Err(not_here());
        }
        Ok(FoundAgain { finding, target })
    }
}

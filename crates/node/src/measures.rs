//! Measures: what people do about findings (`docs/specs/measures-v1.md`).
//!
//! A measure is written as a new record each time; nothing is edited. What the plan would not let count is refused here,
//! before it is signed, with the reason; what gets into the log some other way is the judge's to refuse.

use crate::data::digits;
use crate::{Node, NodeError, home};
use evidence::{
    Digest, Document, Finding, FindingId, Judgement, Measure, MeasureState, Outcome, Record, RecordKind, Say, Sure,
    Time,
};
use plan::{CheckKind, CheckedPlan, Days};
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};

/// Most findings that one measure answers.
const FINDINGS_MAX: usize = 1_000;
/// Longest text of a measure, in characters.
const TEXT_CHARS_MAX: usize = 2_000;
/// Milliseconds of a day.
pub(crate) const DAY_MILLIS: i64 = 86_400_000;

/// What a person wants done, as typed.
pub struct Wanted<'a> {
    /// Beginnings of ids of findings.
    pub findings: &'a [String],
    /// Beginnings of ids of incidents that it follows from.
    pub incidents: &'a [String],
    /// What is to be done, or why the findings may stand.
    pub action: &'a str,
    /// Who does it.
    pub owner: &'a str,
    /// Who stands in; may be empty.
    pub deputy: &'a str,
    /// Until when, inclusive.
    pub until: Time,
}

/// What a measure is to be from now on.
pub struct MeasureChange<'a> {
    /// What is to be done.
    pub action: &'a str,
    /// Who does it.
    pub owner: &'a str,
    /// Who stands in; may be empty.
    pub deputy: &'a str,
    /// Until when, inclusive.
    pub until: Time,
}

/// What makes an exception of it.
pub struct Exception<'a> {
    /// Who approved it.
    pub approver: &'a str,
    /// From when; from now if it does not say.
    pub since: Option<Time>,
    /// The paper, if there is one.
    pub document: Option<Document>,
}

/// A measure as the log has it.
#[derive(Clone, Debug)]
pub struct KeptMeasure {
    /// The record that counts.
    pub measure: Measure,
    /// Its leaf.
    pub leaf: Digest,
    /// When the first record of this id was made.
    pub first: Time,
}
impl KeptMeasure {
    /// True if it is past its time and not done: a late measure, or an exception that has ended.
    #[must_use]
    pub fn is_late(&self, now: Time) -> bool {
        let end = self.measure.expires.unwrap_or(self.measure.due);
        let open = [MeasureState::Planned, MeasureState::Running, MeasureState::Excepted];
        open.contains(&self.measure.state) && end < now
    }

    /// For programs, as every face says it.
    #[must_use]
    pub fn value(&self, now: Time) -> serde_json::Value {
        let (measure, late) = (&self.measure, self.is_late(now));
        serde_json::json!({"measure": measure, "record": self.leaf, "recorded": self.first, "late": late})
    }
}

/// Every measure as its newest record says it, by id. Takes records one by one, so that a watch reads none twice.
#[derive(Default)]
pub(crate) struct Measures {
    newest: BTreeMap<String, KeptMeasure>,
}
impl Measures {
    /// Takes a record; one that is no measure is passed over.
    pub(crate) fn take(&mut self, w: Witness) {
        let leaf = w.record.leaf();
        let Record::Measure(m) = w.record.into_value() else { return };
        let at = m.stated_at;
        let kept =
            self.newest.entry(m.id.clone()).or_insert_with(|| KeptMeasure { measure: m.clone(), leaf, first: at });
        kept.first = kept.first.min(at);
        if (kept.measure.stated_at, kept.leaf) < (at, leaf) {
            (kept.measure, kept.leaf) = (m, leaf);
        }
    }
    pub(crate) fn iter(&self) -> impl Iterator<Item = &KeptMeasure> {
        self.newest.values()
    }
}

/// What was recorded, and what of it will not make a check pass.
pub struct Recorded {
    /// The measure.
    pub kept: KeptMeasure,
    /// Findings that it answers.
    pub findings: Vec<Finding>,
    /// Checks that the plan lets nobody approve: their findings stand.
    pub stand: BTreeSet<String>,
}

impl Node {
    /// Every measure, the one that is due first before the others.
    pub fn measures(&self) -> Result<Vec<KeptMeasure>, NodeError> {
        let mut all = Measures::default();
        self.store().records(&[RecordKind::Measure])?.into_iter().for_each(|w| all.take(w));
        let mut out: Vec<KeptMeasure> = all.newest.into_values().collect();
        out.sort_by(|a, b| (a.measure.due, &a.measure.id).cmp(&(b.measure.due, &b.measure.id)));
        Ok(out)
    }

    /// The measure whose id begins with `typed`.
    pub fn measure(&self, typed: &str) -> Result<KeptMeasure, NodeError> {
        let unknown = || NodeError::UnknownMeasure(attest::clean(typed));
        let mut fits = self.measures()?.into_iter().filter(|k| !typed.is_empty() && k.measure.id.starts_with(typed));
        let first = fits.next().ok_or_else(unknown)?;
        if fits.next().is_some() { Err(unknown()) } else { Ok(first) }
    }

    /// Records a measure, or with `exception` that findings may stand for a while.
    pub fn measure_add(
        &self,
        plan: &CheckedPlan,
        wanted: &Wanted<'_>,
        exception: Option<Exception<'_>>,
        author: Option<&str>,
    ) -> Result<Recorded, NodeError> {
        let now = home::now();
        let text = |s: &str| attest::clean(s).chars().take(TEXT_CHARS_MAX).collect::<String>();
        if wanted.until <= now {
            return Err(NodeError::MeasurePast(Days::of(plan.calendar()).day_named(wanted.until)));
        }
        if wanted.findings.is_empty() && wanted.incidents.is_empty() {
            return Err(NodeError::Entry(Say::new("error.measure-for-nothing")));
        }
        let findings = self.findings_of(wanted.findings)?;
        let incidents = wanted.incidents.iter().map(|i| Ok(self.incident_file(i)?.id));
        let incidents: BTreeSet<String> = incidents.collect::<Result<_, NodeError>>()?;
        let mut measure = Measure {
            node: self.id(),
            author: self.author(author),
            stated_at: now,
            id: String::new(),
            findings: findings.iter().map(|f| f.id).collect::<BTreeSet<_>>().into_iter().collect(),
            incidents: incidents.into_iter().collect(),
            action: text(wanted.action),
            owner: text(wanted.owner),
            deputy: text(wanted.deputy),
            due: wanted.until,
            state: MeasureState::Planned,
            verified_by: None,
            approver: None,
            since: None,
            expires: None,
            document: None,
        };
        let mut stand = BTreeSet::new();
        if let Some(e) = exception {
            measure.state = MeasureState::Excepted;
            measure.approver = Some(text(e.approver));
            measure.since = e.since;
            measure.expires = Some(wanted.until);
            measure.document = e.document;
            for f in &findings {
                if !may(plan, f, &measure)? {
                    stand.insert(f.check.to_string());
                }
            }
        }
        measure.id = format!("m-{}", new_id(&measure)?);
        let leaf = self.keep_measure(&measure)?;
        Ok(Recorded { kept: KeptMeasure { leaf, first: now, measure }, findings, stand })
    }

    /// Says that a measure has come further, or is taken back.
    pub fn measure_state(
        &self,
        typed: &str,
        state: MeasureState,
        document: Option<Document>,
        author: Option<&str>,
    ) -> Result<KeptMeasure, NodeError> {
        let mut kept = self.measure(typed)?;
        let m = &mut kept.measure;
        let exception = m.state == MeasureState::Excepted && state != MeasureState::Withdrawn;
        if m.state == MeasureState::Withdrawn || exception {
            return Err(NodeError::MeasureEnded { id: m.id.clone(), state: m.state });
        }
        m.state = state;
        m.stated_at = home::now();
        m.author = self.author(author);
        m.document = document;
        m.verified_by = None;
        kept.leaf = self.keep_measure(m)?;
        Ok(kept)
    }

    /// Gives a measure that is not over to somebody else, or changes what is to be done until when. An exception is not changed: it is withdrawn, and another
    /// one approved.
    pub fn measure_change(
        &self,
        plan: &CheckedPlan,
        typed: &str,
        to: &MeasureChange<'_>,
        author: Option<&str>,
    ) -> Result<KeptMeasure, NodeError> {
        let mut kept = self.measure(typed)?;
        let m = &mut kept.measure;
        if !matches!(m.state, MeasureState::Planned | MeasureState::Running) {
            return Err(NodeError::MeasureEnded { id: m.id.clone(), state: m.state });
        }
        let now = home::now();
        if to.until <= now && to.until != m.due {
            return Err(NodeError::MeasurePast(Days::of(plan.calendar()).day_named(to.until)));
        }
        let text = |s: &str| attest::clean(s).chars().take(TEXT_CHARS_MAX).collect::<String>();
        (m.action, m.owner, m.deputy) = (text(to.action), text(to.owner), text(to.deputy));
        (m.due, m.stated_at, m.author) = (to.until, now, self.author(author));
        kept.leaf = self.keep_measure(m)?;
        Ok(kept)
    }

    /// Holds a measure against the newest judgement that could tell; verified only if none of its findings stands. One that follows from an incident
    /// and answers no finding has no run that could show it: a document does.
    pub fn measure_verify(
        &self,
        plan: &CheckedPlan,
        typed: &str,
        document: Option<Document>,
        author: Option<&str>,
    ) -> Result<KeptMeasure, NodeError> {
        let mut kept = self.measure(typed)?;
        if matches!(kept.measure.state, MeasureState::Withdrawn | MeasureState::Excepted) {
            return Err(NodeError::MeasureEnded { id: kept.measure.id.clone(), state: kept.measure.state });
        }
        if kept.measure.findings.is_empty() {
            let Some(document) = document else {
                return Err(NodeError::Entry(Say::new("error.measure-needs-document").with("id", &kept.measure.id)));
            };
            let m = &mut kept.measure;
            (m.state, m.stated_at, m.author) = (MeasureState::Verified, home::now(), self.author(author));
            m.document = Some(document);
            kept.leaf = self.keep_measure(m)?;
            return Ok(kept);
        }
        let typed: Vec<String> = kept.measure.findings.iter().map(Digest::hex).collect();
        let findings = self.findings_of(&typed)?;
        for leaf in self.store().leaves(&[RecordKind::Judgement])?.into_iter().rev() {
            let judgement = self.judged(leaf)?.judgement;
            if judgement.as_of < kept.first {
                break;
            }
            // Another plan may ask less.
            let told = (judgement.plan.digest == plan.reference().digest).then(|| mended(&judgement, &findings));
            match told.flatten() {
                None => {}
                Some(Err(finding)) => return Err(NodeError::StillThere(Box::new(finding.clone()))),
                Some(Ok(())) => {
                    let m = &mut kept.measure;
                    m.state = MeasureState::Verified;
                    m.stated_at = home::now();
                    m.author = self.author(author);
                    m.verified_by = Some(leaf);
                    kept.leaf = self.keep_measure(m)?;
                    return Ok(kept);
                }
            }
        }
        Err(NodeError::NotLookedAgain(kept.measure.id))
    }

    fn keep_measure(&self, measure: &Measure) -> Result<Digest, NodeError> {
        let kept = self.append(&Record::Measure(measure.clone()), None, Vec::new())?;
        Ok(kept.witness.record.leaf())
    }

    /// The newest judgement of the log, with its leaf.
    pub fn newest_judgement(&self) -> Result<Option<(Digest, Judgement)>, NodeError> {
        let newest = self.store().leaves(&[RecordKind::Judgement])?.pop();
        newest.map(|leaf| Ok((leaf, self.judged(leaf)?.judgement))).transpose()
    }

    /// The findings whose ids begin so, each as the newest judgement that has it says it.
    pub fn findings_of(&self, typed: &[String]) -> Result<Vec<Finding>, NodeError> {
        if typed.len() > FINDINGS_MAX {
            return Err(NodeError::TooManyFindings { findings_max: FINDINGS_MAX });
        }
        let mut wanted = Vec::with_capacity(typed.len());
        for t in typed {
            let digits = digits(t).ok_or_else(|| NodeError::UnknownFinding(attest::clean(t)))?;
            wanted.push((digits, None::<Finding>));
        }
        for leaf in self.store().leaves(&[RecordKind::Judgement])?.into_iter().rev() {
            if wanted.iter().all(|w| w.1.is_some()) {
                break;
            }
            let j = self.judged(leaf)?.judgement;
            let all: Vec<&Finding> = j.findings.iter().chain(j.approved.iter().map(|a| &a.finding)).collect();
            for (digits, found) in wanted.iter_mut().filter(|w| w.1.is_none()) {
                let mut fits = all.iter().filter(|f| f.id.hex().starts_with(digits.as_str()));
                match (fits.next(), fits.next()) {
                    (Some(_), Some(_)) => return Err(NodeError::AmbiguousFinding(digits.clone())),
                    (Some(f), None) => *found = Some((*f).clone()),
                    (None, _) => {}
                }
            }
        }
        let found = |(digits, f): (String, Option<Finding>)| f.ok_or(NodeError::UnknownFinding(digits));
        wanted.into_iter().map(found).collect()
    }
}

/// `None` if the judgement cannot tell of all of them; the first that stands, if one does.
fn mended<'f>(j: &Judgement, findings: &'f [Finding]) -> Option<Result<(), &'f Finding>> {
    let told = |f: &Finding| {
        let of = |c: &&evidence::CheckResult| c.check == f.check && c.host == f.host;
        // A check that fails elsewhere may have seen a part only, and a paper is no run.
        j.checks.iter().find(of).is_some_and(|c| match c.outcome {
            Outcome::CannotTell => false,
            Outcome::Pass | Outcome::Fail => c.because.is_none() && c.sure == Some(Sure::MachineEvidenced),
            Outcome::NotApplicable => c.because.as_ref().is_some_and(|b| b.key == "because.does-not-apply"),
        })
    };
    let there: BTreeSet<FindingId> =
        j.findings.iter().map(|f| f.id).chain(j.approved.iter().map(|a| a.finding.id)).collect();
    match findings.iter().find(|f| there.contains(&f.id)) {
        Some(f) => Some(Err(f)),
        None => findings.iter().all(told).then_some(Ok(())),
    }
}

/// Whether the plan lets somebody approve it; refused if it would, and this exception is not one that counts.
fn may(plan: &CheckedPlan, finding: &Finding, m: &Measure) -> Result<bool, NodeError> {
    let days = match plan.check(&finding.check).map(|c| &c.kind) {
        Some(CheckKind::Machine(machine)) => machine.approval_days,
        _ => None,
    };
    let refused = days.and_then(|days| judge::refused(m, days));
    match refused {
        None => Ok(days.is_some()),
        Some(key) => {
            let say = Say::new(format!("error.{}", key.trim_start_matches("doubt.")));
            let say = say.with("check", &finding.check).with("days", days.unwrap_or_default());
            Err(NodeError::NotApprovable(Box::new(say)))
        }
    }
}

/// Eight digits that no other measure of this node has.
fn new_id(m: &Measure) -> Result<String, NodeError> {
    let bytes = evidence::canonical::to_vec(m).map_err(|e| NodeError::Internal(e.to_string()))?;
    Ok(Digest::of(&bytes).hex().chars().take(8).collect())
}

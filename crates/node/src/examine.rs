//! The whole flow on one page: sensors → items → signed examination → log → judge → signed judgement → log.

use crate::bundle::{EvidenceFile, FORMAT, RecordFile};
use crate::take::{self, ITEMS_MAX, Take};
use crate::{Node, NodeError, data, home, policy, rules};
use discover::{Reading, Remember};
use evidence::{
    Body, Digest, Examination, Gap, GapReason, Item, Judgement, Origin, PathText, Record, RecordKind, RunState, Say,
    SensorRun, SubjectRef, Time, canonical,
};
use plan::CheckedPlan;
use proof::Envelope;
use report::ProofSummary;
use std::collections::BTreeMap;
use std::path::PathBuf;
use stdx::{Progress, Step, Stop};
use store::StoreError;

/// How much time a host's sensor has for what takes long: files held against packages, YARA rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Depth {
    /// A few seconds; what is not reached is counted as a gap.
    #[default]
    Usual,
    /// As long as it takes, up to an hour each.
    Thorough,
}
impl Depth {
    pub(crate) fn limits(self) -> inspect::Limits {
        match self {
            Self::Usual => inspect::Limits::default(),
            Self::Thorough => inspect::Limits::thorough(),
        }
    }
}

/// With what a host is looked at.
#[derive(Clone, Debug, Default)]
pub struct How {
    /// Files and folders of YARA rules, used beside the starter set.
    pub yara: Vec<PathBuf>,
    /// Files and folders of lists of products, used beside the built-in ones.
    pub products: Vec<PathBuf>,
    /// How much time the sensor has.
    pub depth: Depth,
}

/// What to examine.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Examine the host: live, or the one whose file system is here.
    pub host: Option<inspect::Target>,
    /// With what.
    pub how: How,
    /// Folders or files whose data is examined.
    pub folders: Vec<PathBuf>,
    /// Threads that read data.
    pub workers: usize,
    /// Packs of the user's own detectors, looked for beside the built-in ones.
    pub detectors: Vec<PathBuf>,
    /// Which files are read: all, or those that are not as an earlier run read them.
    pub reading: Reading,
    /// Nonce of a re-observation: it stands in the signed examination.
    pub nonce: Option<String>,
}

/// A run, as it stands in the log.
pub struct Seen {
    /// What was examined, when, with what.
    pub examination: Examination,
    /// Its leaf.
    pub leaf: Digest,
    /// Its items.
    pub items: Vec<Item>,
}

/// What came of it.
pub struct Examined {
    /// The run over this order, or the first of several.
    pub run: Seen,
    /// The other runs, of an order over many hosts.
    pub others: Vec<Seen>,
    /// The judgement and its leaf.
    pub judgement: (Judgement, Digest),
    /// Hosts that could not be asked, as sentences.
    pub notes: Vec<Say>,
    /// Where they stand in the log.
    pub proof: ProofSummary,
    /// The evidence file, for somebody who trusts nobody.
    pub evidence: Vec<u8>,
}

/// A run that is ready to be signed, and the lines of its items.
pub(crate) struct Observed {
    pub(crate) examination: Examination,
    pub(crate) lines: Vec<u8>,
}

impl Node {
    /// Runs the sensors, seals and signs what they saw, appends it, judges it under `plan`, appends the judgement.
    /// Nothing is judged that is not in the log (or durably on its way there).
    pub fn examine(
        &self,
        order: &Order,
        plan: &CheckedPlan,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Examined, NodeError> {
        let observed = self.observe(order, progress, stop)?;
        self.conclude(vec![observed], plan, progress)
    }

    /// Signs, appends and judges runs that were made, together with what people declared.
    pub(crate) fn conclude(
        &self,
        observed: Vec<Observed>,
        plan: &CheckedPlan,
        progress: &dyn Progress,
    ) -> Result<Examined, NodeError> {
        progress.begin(Step::Records, Some(observed.len() as u64 + 1));
        let mut seen_until = home::now();
        let mut loose = Vec::new();
        let mut texts = Vec::new();
        let mut witnesses = Vec::new();
        for Observed { examination, lines } in observed {
            // A clock that was set back during the run must not make the run lie in the future.
            seen_until = seen_until.max(examination.started).max(examination.ended);
            texts.push(text(lines.clone())?);
            let seen = self.append(&Record::Examination(examination), Some(lines), Vec::new())?;
            loose.push((seen.witness.record.leaf(), seen.envelope));
            witnesses.push(seen.witness);
            progress.advance(1, 0);
        }
        let runs = witnesses.len();
        witnesses.extend(self.store.records(&[RecordKind::Scope, RecordKind::Attestation, RecordKind::Measure])?);
        let judgement = judge::judge(plan, &witnesses, seen_until);
        let source = plan.source().to_bytes();
        let judged = self.append(&Record::Judgement(Box::new(judgement.clone())), None, vec![source])?;
        progress.advance(1, 0);
        progress.end();

        let judged_leaf = judged.witness.record.leaf();
        witnesses.truncate(runs);
        let first = loose.first().map_or(judged_leaf, |l| l.0);
        let proof = self.proof_summary(first, judged_leaf)?;
        let lines: BTreeMap<Digest, String> = loose.iter().map(|l| l.0).zip(texts).collect();
        loose.push((judged_leaf, judged.envelope));
        let cited = judgement.cites.iter().map(|(leaf, _)| *leaf).chain([judged_leaf]);
        let records = cited.map(|leaf| self.record_file(leaf, &loose, &lines)).collect::<Result<Vec<_>, _>>()?;
        let evidence = self.evidence_file(records, plan.source())?;
        let mut seen = witnesses.into_iter().map(|witness| {
            let leaf = witness.record.leaf();
            let items = witness.items.map(proof::VerifiedItems::into_items).unwrap_or_default();
            match witness.record.into_value() {
                Record::Examination(examination) => Ok(Seen { examination, leaf, items }),
                _ => Err(NodeError::Internal("an examination came back as another record".to_owned())),
            }
        });
        let none = || NodeError::Internal("nothing was examined".to_owned());
        let run = seen.next().ok_or_else(none)??;
        let others = seen.collect::<Result<Vec<_>, _>>()?;
        Ok(Examined { run, others, judgement: (judgement, judged_leaf), notes: Vec::new(), proof, evidence })
    }

    /// The sensors' part: an examination ready to be signed, and the lines of its items.
    pub(crate) fn observe(&self, order: &Order, progress: &dyn Progress, stop: &Stop) -> Result<Observed, NodeError> {
        let started = home::now();
        let key = self.store.keys().digest_key()?;
        let take = Take::new(ITEMS_MAX, progress);
        let target = order.host.clone().unwrap_or(inspect::Target::Live);
        let root = root_of(&target);
        let carried = carried_in(&target)?;
        let config = inspect::Config {
            yara: policy::yara(&order.how.yara)?,
            products: rules::products(&order.how.products)?,
            limits: order.how.depth.limits(),
            ..inspect::Config::new(key.clone(), started)
        };
        let inspector = inspect::Inspector::new(target, config).map_err(NodeError::Root)?;
        let identity = inspector.identity();
        let run = |sensor: &str, rules| sensor_run(sensor, rules, identity.privileged);
        let mut sensors = Vec::new();
        if order.host.is_some() {
            inspector.run(&take, &self.cache.of("inspect"), progress, stop);
            sensors.push(run("inspect", inspector.rules()));
        }
        let mut folders = Vec::new();
        let mut own = data::Own::new();
        if !order.folders.is_empty() {
            let mut config = discover::Config::new(key, order.workers.max(1));
            config.detectors = data::detectors(&order.detectors)?;
            config.remember = Some(Remember { now: started, program: home::program(), reading: order.reading });
            own = data::own(&config.detectors);
            let discoverer = discover::Discoverer::of(data::targets(&order.folders)?, config);
            folders = discoverer.roots().to_vec();
            discoverer.run(&take, &self.cache.of("discover"), progress, stop);
            sensors.push(run("discover", discoverer.rules()));
        }
        let mut bodies = take.finish(stop).map_err(NodeError::Internal)?;
        let captured = inspector.captured();
        if captured.is_none() {
            sensors.extend(self.advise(&mut bodies, identity.privileged)?);
            sensors.extend(self.hold_staff(&mut bodies, &identity.host, started, identity.privileged)?);
        }
        let carried = carried.or(captured.map(|c| c.digest));
        data::name(&mut bodies, &own);
        let subject = SubjectRef { host: identity.host, machine: identity.machine, root, folders, carried };
        let mut state = if stop.requested() { RunState::Stopped } else { RunState::Complete };
        let mut span = (started, home::now());
        if let Some(captured) = captured {
            // What was captured is as old as its packets, by the clock that captured them; never of the future.
            let ended = captured.ended.map_or(span.1, |e| e.min(span.1));
            span = (captured.started.map_or(ended, |s| s.min(ended)), ended);
        }
        if let Some(collected) = inspector.collected() {
            // What is in a bundle is as old as the bundle, by the clock of its host.
            let missing = collected.started.is_none() || collected.ended.is_none();
            if missing {
                bodies.push(Body::Gap(Gap { what: "run".to_owned(), reason: GapReason::Missing, at: None, count: 1 }));
            }
            if !collected.whole {
                state = RunState::Stopped;
            }
            let begun = collected.started.or(collected.ended).unwrap_or(span.0);
            span = (begun, collected.ended.unwrap_or(begun));
        }
        let mut observed = self.seal(bodies, subject, span, state, sensors)?;
        observed.examination.nonce.clone_from(&order.nonce);
        Ok(observed)
    }

    /// Seals what was seen.
    pub(crate) fn seal(
        &self,
        mut bodies: Vec<Body>,
        subject: SubjectRef,
        (started, ended): (Time, Time),
        state: RunState,
        sensors: Vec<SensorRun>,
    ) -> Result<Observed, NodeError> {
        bodies.sort();
        bodies.dedup();
        let internal = |e: canonical::CanonicalError| NodeError::Internal(e.to_string());
        let sealed = evidence::seal(&bodies, &home::secret()?).map_err(internal)?;
        let examination = Examination {
            node: self.id(),
            subject,
            origin: Origin::Live,
            started,
            ended,
            state,
            sensors,
            items: sealed.root,
            counts: take::count(&bodies),
            nonce: None,
        };
        Ok(Observed { examination, lines: sealed.lines })
    }

    /// The file around records; `plan` is the plan that the judgements among them were made under.
    pub(crate) fn evidence_file(&self, records: Vec<RecordFile>, plan: &plan::Source) -> Result<Vec<u8>, NodeError> {
        let keys = self.store.keys();
        let file = EvidenceFile {
            format: FORMAT.to_owned(),
            origin: keys.origin(),
            log_keys: keys.log_keys().iter().map(|k| k.key().to_pem()).collect(),
            evidence_keys: keys.evidence_keys().iter().map(proof::PublicKey::to_pem).collect(),
            records,
            plan: serde_json::to_value(&plan.files).map_err(|e| NodeError::Internal(e.to_string()))?,
        };
        serde_json::to_vec_pretty(&file).map_err(|e| NodeError::Internal(e.to_string()))
    }

    /// A record for the evidence file: its bundle if it is in the log, its envelope alone while it waits in the spool.
    fn record_file(
        &self,
        leaf: Digest,
        loose: &[(Digest, Envelope)],
        lines: &BTreeMap<Digest, String>,
    ) -> Result<RecordFile, NodeError> {
        let items = lines.get(&leaf).cloned();
        match self.store.bundle(leaf) {
            Ok(bundle) => Ok(RecordFile { bundle: Some(bundle), envelope: None, items }),
            Err(StoreError::NotFound(_)) => {
                let envelope = loose.iter().find(|l| l.0 == leaf).map(|l| l.1.to_json());
                let envelope = envelope.ok_or(StoreError::NotFound(leaf))?;
                let value = serde_json::from_slice(&envelope).map_err(|e| NodeError::Internal(e.to_string()))?;
                Ok(RecordFile { bundle: None, envelope: Some(value), items })
            }
            Err(e) => Err(e.into()),
        }
    }
}

/// The folder of an image, as it stands in the record.
pub(crate) fn root_of(target: &inspect::Target) -> Option<PathText> {
    match target {
        inspect::Target::Root(p) => Some(PathText::from_bytes(p.as_os_str().as_encoded_bytes())),
        inspect::Target::Live | inspect::Target::Bundle(_) | inspect::Target::Capture { .. } => None,
    }
}

/// What a bundle was when it was read: SHA-256 of the zip, or of the names and digests of the files of its folder.
fn carried_in(target: &inspect::Target) -> Result<Option<Digest>, NodeError> {
    let inspect::Target::Bundle(path) = target else { return Ok(None) };
    if !path.is_dir() {
        return Ok(Some(home::document(path)?.digest));
    }
    let entries = std::fs::read_dir(path).map_err(|e| NodeError::io(path, &e))?;
    let mut lines = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| NodeError::io(path, &e))?.path();
        if entry.is_file() && !entry.is_symlink() {
            let document = home::document(&entry)?;
            lines.push(format!("{} {}\n", document.digest.hex(), document.name));
        }
    }
    lines.sort();
    Ok(Some(Digest::of(lines.concat().as_bytes())))
}

/// A sensor of this program, as it ran.
pub(crate) fn sensor_run(sensor: &str, rules: Digest, privileged: bool) -> SensorRun {
    SensorRun { sensor: sensor.into(), version: env!("CARGO_PKG_VERSION").to_owned(), rules, privileged }
}

fn text(bytes: Vec<u8>) -> Result<String, NodeError> {
    String::from_utf8(bytes).map_err(|e| NodeError::Internal(e.to_string()))
}

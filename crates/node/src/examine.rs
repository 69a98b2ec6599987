//! The whole flow on one page: sensors → items → signed examination → log → judge → signed judgement → log.

use crate::bundle::{EvidenceFile, FORMAT, RecordFile};
use crate::take::{self, ITEMS_MAX, Take};
use crate::{Node, NodeError, data, home};
use discover::{Reading, Remember};
use evidence::{
    Digest, Examination, Item, Judgement, Origin, PathText, Record, RecordKind, RunState, SensorRun, SubjectRef,
    canonical,
};
use plan::CheckedPlan;
use proof::Envelope;
use report::ProofSummary;
use std::path::PathBuf;
use stdx::{Progress, Step, Stop};
use store::StoreError;

/// What to examine.
#[derive(Clone, Debug)]
pub struct Order {
    /// Examine the host: live, or the one whose file system is here.
    pub host: Option<inspect::Target>,
    /// Folders or files whose data is examined.
    pub folders: Vec<PathBuf>,
    /// Threads that read data.
    pub workers: usize,
    /// Packs of the user's own detectors, looked for beside the built-in ones.
    pub detectors: Vec<PathBuf>,
    /// Which files are read: all, or those that are not as an earlier run read them.
    pub reading: Reading,
}

/// What came of it.
pub struct Examined {
    /// The examination and its leaf.
    pub examination: (Examination, Digest),
    /// Its items.
    pub items: Vec<Item>,
    /// The judgement and its leaf.
    pub judgement: (Judgement, Digest),
    /// Where they stand in the log.
    pub proof: ProofSummary,
    /// The evidence file, for somebody who trusts nobody.
    pub evidence: Vec<u8>,
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
        let (examination, lines) = self.observe(order, progress, stop)?;
        let seen_lines = text(lines.clone())?;
        let seen_until = examination.started.max(examination.ended);
        progress.begin(Step::Records, Some(2));
        let seen = self.append(&Record::Examination(examination), Some(lines), Vec::new())?;
        progress.advance(1, 0);
        let (leaf, seen_envelope) = (seen.witness.record.leaf(), seen.envelope);
        let mut witnesses = vec![seen.witness];
        witnesses.extend(self.store.records(&[RecordKind::Scope, RecordKind::Attestation])?);
        // A clock that was set back during the run must not make the run lie in the future.
        let as_of = home::now().max(seen_until);
        let judgement = judge::judge(plan, &witnesses, as_of);
        let source = plan.source().to_bytes();
        let judged = self.append(&Record::Judgement(Box::new(judgement.clone())), None, vec![source])?;
        progress.advance(1, 0);
        progress.end();

        let judged_leaf = judged.witness.record.leaf();
        let seen = witnesses.swap_remove(0);
        drop(witnesses);
        let proof = self.proof_summary(leaf, judged_leaf)?;
        let loose = [(leaf, &seen_envelope), (judged_leaf, &judged.envelope)];
        let mut records = Vec::new();
        for (cited, _) in &judgement.cites {
            records.push(self.record_file(*cited, &loose, (leaf, &seen_lines))?);
        }
        records.push(self.record_file(judged_leaf, &loose, (leaf, &seen_lines))?);
        let evidence = self.evidence_file(records, plan)?;
        let items = seen.items.map(proof::VerifiedItems::into_items).unwrap_or_default();
        let Record::Examination(examination) = seen.record.into_value() else {
            return Err(NodeError::Internal("an examination came back as another record".to_owned()));
        };
        Ok(Examined { examination: (examination, leaf), items, judgement: (judgement, judged_leaf), proof, evidence })
    }

    /// The sensors' part: an examination ready to be signed, and the lines of its items.
    fn observe(
        &self,
        order: &Order,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<(Examination, Vec<u8>), NodeError> {
        let started = home::now();
        let key = self.store.keys().digest_key()?;
        let take = Take::new(ITEMS_MAX, progress);
        let target = order.host.clone().unwrap_or(inspect::Target::Live);
        let root = match &target {
            inspect::Target::Root(p) => Some(PathText::from_bytes(p.as_os_str().as_encoded_bytes())),
            inspect::Target::Live => None,
        };
        let config = inspect::Config { key: key.clone(), now: started, limits: inspect::Limits::default() };
        let inspector = inspect::Inspector::new(target, config).map_err(NodeError::Root)?;
        let identity = inspector.identity();
        let version = env!("CARGO_PKG_VERSION");
        let run = |sensor: &str, rules| SensorRun {
            sensor: sensor.into(),
            version: version.to_owned(),
            rules,
            privileged: identity.privileged,
        };
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
        data::name(&mut bodies, &own);
        bodies.sort();
        bodies.dedup();
        let internal = |e: canonical::CanonicalError| NodeError::Internal(e.to_string());
        let sealed = evidence::seal(&bodies, &home::secret()?).map_err(internal)?;
        let examination = Examination {
            node: self.id(),
            subject: SubjectRef { host: identity.host, machine: identity.machine, root, folders },
            origin: Origin::Live,
            started,
            ended: home::now(),
            state: if stop.requested() { RunState::Stopped } else { RunState::Complete },
            sensors,
            items: sealed.root,
            counts: take::count(&bodies),
            nonce: None,
        };
        Ok((examination, sealed.lines))
    }

    fn evidence_file(&self, records: Vec<RecordFile>, plan: &CheckedPlan) -> Result<Vec<u8>, NodeError> {
        let keys = self.store.keys();
        let file = EvidenceFile {
            format: FORMAT.to_owned(),
            origin: keys.origin(),
            log_keys: keys.log_keys().iter().map(|k| k.key().to_pem()).collect(),
            evidence_keys: keys.evidence_keys().iter().map(proof::PublicKey::to_pem).collect(),
            records,
            plan: serde_json::to_value(&plan.source().files).map_err(|e| NodeError::Internal(e.to_string()))?,
        };
        serde_json::to_vec_pretty(&file).map_err(|e| NodeError::Internal(e.to_string()))
    }

    /// A record for the evidence file: its bundle if it is in the log, its envelope alone while it waits in the spool.
    fn record_file(
        &self,
        leaf: Digest,
        loose: &[(Digest, &Envelope)],
        (examined, lines): (Digest, &str),
    ) -> Result<RecordFile, NodeError> {
        let items = (leaf == examined).then(|| lines.to_owned());
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

fn text(bytes: Vec<u8>) -> Result<String, NodeError> {
    String::from_utf8(bytes).map_err(|e| NodeError::Internal(e.to_string()))
}

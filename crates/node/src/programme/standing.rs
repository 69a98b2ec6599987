//! Where this plant stands: the newest run of every host and folder judged together, and the counts of that for the level above.

use crate::{Node, NodeError, home};
use evidence::{Body, Digest, Examination, NodeRole, Origin, ProgrammeReport, Record, RecordKind, Say};
use judge::Reporter;
use plan::CheckedPlan;
use proof::Witness;
use std::collections::BTreeSet;
use stdx::{Progress, Step, Stop};

/// Most items of all runs that one standing reads; older runs beyond them are counted, not read.
const ITEMS_MAX: usize = 1_000_000;

/// A report to the level above.
#[derive(Clone, Debug)]
pub struct KeptReportUp {
    /// What it says.
    pub report: ProgrammeReport,
    /// Its leaf; `None` if it was only looked at.
    pub leaf: Option<Digest>,
    /// Runs that were left out because there are too many.
    pub skipped: u64,
}

impl Node {
    /// Where the plant stands, looked at and not kept.
    pub fn standing(
        &self,
        plan: &CheckedPlan,
        uscc: Option<&str>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<KeptReportUp, NodeError> {
        self.stand(plan, uscc, false, progress, stop)
    }

    /// Where the plant stands, signed and appended: first the judgement over its newest runs, then the report that follows from it.
    pub fn report_to_parent(
        &self,
        plan: &CheckedPlan,
        uscc: Option<&str>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<KeptReportUp, NodeError> {
        self.stand(plan, uscc, true, progress, stop)
    }

    /// For whom the report is: what the profile says; a group may name one of its plants.
    fn reports_for(&self, given: Option<&str>) -> Result<String, NodeError> {
        let entry = |say: Say| NodeError::Entry(say);
        let part = self.part()?;
        let own = part.as_ref().map(|p| p.uscc.clone()).filter(|u| !u.is_empty());
        let given = given.map(|g| g.trim().to_uppercase());
        let free = part.as_ref().is_none_or(|p| p.role == NodeRole::Group);
        let uscc = match (own, given) {
            (Some(own), Some(given)) if own != given && !free => {
                return Err(entry(Say::new("error.standing-other").with("uscc", own)));
            }
            (_, Some(given)) => given,
            (Some(own), None) => own,
            (None, None) => return Err(entry(Say::new("error.standing-whose"))),
        };
        if !classify::uscc(uscc.as_bytes()) {
            let say = Say::new("row.bad-uscc").with("column", "uscc").with("value", attest::clean(&uscc));
            return Err(entry(say));
        }
        Ok(uscc)
    }

    fn stand(
        &self,
        plan: &CheckedPlan,
        uscc: Option<&str>,
        sign: bool,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<KeptReportUp, NodeError> {
        let uscc = self.reports_for(uscc)?;
        let (mut runs, skipped) = self.newest_runs(progress, stop)?;
        let ended = runs.iter().filter_map(|w| match w.record.value() {
            Record::Examination(e) => Some(e.ended.max(e.started)),
            _ => None,
        });
        // A clock that was set back must not make the runs lie in the future.
        let as_of = home::now().max(ended.max().unwrap_or(home::now()));
        let stated = [RecordKind::Scope, RecordKind::Attestation, RecordKind::Measure];
        let mut records = self.store().records(&stated)?;
        let keep = |record: &Record| -> Result<Witness, NodeError> {
            if sign {
                return Ok(self.append(record, None, vec![plan.source().to_bytes()])?.witness);
            }
            let envelope = self.store().sign(record)?;
            let verified = proof::verify_envelope(&envelope, &self.store().keys().evidence_keys());
            let record = verified.map_err(|e| NodeError::Internal(e.to_string()))?;
            Ok(Witness { record, items: None })
        };
        if !runs.is_empty() {
            runs.extend(records.iter().cloned());
            let judgement = judge::judge(plan, &runs, as_of);
            // Of the runs only what was signed is needed from here on: what they saw stays behind.
            let bare = |w: Witness| Witness { items: None, ..w };
            let examined = |w: &Witness| matches!(w.record.value(), Record::Examination(_));
            records.extend(runs.into_iter().filter(examined).map(bare));
            records.push(keep(&Record::Judgement(Box::new(judgement)))?);
        }
        records.extend(self.store().records(&[RecordKind::Catalogue, RecordKind::Incident])?);
        let who = self.id();
        let report = judge::programme_report(plan, &records, &Reporter { node: &who, uscc: &uscc }, as_of);
        let leaf =
            if sign { Some(keep(&Record::ProgrammeReport(Box::new(report.clone())))?.record.leaf()) } else { None };
        Ok(KeptReportUp { report, leaf, skipped })
    }

    /// The newest run of every host and of every folder; of the rest, how many were left out.
    fn newest_runs(&self, progress: &dyn Progress, stop: &Stop) -> Result<(Vec<Witness>, u64), NodeError> {
        let leaves = self.store().leaves(&[RecordKind::Examination])?;
        let (mut out, mut seen, mut items, mut skipped) = (Vec::new(), BTreeSet::new(), 0_usize, 0);
        progress.begin(Step::Records, Some(leaves.len() as u64));
        for leaf in leaves.into_iter().rev() {
            if stop.requested() {
                return Err(NodeError::Stopped);
            }
            let witness = self.store().witness(leaf)?;
            progress.advance(1, 0);
            let Record::Examination(e) = witness.record.value() else { continue };
            if e.origin == Origin::Drill
                || subjects(e, &witness).into_iter().filter(|s| seen.insert(s.clone())).count() == 0
            {
                continue;
            }
            items = items.saturating_add(witness.items.as_ref().map_or(0, |i| i.items().len()));
            if items <= ITEMS_MAX || out.is_empty() {
                out.push(witness);
            } else {
                skipped += 1;
            }
        }
        progress.end();
        Ok((out, skipped))
    }

    /// The reports of this node's own log, the oldest first.
    pub fn reports_up(&self) -> Result<Vec<KeptReportUp>, NodeError> {
        let all = self.store().records(&[RecordKind::ProgrammeReport])?;
        let kept = all.into_iter().filter_map(|w| {
            let leaf = Some(w.record.leaf());
            match w.record.into_value() {
                Record::ProgrammeReport(r) => Some(KeptReportUp { report: *r, leaf, skipped: 0 }),
                _ => None,
            }
        });
        Ok(kept.collect())
    }
}

/// What a run is about: the host, if it looked at that, and every folder.
fn subjects(e: &Examination, w: &Witness) -> Vec<String> {
    let machine = e.subject.machine.map(|m| m.to_string()).unwrap_or_default();
    let root = e.subject.root.as_ref().map_or("", |r| r.as_str());
    let subject = format!("{}\n{machine}\n{root}\n{:?}", e.subject.host, e.origin);
    let about_host = |b: &Body| match b {
        Body::Covered(c) => c.what.starts_with("fact:"),
        Body::Gap(g) => g.what.starts_with("fact:"),
        _ => false,
    };
    let items = w.items.as_ref().map_or(&[][..], |i| i.items());
    let host = e.counts.facts > 0 || items.iter().any(|i| about_host(&i.body));
    let folders = e.subject.folders.iter().map(|f| format!("{subject}\n{f}"));
    host.then(|| subject.clone()).into_iter().chain(folders).collect()
}

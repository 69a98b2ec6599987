//! Deriving every judgement again from what it cites.

use crate::{Node, NodeError, policy};
use evidence::{
    Catalogue, Digest, IncidentJudgement, Judgement, PlanRef, ProgrammeReport, ProgressJudgement, Record, RecordKind,
    Registry, Say, SelectionJudgement, TransferJudgement, canonical,
};
use plan::{CheckedPlan, Source};
use proof::Witness;
use std::collections::BTreeMap;
use stdx::{Progress, Step, Stop};
use store::StoreError;

/// What became of deriving a judgement again.
pub(crate) enum Derived {
    /// The same bytes.
    Same,
    /// Another version of the judge made it.
    OtherJudge,
    /// It cites a record that is not at hand.
    Missing(Digest),
    /// Its plan is not at hand, or does not hold.
    NoPlan,
    /// Other bytes; the first field that differs.
    Differs(String),
}

/// A record that follows from others: a judgement (also of an incident, of transfers, of a selection) or a catalogue.
#[derive(Clone, Copy)]
pub(crate) enum Follows<'a> {
    Judgement(&'a Judgement),
    Catalogue(&'a Catalogue),
    Incident(&'a IncidentJudgement),
    Transfers(&'a TransferJudgement),
    Selection(&'a SelectionJudgement),
    Report(&'a ProgrammeReport),
}
impl<'a> Follows<'a> {
    /// If it is one.
    pub(crate) fn of(record: &'a Record) -> Option<Self> {
        match record {
            Record::Judgement(j) => Some(Self::Judgement(j)),
            Record::Catalogue(c) => Some(Self::Catalogue(c)),
            Record::IncidentJudgement(j) => Some(Self::Incident(j)),
            Record::TransferJudgement(t) => Some(Self::Transfers(t)),
            Record::SelectionJudgement(s) => Some(Self::Selection(s)),
            Record::ProgrammeReport(r) => Some(Self::Report(r)),
            _ => None,
        }
    }
    pub(crate) fn judge(&self) -> &'a str {
        match self {
            Self::Judgement(j) => &j.judge,
            Self::Catalogue(c) => &c.judge,
            Self::Incident(j) => &j.judge,
            Self::Transfers(t) => &t.judge,
            Self::Selection(s) => &s.judge,
            Self::Report(r) => &r.judge,
        }
    }
    pub(crate) fn plan(&self) -> &'a PlanRef {
        match self {
            Self::Judgement(j) => &j.plan,
            Self::Catalogue(c) => &c.plan,
            Self::Incident(j) => &j.plan,
            Self::Transfers(t) => &t.plan,
            Self::Selection(s) => &s.plan,
            Self::Report(r) => &r.plan,
        }
    }
    fn cites(&self) -> &'a [(Digest, RecordKind)] {
        match self {
            Self::Judgement(j) => &j.cites,
            Self::Catalogue(c) => &c.cites,
            Self::Incident(j) => &j.cites,
            Self::Transfers(t) => &t.cites,
            Self::Selection(s) => &s.cites,
            Self::Report(r) => &r.cites,
        }
    }
    /// True if the cited leaves are in order and none stands there twice, as the judge writes them.
    fn cites_once(&self) -> bool {
        self.cites().is_sorted_by(|a, b| a.0 < b.0)
    }
    /// Makes it again from what it cites; says in what the two differ.
    fn again(&self, plan: &CheckedPlan, cited: &[Witness], rows: Option<&[u8]>) -> Option<String> {
        match self {
            Self::Judgement(j) => {
                let again = judge::judge(plan, cited, j.as_of);
                (again != **j).then(|| difference(*j, &again))
            }
            Self::Catalogue(c) => {
                let again = judge::catalogue(plan, cited, c.as_of, c.skipped);
                (again != **c).then(|| difference(*c, &again))
            }
            Self::Incident(j) => {
                let again = judge::incident(plan, cited, &j.incident, j.as_of);
                (again.as_ref() != Some(*j)).then(|| again.map_or_else(|| "cites".to_owned(), |a| difference(*j, &a)))
            }
            Self::Transfers(t) => {
                let again = judge::transfers(plan, cited, t.as_of);
                (again != **t).then(|| difference(*t, &again))
            }
            Self::Selection(s) => {
                let registry = cited.iter().find(|w| w.record.leaf() == s.snapshot);
                let rows = registry.zip(rows).and_then(|(w, file)| judge::SelectionRows::open(w, file).ok());
                let Some(rows) = rows else { return Some("snapshot".to_owned()) };
                let again = judge::selection(plan, &rows, cited, s.as_of).judgement;
                (again != **s).then(|| difference(*s, &again))
            }
            Self::Report(r) => {
                let who = judge::Reporter { node: &r.node, uscc: &r.uscc };
                let again = judge::programme_report(plan, cited, &who, r.as_of);
                (again != **r).then(|| difference(*r, &again))
            }
        }
    }
}

/// Derives a record again from `at_hand`. One from elsewhere may cite one large record a million times; it is told before
/// a single record is copied for the judge. `rows` is the file of rows of the registry that a selection is of; without it
/// that registry is what is missing.
pub(crate) fn derive(
    judged: Follows<'_>,
    at_hand: &BTreeMap<Digest, Witness>,
    source: &Source,
    rows: Option<&[u8]>,
) -> Derived {
    if judged.judge() != judge::VERSION {
        return Derived::OtherJudge;
    }
    if source.digest() != judged.plan().digest {
        return Derived::NoPlan;
    }
    let Ok(plan) = plan::check_kept(source) else { return Derived::NoPlan };
    if !judged.cites_once() {
        return Derived::Differs("cites".to_owned());
    }
    let mut cited = Vec::with_capacity(judged.cites().len());
    for (leaf, _) in judged.cites() {
        match at_hand.get(leaf) {
            Some(w) => cited.push(w.clone()),
            None => return Derived::Missing(*leaf),
        }
    }
    if let (Follows::Selection(s), None) = (judged, rows) {
        return Derived::Missing(s.snapshot);
    }
    judged.again(&plan, &cited, rows).map_or(Derived::Same, Derived::Differs)
}

/// The first field in which two records differ, for a person to look at.
fn difference<T: serde::Serialize>(a: &T, b: &T) -> String {
    let bytes = |j| canonical::to_vec(j).ok().and_then(|b| serde_json::from_slice::<serde_json::Value>(&b).ok());
    let (Some(serde_json::Value::Object(a)), Some(serde_json::Value::Object(b))) = (bytes(a), bytes(b)) else {
        return "the record".to_owned();
    };
    let differs = a.keys().chain(b.keys()).find(|k| a.get(*k) != b.get(*k));
    differs.cloned().unwrap_or_else(|| "the record".to_owned())
}

/// What an audit found.
pub struct AuditReport {
    /// Records whose hash, signature and proof were checked.
    pub leaves: u64,
    /// Judgements and catalogues that the log holds, as far as they were looked at.
    pub judgements: u64,
    /// Of these, derived again with the same bytes.
    pub derived: u64,
    /// What does not hold, as sentences. Empty: all of it holds.
    pub problems: Vec<Say>,
    /// What could not be derived again, as sentences, although nothing is wrong with it.
    pub notes: Vec<Say>,
}

/// True if it says that something is not as it was written; false if it could not be looked at.
fn is_damage(error: &StoreError) -> bool {
    matches!(error, StoreError::Damaged { .. } | StoreError::Proof(_))
}

impl Node {
    /// Checks every leaf, node, root and signature of the log and derives every judgement in it again.
    pub fn audit(&self, progress: &dyn Progress, stop: &Stop) -> Result<AuditReport, NodeError> {
        progress.begin(Step::Leaves, None);
        let audit = self.store.verify_all(progress, stop)?;
        progress.end();
        let (problems, notes) = (Vec::new(), Vec::new());
        let mut report = AuditReport { leaves: audit.leaves, judgements: 0, derived: 0, problems, notes };
        for damage in &audit.damage {
            let say = Say::new("cli.say.audit_damage").with("what", &damage.what).with("why", &damage.why);
            report.problems.push(say);
        }
        if audit.damage_more > 0 {
            report.problems.push(Say::new("cli.say.audit_more").with("count", audit.damage_more));
        }
        let judgements = self.store.leaves(&[
            RecordKind::Judgement,
            RecordKind::Catalogue,
            RecordKind::IncidentJudgement,
            RecordKind::TransferJudgement,
            RecordKind::SelectionJudgement,
            RecordKind::ProgrammeReport,
            RecordKind::ProgressJudgement,
        ])?;
        progress.begin(Step::Checks, Some(judgements.len() as u64));
        // One at a time: a log may hold more judgements than memory does.
        for leaf in judgements {
            if stop.requested() {
                break;
            }
            // A damaged record must not hide what else was found.
            let witness = match self.store.witness(leaf) {
                Ok(witness) => witness,
                Err(e) if report.problems.is_empty() => return Err(e.into()),
                Err(_) => continue,
            };
            let (judge, plan, derived) = match (witness.record.value(), Follows::of(witness.record.value())) {
                (_, Some(judged)) => (judged.judge(), judged.plan(), self.derive(judged)),
                (Record::ProgressJudgement(j), None) => (j.judge.as_str(), &j.plan, self.derive_progress(j)),
                _ => continue,
            };
            report.judgements += 1;
            let named = |key: &str| Say::new(format!("cli.say.{key}")).with("leaf", leaf);
            // What a judgement cites may be damaged: one more problem, and the others are still named.
            let derived = match derived {
                Ok(derived) => derived,
                Err(why) if report.problems.is_empty() && !is_damage(&why) => return Err(why.into()),
                Err(why) => {
                    report.problems.push(named("audit_not_derived").with("why", why));
                    continue;
                }
            };
            match derived {
                Derived::Same => report.derived += 1,
                Derived::OtherJudge => {
                    report.notes.push(named("audit_other_judge").with("judge", judge).with("this", judge::VERSION));
                }
                Derived::Missing(m) => report.problems.push(named("audit_missing").with("missing", m)),
                Derived::NoPlan => report.problems.push(named("audit_no_plan").with("digest", plan.digest)),
                Derived::Differs(what) => report.problems.push(named("audit_differs").with("what", what)),
            }
            progress.advance(1, 0);
        }
        progress.end();
        self.audit_registries(&mut report.problems, stop)?;
        self.audit_behind(&mut report.notes);
        self.audit_rolls(&mut report.problems)?;
        self.audit_challenges(&mut report.problems)?;
        self.audit_federation(&mut report.problems, &mut report.notes, stop)?;
        self.audit_orders(&mut report.problems)?;
        Ok(report)
    }

    /// Reads the rows of every registry and makes their Merkle root again.
    fn audit_registries(&self, problems: &mut Vec<Say>, stop: &Stop) -> Result<(), NodeError> {
        let registries = match self.store.records(&[RecordKind::Registry]) {
            Ok(registries) => registries,
            Err(_) if !problems.is_empty() => return Ok(()),
            Err(e) => return Err(e.into()),
        };
        let named = self.unions_named(&registries)?;
        for w in registries {
            if stop.requested() {
                break;
            }
            let Record::Registry(r) = w.record.value() else { continue };
            let held = match &r.merged {
                Some(merged) if named.contains(&w.record.leaf()) => self.audit_union(r, merged),
                Some(_) => Ok(()),
                None => self.audit_rows(r),
            };
            if let Err(why) = held {
                let say = Say::new("cli.say.audit_rows").with("leaf", w.record.leaf()).with("year", r.year);
                problems.push(say.with("why", why));
            }
        }
        Ok(())
    }

    /// Registries that came and stand in no union yet: no fault, and to be known.
    fn audit_behind(&self, notes: &mut Vec<Say>) {
        let behind = self.unions_behind();
        if let Err(e) = &behind {
            notes.push(Say::new("cli.say.audit_union_unknown").with("why", e));
        }
        for r in behind.unwrap_or_default() {
            let say = Say::new("cli.say.audit_union_behind").with("leaf", r.leaf).with("year", r.registry.year);
            notes.push(say.with("supervisor", &r.supervisor));
        }
    }

    fn audit_rows(&self, registry: &Registry) -> Result<(), String> {
        let file = self.registry_file(registry).map_err(|e| e.to_string())?;
        evidence::enterprises(&registry.rows, &file)?;
        let root = evidence::enterprise_root(&file);
        if root == registry.rows.root { Ok(()) } else { Err(format!("the root is {root}")) }
    }

    /// The text of a plan by its digest, or the built-in one.
    pub(crate) fn source_of(&self, plan: &PlanRef) -> Result<Option<Source>, StoreError> {
        match self.store.artifact(plan.digest) {
            Ok(bytes) => Ok(Source::from_bytes(&bytes).ok()),
            Err(StoreError::NotFound(_)) => Ok(policy::source(None).ok()),
            Err(e) => Err(e),
        }
    }

    /// Counts progress again from everything that was at hand then.
    fn derive_progress(&self, j: &ProgressJudgement) -> Result<Derived, StoreError> {
        if j.judge != judge::VERSION {
            return Ok(Derived::OtherJudge);
        }
        let plan = self.source_of(&j.plan)?.filter(|s| s.digest() == j.plan.digest).and_then(|s| plan::check(&s).ok());
        let Some(plan) = plan else { return Ok(Derived::NoPlan) };
        match self.progress_again(&plan, j) {
            Ok(again) if again == *j => Ok(Derived::Same),
            Ok(again) => Ok(Derived::Differs(difference(j, &again))),
            Err(StoreError::NotFound(missing)) => Ok(Derived::Missing(missing)),
            Err(e) => Err(e),
        }
    }

    fn derive(&self, judged: Follows<'_>) -> Result<Derived, StoreError> {
        let Some(source) = self.source_of(judged.plan())? else { return Ok(Derived::NoPlan) };
        let mut at_hand = BTreeMap::new();
        if !judged.cites_once() {
            return Ok(derive(judged, &at_hand, &source, None));
        }
        for (leaf, _) in judged.cites() {
            match self.store.witness(*leaf) {
                Ok(w) => {
                    at_hand.insert(*leaf, w);
                }
                Err(StoreError::NotFound(_)) => return Ok(Derived::Missing(*leaf)),
                Err(e) => return Err(e),
            }
        }
        let registry = match judged {
            Follows::Selection(s) => at_hand.get(&s.snapshot),
            _ => None,
        };
        let rows = match registry.map(|w| w.record.value()) {
            Some(Record::Registry(r)) => match self.registry_file(r) {
                Ok(file) => Some(file),
                Err(StoreError::NotFound(packed)) => return Ok(Derived::Missing(packed)),
                Err(e) => return Err(e),
            },
            _ => None,
        };
        Ok(derive(judged, &at_hand, &source, rows.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_judgement_that_cites_twice_or_out_of_order_differs_before_a_record_is_looked_up() {
        let source = policy::source(None).unwrap();
        let plan = plan::check(&source).unwrap();
        let mut judged = judge::judge(&plan, &[], crate::now());
        let none = BTreeMap::new();
        assert!(matches!(derive(Follows::Judgement(&judged), &none, &source, None), Derived::Same));
        let cite = |byte: u8| (Digest([byte; 32]), RecordKind::Examination);
        for cites in [vec![cite(1), cite(1)], vec![cite(2), cite(1)]] {
            judged.cites = cites;
            assert!(
                matches!(derive(Follows::Judgement(&judged), &none, &source, None), Derived::Differs(what) if what == "cites")
            );
        }
        judged.cites = vec![cite(1), cite(2)];
        assert!(
            matches!(derive(Follows::Judgement(&judged), &none, &source, None), Derived::Missing(leaf) if leaf == cite(1).0)
        );
    }
}

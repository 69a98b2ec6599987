//! Deriving every judgement again from what it cites.

use crate::{Node, NodeError, policy};
use evidence::{
    Catalogue, Digest, IncidentJudgement, Judgement, PlanRef, Record, RecordKind, Say, TransferJudgement, canonical,
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

/// A record that follows from others: a judgement (also of an incident, of transfers) or a catalogue.
#[derive(Clone, Copy)]
pub(crate) enum Follows<'a> {
    Judgement(&'a Judgement),
    Catalogue(&'a Catalogue),
    Incident(&'a IncidentJudgement),
    Transfers(&'a TransferJudgement),
}
impl<'a> Follows<'a> {
    /// If it is one.
    pub(crate) fn of(record: &'a Record) -> Option<Self> {
        match record {
            Record::Judgement(j) => Some(Self::Judgement(j)),
            Record::Catalogue(c) => Some(Self::Catalogue(c)),
            Record::IncidentJudgement(j) => Some(Self::Incident(j)),
            Record::TransferJudgement(t) => Some(Self::Transfers(t)),
            _ => None,
        }
    }
    pub(crate) fn judge(&self) -> &'a str {
        match self {
            Self::Judgement(j) => &j.judge,
            Self::Catalogue(c) => &c.judge,
            Self::Incident(j) => &j.judge,
            Self::Transfers(t) => &t.judge,
        }
    }
    pub(crate) fn plan(&self) -> &'a PlanRef {
        match self {
            Self::Judgement(j) => &j.plan,
            Self::Catalogue(c) => &c.plan,
            Self::Incident(j) => &j.plan,
            Self::Transfers(t) => &t.plan,
        }
    }
    fn cites(&self) -> &'a [(Digest, RecordKind)] {
        match self {
            Self::Judgement(j) => &j.cites,
            Self::Catalogue(c) => &c.cites,
            Self::Incident(j) => &j.cites,
            Self::Transfers(t) => &t.cites,
        }
    }
    /// True if the cited leaves are in order and none stands there twice, as the judge writes them.
    fn cites_once(&self) -> bool {
        self.cites().is_sorted_by(|a, b| a.0 < b.0)
    }
    /// Makes it again from what it cites; says in what the two differ.
    fn again(&self, plan: &CheckedPlan, cited: &[Witness]) -> Option<String> {
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
        }
    }
}

/// Derives a record again from `at_hand`. One from elsewhere may cite one large record a million times; it is told before
/// a single record is copied for the judge.
pub(crate) fn derive(judged: Follows<'_>, at_hand: &BTreeMap<Digest, Witness>, source: &Source) -> Derived {
    if judged.judge() != judge::VERSION {
        return Derived::OtherJudge;
    }
    if source.digest() != judged.plan().digest {
        return Derived::NoPlan;
    }
    let Ok(plan) = plan::check(source) else { return Derived::NoPlan };
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
    judged.again(&plan, &cited).map_or(Derived::Same, Derived::Differs)
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
        // A damaged record must not hide what else was found.
        let judgements = match self.store.records(&[
            RecordKind::Judgement,
            RecordKind::Catalogue,
            RecordKind::IncidentJudgement,
            RecordKind::TransferJudgement,
        ]) {
            Ok(judgements) => judgements,
            Err(e) if report.problems.is_empty() => return Err(e.into()),
            Err(_) => return Ok(report),
        };
        progress.begin(Step::Checks, Some(judgements.len() as u64));
        for witness in judgements {
            if stop.requested() {
                break;
            }
            let leaf = witness.record.leaf();
            let Some(judged) = Follows::of(witness.record.value()) else { continue };
            report.judgements += 1;
            let named = |key: &str| Say::new(format!("cli.say.{key}")).with("leaf", leaf);
            // What a judgement cites may be damaged: one more problem, and the others are still named.
            let derived = match self.derive(judged) {
                Ok(derived) => derived,
                Err(why) if report.problems.is_empty() && !is_damage(&why) => return Err(why.into()),
                Err(why) => {
                    report.problems.push(named("audit_not_derived").with("why", why));
                    continue;
                }
            };
            match derived {
                Derived::Same => report.derived += 1,
                Derived::OtherJudge => report
                    .notes
                    .push(named("audit_other_judge").with("judge", judged.judge()).with("this", judge::VERSION)),
                Derived::Missing(m) => report.problems.push(named("audit_missing").with("missing", m)),
                Derived::NoPlan => report.problems.push(named("audit_no_plan").with("digest", judged.plan().digest)),
                Derived::Differs(what) => report.problems.push(named("audit_differs").with("what", what)),
            }
            progress.advance(1, 0);
        }
        progress.end();
        Ok(report)
    }

    fn derive(&self, judged: Follows<'_>) -> Result<Derived, StoreError> {
        let source = match self.store.artifact(judged.plan().digest) {
            Ok(bytes) => Source::from_bytes(&bytes).ok(),
            Err(StoreError::NotFound(_)) => policy::source(None).ok(),
            Err(e) => return Err(e),
        };
        let Some(source) = source else { return Ok(Derived::NoPlan) };
        let mut at_hand = BTreeMap::new();
        if !judged.cites_once() {
            return Ok(derive(judged, &at_hand, &source));
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
        Ok(derive(judged, &at_hand, &source))
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
        assert!(matches!(derive(Follows::Judgement(&judged), &none, &source), Derived::Same));
        let cite = |byte: u8| (Digest([byte; 32]), RecordKind::Examination);
        for cites in [vec![cite(1), cite(1)], vec![cite(2), cite(1)]] {
            judged.cites = cites;
            assert!(
                matches!(derive(Follows::Judgement(&judged), &none, &source), Derived::Differs(what) if what == "cites")
            );
        }
        judged.cites = vec![cite(1), cite(2)];
        assert!(
            matches!(derive(Follows::Judgement(&judged), &none, &source), Derived::Missing(leaf) if leaf == cite(1).0)
        );
    }
}

//! A fresh run of a declared thing, held against the run that the report rests on.
//!
//! Both runs are judged under one plan as of the end of each, and compared check by check ([`crate::compare`]) and class by class. What got
//! worse is a check that passed and fails, or a class of data that was not there; what is gone is a check that can no longer be told, or a class
//! that was found and is not.

use super::content::{ReobservationContent, ShownRun, ShownThing};
use super::count;
use evidence::{
    Authenticated, Author, Body, ChallengeMove, Digest, Examination, Judgement, Origin, Outcome, ProgrammeReport,
    Record, RecordKind, ReobservationNumbers, ReobservationOrder, Scope, WitnessKind,
};
use plan::CheckedPlan;
use proof::{PublicKey, Witness};
use std::collections::BTreeSet;

/// An order, the report that it is about, and what was shown.
pub struct ReobservationCase<'a> {
    /// The plan of who judges.
    pub plan: &'a CheckedPlan,
    /// The order.
    pub order: &'a ReobservationOrder,
    /// Its leaf.
    pub order_leaf: Digest,
    /// The report.
    pub report: &'a ProgrammeReport,
    /// Evidence keys of the child, past and present.
    pub keys: &'a [PublicKey],
    /// Who made the answer, by its record.
    pub author: &'a Author,
    /// What was shown.
    pub shown: &'a ReobservationContent,
}

/// Judges a re-observation in numbers.
#[must_use]
pub fn judged_anew(case: &ReobservationCase<'_>) -> ReobservationNumbers {
    let mut out = ReobservationNumbers {
        things: case.order.things.len() as u64,
        observed: 0,
        same: 0,
        better: 0,
        worse: 0,
        gone: 0,
        wrong: std::collections::BTreeMap::new(),
        witness: WitnessKind::OtherAccount,
    };
    match scope(case) {
        Err(why) => count(&mut out.wrong, why),
        Ok(scope) => {
            let mut seen = BTreeSet::new();
            for shown in &case.shown.things {
                if !seen.insert(shown.thing) {
                    count(&mut out.wrong, "twice");
                    continue;
                }
                match thing(case, &scope, shown) {
                    Err(why) => count(&mut out.wrong, why),
                    Ok((before, after)) => {
                        out.observed += 1;
                        let witness = witness(case, shown, after.record.leaf());
                        out.witness = out.witness.min(witness);
                        compared(case, &before, &after, &mut out);
                    }
                }
            }
        }
    }
    if out.observed == 0 {
        out.witness = WitnessKind::Nobody;
    }
    out
}

/// The declared scope: signed by the child, and the one that the report cites.
fn scope(case: &ReobservationCase<'_>) -> Result<Scope, &'static str> {
    let record = proof::verify_envelope(&case.shown.scope, case.keys).map_err(|_| "scope")?;
    if !case.report.cites.contains(&(record.leaf(), RecordKind::Scope)) {
        return Err("scope");
    }
    match record.into_value() {
        Record::Scope(scope) => Ok(scope),
        _ => Err("scope"),
    }
}

/// Both runs of one thing, if they are what was ordered.
fn thing(case: &ReobservationCase<'_>, scope: &Scope, shown: &ShownThing) -> Result<(Witness, Witness), &'static str> {
    let ordered = usize::try_from(shown.thing).ok().and_then(|n| case.order.things.get(n)).ok_or("not-ordered")?;
    let nth = usize::try_from(ordered.1).unwrap_or(usize::MAX);
    let declared = scope.entries.iter().filter(|e| e.kind.name() == ordered.0).nth(nth).ok_or("not-declared")?;
    let (before, old) = run(case, &shown.before)?;
    let (after, new) = run(case, &shown.after)?;
    if !case.report.examinations.iter().any(|e| e.leaf == before.record.leaf()) {
        return Err("not-reported");
    }
    if new.nonce.as_deref() != Some(case.order.nonce.as_str()) {
        return Err("nonce");
    }
    if new.origin != Origin::Live || new.subject.carried.is_some() {
        return Err("origin");
    }
    if new.ended < old.ended || new.ended < new.started {
        return Err("times");
    }
    let about = |e: &Examination| match declared.kind {
        evidence::ScopeKind::Host => e.subject.host == declared.id && e.counts.facts > 0,
        _ => {
            let path = declared.id.split_once(':').map_or(declared.id.as_str(), |(_, path)| path);
            e.subject.folders.iter().any(|f| f.as_str() == path || f.as_str() == declared.id)
        }
    };
    // A machine of another id is another machine, whatever its name.
    if !about(&old) || !about(&new) || old.subject.machine != new.subject.machine {
        return Err("subject");
    }
    Ok((before, after))
}

fn run(case: &ReobservationCase<'_>, shown: &ShownRun) -> Result<(Witness, Examination), &'static str> {
    let record = proof::verify_envelope(&shown.envelope, case.keys).map_err(|_| "signature")?;
    let Record::Examination(e) = record.value().clone() else { return Err("no-examination") };
    if e.node != case.order.child {
        return Err("node");
    }
    let items = proof::open_items(&record, shown.items.as_bytes()).map_err(|_| "items")?;
    Ok((Witness { record, items: Some(items) }, e))
}

/// Who saw the run: the answer's author is who made it.
fn witness(case: &ReobservationCase<'_>, shown: &ShownThing, run: Digest) -> WitnessKind {
    let Some(envelope) = &shown.witness else { return WitnessKind::Nobody };
    // Of the child's own log, or of a home of the witness's own: the node that it names is the id of the key that came with it.
    let own = shown.witness_key.as_deref().and_then(foreign_key);
    let keys = own.as_ref().map_or(case.keys, std::slice::from_ref);
    let Ok(record) = proof::verify_envelope(envelope, keys) else { return WitnessKind::Nobody };
    let Record::Challenge(entry) = record.value() else { return WitnessKind::Nobody };
    let speaks = own.map_or_else(|| case.order.child.as_str().to_owned(), |key| key.id().to_owned());
    if entry.node.as_str() != speaks {
        return WitnessKind::Nobody;
    }
    match &entry.what {
        ChallengeMove::Witnessed(w) if w.order == case.order_leaf && w.examination == run => {}
        _ => return WitnessKind::Nobody,
    }
    match (&entry.author.authenticated, &case.author.authenticated) {
        (Authenticated::OsAccount { uid: a, .. }, Authenticated::OsAccount { uid: b, .. }) if a != b => {
            WitnessKind::OtherAccount
        }
        (Authenticated::OsAccount { .. }, Authenticated::OsAccount { .. }) => WitnessKind::SameAccount,
        (Authenticated::NodeAccount { login: a, .. }, Authenticated::NodeAccount { login: b, .. }) => {
            if a == b {
                WitnessKind::SameAccount
            } else {
                WitnessKind::OtherAccount
            }
        }
        _ => WitnessKind::TypedName,
    }
}

fn foreign_key(text: &str) -> Option<PublicKey> {
    PublicKey::from_pem(text).ok()
}

fn compared(case: &ReobservationCase<'_>, before: &Witness, after: &Witness, out: &mut ReobservationNumbers) {
    let judged = |w: &Witness| match w.record.value() {
        Record::Examination(e) => crate::judge(case.plan, std::slice::from_ref(w), e.ended.max(e.started)),
        _ => crate::judge(case.plan, &[], case.report.as_of),
    };
    let (was, is) = (judged(before), judged(after));
    let compared = crate::compare(&was, &is);
    let n = |list: usize| list as u64;
    out.worse += n(compared.new.len()) + n(compared.worse.len());
    out.better += n(compared.mended.len()) + n(compared.better.len());
    out.gone += n(compared.blind.len());
    out.same += unchanged(&was, &is);
    let (old, new) = (classes(before), classes(after));
    out.same += n(old.intersection(&new).count());
    out.gone += n(old.difference(&new).count());
    out.worse += n(new.difference(&old).count());
}

/// Checks whose answer, if there was one, is the same.
fn unchanged(was: &Judgement, is: &Judgement) -> u64 {
    let told = |j: &Judgement| -> BTreeSet<(String, String, Outcome)> {
        let all = j.checks.iter().filter(|c| c.outcome != Outcome::CannotTell);
        all.map(|c| (c.check.to_string(), c.host.clone(), c.outcome)).collect()
    };
    told(was).intersection(&told(is)).count() as u64
}

/// Classes of data that a run found.
fn classes(w: &Witness) -> BTreeSet<String> {
    let items = w.items.iter().flat_map(proof::VerifiedItems::items);
    let found = items.filter_map(|i| match &i.body {
        Body::Tally(t) if t.files > 0 => Some(t.class.to_string()),
        _ => None,
    });
    found.collect()
}

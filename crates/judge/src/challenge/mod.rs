//! What the level above draws of a plant's report, and what it makes of the answer (`docs/specs/challenge-v1.md`).
//!
//! Everything here is a function of signed records: the draw of seed, child and report; the numbers of the order, the report and what
//! was shown. Who holds the answer can judge again; who holds only the log can draw again.
//!
//! Reading order: `content` (what an answer holds), `opening` (items held against the report), `anew` (a fresh run against the old one).
//!
//! Refused: a draw from anything that the plant chooses last (it would be ground), and a verdict that rests on items being alike:
//! what two honest plants can both have seen proves nothing.

mod anew;
mod content;
mod opening;

pub use anew::{ReobservationCase, judged_anew};
pub use content::{
    ANSWER_BYTES_MAX, OpeningContent, REOBSERVATION, ReobservationContent, ShownItem, ShownRun, ShownThing,
    read_opening, read_reobservation,
};
pub use opening::{OpeningCase, OpeningJudged, ShownBody, judged_opening};

use evidence::{
    ChallengeJudged, ChallengeVerdict, Digest, ExaminedItems, NodeId, OpeningNumbers, ReobservationNumbers, ScopeShare,
    Time, WitnessKind, canonical,
};
use std::collections::{BTreeMap, BTreeSet};

/// Most items of one opening.
pub const DRAWS_MAX: u64 = 1000;
/// Most things of one re-observation.
pub const THINGS_MAX: u64 = 20;
/// Kinds of declared things that can be observed anew.
pub const THING_KINDS: [&str; 2] = ["host", "share"];

/// Draw *j*: SHA-256(seed ‖ child ‖ report ‖ j), its first 16 bytes as a number, modulo `of`.
fn drawn(seed: &[u8; 32], child: &NodeId, report: Digest, j: u64, of: u128) -> u128 {
    let bytes = [seed.as_slice(), child.as_str().as_bytes(), &report.0, &j.to_be_bytes()].concat();
    let digest = Digest::of(&bytes).0;
    let first: [u8; 16] = digest[..16].try_into().expect("a digest has 32 bytes");
    u128::from_be_bytes(first) % of
}

/// Different numbers below `of`, at most `count`, in the order of the draws; all of them if there are no more.
fn numbers(seed: &[u8; 32], child: &NodeId, report: Digest, count: u64, of: u128) -> Vec<u128> {
    if of <= u128::from(count) {
        return (0..of).collect();
    }
    let (mut out, mut seen) = (Vec::new(), BTreeSet::new());
    let mut j = 0;
    while (out.len() as u64) < count {
        let n = drawn(seed, child, report, j, of);
        if seen.insert(n) {
            out.push(n);
        }
        j += 1;
    }
    out
}

/// The items of a report that a seed draws: leaf of the examination and number of the item, in the order of the draws, each once. If
/// the report has no more items than draws, all of them. At most [`DRAWS_MAX`].
#[must_use]
pub fn draw(
    seed: &[u8; 32],
    child: &NodeId,
    report: Digest,
    examinations: &[ExaminedItems],
    count: u64,
) -> Vec<(Digest, u64)> {
    let sum: u128 = examinations.iter().map(|e| u128::from(e.items)).sum();
    let place = |mut n: u128| {
        for e in examinations {
            match u64::try_from(n) {
                Ok(at) if at < e.items => return Some((e.leaf, at)),
                _ => n -= u128::from(e.items),
            }
        }
        None
    };
    numbers(seed, child, report, count.min(DRAWS_MAX), sum).into_iter().filter_map(place).collect()
}

/// The things of a declared scope that a nonce draws: kind and number within the kind, hosts before shares, each once. At most [`THINGS_MAX`].
#[must_use]
pub fn draw_things(
    nonce: &[u8; 32],
    child: &NodeId,
    report: Digest,
    scope: &[ScopeShare],
    count: u64,
) -> Vec<(String, u64)> {
    let kinds: Vec<(&str, u64)> = THING_KINDS
        .iter()
        .map(|kind| (*kind, scope.iter().find(|s| s.kind == *kind).map_or(0, |s| s.declared)))
        .collect();
    let sum: u128 = kinds.iter().map(|k| u128::from(k.1)).sum();
    let place = |mut n: u128| {
        for (kind, declared) in &kinds {
            match u64::try_from(n) {
                Ok(at) if at < *declared => return Some(((*kind).to_owned(), at)),
                _ => n -= u128::from(*declared),
            }
        }
        None
    };
    numbers(nonce, child, report, count.min(THINGS_MAX), sum).into_iter().filter_map(place).collect()
}

/// The digest of a list of drawn items: SHA-256 over its canonical bytes.
#[must_use]
pub fn draws_digest(draws: &[(Digest, u64)]) -> Digest {
    Digest::of(&canonical::to_vec(&draws).expect("digests and numbers have a canonical form"))
}

/// When an answer came, against when it was due.
fn late(due: Time, answered_at: Time) -> bool {
    answered_at > due
}

/// The verdict over an opening; `None`: no answer came.
#[must_use]
pub fn opening_verdict(due: Time, answered: Option<(Time, &OpeningNumbers)>) -> ChallengeVerdict {
    match answered {
        None => ChallengeVerdict::None,
        Some((_, n)) if n.missing > 0 || n.contradicted > 0 || !n.wrong.is_empty() => ChallengeVerdict::Failed,
        Some((at, _)) if late(due, at) => ChallengeVerdict::Late,
        Some(_) => ChallengeVerdict::Kept,
    }
}

/// The verdict over a re-observation; `None`: no answer came. It is kept only if another account witnessed it.
#[must_use]
pub fn reobservation_verdict(due: Time, answered: Option<(Time, &ReobservationNumbers)>) -> ChallengeVerdict {
    match answered {
        None => ChallengeVerdict::None,
        Some((_, n)) if !n.wrong.is_empty() || n.observed < n.things || n.worse > 0 || n.gone > 0 => {
            ChallengeVerdict::Failed
        }
        Some((_, n)) if n.witness != WitnessKind::OtherAccount => ChallengeVerdict::Failed,
        Some((at, _)) if late(due, at) => ChallengeVerdict::Late,
        Some(_) => ChallengeVerdict::Kept,
    }
}

/// Whether a re-observation held, for the count of progress; `None`: it says nothing - no answer in time, or nobody of another
/// account saw it - or it is no re-observation.
#[must_use]
pub fn reobservation_held(judged: &ChallengeJudged) -> Option<bool> {
    let n = judged.reobservation.as_ref()?;
    match judged.verdict {
        ChallengeVerdict::Kept => Some(true),
        ChallengeVerdict::Late | ChallengeVerdict::None => None,
        ChallengeVerdict::Failed => {
            let refuted = !n.wrong.is_empty() || n.observed < n.things || n.worse > 0 || n.gone > 0;
            refuted.then_some(false)
        }
    }
}

/// Counts reasons.
fn count(reasons: &mut BTreeMap<String, u64>, reason: &str) {
    *reasons.entry(reason.to_owned()).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exams(items: &[u64]) -> Vec<ExaminedItems> {
        (0_u8..).zip(items).map(|(n, items)| ExaminedItems { leaf: Digest([n; 32]), items: *items }).collect()
    }

    /// Computed once by another program, in Python: hashlib.sha256(seed + child + leaf + j.to_bytes(8, "big")), its first 16 bytes
    /// modulo 10 + 0 + 1000, equal draws drawn on.
    const FROM_PYTHON: [(u8, u64); 6] = [(2, 976), (2, 998), (2, 628), (2, 777), (2, 566), (2, 380)];

    #[test]
    fn draws_are_those_of_another_program() {
        let got = draw(&[7; 32], &NodeId::new("fedcba98"), Digest([9; 32]), &exams(&[10, 0, 1000]), 6);
        let want: Vec<(Digest, u64)> = FROM_PYTHON.iter().map(|(e, n)| (Digest([*e; 32]), *n)).collect();
        assert_eq!(got, want);
        // More draws begin with the same; another report, child or seed has others.
        let more = draw(&[7; 32], &NodeId::new("fedcba98"), Digest([9; 32]), &exams(&[10, 0, 1000]), 30);
        assert_eq!(more[..6], got[..]);
        assert_eq!(more.iter().collect::<BTreeSet<_>>().len(), 30, "each once");
        assert_ne!(draw(&[8; 32], &NodeId::new("fedcba98"), Digest([9; 32]), &exams(&[10, 0, 1000]), 6), got);
        assert_ne!(draw(&[7; 32], &NodeId::new("fedcba99"), Digest([9; 32]), &exams(&[10, 0, 1000]), 6), got);
        assert_ne!(draw(&[7; 32], &NodeId::new("fedcba98"), Digest([8; 32]), &exams(&[10, 0, 1000]), 6), got);
    }

    #[test]
    fn few_items_are_all_drawn_and_many_never_more_than_the_limit() {
        let of = |items: &[u64], count| draw(&[1; 32], &NodeId::new("a"), Digest([2; 32]), &exams(items), count);
        assert_eq!(of(&[], 20), []);
        assert_eq!(of(&[0, 0], 20), []);
        assert_eq!(of(&[2, 1], 20), [(Digest([0; 32]), 0), (Digest([0; 32]), 1), (Digest([1; 32]), 0)]);
        assert_eq!(of(&[u64::MAX, u64::MAX], u64::MAX).len() as u64, DRAWS_MAX);
    }

    #[test]
    fn things_are_hosts_and_shares_and_nothing_that_cannot_be_observed() {
        let share = |kind: &str, declared| ScopeShare { kind: kind.into(), declared, examined: 0, undeclared: 0 };
        let scope = [share("host", 2), share("person", 50), share("share", 1)];
        let got = draw_things(&[1; 32], &NodeId::new("a"), Digest([2; 32]), &scope, 20);
        assert_eq!(got, [("host".to_owned(), 0), ("host".to_owned(), 1), ("share".to_owned(), 0)]);
        assert_eq!(draw_things(&[1; 32], &NodeId::new("a"), Digest([2; 32]), &scope, 1).len(), 1);
        assert_eq!(draw_things(&[1; 32], &NodeId::new("a"), Digest([2; 32]), &[], 1), []);
    }

    #[test]
    fn verdicts() {
        let due = Time::from_millis(1000);
        let good = OpeningNumbers {
            draws: Digest([0; 32]),
            held: 1,
            missing: 0,
            wrong: BTreeMap::new(),
            contradicted: 0,
            shared: 1,
            alike: 1,
            shared_with: vec![],
        };
        let of = |n: &OpeningNumbers, at| opening_verdict(due, Some((Time::from_millis(at), n)));
        assert_eq!((of(&good, 1000), of(&good, 1001)), (ChallengeVerdict::Kept, ChallengeVerdict::Late));
        // A thing that is missing is missing, also late.
        let missing = OpeningNumbers { missing: 1, ..good.clone() };
        assert_eq!((of(&missing, 1), of(&missing, 1001)), (ChallengeVerdict::Failed, ChallengeVerdict::Failed));
        assert_eq!(of(&OpeningNumbers { contradicted: 1, ..good }, 1), ChallengeVerdict::Failed);
        assert_eq!(opening_verdict(due, None), ChallengeVerdict::None);
        // What counts for progress: kept lifts, something wrong refutes, and what lacks nothing but a witness says nothing.
        let good = ReobservationNumbers {
            things: 1,
            observed: 1,
            same: 3,
            better: 0,
            worse: 0,
            gone: 0,
            wrong: BTreeMap::new(),
            witness: WitnessKind::OtherAccount,
        };
        let held = |n: &ReobservationNumbers, at: Option<i64>| {
            let at = at.map(Time::from_millis);
            let verdict = reobservation_verdict(due, at.map(|at| (at, n)));
            let digest = Digest([0; 32]);
            reobservation_held(&ChallengeJudged {
                child: NodeId::new("a"),
                uscc: String::new(),
                judge: String::new(),
                order: digest,
                report: digest,
                answer: at.map(|_| digest),
                answered_at: at,
                verdict,
                opening: None,
                reobservation: at.map(|_| n.clone()),
            })
        };
        assert_eq!(held(&good, Some(1)), Some(true));
        assert_eq!(held(&good, Some(1001)), None, "late");
        assert_eq!(held(&good, None), None, "no answer");
        assert_eq!(held(&ReobservationNumbers { witness: WitnessKind::TypedName, ..good.clone() }, Some(1)), None);
        assert_eq!(held(&ReobservationNumbers { worse: 1, ..good.clone() }, Some(1)), Some(false));
        assert_eq!(held(&ReobservationNumbers { observed: 0, ..good }, Some(1)), Some(false));
    }
}

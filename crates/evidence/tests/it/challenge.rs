//! Records of challenges, for the golden files.

use evidence::*;
use std::collections::BTreeMap;

pub(crate) fn records() -> Vec<(&'static str, Record)> {
    let at: Time = "2026-11-23T20:44:52.123Z".parse().unwrap();
    let child = NodeId::new("fedcba9876543210");
    let author = Author { name: "李明".into(), authenticated: Authenticated::TypedName };
    let (order, report) = (Digest::of(b"order"), Digest::of(b"report"));
    let (seed, key) = ("07".repeat(32), "0a".repeat(32));
    let entry = |name, what| {
        let challenge = "c-0123456789abcdef".into();
        let node = NodeId::new("0123456789abcdef");
        (
            name,
            Record::Challenge(Box::new(ChallengeEntry {
                node,
                author: author.clone(),
                stated_at: at,
                challenge,
                what,
            })),
        )
    };
    let committed = SeedCommitted { round: "2026-Q4".into(), seed: seed_commitment(&[7; 32]) };
    let drawn = OpeningOrder {
        child: child.clone(),
        round: "2026-Q4".into(),
        committed: Digest::of(b"committed"),
        seed,
        report,
        count: 20,
        due: at,
        key: key.clone(),
    };
    let ordered = ReobservationOrder {
        child: child.clone(),
        report,
        nonce: "0b".repeat(32),
        things: vec![("host".into(), 3), ("share".into(), 0)],
        due: at,
        key,
    };
    let opened = SealedAnswer { order, sealed: Digest::of(b"sealed"), bytes: 1234, shown: 19, missing: 1 };
    let judged = ChallengeJudged {
        child,
        uscc: "91350100M000100Y43".into(),
        judge: "watchfire-judge/5".into(),
        order,
        report,
        answer: Some(Digest::of(b"answer")),
        answered_at: Some(at),
        verdict: ChallengeVerdict::Failed,
        opening: Some(OpeningNumbers {
            draws: Digest::of(b"draws"),
            held: 17,
            missing: 1,
            wrong: BTreeMap::from([("path".into(), 2)]),
            contradicted: 1,
            shared: 1,
            alike: 3,
            shared_with: vec![Digest::of(b"another order")],
        }),
        reobservation: None,
    };
    let reobserved = ReobservationNumbers {
        things: 2,
        observed: 2,
        same: 40,
        better: 1,
        worse: 2,
        gone: 3,
        wrong: BTreeMap::from([("nonce".into(), 1)]),
        witness: WitnessKind::OtherAccount,
    };
    let again = ChallengeJudged { opening: None, reobservation: Some(reobserved), ..judged.clone() };
    vec![
        entry("challenge-committed", ChallengeMove::Committed(committed)),
        entry("challenge-drawn", ChallengeMove::Drawn(drawn)),
        entry("challenge-ordered", ChallengeMove::Ordered(ordered)),
        entry("challenge-opened", ChallengeMove::Opened(opened)),
        entry("challenge-witnessed", ChallengeMove::Witnessed(Witnessed { order, examination: Digest::of(b"run") })),
        entry("challenge-judged", ChallengeMove::Judged(Box::new(judged))),
        entry("challenge-judged-anew", ChallengeMove::Judged(Box::new(again))),
    ]
}

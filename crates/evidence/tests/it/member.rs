//! Records about nodes above and below, for the golden files.

use evidence::*;

pub(crate) fn records() -> Vec<(&'static str, Record)> {
    let at: Time = "2026-11-23T20:44:52.123Z".parse().unwrap();
    let node = NodeId::new("0123456789abcdef");
    let child = NodeId::new("fedcba9876543210");
    let author = Author { name: "李明".into(), authenticated: Authenticated::TypedName };
    let part =
        Part {
            role: NodeRole::Plant, name: "青山厂".into(), area: "440300".into(), uscc: "91350100M000100Y43".into()
        };
    let invitation = Invitation {
        id: "n-3f2a91c0".into(),
        part: part.clone(),
        code: Digest::of(b"code"),
        expires: at.plus_minutes(7 * 24 * 60).unwrap(),
        withdrawn: true,
    };
    let member = Member {
        node: node.clone(),
        author: author.clone(),
        stated_at: at,
        child: child.clone(),
        standing: MemberStanding::Certified,
        part: part.clone(),
        origin: "watchfire.invalid/fedcba9876543210".into(),
        evidence_keys: vec!["AA==".into()],
        log_keys: vec!["AQ==".into()],
        invitation: Some("n-3f2a91c0".into()),
        follows: Some(Digest::of(b"change")),
        reason: String::new(),
    };
    let received = Received {
        index: 7,
        leaf: Digest::of(b"leaf"),
        kind: "urn:watchfire:programme-report:v1".into(),
        doubts: vec![Doubt { say: Say::new("doubt.report-from-the-future"), cited: None }],
    };
    let receipt = Receipt {
        node: node.clone(),
        child: child.clone(),
        at,
        from: 3,
        size: 8,
        root: Digest::of(b"root"),
        checkpoint: "a note\n".into(),
        records: vec![received],
        carried: true,
    };
    let equivocation = Equivocation {
        node: node.clone(),
        child,
        at,
        size: 5,
        held: "a note\n".into(),
        given: "another note\n".into(),
        held_root: Digest::of(b"held"),
        given_root: Digest::of(b"given"),
        proof: vec![Digest::of(b"step")],
    };
    vec![
        ("profile", Record::Attestation(Attestation::profile(node.clone(), author.clone(), at, Profile { part }))),
        ("invitation", Record::Attestation(Attestation::invitation(node, author, at, invitation))),
        ("member", Record::Member(Box::new(member))),
        ("receipt", Record::Receipt(Box::new(receipt))),
        ("equivocation", Record::Equivocation(Box::new(equivocation))),
    ]
}

//! Values that the API and the command line's `--format json` share: one shape for one thing, whichever face is asked.

use node::accounts::Account;
use node::{KeptInvitation, KeptMember, Owed, Parent, Preview, SubmitState, Submitted};
use serde_json::{Value, json};

/// An account.
#[must_use]
pub fn account_json(a: &Account) -> Value {
    json!({
        "login": a.login,
        "name": a.name,
        "role": a.role.name(),
        "areas": a.scope.areas,
        "enterprises": a.scope.enterprises,
        "lang": a.lang,
        "second_factor": a.second_factor,
        "disabled": a.disabled,
        "must_change": a.must_change,
        "made": a.made,
        "seen": (a.seen.millis() != 0).then_some(a.seen),
    })
}

/// A parent.
#[must_use]
pub fn parent_json(p: &Parent) -> Value {
    json!({"node": p.node, "part": p.part, "since": p.since, "address": p.address, "member": p.member, "record": p.leaf})
}

/// What is owed to a parent.
#[must_use]
pub fn owed_json(o: &Owed) -> Value {
    json!({
        "parent": o.parent, "name": o.name, "acknowledged": o.acknowledged, "size": o.size, "owed": o.size - o.acknowledged,
        "answered": o.answered, "fault": o.fault, "attempts": o.attempts, "next": o.next, "differs": o.differs,
    })
}

/// A member.
#[must_use]
pub fn member_json(m: &KeptMember) -> Value {
    let receipt = m.receipt.map(|(size, at)| json!({"size": size, "at": at}));
    json!({
        "member": m.member, "record": m.leaf, "held": m.held.size, "accepted": m.held.accepted,
        "receipt": receipt, "caught": m.caught,
    })
}

/// An invitation.
#[must_use]
pub fn invitation_json(k: &KeptInvitation) -> Value {
    json!({"invitation": k.invitation, "since": k.since, "state": k.state.name()})
}

/// What came of a submission.
#[must_use]
pub fn submitted_json(done: &Submitted) -> Value {
    let (state, why) = match &done.state {
        SubmitState::Equal => ("equal", None),
        SubmitState::Refused(why) => ("refused", Some(why)),
        SubmitState::Unanswered(why) => ("unanswered", Some(why)),
        SubmitState::Differs => ("differs", None),
        SubmitState::Stuck => ("short", None),
        SubmitState::Stopped => ("stopped", None),
    };
    json!({
        "parent": done.parent, "name": done.name, "state": state, "why": why, "size": done.size, "root": done.root,
        "own": done.own, "packages": done.packages, "bytes": done.bytes,
    })
}

/// What would leave the node.
#[must_use]
pub fn preview_json(p: &Preview) -> Value {
    let records = p.records.iter().map(|r| {
        json!({"index": r.index, "node": r.node, "kind": r.kind, "sha256": r.digest, "statement": r.statement, "artifacts": r.artifacts})
    });
    json!({
        "parent": p.parent, "start": p.start, "size": p.size, "plan": p.plan, "checkpoint": p.checkpoint,
        "records": records.collect::<Vec<_>>(), "leaves_only": p.leaves_only, "bytes": p.bytes,
    })
}

/// A receipt that a parent gave.
#[must_use]
pub fn receipt_json(parent: &Parent, r: &node::KeptReceipt) -> Value {
    let bundle: Value = serde_json::from_slice(&r.bundle).unwrap_or_default();
    json!({"parent": parent.node, "name": parent.part.name, "size": r.size, "at": r.at, "record": r.leaf,
           "bundle": bundle, "checkpoint": r.checkpoint})
}

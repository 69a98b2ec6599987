//! Values that the API and the command line's `--format json` share: one shape for one thing, whichever face is asked.

use evidence::{CertificateIssued, KeyedDigest, Rung, TakenBack, Time};
use judge::{Conflict, ExpertStanding, SessionCount, TrainingStanding, TrainingSums};
use node::accounts::Account;
use node::{BadgeVerdict, KeptInvitation, KeptMember, Owed, Parent, Preview, Revoked, SubmitState, Submitted};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

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
        "challenges": done.orders.0, "order_entries": done.orders.1,
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

/// Person-times by rung.
#[must_use]
pub fn rungs_json(counts: &BTreeMap<Rung, u64>) -> Map<String, Value> {
    Rung::ALL.iter().take(3).map(|r| (r.name().to_owned(), json!(counts.get(r).copied().unwrap_or(0)))).collect()
}

/// What one session comes to.
#[must_use]
pub fn session_count_json(c: &SessionCount) -> Value {
    json!({
        "session": c.session, "record": c.leaf, "node": c.node, "course": c.course, "day": c.date.date(),
        "last_day": c.last.date(), "audience": c.audience, "person_times": c.total(), "by_rung": rungs_json(&c.person_times),
        "tested": c.tested, "passed": c.passed, "withdrawn": c.withdrawn, "was": c.was, "open": c.open, "exact": c.exact,
    })
}

/// What training comes to.
#[must_use]
pub fn training_status_json(s: &TrainingStanding, as_of: Time) -> Value {
    let sums = |s: &TrainingSums| json!({"sessions": s.sessions, "person_times": s.person_times, "people": s.people, "people_passed": s.passed});
    let by: Map<String, Value> = s.by_audience.iter().map(|(a, x)| (a.name().to_owned(), sums(x))).collect();
    let months: Map<String, Value> = s.by_month.iter().map(|(m, x)| (m.clone(), sums(x))).collect();
    json!({
        "as_of": as_of, "sums": sums(&s.sums), "by_rung": rungs_json(&s.person_times), "with_test": s.with_test,
        "by_audience": by, "by_month": months, "to_come": s.to_come,
        "withdrawn": s.sessions.iter().filter(|c| c.withdrawn.is_some()).count(),
        "certificates": {"valid": s.certificates[0], "expired": s.certificates[1], "revoked": s.certificates[2]},
        "sessions": s.sessions.iter().map(session_count_json).collect::<Vec<_>>(), "doubts": s.doubts,
    })
}

/// A certificate as the log knows it: what it is, to whom, whether it was taken back.
pub type Certificate = (CertificateIssued, KeyedDigest, Option<TakenBack>);

/// How a certificate stands at an instant.
#[must_use]
pub fn certificate_state(c: &Certificate, now: Time) -> &'static str {
    match c {
        (_, _, Some(_)) => "revoked",
        (c, _, None) if c.expires.is_some_and(|e| e <= now) => "expired",
        _ => "valid",
    }
}

/// A certificate.
#[must_use]
pub fn certificate_json(c: &Certificate, now: Time) -> Value {
    json!({"certificate": c.0, "person": c.1, "state": certificate_state(c, now), "revoked": c.2})
}

/// What ties an expert to an enterprise.
#[must_use]
pub fn conflict_json(c: &Conflict) -> Value {
    json!({"enterprise": c.enterprise, "kind": c.kind, "since": c.since, "until": c.until, "in_force": c.in_force})
}

/// An expert; `who`: the name and what goes with it, where it may be said.
#[must_use]
pub fn expert_json(s: &ExpertStanding, who: Option<&Value>) -> Value {
    json!({
        "expert": s.id, "person": s.person, "named": who, "field": s.field, "state": s.state.name(),
        "certified": s.certified, "expires": s.expires, "documented": s.documented, "reason": s.reason,
        "certificate": s.certificate, "record": s.leaf,
        "conflicts": s.conflicts.iter().map(conflict_json).collect::<Vec<_>>(),
    })
}

/// What a certificate is worth.
#[must_use]
pub fn badge_json(v: &BadgeVerdict) -> Value {
    let (revoked, list) = match v.revoked {
        Revoked::NotChecked => ("not-checked", None),
        Revoked::No(at) => ("no", Some(at)),
        Revoked::Yes(at) => ("yes", Some(at)),
    };
    json!({
        "holds": v.holds(), "key_given": v.trusted, "begun": v.begun, "expired": v.expired, "revoked": revoked,
        "list_of": list, "id": v.badge.id, "issuer": v.badge.issuer, "from": v.badge.from, "until": v.badge.until,
        "digest": v.badge.digest, "credential": v.badge.payload,
    })
}

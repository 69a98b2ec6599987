//! Who becomes whose child, and who does not.

use super::bed::{Changed, Direct, Site, bytes, part, two};
use evidence::{MemberStanding, NodeRole, Say};
use node::{Code, InvitationState, NodeError};
use serde_json::{Value, json};

fn key(e: &NodeError) -> String {
    e.say().key
}
fn answer_key(answer: &[u8]) -> String {
    let answer: Value = serde_json::from_slice(answer).unwrap();
    answer["refused"]["key"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_code_makes_a_child_once_and_a_lost_answer_costs_nothing() {
    let province = Site::new(part(NodeRole::Province, "32", 1));
    let plant = Site::new(part(NodeRole::Plant, "3201", 1));
    let (invitation, code) = province.node.invite(part(NodeRole::Plant, "3201", 1), 14, None).unwrap();
    assert_eq!(province.node.invitations().unwrap()[0].state, InvitationState::Open);
    // The answer is lost; the child asks again, from the beginning, with what a person typed.
    let typed = Code::read(&code.shown().to_lowercase()).unwrap();
    let request = plant.node.enrol_request(&typed).unwrap();
    drop(province.node.enrolment_taken(&request));
    let enrolled = plant.node.enrol(&typed, &Direct(&province.node), Some("https://p".into()), None).unwrap();
    assert_eq!(enrolled.parent.part, part(NodeRole::Province, "32", 1));
    let members = province.node.members().unwrap();
    assert_eq!(members.len(), 1, "asked twice, certified once");
    let m = &members[0].member;
    assert_eq!(
        (&m.child, m.standing, &m.invitation),
        (&plant.node.id(), MemberStanding::Certified, &Some(invitation.id))
    );
    assert_eq!(province.node.invitations().unwrap()[0].state, InvitationState::Used);
    assert_eq!(plant.node.parents().unwrap()[0].address.as_deref(), Some("https://p"));
    use std::os::unix::fs::PermissionsExt as _;
    for file in
        [plant.home.join("parents.json"), province.home.join("invitations.json"), plant.home.join("enrolment.json")]
    {
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
    // The code stands in no record of either node.
    for node in [&province.node, &plant.node] {
        for w in node.store().records(&[]).unwrap() {
            let text = String::from_utf8(w.record.value().to_statement().unwrap()).unwrap();
            assert!(!text.contains(&code.shown()) && !text.contains(&code.shown().replace('-', "")));
        }
    }
    // Another node with the same code is named and refused.
    let thief = Site::new(part(NodeRole::Plant, "3201", 1));
    let stolen = thief.node.enrol(&code, &Direct(&province.node), None, None).unwrap_err();
    assert_eq!(key(&stolen), "refused.code-used");
}

#[test]
fn who_does_not_know_the_code_gets_in_at_neither_end() {
    let province = Site::new(part(NodeRole::Province, "32", 1));
    let plant = Site::new(part(NodeRole::Plant, "3201", 1));
    let (_, code) = province.node.invite(part(NodeRole::Plant, "3201", 1), 14, None).unwrap();
    let wrong = Code::read("0123456789ABCDEFGHJKMNPQRS").unwrap();
    assert_eq!(
        key(&plant.node.enrol(&wrong, &Direct(&province.node), None, None).unwrap_err()),
        "refused.unknown-code"
    );
    // Another node's keys under the same proof.
    let other = Site::new(part(NodeRole::Plant, "3201", 1));
    let own: Value = serde_json::from_slice(&plant.node.enrol_request(&code).unwrap()).unwrap();
    let theirs: Value = serde_json::from_slice(&other.node.enrol_request(&code).unwrap()).unwrap();
    let mixed = json!({"body": theirs["body"], "mac": own["mac"]});
    assert_eq!(answer_key(&province.node.enrolment_taken(&bytes(&mixed))), "refused.unknown-code");
    for (name, key) in [("node", "refused.unknown-code"), ("checkpoint", "refused.unknown-code")] {
        let mut changed = own.clone();
        changed["body"][name] = json!("x");
        assert_eq!(answer_key(&province.node.enrolment_taken(&bytes(&changed))), key, "{name}");
    }
    for broken in [&b""[..], b"{}", b"nonsense", &[0; 300_000]] {
        let key = answer_key(&province.node.enrolment_taken(broken));
        assert!(["refused.shape", "refused.too-large"].contains(&key.as_str()), "{key}");
    }
    // A parent that does not know the code cannot answer, whatever it says.
    let liar = Changed(&province.node, |_: &mut Value| {});
    let answer = node::Line::post(&liar, "/v1/enrol", &plant.node.enrol_request(&code).unwrap()).unwrap();
    let mut answer: Value = serde_json::from_slice(&answer).unwrap();
    answer["body"]["part"]["name"] = json!("another province");
    assert_eq!(key(&plant.node.enrol_answer(&code, &bytes(&answer), None, None).unwrap_err()), "error.enrol-answer");
    // An answer to another request.
    let answer = province.node.enrolment_taken(&plant.node.enrol_request(&code).unwrap());
    assert_eq!(key(&other.node.enrol_answer(&code, &answer, None, None).unwrap_err()), "error.enrol-answer");
    // A refusal of a stranger cannot put words into our mouth.
    let said = json!({"refused": {"key": "cli.say.audit_good", "with": {"leaves": "all"}}});
    let e = plant.node.enrol_answer(&code, &bytes(&said), None, None).unwrap_err();
    assert_eq!(e.say(), Say::new("refused.unknown"));
    assert!(plant.node.parents().unwrap().is_empty());
}

#[test]
fn an_invitation_ends_and_is_only_for_whom_it_may_be() {
    let province = Site::new(part(NodeRole::Province, "32", 1));
    let plant = Site::new(part(NodeRole::Plant, "3201", 1));
    let (invitation, code) = province.node.invite(part(NodeRole::Plant, "3201", 1), 14, None).unwrap();
    province.node.invitation_withdraw(&invitation.id, None).unwrap();
    assert_eq!(
        key(&plant.node.enrol(&code, &Direct(&province.node), None, None).unwrap_err()),
        "refused.code-withdrawn"
    );
    let again = province.node.invitation_withdraw(&invitation.id, None).unwrap_err();
    assert_eq!(key(&again), "error.invitation-ended");
    for (role, area, n, want) in [
        (NodeRole::Province, "31", 2, "error.may-not-certify"),
        (NodeRole::Ministry, "", 2, "error.may-not-certify"),
        (NodeRole::Plant, "3301", 2, "error.area-not-covered"),
        (NodeRole::Plant, "", 2, "error.node-area"),
        (NodeRole::Plant, "99", 2, "error.node-area"),
    ] {
        assert_eq!(key(&province.node.invite(part(role, area, n), 14, None).unwrap_err()), want, "{role:?} {area}");
    }
    let mut wrong = part(NodeRole::Plant, "3201", 2);
    wrong.uscc.replace_range(17.., "?");
    assert_eq!(key(&province.node.invite(wrong, 14, None).unwrap_err()), "error.node-uscc");
    for days in [0, 366] {
        assert_eq!(
            key(&province.node.invite(part(NodeRole::Plant, "3201", 2), days, None).unwrap_err()),
            "error.code-days"
        );
    }
    // A plant invites nobody, and a node that has not said what it is neither.
    assert_eq!(
        key(&plant.node.invite(part(NodeRole::Plant, "3201", 2), 14, None).unwrap_err()),
        "error.may-not-certify"
    );
    // Invited as another enterprise: the child does not take it.
    let (_, code) = province.node.invite(part(NodeRole::Plant, "3201", 7), 14, None).unwrap();
    assert_eq!(
        key(&plant.node.enrol(&code, &Direct(&province.node), None, None).unwrap_err()),
        "error.enrol-other-part"
    );
}

#[test]
fn standing_is_a_persons_decision_with_a_reason_and_lost_keys_stay_lost() {
    let (province, plant) = two();
    let named = plant.node.id();
    let set = |standing, reason| province.node.member_set(named.as_str(), standing, reason, Some("Wang Fang"));
    assert_eq!(key(&set(MemberStanding::Suspended, " ").unwrap_err()), "error.member-reason");
    assert_eq!(key(&set(MemberStanding::Certified, "no change").unwrap_err()), "error.member-stands");
    set(MemberStanding::Suspended, "moved").unwrap();
    set(MemberStanding::Certified, "moved in").unwrap();
    plant.submit_all(&province);
    set(MemberStanding::Lost, "a notebook was stolen").unwrap();
    assert_eq!(key(&set(MemberStanding::Certified, "found").unwrap_err()), "error.member-lost");
    // Who holds the lost keys cannot enrol with them again, even with a good code.
    let (_, code) = province.node.invite(part(NodeRole::Plant, "3201", 1), 14, None).unwrap();
    assert_eq!(
        key(&plant.node.enrol(&code, &Direct(&province.node), None, None).unwrap_err()),
        "refused.not-certified"
    );
    // The enterprise goes on under a new node with the same code; what the old one sent stays under its name.
    let new = Site::new(part(NodeRole::Plant, "3201", 1));
    new.join_with(&province, &code);
    new.submit_all(&province);
    assert_eq!(province.node.members().unwrap().len(), 2);
    assert_eq!(
        key(&province.node.member_set("nobody", MemberStanding::Revoked, "x", None).unwrap_err()),
        "error.unknown-member"
    );
}

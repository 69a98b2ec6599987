//! Keys that change, on both sides.

use super::bed::{Site, assert_holds, hand, part, refusal, refused, two};
use evidence::{Authenticated, Author, NodeRole, Record, RecordKind};
use serde_json::Value;
use store::Role;

fn rotate(site: &Site, role: Role) {
    let author = Author { name: "Li Ming".into(), authenticated: Authenticated::TypedName };
    site.node.store().rotate(role, author, node::now()).unwrap();
}

#[test]
fn a_childs_new_keys_are_taken_up_and_its_old_ones_are_worth_nothing() {
    let (province, plant) = two();
    plant.report(1);
    plant.submit_all(&province);
    let thief = plant.copy();
    rotate(&plant, Role::Evidence);
    plant.report(2);
    rotate(&plant, Role::Log);
    plant.report(3);
    // Everything in one package: the checkpoint is signed with a key that the package itself brings.
    plant.submit_all(&province);
    let member = province.node.members().unwrap().remove(0).member;
    assert_eq!((member.evidence_keys.len(), member.log_keys.len()), (2, 2));
    assert!(member.follows.is_some());
    assert_eq!(province.node.received(RecordKind::ProgrammeReport).unwrap().len(), 3);
    assert_eq!(plant.node.parents().unwrap()[0].member, member, "the child has the proof");
    rotate(&plant, Role::Evidence);
    rotate(&plant, Role::Log);
    plant.report(4);
    let package = plant.package(&province);
    plant.submit_all(&province);
    assert_eq!(province.node.members().unwrap()[0].member.log_keys.len(), 3);
    assert_eq!(hand(&province.node, &package)["state"], "accepted", "sent again it is late mail");
    // With the stolen old keys somebody continues the log where it was stolen.
    for n in 20..40 {
        thief.report(n);
    }
    let said = refused(&thief.submit(&province));
    assert_eq!(said.key, "refused.revoked-key");
    assert!(province.node.members().unwrap()[0].caught.is_none(), "the owner is not caught for what a thief signs");
    assert_holds(&province.node);
    assert_holds(&plant.node);
}

#[test]
fn a_record_signed_with_a_replaced_key_is_refused() {
    let (province, plant) = two();
    plant.report(1);
    plant.submit_all(&province);
    let old = plant.copy();
    rotate(&plant, Role::Evidence);
    plant.submit_all(&province);
    let leaf = old.report(2);
    let forged: Value = serde_json::from_slice(&old.node.store().envelope(leaf).unwrap().to_json()).unwrap();
    plant.report(3);
    let mut package = plant.package(&province);
    package["records"][0]["envelope"] = forged;
    assert_eq!(refusal(&hand(&province.node, &package)), "refused.revoked-key");
    plant.submit_all(&province);
}

#[test]
fn a_parents_new_keys_are_followed_by_its_own_signed_changes() {
    let (province, plant) = two();
    plant.submit_all(&province);
    rotate(&province, Role::Evidence);
    rotate(&province, Role::Log);
    plant.report(1);
    plant.submit_all(&province);
    let parent = plant.node.parents().unwrap().remove(0);
    assert_eq!((parent.evidence_keys.len(), parent.log_keys.len()), (2, 2));
    plant.report(2);
    plant.submit_all(&province);
    assert_holds(&plant.node);
    // Another node of the same name cannot change them.
    let other = Site::new(part(NodeRole::Province, "32", 1));
    rotate(&other, Role::Log);
    let changes = other.node.store().records(&[RecordKind::Attestation]).unwrap();
    let change =
        changes.iter().find(|w| matches!(w.record.value(), Record::Attestation(a) if a.as_key_change().is_some()));
    let foreign: Value =
        serde_json::from_slice(&other.node.store().envelope(change.unwrap().record.leaf()).unwrap().to_json()).unwrap();
    plant.report(3);
    let mut answer = hand(&province.node, &plant.package(&province));
    answer["changes"] = serde_json::json!([foreign]);
    assert!(plant.node.submit_answer(None, &super::bed::bytes(&answer)).is_err());
    assert_eq!(plant.node.parents().unwrap().remove(0).log_keys, parent.log_keys);
}

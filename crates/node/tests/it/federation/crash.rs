//! A parent that is cut off right after any durable step of taking a package in, and a child right after any of sending one. What
//! fsync itself does is shown in the room of the store; here, that every state that a cut can leave is gone on from.

use super::bed::{Direct, Site, assert_holds, copy, folder, open, part};
use evidence::{NodeRole, RecordKind};
use node::{Node, SubmitState};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use stdx::Stop;
use store::{Options, Steps};

/// Copies of a home, with the step after which each was made.
type Photos = Arc<Mutex<Vec<(&'static str, PathBuf)>>>;

/// Opens a home so that every durable step leaves a copy of it.
fn photographed(home: &std::path::Path) -> (Node, Photos) {
    let photos = Photos::default();
    let (to, from) = (Arc::clone(&photos), home.to_owned());
    let steps = Steps::new(move |step| {
        let at = folder("photo");
        copy(&from, &at);
        to.lock().unwrap().push((step, at));
    });
    let options = Options { steps, ..Options::default() };
    (Node::open_with(home, None, &|| None, &options).unwrap(), photos)
}

fn submit(plant: &Node, province: &Node) -> SubmitState {
    plant.submit(None, &Direct(province), &Stop::new()).unwrap().state
}

#[test]
fn a_parent_goes_on_from_a_cut_after_any_step_of_taking_in() {
    let province = Site::new(part(NodeRole::Province, "32", 1));
    let plant = Site::new(part(NodeRole::Plant, "3201", 1));
    plant.join(&province);
    plant.report(1);
    let before = plant.copy();
    let (node, photos) = photographed(&province.home);
    assert_eq!(submit(&plant.node, &node), SubmitState::Equal);
    drop(node);
    let photos = photos.lock().unwrap();
    let mut seen: Vec<&str> = photos.iter().map(|p| p.0).collect();
    seen.sort_unstable();
    seen.dedup();
    for step in ["mirror-before-commit", "mirror-committed", "spooled", "before-commit", "committed", "spool-removed"] {
        assert!(seen.contains(&step), "{seen:?}");
    }
    for (n, (step, home)) in photos.iter().enumerate() {
        let province = open(home);
        // The child got no answer: it sends again what it has.
        let child = before.copy();
        assert_eq!(submit(&child.node, &province), SubmitState::Equal, "{n} {step}");
        let got = province.received(RecordKind::ProgrammeReport).unwrap();
        assert_eq!(got.len(), 1, "{n} {step}");
        let receipts = province.store().records(&[RecordKind::Receipt]).unwrap();
        assert_eq!(receipts.len(), 1, "{n} {step}: one receipt, not two");
        assert_holds(&province);
        drop(province);
        std::fs::remove_dir_all(home).unwrap();
    }
}

#[test]
fn a_child_goes_on_from_a_cut_after_any_step_of_sending() {
    let province = Site::new(part(NodeRole::Province, "32", 1));
    let plant = Site::new(part(NodeRole::Plant, "3201", 1));
    plant.join(&province);
    plant.report(1);
    let (node, photos) = photographed(&plant.home);
    assert_eq!(submit(&node, &province.node), SubmitState::Equal);
    drop(node);
    let photos = photos.lock().unwrap();
    assert!(photos.iter().any(|p| p.0 == "outbox-committed") && photos.iter().any(|p| p.0 == "outbox-before-commit"));
    for (n, (step, home)) in photos.iter().enumerate() {
        let child = open(home);
        assert_eq!(submit(&child, &province.node), SubmitState::Equal, "{n} {step}");
        assert_eq!(child.receipts().unwrap().len(), 1, "{n} {step}: the same receipt again");
        assert_holds(&child);
        drop(child);
        std::fs::remove_dir_all(home).unwrap();
    }
    assert_eq!(province.node.store().records(&[RecordKind::Receipt]).unwrap().len(), 1);
}

//! More than one package holds: cut at the own checkpoints, and within a step of the log only where that alone is too large.

use super::bed::{Remembering, Site, assert_holds, two};
use evidence::{Record, RecordKind};
use node::SubmitState;
use serde_json::Value;
use std::cell::RefCell;
use stdx::Stop;
use store::Submission;

/// Reports of some 1 MB each, appended at once: one checkpoint over all of them.
fn at_once(plant: &Site, count: u64) {
    let submission = |n: u64| {
        let mut r = plant.a_report(n);
        r.doubts.insert("x".repeat(1_000_000), n);
        let envelope = plant.node.store().sign(&Record::ProgrammeReport(Box::new(r))).unwrap();
        Submission { envelope, items: None, artifacts: vec![] }
    };
    plant.node.store().append(&(0..count).map(submission).collect::<Vec<_>>()).unwrap();
}

#[test]
fn a_step_of_the_log_that_is_too_large_goes_in_parts_and_the_rest_at_checkpoints() {
    let (province, plant) = two();
    // Content of 14 MiB is eleven of them, in the base64 of their envelopes.
    at_once(&plant, 13);
    at_once(&plant, 2);
    let line = Remembering(&province.node, RefCell::default());
    let done = plant.node.submit(None, &line, &Stop::new()).unwrap();
    assert_eq!((done.state, done.size), (SubmitState::Equal, 16));
    let sent: Vec<(u64, bool, usize)> = line
        .1
        .borrow()
        .iter()
        .map(|bytes| {
            assert!(bytes.len() < node::PACKAGE_BYTES_MAX);
            let p: Value = serde_json::from_slice(bytes).unwrap();
            let records = p["records"].as_array().map_or(0, Vec::len);
            (p["start"].as_u64().unwrap(), p["more"].as_bool().unwrap_or_default(), records)
        })
        .collect();
    // The profile alone ends at the first checkpoint; then a part, then the rest with what follows.
    assert_eq!((sent[0].0, sent[0].1), (0, false), "{sent:?}");
    assert!(sent.iter().any(|s| s.1), "one part has to wait for its rest: {sent:?}");
    assert_eq!(sent.iter().map(|s| s.2).sum::<usize>(), 15, "each record once: {sent:?}");
    assert_eq!(province.node.received(RecordKind::ProgrammeReport).unwrap().len(), 15);
    assert_holds(&province.node);
}

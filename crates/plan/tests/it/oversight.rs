//! Reasons, the queue and bases of orders: what an author of a plan sees when one is wrong.

use crate::fault;
use evidence::NodeRole;
use plan::{MatterKind, builtin, check};

const FILE: &str = "oversight/oversight.toml";

#[test]
fn reasons_read_the_facts_of_enterprises_and_prove_themselves() {
    let silent = "when = \"it.enrolled && it.reports == 0\"";
    fault(FILE, silent, "when = \"it.enroled && it.reports == 0\"", "cel-unknown", "it.enroled", "enrolled");
    fault(FILE, silent, "when = \"it.enrolled && it.reports == 'none'\"", "cel-type", "\"it", "");
    fault(FILE, silent, "when = \"it.enrolled && ssh.server_present\"", "cel-unknown", "\"it", "it.<fact>");
    fault(FILE, "needs = [\"reports\"]", "needs = [\"report\"]", "bad-value", "[\"report\"]", "reports");
    fault(
        FILE,
        "facts = { enrolled = true, reports = 0 }",
        "facts = { enrolled = true }",
        "example",
        "[[reason.example]]",
        "reports",
    );
    fault(FILE, "points = 25", "points = 0", "bad-value", "0", "");
    fault(
        FILE,
        "expect = \"holds-not\"\nfacts = { enrolled = true, reports = 1 }",
        "expect = \"holds\"\nfacts = { enrolled = true, reports = 0 }",
        "example-missing",
        "[[reason]]",
        "",
    );
}

#[test]
fn the_queue_and_the_bases_are_held_against_the_rest() {
    fault(FILE, "kind = \"refuted\"", "kind = \"refutd\"", "bad-value", "\"refutd\"", "refuted");
    fault(FILE, "kind = \"refuted\"\nrank = 2", "kind = \"refuted\"\nrank = 1", "bounds", "[[matter]]", "");
    fault(FILE, "basis = \"measures-28\"", "basis = \"measures-82\"", "dangling-id", "[[matter]]", "measures-12");
    fault(FILE, "rank = 7\ndays = 30", "rank = 7", "missing-key", "[[matter]]", "");
    fault(FILE, "issuers = [\"group\"]", "issuers = [\"plant\"]", "bad-value", "[\"plant\"]", "");
    fault(FILE, "extend_times = 3", "extend_times = -1", "bad-value", "-1", "");
    let plan = check(&builtin()).unwrap();
    assert!(plan.matters().windows(2).all(|m| m[0].rank < m[1].rank));
    assert!(MatterKind::ALL.iter().all(|k| plan.matters().iter().any(|m| m.kind == *k)), "every kind has a place");
    // Measures (工信部网安〔2022〕166号) art. 12: filed anew within 15 working days.
    let basis = plan.basis("measures-12").unwrap();
    assert_eq!((basis.working_days, basis.issuers.contains(&NodeRole::Plant)), (15, false));
}

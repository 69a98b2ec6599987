//! Counters and leads: what an author of a plan sees when one is wrong.

use crate::{broken, fault};
use evidence::{Digest, FactValue, Time};
use plan::{CountSource, Denominator, Scene, builtin, check};

const FILE: &str = "counters/counters.toml";
const GUIDE: &str = "guide/plant.toml";

#[test]
fn unknown_words_are_refused_at_their_place() {
    fault(FILE, "counts = \"enterprise\"", "counts = \"enterprize\"", "bad-value", "\"enterprize\"", "enterprise");
    fault(FILE, "from = \"publicity\"", "from = \"publicty\"", "bad-value", "\"publicty\"", "publicity");
    fault(FILE, "rung_min = \"documented\"", "rung_min = \"written\"", "bad-value", "\"written\"", "");
    fault(FILE, "rung = \"catalogue\"", "rung = \"catalog\"", "bad-value", "\"catalog\"", "catalogue");
    fault(FILE, "coverage_of = [\"host\", \"share\"]", "coverage_of = [\"hosts\"]", "bad-value", "[\"hosts\"]", "host");
    fault(FILE, "coverage_percent = 80", "coverage_percent = 101", "bad-value", "101", "");
    fault(FILE, "valid_days = 400", "valid_day = 400", "unknown-key", "valid_day", "valid_days");
    fault(FILE, "of = \"above-size\"", "of = \"all\"", "bad-value", "\"all\"", "");
    fault(FILE, "selection = \"top-tenth\"", "selection = \"top-tenht\"", "dangling-id", "[[counter]]", "top-tenth");
    // A coverage is asked of a report only.
    fault(
        FILE,
        "counts = \"thing\"",
        "coverage_percent = 80\ncounts = \"thing\"",
        "unknown-key",
        "coverage_percent",
        "",
    );
    // Things of a roll there are none.
    fault(FILE, "counts = \"enterprise\"", "counts = \"thing\"", "bad-value", "\"thing\"", "");
}

#[test]
fn conditions_read_the_facts_of_their_source_and_no_others() {
    let graded = "when = \"it.graded > 0 && it.ungraded == 0\"";
    let with = |condition: &str| format!("when = \"{condition}\"");
    fault(FILE, graded, &with("it.gradet > 0"), "cel-unknown", "it.gradet", "graded");
    fault(FILE, graded, &with("it.graded == 'all'"), "cel-type", "\"it", "");
    fault(FILE, graded, &with("it.graded > 0 && ssh.server_present"), "cel-unknown", "\"it.graded", "it.<fact>");
    fault(FILE, graded, &with("now > day"), "cel-constant", "\"now", "");
    fault(FILE, graded, &with("it.graded > 0"), "example", "[[counter.example]]", "");
    fault(
        FILE,
        "facts = { graded = 12, ungraded = 0 }",
        "facts = { graded = 12 }",
        "example",
        "[[counter.example]]",
        "ungraded",
    );
    fault(FILE, "facts = { graded = 12, ungraded = 0 }", "facts = { grade = 12 }", "example-fact", "grade", "graded");
    fault(
        FILE,
        "expect = \"counts-not\"\nfacts = { way",
        "expect = \"counts\"\nfacts = { way",
        "example-missing",
        "[[counter]]",
        "",
    );
    fault(GUIDE, "done = \"it.declared > 0\"", "done = \"it.declard > 0\"", "cel-unknown", "it.declard", "declared");
}

#[test]
fn targets_counters_and_leads_name_each_other() {
    fault(
        "targets/targets.toml",
        "counter = \"professionals\"",
        "counter = \"profesionals\"",
        "dangling-id",
        "[[target]]",
        "professionals",
    );
    fault(FILE, "of = \"above-size\"\n", "", "bounds", "[[target]]", "");
    fault(FILE, "unit = \"person-times\"", "unit = \"persons\"", "bounds", "[[target]]", "");
    fault(GUIDE, "after = [\"examine\"]", "after = [\"examin\"]", "dangling-id", "[[lead]]", "examine");
    fault(GUIDE, "duties = [\"catalogue\"]", "duties = [\"catalog\"]", "dangling-id", "[[lead]]", "catalogue");
    fault(GUIDE, "serves = [\"drilled_enterprises\"]", "serves = [\"drilled\"]", "dangling-id", "[[lead]]", "");
    // The scope would come after the report, which comes after it.
    fault(GUIDE, "id = \"declare-scope\"", "after = [\"report\"]\nid = \"declare-scope\"", "bounds", "[[lead]]", "");
    fault(GUIDE, "days = 5\n", "", "missing-key", "[[lead]]", "");
    // One broken counter is one fault, not one more for each target that names it.
    let errors = check(&broken(FILE, "from = \"publicity\"", "from = \"x\"")).unwrap_err();
    assert_eq!(errors.iter().map(|e| e.code).collect::<Vec<_>>(), ["bad-value"]);
    for (file, key) in
        [("words/en-programme.toml", "[lead.drill]\nwhat"), ("words/en-programme.toml", "[together.grading]\nname")]
    {
        fault(file, key, &key.replace(['w', 'n'], "x"), "words-for-nothing", "x", "");
    }
}

#[test]
fn the_built_in_counters_are_those_of_the_targets() {
    let plan = check(&builtin()).unwrap();
    for t in plan.targets() {
        assert!(plan.counter(&t.counter).is_some(), "{}", t.counter);
    }
    let of = |id: &str| plan.counter(id).unwrap().of.clone();
    assert_eq!(of("publicised_enterprises"), Some(Denominator::AboveSize));
    assert_eq!(of("graded_share_of_top_tenth"), Some(Denominator::Selected("top-tenth".into())));
    assert_eq!(of("graded_enterprises"), None);
    let together: Vec<&str> =
        plan.targets().iter().filter(|t| t.together.as_deref() == Some("grading")).map(|t| t.id.as_str()).collect();
    assert_eq!(together, ["T2", "T2b"], "the number and the coverage, both");
    // A fact that is not there cannot be told, in either language of the counters' conditions.
    let graded = plan.counter("graded_enterprises").unwrap();
    assert_eq!(graded.from, CountSource::Report);
    let scene = Scene::new([], [], Time::from_date("2026-11-01").unwrap(), plan.parameters());
    assert!(graded.holds(&scene, &FactValue::row([("graded", FactValue::Int(3))])).is_err());
    assert_eq!(graded.holds(&scene, &FactValue::row([("graded", FactValue::Int(0))])), Ok(false));
}

#[test]
fn a_plan_names_the_earlier_texts_whose_reports_still_count() {
    let old = check(&builtin()).unwrap().digest();
    let named = format!("version = \"1.0.0\"\naccepts = [\"{old}\"]");
    let plan = check(&broken("plan.toml", "version = \"1.0.0\"", &named)).unwrap();
    assert!(plan.digest() != old && plan.accepts(old) && plan.accepts(plan.digest()));
    assert!(!plan.accepts(Digest::of(b"x")));
    fault("plan.toml", "version = \"1.0.0\"", "version = \"1.0.0\"\naccepts = [\"abc\"]", "bad-value", "[\"abc\"]", "");
}

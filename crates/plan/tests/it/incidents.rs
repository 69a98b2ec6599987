//! Faults of the incident room, and what of it a difference and the list of unconfirmed figures show.

use super::{broken, fault};
use plan::{Source, builtin, check};

const CLOCKS: &str = "clocks/clocks.toml";
const FORMS: &str = "forms/incident.toml";
const MIIT: &str = "incidents/miit.toml";
const CALENDAR: &str = "calendars/cn.toml";
const PENALTIES: &str = "penalties/penalties.toml";
const STEPS: &str = "incidents/steps.toml";

/// The built-in plan with a text put at the end of a file.
fn with(file: &str, more: &str) -> Source {
    let mut source = builtin();
    source.files.get_mut(file).unwrap_or_else(|| panic!("no file {file}")).push_str(more);
    source
}

/// A fault whose message says why.
fn why(source: &Source, code: &str, says: &str) {
    let errors = check(source).expect_err("the change is a fault");
    let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(errors.iter().any(|e| e.code == code && e.message.contains(says)), "no {says:?} in\n{}", text.join("\n"));
}

#[test]
fn criteria_are_measured_in_dimensions_of_their_kind() {
    let c = "[[incident.criterion]]";
    fault(MIIT, "dimension = \"loss-yuan\"", "dimension = \"los-yuan\"", "dangling-id", c, "loss-yuan");
    let numbered = broken(MIIT, "dimension = \"loss-yuan\"", "dimension = \"other\"");
    why(&numbered, "bounds", "answered with words, and the criterion has bounds");
    let worded = broken(MIIT, "dimension = \"other\"", "dimension = \"loss-yuan\"");
    why(&worded, "bounds", "answered with a number, and the criterion is by words");
    let confirmed = broken(MIIT, "dimension = \"other\"", "dimension = \"core-confirmed\"");
    why(&confirmed, "bounds", "no criterion is measured in it");
    let level = broken(MIIT, "dimension = \"other\"", "dimension = \"data-level\"");
    why(&level, "bounds", "the level of the data");
    let two = broken("incidents/gbt20986.toml", "dimension = \"gbt-society\"", "dimension = \"other\"");
    why(&two, "bounds", "a dimension by words belongs to one regime");
    let unasked = broken("incidents/regimes.toml", "kind = \"data-level\"", "kind = \"confirmation\"");
    why(&unasked, "bounds", "no dimension of kind data-level asks for them");
    why(&unasked, "bounds", "already has a dimension of this kind");
}

#[test]
fn levels_belong_to_regimes() {
    why(&broken(MIIT, "regime = \"miit\"", "regime = \"mitt\""), "dangling-id", "no regime mitt");
    fault(STEPS, "regime = \"miit\"", "regime = \"mitt\"", "dangling-id", "[[step]]", "miit");
    fault(STEPS, "levels = [\"I\"]", "levels = [\"V\"]", "dangling-id", "[[step]]", "");
    fault(STEPS, "levels = [\"I\"]", "levels = []", "bounds", "[[step]]", "");
    fault(STEPS, "phase = \"first\"", "phase = \"frist\"", "bad-value", "[[step]]", "did you mean `first`?");
    fault(STEPS, "role = \"duty\"", "role = \"dutty\"", "bad-value", "[[step]]", "did you mean `duty`?");
    fault(MIIT, "started_by = [\"mechanism\"]", "started_by = []", "missing-key", "[[incident]]", "");
    fault(MIIT, "ended_by = [\"mechanism\"]", "ended_by = []", "missing-key", "[[incident]]", "");
    // Who issues a warning, agrees to it or leads a response has words.
    for (from, to) in [
        ("issuer = \"mechanism\"", "issuer = \"mechanisms\""),
        ("approval = \"leading-group\"", "approval = \"leading-groups\""),
        ("led_by = \"mechanism\"", "led_by = \"mechanisms\""),
        ("change_consent = \"mechanism\"", "change_consent = \"mechanisms\""),
    ] {
        fault(MIIT, from, to, "missing-words", "[[incident]]", "words/");
    }
    fault(STEPS, "actor = \"mechanism\"", "actor = \"mechanisms\"", "missing-words", "[[step]]", "words/");
}

#[test]
fn groups_can_be_met() {
    let head = "[[incident.criterion]]\nid = \"other-I\"\n";
    let in_group = |group: &str| {
        let with = format!("[[incident.group]]\n{group}\n[[incident.criterion]]\ngroup = \"g\"\nid = \"other-I\"\n");
        broken(MIIT, head, &with)
    };
    assert!(check(&in_group("id = \"g\"\nneeds = 1")).is_ok());
    why(&in_group("id = \"g\"\nneeds = 2"), "bounds", "needs 2 of 1 members");
    why(&in_group("id = \"g\"\nneeds = 0"), "bounds", "needs 0 of 1 members");
    why(&in_group("id = \"h\"\nneeds = 1"), "dangling-id", "no group of this level g");
    why(
        &in_group("id = \"g\"\nneeds = 1\nrequires = [\"loss-II\"]"),
        "dangling-id",
        "no criterion of this level loss-II",
    );
    let alone = in_group("id = \"g\"\nneeds = 1\nrequires = [\"loss-I\"]");
    why(&alone, "bounds", "g requires it, but it is in no group and so enough alone");
    let twice = in_group("id = \"g\"\nneeds = 1\n[[incident.group]]\nid = \"g\"\nneeds = 1");
    why(&twice, "bounds", "two groups of that id");
}

#[test]
fn clocks_lead_somewhere_and_never_wait_for_themselves() {
    let c = "[[clock]]";
    fault(CLOCKS, "incident = \"miit\"", "incident = \"mitt\"", "dangling-id", c, "miit");
    // The levels are those of the clock's own regime.
    fault(CLOCKS, "levels = [\"I\", \"II\", \"III\"]", "levels = [\"significant\"]", "dangling-id", c, "");
    fault(CLOCKS, "incident = \"miit\"\nactor", "actor", "missing-key", c, "of which regime");
    fault(CLOCKS, "after = \"cac-cii\"", "after = \"cac-ci\"", "dangling-id", c, "cac-cii");
    fault(CLOCKS, "data = [\"important\", \"core\"]", "data = [\"important\", \"cores\"]", "dangling-id", c, "core");
    why(&broken(CLOCKS, "after = \"cac-cii\"", "after = \"cac-cii-onward\""), "bounds", "waits for itself");
    let mut round = broken(CLOCKS, "after = \"cac-central\"", "after = \"cac-other-onward\"");
    let text = round.files.get_mut(CLOCKS).unwrap();
    *text = text.replacen("after = \"cac-other\"", "after = \"cac-central-onward\"", 1);
    why(&round, "bounds", "cac-other-onward: waits for itself");
    let unless = broken(CLOCKS, "unless = [\"cii-operator\"", "unless = [\"enterprise\"");
    why(&unless, "bounds", "is of enterprise unless it is enterprise");
}

#[test]
fn forms_are_filled_from_what_there_is() {
    let f = "[[form]]";
    fault(FORMS, "regime = \"miit\"", "regime = \"mitt\"", "dangling-id", f, "miit");
    fault(FORMS, "meets = [\"self-judged\"", "meets = [\"self-judge\"", "dangling-id", f, "self-judged");
    fault(FORMS, "stages = [\"summary\"]", "stages = [\"sumary\"]", "bad-value", f, "summary");
    fault(FORMS, "sealed_for = [\"I\", \"II\"]", "sealed_for = [\"I\", \"V\"]", "dangling-id", f, "");
    fault(FORMS, "regime = \"miit\"\n", "", "missing-key", f, "of which regime");
    fault(FORMS, "prefill = \"grade.miit\"", "prefill = \"grade.mitt\"", "dangling-id", f, "miit");
    fault(FORMS, "\"answer.loss-yuan\"", "\"answer.loss-yen\"", "dangling-id", f, "loss-yuan");
    fault(FORMS, "\"catalogue.level\"", "\"catalogue.levels\"", "bad-value", f, "catalogue.level");
    fault(FORMS, "\"moment.occurrence\"", "\"moment.occurence\"", "missing-words", f, "words/");
    why(&broken(FORMS, "id = \"contact\"", "id = \"name\""), "bounds", "two fields of that id");
}

#[test]
fn a_calendar_is_one() {
    let c = "[[calendar]]";
    fault(CALENDAR, "zone_rule = \"CST-8\"", "zone_rule = \"Asia/Shanghai\"", "bad-value", c, "CST-8");
    fault(CALENDAR, "rest = [6, 7]", "rest = [0, 6]", "bad-value", c, "");
    fault(CALENDAR, "rest = [6, 7]", "rest = [6, 6]", "bad-value", c, "");
    fault(CALENDAR, "rest = [6, 7]", "rest = [1, 2, 3, 4, 5, 6, 7]", "bad-value", c, "");
    fault(CALENDAR, "\"2024-06-10\"", "\"2024-06-31\"", "bad-value", "[", "");
    fault(CALENDAR, "\"2024-02-10/2024-02-17\"", "\"2024-02-10/2024-12-17\"", "bad-value", "[", "");
    fault(CALENDAR, "year = 2025", "year = 2024", "duplicate-id", "[[calendar.year]]", "");
    why(&broken(CALENDAR, "\"2024-06-10\"", "\"2025-06-10\""), "bounds", "2025-06-10 is of another year");
    why(&broken(CALENDAR, "\"2024-02-04\"", "\"2024-02-12\""), "bounds", "2024-02-12 stands twice");
    // 5 February 2024 is a Monday.
    why(&broken(CALENDAR, "\"2024-02-04\"", "\"2024-02-05\""), "bounds", "2024-02-05 is day 1 of the week");
}

#[test]
fn penalties_are_ranges_and_touch_what_there_is() {
    let p = "[[penalty]]";
    why(&broken(PENALTIES, "from = 50_000\n", "from = 600_000\n"), "bounds", "from 600000 to 500000 is nothing");
    why(&broken(PENALTIES, "person_from = 10_000\n", "person_from = 200_000\n"), "bounds", "for a person");
    why(&broken(PENALTIES, "revenue_per_mille = 50", "revenue_per_mille = 5000"), "bounds", "thousandths");
    fault(PENALTIES, "touches = [\"row:17\"]\n", "", "missing-key", p, "");
    // That nothing touches it has a reason, in both languages.
    fault(PENALTIES, "touches = [\"row:17\"]", "touches = []", "missing-words", p, "");
    for (bad, code, hint) in [
        ("row:26", "dangling-id", ""),
        ("rows:17", "bad-value", "row"),
        ("scenario:ransom-ware", "dangling-id", "ransomware"),
        ("check:ssh-root", "dangling-id", ""),
        ("incidents", "bad-value", "incident"),
        ("incident:mitt", "dangling-id", "miit"),
        ("incident:miit.V", "dangling-id", "miit."),
        ("data:imported", "dangling-id", "important"),
        ("clock:cac-othr", "dangling-id", "cac-other"),
        ("transfer:assesment", "dangling-id", "assessment"),
        ("17", "bad-value", "row:"),
    ] {
        fault(PENALTIES, "\"row:17\"", &format!("\"{bad}\""), code, p, hint);
    }
    for good in ["incident", "incident:miit", "incident:miit.II", "check:ssh-root-login", "transfer:assessment"] {
        assert!(check(&broken(PENALTIES, "\"row:17\"", &format!("\"{good}\""))).is_ok(), "{good}");
    }
}

#[test]
fn a_difference_names_every_kind_of_new_element() {
    let old = check(&builtin()).unwrap();
    for (file, from, to, id) in [
        ("incidents/regimes.toml", "工信部网安〔2024〕214号\"", "214号\"", "regime miit"),
        ("incidents/regimes.toml", "words only, no hours", "words, no hours", "dimension operations"),
        (STEPS, "role = \"direct-responsible\"", "role = \"duty\"", "step start-own-response"),
        (MIIT, "change_consent = \"mechanism\"", "change_consent = \"leading-group\"", "incident miit.I"),
        (PENALTIES, "to = 500_000\n", "to = 400_000\n", "penalty dsl-45"),
        (CALENDAR, "zone = \"Asia/Shanghai\"", "zone = \"Asia/Chongqing\"", "calendar cn"),
        (CALENDAR, "\"2024-10-12\"", "\"2024-10-13\"", "calendar cn.2024"),
        (CLOCKS, "unless = [\"cii-operator\", \"central-unit\"]", "unless = [\"cii-operator\"]", "clock cac-other"),
        (FORMS, "meets = [\"summary\"]", "meets = []", "form annex-3"),
    ] {
        let new = check(&broken(file, from, to)).unwrap_or_else(|e| panic!("{id}: {}", e[0]));
        let changed: Vec<String> = plan::diff(&old, &new).into_iter().map(|c| c.id).collect();
        assert_eq!(changed, [id]);
    }
    let more = "\n[[calendar.year]]\nyear = 2027\noff = [\"2027-01-01\"]\nsource = \"a guess\"\nsure = \"M\"\n";
    let new = check(&with(CALENDAR, more)).unwrap_or_else(|e| panic!("{}", e[0]));
    assert_eq!(plan::diff(&old, &new).into_iter().map(|c| c.id).collect::<Vec<_>>(), ["calendar cn.2027"]);
    assert!(new.unconfirmed().iter().any(|u| u.id == "calendar cn.2027"));
}

#[test]
fn what_is_not_confirmed_of_the_incident_room_is_listed() {
    let open = check(&builtin()).unwrap().unconfirmed();
    for id in [
        "regime cac",
        "regime gbt20986",
        "dimension gbt-loss",
        "criterion gbt-society-I",
        "calendar cn",
        "form cac-first",
    ] {
        assert!(open.iter().any(|u| u.id == id), "{id}");
    }
    // Doubts of figures read in full would only hide the others.
    for id in ["regime miit", "step task-force", "penalty dsl-45", "calendar cn.2026", "form annex-2"] {
        assert!(!open.iter().any(|u| u.id == id), "{id}");
    }
    // One of a kind that is only marked in a plan file shows too.
    for (file, kind) in [(STEPS, "step "), (PENALTIES, "penalty ")] {
        let source = broken(file, "sure = \"F\"", "sure = \"M\"");
        assert!(check(&source).unwrap().unconfirmed().iter().any(|u| u.id.starts_with(kind)), "{kind}");
    }
}

/// The engine knows no moment and no actor by name: the plan says how each comes, and one that does not is refused.
#[test]
fn what_the_engine_has_to_know_the_plan_says() {
    let regimes = "incidents/regimes.toml";
    let moment = |id: &str, comes: &str| format!("[[moment]]\nid = \"{id}\"\ncomes = \"{comes}\"\n");
    // A clock that begins at a moment that nothing brings would wait for ever.
    fault(CLOCKS, "starts = \"end\"", "starts = \"ende\"", "dangling-id", "[[clock]]", "did you mean `end`?");
    why(&broken(regimes, &moment("end", "ended"), ""), "dangling-id", "no moment end");
    fault(
        FORMS,
        "prefill = \"moment.occurrence\"",
        "prefill = \"moment.ocurrence\"",
        "dangling-id",
        "[[form]]",
        "occurrence",
    );
    fault(regimes, "comes = \"ended\"", "comes = \"end\"", "bad-value", "", "ended");
    why(&broken(regimes, "comes = \"opened\"", "comes = \"said\""), "bounds", "no clock would begin by itself");
    why(&with(regimes, &moment("end", "ended")), "bounds", "is declared twice");
    why(&with(regimes, &moment("more", "said")), "missing-words", "moment.more.name");
    fault("plan.toml", "own_actor = \"enterprise\"", "own_actor = \"entreprise\"", "dangling-id", "", "enterprise");
    fault("plan.toml", "own_branch = \"industrial\"", "own_branch = \"idustrial\"", "dangling-id", "", "industrial");
    fault("plan.toml", "own_actor = \"enterprise\"\n", "", "missing-key", "", "an actor of a clock of incidents");
}

/// A plan of before that a record cites is read as the engine did then, and is no plan to begin with.
#[test]
fn a_plan_of_before_is_read_for_its_records_alone() {
    let mut old = builtin();
    for (file, begin) in [("incidents/regimes.toml", "[[moment]]"), ("plan.toml", "own_")] {
        let text = old.files.get_mut(file).unwrap();
        let keeps = |block: &&str| !block.starts_with(begin) && !block.starts_with("# How the moments");
        let (blocks, join) = if begin == "own_" { (text.split("\n"), "\n") } else { (text.split("\n\n"), "\n\n") };
        *text = blocks.filter(keeps).collect::<Vec<_>>().join(join);
    }
    let regimes = old.files.get_mut("incidents/regimes.toml").unwrap();
    assert!(!regimes.contains("moment"), "{regimes}");
    why(&old, "missing-key", "[[moment]]");
    why(&old, "missing-key", "own_actor");
    let (old, new) = (plan::check_kept(&old).unwrap_or_else(|e| panic!("{}", e[0])), check(&builtin()).unwrap());
    assert_eq!((old.own_actor(), old.own_branch()), (Some("enterprise"), Some("industrial")));
    for m in new.moments() {
        assert_eq!(old.comes(&m.id), m.comes, "{}", m.id);
    }
    // What a plan says is never replaced.
    let mut said = builtin();
    let text = said.files.get_mut("incidents/regimes.toml").unwrap();
    *text = text.replace("id = \"end\"\ncomes = \"ended\"", "id = \"end\"\ncomes = \"said\"");
    assert_eq!(plan::check_kept(&said).unwrap().comes("end"), plan::Comes::Said);
}

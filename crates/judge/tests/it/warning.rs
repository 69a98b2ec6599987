//! Warnings: who may issue which colour, what a change and a lift need, what another node may say, whom it concerns. The expected values are those of
//! 工信部网安〔2024〕214号.

use crate::fixture::{PLAN, sign_record, t};
use evidence::{
    Authenticated, Author, Consent, FieldValue, NodeId, Origin, Record, Time, WarningEntry, WarningMove, WarningText,
};
use judge::{Concern, Here, WarningState, WarningView, warning_faults, warning_view};
use proof::Witness;
use std::collections::BTreeMap;

const ID: &str = "w-00000001";
/// Colour, level, issuer, approval.
const RULES: [(&str, &str, &str, Option<&str>); 4] = [
    ("red", "I", "mechanism", Some("leading-group")),
    ("orange", "II", "mechanism", Some("leading-group")),
    ("yellow", "III", "local-regulator", None),
    ("blue", "IV", "local-regulator", None),
];

fn at(minute: i64) -> Time {
    t("2026-11-20").plus_minutes(minute).unwrap()
}
fn node(name: &str) -> NodeId {
    NodeId::from(name)
}
fn consent(actor: &str, when: Time) -> Consent {
    Consent { actor: actor.to_owned(), person: "Zhao".to_owned(), at: when, document: None }
}

/// A whole text at a level, with the approval of the leading group where it is needed.
fn text(level: &str, issuer: &str) -> WarningText {
    let words = ["scope-and-harm", "matters", "precautions", "time-limit", "distribution", "issuer"];
    let mut fields: BTreeMap<String, FieldValue> =
        words.iter().map(|w| ((*w).to_owned(), FieldValue::Text { text: "as said".to_owned() })).collect();
    fields.insert("level".to_owned(), FieldValue::Choice { choice: level.to_owned() });
    fields.insert("start".to_owned(), FieldValue::Minute { at: at(0) });
    WarningText {
        regime: "miit".to_owned(),
        level: level.to_owned(),
        issuer: issuer.to_owned(),
        approval: ["I", "II"].contains(&level).then(|| consent("leading-group", at(-5))),
        areas: Vec::new(),
        sectors: Vec::new(),
        start: at(0),
        fields,
    }
}

fn entry(by: &str, minute: i64, what: WarningMove) -> WarningEntry {
    let author = Author { name: "wang".to_owned(), authenticated: Authenticated::TypedName };
    let (warning, origin) = (ID.to_owned(), Origin::Live);
    WarningEntry { node: node(by), author, stated_at: at(minute), warning, origin, what }
}
fn signed(e: &WarningEntry) -> Witness {
    sign_record(&Record::Warning(Box::new(e.clone())))
}
/// What a node says, as another node received it.
fn received(by: &str, minute: i64, of: &WarningEntry) -> WarningEntry {
    passed_on(by, minute, of, &signed(of))
}
/// The same of one signed statement: each signing gives another leaf.
fn passed_on(by: &str, minute: i64, of: &WarningEntry, statement: &Witness) -> WarningEntry {
    let what = WarningMove::Received {
        from: of.node.clone(),
        statement: statement.record.leaf(),
        stated_at: of.stated_at,
        known_as: known_as(&of.what).to_owned(),
        what: Box::new(of.what.clone()),
    };
    WarningEntry { origin: of.origin, ..entry(by, minute, what) }
}
/// The issuer whose name a text bears: the receiver knows the node as that.
fn known_as(what: &WarningMove) -> &str {
    match what {
        WarningMove::Issued(t) | WarningMove::Changed(t) => &t.issuer,
        _ => "",
    }
}
fn lift(by: &str, minute: i64) -> WarningEntry {
    entry(by, minute, WarningMove::Lifted { reason: "closed".to_owned(), approval: None })
}

struct Reader {
    node: NodeId,
    actors: Vec<String>,
    areas: Vec<String>,
    sectors: Vec<String>,
}
fn reader(name: &str, actors: &[&str], areas: &[&str], sectors: &[&str]) -> Reader {
    let texts = |all: &[&str]| all.iter().map(|a| (*a).to_owned()).collect();
    Reader { node: node(name), actors: texts(actors), areas: texts(areas), sectors: texts(sectors) }
}
fn view<'a>(records: &'a [Witness], r: &Reader, as_of: Time) -> Option<WarningView<'a>> {
    let here = Here { node: &r.node, actors: &r.actors, areas: &r.areas, sectors: &r.sectors };
    warning_view(&PLAN, records, ID, as_of, here)
}
fn keys(v: &WarningView<'_>) -> Vec<String> {
    v.doubts.iter().map(|d| d.say.key.clone()).collect()
}
fn faults(before: Option<&WarningText>, text: &WarningText) -> Vec<String> {
    warning_faults(&PLAN, before, text, at(0)).into_iter().map(|s| s.key).collect()
}

#[test]
fn who_may_issue_which_colour() {
    for (colour, level, issuer, approval) in RULES {
        let of_plan = PLAN.incident_levels().iter().find(|l| l.regime == "miit" && l.id == level).unwrap();
        assert_eq!(of_plan.colour, colour);
        for by in ["mechanism", "local-regulator", "enterprise", "support-body", "leading-group"] {
            for agreed in [None, Some("leading-group"), Some("mechanism")] {
                let text = WarningText { approval: agreed.map(|a| consent(a, at(-1))), ..text(level, by) };
                let mut want = Vec::new();
                if by != issuer {
                    want.push("doubt.warning-issuer");
                }
                if approval.is_some() && agreed != approval {
                    want.push("doubt.warning-approval");
                }
                assert_eq!(faults(None, &text), want, "{colour} by {by}, agreed by {agreed:?}");
            }
        }
    }
    let cac = WarningText { regime: "cac".to_owned(), ..text("I", "mechanism") };
    assert_eq!(faults(None, &cac), ["doubt.warning-level"], "the other regime has no warnings");
}

#[test]
fn an_approval_comes_first_and_names_a_person() {
    let late = WarningText { approval: Some(consent("leading-group", at(1))), ..text("I", "mechanism") };
    assert_eq!(faults(None, &late), ["doubt.warning-approval-late"]);
    let nobody = Consent { person: " ".to_owned(), ..consent("leading-group", at(-1)) };
    let nobody = WarningText { approval: Some(nobody), ..text("I", "mechanism") };
    assert_eq!(faults(None, &nobody), ["doubt.warning-approval"]);
}

#[test]
fn every_content_that_the_text_demands_is_missed_by_name() {
    for field in ["level", "start", "scope-and-harm", "matters", "precautions", "time-limit", "distribution", "issuer"]
    {
        let mut text = text("III", "local-regulator");
        text.fields.remove(field);
        let found = warning_faults(&PLAN, None, &text, at(0));
        assert_eq!(found.len(), 1, "{field}");
        assert_eq!((found[0].key.as_str(), found[0].with["fields"].as_str()), ("doubt.warning-missing", field));
    }
}

#[test]
fn an_issuer_lowers_its_own_warning_and_raises_it_only_to_its_own_colours() {
    let yellow = text("III", "local-regulator");
    assert_eq!(faults(Some(&yellow), &text("IV", "local-regulator")), [""; 0]);
    assert_eq!(faults(Some(&text("IV", "local-regulator")), &yellow), [""; 0]);
    assert_eq!(faults(Some(&yellow), &text("II", "local-regulator")), ["doubt.warning-issuer"]);
    assert_eq!(faults(Some(&yellow), &text("II", "mechanism")), [""; 0]);
    let orange = text("II", "mechanism");
    assert_eq!(faults(Some(&orange), &text("III", "mechanism")), [""; 0], "the issuer may change the level");
    let unapproved = WarningText { approval: None, ..text("I", "mechanism") };
    assert_eq!(faults(Some(&orange), &unapproved), ["doubt.warning-approval"]);
    assert_eq!(faults(Some(&orange), &text("III", "enterprise")), ["doubt.warning-issuer"]);
}

#[test]
fn changes_and_lifts_count_in_order_and_nothing_counts_after_a_lift() {
    let (prov, own) = ("prov", reader("prov", &["local-regulator"], &[], &[]));
    let entries = [
        entry(prov, 0, WarningMove::Issued(text("III", "local-regulator"))),
        entry(prov, 10, WarningMove::Changed(text("IV", "local-regulator"))),
        lift(prov, 20),
        entry(prov, 30, WarningMove::Changed(text("III", "local-regulator"))),
    ];
    let records: Vec<Witness> = entries.iter().map(signed).collect();
    assert!(view(&records, &own, at(-1)).is_none(), "not issued yet");
    let then = |minute| {
        let v = view(&records, &own, at(minute)).unwrap();
        (v.text.level.clone(), v.state, v.version)
    };
    assert_eq!(then(5), ("III".to_owned(), WarningState::InForce, 1));
    assert_eq!(then(15), ("IV".to_owned(), WarningState::InForce, 2));
    assert_eq!(then(25), ("IV".to_owned(), WarningState::Lifted, 2));
    assert_eq!(then(35), ("IV".to_owned(), WarningState::Lifted, 2));
    let last = view(&records, &own, at(35)).unwrap();
    assert_eq!(keys(&last), ["doubt.warning-after-lift"]);
    let mut turned = records.clone();
    turned.reverse();
    let again = view(&turned, &own, at(35)).unwrap();
    assert_eq!(
        (again.last.leaf, keys(&again)),
        (last.last.leaf, keys(&last)),
        "the order of the records does not matter"
    );
    assert_eq!(keys(&view(&records, &own, at(5)).unwrap()).len(), 3, "later entries are doubted, not read");
}

#[test]
fn a_warning_that_begins_later_is_announced() {
    let own = reader("prov", &["local-regulator"], &[], &[]);
    let later = WarningText { start: at(60), ..text("IV", "local-regulator") };
    let records = [signed(&entry("prov", 0, WarningMove::Issued(later)))];
    assert_eq!(view(&records, &own, at(59)).unwrap().state, WarningState::Announced);
    assert_eq!(view(&records, &own, at(60)).unwrap().state, WarningState::InForce);
}

#[test]
fn what_comes_late_never_replaces_what_is_newer() {
    let plant = reader("plant", &["enterprise"], &[], &[]);
    let issued = entry("prov", 0, WarningMove::Issued(text("IV", "local-regulator")));
    let first = entry("prov", 10, WarningMove::Changed(text("III", "local-regulator")));
    let second = entry("prov", 20, WarningMove::Changed(text("IV", "local-regulator")));
    // The file with the first change comes after the one with the second.
    let statements = [&issued, &first, &second].map(signed);
    let came = |minute, e: &WarningEntry, n: usize| signed(&passed_on("plant", minute, e, &statements[n]));
    let records = [came(30, &issued, 0), came(30, &second, 2), came(40, &first, 1), came(41, &second, 2)];
    let v = view(&records, &plant, at(50)).unwrap();
    assert_eq!((v.text.level.as_str(), v.version, v.entries.len()), ("IV", 3, 3));
    assert_eq!(v.since, at(20));
    assert_eq!(keys(&v), ["doubt.warning-received"]);
    assert_eq!(v.doubts[0].say.with["count"], "3");
    // With the statements at hand nothing rests on this node's word.
    let with: Vec<Witness> = records.iter().chain(&statements).cloned().collect();
    let v = view(&with, &plant, at(50)).unwrap();
    assert_eq!((keys(&v).len(), v.entries.len()), (0, 3));
}

#[test]
fn only_the_node_that_issued_changes_or_lifts() {
    let plant = reader("plant", &["enterprise"], &[], &[]);
    let issued = entry("prov", 0, WarningMove::Issued(text("IV", "local-regulator")));
    let records = [
        signed(&received("plant", 5, &issued)),
        signed(&received("plant", 8, &entry("stranger", 7, WarningMove::Changed(text("III", "local-regulator"))))),
        signed(&received("plant", 9, &entry("stranger", 6, WarningMove::Issued(text("III", "local-regulator"))))),
        signed(&lift("plant", 9)),
    ];
    let v = view(&records, &plant, at(50)).unwrap();
    assert_eq!((v.text.level.as_str(), v.state, v.node.as_str()), ("IV", WarningState::InForce, "prov"));
    let doubts = keys(&v);
    assert_eq!(doubts.iter().filter(|k| *k == "doubt.warning-other-node").count(), 2, "{doubts:?}");
    assert!(doubts.contains(&"doubt.warning-twice".to_owned()));
}

#[test]
fn a_clock_that_runs_ahead_elsewhere_is_doubted_and_what_was_received_twice_over_is_not_read() {
    let plant = reader("plant", &["enterprise"], &[], &[]);
    let ahead = entry("prov", 90, WarningMove::Issued(text("IV", "local-regulator")));
    let nested = received("province", 6, &lift("prov", 5));
    let records = [signed(&received("plant", 10, &ahead)), signed(&received("plant", 11, &nested))];
    let v = view(&records, &plant, at(20)).unwrap();
    assert_eq!((v.state, v.issued_at), (WarningState::InForce, at(90)));
    assert_eq!(keys(&v), ["doubt.warning-ahead", "doubt.warning-nested", "doubt.warning-received"]);
}

#[test]
fn a_drill_and_the_real_world_are_not_mixed() {
    let own = reader("prov", &["local-regulator"], &[], &[]);
    let drill = |e: WarningEntry| WarningEntry { origin: Origin::Drill, ..e };
    let records = [
        signed(&entry("prov", 0, WarningMove::Issued(text("IV", "local-regulator")))),
        signed(&drill(lift("prov", 5))),
    ];
    let v = view(&records, &own, at(50)).unwrap();
    assert_eq!(
        (v.state, v.origin, keys(&v)),
        (WarningState::InForce, Origin::Live, vec!["doubt.warning-origin".to_owned()])
    );
}

#[test]
fn an_issuer_that_the_node_is_not_and_a_typed_name_are_doubted() {
    let records = [signed(&entry("prov", 0, WarningMove::Issued(text("II", "mechanism"))))];
    let v = view(&records, &reader("prov", &["local-regulator"], &[], &[]), at(1)).unwrap();
    assert_eq!(keys(&v), ["doubt.warning-not-ours", "doubt.warning-typed-approval"]);
    let v = view(&records, &reader("prov", &["mechanism"], &[], &[]), at(1)).unwrap();
    assert_eq!(keys(&v), ["doubt.warning-typed-approval"]);
    // Another node cannot tell what that one is.
    let v = view(&records, &reader("plant", &["enterprise"], &[], &[]), at(1)).unwrap();
    assert_eq!(keys(&v), ["doubt.warning-typed-approval"]);
}

#[test]
fn areas_contain_each_other_and_silence_is_not_a_no() {
    let concern = |areas: &[&str], sectors: &[&str], r: &Reader| {
        let texts = |all: &[&str]| all.iter().map(|a| (*a).to_owned()).collect();
        let text = WarningText { areas: texts(areas), sectors: texts(sectors), ..text("IV", "local-regulator") };
        view(&[signed(&entry("prov", 0, WarningMove::Issued(text)))], r, at(1)).unwrap().concern()
    };
    let table: [(&[&str], &[&str], Concern); 12] = [
        (&[], &[], Concern::Yes),
        (&["32"], &["3205"], Concern::Yes),
        (&["3205"], &["32"], Concern::Yes),
        (&["3205"], &["3201"], Concern::No),
        (&["32", "31"], &["310115"], Concern::Yes),
        (&["32"], &[], Concern::Unknown),
        (&["65-XPCC"], &["65-XPCC"], Concern::Yes),
        (&["65-XPCC"], &["659001"], Concern::Yes),
        (&["65"], &["65-XPCC"], Concern::Yes),
        (&["65-XPCC"], &["6501"], Concern::No),
        (&["3702"], &["37"], Concern::Yes),
        (&["33"], &["32"], Concern::No),
    ];
    for (of, here, want) in table {
        assert_eq!(concern(of, &[], &reader("plant", &[], here, &[])), want, "{of:?} at {here:?}");
    }
    let sectors: [(&[&str], &[&str], Concern); 6] = [
        (&["C26"], &["C2611"], Concern::Yes),
        (&["C26"], &["C27"], Concern::No),
        (&["steel"], &["Steel"], Concern::Yes),
        (&["steel"], &["steelmaking"], Concern::No),
        (&["steel"], &[], Concern::Unknown),
        (&[], &["steel"], Concern::Yes),
    ];
    for (of, here, want) in sectors {
        assert_eq!(concern(&[], of, &reader("plant", &[], &[], here)), want, "{of:?} at {here:?}");
    }
    let elsewhere = reader("plant", &[], &["33"], &[]);
    assert_eq!(concern(&["32"], &["steel"], &elsewhere), Concern::No, "one no is enough");
    let silent = reader("plant", &[], &["32"], &[]);
    assert_eq!(concern(&["32"], &["steel"], &silent), Concern::Unknown);
}

#[test]
fn each_colour_brings_its_duties_and_each_node_ticks_its_own() {
    let plant = reader("plant", &["enterprise"], &[], &[]);
    let all = |level: &str, issuer: &str, r: &Reader| {
        let records = [signed(&entry("prov", 0, WarningMove::Issued(text(level, issuer))))];
        let v = view(&records, r, at(1)).unwrap();
        v.duties.iter().filter(|d| d.ours).map(|d| d.duty.clone()).collect::<Vec<_>>()
    };
    let basic = ["collect-and-report", "more-monitoring"];
    let strengthened = ["collect-and-report", "more-monitoring", "strengthened-duty"];
    assert_eq!(all("IV", "local-regulator", &plant), basic);
    assert_eq!(all("III", "local-regulator", &plant), basic);
    assert_eq!(all("II", "mechanism", &plant), strengthened);
    assert_eq!(all("I", "mechanism", &plant), strengthened);
    let ministry = reader("ministry", &["mechanism"], &[], &[]);
    assert_eq!(all("II", "mechanism", &ministry), ["action-plan"]);
    assert_eq!(
        all("I", "mechanism", &ministry),
        ["action-plan", "copy-to-national-office"],
        "only red goes to the national office"
    );

    let duty =
        |done: bool, note: &str| WarningMove::Duty { duty: "more-monitoring".to_owned(), done, note: note.to_owned() };
    let issued = entry("prov", 0, WarningMove::Issued(text("III", "local-regulator")));
    let noted = WarningMove::Acknowledged { by: "Li".to_owned(), note: String::new() };
    let records = [
        signed(&received("plant", 1, &issued)),
        signed(&entry("plant", 2, duty(false, "no staff"))),
        signed(&entry("plant", 3, duty(true, "done after all"))),
        signed(&received("plant", 4, &entry("other", 2, duty(false, "not ours")))),
        signed(&entry("plant", 5, noted.clone())),
        signed(&received("plant", 7, &entry("other", 6, noted))),
    ];
    let v = view(&records, &plant, at(9)).unwrap();
    let taken = v.duties.iter().find(|d| d.duty == "more-monitoring").unwrap().taken.unwrap();
    assert_eq!((taken.done, taken.note), (true, "done after all"));
    assert!(v.duties.iter().find(|d| d.duty == "collect-and-report").unwrap().taken.is_none());
    assert_eq!(v.elsewhere.iter().map(|x| (x.node.as_str(), x.done)).collect::<Vec<_>>(), [("other", false)]);
    let noted: Vec<_> = v.acknowledged.iter().map(|a| (a.node.as_str(), a.by, a.at)).collect();
    assert_eq!(noted, [("plant", "Li", at(5)), ("other", "Li", at(6))]);
}

/// A key says which node signed. Whether that node is the ministry's mechanism only the receiver can say.
#[test]
fn a_warning_of_a_node_that_nobody_knows_as_its_issuer_is_doubted_aloud() {
    let issued = entry("somebody", 0, WarningMove::Issued(text("I", "mechanism")));
    let here = reader("plant", &["enterprise"], &[], &[]);
    for (said, doubted) in [("mechanism", false), ("", true), ("local-regulator", true)] {
        let mut taken = received("plant", 1, &issued);
        if let WarningMove::Received { known_as, .. } = &mut taken.what {
            *known_as = said.to_owned();
        }
        let records = [signed(&taken)];
        let v = view(&records, &here, at(2)).unwrap();
        assert_eq!(keys(&v).contains(&"doubt.warning-issuer-unknown".to_owned()), doubted, "{said}");
        assert_eq!(v.knows_issuer(), !doubted);
    }
}

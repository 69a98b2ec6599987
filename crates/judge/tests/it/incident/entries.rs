//! Entries: their order, their origin, what they take off the page; the response.

use super::*;
use evidence::{ClockState, Consent, Response};

#[test]
fn the_same_entries_give_the_same_bytes_in_any_order_and_later_ones_are_not_read() {
    let i = grave("2026-03-02T00:00:00.000Z").told("cac-other", "phone", at("2026-03-02T01:00:00.000Z"));
    let as_of = at("2026-03-02T02:00:00.000Z");
    let mut witnesses = i.witnesses();
    let judged = judge::incident(&PLAN, &witnesses, "i-00000001", as_of).unwrap();
    witnesses.reverse();
    witnesses.extend(witnesses.clone());
    assert_eq!(judge::incident(&PLAN, &witnesses, "i-00000001", as_of).unwrap(), judged);
    // Read again as of an earlier instant, what was said later is not there, and that is said.
    let earlier = judge::incident(&PLAN, &witnesses, "i-00000001", at("2026-03-02T00:00:00.002Z")).unwrap();
    assert!(earlier.clocks.iter().all(|c| c.met.is_none()), "the call was not made yet");
    // What was not read is cited too, so that the same bytes follow from what is cited.
    assert_eq!(earlier.cites, judged.cites);
    assert!(earlier.doubts.iter().any(|d| d.say.key == "doubt.after-as-of"));
    assert!(judge::incident(&PLAN, &witnesses, "i-00000001", at("2026-03-01T00:00:00.000Z")).is_none());
}

#[test]
fn an_entry_of_a_drill_is_never_read_into_a_real_incident() {
    let mut i = grave("2026-03-02T00:00:00.000Z");
    i = i.with(Happening::Moment(Moment {
        moment: "end".to_owned(),
        at: at("2026-03-02T01:00:00.000Z"),
        note: String::new(),
    }));
    i.entries.last_mut().unwrap().origin = Origin::Drill;
    let j = i.judged(&PLAN, at("2026-03-03T00:00:00.000Z"));
    assert_eq!(j.clocks.iter().find(|c| c.clock == "summary").unwrap().state, ClockState::Waiting);
    assert!(j.doubts.iter().any(|d| d.say.key == "doubt.incident-origin"));
}

#[test]
fn what_takes_a_late_clock_off_the_page_leaves_a_doubt() {
    let people = |n: &str| [("people-personal".to_owned(), n.to_owned())].into();
    let late = Incident::opened(&["enterprise"], &["industrial"], at("2026-03-02T00:00:00.000Z"))
        .moment("discovery", at("2026-03-02T00:00:00.000Z"))
        .set(&PLAN, &people("1000000"));
    let as_of = at("2026-03-03T00:00:00.000Z");
    assert_eq!(late.clock(&PLAN, "cac-other", as_of).state, ClockState::Late);
    let doubts = |i: &Incident| i.judged(&PLAN, as_of).doubts.iter().map(|d| d.say.key.clone()).collect::<Vec<_>>();
    let fell = late.clone().set(&PLAN, &people("5"));
    assert!(doubts(&fell).contains(&"doubt.level-fell".to_owned()), "{:?}", doubts(&fell));
    let restated = late.moment("discovery", at("2026-03-02T22:00:00.000Z"));
    assert!(doubts(&restated).contains(&"doubt.moment-restated".to_owned()), "{:?}", doubts(&restated));
}

#[test]
fn a_response_is_started_changed_and_ended_by_whom_the_plan_names() {
    let response = |level: Option<&str>, by: &str, consents: &[&str]| {
        let consent = |a: &&str| Consent {
            actor: (*a).to_owned(),
            person: "zhao".to_owned(),
            at: at("2026-03-02T00:00:00.000Z"),
            document: None,
        };
        Happening::Response(Response {
            regime: "miit".to_owned(),
            level: level.map(str::to_owned),
            at: at("2026-03-02T00:00:00.000Z"),
            by: by.to_owned(),
            consents: consents.iter().map(consent).collect(),
            note: String::new(),
        })
    };
    let doubts = |steps: Vec<Happening>| -> Vec<String> {
        let i = steps.into_iter().fold(grave("2026-03-02T00:00:00.000Z"), Incident::with);
        let j = i.judged(&PLAN, at("2026-03-03T00:00:00.000Z"));
        j.doubts.iter().map(|d| d.say.key.clone()).filter(|k| k.starts_with("doubt.response")).collect()
    };
    assert_eq!(doubts(vec![response(Some("IV"), "enterprise", &[])]), Vec::<String>::new());
    assert_eq!(doubts(vec![response(Some("II"), "enterprise", &[])]), ["doubt.response-start"]);
    // From III to II touches II: the mechanism must consent.
    let third = response(Some("III"), "local-regulator", &[]);
    let raised = |consents: &[&str]| response(Some("II"), "local-regulator", consents);
    assert_eq!(doubts(vec![third.clone(), raised(&[])]), ["doubt.response-consent"]);
    assert_eq!(doubts(vec![third.clone(), raised(&["mechanism"])]), Vec::<String>::new());
    assert_eq!(doubts(vec![third.clone(), response(None, "enterprise", &[])]), ["doubt.response-end"]);
    assert_eq!(doubts(vec![third, response(None, "local-regulator", &[])]), Vec::<String>::new());
}

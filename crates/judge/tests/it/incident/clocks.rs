//! Clocks by hand-counted dates, and two regimes that disagree.

use super::*;
use evidence::ClockState;

/// Instants by hand from the calendars of the State Council: 工作日 from the day after, to 24:00 in UTC+8.
#[test]
fn working_days_pass_holidays_make_up_days_and_the_end_of_the_year() {
    let due = |ended: &str| {
        let i = grave("2024-01-02T00:00:00.000Z").moment("end", at(ended));
        i.clock(&PLAN, "summary", at(ended)).due.unwrap().to_string()
    };
    // Tuesday 29 September 2026, 10:00: 30th, 8th, 9th, make-up Saturday 10th, Monday 12th of October.
    assert_eq!(due("2026-09-29T02:00:00.000Z"), "2026-10-12T16:00:00.000Z");
    // Friday 13 February 2026: make-up Saturday 14th, then the 24th to the 27th after the Spring Festival.
    assert_eq!(due("2026-02-13T02:00:00.000Z"), "2026-02-27T16:00:00.000Z");
    // Tuesday 30 December 2025: 31st, make-up Sunday 4 January, 5th, 6th, 7th.
    assert_eq!(due("2025-12-30T02:00:00.000Z"), "2026-01-07T16:00:00.000Z");
    // 23:59 and 00:01 of Beijing are two days: Wednesday the 4th and Thursday the 5th of March 2026.
    assert_eq!(due("2026-03-04T15:59:00.000Z"), "2026-03-11T16:00:00.000Z");
    assert_eq!(due("2026-03-04T16:01:00.000Z"), "2026-03-12T16:00:00.000Z");
    // 2027 is not announced: days of the week, and a doubt.
    let i = grave("2026-01-02T00:00:00.000Z").moment("end", at("2026-12-29T02:00:00.000Z"));
    let j = i.judged(&PLAN, at("2026-12-29T03:00:00.000Z"));
    let summary = j.clocks.iter().find(|c| c.clock == "summary").unwrap();
    assert_eq!(summary.due.unwrap().to_string(), "2027-01-05T16:00:00.000Z");
    let doubted = |key: &str| j.doubts.iter().any(|d| d.say.key == key && d.say.with["year"] == "2027");
    assert!(doubted("doubt.calendar-year"), "{:?}", j.doubts);
}

#[test]
fn months_days_and_summer_time_of_another_zone() {
    let entity: BTreeMap<String, String> = [("nis2-entity".to_owned(), "significant".to_owned())].into();
    let known = |aware: &str| {
        let first = Incident::opened(&["enterprise"], &[], at(aware));
        first.moment("awareness", at(aware)).set(&NIS2, &entity)
    };
    let hours = known("2026-10-24T22:30:00.000Z");
    // Twenty-four hours are twenty-four hours, although the clocks go back in that night.
    let due = hours.clock(&NIS2, "nis2-early-warning", at("2026-10-24T23:00:00.000Z")).due.unwrap();
    assert_eq!(due.to_string(), "2026-10-25T22:30:00.000Z");
    let last = |notified: &str| {
        let i = known("2026-01-01T00:00:00.000Z").told("nis2-notification", "written", at(notified));
        i.clock(&NIS2, "nis2-final", at("2029-01-01T00:00:00.000Z")).due.unwrap().to_string()
    };
    // One month after the notification, to 24:00 of Brussels: +1 in winter, +2 in summer.
    assert_eq!(last("2026-02-28T12:00:00.000Z"), "2026-03-28T23:00:00.000Z");
    assert_eq!(last("2026-03-15T12:00:00.000Z"), "2026-04-15T22:00:00.000Z");
    // A month without that day ends with its last; 2028 is a leap year.
    assert_eq!(last("2026-01-31T12:00:00.000Z"), "2026-02-28T23:00:00.000Z");
    assert_eq!(last("2028-01-31T12:00:00.000Z"), "2028-02-29T23:00:00.000Z");
}

#[test]
fn a_clock_runs_warns_is_due_and_is_late_a_millisecond_after_its_end() {
    // Most plants: the provincial cyberspace administration within four hours of discovery.
    let i = grave("2026-03-02T00:00:00.000Z");
    let state = |time: &str| i.clock(&PLAN, "cac-other", at(time)).state;
    assert_eq!(state("2026-03-02T01:59:59.999Z"), ClockState::Running);
    assert_eq!(state("2026-03-02T02:00:00.000Z"), ClockState::Warned);
    assert_eq!(state("2026-03-02T03:12:00.000Z"), ClockState::Due);
    assert_eq!(state("2026-03-02T04:00:00.000Z"), ClockState::Due);
    assert_eq!(state("2026-03-02T04:00:00.001Z"), ClockState::Late);
    let next = i.clock(&PLAN, "cac-other", at("2026-03-02T00:00:01.000Z")).next;
    assert_eq!(next, Some(at("2026-03-02T02:00:00.000Z")));
    // Told at the last instant is in time; a second later is late and stays so.
    let told = |time: &str| {
        let i = i.clone().told("cac-other", "phone", at(time));
        i.clock(&PLAN, "cac-other", at("2026-03-05T00:00:00.000Z"))
    };
    assert_eq!(told("2026-03-02T04:00:00.000Z").state, ClockState::Met);
    assert_eq!(told("2026-03-02T04:00:01.000Z").state, ClockState::MetLate);
    // The regulator's own clock begins when it is told.
    let onward = i.clone().told("cac-other", "phone", at("2026-03-02T03:00:00.000Z"));
    let onward = onward.clock(&PLAN, "cac-other-onward", at("2026-03-02T03:00:00.001Z"));
    assert_eq!((onward.ours, onward.due), (false, Some(at("2026-03-02T04:00:00.000Z"))));
}

#[test]
fn what_is_owed_at_once_is_never_late_because_the_text_gives_no_figure() {
    let i = grave("2026-03-02T00:00:00.000Z").moment("judgement", at("2026-03-02T00:20:00.000Z"));
    let c = i.clock(&PLAN, "self-judged", at("2026-03-20T00:00:00.000Z"));
    assert_eq!((c.state, c.due), (ClockState::Due, None));
    // A call before the judgement was written down counts: the earlier the better.
    let i = i.told("self-judged", "phone", at("2026-03-02T00:05:00.000Z"));
    assert_eq!(i.clock(&PLAN, "self-judged", at("2026-03-20T00:00:00.000Z")).state, ClockState::Met);
}

#[test]
fn the_ten_minutes_are_the_regulators_and_must_be_a_call() {
    let cases = cases();
    let mut set = cases.base["quiet-industrial"].set.clone();
    set.insert("people-sensitive".to_owned(), "1000000".to_owned());
    let regulator = Incident::opened(&["local-regulator"], &["industrial"], at("2026-03-02T00:00:00.000Z"))
        .moment("discovery", at("2026-03-02T00:00:00.000Z"))
        .set(&PLAN, &set);
    let phone = regulator.clock(&PLAN, "regulator-phone", at("2026-03-02T00:01:00.000Z"));
    assert_eq!((phone.ours, phone.due), (true, Some(at("2026-03-02T00:10:00.000Z"))));
    let wrong = regulator.clone().told("regulator-phone", "written", at("2026-03-02T00:05:00.000Z"));
    let j = wrong.judged(&PLAN, at("2026-03-02T00:11:00.000Z"));
    assert_eq!(j.clocks.iter().find(|c| c.clock == "regulator-phone").unwrap().state, ClockState::Late);
    assert!(j.doubts.iter().any(|d| d.say.key == "doubt.report-channel"), "{:?}", j.doubts);
    // Of a plant it is somebody else's duty.
    assert!(!grave("2026-03-02T00:00:00.000Z").clock(&PLAN, "regulator-phone", at("2026-03-02T00:01:00.000Z")).ours);
    // An operator of critical infrastructure has an hour, and the four hours of others are not its own.
    let cii = Incident::opened(&["enterprise", "cii-operator"], &["industrial", "cii"], at("2026-03-02T00:00:00.000Z"))
        .moment("discovery", at("2026-03-02T00:00:00.000Z"))
        .set(&PLAN, &set);
    let j = cii.judged(&PLAN, at("2026-03-02T00:30:00.000Z"));
    let due = |id: &str| j.clocks.iter().find(|c| c.clock == id).and_then(|c| c.due);
    assert_eq!(due("cac-cii"), Some(at("2026-03-02T01:00:00.000Z")));
    assert!(j.clocks.iter().all(|c| c.clock != "cac-other"));
}

#[test]
fn two_regimes_disagree_about_one_incident() {
    let cases = cases();
    let mut set = cases.base["quiet-industrial"].set.clone();
    // Thirty million yuan: IV for the industry ministry (below 50 million), II for the cyberspace administration's draft (from 20 million).
    set.insert("loss-yuan".to_owned(), "30000000".to_owned());
    let i = Incident::opened(&["enterprise"], &["industrial"], at("2026-03-02T00:00:00.000Z"))
        .moment("discovery", at("2026-03-02T00:00:00.000Z"))
        .set(&PLAN, &set);
    let j = i.judged(&PLAN, at("2026-03-02T00:01:00.000Z"));
    assert_eq!((range(&j, "miit").as_str(), range(&j, "cac").as_str()), ("IV", "II"));
    let clocks: Vec<&str> = j.clocks.iter().filter(|c| c.ours && c.certain).map(|c| c.clock.as_str()).collect();
    assert!(clocks.contains(&"cac-other") && !clocks.contains(&"self-judged"), "{clocks:?}");
    assert!(
        j.doubts.iter().any(|d| d.say.key == "doubt.criterion-unconfirmed"),
        "the bound is of a draft: {:?}",
        j.doubts
    );
}

#[test]
fn a_clock_that_only_a_graver_level_would_ask_for_is_shown_as_possible() {
    let i = Incident::opened(&["enterprise"], &["industrial"], at("2026-03-02T00:00:00.000Z"))
        .moment("discovery", at("2026-03-02T00:00:00.000Z"));
    let c = i.clock(&PLAN, "cac-other", at("2026-03-02T01:00:00.000Z"));
    assert_eq!((c.certain, c.state), (false, ClockState::Running));
    // Once everything is quiet, nothing is owed.
    let quiet = i.set(&PLAN, &cases().base["quiet-industrial"].set);
    assert!(quiet.judged(&PLAN, at("2026-03-02T01:00:00.000Z")).clocks.iter().all(|c| c.clock != "cac-other"));
}

#[test]
fn a_regulator_passes_on_from_when_it_says_that_it_received() {
    let cases = cases();
    let mut set = cases.base["quiet-industrial"].set.clone();
    set.insert("data-level".to_owned(), "important".to_owned());
    let i = Incident::opened(&["local-regulator"], &["industrial"], at("2026-03-02T00:00:00.000Z"))
        .moment("discovery", at("2026-03-02T00:00:00.000Z"))
        .set(&PLAN, &set);
    let onward = |i: &Incident| i.clock(&PLAN, "important-data-incident-onward", at("2026-03-02T02:00:00.000Z"));
    assert_eq!((onward(&i).ours, onward(&i).state), (true, ClockState::Waiting));
    let received = i.moment("receipt", at("2026-03-02T01:00:00.000Z"));
    assert_eq!(onward(&received).state, ClockState::Due);
}

#[test]
fn a_response_that_goes_on_has_not_ended_and_what_is_foreseen_is_owed() {
    let i = grave("2026-03-02T00:00:00.000Z").moment("end", at("2026-03-02T10:00:00.000Z"));
    let summary = |i: &Incident| i.clock(&PLAN, "summary", at("2026-03-03T00:00:00.000Z")).state;
    assert_ne!(summary(&i), ClockState::Waiting);
    let again = i.with(Happening::Reopened { reason: "third share".to_owned() });
    assert_eq!(summary(&again), ClockState::Waiting);
    // Level III is only thought possible: the text asks to tell the regulator all the same.
    let foreseen = Incident::opened(&["enterprise"], &["industrial"], at("2026-03-02T00:00:00.000Z"))
        .moment("foreseen", at("2026-03-02T00:00:00.000Z"));
    let clock = foreseen.clock(&PLAN, "warning-enterprise", at("2026-03-02T01:00:00.000Z"));
    assert_eq!((clock.certain, clock.state), (true, ClockState::Due));
}

//! What people do about findings: approved for a time, known and still a violation, late, said to be done and not done.
//! The expectations are the rules of `docs/specs/measures-v1.md`, one case a rule.

use super::{doubts, host, outcome};
use crate::fixture::{Exam, PLAN, measure, t};
use evidence::{Finding, Judgement, Measure, MeasureState, Outcome, Stands, Sure, Time};
use judge::judge;

const AS_OF: &str = "2026-11-23";
/// `approval_days = 90` in the built-in plan.
const APPROVABLE: &str = "remote-control-active";
/// No `approval_days`.
const NOT: &str = "account-second-root";

fn tools(names: &[&str]) -> Exam {
    let mut exam = host().one("os.family", "linux");
    for name in names {
        exam = exam.row(
            "remote.tool",
            [("name", (*name).into()), ("kind", "remote-control".into()), ("running", true.into())],
        );
    }
    exam.covered("remote.tool").row("account", [("name", "toor".into()), ("uid", 0.into())]).covered("account")
}

fn excepted(check: &str, object: &str, since: &str, until: &str) -> Measure {
    Measure {
        state: MeasureState::Excepted,
        approver: Some("Wang Fang".to_owned()),
        since: Some(t(since)),
        expires: Some(t(until)),
        due: t(until),
        ..planned(check, object, until)
    }
}

fn planned(check: &str, object: &str, due: &str) -> Measure {
    measure("m-1", Finding::id_of(&check.into(), "h1", object), t(due))
}

fn run(exam: &Exam, measures: &[Measure]) -> Judgement {
    let records: Vec<_> = measures.iter().map(crate::fixture::sign_measure).chain([exam.sign()]).collect();
    judge(&PLAN, &records, t(AS_OF))
}

fn stands(j: &Judgement) -> Vec<(String, Stands)> {
    j.measures.iter().map(|m| (m.measure.clone(), m.stands)).collect()
}

#[test]
fn an_approval_in_force_passes_on_paper_and_stays_on_the_page() {
    let j = run(&tools(&["anydesk"]), &[excepted(APPROVABLE, "anydesk", "2026-11-01", "2026-12-01")]);
    assert_eq!(outcome(&j, APPROVABLE, "h1"), (Outcome::Pass, "because.approved".to_owned()));
    let result = j.checks.iter().find(|c| c.check.as_str() == APPROVABLE).unwrap();
    assert_eq!(result.sure, Some(Sure::Declared), "a person's word is never machine evidence");
    assert!(!j.findings.iter().any(|f| f.check.as_str() == APPROVABLE));
    let [approved] = j.approved.as_slice() else { panic!("{:?}", j.approved) };
    assert_eq!((approved.finding.object.as_str(), approved.measure.as_str()), ("anydesk", "m-1"));
    assert_eq!(approved.until, t("2026-12-01"));
    let standing = j.standings.iter().find(|s| s.scenario.as_str() == "remote-maintenance").unwrap();
    assert_eq!(standing.passed_on_paper, 1);
    assert!(doubts(&j).contains(&"doubt.typed-approvals"));
    // The measure is cited, so that anyone can judge again.
    assert!(j.cites.iter().any(|c| c.0 == j.measures[0].leaf));
}

#[test]
fn what_nobody_approved_fails_beside_what_somebody_did() {
    let j = run(&tools(&["anydesk", "frp"]), &[excepted(APPROVABLE, "anydesk", "2026-11-01", "2026-12-01")]);
    assert_eq!(outcome(&j, APPROVABLE, "h1"), (Outcome::Fail, String::new()));
    let left: Vec<_> =
        j.findings.iter().filter(|f| f.check.as_str() == APPROVABLE).map(|f| f.object.as_str()).collect();
    assert_eq!((left, j.approved.len()), (vec!["frp"], 1));
}

#[test]
fn nothing_passes_where_not_everything_was_seen() {
    let exam = tools(&["anydesk"]).gap("fact:remote.tool", evidence::GapReason::PermissionDenied);
    let j = run(&exam, &[excepted(APPROVABLE, "anydesk", "2026-11-01", "2026-12-01")]);
    assert_eq!(outcome(&j, APPROVABLE, "h1"), (Outcome::CannotTell, "because.table-incomplete".to_owned()));
}

/// One exception of a check, changed; how it stands, whether the check still fails, and the doubt that says why.
#[track_caller]
fn case(m: Measure, want: Stands, fails: bool, doubt: &str) {
    let check = if m.findings == planned(NOT, "toor", "2026-12-01").findings { NOT } else { APPROVABLE };
    let j = run(&tools(&["anydesk"]), &[m]);
    assert_eq!(stands(&j), [("m-1".to_owned(), want)]);
    assert_eq!(outcome(&j, check, "h1").0 == Outcome::Fail, fails);
    assert_eq!(j.approved.is_empty(), fails);
    let raised = doubts(&j).contains(&doubt);
    assert_eq!(raised, !doubt.is_empty(), "{:?}", doubts(&j));
}

#[test]
fn only_an_approval_that_the_plan_allows_counts() {
    let good = || excepted(APPROVABLE, "anydesk", "2026-09-01", "2026-11-30");
    // 90 days is what the plan allows: 1 September to 30 November.
    case(good(), Stands::Approved, false, "");
    let day_more = Measure { expires: Some(t("2026-12-01")), ..good() };
    case(day_more, Stands::Refused, true, "doubt.exception-too-long");
    case(Measure { approver: None, ..good() }, Stands::Refused, true, "doubt.exception-unapproved");
    case(Measure { approver: Some("  ".to_owned()), ..good() }, Stands::Refused, true, "doubt.exception-unapproved");
    for owner in ["wang  fang", "WangFang", "Wang\u{200b}Fang", "Wang.Fang", "Ｗａｎｇ Fang", " ", ""] {
        let own = Measure { owner: owner.to_owned(), ..good() };
        case(own, Stands::Refused, true, "doubt.exception-own");
    }
    case(Measure { approver: Some(".".to_owned()), ..good() }, Stands::Refused, true, "doubt.exception-unapproved");
    case(excepted(NOT, "toor", "2026-11-01", "2026-12-01"), Stands::Accepted, true, "");
}

#[test]
fn an_approval_begins_and_ends_at_its_instants() {
    // As of 2026-11-23T00:00Z. In force from `since` on, and until just before `expires`.
    let ms = |text: &str, by: i64| Some(Time::from_millis(t(text).millis() + by));
    let of = |since, expires| Measure { since, expires, ..excepted(APPROVABLE, "anydesk", AS_OF, AS_OF) };
    case(of(ms(AS_OF, 0), ms(AS_OF, 1)), Stands::Approved, false, "");
    case(of(ms(AS_OF, 1), ms(AS_OF, 2)), Stands::Waiting, true, "");
    case(of(ms("2026-11-01", 0), ms(AS_OF, 0)), Stands::Lapsed, true, "");
}

#[test]
fn a_measure_is_open_late_or_contradicted() {
    case(planned(NOT, "toor", AS_OF), Stands::Open, true, "");
    case(planned(NOT, "toor", "2026-11-22"), Stands::Late, true, "");
    for state in [MeasureState::Done, MeasureState::Verified] {
        case(
            Measure { state, ..planned(NOT, "toor", "2026-12-01") },
            Stands::Contradicted,
            true,
            "doubt.measure-contradicted",
        );
    }
}

#[test]
fn the_newest_record_of_a_measure_counts_and_one_of_another_host_is_not_read() {
    let first = excepted(APPROVABLE, "anydesk", "2026-11-01", "2026-12-01");
    let back = Measure { state: MeasureState::Withdrawn, stated_at: t("2026-11-20"), ..first.clone() };
    for order in [[first.clone(), back.clone()], [back, first.clone()]] {
        let j = run(&tools(&["anydesk"]), &order);
        assert_eq!(outcome(&j, APPROVABLE, "h1").0, Outcome::Fail);
        assert!(j.measures.is_empty() && j.approved.is_empty());
    }
    let elsewhere = Measure { findings: vec![Finding::id_of(&APPROVABLE.into(), "h2", "anydesk")], ..first.clone() };
    let j = run(&tools(&["anydesk"]), &[elsewhere]);
    assert!(j.measures.is_empty() && !j.cites.iter().any(|c| c.1 == evidence::RecordKind::Measure));
    // One that is stated after the instant of the judgement does not reach back.
    let later = Measure { stated_at: t("2026-11-24"), ..first };
    let j = run(&tools(&["anydesk"]), &[later]);
    assert_eq!(outcome(&j, APPROVABLE, "h1").0, Outcome::Fail);
    assert!(doubts(&j).contains(&"doubt.after-as-of"));
}

#[test]
fn the_approval_that_ends_last_is_named_and_a_document_makes_it_documented() {
    let document = || evidence::Document { name: "a.pdf".into(), digest: evidence::Digest::of(b"a"), bytes: 1 };
    let short = excepted(APPROVABLE, "anydesk", "2026-11-01", "2026-11-25");
    let long = Measure {
        id: "m-2".to_owned(),
        document: Some(document()),
        ..excepted(APPROVABLE, "anydesk", "2026-11-01", "2026-12-25")
    };
    let j = run(&tools(&["anydesk"]), &[short, long]);
    assert_eq!((j.approved[0].measure.as_str(), j.approved[0].sure), ("m-2", Sure::Documented));
    assert_eq!(j.measures.len(), 2);
}

#[test]
fn what_was_approved_is_not_mended_and_comes_back_as_new() {
    let bad = run(&tools(&["anydesk"]), &[]);
    let approved = run(&tools(&["anydesk"]), &[excepted(APPROVABLE, "anydesk", "2026-11-01", "2026-12-01")]);
    let has = |list: &[judge::Changed]| list.iter().any(|c| c.finding.check.as_str() == APPROVABLE);
    let c = judge::compare(&bad, &approved);
    assert!(has(&c.approved) && !has(&c.mended) && !has(&c.unseen) && !c.is_worse());
    assert!(has(&judge::compare(&approved, &bad).new));
}

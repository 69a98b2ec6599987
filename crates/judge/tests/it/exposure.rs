//! Which articles are touched. Expected are the articles that the laws name (Data Security Law 45, Cybersecurity Law 61, Order 790), not what the program says.

use crate::fixture::{PLAN, t};
use evidence::{CheckId, ClockStanding, ClockState, Finding, Grade, IncidentJudgement, Origin, ScenarioId, Severity};
use judge::{Happened, Toucher, exposure};
use plan::CheckedPlan;
use std::collections::BTreeMap;

fn finding(check: &str) -> Finding {
    let of = PLAN.checks().iter().find(|c| c.id.as_str() == check).unwrap_or_else(|| panic!("no check {check}"));
    Finding {
        id: Finding::id_of(&CheckId::from(check), "h1", ""),
        check: of.id.clone(),
        scenario: of.scenario.clone(),
        severity: Severity::High,
        host: "h1".to_owned(),
        object: String::new(),
        with: BTreeMap::new(),
        at: None,
        evidence: Vec::new(),
    }
}

fn grade(regime: &str, at_least: &str, at_most: &str) -> Grade {
    let [regime, at_least, at_most] = [regime, at_least, at_most].map(str::to_owned);
    Grade { regime, at_least, at_most, proposed: None, met: Vec::new() }
}

fn happened(plan: &CheckedPlan, grades: Vec<Grade>, clocks: Vec<ClockStanding>) -> IncidentJudgement {
    IncidentJudgement {
        plan: plan.reference(),
        judge: judge::VERSION.to_owned(),
        as_of: t("2026-11-20"),
        incident: "i-00000001".to_owned(),
        origin: Origin::Live,
        cites: Vec::new(),
        grades,
        ask: Vec::new(),
        clocks,
        doubts: Vec::new(),
    }
}

static NONE: BTreeMap<String, (i64, Option<i64>)> = BTreeMap::new();

/// Ids of what is touched, and whether for certain.
fn touched(
    findings: &[Finding],
    incidents: &[(&IncidentJudgement, Option<&str>)],
    transfers: &[&str],
) -> Vec<(String, bool)> {
    let incidents: Vec<Happened<'_>> =
        incidents.iter().map(|(judgement, data)| Happened { judgement, data: *data, numbers: &NONE }).collect();
    let transfers: Vec<String> = transfers.iter().map(|s| (*s).to_owned()).collect();
    let all = exposure(&PLAN, findings, &incidents, &transfers, &["cii-operator".to_owned()]);
    all.into_iter().map(|x| (x.penalty.id.clone(), x.because.iter().any(|b| b.certain))).collect()
}
fn ids(of: Vec<(String, bool)>) -> Vec<String> {
    of.into_iter().map(|x| x.0).collect()
}

#[test]
fn logs_that_are_not_kept_touch_the_duties_to_protect_and_to_keep_logs() {
    let one = finding("log-retention");
    let want =
        ["dsl-45", "dsl-45-serious", "csl-61", "csl-61-refusal", "csl-61-cii", "csl-61-cii-refusal", "order-790-55"];
    assert_eq!(ids(touched(std::slice::from_ref(&one), &[], &[])), want);
    let all = exposure(&PLAN, &[one.clone(), finding("log-retention")], &[], &[], &[]);
    let b = &all[0].because;
    assert_eq!((b.len(), b[0].what, b[0].id.as_str()), (1, Toucher::Finding, one.id.hex().as_str()), "each thing once");
    let data_law = &all[0].penalty;
    assert_eq!((data_law.from, data_law.to, data_law.person), (50_000, 500_000, Some((10_000, 100_000))));
}

#[test]
fn nothing_touches_nothing() {
    assert_eq!(touched(&[], &[], &[]), []);
}

#[test]
fn an_incident_of_important_data_touches_article_45_and_the_duties_for_important_data() {
    let j = happened(&PLAN, vec![grade("miit", "IV", "IV"), grade("cac", "IV", "IV")], Vec::new());
    let general = ids(touched(&[], &[(&j, Some("general"))], &[]));
    let important = ids(touched(&[], &[(&j, Some("important"))], &[]));
    for id in ["dsl-45", "pipl-66", "csl-61"] {
        assert!(general.contains(&id.to_owned()) && important.contains(&id.to_owned()), "{id}");
    }
    for id in ["order-790-56", "order-790-57"] {
        assert!(!general.contains(&id.to_owned()) && important.contains(&id.to_owned()), "{id}");
    }
    assert!(!important.contains(&"dsl-45-core".to_owned()));
    assert!(ids(touched(&[], &[(&j, Some("core"))], &[])).contains(&"dsl-45-core".to_owned()));
    // Important data abroad is article 46; an incident alone is not that.
    assert!(!important.iter().any(|i| i.starts_with("dsl-46")), "{important:?}");
}

#[test]
fn a_mass_leak_is_certain_possible_or_none_by_the_grade() {
    let of = |least: &str, most: &str, proposed: Option<&str>| {
        let grade = Grade { proposed: proposed.map(str::to_owned), ..grade("miit", least, most) };
        let j = happened(&PLAN, vec![grade], Vec::new());
        touched(&[], &[(&j, None)], &[]).into_iter().find(|x| x.0 == "csl-61-mass-leak").map(|x| x.1)
    };
    assert_eq!(of("II", "II", None), Some(true));
    assert_eq!(of("I", "I", None), Some(true));
    assert_eq!(of("IV", "II", None), Some(false));
    assert_eq!(of("III", "III", Some("I")), Some(false));
    assert_eq!(of("IV", "III", None), None);
}

#[test]
fn a_report_touches_only_if_it_was_this_nodes_and_late() {
    let clock = |state, ours| ClockStanding {
        clock: "nis2-early-warning".to_owned(),
        ours,
        certain: true,
        state,
        started: None,
        due: None,
        next: None,
        met: None,
        met_by: None,
    };
    // The plan of the European Union has an article that touches a clock.
    let nis2 = plan::check(&crate::incident::folder("nis2")).unwrap_or_else(|e| panic!("{}", e[0]));
    let of = |state, ours| {
        let j = happened(&nis2, Vec::new(), vec![clock(state, ours)]);
        let all = exposure(&nis2, &[], &[Happened { judgement: &j, data: None, numbers: &NONE }], &[], &[]);
        all.iter().map(|x| (x.penalty.currency.clone(), x.penalty.revenue_per_mille)).collect::<Vec<_>>()
    };
    let want = vec![("EUR".to_owned(), Some(20)), ("EUR".to_owned(), Some(14))];
    assert_eq!(of(ClockState::Late, true), want);
    assert_eq!(of(ClockState::MetLate, true), want, "made up for is still late");
    assert_eq!(of(ClockState::Late, false), []);
    assert_eq!(of(ClockState::Due, true), []);
    assert_eq!(of(ClockState::Met, true), []);
}

#[test]
fn a_transfer_touches_its_own_articles_and_those_of_what_it_needs() {
    let serious = ["dsl-46", "dsl-46-serious"].map(|id| (id.to_owned(), true));
    assert_eq!(touched(&[], &[], &["important-data"]), serious);
    assert_eq!(ids(touched(&[], &[], &["personal-middle"])), ["pipl-66", "pipl-66-serious"]);
    assert_eq!(touched(&[], &[], &["exempt-contract"]), []);
    let assessed = touched(&[], &[], &["assessment"]);
    assert!(assessed.contains(&("dsl-46".to_owned(), false)), "which rule it is, is not known: {assessed:?}");
}

/// No word of a plan's `touches` is one that this room does not understand.
#[test]
fn everything_that_the_plan_names_can_touch() {
    for p in PLAN.penalties() {
        for via in &p.touches {
            let (kind, id) = via.split_once(':').unwrap_or((via, ""));
            let check = |wanted: &dyn Fn(&plan::Check) -> bool| {
                PLAN.checks().iter().find(|c| wanted(c)).map(|c| finding(c.id.as_str()))
            };
            let finding = match kind {
                "row" => check(&|c| c.rows.iter().any(|r| r.to_string() == id)),
                "scenario" => check(&|c| c.scenario == ScenarioId::from(id)),
                "check" => check(&|c| c.id.as_str() == id),
                _ => None,
            };
            let (regime, level) = id.split_once('.').unwrap_or((id, "I"));
            let late = ClockStanding {
                clock: id.to_owned(),
                ours: true,
                certain: true,
                state: ClockState::Late,
                started: None,
                due: None,
                next: None,
                met: None,
                met_by: None,
            };
            let j = happened(&PLAN, vec![grade(regime, level, level)], vec![late]);
            let incident = matches!(kind, "incident" | "data" | "clock" | "people").then_some((&j, Some(id)));
            let transfer: Vec<&str> = if kind == "transfer" { vec![id] } else { Vec::new() };
            let findings: Vec<Finding> = finding.into_iter().collect();
            let incidents: Vec<_> = incident.into_iter().collect();
            assert!(!(findings.is_empty() && incidents.is_empty() && transfer.is_empty()), "{}: {via}", p.id);
            let found = ids(touched(&findings, &incidents, &transfer));
            assert!(found.contains(&p.id), "{}: {via} touches {found:?}", p.id);
        }
    }
}

/// Personal Information Protection Law 66 is about people; Cybersecurity Law 61 has rows for operators of critical information
/// infrastructure alone; Data Security Law 48 is about requests for data, not about every duty of governance.
#[test]
fn articles_touch_only_whom_and_what_they_are_about() {
    let j = happened(&PLAN, vec![grade("cac", "I", "I")], Vec::new());
    let all = |numbers: &BTreeMap<String, (i64, Option<i64>)>, actors: &[String]| {
        let incident = Happened { judgement: &j, data: None, numbers };
        let touched = exposure(&PLAN, &[], &[incident], &[], actors);
        let of = |x: &judge::Touched<'_>| (x.penalty.id.clone(), x.because.iter().any(|b| b.certain));
        touched.iter().map(of).collect::<BTreeMap<_, _>>()
    };
    let numbers = |personal: (i64, Option<i64>)| {
        BTreeMap::from([("people-personal".to_owned(), personal), ("people-sensitive".to_owned(), (0, Some(0)))])
    };
    assert_eq!(all(&numbers((0, Some(0))), &[]).get("pipl-66"), None, "nobody");
    assert_eq!(all(&numbers((1, None)), &[]).get("pipl-66"), Some(&true));
    assert_eq!(all(&numbers((0, None)), &[]).get("pipl-66"), Some(&false), "not known");
    assert_eq!(all(&NONE, &[]).get("pipl-66"), Some(&false), "not said");
    let cii = ["csl-61-cii", "csl-61-cii-refusal", "csl-61-main-functions"];
    let (ordinary, operator) = (all(&NONE, &["enterprise".to_owned()]), all(&NONE, &["cii-operator".to_owned()]));
    assert!(
        cii.iter().all(|id| !ordinary.contains_key(*id) && operator.contains_key(*id)),
        "{ordinary:?} {operator:?}"
    );
    // Its first paragraph is about requests of our own police and state security (article 35): no check asks about these. Its
    // second is about foreign ones, which is what the check asks (row 17).
    for check in PLAN.checks().iter().filter(|c| c.scenario == ScenarioId::from("governance")) {
        let found = ids(touched(&[finding(check.id.as_str())], &[], &[]));
        assert!(!found.contains(&"dsl-48-refusal".to_owned()), "{}: {found:?}", check.id);
        let foreign = found.contains(&"dsl-48-foreign".to_owned());
        assert_eq!(foreign, check.id.as_str() == "org-foreign-requests", "{}: {found:?}", check.id);
    }
}

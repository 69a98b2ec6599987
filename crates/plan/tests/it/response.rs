//! The response, the calendar and the penalties of the built-in plan against the texts they come from. Values were typed
//! from the fact sheet and from copies of the notices, not from the plan files.

use plan::{CheckedPlan, builtin, check};
use std::collections::BTreeMap;

fn plan() -> CheckedPlan {
    check(&builtin()).unwrap_or_else(|e| panic!("{}", e[0]))
}

fn strings(of: &[&str]) -> Vec<String> {
    of.iter().map(|s| (*s).to_owned()).collect()
}

#[test]
fn who_starts_leads_and_ends_a_response() {
    let p = plan();
    // 214号 4.4, 4.6; a change that touches I or II needs the mechanism (4.4.5).
    let national = ["national-mechanism", "leading-group"];
    for (id, start, lead, end, consent) in [
        ("I", &national[..], "mechanism", &national[..], "mechanism"),
        ("II", &["mechanism"], "mechanism", &["mechanism"], "mechanism"),
        ("III", &["local-regulator"], "local-regulator", &["local-regulator"], ""),
        ("IV", &["enterprise"], "enterprise", &["enterprise"], ""),
    ] {
        let level = p.incident_levels().iter().find(|l| l.regime == "miit" && l.id == id).unwrap();
        let r = level.response.as_ref().unwrap();
        assert_eq!((r.led_by.as_str(), &r.started_by, &r.ended_by), (lead, &strings(start), &strings(end)), "{id}");
        assert_eq!(r.change_consent, consent, "{id}");
    }
    let other = p.incident_levels().iter().filter(|l| l.regime != "miit");
    assert!(other.into_iter().all(|l| l.response.is_none()), "no other text gives levels of response");
}

#[test]
fn steps_name_the_person_of_the_text() {
    let p = plan();
    let step = |id: &str| p.steps().iter().find(|s| s.id == id).unwrap_or_else(|| panic!("no step {id}"));
    // 214号 4.4.1: the first responsible person forms the task force, the direct one deploys; 4.4.2: the direct one leads.
    for (id, role, levels) in [
        ("task-force", "first-responsible", &["I"][..]),
        ("deploy", "direct-responsible", &["I"]),
        ("strengthen-duty", "duty", &["I"]),
        ("lead-handling", "direct-responsible", &["II"]),
        ("harden", "duty", &["III"]),
        ("handle-by-standards", "direct-responsible", &["IV"]),
    ] {
        assert_eq!((step(id).role.as_str(), &step(id).levels[..]), (role, &strings(levels)[..]), "{id}");
    }
    // 4.3 is for every incident; 4.2 from III on; 5.1 from II on.
    for id in ["start-own-response", "preserve-evidence", "restore-or-trace", "limit-effects"] {
        assert_eq!((step(id).levels.len(), step(id).phase.as_str()), (4, "first"), "{id}");
    }
    assert_eq!(step("report-at-once").levels, ["I", "II", "III"]);
    assert_eq!(
        (step("write-summary").levels.join(" "), step("write-summary").phase.as_str()),
        ("I II".to_owned(), "end")
    );
    // An enterprise has something to do in every phase of every level.
    for level in ["I", "II", "III", "IV"] {
        for phase in ["first", "response", "end"] {
            let own =
                |s: &&plan::Step| s.actor == "enterprise" && s.phase == phase && s.levels.iter().any(|l| l == level);
            assert!(p.steps().iter().any(|s| own(&s)), "{level} {phase}");
        }
    }
}

/// Year, weekdays off, rest days worked, counted from the notices by hand.
const YEARS: &[(i64, &str, &str)] = &[
    // 国办发明电〔2023〕7号. Weekdays among the days off; New Year and the Dragon Boat festival join a weekend.
    (
        2024,
        "01-01 02-12 02-13 02-14 02-15 02-16 04-04 04-05 05-01 05-02 05-03 06-10 09-16 09-17 10-01 10-02 10-03 10-04 10-07",
        "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    ),
    // 国办发明电〔2024〕12号.
    (
        2025,
        "01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02 10-03 10-06 10-07 10-08",
        "01-26 02-08 04-27 09-28 10-11",
    ),
    // 国办发明电〔2025〕7号.
    (
        2026,
        "01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 10-01 10-02 10-05 10-06 10-07",
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
];

#[test]
fn the_calendar_is_that_of_the_notices() {
    let p = plan();
    let c = p.calendar().unwrap();
    assert_eq!((c.zone.as_str(), c.zone_rule.as_str(), &c.rest[..]), ("Asia/Shanghai", "CST-8", &[6, 7][..]));
    assert_eq!(c.years.len(), YEARS.len(), "2027 is not announced");
    for (year, off, work) in YEARS {
        let y = c.years.iter().find(|y| y.year == *year).unwrap();
        let short = |days: &[String]| days.iter().map(|d| d[5..].to_owned()).collect::<Vec<_>>().join(" ");
        let weekdays: Vec<String> = y.off.iter().filter(|d| weekday(d) < 6).cloned().collect();
        assert_eq!(short(&weekdays), *off, "{year}");
        assert_eq!(short(&y.work), *work, "{year}");
        // A make-up day pays for a weekday off: what is left is the law's holidays, 11 days a year, from 2025 on 13.
        let law = if *year < 2025 { 11 } else { 13 };
        let free = weekdays.len() - y.work.len();
        assert!(free <= law && free + 4 >= law, "{year}: {free} of {law}");
    }
}

/// 1 = Monday, by Sakamoto's rule.
fn weekday(day: &str) -> i64 {
    let part = |r: std::ops::Range<usize>| day[r].parse::<i64>().expect("YYYY-MM-DD");
    let (mut y, m, d) = (part(0..4), part(5..7), part(8..10));
    let t = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    if m < 3 {
        y -= 1;
    }
    match (y + y / 4 - y / 100 + y / 400 + t[m as usize - 1] + d).rem_euclid(7) {
        0 => 7,
        n => n,
    }
}

/// Id, least, most, thousandths of revenue, person, serious.
type PenaltyRow = (&'static str, i64, i64, Option<i64>, Option<(i64, i64)>, bool);

const K: i64 = 1_000;
const M: i64 = 1_000_000;

const PENALTIES: &[PenaltyRow] = &[
    // §9.
    ("dsl-45", 50 * K, 500 * K, None, Some((10 * K, 100 * K)), false),
    ("dsl-45-serious", 500 * K, 2 * M, None, Some((50 * K, 200 * K)), true),
    ("dsl-45-core", 2 * M, 10 * M, None, None, true),
    ("dsl-46", 100 * K, M, None, None, false),
    ("dsl-46-serious", M, 10 * M, None, Some((100 * K, M)), true),
    ("dsl-48-refusal", 50 * K, 500 * K, None, None, false),
    ("dsl-48-foreign", 100 * K, M, None, None, false),
    ("dsl-48-foreign-serious", M, 5 * M, None, None, true),
    ("pipl-66", 0, M, None, None, false),
    ("pipl-66-serious", 0, 50 * M, Some(50), Some((100 * K, M)), true),
    ("csl-61", 10 * K, 50 * K, None, None, false),
    ("csl-61-refusal", 50 * K, 500 * K, None, None, true),
    ("csl-61-cii", 50 * K, 100 * K, None, None, false),
    ("csl-61-cii-refusal", 100 * K, M, None, None, true),
    ("csl-61-mass-leak", 500 * K, 2 * M, None, None, true),
    ("csl-61-main-functions", 2 * M, 10 * M, None, Some((200 * K, M)), true),
    // §5, Order 790.
    ("order-790-55", 0, M, None, Some((10 * K, 100 * K)), false),
    ("order-790-56", 100 * K, M, None, None, false),
    ("order-790-56-serious", M, 10 * M, None, None, true),
    ("order-790-57", 50 * K, 500 * K, None, None, false),
    ("order-790-57-serious", 500 * K, 2 * M, None, Some((50 * K, 200 * K)), true),
];

#[test]
fn penalties() {
    let p = plan();
    for row in PENALTIES {
        let x = p.penalties().iter().find(|x| x.id == row.0).unwrap_or_else(|| panic!("no penalty {}", row.0));
        assert_eq!((row.0, x.from, x.to, x.revenue_per_mille, x.person, x.serious), *row);
        assert_eq!((x.currency.as_str(), x.sourced.sure.letter()), ("CNY", "F"), "{}", row.0);
    }
    assert_eq!(p.penalties().len(), PENALTIES.len(), "the draft guideline on discretion is no amount");
    // Each risk scenario can cost something.
    for s in p.scenarios() {
        // By its name, or by a row or a check of it: governance as such is no offence, each of its duties may be.
        let mut ways = vec![format!("scenario:{}", s.id)];
        for c in p.checks().iter().filter(|c| c.scenario == s.id) {
            ways.push(format!("check:{}", c.id));
            ways.extend(c.rows.iter().map(|r| format!("row:{r}")));
        }
        assert!(p.penalties().iter().any(|x| x.touches.iter().any(|t| ways.contains(t))), "{}", s.id);
    }
}

#[test]
fn forms_serve_every_stage_and_meet_the_clocks_of_a_plant() {
    let p = plan();
    let mut by_stage: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for f in p.forms() {
        for s in &f.stages {
            by_stage.entry((&f.regime, s)).or_default().push(&f.id);
        }
    }
    // §2e: annex 2 first and in between, annex 3 at the end; §2b a warning. §2g: first report, supplement, closing report.
    for (regime, stage, id) in [
        ("miit", "initial", "annex-2"),
        ("miit", "progress", "annex-2"),
        ("miit", "summary", "annex-3"),
        ("miit", "judgement", "judgement"),
        ("miit", "warning", "warning"),
        ("cac", "initial", "cac-first"),
        ("cac", "progress", "cac-supplement"),
        ("cac", "summary", "cac-closing"),
    ] {
        assert_eq!(by_stage.get(&(regime, stage)).map(Vec::as_slice), Some(&[id][..]), "{regime} {stage}");
    }
    let met = |clock: &str| p.forms().iter().find(|f| f.meets.iter().any(|c| c == clock)).map(|f| f.id.as_str());
    for (clock, form) in
        [("self-judged", "annex-2"), ("summary", "annex-3"), ("cac-other", "cac-first"), ("cac-closing", "cac-closing")]
    {
        assert_eq!(met(clock), Some(form), "{clock}");
    }
    // A telephone call is no form.
    assert_eq!(met("regulator-phone"), None);
    // §2g: items 1 and 2 are never unknown, the rest may be.
    let first = p.forms().iter().find(|f| f.id == "cac-first").unwrap();
    let must = first.fields.iter().filter(|f| !f.may_be_unknown && !f.optional).map(|f| f.id.as_str());
    let items = ["unit", "system", "time", "place", "type", "level", "effects", "measures"];
    assert_eq!(must.collect::<Vec<_>>(), items);
}

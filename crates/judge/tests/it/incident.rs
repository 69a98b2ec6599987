//! Incidents: the case table, which was written from the texts; properties; clocks by hand-counted dates; two regimes that disagree.

use crate::fixture::{PLAN, node, sign_record, t};
use evidence::{
    Answered, Authenticated, Author, ClockState, Consent, Digest, Document, FieldValue, FormMove, FormRef, FormStep,
    Happening, IncidentEntry, IncidentJudgement, Moment, Opened, Origin, Record, Reported, Response, Time,
};
use plan::{CheckedPlan, DimensionKind, Source};
use proof::Witness;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static NIS2: LazyLock<CheckedPlan> =
    LazyLock::new(|| plan::check(&folder("nis2")).unwrap_or_else(|e| panic!("{}", e[0])));

/// A plan's folder as it stands in `plans/`.
#[expect(clippy::disallowed_methods, reason = "a test reads the plan folder that users load")]
pub(crate) fn folder(name: &str) -> Source {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plans").join(name);
    let mut source = Source::default();
    let mut open = vec![(root, String::new())];
    while let Some((dir, under)) = open.pop() {
        for entry in std::fs::read_dir(&dir).unwrap().map(Result::unwrap) {
            let path = format!("{under}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                open.push((entry.path(), format!("{path}/")));
            } else {
                source.files.insert(path, std::fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    source
}

fn plan_of(name: &str) -> &'static CheckedPlan {
    match name {
        "miit" => &PLAN,
        "nis2" => &NIS2,
        other => panic!("no plan {other}"),
    }
}

/// An incident under construction.
#[derive(Clone)]
struct Incident {
    entries: Vec<IncidentEntry>,
    at: Time,
}
impl Incident {
    fn opened(actors: &[&str], branches: &[&str], at: Time) -> Self {
        let texts = |all: &[&str]| all.iter().map(|a| (*a).to_owned()).collect();
        let opened = Opened { title: "shares encrypted".to_owned(), actors: texts(actors), branches: texts(branches) };
        Self { entries: Vec::new(), at }.with(Happening::Opened(opened))
    }
    fn with(mut self, what: Happening) -> Self {
        self.at = Time::from_millis(self.at.millis() + 1);
        self.entries.push(IncidentEntry {
            node: node(),
            author: Author { name: "wang".to_owned(), authenticated: Authenticated::TypedName },
            stated_at: self.at,
            incident: "i-00000001".to_owned(),
            origin: Origin::Live,
            what,
        });
        self
    }
    fn moment(self, moment: &str, at: Time) -> Self {
        let moment = Moment { moment: moment.to_owned(), at, note: String::new() };
        self.with(Happening::Moment(moment))
    }
    fn set(self, plan: &CheckedPlan, set: &BTreeMap<String, String>) -> Self {
        let answers = set.iter().filter(|s| s.1 != "unknown").map(|(d, v)| (d.clone(), answer(plan, d, v))).collect();
        self.with(Happening::Answered { answers })
    }
    fn told(self, clock: &str, channel: &str, at: Time) -> Self {
        self.with(Happening::Reported(report(clock, channel, at)))
    }
    fn by(mut self, who: &str) -> Self {
        self.entries.last_mut().unwrap().author.name = who.to_owned();
        self
    }
    fn witnesses(&self) -> Vec<Witness> {
        self.entries.iter().map(|e| sign_record(&Record::Incident(Box::new(e.clone())))).collect()
    }
    fn judged(&self, plan: &CheckedPlan, as_of: Time) -> IncidentJudgement {
        judge::incident(plan, &self.witnesses(), "i-00000001", as_of).expect("it was opened")
    }
    fn clock(&self, plan: &CheckedPlan, id: &str, as_of: Time) -> evidence::ClockStanding {
        let judged = self.judged(plan, as_of);
        let found = judged.clocks.iter().find(|c| c.clock == id).cloned();
        found.unwrap_or_else(|| panic!("no clock {id} among {:?}", judged.clocks))
    }
}

fn report(clock: &str, channel: &str, at: Time) -> Reported {
    Reported {
        clocks: vec![clock.to_owned()],
        channel: channel.to_owned(),
        at,
        by: "wang".to_owned(),
        to: "department, li".to_owned(),
        form: None,
        receipt: None,
        note: String::new(),
    }
}

fn answer(plan: &CheckedPlan, dimension: &str, value: &str) -> Answered {
    let d = plan.dimensions().iter().find(|d| d.id == dimension).unwrap_or_else(|| panic!("no dimension {dimension}"));
    let number = |t: &str| Some(t.parse::<i64>().unwrap_or_else(|_| panic!("{dimension} = {value}")));
    match d.kind {
        DimensionKind::Number => {
            let (least, most) = match (value.strip_prefix(">="), value.strip_prefix("<="), value.split_once("..")) {
                (Some(n), ..) => (number(n), None),
                (_, Some(n), _) => (None, number(n)),
                (.., Some((a, b))) => (number(a), number(b)),
                _ => (number(value), number(value)),
            };
            Answered::Number { least, most }
        }
        _ => Answered::Chosen { value: value.to_owned(), reason: "as the case says".to_owned() },
    }
}

#[derive(Deserialize)]
struct Cases {
    base: BTreeMap<String, Base>,
    case: Vec<Case>,
}
#[derive(Deserialize)]
struct Base {
    set: BTreeMap<String, String>,
}
#[derive(Deserialize)]
struct Case {
    name: String,
    plan: String,
    #[serde(default)]
    branches: Vec<String>,
    base: Option<String>,
    #[serde(default)]
    set: BTreeMap<String, String>,
    expect: BTreeMap<String, String>,
    from: String,
}

fn cases() -> Cases {
    toml::from_str(include_str!("incident_cases.toml")).unwrap()
}

fn facts(all: &Cases, case: &Case) -> BTreeMap<String, String> {
    let mut set = case.base.as_ref().map(|b| all.base[b].set.clone()).unwrap_or_default();
    set.extend(case.set.clone());
    set
}

fn range(j: &IncidentJudgement, regime: &str) -> String {
    let g = j.grades.iter().find(|g| g.regime == regime).unwrap_or_else(|| panic!("no regime {regime}"));
    if g.at_least == g.at_most { g.at_least.clone() } else { format!("{}..{}", g.at_least, g.at_most) }
}

#[test]
fn the_levels_are_those_of_the_text() {
    let all = cases();
    let mut wrong = Vec::new();
    for case in &all.case {
        let plan = plan_of(&case.plan);
        let branches: Vec<&str> = case.branches.iter().map(String::as_str).collect();
        let incident = Incident::opened(&["enterprise"], &branches, t("2026-03-02")).set(plan, &facts(&all, case));
        let j = incident.judged(plan, t("2026-03-03"));
        for (regime, want) in &case.expect {
            let got = range(&j, regime);
            if &got != want {
                wrong.push(format!("{}: {regime} is {got}, not {want} ({})", case.name, case.from));
            }
        }
    }
    assert!(all.case.len() >= 120, "{} cases", all.case.len());
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A small generator of numbers, the same in every run.
struct Chance(u64);
impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// Values of a dimension from least to gravest.
fn values(plan: &CheckedPlan, dimension: &str, kind: DimensionKind) -> Vec<String> {
    let levels = || plan.incident_levels().iter().filter(|l| l.criteria.iter().any(|c| c.dimension == dimension));
    match kind {
        DimensionKind::Number => {
            let bounds = levels().flat_map(|l| &l.criteria).filter(|c| c.dimension == dimension);
            let mut all: Vec<i64> = bounds
                .filter_map(|c| match c.measured {
                    plan::Measured::Bounds { min, .. } => min,
                    plan::Measured::Words { .. } => None,
                })
                .flat_map(|m| [m - 1, m, m + 1])
                .chain([0, 1])
                .collect();
            all.sort_unstable();
            all.dedup();
            all.iter().map(i64::to_string).collect()
        }
        DimensionKind::Words => {
            let mut all: Vec<(u32, String)> = levels().map(|l| (l.rank, l.id.clone())).collect();
            all.sort_by_key(|l| std::cmp::Reverse(l.0));
            std::iter::once("none".to_owned()).chain(all.into_iter().map(|l| l.1)).collect()
        }
        DimensionKind::DataLevel => plan.levels().iter().map(|l| l.id.as_str().to_owned()).collect(),
        // A person's decision, not a measure: it has no order.
        DimensionKind::Confirmation => Vec::new(),
    }
}

/// Rank of an end of a regime's range; 1 is the gravest.
fn ends(plan: &CheckedPlan, j: &IncidentJudgement) -> BTreeMap<String, (u32, u32)> {
    let rank = |regime: &str, id: &str| {
        plan.incident_levels().iter().find(|l| l.regime == regime && l.id == id).map(|l| l.rank).unwrap()
    };
    let of = |g: &evidence::Grade| (g.regime.clone(), (rank(&g.regime, &g.at_least), rank(&g.regime, &g.at_most)));
    j.grades.iter().map(of).collect()
}

#[test]
fn raising_a_dimension_never_lowers_a_level_and_unknowns_only_widen_the_range() {
    let mut chance = Chance(20_261_129);
    let mut raised = 0;
    for plan in [&*PLAN, &*NIS2] {
        let branches: Vec<&str> =
            ["industrial", "telecom", "radio", "cii", "digital-infrastructure", "financial"].into();
        let dimensions: Vec<(&str, Vec<String>)> = plan
            .dimensions()
            .iter()
            .map(|d| (d.id.as_str(), values(plan, &d.id, d.kind)))
            .filter(|d| !d.1.is_empty())
            .collect();
        for _ in 0..150 {
            let mut set: BTreeMap<String, String> = BTreeMap::new();
            for (id, values) in &dimensions {
                if chance.below(3) > 0 {
                    set.insert((*id).to_owned(), chance.of(values));
                }
            }
            let opened = || Incident::opened(&["enterprise"], &branches, t("2026-03-02"));
            let before = opened().set(plan, &set).judged(plan, t("2026-03-03"));
            let (id, values) = chance.of(&dimensions);
            let at = set.get(id).map(|v| values.iter().position(|x| x == v).unwrap());
            let graver = at.map_or(0, |n| n + 1);
            let mut more = set.clone();
            match values.get(graver) {
                Some(v) => more.insert(id.to_owned(), v.clone()),
                None => continue,
            };
            let after = opened().set(plan, &more).judged(plan, t("2026-03-03"));
            let (was, is) = (ends(plan, &before), ends(plan, &after));
            for (regime, (least, most)) in &was {
                let (new_least, new_most) = is[regime];
                assert!(least >= most, "{regime} {set:?}");
                match at {
                    // Raised: neither end is less grave.
                    Some(_) => {
                        assert!(new_least <= *least && new_most <= *most, "{regime}: {set:?} then {id} {more:?}");
                    }
                    // Learned: the range lies within the old one.
                    None => assert!(new_least <= *least && new_most >= *most, "{regime}: {set:?} then {id} {more:?}"),
                }
            }
            raised += u32::from(at.is_some());
        }
    }
    assert!(raised > 50, "{raised}");
}

#[test]
fn the_question_that_matters_most_comes_first_and_says_what_it_would_change() {
    let opened = Incident::opened(&["enterprise"], &["industrial"], t("2026-03-02"));
    let j = opened.judged(&PLAN, t("2026-03-03"));
    // People and loss are bounds of two regimes, all others of one: they are asked before the words of one regime.
    let first: Vec<&str> = j.ask.iter().take(2).map(|a| a.dimension.as_str()).collect();
    assert_eq!(first, ["people-personal", "loss-yuan"]);
    let told: Vec<(&str, &str, Option<i64>)> =
        j.ask[0].would.iter().map(|w| (w.regime.as_str(), w.level.as_str(), w.from)).collect();
    let want = [("I", 100_000_000), ("II", 10_000_000), ("III", 1_000_000)];
    for regime in ["miit", "cac"] {
        for (level, from) in want {
            assert!(told.contains(&(regime, level, Some(from))), "{regime} {level} of {told:?}");
        }
    }
    // Hours are no dimension of industrial data: nobody is asked for them.
    assert!(j.ask.iter().all(|a| !a.dimension.starts_with("hours-telecom") && !a.dimension.starts_with("hours-radio")));
    // What is known exactly is not asked again; what is bounded is, as far as it matters.
    let known = opened.set(&PLAN, &[("people-personal".to_owned(), "5000000..20000000".to_owned())].into());
    let j = known.judged(&PLAN, t("2026-03-03"));
    assert_eq!(range(&j, "miit"), "III..I");
    let people = j.ask.iter().find(|a| a.dimension == "people-personal").unwrap();
    let miit: Vec<&str> = people.would.iter().filter(|w| w.regime == "miit").map(|w| w.level.as_str()).collect();
    assert_eq!(miit, ["II"], "twenty million people never are level I, and III is certain");
}

fn at(text: &str) -> Time {
    text.parse().unwrap_or_else(|e| panic!("{e}"))
}

/// An incident at level II by its loss, everything else quiet.
fn grave(discovered: &str) -> Incident {
    let cases = cases();
    let mut set = cases.base["quiet-industrial"].set.clone();
    set.insert("loss-yuan".to_owned(), "100000000".to_owned());
    Incident::opened(&["enterprise"], &["industrial"], at(discovered))
        .moment("discovery", at(discovered))
        .set(&PLAN, &set)
}

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

/// A form of annex 2, filled as far as the plan demands.
fn fields(form: &plan::Form, cause: &str) -> BTreeMap<String, FieldValue> {
    let text = |t: &str| FieldValue::Text { text: t.to_owned() };
    form.fields
        .iter()
        .map(|f| {
            let value = match &f.kind {
                _ if f.id == "cause" => text(cause),
                _ if f.may_be_unknown => FieldValue::NotYetKnown,
                plan::FieldRule::Choice(all) => FieldValue::Choice { choice: all[0].clone() },
                plan::FieldRule::Minute => FieldValue::Minute { at: at("2026-03-02T00:00:00.000Z") },
                plan::FieldRule::Number => FieldValue::Number { number: 1 },
                plan::FieldRule::GigabytesAndRecords => FieldValue::Size { bytes: Some(1), records: None },
                plan::FieldRule::Text => text("known"),
            };
            (f.id.clone(), value)
        })
        .collect()
}

#[test]
fn a_changed_field_voids_the_seal_and_an_unsealed_form_stops_nothing_at_level_two() {
    let form = PLAN.forms().iter().find(|f| f.id == "annex-3").unwrap();
    let serial = "i-00000001/annex-3/1";
    let step = |step: FormMove| Happening::Form(FormStep { serial: serial.to_owned(), form: form.id.clone(), step });
    let first = fields(form, "weak password");
    let digest = |fields: &BTreeMap<String, FieldValue>, version| {
        let frozen = evidence::FrozenForm {
            fields,
            form: &form.id,
            incident: "i-00000001",
            plan: PLAN.digest(),
            serial,
            version,
        };
        FormRef::digest_of(&frozen).unwrap()
    };
    let ended = grave("2026-03-02T00:00:00.000Z").moment("end", at("2026-03-03T00:00:00.000Z"));
    let frozen = ended
        .with(step(FormMove::Drafted { fields: first.clone() }))
        .with(step(FormMove::Reviewed { reviewer: "li".to_owned() }))
        .by("li")
        .with(step(FormMove::Frozen { digest: digest(&first, 1), plan: PLAN.digest() }));
    let told = |i: Incident| {
        let mut r = report("summary", "form", at("2026-03-04T00:00:00.000Z"));
        r.form = Some(FormRef { serial: serial.to_owned(), digest: digest(&first, 1) });
        i.with(Happening::Reported(r))
    };
    let sent = |i: Incident| told(i).judged(&PLAN, at("2026-03-05T00:00:00.000Z"));
    let summary = |j: &IncidentJudgement| j.clocks.iter().find(|c| c.clock == "summary").unwrap().state;
    let doubted = |j: &IncidentJudgement, key: &str| j.doubts.iter().any(|d| d.say.key == key);
    let j = sent(frozen.clone());
    assert_ne!(summary(&j), ClockState::Met, "unsealed");
    assert!(doubted(&j, "doubt.report-unsealed"), "{:?}", j.doubts);
    let scan = Document { name: "scan.pdf".to_owned(), digest: Digest([7; 32]), bytes: 10 };
    let sealed = |digest| step(FormMove::Sealed { scan: scan.clone(), signatory: "zhao".to_owned(), digest });
    let signed = frozen.clone().with(sealed(digest(&first, 1)));
    assert_eq!(summary(&sent(signed.clone())), ClockState::Met);
    // Sealed only after it was handed over, it stops nothing; the report has to be made again.
    let late_seal = told(frozen.clone()).with(sealed(digest(&first, 1)));
    let judged = |i: &Incident| i.judged(&PLAN, at("2026-03-05T00:00:00.000Z"));
    assert_ne!(summary(&judged(&late_seal)), ClockState::Met);
    assert_eq!(summary(&judged(&told(late_seal))), ClockState::Met);
    // What becomes of the form afterwards - amended, void, another plan - changes nothing about that report.
    let handed = told(signed.clone());
    let voided = handed.clone().with(step(FormMove::Voided { reason: "typing error".to_owned() }));
    assert_eq!(summary(&judged(&voided)), ClockState::Met);
    let amended = handed.with(step(FormMove::Drafted { fields: fields(form, "told otherwise") }));
    assert_eq!(summary(&judged(&amended)), ClockState::Met);
    let mut later = plan::builtin();
    later.files.get_mut("plan.toml").unwrap().push_str("\n# a later edition\n");
    let later = plan::check(&later).unwrap();
    let j = amended.judged(&later, at("2026-03-05T00:00:00.000Z"));
    assert_eq!(summary(&j), ClockState::Met, "{:?}", j.doubts);
    // Another cause is another form: what was sealed says something else.
    let second = fields(form, "stolen key");
    let changed = match &form.fields.iter().any(|f| f.id == "cause") {
        true => second,
        false => {
            let mut all = first.clone();
            let id = form.fields[0].id.clone();
            all.insert(id, FieldValue::Text { text: "told otherwise".to_owned() });
            all
        }
    };
    let voided = signed.with(step(FormMove::Drafted { fields: changed }));
    let j = sent(voided.clone());
    assert_ne!(summary(&j), ClockState::Met);
    assert!(doubted(&j, "doubt.report-form"), "{:?}", j.doubts);
    let again = voided.with(sealed(digest(&first, 1)));
    let j = again.judged(&PLAN, at("2026-03-05T00:00:00.000Z"));
    assert!(doubted(&j, "doubt.form-digest"), "the old seal does not fit the new version: {:?}", j.doubts);
    let witnesses = again.witnesses();
    let view = judge::incident_view(&PLAN, &witnesses, "i-00000001", at("2026-03-05T00:00:00.000Z")).unwrap();
    assert_eq!((view.forms[0].version, view.forms[0].voided_seal), (2, true));
}

#[test]
fn who_drafted_a_form_does_not_review_it() {
    let form = PLAN.forms().iter().find(|f| f.id == "annex-2").unwrap();
    let step = |step: FormMove| {
        Happening::Form(FormStep { serial: "i-00000001/annex-2/1".to_owned(), form: form.id.clone(), step })
    };
    let i = grave("2026-03-02T00:00:00.000Z")
        .with(step(FormMove::Drafted { fields: fields(form, "") }))
        .with(step(FormMove::Reviewed { reviewer: "wang".to_owned() }));
    let j = i.judged(&PLAN, at("2026-03-03T00:00:00.000Z"));
    assert!(j.doubts.iter().any(|d| d.say.key == "doubt.form-own-review"), "{:?}", j.doubts);
}

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
fn a_form_that_is_frozen_after_it_is_said_to_have_been_handed_over_stops_nothing() {
    let form = PLAN.forms().iter().find(|f| f.id == "annex-3").unwrap();
    let serial = "i-00000001/annex-3/1";
    let fields = fields(form, "");
    let frozen = evidence::FrozenForm {
        fields: &fields,
        form: &form.id,
        incident: "i-00000001",
        plan: PLAN.digest(),
        serial,
        version: 1,
    };
    let digest = FormRef::digest_of(&frozen).unwrap();
    let step = |step: FormMove| Happening::Form(FormStep { serial: serial.to_owned(), form: form.id.clone(), step });
    let scan = Document { name: "scan.pdf".to_owned(), digest: Digest([7; 32]), bytes: 10 };
    let mut i = grave("2026-03-02T00:00:00.000Z").moment("end", at("2026-03-02T00:00:01.000Z"));
    i.at = at("2026-03-20T00:00:00.000Z");
    let i = i
        .with(step(FormMove::Drafted { fields: fields.clone() }))
        .with(step(FormMove::Reviewed { reviewer: "li".to_owned() }))
        .with(step(FormMove::Frozen { digest, plan: PLAN.digest() }))
        .with(step(FormMove::Sealed { scan, signatory: "zhao".to_owned(), digest }));
    let mut r = report("summary", "form", at("2026-03-05T00:00:00.000Z"));
    r.form = Some(FormRef { serial: serial.to_owned(), digest });
    let j = i.with(Happening::Reported(r)).judged(&PLAN, at("2026-03-21T00:00:00.000Z"));
    assert_eq!(j.clocks.iter().find(|c| c.clock == "summary").unwrap().state, ClockState::Late);
    assert!(j.doubts.iter().any(|d| d.say.key == "doubt.report-form-later"), "{:?}", j.doubts);
}

#[test]
fn while_a_level_is_proposed_its_confirmation_is_asked_first_and_nothing_false_is_said() {
    let mut set = cases().base["quiet-industrial"].set.clone();
    for (d, v) in [("data-level", "core"), ("threat", "II"), ("loss-yuan", "unknown")] {
        set.insert(d.to_owned(), v.to_owned());
    }
    let i = Incident::opened(&["enterprise"], &["industrial"], t("2026-03-02")).set(&PLAN, &set);
    let j = i.judged(&PLAN, t("2026-03-03"));
    assert_eq!(j.ask[0].dimension, "core-confirmed", "{:?}", j.ask);
    let loss = j.ask.iter().find(|a| a.dimension == "loss-yuan").unwrap();
    // A loss of one yuan makes nothing level I; and I is reckoned with already.
    assert!(loss.would.iter().all(|w| w.regime != "miit"), "{:?}", loss.would);
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

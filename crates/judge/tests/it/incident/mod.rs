//! Incidents: an incident under construction, the plans and the case table; the tests lie by subject beside this file.

mod clocks;
mod entries;
mod forms;
mod levels;

use crate::fixture::{PLAN, node, sign_record, t};
use evidence::{
    Answered, Authenticated, Author, Happening, IncidentEntry, IncidentJudgement, Moment, Opened, Origin, Record,
    Reported, Time,
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
    toml::from_str(include_str!("cases.toml")).unwrap()
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

//! The sentences of incidents: levels, clocks, answers, entries.

use super::IncidentInput;
use crate::clean::clean;
use crate::discover::{safe, write};
use crate::view::{Own, Tongue};
use evidence::{
    Answered, Ask, ClockStanding, ClockState, Digest, Grade, Happening, IncidentEntry, Lang, Origin, Time, Would,
};
use plan::{CheckedPlan, Days, Limit};
use std::fmt::Display;

impl Tongue<'_> {
    /// `Ⅲ · larger (yellow)`: numeral, word and colour, so that no one of them carries the meaning alone.
    pub(crate) fn incident_level(&self, regime: &str, id: &str) -> String {
        let Some(l) = self.plan.incident_levels().iter().find(|l| l.regime == regime && l.id == id) else {
            return clean(id);
        };
        let name = self.plan_text(&format!("incident.{regime}.{id}.name"), id);
        let mut out = if l.numeral.is_empty() || name.starts_with(&l.numeral) {
            name
        } else {
            format!("{} {name}", clean(&l.numeral))
        };
        if !l.colour.is_empty() {
            let colour = self.plan_text(&format!("colour.{}.name", l.colour), &l.colour);
            out = self.f("incident.level-colour", &[("level", &out), ("colour", &colour)]);
        }
        out
    }
    /// A word of the plan, or the id.
    pub(crate) fn plan_text(&self, key: &str, id: &str) -> String {
        self.plan_word(key).map_or_else(|| clean(id), clean)
    }
    pub(crate) fn actor(&self, id: &str) -> String {
        self.plan_text(&format!("actor.{id}.name"), id)
    }
    pub(crate) fn moment(&self, id: &str) -> String {
        let own = crate::words::find(self.lang, &format!("moment.{id}")).map(str::to_owned);
        let plans = self.plan_word(&format!("moment.{id}.name")).map(clean);
        plans.or(own).unwrap_or_else(|| clean(id))
    }
    pub(crate) fn clock(&self, id: &str) -> String {
        self.plan_text(&format!("clock.{id}.name"), id)
    }
    pub(crate) fn dimension(&self, id: &str) -> String {
        self.plan_text(&format!("dimension.{id}.name"), id)
    }
}

/// A grade in words: one level, or from where to where.
pub(crate) fn grade(tongue: Tongue<'_>, g: &Grade) -> String {
    let least = tongue.incident_level(&g.regime, &g.at_least);
    let most = tongue.incident_level(&g.regime, &g.at_most);
    let mut out = match g.at_least == g.at_most {
        true => least,
        false => tongue.f("incident.range", &[("least", &least), ("most", &most)]),
    };
    if let Some(p) = &g.proposed {
        let proposed = tongue.incident_level(&g.regime, p);
        out = tongue.f("incident.proposed", &[("grade", &out), ("level", &proposed)]);
    }
    out
}

/// What an answer would change: `II from 10,000,000`.
pub(crate) fn would(tongue: Tongue<'_>, dimension: &str, w: &Would) -> String {
    let level = tongue.incident_level(&w.regime, &w.level);
    match (w.from, &w.chosen) {
        (Some(from), _) => tongue.f("incident.would-from", &[("from", &number(from)), ("level", &level)]),
        (None, Some(word)) => {
            let word = chosen(tongue, dimension, word);
            tongue.f("incident.would-chosen", &[("word", &word), ("level", &level)])
        }
        (None, None) => tongue.f("incident.would-together", &[("level", &level)]),
    }
}

/// A question with what its answer would change, for a prompt.
#[must_use]
pub fn question(plan: &CheckedPlan, ask: &Ask, lang: Lang) -> Vec<String> {
    let own = Own::default();
    let tongue = Tongue { lang, plan, own: &own };
    let mut out = vec![tongue.plan_text(&format!("dimension.{}.question", ask.dimension), &ask.dimension)];
    for line in consequences(tongue, ask) {
        out.push(format!("  {line}"));
    }
    out
}

/// What a question's answers would change, a line a regime.
pub(crate) fn consequences(tongue: Tongue<'_>, ask: &Ask) -> Vec<String> {
    let mut regimes: Vec<&str> = ask.would.iter().map(|w| w.regime.as_str()).collect();
    regimes.dedup();
    let line = |regime: &&str| {
        let of = ask.would.iter().filter(|w| w.regime == *regime);
        let texts: Vec<String> = of.map(|w| would(tongue, &ask.dimension, w)).collect();
        let name = tongue.plan_text(&format!("regime.{regime}.name"), regime);
        format!("{name}: {}", texts.join(tongue.t("report.list-join")))
    };
    regimes.iter().map(line).collect()
}

/// A chosen word of a dimension: a level of the data, a level of a regime, or none.
pub(crate) fn chosen(tongue: Tongue<'_>, dimension: &str, value: &str) -> String {
    if value == "none" {
        return tongue.t("incident.none").to_owned();
    }
    let plan = tongue.plan;
    if plan.levels().iter().any(|l| l.id.as_str() == value) {
        return tongue.level(&value.into());
    }
    let words = |l: &&plan::IncidentLevel| l.id == value && l.criteria.iter().any(|c| c.dimension == dimension);
    let of = plan.incident_levels().iter().find(words).or(plan.incident_levels().iter().find(|l| l.id == value));
    match of {
        Some(l) => {
            let criterion = l.criteria.iter().find(|c| c.dimension == dimension);
            let name = if l.numeral.is_empty() { &l.id } else { &l.numeral };
            match criterion {
                Some(c) => beside(tongue, &clean(name), &tongue.plan_text(&format!("criterion.{}.what", c.id), &c.id)),
                None => clean(name),
            }
        }
        None => clean(value),
    }
}

/// What is known of a dimension.
/// A name and what is said of it, with the colon of the language.
pub(crate) fn named(tongue: Tongue<'_>, name: &str, said: &str) -> String {
    tongue.f("incident.named", &[("name", &name), ("said", &said)])
}

/// Words and what stands beside them in brackets, with those of the language.
pub(crate) fn beside(tongue: Tongue<'_>, words: &str, more: &dyn Display) -> String {
    tongue.f("incident.beside", &[("words", &words), ("more", more)])
}

pub(crate) fn answered(tongue: Tongue<'_>, dimension: &str, a: &Answered) -> String {
    match a {
        Answered::Unknown => tongue.t("incident.unknown").to_owned(),
        Answered::Number { least, most } => match (least, most) {
            (Some(a), Some(b)) if a == b => number(*a),
            (a, b) => {
                let a = a.map_or_else(|| "0".to_owned(), number);
                match b {
                    Some(b) => tongue.f("incident.between", &[("least", &a), ("most", &number(*b))]),
                    None => tongue.f("incident.at-least", &[("least", &a)]),
                }
            }
        },
        Answered::Chosen { value, reason } => {
            let word = chosen(tongue, dimension, value);
            if reason.is_empty() { word } else { named(tongue, &word, &plain(reason)) }
        }
    }
}

/// What meets a criterion: a number with its thousands apart, a level by its numeral.
pub(crate) fn met(tongue: Tongue<'_>, regime: &str, value: &str) -> String {
    let level = tongue.plan.incident_levels().iter().find(|l| l.regime == regime && l.id == value);
    match (value.parse(), level) {
        (Ok(n), _) => number(n),
        (_, Some(l)) if !l.numeral.is_empty() => clean(&l.numeral),
        _ => clean(value),
    }
}

/// A text of people on one line: its own lines follow each other.
pub(crate) fn plain(text: &str) -> String {
    text.lines().map(clean).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `1200000` as `1,200,000`.
pub(crate) fn number(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if n < 0 { format!("-{out}") } else { out }
}

/// `2 d 4 h`, `12 min`, `40 s`: two units at most.
pub(crate) fn span(tongue: Tongue<'_>, millis: i64) -> String {
    let seconds = millis.unsigned_abs() / 1000;
    let parts = [
        ("day", seconds / 86_400),
        ("hour", seconds / 3600 % 24),
        ("minute", seconds / 60 % 60),
        ("second", seconds % 60),
    ];
    let first = parts.iter().position(|p| p.1 > 0).unwrap_or(3);
    let shown: Vec<String> = parts
        .iter()
        .skip(first)
        .take(2)
        .filter(|p| p.1 > 0 || p.0 == "second" && first == 3)
        .map(|(unit, n)| tongue.f(&format!("incident.span-{unit}"), &[("count", n)]))
        .collect();
    shown.join(" ")
}

/// How a clock stands against now: how long is left, or how late it is.
pub(crate) fn left(tongue: Tongue<'_>, c: &ClockStanding, now: Time) -> String {
    let f = |key: &str, with: &dyn Display| tongue.f(key, &[("span", with)]);
    match (c.state, c.due, c.met) {
        (ClockState::Waiting, ..) => tongue.t("incident.clock-waiting").to_owned(),
        (ClockState::Met, ..) => tongue.t("incident.clock-met").to_owned(),
        (ClockState::MetLate, Some(due), Some(met)) => {
            f("incident.clock-met-late", &span(tongue, met.millis() - due.millis()))
        }
        (ClockState::Late, Some(due), _) => f("incident.clock-late", &span(tongue, now.millis() - due.millis())),
        (_, Some(due), _) => f("incident.clock-left", &span(tongue, due.millis() - now.millis())),
        (ClockState::Due, None, _) => tongue.t("incident.clock-at-once").to_owned(),
        _ => tongue.t("incident.clock-no-figure").to_owned(),
    }
}

/// From whom to whom a clock asks for what, how, within what time.
pub(crate) fn limit(t: Tongue<'_>, c: &ClockStanding) -> String {
    let Some(of_plan) = t.plan.clocks().iter().find(|p| p.id == c.clock) else { return String::new() };
    let limit = match of_plan.limit {
        Limit::Immediately => t.t("incident.limit-immediately").to_owned(),
        Limit::Unstated => t.t("incident.limit-unstated").to_owned(),
        Limit::By(month, day) => format!("{month:02}-{day:02}"),
        Limit::Within(n, unit) => t.f(&format!("incident.limit-{}", unit.name()), &[("count", &n)]),
    };
    let start = match &of_plan.after {
        Some(other) => t.f("incident.after", &[("clock", &t.clock(other))]),
        None => t.moment(&of_plan.starts),
    };
    let with: [(&str, &dyn Display); 5] = [
        ("actor", &t.actor(&of_plan.actor)),
        ("recipient", &t.actor(&of_plan.recipient)),
        ("channel", &t.code("incident.channel", &of_plan.channel)),
        ("limit", &limit),
        ("start", &start),
    ];
    t.f("incident.clock-line", &with)
}

/// What an entry says, in one line.
pub(crate) fn entry(tongue: Tongue<'_>, days: &Days, e: &IncidentEntry) -> String {
    let f = |key: &str, with: &[(&str, &dyn Display)]| tongue.f(&format!("incident.entry-{key}"), with);
    let join = |of: Vec<String>| of.join(tongue.t("report.list-join"));
    match &e.what {
        Happening::Opened(o) => f("opened", &[("title", &clean(&o.title))]),
        Happening::Moment(m) => {
            f("moment", &[("moment", &tongue.moment(&m.moment)), ("at", &days.local(m.at)), ("note", &plain(&m.note))])
        }
        Happening::Answered { answers } => {
            let said = |(d, a): (&String, &Answered)| named(tongue, &tongue.dimension(d), &answered(tongue, d, a));
            f("answered", &[("answers", &join(answers.iter().map(said).collect()))])
        }
        Happening::Noted { text, .. } => text.lines().map(clean).collect::<Vec<_>>().join("\n"),
        Happening::Seen(s) => {
            f("seen", &[("source", &tongue.code("incident.source", &s.source)), ("text", &plain(&s.text))])
        }
        Happening::Reported(r) => {
            let clocks = join(r.clocks.iter().map(|c| tongue.clock(c)).collect());
            let with: [(&str, &dyn Display); 4] = [
                ("to", &clean(&r.to)),
                ("by", &clean(&r.by)),
                ("channel", &tongue.code("incident.channel", &r.channel)),
                ("clocks", &clocks),
            ];
            f("reported", &with)
        }
        Happening::Form(s) => {
            f("form", &[("serial", &clean(&s.serial)), ("step", &tongue.code("incident.form-step", s.step.name()))])
        }
        Happening::Response(r) => {
            let by = tongue.actor(&r.by);
            match &r.level {
                Some(l) => f("response", &[("level", &tongue.incident_level(&r.regime, l)), ("by", &by)]),
                None => f("response-end", &[("by", &by)]),
            }
        }
        Happening::Step(s) => {
            let step = tongue.plan_text(&format!("step.{}.what", s.step), &s.step);
            let key = if s.done { "step" } else { "step-skipped" };
            f(key, &[("step", &step), ("by", &clean(&s.by)), ("note", &plain(&s.note))])
        }
        Happening::Task(t) => {
            let state = tongue.code("incident.task", t.state.name());
            let with: [(&str, &dyn Display); 4] =
                [("number", &t.number), ("text", &plain(&t.text)), ("owner", &clean(&t.owner)), ("state", &state)];
            f("task", &with)
        }
        Happening::Custody(c) => {
            let with: [(&str, &dyn Display); 4] = [
                ("name", &clean(&c.document.name)),
                ("digest", &c.document.digest.short()),
                ("from", &clean(&c.from)),
                ("to", &clean(&c.to)),
            ];
            f("custody", &with)
        }
        Happening::Closed { lessons, .. } => f("closed", &[("lessons", &plain(lessons))]),
        Happening::Reopened { reason } => f("reopened", &[("reason", &plain(reason))]),
    }
}

/// When what an entry says happened: of some it is another instant than when it was written down.
pub(crate) fn happened(e: &IncidentEntry) -> Time {
    match &e.what {
        Happening::Moment(m) => m.at,
        Happening::Noted { at, .. } => *at,
        Happening::Seen(s) => s.at,
        Happening::Reported(r) => r.at,
        Happening::Response(r) => r.at,
        Happening::Step(s) => s.at,
        Happening::Custody(c) => c.at,
        _ => e.stated_at,
    }
}

/// A line of the timeline.
pub(crate) struct Line<'a> {
    /// When it happened.
    pub(crate) at: Time,
    /// Its record.
    pub(crate) leaf: Digest,
    /// The entry.
    pub(crate) entry: &'a IncidentEntry,
}

/// The timeline, in order of what happened.
pub(crate) fn lines<'a>(input: &IncidentInput<'a>) -> Vec<Line<'a>> {
    let mut out: Vec<Line<'a>> =
        input.view.entries.iter().map(|(leaf, e)| Line { at: happened(e), leaf: *leaf, entry: e }).collect();
    out.sort_by_key(|l| (l.at, l.entry.stated_at, l.leaf));
    out
}

/// True if a clock of this node is late.
#[must_use]
pub fn incident_is_late(input: &IncidentInput<'_>) -> bool {
    input.judgement.clocks.iter().any(|c| c.ours && c.certain && c.state == ClockState::Late)
}

/// The clock of this node that is over next.
pub(crate) fn next_clock<'a>(input: &IncidentInput<'a>) -> Option<&'a ClockStanding> {
    let open = |c: &&ClockStanding| {
        c.ours && c.certain && !matches!(c.state, ClockState::Met | ClockState::MetLate | ClockState::Waiting)
    };
    // What is late, then what is owed at once, then what has a figure.
    input.judgement.clocks.iter().filter(open).min_by_key(|c| (c.state != ClockState::Late, c.due))
}

/// When the clock of this node that is over next is over; the beginning of time for what is owed at once, its end if nothing is owed.
#[must_use]
pub fn incident_next_due(input: &IncidentInput<'_>) -> Time {
    match next_clock(input) {
        Some(c) => c.due.or(c.started).unwrap_or(Time::from_millis(i64::MAX)),
        None => Time::from_millis(i64::MAX),
    }
}

/// `(drill)` behind the id of an incident of a drill.
pub(crate) fn marked(tongue: Tongue<'_>, input: &IncidentInput<'_>) -> String {
    match input.view.origin {
        Origin::Live => input.view.incident.to_owned(),
        other => {
            let origin = match other {
                Origin::Drill => "drill",
                _ => "replay",
            };
            tongue.f("incident.marked", &[("id", &input.view.incident), ("origin", &tongue.code("origin", origin))])
        }
    }
}

/// The list as CSV, a row an incident.
#[must_use]
pub fn incidents_csv(plan: &CheckedPlan, list: &[IncidentInput<'_>]) -> String {
    let regimes: Vec<String> = plan.regimes().iter().map(|r| r.id.clone()).collect();
    let mut head: Vec<String> =
        ["incident", "title", "origin", "opened", "closed", "late", "next_clock", "next_due"].map(str::to_owned).into();
    for r in &regimes {
        head.extend([format!("{r}_at_least"), format!("{r}_at_most")]);
    }
    let row = |input: &IncidentInput<'_>| {
        let next = next_clock(input);
        let origin = match input.view.origin {
            Origin::Live => "live",
            Origin::Drill => "drill",
            Origin::Replay => "replay",
        };
        let mut row: Vec<String> = vec![
            input.view.incident.to_owned(),
            safe(&input.view.opened.title),
            origin.to_owned(),
            input.view.opened_at.to_string(),
            input.view.closed.map_or_else(String::new, |e| e.stated_at.to_string()),
            incident_is_late(input).to_string(),
            next.map_or_else(String::new, |c| c.clock.clone()),
            next.and_then(|c| c.due).map_or_else(String::new, |d| d.to_string()),
        ];
        for r in &regimes {
            let grade = input.judgement.grades.iter().find(|g| &g.regime == r);
            row.extend(
                grade.map_or_else(|| [String::new(), String::new()], |g| [g.at_least.clone(), g.at_most.clone()]),
            );
        }
        row
    };
    write(std::iter::once(head).chain(list.iter().map(row)))
}

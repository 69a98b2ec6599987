//! Incidents on a terminal.

use super::IncidentInput;
use super::say::{self, answered, consequences, entry, grade, incident_is_late, left, lines, marked, next_clock};
use crate::Style;
use crate::clean::clean;
use crate::paper::{Ink, Paper};
use crate::view::{Labelled, Tongue};
use evidence::{ClockStanding, ClockState, Origin, TaskState};
use plan::Days;

/// Questions shown; the rest is counted.
const QUESTIONS_MAX: usize = 3;
/// Clocks shown that are only possible, or others'.
const BRIEF_MAX: usize = 5;
/// Doubts shown.
const DOUBTS_MAX: usize = 8;

pub(crate) fn one(input: &IncidentInput<'_>, tongue: Tongue<'_>, style: Style) -> String {
    let mut page = Page { input, tongue, days: Days::of(input.plan.calendar()), paper: Paper::new(tongue, style) };
    page.head();
    page.grades();
    page.clocks();
    page.questions();
    page.answers();
    page.response();
    page.forms();
    page.doubts();
    page.paper.into_text()
}

struct Page<'i, 'a> {
    input: &'i IncidentInput<'a>,
    tongue: Tongue<'i>,
    days: Days,
    paper: Paper<'i>,
}

/// A sign beside the word: a reader without colour sees it too.
fn sign(state: ClockState) -> &'static str {
    match state {
        ClockState::Late | ClockState::MetLate => "✗",
        ClockState::Due => "!",
        ClockState::Warned | ClockState::Running => "·",
        ClockState::Waiting => "…",
        ClockState::Met => "✓",
    }
}

/// What calls for an act comes first.
fn rank(state: ClockState) -> u8 {
    match state {
        ClockState::Late => 0,
        ClockState::Due => 1,
        ClockState::Warned => 2,
        ClockState::Running => 3,
        ClockState::Waiting => 4,
        ClockState::MetLate => 5,
        ClockState::Met => 6,
    }
}

fn ink(state: ClockState) -> Ink {
    match state {
        ClockState::Late | ClockState::MetLate => Ink::Red,
        ClockState::Due | ClockState::Warned => Ink::Yellow,
        ClockState::Met => Ink::Green,
        ClockState::Running => Ink::Bold,
        ClockState::Waiting => Ink::Dim,
    }
}

impl Page<'_, '_> {
    fn head(&mut self) {
        let (t, v) = (self.tongue, self.input.view);
        let id = marked(t, self.input);
        let title = t.f("incident.title", &[("id", &id), ("title", &clean(&v.opened.title))]);
        self.paper.title(&title);
        if v.origin == Origin::Drill {
            self.paper.para("", Some(Ink::Bold), t.t("incident.is-drill"));
        }
        let opened = self.days.local(v.opened_at);
        let state = match v.closed {
            Some(e) => t.f("incident.was-closed", &[("opened", &opened), ("closed", &self.days.local(e.stated_at))]),
            None => t.f("incident.is-open", &[("opened", &opened)]),
        };
        self.paper.para("", None, &state);
        let moments: Vec<Labelled> = v
            .moments
            .values()
            .map(|m| Labelled { label: t.moment(&m.moment), values: vec![self.days.local(m.at)] })
            .collect();
        self.paper.pairs("", &moments);
    }

    fn grades(&mut self) {
        let t = self.tongue;
        self.paper.heading(t.t("incident.grade-heading"));
        for g in &self.input.judgement.grades {
            let name = t.plan_text(&format!("regime.{}.name", g.regime), &g.regime);
            self.paper.para("", Some(Ink::Bold), &say::named(t, &name, &grade(t, g)));
            for m in g.met.iter().filter(|m| m.level == g.at_least) {
                let what = t.plan_text(&format!("criterion.{}.what", m.criterion), &m.criterion);
                let of_plan = self.input.plan.incident_levels().iter().flat_map(|l| &l.criteria);
                let source = of_plan.clone().find(|c| c.id == m.criterion).map_or_else(String::new, |c| {
                    let sure = t.how_sure(c.sourced.sure, c.sourced.draft);
                    t.f("incident.source-line", &[("source", &clean(&c.sourced.source)), ("sure", &sure)])
                });
                let value = say::met(t, &g.regime, &m.value);
                self.paper.para("  ✓ ", None, &t.f("incident.met-line", &[("what", &what), ("value", &value)]));
                self.paper.para("    ", Some(Ink::Dim), &source);
            }
            if g.met.is_empty() {
                self.paper.para("  ", Some(Ink::Dim), t.t("incident.nothing-met"));
            }
        }
    }

    /// What is owed for certain comes first, what is over next before the rest; what is only possible and what others owe is a line each.
    fn clocks(&mut self) {
        let t = self.tongue;
        let all = &self.input.judgement.clocks;
        self.paper.heading(t.t("incident.clocks-heading"));
        let mut certain: Vec<&ClockStanding> = all.iter().filter(|c| c.ours && c.certain).collect();
        certain.sort_by_key(|c| (rank(c.state), c.due));
        if certain.is_empty() {
            self.paper.para("  ", None, t.t("incident.no-clocks"));
        }
        for c in certain {
            self.clock(c);
        }
        let mut possible: Vec<&ClockStanding> = all.iter().filter(|c| c.ours && !c.certain).collect();
        possible.sort_by_key(|c| (rank(c.state), c.due));
        self.brief("incident.clocks-possible", &possible);
        let others: Vec<&ClockStanding> = all.iter().filter(|c| !c.ours).collect();
        self.brief("incident.clocks-of-others", &others);
    }

    fn brief(&mut self, heading: &str, clocks: &[&ClockStanding]) {
        let t = self.tongue;
        if clocks.is_empty() {
            return;
        }
        self.paper.line("");
        self.paper.para("", Some(Ink::Bold), t.t(heading));
        for c in clocks.iter().take(BRIEF_MAX) {
            let due = c.due.map(|d| t.f("incident.clock-due", &[("due", &self.days.local_end(d))]));
            let mut line = format!("{} · {}", t.clock(&c.clock), say::limit(t, c));
            if c.ours || c.started.is_some() {
                line = format!("{line} · {}", left(t, c, self.input.now));
            }
            if let Some(due) = due {
                line = format!("{line} · {due}");
            }
            self.paper.para(&format!("  {} ", sign(c.state)), Some(Ink::Dim), &line);
        }
        self.paper.more("incident.more", clocks.len().saturating_sub(BRIEF_MAX));
    }

    fn clock(&mut self, c: &ClockStanding) {
        let t = self.tongue;
        // What is owed at once does not come near an end: it is due.
        let state = match (c.state, c.due) {
            (ClockState::Due, None) => t.t("incident.clock-owed").to_owned(),
            _ => t.code("incident.clock", c.state.name()),
        };
        let line = format!("{state} · {} · {}", t.clock(&c.clock), left(t, c, self.input.now));
        self.paper.para(&format!("  {} ", sign(c.state)), Some(ink(c.state)), &line);
        if let Some(due) = c.due {
            self.paper.para("    ", None, &t.f("incident.clock-due", &[("due", &self.days.local_end(due))]));
        }
        self.paper.para("    ", Some(Ink::Dim), &say::limit(t, c));
        if matches!(c.state, ClockState::Late | ClockState::Due | ClockState::Warned | ClockState::Running) {
            let command = format!("watchfire incident told {} --clock {} --to …", self.input.view.incident, c.clock);
            self.paper.para("    → ", Some(Ink::Cyan), &command);
        }
    }

    fn questions(&mut self) {
        let t = self.tongue;
        let ask = &self.input.judgement.ask;
        if ask.is_empty() || self.input.view.closed.is_some() {
            return;
        }
        self.paper.heading(&say::beside(t, t.t("incident.ask-heading"), &ask.len()));
        for (n, a) in ask.iter().take(QUESTIONS_MAX).enumerate() {
            let question = t.plan_text(&format!("dimension.{}.question", a.dimension), &a.dimension);
            self.paper.para(&format!("  {}. ", n + 1), (n == 0).then_some(Ink::Bold), &question);
            for line in consequences(t, a) {
                self.paper.para("     ", None, &line);
            }
            let command = format!("watchfire incident grade {} --set {}=…", self.input.view.incident, a.dimension);
            self.paper.para("     → ", Some(Ink::Cyan), &command);
        }
        self.paper.more("incident.more", ask.len().saturating_sub(QUESTIONS_MAX));
    }

    fn answers(&mut self) {
        let t = self.tongue;
        let v = self.input.view;
        if v.answers.is_empty() {
            return;
        }
        self.paper.heading(t.t("incident.answers-heading"));
        let pairs: Vec<Labelled> = v
            .answers
            .iter()
            .map(|(d, a)| Labelled { label: t.dimension(d), values: vec![answered(t, d, a)] })
            .collect();
        self.paper.pairs("  ", &pairs);
    }

    fn response(&mut self) {
        let (t, v) = (self.tongue, self.input.view);
        if let Some(r) = &v.response {
            self.paper.heading(t.t("incident.response-heading"));
            let line = match &r.last.level {
                Some(l) => {
                    let since = self.days.local(r.since);
                    t.f("incident.response-line", &[("level", &t.incident_level(&r.last.regime, l)), ("since", &since)])
                }
                None => t.f("incident.response-ended", &[("at", &self.days.local(r.last.at))]),
            };
            self.paper.para("  ", None, &line);
        }
        for s in &v.steps {
            let mark = match s.taken {
                Some(taken) if taken.done => "☑",
                Some(_) => "–",
                None => "☐",
            };
            let of_plan = self.input.plan.steps().iter().find(|p| p.id == s.step);
            let who = of_plan.map_or_else(String::new, |p| t.plan_text(&format!("role.{}.name", p.role), &p.role));
            let what = t.plan_text(&format!("step.{}.what", s.step), &s.step);
            self.paper.para(
                &format!("  {mark} "),
                None,
                &format!("{} [{}]", say::beside(t, &what, &who), clean(&s.step)),
            );
        }
        let open: Vec<_> = v.tasks.iter().filter(|x| x.state == TaskState::Open).collect();
        if !open.is_empty() {
            self.paper.heading(t.t("incident.tasks-heading"));
        }
        for task in open {
            let due = task.due.map_or_else(|| "–".to_owned(), |d| self.days.local_end(d));
            let late = task.due.is_some_and(|d| d < self.input.now);
            let with: [(&str, &dyn std::fmt::Display); 4] = [
                ("number", &task.number),
                ("text", &say::plain(&task.text)),
                ("owner", &clean(&task.owner)),
                ("due", &due),
            ];
            self.paper.para(if late { "  ✗ " } else { "  · " }, None, &t.f("incident.task-line", &with));
        }
    }

    fn forms(&mut self) {
        let (t, v) = (self.tongue, self.input.view);
        if v.forms.is_empty() {
            return;
        }
        self.paper.heading(t.t("incident.forms-heading"));
        for f in &v.forms {
            let name = t.plan_text(&format!("form.{}.name", f.form), f.form);
            let state = t.code("incident.form-state", f.state.name());
            self.paper.para("  ", None, &format!("{}  {name}  · {state}", clean(f.serial)));
            if f.voided_seal {
                self.paper.para("    ! ", Some(Ink::Yellow), t.t("incident.seal-voided"));
            }
        }
    }

    fn doubts(&mut self) {
        let t = self.tongue;
        let doubts = &self.input.judgement.doubts;
        if doubts.is_empty() {
            return;
        }
        self.paper.heading(&say::beside(t, t.t("report.doubts.heading"), &doubts.len()));
        for d in doubts.iter().take(DOUBTS_MAX) {
            self.paper.para("  ? ", None, &t.say(&d.say));
        }
        self.paper.more("incident.more", doubts.len().saturating_sub(DOUBTS_MAX));
    }
}

/// Numerals alone, from the certain level to the gravest possible one: `Ⅲ … Ⅰ`.
fn short(t: Tongue<'_>, g: &evidence::Grade) -> String {
    let numeral = |id: &str| {
        let level = t.plan.incident_levels().iter().find(|l| l.regime == g.regime && l.id == id);
        level.filter(|l| !l.numeral.is_empty()).map_or_else(|| t.incident_level(&g.regime, id), |l| clean(&l.numeral))
    };
    match g.at_least == g.at_most {
        true => t.incident_level(&g.regime, &g.at_least),
        false => format!("{} … {}", t.incident_level(&g.regime, &g.at_least), numeral(&g.at_most)),
    }
}

pub(crate) fn list(list: &[IncidentInput<'_>], tongue: Tongue<'_>, style: Style) -> String {
    let t = tongue;
    let mut paper = Paper::new(tongue, style);
    paper.title(t.t("incident.list-title"));
    if list.is_empty() {
        paper.para("  ", None, t.t("incident.list-none"));
        return paper.into_text();
    }
    for input in list {
        let late = incident_is_late(input);
        let mark = if late {
            "✗"
        } else if input.view.closed.is_some() {
            "✓"
        } else {
            "·"
        };
        let head = format!("{}  {}", marked(t, input), clean(&input.view.opened.title));
        paper.para(&format!("{mark} "), Some(if late { Ink::Red } else { Ink::Bold }), &head);
        for g in &input.judgement.grades {
            let regime = t.plan_text(&format!("regime.{}.name", g.regime), &g.regime);
            paper.para("  ", None, &say::named(t, &regime, &short(t, g)));
        }
        if let Some(e) = input.view.closed {
            let closed = Days::of(input.plan.calendar()).local(e.stated_at);
            paper.para("  ", Some(Ink::Dim), &t.f("incident.closed-at", &[("closed", &closed)]));
        } else if let Some(c) = next_clock(input) {
            paper.para("  → ", Some(ink(c.state)), &say::named(t, &t.clock(&c.clock), &left(t, c, input.now)));
        }
    }
    paper.into_text()
}

pub(crate) fn timeline(input: &IncidentInput<'_>, tongue: Tongue<'_>, style: Style) -> String {
    let days = Days::of(input.plan.calendar());
    let mut paper = Paper::new(tongue, style);
    let title = [("id", &marked(tongue, input) as &dyn std::fmt::Display), ("title", &clean(&input.view.opened.title))];
    paper.title(&tongue.f("incident.title", &title));
    for line in lines(input) {
        let at = days.local(line.at);
        let text = entry(tongue, &days, line.entry);
        let lead = " ".repeat(at.chars().count() + 2);
        for (n, part) in text.split('\n').enumerate() {
            paper.para(&if n == 0 { format!("{at}  ") } else { lead.clone() }, None, part);
        }
        let author = &line.entry.author.name;
        let with: [(&str, &dyn std::fmt::Display); 3] =
            [("author", &clean(author)), ("stated", &days.local(line.entry.stated_at)), ("leaf", &line.leaf.short())];
        paper.para(&lead, Some(Ink::Dim), &tongue.f("incident.by-line", &with));
    }
    paper.into_text()
}

//! What a plant has still to do, in the order in which it must begin.

use crate::Style;
use crate::clean::clean;
use crate::html::frame::{Frame, section};
use crate::paper::{Ink, Paper};
use crate::view::{Own, Tongue};
use evidence::{Lang, Time};
use judge::{Guide, GuideItem, GuideState};
use maud::{Markup, html};
use plan::CheckedPlan;
use serde_json::{Value, json};
use std::fmt::Display;

const SECTIONS: [(&str, &str); 1] = [("steps", "guide.steps")];

/// What a guide is shown from.
#[derive(Clone, Copy, Debug)]
pub struct GuideInput<'a> {
    /// The guide.
    pub guide: &'a Guide,
    /// The plan.
    pub plan: &'a CheckedPlan,
    /// Name and version of the program.
    pub program: &'a str,
}

struct Line {
    what: String,
    why: String,
    state: String,
    when: String,
    serves: String,
}

fn mark(state: GuideState) -> &'static str {
    match state {
        GuideState::Overdue => "!!",
        GuideState::Next => "→",
        GuideState::Waiting => "·",
        GuideState::Done => "✓",
    }
}

fn line(t: Tongue<'_>, i: &GuideItem) -> Line {
    let word = |part: &str| t.plan_word(&format!("lead.{}.{part}", i.lead)).map_or_else(|| clean(&i.lead), clean);
    let mut state = t.code("guide-state", i.state.name());
    if !i.before.is_empty() && i.state != GuideState::Done {
        let before: Vec<String> =
            i.before.iter().map(|b| t.plan_word(&format!("lead.{b}.what")).map_or_else(|| clean(b), clean)).collect();
        state = format!("{state} {}", t.f("guide.after", &[("list", &before.join("; "))]));
    }
    if let Some(fact) = &i.unknown {
        state = format!("{state} {}", t.f("guide.unknown", &[("fact", &clean(fact))]));
    }
    let when = match i.start_by {
        Some(by) => t.f("guide.start-by", &[("day", &by.date()), ("days", &i.days)]),
        None => t.f("guide.no-day", &[("days", &i.days)]),
    };
    let duties = i.duties.iter().map(|d| t.plan_word(&format!("duty.{d}.name")).map_or_else(|| clean(d), clean));
    let serves: Vec<String> = i.targets.iter().map(|x| clean(x)).chain(duties).collect();
    Line { what: word("what"), why: word("why"), state, when, serves: serves.join(", ") }
}

fn head(t: Tongue<'_>, g: &Guide) -> String {
    let open = g.items.iter().filter(|i| i.state != GuideState::Done).count();
    let overdue = g.items.iter().filter(|i| i.state == GuideState::Overdue).count();
    let due = g.due.map_or_else(|| "-".to_owned(), Time::date);
    let with: [(&str, &dyn Display); 5] =
        [("as_of", &g.as_of.date()), ("open", &open), ("all", &g.items.len()), ("overdue", &overdue), ("due", &due)];
    t.f("guide.head", &with)
}

/// For a terminal. Ends with a line feed.
#[must_use]
pub fn guide_text(input: &GuideInput<'_>, lang: Lang, style: Style) -> String {
    let own = Own::default();
    let t = Tongue { lang, plan: input.plan, own: &own };
    let mut paper = Paper::new(t, style);
    paper.title(t.t("guide.title"));
    paper.para("", None, &head(t, input.guide));
    for i in &input.guide.items {
        let l = line(t, i);
        let ink = match i.state {
            GuideState::Overdue => Ink::Red,
            GuideState::Next => Ink::Bold,
            GuideState::Waiting | GuideState::Done => Ink::Dim,
        };
        paper.line("");
        paper.para(&format!("{} ", mark(i.state)), Some(ink), &l.what);
        if i.state == GuideState::Done {
            continue;
        }
        paper.para("    ", None, &format!("{}{}{}", l.state, t.t("progress.stop"), l.when));
        paper.para("    ", Some(Ink::Dim), &l.why);
        if !l.serves.is_empty() {
            paper.para("    ", Some(Ink::Dim), &t.f("guide.serves", &[("list", &l.serves)]));
        }
    }
    paper.into_text()
}

/// For programs.
#[must_use]
pub fn guide_json(input: &GuideInput<'_>) -> Value {
    let own = Own::default();
    let items = input.guide.items.iter().map(|i| {
        let of = |lang| line(Tongue { lang, plan: input.plan, own: &own }, i);
        let (en, zh) = (of(Lang::En), of(Lang::Zh));
        json!({
            "lead": i.lead, "state": i.state.name(), "days": i.days, "start_by": i.start_by.map(Time::date),
            "targets": i.targets, "duties": i.duties, "before": i.before, "unknown": i.unknown,
            "words": {"en": {"what": en.what, "why": en.why}, "zh-CN": {"what": zh.what, "why": zh.why}},
        })
    });
    json!({
        "as_of": input.guide.as_of, "plan": input.plan.reference(), "due": input.guide.due.map(Time::date),
        "items": items.collect::<Vec<_>>(),
    })
}

/// As a page: no script, prints on A4.
#[must_use]
pub fn guide_html(input: &GuideInput<'_>, lang: Lang) -> String {
    let own = Own::default();
    let t = Tongue { lang, plan: input.plan, own: &own };
    let (title, subtitle) = ("guide.title", "guide.subtitle");
    let frame = Frame { tongue: t, title, subtitle, sections: &SECTIONS, class: "page" };
    let steps: Markup = html! {
        p class="result" { (head(t, input.guide)) }
        div class="wide" { table {
            thead { tr {
                th scope="col" { (t.t("guide.step")) }
                th scope="col" { (t.t("guide.stands")) }
                th scope="col" { (t.t("guide.when")) }
                th scope="col" { (t.t("guide.for")) }
            } }
            tbody {
                @for i in &input.guide.items {
                    @let l = line(t, i);
                    tr {
                        th scope="row" { (mark(i.state)) " " (l.what) @if i.state != GuideState::Done { div class="soft" { (l.why) } } }
                        td { (l.state) }
                        td { @if i.state != GuideState::Done { (l.when) } }
                        td { (l.serves) }
                    }
                }
            }
        } }
    };
    let body = section(t, &SECTIONS, "steps", &steps);
    let generated = crate::gather::instant(input.guide.as_of);
    let program = clean(input.program);
    frame.page(&body, &t.f("report.generated", &[("time", &generated), ("program", &program)]))
}

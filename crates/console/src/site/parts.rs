//! Parts that pages are made of.

use super::ask::Ask;
use super::fault::Fault;
use super::frame::encoded;
use evidence::Lang;
use maud::{Markup, html};

/// A fault, as people read it.
pub(crate) fn fault(lang: Lang, fault: &Fault) -> Markup {
    html! {
        div.fault role="alert" {
            p { (report::words::say(lang, &fault.say)) }
            @if let Some(field) = fault.field { p.small { (report::words::text(lang, "console.field")) " " code { (field) } } }
        }
        p { a href="/" { (report::words::text(lang, "console.back-home")) } }
    }
}

/// Nothing is there, and what makes something be there.
pub(crate) fn empty(said: &str, hint: &str) -> Markup {
    html! {
        div.empty {
            p { (said) }
            @if !hint.is_empty() { p.small { (hint) } }
        }
    }
}

/// A table: heads, then lines of cells. On a narrow screen each line is a card, and each cell says its head.
pub(crate) fn table(caption: &str, heads: &[&str], lines: Vec<Vec<Markup>>) -> Markup {
    html! {
        div.wide {
            table {
                caption { (caption) }
                thead { tr { @for head in heads { @if head.is_empty() { td {} } @else { th scope="col" { (head) } } } } }
                tbody {
                    @for line in lines {
                        tr { @for (n, cell) in line.into_iter().enumerate() { td data-head=(heads.get(n).copied().unwrap_or_default()) { (cell) } } }
                    }
                }
            }
        }
    }
}

/// A number that stands for something, with its name and what it is of.
pub(crate) fn tile(name: &str, value: &str, of: &str) -> Markup {
    html! { div.tile { span.value { (value) } span.name { (name) } @if !of.is_empty() { span.of { (of) } } } }
}

/// On to the next page of a list.
pub(crate) fn next(ask: &Ask<'_>, query: &[(&str, &str)], after: Option<&str>) -> Markup {
    let here = |more: &[(&str, &str)]| {
        let pairs = query.iter().chain(more).filter(|p| !p.1.is_empty());
        let text: Vec<_> = pairs.map(|(n, v)| format!("{}={}", encoded(n), encoded(v))).collect();
        format!("{}?{}", ask.route.path, text.join("&"))
    };
    html! {
        nav.pager aria-label=(ask.t("console.pages")) {
            @if !ask.wanted("after").is_empty() { a href=(here(&[])) rel="first" { (ask.t("console.first-page")) } }
            @if let Some(after) = after { a href=(here(&[("after", after)])) rel="next" { (ask.t("console.next-page")) } }
        }
    }
}

/// A text of the plan, in which commands stand between backticks.
pub(crate) fn ticked(text: &str) -> Markup {
    html! { @for (n, part) in text.split('`').enumerate() { @if n % 2 == 1 { code { (part) } } @else { (part) } } }
}

/// The word of a state with its own shape, so that colour says nothing alone. `tone`: `good`, `bad`, `warn`, `calm`.
pub(crate) fn mark(tone: &'static str, word: &str) -> Markup {
    let shape = match tone {
        "good" => "✓",
        "bad" => "✕",
        "warn" => "!",
        _ => "·",
    };
    html! { span class={ "mark " (tone) } { span aria-hidden="true" { (shape) } " " (word) } }
}

/// Ways to the pages of one room; the one that is open says so.
pub(crate) fn tabs(ask: &Ask<'_>, pages: &[(&'static str, &'static str)]) -> Markup {
    html! {
        nav.tabs aria-label=(ask.t("console.tabs")) {
            ul { @for (path, word) in pages { li { a href=(path) aria-current=[(ask.route.path == *path).then_some("page")] { (ask.t(word)) } } } }
        }
    }
}

/// The word of a severity, with its shape.
pub(crate) fn severity(ask: &Ask<'_>, severity: evidence::Severity) -> Markup {
    use evidence::Severity as S;
    let tone = match severity {
        S::Critical | S::High => "bad",
        S::Medium => "warn",
        S::Low => "calm",
    };
    mark(tone, &ask.word("severity", severity.name()))
}

/// The word of an outcome, with its shape.
pub(crate) fn outcome(ask: &Ask<'_>, outcome: evidence::Outcome) -> Markup {
    use evidence::Outcome as O;
    let tone = match outcome {
        O::Fail => "bad",
        O::CannotTell => "warn",
        O::Pass => "good",
        O::NotApplicable => "calm",
    };
    mark(tone, &ask.word("outcome", outcome.name()))
}

/// A list's part after `after`, and where the next one begins.
pub(crate) fn after<'l, T>(
    all: &'l [T],
    after: &str,
    id: impl Fn(&T) -> String,
    most: usize,
) -> (&'l [T], Option<String>) {
    let from = if after.is_empty() { 0 } else { all.iter().position(|t| id(t) == after).map_or(all.len(), |n| n + 1) };
    let rest = all.get(from..).unwrap_or_default();
    let here = rest.get(..most).unwrap_or(rest);
    (here, if rest.len() > here.len() { here.last().map(id) } else { None })
}

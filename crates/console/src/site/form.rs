//! Forms: every field has a label, what is needed says so, and the session's own text goes along.

use super::ask::Ask;
use super::fault::Fault;
use super::route::{Field, Takes, may_be};
use maud::{Markup, html};

/// A form that changes something.
#[expect(clippy::needless_pass_by_value, reason = "a page is put together from the inside out")]
pub(crate) fn form(ask: &Ask<'_>, action: &str, fields: Markup, button: &str) -> Markup {
    html! {
        form.act method="post" action=(action) {
            @if let Some(v) = ask.visitor { input type="hidden" name="csrf" value=(v.csrf()); }
            (fields)
            p.go { button type="submit" { (button) } }
        }
    }
}

/// One button that does one thing; `values` go along.
pub(crate) fn button(ask: &Ask<'_>, action: &str, values: &[(&str, &str)], word: &str, tone: &'static str) -> Markup {
    html! {
        form.one method="post" action=(action) {
            @if let Some(v) = ask.visitor { input type="hidden" name="csrf" value=(v.csrf()); }
            @for (name, value) in values { input type="hidden" name=(name) value=(value); }
            button class=(tone) type="submit" { (word) }
        }
    }
}

/// How a line is typed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Line<'a> {
    pub(crate) value: &'a str,
    pub(crate) hint: &'a str,
    pub(crate) needed: bool,
    /// `text` if empty.
    pub(crate) kind: &'a str,
    /// What a browser may fill in.
    pub(crate) fill: &'a str,
    /// Where a page has several fields of a name: what tells this one from the others.
    pub(crate) of: &'a str,
}
impl Line<'_> {
    fn id(&self, name: &str) -> String {
        if self.of.is_empty() { name.to_owned() } else { format!("{name}-{}", self.of) }
    }
}

/// A field of one line.
pub(crate) fn line(name: &str, label: &str, l: Line<'_>) -> Markup {
    let kind = if l.kind.is_empty() { "text" } else { l.kind };
    let id = l.id(name);
    let hint = format!("hint-{id}");
    html! {
        p.field {
            label for=(id) { (label) @if l.needed { span.needed aria-hidden="true" { " *" } } }
            input id=(id) name=(name) type=(kind) value=(l.value) required[l.needed] autocomplete=[(!l.fill.is_empty()).then_some(l.fill)]
                aria-describedby=[(!l.hint.is_empty()).then_some(hint.as_str())];
            @if !l.hint.is_empty() { span.hint id=(hint) { (l.hint) } }
        }
    }
}

/// A field of several lines.
pub(crate) fn text(name: &str, label: &str, l: Line<'_>) -> Markup {
    let id = l.id(name);
    let hint = format!("hint-{id}");
    html! {
        p.field {
            label for=(id) { (label) @if l.needed { span.needed aria-hidden="true" { " *" } } }
            textarea id=(id) name=(name) rows="4" required[l.needed] aria-describedby=[(!l.hint.is_empty()).then_some(hint.as_str())] { (l.value) }
            @if !l.hint.is_empty() { span.hint id=(hint) { (l.hint) } }
        }
    }
}

/// A choice of one.
pub(crate) fn choice(name: &str, label: &str, options: &[(&str, String)], chosen: &str) -> Markup {
    choice_of("", name, label, options, chosen)
}

/// The same, where a page has several of a name.
pub(crate) fn choice_of(of: &str, name: &str, label: &str, options: &[(&str, String)], chosen: &str) -> Markup {
    let id = Line { of, ..Line::default() }.id(name);
    html! {
        p.field {
            label for=(id) { (label) }
            select id=(id) name=(name) {
                @for (value, word) in options { option value=(value) selected[*value == chosen] { (word) } }
            }
        }
    }
}

/// Yes or not.
pub(crate) fn tick(name: &str, label: &str, on: bool) -> Markup {
    html! { p.field.tick { input id=(name) name=(name) type="checkbox" value="1" checked[on]; label for=(name) { (label) } } }
}

/// Any number of several.
pub(crate) fn ticks(name: &str, label: &str, options: &[(&str, String)], on: &[&str]) -> Markup {
    html! {
        fieldset {
            legend { (label) }
            @for (value, word) in options {
                p.field.tick {
                    input id={ (name) "-" (value) } name=(name) type="checkbox" value=(value) checked[on.contains(value)];
                    label for={ (name) "-" (value) } { (word) }
                }
            }
        }
    }
}

/// A list's own filter: a form that reads.
#[expect(clippy::needless_pass_by_value, reason = "a page is put together from the inside out")]
pub(crate) fn filter(ask: &Ask<'_>, fields: Markup) -> Markup {
    html! { form.filter method="get" action=(ask.route.path) { (fields) p.go { button.quiet type="submit" { (ask.t("console.filter")) } } } }
}

/// A paper by name, size and SHA-256. With the script, in a secure context, a chosen file fills them in; its bytes stay with the browser.
pub(crate) fn paper(ask: &Ask<'_>) -> Markup {
    paper_in(ask, "")
}

/// The same, where a page has several: `of` tells this one from the others.
pub(crate) fn paper_in(ask: &Ask<'_>, of: &str) -> Markup {
    let t = |key: &str| ask.t(key);
    let pick = if of.is_empty() { "paper-file".to_owned() } else { format!("paper-file-{of}") };
    html! {
        fieldset.paper data-paper="" data-reading=(t("console.paper.reading")) data-done=(t("console.paper.done")) data-large=(t("console.paper.large")) {
            legend { (t("console.paper.legend")) }
            p.small { (t("console.paper.about")) }
            p.field hidden data-paper-pick="" {
                label for=(pick) { (t("console.paper.file")) }
                input id=(pick) type="file";
                span.hint role="status" data-paper-said="" {}
            }
            (line("document_name", t("console.paper.name"), Line { fill: "off", of, ..Line::default() }))
            (line("document_bytes", t("console.paper.bytes"), Line { fill: "off", of, ..Line::default() }))
            (line("document_sha256", t("console.paper.digest"), Line { fill: "off", of, hint: t("console.paper.digest-hint"), ..Line::default() }))
        }
    }
}

/// A table as text, with the name of its file. With the script a chosen file fills both in; without it the text is put in by hand.
pub(crate) fn table_text(ask: &Ask<'_>, most: usize) -> Markup {
    let t = |key: &str| ask.t(key);
    html! {
        fieldset data-load=(most) data-done=(t("console.paper.loaded")) data-large=(t("console.paper.table-large")) {
            legend { (t("console.paper.table")) }
            p.field hidden data-load-pick="" {
                label for="table-file" { (t("console.paper.table-file")) }
                input id="table-file" type="file" accept=".csv,.json,.txt,text/csv,application/json";
                span.hint role="status" data-load-said="" {}
            }
            (line("name", t("console.paper.name"), Line { fill: "off", of: "table", ..Line::default() }))
            (text("table", t("console.paper.content"), Line { needed: true, ..Line::default() }))
        }
    }
}

/// Fields of a body that say which paper.
pub(crate) const PAPER: [Field; 3] = [
    may_be("document_name", Takes::Line(255)),
    may_be("document_bytes", Takes::Whole(0, 9_007_199_254_740_991)),
    may_be("document_sha256", Takes::Line(80)),
];

/// The paper that a body names.
pub(crate) fn paper_of(ask: &Ask<'_>) -> Result<Option<evidence::Document>, Fault> {
    Ok(node::document_said(ask.text("document_name"), ask.text("document_bytes"), ask.text("document_sha256"))?)
}

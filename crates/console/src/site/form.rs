//! Forms: every field has a label, what is needed says so, and the session's own text goes along.

use super::ask::Ask;
use maud::{Markup, html};

/// A form that changes something.
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
}

/// A field of one line.
pub(crate) fn line(name: &str, label: &str, l: Line<'_>) -> Markup {
    let kind = if l.kind.is_empty() { "text" } else { l.kind };
    let hint = format!("hint-{name}");
    html! {
        p.field {
            label for=(name) { (label) @if l.needed { span.needed aria-hidden="true" { " *" } } }
            input id=(name) name=(name) type=(kind) value=(l.value) required[l.needed] autocomplete=[(!l.fill.is_empty()).then_some(l.fill)]
                aria-describedby=[(!l.hint.is_empty()).then_some(hint.as_str())];
            @if !l.hint.is_empty() { span.hint id=(hint) { (l.hint) } }
        }
    }
}

/// A field of several lines.
pub(crate) fn text(name: &str, label: &str, l: Line<'_>) -> Markup {
    let hint = format!("hint-{name}");
    html! {
        p.field {
            label for=(name) { (label) @if l.needed { span.needed aria-hidden="true" { " *" } } }
            textarea id=(name) name=(name) rows="4" required[l.needed] aria-describedby=[(!l.hint.is_empty()).then_some(hint.as_str())] { (l.value) }
            @if !l.hint.is_empty() { span.hint id=(hint) { (l.hint) } }
        }
    }
}

/// A choice of one.
pub(crate) fn choice(name: &str, label: &str, options: &[(&str, String)], chosen: &str) -> Markup {
    html! {
        p.field {
            label for=(name) { (label) }
            select id=(name) name=(name) {
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
pub(crate) fn filter(ask: &Ask<'_>, fields: Markup) -> Markup {
    html! { form.filter method="get" action=(ask.route.path) role="search" { (fields) p.go { button.quiet type="submit" { (ask.t("console.filter")) } } } }
}

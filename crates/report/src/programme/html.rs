//! Progress as a page: no script, no external request, prints on A4.

use super::ProgressView;
use super::view::{TargetText, group_head, group_row, head, target, together};
use crate::html::frame::{Frame, doubts_list, section};
use crate::view::{Own, Tongue};
use evidence::{Lang, TargetProgress};
use maud::{Markup, html};

const SECTIONS: [(&str, &str); 4] = [
    ("result", "report.result.heading"),
    ("targets", "progress.targets"),
    ("groups", "progress.groups"),
    ("doubts", "report.doubts.heading"),
];

/// The whole page.
#[must_use]
pub fn progress_html(v: &ProgressView<'_>, lang: Lang) -> String {
    let own = Own::default();
    let t = Tongue { lang, plan: v.plan, own: &own };
    let (title, subtitle) = ("progress.title", "progress.legend");
    let frame = Frame { tongue: t, title, subtitle, sections: &SECTIONS, class: "page across" };
    let put = |id: &str, body: Markup| section(t, &SECTIONS, id, &body);
    let doubts: Vec<String> = v.judgement.doubts.iter().map(|d| t.say(&d.say)).collect();
    let texts: Vec<(TargetText, &TargetProgress)> = v.judgement.targets.iter().map(|p| (target(t, v, p), p)).collect();
    let body = html! {
        (put("result", html! {
            @for line in head(t, v) { p { (line) } }
            @for (reached, text) in together(t, v) { p class="result" { (sign(reached)) " " (text) } }
            @if let Some(leaf) = v.leaf { p class="soft" { (t.f("progress.signed", &[("leaf", &leaf.to_string())])) } }
        }))
        (put("targets", targets(t, &texts)))
        (put("groups", html! {
            @for (text, p) in &texts {
                @for (by, groups) in p.by.iter().filter(|(by, _)| v.by.is_none_or(|b| b.name() == by.as_str())) {
                    @if !groups.is_empty() { (table(t, by, text, p)) }
                }
            }
        }))
        (put("doubts", doubts_list(t, &doubts)))
    };
    let generated = crate::gather::instant(v.generated);
    let program = crate::clean::clean(v.program);
    frame.page(&body, &t.f("report.generated", &[("time", &generated), ("program", &program)]))
}

fn sign(reached: bool) -> &'static str {
    if reached { "✓" } else { "✗" }
}

fn targets(t: Tongue<'_>, texts: &[(TargetText, &TargetProgress)]) -> Markup {
    html! {
        div class="wide" { table {
            caption { (t.t("progress.legend")) }
            thead { tr {
                th scope="col" { (t.t("progress.target")) }
                @for (rung, _, _) in texts.first().map_or(&[][..], |x| x.0.ladder.as_slice()) { th scope="col" class="n" { (rung) } }
                th scope="col" { (t.t("progress.stands")) }
            } }
            tbody {
                @for (x, _) in texts {
                    tr {
                        th scope="row" {
                            (sign(x.reached)) " " (x.id) " · " (x.name)
                            @if let Some(reading) = &x.reading { div class="soft" { (reading) } }
                        }
                        @for (_, all, own) in &x.ladder { td class="n" { (all) div class="soft" { "(" (own) ")" } } }
                        td {
                            div { strong { (x.standing) } }
                            div { (x.bound) } div { (x.counts) } div { (x.due) }
                            @if let Some(f) = &x.forecast { div class="soft" { (f) } }
                            div class="soft" { (x.checked) }
                            @for note in &x.notes { div class="soft" { (note) } }
                        }
                    }
                }
            }
        } }
    }
}

fn table(t: Tongue<'_>, by: &str, text: &TargetText, p: &TargetProgress) -> Markup {
    let head = group_head(t, by);
    html! {
        div class="wide" { table class="dense" {
            caption { (text.id) " · " (text.name) }
            thead { tr { @for (n, h) in head.iter().enumerate() { th scope="col" class=[(n > 0).then_some("n")] { (h) } } } }
            tbody {
                @for g in p.by.get(by).map_or(&[][..], Vec::as_slice) {
                    @let row = group_row(t, by, p, g);
                    tr {
                        th scope="row" { (row.first().map_or("", String::as_str)) }
                        @for cell in row.iter().skip(1) { td class="n" { (cell) } }
                    }
                }
            }
        } }
    }
}

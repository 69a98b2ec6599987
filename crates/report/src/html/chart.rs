//! Charts as inline SVG: bars only. Patterns and words carry the meaning, colour only helps.

use crate::view::{ScenarioRow, Tongue, View};
use evidence::{Outcome, Severity};
use maud::{Markup, html};

/// Width of a drawing, in its own units.
const WIDTH: u64 = 640;
/// Height of one bar.
const BAR: u64 = 24;
/// From one bar to the next.
const STEP: u64 = 52;

/// The patterns of all drawings, once a page. Dark solid, hatched, light with dots, empty: told apart without colour.
pub(crate) fn patterns() -> Markup {
    html! {
        svg width="0" height="0" style="position:absolute" aria-hidden="true" focusable="false" {
            defs {
                pattern id="p-fail" width="8" height="8" patternUnits="userSpaceOnUse" {
                    rect width="8" height="8" fill="#8c0d1e" {}
                }
                pattern id="p-cannot-tell" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect width="8" height="8" fill="#fff3cf" {}
                    rect width="4" height="8" fill="#8a6a12" {}
                }
                pattern id="p-pass" width="8" height="8" patternUnits="userSpaceOnUse" {
                    rect width="8" height="8" fill="#b9dfc4" {}
                    circle cx="4" cy="4" r="1.3" fill="#1d6b38" {}
                }
                pattern id="p-paper" width="8" height="8" patternUnits="userSpaceOnUse" {
                    rect width="8" height="8" fill="#eef7f0" {}
                    path d="M0 4h8" stroke="#1d6b38" stroke-width="1" {}
                }
                pattern id="p-not-applicable" width="8" height="8" patternUnits="userSpaceOnUse" {
                    rect width="8" height="8" fill="#fff" {}
                }
                pattern id="p-bar" width="8" height="8" patternUnits="userSpaceOnUse" {
                    rect width="8" height="8" fill="#2b5f8a" {}
                }
            }
        }
    }
}

/// The parts of a scenario's bar: pattern, word, count.
fn parts(view: &View<'_>, row: &ScenarioRow) -> [(&'static str, String, u64); 5] {
    let word = |o: Outcome| view.tongue.outcome(o);
    let seen = row.passed.saturating_sub(row.on_paper);
    [
        ("p-fail", word(Outcome::Fail), row.failed),
        ("p-cannot-tell", word(Outcome::CannotTell), row.cannot_tell),
        ("p-pass", word(Outcome::Pass), seen),
        ("p-paper", paper_word(view), row.on_paper),
        ("p-not-applicable", word(Outcome::NotApplicable), row.not_applicable),
    ]
}

fn paper_word(view: &View<'_>) -> String {
    format!("{} ({})", view.tongue.outcome(Outcome::Pass), view.t("report.scenarios.paper-short"))
}

/// What the patterns mean.
pub(crate) fn legend(view: &View<'_>) -> Markup {
    let row = ScenarioRow {
        name: String::new(),
        risk: true,
        failed: 0,
        cannot_tell: 0,
        passed: 0,
        on_paper: 0,
        not_applicable: 0,
        findings: 0,
        worst: None,
    };
    html! {
        ul class="legend" {
            @for (pattern, word, _) in parts(view, &row) {
                li {
                    svg width="28" height="16" viewBox="0 0 28 16" aria-hidden="true" focusable="false" {
                        rect x="0.5" y="0.5" width="27" height="15" fill=(format!("url(#{pattern})")) stroke="#1a2129" {}
                    }
                    (word)
                }
            }
        }
    }
}

/// One stacked bar for each scenario.
pub(crate) fn scenarios(view: &View<'_>) -> Markup {
    let most = view.scenarios.iter().map(ScenarioRow::checks).max().unwrap_or(0).max(1);
    let height = STEP * view.scenarios.len() as u64;
    html! {
        figure {
            figcaption { (view.t("report.scenarios.chart-title")) }
            svg viewBox=(format!("0 0 {WIDTH} {height}")) width=(WIDTH) height=(height) role="img"
                aria-labelledby="c1-title c1-desc" {
                title id="c1-title" { (view.t("report.scenarios.chart-title")) }
                desc id="c1-desc" { (view.t("report.scenarios.chart-desc")) }
                @for (n, row) in (0_u64..).zip(&view.scenarios) {
                    text x="0" y=(STEP * n + 15) font-size="14" { (row.name) }
                    (stack(&parts(view, row), most, STEP * n + 21))
                }
            }
            (legend(view))
        }
    }
}

fn stack(parts: &[(&'static str, String, u64)], most: u64, top: u64) -> Markup {
    let mut from = 0;
    let placed: Vec<(&str, &str, u64, u64, u64)> = parts
        .iter()
        .map(|(pattern, word, count)| {
            let x = from * (WIDTH - 2) / most;
            from += count;
            (*pattern, word.as_str(), *count, x, from * (WIDTH - 2) / most - x)
        })
        .collect();
    html! {
        @for (pattern, word, count, x, w) in placed {
            @if count > 0 {
                rect x=(x + 1) y=(top) width=(w) height=(BAR) fill=(format!("url(#{pattern})")) stroke="#1a2129" {
                    title { (word) ": " (count) }
                }
                @if w >= 22 {
                    @let middle = x + 1 + w / 2;
                    rect x=(middle - 11) y=(top + 4) width="22" height="16" fill="#fff" stroke="#1a2129" stroke-width="0.5" {}
                    text x=(middle) y=(top + 17) font-size="13" text-anchor="middle" font-weight="600" { (count) }
                }
            }
        }
    }
}

/// Labels wider than this stand above their bars, in terminal columns (about 8 units of the drawing each).
const BESIDE_COLUMNS_MAX: usize = 12;

/// One plain bar for each label: beside it if all labels are short, else under it.
pub(crate) fn bars(tongue: Tongue<'_>, id: &str, family: &str, rows: &[(String, u64)]) -> Markup {
    let most = rows.iter().map(|r| r.1).max().unwrap_or(0).max(1);
    let beside = rows.iter().all(|r| crate::width::width(&r.0) <= BESIDE_COLUMNS_MAX);
    let (step, left, room) = if beside { (30, 112, 250) } else { (48, 1, 360) };
    let height = step * rows.len() as u64;
    let (title, desc) = (format!("{family}.chart-title"), format!("{family}.chart-desc"));
    html! {
        figure {
            figcaption { (tongue.t(&title)) }
            svg viewBox=(format!("0 0 420 {height}")) width="420" height=(height) role="img"
                aria-labelledby=(format!("{id}-title {id}-desc")) {
                title id=(format!("{id}-title")) { (tongue.t(&title)) }
                desc id=(format!("{id}-desc")) { (tongue.t(&desc)) }
                @for (n, (label, count)) in (0_u64..).zip(rows) {
                    @let top = if beside { step * n + 4 } else { step * n + 21 };
                    @if beside {
                        text x="104" y=(step * n + 19) font-size="14" text-anchor="end" { (label) }
                    } @else {
                        text x="0" y=(step * n + 15) font-size="14" { (label) }
                    }
                    rect x=(left) y=(top) width=(count * room / most) height="20" fill="url(#p-bar)" stroke="#1a2129" {}
                    text x=(left + 6 + count * room / most) y=(top + 15) font-size="14" font-weight="600" { (count) }
                }
            }
        }
    }
}

/// Findings by severity as labels and counts.
pub(crate) fn severity_rows(view: &View<'_>) -> Vec<(String, u64)> {
    view.by_severity.iter().map(|(s, n): &(Severity, u64)| (view.tongue.severity(*s), *n)).collect()
}

//! The page, section by section, in the order of the reader.

use super::chart;
use super::frame::{self, Frame, count_table, doubts_list, gap_table, pairs, sample_table, verify_body};
use crate::view::{CheckRow, DataRow, FindingRow, Group, ScenarioRow, View};
use evidence::Outcome;
use maud::{Markup, html};

/// Findings of one check that stand open; the rest folds.
const OPEN_ROWS_MAX: usize = 5;

/// Findings of one check that are listed at all; the rest is counted and stands in the JSON form. A page of a host
/// with a hundred thousand loose files would open in no browser.
const ROWS_MAX: usize = 500;

/// On paper a finding with at most so many rows is not cut.
const KEEP_ROWS_MAX: usize = 2;

/// Sections: anchor and key of the heading.
const SECTIONS: [(&str, &str); 11] = [
    ("result", "report.result.heading"),
    ("scenarios", "report.scenarios.heading"),
    ("findings", "report.findings.heading"),
    ("data", "report.data.heading"),
    ("origin", "report.origin.heading"),
    ("gaps", "report.gaps.heading"),
    ("answers", "report.answers.heading"),
    ("documented", "report.documented.heading"),
    ("passed", "report.passed.heading"),
    ("doubts", "report.doubts.heading"),
    ("verify", "report.verify.heading"),
];

/// The whole page.
pub(crate) fn render(view: &View<'_>) -> String {
    // A run that looked at no host has nothing to say about makers, and most have no reports of others.
    let has = |s: &(&str, &str)| match s.0 {
        "origin" => !view.origin.rows.is_empty(),
        "documented" => !view.documented.is_empty(),
        _ => true,
    };
    let sections: Vec<_> = SECTIONS.into_iter().filter(has).collect();
    let frame = Frame {
        tongue: view.tongue,
        title: "report.title",
        subtitle: "report.subtitle",
        sections: &sections,
        class: "page",
    };
    let body = html! {
        (result(view))
        (scenarios(view))
        (findings(view))
        (data(view))
        @if !view.origin.rows.is_empty() { (section(view, "origin", &super::origin::body(view.tongue, &view.origin))) }
        (gaps(view))
        (people(view))
        @if !view.documented.is_empty() { (documented(view)) }
        (passed(view))
        (doubts(view))
        (verify(view))
    };
    frame.page(&body, &view.footer)
}

/// A section with its heading, named for a screen reader.
fn section(view: &View<'_>, id: &str, body: &Markup) -> Markup {
    frame::section(view.tongue, &SECTIONS, id, body)
}

fn result(view: &View<'_>) -> Markup {
    let body = html! {
        @for sentence in &view.result { p class="result" { (sentence) } }
        @for caution in &view.cautions { p class="caution" { (caution) } }
        h3 { (view.t("report.result.covers")) }
        (pairs(&view.covers, ""))
    };
    section(view, "result", &body)
}

fn scenarios(view: &View<'_>) -> Markup {
    let body = html! {
        div class="scenarios" { @for row in &view.scenarios { (card(view, row)) } }
        p class="soft" { (view.t("report.scenarios.on-paper-note")) }
        (chart::scenarios(view))
        (scenario_table(view))
    };
    section(view, "scenarios", &body)
}

fn card(view: &View<'_>, row: &ScenarioRow) -> Markup {
    let word = |o: Outcome| view.tongue.outcome(o);
    html! {
        div class=(if row.risk { "card" } else { "card other" }) {
            h3 { (row.name) }
            dl {
                dt class="big" { (word(Outcome::Fail)) } dd class="big" { (row.failed) }
                dt { (word(Outcome::CannotTell)) } dd { (row.cannot_tell) }
                dt { (word(Outcome::Pass)) } dd { (row.passed) }
                dt class="sub" { (view.t("report.scenarios.on-paper")) } dd class="sub" { (row.on_paper) }
                dt { (word(Outcome::NotApplicable)) } dd { (row.not_applicable) }
                dt { (view.t("report.scenarios.worst")) }
                dd {
                    @match row.worst {
                        Some(s) => { span class=(format!("badge {}", s.name())) { (view.tongue.severity(s)) } }
                        None => { (view.t("report.none")) }
                    }
                }
            }
        }
    }
}

fn scenario_table(view: &View<'_>) -> Markup {
    let word = |o: Outcome| view.tongue.outcome(o);
    html! {
        div class="wide" { table class="keep" {
            caption { (view.t("report.scenarios.caption")) }
            thead { tr {
                th scope="col" { (view.t("report.scenarios.scenario")) }
                th scope="col" class="n" { (word(Outcome::Fail)) }
                th scope="col" class="n" { (word(Outcome::CannotTell)) }
                th scope="col" class="n" { (word(Outcome::Pass)) }
                th scope="col" class="n" { (view.t("report.scenarios.on-paper")) }
                th scope="col" class="n" { (word(Outcome::NotApplicable)) }
                th scope="col" class="n" { (view.t("report.total")) }
                th scope="col" class="n" { (view.t("report.scenarios.findings")) }
            } }
            tbody {
                @for row in &view.scenarios {
                    tr {
                        th scope="row" { (row.name) @if !row.risk { " *" } }
                        td class="n" { (row.failed) }
                        td class="n" { (row.cannot_tell) }
                        td class="n" { (row.passed) }
                        td class="n" { (row.on_paper) }
                        td class="n" { (row.not_applicable) }
                        td class="n" { (row.checks()) }
                        td class="n" { (row.findings) }
                    }
                }
            }
        } }
        @if view.scenarios.iter().any(|s| !s.risk) { p class="soft" { "* " (view.t("report.scenarios.not-risk")) } }
    }
}

fn findings(view: &View<'_>) -> Markup {
    let rows = chart::severity_rows(view);
    let body = html! {
        @if view.findings.is_empty() {
            p { (view.t("report.findings.none")) }
        } @else {
            p class="soft" { (view.t("report.findings.intro")) }
            div class="charts" {
                (chart::bars(view.tongue, "c2", "report.findings", &rows))
                (count_table(view.tongue, "report.findings.by-severity", "report.findings.severity", "report.findings.count", &rows))
            }
            @for group in &view.findings { (finding(view, group)) }
        }
        @if !view.approved.is_empty() {
            h3 { (view.t("report.approved.heading")) }
            p class="soft" { (view.t("report.approved.intro")) }
            @for group in &view.approved { (finding(view, group)) }
        }
    };
    section(view, "findings", &body)
}

fn finding(view: &View<'_>, group: &Group) -> Markup {
    let severity = group.severity.name();
    html! {
        article class=(format!("finding is-{severity}{}", if group.rows.len() <= KEEP_ROWS_MAX { " keep" } else { "" })) id=(format!("check-{}", group.id)) {
            h3 {
                span class=(format!("badge {severity}")) { (view.tongue.severity(group.severity)) }
                span { (group.title) }
            }
            p class="meta" {
                (group.scenario) " · " code { (group.id) }
                @if group.rows.len() > 1 {
                    " · " (view.tongue.f("report.findings.instances", &[("count", &group.rows.len())]))
                }
            }
            (evidence_table(view, group.rows.get(..OPEN_ROWS_MAX).unwrap_or(&group.rows)))
            @if group.rows.len() > OPEN_ROWS_MAX {
                details {
                    summary {
                        (view.tongue.f("report.more", &[("count", &(group.rows.len() - OPEN_ROWS_MAX))]))
                    }
                    (evidence_table(view, group.rows.get(OPEN_ROWS_MAX..group.rows.len().min(ROWS_MAX)).unwrap_or_default()))
                }
            }
            @if group.rows.len() > ROWS_MAX {
                p { (view.tongue.f("report.findings.more-in-json", &[("count", &(group.rows.len() - ROWS_MAX))])) }
            }
            (said(view, "report.findings.why", &group.why))
            (said(view, "report.findings.remedy", &group.remedy))
            @if !group.rule.is_empty() {
                h4 { (view.t("report.findings.rule")) }
                p {
                    (group.rule) " (" (group.rule_sure) ")"
                    @if !group.plan_rows.is_empty() {
                        " · " (view.t("report.findings.rows")) (view.t("report.label-join")) (group.plan_rows)
                    }
                    @if !group.mappings.is_empty() {
                        " · " (view.t("report.findings.mappings")) (view.t("report.label-join")) (group.mappings)
                    }
                }
            }
        }
    }
}

fn said(view: &View<'_>, key: &str, text: &str) -> Markup {
    html! { @if !text.is_empty() { h4 { (view.t(key)) } p { (text) } } }
}

fn evidence_table(view: &View<'_>, rows: &[FindingRow]) -> Markup {
    html! {
        div class="wide" { table class="evidence" {
            caption { (view.t("report.findings.evidence")) }
            colgroup { col class="object"; col class="seen"; col class="at"; col class="id"; }
            thead { tr {
                th scope="col" { (view.t("report.findings.object")) }
                th scope="col" { (view.t("report.findings.evidence")) }
                th scope="col" { (view.t("report.findings.place")) }
                th scope="col" { (view.t("report.findings.id")) }
            } }
            tbody { @for row in rows { (evidence_row(view, row)) } }
        } }
    }
}

fn evidence_row(view: &View<'_>, row: &FindingRow) -> Markup {
    html! {
        tr {
            th scope="row" class="path" {
                (row.object)
                @if !row.host.is_empty() { div class="soft" { (row.host) } }
            }
            td class="path" {
                @for line in &row.evidence {
                    div {
                        (line.what)
                        @if !line.value.is_empty() { (view.t("report.label-join")) code { (line.value) } }
                    }
                }
                @if row.evidence.is_empty() { (view.t("report.none")) }
                @for measure in &row.measures { div class="soft" { (measure) } }
                @for note in &row.notes { div class="soft" { (note) } }
            }
            td class="path" {
                @let own = row.place.iter().filter(|p| row.evidence.iter().all(|e| e.place != **p));
                @for place in own { div { code { (place) } } }
                @for line in &row.evidence {
                    @if !line.place.is_empty() { div { code { (line.place) } } }
                    @if let Some(digest) = &line.digest {
                        div class="soft" { (view.tongue.f("report.findings.digest", &[("digest", digest)])) }
                    }
                }
            }
            td { code { (row.id) } }
        }
    }
}

fn documented(view: &View<'_>) -> Markup {
    let heads = ["id", "says", "package", "host", "severity", "what"];
    let head = |name: &str| match name {
        "id" => view.t("report.documented.id"),
        "says" => view.t("report.documented.status"),
        "package" => view.t("report.documented.package"),
        "host" => view.t("report.documented.host"),
        "severity" => view.t("report.documented.severity"),
        _ => view.t("report.documented.what"),
    };
    let body = html! {
        p class="soft" { (view.t("report.documented.intro")) }
        @for block in &view.documented {
            h3 { (block.says) }
            p class="soft" { (block.from) }
            div class="wide" { table {
                thead { tr { @for h in heads { th scope="col" { (head(h)) } } } }
                tbody {
                    @for row in block.rows.iter().take(ROWS_MAX) {
                        tr { @for cell in row { td class="path" { (cell) } } }
                    }
                }
            } }
            @if block.rows.len() > ROWS_MAX {
                p { (view.tongue.f("report.findings.more-in-json", &[("count", &(block.rows.len() - ROWS_MAX))])) }
            }
        }
    };
    section(view, "documented", &body)
}

fn data(view: &View<'_>) -> Markup {
    let body = html! {
        @if view.data.is_empty() {
            p { (view.data_note) }
        } @else {
            div class="charts" {
                (chart::bars(view.tongue, "c3", "report.data", &view.by_level))
                (count_table(view.tongue, "report.data.by-level", "report.data.level", "report.data.groups", &view.by_level))
            }
            (data_table(view))
            @if view.data.iter().any(|d| d.proposed) { p { (view.t("report.data.proposed-note")) } }
            @for row in &view.data { (data_details(view, row)) }
        }
    };
    section(view, "data", &body)
}

fn data_table(view: &View<'_>) -> Markup {
    html! {
        div class="wide" { table {
            caption { (view.t("report.data.caption")) }
            thead { tr {
                th scope="col" { (view.t("report.data.class")) }
                th scope="col" { (view.t("report.data.category")) }
                th scope="col" { (view.t("report.data.level")) }
                th scope="col" { (view.t("report.data.root")) }
                th scope="col" class="n" { (view.t("report.data.files")) }
                th scope="col" class="n" { (view.t("report.data.hits")) }
                th scope="col" class="n" { (view.t("report.data.distinct")) }
            } }
            tbody {
                @for row in &view.data {
                    tr {
                        th scope="row" { (row.class) }
                        td { (row.category) }
                        td { (row.level) @if row.proposed { " (" (view.t("report.data.proposed")) ")" } }
                        td class="path" { (row.root) div class="soft" { (row.host) } }
                        td class="n" { (row.files) }
                        td class="n" { (row.hits) }
                        td class="n" { (row.distinct) }
                    }
                }
            }
        } }
    }
}

fn data_details(view: &View<'_>, row: &DataRow) -> Markup {
    let what = format!("{}, {}", row.class, row.root);
    html! {
        @if !row.samples.is_empty() || !row.because.is_empty() {
            details {
                summary { (view.tongue.f("report.data.details", &[("what", &what)])) }
                @if !row.because.is_empty() {
                    h4 { (view.t("report.data.reasons")) }
                    ul class="plain" { @for text in &row.because { li { (text) } } }
                }
                @if !row.samples.is_empty() {
                    (sample_table(view.tongue, &row.samples))
                }
            }
        }
    }
}

fn gaps(view: &View<'_>) -> Markup {
    let body = html! {
        p class="soft" { (view.t("report.gaps.intro")) }
        (gap_table(view.tongue, &view.gaps))
        h3 { (view.t("report.cannot.heading")) }
        @if view.cannot.is_empty() { p { (view.t("report.cannot.none")) } } @else {
            p class="soft" { (view.t("report.cannot.intro")) }
            (check_table(view, "report.cannot.caption", &view.cannot, &[Column::Because]))
        }
    };
    section(view, "gaps", &body)
}

/// Columns that a table of checks can have beside check and scenario.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Outcome,
    Because,
    Record,
}

fn check_table(view: &View<'_>, caption: &str, rows: &[CheckRow], columns: &[Column]) -> Markup {
    let has = |c: Column| columns.contains(&c);
    html! {
        div class="wide" { table {
            caption { (view.t(caption)) }
            thead { tr {
                th scope="col" { (view.t(if rows.iter().all(|r| r.asked) { "report.cannot.check" } else { "report.passed.looked-for" })) }
                th scope="col" { (view.t("report.cannot.scenario")) }
                @if has(Column::Outcome) {
                    th scope="col" { (view.t("report.answers.outcome")) }
                    th scope="col" { (view.t("report.answers.sure")) }
                }
                @if has(Column::Because) { th scope="col" { (view.t("report.cannot.because")) } }
                @if has(Column::Record) { th scope="col" { (view.t("report.answers.record")) } }
            } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" {
                            (row.title)
                            div class="soft" { code { (row.id) } @if !row.host.is_empty() { " · " (row.host) } }
                        }
                        td { (row.scenario) }
                        @if has(Column::Outcome) {
                            td { (view.tongue.outcome(row.outcome)) }
                            td { (row.sure.map(|s| view.tongue.sure(s)).unwrap_or_default()) }
                        }
                        @if has(Column::Because) {
                            td class="path" {
                                (if row.because.is_empty() && row.outcome == Outcome::CannotTell { view.t("report.cannot.no-reason") } else { &row.because })
                            }
                        }
                        @if has(Column::Record) {
                            td { @if let Some(leaf) = &row.basis { code { (leaf) } } }
                        }
                    }
                }
            }
        } }
    }
}

fn people(view: &View<'_>) -> Markup {
    let body = html! {
        p class="soft" { (view.t("report.answers.intro")) }
        @if view.answers.is_empty() { p { (view.t("report.answers.none")) } } @else {
            (check_table(view, "report.answers.caption", &view.answers, &[Column::Outcome, Column::Because, Column::Record]))
        }
        h3 { (view.t("report.answers.open")) }
        @if view.open.is_empty() { p { (view.t("report.answers.open-none")) } } @else {
            p { (view.tongue.f("report.answers.open-intro", &[("command", &"watchfire answer CHECK")])) }
            (check_table(view, "report.answers.open", &view.open, &[Column::Because]))
        }
    };
    section(view, "answers", &body)
}

fn passed(view: &View<'_>) -> Markup {
    let body = html! {
        @if view.passed.is_empty() { p { (view.t("report.passed.none")) } } @else {
            details {
                summary { (view.t("report.passed.caption")) " (" (view.passed.len()) ")" }
                p class="soft" { (view.t("report.passed.intro")) }
                (check_table(view, "report.passed.caption", &view.passed, &[Column::Outcome, Column::Because]))
            }
        }
    };
    section(view, "passed", &body)
}

fn doubts(view: &View<'_>) -> Markup {
    let body = html! {
        (doubts_list(view.tongue, &view.doubts))
    };
    section(view, "doubts", &body)
}

fn verify(view: &View<'_>) -> Markup {
    let body = html! {
        (verify_body(view.tongue, &view.proof_text))
        h3 { (view.t("report.verify.unconfirmed")) }
        @if view.unconfirmed.is_empty() { p { (view.t("report.verify.unconfirmed-none")) } } @else {
            p class="soft" { (view.t("report.verify.unconfirmed-intro")) }
            (unconfirmed(view))
        }
        @if !view.next.is_empty() {
            h3 { (view.t("report.next.heading")) }
            ul class="plain" { @for text in &view.next { li { (text) } } }
        }
    };
    section(view, "verify", &body)
}

fn unconfirmed(view: &View<'_>) -> Markup {
    html! {
        div class="wide" { table {
            caption { (view.t("report.verify.caption")) }
            thead { tr {
                th scope="col" { (view.t("report.verify.element")) }
                th scope="col" { (view.t("report.findings.source")) }
                th scope="col" { (view.t("report.answers.sure")) }
            } }
            tbody {
                @for row in &view.unconfirmed {
                    tr { th scope="row" { (row.id) } td class="path" { (row.source) } td { (row.sure) } }
                }
            }
        } }
    }
}

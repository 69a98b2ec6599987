//! The HTML face of what was found, section by section, in the order of the reader.

use super::view::{ColumnRow, FileRow, FormatRow, Seen};
use crate::html::chart;
use crate::html::frame::{Frame, count_table, doubts_list, gap_table, pairs, sample_table, section, verify_body};
use evidence::Band;
use maud::{Markup, html};

/// Files that are listed; the rest is counted and stands in the CSV and JSON forms.
const FILES_MAX: usize = 300;
/// Files whose masked samples are shown.
const SAMPLED_MAX: usize = 60;
/// Rows that stand open of any list; the rest folds.
const OPEN_ROWS_MAX: usize = 25;
/// Columns and formats that are listed at all.
const ROWS_MAX: usize = 500;

const SECTIONS: [(&str, &str); 9] = [
    ("result", "report.result.heading"),
    ("classes", "discover.classes.heading"),
    ("folders", "discover.folders.heading"),
    ("files", "discover.files.heading"),
    ("columns", "discover.columns.heading"),
    ("formats", "discover.formats.heading"),
    ("gaps", "report.gaps.heading"),
    ("doubts", "report.doubts.heading"),
    ("verify", "report.verify.heading"),
];

/// The whole page.
pub(crate) fn render(seen: &Seen<'_>) -> String {
    let (title, subtitle) = ("discover.title", "discover.subtitle");
    let frame = Frame { tongue: seen.tongue, title, subtitle, sections: &SECTIONS, class: "page" };
    let put = |id: &str, body: Markup| section(seen.tongue, &SECTIONS, id, &body);
    let body = html! {
        (put("result", result(seen)))
        (put("classes", classes(seen)))
        (put("folders", folders(seen)))
        (put("files", files(seen)))
        (put("columns", columns(seen)))
        (put("formats", formats(seen)))
        (put("gaps", html! {
            p class="soft" { (seen.tongue.t("report.gaps.intro")) }
            (gap_table(seen.tongue, &seen.gaps))
        }))
        (put("doubts", doubts_list(seen.tongue, &seen.doubts)))
        (put("verify", html! {
            (verify_body(seen.tongue, &seen.proof_text))
            @if !seen.next.is_empty() {
                h3 { (seen.tongue.t("report.next.heading")) }
                ul class="plain" { @for text in &seen.next { li { (text) } } }
            }
        }))
    };
    frame.page(&body, &seen.footer)
}

fn result(seen: &Seen<'_>) -> Markup {
    html! {
        @for sentence in &seen.result { p class="result" { (sentence) } }
        @for caution in &seen.cautions { p class="caution" { (caution) } }
        h3 { (seen.tongue.t("report.result.covers")) }
        (pairs(&seen.covers, ""))
    }
}

fn classes(seen: &Seen<'_>) -> Markup {
    let t = |key| seen.tongue.t(key);
    html! {
        @if seen.classes.is_empty() { p { (t("discover.result.none")) } } @else {
            div class="charts" {
                (chart::bars(seen.tongue, "c1", "discover.category", &seen.by_category))
                (count_table(seen.tongue, "discover.category.caption", "report.data.category", "report.data.files", &seen.by_category))
            }
            div class="charts" {
                (chart::bars(seen.tongue, "c2", "report.data", &seen.by_level))
                (count_table(seen.tongue, "report.data.by-level", "report.data.level", "report.data.groups", &seen.by_level))
            }
            (class_table(seen))
            @if seen.classes.iter().any(|c| c.proposed) { p { (t("report.data.proposed-note")) } }
            p class="soft" { (t("discover.classes.bands-note")) }
            @for row in seen.classes.iter().filter(|c| c.proposed) {
                @for text in &row.because { p { (row.class) (t("report.label-join")) (text) } }
            }
        }
    }
}

fn class_table(seen: &Seen<'_>) -> Markup {
    let t = |key| seen.tongue.t(key);
    html! {
        div class="wide" { table {
            caption { (t("discover.classes.caption")) }
            thead { tr {
                th scope="col" { (t("report.data.class")) }
                th scope="col" { (t("report.data.category")) }
                th scope="col" { (t("report.data.level")) }
                th scope="col" class="n" { (t("report.data.files")) }
                th scope="col" class="n" { (t("band.high")) }
                th scope="col" class="n" { (t("band.medium")) }
                th scope="col" class="n" { (t("band.low")) }
                th scope="col" class="n" { (t("report.data.distinct")) }
                th scope="col" { (t("report.data.root")) }
            } }
            tbody {
                @for row in &seen.classes {
                    tr {
                        th scope="row" { (row.class) }
                        td { (row.category) }
                        td { (row.level) @if row.proposed { " (" (t("report.data.proposed")) ")" } }
                        td class="n" { (row.files) }
                        td class="n" { (row.high) }
                        td class="n" { (row.medium) }
                        td class="n" { (row.low) }
                        td class="n" { (row.distinct) }
                        td class="path" { (row.root) }
                    }
                }
            }
        } }
    }
}

/// The first rows open, the rest folded.
fn folded<T>(seen: &Seen<'_>, rows: &[T], table: impl Fn(&[T]) -> Markup) -> Markup {
    let rows = rows.get(..ROWS_MAX).unwrap_or(rows);
    let (open, rest) = rows.split_at(rows.len().min(OPEN_ROWS_MAX));
    html! {
        (table(open))
        @if !rest.is_empty() {
            details {
                summary { (seen.tongue.f("report.more", &[("count", &rest.len())])) }
                (table(rest))
            }
        }
    }
}

fn rest(seen: &Seen<'_>, count: usize) -> Markup {
    html! { @if count > 0 { p { (seen.tongue.f("discover.more-elsewhere", &[("count", &count)])) } } }
}

fn folders(seen: &Seen<'_>) -> Markup {
    let t = |key| seen.tongue.t(key);
    let table = |rows: &[super::view::FolderRow]| {
        html! {
            div class="wide" { table {
                caption { (t("discover.folders.caption")) }
                thead { tr {
                    th scope="col" { (t("report.data.root")) }
                    th scope="col" class="n" { (t("report.data.files")) }
                    th scope="col" class="n" { (t("report.data.hits")) }
                    th scope="col" { (t("discover.folders.classes")) }
                } }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" class="path" { (row.folder) }
                            td class="n" { (row.files) }
                            td class="n" { (row.hits) }
                            td { (row.classes) }
                        }
                    }
                }
            } }
        }
    };
    html! {
        @if seen.folders.is_empty() { p { (t("report.none")) } } @else {
            (folded(seen, &seen.folders, table))
            (rest(seen, seen.folders.len().saturating_sub(ROWS_MAX)))
        }
    }
}

fn badge(seen: &Seen<'_>, band: Band) -> Markup {
    html! { span class=(format!("badge band-{}", band.name())) { (seen.tongue.code("band", band.name())) } }
}

fn files(seen: &Seen<'_>) -> Markup {
    let t = |key| seen.tongue.t(key);
    let listed = seen.files.get(..FILES_MAX).unwrap_or(&seen.files);
    html! {
        @if listed.is_empty() { p { (t("report.none")) } } @else {
            p class="soft" { (t("discover.files.intro")) }
            (folded(seen, listed, |rows| file_table(seen, rows)))
            (rest(seen, seen.files.len().saturating_sub(listed.len())))
            @for row in listed.iter().take(SAMPLED_MAX).filter(|f| !f.samples.is_empty()) {
                details {
                    summary { (seen.tongue.f("discover.files.samples", &[("class", &row.class), ("place", &row.place)])) }
                    (sample_table(seen.tongue, &row.samples))
                }
            }
        }
        @if seen.low_files > 0 { p { (seen.tongue.f("discover.files.low", &[("count", &seen.low_files)])) } }
    }
}

/// Where else the same content lies.
fn also(seen: &Seen<'_>, row: &FileRow) -> Markup {
    html! {
        @if !row.also.is_empty() {
            div class="soft" { (seen.tongue.t("discover.files.also")) }
            @for (id, place) in &row.also { div { code { (id) } " " (place) } }
            @if row.also_more > 0 {
                div { (seen.tongue.f("discover.files.also-more", &[("count", &row.also_more)])) }
            }
        }
    }
}

fn file_table(seen: &Seen<'_>, rows: &[FileRow]) -> Markup {
    let t = |key| seen.tongue.t(key);
    html! {
        div class="wide" { table {
            caption { (t("discover.files.caption")) }
            thead { tr {
                th scope="col" { (t("report.data.place")) }
                th scope="col" { (t("report.data.class")) }
                th scope="col" { (t("report.data.level")) }
                th scope="col" { (t("report.data.confidence")) }
                th scope="col" class="n" { (t("report.data.hits")) }
                th scope="col" class="n" { (t("report.data.distinct")) }
                th scope="col" { (t("discover.id")) }
            } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" class="path" { (row.place) (also(seen, row)) }
                        td { (row.class) }
                        td { (row.level) @if row.proposed { " (" (t("report.data.proposed")) ")" } }
                        td { (badge(seen, row.band)) " " (seen.tongue.f("report.data.percent", &[("n", &row.confidence)])) }
                        td class="n" { (row.hits) }
                        td class="n" { (row.distinct) }
                        td { code { (row.id) } }
                    }
                }
            }
        } }
    }
}

fn columns(seen: &Seen<'_>) -> Markup {
    let t = |key| seen.tongue.t(key);
    let table = |rows: &[ColumnRow]| {
        html! {
            div class="wide" { table {
                caption { (t("discover.columns.caption")) }
                thead { tr {
                    th scope="col" { (t("discover.columns.table")) }
                    th scope="col" { (t("discover.columns.column")) }
                    th scope="col" { (t("discover.columns.verdict")) }
                    th scope="col" { (t("report.data.class")) }
                    th scope="col" class="n" { (t("report.data.confidence")) }
                    th scope="col" class="n" { (t("discover.columns.sampled")) }
                    th scope="col" { (t("discover.columns.holding")) }
                    th scope="col" { (t("discover.id")) }
                } }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" class="path" { (row.place) }
                            td class="name" { (row.column) }
                            td { (row.verdict) }
                            td { (row.class) }
                            td class="n" { (seen.tongue.f("report.data.percent", &[("n", &row.confidence)])) }
                            td class="n" { (row.sampled) }
                            td { (row.share) }
                            td { code { (row.id) } }
                        }
                    }
                }
            } }
        }
    };
    html! {
        @if seen.columns.is_empty() { p { (t("discover.columns.none")) } } @else {
            p class="soft" { (t("discover.columns.intro")) }
            (folded(seen, &seen.columns, table))
            (rest(seen, seen.columns.len().saturating_sub(ROWS_MAX)))
        }
    }
}

fn formats(seen: &Seen<'_>) -> Markup {
    let t = |key| seen.tongue.t(key);
    let table = |rows: &[FormatRow]| {
        html! {
            div class="wide" { table {
                caption { (t("discover.formats.caption")) }
                thead { tr {
                    th scope="col" { (t("discover.formats.format")) }
                    th scope="col" { (t("report.data.class")) }
                    th scope="col" { (t("report.data.category")) }
                    th scope="col" { (t("discover.formats.how")) }
                    th scope="col" class="n" { (t("report.data.files")) }
                    th scope="col" class="n" { (t("discover.formats.bytes")) }
                    th scope="col" { (t("discover.formats.example")) }
                } }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" { (row.format) }
                            td { (row.class) }
                            td { (row.category) }
                            td { (row.how) }
                            td class="n" { (row.files) }
                            td class="n" { (row.bytes) }
                            td class="path" {
                                @for (id, place) in &row.examples { div { code { (id) } " " (place) } }
                            }
                        }
                    }
                }
            } }
        }
    };
    html! {
        @if seen.formats.is_empty() { p { (t("discover.formats.none")) } } @else {
            p class="soft" { (t("discover.formats.intro")) }
            (folded(seen, &seen.formats, table))
            (rest(seen, seen.formats.len().saturating_sub(ROWS_MAX)))
        }
    }
}

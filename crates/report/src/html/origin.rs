//! The section about origin: counts first, then every component.

use crate::origin::OriginView;
use crate::view::Tongue;
use maud::{Markup, html};

/// Components that are listed; the rest is counted and stands in the JSON form.
const ROWS_MAX: usize = 500;

/// The body of the section.
pub(crate) fn body(tongue: Tongue<'_>, origin: &OriginView) -> Markup {
    let t = |key| tongue.t(key);
    html! {
        p class="soft" { (t("report.origin.intro")) }
        @if origin.rows.is_empty() { p { (t("report.origin.none")) } } @else {
            @if !origin.home { p class="soft" { (t("report.origin.grouped")) } }
            (counts(tongue, origin))
            table class="keep" {
                caption { (t("report.origin.country-caption")) }
                thead { tr { th scope="col" { (t("report.origin.country")) } th scope="col" class="n" { (t("report.origin.total")) } } }
                tbody { @for (name, n) in &origin.countries { tr { th scope="row" { (name) } td class="n" { (n) } } } }
            }
            (components(tongue, origin))
        }
    }
}

fn counts(tongue: Tongue<'_>, origin: &OriginView) -> Markup {
    let t = |key| tongue.t(key);
    html! {
        div class="wide" { table class="keep" {
            caption { (t("report.origin.count-caption")) }
            thead { tr {
                th scope="col" { (t("report.origin.kind")) }
                @if origin.home {
                    th scope="col" class="n" { (t("report.origin.home")) }
                    th scope="col" class="n" { (t("report.origin.abroad")) }
                } @else {
                    th scope="col" class="n" { (t("report.origin.known")) }
                }
                th scope="col" class="n" { (t("report.origin.oss")) }
                th scope="col" class="n" { (t("report.origin.unknown")) }
                th scope="col" class="n" { (t("report.origin.total")) }
            } }
            tbody {
                @for (kind, [home, abroad, oss, unknown]) in &origin.counts {
                    tr {
                        th scope="row" { (kind) }
                        @if origin.home { td class="n" { (home) } }
                        td class="n" { (abroad) }
                        td class="n" { (oss) }
                        td class="n" { (unknown) }
                        td class="n" { (home + abroad + oss + unknown) }
                    }
                }
            }
        } }
    }
}

fn components(tongue: Tongue<'_>, origin: &OriginView) -> Markup {
    let t = |key| tongue.t(key);
    html! {
        div class="wide" { table {
            caption { (t("report.origin.caption")) }
            thead { tr {
                th scope="col" { (t("report.origin.kind")) }
                th scope="col" { (t("report.origin.component")) }
                th scope="col" { (t("report.origin.version")) }
                th scope="col" { (t("report.origin.supplier")) }
                th scope="col" { (t("report.origin.country")) }
                th scope="col" { (t("report.origin.support")) }
                th scope="col" { (t("report.origin.counterparts")) }
                th scope="col" { (t("report.origin.depends")) }
            } }
            tbody {
                @for row in origin.rows.iter().take(ROWS_MAX) {
                    tr {
                        td { (row.kind) }
                        th scope="row" class="path" { (row.name) @if !row.host.is_empty() { div class="soft" { (row.host) } } }
                        td class="path" { (row.version) }
                        td class="path" { (row.supplier) }
                        td { (row.country) }
                        td { @if row.past { strong { (row.support) } } @else { (row.support) } }
                        td class="path" { @for one in &row.counterparts { div { (one) } } }
                        td class="path" { @for one in &row.depends { div { (one) } } }
                    }
                }
            }
        } }
        @if origin.rows.len() > ROWS_MAX {
            p { (tongue.f("report.origin.more", &[("count", &(origin.rows.len() - ROWS_MAX))])) }
        }
    }
}

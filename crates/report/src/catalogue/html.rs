//! The filing form as a page, across on A4, with what stands behind it.

use super::table::{Table, table};
use super::{CatalogueInput, span, terminal};
use crate::html::chart;
use crate::html::frame::{Frame, count_table, doubts_list, pairs, section};
use crate::view::{Labelled, Tongue};
use evidence::{Asset, AssetStanding};
use maud::{Markup, html};

const SECTIONS: [(&str, &str); 6] = [
    ("result", "report.result.heading"),
    ("form", "catalogue.form"),
    ("found", "catalogue.found"),
    ("transfers", "catalogue.transfers.heading"),
    ("doubts", "report.doubts.heading"),
    ("verify", "catalogue.origin"),
];

/// The whole page.
pub(crate) fn render(input: &CatalogueInput<'_>, tongue: Tongue<'_>) -> String {
    let (title, subtitle) = ("catalogue.title", "catalogue.subtitle");
    let frame = Frame { tongue, title, subtitle, sections: &SECTIONS, class: "page across" };
    let table = table(input, tongue);
    let put = |id: &str, body: Markup| section(tongue, &SECTIONS, id, &body);
    let doubts: Vec<String> = input.catalogue.doubts.iter().map(|d| tongue.say(&d.say)).collect();
    let body = html! {
        (put("result", result(input, tongue)))
        (put("form", form(tongue, &table, &table.title, 0..table.form)))
        (put("found", form(tongue, &table, tongue.t("catalogue.found-caption"), table.form..table.head.len())))
        (put("transfers", transfers(input, tongue)))
        (put("doubts", doubts_list(tongue, &doubts)))
        (put("verify", pairs(&terminal::about(input, tongue), "")))
    };
    let footer = tongue.f(
        "report.generated",
        &[("time", &crate::gather::instant(input.generated)), ("program", &crate::clean::clean(input.program))],
    );
    frame.page(&body, &footer)
}

fn result(input: &CatalogueInput<'_>, tongue: Tongue<'_>) -> Markup {
    let standings: Vec<(String, u64)> = AssetStanding::ALL
        .into_iter()
        .map(|s| {
            (tongue.code("standing", s.name()), input.assets().filter(|a: &&Asset| a.standing == s).count() as u64)
        })
        .collect();
    let levels = terminal::by_level(input, tongue);
    html! {
        @for sentence in terminal::result(input, tongue) { p class="result" { (sentence) } }
        div class="charts" {
            (chart::bars(tongue, "c1", "catalogue.levels", &levels))
            (count_table(tongue, "catalogue.levels.caption", "report.data.level", "catalogue.assets", &levels))
        }
        div class="charts" {
            (chart::bars(tongue, "c2", "catalogue.standings", &standings))
            (count_table(tongue, "catalogue.standings.caption", "catalogue.column.standing", "catalogue.assets", &standings))
        }
        @let next = terminal::next(input, tongue);
        h3 { (tongue.t("report.next.heading")) }
        ul class="plain" { @for text in &next { li { (text) } } }
    }
}

/// Some columns of the table; the first column of the whole table, the carrier, names the row.
fn form(tongue: Tongue<'_>, table: &Table, caption: &str, columns: std::ops::Range<usize>) -> Markup {
    let carrier = table.head.iter().position(|h| tongue.plan_word("form.catalogue.field.carrier") == Some(h.as_str()));
    let shown = |n: &usize| columns.contains(n) && Some(*n) != carrier;
    let numbers: Vec<usize> = (0..table.head.len()).filter(shown).collect();
    html! {
        @if table.rows.is_empty() { p { (tongue.t("catalogue.empty")) } } @else {
            div class="wide" { table class="dense" {
                caption { (caption) }
                thead { tr {
                    @if let Some(n) = carrier { th scope="col" { (table.head.get(n).map_or("", String::as_str)) } }
                    @for n in &numbers { th scope="col" { (table.head.get(*n).map_or("", String::as_str)) } }
                } }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @if let Some(cell) = carrier.and_then(|n| row.get(n)) {
                                th scope="row" class="path" { (cell.text()) }
                            }
                            @for n in &numbers { td { (row.get(*n).map(super::table::Cell::text).unwrap_or_default()) } }
                        }
                    }
                }
            } }
        }
    }
}

fn transfers(input: &CatalogueInput<'_>, tongue: Tongue<'_>) -> Markup {
    let t = |key| tongue.t(key);
    let (least, most) = (
        terminal::need(tongue, input.transfers.needs.0.as_ref()),
        terminal::need(tongue, input.transfers.needs.1.as_ref()),
    );
    let mut needs = vec![tongue.f("catalogue.transfers.at-least", &[("need", &least)])];
    if least == most {
        needs = vec![least];
    } else {
        needs.push(tongue.f("catalogue.transfers.at-most", &[("need", &most)]));
    }
    let all = std::iter::once((t("report.total").to_owned(), &input.transfers.all));
    let by = input.transfers.by_country.iter().map(|(code, c)| (terminal::country(tongue, code), c));
    html! {
        p class="soft" { (t("catalogue.transfers.intro")) }
        (pairs(&[Labelled { label: t("catalogue.transfers.needs").to_owned(), values: needs }], ""))
        div class="wide" { table class="keep" {
            caption { (t("catalogue.transfers.caption")) }
            thead { tr {
                th scope="col" { (t("catalogue.column.country")) }
                th scope="col" class="n" { (t("catalogue.assets")) }
                th scope="col" class="n" { (t("catalogue.column.people")) }
                th scope="col" class="n" { (t("catalogue.column.sensitive")) }
                th scope="col" class="n" { (t("catalogue.transfers.important")) }
                th scope="col" class="n" { (t("catalogue.transfers.core")) }
            } }
            tbody {
                @for (name, c) in by.chain(all) {
                    tr {
                        th scope="row" { (name) }
                        td class="n" { (c.assets) }
                        td class="n" { (span(c.people)) }
                        td class="n" { (span(c.sensitive_people)) }
                        td class="n" { (c.important) }
                        td class="n" { (c.core) }
                    }
                }
            }
        } }
        p class="soft" { (t("catalogue.transfers.note")) }
    }
}

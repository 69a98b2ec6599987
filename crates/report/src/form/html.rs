//! Sheets as one HTML page: a section for each sheet of paper, on the screen as on the printer.

use super::measure::{Ink, Size};
use super::pages::pages;
use super::qr::Code;
use super::said::Said;
use super::sheet::{Block, Piece, Sheet, Table};
use crate::clean::clean;
use crate::html::POLICY;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The only style sheet, inline. Its lengths are those of `measure` and `sheet`.
const STYLE: &str = include_str!("style.css");

pub(super) fn render(said: Said<'_>, sheets: &[Sheet]) -> String {
    let cut: Vec<(&Sheet, Vec<Vec<Block>>)> = sheets.iter().map(|s| (s, pages(s))).collect();
    let all: usize = cut.iter().map(|c| c.1.len()).sum();
    let title = sheets.first().map_or("", |s| s.name.as_str());
    let lang = said.langs.first().map_or("en", |l| l.tag());
    let mut number = 0;
    let mut next = || {
        number += 1;
        number
    };
    let page = html! {
        (DOCTYPE)
        html lang=(lang) dir="ltr" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                @for (sheet, pages) in &cut { @for blocks in pages { (one(said, sheet, blocks, next(), all)) } }
            }
        }
    };
    let mut out = page.into_string();
    out.push('\n');
    out
}

/// One sheet of paper.
fn one(said: Said<'_>, sheet: &Sheet, blocks: &[Block], number: usize, all: usize) -> Markup {
    let count = said.f("form-face.page", &[("page", &number), ("pages", &all)]);
    html! {
        section class="sheet" aria-label=(count) { div class="paper" {
            @if let Some(text) = &sheet.drill { div class="mark" aria-hidden="true" { (text[0]) } }
            header class="top" {
                p class="name" { bdi { (sheet.name) } }
                p class="marks" { @for text in &sheet.marks { span { bdi { (text) } } " " } }
            }
            @if let Some(text) = &sheet.drill { div class="drill" { p { (text[0]) } p class="why" { (text[1]) } } }
            @if let Some(text) = &sheet.band { p class="band" { (text) } }
            @for block in blocks { (lay(block)) }
            footer class="foot" {
                p { @for text in &sheet.foot { span { (text) } " " } }
                p { (count) }
            }
        } }
    }
}

fn lay(block: &Block) -> Markup {
    match block {
        Block::Title { text, under, code } => title(text, under, code.as_ref()),
        Block::Note(ink, text) => html! { div class="block note" { p class=(class(*ink)) { (text) } } },
        Block::Table(table) => html! { div class="block table" { (grid(table)) } },
        Block::Seal(labels) => html! {
            div class="block seal" { table { tbody { tr { @for label in labels { td { p class="plain" { (label) } } } } } } }
        },
    }
}

fn title(text: &[String], under: &[String], code: Option<&Code>) -> Markup {
    let words = html! {
        h1 { @for line in text { span { (line) } } }
        @for line in under { p class="soft" { (line) } }
    };
    html! {
        @match code {
            None => div class="block title" { (words) },
            Some(code) => div class="block title coded" {
                div class="words" { (words) }
                div class="code" {
                    @if code.side() > 0 {
                        svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label=(clean(&code.text))
                            viewBox=(format!("0 0 {0} {0}", code.side())) shape-rendering="crispEdges" {
                            path d=(code.path()) fill="#000" {}
                        }
                    }
                    p { (code.digits) }
                }
            },
        }
    }
}

fn class(ink: Ink) -> &'static str {
    match ink {
        Ink::Plain => "plain",
        Ink::Strong => "strong",
        Ink::Soft => "soft",
    }
}

fn grid(table: &Table) -> Markup {
    // How many rows from here on have the same first cell; 0 where the row above has it already.
    let first = |n: usize| table.rows.get(n).and_then(|r| r.cells.first());
    let span = |n: usize| {
        if !table.merged {
            return 1;
        }
        if n > 0 && first(n - 1) == first(n) {
            return 0;
        }
        (n..table.rows.len()).take_while(|m| first(*m) == first(n)).count()
    };
    html! {
        table class=(if table.size == Size::Small { "small" } else { "form" }) {
            colgroup {
                @for width in &table.widths { col style=(format!("width:{}.{}mm", width / 10, width % 10)); }
            }
            @if !table.head.is_empty() {
                thead { tr { @for cell in &table.head { th scope="col" { (pieces(cell)) } } } }
            }
            tbody {
                @for (n, row) in table.rows.iter().enumerate() {
                    tr {
                        @for (column, cell) in row.cells.iter().enumerate() {
                            @if column == 0 && table.merged {
                                @let rows = span(n);
                                @if rows > 0 { th class="g" scope="rowgroup" rowspan=(rows) { (pieces(cell)) } }
                            } @else if column < table.labels {
                                th scope="row" { (pieces(cell)) }
                            } @else { td { (pieces(cell)) } }
                        }
                    }
                }
            }
        }
    }
}

fn pieces(cell: &[Piece]) -> Markup {
    html! {
        @for piece in cell {
            @match piece {
                Piece::Text(ink, text) => p class=(class(*ink)) { (text) @if text.is_empty() { (PreEscaped("&#8203;")) } },
                Piece::Space => div class="space" {},
                Piece::Pen(text) => p class="pen" { (text) },
                Piece::Boxes(items) => ul class="boxes" {
                    @for (ticked, text) in items {
                        li class=(if *ticked { "ticked" } else { "open" }) {
                            span class="box" { (if *ticked { "☑" } else { "☐" }) } (text)
                        }
                    }
                },
            }
        }
    }
}

//! A paper that is no form: a title, sentences and tables, as a document.

use super::docx;
use super::measure::{Ink, Size};
use super::said::Said;
use super::sheet::{Block, Piece, Row, Sheet, Table, WIDTH};
use evidence::{Lang, Time};
use plan::CheckedPlan;

/// What stands on it; every text is inert.
pub(crate) struct Leaflet {
    pub(crate) title: String,
    pub(crate) under: Vec<String>,
    /// Heading, head and rows of each table. The first column takes the room that the others leave.
    pub(crate) tables: Vec<(String, Vec<String>, Vec<Vec<String>>)>,
    pub(crate) foot: Vec<String>,
    pub(crate) printed: Time,
}

/// Widths of so many columns; the first is as wide as two and a half others.
fn widths(columns: usize) -> Vec<u32> {
    let columns = u32::try_from(columns.max(1)).unwrap_or(1);
    if columns == 1 {
        return vec![WIDTH];
    }
    let each = WIDTH * 2 / (2 * columns + 3);
    let mut out = vec![WIDTH - each * (columns - 1)];
    out.extend((1..columns).map(|_| each));
    out
}

/// As a WordprocessingML document. The same leaflet gives the same bytes.
pub(crate) fn leaflet_docx(plan: &CheckedPlan, lang: Lang, leaflet: &Leaflet) -> Vec<u8> {
    let langs = [lang];
    let said = Said { plan, langs: &langs };
    let mut blocks = vec![Block::Title { text: vec![leaflet.title.clone()], under: leaflet.under.clone(), code: None }];
    for (title, head, rows) in leaflet.tables.iter().filter(|t| !t.2.is_empty()) {
        blocks.push(Block::Note(Ink::Strong, title.clone()));
        blocks.push(Block::Table(Table {
            widths: widths(head.len()),
            head: head.iter().map(|h| vec![Piece::strong(h.as_str())]).collect(),
            rows: rows
                .iter()
                .map(|r| Row { cells: r.iter().map(|c| vec![Piece::plain(c.as_str())]).collect() })
                .collect(),
            size: Size::Small,
            labels: 1,
            merged: false,
            continued: String::new(),
        }));
    }
    let sheet = Sheet {
        name: leaflet.title.clone(),
        marks: Vec::new(),
        band: None,
        drill: None,
        foot: leaflet.foot.clone(),
        blocks,
    };
    docx::render(said, &[sheet], leaflet.printed)
}

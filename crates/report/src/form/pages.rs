//! Sheets cut into pages of A4.
//!
//! Every page of an official paper carries its number and the number of all. Old browsers can neither count pages in a
//! header nor say how many there will be, so pages are cut here, by upper bounds of heights (`measure`). A text that is too long for its page
//! goes on on the next, under the same header; nothing is clipped.

use super::measure::{Ink, Size, bound, fill};
use super::sheet::{Block, Piece, Row, Sheet, Table, WIDTH, block_height, piece_height};
use std::collections::VecDeque;

/// Height of a page within its margins, tenths of a millimetre.
const PAGE: u32 = 2710;
/// What the bounds may be wrong by, and the foot of the page.
const SPARE: u32 = 40 + 130;
/// A row or a table that is not taller goes to the next page as a whole.
const WHOLE_MAX: u32 = 800;
/// Less than this is not worth beginning a row in.
const BEGIN_MIN: u32 = 240;

/// The height that is left for blocks on each page of a sheet.
fn budget(sheet: &Sheet) -> u32 {
    let line = |text: &str| fill(text, WIDTH, 34, 40).lines * 44;
    let marks = line(&sheet.marks.join("   "));
    let drill = if sheet.drill.is_some() { 230 } else { 0 };
    let band = sheet.band.as_ref().map_or(0, |b| fill(b, WIDTH - 60, 48, 40).lines * 64 + 60);
    PAGE.saturating_sub(SPARE + line(&sheet.name) + marks + 60 + drill + band).max(600)
}

/// The blocks of each page; at least one page.
pub(super) fn pages(sheet: &Sheet) -> Vec<Vec<Block>> {
    let mut out = Pages { budget: budget(sheet), used: 0, done: Vec::new(), page: Vec::new() };
    for block in &sheet.blocks {
        match block {
            Block::Table(table) => out.table(table),
            Block::Note(ink, text) => out.note(*ink, text),
            other => out.block(other),
        }
    }
    if !out.page.is_empty() || out.done.is_empty() {
        out.turn();
    }
    out.done
}

struct Pages {
    budget: u32,
    used: u32,
    done: Vec<Vec<Block>>,
    page: Vec<Block>,
}

impl Pages {
    fn turn(&mut self) {
        self.done.push(std::mem::take(&mut self.page));
        self.used = 0;
    }

    fn block(&mut self, block: &Block) {
        let height = block_height(block);
        if self.used > 0 && self.used + height > self.budget {
            let with = if matches!(block, Block::Seal(_)) { self.last_row() } else { None };
            self.turn();
            if let Some(table) = with {
                self.used += table.head_height() + 20;
                self.used += table.rows.iter().map(|r| table.cells_height(&r.cells, WHOLE_MAX)).sum::<u32>();
                self.page.push(Block::Table(table));
            }
        }
        self.used += height;
        self.page.push(block.clone());
    }

    /// A note; one that is longer than a page goes on on the next.
    fn note(&mut self, ink: Ink, text: &str) {
        let (em, line) = bound(Size::Normal, ink);
        let mut rest = text;
        while block_height(&Block::Note(ink, rest.to_owned())) > self.budget {
            self.turn_unless_empty();
            let end = fill(rest, WIDTH, em, (self.budget / line).saturating_sub(1).max(1)).end;
            let (here, after) = rest.split_at(end);
            self.page.push(Block::Note(ink, here.to_owned()));
            self.used = self.budget;
            rest = after;
        }
        self.block(&Block::Note(ink, rest.to_owned()));
    }

    fn turn_unless_empty(&mut self) {
        if !self.page.is_empty() {
            self.turn();
        }
    }

    /// The last row of the page, taken from it: nobody is asked to seal a page that says nothing.
    fn last_row(&mut self) -> Option<Table> {
        let Some(Block::Table(table)) = self.page.last_mut() else { return None };
        let row = table.rows.pop()?;
        if table.rows.is_empty() || table.cells_height(&row.cells, WHOLE_MAX) > WHOLE_MAX {
            table.rows.push(row);
            return None;
        }
        Some(Table { rows: vec![row], ..table.clone() })
    }

    fn table(&mut self, table: &Table) {
        let head = table.head_height() + 20;
        let mut whole = head;
        for row in &table.rows {
            whole += table.cells_height(&row.cells, WHOLE_MAX);
            if whole > WHOLE_MAX {
                break;
            }
        }
        // A small table is not torn apart.
        if !self.page.is_empty() && whole <= WHOLE_MAX && self.used + whole > self.budget {
            self.turn();
        }
        let mut rows: VecDeque<Row> = table.rows.iter().cloned().collect();
        let mut here: Vec<Row> = Vec::new();
        while let Some(row) = rows.pop_front() {
            let own = if here.is_empty() { head } else { 0 };
            let room = self.budget.saturating_sub(self.used + own);
            let height = table.cells_height(&row.cells, self.budget);
            if height <= room {
                self.used += own + height;
                here.push(row);
                continue;
            }
            let empty = here.is_empty() && self.page.is_empty();
            if empty || (height > WHOLE_MAX && room >= BEGIN_MIN) {
                let (first, rest) = split(table, row, room, empty);
                here.push(first);
                rows.push_front(rest);
            } else {
                rows.push_front(row);
            }
            self.put(table, &mut here);
            self.turn();
        }
        self.put(table, &mut here);
    }

    fn put(&mut self, table: &Table, rows: &mut Vec<Row>) {
        if !rows.is_empty() {
            let head = table.head.clone();
            self.page.push(Block::Table(Table {
                rows: std::mem::take(rows),
                head,
                widths: table.widths.clone(),
                continued: table.continued.clone(),
                ..*table
            }));
        }
    }
}

/// What of a row fits in `room`, and the rest. On a page that is `empty`, at least one piece is put whatever its height, or it would never
/// be.
fn split(table: &Table, row: Row, room: u32, empty: bool) -> (Row, Row) {
    let room = room.saturating_sub(Table::pad());
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for (column, pieces) in row.cells.into_iter().enumerate() {
        if column < table.labels {
            let mut again = pieces.clone();
            let mark = Piece::soft(table.continued.clone());
            if again.last() != Some(&mark) {
                again.push(mark);
            }
            first.push(pieces);
            rest.push(again);
            continue;
        }
        let (a, b) = split_cell(table, column, pieces, room, empty);
        first.push(a);
        rest.push(b);
    }
    (Row { cells: first }, Row { cells: rest })
}

fn split_cell(table: &Table, column: usize, pieces: Vec<Piece>, room: u32, empty: bool) -> (Vec<Piece>, Vec<Piece>) {
    let width = table.room(column);
    let (mut here, mut left) = (Vec::new(), room);
    let mut pieces = pieces.into_iter();
    while let Some(piece) = pieces.next() {
        let height = piece_height(&piece, width, table.size, room);
        if height <= left {
            left -= height;
            here.push(piece);
            continue;
        }
        let mut rest = Vec::new();
        match piece {
            Piece::Text(ink, text) => {
                let (em, line) = bound(table.size, ink);
                let lines = if here.is_empty() { (left / line).max(1) } else { left / line };
                if lines == 0 {
                    rest.push(Piece::Text(ink, text));
                } else {
                    let end = fill(&text, width, em, lines).end;
                    let (a, b) = text.split_at(end);
                    here.push(Piece::Text(ink, a.to_owned()));
                    if !b.is_empty() {
                        rest.push(Piece::Text(ink, b.to_owned()));
                    }
                }
            }
            // Boxes and lines to write on are not cut.
            other if here.is_empty() && empty => here.push(other),
            other => rest.push(other),
        }
        rest.extend(pieces);
        return (here, rest);
    }
    (here, Vec::new())
}

//! A paper before it has a form: blocks of texts, boxes and lines to write on. HTML and DOCX lay out the same sheets.

use super::measure::{Ink, Size, bound, height, height_of_boxes};
use super::qr::Code;

/// Width of what is printed on A4, tenths of a millimetre.
pub(super) const WIDTH: u32 = 1820;
/// Height of a line that a person writes on, tenths of a millimetre.
pub(super) const PEN: u32 = 95;
/// Space in a cell above and below, and left and right together, with the border; tenths of a millimetre.
const PAD: (u32, u32) = (27, 46);
/// The code beside the title takes a square of this width, tenths of a millimetre.
pub(super) const CODE: u32 = 380;
/// Height of the boxes to sign and seal.
pub(super) const SEAL: u32 = 420;

/// What stands across the top of each page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Sheet {
    /// What it is.
    pub(super) name: String,
    /// Serial, version, state: what tells this paper from others.
    pub(super) marks: Vec<String>,
    /// Why it must not be used as it is.
    pub(super) band: Option<String>,
    /// The mark of a drill, and what it means.
    pub(super) drill: Option<[String; 2]>,
    /// When it was printed, and the short code.
    pub(super) foot: Vec<String>,
    pub(super) blocks: Vec<Block>,
}

/// A part of a sheet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Block {
    Title {
        /// One line a language.
        text: Vec<String>,
        /// Lines under it.
        under: Vec<String>,
        code: Option<Code>,
    },
    Note(Ink, String),
    Table(Table),
    /// Boxes to sign and seal, by their labels.
    Seal(Vec<String>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Table {
    /// Widths of the columns; together [`WIDTH`].
    pub(super) widths: Vec<u32>,
    pub(super) head: Vec<Vec<Piece>>,
    pub(super) rows: Vec<Row>,
    pub(super) size: Size,
    /// So many columns name a row and are repeated where it goes on.
    pub(super) labels: usize,
    /// Equal cells of the first column, one under the other, are one.
    pub(super) merged: bool,
    /// What stands in the labels of a row that goes on.
    pub(super) continued: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Row {
    pub(super) cells: Vec<Vec<Piece>>,
}

/// What stands in a cell, one under the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    Text(Ink, String),
    /// Boxes: whether it is ticked, and what it says.
    Boxes(Vec<(bool, String)>),
    /// A line to write on, with what is printed on it.
    Pen(String),
    /// Room to write in, as high as such a line.
    Space,
}

impl Piece {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::Text(Ink::Plain, text.into())
    }
    pub(super) fn strong(text: impl Into<String>) -> Self {
        Self::Text(Ink::Strong, text.into())
    }
    pub(super) fn soft(text: impl Into<String>) -> Self {
        Self::Text(Ink::Soft, text.into())
    }
}

/// Height of a piece in a column `room` wide, at most a little over `max`.
pub(super) fn piece_height(piece: &Piece, room: u32, size: Size, max: u32) -> u32 {
    match piece {
        Piece::Text(ink, text) => height(text, room, bound(size, *ink), max),
        Piece::Boxes(items) => height_of_boxes(items, room, size),
        Piece::Pen(_) | Piece::Space => PEN,
    }
}

impl Table {
    /// Room for text in a column.
    pub(super) fn room(&self, column: usize) -> u32 {
        self.widths.get(column).copied().unwrap_or(WIDTH).saturating_sub(PAD.1)
    }
    /// Space of a row beside its pieces.
    pub(super) fn pad() -> u32 {
        PAD.0
    }
    pub(super) fn cells_height(&self, cells: &[Vec<Piece>], max: u32) -> u32 {
        let cell = |(column, pieces): (usize, &Vec<Piece>)| {
            let mut sum = 0;
            for piece in pieces {
                sum += piece_height(piece, self.room(column), self.size, max);
                if sum > max {
                    break;
                }
            }
            sum
        };
        cells.iter().enumerate().map(cell).max().unwrap_or(0) + PAD.0
    }
    pub(super) fn head_height(&self) -> u32 {
        if self.head.is_empty() { 0 } else { self.cells_height(&self.head, 600) }
    }
}

/// Height of a block that is not a table.
pub(super) fn block_height(block: &Block) -> u32 {
    match block {
        Block::Title { text, under, code } => {
            let room = if code.is_some() { WIDTH - CODE - 40 } else { WIDTH };
            let titles: u32 = text.iter().map(|t| height(t, room, (60, 84), 900)).sum();
            let lines: u32 = under.iter().map(|t| height(t, room, bound(Size::Normal, Ink::Soft), 900)).sum();
            (titles + lines + 40).max(if code.is_some() { CODE + 90 } else { 0 })
        }
        Block::Note(ink, text) => height(text, WIDTH, bound(Size::Normal, *ink), 4000) + 24,
        Block::Seal(_) => SEAL + 30,
        Block::Table(_) => 0,
    }
}

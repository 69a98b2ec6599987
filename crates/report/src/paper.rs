//! A terminal page under way: lines, paragraphs, headings and tables of a given width. Words carry the meaning, colour
//! is only added.

use crate::Style;
use crate::view::Tongue;
use crate::width::{fit, left, right, width, wrap};

/// Narrowest and widest page, in columns; wider lines are hard to read.
const COLUMNS: std::ops::RangeInclusive<usize> = 60..=160;
/// The first column of a table keeps this much room, however wide the others are.
const FIRST_COLUMNS_MIN: usize = 12;

/// ANSI attributes. Bold and the eight basic colours only: they follow the user's own palette.
#[derive(Clone, Copy)]
pub(crate) enum Ink {
    Bold,
    Dim,
    Red,
    Yellow,
    Green,
    Cyan,
}

/// The page.
pub(crate) struct Paper<'a> {
    pub(crate) tongue: Tongue<'a>,
    pub(crate) columns: usize,
    colour: bool,
    out: String,
}

impl<'a> Paper<'a> {
    pub(crate) fn new(tongue: Tongue<'a>, style: Style) -> Self {
        let columns = style.width.clamp(*COLUMNS.start(), *COLUMNS.end());
        Self { tongue, columns, colour: style.colour, out: String::new() }
    }

    pub(crate) fn into_text(self) -> String {
        self.out
    }

    pub(crate) fn ink(&self, ink: Ink, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Bold => "1",
            Ink::Dim => "2",
            Ink::Red => "31",
            Ink::Yellow => "33",
            Ink::Green => "32",
            Ink::Cyan => "36",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    pub(crate) fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// Wrapped text behind `lead` (without colour codes), following lines indented by the lead's width.
    pub(crate) fn para(&mut self, lead: &str, ink: Option<Ink>, text: &str) {
        let indent = width(lead);
        for (n, part) in wrap(text, self.columns.saturating_sub(indent)).iter().enumerate() {
            let front = if n == 0 { lead.to_owned() } else { " ".repeat(indent) };
            let part = ink.map_or_else(|| part.clone(), |i| self.ink(i, part));
            self.line(&format!("{front}{part}"));
        }
    }

    pub(crate) fn title(&mut self, text: &str) {
        let title = self.ink(Ink::Bold, &format!("Watchfire · {text}"));
        self.line(&title);
        self.line("");
    }

    pub(crate) fn heading(&mut self, text: &str) {
        self.line("");
        let bold = self.ink(Ink::Bold, text);
        self.line(&bold);
        self.line(&"─".repeat(width(text).min(self.columns)));
    }

    /// Labels and what stands behind them, the labels in one column.
    pub(crate) fn pairs(&mut self, indent: &str, pairs: &[crate::view::Labelled]) {
        let lead = pairs.iter().map(|l| width(&l.label)).max().unwrap_or(0);
        for item in pairs {
            for (n, value) in item.values.iter().enumerate() {
                let label = if n == 0 { item.label.as_str() } else { "" };
                self.para(&format!("{indent}{}  ", left(label, lead)), None, value);
            }
        }
    }

    /// How many more there are, by the text of `key` (hole `count`).
    pub(crate) fn more(&mut self, key: &str, rest: usize) {
        if rest > 0 {
            let text = self.tongue.f(key, &[("count", &rest)]);
            let text = self.ink(Ink::Dim, &text);
            self.line(&format!("  … {text}"));
        }
    }

    /// A table with a heading row; columns with `true` are numbers and go to the right. The first column takes what
    /// room is left and is cut if that is too little.
    pub(crate) fn table(&mut self, head: &[(&str, bool)], rows: &[Vec<String>]) {
        let mut widths: Vec<usize> = head.iter().map(|h| width(h.0)).collect();
        for row in rows {
            for (w, cell) in widths.iter_mut().zip(row) {
                *w = (*w).max(width(cell));
            }
        }
        let fixed: usize = widths.iter().skip(1).map(|w| w + 2).sum();
        if let Some(first) = widths.first_mut() {
            *first = (*first).min(self.columns.saturating_sub(fixed + 2).max(FIRST_COLUMNS_MIN));
        }
        let lay = |cells: Vec<&str>| {
            let parts = cells.iter().zip(&widths).zip(head).map(|((cell, w), h)| {
                let cell = fit(cell, *w);
                if h.1 { right(&cell, *w) } else { left(&cell, *w) }
            });
            format!("  {}", parts.collect::<Vec<_>>().join("  "))
        };
        let top = lay(head.iter().map(|h| h.0).collect());
        let top = self.ink(Ink::Dim, top.trim_end());
        self.line(&top);
        for row in rows {
            let text = lay(row.iter().map(String::as_str).collect());
            self.line(&text);
        }
    }
}

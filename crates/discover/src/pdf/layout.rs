//! From glyphs at places to lines of text.
//!
//! Writers draw text in any order and in pieces of any size: a number may come digit by digit, a form's labels long
//! before what was filled in. So the pieces of a page are gathered with their places, and put in order as the eye
//! does: lines from top to bottom, in a line from left to right, a gap by its width. Text that is turned, or goes
//! from top to bottom, is put in order in its own direction, behind the rest.
//!
//! Refused: columns. A page of two columns is read across, because a table must be, and the gap between keeps the
//! columns apart.

use std::ops::Range;

/// Pieces of one page that are put in order together; a page of more is put in order part by part.
const PIECES_MAX: usize = 1 << 16;
/// Text of one page that is put in order together. Bytes.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// What follows so closely belongs to the same word; wider gaps between the digits of a number are even, see below.
/// In sizes of the font.
const WORD_GAP: f64 = 0.15;
/// A wider gap is one between cells: as wide as two blanks.
const CELL_GAP: f64 = 0.5;
/// Glyphs may overlap so far and still follow each other, for widths are often wrong; where they are the font's own and
/// the pen was moved to a place, no further than letters are drawn together: a long number that juts into the next cell
/// of a table is not part of what stands there.
const OVERLAP: f64 = 0.5;
const OVERLAP_EXACT: f64 = 0.15;
/// What stands so much higher or lower is in another line.
const LINE_GAP: f64 = 0.45;
/// The same text again at so small a distance is bold type made of two, or a shadow.
const SHADOW: f64 = 0.12;
/// Single characters at even distances up to this are one number in the boxes of a form, from so many on.
const BOX_GAP: f64 = 3.0;
const BOXES_MIN: usize = 6;

/// How text is turned and how large it is.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    /// Direction in whole degrees, and as a vector of length one.
    turn: i16,
    x: f64,
    y: f64,
    /// How far the pen goes for a size of one.
    pub(super) reach: f64,
    /// The size along the direction, and across it.
    along: f64,
    across: f64,
    /// How far what is drawn elsewhere may reach into the last glyph.
    overlap: f64,
}
impl Frame {
    /// For text whose pen goes along `(x, y)` for a size of one; `height` is the size across; `em` is how large a letter
    /// of a size of one is, which is not one where glyphs have units of their own.
    pub(super) fn new(x: f64, y: f64, height: f64, em: f64) -> Self {
        let along = x.hypot(y);
        let good = along.is_finite() && along > 1e-9;
        let (ux, uy) = if good { (x / along, y / along) } else { (1.0, 0.0) };
        #[expect(clippy::cast_possible_truncation, reason = "an angle in degrees")]
        let turn = uy.atan2(ux).to_degrees().round() as i16;
        let reach = if good { along } else { 1.0 };
        let across = if height.is_finite() && height > 1e-9 { height } else { reach };
        let turn = if turn == -180 { 180 } else { turn };
        Self { turn, x: ux, y: uy, reach, along: reach * em, across: across * em, overlap: OVERLAP }
    }
    /// The same where the font says how wide its glyphs are.
    pub(super) fn exact(self) -> Self {
        Self { overlap: OVERLAP_EXACT, ..self }
    }
    /// Where a point lies, along the direction and across it (growing downwards).
    pub(super) fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let sane = |v: f64| if v.is_finite() { v.clamp(-1e9, 1e9) } else { 0.0 };
        (sane(x * self.x + y * self.y), sane(x * self.y - y * self.x))
    }
}

/// Text that was drawn in one go.
struct Piece {
    text: Range<usize>,
    turn: i16,
    from: f64,
    /// Where the next glyph is expected, and where the last one that is no blank ends.
    to: f64,
    ink: f64,
    down: f64,
    size: f64,
    height: f64,
    overlap: f64,
}

/// What was drawn on a page so far.
#[derive(Default)]
pub(super) struct Pieces {
    text: String,
    pieces: Vec<Piece>,
    /// The next glyph begins a piece of its own.
    apart: bool,
    /// The pen was put somewhere since the last glyph.
    moved: bool,
    /// How often what was gathered was taken.
    taken: u64,
}
/// A place to go back to.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    text: usize,
    pieces: usize,
    taken: u64,
}

impl Pieces {
    /// True if what was gathered should be put in order now.
    pub(super) fn is_full(&self) -> bool {
        self.pieces.len() >= PIECES_MAX || self.text.len() >= TEXT_BYTES_MAX
    }
    /// Says that the pen was put somewhere.
    pub(super) fn moved(&mut self) {
        self.moved = true;
    }
    /// Where it stands now; what follows begins a piece of its own.
    pub(super) fn mark(&mut self) -> Mark {
        self.apart = true;
        Mark { text: self.text.len(), pieces: self.pieces.len(), taken: self.taken }
    }
    /// Puts `text` in the place of all that was drawn since `mark`, if that is still here.
    pub(super) fn replace(&mut self, mark: Mark, text: &str) {
        let Some(first) = self.pieces.get(mark.pieces).filter(|_| mark.taken == self.taken) else { return };
        let to = self.pieces.last().filter(|l| l.turn == first.turn).map_or(first.to, |l| l.to);
        let whole = Piece { text: mark.text..mark.text + text.len(), to, ink: to, ..*first };
        self.pieces.truncate(mark.pieces);
        self.text.truncate(mark.text);
        self.text.push_str(text);
        self.pieces.push(whole);
        self.apart = true;
    }
    /// Adds a glyph that reaches from `from` to `to` along `frame`, `down` across it.
    pub(super) fn glyph(&mut self, frame: &Frame, from: f64, to: f64, down: f64, text: &str) {
        let start = self.text.len();
        let overlap = if std::mem::take(&mut self.moved) { frame.overlap } else { OVERLAP };
        if let Some(last) = self.pieces.last_mut().filter(|_| !self.apart) {
            let gap = (from - last.to) / frame.along;
            if last.turn == frame.turn
                && (last.down - down).abs() <= 0.05 * frame.across
                && (-overlap..=WORD_GAP).contains(&gap)
                // Not the same glyph once more.
                && from - last.from > SHADOW * frame.along
            {
                self.text.push_str(text);
                last.text.end = self.text.len();
                last.to = to;
                if !text.trim().is_empty() {
                    last.ink = to;
                }
                return;
            }
        }
        self.apart = false;
        self.text.push_str(text);
        self.pieces.push(Piece {
            text: start..self.text.len(),
            turn: frame.turn,
            from,
            to,
            ink: to,
            down,
            size: frame.along,
            height: frame.across,
            overlap: frame.overlap,
        });
    }
    /// Puts in order what was gathered, and begins anew.
    pub(super) fn take(&mut self) -> Vec<Line> {
        let text = std::mem::take(&mut self.text);
        let mut pieces = std::mem::take(&mut self.pieces);
        self.apart = false;
        self.taken += 1;
        // Upright text first, then turned text by its turn.
        pieces.sort_by(|a, b| a.turn.cmp(&b.turn).then(a.down.total_cmp(&b.down)));
        let upright = pieces.partition_point(|p| p.turn < 0);
        pieces.rotate_left(upright);
        let mut lines = Vec::new();
        let mut rest = pieces.as_mut_slice();
        while let Some(first) = rest.first() {
            let (turn, down, mut height) = (first.turn, first.down, first.height);
            let n = rest
                .iter()
                .take_while(|p| {
                    let same = p.turn == turn && p.down - down <= LINE_GAP * p.height.min(height);
                    // A line that begins with a small sign is as high as what follows.
                    height = if same { height.max(p.height) } else { height };
                    same
                })
                .count();
            let (line, after) = rest.split_at_mut(n.max(1));
            line.sort_by(|a, b| a.from.total_cmp(&b.from));
            lines.push(Line::new(&text, line));
            rest = after;
        }
        lines.retain(|l| !l.text.trim().is_empty());
        lines
    }
}

/// A line of text; its cells are parted by tabs.
pub(super) struct Line {
    pub(super) text: String,
    /// Where each cell begins and ends along the line.
    pub(super) cells: Vec<(f64, f64)>,
}
impl Line {
    fn new(text: &str, pieces: &[Piece]) -> Self {
        let of = |p: &Piece| text.get(p.text.clone()).unwrap_or_default();
        let boxed = boxes(pieces, &of);
        let mut line = Self { text: String::new(), cells: Vec::new() };
        let mut last: Option<&Piece> = None;
        for (i, piece) in pieces.iter().enumerate() {
            let own = of(piece);
            if let Some(before) = last {
                let size = before.size.max(piece.size);
                if of(before) == own && piece.from - before.from <= SHADOW * size {
                    continue;
                }
                let (gap, step) = ((piece.from - before.ink) / size, (piece.from - before.to) / size);
                let joined = boxed.get(i).copied().unwrap_or(false);
                if gap > CELL_GAP && !joined {
                    line.text.truncate(line.text.trim_end_matches(' ').len());
                    line.text.push('\t');
                    line.cells.push((piece.from, piece.ink));
                } else if !joined && !(-before.overlap.max(piece.overlap)..=WORD_GAP).contains(&step) {
                    line.text.push(' ');
                }
            } else {
                line.cells.push((piece.from, piece.ink));
            }
            line.text.push_str(own);
            if let Some(cell) = line.cells.last_mut() {
                cell.1 = cell.1.max(piece.ink);
            }
            last = Some(piece);
        }
        line
    }
}

/// For each piece whether it is one of several characters in boxes, and not the first of them.
fn boxes<'t>(pieces: &[Piece], of: &impl Fn(&Piece) -> &'t str) -> Vec<bool> {
    let mut out = vec![false; pieces.len()];
    let single = |p: &Piece| matches!(of(p).as_bytes(), [b] if b.is_ascii_alphanumeric());
    let middle = |p: &Piece| f64::midpoint(p.from, p.to);
    let mut start = 0;
    while start < pieces.len() {
        let run = &pieces[start..];
        let step = match run {
            [a, b, ..] if single(a) && single(b) => middle(b) - middle(a),
            _ => 0.0,
        };
        let size = run.first().map_or(1.0, |p| p.size);
        if step <= 0.0 || step > BOX_GAP * size {
            start += 1;
            continue;
        }
        let even = |w: &&[Piece]| single(&w[1]) && (middle(&w[1]) - middle(&w[0]) - step).abs() <= 0.1 * step;
        let n = 1 + run.windows(2).take_while(even).count();
        if n >= BOXES_MIN {
            out[start + 1..start + n].fill(true);
        }
        start += n;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x, y, width, text.
    type Drawn<'a> = (f64, f64, f64, &'a str);
    /// Pieces of size 10.
    fn laid(pieces: &[Drawn<'_>]) -> String {
        let frame = Frame::new(10.0, 0.0, 10.0, 1.0);
        let mut all = Pieces::default();
        for (x, y, width, text) in pieces {
            let (from, down) = frame.place(*x, *y);
            all.glyph(&frame, from, from + width, down, text);
        }
        all.take().into_iter().map(|l| l.text).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn pieces_become_lines() {
        let digits = |gap: f64| -> Vec<Drawn<'static>> {
            (0..11).map(|i| (100.0 + f64::from(i) * (5.0 + gap), 50.0, 5.0, "7")).collect()
        };
        assert_eq!(laid(&digits(0.0)), "77777777777");
        assert_eq!(laid(&digits(2.0)), "77777777777", "spaced");
        assert_eq!(laid(&digits(15.0)), "77777777777", "in boxes");
        let mut backwards = digits(0.0);
        backwards.reverse();
        assert_eq!(laid(&backwards), "77777777777", "drawn from the right");
        let table: [(&[Drawn<'_>], &str); 9] = [
            (&[(0.0, 20.0, 20.0, "姓名 "), (18.0, 20.0, 10.0, "张")], "姓名 张"),
            (&[(0.0, 9.0, 10.0, "b"), (0.0, 20.0, 10.0, "a")], "a\nb"),
            (&[(44.0, 20.0, 20.0, "139"), (0.0, 20.1, 40.0, "phone")], "phone 139"),
            (&[(0.0, 20.0, 20.0, "111"), (21.0, 20.0, 20.0, "222")], "111222"),
            (&[(0.0, 20.0, 20.0, "111"), (22.0, 20.0, 20.0, "222")], "111 222"),
            (&[(0.0, 20.0, 20.0, "111"), (40.0, 20.0, 20.0, "222")], "111\t222"),
            (&[(0.0, 20.0, 20.0, "bold"), (0.4, 20.0, 20.0, "bold")], "bold"),
            (&[(0.0, 20.0, 20.0, "x"), (20.0, 23.0, 5.0, "2")], "x2"),
            (&[(0.0, 20.0, 20.0, "under"), (5.0, 20.0, 20.0, "over")], "under over"),
        ];
        for (pieces, expect) in table {
            assert_eq!(laid(pieces), expect);
        }
    }

    #[test]
    fn a_number_that_juts_into_the_next_cell_is_none_of_it() {
        let rough = Frame::new(10.0, 0.0, 10.0, 1.0);
        for (frame, expect) in [(rough, "111222"), (rough.exact(), "111 222")] {
            let mut all = Pieces::default();
            for (x, text) in [(0.0, "111"), (17.0, "222")] {
                all.moved();
                for (i, c) in (0..).zip(text.chars()) {
                    let from = x + f64::from(i) * 7.0;
                    all.glyph(&frame, from, from + 7.0, 0.0, c.encode_utf8(&mut [0; 4]));
                }
            }
            assert_eq!(all.take()[0].text, expect);
        }
    }

    #[test]
    fn turned_text_has_lines_of_its_own() {
        let mut all = Pieces::default();
        let up = Frame::new(0.0, 10.0, 10.0, 1.0);
        let down = Frame::new(0.0, -10.0, 10.0, 1.0);
        let level = Frame::new(10.0, 0.0, 10.0, 1.0);
        for (frame, x, y, text) in [
            (&up, 50.0, 10.0, "second"),
            (&up, 30.0, 10.0, "first"),
            (&down, 90.0, 90.0, "右"),
            (&down, 70.0, 90.0, "左"),
            (&level, 0.0, 0.0, "level"),
            (&Frame::new(f64::NAN, f64::INFINITY, 0.0, 1.0), f64::NAN, -1e300, "odd"),
        ] {
            let (from, across) = frame.place(x, y);
            all.glyph(frame, from, from + 10.0, across, text);
        }
        let lines: Vec<String> = all.take().into_iter().map(|l| l.text).collect();
        assert_eq!(lines, ["level odd", "first", "second", "右", "左"]);
    }
}

//! A flat Parquet table row by row, as texts: for tables that people bring in, not for finding data.
//!
//! One row group stands in memory at a time, as the texts of its cells. Finding data reads a column at a time and counts values of a
//! dictionary instead ([`super`]); both share everything below the cells. A column that is not flat (lists, maps), or whose type
//! has no text that people would write, is named and left out.

use super::decode::Runs;
use super::meta::{Chunk, Footer, Leaf, Meaning, Physical};
use super::{Columns, Dictionary, PAGE_BYTES_MAX, Page, Source, Values, codec, exactly, footer, newer, older, values};
use evidence::GapReason;

/// What is read at most.
#[derive(Clone, Copy, Debug)]
pub struct RowLimits {
    /// Rows.
    pub rows_max: u64,
    /// Bytes of pages, unpacked, of the whole file.
    pub unpacked_bytes_max: u64,
    /// Bytes of cells of one row group.
    pub group_bytes_max: usize,
    /// Characters of a cell; what is longer is cut behind them.
    pub cell_chars_max: usize,
}

/// Why a table cannot be read row by row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowFault {
    /// Broken, encrypted, or packed in a way that is not read.
    Unreadable(GapReason),
    /// More than a limit.
    TooLarge,
}
impl From<GapReason> for RowFault {
    fn from(reason: GapReason) -> Self {
        if reason == GapReason::TooLarge { Self::TooLarge } else { Self::Unreadable(reason) }
    }
}

/// Hands on the headings, then the rows, numbered from 1 for the headings, until `take` has enough. Answers the names of
/// columns that were left out.
pub fn rows(
    bytes: &[u8],
    limits: &RowLimits,
    take: &mut dyn FnMut(u64, &[&str]) -> bool,
) -> Result<Vec<String>, RowFault> {
    let footer = footer(&bytes)?;
    let all = footer.groups.iter().fold(0_u64, |sum, g| sum.saturating_add(g.rows));
    if all > limits.rows_max {
        return Err(RowFault::TooLarge);
    }
    let (flat, out): (Vec<usize>, Vec<usize>) =
        (0..footer.leaves.len()).partition(|n| footer.leaves.get(*n).is_some_and(is_flat));
    let name = |n: &usize| footer.leaves.get(*n).map_or("", |l| l.name.as_str());
    let left_out = out.iter().map(|n| name(n).to_owned()).collect();
    if flat.is_empty() {
        return Ok(left_out);
    }
    if !take(1, &flat.iter().map(name).collect::<Vec<_>>()) {
        return Ok(left_out);
    }
    let mut left = limits.unpacked_bytes_max;
    let mut row = 1;
    for group in &footer.groups {
        let mut reader = Reader { src: &bytes, limits, left, cells: limits.group_bytes_max };
        let mut columns = Vec::with_capacity(flat.len());
        for n in &flat {
            let (leaf, chunk) = footer.leaves.get(*n).zip(group.chunks.get(*n)).ok_or(GapReason::Corrupt)?;
            columns.push(reader.column(&footer, leaf, chunk, group.rows)?);
        }
        left = reader.left;
        for at in 0..usize::try_from(group.rows).map_err(|_| RowFault::TooLarge)? {
            row += 1;
            let cells: Vec<&str> = columns.iter().map(|c| c.get(at).map_or("", String::as_str)).collect();
            if !take(row, &cells) {
                return Ok(left_out);
            }
        }
    }
    Ok(left_out)
}

fn is_flat(leaf: &Leaf) -> bool {
    leaf.repeated == 0 && leaf.physical != Physical::Nothing && leaf.meaning != Meaning::Nothing
}

struct Reader<'r> {
    src: &'r &'r [u8],
    limits: &'r RowLimits,
    /// Bytes of pages that may still be unpacked.
    left: u64,
    /// Bytes of cells that this row group may still take.
    cells: usize,
}

impl Reader<'_> {
    /// The cells of a column in a row group; an empty value is an empty text.
    fn column(&mut self, footer: &Footer, leaf: &Leaf, chunk: &Chunk, rows: u64) -> Result<Vec<String>, RowFault> {
        if let Some(reason) = chunk.closed {
            return Err(reason.into());
        }
        let pages = Columns { src: self.src, footer: Footer { rows: footer.rows, ..Footer::default() } };
        let end = chunk.start.checked_add(chunk.length).filter(|e| *e <= self.src.size()).ok_or(GapReason::Corrupt)?;
        let (mut at, mut out, mut dictionary) = (chunk.start, Vec::new(), Dictionary::default());
        let (mut packed, mut bytes) = (Vec::new(), Vec::new());
        while (out.len() as u64) < rows {
            let (page, used) = pages.header(at, end)?;
            at += used as u64;
            let next = at.checked_add(page.packed as u64).filter(|n| *n <= end).ok_or(GapReason::Corrupt)?;
            if page.packed > PAGE_BYTES_MAX || page.unpacked > PAGE_BYTES_MAX {
                return Err(RowFault::TooLarge);
            }
            self.left = self.left.checked_sub(page.unpacked as u64).ok_or(RowFault::TooLarge)?;
            exactly(self.src, at, page.packed, &mut packed)?;
            at = next;
            let parts = match page.kind {
                2 => {
                    dictionary = pages.dictionary(leaf, chunk.codec, page, &packed)?;
                    continue;
                }
                0 => {
                    codec::unpack(chunk.codec, &packed, page.unpacked, &mut bytes)?;
                    older(leaf, page, &bytes)?
                }
                3 => newer(leaf, chunk.codec, page, &packed, &mut bytes)?,
                _ => continue,
            };
            if page.values == 0 || page.values > rows - out.len() as u64 {
                return Err(GapReason::Corrupt.into());
            }
            self.page(leaf, page, (parts.1, parts.2), &dictionary, &mut out)?;
        }
        Ok(out)
    }

    fn page(
        &mut self,
        leaf: &Leaf,
        page: Page,
        (mut defines, bytes): (Runs<'_>, &[u8]),
        dictionary: &Dictionary,
        out: &mut Vec<String>,
    ) -> Result<(), RowFault> {
        let corrupt = RowFault::Unreadable(GapReason::Corrupt);
        let mut of = if leaf.physical == Physical::Bool {
            Cells::Bits(bits(page.encoding, bytes)?)
        } else {
            Cells::Values(values(leaf, page, bytes, self.limits.cell_chars_max.saturating_mul(4))?)
        };
        let mut left = page.values;
        while left > 0 {
            let (level, times) = defines.next(left).map_err(|_| corrupt)?.ok_or(corrupt)?;
            let times = times.min(left);
            if times == 0 {
                return Err(corrupt);
            }
            left -= times;
            for _ in 0..times {
                let cell =
                    if level < u64::from(leaf.defined) { String::new() } else { self.cell(leaf, &mut of, dictionary)? };
                self.cells = self.cells.checked_sub(cell.len() + size_of::<String>()).ok_or(RowFault::TooLarge)?;
                out.push(cell);
            }
        }
        Ok(())
    }

    fn cell(&self, leaf: &Leaf, of: &mut Cells<'_>, dictionary: &Dictionary) -> Result<String, RowFault> {
        let corrupt = RowFault::Unreadable(GapReason::Corrupt);
        let mut number = [0; super::DECIMAL_BYTES_MAX];
        let bytes: &[u8] = match of {
            Cells::Bits(runs) => {
                let (bit, _) = runs.next(1).map_err(|_| corrupt)?.ok_or(corrupt)?;
                return Ok(if bit == 0 { "false" } else { "true" }.to_owned());
            }
            Cells::Values(Values::Texts(texts)) => texts.next().map_err(|_| corrupt)?,
            Cells::Values(Values::Numbers(numbers)) => {
                let value = numbers.next().map_err(|_| corrupt)?.ok_or(corrupt)?;
                number[..8].copy_from_slice(&value.to_le_bytes());
                &number[..8]
            }
            Cells::Values(Values::Split(bytes, width, next)) => {
                let stride = bytes.len() / *width;
                let value = number.get_mut(..*width).ok_or(RowFault::Unreadable(GapReason::Unsupported))?;
                for (i, byte) in value.iter_mut().enumerate() {
                    *byte = bytes.get(i * stride + *next).copied().filter(|_| *next < stride).ok_or(corrupt)?;
                }
                *next += 1;
                value
            }
            Cells::Values(Values::Known(runs)) => {
                let (value, _) = runs.next(1).map_err(|_| corrupt)?.ok_or(corrupt)?;
                let place = usize::try_from(value).ok().and_then(|n| dictionary.values.get(n));
                let (start, end) = *place.ok_or(corrupt)?;
                dictionary.bytes.get(start as usize..end as usize).ok_or(corrupt)?
            }
        };
        Ok(text(leaf, bytes, self.limits.cell_chars_max))
    }
}

/// Where the cells of a page come from.
enum Cells<'p> {
    Values(Values<'p>),
    Bits(Runs<'p>),
}

/// Booleans: a bit each, the lowest first (encoding 0), or runs with their length before them (encoding 3).
fn bits(encoding: i64, bytes: &[u8]) -> Result<Runs<'_>, RowFault> {
    match encoding {
        0 => Ok(Runs::packed(bytes)),
        3 => {
            let (length, rest) = bytes.split_first_chunk::<4>().ok_or(GapReason::Corrupt)?;
            let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
            Ok(Runs::new(rest.get(..length).ok_or(GapReason::Corrupt)?, 1))
        }
        _ => Err(GapReason::Unsupported.into()),
    }
}

/// What a person would have typed.
fn text(leaf: &Leaf, bytes: &[u8], chars_max: usize) -> String {
    let real = |x: f64| if x.fract() == 0.0 && x.abs() < 1e15 { format!("{x:.0}") } else { format!("{x}") };
    match (leaf.physical, leaf.meaning) {
        (Physical::Bytes | Physical::Fixed(_), Meaning::Decimal(scale)) => {
            let sign = if bytes.first().is_some_and(|b| *b >= 0x80) { -1 } else { 0 };
            let fits = bytes.len() <= super::DECIMAL_BYTES_MAX;
            let value = fits.then(|| bytes.iter().fold(sign, |n, b| n << 8 | i128::from(*b)));
            value.map_or_else(String::new, |v| decimal(v, scale))
        }
        (Physical::Bytes | Physical::Fixed(_), _) => {
            // One more than may be is kept, so that whoever limits it still sees that it is longer.
            String::from_utf8_lossy(bytes).trim().chars().take(chars_max.saturating_add(1)).collect()
        }
        (Physical::Double, _) => bytes.try_into().map_or_else(|_| String::new(), |b| real(f64::from_le_bytes(b))),
        (Physical::Float, _) => {
            bytes.try_into().map_or_else(|_| String::new(), |b| real(f64::from(f32::from_le_bytes(b))))
        }
        (_, Meaning::Decimal(scale)) => decimal(i128::from(super::give::whole(bytes)), scale),
        (_, Meaning::Day(units)) => {
            let day = super::give::civil(super::give::whole(bytes).div_euclid(units));
            day.map_or_else(String::new, |(y, m, d)| format!("{y:04}-{m:02}-{d:02}"))
        }
        _ => super::give::whole(bytes).to_string(),
    }
}

fn decimal(value: i128, scale: u32) -> String {
    let Some(unit) = 10_u128.checked_pow(scale) else { return String::new() };
    let (whole, part) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
    let sign = if value < 0 { "-" } else { "" };
    let digits = usize::try_from(scale).unwrap_or(0);
    if part == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:0digits$}") }
}

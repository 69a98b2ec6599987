//! The footer of a Parquet file: what its columns are called, of what type they are, where their pages lie. (Format:
//! `parquet.thrift` of apache/parquet-format; field numbers are from there.)

use super::thrift::{Broken, Thrift, Value};
use evidence::GapReason;

/// Elements of a schema; a file with more is a gap (`TooMany`).
const ELEMENTS_MAX: usize = 65_536;
/// Groups inside groups of a schema.
const LEVELS_MAX: usize = 64;
/// Pieces of columns, over all row groups; a file with more is a gap (`TooMany`). Each takes some eighty bytes.
const CHUNKS_MAX: usize = 400_000;

/// How values are stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Physical {
    Int32,
    Int64,
    Float,
    Double,
    Bytes,
    Fixed(usize),
    /// Yes or no: holds none of the classes.
    Bool,
    /// Old timestamps, which can hold nothing.
    Nothing,
}
/// What values mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    /// Nothing said, or a text.
    Plain,
    /// A whole number times ten to the power of minus so many.
    Decimal(u32),
    /// A day, counted from 1970; of an instant, so many units a day.
    Day(i64),
    /// Times of day, intervals, UUIDs: can hold none of the classes.
    Nothing,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// Names from the outermost group, with dots.
    pub(super) name: String,
    pub(super) physical: Physical,
    pub(super) meaning: Meaning,
    /// Highest definition and repetition level.
    pub(super) defined: u32,
    pub(super) repeated: u32,
}

/// The part of a column in one row group.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunk {
    pub(super) codec: i64,
    pub(super) values: u64,
    pub(super) start: u64,
    pub(super) length: u64,
    pub(super) unpacked: u64,
    pub(super) nulls: Option<u64>,
    /// Least and greatest value, if it is a whole number of eight bytes.
    pub(super) range: Option<(i64, i64)>,
    /// Why it cannot be read.
    pub(super) closed: Option<GapReason>,
}

/// A row group.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) rows: u64,
    pub(super) chunks: Vec<Chunk>,
}

/// What a footer says.
#[derive(Clone, Debug, Default)]
pub(super) struct Footer {
    pub(super) rows: u64,
    pub(super) leaves: Vec<Leaf>,
    pub(super) groups: Vec<Group>,
}

/// An element of the schema, as it stands in the footer's list: depth first.
#[derive(Clone, Debug, Default)]
struct Element {
    name: String,
    children: usize,
    kind: Option<i64>,
    length: usize,
    repetition: i64,
    converted: Option<i64>,
    scale: u32,
    logical: Option<i16>,
    /// Of an instant: 1 milliseconds, 2 microseconds, 3 nanoseconds.
    unit: Option<i16>,
}

fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

impl Footer {
    /// Reads a footer.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, GapReason> {
        let mut footer = Self::default();
        let mut elements = Vec::new();
        let (mut chunks, mut many) = (0, false);
        let walked = Thrift::new(bytes).fields(&mut |t, id, value| {
            match (id, value) {
                (2, Value::List(kind, n)) => t.list((kind, n), &mut |t, _| {
                    if elements.len() >= ELEMENTS_MAX {
                        many = true;
                        return Err(Broken);
                    }
                    elements.push(element(t)?);
                    Ok(())
                })?,
                (3, Value::Int(n)) => footer.rows = unsigned(n),
                (4, Value::List(kind, n)) => t.list((kind, n), &mut |t, _| {
                    let group = group(t)?;
                    chunks += group.chunks.len();
                    if chunks > CHUNKS_MAX {
                        many = true;
                        return Err(Broken);
                    }
                    footer.groups.push(group);
                    Ok(())
                })?,
                _ => {}
            }
            Ok(())
        });
        match walked {
            Err(Broken) if many => return Err(GapReason::TooMany),
            Err(Broken) => return Err(GapReason::Corrupt),
            Ok(()) => {}
        }
        footer.leaves = leaves(&elements).ok_or(GapReason::Corrupt)?;
        Ok(footer)
    }
}

fn element(t: &mut Thrift<'_>) -> Result<Element, Broken> {
    let mut e = Element::default();
    t.fields(&mut |t, id, value| {
        match (id, value) {
            (1, Value::Int(n)) => e.kind = Some(n),
            (2, Value::Int(n)) => e.length = usize::try_from(n).unwrap_or(0),
            (3, Value::Int(n)) => e.repetition = n,
            (4, Value::Bytes(name)) => e.name = String::from_utf8_lossy(name).into_owned(),
            (5, Value::Int(n)) => e.children = usize::try_from(n).unwrap_or(0),
            (6, Value::Int(n)) => e.converted = Some(n),
            (7, Value::Int(n)) => e.scale = u32::try_from(n).unwrap_or(0),
            // A union: the number of the one field that is set says which.
            (10, Value::Struct) => t.fields(&mut |t, id, value| {
                e.logical = Some(id);
                // Of an instant, the second field is a union again.
                if let (8, Value::Struct) = (id, value) {
                    t.fields(&mut |t, id, value| match (id, value) {
                        (2, Value::Struct) => t.fields(&mut |_, id, _| {
                            e.unit = Some(id);
                            Ok(())
                        }),
                        _ => Ok(()),
                    })?;
                }
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(e)
}

/// The columns: what has no children. The first element is the root.
fn leaves(elements: &[Element]) -> Option<Vec<Leaf>> {
    let mut out = Vec::new();
    // Of the groups we are in: name, children still to come, levels.
    let mut open: Vec<(String, usize, u32, u32)> = Vec::new();
    for (i, e) in elements.iter().enumerate() {
        while open.last().is_some_and(|o| o.1 == 0) {
            open.pop();
        }
        let (mut name, mut defined, mut repeated) = (String::new(), 0, 0);
        if i > 0 {
            let (outer, children, d, r) = open.last_mut()?;
            *children -= 1;
            (defined, repeated) = (*d, *r);
            name = if outer.is_empty() { e.name.clone() } else { format!("{outer}.{}", e.name) };
            defined += u32::from(e.repetition != 0);
            repeated += u32::from(e.repetition == 2);
        }
        if e.children > 0 || i == 0 {
            open.push((name, e.children, defined, repeated));
            if open.len() > LEVELS_MAX {
                return None;
            }
            continue;
        }
        let physical = match e.kind? {
            0 => Physical::Bool,
            1 => Physical::Int32,
            2 => Physical::Int64,
            4 => Physical::Float,
            5 => Physical::Double,
            6 => Physical::Bytes,
            7 => Physical::Fixed(e.length),
            _ => Physical::Nothing,
        };
        // Converted types: 5 decimal, 6 date, 7 and 8 times of day, 9 and 10 instants, 21 interval. Logical ones: 5
        // decimal, 6 date, 7 time, 8 instant, 14 UUID, 15 half-precision number.
        const SECONDS: i64 = 86_400;
        let meaning = match (e.converted, e.logical, e.unit) {
            (Some(5), _, _) | (_, Some(5), _) => Meaning::Decimal(e.scale),
            (Some(6), _, _) | (_, Some(6), _) => Meaning::Day(1),
            (Some(9), _, _) | (_, Some(8), Some(1)) => Meaning::Day(SECONDS * 1_000),
            (Some(10), _, _) | (_, Some(8), Some(2)) => Meaning::Day(SECONDS * 1_000_000),
            (_, Some(8), Some(3)) => Meaning::Day(SECONDS * 1_000_000_000),
            (Some(7 | 8 | 21), _, _) | (_, Some(7 | 8 | 14 | 15), _) => Meaning::Nothing,
            _ => Meaning::Plain,
        };
        out.push(Leaf { name, physical, meaning, defined, repeated });
    }
    open.iter().all(|o| o.1 == 0).then_some(out)
}

fn group(t: &mut Thrift<'_>) -> Result<Group, Broken> {
    let mut g = Group::default();
    t.fields(&mut |t, id, value| {
        match (id, value) {
            (1, Value::List(kind, n)) => t.list((kind, n), &mut |t, _| {
                g.chunks.push(chunk(t)?);
                Ok(())
            })?,
            (3, Value::Int(n)) => g.rows = unsigned(n),
            _ => {}
        }
        Ok(())
    })?;
    Ok(g)
}

fn chunk(t: &mut Thrift<'_>) -> Result<Chunk, Broken> {
    let mut c = Chunk::default();
    let (mut data, mut dictionary, mut described) = (0, 0, false);
    t.fields(&mut |t, id, value| {
        match (id, value) {
            // The pages lie in another file.
            (1, Value::Bytes(path)) if !path.is_empty() => c.closed = Some(GapReason::Unsupported),
            (8, Value::Struct) => c.closed = Some(GapReason::Encrypted),
            (3, Value::Struct) => {
                described = true;
                t.fields(&mut |t, id, value| {
                    match (id, value) {
                        (4, Value::Int(n)) => c.codec = n,
                        (5, Value::Int(n)) => c.values = unsigned(n),
                        (6, Value::Int(n)) => c.unpacked = unsigned(n),
                        (7, Value::Int(n)) => c.length = unsigned(n),
                        (9, Value::Int(n)) => data = unsigned(n),
                        (11, Value::Int(n)) => dictionary = unsigned(n),
                        (12, Value::Struct) => statistics(t, &mut c)?,
                        _ => {}
                    }
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    })?;
    if !described && c.closed.is_none() {
        c.closed = Some(GapReason::Corrupt);
    }
    // A dictionary stands before the data; offset 0 is the file's magic and means none.
    c.start = if dictionary > 0 { dictionary.min(data) } else { data };
    Ok(c)
}

fn statistics(t: &mut Thrift<'_>, c: &mut Chunk) -> Result<(), Broken> {
    let (mut least, mut most) = (None, None);
    t.fields(&mut |_, id, value| {
        match (id, value) {
            (3, Value::Int(n)) => c.nulls = u64::try_from(n).ok(),
            (5, Value::Bytes(b)) => most = b.try_into().ok().map(i64::from_le_bytes),
            (6, Value::Bytes(b)) => least = b.try_into().ok().map(i64::from_le_bytes),
            _ => {}
        }
        Ok(())
    })?;
    c.range = least.zip(most);
    Ok(())
}

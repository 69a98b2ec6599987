//! The country of an address, from files that the user brings (`docs/specs/transfers-v1.md` §6).
//!
//! Delegated statistics of the registries are the form to prefer: official, free, made for use without a network. They
//! say to whom a range was given, which is not always where it is used; that is what "by the table" means everywhere.

use crate::text::{address, number};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// First line of a table.
const HEAD: &str = "watchfire-countries-v1";
/// Most ranges of a table.
pub const RANGES_MAX: usize = 4_000_000;
/// Largest file of an import and largest table, in bytes.
pub const FILE_BYTES_MAX: usize = 512 << 20;
/// Longest line, in bytes.
const LINE_BYTES_MAX: usize = 4_096;
/// Most faults that are named.
const FAULTS_MAX: usize = 10;
/// Codes that files use where there is no one country: unknown, and two regions.
const NO_COUNTRY: [&str; 3] = ["ZZ", "AP", "EU"];

/// Two capitals of ISO 3166-1.
pub type Country = [u8; 2];
/// First and last address, inclusive.
type Range = (u128, u128, Country);

/// A line that could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
}

/// Why a table cannot be made or read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TableError {
    /// No known form, by the first lines of this file.
    Unknown(String),
    /// GeoLite2 blocks without their locations, or the other way round.
    Half,
    /// Nothing in it.
    Empty,
    /// More than [`RANGES_MAX`] ranges or [`FILE_BYTES_MAX`] bytes.
    TooLarge,
    /// Not a table of this program, at this line.
    Broken(usize),
}
impl std::fmt::Display for TableError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown(file) => write!(f, "{file}: neither delegated statistics nor a table of ranges or networks"),
            Self::Half => f.write_str("GeoLite2 needs both files: blocks and locations"),
            Self::Empty => f.write_str("it names no country"),
            Self::TooLarge => write!(f, "more than {RANGES_MAX} ranges or {FILE_BYTES_MAX} bytes"),
            Self::Broken(line) => write!(f, "line {line} is none of a table of countries"),
        }
    }
}
impl std::error::Error for TableError {}

/// A table, ready to be kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Built {
    /// Its bytes; [`Countries::open`] reads them.
    pub bytes: Vec<u8>,
    /// Ranges in it.
    pub rows: u64,
    /// Lines that could not be read, or name no country.
    pub refused: u64,
    /// The first that could not be read.
    pub faults: Vec<Fault>,
    /// Forms of the files, sorted, joined by commas.
    pub form: String,
    /// Newest day that the files state, `YYYYMMDD`.
    pub dated: Option<String>,
}

/// Reads files into one table.
#[derive(Default)]
pub struct Importer {
    v4: Vec<Range>,
    v6: Vec<Range>,
    blocks: Vec<(bool, u128, u128, u64)>,
    places: BTreeMap<u64, Country>,
    forms: BTreeSet<&'static str>,
    refused: u64,
    faults: Vec<Fault>,
    dated: Option<String>,
}

/// What the lines of a file are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Delegated,
    Ranges,
    Networks,
    Blocks,
    Places(usize),
}

/// What became of a line.
enum Line {
    Taken,
    /// A heading, a remark, a summary.
    Passed,
    /// It is well formed and names no country.
    Nowhere,
    Bad,
}

impl Importer {
    /// Takes a file; `name` is only for faults.
    ///
    /// # Errors
    /// If its form is not known, or it is too large.
    pub fn feed(&mut self, name: &str, bytes: &[u8]) -> Result<(), TableError> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(TableError::TooLarge);
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let form = form_of(bytes).ok_or_else(|| TableError::Unknown(name.to_owned()))?;
        self.forms.insert(match form {
            Form::Delegated => "delegated",
            Form::Ranges => "ranges",
            Form::Networks => "networks",
            Form::Blocks | Form::Places(_) => "geolite2",
        });
        for (n, raw) in bytes.split(|b| *b == b'\n').enumerate() {
            let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
            let told = match std::str::from_utf8(raw) {
                _ if raw.is_empty() || raw.starts_with(b"#") => Line::Passed,
                Ok(line) if raw.len() <= LINE_BYTES_MAX => self.line(form, line, n == 0),
                _ => Line::Bad,
            };
            match told {
                Line::Taken | Line::Passed => {}
                Line::Nowhere => self.refused += 1,
                Line::Bad => {
                    self.refused += 1;
                    if self.faults.len() < FAULTS_MAX {
                        self.faults.push(Fault { file: name.to_owned(), line: n as u64 + 1 });
                    }
                }
            }
            if self.v4.len() + self.v6.len() + self.blocks.len() > RANGES_MAX {
                return Err(TableError::TooLarge);
            }
        }
        Ok(())
    }

    fn line(&mut self, form: Form, line: &str, first: bool) -> Line {
        let cells = match form {
            Form::Delegated => line.split('|').map(str::to_owned).collect(),
            _ => cells(line),
        };
        let of = |n: usize| cells.get(n).map_or("", |c| c.trim());
        let taken = match form {
            Form::Delegated => return self.delegated(&cells),
            Form::Ranges => ends(of(0)).zip(ends(of(1))).map(|(a, b)| (a, b, of(2).to_owned())),
            Form::Networks => network(of(0)).map(|(v4, a, b)| ((v4, a), (v4, b), of(1).to_owned())),
            Form::Blocks => {
                let id = [1, 2].into_iter().find_map(|n| number(of(n).as_bytes()));
                return match (network(of(0)), id) {
                    (Some((v4, a, b)), Some(id)) => {
                        self.blocks.push((v4, a, b, id));
                        Line::Taken
                    }
                    (Some(_), None) => Line::Nowhere,
                    (None, _) if first => Line::Passed,
                    (None, _) => Line::Bad,
                };
            }
            Form::Places(column) => {
                return match (number(of(0).as_bytes()), country(of(column))) {
                    (Some(id), Some(code)) => {
                        self.places.insert(id, code);
                        Line::Taken
                    }
                    // Continents have an id and no country.
                    (Some(_), None) | (None, _) if first || number(of(0).as_bytes()).is_some() => Line::Passed,
                    _ => Line::Bad,
                };
            }
        };
        match taken {
            Some(((v4, a), (also, b), code)) if v4 == also && a <= b => self.range(v4, a, b, &code),
            None if first => Line::Passed,
            _ => Line::Bad,
        }
    }

    fn range(&mut self, v4: bool, a: u128, b: u128, code: &str) -> Line {
        match country(code) {
            Some(code) => {
                if v4 { &mut self.v4 } else { &mut self.v6 }.push((a, b, code));
                Line::Taken
            }
            None if code.is_empty() || NO_COUNTRY.contains(&code.to_ascii_uppercase().as_str()) => Line::Nowhere,
            None => Line::Bad,
        }
    }

    /// `registry|cc|type|start|value|date|status[|…]`; the version line and the summaries stand above.
    fn delegated(&mut self, cells: &[String]) -> Line {
        let of = |n: usize| cells.get(n).map_or("", |c| c.trim());
        if of(0).chars().next().is_some_and(|c| c.is_ascii_digit()) {
            // `version|registry|serial|records|start|end|offset`
            let end = of(5);
            if end.len() == 8 && number(end.as_bytes()).is_some() {
                self.dated = self.dated.take().max(Some(end.to_owned()));
            }
            return Line::Passed;
        }
        if of(5) == "summary" || of(2) == "asn" {
            return Line::Passed;
        }
        let given = matches!(of(6), "allocated" | "assigned");
        let start = address(of(3).as_bytes());
        let value = number(of(4).as_bytes());
        let span = match (of(2), start, value) {
            // A number of addresses, of any size: 768 is three networks of 256.
            ("ipv4", Some(IpAddr::V4(a)), Some(count @ 1..=0x1_0000_0000)) => {
                let first = u128::from(u32::from(a));
                Some((true, first, first + u128::from(count) - 1)).filter(|s| s.2 <= u128::from(u32::MAX))
            }
            ("ipv6", Some(IpAddr::V6(a)), Some(bits @ 1..=128)) => {
                let (a, b) = of_prefix(u128::from(a), 128, u32::try_from(bits).unwrap_or(128));
                Some((false, a, b))
            }
            _ => None,
        };
        match span {
            Some((v4, a, b)) if given => self.range(v4, a, b, of(1)),
            Some(_) => Line::Nowhere,
            None => Line::Bad,
        }
    }

    /// The table.
    ///
    /// # Errors
    /// If nothing names a country, or half of GeoLite2 is missing.
    pub fn finish(mut self) -> Result<Built, TableError> {
        if self.forms.contains("geolite2") && (self.blocks.is_empty() || self.places.is_empty()) {
            return Err(TableError::Half);
        }
        for (v4, a, b, id) in std::mem::take(&mut self.blocks) {
            match self.places.get(&id) {
                Some(code) => if v4 { &mut self.v4 } else { &mut self.v6 }.push((a, b, *code)),
                None => self.refused += 1,
            }
        }
        let (v4, v6) = (disjoint(self.v4), disjoint(self.v6));
        let rows = (v4.len() + v6.len()) as u64;
        if rows == 0 {
            return Err(TableError::Empty);
        }
        let mut text = format!("{HEAD}\n");
        let name = |c: Country| c.map(char::from).iter().collect::<String>();
        for (a, b, c) in v4 {
            text.push_str(&format!("{a:08x} {b:08x} {}\n", name(c)));
        }
        for (a, b, c) in v6 {
            text.push_str(&format!("{a:032x} {b:032x} {}\n", name(c)));
        }
        let form = self.forms.into_iter().collect::<Vec<_>>().join(",");
        Ok(Built {
            bytes: text.into_bytes(),
            rows,
            refused: self.refused,
            faults: self.faults,
            form,
            dated: self.dated,
        })
    }
}

/// By the first lines that say something.
fn form_of(bytes: &[u8]) -> Option<Form> {
    let lines = bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty() && !l.starts_with(b"#")).take(3);
    for line in lines {
        let line = std::str::from_utf8(line.get(..line.len().min(LINE_BYTES_MAX))?).ok()?.trim_end();
        if line.matches('|').count() >= 5 {
            return Some(Form::Delegated);
        }
        let heads: Vec<String> = cells(line).iter().map(|c| c.trim().to_ascii_lowercase()).collect();
        let at = |n: usize| heads.get(n).map_or("", String::as_str);
        if at(0) == "network" && heads.iter().any(|h| h == "geoname_id") {
            return Some(Form::Blocks);
        }
        if at(0) == "geoname_id" {
            return heads.iter().position(|h| h == "country_iso_code").map(Form::Places);
        }
        if network(at(0)).is_some() && at(0).contains('/') {
            return Some(Form::Networks);
        }
        if ends(at(0)).is_some() && ends(at(1)).is_some() {
            return Some(Form::Ranges);
        }
    }
    None
}

/// Cells of a line of CSV: commas, quotes, doubled quotes.
fn cells(line: &str) -> Vec<String> {
    let (mut out, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    out.push(cell);
    out
}

/// An address as a number, or an IPv4 address that is written as one.
fn ends(text: &str) -> Option<(bool, u128)> {
    if let Some(at) = address(text.as_bytes()) {
        return Some(match at {
            IpAddr::V4(a) => (true, u128::from(u32::from(a))),
            IpAddr::V6(a) => (false, u128::from(a)),
        });
    }
    number(text.as_bytes()).and_then(|n| u32::try_from(n).ok()).map(|n| (true, u128::from(n)))
}

/// First and last address of `address/bits`; whether it is IPv4.
fn network(text: &str) -> Option<(bool, u128, u128)> {
    let (at, bits) = text.split_once('/')?;
    let bits = u32::try_from(number(bits.as_bytes())?).ok()?;
    let (v4, first) = ends(at).filter(|_| at.contains(['.', ':']))?;
    let wide = if v4 { 32 } else { 128 };
    if bits > wide {
        return None;
    }
    let (a, b) = of_prefix(first, wide, bits);
    Some((v4, a, b))
}

fn of_prefix(first: u128, wide: u32, bits: u32) -> (u128, u128) {
    let host = wide - bits;
    let mask = if host >= 128 { u128::MAX } else { (1_u128 << host) - 1 };
    let top = if wide == 32 { u128::from(u32::MAX) } else { u128::MAX };
    (first & !mask & top, (first | mask) & top)
}

fn country(text: &str) -> Option<Country> {
    let upper = text.to_ascii_uppercase();
    let code: Country = upper.as_bytes().try_into().ok()?;
    (code.iter().all(u8::is_ascii_uppercase) && !NO_COUNTRY.contains(&upper.as_str())).then_some(code)
}

/// The same without overlaps: where ranges overlap the smaller one wins, of equals the one that came last.
fn disjoint(mut ranges: Vec<Range>) -> Vec<Range> {
    let mut bounds: Vec<u128> = Vec::with_capacity(ranges.len() * 2);
    for (a, b, _) in &ranges {
        bounds.push(*a);
        bounds.extend(b.checked_add(1));
    }
    bounds.sort_unstable();
    bounds.dedup();
    // A stable sort keeps the order of equals, so that the later one has the larger number.
    ranges.sort_by_key(|r| r.0);
    let mut open: BTreeSet<(u128, std::cmp::Reverse<usize>)> = BTreeSet::new();
    let mut ending: BTreeSet<(u128, usize)> = BTreeSet::new();
    let mut next = 0;
    let mut out: Vec<Range> = Vec::new();
    for (n, from) in bounds.iter().enumerate() {
        while let Some((end, id)) = ending.first().copied().filter(|e| e.0 < *from) {
            ending.remove(&(end, id));
            if let Some((a, b, _)) = ranges.get(id) {
                open.remove(&(b - a, std::cmp::Reverse(id)));
            }
        }
        while let Some((a, b, _)) = ranges.get(next).filter(|r| r.0 == *from) {
            open.insert((b - a, std::cmp::Reverse(next)));
            ending.insert((*b, next));
            next += 1;
        }
        let Some(code) = open.first().and_then(|(_, id)| ranges.get(id.0)).map(|r| r.2) else { continue };
        let to = bounds.get(n + 1).map_or(u128::MAX, |b| b - 1);
        match out.last_mut() {
            Some(last) if last.2 == code && last.1.checked_add(1) == Some(*from) => last.1 = to,
            _ => out.push((*from, to, code)),
        }
    }
    out
}

/// A table.
#[derive(Default, Debug)]
pub struct Countries {
    v4: Vec<(u32, u32, Country)>,
    v6: Vec<Range>,
}
impl Countries {
    /// Reads what [`Importer::finish`] wrote.
    ///
    /// # Errors
    /// If a line does not follow the form, or ranges are not in order.
    pub fn open(bytes: &[u8]) -> Result<Self, TableError> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(TableError::TooLarge);
        }
        let mut lines = bytes.split(|b| *b == b'\n').enumerate();
        if lines.next().map(|l| l.1) != Some(HEAD.as_bytes()) {
            return Err(TableError::Broken(1));
        }
        let mut out = Self::default();
        for (n, line) in lines.filter(|l| !l.1.is_empty()) {
            out.line(line).ok_or(TableError::Broken(n + 1))?;
        }
        Ok(out)
    }

    fn line(&mut self, line: &[u8]) -> Option<()> {
        let text = std::str::from_utf8(line).ok()?;
        let (first, rest) = text.split_once(' ')?;
        let (last, code) = rest.split_once(' ')?;
        let code = country(code)?;
        let wide = first.len() == last.len() && first.bytes().chain(last.bytes()).all(|b| b.is_ascii_hexdigit());
        match first.len() {
            8 if wide => {
                let (a, b) = (u32::from_str_radix(first, 16).ok()?, u32::from_str_radix(last, 16).ok()?);
                let after = self.v4.last().is_none_or(|l| l.1 < a);
                (a <= b && after && self.v6.is_empty()).then(|| self.v4.push((a, b, code)))
            }
            32 if wide => {
                let (a, b) = (u128::from_str_radix(first, 16).ok()?, u128::from_str_radix(last, 16).ok()?);
                let after = self.v6.last().is_none_or(|l| l.1 < a);
                (a <= b && after).then(|| self.v6.push((a, b, code)))
            }
            _ => None,
        }
    }

    /// True without a single range.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// The country of an address, by the table.
    #[must_use]
    pub fn of(&self, at: IpAddr) -> Option<Country> {
        fn find<T: Ord + Copy>(ranges: &[(T, T, Country)], at: T) -> Option<Country> {
            let n = ranges.partition_point(|r| r.0 <= at).checked_sub(1)?;
            ranges.get(n).filter(|r| at <= r.1).map(|r| r.2)
        }
        match at.to_canonical() {
            IpAddr::V4(a) => find(&self.v4, u32::from(a)),
            IpAddr::V6(a) => find(&self.v6, u128::from(a)),
        }
    }
}

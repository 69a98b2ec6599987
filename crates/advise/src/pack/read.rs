//! Searching a pack. Every place that a number points to is checked when it is used.

use super::{ECOSYSTEM_BYTES, INDEX_BYTES, OFFSET_BYTES, Pack, PackError, ROW_BYTES};
use crate::advisory::{Names, Severity, Status, holds};
use crate::version::{Scheme, compare};
use std::cmp::Ordering;
use std::ops::Range;

const DAY: i64 = 86_400;

/// A version at an end of a span, and whether it belongs to it.
pub(crate) type End<'a> = Option<(&'a str, bool)>;

/// What one advisory says of one package.
#[derive(Clone, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) advisory: u32,
    pub(crate) scheme: Scheme,
    pub(crate) status: Status,
    pub(crate) names: Names,
    /// Low end, high end, and whether the high end is a fix.
    pub(crate) spans: Vec<(End<'a>, End<'a>, bool)>,
    pub(crate) versions: Vec<&'a str>,
}

impl<'a> Row<'a> {
    /// Whether it speaks of a version.
    pub(crate) fn holds(&self, version: &str) -> bool {
        self.spans.iter().any(|(low, high, _)| holds(self.scheme, *low, *high, version))
            || self.versions.iter().any(|v| compare(self.scheme, v, version).is_eq())
    }
    /// The version from which on it no longer speaks of a package that has `version` now; `None` if there is none.
    pub(crate) fn fix(&self, version: &str) -> Option<&'a str> {
        let mut fix = self.step(version)?;
        // Each step goes up, to the end of a span.
        for _ in 0..self.spans.len() {
            if !self.holds(fix) {
                return Some(fix);
            }
            fix = self.step(fix)?;
        }
        (!self.holds(fix)).then_some(fix)
    }
    /// The fix of the spans that hold a version; one that is only listed by name has the next fix above it.
    fn step(&self, version: &str) -> Option<&'a str> {
        let order = |a: &&'a str, b: &&'a str| compare(self.scheme, a, b);
        let fix = |s: &(End<'a>, End<'a>, bool)| s.1.filter(|_| s.2).map(|(v, _)| v);
        let inside = self.spans.iter().filter(|(low, high, _)| holds(self.scheme, *low, *high, version));
        let ends = inside.map(fix).collect::<Option<Vec<&'a str>>>()?;
        let above =
            || self.spans.iter().filter_map(fix).filter(|v| compare(self.scheme, v, version).is_gt()).min_by(order);
        ends.into_iter().max_by(order).or_else(above)
    }
}

/// An advisory, as a pack holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record<'a> {
    /// The publisher's id.
    pub id: &'a str,
    /// Other ids of the same vulnerability.
    pub aliases: Vec<&'a str>,
    /// Ids of vulnerabilities that a bulletin covers.
    pub covers: Vec<&'a str>,
    /// One line.
    pub summary: &'a str,
    /// Rating.
    pub severity: Severity,
    /// CVSS base score in tenths.
    pub score: Option<u16>,
    /// The package itself is the attack.
    pub malicious: bool,
    /// When it was last changed, seconds since 1970.
    pub modified: Option<i64>,
}

/// What lists say of a vulnerability.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It is known to be exploited.
    Exploited {
        /// By ransomware too.
        ransomware: bool,
        /// When it was listed, seconds since 1970, to the day.
        added: Option<i64>,
        /// By when it is to be mended, seconds since 1970, to the day.
        due: Option<i64>,
    },
    /// Probability of exploitation, in parts of ten thousand.
    Likelihood(u16),
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

/// Reads a blob from a place on.
struct Cursor<'a>(&'a [u8]);
impl<'a> Cursor<'a> {
    fn at(blob: &'a [u8], place: u32) -> Option<Self> {
        Some(Self(blob.get(usize::try_from(place).ok()?..)?))
    }
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }
    /// Seven bits a byte, low ones first.
    fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
    fn place(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }
    /// A list: each entry takes at least a byte, so a count that lies ends with the blob.
    fn list<T>(&mut self, mut entry: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.number()?;
        let mut out = Vec::new();
        for _ in 0..count {
            out.push(entry(self)?);
        }
        Some(out)
    }
}

impl<'a> Pack<'a> {
    fn string(&self, place: u32) -> Option<&'a str> {
        let mut cursor = Cursor::at(self.strings, place)?;
        let len = usize::try_from(cursor.number()?).ok()?;
        std::str::from_utf8(cursor.0.get(..len)?).ok()
    }
    /// Entries of a section whose first field is the place of a string; by which the section is sorted.
    fn search(&self, section: &[u8], size: usize, within: Range<usize>, key: &str) -> Result<Option<usize>, PackError> {
        let damaged = || PackError::Damaged("index");
        let (mut low, mut high) = (within.start, within.end);
        while low < high {
            let middle = low.midpoint(high);
            let place = middle.checked_mul(size).and_then(|at| u32_at(section, at)).ok_or_else(damaged)?;
            match self.string(place).ok_or_else(damaged)?.cmp(key) {
                Ordering::Equal => return Ok(Some(middle)),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        Ok(None)
    }
    fn ecosystem(&self, ecosystem: &str) -> Result<Option<Range<usize>>, PackError> {
        let count = self.ecosystems.len() / ECOSYSTEM_BYTES;
        let Some(found) = self.search(self.ecosystems, ECOSYSTEM_BYTES, 0..count, ecosystem)? else { return Ok(None) };
        self.ecosystem_range(found).map(Some).ok_or(PackError::Damaged("ecosystems"))
    }
    fn ecosystem_range(&self, number: usize) -> Option<Range<usize>> {
        let at = number.checked_mul(ECOSYSTEM_BYTES)?;
        let first = usize::try_from(u32_at(self.ecosystems, at + 4)?).ok()?;
        let end = first.checked_add(usize::try_from(u32_at(self.ecosystems, at + 8)?).ok()?)?;
        (end <= self.index.len() / INDEX_BYTES).then_some(first..end)
    }
    /// Whether it has advisories of an ecosystem (canonical name).
    ///
    /// # Errors
    /// The pack is damaged where it was read.
    pub fn speaks_for(&self, ecosystem: &str) -> Result<bool, PackError> {
        self.ecosystem(ecosystem).map(|found| found.is_some())
    }
    /// What advisories say of a package.
    pub(crate) fn rows(&self, ecosystem: &str, name: &str) -> Result<Vec<Row<'a>>, PackError> {
        let Some(within) = self.ecosystem(ecosystem)? else { return Ok(Vec::new()) };
        let Some(entry) = self.search(self.index, INDEX_BYTES, within, name)? else { return Ok(Vec::new()) };
        self.entry(entry).ok_or(PackError::Damaged("statements"))
    }
    fn entry(&self, entry: usize) -> Option<Vec<Row<'a>>> {
        let body = u32_at(self.index, entry.checked_mul(INDEX_BYTES)?.checked_add(4)?)?;
        Cursor::at(self.bodies, body)?.list(|c| self.row(c))
    }
    fn row(&self, c: &mut Cursor<'a>) -> Option<Row<'a>> {
        let advisory = c.place()?;
        let scheme = Scheme::from_number(c.byte()?)?;
        let says = c.byte()?;
        let status = *Status::ALL.get(usize::from(says & 0x0f))?;
        let names = *Names::ALL.get(usize::from(says >> 4))?;
        let spans = c.list(|c| {
            let flags = c.byte()?;
            let mut end = |present: u8, inclusive: u8| -> Option<End<'a>> {
                if flags & present == 0 {
                    return Some(None);
                }
                Some(Some((self.string(c.place()?)?, flags & inclusive != 0)))
            };
            Some((end(1, 2)?, end(4, 8)?, flags & 16 != 0))
        })?;
        let versions = c.list(|c| self.string(c.place()?))?;
        Some(Row { advisory, scheme, status, names, spans, versions })
    }
    /// An advisory by its number in the pack.
    ///
    /// # Errors
    /// The pack is damaged where it was read.
    pub fn record(&self, advisory: u32) -> Result<Record<'a>, PackError> {
        self.record_at(advisory).ok_or(PackError::Damaged("advisories"))
    }
    fn record_at(&self, advisory: u32) -> Option<Record<'a>> {
        let at = usize::try_from(advisory).ok()?.checked_mul(OFFSET_BYTES)?;
        let mut c = Cursor::at(self.records, u32_at(self.advisories, at)?)?;
        let id = self.string(c.place()?)?;
        let severity = *Severity::ALL.get(usize::from(c.byte()?))?;
        let score = c.number()?.checked_sub(1).map(u16::try_from).transpose().ok()?;
        let flags = c.byte()?;
        let summary = self.string(c.place()?)?;
        let modified = if flags & 2 == 0 { None } else { Some(unfolded(c.number()?)?) };
        let aliases = c.list(|c| self.string(c.place()?))?;
        let covers = c.list(|c| self.string(c.place()?))?;
        Some(Record { id, aliases, covers, summary, severity, score, malicious: flags & 1 != 0, modified })
    }
    /// What the list says of a vulnerability; `None` also for a pack of advisories.
    ///
    /// # Errors
    /// The pack is damaged where it was read.
    pub fn standing(&self, id: &str) -> Result<Option<Standing>, PackError> {
        let count = self.rows.len() / ROW_BYTES;
        let Some(row) = self.search(self.rows, ROW_BYTES, 0..count, id)? else { return Ok(None) };
        self.standing_at(row).map(Some).ok_or(PackError::Damaged("rows"))
    }
    fn standing_at(&self, row: usize) -> Option<Standing> {
        let at = row.checked_mul(ROW_BYTES)?;
        let (value, added, due) = (u32_at(self.rows, at + 4)?, u32_at(self.rows, at + 8)?, u32_at(self.rows, at + 12)?);
        let day = |day: u32| (day > 0).then(|| (i64::from(day) - 1) * DAY);
        Some(match self.about.kind {
            super::Kind::Exploited => {
                Standing::Exploited { ransomware: value & 1 != 0, added: day(added), due: day(due) }
            }
            _ => Standing::Likelihood(u16::try_from(value).ok().filter(|v| *v <= 10_000)?),
        })
    }
    /// Reads all of it: every place, every list, the order by which it is searched.
    ///
    /// # Errors
    /// The first damage found.
    pub fn check(&self) -> Result<(), PackError> {
        let ecosystems = self.ecosystems.len() / ECOSYSTEM_BYTES;
        self.ascending(self.ecosystems, ECOSYSTEM_BYTES, 0..ecosystems)?;
        let mut next = 0;
        for number in 0..ecosystems {
            let range =
                self.ecosystem_range(number).filter(|r| r.start == next).ok_or(PackError::Damaged("ecosystems"))?;
            next = range.end;
            self.ascending(self.index, INDEX_BYTES, range)?;
        }
        if next != self.index.len() / INDEX_BYTES {
            return Err(PackError::Damaged("ecosystems"));
        }
        for entry in 0..next {
            for row in self.entry(entry).ok_or(PackError::Damaged("statements"))? {
                self.record(row.advisory)?;
            }
        }
        let rows = self.rows.len() / ROW_BYTES;
        self.ascending(self.rows, ROW_BYTES, 0..rows)?;
        (0..rows).try_for_each(|row| self.standing_at(row).map(drop)).ok_or(PackError::Damaged("rows"))
    }
    fn ascending(&self, section: &[u8], size: usize, within: Range<usize>) -> Result<(), PackError> {
        let mut last: Option<&str> = None;
        for n in within {
            let here = u32_at(section, n * size).and_then(|p| self.string(p)).ok_or(PackError::Damaged("index"))?;
            if last.is_some_and(|l| l >= here) {
                return Err(PackError::Damaged("order"));
            }
            last = Some(here);
        }
        Ok(())
    }
}

/// A signed number: its lowest bit is the sign.
fn unfolded(number: u64) -> Option<i64> {
    let half = i64::try_from(number >> 1).ok()?;
    Some(if number & 1 == 0 { half } else { -half - 1 })
}

//! Events as bytes: numbers in seven bits a byte, texts with their length in front, classes and formats by their number.
//!
//! What numbers stand for is part of the memo's scope, so they mean the same when they are read. Bytes that are none
//! of these are an error as a whole; nothing is allocated by a number that they claim.

use super::event::Event;
use super::tape::{Noted, OF_FILES};
use crate::gather::Settled;
use classify::format::formats;
use classify::{Class, Detectors};
use evidence::{
    Bands, Column, ColumnVerdict, FormatTold, GapReason, KeyedDigest, Masked, PathText, Place, Sample, Spot, Why,
    WhyKind,
};
use serde::Deserialize as _;
use serde::de::value::{Error, StrDeserializer};
use std::collections::BTreeMap;

const COUNT: u8 = 1;
const FORMAT: u8 = 2;
const GAP: u8 = 3;
const CONTENT: u8 = 4;
const COLUMN: u8 = 5;
const TABLE: u8 = 6;
const HITS: u8 = 7;

/// Where something stands in a list, as a byte.
fn place_in<T: PartialEq>(list: &[T], one: &T) -> Option<u8> {
    u8::try_from(list.iter().position(|x| x == one)?).ok()
}
const VERDICTS: [ColumnVerdict; 2] = [ColumnVerdict::Is, ColumnVerdict::Contains];

/// Appends to `.0`.
struct Put<'o>(&'o mut Vec<u8>);
impl Put<'_> {
    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }
    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.0.push(n.to_le_bytes()[0] | 0x80);
            n >>= 7;
        }
        self.0.push(n.to_le_bytes()[0]);
    }
    /// Small numbers of either sign take few bytes.
    fn signed(&mut self, n: i64) {
        self.number(((n << 1) ^ (n >> 63)).cast_unsigned());
    }
    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }
    fn maybe<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            put(self, value);
        }
    }
    fn inside(&mut self, inside: &[PathText]) {
        self.number(inside.len() as u64);
        inside.iter().for_each(|name| self.bytes(&name.to_bytes()));
    }
    fn spot(&mut self, spot: &Spot) {
        match spot {
            Spot::Line { line, column } => {
                self.byte(0);
                [line, column].into_iter().for_each(|n| self.number(*n));
            }
            Spot::Cell { sheet, cell } => {
                self.byte(1);
                [sheet, cell].into_iter().for_each(|text| self.bytes(text.as_bytes()));
            }
            Spot::Byte { offset } => {
                self.byte(2);
                self.number(*offset);
            }
            Spot::Page { page, line, column } => {
                self.byte(3);
                [page, line, column].into_iter().for_each(|n| self.number(*n));
            }
            Spot::Field { column, row } => {
                self.byte(4);
                self.bytes(column.as_bytes());
                self.number(*row);
            }
        }
    }
    fn column(&mut self, c: &Column, class: Class) -> Option<()> {
        self.number(class.index() as u64);
        self.bytes(c.column.as_bytes());
        self.byte(place_in(&VERDICTS, &c.verdict)?);
        self.byte(c.confidence);
        self.maybe(c.rows, Self::number);
        [c.sampled, c.filled, c.whole, c.holding, c.distinct].into_iter().for_each(|n| self.number(n));
        self.byte(u8::from(c.header));
        Some(())
    }
    fn settled(&mut self, s: &Settled) -> Option<()> {
        self.number(s.class.index() as u64);
        [s.bands.high, s.bands.medium, s.bands.low, s.distinct].into_iter().for_each(|n| self.number(n));
        let mut sure = s.sure.clone();
        sure.sort_unstable();
        self.number(sure.len() as u64);
        let mut last = 0;
        for value in sure {
            self.number(value.wrapping_sub(last));
            last = value;
        }
        self.number(s.samples.len() as u64);
        s.samples.iter().try_for_each(|s| self.sample(s))
    }
    fn sample(&mut self, s: &Sample) -> Option<()> {
        self.spot(&s.spot);
        self.bytes(s.mask.as_str().as_bytes());
        self.0.extend_from_slice(&s.keyed.0);
        self.byte(s.confidence);
        self.number(s.why.len() as u64);
        for why in &s.why {
            self.byte(place_in(&WhyKind::ALL, &why.by)?);
            self.signed(why.tenths);
            self.maybe(why.word.as_deref(), |put, word| put.bytes(word.as_bytes()));
            self.maybe(why.away, Self::signed);
        }
        Some(())
    }
}

fn format_number(format: &str) -> Option<u64> {
    Some(formats().iter().position(|f| f.id == format)? as u64)
}

/// Appends an event. Nothing, and then `out` is of no use, if it is of a class or format that nobody knows.
pub(super) fn put(event: &Event, detectors: &Detectors, out: &mut Vec<u8>) -> Option<()> {
    let mut put = Put(out);
    match event {
        Event::Count { what, n } => {
            put.byte(COUNT);
            put.byte(place_in(&OF_FILES, what)?);
            put.number(*n);
        }
        Event::Format { format, n } => {
            put.byte(FORMAT);
            put.number(format_number(format)?);
            put.number(*n);
        }
        Event::Gap { reason, inside, spot } => {
            put.byte(GAP);
            put.byte(place_in(&GapReason::ALL, reason)?);
            put.inside(inside);
            put.maybe(spot.as_ref(), Put::spot);
        }
        Event::Content { inside, class, format, how, detail, bytes } => {
            put.byte(CONTENT);
            put.inside(inside);
            put.number(class.index() as u64);
            put.number(format_number(format)?);
            put.byte(place_in(&FormatTold::ALL, how)?);
            put.maybe(detail.as_deref(), |put, text| put.bytes(text.as_bytes()));
            put.maybe(*bytes, Put::number);
        }
        Event::Column { inside, column } => {
            put.byte(COLUMN);
            put.inside(inside);
            put.column(column, detectors.class(column.class.as_str())?)?;
        }
        Event::Table { inside, counts } => {
            put.byte(TABLE);
            put.inside(inside);
            put.number(counts.len() as u64);
            for (name, n) in counts {
                put.bytes(name.as_bytes());
                put.number(*n);
            }
        }
        Event::Hits { inside, digest, settled } => {
            put.byte(HITS);
            put.inside(inside);
            put.maybe(digest.as_ref(), |put, digest| put.0.extend_from_slice(&digest.0));
            put.number(settled.len() as u64);
            settled.iter().try_for_each(|s| put.settled(s))?;
        }
    }
    Some(())
}

/// All that was noted, as one row of events.
pub(super) fn whole(noted: &Noted, detectors: &Detectors) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for (what, n) in OF_FILES.into_iter().zip(noted.counts).filter(|(_, n)| *n > 0) {
        put(&Event::Count { what, n }, detectors, &mut out)?;
    }
    for (format, n) in &noted.formats {
        put(&Event::Format { format, n: *n }, detectors, &mut out)?;
    }
    out.extend_from_slice(&noted.events);
    Some(out)
}

/// Reads from the front of `.0`.
struct Take<'b>(&'b [u8]);
impl<'b> Take<'b> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }
    fn one_of<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        list.get(usize::from(self.byte()?)).copied()
    }
    fn flag(&mut self) -> Option<bool> {
        self.one_of(&[false, true])
    }
    fn number(&mut self) -> Option<u64> {
        let (mut n, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7F);
            let part = low.checked_shl(shift).filter(|part| part >> shift == low)?;
            n |= part;
            if byte & 0x80 == 0 {
                return Some(n);
            }
            shift += 7;
        }
    }
    fn signed(&mut self) -> Option<i64> {
        let n = self.number()?;
        Some((n >> 1).cast_signed() ^ -(n & 1).cast_signed())
    }
    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (fixed, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*fixed)
    }
    fn bytes(&mut self) -> Option<&'b [u8]> {
        let n = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(bytes)
    }
    fn text(&mut self) -> Option<String> {
        std::str::from_utf8(self.bytes()?).ok().map(str::to_owned)
    }
    fn maybe<T>(&mut self, take: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        Some(if self.flag()? { Some(take(self)?) } else { None })
    }
    /// As many as the number in front says. Each takes a byte at least, so there are never more than bytes.
    fn many<T>(&mut self, mut take: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let n = self.number()?;
        let mut all = Vec::new();
        for _ in 0..n {
            all.push(take(self)?);
        }
        Some(all)
    }
    fn inside(&mut self) -> Option<Vec<PathText>> {
        self.many(|take| take.bytes().map(PathText::from_bytes))
    }
    fn class(&mut self, detectors: &Detectors) -> Option<Class> {
        let n = usize::try_from(self.number()?).ok()?;
        detectors.class(detectors.list().get(n)?.id.as_str())
    }
    fn format(&mut self) -> Option<&'static str> {
        let n = usize::try_from(self.number()?).ok()?;
        formats().get(n).map(|f| f.id)
    }
    fn spot(&mut self) -> Option<Spot> {
        Some(match self.byte()? {
            0 => Spot::Line { line: self.number()?, column: self.number()? },
            1 => Spot::Cell { sheet: self.text()?, cell: self.text()? },
            2 => Spot::Byte { offset: self.number()? },
            3 => Spot::Page { page: self.number()?, line: self.number()?, column: self.number()? },
            4 => Spot::Field { column: self.text()?, row: self.number()? },
            _ => return None,
        })
    }
    fn column(&mut self, detectors: &Detectors) -> Option<Column> {
        let class = detectors.id(self.class(detectors)?).clone();
        Some(Column {
            class,
            at: Place::file(""),
            column: self.text()?,
            verdict: self.one_of(&VERDICTS)?,
            confidence: self.byte()?,
            rows: self.maybe(Self::number)?,
            sampled: self.number()?,
            filled: self.number()?,
            whole: self.number()?,
            holding: self.number()?,
            distinct: self.number()?,
            header: self.flag()?,
        })
    }
    fn settled(&mut self, detectors: &Detectors) -> Option<Settled> {
        let mut last = 0u64;
        Some(Settled {
            class: self.class(detectors)?,
            bands: Bands { high: self.number()?, medium: self.number()?, low: self.number()? },
            distinct: self.number()?,
            sure: self.many(|take| {
                last = last.wrapping_add(take.number()?);
                Some(last)
            })?,
            samples: self.many(Self::sample)?,
        })
    }
    fn sample(&mut self) -> Option<Sample> {
        Some(Sample {
            spot: self.spot()?,
            mask: Masked::deserialize(StrDeserializer::<Error>::new(&self.text()?)).ok()?,
            keyed: KeyedDigest(self.fixed()?),
            confidence: self.byte()?,
            why: self.many(|take| {
                Some(Why {
                    by: take.one_of(&WhyKind::ALL)?,
                    tenths: take.signed()?,
                    word: take.maybe(Self::text)?,
                    away: take.maybe(Self::signed)?,
                })
            })?,
        })
    }
    fn event(&mut self, detectors: &Detectors) -> Option<Event> {
        Some(match self.byte()? {
            COUNT => Event::Count { what: self.one_of(&OF_FILES)?, n: self.number()? },
            FORMAT => Event::Format { format: self.format()?, n: self.number()? },
            GAP => Event::Gap {
                reason: self.one_of(&GapReason::ALL)?,
                inside: self.inside()?,
                spot: self.maybe(Self::spot)?,
            },
            CONTENT => Event::Content {
                inside: self.inside()?,
                class: self.class(detectors)?,
                format: self.format()?,
                how: self.one_of(&FormatTold::ALL)?,
                detail: self.maybe(Self::text)?,
                bytes: self.maybe(Self::number)?,
            },
            COLUMN => Event::Column { inside: self.inside()?, column: self.column(detectors)? },
            TABLE => {
                let inside = self.inside()?;
                let counts = self.many(|take| Some((take.text()?, take.number()?)))?;
                Event::Table { inside, counts: BTreeMap::from_iter(counts) }
            }
            HITS => Event::Hits {
                inside: self.inside()?,
                digest: self.maybe(|take| take.fixed().map(KeyedDigest))?,
                settled: self.many(|take| take.settled(detectors))?,
            },
            _ => return None,
        })
    }
}

/// The events in `bytes`; nothing if they are not events through and through.
pub(super) fn take(bytes: &[u8], detectors: &Detectors) -> Option<Vec<Event>> {
    let (mut take, mut all) = (Take(bytes), Vec::new());
    while !take.0.is_empty() {
        all.push(take.event(detectors)?);
    }
    Some(all)
}

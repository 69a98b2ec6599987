//! Excel workbooks before 2007 (MS-XLS): BIFF8 of Excel 97 on, and BIFF5 of Excel 5 and 95.
//!
//! A workbook is one stream of records: first the globals with the names of the sheets and the table of shared
//! strings, then each sheet. Records are read one at a time; the table of strings is held in memory like that of
//! later workbooks. A string may go on in the next record, and then says anew how wide its characters are.

use crate::charset;
use crate::content::Worker;
use crate::office::Strings;
use crate::ole::u32_at;
use crate::sheet::Cells;
use crate::toll::Toll;
use crate::turn::Units;
use crate::unpack::reason;
use evidence::{GapReason, PathText};
use std::collections::HashMap;
use std::io::Read;

/// Names of sheets, in bytes of memory; what is beyond goes by its number.
const NAMES_BYTES_MAX: usize = 1 << 20;
/// Texts of comments that wait for their cells, per sheet. Bytes; what is beyond stands in no cell.
const NOTES_BYTES_MAX: usize = 1 << 20;

/// Record numbers (MS-XLS 2.3.2).
mod record {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const EOF: u16 = 0x000A;
    pub(super) const HEADER: u16 = 0x0014;
    pub(super) const FOOTER: u16 = 0x0015;
    pub(super) const NOTE: u16 = 0x001C;
    pub(super) const FILE_PASS: u16 = 0x002F;
    pub(super) const CONTINUE: u16 = 0x003C;
    pub(super) const CODE_PAGE: u16 = 0x0042;
    pub(super) const OBJECT: u16 = 0x005D;
    pub(super) const SHEET: u16 = 0x0085;
    pub(super) const NUMBERS: u16 = 0x00BD;
    pub(super) const RICH: u16 = 0x00D6;
    pub(super) const STRINGS: u16 = 0x00FC;
    pub(super) const SHARED: u16 = 0x00FD;
    pub(super) const TEXT: u16 = 0x01B6;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const STRING: u16 = 0x0207;
    pub(super) const SHORT_NUMBER: u16 = 0x027E;
    pub(super) const BEGIN: u16 = 0x0809;
}

/// One record at a time out of a stream; what goes on in further records is read across them.
struct Records<R> {
    src: R,
    /// Where the next byte of `src` stands.
    at: u64,
    kind: u16,
    /// Where the record at hand begins.
    begin: u64,
    body: Vec<u8>,
    /// What of the body was taken.
    taken: usize,
    /// Kind and length of the record that follows, if it was looked at.
    ahead: Option<(u16, u16)>,
    fault: Option<GapReason>,
}
impl<R: Read> Records<R> {
    fn new(src: R) -> Self {
        Self { src, at: 0, kind: 0, begin: 0, body: Vec::new(), taken: 0, ahead: None, fault: None }
    }
    fn fill(&mut self, buf: &mut [u8]) -> bool {
        let mut filled = 0;
        let read = crate::text::fill(&mut self.src, buf, &mut filled);
        self.at += filled as u64;
        match read {
            Err(e) => self.fault = self.fault.or(Some(reason(&e))),
            // Between records a stream may end, and behind the last one may be filled up with zeros; elsewhere it is
            // cut.
            Ok(true) if filled < buf.len() && buf[..filled].iter().any(|b| *b != 0) => {
                self.fault = self.fault.or(Some(GapReason::Corrupt));
            }
            Ok(_) => {}
        }
        filled == buf.len()
    }
    fn peek(&mut self) -> Option<(u16, u16)> {
        if self.ahead.is_none() && self.fault.is_none() {
            let mut head = [0; 4];
            let whole = self.fill(&mut head);
            let [a, b, c, d] = head;
            self.ahead = whole.then_some((u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])));
        }
        self.ahead
    }
    fn load(&mut self) -> bool {
        let Some((kind, length)) = self.peek() else { return false };
        self.ahead = None;
        (self.kind, self.begin, self.taken) = (kind, self.at - 4, 0);
        let mut body = std::mem::take(&mut self.body);
        body.clear();
        body.resize(length.into(), 0);
        let before = self.at;
        if !self.fill(&mut body) {
            body.truncate(usize::try_from(self.at - before).unwrap_or(0));
            self.fault = self.fault.or(Some(GapReason::Corrupt));
        }
        self.body = body;
        true
    }
    /// Goes on to the next record that begins something.
    fn next(&mut self) -> bool {
        while self.load() {
            if self.kind != record::CONTINUE {
                return true;
            }
        }
        false
    }
    /// Goes on to the next record if it continues the one at hand.
    fn next_part(&mut self) -> bool {
        matches!(self.peek(), Some((record::CONTINUE, _))) && self.load()
    }
    fn rest(&self) -> &[u8] {
        self.body.get(self.taken..).unwrap_or_default()
    }
    /// The next `N` bytes, which may lie in several records.
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut out = [0; N];
        for slot in &mut out {
            while self.rest().is_empty() {
                self.next_part().then_some(())?;
            }
            *slot = *self.rest().first()?;
            self.taken += 1;
        }
        Some(out)
    }
    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }
    fn skip(&mut self, mut bytes: u64) -> Option<()> {
        while bytes > 0 {
            let here = self.rest().len().min(usize::try_from(bytes).unwrap_or(usize::MAX));
            self.taken += here;
            bytes -= here as u64;
            if bytes > 0 {
                self.next_part().then_some(())?;
            }
        }
        Some(())
    }
    /// `count` characters, wide or not; each further record begins with how wide its characters are.
    fn characters(&mut self, count: u64, mut wide: bool, out: &mut Vec<u8>) -> Option<()> {
        let (mut left, mut units) = (count, Units::default());
        loop {
            let width = if wide { 2 } else { 1 };
            let here = (self.rest().len() / width).min(usize::try_from(left).unwrap_or(usize::MAX));
            let bytes = self.rest().get(..here * width)?;
            if wide {
                units.push_all(bytes, out);
            } else {
                bytes.iter().for_each(|b| units.push((*b).into(), out));
            }
            self.taken += here * width;
            left -= here as u64;
            if left == 0 {
                return Some(());
            }
            self.next_part().then_some(())?;
            wide = self.take::<1>()?[0] & 1 != 0;
        }
    }
    /// A string with its formats (MS-XLS 2.5.293), of which only the characters count.
    fn unicode(&mut self, count: u64, out: &mut Vec<u8>) -> Option<()> {
        let [flags] = self.take()?;
        let runs = if flags & 8 != 0 { u64::from(self.u16()?) * 4 } else { 0 };
        let phonetic = if flags & 4 != 0 { u64::from(u32::from_le_bytes(self.take()?)) } else { 0 };
        self.characters(count, flags & 1 != 0, out)?;
        self.skip(runs + phonetic)
    }
}

/// A workbook under way.
struct Book<'w, 'a, 'i> {
    cells: Cells<'w, 'a, 'i>,
    toll: Toll<'a>,
    strings: Strings,
    strings_bytes_max: u64,
    /// Excel 97 on.
    is_8: bool,
    set: &'static encoding_rs::Encoding,
    /// Where each sheet begins, and its name.
    names: HashMap<u64, String>,
    names_bytes: usize,
    sheets: u32,
    /// The cell of a formula whose text follows.
    formula: Option<(u32, u32)>,
    /// The object read last, and texts of objects that wait for the note that has a cell for them.
    object: u16,
    notes: Vec<(u16, Vec<u8>)>,
    notes_bytes: usize,
    text: Vec<u8>,
    fault: Option<GapReason>,
}

/// Reads the workbook in `src`.
pub(crate) fn read(worker: &mut Worker<'_>, src: impl Read, inside: &[PathText]) -> Result<(), GapReason> {
    let strings_bytes_max = worker.config().limits.nested_bytes_max;
    let toll = Toll::of(worker);
    let root = worker.root;
    let mut book = Book {
        cells: Cells::new(worker, inside),
        toll,
        strings: Strings::default(),
        strings_bytes_max,
        is_8: true,
        set: encoding_rs::WINDOWS_1252,
        names: HashMap::new(),
        names_bytes: 0,
        sheets: 0,
        formula: None,
        object: 0,
        notes: Vec::new(),
        notes_bytes: 0,
        text: Vec::new(),
        fault: None,
    };
    let mut records = Records::new(src);
    let mut result = Ok(());
    while result.is_ok() && !root.stopped() && records.next() {
        result = book.record(&mut records);
    }
    book.end_notes();
    let fault = records.fault.or(book.fault).map_or(Ok(()), Err);
    let cut = book.cells.finish();
    result.and(fault).and(cut)
}

fn field(body: &[u8], at: usize) -> Option<u16> {
    body.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

impl Book<'_, '_, '_> {
    fn record<R: Read>(&mut self, records: &mut Records<R>) -> Result<(), GapReason> {
        // A record that is shorter than its fields is broken; the next one is read.
        if self.known(records)?.is_none() {
            self.fault = self.fault.or(Some(GapReason::Corrupt));
        }
        Ok(())
    }
    fn known<R: Read>(&mut self, records: &mut Records<R>) -> Result<Option<()>, GapReason> {
        Ok(match records.kind {
            record::FILE_PASS => return Err(GapReason::Encrypted),
            record::BEGIN => self.begin(records),
            record::CODE_PAGE => field(&records.body, 0).map(|page| {
                // Excel's own number for the Macintosh.
                self.set = charset::by_page(if page == 0x8000 { 10000 } else { page });
            }),
            record::SHEET => self.name(records),
            record::STRINGS => return self.shared_strings(records),
            record::SHARED => return self.shared(&records.body),
            record::LABEL | record::RICH => self.label(records)?,
            record::NUMBER => self.number(&records.body)?,
            record::SHORT_NUMBER => self.short_number(&records.body)?,
            record::NUMBERS => self.short_numbers(&records.body)?,
            record::FORMULA => self.formula(&records.body)?,
            record::STRING => self.formula_text(records)?,
            record::OBJECT => {
                // The first part of an object has its number (MS-XLS 2.5.143); before Excel 97 it has none for us.
                if field(&records.body, 0) == Some(0x15) {
                    self.object = field(&records.body, 6).unwrap_or(0);
                }
                Some(())
            }
            record::TEXT if self.is_8 => self.object_text(records),
            record::NOTE => self.note(records)?,
            record::HEADER | record::FOOTER if !records.body.is_empty() => self.margin(records),
            record::EOF => {
                self.formula = None;
                Some(())
            }
            _ => Some(()),
        })
    }
    fn begin<R: Read>(&mut self, records: &Records<R>) -> Option<()> {
        let (version, kind) = (field(&records.body, 0)?, field(&records.body, 2)?);
        self.is_8 = version >= 0x0600;
        // Globals have no cells; charts inside a sheet belong to it.
        if matches!(kind, 0x0010 | 0x0040) {
            self.end_notes();
            self.sheets += 1;
            let name = self.names.get(&records.begin).cloned();
            self.cells.sheet(&name.unwrap_or_else(|| format!("#{}", self.sheets)));
        }
        Some(())
    }
    fn name<R: Read>(&mut self, records: &mut Records<R>) -> Option<()> {
        let at = u64::from(u32_at(&records.body, 0)?);
        records.taken = 6;
        let [count] = records.take()?;
        let mut name = Vec::new();
        self.string(records, count.into(), &mut name)?;
        self.names_bytes += name.len() + 64;
        if self.names_bytes <= NAMES_BYTES_MAX {
            self.names.insert(at, String::from_utf8_lossy(&name).into_owned());
        }
        Some(())
    }
    /// `count` characters, in the form of the workbook's version.
    fn string<R: Read>(&self, records: &mut Records<R>, count: u64, out: &mut Vec<u8>) -> Option<()> {
        if self.is_8 {
            return records.unicode(count, out);
        }
        let bytes = records.rest().get(..usize::try_from(count).ok()?)?;
        charset::text(self.set, bytes, out);
        records.taken += bytes.len();
        Some(())
    }
    fn shared_strings<R: Read>(&mut self, records: &mut Records<R>) -> Result<Option<()>, GapReason> {
        let Some(count) = u32_at(&records.body, 4) else { return Ok(None) };
        records.taken = 8;
        for _ in 0..count {
            let mut text = std::mem::take(&mut self.text);
            text.clear();
            let read = records.u16().and_then(|n| records.unicode(n.into(), &mut text));
            // What there is of a string that is cut counts.
            let fits = self.strings.bytes() + text.len() as u64 <= self.strings_bytes_max;
            if fits {
                self.strings.push(&text);
            }
            self.text = text;
            if read.is_none() {
                return Ok(None);
            }
            if !fits {
                // Cells that refer to what is beyond have no text.
                self.fault = self.fault.or(Some(GapReason::TooLarge));
                break;
            }
        }
        Ok(Some(()))
    }
    fn shared(&mut self, body: &[u8]) -> Result<Option<()>, GapReason> {
        let (Some(place), Some(i)) = (place(body), u32_at(body, 6)) else { return Ok(None) };
        let text = self.strings.get(i as usize).unwrap_or_default();
        // A few bytes of the sheet stand for a long text, any number of times.
        self.toll.pay(text.len())?;
        self.cells.put(place.0, place.1, text);
        Ok(Some(()))
    }
    fn put(&mut self, place: (u32, u32), text: &[u8]) -> Result<Option<()>, GapReason> {
        self.cells.put(place.0, place.1, text);
        Ok(Some(()))
    }
    fn label<R: Read>(&mut self, records: &mut Records<R>) -> Result<Option<()>, GapReason> {
        let Some(place) = place(&records.body) else { return Ok(None) };
        records.taken = 6;
        let mut text = Vec::new();
        let read = records.u16().and_then(|n| self.string(records, n.into(), &mut text));
        self.put(place, &text).map(|_| read)
    }
    fn number(&mut self, body: &[u8]) -> Result<Option<()>, GapReason> {
        let value = body.get(6..14).and_then(|b| b.try_into().ok()).map(f64::from_le_bytes);
        match (place(body), value) {
            (Some(place), Some(value)) => self.put(place, written(value).as_bytes()),
            _ => Ok(None),
        }
    }
    fn short_number(&mut self, body: &[u8]) -> Result<Option<()>, GapReason> {
        match (place(body), u32_at(body, 6)) {
            (Some(place), Some(short)) => self.put(place, written(long(short)).as_bytes()),
            _ => Ok(None),
        }
    }
    fn short_numbers(&mut self, body: &[u8]) -> Result<Option<()>, GapReason> {
        let Some((row, column)) = place(body) else { return Ok(None) };
        let (six, _) = body.get(4..).unwrap_or_default().as_chunks::<6>();
        for (i, cell) in (0u32..).zip(six) {
            let Some(short) = u32_at(cell, 2) else { continue };
            self.put((row, column + i), written(long(short)).as_bytes())?;
        }
        Ok(Some(()))
    }
    fn formula(&mut self, body: &[u8]) -> Result<Option<()>, GapReason> {
        let (Some(place), Some(value)) = (place(body), body.get(6..14)) else { return Ok(None) };
        self.formula = None;
        match value {
            // A text follows in a record of its own; truth values and errors are nothing to us.
            [0, .., 0xFF, 0xFF] => self.formula = Some(place),
            [.., 0xFF, 0xFF] => {}
            _ => return self.number(body),
        }
        Ok(Some(()))
    }
    fn formula_text<R: Read>(&mut self, records: &mut Records<R>) -> Result<Option<()>, GapReason> {
        let Some(place) = self.formula.take() else { return Ok(Some(())) };
        let mut text = Vec::new();
        let read = records.u16().and_then(|n| self.string(records, n.into(), &mut text));
        self.put(place, &text).map(|_| read)
    }
    /// The text of an object - a text box, a comment - lies in the records that continue it.
    fn object_text<R: Read>(&mut self, records: &mut Records<R>) -> Option<()> {
        let count = field(&records.body, 10)?;
        if count == 0 {
            return Some(());
        }
        records.next_part().then_some(())?;
        let [flags] = records.take()?;
        let mut text = Vec::new();
        let read = records.characters(count.into(), flags & 1 != 0, &mut text);
        self.notes_bytes += text.len() + 64;
        if self.notes_bytes <= NOTES_BYTES_MAX {
            self.notes.push((self.object, text));
        } else {
            self.cells.aside(&text);
        }
        read
    }
    fn note<R: Read>(&mut self, records: &mut Records<R>) -> Result<Option<()>, GapReason> {
        let Some(place) = place(&records.body) else { return Ok(None) };
        if !self.is_8 {
            // Its text stands in the record itself.
            records.taken = 6;
            let mut text = Vec::new();
            charset::text(self.set, records.rest(), &mut text);
            return self.put(place, &text);
        }
        let object = field(&records.body, 6);
        if let Some(i) = self.notes.iter().position(|n| Some(n.0) == object) {
            let (_, text) = self.notes.swap_remove(i);
            return self.put(place, &text);
        }
        Ok(Some(()))
    }
    /// The head or foot of the printed page.
    fn margin<R: Read>(&mut self, records: &mut Records<R>) -> Option<()> {
        let count = if self.is_8 { records.u16()? } else { records.take::<1>()?[0].into() };
        let mut text = Vec::new();
        let read = self.string(records, count.into(), &mut text);
        self.cells.aside(&text);
        read
    }
    /// Texts that no note had a cell for.
    fn end_notes(&mut self) {
        for (_, text) in std::mem::take(&mut self.notes) {
            self.cells.aside(&text);
        }
        self.notes_bytes = 0;
    }
}

/// Row and column of a cell's record, from 1.
fn place(body: &[u8]) -> Option<(u32, u32)> {
    Some((u32::from(field(body, 0)?) + 1, u32::from(field(body, 2)?) + 1))
}
/// A number in four bytes (MS-XLS 2.5.217): whole or the upper half of a float, maybe in hundredths.
fn long(short: u32) -> f64 {
    let value =
        if short & 2 != 0 { f64::from((short as i32) >> 2) } else { f64::from_bits(u64::from(short & !3) << 32) };
    if short & 1 != 0 { value / 100.0 } else { value }
}
/// A number as digits. Beyond 15 digits nothing is exact.
pub(crate) fn written(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{value:.0}")
    } else if (1e-6..1e15).contains(&value.abs()) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_four_bytes() {
        // From the examples of MS-XLS 2.5.217 and from xlwt's own encoder.
        assert_eq!(long(0x3FF0_0000), 1.0);
        assert_eq!(long(0x004C_4B42), 1_250_000.0);
        assert_eq!(long(0x004B_5647), 12_343.21);
        assert_eq!(long(0xFFFF_FFFE), -1.0);
        for (value, expect) in
            [(13_961_835_674.0, "13961835674"), (0.5, "0.5"), (1e300, "1e300"), (-3.0, "-3"), (f64::NAN, "NaN")]
        {
            assert_eq!(written(value), expect);
        }
    }

    #[test]
    fn a_string_goes_on_in_the_next_record_in_another_width() {
        // "ab" narrow, then "中c" wide; a string of 4 characters with one run of formats, then another string.
        let body = [&b"\x04\x00\x08\x01\x00ab"[..], b""].concat();
        let part = [&b"\x01\x2D\x4Ec\x00\0\0\0\0"[..], b"\x01\x00\x00z"].concat();
        let mut bytes = Vec::new();
        for (kind, body) in [(record::STRINGS, &body), (record::CONTINUE, &part)] {
            bytes.extend(kind.to_le_bytes());
            bytes.extend((body.len() as u16).to_le_bytes());
            bytes.extend(body);
        }
        let mut records = Records::new(&bytes[..]);
        assert!(records.next());
        let mut out = Vec::new();
        for _ in 0..2 {
            let n = records.u16().unwrap();
            records.unicode(n.into(), &mut out).unwrap();
        }
        assert_eq!(String::from_utf8(out).unwrap(), "ab中cz");
        assert_eq!((records.u16(), records.next(), records.fault), (None, false, None));
    }
}

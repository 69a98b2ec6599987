//! Outlook messages (MS-OXMSG): a storage whose streams are properties, with storages for recipients and
//! attachments.
//!
//! Subject, names, addresses and all other short texts are one text, `header`; the bodies - plain, HTML, RTF, of
//! which a message has one to three - are members of their own, as they are parts of a mail.

use crate::charset::{self, Decode};
use crate::content::Worker;
use crate::legacy::{Names, below, guarded, sub_storage};
use crate::ole::{Ole, What};
use crate::turn::{Turn, Turned};
use evidence::{GapReason, PathText};
use std::io::{Read, Seek};

/// Texts longer than this are members of their own. Bytes.
const SHORT_BYTES_MAX: u64 = 64 << 10;
/// All short texts of a message; what is beyond are members of their own. Bytes.
const HEADER_BYTES_MAX: usize = 4 << 20;
/// The list of a message's properties, which names its code page. Bytes; a longer one is not looked at.
const LIST_BYTES_MAX: u64 = 256 << 10;

/// Types of properties (MS-OXCDATA 2.11.1).
const NARROW: u16 = 0x001E;
const WIDE: u16 = 0x001F;
/// Properties (MS-OXPROPS).
const BODY: u16 = 0x1000;
const RTF: u16 = 0x1009;
const HTML: u16 = 0x1013;
const DATA: u16 = 0x3701;
const SHORT_NAME: u16 = 0x3704;
const LONG_NAME: u16 = 0x3707;
const SHOWN_NAME: u16 = 0x3001;

/// Property and type out of a stream's name, `__substg1.0_0037001F`.
fn tag(name: &str) -> Option<(u16, u16)> {
    let digits = name.strip_prefix("__substg1.0_")?.get(..8)?;
    let number = u32::from_str_radix(digits, 16).ok()?;
    Some(((number >> 16) as u16, number as u16))
}
/// Telephone numbers of people stand without a word for them.
fn is_telephone(property: u16) -> bool {
    matches!(property, 0x3A02 | 0x3A08 | 0x3A09 | 0x3A1A..=0x3A25 | 0x3A2D..=0x3A2F)
}

/// A message under way.
struct Message {
    /// The code page of narrow texts, if the message names one.
    page: Option<u16>,
    header: Vec<u8>,
}
impl Message {
    /// What turns a text of type `kind` into UTF-8.
    fn decode(&self, kind: u16) -> Decode {
        match (kind, self.page) {
            (WIDE, _) => Decode::of(encoding_rs::UTF_16LE),
            (_, Some(page)) => Decode::of(charset::by_page(page)),
            _ => Decode::labelled(None),
        }
    }
    fn text<R: Read + Seek>(&self, ole: &mut Ole<R>, id: usize, kind: u16) -> Vec<u8> {
        let mut out = Vec::new();
        let mut src = ole.open_stream(id).take(SHORT_BYTES_MAX);
        // What comes before a fault counts; the fault itself is told where the stream is read for itself.
        let _ = Turned::new(&mut src, self.decode(kind)).read_to_end(&mut out);
        out
    }
}

/// Reads the message whose properties are `names`.
pub(crate) fn read<R: Read + Seek>(worker: &mut Worker<'_>, ole: &mut Ole<R>, names: &Names, inside: &[PathText]) {
    let mut message = Message { page: page(ole, names), header: Vec::new() };
    properties(worker, ole, names, &mut message, inside);
    for (name, id) in names.iter() {
        if name.starts_with("__recip_version1.0_") {
            let person = Names::of(ole, id);
            properties(worker, ole, &person, &mut message, inside);
        }
    }
    // Memory gives no error.
    let _ = worker.plain(&mut &message.header[..], &below(inside, "header"));
    for (name, id) in names.iter() {
        if worker.root.stopped() {
            return;
        }
        if name.starts_with("__attach_version1.0_") {
            attachment(worker, ole, id, name, &message, inside);
        } else if name.starts_with("__nameid_version1.0") {
            // The names of properties, not their values.
            Names::of(ole, id);
        } else if ole.get(id).is_some_and(|e| e.what == What::Storage) && !name.starts_with("__recip_version1.0_") {
            sub_storage(worker, ole, id, name, inside);
        }
    }
}

/// The code page that the list of properties names: 3FFD of type 0003, in entries of 16 bytes.
fn page<R: Read + Seek>(ole: &mut Ole<R>, names: &Names) -> Option<u16> {
    let list = ole.open_stream(names.get("__properties_version1.0")?).whole(LIST_BYTES_MAX).ok()?;
    let (words, _) = list.as_chunks::<8>();
    let at = words.iter().position(|w| w.starts_with(&[0x03, 0x00, 0xFD, 0x3F]))?;
    let [a, b, ..] = words.get(at + 1)?;
    Some(u16::from_le_bytes([*a, *b])).filter(|page| *page != 0)
}

fn properties<R: Read + Seek>(
    worker: &mut Worker<'_>,
    ole: &mut Ole<R>,
    names: &Names,
    message: &mut Message,
    inside: &[PathText],
) {
    for (name, id) in names.iter() {
        let (Some((property, kind)), Some(entry)) = (tag(name), ole.get(id)) else { continue };
        if entry.what == What::Storage || entry.size == 0 || worker.root.stopped() {
            continue;
        }
        let is_text = matches!(kind & 0x0FFF, NARROW | WIDE);
        let short = entry.size <= SHORT_BYTES_MAX && message.header.len() < HEADER_BYTES_MAX;
        match property {
            BODY if is_text => own(worker, ole, id, message.decode(kind), &below(inside, "body")),
            HTML if is_text => own(worker, ole, id, message.decode(kind), &below(inside, "body.html")),
            HTML => {
                let mut src = guarded(worker, ole, id);
                worker.content(&mut src, &below(inside, "body.html"));
            }
            RTF => own(worker, ole, id, Unpack::new(), &below(inside, "body.rtf")),
            _ if is_text && short => {
                let text = message.text(ole, id, kind & 0x0FFF);
                let label: &[u8] = if is_telephone(property) { b"phone: " } else { b"" };
                message.header.extend_from_slice(label);
                message.header.extend_from_slice(&text);
                message.header.push(b'\n');
            }
            _ if is_text => own(worker, ole, id, message.decode(kind & 0x0FFF), &below(inside, name)),
            _ => {
                let mut src = guarded(worker, ole, id);
                worker.content(&mut src, &below(inside, name));
            }
        }
    }
}
/// Reads a stream, turned, as a content of its own.
fn own<R: Read + Seek>(worker: &mut Worker<'_>, ole: &mut Ole<R>, id: usize, turn: impl Turn, inside: &[PathText]) {
    let mut src = guarded(worker, ole, id);
    worker.content(&mut Turned::new(&mut src, turn), inside);
}

fn attachment<R: Read + Seek>(
    worker: &mut Worker<'_>,
    ole: &mut Ole<R>,
    id: usize,
    storage: &str,
    message: &Message,
    inside: &[PathText],
) {
    let names = Names::of(ole, id);
    let find = |wanted: u16| names.iter().find_map(|(n, id)| tag(n).filter(|t| t.0 == wanted).map(|t| (id, t.1)));
    let mut name = String::new();
    for property in [LONG_NAME, SHORT_NAME, SHOWN_NAME] {
        if let Some((id, kind)) = find(property).filter(|_| name.is_empty()) {
            let text = message.text(ole, id, kind);
            String::from_utf8_lossy(&text).trim_end_matches('\0').clone_into(&mut name);
        }
    }
    let inner = below(inside, if name.is_empty() { storage } else { &name });
    let deep = inner.len() > worker.config().limits.container_depth_max;
    match find(DATA).and_then(|(id, _)| Some((id, ole.get(id)?.what))) {
        Some((_, What::Stream)) if deep => worker.gap(GapReason::TooDeep, &inner),
        Some((id, What::Stream)) => {
            let mut src = guarded(worker, ole, id);
            worker.content(&mut src, &inner);
        }
        // A message in the message, or an object of another program.
        Some((id, What::Storage)) => {
            sub_storage(worker, ole, id, if name.is_empty() { storage } else { &name }, inside);
        }
        // What is only referred to has no data here.
        None => {}
    }
}

/// Unpacks compressed RTF (MS-OXRTFCP): references into the last 4,096 bytes, which begin with usual words of RTF.
struct Unpack {
    window: Vec<u8>,
    at: usize,
    /// Flags of the tokens to come, and how many there are.
    flags: (u8, u8),
    state: State,
}
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    Packed,
    Plain,
    Ended,
}
const WINDOW_BYTES: usize = 4096;
const WORDS: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
impl Unpack {
    fn new() -> Self {
        let mut window = WORDS.to_vec();
        window.resize(WINDOW_BYTES, 0);
        Self { window, at: WORDS.len(), flags: (0, 0), state: State::Head }
    }
    fn put(&mut self, byte: u8, out: &mut Vec<u8>) {
        out.push(byte);
        self.window[self.at] = byte;
        self.at = (self.at + 1) % WINDOW_BYTES;
    }
    /// One token; returns the bytes it took, none if there are too few.
    fn token(&mut self, input: &[u8], out: &mut Vec<u8>) -> usize {
        let (bits, left) = self.flags;
        if left == 0 {
            self.flags = (input[0], 8);
            return 1;
        }
        if bits & 1 == 0 {
            self.put(input[0], out);
            self.flags = (bits >> 1, left - 1);
            return 1;
        }
        let &[a, b, ..] = input else { return 0 };
        let (from, length) = (usize::from(a) << 4 | usize::from(b >> 4), usize::from(b & 0xF) + 2);
        if from == self.at {
            self.state = State::Ended;
            return 2;
        }
        for i in 0..length {
            self.put(self.window[(from + i) % WINDOW_BYTES], out);
        }
        self.flags = (bits >> 1, left - 1);
        2
    }
}
impl Turn for Unpack {
    fn turn(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) -> Result<usize, GapReason> {
        if last && input.is_empty() {
            // A packed text tells where it ends.
            return if self.state == State::Packed { Err(GapReason::Corrupt) } else { Ok(0) };
        }
        let mut used = 0;
        if self.state == State::Head {
            let Some(head) = input.get(..16) else { return if last { Err(GapReason::Corrupt) } else { Ok(0) } };
            self.state = match &head[8..12] {
                b"LZFu" => State::Packed,
                b"MELA" => State::Plain,
                _ => return Err(GapReason::Corrupt),
            };
            used = 16;
        }
        while self.state == State::Packed && used < input.len() {
            let took = self.token(&input[used..], out);
            if took == 0 {
                return if last { Err(GapReason::Corrupt) } else { Ok(used) };
            }
            used += took;
        }
        if self.state == State::Plain {
            out.extend_from_slice(&input[used..]);
        }
        Ok(if self.state == State::Packed { used } else { input.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_unpacks() {
        // MS-OXRTFCP 4.1.1 and 4.2.1.
        let simple = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125\x42\x32\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        let again = b"\x1a\0\0\0\x1c\0\0\0LZFu\xe2\xd4\x4b\x51\x41\0\x04\x20WXYZ\x0d\x6e}\x01\x0e\xb0";
        for (packed, expect) in [
            (&simple[..], "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"),
            (&again[..], "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
        ] {
            let (mut src, mut out) = (packed, String::new());
            Turned::new(&mut src, Unpack::new()).read_to_string(&mut out).unwrap();
            assert_eq!(out, expect);
            for n in 0..packed.len() - 1 {
                let mut src = &packed[..n];
                let read = Turned::new(&mut src, Unpack::new()).read_to_end(&mut Vec::new());
                assert_eq!(read.is_err(), n > 0, "{n}");
            }
        }
        assert_eq!(WORDS.len(), 207);
    }
}

//! Where the objects lie: cross-reference tables and streams, and a search through the file when they are broken.
//!
//! What a table says is not checked before it is used. The first object that is not where it should be has the whole
//! file searched for `n g obj`, once; from then on what was found so counts, and the document is `corrupt`.

use super::document::Document;
use super::object::{Dict, Id, Object, Stream};
use super::syntax::{Lexer, Token, is_space};
use evidence::GapReason;
use memchr::memmem;
use std::collections::{BTreeSet, HashMap};
use std::io::Read;

/// Objects of one document; those beyond are a gap (`TooMany`).
pub(super) const OBJECTS_MAX: usize = 1 << 20;
/// Parts of the cross-reference, one for each time the document was changed; older ones are a gap (`TooMany`).
const PARTS_MAX: usize = 1024;
/// Where `startxref` is looked for, from the end. Bytes; the standard's appendix on implementations says 1024.
const TAIL_BYTES: u64 = 2048;
/// What is searched at once, and how much of it is looked at again with what follows. Bytes.
const SEARCH_BYTES: usize = 64 << 10;
const OVERLAP_BYTES: usize = 64;

/// Where an object lies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Free,
    At(u64),
    /// In an object stream of this number, as so-manieth.
    In(u32, u32),
}

/// Object numbers and places. Of several places of a number the first that was added counts.
#[derive(Default)]
pub(super) struct Table {
    entries: Vec<(u32, Place)>,
    sorted: bool,
}
impl Table {
    /// Adds a place; false if there is no room.
    fn add(&mut self, number: u32, place: Place) -> bool {
        if self.entries.len() >= OBJECTS_MAX {
            self.sort();
            // Not worth sorting again for a few.
            if self.entries.len() > OBJECTS_MAX / 4 * 3 {
                return false;
            }
        }
        self.sorted = false;
        self.entries.push((number, place));
        true
    }
    fn sort(&mut self) {
        if !self.sorted {
            self.entries.sort_by_key(|e| e.0);
            self.entries.dedup_by_key(|e| e.0);
            self.sorted = true;
        }
    }
    /// Where object `number` lies. Only after all was added.
    pub(super) fn find(&self, number: u32) -> Option<Place> {
        let i = self.entries.binary_search_by_key(&number, |e| e.0).ok()?;
        self.entries.get(i).map(|e| e.1)
    }
    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
    /// The so-manieth number in use.
    pub(super) fn number(&self, i: usize) -> Option<u32> {
        self.entries.get(i).filter(|e| e.1 != Place::Free).map(|e| e.0)
    }
}

/// The table as the document has it, and the newest trailer. An error if it is not whole.
pub(super) fn load(document: &Document<'_>) -> Result<(Table, Dict), GapReason> {
    let (mut table, mut trailer) = (Table::default(), Dict::default());
    let bytes = document.source.bytes();
    let tail_at = bytes.saturating_sub(TAIL_BYTES);
    let tail = document.source.piece(tail_at, SEARCH_BYTES).map_err(|_| GapReason::IoError)?;
    let at = memmem::rfind(&tail, b"startxref").ok_or(GapReason::Corrupt)?;
    let mut lexer = Lexer::objects(tail.get(at + 9..).unwrap_or_default());
    let Token::Int(first) = lexer.token() else { return Err(GapReason::Corrupt) };
    let mut next = vec![first];
    let mut seen = BTreeSet::new();
    while let Some(at) = next.pop() {
        let at = u64::try_from(at).map_err(|_| GapReason::Corrupt)?;
        if !seen.insert(at) {
            continue;
        }
        if seen.len() > PARTS_MAX {
            document.note(GapReason::TooMany);
            break;
        }
        let older = part(document, &mut table, at)?;
        // What the hybrid stream adds comes before what is older (7.5.8.4).
        next.extend(older.get(b"Prev").int());
        next.extend(older.get(b"XRefStm").int());
        trailer.complete(older);
    }
    table.sort();
    if trailer.has(b"Root") { Ok((table, trailer)) } else { Err(GapReason::Corrupt) }
}

/// One part, at `at` of where the document begins; returns its trailer.
fn part(document: &Document<'_>, table: &mut Table, at: u64) -> Result<Dict, GapReason> {
    let starts = BTreeSet::from([at.saturating_add(document.start), at]);
    for at in starts.into_iter().rev() {
        let mut lexer = Lexer::objects(document.raw(at, u64::MAX));
        if lexer.token().is_word(b"xref") {
            return sections(document, table, &mut lexer);
        }
        if let Some((_, Object::Stream(stream))) = document.indirect(at)
            && stream.dict.is(b"Type", b"XRef")
        {
            rows(document, table, &stream)?;
            return Ok(stream.dict);
        }
    }
    Err(GapReason::Corrupt)
}

/// A table of text lines (7.5.4).
fn sections(document: &Document<'_>, table: &mut Table, lexer: &mut Lexer<'_>) -> Result<Dict, GapReason> {
    loop {
        let first = match lexer.token() {
            Token::Int(first) => u32::try_from(first).map_err(|_| GapReason::Corrupt)?,
            word if word.is_word(b"trailer") => break,
            _ => return Err(GapReason::Corrupt),
        };
        let Token::Int(count) = lexer.token() else { return Err(GapReason::Corrupt) };
        let mut shift = 0;
        for i in 0..u32::try_from(count).map_err(|_| GapReason::Corrupt)? {
            let (Token::Int(offset), Token::Int(generation)) = (lexer.token(), lexer.token()) else {
                return Err(GapReason::Corrupt);
            };
            let kind = lexer.token();
            let place = match u64::try_from(offset) {
                // Writers that know no offset put a zero.
                Ok(at) if kind.is_word(b"n") && at > 0 => Place::At(at),
                _ if kind.is_word(b"f") || kind.is_word(b"n") => Place::Free,
                _ => return Err(GapReason::Corrupt),
            };
            // A table that begins with the head of the free list begins with number 0, whatever it says.
            if i == 0 && first == 1 && offset == 0 && generation == 65535 && place == Place::Free {
                shift = 1;
            }
            let Some(number) = first.checked_add(i).and_then(|n| n.checked_sub(shift)) else { break };
            if !table.add(number, place) {
                document.note(GapReason::TooMany);
                return Ok(Dict::default());
            }
        }
    }
    match lexer.object() {
        Some(Object::Dict(trailer)) => Ok(trailer),
        _ => Err(GapReason::Corrupt),
    }
}

/// A cross-reference stream (7.5.8).
fn rows(document: &Document<'_>, table: &mut Table, stream: &Stream) -> Result<(), GapReason> {
    let dict = &stream.dict;
    let mut widths = [0usize; 3];
    for (width, object) in widths.iter_mut().zip(dict.get(b"W").array().unwrap_or_default()) {
        let value = object.int().and_then(|w| usize::try_from(w).ok()).filter(|w| *w <= 8);
        *width = value.ok_or(GapReason::Corrupt)?;
    }
    let bytes: usize = widths.iter().sum();
    if bytes == 0 {
        return Err(GapReason::Corrupt);
    }
    let number = |o: &Object| o.int().and_then(|n| u32::try_from(n).ok()).ok_or(GapReason::Corrupt);
    let index = match dict.get(b"Index").array() {
        Some(index) => index.iter().map(number).collect::<Result<Vec<_>, _>>()?,
        None => vec![0, number(dict.get(b"Size"))?],
    };
    let mut src = document.read(stream)?;
    let mut row = vec![0; bytes];
    for pair in index.chunks_exact(2) {
        for i in 0..pair[1] {
            // A stream that is shorter than its index is common, and loses nothing.
            let Ok(()) = src.read_exact(&mut row) else { return Ok(()) };
            let mut fields = [1, 0, 0];
            let mut at = 0;
            for (field, width) in fields.iter_mut().zip(widths) {
                let part = row.get(at..at + width).unwrap_or_default();
                if width > 0 {
                    *field = part.iter().fold(0u64, |v, b| v << 8 | u64::from(*b));
                }
                at += width;
            }
            let place = match fields[0] {
                1 if fields[1] > 0 => Place::At(fields[1]),
                2 => match (u32::try_from(fields[1]), u32::try_from(fields[2])) {
                    (Ok(stream), Ok(index)) => Place::In(stream, index),
                    _ => return Err(GapReason::Corrupt),
                },
                _ => Place::Free,
            };
            let Some(number) = pair[0].checked_add(i) else { break };
            if !table.add(number, place) {
                document.note(GapReason::TooMany);
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What a search through the file finds.
#[derive(Default)]
struct Search {
    /// The last place of each number, and the objects that are streams of objects, in the order of the file.
    found: HashMap<u32, u64>,
    containers: Vec<(Id, u64)>,
    trailer: Dict,
    catalog: Option<Id>,
}

/// What a search through the file has made of it.
pub(super) struct Searched {
    /// Without what lies in object streams.
    pub(super) table: Table,
    pub(super) trailer: Dict,
    /// The object streams, and where they lie, in the order of the file.
    pub(super) containers: Vec<(Id, u64)>,
}

/// Searches the whole file for objects.
pub(super) fn search(document: &Document<'_>) -> Result<Searched, GapReason> {
    let mut search = Search::default();
    let mut at = 0;
    let mut buf = Vec::new();
    while at < document.source.bytes() {
        document.account.spend(SEARCH_BYTES as u64)?;
        buf.clear();
        document.source.range(at, SEARCH_BYTES as u64).read_to_end(&mut buf).map_err(|_| GapReason::IoError)?;
        if buf.is_empty() {
            break;
        }
        let next = search.piece(document, at, &buf)?;
        let end = at + buf.len() as u64;
        at = if end >= document.source.bytes() { next.max(end) } else { next.max(end - OVERLAP_BYTES as u64) };
    }
    let mut table = Table::default();
    for (number, at) in search.found {
        table.add(number, Place::At(at));
    }
    table.sort();
    let mut trailer = search.trailer;
    if let (Some(id), false) = (search.catalog, trailer.has(b"Root")) {
        trailer.complete(Dict::new(vec![(b"Root".to_vec(), Object::Ref(id))]));
    }
    if !trailer.has(b"Root") && table.len() == 0 {
        return Err(GapReason::Corrupt);
    }
    Ok(Searched { table, trailer, containers: search.containers })
}

impl Search {
    /// Looks through what lies at `base`; returns where it need not look again.
    fn piece(&mut self, document: &Document<'_>, base: u64, buf: &[u8]) -> Result<u64, GapReason> {
        // Streams that were passed over, in their order: what looks like a trailer in them is none.
        let (mut done, mut passed) = (base, Vec::new());
        for i in memmem::find_iter(buf, b"obj") {
            let Some(start) = header(buf, i) else { continue };
            let at = base + start as u64;
            // Inside a stream that was passed over, or seen before.
            if at < done {
                continue;
            }
            if let Some((id, object)) = document.indirect(at) {
                let end = self.object(document, id, at, &object)?;
                done = (base + i as u64 + 3).max(end);
                if end > at {
                    passed.push(at..end);
                }
            }
        }
        for i in memmem::find_iter(buf, b"trailer") {
            let at = base + i as u64;
            let before = passed.partition_point(|p| p.start <= at).checked_sub(1).and_then(|n| passed.get(n));
            if before.is_some_and(|p| p.contains(&at)) {
                continue;
            }
            let mut lexer = Lexer::objects(document.raw(at + 7, u64::MAX));
            if let Some(Object::Dict(trailer)) = lexer.object() {
                self.newer(trailer);
            }
        }
        Ok(done)
    }
    fn newer(&mut self, mut trailer: Dict) {
        trailer.complete(std::mem::take(&mut self.trailer));
        self.trailer = trailer;
    }
    /// Takes note of an object; returns where it surely ends, if that is known.
    fn object(&mut self, document: &Document<'_>, id: Id, at: u64, object: &Object) -> Result<u64, GapReason> {
        if self.found.len() >= OBJECTS_MAX && !self.found.contains_key(&id.number) {
            return Err(GapReason::TooMany);
        }
        self.found.insert(id.number, at);
        match object {
            Object::Dict(dict) if dict.is(b"Type", b"Catalog") => self.catalog = Some(id),
            Object::Stream(stream) => {
                if stream.dict.is(b"Type", b"ObjStm") {
                    self.containers.push((id, at));
                }
                if stream.dict.is(b"Type", b"XRef") {
                    self.newer(stream.dict.clone());
                }
                let length = stream.dict.get(b"Length").int().and_then(|n| u64::try_from(n).ok());
                if let Some(end) = length.and_then(|n| stream.at.checked_add(n))
                    && document.ends_stream(end)
                {
                    return Ok(end);
                }
            }
            _ => {}
        }
        Ok(0)
    }
}

/// Adds what lies in object streams: where an object lies in the file itself too, the later counts.
pub(super) fn add_contained(table: &Table, contained: &[(u32, Place, u64)]) -> Table {
    let mut all = Table::default();
    for (number, place, at) in contained.iter().rev() {
        let newer = !matches!(table.find(*number), Some(Place::At(other)) if other > *at);
        if newer && !all.add(*number, *place) {
            break;
        }
    }
    for (number, place) in &table.entries {
        if !all.add(*number, *place) {
            break;
        }
    }
    all.sort();
    all
}

/// Where `n g obj` begins, of which `obj` stands at `i`.
fn header(buf: &[u8], i: usize) -> Option<usize> {
    let back = |from: usize, test: fn(&u8) -> bool| {
        let n = buf.get(..from)?.iter().rev().take(12).take_while(|b| test(b)).count();
        (n > 0).then(|| from - n)
    };
    let space: fn(&u8) -> bool = |b| is_space(*b);
    let generation = back(back(i, space)?, u8::is_ascii_digit)?;
    let start = back(back(generation, space)?, u8::is_ascii_digit)?;
    Some(start)
}

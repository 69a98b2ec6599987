//! A document: its objects by number, its streams unpacked, and what could not be read of it.

use super::crypt::{Crypt, Method};
use super::filters::{FILTERS_MAX, Filter, Predictor, filtered};
use super::meter::{self, Account, Metered};
use super::object::{Dict, Id, Object, Stream};
use super::source::Source;
use super::syntax::{Lexer, Token};
use super::xref::{self, Place, Table};
use evidence::GapReason;
use memchr::memmem;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::rc::Rc;

/// The mark of a document may stand behind so much else (ISO 32000-1, appendix H, note 13). Bytes.
pub(crate) const JUNK_BYTES_MAX: usize = 1024;
/// References to references, and objects that are needed to read objects; more are a gap (`TooDeep`).
const DEPTH_MAX: usize = 16;
/// An object stream, unpacked; what is beyond is a gap (`TooLarge`). Bytes.
const CONTAINER_BYTES_MAX: u64 = 16 << 20;
/// Objects in one object stream; those beyond are a gap (`TooMany`).
const CONTAINED_MAX: usize = 1 << 17;
/// Object streams kept unpacked, and their bytes.
const CONTAINERS_MAX: usize = 32;
const CONTAINERS_BYTES_MAX: usize = 16 << 20;
/// Work to find an object, and to open a stream, beyond the bytes that are read.
const OBJECT_WORK: u64 = 256;
const STREAM_WORK: u64 = 1024;

/// An object stream, unpacked.
struct Container {
    number: u32,
    bytes: Vec<u8>,
    /// Number and offset of each object.
    index: Vec<(u32, usize)>,
}

/// A document that is open.
pub(super) struct Document<'s> {
    pub(super) source: Source<'s>,
    pub(super) account: Account<'s>,
    /// Where its first bytes stand in the file.
    pub(super) start: u64,
    pub(super) trailer: Dict,
    crypt: Option<Crypt>,
    table: RefCell<Table>,
    searched: Cell<bool>,
    containers: RefCell<Vec<Rc<Container>>>,
    /// Object streams that are being opened.
    opening: RefCell<Vec<u32>>,
    /// Streams whose bytes were counted as unpacked.
    counted: RefCell<HashSet<u64>>,
    depth: Cell<usize>,
    /// The page at hand, from 1.
    pub(super) page: Cell<u64>,
    /// What could not be read, the first page with it (0: none), and how often.
    faults: RefCell<BTreeMap<GapReason, (u64, u64)>>,
}

impl<'s> Document<'s> {
    /// Opens a document. An error says why nothing of it can be read.
    pub(super) fn open(source: Source<'s>, account: Account<'s>) -> Result<Self, GapReason> {
        let head = source.piece(0, JUNK_BYTES_MAX + 8).map_err(|e| meter::reason(&e))?;
        let start = memmem::find(&head, b"%PDF-").unwrap_or(0) as u64;
        let mut this = Self {
            source,
            account,
            start,
            trailer: Dict::default(),
            crypt: None,
            table: RefCell::default(),
            searched: Cell::new(false),
            containers: RefCell::default(),
            opening: RefCell::default(),
            counted: RefCell::default(),
            depth: Cell::new(0),
            page: Cell::new(0),
            faults: RefCell::default(),
        };
        let mut late = None;
        match xref::load(&this) {
            Ok((table, trailer)) => {
                this.table = RefCell::new(table);
                this.trailer = trailer;
                // A root that is not there: the table is another document's.
                if this.get(this.trailer.get(b"Root")).dict().is_none() {
                    late = Some(this.search()?);
                }
            }
            Err(GapReason::IoError) => return Err(GapReason::IoError),
            Err(_) => late = Some(this.search()?),
        }
        let containers = late.map(|(trailer, containers)| {
            this.trailer = trailer;
            containers
        });
        this.decipher()?;
        this.look_into(&containers.unwrap_or_default());
        Ok(this)
    }
    fn decipher(&mut self) -> Result<(), GapReason> {
        let mut encrypt = self.entry(&self.trailer, b"Encrypt").into_owned();
        let Object::Dict(dict) = &mut encrypt else {
            return if self.trailer.has(b"Encrypt") { Err(GapReason::Encrypted) } else { Ok(()) };
        };
        for value in dict.values_mut() {
            if let Object::Ref(id) = value {
                *value = self.object(*id);
            }
        }
        let ids = self.entry(&self.trailer, b"ID");
        let first = ids.array().and_then(<[_]>::first).map(|o| self.get(o).into_owned());
        let first = first.as_ref().and_then(Object::text).unwrap_or_default();
        let crypt = Crypt::open(dict, first).ok_or(GapReason::Encrypted)?;
        self.crypt = Some(crypt);
        // What was unpacked before was not deciphered.
        self.containers.borrow_mut().clear();
        Ok(())
    }
    /// Has the file searched for objects, once. Returns the trailer and the object streams that were found.
    fn search(&self) -> Result<(Dict, Vec<(Id, u64)>), GapReason> {
        self.searched.set(true);
        self.note(GapReason::Corrupt);
        let found = xref::search(self)?;
        *self.table.borrow_mut() = found.table;
        self.containers.borrow_mut().clear();
        Ok((found.trailer, found.containers))
    }
    /// Adds to the table what lies in object streams that were found by search.
    fn look_into(&self, found: &[(Id, u64)]) {
        let mut contained = Vec::new();
        for (id, at) in found {
            if self.table.borrow().find(id.number) != Some(Place::At(*at)) {
                continue;
            }
            let Some(container) = self.container(id.number) else { continue };
            if self.account.is_spent() || contained.len() + container.index.len() > xref::OBJECTS_MAX {
                self.note(GapReason::TooMany);
                break;
            }
            let places = (0..).zip(&container.index).map(|(i, (number, _))| (*number, Place::In(id.number, i), *at));
            contained.extend(places);
        }
        if !contained.is_empty() {
            let all = xref::add_contained(&self.table.borrow(), &contained);
            *self.table.borrow_mut() = all;
        }
    }

    /// Notes that something could not be read; of a reason only the first time counts.
    pub(super) fn note(&self, reason: GapReason) {
        // Once nothing more may be read, all that is missing is missing for that.
        let spent = self.account.is_spent() && reason != GapReason::TooMany;
        // Who stops a run says so himself.
        if spent || reason == GapReason::Stopped {
            return;
        }
        self.faults.borrow_mut().entry(reason).or_insert((self.page.get(), 1));
    }
    /// Notes that a page could not be read; each counts.
    pub(super) fn note_page(&self, reason: GapReason) {
        let mut faults = self.faults.borrow_mut();
        let fault = faults.entry(reason).or_insert((self.page.get(), 0));
        fault.1 += 1;
    }
    /// What was noted: reason, first page (0: none), count.
    pub(super) fn faults(&self) -> Vec<(GapReason, u64, u64)> {
        self.faults.borrow().iter().map(|(reason, (page, count))| (*reason, *page, *count)).collect()
    }
    /// Does work; false once there was too much.
    pub(super) fn spend(&self, n: u64) -> bool {
        match self.account.spend(n) {
            Ok(()) => true,
            Err(reason) => {
                self.note(reason);
                false
            }
        }
    }

    /// The numbers of all objects, some of which may be none.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        let n = self.table.borrow().len();
        (0..n).filter_map(|i| self.table.borrow().number(i))
    }
    /// What `object` refers to, or itself.
    pub(super) fn get<'o>(&self, object: &'o Object) -> Cow<'o, Object> {
        let Object::Ref(id) = object else { return Cow::Borrowed(object) };
        let mut found = self.object(*id);
        for _ in 0..DEPTH_MAX {
            match found {
                Object::Ref(id) => found = self.object(id),
                other => return Cow::Owned(other),
            }
        }
        self.note(GapReason::TooDeep);
        Cow::Owned(Object::Null)
    }
    /// What an entry of a dictionary is or refers to.
    pub(super) fn entry<'o>(&self, dict: &'o Dict, key: &[u8]) -> Cow<'o, Object> {
        self.get(dict.get(key))
    }
    /// An object by its number; `Null` if there is none.
    pub(super) fn object(&self, id: Id) -> Object {
        if !self.spend(OBJECT_WORK) {
            return Object::Null;
        }
        if self.depth.get() >= DEPTH_MAX {
            self.note(GapReason::TooDeep);
            return Object::Null;
        }
        self.depth.set(self.depth.get() + 1);
        let found = self.find(id.number);
        self.depth.set(self.depth.get() - 1);
        found
    }
    fn find(&self, number: u32) -> Object {
        let place = |this: &Self| this.table.borrow().find(number);
        if let Some(object) = self.placed(number, place(self)) {
            return object;
        }
        if !self.searched.get() {
            match self.search() {
                Ok((_, containers)) => self.look_into(&containers),
                Err(reason) => self.note(reason),
            }
            if let Some(object) = self.placed(number, place(self)) {
                return object;
            }
        }
        self.note(GapReason::Corrupt);
        Object::Null
    }
    /// The object at a place; nothing if another thing lies there.
    fn placed(&self, number: u32, place: Option<Place>) -> Option<Object> {
        match place {
            None | Some(Place::Free) => Some(Object::Null),
            Some(Place::At(at)) => {
                let here = |at| self.indirect(at).filter(|(id, _)| id.number == number).map(|(_, object)| object);
                if self.start == 0 || self.searched.get() {
                    here(at)
                } else {
                    here(at + self.start).or_else(|| here(at))
                }
            }
            Some(Place::In(container, i)) => {
                let container = self.container(container)?;
                let entry = container.index.get(i as usize).filter(|e| e.0 == number);
                let (_, at) = entry.or_else(|| container.index.iter().find(|e| e.0 == number))?;
                let mut lexer = Lexer::objects(container.bytes.get(*at..)?);
                let object = lexer.object();
                self.note_fault(&mut lexer);
                object
            }
        }
    }
    /// The object that is written at `at` of the file.
    pub(super) fn indirect(&self, at: u64) -> Option<(Id, Object)> {
        let mut lexer = Lexer::objects(self.raw(at, u64::MAX));
        let (Token::Int(number), Token::Int(generation)) = (lexer.token(), lexer.token()) else { return None };
        let id = Id { number: u32::try_from(number).ok()?, generation: u32::try_from(generation).ok()? };
        if !lexer.token().is_word(b"obj") {
            return None;
        }
        let mut object = lexer.object().unwrap_or(Object::Null);
        if let Object::Dict(dict) = &mut object {
            let dict = std::mem::take(dict);
            object = if lexer.token().is_word(b"stream") {
                lexer.end_of_line();
                Object::Stream(Box::new(Stream { dict, at: at.saturating_add(lexer.position()), id }))
            } else {
                Object::Dict(dict)
            };
        }
        self.note_fault(&mut lexer);
        if let Some(crypt) = &self.crypt {
            crypt.decrypt(&mut object, id);
        }
        Some((id, object))
    }
    fn note_fault(&self, lexer: &mut Lexer<'_>) {
        if let Some(reason) = lexer.take_fault() {
            self.note(reason);
        }
    }

    fn container(&self, number: u32) -> Option<Rc<Container>> {
        let mut kept = self.containers.borrow_mut();
        if let Some(i) = kept.iter().position(|c| c.number == number) {
            let container = kept.remove(i);
            kept.push(Rc::clone(&container));
            return Some(container);
        }
        drop(kept);
        if self.opening.borrow().contains(&number) {
            self.note(GapReason::Corrupt);
            return None;
        }
        self.opening.borrow_mut().push(number);
        let opened = self.unpack(number).map(Rc::new);
        self.opening.borrow_mut().pop();
        let container = opened?;
        let mut kept = self.containers.borrow_mut();
        kept.push(Rc::clone(&container));
        while kept.len() > CONTAINERS_MAX || kept.iter().map(|c| c.bytes.len()).sum::<usize>() > CONTAINERS_BYTES_MAX {
            kept.remove(0);
        }
        Some(container)
    }
    fn unpack(&self, number: u32) -> Option<Container> {
        let place = self.table.borrow().find(number);
        // An object stream in an object stream is none (7.5.7).
        let Some(Place::At(_)) = place else { return None };
        let Object::Stream(stream) = self.placed(number, place)? else { return None };
        let first = usize::try_from(self.entry(&stream.dict, b"First").int()?).ok()?;
        let bytes = self.bytes(&stream, CONTAINER_BYTES_MAX);
        let mut lexer = Lexer::objects(bytes.get(..first).unwrap_or_default());
        let mut index = Vec::new();
        while let (Token::Int(number), Token::Int(at)) = (lexer.token(), lexer.token()) {
            if index.len() >= CONTAINED_MAX {
                self.note(GapReason::TooMany);
                break;
            }
            let (Ok(number), Ok(at)) = (u32::try_from(number), usize::try_from(at)) else { continue };
            index.push((number, first.saturating_add(at)));
        }
        drop(lexer);
        Some(Container { number, bytes, index })
    }

    /// Bytes of the file, under account.
    pub(super) fn raw(&self, at: u64, bytes: u64) -> impl Read + '_ {
        Metered::new(self.source.range(at, bytes), &self.account, 0, false)
    }
    /// True if a stream may end at `at`.
    pub(super) fn ends_stream(&self, at: u64) -> bool {
        let near = self.source.piece(at, 32).unwrap_or_default();
        let near = near.trim_ascii_start();
        near.starts_with(b"endstream") || near.starts_with(b"endobj")
    }
    /// How long a stream is: what it says, if that is true, else up to the word that ends it.
    fn length(&self, stream: &Stream) -> Result<u64, GapReason> {
        let claimed = self.entry(&stream.dict, b"Length").int().and_then(|n| u64::try_from(n).ok());
        if let Some(end) = claimed.and_then(|n| stream.at.checked_add(n))
            && end <= self.source.bytes()
            && self.ends_stream(end)
        {
            return Ok(end - stream.at);
        }
        const PIECE: usize = 32 << 10;
        let mut at = stream.at;
        loop {
            self.account.spend(PIECE as u64)?;
            let piece = self.source.piece(at, PIECE).map_err(|e| meter::reason(&e))?;
            if let Some(i) = memmem::find(&piece, b"endstream") {
                return Ok(at - stream.at + i as u64);
            }
            if piece.len() < PIECE {
                self.note(GapReason::Corrupt);
                return Ok(self.source.bytes().saturating_sub(stream.at));
            }
            at += (PIECE - 16) as u64;
        }
    }
    /// A stream's bytes, unpacked.
    pub(super) fn read(&self, stream: &Stream) -> Result<Box<dyn Read + '_>, GapReason> {
        self.open_stream(stream, true)
    }
    /// The same of an embedded file.
    pub(super) fn read_file(&self, stream: &Stream) -> Result<Box<dyn Read + '_>, GapReason> {
        self.open_stream(stream, false)
    }
    fn open_stream(&self, stream: &Stream, own: bool) -> Result<Box<dyn Read + '_>, GapReason> {
        // The bytes lie in another file.
        if stream.dict.has(b"F") {
            return Err(GapReason::Unsupported);
        }
        self.account.spend(STREAM_WORK)?;
        let (filters, identity) = self.filters(&stream.dict)?;
        let length = self.length(stream)?;
        let mut src: Box<dyn Read + '_> =
            if own { Box::new(self.raw(stream.at, length)) } else { Box::new(self.source.range(stream.at, length)) };
        if let Some(crypt) = self.crypt.as_ref().filter(|_| !identity && !stream.dict.is(b"Type", b"XRef")) {
            let plain = stream.dict.is(b"Type", b"Metadata") && !crypt.metadata;
            let method = if own { crypt.streams } else { crypt.files };
            src = crypt.stream(src, stream.id, if plain { Method::Identity } else { method });
        }
        for filter in &filters {
            src = filtered(src, filter);
        }
        let counts = self.counted.borrow_mut().insert(stream.at);
        if !own {
            return Ok(Box::new(Metered::file(src, &self.account, length)));
        }
        Ok(Box::new(Metered::new(src, &self.account, length, counts)))
    }
    /// Up to `bytes_max` bytes of a stream; what fails or is beyond is noted.
    pub(super) fn bytes(&self, stream: &Stream, bytes_max: u64) -> Vec<u8> {
        let mut out = Vec::new();
        let result = self
            .read(stream)
            .and_then(|src| src.take(bytes_max.saturating_add(1)).read_to_end(&mut out).map_err(|e| meter::reason(&e)));
        match result {
            // Even the part before a fault is used.
            Err(reason) => self.note(reason),
            Ok(n) if n as u64 > bytes_max => {
                self.note(GapReason::TooLarge);
                out.pop();
            }
            Ok(_) => {}
        }
        out
    }
    /// The filters of a stream in their order, and whether it is exempt from encryption.
    fn filters(&self, dict: &Dict) -> Result<(Vec<Filter>, bool), GapReason> {
        let (names, parameters) = (self.entry(dict, b"Filter"), self.entry(dict, b"DecodeParms"));
        let one = std::slice::from_ref(&*names);
        let names = match &*names {
            Object::Null => &[],
            Object::Array(all) => all.as_slice(),
            _ => one,
        };
        if names.len() > FILTERS_MAX {
            return Err(GapReason::TooDeep);
        }
        let (mut filters, mut identity) = (Vec::new(), false);
        for (i, name) in names.iter().enumerate() {
            let own = match &*parameters {
                Object::Array(all) => all.get(i).map(|o| self.get(o)),
                other if i == 0 => Some(Cow::Borrowed(other)),
                _ => None,
            };
            let own = own.as_deref().and_then(Object::dict);
            let number = |key: &[u8], default| own.map(|d| self.entry(d, key)).and_then(|o| o.int()).unwrap_or(default);
            let predictor = || {
                Predictor::new(
                    number(b"Predictor", 1),
                    number(b"Colors", 1),
                    number(b"BitsPerComponent", 8),
                    number(b"Columns", 1),
                )
            };
            filters.push(match self.get(name).name().ok_or(GapReason::Corrupt)? {
                b"FlateDecode" | b"Fl" => Filter::Flate(predictor()?),
                b"LZWDecode" | b"LZW" => Filter::Lzw(number(b"EarlyChange", 1) != 0, predictor()?),
                b"ASCIIHexDecode" | b"AHx" => Filter::Hex,
                b"ASCII85Decode" | b"A85" => Filter::Base85,
                b"RunLengthDecode" | b"RL" => Filter::RunLength,
                b"Crypt" => {
                    let filter = own.map(|d| self.entry(d, b"Name"));
                    let named = filter.as_deref().and_then(Object::name);
                    identity |= matches!(named, None | Some(b"Identity"));
                    continue;
                }
                _ => return Err(GapReason::Unsupported),
            });
        }
        Ok((filters, identity))
    }
}

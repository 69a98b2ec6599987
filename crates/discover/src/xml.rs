//! A pull reader for the XML of office documents, with the limits that `quick-xml` leaves to its user.
//!
//! Most members are small: one that fits the caller's buffer is read whole and parsed in place, which costs a
//! third of the buffered reader. A larger one streams, in the same order and with the same faults. Entities of a
//! document type are not expanded: only the five predefined ones and character references are.

use crate::text::fill;
use crate::unpack;
use evidence::GapReason;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::{self, BufReader, Chain, Cursor, Read};

/// Largest single event (a tag, a stretch of text).
const EVENT_BYTES_MAX: u64 = 8 << 20;
/// Elements inside elements.
const DEPTH_MAX: usize = 256;

struct EventCap<R> {
    inner: R,
    since: u64,
}
impl<R: Read> Read for EventCap<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.since > EVENT_BYTES_MAX {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let n = self.inner.read(buf)?;
        self.since += n as u64;
        Ok(n)
    }
}

/// What a handler is told. Names are local names.
pub(crate) enum Node<'a> {
    Open(&'a str, &'a BytesStart<'a>),
    Close(&'a str),
    Text(&'a str),
}

/// Calls `on` with the local name and the raw value of every attribute.
pub(crate) fn attributes(tag: &BytesStart<'_>, mut on: impl FnMut(&str, &str)) {
    for a in tag.attributes().with_checks(false).filter_map(Result::ok) {
        let full: &str = a.key.as_ref();
        on(full.rsplit_once(':').map_or(full, |(_, local)| local), &a.value);
    }
}
/// An attribute's value, by its local name.
pub(crate) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut found = None;
    attributes(tag, |local, raw| {
        if local == name && found.is_none() {
            let plain = quick_xml::escape::unescape(raw).map(std::borrow::Cow::into_owned);
            found = Some(plain.unwrap_or_else(|_| raw.to_owned()));
        }
    });
    found
}

type Streamed<'b, 's> = BufReader<EventCap<Chain<Cursor<&'b [u8]>, &'s mut dyn Read>>>;
enum Source<'b, 's> {
    Whole(Reader<&'b [u8]>),
    Streamed(Reader<Streamed<'b, 's>>, Vec<u8>),
}
/// A document under way.
pub(crate) struct Pull<'b, 's> {
    source: Source<'b, 's>,
    depth: usize,
    /// Why the bytes ended early, if they did.
    fault: Option<GapReason>,
}
impl<'b, 's> Pull<'b, 's> {
    /// Opens `src`; `buf` holds its beginning, or all of it.
    pub(crate) fn open(buf: &'b mut [u8], src: &'s mut dyn Read) -> Self {
        let mut filled = 0;
        let result = fill(src, buf, &mut filled);
        let fault = result.as_ref().err().map(unpack::reason);
        let held = &buf[..filled];
        let source = if matches!(result, Ok(false)) {
            let capped = EventCap { inner: Cursor::new(held).chain(src), since: 0 };
            let mut reader = Reader::from_reader(BufReader::with_capacity(32 << 10, capped));
            reader.config_mut().allow_dangling_amp = true;
            Source::Streamed(reader, Vec::new())
        } else {
            let mut reader = Reader::from_reader(held);
            reader.config_mut().allow_dangling_amp = true;
            Source::Whole(reader)
        };
        Self { source, depth: 0, fault }
    }
    /// Tells `on` of the next node; false at the end.
    pub(crate) fn next(&mut self, on: &mut impl FnMut(Node<'_>)) -> Result<bool, GapReason> {
        let Self { source, depth, fault } = self;
        let event = match source {
            Source::Whole(reader) => reader.read_event(),
            Source::Streamed(reader, buf) => {
                buf.clear();
                reader.get_mut().get_mut().since = 0;
                reader.read_event_into(buf)
            }
        };
        match (event, fault) {
            (Ok(Event::Eof) | Err(_), Some(fault)) => Err(*fault),
            (Err(e), None) => Err(reason(&e)),
            (Ok(event), _) => tell(&event, depth, on),
        }
    }
}

fn tell(event: &Event<'_>, depth: &mut usize, on: &mut impl FnMut(Node<'_>)) -> Result<bool, GapReason> {
    match event {
        Event::Start(tag) => {
            *depth += 1;
            if *depth > DEPTH_MAX {
                return Err(GapReason::TooDeep);
            }
            on(Node::Open(tag.local_name().as_ref(), tag));
        }
        Event::Empty(tag) => {
            on(Node::Open(tag.local_name().as_ref(), tag));
            on(Node::Close(tag.local_name().as_ref()));
        }
        Event::End(tag) => {
            *depth = depth.saturating_sub(1);
            on(Node::Close(tag.local_name().as_ref()));
        }
        Event::Text(text) => on(Node::Text(&text.xml10_content())),
        Event::CData(text) => on(Node::Text(&text.xml10_content())),
        Event::GeneralRef(name) => {
            let named = match &*name.xml10_content() {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "quot" => Some('"'),
                "apos" => Some('\''),
                _ => name.resolve_char_ref().ok().flatten(),
            };
            on(Node::Text(named.unwrap_or(' ').encode_utf8(&mut [0; 4])));
        }
        Event::Eof => return Ok(false),
        Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
    }
    Ok(true)
}

/// Reads all of `src` through `buf`, telling `on` of every node.
pub(crate) fn read(buf: &mut [u8], src: &mut dyn Read, mut on: impl FnMut(Node<'_>)) -> Result<(), GapReason> {
    let mut pull = Pull::open(buf, src);
    while pull.next(&mut on)? {}
    Ok(())
}

fn reason(error: &quick_xml::Error) -> GapReason {
    match error {
        quick_xml::Error::Io(e) => unpack::reason(e),
        _ => GapReason::Corrupt,
    }
}

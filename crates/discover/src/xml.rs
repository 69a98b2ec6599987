//! A pull reader for the XML of office documents, with the limits that `quick-xml` leaves to its user.
//!
//! Entities of a document type are not expanded: only the five predefined ones and character references are.

use evidence::GapReason;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::{self, BufReader, Read};

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

/// An attribute's value, by its local name.
pub(crate) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().filter_map(Result::ok).find(|a| {
        let full: &str = a.key.as_ref();
        full.rsplit(':').next() == Some(name)
    })?;
    let raw: &str = &found.value;
    let plain = quick_xml::escape::unescape(raw).map(std::borrow::Cow::into_owned);
    Some(plain.unwrap_or_else(|_| raw.to_owned()))
}

/// Reads all of `src`, telling `on` of every node.
pub(crate) fn read(src: impl Read, on: &mut dyn FnMut(Node<'_>)) -> Result<(), GapReason> {
    let mut reader = Reader::from_reader(BufReader::with_capacity(32 << 10, EventCap { inner: src, since: 0 }));
    reader.config_mut().allow_dangling_amp = true;
    let (mut buf, mut depth) = (Vec::new(), 0usize);
    loop {
        buf.clear();
        reader.get_mut().get_mut().since = 0;
        let event = reader.read_event_into(&mut buf).map_err(|e| reason(&e))?;
        match event {
            Event::Start(tag) => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return Err(GapReason::TooDeep);
                }
                on(Node::Open(tag.local_name().as_ref(), &tag));
            }
            Event::Empty(tag) => {
                on(Node::Open(tag.local_name().as_ref(), &tag));
                on(Node::Close(tag.local_name().as_ref()));
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
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
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn reason(error: &quick_xml::Error) -> GapReason {
    match error {
        quick_xml::Error::Io(e) => crate::unpack::reason(e),
        _ => GapReason::Corrupt,
    }
}

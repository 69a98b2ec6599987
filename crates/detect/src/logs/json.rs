//! JSON: one object a line, or one document of many. Values go straight into the event; no tree is made.

use super::{Clock, DEPTH_MAX, DOCUMENT_BYTES_MAX, Told};
use crate::event::{Event, Kind, Position};
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;
use std::fmt;
use std::io::BufRead;
use stdx::{Capped, Stop};

/// Keys of a wrapper whose list holds the events: CloudTrail, Kubernetes, exports of tools.
const WRAPPERS: [&str; 4] = ["Records", "items", "events", "value"];

/// Reads one object.
pub(super) fn line(line: &[u8], event: &mut Event) -> bool {
    let mut from = Deserializer::from_slice(line);
    let mut name = String::new();
    Flat { event, name: &mut name, depth: 0 }.deserialize(&mut from).is_ok() && from.end().is_ok()
}

/// Whether the file is not lines: it begins with a list, or its first line is no whole object.
pub(super) fn is_document(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if head.starts_with(b"[") {
        return !head.get(1..).unwrap_or_default().starts_with(b"<");
    }
    let Some(end) = memchr::memchr(b'\n', head) else {
        return wrapped(head);
    };
    let first = head.get(..end).unwrap_or_default();
    head.starts_with(b"{") && (first.trim_ascii().len() < 2 || wrapped(first) || open(first))
}

fn open(first: &[u8]) -> bool {
    let depth = first.iter().fold(0_i64, |d, b| match b {
        b'{' | b'[' => d + 1,
        b'}' | b']' => d - 1,
        _ => d,
    });
    depth > 0 && first.len() < 512
}

fn wrapped(head: &[u8]) -> bool {
    let rest = head.strip_prefix(b"{").unwrap_or_default().trim_ascii_start();
    WRAPPERS.iter().any(|w| {
        let key =
            rest.strip_prefix(b"\"").and_then(|r| r.strip_prefix(w.as_bytes())).and_then(|r| r.strip_prefix(b"\""));
        key.is_some_and(|r| {
            r.trim_ascii_start().strip_prefix(b":").is_some_and(|r| r.trim_ascii_start().starts_with(b"["))
        })
    })
}

/// Reads a document, or several one after the other.
pub(super) fn document(
    from: &mut dyn BufRead,
    _: Clock,
    event: &mut Event,
    take: &mut dyn FnMut(&mut Event, &'static str),
    stop: &Stop,
) -> Told {
    let mut told = Told { form: Some("json"), ..Told::default() };
    let mut capped = std::io::BufReader::new(Capped::new(from, DOCUMENT_BYTES_MAX));
    if capped.fill_buf().is_ok_and(|b| b.starts_with(b"\xef\xbb\xbf")) {
        capped.consume(3);
    }
    let mut json = Deserializer::from_reader(capped);
    loop {
        let root = Root { event, told: &mut told, take, stop };
        match root.deserialize(&mut json) {
            Ok(()) => {}
            Err(e) if e.is_eof() && told.events > 0 && e.line() == 0 => break,
            Err(e) if e.is_io() => {
                told.error = Some(e.into());
                break;
            }
            Err(_) if stop.requested() => break,
            Err(_) => {
                let at = told.events + 1;
                told.bad(at);
                break;
            }
        }
        if json.end().is_ok() {
            break;
        }
    }
    told.lines = told.events + told.bad;
    told
}

/// The outermost value: an event, a list of them, or a wrapper around a list.
struct Root<'a, 'b> {
    event: &'a mut Event,
    told: &'a mut Told,
    take: &'a mut (dyn FnMut(&mut Event, &'static str) + 'b),
    stop: &'a Stop,
}
impl<'de> DeserializeSeed<'de> for Root<'_, '_> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}
impl Root<'_, '_> {
    fn done(&mut self) {
        self.told.events += 1;
        self.event.position = Position { number: self.told.events, offset: 0 };
        (self.take)(self.event, "json");
    }
}
impl<'de> Visitor<'de> for Root<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event or a list of events")
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let mut name = String::new();
        loop {
            self.event.clear();
            name.clear();
            if self.stop.requested() {
                return Err(A::Error::custom("stopped"));
            }
            if list.next_element_seed(Flat { event: self.event, name: &mut name, depth: 0 })?.is_none() {
                return Ok(());
            }
            self.done();
        }
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.event.clear();
        let (mut name, mut lists) = (String::new(), false);
        while let Some(key) = map.next_key::<String>()? {
            if WRAPPERS.contains(&key.as_str()) && self.event.is_empty() {
                lists = true;
                let inner = Root { event: self.event, told: self.told, take: self.take, stop: self.stop };
                map.next_value_seed(inner)?;
                self.event.clear();
            } else if lists {
                map.next_value::<IgnoredAny>()?;
            } else {
                name.clear();
                name.push_str(&key);
                map.next_value_seed(Flat { event: self.event, name: &mut name, depth: 1 })?;
            }
        }
        if !lists {
            self.done();
        }
        Ok(())
    }
    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Err(E::custom("no event"))
    }
}

/// A value below `name`.
struct Flat<'a> {
    event: &'a mut Event,
    name: &'a mut String,
    depth: usize,
}
impl<'de> DeserializeSeed<'de> for Flat<'_> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        if self.depth > DEPTH_MAX {
            return Err(D::Error::custom("nested too deep"));
        }
        if self.depth == 0 { from.deserialize_map(self) } else { from.deserialize_any(self) }
    }
}
impl<'de> Visitor<'de> for Flat<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.event.put(self.name, "", Kind::Null);
        Ok(())
    }
    fn visit_bool<E>(self, b: bool) -> Result<(), E> {
        self.event.put(self.name, if b { "true" } else { "false" }, Kind::Bool);
        Ok(())
    }
    fn visit_i64<E>(self, n: i64) -> Result<(), E> {
        self.event.put(self.name, &n.to_string(), Kind::Number);
        Ok(())
    }
    fn visit_u64<E>(self, n: u64) -> Result<(), E> {
        self.event.put(self.name, &n.to_string(), Kind::Number);
        Ok(())
    }
    fn visit_f64<E>(self, n: f64) -> Result<(), E> {
        self.event.put(self.name, &n.to_string(), Kind::Number);
        Ok(())
    }
    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.event.text(self.name, text);
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let (mut any, from) = (false, self.name.len());
        while list.next_element_seed(Flat { event: self.event, name: self.name, depth: self.depth + 1 })?.is_some() {
            any = true;
            self.name.truncate(from);
        }
        if !any {
            self.event.put(self.name, "", Kind::Null);
        }
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let from = self.name.len();
        while let Some(()) = map.next_key_seed(Key { name: self.name, from })? {
            map.next_value_seed(Flat { event: self.event, name: self.name, depth: self.depth + 1 })?;
            self.name.truncate(from);
        }
        Ok(())
    }
}

/// Appends a key to the name.
struct Key<'a> {
    name: &'a mut String,
    from: usize,
}
impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_str(self)
    }
}
impl Visitor<'_> for Key<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E>(self, key: &str) -> Result<(), E> {
        if self.from > 0 {
            self.name.push('.');
        }
        self.name.push_str(key);
        Ok(())
    }
}

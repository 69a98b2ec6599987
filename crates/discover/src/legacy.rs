//! What lies in a compound file: Word, Excel and PowerPoint documents before 2007, Outlook messages, whatever is
//! embedded in them, and the properties that stand beside them.
//!
//! A storage is known by the streams it holds. Streams without a reader of their own are read like any content; a
//! file without a stream that is known is `Unsupported`, and what can be read in it is read all the same.

use crate::biff;
use crate::charset;
use crate::content::Worker;
use crate::gather::Count;
use crate::macros;
use crate::message;
use crate::ole::{Ole, Open, What, u32_at};
use crate::slides;
use crate::toll::{Paid, Toll};
use crate::turn::Units;
use crate::unpack;
use crate::word;
use evidence::{GapReason, PathText};
use std::io::{Cursor, Read, Seek};

/// A stream of properties is held in memory up to here; beyond is a gap (`TooLarge`). Bytes.
const PROPERTIES_BYTES_MAX: u64 = 4 << 20;
/// Longest head of an embedded file: three names and two numbers. Bytes.
const NATIVE_HEAD_BYTES: usize = 4096;

/// Reads a compound file that lies in a container.
pub(crate) fn nested(worker: &mut Worker<'_>, head: &[u8], src: &mut dyn Read, inside: &[PathText]) {
    // Sought in, so all of it is held in memory.
    let (mut claim, mut all) = (worker.memory.claim(), Vec::new());
    if let Err(e) = unpack::hold(worker, &mut head.chain(src), &mut all, &mut claim) {
        worker.gap(unpack::reason(&e), inside);
    }
    // What there is of it may hold streams that are whole.
    compound(worker, Cursor::new(all), inside);
}

/// Reads a compound file.
pub(crate) fn compound<R: Read + Seek>(worker: &mut Worker<'_>, src: R, inside: &[PathText]) {
    let mut ole = match Ole::open(src, worker.config().limits.container_entries_max) {
        Ok(ole) => ole,
        Err(reason) => return worker.gap(reason, inside),
    };
    let known = storage(worker, &mut ole, 0, inside);
    let orphans = ole.orphans();
    for id in orphans.iter().take_while(|_| !worker.root.stopped()) {
        stream(worker, &mut ole, *id, inside);
    }
    let broken = (!orphans.is_empty()).then_some(GapReason::Corrupt);
    if let Some(reason) = ole.fault().or(broken) {
        worker.gap(reason, inside);
    }
    if !known {
        worker.gap(GapReason::Unsupported, inside);
    }
}

/// The children of a storage, by name.
pub(crate) struct Names(Vec<(String, usize)>);
impl Names {
    pub(crate) fn of<R: Read + Seek>(ole: &mut Ole<R>, parent: usize) -> Self {
        let ids = ole.children(parent);
        Self(ids.into_iter().filter_map(|id| ole.get(id).map(|e| (e.name.clone(), id))).collect())
    }
    pub(crate) fn get(&self, name: &str) -> Option<usize> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, id)| *id)
    }
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, usize)> {
        self.0.iter().map(|(name, id)| (name.as_str(), *id))
    }
}

/// `inside` with one name more, which is cut where file systems end. Names of streams may begin with a control
/// character, which is left out.
pub(crate) fn below(inside: &[PathText], name: &str) -> Vec<PathText> {
    const NAME_BYTES_MAX: usize = 4096;
    let name = name.trim_start_matches(|c: char| c.is_control());
    let mut inner = inside.to_vec();
    inner.push(PathText::from(&name[..name.floor_char_boundary(NAME_BYTES_MAX)]));
    inner
}

/// Reads a storage and all below it; true if it is of a kind that is known.
fn storage<R: Read + Seek>(worker: &mut Worker<'_>, ole: &mut Ole<R>, id: usize, inside: &[PathText]) -> bool {
    let names = Names::of(ole, id);
    if names.get("EncryptedPackage").is_some() || names.get("\u{9}DRMContent").is_some() {
        // What stands beside it only says how to decrypt it.
        mark(ole, &names);
        worker.gap(GapReason::Encrypted, inside);
        return true;
    }
    if names.get("__properties_version1.0").is_some() {
        message::read(worker, ole, &names, inside);
        return true;
    }
    let main = ["WordDocument", "Workbook", "Book", "PowerPoint Document"].into_iter().find(|n| names.get(n).is_some());
    if let Some((main, stream)) = main.and_then(|n| Some((n, names.get(n)?))) {
        worker.count(Count::Members, 1);
        let inner = below(inside, main);
        let result = match main {
            "WordDocument" => word::read(worker, ole, stream, &names, &inner),
            "PowerPoint Document" => slides::read(worker, ole, stream, &names, &inner),
            _ => biff::read(worker, ole.open_stream(stream), &inner),
        };
        if let Err(reason) = result {
            worker.gap(reason, &inner);
        }
    }
    let macros = macros::are_in(&names);
    for (name, id) in names.iter() {
        if worker.root.stopped() {
            break;
        }
        let is_storage = ole.get(id).is_some_and(|e| e.what == What::Storage);
        if is_storage {
            sub_storage(worker, ole, id, name, inside);
        } else if macros && !matches!(name, "dir" | "_VBA_PROJECT") && !name.starts_with("__SRP_") {
            match macros::module(worker, ole, id, &names, inside) {
                Ok(true) => {}
                Ok(false) => stream(worker, ole, id, inside),
                Err(reason) => worker.gap(reason, &below(inside, name)),
            }
        } else if Some(name) != main && !matches!(name, "0Table" | "1Table") {
            stream(worker, ole, id, inside);
        }
    }
    // Macros, a file and a package of Office that were embedded: all of these are read.
    main.is_some() || ["VBA", "\u{1}Ole10Native", "Package"].iter().any(|name| names.get(name).is_some())
}

/// Reads a storage inside another.
pub(crate) fn sub_storage<R: Read + Seek>(
    worker: &mut Worker<'_>,
    ole: &mut Ole<R>,
    id: usize,
    name: &str,
    inside: &[PathText],
) {
    let inner = below(inside, name);
    if inner.len() > worker.config().limits.container_depth_max {
        let names = Names::of(ole, id);
        mark(ole, &names);
        return worker.gap(GapReason::TooDeep, &inner);
    }
    storage(worker, ole, id, &inner);
}

/// Takes all below `names` as given, so that it does not count as lost.
fn mark<R: Read + Seek>(ole: &mut Ole<R>, names: &Names) {
    let mut todo: Vec<usize> = names.iter().map(|(_, id)| id).collect();
    while let Some(id) = todo.pop() {
        todo.extend(ole.children(id));
    }
}

/// A stream that pays for what it gives.
pub(crate) fn guarded<'a, 'o, R: Read + Seek>(
    worker: &Worker<'a>,
    ole: &'o mut Ole<R>,
    id: usize,
) -> Paid<'a, Open<'o, R>> {
    worker.count(Count::Members, 1);
    Toll::of(worker).paid(ole.open_stream(id))
}

fn stream<R: Read + Seek>(worker: &mut Worker<'_>, ole: &mut Ole<R>, id: usize, inside: &[PathText]) {
    let Some(name) = ole.get(id).map(|e| e.name.clone()) else { return };
    let inner = below(inside, &name);
    if name.starts_with('\u{5}') {
        let all = ole.open_stream(id).whole(PROPERTIES_BYTES_MAX);
        worker.count(Count::Members, 1);
        let result = all.and_then(|all| {
            let mut text = Vec::new();
            let read = properties(&all, &mut text);
            worker.plain(&mut &text[..], &inner)?;
            read.ok_or(GapReason::Corrupt)
        });
        if let Err(reason) = result {
            worker.gap(reason, &inner);
        }
        return;
    }
    if name == "\u{1}Ole10Native" {
        return native(worker, &mut guarded(worker, ole, id), &inner);
    }
    let mut src = guarded(worker, ole, id);
    worker.content(&mut src, &inner);
}

/// A file that was embedded as it was (MS-OLEDS 2.3.6): names in front of its bytes.
fn native(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) {
    let mut head = vec![0; NATIVE_HEAD_BYTES];
    let mut filled = 0;
    if let Err(e) = crate::text::fill(src, &mut head, &mut filled) {
        worker.gap(unpack::reason(&e), inside);
    }
    let head = &head[..filled];
    let (name, start) = native_head(head).unwrap_or((None, 0));
    let mut inner = inside.to_vec();
    if let Some(name) = name {
        inner.push(PathText::from_bytes(&name));
    }
    worker.content(&mut head[start..].chain(src), &inner);
}
/// The name of an embedded file, and where its bytes begin.
fn native_head(head: &[u8]) -> Option<(Option<Vec<u8>>, usize)> {
    // Size of all, a flag of two bytes, a label, a path, two numbers, a path with its length, the file's size.
    let string = |from: usize| Some(from + memchr::memchr(0, head.get(from..)?)? + 1);
    let (label, path) = (6, string(6)?);
    let numbers = string(path)?;
    let temporary = u32_at(head, numbers + 4)? as usize;
    let start = numbers.checked_add(8)?.checked_add(temporary)?.checked_add(4)?;
    let mut name = Vec::new();
    let raw = head.get(label..path - 1)?;
    // Old programs write the system's code page; here that is most likely the Chinese one.
    match std::str::from_utf8(raw) {
        Ok(_) => name.extend_from_slice(raw),
        Err(_) => charset::text(charset::by_page(936), raw, &mut name),
    }
    (start <= head.len() && path - label > 1).then_some((Some(name), start))
}

/// The texts of a property set (MS-OLEPS), a line each; nothing if the stream is not whole.
fn properties(all: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if all.is_empty() {
        return Some(());
    }
    let sets = u32_at(all, 24)?.min(2);
    for i in 0..sets {
        let at = u32_at(all, 28 + 20 * i as usize + 16)? as usize;
        property_set(all.get(at..)?, out)?;
    }
    Some(())
}
fn property_set(set: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let count = u32_at(set, 4)? as usize;
    let table = set.get(8..)?;
    let each =
        || table.as_chunks::<8>().0.iter().take(count).filter_map(|p| Some((u32_at(p, 0)?, u32_at(p, 4)? as usize)));
    let page = each().find(|(id, _)| *id == 1).and_then(|(_, at)| u32_at(set, at + 4));
    let set_of = charset::by_page((page.unwrap_or(1252) & 0xFFFF) as u16);
    // A property may be claimed any number of times to stand at one place.
    let mut left = set.len();
    for (id, at) in each() {
        let from = out.len();
        match id {
            0 => dictionary(set.get(at..)?, set_of, &mut left, out),
            _ => value(set.get(at..)?, set_of, &mut left, out),
        }?;
        if out.len() > from {
            out.push(b'\n');
        }
    }
    Some(())
}
/// The names that a user gave to properties.
fn dictionary(at: &[u8], set: &'static encoding_rs::Encoding, left: &mut usize, out: &mut Vec<u8>) -> Option<()> {
    let (count, mut next) = (u32_at(at, 0)?, 4usize);
    for _ in 0..count {
        *left = left.checked_sub(8)?;
        let length = u32_at(at, next + 4)? as usize;
        let wide = set == encoding_rs::UTF_16LE;
        let bytes = if wide { length.checked_mul(2)? } else { length };
        string(at.get(next + 8..)?.get(..bytes)?, set, left, out)?;
        out.push(b' ');
        next = next + 8 + if wide { bytes.next_multiple_of(4) } else { bytes };
    }
    Some(())
}
fn value(at: &[u8], set: &'static encoding_rs::Encoding, left: &mut usize, out: &mut Vec<u8>) -> Option<()> {
    const BYTES: u32 = 0x1E;
    const WIDE: u32 = 0x1F;
    const VARIANT: u32 = 0x0C;
    const VECTOR: u32 = 0x1000;
    let (kind, body) = (u32_at(at, 0)? & 0xFFFF, at.get(4..)?);
    let one = |kind: u32, at: &[u8], left: &mut usize, out: &mut Vec<u8>| -> Option<usize> {
        let length = u32_at(at, 0)? as usize;
        let bytes = if kind == WIDE { length.checked_mul(2)? } else { length };
        let text = at.get(4..)?.get(..bytes)?;
        string(text, if kind == WIDE { encoding_rs::UTF_16LE } else { set }, left, out)?;
        out.push(b' ');
        Some(4 + bytes.next_multiple_of(4))
    };
    match kind {
        BYTES | WIDE => {
            one(kind, body, left, out)?;
        }
        _ if kind & VECTOR != 0 && matches!(kind & 0xFFF, BYTES | WIDE | VARIANT) => {
            let (count, mut next) = (u32_at(body, 0)?, 4usize);
            for _ in 0..count {
                *left = left.checked_sub(4)?;
                // Vectors of variants alternate between texts and numbers.
                let item = if kind & 0xFFF == VARIANT { u32_at(body, next)? & 0xFFFF } else { kind & 0xFFF };
                next += if kind & 0xFFF == VARIANT { 4 } else { 0 };
                next += if matches!(item, BYTES | WIDE) { one(item, body.get(next..)?, left, out)? } else { 4 };
            }
        }
        _ => {}
    }
    Some(())
}
fn string(text: &[u8], set: &'static encoding_rs::Encoding, left: &mut usize, out: &mut Vec<u8>) -> Option<()> {
    *left = left.checked_sub(text.len())?;
    let end = |b: &&u8| **b != 0;
    if set == encoding_rs::UTF_16LE {
        let mut units = Units::default();
        for pair in text.as_chunks::<2>().0.iter().take_while(|p| **p != [0, 0]) {
            units.push(u16::from_le_bytes(*pair), out);
        }
    } else {
        let length = text.iter().take_while(end).count();
        charset::text(set, &text[..length], out);
    }
    Some(())
}

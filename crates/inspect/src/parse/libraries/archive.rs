//! Archives of Java: what a jar says it is, and what lies inside it, one level deep.
//!
//! Only the central directory and the few members that tell are read. The directory is taken as it is found at the
//! end (APPNOTE 4.3.12 to 4.3.16, with ZIP64); whatever stands before it is not looked at.

use super::{Library, ReadAt, in_memory};
use crate::parse::bytes::Order::Little;
use std::collections::BTreeMap;
use std::io::Read;

/// Most members of an archive.
const MEMBERS_MAX: usize = 200_000;
/// Longest central directory, in bytes.
const DIRECTORY_BYTES_MAX: usize = 64 << 20;
/// The end record and the longest comment, in bytes.
const TAIL_BYTES: u64 = 22 + 65535;
/// Longest description that is read, in bytes.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// Largest archive inside another, and all of them together, in bytes.
const NESTED_BYTES_MAX: u64 = 64 << 20;
const NESTED_ALL_BYTES_MAX: u64 = 512 << 20;

/// A member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its path in the archive.
    pub name: String,
    /// Its size when unpacked, in bytes, as the directory says.
    pub size: u64,
    method: u16,
    packed: u64,
    at: u64,
}

/// The members of the archive of `size` bytes; nothing if it is no archive or its directory is broken.
pub fn zip_members(read: &mut ReadAt<'_>, size: u64) -> Option<Vec<Member>> {
    let from = size.saturating_sub(TAIL_BYTES);
    let tail = read(from, usize::try_from(size.min(TAIL_BYTES)).ok()?)?;
    let end = tail.windows(4).rposition(|w| w == b"PK\x05\x06")?;
    let record = tail.get(end..)?;
    let (mut length, mut offset) = (u64::from(Little.u32(record, 12)?), u64::from(Little.u32(record, 16)?));
    let mut directory_end = from.checked_add(u64::try_from(end).ok()?)?;
    if offset == u64::from(u32::MAX) || length == u64::from(u32::MAX) {
        let locator = tail.get(end.checked_sub(20)?..end).filter(|l| l.starts_with(b"PK\x06\x07"))?;
        let at = Little.u64(locator, 8)?;
        let record = read(at, 56).filter(|r| r.starts_with(b"PK\x06\x06"))?;
        (length, offset) = (Little.u64(&record, 40)?, Little.u64(&record, 48)?);
        directory_end = at;
    }
    let length_here = usize::try_from(length).ok().filter(|n| *n <= DIRECTORY_BYTES_MAX)?;
    // A program may stand before the archive (a jar that starts itself); offsets then count from its end.
    let start = directory_end.checked_sub(length)?;
    let shift = start.checked_sub(offset)?;
    let directory = read(start, length_here).filter(|d| d.len() == length_here)?;
    members(&directory, shift)
}

fn members(directory: &[u8], shift: u64) -> Option<Vec<Member>> {
    let mut out = Vec::new();
    let mut rest = directory;
    while !rest.is_empty() && out.len() < MEMBERS_MAX {
        if !rest.starts_with(b"PK\x01\x02") {
            return None;
        }
        let part = |at| Little.u16(rest, at).map(usize::from);
        let (name, extra, comment) = (part(28)?, part(30)?, part(32)?);
        let fields = rest.get(46 + name..46 + name + extra)?;
        let (mut packed, mut size, mut at) =
            (Little.u32(rest, 20)?.into(), Little.u32(rest, 24)?.into(), Little.u32(rest, 42)?.into());
        wide(fields, [&mut size, &mut packed, &mut at]);
        out.push(Member {
            name: String::from_utf8_lossy(rest.get(46..46 + name)?).into_owned(),
            size,
            method: Little.u16(rest, 10)?,
            packed,
            at: shift.checked_add(at)?,
        });
        rest = rest.get(46 + name + extra + comment..)?;
    }
    Some(out)
}

/// ZIP64: numbers that do not fit stand in an extra field, in this order.
fn wide(mut fields: &[u8], numbers: [&mut u64; 3]) {
    while let (Some(id), Some(length)) = (Little.u16(fields, 0), Little.u16(fields, 2)) {
        let Some(field) = fields.get(4..4 + usize::from(length)) else { return };
        if id == 1 {
            let mut at = 0;
            for number in numbers.into_iter().filter(|n| **n == u64::from(u32::MAX)) {
                let Some(value) = Little.u64(field, at) else { return };
                *number = value;
                at += 8;
            }
            return;
        }
        fields = fields.get(4 + usize::from(length)..).unwrap_or_default();
    }
}

/// The content of a member, stored or deflated, if it has no more than `bytes_max` bytes.
pub fn zip_content(read: &mut ReadAt<'_>, member: &Member, bytes_max: u64) -> Option<Vec<u8>> {
    if member.size > bytes_max || member.packed > bytes_max {
        return None;
    }
    let head = read(member.at, 30).filter(|h| h.starts_with(b"PK\x03\x04"))?;
    let skip = 30 + u64::from(Little.u16(&head, 26)?) + u64::from(Little.u16(&head, 28)?);
    let packed = read(member.at.checked_add(skip)?, usize::try_from(member.packed).ok()?)?;
    let mut out = Vec::new();
    match member.method {
        0 => out = packed,
        8 => {
            // One byte more tells that the directory lied about the size.
            let decoder = flate2::read::DeflateDecoder::new(packed.as_slice());
            decoder.take(member.size.saturating_add(1)).read_to_end(&mut out).ok()?;
        }
        _ => return None,
    }
    (out.len() as u64 == member.size).then_some(out)
}

/// What a jar, war or ear says: libraries with the path inside the archive (empty for its own), and whether something
/// in it could not be read.
pub fn jar_libraries(file: &str, read: &mut ReadAt<'_>, size: u64) -> Option<(Vec<(String, Library)>, bool)> {
    let members = zip_members(read, size)?;
    let mut out: Vec<(String, Library)> =
        described(file, read, &members).into_iter().map(|l| (String::new(), l)).collect();
    let mut whole = true;
    let mut left = NESTED_ALL_BYTES_MAX;
    for member in members.iter().filter(|m| m.name.ends_with(".jar")) {
        let content = left.checked_sub(member.size).and_then(|rest| {
            left = rest;
            zip_content(read, member, NESTED_BYTES_MAX)
        });
        let Some(content) = content else {
            whole = false;
            continue;
        };
        let mut inner = in_memory(&content);
        match zip_members(&mut inner, content.len() as u64) {
            Some(members) => {
                let base = member.name.rsplit('/').next().unwrap_or(&member.name);
                out.extend(described(base, &mut inner, &members).into_iter().map(|l| (member.name.clone(), l)));
            }
            None => whole = false,
        }
    }
    Some((out, whole))
}

/// What an archive says of itself: the properties that Maven leaves, else its manifest, else its name.
fn described(file: &str, read: &mut ReadAt<'_>, members: &[Member]) -> Vec<Library> {
    let maven = |m: &&Member| m.name.starts_with("META-INF/maven/") && m.name.ends_with("/pom.properties");
    let mut text = |m: &Member| {
        let bytes = zip_content(read, m, TEXT_BYTES_MAX as u64)?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let found: Vec<Library> = members.iter().filter(maven).filter_map(|m| properties(&text(m)?)).collect();
    if !found.is_empty() {
        return found;
    }
    let manifest = members.iter().find(|m| m.name == "META-INF/MANIFEST.MF").and_then(&mut text);
    let fields = manifest.map(|t| manifest_fields(&t)).unwrap_or_default();
    let get = |key: &str| fields.get(key).map(|v| v.split(';').next().unwrap_or(v).trim());
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let numbered = stem
        .match_indices('-')
        .find(|(at, _)| stem.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit))
        .and_then(|(at, _)| Some((stem.get(..at)?, stem.get(at + 1..)?)));
    let version = get("Implementation-Version").or_else(|| get("Bundle-Version")).or(numbered.map(|(_, v)| v));
    let name = numbered.map(|(n, _)| n).or_else(|| get("Implementation-Title")).or_else(|| get("Bundle-SymbolicName"));
    let (Some(name), Some(version)) = (name, version) else { return Vec::new() };
    let name = get("Implementation-Vendor-Id").map_or_else(|| name.to_owned(), |group| format!("{group}:{name}"));
    Library::new("Maven", &name, version, 0).into_iter().collect()
}

fn properties(text: &str) -> Option<Library> {
    let get = |key: &str| text.lines().find_map(|l| l.trim().strip_prefix(key)?.trim_start().strip_prefix('='));
    let (group, artifact) = (get("groupId")?.trim(), get("artifactId")?.trim());
    Library::new("Maven", &format!("{group}:{artifact}"), get("version")?, 0)
}

/// Main fields of a manifest; a line that begins with a blank goes on with the one before it.
fn manifest_fields(text: &str) -> BTreeMap<String, String> {
    let mut lines: Vec<String> = Vec::new();
    for l in text.lines().take_while(|l| !l.trim_end().is_empty()) {
        match (l.strip_prefix(' '), lines.last_mut()) {
            (Some(more), Some(last)) => last.push_str(more),
            _ => lines.push(l.to_owned()),
        }
    }
    let split = lines.iter().filter_map(|l| l.split_once(": "));
    split.map(|(k, v)| (k.to_owned(), v.trim().to_owned())).collect()
}

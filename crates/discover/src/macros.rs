//! The source of macros (MS-OVBA): each module is a stream with its compiled form first and its text, compressed,
//! behind it. Passwords and connection strings stand there more often than in the document.

use crate::charset::Decode;
use crate::content::Worker;
use crate::legacy::{Names, below, guarded};
use crate::ole::{Ole, u32_at};
use crate::toll::Toll;
use crate::turn::{Pieces, Turned};
use evidence::{GapReason, PathText};
use std::io::{Read, Seek};

/// A module is held in memory as it is stored; a larger one is a gap (`TooLarge`). Bytes.
const MODULE_BYTES_MAX: u64 = 4 << 20;
/// What a chunk holds (MS-OVBA 2.4.1.1.4). Bytes.
const CHUNK_BYTES: usize = 4096;

/// True if a storage with these streams holds macros.
pub(crate) fn are_in(names: &Names) -> bool {
    names.get("_VBA_PROJECT").is_some() && names.get("dir").is_some()
}

/// Reads the module in the stream `id`; false if there is no source in it.
pub(crate) fn module<R: Read + Seek>(
    worker: &mut Worker<'_>,
    ole: &mut Ole<R>,
    id: usize,
    names: &Names,
    inside: &[PathText],
) -> Result<bool, GapReason> {
    let Some(name) = ole.get(id).map(|e| e.name.clone()) else { return Ok(false) };
    let page = names.get("dir").and_then(|dir| page(&ole.open_stream(dir).whole(MODULE_BYTES_MAX).ok()?));
    let mut all = Vec::new();
    guarded(worker, ole, id).take(MODULE_BYTES_MAX).read_to_end(&mut all).map_err(|e| crate::unpack::reason(&e))?;
    // The text begins with an attribute, and its first chunk with eight letters as they are.
    let found = memchr::memmem::find_iter(&all, b"\0Attribut");
    let start = found.filter_map(|at| at.checked_sub(3)).find(|at| all.get(*at) == Some(&1));
    let Some(mut rest) = start.and_then(|at| all.get(at + 1..)) else { return Ok(false) };
    let (root, toll) = (worker.root, Toll::of(worker));
    let stopped = || root.stopped();
    let mut text = Pieces::new(&stopped, |out| {
        let Some((more, after)) = chunk(rest, out) else { return Err(GapReason::Corrupt) };
        rest = after;
        toll.pay(CHUNK_BYTES)?;
        Ok(more)
    });
    let decode = page.map_or_else(|| Decode::labelled(None), |page| Decode::of(crate::charset::by_page(page)));
    worker.plain(&mut Turned::new(&mut text, decode), &below(inside, &name))?;
    if all.len() as u64 == MODULE_BYTES_MAX { Err(GapReason::TooLarge) } else { Ok(true) }
}

/// The code page of a project (MS-OVBA 2.3.4.2.1.4), out of its compressed directory.
fn page(dir: &[u8]) -> Option<u16> {
    let mut text = Vec::new();
    // It stands among the first records.
    chunk(dir.strip_prefix(&[1])?, &mut text)?;
    let mut at = 0usize;
    while let Some(size) = u32_at(&text, at + 2) {
        if text.get(at..at + 2)? == [3, 0] {
            return u32_at(&text, at + 6).map(|page| page as u16);
        }
        at = at.checked_add(6)?.checked_add(size as usize)?;
    }
    None
}

/// Appends what the chunk at the beginning of `rest` holds; says whether more follow, and where. Nothing if it is
/// broken.
fn chunk<'c>(rest: &'c [u8], out: &mut Vec<u8>) -> Option<(bool, &'c [u8])> {
    let [low, high, body @ ..] = rest else { return rest.is_empty().then_some((false, rest)) };
    let head = u16::from_le_bytes([*low, *high]);
    if head & 0x7000 != 0x3000 {
        // Behind the text may lie something else.
        return Some((false, rest));
    }
    let length = usize::from(head & 0x0FFF) + 1;
    let (body, after) = body.split_at(length.min(body.len()));
    if head & 0x8000 == 0 {
        out.extend_from_slice(body);
        return Some((!after.is_empty(), after));
    }
    let from = out.len();
    let (mut at, mut flags, mut left) = (0, 0u8, 0);
    while at < body.len() && out.len() - from < CHUNK_BYTES {
        if left == 0 {
            (flags, left, at) = (body[at], 8, at + 1);
            continue;
        }
        if flags & 1 == 0 {
            out.push(body[at]);
            at += 1;
        } else {
            let token = u16::from_le_bytes([*body.get(at)?, *body.get(at + 1)?]);
            copy(token, from, out)?;
            at += 2;
        }
        (flags, left) = (flags >> 1, left - 1);
    }
    Some((!after.is_empty(), after))
}
/// Copies what a token refers to (MS-OVBA 2.4.1.3.19.1): the more there is, the more bits its offset takes.
fn copy(token: u16, from: usize, out: &mut Vec<u8>) -> Option<()> {
    let here = out.len() - from;
    let bits = usize::BITS - here.saturating_sub(1).leading_zeros();
    let bits = bits.clamp(4, 12);
    let mask = 0xFFFFu16 >> bits;
    let (length, offset) = (usize::from(token & mask) + 3, usize::from(token >> (16 - bits)) + 1);
    let start = here.checked_sub(offset)? + from;
    for i in 0..length.min(CHUNK_BYTES.saturating_sub(here)) {
        out.push(*out.get(start + i)?);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_specification_unpack() {
        // MS-OVBA 3.2.1 to 3.2.3.
        let none: &[u8] = b"\x19\xB0\x00abcdefgh\x00ijklmnop\x00qrstuv.";
        let normal: &[u8] =
            b"\x2F\xB0\x00#aaabcde\x82f\x00paghij\x018\x08akl\x000mnop\x06q\x02p\x04\x10rstuv\x10wxyz\x00<";
        let much: &[u8] = b"\x03\xB0\x02aE\x00";
        for (packed, expect) in [
            (none, "abcdefghijklmnopqrstuv.".to_owned()),
            (normal, "#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa".to_owned()),
            (much, "a".repeat(73)),
        ] {
            let mut out = Vec::new();
            let (more, rest) = chunk(packed, &mut out).unwrap();
            assert_eq!((String::from_utf8(out).unwrap(), more, rest.len()), (expect, false, 0));
            for n in 0..packed.len() {
                let _ = chunk(&packed[..n], &mut Vec::new());
            }
        }
        // A reference to what is not there.
        assert!(chunk(b"\x02\xB0\x01\xFF\xFF", &mut Vec::new()).is_none());
    }
}

//! zip archives read along their local headers, for those whose directory cannot be read: cut ones, and ones in other
//! containers that are too large to hold (APPNOTE 4.3.7 and 4.3.9).
//!
//! The archive has its gap before this begins; what is found here is found all the same. Documents are no more than
//! their members here: their own rules need the directory.

use super::super::guard::{Guard, Part, Taken, drain};
use super::super::{Entries, inner, reason, unread};
use super::methods::{About, decoder};
use crate::content::Worker;
use crate::gather::Count;
use evidence::{GapReason, PathText};
use std::io::{self, BufRead, ErrorKind, Read};
use std::rc::Rc;

/// A local header, and what it says.
struct Local {
    name: Vec<u8>,
    is_encrypted: bool,
    /// Sizes and sum stand behind the data.
    is_open: bool,
    packed: u64,
    about: About,
}

/// Reads members until something else comes than another one.
pub(in super::super) fn locals(worker: &mut Worker<'_>, src: &mut dyn BufRead, inside: &[PathText]) {
    let mut entries = Entries::default();
    let mut next = [0; 4];
    if src.read_exact(&mut next).is_err() {
        return;
    }
    while next == *b"PK\x03\x04" {
        let Ok(local) = header(src) else { return };
        if !entries.another(worker, inside) {
            return;
        }
        let member = inner(inside, &local.name);
        let result = if local.is_open {
            open_member(worker, src, &local, &member).and_then(|()| behind(src))
        } else {
            closed_member(worker, src, &local, &member).and_then(|()| {
                src.read_exact(&mut next)?;
                Ok(next)
            })
        };
        match result {
            Ok(found) => next = found,
            Err(_) => return,
        }
    }
}

fn header(src: &mut dyn Read) -> io::Result<Local> {
    let mut fixed = [0; 26];
    src.read_exact(&mut fixed)?;
    let number = |at: usize, n: usize| fixed[at..at + n].iter().rev().fold(0u64, |v, b| v << 8 | u64::from(*b));
    let (mut name, mut extra) = (Vec::new(), Vec::new());
    src.take(number(22, 2)).read_to_end(&mut name)?;
    src.take(number(24, 2)).read_to_end(&mut extra)?;
    let (mut packed, mut bytes) = (number(14, 4), number(18, 4));
    // The field of zip64: first the size unpacked, then packed (4.5.3).
    let mut rest = extra.as_slice();
    while let [a, b, n, m, body @ ..] = rest {
        let field = usize::from(u16::from_le_bytes([*n, *m])).min(body.len());
        if [*a, *b] == [1, 0] {
            let mut numbers =
                body[..field].chunks_exact(8).map(|c| c.iter().rev().fold(0u64, |v, b| v << 8 | u64::from(*b)));
            for size in [&mut bytes, &mut packed] {
                if *size == u64::from(u32::MAX) {
                    *size = numbers.next().ok_or(ErrorKind::InvalidData)?;
                }
            }
        }
        rest = &body[field..];
    }
    let flags = number(2, 2);
    let is_open = flags & 8 != 0 && packed == 0;
    let method = u16::try_from(number(4, 2)).unwrap_or(u16::MAX);
    let crc = u32::try_from(number(10, 4)).ok();
    let about = About { method, bytes: (!is_open).then_some(bytes), crc: crc.filter(|_| flags & 8 == 0) };
    Ok(Local { name, is_encrypted: flags & 1 != 0, is_open, packed, about })
}

/// A member whose length is known.
fn closed_member(worker: &mut Worker<'_>, src: &mut dyn BufRead, local: &Local, inner: &[PathText]) -> io::Result<()> {
    let mut part = Part::packed(src, local.packed);
    if local.is_encrypted {
        unread(worker, GapReason::Encrypted, inner);
    } else if !local.name.ends_with(b"/") {
        worker.count(Count::Members, 1);
        match decoder(worker, &local.about, &mut part) {
            Ok(mut decoder) => worker.content(&mut decoder, inner),
            Err(e) => worker.gap(reason(&e), inner),
        }
    }
    part.finish(worker).map(|_| ())
}

/// A member that ends where its decoder says.
///
/// # Errors
/// None can be said of the place where it ends.
fn open_member(worker: &mut Worker<'_>, src: &mut dyn BufRead, local: &Local, inner: &[PathText]) -> io::Result<()> {
    if local.is_encrypted || local.about.method != 8 {
        unread(worker, if local.is_encrypted { GapReason::Encrypted } else { GapReason::Unsupported }, inner);
        return Err(ErrorKind::Unsupported.into());
    }
    worker.count(Count::Members, 1);
    // The decoder must not take more than is its own, so it reads from the source's own buffer.
    let taken = Rc::default();
    let inflate = flate2::bufread::DeflateDecoder::new(src);
    let mut guarded = Guard::new(worker, Tallied { inner: inflate, taken: Rc::clone(&taken) }, taken);
    worker.content(&mut guarded, inner);
    drain(worker, &mut guarded)
}
/// Tells the guard what the decoder took.
struct Tallied<'s> {
    inner: flate2::bufread::DeflateDecoder<&'s mut dyn BufRead>,
    taken: Rc<Taken>,
}
impl Read for Tallied<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.taken.bytes.set(self.inner.total_in());
        Ok(n)
    }
}

/// Passes over what stands behind an open member: a signature or none, the sum, sizes of four or eight bytes. Returns
/// what comes after.
fn behind(src: &mut dyn Read) -> io::Result<[u8; 4]> {
    let mut next = [0; 4];
    for words in 1..=7 {
        src.read_exact(&mut next)?;
        if words > 3 && matches!(next, [b'P', b'K', 3, 4] | [b'P', b'K', 1, 2]) {
            break;
        }
    }
    Ok(next)
}

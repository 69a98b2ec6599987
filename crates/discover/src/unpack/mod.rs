//! Opens compressions and archives: told by their first bytes, read under guard, members handed back to
//! [`Worker::content`].
//!
//! `guard` bounds what comes out (size, ratio), `memory` what is held, `content` the depth, each archive its entries.
//! Archives whose directory stands at the head or before each member are streams: nothing of them is kept. Those
//! with a directory at the end (zip, 7z) are read through the file; inside another container they are held in
//! memory, up to a limit. Nothing is decoded that nobody looks at, except where the only way on leads through it.
//!
//! Refused: unpacking to disk; trust in sizes that an archive claims of itself; readers that keep a whole archive's
//! members or names (each of the usual crates for tar and 7z does at some place).

mod ar;
mod cab;
mod cpio;
mod frames;
mod guard;
mod memory;
mod rar;
mod rpm;
mod seven;
mod streams;
mod tar;
mod zip;

pub(crate) use guard::{expanded, is_bomb, reason};
pub(crate) use memory::{Memory, Seats};
pub(crate) use zip::with_member;

use crate::content::Worker;
use crate::gather::Count;
use crate::pdf;
use crate::text::WINDOW_BYTES;
use evidence::{GapReason, PathText};
use memory::Claim;
use std::io::{self, BufReader, Cursor, ErrorKind, Read, Seek};

/// What is read at a time of what is packed. Bytes.
const PACKED_BYTES: usize = 32 << 10;

/// A compression or an archive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Container {
    Gzip,
    Bzip2,
    Xz,
    Lzma,
    /// Zstandard and lz4 frames, one after the other.
    Frames,
    Tar,
    Cpio,
    Ar,
    Rpm,
    Rar,
    Cab,
    Zip,
    Seven,
    /// A document, but read like these: its table of objects stands at its end.
    Pdf,
}
impl Container {
    /// Its directory stands at its end.
    pub(crate) fn seeks(self) -> bool {
        matches!(self, Self::Zip | Self::Seven | Self::Pdf)
    }
}

/// What a content that begins with `head` is, if it is one of these. Signatures are from the formats' own documents.
pub(crate) fn container(head: &[u8]) -> Option<Container> {
    use Container as C;
    Some(match head {
        [0x1F, 0x8B, 8, ..] => C::Gzip,
        // A block, or the end of an empty stream: the numbers are pi and its square root.
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => C::Bzip2,
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => C::Xz,
        // Zstandard; lz4; lz4 of old; a frame to be skipped by readers of either.
        [0x28, 0xB5, 0x2F, 0xFD, ..]
        | [0x04, 0x22, 0x4D, 0x18, ..]
        | [0x02, 0x21, 0x4C, 0x18, ..]
        | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => C::Frames,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => C::Zip,
        [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => C::Seven,
        [0xED, 0xAB, 0xEE, 0xDB, ..] => C::Rpm,
        _ if head.starts_with(rar::OLD) || head.starts_with(rar::NEW) => C::Rar,
        _ if head.starts_with(cab::MAGIC) => C::Cab,
        _ if head.starts_with(ar::MAGIC) => C::Ar,
        _ if cpio::is_cpio(head) => C::Cpio,
        _ if tar::is_tar(head) => C::Tar,
        _ if streams::is_lzma(head) => C::Lzma,
        _ => return None,
    })
}

/// Reads a container whose beginning is in `head` and that goes on in `src`. Whatever fails is a gap.
pub(crate) fn open(worker: &mut Worker<'_>, kind: Container, head: &[u8], src: &mut dyn Read, inside: &[PathText]) {
    // Headers are short, and the source may be a file.
    let mut whole = BufReader::with_capacity(PACKED_BYTES, Cursor::new(head).chain(src));
    match kind {
        Container::Gzip | Container::Bzip2 | Container::Xz | Container::Lzma | Container::Frames => {
            streams::stream(worker, kind, head, &mut whole, inside);
        }
        Container::Tar => tar::tar(worker, &mut whole, inside),
        Container::Cpio => cpio::cpio(worker, &mut whole, inside),
        Container::Ar => ar::ar(worker, &mut whole, inside),
        Container::Rpm => rpm::rpm(worker, &mut whole, inside),
        Container::Rar => rar::rar(worker, &mut whole, inside),
        Container::Cab => cab::cab(worker, &mut whole, inside),
        Container::Zip | Container::Seven | Container::Pdf => {
            let (mut claim, mut bytes) = (worker.memory.claim(), Vec::new());
            match hold(worker, &mut whole, &mut bytes, &mut claim) {
                // Whoever stopped does not want to know what half of it is.
                Ok(()) if worker.root.stopped() => {}
                Ok(()) => seekable(worker, kind, Cursor::new(bytes.as_slice()), inside),
                Err(e) => {
                    let reason = reason(&e);
                    worker.gap(reason, inside);
                    // What came before a fault may hold pages.
                    if kind == Container::Pdf && reason == GapReason::Corrupt {
                        return pdf::read(worker, &mut Cursor::new(bytes), inside);
                    }
                    // Its directory is out of reach; what lies along the way is not.
                    if kind == Container::Zip {
                        zip::locals(worker, &mut Cursor::new(bytes).chain(whole), inside);
                    }
                }
            }
        }
    }
}

/// Reads a container with its directory at its end from a source that can seek to it.
pub(crate) fn seekable<R: Read + Seek>(worker: &mut Worker<'_>, kind: Container, mut src: R, inside: &[PathText]) {
    match kind {
        Container::Seven => seven::seven(worker, &mut src, inside),
        // A 7z archive's streams have buffers of their own.
        Container::Pdf => pdf::read(worker, &mut src, inside),
        _ => zip::zip(worker, BufReader::with_capacity(2 * PACKED_BYTES, src), inside),
    }
}

/// Reads all of `src` into `bytes`, up to a limit.
pub(crate) fn hold(
    worker: &Worker<'_>,
    src: &mut dyn Read,
    bytes: &mut Vec<u8>,
    claim: &mut Claim<'_>,
) -> io::Result<()> {
    const STEP_BYTES: usize = 64 << 10;
    // What fits a window is at hand already.
    let bytes_max = worker.config().limits.nested_bytes_max.max(WINDOW_BYTES as u64);
    loop {
        // By a quarter at a time: doubling would take twice as much as is held.
        if bytes.capacity() - bytes.len() < 2 * STEP_BYTES {
            bytes.reserve_exact(bytes.len() / 4 + 2 * STEP_BYTES);
        }
        let n = src.take(STEP_BYTES as u64).read_to_end(bytes)?;
        if bytes.len() as u64 > bytes_max {
            return Err(ErrorKind::FileTooLarge.into());
        }
        claim.grow(bytes.capacity() as u64)?;
        if n < STEP_BYTES || worker.root.stopped() {
            return Ok(());
        }
    }
}

/// Counts the entries of an archive that is read from its beginning. What comes after the limit is a gap.
#[derive(Default)]
struct Entries(u64);
impl Entries {
    /// `false` if that is enough.
    fn another(&mut self, worker: &Worker<'_>, inside: &[PathText]) -> bool {
        self.0 += 1;
        if self.0 > worker.config().limits.container_entries_max {
            worker.gap(GapReason::TooMany, inside);
            return false;
        }
        !worker.root.stopped()
    }
}

/// A member's path: that of its archive and its own name.
fn inner(inside: &[PathText], name: &[u8]) -> Vec<PathText> {
    /// A name is cut here; file systems end at 4,096. Bytes.
    const NAME_BYTES_MAX: usize = 4096;
    let mut inner = inside.to_vec();
    inner.push(PathText::from_bytes(&name[..name.len().min(NAME_BYTES_MAX)]));
    inner
}

/// Folders as everybody parts them.
fn windows_path(name: &mut [u8]) {
    for b in name {
        if *b == b'\\' {
            *b = b'/';
        }
    }
}

/// A member that is there and cannot be looked at.
fn unread(worker: &Worker<'_>, reason: GapReason, inside: &[PathText]) {
    worker.count(Count::Members, 1);
    worker.gap(reason, inside);
}

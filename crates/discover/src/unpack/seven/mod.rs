//! 7z archives: the directory is read and bounded here, the data is decoded block by block.
//!
//! A block holds many members end to end. It is decoded once, in order; each member is looked at as it passes, nothing
//! is kept. What a block's decoders hold counts together. Of an encrypted block the members are named, each a gap.
//!
//! The usual crate (sevenz-rust2) is refused: it makes over a hundred bytes and a name of each of as many entries as the
//! directory has bytes, gives each of up to 64 decoders in a chain a dictionary of its own, and gives up an archive for
//! one name that is not UTF-16.

mod coders;
mod directory;

use super::guard::{Guard, Part, Source, Taken, reason};
use super::memory::Claim;
use super::{Entries, inner, unread};
use crate::content::Worker;
use crate::gather::Count;
use directory::Directory;
use evidence::{GapReason, PathText};
use std::cell::RefCell;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::rc::Rc;

/// A directory, unpacked, is held up to here; names and all take some 100 bytes a member. Bytes.
const DIRECTORY_BYTES_MAX: u64 = 16 << 20;
/// Signature, version, and where the directory is (7zFormat.txt, SignatureHeader). Packed data is placed after it.
const START_BYTES: u64 = 32;

/// A source that can seek.
pub(super) trait Seekable: Read + Seek {}
impl<R: Read + Seek> Seekable for R {}

/// What an archive's blocks read from, each its own stretch.
#[derive(Clone)]
pub(super) struct Shared<'s>(Rc<RefCell<&'s mut dyn Seekable>>);

/// A stretch of the archive.
struct Section<'s> {
    src: Shared<'s>,
    at: u64,
    left: u64,
}
impl Read for Section<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let want = buf.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let mut src = self.src.0.borrow_mut();
        src.seek(SeekFrom::Start(self.at))?;
        let n = src.read(&mut buf[..want])?;
        self.at = self.at.saturating_add(n as u64);
        self.left -= n as u64;
        Ok(n)
    }
}
impl<'s> Shared<'s> {
    /// The packed stream that begins `at` bytes behind the start.
    fn stream(&self, at: u64, bytes: u64, taken: &Rc<Taken>) -> impl io::BufRead + use<'s> {
        let section = Section { src: self.clone(), at: at.saturating_add(START_BYTES), left: bytes };
        BufReader::with_capacity(super::PACKED_BYTES, Source::new(section, taken))
    }
}

/// Reads every member of an archive.
pub(super) fn seven(worker: &mut Worker<'_>, src: &mut dyn Seekable, inside: &[PathText]) {
    if inside.len() >= worker.config().limits.container_depth_max {
        return worker.gap(GapReason::TooDeep, inside);
    }
    let src = Shared(Rc::new(RefCell::new(&mut *src)));
    match directory(worker, &src) {
        Ok(Some((directory, _claim))) => blocks(worker, &src, &directory, inside),
        Ok(None) => {}
        Err(reason) => worker.gap(reason, inside),
    }
}

/// Finds and unpacks the directory; `None` of an empty archive.
fn directory<'s, 'a: 's>(worker: &Worker<'a>, src: &Shared<'s>) -> Result<Option<(Directory, Claim<'a>)>, GapReason> {
    let fault = |e: io::Error| reason(&e);
    let mut start = [0; START_BYTES as usize];
    src.0.borrow_mut().seek(SeekFrom::Start(0)).map_err(fault)?;
    src.0.borrow_mut().read_exact(&mut start).map_err(fault)?;
    let number = |at: usize, n: usize| start[at..at + n].iter().rev().fold(0u64, |v, b| v << 8 | u64::from(*b));
    let (at, bytes, sum) = (number(12, 8), number(20, 8), number(28, 4));
    if u64::from(crc(&start[12..])) != number(8, 4) {
        return Err(GapReason::Corrupt);
    }
    if bytes == 0 {
        return Ok(None);
    }
    let taken = Rc::new(Taken::default());
    let mut claim = worker.memory.claim();
    let mut raw = all_of(&mut src.stream(at, bytes, &taken), bytes, &mut claim).map_err(fault)?;
    if u64::from(crc(&raw)) != sum {
        return Err(GapReason::Corrupt);
    }
    // A directory may be packed itself, over and over; each writer does it once.
    for _ in 0..4 {
        let limits = &worker.config().limits;
        match Directory::parse(raw, limits.container_entries_max)? {
            directory::Parsed::Directory(directory) => {
                claim.grow(directory.bytes()).map_err(fault)?;
                return Ok(Some((*directory, claim)));
            }
            directory::Parsed::Packed(block) => {
                let mut inner = worker.memory.claim();
                let bytes = block.bytes();
                let taken = Rc::new(Taken::default());
                let decoder = coders::decoder(worker, src, &block, &taken)?;
                let mut guarded = Guard::new(worker, decoder, taken);
                raw = all_of(&mut guarded, bytes, &mut inner).map_err(fault)?;
                if block.crc.is_some_and(|sum| sum != crc(&raw)) {
                    return Err(GapReason::Corrupt);
                }
                drop(guarded);
                claim = inner;
            }
        }
    }
    Err(GapReason::Unsupported)
}

fn crc(bytes: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    sum.sum()
}
/// Exactly `bytes` bytes of `src`.
fn all_of(src: &mut dyn Read, bytes: u64, claim: &mut Claim<'_>) -> io::Result<Vec<u8>> {
    if bytes > DIRECTORY_BYTES_MAX {
        return Err(ErrorKind::FileTooLarge.into());
    }
    claim.grow(2 * bytes)?;
    let mut all = Vec::new();
    src.take(bytes).read_to_end(&mut all)?;
    if (all.len() as u64) < bytes { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(all) }
}

fn blocks<'s, 'a: 's>(worker: &mut Worker<'a>, src: &Shared<'s>, directory: &Directory, inside: &[PathText]) {
    let mut members = directory.members();
    let mut entries = Entries::default();
    for block in &directory.blocks {
        if worker.root.stopped() {
            return;
        }
        let taken = Rc::new(Taken::default());
        let mut stream = match coders::decoder(worker, src, block, &taken) {
            Ok(decoder) => Ok(Guard::new(worker, decoder, taken).of_many()),
            Err(reason) => Err(reason),
        };
        for (bytes, sum) in directory.sizes_of(block) {
            let Some(name) = members.next_file() else { return worker.gap(GapReason::Corrupt, inside) };
            if !entries.another(worker, inside) {
                return;
            }
            let inner = inner(inside, &name);
            match &mut stream {
                Err(reason) => unread(worker, *reason, &inner),
                Ok(src) => {
                    if let Err(e) = member(worker, src, bytes, sum, &inner) {
                        // What else is in the block lies behind the fault.
                        stream = Err(reason(&e));
                    }
                }
            }
        }
    }
    // Empty ones have no data anywhere.
    worker.count(Count::Members, members.empty_files());
    if members.next_file().is_some() {
        worker.gap(GapReason::Corrupt, inside);
    }
}

/// Looks at one member of a block.
///
/// # Errors
/// Those of the block: it cannot be gone on with.
fn member(
    worker: &mut Worker<'_>,
    src: &mut dyn Read,
    bytes: u64,
    sum: Option<u32>,
    inner: &[PathText],
) -> io::Result<()> {
    worker.count(Count::Members, 1);
    let mut part = Part::new(worker, src, bytes).summed(sum);
    worker.content(&mut part, inner);
    match part.finish(worker) {
        Ok(true) => Ok(()),
        Ok(false) => {
            worker.gap(GapReason::Corrupt, inner);
            Ok(())
        }
        Err(e) => Err(e),
    }
}

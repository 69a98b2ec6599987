//! Cabinets: stored and deflated ("MSZIP") ones are read; of others (LZX, Quantum) the members are named, each a gap.
//!
//! Headers stand first and the data in their order, so a cabinet is read as a stream ([MS-CAB]). A decoder of LZX would
//! be one more crate, for what is mostly Windows' own files.

use super::guard::{Guard, Part, Source, Taken, pass, reason};
use super::{Entries, inner, unread, windows_path};
use crate::content::Worker;
use crate::gather::Count;
use evidence::{GapReason, PathText};
use flate2::bufread::DeflateDecoder;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};
use std::rc::Rc;

pub(super) const MAGIC: &[u8] = b"MSCF\0\0\0\0";
/// The longest name, with the zero that ends it ([MS-CAB] 2.3). Bytes.
const NAME_BYTES_MAX: u64 = 256;
/// What a block of MSZIP looks back, and unpacks to. Bytes.
const BLOCK_BYTES: usize = 32 << 10;

/// Members' data end to end, in blocks.
struct Folder {
    at: u64,
    blocks: u64,
    /// Zero: stored; one: MSZIP.
    method: u64,
}
struct File {
    bytes: u64,
    /// Where it begins in its folder, unpacked.
    at: u64,
    folder: usize,
    name: Vec<u8>,
}

/// Reads every member of a cabinet.
pub(super) fn cab(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) {
    let taken = Rc::new(Taken::default());
    let mut src = BufReader::with_capacity(super::PACKED_BYTES, Source::new(src, &taken));
    if let Err(e) = read(worker, &mut src, &taken, inside) {
        worker.gap(reason(&e), inside);
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |v, b| v << 8 | u64::from(*b))
}

fn read(worker: &mut Worker<'_>, src: &mut dyn BufRead, taken: &Rc<Taken>, inside: &[PathText]) -> io::Result<()> {
    let mut claim = worker.memory.claim();
    let mut at = 0;
    let (folders, mut files, beside) = directory(src, &mut at)?;
    claim.grow((files.len() * (size_of::<File>() + 64)) as u64)?;
    files.sort_by_key(|f| (f.folder, f.at));
    let mut entries = Entries::default();
    for (i, folder) in folders.iter().enumerate() {
        let (begin, end) = (files.partition_point(|f| f.folder < i), files.partition_point(|f| f.folder <= i));
        // Folders follow each other, or the cabinet is not what anybody writes.
        pass(worker, src, folder.at.checked_sub(at).ok_or(ErrorKind::InvalidData)?)?;
        at = folder.at;
        let is_packed = folder.method == 1;
        let mut blocks = Blocks { src, left: folder.blocks, beside, is_packed, taken: 0, block: Vec::new(), given: 0 };
        let data = Guard::new(worker, &mut blocks, Rc::clone(taken)).of_many();
        let known = folder.method <= 1;
        if !members(worker, known.then_some(data), &files[begin..end], &mut entries, inside)? {
            return Ok(());
        }
        while blocks.raw()?.is_some() {}
        at += blocks.taken;
    }
    let begin = files.partition_point(|f| f.folder < folders.len());
    // They begin in the cabinet before, or go on in the next.
    members(worker, None::<&[u8]>, &files[begin..], &mut entries, inside).map(|_| ())
}

/// The folders, the files, and what stands beside the data of each block, bytes.
fn directory(src: &mut dyn BufRead, at: &mut u64) -> io::Result<(Vec<Folder>, Vec<File>, u64)> {
    let mut field = |n: usize| {
        let mut bytes = [0; 36];
        let bytes = &mut bytes[..n];
        src.read_exact(bytes)?;
        *at += n as u64;
        Ok::<_, io::Error>(bytes.to_vec())
    };
    let head = field(36)?;
    let (files_at, folders, files, flags) =
        (number(&head[16..20]), number(&head[26..28]), number(&head[28..30]), number(&head[30..32]));
    let (mut beside_folder, mut beside) = (0, 0);
    if flags & 4 != 0 {
        let reserved = field(4)?;
        (beside_folder, beside) = (usize::from(reserved[2]), u64::from(reserved[3]));
        let mut more = usize::from(reserved[0]) | usize::from(reserved[1]) << 8;
        while more > 0 {
            more -= field(more.min(36))?.len();
        }
    }
    // The names of the cabinets before and after, and of their disks.
    for _ in 0..2 * (flags & 3).count_ones() {
        while field(1)? != [0] {}
    }
    let mut all_folders = Vec::new();
    for _ in 0..folders {
        let folder = field(8)?;
        for _ in 0..beside_folder {
            field(1)?;
        }
        let (blocks, method) = (number(&folder[4..6]), number(&folder[6..8]) & 0xF);
        all_folders.push(Folder { at: number(&folder[..4]), blocks, method });
    }
    while *at < files_at {
        src.read_exact(&mut [0])?;
        *at += 1;
    }
    let mut all = Vec::new();
    for _ in 0..files {
        let mut head = [0; 16];
        src.read_exact(&mut head)?;
        let mut name = Vec::new();
        let n = (&mut *src).take(NAME_BYTES_MAX).read_until(0, &mut name)?;
        if name.pop() != Some(0) {
            return Err(ErrorKind::InvalidData.into());
        }
        windows_path(&mut name);
        *at += 16 + n as u64;
        let folder = usize::try_from(number(&head[8..10])).unwrap_or(usize::MAX);
        all.push(File { bytes: number(&head[..4]), at: number(&head[4..8]), folder, name });
    }
    Ok((all_folders, all, beside))
}

/// Looks at the members of one folder; without data they are gaps. `false` if that is enough.
fn members(
    worker: &mut Worker<'_>,
    data: Option<impl Read>,
    files: &[File],
    entries: &mut Entries,
    inside: &[PathText],
) -> io::Result<bool> {
    let (mut data, mut at) = (data.ok_or(GapReason::Unsupported), 0);
    for file in files {
        if !entries.another(worker, inside) {
            return Ok(false);
        }
        let inner = inner(inside, &file.name);
        match &mut data {
            // Two members that share their bytes: nobody writes that.
            Ok(_) if file.at < at => unread(worker, GapReason::Corrupt, &inner),
            Ok(src) => {
                let before = file.at - at;
                let result = pass(worker, src, before).and_then(|()| {
                    worker.count(Count::Members, 1);
                    let mut part = Part::new(worker, src, file.bytes);
                    worker.content(&mut part, &inner);
                    part.finish(worker)
                });
                at = file.at.saturating_add(file.bytes);
                if let Err(e) = result {
                    // What else is in the folder lies behind the fault.
                    data = Err(reason(&e));
                }
            }
            Err(reason) => unread(worker, *reason, &inner),
        }
    }
    Ok(true)
}

/// The data of a folder, unpacked.
struct Blocks<'s> {
    src: &'s mut dyn BufRead,
    /// Blocks to come.
    left: u64,
    beside: u64,
    is_packed: bool,
    /// Bytes of the cabinet that were read.
    taken: u64,
    /// The last block unpacked, from here on not yet given; MSZIP looks back to what was.
    block: Vec<u8>,
    given: usize,
}
impl Blocks<'_> {
    /// The next block as it lies, and what it unpacks to; `None` if there is no more.
    fn raw(&mut self) -> io::Result<Option<(Vec<u8>, u64)>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let mut head = [0; 8];
        self.src.read_exact(&mut head)?;
        let packed = number(&head[4..6]);
        let mut data = Vec::new();
        (&mut *self.src).take(self.beside + packed).read_to_end(&mut data)?;
        if (data.len() as u64) < self.beside + packed {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.taken += 8 + self.beside + packed;
        data.drain(..usize::try_from(self.beside).unwrap_or(0));
        Ok(Some((data, number(&head[6..8]))))
    }
}
/// Unpacks a block of MSZIP: a stream of deflate of its own that looks back into the block before. That is put before
/// it as a stored block (RFC 1951, 3.2.4), so that any decoder will do.
fn unpacked(before: &[u8], data: &[u8], bytes: u64) -> io::Result<Vec<u8>> {
    let data = data.strip_prefix(b"CK").ok_or(ErrorKind::InvalidData)?;
    let before = &before[before.len().saturating_sub(BLOCK_BYTES)..];
    let length = u16::try_from(before.len()).unwrap_or(0);
    let mut stream = vec![0];
    stream.extend_from_slice(&length.to_le_bytes());
    stream.extend_from_slice(&(!length).to_le_bytes());
    stream.extend_from_slice(before);
    let mut decoder = DeflateDecoder::new(Cursor::new(stream).chain(data));
    io::copy(&mut (&mut decoder).take(length.into()), &mut io::sink())?;
    let mut block = Vec::new();
    decoder.take(bytes).read_to_end(&mut block)?;
    if (block.len() as u64) < bytes || bytes > BLOCK_BYTES as u64 {
        Err(ErrorKind::InvalidData.into())
    } else {
        Ok(block)
    }
}
impl Read for Blocks<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.block.len() {
            let Some((data, bytes)) = self.raw()? else { return Ok(0) };
            self.block = if self.is_packed { unpacked(&self.block, &data, bytes)? } else { data };
            self.given = 0;
        }
        let n = (self.block.len() - self.given).min(buf.len());
        buf[..n].copy_from_slice(&self.block[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

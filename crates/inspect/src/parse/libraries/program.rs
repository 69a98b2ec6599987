//! What programs of Go and Rust say of the modules they were built from.
//!
//! Go writes a *build information* into every program: `debug/buildinfo` of its standard library documents it. It is
//! found by the section `.go.buildinfo`: 14 bytes of magic, the size of a pointer, flags, and at 32 two texts with
//! their lengths in front (since Go 1.18), or at 16 two pointers to texts (before). `cargo auditable` writes a list
//! in JSON, compressed with zlib, into the section `.dep-v0`. Only the heads and these sections are read.

use super::{Library, ReadAt};
use crate::parse::bytes::Order;
use serde::Deserialize;
use std::io::Read;

/// Most sections or segments of a program.
pub const SECTIONS_MAX: u64 = 4096;
/// Longest row of the table of sections or segments, in bytes; 64 and 56 are usual.
const ROW_BYTES_MAX: usize = 256;
/// Longest build information or list, in bytes, unpacked.
const LIST_BYTES_MAX: usize = 8 << 20;
/// Most bytes of the names of sections.
const NAMES_BYTES_MAX: usize = 1 << 20;
const GO_MAGIC: &[u8] = b"\xff Go buildinf:";
/// Before and after the list of modules there is a mark of so many bytes.
const GO_MARK_BYTES: usize = 16;

/// Where a piece of the file lies in memory.
#[derive(Clone, Copy)]
struct Segment {
    address: u64,
    offset: u64,
    length: u64,
}

struct Elf<'r, 'c> {
    read: &'r mut ReadAt<'c>,
    order: Order,
    wide: bool,
    head: Vec<u8>,
}

/// Libraries of an ELF program; none of what is no such program, or tells nothing.
pub fn program_libraries(read: &mut ReadAt<'_>) -> Vec<Library> {
    let Some(mut elf) = Elf::open(read) else { return Vec::new() };
    let mut out = Vec::new();
    for (name, section) in elf.sections().unwrap_or_default() {
        match name.as_slice() {
            b".go.buildinfo" => out.extend(elf.go(section).unwrap_or_default()),
            b".dep-v0" => out.extend(elf.auditable(section).unwrap_or_default()),
            _ => {}
        }
    }
    out
}

impl<'r, 'c> Elf<'r, 'c> {
    fn open(read: &'r mut ReadAt<'c>) -> Option<Self> {
        let head = read(0, 64)?;
        if head.get(..4) != Some(b"\x7fELF") {
            return None;
        }
        let order = if *head.get(5)? == 2 { Order::Big } else { Order::Little };
        let wide = *head.get(4)? == 2;
        Some(Self { read, order, wide, head })
    }
    /// A number of the width of an address.
    fn word(&self, bytes: &[u8], at: usize) -> Option<u64> {
        if self.wide { self.order.u64(bytes, at) } else { self.order.u32(bytes, at).map(u64::from) }
    }
    fn exact(&mut self, offset: u64, length: usize) -> Option<Vec<u8>> {
        (self.read)(offset, length).filter(|b| b.len() == length)
    }
    /// A table of the head: place, size of a row, number of rows.
    fn table(&mut self, at: (usize, usize), counts: (usize, usize)) -> Option<Vec<Vec<u8>>> {
        let offset = self.word(&self.head, if self.wide { at.1 } else { at.0 })?;
        let counts = if self.wide { counts.1 } else { counts.0 };
        let size = usize::from(self.order.u16(&self.head, counts)?);
        let count = u64::from(self.order.u16(&self.head, counts + 2)?).min(SECTIONS_MAX);
        if size == 0 || size > ROW_BYTES_MAX {
            return None;
        }
        let all = self.exact(offset, size.checked_mul(usize::try_from(count).ok()?)?)?;
        Some(all.chunks_exact(size).map(<[u8]>::to_vec).collect())
    }
    /// Sections with their names; address, place and length of each.
    fn sections(&mut self) -> Option<Vec<(Vec<u8>, Segment)>> {
        let rows = self.table((32, 40), (46, 58))?;
        let names = usize::from(self.order.u16(&self.head, if self.wide { 62 } else { 50 })?);
        let (address, offset, length) = if self.wide { (16, 24, 32) } else { (12, 16, 20) };
        let segment = |elf: &Self, row: &[u8]| {
            let (address, offset, length) = (elf.word(row, address)?, elf.word(row, offset)?, elf.word(row, length)?);
            Some(Segment { address, offset, length })
        };
        let at = segment(self, rows.get(names)?)?;
        let texts = self.exact(at.offset, usize::try_from(at.length).ok().filter(|n| *n <= NAMES_BYTES_MAX)?)?;
        let named = rows.iter().filter_map(|row| {
            let from = self.order.size(row, 0)?;
            let name = texts.get(from..)?.split(|b| *b == 0).next()?.to_vec();
            Some((name, segment(self, row)?))
        });
        Some(named.collect())
    }
    fn segments(&mut self) -> Option<Vec<Segment>> {
        let rows = self.table((28, 32), (42, 54))?;
        let (offset, address, length) = if self.wide { (8, 16, 32) } else { (4, 8, 16) };
        let of = |row: &Vec<u8>| {
            let loaded = self.order.u32(row, 0) == Some(1);
            let (address, offset, length) =
                (self.word(row, address)?, self.word(row, offset)?, self.word(row, length)?);
            loaded.then_some(Segment { address, offset, length })
        };
        Some(rows.iter().filter_map(of).collect())
    }

    fn go(&mut self, section: Segment) -> Option<Vec<Library>> {
        let length = usize::try_from(section.length).ok()?.min(LIST_BYTES_MAX);
        let bytes = (self.read)(section.offset, length)?;
        // The information is aligned to 16 bytes; a linker may put something before it.
        let at = bytes.chunks(16).position(|c| c.starts_with(GO_MAGIC))?.checked_mul(16)?;
        let bytes = bytes.get(at..)?;
        let (pointer, flags) = (*bytes.get(14)?, *bytes.get(15)?);
        let (version, modules) = if flags & 2 == 0 {
            self.pointed(bytes, usize::from(pointer), if flags & 1 == 0 { Order::Little } else { Order::Big })?
        } else {
            let rest = bytes.get(32..)?;
            let (version, rest) = counted(rest)?;
            (version.to_vec(), counted(rest).map(|(m, _)| m.to_vec()).unwrap_or_default())
        };
        let inner = modules.get(GO_MARK_BYTES..modules.len().saturating_sub(GO_MARK_BYTES)).unwrap_or_default();
        Some(go_modules(&String::from_utf8_lossy(&version), &String::from_utf8_lossy(inner)))
    }
    /// The two texts that programs before Go 1.18 point to.
    fn pointed(&mut self, bytes: &[u8], size: usize, order: Order) -> Option<(Vec<u8>, Vec<u8>)> {
        let segments = self.segments()?;
        let number = |bytes: &[u8], at| match size {
            4 => order.u32(bytes, at).map(u64::from),
            8 => order.u64(bytes, at),
            _ => None,
        };
        let mut text = |pointer: u64| {
            let head = self.address(&segments, pointer, 2 * size)?;
            let length = usize::try_from(number(&head, size)?).ok().filter(|n| *n <= LIST_BYTES_MAX)?;
            self.address(&segments, number(&head, 0)?, length)
        };
        let version = text(number(bytes, 16)?)?;
        Some((version, text(number(bytes, 16 + size)?).unwrap_or_default()))
    }
    fn address(&mut self, segments: &[Segment], address: u64, length: usize) -> Option<Vec<u8>> {
        let inside = |s: &&Segment| address.checked_sub(s.address).is_some_and(|n| n < s.length);
        let segment = segments.iter().find(inside)?;
        let offset = segment.offset.checked_add(address.checked_sub(segment.address)?)?;
        self.exact(offset, length)
    }

    fn auditable(&mut self, section: Segment) -> Option<Vec<Library>> {
        #[derive(Deserialize)]
        struct List {
            packages: Vec<Package>,
        }
        #[derive(Deserialize)]
        struct Package {
            name: String,
            version: String,
            source: String,
            #[serde(default)]
            kind: String,
        }
        let packed = (self.read)(section.offset, usize::try_from(section.length).ok()?.min(LIST_BYTES_MAX))?;
        let mut text = Vec::new();
        let max = u64::try_from(LIST_BYTES_MAX).ok()?;
        flate2::read::ZlibDecoder::new(packed.as_slice()).take(max).read_to_end(&mut text).ok()?;
        let list: List = serde_json::from_slice(&text).ok()?;
        let built_in = list.packages.iter().filter(|p| p.source == "crates.io" && p.kind != "build");
        Some(built_in.filter_map(|p| Library::new("crates.io", &p.name, &p.version, 0)).collect())
    }
}

/// A text with its length in front, seven bits a byte, lowest first; and what follows.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0u64;
    for (n, b) in bytes.iter().enumerate().take(9) {
        length |= u64::from(b & 0x7f) << (7 * n);
        if b & 0x80 == 0 {
            return bytes.get(n + 1..)?.split_at_checked(usize::try_from(length).ok()?);
        }
    }
    None
}

/// The standard library at Go's own version, then the modules; a replacement stands for what it replaces.
fn go_modules(version: &str, modules: &str) -> Vec<Library> {
    let number = version.strip_prefix("go").unwrap_or_default().split_whitespace().next().unwrap_or_default();
    let mut out: Vec<Library> = Library::new("Go", "stdlib", number, 0).into_iter().collect();
    for l in modules.lines() {
        let mut words = l.split('\t');
        let verb = words.next();
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        let library = Library::new("Go", name, version.strip_prefix('v').unwrap_or(version), 0);
        match verb {
            Some("dep") => out.extend(library),
            Some("=>") => {
                out.pop();
                out.extend(library.filter(|_| version.starts_with('v')));
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The layout of `debug/buildinfo`: module lines as `runtime/debug.BuildInfo` prints them.
    #[test]
    fn modules_and_replacements() {
        let text = "path\texample.com/m\nmod\texample.com/m\t(devel)\t\ndep\tgithub.com/a/b\tv1.2.3\th1:x\ndep\tgithub.com/o/c\tv1.0.0\n=>\tgithub.com/n/c\tv1.0.1\th1:y\ndep\tgithub.com/l/d\tv0.1.0\n=>\t../d\t(devel)\nbuild\t-compiler=gc\n";
        let all: Vec<String> =
            go_modules("go1.21.3", text).iter().map(|l| format!("{} {}", l.name, l.version)).collect();
        assert_eq!(all, ["stdlib 1.21.3", "github.com/a/b 1.2.3", "github.com/n/c 1.0.1"]);
        assert!(go_modules("devel", "").is_empty());
    }

    #[test]
    fn lengths_are_held_to_what_is_there() {
        assert_eq!(counted(b"\x02abc"), Some((&b"ab"[..], &b"c"[..])));
        assert_eq!(counted(b"\x05abc"), None);
        assert_eq!(counted(&[0xff; 20]), None);
        assert_eq!(counted(b""), None);
    }
}

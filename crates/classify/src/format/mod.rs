//! What kind of file is this? From its bytes alone; the name is only a hint, asked last and marked as one.
//!
//! Three stages, each cheap and each throwing most contents away. *Magic*: bytes at fixed offsets, sorted by the compiler
//! ([`magic`]). *Containers*: OLE2, zip, XML, SQLite and tar say nothing by their magic, so the names inside are
//! listed from the bytes at hand ([`ole`], [`zip`], [`xml`], [`sqlite`], [`tar`]). *Contents*: texts are told by their first
//! words, by columns and by what their lines look like ([`text`], [`records`], [`lines`], [`loose`]); a few binary ones by their arithmetic ([`binary`]).
//! What stays open is answered as what is certain (a zip, a text, bytes), with what would tell more ([`Need`]).
//!
//! Nothing is allocated, nothing is unpacked, and no byte of the content leaves: a [`Verdict`] is made of our own words.
//! A table of rules was preferred to a trained model: each answer can be explained and mended. Refused: believing an extension;
//! guessing a format from a share of printable bytes; a second table for MIME types (they name few of these).

mod binary;
mod bytes;
mod hint;
mod keys;
mod lines;
mod loose;
mod magic;
mod names;
mod ole;
mod prefix;
mod records;
mod refine;
mod rows;
mod sqlite;
mod table;
mod tar;
mod text;
mod xml;
mod zip;

use crate::Kind;
use bytes::Bytes;
pub use hint::{hint, hints};
pub use ole::{Listing, ReadAt, streams};
pub use refine::{Inside, recognise_at, refine};
use table::Id;
pub use table::{Family, Format};

/// How much of the beginning and of the end [`recognise`] looks at. Bytes.
pub const PIECE_BYTES_MAX: usize = 64 << 10;

/// By what a format was told.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum How {
    /// Bytes at fixed offsets.
    Magic,
    /// Names inside a container.
    Container,
    /// The root element of an XML document.
    Root,
    /// What the content looks like.
    Content,
    /// The name alone: a hint, not an answer.
    NameHint,
}

/// What would tell more than the bytes that were at hand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Need {
    /// Names of the members of an archive: [`Inside::Members`].
    Members,
    /// Names of the streams of an OLE file: [`Inside::Streams`], or [`streams`].
    Streams,
    /// Names of the tables of an SQLite database: [`Inside::Tables`].
    Tables,
    /// The unpacked content, to be recognised anew.
    Unpacked,
}

/// What a content is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// The format; a container's own or `text` or `binary` when nothing more is certain.
    pub format: &'static Format,
    /// By what it was told.
    pub how: How,
    /// A version or dialect, such as `AC1032` or `AP214`; always one of our own words.
    pub detail: Option<&'static str>,
    /// What would tell more, if anything would.
    pub needs: Option<Need>,
}

/// What a rule says, before it is made public.
#[derive(Clone, Copy, Debug)]
struct Found {
    id: Id,
    how: How,
    detail: Option<&'static str>,
    needs: Option<Need>,
}
impl Found {
    const fn new(id: Id, how: How) -> Self {
        Self { id, how, detail: None, needs: None }
    }
    const fn magic(id: Id) -> Self {
        Self::new(id, How::Magic)
    }
    const fn content(id: Id) -> Self {
        Self::new(id, How::Content)
    }
    const fn version(self, detail: Option<&'static str>) -> Self {
        Self { detail, ..self }
    }
    const fn needing(self, need: Need) -> Self {
        Self { needs: Some(need), ..self }
    }
    fn verdict(self) -> Verdict {
        Verdict { format: self.id.format(), how: self.how, detail: self.detail, needs: self.needs }
    }
}

/// Every format this room knows.
#[must_use]
pub fn formats() -> &'static [Format] {
    table::FORMATS
}

/// The format with this id.
#[must_use]
pub fn named(id: &str) -> Option<&'static Format> {
    formats().iter().find(|f| f.id == id)
}

/// Says what a content is from its first and last bytes.
///
/// `head` is the beginning (4 KiB serve well, [`PIECE_BYTES_MAX`] is looked at), `tail` the end (may be empty; zip keeps its
/// list there), `size` the whole length in bytes if it is known. No allocation, no panic; the time is bounded by the pieces.
#[must_use]
pub fn recognise(head: &[u8], tail: &[u8], size: Option<u64>) -> Verdict {
    let bytes = pieces(head, tail, size);
    find(&bytes, || crate::sniff(bytes.head)).verdict()
}
/// The same for a head that was sniffed already.
#[must_use]
pub fn recognise_sniffed(head: &[u8], tail: &[u8], size: Option<u64>, kind: Kind) -> Verdict {
    find(&pieces(head, tail, size), || kind).verdict()
}
fn pieces<'a>(head: &'a [u8], tail: &'a [u8], size: Option<u64>) -> Bytes<'a> {
    let tail = tail.get(tail.len().saturating_sub(PIECE_BYTES_MAX)..).unwrap_or_default();
    Bytes::new(bytes::first(head, PIECE_BYTES_MAX), tail, size)
}

fn find(bytes: &Bytes<'_>, sniff: impl FnOnce() -> Kind) -> Found {
    if bytes.head.is_empty() {
        return Found::content(Id::Empty);
    }
    let magic = magic::find(bytes);
    if let Some(found) = magic {
        let packed = matches!(found.id, Id::Gzip | Id::Bzip2 | Id::Xz | Id::Zstd | Id::Lz4 | Id::Lzip | Id::UnixZ);
        return if packed { found.needing(Need::Unpacked) } else { found };
    }
    match sniff() {
        Kind::Text(encoding, mark) => text::find(bytes, encoding, mark).unwrap_or(Found::content(Id::PlainText)),
        // Some XML carries raw bytes behind its first elements.
        Kind::Binary if bytes.head.starts_with(b"<?xml") => xml::find(bytes.head).unwrap_or(Found::content(Id::Binary)),
        Kind::Binary => binary::find(bytes).unwrap_or(Found::content(Id::Binary)),
    }
}

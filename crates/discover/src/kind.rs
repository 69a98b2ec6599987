//! What a content is, by its first bytes. Names are not asked.

use crate::table::{Keeper, parquet, sqlite};
use classify::{Encoding, Kind, sniff};

/// What to do with a content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    Text(Encoding, usize),
    Gzip,
    Zip,
    /// An OLE compound file; an encrypted office document is one too.
    Ole,
    /// A file of tables.
    Table(Keeper),
    /// A format that holds text or data and cannot be read yet.
    Unread,
    Binary,
}

/// Signatures at offset 0, from the formats' own documents.
const UNREAD: [&[u8]; 12] = [
    b"%PDF-",
    b"7z\xBC\xAF\x27\x1C",
    b"Rar!\x1A\x07",
    b"\xFD7zXZ\0",
    b"\x28\xB5\x2F\xFD",
    b"\x04\x22\x4D\x18",
    b"MSCF\0\0\0\0",
    // SQLite's write-ahead logs (both byte orders) and rollback journals: rows that are not in the database file.
    b"\x37\x7F\x06\x82",
    b"\x37\x7F\x06\x83",
    b"\xD9\xD5\x05\xF9\x20\xA1\x63\xD7",
    b"Obj\x01",
    b"ORC",
];

pub(crate) fn form(head: &[u8]) -> Form {
    let bzip2 = head.starts_with(b"BZh") && head.get(4..10).is_some_and(|m| m == b"1AY&SY" || m == b"\x17rE8P\x90");
    let tar = head.get(257..262) == Some(b"ustar");
    match head {
        [0x1F, 0x8B, 8, ..] => Form::Gzip,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Form::Zip,
        [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => Form::Ole,
        _ if head.starts_with(sqlite::MAGIC) => Form::Table(Keeper::Sqlite),
        _ if head.starts_with(parquet::MAGIC) || head.starts_with(b"PARE") => Form::Table(Keeper::Parquet),
        _ if bzip2 || tar || UNREAD.iter().any(|m| head.starts_with(m)) => Form::Unread,
        _ => match sniff(head) {
            Kind::Text(encoding, mark) => Form::Text(encoding, mark),
            Kind::Binary => Form::Binary,
        },
    }
}

/// True if an OLE file is the shell of an encrypted office document: it has a stream `EncryptedPackage`.
pub(crate) fn is_encrypted_office(ole: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    memchr::memmem::find(ole, &name).is_some()
}

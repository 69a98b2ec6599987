//! What a content is, by its first bytes. Names are not asked.

use crate::unpack::{Container, container};
use classify::{Encoding, Kind, sniff};

/// What to do with a content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    Text(Encoding, usize),
    Container(Container),
    /// An OLE compound file; an encrypted office document is one too.
    Ole,
    /// A format that holds text or data and cannot be read yet.
    Unread,
    Binary,
}

/// Signatures at offset 0, from the formats' own documents.
const UNREAD: [&[u8]; 11] = [
    b"%PDF-",
    b"SQLite format 3\0",
    b"PAR1",
    b"Obj\x01",
    b"ORC",
    // compress, lzip, lzop, cpio as rpm strips it, a Windows image, SquashFS.
    b"\x1F\x9D",
    b"LZIP\x01",
    b"\x89LZO\0\r\n\x1A\n",
    b"07070X",
    b"MSWIM\0\0\0",
    b"hsqs",
];

pub(crate) fn form(head: &[u8]) -> Form {
    if let Some(container) = container(head) {
        return Form::Container(container);
    }
    match head {
        [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => Form::Ole,
        _ if UNREAD.iter().any(|m| head.starts_with(m)) => Form::Unread,
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

//! What a content is, by its first bytes. Names are not asked.

use crate::mail;
use crate::markup::{self, Markup};
use crate::table::{Keeper, parquet, sqlite};
use crate::unpack::{Container, container};
use classify::{Encoding, Kind, sniff};

/// What to do with a content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    Text(Encoding, usize),
    Container(Container),
    /// Text that is marked up, with its encoding and the length of its mark.
    Markup(Markup, Encoding, usize),
    Rtf,
    Mail,
    Mailbox,
    /// A compound file: Office before 2007, Outlook messages, encrypted Office documents.
    Ole,
    /// A file of tables.
    Table(Keeper),
    /// A format that holds text or data and cannot be read yet.
    Unread,
    Binary,
}

/// Signatures at offset 0, from the formats' own documents.
const UNREAD: [&[u8]; 11] = [
    // SQLite's write-ahead logs (both byte orders) and rollback journals: rows that are not in the database file.
    b"\x37\x7F\x06\x82",
    b"\x37\x7F\x06\x83",
    b"\xD9\xD5\x05\xF9\x20\xA1\x63\xD7",
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
        // TNEF, which Outlook puts into mails as `winmail.dat`.
        [0x78, 0x9F, 0x3E, 0x22, ..] => Form::Unread,
        _ if head.starts_with(sqlite::MAGIC) => Form::Table(Keeper::Sqlite),
        _ if head.starts_with(parquet::MAGIC) || head.starts_with(b"PARE") => Form::Table(Keeper::Parquet),
        _ if UNREAD.iter().any(|m| head.starts_with(m)) => Form::Unread,
        _ if head.starts_with(b"%PDF-") => Form::Container(Container::Pdf),
        _ => match sniff(head) {
            // A text that speaks of PDF stays a text.
            Kind::Text(encoding, mark) if !is_pdf(head, mark) => text_form(head, encoding, mark),
            Kind::Binary if !is_pdf(head, head.len()) => Form::Binary,
            _ => Form::Container(Container::Pdf),
        },
    }
}

/// What kind of text begins with `head`.
fn text_form(head: &[u8], encoding: Encoding, mark: usize) -> Form {
    let wide = encoding.unit() == 2;
    let shown: Vec<u8>;
    let mut head = head.get(mark..).unwrap_or_default();
    if wide {
        // Enough of it to see a first tag.
        let first = head.as_chunks::<2>().0.iter().take(1024);
        shown = first.map(|p| if encoding == Encoding::Utf16Be { p[1] } else { p[0] }).collect();
        head = &shown;
    }
    match head.trim_ascii_start() {
        [b'<', ..] => match markup::markup(head) {
            Some(kind) => Form::Markup(kind, encoding, mark),
            None => Form::Text(encoding, mark),
        },
        _ if wide => Form::Text(encoding, mark),
        trimmed if trimmed.starts_with(b"{\\rtf") => Form::Rtf,
        _ if head.split(|b| *b == b'\n').next().is_some_and(mail::is_separator) => Form::Mailbox,
        _ if is_mail(head) => Form::Mail,
        _ => Form::Text(encoding, mark),
    }
}

/// True if `head` begins with header lines, two of which nearly every mail has (RFC 5322, 3.6).
fn is_mail(head: &[u8]) -> bool {
    const USUAL: [&[u8]; 8] =
        [b"from", b"to", b"subject", b"date", b"message-id", b"received", b"mime-version", b"return-path"];
    let mut known = 0;
    for (i, line) in head.split(|b| *b == b'\n').take(200).enumerate() {
        let folded = line.first().is_some_and(|b| matches!(b, b' ' | b'\t'));
        let name = line.iter().take(80).position(|b| *b == b':').and_then(|colon| line.get(..colon));
        match name {
            _ if line.trim_ascii().is_empty() => break,
            _ if folded && i > 0 => {}
            Some(name) if !name.is_empty() && name.iter().all(u8::is_ascii_graphic) => {
                known += usize::from(USUAL.iter().any(|u| name.eq_ignore_ascii_case(u)));
            }
            _ => break,
        }
        if known == 2 {
            return true;
        }
    }
    false
}

/// The mark of a PDF behind something else, as readers tolerate it: blanks in a text, anything in what is none.
fn is_pdf(head: &[u8], mark: usize) -> bool {
    let near = &head[..head.len().min(crate::pdf::JUNK_BYTES_MAX + 8)];
    let Some(at) = memchr::memmem::find(near, b"%PDF-") else { return false };
    let version = near.get(at + 5).is_some_and(u8::is_ascii_digit) && near.get(at + 6) == Some(&b'.');
    version && near.get(mark.min(at)..at).is_some_and(|before| before.trim_ascii().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_apart_by_how_they_begin() {
        let wide: Vec<u8> = "<html>姓名".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let table: [(&[u8], Form); 11] = [
            (b"From: a@b.cn\nTo: c@d.cn\n\nx", Form::Mail),
            (b"Received: from x\r\n\tby y\r\nX-A: b\r\nSubject: z\r\n\r\n", Form::Mail),
            (b"From: a\nthis is no mail\nTo: b", Form::Text(Encoding::Ascii, 0)),
            (b"Subject: x\nname: y\n\nTo: z", Form::Text(Encoding::Ascii, 0)),
            (b"From a@b.cn Thu Jan  1 00:00:00 2024\nFrom: a", Form::Mailbox),
            (b"From here to 2024 it is 10 o'clock", Form::Text(Encoding::Ascii, 0)),
            (b"{\\rtf1\\ansi}", Form::Rtf),
            (b"{\"a\": 1}", Form::Text(Encoding::Ascii, 0)),
            (b"\xEF\xBB\xBF<?xml version='1.0'?><a/>", Form::Markup(Markup::Xml, Encoding::Utf8, 3)),
            (&wide, Form::Markup(Markup::Html, Encoding::Utf16Le, 0)),
            (b"", Form::Text(Encoding::Ascii, 0)),
        ];
        for (head, expect) in table {
            assert_eq!(form(head), expect, "{}", String::from_utf8_lossy(head));
        }
    }
}

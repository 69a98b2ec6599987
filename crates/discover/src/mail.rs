//! Mails (RFC 5322 with MIME, RFC 2045 and 2046) and mailboxes of them: headers, text parts, attachments.
//!
//! A mail is read line by line as it comes. Its parts are members, named by their file name or by their number as
//! IMAP counts (`1`, `2.1`); its headers, decoded, are the member `header`, those of a part the member `2.1.MIME`.
//! An attachment is decoded on its way and read like any content, so its size does not matter. What stands before,
//! between and behind the parts is text too: nothing of a mail is passed over.

use crate::charset::Decode;
use crate::content::Worker;
use crate::gather::Count;
use crate::legacy::below;
use crate::markup;
use crate::mime::{Base64, QuotedPrintable, Uuencode, Value, header_text};
use crate::turn::{Turn, Turned};
use crate::unpack::reason;
use evidence::{GapReason, PathText};
use std::io::{self, Read};

/// Headers of one mail or part; what is beyond is read as its text. Bytes.
const HEADERS_BYTES_MAX: usize = 256 << 10;
/// Multiparts inside multiparts of one mail; deeper ones are read as text, and a gap (`TooDeep`) says so.
const PARTS_DEPTH_MAX: usize = 64;
/// Longest boundary that is believed (RFC 2046 ends at 70). Bytes.
const BOUNDARY_BYTES_MAX: usize = 256;
/// Longest line that is looked at in one piece. Bytes.
const LINE_BYTES_MAX: usize = 32 << 10;

/// A source by lines. A line longer than the buffer comes in pieces.
struct Lines<'s> {
    src: &'s mut dyn Read,
    buf: Vec<u8>,
    start: usize,
    filled: usize,
    ended: bool,
    fault: Option<GapReason>,
    /// What comes next begins a line, and the line before it was empty.
    fresh: bool,
    after_empty: bool,
    /// What was taken of the line at hand is blank.
    blank: bool,
}
impl<'s> Lines<'s> {
    fn new(src: &'s mut dyn Read) -> Self {
        let buf = vec![0; 2 * LINE_BYTES_MAX];
        Self { src, buf, start: 0, filled: 0, ended: false, fault: None, fresh: true, after_empty: true, blank: true }
    }
    /// The line to come, or a piece of it; empty at the end.
    fn peek(&mut self) -> &[u8] {
        let have = self.buf.get(self.start..self.filled).unwrap_or_default();
        if let Some(end) = memchr::memchr(b'\n', have) {
            return &self.buf[self.start..=self.start + end];
        }
        if have.len() < LINE_BYTES_MAX && !self.ended {
            self.buf.copy_within(self.start..self.filled, 0);
            (self.filled, self.start) = (self.filled - self.start, 0);
            match crate::text::fill(self.src, &mut self.buf, &mut self.filled) {
                Ok(ended) => self.ended = ended,
                Err(e) => (self.ended, self.fault) = (true, Some(reason(&e))),
            }
            return self.peek_again();
        }
        &self.buf[self.start..self.filled]
    }
    fn peek_again(&self) -> &[u8] {
        let have = &self.buf[self.start..self.filled];
        &have[..memchr::memchr(b'\n', have).map_or(have.len(), |end| end + 1)]
    }
    /// Goes on behind `n` bytes of what was seen.
    fn take(&mut self, n: usize) {
        let seen = &self.buf[self.start..self.start + n];
        self.blank &= seen.trim_ascii().is_empty();
        self.fresh = seen.last() == Some(&b'\n');
        if self.fresh {
            self.after_empty = std::mem::replace(&mut self.blank, true);
        }
        self.start += n;
    }
}

/// What follows a stretch of lines: gives them until one begins with a mark, which stays.
struct Until<'l, 's, F> {
    lines: &'l mut Lines<'s>,
    is_mark: F,
    /// What is left of the line at hand.
    left: usize,
    ended: bool,
}
impl<'l, 's, F: Fn(&[u8], bool) -> bool> Until<'l, 's, F> {
    /// `is_mark` is told of a line and whether an empty one stood before it.
    fn new(lines: &'l mut Lines<'s>, is_mark: F) -> Self {
        Self { lines, is_mark, left: 0, ended: false }
    }
    /// Passes over what was not read.
    fn drain(&mut self, stopped: &dyn Fn() -> bool) {
        let mut buf = [0; 4096];
        while !stopped() && matches!(self.read(&mut buf), Ok(n) if n > 0) {}
    }
}
impl<F: Fn(&[u8], bool) -> bool> Read for Until<'_, '_, F> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut n = 0;
        while n < buf.len() && !self.ended {
            if self.left == 0 {
                let (fresh, after_empty) = (self.lines.fresh, self.lines.after_empty);
                let line = self.lines.peek();
                self.ended = line.is_empty() || (fresh && (self.is_mark)(line, after_empty));
                self.left = if self.ended { 0 } else { line.len() };
                continue;
            }
            let few = self.left.min(buf.len() - n);
            let from = self.lines.start;
            buf[n..n + few].copy_from_slice(&self.lines.buf[from..from + few]);
            self.lines.take(few);
            (n, self.left) = (n + few, self.left - few);
        }
        Ok(n)
    }
}

/// A multipart that is open.
struct Level {
    boundary: Vec<u8>,
    /// Parts so far.
    count: u32,
    is_encrypted: bool,
}
/// The innermost open multipart whose mark `line` is, and whether it closes it.
fn mark(levels: &[Level], line: &[u8]) -> Option<(usize, bool)> {
    let rest = line.strip_prefix(b"--")?.trim_ascii_end();
    levels.iter().enumerate().rev().find_map(|(i, level)| {
        let tail = rest.strip_prefix(level.boundary.as_slice())?;
        matches!(tail, b"" | b"--").then_some((i, tail == b"--"))
    })
}

/// The headers of a mail or a part that decide how it is read.
#[derive(Default)]
struct Head {
    kind: Value,
    disposition: Value,
    transfer: Vec<u8>,
    /// All headers, decoded.
    text: Vec<u8>,
}
impl Head {
    fn read(lines: &mut Lines<'_>, levels: &[Level]) -> Self {
        let (mut this, mut header, mut bytes) = (Self::default(), Vec::new(), 0);
        loop {
            let fresh = lines.fresh;
            let line = lines.peek();
            let (length, folded) = (line.len(), !fresh || line.first().is_some_and(|b| matches!(b, b' ' | b'\t')));
            let ended = length == 0 || (fresh && (line.trim_ascii().is_empty() || mark(levels, line).is_some()));
            bytes += length;
            if ended || bytes > HEADERS_BYTES_MAX {
                let empty = length > 0 && line.trim_ascii().is_empty();
                this.header(&header);
                if empty {
                    lines.take(length);
                }
                return this;
            }
            if !folded {
                this.header(&std::mem::take(&mut header));
            }
            header.extend_from_slice(line);
            lines.take(length);
        }
    }
    fn header(&mut self, header: &[u8]) {
        let Some(colon) = header.iter().position(|b| *b == b':') else {
            self.text.extend_from_slice(header);
            return;
        };
        let (name, raw) = (header[..colon].trim_ascii().to_ascii_lowercase(), &header[colon + 1..]);
        match name.as_slice() {
            b"content-type" => self.kind = Value::parse(raw),
            b"content-disposition" => self.disposition = Value::parse(raw),
            b"content-transfer-encoding" => self.transfer = raw.trim_ascii().to_ascii_lowercase(),
            _ => {}
        }
        self.text.extend_from_slice(&header[..=colon]);
        let from = self.text.len();
        let unfolded: Vec<u8> = raw.iter().filter(|b| !matches!(b, b'\r' | b'\n')).copied().collect();
        header_text(&unfolded, &mut self.text);
        // An id of a mail has the form of an address and is none.
        if matches!(name.as_slice(), b"message-id" | b"in-reply-to" | b"references" | b"content-id") {
            self.text[from..].iter_mut().filter(|b| **b == b'@').for_each(|b| *b = b' ');
        }
        self.text.push(b'\n');
    }
    fn multipart(&self) -> Option<&[u8]> {
        let boundary = self.kind.raw(b"boundary")?;
        let usable = !boundary.is_empty() && boundary.len() <= BOUNDARY_BYTES_MAX;
        (usable && self.kind.first.starts_with(b"multipart/")).then_some(boundary)
    }
    fn file_name(&self) -> Option<Vec<u8>> {
        let name = self.disposition.text(b"filename").or_else(|| self.kind.text(b"name"))?;
        (!name.is_empty()).then_some(name)
    }
    fn decoder(&self) -> Option<Box<dyn Turn>> {
        match self.transfer.as_slice() {
            b"base64" => Some(Box::new(Base64::default())),
            b"quoted-printable" => Some(Box::new(QuotedPrintable)),
            b"x-uuencode" | b"x-uue" | b"uuencode" => Some(Box::new(Uuencode)),
            _ => None,
        }
    }
}

/// Reads a mail.
pub(crate) fn read(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) {
    let mut lines = Lines::new(src);
    let mut levels: Vec<Level> = Vec::new();
    let (mut entity, mut too_deep) = (true, false);
    while !worker.root.stopped() {
        let fresh = lines.fresh;
        let line = lines.peek();
        if line.is_empty() && !entity {
            break;
        }
        if let Some((i, closes)) = mark(&levels, line).filter(|_| fresh) {
            let length = line.len();
            lines.take(length);
            levels.truncate(if closes { i } else { i + 1 });
            if let Some(level) = levels.last_mut().filter(|_| !closes) {
                level.count = level.count.saturating_add(1);
            }
            entity = !closes;
            continue;
        }
        let name = number(&levels);
        if !entity {
            // Between the parts.
            text_part(worker, &mut lines, &levels, &below(inside, &format!("{name}.between")));
            continue;
        }
        entity = false;
        let head = Head::read(&mut lines, &levels);
        let member = if levels.is_empty() { "header".to_owned() } else { format!("{name}.MIME") };
        // Memory gives no error.
        let _ = worker.plain(&mut &head.text[..], &below(inside, &member));
        match head.multipart() {
            Some(_) if levels.len() >= PARTS_DEPTH_MAX => {
                too_deep = true;
                text_part(worker, &mut lines, &levels, &below(inside, &name));
            }
            Some(boundary) => {
                let is_encrypted = head.kind.first == b"multipart/encrypted";
                levels.push(Level { boundary: boundary.to_vec(), count: 0, is_encrypted });
            }
            None => part(worker, &mut lines, &levels, &head, inside),
        }
    }
    if too_deep {
        worker.gap(GapReason::TooDeep, inside);
    }
    // A multipart that is not closed was cut.
    let cut = (!levels.is_empty() && !worker.root.stopped()).then_some(GapReason::Corrupt);
    if let Some(reason) = lines.fault.or(cut) {
        worker.gap(reason, inside);
    }
}

/// The number of the part at hand, as IMAP counts (RFC 9051, 6.4.5).
fn number(levels: &[Level]) -> String {
    let all: Vec<String> = levels.iter().map(|l| l.count.to_string()).collect();
    if all.is_empty() { "1".to_owned() } else { all.join(".") }
}

fn text_part(worker: &mut Worker<'_>, lines: &mut Lines<'_>, levels: &[Level], inside: &[PathText]) {
    let mut body = Until::new(lines, |line, _| mark(levels, line).is_some());
    // A fault of the source is told once, at its end.
    let _ = worker.plain(&mut Turned::new(&mut body, Decode::labelled(None)), inside);
}

/// Reads a part that is no multipart.
fn part(worker: &mut Worker<'_>, lines: &mut Lines<'_>, levels: &[Level], head: &Head, inside: &[PathText]) {
    worker.count(Count::Members, 1);
    let name = head.file_name();
    let member = name.as_deref().map_or_else(|| number(levels), |n| String::from_utf8_lossy(n).into_owned());
    let inner = below(inside, &member);
    let kind = head.kind.first.as_slice();
    let root = worker.root;
    let stopped = || root.stopped();
    let mut body = Until::new(lines, |line, _| mark(levels, line).is_some());
    let is_pgp = levels.last().is_some_and(|l| l.is_encrypted) && kind != b"application/pgp-encrypted";
    if is_pgp || matches!(kind, b"application/pkcs7-mime" | b"application/x-pkcs7-mime") {
        let is_signed = head.kind.raw(b"smime-type").is_some_and(|t| t.eq_ignore_ascii_case(b"signed-data"));
        worker.gap(if is_signed { GapReason::Unsupported } else { GapReason::Encrypted }, &inner);
        return body.drain(&stopped);
    }
    match head.decoder() {
        Some(decoder) => decoded(worker, &mut Turned::new(&mut body, decoder), head, name.is_some(), &inner),
        None => decoded(worker, &mut body, head, name.is_some(), &inner),
    }
    body.drain(&stopped);
}
fn decoded(worker: &mut Worker<'_>, src: &mut dyn Read, head: &Head, is_file: bool, inside: &[PathText]) {
    let kind = head.kind.first.as_slice();
    let set = head.kind.raw(b"charset");
    let result = match kind {
        // What has no kind is text (RFC 2045, 5.2).
        b"" | b"text/plain" if !is_file => worker.plain(&mut Turned::new(src, Decode::labelled(set)), inside),
        b"text/html" if set.is_some() => markup::html(worker, &mut Turned::new(src, Decode::labelled(set)), inside),
        _ if kind.starts_with(b"text/") && set.is_some() => {
            worker.content(&mut Turned::new(src, Decode::labelled(set)), inside);
            Ok(())
        }
        _ => {
            worker.content(src, inside);
            Ok(())
        }
    };
    if let Err(reason) = result {
        worker.gap(reason, inside);
    }
}

/// True for the line that parts the mails of a mailbox (RFC 4155): `From `, an address, a date with a time and a year.
pub(crate) fn is_separator(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let rest = &rest[..rest.len().min(200)];
    let words = || rest.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
    let is_time = |w: &[u8]| w.len() >= 4 && w.contains(&b':') && w.iter().all(|b| b.is_ascii_digit() || *b == b':');
    let is_year = |w: &[u8]| w.len() == 4 && w.iter().all(u8::is_ascii_digit);
    words().count() >= 3 && words().any(is_time) && words().any(is_year)
}

/// Reads a mailbox: each mail is a member, named by its number.
pub(crate) fn mailbox(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) {
    let mut lines = Lines::new(src);
    let root = worker.root;
    let stopped = || root.stopped();
    let mails_max = worker.config().limits.container_entries_max;
    for i in 1.. {
        let line = lines.peek();
        if line.is_empty() || stopped() {
            break;
        }
        let length = line.len();
        let inner = below(inside, &i.to_string());
        if i > mails_max {
            // The rest is one text.
            worker.gap(GapReason::TooMany, inside);
            let _ = worker.plain(&mut Until::new(&mut lines, |_, _| false), &inner);
            break;
        }
        worker.count(Count::Members, 1);
        lines.take(length);
        let mut mail = Until::new(&mut lines, |line, after_empty| after_empty && is_separator(line));
        worker.content(&mut mail, &inner);
        mail.drain(&stopped);
    }
    if let Some(reason) = lines.fault {
        worker.gap(reason, inside);
    }
}

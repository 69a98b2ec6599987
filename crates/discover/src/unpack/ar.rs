//! `ar` archives: Debian packages, static libraries. Long names in both ways (ar(5) of BSD; GNU's `//` member).

use super::guard::{self, exact, reason};
use super::{Entries, inner};
use crate::content::Worker;
use evidence::PathText;
use std::io::{self, ErrorKind, Read};

pub(super) const MAGIC: &[u8] = b"!<arch>\n";
/// The table of long names is held up to here. Bytes.
const NAMES_BYTES_MAX: u64 = 1 << 20;

/// Reads every member of an archive.
pub(super) fn ar(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) {
    if let Err(e) = read(worker, src, inside) {
        worker.gap(reason(&e), inside);
    }
}

fn read(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) -> io::Result<()> {
    src.read_exact(&mut [0; MAGIC.len()])?;
    let (mut names, mut entries, mut header) = (Vec::new(), Entries::default(), [0; 60]);
    while !worker.root.stopped() && exact(src, &mut header)? {
        if header[58..] != *b"`\n" {
            return Err(ErrorKind::InvalidData.into());
        }
        let bytes = decimal(&header[48..58]).ok_or(ErrorKind::InvalidData)?;
        let odd = bytes % 2;
        let name = header[..16].trim_ascii_end();
        match name {
            b"//" => names = held(src, bytes, NAMES_BYTES_MAX)?,
            // Where symbols stand.
            b"/" | b"/SYM64/" => guard::pass(worker, src, bytes)?,
            _ if !entries.another(worker, inside) => return Ok(()),
            _ => {
                let mut bytes = bytes;
                let name = if let Some(length) = name.strip_prefix(b"#1/") {
                    let length = decimal(length).filter(|n| *n <= bytes).ok_or(ErrorKind::InvalidData)?;
                    bytes -= length;
                    held(src, length, NAMES_BYTES_MAX)?
                } else if let Some(at) = name.strip_prefix(b"/").and_then(decimal) {
                    let rest = usize::try_from(at).ok().and_then(|at| names.get(at..)).unwrap_or_default();
                    rest.split(|b| *b == b'\n').next().unwrap_or_default().to_vec()
                } else {
                    name.to_vec()
                };
                let name = name.split(|b| *b == 0).next().unwrap_or_default();
                let name = name.strip_suffix(b"/").unwrap_or(name);
                guard::member(worker, src, bytes, &inner(inside, name))?;
            }
        }
        // The last one may go without what makes it even.
        if odd == 1 {
            exact(src, &mut [0])?;
        }
    }
    Ok(())
}

fn decimal(field: &[u8]) -> Option<u64> {
    std::str::from_utf8(field.trim_ascii_end()).ok()?.parse().ok()
}
fn held(src: &mut dyn Read, bytes: u64, bytes_max: u64) -> io::Result<Vec<u8>> {
    if bytes > bytes_max {
        return Err(ErrorKind::FileTooLarge.into());
    }
    let mut held = Vec::new();
    src.take(bytes).read_to_end(&mut held)?;
    if (held.len() as u64) < bytes { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(held) }
}

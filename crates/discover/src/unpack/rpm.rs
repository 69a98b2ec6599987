//! RPM packages: the lead and both headers are passed over, the payload is a compressed cpio archive (rpm's
//! `docs/manual/format_v4.md`). The headers hold what the package says of itself; nobody plants data there.

use super::guard::{self, exact, reason};
use super::inner;
use crate::content::Worker;
use evidence::PathText;
use std::io::{self, ErrorKind, Read};

const LEAD_BYTES: u64 = 96;

/// Reads a package's payload.
pub(super) fn rpm(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) {
    match to_payload(worker, src) {
        Ok(()) => worker.content(src, &inner(inside, b"payload")),
        Err(e) => worker.gap(reason(&e), inside),
    }
}

fn to_payload(worker: &mut Worker<'_>, src: &mut dyn Read) -> io::Result<()> {
    guard::pass(worker, src, LEAD_BYTES)?;
    // Signatures, filled up to eight; then what the package says of itself.
    for unit in [8, 1] {
        let mut header = [0; 16];
        if !exact(src, &mut header)? || header[..3] != [0x8E, 0xAD, 0xE8] {
            return Err(ErrorKind::InvalidData.into());
        }
        let number = |at: usize| header[at..at + 4].iter().fold(0u64, |v, b| v << 8 | u64::from(*b));
        let bytes = number(8) * 16 + number(12);
        guard::pass(worker, src, bytes + (unit - bytes % unit) % unit)?;
    }
    Ok(())
}

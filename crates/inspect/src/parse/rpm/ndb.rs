//! `Packages.db`, the store of openSUSE: a table of slots, then the headers.
//!
//! All numbers have the lowest byte first. The file begins with `RpmP`, a version, a generation and the number of pages
//! of 4096 bytes that the table of slots takes; a slot of 16 bytes is `Slot`, the package's number, the block where
//! its blob begins (blocks of 16 bytes) and the blob's blocks. A blob begins with `BlbS`, the number, a generation and
//! the length, and ends with a sum, the length and `BlbE`.

use super::Taker;
use crate::parse::bytes::Order::Little;
use evidence::GapReason;

const PAGE_BYTES: usize = 4096;
const SLOT_BYTES: usize = 16;
const BLOCK_BYTES: usize = 16;
const BLOB_HEAD_BYTES: usize = 16;

/// Hands every blob to `taker`.
pub(super) fn blobs(bytes: &[u8], taker: &mut Taker) -> Result<(), GapReason> {
    // Other versions than 0 do not exist yet.
    if bytes.get(..8) != Some(b"RpmP\0\0\0\0") {
        return Err(GapReason::Corrupt);
    }
    let pages = Little.size(bytes, 12).ok_or(GapReason::Corrupt)?;
    let end = pages.checked_mul(PAGE_BYTES).ok_or(GapReason::Corrupt)?;
    // The first two slots are the file's own head.
    let table = bytes.get(2 * SLOT_BYTES..end).ok_or(GapReason::Corrupt)?;
    for slot in table.chunks_exact(SLOT_BYTES) {
        if slot.get(..4) != Some(b"Slot") {
            return Err(GapReason::Corrupt);
        }
        match Little.size(slot, 8) {
            Some(0) => {}
            Some(block) => {
                let blob = blob(bytes, slot, block);
                match blob {
                    Some(blob) => taker.take(blob)?,
                    None => taker.fault = Some(GapReason::Corrupt),
                }
            }
            None => return Err(GapReason::Corrupt),
        }
    }
    Ok(())
}

fn blob<'a>(bytes: &'a [u8], slot: &[u8], block: usize) -> Option<&'a [u8]> {
    let at = block.checked_mul(BLOCK_BYTES)?;
    let head = bytes.get(at..at.checked_add(BLOB_HEAD_BYTES)?)?;
    let same = head.get(..4) == Some(b"BlbS") && Little.u32(head, 4) == Little.u32(slot, 4);
    let from = at.checked_add(BLOB_HEAD_BYTES)?;
    bytes.get(from..from.checked_add(Little.size(head, 12)?)?).filter(|_| same)
}

//! `Packages`, a hash file of Berkeley DB, as rpm kept its database for twenty years.
//!
//! The order of bytes is the writer's. Page 0 tells the page size; a page has a head of 26 bytes (its number at 8, the
//! next of its chain at 16, entries at 20, first free byte or length at 22, type at 25), then the places of its items,
//! which lie at its end: keys and values in turn. A value that does not fit is a chain of overflow pages. The key of
//! a package is its number; number 0 is rpm's own counter. Format: the header `dbinc/db_page.h` of Berkeley DB.
//!
//! Refused: finding a key by its hash. Every page is visited once, so no chain of buckets has to be trusted.

use super::Taker;
use crate::parse::bytes::Order;
use evidence::GapReason;

const MAGIC: u32 = 0x0006_1561;
const PAGE_HEAD_BYTES: usize = 26;
const PAGE_HASH_UNSORTED: u8 = 2;
const PAGE_OVERFLOW: u8 = 7;
const PAGE_HASH: u8 = 13;
const ITEM_INLINE: u8 = 1;
const ITEM_OFF_PAGE: u8 = 3;

struct Store<'a> {
    bytes: &'a [u8],
    order: Order,
    page_bytes: usize,
}

/// Hands every value but the counter to `taker`.
pub(super) fn blobs(bytes: &[u8], taker: &mut Taker) -> Result<(), GapReason> {
    let order = [Order::Little, Order::Big].into_iter().find(|o| o.u32(bytes, 12) == Some(MAGIC));
    let order = order.ok_or(GapReason::Corrupt)?;
    if bytes.get(24) != Some(&0) {
        return Err(GapReason::Encrypted);
    }
    let page_bytes = order.size(bytes, 20).filter(|n| n.is_power_of_two() && (512..=65536).contains(n));
    let store = Store { bytes, order, page_bytes: page_bytes.ok_or(GapReason::Corrupt)? };
    for page in bytes.chunks_exact(store.page_bytes).skip(1) {
        if matches!(page.get(25), Some(&PAGE_HASH | &PAGE_HASH_UNSORTED)) {
            store.page(page, taker)?;
        }
    }
    if !bytes.len().is_multiple_of(store.page_bytes) {
        return Err(GapReason::Corrupt);
    }
    Ok(())
}

impl Store<'_> {
    fn page(&self, page: &[u8], taker: &mut Taker) -> Result<(), GapReason> {
        let entries = self.order.u16(page, 20).map_or(0, usize::from);
        for pair in 0..entries / 2 {
            let (Some(key), Some(value)) = (self.item(page, 2 * pair), self.item(page, 2 * pair + 1)) else {
                taker.fault = Some(GapReason::Corrupt);
                continue;
            };
            let counter = key.get(1..) == Some(&[0; 4]);
            match (value.first(), counter) {
                (_, true) => {}
                (Some(&ITEM_INLINE), _) => taker.take(value.get(1..).unwrap_or_default())?,
                (Some(&ITEM_OFF_PAGE), _) => match self.chain(value, taker.left()) {
                    Some(blob) => taker.take(&blob)?,
                    None => taker.fault = Some(GapReason::Corrupt),
                },
                _ => taker.fault = Some(GapReason::Corrupt),
            }
        }
        Ok(())
    }
    /// Item `n` of a page: it reaches up to the item before it, the first to the page's end.
    fn item<'p>(&self, page: &'p [u8], n: usize) -> Option<&'p [u8]> {
        let place = |n: usize| self.order.u16(page, PAGE_HEAD_BYTES + 2 * n).map(usize::from);
        let end = if n == 0 { page.len() } else { place(n - 1)? };
        page.get(place(n)?..end)
    }
    /// The value that a chain of overflow pages holds.
    fn chain(&self, item: &[u8], bytes_max: usize) -> Option<Vec<u8>> {
        let mut number = self.order.size(item, 4)?;
        let length = self.order.size(item, 8).filter(|n| *n <= bytes_max)?;
        let mut blob = Vec::new();
        while blob.len() < length {
            let at = number.checked_mul(self.page_bytes).filter(|at| *at > 0)?;
            let page = self.bytes.get(at..at.checked_add(self.page_bytes)?)?;
            let here = self.order.u16(page, 22).map_or(0, usize::from);
            if page.get(25) != Some(&PAGE_OVERFLOW) || here == 0 {
                return None;
            }
            blob.extend_from_slice(page.get(PAGE_HEAD_BYTES..PAGE_HEAD_BYTES + here)?);
            number = self.order.size(page, 16)?;
        }
        (blob.len() == length).then_some(blob)
    }
}

//! Transaction logs of a hive: changes that were promised and had not reached the hive when the system stopped.
//!
//! Read is the form that Windows writes since 8.1 (entries `HvLE`): each entry carries whole pages, its number and two
//! hashes. Entries are applied only if they follow on the hive's own number without a hole and every hash fits; else
//! the hive stays dirty, which is a gap. Logs of the older form (`DIRT`) are not read; such a hive stays dirty.
//! Layout and hashes: M. Suhanov, "Windows registry file format specification".

use super::hive::{BASE_BYTES, Hive, checksum, word32, word64};

/// Bytes before the first entry of a log.
const LOG_BASE_BYTES: usize = 512;
/// Bytes of an entry before its list of pages.
const ENTRY_HEAD_BYTES: usize = 40;
/// Most entries of one log.
const ENTRIES_MAX: usize = 100_000;
/// Largest hive that a log may ask for, in bytes.
const HIVE_BYTES_MAX: usize = 1 << 30;
/// Seed of the hashes.
const SEED: u64 = u64::from_le_bytes([0x82, 0xef, 0x4d, 0x88, 0x7a, 0x4e, 0x55, 0xc5]);

/// A page to be written: offset behind the header, and its bytes.
type Page<'a> = (usize, &'a [u8]);

struct Entry<'a> {
    number: u32,
    hive_bytes: usize,
    pages: Vec<Page<'a>>,
}

/// Applies the entries of `logs` that follow on the state of `hive`. Leaves it as it is, dirty, if there is none.
pub(crate) fn replay(hive: &mut Hive, logs: &[Vec<u8>]) {
    // With a broken header nothing says where to go on.
    if checksum(&hive.bytes) != word32(&hive.bytes, 508) {
        return;
    }
    let Some(mut next) = word32(&hive.bytes, 8) else { return };
    let mut entries: Vec<Entry<'_>> = logs.iter().flat_map(|log| entries(log)).collect();
    entries.sort_by_key(|e| e.number);
    entries.retain(|e| e.number >= next);
    let mut bytes = hive.bytes.clone();
    let mut applied = false;
    for entry in entries {
        if entry.number != next || apply(&mut bytes, &entry).is_none() {
            break;
        }
        applied = true;
        next = next.wrapping_add(1);
    }
    if applied {
        for at in [4, 8] {
            if let Some(field) = bytes.get_mut(at..at + 4) {
                field.copy_from_slice(&next.to_le_bytes());
            }
        }
        let sum = checksum(&bytes).unwrap_or(0).to_le_bytes();
        if let Some(field) = bytes.get_mut(508..512) {
            field.copy_from_slice(&sum);
        }
        if let Ok(whole) = Hive::open(bytes) {
            *hive = whole;
        }
    }
}

fn apply(bytes: &mut Vec<u8>, entry: &Entry<'_>) -> Option<()> {
    let whole = BASE_BYTES.checked_add(entry.hive_bytes).filter(|n| *n <= HIVE_BYTES_MAX)?;
    if entry.pages.iter().any(|(at, page)| at.checked_add(page.len()).is_none_or(|end| end > entry.hive_bytes)) {
        return None;
    }
    bytes.resize(whole, 0);
    for (at, page) in &entry.pages {
        bytes.get_mut(BASE_BYTES + at..BASE_BYTES + at + page.len())?.copy_from_slice(page);
    }
    Some(())
}

fn entries(log: &[u8]) -> Vec<Entry<'_>> {
    let mut out = Vec::new();
    let mut at = LOG_BASE_BYTES;
    if !log.starts_with(b"regf") {
        return out;
    }
    while out.len() < ENTRIES_MAX {
        let Some((entry, len)) = log.get(at..).and_then(entry) else { break };
        out.push(entry);
        at += len;
    }
    out
}
fn entry(bytes: &[u8]) -> Option<(Entry<'_>, usize)> {
    let len = usize::try_from(word32(bytes, 4)?).ok().filter(|n| *n >= ENTRY_HEAD_BYTES)?;
    let whole = bytes.get(..len).filter(|b| b.starts_with(b"HvLE"))?;
    let hash = |part: &[u8]| marvin(SEED, part);
    if hash(whole.get(ENTRY_HEAD_BYTES..)?) != word64(whole, 24)? || hash(whole.get(..32)?) != word64(whole, 32)? {
        return None;
    }
    let count = usize::try_from(word32(whole, 20)?).ok()?;
    let mut data = ENTRY_HEAD_BYTES.checked_add(count.checked_mul(8)?)?;
    let mut pages = Vec::new();
    for n in 0..count {
        let offset = usize::try_from(word32(whole, ENTRY_HEAD_BYTES + 8 * n)?).ok()?;
        let size = usize::try_from(word32(whole, ENTRY_HEAD_BYTES + 8 * n + 4)?).ok()?;
        pages.push((offset, whole.get(data..data.checked_add(size)?)?));
        data += size;
    }
    Some((Entry { number: word32(whole, 12)?, hive_bytes: usize::try_from(word32(whole, 16)?).ok()?, pages }, len))
}

/// Marvin32, the checksum of these entries.
pub(crate) fn marvin(seed: u64, bytes: &[u8]) -> u64 {
    let word = |n: u64| u32::try_from(n & 0xffff_ffff).unwrap_or(0);
    let (mut low, mut high) = (word(seed), word(seed >> 32));
    let mut mix = |value: u32| {
        low = low.wrapping_add(value);
        high ^= low;
        low = low.rotate_left(20).wrapping_add(high);
        high = high.rotate_left(9) ^ low;
        low = low.rotate_left(27).wrapping_add(high);
        high = high.rotate_left(19);
        (low, high)
    };
    let chunks = bytes.chunks_exact(4);
    let rest = chunks.remainder();
    for chunk in chunks {
        mix(word32(chunk, 0).unwrap_or(0));
    }
    // A byte of 0x80 closes the data.
    let mut last = [0_u8; 4];
    for (to, from) in last.iter_mut().zip(rest.iter().chain(&[0x80])) {
        *to = *from;
    }
    mix(u32::from_le_bytes(last));
    let (low, high) = mix(0);
    (u64::from(high) << 32) | u64::from(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of the .NET runtime's own test of this hash (MarvinTests.cs, seed 0x004fb61a001bdbcc).
    #[test]
    fn marvin_as_published() {
        let seed = 0x004f_b61a_001b_dbcc;
        assert_eq!(marvin(seed, &[]), 0x30ed_35c1_00cd_3c7d);
        assert_eq!(marvin(seed, &[0xaf]), 0x48e7_3fc7_7d75_ddc1);
        assert_eq!(marvin(seed, &[0xe7, 0x0f]), 0xb5f6_e1fc_485d_bff8);
    }

    #[test]
    fn noise_is_no_log() {
        for log in [&b""[..], b"regf", b"DIRT", &[0xff; 2000]] {
            assert!(entries(log).is_empty());
        }
        let mut log = vec![0; 512];
        log[..4].copy_from_slice(b"regf");
        log.extend_from_slice(b"HvLE\xff\xff\xff\xff");
        assert!(entries(&log).is_empty());
    }
}

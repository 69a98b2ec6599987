//! Security identifiers and descriptors in their binary form (Microsoft, [MS-DTYP] 2.4).

use super::hive::word32;

/// Most entries of one access list.
const ACES_MAX: usize = 4096;

/// The identifier at the beginning of `bytes` as text, and its length.
#[must_use]
pub fn sid(bytes: &[u8]) -> Option<(String, usize)> {
    let count = usize::from(*bytes.get(1)?);
    if *bytes.first()? != 1 || count > 15 {
        return None;
    }
    let authority = bytes.get(2..8)?.iter().fold(0_u64, |a, b| (a << 8) | u64::from(*b));
    let mut text = format!("S-1-{authority}");
    for n in 0..count {
        text.push_str(&format!("-{}", word32(bytes, 8 + 4 * n)?));
    }
    Some((text, 8 + 4 * count))
}

/// Allowed rights of a descriptor: identifier and mask. `None` if it does not fit its format; without an access list
/// everybody may do everything.
#[must_use]
pub fn allowed(descriptor: &[u8]) -> Option<Vec<(String, u32)>> {
    let at = usize::try_from(word32(descriptor, 16)?).ok()?;
    if at == 0 {
        return Some(vec![("S-1-1-0".into(), u32::MAX)]);
    }
    let list = descriptor.get(at..)?;
    let count = usize::from(u16::from_le_bytes(list.get(4..6)?.try_into().ok()?)).min(ACES_MAX);
    let (mut out, mut at) = (Vec::new(), 8);
    for _ in 0..count {
        let ace = list.get(at..)?;
        let size = usize::from(u16::from_le_bytes(ace.get(2..4)?.try_into().ok()?));
        if size < 8 {
            return None;
        }
        if ace.first() == Some(&0) {
            out.push((sid(ace.get(8..size)?)?.0, word32(ace, 4)?));
        }
        at += size;
    }
    Some(out)
}

/// The mask lets someone change files: FILE_WRITE_DATA, GENERIC_WRITE or GENERIC_ALL.
#[must_use]
pub fn writes(mask: u32) -> bool {
    mask & (0x2 | 0x4000_0000 | 0x1000_0000) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The identifier of the built-in administrators and its bytes, as [MS-DTYP] 2.4.2.4 lists them.
    #[test]
    fn identifiers_and_lists() {
        let admins = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0];
        assert_eq!(sid(&admins), Some(("S-1-5-32-544".into(), 16)));
        assert_eq!((sid(&[1, 2, 0]), sid(&[]), sid(&[1, 200])), (None, None, None));
        let mut sd = vec![1, 0, 4, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0];
        sd.extend_from_slice(&[
            2, 0, 28, 0, 1, 0, 0, 0, 0, 0, 20, 0, 0xff, 1, 0x1f, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
        ]);
        assert_eq!(allowed(&sd), Some(vec![("S-1-1-0".into(), 0x001f_01ff)]));
        assert!(writes(0x001f_01ff) && !writes(0x0012_00a9));
        assert_eq!(allowed(&sd[..30]), None);
    }
}

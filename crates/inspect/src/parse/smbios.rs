//! The table that firmware gives the system (SMBIOS, DMTF DSP0134), as `/sys/firmware/dmi/tables/DMI` holds it.
//!
//! Only the parts that say who made something are looked at. Serial numbers, asset tags and the machine's identifier
//! stand in the same structures and are never returned: [`Structure::text`] is asked for fields by their offsets, and
//! no caller asks for those.

/// Most structures; a real host has a few hundred.
const STRUCTURES_MAX: usize = 4096;
/// Most texts of a structure.
const TEXTS_MAX: usize = 64;
/// Longest text, in bytes.
const TEXT_BYTES_MAX: usize = 256;

/// A structure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Structure<'a> {
    /// Type: 0 firmware, 1 system, 2 board, 4 processor, 17 memory, 38 management controller, …
    pub kind: u8,
    formatted: &'a [u8],
    texts: Vec<&'a [u8]>,
}
impl Structure<'_> {
    /// The byte at `offset` of the formatted part.
    #[must_use]
    pub fn byte(&self, offset: usize) -> Option<u8> {
        self.formatted.get(offset).copied()
    }
    /// The text that the byte at `offset` numbers; nothing for a placeholder that makers leave in.
    #[must_use]
    pub fn text(&self, offset: usize) -> Option<String> {
        let number = usize::from(self.byte(offset)?);
        let raw = self.texts.get(number.checked_sub(1)?)?;
        let raw = raw.get(..raw.len().min(TEXT_BYTES_MAX))?;
        told(&String::from_utf8_lossy(raw))
    }
}

/// A text of a maker; nothing for what stands there when nobody filled it in.
#[must_use]
pub fn told(text: &str) -> Option<String> {
    let text = super::printable(text.trim());
    let low = text.to_lowercase();
    let low = low.trim_end_matches(['.', ' ']);
    let empty = [
        "",
        "to be filled by o.e.m",
        "default string",
        "not specified",
        "system manufacturer",
        "system product name",
        "system version",
        "base board manufacturer",
        "unknown",
        "none",
        "n/a",
        "na",
        "o.e.m",
        "oem",
        "empty",
        "not available",
        "no dimm",
        "undefined",
        "invalid",
        "0",
        "x.x",
        "not present",
        "<bad index>",
    ];
    let zeros = !low.is_empty() && low.bytes().all(|b| matches!(b, b'0' | b'x' | b'f' | b' '));
    (!empty.contains(&low) && !zeros).then_some(text)
}

/// The structures of a table, and whether it was read to its end marker or its last byte without a fault.
#[must_use]
pub fn smbios(table: &[u8]) -> (Vec<Structure<'_>>, bool) {
    let mut out = Vec::new();
    let mut rest = table;
    while !rest.is_empty() {
        if out.len() >= STRUCTURES_MAX {
            return (out, false);
        }
        let (Some(kind), Some(length)) = (rest.first().copied(), rest.get(1).copied().map(usize::from)) else {
            return (out, false);
        };
        let Some((formatted, after)) = rest.split_at_checked(length).filter(|_| length >= 4) else {
            return (out, false);
        };
        let Some((texts, next)) = texts(after) else { return (out, false) };
        // Type 127 ends the table; what follows is padding.
        let end = kind == 127;
        out.push(Structure { kind, formatted, texts });
        if end {
            break;
        }
        rest = next;
    }
    (out, true)
}

/// The texts after a structure, each ended by a zero byte, the set by another.
fn texts(bytes: &[u8]) -> Option<(Vec<&[u8]>, &[u8])> {
    let mut out = Vec::new();
    let mut rest = bytes;
    loop {
        let end = memchr::memchr(0, rest)?;
        let (text, after) = rest.split_at(end);
        let after = after.get(1..)?;
        if text.is_empty() {
            // A structure without texts has two zero bytes.
            let next = if out.is_empty() { after.strip_prefix(&[0]).unwrap_or(after) } else { after };
            return Some((out, next));
        }
        if out.len() < TEXTS_MAX {
            out.push(text);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table written by hand after DSP0134 3.7.0, chapters 7.1, 7.2 and 7.45.
    fn table() -> Vec<u8> {
        let mut t = Vec::new();
        // Type 0, 24 bytes: vendor, version, segment, date …
        let mut bios = vec![0, 24, 0, 0, 1, 2, 0, 0xe8, 3];
        bios.resize(24, 0);
        t.extend(bios);
        t.extend(b"American Megatrends Inc.\0F.42\x1b[2J\x0009/08/2023\0\0");
        // Type 1, 27 bytes: manufacturer, product, version, serial number.
        let mut system = vec![1, 27, 1, 0, 1, 2, 3, 4];
        system.resize(27, 0);
        t.extend(system);
        t.extend(b"Dell Inc.\0PowerEdge R740\0To Be Filled By O.E.M.\0SERIAL-1\0\0");
        // Without texts.
        t.extend([32, 11, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        t.extend([127, 4, 3, 0, 0, 0]);
        t.extend([0xff; 7]);
        t
    }

    #[test]
    fn structures_and_their_texts() {
        let table = table();
        let (all, whole) = smbios(&table);
        assert!(whole);
        assert_eq!(all.iter().map(|s| s.kind).collect::<Vec<_>>(), [0, 1, 32, 127]);
        assert_eq!(all[0].text(4).as_deref(), Some("American Megatrends Inc."));
        assert_eq!(all[0].text(8).as_deref(), Some("09/08/2023"));
        assert!(!all[0].text(5).unwrap().contains('\u{1b}'), "no control characters leave");
        assert_eq!(all[1].text(4).as_deref(), Some("Dell Inc."));
        assert_eq!(all[1].text(6), None, "a placeholder is no version");
        assert_eq!(all[1].text(200), None);
    }

    #[test]
    fn a_cut_table_gives_what_came_before() {
        let table = table();
        for cut in 0..table.len() {
            let (all, _) = smbios(&table[..cut]);
            assert!(all.len() <= 4);
        }
        assert!(!smbios(&[0, 2, 0, 0, 0, 0]).1, "shorter than its own head");
        assert!(!smbios(&[1, 255, 0]).1);
        let many: Vec<u8> = [9, 4, 0, 0, 0, 0].repeat(STRUCTURES_MAX + 1);
        assert_eq!(smbios(&many).0.len(), STRUCTURES_MAX);
        assert!(!smbios(&many).1);
    }
}

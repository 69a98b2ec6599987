//! Writes small registry hives for the tests, from the published description of the format (M. Suhanov, "Windows registry
//! file format specification"): header, one bin, keys with hashed lists, values inline and in cells, big data.
//!
//! The writer shares no line with the reader. Whether what it writes is well formed is asked of hivex, which others wrote.

use std::collections::BTreeMap;

/// A value: type and bytes.
pub(crate) type Raw = (u32, Vec<u8>);

/// A key with its values and children.
#[derive(Default, Clone)]
pub(crate) struct Node {
    pub(crate) values: BTreeMap<String, Raw>,
    pub(crate) children: BTreeMap<String, Node>,
}
impl Node {
    /// The key at a path, made if it is not there.
    pub(crate) fn at(&mut self, path: &str) -> &mut Node {
        path.split('\\').filter(|p| !p.is_empty()).fold(self, |n, part| n.children.entry(part.to_owned()).or_default())
    }
    pub(crate) fn set(&mut self, path: &str, name: &str, kind: u32, bytes: impl Into<Vec<u8>>) {
        self.at(path).values.insert(name.to_owned(), (kind, bytes.into()));
    }
}

pub(crate) fn sixteen(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

/// A value of `reg query` as type and bytes.
pub(crate) fn raw(ty: &str, text: &str) -> Raw {
    let hex = |t: &str| u32::from_str_radix(t.trim_start_matches("0x"), 16).unwrap();
    match ty {
        "REG_SZ" => (1, sixteen(text)),
        "REG_EXPAND_SZ" => (2, sixteen(text)),
        "REG_DWORD" => (4, hex(text).to_le_bytes().to_vec()),
        "REG_MULTI_SZ" => (7, text.split("\\0").flat_map(sixteen).chain([0, 0]).collect()),
        "REG_BINARY" => {
            (3, (0..text.len() / 2).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap()).collect())
        }
        other => panic!("{other}"),
    }
}

struct Writer(Vec<u8>);
impl Writer {
    /// An allocated cell; its offset counts from the first bin.
    fn cell(&mut self, body: &[u8]) -> u32 {
        let at = self.0.len();
        let len = (body.len() + 4).next_multiple_of(8);
        self.0.extend((-i32::try_from(len).unwrap()).to_le_bytes());
        self.0.extend(body);
        self.0.resize(at + len, 0);
        u32::try_from(at).unwrap()
    }
    fn value(&mut self, name: &str, kind: u32, bytes: &[u8]) -> u32 {
        let size = u32::try_from(bytes.len()).unwrap();
        let (size, data) = if bytes.len() <= 4 {
            let mut inline = [0; 4];
            inline[..bytes.len()].copy_from_slice(bytes);
            (size | 0x8000_0000, u32::from_le_bytes(inline))
        } else if bytes.len() > 16_344 {
            let parts: Vec<u8> = bytes.chunks(16_344).flat_map(|c| self.cell(c).to_le_bytes()).collect();
            let count = u16::try_from(parts.len() / 4).unwrap();
            let list = self.cell(&parts);
            (size, self.cell(&[&b"db"[..], &count.to_le_bytes(), &list.to_le_bytes()].concat()))
        } else {
            (size, self.cell(bytes))
        };
        let ascii = name.is_ascii();
        let name: Vec<u8> = if ascii { name.into() } else { name.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let len = u16::try_from(name.len()).unwrap();
        let mut body = b"vk".to_vec();
        body.extend(len.to_le_bytes());
        body.extend(size.to_le_bytes());
        body.extend(data.to_le_bytes());
        body.extend(kind.to_le_bytes());
        body.extend(u16::from(ascii).to_le_bytes());
        body.extend([0, 0]);
        body.extend(name);
        self.cell(&body)
    }
    fn key(&mut self, name: &str, node: &Node, parent: u32, flags: u16, sk: u32) -> u32 {
        // The cell first, so that children can name their parent; its offsets are filled in behind.
        let ascii = name.is_ascii();
        let raw: Vec<u8> = if ascii { name.into() } else { name.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let mut body = vec![0; 76 + raw.len()];
        body[..2].copy_from_slice(b"nk");
        body[2..4].copy_from_slice(&(flags | if ascii { 0x20 } else { 0 }).to_le_bytes());
        // 2026-01-01 in 100-nanosecond steps since 1601.
        body[4..12].copy_from_slice(&134_116_992_000_000_000_u64.to_le_bytes());
        body[16..20].copy_from_slice(&parent.to_le_bytes());
        let none = u32::MAX.to_le_bytes();
        for at in [28, 32, 40, 48] {
            body[at..at + 4].copy_from_slice(&none);
        }
        body[44..48].copy_from_slice(&sk.to_le_bytes());
        body[72..74].copy_from_slice(&u16::try_from(raw.len()).unwrap().to_le_bytes());
        body[76..].copy_from_slice(&raw);
        let at = self.cell(&body);
        let values: Vec<u8> = node.values.iter().flat_map(|(n, (k, b))| self.value(n, *k, b).to_le_bytes()).collect();
        let value_list = if values.is_empty() { u32::MAX } else { self.cell(&values) };
        // Lists are sorted by the name in upper case.
        let mut names: Vec<&String> = node.children.keys().collect();
        names.sort_by_key(|n| n.to_uppercase());
        let mut list = Vec::new();
        for n in names {
            let child = self.key(n, &node.children[n], at, 0, sk);
            list.extend(child.to_le_bytes());
            let hash = n.to_uppercase().encode_utf16().fold(0_u32, |h, c| h.wrapping_mul(37).wrapping_add(c.into()));
            list.extend(hash.to_le_bytes());
        }
        let children = u32::try_from(list.len() / 8).unwrap();
        let child_list = if list.is_empty() {
            u32::MAX
        } else if children > 200 {
            // As Windows does for many: a list of lists.
            let parts: Vec<u8> = list.chunks(8 * 100).flat_map(|c| self.list(c).to_le_bytes()).collect();
            let count = u16::try_from(parts.len() / 4).unwrap();
            self.cell(&[&b"ri"[..], &count.to_le_bytes(), &parts].concat())
        } else {
            self.list(&list)
        };
        let field = |w: &mut Self, n: usize, v: u32| {
            let at = usize::try_from(at).unwrap() + 4 + n;
            w.0[at..at + 4].copy_from_slice(&v.to_le_bytes());
        };
        field(self, 20, children);
        field(self, 28, child_list);
        field(self, 36, u32::try_from(values.len() / 4).unwrap());
        field(self, 40, value_list);
        at
    }
    fn list(&mut self, entries: &[u8]) -> u32 {
        let count = u16::try_from(entries.len() / 8).unwrap();
        self.cell(&[&b"lh"[..], &count.to_le_bytes(), entries].concat())
    }
}

/// Exclusive-or of the first 127 words of a header.
pub(crate) fn checksum(base: &[u8]) -> u32 {
    base[..508].chunks(4).fold(0, |a, c| a ^ u32::from_le_bytes(c.try_into().unwrap()))
}

/// The bytes of a hive.
pub(crate) fn hive(root: &Node) -> Vec<u8> {
    let mut w = Writer(vec![0; 32]);
    // A security cell that names itself as its neighbours, with an empty descriptor of 20 bytes.
    let at = u32::try_from(w.0.len()).unwrap();
    let mut sk = b"sk\0\0".to_vec();
    for v in [at, at, 1, 20] {
        sk.extend(v.to_le_bytes());
    }
    sk.extend([1, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let sk = w.cell(&sk);
    let top = w.key("ROOT", root, 0, 0x0c, sk);
    let used = w.0.len();
    let size = (used + 8).next_multiple_of(4096);
    // What is left is one free cell.
    w.0.extend(i32::try_from(size - used).unwrap().to_le_bytes());
    w.0.resize(size, 0);
    let size32 = u32::try_from(size).unwrap();
    w.0[..4].copy_from_slice(b"hbin");
    w.0[8..12].copy_from_slice(&size32.to_le_bytes());
    let mut base = vec![0; 4096];
    base[..4].copy_from_slice(b"regf");
    for (at, v) in [(4, 7), (8, 7), (20, 1), (24, 5), (28, 0), (32, 1), (36, top), (40, size32), (44, 1)] {
        base[at..at + 4].copy_from_slice(&v.to_le_bytes());
    }
    let sum = checksum(&base);
    base[508..512].copy_from_slice(&sum.to_le_bytes());
    base.extend(w.0);
    base
}

/// Marvin32 as the log's entries carry it, by its description (US patent 20130262421), written apart from the sensor's.
fn marvin(bytes: &[u8]) -> u64 {
    let (mut p0, mut p1) = (0x884d_ef82_u32, 0xc555_4e7a_u32);
    let mut all = bytes.to_vec();
    all.push(0x80);
    all.resize(all.len().next_multiple_of(4), 0);
    all.extend([0; 4]);
    for c in all.chunks(4) {
        p0 = p0.wrapping_add(u32::from_le_bytes(c.try_into().unwrap()));
        p1 ^= p0;
        p0 = p0.rotate_left(20);
        p0 = p0.wrapping_add(p1);
        p1 = p1.rotate_left(9);
        p1 ^= p0;
        p0 = p0.rotate_left(27);
        p0 = p0.wrapping_add(p1);
        p1 = p1.rotate_left(19);
    }
    u64::from(p1) << 32 | u64::from(p0)
}

/// A log with one entry that writes `page` at `offset`; `spoil` is added to its hash.
pub(crate) fn log(number: u32, hive_bytes: usize, offset: usize, page: &[u8], spoil: u64) -> Vec<u8> {
    let word = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
    let mut body = [&word(offset)[..], &word(page.len()), page].concat();
    body.resize((body.len() + 40).next_multiple_of(512) - 40, 0);
    let mut entry =
        [&b"HvLE"[..], &word(body.len() + 40), &word(0), &number.to_le_bytes(), &word(hive_bytes), &word(1)].concat();
    entry.extend((marvin(&body).wrapping_add(spoil)).to_le_bytes());
    entry.extend(marvin(&entry).to_le_bytes());
    entry.extend(body);
    let mut out = vec![0; 512];
    out[..4].copy_from_slice(b"regf");
    out[28] = 6;
    out.extend(entry);
    out
}

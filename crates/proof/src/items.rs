//! What an examination saw, checked against what it committed to.

use crate::{ProofError, Verified};
use data_encoding::HEXLOWER;
use evidence::{Body, Digest, Examination, Item, ItemCounts, ItemRoot, Opening, Record, canonical, leaf_hash};

/// Largest file of items that is opened, in bytes.
pub const ITEMS_BYTES_MAX: usize = 512 << 20;
/// Longest single item, in bytes.
pub const ITEM_LINE_BYTES_MAX: usize = 4 << 20;
/// Longest audit path: a tree of 2^64 leaves has no longer one.
pub(crate) const PATH_MAX: usize = 64;

/// The items of one examination; every one of them is what the examination committed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedItems {
    items: Vec<Item>,
    of: Digest,
}
impl VerifiedItems {
    /// The items, in their order.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }
    /// The same, given away.
    #[must_use]
    pub fn into_items(self) -> Vec<Item> {
        self.items
    }
    /// The leaf of the examination that they belong to.
    #[must_use]
    pub fn of(&self) -> Digest {
        self.of
    }
}

/// A verified record, with its items if it is an examination and they are at hand: what the judge takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The record.
    pub record: Verified<Record>,
    /// Its items; `None` for other records, and where the items are kept elsewhere.
    pub items: Option<VerifiedItems>,
}

/// Reads the file of items of `record`, line by line, and holds each against the examination's commitment: file
/// digest, canonical lines, numbering, order, count, Merkle root, counts by kind.
pub fn open_items(record: &Verified<Record>, lines: &[u8]) -> Result<VerifiedItems, ProofError> {
    let Record::Examination(examination) = record.value() else { return Err(ProofError::NoItems) };
    if lines.len() > ITEMS_BYTES_MAX {
        return Err(ProofError::TooLarge { what: "file of items", max: ITEMS_BYTES_MAX as u64 });
    }
    if Digest::of(lines) != examination.items.file {
        return Err(ProofError::Mismatch("the file of items and its digest in the examination"));
    }
    let items = read_lines(lines, examination)?;
    Ok(VerifiedItems { items, of: record.leaf() })
}

fn read_lines(lines: &[u8], examination: &Examination) -> Result<Vec<Item>, ProofError> {
    let mut items = Vec::new();
    let mut hashes = Vec::new();
    let mut before: &[u8] = &[];
    let mut rest = lines;
    while !rest.is_empty() {
        let n = items.len() as u64;
        let end = rest.iter().position(|b| *b == b'\n');
        let end = end.ok_or(ProofError::Item { line: n, why: "does not end with a line feed" })?;
        let (line, after) = rest.split_at(end);
        let item = read_item(line, n)?;
        let body = body_bytes(line, &item);
        if body <= before {
            return Err(ProofError::Item { line: n, why: "not in ascending order of bodies" });
        }
        before = body;
        hashes.push(leaf_hash(line));
        items.push(item);
        rest = after.get(1..).unwrap_or_default();
    }
    if items.len() as u64 != examination.items.count {
        return Err(ProofError::Mismatch("the number of items and the examination's count"));
    }
    if evidence::merkle_root(&hashes) != examination.items.root {
        return Err(ProofError::Mismatch("the items and their Merkle root in the examination"));
    }
    if counts(&items) != examination.counts {
        return Err(ProofError::Mismatch("the items and the examination's counts by kind"));
    }
    Ok(items)
}

fn read_item(line: &[u8], n: u64) -> Result<Item, ProofError> {
    if line.len() > ITEM_LINE_BYTES_MAX {
        return Err(ProofError::TooLarge { what: "item", max: ITEM_LINE_BYTES_MAX as u64 });
    }
    let item: Item = canonical::from_slice(line)?;
    if canonical::to_vec(&item)? != line {
        return Err(ProofError::Item { line: n, why: "spells out what must be absent" });
    }
    if item.n != n {
        return Err(ProofError::Item { line: n, why: "carries another number" });
    }
    if !is_salt(&item.salt) {
        return Err(ProofError::Item { line: n, why: "has no salt of 32 hexadecimal digits" });
    }
    Ok(item)
}

fn is_salt(salt: &str) -> bool {
    HEXLOWER.decode(salt.as_bytes()).is_ok_and(|raw| raw.len() == 16)
}

/// The canonical bytes of the body inside a canonical line `{"body":…,"n":…,"salt":"…"}`.
fn body_bytes<'a>(line: &'a [u8], item: &Item) -> &'a [u8] {
    let tail = format!(",\"n\":{},\"salt\":\"{}\"}}", item.n, item.salt);
    let body = line.strip_prefix(b"{\"body\":".as_slice()).and_then(|l| l.strip_suffix(tail.as_bytes()));
    body.unwrap_or(line)
}

fn counts(items: &[Item]) -> ItemCounts {
    let mut c = ItemCounts::default();
    for item in items {
        let one = match item.body {
            Body::Fact(_) => &mut c.facts,
            Body::Covered(_) => &mut c.covered,
            Body::Hits(_) => &mut c.hits,
            Body::Tally(_) => &mut c.tallies,
            Body::Gap(_) => &mut c.gaps,
            Body::Alert(_) => &mut c.alerts,
            Body::Column(_) => &mut c.columns,
            Body::Content(_) => &mut c.contents,
            Body::Measured(_) => &mut c.measured,
        };
        *one += 1;
    }
    c
}

/// Checks one item shown alone: its number, its salt and its audit path to the root of the run.
pub fn verify_opening(opening: &Opening, root: &ItemRoot) -> Result<(), ProofError> {
    if opening.path.len() > PATH_MAX {
        return Err(ProofError::TooLarge { what: "audit path", max: PATH_MAX as u64 });
    }
    if !is_salt(&opening.item.salt) {
        return Err(ProofError::Item { line: opening.item.n, why: "has no salt of 32 hexadecimal digits" });
    }
    let line = canonical::to_vec(&opening.item)?;
    let at = crate::merkle::root_from_path(opening.item.n, root.count, leaf_hash(&line), &opening.path)?;
    if at == root.root { Ok(()) } else { Err(ProofError::Inclusion) }
}

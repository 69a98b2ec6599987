//! Registries that come from below: what goes up of one, and what is found wrong with it on arrival
//! (`docs/specs/registry-v1.md` §7).
//!
//! What is wrong with rows is a doubt and not a refusal: a record that stands in a signed log comes again with every package until it is
//! taken, so a refusal would shut the province out for good.

use crate::registry::unzlib;
use crate::{Node, NodeError};
use evidence::{Digest, Doubt, Enterprise, NodeRole, Part, Registry, Say, enterprise_root, enterprises};

/// Largest file of rows, packed, that goes up beside its record, in bytes: base64 and 262,144 leaves beside it, it fits a package.
pub(crate) const UP_PACKED_BYTES_MAX: usize = 12 << 20;
/// The same unpacked, in bytes.
const UP_BYTES_MAX: u64 = 96 << 20;
/// Most rows of a registry that goes up.
pub(crate) const UP_ROWS_MAX: u64 = 300_000;
/// Longest text of foreign rows that is repeated in a doubt, in characters.
const TOLD_CHARS_MAX: usize = 64;

/// Doubts about registries with what fills them, for the test of the words.
pub(crate) const DOUBTS: &[(&str, &[&str])] = &[
    ("doubt.registry-rows-absent", &["rows", "rows_max", "mib"]),
    ("doubt.registry-rows", &["why"]),
    ("doubt.registry-bad-row", &["uscc", "row_reason"]),
    ("doubt.registry-foreign-rows", &["count", "uscc", "supervisor", "area"]),
    ("doubt.registry-is-union", &[]),
    ("doubt.registry-sender", &[]),
    ("doubt.registry-year", &["year"]),
];

/// Whether the rows of a registry, packed in so many bytes, go up with it.
pub(crate) fn rows_go_up(registry: &Registry, packed_bytes: usize) -> bool {
    packed_bytes <= UP_PACKED_BYTES_MAX && registry.rows.count <= UP_ROWS_MAX
}

fn told(text: &str) -> String {
    attest::clean(text).chars().take(TOLD_CHARS_MAX).collect()
}

/// What is wrong with a registry of a node that was certified as `part`; `packed` are the rows as they came, if they did.
pub(crate) fn registry_doubts(part: &Part, registry: &Registry, packed: Option<&[u8]>) -> Vec<Doubt> {
    rows_from_below(part, registry, packed).err().map(|say| Doubt { say, cited: None }).into_iter().collect()
}

/// The file of rows of a registry from below; the error is what is wrong with it.
pub(crate) fn rows_from_below(part: &Part, registry: &Registry, packed: Option<&[u8]>) -> Result<Vec<u8>, Say> {
    if registry.merged.is_some() {
        return Err(Say::new("doubt.registry-is-union"));
    }
    if part.role != NodeRole::Province || part.area.is_empty() {
        return Err(Say::new("doubt.registry-sender"));
    }
    // A year to come would become the newest one of whoever counts.
    let stated: i64 = registry.stated_at.date().get(..4).and_then(|y| y.parse().ok()).unwrap_or(0);
    if !(1949..=stated).contains(&registry.year) {
        return Err(Say::new("doubt.registry-year").with("year", registry.year));
    }
    let Some(packed) = packed.filter(|p| rows_go_up(registry, p.len())) else {
        let say = Say::new("doubt.registry-rows-absent").with("rows", registry.rows.count);
        return Err(say.with("rows_max", UP_ROWS_MAX).with("mib", UP_PACKED_BYTES_MAX >> 20));
    };
    let wrong = |why: String| Say::new("doubt.registry-rows").with("why", told(&why));
    if Digest::of(packed) != registry.packed {
        return Err(wrong("the packed rows have another digest".to_owned()));
    }
    let file = unzlib(packed, UP_BYTES_MAX).map_err(wrong)?;
    if !file.ends_with(b"\n") {
        return Err(wrong("no row, or the last one has no end".to_owned()));
    }
    let rows = enterprises(&registry.rows, &file).map_err(wrong)?;
    if enterprise_root(&file) != registry.rows.root {
        return Err(wrong("the rows have another Merkle root".to_owned()));
    }
    if let Some(say) = bad_row(&rows, &file) {
        return Err(say);
    }
    let mut foreign = rows.iter().filter(|r| r.supervisor != part.area.as_str());
    if let Some(first) = foreign.next() {
        let say = Say::new("doubt.registry-foreign-rows").with("count", foreign.count() + 1);
        let say = say.with("uscc", &first.uscc).with("supervisor", &first.supervisor);
        return Err(say.with("area", &part.area));
    }
    drop(rows);
    Ok(file)
}

fn bad_row(rows: &[Enterprise<'_>], file: &[u8]) -> Option<Say> {
    let lines = file.split(|b| *b == b'\n');
    rows.iter().zip(lines).find_map(|(row, line)| {
        let reason = match attest::row_fault(row, &classify::uscc) {
            Some(say) => say.key,
            None if row.to_line() != line => "row.other-form".to_owned(),
            None => return None,
        };
        let say = Say::new("doubt.registry-bad-row").with("uscc", told(&row.uscc));
        Some(say.with("row_reason", reason.trim_start_matches("row.")))
    })
}

impl Node {
    /// Why the rows of an own registry do not go up, if this is a province and they are too many.
    pub(crate) fn goes_up_of(&self, registry: &Registry) -> Result<Result<(), Say>, NodeError> {
        if self.part()?.is_none_or(|p| p.role != NodeRole::Province) {
            return Ok(Ok(()));
        }
        let bytes = self.store().artifact(registry.packed)?.len();
        if rows_go_up(registry, bytes) {
            return Ok(Ok(()));
        }
        let say = Say::new("doubt.registry-rows-absent").with("rows", registry.rows.count);
        Ok(Err(say.with("rows_max", UP_ROWS_MAX).with("mib", UP_PACKED_BYTES_MAX >> 20)))
    }
}

/// For fuzzing: `file` as the rows of a registry that a province signed, and the same bytes as packed rows. How many rows count.
#[doc(hidden)]
#[must_use]
pub fn registry_rows_probe(file: &[u8]) -> u64 {
    let hashes: Vec<Digest> = file
        .split_inclusive(|b| *b == b'\n')
        .map(|l| evidence::leaf_hash(l.strip_suffix(b"\n").unwrap_or(l)))
        .collect();
    let rows =
        evidence::ItemRoot { count: hashes.len() as u64, root: evidence::merkle_root(&hashes), file: Digest::of(file) };
    let of = |packed: &[u8]| Registry {
        node: evidence::NodeId::new("0123456789abcdef"),
        author: evidence::Author { name: String::new(), authenticated: evidence::Authenticated::TypedName },
        stated_at: evidence::Time::from_secs(1_800_000_000),
        year: 2025,
        document: evidence::Document { name: String::new(), digest: Digest::of(b""), bytes: 0 },
        unit: "yuan".to_owned(),
        rows,
        packed: Digest::of(packed),
        left_out: std::collections::BTreeMap::new(),
        derived: 0,
        merged: None,
    };
    let part = Part { role: NodeRole::Province, name: String::new(), area: "32".to_owned(), uscc: String::new() };
    let foreign = rows_from_below(&part, &of(file), Some(file));
    let packed = crate::registry::zlib(file).unwrap_or_default();
    let good = rows_from_below(&part, &of(&packed), Some(&packed));
    u64::from(foreign.is_ok()) + good.map_or(0, |_| rows.count)
}

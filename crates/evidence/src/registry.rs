//! The registry of enterprises of a year, and what the selection rules of a plan make of it (`docs/specs/registry-v1.md`).
//!
//! One signed record stands for one import. Its rows lie beside it in one file, each a canonical JSON object on a line, and
//! the record commits to them as an examination commits to its items: so 480,000 enterprises cost one signature, and one
//! row can still be shown alone.

use crate::attestation::Stated;
use crate::{
    Attestation, Author, Digest, Document, Doubt, ItemRoot, Merged, NodeId, PlanRef, RecordKind, Time, leaf_hash,
    merkle_root,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Revenue from which an industrial enterprise is above the designated size, in yuan a year (since 2011).
pub const DESIGNATED_SIZE_YUAN: i64 = 20_000_000;
/// The longest line that is read, in bytes.
const LINE_BYTES_MAX: usize = 8 << 10;
/// Most enterprises of one registry.
pub const ENTERPRISES_MAX: usize = 2_000_000;

/// The 37 local supervisors of industrial data: 31 provinces, 5 separately planned cities (their own supervisors) and the
/// Xinjiang Production and Construction Corps, which has no code of its own in GB/T 2260. Words `supervisor.<code>`.
pub const SUPERVISORS: [&str; 37] = [
    "11", "12", "13", "14", "15", "21", "2102", "22", "23", "31", "32", "33", "3302", "34", "35", "3502", "36", "37",
    "3702", "41", "42", "43", "44", "4403", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65",
    "65-XPCC",
];

/// The supervisor of an area: a GB/T 2260 code of two, four or six digits, or `65-XPCC`. The cities of the Corps are 6590xx.
/// `None` of an area that no local supervisor has.
#[must_use]
pub fn supervisor_of(area: &str) -> Option<&'static str> {
    let known = |code: &str| SUPERVISORS.iter().find(|s| **s == code).copied();
    if area == "65-XPCC" || (area.starts_with("6590") && area.len() == 6) {
        return known("65-XPCC");
    }
    if !matches!(area.len(), 2 | 4 | 6) || !area.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    area.get(..4).and_then(known).or_else(|| known(area.get(..2)?))
}

/// One enterprise in one year. The fields stand in the order of their names: so it is written in canonical form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enterprise<'a> {
    /// Above the designated size.
    pub above: bool,
    /// GB/T 2260 code of two, four or six digits.
    #[serde(borrow)]
    pub area: Cow<'a, str>,
    /// `above` was not stated: it follows from the revenue ([`DESIGNATED_SIZE_YUAN`]).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub derived: bool,
    /// Unified social credit code of the group; empty: none stated.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub group: Cow<'a, str>,
    /// GB/T 4754: a letter and two to four digits.
    #[serde(borrow)]
    pub industry: Cow<'a, str>,
    /// Name.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// Revenue of the year, in whole yuan.
    pub revenue: i64,
    /// Which of the 37 local supervisors: two digits of a province, four of a separately planned city, `65-XPCC`.
    #[serde(borrow)]
    pub supervisor: Cow<'a, str>,
    /// Unified social credit code (GB 32100).
    #[serde(borrow)]
    pub uscc: Cow<'a, str>,
}
impl<'a> Enterprise<'a> {
    /// The province: the first two digits of the area.
    #[must_use]
    pub fn province(&self) -> &str {
        self.area.get(..2).unwrap_or_default()
    }
    /// The division of GB/T 4754: the letter and two digits.
    #[must_use]
    pub fn division(&self) -> &str {
        self.industry.get(..3).unwrap_or_default()
    }
    /// Mining, manufacturing, and supply of electricity, heat, gas and water (sections B, C and D of GB/T 4754).
    #[must_use]
    pub fn is_industrial(&self) -> bool {
        self.industry.starts_with(['B', 'C', 'D'])
    }
    /// The canonical line, without a line feed.
    #[must_use]
    pub fn to_line(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts, integers and booleans can be written")
    }
    /// Reads a line. Errors: not such an object, or longer than 8 KiB.
    pub fn from_line(line: &'a [u8]) -> Result<Self, String> {
        if line.len() > LINE_BYTES_MAX {
            return Err(format!("longer than {LINE_BYTES_MAX} bytes"));
        }
        serde_json::from_slice(line).map_err(|e| e.to_string())
    }
}

/// The rows of a registry as a file, and the commitment to them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnterpriseFile {
    /// Lines in ascending order of the code, each ended by a line feed.
    pub lines: Vec<u8>,
    /// The commitment.
    pub root: ItemRoot,
}
impl EnterpriseFile {
    /// Writes rows. The caller has seen to it that no code stands there twice.
    #[must_use]
    pub fn write(rows: Vec<(String, Vec<u8>)>) -> Self {
        file_of(rows)
    }
    /// Writes lines that come in ascending order of their codes, each code once.
    #[must_use]
    pub fn write_sorted(rows: impl Iterator<Item = Vec<u8>>) -> Self {
        let (mut lines, mut hashes) = (Vec::new(), Vec::new());
        for line in rows {
            hashes.push(leaf_hash(&line));
            lines.extend_from_slice(&line);
            lines.push(b'\n');
        }
        let root = ItemRoot { count: hashes.len() as u64, root: merkle_root(&hashes), file: Digest::of(&lines) };
        Self { lines, root }
    }
}

/// Lines with their codes as a file, in ascending order, and the commitment to it.
pub(crate) fn file_of(mut rows: Vec<(String, Vec<u8>)>) -> EnterpriseFile {
    rows.sort_unstable();
    EnterpriseFile::write_sorted(rows.into_iter().map(|r| r.1))
}

/// The lines of a file of rows.
pub(crate) fn lines_of(file: &[u8]) -> impl Iterator<Item = &[u8]> {
    file.split_inclusive(|b| *b == b'\n').map(|l| l.strip_suffix(b"\n").unwrap_or(l))
}

/// The rows that `root` commits to, read from the bytes of the file. Errors, as a reason: other bytes, another number of
/// rows, rows out of order or twice, a line that is none. The Merkle root follows from the file and is not computed:
/// [`enterprise_root`] does.
pub fn enterprises<'a>(root: &ItemRoot, file: &'a [u8]) -> Result<Vec<Enterprise<'a>>, String> {
    if Digest::of(file) != root.file {
        return Err("the file has another digest".to_owned());
    }
    if root.count > ENTERPRISES_MAX as u64 {
        return Err(format!("more than {ENTERPRISES_MAX} enterprises"));
    }
    let mut rows: Vec<Enterprise<'a>> = Vec::with_capacity(usize::try_from(root.count).unwrap_or(0));
    for (n, line) in (1_u64..).zip(lines_of(file)) {
        if n > root.count {
            return Err("more rows than stated".to_owned());
        }
        let row = Enterprise::from_line(line).map_err(|why| format!("line {n}: {why}"))?;
        if rows.last().is_some_and(|last| last.uscc >= row.uscc) {
            return Err(format!("line {n}: out of order"));
        }
        rows.push(row);
    }
    if rows.len() as u64 == root.count { Ok(rows) } else { Err("fewer rows than stated".to_owned()) }
}

/// The Merkle root over the lines of a file of rows.
#[must_use]
pub fn enterprise_root(file: &[u8]) -> Digest {
    merkle_root(&lines_of(file).map(leaf_hash).collect::<Vec<_>>())
}

/// A registry was brought in: the newest of a year counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// The node.
    pub node: NodeId,
    /// By whom.
    pub author: Author,
    /// When, by the node's own clock.
    pub stated_at: Time,
    /// The year that the revenues are of.
    pub year: i64,
    /// The table.
    pub document: Document,
    /// Unit that amounts without a unit of their own were read in: `yuan`, `wan`, `million`, `yi`.
    pub unit: String,
    /// Commitment to the rows.
    pub rows: ItemRoot,
    /// SHA-256 of the rows as they are kept beside the record (zlib).
    pub packed: Digest,
    /// Rows that were left out, by reason (keys of sentences).
    pub left_out: BTreeMap<String, u64>,
    /// Rows whose size follows from the revenue.
    pub derived: u64,
    /// Of a union alone: what it was made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<Merged>,
}

/// What a person does to the selection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Adjust {
    /// The enterprise is in, whatever its rank.
    Add,
    /// The enterprise is out, whatever its rank.
    Remove,
    /// What was said of it before is taken back.
    Withdraw,
}
impl Adjust {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Add, Self::Remove, Self::Withdraw];
    /// The name in records. Words `adjust.<name>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Withdraw => "withdraw",
        }
    }
}

/// A person's word on one enterprise of one year; the newest counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjustment {
    /// The year of the registry.
    pub year: i64,
    /// Which enterprise.
    pub uscc: String,
    /// What.
    pub act: Adjust,
    /// Why.
    pub reason: String,
}

impl Attestation {
    /// A person's word on the selection of an enterprise.
    #[must_use]
    pub fn adjustment(node: NodeId, author: Author, stated_at: Time, adjustment: Adjustment) -> Self {
        Self { node, author, stated_at, what: Stated::Adjustment(adjustment) }
    }
    /// The word on the selection, if it is one.
    #[must_use]
    pub fn as_adjustment(&self) -> Option<&Adjustment> {
        match &self.what {
            Stated::Adjustment(a) => Some(a),
            _ => None,
        }
    }
}

/// What the rules of a plan select. Follows from `cites`, the rows of `snapshot`, the plan, the judge and `as_of` alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectionJudgement {
    /// The plan.
    pub plan: PlanRef,
    /// The judge: name and version.
    pub judge: String,
    /// As of when.
    pub as_of: Time,
    /// The year of the registry.
    pub year: i64,
    /// Records that it follows from, sorted by leaf.
    pub cites: Vec<(Digest, RecordKind)>,
    /// Leaf of the registry.
    pub snapshot: Digest,
    /// Enterprises in the registry.
    pub enterprises: u64,
    /// One for each rule of the plan, in its order.
    pub readings: Vec<SelectionReading>,
    /// The words of people that are in force, by code.
    pub adjusted: BTreeMap<String, Adjust>,
    /// What makes this weaker than it looks.
    pub doubts: Vec<Doubt>,
}

/// One rule's selection.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectionReading {
    /// The rule.
    pub rule: String,
    /// The rule of which it is another reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading_of: Option<String>,
    /// Within each group of these.
    pub per: Vec<String>,
    /// The top so many per cent.
    pub top_percent: i64,
    /// How a share that is no whole number is rounded: `ceil`, `floor`. At least one of a group is in.
    pub rounding: String,
    /// Who ties with the last one: `all` are in, or `code` (the smaller code is in).
    pub ties: String,
    /// Sums over all groups.
    pub sums: SelectionSums,
    /// RFC 6962 Merkle root over the selected codes in ascending order.
    pub root: Digest,
    /// SHA-256 of the selected codes in ascending order, each ended by a line feed.
    pub file: Digest,
    /// The floor of the count, if the plan has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count_floor: Option<CountFloor>,
    /// Every one of the top is in: no person removed one.
    pub covers: bool,
    /// The groups, in ascending order.
    pub groups: Vec<SelectionGroup>,
}

/// Numbers of enterprises.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectionSums {
    /// Of the population.
    pub enterprises: u64,
    /// The rounded share, before ties.
    pub share: u64,
    /// The top, with ties.
    pub top: u64,
    /// Added by a person, not of the top.
    pub added: u64,
    /// Of the top, removed by a person.
    pub removed: u64,
    /// In at the end: top, plus added, minus removed.
    pub selected: u64,
}

/// The floor of the count: a target of the plan that counts graded enterprises.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountFloor {
    /// The target.
    pub target: String,
    /// Its bound.
    pub bound: i64,
    /// The bound itself is not enough.
    pub exclusive: bool,
    /// The selection alone would reach it.
    pub reached: bool,
}

/// One group.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectionGroup {
    /// Its values in the order of `per`, such as `44`, `C34`.
    pub group: Vec<String>,
    /// Numbers.
    pub sums: SelectionSums,
    /// Revenue of the last one of the top, in yuan; absent of a group that has only enterprises added by a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowest: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical;

    fn enterprise(uscc: &str, name: &str) -> Enterprise<'static> {
        Enterprise {
            above: true,
            area: "440300".into(),
            derived: true,
            group: "91110000600037341L".into(),
            industry: "C3451".into(),
            name: name.to_owned().into(),
            revenue: 20_000_000,
            supervisor: "4403".into(),
            uscc: uscc.to_owned().into(),
        }
    }

    #[test]
    fn a_line_is_canonical_and_reads_again() {
        for name in ["青山厂", "A \"quoted\" \\ name\u{1}\t\n", "😀\u{7f}\u{2028}"] {
            let row = enterprise("91350100M000100Y43", name);
            let line = row.to_line();
            assert_eq!(line, canonical::to_vec(&row).unwrap());
            assert_eq!(Enterprise::from_line(&line).unwrap(), row);
        }
        assert!(Enterprise::from_line(b"{\"above\":true}").is_err());
    }

    #[test]
    fn rows_that_are_not_what_was_committed_to_are_refused() {
        let row = |u: &str| (u.to_owned(), enterprise(u, "x").to_line());
        let file = EnterpriseFile::write(vec![row("B"), row("A")]);
        let codes: Vec<String> =
            enterprises(&file.root, &file.lines).unwrap().iter().map(|e| e.uscc.to_string()).collect();
        assert_eq!(codes, ["A", "B"]);
        assert_eq!(enterprise_root(&file.lines), file.root.root);
        let changed = String::from_utf8(file.lines.clone()).unwrap().replace("20000000", "20000001");
        assert!(enterprises(&file.root, changed.as_bytes()).is_err());
        // Signed by somebody who writes rows twice, out of order, or states another number.
        for lines in [[row("A").1, row("A").1], [row("B").1, row("A").1]] {
            let bytes = [&lines[0][..], b"\n", &lines[1], b"\n"].concat();
            let root = ItemRoot { count: 2, root: enterprise_root(&bytes), file: Digest::of(&bytes) };
            assert_eq!(enterprises(&root, &bytes), Err("line 2: out of order".to_owned()));
        }
        for count in [1, 3, u64::MAX] {
            assert!(enterprises(&ItemRoot { count, ..file.root }, &file.lines).is_err());
        }
    }
}

//! The data catalogue: what lies where, at which level, of how many people. Counts and places, never a value or a mask.
//!
//! `docs/specs/catalogue-v1.md` says what each number means. The record is made by the judge from what it cites, as a
//! judgement is; what people state about it ([`Listing`], [`Grading`], [`Filing`]) enters as attestations.

use crate::examination::is_zero;
use crate::{
    CategoryId, Cited, ClassId, Digest, Document, Doubt, GapReason, LevelId, PathText, PlanRef, RecordKind, RunState,
    Say, Time,
};
use serde::{Deserialize, Serialize};

/// A number as far as it is known: at least, and at most unless there is no upper bound.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// At least so many.
    pub least: u64,
    /// At most so many; absent: nobody can say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u64>,
}
impl Span {
    /// A number that is known.
    #[must_use]
    pub fn exact(n: u64) -> Self {
        Self { least: n, most: Some(n) }
    }
    /// At least so many.
    #[must_use]
    pub fn at_least(n: u64) -> Self {
        Self { least: n, most: None }
    }
    /// From so many to so many, whichever is the larger.
    #[must_use]
    pub fn between(a: u64, b: u64) -> Self {
        Self { least: a.min(b), most: Some(a.max(b)) }
    }
    /// The number, if it is known.
    #[must_use]
    pub fn known(&self) -> Option<u64> {
        self.most.filter(|m| *m == self.least)
    }
    /// Of two parts that have nothing in common.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let most = self.most.zip(other.most).map(|(a, b)| a.saturating_add(b));
        Self { least: self.least.saturating_add(other.least), most }
    }
    /// Of two parts that may have anything in common: at least the larger, at most both.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        Self { least: self.least.max(other.least), ..self.plus(other) }
    }
    /// Not more than `n`, which is known from elsewhere.
    #[must_use]
    pub fn capped(self, n: u64) -> Self {
        Self { least: self.least, most: Some(self.most.map_or(n, |m| m.min(n)).max(self.least)) }
    }
}

/// What kind of place an asset is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CarrierKind {
    /// A folder, or one file.
    Folder,
    /// A table of a database, or the database.
    Table,
    /// A listed place that no sensor can look at: a cabinet, a system known by its name.
    Elsewhere,
}
impl CarrierKind {
    /// Every kind; `words` must know each.
    pub const ALL: [CarrierKind; 3] = [Self::Folder, Self::Table, Self::Elsewhere];
    /// The name in records and the key `carrier.<name>` of the words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Table => "table",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// Where an asset lies.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carrier {
    /// What kind of place.
    pub kind: CarrierKind,
    /// Host, as results name it; empty if a list does not say.
    pub host: String,
    /// Folder, file, address; of another place its name.
    pub path: PathText,
    /// The table inside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<PathText>,
}
impl Carrier {
    /// The stable id of the asset: SHA-256 over the canonical array `["asset-v1", host, path, [inside…]]`.
    #[must_use]
    pub fn id(&self) -> Digest {
        let inside: Vec<&str> = self.inside.iter().map(PathText::as_str).collect();
        let parts = serde_json::json!(["asset-v1", self.host, self.path.as_str(), inside]);
        Digest::of(&crate::canonical::to_vec(&parts).expect("texts have a canonical form"))
    }
    /// Whether it is the same place; a host that is not said fits any.
    #[must_use]
    pub fn same_place(&self, other: &Self) -> bool {
        let host = self.host == other.host || self.host.is_empty() || other.host.is_empty();
        host && self.path == other.path && self.inside == other.inside
    }
}
impl std::fmt::Display for Carrier {
    /// `path!table`, as people write it in lists.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path)?;
        self.inside.iter().try_for_each(|i| write!(f, "!{i}"))
    }
}

/// How what is listed and what was found stand to each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AssetStanding {
    /// Listed and found.
    Both,
    /// Found, not listed.
    Found,
    /// Listed, looked at to the end, not found.
    Missing,
    /// Listed, and its place was not looked at, or not to the end.
    NotExamined,
}
impl AssetStanding {
    /// Every standing; `words` must know each.
    pub const ALL: [AssetStanding; 4] = [Self::Both, Self::Found, Self::Missing, Self::NotExamined];
    /// The name in records and the key `standing.<name>` of the words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Found => "found",
            Self::Missing => "missing",
            Self::NotExamined => "not-examined",
        }
    }
}

/// One class in an asset.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetClass {
    /// Which class.
    pub class: ClassId,
    /// Its category.
    pub category: CategoryId,
    /// Files (or members, or tables) with it.
    pub files: u64,
    /// Hits at medium confidence or better.
    pub hits: u64,
    /// Distinct values among them.
    pub distinct: Span,
    /// Columns that are of it or hold it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub columns: u64,
    /// Files that are of it by their format.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub contents: u64,
}

/// What a level rests on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LevelBasis {
    /// A machine proposes it; above the lowest level it is no more than that.
    Found,
    /// The plant's own list says so.
    Listed,
    /// A person confirmed it.
    Confirmed,
    /// A person rejected what was proposed.
    Rejected,
}
impl LevelBasis {
    /// Every basis; `words` must know each.
    pub const ALL: [LevelBasis; 4] = [Self::Found, Self::Listed, Self::Confirmed, Self::Rejected];
    /// The name in records and the key `basis.<name>` of the words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Listed => "listed",
            Self::Confirmed => "confirmed",
            Self::Rejected => "rejected",
        }
    }
}

/// Who graded an asset, and how far that can be trusted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradedBy {
    /// The attestation.
    pub leaf: Digest,
    /// When it was stated.
    pub stated_at: Time,
    /// The name as typed: nobody checked it.
    pub by: String,
    /// Who recorded it: the account of the system, or empty if only a name was typed.
    pub account: String,
    /// The document that shows the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

/// The level of an asset.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetLevel {
    /// The level in force.
    pub level: LevelId,
    /// What it rests on.
    pub basis: LevelBasis,
    /// True: only proposed, a person must confirm.
    pub proposed: bool,
    /// What the plan's rules propose from what was found; absent if nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<LevelId>,
    /// Why the proposal is what it is.
    pub because: Vec<Say>,
    /// Who graded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<GradedBy>,
}

/// What the plant's own list says of an asset, as the filing form asks. Texts are the plant's words; empty: not said.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedTexts {
    /// Where the data comes from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// What it is processed for, and how.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// Scope of use.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// Who is responsible.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub responsible: String,
    /// To whom it is given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sharing: String,
    /// Whether and how it leaves the country.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cross_border: String,
    /// How it is protected.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub protection: String,
}
impl ListedTexts {
    /// Names of the fields in the order of the form, as in tables, maps and the plan's form `catalogue`.
    pub const FIELDS: [&str; 7] =
        ["source", "purpose", "scope", "responsible", "sharing", "cross_border", "protection"];
    /// The text of a field.
    #[must_use]
    pub fn get(&self, field: &str) -> &str {
        match field {
            "source" => &self.source,
            "purpose" => &self.purpose,
            "scope" => &self.scope,
            "responsible" => &self.responsible,
            "sharing" => &self.sharing,
            "cross_border" => &self.cross_border,
            "protection" => &self.protection,
            _ => "",
        }
    }
    /// Sets the text of a field; an unknown field is left.
    pub fn set(&mut self, field: &str, text: String) {
        match field {
            "source" => self.source = text,
            "purpose" => self.purpose = text,
            "scope" => self.scope = text,
            "responsible" => self.responsible = text,
            "sharing" => self.sharing = text,
            "cross_border" => self.cross_border = text,
            "protection" => self.protection = text,
            _ => {}
        }
    }
}

/// One row of the plant's own catalogue.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedAsset {
    /// Where it lies.
    pub carrier: Carrier,
    /// What the plant calls it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Category of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<CategoryId>,
    /// Level of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<LevelId>,
    /// Size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Number of records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    /// The rest of the form.
    #[serde(default)]
    pub texts: ListedTexts,
}

/// The plant's own catalogue, as a person brought it in. The newest replaces the one before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// The table it came from.
    pub document: Document,
    /// Its good rows, in the order of the table.
    pub assets: Vec<ListedAsset>,
    /// Rows that could not be taken.
    pub left_out: u64,
}

/// A person's decision on the level of one asset.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grading {
    /// Which asset.
    pub carrier: Carrier,
    /// True: the level is confirmed. False: what was proposed is rejected, and this is the level instead.
    pub confirmed: bool,
    /// The level.
    pub level: LevelId,
    /// Affected object of the matrix, if the person graded by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Degree of harm of the matrix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harm: Option<String>,
    /// Who decided, by name, as typed.
    pub by: String,
    /// The document that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// The catalogue that the person saw.
    pub catalogue: Digest,
}

/// A person states that a catalogue was filed with the regulator.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filing {
    /// The catalogue, by leaf.
    pub catalogue: Digest,
    /// The date, midnight UTC.
    pub date: Time,
    /// The regulator's receipt.
    pub receipt: Document,
}

/// How large an asset is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetSize {
    /// Files with something in them.
    pub files: u64,
    /// Records: rows of tables, or hits.
    pub records: Span,
    /// Bytes of these files; absent if not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Span>,
}

/// Places of one reason that could not be looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetGap {
    /// Why.
    pub reason: GapReason,
    /// How many places, as far as they are named.
    pub count: u64,
}

/// One asset.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// Stable id, of its carrier.
    pub id: Digest,
    /// Where it lies.
    pub carrier: Carrier,
    /// Listed, found, or both.
    pub standing: AssetStanding,
    /// Main category: as listed, else the one with most hits.
    pub category: CategoryId,
    /// Every category of what was found, sorted.
    pub categories: Vec<CategoryId>,
    /// What was found, by class.
    pub classes: Vec<AssetClass>,
    /// Its level.
    pub level: AssetLevel,
    /// How large what was found is.
    pub size: AssetSize,
    /// People whose personal information lies there (an estimate: one value, one person).
    pub people: Span,
    /// Of them, people whose sensitive personal information does.
    pub sensitive_people: Span,
    /// End of the first run that saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
    /// End of the newest run that saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Time>,
    /// What could not be looked at under the carrier.
    pub gaps: Vec<AssetGap>,
    /// Site, as the scope declares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Country (ISO 3166-1, two letters), as the scope declares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The row of the plant's own list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<ListedAsset>,
    /// What does not agree.
    pub differs: Vec<Say>,
    /// The items that show it, capped.
    pub evidence: Vec<Cited>,
}

/// The run that speaks for a root.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueRoot {
    /// Host, as results name it.
    pub host: String,
    /// Root.
    pub root: PathText,
    /// The examination.
    pub leaf: Digest,
    /// When it ended.
    pub ended: Time,
    /// Whether it came to its end.
    pub state: RunState,
}

/// The catalogue, as of an instant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The judge, with its version.
    pub judge: String,
    /// The plan.
    pub plan: PlanRef,
    /// The instant that stands for now.
    pub as_of: Time,
    /// The records that were read, by leaf, sorted.
    pub cites: Vec<(Digest, RecordKind)>,
    /// Older runs that were not read.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped: u64,
    /// The catalogue before, by leaf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Digest>,
    /// The runs that speak, sorted.
    pub roots: Vec<CatalogueRoot>,
    /// Assets, highest level first, then by host and place.
    pub assets: Vec<Asset>,
    /// Doubts, sorted.
    pub doubts: Vec<Doubt>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_says_no_more_than_is_known() {
        let (a, b) = (Span::exact(3), Span::between(9, 5));
        assert_eq!((a.plus(b), a.joined(b)), (Span::between(8, 12), Span::between(5, 12)));
        assert_eq!(a.plus(Span::at_least(1)), Span::at_least(4));
        assert_eq!((Span::at_least(4).capped(9), Span::at_least(4).capped(2)), (Span::between(4, 9), Span::exact(4)));
        assert_eq!((a.known(), b.known(), Span::at_least(1).known()), (Some(3), None, None));
    }

    #[test]
    fn an_asset_is_named_by_its_place_and_names_are_the_wire_names() {
        let carrier = |host: &str, path: &str, inside: &[&str]| Carrier {
            kind: CarrierKind::Folder,
            host: host.to_owned(),
            path: path.into(),
            inside: inside.iter().map(|i| (*i).into()).collect(),
        };
        let table = carrier("h", "/srv/a.db", &["staff"]);
        assert_eq!(table.id(), Digest::of(br#"["asset-v1","h","/srv/a.db",["staff"]]"#));
        assert_eq!(table.to_string(), "/srv/a.db!staff");
        assert!(table.same_place(&carrier("", "/srv/a.db", &["staff"])));
        assert!(!table.same_place(&carrier("i", "/srv/a.db", &["staff"])));
        for s in AssetStanding::ALL {
            assert_eq!(serde_json::to_value(s).unwrap(), s.name());
        }
        for b in LevelBasis::ALL {
            assert_eq!(serde_json::to_value(b).unwrap(), b.name());
        }
        for k in CarrierKind::ALL {
            assert_eq!(serde_json::to_value(k).unwrap(), k.name());
        }
        let mut texts = ListedTexts::default();
        for field in ListedTexts::FIELDS {
            texts.set(field, field.to_owned());
            assert_eq!(texts.get(field), field);
        }
    }
}

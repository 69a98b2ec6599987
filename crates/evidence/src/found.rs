//! Hits in files and totals of them, with ids that stay the same, and what a class is that no plan knows. Values never: a
//! mask, a place, counts and keyed digests.

use crate::{CategoryId, ClassId, Column, Content, Digest, KeyedDigest, Masked, PathText, Place, Spot, Why};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many of the hits fall in which band of confidence: high ≥ 85 %, medium ≥ 65 %, low below.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bands {
    /// Structure, check digit and context agree (or the check alone is strong enough).
    pub high: u64,
    /// Structure and check agree; the context is silent.
    pub medium: u64,
    /// Looks like it.
    pub low: u64,
}
impl Bands {
    /// All hits.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.high.saturating_add(self.medium).saturating_add(self.low)
    }
    /// Hits of medium confidence or better: the ones that are counted as found.
    #[must_use]
    pub fn sure(&self) -> u64 {
        self.high.saturating_add(self.medium)
    }
    /// The best band that has a hit.
    #[must_use]
    pub fn best(&self) -> Option<Band> {
        match (self.high, self.medium, self.low) {
            (1.., ..) => Some(Band::High),
            (0, 1.., _) => Some(Band::Medium),
            (0, 0, 1..) => Some(Band::Low),
            (0, 0, 0) => None,
        }
    }
    /// The same and more; at the end of the numbers it stays there.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        Self {
            high: self.high.saturating_add(more.high),
            medium: self.medium.saturating_add(more.medium),
            low: self.low.saturating_add(more.low),
        }
    }
}

/// A band of confidence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Band {
    /// Below 65 %.
    Low,
    /// From 65 % on.
    Medium,
    /// From 85 % on.
    High,
}
impl Band {
    /// From least to most.
    pub const ALL: [Band; 3] = [Self::Low, Self::Medium, Self::High];
    /// The band of a confidence in per cent.
    #[must_use]
    pub fn of(confidence: u8) -> Self {
        match confidence {
            85.. => Self::High,
            65..=84 => Self::Medium,
            _ => Self::Low,
        }
    }
    /// The name in records, options and the key `band.<name>` of the words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Data of one class in one file or container member.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hits {
    /// Which class of data.
    pub class: ClassId,
    /// The file (and member); no spot.
    pub at: Place,
    /// Hits by confidence.
    pub bands: Bands,
    /// Distinct values among them, exact.
    pub distinct: u64,
    /// The first few, masked.
    pub samples: Vec<Sample>,
}

/// The id of something found: SHA-256 over the canonical array `["hit-v1", class, path, [inside…], where]`, the same
/// tomorrow as long as it lies at the same place. `where` is absent for the file as a whole, the spot of a sample,
/// `["column", name]` of a column and `["format", format]` of a recognised file.
fn hit_id(class: &ClassId, at: &Place, whereabouts: Option<serde_json::Value>) -> Digest {
    let mut parts = vec![
        serde_json::Value::from("hit-v1"),
        serde_json::Value::from(class.as_str()),
        serde_json::Value::from(at.path.as_str()),
        serde_json::Value::from(at.inside.iter().map(PathText::as_str).collect::<Vec<_>>()),
    ];
    parts.extend(whereabouts);
    Digest::of(&crate::canonical::to_vec(&parts).expect("texts and whole numbers have a canonical form"))
}

impl Hits {
    /// The stable id of this finding; [`Digest::short`] is what people see and give to `--explain`.
    #[must_use]
    pub fn id(&self) -> Digest {
        hit_id(&self.class, &self.at, None)
    }
    /// The stable id of one of its samples.
    #[must_use]
    pub fn sample_id(&self, sample: &Sample) -> Digest {
        hit_id(&self.class, &self.at, serde_json::to_value(&sample.spot).ok())
    }
    /// How many distinct values of medium confidence or better there are, at least and at most: `distinct` counts the
    /// low ones too, and each low hit may be a value of its own or not.
    #[must_use]
    pub fn sure_distinct(&self) -> (u64, u64) {
        let sure = self.bands.sure();
        let most = self.distinct.min(sure);
        let least = self.distinct.saturating_sub(self.bands.low).max(u64::from(sure > 0)).min(most);
        (least, most)
    }
}
impl Column {
    /// The stable id of this finding.
    #[must_use]
    pub fn id(&self) -> Digest {
        hit_id(&self.class, &self.at, Some(serde_json::json!(["column", self.column])))
    }
}
impl Content {
    /// The stable id of this finding.
    #[must_use]
    pub fn id(&self) -> Digest {
        hit_id(&self.class, &self.at, Some(serde_json::json!(["format", self.format])))
    }
}

/// One masked hit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Where in the file.
    pub spot: Spot,
    /// The value, masked.
    pub mask: Masked,
    /// Keyed digest of the normalised value: equal values are recognised without being known.
    pub keyed: KeyedDigest,
    /// Confidence in per cent, 1 to 99.
    pub confidence: u8,
    /// What the confidence is made of; their tenths add up to its log-odds, before it is held to its bounds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Why>,
}

/// Totals of one class over one examined root.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Which class.
    pub class: ClassId,
    /// The root that was walked.
    pub root: PathText,
    /// Files (or container members) with at least one hit.
    pub files: u64,
    /// Hits by confidence.
    pub bands: Bands,
    /// Distinct values at medium confidence or better.
    pub distinct: u64,
    /// True if the count of distinct values stopped at the sensor's limit: then it is a lower bound.
    pub distinct_is_floor: bool,
    /// What the class is, if it is one of the user's own detectors and no plan can know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Box<OwnClass>>,
}

/// What the distinct values of a class count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counts {
    /// One value, one person (an estimate: it says so).
    People,
    /// Values are things.
    Things,
    /// Values count nothing: words of an address, readings.
    None,
}

/// The classes of sensitive personal information (TC260-PG-20244A), by which a detector says what it finds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SensitiveKind {
    /// Face, fingerprint, voice, gene.
    Biometric,
    /// Religious belief.
    Religious,
    /// Specific identity.
    Identity,
    /// Medical and health.
    Medical,
    /// Financial accounts.
    Financial,
    /// Whereabouts and precise location.
    Location,
    /// Of a person under 14.
    Minor,
    /// Other: sex life, credit, criminal record, private images.
    Other,
}
impl SensitiveKind {
    /// Every kind; `words` must know each.
    pub const ALL: [SensitiveKind; 8] = [
        Self::Biometric,
        Self::Religious,
        Self::Identity,
        Self::Medical,
        Self::Financial,
        Self::Location,
        Self::Minor,
        Self::Other,
    ];
    /// The name in records, packs, plans and the key `sensitive.<name>` of the words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Biometric => "biometric",
            Self::Religious => "religious",
            Self::Identity => "identity",
            Self::Medical => "medical",
            Self::Financial => "financial",
            Self::Location => "location",
            Self::Minor => "minor",
            Self::Other => "other",
        }
    }
}

/// What a class of the user's own is, in the words of its detector's file. A plan that knows the class overrules it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnClass {
    /// Category.
    pub category: CategoryId,
    /// What distinct values count.
    pub counts: Counts,
    /// Which kind of sensitive personal information, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<SensitiveKind>,
    /// Its name in English, as the user gave it.
    pub en: String,
    /// Its name in Chinese, as the user gave it.
    pub zh: String,
}

/// What a file says of its own extent or precision, for levels that depend on it: a map's area, the interval of its
/// contours, its scale. Whole numbers under the names that the plan's `[[measured]]` rules read: `area_km2` (rounded
/// down), `contour_m` (rounded up), `scale` (the number behind `1:`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The class of data that the format stands for.
    pub class: ClassId,
    /// The file, and the member in it.
    pub at: Place,
    /// Named whole numbers.
    pub values: BTreeMap<String, u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FormatTold;

    #[test]
    fn names_are_the_wire_names() {
        for k in SensitiveKind::ALL {
            assert_eq!(serde_json::to_value(k).unwrap(), k.name());
        }
        for b in Band::ALL {
            assert_eq!(serde_json::to_value(b).unwrap(), b.name());
        }
        for f in FormatTold::ALL {
            assert_eq!(serde_json::to_value(f).unwrap(), f.name());
        }
    }

    #[test]
    fn what_was_found_has_an_id_that_its_place_and_class_decide() {
        let key = crate::DigestKey::new([7; 32]);
        let sample = |line| Sample {
            spot: Spot::Line { line, column: 3 },
            mask: Masked::keep("13912345678", 2, 1),
            keyed: key.digest("cn.mobile", b"13912345678"),
            confidence: 90,
            why: Vec::new(),
        };
        let hits = |path: &str, inside: &[&str], class: &str| Hits {
            class: class.into(),
            at: Place { inside: inside.iter().map(|i| (*i).into()).collect(), ..Place::file(path) },
            bands: Bands { high: 2, medium: 0, low: 1 },
            distinct: 3,
            samples: vec![sample(1), sample(2)],
        };
        let one = hits("/a", &["b"], "cn.mobile");
        let same = Hits { distinct: 9, bands: Bands::default(), samples: Vec::new(), ..one.clone() };
        assert_eq!(one.id(), same.id(), "counts do not name it");
        // The canonical array, spelled out: what the specification says and other programs can compute.
        assert_eq!(one.id(), Digest::of(br#"["hit-v1","cn.mobile","/a",["b"]]"#));
        let spot = br#"["hit-v1","cn.mobile","/a",["b"],{"column":3,"in":"line","line":1}]"#;
        assert_eq!(one.sample_id(&one.samples[0]), Digest::of(spot));
        let ids = [
            one.id(),
            one.sample_id(&one.samples[0]),
            one.sample_id(&one.samples[1]),
            hits("/a", &[], "cn.mobile").id(),
            hits("/a/b", &[], "cn.mobile").id(),
            hits("/a", &["b"], "email").id(),
        ];
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        assert_eq!(one.sure_distinct(), (2, 2));
        let bands = |high, low| Bands { high, medium: 0, low };
        assert_eq!(Hits { bands: bands(4, 1), distinct: 3, ..one.clone() }.sure_distinct(), (2, 3));
        assert_eq!(Hits { bands: bands(1, 9), distinct: 5, ..one.clone() }.sure_distinct(), (1, 1));
        assert_eq!(Hits { bands: bands(0, 9), distinct: 5, ..one }.sure_distinct(), (0, 0));
    }
}

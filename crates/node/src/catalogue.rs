//! The data catalogue: drawn up from the log, brought in from the plant's own table, graded by people, filed.

use crate::{Node, NodeError, home};
use attest::{ImportedAssets, Terms};
use evidence::{
    Asset, Attestation, Catalogue, Digest, Document, Examination, Filing, Grading, Lang, LevelId, Listing, Origin,
    Record, RecordKind, Say,
};
use plan::{CheckedPlan, Effect};
use proof::Witness;
use std::collections::BTreeSet;
use std::path::Path;
use stdx::{Progress, Step, Stop};

/// Most items of all runs that one catalogue reads; older runs beyond them are counted, not read.
const ITEMS_MAX: usize = 1_000_000;
/// Fewest digits by which an asset or a catalogue may be named.
const DIGITS_MIN: usize = 4;

/// A catalogue of the log.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What it says.
    pub catalogue: Catalogue,
    /// Its leaf.
    pub leaf: Digest,
}

/// A person's decision, as typed.
#[derive(Clone, Debug)]
pub struct Decision<'a> {
    /// The asset: digits of its id, or its place.
    pub asset: &'a str,
    /// True: confirmed. False: what was proposed is rejected.
    pub confirmed: bool,
    /// The level, by id or the plan's word; `None`: by the matrix, or the lowest if it is rejected.
    pub level: Option<&'a str>,
    /// Affected object of the matrix.
    pub object: Option<&'a str>,
    /// Degree of harm of the matrix.
    pub harm: Option<&'a str>,
    /// Who decided.
    pub by: &'a str,
    /// The document that shows it.
    pub document: Option<Document>,
    /// Who records it.
    pub author: Option<&'a str>,
}

/// What an import came to.
#[derive(Debug)]
pub struct ImportedList {
    /// The record.
    pub leaf: Digest,
    /// Good and bad rows, and which column was which field.
    pub read: ImportedAssets,
}

/// Words for levels and categories, as people write them in tables: ids, names in both languages, and the Chinese names
/// without "数据".
fn terms(plan: &CheckedPlan) -> Terms {
    let mut terms = Terms::default();
    let words = |family: &str, id: &str| {
        let mut out = vec![id.to_owned()];
        for lang in Lang::ALL {
            if let Some(name) = plan.words(lang).get(&format!("{family}.{id}.name")) {
                out.push(name.to_owned());
                out.extend(name.strip_suffix("数据").map(str::to_owned).filter(|n| !n.is_empty()));
            }
        }
        out
    };
    for l in plan.levels() {
        terms.levels.extend(words("level", l.id.as_str()).into_iter().map(|w| (w, l.id.clone())));
    }
    for c in plan.categories() {
        terms.categories.extend(words("category", c.id.as_str()).into_iter().map(|w| (w, c.id.clone())));
    }
    terms
}

/// A level by id or by the plan's words.
fn level(plan: &CheckedPlan, text: &str) -> Result<LevelId, NodeError> {
    let same = |a: &str| a.trim().eq_ignore_ascii_case(text.trim());
    let found = terms(plan).levels.into_iter().find(|(word, _)| same(word)).map(|t| t.1);
    found.ok_or_else(|| {
        let known: Vec<&str> = plan.levels().iter().map(|l| l.id.as_str()).collect();
        NodeError::Entry(
            Say::new("row.unknown-level").with("value", attest::clean(text)).with("known", known.join(", ")),
        )
    })
}

/// The level that the plan's matrix gives for an affected object and a degree of harm.
fn by_matrix(plan: &CheckedPlan, object: &str, harm: &str) -> Result<LevelId, NodeError> {
    let mut known = BTreeSet::new();
    for effect in plan.effects() {
        if let Effect::Cell { object: o, harm: h, level, .. } = effect {
            if o == object && h == harm {
                return Ok(level.clone());
            }
            known.insert(format!("{o} × {h}"));
        }
    }
    let known = known.into_iter().collect::<Vec<_>>().join(", ");
    let value = attest::clean(&format!("{object} × {harm}"));
    Err(NodeError::Entry(Say::new("row.unknown-cell").with("value", value).with("known", known)))
}

impl Node {
    /// Draws up the catalogue from the newest run of each root, the plant's list and people's decisions, signs it and
    /// appends it.
    pub fn catalogue_build(&self, plan: &CheckedPlan, progress: &dyn Progress, stop: &Stop) -> Result<Kept, NodeError> {
        let before = self.catalogue(None)?;
        let (mut witnesses, skipped) = self.runs(before.as_ref(), progress, stop)?;
        let ended = witnesses.iter().filter_map(|w| match w.record.value() {
            Record::Examination(e) => Some(e.ended.max(e.started)),
            _ => None,
        });
        // A clock that was set back must not make the runs lie in the future.
        let as_of = home::now().max(ended.max().unwrap_or(home::now()));
        witnesses.extend(self.store().records(&[RecordKind::Scope, RecordKind::Attestation])?);
        if let Some(before) = &before {
            witnesses.push(self.store().witness(before.leaf)?);
        }
        let catalogue = judge::catalogue(plan, &witnesses, as_of, skipped);
        drop(witnesses);
        let source = plan.source().to_bytes();
        let kept = self.append(&Record::Catalogue(Box::new(catalogue.clone())), None, vec![source])?;
        Ok(Kept { catalogue, leaf: kept.witness.record.leaf() })
    }

    /// The runs that a catalogue reads: the newest of each root, and older ones as far as they are not yet in the
    /// catalogue before and fit the limit. Answers how many did not.
    fn runs(
        &self,
        before: Option<&Kept>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<(Vec<Witness>, u64), NodeError> {
        let all = self.store().leaves(&[RecordKind::Examination, RecordKind::Catalogue])?;
        let known = before.and_then(|b| all.iter().position(|l| *l == b.leaf)).map_or(0, |at| at + 1);
        let carried: BTreeSet<Digest> = before.iter().flat_map(|b| &b.catalogue.roots).map(|r| r.leaf).collect();
        let wanted: Vec<Digest> =
            all.iter().enumerate().filter(|(n, l)| *n >= known || carried.contains(l)).map(|(_, l)| *l).rev().collect();
        let (mut out, mut items, mut skipped) = (Vec::new(), 0, 0);
        let mut roots = BTreeSet::new();
        progress.begin(Step::Records, Some(wanted.len() as u64));
        for leaf in wanted {
            if stop.requested() {
                return Err(NodeError::Stopped);
            }
            let witness = self.store().witness(leaf)?;
            progress.advance(1, 0);
            let Record::Examination(e) = witness.record.value() else { continue };
            if e.origin == Origin::Drill || e.subject.folders.is_empty() {
                continue;
            }
            let newest = names(e).into_iter().filter(|n| roots.insert(n.clone())).count() > 0;
            items += witness.items.as_ref().map_or(0, |i| i.items().len());
            if newest || items <= ITEMS_MAX {
                out.push(witness);
            } else {
                skipped += 1;
            }
        }
        progress.end();
        Ok((out, skipped))
    }

    /// A catalogue of the log: by the first digits of its leaf, or the newest. `None` if there is none.
    pub fn catalogue(&self, digits: Option<&str>) -> Result<Option<Kept>, NodeError> {
        let leaves = self.store().leaves(&[RecordKind::Catalogue])?;
        let leaf = match digits {
            None => leaves.last().copied(),
            Some(digits) => {
                let digits = digits.strip_prefix("sha256:").unwrap_or(digits).to_ascii_lowercase();
                let mut fits = leaves.iter().filter(|l| digits.len() >= DIGITS_MIN && l.hex().starts_with(&digits));
                match (fits.next(), fits.next()) {
                    (Some(leaf), None) => Some(*leaf),
                    (Some(_), Some(_)) => return Err(NodeError::AmbiguousLeaf(digits)),
                    (None, _) => return Err(NodeError::UnknownCatalogue(attest::clean(&digits))),
                }
            }
        };
        let Some(leaf) = leaf else { return Ok(None) };
        match self.store().witness(leaf)?.record.into_value() {
            Record::Catalogue(catalogue) => Ok(Some(Kept { catalogue: *catalogue, leaf })),
            _ => Err(NodeError::Internal("a catalogue came back as another record".to_owned())),
        }
    }

    /// The newest catalogue; an error if there is none.
    pub fn newest_catalogue(&self) -> Result<Kept, NodeError> {
        self.catalogue(None)?.ok_or(NodeError::NoCatalogue)
    }

    /// The catalogue before another one.
    pub fn catalogue_before(&self, of: &Kept) -> Result<Option<Kept>, NodeError> {
        match of.catalogue.previous {
            Some(leaf) => self.catalogue(Some(&leaf.hex())),
            None => Ok(None),
        }
    }

    /// Brings in the catalogue that the plant keeps. It replaces the one brought in before.
    pub fn catalogue_import(
        &self,
        plan: &CheckedPlan,
        table: &Path,
        given: &[(String, String)],
        author: Option<&str>,
    ) -> Result<ImportedList, NodeError> {
        let read = catalogue_read(plan, table, given)?;
        if read.assets.is_empty() {
            return Err(NodeError::NoGoodRow(table.to_owned(), read.bad));
        }
        let (document, left_out) = (home::document(table)?, read.bad.len() as u64);
        let listing = Listing { document, assets: read.assets.clone(), left_out };
        let stated = Attestation::listing(self.id(), self.author(author), home::now(), listing);
        let kept = self.append(&Record::Attestation(stated), None, Vec::new())?;
        Ok(ImportedList { leaf: kept.witness.record.leaf(), read })
    }

    /// Records a person's decision on an asset of the newest catalogue.
    pub fn grade(&self, plan: &CheckedPlan, d: &Decision<'_>) -> Result<(Digest, Asset, LevelId), NodeError> {
        let newest = self.newest_catalogue()?;
        let asset = find(&newest.catalogue, d.asset)?.clone();
        let by = attest::clean(d.by);
        if by.is_empty() {
            return Err(NodeError::Entry(Say::new("row.missing-by")));
        }
        let typed = d.level.map(|l| level(plan, l)).transpose()?;
        let cell = match (d.object, d.harm) {
            (Some(object), Some(harm)) => Some(by_matrix(plan, object, harm)?),
            (None, None) => None,
            _ => return Err(NodeError::Entry(Say::new("row.half-cell"))),
        };
        let level = match (typed, cell) {
            (Some(typed), Some(cell)) if typed != cell => {
                return Err(NodeError::Entry(Say::new("row.cell-differs").with("level", typed).with("cell", cell)));
            }
            (Some(level), _) | (None, Some(level)) => level,
            (None, None) if !d.confirmed => {
                plan.levels().first().map(|l| l.id.clone()).ok_or_else(|| NodeError::Internal("no level".to_owned()))?
            }
            (None, None) => return Err(NodeError::Entry(Say::new("row.missing-level"))),
        };
        let grading = Grading {
            carrier: asset.carrier.clone(),
            confirmed: d.confirmed,
            level: level.clone(),
            object: d.object.map(str::to_owned),
            harm: d.harm.map(str::to_owned),
            by,
            document: d.document.clone(),
            catalogue: newest.leaf,
        };
        let stated = Attestation::grading(self.id(), self.author(d.author), home::now(), grading);
        let kept = self.append(&Record::Attestation(stated), None, Vec::new())?;
        Ok((kept.witness.record.leaf(), asset, level))
    }

    /// Notes that a catalogue was filed: the named one, or the newest.
    pub fn file_catalogue(
        &self,
        catalogue: Option<&str>,
        date: evidence::Time,
        receipt: &Path,
        author: Option<&str>,
    ) -> Result<(Digest, Kept), NodeError> {
        let filed = self.catalogue(catalogue)?.ok_or(NodeError::NoCatalogue)?;
        if date > home::now() {
            return Err(NodeError::Entry(Say::new("row.date-ahead").with("date", date.date())));
        }
        let filing = Filing { catalogue: filed.leaf, date, receipt: home::document(receipt)? };
        let stated = Attestation::filing(self.id(), self.author(author), home::now(), filing);
        let kept = self.append(&Record::Attestation(stated), None, Vec::new())?;
        Ok((kept.witness.record.leaf(), filed))
    }

    /// The newest filing: what was stated, and by which record.
    pub fn filed(&self) -> Result<Option<(Filing, Digest)>, NodeError> {
        let stated = self.store().records(&[RecordKind::Attestation])?;
        let filings = stated.iter().filter_map(|w| match w.record.value() {
            Record::Attestation(a) => a.as_filing().map(|f| (f.clone(), w.record.leaf(), a.stated_at)),
            _ => None,
        });
        Ok(filings.max_by_key(|f| (f.0.date, f.2, f.1)).map(|f| (f.0, f.1)))
    }
}

/// The good and bad rows of a table, without keeping anything.
pub fn catalogue_read(
    plan: &CheckedPlan,
    table: &Path,
    given: &[(String, String)],
) -> Result<ImportedAssets, NodeError> {
    let limits = attest::Limits::default();
    let bytes = home::read(table, limits.file_bytes_max as u64)?;
    attest::catalogue(&bytes, &limits, given, &terms(plan)).map_err(|say| NodeError::List(table.to_owned(), say))
}

/// An asset by the first digits of its id, or by its place as it is shown.
pub fn find<'c>(catalogue: &'c Catalogue, named: &str) -> Result<&'c Asset, NodeError> {
    let by_place = |a: &&Asset| {
        let place = a.carrier.to_string();
        place == named || format!("{}:{place}", a.carrier.host) == named
    };
    let mut fits: Vec<&Asset> = catalogue.assets.iter().filter(by_place).collect();
    let digits = named.strip_prefix("sha256:").unwrap_or(named).to_ascii_lowercase();
    if fits.is_empty() && digits.len() >= DIGITS_MIN {
        fits = catalogue.assets.iter().filter(|a| a.id.hex().starts_with(&digits)).collect();
    }
    match fits.as_slice() {
        [one] => Ok(one),
        [] => Err(NodeError::UnknownAsset(attest::clean(named))),
        _ => Err(NodeError::AmbiguousAsset(attest::clean(named))),
    }
}

/// The roots of a run, with what tells its subject from others.
fn names(e: &Examination) -> Vec<String> {
    let machine = e.subject.machine.map(|m| m.to_string()).unwrap_or_default();
    let root = e.subject.root.as_ref().map_or("", |r| r.as_str());
    let subject = format!("{}\n{machine}\n{root}\n{:?}", e.subject.host, e.origin);
    e.subject.folders.iter().map(|f| format!("{subject}\n{f}")).collect()
}

//! The union of the registries of several supervisors (`docs/specs/registry-v1.md` §7).
//!
//! A union is a signed registry without rows of its own: they follow from its sources, which the mirror and the own log keep. So what
//! reads a registry reads a union, and nothing is kept twice. Whoever reads never signs: a union is made when something came, before
//! a selection, or when somebody asks for it.
//!
//! A year is opened by an own registry of it. Else whoever reports a newer year first would make it the year that everything is
//! counted by.

use crate::federation::Reader;
use crate::registry::{unzlib, zlib};
use crate::registry_up::rows_from_below;
use crate::{KeptRegistry, Node, NodeError, home};
use evidence::{
    Digest, Document, Merged, MergedSource, NodeId, NodeRole, Part, Record, RecordKind, Registry, Say, Time, canonical,
};
use judge::{SelectionRows, Union, UnionPart};
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use store::StoreError;

/// Where rows of unions that were made again lie, under the home. They may be thrown away.
const FOLDER: &str = "memory/unions";
/// So many of them are kept.
const KEPT_MAX: usize = 4;
/// Largest file of rows, unpacked, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// Name of the document of a union.
const SOURCES: &str = "sources.json";

/// A record of an own child.
#[derive(Clone, Debug)]
pub(crate) struct FromBelow {
    pub(crate) node: NodeId,
    pub(crate) part: Part,
    pub(crate) witness: Witness,
}
impl FromBelow {
    pub(crate) fn registry(&self) -> Option<&Registry> {
        match self.witness.record.value() {
            Record::Registry(r) => Some(r),
            _ => None,
        }
    }
    pub(crate) fn leaf(&self) -> Digest {
        self.witness.record.leaf()
    }
}

/// A registry that came from below, as a list shows it.
#[derive(Clone, Debug)]
pub struct ReceivedRegistry {
    /// Supervisor: the area that the node was certified for.
    pub supervisor: String,
    /// The node.
    pub node: NodeId,
    /// The record.
    pub registry: Registry,
    /// Its leaf in that node's log.
    pub leaf: Digest,
    /// Why it does not count.
    pub doubt: Option<Say>,
}

/// What became of a union.
#[derive(Debug)]
pub struct UnionMade {
    /// The registry of the year now.
    pub kept: KeptRegistry,
    /// It was made now; false: there was one of the same sources.
    pub new: bool,
    /// What came for this year and does not count.
    pub left: Vec<ReceivedRegistry>,
}

/// Of a year of the own log: the newest import, the newest union.
type OwnYear = (Option<Witness>, Option<Witness>);
/// A source with its rows.
pub(crate) type Opened = (FromBelow, Vec<u8>);
/// By supervisor, the newest first.
type BySupervisor = BTreeMap<String, Vec<FromBelow>>;

impl Node {
    /// Records of a kind that own children sent and that a receipt covers, verified again.
    pub(crate) fn sent_up(&self, kind: RecordKind) -> Result<Vec<FromBelow>, NodeError> {
        let mut out = Vec::new();
        let Some(mirror) = self.mirror_if_any()? else { return Ok(out) };
        let mut reader = Reader::new(self, &mirror);
        for holder in mirror.read(|m| m.holders(kind))? {
            let receipt = self.store().newest_about(holder.child.as_str(), RecordKind::Receipt)?;
            let covered = match receipt.as_ref().map(|w| w.record.value()) {
                Some(Record::Receipt(r)) => r.size,
                _ => 0,
            };
            for s in mirror.read(|m| m.shipped_by(&holder.child, kind))? {
                if s.index < covered {
                    let (witness, part) = reader.shipped(&s)?;
                    out.push(FromBelow { node: s.child, part, witness });
                }
            }
        }
        Ok(out)
    }

    /// Registries from below by year and supervisor, the newest first.
    fn registries_below(&self) -> Result<BTreeMap<i64, BySupervisor>, NodeError> {
        let mut out: BTreeMap<i64, BySupervisor> = BTreeMap::new();
        for below in self.sent_up(RecordKind::Registry)? {
            let Some(year) = below.registry().map(|r| r.year) else { continue };
            out.entry(year).or_default().entry(below.part.area.clone()).or_default().push(below);
        }
        for list in out.values_mut().flat_map(BTreeMap::values_mut) {
            let key = |b: &FromBelow| (b.registry().map(|r| r.stated_at), b.leaf());
            list.sort_by_key(|b| std::cmp::Reverse(key(b)));
        }
        Ok(out)
    }

    /// The file of rows of a registry from below; the inner error is why it counts nothing.
    pub(crate) fn rows_below(&self, below: &FromBelow) -> Result<Result<Vec<u8>, Say>, NodeError> {
        let Some(registry) = below.registry() else { return Ok(Err(Say::new("doubt.registry-sender"))) };
        let packed = match self.mirror()?.read(|m| m.artifact(registry.packed)) {
            Ok(bytes) => Some(bytes),
            Err(StoreError::NotFound(_)) => None,
            Err(e) => return Err(e.into()),
        };
        Ok(rows_from_below(&below.part, registry, packed.as_deref()))
    }

    /// The newest good registry of every supervisor, without rows where `known` has it already; and what does not count.
    fn sources(
        &self,
        by_supervisor: BySupervisor,
        known: &BTreeSet<Digest>,
    ) -> Result<(Vec<FromBelow>, Vec<ReceivedRegistry>), NodeError> {
        let (mut good, mut left) = (Vec::new(), Vec::new());
        for list in by_supervisor.into_values() {
            for below in list {
                // What stands in a union was judged when it was made, and judging has no other outcome.
                if known.contains(&below.leaf()) {
                    good.push(below);
                    break;
                }
                match self.rows_below(&below)? {
                    Ok(_) => {
                        good.push(below);
                        break;
                    }
                    Err(why) => left.extend(received(&below, Some(why))),
                }
            }
        }
        Ok((good, left))
    }

    fn is_ministry(&self) -> Result<bool, NodeError> {
        Ok(self.part()?.is_some_and(|p| p.role == NodeRole::Ministry))
    }

    /// Registries of the own log by year: the newest import, the newest union.
    fn own_years(&self) -> Result<BTreeMap<i64, OwnYear>, NodeError> {
        let mut out: BTreeMap<i64, OwnYear> = BTreeMap::new();
        let rank = |w: &Witness| match w.record.value() {
            Record::Registry(r) => Some((r.stated_at, w.record.leaf())),
            _ => None,
        };
        for w in self.store().records(&[RecordKind::Registry])? {
            let Record::Registry(r) = w.record.value() else { continue };
            let of = out.entry(r.year).or_default();
            let kept = if r.merged.is_some() { &mut of.1 } else { &mut of.0 };
            if kept.as_ref().and_then(rank) < rank(&w) {
                *kept = Some(w);
            }
        }
        Ok(out)
    }

    /// Makes the union of a year, if it is not there already. Without a year: the newest that was opened, or else the newest that was
    /// reported. Errors: this node is no ministry; nothing that counts came for that year.
    pub fn registry_union(&self, year: Option<i64>) -> Result<UnionMade, NodeError> {
        let entry = |key: &str| NodeError::Entry(Say::new(key));
        if !self.is_ministry()? {
            return Err(entry("error.union-role"));
        }
        let _desk = self.desk()?;
        let (mut below, own) = (self.registries_below()?, self.own_years()?);
        let newest = || own.keys().next_back().or_else(|| below.keys().next_back()).copied();
        let year = year.or_else(newest).ok_or_else(|| entry("error.union-nothing"))?;
        let nothing = || NodeError::Entry(Say::new("error.union-nothing-of").with("year", year));
        let reported = below.remove(&year).ok_or_else(nothing)?;
        let (base, last) = own.get(&year).cloned().unwrap_or_default();
        self.union_from(year, reported, base.as_ref(), last)?.ok_or_else(nothing)
    }

    /// Makes every union that is due: of years that were opened; of the newest that was reported, if no year was.
    pub(crate) fn unions_due(&self) -> Result<(), NodeError> {
        if !self.is_ministry()? {
            return Ok(());
        }
        let _desk = self.desk()?;
        self.unions_due_at_desk()
    }

    /// The same for who is at the desk already: of two at once the one that saw less could sign last.
    pub(crate) fn unions_due_at_desk(&self) -> Result<(), NodeError> {
        if !self.is_ministry()? {
            return Ok(());
        }
        let (below, own) = (self.registries_below()?, self.own_years()?);
        let newest = below.keys().next_back().copied();
        for (year, reported) in below {
            if own.contains_key(&year) || (own.is_empty() && newest == Some(year)) {
                let (base, last) = own.get(&year).cloned().unwrap_or_default();
                self.union_from(year, reported, base.as_ref(), last)?;
            }
        }
        Ok(())
    }

    fn union_from(
        &self,
        year: i64,
        reported: BySupervisor,
        base: Option<&Witness>,
        last: Option<Witness>,
    ) -> Result<Option<UnionMade>, NodeError> {
        let merged = |w: &Witness| match w.record.value() {
            Record::Registry(r) => r.merged.clone(),
            _ => None,
        };
        let before = last.as_ref().and_then(merged).unwrap_or_default();
        let known = before.sources.iter().map(|s| s.leaf).collect();
        let (sources, left) = self.sources(reported, &known)?;
        if sources.is_empty() {
            return Ok(None);
        }
        let now: BTreeSet<Digest> = sources.iter().map(FromBelow::leaf).collect();
        let base_leaf = base.map(|w| w.record.leaf());
        let before_at = last.clone();
        // A union that an import outlived is made again: the newest registry of a year is the one that counts.
        let is_newest = |w: &Witness| {
            let at = |w: &Witness| match w.record.value() {
                Record::Registry(r) => Some((r.stated_at, w.record.leaf())),
                _ => None,
            };
            base.is_none_or(|b| at(b) < at(w))
        };
        if let Some(w) = last.filter(|w| now == known && before.base == base_leaf && is_newest(w)) {
            let leaf = w.record.leaf();
            let Record::Registry(r) = w.record.into_value() else { return Ok(None) };
            return Ok(Some(UnionMade { kept: KeptRegistry { registry: *r, leaf }, new: false, left }));
        }
        let made = self.merge(base, &sources)?;
        let stated = self.stated(year, [base, before_at.as_ref()], &made)?;
        self.keep_union(&made);
        let kept = self.append(&Record::Registry(Box::new(stated.clone())), None, Vec::new())?;
        let kept = KeptRegistry { registry: stated, leaf: kept.witness.record.leaf() };
        Ok(Some(UnionMade { kept, new: true, left }))
    }

    /// The record of a union. It is later than what it is made of by this node's clock, so that it is the newest of its year.
    fn stated(&self, year: i64, before: [Option<&Witness>; 2], made: &Union) -> Result<Registry, NodeError> {
        let sources = canonical::to_vec(&made.merged).map_err(|e| NodeError::Internal(e.to_string()))?;
        let later = before.into_iter().flatten().filter_map(|w| match w.record.value() {
            Record::Registry(r) => Some(Time::from_millis(r.stated_at.millis().saturating_add(1))),
            _ => None,
        });
        let after = later.max().unwrap_or(Time::from_millis(0));
        Ok(Registry {
            node: self.id(),
            author: self.author(None),
            stated_at: home::now().max(after),
            year,
            document: Document { name: SOURCES.to_owned(), digest: Digest::of(&sources), bytes: sources.len() as u64 },
            unit: "yuan".to_owned(),
            rows: made.file.root,
            packed: made.file.root.file,
            left_out: made.left_out.clone(),
            derived: made.derived,
            merged: Some(made.merged.clone()),
        })
    }

    fn merge(&self, base: Option<&Witness>, sources: &[FromBelow]) -> Result<Union, NodeError> {
        let mut opened: Vec<Opened> = Vec::with_capacity(sources.len());
        for below in sources {
            let file = self.rows_below(below)?.map_err(|say| NodeError::Entry(say.clone()))?;
            opened.push((below.clone(), file));
        }
        let base_file = match base.map(|w| w.record.value()) {
            Some(Record::Registry(r)) => Some(self.registry_file(r)?),
            _ => None,
        };
        let damaged = |why| NodeError::Store(StoreError::Damaged { what: "the rows of a registry".to_owned(), why });
        let base = base.zip(base_file.as_deref()).map(|(w, file)| SelectionRows::open(w, file));
        let base = base.transpose().map_err(damaged)?;
        let rows: Result<Vec<SelectionRows<'_>>, String> =
            opened.iter().map(|(b, file)| SelectionRows::open(&b.witness, file)).collect();
        let rows = rows.map_err(damaged)?;
        let parts =
            opened.iter().zip(&rows).map(|((b, _), rows)| UnionPart { supervisor: &b.part.area, node: &b.node, rows });
        Ok(judge::union(base.as_ref(), &parts.collect::<Vec<_>>()))
    }

    /// A union made again from what it names. Errors: a source is not there any more, or counts nothing.
    pub(crate) fn union_again(&self, year: i64, merged: &Merged) -> Result<Union, NodeError> {
        let mut below = self.registries_below()?.remove(&year).unwrap_or_default();
        let mut sources = Vec::with_capacity(merged.sources.len());
        for s in &merged.sources {
            let found = below.remove(&s.supervisor).unwrap_or_default();
            let found = found.into_iter().find(|b| b.leaf() == s.leaf && b.node == s.node);
            sources.push(found.ok_or(StoreError::NotFound(s.leaf))?);
        }
        let base = merged.base.map(|leaf| self.store().witness(leaf)).transpose()?;
        self.merge(base.as_ref(), &sources)
    }

    /// The file of rows of a union: as it was kept, or made again.
    pub(crate) fn union_file(&self, registry: &Registry, merged: &Merged) -> Result<Vec<u8>, StoreError> {
        let kept = home::read(&self.union_path(registry.rows.file), FILE_BYTES_MAX).ok();
        let kept = kept.and_then(|packed| unzlib(&packed, FILE_BYTES_MAX).ok());
        if let Some(file) = kept.filter(|file| Digest::of(file) == registry.rows.file) {
            return Ok(file);
        }
        let again = self.union_again(registry.year, merged).map_err(|e| match e {
            NodeError::Store(e) => e,
            e => StoreError::Damaged { what: format!("union {}", registry.rows.file), why: format!("{:?}", e.say()) },
        })?;
        if again.file.root != registry.rows {
            let why = "its sources give other rows".to_owned();
            return Err(StoreError::Damaged { what: format!("union {}", registry.rows.file), why });
        }
        self.keep_union(&again);
        Ok(again.file.lines)
    }

    fn union_path(&self, file: Digest) -> PathBuf {
        let hex = file.to_string();
        let name = hex.rsplit(':').next().and_then(|h| h.get(..32)).unwrap_or("union").to_owned();
        self.store().home().join(FOLDER).join(format!("{name}.zz"))
    }

    /// Keeps the rows of a union for the next reader. What cannot be kept is made again.
    fn keep_union(&self, made: &Union) {
        let path = self.union_path(made.file.root.file);
        let Some(folder) = path.parent() else { return };
        let kept = std::fs::create_dir_all(folder).is_ok()
            && zlib(&made.file.lines).is_ok_and(|packed| home::write(&path, &packed).is_ok());
        let Ok(there) = std::fs::read_dir(folder) else { return };
        let mut files: Vec<_> = there
            .filter_map(|e| Some((e.as_ref().ok()?.metadata().ok()?.modified().ok()?, e.ok()?.path())))
            .filter(|f| kept && f.1 != path)
            .collect();
        files.sort();
        let over = files.len().saturating_sub(KEPT_MAX - 1);
        files.iter().take(over).for_each(|f| drop(std::fs::remove_file(&f.1)));
    }

    /// Registries that came from below, by year, supervisor and age, each with why it does not count.
    pub fn registries_received(&self, year: Option<i64>) -> Result<Vec<ReceivedRegistry>, NodeError> {
        let mut out = Vec::new();
        for (_, by) in self.registries_below()?.into_iter().filter(|(y, _)| year.is_none_or(|want| want == *y)) {
            for below in by.into_values().flatten() {
                out.extend(received(&below, self.rows_below(&below)?.err()));
            }
        }
        Ok(out)
    }

    /// A source of a union, with its rows; `None` if it is not there any more.
    pub(crate) fn source_of_union(&self, year: i64, source: &MergedSource) -> Result<Option<Opened>, NodeError> {
        let list = self.registries_below()?.remove(&year).and_then(|mut by| by.remove(&source.supervisor));
        let Some(below) = list.unwrap_or_default().into_iter().find(|b| b.leaf() == source.leaf) else {
            return Ok(None);
        };
        Ok(self.rows_below(&below)?.ok().map(|file| (below, file)))
    }

    /// Unions that say something: the newest of each year, and those that a judgement was made from.
    pub(crate) fn unions_named(&self, registries: &[Witness]) -> Result<BTreeSet<Digest>, NodeError> {
        if !registries.iter().any(|w| matches!(w.record.value(), Record::Registry(r) if r.merged.is_some())) {
            return Ok(BTreeSet::new());
        }
        let newest = self.own_years()?.into_values().filter_map(|(_, union)| Some(union?.record.leaf()));
        let mut out: BTreeSet<Digest> = newest.collect();
        for w in self.store().records(&[RecordKind::SelectionJudgement, RecordKind::ProgressJudgement])? {
            match w.record.value() {
                Record::SelectionJudgement(j) => drop(out.insert(j.snapshot)),
                Record::ProgressJudgement(j) => out.extend(j.evidence.registry),
                _ => {}
            }
        }
        Ok(out)
    }

    /// Holds a union against its sources.
    pub(crate) fn audit_union(&self, registry: &Registry, merged: &Merged) -> Result<(), String> {
        let again = self.union_again(registry.year, merged).map_err(|e| format!("{:?}", e.say()))?;
        let same = again.merged == *merged
            && again.file.root == registry.rows
            && (again.derived, &again.left_out) == (registry.derived, &registry.left_out);
        if same { Ok(()) } else { Err("its sources give another union".to_owned()) }
    }

    /// Registries that came and that the newest union of their year does not have, although they count.
    pub(crate) fn unions_behind(&self) -> Result<Vec<ReceivedRegistry>, NodeError> {
        if !self.is_ministry()? {
            return Ok(Vec::new());
        }
        let (below, own, mut out) = (self.registries_below()?, self.own_years()?, Vec::new());
        for (year, reported) in below {
            let Some((_, Some(last))) = own.get(&year) else { continue };
            let Record::Registry(r) = last.record.value() else { continue };
            let known: BTreeSet<Digest> = r.merged.iter().flat_map(|m| &m.sources).map(|s| s.leaf).collect();
            let (now, _) = self.sources(reported, &known)?;
            out.extend(now.iter().filter(|b| !known.contains(&b.leaf())).filter_map(|b| received(b, None)));
        }
        Ok(out)
    }

    /// The registry that a union has of a supervisor's rows; `None`: they are of the own import.
    #[must_use]
    pub fn union_source<'r>(registry: &'r Registry, supervisor: &str) -> Option<&'r MergedSource> {
        registry.merged.as_ref()?.sources.iter().find(|s| s.supervisor == supervisor)
    }
}

fn received(below: &FromBelow, doubt: Option<Say>) -> Option<ReceivedRegistry> {
    Some(ReceivedRegistry {
        supervisor: below.part.area.clone(),
        node: below.node.clone(),
        registry: below.registry()?.clone(),
        leaf: below.leaf(),
        doubt,
    })
}

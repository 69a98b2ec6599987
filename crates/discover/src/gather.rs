//! What one root yields: hits go to the sink as they come, totals and gaps at the end.

use crate::Config;
use crate::beneath::Beneath;
use crate::memo::Memo;
use crate::unpack;
use classify::{Class, Match};
use evidence::{Bands, Body, Covered, Gap, GapReason, Hits, KeyedDigest, PathText, Place, Sample, Sink, Spot, Tally};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use stdx::{Progress, Stop};

/// 64 of the 128 bits of a keyed digest are plenty to tell a million values apart (2^-25 to miscount one).
pub(crate) fn short(keyed: KeyedDigest) -> u64 {
    let mut cut = [0; 8];
    cut.copy_from_slice(&keyed.0[..8]);
    u64::from_le_bytes(cut)
}

fn band(bands: &mut Bands, confidence: u8) -> &mut u64 {
    match confidence {
        85.. => &mut bands.high,
        65.. => &mut bands.medium,
        _ => &mut bands.low,
    }
}

#[derive(Default)]
struct Found {
    bands: Bands,
    distinct: HashSet<u64>,
    sure: HashSet<u64>,
    samples: Vec<Sample>,
}
/// The hits of one file or member.
#[derive(Default)]
pub(crate) struct Findings {
    per_class: BTreeMap<Class, Found>,
    distinct: usize,
    pub(crate) overflow: bool,
}
impl Findings {
    /// Counts a match that stands for `times` equal ones; true if a sample of it is still wanted.
    pub(crate) fn count(&mut self, m: &Match<'_>, keyed: KeyedDigest, times: u64, config: &Config) -> bool {
        let found = self.per_class.entry(m.class).or_default();
        *band(&mut found.bands, m.confidence) += times;
        if self.distinct < config.limits.file_distinct_max {
            self.distinct += usize::from(found.distinct.insert(short(keyed)));
            if m.confidence >= 65 {
                found.sure.insert(short(keyed));
            }
        } else {
            self.overflow |= !found.distinct.contains(&short(keyed));
        }
        found.samples.len() < config.limits.samples_per_hit_max
    }
    /// A column is of class number `class`: that makes hits in it surer, which by themselves were doubtful.
    pub(crate) fn lift(&mut self, class: usize, doubtful: u64, confidence: u8, values: &HashSet<u64>) {
        let of_class = self.per_class.iter_mut().find(|(c, _)| c.index() == class);
        let Some((_, found)) = of_class else { return };
        let moved = doubtful.min(found.bands.low);
        found.bands.low -= moved;
        *band(&mut found.bands, confidence) += moved;
        found.sure.extend(values.intersection(&found.distinct));
    }
    /// How many samples of a class there are.
    pub(crate) fn samples(&self, class: Class) -> usize {
        self.per_class.get(&class).map_or(0, |f| f.samples.len())
    }
    /// Keeps a sample.
    pub(crate) fn sample(&mut self, class: Class, sample: Sample) {
        if let Some(found) = self.per_class.get_mut(&class) {
            found.samples.push(sample);
        }
    }
    pub(crate) fn is_empty(&self) -> bool {
        self.per_class.is_empty()
    }
    /// What is said of them, class by class, once nothing more comes.
    pub(crate) fn settle(self) -> Vec<Settled> {
        let settled = |(class, found): (Class, Found)| Settled {
            class,
            bands: found.bands,
            distinct: found.distinct.len() as u64,
            sure: found.sure.into_iter().collect(),
            samples: found.samples,
        };
        self.per_class.into_iter().map(settled).collect()
    }
}

/// The hits of one class in one file or member, counted to the end.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Settled {
    pub(crate) class: Class,
    pub(crate) bands: Bands,
    pub(crate) distinct: u64,
    /// Distinct values of medium confidence or better, as [`short`] has them.
    pub(crate) sure: Vec<u64>,
    pub(crate) samples: Vec<Sample>,
}

/// A sample whose place is not yet known.
pub(crate) struct Pending {
    pub(crate) class: Class,
    pub(crate) at: usize,
    pub(crate) keyed: KeyedDigest,
    pub(crate) mask: evidence::Masked,
    pub(crate) confidence: u8,
    pub(crate) why: Vec<evidence::Why>,
}
impl Pending {
    pub(crate) fn placed(self, spot: Spot) -> (Class, Sample) {
        (self.class, Sample { spot, mask: self.mask, keyed: self.keyed, confidence: self.confidence, why: self.why })
    }
}

#[derive(Default)]
struct Total {
    files: u64,
    bands: Bands,
    distinct: HashSet<u64>,
    floor: bool,
}
#[derive(Default)]
struct Totals {
    per_class: BTreeMap<Class, Total>,
    distinct: usize,
}
#[derive(Default)]
struct Places {
    first: BTreeSet<Place>,
    count: u64,
}

/// What is counted over a root.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Count {
    Files,
    Folders,
    Bytes,
    DecodedBytes,
    Scanned,
    Binary,
    Members,
    SameInode,
    Tables,
    /// Files that were not read, because an earlier run's reading of them stands, and their bytes.
    Remembered,
    RememberedBytes,
    /// What was kept of earlier runs was damaged, and so of no use.
    MemoryRefused,
}
impl Count {
    /// All, with their names in records. Those behind `Tables` are told only if there are any.
    pub(crate) const ALL: [(Self, &'static str); 12] = [
        (Self::Files, "files"),
        (Self::Folders, "folders"),
        (Self::Bytes, "bytes"),
        (Self::DecodedBytes, "decoded_bytes"),
        (Self::Scanned, "scanned"),
        (Self::Binary, "binary"),
        (Self::Members, "members"),
        (Self::SameInode, "same_inode"),
        (Self::Tables, "tables"),
        (Self::Remembered, "remembered"),
        (Self::RememberedBytes, "remembered_bytes"),
        (Self::MemoryRefused, "memory_refused"),
    ];
    fn always(self) -> bool {
        self as usize <= Self::Tables as usize
    }
}

/// One root under way. Shared by the walker and the workers.
pub(crate) struct Root<'a> {
    pub(crate) config: &'a Config,
    pub(crate) progress: &'a dyn Progress,
    counts: [AtomicU64; Count::ALL.len()],
    /// What earlier runs read, and what this one adds; nothing if nothing is to be remembered.
    pub(crate) memo: Option<Memo>,
    /// The root's handle, once the walk has it; a root that is a file has none.
    pub(crate) beneath: OnceLock<Beneath>,
    /// Where workers wait whose files take much memory.
    pub(crate) seats: unpack::Seats,
    sink: &'a dyn Sink,
    stop: &'a Stop,
    path: PathText,
    /// `folder` or `database`.
    kind: &'static str,
    closed: AtomicBool,
    totals: Mutex<Totals>,
    gaps: Mutex<BTreeMap<GapReason, Places>>,
    formats: Mutex<BTreeMap<&'static str, u64>>,
    inodes: Mutex<HashSet<(u64, u64)>>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Root<'a> {
    pub(crate) fn new(
        path: PathText,
        config: &'a Config,
        sink: &'a dyn Sink,
        progress: &'a dyn Progress,
        stop: &'a Stop,
    ) -> Self {
        Self {
            config,
            progress,
            counts: Default::default(),
            memo: None,
            beneath: OnceLock::new(),
            seats: unpack::Seats::default(),
            sink,
            stop,
            path,
            kind: "folder",
            closed: AtomicBool::new(false),
            totals: Mutex::default(),
            gaps: Mutex::default(),
            formats: Mutex::default(),
            inodes: Mutex::default(),
        }
    }
    /// The same for a database server.
    pub(crate) fn of_server(self) -> Self {
        Self { kind: "database", ..self }
    }
    /// The same with what earlier runs read.
    pub(crate) fn with_memo(self, memo: Option<Memo>) -> Self {
        if memo.as_ref().is_some_and(Memo::refused) {
            self.count(Count::MemoryRefused, 1);
        }
        Self { memo, ..self }
    }
    /// Counts `n` more and returns how many there were before.
    pub(crate) fn count(&self, what: Count, n: u64) -> u64 {
        self.counts.get(what as usize).map_or(0, |c| c.fetch_add(n, Ordering::Relaxed))
    }
    /// Takes back what was counted.
    pub(crate) fn uncount(&self, what: Count, n: u64) {
        if let Some(c) = self.counts.get(what as usize) {
            c.fetch_sub(n, Ordering::Relaxed);
        }
    }
    /// True once nobody wants more.
    pub(crate) fn stopped(&self) -> bool {
        self.stop.requested() || self.closed.load(Ordering::Relaxed)
    }
    /// What a callback asks that outlives the borrow.
    pub(crate) fn stop(&self) -> Stop {
        self.stop.clone()
    }
    /// True the first time an inode with several names is met.
    pub(crate) fn first_meeting(&self, device: u64, inode: u64) -> bool {
        held(&self.inodes).insert((device, inode))
    }
    /// True if it was met already.
    pub(crate) fn was_met(&self, device: u64, inode: u64) -> bool {
        held(&self.inodes).contains(&(device, inode))
    }
    /// Notes that something was not looked at.
    pub(crate) fn gap(&self, reason: GapReason, at: Place) {
        let mut gaps = held(&self.gaps);
        let places = gaps.entry(reason).or_default();
        places.count += 1;
        places.first.insert(at);
        // Links are one item; of the others the first by name are kept, whichever worker met them.
        let keep = if reason == GapReason::Link { 1 } else { self.config.limits.gaps_per_reason_max.max(1) };
        if places.first.len() > keep {
            places.first.pop_last();
        }
    }
    /// Emits an item of its own.
    pub(crate) fn put(&self, body: Body) {
        if self.sink.put(body).is_err() {
            self.closed.store(true, Ordering::Relaxed);
        }
    }
    /// Emits the hits of one file or member and adds them to the totals. `at` has the file's digest.
    pub(crate) fn hits(&self, at: &Place, settled: Vec<Settled>) {
        let mut all = 0;
        for found in settled {
            all += found.bands.all();
            self.total(&found);
            let hits = Hits {
                class: self.config.detectors.id(found.class).clone(),
                at: at.clone(),
                bands: found.bands,
                distinct: found.distinct,
                samples: found.samples,
            };
            self.put(Body::Hits(hits));
        }
        self.progress.found(all);
    }
    /// Emits a file that its format alone classifies, and counts it.
    pub(crate) fn content(&self, class: Class, content: evidence::Content) {
        {
            let mut totals = held(&self.totals);
            let total = totals.per_class.entry(class).or_default();
            total.files += 1;
            match content.how {
                evidence::FormatTold::NameHint => total.bands.low += 1,
                _ => total.bands.high += 1,
            }
        }
        self.progress.found(1);
        self.put(Body::Content(content));
    }
    /// Adds a worker's counts of formats.
    pub(crate) fn formats(&self, counts: BTreeMap<&'static str, u64>) {
        let mut all = held(&self.formats);
        for (format, n) in counts {
            *all.entry(format).or_default() += n;
        }
    }
    fn total(&self, found: &Settled) {
        let mut totals = held(&self.totals);
        let totals = &mut *totals;
        let total = totals.per_class.entry(found.class).or_default();
        total.files += 1;
        total.bands.high += found.bands.high;
        total.bands.medium += found.bands.medium;
        total.bands.low += found.bands.low;
        for value in &found.sure {
            if totals.distinct < self.config.limits.distinct_max {
                totals.distinct += usize::from(total.distinct.insert(*value));
            } else if !total.distinct.contains(value) {
                total.floor = true;
            }
        }
        let full = found.distinct >= self.config.limits.file_distinct_max as u64;
        total.floor |= full;
    }
    /// Emits totals, gaps and what was covered. What is left is what there is to remember.
    pub(crate) fn finish(self) -> Option<Memo> {
        if self.stop.requested() {
            self.gap(GapReason::Stopped, Place::file(self.path.clone()));
        }
        let what = format!("{}:{}", self.kind, self.path);
        let totals = std::mem::take(&mut *held(&self.totals));
        for (class, total) in totals.per_class {
            if total.files > 0 {
                self.put(Body::Tally(Tally {
                    class: self.config.detectors.id(class).clone(),
                    root: self.path.clone(),
                    files: total.files,
                    bands: total.bands,
                    distinct: total.distinct.len() as u64,
                    distinct_is_floor: total.floor,
                    own: None,
                }));
            }
        }
        for (reason, places) in std::mem::take(&mut *held(&self.gaps)) {
            let rest = places.count - places.first.len() as u64;
            let last = places.first.len();
            for (i, at) in (1..).zip(places.first) {
                // The last place named stands for the uncounted rest too.
                let count = if i == last { 1 + rest } else { 1 };
                self.put(Body::Gap(Gap { what: what.clone(), reason, at: Some(at), count }));
            }
        }
        let named = Count::ALL.iter().zip(&self.counts).map(|((count, name), n)| (*count, *name, n));
        let told = named.map(|(count, name, n)| (count, name, n.load(Ordering::Relaxed)));
        let told = told.filter(|(count, _, n)| count.always() || *n > 0);
        let mut counts: BTreeMap<String, u64> = told.map(|(_, name, n)| (name.to_owned(), n)).collect();
        if let Some(since) = self.memo.as_ref().and_then(Memo::since) {
            counts.insert("remembered_since".to_owned(), since);
        }
        let formats_of = format!("formats:{}", self.path);
        self.put(Body::Covered(Covered { what, counts }));
        let formats = std::mem::take(&mut *held(&self.formats));
        if !formats.is_empty() {
            let counts = formats.into_iter().map(|(format, n)| (format.to_owned(), n)).collect();
            self.put(Body::Covered(Covered { what: formats_of, counts }));
        }
        self.memo
    }
}

//! What is held against one scope: the files that it damaged, what the changed bytes look like, and what happened beside it.
//!
//! A bounded list of victims, each with flags, is the whole memory; a verdict counts over it anew. So a file that is looked at
//! again - half written, then whole - replaces what was known of it, and nothing has to be taken back.

use crate::damage::{hash, is_broken, swaps, was_cut};
use crate::event::{ScopeKind, Standing};
use crate::verdict::{Code, Reason};
use crate::{Change, File, Histogram, Seen, Settings};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Notes remembered of a scope.
const NOTES_MAX: usize = 64;
/// Unreadable new files remembered of a scope until the file that they replace is removed.
const FRESH_MAX: usize = 32;
/// Without new evidence a card is counted anew, and old things are forgotten, once in so long.
const ANEW_MS: u64 = 1_000;

/// What became of a victim; a set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Marks(u16);
impl Marks {
    /// Its content was changed.
    pub(crate) const CHANGED: Self = Self(1);
    pub(crate) const BROKEN: Self = Self(1 << 1);
    pub(crate) const RANDOM: Self = Self(1 << 2);
    pub(crate) const CUT: Self = Self(1 << 3);
    pub(crate) const LOST: Self = Self(1 << 4);
    pub(crate) const RENAMED: Self = Self(1 << 5);
    pub(crate) const EXTENSION: Self = Self(1 << 6);
    pub(crate) const SWAPPED: Self = Self(1 << 7);
    pub(crate) const READ_FIRST: Self = Self(1 << 8);
    /// What a new comparison with the pre-image says anew.
    const CONTENT: Self = Self(Self::CHANGED.0 | Self::BROKEN.0 | Self::RANDOM.0 | Self::CUT.0);
    /// Damage that lasts.
    const DAMAGE: Self =
        Self(Self::BROKEN.0 | Self::CUT.0 | Self::LOST.0 | Self::SWAPPED.0 | Self::EXTENSION.0 | Self::RANDOM.0);

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    pub(crate) fn and_if(self, other: Self, is: bool) -> Self {
        if is { self.and(other) } else { self }
    }
    fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }
    fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

#[derive(Clone, Debug)]
struct Victim {
    file: u64,
    folder: u64,
    /// Hash of its format before, if it was valid.
    format: Option<u64>,
    process: u64,
    first_ms: u64,
    at_ms: u64,
    marks: Marks,
    stride: u64,
    places: u64,
    bytes: u64,
    stem: u64,
    /// Hashes of its extension before and of the new one.
    ext: (u64, u64),
}

/// Changed bytes of several files, put together.
#[derive(Clone, Debug, Default)]
struct Pool {
    was: Histogram,
    now: Histogram,
    files: u64,
    since_ms: u64,
}
impl Pool {
    fn join(&mut self, was: &Histogram, now: &Histogram, at_ms: u64) {
        if self.files == 0 {
            self.since_ms = at_ms;
        }
        self.files += 1;
        self.was.join(was);
        self.now.join(now);
    }
}

/// What was pooled last, so that a second look at the same file replaces the first.
#[derive(Clone, Debug)]
struct Last {
    file: u64,
    plain: bool,
    was: Histogram,
    now: Histogram,
}

#[derive(Clone, Debug)]
struct Fresh {
    bytes: u64,
    stem: u64,
    ext: u64,
}

/// What a scope was held for.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) score: u32,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) since_ms: u64,
}

/// Evidence of one scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Card {
    victims: Vec<Victim>,
    touched: BTreeSet<u64>,
    pending: BTreeSet<u64>,
    /// Changes whose bytes were clearly structured before; and all other ones.
    plain: Option<Box<Pool>>,
    packed: Option<Box<Pool>>,
    last: Option<Box<Last>>,
    notes: VecDeque<(u64, u64, u64, u64)>,
    fresh: VecDeque<Fresh>,
    /// Stems of readable new files: what was packed or saved anew under another name is not lost.
    kept: VecDeque<u64>,
    vault: Option<(u8, u64)>,
    canary: Option<(u64, u64)>,
    pub(crate) held: Option<Box<Held>>,
    /// What was counted last, and when: events that are no evidence do not count anew within [`ANEW_MS`].
    said: Option<(u64, Vec<Reason>)>,
    forgot_ms: u64,
}

/// Who acted, when, and what the room knows of the file beside this card.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deed {
    pub(crate) at_ms: u64,
    pub(crate) process: u64,
    /// The same session or tree made the file a little while ago.
    pub(crate) own: bool,
    /// The same actor read it before.
    pub(crate) read_first: bool,
}

impl Card {
    /// Whether it should stay when room is needed.
    pub(crate) fn matters(&self) -> bool {
        self.held.is_some() || self.victims.iter().filter(|v| v.marks.any(Marks::DAMAGE)).count() > 1
    }
    pub(crate) fn touched(&self) -> u64 {
        self.touched.len() as u64
    }
    pub(crate) fn pending(&self) -> u64 {
        self.pending.len() as u64
    }
    pub(crate) fn opened(&mut self, file: u64, settings: &Settings) {
        if self.pending.len() < 2 * settings.pending_max as usize {
            self.pending.insert(file);
        }
    }
    pub(crate) fn compared(&mut self, file: u64) {
        self.pending.remove(&file);
    }
    pub(crate) fn canary(&mut self, at_ms: u64) {
        let (files, since) = self.canary.unwrap_or((0, at_ms));
        self.canary = Some((files + 1, since));
    }
    pub(crate) fn vault(&mut self, percent: u8, at_ms: u64) {
        self.vault = Some((percent, at_ms));
    }
    pub(crate) fn note(&mut self, file: &File, name: u64, content: u64, at_ms: u64) {
        if self.notes.iter().any(|(n, c, folder, _)| (*n, *c, *folder) == (name, content, file.folder)) {
            return;
        }
        if self.notes.len() >= NOTES_MAX {
            self.notes.pop_front();
        }
        self.notes.push_back((name, content, file.folder, at_ms));
    }

    fn victim(&mut self, file: &File, deed: Deed, settings: &Settings) -> &mut Victim {
        if self.touched.len() < settings.victims_max as usize {
            self.touched.insert(file.id);
        }
        let at = match self.victims.iter().position(|v| v.file == file.id) {
            Some(at) => at,
            None => {
                if self.victims.len() >= settings.victims_max as usize {
                    // The oldest that is no damage; if all are, the oldest.
                    let least = |v: &Victim| (v.marks.any(Marks::DAMAGE), v.at_ms);
                    let at = self.victims.iter().enumerate().min_by_key(|(_, v)| least(v)).map_or(0, |(at, _)| at);
                    self.victims.swap_remove(at);
                }
                let ext = hash(&file.ext);
                self.victims.push(Victim {
                    file: file.id,
                    folder: file.folder,
                    format: None,
                    process: deed.process,
                    first_ms: deed.at_ms,
                    at_ms: deed.at_ms,
                    marks: Marks::default(),
                    stride: 0,
                    places: 0,
                    bytes: file.bytes,
                    stem: file.stem,
                    ext: (ext, ext),
                });
                self.victims.len() - 1
            }
        };
        let victim = &mut self.victims[at];
        (victim.process, victim.at_ms) = (deed.process, deed.at_ms);
        victim.marks = victim.marks.and_if(Marks::READ_FIRST, deed.read_first);
        victim
    }

    /// An existing file's content is another.
    pub(crate) fn changed(
        &mut self,
        file: &File,
        seen: (&Seen, &Seen),
        change: &Change,
        deed: Deed,
        settings: &Settings,
    ) {
        self.compared(file.id);
        let (before, after) = seen;
        let cut = was_cut(before, after, change);
        let random = self.pool(file.id, change, deed.at_ms, settings);
        let victim = self.victim(file, deed, settings);
        victim.marks = victim
            .marks
            .without(Marks::CONTENT)
            .and(Marks::CHANGED)
            .and_if(Marks::BROKEN, is_broken(before, after, change))
            .and_if(Marks::CUT, cut)
            .and_if(Marks::RANDOM, random);
        (victim.stride, victim.places) = (change.stride, change.stride_places);
        if before.standing == Standing::Valid {
            victim.format = Some(hash(&before.format));
        }
    }
    /// Puts the changed bytes to those of other files, if they look like chance; says whether they do and did not before.
    fn pool(&mut self, file: u64, change: &Change, at_ms: u64, settings: &Settings) -> bool {
        if !change.now.looks_random() {
            return false;
        }
        let plain = change.was.chi().is_some_and(|chi| chi > settings.structured_chi);
        let again = self.last.as_ref().is_some_and(|last| last.file == file);
        if !again && self.victims.iter().any(|v| v.file == file && v.marks.any(Marks::CHANGED)) {
            return plain;
        }
        if let Some(last) = self.last.take().filter(|_| !again) {
            let pool = if last.plain { &mut self.plain } else { &mut self.packed };
            pool.get_or_insert_default().join(&last.was, &last.now, at_ms);
        }
        let last = Last { file, plain, was: change.was.clone(), now: change.now.clone() };
        self.last = Some(Box::new(last));
        plain
    }

    /// An existing file was removed.
    pub(crate) fn removed(&mut self, file: &File, before: &Seen, deed: Deed, settings: &Settings) {
        self.compared(file.id);
        if deed.own || !matches!(before.standing, Standing::Valid | Standing::Unseen) || self.kept.contains(&file.stem)
        {
            return;
        }
        let fits = |f: &Fresh| swaps(f.bytes, f.stem, file.bytes, file.stem);
        let swapped = self.fresh.iter().position(fits).and_then(|at| self.fresh.remove(at));
        let victim = self.victim(file, deed, settings);
        victim.marks = victim.marks.and(Marks::LOST).and_if(Marks::SWAPPED, swapped.is_some());
        if let Some(fresh) = swapped.filter(|f| f.ext != victim.ext.0) {
            victim.marks = victim.marks.and(Marks::EXTENSION);
            victim.ext.1 = fresh.ext;
        }
        if before.standing == Standing::Valid {
            victim.format = Some(hash(&before.format));
        }
    }
    /// A new file came to be that is of no known format and looks like chance.
    pub(crate) fn unreadable(&mut self, file: &File) {
        let ext = hash(&file.ext);
        let lost = self.victims.iter_mut().rev().find(|v| {
            v.marks.any(Marks::LOST) && !v.marks.any(Marks::SWAPPED) && swaps(file.bytes, file.stem, v.bytes, v.stem)
        });
        if let Some(victim) = lost {
            victim.marks = victim.marks.and(Marks::SWAPPED).and_if(Marks::EXTENSION, ext != victim.ext.0);
            victim.ext.1 = ext;
            return;
        }
        if self.fresh.len() >= FRESH_MAX {
            self.fresh.pop_front();
        }
        self.fresh.push_back(Fresh { bytes: file.bytes, stem: file.stem, ext });
    }
    /// A new file came to be that can be read: a removed one of the same stem was packed or saved anew, not lost.
    pub(crate) fn readable(&mut self, file: &File) {
        self.victims.retain(|v| !(v.stem == file.stem && v.marks.any(Marks::LOST) && !v.marks.any(Marks::SWAPPED)));
        if self.kept.len() >= FRESH_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(file.stem);
    }
    /// An existing file was cut by its path.
    pub(crate) fn cut(&mut self, file: &File, before: &Seen, from_bytes: u64, deed: Deed, settings: &Settings) {
        self.compared(file.id);
        // What was copied first is a log that is rotated.
        let kept = self.kept.contains(&file.stem);
        if deed.own || kept || before.standing != Standing::Valid || file.bytes >= from_bytes {
            return;
        }
        let victim = self.victim(file, deed, settings);
        victim.marks = victim.marks.and(Marks::CUT);
        victim.format = Some(hash(&before.format));
    }
    /// An existing file got another name.
    pub(crate) fn renamed(&mut self, from: &File, to: &File, deed: Deed, settings: &Settings) {
        if deed.own {
            return;
        }
        let (old, new) = (hash(&from.ext), hash(&to.ext));
        let victim = self.victim(from, deed, settings);
        victim.marks = victim.marks.and(Marks::RENAMED).and_if(Marks::EXTENSION, old != new);
        victim.ext.1 = new;
    }

    /// Forgets what is older than the long time.
    pub(crate) fn forget(&mut self, now: u64, settings: &Settings) {
        if now.saturating_sub(self.forgot_ms) < ANEW_MS {
            return;
        }
        self.forgot_ms = now;
        let long = |at: u64| now.saturating_sub(at) > settings.long_ms;
        if self.victims.iter().any(|v| long(v.at_ms)) {
            self.victims.retain(|v| !long(v.at_ms));
            // Exact again below the bound, where it is asked.
            self.touched = self.victims.iter().map(|v| v.file).collect();
        }
        while self.notes.front().is_some_and(|n| long(n.3)) {
            self.notes.pop_front();
        }
        for pool in [&mut self.plain, &mut self.packed] {
            if pool.as_ref().is_some_and(|p| long(p.since_ms)) {
                *pool = None;
            }
        }
        if self.vault.is_some_and(|(_, at)| long(at)) {
            self.vault = None;
        }
    }
    /// Forgets what concerns these files, as a person released who is held for them.
    pub(crate) fn release(&mut self, files: &BTreeSet<u64>) {
        if self.victims.iter().any(|v| files.contains(&v.file)) {
            self.victims.retain(|v| !files.contains(&v.file));
            (self.plain, self.packed, self.last) = (None, None, None);
            // What is left may suffice; then it is held anew at once.
            (self.held, self.said) = (None, None);
            self.notes.clear();
            self.fresh.clear();
            self.kept.clear();
        }
    }
    pub(crate) fn files(&self) -> BTreeSet<u64> {
        self.victims.iter().map(|v| v.file).collect()
    }
    /// When the first damage was done that still counts.
    pub(crate) fn since(&self) -> Option<u64> {
        let damage = self.victims.iter().filter(|v| v.marks.any(Marks::DAMAGE)).map(|v| v.first_ms).min();
        [damage, self.canary.map(|c| c.1)].into_iter().flatten().min()
    }

    /// Every reason that stands now; those of a moment ago unless there is something `new`.
    pub(crate) fn reasons(
        &mut self,
        new: bool,
        kind: ScopeKind,
        now: u64,
        services: &[(u64, u64)],
        settings: &Settings,
    ) -> Vec<Reason> {
        match &self.said {
            Some((at, said)) if !new && now.saturating_sub(*at) < ANEW_MS => said.clone(),
            _ => {
                let reasons = self.count(kind, now, services, settings);
                self.said = Some((now, reasons.clone()));
                reasons
            }
        }
    }
    fn count(&self, kind: ScopeKind, now: u64, services: &[(u64, u64)], settings: &Settings) -> Vec<Reason> {
        let mut out = Vec::new();
        if let Some((files, _)) = self.canary {
            out.push(Reason::new(Code::Canary, settings.hold_points, &[("files", files)]));
        }
        if self.victims.is_empty() && self.notes.is_empty() {
            return out;
        }
        let burst = |v: &&Victim| now.saturating_sub(v.at_ms) <= settings.burst_ms;
        let of = |marks: Marks| self.victims.iter().filter(move |v| v.marks.any(marks));
        out.extend(broken(of(Marks::BROKEN), settings));
        out.extend(self.random(settings));
        out.extend(stride(of(Marks::CHANGED), settings));
        out.extend(extension(of(Marks::EXTENSION), settings));
        let count = |n: usize, min: u32| n >= min as usize && n > 0;
        let renamed = of(Marks::RENAMED).filter(burst).count();
        if count(renamed, settings.rename_files_min) {
            out.push(Reason::new(Code::RenameBurst, settings.rename_points, &[("files", renamed as u64)]));
        }
        let lost = of(Marks::LOST).filter(burst).count();
        if count(lost, settings.delete_files_min) {
            out.push(each(Code::DeleteBurst, lost, settings.delete_points, settings.delete_points_max));
        }
        let cut = of(Marks::CUT).count();
        if count(cut, settings.cut_files_min) {
            out.push(each(Code::CutBurst, cut, settings.cut_points, settings.cut_points_max));
        }
        let swapped = of(Marks::SWAPPED).count();
        if swapped > 0 {
            out.push(each(Code::Swapped, swapped, settings.swap_points, settings.swap_points_max));
        }
        let damage: Vec<&Victim> =
            of(Marks::DAMAGE).filter(|v| v.marks.any(Marks::DAMAGE.without(Marks::LOST)) || burst(v)).collect();
        out.extend(breadth(&damage, settings));
        out.extend(read_then_write(of(Marks::CHANGED), settings));
        out.extend(together(&damage, settings));
        out.extend(self.notes(settings));
        if let Some(first) = damage.iter().map(|v| v.first_ms).min() {
            out.extend(self.around(first, services, settings));
        }
        if kind == ScopeKind::Share {
            for reason in &mut out {
                if is_usual_of_many(reason.code) {
                    reason.points = reason.points * settings.share_percent / 100;
                }
            }
        }
        out
    }
    fn random(&self, settings: &Settings) -> Option<Reason> {
        let last = self.last.as_ref();
        let joined = |pool: &Option<Box<Pool>>, plain: bool| -> Option<Pool> {
            let last = last.filter(|l| l.plain == plain);
            if pool.is_none() && last.is_none() {
                return None;
            }
            let mut all = pool.as_deref().cloned().unwrap_or_default();
            if let Some(last) = last {
                all.join(&last.was, &last.now, 0);
            }
            (all.files >= 2 && all.now.looks_random()).then_some(all)
        };
        let steps = || settings.random_bytes_min.iter().zip(settings.random_points);
        let reason = |pool: &Pool, points: u32| {
            let numbers = [
                ("bytes", pool.now.bytes()),
                ("chi", pool.now.chi().unwrap_or(0)),
                ("chi_before", pool.was.chi().unwrap_or(0)),
                ("files", pool.files),
            ];
            Reason::new(Code::RandomChange, points, &numbers)
        };
        let plain = joined(&self.plain, true).and_then(|pool| {
            let bytes = pool.now.bytes();
            let points = steps().filter(|(min, _)| bytes >= **min).map(|(_, points)| points).next_back()?;
            Some(reason(&pool, points))
        });
        let packed = || {
            let pool = joined(&self.packed, false)?;
            let (min, points) = steps().next_back()?;
            (pool.now.bytes() >= *min && !pool.was.looks_random()).then(|| reason(&pool, points))
        };
        plain.or_else(packed)
    }
    fn notes(&self, settings: &Settings) -> Option<Reason> {
        // By content, or by name: some families write another id into each note.
        let folders = |key: fn(&(u64, u64, u64, u64)) -> u64| {
            let mut by: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
            for note in &self.notes {
                by.entry(key(note)).or_default().insert(note.2);
            }
            by.values().map(BTreeSet::len).max().unwrap_or(0)
        };
        let most = folders(|n| n.1).max(folders(|n| n.0));
        (most >= settings.note_folders_min as usize)
            .then(|| Reason::new(Code::Note, settings.note_points, &[("folders", most as u64)]))
    }
    fn around(&self, first_ms: u64, services: &[(u64, u64)], settings: &Settings) -> Vec<Reason> {
        let mut out = Vec::new();
        let before = |at: u64| at.saturating_add(settings.service_ms) >= first_ms;
        let stopped: BTreeMap<u64, u64> =
            services.iter().filter(|(at, _)| before(*at)).map(|(at, s)| (*s, *at)).collect();
        if let Some(at) = stopped.values().min() {
            let points = (settings.service_points * stopped.len() as u32).min(settings.service_points_max);
            let seconds = first_ms.saturating_sub(*at) / 1000;
            out.push(Reason::new(
                Code::ServiceStops,
                points,
                &[("services", stopped.len() as u64), ("seconds", seconds)],
            ));
        }
        if let Some((percent, _)) = self.vault.filter(|(percent, _)| *percent >= settings.vault_percent_min) {
            out.push(Reason::new(Code::VaultPressure, settings.vault_points, &[("percent", u64::from(percent))]));
        }
        out
    }
}

fn each(code: Code, files: usize, points: u32, max: u32) -> Reason {
    let files = files as u64;
    let sum = u64::from(points).saturating_mul(files).min(u64::from(max));
    Reason::new(code, u32::try_from(sum).unwrap_or(max), &[("files", files)])
}

/// What many people who work at once come to without any attack.
fn is_usual_of_many(code: Code) -> bool {
    matches!(code, Code::RenameBurst | Code::DeleteBurst | Code::Breadth | Code::ReadThenWrite)
}

fn formats<'v>(victims: impl Iterator<Item = &'v Victim>) -> usize {
    victims.filter_map(|v| v.format).collect::<BTreeSet<_>>().len()
}

fn broken<'v>(victims: impl Iterator<Item = &'v Victim> + Clone, settings: &Settings) -> Option<Reason> {
    let files = victims.clone().count();
    let mut reason = each(Code::FormatBroken, files, settings.broken_points, settings.broken_points_max);
    reason.numbers.insert("formats".to_owned(), formats(victims) as u64);
    (files > 0).then_some(reason)
}

fn stride<'v>(victims: impl Iterator<Item = &'v Victim>, settings: &Settings) -> Option<Reason> {
    let mut by: BTreeMap<u64, (u32, u64)> = BTreeMap::new();
    for victim in victims.filter(|v| v.stride > 0) {
        let (files, places) = by.entry(victim.stride).or_default();
        (*files, *places) = (*files + 1, *places + victim.places);
    }
    let fits = |(files, places): (u32, u64)| {
        (files >= settings.stride_files_min && places >= 2 * u64::from(files))
            || (files >= 2 && places >= settings.stride_places_min)
    };
    let (stride, (files, places)) = by.into_iter().filter(|(_, n)| fits(*n)).max_by_key(|(_, n)| *n)?;
    let numbers = [("stride", stride), ("files", u64::from(files)), ("places", places)];
    Some(Reason::new(Code::Stride, settings.stride_points, &numbers))
}

fn extension<'v>(victims: impl Iterator<Item = &'v Victim>, settings: &Settings) -> Option<Reason> {
    let mut by: BTreeMap<u64, (usize, BTreeSet<u64>)> = BTreeMap::new();
    for victim in victims {
        let (files, old) = by.entry(victim.ext.1).or_default();
        *files += 1;
        old.insert(victim.ext.0);
    }
    let most = by.into_values().filter(|(_, old)| old.len() >= 2).max_by_key(|(files, _)| *files);
    let (files, old) = most.filter(|(files, _)| *files >= settings.extension_files_min as usize)?;
    let mut reason = each(Code::Extension, files, settings.extension_points, settings.extension_points_max);
    reason.numbers.insert("formats".to_owned(), old.len() as u64);
    Some(reason)
}

fn breadth(damage: &[&Victim], settings: &Settings) -> Option<Reason> {
    let folders = damage.iter().map(|v| v.folder).collect::<BTreeSet<_>>().len();
    let formats = formats(damage.iter().copied());
    // One more format stands for the folders: a wiper may stay in one for long.
    let reached = |min: u32| formats > min as usize || (folders >= min as usize && formats >= min as usize);
    let steps = settings.breadth_min.iter().zip(settings.breadth_points);
    let points = steps.filter(|(min, _)| reached(**min)).map(|(_, points)| points).next_back()?;
    Some(Reason::new(Code::Breadth, points, &[("folders", folders as u64), ("formats", formats as u64)]))
}

fn read_then_write<'v>(victims: impl Iterator<Item = &'v Victim>, settings: &Settings) -> Option<Reason> {
    let read: Vec<&Victim> = victims.filter(|v| v.marks.any(Marks::READ_FIRST)).collect();
    let folders = read.iter().map(|v| v.folder).collect::<BTreeSet<_>>().len();
    let numbers = [("files", read.len() as u64), ("folders", folders as u64)];
    (folders >= settings.read_write_folders_min as usize)
        .then(|| Reason::new(Code::ReadThenWrite, settings.read_write_points, &numbers))
}

fn together(damage: &[&Victim], settings: &Settings) -> Option<Reason> {
    let processes = damage.iter().map(|v| v.process).collect::<BTreeSet<_>>().len();
    (processes >= settings.together_min as usize)
        .then(|| Reason::new(Code::Together, settings.together_points, &[("processes", processes as u64)]))
}

//! Files back: from pre-images and from the link farm, to the state before an attack, with newer good work kept.
//!
//! First a plan, which is data: for each path the earliest version before the chosen deeds, where it lies, and why it is or is not to
//! be put back. Then the doing, which has no choices: a reflink or copy beside the target, its hash held against the journal, mode,
//! owner and time set, then one rename. What stood there is linked into the vault first, so that a restore too can be undone.
//! A file that somebody else wrote after the attacker is left, and the old version is laid beside it.

use crate::error::{GuardError, shown};
use crate::farm;
use crate::journal::{self, By, Entry, Line};
use evidence::{Digest, PathText, Time};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Program name in the journal of what a restore writes.
pub const PROGRAM: &str = "watchfire-restore";

/// The kernel stamps files with the time of its last tick, which may lie this far back, milliseconds.
const CLOCK_SLACK_MS: i64 = 20;

/// Which deeds are undone.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Those of the actors of a hold.
    pub hold: Option<u64>,
    /// Those of a program, a pid, or `user@address`.
    pub actor: Option<String>,
    /// Those at or after this time.
    pub since: Option<Time>,
}

/// Where a version lies.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Source {
    /// A pre-image.
    PreImage {
        /// Its file in the vault.
        file: String,
        /// Its hash, if it was taken.
        #[serde(skip_serializing_if = "Option::is_none")]
        sha256: Option<Digest>,
        /// Bits, owner, group.
        mode: u64,
        /// Owner.
        uid: u64,
        /// Group.
        gid: u64,
        /// Time of last change, nanoseconds since 1970.
        #[serde(skip)]
        mtime_ns: i128,
    },
    /// The link farm: the very inode.
    Link {
        /// Its file in the vault.
        file: String,
    },
    /// It only has another name.
    Renamed {
        /// Within the share.
        to: PathText,
    },
}

/// What becomes of one path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is, or would be, back.
    Restored,
    /// It is there as it was.
    Same,
    /// Somebody else worked on it since: the old version is laid beside it.
    Kept,
    /// It cannot be.
    Unrecoverable,
}

/// One path.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct One {
    /// Within the share.
    pub path: PathText,
    /// What becomes of it.
    pub state: State,
    /// Where its version lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Where the version was laid, if not at its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<PathText>,
    /// Why: `no-version`, `hash-differs`, a gap's name, or the system's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What a restore did or would do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Restored {
    /// The share.
    pub share: PathText,
    /// Nothing was written.
    pub dry_run: bool,
    /// Every path.
    pub files: Vec<One>,
    /// Counts by state: restored, same, kept, unrecoverable.
    pub counts: BTreeMap<State, u64>,
    /// Gaps of the journal within the time that name no file, by name: what the list above cannot speak of.
    pub gaps: BTreeMap<String, u64>,
}

#[derive(Debug)]
struct Want {
    source: Option<Source>,
    ino: u64,
    foreign: bool,
    why: Option<String>,
}

fn chosen(choice: &Choice, trees: &BTreeSet<u64>, at: Time, by: &By) -> bool {
    if by.program == PROGRAM || choice.since.is_some_and(|s| at < s) {
        return false;
    }
    let of_hold = choice.hold.is_none() || trees.contains(&by.tree);
    let of_actor = choice
        .actor
        .as_ref()
        .is_none_or(|a| *a == by.program || *a == by.pid.to_string() || by.peer.as_ref() == Some(a));
    of_hold && of_actor
}

/// The path that something had before the chosen renames: its own or an ancestor's.
fn before(names: &HashMap<PathBuf, PathBuf>, path: PathBuf) -> PathBuf {
    for above in path.ancestors() {
        if let Some(old) = names.get(above) {
            return match path.strip_prefix(above) {
                Ok(rest) if !rest.as_os_str().is_empty() => old.join(rest),
                _ => old.clone(),
            };
        }
    }
    path
}

fn raw(path: &PathText) -> PathBuf {
    PathBuf::from(OsString::from_vec(path.to_bytes()))
}

/// The earliest version of every path that the chosen deeds touched.
fn wanted(lines: &[Line], choice: &Choice, share: &Path, vault: &Path) -> Result<BTreeMap<PathBuf, Want>, GuardError> {
    let mut trees = BTreeSet::new();
    let mut hashes = HashMap::new();
    for line in lines {
        match &line.entry {
            Entry::Intends { hold, act, by, .. } if Some(*hold) == choice.hold && act == "hold" => {
                trees.insert(by.tree);
            }
            Entry::Hashed { file, sha256 } => {
                hashes.insert(file.as_str(), *sha256);
            }
            _ => {}
        }
    }
    let mut wants: BTreeMap<PathBuf, Want> = BTreeMap::new();
    let mut names: HashMap<PathBuf, PathBuf> = HashMap::new();
    for line in lines {
        let at = line.at;
        match &line.entry {
            Entry::Pre { file, path, ino, mode, uid, gid, mtime_ns, by, .. } => {
                let target = before(&names, raw(path));
                if chosen(choice, &trees, at, by) {
                    let source = Source::PreImage {
                        file: file.clone(),
                        sha256: hashes.get(file.as_str()).copied(),
                        mode: *mode,
                        uid: *uid,
                        gid: *gid,
                        mtime_ns: mtime_ns.parse().unwrap_or(0),
                    };
                    wants.entry(target).or_insert(Want { source: Some(source), ino: *ino, foreign: false, why: None });
                } else if by.program != PROGRAM {
                    wants.entry(target).and_modify(|w| w.foreign = true);
                }
            }
            Entry::Lost { path, ino, by, replaced } => {
                // What came to this name is another file, whose own old name is of no concern here.
                if *replaced {
                    names.remove(&raw(path));
                }
                let target = before(&names, raw(path));
                if chosen(choice, &trees, at, by) {
                    let source = Source::Link { file: farm::file_of(*ino) };
                    wants.entry(target).or_insert(Want { source: Some(source), ino: *ino, foreign: false, why: None });
                } else if by.program != PROGRAM {
                    wants.entry(target).and_modify(|w| w.foreign = true);
                }
            }
            Entry::Moved { from, to, by } if chosen(choice, &trees, at, by) => {
                let target = before(&names, raw(from));
                names.insert(raw(to), target.clone());
                let source = Source::Renamed { to: to.clone() };
                wants.entry(target).or_insert(Want { source: Some(source), ino: 0, foreign: false, why: None });
            }
            Entry::Gap { kind, path: Some(path), .. } if choice.since.is_none_or(|s| at >= s) => {
                let open = *kind == journal::GapKind::OpenAtStart;
                let want = Want { source: None, ino: 0, foreign: false, why: Some(kind.id()) };
                if !open {
                    wants.entry(before(&names, raw(path))).or_insert(want);
                }
            }
            _ => {}
        }
    }
    // What lost its last name without anybody seeing it: only where nobody is singled out.
    if choice.hold.is_none() && choice.actor.is_none() {
        for lost in farm::all_lost(vault)? {
            let held = vault.join(farm::file_of(lost.ino));
            let when = std::fs::symlink_metadata(held)
                .map_or(0, |m| m.ctime() * 1000 + m.ctime_nsec() / 1_000_000 + CLOCK_SLACK_MS);
            if choice.since.is_none_or(|s| when >= s.millis()) {
                let source = Source::Link { file: farm::file_of(lost.ino) };
                let want = Want { source: Some(source), ino: lost.ino, foreign: false, why: None };
                let path = raw(&lost.path);
                let taken = std::fs::symlink_metadata(share.join(&path)).is_ok();
                wants.entry(if taken { path } else { before(&names, path) }).or_insert(want);
            }
        }
    }
    // A name that gets its own version back is not given away again.
    let own: BTreeSet<PathBuf> = wants.keys().cloned().collect();
    wants.retain(|_, w| !matches!(&w.source, Some(Source::Renamed { to }) if own.contains(&raw(to))));
    Ok(wants)
}

/// Plans and, unless `dry_run`, does. `to`: a folder that takes the files instead of their places in the share.
///
/// # Errors
/// A journal that does not hold; the disk's where nothing can be done at all. What fails for one file is said of that file.
pub fn restore(
    share: &Path,
    vault: &Path,
    choice: &Choice,
    to: Option<&Path>,
    dry_run: bool,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Restored, GuardError> {
    let lines = journal::read(vault)?;
    let wants = wanted(&lines, choice, share, vault)?;
    let mut gaps = BTreeMap::new();
    for line in &lines {
        if let Entry::Gap { kind, path: None, .. } = &line.entry
            && choice.since.is_none_or(|s| line.at >= s)
        {
            *gaps.entry(kind.id()).or_insert(0) += 1;
        }
    }
    let work = Work { share, vault, to, dry_run, mark: crate::vault::now().millis() };
    let mut files = Vec::new();
    let all = wants.len() as u64;
    // A file that was cut off its name is put back before what only has another name.
    for (path, want) in wants {
        if !progress(files.len() as u64, all) {
            break;
        }
        files.push(work.one(&path, want));
    }
    let mut counts = BTreeMap::new();
    for one in &files {
        *counts.entry(one.state).or_insert(0) += 1;
    }
    let out = Restored { share: shown(share), dry_run, files, counts, gaps };
    if !dry_run {
        let report = vault.join(format!("restores/{}.json", work.mark));
        let bytes = serde_json::to_vec_pretty(&out).expect("these types have no map with keys that are no text");
        std::fs::write(&report, bytes).map_err(|e| GuardError::disk(&report, &e))?;
    }
    Ok(out)
}

struct Work<'a> {
    share: &'a Path,
    vault: &'a Path,
    to: Option<&'a Path>,
    dry_run: bool,
    mark: i64,
}

impl Work<'_> {
    fn one(&self, path: &Path, want: Want) -> One {
        let mut out =
            One { path: shown(path), state: State::Unrecoverable, source: want.source, beside: None, why: want.why };
        let Some(source) = out.source.clone() else { return out };
        let target = self.to.unwrap_or(self.share).join(path);
        let done = match &source {
            Source::Renamed { to } => self.rename_back(&self.share.join(raw(to)), &target),
            _ if self.to.is_none() && self.is_there(&source, &target, want.ino) => Ok((State::Same, None)),
            _ if self.to.is_none() && want.foreign && target.exists() => {
                let mut name = target.clone().into_os_string();
                name.push(format!(".before-{}", self.mark));
                let beside = PathBuf::from(name);
                self.put(&source, &beside).map(|()| (State::Kept, Some(shown(&beside))))
            }
            _ => self.put(&source, &target).map(|()| (State::Restored, None)),
        };
        match done {
            Ok((state, beside)) => (out.state, out.beside) = (state, beside),
            Err(why) => out.why = Some(why),
        }
        out
    }
    fn is_there(&self, source: &Source, target: &Path, ino: u64) -> bool {
        match source {
            Source::Link { .. } => std::fs::symlink_metadata(target).is_ok_and(|m| m.ino() == ino),
            Source::PreImage { file, sha256, .. } => {
                let digest = |p: &Path| File::open(p).and_then(|f| crate::vault::digest(&f)).ok();
                let old = self.vault.join(file);
                let size = |p: &Path| std::fs::metadata(p).map(|m| m.len()).ok();
                size(target).is_some()
                    && size(target) == size(&old)
                    && digest(target).is_some_and(|now| Some(now) == sha256.or_else(|| digest(&old)))
            }
            Source::Renamed { .. } => false,
        }
    }
    fn rename_back(&self, from: &Path, target: &Path) -> Result<(State, Option<PathText>), String> {
        if target.exists() {
            return Ok((State::Same, None));
        }
        if !from.exists() {
            return Err("no-version".to_owned());
        }
        if !self.dry_run {
            self.folder(target)?;
            match self.to {
                // Elsewhere a copy is wanted, the share stays as it is.
                Some(_) => std::fs::copy(from, target).map(|_| ()).map_err(|e| e.to_string())?,
                None => std::fs::rename(from, target).map_err(|e| e.to_string())?,
            }
        }
        Ok((State::Restored, None))
    }
    fn folder(&self, target: &Path) -> Result<(), String> {
        let folder = target.parent().unwrap_or(self.share);
        std::fs::create_dir_all(folder).map_err(|e| e.to_string())
    }
    /// Lays a version at a path: beside it first, checked, then by one rename.
    fn put(&self, source: &Source, target: &Path) -> Result<(), String> {
        let text = |e: std::io::Error| e.to_string();
        let (Source::PreImage { file, .. } | Source::Link { file }) = source else { return Ok(()) };
        let old = self.vault.join(file);
        let from = File::open(&old).map_err(|_| "no-version".to_owned())?;
        if self.dry_run {
            return Ok(());
        }
        self.folder(target)?;
        let mut name = OsString::from(format!(".watchfire-{}-", self.mark));
        name.push(target.file_name().unwrap_or_default());
        let passing = target.with_file_name(name);
        let _ = std::fs::remove_file(&passing);
        let made = match source {
            Source::Link { .. } if std::fs::hard_link(&old, &passing).is_ok() => Ok(()),
            _ => copy_to(&from, &passing, source),
        };
        let placed = made.and_then(|()| {
            // What is there now keeps a name in the vault.
            if target.is_file() {
                let aside = self.vault.join(format!(
                    "restores/{}-{}",
                    self.mark,
                    ransom::id(target.as_os_str().as_encoded_bytes())
                ));
                std::fs::hard_link(target, aside).map_err(text)?;
            }
            std::fs::rename(&passing, target).map_err(text)
        });
        if placed.is_err() {
            let _ = std::fs::remove_file(&passing);
        }
        placed
    }
}

fn copy_to(from: &File, to: &Path, source: &Source) -> Result<(), String> {
    let text = |e: std::io::Error| e.to_string();
    let mut file = std::fs::OpenOptions::new().read(true).write(true).create_new(true).open(to).map_err(text)?;
    if rustix::fs::ioctl_ficlone(&file, from).is_err() {
        crate::vault::copy_all(from, &mut file).map_err(text)?;
    }
    let Source::PreImage { sha256, mode, uid, gid, mtime_ns, .. } = source else { return Ok(()) };
    let is = File::open(to).and_then(|f| crate::vault::digest(&f)).map_err(text)?;
    let was = match sha256 {
        Some(digest) => *digest,
        None => crate::vault::digest(&from.try_clone().map_err(text)?).map_err(text)?,
    };
    if is != was {
        return Err("hash-differs".to_owned());
    }
    let id = |n: u64| u32::try_from(n).unwrap_or(0);
    std::os::unix::fs::fchown(&file, Some(id(*uid)), Some(id(*gid))).map_err(text)?;
    let bits = std::os::unix::fs::PermissionsExt::from_mode(id(*mode));
    file.set_permissions(bits).map_err(text)?;
    if let Ok(ns) = u64::try_from(*mtime_ns) {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_nanos(ns);
        file.set_modified(time).map_err(text)?;
    }
    Ok(())
}

//! The modes of an attack, file after file.

use super::fence::{Fence, Refused};
use super::pattern::{Key, Pattern};
use super::replica::{Entry, Manifest};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

const KEY: &str = ".watchfire-attack-key";
const NOTE: &str = "HOW-TO-RECOVER.txt";
const NOTE_TEXT: &str = "This is a rehearsal.\nThe files of this replica were changed by a test program of Watchfire.\nNothing was stolen, nothing is asked for. `attack undo` brings them back.\n";

/// By what way a file is changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Write,
    Truncating,
    Mapped,
    NewAndUnlink,
    RenameOver,
    Truncate,
    Unlink,
    Zero,
}

/// A mode: what it is called and what it does to each file.
#[derive(Clone, Copy, Debug)]
pub struct Mode {
    /// Its name.
    pub id: &'static str,
    way: Way,
    pattern: Pattern,
    /// The changed file gets the attack's extension.
    renames: bool,
    /// A note is laid in every folder.
    notes: bool,
}

const MIB: u64 = 1 << 20;
/// Every mode.
pub const MODES: [Mode; 15] = [
    mode("in-place", Way::Write, Pattern::Whole),
    mode("head-4k", Way::Write, Pattern::Head(4096)),
    mode("percent-20", Way::Write, Pattern::Period { on: 4096, period: 20_480 }),
    mode("alternate-16", Way::Write, Pattern::Period { on: 16, period: 32 }),
    mode("64-per-4096", Way::Write, Pattern::Period { on: 64, period: 4096 }),
    mode("mib-on-off", Way::Write, Pattern::Period { on: MIB, period: 2 * MIB }),
    mode("rewrite", Way::Truncating, Pattern::Whole),
    mode("mmap", Way::Mapped, Pattern::Whole),
    mode("new-unlink", Way::NewAndUnlink, Pattern::Whole),
    mode("rename-over", Way::RenameOver, Pattern::Whole),
    Mode { renames: true, ..mode("in-place-rename", Way::Write, Pattern::Whole) },
    Mode { notes: true, renames: true, ..mode("note", Way::Write, Pattern::Period { on: 64, period: 4096 }) },
    mode("truncate", Way::Truncate, Pattern::Whole),
    mode("unlink", Way::Unlink, Pattern::Whole),
    mode("zero", Way::Zero, Pattern::Whole),
];
const fn mode(id: &'static str, way: Way, pattern: Pattern) -> Mode {
    Mode { id, way, pattern, renames: false, notes: false }
}
impl Mode {
    /// The mode of this name.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        MODES.into_iter().find(|m| m.id == id)
    }
    /// Whether [`undo`] brings back what it changed (what it removes or cuts is grown anew from the seed instead).
    #[must_use]
    pub fn is_reversible(&self) -> bool {
        !matches!(self.way, Way::Truncate | Way::Unlink | Way::Zero)
    }
}

/// An attack on a replica.
#[derive(Clone, Copy, Debug)]
pub struct Attack {
    /// How.
    pub mode: Mode,
    /// The key of its transform.
    pub key: Key,
    /// This driver takes the files whose number leaves this remainder …
    pub part: usize,
    /// … divided by the number of drivers.
    pub parts: usize,
}

/// Stores the key, durably, before anything is changed. A second run on the same replica is refused: it would mix keys.
pub fn arm(fence: &Fence, attack: &Attack) -> Result<(), Refused> {
    if fence.own_read(KEY).is_ok() {
        return Err(Refused {
            path: KEY.into(),
            why: "this replica was attacked before: undo it, or make another".to_owned(),
        });
    }
    let armed = serde_json::json!({ "mode": attack.mode.id, "key": attack.key.0.to_string() });
    fence.own_write(KEY, armed.to_string().as_bytes())
}
/// What a replica was armed with: mode and key; `None` if it was not.
pub fn armed(fence: &Fence) -> Result<Option<(Mode, Key)>, Refused> {
    let Ok(bytes) = fence.own_read(KEY) else { return Ok(None) };
    let refused = |why: &str| Refused { path: KEY.into(), why: why.to_owned() };
    let json: serde_json::Value = serde_json::from_slice(&bytes).map_err(|e| refused(&e.to_string()))?;
    let mode = json["mode"].as_str().and_then(Mode::named).ok_or_else(|| refused("names no mode"))?;
    let key = json["key"].as_str().and_then(|k| k.parse().ok()).ok_or_else(|| refused("holds no key"))?;
    Ok(Some((mode, Key(key))))
}

/// Attacks file after file; `after` is asked after each and ends it with `false`. Returns how many files were changed.
/// The replica must be armed with the same mode and key.
pub fn drive(
    fence: &Fence,
    manifest: &Manifest,
    attack: &Attack,
    mut after: impl FnMut(usize, &Entry) -> bool,
) -> Result<usize, Refused> {
    if armed(fence)?.map(|(mode, key)| (mode.id, key)) != Some((attack.mode.id, attack.key)) {
        return Err(Refused { path: KEY.into(), why: "no key was stored before the first change".to_owned() });
    }
    let (mut done, mut noted) = (0, BTreeSet::new());
    for (number, entry) in manifest.files.iter().enumerate().filter(|(n, _)| n % attack.parts.max(1) == attack.part) {
        let folder = entry.path.parent().unwrap_or(Path::new("")).to_owned();
        if attack.mode.notes
            && noted.insert(folder.clone())
            && fence.stat(&folder.join(NOTE)).is_ok_and(|s| s.is_none())
        {
            fence.create(&folder.join(NOTE), NOTE_TEXT.as_bytes())?;
        }
        one(fence, attack, number as u64, entry)?;
        done += 1;
        if !after(number, entry) {
            break;
        }
    }
    Ok(done)
}

fn locked(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".locked");
    name.into()
}

fn one(fence: &Fence, attack: &Attack, number: u64, entry: &Entry) -> Result<(), Refused> {
    let (path, pattern) = (entry.path.as_path(), attack.mode.pattern);
    let transformed = |fence: &Fence| {
        let mut bytes = fence.read(path)?;
        attack.key.apply(pattern, number, &mut bytes);
        Ok::<_, Refused>(bytes)
    };
    match attack.mode.way {
        Way::Write => {
            let bytes = transformed(fence)?;
            fence.change(path, |file| write_ranges(file, pattern, &bytes))?;
        }
        Way::Truncating => {
            let bytes = transformed(fence)?;
            fence.rewrite(path, &bytes)?;
        }
        Way::Mapped => fence.change(path, |file| {
            if entry.bytes == 0 {
                return Ok(());
            }
            let map: vmap::MapMut = vmap::Options::new().write().map(file).map_err(io::Error::other)?;
            let mut map = map;
            attack.key.apply(pattern, number, &mut map);
            map.flush(file, vmap::Flush::Sync).map_err(io::Error::other)
        })?,
        Way::NewAndUnlink => {
            let bytes = transformed(fence)?;
            fence.create(&locked(path), &bytes)?;
            fence.unlink(path)?;
        }
        Way::RenameOver => {
            let bytes = transformed(fence)?;
            fence.create(&locked(path), &bytes)?;
            fence.rename(&locked(path), path)?;
        }
        Way::Truncate => fence.truncate(path, 0)?,
        Way::Unlink => fence.unlink(path)?,
        Way::Zero => {
            fence.change(path, |file| io::copy(&mut io::Read::take(io::repeat(0), entry.bytes), file).map(drop))?;
        }
    }
    if attack.mode.renames {
        fence.rename(path, &locked(path))?;
    }
    Ok(())
}

fn write_ranges(file: &mut std::fs::File, pattern: Pattern, bytes: &[u8]) -> io::Result<()> {
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    for (from, to) in pattern.ranges(bytes.len() as u64) {
        file.seek(SeekFrom::Start(from))?;
        file.write_all(&bytes[at(from)..at(to)])?;
    }
    Ok(())
}

/// Brings back what a reversible mode changed; what is not there any more is grown anew from the seed. Returns how many
/// files are as they were grown.
pub fn undo(fence: &Fence, manifest: &Manifest) -> Result<usize, Refused> {
    let mut grown: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
    let mut anew = |path: &Path| {
        if grown.is_empty() {
            grown = (0..manifest.grow.files).map(|n| super::replica::file(manifest.grow, n)).collect();
        }
        grown.get(path).cloned().unwrap_or_default()
    };
    let attacked = armed(fence)?;
    for (number, entry) in manifest.files.iter().enumerate() {
        let other = locked(&entry.path);
        for path in [&other, &entry.path] {
            // By another run made, so not among what this one may touch: named by the manifest's path, it is let in.
            if let Ok(inode) = fence.inode(path) {
                fence.allow(inode);
            }
        }
        let place =
            if fence.stat(&other)?.is_some() { Some(&other) } else { fence.stat(&entry.path)?.map(|_| &entry.path) };
        let mut bytes = place.map(|p| fence.read(p)).transpose()?.unwrap_or_default();
        if evidence::Digest::of(&bytes) != entry.digest {
            if let Some((mode, key)) = attacked.filter(|(mode, _)| mode.is_reversible()) {
                key.apply(mode.pattern, number as u64, &mut bytes);
            }
            if evidence::Digest::of(&bytes) != entry.digest {
                bytes = anew(&entry.path);
            }
        }
        match fence.stat(&entry.path)? {
            Some(_) => fence.rewrite(&entry.path, &bytes)?,
            None => fence.create(&entry.path, &bytes).map(drop)?,
        }
        if fence.stat(&other)?.is_some() {
            fence.unlink(&other)?;
        }
    }
    let intact =
        super::replica::check(fence, manifest).into_iter().filter(|(_, now)| *now == super::replica::Now::Intact);
    Ok(intact.count())
}

//! What the guard saw, as `ransom` wants it: comparing files with their pre-images, naming formats, feeding the judge.
//!
//! Comparing reads at most [`COMPARE_BYTES_MAX`] of each side: enough for every pattern that repeats within it, and bounded, because
//! an opener may be waiting. The current content is read through the link farm (same inode, whatever its name is now), else by path.

use crate::actor::Who;
use crate::vault::Vault;
use ransom::{
    Actor, Differ, Event, File as Named, Level, Scope, Seen, Settings, Standing, Veil, Verdict, Watch, Way, What,
};
use std::collections::HashMap;
use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Bytes of each side that are compared.
pub const COMPARE_BYTES_MAX: u64 = 4 << 20;
/// Files that wait to be compared; over it the oldest knowledge is dropped.
const PENDING_MAX: usize = 65_536;
const PIECE: usize = 64 << 10;

/// A file that is open for writing and was not compared yet.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Its pre-image in the vault.
    pub pre: PathBuf,
    /// Where it was.
    pub path: PathBuf,
    /// Its link in the farm.
    pub link: PathBuf,
    /// Inode.
    pub ino: u64,
    /// Who opened it.
    pub actor: Actor,
}

#[derive(Debug)]
struct Inner {
    watch: Watch,
    pending: HashMap<u64, Pending>,
}

/// The judge of behaviour with what it needs around it.
#[derive(Debug)]
pub struct Behaviour {
    inner: Mutex<Inner>,
    began: Instant,
    veil: Veil,
    salt: Vec<u8>,
}

impl Behaviour {
    /// With the default settings. `chance`: random bytes that veil contents and names.
    #[must_use]
    pub fn new(chance: &[u8; 256]) -> Self {
        let watch = Watch::new(Settings::default()).expect("the default settings hold: ransom tests them");
        Self {
            inner: Mutex::new(Inner { watch, pending: HashMap::new() }),
            began: Instant::now(),
            veil: Veil::from_random(chance),
            salt: chance[..32].to_vec(),
        }
    }
    fn id(&self, bytes: &[u8]) -> u64 {
        ransom::id(&[&self.salt, bytes].concat())
    }
    /// A file as events name it.
    #[must_use]
    pub fn file(&self, path: &Path, ino: u64, bytes: u64) -> Named {
        let name = path.file_name().unwrap_or_default().as_bytes();
        let dot = name.iter().skip(1).position(|b| *b == b'.').map_or(name.len(), |at| at + 1);
        let ext = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        Named {
            id: self.id(&ino.to_ne_bytes()),
            folder: self.id(path.parent().unwrap_or(Path::new("")).as_os_str().as_bytes()),
            stem: self.id(&name[..dot]),
            ext: ext.chars().take(ransom::EXT_CHARS_MAX).collect(),
            bytes: bytes.min(ransom::ID_MAX),
        }
    }
    /// Tells the judge, and is told.
    pub fn take(&self, by: &Actor, what: What) -> Verdict {
        let at_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let event = Event { at_ms, by: *by, what };
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).watch.take(&event)
    }
    /// How long the guard runs, in the judge's clock.
    #[must_use]
    pub fn clock_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
    /// Remembers a file that is about to be written.
    pub fn opened(&self, one: Pending) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.pending.len() >= PENDING_MAX {
            inner.pending.clear();
        }
        inner.pending.insert(one.ino, one);
    }
    /// Takes the files of a scope that nobody compared.
    fn uncompared(&self, scope: Scope) -> Vec<Pending> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let of: Vec<u64> =
            inner.pending.values().filter(|p| p.actor.scopes().any(|s| s == scope)).map(|p| p.ino).collect();
        of.iter().filter_map(|ino| inner.pending.remove(ino)).collect()
    }
    /// Compares every open file of a scope; the worst verdict.
    pub fn examine(&self, mut verdict: Verdict) -> Verdict {
        for one in self.uncompared(verdict.scope) {
            let said = self.compare(&one);
            // It may be written further: it stays to be looked at.
            self.opened(one);
            if let Some(said) = said
                && said.level >= verdict.level
            {
                verdict = said;
            }
        }
        verdict
    }
    /// Compares a file that was closed.
    pub fn closed(&self, ino: u64) -> Option<Verdict> {
        let one = self.inner.lock().unwrap_or_else(PoisonError::into_inner).pending.remove(&ino)?;
        self.compare(&one)
    }
    fn compare(&self, one: &Pending) -> Option<Verdict> {
        let before = File::open(&one.pre).ok()?;
        let after = File::open(&one.link).or_else(|_| File::open(&one.path)).ok()?;
        let (was, is) = (before.metadata().ok()?.len(), after.metadata().ok()?.len());
        let mut differ = Differ::new(self.veil.clone());
        let (mut a, mut b, mut at) = (vec![0; PIECE], vec![0; PIECE], 0);
        while at < COMPARE_BYTES_MAX {
            let (x, y) = (fill(&before, &mut a, at).ok()?, fill(&after, &mut b, at).ok()?);
            if x == 0 && y == 0 {
                break;
            }
            differ.feed(&a[..x], &b[..y]);
            at += PIECE as u64;
        }
        let mut change = differ.finish();
        (change.before_bytes, change.after_bytes) = (was, is);
        let file = self.file(&one.path, one.ino, is);
        let what = if change.changed_bytes == 0 && was == is {
            What::Unchanged { file }
        } else {
            let (before, after) = (seen(&before), seen(&after));
            What::Changed { file, way: Way::InPlace, before, after, change: Box::new(change) }
        };
        Some(self.take(&one.actor, what))
    }
    /// Lets a scope go on in the judge's eyes.
    pub fn release(&self, who: &Who, scope: Scope, until_ms: Option<u64>) {
        self.take(&who.actor, What::Released { scope, until_ms });
    }
    /// What a new file came to be: format, and whether it looks random.
    #[must_use]
    pub fn written(&self, path: &Path) -> Option<(Seen, bool, u64)> {
        let file = File::open(path).ok()?;
        let bytes = file.metadata().ok()?.len();
        let mut head = vec![0; PIECE];
        let len = fill(&file, &mut head, 0).ok()?;
        Some((seen(&file), ransom::Histogram::of(&head[..len]).looks_random(), bytes))
    }
}

/// Format verdict on an open file, from its first and last 64 KiB.
#[must_use]
pub fn seen(file: &File) -> Seen {
    let unseen = || Seen { format: "binary".to_owned(), standing: Standing::Unseen };
    let Ok(meta) = file.metadata() else { return unseen() };
    let (mut head, mut tail) = (vec![0; PIECE], vec![0; PIECE]);
    let (Ok(a), Ok(b)) = (fill(file, &mut head, 0), fill(file, &mut tail, meta.len().saturating_sub(PIECE as u64)))
    else {
        return unseen();
    };
    let (head, tail) = (&head[..a], &tail[..b]);
    let id = classify::format::recognise(head, tail, Some(meta.len())).format.id;
    Seen { format: id.to_owned(), standing: ransom::shape::standing(id, head, tail, meta.len()) }
}

fn fill(file: &File, into: &mut [u8], at: u64) -> std::io::Result<usize> {
    let mut done = 0;
    while done < into.len() {
        match file.read_at(&mut into[done..], at + done as u64)? {
            0 => break,
            len => done += len,
        }
    }
    Ok(done)
}

/// Whether a verdict stops somebody.
#[must_use]
pub fn stops(verdict: &Verdict) -> bool {
    verdict.level == Level::Hold
}

/// Where a pre-image and a link lie, for a pending file.
#[must_use]
pub fn pending(vault: &Vault, pre: &str, path: &Path, ino: u64, actor: Actor) -> Pending {
    Pending {
        pre: vault.root().join(pre),
        path: path.to_owned(),
        link: vault.root().join(crate::farm::file_of(ino)),
        ino,
        actor,
    }
}

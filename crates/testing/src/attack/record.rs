//! Turns what the driver did into the events of `ransom`, from the real bytes, and asks after each what the room says.
//!
//! It stands where a guard would: it knows each file as it was (the pre-image), looks at it when it was closed, and sends format
//! verdicts of `classify` and differences of the bytes. Time is its own. So the rules are proved on real contents without
//! a kernel; what a kernel adds - who is told when, and what can be stopped - is the guard's to prove.

use super::fence::{Deed, Fence};
use ransom::{Actor, Event, File, Level, Seen, Standing, Veil, Verdict, Watch, Way, What, trace};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// How much of the beginning and of the end of a file is looked at. Bytes.
const PIECE: usize = 64 << 10;

#[derive(Clone)]
struct Known {
    id: u64,
    bytes: Vec<u8>,
    /// Was there before the run.
    old: bool,
}

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Old files changed, removed, renamed or cut when the actor was first held; `None` if it never was.
    pub files_until_hold: Option<usize>,
    /// The verdict that held.
    pub held: Option<Verdict>,
    /// The highest score that was reached, and the verdict that had it.
    pub highest: Option<Verdict>,
}

/// A recorder over one replica.
pub struct Recorder {
    dir: PathBuf,
    known: BTreeMap<PathBuf, Known>,
    watch: Watch,
    trace: Option<Vec<u8>>,
    header: trace::Header,
    at_ms: u64,
    next: u64,
    harmed: BTreeSet<u64>,
    canaries: BTreeSet<PathBuf>,
    outcome: Outcome,
    /// What was done after the deed at hand and before this look.
    moved: Vec<Deed>,
}

impl Recorder {
    /// Over a folder as it stands.
    #[must_use]
    pub fn new(fence: &Fence, settings: ransom::Settings) -> Self {
        let header = trace::Header::new(evidence::Time::from_secs(1_800_000_000), settings.clone());
        let mut recorder = Self {
            dir: fence.dir().to_owned(),
            known: BTreeMap::new(),
            watch: Watch::new(settings).expect("the settings of a test can be worked with"),
            trace: None,
            header,
            moved: Vec::new(),
            at_ms: 0,
            next: 1,
            harmed: BTreeSet::new(),
            canaries: BTreeSet::new(),
            outcome: Outcome::default(),
        };
        recorder.adopt(fence);
        recorder
    }
    /// Takes everything that is there for old: somebody made it long ago.
    pub fn adopt(&mut self, fence: &Fence) {
        fence.journal();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(self.dir.join(&folder)) else { continue };
            for entry in entries.flatten() {
                let path = folder.join(entry.file_name());
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(path),
                    Ok(kind)
                        if kind.is_file() && !entry.file_name().to_string_lossy().starts_with(super::fence::OWN) =>
                    {
                        let known = self.look(&path, true);
                        self.known.insert(path, known);
                    }
                    _ => {}
                }
            }
        }
    }
    /// From now on keeps the trace.
    pub fn keep(&mut self) {
        self.trace = Some(trace::header_line(&self.header).expect("the settings were checked"));
    }
    /// Says that a file is a canary.
    pub fn canary(&mut self, path: &Path) {
        self.canaries.insert(path.to_owned());
    }
    /// Lets time pass. Milliseconds.
    pub fn wait(&mut self, ms: u64) {
        self.at_ms += ms;
    }
    /// Sends something that is no deed on a file.
    pub fn tell(&mut self, by: Actor, what: What) -> Verdict {
        self.send(by, what)
    }
    /// Turns what was done since the last time into events.
    pub fn step(&mut self, fence: &Fence, by: Actor) -> Level {
        let deeds = fence.journal();
        for (at, deed) in deeds.iter().enumerate() {
            // What was closed may have been renamed since; its content is where it is now.
            self.moved = deeds[at + 1..].to_vec();
            self.deed(by, deed);
        }
        self.outcome.held.as_ref().map_or(Level::Calm, |v| v.level)
    }
    /// What it came to.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }
    /// The trace since [`Recorder::keep`]; empty without.
    #[must_use]
    pub fn trace(&self) -> &[u8] {
        self.trace.as_deref().unwrap_or_default()
    }

    /// The content of what was closed at `path`, wherever it was moved to since.
    fn content(&self, path: &Path) -> Vec<u8> {
        let mut at = path.to_owned();
        for deed in &self.moved {
            if let Deed::Renamed { from, to } = deed
                && *from == at
            {
                at.clone_from(to);
            }
        }
        std::fs::read(self.dir.join(at)).unwrap_or_default()
    }

    fn look(&mut self, path: &Path, old: bool) -> Known {
        self.next += 1;
        Known { id: self.next, bytes: std::fs::read(self.dir.join(path)).unwrap_or_default(), old }
    }
    fn file(&mut self, path: &Path) -> File {
        let id = match self.known.get(path) {
            Some(known) => known.id,
            None => {
                let known = self.look(path, false);
                let id = known.id;
                self.known.insert(path.to_owned(), known);
                id
            }
        };
        let bytes = std::fs::metadata(self.dir.join(path)).map_or(0, |m| m.len());
        named(path, id, bytes)
    }
    fn send(&mut self, by: Actor, what: What) -> Verdict {
        let event = Event { at_ms: self.at_ms, by, what };
        if let Some(trace) = &mut self.trace {
            trace.extend(trace::event_line(&event).expect("the recorder keeps the limits"));
        }
        let verdict = self.watch.take(&event);
        if self.outcome.highest.as_ref().is_none_or(|h| verdict.score > h.score) {
            self.outcome.highest = Some(verdict.clone());
        }
        if verdict.level == Level::Hold && self.outcome.held.is_none() {
            self.outcome.held = Some(verdict.clone());
            self.outcome.files_until_hold = Some(self.harmed.len());
        }
        verdict
    }
    fn harm(&mut self, path: &Path) {
        if let Some(known) = self.known.get(path).filter(|k| k.old) {
            self.harmed.insert(known.id);
        }
    }

    fn deed(&mut self, by: Actor, deed: &Deed) {
        let touched = match deed {
            Deed::Renamed { from, .. } => from,
            Deed::OpenWrite(path) | Deed::Unlinked(path) | Deed::Truncated(path) => path,
            Deed::Read(path) | Deed::Created(path) | Deed::Closed { path, .. } => {
                let path = path.clone();
                return self.quiet(by, deed, &path);
            }
        }
        .clone();
        if !matches!(deed, Deed::OpenWrite(_)) {
            self.harm(&touched);
        }
        let over = match deed {
            Deed::Renamed { to, .. } => to.clone(),
            _ => touched.clone(),
        };
        if let Some(canary) = [touched, over].into_iter().find(|p| self.canaries.contains(p)) {
            let file = self.file(&canary);
            self.send(by, What::Canary { file });
        }
        match deed {
            Deed::OpenWrite(path) => {
                let file = self.file(path);
                self.send(by, What::OpenWrite { file });
            }
            Deed::Unlinked(path) => {
                let file = self.file(path);
                let before = self.known.remove(path).map_or(unseen(), |k| seen(&k.bytes));
                self.send(by, What::Unlink { file, before });
            }
            Deed::Truncated(path) => {
                let file = self.file(path);
                let bytes = self.known.get(path).map(|k| k.bytes.clone()).unwrap_or_default();
                self.send(by, What::Truncate { file, before: seen(&bytes), from_bytes: bytes.len() as u64 });
            }
            Deed::Renamed { from, to } => self.renamed(by, from, to),
            Deed::Read(_) | Deed::Created(_) | Deed::Closed { .. } => {}
        }
    }
    fn quiet(&mut self, by: Actor, deed: &Deed, path: &Path) {
        let file = self.file(path);
        match deed {
            Deed::Read(_) => drop(self.send(by, What::Read { file })),
            Deed::Created(_) => drop(self.send(by, What::Create { file })),
            Deed::Closed { rewritten, .. } => {
                let old = self.known.get(path).is_some_and(|k| k.old);
                let now = self.content(path);
                let file = File { bytes: now.len() as u64, ..file };
                if old {
                    self.harm(path);
                    let way = if *rewritten { Way::Rewritten } else { Way::InPlace };
                    let before = self.known.get(path).map(|k| k.bytes.clone()).unwrap_or_default();
                    self.changed(by, file, way, &before, &now);
                } else {
                    self.written(by, file, path, now);
                }
            }
            _ => {}
        }
    }
    fn written(&mut self, by: Actor, file: File, path: &Path, bytes: Vec<u8>) {
        let now = seen(&bytes);
        let sample = &bytes[..bytes.len().min(PIECE)];
        let random = ransom::Histogram::of(sample).looks_random();
        if now.standing == Standing::Valid
            && bytes.len() <= PIECE
            && std::str::from_utf8(&bytes).is_ok()
            && !bytes.is_empty()
        {
            let name = path.file_name().unwrap_or_default().as_encoded_bytes();
            self.send(by, What::Note { file: file.clone(), name: ransom::id(name), content: ransom::id(&bytes) });
        }
        self.send(by, What::Written { file, now, random });
        if let Some(known) = self.known.get_mut(path) {
            known.bytes = bytes;
        }
    }
    fn changed(&mut self, by: Actor, file: File, way: Way, before: &[u8], now: &[u8]) {
        let change = ransom::diff(before, now, &Veil::none());
        let what = if before == now {
            What::Unchanged { file }
        } else {
            What::Changed { file, way, before: seen(before), after: seen(now), change: Box::new(change) }
        };
        self.send(by, what);
    }
    fn renamed(&mut self, by: Actor, from: &Path, to: &Path) {
        let came = self.file(from);
        let Some(known) = self.known.remove(from) else { return };
        match self.known.get(to).cloned() {
            Some(was) if was.old => {
                self.harm(to);
                let file = named(to, was.id, known.bytes.len() as u64);
                self.changed(by, file, Way::RenamedOver, &was.bytes, &known.bytes);
            }
            _ => {
                let to_file = named(to, known.id, came.bytes);
                self.known.insert(to.to_owned(), known);
                self.send(by, What::Rename { from: came, to: to_file });
            }
        }
    }
}

fn named(path: &Path, id: u64, bytes: u64) -> File {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let first_dot = name.char_indices().skip(1).find(|(_, c)| *c == '.').map_or(name.len(), |(at, _)| at);
    let last_dot = name.rfind('.').filter(|at| *at > 0);
    let ext: String =
        last_dot.map_or("", |at| &name[at + 1..]).to_lowercase().chars().take(ransom::EXT_CHARS_MAX).collect();
    let folder = path.parent().unwrap_or(Path::new("")).as_os_str().as_encoded_bytes();
    let stem = [folder, b"/", &name.as_bytes()[..first_dot]].concat();
    File { id, folder: ransom::id(folder), stem: ransom::id(&stem), ext, bytes }
}

fn unseen() -> Seen {
    Seen { format: "binary".to_owned(), standing: Standing::Unseen }
}
/// The format verdict on a content, as a guard makes it.
#[must_use]
pub fn seen(bytes: &[u8]) -> Seen {
    let (head, tail) = (&bytes[..bytes.len().min(PIECE)], &bytes[bytes.len().saturating_sub(PIECE)..]);
    let size = bytes.len() as u64;
    let format = classify::format::recognise(head, tail, Some(size)).format.id;
    Seen { format: format.to_owned(), standing: ransom::shape::standing(format, head, tail, size) }
}

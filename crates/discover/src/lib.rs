//! Walks files, archives and office documents, runs `classify`, says what lies where and what it could not open.
//!
//! One thread walks each root in sorted order; workers take batches of paths, read with `pread` into buffers of
//! fixed size and look at windows that overlap. Memory does not depend on the input: a file of ten gigabytes
//! without a line break takes the same buffer as a note. Nothing is written to disk, nothing is followed or
//! opened that is not a regular file, and whatever was not looked at is a gap with a reason.
//!
//! Refused: memory maps (a file cut short while mapped kills the process); trust in file name endings (the
//! first bytes decide); unpacking to a temporary folder; plain digests of data files (small files could be
//! guessed from them).
#![forbid(unsafe_code)]

mod beneath;
mod biff;
mod charset;
mod content;
mod file;
mod gather;
mod kind;
mod legacy;
mod limits;
mod macros;
mod mail;
mod markup;
mod memo;
mod message;
mod mime;
mod odf;
mod office;
mod ole;
mod pdf;
mod rtf;
mod sheet;
mod slides;
mod table;
mod target;
mod text;
mod told;
mod toll;
mod turn;
mod unpack;
mod walk;
mod word;
mod xml;

pub use limits::Limits;
pub use table::{RowFault, RowLimits, TableLimits, parquet_rows};
pub use target::{Dialect, Server, Target, TargetError};

pub use classify::{Detectors, PackError};

use evidence::{DigestKey, GapReason, PathText, Place, Sink, State, Time};
use std::path::PathBuf;
use std::sync::Arc;
use stdx::{Progress, Step, Stop};

/// How to look.
pub struct Config {
    /// The key under which values and contents are digested.
    pub key: DigestKey,
    /// The limits on everything that is read.
    pub limits: Limits,
    /// Threads that read; at least one.
    pub workers: usize,
    /// What is looked for.
    pub detectors: Arc<Detectors>,
    /// What is remembered from run to run; if nothing is, every file is read.
    pub remember: Option<Remember>,
}

/// How a run remembers what it read, in the state that it is given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remember {
    /// When the run begins, by the clock of the file systems.
    pub now: Time,
    /// Which program reads: version and build. Another one reads everything again.
    pub program: String,
    /// Which files are read.
    pub reading: Reading,
}

/// Which files are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reading {
    /// Those that are not as an earlier run read them.
    #[default]
    Changed,
    /// All; what earlier runs read is forgotten.
    Everything,
}
impl Config {
    /// The default limits and the built-in detectors.
    #[must_use]
    pub fn new(key: DigestKey, workers: usize) -> Self {
        Self { key, limits: Limits::default(), workers, detectors: Detectors::builtin(), remember: None }
    }
}

/// The sensor for data at rest: in files, and in databases.
pub struct Discoverer {
    targets: Vec<Target>,
    texts: Vec<PathText>,
    config: Config,
}
impl Discoverer {
    /// A sensor over `roots`, which may be folders or files. Relative ones are taken from the current folder;
    /// one that does not exist becomes a gap when the sensor runs.
    #[must_use]
    pub fn new(roots: Vec<PathBuf>, config: Config) -> Self {
        Self::of(roots.into_iter().map(Target::Path).collect(), config)
    }
    /// A sensor over targets of any kind.
    #[must_use]
    pub fn of(targets: Vec<Target>, config: Config) -> Self {
        let absolute = |p: PathBuf| std::path::absolute(&p).unwrap_or(p);
        let targets = targets.into_iter().map(|t| match t {
            Target::Path(p) => Target::Path(absolute(p)),
            Target::Sqlite(p) => Target::Sqlite(absolute(p)),
            Target::Server(s) => Target::Server(s),
        });
        let targets: Vec<Target> = targets.collect();
        let texts = targets.iter().map(Target::place).collect();
        Self { targets, texts, config }
    }
    /// The digest of what decides what is found.
    #[must_use]
    pub fn rules(&self) -> evidence::Digest {
        self.config.detectors.digest()
    }
    /// The roots: absolute paths, and URLs without a login.
    #[must_use]
    pub fn roots(&self) -> &[PathText] {
        &self.texts
    }
    /// Looks at every root, one after the other. Emits hits, tallies, what was covered, and gaps. What `state` keeps of
    /// earlier runs saves reading, if the configuration says so.
    pub fn run(&self, sink: &dyn Sink, state: &dyn State, progress: &dyn Progress, stop: &Stop) {
        progress.begin(Step::Files, None);
        for (target, text) in self.targets.iter().zip(&self.texts) {
            let root = gather::Root::new(text.clone(), &self.config, sink, progress, stop);
            let name = memo::name(text);
            let root = match target {
                Target::Server(_) => root.of_server(),
                Target::Path(_) | Target::Sqlite(_) => {
                    root.with_memo(memo::Memo::open(&self.config, || state.get(&name)))
                }
            };
            match target {
                Target::Path(path) => walk::root(path, &root),
                Target::Sqlite(path) => {
                    if path.is_file() && !target::is_sqlite(path) {
                        root.gap(GapReason::Corrupt, Place::file(text.clone()));
                    } else {
                        walk::root(path, &root);
                    }
                }
                Target::Server(server) => {
                    table::server(&mut content::Worker::of_server(&root, text), server);
                }
            }
            let whole = !root.stopped();
            if let Some(kept) = root.finish().and_then(|memo| memo.close(whole)) {
                state.set(&name, &kept);
            }
        }
        progress.end();
    }
}

/// The readers, open for fuzzing: no stable interface.
#[doc(hidden)]
pub mod fuzz {
    pub use crate::content::{pdf_lines, read_bytes, read_bytes_until};
    pub use crate::memo::read_memo;
}

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
mod text;
mod told;
mod toll;
mod turn;
mod unpack;
mod walk;
mod word;
mod xml;

pub use limits::Limits;
pub use table::TableLimits;

pub use classify::{Detectors, PackError};

use evidence::{DigestKey, PathText, Sink, State};
use std::os::unix::ffi::OsStrExt;
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
}
impl Config {
    /// The default limits and the built-in detectors.
    #[must_use]
    pub fn new(key: DigestKey, workers: usize) -> Self {
        Self { key, limits: Limits::default(), workers, detectors: Detectors::builtin() }
    }
}

/// The sensor for data at rest in files.
pub struct Discoverer {
    roots: Vec<PathBuf>,
    texts: Vec<PathText>,
    config: Config,
}
impl Discoverer {
    /// A sensor over `roots`, which may be folders or files. Relative ones are taken from the current folder;
    /// one that does not exist becomes a gap when the sensor runs.
    #[must_use]
    pub fn new(roots: Vec<PathBuf>, config: Config) -> Self {
        let absolute = |p: PathBuf| std::path::absolute(&p).unwrap_or(p);
        let roots: Vec<PathBuf> = roots.into_iter().map(absolute).collect();
        let texts = roots.iter().map(|p| PathText::from_bytes(p.as_os_str().as_bytes())).collect();
        Self { roots, texts, config }
    }
    /// The digest of what decides what is found.
    #[must_use]
    pub fn rules(&self) -> evidence::Digest {
        self.config.detectors.digest()
    }
    /// The roots, absolute.
    #[must_use]
    pub fn roots(&self) -> &[PathText] {
        &self.texts
    }
    /// Looks at every root, one after the other. Emits hits, tallies, what was covered, and gaps.
    pub fn run(&self, sink: &dyn Sink, _state: &dyn State, progress: &dyn Progress, stop: &Stop) {
        progress.begin(Step::Files, None);
        for (path, text) in self.roots.iter().zip(&self.texts) {
            let root = gather::Root::new(text.clone(), &self.config, sink, progress, stop);
            walk::root(path, &root);
            root.finish();
        }
        progress.end();
    }
}

/// The readers, open for fuzzing: no stable interface.
#[doc(hidden)]
pub mod fuzz {
    pub use crate::content::{pdf_lines, read_bytes, read_bytes_until};
}

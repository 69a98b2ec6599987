//! What left towards whom, summed up from logs (`docs/specs/transfers-v1.md` §5).
//!
//! Reading order: `read` (files, folders, what they are packed in), `form` (what the lines are), `columns` (tables with a
//! heading), `lines` (forms without one), `sum` (what is kept of a line). Lines are read as bytes and thrown away; what
//! stays is one row a destination.

mod columns;
mod form;
mod lines;
pub(crate) mod read;
mod sum;

use crate::countries::Countries;
use evidence::{DigestKey, Sink};
use std::path::PathBuf;
use stdx::{Progress, Stop};

/// Longest line, in bytes; a longer one is a bad line.
pub const LINE_BYTES_MAX: usize = 64 << 10;
/// Most files of a run.
pub const FILES_MAX: usize = 10_000;
/// Deepest folder.
pub const DEPTH_MAX: usize = 8;
/// Most destinations of a run; what comes later is a gap.
pub const DESTINATIONS_MAX: usize = 200_000;
/// Most pairs of client and destination that are told apart; beyond, `clients` is a floor.
pub const PAIRS_MAX: usize = 2_000_000;
/// Bad lines that are named, of a run.
pub const BAD_NAMED_MAX: usize = 10;
/// Most bytes that one packed file unpacks to.
pub const UNPACKED_BYTES_MAX: u64 = 64 << 30;

/// The sensor.
pub struct Flows<'a> {
    /// Files and folders of logs.
    pub logs: &'a [PathBuf],
    /// The table of countries, or an empty one.
    pub countries: &'a Countries,
    /// The key under which clients are named.
    pub key: &'a DigestKey,
}

impl Flows<'_> {
    /// Reads every log and emits `egress.flow`, `egress.log` and gaps.
    pub fn run(&self, sink: &dyn Sink, progress: &dyn Progress, stop: &Stop) {
        read::run(self, sink, progress, stop);
    }
}

/// Reads the lines of one log without a file, for tests of the readers and for fuzzing: how many lines said something and
/// how many were bad.
#[must_use]
pub fn try_lines(bytes: &[u8]) -> (u64, u64) {
    let mut sums = sum::Sums::default();
    let told = read::log(&mut std::io::Cursor::new(bytes), &mut sums, &mut |_| {}, &Stop::new());
    (told.lines, told.bad)
}

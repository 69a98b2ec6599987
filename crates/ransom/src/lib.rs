//! A stream of file events and format verdicts becomes suspicion by actor: levels, scores, and reasons with their numbers.
//!
//! [`Watch`] is a state machine without disk, clock or chance: an [`Event`] goes in, a [`Verdict`] comes out. It watches nothing
//! and stops nobody; `guard` does. So it can be fed in tests with what an attack does to real files, and every verdict
//! can be had again from the recorded events ([`trace`]).
//!
//! Two thoughts carry it. The unit is the *actor* - SMB session, process tree, account, and in the end the file tree - never
//! the process: a pool of processes shows each of them as harmless. And what counts is the *difference* from the pre-image: what
//! changed ([`diff()`]), whether the changed bytes look like chance and did not before ([`Histogram`]), whether a file that held is
//! broken ([`shape`]). High entropy alone says nothing; zip has more of it than some ransomware.
//!
//! Format, rules, limits: `docs/specs/ransom-v1.md`.
#![forbid(unsafe_code)]

mod card;
mod damage;
mod diff;
mod event;
mod histogram;
mod recent;
mod settings;
pub mod shape;
pub mod trace;
mod verdict;
mod watch;

pub use diff::{Change, Differ, JOIN_BYTES_MAX, STRIDE_GRAIN, diff};
pub use event::{
    Actor, EXT_CHARS_MAX, Event, EventError, FORMAT_CHARS_MAX, File, Scope, ScopeKind, Seen, Standing, Way, What,
};
pub use histogram::{CHI_BYTES_MIN, CHI_RANDOM_MAX, CHI_RANDOM_MIN, Histogram, Veil};
pub use settings::{Settings, SettingsError};
pub use verdict::{Code, Family, Level, Reason, Verdict};
pub use watch::{Tally, Watch};

/// Ids are below this: 2^53, what a canonical record can carry.
pub const ID_MAX: u64 = (1 << 53) - 1;

/// An opaque id of a thing, from bytes that identify it: the first 53 bits of their SHA-256. Where the bytes can be guessed (a
/// name, an address), the guard puts a secret of its own before them.
#[must_use]
pub fn id(bytes: &[u8]) -> u64 {
    let digest = evidence::Digest::of(bytes).0;
    let first = digest.first_chunk::<8>().expect("a digest has 32 bytes");
    u64::from_be_bytes(*first) >> 11
}

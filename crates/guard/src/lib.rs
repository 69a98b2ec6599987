//! Live protection of file shares on Linux: a pre-image before the first write, names kept by links, attackers held, files back.
//!
//! The only room that acts on a host. It does not depend on detection: whatever somebody is about to write is kept first
//! ([`vault`]), whatever loses its name keeps another ([`farm`]); `ransom` then says whether somebody is to be held ([`desk`]), by a
//! standing order of the checked plan or by a person at the control socket ([`control`]). [`restore`] brings files back. What a
//! kernel and a file system can and cannot do is not believed but tried ([`check`]).
//!
//! Files, formats, policies: `docs/specs/guard-v1.md`; the socket: `docs/specs/guard-control-v1.md`.
#![deny(unsafe_code)]
#![cfg(target_os = "linux")]

pub mod actor;
pub mod behaviour;
pub mod check;
pub mod config;
pub mod control;
pub mod desk;
pub mod engine;
mod error;
pub mod farm;
pub mod intent;
pub mod journal;
pub mod names;
pub mod restore;
pub mod service;
pub mod smb;
pub mod sys;
pub mod trial;
pub mod vault;

pub use desk::Orders;
pub use error::{GuardError, shown};

/// Format and version of a vault's journal.
pub const JOURNAL: &str = "guard-journal-v1";

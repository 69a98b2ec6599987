//! The programme: where this plant stands, what authorities state, and how far the targets are reached
//! (`docs/specs/programme-v1.md`).
//!
//! `standing` makes a plant's report, `entries` and `rolls` take what authorities know, `gathered` brings together
//! what this log and those below hold, `progress` counts, `proof` shows the members
//! behind a number to somebody who trusts nobody.

mod entries;
mod gathered;
mod progress;
mod proof;
mod returns;
mod rolls;
mod standing;

pub use entries::{KeptEntry, NewEntry};
pub(crate) use gathered::CountedLists;
pub use progress::{Counting, KeptProgress, Period};
pub(crate) use proof::audit_path;
pub use proof::{PROGRESS_PROOF_FORMAT, ProofChecked, progress_verify};
pub use returns::{ReturnState, Returning, TemplateOrder};
pub use rolls::{ImportedRoll, KeptRoll};
pub use standing::KeptReportUp;

/// Largest file of rows of a roll, unpacked, in bytes.
pub(crate) const ROLL_BYTES_MAX: u64 = 512 << 20;

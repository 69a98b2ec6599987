//! The only room that keeps Watchfire's own state: the log, items, keys, the spool, mirrors of children's logs, the outbox, and the
//! names of people.
//!
//! `docs/specs/log-v1.md` says what lies where, byte for byte. The shape in one breath: any process leaves signed
//! records durably in the *spool*; one at a time, under a lock, appends them to the *log* (an RFC 6962 tree in
//! SQLite) and signs a checkpoint over it in the same transaction. Nothing is acknowledged before it would survive a power
//! cut, and nothing is refused because another process runs.
//!
//! Reading verifies. What leaves this room as a record is a `proof::Witness`; bytes that were changed under us come
//! out as [`StoreError::Damaged`], never as evidence.
//!
//! Beside the log, for nodes of several levels: the [`Mirror`] of the children's logs, the [`Outbox`] towards parents.
//! *Read tables* ([`tables`]) are made from the log and may stand beside it in files or on a PostgreSQL server; they are never evidence.
//!
//! Refused: a second store of truth (totals are projections over the log), order by time (a clock can be set back;
//! an index cannot), deleting, and a server process for the log (the lock is a file, and the kernel frees it).
#![forbid(unsafe_code)]

mod accounts;
mod audit;
mod backup;
mod cache;
mod durable;
mod error;
mod export;
mod keys;
mod letter;
mod log;
mod mirror;
mod outbox;
mod pages;
mod private;
mod private_files;
mod read;
mod schema;
mod sealed;
mod spool;
mod tables;
mod tree;

pub use accounts::{
    ACCOUNTS_MAX, Access, AccessFilter, AccessPage, AccountDelegation, AccountRow, Accounts, ApiToken, NewAccount,
    PendingAct, SavedView, SessionRow,
};
pub use audit::{Audit, Damage};
pub use backup::{BackupFile, BackupManifest, restore_home};
pub use cache::{Cache, SensorState};
pub use durable::Steps;
pub use error::StoreError;
pub use keys::{Keys, KnownKey, Role, restore};
pub use letter::{LETTER_BYTES_MAX, LETTER_EXTRA_BYTES, LetterKey, seal_to};
pub use log::{ARTIFACT_BYTES_MAX, Ack, BATCH_MAX, Drained, Options, Store, Submission};
pub use mirror::{Brought, Deposit, Desk, Grown, Held, Holder, Intake, Mirror, Mirrored, Remade, Shipped};
pub use outbox::{KeptReceipt, Outbox, Posted};
pub use pages::{
    CaughtLine, Checked, EnterpriseLine, HeldLine, HeldPlace, MatterLine, Narrow, PageOf, PageTables, Place,
    ReceiptLine, TallyKey,
};
pub use private::{KeptBadge, Named, Private};
pub use private_files::PRIVATE_BYTES_MAX;
pub use read::{Inclusion, Sent};
pub use tables::{
    Address, CachedRow, Engine, FileTables, KeptTable, Make, PAGE_ROWS_MAX, Pick, Present, Reach, ReadTable,
    ReadTables, Rollup, RowFilter, SOURCES_MAX, SUMS_MAX, ServerTables, Sums, TABLES_MAX, TablesFault, sums_table,
};

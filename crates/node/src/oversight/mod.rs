//! Oversight: what this node holds about enterprises, gathered for the judge; and orders (`docs/specs/oversight-v1.md`).
//!
//! `gather` reads, `groups` adds what groups certified, `orders` says; `handed` takes orders from node to node as signed files, `line` with
//! packages and their answers; `findings` gives and reads what an order asks for.

mod findings;
mod gather;
mod groups;
mod handed;
mod line;
mod orders;

pub use findings::{FindingsPreview, NewWanted, OpenedFindings};
pub use gather::Looking;
pub use handed::{TookOrder, order_file_check};
pub(crate) use line::{DOUBTS, LINE_ENTRIES_MAX, Ordered};
pub use orders::{NewAnswer, NewOrder, OrderFile};

//! Oversight: what this node holds about enterprises, gathered for the judge; and orders (`docs/specs/oversight-v1.md`).
//!
//! `gather` reads, `groups` adds what groups certified, `orders` says, `handed` takes orders from node to node as signed files.

mod gather;
mod groups;
mod handed;
mod orders;

pub use gather::Looking;
pub use handed::TookOrder;
pub use orders::{NewAnswer, NewOrder, OrderFile};

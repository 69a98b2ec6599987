//! What a reader of a report would notice.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may fail loudly and read its golden files")]

mod catalogue;
mod discover;
mod fixture;
mod found;
mod golden;
mod hostile;
mod origin;
mod real_plan;
mod schema;

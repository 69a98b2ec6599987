//! What a reader of a report would notice.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test may fail loudly, read its golden files and ask other programs"
)]

mod catalogue;
mod discover;
mod fixture;
mod form;
mod found;
mod golden;
mod hostile;
mod origin;
mod papers;
mod real_plan;
mod schema;

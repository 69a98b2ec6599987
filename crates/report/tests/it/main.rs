//! What a reader of a report would notice.

mod fixture;
mod golden;
mod hostile;
mod schema;

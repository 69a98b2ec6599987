//! Fakes and generators for tests and benches.

pub mod plant;

//! Fakes and generators for tests and benches.
#![forbid(unsafe_code)]

pub mod plant;

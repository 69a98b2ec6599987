//! Fakes and generators for tests and benches.
#![forbid(unsafe_code)]

pub mod attack;
pub mod kinds;
pub mod lossy;
pub mod mixture;
pub mod plant;
pub mod postgres;
pub mod registry;
pub mod share;
pub mod twin;

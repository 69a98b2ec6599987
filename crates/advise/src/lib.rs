//! Versions.
#![forbid(unsafe_code)]
pub mod version;

//! What is accepted and what is not, by vectors from standards and from a second, plain implementation.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod cosign;
mod files;
mod items;
mod signer;
mod succession;
mod tree;

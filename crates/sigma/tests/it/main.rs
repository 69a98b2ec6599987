//! Sigma rules as their users meet them.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod corpora;

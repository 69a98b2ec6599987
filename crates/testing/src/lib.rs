//! Fakes and generators for tests and benches.

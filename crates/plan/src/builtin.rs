//! The plan that the program carries.
use crate::Source;

/// The built-in plan `miit-2024-2026`.
#[must_use]
pub fn builtin() -> Source {
    Source::default()
}

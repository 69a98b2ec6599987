//! The HTML face: one file that needs nothing else, on an old browser, on paper and through a screen reader.
//!
//! No script at all. Long evidence folds in `<details>`; on paper the folds open by CSS where the browser can, and
//! every fold names what it holds. All text passes through `maud`, which escapes it; the view has already made it
//! inert against control and bidirectional characters.

pub(crate) mod chart;
pub(crate) mod frame;
mod origin;
mod page;

pub(crate) use page::render;

/// The only style sheet, inline.
const STYLE: &str = include_str!("style.css");
/// Nothing may be fetched, run or framed.
pub(crate) const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

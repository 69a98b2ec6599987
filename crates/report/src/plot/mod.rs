//! Plots for pages, as SVG: pure functions from numbers to markup.
//!
//! Colours come from the page's style by class; every part has its own pattern and its number as well, so that no colour carries a meaning alone. A
//! plot never stands without its table: whoever makes a page shows the same numbers behind it.

mod bars;

pub use bars::{Bar, Part, bars, gauge};

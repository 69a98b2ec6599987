//! Knows sensitive data by its looks: bytes in, classes with confidence out.
//!
//! A value passes four gates: structure, check digit, boundaries, context. One vector pass over the text marks the
//! few places where an identifier could be ([`lanes`], [`events`]); literals that begin tokens are searched
//! beside it; only around such places is the text read closely. Which classes there are, which words speak for
//! them and which patterns confirm them is data ([`pack`](mod@pack)): a user adds a class without a compiler.
//!
//! Text is not transcoded. UTF-8, GB18030 and Big5 are scanned as they are, with the context words kept in each;
//! UTF-16 goes through a narrowing pass into an 8-bit shadow. The same content yields the same hits in each.
//!
//! Refused: a regex engine as scanner (twenty loose patterns cost twenty times what the vector pass costs; here
//! one only confirms); a `Debug` or `Serialize` form of a match (it would print the value); context by
//! substring (`cid` is not in `acid`).
#![deny(unsafe_code)]

mod check;
mod column;
mod context;
mod detectors;
mod events;
mod find;
pub mod format;
mod header;
mod lanes;
mod pack;
mod pattern;
mod scan;
mod score;
mod sniff;
mod view;
mod wide;

pub use check::{PROVINCES, VALIDATORS, Validity, bd09, gcj02, luhn, mobile, resident_id, uscc, validator, vin};
pub use column::{
    ALIKE_PER_MILLE, CellHit, CellMatch, Cells, ColumnStats, Confidence, Judged, Sample, Sampling, at_most_ppm,
    is_whole, rows_needed, sampling,
};
pub use detectors::{Class, Detectors};
pub use header::Header;
pub use pack::{Counts, DETECTORS_MAX, Detector, Name, Need, PACK_BYTES_MAX, PackError, PackFault};
pub use scan::{Match, Note, Scanner, Text};
pub use sniff::{Kind, sniff};
pub use view::{Encoding, narrow};

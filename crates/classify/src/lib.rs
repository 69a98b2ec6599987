//! Knows sensitive data by its looks: bytes in, classes with confidence out.
//!
//! A value passes four gates: structure, check digit, boundaries, context. The first three are cheap and throw
//! nearly everything away, so the text is only read closely around the few places that are left. Candidates are
//! found by striding: a run of eleven digits must cover every eleventh byte, so one byte in eleven is tested
//! and most text is never touched ([`run`](mod@run)). `@` and `-----BEGIN` are found by `memchr`.
//!
//! Text is not transcoded. UTF-8 and GB18030 are scanned as they are, with the context words kept in both;
//! UTF-16 goes through a narrowing pass into an 8-bit shadow. The same content yields the same hits in each.
//!
//! Refused: a regex engine (twenty loose patterns cost twenty times what these runs cost); a `Debug` or
//! `Serialize` form of a match (it would print the value); context by substring (`cid` is not in `acid`).
#![forbid(unsafe_code)]

mod check;
mod class;
mod column;
mod context;
mod find;
mod header;
mod run;
mod scan;
mod score;
mod sniff;
mod view;
mod words;

pub use check::{PROVINCES, luhn, mobile, resident_id, uscc, vin};
pub use class::Class;
pub use column::{
    ALIKE_PER_MILLE, CellHit, CellMatch, Cells, ColumnStats, Confidence, Judged, Sample, Sampling, at_most_ppm,
    is_whole, rows_needed, sampling,
};
pub use header::Header;
pub use scan::{Match, Note, Scanner, Text, rules};
pub use sniff::{Kind, sniff};
pub use view::{Encoding, narrow};

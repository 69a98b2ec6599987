//! What a run found, without the host's checks: what lies where, of which class, at which level, and what could not
//! be looked at. Five faces say the same: terminal, HTML, JSON, CSV and SARIF. `explain` says why, of one finding.
//!
//! `found` puts the items of a run in order, without words; `view` turns that into words of one language; the faces lay
//! out. Values never: masks, places, counts and keyed digests.

mod csv;
mod explain;
mod found;
mod html;
mod json;
mod sarif;
mod terminal;
mod view;

use crate::view::Own;
use crate::{Input, Style};
pub(crate) use csv::{safe, write};
use evidence::Lang;
pub use explain::{Asked, Explain};
pub(crate) use sarif::location;
pub(crate) use view::bytes;

/// The `format` of the JSON face; `docs/specs/report-v1.md` §5 describes it.
pub const DISCOVER_FORMAT: &str = "watchfire-discover-v1";

/// About two screens of text for a terminal. Ends with a line feed.
#[must_use]
pub fn terminal(input: &Input<'_>, lang: Lang, style: Style) -> String {
    let own = Own::of(input.items);
    terminal::render(&view::Seen::new(input, lang, &own), style)
}

/// A complete HTML page: no script, no external request, prints on A4.
#[must_use]
pub fn html(input: &Input<'_>, lang: Lang) -> String {
    let own = Own::of(input.items);
    html::render(&view::Seen::new(input, lang, &own))
}

/// JSON ([`DISCOVER_FORMAT`]): ids and codes, and the words of both languages. Ends with a line feed.
#[must_use]
pub fn json(input: &Input<'_>) -> String {
    json::render(input)
}

/// CSV (RFC 4180): one row a finding, sample or gap; the names of classes in `lang`. No cell begins a formula.
#[must_use]
pub fn csv(input: &Input<'_>, lang: Lang) -> String {
    csv::render(input, lang)
}

/// SARIF 2.1.0, with texts in `lang`. Ends with a line feed.
#[must_use]
pub fn sarif(input: &Input<'_>, lang: Lang) -> String {
    sarif::render(input, lang)
}

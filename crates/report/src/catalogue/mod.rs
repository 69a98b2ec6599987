//! The data catalogue for people: a list for the terminal, the filing form as CSV, XLSX and HTML, JSON for programs; the
//! drift between two catalogues; what transfers would need.
//!
//! No face of it holds a value or a mask: the record holds none. `table` is the one list of columns that all table
//! forms lay out; the headings of the form's fields are the plan's words.

mod drift;
mod html;
mod json;
mod table;
mod terminal;
mod xlsx;

use crate::Style;
use crate::view::{Own, Tongue};
use evidence::{Asset, Catalogue, Digest, Filing, Lang, LevelId, Span, Time};
use judge::{Drift, TransferInput};

/// The `format` of the JSON face of a catalogue.
pub const CATALOGUE_FORMAT: &str = "watchfire-catalogue-v1";
/// The `format` of the JSON face of a drift.
pub const DRIFT_FORMAT: &str = "watchfire-drift-v1";

/// Everything that a face of the catalogue is made of.
#[derive(Clone, Copy, Debug)]
pub struct CatalogueInput<'a> {
    /// The catalogue.
    pub catalogue: &'a Catalogue,
    /// Its leaf.
    pub leaf: Digest,
    /// The plan: words, levels, the form.
    pub plan: &'a plan::CheckedPlan,
    /// What transfers would need.
    pub transfers: &'a TransferInput,
    /// The newest filing, if there is one.
    pub filed: Option<&'a Filing>,
    /// Only assets of this level or a higher one; the lowest for all.
    pub from: Option<&'a LevelId>,
    /// The instant that stands for now.
    pub generated: Time,
    /// Name and version of the program.
    pub program: &'a str,
}
impl<'a> CatalogueInput<'a> {
    /// The assets that are asked for, in the order of the record.
    pub(crate) fn assets(&self) -> impl Iterator<Item = &'a Asset> {
        let rank = |id: &LevelId| self.plan.levels().iter().find(|l| l.id == *id).map_or(0, |l| l.rank);
        let from = self.from.map_or(0, rank);
        self.catalogue.assets.iter().filter(move |a| rank(&a.level.level) >= from)
    }
}

/// The list for a terminal.
#[must_use]
pub fn terminal(input: &CatalogueInput<'_>, lang: Lang, style: Style) -> String {
    let own = Own::default();
    terminal::list(input, Tongue { lang, plan: input.plan, own: &own }, style)
}

/// One asset for a terminal, with everything that is known of it.
#[must_use]
pub fn asset(input: &CatalogueInput<'_>, asset: &Asset, lang: Lang, style: Style) -> String {
    let own = Own::default();
    terminal::asset(asset, Tongue { lang, plan: input.plan, own: &own }, style)
}

/// The numbers that the rules of transfers read, for a terminal.
#[must_use]
pub fn transfers(input: &CatalogueInput<'_>, lang: Lang, style: Style) -> String {
    let own = Own::default();
    terminal::transfers(input, Tongue { lang, plan: input.plan, own: &own }, style)
}

/// JSON ([`CATALOGUE_FORMAT`]). Ends with a line feed.
#[must_use]
pub fn json(input: &CatalogueInput<'_>) -> String {
    json::render(input)
}

/// The filing form as CSV, without a byte order mark.
#[must_use]
pub fn csv(input: &CatalogueInput<'_>, lang: Lang) -> String {
    let own = Own::default();
    let table = table::table(input, Tongue { lang, plan: input.plan, own: &own });
    let cell = |c: &table::Cell| crate::discover::safe(&c.text());
    let head = std::iter::once(table.head.iter().map(|h| crate::discover::safe(h)).collect());
    crate::discover::write(head.chain(table.rows.iter().map(|r| r.iter().map(cell).collect())))
}

/// The filing form as a workbook.
///
/// # Errors
/// If the workbook cannot be written: more cells than the format allows.
pub fn xlsx(input: &CatalogueInput<'_>, lang: Lang) -> Result<Vec<u8>, String> {
    let own = Own::default();
    xlsx::render(input, Tongue { lang, plan: input.plan, own: &own }).map_err(|e| e.to_string())
}

/// The filing form as a page: no script, no external request, prints on A4 across.
#[must_use]
pub fn html(input: &CatalogueInput<'_>, lang: Lang) -> String {
    let own = Own::default();
    html::render(input, Tongue { lang, plan: input.plan, own: &own })
}

/// What a drift is shown from.
#[derive(Clone, Copy, Debug)]
pub struct DriftInput<'a> {
    /// The drift.
    pub drift: &'a Drift,
    /// Leaves of the two catalogues.
    pub leaves: (Digest, Digest),
    /// The filing that the first one is, if it is one.
    pub filed: Option<&'a Filing>,
    /// The plan.
    pub plan: &'a plan::CheckedPlan,
}

/// A drift for a terminal.
#[must_use]
pub fn drift(input: &DriftInput<'_>, lang: Lang, style: Style) -> String {
    let own = Own::default();
    drift::text(input, Tongue { lang, plan: input.plan, own: &own }, style)
}

/// A drift as JSON ([`DRIFT_FORMAT`]). Ends with a line feed.
#[must_use]
pub fn drift_json(input: &DriftInput<'_>) -> String {
    drift::json(input)
}

/// A number as far as it is known: `12`, `12–40`, `≥ 12`.
pub(crate) fn span(s: Span) -> String {
    match (s.known(), s.most) {
        (Some(n), _) => n.to_string(),
        (None, Some(most)) => format!("{}–{most}", s.least),
        (None, None) => format!("≥ {}", s.least),
    }
}

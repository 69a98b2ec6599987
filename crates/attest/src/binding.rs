//! What binds a workbook for returns to who was asked: a hidden sheet with a digest over everything that nobody may change.

use crate::table::{self, Limits, TableError};
use evidence::{Digest, canonical};
use std::collections::BTreeSet;

/// Name of the hidden sheet.
pub const BINDING_SHEET: &str = "watchfire";
/// First line of it.
const FORMAT: &str = "watchfire-returns-v1";

/// What a workbook is bound to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Binding {
    /// Area that was asked.
    pub area: String,
    /// Year of the registry.
    pub year: i64,
    /// Digest of the plan.
    pub plan: Digest,
    /// Last day, `YYYY-MM-DD`.
    pub due: String,
}
impl Binding {
    /// The lines of the hidden sheet: format, area, year, plan, last day, digest.
    #[must_use]
    pub fn lines(&self, codes: &BTreeSet<String>) -> Vec<String> {
        let (year, plan) = (self.year.to_string(), self.plan.to_string());
        let head = [FORMAT, self.area.as_str(), &year, &plan, &self.due].map(str::to_owned);
        let digest = digest(&head, codes).to_string();
        head.into_iter().chain([digest]).collect()
    }
}

/// SHA-256 over the canonical array of the lines and the sorted codes.
fn digest(head: &[String], codes: &BTreeSet<String>) -> Digest {
    let all: Vec<&String> = head.iter().chain(codes).collect();
    Digest::of(&canonical::to_vec(&all).expect("texts have a canonical form"))
}

/// Whether a workbook has a hidden sheet whose digest follows from its own lines and from the codes of its first sheet.
pub fn bound(bytes: &[u8], limits: &Limits) -> Result<bool, TableError> {
    if table::Format::of(bytes) != table::Format::Xlsx {
        return Ok(false);
    }
    let Some(lines) = table::sheet(bytes, BINDING_SHEET, limits)? else { return Ok(false) };
    let lines: Vec<String> = lines.into_iter().filter_map(|(_, cells)| cells.into_iter().next()).collect();
    let [format, area, year, plan, due, stated] = lines.as_slice() else { return Ok(false) };
    if format != FORMAT {
        return Ok(false);
    }
    let mut codes = BTreeSet::new();
    for (row, cells) in table::rows(bytes, limits)? {
        let code = cells.first().map_or("", |c| c.trim());
        // One code twice, or a code that was put in, would give another digest only if it is counted.
        if row > 1 && !code.is_empty() && !codes.insert(code.to_uppercase()) {
            return Ok(false);
        }
    }
    let head = [format, area, year, plan, due].map(String::clone);
    Ok(digest(&head, &codes).to_string() == *stated)
}

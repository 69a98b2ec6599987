//! A list of measures as CSV, for the spreadsheet in which people keep such lists.

use crate::discover::{safe, write};
use evidence::Measure;
use plan::Days;

/// The columns. Fixed: programs read them.
const HEAD: [&str; 13] = [
    "id",
    "state",
    "late",
    "due",
    "owner",
    "deputy",
    "action",
    "approver",
    "since",
    "expires",
    "document",
    "findings",
    "incidents",
];

/// CSV (RFC 4180): one row a measure, with whether it is late; dates are days of the plan's zone. No cell begins a formula.
#[must_use]
pub fn measures_csv(rows: &[(&Measure, bool)], days: &Days) -> String {
    let date = |t: Option<evidence::Time>| t.map(|t| days.day_named(t)).unwrap_or_default();
    let row = |(m, late): &(&Measure, bool)| {
        let findings: Vec<String> = m.findings.iter().map(evidence::Digest::hex).collect();
        let cells = [
            m.id.clone(),
            m.state.name().to_owned(),
            if *late { "yes" } else { "no" }.to_owned(),
            days.day_named(m.due),
            m.owner.clone(),
            m.deputy.clone(),
            m.action.clone(),
            m.approver.clone().unwrap_or_default(),
            date(m.since),
            date(m.expires),
            m.document.as_ref().map(|d| format!("{} {}", d.name, d.digest)).unwrap_or_default(),
            findings.join(" "),
            m.incidents.join(" "),
        ];
        cells.iter().map(|c| safe(c)).collect()
    };
    write(std::iter::once(HEAD.map(str::to_owned).to_vec()).chain(rows.iter().map(row)))
}

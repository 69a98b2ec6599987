//! Incidents: one as it stands, the list, the timeline; for a terminal, as JSON and CSV.
//!
//! The order of one incident is that of a person who has minutes: how grave it is, what must be done by when, what to find out next; then the rest.

mod json;
mod say;
mod terminal;

use crate::Style;
use crate::view::{Own, Tongue};
use evidence::{Digest, IncidentJudgement, Lang, Time};
use judge::IncidentView;
use plan::CheckedPlan;

pub use json::{incident_json, incident_list_json, incident_timeline_json};
pub(crate) use say::{answered, beside, chosen, consequences, entry, grade, happened, left, limit, met, number};
pub use say::{incident_is_late, incident_next_due, incidents_csv, question};

/// Everything that the page of one incident is made of.
#[derive(Clone, Copy)]
pub struct IncidentInput<'a> {
    /// The plan that was applied.
    pub plan: &'a CheckedPlan,
    /// What the entries say.
    pub view: &'a IncidentView<'a>,
    /// What the judge makes of them, as of `now`.
    pub judgement: &'a IncidentJudgement,
    /// Leaf of the newest judgement in the log.
    pub leaf: Option<Digest>,
    /// The instant that stands for now.
    pub now: Time,
}

/// One incident for a terminal.
#[must_use]
pub fn incident_text(input: &IncidentInput<'_>, lang: Lang, style: Style) -> String {
    let own = Own::default();
    terminal::one(input, Tongue { lang, plan: input.plan, own: &own }, style)
}

/// The list of incidents for a terminal.
#[must_use]
pub fn incident_list_text(plan: &CheckedPlan, list: &[IncidentInput<'_>], lang: Lang, style: Style) -> String {
    let own = Own::default();
    terminal::list(list, Tongue { lang, plan, own: &own }, style)
}

/// What happened, in order of time, for a terminal.
#[must_use]
pub fn incident_timeline_text(input: &IncidentInput<'_>, lang: Lang, style: Style) -> String {
    let own = Own::default();
    terminal::timeline(input, Tongue { lang, plan: input.plan, own: &own }, style)
}

//! Incidents: graded as ranges in every regime of the plan, with clocks that run, by entries alone.
//!
//! `docs/specs/incidents-v1.md` is the specification. Reading order: `fold` (entries become one view), `grade` (a range of
//! levels in each regime), `ask` (what is unknown and matters), `clocks`, `forms`, `response`.
//!
//! Refused: taking the likeliest level. Who must be told by when follows from what is certain; what is only possible is
//! shown beside it and asked for.

mod ask;
mod clocks;
mod fold;
mod forms;
mod grade;
mod response;

pub use fold::{IncidentView, ResponseView, StepView};
pub use forms::{FormState, FormView, missing_fields};

use crate::VERSION;
use evidence::{IncidentJudgement, Record, RecordKind, Time};
use fold::Folded;
use plan::{CheckedPlan, Form};
use proof::Witness;

/// Judges one incident from its entries as of an instant. `None` if no entry opens it by then.
///
/// Records that are no entries of this incident are passed over, so the caller may hand in more than it needs.
#[must_use]
pub fn incident(plan: &CheckedPlan, records: &[Witness], incident: &str, as_of: Time) -> Option<IncidentJudgement> {
    let folded = fold(plan, records, incident, as_of)?;
    Some(judge(plan, &folded, as_of))
}

/// What an incident looks like as of an instant, for those who show it. `None` if no entry opens it by then.
#[must_use]
pub fn incident_view<'a>(
    plan: &CheckedPlan,
    records: &'a [Witness],
    incident: &str,
    as_of: Time,
) -> Option<IncidentView<'a>> {
    let folded = fold(plan, records, incident, as_of)?;
    Some(folded.view(plan))
}

/// Whether a form of the incident must be signed or sealed to stop a clock, if it is handed over at this instant: by the level that is known then
/// in the form's regime, a proposed one as if it were certain (`docs/specs/incidents-v1.md` §3). False if no entry opens the incident by then.
///
/// The judge asks this of every report; whoever prints a form asks the same.
#[must_use]
pub fn must_be_sealed(plan: &CheckedPlan, records: &[Witness], incident: &str, form: &Form, at: Time) -> bool {
    fold(plan, records, incident, at).is_some_and(|folded| grade::must_be_sealed(plan, &folded, form, at))
}

/// The judgement and the look of one incident from one reading of its entries, for those who need both.
#[must_use]
pub fn incident_and_view<'a>(
    plan: &CheckedPlan,
    records: &'a [Witness],
    incident: &str,
    as_of: Time,
) -> Option<(IncidentJudgement, IncidentView<'a>)> {
    let folded = fold(plan, records, incident, as_of)?;
    let judgement = judge(plan, &folded, as_of);
    Some((judgement, folded.view(plan)))
}

fn fold<'a>(plan: &CheckedPlan, records: &'a [Witness], incident: &str, as_of: Time) -> Option<Folded<'a>> {
    let entries = records.iter().filter_map(|w| match w.record.value() {
        Record::Incident(e) if e.incident == incident => Some((w.record.leaf(), &**e)),
        _ => None,
    });
    fold::fold(plan, entries, as_of)
}

fn judge(plan: &CheckedPlan, folded: &Folded<'_>, as_of: Time) -> IncidentJudgement {
    let mut doubts = folded.doubts.clone();
    let known = grade::Known::new(plan, folded, &mut doubts);
    let grades = grade::all(plan, &known, &mut doubts);
    let ask = ask::questions(plan, &known, &grades);
    let clocks = clocks::all(plan, folded, &known, &grades, as_of, &mut doubts);
    grade::fell(plan, folded, &known, &mut doubts);
    response::check(plan, folded, &mut doubts);
    doubts.sort();
    doubts.dedup();
    IncidentJudgement {
        plan: plan.reference(),
        judge: VERSION.to_owned(),
        as_of,
        incident: folded.incident.to_owned(),
        origin: folded.origin,
        cites: folded.cites.iter().map(|leaf| (*leaf, RecordKind::Incident)).collect(),
        grades,
        ask,
        clocks,
        doubts,
    }
}

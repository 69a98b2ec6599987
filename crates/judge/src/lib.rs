//! Pure judgement: plan, verified records and an instant in; findings, levels, standings and doubts out.
//!
//! [`judge`] reads nothing else: no clock, no disk, no memory of the last time. The same records under the same plan
//! as of the same instant give the same bytes, in whatever order they are handed in; so anyone who holds the records
//! can judge again. What the judge does not know it says: a missing fact is *cannot tell*, never a pass, and whatever
//! makes a judgement weaker than it looks is a [`evidence::Doubt`].
//!
//! Reading order: `choose` (which records count), `host` (machine checks on one host), `answers` (organisational
//! checks), `data` (what was found, and its level), `joint` (a host and its data together), `coverage` (of what), `measures` (what people do about findings), `sums` (standings, order); `catalogue` is a second
//! judgement over the same records: what lies where, listed against found; `incident` a third, over the entries of one incident; `transfers` a fourth: what exports need and have.
//! `selection` is a fifth, over the rows of a registry: which enterprises are key enterprises. `programme` is the last: a plant's counts for the level
//! above, and how far the plan's targets are reached.
//! `warning` folds a warning's entries for a reader and `exposure` says which articles are touched: neither is a record.
//! `oversight` says who first and why, and what became of orders: it reads everything above and is no record either.
//! `challenge` draws what a plant must show of its report, and holds what it shows against that report.
//! `training` and `experts` count who was trained and who may be called; the programme's counters read them.
//!
//! Refused: scores. A number that mixes "failed" with "could not be seen" hides both.
#![forbid(unsafe_code)]

mod answers;
mod catalogue;
mod challenge;
mod choose;
mod compare;
mod country;
mod coverage;
mod data;
mod experts;
mod exposure;
mod host;
mod incident;
mod joint;
mod measures;
mod oversight;
mod paper;
mod programme;
mod say;
mod selection;
mod sums;
mod training;
mod transfers;
mod warning;

pub use catalogue::{
    ASSETS_MAX, Change, Drift, Due, FieldChange, ItemChange, KindDrift, Need, TransferCounts, TransferInput, Verdict,
    catalogue, diff, transfer_input,
};
pub use challenge::{
    ANSWER_BYTES_MAX, DRAWS_MAX, OpeningCase, OpeningContent, OpeningJudged, REOBSERVATION, ReobservationCase,
    ReobservationContent, ShownBody, ShownItem, ShownRun, ShownThing, THING_KINDS, THINGS_MAX, draw, draw_things,
    draws_digest, judged_anew, judged_opening, opening_verdict, read_opening, read_reobservation, reobservation_held,
    reobservation_verdict,
};
pub use compare::{Changed, Compared, Reweighed, Told, compare};
pub use country::home as home_country;
pub use experts::{Conflict, ExpertStanding, ExpertState, PoolPlace, experts, pool};
pub use exposure::{Because, Happened, Touched, Toucher, exposure};
pub use incident::{
    FormState, FormView, IncidentView, ResponseView, StepView, incident, incident_and_view, incident_view,
    missing_fields, must_be_sealed,
};
pub use measures::refused;
pub use oversight::{
    Act, EnterpriseStanding, EnterpriseState, FINDINGS_BYTES_MAX, FindingsAsked, FindingsCase, FindingsContent,
    GroupAmounts, GroupMembership, GroupRow, GroupStanding, LIFE_MAX, Life, LifeCaught, LifeCheck, LifeMember,
    LifeOrder, LifeReport, ListFilter, ListOf, ListPage, OrderAnswer, OrderState, OrderStep, OrderView, Oversight,
    OversightInput, Pseudonym, QueueItem, QueuePage, ReasonStanding, ShownFinding, SomeRows, Whose, findings_asked,
    findings_doubts, may, order_due, order_extended, order_refuses, order_view, orders, oversight_selection,
    read_findings,
};
pub use programme::{
    Closing, Counted, CounterSums, EnterpriseClaims, FELL, FORECAST_WEEKS, Forecast, Guide, GuideItem, GuideState,
    KeptClaim, LATE_MAX, LEFT, ProgressInput, Progressed, ReceivedReport, Reobserved, Reporter, RollRows, SomeClaims,
    SumsPlace, TargetShown, burn_up, forecast, guide, programme_doubts, programme_report, progress, progress_by_group,
    report_doubts, some_claims, targets_from_sums, tops, wilson,
};
pub use say::SAY_KEYS;
pub use selection::{
    Neighbour, Placed, Reason, Selected, SelectionPart, SelectionRows, Union, UnionPart, adjustments, explain,
    restated, selection, selection_parts, union,
};
pub use training::{SessionCount, TrainingFiles, TrainingStanding, TrainingSums, training};
pub use transfers::{SeenAs, SeenDestination, transfers, transfers_seen};
pub use warning::{
    Acknowledged, Concern, DutyView, Here, Lifted, Said, Taken, WarningState, WarningView, warning_faults,
    warning_form, warning_view,
};

use evidence::{Judgement, Time};
use plan::CheckedPlan;
use proof::Witness;

/// Name and version of this judge. It changes when the same input would give other bytes.
pub const VERSION: &str = "watchfire-judge/5";

/// Most items that a result cites as its basis; findings carry their own.
pub const BASIS_MAX: usize = 20;

/// Judges `records` under `plan` as of an instant.
#[must_use]
pub fn judge(plan: &CheckedPlan, records: &[Witness], as_of: Time) -> Judgement {
    let mut bench = choose::choose(plan, records, as_of);
    let mut out = sums::Draft::default();
    for host in &bench.hosts {
        paper::judge(plan, host, &bench.measures, as_of, &mut out);
    }
    answers::judge(plan, &bench, as_of, &mut out);
    data::judge(plan, &bench, &mut out);
    joint::judge(plan, &bench, as_of, &mut out);
    coverage::judge(&bench, &mut out);
    measures::judge(plan, &mut bench, as_of, &mut out);
    out.doubts.append(&mut bench.doubts);
    sums::finish(plan, bench.cites, out, as_of)
}

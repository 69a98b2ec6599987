//! The programme: what a plant says of itself to the level above, and how far the plan's targets are reached
//! (`docs/specs/programme-v1.md`).
//!
//! Reading order: `report` (a plant's own records become counts), `doubts` (what can be found wrong in such a report by itself),
//! `input` (what progress is counted from), `facts` (what conditions of counters read), `ground` (the registry, its groups and
//! denominators), `claims` (what counts, and why the rest does not), `progress` (targets from claims), `some` (claims of some enterprises, targets from sums), `forecast`, `interval`, `guide`.
//!
//! Refused: one number. Every amount is said on every rung of the ladder, with what it is a part of and with what is at hand and
//! does not count.

mod claims;
mod doubts;
mod facts;
mod forecast;
mod ground;
mod guide;
mod input;
mod interval;
mod progress;
mod report;
mod some;

pub use claims::{FELL, LEFT};
pub use doubts::{programme_doubts, report_doubts};
pub use forecast::{FORECAST_WEEKS, Forecast, burn_up, forecast};
pub(crate) use ground::{Standing, judged};
pub use guide::{Guide, GuideItem, GuideState, guide};
pub use input::{Closing, Counted, ProgressInput, ReceivedReport, Reobserved, RollRows};
pub use interval::wilson;
pub use progress::{LATE_MAX, Progressed, progress, progress_by_group};
pub use report::{Reporter, programme_report};
pub use some::{
    CounterSums, EnterpriseClaims, KeptClaim, SomeClaims, SumsPlace, TargetShown, some_claims, targets_from_sums, tops,
};

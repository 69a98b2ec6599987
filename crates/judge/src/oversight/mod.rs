//! Oversight: who first, and why; what waits for an authority; orders (`docs/specs/oversight-v1.md`).
//!
//! Reading order: `may` (whose eyes and hands), `order` (entries of an order become one state), `input` (what is read), `ground` (what is
//! at hand about which enterprise, and the facts of it), `standing` (reasons, and the range that they come to), `lists`, `queue`,
//! `some` (the same over some enterprises, and until when it holds), `group`;
//! `findings` (what an order asks for of a judgement, and what of an answer holds).
//!
//! A standing is a range, because most of what an authority would like to know of an enterprise it does not know. Facts of an
//! enterprise that agree in what the plan's reasons read have one answer, so that half a million rows cost one pass.
//!
//! Refused: one number; and a record of it. A standing follows from records and is made when it is asked for, so that nobody can
//! be ranked by a number that its reasons have outlived.

mod findings;
mod ground;
mod group;
mod input;
mod lists;
mod may;
mod order;
mod queue;
mod some;
mod standing;

pub use findings::{
    FINDINGS_BYTES_MAX, FindingsAsked, FindingsCase, FindingsContent, Pseudonym, ShownFinding, findings_asked,
    findings_doubts, read_findings,
};
pub use ground::{Oversight, oversight_selection};
pub use group::{GroupAmounts, GroupMembership, GroupRow, GroupStanding};
pub use input::OversightInput;
pub use lists::{ListFilter, ListOf, ListPage};
pub use may::{Act, Whose, may};
pub use order::{
    OrderAnswer, OrderState, OrderStep, OrderView, order_due, order_extended, order_refuses, order_view, orders,
};
pub use queue::{QueueItem, QueuePage};
pub(crate) use some::{Changes, computes_with_now, next_day};
pub use some::{EnterpriseState, LIFE_MAX, Life, LifeCaught, LifeCheck, LifeMember, LifeOrder, LifeReport, SomeRows};
pub use standing::{EnterpriseStanding, ReasonStanding};

//! Oversight as data: why an enterprise deserves a look, what waits for an authority, what orders can rest on
//! (`docs/specs/oversight-v1.md`).

use super::Sourced;
use crate::cond::{Condition, EvalError, Scene};
use evidence::{FactDef, FactValue, NodeRole, Shape, Time, Type, Unit};

const INT: Type = Type::Int;
const BOOL: Type = Type::Bool;

/// What is known of an enterprise above it; a reason reads it as `it.<fact>`. What is not known is absent.
pub static OVERSIGHT_FACTS: FactDef = FactDef {
    id: "enterprise",
    shape: Shape::Many(&[
        ("selected", BOOL),
        ("above_size", BOOL),
        ("industry", Type::Text),
        ("supervisor", Type::Text),
        ("enrolled", BOOL),
        ("report_days", INT),
        ("reports", INT),
        ("expired", BOOL),
        ("doubted", BOOL),
        ("graded", INT),
        ("ungraded", INT),
        ("core", INT),
        ("important", INT),
        ("general", INT),
        ("failed", INT),
        ("accepted", INT),
        ("not_examined", INT),
        ("declared", INT),
        ("examined", INT),
        ("open_incidents", INT),
        ("late_incidents", INT),
        ("open_measures", INT),
        ("overdue_measures", INT),
        ("drill_days", INT),
        ("return_state", Type::Text),
        ("orders_open", INT),
        ("orders_overdue", INT),
        ("challenge_failed", BOOL),
        ("reobserved", BOOL),
        ("refuted", BOOL),
        ("equivocated", BOOL),
    ]),
    unit: Unit::Count,
    live_only: false,
};

/// An example that must come out as it says.
#[derive(Clone, PartialEq, Debug)]
pub struct ReasonExample {
    /// True: it holds.
    pub holds: bool,
    /// The facts.
    pub facts: FactValue,
    /// When it plays.
    pub now: Time,
    pub(crate) at: crate::error::At,
}

/// Why an enterprise deserves a look. Words `reason.<id>.name`.
#[derive(Clone, Debug)]
pub struct Reason {
    /// Id.
    pub id: String,
    /// How much it weighs, 1 to 1,000.
    pub points: u64,
    /// When it holds.
    pub when: Condition,
    /// Facts without which it cannot be said to hold, whatever the condition says of the rest.
    pub needs: Vec<String>,
    /// Examples.
    pub examples: Vec<ReasonExample>,
    /// Origin.
    pub sourced: Sourced,
}
impl Reason {
    /// Whether it holds of these facts. Errors: something that it reads or needs is not known, or the condition is wrong.
    pub fn holds(&self, scene: &Scene<'_>, facts: &FactValue) -> Result<bool, EvalError> {
        let holds = self.when.holds(scene, Some(facts))?;
        match self.needs.iter().find(|n| facts.field(n).is_none()) {
            Some(need) if holds => Err(EvalError::Field(need.clone())),
            _ => Ok(holds),
        }
    }
}

/// A kind of what waits for an authority.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatterKind {
    /// A node signed two histories.
    Equivocation,
    /// A re-observation did not find what was reported.
    Refuted,
    /// The last day of an order is over.
    OrderOverdue,
    /// An order was answered: somebody must look, or close it.
    OrderAnswered,
    /// An incident has a clock that ran out.
    IncidentLate,
    /// The newest report counts nothing.
    ReportDoubted,
    /// The newest report is, or soon will be, too old to count.
    ReportExpiring,
    /// It is selected and nobody enrolled it.
    NotEnrolled,
    /// It is enrolled and says nothing.
    Silent,
    /// It was a member, and nothing of it is accepted any more.
    Membership,
}
impl MatterKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Equivocation,
        Self::Refuted,
        Self::OrderOverdue,
        Self::OrderAnswered,
        Self::IncidentLate,
        Self::ReportDoubted,
        Self::ReportExpiring,
        Self::NotEnrolled,
        Self::Silent,
        Self::Membership,
    ];
    /// The name in plan files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Equivocation => "equivocation",
            Self::Refuted => "refuted",
            Self::OrderOverdue => "order-overdue",
            Self::OrderAnswered => "order-answered",
            Self::IncidentLate => "incident-late",
            Self::ReportDoubted => "report-doubted",
            Self::ReportExpiring => "report-expiring",
            Self::NotEnrolled => "not-enrolled",
            Self::Silent => "silent",
            Self::Membership => "membership",
        }
    }
    /// Whether a number of days belongs to it.
    #[must_use]
    pub fn takes_days(self) -> bool {
        matches!(self, Self::ReportExpiring | Self::Silent)
    }
}

/// A kind of the queue and its place. Words `matter.<kind>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Matter {
    /// Which kind.
    pub kind: MatterKind,
    /// Its place: 1 is the first.
    pub rank: u32,
    /// Of `report-expiring`: so many days before; of `silent`: after so many days without a report.
    pub days: Option<i64>,
    /// What an order about it would rest on.
    pub basis: Option<String>,
    /// Origin.
    pub sourced: Sourced,
}

/// What an order can rest on: a clause, by whom, within how many working days, and how far it can be extended. Words `basis.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Basis {
    /// Id.
    pub id: String,
    /// Who may issue an order that rests on it.
    pub issuers: Vec<NodeRole>,
    /// Working days that an order gives if it does not say.
    pub working_days: i64,
    /// How often an order can be extended.
    pub extend_times: i64,
    /// By how many working days, all extensions together.
    pub extend_working_days: i64,
    /// Findings that an order on it asks for carry names as they are; else pseudonyms.
    pub names: bool,
    /// Origin: the clause.
    pub sourced: Sourced,
}

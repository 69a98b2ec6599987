//! Incidents: levels and their criteria, warnings, clocks, forms.

use super::Sourced;
use evidence::LevelId;

/// A level of incidents. Words `incident.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IncidentLevel {
    /// Id, such as `I`.
    pub id: String,
    /// Regime that it belongs to, such as `miit` or `cac`.
    pub regime: String,
    /// Order, 1 = gravest.
    pub rank: u32,
    /// Roman numeral.
    pub numeral: String,
    /// Colour of the warning; empty where the regime has none.
    pub colour: String,
    /// Any one is enough.
    pub criteria: Vec<Criterion>,
    /// The warning, if the regime has one.
    pub warning: Option<Warning>,
    /// Origin.
    pub sourced: Sourced,
}

/// One criterion of an incident level. Words `criterion.<id>.what`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Criterion {
    /// Id.
    pub id: String,
    /// Dimension, such as `loss-yuan`, `people-personal`.
    pub dimension: String,
    /// Only for this branch (`industrial`, `telecom`, `radio`); empty for all.
    pub branch: String,
    /// How it is measured.
    pub measured: Measured,
    /// Origin.
    pub sourced: Sourced,
}

/// How a criterion is measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Measured {
    /// A number: at least `min` (if any), below `below` (if any).
    Bounds {
        /// Unit.
        unit: String,
        /// Inclusive lower bound.
        min: Option<i64>,
        /// Exclusive upper bound.
        below: Option<i64>,
        /// The text marks the lower bound as inclusive (含); if not, inclusion is by convention.
        marked_inclusive: bool,
    },
    /// A person judges by words.
    Words {
        /// Data levels that the criterion is about; empty if none.
        data: Vec<LevelId>,
    },
}

/// A warning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    /// Who issues it.
    pub issuer: String,
    /// Who must agree first; empty if nobody.
    pub approval: String,
    /// Duties, each an id of a [`Duty`].
    pub duties: Vec<String>,
}

/// A limit of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// So many units.
    Within(i64, LimitUnit),
    /// Every year by this month and day.
    By(u32, u32),
    /// At once; the text gives no figure.
    Immediately,
    /// The text gives no figure.
    Unstated,
}

/// Units of a limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LimitUnit {
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Calendar days.
    Days,
    /// Working days.
    WorkingDays,
    /// Months.
    Months,
    /// Years.
    Years,
}
impl LimitUnit {
    /// Every unit.
    pub const ALL: [LimitUnit; 6] =
        [Self::Minutes, Self::Hours, Self::Days, Self::WorkingDays, Self::Months, Self::Years];
    /// The name in plan files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
            Self::WorkingDays => "working-days",
            Self::Months => "months",
            Self::Years => "years",
        }
    }
}

/// A clock. Words `clock.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clock {
    /// Id.
    pub id: String,
    /// Regime: `miit-incident`, `cac-incident`, `filing`, `assessment`, `export`…
    pub regime: String,
    /// Who must act.
    pub actor: String,
    /// Towards whom.
    pub recipient: String,
    /// How: `phone`, `written`, `any`.
    pub channel: String,
    /// When the clock starts: `discovery`, `end`, `completion`…
    pub starts: String,
    /// The incident levels that it concerns; empty if it is not about incidents.
    pub levels: Vec<String>,
    /// How long.
    pub limit: Limit,
    /// Origin.
    pub sourced: Sourced,
}

/// A form. Words `form.<id>.name`, `form.<id>.field.<field>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Form {
    /// Id.
    pub id: String,
    /// Incident levels from which on a seal is needed; empty if never.
    pub sealed_for: Vec<String>,
    /// Its fields in order.
    pub fields: Vec<FormField>,
    /// Origin.
    pub sourced: Sourced,
}

/// A field of a form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormField {
    /// Id within the form.
    pub id: String,
    /// Heading under which it stands.
    pub group: String,
    /// Kind of value.
    pub kind: FieldRule,
    /// May be answered "not yet known".
    pub may_be_unknown: bool,
}

/// Kind of value of a form field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FieldRule {
    /// A text.
    Text,
    /// Date and time to the minute.
    Minute,
    /// One of these (words `form.<form>.choice.<choice>`).
    Choice(Vec<String>),
    /// A whole number.
    Number,
    /// An amount in GB and a number of records.
    GigabytesAndRecords,
}

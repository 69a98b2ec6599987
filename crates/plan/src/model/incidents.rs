//! Incidents: levels and their criteria, warnings, clocks, forms.

use super::Sourced;
use evidence::LevelId;

/// A body of rules that grades incidents. Words `regime.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Regime {
    /// Id, such as `miit`.
    pub id: String,
    /// Order in which regimes are shown, 1 first.
    pub rank: u32,
    /// Origin.
    pub sourced: Sourced,
}

/// An instant that clocks of incidents start from. Words `moment.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moment {
    /// Id, such as `discovery`.
    pub id: String,
    /// How it comes.
    pub comes: Comes,
    /// It needs words: not of one that was filled in.
    pub(crate) words: bool,
    pub(crate) at: crate::error::At,
}

/// How a moment of an incident comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comes {
    /// Somebody says when the incident began.
    Occurred,
    /// With the opening of the incident, at the instant at which it was discovered.
    Opened,
    /// Once a level is reached whose clock begins there.
    Graded,
    /// With the end of the response, or of the incident without one; not any more if it goes on.
    Ended,
    /// Only if somebody says that it has come; until then its clocks are not shown.
    Said,
}

/// Something that an incident is measured in. Words `dimension.<id>.name`, `.question`; of one by words the choices are
/// what its criteria say (`criterion.<id>.what`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dimension {
    /// Id, such as `loss-yuan`.
    pub id: String,
    /// A shorter name for the command line; empty if none.
    pub alias: String,
    /// What is answered.
    pub kind: DimensionKind,
    /// Origin.
    pub sourced: Sourced,
}

/// What is answered of a dimension.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DimensionKind {
    /// A whole number.
    Number,
    /// A person says which level's words fit, or none; with a reason. Answered with the id of a level.
    Words,
    /// The level of the data: an id of [`super::DataLevelDef`].
    DataLevel,
    /// A person says whether what the plan proposes is right: answered with the id of a level, with a reason.
    Confirmation,
}

/// A level of incidents. Words `incident.<regime>.<id>.name`.
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
    /// Any one that is in no group is enough.
    pub criteria: Vec<Criterion>,
    /// Groups of criteria, of which a number must hold together; any one group is enough.
    pub groups: Vec<Group>,
    /// The response at this level, if the regime has one.
    pub response: Option<ResponseRule>,
    /// The warning, if the regime has one.
    pub warning: Option<Warning>,
    /// Origin.
    pub sourced: Sourced,
}

/// Criteria that count together (k of n).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Id; criteria name it.
    pub id: String,
    /// So many of its members must be met.
    pub needs: u32,
    /// Criteria of the same level that must be met besides.
    pub requires: Vec<String>,
}

/// Who starts, leads and ends the response at a level.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResponseRule {
    /// Any one of these starts it.
    pub started_by: Vec<String>,
    /// Who is in command.
    pub led_by: String,
    /// Any one of these ends it.
    pub ended_by: Vec<String>,
    /// Whose consent a change from or to this level needs; empty if nobody's.
    pub change_consent: String,
}

/// A step of the check list at a level. Words `step.<id>.what`, `role.<role>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// Id.
    pub id: String,
    /// Regime.
    pub regime: String,
    /// Levels at which it is to be done.
    pub levels: Vec<String>,
    /// Who.
    pub actor: String,
    /// Which person there: `first-responsible`, `direct-responsible`, `duty`, `anyone`.
    pub role: String,
    /// `first`, `response`, `end`.
    pub phase: String,
    /// Origin.
    pub sourced: Sourced,
}

/// Rest days and working days of a country. Words `calendar.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Calendar {
    /// Id, such as `cn`.
    pub id: String,
    /// IANA name of the time zone, for people.
    pub zone: String,
    /// Rule of the time zone (POSIX.1 `TZ`), which is what counts: `CST-8`, `CET-1CEST,M3.5.0,M10.5.0/3`.
    pub zone_rule: String,
    /// Days of the week at rest, 1 = Monday … 7 = Sunday.
    pub rest: Vec<u32>,
    /// Years whose holidays are known.
    pub years: Vec<CalendarYear>,
    /// Origin.
    pub sourced: Sourced,
}

/// What a year's calendar changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CalendarYear {
    /// The year.
    pub year: i64,
    /// Days off, `YYYY-MM-DD`, also those that are at rest anyway.
    pub off: Vec<String>,
    /// Working days that would be at rest (make-up days).
    pub work: Vec<String>,
    /// Origin.
    pub sourced: Sourced,
}

/// What an offence can cost. Words `penalty.<id>.name`; where nothing touches it, `penalty.<id>.untouched` says why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Penalty {
    /// Id.
    pub id: String,
    /// Instrument and article, in the original's words: `DSL 45`.
    pub basis: String,
    /// Only for who is this, in the plan's words: `cii-operator`; empty: for everybody.
    pub actor: String,
    /// What touches it: `row:8`, `scenario:ransomware`, `check:ssh-root-login`, `incident`, `incident:miit.II`, `people:people-personal`,
    /// `data:important`, `clock:cac-other`, `transfer:important-data` (one threshold), `transfer:assessment` (all that need it). Empty: nothing that this program sees does.
    pub touches: Vec<String>,
    /// Unit of money: `CNY`, `EUR`.
    pub currency: String,
    /// Least amount; 0 if the text gives none.
    pub from: i64,
    /// Largest amount.
    pub to: i64,
    /// Instead, so many thousandths of last year's revenue, if that is what the text says.
    pub revenue_per_mille: Option<i64>,
    /// For the person in charge, besides: least and largest.
    pub person: Option<(i64, i64)>,
    /// Only in a serious case, or after a refusal.
    pub serious: bool,
    /// Origin.
    pub sourced: Sourced,
}

/// One criterion of an incident level. Words `criterion.<id>.what`, `branch.<branch>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Criterion {
    /// Id.
    pub id: String,
    /// Dimension, such as `loss-yuan`, `people-personal`.
    pub dimension: String,
    /// Only for this branch (`industrial`, `telecom`, `radio`, `cii`); empty for all.
    pub branch: String,
    /// The group that it counts in; empty: it is enough alone.
    pub group: String,
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
    /// Regime of incidents whose levels it concerns; empty if it is not about incidents.
    pub incident: String,
    /// The incident levels that it concerns; of a clock about incidents, empty means all of them.
    pub levels: Vec<String>,
    /// Only incidents with data of one of these levels; empty for all.
    pub data: Vec<LevelId>,
    /// Not for a node that is also one of these actors.
    pub unless: Vec<String>,
    /// A level that is only possible asks for it too: what is owed when an incident is thought possible.
    pub foreseen: bool,
    /// It begins when this other clock is met, not at a moment.
    pub after: Option<String>,
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
    /// Regime of incidents that it belongs to; empty if none.
    pub regime: String,
    /// Stages that it serves: `initial`, `progress`, `summary`, `warning`, `judgement`.
    pub stages: Vec<String>,
    /// Clocks that handing it over stops.
    pub meets: Vec<String>,
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
    /// May be left out, or answered "none".
    pub optional: bool,
    /// What it is filled from, if known: `moment.discovery`, `answer.people-personal`, `grade.miit`, `catalogue.level`,
    /// `profile.name`…
    pub prefill: String,
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

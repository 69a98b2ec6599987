//! The programme and its standing rules: targets, selection, transfers abroad, drills, duties.

use super::Sourced;
use crate::cond::{Condition, EvalError, Scene};
use evidence::{FactDef, FactValue, LevelId, Rung, ScenarioId, ScopeKind, Shape, Time, Type, Unit};

/// A quantified target. Words `target.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Id.
    pub id: String,
    /// Name of the counter that it is held against.
    pub counter: String,
    /// At least (or more than, if `exclusive`) so many.
    pub bound: i64,
    /// `enterprises`, `percent`, `person-times`.
    pub unit: String,
    /// The bound itself is not enough.
    pub exclusive: bool,
    /// Counted for each group of these, such as `province`, `industry`; empty: nationally.
    pub per: Vec<String>,
    /// Target of which this is another reading, shown side by side.
    pub reading_of: Option<String>,
    /// Last day.
    pub due: Time,
    /// Targets that name the same are reached only if all are. Words `together.<id>.name`.
    pub together: Option<String>,
    /// Origin.
    pub sourced: Sourced,
}

/// What a counter counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CountOf {
    /// Enterprises, each once.
    Enterprise,
    /// Attendances: the amounts that are stated are added up.
    Attendance,
    /// Persons, each once.
    Person,
    /// Things, each once.
    Thing,
    /// Industries (divisions) that at least one thing is of.
    Industry,
}
impl CountOf {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Enterprise, Self::Attendance, Self::Person, Self::Thing, Self::Industry];
    /// The name in plan files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::Attendance => "attendance",
            Self::Person => "person",
            Self::Thing => "thing",
            Self::Industry => "industry",
        }
    }
}

/// Where what a counter counts comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CountSource {
    /// Reports of plants, and returns of plants that send none.
    Report,
    /// Rolls of publicity.
    Publicity,
    /// Standards that an authority states.
    Standard,
    /// Typical cases that an authority states.
    Case,
    /// Attendances of training.
    Attendance,
    /// Sessions of training.
    Session,
    /// Certified professionals.
    Professional,
}

const INT: Type = Type::Int;
static REPORT: FactDef = table(
    "report",
    &[
        ("assets", INT),
        ("graded", INT),
        ("ungraded", INT),
        ("confirmed", INT),
        ("filed", Type::Time),
        ("catalogue_at", Type::Time),
        ("as_of", Type::Time),
        ("drills", INT),
        ("drill_at", Type::Time),
        ("declared", INT),
        ("examined", INT),
        ("undeclared", INT),
        ("passed", INT),
        ("failed", INT),
        ("accepted", INT),
        ("not_examined", INT),
        ("open_incidents", INT),
        ("late_incidents", INT),
        ("open_measures", INT),
        ("overdue_measures", INT),
    ],
);
static PUBLICITY: FactDef = table("publicity", &[("day", Type::Time), ("way", Type::Text)]);
static STANDARD: FactDef = table(
    "standard",
    &[("stage", Type::Text), ("industry", Type::Text), ("documented", Type::Bool), ("effective", Type::Time)],
);
static CASE: FactDef =
    table("case", &[("industry", Type::Text), ("documented", Type::Bool), ("effective", Type::Time)]);
static COUNTED: FactDef = table("counted", &[("day", Type::Time), ("amount", INT)]);

const fn table(id: &'static str, fields: &'static [(&'static str, Type)]) -> FactDef {
    FactDef { id, shape: Shape::Many(fields), unit: Unit::Count, live_only: false }
}

impl CountSource {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Report,
        Self::Publicity,
        Self::Standard,
        Self::Case,
        Self::Attendance,
        Self::Session,
        Self::Professional,
    ];
    /// The name in plan files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Publicity => "publicity",
            Self::Standard => "standard",
            Self::Case => "case",
            Self::Attendance => "attendance",
            Self::Session => "session",
            Self::Professional => "professional",
        }
    }
    /// What can be counted of it.
    #[must_use]
    pub fn gives(self, counts: CountOf) -> bool {
        match self {
            Self::Report | Self::Publicity => counts == CountOf::Enterprise,
            Self::Standard | Self::Case => matches!(counts, CountOf::Thing | CountOf::Industry),
            Self::Attendance => counts == CountOf::Attendance,
            Self::Session => counts == CountOf::Thing,
            Self::Professional => counts == CountOf::Person,
        }
    }
    /// The facts that a condition reads as `it.<fact>`.
    #[must_use]
    pub fn facts(self) -> &'static FactDef {
        match self {
            Self::Report => &REPORT,
            Self::Publicity => &PUBLICITY,
            Self::Standard => &STANDARD,
            Self::Case => &CASE,
            Self::Attendance | Self::Session | Self::Professional => &COUNTED,
        }
    }
}

/// Which part of a report says how sure its claim is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ClaimRung {
    /// The catalogue.
    Catalogue,
    /// The drills.
    Drills,
}

/// Of what an amount is a part.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Denominator {
    /// Industrial enterprises above the designated size.
    AboveSize,
    /// Enterprises that this rule of selection selects.
    Selected(String),
}

/// An example that must come out as it says.
#[derive(Clone, PartialEq, Debug)]
pub struct CounterExample {
    /// True: it counts.
    pub counts: bool,
    /// The facts.
    pub facts: FactValue,
    /// When it plays.
    pub now: Time,
    pub(crate) at: crate::error::At,
}

/// How a number that targets are held against is counted. Words `counter.<id>.name`.
#[derive(Clone, Debug)]
pub struct Counter {
    /// Id.
    pub id: String,
    /// What it is counted in, as targets say it: `enterprises`, `person-times`.
    pub unit: String,
    /// What is counted.
    pub counts: CountOf,
    /// From what.
    pub from: CountSource,
    /// When it counts.
    pub when: Condition,
    /// Of a report: which part says how sure the claim is.
    pub rung: Option<ClaimRung>,
    /// From which rung on it counts for a target.
    pub rung_min: Rung,
    /// Of a report: so many per cent of the declared scope are examined; else the claim is no more than declared.
    pub coverage_percent: Option<i64>,
    /// Kinds of scope that this is asked of; empty: all.
    pub coverage_of: Vec<ScopeKind>,
    /// How many days a report is good.
    pub valid_days: Option<i64>,
    /// Of what it is a part.
    pub of: Option<Denominator>,
    /// Examples.
    pub examples: Vec<CounterExample>,
    /// Origin.
    pub sourced: Sourced,
}
impl Counter {
    /// Whether these facts count. Errors: what it reads is not known, or the condition is wrong.
    pub fn holds(&self, scene: &Scene<'_>, facts: &FactValue) -> Result<bool, EvalError> {
        self.when.holds(scene, Some(facts))
    }
}

/// A step on a plant's way to a target: how long it takes and when it is done. Words `lead.<id>.what`, `lead.<id>.why`.
#[derive(Clone, Debug)]
pub struct Lead {
    /// Id.
    pub id: String,
    /// How many days it takes.
    pub days: i64,
    /// When it is done, by the facts of a report.
    pub done: Condition,
    /// Counters that it serves.
    pub serves: Vec<String>,
    /// Duties that it serves.
    pub duties: Vec<String>,
    /// Leads that come before it.
    pub after: Vec<String>,
    /// Origin.
    pub sourced: Sourced,
}

/// The rule that selects key enterprises. Words `selection.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selection {
    /// Id.
    pub id: String,
    /// The top so many per cent.
    pub top_percent: i64,
    /// By what, such as `revenue-year`.
    pub by: String,
    /// Within each group of these.
    pub per: Vec<String>,
    /// Population, such as `above-designated-size`.
    pub among: String,
    /// How a share that is no whole number is rounded: `ceil` or `floor`. At least one of a group is in.
    pub rounding: String,
    /// Who ties with the last one: `all` are in, or the one with the smaller `code`.
    pub ties: String,
    /// Selection of which this is another reading.
    pub reading_of: Option<String>,
    /// Origin.
    pub sourced: Sourced,
}

/// A threshold of data transfers abroad. Words `transfer.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transfer {
    /// Id.
    pub id: String,
    /// Order of application: the first that holds decides.
    pub rank: u32,
    /// `important-data`, `personal`, `sensitive-personal`, or `any` of these.
    pub about: String,
    /// Only for this kind of exporter; empty for all.
    pub exporter: String,
    /// Only in this case, which a person states, such as `emergency`; empty for all.
    pub case: String,
    /// From so many people on, counted from 1 January.
    pub min: Option<i64>,
    /// Below so many.
    pub below: Option<i64>,
    /// What is needed: `assessment`, `contract-or-certification`, `exempt`.
    pub needs: String,
    /// Origin.
    pub sourced: Sourced,
}

/// A rhythm of drills. Words `drill.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drill {
    /// Id.
    pub id: String,
    /// Scenario that is rehearsed.
    pub scenario: ScenarioId,
    /// Parameter that holds the months between two drills.
    pub every_months: String,
    /// Origin.
    pub sourced: Sourced,
}

/// What a standing order lets a guard do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Stop an attacker's processes where they are, until somebody decides.
    Hold,
    /// End a held attacker's processes.
    Kill,
}
impl Act {
    /// As plan files have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Kill => "kill",
        }
    }
}

/// What a guard may do without asking. Words `standing-order.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StandingOrder {
    /// Id.
    pub id: String,
    /// What it allows.
    pub act: Act,
    /// Seconds after the hold began; 0 for `hold`.
    pub after_seconds: i64,
    /// Origin.
    pub sourced: Sourced,
}

/// A standing duty. Words `duty.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Duty {
    /// Id.
    pub id: String,
    /// Who.
    pub actor: String,
    /// Only for holders of data of at least this level; `None` for all.
    pub level: Option<LevelId>,
    /// It arises where something changes by so many per cent or more.
    pub change_percent: Option<i64>,
    /// The clock that it runs by.
    pub clock: Option<String>,
    /// Origin.
    pub sourced: Sourced,
}

//! The programme and its standing rules: targets, selection, transfers abroad, drills, duties.

use super::Sourced;
use evidence::{LevelId, ScenarioId, Time};

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

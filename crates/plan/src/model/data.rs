//! Categories and levels of data, and what may be proposed for data that was found.

use super::Sourced;
use evidence::{CategoryId, ClassId, Counts, LevelId, SensitiveKind};

/// A category of data. Words `category.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Category {
    /// Id.
    pub id: CategoryId,
    /// Origin.
    pub sourced: Sourced,
}

/// A class of data that a detector finds, and what the plan thinks of it. Words `class.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClassRule {
    /// Class.
    pub class: ClassId,
    /// Category that it belongs to.
    pub category: CategoryId,
    /// What distinct values count.
    pub counts: Counts,
    /// Which kind of sensitive personal information, if any.
    pub kind: Option<SensitiveKind>,
    /// Origin.
    pub sourced: Sourced,
}

/// A level of data. Words `level.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataLevelDef {
    /// Id.
    pub id: LevelId,
    /// Order, from 1 upwards.
    pub rank: u32,
    /// A machine may only propose it.
    pub proposed_only: bool,
    /// Origin.
    pub sourced: Sourced,
}

/// One cell of the matrix of effects, and thresholds for found data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Affected object × degree of harm → level, for people to grade by.
    Cell {
        /// Affected object.
        object: String,
        /// Degree of harm.
        harm: String,
        /// Level.
        level: LevelId,
        /// Origin.
        sourced: Sourced,
    },
    /// Found data: so many distinct values of a category → propose a level. Words `effect.<id>.because`.
    Found {
        /// Id.
        id: String,
        /// Category.
        category: CategoryId,
        /// From so many distinct values on.
        at_least: i64,
        /// Level to propose.
        level: LevelId,
        /// Origin.
        sourced: Sourced,
    },
    /// Found data that says of its own extent or precision what all of these say → propose a level. The first must be
    /// said; what is not said of the others is named in the reason. Words `effect.<id>.because` (hole `values`).
    Measured {
        /// Id.
        id: String,
        /// Category.
        category: CategoryId,
        /// Every condition; at least one must be about something that is said.
        when: Vec<MeasureRule>,
        /// Level to propose.
        level: LevelId,
        /// Origin.
        sourced: Sourced,
    },
}

/// A condition on a named whole number that a file says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MeasureRule {
    /// Which number: `area_km2`, `contour_m`, `scale`.
    pub measure: String,
    /// More than this.
    pub above: Option<u64>,
    /// Less than this.
    pub below: Option<u64>,
}
impl MeasureRule {
    /// Whether `n` is as the rule says.
    #[must_use]
    pub fn holds(&self, n: u64) -> bool {
        self.above.is_none_or(|a| n > a) && self.below.is_none_or(|b| n < b)
    }
}

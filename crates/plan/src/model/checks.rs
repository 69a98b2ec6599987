//! Checks: what a machine or a person is asked, and the examples beside it.

use super::Sourced;
use crate::Condition;
use crate::error::At;
use evidence::{CategoryId, CheckId, FactId, LevelId, ScenarioId, Severity, Time};
use std::collections::BTreeMap;

/// A check. Words: `check.<id>.title`, `.why`, `.remedy`.
#[derive(Clone, Debug)]
pub struct Check {
    /// Id.
    pub id: CheckId,
    /// Its scenario.
    pub scenario: ScenarioId,
    /// How bad a violation is.
    pub severity: Severity,
    /// By machine or by a person.
    pub kind: CheckKind,
    /// Rows of the self-examination list that it serves.
    pub rows: Vec<u32>,
    /// References to other catalogues, such as `GB/T 22239-2019 8.1.4.1`.
    pub mappings: Vec<String>,
    /// Origin.
    pub sourced: Sourced,
}

/// Who can tell.
#[derive(Clone, Debug)]
pub enum CheckKind {
    /// Conditions over facts.
    Machine(Box<Machine>),
    /// A person answers.
    Answer(Answerable),
}

/// An organisational check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answerable {
    /// How many days an answer counts from its effective date; `None` for ever.
    pub valid_days: Option<i64>,
}

/// What kind of system was examined, as the fact `os.family` says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum System {
    /// Linux; also where no fact says what it is: early records are of Linux hosts only.
    Linux,
    /// Windows.
    Windows,
    /// No host: a control network, as packet captures show it.
    ControlNetwork,
}
impl System {
    /// Every system.
    pub const ALL: [System; 3] = [Self::Linux, Self::Windows, Self::ControlNetwork];
    /// The fact that tells it.
    pub const FACT: &'static str = "os.family";
    /// The name in plans and in the fact.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Windows => "windows",
            Self::ControlNetwork => "control-network",
        }
    }
    /// Of the value of the fact; `None` for a system that no check can be for.
    #[must_use]
    pub fn of(value: Option<&evidence::FactValue>) -> Option<Self> {
        match value {
            None => Some(Self::Linux),
            Some(evidence::FactValue::Text(t)) => Self::ALL.into_iter().find(|s| s.name() == t),
            Some(_) => None,
        }
    }
}

/// Data that a joint check asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WithData {
    /// Its category.
    pub category: CategoryId,
    /// Its level, or a graver one.
    pub at_least: LevelId,
}

/// A machine check.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The systems that the check is for; on hosts of another one it does not apply.
    pub on: Vec<System>,
    /// When the check applies at all; `None` everywhere.
    pub applies: Option<Condition>,
    /// Facts that must be known (or covered) even if the condition happens not to read them.
    pub requires: Vec<FactId>,
    /// The condition.
    pub rule: Rule,
    /// Longest that a person may approve a violation for, in days; `None`: nobody may (`docs/specs/measures-v1.md`).
    pub approval_days: Option<i64>,
    /// Data that must be there too: then the check joins a host with its data (`docs/specs/joint-v1.md`).
    pub with_data: Option<WithData>,
    /// Cases that the plan checker runs.
    pub examples: Vec<Example>,
}
impl Machine {
    /// Every *one* fact that the check reads or requires, sorted.
    #[must_use]
    pub fn one_facts(&self) -> Vec<&FactId> {
        let rule = match &self.rule {
            Rule::Pass(c) => c,
            Rule::Each { fail, .. } => fail,
        };
        let mut facts: Vec<&FactId> =
            rule.facts().iter().chain(self.applies.iter().flat_map(Condition::facts)).chain(&self.requires).collect();
        facts.sort();
        facts.dedup();
        facts
    }
    /// Every table that the check counts or goes through, sorted.
    #[must_use]
    pub fn tables(&self) -> Vec<&FactId> {
        let (rule, table) = match &self.rule {
            Rule::Pass(c) => (c, None),
            Rule::Each { fact, fail } => (fail, Some(fact)),
        };
        let counted = self.applies.iter().flat_map(Condition::counts).chain(rule.counts());
        let mut tables: Vec<&FactId> = counted.chain(table).collect();
        tables.sort();
        tables.dedup();
        tables
    }
}

/// What is violated when.
#[derive(Clone, Debug)]
pub enum Rule {
    /// The host passes if this is true.
    Pass(Condition),
    /// A row of the table violates if this is true.
    Each {
        /// The *many* fact.
        fact: FactId,
        /// The condition over `it` and *one* facts.
        fail: Condition,
    },
}

/// An example beside a check.
#[derive(Clone, PartialEq, Debug)]
pub struct Example {
    /// What should come out.
    pub expect: Expected,
    /// *One* facts by id.
    pub facts: BTreeMap<FactId, evidence::FactValue>,
    /// Numbers of rows of tables.
    pub counts: BTreeMap<FactId, i64>,
    /// Rows of the *many* fact; `None` if the example does not look at it.
    pub rows: Option<Vec<evidence::FactValue>>,
    /// The instant that stands for now.
    pub now: Time,
    pub(crate) at: At,
}

/// What should come out of an example.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// The condition holds.
    Pass,
    /// It is violated.
    Fail,
    /// A fact is missing.
    CannotTell,
    /// Does not apply.
    NotApplicable,
}
impl Expected {
    /// Every outcome.
    pub const ALL: [Expected; 4] = [Self::Pass, Self::Fail, Self::CannotTell, Self::NotApplicable];
    /// The name in plan files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::CannotTell => "cannot-tell",
            Self::NotApplicable => "not-applicable",
        }
    }
}

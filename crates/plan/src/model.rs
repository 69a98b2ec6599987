//! What a plan says, in types. All of it is data; the only code in it is the compiled conditions.
//!
//! Fields are public to read. A [`CheckedPlan`] can only come from [`crate::check`], so whoever holds one knows that
//! every id in it resolves, every condition compiles and every word exists in both languages.

use crate::error::At;
use crate::{Condition, Source, Words};
use evidence::{
    CategoryId, CheckId, ClassId, Digest, FactId, Lang, LevelId, PlanId, PlanRef, ScenarioId, Severity, Time,
};
use std::collections::{BTreeMap, BTreeSet};

/// How well a figure or rule of the plan is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HowSure {
    /// F: the full text of the instrument was read.
    Full,
    /// E: an excerpt was read.
    Excerpt,
    /// S: a secondary source.
    Secondary,
    /// M: general knowledge, no source read.
    Memory,
    /// T: an algorithm that was run on test vectors.
    Tested,
    /// D: derived or designed from cited facts.
    Derived,
}
impl HowSure {
    /// From best known to least known.
    pub const ALL: [HowSure; 6] =
        [Self::Full, Self::Tested, Self::Derived, Self::Excerpt, Self::Secondary, Self::Memory];
    /// The letter in plan files.
    #[must_use]
    pub fn letter(self) -> &'static str {
        match self {
            Self::Full => "F",
            Self::Excerpt => "E",
            Self::Secondary => "S",
            Self::Memory => "M",
            Self::Tested => "T",
            Self::Derived => "D",
        }
    }
}

/// Where an element of the plan comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sourced {
    /// Instrument and clause, or address.
    pub source: String,
    /// How well it is known.
    pub sure: HowSure,
    /// Known only from a draft of the instrument.
    pub draft: bool,
    pub(crate) at: At,
}
impl Sourced {
    /// Needs a look at the official text before it is relied on.
    #[must_use]
    pub fn is_unconfirmed(&self) -> bool {
        self.draft || matches!(self.sure, HowSure::Excerpt | HowSure::Secondary | HowSure::Memory)
    }
}

/// An element that needs confirmation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unconfirmed {
    /// File of the plan.
    pub file: String,
    /// Kind and id: `target T2b`.
    pub id: String,
    /// What the plan says about its source.
    pub source: String,
    /// How well it is known.
    pub sure: HowSure,
    /// Known only from a draft.
    pub draft: bool,
}

/// A number that a condition reads as `param.<id>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parameter {
    /// Id.
    pub id: String,
    /// Value.
    pub value: i64,
    /// Unit, for people: `days`, `bits`.
    pub unit: String,
    /// Origin.
    pub sourced: Sourced,
}

/// A risk scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scenario {
    /// Id; words `scenario.<id>.name` and `.what`.
    pub id: ScenarioId,
    /// False: not one of the programme's risk scenarios but a home for organisational rows.
    pub risk: bool,
    /// Origin.
    pub sourced: Sourced,
}

/// A row of the self-examination list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Number.
    pub number: u32,
    /// Which scenario it is shown under.
    pub scenario: ScenarioId,
    /// Origin.
    pub sourced: Sourced,
}

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
    /// References to other catalogues, such as `gbt-22239:8.1.4.1`.
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

/// A machine check.
#[derive(Clone, Debug)]
pub struct Machine {
    /// When the check applies at all; `None` everywhere.
    pub applies: Option<Condition>,
    /// Facts that must be known (or covered) even if the condition happens not to read them.
    pub requires: Vec<FactId>,
    /// The condition.
    pub rule: Rule,
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

/// A category of data. Words `category.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Category {
    /// Id.
    pub id: CategoryId,
    /// Origin.
    pub sourced: Sourced,
}

/// What the distinct values of a class count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counts {
    /// One value, one person (an estimate: it says so).
    People,
    /// Values are things.
    Things,
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
}

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
    /// Selection of which this is another reading.
    pub reading_of: Option<String>,
    /// Origin.
    pub sourced: Sourced,
}

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

/// A threshold of data transfers abroad. Words `transfer.<id>.name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transfer {
    /// Id.
    pub id: String,
    /// Order of application: the first that holds decides.
    pub rank: u32,
    /// `important-data`, `personal`, `sensitive-personal`.
    pub about: String,
    /// Only for this kind of exporter; empty for all.
    pub exporter: String,
    /// From so many people on, counted from 1 January.
    pub min: Option<i64>,
    /// Below so many.
    pub below: Option<i64>,
    /// What is needed: `assessment`, `contract-or-certification`, `exempt`.
    pub needs: String,
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
    /// An amount in GB and a number of records.
    GigabytesAndRecords,
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
    /// Origin.
    pub sourced: Sourced,
}

/// Everything read, not yet checked as a whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) from: Option<Time>,
    pub(crate) until: Option<Time>,
    pub(crate) head: At,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) rows: Vec<Row>,
    pub(crate) checks: Vec<Check>,
    /// Checks that could not be read: their words are not for nothing.
    pub(crate) broken_checks: BTreeSet<CheckId>,
    pub(crate) categories: Vec<Category>,
    pub(crate) classes: Vec<ClassRule>,
    pub(crate) levels: Vec<DataLevelDef>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) targets: Vec<Target>,
    pub(crate) selection: Vec<Selection>,
    pub(crate) incidents: Vec<IncidentLevel>,
    pub(crate) clocks: Vec<Clock>,
    pub(crate) transfers: Vec<Transfer>,
    pub(crate) forms: Vec<Form>,
    pub(crate) drills: Vec<Drill>,
    pub(crate) duties: Vec<Duty>,
    pub(crate) words: BTreeMap<Lang, Words>,
}

/// A plan without errors. The only thing that the judge accepts.
#[derive(Clone, Debug)]
pub struct CheckedPlan {
    draft: Draft,
    source: Source,
    digest: Digest,
    id: PlanId,
    by_id: BTreeMap<CheckId, usize>,
}

impl CheckedPlan {
    pub(crate) fn new(draft: Draft, source: &Source) -> Self {
        let by_id = draft.checks.iter().enumerate().map(|(n, c)| (c.id.clone(), n)).collect();
        let id = PlanId::new(draft.id.clone());
        Self { digest: source.digest(), source: source.clone(), id, by_id, draft }
    }
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &PlanId {
        &self.id
    }
    /// Its version, as it states it.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.draft.version
    }
    /// Digest over all its files.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
    /// Id, version and digest, as records cite them.
    #[must_use]
    pub fn reference(&self) -> PlanRef {
        PlanRef { id: self.id.clone(), version: self.draft.version.clone(), digest: self.digest }
    }
    /// Its text.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }
    /// First and last day of its programme, if it states them.
    #[must_use]
    pub fn span(&self) -> (Option<Time>, Option<Time>) {
        (self.draft.from, self.draft.until)
    }
    /// Numbers that conditions read as `param.<id>`, sorted by id.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.draft.parameters
    }
    /// Value of a parameter.
    #[must_use]
    pub fn parameter(&self, id: &str) -> Option<i64> {
        self.draft.parameters.iter().find(|p| p.id == id).map(|p| p.value)
    }
    /// Scenarios, in the plan's order.
    #[must_use]
    pub fn scenarios(&self) -> &[Scenario] {
        &self.draft.scenarios
    }
    /// Rows of the self-examination list, by number.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.draft.rows
    }
    /// Checks, sorted by id.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.draft.checks
    }
    /// One check.
    #[must_use]
    pub fn check(&self, id: &CheckId) -> Option<&Check> {
        self.by_id.get(id).and_then(|n| self.draft.checks.get(*n))
    }
    /// Categories of data.
    #[must_use]
    pub fn categories(&self) -> &[Category] {
        &self.draft.categories
    }
    /// Classes of data and their categories.
    #[must_use]
    pub fn classes(&self) -> &[ClassRule] {
        &self.draft.classes
    }
    /// What the plan thinks of a class.
    #[must_use]
    pub fn class(&self, class: &ClassId) -> Option<&ClassRule> {
        self.draft.classes.iter().find(|c| &c.class == class)
    }
    /// Data levels, lowest rank first.
    #[must_use]
    pub fn levels(&self) -> &[DataLevelDef] {
        &self.draft.levels
    }
    /// Rules that give or propose a data level.
    #[must_use]
    pub fn effects(&self) -> &[Effect] {
        &self.draft.effects
    }
    /// Targets.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        &self.draft.targets
    }
    /// Selection rules.
    #[must_use]
    pub fn selection(&self) -> &[Selection] {
        &self.draft.selection
    }
    /// Incident levels, by regime and rank.
    #[must_use]
    pub fn incident_levels(&self) -> &[IncidentLevel] {
        &self.draft.incidents
    }
    /// Clocks.
    #[must_use]
    pub fn clocks(&self) -> &[Clock] {
        &self.draft.clocks
    }
    /// Thresholds of transfers abroad.
    #[must_use]
    pub fn transfers(&self) -> &[Transfer] {
        &self.draft.transfers
    }
    /// Forms.
    #[must_use]
    pub fn forms(&self) -> &[Form] {
        &self.draft.forms
    }
    /// Rhythms of drills.
    #[must_use]
    pub fn drills(&self) -> &[Drill] {
        &self.draft.drills
    }
    /// Standing duties.
    #[must_use]
    pub fn duties(&self) -> &[Duty] {
        &self.draft.duties
    }
    /// Words of a language.
    #[must_use]
    pub fn words(&self, lang: Lang) -> &Words {
        self.draft.words.get(&lang).expect("the checker demands words in every language")
    }
    /// Elements whose source has not been confirmed on the official text, in the order of the files.
    #[must_use]
    pub fn unconfirmed(&self) -> Vec<Unconfirmed> {
        let mut all: Vec<(String, &Sourced)> = self.draft.sourced();
        all.retain(|(_, s)| s.is_unconfirmed());
        all.sort_by(|a, b| (&a.1.at.file, a.1.at.span.start, &a.0).cmp(&(&b.1.at.file, b.1.at.span.start, &b.0)));
        all.into_iter()
            .map(|(id, s)| Unconfirmed {
                file: s.at.file.clone(),
                id,
                source: s.source.clone(),
                sure: s.sure,
                draft: s.draft,
            })
            .collect()
    }
}

impl CheckedPlan {
    /// Every element with its text in the plan files: from where it begins to where the next one does.
    pub(crate) fn elements(&self) -> Vec<(String, &str)> {
        let all = self.draft.sourced();
        let starts: BTreeSet<(&str, usize)> = all.iter().map(|(_, s)| (s.at.file.as_str(), s.at.span.start)).collect();
        let text = |at: &At| {
            let file = self.source.files.get(&at.file)?;
            let next = starts.range((at.file.as_str(), at.span.start + 1)..).next().filter(|n| n.0 == at.file);
            file.get(at.span.start..next.map_or(file.len(), |n| n.1))
        };
        all.iter().map(|(id, s)| (id.clone(), text(&s.at).unwrap_or("").trim_end())).collect()
    }
}

impl Draft {
    /// Every element with a source, under its kind and id.
    pub(crate) fn sourced(&self) -> Vec<(String, &Sourced)> {
        let mut all: Vec<(String, &Sourced)> = Vec::new();
        all.extend(self.parameters.iter().map(|x| (format!("parameter {}", x.id), &x.sourced)));
        all.extend(self.scenarios.iter().map(|x| (format!("scenario {}", x.id), &x.sourced)));
        all.extend(self.rows.iter().map(|x| (format!("row {}", x.number), &x.sourced)));
        all.extend(self.checks.iter().map(|x| (format!("check {}", x.id), &x.sourced)));
        all.extend(self.categories.iter().map(|x| (format!("category {}", x.id), &x.sourced)));
        all.extend(self.classes.iter().map(|x| (format!("class {}", x.class), &x.sourced)));
        all.extend(self.levels.iter().map(|x| (format!("level {}", x.id), &x.sourced)));
        all.extend(self.effects.iter().map(|x| match x {
            Effect::Cell { object, harm, sourced, .. } => (format!("effect {object} × {harm}"), sourced),
            Effect::Found { id, sourced, .. } => (format!("effect {id}"), sourced),
        }));
        all.extend(self.targets.iter().map(|x| (format!("target {}", x.id), &x.sourced)));
        all.extend(self.selection.iter().map(|x| (format!("selection {}", x.id), &x.sourced)));
        for level in &self.incidents {
            all.push((format!("incident {}.{}", level.regime, level.id), &level.sourced));
            all.extend(level.criteria.iter().map(|x| (format!("criterion {}", x.id), &x.sourced)));
        }
        all.extend(self.clocks.iter().map(|x| (format!("clock {}", x.id), &x.sourced)));
        all.extend(self.transfers.iter().map(|x| (format!("transfer {}", x.id), &x.sourced)));
        all.extend(self.forms.iter().map(|x| (format!("form {}", x.id), &x.sourced)));
        all.extend(self.drills.iter().map(|x| (format!("drill {}", x.id), &x.sourced)));
        all.extend(self.duties.iter().map(|x| (format!("duty {}", x.id), &x.sourced)));
        all
    }
}

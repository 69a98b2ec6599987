//! What a plan says, in types. All of it is data; the only code in it is the compiled conditions.
//!
//! Fields are public to read. A [`CheckedPlan`] can only come from [`crate::check`], so whoever holds one knows that
//! every id in it resolves, every condition compiles and every word exists in both languages.

mod checks;
mod data;
mod incidents;
mod oversight;
mod programme;

pub use checks::{Answerable, Check, CheckKind, Example, Expected, Machine, Rule, System, WithData};
pub use data::{Category, ClassRule, DataLevelDef, Effect, MeasureRule};
pub use incidents::{
    Calendar, CalendarYear, Clock, Comes, Criterion, Dimension, DimensionKind, FieldRule, Form, FormField, Group,
    IncidentLevel, Limit, LimitUnit, Measured, Moment, Penalty, Regime, ResponseRule, Step, Warning,
};
pub use oversight::{Basis, Matter, MatterKind, OVERSIGHT_FACTS, Reason, ReasonExample};
pub use programme::{
    Act, ClaimRung, CountOf, CountSource, Counter, CounterExample, Denominator, Drill, Duty, Lead, Selection,
    StandingOrder, Target, Transfer,
};

use crate::error::At;
use crate::{Source, Words};
use evidence::{CheckId, ClassId, Digest, Lang, PlanId, PlanRef, ScenarioId, Time};
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

/// Everything read, not yet checked as a whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) from: Option<Time>,
    pub(crate) until: Option<Time>,
    /// Who a node is unless its profile says otherwise; empty: nobody.
    pub(crate) own_actor: String,
    /// The branch of its incidents unless its profile says otherwise; empty: none.
    pub(crate) own_branch: String,
    pub(crate) moments: Vec<Moment>,
    /// What it does not say was filled in: a plan of before.
    pub(crate) kept: bool,
    pub(crate) head: At,
    /// Digests of earlier texts whose reports still count.
    pub(crate) accepts: Vec<Digest>,
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
    pub(crate) counters: Vec<Counter>,
    pub(crate) leads: Vec<Lead>,
    /// Counters and leads that could not be read: what names them does not dangle.
    pub(crate) broken_counts: BTreeSet<String>,
    pub(crate) selection: Vec<Selection>,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) matters: Vec<Matter>,
    pub(crate) bases: Vec<Basis>,
    pub(crate) regimes: Vec<Regime>,
    pub(crate) dimensions: Vec<Dimension>,
    pub(crate) incidents: Vec<IncidentLevel>,
    pub(crate) steps: Vec<Step>,
    pub(crate) calendars: Vec<Calendar>,
    pub(crate) penalties: Vec<Penalty>,
    pub(crate) clocks: Vec<Clock>,
    pub(crate) transfers: Vec<Transfer>,
    pub(crate) forms: Vec<Form>,
    pub(crate) drills: Vec<Drill>,
    pub(crate) standing_orders: Vec<StandingOrder>,
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
    /// Whether reports that were made under a plan of this digest count: its own, or an earlier text that it names.
    #[must_use]
    pub fn accepts(&self, digest: Digest) -> bool {
        digest == self.digest || self.draft.accepts.contains(&digest)
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
    /// Moments of incidents and how each comes, in the plan's order.
    #[must_use]
    pub fn moments(&self) -> &[Moment] {
        &self.draft.moments
    }
    /// How a moment of incidents comes; one that the plan does not declare only comes when somebody says so.
    #[must_use]
    pub fn comes(&self, moment: &str) -> Comes {
        self.draft.moments.iter().find(|m| m.id == moment).map_or(Comes::Said, |m| m.comes)
    }
    /// Who a node is towards incidents unless its profile says otherwise; `None` if the plan has no incidents.
    #[must_use]
    pub fn own_actor(&self) -> Option<&str> {
        Some(self.draft.own_actor.as_str()).filter(|a| !a.is_empty())
    }
    /// The branch that incidents concern unless the node's profile says otherwise.
    #[must_use]
    pub fn own_branch(&self) -> Option<&str> {
        Some(self.draft.own_branch.as_str()).filter(|b| !b.is_empty())
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
    /// Counters, sorted by id.
    #[must_use]
    pub fn counters(&self) -> &[Counter] {
        &self.draft.counters
    }
    /// One counter.
    #[must_use]
    pub fn counter(&self, id: &str) -> Option<&Counter> {
        self.draft.counters.iter().find(|c| c.id == id)
    }
    /// Why an enterprise deserves a look, in the plan's order.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.draft.reasons
    }
    /// What waits for an authority, the first by rank.
    #[must_use]
    pub fn matters(&self) -> &[Matter] {
        &self.draft.matters
    }
    /// What orders can rest on, in the plan's order.
    #[must_use]
    pub fn bases(&self) -> &[Basis] {
        &self.draft.bases
    }
    /// One basis of orders.
    #[must_use]
    pub fn basis(&self, id: &str) -> Option<&Basis> {
        self.draft.bases.iter().find(|b| b.id == id)
    }
    /// Steps of a plant's way to the targets, in the plan's order.
    #[must_use]
    pub fn leads(&self) -> &[Lead] {
        &self.draft.leads
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
    /// Regimes of incidents, in the order in which they are shown.
    #[must_use]
    pub fn regimes(&self) -> &[Regime] {
        &self.draft.regimes
    }
    /// What incidents are measured in, in the order in which it is asked.
    #[must_use]
    pub fn dimensions(&self) -> &[Dimension] {
        &self.draft.dimensions
    }
    /// Steps of the response, in the plan's order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.draft.steps
    }
    /// The calendar that clocks in days count by, if the plan has one: its first.
    #[must_use]
    pub fn calendar(&self) -> Option<&Calendar> {
        self.draft.calendars.first()
    }
    /// What offences can cost.
    #[must_use]
    pub fn penalties(&self) -> &[Penalty] {
        &self.draft.penalties
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
    /// What a guard may do without asking.
    #[must_use]
    pub fn standing_orders(&self) -> &[StandingOrder] {
        &self.draft.standing_orders
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
            Effect::Found { id, sourced, .. } | Effect::Measured { id, sourced, .. } => {
                (format!("effect {id}"), sourced)
            }
        }));
        all.extend(self.targets.iter().map(|x| (format!("target {}", x.id), &x.sourced)));
        all.extend(self.counters.iter().map(|x| (format!("counter {}", x.id), &x.sourced)));
        all.extend(self.leads.iter().map(|x| (format!("lead {}", x.id), &x.sourced)));
        all.extend(self.selection.iter().map(|x| (format!("selection {}", x.id), &x.sourced)));
        all.extend(self.reasons.iter().map(|x| (format!("reason {}", x.id), &x.sourced)));
        all.extend(self.matters.iter().map(|x| (format!("matter {}", x.kind.name()), &x.sourced)));
        all.extend(self.bases.iter().map(|x| (format!("basis {}", x.id), &x.sourced)));
        all.extend(self.regimes.iter().map(|x| (format!("regime {}", x.id), &x.sourced)));
        all.extend(self.dimensions.iter().map(|x| (format!("dimension {}", x.id), &x.sourced)));
        all.extend(self.steps.iter().map(|x| (format!("step {}", x.id), &x.sourced)));
        all.extend(self.penalties.iter().map(|x| (format!("penalty {}", x.id), &x.sourced)));
        for c in &self.calendars {
            all.push((format!("calendar {}", c.id), &c.sourced));
            all.extend(c.years.iter().map(|y| (format!("calendar {}.{}", c.id, y.year), &y.sourced)));
        }
        for level in &self.incidents {
            all.push((format!("incident {}.{}", level.regime, level.id), &level.sourced));
            all.extend(level.criteria.iter().map(|x| (format!("criterion {}", x.id), &x.sourced)));
        }
        all.extend(self.clocks.iter().map(|x| (format!("clock {}", x.id), &x.sourced)));
        all.extend(self.transfers.iter().map(|x| (format!("transfer {}", x.id), &x.sourced)));
        all.extend(self.forms.iter().map(|x| (format!("form {}", x.id), &x.sourced)));
        all.extend(self.drills.iter().map(|x| (format!("drill {}", x.id), &x.sourced)));
        all.extend(self.standing_orders.iter().map(|x| (format!("standing order {}", x.id), &x.sourced)));
        all.extend(self.duties.iter().map(|x| (format!("duty {}", x.id), &x.sourced)));
        all
    }
}

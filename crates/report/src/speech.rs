//! The words of a plan and of the product in one language, for faces that make their own pages.
//!
//! Every text that comes back is inert: foreign text in it steers no terminal, and a page still escapes it.

use crate::findings;
use crate::incident;
use crate::view::{self, Own, Tongue};
use evidence::{
    Answered, Ask, Body, CategoryId, CheckId, ClassId, ClockStanding, Grade, IncidentEntry, Lang, LevelId, Place, Say,
    ScenarioId, Time,
};
use plan::{CheckedPlan, Days, Sourced};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static NO_OWN: LazyLock<Own> = LazyLock::new(Own::default);

/// What one item of evidence shows.
pub struct Shown {
    /// What was looked at.
    pub what: String,
    /// What was seen.
    pub value: String,
    /// Where; empty if at no one place.
    pub place: String,
    /// Twelve digits of the content's digest, with its kind.
    pub digest: Option<String>,
}

/// A plan in a language.
#[derive(Clone, Copy)]
pub struct Speech<'a> {
    tongue: Tongue<'a>,
}

impl<'a> Speech<'a> {
    /// The words of `plan` in `lang`.
    #[must_use]
    pub fn new(plan: &'a CheckedPlan, lang: Lang) -> Self {
        Self { tongue: Tongue { lang, plan, own: &NO_OWN } }
    }
    /// A text of a check (`title`, `why`, `remedy`) with its holes filled from `with`.
    #[must_use]
    pub fn check(&self, id: &CheckId, part: &str, with: &BTreeMap<String, String>) -> String {
        self.tongue.check(id, part, with)
    }
    /// A foreign text, inert.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        crate::clean::clean(text)
    }
    /// Name of a scenario.
    #[must_use]
    pub fn scenario(&self, id: &ScenarioId) -> String {
        self.tongue.scenario(id)
    }
    /// Name of a level of data.
    #[must_use]
    pub fn level(&self, id: &LevelId) -> String {
        self.tongue.level(id)
    }
    /// Name of a category of data.
    #[must_use]
    pub fn category(&self, id: &CategoryId) -> String {
        self.tongue.category(id)
    }
    /// Name of a class of data.
    #[must_use]
    pub fn class(&self, id: &ClassId) -> String {
        self.tongue.class(id)
    }
    /// A sentence of the judge or the plan.
    #[must_use]
    pub fn say(&self, say: &Say) -> String {
        self.tongue.say(say)
    }
    /// The word `family.code` of the product, or the code.
    #[must_use]
    pub fn code(&self, family: &str, code: &str) -> String {
        self.tongue.code(family, code)
    }
    /// The plan's text under a key, or the id.
    #[must_use]
    pub fn plan_text(&self, key: &str, id: &str) -> String {
        self.tongue.plan_text(key, id)
    }
    /// The source of a rule, and how well it is known.
    #[must_use]
    pub fn source(&self, s: &Sourced) -> (String, String) {
        (crate::clean::clean(&s.source), self.tongue.how_sure(s.sure, s.draft))
    }
    /// A place as people write it.
    #[must_use]
    pub fn place(&self, at: &Place) -> String {
        view::place(at)
    }
    /// What an item of evidence shows.
    #[must_use]
    pub fn shown(&self, body: &Body) -> Shown {
        let line = findings::shown(self.tongue, body);
        Shown { what: line.what, value: line.value, place: line.place, digest: line.digest }
    }
    /// What could not be looked at: `fact`, `folder`, `run` or a place.
    #[must_use]
    pub fn area(&self, area: &str) -> String {
        findings::gap_area(self.tongue, area)
    }

    /// Numeral, word and colour of a level of incidents.
    #[must_use]
    pub fn incident_level(&self, regime: &str, id: &str) -> String {
        self.tongue.incident_level(regime, id)
    }
    /// A grade: one level, or from where to where.
    #[must_use]
    pub fn grade(&self, g: &Grade) -> String {
        incident::grade(self.tongue, g)
    }
    /// What a question's answers would change, a line a regime.
    #[must_use]
    pub fn consequences(&self, ask: &Ask) -> Vec<String> {
        incident::consequences(self.tongue, ask)
    }
    /// What is known of a dimension.
    #[must_use]
    pub fn answered(&self, dimension: &str, a: &Answered) -> String {
        incident::answered(self.tongue, dimension, a)
    }
    /// A word that can be chosen for a dimension.
    #[must_use]
    pub fn chosen(&self, dimension: &str, value: &str) -> String {
        incident::chosen(self.tongue, dimension, value)
    }
    /// What meets a criterion.
    #[must_use]
    pub fn met(&self, regime: &str, value: &str) -> String {
        incident::met(self.tongue, regime, value)
    }
    /// How a clock stands against now.
    #[must_use]
    pub fn left(&self, c: &ClockStanding, now: Time) -> String {
        incident::left(self.tongue, c, now)
    }
    /// From whom to whom a clock asks for what, within what time.
    #[must_use]
    pub fn limit(&self, c: &ClockStanding) -> String {
        incident::limit(self.tongue, c)
    }
    /// Name of a clock.
    #[must_use]
    pub fn clock(&self, id: &str) -> String {
        self.tongue.clock(id)
    }
    /// Name of a moment.
    #[must_use]
    pub fn moment(&self, id: &str) -> String {
        self.tongue.moment(id)
    }
    /// Name of an actor.
    #[must_use]
    pub fn actor(&self, id: &str) -> String {
        self.tongue.actor(id)
    }
    /// What an entry of an incident says, in one line.
    #[must_use]
    pub fn entry(&self, e: &IncidentEntry) -> String {
        incident::entry(self.tongue, &Days::of(self.tongue.plan.calendar()), e)
    }
    /// When what an entry says happened.
    #[must_use]
    pub fn happened(e: &IncidentEntry) -> Time {
        incident::happened(e)
    }
}

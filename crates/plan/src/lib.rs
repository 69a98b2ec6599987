//! The policy as data: what a programme demands, written in TOML, read here into a [`CheckedPlan`].
//!
//! A plan is a folder of text files ([`Source`]). [`check`] reads all of it, names every error that it can find with
//! file, line, column and a hint, and yields a [`CheckedPlan`] only if there is none. Nothing that judges accepts
//! less. Conditions are CEL over the fact dictionary of `evidence`; they are compiled once, here, and each is tried
//! on sample values and on the examples that stand beside it, so that a plan cannot be in force with a check that
//! does not work.
//!
//! Refused: reading a plan with derived deserialisers. They stop at the first error and cannot say what else is
//! wrong; an author who mends a plan error by error gives up. Refused too: a language of our own for conditions.
#![forbid(unsafe_code)]

mod builtin;
mod calendar;
mod cond;
mod course;
mod cross;
mod cross_incidents;
mod diff;
mod error;
mod load;
mod load_checks;
mod load_clocks;
mod load_counters;
mod load_incidents;
mod load_oversight;
mod model;
mod read;
mod source;
mod trial;
mod typing;
mod vocabulary;
mod wanted;
mod words;

pub use builtin::builtin;
pub use calendar::{Days, End};
pub use cond::{Condition, EvalError, Scene, Told};
pub use course::{Both, BothLists, COURSE_BYTES_MAX, Course, Question, Slide, builtin_courses, course};
pub use diff::{Change, ChangeKind, diff};
pub use error::{PlanError, SAY_KEYS};
pub use model::{
    Act, Answerable, Basis, Calendar, CalendarYear, Category, Check, CheckKind, CheckedPlan, ClaimRung, ClassRule,
    Clock, Comes, CountOf, CountSource, Counter, CounterExample, Criterion, DataLevelDef, Denominator, Dimension,
    DimensionKind, Drill, Duty, Effect, Example, Expected, FieldRule, Form, FormField, Group, HowSure, IncidentLevel,
    Lead, Limit, LimitUnit, Machine, Matter, MatterKind, MeasureRule, Measured, Moment, OVERSIGHT_FACTS, Parameter,
    Penalty, Reason, ReasonExample, Regime, ResponseRule, Row, Rule, Scenario, Selection, Sourced, StandingOrder, Step,
    System, Target, Transfer, Unconfirmed, Warning, WithData,
};
pub use source::{Source, SourceError};
pub use words::Words;

/// Reads and checks a plan. On failure every error found, sorted by file and place.
pub fn check(source: &Source) -> Result<CheckedPlan, Vec<PlanError>> {
    checked(source, |_| ())
}

/// The same for a plan that a record of the log was made by: what an earlier version of this program took for granted and a plan has to say
/// by now is read as it was then, so that the record can be derived again.
pub fn check_kept(source: &Source) -> Result<CheckedPlan, Vec<PlanError>> {
    checked(source, vocabulary::complete)
}

fn checked(source: &Source, complete: impl FnOnce(&mut model::Draft)) -> Result<CheckedPlan, Vec<PlanError>> {
    let mut errors = error::Errors::new(source);
    let mut plan = load::load(source, &mut errors);
    complete(&mut plan);
    cross::check(&plan, &mut errors);
    trial::run(&plan, &mut errors);
    let found = errors.finish();
    if found.is_empty() { Ok(CheckedPlan::new(plan, source)) } else { Err(found) }
}

//! Sigma 2.1: rules, correlations and filters are read, checked, compiled and matched.
//!
//! `Compiler -> Rules -> Scanner`. The compiler takes texts of files; what it cannot take it refuses with a code and a place
//! ([`Notice`]), rule by rule, and nothing is skipped in silence. [`Rules`] is immutable and shared by threads. A [`Plan`] is the
//! rules for events of certain log sources; a [`Scanner`] matches an [`Event`] against a plan without allocating. What matches is told
//! apart slowly and in full by [`Rules::explain`], which is also the *reference evaluator*: it follows the specification item by
//! item and shares with the scanner only the reading of rules, and tests hold both equal.
//! A [`Correlator`] takes what matched, with the time of the event, and keeps windows.
//!
//! Choices where the specification leaves one, and the form of events: `docs/specs/sigma-v1.md`.
//!
//! Refused: evaluating every rule for every event (a rule is looked at only if a predicate that it needs has been seen); Aho-Corasick
//! automata (30,000 literals are 32 MiB of tables; [`needles`] probes four bytes at a time in a table that stays in the first cache);
//! guessing what a rule with an unknown modifier or an unresolved placeholder may mean.
#![forbid(unsafe_code)]

mod collection;
mod condition;
mod correlation;
mod correlator;
mod encode;
mod ends;
mod event;
mod explain;
mod logsource;
mod modifier;
mod needles;
mod notice;
mod pattern;
mod plan;
mod predicate;
mod program;
mod required;
mod rule;
mod rules;
mod scanner;
mod selection;
mod window;
mod yaml;

pub use collection::{Compiled, Compiler, Limits, Options};
pub use condition::Condition;
pub use correlation::{Bound, Compare, Correlation, CorrelationKind};
pub use correlator::{Correlated, Correlator, CorrelatorLimits, Counters, Seen};
pub use event::{Event, FieldId, Value};
pub use explain::{Explanation, Part, Reason};
pub use logsource::Logsource;
pub use notice::{Code, Notice};
pub use plan::Plan;
pub use rule::{Body, Level, Rule, RuleId};
pub use rules::Rules;
pub use scanner::Scanner;

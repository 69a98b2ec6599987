//! A rule as it is known to who shows what matched.

use std::sync::Arc;

use crate::condition::Condition;
use crate::correlation::Correlation;
use crate::logsource::Logsource;
use crate::selection::Expr;

/// The number of a rule in one [`Rules`](crate::Rules): detections and correlations alike.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct RuleId(pub(crate) u32);
impl RuleId {
    /// For tables by rule.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// How grave a match is (specification, *Level*).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// For enrichment only.
    Informational,
    /// Rarely an incident.
    Low,
    /// To be reviewed regularly.
    Medium,
    /// To be reviewed promptly.
    High,
    /// To be reviewed at once.
    Critical,
}
impl Level {
    /// As rules write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        let all = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];
        all.into_iter().find(|l| l.as_str().eq_ignore_ascii_case(text))
    }
}

/// What is told about a rule; its matching is in [`Body`].
#[derive(Clone, Debug)]
pub struct Rule {
    /// Title.
    pub title: String,
    /// The id that its author gave, usually a UUID.
    pub id: Option<String>,
    /// The name by which correlations may refer to it.
    pub name: Option<String>,
    /// Level; none if the rule says none.
    pub level: Option<Level>,
    /// Status as written.
    pub status: Option<String>,
    /// Description as written.
    pub description: Option<String>,
    /// Author as written.
    pub author: Option<String>,
    /// Tags such as `attack.t1003.001`.
    pub tags: Vec<String>,
    /// References.
    pub references: Vec<String>,
    /// Known false positives.
    pub falsepositives: Vec<String>,
    /// Fields that its author wants shown.
    pub fields: Vec<String>,
    /// The log source; open for correlations.
    pub logsource: Logsource,
    /// The file as it was given.
    pub file: String,
    /// The line where it begins, from 1.
    pub line: usize,
    /// Whether a match is to be reported by itself: not if the rule only feeds correlations.
    pub alone: bool,
    /// How it matches.
    pub body: Body,
}

/// How a rule matches.
#[derive(Clone, Debug)]
pub enum Body {
    /// Single events.
    Detection(Detection),
    /// Several events.
    Correlation(Correlation),
}

/// Selections and a condition over them. A match is one that no filter takes away.
#[derive(Clone, Debug)]
pub struct Detection {
    pub(crate) selections: Vec<Selection>,
    pub(crate) condition: Condition,
    pub(crate) filters: Vec<Arc<Filter>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Selection {
    pub(crate) name: String,
    pub(crate) expr: Expr,
}

/// A filter document: what it describes does not match.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) title: String,
    pub(crate) selections: Vec<Selection>,
    pub(crate) condition: Condition,
}

impl Detection {
    pub(crate) fn evaluate(&self, holds: &mut dyn FnMut(crate::predicate::PredId) -> bool) -> bool {
        let mut of = |selections: &[Selection], condition: &Condition| {
            condition.evaluate(&mut |n| selections[n].expr.evaluate(holds))
        };
        of(&self.selections, &self.condition) && !self.filters.iter().any(|f| of(&f.selections, &f.condition))
    }
}

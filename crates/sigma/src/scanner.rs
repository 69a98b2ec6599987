//! Matches events against a plan.

use std::sync::Arc;

use crate::event::Event;
use crate::rule::RuleId;
use crate::rules::{Plan, Rules};

/// Matches events; one a thread.
pub struct Scanner {
    rules: Arc<Rules>,
    found: Vec<RuleId>,
}
impl Scanner {
    /// For plans of these rules.
    #[must_use]
    pub fn new(rules: &Arc<Rules>) -> Self {
        Self { rules: rules.clone(), found: Vec::new() }
    }

    /// The rules of the plan that match, ascending.
    pub fn scan(&mut self, plan: &Plan, event: &Event) -> &[RuleId] {
        self.found.clear();
        let rules = &self.rules;
        self.found.extend(plan.0.rules.iter().filter(|id| rules.matches_plainly(**id, event)));
        &self.found
    }
}

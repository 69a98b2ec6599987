//! What changed between two plans, by id.

use crate::CheckedPlan;
use std::collections::BTreeMap;

/// What happened to an element.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ChangeKind {
    /// Only in the new plan.
    Added,
    /// Only in the old plan.
    Removed,
    /// In both, with another content.
    Changed,
}

/// One difference.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Change {
    /// Kind and id: `check ssh-root-login`.
    pub id: String,
    /// What happened.
    pub kind: ChangeKind,
}

/// Differences from `old` to `new`, sorted by id. Words are not compared.
#[must_use]
pub fn diff(old: &CheckedPlan, new: &CheckedPlan) -> Vec<Change> {
    let (a, b) = (contents(old), contents(new));
    let mut out = Vec::new();
    for (id, content) in &a {
        match b.get(id) {
            None => out.push(Change { id: id.clone(), kind: ChangeKind::Removed }),
            Some(other) if other != content => out.push(Change { id: id.clone(), kind: ChangeKind::Changed }),
            Some(_) => {}
        }
    }
    out.extend(b.keys().filter(|id| !a.contains_key(*id)).map(|id| Change { id: id.clone(), kind: ChangeKind::Added }));
    out.sort();
    out
}

/// Element to its text in the plan file.
fn contents(plan: &CheckedPlan) -> BTreeMap<String, String> {
    plan.elements().into_iter().map(|(id, text)| (id, text.to_owned())).collect()
}

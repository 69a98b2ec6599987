//! A person hands a duty to another for a while (`docs/specs/notify-v1.md` §8).

use crate::attestation::Stated;
use crate::{Attestation, Author, NodeId, Time};
use serde::{Deserialize, Serialize};

/// What a delegation is good for; empty lists: everything.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DelegationScope {
    /// Areas: codes of GB/T 2260 or of the plan's country; a shorter code holds for all that begin with it.
    pub areas: Vec<String>,
    /// What it is about: `clock`, `warning`, `incident`, `measure`.
    pub kinds: Vec<String>,
}

/// A duty is handed over, or the handing over is taken back. The newest statement of an id counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delegation {
    /// `d-` and eight hexadecimal digits.
    pub id: String,
    /// Role of the rota.
    pub role: String,
    /// Person who has the duty, as the configuration names them.
    pub from: String,
    /// Person who takes it over.
    pub to: String,
    /// From when.
    pub since: Time,
    /// Until when, exclusive.
    pub until: Time,
    /// For what.
    pub scope: DelegationScope,
    /// True: it was taken back, from the statement on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
}
impl Delegation {
    /// True if it holds at `now` for something of this kind and area; an unknown area (empty) is in no list of areas.
    #[must_use]
    pub fn holds(&self, now: Time, kind: &str, area: &str) -> bool {
        let scope = &self.scope;
        let area_fits =
            scope.areas.is_empty() || (!area.is_empty() && scope.areas.iter().any(|a| area.starts_with(a.as_str())));
        let kind_fits = scope.kinds.is_empty() || scope.kinds.iter().any(|k| k == kind);
        !self.revoked && self.since <= now && now < self.until && area_fits && kind_fits
    }
}

impl Attestation {
    /// A duty is handed over, or taken back.
    #[must_use]
    pub fn delegation(node: NodeId, author: Author, stated_at: Time, delegation: Delegation) -> Self {
        Self { node, author, stated_at, what: Stated::Delegation(delegation) }
    }
    /// The delegation, if it is one.
    #[must_use]
    pub fn as_delegation(&self) -> Option<&Delegation> {
        match &self.what {
            Stated::Delegation(d) => Some(d),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delegation_holds_in_its_time_and_scope_only() {
        let day = |d: &str| Time::from_date(d).unwrap();
        let mut d = Delegation {
            id: "d-00000000".into(),
            role: "duty".into(),
            from: "li".into(),
            to: "wang".into(),
            since: day("2026-10-01"),
            until: day("2026-10-08"),
            scope: DelegationScope { areas: vec!["32".into()], kinds: vec!["clock".into()] },
            revoked: false,
        };
        assert!(d.holds(day("2026-10-01"), "clock", "3202"));
        assert!(!d.holds(day("2026-10-08"), "clock", "3202"), "until is exclusive");
        assert!(!d.holds(day("2026-10-02"), "measure", "3202"));
        assert!(!d.holds(day("2026-10-02"), "clock", "3302"));
        assert!(!d.holds(day("2026-10-02"), "clock", ""), "an unknown area is not known to be in scope");
        d.scope = DelegationScope::default();
        assert!(d.holds(day("2026-10-02"), "measure", ""));
        d.revoked = true;
        assert!(!d.holds(day("2026-10-02"), "measure", ""));
    }
}

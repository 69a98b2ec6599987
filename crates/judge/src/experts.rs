//! Experts: who is one as of an instant, and who may be called about an enterprise (`docs/specs/training-v1.md` §5).
//!
//! Who has expired or was revoked stays in the list and leaves the count. A conflict never removes an expert: it keeps one
//! from one enterprise, and the reason is shown to whoever asks why.

use evidence::{ConflictKind, Digest, ExpertEntry, ExpertMove, KeyedDigest, NodeId, Record, TakenBack, Time};
use proof::Witness;
use std::collections::BTreeMap;

/// How an expert stands. Words `expert-state.<name>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ExpertState {
    /// May be called.
    Valid,
    /// The time is over.
    Expired,
    /// Taken back.
    Revoked,
}
impl ExpertState {
    /// All of them.
    pub const ALL: [ExpertState; 3] = [Self::Valid, Self::Expired, Self::Revoked];
    /// The name in words and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// What ties an expert to an enterprise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// Credit code of the enterprise.
    pub enterprise: String,
    /// What.
    pub kind: ConflictKind,
    /// From when.
    pub since: Time,
    /// Until when, excluded.
    pub until: Option<Time>,
    /// It holds as of the instant.
    pub in_force: bool,
}

/// How one expert stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExpertStanding {
    /// Leaf of the newest certification or renewal.
    pub leaf: Digest,
    /// Which node.
    pub node: NodeId,
    /// Its id.
    pub id: String,
    /// Who.
    pub person: KeyedDigest,
    /// First certified.
    pub certified: Time,
    /// Until when.
    pub expires: Time,
    /// How it stands.
    pub state: ExpertState,
    /// Why it was revoked.
    pub reason: Option<TakenBack>,
    /// Field of expertise.
    pub field: String,
    /// A paper stands behind the newest certification.
    pub documented: bool,
    /// Id of the newest certificate that was handed out.
    pub certificate: Option<String>,
    /// Conflicts, by enterprise.
    pub conflicts: Vec<Conflict>,
}

/// Somebody who may be called, or why not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PoolPlace {
    /// The expert.
    pub standing: ExpertStanding,
    /// Conflicts in force with the enterprise; empty and valid: may be called.
    pub against: Vec<Conflict>,
}
impl PoolPlace {
    /// May be called.
    #[must_use]
    pub fn free(&self) -> bool {
        self.standing.state == ExpertState::Valid && self.against.is_empty()
    }
}

/// Every expert that the records know of, by node and id, as of an instant.
#[must_use]
pub fn experts(records: &[Witness], as_of: Time) -> Vec<ExpertStanding> {
    let mut entries: Vec<(&ExpertEntry, Digest)> = Vec::new();
    for w in records {
        if let Record::Expert(e) = w.record.value()
            && e.stated_at <= as_of
        {
            entries.push((e, w.record.leaf()));
        }
    }
    entries.sort_by_key(|(e, leaf)| (e.stated_at, *leaf));
    let mut out: BTreeMap<(&NodeId, &str), ExpertStanding> = BTreeMap::new();
    for (e, leaf) in entries {
        let key = (&e.node, e.expert.as_str());
        if let ExpertMove::Certified { person, field, expires, document, certificate } = &e.what {
            let first = ExpertStanding {
                leaf,
                node: e.node.clone(),
                id: e.expert.clone(),
                person: *person,
                certified: e.stated_at,
                expires: *expires,
                state: ExpertState::Valid,
                reason: None,
                field: field.clone(),
                documented: document.is_some(),
                certificate: certificate.as_ref().map(|c| c.id.clone()),
                conflicts: Vec::new(),
            };
            out.entry(key).or_insert(first);
            continue;
        }
        // Words about somebody who was never certified say nothing.
        let Some(x) = out.get_mut(&key) else { continue };
        match &e.what {
            ExpertMove::Certified { .. } => {}
            ExpertMove::Renewed { expires, document, certificate } => {
                // A revocation is not undone by a renewal.
                if x.reason.is_none() {
                    (x.leaf, x.expires, x.documented) = (leaf, *expires, document.is_some());
                    x.certificate = certificate.as_ref().map(|c| c.id.clone()).or(x.certificate.take());
                }
            }
            ExpertMove::Revoked { reason } => x.reason = x.reason.or(Some(*reason)),
            ExpertMove::Conflict { enterprise, kind, since, until } => {
                x.conflicts.retain(|c| (&c.enterprise, c.kind) != (enterprise, *kind));
                let in_force = *since <= as_of && until.is_none_or(|u| as_of < u);
                let (enterprise, kind, since, until) = (enterprise.clone(), *kind, *since, *until);
                x.conflicts.push(Conflict { enterprise, kind, since, until, in_force });
            }
        }
    }
    for x in out.values_mut() {
        x.state = match x.reason {
            Some(_) => ExpertState::Revoked,
            None if x.expires <= as_of => ExpertState::Expired,
            None => ExpertState::Valid,
        };
        x.conflicts.sort_by(|a, b| (&a.enterprise, a.kind).cmp(&(&b.enterprise, b.kind)));
    }
    out.into_values().collect()
}

/// Who may be called about an enterprise, and who may not and why; those who may stand first.
#[must_use]
pub fn pool(experts: Vec<ExpertStanding>, enterprise: &str) -> Vec<PoolPlace> {
    let place = |standing: ExpertStanding| {
        let against = standing.conflicts.iter().filter(|c| c.in_force && c.enterprise == enterprise).cloned().collect();
        PoolPlace { standing, against }
    };
    let mut all: Vec<PoolPlace> = experts.into_iter().map(place).collect();
    all.sort_by_key(|p| !p.free());
    all
}

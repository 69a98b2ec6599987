//! The children of this node, as its log says: who is certified, under which keys, what was receipted last, who was caught.
//!
//! Looked up one by one and kept in memory; the log is the truth. What another process appended is noticed at the next look, by
//! the size of the log, and only the children that it is about are looked up again.

use super::chain::Chain;
use super::fault::Fault;
use crate::{Node, NodeError, home};
use evidence::{Digest, Equivocation, Member, MemberStanding, NodeId, Record, RecordKind, Say, Time};
use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use store::Held;

/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 1000;

/// The newest receipt of a child.
#[derive(Clone, Debug)]
pub(crate) struct LastReceipt {
    pub(crate) leaf: Digest,
    pub(crate) size: u64,
}

/// A child, as the log says.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) member: Member,
    /// Leaf of the newest membership.
    pub(crate) leaf: Digest,
    pub(crate) chain: Chain,
    pub(crate) receipt: Option<LastReceipt>,
    /// Two histories, and nobody has decided since.
    pub(crate) caught: bool,
}
impl Known {
    /// Why nothing is taken of it now.
    pub(crate) fn barred(&self) -> Option<Fault> {
        match (self.member.standing, self.caught) {
            (MemberStanding::Certified, false) => None,
            (MemberStanding::Certified, true) => Some(Fault::Caught),
            (standing, _) => Some(Fault::NotCertified(standing)),
        }
    }
}

/// What was looked up.
#[derive(Default)]
pub(crate) struct Roster {
    /// Up to here the log was noticed.
    pub(crate) next: Option<u64>,
    known: HashMap<NodeId, Arc<Known>>,
}
impl Roster {
    /// Puts what a process itself has just appended in its place.
    pub(crate) fn put(&mut self, child: NodeId, known: Arc<Known>) {
        self.known.insert(child, known);
    }
    /// Forgets a child: it is looked up again.
    pub(crate) fn forget(&mut self, child: &NodeId) {
        self.known.remove(child);
    }
}

/// A member, for views.
#[derive(Clone, Debug)]
pub struct KeptMember {
    /// What was certified, newest.
    pub member: Member,
    /// Leaf of that record.
    pub leaf: Digest,
    /// How much of its log is held.
    pub held: Held,
    /// Size and instant of the newest receipt.
    pub receipt: Option<(u64, Time)>,
    /// Two histories, and nobody has decided since.
    pub caught: Option<Equivocation>,
}

impl Node {
    /// The roster, up to date with the log.
    pub(crate) fn roster(&self) -> Result<MutexGuard<'_, Roster>, NodeError> {
        let mut roster = self.federation.roster.lock().unwrap_or_else(PoisonError::into_inner);
        let size = self.store().size()?;
        match roster.next {
            None => roster.next = Some(size),
            Some(next) if size > next => {
                let kinds = [RecordKind::Member, RecordKind::Receipt, RecordKind::Equivocation];
                let (records, next) = self.store().records_from(&kinds, next)?;
                for w in records {
                    if let Some(about) = w.record.value().about() {
                        roster.known.remove(&NodeId::new(about));
                    }
                }
                roster.next = Some(next);
            }
            Some(_) => {}
        }
        Ok(roster)
    }

    /// One child; `None` if it never was a member.
    pub(crate) fn known(&self, roster: &mut Roster, child: &NodeId) -> Result<Option<Arc<Known>>, NodeError> {
        if let Some(known) = roster.known.get(child) {
            return Ok(Some(Arc::clone(known)));
        }
        let found = self.look_up(child)?.map(Arc::new);
        if let Some(known) = &found {
            roster.known.insert(child.clone(), Arc::clone(known));
        }
        Ok(found)
    }

    fn look_up(&self, child: &NodeId) -> Result<Option<Known>, NodeError> {
        let about = |kind| self.store().newest_about(child.as_str(), kind);
        let Some(w) = about(RecordKind::Member)? else { return Ok(None) };
        let leaf = w.record.leaf();
        let Record::Member(member) = w.record.into_value() else { return Ok(None) };
        let receipt = about(RecordKind::Receipt)?.and_then(|w| match w.record.value() {
            Record::Receipt(r) => Some(LastReceipt { leaf: w.record.leaf(), size: r.size }),
            _ => None,
        });
        let caught = match about(RecordKind::Equivocation)? {
            Some(caught) => self.index(caught.record.leaf())? > self.index(leaf)?,
            None => false,
        };
        let chain = Chain::member(&member).map_err(|e| NodeError::Internal(format!("member {leaf}: {e}")))?;
        Ok(Some(Known { member: *member, leaf, chain, receipt, caught }))
    }

    /// Every member, by area and name. Of receipts only the newest of each is read.
    pub fn members(&self) -> Result<Vec<KeptMember>, NodeError> {
        self.members_that(|_| true)
    }

    fn members_that(&self, fits: impl Fn(&Member) -> bool) -> Result<Vec<KeptMember>, NodeError> {
        let mut newest: HashMap<NodeId, KeptMember> = HashMap::new();
        for w in self.store().records(&[RecordKind::Member, RecordKind::Equivocation])? {
            let leaf = w.record.leaf();
            match w.record.into_value() {
                Record::Member(member) => {
                    let (child, held) = (member.child.clone(), Held::default());
                    newest.insert(child, KeptMember { member: *member, leaf, held, receipt: None, caught: None });
                }
                Record::Equivocation(e) => {
                    if let Some(n) = newest.get_mut(&e.child) {
                        n.caught = Some(*e);
                    }
                }
                _ => {}
            }
        }
        let mirror = self.mirror_if_any()?;
        let mut members: Vec<KeptMember> = newest.into_values().filter(|k| fits(&k.member)).collect();
        for m in &mut members {
            let child = &m.member.child;
            if let Some(mirror) = &mirror {
                m.held = mirror.read(|held| held.held(child))?;
            }
            let receipt = self.store().newest_about(child.as_str(), RecordKind::Receipt)?;
            m.receipt = receipt.and_then(|w| match w.record.value() {
                Record::Receipt(r) => Some((r.size, r.at)),
                _ => None,
            });
        }
        let key = |m: &KeptMember| (m.member.part.area.clone(), m.member.part.name.clone(), m.member.child.clone());
        members.sort_by_key(key);
        Ok(members)
    }

    /// One member: by the first digits of its node, its credit code, or its name.
    pub fn member(&self, named: &str) -> Result<KeptMember, NodeError> {
        let fits = |m: &Member| {
            !named.is_empty() && (m.child.as_str().starts_with(named) || m.part.uscc == named || m.part.name == named)
        };
        let mut fitting = self.members_that(fits)?.into_iter();
        let key = match (fitting.next(), fitting.next()) {
            (Some(member), None) => return Ok(member),
            (None, _) => "error.unknown-member",
            _ => "error.ambiguous-member",
        };
        Err(NodeError::Entry(Say::new(key).with("value", attest::clean(named))))
    }

    /// A person decides where a member stands: suspended, lost, revoked, or certified again - which also answers what it was caught at.
    pub fn member_set(
        &self,
        named: &str,
        standing: MemberStanding,
        reason: &str,
        author: Option<&str>,
    ) -> Result<Member, NodeError> {
        let no = |key: &str, kept: &KeptMember| {
            let say = Say::new(format!("error.{key}")).with("name", attest::clean(&kept.member.part.name));
            NodeError::Entry(say.with("standing", kept.member.standing.name()))
        };
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
            return Err(NodeError::Entry(Say::new("error.member-reason").with("max", REASON_CHARS_MAX)));
        }
        let _desk = self.desk()?;
        let kept = self.member(named)?;
        match (kept.member.standing, standing) {
            // Lost keys stay lost: whoever found them would be certified with them.
            (MemberStanding::Lost, MemberStanding::Certified | MemberStanding::Suspended) => {
                return Err(no("member-lost", &kept));
            }
            (before, after) if before == after && !(after == MemberStanding::Certified && kept.caught.is_some()) => {
                return Err(no("member-stands", &kept));
            }
            _ => {}
        }
        let member = Member {
            node: self.id(),
            author: self.author(author),
            stated_at: home::now(),
            standing,
            invitation: None,
            follows: None,
            reason: reason.to_owned(),
            ..kept.member
        };
        self.append(&Record::Member(Box::new(member.clone())), None, Vec::new())?;
        Ok(member)
    }
}

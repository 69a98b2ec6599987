//! Groups as they stand: whom a group certified, as it says here or as its memberships came up.

use super::gather::Looking;
use crate::{Node, NodeError, home};
use evidence::{NodeRole, Record, RecordKind, Time};
use judge::{GroupMembership, Oversight};
use plan::CheckedPlan;

impl Node {
    /// Memberships that groups signed: of a group its own, above it those that came up by an instant, each once.
    fn group_memberships(&self, as_of: Time) -> Result<Vec<GroupMembership>, NodeError> {
        let part = self.part()?;
        if let Some(part) = part.filter(|p| p.role == NodeRole::Group) {
            let own = self.store().records(&[RecordKind::Member])?;
            let own = own.into_iter().filter_map(|w| {
                let leaf = w.record.leaf();
                match w.record.into_value() {
                    Record::Member(m) => {
                        Some(GroupMembership { group: part.uscc.clone(), name: part.name.clone(), member: *m, leaf })
                    }
                    _ => None,
                }
            });
            return Ok(own.collect());
        }
        let came = self.received(RecordKind::Member)?.into_iter();
        let came = came.filter(|r| r.part.role == NodeRole::Group && r.seen <= as_of && r.doubts.is_empty());
        let came = came.filter_map(|r| match r.witness.record.into_value() {
            Record::Member(m) => {
                Some(GroupMembership { group: r.part.uscc, name: r.part.name, member: *m, leaf: r.leaf })
            }
            _ => None,
        });
        Ok(came.collect())
    }

    /// Hands everything that is at hand about enterprises, and what groups certified, to `work`.
    pub fn groups<T>(
        &self,
        plan: &CheckedPlan,
        how: Looking,
        work: impl FnOnce(&Oversight<'_>, &[GroupMembership]) -> T,
    ) -> Result<T, NodeError> {
        let now = home::now();
        let as_of = how.as_of.map_or(now, |t| t.min(now));
        let memberships = self.group_memberships(as_of)?;
        self.oversight(plan, Looking { as_of: Some(as_of), ..how }, |o| work(o, &memberships))
    }
}

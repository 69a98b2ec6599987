//! Members in the order of a list: what a page of them is a stretch of.
//!
//! A process verifies each membership once and keeps of it what a list is sorted and narrowed by, without keys: 45,000 members are a few
//! megabytes. A page reads the records of its own rows again and holds their bytes against the leaves that were verified; a leaf names the
//! digest and the signature of a record, so no signature is checked a second time. The last receipts come from the tables that pages are
//! read from ([`crate::Pages`]).

use super::roster::KeptMember;
use crate::accounts::AccountScope;
use crate::{Node, NodeError};
use evidence::{Digest, MemberStanding, NodeId, Record, RecordKind};
use plan::CheckedPlan;
use std::collections::{BTreeMap, HashMap};
use std::sync::{MutexGuard, PoisonError};
use store::StoreError;

/// A member as lists know it.
#[derive(Clone, Debug)]
struct Line {
    area: String,
    name: String,
    child: NodeId,
    uscc: String,
    standing: MemberStanding,
    leaf: Digest,
    /// Two histories, and nobody has decided since.
    caught: bool,
}

/// Everybody, as far as the log was read.
#[derive(Default)]
pub(crate) struct Directory {
    /// Up to here; `None`: not at all.
    next: Option<u64>,
    of: HashMap<NodeId, Line>,
    /// By area and name.
    sorted: Vec<Line>,
}

/// Which members, and from where on.
#[derive(Clone, Debug, Default)]
pub struct MembersOrder<'a> {
    /// Whose eyes.
    pub scope: AccountScope,
    /// Only of this standing.
    pub standing: Option<MemberStanding>,
    /// Only of areas that begin so.
    pub area: &'a str,
    /// The member that the page before ended with.
    pub after: Option<&'a str>,
    /// Rows.
    pub limit: usize,
}

/// A page of members, and how many there are.
#[derive(Clone, Debug)]
pub struct MembersPage {
    /// By area and name.
    pub rows: Vec<KeptMember>,
    /// All that the eyes may see, by standing.
    pub standings: BTreeMap<MemberStanding, usize>,
    /// How many of them fit the order.
    pub fitting: usize,
    /// What the next page begins after.
    pub next: Option<String>,
}
impl MembersPage {
    /// All that the eyes may see.
    #[must_use]
    pub fn all(&self) -> usize {
        self.standings.values().sum()
    }
}

impl Node {
    fn directory(&self) -> Result<MutexGuard<'_, Directory>, NodeError> {
        let mut known = self.federation.directory.lock().unwrap_or_else(PoisonError::into_inner);
        let kinds = [RecordKind::Member, RecordKind::Equivocation];
        let (records, next) = match known.next {
            // Size first: what comes in between is read the next time.
            None => self.store().size().and_then(|size| Ok((self.store().records(&kinds)?, size)))?,
            Some(next) => self.store().records_from(&kinds, next)?,
        };
        let changed = !records.is_empty();
        for w in records {
            let leaf = w.record.leaf();
            match w.record.into_value() {
                Record::Member(m) => {
                    let (area, name, uscc) = (m.part.area, m.part.name, m.part.uscc);
                    let child = m.child.clone();
                    let line = Line { area, name, child: m.child, uscc, standing: m.standing, leaf, caught: false };
                    known.of.insert(child, line);
                }
                Record::Equivocation(e) => {
                    if let Some(line) = known.of.get_mut(&e.child) {
                        line.caught = true;
                    }
                }
                _ => {}
            }
        }
        if changed {
            let mut sorted: Vec<Line> = known.of.values().cloned().collect();
            sorted.sort_unstable_by(|a, b| (&a.area, &a.name, &a.child).cmp(&(&b.area, &b.name, &b.child)));
            known.sorted = sorted;
        }
        known.next = Some(next);
        Ok(known)
    }

    /// How many members there are.
    pub fn members_count(&self) -> Result<usize, NodeError> {
        Ok(self.directory()?.sorted.len())
    }

    /// A page of members. Receipts are those that the tables of pages know, which may be behind.
    pub fn members_page(&self, plan: &CheckedPlan, order: &MembersOrder<'_>) -> Result<MembersPage, NodeError> {
        let mut page = MembersPage { rows: Vec::new(), standings: BTreeMap::new(), fitting: 0, next: None };
        let mut lines: Vec<Line> = Vec::with_capacity(order.limit);
        let mut more = false;
        {
            let known = self.directory()?;
            // Who is no member any more in these areas ends the list, as an address of old would.
            let mut begun = order.after.is_none();
            for line in &known.sorted {
                if !order.scope.covers(&line.uscc, Some(&line.area)) {
                    continue;
                }
                *page.standings.entry(line.standing).or_insert(0) += 1;
                if order.standing.is_none_or(|s| s == line.standing) && line.area.starts_with(order.area) {
                    page.fitting += 1;
                    if begun && lines.len() < order.limit {
                        lines.push(line.clone());
                    } else {
                        more |= begun;
                    }
                }
                begun = begun || order.after == Some(line.child.as_str());
            }
        }
        if more {
            page.next = lines.last().map(|l| l.child.to_string());
        }
        let pages = self.pages_as_kept(plan)?;
        for line in &lines {
            let mut kept = self.kept(line)?;
            let newest = pages.receipts(Some(&line.child), None, 1)?.rows.into_iter().next();
            kept.receipt = newest.map(|r| (r.size, r.at));
            page.rows.push(kept);
        }
        Ok(page)
    }

    /// One member by its whole id, if these eyes may see it; with its newest receipt, verified.
    pub fn member_seen(&self, scope: &AccountScope, id: &str) -> Result<Option<KeptMember>, NodeError> {
        let line = self.directory()?.of.get(&NodeId::new(id)).cloned();
        let Some(line) = line.filter(|l| scope.covers(&l.uscc, Some(&l.area))) else { return Ok(None) };
        let mut kept = self.kept(&line)?;
        let receipt = self.store().newest_about(id, RecordKind::Receipt)?;
        kept.receipt = receipt.and_then(|w| match w.record.value() {
            Record::Receipt(r) => Some((r.size, r.at)),
            _ => None,
        });
        Ok(Some(kept))
    }

    fn kept(&self, line: &Line) -> Result<KeptMember, NodeError> {
        let Record::Member(member) = self.store().verified_before(line.leaf)? else {
            let what = format!("record {}", line.leaf);
            return Err(StoreError::Damaged { what, why: "not a membership".to_owned() }.into());
        };
        let held = match self.mirror_if_any()? {
            Some(mirror) => mirror.read(|m| m.held(&line.child))?,
            None => store::Held::default(),
        };
        let caught = match line.caught {
            true => self.store().newest_about(line.child.as_str(), RecordKind::Equivocation)?,
            false => None,
        };
        let caught = caught.and_then(|w| match w.record.into_value() {
            Record::Equivocation(e) => Some(*e),
            _ => None,
        });
        Ok(KeptMember { member: *member, leaf: line.leaf, held, receipt: None, caught })
    }
}

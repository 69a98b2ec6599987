//! What a group comes to: its enterprises, what each reported, sums with their denominator.
//!
//! An enterprise is one row under its own code, by whatever path and from however many nodes its reports came. Whose it is two say:
//! the group, by whom it certified, and the registry's column. Where they differ both are shown, and it is a doubt.

use super::ground::{Held, Oversight};
use crate::choose::doubt;
use crate::programme::Standing;
use evidence::{Digest, Doubt, Member, MemberStanding, ProgrammeReport, Say, Time};
use std::collections::{BTreeMap, BTreeSet};

/// A membership that a group signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupMembership {
    /// Credit code of the group.
    pub group: String,
    /// Name of the group.
    pub name: String,
    /// What it certified.
    pub member: Member,
    /// The record.
    pub leaf: Digest,
}

/// What is added up of reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct GroupAmounts {
    /// Things declared of every kind of scope.
    pub declared: u64,
    /// Of these examined.
    pub examined: u64,
    /// Assets with a level.
    pub graded: u64,
    /// Assets without one.
    pub ungraded: u64,
    /// Checks that failed.
    pub failed: u64,
    /// Checks that pass only by an exception.
    pub accepted: u64,
    /// Checks that could not be told.
    pub not_examined: u64,
    /// Open incidents.
    pub open_incidents: u64,
    /// Of these with a clock that is late.
    pub late_incidents: u64,
    /// Measures planned or running.
    pub open_measures: u64,
    /// Of these past due.
    pub overdue_measures: u64,
}
impl GroupAmounts {
    fn of(r: &ProgrammeReport) -> Self {
        let mut out = Self::default();
        for s in &r.scope {
            out.declared = out.declared.saturating_add(s.declared);
            out.examined = out.examined.saturating_add(s.examined);
        }
        for s in &r.scenarios {
            out.failed = out.failed.saturating_add(s.failed);
            out.accepted = out.accepted.saturating_add(s.accepted);
            out.not_examined = out.not_examined.saturating_add(s.not_examined);
        }
        if let Some(c) = &r.catalogue {
            out.graded = c.levels.values().fold(0_u64, |sum, n| sum.saturating_add(*n));
            out.ungraded = c.ungraded;
        }
        (out.open_incidents, out.late_incidents) = (r.incidents.open, r.incidents.late);
        (out.open_measures, out.overdue_measures) = (r.measures.open, r.measures.overdue);
        out
    }

    /// Names and values, in the order in which they are shown. Words `group.amount.<name>`.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u64); 11] {
        [
            ("declared", self.declared),
            ("examined", self.examined),
            ("graded", self.graded),
            ("ungraded", self.ungraded),
            ("failed", self.failed),
            ("accepted", self.accepted),
            ("not-examined", self.not_examined),
            ("open-incidents", self.open_incidents),
            ("late-incidents", self.late_incidents),
            ("open-measures", self.open_measures),
            ("overdue-measures", self.overdue_measures),
        ]
    }

    fn add(&mut self, o: &Self) {
        let plus = |a: &mut u64, b: u64| *a = a.saturating_add(b);
        plus(&mut self.declared, o.declared);
        plus(&mut self.examined, o.examined);
        plus(&mut self.graded, o.graded);
        plus(&mut self.ungraded, o.ungraded);
        plus(&mut self.failed, o.failed);
        plus(&mut self.accepted, o.accepted);
        plus(&mut self.not_examined, o.not_examined);
        plus(&mut self.open_incidents, o.open_incidents);
        plus(&mut self.late_incidents, o.late_incidents);
        plus(&mut self.open_measures, o.open_measures);
        plus(&mut self.overdue_measures, o.overdue_measures);
    }
}

/// One enterprise of a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupRow {
    /// Credit code.
    pub uscc: String,
    /// Name.
    pub name: String,
    /// One of the 37; empty: not known.
    pub supervisor: String,
    /// The registry's column names this group. `None`: there is no registry, or it does not have the enterprise.
    pub listed: Option<bool>,
    /// What the group certified of it, newest; `None`: nothing that is known here.
    pub certified: Option<MemberStanding>,
    /// So many nodes sent reports of it. More than one counts once all the same.
    pub nodes: u64,
    /// The newest report that counts: its instant and leaf.
    pub report: Option<(Time, Digest)>,
    /// There is a newer one that counts nothing.
    pub doubted: bool,
    /// Older than a report counts.
    pub expired: bool,
    /// What the report that counts says.
    pub amounts: Option<GroupAmounts>,
}

/// A group as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupStanding {
    /// Credit code of the group.
    pub group: String,
    /// Its name, if it is known.
    pub name: String,
    /// Its enterprises that this node may see, by code.
    pub rows: Vec<GroupRow>,
    /// Enterprises that it certified and that are not this node's to see: in no sum.
    pub outside: u64,
    /// Enterprises with a report that counts; the denominator is the number of rows.
    pub reported: u64,
    /// Sums over those.
    pub sums: GroupAmounts,
    /// Where group and registry differ.
    pub doubts: Vec<Doubt>,
}

/// What is known of an enterprise before the rows are made.
#[derive(Default)]
struct Named<'m> {
    name: &'m str,
    certified: Option<(MemberStanding, Time, Digest)>,
}

impl Oversight<'_> {
    /// The group of a code as it stands: the enterprises that the registry's column gives it, those that it certified, and itself if the
    /// registry has it or it reports of itself. `memberships`: what groups signed; those of others are passed over.
    #[must_use]
    pub fn group(&self, code: &str, memberships: &[GroupMembership]) -> GroupStanding {
        let own: Vec<&GroupMembership> =
            memberships.iter().filter(|m| m.group == code && m.member.stated_at <= self.as_of).collect();
        let named = self.named(code, &own);
        let mut out = GroupStanding {
            group: code.to_owned(),
            name: own.first().map(|m| m.name.clone()).unwrap_or_default(),
            rows: Vec::with_capacity(named.len()),
            outside: 0,
            reported: 0,
            sums: GroupAmounts::default(),
            doubts: Vec::new(),
        };
        if let Some(n) = self.find(code).filter(|_| out.name.is_empty()) {
            out.name = self.who(n).name.to_owned();
        }
        for (uscc, named) in &named {
            match self.group_row(code, uscc, named) {
                Some(row) => out.rows.push(row),
                None => out.outside += 1,
            }
        }
        for amounts in out.rows.iter().filter_map(|r| r.amounts.as_ref()) {
            out.reported += 1;
            out.sums.add(amounts);
        }
        self.group_doubts(code, !own.is_empty(), &mut out);
        out
    }

    /// Groups whose memberships are known here, by code.
    #[must_use]
    pub fn groups(memberships: &[GroupMembership]) -> BTreeSet<String> {
        memberships.iter().map(|m| m.group.clone()).collect()
    }

    fn named<'m>(&'m self, code: &'m str, own: &[&'m GroupMembership]) -> BTreeMap<&'m str, Named<'m>> {
        let mut out: BTreeMap<&str, Named<'_>> = BTreeMap::new();
        for n in 0..self.count() {
            let who = self.who(n);
            // The group itself is one of its enterprises where the registry has it, or where it reports of itself.
            let is_itself = || who.listed || self.held.get(&n).is_some_and(|h| !h.reports.is_empty());
            if who.group == code || (who.uscc == code && is_itself()) {
                out.entry(who.uscc).or_default().name = who.name;
            }
        }
        // The newest word on each node; of several nodes of an enterprise one that is certified.
        let mut newest: BTreeMap<&str, &GroupMembership> = BTreeMap::new();
        for m in own {
            let at = |m: &GroupMembership| (m.member.stated_at, m.leaf);
            let kept = newest.entry(m.member.child.as_str()).or_insert(m);
            if at(kept) < at(m) {
                *kept = m;
            }
        }
        for m in newest.values() {
            let entry = out.entry(&m.member.part.uscc).or_default();
            if entry.name.is_empty() {
                entry.name = &m.member.part.name;
            }
            let rank = |c: (MemberStanding, Time, Digest)| (c.0 == MemberStanding::Certified, c.1, c.2);
            let new = (m.member.standing, m.member.stated_at, m.leaf);
            if entry.certified.is_none_or(|c| rank(c) < rank(new)) {
                entry.certified = Some(new);
            }
        }
        out
    }

    /// `None`: it is not this node's to see.
    fn group_row(&self, code: &str, uscc: &str, named: &Named<'_>) -> Option<GroupRow> {
        let found = self.find(uscc);
        // An enterprise that nothing else names is seen by whoever sees all.
        match found {
            Some(n) if !self.seen.get(n as usize).copied().unwrap_or(false) => return None,
            None if !self.sees_all => return None,
            _ => {}
        }
        let who = found.map(|n| self.who(n));
        let held = found.and_then(|n| self.held.get(&n));
        let reports = held.map_or(&[][..], |h| &h.reports);
        let nodes: BTreeSet<&str> = reports.iter().map(|r| r.0.child.as_str()).collect();
        let report = held.and_then(Held::report);
        Some(GroupRow {
            uscc: uscc.to_owned(),
            name: named.name.to_owned(),
            supervisor: who.map_or_else(String::new, |w| w.supervisor.to_owned()),
            listed: who.filter(|w| w.listed).map(|w| w.group == code),
            certified: named.certified.map(|c| c.0),
            nodes: nodes.len() as u64,
            report: report.map(|r| (r.report().as_of, r.leaf())),
            doubted: reports.last().is_some_and(|r| r.1 != Standing::Good),
            expired: report.is_some_and(|r| self.expires(r.report()).is_some_and(|at| at < self.as_of)),
            amounts: report.map(|r| GroupAmounts::of(r.report())),
        })
    }

    fn group_doubts(&self, code: &str, is_known: bool, out: &mut GroupStanding) {
        let mut differ = |key: &str, which: &dyn Fn(&GroupRow) -> bool| {
            let rows: Vec<&GroupRow> = out.rows.iter().filter(|r| r.uscc != code && which(r)).collect();
            if let Some(first) = rows.first() {
                let say = Say::new(key).with("count", rows.len()).with("uscc", &first.uscc);
                out.doubts.push(doubt(say, None));
            }
        };
        let is_member = |r: &GroupRow| r.certified == Some(MemberStanding::Certified);
        if self.has_registry() {
            differ("doubt.group-not-in-registry", &|r| is_member(r) && r.listed != Some(true));
        }
        if is_known {
            differ("doubt.group-not-certified", &|r| !is_member(r) && r.listed == Some(true));
        }
        differ("doubt.group-several-nodes", &|r| r.nodes > 1);
        out.doubts.sort();
    }
}

//! The queue: what waits for somebody here, who first and why, and the command that does it.

use super::ground::{DAY_MILLIS, Held, Oversight, Who, awaits};
use super::lists::ListFilter;
use super::order::{OrderState, OrderView};
use crate::programme::Standing;
use evidence::{Digest, Equivocation, Member, MemberStanding, NodeRole, Say, Time};
use plan::{Matter, MatterKind};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// One matter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct QueueItem {
    /// Kind.
    pub kind: MatterKind,
    /// Its place, from the plan.
    pub rank: u32,
    /// Unified social credit code; empty of a node that no enterprise is known for.
    pub uscc: String,
    /// Name; empty if nobody says it.
    pub name: String,
    /// Which of the 37 local supervisors.
    pub supervisor: String,
    /// The order or node that it is about; else empty.
    pub about: String,
    /// Until when.
    pub due: Option<Time>,
    /// Points of the enterprise: least and most.
    pub points: (u64, u64),
    /// Why, as a sentence.
    pub why: Say,
    /// Of a silent enterprise: where it stands with its return.
    pub state: String,
    /// Of a silent enterprise: who asked it last, or certified it.
    pub owner: String,
    /// Records that it follows from, sorted.
    pub from: Vec<Digest>,
    /// The command that does it.
    pub command: String,
}

/// A page of the queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueuePage {
    /// The matters.
    pub items: Vec<QueueItem>,
    /// How many the whole queue has.
    pub total: u64,
    /// After what the next page begins; `None`: this was the last.
    pub next: Option<String>,
}

/// The place of a matter: rank, points, day, code, what it is about.
type Key<'s> = (u32, Reverse<u64>, i64, &'s str, &'s str);

fn key(i: &QueueItem) -> Key<'_> {
    (i.rank, Reverse(i.points.1), i.due.map_or(i64::MAX, Time::millis), &i.uscc, &i.about)
}

fn read(after: &str) -> Option<Key<'_>> {
    let mut parts = after.splitn(5, '.');
    let rank = parts.next()?.parse().ok()?;
    let most = parts.next()?.parse().ok()?;
    let due = parts.next()?.parse().ok()?;
    Some((rank, Reverse(most), due, parts.next()?, parts.next()?))
}

impl Oversight<'_> {
    /// A page of at most `limit` matters behind `after`, of these kinds (none: of all). `None` if `after` is no place.
    #[must_use]
    pub fn queue(
        &self,
        kinds: &[MatterKind],
        filter: &ListFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Option<QueuePage> {
        let after = match after {
            Some(text) => Some(read(text)?),
            None => None,
        };
        let mut items = Vec::new();
        for matter in self.plan.matters().iter().filter(|m| kinds.is_empty() || kinds.contains(&m.kind)) {
            for (n, _) in (0_u32..).zip(&self.seen).filter(|(_, seen)| **seen) {
                let who = self.who(n);
                if filter.takes(&who) {
                    self.matter(matter, n, &who, &mut items);
                }
            }
            if matter.kind == MatterKind::Equivocation && *filter == ListFilter::default() {
                items.extend(self.loose.iter().map(|l| self.loose_item(matter, l)));
            }
        }
        items.sort_by(|a, b| key(a).cmp(&key(b)));
        let total = items.len() as u64;
        let from = after.map_or(0, |a| items.partition_point(|i| key(i) <= a));
        let mut page = items.split_off(from);
        let more = page.len() > limit;
        page.truncate(limit);
        let next = page.last().filter(|_| more).map(|i| {
            let (rank, most, due, uscc, about) = key(i);
            format!("{rank}.{}.{due}.{uscc}.{about}", most.0)
        });
        Some(QueuePage { items: page, total, next })
    }

    /// Every matter of one enterprise.
    pub(crate) fn matters_of(&self, n: u32) -> Vec<QueueItem> {
        let (who, mut out) = (self.who(n), Vec::new());
        for matter in self.plan.matters() {
            self.matter(matter, n, &who, &mut out);
        }
        out
    }

    /// The matters of nodes that no enterprise is known for.
    #[must_use]
    pub fn loose_matters(&self) -> Vec<QueueItem> {
        let of = self.plan.matters().iter().filter(|m| m.kind == MatterKind::Equivocation);
        of.flat_map(|matter| self.loose.iter().map(move |l| self.loose_item(matter, l))).collect()
    }

    fn loose_item(&self, matter: &Matter, (e, leaf, member): &(&Equivocation, Digest, Option<&Member>)) -> QueueItem {
        let mut item = self.item(matter, None, e.child.as_str());
        item.name = member.map_or_else(String::new, |m| m.part.name.clone());
        item.why = Say::new("queue.equivocation").with("node", &e.child).with("time", e.at);
        item.from = vec![*leaf];
        item.command = format!("watchfire node suspend {} --reason …", e.child);
        item
    }

    fn item(&self, matter: &Matter, of: Option<(u32, &Who<'_>)>, about: &str) -> QueueItem {
        let text = |pick: fn(&Who<'_>) -> String| of.map_or_else(String::new, |(_, w)| pick(w));
        QueueItem {
            kind: matter.kind,
            rank: matter.rank,
            uscc: text(|w| w.uscc.to_owned()),
            name: text(|w| w.name.to_owned()),
            supervisor: text(|w| w.supervisor.to_owned()),
            about: about.to_owned(),
            due: None,
            points: of.map_or((0, 0), |(n, _)| self.points(n)),
            why: Say::new(format!("queue.{}", matter.kind.name())),
            state: String::new(),
            owner: String::new(),
            from: Vec::new(),
            command: String::new(),
        }
    }

    fn matter(&self, matter: &Matter, n: u32, who: &Who<'_>, out: &mut Vec<QueueItem>) {
        let held = self.held.get(&n);
        if held.is_none() && matter.kind != MatterKind::NotEnrolled {
            return;
        }
        let none = Held::default();
        let held = held.unwrap_or(&none);
        let item = |about: &str| self.item(matter, Some((n, who)), about);
        match matter.kind {
            MatterKind::OrderOverdue => {
                out.extend(held.orders.iter().filter(|o| o.overdue).map(|o| self.of_order(item(o.order), o)));
            }
            MatterKind::OrderAnswered => {
                out.extend(held.orders.iter().filter(|o| awaits(o.state)).map(|o| self.of_order(item(o.order), o)));
            }
            MatterKind::Equivocation => out.extend(held.caught.iter().map(|(e, leaf)| QueueItem {
                why: Say::new("queue.equivocation").with("node", &e.child).with("time", e.at),
                from: vec![*leaf],
                command: format!("watchfire node suspend {} --reason …", e.child),
                ..item(e.child.as_str())
            })),
            MatterKind::Refuted => out.extend(held.check.filter(|c| !c.held).map(|c| QueueItem {
                why: Say::new("queue.refuted").with("time", c.at),
                from: vec![c.leaf],
                command: order_command(matter, who.uscc),
                ..item("")
            })),
            MatterKind::IncidentLate | MatterKind::ReportDoubted | MatterKind::ReportExpiring => {
                out.extend(self.of_report(matter, held, who, item("")));
            }
            MatterKind::NotEnrolled => {
                let left = held.members.iter().all(|m| m.0.standing == MemberStanding::Revoked);
                if self.is_selected(n) == Some(true) && left {
                    out.push(QueueItem { from: self.sources(n, "selected"), command: invite_command(who), ..item("") });
                }
            }
            MatterKind::Silent => out.extend(self.silent(matter, held, who, item(""))),
            MatterKind::Membership => out.extend(membership(held, who, item(""))),
        }
    }

    fn of_order(&self, item: QueueItem, o: &OrderView<'_>) -> QueueItem {
        let (key, command) = match o.state {
            OrderState::Answered => {
                ("queue.order-answered", format!("watchfire order examine {} --result mended", o.order))
            }
            OrderState::Mended => ("queue.order-mended", format!("watchfire order close {}", o.order)),
            _ => ("queue.order-overdue", format!("watchfire order show {}", o.order)),
        };
        let mut from: Vec<Digest> = o.steps.iter().map(|s| s.leaf).collect();
        from.sort();
        // The last instant of the last day: 24:00 reads as the day after.
        let last = Time::from_millis(o.due.millis().saturating_sub(1));
        let why = Say::new(key).with("order", o.order).with("due", plan::Days::of(self.plan.calendar()).date(last));
        QueueItem { due: Some(o.due), why, from, command, ..item }
    }

    fn of_report(&self, matter: &Matter, held: &Held<'_>, who: &Who<'_>, item: QueueItem) -> Option<QueueItem> {
        let newest = held.reports.last()?;
        let counts = held.report();
        let explain = format!("watchfire oversight explain {}", who.uscc);
        match matter.kind {
            MatterKind::ReportDoubted => (newest.1 != Standing::Good).then(|| QueueItem {
                why: Say::new("queue.report-doubted").with("date", newest.0.report().as_of.date()),
                from: vec![newest.0.leaf()],
                command: explain,
                ..item
            }),
            MatterKind::IncidentLate => {
                let report = counts.filter(|r| r.report().incidents.late > 0)?;
                Some(QueueItem {
                    why: Say::new("queue.incident-late").with("count", report.report().incidents.late),
                    from: vec![report.leaf()],
                    command: order_command(matter, who.uscc),
                    ..item
                })
            }
            _ => {
                let report = counts?;
                let ends = self.expires(report.report())?;
                let warned = ends.millis().saturating_sub(matter.days.unwrap_or(0).saturating_mul(DAY_MILLIS));
                let key = if ends < self.as_of { "queue.report-expired" } else { "queue.report-expiring" };
                (warned <= self.as_of.millis()).then(|| QueueItem {
                    due: Some(ends),
                    why: Say::new(key).with("date", ends.date()),
                    from: vec![report.leaf()],
                    command: explain,
                    ..item
                })
            }
        }
    }

    /// Enrolled for so many days, and never a report.
    fn silent(&self, matter: &Matter, held: &Held<'_>, who: &Who<'_>, item: QueueItem) -> Option<QueueItem> {
        let (member, leaf) = held.member(MemberStanding::Certified).filter(|_| held.reports.is_empty())?;
        let days = matter.days.unwrap_or(0).saturating_mul(DAY_MILLIS);
        let due = Time::from_millis(member.stated_at.millis().saturating_add(days));
        let asked = held.asked.as_ref().map(|a| a.owner).filter(|o| !o.is_empty());
        (due <= self.as_of).then(|| QueueItem {
            due: Some(due),
            why: Say::new("queue.silent").with("since", member.stated_at.date()),
            state: self.return_state(Some(held)).to_owned(),
            owner: asked.unwrap_or(&member.author.name).to_owned(),
            from: vec![*leaf],
            command: order_command(matter, who.uscc),
            ..item
        })
    }
}

fn order_command(matter: &Matter, uscc: &str) -> String {
    let basis = matter.basis.as_deref().unwrap_or("…");
    format!("watchfire order issue {uscc} --basis {basis} --demand …")
}

/// A name that a shell takes as one word; anything that is not plain is left to whoever types it.
fn invite_command(who: &Who<'_>) -> String {
    format!("watchfire node invite --role plant --name … --area {} --uscc {}", who.area, who.uscc)
}

/// Suspended, or its keys are lost, and no other node of it is certified.
fn membership(held: &Held<'_>, who: &Who<'_>, item: QueueItem) -> Option<QueueItem> {
    if held.is_enrolled() {
        return None;
    }
    let lost = held.member(MemberStanding::Lost);
    let (member, leaf) = lost.or_else(|| held.member(MemberStanding::Suspended))?;
    let command = match (member.standing, member.part.role) {
        (MemberStanding::Lost, NodeRole::Plant) => invite_command(who),
        (MemberStanding::Lost, _) => format!("watchfire node invite --role group --name … --uscc {}", who.uscc),
        _ => format!("watchfire node certify {} --reason …", member.child),
    };
    Some(QueueItem {
        about: member.child.to_string(),
        why: Say::new("queue.membership")
            .with("member_standing", member.standing.name())
            .with("date", member.stated_at.date()),
        from: vec![*leaf],
        command,
        ..item
    })
}

//! Orders to enterprises: issued, answered, extended, examined, closed, taken back.
//!
//! Whether an act fits is said by the judge (`judge::order_refuses`), and whose enterprise it is by `judge::may`: what would count nothing
//! is refused here before it is signed.

use super::NewWanted;
use crate::{Node, NodeError, home};
use evidence::{
    Digest, Document, MemberStanding, Mending, NodeId, OrderEntry, OrderMove, OrderText, Part, Record, RecordKind, Say,
    Time, canonical,
};
use judge::{Act, OrderView, Whose};
use plan::CheckedPlan;
use proof::Witness;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Longest text of an entry, in characters.
const TEXT_CHARS_MAX: usize = 20_000;
/// Most documents of an answer.
const DOCUMENTS_MAX: usize = 100;
/// Most working days of an order or an extension.
const WORKING_DAYS_MAX: i64 = 1_000;
/// Most entries of one order.
pub(crate) const ENTRIES_MAX: usize = 1_000;

/// Everything that the log has about one order.
pub struct OrderFile {
    /// Its id.
    pub id: String,
    /// Its entries, in the order of the log.
    pub records: Vec<Witness>,
}
impl OrderFile {
    /// As it stands as of an instant.
    #[must_use]
    pub fn view(&self, plan: &CheckedPlan, as_of: Time) -> Option<OrderView<'_>> {
        judge::order_view(plan, &self.records, &self.id, as_of)
    }
    /// An instant after every entry that was written down here, although the clock may have been set back.
    #[must_use]
    pub fn now(&self) -> Time {
        let newest = self.records.iter().filter_map(|w| match w.record.value() {
            Record::Order(e) => Some(e.stated_at.millis().saturating_add(1)),
            _ => None,
        });
        home::now().max(newest.max().map_or(home::now(), Time::from_millis))
    }
}

/// What is to be ordered, as typed.
pub struct NewOrder<'a> {
    /// To whom.
    pub uscc: &'a str,
    /// What it rests on, of the plan.
    pub basis: &'a str,
    /// What is to be done.
    pub demand: &'a str,
    /// Reasons of the plan that it answers.
    pub reasons: &'a [String],
    /// Working days; those of the basis if it does not say.
    pub working_days: Option<i64>,
    /// The order on paper.
    pub document: Option<Document>,
    /// Findings that it asks for.
    pub wants: Option<NewWanted<'a>>,
    /// Who issues it.
    pub author: Option<&'a str>,
}

/// An answer, as typed.
pub struct NewAnswer<'a> {
    /// What was done.
    pub says: &'a str,
    /// Documents that show it.
    pub documents: Vec<Document>,
    /// It came on paper, on this day.
    pub on_paper: Option<Time>,
    /// Who answers, or brings it in.
    pub author: Option<&'a str>,
}

pub(crate) fn refused(key: &str) -> Say {
    Say::new(format!("error.order-{key}"))
}

pub(super) fn text(option: &str, typed: &str) -> Result<String, NodeError> {
    let clean = attest::clean(typed).trim().to_owned();
    if clean.chars().count() > TEXT_CHARS_MAX {
        return Err(NodeError::Entry(refused("long").with("option", option).with("max", TEXT_CHARS_MAX)));
    }
    Ok(clean)
}

fn days(typed: i64) -> Result<i64, NodeError> {
    let say = || refused("days").with("value", typed).with("max", WORKING_DAYS_MAX);
    if (1..=WORKING_DAYS_MAX).contains(&typed) { Ok(typed) } else { Err(NodeError::Entry(say())) }
}

impl Node {
    /// The order whose id begins so, with or without `o-`.
    pub fn order_file(&self, typed: &str) -> Result<OrderFile, NodeError> {
        let short = typed.strip_prefix("o-").unwrap_or(typed);
        let unknown = |key: &str| NodeError::Entry(refused(key).with("value", attest::clean(typed)));
        if short.is_empty() || !short.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(unknown("unknown"));
        }
        let mut fits = self.store().subjects_from(&format!("o-{}", short.to_ascii_lowercase()))?;
        match (fits.pop(), fits.is_empty()) {
            (Some(id), true) => {
                let mut records = self.store().records_about(&id, &[RecordKind::Order])?;
                records.retain(|w| matches!(w.record.value(), Record::Order(_)));
                Ok(OrderFile { id, records })
            }
            (Some(_), false) => Err(unknown("ambiguous")),
            (None, _) => Err(unknown("unknown")),
        }
    }

    /// Every order of the log, by id.
    pub fn order_files(&self) -> Result<Vec<OrderFile>, NodeError> {
        let mut by: BTreeMap<String, OrderFile> = BTreeMap::new();
        for w in self.store().records(&[RecordKind::Order])? {
            let Some(id) = w.record.value().about().map(str::to_owned) else { continue };
            by.entry(id.clone()).or_insert_with(|| OrderFile { id, records: Vec::new() }).records.push(w);
        }
        Ok(by.into_values().collect())
    }

    /// Issues an order to an enterprise of this node's part.
    pub fn order_issue(&self, plan: &CheckedPlan, new: NewOrder<'_>) -> Result<OrderFile, NodeError> {
        let now = home::now();
        let part = self.part()?.ok_or_else(|| NodeError::Entry(refused("no-part")))?;
        let uscc = new.uscc.trim().to_uppercase();
        if !classify::uscc(uscc.as_bytes()) {
            let say = Say::new("row.bad-uscc").with("column", "uscc").with("value", attest::clean(&uscc));
            return Err(NodeError::Entry(say));
        }
        self.allowed(&part, Act::Order, &uscc)?;
        let basis = plan.basis(new.basis).ok_or_else(|| {
            let known: Vec<&str> = plan.bases().iter().map(|b| b.id.as_str()).collect();
            let say = refused("basis").with("value", attest::clean(new.basis)).with("known", known.join(", "));
            NodeError::Entry(say)
        })?;
        if !basis.issuers.contains(&part.role) {
            let may: Vec<&str> = basis.issuers.iter().map(|r| r.name()).collect();
            let say = refused("issuer").with("basis", &basis.id).with("node_role", part.role.name());
            return Err(NodeError::Entry(say.with("known", may.join(", "))));
        }
        let demand = text("--demand", new.demand)?;
        if demand.is_empty() {
            return Err(NodeError::Entry(refused("demand")));
        }
        let reasons: BTreeSet<String> = new.reasons.iter().cloned().collect();
        if let Some(other) = reasons.iter().find(|r| !plan.reasons().iter().any(|p| p.id == **r)) {
            let known: Vec<&str> = plan.reasons().iter().map(|r| r.id.as_str()).collect();
            let say = refused("unknown-reason").with("value", attest::clean(other));
            return Err(NodeError::Entry(say.with("known", known.join(", "))));
        }
        let working_days = days(new.working_days.unwrap_or(basis.working_days))?;
        let beyond = || NodeError::Entry(refused("days").with("value", working_days).with("max", WORKING_DAYS_MAX));
        let (due, _) = judge::order_due(plan, now, working_days).ok_or_else(beyond)?;
        let wants = self.order_wants(plan, &new)?;
        let text = OrderText {
            uscc,
            issuer: part.name,
            plan: plan.reference(),
            basis: basis.id.clone(),
            demand,
            reasons: reasons.into_iter().collect(),
            working_days,
            due,
            document: new.document,
            wants: wants.as_ref().map(|(w, _)| w.clone()),
        };
        let mut entry = OrderEntry {
            node: self.id(),
            author: self.author(new.author),
            stated_at: now,
            order: String::new(),
            what: OrderMove::Issued(Box::new(text)),
        };
        entry.order = self.new_order(&entry)?;
        let id = entry.order.clone();
        if let Some((_, key)) = &wants {
            self.keep_order_key(&id, key)?;
        }
        let kept = self.append(&Record::Order(Box::new(entry)), None, vec![plan.source().to_bytes()])?;
        Ok(OrderFile { id, records: vec![kept.witness] })
    }

    /// Whether this node may do something with an enterprise, by the registry and its members.
    pub(crate) fn allowed(&self, part: &Part, act: Act, uscc: &str) -> Result<(), NodeError> {
        let row = match self.registry_show(uscc, None) {
            Ok((_, row)) => Some(row),
            // No registry, or not in it.
            Err(NodeError::Entry(_)) => None,
            Err(e) => return Err(e),
        };
        let member = self.member_of(uscc)?;
        let area = member.as_ref().map_or("", |m| m.area.as_str());
        let whose = match &row {
            Some(r) => Whose { uscc, area: &r.0.area, supervisor: &r.0.supervisor, member: member.is_some() },
            None => {
                let supervisor = evidence::supervisor_of(area).unwrap_or_default();
                Whose { uscc, area, supervisor, member: member.is_some() }
            }
        };
        if judge::may(part, act, &whose) {
            return Ok(());
        }
        let say = refused("not-yours").with("uscc", uscc).with("node_role", part.role.name());
        let none = || "–".to_owned();
        let or = |text: &str| if text.is_empty() { none() } else { text.to_owned() };
        Err(NodeError::Entry(say.with("area", or(&part.area)).with("supervisor", or(whose.supervisor))))
    }

    /// Whether entries of orders to an enterprise go down over the line: a node of it is certified by this one. Else they go as files.
    pub fn order_goes_by_line(&self, uscc: &str) -> Result<bool, NodeError> {
        let mut newest: BTreeMap<NodeId, (Time, Digest, bool)> = BTreeMap::new();
        for w in self.store().records(&[RecordKind::Member])? {
            if let Record::Member(m) = w.record.value() {
                let certified = m.standing == MemberStanding::Certified && m.part.uscc == uscc;
                let this = (m.stated_at, w.record.leaf(), certified);
                let known = newest.entry(m.child.clone()).or_insert(this);
                *known = (*known).max(this);
            }
        }
        Ok(newest.values().any(|n| n.2))
    }

    /// What this node certified a node of an enterprise to be.
    fn member_of(&self, uscc: &str) -> Result<Option<Part>, NodeError> {
        let all = self.store().records(&[RecordKind::Member])?;
        let of = all.into_iter().filter_map(|w| match w.record.value() {
            Record::Member(m) if m.part.uscc == uscc => Some((m.stated_at, w.record.leaf(), m.part.clone())),
            _ => None,
        });
        Ok(of.max_by_key(|m| (m.0, m.1)).map(|m| m.2))
    }

    /// Answers an order: as the enterprise, or, with `on_paper`, as the authority that brings in what came.
    pub fn order_answer(
        &self,
        plan: &CheckedPlan,
        file: OrderFile,
        new: NewAnswer<'_>,
    ) -> Result<OrderFile, NodeError> {
        if new.documents.len() > DOCUMENTS_MAX {
            return Err(NodeError::Entry(refused("documents").with("max", DOCUMENTS_MAX)));
        }
        let now = file.now();
        if let Some(day) = new.on_paper.filter(|d| *d > now) {
            return Err(NodeError::Entry(refused("paper-ahead").with("value", day.date())));
        }
        let part = self.part()?;
        if let (None, Some(part), Some(view)) = (new.on_paper, part, file.view(plan, now)) {
            self.allowed(&part, Act::Answer, &view.text.uscc)?;
        }
        let says = text("--says", new.says)?;
        let what = OrderMove::Answered { says, documents: new.documents, on_paper: new.on_paper };
        self.order_say(plan, file, what, new.author)
    }

    /// Gives more time, counted from the end of the order.
    pub fn order_extend(
        &self,
        plan: &CheckedPlan,
        file: OrderFile,
        (working_days, reason): (i64, &str),
        author: Option<&str>,
    ) -> Result<OrderFile, NodeError> {
        let (working_days, reason) = (days(working_days)?, text("--reason", reason)?);
        let view = file.view(plan, file.now());
        let due = view.and_then(|v| judge::order_extended(plan, v.due, working_days));
        let beyond = || NodeError::Entry(refused("days").with("value", working_days).with("max", WORKING_DAYS_MAX));
        let (due, _) = due.ok_or_else(beyond)?;
        self.order_say(plan, file, OrderMove::Extended { reason, working_days, due }, author)
    }

    /// Says what came of looking again.
    pub fn order_examine(
        &self,
        plan: &CheckedPlan,
        file: OrderFile,
        (result, by, note): (Mending, Option<&str>, &str),
        author: Option<&str>,
    ) -> Result<OrderFile, NodeError> {
        let by = match (by, file.view(plan, file.now())) {
            (Some(typed), Some(view)) => Some(self.shown_by(typed, &view.text.uscc)?),
            _ => None,
        };
        let what = OrderMove::Examined { result, by, note: text("--note", note)? };
        self.order_say(plan, file, what, author)
    }

    /// The report of the enterprise whose leaf begins so.
    fn shown_by(&self, typed: &str, uscc: &str) -> Result<Digest, NodeError> {
        let short = typed.trim().trim_start_matches("sha256:").to_ascii_lowercase();
        let unknown = || NodeError::Entry(refused("by").with("value", attest::clean(typed)).with("uscc", uscc));
        if short.len() < 8 {
            return Err(unknown());
        }
        let all = self.received_reports()?;
        let mut fits: Vec<Digest> =
            all.iter().filter(|r| r.report().uscc == uscc).map(judge::ReceivedReport::leaf).collect();
        fits.retain(|l| l.hex().starts_with(&short));
        fits.dedup();
        match fits.as_slice() {
            [one] => Ok(*one),
            _ => Err(unknown()),
        }
    }

    /// Closes an order that was found mended.
    pub fn order_close(
        &self,
        plan: &CheckedPlan,
        file: OrderFile,
        note: &str,
        author: Option<&str>,
    ) -> Result<OrderFile, NodeError> {
        let note = text("--note", note)?;
        let file = self.order_say(plan, file, OrderMove::Closed { note }, author)?;
        self.destroy_order_key(&file)?;
        Ok(file)
    }

    /// Takes an order back.
    pub fn order_withdraw(
        &self,
        plan: &CheckedPlan,
        file: OrderFile,
        reason: &str,
        author: Option<&str>,
    ) -> Result<OrderFile, NodeError> {
        let reason = text("--reason", reason)?;
        let file = self.order_say(plan, file, OrderMove::Withdrawn { reason }, author)?;
        self.destroy_order_key(&file)?;
        Ok(file)
    }

    /// Writes down an entry that fits; of one that does not the judge's reason.
    pub(crate) fn order_say(
        &self,
        plan: &CheckedPlan,
        file: OrderFile,
        what: OrderMove,
        author: Option<&str>,
    ) -> Result<OrderFile, NodeError> {
        self.order_say_with(plan, file, (what, Vec::new()), author)
    }

    /// The same, with bytes that lie beside it.
    pub(super) fn order_say_with(
        &self,
        plan: &CheckedPlan,
        mut file: OrderFile,
        (what, beside): (OrderMove, Vec<Vec<u8>>),
        author: Option<&str>,
    ) -> Result<OrderFile, NodeError> {
        let now = file.now();
        {
            let unknown = || NodeError::Entry(refused("unknown").with("value", &file.id));
            let view = file.view(plan, now).ok_or_else(unknown)?;
            if file.records.len() >= ENTRIES_MAX {
                return Err(NodeError::Entry(refused("entries").with("max", ENTRIES_MAX)));
            }
            if plan.digest() != view.text.plan.digest {
                let say = refused("other-plan").with("order", &file.id).with("plan", view.text.plan.id.as_str());
                return Err(NodeError::Entry(say.with("version", &view.text.plan.version)));
            }
            if let Some(why) = judge::order_refuses(plan, &view, &self.id(), &what, now) {
                return Err(NodeError::Entry(why));
            }
        }
        let entry =
            OrderEntry { node: self.id(), author: self.author(author), stated_at: now, order: file.id.clone(), what };
        file.records.push(self.append(&Record::Order(Box::new(entry)), None, beside)?.witness);
        Ok(file)
    }

    /// An id that no other order of this node has.
    fn new_order(&self, first: &OrderEntry) -> Result<String, NodeError> {
        let mut bytes = canonical::to_vec(first).map_err(|e| NodeError::Internal(e.to_string()))?;
        loop {
            let id = format!("o-{}", Digest::of(&bytes).hex().chars().take(8).collect::<String>());
            if self.store().subjects_from(&id)?.is_empty() {
                return Ok(id);
            }
            bytes.push(b'+');
        }
    }

    /// Counts the ends of this node's own orders again, each under its own plan.
    pub(crate) fn audit_orders(&self, problems: &mut Vec<Say>) -> Result<(), NodeError> {
        let files = match self.order_files() {
            Ok(files) => files,
            Err(_) if !problems.is_empty() => return Ok(()),
            Err(e) => return Err(e),
        };
        let own = self.id();
        let mut plans: BTreeMap<Digest, Option<CheckedPlan>> = BTreeMap::new();
        for file in &files {
            let issued = file.records.iter().find_map(|w| match w.record.value() {
                Record::Order(e) if e.node == own => match &e.what {
                    OrderMove::Issued(text) => Some((w.record.leaf(), &text.plan)),
                    _ => None,
                },
                _ => None,
            });
            let Some((leaf, reference)) = issued else { continue };
            let plan = match plans.entry(reference.digest) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    let source = self.source_of(reference)?.filter(|s| s.digest() == reference.digest);
                    place.insert(source.and_then(|s| plan::check(&s).ok()))
                }
            };
            let Some(plan) = plan else {
                problems.push(Say::new("cli.say.audit_no_plan").with("leaf", leaf).with("digest", reference.digest));
                continue;
            };
            let doubts = file.view(plan, file.now()).map(|v| v.doubts).unwrap_or_default();
            for d in doubts.iter().filter(|d| d.say.key == "doubt.order-due") {
                let leaf = d.cited.as_ref().map_or(leaf, |c| c.leaf);
                problems.push(Say::new("cli.say.audit_order").with("leaf", leaf).with("order", &file.id));
            }
        }
        Ok(())
    }
}

//! Orders: entries become one state, and an entry that does not fit the state before it counts nothing and is doubted.
//!
//! The same rules refuse an act before it is signed ([`order_refuses`]), so that a node and its judge never disagree. Entries count in
//! the order in which this log took them in, not in that of foreign clocks: a plant whose clock is behind must not answer before it was
//! ordered.

use crate::choose::doubt;
use evidence::{
    Author, Digest, Document, Doubt, FindingsGiven, Mending, NodeId, OrderEntry, OrderMove, OrderText, Record, Say,
    Time,
};
use plan::{CheckedPlan, Days, Limit, LimitUnit};
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};

/// How an order stands. Words `order-state.<name>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OrderState {
    /// Issued; the enterprise has not said that it has it.
    Open,
    /// The enterprise has it.
    Received,
    /// Answered; the authority must look.
    Answered,
    /// The authority looked: it is not mended, and a new answer is due.
    NotMended,
    /// The authority looked: it is mended, and can be closed.
    Mended,
    /// Ended.
    Closed,
    /// Taken back.
    Withdrawn,
}
impl OrderState {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Open, Self::Received, Self::Answered, Self::NotMended, Self::Mended, Self::Closed, Self::Withdrawn];
    /// The name in JSON and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Received => "received",
            Self::Answered => "answered",
            Self::NotMended => "not-mended",
            Self::Mended => "mended",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
        }
    }
    /// True until it is closed or taken back.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Withdrawn)
    }
    /// True while the enterprise owes an answer.
    #[must_use]
    pub fn owes(self) -> bool {
        matches!(self, Self::Open | Self::Received | Self::NotMended)
    }
}

/// One entry, as it counts.
#[derive(Clone, Copy, Debug)]
pub struct OrderStep<'a> {
    /// Leaf in this log.
    pub leaf: Digest,
    /// Leaf of the entry where it was made.
    pub statement: Digest,
    /// Who made it.
    pub node: &'a NodeId,
    /// By whom this log has it.
    pub author: &'a Author,
    /// When it was made, by the clock of who made it.
    pub at: Time,
    /// When this log took it in.
    pub taken_in: Time,
    /// What it says: never `Carried`.
    pub what: &'a OrderMove,
}

/// An answer.
#[derive(Clone, Copy, Debug)]
pub struct OrderAnswer<'a> {
    /// When; of one on paper the day that it came.
    pub at: Time,
    /// It came on paper.
    pub on_paper: bool,
    /// After the end of the order, as it was then.
    pub late: bool,
    /// What it says.
    pub says: &'a str,
    /// Documents that show it.
    pub documents: &'a [Document],
    /// Findings that were given, sealed.
    pub findings: Option<&'a FindingsGiven>,
    /// Leaf in this log.
    pub leaf: Digest,
    /// Leaf of the entry where it was made.
    pub statement: Digest,
}

/// An order as of an instant.
#[derive(Clone, Debug)]
pub struct OrderView<'a> {
    /// Id.
    pub order: &'a str,
    /// What it says.
    pub text: &'a OrderText,
    /// The node that issued it.
    pub issuer: &'a NodeId,
    /// When.
    pub issued_at: Time,
    /// Leaf, in this log, of the entry that issues it.
    pub leaf: Digest,
    /// How it stands.
    pub state: OrderState,
    /// Its end, extensions and all.
    pub due: Time,
    /// Its end is over and an answer is owed.
    pub overdue: bool,
    /// How often it was extended, and by how many working days together.
    pub extended: (i64, i64),
    /// The node that speaks for the enterprise: the first that did.
    pub addressee: Option<&'a NodeId>,
    /// When the enterprise said that it has it.
    pub received_at: Option<Time>,
    /// Answers, the oldest first.
    pub answers: Vec<OrderAnswer<'a>>,
    /// The newest look, if there was one.
    pub examined: Option<(Time, Mending)>,
    /// Every entry that counts, in order.
    pub steps: Vec<OrderStep<'a>>,
    /// What makes it weaker than it looks.
    pub doubts: Vec<Doubt>,
}
impl OrderView<'_> {
    /// The newest answer came after the end.
    #[must_use]
    pub fn late(&self) -> bool {
        self.answers.last().is_some_and(|a| a.late)
    }
    /// Answers that gave findings, the oldest first.
    pub fn given(&self) -> impl Iterator<Item = &OrderAnswer<'_>> {
        self.answers.iter().filter(|a| a.findings.is_some())
    }
}

/// The end of so many working days after an instant by the plan's calendar, and years of it whose holidays are not known. `None` beyond
/// all calendars.
#[must_use]
pub fn order_due(plan: &CheckedPlan, from: Time, working_days: i64) -> Option<(Time, BTreeSet<i64>)> {
    let end = Days::of(plan.calendar()).end(from, Limit::Within(working_days, LimitUnit::WorkingDays));
    Some((end.at?, end.unknown_years))
}

/// From where an extension counts: the last instant of the last day. The end itself is already the day after.
fn last_instant(due: Time) -> Time {
    Time::from_millis(due.millis().saturating_sub(1))
}

/// The end after an extension by so many working days.
#[must_use]
pub fn order_extended(plan: &CheckedPlan, due: Time, working_days: i64) -> Option<(Time, BTreeSet<i64>)> {
    order_due(plan, last_instant(due), working_days)
}

/// Why an act does not fit an order: `None` if it does. `by` makes it, `at` is when. Keys begin with `doubt.order-`.
#[must_use]
pub fn order_refuses(plan: &CheckedPlan, view: &OrderView<'_>, by: &NodeId, what: &OrderMove, at: Time) -> Option<Say> {
    let say = |key: &str| Some(Say::new(format!("doubt.order-{key}")).with("order", view.order));
    if matches!(what, OrderMove::Issued(_)) {
        return say("twice");
    }
    if !view.state.is_open() {
        return say("over").map(|s| s.with("order_state", view.state.name()));
    }
    let issues = by == view.issuer;
    match what {
        what if what.is_of_enterprise() && issues => return say("own-answer"),
        what if what.is_of_enterprise() => match view.addressee {
            Some(other) if other != by => return say("other-node"),
            _ => {}
        },
        _ if !issues => return say("not-issuer"),
        _ => {}
    }
    match what {
        OrderMove::Received {} if view.state != OrderState::Open => say("known"),
        OrderMove::Given(_) | OrderMove::Withheld { .. } if view.text.wants.is_none() => say("wants-nothing"),
        OrderMove::Answered { .. } | OrderMove::Given(_) | OrderMove::Withheld { .. }
            if view.state == OrderState::Mended =>
        {
            say("mended")
        }
        OrderMove::Withheld { reason } | OrderMove::Read { reason, .. } if reason.is_empty() => say("reason"),
        OrderMove::Read { of, .. } if !view.given().any(|a| a.statement == *of) => say("nothing-given"),
        OrderMove::Answered { says, documents, .. } if says.is_empty() && documents.is_empty() => say("empty"),
        OrderMove::Extended { reason, working_days, due } => extension(plan, view, (reason, *working_days, *due), at),
        OrderMove::Examined { .. } if view.state != OrderState::Answered && !(view.state.owes() && at >= view.due) => {
            say("not-answered")
        }
        OrderMove::Closed { .. } if view.state != OrderState::Mended => say("not-mended"),
        OrderMove::Withdrawn { reason } if reason.is_empty() => say("reason"),
        _ => None,
    }
}

fn extension(
    plan: &CheckedPlan,
    view: &OrderView<'_>,
    (reason, working_days, due): (&str, i64, Time),
    at: Time,
) -> Option<Say> {
    let say = |key: &str| Say::new(format!("doubt.order-{key}")).with("order", view.order);
    if reason.is_empty() {
        return Some(say("reason"));
    }
    if !view.state.owes() {
        return Some(say("nothing-owed"));
    }
    if at >= view.due {
        return Some(say("extend-late").with("due", last_instant(view.due)));
    }
    if working_days < 1 || due <= view.due {
        return Some(say("extend-nothing"));
    }
    // Under another plan its rules cannot be told; the view says so.
    let basis = plan.basis(&view.text.basis).filter(|_| plan.digest() == view.text.plan.digest)?;
    let (times, days) = view.extended;
    if times >= basis.extend_times {
        return Some(say("extend-often").with("max", basis.extend_times));
    }
    if days.saturating_add(working_days) > basis.extend_working_days {
        let left = basis.extend_working_days.saturating_sub(days);
        return Some(say("extend-far").with("max", basis.extend_working_days).with("left", left));
    }
    let right = order_extended(plan, view.due, working_days).is_some_and(|d| d.0 == due);
    (!right).then(|| say("due"))
}

/// An order as of an instant; `None` if no entry issues it by then. Records that are no entries of it are passed over.
#[must_use]
pub fn order_view<'a>(
    plan: &CheckedPlan,
    records: impl IntoIterator<Item = &'a Witness>,
    order: &str,
    as_of: Time,
) -> Option<OrderView<'a>> {
    let of = records.into_iter().filter_map(|w| match w.record.value() {
        Record::Order(e) if e.order == order => Some((w.record.leaf(), &**e)),
        _ => None,
    });
    fold(plan, of.collect(), as_of)
}

/// Every order as of an instant, by id.
#[must_use]
pub fn orders<'a>(plan: &CheckedPlan, records: &'a [Witness], as_of: Time) -> Vec<OrderView<'a>> {
    let mut by: BTreeMap<&str, Vec<(Digest, &OrderEntry)>> = BTreeMap::new();
    for w in records {
        if let Record::Order(e) = w.record.value() {
            by.entry(&e.order).or_default().push((w.record.leaf(), e));
        }
    }
    by.into_values().filter_map(|entries| fold(plan, entries, as_of)).collect()
}

fn fold<'a>(plan: &CheckedPlan, entries: Vec<(Digest, &'a OrderEntry)>, as_of: Time) -> Option<OrderView<'a>> {
    let mut doubts = Vec::new();
    let steps = gather(entries, as_of, &mut doubts);
    let at = steps.iter().position(|(s, _)| matches!(s.what, OrderMove::Issued(_)))?;
    let (first, order) = steps[at];
    let OrderMove::Issued(text) = first.what else { return None };
    let mut view = OrderView {
        order,
        text,
        issuer: first.node,
        issued_at: first.at,
        leaf: first.leaf,
        state: OrderState::Open,
        due: text.due,
        overdue: false,
        extended: (0, 0),
        addressee: None,
        received_at: None,
        answers: Vec::new(),
        examined: None,
        steps: vec![first],
        doubts,
    };
    view.check_text(plan);
    for (n, (step, _)) in steps.into_iter().enumerate() {
        if n == at {
            continue;
        }
        match order_refuses(plan, &view, step.node, step.what, step.at) {
            Some(why) => view.doubts.push(doubt(why, Some(step.leaf))),
            None => view.take(step),
        }
    }
    view.overdue = view.state.owes() && as_of >= view.due;
    view.doubts.sort();
    view.doubts.dedup();
    Some(view)
}

/// The entries in the order in which this log took them in; one that came in twice counts once.
fn gather<'a>(
    entries: Vec<(Digest, &'a OrderEntry)>,
    as_of: Time,
    doubts: &mut Vec<Doubt>,
) -> Vec<(OrderStep<'a>, &'a str)> {
    let mut out = Vec::new();
    for (leaf, e) in entries {
        if e.stated_at > as_of {
            let say = Say::new("doubt.after-as-of").with("kind", "order").with("time", e.stated_at);
            doubts.push(doubt(say, Some(leaf)));
            continue;
        }
        let (node, at, statement, what) = match &e.what {
            OrderMove::Carried { what, .. } if matches!(**what, OrderMove::Carried { .. }) => {
                doubts.push(doubt(Say::new("doubt.order-nested"), Some(leaf)));
                continue;
            }
            OrderMove::Carried { from, statement, stated_at, what } => (from, *stated_at, *statement, &**what),
            what => (&e.node, e.stated_at, leaf, what),
        };
        let step = OrderStep { leaf, statement, node, author: &e.author, at, taken_in: e.stated_at, what };
        out.push((step, e.order.as_str()));
    }
    out.sort_by_key(|(s, _)| (s.taken_in, !matches!(s.what, OrderMove::Issued(_)), s.at, s.statement));
    let mut seen = BTreeSet::new();
    out.retain(|(s, _)| seen.insert(s.statement));
    out
}

impl<'a> OrderView<'a> {
    fn check_text(&mut self, plan: &CheckedPlan) {
        let mut about = |say: Say| self.doubts.push(doubt(say.with("order", self.order), Some(self.leaf)));
        if plan.digest() != self.text.plan.digest {
            about(Say::new("doubt.order-plan"));
            return;
        }
        if plan.basis(&self.text.basis).is_none() {
            about(Say::new("doubt.order-basis").with("value", &self.text.basis));
        }
        match order_due(plan, self.issued_at, self.text.working_days) {
            Some((due, unknown)) if due == self.text.due => {
                if let Some(year) = unknown.first() {
                    about(Say::new("doubt.order-calendar").with("year", year));
                }
            }
            _ => about(Say::new("doubt.order-due")),
        }
    }

    fn take(&mut self, step: OrderStep<'a>) {
        if step.node != self.issuer {
            self.addressee = Some(step.node);
        }
        match step.what {
            OrderMove::Received {} => {
                self.state = OrderState::Received;
                self.received_at = Some(step.at);
            }
            OrderMove::Answered { says, documents, on_paper } => {
                self.answered(step, *on_paper, (says, documents.as_slice(), None));
            }
            OrderMove::Given(given) => self.answered(step, None, ("", &[], Some(given))),
            OrderMove::Withheld { reason } => self.answered(step, None, (reason, &[], None)),
            OrderMove::Extended { working_days, due, .. } => {
                self.extended = (self.extended.0 + 1, self.extended.1.saturating_add(*working_days));
                self.due = *due;
            }
            OrderMove::Examined { result, .. } => {
                self.examined = Some((step.at, *result));
                self.state = match result {
                    Mending::Mended => OrderState::Mended,
                    Mending::NotMended => OrderState::NotMended,
                };
            }
            OrderMove::Closed { .. } => self.state = OrderState::Closed,
            OrderMove::Withdrawn { .. } => self.state = OrderState::Withdrawn,
            OrderMove::Issued(_) | OrderMove::Read { .. } | OrderMove::Carried { .. } => {}
        }
        self.steps.push(step);
    }

    fn answered(
        &mut self,
        step: OrderStep<'a>,
        on_paper: Option<Time>,
        (says, documents, findings): (&'a str, &'a [Document], Option<&'a FindingsGiven>),
    ) {
        let at = on_paper.unwrap_or(step.at);
        let late = at >= self.due;
        if !late && on_paper.is_none() && step.taken_in >= self.due {
            // In time by the word of who answered alone.
            let say = Say::new("doubt.order-own-time").with("order", self.order);
            self.doubts.push(doubt(say, Some(step.leaf)));
        }
        let (on_paper, leaf, statement) = (on_paper.is_some(), step.leaf, step.statement);
        self.answers.push(OrderAnswer { at, on_paper, late, says, documents, findings, leaf, statement });
        self.state = OrderState::Answered;
    }
}

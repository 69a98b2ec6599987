//! Warnings: entries become one view, and what the plan does not provide for is doubted (`docs/specs/warnings-v1.md`).
//!
//! A warning is no judgement. It says what its issuer says; what is decided here is only which entry counts, what it asks of this node, and whether it
//! concerns it. Refused: leaving out a warning because its issuer may not have had the right to it - it is shown, with the doubt.

use crate::choose::doubt;
use crate::missing_fields;
use evidence::{Consent, Digest, Doubt, NodeId, Origin, Record, Say, Time, WarningEntry, WarningMove, WarningText};
use plan::{CheckedPlan, Form, IncidentLevel, Warning};
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};

/// The node that reads: what it is, where it is, what it does.
#[derive(Clone, Copy, Debug)]
pub struct Here<'a> {
    /// Its id.
    pub node: &'a NodeId,
    /// What it is towards the plan: `enterprise`, `local-regulator`…
    pub actors: &'a [String],
    /// Areas that it lies in or answers for; empty: it has not said.
    pub areas: &'a [String],
    /// Its sectors; empty: it has not said.
    pub sectors: &'a [String],
}

/// Whether a warning concerns the node that reads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Concern {
    /// It does.
    Yes,
    /// The node has not said where it is, or what it does.
    Unknown,
    /// It does not.
    No,
}
impl Concern {
    /// All of them.
    pub const ALL: [Concern; 3] = [Self::Yes, Self::Unknown, Self::No];
    /// The name in JSON and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Unknown => "unknown",
            Self::No => "no",
        }
    }
}

/// How a warning stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum WarningState {
    /// In force.
    InForce,
    /// Issued; it begins later.
    Announced,
    /// Taken back.
    Lifted,
}
impl WarningState {
    /// All of them, those that call for an act first.
    pub const ALL: [WarningState; 3] = [Self::InForce, Self::Announced, Self::Lifted];
    /// The name in JSON and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InForce => "in-force",
            Self::Announced => "announced",
            Self::Lifted => "lifted",
        }
    }
}

/// One entry, as it counts: what another node said stands beside what this one says.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// Leaf in this log.
    pub leaf: Digest,
    /// The entry of this log.
    pub entry: &'a WarningEntry,
    /// Who made it.
    pub node: &'a NodeId,
    /// When it was made there.
    pub at: Time,
    /// Leaf of the statement in that node's log, if it was received.
    pub statement: Option<Digest>,
    /// What it says: never `Received`.
    pub what: &'a WarningMove,
}

/// A lift.
#[derive(Clone, Copy, Debug)]
pub struct Lifted<'a> {
    /// When.
    pub at: Time,
    /// Why.
    pub reason: &'a str,
    /// Who agreed, if anybody was asked.
    pub approval: Option<&'a Consent>,
}

/// A duty of the check list.
#[derive(Clone, Debug)]
pub struct DutyView<'a> {
    /// Id in the plan.
    pub duty: String,
    /// Whose it is; empty if the plan does not know it (any more).
    pub actor: String,
    /// This node is that.
    pub ours: bool,
    /// What was done about it at this node.
    pub taken: Option<Taken<'a>>,
}

/// What was done about a duty.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'a> {
    /// At which node.
    pub node: &'a NodeId,
    /// Id in the plan.
    pub duty: &'a str,
    /// False: passed over.
    pub done: bool,
    /// When it was written down.
    pub at: Time,
    /// What else.
    pub note: &'a str,
}

/// Somebody took note of it.
#[derive(Clone, Copy, Debug)]
pub struct Acknowledged<'a> {
    /// At which node.
    pub node: &'a NodeId,
    /// Who.
    pub by: &'a str,
    /// When it was written down.
    pub at: Time,
    /// What else.
    pub note: &'a str,
}

/// What a warning looks like.
#[derive(Clone, Debug)]
pub struct WarningView<'a> {
    /// Id.
    pub warning: &'a str,
    /// From which world.
    pub origin: Origin,
    /// The node that issued it.
    pub node: &'a NodeId,
    /// When it was issued.
    pub issued_at: Time,
    /// The text that counts.
    pub text: &'a WarningText,
    /// Since when it counts.
    pub since: Time,
    /// The entry that says what counts: the text, or the lift.
    pub last: Said<'a>,
    /// How often the text was replaced before: 1 is the first.
    pub version: u32,
    /// How it stands.
    pub state: WarningState,
    /// The lift, if it was lifted.
    pub lifted: Option<Lifted<'a>>,
    /// Every entry that is read, in order.
    pub entries: Vec<Said<'a>>,
    /// The duties of the level, the node's own first; and what was done about others all the same.
    pub duties: Vec<DutyView<'a>>,
    /// What other nodes say they did.
    pub elsewhere: Vec<Taken<'a>>,
    /// Who took note.
    pub acknowledged: Vec<Acknowledged<'a>>,
    /// Whether it concerns this node's areas, and its sectors.
    pub concerns: (Concern, Concern),
    /// What makes it weaker than it looks.
    pub doubts: Vec<Doubt>,
}
impl WarningView<'_> {
    /// Areas and sectors together: a `no` of one is enough, an `unknown` outweighs a `yes`.
    #[must_use]
    pub fn concern(&self) -> Concern {
        self.concerns.0.max(self.concerns.1)
    }
    /// False if it came from a node that nobody here knows as its issuer: that is said before anything else.
    #[must_use]
    pub fn knows_issuer(&self) -> bool {
        !self.doubts.iter().any(|d| d.say.key == ISSUER_UNKNOWN)
    }
}

/// A warning came from a node that nobody here knows as its issuer: whose name stands on it is that node's own word.
const ISSUER_UNKNOWN: &str = "doubt.warning-issuer-unknown";

/// The plan's rule for warnings of a level.
fn rule<'p>(plan: &'p CheckedPlan, text: &WarningText) -> Option<(&'p IncidentLevel, &'p Warning)> {
    let level = plan.incident_levels().iter().find(|l| l.regime == text.regime && l.id == text.level)?;
    Some((level, level.warning.as_ref()?))
}

/// The form that says what a warning of a regime must state.
#[must_use]
pub fn warning_form<'p>(plan: &'p CheckedPlan, regime: &str) -> Option<&'p Form> {
    plan.forms().iter().find(|f| f.regime == regime && f.stages.iter().any(|s| s == "warning"))
}

/// What the plan does not let a text count for: who may issue it, who must have agreed, what it must state. `before` is the text that it replaces.
/// The keys begin with `doubt.`.
#[must_use]
pub fn warning_faults(plan: &CheckedPlan, before: Option<&WarningText>, text: &WarningText, at: Time) -> Vec<Say> {
    let mut out = Vec::new();
    let Some((level, rule)) = rule(plan, text) else {
        return vec![Say::new("doubt.warning-level").with("level", &text.level)];
    };
    let graver = |b: &WarningText| {
        let was = plan.incident_levels().iter().find(|l| l.regime == b.regime && l.id == b.level);
        was.is_none_or(|w| w.regime != level.regime || level.rank < w.rank)
    };
    let may = text.issuer == rule.issuer || before.is_some_and(|b| !graver(b) && b.issuer == text.issuer);
    if !may {
        let say = Say::new("doubt.warning-issuer").with("level", &text.level).with("who", &rule.issuer);
        out.push(say.with("by", &text.issuer));
    }
    if !rule.approval.is_empty() {
        let say = |key: &str| Say::new(key).with("level", &text.level).with("who", &rule.approval);
        match &text.approval {
            Some(c) if c.actor == rule.approval && !c.person.trim().is_empty() => {
                if c.at > at {
                    out.push(say("doubt.warning-approval-late"));
                }
            }
            _ => out.push(say("doubt.warning-approval")),
        }
    }
    let missing = warning_form(plan, &text.regime).map(|f| missing_fields(f, &text.fields)).unwrap_or_default();
    if !missing.is_empty() {
        out.push(Say::new("doubt.warning-missing").with("fields", missing.join(", ")));
    }
    out
}

/// What a warning looks like to a node as of an instant. `None` if no entry issues it by then.
///
/// Records that are no entries of this warning are passed over, so the caller may hand in more than it needs.
#[must_use]
pub fn warning_view<'a>(
    plan: &CheckedPlan,
    records: &'a [Witness],
    warning: &str,
    as_of: Time,
    here: Here<'_>,
) -> Option<WarningView<'a>> {
    let mut doubts = Vec::new();
    let mut all = gather(records, warning, as_of, &mut doubts);
    let first = *all.iter().find(|s| matches!(s.what, WarningMove::Issued(_)))?;
    let WarningMove::Issued(text) = first.what else { return None };
    all.retain(|s| {
        let same = s.entry.origin == first.entry.origin;
        if !same {
            doubts.push(doubt(Say::new("doubt.warning-origin"), Some(s.leaf)));
        }
        same
    });
    let mut view = WarningView {
        warning: &first.entry.warning,
        origin: first.entry.origin,
        node: first.node,
        issued_at: first.at,
        text,
        since: first.at,
        last: first,
        version: 1,
        state: WarningState::InForce,
        lifted: None,
        entries: Vec::new(),
        duties: Vec::new(),
        elsewhere: Vec::new(),
        acknowledged: Vec::new(),
        concerns: (Concern::Yes, Concern::Yes),
        doubts,
    };
    let mut taken: BTreeMap<&str, Taken<'a>> = BTreeMap::new();
    view.check(plan, None, text, &first, here);
    for s in &all {
        view.take(plan, s, here, &mut taken);
    }
    view.state = match (view.lifted, view.text.start > as_of) {
        (Some(_), _) => WarningState::Lifted,
        (None, true) => WarningState::Announced,
        (None, false) => WarningState::InForce,
    };
    view.duties = duties(plan, view.text, here, taken);
    view.concerns = (
        touches(&view.text.areas, here.areas, |a, b| contains(&area_digits(a), &area_digits(b))),
        touches(&view.text.sectors, here.sectors, sector_contains),
    );
    unknown_statements(records, &all, &mut view.doubts);
    view.entries = all;
    view.doubts.sort();
    view.doubts.dedup();
    Some(view)
}

/// The entries of a warning in the order in which they were made; a statement that came in twice counts once.
fn gather<'a>(records: &'a [Witness], warning: &str, as_of: Time, doubts: &mut Vec<Doubt>) -> Vec<Said<'a>> {
    let mut out: Vec<Said<'a>> = Vec::new();
    for w in records {
        let leaf = w.record.leaf();
        let Record::Warning(e) = w.record.value() else { continue };
        if e.warning != warning {
            continue;
        }
        if e.stated_at > as_of {
            let say = Say::new("doubt.after-as-of").with("kind", "warning").with("time", e.stated_at);
            doubts.push(doubt(say, Some(leaf)));
            continue;
        }
        let said = match &e.what {
            // The entry that it stands for is read.
            WarningMove::Outward { .. } => continue,
            WarningMove::Received { what, .. }
                if matches!(**what, WarningMove::Received { .. } | WarningMove::Outward { .. }) =>
            {
                doubts.push(doubt(Say::new("doubt.warning-nested"), Some(leaf)));
                continue;
            }
            WarningMove::Received { from, statement, stated_at, what, .. } => {
                if *stated_at > e.stated_at {
                    let say = Say::new("doubt.warning-ahead").with("time", stated_at);
                    doubts.push(doubt(say, Some(leaf)));
                }
                Said { leaf, entry: e, node: from, at: *stated_at, statement: Some(*statement), what }
            }
            what => Said { leaf, entry: e, node: &e.node, at: e.stated_at, statement: None, what },
        };
        out.push(said);
    }
    out.sort_by_key(|s| (s.at, !matches!(s.what, WarningMove::Issued(_)), s.statement.unwrap_or(s.leaf), s.leaf));
    // The statement itself, and the word about it, are one entry.
    let mut seen = BTreeSet::new();
    out.retain(|s| seen.insert(s.statement.unwrap_or(s.leaf)));
    out
}

impl<'a> WarningView<'a> {
    fn take(&mut self, plan: &CheckedPlan, s: &Said<'a>, here: Here<'_>, taken: &mut BTreeMap<&'a str, Taken<'a>>) {
        let states = matches!(s.what, WarningMove::Issued(_) | WarningMove::Changed(_) | WarningMove::Lifted { .. });
        let is_first = s.leaf == self.last.leaf && matches!(s.what, WarningMove::Issued(_));
        if states && !is_first {
            let key = match s.what {
                WarningMove::Issued(_) => Some("doubt.warning-twice"),
                _ if s.node != self.node => Some("doubt.warning-other-node"),
                _ if self.lifted.is_some() => Some("doubt.warning-after-lift"),
                _ => None,
            };
            if let Some(key) = key {
                self.doubts.push(doubt(Say::new(key).with("node", s.node), Some(s.leaf)));
                return;
            }
        }
        match s.what {
            WarningMove::Changed(text) => {
                self.check(plan, Some(self.text), text, s, here);
                if text.issuer != self.text.issuer {
                    let say = Say::new("doubt.warning-changed-by").with("by", &text.issuer);
                    self.doubts.push(doubt(say.with("who", &self.text.issuer), Some(s.leaf)));
                }
                (self.text, self.since, self.last) = (text, s.at, *s);
                self.version = self.version.saturating_add(1);
            }
            WarningMove::Lifted { reason, approval } => {
                self.lifted = Some(Lifted { at: s.at, reason, approval: approval.as_ref() });
                self.last = *s;
            }
            WarningMove::Acknowledged { by, note } => {
                self.acknowledged.push(Acknowledged { node: s.node, by, at: s.at, note });
            }
            WarningMove::Duty { duty, done, note } => {
                let t = Taken { node: s.node, duty, done: *done, at: s.at, note };
                if s.node == here.node {
                    taken.insert(duty, t);
                } else {
                    self.elsewhere.push(t);
                }
            }
            WarningMove::Issued(_) | WarningMove::Received { .. } | WarningMove::Outward { .. } => {}
        }
    }

    fn check(
        &mut self,
        plan: &CheckedPlan,
        before: Option<&WarningText>,
        text: &WarningText,
        s: &Said<'_>,
        here: Here<'_>,
    ) {
        let mut say = |say: Say| self.doubts.push(doubt(say, Some(s.leaf)));
        warning_faults(plan, before, text, s.at).into_iter().for_each(&mut say);
        if let Some(c) = text.approval.as_ref().filter(|c| c.document.is_none()) {
            say(Say::new("doubt.warning-typed-approval").with("person", &c.person));
        }
        let known = match &s.entry.what {
            WarningMove::Received { known_as, .. } => Some(known_as.as_str()),
            _ => None,
        };
        if known.is_some_and(|k| k != text.issuer) {
            say(Say::new(ISSUER_UNKNOWN).with("by", &text.issuer).with("node", s.node));
        }
        let own = s.statement.is_none() && s.node == here.node;
        if own && !here.actors.contains(&text.issuer) {
            say(Say::new("doubt.warning-not-ours").with("by", &text.issuer));
        }
    }
}

/// The check list: own duties first, in the plan's order; what was done besides follows.
fn duties<'a>(
    plan: &CheckedPlan,
    text: &WarningText,
    here: Here<'_>,
    mut taken: BTreeMap<&'a str, Taken<'a>>,
) -> Vec<DutyView<'a>> {
    let actor_of = |id: &str| plan.duties().iter().find(|d| d.id == id).map(|d| d.actor.clone()).unwrap_or_default();
    let asked = rule(plan, text).map(|r| r.1.duties.as_slice()).unwrap_or_default();
    let mut out: Vec<DutyView<'a>> = Vec::new();
    for duty in asked {
        let actor = actor_of(duty);
        let ours = here.actors.contains(&actor);
        out.push(DutyView { duty: duty.clone(), actor, ours, taken: taken.remove(duty.as_str()) });
    }
    out.sort_by_key(|d| !d.ours);
    for (duty, t) in taken {
        out.push(DutyView { duty: duty.to_owned(), actor: actor_of(duty), ours: false, taken: Some(t) });
    }
    out
}

/// A received entry is this node's word about another's statement, unless that statement is here too.
fn unknown_statements(records: &[Witness], all: &[Said<'_>], doubts: &mut Vec<Doubt>) {
    let here: BTreeSet<Digest> = records.iter().map(|w| w.record.leaf()).collect();
    let mut of: BTreeMap<&NodeId, (u64, Digest)> = BTreeMap::new();
    for s in all.iter().filter(|s| s.statement.is_some_and(|leaf| !here.contains(&leaf))) {
        of.entry(s.node).or_insert((0, s.leaf)).0 += 1;
    }
    for (node, (count, leaf)) in of {
        let say = Say::new("doubt.warning-received").with("count", count).with("node", node);
        doubts.push(doubt(say, Some(leaf)));
    }
}

fn touches(of: &[String], here: &[String], same: impl Fn(&str, &str) -> bool) -> Concern {
    match (of.is_empty(), here.is_empty()) {
        (true, _) => Concern::Yes,
        (false, true) => Concern::Unknown,
        (false, false) if of.iter().any(|a| here.iter().any(|b| same(a, b))) => Concern::Yes,
        (false, false) => Concern::No,
    }
}

/// One begins with the other.
fn contains(a: &str, b: &str) -> bool {
    !a.is_empty() && !b.is_empty() && (a.starts_with(b) || b.starts_with(a))
}

/// The corps has no code of its own in GB/T 2260; its cities are 659001 and on.
fn area_digits(area: &str) -> String {
    if area.eq_ignore_ascii_case("65-XPCC") { "6590".to_owned() } else { area.to_uppercase() }
}

fn sector_contains(a: &str, b: &str) -> bool {
    // A class of GB/T 4754: a letter, then digits; a longer one is part of a shorter one.
    let class = |s: &str| {
        let mut chars = s.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.all(|c| c.is_ascii_digit())
    };
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    a == b || (class(&a) && class(&b) && contains(&a, &b))
}

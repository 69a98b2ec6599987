//! The state machine: each event is charged to every scope of its actor, and the worst standing among them is the verdict.
//!
//! Memory has named bounds ([`Settings`]) and what is forgotten for want of room is counted ([`Tally`]). A scope that is held
//! stays held until somebody releases it; time alone does not.

use crate::card::{Card, Deed, Held};
use crate::recent::Recent;
use crate::verdict::{Code, Level, Reason, Verdict};
use crate::{Actor, Event, File, Scope, ScopeKind, Settings, SettingsError, Standing, What};
use std::collections::{BTreeSet, VecDeque};

/// Stopped services remembered.
const SERVICES_MAX: usize = 64;
/// Permissions remembered.
const ALLOWED_MAX: usize = 256;

/// Somebody, as narrowly and as widely as is known: for "the same as the one who read it".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Near {
    narrow: Option<u64>,
    wide: Option<u64>,
}
impl Near {
    fn of(actor: &Actor) -> Self {
        Self { narrow: actor.session.or(actor.tree).or(actor.cgroup), wide: actor.peer.or(actor.user) }
    }
    fn same(self, other: Self) -> bool {
        self.made_by(other) || (self.wide.is_some() && self.wide == other.wide)
    }
    fn made_by(self, other: Self) -> bool {
        self.narrow.is_some() && self.narrow == other.narrow
    }
}

/// What is remembered of a file.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    reader: Option<Near>,
    maker: Option<(Near, u64)>,
}

/// How much the room remembers and what it had to forget.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Events taken.
    pub events: u64,
    /// Scopes remembered now.
    pub scopes: u64,
    /// Files remembered now.
    pub files: u64,
    /// Scopes forgotten for want of room. Their evidence stays in the wider scopes.
    pub scopes_evicted: u64,
    /// Files forgotten for want of room: who read or made them is no longer known.
    pub files_evicted: u64,
    /// Scopes held now.
    pub held: u64,
}

/// The state machine.
#[derive(Clone, Debug)]
pub struct Watch {
    settings: Settings,
    now: u64,
    events: u64,
    cards: Recent<Scope, Card>,
    files: Recent<u64, Known>,
    services: VecDeque<(u64, u64)>,
    allowed: VecDeque<(Scope, u64)>,
}

impl Watch {
    /// A watch that has seen nothing. Errors: settings that cannot be worked with.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        settings.check()?;
        Ok(Self {
            now: 0,
            events: 0,
            cards: Recent::new(settings.scopes_max),
            files: Recent::new(settings.files_max),
            services: VecDeque::new(),
            allowed: VecDeque::new(),
            settings,
        })
    }
    /// The policy that it judges by.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Takes one event and says how the actor stands: of its scopes the one with the highest level, of equal ones the narrowest.
    pub fn take(&mut self, event: &Event) -> Verdict {
        self.now = self.now.max(event.at_ms);
        self.events += 1;
        if let What::Released { scope, until_ms } = &event.what {
            self.release(*scope, *until_ms);
        }
        if let What::ServiceStopped { service } = &event.what {
            if self.services.len() >= SERVICES_MAX {
                self.services.pop_front();
            }
            self.services.push_back((self.now, *service));
        }
        let deed = self.deed(&event.by, &event.what);
        let charged = !self.is_allowed(&event.by);
        let mut worst: Option<Verdict> = None;
        for scope in event.by.scopes() {
            let card = self.cards.entry(scope, Card::default, Card::matters);
            card.forget(self.now, &self.settings);
            if charged {
                charge(card, &event.what, deed, &self.settings);
            }
            let new = charged && is_evidence(&event.what);
            let verdict = judge(card, new, scope, self.now, self.services.make_contiguous(), &self.settings);
            if worst.as_ref().is_none_or(|w| rank(&verdict) > rank(w)) {
                worst = Some(verdict);
            }
        }
        self.learn(&event.by, &event.what);
        worst.expect("an actor always has its share as a scope")
    }
    /// How a scope stands, as of the last event; `None` if nothing is known of it.
    #[must_use]
    pub fn standing(&self, scope: Scope) -> Option<Verdict> {
        let mut card = self.cards.peek(&scope)?.clone();
        let services: Vec<(u64, u64)> = self.services.iter().copied().collect();
        Some(judge(&mut card, true, scope, self.now, &services, &self.settings))
    }
    /// How much is remembered and what was forgotten.
    #[must_use]
    pub fn tally(&mut self) -> Tally {
        Tally {
            events: self.events,
            scopes: self.cards.len() as u64,
            files: self.files.len() as u64,
            scopes_evicted: self.cards.evicted,
            files_evicted: self.files.evicted,
            held: self.cards.values_mut().filter(|c| c.held.is_some()).count() as u64,
        }
    }

    fn deed(&self, by: &Actor, what: &What) -> Deed {
        let file = what.files().next().and_then(|f| self.files.peek(&f.id)).copied().unwrap_or_default();
        let near = Near::of(by);
        let young = |at: u64| self.now.saturating_sub(at) <= self.settings.own_ms;
        Deed {
            at_ms: self.now,
            process: by.process,
            own: file.maker.is_some_and(|(maker, at)| young(at) && near.made_by(maker)),
            read_first: file.reader.is_some_and(|reader| near.same(reader)),
        }
    }
    fn learn(&mut self, by: &Actor, what: &What) {
        let near = Near::of(by);
        let (file, learnt): (&File, Known) = match what {
            What::Read { file } => (file, Known { reader: Some(near), maker: None }),
            What::Create { file } => (file, Known { reader: None, maker: Some((near, self.now)) }),
            _ => return,
        };
        let known = self.files.entry(file.id, Known::default, |_| false);
        known.reader = learnt.reader.or(known.reader);
        known.maker = learnt.maker.or(known.maker);
    }
    fn is_allowed(&mut self, by: &Actor) -> bool {
        self.allowed.retain(|(_, until)| *until > self.now);
        by.scopes().any(|scope| self.allowed.iter().any(|(s, _)| *s == scope))
    }
    fn release(&mut self, scope: Scope, until_ms: Option<u64>) {
        if let Some(until) = until_ms {
            if self.allowed.len() >= ALLOWED_MAX {
                self.allowed.pop_front();
            }
            self.allowed.push_back((scope, until));
        }
        let Some(card) = self.cards.peek_mut(&scope) else { return };
        let files: BTreeSet<u64> = card.files();
        *card = Card::default();
        for card in self.cards.values_mut() {
            card.release(&files);
        }
    }
}

fn rank(verdict: &Verdict) -> (Level, bool) {
    (verdict.level, verdict.examine)
}

fn charge(card: &mut Card, what: &What, deed: Deed, settings: &Settings) {
    match what {
        What::OpenWrite { file } => card.opened(file.id, settings),
        What::Unchanged { file } => card.compared(file.id),
        What::Changed { file, before, after, change, .. } => {
            card.changed(file, (before, after), change, deed, settings);
        }
        What::Written { file, now, random } => {
            card.compared(file.id);
            match now.standing {
                Standing::Opaque | Standing::Broken if *random => card.unreadable(file),
                Standing::Valid => card.readable(file),
                _ => {}
            }
        }
        What::Rename { from, to } => card.renamed(from, to, deed, settings),
        What::Unlink { file, before } => card.removed(file, before, deed, settings),
        What::Truncate { file, before, from_bytes } => card.cut(file, before, *from_bytes, deed, settings),
        What::Note { file, name, content } => card.note(file, *name, *content, deed.at_ms),
        What::VaultPressure { percent } => card.vault(*percent, deed.at_ms),
        What::Canary { .. } => card.canary(deed.at_ms),
        What::Read { .. } | What::Create { .. } | What::ServiceStopped { .. } | What::Released { .. } => {}
    }
}

/// Whether an event can change what is held against a scope, and not only what is known of a file.
fn is_evidence(what: &What) -> bool {
    !matches!(what, What::OpenWrite { .. } | What::Unchanged { .. } | What::Read { .. } | What::Create { .. })
}

fn judge(card: &mut Card, new: bool, scope: Scope, now: u64, services: &[(u64, u64)], settings: &Settings) -> Verdict {
    let mut reasons = card.reasons(new, scope.kind, now, services, settings);
    let mut score: u32 = reasons.iter().map(|r| r.points).fold(0, u32::saturating_add);
    let mut since_ms = card.since().filter(|_| !reasons.is_empty());
    if card.held.is_none() && is_hold(&reasons, score, settings) {
        let since_ms = since_ms.unwrap_or(now);
        card.held = Some(Box::new(Held { score, reasons: reasons.clone(), since_ms }));
    }
    let level = match &card.held {
        Some(held) => {
            if score < held.score {
                (score, reasons) = (held.score, held.reasons.clone());
            }
            since_ms = Some(held.since_ms);
            Level::Hold
        }
        None if score >= settings.suspect_points => Level::Suspect,
        None => Level::Calm,
    };
    let examine = card.pending() >= u64::from(settings.pending_max);
    Verdict {
        scope,
        level,
        score,
        reasons,
        files_touched: card.touched(),
        pending: card.pending(),
        examine,
        since_ms,
        at_ms: now,
    }
}

fn is_hold(reasons: &[Reason], score: u32, settings: &Settings) -> bool {
    let families: BTreeSet<_> = reasons.iter().filter(|r| r.points > 0).map(|r| r.code.family()).collect();
    reasons.iter().any(|r| r.code == Code::Canary) || (score >= settings.hold_points && families.len() >= 2)
}

/// Of the kinds of scope the narrowest comes first in [`Actor::scopes`]; this holds it.
const _: () = assert!((ScopeKind::Session as u8) < (ScopeKind::Share as u8));

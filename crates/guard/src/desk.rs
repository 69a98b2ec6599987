//! Who is held: their pending permission events, what was done to them and by whose order.
//!
//! A held thread sleeps in the kernel, inside the open that it asked for; nothing of that file was written. Its process is sent
//! `SIGSTOP` too, so that its other threads stay as they are and memory can be looked at. Every deed is written to the journal three
//! times: the intention with its order, the deed, the outcome. An order is one of the checked plan or a person's at the socket.

use crate::actor::Who;
use crate::error::GuardError;
use crate::journal::{By, Entry, Line};
use crate::sys::{self, Group};
use crate::vault::{Vault, now};
use evidence::Time;
use evidence::guard_control::{GuardHold, HOLDS_MAX};
use ransom::{Actor, Scope, ScopeKind, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What the checked plan lets the guard do by itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Orders {
    /// Id of the order by which an attacker is held.
    pub hold: Option<String>,
    /// Id of the order by which a held attacker is killed, and after how long.
    pub kill: Option<(String, Duration)>,
}
impl Orders {
    /// Those of a plan.
    #[must_use]
    pub fn of(plan: &plan::CheckedPlan) -> Self {
        let mut out = Self::default();
        for order in plan.standing_orders() {
            match order.act {
                plan::Act::Hold => out.hold = Some(order.id.clone()),
                plan::Act::Kill => {
                    let after = u64::try_from(order.after_seconds).unwrap_or(0);
                    out.kill = Some((order.id.clone(), Duration::from_secs(after)));
                }
            }
        }
        out
    }
}

/// A permission event that waits for its answer. Dropped without one, it lets through: a defect of ours stops nobody.
#[derive(Debug)]
pub struct Ask {
    /// The file that is about to be opened.
    pub file: File,
    /// The thread.
    pub tid: i32,
    /// What it wants.
    pub intent: crate::intent::Intent,
    group: Arc<Group>,
    since: Instant,
    answered: bool,
}
impl Ask {
    /// Of an event.
    #[must_use]
    pub fn new(file: File, tid: i32, intent: crate::intent::Intent, group: Arc<Group>) -> Self {
        Self { file, tid, intent, group, since: Instant::now(), answered: false }
    }
    /// Answers it; the value is how long it waited.
    pub fn answer(mut self, allow: bool) -> Duration {
        let _ = self.group.answer(self.file.as_raw_fd(), allow);
        self.answered = true;
        self.since.elapsed()
    }
}
impl Drop for Ask {
    fn drop(&mut self) {
        if !self.answered {
            let _ = self.group.answer(self.file.as_raw_fd(), true);
        }
    }
}

#[derive(Debug)]
struct Hold {
    scope: Option<Scope>,
    since: Time,
    began: Instant,
    who: Who,
    verdict: Option<Verdict>,
    asks: Vec<Ask>,
    stopped: BTreeSet<i32>,
    vault: Arc<Vault>,
}

/// Every hold.
#[derive(Debug, Default)]
pub struct Desk {
    holds: Mutex<(u64, BTreeMap<u64, Hold>)>,
}

/// A decision about a hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// Go on, judged anew.
    Release,
    /// Go on, not judged for a while.
    Allow,
    /// End.
    Kill,
}
impl Decision {
    /// As the journal has it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Allow => "allow",
            Self::Kill => "kill",
        }
    }
}

/// What a journal says of somebody.
#[must_use]
pub fn by(who: &Who) -> By {
    let tree = who.actor.session.or(who.actor.tree).unwrap_or(who.actor.process);
    By {
        pid: i64::from(who.pid),
        tree,
        uid: u64::from(who.uid),
        program: who.program.clone(),
        peer: who.peer.as_ref().map(|(user, host)| format!("{user}@{host}")),
    }
}

fn points(verdict: Option<&Verdict>) -> Vec<(String, u64)> {
    let reasons = verdict.into_iter().flat_map(|v| &v.reasons);
    reasons.map(|r| (r.code.id().to_owned(), u64::from(r.points))).collect()
}

impl Desk {
    fn lock(&self) -> std::sync::MutexGuard<'_, (u64, BTreeMap<u64, Hold>)> {
        self.holds.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// The hold that an actor is under.
    #[must_use]
    pub fn holds(&self, actor: &Actor) -> Option<u64> {
        let all = self.lock();
        if all.1.is_empty() {
            return None;
        }
        let under = |h: &Hold| h.scope.is_some_and(|s| actor.scopes().any(|own| own == s));
        all.1.iter().find(|(_, h)| under(h)).map(|(id, _)| *id)
    }
    /// Holds an actor by a verdict and an order of the plan; an ask of it stays unanswered. The answer is the hold's number.
    pub fn hold(&self, who: &Who, verdict: &Verdict, order: &str, ask: Option<Ask>, vault: &Arc<Vault>) -> u64 {
        self.begin(who, Some(verdict.scope), Some(verdict), order, ask, vault)
    }
    /// Holds a process by a person's order.
    pub fn hold_by(&self, who: &Who, order: &str, vault: &Arc<Vault>) -> u64 {
        let kind = if who.actor.session.is_some() { ScopeKind::Session } else { ScopeKind::Tree };
        let id = who.actor.session.or(who.actor.tree).unwrap_or(who.actor.process);
        self.begin(who, Some(Scope { kind, id }), None, order, None, vault)
    }
    fn begin(
        &self,
        who: &Who,
        scope: Option<Scope>,
        verdict: Option<&Verdict>,
        order: &str,
        ask: Option<Ask>,
        vault: &Arc<Vault>,
    ) -> u64 {
        let mut all = self.lock();
        let known = all.1.iter().find(|(_, h)| h.scope == scope).map(|(id, _)| *id);
        let id = known.unwrap_or_else(|| {
            all.0 += 1;
            let hold = Hold {
                scope,
                since: now(),
                began: Instant::now(),
                who: who.clone(),
                verdict: verdict.cloned(),
                asks: Vec::new(),
                stopped: BTreeSet::new(),
                vault: Arc::clone(vault),
            };
            let id = all.0;
            all.1.insert(id, hold);
            id
        });
        let Some(hold) = all.1.get_mut(&id) else { return id };
        hold.asks.extend(ask);
        if hold.stopped.insert(who.pid) {
            let intends = Entry::Intends {
                hold: id,
                act: "hold".to_owned(),
                order: order.to_owned(),
                by: by(who),
                reasons: points(hold.verdict.as_ref()),
            };
            let _ = vault.note(intends);
            let done = sys::signal(who.pid, libc::SIGSTOP);
            let _ = vault.note(outcome(id, "hold", done.is_ok(), 1, done.err()));
        }
        id
    }
    /// Adds an ask of somebody who is held already.
    ///
    /// # Errors
    /// The ask itself if the hold is over.
    pub fn join(&self, hold: u64, who: &Who, ask: Ask, order: &str) -> Result<(), Ask> {
        let vault = match self.lock().1.get(&hold) {
            Some(h) => Arc::clone(&h.vault),
            None => return Err(ask),
        };
        let scope = self.lock().1.get(&hold).and_then(|h| h.scope);
        self.begin(who, scope, None, order, Some(ask), &vault);
        Ok(())
    }
    /// Who is held, and in which scope.
    #[must_use]
    pub fn whose(&self, id: u64) -> Option<(Who, Scope)> {
        self.lock().1.get(&id).and_then(|h| Some((h.who.clone(), h.scope?)))
    }
    /// Carries out a decision. The answer: who it was, its scope, and how many processes it reached.
    ///
    /// # Errors
    /// [`GuardError::Refused`] if there is no such hold; a journal that cannot be written, and then it stays held.
    pub fn decide(&self, id: u64, what: Decision, order: &str) -> Result<(Who, Option<Scope>, u64), GuardError> {
        let none = || GuardError::Refused { why: "no-such-hold".to_owned() };
        // Written down before it is taken off the desk: while it cannot be written down, it stays held.
        let (vault, whose, reasons) = match self.lock().1.get(&id) {
            Some(hold) => (Arc::clone(&hold.vault), by(&hold.who), points(hold.verdict.as_ref())),
            None => return Err(none()),
        };
        let act = what.id().to_owned();
        vault.note(Entry::Intends { hold: id, act, order: order.to_owned(), by: whose, reasons })?;
        let Some(hold) = self.lock().1.remove(&id) else { return Err(none()) };
        let kill = what == Decision::Kill;
        let (mut reached, mut failed) = (0, None);
        for pid in &hold.stopped {
            // Killed before its asks are refused: it must not get to see the refusal and go on.
            match sys::signal(*pid, if kill { libc::SIGKILL } else { libc::SIGCONT }) {
                Ok(()) => reached += 1,
                Err(e) => failed = Some(e),
            }
        }
        for ask in hold.asks {
            ask.answer(!kill);
        }
        let _ = hold.vault.note(outcome(id, what.id(), failed.is_none(), reached, failed));
        Ok((hold.who, hold.scope, reached))
    }
    /// Holds that are older than this, for a standing order.
    #[must_use]
    pub fn older(&self, than: Duration) -> Vec<u64> {
        self.lock().1.iter().filter(|(_, h)| h.began.elapsed() >= than).map(|(id, _)| *id).collect()
    }
    /// For the status.
    #[must_use]
    pub fn list(&self) -> Vec<GuardHold> {
        let one = |(id, h): (&u64, &Hold)| GuardHold {
            hold: *id,
            since: h.since,
            program: h.who.program.clone(),
            pid: i64::from(h.who.pid),
            uid: u64::from(h.who.uid),
            peer: h.who.peer.as_ref().map(|(u, a)| format!("{u}@{a}")),
            scope: scope_name(h).to_owned(),
            processes: h.stopped.len() as u64,
            files_touched: h.verdict.as_ref().map_or(0, |v| v.files_touched),
            reasons: points(h.verdict.as_ref()),
        };
        self.lock().1.iter().take(HOLDS_MAX).map(one).collect()
    }
    /// The guard ends: what is held gets a refusal when it goes on; it stays stopped, and the next start takes it up.
    pub fn end(&self) {
        for (_, hold) in std::mem::take(&mut self.lock().1) {
            for ask in hold.asks {
                ask.answer(false);
            }
        }
    }
    /// Takes up what an earlier guard left held, from its journal.
    pub fn take_up(&self, lines: &[Line], who: impl Fn(i32) -> Who, vault: &Arc<Vault>) {
        let mut open: BTreeMap<u64, Vec<&By>> = BTreeMap::new();
        let mut last = 0;
        for line in lines {
            if let Entry::Intends { hold, act, by, .. } = &line.entry {
                last = last.max(*hold);
                if act == "hold" {
                    open.entry(*hold).or_default().push(by);
                } else {
                    open.remove(hold);
                }
            }
        }
        {
            let mut all = self.lock();
            all.0 = all.0.max(last);
        }
        for old in open.values().flatten() {
            let Ok(pid) = i32::try_from(old.pid) else { continue };
            let is = who(pid);
            // The same pid may be somebody else by now.
            if by(&is).tree == old.tree && is.program == old.program {
                self.hold_by(&is, "restart", vault);
            }
        }
    }
}

fn scope_name(hold: &Hold) -> &'static str {
    match (hold.scope.map(|s| s.kind), hold.verdict.is_some()) {
        (_, false) | (None, _) => "person",
        (Some(ScopeKind::Session), _) => "session",
        (Some(ScopeKind::Tree), _) => "tree",
        (Some(ScopeKind::Peer), _) => "peer",
        (Some(ScopeKind::Cgroup), _) => "cgroup",
        (Some(ScopeKind::User), _) => "user",
        (Some(ScopeKind::Share), _) => "share",
    }
}

fn outcome(hold: u64, act: &str, done: bool, processes: u64, why: Option<std::io::Error>) -> Entry {
    Entry::Outcome { hold, act: act.to_owned(), done, processes, why: why.map(|e| e.to_string()) }
}

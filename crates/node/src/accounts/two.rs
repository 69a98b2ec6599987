//! What takes two people: one asks, another one decides.

use super::{Account, Accounts, Act, Visitor, refuse, short_id};
use crate::{NodeError, home};
use store::PendingAct;

/// For so many hours somebody can decide.
pub const PENDING_HOURS: i64 = 72;
/// Most acts of a list.
const LIST_MAX: u32 = 200;

/// An act that waits, or waited.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What is kept of it.
    pub kept: PendingAct,
    /// Who asked; `None` if the account is gone.
    pub asker: Option<Account>,
    /// Who decided.
    pub decider: Option<Account>,
    /// True: nobody decided in time.
    pub late: bool,
}

/// What a second person decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decided {
    /// It is to be done.
    Yes,
    /// It is not.
    No,
}

impl Accounts {
    /// Asks for an act that takes two. `body`: what is to be done, as the face will do it; `about`: for people.
    pub fn ask(&self, visitor: &Visitor, act: Act, about: &str, body: &str) -> Result<String, NodeError> {
        if !act.takes_two() || !visitor.may(act) {
            return Err(refuse("account.may-not"));
        }
        let now = home::now();
        let kept = PendingAct {
            id: short_id("p")?,
            act: act.name().to_owned(),
            about: about.to_owned(),
            body: body.to_owned(),
            asker: visitor.account.id,
            asked: now,
            until: now.plus_minutes(PENDING_HOURS * 60).unwrap_or(now),
            decided: None,
            state: "waiting".to_owned(),
            reason: String::new(),
        };
        self.store.ask(&kept)?;
        Ok(kept.id)
    }

    /// The newest of them, newest first.
    pub fn asked(&self) -> Result<Vec<Asked>, NodeError> {
        self.store.pending(LIST_MAX)?.into_iter().map(|k| self.told(k)).collect()
    }

    fn told(&self, kept: PendingAct) -> Result<Asked, NodeError> {
        let asker = self.get(kept.asker)?;
        let decider = kept.decided.map(|d| self.get(d.0)).transpose()?.flatten();
        let late = kept.state == "waiting" && kept.until <= home::now();
        Ok(Asked { kept, asker, decider, late })
    }

    /// Decides. It comes back if it is to be done now, and then nobody else can decide it any more. Refused: whoever asked, whoever may not do it himself, one by a
    /// token, one that was decided or is too old.
    pub fn decide(&self, visitor: &Visitor, id: &str, how: Decided, reason: &str) -> Result<Asked, NodeError> {
        let kept = self.store.pending_one(id)?.ok_or_else(|| refuse("account.none-such"))?;
        let act = Act::named(&kept.act).ok_or_else(|| refuse("account.none-such"))?;
        if kept.asker == visitor.account.id {
            return Err(refuse("account.same-person"));
        }
        if !visitor.may(act) || visitor.session.is_none() {
            return Err(refuse("account.may-not"));
        }
        let asked = self.told(kept)?;
        // Whoever asked may have lost the right since then.
        let still = asked.asker.as_ref().is_some_and(|a| !a.disabled && super::may(a.role, act, self.at));
        if asked.late || asked.kept.state != "waiting" || !still && how == Decided::Yes {
            return Err(refuse("account.decided"));
        }
        let state = if how == Decided::Yes { "done" } else { "refused" };
        if !self.store.decide(id, visitor.account.id, home::now(), state, &attest::clean(reason))? {
            return Err(refuse("account.decided"));
        }
        Ok(asked)
    }

    /// Notes that what was agreed on could not be done.
    pub fn undone(&self, id: &str, why: &str) -> Result<(), NodeError> {
        Ok(self.store.undone(id, &attest::clean(why))?)
    }
}

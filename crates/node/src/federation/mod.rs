//! Nodes above and below: how a node becomes the child of another, how what it signed reaches its parent, and what the parent can
//! prove about it (`docs/specs/federation-v1.md`).
//!
//! Reading order: `code` and `enrol` (who is whose child), `chain` (keys over time), `wire` (what travels), `build` (a child makes
//! packages), `take` (a parent takes them in), `caught` (two histories), `nested` (what a child brings of nodes below it),
//! `answer` and `submit` (what the child believes of an answer, and until when it sends), `received` (what a parent can read).
//!
//! The same bytes go over a line and by file. A parent computes a child's root from the leaves before it acknowledges them, so "I
//! have received" and "nothing is missing" are one sentence; sending twice changes nothing; what is owed follows from two
//! sizes, so no queue can lose it.
//!
//! Refused: an account or password between nodes (a member is a key), trust in the order or completeness of a line, deleting
//! what was accepted, and belief in an answer that does not verify under the keys of enrolment.

mod answer;
mod audit;
mod build;
mod caught;
mod chain;
mod code;
mod enrol;
mod fault;
mod http;
mod invite;
mod judged;
mod line;
mod nested;
mod parallel;
mod parents;
mod received;
mod roster;
mod submit;
mod take;
mod upward;
mod wire;

pub use answer::Answered;
pub use build::{Built, Preview, PreviewRecord};
pub(crate) use chain::Chain;
pub use code::{CODE_CHARS, Code};
pub use enrol::Enrolled;
pub use http::{Calling, http_line, http_line_with};
pub use invite::{CODE_DAYS, InvitationState, KeptInvitation};
pub use line::{Line, LineFault};
pub(crate) use parallel::in_parallel;
pub use parents::{Owed, Parent};
pub(crate) use received::{Certified, Reader, judged_again, open as open_under};
pub use received::{Covered, ReceiptsFile, ReceivedRecord, covered};
pub use roster::KeptMember;
pub use submit::{SubmitState, Submitted};
pub use wire::{ENROL_BYTES_MAX, LEAVES_MAX, PACKAGE_BYTES_MAX, RECORDS_MAX, wire_read};

use crate::{Node, NodeError};
use evidence::Say;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Desk, Mirror, Outbox, StoreError};

/// How long this process waits for another one that takes in packages.
const DESK_WAIT: Duration = Duration::from_secs(20);

/// Sentences of this room with what fills them, for the test of the words.
pub const SAY_KEYS: &[&[(&str, &[&str])]] =
    &[fault::REFUSALS, crate::challenge::REFUSALS, crate::registry_up::DOUBTS, crate::oversight::DOUBTS];

/// What the node keeps open for it.
#[derive(Default)]
pub(crate) struct Federation {
    mirror: Mutex<Option<Arc<Mirror>>>,
    outbox: Mutex<Option<Arc<Outbox>>>,
    roster: Mutex<roster::Roster>,
    given: Mutex<invite::Given>,
    own: Mutex<invite::OwnPart>,
    /// Orders that wait for an answer.
    pub(crate) waiting: Mutex<crate::challenge::Waiting>,
    /// Own entries of orders to enterprises.
    pub(crate) ordered: Mutex<crate::oversight::Ordered>,
    /// An answer to a challenge came and nobody has looked at it.
    pub(crate) answers_came: std::sync::atomic::AtomicBool,
    /// Why the union of registries could not be made after something came, until somebody is told.
    pub(crate) union_missed: Mutex<Option<Say>>,
    /// One thread of this process at a time; the desk keeps other processes out.
    at_desk: Mutex<()>,
    pub(crate) writable: bool,
}
impl Federation {
    pub(crate) fn new(writable: bool) -> Self {
        Self { writable, ..Self::default() }
    }
}

impl Node {
    /// Once after a registry came with packages and the union that it makes due could not be made: why. The registry stands, what is
    /// counted by is the union before; `audit` names what that one lacks.
    pub fn union_missed(&self) -> Option<Say> {
        self.federation.union_missed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// True once after answers to challenges came with packages that this process took in: they can be judged
    /// ([`Self::challenge_take`]).
    pub fn challenge_answers_came(&self) -> bool {
        self.federation.answers_came.swap(false, std::sync::atomic::Ordering::AcqRel)
    }

    /// The mirrors of the children, made at first use.
    pub(crate) fn mirror(&self) -> Result<Arc<Mirror>, NodeError> {
        let mut open = self.federation.mirror.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mirror) = &*open {
            return Ok(Arc::clone(mirror));
        }
        let mirror = Arc::new(Mirror::open(self.store().home(), self.store().steps().clone())?);
        *open = Some(Arc::clone(&mirror));
        Ok(mirror)
    }

    /// The mirrors, if anything was ever taken in.
    pub(crate) fn mirror_if_any(&self) -> Result<Option<Arc<Mirror>>, NodeError> {
        let open = self.federation.mirror.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mirror) = &*open {
            return Ok(Some(Arc::clone(mirror)));
        }
        drop(open);
        if self.federation.writable && self.store().home().join("mirror.db").exists() {
            return self.mirror().map(Some);
        }
        Ok(Mirror::open_read_only(self.store().home())?.map(Arc::new))
    }

    /// What was sent to parents, made at first use.
    pub(crate) fn outbox(&self) -> Result<Arc<Outbox>, NodeError> {
        let mut open = self.federation.outbox.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(outbox) = &*open {
            return Ok(Arc::clone(outbox));
        }
        let outbox = Arc::new(Outbox::open(self.store().home(), self.store().steps().clone())?);
        *open = Some(Arc::clone(&outbox));
        Ok(outbox)
    }

    /// The outbox, if anything was ever sent.
    pub(crate) fn outbox_if_any(&self) -> Result<Option<Arc<Outbox>>, NodeError> {
        if self.federation.writable && self.store().home().join("outbox.db").exists() {
            return self.outbox().map(Some);
        }
        Ok(Outbox::open_read_only(self.store().home())?.map(Arc::new))
    }

    /// Nobody else, of this process or another, takes in or enrols meanwhile; and what was said before stands in the log, so that
    /// nothing is said twice because it still waited in the spool.
    pub(crate) fn desk(&self) -> Result<(MutexGuard<'_, ()>, Desk), NodeError> {
        let here = self.federation.at_desk.lock().unwrap_or_else(PoisonError::into_inner);
        let desk = self.mirror()?.desk(DESK_WAIT)?;
        match self.store().drain()? {
            Some(_) => Ok((here, desk)),
            None => Err(StoreError::Busy.into()),
        }
    }

    /// The newest checkpoint of this node's log, as a signed note; empty while the log is.
    pub fn checkpoint_text(&self) -> Result<String, NodeError> {
        Ok(self.store().checkpoint()?.map_or_else(String::new, |c| c.note().to_owned()))
    }
}

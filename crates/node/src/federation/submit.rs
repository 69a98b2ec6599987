//! Sending until the parent holds what this node holds, and says so.

use super::Line;
use super::answer::Answered;
use super::build::Built;
use super::enrol::line_say;
use super::parents::Parent;
use crate::{Node, NodeError, home};
use evidence::{Digest, NodeId, Say, canonical};
use std::collections::BTreeSet;
use stdx::Stop;

/// Most packages of one submission; a log that is longer goes on at the next.
const ROUNDS_MAX: usize = 10_000;

/// How a submission ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SubmitState {
    /// "Root X at size N equals yours": the parent holds everything up to the newest checkpoint at the begin.
    Equal,
    /// The parent refused; why.
    Refused(Say),
    /// The parent holds another history.
    Differs,
    /// No answer, or none that verifies; why. Nothing is lost: it is sent again.
    Unanswered(Say),
    /// The parent did not come further than this, again and again.
    Stuck,
    /// Asked to stop.
    Stopped,
}

/// What came of a submission.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The parent.
    pub parent: NodeId,
    /// Its name.
    pub name: String,
    /// Size that it acknowledged.
    pub size: u64,
    /// Root of that size.
    pub root: Digest,
    /// Size of the own log when it began.
    pub own: u64,
    /// How it ended.
    pub state: SubmitState,
    /// Packages that were sent.
    pub packages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What the parent wants that came with its answers: challenges that wait for an answer, and new entries of orders.
    pub orders: (u64, u64),
}

impl Node {
    /// Sends to a parent until it holds everything up to the size that the log has now. Resumable at any point: where to go on is
    /// asked of the parent, not remembered. A fault is in the answer; `Err` is of this node.
    pub fn submit(&self, named: Option<&str>, line: &dyn Line, stop: &Stop) -> Result<Submitted, NodeError> {
        self.submit_from(named, None, line, stop)
    }

    /// The same, and where nothing is owed the newest record once more: the answer says what the parent wants.
    pub fn submit_and_ask(
        &self,
        named: Option<&str>,
        from: Option<u64>,
        line: &dyn Line,
        stop: &Stop,
    ) -> Result<Submitted, NodeError> {
        let newest = self.store().checkpoint()?.map_or(0, |c| c.size());
        let owed = from.is_some() || self.acknowledged(&self.parent(named)?)?.0 < newest;
        let from = if owed { from } else { newest.checked_sub(1) };
        self.submit_from(named, from, line, stop)
    }

    /// The same from an index that a person names.
    pub fn submit_from(
        &self,
        named: Option<&str>,
        from: Option<u64>,
        line: &dyn Line,
        stop: &Stop,
    ) -> Result<Submitted, NodeError> {
        let mut parent = self.parent(named)?;
        let own = self.store().size()?;
        let mut at = match from {
            Some(from) => from.min(own),
            None => self.acknowledged(&parent)?.0,
        };
        let (mut packages, mut bytes, mut orders) = (0, 0, (0, 0));
        let mut asked_from = BTreeSet::new();
        let state = loop {
            if stop.requested() {
                break SubmitState::Stopped;
            }
            if packages as usize >= ROUNDS_MAX {
                break SubmitState::Stuck;
            }
            let Some(built) = self.package(&parent, at)? else { break SubmitState::Equal };
            packages += 1;
            bytes += built.bytes.len() as u64;
            let answered = match line.post("/v1/packages", &built.bytes) {
                Ok(answer) => self.answer_taken(&mut parent, &answer),
                Err(fault) => break SubmitState::Unanswered(line_say(&fault)),
            };
            let answered = match answered {
                Ok(answered) => answered,
                // Of the answer, not of this node: it is asked again.
                Err(e @ (NodeError::Refused(_) | NodeError::Entry(_))) => break SubmitState::Unanswered(e.say()),
                Err(e) => return Err(e),
            };
            // The same challenges come with every answer, entries of orders once.
            orders = (answered.orders, orders.1 + answered.ordered);
            match next(&answered, &built, at, &mut asked_from) {
                Ok(next) => at = next,
                Err(state) => break state,
            }
            if at >= own {
                break SubmitState::Equal;
            }
        };
        self.note_end(&parent, &state)?;
        if orders.0 > 0 {
            // They come until they are judged; what is answered waits for nobody here.
            orders.0 = self.challenges_unanswered()?.len() as u64;
        }
        let (size, root) = self.acknowledged(&parent)?;
        // Acknowledged is what a receipt is over; everything else that looks like it is not.
        let state = if state == SubmitState::Equal && size < own { SubmitState::Stuck } else { state };
        let (name, parent) = (parent.part.name, parent.node);
        Ok(Submitted { parent, name, size, root, own, state, packages, bytes, orders })
    }

    /// Asks a parent what it wants, also where nothing is owed to it: the newest record is sent once more. Answers how many challenges came that
    /// can be believed, and how many new entries of orders.
    pub fn orders_ask(&self, named: Option<&str>, line: &dyn Line) -> Result<(u64, u64), NodeError> {
        let mut parent = self.parent(named)?;
        let newest = self.store().checkpoint()?.map_or(0, |c| c.size());
        let start = self.acknowledged(&parent)?.0.min(newest.saturating_sub(1));
        let Some(built) = self.package(&parent, start)? else { return Ok((0, 0)) };
        let answer = line.post("/v1/packages", &built.bytes).map_err(|f| NodeError::Entry(line_say(&f)))?;
        let answered = self.answer_taken(&mut parent, &answer)?;
        Ok((answered.orders, answered.ordered))
    }

    fn note_end(&self, parent: &Parent, state: &SubmitState) -> Result<(), NodeError> {
        let fault = match state {
            SubmitState::Equal | SubmitState::Stopped => return Ok(()),
            SubmitState::Refused(say) | SubmitState::Unanswered(say) => say.clone(),
            SubmitState::Differs => Say::new("error.histories-differ"),
            SubmitState::Stuck => Say::new("error.submit-stuck"),
        };
        let fault = canonical::to_vec(&fault).map_err(|e| NodeError::Internal(e.to_string()))?;
        self.outbox()?.failed(&parent.node, &String::from_utf8_lossy(&fault), home::now())?;
        Ok(())
    }

    /// Packages for a parent that is not reached over a line, from what it acknowledged (or `from`) on, to be carried.
    pub fn submit_files(&self, named: Option<&str>, from: Option<u64>) -> Result<Vec<Built>, NodeError> {
        let parent = self.parent(named)?;
        let mut at = match from {
            Some(from) => from,
            None => self.acknowledged(&parent)?.0,
        };
        let mut out = Vec::new();
        while let Some(built) = self.package(&parent, at)? {
            at = built.end;
            out.push(built);
        }
        Ok(out)
    }

    /// Takes an answer that was carried back.
    pub fn submit_answer(&self, named: Option<&str>, answer: &[u8]) -> Result<Submitted, NodeError> {
        let mut parent = self.parent(named)?;
        let own = self.store().size()?;
        let answered = self.answer_taken(&mut parent, answer)?;
        let (size, root) = self.acknowledged(&parent)?;
        let state = match ended(&answered) {
            Some(end) => end,
            None if size >= own => SubmitState::Equal,
            None => SubmitState::Stuck,
        };
        if state != SubmitState::Stuck {
            self.note_end(&parent, &state)?;
        }
        let (name, parent) = (parent.part.name, parent.node);
        let orders = (answered.orders, answered.ordered);
        Ok(Submitted { parent, name, size, root, own, state, packages: 0, bytes: 0, orders })
    }
}

/// How an answer ends the matter, if it does.
fn ended(answered: &Answered) -> Option<SubmitState> {
    match &answered.refused {
        // Of a wrong root this is the reason.
        Some(refused) if !answered.differs || refused.key != "refused.root" => {
            Some(SubmitState::Refused(refused.clone()))
        }
        _ => answered.differs.then_some(SubmitState::Differs),
    }
}

/// Where to go on after an answer, or how it ends.
fn next(answered: &Answered, built: &Built, at: u64, asked_from: &mut BTreeSet<u64>) -> Result<u64, SubmitState> {
    if let Some(end) = ended(answered) {
        return Err(end);
    }
    if answered.behind || answered.more {
        // Going back and forth over the same place leads nowhere.
        let forward = answered.more && answered.held > at && answered.held >= built.end;
        return match forward || asked_from.insert(answered.held) {
            true => Ok(answered.held),
            false => Err(SubmitState::Stuck),
        };
    }
    if answered.acknowledged < built.end {
        return Err(SubmitState::Stuck);
    }
    Ok(answered.acknowledged)
}

//! Who the parents of this node are: `home/parents.json`, private. What a parent said of itself was proven by the code of the
//! invitation; its later changes of keys are signed with the keys before.

use super::chain::Chain;
use super::wire::Knows;
use crate::{Node, NodeError};
use evidence::{Digest, Member, NodeId, Part, Say, Time};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use store::KeptReceipt;

const FILE: &str = "parents.json";
const PENDING: &str = "enrolment.json";
/// Most enrolments that wait for an answer.
const PENDING_MAX: usize = 100;

/// A parent of this node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// The parent.
    pub node: NodeId,
    /// What it says it is.
    pub part: Part,
    /// Name of its log.
    pub origin: String,
    /// Its evidence keys, DER in base64, the current one last.
    pub evidence_keys: Vec<String>,
    /// Its log keys, likewise.
    pub log_keys: Vec<String>,
    /// What it certified of this node, newest.
    pub member: Member,
    /// Leaf of that record in the parent's log.
    pub leaf: Digest,
    /// Its index there: a larger one is newer, whatever a clock says.
    pub index: u64,
    /// Since when.
    pub since: Time,
    /// Where it is reached; absent: by files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The only certificate authority that is trusted there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Up to this index of its log its entries of orders came.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub orders: u64,
}
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}
impl Parent {
    pub(crate) fn chain(&self) -> Result<Chain, NodeError> {
        let chain = Chain::of(&self.origin, &self.evidence_keys, &self.log_keys);
        chain.map_err(|e| NodeError::Internal(format!("{FILE}: {e}")))
    }
    pub(crate) fn knows(&self) -> Result<Knows, NodeError> {
        let chain = self.chain()?;
        let last = |id: Option<String>| id.unwrap_or_default();
        Ok(Knows {
            member: self.leaf,
            evidence_key: last(chain.evidence_keys().last().map(|k| k.id().to_owned())),
            log_key: last(chain.log_keys().last().map(|k| k.key().id().to_owned())),
            orders: self.orders,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "watchfire-parents")]
    version: u32,
    parents: Vec<Parent>,
}

/// An enrolment that was asked for.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    pub(crate) invitation: String,
    pub(crate) nonce: String,
    /// The request as it was sent: sent again it gets the same answer.
    pub(crate) request: String,
}
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PendingFile {
    #[serde(rename = "watchfire-enrolments")]
    version: u32,
    asked: Vec<Asked>,
}

fn broken(file: &str, why: impl std::fmt::Display) -> NodeError {
    NodeError::Entry(Say::new("error.private-file").with("file", file).with("why", why))
}

/// What is still owed to a parent.
#[derive(Clone, Debug)]
pub struct Owed {
    /// The parent.
    pub parent: NodeId,
    /// Its name.
    pub name: String,
    /// Size that it acknowledged.
    pub acknowledged: u64,
    /// Size of the own log.
    pub size: u64,
    /// When it answered last.
    pub answered: Option<Time>,
    /// Why the last attempt failed.
    pub fault: Option<Say>,
    /// Failed attempts since.
    pub attempts: u32,
    /// Not before then again.
    pub next: Option<Time>,
    /// The own log has another root at that size, or does not reach it any more.
    pub differs: bool,
}

impl Node {
    /// What is owed to each parent.
    pub fn outbox_view(&self) -> Result<Vec<Owed>, NodeError> {
        let (outbox, size) = (self.outbox_if_any()?, self.store().size()?);
        let mut out = Vec::new();
        for p in self.parents()? {
            let posted = outbox.as_ref().map(|o| o.posted(&p.node)).transpose()?.flatten();
            let differs = posted.as_ref().is_some_and(|b| self.store().root(b.size).ok() != Some(b.root));
            let fault = posted.as_ref().and_then(|b| serde_json::from_str(b.fault.as_deref()?).ok());
            out.push(Owed {
                parent: p.node,
                name: p.part.name,
                acknowledged: posted.as_ref().map_or(0, |b| b.size).min(size),
                size,
                answered: posted.as_ref().and_then(|b| b.answered),
                fault,
                attempts: posted.as_ref().map_or(0, |b| b.attempts),
                next: posted.as_ref().and_then(|b| b.next),
                differs,
            });
        }
        Ok(out)
    }

    /// Receipts that parents gave, by parent and size.
    pub fn receipts(&self) -> Result<Vec<(Parent, KeptReceipt)>, NodeError> {
        let Some(outbox) = self.outbox_if_any()? else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for p in self.parents()? {
            let kept = outbox.receipts(&p.node)?;
            out.extend(kept.into_iter().map(|r| (p.clone(), r)));
        }
        Ok(out)
    }

    /// The parents of this node, in the order of enrolment.
    pub fn parents(&self) -> Result<Vec<Parent>, NodeError> {
        let Some(bytes) = self.store().private(FILE)? else { return Ok(Vec::new()) };
        let file: File = serde_json::from_slice(&bytes).map_err(|e| broken(FILE, e))?;
        if file.version == 1 { Ok(file.parents) } else { Err(broken(FILE, file.version)) }
    }

    /// One parent: by the first digits of its node, by its name, or, without a name, the only one there is.
    pub fn parent(&self, named: Option<&str>) -> Result<Parent, NodeError> {
        let all = self.parents()?;
        let fits = |p: &Parent| match named {
            None => true,
            Some(n) => !n.is_empty() && (p.node.as_str().starts_with(n) || p.part.name == n),
        };
        let mut fitting = all.into_iter().filter(fits);
        match (fitting.next(), fitting.next(), named) {
            (Some(parent), None, _) => Ok(parent),
            (None, _, None) => Err(NodeError::Entry(Say::new("error.no-parent"))),
            (Some(_), Some(_), None) => Err(NodeError::Entry(Say::new("error.which-parent"))),
            (_, _, Some(n)) => Err(NodeError::Entry(Say::new("error.unknown-parent").with("value", attest::clean(n)))),
        }
    }

    /// Keeps a parent, in the place of what was known of it before.
    pub(crate) fn keep_parent(&self, parent: Parent) -> Result<(), NodeError> {
        let mut parents = self.parents()?;
        match parents.iter_mut().find(|p| p.node == parent.node) {
            Some(known) => *known = parent,
            None => parents.push(parent),
        }
        let bytes = serde_json::to_vec_pretty(&File { version: 1, parents }).map_err(|e| broken(FILE, e))?;
        Ok(self.store().keep_private(FILE, &bytes)?)
    }

    pub(crate) fn asked(&self) -> Result<Vec<Asked>, NodeError> {
        let Some(bytes) = self.store().private(PENDING)? else { return Ok(Vec::new()) };
        let file: PendingFile = serde_json::from_slice(&bytes).map_err(|e| broken(PENDING, e))?;
        if file.version == 1 { Ok(file.asked) } else { Err(broken(PENDING, file.version)) }
    }

    /// Keeps what was asked; of too many the oldest goes.
    pub(crate) fn keep_asked(&self, mut asked: Vec<Asked>) -> Result<(), NodeError> {
        let over = asked.len().saturating_sub(PENDING_MAX);
        asked.drain(..over);
        let bytes = serde_json::to_vec_pretty(&PendingFile { version: 1, asked }).map_err(|e| broken(PENDING, e))?;
        Ok(self.store().keep_private(PENDING, &bytes)?)
    }
}

//! What travels: an order with the commitment that it opens, an answer with its letter. And what a child believes of an order: it is
//! signed by one of its parents, stands in that parent's log, is about this node and a report of it, and its seed is the one that was
//! committed to before the parent received that report.

use super::order::{SignedChallenge, seed_of};
use super::{ChallengeMove, bytes_of, id_of, order_of, refused};
use crate::federation::{Chain, Parent};
use crate::{Node, NodeError};
use evidence::{ChallengeEntry, Digest, Record, RecordKind, Say, seed_commitment};
use proof::{Envelope, Logged};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Largest file of an order, in bytes.
pub const ORDER_FILE_BYTES_MAX: usize = 256 << 10;
/// Largest file of an answer, in bytes: a letter in base64, and its record.
pub const ANSWER_FILE_BYTES_MAX: usize = 12 << 20;
/// Most orders in one answer to a package.
pub(crate) const ORDERS_MAX: usize = 100;
/// Most orders that a child keeps; of more the oldest go.
const KEPT_MAX: usize = 1000;

const ORDER: &str = "watchfire-order-v1";
const ANSWER: &str = "watchfire-challenge-answer-v1";
const FILE: &str = "orders.json";

/// An order on its way down.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CarriedOrder {
    format: String,
    /// Sigstore bundle of the order.
    order: Value,
    /// Sigstore bundle of the commitment that it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    committed: Option<Value>,
}
pub(crate) fn order(order: Value, committed: Option<Value>) -> CarriedOrder {
    CarriedOrder { format: ORDER.to_owned(), order, committed }
}

/// An answer on its way up, as a file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CarriedAnswer {
    format: String,
    pub(crate) envelope: Envelope,
    /// The letter, base64.
    pub(crate) sealed: String,
}
impl CarriedAnswer {
    pub(crate) fn new(envelope: Envelope, sealed: &[u8]) -> Self {
        Self { format: ANSWER.to_owned(), envelope, sealed: data_encoding::BASE64.encode(sealed) }
    }
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Say> {
        read(bytes, ANSWER_FILE_BYTES_MAX)
            .and_then(|a: Self| if a.format == ANSWER { Ok(a) } else { Err(shape("format")) })
    }
}

fn shape(why: &str) -> Say {
    refused("shape").with("why", attest::clean(&why.chars().take(200).collect::<String>()))
}

fn read<T: serde::de::DeserializeOwned>(bytes: &[u8], max: usize) -> Result<T, Say> {
    if bytes.len() > max {
        return Err(shape(&format!("more than {max} bytes")));
    }
    evidence::canonical::from_slice(bytes).map_err(|e| shape(&e.to_string()))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "watchfire-orders")]
    version: u32,
    orders: Vec<KeptOrder>,
}
/// An order that was verified when it came.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptOrder {
    leaf: Digest,
    entry: ChallengeEntry,
}

impl Node {
    /// Orders that this node was given, the oldest first.
    pub(crate) fn orders_given(&self) -> Result<Vec<SignedChallenge>, NodeError> {
        let broken = |why: String| NodeError::Entry(Say::new("error.private-file").with("file", FILE).with("why", why));
        let Some(bytes) = self.store().private(FILE)? else { return Ok(Vec::new()) };
        let file: File = serde_json::from_slice(&bytes).map_err(|e| broken(e.to_string()))?;
        if file.version != 1 {
            return Err(broken(file.version.to_string()));
        }
        Ok(file.orders.into_iter().map(|k| SignedChallenge { entry: k.entry, leaf: k.leaf }).collect())
    }

    pub(crate) fn keep_order(&self, order: &SignedChallenge) -> Result<(), NodeError> {
        let mut orders = self.orders_given()?;
        if orders.iter().any(|o| o.leaf == order.leaf) {
            return Ok(());
        }
        orders.push(order.clone());
        let over = orders.len().saturating_sub(KEPT_MAX);
        let orders = orders.drain(over..).map(|o| KeptOrder { leaf: o.leaf, entry: o.entry }).collect();
        let bytes = serde_json::to_vec(&File { version: 1, orders }).map_err(|e| NodeError::Internal(e.to_string()))?;
        Ok(self.store().keep_private(FILE, &bytes)?)
    }

    /// Reads an order that came as a file; verified under the keys of whichever parent signed it.
    pub(crate) fn order_read(&self, bytes: &[u8]) -> Result<Result<SignedChallenge, Say>, NodeError> {
        let carried: CarriedOrder = match read(bytes, ORDER_FILE_BYTES_MAX) {
            Ok(carried) => carried,
            Err(say) => return Ok(Err(say)),
        };
        for parent in self.parents()? {
            let chain = parent.chain()?;
            if logged(&chain, &carried.order).is_some() {
                return self.believe_order(&parent, &chain, &carried);
            }
        }
        Ok(Err(refused("stranger")))
    }

    /// An order of a parent, in an answer to a package. What cannot be believed is dropped.
    pub(crate) fn order_came(&self, parent: &Parent, chain: &Chain, order: &Value) -> Result<bool, NodeError> {
        let Ok(carried) = serde_json::from_value::<CarriedOrder>(order.clone()) else { return Ok(false) };
        match self.believe_order(parent, chain, &carried)? {
            Ok(order) => self.keep_order(&order).map(|()| true),
            Err(_) => Ok(false),
        }
    }

    fn believe_order(
        &self,
        parent: &Parent,
        chain: &Chain,
        carried: &CarriedOrder,
    ) -> Result<Result<SignedChallenge, Say>, NodeError> {
        if carried.format != ORDER {
            return Ok(Err(shape("format")));
        }
        let Some(logged_order) = logged(chain, &carried.order) else { return Ok(Err(refused("stranger"))) };
        let leaf = logged_order.record.leaf();
        let Record::Challenge(entry) = logged_order.record.into_value() else {
            return Ok(Err(refused("no-order")));
        };
        let Some(of) = order_of(&entry).filter(|_| entry.node == parent.node) else {
            return Ok(Err(refused("no-order")));
        };
        if *of.child != self.id() {
            return Ok(Err(refused("not-for-me")));
        }
        if bytes_of(of.key).is_none_or(|key| id_of(&key) != entry.challenge) {
            return Ok(Err(shape("key")));
        }
        // The report is one of this log.
        let report = match self.store().sent(&[RecordKind::ProgrammeReport], 0, self.store().size()?) {
            Ok(sent) => sent.into_iter().find(|s| s.record.leaf() == of.report).map(|s| s.index),
            Err(e) => return Err(e.into()),
        };
        let Some(report) = report else { return Ok(Err(refused("no-order"))) };
        if let ChallengeMove::Drawn(order) = &entry.what {
            let committed = carried.committed.as_ref().and_then(|c| logged(chain, c));
            let fits = committed.filter(|c| c.record.leaf() == order.committed).is_some_and(|c| {
                let seed = match c.record.value() {
                    Record::Challenge(e) => match &e.what {
                        ChallengeMove::Committed(s) if s.round == order.round => Some(s.seed),
                        _ => None,
                    },
                    _ => None,
                };
                seed.is_some()
                    && seed_of(order).map(|s| seed_commitment(&s)) == seed
                    && self.received_after(parent, chain, report).is_none_or(|at| c.index < at)
            });
            if !fits {
                return Ok(Err(refused("commitment")));
            }
        }
        Ok(Ok(SignedChallenge { entry: *entry, leaf }))
    }

    /// Index in the parent's log of the first receipt that covers a record of this log, if it is at hand.
    fn received_after(&self, parent: &Parent, chain: &Chain, index: u64) -> Option<u64> {
        let outbox = self.outbox_if_any().ok().flatten()?;
        let mut receipts = outbox.receipts(&parent.node).ok()?;
        receipts.sort_by_key(|r| r.size);
        let first = receipts.into_iter().find(|r| r.size > index)?;
        let logged = proof::verify_bundle(&first.bundle, &chain.evidence_keys(), &chain.log_keys()).ok()?;
        Some(logged.index)
    }
}

fn logged(chain: &Chain, bundle: &Value) -> Option<Logged> {
    proof::verify_bundle(bundle.to_string().as_bytes(), &chain.evidence_keys(), &chain.log_keys()).ok()
}

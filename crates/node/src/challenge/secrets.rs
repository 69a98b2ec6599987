//! What a parent must not show: seeds that it has committed to, keys that open answers, and keyed digests of what enterprises showed.
//! `home/challenges.json`, private. A key goes when its answer has been judged; a seed stays, since drawing opens it.

use super::{bytes_of, wrong};
use crate::{Node, NodeError};
use data_encoding::HEXLOWER;
use evidence::{Digest, KeyedDigest, Say};
use judge::ShownBody;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::LetterKey;

const FILE: &str = "challenges.json";
/// Most items of other enterprises that are remembered; of more the oldest go.
const SEEN_MAX: usize = 200_000;
/// What the digests of items are keyed under.
const DOMAIN: &str = "challenge-item";

/// An item that an enterprise showed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    item: KeyedDigest,
    uscc: String,
    order: Digest,
}

/// The private file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secrets {
    #[serde(rename = "watchfire-challenges")]
    version: u32,
    /// By commitment.
    seeds: BTreeMap<Digest, String>,
    /// By challenge.
    keys: BTreeMap<String, String>,
    seen: Vec<Seen>,
}

/// What items of an answer have in common with those of other enterprises.
pub(crate) struct InCommon {
    pub(crate) shared: u64,
    pub(crate) alike: u64,
    pub(crate) with: Vec<Digest>,
}

impl Secrets {
    pub(crate) fn seed(&self, commitment: Digest) -> Option<[u8; 32]> {
        self.seeds.get(&commitment).and_then(|s| bytes_of(s))
    }
    pub(crate) fn keep_seed(&mut self, commitment: Digest, seed: &[u8; 32]) {
        self.seeds.insert(commitment, HEXLOWER.encode(seed));
    }
    pub(crate) fn key(&self, challenge: &str) -> Option<LetterKey> {
        self.keys.get(challenge).and_then(|k| bytes_of(k)).map(LetterKey::from_bytes)
    }
    pub(crate) fn keep_key(&mut self, challenge: String, key: &LetterKey) {
        self.keys.insert(challenge, HEXLOWER.encode(&key.to_bytes()));
    }
    pub(crate) fn destroy_key(&mut self, challenge: &str) {
        self.keys.remove(challenge);
    }
}

impl Node {
    pub(crate) fn challenge_secrets(&self) -> Result<Secrets, NodeError> {
        let broken = |why: String| NodeError::Entry(Say::new("error.private-file").with("file", FILE).with("why", why));
        let Some(bytes) = self.store().private(FILE)? else {
            return Ok(Secrets { version: 1, seeds: BTreeMap::new(), keys: BTreeMap::new(), seen: Vec::new() });
        };
        let secrets: Secrets = serde_json::from_slice(&bytes).map_err(|e| broken(e.to_string()))?;
        if secrets.version == 1 { Ok(secrets) } else { Err(broken(secrets.version.to_string())) }
    }

    pub(crate) fn keep_challenge_secrets(&self, secrets: &Secrets) -> Result<(), NodeError> {
        let bytes = serde_json::to_vec(secrets).map_err(|_| wrong("private"))?;
        Ok(self.store().keep_private(FILE, &bytes)?)
    }

    /// Compares what an enterprise showed with what others did, and remembers it.
    pub(crate) fn compare_shown(
        &self,
        secrets: &mut Secrets,
        uscc: &str,
        order: Digest,
        bodies: &[ShownBody],
    ) -> Result<InCommon, NodeError> {
        let key = self.store().keys().digest_key()?;
        let mut others: BTreeMap<KeyedDigest, Vec<Digest>> = BTreeMap::new();
        for s in secrets.seen.iter().filter(|s| s.uscc != uscc) {
            others.entry(s.item).or_default().push(s.order);
        }
        let (mut shared, mut alike, mut with) = (0, 0, BTreeSet::new());
        for body in bodies {
            let item = key.digest(DOMAIN, &body.digest.0);
            match others.get(&item) {
                Some(orders) if body.telling => {
                    shared += 1;
                    with.extend(orders.iter().copied());
                }
                Some(_) => alike += 1,
                None => {}
            }
            secrets.seen.push(Seen { item, uscc: uscc.to_owned(), order });
        }
        let over = secrets.seen.len().saturating_sub(SEEN_MAX);
        secrets.seen.drain(..over);
        // A list in a record stays short; the number is whole.
        Ok(InCommon { shared, alike, with: with.into_iter().take(100).collect() })
    }
}

//! `evidence.json`: what a run leaves behind for somebody who trusts nobody (docs/specs/evidence-v1.md §6).
//!
//! One file, so that it survives e-mail and USB sticks: the Sigstore bundles of the records, the items of the
//! examination, the public keys, and the plan. Everything in it is checked on reading; nothing in it is believed.

use crate::NodeError;
use crate::audit::{Derived, Follows, derive};
use evidence::{Digest, Say};
use plan::Source;
use proof::{LogKey, ProofError, PublicKey, Witness};
use serde::{Deserialize, Serialize};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// `format` of the file.
pub const FORMAT: &str = "watchfire-evidence-v1";
/// The largest file that is read, in bytes.
pub const EVIDENCE_BYTES_MAX: u64 = 1 << 30;

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvidenceFile {
    pub(crate) format: String,
    /// Name of the log.
    pub(crate) origin: String,
    /// The log's keys, PEM, past and present.
    pub(crate) log_keys: Vec<String>,
    /// The node's evidence keys, PEM, past and present.
    pub(crate) evidence_keys: Vec<String>,
    pub(crate) records: Vec<RecordFile>,
    /// The plan's files, path to text.
    pub(crate) plan: serde_json::Value,
}

/// One record.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordFile {
    /// Sigstore bundle v0.3 with inclusion proof and checkpoint; absent while the record is only spooled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bundle: Option<serde_json::Value>,
    /// The DSSE envelope alone, where there is no bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) envelope: Option<serde_json::Value>,
    /// Lines of the file of items, of an examination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) items: Option<String>,
}

/// What an evidence file proves, and what it does not.
pub struct Verdict {
    /// Sentences, key `verify.*`.
    pub proven: Vec<Say>,
    /// Sentences, key `verify.*`.
    pub not_proven: Vec<Say>,
    /// The records that it holds, verified.
    pub leaves: Vec<Digest>,
}

/// Verifies an evidence file without network, log or home. `trusted` are evidence keys and `trusted_logs` log keys that
/// the reader has from elsewhere; where they are missing the file's own keys are used, and the verdict says so.
pub fn verify(
    path: &Path,
    bytes: &[u8],
    trusted: Option<&[PublicKey]>,
    trusted_logs: &[LogKey],
) -> Result<Verdict, NodeError> {
    let not_evidence = |why: &dyn std::fmt::Display| NodeError::NotEvidence(path.to_owned(), why.to_string());
    let refused = |e: ProofError| NodeError::Refused(e.to_string());
    let file: EvidenceFile = serde_json::from_slice(bytes).map_err(|e| not_evidence(&e))?;
    if file.format != FORMAT {
        return Err(not_evidence(&format!("format {:?} is not {FORMAT}", file.format)));
    }
    let pems = |pems: &[String]| pems.iter().map(|k| PublicKey::from_pem(k)).collect::<Result<Vec<_>, _>>();
    let own = pems(&file.evidence_keys).map_err(refused)?;
    let mut own_logs = Vec::new();
    for key in pems(&file.log_keys).map_err(refused)? {
        own_logs.push(LogKey::new(&file.origin, key).map_err(refused)?);
    }
    let keys = trusted.unwrap_or(&own);
    let logs = if trusted_logs.is_empty() { &own_logs } else { trusted_logs };

    let mut seen = Seen::default();
    for record in &file.records {
        seen.record(record, &file.origin, keys, logs).map_err(refused)?;
    }
    if seen.witnesses.is_empty() {
        return Err(not_evidence(&"it holds no record"));
    }
    let source = plan_of(&file.plan).map_err(|e| not_evidence(&e))?;
    seen.verdict(&file.origin, trusted.is_some(), !trusted_logs.is_empty(), &source)
}

fn plan_of(value: &serde_json::Value) -> Result<Source, String> {
    let bytes = evidence::canonical::to_vec(value).map_err(|e| e.to_string())?;
    Source::from_bytes(&bytes).map_err(|e| e.to_string())
}

/// What has been verified so far.
#[derive(Default)]
struct Seen {
    /// By leaf: a record that stands in the file twice is one record.
    witnesses: BTreeMap<Digest, Witness>,
    /// The leaves in the order of the file.
    leaves: Vec<Digest>,
    keys: Vec<String>,
    /// Leaf at each index of the log.
    at: BTreeMap<u64, Digest>,
    /// By tree size: the root, and the indexes that were proven under it.
    trees: BTreeMap<u64, (Digest, BTreeSet<u64>)>,
    loose: usize,
}

impl Seen {
    fn record(
        &mut self,
        file: &RecordFile,
        origin: &str,
        keys: &[PublicKey],
        logs: &[LogKey],
    ) -> Result<(), ProofError> {
        let record = match (&file.bundle, &file.envelope) {
            (Some(bundle), None) => {
                let json = bundle.to_string();
                let checked = proof::verify_bundle(json.as_bytes(), keys, logs)?;
                self.include(&checked, origin)?;
                checked.record
            }
            (None, Some(envelope)) => {
                self.loose += 1;
                let envelope = proof::Envelope::from_json(envelope.to_string().as_bytes())?;
                proof::verify_envelope(&envelope, keys)?
            }
            _ => return Err(ProofError::Mismatch("a record has either a bundle or an envelope")),
        };
        if !self.keys.iter().any(|k| k == record.key_id()) {
            self.keys.push(record.key_id().to_owned());
        }
        let items = match &file.items {
            Some(lines) => Some(proof::open_items(&record, lines.as_bytes())?),
            None => None,
        };
        let leaf = record.leaf();
        match self.witnesses.entry(leaf) {
            Entry::Vacant(place) => {
                place.insert(Witness { record, items });
                self.leaves.push(leaf);
            }
            Entry::Occupied(mut known) => {
                if items.is_some() {
                    known.get_mut().items = items;
                }
            }
        }
        Ok(())
    }

    /// Notes where a record stands. One log has one root for a size and one leaf at an index: two mean two logs.
    fn include(&mut self, checked: &proof::Logged, origin: &str) -> Result<(), ProofError> {
        let (size, root) = (checked.checkpoint.size(), checked.checkpoint.root());
        if checked.checkpoint.log().origin() != origin {
            return Err(ProofError::Mismatch("the origin of the file and of a checkpoint"));
        }
        let tree = self.trees.entry(size).or_insert_with(|| (root, BTreeSet::new()));
        if tree.0 != root {
            return Err(ProofError::Mismatch("two roots of one tree size"));
        }
        tree.1.insert(checked.index);
        let leaf = checked.record.leaf();
        if *self.at.entry(checked.index).or_insert(leaf) != leaf {
            return Err(ProofError::Mismatch("two records at one index of the log"));
        }
        Ok(())
    }

    fn verdict(self, origin: &str, trusted: bool, trusted_logs: bool, source: &Source) -> Result<Verdict, NodeError> {
        let key = self.keys.join(", ");
        let say = |k: &str| Say::new(format!("verify.{k}"));
        let mut proven = vec![say("signature").with("records", self.witnesses.len()).with("key", &key)];
        let mut not = Vec::new();
        let items: usize = self.witnesses.values().filter_map(|w| w.items.as_ref()).map(|i| i.items().len()).sum();
        if items > 0 {
            proven.push(say("items").with("items", items));
        }
        let included = self.loose == 0 && !self.trees.is_empty();
        if included {
            for (size, (root, indexes)) in &self.trees {
                let indexes: Vec<String> = indexes.iter().map(u64::to_string).collect();
                let said = say("inclusion").with("origin", origin).with("indexes", indexes.join(", "));
                proven.push(said.with("size", size).with("root", root));
            }
        } else {
            not.push(say("no_inclusion"));
        }
        match self.rejudge(source)? {
            Ok(plan) => proven.push(say("rejudged").with("plan", plan)),
            Err(why) => not.extend(why),
        }
        match (trusted, included && !trusted_logs) {
            (true, false) => proven.push(say("key_trusted")),
            (true, true) => proven.push(say("evidence_key_trusted")),
            (false, _) => not.push(say("key_self").with("key", &key)),
        }
        if included && !trusted_logs {
            not.push(say("log_key_self").with("origin", origin));
        }
        not.extend([say("time_self"), say("truth"), say("completeness")]);
        Ok(Verdict { proven, not_proven: not, leaves: self.leaves })
    }

    /// Judges again, every judgement, from what is in the file. `Ok(Ok)` names the plan, `Ok(Err)` says why it could
    /// not be done for all; a judgement that does not follow from its own records is refused.
    fn rejudge(&self, source: &Source) -> Result<Result<String, BTreeSet<Say>>, NodeError> {
        let no = |key: &str| Say::new(format!("verify.{key}"));
        let mut why = BTreeSet::new();
        let mut plan = None;
        for witness in self.witnesses.values() {
            let Some(judged) = Follows::of(witness.record.value()) else { continue };
            // The file holds the plan's text; another text was put in its place.
            if source.digest() != judged.plan().digest {
                let named = judged.plan().digest;
                return Err(NodeError::Refused(format!(
                    "the plan in the file is not the plan {named} of the judgement"
                )));
            }
            plan = Some(format!("{} {}", judged.plan().id, judged.plan().digest));
            why.extend(match derive(judged, &self.witnesses, source, None) {
                Derived::Same => None,
                Derived::OtherJudge => {
                    Some(no("not_rejudged_judge").with("judge", judged.judge()).with("this", judge::VERSION))
                }
                Derived::Missing(leaf) => Some(no("not_rejudged_records").with("leaf", leaf)),
                Derived::NoPlan => Some(no("not_rejudged_plan").with("digest", judged.plan().digest)),
                Derived::Differs(what) => {
                    return Err(NodeError::Refused(format!("the judgement does not follow from its records: {what}")));
                }
            });
        }
        Ok(match plan {
            None => Err(BTreeSet::from([no("no_judgement")])),
            Some(plan) if why.is_empty() => Ok(plan),
            Some(_) => Err(why),
        })
    }
}

//! `evidence.json`: what a run leaves behind for somebody who trusts nobody (docs/specs/evidence-v1.md §6).
//!
//! One file, so that it survives e-mail and USB sticks: the Sigstore bundles of the records, the items of the
//! examination, the public keys, and the plan. Everything in it is checked on reading; nothing in it is believed.

use crate::NodeError;
use crate::audit::{Derived, derive};
use evidence::{Digest, Say};
use plan::Source;
use proof::{LogKey, PublicKey, Witness};
use serde::{Deserialize, Serialize};
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

/// Verifies an evidence file without network, log or home. `trusted`: evidence keys that the reader has from
/// elsewhere; without them the file's own keys are used, and the verdict says so.
pub fn verify(path: &Path, bytes: &[u8], trusted: Option<&[PublicKey]>) -> Result<Verdict, NodeError> {
    let not_evidence = |why: &dyn std::fmt::Display| NodeError::NotEvidence(path.to_owned(), why.to_string());
    let refused = |e: proof::ProofError| NodeError::Refused(e.to_string());
    let file: EvidenceFile = serde_json::from_slice(bytes).map_err(|e| not_evidence(&e))?;
    if file.format != FORMAT {
        return Err(not_evidence(&format!("format {:?} is not {FORMAT}", file.format)));
    }
    let pems = |pems: &[String]| pems.iter().map(|k| PublicKey::from_pem(k)).collect::<Result<Vec<_>, _>>();
    let own = pems(&file.evidence_keys).map_err(refused)?;
    let mut logs = Vec::new();
    for key in pems(&file.log_keys).map_err(refused)? {
        logs.push(LogKey::new(&file.origin, key).map_err(refused)?);
    }
    let keys = trusted.map_or(own.as_slice(), |t| t);

    let mut seen = Seen::default();
    for record in &file.records {
        seen.record(record, keys, &logs).map_err(refused)?;
    }
    if seen.witnesses.is_empty() {
        return Err(not_evidence(&"it holds no record"));
    }
    let source = plan_of(&file.plan).map_err(|e| not_evidence(&e))?;
    seen.verdict(&file.origin, trusted.is_some(), &source)
}

fn plan_of(value: &serde_json::Value) -> Result<Source, String> {
    let bytes = evidence::canonical::to_vec(value).map_err(|e| e.to_string())?;
    Source::from_bytes(&bytes).map_err(|e| e.to_string())
}

/// What has been verified so far.
#[derive(Default)]
struct Seen {
    witnesses: Vec<Witness>,
    items: usize,
    keys: Vec<String>,
    /// Index of each record in the log, and the tree size and root that it was proven under.
    included: Vec<(u64, u64, Digest)>,
    loose: usize,
}

impl Seen {
    fn record(&mut self, file: &RecordFile, keys: &[PublicKey], logs: &[LogKey]) -> Result<(), proof::ProofError> {
        let record = match (&file.bundle, &file.envelope) {
            (Some(bundle), None) => {
                let json = bundle.to_string();
                let checked = proof::verify_bundle(json.as_bytes(), keys, logs)?;
                self.included.push((checked.index, checked.checkpoint.size(), checked.checkpoint.root()));
                checked.record
            }
            (None, Some(envelope)) => {
                self.loose += 1;
                let envelope = proof::Envelope::from_json(envelope.to_string().as_bytes())?;
                proof::verify_envelope(&envelope, keys)?
            }
            _ => return Err(proof::ProofError::Mismatch("a record has either a bundle or an envelope")),
        };
        if !self.keys.iter().any(|k| k == record.key_id()) {
            self.keys.push(record.key_id().to_owned());
        }
        let items = match &file.items {
            Some(lines) => Some(proof::open_items(&record, lines.as_bytes())?),
            None => None,
        };
        self.items += items.as_ref().map_or(0, |i| i.items().len());
        self.witnesses.push(Witness { record, items });
        Ok(())
    }

    fn verdict(&self, origin: &str, trusted: bool, source: &Source) -> Result<Verdict, NodeError> {
        let key = self.keys.join(", ");
        let say = |k: &str| Say::new(format!("verify.{k}"));
        let mut proven = vec![say("signature").with("records", self.witnesses.len()).with("key", &key)];
        let mut not = Vec::new();
        if self.items > 0 {
            proven.push(say("items").with("items", self.items));
        }
        match self.included.iter().max_by_key(|i| i.1) {
            Some((_, size, root)) if self.loose == 0 => {
                let indexes: Vec<String> = self.included.iter().map(|i| i.0.to_string()).collect();
                let said = say("inclusion").with("origin", origin).with("indexes", indexes.join(", "));
                proven.push(said.with("size", size).with("root", root));
            }
            _ => not.push(say("no_inclusion")),
        }
        match self.rejudge(source)? {
            Ok(plan) => proven.push(say("rejudged").with("plan", plan)),
            Err(why) => not.push(why),
        }
        if trusted {
            proven.push(say("key_trusted"));
        } else {
            not.push(say("key_self").with("key", &key));
        }
        not.extend([say("time_self"), say("truth"), say("completeness")]);
        let leaves = self.witnesses.iter().map(|w| w.record.leaf()).collect();
        Ok(Verdict { proven, not_proven: not, leaves })
    }

    /// Judges again from what is in the file. `Ok(Ok)` names the plan, `Ok(Err)` says why it could not be done; a
    /// judgement that does not follow from its own records is refused.
    fn rejudge(&self, source: &Source) -> Result<Result<String, Say>, NodeError> {
        let no = |key: &str| Say::new(format!("verify.{key}"));
        let judged = self.witnesses.iter().find_map(|w| match w.record.value() {
            evidence::Record::Judgement(j) => Some(j),
            _ => None,
        });
        let Some(judged) = judged else { return Ok(Err(no("no_judgement"))) };
        // The file holds the plan's text; another text was put in its place.
        if source.digest() != judged.plan.digest {
            let named = judged.plan.digest;
            return Err(NodeError::Refused(format!("the plan in the file is not the plan {named} of the judgement")));
        }
        Ok(match derive(judged, &self.witnesses, source) {
            Derived::Same => Ok(format!("{} {}", judged.plan.id, judged.plan.digest)),
            Derived::OtherJudge => {
                Err(no("not_rejudged_judge").with("judge", &judged.judge).with("this", judge::VERSION))
            }
            Derived::Missing(leaf) => Err(no("not_rejudged_records").with("leaf", leaf)),
            Derived::NoPlan => Err(no("not_rejudged_plan").with("digest", judged.plan.digest)),
            Derived::Differs(what) => {
                return Err(NodeError::Refused(format!("the judgement does not follow from its records: {what}")));
            }
        })
    }
}

//! The members behind a number, in one file for somebody who trusts nobody; and that somebody's check.

use super::KeptProgress;
use crate::{Node, NodeError};
use evidence::{Digest, ListRoot, MemberLine, ProgressJudgement, Record, Rung, Say, canonical, leaf_hash, merkle_root};
use proof::PublicKey;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The `format` of a file of proof.
pub const PROGRESS_PROOF_FORMAT: &str = "watchfire-progress-proof-v1";
/// Largest file of proof, in bytes.
const PROOF_BYTES_MAX: u64 = 512 << 20;

/// A member with the receipt of its report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<u64>,
    leaf: Digest,
    member: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt: Option<Digest>,
    rung: Rung,
}
impl Shown {
    fn of(line: &MemberLine, receipt: Option<Digest>) -> Self {
        let MemberLine { amount, leaf, member, rung } = line.clone();
        Self { amount, leaf, member, receipt, rung }
    }
    fn line(&self) -> MemberLine {
        MemberLine { amount: self.amount, leaf: self.leaf, member: self.member.clone(), rung: self.rung }
    }
}

/// The file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofFile {
    format: String,
    /// The signed judgement, as a DSSE envelope.
    envelope: serde_json::Value,
    /// Evidence keys of the node that counted, PEM.
    keys: Vec<String>,
    target: String,
    count: u64,
    root: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    members: Option<Vec<Shown>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    member: Option<Shown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<Vec<Digest>>,
}

/// What a file of proof shows.
#[derive(Clone, Debug)]
pub struct ProofChecked {
    /// The signed judgement.
    pub judgement: ProgressJudgement,
    /// Its leaf.
    pub leaf: Digest,
    /// Key id of who signed it.
    pub key: String,
    /// The target.
    pub target: String,
    /// Amounts on each rung, counted again; absent if only one member is shown.
    pub own: Option<[u64; 4]>,
    /// The member that is shown alone.
    pub member: Option<MemberLine>,
    /// Members with a receipt.
    pub receipts: u64,
}

/// The audit path of a leaf (RFC 6962 §2.1.1), nearest sibling first.
pub(crate) fn audit_path(hashes: &[Digest], index: usize) -> Vec<Digest> {
    if hashes.len() <= 1 {
        return Vec::new();
    }
    let half = hashes.len().next_power_of_two() / 2;
    let (left, right) = hashes.split_at(half);
    let (mut path, sibling) = if index < half {
        (audit_path(left, index), merkle_root(right))
    } else {
        (audit_path(right, index - half), merkle_root(left))
    };
    path.push(sibling);
    path
}

fn entry(key: &str, value: &str) -> NodeError {
    NodeError::Entry(Say::new(format!("error.{key}")).with("value", attest::clean(value)))
}

impl Node {
    /// The file that shows the members behind a target, or one of them.
    pub fn progress_proof(&self, kept: &KeptProgress, target: &str, of: Option<&str>) -> Result<Vec<u8>, NodeError> {
        let leaf = kept.leaf.ok_or_else(|| NodeError::Internal("a proof of what was not signed".to_owned()))?;
        let targets = &kept.progressed.judgement.targets;
        let at = targets.iter().position(|t| t.target == target).ok_or_else(|| entry("unknown-target", target))?;
        let (Some(stands), Some(lines)) = (targets.get(at), kept.progressed.members.get(at)) else {
            return Err(entry("unknown-target", target));
        };
        let shown = |l: &MemberLine| Shown::of(l, kept.receipts.get(&l.leaf).copied());
        let ListRoot { count, root } = stands.members;
        let envelope = self.store().envelope(leaf)?.to_json();
        let envelope = serde_json::from_slice(&envelope).map_err(|e| NodeError::Internal(e.to_string()))?;
        let mut file = ProofFile {
            format: PROGRESS_PROOF_FORMAT.to_owned(),
            envelope,
            keys: self.store().keys().evidence_keys().iter().map(PublicKey::to_pem).collect(),
            target: target.to_owned(),
            count,
            root,
            members: None,
            member: None,
            index: None,
            path: None,
        };
        match of {
            None => file.members = Some(lines.iter().map(shown).collect()),
            Some(of) => {
                let of = of.trim();
                let n = lines.iter().position(|l| l.member.eq_ignore_ascii_case(of));
                let n = n.ok_or_else(|| entry("not-counted", of))?;
                let hashes: Vec<Digest> = lines.iter().map(|l| leaf_hash(&l.to_line())).collect();
                file.member = lines.get(n).map(shown);
                file.index = Some(n as u64);
                file.path = Some(audit_path(&hashes, n));
            }
        }
        canonical::to_vec(&file).map_err(|e| NodeError::Internal(e.to_string()))
    }
}

/// Counts a file of proof again, offline. `trusted`: keys that must have signed it; without them the file's own are taken. Errors: it is none,
/// or it does not hold.
pub fn progress_verify(path: &Path, trusted: Option<&[PublicKey]>) -> Result<ProofChecked, NodeError> {
    let bytes = crate::home::read(path, PROOF_BYTES_MAX)?;
    let none = |why: &dyn std::fmt::Display| NodeError::NotEvidence(path.to_owned(), why.to_string());
    let refused = |why: &str| NodeError::Refused(why.to_owned());
    let file: ProofFile = canonical::from_slice(&bytes).map_err(|e| none(&e))?;
    if file.format != PROGRESS_PROOF_FORMAT {
        return Err(none(&"another format"));
    }
    let keys = file.keys.iter().map(|k| PublicKey::from_pem(k)).collect::<Result<Vec<_>, _>>();
    let own = keys.map_err(|e| none(&e))?;
    let keys = trusted.unwrap_or(&own);
    let envelope = serde_json::to_vec(&file.envelope).map_err(|e| none(&e))?;
    let envelope = proof::Envelope::from_json(&envelope).map_err(|e| none(&e))?;
    let verified = proof::verify_envelope(&envelope, keys).map_err(|e| NodeError::Refused(e.to_string()))?;
    let (leaf, key) = (verified.leaf(), verified.key_id().to_owned());
    let Record::ProgressJudgement(judgement) = verified.into_value() else {
        return Err(refused("it is signed, and no judgement of progress"));
    };
    let target = judgement.targets.iter().find(|t| t.target == file.target);
    let target = target.ok_or_else(|| refused("the judgement has no such target"))?;
    if (target.members.count, target.members.root) != (file.count, file.root) {
        return Err(refused("number or root are not those that were signed"));
    }
    let (mut own, mut one) = (None, None);
    let receipts;
    match (&file.members, &file.member, file.index, &file.path) {
        (Some(members), None, None, None) => {
            let lines: Vec<MemberLine> = members.iter().map(Shown::line).collect();
            if !lines.is_sorted_by(|a, b| a.member < b.member) {
                return Err(refused("a member stands there twice, or out of order"));
            }
            let hashes: Vec<Digest> = lines.iter().map(|l| leaf_hash(&l.to_line())).collect();
            if hashes.len() as u64 != file.count || merkle_root(&hashes) != file.root {
                return Err(refused("the members are not those that were signed"));
            }
            let mut again = [0_u64; 4];
            for l in &lines {
                let at = Rung::ALL.iter().position(|r| *r == l.rung).unwrap_or(0);
                if let Some(n) = again.get_mut(at) {
                    *n = n.saturating_add(l.amount.unwrap_or(1));
                }
            }
            if target.ladder.iter().map(|r| r.own).ne(again) {
                return Err(refused("the members do not come to the amounts that were signed"));
            }
            own = Some(again);
            receipts = members.iter().filter(|m| m.receipt.is_some()).count() as u64;
        }
        (None, Some(member), Some(index), Some(path)) => {
            let line = member.line();
            proof::merkle::verify_inclusion(index, file.count, leaf_hash(&line.to_line()), path, file.root)
                .map_err(|e| NodeError::Refused(e.to_string()))?;
            receipts = u64::from(member.receipt.is_some());
            one = Some(line);
        }
        _ => return Err(none(&"neither all members nor one with its path")),
    }
    Ok(ProofChecked { target: file.target, judgement: *judgement, leaf, key, own, member: one, receipts })
}

#[cfg(test)]
mod tests {
    use super::audit_path;
    use evidence::{Digest, leaf_hash, merkle_root};

    #[test]
    fn every_path_of_every_size_leads_to_the_root() {
        for size in 1..40_usize {
            let hashes: Vec<Digest> = (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect();
            for (n, leaf) in hashes.iter().enumerate() {
                let path = audit_path(&hashes, n);
                let checked =
                    proof::merkle::verify_inclusion(n as u64, size as u64, *leaf, &path, merkle_root(&hashes));
                assert!(checked.is_ok(), "{n} of {size}");
            }
        }
    }
}

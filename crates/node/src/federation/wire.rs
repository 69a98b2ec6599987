//! The messages between nodes, as bytes: canonical JSON, read under limits, nothing believed.

use super::fault::Fault;
use data_encoding::BASE64;
use evidence::{Digest, NodeId, Part, Say, canonical};
use proof::Envelope;
use serde::{Deserialize, Serialize};

/// Largest package or answer, in bytes.
pub const PACKAGE_BYTES_MAX: usize = 32 << 20;
/// Most leaf hashes of one package.
pub const LEAVES_MAX: usize = 262_144;
/// Most records of one package, of the child itself and of nodes below it each.
pub const RECORDS_MAX: usize = 10_000;
/// Largest enrolment request or answer, in bytes.
pub const ENROL_BYTES_MAX: usize = 256 << 10;
/// Most keys of a role that a node may show.
pub(crate) const KEYS_MAX: usize = 100;

pub(crate) const PACKAGE: &str = "watchfire-package-v1";
pub(crate) const ANSWER: &str = "watchfire-answer-v1";
pub(crate) const REQUEST: &str = "watchfire-enrol-request-v1";
pub(crate) const ADMITTED: &str = "watchfire-enrol-answer-v1";

/// A record of the child's log that goes up with its content.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Carried {
    pub(crate) index: u64,
    pub(crate) envelope: Envelope,
    /// Bytes that the record names by their digest, base64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) artifacts: Vec<String>,
}

/// A record of a node below the child, which a receipt of the child names.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Below {
    /// Whose record it is.
    pub(crate) child: NodeId,
    /// Index, in the sender's log, of the receipt that it came by.
    pub(crate) under: u64,
    pub(crate) envelope: Envelope,
}

/// What the sender knows of the receiver, so that only what is newer comes back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Knows {
    /// Leaf of the newest membership.
    pub(crate) member: Digest,
    /// Id of the newest evidence key.
    pub(crate) evidence_key: String,
    /// Id of the newest log key.
    pub(crate) log_key: String,
    /// Up to this index of the receiver's log its entries of orders came.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) orders: u64,
}
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// A package.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Package {
    pub(crate) format: String,
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) plan: Option<Digest>,
    pub(crate) checkpoint: String,
    pub(crate) start: u64,
    /// Leaf hashes as one base64 text.
    pub(crate) leaves: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) more: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) records: Vec<Carried>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) nested: Vec<Below>,
    pub(crate) knows: Knows,
}
impl Package {
    /// Reads a package and holds it to its limits; signatures are not looked at.
    pub(crate) fn read(bytes: &[u8]) -> Result<(Self, Vec<Digest>), Fault> {
        let package: Self = read(bytes, PACKAGE_BYTES_MAX, "package")?;
        if package.format != PACKAGE {
            return Err(Fault::Shape(format!("format {:?} is not {PACKAGE}", clip(&package.format))));
        }
        for (what, count) in [("records", package.records.len()), ("nested records", package.nested.len())] {
            if count > RECORDS_MAX {
                return Err(Fault::TooLarge(what, RECORDS_MAX as u64));
            }
        }
        // Before the base64 is unpacked: 32 bytes are 42 and two thirds of its characters.
        if package.leaves.len() > LEAVES_MAX.saturating_mul(43) + 4 {
            return Err(Fault::TooLarge("leaves", LEAVES_MAX as u64));
        }
        let raw = BASE64.decode(package.leaves.as_bytes()).map_err(|_| Fault::Shape("leaves: not base64".into()))?;
        if raw.len() % 32 != 0 {
            return Err(Fault::Shape("leaves: not hashes of 32 bytes".into()));
        }
        if raw.len() / 32 > LEAVES_MAX {
            return Err(Fault::TooLarge("leaves", LEAVES_MAX as u64));
        }
        if !package.records.is_sorted_by(|a, b| a.index < b.index) {
            return Err(Fault::Shape("records: not in ascending order of their index".into()));
        }
        if !package.nested.is_sorted_by(|a, b| a.under <= b.under) {
            return Err(Fault::Shape("nested: not in ascending order of their receipts".into()));
        }
        let leaves = raw.chunks_exact(32).map(|c| Digest(c.try_into().expect("32 bytes"))).collect();
        Ok((package, leaves))
    }
}

/// Leaf hashes as a package has them.
pub(crate) fn leaves_text(leaves: &[Digest]) -> String {
    let raw: Vec<u8> = leaves.iter().flat_map(|l| l.0).collect();
    BASE64.encode(&raw)
}

/// How much of the child's log the parent holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeldThere {
    pub(crate) size: u64,
    pub(crate) root: Digest,
}

/// What became of a package.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// Everything up to its checkpoint is held.
    Accepted,
    /// Its leaves are held; the rest of its checkpoint is waited for.
    More,
    /// It begins after what is held: send from there.
    Behind,
    /// Nothing of it was kept.
    Refused,
}

/// An answer to a package.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    pub(crate) format: String,
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    pub(crate) held: HeldThere,
    pub(crate) state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<Say>,
    /// Sigstore bundle of the receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) receipt: Option<serde_json::Value>,
    /// The cosignature's line over the checkpoint of the receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cosignature: Option<String>,
    /// Sigstore bundle of the newest membership, if the child does not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<serde_json::Value>,
    /// The parent's own changes of keys, in their order, if the child does not know its keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) changes: Vec<Envelope>,
    /// What the parent wants: challenges (`docs/specs/challenge-v1.md`), and entries of orders (`docs/specs/oversight-v1.md` §5).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) orders: Vec<serde_json::Value>,
}
impl Answer {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let answer: Self = read(bytes, PACKAGE_BYTES_MAX, "answer")?;
        if answer.format != ANSWER {
            return Err(Fault::Shape(format!("format {:?} is not {ANSWER}", clip(&answer.format))));
        }
        Ok(answer)
    }
}

/// What a child shows of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestBody {
    pub(crate) format: String,
    pub(crate) invitation: String,
    pub(crate) node: NodeId,
    pub(crate) origin: String,
    pub(crate) evidence_keys: Vec<String>,
    pub(crate) log_keys: Vec<String>,
    pub(crate) checkpoint: String,
    /// 32 random bytes, base64: the answer is to this request.
    pub(crate) nonce: String,
}

/// What a parent shows of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerBody {
    pub(crate) format: String,
    pub(crate) to: NodeId,
    pub(crate) nonce: String,
    pub(crate) node: NodeId,
    pub(crate) origin: String,
    pub(crate) evidence_keys: Vec<String>,
    pub(crate) log_keys: Vec<String>,
    pub(crate) part: Part,
    /// Sigstore bundle of the membership.
    pub(crate) member: serde_json::Value,
}

/// A body and the proof that its maker knows the code; or a refusal, which proves nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sealed<T> {
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<T>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mac: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<Say>,
}

/// Reads canonical JSON of at most so many bytes.
pub(crate) fn read<T: serde::de::DeserializeOwned>(bytes: &[u8], max: usize, what: &'static str) -> Result<T, Fault> {
    if bytes.len() > max {
        return Err(Fault::TooLarge(what, max as u64));
    }
    canonical::from_slice(bytes).map_err(|e| Fault::Shape(clip(&e.to_string())))
}

/// Reads foreign bytes as every message of the wire, each behind its first check; answers how many of the four they were. A door for fuzzing.
#[doc(hidden)]
#[must_use]
pub fn wire_read(bytes: &[u8]) -> usize {
    let package = Package::read(bytes).is_ok_and(|(package, _)| {
        // What a parent does next needs only the package: the checkpoint and the envelopes under the keys that they themselves name.
        package.records.iter().for_each(|c| drop(evidence::Record::from_statement(c.envelope.payload())));
        package.nested.iter().for_each(|b| drop(evidence::Record::from_statement(b.envelope.payload())));
        true
    });
    let request = read::<Sealed<RequestBody>>(bytes, ENROL_BYTES_MAX, "request")
        .is_ok_and(|sealed| sealed.body.is_some_and(|body| super::enrol::check_request(&body).is_ok()));
    let admitted = read::<Sealed<AnswerBody>>(bytes, ENROL_BYTES_MAX, "answer").is_ok_and(|sealed| {
        sealed.body.is_some_and(|b| super::Chain::of(&b.origin, &b.evidence_keys, &b.log_keys).is_ok())
    });
    [package, Answer::read(bytes).is_ok(), request, admitted].into_iter().filter(|read| *read).count()
}

/// Foreign text for a sentence: short, and without anything that steers a terminal.
pub(crate) fn clip(text: &str) -> String {
    attest::clean(&text.chars().take(200).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_out_of_order_or_over_a_limit_is_told_before_it_is_looked_into() {
        let package = Package {
            format: PACKAGE.into(),
            from: "a".into(),
            to: "b".into(),
            plan: None,
            checkpoint: String::new(),
            start: 0,
            leaves: leaves_text(&[Digest::of(b"x")]),
            more: false,
            records: vec![],
            nested: vec![],
            knows: Knows { member: Digest::of(b"m"), evidence_key: String::new(), log_key: String::new(), orders: 0 },
        };
        let write = |p: &Package| canonical::to_vec(p).unwrap();
        assert_eq!(Package::read(&write(&package)).unwrap(), (package.clone(), vec![Digest::of(b"x")]));
        let envelope = Envelope::new(b"{}".to_vec(), "k".into(), vec![1]);
        let carried = |index| Carried { index, envelope: envelope.clone(), artifacts: vec![] };
        let below = |under| Below { child: "c".into(), under, envelope: envelope.clone() };
        let fault = |change: &dyn Fn(&mut Package)| {
            let mut p = package.clone();
            change(&mut p);
            Package::read(&write(&p)).unwrap_err()
        };
        let shape = |f: Fault| matches!(f, Fault::Shape(_));
        assert!(shape(fault(&|p| p.format = ANSWER.into())));
        assert!(shape(fault(&|p| p.leaves = "AAAA".into())));
        assert!(shape(fault(&|p| p.leaves.push('!'))));
        assert!(shape(fault(&|p| p.records = vec![carried(2), carried(1)])));
        assert!(shape(fault(&|p| p.records = vec![carried(2), carried(2)])));
        assert!(shape(fault(&|p| p.nested = vec![below(2), below(1)])));
        let many = |p: &mut Package| p.nested = vec![below(1); RECORDS_MAX + 1];
        assert_eq!(fault(&many), Fault::TooLarge("nested records", 10_000));
        let many = |p: &mut Package| p.records = (0..=RECORDS_MAX as u64).map(carried).collect();
        assert_eq!(fault(&many), Fault::TooLarge("records", 10_000));
        let many = |p: &mut Package| p.leaves = leaves_text(&vec![Digest::of(b"x"); LEAVES_MAX + 1]);
        assert_eq!(fault(&many), Fault::TooLarge("leaves", 262_144));
        assert_eq!(
            Package::read(&vec![b' '; PACKAGE_BYTES_MAX + 1]).unwrap_err(),
            Fault::TooLarge("package", 32 << 20)
        );
        // Another spelling, another field, a cut.
        let bytes = write(&package);
        let text = String::from_utf8(bytes.clone()).unwrap();
        for wrong in
            [text.replace(":0,", ": 0,"), text.replace("\"start\"", "\"begin\""), text.replace("\"start\":0,", "")]
        {
            assert!(matches!(Package::read(wrong.as_bytes()), Err(Fault::Shape(_))), "{wrong}");
        }
        for cut in 0..bytes.len() {
            assert!(Package::read(&bytes[..cut]).is_err());
        }
    }
}

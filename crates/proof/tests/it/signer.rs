//! A signer, which `proof` itself is not, and a log of any leaves.

use crate::tree;
use evidence::{
    Answer, Attestation, Authenticated, Author, Body, Digest, Examination, Gap, GapReason, ItemCounts, NodeId, Origin,
    PAYLOAD_TYPE, Record, RunState, Sealed, SubjectRef, Time, seal,
};
use proof::{Checkpoint, Envelope, KeyKind, LogKey, PublicKey, checkpoint_note, checkpoint_text, pae};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};

pub(crate) struct Signer {
    pair: EcdsaKeyPair,
    pub(crate) key: PublicKey,
    log_pair: Ed25519KeyPair,
    pub(crate) log: LogKey,
}
impl Signer {
    pub(crate) fn new(origin: &str) -> Self {
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &rng).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &rng).unwrap();
        let key = PublicKey::from_raw(KeyKind::EcdsaP256, pair.public_key().as_ref()).unwrap();
        let log_pair = Ed25519KeyPair::from_pkcs8(Ed25519KeyPair::generate_pkcs8(&rng).unwrap().as_ref()).unwrap();
        let log_key = PublicKey::from_raw(KeyKind::Ed25519, log_pair.public_key().as_ref()).unwrap();
        Self { pair, key, log_pair, log: LogKey::new(origin, log_key).unwrap() }
    }
    pub(crate) fn sign_bytes(&self, statement: &[u8]) -> Envelope {
        let sig = self.pair.sign(&SystemRandom::new(), &pae(PAYLOAD_TYPE, statement)).unwrap();
        Envelope::new(statement.to_vec(), self.key.id().to_owned(), sig.as_ref().to_vec())
    }
    pub(crate) fn sign(&self, record: &Record) -> Envelope {
        self.sign_bytes(&record.to_statement().unwrap())
    }
    pub(crate) fn note(&self, text: &str) -> String {
        checkpoint_note(text, &self.log, self.log_pair.sign(text.as_bytes()).as_ref())
    }
    /// The audit path of leaf `index` and the signed checkpoint of a log of `leaves`.
    pub(crate) fn log(&self, leaves: &[Digest], index: usize) -> (Vec<Digest>, Checkpoint) {
        let text = checkpoint_text(self.log.origin(), leaves.len() as u64, evidence::merkle_root(leaves));
        let checkpoint = Checkpoint::verify(&self.note(&text), std::slice::from_ref(&self.log)).unwrap();
        (tree::path(index, leaves), checkpoint)
    }
}

pub(crate) fn answer() -> Record {
    let author = Author { name: "Li Ming".into(), authenticated: Authenticated::TypedName };
    let answer = Answer {
        check: "drill-held".into(),
        fulfilled: true,
        document: None,
        effective: Time::from_secs(0),
        approver: "Wang Fang".into(),
    };
    Record::Attestation(Attestation::answer(NodeId::new("node"), author, Time::from_secs(1), answer))
}

pub(crate) fn examination(items: u64) -> (Examination, Sealed) {
    let gap = |i| Body::Gap(Gap { what: format!("folder:/{i}"), reason: GapReason::Missing, at: None, count: 1 });
    let sealed = seal(&(0..items).map(gap).collect::<Vec<_>>(), &[7; 32]).unwrap();
    let examination = Examination {
        node: NodeId::new("node"),
        subject: SubjectRef { host: "h".into(), machine: None, root: None, folders: vec![], carried: None },
        origin: Origin::Live,
        started: Time::from_secs(0),
        ended: Time::from_secs(1),
        state: RunState::Complete,
        sensors: vec![],
        items: sealed.root,
        counts: ItemCounts { gaps: items, ..ItemCounts::default() },
        nonce: None,
    };
    (examination, sealed)
}

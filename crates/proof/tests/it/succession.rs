//! Keys that follow keys: a chain is walked from what is known, and what is forged breaks it.

use crate::signer::Signer;
use data_encoding::BASE64;
use evidence::{Attestation, Authenticated, Author, KeyChange, NodeId, Record, Time};
use proof::{ChangeFault, Envelope, KEY_CHANGES_MAX, ProofError, PublicKey, succession};

fn change(from: &PublicKey, to: &PublicKey) -> KeyChange {
    KeyChange {
        role: "evidence".into(),
        from: from.id().into(),
        to: to.id().into(),
        public_key: BASE64.encode(to.spki_der()),
    }
}

fn record(node: &PublicKey, change: KeyChange) -> Record {
    let author = Author { name: String::new(), authenticated: Authenticated::TypedName };
    Record::Attestation(Attestation::key_change(NodeId::new(node.id()), author, Time::from_secs(1), change))
}

/// A change of the node `first`, as it should be.
fn good(first: &Signer, from: &Signer, to: &Signer) -> Envelope {
    from.sign(&record(&first.key, change(&from.key, &to.key)))
}

#[test]
fn a_chain_leads_from_a_known_key_to_the_newest() {
    let [a, b, c] = [(); 3].map(|()| Signer::new("log.example"));
    let changes = [good(&a, &a, &b), good(&a, &b, &c)];
    let all = [a.key.clone(), b.key.clone(), c.key.clone()];
    assert_eq!(succession(&all[..1], &changes).unwrap(), all);
    // Whoever knows more passes over what is known; whoever is handed nothing new keeps what is known.
    assert_eq!(succession(&all[..2], &changes).unwrap(), all);
    assert_eq!(succession(&all, &changes).unwrap(), all);
    assert_eq!(succession(&all[..2], &[]).unwrap(), all[..2]);
    // A rotation that was begun again after a crash says the same change twice.
    assert_eq!(succession(&all[..1], &[good(&a, &a, &b), good(&a, &a, &b)]).unwrap(), all[..2]);
}

#[test]
fn a_forged_change_is_refused_by_its_fault_and_nothing_is_believed() {
    let [a, b, c, thief] = [(); 4].map(|()| Signer::new("log.example"));
    let known = [a.key.clone()];
    let fault = |known: &[PublicKey], changes: &[Envelope]| match succession(known, changes) {
        Err(ProofError::Change { number, fault }) => (number, fault),
        other => panic!("{other:?}"),
    };
    let of = |signer: &Signer, c: KeyChange| signer.sign(&record(&a.key, c));
    // Signed by the thief himself; under the name of the known key.
    let forged = of(&thief, change(&a.key, &thief.key));
    assert_eq!(fault(&known, std::slice::from_ref(&forged)), (1, ChangeFault::UnknownKey));
    let sig = forged.signatures()[0].sig.clone();
    let renamed = Envelope::new(forged.payload().to_vec(), a.key.id().into(), sig);
    assert_eq!(fault(&known, &[renamed]), (1, ChangeFault::Signature));
    // A good change whose new key was put in place of the true one: the signature is over all of it.
    let swapped = Record::to_statement(&record(&a.key, change(&a.key, &thief.key))).unwrap();
    let swapped = Envelope::new(swapped, a.key.id().into(), good(&a, &a, &b).signatures()[0].sig.clone());
    assert_eq!(fault(&known, &[swapped]), (1, ChangeFault::Signature));
    // A step is missing in between.
    assert_eq!(fault(&known, &[good(&a, &b, &c)]), (1, ChangeFault::UnknownKey));
    assert_eq!(fault(&known, &[good(&a, &a, &b), good(&a, &thief, &c)]), (2, ChangeFault::UnknownKey));
    // An old key that was stolen names a second heir: to who knows the true one, and in one file.
    let second = good(&a, &a, &thief);
    assert_eq!(fault(&[a.key.clone(), b.key.clone()], std::slice::from_ref(&second)), (1, ChangeFault::Twice));
    assert_eq!(fault(&known, &[good(&a, &a, &b), second]), (2, ChangeFault::Twice));
    // The key of another node beside the known one speaks for its own node only.
    let beside = [a.key.clone(), thief.key.clone()];
    assert_eq!(fault(&beside, &[good(&thief, &thief, &c)]), (1, ChangeFault::OtherNode));
    // What the record says of itself must be so.
    assert_eq!(fault(&known, &[of(&a, change(&b.key, &c.key))]), (1, ChangeFault::OtherKey));
    let id = KeyChange { to: thief.key.id().into(), ..change(&a.key, &b.key) };
    assert_eq!(fault(&known, &[of(&a, id)]), (1, ChangeFault::NewKey));
    let none = KeyChange { public_key: "AA==".into(), ..change(&a.key, &b.key) };
    assert_eq!(fault(&known, &[of(&a, none)]), (1, ChangeFault::NewKey));
    // A key of checkpoints signs no records.
    let log = KeyChange { role: "log".into(), ..change(&a.key, &b.key) };
    assert_eq!(fault(&known, &[of(&a, log)]), (1, ChangeFault::Kind));
    assert_eq!(fault(&known, &[of(&a, change(&a.key, a.log.key()))]), (1, ChangeFault::NewKey));
    assert_eq!(fault(&known, &[a.sign(&crate::signer::answer())]), (1, ChangeFault::Kind));
    assert_eq!(fault(&[], &[good(&a, &a, &b)]), (1, ChangeFault::UnknownKey));
    let many = vec![good(&a, &a, &b); KEY_CHANGES_MAX + 1];
    assert!(matches!(succession(&known, &many), Err(ProofError::TooLarge { .. })));
}

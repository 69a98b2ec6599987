//! Keys, envelopes, checkpoints, tlog-proofs and bundles: the genuine, and the same with something changed.

use crate::signer::{Signer, answer};
use data_encoding::{BASE64, HEXLOWER};
use evidence::{Digest, leaf_hash};
use proof::{
    Checkpoint, Envelope, KeyKind, LogKey, ProofError, PublicKey, bundle_json, checkpoint_text, leaf_body, pae,
    tlog_proof_text, verify_bundle, verify_envelope, verify_tlog_proof,
};

/// The example of the DSSE specification (protocol.md, PAE).
#[test]
fn pae_of_the_dsse_specification() {
    assert_eq!(
        pae("http://example.com/HelloWorld", b"hello world"),
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    );
}

/// The verifier key of the Go module proxy's checksum database, `sum.golang.org`, as printed in Go's own source
/// (cmd/go/internal/modfetch/key.go): name, key hash and key must agree by our reckoning too.
#[test]
fn the_key_hash_of_a_log_that_everybody_uses() {
    let vkey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
    let log = LogKey::from_vkey(vkey).unwrap();
    assert_eq!(
        (log.origin(), HEXLOWER.encode(&log.hint()), log.vkey()),
        ("sum.golang.org", "033de0ae".into(), vkey.into())
    );
    for bad in [
        "sum.golang.org+033de0af+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.orh+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.org+033de0ae+Ac4zctda0e5eza",
        "sum.golang.org",
        "",
    ] {
        assert!(LogKey::from_vkey(bad).is_err(), "{bad}");
    }
}

/// Same name, another key: C2SP signed-note wants such a line ignored, so the note counts as unsigned.
#[test]
fn a_note_of_a_stranger_is_unknown() {
    let signer = Signer::new("log.example/a");
    let stranger = Signer::new("log.example/a");
    let note = stranger.note(&checkpoint_text("log.example/a", 3, Digest::of(b"x")));
    let logs = std::slice::from_ref(&signer.log);
    assert!(matches!(Checkpoint::verify(&note, logs), Err(ProofError::UnknownKey(_))));
}

#[test]
fn keys_come_back_from_der_and_pem() {
    let signer = Signer::new("log.example");
    for key in [&signer.key, signer.log.key()] {
        assert_eq!(&PublicKey::from_spki_der(key.spki_der()).unwrap(), key);
        assert_eq!(&PublicKey::from_pem(&key.to_pem()).unwrap(), key);
        assert_eq!(key.id(), Digest::of(key.spki_der()).hex());
        for cut in 0..key.spki_der().len() {
            assert_eq!(PublicKey::from_spki_der(&key.spki_der()[..cut]), Err(ProofError::Key));
        }
    }
    assert!(PublicKey::from_raw(KeyKind::EcdsaP256, &[2; 65]).is_err(), "a compressed point");
    assert!(PublicKey::from_pem("-----BEGIN PUBLIC KEY-----").is_err());
}

#[test]
fn an_envelope_is_accepted_from_its_own_key_alone() {
    let (signer, other) = (Signer::new("log.example"), Signer::new("log.example"));
    let envelope = signer.sign(&answer());
    let keys = [other.key.clone(), signer.key.clone()];
    let record = verify_envelope(&envelope, &keys).unwrap();
    assert_eq!((record.value(), record.key_id()), (&answer(), signer.key.id()));
    assert_eq!(record.leaf(), leaf_hash(&leaf_body(&envelope, &signer.key).unwrap()));
    assert!(matches!(verify_envelope(&envelope, &keys[..1]), Err(ProofError::UnknownKey(_))));
    assert!(matches!(verify_envelope(&envelope, &[]), Err(ProofError::UnknownKey(_))));
    let sig = envelope.signatures()[0].sig.clone();
    let renamed = Envelope::new(envelope.payload().to_vec(), other.key.id().into(), sig);
    assert!(matches!(verify_envelope(&renamed, &keys), Err(ProofError::Signature { .. })));
    // Signed, but not a record, and not the one spelling of a record.
    assert!(matches!(verify_envelope(&signer.sign_bytes(b"{}"), &keys), Err(ProofError::Statement(_))));
    let spaced = [envelope.payload(), b" "].concat();
    assert!(matches!(verify_envelope(&signer.sign_bytes(&spaced), &keys), Err(ProofError::Statement(_))));
}

#[test]
fn every_changed_byte_of_an_envelope_is_refused() {
    let signer = Signer::new("log.example");
    let keys = std::slice::from_ref(&signer.key);
    let json = signer.sign(&answer()).to_json();
    let genuine = verify_envelope(&Envelope::from_json(&json).unwrap(), keys).unwrap();
    for at in 0..json.len() {
        let mut changed = json.clone();
        changed[at] ^= 1;
        let got = Envelope::from_json(&changed).and_then(|e| verify_envelope(&e, keys));
        assert!(got.is_err(), "byte {at} of {}", String::from_utf8_lossy(&changed));
        assert!(Envelope::from_json(&json[..at]).is_err());
    }
    let text = String::from_utf8(json).unwrap();
    // A second signature of another suite may follow and changes nothing.
    let second = text.replace("\"}]}", "\"},{\"keyid\":\"sm2\",\"sig\":\"AAAA\"}]}");
    assert_eq!(verify_envelope(&Envelope::from_json(second.as_bytes()).unwrap(), keys).unwrap(), genuine);
    for (from, to) in [
        ("\"}]}", "\"}],\"x\":1}"),
        ("{\"payload\"", "{\"payload\":\"\",\"payload\""),
        ("\"signatures\":[", "\"signatures\":[],\"z\":["),
    ] {
        assert!(Envelope::from_json(text.replacen(from, to, 1).as_bytes()).is_err(), "{to}");
    }
    let many = text.replace("\"}]}", &format!("\"}}{}]}}", ",{\"sig\":\"\"}".repeat(8)));
    assert!(matches!(Envelope::from_json(many.as_bytes()), Err(ProofError::TooLarge { .. })));
}

#[test]
fn a_checkpoint_bears_other_signatures_and_no_change() {
    let signer = Signer::new("log.example/a");
    let logs = std::slice::from_ref(&signer.log);
    let note = signer.note(&checkpoint_text("log.example/a", 12, Digest::of(b"root")));
    let checkpoint = Checkpoint::verify(&note, logs).unwrap();
    assert_eq!((checkpoint.size(), checkpoint.root()), (12, Digest::of(b"root")));
    let witnessed = format!("{note}\u{2014} witness.example/w1 {}\n", BASE64.encode(&[1; 76]));
    assert_eq!(Checkpoint::verify(&witnessed, logs).unwrap().size(), 12);
    let extended = signer.note("log.example/a\n12\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nextension\n");
    assert_eq!(Checkpoint::verify(&extended, logs).unwrap().size(), 12);
    for at in 0..note.len() {
        let mut changed = note.clone().into_bytes();
        changed[at] ^= 1;
        if let Ok(text) = String::from_utf8(changed) {
            assert!(Checkpoint::verify(&text, logs).is_err(), "byte {at}: {text}");
        }
        if let Some(cut) = note.get(..at) {
            assert!(Checkpoint::verify(cut, logs).is_err(), "cut at {at}");
        }
    }
    // Rightly signed, but not the one spelling of a checkpoint.
    for text in [
        "log.example/a\n012\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "log.example/a\n+12\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "log.example/a\n12\nAAAA\n",
        "log.example/a\n12\n",
        "log.example/a\n99999999999999999999\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "other.example\n12\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    ] {
        assert!(Checkpoint::verify(&signer.note(text), logs).is_err(), "{text}");
    }
    let crowd = witnessed.lines().last().unwrap().to_owned() + "\n";
    assert!(Checkpoint::verify(&(note + &crowd.repeat(100)), logs).is_err());
}

/// A log of eleven leaves of which ours is the seventh.
fn logged(signer: &Signer) -> (Envelope, Vec<u8>, Vec<Digest>, Checkpoint) {
    let envelope = signer.sign(&answer());
    let body = leaf_body(&envelope, &signer.key).unwrap();
    let mut leaves: Vec<Digest> = (0..11_u8).map(|i| leaf_hash(&[i])).collect();
    leaves[6] = leaf_hash(&body);
    let (path, checkpoint) = signer.log(&leaves, 6);
    (envelope, body, path, checkpoint)
}

#[test]
fn a_tlog_proof_shows_its_leaf_and_bears_no_change() {
    let signer = Signer::new("log.example/a");
    let logs = std::slice::from_ref(&signer.log);
    let (_, body, path, checkpoint) = logged(&signer);
    let text = tlog_proof_text(6, &path, checkpoint.note());
    assert_eq!(verify_tlog_proof(&text, &body, logs).unwrap(), (6, checkpoint));
    let extra = text.replacen("index", "extra QUJD\nindex", 1);
    assert_eq!(verify_tlog_proof(&extra, &body, logs).unwrap().0, 6);
    for at in 0..text.len() {
        let mut changed = text.clone().into_bytes();
        changed[at] ^= 1;
        if let Ok(changed) = String::from_utf8(changed) {
            assert!(verify_tlog_proof(&changed, &body, logs).is_err(), "byte {at}: {changed}");
        }
        if let Some(cut) = text.get(..at) {
            assert!(verify_tlog_proof(cut, &body, logs).is_err());
        }
    }
    assert!(verify_tlog_proof(&text, b"another leaf", logs).is_err());
}

#[test]
fn a_bundle_shows_its_record_and_bears_no_change() {
    let signer = Signer::new("log.example/a");
    let (keys, logs) = (std::slice::from_ref(&signer.key), std::slice::from_ref(&signer.log));
    let (envelope, _, path, checkpoint) = logged(&signer);
    let json = bundle_json(&envelope, &signer.key, 6, &path, &checkpoint).unwrap();
    let logged = verify_bundle(&json, keys, logs).unwrap();
    assert_eq!((logged.index, logged.record.value()), (6, &answer()));
    assert_eq!(logged.checkpoint, checkpoint);
    for at in 0..json.len() {
        let mut changed = json.clone();
        changed[at] ^= 1;
        assert!(verify_bundle(&changed, keys, logs).is_err(), "byte {at} of {}", String::from_utf8_lossy(&changed));
    }
    for cut in (0..json.len()).step_by(37) {
        assert!(verify_bundle(&json[..cut], keys, logs).is_err());
    }
    let stranger = Signer::new("log.example/a");
    assert!(verify_bundle(&json, std::slice::from_ref(&stranger.key), logs).is_err());
    assert!(verify_bundle(&json, keys, std::slice::from_ref(&stranger.log)).is_err());
    // Another record of the same signer in a bundle that is about this one.
    let other = signer.sign(&evidence::Record::Examination(crate::signer::examination(1).0));
    let mixed = bundle_json(&other, &signer.key, 6, &path, &checkpoint).unwrap();
    assert!(verify_bundle(&mixed, keys, logs).is_err());
}

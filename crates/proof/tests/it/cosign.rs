//! Cosignatures, against a vector made by another implementation.

use data_encoding::BASE64;
use evidence::{Digest, Time};
use proof::{
    Checkpoint, KeyKind, LogKey, ProofError, PublicKey, cosignature_line, cosignature_message, verify_cosignature,
};

/// Made with Python: `cryptography` 48 (Ed25519 of the secrets 00…1f and 20…3f), `hashlib`, `struct`, by the text of C2SP
/// tlog-cosignature: key id SHA-256(name ‖ LF ‖ 0x04 ‖ key), 8 bytes of time, message `cosignature/v1` LF `time 1790000000` LF text.
const NOTE: &str = "watchfire.invalid/0123456789abcdef
42
SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=

\u{2014} watchfire.invalid/0123456789abcdef gVoafB2e7lIcnOM/yrr2FbPjSqH+H66R3ysJhSJdGQFXpURrkYv+/tYMPR0n02yUps2u5DcOb8SfCXq8HxTsngkIOwk=
\u{2014} watchfire.invalid/fedcba9876543210 eRngXAAAAABqsTuAFGyMNHoTqEBV4rvDZLFoAUV1T6jG/t8cucCHM3x8i6ynZ6nCkocBRDyPHU+LMIhRkXTvtfqDLdObysjjAQJMBg==
";
const LOG: (&str, &str) = ("watchfire.invalid/0123456789abcdef", "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=");
const COSIGNER: (&str, &str) = ("watchfire.invalid/fedcba9876543210", "Kay64UG8yvCyLhqU000LxzYeUm0L/hLIl5S8kyKWbdc=");

fn key((name, raw): (&str, &str)) -> LogKey {
    let raw = BASE64.decode(raw.as_bytes()).unwrap();
    LogKey::new(name, PublicKey::from_raw(KeyKind::Ed25519, &raw).unwrap()).unwrap()
}

#[test]
fn a_cosigned_note_of_another_implementation_verifies() {
    let seen = verify_cosignature(NOTE, &[key(COSIGNER)]).unwrap();
    assert_eq!((seen.at(), seen.by()), (Time::from_secs(1_790_000_000), &key(COSIGNER)));
    // The log's own line stands beside it and is not disturbed.
    let checkpoint = Checkpoint::verify(NOTE, &[key(LOG)]).unwrap();
    assert_eq!((checkpoint.size(), checkpoint.root()), (42, Digest::of(b"root")));
    // Written by us from the same signature it is the same line.
    let last = NOTE.lines().last().unwrap();
    let blob = BASE64.decode(last.rsplit(' ').next().unwrap().as_bytes()).unwrap();
    assert_eq!(cosignature_line(&key(COSIGNER), seen.at(), &blob[12..]), format!("{last}\n"));
    let message = cosignature_message(NOTE, seen.at()).unwrap();
    assert!(message.starts_with(b"cosignature/v1\ntime 1790000000\nwatchfire.invalid/0123456789abcdef\n42\n"));
    assert!(message.ends_with(b"d7I=\n"));
}

#[test]
fn a_changed_cosignature_is_refused_and_a_strangers_is_none() {
    // Neither the log's signature nor that of a key of the same name is a cosignature of this cosigner.
    assert!(matches!(verify_cosignature(NOTE, &[key(LOG)]), Err(ProofError::UnknownKey(_))));
    assert!(matches!(verify_cosignature(NOTE, &[key((COSIGNER.0, LOG.1))]), Err(ProofError::UnknownKey(_))));
    assert!(matches!(Checkpoint::verify(NOTE, &[key(COSIGNER)]), Err(ProofError::UnknownKey(_))));
    let cosigner = [key(COSIGNER)];
    // Another size, root or origin, with the same signature.
    for (from, to) in [("\n42\n", "\n43\n"), ("SBNJ", "SBNK"), ("\nwatchfire.invalid/0123456789abcdef g", "\nx g")] {
        let changed = NOTE.replacen(from, to, 1);
        let same_text = from.starts_with('\n') && to == "\nx g";
        assert_eq!(verify_cosignature(&changed, &cosigner).is_ok(), same_text, "{from}");
    }
    // Every bit of time and signature counts.
    let last = NOTE.lines().last().unwrap();
    let blob = BASE64.decode(last.rsplit(' ').next().unwrap().as_bytes()).unwrap();
    for at in 4..blob.len() {
        let mut changed = blob.clone();
        changed[at] ^= 1;
        let line = format!("\u{2014} {} {}", COSIGNER.0, BASE64.encode(&changed));
        assert!(verify_cosignature(&NOTE.replace(last, &line), &cosigner).is_err(), "byte {at}");
    }
    for cut in 5..blob.len() {
        let line = format!("\u{2014} {} {}", COSIGNER.0, BASE64.encode(&blob[..cut]));
        assert!(verify_cosignature(&NOTE.replace(last, &line), &cosigner).is_err(), "cut at {cut}");
    }
    assert!(cosignature_message("no note", Time::from_secs(0)).is_err());
    assert!(cosignature_message(NOTE, Time::from_secs(-1)).is_err());
}

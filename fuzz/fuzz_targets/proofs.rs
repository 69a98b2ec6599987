#![no_main]
//! Bundles, checkpoints and proofs from strangers. The keys are made up: nothing may verify, nothing may panic.
use std::sync::LazyLock;
static LOGS: LazyLock<Vec<proof::LogKey>> = LazyLock::new(|| {
    let key = proof::PublicKey::from_raw(proof::KeyKind::Ed25519, &[7; 32]).expect("32 bytes");
    vec![proof::LogKey::new("watchfire.invalid/fuzz", key).expect("a good name")]
});
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    assert!(proof::verify_bundle(data, &[], &LOGS).is_err());
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = proof::PublicKey::from_pem(text);
    let _ = proof::LogKey::from_vkey(text);
    assert!(proof::Checkpoint::verify(text, &LOGS).is_err());
    assert!(proof::verify_tlog_proof(text, b"leaf", &LOGS).is_err());
});

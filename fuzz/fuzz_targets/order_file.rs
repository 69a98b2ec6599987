#![no_main]
//! A file of an order, what it sealed once it is open, and the ticket of a run. Bytes as they come; and, so that the way behind the signatures is walked
//! too, lines of JSON that are signed here: the entries of an order, and behind an empty line texts of letters.
use proof::{Envelope, KeyKind, PublicKey, pae};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use std::sync::LazyLock;

static SIGNER: LazyLock<(EcdsaKeyPair, PublicKey)> = LazyLock::new(|| {
    let (rng, of) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(of, &rng).expect("there is chance");
    let pair = EcdsaKeyPair::from_pkcs8(of, pkcs8.as_ref(), &rng).expect("made a line above");
    let key = PublicKey::from_raw(KeyKind::EcdsaP256, pair.public_key().as_ref()).expect("a key of this kind");
    (pair, key)
});

/// A statement under our signature, with our own key's id where the text says NODE.
fn signed(statement: &str) -> serde_json::Value {
    let (pair, key) = &*SIGNER;
    let statement = statement.replace("NODE", key.id()).into_bytes();
    let sig = pair.sign(&SystemRandom::new(), &pae(evidence::PAYLOAD_TYPE, &statement)).expect("there is chance");
    let json = Envelope::new(statement, key.id().to_owned(), sig.as_ref().to_vec()).to_json();
    serde_json::from_slice(&json).expect("written by us")
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let keys = std::slice::from_ref(&SIGNER.1);
    let _ = node::order_file_check(data, keys);
    let _ = judge::read_findings(data);
    let _ = node::witness_ticket(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (entries, letters) = text.split_once("\n\n").unwrap_or((text, ""));
    let all = |of: &str| of.lines().filter(|l| !l.is_empty()).take(8).map(signed).collect::<Vec<_>>();
    let letters: Vec<&str> = letters.lines().take(8).collect();
    let file = serde_json::json!({"envelopes": all(entries), "format": "watchfire-order-v1", "letters": letters, "order": "o-3f2a91c0"});
    let _ = node::order_file_check(file.to_string().as_bytes(), keys);
});

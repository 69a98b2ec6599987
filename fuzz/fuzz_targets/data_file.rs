#![no_main]
//! A data file of any kind: text in every encoding, containers, documents. Under small limits.
use std::sync::LazyLock;
static CONFIG: LazyLock<discover::Config> =
    LazyLock::new(|| discover::Config::new(evidence::DigestKey::new([0; 32]), 1));
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for body in discover::fuzz::read_bytes(data, &CONFIG) {
        evidence::canonical::to_vec(&body).expect("what a sensor emits has a canonical form");
    }
});

#![no_main]
//! A PDF from a stranger, from its mark to what it carries. Seeds: `fuzz/seeds/pdf`.
use std::sync::LazyLock;
static CONFIG: LazyLock<discover::Config> = LazyLock::new(|| discover::Config::new(evidence::DigestKey::new([0; 32]), 1));
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let document = if data.starts_with(b"%PDF-") { data.to_vec() } else { [b"%PDF-1.7\n", data].concat() };
    for body in discover::fuzz::read_bytes(&document, &CONFIG) {
        evidence::canonical::to_vec(&body).expect("what a sensor emits has a canonical form");
    }
});

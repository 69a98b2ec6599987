#![no_main]
//! Documents and mails: compound files, RTF, MIME, OpenDocument, HTML, escapes. Under small limits, so that what is
//! held, nested and repeated ends soon. Seeds: seeds/documents.
use std::sync::LazyLock;
static CONFIG: LazyLock<discover::Config> = LazyLock::new(|| discover::Config { limits: discover::Limits {
        member_bytes_max: 1 << 20,
        container_bytes_max: 4 << 20,
        bomb_bytes_min: 1 << 20,
        nested_bytes_max: 1 << 18,
        container_entries_max: 200,
        ..discover::Limits::default()
    }, ..discover::Config::new(evidence::DigestKey::new([0; 32]), 1) });
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for body in discover::fuzz::read_bytes(data, &CONFIG) {
        evidence::canonical::to_vec(&body).expect("what a sensor emits has a canonical form");
    }
});

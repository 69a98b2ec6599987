#![no_main]
//! An SQLite database from a stranger. Seeds: `fuzz/seeds/sqlite_file`.
use std::sync::LazyLock;
static CONFIG: LazyLock<discover::Config> = LazyLock::new(|| discover::Config::new(evidence::DigestKey::new([0; 32]), 1));
const MAGIC: &[u8] = b"SQLite format 3\0";
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let file = if data.starts_with(MAGIC) { data.to_vec() } else { [MAGIC, data].concat() };
    for body in discover::fuzz::read_bytes(&file, &CONFIG) {
        evidence::canonical::to_vec(&body).expect("what a sensor emits has a canonical form");
    }
});

#![no_main]
//! A Parquet file from a stranger. Seeds: `fuzz/seeds/parquet_file` and `crates/discover/tests/data/parquet`.
use std::sync::LazyLock;
static CONFIG: LazyLock<discover::Config> = LazyLock::new(|| discover::Config::new(evidence::DigestKey::new([0; 32]), 1));
const MAGIC: &[u8] = b"PAR1";
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // Both ends are the format's; what lies between is not.
    let inner = data.strip_prefix(MAGIC).unwrap_or(data);
    let inner = inner.strip_suffix(MAGIC).unwrap_or(inner);
    for body in discover::fuzz::read_bytes(&[MAGIC, inner, MAGIC].concat(), &CONFIG) {
        evidence::canonical::to_vec(&body).expect("what a sensor emits has a canonical form");
    }
});

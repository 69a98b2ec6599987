#![no_main]
//! A memo whose bytes are anybody's; the keyed digest at its end, which no fuzzer finds, is made to fit. Seeds: `fuzz/seeds/memo`.
use std::sync::LazyLock;
static CONFIG: LazyLock<discover::Config> = LazyLock::new(|| discover::Config::new(evidence::DigestKey::new([0; 32]), 1));
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    discover::fuzz::read_memo(data, &CONFIG);
});

#![no_main]
//! The rows of a registry as a province sends them: packed and unpacked, whatever they are. Seeds: `fuzz/seeds/registry_rows`.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = node::registry_rows_probe(data);
});

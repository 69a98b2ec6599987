#![no_main]
//! A table of people, CSV or XLSX.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let limits = attest::Limits { rows_max: 1000, file_bytes_max: 1 << 20, ..attest::Limits::default() };
    let _ = attest::scope(data, &limits, &evidence::DigestKey::new([0; 32]));
});

#![no_main]
//! What nodes send one another: packages, answers, requests to enrol and the answers to them.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = node::wire_read(data);
});

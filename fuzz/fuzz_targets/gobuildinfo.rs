#![no_main]
//! Lists of modules in programs of Go and Rust.
use inspect::parse::{in_memory, program_libraries};
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = program_libraries(&mut in_memory(data));
});

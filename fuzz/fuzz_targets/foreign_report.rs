#![no_main]
//! Reports of others' tools of every form: what is kept has an id and no control characters.
use attest::{Limits, foreign};
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(read) = foreign(data, &Limits { rows_max: 10_000, ..Limits::default() }) {
        for row in read.rows {
            assert!(!row.id.is_empty() && !row.id.chars().any(char::is_control));
        }
    }
});

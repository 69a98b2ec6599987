#![no_main]
//! A record from foreign bytes: what reads must write the same bytes again.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(record) = evidence::Record::from_statement(data) {
        assert_eq!(record.to_statement().expect("it was read"), data);
    }
});

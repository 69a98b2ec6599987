#![no_main]
//! A DSSE envelope from foreign bytes.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(envelope) = proof::Envelope::from_json(data) {
        assert_eq!(proof::Envelope::from_json(&envelope.to_json()).expect("written by us"), envelope);
    }
});

#![no_main]
//! Tables of flows abroad: whatever a plant's spreadsheet is.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let words = [("Germany".to_owned(), "DE".to_owned())];
    let terms = attest::FlowTerms {
        countries: &words,
        cases: &words,
        home: "CN",
        asset: &|_| None,
        year: 2026,
        today: evidence::Time::from_secs(0),
    };
    let _ = attest::transfers(data, &attest::Limits::default(), &terms);
});

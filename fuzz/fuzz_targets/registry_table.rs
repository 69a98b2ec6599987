#![no_main]
//! A registry of enterprises as CSV in any encoding, or as a workbook.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let areas = [("江苏".to_owned(), "32".to_owned())];
    let terms = attest::RegistryTerms {
        uscc: &classify::uscc,
        areas: &areas,
        columns: &[],
        unit: attest::RevenueUnit::Yuan,
    };
    let _ = attest::registry(data, &attest::Limits::default(), &terms, &mut |_| true);
});

#![no_main]
//! Tables of countries by address, as they are brought in and as they are kept.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut importer = detect::countries::Importer::default();
    if importer.feed("file", data).is_ok()
        && let Ok(built) = importer.finish()
    {
        let table = detect::countries::Countries::open(&built.bytes).expect("what was written is read again");
        assert!(!table.is_empty());
    }
    let _ = detect::countries::Countries::open(data);
});

#![no_main]
//! Lists of products that a user loads: our own form, and entries of LOLRMM.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data).into_owned();
    for name in ["list.toml", "entry.yaml"] {
        let _ = inspect::packs::Products::with(&[(name.to_owned(), text.clone())]);
    }
});

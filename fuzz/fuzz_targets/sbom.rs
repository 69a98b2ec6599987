#![no_main]
//! Bills of materials of every form: what is read has names, what is refused says why.
use advise::sbom::{Limits, read};
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let limits = Limits { components_max: 10_000, ..Limits::default() };
    for wanted in [None, Some("name")] {
        match read(data, wanted, &limits) {
            Ok(bill) => {
                assert!(!bill.name.is_empty());
                assert!(bill.parts.iter().all(|p| !p.name.is_empty()));
            }
            Err(why) => assert!(!why.to_string().is_empty()),
        }
    }
});

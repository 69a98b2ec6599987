#![no_main]
//! A pack whose bytes are anybody's: opened, read through, searched. A real header is put before what the fuzzer gives, so that it
//! gets behind it.
use advise::matcher::{Package, matches};
use advise::pack::{MAGIC, Pack};
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let package = |ecosystem: &str, name: &str| Package {
        ecosystem: ecosystem.into(),
        name: name.into(),
        version: "1.0".into(),
        source: Some((name.into(), "1.0".into())),
    };
    let packages = [package("Debian:12", "a"), package("PyPI", "b"), package("npm", "")];
    for bytes in [data.to_vec(), [MAGIC.as_slice(), data].concat()] {
        if let Ok(pack) = Pack::open(&bytes) {
            let _ = (pack.check(), pack.standing("CVE-2024-0001"), pack.record(0));
            let _ = matches(&[pack], &packages);
        }
    }
});

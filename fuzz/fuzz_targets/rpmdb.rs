#![no_main]
//! Databases of rpm: the first byte chooses the store, or a bare header.
use inspect::parse::{RpmStore, rpm_header, rpm_packages};
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let packages = match first % 4 {
        0 => rpm_packages(RpmStore::Sqlite, rest.to_vec()).0,
        1 => rpm_packages(RpmStore::Ndb, rest.to_vec()).0,
        2 => rpm_packages(RpmStore::Berkeley, rest.to_vec()).0,
        _ => rpm_header(rest).into_iter().collect(),
    };
    for package in &packages {
        let taken: usize = package.files.iter().map(|f| package.path(f).len()).sum();
        assert!(taken <= rest.len().saturating_mul(1 + package.files.len()));
    }
});

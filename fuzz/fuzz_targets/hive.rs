#![no_main]
//! A registry hive whose bytes are anybody's: every key and value that can be reached, to a bound. Half of the inputs are
//! put behind a good header, which no fuzzer would have to find.
use inspect::windows::hive::{Hive, HiveKey};

fn walk(hive: &Hive, key: &HiveKey, depth: usize, left: &mut usize) {
    for value in hive.values(key).unwrap_or_default().iter().take(100) {
        let _ = (hive.data(value), hive.bytes(value, 16));
    }
    for child in hive.subkeys(key).unwrap_or_default().iter().take(100) {
        if depth < 10 && *left > 0 {
            *left -= 1;
            walk(hive, child, depth + 1, left);
        }
    }
}
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut bytes = data.to_vec();
    if data.first().is_some_and(|b| b % 2 == 0) {
        let mut base = vec![0; 4096];
        base[..4].copy_from_slice(b"regf");
        for (at, value) in [(20, 1_u32), (24, 5), (36, 32)] {
            base[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        base.extend_from_slice(data);
        bytes = base;
    }
    if let Ok(hive) = Hive::open(bytes) {
        let _ = (hive.key("ControlSet001\\Services\\a"), hive.dirty());
        if let Ok(root) = hive.root() {
            walk(&hive, &root, 0, &mut 500);
        }
    }
});

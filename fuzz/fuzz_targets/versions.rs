#![no_main]
//! Three versions, a line each: every scheme orders them, and the order is one.
use advise::version::{Scheme, compare};
use std::cmp::Ordering::Equal;
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(3, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (a, b, c) = (next(), next(), next());
    for scheme in Scheme::ALL {
        let (ab, bc, ac) = (compare(scheme, a, b), compare(scheme, b, c), compare(scheme, a, c));
        assert_eq!(compare(scheme, a, a), Equal);
        assert_eq!(compare(scheme, b, a), ab.reverse());
        match (ab, bc) {
            (Equal, other) | (other, Equal) => assert_eq!(ac, other),
            (x, y) if x == y => assert_eq!(ac, x),
            _ => {}
        }
    }
});

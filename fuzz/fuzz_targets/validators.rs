#![no_main]
//! Every validator takes any bytes, and grades the same bytes the same way.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for (name, check) in classify::VALIDATORS {
        assert_eq!(check(data), check(data), "{name}");
    }
});

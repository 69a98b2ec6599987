#![no_main]
//! Logs of proxies, servers and flows: whatever a machine wrote, or somebody made.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = detect::flows::try_lines(data);
});

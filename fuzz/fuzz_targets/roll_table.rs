#![no_main]
//! Tables about many enterprises, and workbooks that came back: whatever a spreadsheet is.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let now = evidence::Time::from_secs(1_800_000_000);
    for kind in [attest::RollKind::Publicity, attest::RollKind::Returns] {
        let _ = attest::roll(data, &attest::ROLL_LIMITS, kind, &|_| true, now);
    }
    let _ = attest::bound(data, &attest::ROLL_LIMITS);
});

#![no_main]
//! A recorded trace, and two contents of a file behind a NUL: no panic, and what is read is written again to the same bytes.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(judged) = ransom::trace::replay(data) {
        let again: Vec<u8> = judged.iter().flat_map(|(event, _)| ransom::trace::event_line(event).expect("it was read")).collect();
        let data = data.strip_suffix(b"\n").unwrap_or(data);
        assert!(data.ends_with(again.strip_suffix(b"\n").unwrap_or(&again)));
    }
    let at = data.iter().position(|b| *b == 0).unwrap_or(data.len());
    let (before, after) = data.split_at(at);
    let change = ransom::diff(before, after, &ransom::Veil::none());
    assert!(change.changed_bytes <= before.len().min(after.len()) as u64);
    for format in ["zip", "png", "jpeg", "pdf", "sqlite", "gzip", "doc"] {
        let half = data.len() / 2;
        let _ = ransom::shape::standing(format, &data[..half], &data[half..], data.len() as u64);
        let _ = ransom::shape::standing(format, data, data, u64::MAX);
    }
});

#![no_main]
//! Course files.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(course) = plan::course("course.toml", text) {
        let _ = course.paper("t-0", "A");
    }
});

#![no_main]
//! A plan file changed by a stranger: errors with places, never a panic.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut source = plan::builtin();
    let names: Vec<String> = source.files.keys().cloned().collect();
    let name = &names[data.len() % names.len()];
    source.files.insert(name.clone(), text.to_owned());
    if let Err(errors) = plan::check(&source) {
        for error in errors {
            let _ = error.to_string();
        }
    }
});

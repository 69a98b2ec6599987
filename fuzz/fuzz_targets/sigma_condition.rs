#![no_main]
//! Conditions over three selections.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let quoted = text.replace('\'', "''").replace(['\n', '\r'], " ");
    let mut compiler = sigma::Compiler::new(sigma::Options::default());
    let rule = "title: t\nlogsource: {product: x}\ndetection:\n  a: {f: 1}\n  b: {g: 2}\n  _c: {h: 3}\n  condition: ";
    compiler.add("f.yml", &format!("{rule}'{quoted}'\n"));
    let compiled = compiler.finish();
    assert!(compiled.rules.all().len() + compiled.refusals.len() <= 1);
});

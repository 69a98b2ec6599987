#![no_main]
//! Files of rules, and what they compile to over one event: the scanner says what the reference says.
use std::sync::Arc;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut compiler = sigma::Compiler::new(sigma::Options::default());
    compiler.add("f.yml", text);
    let rules = Arc::new(compiler.finish().rules);
    let plan = rules.plan_of_all();
    let mut event = sigma::Event::new();
    event.push(rules.field("Image"), sigma::Value::Text("C:\\Windows\\cmd.exe"));
    event.push(rules.field("EventID"), sigma::Value::Int(1));
    let found = sigma::Scanner::new(&rules).scan(&plan, &event).to_vec();
    let plainly: Vec<_> = plan.rules().iter().copied().filter(|id| rules.matches_plainly(*id, &event)).collect();
    assert_eq!(found, plainly);
});

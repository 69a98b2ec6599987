//! Sigma rules as their users meet them.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod corpora;
mod correlations;
mod differential;
mod semantics;

use std::sync::Arc;

use sigma::{Compiled, Compiler, Event, Options, Rules, Scanner, Value};

/// Reads one file.
fn compile(text: &str) -> Compiled {
    let mut compiler = Compiler::new(Options::default());
    compiler.add("r.yml", text);
    compiler.finish()
}

/// A rule with this detection.
fn detection(text: &str) -> String {
    let indented: String = text.lines().map(|l| format!("  {l}\n")).collect();
    format!("title: t\nlogsource: {{product: windows}}\ndetection:\n{indented}")
}

/// Whether the one rule matches, said by the scanner and the reference alike.
fn matches(rules: &Arc<Rules>, fields: &[(&str, Value<'_>)]) -> bool {
    let mut event = Event::new();
    fields.iter().for_each(|(name, value)| event.push(rules.field(name), *value));
    let id = rules.plan_of_all().rules()[0];
    let found = !Scanner::new(rules).scan(&rules.plan_of_all(), &event).is_empty();
    assert_eq!(found, rules.matches_plainly(id, &event), "scanner and reference differ on {fields:?}");
    assert_eq!(found, rules.explain(id, &event).unwrap().matches);
    found
}

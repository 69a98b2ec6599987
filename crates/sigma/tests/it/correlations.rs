//! Correlations over the examples of the specification.

use std::sync::Arc;

use sigma::{Correlated, Correlator, CorrelatorLimits, Counters, Event, Rules, Scanner, Seen, Value};

use crate::compile;

const BASE: &str = "title: failed\nname: failed_login\nlogsource: {product: windows}\ndetection:\n  s: {EventID: [529, 4625]}\n  condition: s\n---\n\
    title: good\nname: successful_login\nlogsource: {product: windows}\ndetection:\n  s: {EventID: [528, 4624]}\n  condition: s\n---\n";

fn rules(correlation: &str) -> Arc<Rules> {
    let compiled = compile(&format!("{BASE}{correlation}"));
    assert!(compiled.refusals.is_empty(), "{:?}", compiled.refusals);
    Arc::new(compiled.rules)
}

/// Events: second, id, user, bytes.
fn run(rules: &Arc<Rules>, limits: CorrelatorLimits, events: &[(i64, i64, &str, i64)]) -> (Vec<Correlated>, Counters) {
    let (plan, mut scanner) = (rules.plan_of_all(), Scanner::new(rules));
    let (mut correlator, mut event, mut out) = (Correlator::new(rules, limits), Event::new(), Vec::new());
    for (at, (second, id, user, bytes)) in events.iter().enumerate() {
        event.clear();
        event.push(rules.field("EventID"), Value::Int(*id));
        if !user.is_empty() {
            event.push(rules.field("User"), Value::Text(user));
        }
        event.push(rules.field("Bytes"), Value::Int(*bytes));
        let matches = scanner.scan(&plan, &event);
        correlator.feed(Seen { time_ms: second * 1000, position: at as u64, event: &event, matches }, &mut out);
    }
    correlator.finish(&mut out);
    (out, correlator.counters())
}

fn figures(correlation: &str, events: &[(i64, i64, &str, i64)]) -> Vec<f64> {
    run(&rules(correlation), CorrelatorLimits::default(), events).0.iter().map(|c| c.figure).collect()
}

fn of(kind: &str, condition: &str) -> String {
    format!(
        "title: c\ncorrelation:\n  type: {kind}\n  rules: [failed_login]\n  group-by: [User]\n  timespan: 10s\n  condition: {condition}\n"
    )
}

#[test]
fn counts_slide_with_event_time() {
    let three = of("event_count", "{gte: 3}");
    // Across a full minute; in any order; in any case of the user; not those of another user.
    assert_eq!(figures(&three, &[(58, 4625, "a", 0), (65, 4625, "A", 0), (59, 4625, "a", 0)]), [3.0]);
    assert_eq!(figures(&three, &[(0, 4625, "a", 0), (1, 4625, "b", 0), (2, 4625, "a", 0)]), [0.0; 0]);
    assert_eq!(figures(&three, &[(0, 4625, "a", 0), (5, 4625, "a", 0), (11, 4625, "a", 0)]), [0.0; 0]);
    assert_eq!(figures(&three, &[(0, 4625, "a", 0), (5, 4625, "a", 0), (10, 4625, "a", 0)]), [3.0]);
    // A burst is told once, and again when it still goes on after the timespan.
    let burst: Vec<_> = (0..20).map(|s| (s, 4625, "a", 0)).collect();
    assert_eq!(figures(&three, &burst), [3.0, 11.0]);
}

#[test]
fn ranges_and_absences_are_judged_at_the_end_of_a_window() {
    let burst: Vec<_> = (0..8).map(|s| (s, 4625, "a", 0)).collect();
    assert_eq!(figures(&of("event_count", "{gt: 2, lte: 5}"), &burst), [0.0; 0]);
    assert_eq!(figures(&of("event_count", "{gt: 2, lte: 5}"), &burst[..4]), [4.0]);
    assert_eq!(figures(&of("event_count", "{neq: 8}"), &burst), [0.0; 0]);
}

#[test]
fn values_are_counted_summed_and_ranked() {
    let events = [(0, 4625, "a", 10), (1, 4625, "a", 30), (2, 4625, "a", 30), (3, 4625, "a", 100)];
    assert_eq!(figures(&of("value_count", "{field: Bytes, gte: 3}"), &events), [3.0]);
    assert_eq!(figures(&of("value_sum", "{field: Bytes, gt: 100}"), &events), [170.0]);
    assert_eq!(figures(&of("value_avg", "{field: Bytes, gt: 40}"), &events), [42.5]);
    assert_eq!(figures(&of("value_percentile", "{field: Bytes, percentile: 50, gte: 30}"), &events), [30.0]);
    assert_eq!(figures(&of("value_percentile", "{field: Bytes, lte: 25}"), &events), [25.0], "share of a value");
}

#[test]
fn a_success_after_many_failures() {
    // The example of the specification, with three failures and a shorter time.
    let chain = "title: c\ncorrelation: {type: temporal_ordered, rules: [many, successful_login], group-by: [User], timespan: 10s}\n---\n\
        title: m\nname: many\ncorrelation: {type: event_count, rules: [failed_login], group-by: [User], timespan: 10s, condition: {gte: 3}}\n";
    let failures = [(0, 4625, "a", 0), (1, 4625, "a", 0), (2, 4625, "a", 0)];
    let then = |second, user| [&failures[..], &[(second, 4624, user, 0)]].concat();
    let rules = rules(chain);
    let (out, counters) = run(&rules, CorrelatorLimits::default(), &then(5, "a"));
    assert_eq!(out.len(), 1, "the rules it is made of are not told by themselves: {out:?}");
    assert_eq!(out[0].group, [("User".to_owned(), "a".to_owned())]);
    assert_eq!((out[0].last_ms, counters.taken), (5000, 4));
    assert_eq!(run(&rules, CorrelatorLimits::default(), &then(5, "b")).0, []);
    assert_eq!(run(&rules, CorrelatorLimits::default(), &then(13, "a")).0, []);
    let before = [&[(0, 4624, "a", 0)], &failures[..]].concat();
    assert_eq!(run(&rules, CorrelatorLimits::default(), &before[..4]).0.len(), 0, "the order matters");
}

#[test]
fn temporal_rules_aliases_and_expressions() {
    let both = "title: c\ncorrelation:\n  type: temporal\n  rules: [failed_login, successful_login]\n  group-by: [who]\n  timespan: 10s\n  aliases:\n    who: {failed_login: User, successful_login: User}\n";
    assert_eq!(figures(both, &[(0, 4624, "a", 0), (3, 4625, "a", 0)]), [2.0]);
    assert_eq!(figures(both, &[(0, 4624, "a", 0), (3, 4625, "b", 0)]), [0.0; 0]);
    let without = format!("{both}  condition: failed_login and not successful_login\n");
    assert_eq!(figures(&without, &[(0, 4625, "a", 0), (3, 4624, "a", 0)]), [0.0; 0]);
    assert_eq!(figures(&without, &[(0, 4625, "a", 0), (30, 4624, "a", 0)]), [1.0]);
}

#[test]
fn what_is_left_out_is_counted() {
    let limits = CorrelatorLimits { groups_max: 2, lateness_ms: 1000, ..CorrelatorLimits::default() };
    let rules = rules(&of("event_count", "{gte: 3}"));
    let events = [
        (50, 4625, "a", 0),
        (50, 4625, "b", 0),
        (50, 4625, "c", 0),
        (50, 4625, "", 0),
        (55, 4625, "a", 0),
        (10, 4625, "a", 0),
    ];
    let counters = run(&rules, limits, &events).1;
    assert_eq!((counters.late, counters.ungrouped), (1, 1));
    assert!(counters.groups_evicted >= 1);
}

#[test]
fn references_that_lead_nowhere_refuse() {
    for (text, code) in [
        (of("event_count", "{gte: 3}").replace("failed_login", "nobody"), "unknown-rule"),
        (of("event_count", "{gte: 3}").replace("10s", "10 minutes"), "timespan"),
        (of("value_count", "{gte: 3}"), "missing"),
        (of("median", "{gte: 3}"), "unknown-correlation"),
        ("title: a\nname: a\ncorrelation: {type: temporal, rules: [b], timespan: 1s}\n---\ntitle: b\nname: b\ncorrelation: {type: temporal, rules: [a], timespan: 1s}\n".to_owned(), "cycle"),
    ] {
        let compiled = compile(&format!("{BASE}{text}"));
        assert_eq!(compiled.refusals[0].code.as_str(), code);
        assert_eq!(compiled.rules.all().len(), 2, "the rules themselves stay");
    }
}

//! What the built-in plan's machine checks hold to as a whole: how many there are, of what, and what they point to.

use plan::{Check, CheckKind, CheckedPlan, Expected, Machine, builtin, check};
use std::collections::BTreeMap;

fn plan() -> CheckedPlan {
    check(&builtin()).expect("the built-in plan has no fault")
}
fn machine_checks(plan: &CheckedPlan) -> Vec<(&Check, &Machine)> {
    let machine = |c: &'_ Check| matches!(c.kind, CheckKind::Machine(_));
    let checks = plan.checks().iter().filter(|c| machine(c));
    checks
        .filter_map(|c| match &c.kind {
            CheckKind::Machine(m) => Some((c, m.as_ref())),
            CheckKind::Answer(_) => None,
        })
        .collect()
}

/// How a reference is written, from the catalogues' own texts: levels and clauses of GB/T 22239-2019 (general requirements
/// of level 3 stand under 8.1), system requirements of IEC 62443-3-3 (seven foundational requirements, at most 13
/// under one), safeguards of the CIS Controls version 8 (18 controls), techniques of ATT&CK (T and four digits,
/// a sub-technique three more; of its matrix for industrial control systems T0 and three digits).
fn well_written(mapping: &str) -> bool {
    let numbers = |s: &str| s.split('.').map(|n| n.parse::<u32>().ok()).collect::<Option<Vec<u32>>>();
    let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
    if let Some(clause) = mapping.strip_prefix("GB/T 22239-2019 ") {
        // 8.5 is the extension for industrial control systems, with five groups of requirements.
        let group = |n: &[u32]| (n[1] == 1 && (1..=10).contains(&n[2])) || (n[1] == 5 && (1..=5).contains(&n[2]));
        return numbers(clause).is_some_and(|n| n.len() == 4 && n[0] == 8 && group(&n));
    }
    if let Some(requirement) = mapping.strip_prefix("IEC 62443-3-3 SR ") {
        return numbers(requirement)
            .is_some_and(|n| n.len() == 2 && (1..=7).contains(&n[0]) && (1..=13).contains(&n[1]));
    }
    if let Some(safeguard) = mapping.strip_prefix("CIS Controls v8 ") {
        return numbers(safeguard)
            .is_some_and(|n| n.len() == 2 && (1..=18).contains(&n[0]) && (1..=14).contains(&n[1]));
    }
    if let Some(technique) = mapping.strip_prefix("ATT&CK ICS T0") {
        return digits(technique, 3);
    }
    let Some(technique) = mapping.strip_prefix("ATT&CK T") else { return false };
    match technique.split_once('.') {
        Some((main, sub)) => digits(main, 4) && digits(sub, 3),
        None => digits(technique, 4),
    }
}

#[test]
fn references_to_other_catalogues_are_written_alike() {
    for good in [
        "GB/T 22239-2019 8.1.4.1",
        "IEC 62443-3-3 SR 2.1",
        "CIS Controls v8 5.3",
        "ATT&CK T1021.004",
        "ATT&CK ICS T0843",
        "GB/T 22239-2019 8.5.2.1",
    ] {
        assert!(well_written(good), "{good}");
    }
    for bad in [
        "GB/T 22239 8.1.4.1",
        "IEC 62443-3-3 2.1",
        "CIS Controls v8 5",
        "ATT&CK 1021",
        "ATT&CK ICS T1021",
        "GB/T 22239-2019 8.5.9.1",
        "T1021",
        "8.1.4.1",
        "",
    ] {
        assert!(!well_written(bad), "{bad}");
    }
}

#[test]
fn every_machine_check_has_references_a_source_and_both_examples() {
    let p = plan();
    for (c, m) in machine_checks(&p) {
        assert!(!c.mappings.is_empty(), "{}: no mapping", c.id);
        for mapping in &c.mappings {
            assert!(well_written(mapping), "{}: {mapping:?}", c.id);
        }
        let mut once = c.mappings.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), c.mappings.len(), "{}: a mapping twice", c.id);
        assert!(!c.sourced.source.is_empty(), "{}: no source", c.id);
        for outcome in [Expected::Pass, Expected::Fail] {
            assert!(m.examples.iter().any(|e| e.expect == outcome), "{}: no example for {}", c.id, outcome.name());
        }
    }
}

/// A plant is not made safe by kernel settings: lists of them are easily long, and say little about the four risks.
#[test]
fn few_checks_are_about_the_kernel_alone() {
    let p = plan();
    let all = machine_checks(&p);
    let kernel = |m: &Machine| {
        let read: Vec<&str> = m.one_facts().into_iter().chain(m.tables()).map(evidence::FactId::as_str).collect();
        !read.is_empty() && read.iter().all(|f| f.starts_with("kernel.") || *f == "mount")
    };
    let few = all.iter().filter(|(_, m)| kernel(m)).count();
    assert!(few * 4 <= all.len(), "{few} of {}", all.len());
}

#[test]
fn each_risk_scenario_has_thirty_machine_checks() {
    let p = plan();
    let mut per: BTreeMap<&str, usize> = BTreeMap::new();
    for (c, _) in machine_checks(&p) {
        *per.entry(c.scenario.as_str()).or_default() += 1;
    }
    for scenario in p.scenarios().iter().filter(|s| s.risk) {
        let n = per.get(scenario.id.as_str()).copied().unwrap_or(0);
        assert!(n >= 30, "{}: {n}", scenario.id);
    }
}

//! The second plan, of another country's rules: the checker takes it, and its figures are those of the texts.

use plan::{CheckedPlan, Limit, LimitUnit, Measured, Source, check};
use std::path::Path;

/// The folder as it stands in `plans/`.
#[expect(clippy::disallowed_methods, reason = "a test reads the plan folder that users load")]
fn folder(name: &str) -> Source {
    let mut source = Source::default();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plans").join(name);
    let mut open = vec![(root, String::new())];
    while let Some((dir, under)) = open.pop() {
        for entry in std::fs::read_dir(&dir).expect("a folder of a plan") {
            let entry = entry.expect("an entry of a folder");
            let path = format!("{under}{}", entry.file_name().to_str().expect("plan files have plain names"));
            if entry.path().is_dir() {
                open.push((entry.path(), format!("{path}/")));
            } else {
                source.files.insert(path, std::fs::read_to_string(entry.path()).expect("a plan file is text"));
            }
        }
    }
    source
}

fn nis2() -> CheckedPlan {
    check(&folder("nis2")).unwrap_or_else(|errors| {
        let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{} errors\n{}", errors.len(), text.join("\n"))
    })
}

#[test]
fn the_built_in_plan_is_its_folder() {
    // A file that is not built in would be missed in silence.
    assert_eq!(plan::builtin(), folder("miit-2024-2026"));
}

#[test]
fn three_regimes_have_two_levels_each_and_the_least_has_no_criteria() {
    let p = nis2();
    assert_eq!(p.regimes().iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["nis2", "ir-2690", "dora"]);
    for (regime, grave, least) in [
        ("nis2", "significant", "not-significant"),
        ("ir-2690", "significant", "not-significant"),
        ("dora", "major", "not-major"),
    ] {
        let levels: Vec<_> = p.incident_levels().iter().filter(|l| l.regime == regime).collect();
        assert_eq!(levels.iter().map(|l| (l.id.as_str(), l.rank)).collect::<Vec<_>>(), [(grave, 1), (least, 2)]);
        assert!(!levels[0].criteria.is_empty() && levels[1].criteria.is_empty(), "{regime}");
    }
    // Only who is in the branch is asked: §10, "not plants"; DORA is of the financial sector.
    for (regime, branch) in [("nis2", ""), ("ir-2690", "digital-infrastructure"), ("dora", "financial")] {
        let of = p.incident_levels().iter().filter(|l| l.regime == regime).flat_map(|l| &l.criteria);
        assert!(of.into_iter().all(|c| c.branch == branch), "{regime}");
    }
}

#[test]
fn more_than_is_the_next_whole_euro() {
    let p = nis2();
    let min = |id: &str| {
        let c = p.incident_levels().iter().flat_map(|l| &l.criteria).find(|c| c.id == id).unwrap();
        match c.measured {
            Measured::Bounds { min, .. } => min,
            Measured::Words { .. } => None,
        }
    };
    // §10: loss > 500,000 euro; cost > 100,000 euro; at least two member states.
    assert_eq!((min("ir-loss-eur"), min("dora-cost"), min("dora-states")), (Some(500_001), Some(100_001), Some(2)));
}

#[test]
fn major_needs_critical_services_and_malice_or_two_others() {
    let p = nis2();
    let major = p.incident_levels().iter().find(|l| l.id == "major").unwrap();
    assert!(major.groups.iter().all(|g| g.requires == ["dora-critical"]));
    let of =
        |group: &str| major.criteria.iter().filter(|c| c.group == group).map(|c| c.id.as_str()).collect::<Vec<_>>();
    let needs = |group: &str| major.groups.iter().find(|g| g.id == group).unwrap().needs;
    assert_eq!((of("access"), needs("access")), (vec!["dora-access"], 1));
    // Article 9 has six paragraphs; 9(5)(b) stands in the other group. Two of them, and the critical services.
    let bounds = of("bounds");
    assert_eq!((bounds.len(), needs("bounds"), bounds.contains(&"dora-critical")), (1 + 6, 1 + 2, true));
    assert_eq!(of(""), ["dora-recurring"]);
}

#[test]
fn clocks_of_the_directive_and_of_the_financial_sector() {
    use LimitUnit::{Hours, Months};
    let p = nis2();
    for (id, starts, after, limit, sure) in [
        // §10: 24 h, 72 h from awareness, one month after the notification. E.
        ("nis2-early-warning", "awareness", None, Limit::Within(24, Hours), "E"),
        ("nis2-notification", "awareness", None, Limit::Within(72, Hours), "E"),
        ("nis2-intermediate", "request", None, Limit::Unstated, "E"),
        ("nis2-final", "notification", Some("nis2-notification"), Limit::Within(1, Months), "E"),
        ("ir-early-warning", "awareness", None, Limit::Within(24, Hours), "E"),
        ("ir-final", "notification", Some("ir-notification"), Limit::Within(1, Months), "E"),
        // 4 h after classification and at most 24 h after awareness; where 72 h and a month begin is not confirmed.
        ("dora-initial", "classification", None, Limit::Within(4, Hours), "E"),
        ("dora-initial-awareness", "awareness", None, Limit::Within(24, Hours), "E"),
        ("dora-intermediate", "report", Some("dora-initial"), Limit::Within(72, Hours), "M"),
        ("dora-final", "report", Some("dora-intermediate"), Limit::Within(1, Months), "M"),
    ] {
        let c = p.clocks().iter().find(|c| c.id == id).unwrap_or_else(|| panic!("no clock {id}"));
        let got = (c.starts.as_str(), c.after.as_deref(), c.limit, c.sourced.sure.letter());
        assert_eq!(got, (starts, after, limit, sure), "{id}");
    }
    let fines: Vec<_> = p.penalties().iter().map(|x| (x.currency.as_str(), x.to, x.revenue_per_mille)).collect();
    assert_eq!(fines, [("EUR", 10_000_000, Some(20)), ("EUR", 7_000_000, Some(14))]);
}

#[test]
fn every_clock_of_the_directive_is_met_by_a_form_and_both_languages_speak() {
    let p = nis2();
    for c in p.clocks().iter().filter(|c| c.incident != "dora") {
        assert!(p.forms().iter().any(|f| f.meets.contains(&c.id)), "{}", c.id);
    }
    let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    for (key, text) in p.words(evidence::Lang::Zh).iter() {
        assert!(chinese(text), "{key}: {text}");
    }
    for (key, text) in p.words(evidence::Lang::En).iter() {
        assert!(!chinese(text), "{key}: {text}");
    }
    // Nothing here was read in full: all of it but what is ours is listed.
    assert!(p.unconfirmed().len() > 60, "{}", p.unconfirmed().len());
}

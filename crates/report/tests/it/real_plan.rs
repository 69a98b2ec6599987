//! The plan that the program carries can be reported on: every check of it, in both languages, as a finding and as a
//! question, leaves no hole and no id where a text should stand.

use crate::fixture::fixture;
use evidence::{CheckResult, Finding, Lang, Outcome, Severity};
use plan::CheckKind;
use report::Style;
use std::collections::BTreeMap;

#[test]
fn every_check_of_the_built_in_plan_reads_as_text() {
    let mut f = fixture();
    f.plan = plan::check(&plan::builtin()).expect("the built-in plan is checked by its own tests");
    let j = &mut f.judgement;
    (j.checks, j.findings, j.standings, j.data) = Default::default();
    for check in f.plan.checks() {
        let asked = matches!(check.kind, CheckKind::Answer(_));
        let host = if asked { "" } else { "plant-7" };
        j.checks.push(CheckResult {
            check: check.id.clone(),
            scenario: check.scenario.clone(),
            host: host.to_owned(),
            outcome: Outcome::CannotTell,
            sure: None,
            because: None,
            basis: vec![],
            findings: 0,
        });
        j.findings.push(Finding {
            id: Finding::id_of(&check.id, host, ""),
            check: check.id.clone(),
            scenario: check.scenario.clone(),
            severity: Severity::High,
            host: host.to_owned(),
            object: String::new(),
            with: BTreeMap::new(),
            at: None,
            evidence: vec![],
        });
    }
    for lang in Lang::ALL {
        let text = report::terminal(&f.input(), lang, Style { colour: false, width: 100 });
        assert!(!text.contains('{'), "{lang:?}");
        let page = report::html(&f.input(), lang);
        let body = page.split_once("</style>").unwrap().1;
        assert!(!body.contains('{'), "{lang:?}");
        for check in f.plan.checks() {
            let title = f.plan.words(lang).get(&format!("check.{}.title", check.id)).unwrap();
            let start = title.split('{').next().unwrap().replace('&', "&amp;").replace('"', "&quot;");
            assert!(body.contains(start.trim()), "{lang:?} {}", check.id);
        }
    }
}

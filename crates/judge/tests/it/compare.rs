//! Two judgements side by side: nothing is mended because nobody looked, nothing is new because nobody could tell.

use super::{host, run};
use evidence::{FactValue, GapReason};
use judge::compare;

fn toor() -> [(&'static str, FactValue); 2] {
    [("name", "toor".into()), ("uid", 0.into())]
}

#[test]
fn gone_is_mended_only_if_somebody_looked() {
    let bad = || run(&[host().row("account", toor()).covered("account").sign()]);
    let good = || run(&[host().covered("account").sign()]);
    let blind = || run(&[host().gap("fact:account", GapReason::PermissionDenied).sign()]);
    let of = |list: &[judge::Changed]| -> Vec<String> {
        list.iter()
            .filter(|c| c.finding.check.as_str() == "account-second-root")
            .map(|c| c.finding.object.clone())
            .collect()
    };
    let c = compare(&bad(), &good());
    assert_eq!((of(&c.mended), of(&c.unseen)), (vec!["toor".to_owned()], vec![]));
    assert!(!c.is_worse());
    let c = compare(&bad(), &blind());
    assert_eq!((of(&c.mended), of(&c.unseen)), (vec![], vec!["toor".to_owned()]));
    assert!(c.blind.iter().any(|t| t.check.as_str() == "account-second-root") && c.is_worse());
    let c = compare(&good(), &bad());
    assert_eq!((of(&c.new), of(&c.first_seen)), (vec!["toor".to_owned()], vec![]));
    let c = compare(&blind(), &bad());
    assert_eq!((of(&c.new), of(&c.first_seen)), (vec![], vec!["toor".to_owned()]));
    assert!(c.sighted.iter().any(|t| t.check.as_str() == "account-second-root"));
    let c = compare(&bad(), &bad());
    assert!(c.same > 0 && c.new.is_empty() && c.mended.is_empty() && !c.is_worse() && !c.other_plan);
}

#[test]
fn a_check_of_another_system_does_not_apply() {
    let windows = run(&[host().one("os.family", "windows").sign()]);
    let of = |check: &str| super::outcome(&windows, check, "h1");
    assert_eq!(of("account-second-root"), (evidence::Outcome::NotApplicable, "because.other-system".to_owned()));
}

#[test]
fn of_a_host_that_nothing_is_known_of_nothing_is_said() {
    let silent = run(&[host().gap("fact:host", GapReason::Missing).sign()]);
    let told = silent.checks.iter().filter(|c| c.host == "h1");
    assert!(told.into_iter().all(|c| c.outcome == evidence::Outcome::CannotTell), "{:?}", silent.checks);
    assert!(silent.checks.iter().any(|c| c.host == "h1" && c.check.as_str().starts_with("win-")));
}

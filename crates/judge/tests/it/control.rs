//! A control network, as packet captures show it: its own checks answer, those of hosts do not apply, its devices are held
//! against the scope.

use super::{Exam, doubts, outcome, run};
use crate::fixture::scope;
use evidence::{FactValue, Outcome, ScopeKind};
use plan::{CheckKind, System};

fn network(name: &'static str) -> Exam {
    let row = [("command", FactValue::from("a → b s7comm stop")), ("what", "stop".into()), ("outside", false.into())];
    let device = |address: &str, name: &str| [("address", FactValue::from(address)), ("name", name.into())];
    Exam::of(name, "2026-11-20")
        .one("os.family", "control-network")
        .row("control.command", row)
        .covered("control.command")
        .row("control.device", device("10.1.1.10", "boiler"))
        .row("control.device", device("10.1.1.11", "PANEL-1"))
        .row("control.device", device("10.1.1.12", ""))
        .covered("control.device")
        .covered("control.flow")
}

#[test]
fn its_own_checks_answer_and_those_of_hosts_do_not_apply() {
    let j = run(&[network("line 1").sign()]);
    let of = |check: &str| outcome(&j, check, "line 1").0;
    assert_eq!((of("control-plc-stopped"), of("control-program-download")), (Outcome::Fail, Outcome::Pass));
    assert_eq!(of("control-opcua-unprotected"), Outcome::CannotTell, "nobody looked at endpoints");
    for c in super::PLAN.checks() {
        let CheckKind::Machine(m) = &c.kind else { continue };
        let other = (Outcome::NotApplicable, "because.other-system".to_owned());
        let applies = m.on.contains(&System::ControlNetwork);
        assert_eq!(outcome(&j, c.id.as_str(), "line 1") == other, !applies, "{}", c.id);
        assert!(!applies || m.on.len() == 1, "{}: a network is no host", c.id);
    }
    // And on hosts it is the other way round.
    let j = run(&[super::host().one("os.family", "linux").sign()]);
    let other = (Outcome::NotApplicable, "because.other-system".to_owned());
    assert_eq!(outcome(&j, "control-plc-stopped", "h1"), other);
}

#[test]
fn a_declared_network_is_examined_and_its_unknown_devices_are_a_doubt() {
    let declared = [
        (ScopeKind::ControlNetwork, "Line 1"),
        (ScopeKind::ControlNetwork, "line 2"),
        (ScopeKind::Host, "10.1.1.10"),
        (ScopeKind::Host, "panel-1"),
    ];
    let j = run(&[network("line 1").sign(), network("line 9").sign(), scope("2026-01-01", &declared)]);
    let row = |k: ScopeKind| j.coverage.iter().find(|c| c.kind == k).map(|c| (c.examined, c.declared, c.undeclared));
    assert_eq!(row(ScopeKind::ControlNetwork), Some((1, 2, 1)));
    assert_eq!(row(ScopeKind::Host), Some((0, 2, 0)), "a network is not counted among hosts");
    assert!(doubts(&j).contains(&"doubt.undeclared-network") && !doubts(&j).contains(&"doubt.undeclared-host"));
    let devices: Vec<_> = j.doubts.iter().filter(|d| d.say.key == "doubt.undeclared-devices").collect();
    assert_eq!(devices.len(), 2, "one a network");
    assert_eq!((devices[0].say.with["count"].as_str(), devices[0].say.with["device"].as_str()), ("1", "10.1.1.12"));
    assert!(!doubts(&run(&[network("line 1").sign()])).contains(&"doubt.undeclared-devices"), "without a scope");
}

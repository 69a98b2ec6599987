//! A Windows host: its own checks answer, those of Linux do not apply, and a stock installation does not drown.

use super::{Exam, host, outcome, run};
use evidence::{FactValue, Judgement, Outcome, Severity};
use plan::{CheckKind, System};

fn windows() -> Exam {
    host().one("os.family", "windows")
}

fn objects(j: &Judgement, check: &str) -> Vec<String> {
    j.findings.iter().filter(|f| f.check.as_str() == check).map(|f| f.object.clone()).collect()
}

#[test]
fn windows_checks_answer_and_those_of_linux_do_not_apply() {
    let service = |name: &str, path: &str, start: &str| {
        [("name", FactValue::from(name)), ("path", path.into()), ("start", start.into()), ("unquoted", false.into())]
    };
    let exam = windows()
        .one("windows.smb1_enabled", true)
        .one("windows.rdp_enabled", true)
        .one("windows.rdp_nla", true)
        .one("windows.guest_enabled", false)
        .row("windows.service", service("Historian", r"C:\Program Files\Hist\h.exe", "auto"))
        .row("windows.service", service("upd", r"C:\Users\op\AppData\Local\upd.exe", "auto"))
        .row("windows.service", service("old", r"C:\Windows\Temp\x.exe", "disabled"))
        .covered("windows.service")
        .row("remote.tool", [("name", "ToDesk".into()), ("kind", "remote-control".into()), ("autostart", true.into())])
        .covered("remote.tool");
    let j = run(&[exam.sign()]);
    let of = |check: &str| outcome(&j, check, "h1").0;
    assert_eq!(
        (of("win-smb1"), of("win-rdp-no-nla"), of("win-guest-enabled")),
        (Outcome::Fail, Outcome::Pass, Outcome::Pass)
    );
    assert_eq!(objects(&j, "win-service-user-folder"), ["upd"]);
    // A check that both systems share.
    assert_eq!(objects(&j, "remote-control-active"), ["ToDesk"]);
    // What nobody looked at is not a pass.
    assert_eq!(of("win-uac"), Outcome::CannotTell);
    for c in super::PLAN.checks() {
        let CheckKind::Machine(m) = &c.kind else { continue };
        let result = outcome(&j, c.id.as_str(), "h1");
        let other = (Outcome::NotApplicable, "because.other-system".to_owned());
        assert_eq!(result == other, !m.on.contains(&System::Windows), "{}", c.id);
    }
}

#[test]
fn checks_of_windows_do_not_apply_to_linux() {
    let j = run(&[host().one("os.family", "linux").one("windows.smb1_enabled", true).sign()]);
    assert_eq!(outcome(&j, "win-smb1", "h1"), (Outcome::NotApplicable, "because.other-system".to_owned()));
}

#[test]
fn every_risk_has_fifteen_checks_for_windows() {
    for s in super::PLAN.scenarios().iter().filter(|s| s.risk) {
        let for_windows = |c: &&plan::Check| matches!(&c.kind, CheckKind::Machine(m) if m.on == [System::Windows]);
        let n = super::PLAN.checks().iter().filter(|c| c.scenario == s.id).filter(for_windows).count();
        assert!(n >= 15, "{} has {n}", s.id);
    }
}

/// Settings that a Windows 10 work place has when nobody has changed anything, by Microsoft's documentation of each
/// policy ("default values", "not configured").
fn stock() -> Exam {
    let flags = [
        ("firewall.enabled", true),
        ("update.automatic", true),
        ("usb.storage_blocked", false),
        ("windows.autologon", false),
        ("windows.autoplay", true),
        ("windows.blank_password_network", false),
        ("windows.builtin_admin_enabled", false),
        ("windows.defender_enabled", true),
        ("windows.guest_enabled", false),
        ("windows.llmnr", true),
        ("windows.lm_hash", false),
        ("windows.lsa_protection", false),
        ("windows.null_session", false),
        ("windows.password_complexity", false),
        ("windows.powershell_v2", true),
        ("windows.rdp_enabled", false),
        ("windows.rdp_nla", true),
        ("windows.remote_registry", false),
        ("windows.restore_disabled", false),
        ("windows.script_block_logging", false),
        ("windows.smb1_enabled", false),
        ("windows.smb_signing_required", false),
        ("windows.uac_enabled", true),
        ("windows.wdigest_plain", false),
        ("windows.winrm_enabled", false),
    ];
    let numbers = [
        ("password.max_days", 42),
        ("password.min_length", 0),
        ("windows.anonymous", 0),
        ("windows.lock_seconds", 0),
        ("windows.lockout_threshold", 0),
        ("windows.ntlm_level", 3),
        ("windows.rdp_port", 3389),
        ("windows.shadow_copies", 0),
    ];
    let mut exam = windows();
    for (id, value) in flags {
        exam = exam.one(id, value);
    }
    for (id, value) in numbers {
        exam = exam.one(id, value);
    }
    for profile in ["domain", "private", "public"] {
        let row = [("profile", profile.into()), ("enabled", true.into()), ("inbound_blocked", true.into())];
        exam = exam.row("windows.firewall", row);
    }
    for (port, process) in [(135, "svchost.exe"), (445, "System"), (5040, "svchost.exe"), (7680, "svchost.exe")] {
        let socket = format!("tcp 0.0.0.0:{port}");
        let row = [("socket", FactValue::from(socket)), ("proto", "tcp".into()), ("port", port.into())];
        let [a, b, c] = row;
        exam = exam.row("listen", [a, b, c, ("exposed", true.into()), ("process", process.into())]);
    }
    let shell = [
        ("entry", FactValue::from("Winlogon Shell")),
        ("place", "Winlogon Shell".into()),
        ("command", "explorer.exe".into()),
        ("default", true.into()),
    ];
    let drive = r"C:\Users\op\AppData\Local\Microsoft\OneDrive\OneDrive.exe";
    let onedrive = [
        ("entry", FactValue::from("Run OneDrive")),
        ("place", "Run".into()),
        ("command", format!("{drive} ***").into()),
    ];
    let task = |path: &str, hidden: bool| {
        [
            ("path", FactValue::from(path)),
            ("command", r"%windir%\system32\rundll32.exe ***".into()),
            ("enabled", true.into()),
            ("hidden", hidden.into()),
            ("highest", true.into()),
        ]
    };
    exam = exam
        .row("windows.autorun", shell)
        .row("windows.autorun", onedrive)
        .row("windows.task", task(r"\Microsoft\Windows\Maintenance\WinSAT", true))
        .row("windows.log", [("name", "security".into()), ("max_kb", 20_480.into())])
        .row(
            "windows.writable_folder",
            [("path", r"%SystemDrive%\Data".into()), ("who", "authenticated-users".into())],
        );
    let tables = [
        "listen",
        "remote.tool",
        "share.smb",
        "windows.autorun",
        "windows.defender_exclusion",
        "windows.firewall",
        "windows.log",
        "windows.log_cleared",
        "windows.macro_policy",
        "windows.service_installed",
        "windows.task",
        "windows.writable_folder",
    ];
    tables.into_iter().fold(exam, Exam::covered)
}

#[test]
fn a_stock_windows_does_not_drown_in_findings() {
    let j = run(&[stock().sign()]);
    let grave: Vec<&str> =
        j.findings.iter().filter(|f| f.severity >= Severity::High).map(|f| f.check.as_str()).collect();
    assert_eq!(grave, Vec::<&str>::new(), "nothing that every Windows brings is high");
    let medium: Vec<&str> =
        j.findings.iter().filter(|f| f.severity == Severity::Medium).map(|f| f.check.as_str()).collect();
    // These four are what a plant should change first on a new work place.
    assert_eq!(medium, ["win-autoplay", "win-lockout", "win-password-complexity", "win-password-length"]);
    assert!(j.findings.len() <= 20, "{}", j.findings.len());
}

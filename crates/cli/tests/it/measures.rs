//! What is done about findings: recorded, refused where the plan would not let it count, shown beside the finding, and
//! verified by a run alone.

use crate::bench::{Dir, host};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

fn report(dir: &Dir) -> Value {
    dir.json(&["inspect", "--root", "host", "--format", "json"])
}

/// The first digits of the id of a finding.
fn id(report: &Value, check: &str) -> String {
    let found = report["findings"].as_array().unwrap().iter().find(|f| f["check"] == check);
    found.unwrap_or_else(|| panic!("no finding of {check}"))["id"].as_str().unwrap()["sha256:".len()..][..12].to_owned()
}

fn outcome(report: &Value, check: &str) -> (String, String) {
    let of = report["checks"].as_array().unwrap().iter().find(|c| c["check"] == check).unwrap();
    (of["outcome"].as_str().unwrap().to_owned(), of["sure"].as_str().unwrap_or_default().to_owned())
}

/// A day so many days from now, as people type it.
fn day(from_now: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let secs = i64::try_from(now).unwrap() + from_now * 86_400;
    evidence::Time::from_secs(secs).date()
}

/// A host with a remote-control program that starts by itself.
fn with_tool(dir: &Dir) {
    host(dir);
    let tool = dir.file("host/opt/anydesk/anydesk", "");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    dir.file("host/usr/lib/systemd/system/anydesk.service", "[Service]\nExecStart=/opt/anydesk/anydesk --service\n");
    let wants = dir.at("host/etc/systemd/system/multi-user.target.wants");
    fs::create_dir_all(&wants).unwrap();
    std::os::unix::fs::symlink("/usr/lib/systemd/system/anydesk.service", wants.join("anydesk.service")).unwrap();
}

#[test]
fn an_approved_tool_passes_on_paper_until_it_is_taken_back() {
    let dir = Dir::new();
    with_tool(&dir);
    let check = "remote-control-active";
    let before = report(&dir);
    let tool = id(&before, check);
    let except = |until: &str, approver: &str| {
        let until = until.to_owned();
        dir.run(&[
            "measure",
            "except",
            &tool,
            "--reason",
            "vendor repairs the press",
            "--owner",
            "Zhang San",
            "--approver",
            approver,
            "--until",
            &until,
        ])
    };
    except(&day(-1), "Wang Fang").ends(2).complains(&["has passed"]);
    except(&day(200), "Wang Fang").ends(2).complains(&["90 days", check]);
    except(&day(30), "zhang san").ends(2).complains(&["exception of their own"]);
    assert!(dir.json(&["measure", "list", "--format", "json"])["measures"].as_array().unwrap().is_empty());

    dir.file("approval.txt", "approved\n");
    except(&day(30), "Wang Fang").done().says(&["Measure m-", &day(30), "AnyDesk"]);
    let after = report(&dir);
    assert_eq!(outcome(&after, check), ("pass".to_owned(), "declared".to_owned()));
    let approved = &after["approved"][0];
    assert_eq!((&approved["finding"]["check"], &approved["sure"]), (&check.into(), &"declared".into()));
    assert!(after["doubts"].to_string().contains("doubt.typed-approvals"), "an approver is a typed name");
    dir.run(&["inspect", "--root", "host"]).done().says(&["Approved for a time", "Approved until"]);
    let diff = dir.json(&["inspect", "diff", "--format", "json"]);
    assert_eq!(diff["mended"].as_array().unwrap().len(), 0, "{diff}");
    // Anyone who holds the log judges the same.
    dir.run(&["audit"]).done();

    let list = dir.json(&["measure", "list", "--format", "json"]);
    let measure = list["measures"][0]["measure"]["id"].as_str().unwrap().to_owned();
    dir.run(&["measure", "done", &measure]).ends(2).complains(&["no further"]);
    dir.run(&["measure", "withdraw", &measure]).done();
    assert_eq!(outcome(&report(&dir), check).0, "fail");
    dir.run(&["measure", "list"]).done().says(&["No measures"]);
    dir.run(&["measure", "list", "--all"]).done().says(&[&measure, "withdrawn"]);
}

#[test]
fn an_exception_that_the_plan_does_not_know_leaves_the_finding() {
    let dir = Dir::new();
    host(&dir);
    let root = id(&report(&dir), "ssh-root-login");
    let typed = ["measure", "except", &root, "--reason", "old cell", "--owner", "A", "--approver", "B", "--until"];
    let until = day(20);
    let ran = dir.run(&[typed.as_slice(), &[&until]].concat()).done();
    ran.says(&["lets nobody approve ssh-root-login"]);
    let after = report(&dir);
    assert_eq!(outcome(&after, "ssh-root-login").0, "fail");
    let finding = after["findings"].as_array().unwrap().iter().find(|f| f["check"] == "ssh-root-login").unwrap();
    assert_eq!(finding["measures"][0]["stands"], "accepted");
    dir.run(&["inspect", "--root", "host"]).done().says(&["Known and accepted until"]);
}

#[test]
fn only_a_run_verifies_that_a_measure_is_done() {
    let dir = Dir::new();
    host(&dir);
    let root = id(&report(&dir), "ssh-root-login");
    let due = day(14);
    let add = ["measure", "add", &root, "--action", "forbid it", "--owner", "李娜", "--due", &due, "--format", "json"];
    let made = dir.json(&add);
    let measure = made["measure"]["id"].as_str().unwrap().to_owned();
    dir.run(&["measure", "verify", &measure]).ends(2).complains(&["no run since"]);
    dir.run(&["measure", "start", &measure]).done().says(&["under way"]);
    dir.run(&["measure", "done", &measure]).done().says(&["said to be done"]);
    let still = report(&dir);
    assert!(still["doubts"].to_string().contains("doubt.measure-contradicted"));
    dir.run(&["measure", "verify", &measure]).ends(2).complains(&["still fails", "ssh-root-login"]);

    let sshd = dir.at("host/etc/ssh/sshd_config");
    let text = fs::read_to_string(&sshd).unwrap();
    fs::write(&sshd, text.replace("PermitRootLogin yes", "PermitRootLogin no")).unwrap();
    let mended = report(&dir);
    assert_eq!(outcome(&mended, "ssh-root-login").0, "pass");
    let verified = dir.json(&["measure", "verify", &measure, "--format", "json"]);
    assert_eq!(verified["measure"]["state"], "verified");
    assert!(verified["measure"]["verified_by"].as_str().unwrap().starts_with("sha256:"));
    let csv = dir.run(&["measure", "list", "--all", "--format", "csv"]).done();
    csv.says(&["id,state,late,due,owner", "verified,no", "李娜"]);
    dir.run(&["measure", "list", "--late"]).done();
    dir.run(&["measure", "add", "000000000000", "--action", "x", "--owner", "y", "--due", &due])
        .ends(2)
        .complains(&["No finding"]);
}

/// What is due on a day is due when that day is over in the plan's zone, not eight hours later; another plan's zone is another instant.
#[test]
fn a_day_is_over_when_it_is_over_where_the_plan_counts() {
    let dir = Dir::new();
    dir.run(&["incident", "open", "--title", "x"]).done();
    let list = dir.json(&["incident", "list", "--format", "json"]);
    let incident = list["incidents"][0]["incident"].as_str().unwrap().to_owned();
    let add = |more: &[&str]| {
        let base = ["measure", "add", "--incident", &incident, "--action", "x", "--owner", "y", "--due", "2031-11-30"];
        dir.run(&[more, &base].concat())
    };
    add(&[]).done().says(&["2031-11-30"]);
    let all = dir.json(&["measure", "list", "--format", "json"]);
    assert_eq!(all["measures"][0]["measure"]["due"], "2031-11-30T15:59:59.999Z");
    dir.run(&["measure", "list"]).done().says(&["2031-11-30"]);
    dir.run(&["measure", "list", "--format", "csv"]).done().says(&[",2031-11-30,"]);
    // A zone behind UTC: the last instant lies in the next day of UTC, and the day that was typed is shown.
    dir.run(&["plan", "export", "plan"]).done();
    let calendar = dir.at("plan/calendars/cn.toml");
    let text = fs::read_to_string(&calendar).unwrap();
    fs::write(&calendar, text.replace("\"CST-8\"", "\"EST5\"")).unwrap();
    add(&["--plan", "plan"]).done().says(&["2031-11-30"]);
    let all = dir.json(&["measure", "list", "--format", "json"]);
    assert_eq!(all["measures"][1]["measure"]["due"], "2031-12-01T04:59:59.999Z");
}

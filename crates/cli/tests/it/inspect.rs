//! Hosts: the forms of the report, the carried file, many hosts at once, two runs compared, one finding again.

use crate::bench::{Dir, host};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// `ssh` as the tests need it: runs what it was asked to run, here. A host of the name `down` does not answer.
const SSH: &str = "#!/bin/sh\nfor last; do :; done\ncase \"$*\" in *' down '*) echo 'no route' >&2; exit 255;; esac\nexec sh -c \"$last\"\n";

/// Bytes of a carried file that were changed or lost on the way, wherever they are: it is refused and nothing is judged.
#[test]
fn a_carried_file_with_any_byte_changed_is_refused() {
    let dir = Dir::new();
    host(&dir);
    let whole = dir.run(&["inspect", "--collect", "--root", "host"]).done().out.into_bytes();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for n in 0..24_u32 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(seed >> 33).unwrap() % whole.len();
        let mut bytes = whole.clone();
        if n % 3 == 0 {
            bytes.truncate(at);
        } else {
            // The head is words for people and its own digest; a change there is refused or says what the file says.
            bytes[at] ^= 1 << (n % 7);
        }
        dir.file("changed.wfc", &bytes);
        let ran = dir.run(&["inspect", "--from", "changed.wfc", "--format", "json"]);
        if ran.code() == 0 {
            let head = whole.iter().position(|b| *b == b'\n').unwrap();
            assert!(at < head, "byte {at} of {} was changed and taken", whole.len());
        } else {
            let ran = ran.ends(2);
            assert!(ran.err.contains("carried file") || ran.err.contains("bundle"), "{}", ran.err);
        }
    }
}

/// What a report says of a host: check and outcome; findings as check and object.
fn said(report: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let list = |key: &str| report[key].as_array().unwrap().clone();
    let checks = list("checks").iter().map(|c| format!("{} {}", text(&c["check"]), text(&c["outcome"]))).collect();
    let found = list("findings").iter().map(|f| format!("{} {}", text(&f["check"]), text(&f["object"]))).collect();
    (checks, found)
}

#[test]
fn a_carried_file_says_the_same_elsewhere_and_is_doubted() {
    let dir = Dir::new();
    host(&dir);
    let collected = dir.run(&["inspect", "--collect", "--root", "host"]).done();
    assert!(!dir.home().exists(), "to collect needs no node and makes none");
    let carried = dir.file("host.wfc", &collected.out);
    assert!(!collected.out.contains("$1$"), "no password hash is carried");
    let here = dir.json(&["inspect", "--root", "host", "--format", "json"]);
    let there = dir.json(&["inspect", "--from", "host.wfc", "--format", "json"]);
    assert_eq!(said(&here), said(&there));
    assert!(there["examination"]["carried"].as_str().unwrap().starts_with("sha256:"));
    let doubts = there["doubts"].to_string();
    assert!(doubts.contains("doubt.carried"), "{doubts}");
    assert!(!here["doubts"].to_string().contains("doubt.carried"));
    // Two runs over the same host differ in times alone.
    let again = dir.run(&["inspect", "--collect", "--root", "host"]).done();
    let items = |text: &str| text.split_once('\n').unwrap().1.to_owned();
    assert_eq!(items(&collected.out), items(&again.out));
    dir.run(&["audit"]).done();

    // A file that was changed on the way is refused, and so is what is no such file.
    let changed = collected.out.replacen("\"password\":\"", "\"password\":\"x", 1);
    assert_ne!(changed, collected.out);
    fs::write(&carried, changed).unwrap();
    dir.run(&["inspect", "--from", "host.wfc"]).ends(2).complains(&["no carried file", "line 1"]);
    let (head, rest) = collected.out.split_once('\n').unwrap();
    let cut = rest.split_inclusive('\n').skip(1).collect::<String>();
    fs::write(&carried, format!("{head}\n{cut}")).unwrap();
    dir.run(&["inspect", "--from", "host.wfc"]).ends(2).complains(&["no carried file"]);
    dir.file("other", "hello\n");
    dir.run(&["inspect", "--from", "other"]).ends(2).complains(&["no carried file", "--collect"]);
}

#[test]
fn every_form_names_what_failed_and_what_could_not_be_told() {
    let dir = Dir::new();
    host(&dir);
    let ran = dir.run(&["inspect", "--root", "host", "--out", "out", "--format", "json,csv,sarif,ocsf,html"]).done();
    ran.says(&["plant-7", "could not be told"]);
    let read = |name: &str| fs::read_to_string(dir.at("out").join(name)).unwrap();
    let report: Value = serde_json::from_str(&read("inspect.json")).unwrap();
    let count = |outcome: &str| report["checks"].as_array().unwrap().iter().filter(|c| c["outcome"] == outcome).count();
    let findings = report["findings"].as_array().unwrap().len();
    assert!(findings > 0 && count("cannot-tell") > 0 && count("pass") > 0);

    let csv = read("inspect.csv");
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let head = reader.headers().unwrap().clone();
    let column = |name: &str| head.iter().position(|h| h == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let of = |kind: &str, outcome: &str| {
        rows.iter().filter(|r| &r[column("kind")] == kind && &r[column("outcome")] == outcome).count()
    };
    assert_eq!((of("finding", "fail"), of("check", "cannot-tell")), (findings, count("cannot-tell")));
    assert!(rows.iter().filter(|r| &r[column("outcome")] == "cannot-tell").all(|r| !r[column("because")].is_empty()));

    let sarif: Value = serde_json::from_str(&read("inspect.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let kind = |k: &str| results.iter().filter(|r| r["kind"] == k).count();
    assert_eq!((kind("fail"), kind("open"), kind("pass")), (findings, count("cannot-tell"), count("pass")));
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for r in results {
        let index = usize::try_from(r["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], r["ruleId"]);
    }

    let events: Vec<Value> = read("inspect.ocsf.jsonl").lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let status = |id: u64| events.iter().filter(|e| e["compliance"]["status_id"] == id).count();
    // 1 pass, 3 fail (OCSF 1.3, compliance object); what could not be told is never a pass.
    assert_eq!((status(1), status(3)), (count("pass"), findings));
    assert_eq!(events.len(), results.len());
    dir.run(&["inspect", "--root", "host", "--format", "csv,json"]).ends(2).complains(&["--out"]);
}

#[test]
fn two_runs_are_compared_and_a_finding_is_looked_at_again() {
    let dir = Dir::new();
    host(&dir);
    let before = dir.json(&["inspect", "--root", "host", "--format", "json"]);
    let finding = before["findings"].as_array().unwrap().iter().find(|f| f["check"] == "ssh-root-login").unwrap();
    let id = &finding["id"].as_str().unwrap()["sha256:".len()..][..12];
    dir.run(&["inspect", "diff"]).ends(2).complains(&["no two judgements"]);
    dir.run(&["inspect", "--recheck", id]).ends(1).says(&["Still there", "ssh-root-login"]);

    let sshd = dir.at("host/etc/ssh/sshd_config");
    let text = fs::read_to_string(&sshd).unwrap();
    fs::write(&sshd, text.replace("PermitRootLogin yes", "PermitRootLogin no")).unwrap();
    let passwd = fs::read_to_string(dir.at("host/etc/passwd")).unwrap();
    dir.file("host/etc/passwd", format!("{passwd}toor:x:0:0::/root:/bin/sh\n"));
    dir.run(&["inspect", "--recheck", id]).done().says(&["Mended", "ssh-root-login"]);
    let told = dir.json(&["inspect", "diff", "--format", "json"]);
    let checks = |key: &str| -> Vec<String> {
        told[key].as_array().unwrap().iter().map(|f| f["check"].as_str().unwrap().to_owned()).collect()
    };
    assert!(checks("mended").contains(&"ssh-root-login".to_owned()), "{told}");
    assert_eq!(checks("new"), ["account-second-root"], "{told}");
    dir.run(&["inspect", "diff", "--fail-on-worse"]).ends(1).says(&["Mended", "New"]);

    // What can no longer be read is not mended.
    fs::remove_file(dir.at("host/etc/passwd")).unwrap();
    std::os::unix::fs::symlink("passwd", dir.at("host/etc/passwd")).unwrap();
    dir.run(&["inspect", "--root", "host"]).done();
    let told = dir.json(&["inspect", "diff", "--format", "json"]);
    let unseen = told["unseen"].as_array().unwrap();
    assert!(unseen.iter().any(|f| f["check"] == "account-second-root"), "{told}");
    assert_eq!(told["mended"].as_array().unwrap().len(), 0, "{told}");
    dir.run(&["inspect", "--recheck", "000000000000"]).ends(2).complains(&["No finding"]);
}

#[test]
fn a_fleet_is_one_report_and_who_does_not_answer_is_in_it() {
    let dir = Dir::new();
    let ssh = dir.file("bin/ssh", SSH);
    fs::set_permissions(&ssh, fs::Permissions::from_mode(0o755)).unwrap();
    let program = env!("CARGO_BIN_EXE_watchfire");
    let hosts = format!(
        "at_once = 2\n[[host]]\nname = \"here\"\naddress = \"here\"\ncommand = \"{program}\"\n[[host]]\nname = \"sent\"\naddress = \"sent\"\nsend = true\n[[host]]\nname = \"press-4\"\naddress = \"down\"\n[[host]]\nname = \"bare\"\naddress = \"bare\"\ncommand = \"/no/such/program\"\n"
    );
    dir.file("hosts.toml", hosts);
    let path = format!("{}:{}", dir.at("bin").display(), std::env::var("PATH").unwrap());
    let mut command = dir.watchfire(&["inspect", "--fleet", "hosts.toml", "--format", "json"]);
    let ran = crate::bench::run(command.env("PATH", &path)).ends(2);
    let ran = ran.complains(&["press-4 was not examined: no route", "bare was not examined"]);
    let report = ran.json();
    assert_eq!(report["other_examinations"].as_array().unwrap().len(), 3, "one each, answered or not");
    let of = |host: &str| -> BTreeSet<String> {
        let checks = report["checks"].as_array().unwrap().iter().filter(|c| c["host"] == host);
        checks.map(|c| c["outcome"].as_str().unwrap().to_owned()).collect()
    };
    for silent in ["press-4", "bare"] {
        assert_eq!(of(silent), BTreeSet::from(["cannot-tell".to_owned()]), "{silent}: in the denominator, in no pass");
    }
    dir.run(&["audit"]).done();
    let left: Vec<_> = fs::read_dir(std::env::temp_dir()).unwrap().flatten().collect();
    let left = left
        .iter()
        .filter(|e| e.file_name().to_string_lossy().starts_with("tmp."))
        .filter(|e| e.metadata().is_ok_and(|m| m.len() == fs::metadata(program).unwrap().len()));
    assert_eq!(left.count(), 0, "what was sent is removed");

    for (file, why) in [
        ("[[host]]\nname = \"a\"\naddress = \"-oProxyCommand=x\"\n", "is none"),
        ("[[host]]\nname = \"a\"\naddress = \"b\"\npassword = \"c\"\n", "password"),
        ("host = []\n", "0 hosts"),
        ("[[host]]\nname = \"a\"\naddress = \"b\"\n[[host]]\nname = \"a\"\naddress = \"c\"\n", "two hosts"),
    ] {
        dir.file("hosts.toml", file);
        dir.run(&["inspect", "--fleet", "hosts.toml"]).ends(2).complains(&[why]);
    }
}

/// The least that the collector for Windows writes: its manifest, and answers of the registry.
fn windows(dir: &Dir) {
    let manifest = "watchfire-windows-bundle 1\r\ncollector collect.cmd 1\r\nstarted 20261101080000.000000+480\r\nuser PLANT-7\\op\r\nelevated yes\r\ncodepage Active code page: 936\r\nvalue 0 registry-values.txt HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters :: Hostname\r\nvalue 0 registry-values.txt HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion :: CurrentBuild\r\nvalue 0 registry-values.txt HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion :: ProductName\r\nvalue 0 registry-values.txt HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server :: fDenyTSConnections\r\nended 20261101080500.000000+480\r\n";
    let values = "\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\r\n    Hostname    REG_SZ    PLANT-7\r\n\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\r\n    CurrentBuild    REG_SZ    19045\r\n    ProductName    REG_SZ    Windows 10 Pro\r\n\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\r\n    fDenyTSConnections    REG_DWORD    0x0\r\n\r\n";
    dir.file("bundle/manifest.txt", manifest);
    dir.file("bundle/registry-values.txt", values);
}

#[test]
fn a_windows_bundle_is_judged_and_is_as_old_as_it_says() {
    let dir = Dir::new();
    windows(&dir);
    let report = dir.json(&["inspect", "--from", "bundle", "--format", "json"]);
    let run = &report["examination"];
    assert_eq!(run["host"], "PLANT-7");
    // 08:00 at eight hours east of Greenwich.
    assert_eq!(
        (&run["started"], &run["ended"]),
        (&"2026-11-01T00:00:00.000Z".into(), &"2026-11-01T00:05:00.000Z".into())
    );
    assert!(run["carried"].as_str().unwrap().starts_with("sha256:"));
    let of = |check: &str| {
        let found = report["checks"].as_array().unwrap().iter().find(|c| c["check"] == check).unwrap();
        (found["outcome"].clone(), found["because"]["key"].clone())
    };
    assert_eq!(of("ssh-root-login"), ("not-applicable".into(), "because.other-system".into()));
    assert!(report["doubts"].to_string().contains("doubt.carried"));
    dir.file("nothing/x.txt", "x");
    dir.run(&["inspect", "--from", "nothing"]).ends(2).complains(&["no bundle", "--collector windows"]);
    dir.file("broken.zip", "PK\x03\x04 no zip");
    dir.run(&["inspect", "--from", "broken.zip"]).ends(2).complains(&["no bundle"]);
}

#[test]
fn the_collector_for_windows_is_handed_out() {
    let dir = Dir::new();
    let command = || {
        let mut command = dir.watchfire(&["inspect", "--collector", "windows"]);
        command.output().unwrap().stdout
    };
    let bytes = command();
    assert_eq!(bytes, command(), "the same bytes at every call");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut script = String::new();
    std::io::Read::read_to_string(&mut zip.by_name("collect.cmd").unwrap(), &mut script).unwrap();
    assert!(script.starts_with("@echo off") && zip.by_name("collect.ps1").is_ok());
    // Hives and values with secrets are never asked for. `reg save` takes a hive, `/va` every value of a key.
    for never in ["reg save", "HKLM\\SAM", "HKLM\\SECURITY", "DefaultPassword", " /va"] {
        let asked = script.lines().filter(|l| !l.trim_start().to_lowercase().starts_with("rem"));
        assert!(asked.into_iter().all(|l| !l.to_lowercase().contains(&never.to_lowercase())), "{never}");
    }
    assert!(!dir.home().exists());
}

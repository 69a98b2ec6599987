//! What others say: kept as documented, shown beside our findings, in no number of ours.

use crate::bench::{Dir, host};
use serde_json::{Value, json};

const VEX: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"timestamp": "2026-01-02T03:04:05Z", "tools": [{"name": "Press Works", "version": "7"}]},
 "components": [{"bom-ref": "c", "type": "library", "name": "openssl", "purl": "pkg:deb/debian/openssl@3.0.1-1?distro=debian-12"}],
 "vulnerabilities": [{"id": "CVE-2026-0001", "analysis": {"state": "not_affected", "justification": "code_not_reachable"}, "affects": [{"ref": "c"}]},
  {"id": "CVE-2026-0009", "analysis": {"state": "perhaps"}, "affects": [{"ref": "c"}]}]}"#;
const SARIF: &str = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "plantscan", "version": "4.2", "rules": [{"id": "W1", "shortDescription": {"text": "Weak setting"}}]}},
 "invocations": [{"executionSuccessful": true, "endTimeUtc": "2026-02-03T00:00:00Z"}],
 "results": [{"ruleId": "W1", "level": "error", "message": {"text": "password hunter2"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "etc/app.conf"}, "region": {"startLine": 3}}}]},
  {"message": {"text": "no rule"}}]}]}"#;

fn plant(dir: &Dir) {
    host(dir);
    dir.file("host/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    dir.file(
        "host/var/lib/dpkg/status",
        "Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.1-1\n",
    );
    let osv = json!({
        "schema_version": "1.6.0", "id": "TEST-1", "modified": "2026-11-20T00:00:00Z", "aliases": ["CVE-2026-0001"],
        "summary": "made up", "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [{"package": {"ecosystem": "Debian:12", "name": "openssl"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.0.9-1"}]}]}],
    });
    dir.file("osv.json", osv.to_string());
    dir.run(&["advisories", "import", "osv.json", "--name", "debian"]).done();
}

#[test]
fn a_supplier_s_word_stands_beside_the_finding_and_changes_nothing() {
    let dir = Dir::new();
    plant(&dir);
    let inspect = || dir.json(&["inspect", "--root", "host", "--format", "json"]);
    let before = inspect();
    assert!(before.get("documented").is_none());
    dir.file("vex.json", VEX);
    dir.file("scan.sarif", SARIF);
    let told = dir.run(&["statements", "import", "vex.json", "--name", "press"]).done();
    told.says(&["1 rows", "Press Works 7", "documented"]);
    dir.run(&["statements", "import", "vex.json", "--name", "press"]).done().complains(&["row 2", "perhaps"]);
    let made =
        dir.json(&["statements", "import", "scan.sarif", "--name", "scan", "--author", "王芳", "--format", "json"]);
    assert_eq!((&made["report"]["tool"], &made["bad_rows"][0]["row"]), (&json!("plantscan 4.2"), &json!(2)));
    assert_eq!(made["report"]["at"], "2026-02-03T00:00:00.000Z");

    let after = inspect();
    for key in ["summary", "scenarios"] {
        assert_eq!(before[key], after[key], "{key}: what others say is in no number");
    }
    assert_eq!(before["findings"].as_array().unwrap().len(), after["findings"].as_array().unwrap().len());
    let documented = after["documented"].as_array().unwrap();
    assert_eq!(documented.iter().map(|d| d["name"].as_str().unwrap()).collect::<Vec<_>>(), ["press", "scan"]);
    assert_eq!(documented[1]["author"], "王芳");
    assert!(documented[0]["document"]["digest"].as_str().unwrap().starts_with("sha256:"));
    assert_eq!(documented[0]["rows"][0]["ecosystem"], "Debian");
    let text = dir.run(&["inspect", "--root", "host"]).done();
    text.says(&[
        "says of CVE-2026-0001: not affected",
        "(code_not_reachable). The finding stands.",
        "Documented by others (2)",
        "plantscan 4.2 of 2026-02-03 says",
        "etc/app.conf:3",
        "A package has a critical vulnerability",
    ]);
    let all = dir.run(&["inspect", "--root", "host", "--out", "out", "--format", "json,html,csv,sarif,ocsf"]).done();
    assert!(!all.out.contains("hunter2"));
    for file in ["inspect.html", "inspect.json", "evidence.json"] {
        let text = std::fs::read_to_string(dir.at("out").join(file)).unwrap();
        assert!(!text.contains("hunter2"), "{file}");
    }
    let html = std::fs::read_to_string(dir.at("out/inspect.html")).unwrap();
    assert!(html.contains("id=\"documented\"") && html.contains("Weak setting"));
    for file in ["inspect.csv", "inspect.sarif", "inspect.ocsf.jsonl"] {
        let text = std::fs::read_to_string(dir.at("out").join(file)).unwrap();
        assert!(!text.contains("plantscan"), "{file} holds our own findings alone");
    }
    dir.run(&["--lang", "zh", "inspect", "--root", "host"]).done().says(&["他方文件记载", "不受影响"]);
    dir.run(&["audit"]).done();
    dir.run(&["statements", "drop", "press"]).done();
    let left = inspect();
    assert_eq!(left["documented"].as_array().unwrap().len(), 1);
}

#[test]
fn rows_of_other_hosts_and_bad_reports_stay_out() {
    let dir = Dir::new();
    plant(&dir);
    dir.run(&["statements", "list"]).done().says(&["Nothing that others say"]);
    dir.file("list.csv", "主机,漏洞编号,软件包,风险等级,状态\nplant-7,CVE-2026-0001,openssl,高,误报\nplant-8,CVE-2026-0002,openssl,高,\nplant-7,,x,,\n");
    let import = |more: &[&str]| {
        let mut all = vec!["statements", "import", "list.csv", "--name", "list"];
        all.extend(more);
        dir.run(&all)
    };
    import(&[]).ends(2).complains(&["--tool"]);
    import(&["--tool", "Scanner 1"]).ends(2).complains(&["--date"]);
    import(&["--tool", "Scanner 1", "--date", "2999-01-01"]).ends(2).complains(&["lies ahead"]);
    import(&["--tool", "Scanner 1", "--date", "yesterday"]).ends(2).complains(&["not a date"]);
    import(&["--tool", "Scanner 1", "--date", "2026-03-01"]).done().complains(&["row 4"]);
    let seen: Value = dir.json(&["inspect", "--root", "host", "--format", "json"]);
    let rows = seen["documented"][0]["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["id"]), (1, &json!("CVE-2026-0001")), "{rows:?}");
    assert_eq!(
        dir.json(&["statements", "list", "--format", "json"])["reports"][0]["report"]["rows"].as_array().unwrap().len(),
        2
    );
    dir.file("none.json", "{\"a\": 1}");
    dir.run(&["statements", "import", "none.json", "--name", "x"]).ends(2).complains(&["no report that is read"]);
    dir.file("empty.csv", "id,status\n,open\n");
    dir.run(&["statements", "import", "empty.csv", "--name", "x"]).ends(2);
    dir.run(&["statements", "drop", "nothing"]).ends(2).complains(&["no report called nothing"]);
}

//! Reports of every form: good rows, bad rows, what is never kept.

use super::*;

fn read(text: &str) -> Foreign {
    foreign(text.as_bytes(), &Limits::default()).expect("a report that is read")
}
fn shown(f: &Foreign) -> Vec<String> {
    let one = |r: &ForeignRow| {
        let parts = [&r.id, r.status.name(), &r.package, &r.version, &r.severity, &r.place];
        parts.join("|")
    };
    f.rows.iter().map(one).collect()
}

#[test]
fn results_of_sarif_without_what_the_tool_printed() {
    let f = read(
        r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "scan", "semanticVersion": "3.1", "rules": [
          {"id": "R1", "shortDescription": {"text": "A rule"}, "defaultConfiguration": {"level": "error"}}, {"id": "R2", "name": "Second"}]}},
          "invocations": [{"executionSuccessful": true, "endTimeUtc": "2026-01-02T05:04:05.5+02:00"}],
          "results": [
            {"ruleId": "R1", "ruleIndex": 0, "message": {"text": "password hunter2 in file"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "src/a.c"}, "region": {"startLine": 7, "snippet": {"text": "hunter2"}}}}]},
            {"rule": {"index": 1}, "level": "note", "message": {"text": "x"}},
            {"message": {"text": "no rule"}},
            {"ruleId": "R2", "locations": [{"physicalLocation": {"artifactLocation": {"uri": "https://user:pw@host/x"}}}]},
            {"ruleId": "R2", "kind": "pass"}, {"ruleId": "R2", "suppressions": [{"kind": "inSource"}]}]}]}"#,
    );
    assert_eq!((f.form, f.tool.as_str(), f.left_out), ("sarif", "scan 3.1", 2));
    assert_eq!(f.at.map(|t| t.to_string()).as_deref(), Some("2026-01-02T03:04:05.000Z"));
    assert_eq!(shown(&f), ["R1|found|||error|src/a.c:7", "R2|found|||note|"]);
    assert_eq!((f.rows[0].title.as_str(), f.rows[1].title.as_str()), ("A rule", "Second"));
    let bad: Vec<(u64, &str)> = f.bad.iter().map(|b| (b.row, b.say.key.as_str())).collect();
    assert_eq!(bad, [(3, "row.missing-id"), (4, "row.credentials")]);
    assert!(!format!("{f:?}").contains("hunter2"), "what a tool found may be a secret");
}

#[test]
fn vex_of_both_kinds() {
    let f = read(
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"timestamp": "2026-01-02T03:04:05Z", "tools": [{"name": "maker", "version": "1"}]},
          "components": [{"bom-ref": "c1", "name": "openssl", "version": "3.0.1-1", "purl": "pkg:deb/debian/openssl@3.0.1-1"}],
          "vulnerabilities": [
            {"id": "CVE-1", "analysis": {"state": "not_affected", "justification": "code_not_reachable", "detail": "free text"}, "affects": [{"ref": "c1"}, {"ref": "pkg:npm/x@1"}]},
            {"id": "CVE-2", "analysis": {"state": "in_triage"}, "affects": [{"ref": "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#c1"}]},
            {"id": "CVE-3", "analysis": {"state": "perhaps"}, "affects": [{"ref": "c1"}]},
            {"id": "CVE-4", "ratings": [{"severity": "high"}]}]}"#,
    );
    assert_eq!((f.form, f.tool.as_str()), ("cyclonedx", "maker 1"));
    assert_eq!(
        shown(&f),
        [
            "CVE-1|not-affected|pkg:deb/debian/openssl@3.0.1-1|3.0.1-1||",
            "CVE-1|not-affected|pkg:npm/x@1|||",
            "CVE-2|under-investigation|pkg:deb/debian/openssl@3.0.1-1|3.0.1-1||",
            "CVE-4|found|||high|",
        ]
    );
    assert_eq!(f.rows[0].justification, "code_not_reachable");
    assert_eq!(f.bad.iter().map(|b| (b.row, b.say.key.as_str())).collect::<Vec<_>>(), [(4, "row.unknown-status")]);
    let f = read(
        r#"{"@context": "https://openvex.dev/ns/v0.2.0", "author": "Plant", "timestamp": "2026-01-02T03:04:05Z", "statements": [
          {"vulnerability": {"name": "CVE-1"}, "products": [{"@id": "pkg:npm/x@1"}, {"@id": "x", "identifiers": {"purl": "pkg:npm/y@2"}}], "status": "fixed"},
          {"vulnerability": "CVE-2", "products": ["pkg:npm/x@1"]}]}"#,
    );
    assert_eq!(shown(&f), ["CVE-1|fixed|pkg:npm/x@1|||", "CVE-1|fixed|pkg:npm/y@2|||"]);
    assert_eq!((f.tool.as_str(), f.bad.len()), ("Plant", 1));
}

#[test]
fn tables_are_headed_in_two_languages() {
    let f = read(
        "扫描报告;;;\n漏洞编号;主机;软件包;版本;风险等级;状态\nCVE-1;plc-1;openssl;3.0;高;未修复\n;plc-1;x;1;低;\nCVE-2;plc-2;y;;中;也许\nCVE-3;;;;;误报\n",
    );
    assert_eq!(shown(&f), ["CVE-1|found|openssl|3.0|高|", "CVE-3|not-affected||||"]);
    assert_eq!(f.rows[0].host, "plc-1");
    let bad: Vec<(u64, &str)> = f.bad.iter().map(|b| (b.row, b.say.key.as_str())).collect();
    assert_eq!(bad, [(4, "row.missing-id"), (5, "row.unknown-status")]);
    let f = read("Plugin ID,CVE,Risk,Host,Name,Description\n100,CVE-1,Critical,10.0.0.1,A title,hunter2\n");
    assert_eq!((f.rows[0].id.as_str(), f.rows[0].title.as_str()), ("CVE-1", "A title"));
    assert!(!format!("{f:?}").contains("hunter2"));
    assert_eq!(foreign(b"a,b\n1,2\n", &Limits::default()).expect_err("no id").key, "row.table");
}

#[test]
fn what_is_no_report_is_refused_and_harmful_bytes_do_no_harm() {
    for wrong in ["{}", "{", r#"{"version": "2.0.0", "runs": []}"#, r#"{"bomFormat": "CycloneDX"}"#] {
        assert_eq!(foreign(wrong.as_bytes(), &Limits::default()).expect_err(wrong).key, "row.foreign");
    }
    let small = Limits { file_bytes_max: 3, ..Limits::default() };
    assert!(foreign(b"{\"a\":1}", &small).is_err() && foreign(b"id\n1\n", &small).is_err());
    let good = r#"{"version": "2.1.0", "runs": [{"results": [{"ruleId": 7, "ruleIndex": 18446744073709551615, "locations": "x"}]}]}"#;
    let f = read(good);
    assert_eq!((f.rows.len(), f.bad.len()), (0, 1));
    for at in 0..good.len() {
        for wrong in [0, b'"', b'{', b'[', 0xff] {
            let mut bytes = good.as_bytes().to_vec();
            bytes[at] = wrong;
            let _ = foreign(&bytes, &Limits::default());
            let _ = foreign(&bytes[..at], &Limits::default());
        }
    }
    let hostile = "id,title\nCVE-1,a\u{1b}[31m\u{7}b\n";
    assert_eq!(read(hostile).rows[0].title, "a[31mb");
}

/// What was asked for and not granted, or turned down, hides nothing (SARIF 2.1.0, 3.35).
#[test]
fn only_what_is_suppressed_is_left_out() {
    let result = |id: &str, suppressions: &str| format!(r#"{{"ruleId": "{id}", "suppressions": [{suppressions}]}}"#);
    let results = [
        result("none", ""),
        result("silent", r#"{"kind": "inSource"}"#),
        result("accepted", r#"{"kind": "external", "status": "accepted"}"#),
        result("rejected", r#"{"kind": "external", "status": "rejected"}"#),
        result("asked", r#"{"kind": "external", "status": "underReview"}"#),
        result("both", r#"{"kind": "inSource"}, {"kind": "external", "status": "rejected"}"#),
    ];
    let f = read(&format!(r#"{{"version": "2.1.0", "runs": [{{"results": [{}]}}]}}"#, results.join(",")));
    let ids: Vec<&str> = f.rows.iter().map(|r| r.id.as_str()).collect();
    assert_eq!((ids, f.left_out), (vec!["none", "rejected", "asked", "both"], 2));
}

/// Bad rows cost as much as good ones, so both count; many rules are looked through once.
#[test]
fn a_report_is_read_no_further_than_its_most_rows() {
    let report = |rows: usize| {
        let rules: Vec<String> = (0..rows).map(|n| format!(r#"{{"id": "R{n}", "name": "rule {n}"}}"#)).collect();
        let good = (0..rows / 2).map(|n| format!(r#"{{"ruleId": "R{n}"}}"#));
        let results: Vec<String> = good.chain((rows / 2..rows).map(|_| "{}".to_owned())).collect();
        let (rules, results) = (rules.join(","), results.join(","));
        format!(
            r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"rules": [{rules}, {{"id": "R1", "name": "second of its id"}}]}}}}, "results": [{results}]}}]}}"#
        )
    };
    let f = read(&report(FOREIGN_ROWS_MAX));
    assert_eq!((f.rows.len(), f.bad.len()), (FOREIGN_ROWS_MAX / 2, FOREIGN_ROWS_MAX / 2));
    assert!(f.rows.iter().enumerate().all(|(n, r)| r.title == format!("rule {n}")), "the first rule of an id counts");
    let over = foreign(report(FOREIGN_ROWS_MAX + 1).as_bytes(), &Limits::default()).expect_err("one row too many");
    assert_eq!(over.key, "row.foreign");
    let affects = vec![r#"{"ref": "x"}"#; FOREIGN_ROWS_MAX + 1].join(",");
    let vex = format!(
        r#"{{"bomFormat": "CycloneDX", "vulnerabilities": [{{"analysis": {{"state": "perhaps"}}, "affects": [{affects}]}}]}}"#
    );
    assert_eq!(foreign(vex.as_bytes(), &Limits::default()).expect_err("bad rows").key, "row.foreign");
}

#[test]
fn json_has_a_limit_of_its_own() {
    let report = |bytes: usize| {
        let text = r#"{"version": "2.1.0", "runs": []}"#;
        format!("{text}{}", " ".repeat(bytes - text.len()))
    };
    assert!(foreign(report(FOREIGN_JSON_BYTES_MAX).as_bytes(), &Limits::default()).is_ok());
    let over = foreign(report(FOREIGN_JSON_BYTES_MAX + 1).as_bytes(), &Limits::default()).expect_err("too large");
    assert_eq!(over.key, "row.foreign");
    // Small objects take a hundred times their text in memory. One is the report itself.
    let report = |objects: usize| {
        format!(r#"{{"version": "2.1.0", "runs": [], "x": [{}]}}"#, vec![r#"{"":0}"#; objects - 1].join(","))
    };
    assert!(foreign(report(FOREIGN_OBJECTS_MAX).as_bytes(), &Limits::default()).is_ok());
    let over = foreign(report(FOREIGN_OBJECTS_MAX + 1).as_bytes(), &Limits::default()).expect_err("too many");
    assert_eq!(over.key, "row.foreign");
}

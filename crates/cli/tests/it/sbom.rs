//! Bills of materials, in and out: what a document says is judged as documented, and what we write we read again.

use crate::bench::{Dir, host};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const BILL: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5",
 "metadata": {"timestamp": "2026-01-02T03:04:05Z", "tools": [{"name": "maker", "version": "1.2"}],
  "component": {"type": "device", "name": "PLC-7", "version": "2.1"}},
 "components": [
  {"type": "library", "name": "openssl", "purl": "pkg:deb/debian/openssl@3.0.1-1?arch=amd64&distro=debian-12"},
  {"type": "library", "name": "libssl3", "purl": "pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&distro=debian-12&upstream=openssl"},
  {"type": "library", "name": "left", "purl": "pkg:pypi/left@1.0"},
  {"type": "firmware", "name": "boot rom", "version": "7"}]}"#;

fn advisory(ecosystem: &str, name: &str) -> String {
    json!({
        "schema_version": "1.6.0", "id": format!("TEST-{name}"), "modified": "2026-11-20T00:00:00Z", "summary": "made up",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [{"package": {"ecosystem": ecosystem, "name": name},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}]}],
    })
    .to_string()
}

fn check<'a>(report: &'a Value, id: &str) -> &'a Value {
    report["checks"].as_array().unwrap().iter().find(|c| c["check"] == id && c["host"] != "").unwrap()
}

#[test]
fn what_a_bill_says_is_documented_and_all_else_cannot_be_told() {
    let dir = Dir::new();
    dir.file("osv/a.json", advisory("Debian:12", "openssl"));
    dir.file("osv/b.json", advisory("PyPI", "left"));
    dir.run(&["advisories", "import", "osv", "--name", "a"]).done();
    dir.file("plc.cdx.json", BILL);
    let text = dir.run(&["inspect", "--sbom", "plc.cdx.json"]).done();
    text.says(&[
        "PLC-7",
        "bill of materials alone",
        "CycloneDX 1.5 JSON",
        "maker 1.2",
        "Documented",
        "libssl3",
        "left",
    ]);

    let report = dir.json(&["inspect", "--sbom", "plc.cdx.json", "--format", "json"]);
    let critical = check(&report, "vulnerable-package-critical");
    assert_eq!((&critical["outcome"], &critical["sure"]), (&json!("fail"), &json!("documented")));
    let objects: BTreeSet<&str> =
        report["findings"].as_array().unwrap().iter().map(|f| f["object"].as_str().unwrap()).collect();
    assert_eq!(objects, BTreeSet::from(["left", "libssl3", "openssl"]));
    let at = &report["findings"][0]["at"];
    assert!(at["path"] == "plc.cdx.json" && at["digest"].to_string().contains("sha256:"), "{at}");
    // The boot ROM is in the bill and nobody can be asked about it: no check of libraries passes.
    assert_eq!(check(&report, "vulnerable-library-exploited")["outcome"], "cannot-tell");
    for c in report["checks"].as_array().unwrap().iter().filter(|c| c["host"] != "") {
        assert_ne!(c["sure"], "machine-evidenced", "{c}");
        assert_ne!(c["outcome"], "not-applicable", "{c}");
    }
    let root = check(&report, "ssh-root-login");
    assert_eq!((&root["outcome"], &root["because"]["key"]), (&json!("cannot-tell"), &json!("because.bill-silent")));
    assert!(report["doubts"].to_string().contains("doubt.bill"));
    assert!(report["examination"]["carried"].as_str().unwrap().starts_with("sha256:"));
    let named = dir.json(&["inspect", "--sbom", "plc.cdx.json", "--name", "press 4", "--format", "json"]);
    assert_eq!(named["examination"]["host"], "press 4");
    dir.run(&["audit"]).done();
    let chinese = dir.run(&["--lang", "zh", "inspect", "--sbom", "plc.cdx.json"]).done();
    chinese.says(&["软件物料清单"]);
}

/// Outcomes of every check of a bill's host that advisories speak of, in a home whose packs answer for all that is asked.
fn outcomes(dir: &Dir, name: &str, rest: &str) -> (Value, String) {
    let text = format!(
        r#"{{"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {{"component": {{"type": "device", "name": "plc"}}}}, {rest}}}"#
    );
    dir.file(name, text);
    let report = dir.json(&["inspect", "--sbom", name, "--format", "json"]);
    let passed = report["checks"].as_array().unwrap().iter().filter(|c| c["host"] != "" && c["outcome"] == "pass");
    let passed: Vec<&str> = passed.map(|c| c["check"].as_str().unwrap()).collect();
    let passed = passed.join(" ");
    (report, passed)
}

/// A document that names no software of a kind proves nothing about software of that kind.
#[test]
fn an_empty_or_partial_bill_passes_nothing_that_it_does_not_speak_of() {
    let dir = Dir::new();
    dir.file("osv/a.json", advisory("Debian:12", "other"));
    dir.file("osv/b.json", advisory("PyPI", "other"));
    dir.run(&["advisories", "import", "osv", "--name", "a"]).done();
    let package = r#"{"type": "library", "name": "bash", "purl": "pkg:deb/debian/bash@5.2-1?distro=debian-12"}"#;
    let library = r#"{"type": "library", "name": "left", "purl": "pkg:pypi/left@1.0"}"#;
    let file = r#"{"type": "file", "name": "libcrypto.so.1.0"}"#;
    let speaks = |passed: &str| (passed.contains("vulnerable-package"), passed.contains("vulnerable-library"));
    // Both kinds, and nothing in the way: the checks can pass.
    let (_, passed) = outcomes(&dir, "both.json", &format!(r#""components": [{package}, {library}]"#));
    assert_eq!(speaks(&passed), (true, true), "{passed}");
    for (name, components) in [("empty.json", String::new()), ("files.json", format!("{file}, {file}"))] {
        let (report, passed) = outcomes(&dir, name, &format!(r#""components": [{components}]"#));
        // What passes is said of the packs of this node, not of the product.
        assert!(passed.split_whitespace().all(|id| id.starts_with("advisories-")), "{name}: {passed}");
        for id in ["vulnerable-package-critical", "vulnerable-library-exploited"] {
            assert_eq!(check(&report, id)["outcome"], "cannot-tell", "{name}: {id}");
        }
    }
    // One kind says nothing of the other, and a file may be a library.
    let (_, passed) = outcomes(&dir, "packages.json", &format!(r#""components": [{package}]"#));
    assert_eq!(speaks(&passed), (true, false), "{passed}");
    let (_, passed) = outcomes(&dir, "libraries.json", &format!(r#""components": [{library}]"#));
    assert_eq!(speaks(&passed), (false, true), "{passed}");
    let (_, passed) = outcomes(&dir, "mixed.json", &format!(r#""components": [{package}, {library}, {file}]"#));
    assert_eq!(speaks(&passed), (true, false), "{passed}");
    let whole = format!(r#""components": [{package}, {library}], "compositions": [{{"aggregate": "AGGREGATE"}}]"#);
    let (_, passed) = outcomes(&dir, "complete.json", &whole.replace("AGGREGATE", "complete"));
    assert_eq!(speaks(&passed), (true, true), "{passed}");
    let (_, passed) = outcomes(&dir, "incomplete.json", &whole.replace("AGGREGATE", "incomplete"));
    assert_eq!(speaks(&passed), (false, false), "{passed}");
    // What the document is about is not what is in it.
    let main = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"component": {"type": "application", "name": "left", "purl": "pkg:pypi/left@1.0"}}}"#;
    dir.file("main.json", main);
    let report = dir.json(&["inspect", "--sbom", "main.json", "--format", "json"]);
    assert_eq!(check(&report, "vulnerable-library-exploited")["outcome"], "cannot-tell");
}

/// Whoever writes a bill can write any property: one that names no owner hides no library.
#[test]
fn a_library_that_no_package_can_own_is_held_against_advisories() {
    let dir = Dir::new();
    dir.file("osv/b.json", advisory("PyPI", "left"));
    dir.run(&["advisories", "import", "osv", "--name", "a"]).done();
    let library = r#"{"type": "library", "name": "left", "purl": "pkg:pypi/left@1.0", "properties": [{"name": "watchfire:packaged", "value": "true"}]}"#;
    let (report, _) = outcomes(&dir, "alone.json", &format!(r#""components": [{library}]"#));
    assert!(report["findings"].as_array().unwrap().iter().any(|f| f["object"] == "left"), "{}", report["findings"]);
    let package = r#"{"type": "library", "name": "bash", "purl": "pkg:deb/debian/bash@5.2-1?distro=debian-12"}"#;
    let (report, _) = outcomes(&dir, "owned.json", &format!(r#""components": [{library}, {package}]"#));
    assert!(report["findings"].as_array().unwrap().iter().all(|f| f["object"] != "left"), "{}", report["findings"]);
}

#[test]
fn a_bill_that_cannot_be_taken_is_refused_and_nothing_is_recorded() {
    let dir = Dir::new();
    dir.file("three.json", r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}"#);
    dir.run(&["inspect", "--sbom", "three.json"]).ends(2).complains(&["SPDX 3 is not read"]);
    dir.file("none.json", r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": []}"#);
    dir.run(&["inspect", "--sbom", "none.json"]).ends(2).complains(&["--name"]);
    dir.run(&["inspect", "--sbom", "none.json", "--sbom", "none.json", "--name", "x"]).ends(2).complains(&["--name"]);
    dir.run(&["inspect", "--name", "x"]).ends(2);
    dir.run(&["inspect", "--sbom", "missing.json"]).ends(2);
    let log = dir.json(&["log", "show", "--format", "json"]);
    assert!(!log.to_string().contains("examination"), "{log}");
}

/// Packages and libraries of an evidence file, without their places: table, name, version, architecture, source.
fn software(evidence: &Value) -> BTreeSet<String> {
    let runs = evidence["records"].as_array().unwrap().iter().filter_map(|r| r["items"].as_str());
    let bodies = runs.flat_map(str::lines).map(|l| serde_json::from_str::<Value>(l).unwrap()["body"].clone());
    let software = bodies.filter(|b| b["fact"] == "package" || b["fact"] == "library");
    let of = |b: &Value| {
        let fields = ["name", "version", "arch", "manager", "source", "source_version"];
        let values = fields.map(|f| b["value"][f].as_str().unwrap_or("-").to_owned());
        format!("{} {}", b["fact"], values.join(" "))
    };
    software.map(|b| of(&b)).collect()
}

#[test]
fn what_is_written_is_read_again_to_the_same_packages() {
    let dir = Dir::new();
    host(&dir);
    dir.file("host/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    let status = "Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:3.0.1-1~deb12u1\n\nPackage: libssl3\nSource: openssl (3.0.1-1)\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.1-1+b2\n\nPackage: libstdc++6\nSource: gcc-12\nStatus: install ok installed\nArchitecture: arm64\nVersion: 12.2.0-14\n";
    dir.file("host/var/lib/dpkg/status", status);
    dir.file("host/srv/app/requirements.txt", "left==1.0\nflask==2.0\n");
    dir.file("host/srv/app/go.sum", "google.golang.org/genproto v0.1.0 h1:x=\n");
    dir.file(
        "host/srv/web/package-lock.json",
        r#"{"lockfileVersion": 3, "packages": {"node_modules/@scope/x": {"version": "1.2.3"}}}"#,
    );
    let read = |name: &str| -> Value { serde_json::from_slice(&std::fs::read(dir.at(name)).unwrap()).unwrap() };
    dir.run(&["inspect", "--root", "host", "--out", "out", "--format", "cyclonedx,spdx"]).done();
    let seen = software(&read("out/evidence.json"));
    assert!(seen.len() >= 6 && seen.iter().any(|s| s.contains("@scope/x 1.2.3")), "{seen:?}");
    for form in ["inspect.cdx.json", "inspect.spdx.json"] {
        dir.run(&["inspect", "--sbom", &format!("out/{form}"), "--out", form]).done();
        let back = read(&format!("{form}/evidence.json"));
        assert_eq!(software(&back), seen, "{form}");
    }
    let spdx = read("out/inspect.spdx.json");
    assert_eq!((&spdx["spdxVersion"], &spdx["dataLicense"]), (&json!("SPDX-2.3"), &json!("CC0-1.0")));
    let ids: Vec<&Value> = spdx["packages"].as_array().unwrap().iter().map(|p| &p["SPDXID"]).collect();
    assert_eq!(ids.len(), ids.iter().map(ToString::to_string).collect::<BTreeSet<_>>().len(), "ids are unique");
}

//! Packages held against advisories: nothing is clean that was not looked for, and what is found says what mends it.
//! The advisories are made up; their form is that of the OSV schema 1.6 and of the KEV catalogue.

use crate::bench::{Dir, host};
use serde_json::{Value, json};

const STATUS: &str = "Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.1-1\n\nPackage: libssl3\nSource: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.1-1\n\nPackage: mended\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.0-1\n";

fn osv(id: &str, alias: &str, package: &str, fixed: &str, score: &str) -> String {
    json!({
        "schema_version": "1.6.0", "id": id, "modified": "2026-11-20T00:00:00Z", "aliases": [alias],
        "summary": "made up", "severity": [{"type": "CVSS_V3", "score": score}],
        "affected": [{"package": {"ecosystem": "Debian:12", "name": package},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}],
    })
    .to_string()
}

fn outcome(report: &Value, check: &str) -> String {
    let checks = report["checks"].as_array().unwrap();
    let found = checks.iter().find(|c| c["check"] == check && c["host"] != "");
    found.unwrap_or_else(|| panic!("no {check}"))["outcome"].as_str().unwrap().to_owned()
}
fn objects(report: &Value, check: &str) -> Vec<String> {
    let found = report["findings"].as_array().unwrap().iter().filter(|f| f["check"] == check);
    found.map(|f| f["object"].as_str().unwrap().to_owned()).collect()
}

fn debian(dir: &Dir) {
    host(dir);
    dir.file("host/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    dir.file("host/var/lib/dpkg/status", STATUS);
    dir.file("host/srv/app/requirements.txt", "left==1.0\n");
}

/// CVSS 3.1 vectors with the base scores that FIRST's examples give them: 9.8 and 5.3.
const CRITICAL: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
const MEDIUM: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N";

#[test]
fn without_advisories_nothing_is_clean_and_with_them_a_package_is_named() {
    let dir = Dir::new();
    debian(&dir);
    let inspect = || dir.json(&["inspect", "--root", "host", "--format", "json"]);
    let blind = inspect();
    for check in ["vulnerable-package-critical", "vulnerable-package-exploited", "vulnerable-library-critical"] {
        assert_eq!(outcome(&blind, check), "cannot-tell", "{check}");
    }
    assert_eq!(outcome(&blind, "advisories-present"), "fail");
    dir.run(&["advisories", "status"]).done().says(&["no pack of advisories"]);
    dir.run(&["advisories", "status", "--max-age", "30"]).ends(1);

    dir.file("osv/a.json", osv("TEST-1", "CVE-2026-0001", "openssl", "3.0.9-1", CRITICAL));
    dir.file("osv/b.json", osv("TEST-2", "CVE-2026-0002", "openssl", "3.0.5-1", MEDIUM));
    dir.file("osv/c.json", osv("TEST-3", "CVE-2026-0003", "mended", "2.0-1", CRITICAL));
    dir.file("osv/LICENSE", "text");
    dir.run(&["advisories", "import", "osv", "--name", "debian", "--source", "a stick"]).done().says(&[
        "3 rows",
        "2026-11-20",
        "a stick",
    ]);
    let seen = inspect();
    // Both binary packages are built from the source that the advisory names; what is fixed is not found.
    assert_eq!(objects(&seen, "vulnerable-package-critical"), ["libssl3", "openssl"]);
    assert_eq!(outcome(&seen, "vulnerable-package-exploited"), "pass");
    assert_eq!(outcome(&seen, "vulnerable-library-critical"), "cannot-tell", "no pack speaks for Python");
    assert_eq!(outcome(&seen, "advisories-present"), "pass");
    let evidence =
        &seen["findings"].as_array().unwrap().iter().find(|f| f["object"] == "openssl").unwrap()["evidence"][0];
    assert_eq!(evidence["at"]["path"], "/var/lib/dpkg/status");
    let value = &evidence["value"];
    assert_eq!((&value["fixed"], &value["count"], &value["score"]), (&json!("3.0.9-1"), &json!(2), &json!(98)));
    assert_eq!(value["advisories"], json!(["CVE-2026-0001", "CVE-2026-0002"]));

    let bom = dir.json(&["inspect", "--root", "host", "--format", "cyclonedx"]);
    assert_eq!((&bom["bomFormat"], &bom["specVersion"]), (&json!("CycloneDX"), &json!("1.6")));
    let parts = bom["components"][0]["components"].as_array().unwrap();
    let openssl = parts.iter().find(|c| c["name"] == "openssl").unwrap();
    assert_eq!(openssl["purl"], "pkg:deb/debian/openssl@3.0.1-1?arch=amd64&distro=debian-12");
    let known = bom["vulnerabilities"].as_array().unwrap().iter().find(|v| v["id"] == "CVE-2026-0001").unwrap();
    assert!(known["affects"].as_array().unwrap().iter().any(|a| a["ref"] == openssl["bom-ref"]), "{known}");

    let kev = "cveID,vendorProject,product,vulnerabilityName,dateAdded,shortDescription,requiredAction,dueDate,knownRansomwareCampaignUse,notes,cwes\nCVE-2026-0001,OpenSSL,OpenSSL,x,2026-11-21,x,x,2026-12-12,Known,,\n";
    dir.file("kev.csv", kev);
    dir.run(&["advisories", "import", "kev.csv", "--name", "kev"]).done();
    let seen = inspect();
    assert_eq!(objects(&seen, "vulnerable-package-ransomware"), ["libssl3", "openssl"]);
    assert_eq!(objects(&seen, "vulnerable-package-critical"), Vec::<String>::new(), "said once, by the gravest check");

    // What was collected on a host without advisories is held against those that are here.
    let collected = dir.run(&["inspect", "--collect", "--root", "host"]).done();
    dir.file("host.wfc", &collected.out);
    let carried = dir.json(&["inspect", "--from", "host.wfc", "--format", "json"]);
    assert_eq!(objects(&carried, "vulnerable-package-ransomware"), ["libssl3", "openssl"]);

    dir.run(&["advisories", "drop", "debian"]).done();
    assert_eq!(outcome(&inspect(), "vulnerable-package-critical"), "cannot-tell");
    dir.run(&["audit"]).done();
}

#[test]
fn what_cannot_be_imported_is_said_and_a_zip_is_as_good_as_its_folder() {
    let dir = Dir::new();
    dir.file("osv/a.json", osv("TEST-1", "CVE-2026-0001", "openssl", "3.0.9-1", CRITICAL));
    dir.file("osv/bad.json", "{\"id\": \"X\", \"affected\": ");
    let folder = dir.json(&["advisories", "import", "osv", "--name", "a", "--format", "json"]);
    assert_eq!((&folder["pack"]["rows"], &folder["files"]), (&json!(1), &json!(1)));
    assert!(folder["refused_files"][0]["file"].as_str().unwrap().ends_with("bad.json"), "{folder}");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(dir.at("all.zip")).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("a.json", options).unwrap();
    std::io::Write::write_all(&mut zip, &std::fs::read(dir.at("osv/a.json")).unwrap()).unwrap();
    zip.finish().unwrap();
    let zipped = dir.json(&["advisories", "import", "all.zip", "--name", "b", "--format", "json"]);
    for key in ["rows", "ecosystems", "dated"] {
        assert_eq!(zipped["pack"][key], folder["pack"][key], "{key}");
    }
    dir.file("none/readme.txt", "hello");
    dir.run(&["advisories", "import", "none", "--name", "n"]).ends(2).complains(&["No advisory"]);
    dir.file("text.json", "{}");
    dir.run(&["advisories", "import", "text.json", "--name", "n"]).ends(2).complains(&["No advisory", "text.json"]);
    dir.file(
        "osv/kev.csv",
        "cveID,dateAdded,dueDate,knownRansomwareCampaignUse\nCVE-2026-0001,2026-11-21,2026-12-12,Known\n",
    );
    dir.run(&["advisories", "import", "osv", "--name", "n"]).ends(2).complains(&["in one import"]);
    dir.run(&["advisories", "drop", "nothing"]).ends(2).complains(&["no pack of advisories called nothing"]);
    let status = dir.json(&["advisories", "status", "--format", "json"]);
    assert_eq!(status["packs"].as_array().unwrap().len(), 2);
}

#[test]
fn a_signed_pack_is_taken_from_its_publisher_alone() {
    let (province, plant, stranger) = (Dir::new(), Dir::new(), Dir::new());
    province.file("osv/a.json", osv("TEST-1", "CVE-2026-0001", "openssl", "3.0.9-1", CRITICAL));
    province.run(&["advisories", "import", "osv", "--name", "debian", "--source", "tracker"]).done();
    province.run(&["advisories", "export", "debian", "--out", "debian.wfp"]).done().says(&["key show"]);
    province.run(&["advisories", "export", "nothing", "--out", "x.wfp"]).ends(2).complains(&["nothing"]);
    let keys = |of: &Dir| of.run(&["key", "show", "--format", "json"]).done().out;
    let pack = std::fs::read(province.at("debian.wfp")).unwrap();
    plant.file("debian.wfp", &pack);
    plant.file("province.json", keys(&province));
    stranger.run(&["scope", "add", "host", "h"]).done();
    plant.file("stranger.json", keys(&stranger));

    let take = |file: &str, by: &str| plant.run(&["advisories", "import", file, "--name", "d", "--publisher", by]);
    plant.run(&["advisories", "import", "debian.wfp", "--name", "d"]).ends(2).complains(&["--publisher"]);
    take("debian.wfp", "stranger.json").ends(2).complains(&["not taken"]);
    // A row taken out, a byte changed, the pack of another statement: none of it is what was signed.
    let line = pack.iter().position(|b| *b == b'\n').unwrap();
    for (n, at) in [line + 40, pack.len() - 3, 60].into_iter().enumerate() {
        let mut changed = pack.clone();
        changed[at] ^= 1;
        plant.file(&format!("{n}.wfp"), changed);
        take(&format!("{n}.wfp"), "province.json").ends(2).complains(&["not taken"]);
    }
    plant.file("cut.wfp", &pack[..line]);
    take("cut.wfp", "province.json").ends(2).complains(&["not taken"]);
    assert!(!plant.run(&["advisories", "status"]).done().out.contains("tracker"));

    take("debian.wfp", "province.json").done().says(&["1 rows", "tracker", "signed by"]);
    let status = plant.json(&["advisories", "status", "--format", "json"]);
    let shown = &status["packs"][0]["pack"];
    assert_eq!(shown["name"], "d");
    assert!(shown["publisher"]["statement"].as_str().unwrap().starts_with("sha256:"), "{shown}");
    debian(&plant);
    let seen = plant.json(&["inspect", "--root", "host", "--format", "json"]);
    assert_eq!(objects(&seen, "vulnerable-package-critical"), ["libssl3", "openssl"]);
    plant.run(&["audit"]).done();

    // A newer pack of the publisher's replaces it; the older one, as well signed, does not come back.
    province.file("osv/b.json", osv("TEST-2", "CVE-2026-0002", "mended", "9.0-1", CRITICAL));
    province.run(&["advisories", "import", "osv", "--name", "debian", "--source", "tracker"]).done();
    province.run(&["advisories", "export", "debian", "--out", "newer.wfp"]).done();
    plant.file("newer.wfp", std::fs::read(province.at("newer.wfp")).unwrap());
    take("newer.wfp", "province.json").done().says(&["2 rows"]);
    take("debian.wfp", "province.json").ends(2).complains(&["newer pack"]);
    assert!(plant.run(&["advisories", "status"]).done().out.contains("2 rows"));
}

/// Whether a vulnerable package runs is a hint: of an image nobody knows, and no severity changes.
#[test]
fn of_an_image_nobody_knows_what_runs() {
    let dir = Dir::new();
    debian(&dir);
    dir.file("osv/a.json", osv("TEST-1", "CVE-2026-0001", "openssl", "3.0.9-1", CRITICAL));
    dir.run(&["advisories", "import", "osv", "--name", "debian"]).done();
    dir.run(&["inspect", "--root", "host"]).done().says(&["Whether it runs is not known: an image was examined"]);
    let seen = dir.json(&["inspect", "--root", "host", "--format", "json"]);
    let finding = seen["findings"].as_array().unwrap().iter().find(|f| f["object"] == "openssl").unwrap();
    assert_eq!(
        (&finding["severity"], &finding["evidence"][0]["value"]["running"]),
        (&json!("high"), &json!("not-live"))
    );

    // Its list says that the use of the library would show.
    dir.file("host/var/lib/dpkg/info/libssl3.list", "/.\n/usr/lib/libssl.so.3\n");
    // A carried file of a running host: seen running, with its socket; seen not to run; and not known any more once one
    // process could not be looked at.
    let collected = dir.run(&["inspect", "--collect", "--root", "host"]).done().out;
    let row = r#"{"at":{"path":"/usr/bin/openssl"},"fact":"package.running","kind":"fact","value":{"count":1,"file":"/usr/bin/openssl","how":"program","listening":["tcp 0.0.0.0:4433"],"package":"openssl","programs":["openssl"]}}"#;
    let covered = r#"{"counts":{"found":1},"kind":"covered","what":"fact:package.running"}"#;
    let told = |lines: &[&str]| {
        carry(&dir, &collected, lines);
        dir.run(&["inspect", "--from", "live.wfc"]).done()
    };
    told(&[row, covered]).says(&["Running when it was looked at: openssl.", "tcp 0.0.0.0:4433", "Not seen running"]);
    let denied = r#"{"at":{"path":"/proc/1/exe"},"count":1,"kind":"gap","reason":"permission-denied","what":"fact:package.running"}"#;
    let part = told(&[row, denied]);
    part.says(&["tcp 0.0.0.0:4433", "not everything that runs could be looked at"]);
}

/// Writes `live.wfc`: a collected file in which these lines stand for what is said of packages that run.
fn carry(dir: &Dir, collected: &str, lines: &[&str]) {
    let (head, rest) = collected.split_once('\n').unwrap();
    let mut all: Vec<&str> = rest.lines().filter(|l| !l.contains("fact:package.running")).collect();
    all.extend(lines);
    let body: String = all.iter().map(|l| format!("{l}\n")).collect();
    let mut head: Value = serde_json::from_str(head).unwrap();
    head["items"] = json!(all.len());
    head["digest"] = json!(evidence::Digest::of(body.as_bytes()).to_string());
    let head = serde_json::to_string(&head).unwrap();
    dir.file("live.wfc", format!("{head}\n{body}"));
}

/// openEuler publishes by service pack, which VERSION_ID leaves out: its os-release of 22.03 LTS SP3.
#[test]
fn a_service_pack_of_openeuler_is_told_from_another() {
    let dir = Dir::new();
    host(&dir);
    let release = "NAME=\"openEuler\"\nVERSION=\"22.03 (LTS-SP3)\"\nID=\"openEuler\"\nVERSION_ID=\"22.03\"\n";
    dir.file("host/etc/os-release", release);
    dir.file("host/var/lib/dpkg/status", STATUS);
    let advisory = |pack: &str, id: &str| {
        osv(id, "CVE-2026-0001", "openssl", "3.0.9-1", CRITICAL).replace("Debian:12", &format!("openEuler:{pack}"))
    };
    dir.file("sp1/a.json", advisory("22.03-LTS-SP1", "TEST-1"));
    dir.run(&["advisories", "import", "sp1", "--name", "sp1"]).done();
    let inspect = || dir.json(&["inspect", "--root", "host", "--format", "json"]);
    assert_eq!(outcome(&inspect(), "vulnerable-package-critical"), "cannot-tell", "nobody spoke of SP3");
    dir.file("sp3/b.json", advisory("22.03-LTS-SP3", "TEST-2"));
    dir.run(&["advisories", "import", "sp3", "--name", "sp3"]).done();
    assert!(objects(&inspect(), "vulnerable-package-critical").contains(&"openssl".to_owned()));
}

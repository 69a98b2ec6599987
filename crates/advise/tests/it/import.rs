//! What is read of each format, what is refused and under which place.

use advise::advisory::{Severity, Status};
use advise::import::{FaultKind, Form, ImportError, Imported, Importer, LeftOut, Limits};
use advise::matcher::{Match, Outcome, Package, matches};
use advise::pack::{Kind, Pack};

/// Reads one file that must be of that form.
pub(crate) fn read(form: Form, text: &str) -> Imported {
    let mut importer = Importer::new(Limits::default());
    assert_eq!(importer.feed("file", text.as_bytes()), Ok(form));
    importer.finish()
}
pub(crate) fn package(ecosystem: &str, name: &str, version: &str) -> Package {
    Package { ecosystem: ecosystem.into(), name: name.into(), version: version.into(), source: None }
}
/// What one import says of packages.
pub(crate) fn asked(imported: &Imported, packages: &[Package]) -> Outcome {
    let pack = Pack::build("test", "test", Kind::Advisories, imported).expect("fits");
    let pack = Pack::open(&pack).expect("just built");
    pack.check().expect("whole");
    matches(&[pack], packages)
}
/// The ids that one package matches, with the fix.
fn hits(imported: &Imported, ecosystem: &str, name: &str, version: &str) -> Vec<(String, Option<String>)> {
    let out = asked(imported, &[package(ecosystem, name, version)]);
    out.matches.into_iter().map(|m| (m.id, m.fixed)).collect()
}
fn single(imported: &Imported, ecosystem: &str, name: &str, version: &str) -> Match {
    let mut out = asked(imported, &[package(ecosystem, name, version)]).matches;
    assert_eq!(out.len(), 1, "{name} {version}: {out:?}");
    out.remove(0)
}

/// Two ranges, a list of versions, a range of commits.
const OSV: &str = r#"{
  "schema_version": "1.7.0", "id": "TEST-2024-1", "modified": "2024-05-01T10:00:00.5Z",
  "aliases": ["CVE-2024-900001"], "summary": "A\u001b[31m bad\nday ",
  "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
  "affected": [{
    "package": {"ecosystem": "PyPI", "name": "My_Tool.kit"},
    "ranges": [
      {"type": "GIT", "repo": "https://example.org", "events": [{"introduced": "0"}, {"fixed": "abc"}]},
      {"type": "ECOSYSTEM", "events": [{"fixed": "1.5"}, {"introduced": "0"}, {"introduced": "2.0"}, {"fixed": "2.0.3"}]}
    ],
    "versions": ["1.0", "3.0rc1"]
  }]
}"#;

#[test]
fn osv_ranges_and_lists() {
    let read = read(Form::OsvJson, OSV);
    assert_eq!((read.refused, read.left_out), (0, LeftOut { withdrawn: 0, commit_ranges: 1 }));
    // 2024-05-01T10:00:00Z, by date(1).
    assert_eq!(read.dated, Some(1_714_557_600));
    let fixed = |v: &str| hits(&read, "PyPI", "my-toolkit", v).pop();
    assert_eq!(fixed("1.0"), None, "another name");
    let fixed = |v: &str| hits(&read, "pypi", "MY.tool-kit", v).pop().map(|h| h.1);
    assert_eq!(fixed("0.1"), Some(Some("1.5".into())));
    assert_eq!(fixed("1.5"), None);
    assert_eq!(fixed("2.0.0"), Some(Some("2.0.3".into())));
    assert_eq!(fixed("2.0.3"), None);
    assert_eq!(fixed("3.0c1"), Some(None), "another spelling of a listed version, and no fix above it");
    let m = single(&read, "PyPI", "my-tool-kit", "1.0");
    assert_eq!((m.aliases.as_slice(), m.summary.as_str()), (&["CVE-2024-900001".to_owned()][..], "A[31m bad day"));
    // FIRST's calculator: 9.8, critical.
    assert_eq!((m.severity, m.score, m.status), (Severity::Critical, Some(98), Status::Affected));
}

#[test]
fn osv_last_affected_and_distributions() {
    let osv = r#"[
      {"id": "DEBIAN-CVE-2024-900002", "modified": "2024-01-01T00:00:00Z", "upstream": ["CVE-2024-900002"],
       "affected": [{"package": {"ecosystem": "Debian:12", "name": "tool"}, "ecosystem_specific": {"urgency": "low"},
         "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "1.2-3"}]}]}]},
      {"id": "X", "modified": "2024-01-01T00:00:00Z", "withdrawn": "2024-02-01T00:00:00Z", "affected": []},
      {"id": "MAL-2024-9", "modified": "2024-01-01T00:00:00Z",
       "affected": [{"package": {"ecosystem": "npm", "name": "@a/b"}, "versions": ["1.0.0"]}]}
    ]"#;
    let read = read(Form::OsvJson, osv);
    assert_eq!(read.left_out.withdrawn, 1);
    let m = single(&read, "Debian:12", "tool", "1.2-3");
    assert_eq!((m.aliases, m.severity, m.fixed), (vec!["CVE-2024-900002".to_owned()], Severity::Low, None));
    assert!(hits(&read, "Debian:12", "tool", "1.2-4").is_empty());
    assert!(single(&read, "npm", "@a/b", "1.0.0").malicious);
}

#[test]
fn bad_rows_are_named_and_good_ones_kept() {
    let osv = r#"[
      {"id": "A", "affected": [
        {"package": {"ecosystem": "npm", "name": "x"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}]},
        {"package": {"ecosystem": "npm", "name": "y"}},
        {"package": {"ecosystem": "npm"}, "versions": ["1"]},
        {"package": {"ecosystem": "npm", "name": "z"}, "ranges": [{"type": "SEMVER", "events": [{"vanished": "1"}]}]}]},
      {"modified": "2024-01-01T00:00:00Z", "affected": [], "id": 7}
    ]"#;
    let read = read(Form::OsvJson, osv);
    let faults: Vec<String> = read.faults.iter().map(|f| format!("{} {}: {}", f.file, f.place, f.kind)).collect();
    assert_eq!(
        faults,
        [
            "file A affected[1]: names no versions",
            "file A affected[2]: no package name",
            "file A affected[3]: not a usable event: \"vanished\"",
            "file : no id",
        ]
    );
    assert_eq!(read.refused, 4);
    assert_eq!(hits(&read, "npm", "x", "7.0.0").len(), 1);
}

#[test]
fn what_is_no_advisory_is_an_error() {
    let mut importer = Importer::new(Limits { tree_bytes_max: 2000, ..Limits::default() });
    let mut feed = |bytes: &[u8]| importer.feed("file", bytes);
    for stranger in ["", "hello", "<html></html>", "{\"a\": 1}", "[]", "[1]", "key: value\n", "a,b\n1,2\n"] {
        assert_eq!(feed(stranger.as_bytes()), Err(ImportError::UnknownForm), "{stranger}");
    }
    assert_eq!(feed(b"\xff\xfe{"), Err(ImportError::NotUtf8(0)));
    assert!(matches!(feed(b"{\"id\": \"A\", \"affected\": ["), Err(ImportError::Broken(Form::OsvJson, _))));
    assert!(matches!(feed(b"<oval_definitions><definitions>"), Err(ImportError::Broken(Form::Oval, _))));
    assert!(matches!(feed(b"id: A\nmodified: &x y\naffected: *x\n"), Err(ImportError::Broken(Form::OsvYaml, _))));
    let deep = format!("id: A\nmodified: x\naffected: {}", "[".repeat(900));
    assert!(matches!(feed(deep.as_bytes()), Err(ImportError::Broken(Form::OsvYaml, _))));
    assert_eq!(feed("[".repeat(3000).as_bytes()), Err(ImportError::TooLarge(2000)));
    let read = importer.finish();
    assert_eq!((read.files, read.advisories.len(), read.faults.len()), (0, 0, 0), "nothing of a refused file is kept");
    assert_eq!(Pack::build("x", "x", Kind::Advisories, &read), Err(advise::pack::PackError::Empty));
}

#[test]
fn rustsec() {
    let text = "```toml\n[advisory]\nid = \"RUSTSEC-2099-0001\"\npackage = \"thing\"\naliases = [\"CVE-2099-1234\"]\n\
        date = \"2024-03-01\"\ncvss = \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\"\n\n[versions]\n\
        patched = [\">= 0.12.3, < 0.13.0\", \"^1.1\", \">= 2.0.0-rc.2\"]\nunaffected = [\"< 0.12\"]\n```\n\n# Thing breaks\n\nText.\n";
    let read = read(Form::RustSec, text);
    let fix = |v: &str| hits(&read, "crates.io", "thing", v).pop().map(|h| h.1);
    assert_eq!(fix("0.11.9"), None, "never affected");
    assert_eq!(fix("0.12.0"), Some(Some("0.12.3".into())));
    assert_eq!(fix("0.12.9"), None);
    assert_eq!(fix("0.13.0"), Some(Some("1.1".into())));
    assert_eq!((fix("1.1.0"), fix("1.9.0")), (None, None));
    assert_eq!(fix("2.0.0-rc.1"), Some(Some("2.0.0-rc.2".into())));
    assert_eq!(fix("2.0.0"), None);
    let m = single(&read, "crates.io", "thing", "0.12.0");
    // FIRST's calculator: 7.5, high.
    assert_eq!((m.summary.as_str(), m.score, m.severity), ("Thing breaks", Some(75), Severity::High));
}

/// Of OASIS CSAF 2.0, as an OT vendor writes it.
const CSAF: &str = r#"{
  "document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Panel software",
    "tracking": {"id": "ACME-24-1", "current_release_date": "2024-02-13T00:00:00.000000Z"}},
  "product_tree": {"branches": [{"category": "vendor", "name": "Acme", "branches": [
    {"category": "product_name", "name": "Panel V8", "branches": [
      {"category": "product_version_range", "name": "<V8.0_SP4", "product": {"name": "Panel V8 <V8.0_SP4", "product_id": "P1"}},
      {"category": "product_version", "name": "V8.0 SP4", "product": {"name": "Panel V8 V8.0 SP4", "product_id": "P2"}}]},
    {"category": "product_name", "name": "Relay", "branches": [
      {"category": "product_version_range", "name": "vers:generic/>=1.0|<=1.5|!=1.3", "product": {"name": "Relay", "product_id": "P3"}}]},
    {"category": "product_name", "name": "Old Gate", "branches": [
      {"category": "product_version_range", "name": "vers:all/*", "product": {"name": "Old Gate", "product_id": "P4"}}]},
    {"category": "product_name", "name": "New Gate", "branches": [
      {"category": "product_version_range", "name": "vers:all/*", "product": {"name": "New Gate", "product_id": "P5"}}]},
    {"category": "product_name", "name": "Odd", "branches": [
      {"category": "product_version_range", "name": "prior to the newest", "product": {"name": "Odd", "product_id": "P6"}}]}
  ]}]},
  "vulnerabilities": [{
    "cve": "CVE-2024-900010",
    "product_status": {"known_affected": ["P1", "P3", "P4", "P6"], "fixed": ["P2"], "under_investigation": ["P5"]},
    "remediations": [{"category": "vendor_fix", "product_ids": ["P1"]}, {"category": "no_fix_planned", "product_ids": ["P4"]}],
    "scores": [{"products": ["P1"], "cvss_v3": {"vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "baseSeverity": "CRITICAL"}}]
  }]
}"#;

#[test]
fn csaf_of_a_vendor() {
    let read = read(Form::Csaf, CSAF);
    let faults: Vec<String> = read.faults.iter().map(|f| format!("{}: {}", f.place, f.kind)).collect();
    assert_eq!(
        faults,
        ["ACME-24-1/CVE-2024-900010 product_status: not a usable version range: \"prior to the newest\""]
    );
    let m = single(&read, "vendor:ACME", "panel  v8", "V8.0 SP3");
    assert_eq!(
        (m.id.as_str(), m.aliases.as_slice()),
        ("ACME-24-1/CVE-2024-900010", &["CVE-2024-900010".to_owned()][..])
    );
    // FIRST's calculator: 10.0 for a changed scope.
    assert_eq!((m.fixed.as_deref(), m.score, m.summary.as_str()), (Some("V8.0_SP4"), Some(100), "Panel software"));
    assert!(hits(&read, "vendor:acme", "Panel V8", "V8.0 SP4").is_empty());
    let count = |v: &str| hits(&read, "vendor:Acme", "Relay", v).len();
    assert_eq!(["0.9", "1.0", "1.2", "1.3", "1.4", "1.5", "1.5.1"].map(count), [0, 1, 1, 0, 1, 1, 0]);
    assert_eq!(single(&read, "vendor:Acme", "Old Gate", "7").status, Status::WontFix);
    assert_eq!(single(&read, "vendor:Acme", "New Gate", "7").status, Status::UnderInvestigation);
}

#[test]
fn csaf_of_a_distribution() {
    let csaf = r#"{
      "document": {"csaf_version": "2.0", "title": "t", "aggregate_severity": {"text": "Important"}, "tracking": {"id": "CVE-2024-900011"}},
      "product_tree": {"branches": [{"category": "vendor", "name": "Hat", "branches": [
         {"category": "product_name", "name": "Red Hat Enterprise Linux 9", "product": {"name": "Red Hat Enterprise Linux 9", "product_id": "B",
           "product_identification_helper": {"cpe": "cpe:/o:redhat:enterprise_linux:9::baseos"}}},
         {"category": "product_version", "name": "lib-1:2.0-5.el9.x86_64", "product": {"name": "lib", "product_id": "l",
           "product_identification_helper": {"purl": "pkg:rpm/redhat/lib@2.0-5.el9?arch=x86_64&epoch=1"}}},
         {"category": "product_version", "name": "tool", "product": {"name": "tool", "product_id": "t"}},
         {"category": "product_version", "name": "safe", "product": {"name": "safe", "product_id": "s"}}]},
        {"category": "vendor", "name": "openEuler", "branches": [
         {"category": "product_name", "name": "openEuler-22.03-LTS", "product": {"name": "openEuler-22.03-LTS", "product_id": "E",
           "product_identification_helper": {"cpe": "cpe:/a:openEuler:openEuler:22.03-LTS"}}},
         {"category": "product_version", "name": "core-5.10.0-60.oe2203.src.rpm", "product": {"name": "core-5.10.0-60.oe2203.src.rpm", "product_id": "c"}}]}],
        "relationships": [
         {"category": "default_component_of", "product_reference": "l", "relates_to_product_reference": "B", "full_product_name": {"name": "x", "product_id": "B:l"}},
         {"category": "default_component_of", "product_reference": "t", "relates_to_product_reference": "B", "full_product_name": {"name": "x", "product_id": "B:t"}},
         {"category": "default_component_of", "product_reference": "s", "relates_to_product_reference": "B", "full_product_name": {"name": "x", "product_id": "B:s"}},
         {"category": "default_component_of", "product_reference": "c", "relates_to_product_reference": "E", "full_product_name": {"name": "x", "product_id": "E:c"}},
         {"category": "default_component_of", "product_reference": "?", "relates_to_product_reference": "E", "full_product_name": {"name": "x", "product_id": "E:?"}}]},
      "vulnerabilities": [{"cve": "CVE-2024-900011", "product_status": {"fixed": ["B:l", "E:c"], "known_affected": ["B:t"], "known_not_affected": ["B:s"]}}]}"#;
    let read = read(Form::Csaf, csaf);
    assert_eq!(read.refused, 1, "{:?}", read.faults);
    let m = single(&read, "Red Hat:9", "lib", "1:2.0-4.el9");
    assert_eq!(
        (m.id.as_str(), m.fixed.as_deref(), m.severity),
        ("CVE-2024-900011", Some("1:2.0-5.el9"), Severity::High)
    );
    assert!(hits(&read, "Red Hat:9", "lib", "1:2.0-5.el9").is_empty());
    assert_eq!(hits(&read, "Red Hat:9", "tool", "9-9"), [("CVE-2024-900011".to_owned(), None)]);
    assert!(hits(&read, "Red Hat:9", "safe", "1-1").is_empty());
    // A source package: the binary package that was built from it is found by its source.
    let mut built = package("openEuler:22.03-LTS", "core-tools", "1");
    built.source = Some(("core".into(), "5.10.0-59.oe2203".into()));
    assert_eq!(asked(&read, &[built.clone()]).matches.len(), 1);
    built.source = Some(("core".into(), "5.10.0-60.oe2203".into()));
    assert_eq!(asked(&read, &[built]).matches.len(), 0);
}

/// In the form of Microsoft's and Red Hat's files.
fn oval(platform: &str, metadata: &str, criteria: &str) -> String {
    let rpm = |n: u8, name: &str, op: &str, evr: &str| {
        format!(
            "<a:rpminfo_test id='t{n}'><a:object object_ref='o{n}'/><a:state state_ref='s{n}'/></a:rpminfo_test>\
             <a:rpminfo_object id='o{n}'><a:name>{name}</a:name></a:rpminfo_object>\
             <a:rpminfo_state id='s{n}'><a:evr datatype='evr_string' operation='{op}'>{evr}</a:evr></a:rpminfo_state>"
        )
    };
    format!(
        "<?xml version='1.0'?><oval_definitions xmlns:a='x'><generator><oval:timestamp>2024-05-09T12:04:23</oval:timestamp></generator>\
         <definitions><definition class='vulnerability' id='oval:test:def:1'><metadata><title>lib &amp; tool</title>\
         <affected family='unix'><platform>{platform}</platform></affected>{metadata}</metadata>{criteria}</definition></definitions>\
         {}{}{}<a:rpminfo_test id='t9'><a:object object_ref='o1'/></a:rpminfo_test>\
         <a:rpminfo_test id='t8'><a:object object_ref='o1'/><a:state state_ref='s8'/></a:rpminfo_test>\
         <a:rpminfo_state id='s8'><a:signature_keyid operation='equals'>1</a:signature_keyid></a:rpminfo_state></oval_definitions>",
        rpm(1, "lib", "less than", "0:2.0-5"),
        rpm(2, "lib", "greater than or equal", "0:1.0-1"),
        rpm(3, "tool", "less than", "1:3-1.azl3")
    )
}

#[test]
fn oval_definitions() {
    let cve = "<reference ref_id='CVE-2024-900020' source='CVE'/><severity>Important</severity>";
    let both = "<criteria operator='AND'><criterion test_ref='t1'/><criterion test_ref='t8' comment='lib is signed'/><criterion test_ref='t2'/></criteria>";
    let read_oval =
        |platform: &str, metadata: &str, criteria: &str| read(Form::Oval, &oval(platform, metadata, criteria));
    let one = read_oval("Red Hat Enterprise Linux 9", cve, both);
    // 2024-05-09T12:04:23Z, by date(1).
    assert_eq!((one.refused, one.dated), (0, Some(1_715_256_263)));
    let m = single(&one, "Red Hat:9", "lib", "1.5-1");
    assert_eq!((m.id.as_str(), m.fixed.as_deref(), m.severity), ("CVE-2024-900020", Some("0:2.0-5"), Severity::High));
    assert_eq!(m.summary, "lib & tool");
    assert!(hits(&one, "Red Hat:9", "lib", "0.9-1").is_empty() && hits(&one, "Red Hat:9", "lib", "2.0-5").is_empty());
    // A release that only the version names, and a test that only asks whether the package is there.
    let any = "<criteria operator='OR'><criterion test_ref='t3'/></criteria>";
    assert_eq!(hits(&read_oval("Azure Linux", cve, any), "Azure Linux:3", "tool", "1:2-1.azl3").len(), 1);
    let wont = format!("{cve}<advisory><affected><resolution state='Will not fix'/></affected></advisory>");
    let unfixed = read_oval("Red Hat Enterprise Linux 9", &wont, "<criteria><criterion test_ref='t9'/></criteria>");
    assert_eq!(single(&unfixed, "Red Hat:9", "lib", "9").status, Status::WontFix);
    // A bulletin that covers several.
    let bulletin = format!(
        "<reference ref_id='RHSA-2024:1' source='RHSA'/><reference ref_id='CVE-2024-900021' source='CVE'/>{cve}"
    );
    let m = single(&read_oval("Red Hat Enterprise Linux 9", &bulletin, both), "Red Hat:9", "lib", "1.5-1");
    assert_eq!((m.id.as_str(), m.covers.len(), m.aliases.len()), ("RHSA-2024:1", 2, 0));
}

#[test]
fn oval_of_two_platforms_and_what_is_refused() {
    let cve = "<reference ref_id='CVE-2024-900022' source='CVE'/>";
    let leap = "SUSE Linux Enterprise Server 15 SP5</platform><platform>openSUSE Leap 15.5";
    let apart = "<criteria operator='OR'>\
        <criteria operator='AND'><criterion test_ref='p' comment='openSUSE Leap 15.5 is installed'/><criterion test_ref='t1'/></criteria>\
        <criteria operator='AND'><criteria operator='OR'><criterion test_ref='q' comment='SUSE Linux Enterprise Server 15 SP5 is installed'/></criteria>\
        <criterion test_ref='t3'/></criteria></criteria>";
    let two = read(Form::Oval, &oval(leap, cve, apart));
    assert_eq!(hits(&two, "openSUSE:Leap 15.5", "lib", "1").len(), 1);
    assert!(hits(&two, "openSUSE:Leap 15.5", "tool", "1").is_empty(), "said of the other platform");
    assert_eq!(hits(&two, "SUSE:Linux Enterprise Server 15 SP5", "tool", "1").len(), 1);
    let faults = |platform: &str, criteria: &str| read(Form::Oval, &oval(platform, cve, criteria)).faults;
    let negated = faults("Debian GNU/Linux 12", "<criteria><criterion negate='true' test_ref='t1'/></criteria>");
    assert!(matches!(negated[0].kind, FaultKind::Criteria(_)), "{negated:?}");
    let stranger = faults("Plan 9", "<criteria><criterion test_ref='t1'/></criteria>");
    assert_eq!(
        (stranger[0].place.as_str(), stranger[0].kind.to_string()),
        ("oval:test:def:1", "no ecosystem is known for \"Plan 9\"".into())
    );
    assert_eq!(
        faults("Debian GNU/Linux 12", "<criteria><criterion test_ref='nowhere'/></criteria>")[0].kind,
        FaultKind::NoVersions
    );
}

#[test]
fn lists_of_ids() {
    let kev = "cveID,vendorProject,dateAdded,dueDate,knownRansomwareCampaignUse\n\
        CVE-2024-900001,x,2024-01-02,2024-01-23,Known\nnone,x,2024-01-02,,Unknown\n\"CVE-2024-900002\",\"a, b\",2024-01-03,,Unknown\n";
    let kev = read(Form::KevCsv, kev);
    assert_eq!((kev.exploited.len(), kev.refused, kev.faults[0].place.as_str()), (2, 1, "line 3"));
    let epss = "#model_version:v2023.03.01,score_date:2024-04-01T00:00:00+0000\ncve,epss,percentile\n\
        CVE-2024-900001,0.94567,0.99\nCVE-2024-900003,0.00043,0.07\nCVE-2024-900004,1.5,0.07\nCVE-2024-900005,4.5e-05,0.1\n";
    let epss = read(Form::EpssCsv, epss);
    // 2024-04-01T00:00:00Z, by date(1).
    assert_eq!((epss.dated, epss.refused, epss.faults[0].place.as_str()), (Some(1_711_929_600), 1, "line 5"));
    let values: Vec<u16> = epss.likelihoods.iter().map(|l| l.per_ten_thousand).collect();
    assert_eq!(values, [9457, 4, 0]);
    // A match knows what the lists say.
    let build = |kind, imported: &Imported| Pack::build("p", "s", kind, imported).expect("fits");
    let packs = [
        build(Kind::Advisories, &read(Form::OsvJson, OSV)),
        build(Kind::Exploited, &kev),
        build(Kind::Likelihoods, &epss),
    ];
    let packs: Vec<Pack<'_>> = packs.iter().map(|p| Pack::open(p).expect("just built")).collect();
    packs.iter().for_each(|p| p.check().expect("whole"));
    let out = matches(&packs, &[package("PyPI", "my-tool-kit", "1.0")]);
    let m = &out.matches[0];
    // 2024-01-23, by date(1).
    assert_eq!((m.exploited, m.ransomware, m.due, m.epss), (true, true, Some(1_705_968_000), Some(9457)));
}

/// Worked examples of FIRST: CVSS v3.1 examples document, and v2 guide §3.3.
#[test]
fn cvss_scores() {
    for (vector, tenths) in [
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", Some(64)),
        ("CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", Some(78)),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", Some(61)),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", Some(75)),
        ("CVSS:3.0/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", Some(31)),
        ("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Some(68)),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", Some(0)),
        ("AV:N/AC:L/Au:N/C:N/I:N/A:C", Some(78)),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", Some(100)),
        ("AV:L/AC:H/Au:N/C:C/I:C/A:C", Some(62)),
        ("CVSS:3.1/AV:N/AC:L", None),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", None),
        ("", None),
    ] {
        assert_eq!(advise::cvss::base_score(vector), tenths, "{vector}");
    }
}

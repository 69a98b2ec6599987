//! Packs and packages: what matches, what clears a match, what was not examined.

use crate::Chance;
use crate::import::{package, read};
use advise::advisory::{Severity, Status};
use advise::ecosystem::{canonical, name, of_os};
use advise::import::{Form, Imported, Importer, Limits};
use advise::matcher::{Match, Package, Unanswered, matches, summaries, worst_first};
use advise::pack::{Kind, MAGIC, Pack, PackError};
use std::collections::BTreeSet;

#[path = "../../examples/match_rate/made.rs"]
#[expect(unreachable_pub, reason = "the generator is shared with the bench")]
mod made;

fn built(imported: &Imported) -> Vec<u8> {
    Pack::build("test", "test", Kind::Advisories, imported).expect("fits")
}
fn osv(id: &str, more: &str, ecosystem: &str, name: &str, events: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "2024-01-01T00:00:00Z", {more} "affected": [{{"package": {{"ecosystem": "{ecosystem}",
        "name": "{name}"}}, "ranges": [{{"type": "ECOSYSTEM", "events": [{events}]}}]}}]}}"#
    )
}

/// One by one, without pack, index or merging.
fn one_by_one(imported: &Imported, packages: &[Package]) -> BTreeSet<(usize, String)> {
    let mut out = BTreeSet::new();
    for (n, p) in packages.iter().enumerate() {
        let (asked, version) = p.source.clone().unwrap_or((p.name.clone(), p.version.clone()));
        for advisory in &imported.advisories {
            for a in &advisory.affected {
                if a.ecosystem == canonical(&p.ecosystem) && a.name == name(&a.ecosystem, &asked) && a.holds(&version) {
                    out.insert((n, advisory.id.clone()));
                }
            }
        }
    }
    out
}

#[test]
fn a_pack_finds_what_reading_everything_finds() {
    let imported = made::imported(11, 6_000);
    let packages = made::packages(12, 300, made::Host::Random);
    let pack = built(&imported);
    let out = matches(&[Pack::open(&pack).expect("just built")], &packages);
    let found: BTreeSet<(usize, String)> =
        out.matches.iter().flat_map(|m| m.told.iter().map(|t| (m.package, t.id.clone()))).collect();
    let wanted = one_by_one(&imported, &packages);
    assert!(wanted.len() > 300, "{}", wanted.len());
    assert_eq!(found, wanted);
    // A fix is past the vulnerability that it mends: the package in that version is no longer found.
    for m in out.matches.iter().take(400) {
        let Some(fixed) = &m.fixed else { continue };
        let mut mended = packages[m.package].clone();
        mended.version.clone_from(fixed);
        if let Some(source) = &mut mended.source {
            source.1.clone_from(fixed);
        }
        let again = matches(&[Pack::open(&pack).expect("just built")], &[mended]);
        assert!(again.matches.iter().all(|a| a.id != m.id), "{m:?}");
    }
}

#[test]
fn the_same_data_gives_the_same_bytes() {
    let files: Vec<String> = (0..40)
        .map(|n| osv(&format!("T-{n}"), "", "PyPI", &format!("p{}", n % 7), r#"{"introduced": "0"}, {"fixed": "1.0"}"#))
        .collect();
    let pack = |files: &mut dyn Iterator<Item = &String>| {
        let mut importer = Importer::new(Limits::default());
        files.for_each(|f| assert_eq!(importer.feed("f", f.as_bytes()), Ok(Form::OsvJson)));
        built(&importer.finish())
    };
    let one = pack(&mut files.iter());
    assert_eq!(one, pack(&mut files.iter().rev()));
    let about = Pack::open(&one).expect("just built").about().clone();
    assert_eq!((about.rows, about.files, about.ecosystems.get("PyPI")), (40, 40, Some(&40)));
    // 2024-01-01, by date(1).
    assert_eq!((about.dated, about.inputs().is_some()), (Some(1_704_067_200), true));
}

#[test]
fn a_newer_revision_counts() {
    let old = osv("T-1", "", "PyPI", "p", r#"{"introduced": "0"}"#);
    let new = osv("T-1", "", "PyPI", "p", r#"{"introduced": "0"}, {"fixed": "1.0"}"#).replace("2024-01", "2024-02");
    for order in [format!("{old}\n{new}"), format!("[{new}, {old}]")] {
        let pack = built(&read(Form::OsvJson, &order));
        let out = matches(
            &[Pack::open(&pack).expect("just built")],
            &[package("PyPI", "p", "1.0"), package("PyPI", "p", "0.9")],
        );
        assert_eq!(out.matches.len(), 1);
    }
}

#[test]
fn one_vulnerability_of_several_packs_is_one_match() {
    let first = osv(
        "PYSEC-1",
        r#""aliases": ["CVE-2024-900001", "GHSA-x"],"#,
        "PyPI",
        "p",
        r#"{"introduced": "0"}, {"fixed": "1.2"}"#,
    );
    let second = osv(
        "GHSA-x",
        r#""database_specific": {"severity": "MODERATE"},"#,
        "PyPI",
        "p",
        r#"{"introduced": "0"}, {"fixed": "1.3"}"#,
    );
    let packs = [first, second].map(|t| built(&read(Form::OsvJson, &t)));
    let packs: Vec<Pack<'_>> = packs.iter().map(|p| Pack::open(p).expect("just built")).collect();
    let out = matches(&packs, &[package("PyPI", "p", "1.0"), package("PyPI", "p", "1.2")]);
    let m = &out.matches[0];
    assert_eq!(out.matches.len(), 2);
    assert_eq!(m.told.iter().map(|t| (t.pack, t.id.as_str())).collect::<Vec<_>>(), [(0, "PYSEC-1"), (1, "GHSA-x")]);
    assert_eq!(
        (m.aliases.as_slice(), m.severity),
        (&["CVE-2024-900001".to_owned(), "GHSA-x".to_owned()][..], Severity::Medium)
    );
    assert_eq!(m.fixed.as_deref(), Some("1.3"), "past what both say");
    assert_eq!((out.matches[1].told.len(), out.matches[1].told[0].pack), (1, 1), "only the second still says so");
}

#[test]
fn what_is_said_of_the_release_counts_before_the_general() {
    let general = osv(
        "G-1",
        r#""aliases": ["CVE-2024-900001"],"#,
        "Debian",
        "tool",
        r#"{"introduced": "0"}, {"fixed": "2.0-1"}"#,
    );
    let release = osv(
        "DEBIAN-CVE-2024-900001",
        r#""upstream": ["CVE-2024-900001"],"#,
        "Debian:12",
        "tool",
        r#"{"introduced": "0"}, {"fixed": "1.5-1+deb12u2"}"#,
    );
    let packs = [general, release].map(|t| built(&read(Form::OsvJson, &t)));
    let packs: Vec<Pack<'_>> = packs.iter().map(|p| Pack::open(p).expect("just built")).collect();
    let mended = matches(&packs, &[package("Debian:12", "tool", "1.5-1+deb12u2")]);
    assert_eq!(mended.matches, []);
    assert_eq!((mended.cleared[0].found.id.as_str(), mended.cleared[0].by.pack), ("G-1", 1));
    let open = matches(&packs, &[package("Debian:12", "tool", "1.5-1"), package("Debian:13", "tool", "1.5-1")]);
    let fixes: Vec<Option<&str>> = open.matches.iter().map(|m| m.fixed.as_deref()).collect();
    assert_eq!(fixes, [Some("1.5-1+deb12u2"), Some("2.0-1")]);
}

#[test]
fn a_vendors_not_affected_clears() {
    let csaf = r#"{"document": {"csaf_version": "2.0", "title": "t", "tracking": {"id": "VEX-1"}},
      "product_tree": {"branches": [{"category": "vendor", "name": "Hat", "branches": [
       {"category": "product_name", "name": "Red Hat Enterprise Linux 9", "product": {"name": "Red Hat Enterprise Linux 9", "product_id": "B"}},
       {"category": "product_version", "name": "safe", "product": {"name": "safe", "product_id": "s"}}]}],
      "relationships": [{"category": "default_component_of", "product_reference": "s", "relates_to_product_reference": "B",
        "full_product_name": {"name": "x", "product_id": "B:s"}}]},
      "vulnerabilities": [{"cve": "CVE-2024-900001", "product_status": {"known_not_affected": ["B:s"]}}]}"#;
    let found = osv(
        "RHSA-1",
        r#""aliases": ["CVE-2024-900001"],"#,
        "Red Hat:enterprise_linux:9::baseos",
        "safe",
        r#"{"introduced": "0"}"#,
    );
    let packs = [built(&read(Form::Csaf, csaf)), built(&read(Form::OsvJson, &found))];
    let packs: Vec<Pack<'_>> = packs.iter().map(|p| Pack::open(p).expect("just built")).collect();
    let out = matches(&packs, &[package("Red Hat:9", "safe", "1-1")]);
    assert_eq!((out.matches.len(), out.cleared.len()), (0, 1));
    assert_eq!((out.cleared[0].found.id.as_str(), out.cleared[0].by.id.as_str()), ("RHSA-1", "VEX-1/CVE-2024-900001"));
}

#[test]
fn a_bulletin_adds_its_voice_to_its_vulnerabilities() {
    let range = r#"{"introduced": "0"}, {"fixed": "2"}"#;
    let one = osv("DEBIAN-CVE-2024-900001", r#""upstream": ["CVE-2024-900001"],"#, "Debian:12", "tool", range);
    let two = osv("DEBIAN-CVE-2024-900002", r#""upstream": ["CVE-2024-900002"],"#, "Debian:12", "tool", range);
    let dsa = osv("DSA-1", r#""upstream": ["CVE-2024-900001", "CVE-2024-900002"],"#, "Debian:12", "tool", range);
    let ask = |text: &str| {
        let pack = built(&read(Form::OsvJson, text));
        matches(&[Pack::open(&pack).expect("just built")], &[package("Debian:12", "tool", "1")]).matches
    };
    let told = |m: &Match| m.told.iter().map(|t| t.id.clone()).collect::<Vec<_>>();
    let all = ask(&format!("[{one},{two},{dsa}]"));
    assert_eq!(
        all.iter().map(told).collect::<Vec<_>>(),
        [["DEBIAN-CVE-2024-900001", "DSA-1"], ["DEBIAN-CVE-2024-900002", "DSA-1"]]
    );
    let alone = ask(&format!("[{one},{dsa}]"));
    assert_eq!(alone.len(), 2, "one of its vulnerabilities is known by it alone");
}

#[test]
fn sources_and_own_names() {
    let source = osv("S-1", "", "Debian:12", "openssl", r#"{"introduced": "0"}, {"fixed": "3.0.11-1"}"#);
    let pack = built(&read(Form::OsvJson, &source));
    let built_from = |name: &str, version: &str, source: Option<(&str, &str)>| Package {
        source: source.map(|(n, v)| (n.into(), v.into())),
        ..package("Debian:12", name, version)
    };
    let packages = [
        built_from("libssl3", "3.0.10-1+b2", Some(("openssl", "3.0.10-1"))),
        built_from("openssl", "3.0.11-1", Some(("openssl", "3.0.11-1"))),
        built_from("openssl", "3.0.10-1", None),
        // A binary package of that name from another source.
        built_from("openssl", "1.0", Some(("other", "1.0"))),
    ];
    let out = matches(&[Pack::open(&pack).expect("just built")], &packages);
    assert_eq!(out.matches.iter().map(|m| m.package).collect::<Vec<_>>(), [0, 2]);
}

#[test]
fn what_no_pack_speaks_for_is_told() {
    let pack = built(&read(Form::OsvJson, &osv("T-1", "", "Debian:12", "tool", r#"{"introduced": "0"}"#)));
    let packs = [Pack::open(&pack).expect("just built")];
    let packages = [
        package("Debian:11", "tool", "1"),
        package("Debian:12", "none", "1"),
        package("npm", "a", "1"),
        package("npm", "b", ""),
        package("Debian:12", "tool", " "),
    ];
    let out = matches(&packs, &packages);
    let un = |e: &str, packages| Unanswered { ecosystem: e.into(), packages };
    assert_eq!(out.unanswered, [un("Debian:11", 1), un("npm", 2)]);
    assert_eq!((out.unversioned, out.matches.len()), (vec![3, 4], 0));
    assert_eq!(matches(&[], &packages).unanswered.len(), 3);
}

#[test]
fn what_is_worst_comes_first() {
    let m = |id: &str, change: &dyn Fn(&mut Match)| {
        let mut m = Match {
            package: 0,
            id: id.into(),
            aliases: vec![],
            covers: vec![],
            summary: String::new(),
            severity: Severity::Low,
            score: None,
            status: Status::Affected,
            fixed: Some("1.10".into()),
            exploited: false,
            ransomware: false,
            due: None,
            epss: None,
            malicious: false,
            told: vec![],
        };
        change(&mut m);
        m
    };
    let mut all = vec![
        m("low", &|_| {}),
        m("likely", &|m| m.epss = Some(5)),
        m("critical", &|m| (m.severity, m.fixed) = (Severity::Critical, Some("1.9".into()))),
        m("exploited", &|m| m.exploited = true),
        m("ransomware", &|m| (m.exploited, m.ransomware) = (true, true)),
        m("malicious", &|m| (m.malicious, m.package, m.fixed) = (true, 1, None)),
    ];
    worst_first(&mut all);
    assert_eq!(
        all.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(),
        ["malicious", "ransomware", "exploited", "critical", "likely", "low"]
    );
    let packages = [package("PyPI", "a", "1"), package("npm", "b", "1")];
    let sums = summaries(&all, &packages);
    assert_eq!(
        sums.iter().map(|s| (s.package, s.count, s.exploited, s.worst)).collect::<Vec<_>>(),
        [(1, 1, 0, Severity::Low), (0, 5, 2, Severity::Critical)]
    );
    assert_eq!((sums[0].fixed_all.as_deref(), sums[1].fixed_all.as_deref()), (None, Some("1.10")));
}

/// `ID` and `VERSION_ID` as the distributions' own os-release files have them.
#[test]
fn ecosystems_of_hosts() {
    for (id, version, ecosystem) in [
        ("debian", "12", Some("Debian:12")),
        ("ubuntu", "22.04", Some("Ubuntu:22.04")),
        ("alpine", "3.19.1", Some("Alpine:v3.19")),
        ("almalinux", "9.4", Some("AlmaLinux:9")),
        ("rocky", "9.3", Some("Rocky Linux:9")),
        ("rhel", "8.10", Some("Red Hat:8")),
        ("openEuler", "22.03 (LTS-SP1)", Some("openEuler:22.03-LTS-SP1")),
        ("kylin", "V10", Some("Kylin:V10")),
        ("opensuse-leap", "15.5", Some("openSUSE:Leap 15.5")),
        ("sles", "15.5", Some("SUSE:Linux Enterprise Server 15 SP5")),
        ("azurelinux", "3.0", Some("Azure Linux:3")),
        ("photon", "5.0", Some("Photon OS:5.0")),
        ("wolfi", "20230201", Some("Wolfi")),
        ("templeos", "5", None),
        ("debian", "", None),
        ("alpine", "edge", None),
    ] {
        assert_eq!(of_os(id, version).as_deref(), ecosystem, "{id} {version}");
    }
    for (given, wanted) in [
        ("Ubuntu:22.04:LTS", "Ubuntu:22.04"),
        ("Red Hat:enterprise_linux:9::baseos", "Red Hat:9"),
        ("pypi", "PyPI"),
        ("Alpine:v3.19", "Alpine:v3.19"),
        ("AlmaLinux:9", "AlmaLinux:9"),
        ("vendor:Acme  Ltd", "vendor:acme ltd"),
        ("Whatever", "Whatever"),
    ] {
        assert_eq!(canonical(given), wanted);
        assert_eq!(canonical(wanted), wanted);
    }
}

#[test]
fn a_hostile_pack_is_an_error_or_an_answer() {
    let pack = built(&made::imported(3, 400));
    let packages = made::packages(4, 60, made::Host::Kept);
    let whole = Pack::open(&pack).expect("just built");
    whole.check().expect("whole");
    for len in (0..pack.len()).step_by(97) {
        assert!(Pack::open(&pack[..len]).is_err(), "cut at {len}");
    }
    assert_eq!(Pack::open(b"").unwrap_err(), PackError::NotAPack);
    assert!(matches!(Pack::open(&[MAGIC.as_slice(), &[0xff; 40]].concat()), Err(PackError::Length(..))));
    // Any byte may be anything: no panic, and the check or the search says what it met.
    let mut chance = Chance(5);
    let mut noticed = 0;
    for _ in 0..1500 {
        let mut bytes = pack.clone();
        for _ in 0..=chance.below(3) {
            let at = chance.below(bytes.len());
            bytes[at] = u8::try_from(chance.below(256)).expect("a byte");
        }
        let Ok(open) = Pack::open(&bytes) else { continue };
        noticed += usize::from(open.check().is_err());
        let _ = matches(&[open], &packages);
    }
    assert!(noticed > 100, "{noticed}");
    // Lists too.
    let (exploited, likely) = made::lists(300);
    for (kind, list) in [(Kind::Exploited, exploited), (Kind::Likelihoods, likely)] {
        let pack = Pack::build("list", "test", kind, &list).expect("fits");
        Pack::open(&pack).expect("just built").check().expect("whole");
        for _ in 0..300 {
            let mut bytes = pack.clone();
            let at = chance.below(bytes.len());
            bytes[at] = u8::try_from(chance.below(256)).expect("a byte");
            let Ok(open) = Pack::open(&bytes) else { continue };
            let _ = (open.check(), open.standing("CVE-2024-000070"), matches(&[open], &packages));
        }
    }
    // A search that meets damage says so: every place in the index points to the end.
    let mut bytes = pack.clone();
    let about = u32::from_le_bytes(pack[28..32].try_into().expect("four bytes")) as usize;
    let strings = u32::from_le_bytes(pack[32..36].try_into().expect("four bytes")) as usize;
    bytes[64 + about..64 + about + strings].fill(0xff);
    let out = matches(&[Pack::open(&bytes).expect("its header is whole")], &packages);
    assert_eq!(out.damaged, [(0, PackError::Damaged("index"))]);
    assert!(!out.unanswered.is_empty());
}

#[test]
fn any_bytes_are_read_without_a_panic() {
    let seeds = [
        osv("T-1", "", "PyPI", "p", r#"{"introduced": "0"}, {"fixed": "1"}"#),
        "id: A\nmodified: x\naffected:\n- package: {name: a, ecosystem: PyPI}\n  versions: [\"1\"]\n".to_owned(),
        "<oval_definitions><definition id='a'><criteria><criterion test_ref='t'/></criteria></definition></oval_definitions>".to_owned(),
        "```toml\n[advisory]\nid = \"R\"\npackage = \"p\"\n[versions]\npatched = [\">= 1\"]\n```\n# x".to_owned(),
        "cveID,knownRansomwareCampaignUse\nCVE-2024-1234,Known\n".to_owned(),
        r#"{"document": {"csaf_version": "2.0", "tracking": {"id": "A"}}, "product_tree": {"branches": [{"branches": []}]}, "vulnerabilities": [{}]}"#.to_owned(),
    ];
    let mut chance = Chance(99);
    let mut importer = Importer::new(Limits::default());
    for seed in &seeds {
        for _ in 0..400 {
            let mut bytes = seed.clone().into_bytes();
            for _ in 0..chance.below(6) {
                if bytes.len() < 2 {
                    break;
                }
                let at = chance.below(bytes.len());
                match chance.below(3) {
                    0 => bytes[at] = u8::try_from(chance.below(128)).expect("a byte"),
                    1 => drop(bytes.remove(at)),
                    _ => bytes.truncate(at.max(1)),
                }
            }
            let _ = importer.feed("f", &bytes);
        }
    }
    let read = importer.finish();
    let _ = Pack::build("x", "x", Kind::Advisories, &read)
        .map(|p| Pack::open(&p).expect("just built").check().expect("whole"));
}

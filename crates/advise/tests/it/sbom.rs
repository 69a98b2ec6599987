//! Bills of materials: one product in every form, what cannot be placed is kept, what is broken is refused.
//! The documents are written by hand after the specifications: CycloneDX 1.6 (ECMA-424), SPDX 2.3, ECMA-427.

use advise::sbom::{Bill, Limits, Part, SbomError, read};

fn bill(text: &str) -> Bill {
    read(text.as_bytes(), None, &Limits::default()).expect("a good document")
}
fn refused(text: &str) -> SbomError {
    read(text.as_bytes(), None, &Limits::default()).expect_err("no good document")
}
/// Name, version, manager, ecosystem, source.
fn shown(p: &Part) -> String {
    let source = p.source.as_ref().map(|(n, v)| format!("{n}@{}", v.as_deref().unwrap_or_default()));
    format!(
        "{} {} {} {} {}",
        p.name,
        p.version,
        p.manager.unwrap_or("-"),
        p.ecosystem.as_deref().unwrap_or("-"),
        source.unwrap_or_default()
    )
    .trim_end()
    .to_owned()
}
fn parts(b: &Bill) -> Vec<String> {
    b.parts.iter().map(shown).collect()
}

const CYCLONEDX: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6",
 "metadata": {"timestamp": "2026-01-02T03:04:05Z",
  "tools": {"components": [{"type": "application", "name": "maker", "version": "1.2"}]},
  "component": {"type": "device", "name": "PLC-7", "version": "2.1", "bom-ref": "m"}},
 "components": [
  {"type": "operating-system", "name": "debian", "version": "12"},
  {"type": "library", "name": "libssl3", "version": "3.0.1-1", "purl": "pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&upstream=openssl%403.0.1"},
  {"type": "library", "group": "@scope", "name": "x", "version": "1.0.0", "purl": "pkg:npm/%40scope/x@1.0.0",
   "components": [{"type": "library", "name": "inner", "version": "2", "purl": "pkg:maven/org.example/inner@2"}]},
  {"type": "library", "name": "curl", "version": "7-1", "purl": "pkg:rpm/centos/curl@7-1?distro=centos-7"},
  {"type": "firmware", "name": "boot rom", "version": "7"},
  {"type": "container", "name": "img", "purl": "pkg:oci/img@sha256%3Aab"},
  {"type": "library", "name": ""},
  {"type": "file", "name": "/etc/passwd"}]}"#;

const XML: &str = r#"<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"><metadata>
 <timestamp>2026-01-02T03:04:05Z</timestamp><tools><components><component type="application"><name>maker</name><version>1.2</version></component></components></tools>
 <component type="device" bom-ref="m"><name>PLC-7</name><version>2.1</version></component></metadata><components>
 <component type="operating-system"><name>debian</name><version>12</version></component>
 <component type="library"><name>libssl3</name><version>3.0.1-1</version><licenses><license><name>other</name></license></licenses><purl>pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&amp;upstream=openssl%403.0.1</purl>
  <pedigree><ancestors><component type="library"><name>ancestor</name><version>0</version></component></ancestors></pedigree></component>
 <component type="library"><group>@scope</group><name>x</name><version>1.0.0</version><purl>pkg:npm/%40scope/x@1.0.0</purl>
  <components><component type="library"><name>inner</name><version>2</version><purl>pkg:maven/org.example/inner@2</purl></component></components></component>
 <component type="library"><name>curl</name><version>7-1</version><purl>pkg:rpm/centos/curl@7-1?distro=centos-7</purl></component>
 <component type="firmware"><name>boot rom</name><version>7</version></component>
 <component type="container"><name>img</name><purl>pkg:oci/img@sha256%3Aab</purl></component>
 <component type="library"><name/></component>
 <component type="file"><name>/etc/passwd</name></component>
</components></bom>"#;

const SPDX: &str = r#"{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "a document",
 "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Organization: x", "Tool: maker-1.2"]},
 "packages": [
  {"SPDXID": "SPDXRef-m", "name": "PLC-7", "versionInfo": "2.1", "primaryPackagePurpose": "DEVICE"},
  {"SPDXID": "SPDXRef-os", "name": "debian", "versionInfo": "12", "primaryPackagePurpose": "OPERATING_SYSTEM"},
  {"SPDXID": "SPDXRef-1", "name": "libssl3", "versionInfo": "3.0.1-1", "externalRefs": [
    {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:x:x:*:*:*:*:*:*:*:*"},
    {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&upstream=openssl%403.0.1"}]},
  {"SPDXID": "SPDXRef-2", "name": "x", "versionInfo": "1.0.0", "externalRefs": [{"referenceCategory": "PACKAGE_MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/%40scope/x@1.0.0"}]},
  {"SPDXID": "SPDXRef-3", "name": "inner", "versionInfo": "2", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:maven/org.example/inner@2"}]},
  {"SPDXID": "SPDXRef-4", "name": "curl", "versionInfo": "7-1", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:rpm/centos/curl@7-1?distro=centos-7"}]},
  {"SPDXID": "SPDXRef-5", "name": "boot rom", "versionInfo": "7", "primaryPackagePurpose": "FIRMWARE"},
  {"SPDXID": "SPDXRef-6", "name": "img", "versionInfo": "NOASSERTION", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:oci/img@sha256%3Aab"}]},
  {"SPDXID": "SPDXRef-7", "name": "NONE"},
  {"SPDXID": "SPDXRef-8", "name": "/etc/passwd", "primaryPackagePurpose": "FILE"}],
 "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-m"}]}"#;

const TAG_VALUE: &str = "SPDXVersion: SPDX-2.3\nDocumentName: a document\nCreator: Tool: maker-1.2\nCreated: 2026-01-02T03:04:05Z\n
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-m\n
PackageName: PLC-7\nSPDXID: SPDXRef-m\nPackageVersion: 2.1\nPrimaryPackagePurpose: DEVICE\n
PackageName: debian\nSPDXID: SPDXRef-os\nPackageVersion: 12\nPrimaryPackagePurpose: OPERATING-SYSTEM\n
PackageName: libssl3\nSPDXID: SPDXRef-1\nPackageVersion: 3.0.1-1\nPackageComment: <text>several lines\nPackageName: not one\n</text>\nExternalRef: SECURITY cpe23Type cpe:2.3:a:x:x:*:*:*:*:*:*:*:*\nExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&upstream=openssl%403.0.1\n
PackageName: x\nSPDXID: SPDXRef-2\nPackageVersion: 1.0.0\nExternalRef: PACKAGE-MANAGER purl pkg:npm/%40scope/x@1.0.0\n
PackageName: inner\nSPDXID: SPDXRef-3\nPackageVersion: 2\nExternalRef: PACKAGE-MANAGER purl pkg:maven/org.example/inner@2\n
PackageName: curl\nSPDXID: SPDXRef-4\nPackageVersion: 7-1\nExternalRef: PACKAGE-MANAGER purl pkg:rpm/centos/curl@7-1?distro=centos-7\n
PackageName: boot rom\nSPDXID: SPDXRef-5\nPackageVersion: 7\nPrimaryPackagePurpose: FIRMWARE\n
PackageName: img\nSPDXID: SPDXRef-6\nPackageVersion: NOASSERTION\nExternalRef: PACKAGE-MANAGER purl pkg:oci/img@sha256%3Aab\n
PackageName: NONE\nSPDXID: SPDXRef-7\n
PackageName: /etc/passwd\nSPDXID: SPDXRef-8\nPrimaryPackagePurpose: FILE\n
FileName: ./x\nSPDXID: SPDXRef-9\nPackageVersion: none\n";

#[test]
fn one_product_reads_the_same_in_every_form() {
    let forms = [
        (CYCLONEDX, "CycloneDX 1.6 JSON", "maker 1.2"),
        (XML, "CycloneDX 1.6 XML", "maker 1.2"),
        (SPDX, "SPDX 2.3 JSON", "maker-1.2"),
        (TAG_VALUE, "SPDX 2.3 tag-value", "maker-1.2"),
    ];
    for (text, form, maker) in forms {
        let b = bill(text);
        assert_eq!(
            (b.form.as_str(), b.name.as_str(), b.version.as_str(), b.maker.as_str()),
            (form, "PLC-7", "2.1", maker)
        );
        // 2026-01-02T03:04:05Z as `date -d … +%s` gives it.
        assert_eq!(b.made, Some(1_767_323_045), "{form}");
        assert_eq!(b.system, Some(("debian".to_owned(), "12".to_owned())), "{form}");
        let want = [
            "libssl3 3.0.1-1 dpkg Debian:12 openssl@3.0.1",
            "@scope/x 1.0.0 - npm",
            "org.example:inner 2 - Maven",
            // No advisories are ordered for it, or nobody says which package it is: kept by name.
            "curl 7-1 rpm -",
            "boot rom 7 - -",
        ];
        assert_eq!(parts(&b).get(..5).unwrap(), want, "{form}");
        assert!(parts(&b)[5].starts_with("img "), "{form}");
        assert_eq!((b.parts.len(), b.files, b.bad.len()), (6, 1, 1), "{form}");
        assert_eq!(b.parts[0].arch.as_deref(), Some("amd64"));
    }
}

#[test]
fn what_a_document_is_about_has_a_name_or_is_asked_for() {
    let two = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
      {"type": "device", "name": "a", "components": [{"type": "library", "name": "p", "purl": "pkg:npm/p@1"}]},
      {"type": "device", "name": "b", "components": [{"type": "library", "name": "q", "purl": "pkg:npm/q@1"}]}]}"#;
    assert_eq!(refused(two), SbomError::Several(vec!["a".into(), "b".into()]));
    let b = read(two.as_bytes(), Some("b"), &Limits::default()).unwrap();
    assert_eq!((b.name.as_str(), parts(&b)), ("b", vec!["q 1 - npm".to_owned()]));
    let bare = r#"{"bomFormat": "CycloneDX", "specVersion": "1.4", "components": []}"#;
    assert_eq!(refused(bare), SbomError::NoName);
    assert_eq!(read(bare.as_bytes(), Some("mine"), &Limits::default()).unwrap().name, "mine");
    // What the document is about is software itself if a URL says so.
    let app = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"tools": [{"vendor": "v", "name": "t", "version": "3"}],
      "component": {"type": "application", "group": "org", "name": "app", "version": "1", "purl": "pkg:maven/org/app@1"}}}"#;
    let b = bill(app);
    assert_eq!(
        (b.name.as_str(), b.maker.as_str(), parts(&b)),
        ("org/app", "t 3", vec!["org:app 1 - Maven".to_owned()])
    );
}

/// SPDX is flat: of several described devices one is picked with what it contains, near and far.
#[test]
fn of_several_devices_in_spdx_one_is_picked() {
    let package = |id: &str, name: &str, purpose: &str, purl: &str| {
        format!(
            r#"{{"SPDXID": "{id}", "name": "{name}", "primaryPackagePurpose": "{purpose}", "externalRefs": [{{"referenceType": "purl", "referenceLocator": "{purl}"}}]}}"#
        )
    };
    let relation = |from: &str, kind: &str, to: &str| {
        format!(r#"{{"spdxElementId": "{from}", "relationshipType": "{kind}", "relatedSpdxElement": "{to}"}}"#)
    };
    let packages = [
        package("a", "first", "DEVICE", ""),
        package("b", "second", "DEVICE", ""),
        package("p", "p", "LIBRARY", "pkg:npm/p@1"),
        package("q", "q", "LIBRARY", "pkg:npm/q@1"),
        package("r", "r", "LIBRARY", "pkg:npm/r@1"),
    ];
    let relations = [
        relation("SPDXRef-DOCUMENT", "DESCRIBES", "a"),
        relation("b", "DESCRIBED_BY", "SPDXRef-DOCUMENT"),
        relation("a", "CONTAINS", "p"),
        relation("b", "CONTAINS", "q"),
        relation("r", "CONTAINED_BY", "q"),
        relation("r", "CONTAINS", "q"),
    ];
    let text = format!(
        r#"{{"spdxVersion": "SPDX-2.3", "name": "two", "packages": [{}], "relationships": [{}]}}"#,
        packages.join(","),
        relations.join(",")
    );
    assert_eq!(refused(&text), SbomError::Several(vec!["first".into(), "second".into()]));
    let picked = |name: &str| {
        let b = read(text.as_bytes(), Some(name), &Limits::default()).expect("a device of the document");
        parts(&b)
    };
    assert_eq!(picked("first"), ["p 1 - npm"]);
    assert_eq!(picked("second"), ["q 1 - npm", "r 1 - npm"]);
}

#[test]
fn sources_are_told_as_the_known_tools_write_them() {
    let part = |component: &str| {
        let text = format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {{"component": {{"name": "m"}}}}, "components": [{component}]}}"#
        );
        shown(&bill(&text).parts[0])
    };
    assert_eq!(
        part(
            r#"{"name": "openssl-libs", "purl": "pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=rhel-9.4&epoch=1&upstream=openssl-3.0.7-27.el9.src.rpm"}"#
        ),
        "openssl-libs 1:3.0.7-27.el9 rpm Red Hat:9 openssl@1:3.0.7-27.el9"
    );
    assert_eq!(
        part(
            r#"{"name": "libc6", "purl": "pkg:deb/debian/libc6@2.36-9?distro=debian-12.5", "properties": [
          {"name": "aquasecurity:trivy:SrcName", "value": "glibc"}, {"name": "aquasecurity:trivy:SrcVersion", "value": "2.36"}, {"name": "aquasecurity:trivy:SrcRelease", "value": "9"}]}"#
        ),
        "libc6 2.36-9 dpkg Debian:12 glibc@2.36-9"
    );
    assert_eq!(part(r#"{"name": "g", "purl": "pkg:golang/stdlib@v1.21.3"}"#), "stdlib 1.21.3 - Go");
}

#[test]
fn what_cannot_be_read_is_refused_with_its_reason() {
    assert_eq!(
        refused(r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}"#),
        SbomError::Spdx3
    );
    assert_eq!(refused(r#"{"spdxVersion": "SPDX-3.0"}"#), SbomError::Spdx3);
    assert_eq!(refused(r#"{"bomFormat": "CycloneDX", "specVersion": "2.0"}"#), SbomError::Version("2.0".into()));
    assert_eq!(refused(r#"{"spdxVersion": "SPDX-1.2"}"#), SbomError::Version("1.2".into()));
    for other in ["{}", "hello", "", "<html></html>", "<?xml version='1.0'?>"] {
        assert_eq!(refused(other), SbomError::UnknownForm, "{other}");
    }
    for cut in [120, 700, CYCLONEDX.len() - 2] {
        assert!(matches!(refused(CYCLONEDX.get(..cut).unwrap()), SbomError::Broken(_)), "{cut}");
        assert!(matches!(refused(XML.get(..cut).unwrap()), SbomError::Broken(_)), "{cut}");
    }
    assert_eq!(read(b"\xff\xfe", None, &Limits::default()).unwrap_err(), SbomError::NotUtf8(0));
    let few = Limits { components_max: 3, ..Limits::default() };
    for text in [CYCLONEDX, XML, SPDX, TAG_VALUE] {
        assert_eq!(read(text.as_bytes(), None, &few).unwrap_err(), SbomError::TooMany(3));
        let small = Limits { file_bytes_max: 10, ..Limits::default() };
        assert_eq!(read(text.as_bytes(), None, &small).unwrap_err(), SbomError::TooLarge(10));
    }
    let deep = "<components><component><name>n</name>".repeat(400);
    let deep = format!("<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\">{deep}");
    assert_eq!(refused(&deep), SbomError::TooDeep(128));
    let deep = r#"{"components":[{"name":"n","components":["#.repeat(400);
    assert!(matches!(refused(&deep), SbomError::Broken(_)));
}

/// A text that nobody ends would hide every package after it.
#[test]
fn a_text_without_its_end_breaks_a_document() {
    let text = TAG_VALUE.replacen("</text>", "", 1);
    assert!(matches!(refused(&text), SbomError::Broken(why) if why.contains("<text>")));
    let one_line = TAG_VALUE.replacen("DocumentName: a document", "DocumentName: <text>a document</text>", 1);
    assert_eq!(bill(&one_line), bill(TAG_VALUE));
}

/// JSON is held in memory as a whole, XML and tag-value are not.
#[test]
fn json_has_a_limit_of_its_own() {
    let limits = Limits::default();
    let filled = |text: &str| format!("{text}{}", " ".repeat(limits.json_bytes_max + 1 - text.len()));
    for text in [CYCLONEDX, SPDX] {
        let filled = filled(text);
        assert_eq!(read(filled.as_bytes(), None, &limits).unwrap_err(), SbomError::TooLarge(16 << 20));
        assert!(read(&filled.as_bytes()[..limits.json_bytes_max], None, &limits).is_ok());
    }
    // Small objects take a hundred times their text in memory. Three are those of the document.
    let objects = |n: usize| {
        let many = vec![r#"{"":0}"#; n - 3].join(",");
        let text = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"component": {"name": "m"}}, "x": [MANY]}"#;
        read(text.replace("MANY", &many).as_bytes(), None, &limits)
    };
    assert!(objects(limits.json_objects_max).is_ok());
    assert_eq!(objects(limits.json_objects_max + 1).unwrap_err(), SbomError::TooManyObjects(500_000));
    assert!(read(filled(XML).as_bytes(), None, &limits).is_ok());
    assert!(read(filled(TAG_VALUE).as_bytes(), None, &limits).is_ok());
}

/// The property is ours and anybody can write it: without a distribution's package no other advisories speak for the library.
#[test]
fn a_library_is_packaged_only_where_packages_are_named() {
    let packaged = |component: &str, packages: &str| {
        let b = bill(&format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {{"component": {{"name": "m"}}}}, "components": [{component}{packages}]}}"#
        ));
        b.parts[0].packaged
    };
    let left = r#"{"name": "left", "purl": "pkg:pypi/left@1", "properties": [{"name": "watchfire:packaged", "value": "true"}]}"#;
    assert!(!packaged(left, ""));
    assert!(!packaged(left, r#", {"name": "x", "purl": "pkg:npm/x@1"}"#));
    for url in ["deb/debian/x@1", "rpm/redhat/x@1", "apk/alpine/x@1", "alpm/arch/x@1"] {
        assert!(packaged(left, &format!(r#", {{"name": "x", "purl": "pkg:{url}"}}"#)), "{url}");
    }
    let spdx = r#"{"spdxVersion": "SPDX-2.3", "name": "m", "packages": [{"SPDXID": "a", "name": "left",
      "annotations": [{"comment": "watchfire:packaged=true"}], "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:pypi/left@1"}]}]}"#;
    assert!(!bill(spdx).parts[0].packaged);
}

#[test]
fn a_document_says_itself_whether_it_is_complete() {
    let json = |compositions: &str| {
        let text = format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {{"component": {{"name": "m"}}}}, "compositions": [{compositions}]}}"#
        );
        bill(&text).incomplete
    };
    assert_eq!(json(""), 0);
    assert_eq!(json(r#"{"aggregate": "complete"}"#), 0);
    for aggregate in ["incomplete", "incomplete_first_party_only", "unknown", "not_specified"] {
        assert_eq!(json(&format!(r#"{{"aggregate": "complete"}}, {{"aggregate": "{aggregate}"}}"#)), 1, "{aggregate}");
    }
    // An aggregate is required; without one nobody said complete.
    assert_eq!(json("{}"), 1);
    let xml = |compositions: &str| {
        bill(&XML.replacen("</bom>", &format!("<compositions>{compositions}</compositions></bom>"), 1)).incomplete
    };
    assert_eq!(xml("<composition><aggregate>complete</aggregate></composition>"), 0);
    assert_eq!(xml("<composition><aggregate>complete</aggregate></composition><composition/>"), 1);
    assert_eq!(
        xml("<composition><aggregate>unknown</aggregate><assemblies><assembly ref=\"m\"/></assemblies></composition>"),
        1
    );
}

/// Each of many devices gets what is its own.
#[test]
fn of_many_devices_each_has_its_own() {
    const DEVICES: usize = 4000;
    let package = |id: &str, purpose: &str, url: &str| {
        format!(
            r#"{{"SPDXID": "{id}", "name": "{id}", "primaryPackagePurpose": "{purpose}", "externalRefs": [{{"referenceType": "purl", "referenceLocator": "{url}"}}]}}"#
        )
    };
    let devices = (0..DEVICES).map(|n| package(&format!("d{n}"), "DEVICE", ""));
    let inside = (0..DEVICES).map(|n| package(&format!("p{n}"), "LIBRARY", &format!("pkg:npm/p{n}@1")));
    let packages: Vec<String> = devices.chain(inside).collect();
    let relations: Vec<String> = (0..DEVICES)
        .flat_map(|n| {
            [
                ("SPDXRef-DOCUMENT".to_owned(), "DESCRIBES", format!("d{n}")),
                (format!("d{n}"), "CONTAINS", format!("p{n}")),
            ]
        })
        .map(|(from, kind, to)| {
            format!(r#"{{"spdxElementId": "{from}", "relationshipType": "{kind}", "relatedSpdxElement": "{to}"}}"#)
        })
        .collect();
    let text = format!(
        r#"{{"spdxVersion": "SPDX-2.3", "name": "many", "packages": [{}], "relationships": [{}]}}"#,
        packages.join(","),
        relations.join(",")
    );
    for n in [0, 1, DEVICES - 1] {
        let b = read(text.as_bytes(), Some(&format!("d{n}")), &Limits::default()).expect("a device of the document");
        assert_eq!(parts(&b), [format!("p{n} 1 - npm")]);
    }
}

/// Bytes of anybody: every cut and many changed bytes of real documents give a bill or an error, never a panic.
#[test]
fn damaged_documents_do_no_harm() {
    for text in [CYCLONEDX, XML, SPDX, TAG_VALUE] {
        for at in (0..text.len()).step_by(7) {
            let mut bytes = text.as_bytes().to_vec();
            let _ = read(bytes.get(..at).unwrap(), Some("n"), &Limits::default());
            for wrong in [0, b'"', b'<', b'{', 0xff] {
                bytes[at] = wrong;
                let _ = read(&bytes, Some("n"), &Limits::default());
            }
        }
    }
}

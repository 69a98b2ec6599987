//! Package databases that are text, snaps and flatpaks.

use crate::{Said, Tree};

#[test]
fn packages_name_their_source() {
    let t = Tree::new();
    t.file(
        "var/lib/dpkg/status",
        "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nSource: glibc\nVersion: 2.36-9\n\nPackage: g++\nStatus: install ok installed\nArchitecture: amd64\nSource: gcc-defaults (1.203)\nVersion: 4:12.2.0-3\n\nPackage: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2\n",
    );
    t.file(
        "lib/apk/db/installed",
        "P:libssl3\nV:3.1.4-r0\nA:x86_64\no:openssl\n\nP:musl\nV:1.2-r0\nA:x86_64\no:musl\n",
    );
    let said = Said::root(&t.0);
    let row = |name: &str| said.row("package", "name", name).unwrap().0;
    assert!(row("libc6").contains("source=glibc"));
    assert!(!row("libc6").contains("source_version"));
    assert!(row("g++").contains("source=gcc-defaults source_version=1.203"));
    assert!(!row("bash").contains("source"));
    assert!(row("libssl3").contains("source=openssl"));
    assert!(!row("musl").contains("source"));
}

#[test]
fn snaps_and_flatpaks_are_packages() {
    let t = Tree::new();
    t.file("var/lib/snapd/snaps/firefox_3206.snap", "");
    t.file("var/lib/snapd/snaps/firefox_3100.snap", "");
    t.link("snap/firefox/current", "3206");
    t.file("snap/firefox/3206/meta/snap.yaml", "name: firefox\nversion: 118.0.1-1\nsummary: x\n");
    t.file("var/lib/snapd/snaps/core22_858.snap", "");
    let active = "var/lib/flatpak/app/org.gimp.GIMP/x86_64/stable/abc";
    t.file(&format!("{active}/metadata"), "[Application]\nname=org.gimp.GIMP\n");
    t.file(
        &format!("{active}/files/share/metainfo/org.gimp.GIMP.metainfo.xml"),
        "<component><releases><release date=\"2023-02-27\" version=\"2.10.34\"/><release version=\"2.10.32\"/></releases></component>",
    );
    t.link("var/lib/flatpak/app/org.gimp.GIMP/current", "x86_64/stable");
    t.link("var/lib/flatpak/app/org.gimp.GIMP/x86_64/stable/active", "abc");
    let said = Said::root(&t.0);
    assert_eq!(said.rows("package").len(), 3);
    let (firefox, at) = said.row("package", "name", "firefox").unwrap();
    assert!(firefox.contains("manager=snap") && firefox.contains("version=118.0.1-1"), "{firefox}");
    assert_eq!(at, "/snap/firefox/current/meta/snap.yaml");
    let (core, at) = said.row("package", "name", "core22").unwrap();
    assert!(!core.contains("version"), "not mounted, so not known: {core}");
    assert_eq!(at, "/var/lib/snapd/snaps/core22_858.snap");
    let (gimp, _) = said.row("package", "name", "org.gimp.GIMP").unwrap();
    assert!(gimp.contains("manager=flatpak") && gimp.contains("version=2.10.34") && gimp.contains("arch=x86_64"));
}

/// What an interpreter reads in shows in no process: only packages without such files can be said not to run.
#[test]
fn packages_say_whether_their_use_shows() {
    let t = Tree::new();
    let mut status = String::new();
    for (name, files) in [
        ("openssl", "/usr/bin/openssl\n/usr/lib/ssl/misc/CA.pl\n/usr/share/doc/openssl/x.js\n"),
        ("libx1", "/usr/lib/libx.so.1.2\n"),
        ("python3-x", "/usr/bin/x\n/usr/lib/python3/dist-packages/x.py\n"),
        ("libx-java", "/usr/share/java/x.jar\n"),
        ("x-data", "/usr/share/x/data.soc\n/usr/bin\n"),
    ] {
        status += &format!("Package: {name}\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n");
        t.file(&format!("var/lib/dpkg/info/{name}.list"), format!("/.\n/usr\n{files}"));
    }
    status += "Package: bare\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n";
    t.file("var/lib/dpkg/status", status);
    let said = Said::root(&t.0);
    let native = |name: &str| said.row("package", "name", name).unwrap().0;
    for (name, want) in
        [("openssl", true), ("libx1", true), ("python3-x", false), ("libx-java", false), ("x-data", false)]
    {
        assert!(native(name).contains(&format!("native={want}")), "{}", native(name));
    }
    assert!(!native("bare").contains("native"));
}

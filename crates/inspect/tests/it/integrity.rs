//! Installed files against their packages, with `dpkg --verify` and `rpm --verify` as judges of what differs.

use crate::rpm::{built, installed};
use crate::{Said, Tree};
use evidence::{Body, GapReason};
use inspect::{Limits, Target};
use md5::{Digest as _, Md5};
use std::collections::BTreeSet;
use std::process::Command;

fn md5(text: &str) -> String {
    Md5::digest(text).iter().map(|b| format!("{b:02x}")).collect()
}

/// Paths that we say are altered, with how.
fn altered(said: &Said) -> BTreeSet<(String, String)> {
    let field = |v: &evidence::FactValue, f: &str| v.field(f).unwrap().to_string();
    let both = [said.rows("program.altered"), said.rows("file.altered")].concat();
    both.iter().map(|(v, _)| (field(v, "path"), field(v, "how"))).collect()
}
fn counts(said: &Said) -> (String, String) {
    (said.one("integrity.checked").unwrap().0, said.one("integrity.known").unwrap().0)
}

/// A root with three packages of dpkg, as they are after installation.
fn dpkg_root() -> Tree {
    let t = Tree::new();
    let files = [
        ("usr/bin/tool", "tool"),
        ("usr/lib/x/libx.so.1", "library"),
        ("usr/share/doc/tool/copyright", "text"),
        ("usr/share/tool/data", "data"),
        ("usr/share/tool/taken", "old"),
        ("usr/bin/awkward", "distributed"),
    ];
    let mut sums = String::new();
    let mut list = String::from("/.\n/usr\n/etc/tool.conf\n/etc/gone.conf\n");
    for (path, text) in files {
        sums += &format!("{}  {path}\n", md5(text));
        if path != "usr/share/tool/taken" {
            list += &format!("/{path}\n");
        }
        t.mode(path, text, 0o755);
    }
    t.file("etc/tool.conf", "setting\n");
    t.file("etc/gone.conf", "setting\n");
    let conf = md5("setting\n");
    t.file(
        "var/lib/dpkg/status",
        format!("Package: tool\nStatus: install ok installed\nMaintainer: a\nArchitecture: all\nVersion: 1\nDescription: x\nConffiles:\n /etc/tool.conf {conf}\n /etc/gone.conf {conf}\n\nPackage: taker\nStatus: install ok installed\nMaintainer: a\nArchitecture: all\nVersion: 1\nDescription: x\n"),
    );
    t.file("var/lib/dpkg/info/format", "1\n");
    t.file("var/lib/dpkg/info/tool.list", list);
    t.file("var/lib/dpkg/info/tool.md5sums", sums);
    // `taker` replaced a file of `tool`, and keeps a path that `tool` also has.
    t.file("usr/share/tool/taken", "new");
    t.file("usr/bin/awkward.distrib", "distributed");
    t.file("usr/bin/awkward", "own");
    t.file("var/lib/dpkg/info/taker.list", "/.\n/usr/share/tool/taken\n/usr/bin/awkward\n");
    t.file(
        "var/lib/dpkg/info/taker.md5sums",
        format!("{}  usr/share/tool/taken\n{}  usr/bin/awkward\n", md5("new"), md5("own")),
    );
    t.file("var/lib/dpkg/diversions", "/usr/bin/awkward\n/usr/bin/awkward.distrib\ntaker\n");
    t.file("var/lib/dpkg/updates/.keep", "");
    t
}
/// Paths that dpkg itself finds altered or missing; nothing without dpkg.
fn dpkg_verify(t: &Tree) -> Option<BTreeSet<(String, String)>> {
    let out = Command::new("dpkg").arg(format!("--root={}", t.0.display())).arg("--verify").output().ok()?;
    let text = String::from_utf8(out.stdout).unwrap();
    let how = |l: &str| if l.starts_with("missing") { "missing" } else { "content" };
    Some(text.lines().map(|l| (l.rsplit(' ').next().unwrap().to_owned(), how(l).to_owned())).collect())
}

#[test]
fn a_host_as_installed_has_no_altered_files() {
    let t = dpkg_root();
    let said = Said::root(&t.0);
    assert_eq!(altered(&said), BTreeSet::new());
    assert_eq!((said.gap("program.altered"), said.gap("file.altered")), (None, None));
    assert_eq!(counts(&said), ("9".into(), "9".into()));
    match dpkg_verify(&t) {
        Some(theirs) => assert_eq!(theirs, BTreeSet::new()),
        None => println!("SKIPPED: dpkg is not installed"),
    }
}

#[test]
fn altered_files_are_those_that_dpkg_finds() {
    let t = dpkg_root();
    t.mode("usr/bin/tool", "trojan", 0o755);
    t.file("usr/bin/awkward.distrib", "trojan");
    t.file("etc/tool.conf", "other setting\n");
    for path in ["usr/share/tool/data", "etc/gone.conf"] {
        std::fs::remove_file(t.0.join(path)).unwrap();
    }
    let said = Said::root(&t.0);
    let ours = altered(&said);
    let row = |path: &str, how: &str| (path.to_owned(), how.to_owned());
    let expected = BTreeSet::from([
        row("/usr/bin/tool", "content"),
        row("/usr/bin/awkward.distrib", "content"),
        row("/etc/tool.conf", "content"),
        row("/usr/share/tool/data", "missing"),
    ]);
    assert_eq!(ours, expected);
    assert_eq!(counts(&said), ("9".into(), "9".into()));
    let (tool, at) = said.row("program.altered", "path", "/usr/bin/tool").unwrap();
    assert!(tool.contains("package=tool") && tool.contains("config=false"), "{tool}");
    assert_eq!(at, "/usr/bin/tool");
    assert!(said.row("file.altered", "path", "/etc/tool.conf").unwrap().0.contains("config=true"));
    if let Some(theirs) = dpkg_verify(&t) {
        // dpkg names a configuration file that was removed, here that is the administrator's right; and neither it nor
        // debsums looks where a diversion leads.
        let mut theirs: BTreeSet<_> = theirs.into_iter().filter(|(p, _)| p != "/etc/gone.conf").collect();
        theirs.insert(row("/usr/bin/awkward.distrib", "content"));
        assert_eq!(ours, theirs);
    }
    match Command::new("debsums").args(["--changed", "--root"]).arg(&t.0).env("LC_ALL", "C").output() {
        Ok(out) => {
            let text = [out.stdout, out.stderr].concat();
            let text = String::from_utf8(text).unwrap();
            for (path, how) in ours.iter().filter(|(p, _)| !p.starts_with("/etc") && !p.ends_with(".distrib")) {
                assert!(text.contains(path.as_str()), "debsums has no {path} ({how}): {text}");
            }
        }
        Err(e) => println!("SKIPPED: debsums is not installed: {e}"),
    }
}

#[test]
fn what_dpkg_was_told_to_leave_out_is_not_missing() {
    let t = dpkg_root();
    t.file(
        "etc/dpkg/dpkg.cfg.d/docker",
        "path-exclude /usr/share/doc/*\npath-exclude /usr/share/tool/*\npath-include /usr/share/tool/data\n",
    );
    std::fs::remove_file(t.0.join("usr/share/doc/tool/copyright")).unwrap();
    std::fs::remove_file(t.0.join("usr/share/tool/data")).unwrap();
    let said = Said::root(&t.0);
    assert_eq!(altered(&said), BTreeSet::from([("/usr/share/tool/data".into(), "missing".into())]));
    assert_eq!(counts(&said), ("8".into(), "8".into()));
}

#[test]
fn a_folder_in_the_place_of_a_file() {
    let t = dpkg_root();
    std::fs::remove_file(t.0.join("usr/bin/tool")).unwrap();
    std::fs::create_dir(t.0.join("usr/bin/tool")).unwrap();
    assert_eq!(altered(&Said::root(&t.0)), BTreeSet::from([("/usr/bin/tool".into(), "kind".into())]));
}

#[test]
fn a_budget_leaves_files_with_a_gap_and_a_count() {
    let t = Tree::new();
    let mut sums = String::new();
    for n in 0..600 {
        t.file(&format!("usr/share/x/{n:04}"), "same");
        sums += &format!("{}  usr/share/x/{n:04}\n", md5("same"));
    }
    sums += &format!("{}  usr/bin/zz\n", md5("good"));
    t.file("usr/bin/zz", "bad");
    t.file("var/lib/dpkg/status", "Package: x\nStatus: install ok installed\nVersion: 1\n");
    t.file("var/lib/dpkg/info/x.md5sums", sums);
    let few = Limits { integrity_bytes_max: 1, ..Limits::default() };
    let said = Said::of(Target::Root(t.0.clone()), few);
    assert_eq!(altered(&said), BTreeSet::from([("/usr/bin/zz".into(), "content".into())]), "programs come first");
    assert_eq!(counts(&said), ("1".into(), "601".into()));
    assert_eq!(said.gap("program.altered"), None, "a table of its own, which the rest does not blind");
    let gap = said.0.iter().find_map(|b| match b {
        Body::Gap(g) if g.what == "fact:file.altered" => Some((g.reason, g.count)),
        _ => None,
    });
    assert_eq!(gap, Some((GapReason::TooMany, 600)));
}

#[test]
fn without_lists_nothing_is_claimed() {
    let t = Tree::new();
    t.file("usr/bin/tool", "x");
    let said = Said::root(&t.0);
    assert_eq!(said.gap("file.altered"), Some(GapReason::Missing));
    assert_eq!(said.one("integrity.known"), None);
}

#[test]
fn apk_knows_content_and_permissions() {
    let t = Tree::new();
    // SHA-1 of "abc" (FIPS 180) and of no bytes, in base64; `busybox` is what the link says.
    let sha1 = |text: &str| {
        let sum = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
        format!("Q1{}", data_encoding::BASE64.encode(sum.as_ref()))
    };
    assert_eq!(sha1("abc"), "Q1qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
    let db = format!(
        "P:box\nV:1\nA:x\nF:usr/bin\nR:good\na:0:0:755\nZ:{a}\nR:sh\na:0:0:777\nZ:{b}\nR:open\na:0:0:4755\nZ:{a}\nR:bad\nZ:{a}\nF:etc\nR:box.conf\nZ:{a}\n\n",
        a = sha1("abc"),
        b = sha1("/usr/bin/good"),
    );
    t.file("lib/apk/db/installed", db);
    t.mode("usr/bin/good", "abc", 0o755);
    t.link("usr/bin/sh", "/usr/bin/good");
    t.mode("usr/bin/open", "abc", 0o755);
    t.file("usr/bin/bad", "abd");
    t.file("etc/box.conf", "changed");
    let said = Said::root(&t.0);
    let row = |path: &str, how: &str| (path.to_owned(), how.to_owned());
    let expected =
        BTreeSet::from([row("/usr/bin/open", "mode"), row("/usr/bin/bad", "content"), row("/etc/box.conf", "content")]);
    assert_eq!(altered(&said), expected);
    assert!(said.row("file.altered", "path", "/etc/box.conf").unwrap().0.contains("config=true"));
}

#[test]
fn pacman_knows_content_and_permissions() {
    use std::io::Write;
    let t = Tree::new();
    // SHA-256 of "abc": FIPS 180.
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let text = format!(
        "#mtree\n/set type=file uid=0 gid=0 mode=644\n./usr/bin/good time=1.0 mode=755 sha256digest={abc}\n./usr/bin/bad time=1.0 mode=755 sha256digest={abc}\n./etc/c time=1.0 sha256digest={abc}\n"
    );
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    t.file("var/lib/pacman/local/a-tool-1.0-1/mtree", packed.finish().unwrap());
    t.file("var/lib/pacman/local/a-tool-1.0-1/files", "%FILES%\netc/c\n\n%BACKUP%\netc/c\tx\n");
    t.file("var/lib/pacman/local/a-tool-1.0-1/desc", "%NAME%\na-tool\n\n%VERSION%\n1.0-1\n");
    t.mode("usr/bin/good", "abc", 0o755);
    t.mode("usr/bin/bad", "abd", 0o755);
    t.mode("etc/c", "changed", 0o644);
    let said = Said::root(&t.0);
    assert_eq!(counts(&said), ("3".into(), "3".into()));
    assert!(said.row("program.altered", "path", "/usr/bin/bad").unwrap().0.contains("package=a-tool"));
    assert!(said.row("file.altered", "path", "/etc/c").unwrap().0.contains("config=true"));
    assert_eq!(altered(&said).len(), 2);
    t.file("var/lib/pacman/local/a-tool-1.0-1/mtree", "no gzip");
    assert_eq!(Said::root(&t.0).gap("file.altered"), Some(GapReason::Corrupt));
}

#[test]
fn altered_files_are_those_that_rpm_finds() {
    let work = Tree::new();
    let Some(packages) = built(&work) else { return println!("SKIPPED: rpmbuild is not installed") };
    let root = installed(&packages);
    let verify = || {
        let top = root.0.to_str().unwrap();
        let args = ["--root", top, "--dbpath", "/var/lib/rpm", "-Va", "--nodeps", "--nouser", "--nogroup", "--nomtime"];
        let out = Command::new("rpm").args(args).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        let how = |l: &str| match l.get(..9).unwrap_or_default() {
            "missing  " => "missing",
            flags if flags.contains('5') => "content",
            flags if flags.contains('M') => "mode",
            _ => "other",
        };
        text.lines().map(|l| (l.rsplit(' ').next().unwrap().to_owned(), how(l).to_owned())).collect::<BTreeSet<_>>()
    };
    let said = Said::root(&root.0);
    assert_eq!((altered(&said), verify()), (BTreeSet::new(), BTreeSet::new()));
    assert_eq!(counts(&said), ("152".into(), "152".into()));
    root.mode("usr/bin/epochd", "trojan", 0o755);
    root.mode("etc/small.conf", "small 0\n", 0o600);
    std::fs::remove_file(root.0.join("usr/share/wide/a-rather-long-name-of-a-file-7")).unwrap();
    let said = Said::root(&root.0);
    assert_eq!(altered(&said), verify());
    assert_eq!(altered(&said).len(), 3);
    assert!(said.row("file.altered", "path", "/etc/small.conf").unwrap().0.contains("config=true"));
}

/// Who removes the sums of a package gets no pass: the package is counted. What has no files of its own needs no sums.
#[test]
fn packages_without_sums_are_counted() {
    let missing = |t: &Tree| {
        let said = Said::root(&t.0);
        let of = |what: &str| {
            said.0.iter().find_map(|b| match b {
                Body::Gap(g) if g.what == what && g.reason == GapReason::Missing => Some(g.count),
                _ => None,
            })
        };
        assert_eq!(of("fact:program.altered"), of("fact:file.altered"));
        of("fact:program.altered")
    };
    let add = |t: &Tree, name: &str, state: &str, more: &str| {
        let status = t.0.join("var/lib/dpkg/status");
        let text = std::fs::read_to_string(&status).unwrap();
        let row = format!(
            "\nPackage: {name}\nStatus: {state}\nMaintainer: a\nArchitecture: all\nVersion: 1\nDescription: x\n{more}"
        );
        std::fs::write(status, text + &row).unwrap();
    };
    let t = dpkg_root();
    // Folders (one of them empty), a link and a configuration file: nothing to be summed.
    std::fs::create_dir_all(t.0.join("usr/share/empty")).unwrap();
    t.link("usr/share/link", "/usr/share/tool");
    t.file("etc/only.conf", "setting\n");
    add(&t, "only", "install ok installed", &format!("Conffiles:\n /etc/only.conf {}\n", md5("setting\n")));
    t.file(
        "var/lib/dpkg/info/only.list",
        "/.\n/usr\n/usr/share\n/usr/share/empty\n/usr/share/link\n/etc\n/etc/only.conf\n",
    );
    // Removed, its configuration left.
    add(&t, "gone", "deinstall ok config-files", "");
    t.file("etc/gone2.conf", "x");
    t.file("var/lib/dpkg/info/gone.list", "/etc/gone2.conf\n");
    assert_eq!(missing(&t), None);
    // A package that lost its sums, and one that lost its list too.
    std::fs::remove_file(t.0.join("var/lib/dpkg/info/tool.md5sums")).unwrap();
    t.mode("usr/bin/tool", "trojan", 0o755);
    assert_eq!(missing(&t), Some(1));
    add(&t, "bare", "install ok installed", "");
    assert_eq!(missing(&t), Some(2));
}

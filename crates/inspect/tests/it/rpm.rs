//! Databases of rpm in their three stores; what they hold is what `rpm -qa` says. SQLite is written by rpm, the hash
//! file by Berkeley DB's own loader. Debian's rpm cannot write ndb: that store is written here, after the layout that
//! `lib/backend/ndb/rpmpkg.c` of rpm gives, and so proves less.

use crate::{Said, Tree};
use evidence::GapReason;
use inspect::parse::{RpmStore, rpm_header, rpm_packages};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a tool; nothing if it is not there.
pub(crate) fn run(program: &str, args: &[&str]) -> Option<String> {
    let out = Command::new(program).args(args).env("LC_ALL", "C").output().ok()?;
    assert!(out.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    Some(String::from_utf8(out.stdout).unwrap())
}

/// Packages made for the test: a small one, one with an epoch, one whose header needs many pages.
pub(crate) fn built(t: &Tree) -> Option<Vec<PathBuf>> {
    let specs = [
        ("small", "Version: 1.2\nRelease: 3%{?x}", "/etc/small.conf", 1),
        ("epoch-d", "Version: 2~rc1\nRelease: 1\nEpoch: 4\nVendor: Plant", "/usr/bin/epochd", 1),
        ("wide", "Version: 7\nRelease: 1", "/usr/share/wide/a-rather-long-name-of-a-file", 150),
    ];
    let top = t.0.join("build");
    for (name, head, path, files) in specs {
        let conf = if path.starts_with("/etc") { "%config " } else { "" };
        let mut install = String::new();
        let mut list = String::new();
        for n in 0..files {
            let path = if n == 0 { path.to_owned() } else { format!("{path}-{n}") };
            install += &format!("mkdir -p %{{buildroot}}$(dirname {path}); echo {name} {n} > %{{buildroot}}{path}\n");
            list += &format!("%attr(0755,root,root) {conf}{path}\n");
        }
        let spec = format!(
            "Name: {name}\n{head}\nSummary: x\nLicense: x\nBuildArch: noarch\n%description\nx\n%install\n{install}%files\n{list}"
        );
        let spec = t.file(&format!("{name}.spec"), spec);
        let define = format!("_topdir {}", top.display());
        run("rpmbuild", &["-bb", "--quiet", "--define", &define, spec.to_str().unwrap()])?;
    }
    let out = std::fs::read_dir(top.join("RPMS/noarch")).unwrap().map(|e| e.unwrap().path());
    Some(out.collect())
}

/// A root with the packages installed.
pub(crate) fn installed(packages: &[PathBuf]) -> Tree {
    let root = Tree::new();
    let top = root.0.to_str().unwrap().to_owned();
    let backend = "_db_backend sqlite";
    let mut args = vec!["--root", &top, "--dbpath", "/var/lib/rpm", "--define", backend, "-i", "--nodeps"];
    args.extend(packages.iter().map(|p| p.to_str().unwrap()));
    run("rpm", &args);
    root
}

fn asked(root: &Path, backend: &str, format: &str) -> BTreeSet<String> {
    let define = format!("_db_backend {backend}");
    let args =
        ["--root", root.to_str().unwrap(), "--dbpath", "/var/lib/rpm", "--define", &define, "-qa", "--qf", format];
    run("rpm", &args).unwrap().lines().map(str::to_owned).collect()
}

const LINE: &str = "%{NAME} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE} %{ARCH}\\n";

fn said_lines(root: &Tree) -> BTreeSet<String> {
    let said = Said::root(&root.0);
    assert_eq!(said.gap("package"), None);
    let text = |v: &evidence::FactValue, f: &str| v.field(f).map(ToString::to_string).unwrap_or_default();
    let rows = said.rows("package");
    assert!(rows.iter().all(|(v, _)| text(v, "manager") == "rpm"));
    rows.iter().map(|(v, _)| format!("{} {} {}", text(v, "name"), text(v, "version"), text(v, "arch"))).collect()
}

/// Headers of a SQLite database with their numbers.
fn headers(sqlite: &Path) -> Vec<(u32, Vec<u8>)> {
    let c = rusqlite::Connection::open(sqlite).unwrap();
    let mut rows = c.prepare("SELECT hnum, blob FROM Packages").unwrap();
    let rows = rows.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The SQLite database in the layout of ndb: one page of slots, then blobs in blocks of 16 bytes.
fn ndb(sqlite: &Path) -> Vec<u8> {
    let mut table = b"RpmP".to_vec();
    for number in [0u32, 7, 1, 4, 0, 0, 0] {
        table.extend(number.to_le_bytes());
    }
    let mut blobs: Vec<u8> = Vec::new();
    let mut slot = |number: u32, block: u32, blocks: u32| {
        table.extend(b"Slot");
        [number, block, blocks].iter().for_each(|n| table.extend(n.to_le_bytes()));
    };
    slot(0, 0, 0);
    for (number, header) in headers(sqlite) {
        let length = u32::try_from(header.len()).unwrap();
        let (block, blocks) = (u32::try_from((4096 + blobs.len()) / 16).unwrap(), (length + 28).div_ceil(16));
        slot(number, block, blocks);
        blobs.extend(b"BlbS");
        [number, 7, length].iter().for_each(|n| blobs.extend(n.to_le_bytes()));
        blobs.extend(&header);
        blobs.resize((blobs.len() + 12).next_multiple_of(16) - 4, 0);
        blobs.extend(b"BlbE");
    }
    for _ in 0..(4096 - table.len()) / 16 {
        table.extend(b"Slot\0\0\0\0\0\0\0\0\0\0\0\0");
    }
    [table, blobs].concat()
}

/// The SQLite database as a hash file of Berkeley DB, made by that library's own loader.
fn berkeley(sqlite: &Path, t: &Tree) -> Option<PathBuf> {
    let mut dump =
        String::from("VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=4096\nHEADER=END\n 00000000\n 09000000\n");
    for (number, blob) in headers(sqlite) {
        let hex = |b: &[u8]| b.iter().map(|b| format!("{b:02x}")).collect::<String>();
        dump += &format!(" {}\n {}\n", hex(&number.to_le_bytes()), hex(&blob));
    }
    dump += "DATA=END\n";
    let dump = t.file("dump", dump);
    let to = t.0.join("Packages");
    run("db5.3_load", &["-f", dump.to_str().unwrap(), to.to_str().unwrap()])?;
    Some(to)
}

#[test]
fn the_stores_hold_what_rpm_says() {
    let work = Tree::new();
    let Some(packages) = built(&work) else {
        println!("SKIPPED: rpmbuild is not installed");
        return;
    };
    let sqlite = installed(&packages);
    let expected = asked(&sqlite.0, "sqlite", LINE);
    assert_eq!(expected.len(), 3);
    assert_eq!(said_lines(&sqlite), expected);
    let other = Tree::new();
    let path = other.file("usr/lib/sysimage/rpm/Packages.db", ndb(&sqlite.0.join("var/lib/rpm/rpmdb.sqlite")));
    assert_eq!(said_lines(&other), expected);

    let paths = asked(&sqlite.0, "sqlite", "[%{FILENAMES} %{FILEDIGESTS} %{FILEMODES:octal}\\n]");
    let read = |store, path: &Path| {
        let (packages, fault) = rpm_packages(store, std::fs::read(path).unwrap());
        assert_eq!(fault, None);
        let line = |p: &inspect::parse::RpmPackage, f: &inspect::parse::RpmFile| {
            let hex: String = f.digest.iter().map(|b| format!("{b:02x}")).collect();
            format!("{} {hex} {:o}", String::from_utf8(p.path(f)).unwrap(), f.mode)
        };
        packages.iter().flat_map(|p| p.files.iter().map(|f| line(p, f)).collect::<Vec<_>>()).collect::<BTreeSet<_>>()
    };
    assert_eq!(read(RpmStore::Sqlite, &sqlite.0.join("var/lib/rpm/rpmdb.sqlite")), paths);
    assert_eq!(read(RpmStore::Ndb, &path), paths);

    let said = Said::root(&sqlite.0);
    assert!(said.row("package", "name", "wide").unwrap().1.ends_with("rpmdb.sqlite"));
    // The source package has the package's own name and version, so nothing is said of it.
    assert!(!said.row("package", "name", "wide").unwrap().0.contains("source="));

    let Some(hash) = berkeley(&sqlite.0.join("var/lib/rpm/rpmdb.sqlite"), &work) else {
        println!("SKIPPED: db5.3_load is not installed");
        return;
    };
    assert_eq!(read(RpmStore::Berkeley, &hash), paths);
    let root = Tree::new();
    root.file("var/lib/rpm/Packages", std::fs::read(hash).unwrap());
    assert_eq!(asked(&root.0, "bdb_ro", LINE), expected, "rpm itself reads the hash file");
    assert_eq!(said_lines(&root), expected);
}

#[test]
fn owned_paths_come_from_the_database() {
    let work = Tree::new();
    let Some(packages) = built(&work) else {
        println!("SKIPPED: rpmbuild is not installed");
        return;
    };
    let root = installed(&packages);
    root.mode("usr/bin/epochd", "epoch-d 0\n", 0o4755);
    root.mode("usr/bin/own", "", 0o4755);
    let said = Said::root(&root.0);
    assert!(said.row("file.setuid", "path", "/usr/bin/epochd").unwrap().0.contains("packaged=true"));
    assert!(said.row("file.setuid", "path", "/usr/bin/own").unwrap().0.contains("packaged=false"));
}

/// Every store cut at many places and with bits turned: packages may be fewer, and then there is a gap.
#[test]
fn broken_stores_end_with_a_gap() {
    let work = Tree::new();
    let Some(packages) = built(&work) else {
        println!("SKIPPED: rpmbuild is not installed");
        return;
    };
    let kept = installed(&packages);
    let sqlite = kept.0.join("var/lib/rpm/rpmdb.sqlite");
    let mut stores = vec![(RpmStore::Sqlite, std::fs::read(&sqlite).unwrap()), (RpmStore::Ndb, ndb(&sqlite))];
    if let Some(hash) = berkeley(&sqlite, &work) {
        stores.push((RpmStore::Berkeley, std::fs::read(hash).unwrap()));
    }
    for (store, whole) in stores {
        for part in 0..25 {
            let cut = whole.len() * part / 25;
            let (packages, fault) = rpm_packages(store, whole[..cut].to_vec());
            assert!(packages.len() <= 3);
            assert!(fault.is_some() || packages.len() == 3, "{store:?} cut at {cut}");
        }
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..25 {
            let mut broken = whole.clone();
            for _ in 0..40 {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                let at = usize::try_from(seed % broken.len() as u64).unwrap();
                broken[at] = seed.to_le_bytes()[5];
            }
            let _ = rpm_packages(store, broken);
        }
    }
}

#[test]
fn hostile_lengths_take_no_memory() {
    for store in [RpmStore::Sqlite, RpmStore::Ndb, RpmStore::Berkeley] {
        for bytes in
            [vec![], vec![0xff; 8192], b"SQLite format 3\0".to_vec(), b"RpmP\0\0\0\0\0\0\0\0\xff\xff\xff\xff".to_vec()]
        {
            let (packages, fault) = rpm_packages(store, bytes);
            assert!(packages.is_empty() && fault.is_some(), "{store:?}");
        }
    }
    // A hash file whose one value is a chain of pages that leads to itself.
    let mut looped = vec![0; 3 * 512];
    looped[12..16].copy_from_slice(&0x61561u32.to_le_bytes());
    looped[20..24].copy_from_slice(&512u32.to_le_bytes());
    let page = 512;
    looped[page + 20] = 2;
    looped[page + 25] = 13;
    looped[page + 26..page + 28].copy_from_slice(&507u16.to_le_bytes());
    looped[page + 28..page + 30].copy_from_slice(&495u16.to_le_bytes());
    looped[page + 507..page + 512].copy_from_slice(&[1, 1, 0, 0, 0]);
    looped[page + 495] = 3;
    looped[page + 499] = 2;
    looped[page + 503..page + 507].copy_from_slice(&1500u32.to_le_bytes());
    looped[1024 + 16] = 2;
    looped[1024 + 22] = 200;
    looped[1024 + 25] = 7;
    let (packages, fault) = rpm_packages(RpmStore::Berkeley, looped);
    assert_eq!((packages.len(), fault), (0, Some(GapReason::Corrupt)));
    assert_eq!(rpm_header(&[0, 0, 255, 255, 255, 255, 255, 255]), None);
    assert_eq!(rpm_header(&[255; 64]), None);
}

#[test]
fn a_database_that_cannot_be_read_is_a_gap() {
    let t = Tree::new();
    t.file("var/lib/rpm/rpmdb.sqlite", "not a database");
    t.mode("usr/bin/su", "", 0o4755);
    let said = Said::root(&t.0);
    assert_eq!(said.gap("package"), Some(GapReason::Corrupt));
    assert_eq!(said.gap("file.setuid"), Some(GapReason::Corrupt));
    assert!(!said.row("file.setuid", "path", "/usr/bin/su").unwrap().0.contains("packaged"));
}

//! Hives, bundles and texts made to harm.

use crate::hive_writer::{Node, hive};
use crate::windows_plants::planted;
use crate::{Said, Tree, windows_bundle, windows_disk};
use evidence::GapReason;
use inspect::windows::hive::{Hive, HiveError, HiveKey};
use inspect::windows::{decode, manifest, output, reg, sid, task_file, windows_command};
use inspect::{Limits, Target};

fn noise(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}
fn small() -> Vec<u8> {
    let mut n = Node::default();
    n.set("A\\B", "v", 1, *b"t\0\0\0");
    n.set("A\\C", "w", 3, vec![1; 100]);
    hive(&n)
}
/// Asks everything that can be asked, to a depth that a loop would pass.
fn walk(h: &Hive, key: &HiveKey, depth: usize, left: &mut usize) {
    for v in h.values(key).unwrap_or_default() {
        let _ = (h.data(&v), h.bytes(&v, 16));
    }
    for child in h.subkeys(key).unwrap_or_default() {
        if depth < 8 && *left > 0 {
            *left -= 1;
            walk(h, &child, depth + 1, left);
        }
    }
}
fn ask(bytes: Vec<u8>) {
    if let Ok(h) = Hive::open(bytes) {
        let _ = (h.key("A\\B"), h.key("ControlSet001\\Services\\x\\y"), h.dirty());
        if let Ok(root) = h.root() {
            walk(&h, &root, 0, &mut 2000);
        }
    }
}

#[test]
fn what_is_no_hive_is_refused() {
    let good = small();
    for bad in [&b""[..], b"regf", &[0; 5000], &good[..4000]] {
        assert_eq!(Hive::open(bad.to_vec()).unwrap_err(), HiveError::NotAHive);
    }
    let mut log = good.clone();
    log[28] = 6;
    assert_eq!(Hive::open(log).unwrap_err(), HiveError::NotAHive, "a log is no hive");
    let cut = Hive::open(good[..4096].to_vec()).unwrap();
    assert_eq!(cut.root().unwrap_err(), HiveError::Broken, "cut behind the header");
}

#[test]
fn loops_and_huge_counts_end() {
    let good = small();
    let h = Hive::open(good.clone()).unwrap();
    assert!(h.key("a\\b").unwrap().is_some());
    // Every cell of a key in turn gets the list of the top as its own: children that are their own parents.
    let root = usize::try_from(u32::from_le_bytes(good[36..40].try_into().unwrap())).unwrap() + 4096 + 4;
    let list = good[root + 28..root + 32].to_vec();
    for at in (4096..good.len() - 80).filter(|at| &good[at + 4..at + 6] == b"nk") {
        let mut bad = good.clone();
        bad[at + 4 + 20..at + 4 + 24].copy_from_slice(&1_u32.to_le_bytes());
        bad[at + 4 + 28..at + 4 + 32].copy_from_slice(&list);
        let h = Hive::open(bad.clone()).unwrap();
        assert!(h.key("A\\A\\A\\A\\A\\A").is_ok());
        ask(bad);
    }
    // Counts of values and children beyond any file.
    for field in [20, 36] {
        let mut bad = good.clone();
        bad[root + field..root + field + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        ask(bad);
    }
    let mut bad = good.clone();
    bad[root + 36..root + 40].copy_from_slice(&u32::MAX.to_le_bytes());
    bad[root + 40..root + 44].copy_from_slice(&list);
    let h = Hive::open(bad).unwrap();
    assert_eq!(h.values(&h.root().unwrap()).unwrap_err(), HiveError::TooMany);
}

#[test]
fn random_bytes_never_panic() {
    let mut seed = 0x1234_5678_9abc_def1;
    let good = small();
    for _ in 0..3000 {
        let mut bytes = good.clone();
        for _ in 0..1 + noise(&mut seed) % 6 {
            let at = 4096 + usize::try_from(noise(&mut seed)).unwrap_or(0) % (bytes.len() - 4096);
            bytes[at] = noise(&mut seed).to_le_bytes()[3];
        }
        let cut = usize::try_from(noise(&mut seed) % 6000).unwrap();
        if cut.is_multiple_of(3) {
            bytes.truncate(4096 + cut);
        }
        ask(bytes);
    }
    for round in 0..2000 {
        let len = usize::try_from(noise(&mut seed) % 300).unwrap();
        let alphabet =
            b"[]\"\\=,:;-@{}<>/ \r\n\0hexdword()HKEY_LOCAL_MACHINE    REG_SZ    <Task ><Event >S-1-5 0x\xff\xfe\xcf";
        let bytes: Vec<u8> = (0..len)
            .map(|_| {
                let n = noise(&mut seed);
                if round % 2 == 0 {
                    alphabet[usize::try_from(n % 90).unwrap() % alphabet.len()]
                } else {
                    n.to_le_bytes()[2]
                }
            })
            .collect();
        texts(&bytes);
    }
}
fn texts(bytes: &[u8]) {
    let _ = (sid::sid(bytes), sid::allowed(bytes));
    for page in [None, Some(936), Some(437)] {
        let text = decode(bytes, page);
        let mut tree = reg::Export::default();
        tree.add(0, &text);
        tree.add(1, &format!("Windows Registry Editor Version 5.00\r\n[HKEY_USERS\\a]\r\n{text}"));
        let _ = (tree.subkeys("HKEY_USERS"), tree.has(&text));
        let _ = (manifest::manifest(&format!("{}\n{text}", manifest::HEAD)), manifest::moment(&text));
        let _ = (output::csv_table(&text), output::netstat(&text), output::tasklist(&text), output::secedit(&text));
        let _ = (output::net_accounts(&text), output::leap_indicator(&text), output::wbadmin_newest(&text));
        let _ = (
            output::shadow_copies(&text),
            output::audit_policy(&text),
            output::saved_acls(&text),
            output::events(&text),
        );
        let _ = (task_file(&text), windows_command(&text));
    }
}

/// Every file of a bundle and of a disk, filled with noise: no panic, only gaps and what the dictionary knows.
#[test]
fn garbage_in_every_file() {
    let mut seed = 0x9e37_79b9_7f4a_7c15;
    for round in 0..4 {
        let mut files = windows_bundle::bundle(&planted(), round % 2 == 0);
        for (name, bytes) in &mut files {
            if name != "manifest.txt" {
                for b in bytes.iter_mut() {
                    if noise(&mut seed).is_multiple_of(4) {
                        *b = noise(&mut seed).to_le_bytes()[1];
                    }
                }
            }
        }
        let t = Tree::new();
        windows_bundle::write(&t, &files);
        windows_bundle::said(&t);
        let d = windows_disk::disk(&planted());
        for name in ["SYSTEM", "software", "Sam"] {
            let path = d.0.join("Windows/System32/config").join(name);
            let mut bytes = std::fs::read(&path).unwrap();
            for _ in 0..40 {
                let at = 4096 + usize::try_from(noise(&mut seed)).unwrap_or(0) % (bytes.len() - 4096);
                bytes[at] = noise(&mut seed).to_le_bytes()[1];
            }
            std::fs::write(path, bytes).unwrap();
        }
        Said::root(&d.0);
    }
}

#[test]
fn limits_of_a_bundle_cut_with_a_gap() {
    let t = Tree::new();
    windows_bundle::write(&t, &windows_bundle::bundle(&planted(), true));
    t.file("netstat.txt", vec![b' '; 200_000]);
    let few = Limits { file_bytes_max: 100_000, ..Limits::default() };
    let s = Said::of(Target::Bundle(t.0.clone()), few);
    assert_eq!(s.gap("listen"), Some(GapReason::TooLarge));
    // A zip that unpacks to far more than it is.
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = || zip::write::SimpleFileOptions::default();
    for (name, bytes) in windows_bundle::bundle(&planted(), true) {
        zip.start_file(name, options()).unwrap();
        std::io::Write::write_all(&mut zip, &bytes).unwrap();
    }
    zip.start_file("tasklist2.csv", options()).unwrap();
    std::io::Write::write_all(&mut zip, &vec![0; 20 << 20]).unwrap();
    let path = t.file("b.zip", zip.finish().unwrap().into_inner());
    let s = Said::of(Target::Bundle(path), Limits { bundle_bytes_max: 4 << 20, ..Limits::default() });
    assert!(s.one("host.name").is_some());
}

//! Archives and compressions made by others' writers (`tests/data/archives/make.py`): what is planted in them is
//! found at its place, what cannot be read is named.
use super::{config, gaps, hits, run};
use discover::Limits;
use discover::fuzz::read_bytes;
use evidence::{Body, GapReason as G, PathText, Spot};
use std::path::{Path, PathBuf};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/archives").join(name)
}
fn data(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).expect("a fixture is there")
}
fn joined(inside: &[PathText]) -> String {
    inside.iter().map(PathText::as_str).collect::<Vec<_>>().join(" > ")
}
/// Reason and place inside of every gap.
fn gap_places(bodies: &[Body]) -> Vec<(G, String)> {
    let gap = |b: &Body| if let Body::Gap(g) = b { Some(g.clone()) } else { None };
    let places = bodies.iter().filter_map(gap).map(|g| (g.reason, joined(&g.at.expect("a place").inside)));
    places.collect()
}
fn found(bodies: &[Body]) -> Vec<String> {
    let ids = hits(bodies).into_iter().filter(|h| h.class.as_str() == "cn.resident-id");
    let mut found: Vec<_> = ids.map(|h| joined(&h.at.inside)).collect();
    found.sort();
    found
}
fn members(bodies: &[Body]) -> u64 {
    bodies
        .iter()
        .find_map(|b| if let Body::Covered(c) = b { c.counts.get("members").copied() } else { None })
        .expect("every run ends so")
}

/// One fixture: as a file, and in memory as a member would be.
fn check(name: &str, places: &[&str], told: &[(G, &str)], count: u64) {
    for bodies in [run(&path(name), Limits::default()), read_bytes(&data(name), &config(Limits::default()))] {
        assert_eq!(found(&bodies), places, "{name}");
        let told: Vec<_> = told.iter().map(|(reason, place)| (*reason, (*place).to_owned())).collect();
        assert_eq!(gap_places(&bodies), told, "{name}");
        assert_eq!(members(&bodies), count, "{name}: members");
        for hit in hits(&bodies) {
            assert!(
                matches!(hit.samples[0].spot, Spot::Line { line: 3, column: 6 }),
                "{name}: {:?}",
                hit.samples[0].spot
            );
        }
    }
}

#[test]
fn compressions_are_read_to_their_end() {
    for (name, place) in [
        ("plan.xz", "xz"),
        ("plan-sha256.xz", "xz"),
        ("twice.xz", "xz"),
        ("blocks.xz", "xz"),
        ("x86.xz", "xz"),
        ("plan.lzma", "lzma"),
        ("sized.lzma", "lzma"),
        ("plan.bz2", "bzip2"),
        ("twice.bz2", "bzip2"),
        ("plan.zst", "zstd"),
        ("check.zst", "zstd"),
        ("skips.zst", "zstd"),
        ("plan.lz4", "lz4"),
        ("linked.lz4", "lz4"),
        ("old.lz4", "lz4"),
        ("twice.lz4", "lz4"),
    ] {
        check(name, &[place], &[], 0);
    }
}

#[test]
fn archives_are_read_member_by_member() {
    let long = format!("{}plan.txt", "a-folder-with-a-name/".repeat(9));
    let wide = format!("文件夹/{long}");
    const PLAN: &str = "folder/plan.txt";
    for (name, place) in [
        ("old.tar", PLAN),
        ("ustar.tar", PLAN),
        ("gnu.tar", &long),
        ("pax.tar", &wide),
        ("ustar.tar.gz", "gzip > folder/plan.txt"),
        ("ustar.tar.bz2", "bzip2 > folder/plan.txt"),
        ("ustar.tar.xz", "xz > folder/plan.txt"),
        ("ustar.tar.zst", "zstd > folder/plan.txt"),
        ("newc.cpio", PLAN),
        ("crc.cpio", PLAN),
        ("odc.cpio", PLAN),
        ("bin.cpio", PLAN),
        ("bsd.a", "a name with blanks.txt"),
        ("stored.cab", PLAN),
        ("mszip.cab", PLAN),
        ("lzma2.7z", PLAN),
        ("lzma.7z", PLAN),
        ("copy.7z", PLAN),
        ("bzip2.7z", PLAN),
        ("ppmd.7z", PLAN),
        ("deflate.7z", PLAN),
        ("deflate64.7z", PLAN),
        ("delta.7z", PLAN),
        ("bcj.7z", PLAN),
        ("bcj2.7z", PLAN),
        ("apart.7z", PLAN),
    ] {
        check(name, &[place], &[], if matches!(name, "old.tar" | "bsd.a") { 1 } else { 2 });
    }
    check("blocks.cab", &[PLAN, "long.log"], &[], 2);
    check("gnu.a", &["a-name-of-more-than-sixteen.txt", "plan.txt"], &[], 3);
    check("plan-xz.deb", &["data.tar.xz > xz > ./opt/plan.txt"], &[], 5);
    check("plan-zstd.deb", &["data.tar.zst > zstd > ./opt/plan.txt"], &[], 5);
    check("plan-gz.rpm", &["payload > gzip > ./opt/plan.txt"], &[], 1);
    check("plan-xz.rpm", &["payload > xz > ./opt/plan.txt"], &[], 1);
    check("plan-zst.rpm", &["payload > zstd > ./opt/plan.txt"], &[], 1);
    check("initramfs.cpio", &["after the trailer > gzip > folder/plan.txt"], &[], 3);
    check("three.zip", &["three.7z > three.tar.xz > xz > folder/plan.txt"], &[], 4);
}

#[test]
fn what_is_locked_is_named_and_never_silent() {
    let two = [(G::Encrypted, "folder/b.bin"), (G::Encrypted, "folder/plan.txt")];
    check("locked.7z", &[], &two, 2);
    check("locked-names.7z", &[], &[(G::Encrypted, "")], 0);
    check("locked-zipcrypto.zip", &[], &two, 2);
    check("locked-aes.zip", &[], &two, 2);
}

#[test]
fn what_wants_too_much_memory_is_a_gap() {
    check("wide.xz", &[], &[(G::TooLarge, "xz")], 0);
    check("wide.lzma", &[], &[(G::TooLarge, "lzma")], 0);
    check("wide.zst", &[], &[(G::TooLarge, "zstd")], 0);
    check("wide.7z", &[], &[(G::TooLarge, "large.bin")], 1);
}

#[test]
fn what_unpacks_to_too_much_is_a_bomb() {
    check("bomb.xz", &[], &[(G::Bomb, "xz")], 0);
    check("bomb.lzma", &[], &[(G::Bomb, "lzma")], 0);
    check("bomb.bz2", &[], &[(G::Bomb, "bzip2")], 0);
    check("bomb.zst", &[], &[(G::Bomb, "zstd")], 0);
    // What lies behind the bomb in its block cannot be reached.
    check("bomb.7z", &[], &[(G::Bomb, "b.txt")], 2);
}

#[test]
fn other_compressions_in_zip_are_read() {
    for name in ["deflate64.zip", "bzip2.zip", "lzma.zip", "ppmd.zip", "xz.zip", "zstd.zip"] {
        check(name, &["long.txt"], &[], if name == "zstd.zip" { 1 } else { 2 });
    }
}

#[test]
fn of_rar_what_is_stored_is_read_and_all_is_named() {
    let plan = "folder/plan.txt";
    check("old.rar", &[plan], &[], 1);
    check("old-wide.rar", &["计划12.text"], &[], 1);
    check("old-packed.rar", &[], &[(G::Unsupported, plan)], 1);
    check("old-locked.rar", &[], &[(G::Encrypted, plan)], 1);
    check("old-locked-names.rar", &[], &[(G::Encrypted, "")], 0);
    check("new.rar", &[plan], &[], 1);
    check("new-packed.rar", &[], &[(G::Unsupported, plan)], 1);
    check("new-locked.rar", &[], &[(G::Encrypted, plan)], 1);
}

#[test]
fn of_a_cabinet_that_cannot_be_unpacked_the_members_are_named() {
    let mut cab = data("mszip.cab");
    // The method of the one folder (CFFOLDER, typeCompress): LZX with a window of 2 MiB.
    cab[42..44].copy_from_slice(&[3, 21]);
    let bodies = read_bytes(&cab, &config(Limits::default()));
    assert_eq!(gap_places(&bodies), ["folder/b.bin", "folder/plan.txt"].map(|n| (G::Unsupported, n.to_owned())));
}

#[test]
fn sparse_members_are_read_without_their_holes() {
    for name in ["sparse-gnu.tar.gz", "sparse-0.0.tar.gz", "sparse-0.1.tar.gz", "sparse-1.0.tar.gz"] {
        let bodies = read_bytes(&data(name), &config(Limits::default()));
        assert_eq!((found(&bodies), gaps(&bodies)), (vec!["gzip > sparse".to_owned()], vec![]), "{name}");
        let hit = hits(&bodies)[0];
        assert_eq!((hit.bands.high, hit.distinct), (2, 1), "{name}");
        let lines: Vec<_> =
            hit.samples.iter().map(|s| if let Spot::Line { line, .. } = s.spot { line } else { 0 }).collect();
        // The hole is in the middle of line 682, as `grep -n` counts.
        assert_eq!(lines, [3, 684], "{name}");
    }
}

//! The trial that every reader passes: what lies where, what was not looked at, and no value in any output.
mod archives;
mod documents;
mod encodings;
mod faults;
mod hostile;
mod memo;
mod memory;
mod office;
mod pdf;
mod table;
mod trial;
mod writers;

use discover::fuzz::read_bytes;
use discover::{Config, Detectors, Discoverer, Limits};
use evidence::{Body, DigestKey, GapReason, Hits, MemoryState, Spot};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::{Arc, LazyLock};
use testing::plant::{self, Grow, Wrap};

fn config(limits: Limits) -> Config {
    // The trial plants values of these; what else the packs find in its materials is the packs' own trial.
    static PLANTED: LazyLock<Arc<Detectors>> = LazyLock::new(|| {
        Detectors::only(&["bank-card", "cn.mobile", "cn.resident-id", "cn.uscc", "email", "private-key", "vin"])
    });
    Config { limits, detectors: Arc::clone(&PLANTED), ..Config::new(DigestKey::new([7; 32]), 2) }
}
fn run(root: &Path, limits: Limits) -> Vec<Body> {
    let sink = Mutex::new(Vec::new());
    let sensor = Discoverer::new(vec![root.to_owned()], config(limits));
    sensor.run(&sink, &MemoryState::default(), &stdx::Silent, &stdx::Stop::new());
    sink.into_inner().expect("no worker died")
}
fn hits(bodies: &[Body]) -> Vec<&Hits> {
    bodies.iter().filter_map(|b| if let Body::Hits(h) = b { Some(h) } else { None }).collect()
}
fn gaps(bodies: &[Body]) -> Vec<GapReason> {
    bodies.iter().filter_map(|b| if let Body::Gap(g) = b { Some(g.reason) } else { None }).collect()
}
fn folder(name: &str) -> std::path::PathBuf {
    let dir = std::env::temp_dir().join(format!("discover-it-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("the temporary folder takes folders");
    dir
}
const ID: &str = "360426199101010071";

#[test]
fn every_planted_value_is_found_in_every_wrap_and_none_leaks() {
    let dir = folder("plant");
    let planted = plant::tree(&dir, Grow { seed: 3, files: 400, file_bytes: 3000, every: 1 }).unwrap();
    let bodies = run(&dir, Limits::default());
    let text = serde_json::to_string(&bodies).unwrap();
    for p in &planted {
        assert!(!text.contains(&p.value), "{:?} leaks", p.path);
        let path = dir.join(&p.path).display().to_string();
        let hit = hits(&bodies).into_iter().find(|h| h.class.as_str() == p.class && h.at.path.as_str() == path);
        let hit = hit.unwrap_or_else(|| panic!("{} in {path} ({:?}) was not found", p.class, p.wrap));
        assert!(hit.bands.high == 1 && hit.bands.all() == 1, "{path} {:?}", hit.bands);
        match &hit.samples[0].spot {
            Spot::Line { line, .. } => assert_eq!(*line, p.line, "{path}"),
            Spot::Cell { sheet, cell } => {
                assert_eq!((sheet.as_str(), cell.clone()), ("Sheet 1", format!("A{}", p.line)));
            }
            Spot::Byte { .. } | Spot::Page { .. } | Spot::Field { .. } => panic!("no text is located so"),
        }
        assert!(matches!(hit.at.digest, Some(evidence::ContentDigest::Keyed(_))));
        assert_eq!(hit.at.inside.is_empty(), matches!(p.wrap, Wrap::Utf8 | Wrap::Gb18030 | Wrap::Utf16));
    }
    assert_eq!(gaps(&bodies), []);
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn readers_and_what_stops_them() {
    let text = format!("身份证号 {ID}\n");
    let zip = plant::zip(&[("a.txt", text.as_bytes())]).unwrap();
    let gzip = plant::gzip(text.as_bytes()).unwrap();
    let twice = plant::zip(&[("inner.zip", &zip), ("b.gz", &gzip)]).unwrap();
    let zeros = plant::gzip(&vec![0x20; 40 << 20]).unwrap();
    let zip_bomb = plant::zip(&[("zeros", &vec![0x20; 40 << 20])]).unwrap();
    let mut cut = plant::gzip(text.repeat(400).as_bytes()).unwrap();
    cut.truncate(cut.len() - 9);
    let mut deep = text.clone().into_bytes();
    for _ in 0..12 {
        deep = plant::gzip(&deep).unwrap();
    }
    let nested_xml = format!("<w:document>{}", "<w:p>".repeat(5000));
    let hostile =
        plant::zip(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", nested_xml.as_bytes())]).unwrap();
    let entities = b"<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><w:document><w:p><w:t>&b;&b;</w:t></w:p></w:document>";
    let laughs = plant::zip(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", entities)]).unwrap();
    let docx = plant::docx(&["first", &text]).unwrap();
    let encrypted = include_bytes!("../data/documents/locked.docx");
    let mut broken = zip.clone();
    broken.truncate(broken.len() - 30);
    let few = Limits { container_entries_max: 1, ..Limits::default() };
    let small = Limits { member_bytes_max: 10_000, ..Limits::default() };
    let large = plant::gzip(text.repeat(2000).as_bytes()).unwrap();
    use GapReason as G;
    type Case<'a> = (&'a str, &'a [u8], Limits, u64, &'a [GapReason]);
    let table: [Case<'_>; 17] = [
        ("text", text.as_bytes(), Limits::default(), 1, &[]),
        ("zip", &zip, Limits::default(), 1, &[]),
        ("gzip", &gzip, Limits::default(), 1, &[]),
        ("nested", &twice, Limits::default(), 2, &[]),
        ("docx, runs split", &docx, Limits::default(), 1, &[]),
        ("gzip bomb", &zeros, Limits::default(), 0, &[G::Bomb]),
        ("zip bomb", &zip_bomb, Limits::default(), 0, &[G::Bomb]),
        ("truncated", &cut, Limits::default(), 400, &[G::Corrupt]),
        ("too deep", &deep, Limits::default(), 0, &[G::TooDeep]),
        ("xml too deep", &hostile, Limits::default(), 0, &[G::TooDeep]),
        ("entities are not expanded", &laughs, Limits::default(), 0, &[]),
        ("encrypted office", encrypted, Limits::default(), 0, &[G::Encrypted]),
        ("broken zip", &broken, Limits::default(), 1, &[G::Corrupt]),
        ("entries", &twice, few, 0, &[G::TooMany]),
        ("member too large", &large, small, 0, &[G::TooLarge]),
        ("pdf without an object", b"%PDF-1.7\n", Limits::default(), 0, &[G::Corrupt]),
        ("program", b"\x7fELF\x02\x01\x01\0\0\0\0\0", Limits::default(), 0, &[]),
    ];
    for (name, bytes, limits, ids, expect) in table {
        let partial = name == "truncated" || name == "member too large";
        let bodies = read_bytes(bytes, &config(limits));
        let found: u64 =
            hits(&bodies).iter().filter(|h| h.class.as_str() == "cn.resident-id").map(|h| h.bands.high).sum();
        assert!(if partial { found > 0 || ids == 0 } else { found == ids }, "{name}: {found} ids");
        assert_eq!(gaps(&bodies), expect, "{name}");
    }
}

#[test]
fn any_cut_of_any_container_is_read_without_a_panic() {
    let text = format!("身份证号 {ID}\n");
    for whole in [
        plant::zip(&[("a", text.as_bytes())]).unwrap(),
        plant::gzip(text.as_bytes()).unwrap(),
        plant::docx(&[&text]).unwrap(),
        plant::xlsx("s", [vec![text.clone()]].into_iter()).unwrap(),
    ] {
        for n in (0..whole.len()).step_by(5) {
            let _ = read_bytes(&whole[..n], &config(Limits::default()));
            let mut other = whole.clone();
            other[n] ^= 0x55;
            let _ = read_bytes(&other, &config(Limits::default()));
        }
    }
}

#[test]
fn a_long_line_has_columns_and_windows_lose_nothing() {
    // 2 MB without a line break, a value every 1,000 characters, in Chinese prose.
    let piece = format!("{}身份证号 {ID} ", "设".repeat(976));
    let text = piece.repeat(700);
    for wrap in [Wrap::Utf8, Wrap::Gb18030, Wrap::Utf16] {
        let bytes = plant::stored(wrap, std::slice::from_ref(&text)).unwrap();
        let bodies = read_bytes(&bytes, &config(Limits { samples_per_hit_max: 1000, ..Limits::default() }));
        let hit = hits(&bodies)[0];
        assert_eq!((hit.bands.high, hit.distinct, hit.samples.len()), (700, 1, 700), "{wrap:?}");
        for (i, sample) in (0u64..).zip(&hit.samples) {
            assert_eq!(sample.spot, Spot::Line { line: 1, column: i * 1000 + 982 }, "{wrap:?}");
        }
    }
}

#[test]
fn odd_places() {
    let dir = folder("odd");
    std::fs::write(dir.join("a.txt"), format!("身份证号 {ID}\n")).unwrap();
    std::fs::hard_link(dir.join("a.txt"), dir.join("b.txt")).unwrap();
    std::os::unix::fs::symlink(&dir, dir.join("loop")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(dir.join("socket")).unwrap();
    let sparse = std::fs::File::create(dir.join("sparse")).unwrap();
    sparse.set_len(5 << 30).unwrap();
    let mut tail = std::fs::File::create(dir.join("tail")).unwrap();
    tail.write_all(b"text first\n").unwrap();
    tail.set_len(5 << 30).unwrap();
    use std::os::unix::ffi::OsStrExt;
    std::fs::write(dir.join(std::ffi::OsStr::from_bytes(b"\xff.txt")), format!("身份证号 {ID}\n")).unwrap();
    let bodies = run(&dir, Limits::default());
    assert_eq!(hits(&bodies).len(), 2);
    assert!(hits(&bodies).iter().any(|h| h.at.path.as_str().ends_with("\\xff.txt")));
    assert_eq!(gaps(&bodies), [GapReason::NotAFile, GapReason::Link]);
    let tally = bodies.iter().find_map(|b| if let Body::Tally(t) = b { Some(t) } else { None }).unwrap();
    assert_eq!((tally.files, tally.distinct), (2, 1));
    assert_eq!(gaps(&run(&dir.join("absent"), Limits::default())), [GapReason::Missing]);
    assert_eq!(gaps(&run(Path::new("/proc/self"), Limits::default())), [GapReason::OtherFilesystem]);
    std::fs::remove_dir_all(&dir).unwrap();
}

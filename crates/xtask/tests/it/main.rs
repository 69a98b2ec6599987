//! The house test: floors, purity and edges hold, or this fails (`docs/edges.txt`, ARCHITECTURE.md).
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A room as its manifest declares it.
struct Room {
    floor: u64,
    pure: bool,
    dir: PathBuf,
    /// Normal and build dependencies, ours and others'.
    uses: Vec<String>,
}

/// Outside crates that a pure room may use: no disk, network, clock or chance in what the rooms call of them.
/// Each has its reason in `docs/decisions/0002-dependencies.md`.
const PURE_OUTSIDE: &[&str] = &[
    "aho-corasick",
    "calamine",
    "cel",
    "csv",
    "data-encoding",
    "encoding_rs",
    "flate2",
    "hmac",
    "jiff",
    "maud",
    "memchr",
    "qrcodegen",
    "quick-xml",
    "regex-automata",
    "regex-syntax",
    "ring",
    "rust_xlsxwriter",
    "saphyr-parser",
    "serde",
    "serde_json",
    "sha2",
    "toml",
    "zip",
];

/// The floors of HOUSE: what a room declares is compared with this, so that nobody moves a room by a manifest.
const FLOORS: &[(&str, u64, bool)] = &[
    ("advise", 1, true),
    ("attest", 1, true),
    ("classify", 1, true),
    ("console", 6, false),
    ("detect", 2, false),
    ("discover", 2, false),
    ("evidence", 0, true),
    ("guard", 2, false),
    ("inspect", 2, false),
    ("judge", 3, true),
    ("node", 5, false),
    ("plan", 1, true),
    ("proof", 1, true),
    ("ransom", 1, true),
    ("report", 4, true),
    ("sigma", 1, true),
    ("stdx", 0, true),
    ("store", 2, false),
    ("testing", 9, false),
    ("watchfire", 7, false),
    ("xtask", 10, false),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn house() -> BTreeMap<String, Room> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let meta: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let room = |p: &serde_json::Value| {
        let name = p["name"].as_str().unwrap().to_owned();
        let sign = &p["metadata"]["house"];
        let uses = p["dependencies"].as_array().unwrap().iter().filter(|d| d["kind"] != "dev");
        let room = Room {
            floor: sign["floor"].as_u64().unwrap_or_else(|| panic!("{name}: no [package.metadata.house] floor")),
            pure: sign["pure"].as_bool().unwrap_or_else(|| panic!("{name}: no [package.metadata.house] pure")),
            dir: Path::new(p["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned(),
            uses: uses.map(|d| d["name"].as_str().unwrap().to_owned()).collect(),
        };
        (name, room)
    };
    meta["packages"].as_array().unwrap().iter().map(room).collect()
}

#[test]
fn rooms_stand_on_their_floors() {
    let got: Vec<(String, u64, bool)> = house().into_iter().map(|(n, r)| (n, r.floor, r.pure)).collect();
    let want: Vec<(String, u64, bool)> = FLOORS.iter().map(|(n, f, p)| ((*n).to_owned(), *f, *p)).collect();
    assert_eq!(got, want);
}

#[test]
fn edges_point_down_and_pure_rooms_stay_pure() {
    let house = house();
    let mut wrong = Vec::new();
    for (from, room) in &house {
        for to in &room.uses {
            match house.get(to) {
                Some(t) if t.floor >= room.floor => {
                    wrong.push(format!("{from} (floor {}) -> {to} (floor {})", room.floor, t.floor));
                }
                Some(t) if room.pure && !t.pure => wrong.push(format!("{from} is pure, {to} is not")),
                None if room.pure && !PURE_OUTSIDE.contains(&to.as_str()) => {
                    wrong.push(format!("{from} is pure, {to} is not on the list"));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "the house leans:\n  {}", wrong.join("\n  "));
}

/// Sensors never see the store, each other or the plan: `node` and `cli` decide what stands behind `Sink`.
#[test]
fn sensors_see_only_what_they_are_given() {
    let house = house();
    for sensor in ["discover", "inspect"] {
        for to in ["store", "plan", "judge", "proof", "discover", "inspect"] {
            assert!(!house[sensor].uses.iter().any(|u| u == to), "{sensor} -> {to}");
        }
    }
}

/// A new edge between rooms is a visible line in review.
#[test]
fn edges_are_written_down() {
    let house = house();
    let mut got = String::new();
    for (from, room) in &house {
        for to in room.uses.iter().filter(|to| house.contains_key(*to)) {
            got += &format!("{from} -> {to}\n");
        }
    }
    let path = root().join("docs/edges.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &got).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == got, "docs/edges.txt is stale; if meant: UPDATE_GOLDEN=1");
}

/// `unsafe` is forbidden in every room (it may open in `guard` and `classify::lanes` only), and a pure room
/// carries the bans on disk, clock and process in its own `clippy.toml`.
#[test]
fn every_room_forbids_unsafe_and_pure_rooms_ban_the_world() {
    for (name, room) in house() {
        let entry = ["src/lib.rs", "src/main.rs"].map(|f| room.dir.join(f)).into_iter().find(|f| f.exists());
        let text = std::fs::read_to_string(entry.unwrap()).unwrap();
        let open: &[&str] = match name.as_str() {
            "classify" => &["src/lanes.rs"],
            "guard" => &["src/sys.rs"],
            _ => &[],
        };
        let level = if open.is_empty() { "#![forbid(unsafe_code)]" } else { "#![deny(unsafe_code)]" };
        assert!(text.contains(level), "{name}: no {level}");
        for path in sources(&room.dir.join("src")) {
            let is_open = open.iter().any(|f| path.ends_with(f));
            let source = std::fs::read_to_string(&path).unwrap();
            // What lints would let pass is looked for in the text: the opening itself.
            let opens = source.contains("expect(unsafe_code") || source.contains("allow(unsafe_code");
            assert!(is_open || !opens, "{}: opens unsafe", path.display());
        }
        if room.pure {
            let bans = std::fs::read_to_string(room.dir.join("clippy.toml")).unwrap_or_default();
            for ban in ["std::fs::File", "std::time::SystemTime::now", "std::process::Command", "std::env::var"] {
                assert!(bans.contains(ban), "{name}: clippy.toml does not ban {ban}");
            }
        }
    }
}

/// Every Rust file below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// Nobody is asked to read a file that cannot be read in a sitting.
#[test]
fn long_files_are_asked_why() {
    /// Files over 600 lines, with the reason.
    const LONG: &[(&str, &str)] = &[
        ("classify/src/format/table.rs", "one row a format, and they are looked for in one place"),
        ("evidence/src/fact.rs", "one row a fact, and they are looked for in one place"),
        ("discover/src/pdf/syntax.rs", "one grammar: its objects, its lexer and its trials"),
    ];
    let mut wrong = Vec::new();
    for path in house().values().flat_map(|room| sources(&room.dir.join("src"))) {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        let known = LONG.iter().any(|(name, _)| path.ends_with(name));
        if lines > 600 && !known {
            wrong.push(format!("{}: {lines} lines", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

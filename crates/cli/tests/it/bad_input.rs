//! What a real machine throws at the program: each is a clear message or a gap, with the documented exit code.

use crate::bench::{Dir, Started, as_nobody, gaps, host, root_or_skip, run, text};
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// An identifier with its check digit (GB 11643; the standard's own example).
const RESIDENT: &str = "身份证号：11010519491231002X\n";

fn report(dir: &Dir) -> serde_json::Value {
    dir.json(&["examine", "--no-host", "data", "--format", "json"])
}
fn hits(report: &serde_json::Value) -> u64 {
    report["examination"]["hits"].as_u64().unwrap()
}

#[test]
fn a_missing_path_is_a_gap_and_the_rest_is_looked_at() {
    let dir = Dir::new();
    dir.file("data/a.txt", RESIDENT);
    let report = dir.json(&["examine", "--no-host", "nowhere", "data", "--format", "json"]);
    assert_eq!((gaps(&report, "missing"), hits(&report)), (1, 1));
}

#[test]
fn sockets_pipes_and_devices_are_passed_by_and_links_do_not_loop() {
    let dir = Dir::new();
    dir.file("data/a.txt", RESIDENT);
    let _socket = std::os::unix::net::UnixListener::bind(dir.at("data/socket")).unwrap();
    let made = Command::new("mkfifo").arg(dir.at("data/pipe")).status();
    assert!(made.is_ok_and(|s| s.success()));
    symlink("..", dir.at("data/up")).unwrap();
    symlink("self", dir.at("data/self")).unwrap();
    symlink("/dev/zero", dir.at("data/zero")).unwrap();
    symlink("nowhere", dir.at("data/dangling")).unwrap();
    let seen = report(&dir);
    assert_eq!(hits(&seen), 1, "the file, once: {}", seen["gaps"]);
    assert!(gaps(&seen, "not-a-file") >= 2, "socket and pipe: {}", seen["gaps"]);
    // Named on the command line too: nobody waits for a pipe that nobody writes.
    for odd in ["data/pipe", "data/socket", "/dev/zero", "/dev/null"] {
        let report = dir.json(&["examine", "--no-host", odd, "--format", "json"]);
        assert_eq!(hits(&report), 0);
        assert!(!report["gaps"].as_array().unwrap().is_empty(), "{odd} was passed by in silence");
    }
}

#[test]
fn a_bomb_and_a_giant_end_within_their_limits() {
    let dir = Dir::new();
    dir.file("data/a.txt", RESIDENT);
    // 64 MiB of one line in some hundred KB, wrapped twice; zeros would not even be read as text.
    let lines = testing::plant::gzip("pressure within limits\n".repeat((64 << 20) / 23).as_bytes()).unwrap();
    let many: Vec<(String, &[u8])> = (0..3).map(|n| (format!("{n}.txt.gz"), lines.as_slice())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(n, b)| (n.as_str(), *b)).collect();
    dir.file("data/bomb.zip", testing::plant::zip(&many).unwrap());
    let sparse = fs::File::create(dir.at("data/giant.txt")).unwrap();
    sparse.set_len(5 << 30).unwrap();
    let seen = report(&dir);
    assert_eq!(hits(&seen), 1, "{}", seen["gaps"]);
    assert!(gaps(&seen, "bomb") > 0, "what was cut off is said: {}", seen["gaps"]);
}

#[test]
fn a_file_that_changes_or_vanishes_while_it_is_read_stops_nobody() {
    let dir = Dir::new();
    dir.file("data/a.txt", RESIDENT);
    for n in 0..200 {
        dir.file(&format!("data/v{n}.txt"), RESIDENT.repeat(2000));
    }
    let over = Arc::new(AtomicBool::new(false));
    let (flag, data) = (Arc::clone(&over), dir.at("data"));
    let writer = std::thread::spawn(move || {
        for n in (0..200_u32).cycle() {
            if flag.load(Ordering::Relaxed) {
                return;
            }
            let path = data.join(format!("v{n}.txt"));
            let _ = match n % 3 {
                0 => fs::remove_file(&path),
                1 => fs::write(&path, "short"),
                _ => fs::OpenOptions::new().append(true).open(&path).and_then(|mut f| f.write_all(b"more\n")),
            };
        }
    });
    let ran = dir.run(&["examine", "--no-host", "data", "--out", "report", "--format", "json"]);
    over.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    ran.done();
    dir.run(&["verify", "report/evidence.json"]).done();
}

#[test]
fn names_that_are_not_text_are_named_all_the_same() {
    let dir = Dir::new();
    let odd = dir.at("data").join(OsStr::from_bytes(b"\xb3\xb5\xbc\xe4\n\x1b[31m"));
    fs::create_dir_all(&odd).unwrap();
    fs::write(odd.join(OsStr::from_bytes(b"\xff.txt")), RESIDENT).unwrap();
    let out = dir.at("out").join(OsStr::from_bytes(b"\xff"));
    let mut command = dir.watchfire(&["examine", "--no-host", "--format", "html,json", "--out"]);
    let ran = run(command.arg(&out).arg(&odd)).done();
    assert!(!ran.out.contains('\u{1b}'), "a name cannot colour the terminal");
    let report: serde_json::Value = serde_json::from_slice(&fs::read(out.join("report.json")).unwrap()).unwrap();
    assert_eq!(hits(&report), 1);
    run(dir.watchfire(&["verify"]).arg(out.join("evidence.json"))).done();
}

#[test]
fn a_broken_plan_names_file_line_and_column() {
    let dir = Dir::new();
    host(&dir);
    dir.run(&["plan", "export", "plan"]).done();
    dir.run(&["plan", "export", "plan"]).ends(2).complains(&["exists already"]);
    let whole = fs::read_to_string(dir.at("plan/checks/personnel.toml")).unwrap();
    let line = |text: &str| whole[..whole.find(text).unwrap()].matches('\n').count() + 1;
    let breaks = [
        ("severity = \"critical\"", "severity = \"enormous\""),
        ("each = \"account\"", "each = \"acount\""),
        ("fail = \"it.password == 'empty' && it.login\"", "fail = \"it.pasword == 'empty'\""),
        ("kind = \"machine\"", "kind = \"machine"),
        ("severity = \"critical\"", "severty = \"critical\""),
    ];
    for (from, to) in breaks {
        fs::write(dir.at("plan/checks/personnel.toml"), whole.replacen(from, to, 1)).unwrap();
        let place = format!("checks/personnel.toml:{}:", line(from));
        dir.run(&["plan", "check", "plan"]).ends(1).says(&[&place]);
        dir.run(&["--plan", "plan", "examine", "--root", "host"]).ends(2).complains(&["error: ", &place]);
        let zh = dir.run(&["--lang", "zh", "plan", "check", "plan"]).ends(1);
        assert!(zh.out.contains(&place), "{}", zh.out);
        let json = dir.run(&["plan", "check", "plan", "--format", "json"]).ends(1).json();
        assert_eq!(json["holds"], false);
    }
    fs::create_dir_all(dir.at("bare")).unwrap();
    dir.run(&["plan", "check", "bare"]).ends(2).complains(&["bare"]);
    dir.run(&["plan", "check", "nowhere"]).ends(2).complains(&["nowhere"]);
    dir.file("bytes/plan.toml", [0x66, 0xff]);
    dir.run(&["plan", "check", "bytes"]).ends(2).complains(&["plan.toml", "UTF-8"]);
    assert!(!dir.home().exists(), "a broken plan is known before a home is made");
}

#[test]
fn a_damaged_database_is_said_and_never_repaired_in_silence() {
    let dir = Dir::new();
    host(&dir);
    for _ in 0..3 {
        dir.run(&["examine", "--root", "host", "--quiet"]).done();
    }
    let path = dir.at("home/log.db");
    let whole = fs::read(&path).unwrap();
    // The engine's pages are 4096 bytes; the first holds the layout.
    let pages = whole.len() / 4096;
    assert!(pages > 10);
    let mut noticed = 0;
    for page in [0, 1, 2, 3, pages / 3, pages / 2, pages - 2, pages - 1] {
        let mut bytes = whole.clone();
        bytes[page * 4096 + 16..(page + 1) * 4096].fill(0x5a);
        fs::write(&path, bytes).unwrap();
        let ran = dir.run(&["audit"]);
        assert!(matches!(ran.code(), 0..=2), "page {page}: {ran:?}");
        noticed += u32::from(ran.code() != 0);
        let again = dir.run(&["examine", "--root", "host", "--quiet"]);
        assert!(matches!(again.code(), 0 | 2), "page {page}: {again:?}");
        let _ = fs::remove_file(dir.at("home/log.db-wal"));
        let _ = fs::remove_file(dir.at("home/log.db-shm"));
    }
    // A page without anything of value in it (free, or an index that is not read) may go unnoticed.
    assert!(noticed >= 6, "{noticed} of 8 damaged pages were noticed");
    fs::write(&path, b"no database at all").unwrap();
    dir.run(&["audit"]).ends(2).complains(&["error: "]);
    fs::write(&path, &whole).unwrap();
    dir.run(&["audit"]).done();
}

#[test]
fn lost_keys_are_never_replaced_in_silence() {
    let dir = Dir::new();
    host(&dir);
    dir.run(&["examine", "--root", "host", "--quiet"]).done();
    fs::rename(dir.at("home/keys"), dir.at("keys")).unwrap();
    dir.run(&["examine", "--root", "host", "--quiet"]).ends(2).complains(&["error: "]);
    assert!(!dir.at("home/keys").exists() || fs::read_dir(dir.at("home/keys")).unwrap().next().is_none());
    let _ = fs::remove_dir(dir.at("home/keys"));
    fs::rename(dir.at("keys"), dir.at("home/keys")).unwrap();
    dir.run(&["audit"]).done();
    for key in crate::bench::files(&dir.at("home/keys")) {
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    }
    dir.run(&["examine", "--root", "host", "--quiet"]).ends(2).complains(&["error: "]);
}

#[test]
fn a_home_or_report_folder_in_the_way_is_said_before_the_work() {
    let dir = Dir::new();
    host(&dir);
    dir.file("plain", "a file");
    dir.run(&["--home", "plain", "examine", "--root", "host"]).ends(2).complains(&["plain"]);
    dir.run(&["--home", "plain/below", "examine", "--root", "host"]).ends(2).complains(&["plain"]);
    dir.run(&["--home", "/proc/home", "examine", "--root", "host"]).ends(2).complains(&["/proc"]);
    dir.run(&["examine", "--root", "host", "--out", "plain"]).ends(2).complains(&["plain"]);
    let mut nowhere = dir.watchfire(&["audit"]);
    nowhere.env_remove("WATCHFIRE_HOME").env_remove("XDG_DATA_HOME").env_remove("HOME");
    run(&mut nowhere).ends(2).complains(&["--home"]);
    for verb in [&["audit"][..], &["log", "show"], &["key", "show"]] {
        dir.run(&[&["--home", "absent"], verb].concat()).ends(2).complains(&["absent"]);
        assert!(!dir.at("absent").exists(), "looking makes nothing");
    }
    dir.run(&["--home", "absent", "scope", "show"]).done().says(&["No scope is declared"]);
    dir.run(&["--home", "absent", "answer"]).done().says(&["org-contracts"]);
    assert!(!dir.at("absent").exists(), "looking makes nothing");
}

#[test]
fn without_rights_it_sees_less_and_says_so() {
    if !root_or_skip("without_rights_it_sees_less_and_says_so") {
        return;
    }
    let dir = Dir::new();
    host(&dir);
    dir.file("data/a.txt", RESIDENT);
    for (path, mode) in [("data/secret.txt", 0o600), ("data/closed/b.txt", 0o644), ("host/etc/shadow", 0o600)] {
        dir.file(path, RESIDENT);
        fs::set_permissions(dir.at(path), fs::Permissions::from_mode(mode)).unwrap();
    }
    fs::set_permissions(dir.at("data/closed"), fs::Permissions::from_mode(0o700)).unwrap();
    let (data, root) = (dir.at("data"), dir.at("host"));
    let arguments = ["examine", text(&data), "--root", text(&root), "--format", "json"];
    let report = run(&mut as_nobody(&dir, &arguments)).done().json();
    assert_eq!(hits(&report), 1);
    assert!(gaps(&report, "permission-denied") >= 3, "{}", report["gaps"]);
    let sensors = report["examination"]["sensors"].as_array().unwrap();
    assert!(sensors.iter().all(|s| s["privileged"] == false));
    let weak = report["checks"].as_array().unwrap().iter().find(|c| c["check"] == "account-weak-hash").unwrap();
    assert_eq!(weak["outcome"], "cannot-tell", "what could not be read has not passed");
    // A home that this account may read and not write: reading verbs work, writing ones say why not.
    run(&mut as_nobody(&dir, &["audit"])).done();
    let home = dir.at("nobody/home");
    run(Command::new("chmod").args(["-R", "a-w"]).arg(&home)).done();
    run(&mut as_nobody(&dir, &["audit"])).done();
    run(&mut as_nobody(&dir, &["log", "show"])).done();
    run(&mut as_nobody(&dir, &["examine", text(&data), "--no-host"])).ends(2).complains(&["error: "]);
    // Somebody else's home.
    dir.run(&["examine", "--root", "host", "--quiet"]).done();
    let theirs = dir.home();
    run(&mut as_nobody(&dir, &["--home", text(&theirs), "audit"])).ends(2).complains(&["error: "]);
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    if !root_or_skip("a_full_disk_loses_nothing_that_was_acknowledged") {
        return;
    }
    let dir = Dir::new();
    host(&dir);
    let disk = dir.at("disk");
    fs::create_dir_all(&disk).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(&disk).status();
    if !mounted.is_ok_and(|s| s.success()) {
        println!("SKIPPED: a_full_disk_loses_nothing_that_was_acknowledged: needs root");
        return;
    }
    struct Mounted(std::path::PathBuf);
    impl Drop for Mounted {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        }
    }
    let _mounted = Mounted(disk.clone());
    let mut done = 0;
    let mut failed = None;
    for _ in 0..40 {
        let ran = dir.run(&["--home", "disk/home", "examine", "--root", "host", "--quiet"]);
        if ran.code() != 0 {
            failed = Some(ran);
            break;
        }
        done += 1;
        let log = dir.json(&["--home", "disk/home", "log", "show", "--format", "json"]);
        assert_eq!(log["size"], done * 2);
        fs::write(disk.join(format!("filler{done}")), vec![1; 400 << 10]).unwrap_or_default();
    }
    let failed = failed.expect("4 MiB were full at some time").ends(2);
    assert!(failed.err.contains("space"), "{}", failed.err);
    // Room again: everything that was acknowledged is there, and it goes on.
    for n in 1..=done + 1 {
        let _ = fs::remove_file(disk.join(format!("filler{n}")));
    }
    dir.run(&["--home", "disk/home", "examine", "--root", "host", "--quiet"]).done();
    let log = dir.json(&["--home", "disk/home", "log", "show", "--format", "json"]);
    assert!(log["size"].as_u64().unwrap() >= done * 2 + 2, "{}", log["size"]);
    dir.run(&["--home", "disk/home", "audit"]).done();
    // A report that does not fit is said, and leaves no half of itself.
    fs::write(disk.join("filler"), vec![1; 8 << 20]).unwrap_or_default();
    let ran = dir.run(&["examine", "--root", "host", "--out", "disk/report", "--format", "html,json"]);
    ran.ends(2).complains(&["error: "]);
    assert!(!disk.join("report/evidence.json").exists());
}

#[test]
fn a_clock_set_back_breaks_no_order() {
    let dir = Dir::new();
    host(&dir);
    dir.run(&["examine", "--root", "host", "--quiet"]).done();
    // The binary's clock cannot be turned; a record of a later hour in the log looks the same to the next run.
    let store = store::Store::open_with(&dir.home(), store::Options::default()).unwrap();
    let scope = evidence::Scope {
        node: store.keys().node(),
        author: attest::author(Some("Li Wei"), None),
        stated_at: evidence::Time::from_date("2990-01-01").unwrap(),
        document: None,
        entries: Vec::new(),
    };
    store.record(&evidence::Record::Scope(scope), None, Vec::new()).unwrap();
    drop(store);
    dir.run(&["scope", "add", "host", "plant-7"]).done();
    let shown = dir.json(&["scope", "show", "--format", "json"]);
    assert_eq!(shown["entries"].as_array().unwrap().len(), 1, "the order of the log counts, not the clock");
    let report = dir.json(&["examine", "--root", "host", "--format", "json"]);
    assert_eq!(report["scope_declared"], true);
    dir.run(&["audit"]).done();
}

#[test]
fn a_running_program_holds_its_home_and_a_spool_of_rubbish_blocks_nobody() {
    let dir = Dir::new();
    host(&dir);
    dir.run(&["examine", "--root", "host", "--quiet"]).done();
    dir.file("home/spool/0000000000000001-0123456789abcdef.spool", "rubbish");
    dir.file("home/spool/stray.txt", "stray");
    let other = Started::new(&mut dir.watchfire(&["examine", "--root", "host", "--quiet"]));
    dir.run(&["examine", "--root", "host", "--quiet"]).done();
    other.wait("the other").done();
    // The log is whole, and the audit still names what was put aside: it may have been somebody's record.
    let audit = dir.run(&["audit"]).ends(1);
    assert!(audit.out.contains(".spool.bad"), "{}", audit.out);
    assert_eq!(dir.json(&["log", "show", "--format", "json"])["size"], 6);
}

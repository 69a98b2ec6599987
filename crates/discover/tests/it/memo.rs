//! What an earlier run read: a second run over the same tree says the same without opening a file, and whatever was
//! touched meanwhile is read.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use super::{ID, config, folder, hits};
use discover::{Config, Discoverer, Limits, Reading, Remember};
use evidence::{Body, DigestKey, GapReason, MemoryState, Place, Sink, SinkClosed, State, Time};
use rustix::fs::inotify;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};
use testing::plant::{self, Grow};

/// The clock, so much later.
fn after(seconds: u64) -> Time {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + Duration::from_secs(seconds);
    Time::from_millis(i64::try_from(since.as_millis()).unwrap())
}
fn remember(reading: Reading, now: Time) -> Option<Remember> {
    Some(Remember { now, program: "trial 1".to_owned(), reading })
}
/// A run an hour from now: all that is there is old by then.
fn later() -> Config {
    Config { remember: remember(Reading::Changed, after(3600)), ..config(Limits::default()) }
}
fn all_later() -> Config {
    let key = DigestKey::new([7; 32]);
    Config { remember: remember(Reading::Changed, after(3600)), ..Config::new(key, 2) }
}
fn run(root: &Path, config: Config, state: &MemoryState) -> Vec<Body> {
    let sink = Mutex::new(Vec::new());
    Discoverer::new(vec![root.to_owned()], config).run(&sink, state, &stdx::Silent, &stdx::Stop::new());
    let mut bodies = sink.into_inner().unwrap();
    bodies.sort();
    bodies
}
/// A count of the tree.
fn count(bodies: &[Body], name: &str) -> u64 {
    let counts = bodies.iter().find_map(|b| match b {
        Body::Covered(c) if c.what.starts_with("folder:") => Some(&c.counts),
        _ => None,
    });
    counts.unwrap().get(name).copied().unwrap_or(0)
}
/// As it was, but for the counts of what was remembered.
fn stripped(mut bodies: Vec<Body>) -> Vec<Body> {
    for body in &mut bodies {
        if let Body::Covered(c) = body {
            c.counts.retain(|name, _| !name.starts_with("remembered"));
        }
    }
    bodies
}
#[track_caller]
fn same(a: Vec<Body>, b: Vec<Body>) {
    let (a, b) = (stripped(a), stripped(b));
    for (a, b) in a.iter().zip(&b) {
        assert_eq!(a, b);
    }
    assert_eq!(a.len(), b.len());
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &to) } else { assert!(fs::copy(entry.path(), to).is_ok()) }
    }
}
/// A bit of everything: plain files in all wraps, the readers' own fixtures (broken and locked ones among them), a
/// share, tables, a sparse file, names of one file, a link, an empty file.
fn plenty(dir: &Path) -> Vec<plant::Planted> {
    let planted = plant::tree(&dir.join("tree"), Grow { seed: 5, files: 200, file_bytes: 3000, every: 2 }).unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"), &dir.join("data"));
    testing::share::write(&dir.join("share"), &testing::share::share(4).unwrap()).unwrap();
    let db = rusqlite::Connection::open(dir.join("plant.db")).unwrap();
    db.execute_batch("CREATE TABLE staff (name TEXT, 手机 TEXT)").unwrap();
    for n in 0..3000 {
        db.execute("INSERT INTO staff VALUES ('x', ?1)", [format!("139{:08}", 12_345_678 + n)]).unwrap();
    }
    drop(db);
    let mut sparse = File::create(dir.join("sparse")).unwrap();
    sparse.seek(SeekFrom::Start(3 << 20)).unwrap();
    writeln!(sparse, " 身份证号 {ID}").unwrap();
    fs::write(dir.join("one"), format!("身份证号 {ID}\n")).unwrap();
    fs::hard_link(dir.join("one"), dir.join("two")).unwrap();
    std::os::unix::fs::symlink("one", dir.join("link")).unwrap();
    fs::write(dir.join("empty"), "").unwrap();
    planted
}

#[test]
fn a_second_run_says_the_same_and_opens_no_file() {
    let dir = folder("memo-same");
    let planted = plenty(&dir);
    let fresh = run(&dir, Config { remember: None, ..all_later() }, &MemoryState::default());
    for body in [
        |b: &Body| matches!(b, Body::Hits(h) if !h.at.inside.is_empty()),
        |b: &Body| matches!(b, Body::Column(_)),
        |b: &Body| matches!(b, Body::Content(_)),
        |b: &Body| matches!(b, Body::Gap(g) if g.reason == GapReason::Encrypted),
        |b: &Body| matches!(b, Body::Covered(c) if c.what.starts_with("table:")),
    ] {
        assert!(fresh.iter().any(body));
    }
    let state = MemoryState::default();
    let first = run(&dir, all_later(), &state);
    assert_eq!(count(&first, "remembered"), 0);
    same(fresh.clone(), first);
    let watch = Watch::over(&dir);
    let second = run(&dir, all_later(), &state);
    assert_eq!(watch.opened(), Vec::<String>::new());
    assert_eq!(count(&second, "remembered"), count(&second, "files"));
    assert_eq!(count(&second, "remembered_bytes"), count(&second, "bytes"));
    let since = i64::try_from(count(&second, "remembered_since")).unwrap();
    assert!((after(3500).secs()..=after(3600).secs()).contains(&since), "{since}");
    same(fresh, second);
    // What is kept names no file and holds no value.
    let kept = state.get(&format!("memo:{}", dir.display())).unwrap();
    for word in ["plant.db", "sparse-1.0.tar.gz", "slides.odp", ID].into_iter().chain(planted.iter().map(|p| &*p.value))
    {
        assert!(!kept.windows(word.len()).any(|w| w == word.as_bytes()), "{word}");
    }
    fs::remove_dir_all(&dir).unwrap();
}

/// Hears of files that are opened in a tree.
struct Watch(rustix::fd::OwnedFd);
impl Watch {
    fn over(dir: &Path) -> Self {
        let fd = inotify::init(inotify::CreateFlags::NONBLOCK | inotify::CreateFlags::CLOEXEC).unwrap();
        let mut stack = vec![dir.to_owned()];
        while let Some(dir) = stack.pop() {
            inotify::add_watch(&fd, &dir, inotify::WatchFlags::OPEN).unwrap();
            let below = fs::read_dir(&dir).unwrap().map(|e| e.unwrap());
            stack.extend(below.filter(|e| e.file_type().unwrap().is_dir()).map(|e| e.path()));
        }
        let this = Self(fd);
        // Listing them opened them.
        this.opened();
        this
    }
    fn opened(&self) -> Vec<String> {
        let mut buf = [std::mem::MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.0, &mut buf);
        let mut names = Vec::new();
        while let Ok(event) = reader.next() {
            if !event.events().contains(inotify::ReadFlags::ISDIR) {
                names.push(event.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned()));
            }
        }
        names
    }
}

#[test]
fn whatever_was_touched_is_read() {
    let dir = folder("memo-touched");
    let other = "350426199101010070";
    let line = |id: &str| format!("身份证号 {id}\n");
    for name in ["same", "changed", "replaced", "moved", "gone", "grown", "new-inode"] {
        fs::write(dir.join(name), line(ID)).unwrap();
    }
    fs::create_dir(dir.join("folder")).unwrap();
    fs::write(dir.join("folder/in"), line(ID)).unwrap();
    let state = MemoryState::default();
    assert_eq!(hits(&run(&dir, later(), &state)).len(), 8);
    assert_eq!(count(&run(&dir, later(), &state), "remembered"), 8);
    // The grain of time stamps is a tick of the kernel.
    std::thread::sleep(Duration::from_millis(20));
    fs::write(dir.join("changed"), "nothing any more\n").unwrap();
    // The same size and the same time of content, by a program that hides what it does; in place and by a rename.
    for name in ["replaced", "new-inode"] {
        let before = fs::metadata(dir.join(name)).unwrap();
        let hidden = line(ID).replace(ID, &"-".repeat(ID.len()));
        let written = if name == "replaced" { dir.join(name) } else { dir.join("part") };
        fs::write(&written, hidden).unwrap();
        File::options().write(true).open(&written).unwrap().set_modified(before.modified().unwrap()).unwrap();
        fs::rename(&written, dir.join(name)).unwrap();
        let after = fs::metadata(dir.join(name)).unwrap();
        assert_eq!((before.len(), before.modified().unwrap()), (after.len(), after.modified().unwrap()));
    }
    fs::rename(dir.join("moved"), dir.join("moved-here")).unwrap();
    fs::rename(dir.join("folder"), dir.join("folder-there")).unwrap();
    fs::remove_file(dir.join("gone")).unwrap();
    File::options().append(true).open(dir.join("grown")).unwrap().write_all(line(other).as_bytes()).unwrap();
    fs::write(dir.join("added"), line(ID)).unwrap();
    let third = run(&dir, later(), &state);
    assert_eq!(count(&third, "remembered"), 1, "only the one that nobody touched");
    same(run(&dir, config(Limits::default()), &MemoryState::default()), third.clone());
    let paths = |bodies: &[Body]| {
        let name = |p: &Place| p.path.as_str().strip_prefix(&format!("{}/", dir.display())).unwrap().to_owned();
        hits(bodies).into_iter().map(|h| name(&h.at)).collect::<Vec<_>>()
    };
    assert_eq!(paths(&third), ["added", "folder-there/in", "grown", "moved-here", "same"]);
    let fourth = run(&dir, later(), &state);
    assert_eq!((count(&fourth, "remembered"), count(&fourth, "files")), (8, 8));
    same(third, fourth);
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn what_changed_just_before_a_run_is_read_again_in_the_next() {
    let dir = folder("memo-racy");
    fs::write(dir.join("young"), format!("身份证号 {ID}\n")).unwrap();
    let old = SystemTime::now() - Duration::from_secs(86_400);
    File::options().write(true).open(dir.join("young")).unwrap().set_modified(old).unwrap();
    let at = |seconds| Config { remember: remember(Reading::Changed, after(seconds)), ..config(Limits::default()) };
    let state = MemoryState::default();
    // Its time of content is a day old; that of its status is not. And a clock that is behind trusts nothing.
    for now in [0, 30] {
        run(&dir, at(now), &state);
        assert_eq!(count(&run(&dir, at(now), &state), "remembered"), 0, "{now}");
    }
    run(&dir, at(90), &state);
    assert_eq!(count(&run(&dir, at(0), &state), "remembered"), 1);
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn another_key_program_or_limit_reads_everything() {
    let dir = folder("memo-scope");
    fs::write(dir.join("a"), format!("身份证号 {ID}\n")).unwrap();
    let few = Limits { samples_per_hit_max: 1, ..Limits::default() };
    let program = Some(Remember { program: "trial 2".to_owned(), ..later().remember.unwrap() });
    let all = all_later().detectors;
    let everything = remember(Reading::Everything, after(3600));
    let cases = [
        ("key", Config { key: DigestKey::new([8; 32]), ..later() }, 1),
        ("limits", Config { limits: few, ..later() }, 0),
        ("program", Config { remember: program, ..later() }, 0),
        ("detectors", Config { detectors: all, ..later() }, 0),
        ("fresh", Config { remember: everything, ..later() }, 0),
        ("nothing", Config { remember: None, ..later() }, 0),
    ];
    for (name, other, refused) in cases {
        let state = MemoryState::default();
        run(&dir, later(), &state);
        assert_eq!(count(&run(&dir, later(), &state), "remembered"), 1, "{name}");
        let bodies = run(&dir, other, &state);
        assert_eq!((count(&bodies, "remembered"), hits(&bodies).len()), (0, 1), "{name}");
        assert_eq!(count(&bodies, "memory_refused"), refused, "{name}");
    }
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn a_damaged_memory_is_refused_said_and_written_anew() {
    let dir = folder("memo-damaged");
    fs::write(dir.join("a"), format!("身份证号 {ID}\n")).unwrap();
    let name = format!("memo:{}", dir.display());
    let state = MemoryState::default();
    run(&dir, later(), &state);
    let good = state.get(&name).unwrap();
    let mut flipped = good.clone();
    flipped[60] ^= 1;
    for bad in [&good[..good.len() - 1], &flipped, b"", b"something else"] {
        state.set(&name, bad);
        let bodies = run(&dir, later(), &state);
        assert_eq!((count(&bodies, "remembered"), count(&bodies, "memory_refused")), (0, 1));
        assert_eq!(hits(&bodies).len(), 1);
        assert_eq!(count(&run(&dir, later(), &state), "remembered"), 1);
    }
    fs::remove_dir_all(&dir).unwrap();
}

/// Stops after so many bodies.
struct Full(AtomicUsize, Mutex<Vec<Body>>);
impl Sink for Full {
    fn put(&self, body: Body) -> Result<(), SinkClosed> {
        self.1.lock().expect("no worker died").push(body);
        if self.0.fetch_sub(1, Ordering::Relaxed) <= 1 { Err(SinkClosed) } else { Ok(()) }
    }
}

#[test]
fn of_a_stopped_run_what_was_finished_counts_and_what_was_not_reached_stays() {
    let dir = folder("memo-stopped");
    for n in 10..30 {
        fs::write(dir.join(n.to_string()), format!("身份证号 {ID}\n")).unwrap();
    }
    let one = || Config { workers: 1, ..later() };
    let state = MemoryState::default();
    let stopped = |files| {
        let sink = Full(AtomicUsize::new(files), Mutex::default());
        Discoverer::new(vec![dir.clone()], one()).run(&sink, &state, &stdx::Silent, &stdx::Stop::new());
    };
    stopped(5);
    // The fifth was under way when nobody wanted more.
    assert_eq!(count(&run(&dir, one(), &state), "remembered"), 4);
    fs::write(dir.join("10"), "changed\n").unwrap();
    stopped(3);
    assert_eq!(count(&run(&dir, one(), &state), "remembered"), 20, "the ones behind the stop are still known");
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn what_is_over_a_limit_or_passing_is_not_remembered() {
    let dir = folder("memo-limits");
    for n in 10..20 {
        fs::write(dir.join(n.to_string()), format!("plain text {n}\n")).unwrap();
    }
    let run_twice = |limits: Limits| {
        let state = MemoryState::default();
        let config = || Config { limits: limits.clone(), ..later() };
        run(&dir, config(), &state);
        count(&run(&dir, config(), &state), "remembered")
    };
    assert_eq!(run_twice(Limits::default()), 10);
    assert_eq!(run_twice(Limits { memo_bytes_max: 28 * 4, ..Limits::default() }), 4);
    fs::write(dir.join("long"), format!("身份证号 {ID}\n")).unwrap();
    assert_eq!(run_twice(Limits { memo_entry_bytes_max: 40, ..Limits::default() }), 10);
    assert_eq!(run_twice(Limits { root_bytes_max: 30, ..Limits::default() }), 2);
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn a_root_that_is_a_file_is_remembered_too() {
    let dir = folder("memo-file");
    fs::write(dir.join("a"), format!("身份证号 {ID}\n")).unwrap();
    let state = MemoryState::default();
    let first = run(&dir.join("a"), later(), &state);
    let second = run(&dir.join("a"), later(), &state);
    assert_eq!((count(&first, "remembered"), count(&second, "remembered")), (0, 1));
    same(first, second);
    fs::remove_dir_all(&dir).unwrap();
}

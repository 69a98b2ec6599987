//! What goes wrong while folders are walked, and documents that are large on purpose.
use super::{ID, config, folder, gaps, hits, run};
use discover::{Discoverer, Limits};
use evidence::{Body, Digest, Gap, GapReason, MemoryState, Sink, SinkClosed, Spot};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use testing::plant;

fn gap(bodies: &[Body], reason: GapReason) -> Vec<&Gap> {
    bodies
        .iter()
        .filter_map(|b| if let Body::Gap(g) = b { Some(g) } else { None })
        .filter(|g| g.reason == reason)
        .collect()
}

#[test]
fn what_may_not_be_read_is_a_gap() {
    let dir = folder("denied");
    std::fs::write(dir.join("open.txt"), format!("身份证号 {ID}\n")).unwrap();
    std::fs::write(dir.join("closed.txt"), format!("身份证号 {ID}\n")).unwrap();
    std::fs::create_dir(dir.join("shut")).unwrap();
    std::fs::write(dir.join("shut/in.txt"), format!("身份证号 {ID}\n")).unwrap();
    let mode = |path: &str, mode| std::fs::set_permissions(dir.join(path), PermissionsExt::from_mode(mode)).unwrap();
    mode("", 0o755);
    mode("closed.txt", 0);
    mode("shut", 0);
    // Root reads everything, so a thread of its own becomes nobody; the sensor's workers inherit that.
    let bodies = std::thread::scope(|scope| {
        let run = || {
            if rustix::process::geteuid().is_root() {
                let nobody = rustix::thread::Uid::from_raw(65534);
                if rustix::thread::set_thread_res_uid(nobody, nobody, nobody).is_err() {
                    return None;
                }
            }
            Some(run(&dir, Limits::default()))
        };
        scope.spawn(run).join().unwrap()
    });
    if let Some(bodies) = bodies {
        let denied = gap(&bodies, GapReason::PermissionDenied);
        let paths: Vec<PathBuf> = denied.iter().map(|g| PathBuf::from(g.at.as_ref().unwrap().path.as_str())).collect();
        assert_eq!(paths, [dir.join("closed.txt"), dir.join("shut")]);
        assert_eq!(hits(&bodies).len(), 1);
    } else {
        println!("SKIPPED: what_may_not_be_read_is_a_gap: needs root that may become another user, or another user");
    }
    mode("shut", 0o755);
    std::fs::remove_dir_all(&dir).unwrap();
}

/// Removes a file as soon as anything is found.
struct Remover(PathBuf, Mutex<Vec<Body>>);
impl Sink for Remover {
    fn put(&self, body: Body) -> Result<(), SinkClosed> {
        let _ = std::fs::remove_file(&self.0);
        self.1.lock().expect("no worker died").push(body);
        Ok(())
    }
}

#[test]
fn a_file_that_vanishes_after_it_was_listed_is_a_gap() {
    let dir = folder("vanish");
    for name in ["a", "z"] {
        std::fs::write(dir.join(name), format!("身份证号 {ID}\n")).unwrap();
    }
    // One worker reads in the order of names: the hit in `a` comes when `z` is listed and not yet opened.
    let sink = Remover(dir.join("z"), Mutex::default());
    let one = discover::Config { workers: 1, ..config(Limits::default()) };
    Discoverer::new(vec![dir.clone()], one).run(&sink, &MemoryState::default(), &stdx::Silent, &stdx::Stop::new());
    let bodies = sink.1.into_inner().unwrap();
    assert_eq!((hits(&bodies).len(), gaps(&bodies)), (1, vec![GapReason::Vanished]));
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn a_file_that_is_written_to_meanwhile_is_a_gap_and_still_read() {
    let dir = folder("change");
    let path = dir.join("log");
    std::fs::write(&path, format!("身份证号 {ID}\n{}", "all is well\n".repeat(100_000))).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut log = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
            while !done.load(Ordering::Relaxed) {
                log.write_all(b".").unwrap();
                std::thread::sleep(std::time::Duration::from_micros(50));
            }
        });
        // The writer may sleep through one reading, not through a hundred.
        let seen = (0..100).any(|_| {
            let bodies = run(&dir, Limits::default());
            assert_eq!(hits(&bodies).len(), 1);
            gaps(&bodies) == [GapReason::ChangedWhileRead]
        });
        done.store(true, Ordering::Relaxed);
        assert!(seen);
    });
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn holes_are_passed_over_and_counted() {
    let dir = folder("hole");
    let mut file = std::fs::File::create(dir.join("hole")).unwrap();
    // Two lines of 4,096 characters, the second without an end; then nothing up to 3 MiB.
    let line = "a".repeat(4095);
    write!(file, "{line}\n{line}a").unwrap();
    file.seek(SeekFrom::Start(3 << 20)).unwrap();
    writeln!(file, " 身份证号 {ID}\n{ID}").unwrap();
    let bodies = run(&dir, Limits::default());
    let spots: Vec<&Spot> = hits(&bodies)[0].samples.iter().map(|s| &s.spot).collect();
    // On line 2: all that lies before 3 MiB but the first line, six characters, and columns count from 1.
    let column = (3 << 20) - 4096 + 6 + 1;
    assert_eq!(spots, [&Spot::Line { line: 2, column }, &Spot::Line { line: 3, column: 1 }]);
    std::fs::remove_dir_all(&dir).unwrap();
}

/// Peak memory of this process in KiB: `VmHWM` of proc_pid_status(5).
pub(crate) fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux shows a process to itself");
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).expect("since Linux 2.6");
    line.trim().trim_end_matches(" kB").parse().expect("a number in KiB")
}

#[test]
fn a_large_document_takes_little_memory() {
    const LARGE: &str = "DISCOVER_TEST_LARGE";
    if let Some(dir) = std::env::var_os(LARGE) {
        let bodies = run(Path::new(&dir), Limits::default());
        let found: u64 = hits(&bodies).iter().map(|h| h.bands.high).sum();
        println!("\npeak {} found {found} gaps {:?}.", peak_kib(), gaps(&bodies));
        return;
    }
    let dir = folder("large");
    let text_of = |i: usize| format!("{} the pump reports {} of its limits", Digest::of(&i.to_le_bytes()), i * 7919);
    let mut body = String::from("<w:document><w:body>");
    let mut row = String::from("<worksheet><sheetData><row>");
    while body.len() < 80 << 20 {
        let text = text_of(body.len());
        // One paragraph, one run, one row: nothing but the text itself grows.
        let piece = text.repeat(40);
        body.push_str(&format!("<w:p><w:r><w:t>{piece}</w:t></w:r></w:p>"));
        row.push_str(&format!("<c t=\"inlineStr\"><is><t>{piece}</t></is></c>"));
    }
    body.push_str(&format!("<w:p><w:r><w:t>身份证号 {ID}</w:t></w:r></w:p></w:body></w:document>"));
    row.push_str(&format!("<c><v>{ID}</v></c></row></sheetData></worksheet>"));
    let types: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");
    let docx = plant::zip(&[types, ("word/document.xml", body.as_bytes())]).unwrap();
    let xlsx = plant::zip(&[types, ("xl/worksheets/sheet1.xml", row.as_bytes())]).unwrap();
    std::fs::write(dir.join("large.docx"), docx).unwrap();
    std::fs::write(dir.join("large.xlsx"), xlsx).unwrap();
    // A process of its own, so that the peak is the sensor's.
    let this = std::env::current_exe().unwrap();
    let name = "faults::a_large_document_takes_little_memory";
    let out =
        std::process::Command::new(this).args(["--exact", name, "--nocapture"]).env(LARGE, &dir).output().unwrap();
    let out = String::from_utf8(out.stdout).unwrap();
    let line = out.lines().find_map(|l| l.strip_prefix("peak ")).unwrap_or_else(|| panic!("{out}"));
    let (peak, rest) = line.split_once(' ').unwrap();
    assert_eq!(rest, "found 2 gaps [].");
    assert!(peak.parse::<u64>().unwrap() < 64 << 10, "{line}");
    std::fs::remove_dir_all(&dir).unwrap();
}

/// Puts a link to `out` in the place of each of `folders` as soon as anything is found.
struct Swapper {
    folders: Vec<PathBuf>,
    out: PathBuf,
    bodies: Mutex<Vec<Body>>,
}
impl Sink for Swapper {
    fn put(&self, body: Body) -> Result<(), SinkClosed> {
        for folder in &self.folders {
            if !folder.is_symlink() {
                std::fs::rename(folder, folder.with_extension("moved")).expect("a folder can be renamed");
                std::os::unix::fs::symlink(&self.out, folder).expect("a folder takes links");
            }
        }
        self.bodies.lock().expect("no worker died").push(body);
        Ok(())
    }
}

#[test]
fn a_link_in_the_place_of_a_listed_folder_leads_nowhere() {
    let dir = folder("swap");
    let text = format!("身份证号 {ID}\n");
    let (root, out) = (dir.join("root"), dir.join("out"));
    std::fs::create_dir_all(root.join("b")).unwrap();
    std::fs::create_dir_all(out.join("deep")).unwrap();
    std::fs::write(root.join("a"), &text).unwrap();
    for outside in [out.join("z"), out.join("deep/z")] {
        std::fs::write(outside, &text).unwrap();
    }
    // So many files and folders that the walk waits for its one worker, which has yet to open most of both.
    std::fs::write(root.join("b/z"), "all is well").unwrap();
    for i in 0..4000 {
        std::fs::write(root.join(format!("b/f{i}")), "all is well").unwrap();
    }
    std::fs::create_dir(root.join("c")).unwrap();
    std::fs::write(root.join("c/z"), "all is well").unwrap();
    let sink = Swapper { folders: vec![root.join("b"), root.join("c")], out, bodies: Mutex::default() };
    let one = discover::Config { workers: 1, ..config(Limits::default()) };
    Discoverer::new(vec![root.clone()], one).run(&sink, &MemoryState::default(), &stdx::Silent, &stdx::Stop::new());
    let bodies = sink.bodies.into_inner().unwrap();
    let found: Vec<_> = hits(&bodies).iter().map(|h| h.at.path.as_str().to_owned()).collect();
    assert_eq!(found, [root.join("a").display().to_string()]);
    // Both as a folder on the way to a file and as a folder to be listed.
    let links = gap(&bodies, GapReason::Link);
    assert!(links.iter().map(|g| g.count).sum::<u64>() > 1000, "{links:?}");
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn the_digest_of_a_file_with_holes_reads_no_holes() {
    // Half a terabyte, of which some kilobytes are on disk: reading its holes would take minutes.
    const SIZE: u64 = 1 << 39;
    let dir = folder("holes-digest");
    let write = |name: &str, at: u64, size: u64| {
        let mut file = std::fs::File::create(dir.join(name)).unwrap();
        // Whole blocks, so that the head is text.
        let text = format!("身份证号 {ID}\n{}", "all is well\n".repeat(1024));
        file.write_all(&text.as_bytes()[..12 << 10]).unwrap();
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(b"all is well\n").unwrap();
        file.set_len(size).unwrap();
    };
    write("a", 1 << 38, SIZE);
    write("b", 1 << 38, SIZE);
    write("c", 1 << 37, SIZE);
    write("d", 1 << 38, SIZE + 1);
    let bodies = run(&dir, Limits::default());
    assert_eq!(gaps(&bodies), []);
    let mut found: Vec<_> = hits(&bodies).iter().map(|h| (h.at.path.as_str().to_owned(), h.at.digest)).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let digests: Vec<_> = found.iter().map(|f| f.1.expect("a digest")).collect();
    let [a, b, c, d] = digests[..] else { panic!("{found:?}") };
    assert!(a == b && a != c && a != d && c != d, "{found:?}");
    std::fs::remove_dir_all(&dir).unwrap();
}

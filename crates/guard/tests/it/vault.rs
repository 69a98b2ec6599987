//! The vault: full, over the cap, torn, changed by somebody else; and no dead-lock with itself.

use crate::bench::{config, mount, program};
use guard::config::Mode;
use guard::restore::{self, Choice, State};
use guard::service::Running;
use guard::trial::{self, Form};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[test]
fn a_full_vault_refuses_the_write_and_a_file_over_the_cap_is_named() {
    let Some(mount) = mount("ext4", "full") else { return };
    let mut config = config(&mount, Mode::Observe);
    config.shares[0].quota_bytes = 100_000;
    config.shares[0].copy_bytes_max = 50_000;
    let share = config.shares[0].path.clone();
    std::fs::write(share.join("big.vmdk"), vec![1; 60_000]).expect("written");
    for n in 0..3 {
        std::fs::write(share.join(format!("{n}.csv")), vec![n; 40_000]).expect("written");
    }
    let running = Running::start(&config, guard::Orders::default()).expect("a guard");
    // This process is the guard itself: somebody else has to write.
    let write = |name: &str| {
        let path = share.join(name);
        let script = format!("printf x | dd of={} conv=notrunc status=none", path.display());
        std::process::Command::new("sh")
            .args(["-c", &script])
            .stderr(std::process::Stdio::null())
            .status()
            .expect("sh")
            .success()
    };
    assert!(write("0.csv") && write("1.csv"));
    assert!(!write("2.csv"), "the quota is used up: refused");
    assert_eq!(std::fs::read(share.join("2.csv")).expect("read")[0], 2);
    running.end();

    config.shares[0].quota_bytes = 1 << 30;
    let running = Running::start(&config, guard::Orders::default()).expect("a guard");
    assert!(write("big.vmdk"));
    running.end();
    let dry = restore::restore(&share, &config.shares[0].vault, &Choice::default(), None, true, &mut |_, _| true)
        .expect("a plan");
    let of = |name: &str| dry.files.iter().find(|f| f.path.as_str() == name).map(|f| (f.state, f.why.clone()));
    assert_eq!(of("big.vmdk"), Some((State::Unrecoverable, Some("over-copy-cap".into()))));
    assert_eq!(of("0.csv"), Some((State::Restored, None)));
    assert_eq!(std::fs::read(share.join("0.csv")).expect("read")[0], b'x', "a dry run writes nothing");
}

#[test]
fn files_come_back_and_newer_work_of_others_stays() {
    let Some(mount) = mount("btrfs", "back") else { return };
    let config = config(&mount, Mode::Observe);
    let share = config.shares[0].path.clone();
    let ground = share.join("g");
    let token = trial::prepare(&ground, 30, 5000).expect("a ground");
    let files = trial::files(&ground);
    let before: Vec<Vec<u8>> = files.iter().map(|f| std::fs::read(f).expect("read")).collect();
    let running = Running::start(&config, guard::Orders::default()).expect("a guard");
    assert!(program(Form::RenameOver.id(), &ground, &token).status().expect("a child").success());
    // Somebody else writes one of them anew.
    let script = format!("echo new work > {}", files[3].display());
    assert!(std::process::Command::new("sh").args(["-c", &script]).status().expect("sh").success());
    std::thread::sleep(Duration::from_millis(300));
    running.end();
    let choice = Choice { actor: Some("guard-trial".into()), ..Choice::default() };
    let done = restore::restore(&share, &config.shares[0].vault, &choice, None, false, &mut |_, _| true).expect("back");
    for (n, (path, bytes)) in files.iter().zip(&before).enumerate() {
        let is = std::fs::read(path).expect("there");
        if n == 3 {
            assert_eq!(is, b"new work\n");
        } else {
            assert_eq!(&is, bytes, "{}", path.display());
        }
    }
    let kept = done.files.iter().find(|f| f.state == State::Kept).expect("one was kept");
    let beside = PathBuf::from(kept.beside.clone().expect("it lies beside").as_str());
    assert_eq!(std::fs::read(beside).expect("there"), before[3]);
    assert_eq!(done.counts.get(&State::Unrecoverable), None);
}

#[test]
fn a_torn_journal_is_read_and_a_changed_one_is_refused() {
    let folder = std::env::temp_dir().join(format!("watchfire-journal-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let open = || guard::journal::Journal::open(&folder, |_| {}).expect("a journal");
    let entry = || guard::journal::Entry::Expired { file: "pre/00/000000000000".into() };
    let journal = open();
    for _ in 0..3 {
        journal.add(guard::vault::now(), entry()).expect("added");
    }
    drop(journal);
    let path = folder.join(guard::journal::FILE);
    let whole = std::fs::read(&path).expect("read");
    // Cut at every place of the last line: the lines before are there, and the next one follows them.
    let second = whole[..whole.len() - 1].iter().rposition(|b| *b == b'\n').expect("lines") + 1;
    for cut in second..whole.len() {
        std::fs::write(&path, &whole[..cut]).expect("cut");
        assert_eq!(guard::journal::read(&folder).expect("readable").len(), 2);
    }
    assert_eq!(open().add(guard::vault::now(), entry()), Ok(2));
    // A changed byte in the first line breaks the chain at the second.
    let mut changed = whole;
    let at = changed.windows(3).position(|w| w == b"pre").expect("a name");
    changed[at] = b'q';
    std::fs::write(&path, &changed).expect("changed");
    let wrong = guard::journal::read(&folder).map(|l| l.len());
    assert!(matches!(wrong, Err(guard::GuardError::Journal { line: 1, .. })), "{wrong:?}");
    std::fs::OpenOptions::new().append(true).open(&path).expect("open").write_all(b"{}\n").expect("added");
    std::fs::remove_dir_all(&folder).expect("removed");
}

/// Writers and a vault on one file system for a while: everybody comes through.
fn load(kind: &str, seconds: u64) {
    let Some(mount) = mount(kind, "load") else { return };
    let config = config(&mount, Mode::Observe);
    let share = config.shares[0].path.clone();
    for n in 0..200 {
        std::fs::write(share.join(format!("{n}.txt")), vec![b'a'; 3000]).expect("written");
    }
    let running = Running::start(&config, guard::Orders::default()).expect("a guard");
    let script = format!(
        "cd {} && while [ -e 0.txt ]; do for f in *.txt; do echo x >> $f; cat $f > $f.new; mv $f.new $f; done; done",
        share.display()
    );
    let mut children: Vec<_> = (0..4)
        .map(|_| {
            std::process::Command::new("sh")
                .args(["-c", &script])
                .stderr(std::process::Stdio::null())
                .spawn()
                .expect("sh")
        })
        .collect();
    let (began, mut last) = (Instant::now(), 0);
    let stuck = AtomicBool::new(false);
    let most = AtomicU64::new(0);
    while began.elapsed() < Duration::from_secs(seconds) {
        std::thread::sleep(Duration::from_secs(1));
        let is = running.engine.counters.events.load(Ordering::Relaxed);
        stuck.fetch_or(is == last, Ordering::Relaxed);
        most.fetch_max(is, Ordering::Relaxed);
        last = is;
    }
    for child in &mut children {
        let _ = (child.kill(), child.wait());
    }
    println!(
        "{kind}: {last} events in {seconds} s, slowest {} us",
        running.engine.counters.slowest_us.load(Ordering::Relaxed)
    );
    running.end();
    assert!(!stuck.into_inner(), "no event for a second while four writers run");
}

#[test]
fn the_vault_and_its_share_do_not_wait_for_each_other() {
    load("btrfs", 3);
}
#[test]
#[ignore = "a minute"]
fn the_vault_and_its_share_do_not_wait_for_each_other_for_a_minute() {
    for kind in ["ext4", "xfs", "btrfs"] {
        load(kind, 20);
    }
}

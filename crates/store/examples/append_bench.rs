//! Appending and verifying, measured. Usage: `cargo run --release -p store --example append_bench -- [DIR]`; the home
//! is made in DIR (a disk, not a tmpfs: what is measured is fsync) and removed.
#![expect(clippy::unwrap_used, reason = "a measurement may fail loudly")]

use evidence::{Answer, Attestation, Authenticated, Author, Record, Time};
use std::time::Instant;
use store::{Store, Submission};

const BATCH: u64 = 500;
const BATCHES: u64 = 20;
const SINGLES: u64 = 200;

/// Seconds of processor time that this process has used, in steps of 10 ms: on a busy machine the figure to compare.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

/// Runs one measurement of `count` records and prints it.
fn measure(what: &str, count: f64, work: impl FnOnce()) {
    let (begun, used) = (Instant::now(), cpu());
    work();
    let (spent, used) = (begun.elapsed().as_secs_f64(), cpu() - used);
    let each = used / count * 1e6;
    println!("{what:<44}{:>8.0} records/s elapsed{each:>8.0} µs of processor a record", count / spent);
}

fn main() {
    let dir = std::env::args_os().nth(1).map_or_else(|| std::path::PathBuf::from("."), Into::into);
    let home = dir.join(format!(".append-bench-{}", std::process::id()));
    let store = Store::open(&home).unwrap();
    let mut batches: Vec<Vec<Submission>> = Vec::new();
    let count = (BATCH * BATCHES) as f64;
    measure("sign", count, || batches = (0..BATCHES).map(|b| sign(&store, b * BATCH, BATCH)).collect());
    measure(&format!("append, {BATCH} a batch, fsync on"), count, || {
        for batch in &batches {
            store.append(batch).unwrap();
        }
    });
    let singles = sign(&store, BATCH * BATCHES, SINGLES);
    measure("append, one by one, fsync on", SINGLES as f64, || {
        for one in singles {
            store.append(&[one]).unwrap();
        }
    });
    let keys = store.keys().evidence_keys();
    measure("verify one envelope", count, || {
        for submission in batches.iter().flatten() {
            proof::verify_envelope(&submission.envelope, &keys).unwrap();
        }
    });
    measure("audit the whole log", count + SINGLES as f64, || {
        assert!(store.verify_all(&stdx::Silent, &stdx::Stop::new()).unwrap().is_clean());
    });
    drop(store);
    std::fs::remove_dir_all(home).unwrap();
}

fn sign(store: &Store, from: u64, count: u64) -> Vec<Submission> {
    let one = |n: u64| {
        let author = Author { name: "Li Ming".into(), authenticated: Authenticated::TypedName };
        let answer = Answer {
            check: format!("check-{n}").as_str().into(),
            fulfilled: true,
            document: None,
            effective: Time::from_secs(0),
            approver: "Wang Fang".into(),
        };
        let record = Record::Attestation(Attestation::answer(store.keys().node(), author, Time::from_secs(0), answer));
        Submission { envelope: store.sign(&record).unwrap(), items: None, artifacts: vec![] }
    };
    (from..from + count).map(one).collect()
}

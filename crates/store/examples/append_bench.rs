//! Appending and verifying, measured. Usage: `cargo run --release -p store --example append_bench -- [DIR]`; the home
//! is made in DIR (a disk, not a tmpfs: what is measured is fsync) and removed.
#![expect(clippy::unwrap_used, reason = "a measurement may fail loudly")]

use evidence::{Answer, Attestation, Authenticated, Author, Record, Time};
use std::time::Instant;
use store::{Store, Submission};

const BATCH: u64 = 500;
const BATCHES: u64 = 20;
const SINGLES: u64 = 200;

fn main() {
    let dir = std::env::args_os().nth(1).map_or_else(|| std::path::PathBuf::from("."), Into::into);
    let home = dir.join(format!(".append-bench-{}", std::process::id()));
    let store = Store::open(&home).unwrap();
    let begun = Instant::now();
    let batches: Vec<Vec<Submission>> = (0..BATCHES).map(|b| sign(&store, b * BATCH, BATCH)).collect();
    let signing = begun.elapsed().as_secs_f64();
    let count = (BATCH * BATCHES) as f64;
    println!("sign                    {:>8.0} records/s", count / signing);

    let begun = Instant::now();
    for batch in &batches {
        store.append(batch).unwrap();
    }
    let spent = begun.elapsed().as_secs_f64();
    println!("append, {BATCH} a batch      {:>8.0} records/s, fsync on (spool file, folder, WAL)", count / spent);

    let singles = sign(&store, BATCH * BATCHES, SINGLES);
    let begun = Instant::now();
    for one in singles {
        store.append(&[one]).unwrap();
    }
    let spent = begun.elapsed().as_secs_f64();
    println!("append, one by one      {:>8.0} records/s, fsync on", SINGLES as f64 / spent);

    let keys = store.keys().evidence_keys();
    let begun = Instant::now();
    for submission in batches.iter().flatten() {
        proof::verify_envelope(&submission.envelope, &keys).unwrap();
    }
    println!("verify one envelope     {:>8.1} µs", begun.elapsed().as_secs_f64() / count * 1e6);
    let begun = Instant::now();
    let audit = store.verify_all(&stdx::Silent, &stdx::Stop::new()).unwrap();
    assert!(audit.is_clean());
    println!("audit the whole log     {:>8.1} µs a record", begun.elapsed().as_secs_f64() / audit.leaves as f64 * 1e6);
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

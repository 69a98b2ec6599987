//! Homes, records and examinations to test with.

use evidence::{
    Answer, Attestation, Authenticated, Author, Body, Examination, Gap, GapReason, ItemCounts, NodeId, Origin, Record,
    RunState, SubjectRef, Time, seal,
};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Store, Submission};

/// A folder that is removed at the end.
pub(crate) struct Folder(pub(crate) PathBuf);
impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("watchfire-{name}-{}-{n}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
    pub(crate) fn home(&self) -> PathBuf {
        self.0.join("home")
    }
}
impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn author() -> Author {
    Author { name: "Li Ming".into(), authenticated: Authenticated::TypedName }
}

/// The `n`th answer: every `n` is another record.
pub(crate) fn answer(node: NodeId, n: u64) -> Record {
    let at = Time::from_secs(1_790_000_000 + i64::try_from(n).unwrap());
    let answer = Answer {
        check: format!("check-{n}").as_str().into(),
        fulfilled: true,
        document: None,
        effective: Time::from_date("2026-03-01").unwrap(),
        approver: "Wang Fang".into(),
    };
    Record::Attestation(Attestation::answer(node, author(), at, answer))
}

/// An examination with `gaps` items.
pub(crate) fn examination(node: NodeId, n: u64, gaps: u64) -> (Record, Vec<u8>) {
    let gap = |i| Body::Gap(Gap { what: format!("folder:/{n}/{i}"), reason: GapReason::Missing, at: None, count: 1 });
    let bodies: Vec<Body> = (0..gaps).map(gap).collect();
    let sealed = seal(&bodies, &[7; 32]).unwrap();
    let at = Time::from_secs(1_790_000_000);
    let record = Record::Examination(Examination {
        node,
        subject: SubjectRef { host: "plc-gw-01".into(), machine: None, root: None, folders: vec![], carried: None },
        origin: Origin::Live,
        started: at,
        ended: at,
        state: RunState::Complete,
        sensors: vec![],
        items: sealed.root,
        counts: ItemCounts { gaps: sealed.root.count, ..ItemCounts::default() },
        nonce: None,
    });
    (record, sealed.lines)
}

/// Signed answers `from..to`.
pub(crate) fn answers(store: &Store, numbers: std::ops::Range<u64>) -> Vec<Submission> {
    let submission = |n| {
        let envelope = store.sign(&answer(store.keys().node(), n)).unwrap();
        Submission { envelope, items: None, artifacts: vec![] }
    };
    numbers.map(submission).collect()
}

/// A home with an examination of three items, an artifact and `more` answers, each in its own transaction.
pub(crate) fn filled(home: &Path, more: u64) -> Store {
    let store = Store::open(home).unwrap();
    let (record, lines) = examination(store.keys().node(), 0, 3);
    store.record(&record, Some(lines), vec![b"the plan".to_vec()]).unwrap();
    for n in 0..more {
        store.append(&answers(&store, n..n + 1)).unwrap();
    }
    store
}

/// Verifies the whole log and fails with every place of damage.
pub(crate) fn assert_clean(store: &Store) {
    let audit = store.verify_all(&stdx::Silent, &stdx::Stop::new()).unwrap();
    assert!(audit.is_clean(), "{audit:#?}");
}

/// Says that a test could not run here, in the one form that the run counts.
pub(crate) fn skipped(test: &str, reason: &str) {
    say(&format!("SKIPPED: {test}: {reason}"));
}

/// Prints a line. Not `println!`: the harness hides what a passing test prints.
pub(crate) fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{line}");
}

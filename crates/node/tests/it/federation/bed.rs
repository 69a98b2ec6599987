//! Nodes in folders of their own, lines between them, and the records that they send.

pub(crate) use super::country::{Direct, copy, part, report, uscc};
use evidence::{Digest, NodeRole, Part, ProgrammeReport, Record, Say, canonical};
use node::{Code, Line, LineFault, Node, SubmitState, Submitted};
use serde_json::Value;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use stdx::Stop;

/// A node, and its home, which is removed at the end.
pub(crate) struct Site {
    pub(crate) home: PathBuf,
    pub(crate) node: Node,
    keep: bool,
}
impl Drop for Site {
    fn drop(&mut self) {
        if !self.keep {
            let _ = std::fs::remove_dir_all(&self.home);
        }
    }
}

pub(crate) fn folder(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("watchfire-fed-{}-{n}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    path
}

pub(crate) fn open(home: &Path) -> Node {
    Node::open(home, None, &|| None).unwrap()
}

impl Site {
    pub(crate) fn new(part: Part) -> Self {
        let home = folder(part.role.name());
        let node = open(&home);
        node.profile_set(part, Some("Li Ming")).unwrap();
        Self { home, node, keep: false }
    }
    /// Ends the program and starts it again.
    pub(crate) fn restart(&mut self) {
        self.node = open(&self.home);
    }
    /// A copy of the home as it lies there, opened.
    pub(crate) fn copy(&self) -> Self {
        let home = folder("copy");
        copy(&self.home, &home);
        Self { node: open(&home), home, keep: false }
    }
    /// Says how it stands, as a signed report; `n` tells one report from the next.
    pub(crate) fn report(&self, n: u64) -> Digest {
        self.record(&Record::ProgrammeReport(Box::new(self.a_report(n))))
    }
    pub(crate) fn a_report(&self, n: u64) -> ProgrammeReport {
        let part = self.node.part().unwrap().unwrap();
        report(&self.node, &part.uscc, n)
    }
    pub(crate) fn record(&self, record: &Record) -> Digest {
        self.node.store().record(record, None, vec![]).unwrap().leaf()
    }
    /// Becomes the child of `parent`.
    pub(crate) fn join(&self, parent: &Site) {
        let part = self.node.part().unwrap().unwrap();
        let (_, code) = parent.node.invite(part, 14, Some("Wang Fang")).unwrap();
        self.join_with(parent, &code);
    }
    pub(crate) fn join_with(&self, parent: &Site, code: &Code) {
        let enrolled = self.node.enrol(code, &Direct(&parent.node), None, None).unwrap();
        assert_eq!(enrolled.parent.node, parent.node.id());
    }
    pub(crate) fn submit(&self, parent: &Site) -> Submitted {
        self.node.submit(Some(parent.node.id().as_str()), &Direct(&parent.node), &Stop::new()).unwrap()
    }
    /// Submits and expects that everything is held.
    #[track_caller]
    pub(crate) fn submit_all(&self, parent: &Site) -> Submitted {
        let done = self.submit(parent);
        assert_eq!(done.state, SubmitState::Equal, "{done:?}");
        assert_eq!((done.size, done.root), (done.own, self.node.store().root(done.own).unwrap()));
        done
    }
    /// The package that would be sent now, as JSON.
    pub(crate) fn package(&self, parent: &Site) -> Value {
        let built = self.node.submit_files(Some(parent.node.id().as_str()), None).unwrap();
        assert_eq!(built.len(), 1);
        serde_json::from_slice(&built[0].bytes).unwrap()
    }
}

/// A line that hands over what it was given to be changed.
pub(crate) struct Changed<'a, F: Fn(&mut Value)>(pub(crate) &'a Node, pub(crate) F);
impl<F: Fn(&mut Value)> Line for Changed<'_, F> {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, LineFault> {
        let mut value = serde_json::from_slice(body).unwrap();
        (self.1)(&mut value);
        Direct(self.0).post(path, &bytes(&value))
    }
}

/// A line that remembers what went over it.
pub(crate) struct Remembering<'a>(pub(crate) &'a Node, pub(crate) RefCell<Vec<Vec<u8>>>);
impl Line for Remembering<'_> {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, LineFault> {
        self.1.borrow_mut().push(body.to_vec());
        Direct(self.0).post(path, body)
    }
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    canonical::to_vec(value).unwrap()
}

/// Hands a package over and reads the answer.
pub(crate) fn hand(parent: &Node, package: &Value) -> Value {
    let answers = parent.packages_taken(&[&bytes(package)]).unwrap();
    serde_json::from_slice(&answers[0]).unwrap()
}

/// The key of a refusal; empty if it was none.
pub(crate) fn refusal(answer: &Value) -> &str {
    answer["refused"]["key"].as_str().unwrap_or_default()
}

/// The key of a submission that was refused.
#[track_caller]
pub(crate) fn refused(done: &Submitted) -> Say {
    match &done.state {
        SubmitState::Refused(say) => say.clone(),
        other => panic!("not refused but {other:?}"),
    }
}

/// Audits, and fails with everything that does not hold.
#[track_caller]
pub(crate) fn assert_holds(node: &Node) {
    let report = node.audit(&stdx::Silent, &Stop::new()).unwrap();
    assert_eq!(report.problems, Vec::<Say>::new());
    // Reports of these tests are made by hand: that another judge made them is said, and no fault.
    let notes: Vec<Say> = report.notes.into_iter().filter(|n| n.key != "cli.say.audit_other_judge").collect();
    assert_eq!(notes, Vec::<Say>::new());
}

/// A province of Jiangsu with one plant that is its child.
pub(crate) fn two() -> (Site, Site) {
    let province = Site::new(part(NodeRole::Province, "32", 1));
    let plant = Site::new(part(NodeRole::Plant, "3201", 1));
    plant.join(&province);
    (province, plant)
}

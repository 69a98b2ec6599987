//! How long work shows itself. The worker reports; the face decides whether and how to draw.

/// A step of long work; the face has words for each in the reader's language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Reading facts about a host; counted in facts.
    Facts,
    /// Reading packet captures; counted in bytes of the files.
    Packets,
    /// Walking folders; counted in files.
    Files,
    /// Sealing and signing; counted in records.
    Records,
    /// Judging and reporting; counted in checks.
    Checks,
    /// Verifying the log; counted in leaves.
    Leaves,
    /// Asking other hosts; counted in hosts.
    Hosts,
    /// Reading a registry; counted in enterprises.
    Enterprises,
    /// Reading logs; counted in events.
    Events,
}

/// Takes reports of progress, from several threads.
pub trait Progress: Sync {
    /// A step begins; `total` units of work are known (they may become more through later calls).
    fn begin(&self, step: Step, total: Option<u64>);
    /// `units` more are done, which were `bytes` bytes of input.
    fn advance(&self, units: u64, bytes: u64);
    /// Something was found (a count for the eye, not a result).
    fn found(&self, count: u64);
    /// `count` more of a class of things were found, by the id of the class (for the eye, not a result).
    fn met(&self, class: &str, count: u64) {
        let _ = (class, count);
    }
    /// The step has ended.
    fn end(&self);
}

/// Shows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;
impl Progress for Silent {
    fn begin(&self, _: Step, _: Option<u64>) {}
    fn advance(&self, _: u64, _: u64) {}
    fn found(&self, _: u64) {}
    fn end(&self) {}
}

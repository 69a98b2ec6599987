//! What a line to a parent is, for those who send: bytes out, bytes back. HTTP is one; a test's is another.

/// Why a line brought no answer. Nothing is lost by any of them: what is owed is sent again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LineFault {
    /// Nobody answered, or nobody who is trusted; why, in words.
    Unreachable(String),
    /// The other side answered with this status and no answer of ours.
    Status(u16),
    /// The answer is larger than what is read.
    TooLarge,
    /// Asked to stop.
    Stopped,
}

/// A line to a parent.
pub trait Line {
    /// Sends a body to a path of the other side and waits for the answer.
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, LineFault>;
}

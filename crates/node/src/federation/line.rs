//! The line to a parent, as whoever sends sees it: a path and a body go out, an answer comes back or a reason why not.

/// Carries one body to the parent and its answer back.
pub trait Line {
    /// Sends `body` to `path` (begins with `/`) and gives the body of the answer, if its status was 200. Errors: [`LineFault`]; none of them says that the
    /// parent did not take what was sent.
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, LineFault>;
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LineFault {
    /// There was no speaking with the parent; a code, whose text stands under `line` in the words files (`certificate-not-trusted`). In a sentence it
    /// is the hole `why`.
    Unreachable(String),
    /// It answered with this status of HTTP, which is not 200.
    Status(u16),
    /// What was to be sent, or its answer, is over the limit.
    TooLarge,
    /// Somebody asked to stop.
    Stopped,
}

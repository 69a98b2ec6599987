//! `ransom-trace-v1`: the events of one watch, one canonical JSON line each after a header, and the verdicts had again from them.
//!
//! A trace holds no path, name, address or content: opaque ids, sizes, our own words and veiled histograms. Canonical, so that
//! equal streams are equal bytes. Read line by line under limits; a fault is named by its line.

use crate::{Event, EventError, Settings, SettingsError, Verdict, Watch};
use evidence::canonical::{self, CanonicalError};
use serde::{Deserialize, Serialize};

/// What the header says that it is.
pub const FORMAT: &str = "ransom-trace-v1";
/// Longest line, in bytes, without its line end.
pub const LINE_BYTES_MAX: usize = 64 << 10;

/// The first line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// When the monotonic clock of the events stood at 0.
    pub began: evidence::Time,
    /// What the events were judged by.
    pub settings: Settings,
}
impl Header {
    /// A header for a watch with these settings.
    #[must_use]
    pub fn new(began: evidence::Time, settings: Settings) -> Self {
        Self { format: FORMAT.to_owned(), began, settings }
    }
}

/// Why a line is not of a trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// More than [`LINE_BYTES_MAX`] bytes.
    TooLong(usize),
    /// Not canonical JSON of the expected shape, or a number beyond 2^53.
    Canonical(CanonicalError),
    /// A first line with another `format`.
    Format(String),
    /// Settings that cannot be worked with.
    Settings(SettingsError),
    /// A text over its limit.
    Event(EventError),
    /// No line at all.
    NoHeader,
}
impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLong(n) => write!(f, "{n} bytes, more than {LINE_BYTES_MAX}"),
            Self::Canonical(e) => e.fmt(f),
            Self::Format(is) => write!(f, "format is {is:?}, expected {FORMAT:?}"),
            Self::Settings(e) => e.fmt(f),
            Self::Event(e) => e.fmt(f),
            Self::NoHeader => write!(f, "no header"),
        }
    }
}

/// A fault and where it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TraceError {
    /// Line, from 1.
    pub line: u64,
    /// What is wrong.
    pub fault: Fault,
}
impl std::fmt::Display for TraceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.fault)
    }
}
impl std::error::Error for TraceError {}

/// The header as a line, with its end. Errors: settings that cannot be worked with.
pub fn header_line(header: &Header) -> Result<Vec<u8>, Fault> {
    header.settings.check().map_err(Fault::Settings)?;
    line(header)
}
/// An event as a line, with its end. Errors: an id beyond [`crate::ID_MAX`], a text over its limit.
pub fn event_line(event: &Event) -> Result<Vec<u8>, Fault> {
    event.check().map_err(Fault::Event)?;
    line(event)
}
fn line(value: &impl Serialize) -> Result<Vec<u8>, Fault> {
    let mut bytes = canonical::to_vec(value).map_err(Fault::Canonical)?;
    if bytes.len() > LINE_BYTES_MAX {
        return Err(Fault::TooLong(bytes.len()));
    }
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads a header line (without its end).
pub fn read_header(line: &[u8]) -> Result<Header, Fault> {
    let header: Header = read(line)?;
    if header.format != FORMAT {
        return Err(Fault::Format(header.format));
    }
    header.settings.check().map_err(Fault::Settings)?;
    Ok(header)
}
/// Reads an event line (without its end).
pub fn read_event(line: &[u8]) -> Result<Event, Fault> {
    let event: Event = read(line)?;
    event.check().map_err(Fault::Event)?;
    Ok(event)
}
fn read<T: serde::de::DeserializeOwned + Serialize>(line: &[u8]) -> Result<T, Fault> {
    if line.len() > LINE_BYTES_MAX {
        return Err(Fault::TooLong(line.len()));
    }
    let value: T = canonical::from_slice(line).map_err(Fault::Canonical)?;
    // A field left out that has a default would be a second spelling of the same event.
    let again = canonical::to_vec(&value).map_err(Fault::Canonical)?;
    if again != line {
        let at = again.iter().zip(line).position(|(a, b)| a != b).unwrap_or(again.len().min(line.len()));
        return Err(Fault::Canonical(CanonicalError::NotCanonical(at)));
    }
    Ok(value)
}

/// Judges a recorded trace again, line by line, from pieces that the caller reads as large as it likes.
#[derive(Debug, Default)]
pub struct Replay {
    watch: Option<Watch>,
    header: Option<Header>,
    line: u64,
}
impl Replay {
    /// Before the header.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// The next line without its end; the header gives none, an event its verdict.
    pub fn line(&mut self, line: &[u8]) -> Result<Option<(Event, Verdict)>, TraceError> {
        self.line += 1;
        let at = |fault| TraceError { line: self.line, fault };
        match &mut self.watch {
            None => {
                let header = read_header(line).map_err(at)?;
                let watch = Watch::new(header.settings.clone()).map_err(|e| at(Fault::Settings(e)))?;
                (self.watch, self.header) = (Some(watch), Some(header));
                Ok(None)
            }
            Some(watch) => {
                let event = read_event(line).map_err(at)?;
                let verdict = watch.take(&event);
                Ok(Some((event, verdict)))
            }
        }
    }
    /// The header, once it was read.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }
    /// The state machine, once the header was read.
    #[must_use]
    pub fn watch(&self) -> Option<&Watch> {
        self.watch.as_ref()
    }
}

/// Judges a whole trace again. Errors: the first line that is not of a trace; what was judged before it is lost.
pub fn replay(trace: &[u8]) -> Result<Vec<(Event, Verdict)>, TraceError> {
    let mut replay = Replay::new();
    let mut out = Vec::new();
    let lines = trace.strip_suffix(b"\n").unwrap_or(trace);
    if lines.is_empty() {
        return Err(TraceError { line: 1, fault: Fault::NoHeader });
    }
    for line in lines.split(|b| *b == b'\n') {
        out.extend(replay.line(line)?);
    }
    Ok(out)
}

//! Notes what a reading gives while it goes on.

use super::code;
use super::event::Event;
use crate::gather::Count;
use classify::Detectors;
use evidence::GapReason;
use std::cell::{Cell, RefCell};

/// Counts that belong to a file; the root's others are made where the file is met.
pub(super) const OF_FILES: [Count; 5] =
    [Count::DecodedBytes, Count::Scanned, Count::Binary, Count::Members, Count::Tables];

/// What the file at hand gave so far, if somebody wants to know.
#[derive(Default)]
pub(crate) struct Tape {
    /// Encoded events may take so many bytes; nothing is noted at 0.
    bytes_max: Cell<usize>,
    counts: [Cell<u64>; OF_FILES.len()],
    formats: RefCell<Vec<(&'static str, u64)>>,
    events: RefCell<Vec<u8>>,
    /// Cannot be remembered: too long, or what was met need not be met again.
    spoilt: Cell<bool>,
}

/// What a whole reading gave.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Noted {
    pub(super) counts: [u64; OF_FILES.len()],
    pub(super) formats: Vec<(&'static str, u64)>,
    /// All other events, encoded.
    pub(super) events: Vec<u8>,
}

/// Whether a fault lies in the content, and so will be met again. All others say something of the moment.
fn is_lasting(reason: GapReason) -> bool {
    use GapReason as G;
    matches!(reason, G::TooLarge | G::TooDeep | G::TooMany | G::Bomb | G::Encrypted | G::Unsupported | G::Corrupt)
}

impl Tape {
    /// Notes what comes, up to so many bytes.
    pub(crate) fn start(&self, bytes_max: usize) {
        self.stop();
        self.bytes_max.set(bytes_max);
    }
    /// Notes nothing more, and forgets.
    pub(crate) fn stop(&self) {
        self.bytes_max.set(0);
        self.counts.iter().for_each(|c| c.set(0));
        self.formats.borrow_mut().clear();
        self.events.borrow_mut().clear();
        self.spoilt.set(false);
    }
    fn runs(&self) -> bool {
        self.bytes_max.get() > 0 && !self.spoilt.get()
    }
    pub(crate) fn count(&self, what: Count, n: u64) {
        if self.runs()
            && let Some((_, count)) = OF_FILES.iter().zip(&self.counts).find(|(of, _)| **of == what)
        {
            count.set(count.get().saturating_add(n));
        }
    }
    pub(crate) fn format(&self, format: &'static str) {
        if self.runs() {
            let mut formats = self.formats.borrow_mut();
            match formats.iter_mut().find(|(known, _)| *known == format) {
                Some((_, n)) => *n += 1,
                None => formats.push((format, 1)),
            }
        }
    }
    pub(super) fn event(&self, event: &Event, detectors: &Detectors) {
        if !self.runs() {
            return;
        }
        let passing = matches!(event, Event::Gap { reason, .. } if !is_lasting(*reason));
        let mut events = self.events.borrow_mut();
        let noted = !passing && code::put(event, detectors, &mut events).is_some();
        if !noted || events.len() > self.bytes_max.get() {
            self.spoilt.set(true);
            *events = Vec::new();
        }
    }
    /// What was noted of a whole file; nothing if it cannot be remembered.
    pub(crate) fn end(&self) -> Option<Noted> {
        let noted = self.runs().then(|| Noted {
            counts: std::array::from_fn(|i| self.counts.get(i).map_or(0, Cell::get)),
            formats: self.formats.take(),
            events: self.events.take(),
        });
        self.stop();
        noted
    }
}

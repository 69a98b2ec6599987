//! What the reading of a file gave, one thing after the other.
//!
//! Readers say everything through here, so that there is one way from a file to what is emitted: read now or read by an
//! earlier run, the same events are given to the root by the same function.

use crate::content::Worker;
use crate::gather::{Count, Settled};
use classify::Class;
use evidence::{
    Body, Column, Content, ContentDigest, Covered, FormatTold, GapReason, KeyedDigest, PathText, Place, Spot,
};
use std::collections::BTreeMap;

/// One thing that reading a file gave. The file's own path is not in it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Event {
    /// So much was counted.
    Count { what: Count, n: u64 },
    /// So many contents of a format were met.
    Format { format: &'static str, n: u64 },
    /// Something could not be looked at.
    Gap { reason: GapReason, inside: Vec<PathText>, spot: Option<Spot> },
    /// A content that its format alone classifies.
    Content {
        inside: Vec<PathText>,
        class: Class,
        format: &'static str,
        how: FormatTold,
        detail: Option<String>,
        bytes: Option<u64>,
    },
    /// A column of a table; its place is said by `inside`.
    Column { inside: Vec<PathText>, column: Column },
    /// A table that was looked at to its end.
    Table { inside: Vec<PathText>, counts: BTreeMap<String, u64> },
    /// The hits of the file or of a member, and the file's digest.
    Hits { inside: Vec<PathText>, digest: Option<KeyedDigest>, settled: Vec<Settled> },
}

impl Worker<'_> {
    /// Something was seen in the file at hand: notes it for the next run, and says it.
    pub(crate) fn happen(&self, event: Event) {
        self.tape.event(&event, &self.config().detectors);
        self.give(event);
    }
    /// Says what was seen in the file at hand, now or by an earlier run. Counts of formats are the worker's own: see
    /// [`Worker::give_again`].
    fn give(&self, event: Event) {
        let root = self.root;
        match event {
            Event::Count { what, n } => {
                root.count(what, n);
            }
            Event::Format { .. } => {}
            Event::Gap { reason, inside, spot } => root.gap(reason, Place { spot, ..self.place(inside) }),
            Event::Content { inside, class, format, how, detail, bytes } => {
                let (format, id) = (format.to_owned(), root.config.detectors.id(class).clone());
                root.content(class, Content { format, class: id, at: self.place(inside), how, detail, bytes });
            }
            Event::Column { inside, column } => root.put(Body::Column(Column { at: self.place(inside), ..column })),
            Event::Table { inside, counts } => {
                root.put(Body::Covered(Covered { what: format!("table:{}", self.place(inside)), counts }));
            }
            Event::Hits { inside, digest, settled } => {
                let at = Place { digest: digest.map(ContentDigest::Keyed), ..self.place(inside) };
                root.hits(&at, settled);
            }
        }
    }
    /// Says what an earlier run read in the file at hand.
    pub(crate) fn give_again(&mut self, events: Vec<Event>) {
        for event in events {
            if let Event::Format { format, n } = event {
                self.told.count(format, n);
            }
            self.give(event);
        }
    }
}

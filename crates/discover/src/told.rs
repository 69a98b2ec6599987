//! What formats a tree holds: each content is recognised once, from bytes that are read anyway.
//!
//! Most formats are only counted. Those whose format alone says what kind of data they hold (a PLC project, a drawing,
//! a map) are observations of their own, beside whatever is found in their text. The name is asked last: what it
//! suggests is said as a hint.

use crate::content::Worker;
use crate::memo::Event;
use classify::Kind;
use classify::format::{self, How, Need, Verdict};
use evidence::{FormatTold, PathText};
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;

/// Formats by their number of contents, and what is to be said of the file at hand.
#[derive(Default)]
pub(crate) struct Told {
    counts: BTreeMap<&'static str, u64>,
    found: Vec<(Vec<PathText>, Verdict, Option<u64>)>,
    /// The file's own format, until it is certain.
    own: Option<Verdict>,
}

impl Told {
    /// Counts contents of a format.
    pub(crate) fn count(&mut self, format: &'static str, n: u64) {
        *self.counts.entry(format).or_default() += n;
    }
}

/// A verdict that says no more than what any bytes are.
fn is_open(verdict: &Verdict) -> bool {
    use format::Family as F;
    matches!(verdict.format.family, F::Text | F::Other | F::Container | F::Markup) || verdict.needs.is_some()
}

fn told(how: How) -> FormatTold {
    match how {
        How::Magic => FormatTold::Magic,
        How::Container => FormatTold::Container,
        How::Root => FormatTold::Root,
        How::Content => FormatTold::Content,
        How::NameHint => FormatTold::NameHint,
    }
}

impl Worker<'_> {
    /// Recognises the content that begins with `head`, whose `kind` may be known; `whole` if that is all of it.
    pub(crate) fn recognise(&mut self, head: &[u8], kind: Option<Kind>, whole: bool, inside: &[PathText]) {
        let own = inside.is_empty();
        let size = if whole { Some(head.len() as u64) } else { own.then_some(self.packed) };
        let tail = if whole { head } else { &[] };
        let verdict = match kind {
            Some(kind) => format::recognise_sniffed(head, tail, size, kind),
            None => format::recognise(head, tail, size),
        };
        self.scanner.tell_documents(verdict.format.family != format::Family::Source);
        if own {
            self.told.own = Some(verdict);
        } else {
            self.tell(inside, verdict, size);
        }
    }

    /// Settles the file's own format: a container that lists itself elsewhere is asked there, then the name is.
    pub(crate) fn settle(&mut self, file: &File, size: u64) {
        let Some(mut verdict) = self.told.own.take() else { return };
        if matches!(verdict.needs, Some(Need::Members | Need::Streams)) {
            let mut read = |at: u64, buf: &mut [u8]| file.read_at(buf, at).unwrap_or(0);
            verdict = format::recognise_at(&mut read, size);
        }
        if is_open(&verdict) {
            let name = self.path().as_os_str().as_bytes();
            let hinted = format::hint(name).filter(|h| self.class_of(h).is_some());
            verdict = hinted.unwrap_or(verdict);
        }
        self.tell(&[], verdict, Some(size));
    }

    fn class_of(&self, verdict: &Verdict) -> Option<classify::Class> {
        self.config().detectors.of_format(verdict.format)
    }

    fn tell(&mut self, inside: &[PathText], verdict: Verdict, size: Option<u64>) {
        self.tape.format(verdict.format.id);
        self.told.count(verdict.format.id, 1);
        if self.class_of(&verdict).is_some() {
            self.told.found.push((inside.to_vec(), verdict, size));
        }
    }

    /// Emits what the file at hand was told to be.
    pub(crate) fn emit_told(&mut self) {
        for (inside, verdict, bytes) in std::mem::take(&mut self.told.found) {
            let Some(class) = self.class_of(&verdict) else { continue };
            self.happen(Event::Content {
                inside,
                class,
                format: verdict.format.id,
                how: told(verdict.how),
                detail: verdict.detail.map(str::to_owned),
                bytes,
            });
        }
    }

    /// Hands the counts of this worker to the root.
    pub(crate) fn hand_over_formats(&mut self) {
        self.root.formats(std::mem::take(&mut self.told.counts));
    }
}

//! Text of PDF documents (ISO 32000-1 and -2), page by page.
//!
//! An own reader, and a small one: it wants the text, where it stands, what is attached, and no more, under limits on
//! everything. A document is read by seeking in its file, one object at a time; content streams are unpacked and
//! followed as they come, so a drawing of a hundred megabytes takes no more memory than a note. What a page may cost is
//! bounded by a count of work ([`meter`]), and whatever was not read is a gap with a reason and a page.
//!
//! Refused: general PDF libraries (they hold the whole document as a tree, and their history is one of overflowing
//! stacks); drawing; recognising characters in images (a page that has only images is a gap, `Unsupported`);
//! passwords; scripts; text of older revisions that no page shows any more.

mod beside;
mod cff;
mod cjk;
mod cmap;
mod crypt;
mod document;
mod encoding;
mod filters;
mod font;
mod layout;
mod lzw;
mod meter;
mod object;
mod operators;
mod pages;
mod source;
mod spoken;
mod syntax;
mod xref;

pub(crate) use document::JUNK_BYTES_MAX;
pub(crate) use source::Seekable;

use crate::content::Worker;
use crate::gather::Count;
use document::Document;
use evidence::{GapReason, PathText, Spot};
use font::Kind;
use meter::Account;
use operators::{Fonts, Interpreter, Matrix};
use source::Source;
use spoken::Spoken;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Glyphs of one kind of font whose text is not known; from so many on it is a gap (`Unsupported`).
const UNREAD_MIN: u64 = 4;
/// A page is an image if one takes half of it and so few characters stand beside it, such as a page's number.
const IMAGE_SHARE: f64 = 0.5;
const IMAGE_CHARACTERS_MAX: u64 = 100;

/// Reads a document: its pages, what stands beside them, and the files it carries.
pub(crate) fn read(worker: &mut Worker<'_>, src: &mut dyn Seekable, inside: &[PathText]) {
    let root = worker.root;
    let stopped = || root.stopped();
    let source = match Source::new(src) {
        Ok(source) => source,
        Err(e) => return worker.gap(meter::reason(&e), inside),
    };
    let bytes = source.bytes();
    let account = Account::new(worker.config(), Rc::clone(&worker.unpacked), worker.packed, bytes, &stopped);
    let document = match Document::open(source, account) {
        Ok(document) => document,
        Err(GapReason::Stopped) => return,
        Err(reason) => return worker.gap(reason, inside),
    };
    let mut seen = Pages::default();
    let mut spoken = Spoken::new(worker);
    pages::each(&document, &mut |page| seen.page(&document, page, &mut |number, said| spoken.hear(number, said)));
    spoken.keep(inside);
    document.page.set(0);
    worker.count_scanned();
    if !document.account.is_spent() {
        beside(worker, &document, seen.fields, seen.files, inside);
    }
    document.page.set(seen.unread_page);
    for _ in seen.unread.iter().filter(|n| **n >= UNREAD_MIN) {
        document.note_page(GapReason::Unsupported);
    }
    for (reason, page, count) in document.faults() {
        let spot = (page > 0).then_some(Spot::Page { page, line: 1, column: 1 });
        for _ in 0..count {
            worker.gap_at(reason, inside, spot.clone());
        }
    }
}

/// What a page says.
enum Said {
    /// Lines of its text.
    Lines(Vec<layout::Line>),
    /// Texts that have no place on it.
    Loose(Vec<String>),
}

/// The text of a document as it is looked at: page and line. For tests against other readers.
pub(crate) fn lines(src: &mut dyn Seekable, config: &crate::Config) -> Result<Vec<(u64, String)>, GapReason> {
    let source = Source::new(src).map_err(|e| meter::reason(&e))?;
    let bytes = source.bytes();
    let document = Document::open(source, Account::new(config, Rc::default(), bytes, bytes, &|| false))?;
    let (mut seen, mut out) = (Pages::default(), Vec::new());
    pages::each(&document, &mut |page| {
        seen.page(&document, page, &mut |number, said| match said {
            Said::Lines(lines) => out.extend(lines.into_iter().map(|l| (number, l.text))),
            Said::Loose(lines) => out.extend(lines.into_iter().map(|l| (number, l))),
        })
    });
    Ok(out)
}

/// What the pages have yielded so far.
#[derive(Default)]
struct Pages {
    fonts: Fonts,
    number: u64,
    /// Form fields that a page has shown.
    fields: BTreeSet<u32>,
    files: Vec<object::Object>,
    unread: [u64; Kind::COUNT],
    unread_page: u64,
}
impl Pages {
    /// Reads one page; false if no more should be.
    fn page(&mut self, document: &Document<'_>, page: &pages::Page, say: &mut dyn FnMut(u64, Said)) -> bool {
        self.number += 1;
        let number = self.number;
        document.page.set(number);
        let resources = page.resources(document);
        let mut flush = |pieces: &mut layout::Pieces| say(number, Said::Lines(pieces.take()));
        let mut interpreter = Interpreter::new(document, &self.fonts, &mut flush);
        interpreter.run(page.content(document), &resources, Matrix::UNIT);
        let notes = pages::notes(document, page, &mut self.fields);
        for (stream, x, y) in &notes.shown {
            interpreter.form_at(stream, *x, *y);
        }
        let mut shown = interpreter.seen;
        say(number, Said::Lines(shown.pieces.take()));
        say(number, Said::Loose(notes.lines));
        self.files.extend(notes.files);
        for (all, own) in self.unread.iter_mut().zip(shown.unread) {
            *all += own;
            if own > 0 && self.unread_page == 0 {
                self.unread_page = self.number;
            }
        }
        let covered = shown.image_area >= IMAGE_SHARE * page.area(document);
        let few = shown.characters == 0 || (covered && shown.characters < IMAGE_CHARACTERS_MAX);
        if shown.images > 0 && few {
            document.note_page(GapReason::Unsupported);
        }
        !document.account.is_spent()
    }
}

/// Reads what stands beside the pages.
fn beside(
    worker: &mut Worker<'_>,
    document: &Document<'_>,
    mut fields: BTreeSet<u32>,
    files: Vec<object::Object>,
    inside: &[PathText],
) {
    let within = |name: &str| {
        let mut inner = inside.to_vec();
        inner.push(name.into());
        inner
    };
    for (name, lines) in [
        ("Info", beside::properties(document)),
        ("Outlines", beside::bookmarks(document)),
        ("AcroForm", beside::fields(document, &mut fields)),
    ] {
        spoken::list(worker, &lines, &within(name));
    }
    for part in beside::parts(document).into_iter().chain(beside::files(document, files)) {
        if worker.root.stopped() {
            return;
        }
        let inner = within(&part.name);
        let opened = if part.file { document.read_file(&part.stream) } else { document.read(&part.stream) };
        if part.file {
            worker.count(Count::Members, 1);
        }
        match opened {
            Ok(mut src) => worker.content(&mut src, &inner),
            Err(reason) => worker.gap(reason, &inner),
        }
    }
}

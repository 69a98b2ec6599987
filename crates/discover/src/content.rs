//! One content, whatever it is wrapped in: recognises it and hands it to its reader.

use crate::Config;
use crate::gather::{Count, Findings, Root};
use crate::kind::{Form, form};
use crate::legacy;
use crate::mail;
use crate::markup::{self, Markup};
use crate::memo::{Event, Tape};
use crate::rtf;
use crate::table::csv::Watch;
use crate::table::{self, Keeper};
use crate::text::{self, Skips, WINDOW_BYTES, fill};
use crate::told::Told;
use crate::turn::Pieces;
use crate::unpack::{self, Memory};
use classify::{Encoding, Kind, Scanner};
use evidence::{GapReason, KeyedDigest, PathText, Place, Spot};
use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// How much is read to see what a file or a member is; the latter costs inflating.
const FILE_HEAD_BYTES: usize = 64 << 10;
const MEMBER_HEAD_BYTES: usize = 8 << 10;

/// What one thread keeps from file to file.
pub(crate) struct Worker<'a> {
    pub(crate) root: &'a Root<'a>,
    pub(crate) scanner: Scanner<'static>,
    buffers: Vec<Vec<u8>>,
    /// The file at hand, and what was found in it. Its name becomes text only when something is said of it.
    path: PathBuf,
    found: Vec<(Vec<PathText>, Findings)>,
    /// What the file at hand has unpacked to so far, and its size as it lies on disk.
    pub(crate) unpacked: Rc<Cell<u64>>,
    pub(crate) packed: u64,
    /// What decoders and archives of the file at hand hold.
    pub(crate) memory: Rc<Memory<'a>>,
    /// Set to leave an archive that is a file of its own unread: the file's reader can seek, and takes it.
    pub(crate) leave_archive: bool,
    /// All of the file at hand, if it fits a buffer: so much of the last buffer put back.
    pub(crate) whole: Option<usize>,
    /// Where holes of the file at hand were passed over.
    pub(crate) skips: Skips,
    /// What formats were recognised.
    pub(crate) told: Told,
    /// What the file at hand gave, for the next run.
    pub(crate) tape: Tape,
    /// Such an archive was met.
    pub(crate) is_archive: Option<unpack::Container>,
    /// The same, and it is a compound file.
    pub(crate) is_compound: bool,
    /// A file of tables was met, which the file's reader takes likewise.
    pub(crate) keeper: Option<Keeper>,
}

impl<'a> Worker<'a> {
    pub(crate) fn new(root: &'a Root<'a>) -> Self {
        Self {
            root,
            scanner: Scanner::new(Arc::clone(&root.config.detectors)),
            buffers: Vec::new(),
            path: PathBuf::new(),
            whole: None,
            skips: Skips::default(),
            found: Vec::new(),
            unpacked: Rc::default(),
            packed: 0,
            memory: Memory::new(root),
            told: Told::default(),
            tape: Tape::default(),
            leave_archive: false,
            is_archive: None,
            is_compound: false,
            keeper: None,
        }
    }
    /// For the tables of a server, which is no file and has no size.
    pub(crate) fn of_server(root: &'a Root<'a>, url: &PathText) -> Self {
        let mut this = Self::new(root);
        this.begin(PathBuf::from(url.as_str()), u64::MAX);
        this
    }
    pub(crate) fn config(&self) -> &'a Config {
        self.root.config
    }
    /// Begins a file.
    pub(crate) fn begin(&mut self, path: PathBuf, bytes: u64) {
        self.path = path;
        self.whole = None;
        self.skips.borrow_mut().clear();
        self.packed = bytes;
        self.unpacked.set(0);
        self.tape.stop();
    }
    /// The file at hand.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
    pub(crate) fn place(&self, inside: Vec<PathText>) -> Place {
        Place { inside, ..Place::file(PathText::from_bytes(self.path.as_os_str().as_bytes())) }
    }
    /// All of the file at hand, if it was read in one piece.
    pub(crate) fn whole(&self) -> Option<&[u8]> {
        let bytes = self.whole.filter(|n| *n as u64 == self.packed)?;
        self.buffers.last()?.get(..bytes)
    }
    /// True if the file at hand has hits that are not yet emitted.
    pub(crate) fn has_found(&self) -> bool {
        !self.found.is_empty()
    }
    /// Emits the hits of the file at hand.
    pub(crate) fn emit(&mut self, digest: Option<KeyedDigest>) {
        for (inside, findings) in std::mem::take(&mut self.found) {
            if findings.overflow {
                self.gap(GapReason::TooMany, &inside);
            }
            self.happen(Event::Hits { inside, digest, settled: findings.settle() });
        }
    }
    pub(crate) fn keep(&mut self, inside: &[PathText], findings: Findings) {
        if !findings.is_empty() {
            self.found.push((inside.to_vec(), findings));
        }
    }
    pub(crate) fn gap(&self, reason: GapReason, inside: &[PathText]) {
        self.gap_at(reason, inside, None);
    }
    /// The same at a place inside the text.
    pub(crate) fn gap_at(&self, reason: GapReason, inside: &[PathText], spot: Option<Spot>) {
        self.happen(Event::Gap { reason, inside: inside.to_vec(), spot });
    }
    /// Counts what the file at hand gave.
    pub(crate) fn count(&self, what: Count, n: u64) {
        self.tape.count(what, n);
        self.root.count(what, n);
    }
    pub(crate) fn decoded(&self, bytes: u64) {
        self.count(Count::DecodedBytes, bytes);
    }
    pub(crate) fn count_scanned(&self) {
        self.count(Count::Scanned, 1);
    }
    pub(crate) fn count_binary(&self) {
        self.count(Count::Binary, 1);
    }

    /// A buffer, to be put back.
    pub(crate) fn buffer(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_else(|| vec![0; WINDOW_BYTES])
    }
    /// Keeps a buffer for the next content.
    pub(crate) fn put_back(&mut self, buffer: Vec<u8>) {
        self.buffers.push(buffer);
    }

    /// Scans `src`, which yields UTF-8, as one text. On an error, what came before it was looked at.
    pub(crate) fn plain(&mut self, src: &mut dyn Read, inside: &[PathText]) -> Result<(), GapReason> {
        let mut window = self.buffer();
        let (mut filled, skips) = (0, Skips::default());
        let begin = fill(src, &mut window, &mut filled);
        let ended = !matches!(begin, Ok(false));
        let begun = text::Begun { buf: &mut window, filled, ended, encoding: Encoding::Utf8, mark: 0, skips: &skips };
        let rest = self.scan(begun, src, inside);
        self.put_back(window);
        begin.and(rest).map_err(|e| unpack::reason(&e))
    }
    /// Scans what `more` finds piece by piece, as one text in UTF-8.
    pub(crate) fn pieces(
        &mut self,
        inside: &[PathText],
        more: impl FnMut(&mut Vec<u8>) -> Result<bool, GapReason>,
    ) -> Result<(), GapReason> {
        let root = self.root;
        let stopped = || root.stopped();
        self.plain(&mut Pieces::new(&stopped, more), inside)
    }

    /// Reads `src` to its end, or to a limit, a fault or a stop.
    pub(crate) fn content(&mut self, src: &mut dyn Read, inside: &[PathText]) {
        let mut buf = self.buffer();
        let mut filled = 0;
        // What is no text is told from its head: no more of it is read or unpacked. A file is usually one read.
        let head = if inside.is_empty() { FILE_HEAD_BYTES } else { MEMBER_HEAD_BYTES };
        let mut result = fill(src, &mut buf[..head], &mut filled);
        let form = form(&buf[..filled]);
        if filled > 0 {
            let kind = match form {
                Form::Text(encoding, mark) | Form::Markup(_, encoding, mark) => Some(Kind::Text(encoding, mark)),
                _ => None,
            };
            self.recognise(&buf[..filled], kind, matches!(result, Ok(true)), inside);
        }
        if matches!(result, Ok(false)) && !matches!(form, Form::Binary | Form::Unread) {
            result = fill(src, &mut buf, &mut filled);
        }
        match result {
            // Even the part before a fault is looked at.
            Err(e) if filled == 0 => self.gap(unpack::reason(&e), inside),
            Err(e) => {
                // Whoever reads on meets the fault where it is.
                let mut failed = Failed { kind: e.kind(), error: Some(e) };
                self.formed(form, &mut buf, filled, false, &mut failed, inside);
                // Containers say what it cost, which may be nothing.
                if let Some(e) = failed.error.filter(|_| !matches!(form, Form::Container(_))) {
                    self.gap(unpack::reason(&e), inside);
                }
            }
            Ok(ended) => {
                self.formed(form, &mut buf, filled, ended, src, inside);
                if ended && inside.is_empty() {
                    self.whole = Some(filled);
                }
            }
        }
        self.put_back(buf);
    }

    /// A text as it lies; if it is a table, its columns are told beside its hits.
    fn text(&mut self, begun: text::Begun<'_>, src: &mut dyn Read, inside: &[PathText]) {
        let (root, mut findings) = (self.root, Findings::default());
        let name = inside.last().map_or(self.path.as_os_str().as_bytes(), |name| name.as_str().as_bytes());
        let mut watch = Watch::new(root.config, name);
        let stopped = || root.stopped();
        let scanner = &mut self.scanner;
        let (seen, result) = text::scan_table(scanner, root.config, &mut findings, begun, src, &stopped, &mut watch);
        self.decoded(seen);
        self.count_scanned();
        watch.tell(self, inside, result.is_ok() && !stopped(), &mut findings);
        self.keep(inside, findings);
        if let Err(e) = result {
            self.gap(unpack::reason(&e), inside);
        }
    }
    fn scan(&mut self, begun: text::Begun<'_>, src: &mut dyn Read, inside: &[PathText]) -> io::Result<()> {
        let (root, mut findings) = (self.root, Findings::default());
        let (seen, result) = text::scan(&mut self.scanner, root.config, &mut findings, begun, src, &|| root.stopped());
        self.decoded(seen);
        self.count_scanned();
        self.keep(inside, findings);
        result
    }
    fn marked(
        &mut self,
        kind: Option<Markup>,
        encoding: Encoding,
        mark: usize,
        head: &[u8],
        src: &mut dyn Read,
        inside: &[PathText],
    ) {
        let head = head.get(mark..).unwrap_or_default();
        if let Err(reason) = markup::read(self, (head, encoding), src, kind, inside) {
            self.gap(reason, inside);
        }
    }

    fn formed(
        &mut self,
        form: Form,
        buf: &mut [u8],
        filled: usize,
        ended: bool,
        src: &mut dyn Read,
        inside: &[PathText],
    ) {
        let head = &buf[..filled];
        let deep = inside.len() >= self.config().limits.container_depth_max;
        match form {
            // Too deep for its parts to be members: it is still a text.
            Form::Mail | Form::Mailbox if deep => {
                self.gap(GapReason::TooDeep, inside);
                let begun =
                    text::Begun { buf, filled, ended, encoding: Encoding::Utf8, mark: 0, skips: &Skips::default() };
                self.text(begun, src, inside);
            }
            Form::Text(encoding, mark) if encoding.unit() == 1 && markup::has_escapes(head) => {
                self.marked(None, encoding, mark, head, src, inside);
            }
            Form::Markup(kind, encoding, mark) => self.marked(Some(kind), encoding, mark, head, src, inside),
            Form::Text(encoding, mark) => {
                let (held, none) = (Rc::clone(&self.skips), Skips::default());
                let skips = if inside.is_empty() { &held } else { &none };
                self.text(text::Begun { buf, filled, ended, encoding, mark, skips }, src, inside);
            }
            Form::Rtf => rtf::read(self, &mut head.chain(src), inside),
            Form::Mail => mail::read(self, &mut head.chain(src), inside),
            Form::Mailbox => mail::mailbox(self, &mut head.chain(src), inside),
            // What is at hand as a whole need not be sought in its file.
            Form::Container(kind) if kind.seeks() && !ended && self.leave_archive && inside.is_empty() => {
                self.is_archive = Some(kind);
            }
            Form::Container(_) if deep => self.gap(GapReason::TooDeep, inside),
            Form::Container(kind) => unpack::open(self, kind, head, src, inside),
            Form::Ole if ended && inside.is_empty() => legacy::compound(self, Cursor::new(head), inside),
            Form::Ole if self.leave_archive && inside.is_empty() => self.is_compound = true,
            Form::Ole if deep => self.gap(GapReason::TooDeep, inside),
            Form::Ole => legacy::nested(self, head, src, inside),
            Form::Unread => self.gap(GapReason::Unsupported, inside),
            Form::Table(keeper) if !ended && self.leave_archive && inside.is_empty() => self.keeper = Some(keeper),
            Form::Table(keeper) => table::nested(self, keeper, head, src, inside),
            Form::Binary => self.count_binary(),
        }
    }
}

/// A source that has failed, and fails in the same way for good.
struct Failed {
    error: Option<io::Error>,
    kind: io::ErrorKind,
}
impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.error.take().unwrap_or_else(|| self.kind.into()))
    }
}

/// Reads `bytes` as if they were a file's and returns all that would be emitted. For fuzzing and tests.
#[must_use]
pub fn read_bytes(bytes: &[u8], config: &Config) -> Vec<evidence::Body> {
    read_bytes_until(bytes, config, &stdx::Stop::new())
}
/// The same, until somebody stops it.
#[must_use]
pub fn read_bytes_until(bytes: &[u8], config: &Config, stop: &stdx::Stop) -> Vec<evidence::Body> {
    let sink = std::sync::Mutex::new(Vec::new());
    let root = Root::new("/bytes".into(), config, &sink, &stdx::Silent, stop);
    let mut worker = Worker::new(&root);
    worker.begin("/bytes".into(), bytes.len() as u64);
    worker.content(&mut &*bytes, &[]);
    worker.emit(None);
    drop(worker);
    drop(root.finish());
    sink.into_inner().unwrap_or_default()
}

/// The text of a PDF as it is looked at: page, from 1, and line. For tests against other readers; nothing else may
/// show what stands in a file.
///
/// # Errors
/// Why nothing of it can be read.
pub fn pdf_lines(bytes: &[u8], config: &Config) -> Result<Vec<(u64, String)>, GapReason> {
    crate::pdf::lines(&mut Cursor::new(bytes), config)
}

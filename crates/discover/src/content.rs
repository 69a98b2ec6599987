//! One content, whatever it is wrapped in: recognises it and hands it to its reader.

use crate::Config;
use crate::gather::{Findings, Root};
use crate::kind::{Form, form, is_encrypted_office};
use crate::table::csv::Watch;
use crate::table::{self, Keeper};
use crate::text::{self, Skips, WINDOW_BYTES, fill};
use crate::unpack;
use classify::Scanner;
use evidence::{ContentDigest, GapReason, PathText, Place};
use std::cell::Cell;
use std::io::{Cursor, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::Ordering;

/// How much is read to see what a file or a member is; the latter costs inflating.
const FILE_HEAD_BYTES: usize = 64 << 10;
const MEMBER_HEAD_BYTES: usize = 8 << 10;

/// What one thread keeps from file to file.
pub(crate) struct Worker<'a> {
    pub(crate) root: &'a Root<'a>,
    pub(crate) scanner: Scanner,
    buffers: Vec<Vec<u8>>,
    /// The file at hand, and what was found in it. Its name becomes text only when something is said of it.
    path: PathBuf,
    found: Vec<(Vec<PathText>, Findings)>,
    /// What the file at hand has unpacked to so far, and its size as it lies on disk.
    pub(crate) unpacked: Rc<Cell<u64>>,
    pub(crate) packed: u64,
    /// Set to leave an archive that is a file of its own unread: the file's reader can seek, and takes it.
    pub(crate) leave_archive: bool,
    /// All of the file at hand, if it fits a buffer: so much of the last buffer put back.
    pub(crate) whole: Option<usize>,
    /// Where holes of the file at hand were passed over.
    pub(crate) skips: Skips,
    /// Such an archive was met.
    pub(crate) is_archive: bool,
    /// A file of tables was met, which the file's reader takes likewise.
    pub(crate) keeper: Option<Keeper>,
}

impl<'a> Worker<'a> {
    pub(crate) fn new(root: &'a Root<'a>) -> Self {
        Self {
            root,
            scanner: Scanner::new(),
            buffers: Vec::new(),
            path: PathBuf::new(),
            whole: None,
            skips: Skips::default(),
            found: Vec::new(),
            unpacked: Rc::default(),
            packed: 0,
            leave_archive: false,
            is_archive: false,
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
    pub(crate) fn emit(&mut self, digest: Option<ContentDigest>) {
        for (inside, findings) in std::mem::take(&mut self.found) {
            self.root.hits(self.place(inside), findings, digest);
        }
    }
    pub(crate) fn keep(&mut self, inside: &[PathText], findings: Findings) {
        if !findings.is_empty() {
            self.found.push((inside.to_vec(), findings));
        }
    }
    pub(crate) fn gap(&self, reason: GapReason, inside: &[PathText]) {
        self.root.gap(reason, self.place(inside.to_vec()));
    }
    pub(crate) fn decoded(&self, bytes: u64) {
        self.root.counts.decoded_bytes.fetch_add(bytes, Ordering::Relaxed);
    }
    pub(crate) fn count_scanned(&self) {
        self.root.counts.scanned.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_binary(&self) {
        self.root.counts.binary.fetch_add(1, Ordering::Relaxed);
    }

    /// A buffer, to be put back.
    pub(crate) fn buffer(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_else(|| vec![0; WINDOW_BYTES])
    }
    /// Keeps a buffer for the next content.
    pub(crate) fn put_back(&mut self, buffer: Vec<u8>) {
        self.buffers.push(buffer);
    }

    /// Reads `src` to its end, or to a limit, a fault or a stop.
    pub(crate) fn content(&mut self, src: &mut dyn Read, inside: &[PathText]) {
        let mut buf = self.buffer();
        let mut filled = 0;
        // What is no text is told from its head: no more of it is read or unpacked. A file is usually one read.
        let head = if inside.is_empty() { FILE_HEAD_BYTES } else { MEMBER_HEAD_BYTES };
        let mut result = fill(src, &mut buf[..head], &mut filled);
        let form = form(&buf[..filled]);
        if matches!(result, Ok(false)) && !matches!(form, Form::Binary | Form::Unread) {
            result = fill(src, &mut buf, &mut filled);
        }
        match result {
            // Even the part before a fault is looked at.
            Err(e) if filled == 0 => self.gap(unpack::reason(&e), inside),
            result => {
                let ended = !matches!(result, Ok(false));
                self.formed(form, &mut buf, filled, ended, src, inside);
                match result {
                    Err(e) => self.gap(unpack::reason(&e), inside),
                    Ok(true) if inside.is_empty() => self.whole = Some(filled),
                    Ok(_) => {}
                }
            }
        }
        self.put_back(buf);
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
            Form::Text(encoding, mark) => {
                let (mut findings, none) = (Findings::default(), Skips::default());
                let root = self.root;
                let skips = if inside.is_empty() { &self.skips } else { &none };
                let begun = text::Begun { buf, filled, ended, encoding, mark, skips };
                let name = inside.last().map_or(self.path.as_os_str().as_bytes(), |name| name.as_str().as_bytes());
                let mut watch = Watch::new(root.config, name);
                let stopped = || root.stopped();
                let scanner = &mut self.scanner;
                let (seen, result) =
                    text::scan_table(scanner, root.config, &mut findings, begun, src, &stopped, &mut watch);
                self.decoded(seen);
                self.count_scanned();
                watch.tell(self, inside, result.is_ok() && !stopped(), &mut findings);
                self.keep(inside, findings);
                if let Err(e) = result {
                    self.gap(unpack::reason(&e), inside);
                }
            }
            // The whole archive is at hand: no need to seek in its file.
            Form::Zip if ended && inside.is_empty() => unpack::zip(self, Cursor::new(head), inside),
            Form::Zip if self.leave_archive && inside.is_empty() => self.is_archive = true,
            Form::Gzip | Form::Zip if deep => self.gap(GapReason::TooDeep, inside),
            Form::Gzip => {
                let mut whole = Cursor::new(head).chain(src);
                unpack::gzip(self, &mut whole, inside);
            }
            Form::Zip => unpack::nested_zip(self, head, src, inside),
            Form::Ole if is_encrypted_office(head) => self.gap(GapReason::Encrypted, inside),
            Form::Ole | Form::Unread => self.gap(GapReason::Unsupported, inside),
            Form::Table(keeper) if !ended && self.leave_archive && inside.is_empty() => self.keeper = Some(keeper),
            Form::Table(keeper) => table::nested(self, keeper, head, src, inside),
            Form::Binary => self.count_binary(),
        }
    }
}

/// Reads `bytes` as if they were a file's and returns all that would be emitted. For fuzzing and tests.
#[must_use]
pub fn read_bytes(bytes: &[u8], config: &Config) -> Vec<evidence::Body> {
    let sink = std::sync::Mutex::new(Vec::new());
    let stop = stdx::Stop::new();
    let root = Root::new("/bytes".into(), config, &sink, &stdx::Silent, &stop);
    let mut worker = Worker::new(&root);
    worker.begin("/bytes".into(), bytes.len() as u64);
    worker.content(&mut &*bytes, &[]);
    worker.emit(None);
    root.finish();
    sink.into_inner().unwrap_or_default()
}

//! OpenDocument (ISO/IEC 26300) of any kind, and the files of OpenOffice before it: which member is read how.
//!
//! The manifest says what each part is and which members are encrypted. Text that spans split is joined; a
//! spreadsheet's cells have their sheet and place. A cell or row that is said to repeat is read once, where it first
//! stands: repeating costs nothing to write and would cost everything to read.

use crate::biff::written;
use crate::content::Worker;
use crate::office::NAMES_BYTES_MAX;
use crate::sheet::{CELL_BYTES_MAX, Cells};
use crate::unpack::with_member;
use crate::xml::{self, Node, Pull, Tag};
use evidence::{GapReason, PathText};
use std::collections::HashSet;
use std::io::{Read, Seek};
use zip::ZipArchive;

/// What the manifest says.
#[derive(Default)]
struct Manifest {
    /// Folders of parts that are spreadsheets; the document's own is empty.
    sheets: HashSet<String>,
    encrypted: HashSet<String>,
}

/// How a member is read.
enum Rule {
    Paragraphs,
    Cells,
    /// All text, a line an element.
    Lines,
}
fn rule(name: &str, manifest: &Manifest) -> Option<Rule> {
    let (folder, file) = name.rsplit_once('/').map_or(("", name), |(folder, file)| (folder, file));
    match file {
        "content.xml" if manifest.sheets.contains(folder) => Some(Rule::Cells),
        "content.xml" | "styles.xml" => Some(Rule::Paragraphs),
        "meta.xml" => Some(Rule::Lines),
        _ => None,
    }
}

/// Reads the members of a document, if the archive is one; says for each member of the archive whether it is done.
pub(crate) fn members<R: Read + Seek>(
    worker: &mut Worker<'_>,
    archive: &mut ZipArchive<R>,
    inside: &[PathText],
    done: &mut [bool],
) {
    let Some(manifest_at) = archive.index_for_name("META-INF/manifest.xml") else { return };
    let encrypted_whole = archive.index_for_name("encrypted-package").is_some();
    if archive.index_for_name("content.xml").is_none() && !encrypted_whole {
        return;
    }
    let mut manifest = Manifest::default();
    with_member(worker, archive, manifest_at, inside, &mut |worker, src, _| manifest.read(worker, src));
    if let Some(slot) = done.get_mut(manifest_at) {
        *slot = true;
    }
    for (i, slot) in done.iter_mut().enumerate() {
        if worker.root.stopped() {
            return;
        }
        let Some(Ok(name)) = archive.name_for_index(i).map(|n| n.map(std::borrow::Cow::into_owned)) else { continue };
        if manifest.encrypted.contains(&name) {
            *slot = true;
            let mut inner = inside.to_vec();
            inner.push(PathText::from(name.as_str()));
            worker.gap(GapReason::Encrypted, &inner);
            continue;
        }
        let Some(rule) = rule(&name, &manifest) else { continue };
        *slot = true;
        with_member(worker, archive, i, inside, &mut |worker, src, inner| match rule {
            Rule::Paragraphs => paragraphs(worker, src, inner),
            Rule::Lines => lines(worker, src, inner),
            Rule::Cells => Sheets::read(worker, src, inner),
        });
    }
}

impl Manifest {
    fn read(&mut self, worker: &mut Worker<'_>, src: &mut dyn Read) -> Result<(), GapReason> {
        let mut buf = worker.buffer();
        let root = worker.root;
        let (mut path, mut bytes) = (String::new(), 0);
        let result = xml::read(&mut buf, src, &|| root.stopped(), |node| {
            match node {
                Node::Open(b"file-entry", tag) => {
                    path = tag.attribute(b"full-path").unwrap_or_default();
                    let kind = tag.attribute(b"media-type").unwrap_or_default();
                    if let Some(folder) = path.strip_suffix('/').filter(|_| is_spreadsheet(&kind)) {
                        bytes += folder.len() + 64;
                        self.sheets.insert(folder.to_owned());
                    }
                }
                Node::Open(b"encryption-data", _) => {
                    bytes += path.len() + 64;
                    self.encrypted.insert(path.clone());
                }
                _ => return Ok(()),
            }
            if bytes > NAMES_BYTES_MAX { Err(GapReason::TooLarge) } else { Ok(()) }
        });
        worker.put_back(buf);
        result
    }
}
fn is_spreadsheet(kind: &str) -> bool {
    let name = kind.strip_prefix("application/vnd.").unwrap_or_default();
    name.starts_with("oasis.opendocument.spreadsheet") || name.starts_with("sun.xml.calc")
}

/// The paragraphs of a text, a presentation, a drawing, of headers and footers.
fn paragraphs(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) -> Result<(), GapReason> {
    let mut held = worker.buffer();
    let mut pull = Pull::open(&mut held, src);
    let (mut open, mut cells, mut link) = (0usize, 0usize, None);
    let result = worker.pieces(inside, |out| {
        pull.next(&mut |node| match node {
            Node::Open(b"p" | b"h", _) => open += 1,
            // Where a link leads may say more than its text; it stands behind the paragraph.
            Node::Open(b"a", tag) => link = tag.attribute(b"href"),
            Node::Close(b"p" | b"h") => {
                open = open.saturating_sub(1);
                if let Some(link) = link.take() {
                    out.push(b' ');
                    out.extend_from_slice(link.as_bytes());
                }
                // A cell's paragraphs stay on the line of their row.
                out.push(if cells > 0 { b' ' } else { b'\n' });
            }
            Node::Open(b"table-cell", _) => cells += 1,
            Node::Close(b"table-cell") => {
                cells = cells.saturating_sub(1);
                out.push(b'\t');
            }
            Node::Close(b"table-row") | Node::Open(b"line-break", _) => out.push(b'\n'),
            Node::Open(b"tab", _) => out.push(b'\t'),
            // What is anchored inside a paragraph is no part of its text, nor is the mark of a note.
            Node::Open(b"note" | b"annotation" | b"text-box" | b"s" | b"note-body", _)
            | Node::Close(b"note" | b"creator" | b"date") => out.push(b' '),
            Node::Text(text) if open > 0 => out.extend(text.iter().map(|b| if *b == b'\n' { b' ' } else { *b })),
            _ => {}
        })
    });
    worker.put_back(held);
    result
}

/// Every text of a member, a line each.
fn lines(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) -> Result<(), GapReason> {
    let mut held = worker.buffer();
    let mut pull = Pull::open(&mut held, src);
    let result = worker.pieces(inside, |out| {
        pull.next(&mut |node| match node {
            Node::Text(text) => out.extend(text.iter().map(|b| if *b == b'\n' { b' ' } else { *b })),
            // The name of a property that a user made may say what it is.
            Node::Open(b"user-defined", tag) => {
                out.extend_from_slice(tag.attribute(b"name").unwrap_or_default().as_bytes());
                out.push(b' ');
            }
            Node::Close(_) => out.push(b'\n'),
            Node::Open(..) => {}
        })
    });
    worker.put_back(held);
    result
}

/// The sheets of a spreadsheet under way.
struct Sheets<'w, 'a, 'i> {
    cells: Cells<'w, 'a, 'i>,
    next_row: u32,
    next_column: u32,
    row: u32,
    column: u32,
    in_cell: bool,
    /// Open paragraphs.
    open: usize,
    text: Vec<u8>,
    /// The cell's number or text, if it stands in its tag.
    value: String,
    cut: bool,
}
impl<'w, 'a, 'i> Sheets<'w, 'a, 'i> {
    fn read(worker: &'w mut Worker<'a>, src: &mut dyn Read, inside: &'i [PathText]) -> Result<(), GapReason> {
        let mut buf = worker.buffer();
        let root = worker.root;
        let mut this = Self {
            cells: Cells::new(worker, inside),
            next_row: 1,
            next_column: 1,
            row: 1,
            column: 1,
            in_cell: false,
            open: 0,
            text: Vec::new(),
            value: String::new(),
            cut: false,
        };
        let result = xml::read(&mut buf, src, &|| root.stopped(), |node| {
            this.node(&node);
            Ok(())
        });
        // What stands before a fault counts.
        this.end_cell();
        this.end_aside();
        this.cells.worker.put_back(buf);
        let cut = if this.cut { Err(GapReason::TooLarge) } else { Ok(()) };
        result.and(this.cells.finish()).and(cut)
    }
    fn node(&mut self, node: &Node<'_>) {
        match node {
            Node::Open(b"table", tag) => {
                self.cells.sheet(&tag.attribute(b"name").unwrap_or_default());
                self.next_row = 1;
            }
            Node::Open(b"table-row", tag) => {
                self.row = self.next_row;
                self.next_row = self.row.saturating_add(repeated(*tag, b"number-rows-repeated"));
                self.next_column = 1;
            }
            Node::Open(b"table-cell" | b"covered-table-cell", tag) => self.cell(*tag),
            Node::Close(b"table-cell" | b"covered-table-cell") => self.end_cell(),
            Node::Open(b"p" | b"h", _) => self.open += 1,
            Node::Close(b"p" | b"h") => {
                self.open = self.open.saturating_sub(1);
                if self.in_cell {
                    self.push(b" ");
                } else if self.open == 0 {
                    self.end_aside();
                }
            }
            Node::Open(b"annotation" | b"s" | b"tab" | b"line-break", _) | Node::Close(b"creator" | b"date") => {
                self.push(b" ");
            }
            Node::Text(text) if self.open > 0 => self.push(text),
            _ => {}
        }
    }
    fn push(&mut self, text: &[u8]) {
        let fits = self.text.len() + text.len() <= CELL_BYTES_MAX;
        self.cut |= !fits;
        if fits {
            self.text.extend_from_slice(text);
        }
    }
    fn cell(&mut self, tag: Tag<'_>) {
        self.end_aside();
        self.column = self.next_column;
        self.next_column = self.column.saturating_add(repeated(tag, b"number-columns-repeated"));
        self.in_cell = true;
        self.value.clear();
        let attribute = |name| tag.attribute(name);
        let value = attribute(b"value").or_else(|| attribute(b"string-value"));
        if let Some(value) = value.filter(|v| v.len() <= CELL_BYTES_MAX) {
            self.value = value;
        }
    }
    fn end_cell(&mut self) {
        if !std::mem::take(&mut self.in_cell) {
            return;
        }
        // A long number may be shown with separators, or shortened: its value counts. What else the cell says - a
        // remark - stands beside it.
        let number = self.value.parse::<f64>().ok().filter(|v| v.fract() == 0.0 && (1e9..1e15).contains(v));
        let mut text = std::mem::take(&mut self.text);
        match number {
            Some(value) => {
                let digits = written(value);
                if memchr::memmem::find(&text, digits.as_bytes()).is_none() {
                    text.splice(0..0, [digits.as_bytes(), b" "].concat());
                }
            }
            None if text.trim_ascii().is_empty() => text.extend_from_slice(self.value.as_bytes()),
            None => {}
        }
        self.cells.put(self.row, self.column, text.trim_ascii_end());
        text.clear();
        self.text = text;
    }
    /// Ends text that stands in no cell.
    fn end_aside(&mut self) {
        if !self.in_cell && !self.text.is_empty() {
            self.cells.aside(&self.text);
            self.text.clear();
        }
    }
}
fn repeated(tag: Tag<'_>, name: &[u8]) -> u32 {
    let mut times = 1;
    tag.attributes(|local, raw| {
        if local == name {
            times = std::str::from_utf8(raw).ok().and_then(|t| t.parse().ok()).unwrap_or(1);
        }
    });
    times
}

//! Word, Excel and PowerPoint documents from 2007 on (ECMA-376): which member is read how.
//!
//! Text that is split over runs is joined before it is looked at, because editors split numbers anywhere.
//! Members without a rule of their own (properties, embedded files, custom XML) are read like any content.

use crate::content::Worker;
use crate::odf;
use crate::sheet::Sheet;
use crate::unpack::with_member;
use crate::xml::{self, Node, Pull};
use evidence::{GapReason, PathText};
use std::collections::HashMap;
use std::io::{Read, Seek};
use zip::ZipArchive;

/// What the names of a workbook's sheets may take in memory; beyond is a gap (`TooLarge`) and sheets go by their
/// members' names. A sheet takes some 100 bytes, so this is for ten thousand of them.
pub(crate) const NAMES_BYTES_MAX: usize = 1 << 20;

/// How a member is read.
enum Rule {
    /// Paragraphs of runs.
    Paragraphs,
    /// A table of cells, under the sheet's name.
    Cells(String),
}

fn rule(name: &str, sheets: &HashMap<String, String>) -> Option<Rule> {
    let xml = name.strip_suffix(".xml")?;
    let (folder, file) = xml.rsplit_once('/')?;
    match folder {
        "word" if !matches!(file, "styles" | "settings" | "fontTable" | "webSettings" | "numbering") => {
            Some(Rule::Paragraphs)
        }
        "ppt/slides" | "ppt/notesSlides" | "ppt/comments" => Some(Rule::Paragraphs),
        "xl" if file.starts_with("comments") => Some(Rule::Paragraphs),
        "xl/threadedComments" | "xl/drawings" => Some(Rule::Paragraphs),
        "xl/worksheets" => Some(Rule::Cells(sheets.get(name).cloned().unwrap_or_else(|| file.to_owned()))),
        _ => None,
    }
}

/// Reads the members of an office document; says for each member of the archive whether it is done.
pub(crate) fn members<R: Read + Seek>(
    worker: &mut Worker<'_>,
    archive: &mut ZipArchive<R>,
    inside: &[PathText],
) -> Vec<bool> {
    let mut done = vec![false; archive.len()];
    odf::members(worker, archive, inside, &mut done);
    if archive.index_for_name("[Content_Types].xml").is_none() {
        return done;
    }
    let (sheets, strings) = if archive.index_for_name("xl/workbook.xml").is_some() {
        (sheet_names(worker, archive, inside), shared_strings(worker, archive, inside))
    } else {
        (HashMap::new(), Strings::default())
    };
    if let Some(slot) = archive.index_for_name("xl/sharedStrings.xml").and_then(|i| done.get_mut(i)) {
        *slot = true;
    }
    for (i, slot) in done.iter_mut().enumerate() {
        if worker.root.stopped() {
            break;
        }
        let Some(Ok(name)) = archive.name_for_index(i) else { continue };
        let Some(rule) = rule(&name, &sheets) else { continue };
        *slot = true;
        with_member(worker, archive, i, inside, &mut |worker, src, inner| match &rule {
            Rule::Paragraphs => paragraphs(worker, src, inner),
            Rule::Cells(name) => Sheet::read(worker, src, inner, name, &strings),
        });
    }
    done
}

/// The text of `w:t` and `a:t` runs: a paragraph is a line, the cells of a table row are parted by tabs. Holds the
/// text of one node at a time, so that a document of any size takes the same memory.
fn paragraphs(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) -> Result<(), GapReason> {
    let mut held = worker.buffer();
    let mut pull = Pull::open(&mut held, src);
    let (mut in_text, mut cells) = (false, 0usize);
    let result = worker.pieces(inside, |out| {
        pull.next(&mut |node| match node {
            Node::Open(b"t" | b"delText" | b"instrText" | b"text", _) => in_text = true,
            Node::Close(b"t" | b"delText" | b"instrText" | b"text") => in_text = false,
            Node::Open(b"tc", _) => cells += 1,
            Node::Close(b"tc") => {
                cells = cells.saturating_sub(1);
                out.push(b'\t');
            }
            Node::Open(b"tab", _) => out.push(b'\t'),
            Node::Close(b"p" | b"br" | b"tr" | b"comment" | b"threadedComment") => {
                // A cell's paragraphs stay on the line of their row.
                out.push(if cells > 0 { b' ' } else { b'\n' });
            }
            Node::Text(text) if in_text => out.extend_from_slice(text),
            _ => {}
        })
    });
    worker.put_back(held);
    result
}

/// Member name to sheet name, through the workbook and its relationships.
fn sheet_names<R: Read + Seek>(
    worker: &mut Worker<'_>,
    archive: &mut ZipArchive<R>,
    inside: &[PathText],
) -> HashMap<String, String> {
    let (mut by_id, mut names) = (HashMap::new(), HashMap::new());
    // What is kept, with what the maps take for each.
    let mut bytes = 0;
    let mut fits = |a: &str, b: &str| {
        bytes += a.len() + b.len() + 2 * size_of::<String>();
        if bytes > NAMES_BYTES_MAX { Err(GapReason::TooLarge) } else { Ok(()) }
    };
    let mut each = |member: &str, on: &mut dyn FnMut(Node<'_>) -> Result<(), GapReason>| {
        if let Some(i) = archive.index_for_name(member) {
            with_member(worker, archive, i, inside, &mut |worker, src, _| {
                let mut buf = worker.buffer();
                let root = worker.root;
                let result = xml::read(&mut buf, src, &|| root.stopped(), &mut *on);
                worker.put_back(buf);
                result
            });
        }
    };
    each("xl/_rels/workbook.xml.rels", &mut |node| {
        if let Node::Open(b"Relationship", tag) = node
            && let (Some(id), Some(target)) = (tag.attribute(b"Id"), tag.attribute(b"Target"))
        {
            let full = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
            fits(&id, &full)?;
            by_id.insert(id, full);
        }
        Ok(())
    });
    each("xl/workbook.xml", &mut |node| {
        if let Node::Open(b"sheet", tag) = node
            && let (Some(id), Some(name)) = (tag.attribute(b"id"), tag.attribute(b"name"))
            && let Some(member) = by_id.get(&id)
        {
            fits(member, &name)?;
            names.insert(member.clone(), name);
        }
        Ok(())
    });
    names
}

/// The table of strings that cells refer to by number, end to end.
#[derive(Default)]
pub(crate) struct Strings {
    text: Vec<u8>,
    ends: Vec<usize>,
}
impl Strings {
    /// String number `i`.
    pub(crate) fn get(&self, i: usize) -> Option<&[u8]> {
        let start = i.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(start..*self.ends.get(i)?)
    }
    /// Adds a string.
    pub(crate) fn push(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
        self.ends.push(self.text.len());
    }
    /// What it takes in memory.
    pub(crate) fn bytes(&self) -> u64 {
        (self.text.len() + self.ends.len() * size_of::<usize>()) as u64
    }
}

fn shared_strings<R: Read + Seek>(
    worker: &mut Worker<'_>,
    archive: &mut ZipArchive<R>,
    inside: &[PathText],
) -> Strings {
    let mut strings = Strings::default();
    let Some(i) = archive.index_for_name("xl/sharedStrings.xml") else { return strings };
    let bytes_max = worker.config().limits.nested_bytes_max;
    with_member(worker, archive, i, inside, &mut |worker, src, _| {
        let (mut in_text, mut phonetic) = (false, false);
        let mut buf = worker.buffer();
        let root = worker.root;
        let result = xml::read(&mut buf, src, &|| root.stopped(), |node| {
            match node {
                Node::Open(b"t", _) => in_text = true,
                Node::Close(b"t") => in_text = false,
                Node::Open(b"rPh", _) => phonetic = true,
                Node::Close(b"rPh") => phonetic = false,
                Node::Text(text) if in_text && !phonetic => strings.text.extend_from_slice(text),
                Node::Close(b"si") => strings.ends.push(strings.text.len()),
                _ => return Ok(()),
            }
            if strings.bytes() >= bytes_max { Err(GapReason::TooLarge) } else { Ok(()) }
        });
        worker.put_back(buf);
        result
    });
    strings
}

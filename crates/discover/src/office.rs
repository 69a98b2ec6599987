//! Word, Excel and PowerPoint documents (ECMA-376): which member is read how.
//!
//! Text that is split over runs is joined before it is looked at, because editors split numbers anywhere.
//! Members without a rule of their own (properties, embedded files, custom XML) are read like any content.

use crate::content::Worker;
use crate::gather::Findings;
use crate::sheet::Sheet;
use crate::text;
use crate::unpack::with_member;
use crate::xml::{self, Node, attribute};
use classify::Encoding;
use evidence::{GapReason, PathText};
use std::collections::HashMap;
use std::io::{Read, Seek};
use zip::ZipArchive;

/// Text gathered before it is looked at, in bytes.
const FLUSH_BYTES: usize = 128 << 10;

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
    if archive.index_for_name("[Content_Types].xml").is_none() {
        return done;
    }
    let (sheets, strings) = if archive.index_for_name("xl/workbook.xml").is_some() {
        (sheet_names(worker, archive, inside), shared_strings(worker, archive, inside))
    } else {
        (HashMap::new(), Vec::new())
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

/// Text of `w:t` and `a:t` runs; a paragraph is a line, the cells of a table row are parted by tabs.
fn paragraphs(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) -> Result<(), GapReason> {
    let mut out = Vec::new();
    let (mut in_text, mut cells) = (false, 0usize);
    let result = xml::read(src, &mut |node| match node {
        Node::Open("t" | "delText" | "instrText" | "text", _) => in_text = true,
        Node::Close("t" | "delText" | "instrText" | "text") => in_text = false,
        Node::Open("tc", _) => cells += 1,
        Node::Close("tc") => {
            cells = cells.saturating_sub(1);
            out.push(b'\t');
        }
        Node::Open("tab", _) => out.push(b'\t'),
        Node::Close("p" | "br" | "tr" | "comment" | "threadedComment") => {
            // A cell's paragraphs stay on the line of their row.
            out.push(if cells > 0 { b' ' } else { b'\n' });
        }
        Node::Text(text) if in_text => out.extend_from_slice(text.as_bytes()),
        _ => {}
    });
    // The whole text of a member is gathered: it is bounded by the guard, and far smaller than its XML.
    let mut findings = Findings::default();
    let mut src = &out[..];
    let mut window = vec![0; text::WINDOW_BYTES.min(out.len().next_power_of_two().max(64 << 10))];
    let mut filled = 0;
    let ended = text::fill(&mut src, &mut window, &mut filled).unwrap_or(true);
    let root = worker.root;
    let start = (&mut window[..], filled, ended);
    let encoding = (Encoding::Utf8, 0);
    let (seen, _) =
        text::scan(&mut worker.scanner, root.config, &mut findings, start, &mut src, encoding, &|| root.stopped());
    worker.decoded(seen);
    worker.count_scanned();
    worker.keep(inside, findings);
    result
}

/// Member name to sheet name, through the workbook and its relationships.
fn sheet_names<R: Read + Seek>(
    worker: &mut Worker<'_>,
    archive: &mut ZipArchive<R>,
    inside: &[PathText],
) -> HashMap<String, String> {
    let (mut by_id, mut names) = (HashMap::new(), HashMap::new());
    let mut each = |member: &str, on: &mut dyn FnMut(Node<'_>)| {
        if let Some(i) = archive.index_for_name(member) {
            with_member(worker, archive, i, inside, &mut |_, src, _| xml::read(src, on));
        }
    };
    each("xl/_rels/workbook.xml.rels", &mut |node| {
        if let Node::Open("Relationship", tag) = node
            && let (Some(id), Some(target)) = (attribute(tag, "Id"), attribute(tag, "Target"))
        {
            let full = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
            by_id.insert(id, full);
        }
    });
    each("xl/workbook.xml", &mut |node| {
        if let Node::Open("sheet", tag) = node
            && let (Some(id), Some(name)) = (attribute(tag, "id"), attribute(tag, "name"))
            && let Some(member) = by_id.get(&id)
        {
            names.insert(member.clone(), name);
        }
    });
    names
}

/// The table of strings that cells refer to by number.
fn shared_strings<R: Read + Seek>(
    worker: &mut Worker<'_>,
    archive: &mut ZipArchive<R>,
    inside: &[PathText],
) -> Vec<Box<str>> {
    let Some(i) = archive.index_for_name("xl/sharedStrings.xml") else { return Vec::new() };
    let mut strings = Vec::new();
    let bytes_max = worker.config().limits.nested_bytes_max;
    with_member(worker, archive, i, inside, &mut |_, src, _| {
        let (mut current, mut in_text, mut phonetic, mut bytes) = (String::new(), false, false, 0u64);
        let result = xml::read(src, &mut |node| match node {
            Node::Open("t", _) => in_text = true,
            Node::Close("t") => in_text = false,
            Node::Open("rPh", _) => phonetic = true,
            Node::Close("rPh") => phonetic = false,
            Node::Text(text) if in_text && !phonetic && bytes < bytes_max => {
                bytes += text.len() as u64;
                current.push_str(text);
            }
            Node::Close("si") => {
                bytes += 16;
                if bytes < bytes_max {
                    strings.push(std::mem::take(&mut current).into_boxed_str());
                }
            }
            _ => {}
        });
        if bytes >= bytes_max { Err(GapReason::TooLarge) } else { result }
    });
    strings
}

/// True once a sheet's text should be looked at.
pub(crate) fn is_full(text: &[u8]) -> bool {
    text.len() >= FLUSH_BYTES
}

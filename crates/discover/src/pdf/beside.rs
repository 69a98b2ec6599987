//! What stands beside the pages: properties, bookmarks, forms, metadata, embedded files.

use super::document::Document;
use super::encoding::text_string;
use super::object::{Dict, Object, Stream};
use super::pages;
use evidence::GapReason;
use std::collections::{BTreeSet, HashSet};

/// Bookmarks of one document; those beyond are a gap (`TooMany`).
const BOOKMARKS_MAX: usize = 1 << 16;
/// Form fields of one document; those beyond are a gap (`TooMany`).
const FIELDS_MAX: usize = 1 << 16;
/// Embedded files of one document; those beyond are a gap (`TooMany`).
const FILES_MAX: usize = 1 << 14;
/// Characters of an embedded file's name; the rest is dropped.
const NAME_CHARACTERS_MAX: usize = 255;
/// Nodes inside nodes of a tree of names; deeper is a gap (`TooDeep`).
const NAMES_DEPTH_MAX: usize = 32;

/// The document's properties, a line each.
pub(super) fn properties(document: &Document<'_>) -> Vec<String> {
    let info = document.entry(&document.trailer, b"Info");
    let Some(info) = info.dict() else { return Vec::new() };
    let line = |(key, object): (&[u8], &Object)| {
        let value = document.get(object);
        let text = text_string(value.text()?);
        Some(format!("{}: {text}", String::from_utf8_lossy(key)))
    };
    info.iter().filter_map(line).collect()
}

/// The titles of bookmarks, in their order.
pub(super) fn bookmarks(document: &Document<'_>) -> Vec<String> {
    let root = document.entry(&document.trailer, b"Root");
    let Some(outlines) = root.dict().map(|d| document.entry(d, b"Outlines")) else { return Vec::new() };
    let mut waiting = vec![outlines.dict().map_or(Object::Null, |d| d.get(b"First").clone())];
    let (mut seen, mut lines) = (HashSet::new(), Vec::new());
    while let Some(object) = waiting.pop() {
        if object.id().is_some_and(|id| !seen.insert(id.number)) {
            continue;
        }
        if seen.len() > BOOKMARKS_MAX {
            document.note(GapReason::TooMany);
            break;
        }
        let item = document.get(&object);
        let Some(dict) = item.dict() else { continue };
        if let Some(title) = document.entry(dict, b"Title").text() {
            lines.push(text_string(title));
        }
        waiting.extend([dict.get(b"Next").clone(), dict.get(b"First").clone()]);
    }
    lines
}

/// Form fields that no page shows, a line each.
pub(super) fn fields(document: &Document<'_>, shown: &mut BTreeSet<u32>) -> Vec<String> {
    let mut lines = Vec::new();
    let Some(form) = form(document) else { return lines };
    let mut waiting: Vec<Object> = document.entry(&form, b"Fields").array().unwrap_or_default().to_vec();
    let mut seen = HashSet::new();
    while let Some(object) = waiting.pop() {
        if object.id().is_some_and(|id| !seen.insert(id.number)) {
            continue;
        }
        if seen.len() + waiting.len() > FIELDS_MAX {
            document.note(GapReason::TooMany);
            break;
        }
        let field = document.get(&object);
        let Some(dict) = field.dict() else { continue };
        lines.extend(pages::field(document, dict, object.id(), shown));
        waiting.extend_from_slice(document.entry(dict, b"Kids").array().unwrap_or_default());
    }
    lines
}
fn form(document: &Document<'_>) -> Option<Dict> {
    let root = document.entry(&document.trailer, b"Root");
    document.entry(root.dict()?, b"AcroForm").dict().cloned()
}

/// A stream that is a content of its own, and the name it goes by.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) stream: Box<Stream>,
    /// It is an embedded file, not a part of the document.
    pub(super) file: bool,
}

/// Metadata and forms in XML.
pub(super) fn parts(document: &Document<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    let root = document.entry(&document.trailer, b"Root");
    let mut add = |name: String, object: &Object| {
        if let Object::Stream(stream) = document.get(object).into_owned() {
            parts.push(Part { name, stream, file: false });
        }
    };
    if let Some(root) = root.dict() {
        add("Metadata".to_owned(), root.get(b"Metadata"));
    }
    if let Some(form) = form(document) {
        match &*document.entry(&form, b"XFA") {
            Object::Stream(_) => add("XFA".to_owned(), form.get(b"XFA")),
            // Names and streams by turns.
            Object::Array(all) => {
                for pair in all.chunks_exact(2).take(256) {
                    let name = document.get(&pair[0]);
                    add(format!("XFA/{}", text_string(name.text().unwrap_or_default())), &pair[1]);
                }
            }
            _ => {}
        }
    }
    parts
}

/// Embedded files: those in the tree of names, those associated with the document, and `others`.
pub(super) fn files(document: &Document<'_>, others: Vec<Object>) -> Vec<Part> {
    let root = document.entry(&document.trailer, b"Root");
    let mut named = others;
    if let Some(root) = root.dict() {
        named.extend_from_slice(document.entry(root, b"AF").array().unwrap_or_default());
        if let Some(names) = document.entry(root, b"Names").dict() {
            tree(document, names.get(b"EmbeddedFiles"), &mut named);
        }
    }
    let (mut parts, mut seen) = (Vec::new(), HashSet::new());
    for object in named {
        let specification = document.get(&object);
        let Some(dict) = specification.dict() else { continue };
        let Some(stream) = stream_of(document, dict) else { continue };
        if !seen.insert(stream.at) {
            continue;
        }
        if seen.len() > FILES_MAX {
            document.note(GapReason::TooMany);
            break;
        }
        let name = [&b"UF"[..], b"F"].into_iter().find_map(|key| document.entry(dict, key).text().map(text_string));
        let name = name.map_or_else(|| "embedded".to_owned(), |n| n.chars().take(NAME_CHARACTERS_MAX).collect());
        parts.push(Part { name, stream, file: true });
    }
    parts
}
fn stream_of(document: &Document<'_>, specification: &Dict) -> Option<Box<Stream>> {
    let embedded = document.entry(specification, b"EF");
    let embedded = embedded.dict()?;
    [&b"UF"[..], b"F", b"Unix", b"DOS", b"Mac"].into_iter().find_map(|key| match document.entry(embedded, key) {
        found if found.dict().is_none() => None,
        found => match found.into_owned() {
            Object::Stream(stream) => Some(stream),
            _ => None,
        },
    })
}
/// The values of a tree of names (7.9.6).
fn tree(document: &Document<'_>, top: &Object, out: &mut Vec<Object>) {
    let (mut waiting, mut seen) = (vec![(top.clone(), 0)], HashSet::new());
    while let Some((object, depth)) = waiting.pop() {
        if object.id().is_some_and(|id| !seen.insert(id.number)) {
            continue;
        }
        if depth > NAMES_DEPTH_MAX {
            document.note(GapReason::TooDeep);
            continue;
        }
        if waiting.len() + out.len() > FILES_MAX * 4 {
            return document.note(GapReason::TooMany);
        }
        let node = document.get(&object);
        let Some(dict) = node.dict() else { continue };
        let names = document.entry(dict, b"Names");
        out.extend(names.array().unwrap_or_default().chunks_exact(2).map(|pair| pair[1].clone()));
        let kids = document.entry(dict, b"Kids");
        waiting.extend(kids.array().unwrap_or_default().iter().rev().map(|kid| (kid.clone(), depth + 1)));
    }
}

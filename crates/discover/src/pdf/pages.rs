//! The pages of a document in their order, and what each says: its content, its annotations, its form fields.

use super::document::Document;
use super::encoding::text_string;
use super::object::{Dict, Id, Object, Stream};
use evidence::GapReason;
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::io::{self, Read};

/// Pages of one document; those beyond are a gap (`TooMany`).
const PAGES_MAX: u64 = 1 << 17;
/// Nodes inside nodes of the tree of pages; deeper is a gap (`TooDeep`).
const TREE_DEPTH_MAX: usize = 64;
/// Children of nodes that wait to be visited; more are a gap (`TooMany`).
const WAITING_MAX: usize = 1 << 18;
/// Annotations of one page; those beyond are a gap (`TooMany`).
const ANNOTATIONS_MAX: usize = 1 << 14;
/// Fields above a field, whose names and values it may have.
const PARENTS_MAX: usize = 16;
/// A value of a form field that is a stream. Bytes.
const VALUE_BYTES_MAX: u64 = 1 << 20;

/// A page: its dictionary, and what it has from the nodes above.
pub(super) struct Page {
    pub(super) dict: Dict,
    resources: Object,
    media: Object,
}
impl Page {
    pub(super) fn resources(&self, document: &Document<'_>) -> Dict {
        document.get(&self.resources).dict().cloned().unwrap_or_default()
    }
    /// The page's area, in the square of its unit.
    pub(super) fn area(&self, document: &Document<'_>) -> f64 {
        let media = document.get(&self.media);
        let mut sides = media.array().unwrap_or_default().iter().map(|o| document.get(o).number().unwrap_or(0.0));
        match (sides.next(), sides.next(), sides.next(), sides.next()) {
            (Some(a), Some(b), Some(c), Some(d)) => ((c - a) * (d - b)).abs(),
            _ => 612.0 * 792.0,
        }
    }
    /// The page's content, its streams one after the other.
    pub(super) fn content<'c, 's>(&self, document: &'c Document<'s>) -> Content<'c, 's> {
        let parts = match &*document.entry(&self.dict, b"Contents") {
            Object::Array(parts) => parts.iter().cloned().collect(),
            Object::Null => VecDeque::new(),
            // The stream itself, or what refers to it.
            _ => VecDeque::from([self.dict.get(b"Contents").clone()]),
        };
        Content { document, parts, now: None }
    }
}

/// The streams of a page's content, read as one.
pub(super) struct Content<'c, 's> {
    document: &'c Document<'s>,
    parts: VecDeque<Object>,
    now: Option<Box<dyn Read + 'c>>,
}
impl Read for Content<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(now) = &mut self.now {
                match now.read(buf) {
                    Ok(0) => {}
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                    // What follows a broken part is read all the same.
                    Err(e) => self.document.note(super::meter::reason(&e)),
                    Ok(n) => return Ok(n),
                }
                self.now = None;
                // No token goes on in the next part (7.8.2).
                if let Some(first) = buf.first_mut() {
                    *first = b'\n';
                    return Ok(1);
                }
            }
            let Some(part) = self.parts.pop_front() else { return Ok(0) };
            match &*self.document.get(&part) {
                Object::Stream(stream) => match self.document.read(stream) {
                    Ok(src) => self.now = Some(src),
                    Err(reason) => self.document.note(reason),
                },
                Object::Null => {}
                _ => self.document.note(GapReason::Corrupt),
            }
            if self.document.account.is_spent() {
                return Ok(0);
            }
        }
    }
}

/// What a node hands down.
#[derive(Clone)]
struct Above {
    resources: Object,
    media: Object,
    depth: usize,
}

/// Calls `on` with every page, in order, until it says no.
pub(super) fn each(document: &Document<'_>, on: &mut dyn FnMut(&Page) -> bool) {
    let root = document.entry(&document.trailer, b"Root");
    let top = root.dict().map_or(Object::Null, |d| d.get(b"Pages").clone());
    let mut waiting = vec![(top, Above { resources: Object::Null, media: Object::Null, depth: 0 })];
    let (mut seen, mut pages, mut broken) = (HashSet::new(), 0, false);
    while let Some((object, above)) = waiting.pop() {
        // A node that was met before would be met for ever.
        if object.id().is_some_and(|id| !seen.insert(id.number)) {
            document.note(GapReason::Corrupt);
            continue;
        }
        let node = document.get(&object);
        let Some(dict) = node.dict() else {
            broken = true;
            continue;
        };
        let own = |key: &[u8], above: &Object| if dict.has(key) { dict.get(key).clone() } else { above.clone() };
        let (resources, media) = (own(b"Resources", &above.resources), own(b"MediaBox", &above.media));
        let kids = document.entry(dict, b"Kids");
        let Some(kids) = kids.array() else {
            pages += 1;
            if pages > PAGES_MAX {
                return document.note(GapReason::TooMany);
            }
            if !on(&Page { dict: dict.clone(), resources, media }) {
                return;
            }
            continue;
        };
        if above.depth >= TREE_DEPTH_MAX {
            document.note(GapReason::TooDeep);
            continue;
        }
        if waiting.len() + kids.len() > WAITING_MAX {
            document.note(GapReason::TooMany);
            continue;
        }
        let above = Above { resources, media, depth: above.depth + 1 };
        waiting.extend(kids.iter().rev().map(|kid| (kid.clone(), above.clone())));
    }
    if broken || pages == 0 {
        document.note(GapReason::Corrupt);
        strays(document, &seen, on);
    }
}
/// Pages that the tree does not name, because it is broken.
fn strays(document: &Document<'_>, seen: &HashSet<u32>, on: &mut dyn FnMut(&Page) -> bool) {
    let numbers: Vec<u32> = document.numbers().filter(|n| !seen.contains(n)).collect();
    for number in numbers {
        if document.account.is_spent() {
            return;
        }
        let object = document.object(Id { number, generation: 0 });
        let Some(dict) = object.dict().filter(|d| d.is(b"Type", b"Page")) else { continue };
        let page = Page {
            dict: dict.clone(),
            resources: dict.get(b"Resources").clone(),
            media: dict.get(b"MediaBox").clone(),
        };
        if !on(&page) {
            return;
        }
    }
}

/// What the annotations of a page say.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) lines: Vec<String>,
    /// Appearances that show text which stands nowhere else, and where.
    pub(super) shown: Vec<(Box<Stream>, f64, f64)>,
    /// Embedded files.
    pub(super) files: Vec<Object>,
}

/// Reads the annotations of a page. Form fields that were read are added to `fields`.
pub(super) fn notes(document: &Document<'_>, page: &Page, fields: &mut BTreeSet<u32>) -> Notes {
    let mut notes = Notes::default();
    let all = document.entry(&page.dict, b"Annots");
    let all = all.array().unwrap_or_default();
    if all.len() > ANNOTATIONS_MAX {
        document.note(GapReason::TooMany);
    }
    for object in all.iter().take(ANNOTATIONS_MAX) {
        let resolved = document.get(object);
        let Some(dict) = resolved.dict() else { continue };
        let before = notes.lines.len();
        for key in [&b"Contents"[..], b"RC"] {
            notes.add(&value(document, dict.get(key)));
        }
        let action = document.entry(dict, b"A");
        if let Some(uri) = action.dict().map(|d| value(document, d.get(b"URI"))) {
            notes.add(&uri);
        }
        if dict.is(b"Subtype", b"Widget") {
            if let Some(line) = field(document, dict, object.id(), fields) {
                notes.add(&line);
            }
        } else {
            notes.add(&value(document, dict.get(b"T")));
        }
        if dict.has(b"FS") {
            notes.files.push(dict.get(b"FS").clone());
        }
        // What a stamp shows stands only in its looks.
        if notes.lines.len() == before {
            notes.look(document, dict);
        }
    }
    notes
}
impl Notes {
    fn add(&mut self, text: &str) {
        self.lines.extend(text.split(['\n', '\r']).filter(|l| !l.trim().is_empty()).map(str::to_owned));
    }
    fn look(&mut self, document: &Document<'_>, dict: &Dict) {
        let looks = document.entry(dict, b"AP");
        let Some(normal) = looks.dict().map(|d| document.entry(d, b"N")) else { return };
        let chosen = match &*normal {
            Object::Stream(stream) => Some(stream.clone()),
            Object::Dict(states) => {
                let state = document.entry(dict, b"AS");
                state.name().and_then(|s| match document.entry(states, s).into_owned() {
                    Object::Stream(stream) => Some(stream),
                    _ => None,
                })
            }
            _ => None,
        };
        let corner = document.entry(dict, b"Rect");
        let side = |i: usize| corner.array().and_then(|r| document.get(r.get(i)?).number()).unwrap_or(0.0);
        if let Some(stream) = chosen {
            self.shown.push((stream, side(0), side(1)));
        }
    }
}

/// A value as text: a string, a name, several, or a stream.
fn value(document: &Document<'_>, object: &Object) -> String {
    match &*document.get(object) {
        Object::Text(text) => text_string(text),
        Object::Name(name) => String::from_utf8_lossy(name).into_owned(),
        Object::Int(n) => n.to_string(),
        Object::Array(items) => {
            let each = items.iter().take(256).map(|o| document.get(o));
            each.filter_map(|o| o.text().map(text_string)).collect::<Vec<_>>().join(" ")
        }
        Object::Stream(stream) => text_string(&document.bytes(stream, VALUE_BYTES_MAX)),
        _ => String::new(),
    }
}

/// A form field as a line: its name and its value. Each field is read once, though several places may show it.
pub(super) fn field(
    document: &Document<'_>,
    dict: &Dict,
    id: Option<Id>,
    fields: &mut BTreeSet<u32>,
) -> Option<String> {
    let (mut names, mut text) = (Vec::new(), String::new());
    let (mut owner, mut at) = (id, std::borrow::Cow::Borrowed(dict));
    for _ in 0..PARENTS_MAX {
        for key in [&b"TU"[..], b"T"] {
            let name = value(document, at.get(key));
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        if text.is_empty()
            && at.has(b"V")
            && !document.entry(&at, b"FT").name().is_some_and(|t| t == b"Btn" || t == b"Sig")
        {
            text = value(document, at.get(b"V"));
            if owner.is_some_and(|id| !fields.insert(id.number)) {
                return None;
            }
        }
        let parent = at.get(b"Parent");
        owner = parent.id();
        let Object::Dict(above) = document.get(parent).into_owned() else { break };
        at = std::borrow::Cow::Owned(above);
    }
    (!text.trim().is_empty()).then(|| format!("{}: {text}", names.join(" ")))
}

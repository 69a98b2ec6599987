//! SPDX 2.2 and 2.3 (ISO/IEC 5962), as JSON and as tag-value. Both are flat lists of packages; what contains what is told by
//! relationships beside them.

use super::{Document, Limits, Node, SbomError, tool};
use crate::text;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What both spellings hold.
#[derive(Default)]
struct Flat {
    version: String,
    title: String,
    made: String,
    creators: Vec<String>,
    packages: Vec<Node>,
    described: BTreeSet<String>,
    /// Container and what is in it.
    contains: Vec<(String, String)>,
}

/// The id of the document itself.
const DOCUMENT: &str = "SPDXRef-DOCUMENT";

impl Flat {
    fn relation(&mut self, from: &str, kind: &str, to: &str) {
        match kind.trim().to_ascii_uppercase().as_str() {
            "DESCRIBES" if from == DOCUMENT => drop(self.described.insert(to.to_owned())),
            "DESCRIBED_BY" if to == DOCUMENT => drop(self.described.insert(from.to_owned())),
            "CONTAINS" => self.contains.push((from.to_owned(), to.to_owned())),
            "CONTAINED_BY" => self.contains.push((to.to_owned(), from.to_owned())),
            _ => {}
        }
    }

    fn document(self, spelling: &str) -> Result<Document, SbomError> {
        let version = self.version.strip_prefix("SPDX-").unwrap_or(&self.version);
        match version {
            "2.2" | "2.3" => {}
            v if v.starts_with("3.") => return Err(SbomError::Spdx3),
            other => return Err(SbomError::Version(text::line(other, 40))),
        }
        let form = format!("SPDX {version} {spelling}");
        let made_by = self.creators.iter().find_map(|c| c.trim().strip_prefix("Tool:")).unwrap_or_default();
        let (made, maker) = (text::instant(&self.made), tool(made_by.trim(), ""));
        let title = self.title;
        let mut main = None;
        let mut nodes = self.packages;
        if self.described.len() == 1 {
            let at = nodes.iter().position(|n| self.described.contains(&n.id));
            main = at.map(|at| nodes.remove(at));
        } else {
            // Several devices: each with what it contains.
            nodes = nest(nodes, &self.described, &self.contains);
        }
        Ok(Document { form, title, made, maker, main, nodes, incomplete: 0 })
    }
}

/// Puts what described devices contain, near or far, inside them.
fn nest(nodes: Vec<Node>, described: &BTreeSet<String>, contains: &[(String, String)]) -> Vec<Node> {
    let device = |n: &Node| n.kind == "device" && described.contains(&n.id);
    if !nodes.iter().any(device) {
        return nodes;
    }
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in contains {
        below.entry(from).or_default().push(to);
    }
    let mut owner: BTreeMap<String, String> = BTreeMap::new();
    for top in nodes.iter().filter(|n| device(n)) {
        let mut todo = vec![top.id.as_str()];
        while let Some(id) = todo.pop() {
            for inner in below.get(id).into_iter().flatten() {
                if !described.contains(*inner) && !owner.contains_key(*inner) {
                    owner.insert((*inner).to_owned(), top.id.clone());
                    todo.push(inner);
                }
            }
        }
    }
    let (inner, mut outer): (Vec<Node>, Vec<Node>) = nodes.into_iter().partition(|n| owner.contains_key(&n.id));
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (at, node) in outer.iter().enumerate() {
        places.entry(node.id.clone()).or_insert(at);
    }
    for node in inner {
        let at = owner.get(&node.id).and_then(|id| places.get(id));
        let top = at.and_then(|at| outer.get_mut(*at));
        match top {
            Some(top) => top.inside.push(node),
            None => outer.push(node),
        }
    }
    outer
}

/// A purpose as CycloneDX calls it.
fn kind(purpose: &str) -> String {
    purpose.trim().to_ascii_lowercase().replace('_', "-")
}

/// `NOASSERTION` and `NONE` say nothing.
fn value(text: &str) -> String {
    let text = text.trim();
    if matches!(text, "NOASSERTION" | "NONE") { String::new() } else { text.to_owned() }
}

fn said<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn json(spdx: &Value, limits: &Limits) -> Result<Document, SbomError> {
    let packages = list(spdx, "packages");
    if packages.len() > limits.components_max {
        return Err(SbomError::TooMany(limits.components_max));
    }
    let creation = spdx.get("creationInfo").unwrap_or(&Value::Null);
    let mut flat = Flat {
        version: said(spdx, "spdxVersion").to_owned(),
        title: said(spdx, "name").to_owned(),
        made: said(creation, "created").to_owned(),
        creators: list(creation, "creators").iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        packages: packages.iter().map(package).collect(),
        ..Flat::default()
    };
    flat.described.extend(list(spdx, "documentDescribes").iter().filter_map(Value::as_str).map(ToOwned::to_owned));
    for r in list(spdx, "relationships") {
        flat.relation(said(r, "spdxElementId"), said(r, "relationshipType"), said(r, "relatedSpdxElement"));
    }
    flat.document("JSON")
}

fn package(p: &Value) -> Node {
    let urls = list(p, "externalRefs").iter().filter(|r| said(r, "referenceType") == "purl");
    let comments = list(p, "annotations").iter().map(|a| said(a, "comment"));
    Node {
        id: said(p, "SPDXID").to_owned(),
        kind: kind(said(p, "primaryPackagePurpose")),
        name: value(said(p, "name")),
        version: value(said(p, "versionInfo")),
        purl: urls.map(|r| said(r, "referenceLocator")).find(|l| !l.is_empty()).map(ToOwned::to_owned),
        properties: comments.filter_map(property).collect(),
        ..Node::default()
    }
}

/// A property of ours in a comment: SPDX has no place for others'.
fn property(comment: &str) -> Option<(String, String)> {
    (comment.trim() == "watchfire:packaged=true").then(|| ("watchfire:packaged".to_owned(), "true".to_owned()))
}

pub(super) fn tag_value(text: &str, limits: &Limits) -> Result<Document, SbomError> {
    let mut flat = Flat::default();
    // A file or snippet ends the package before it: its tags are its own.
    let mut in_package = false;
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        let line = line.trim();
        let Some((tag, said)) = line.split_once(':').filter(|_| !line.starts_with('#')) else { continue };
        let mut said = said.trim();
        // A text of several lines. Without its end nobody knows which packages it swallowed.
        if let Some(begun) = said.strip_prefix("<text>") {
            said = begun.split("</text>").next().unwrap_or_default();
            if !begun.contains("</text>") {
                let unended = || SbomError::Broken("a <text> without its end".to_owned());
                rest = rest.split_once("</text>").ok_or_else(unended)?.1;
            }
        }
        match tag.trim() {
            "SPDXVersion" => said.clone_into(&mut flat.version),
            "DocumentName" => said.clone_into(&mut flat.title),
            "Created" => said.clone_into(&mut flat.made),
            "Creator" => flat.creators.push(said.to_owned()),
            "Relationship" => {
                let mut words = said.split_whitespace();
                if let (Some(from), Some(kind), Some(to)) = (words.next(), words.next(), words.next()) {
                    flat.relation(from, kind, to);
                }
            }
            "PackageName" => {
                if flat.packages.len() >= limits.components_max {
                    return Err(SbomError::TooMany(limits.components_max));
                }
                in_package = true;
                flat.packages.push(Node { name: value(said), ..Node::default() });
            }
            "FileName" | "SnippetSPDXID" | "LicenseID" => in_package = false,
            tag if in_package => {
                if let Some(package) = flat.packages.last_mut() {
                    tagged(package, tag, said);
                }
            }
            _ => {}
        }
    }
    if flat.version.is_empty() { Err(SbomError::UnknownForm) } else { flat.document("tag-value") }
}

fn tagged(package: &mut Node, tag: &str, said: &str) {
    match tag {
        "SPDXID" => said.clone_into(&mut package.id),
        "PackageVersion" => package.version = value(said),
        "PrimaryPackagePurpose" => package.kind = kind(said),
        "ExternalRef" => {
            let mut words = said.split_whitespace().skip(1);
            if words.next() == Some("purl") && package.purl.is_none() {
                package.purl = words.next().map(ToOwned::to_owned);
            }
        }
        _ => {}
    }
}

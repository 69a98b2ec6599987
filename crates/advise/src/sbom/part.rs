//! What a component is: the one place that decides it, for every form.

use super::{Bill, Document, Limits, Node, Part, SbomError};
use crate::import::TOKEN_BYTES_MAX;
use crate::purl::{Kept, Purl};
use crate::{ecosystem, text};

/// Devices that an error names.
const NAMED_MAX: usize = 8;

pub(super) fn bill(document: Document, wanted: Option<&str>, limits: &Limits) -> Result<Bill, SbomError> {
    let wanted = wanted.map(|w| text::line(w, TOKEN_BYTES_MAX)).filter(|w| !w.is_empty());
    let Document { form, title, made, maker, main, nodes, incomplete } = document;
    let (main, nodes) = subject(main, nodes, wanted.as_deref())?;
    let named = main.as_ref().map(full_name).unwrap_or_default();
    let name = wanted.or_else(|| token(&named)).or_else(|| token(&title)).ok_or(SbomError::NoName)?;
    let version = main.as_ref().and_then(|m| token(&m.version)).unwrap_or_default();
    let mut gathered =
        Gathered { out: Bill { form, name, version, made, maker, incomplete, ..Bill::default() }, number: 0 };
    gathered.out.system = system(main.iter().chain(&nodes), limits.depth_max);
    // What the document is about is software too, if a package URL says which.
    if let Some(main) = main {
        let has_url = main.purl.is_some();
        gathered.node(&main, has_url);
        gathered.out.parts.iter_mut().for_each(|p| p.subject = true);
        main.inside.into_iter().for_each(|n| gathered.all(n));
    }
    nodes.into_iter().for_each(|n| gathered.all(n));
    // Whose package would it be? Without one in the document nothing is held against advisories in its place.
    if gathered.out.parts.iter().all(|p| p.manager.is_none()) {
        gathered.out.parts.iter_mut().for_each(|p| p.packaged = false);
    }
    Ok(gathered.out)
}

/// What the document is about, and the rest of it.
fn subject(
    main: Option<Node>,
    mut nodes: Vec<Node>,
    wanted: Option<&str>,
) -> Result<(Option<Node>, Vec<Node>), SbomError> {
    if main.is_some() {
        return Ok((main, nodes));
    }
    let devices: Vec<usize> = nodes.iter().enumerate().filter(|(_, n)| n.kind == "device").map(|(at, _)| at).collect();
    match devices.as_slice() {
        [] => Ok((None, nodes)),
        [one] => Ok((Some(nodes.remove(*one)), nodes)),
        several => {
            let at = several.iter().find(|at| nodes.get(**at).is_some_and(|n| Some(n.name.as_str()) == wanted));
            match at {
                Some(at) => Ok((Some(nodes.swap_remove(*at)), Vec::new())),
                None => {
                    let names = several.iter().filter_map(|at| nodes.get(*at)).take(NAMED_MAX);
                    Err(SbomError::Several(names.map(|n| text::line(&n.name, 80)).collect()))
                }
            }
        }
    }
}

fn token(text: &str) -> Option<String> {
    text::token(text, TOKEN_BYTES_MAX).map(ToOwned::to_owned)
}

fn full_name(node: &Node) -> String {
    if node.group.is_empty() { node.name.clone() } else { format!("{}/{}", node.group, node.name) }
}

/// The operating system, if the document names exactly one.
fn system<'a>(nodes: impl Iterator<Item = &'a Node>, depth_max: usize) -> Option<(String, String)> {
    let mut found = Vec::new();
    let mut todo: Vec<(&Node, usize)> = nodes.map(|n| (n, 0)).collect();
    while let Some((node, depth)) = todo.pop() {
        if node.kind == "operating-system" {
            let id = token(&node.name).filter(|id| !id.contains(char::is_whitespace));
            found.extend(id.map(|id| (id.to_ascii_lowercase(), token(&node.version).unwrap_or_default())));
        }
        if depth < depth_max {
            todo.extend(node.inside.iter().map(|n| (n, depth + 1)));
        }
    }
    found.dedup();
    match found.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    }
}

struct Gathered {
    out: Bill,
    number: u64,
}

impl Gathered {
    /// A component and what is inside it.
    fn all(&mut self, mut node: Node) {
        let inside = std::mem::take(&mut node.inside);
        // A machine is where software is; it is none itself unless it has a URL.
        let software = node.kind != "device" || node.purl.is_some();
        self.node(&node, software);
        inside.into_iter().for_each(|n| self.all(n));
    }

    fn node(&mut self, node: &Node, software: bool) {
        self.number += 1;
        let data = matches!(node.kind.as_str(), "file" | "data" | "machine-learning-model" | "cryptographic-asset");
        if data && node.purl.is_none() {
            self.out.files += 1;
        } else if software && node.kind != "operating-system" {
            match self.part(node) {
                Some(part) => self.out.parts.push(part),
                None => self.out.bad.push(self.number),
            }
        }
    }

    fn part(&self, node: &Node) -> Option<Part> {
        let purl = node.purl.as_deref().and_then(Purl::parse);
        let kept = purl.as_ref().and_then(Purl::kept);
        let version = purl.as_ref().and_then(Purl::full_version);
        let mut part = Part {
            number: self.number,
            name: full_name(node),
            version: token(&version.unwrap_or_else(|| node.version.clone())).unwrap_or_default(),
            manager: None,
            arch: None,
            source: None,
            ecosystem: None,
            packaged: property(node, "watchfire:packaged") == Some("true"),
            subject: false,
        };
        match (&purl, kept) {
            (Some(purl), Some(Kept::Language(ecosystem))) => {
                part.name = purl.full_name();
                part.ecosystem = Some(ecosystem.to_owned());
            }
            (Some(purl), Some(Kept::System(manager))) => {
                part.name = purl.full_name();
                part.manager = Some(manager);
                part.arch = purl.qualifier("arch").and_then(token);
                part.source = source(purl, node)
                    .filter(|(name, v)| *name != part.name || v.as_ref().is_some_and(|v| *v != part.version));
                part.ecosystem = purl.distribution().or_else(|| self.release(purl));
            }
            _ => {}
        }
        part.name = token(&part.name)?;
        Some(part)
    }

    /// The release of a package whose URL names only the distribution: that of the system that the document names.
    fn release(&self, purl: &Purl) -> Option<String> {
        let (id, version) = self.out.system.as_ref()?;
        let silent = purl.qualifier("distro").is_none() && purl.qualifier("distro_name").is_none();
        let same = id.eq_ignore_ascii_case(&purl.namespace) || (id == "rhel" && purl.namespace == "redhat");
        ecosystem::of_os(id, version).filter(|_| silent && same)
    }
}

fn property<'a>(node: &'a Node, name: &str) -> Option<&'a str> {
    node.properties.iter().find(|p| p.0 == name).map(|p| p.1.as_str()).filter(|v| !v.is_empty())
}

/// The source package that a distribution's package was built from, and its version if that is stated.
fn source(purl: &Purl, node: &Node) -> Option<(String, Option<String>)> {
    if let Some(upstream) = purl.qualifier("upstream") {
        if let Some((name, version)) = upstream.strip_suffix(".src.rpm").and_then(name_version_release) {
            // The name of the file leaves the epoch out; a package has that of its source.
            let epoch = purl.qualifier("epoch").filter(|e| *e != "0").map(|e| format!("{e}:")).unwrap_or_default();
            return Some((token(name)?, token(&format!("{epoch}{version}"))));
        }
        let (name, version) = upstream.split_once('@').map_or((upstream, None), |(n, v)| (n, token(v)));
        return Some((token(name)?, version));
    }
    let name = token(property(node, "aquasecurity:trivy:SrcName")?)?;
    let of = |part: &str| property(node, &format!("aquasecurity:trivy:Src{part}"));
    let epoch = of("Epoch").filter(|e| *e != "0").map(|e| format!("{e}:")).unwrap_or_default();
    let release = of("Release").map(|r| format!("-{r}")).unwrap_or_default();
    Some((name, of("Version").and_then(|v| token(&format!("{epoch}{v}{release}")))))
}

/// `openssl-3.0.7-27.el9` as its name and `3.0.7-27.el9`.
fn name_version_release(text: &str) -> Option<(&str, &str)> {
    let release = text.rfind('-')?;
    let version = text.get(..release)?.rfind('-')?;
    Some((text.get(..version)?, text.get(version + 1..)?))
}

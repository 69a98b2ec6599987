//! CycloneDX as XML: the same components, read as a stream.

use super::{Document, Limits, Node, PROPERTIES, SbomError, complete, cyclonedx_version, tool};
use crate::text;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Where the reader is.
#[derive(Default)]
struct Parser {
    /// Local names of the open elements.
    path: Vec<String>,
    /// Components that are open, the outermost first.
    open: Vec<Node>,
    /// Name of the open property.
    property: String,
    /// Name and version of a tool in the form of before 1.5.
    tool: (String, String),
    /// How much of the open composition is named.
    aggregate: String,
    seen: usize,
    out: Document,
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|a| a.key.local_name().as_ref() == name)?;
    Some(found.normalized_value(XmlVersion::Implicit1_0).ok()?.trim().to_owned())
}

/// The version in the namespace of the root.
fn version(element: &BytesStart<'_>) -> Option<String> {
    let spaces = element.attributes().flatten().filter(|a| a.key.as_ref().starts_with("xmlns"));
    let values = spaces.filter_map(|a| Some(a.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned()));
    values.filter_map(|v| v.strip_prefix("http://cyclonedx.org/schema/bom/").map(ToOwned::to_owned)).next()
}

pub(super) fn read(text: &str, limits: &Limits) -> Result<Document, SbomError> {
    let broken = |why: &dyn std::fmt::Display| SbomError::Broken(text::line(&why.to_string(), 200));
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let (mut parser, mut said) = (Parser::default(), String::new());
    loop {
        match reader.read_event().map_err(|e| broken(&e))? {
            Event::Start(element) => {
                said.clear();
                parser.start(&element, limits)?;
            }
            Event::Text(piece) => said.push_str(&piece.xml10_content()),
            Event::CData(piece) => said.push_str(&piece.xml10_content()),
            Event::GeneralRef(name) => {
                let number = name.resolve_char_ref().ok().flatten();
                let known = || [("lt", '<'), ("gt", '>'), ("amp", '&'), ("quot", '"'), ("apos", '\'')];
                said.extend(number.or_else(|| known().into_iter().find(|(n, _)| *n == name.as_ref()).map(|(_, c)| c)));
            }
            Event::End(_) => {
                parser.end(said.trim());
                said.clear();
            }
            Event::Eof if parser.path.is_empty() && !parser.out.form.is_empty() => return Ok(parser.out),
            Event::Eof if parser.path.is_empty() => return Err(SbomError::UnknownForm),
            Event::Eof => return Err(SbomError::Broken("it ends in the middle".to_owned())),
            _ => {}
        }
    }
}

/// What stands directly in these elements is a component of the bill, its subject or a tool; not one of a pedigree, a service
/// or a formula.
fn counts(path: &[String]) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let own = |p: &[&str]| p.iter().all(|e| matches!(*e, "components" | "component"));
    match path.as_slice() {
        ["bom", "metadata", "tools", rest @ ..] | ["bom", "metadata", rest @ ..] | ["bom", rest @ ..] => own(rest),
        _ => false,
    }
}

impl Parser {
    fn start(&mut self, element: &BytesStart<'_>, limits: &Limits) -> Result<(), SbomError> {
        let name = element.local_name().as_ref().to_owned();
        if self.path.is_empty() {
            let version = version(element).filter(|_| name == "bom").ok_or(SbomError::UnknownForm)?;
            self.out.form = format!("CycloneDX {} XML", cyclonedx_version(&version)?);
        }
        // Between two components stands `components`, and other elements have a few levels of their own.
        if self.path.len() > 2 * limits.depth_max {
            return Err(SbomError::TooDeep(limits.depth_max));
        }
        if name == "component" && counts(&self.path) {
            self.seen += 1;
            if self.seen > limits.components_max {
                return Err(SbomError::TooMany(limits.components_max));
            }
            self.open.push(Node {
                id: attribute(element, "bom-ref").unwrap_or_default(),
                kind: attribute(element, "type").unwrap_or_default().to_ascii_lowercase(),
                ..Node::default()
            });
        }
        if name == "property" {
            self.property = attribute(element, "name").unwrap_or_default();
        }
        self.path.push(name);
        Ok(())
    }

    fn end(&mut self, said: &str) {
        let name = self.path.pop().unwrap_or_default();
        let (above, outer) = self.path.split_last().map_or(("", &[][..]), |(last, rest)| (last.as_str(), rest));
        // A part of the innermost open component, and of nothing between.
        let of_component = above == "component" && counts(outer);
        let component = name == "component" && counts(&self.path);
        match (name.as_str(), above) {
            ("name", "tool") => said.clone_into(&mut self.tool.0),
            ("version", "tool") => said.clone_into(&mut self.tool.1),
            ("tool", _) if self.out.maker.is_empty() => self.out.maker = tool(&self.tool.0, &self.tool.1),
            ("composition", "compositions") if outer == ["bom"] => {
                let whole = std::mem::take(&mut self.aggregate);
                self.out.incomplete += u64::from(!complete(&whole));
            }
            ("aggregate", "composition") => said.clone_into(&mut self.aggregate),
            ("timestamp", "metadata") => self.out.made = text::instant(said),
            _ => {}
        }
        if component {
            return self.close();
        }
        let Some(node) = self.open.last_mut() else { return };
        match name.as_str() {
            "name" if of_component => said.clone_into(&mut node.name),
            "version" if of_component => said.clone_into(&mut node.version),
            "group" if of_component => said.clone_into(&mut node.group),
            "purl" if of_component && !said.is_empty() => node.purl = Some(said.to_owned()),
            // Properties of what stands between a component and its end (a licence) are none of those that are read.
            "property" if PROPERTIES.contains(&self.property.as_str()) => {
                node.properties.push((std::mem::take(&mut self.property), said.to_owned()));
            }
            _ => {}
        }
    }

    fn close(&mut self) {
        let Some(node) = self.open.pop() else { return };
        let tools = self.path.iter().any(|e| e == "tools");
        match self.open.last_mut() {
            Some(outer) => outer.inside.push(node),
            None if tools && self.out.maker.is_empty() => self.out.maker = tool(&node.name, &node.version),
            None if tools => {}
            None if self.path.iter().any(|e| e == "metadata") => self.out.main = Some(node),
            None => self.out.nodes.push(node),
        }
    }
}

//! CycloneDX as JSON (ECMA-424). Its XML is in `xml`.

use super::{Document, Limits, Node, PROPERTIES, SbomError, complete, cyclonedx_version, tool};
use crate::text;
use serde_json::Value;

fn said<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn read(bom: &Value, limits: &Limits) -> Result<Document, SbomError> {
    let version = cyclonedx_version(said(bom, "specVersion"))?;
    let metadata = bom.get("metadata").unwrap_or(&Value::Null);
    let mut left = limits.components_max;
    let mut nodes = |values: &[Value]| -> Result<Vec<Node>, SbomError> {
        values.iter().map(|v| node(v, 0, &mut left, limits)).collect()
    };
    Ok(Document {
        form: format!("CycloneDX {version} JSON"),
        title: String::new(),
        made: text::instant(said(metadata, "timestamp")),
        maker: maker(metadata.get("tools").unwrap_or(&Value::Null)),
        main: match metadata.get("component") {
            Some(main) => nodes(std::slice::from_ref(main))?.pop(),
            None => None,
        },
        nodes: nodes(list(bom, "components"))?,
        incomplete: list(bom, "compositions").iter().filter(|c| !complete(said(c, "aggregate"))).count() as u64,
    })
}

/// The first tool: an object with components since 1.5, a list before.
fn maker(tools: &Value) -> String {
    let first = list(tools, "components").first().or_else(|| tools.as_array().and_then(|t| t.first()));
    first.map(|t| tool(said(t, "name"), said(t, "version"))).unwrap_or_default()
}

fn node(value: &Value, depth: usize, left: &mut usize, limits: &Limits) -> Result<Node, SbomError> {
    if depth > limits.depth_max {
        return Err(SbomError::TooDeep(limits.depth_max));
    }
    *left = left.checked_sub(1).ok_or(SbomError::TooMany(limits.components_max))?;
    let properties = list(value, "properties").iter().map(|p| (said(p, "name"), said(p, "value")));
    Ok(Node {
        id: said(value, "bom-ref").to_owned(),
        kind: said(value, "type").to_ascii_lowercase(),
        group: said(value, "group").to_owned(),
        name: said(value, "name").to_owned(),
        version: said(value, "version").to_owned(),
        purl: value.get("purl").and_then(Value::as_str).filter(|p| !p.is_empty()).map(ToOwned::to_owned),
        properties: properties
            .filter(|p| PROPERTIES.contains(&p.0))
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect(),
        inside: list(value, "components").iter().map(|v| node(v, depth + 1, left, limits)).collect::<Result<_, _>>()?,
    })
}

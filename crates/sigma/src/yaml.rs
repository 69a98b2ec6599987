//! YAML as rule files have it: scalars keep how they were written, nodes keep their line, keys keep their order.
//!
//! `stdx::yaml` gives the tree of JSON, which knows neither lines nor that a key came twice nor whether `no` stood in quotes; a refusal
//! needs the first two and a value the third. Aliases are followed under the limit of nodes, so that no few lines make a huge tree.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::collection::Limits;
use crate::notice::{Code, Fault};

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Node {
    pub(crate) line: usize,
    pub(crate) data: Data,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Data {
    Null,
    /// A text; `plain` if it stood without quotes.
    Text {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Node {
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.map()?.iter().find(|(k, _)| k.text == key).map(|(_, v)| v)
    }

    pub(crate) fn map(&self) -> Option<&[(Key, Node)]> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        self.data == Data::Null
    }

    /// Elements of a list, or the one that stands where a list could.
    pub(crate) fn each(&self) -> &[Node] {
        match &self.data {
            Data::List(list) => list,
            _ => std::slice::from_ref(self),
        }
    }
}

enum Open {
    List(Vec<Node>),
    /// With the key whose value is awaited.
    Map(Vec<(Key, Node)>, Option<Key>, HashSet<String>),
}

/// Builds documents from events.
struct Builder<'l> {
    limits: &'l Limits,
    /// What is open, with its line, its anchor and how many nodes came before it.
    open: Vec<(Open, usize, usize, usize)>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    done: Vec<Result<Node, Fault>>,
    /// The first fault of the document that is being read, if its other documents can still be read.
    spoilt: Option<Fault>,
}

/// All documents of a file, and the fault that ended the reading. A key that came twice spoils its own document only.
pub(crate) fn documents(text: &str, limits: &Limits) -> (Vec<Result<Node, Fault>>, Option<Fault>) {
    let mut builder =
        Builder { limits, open: Vec::new(), anchors: HashMap::new(), nodes: 0, done: Vec::new(), spoilt: None };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    for event in Parser::new_from_str(text) {
        let took = match event {
            Ok((event, span)) => {
                line = span.start.line();
                builder.take(event, line)
            }
            Err(e) => Err(Fault::new(Code::Yaml, e.marker().line().max(1)).with("why", e.info())),
        };
        if let Err(fault) = took {
            return (builder.done, Some(fault));
        }
    }
    if builder.open.is_empty() {
        return (builder.done, None);
    }
    (builder.done, Some(Fault::new(Code::Yaml, line).with("why", "it ends within a list or map")))
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), Fault> {
        match event {
            Event::Alias(id) => {
                let Some((node, size)) = self.anchors.get(&id).cloned() else {
                    return Err(Fault::new(Code::Yaml, line).with("why", "an alias without its anchor"));
                };
                self.count(size, line)?;
                self.put(node, size, 0)
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1, line)?;
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let data = if plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL") {
                    Data::Null
                } else {
                    Data::Text { text: text.into_owned(), plain }
                };
                self.put(Node { line, data }, 1, anchor)
            }
            Event::SequenceStart(anchor, _) => self.start(Open::List(Vec::new()), anchor, line),
            Event::MappingStart(anchor, _) => self.start(Open::Map(Vec::new(), None, HashSet::new()), anchor, line),
            Event::SequenceEnd | Event::MappingEnd => self.end(line),
            Event::DocumentStart(_) => {
                self.anchors.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn count(&mut self, more: usize, line: usize) -> Result<(), Fault> {
        self.nodes += more;
        if self.nodes > self.limits.file_nodes_max {
            return Err(over("file_nodes_max", self.limits.file_nodes_max, line));
        }
        Ok(())
    }

    fn start(&mut self, open: Open, anchor: usize, line: usize) -> Result<(), Fault> {
        self.count(1, line)?;
        if self.open.len() >= self.limits.depth_max {
            return Err(over("depth_max", self.limits.depth_max, line));
        }
        self.open.push((open, line, anchor, self.nodes));
        Ok(())
    }

    fn end(&mut self, line: usize) -> Result<(), Fault> {
        let Some((open, started, anchor, since)) = self.open.pop() else {
            return Err(Fault::new(Code::Yaml, line).with("why", "an end without a start"));
        };
        let data = match open {
            Open::List(list) => Data::List(list),
            Open::Map(map, ..) => Data::Map(map),
        };
        self.put(Node { line: started, data }, self.nodes - since + 1, anchor)
    }

    fn put(&mut self, node: Node, size: usize, anchor: usize) -> Result<(), Fault> {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), size));
            self.count(size, node.line)?;
        }
        match self.open.last_mut() {
            None => self.done.push(self.spoilt.take().map_or(Ok(node), Err)),
            Some((Open::List(list), ..)) => list.push(node),
            Some((Open::Map(map, key, seen), ..)) => match key.take() {
                Some(key) => map.push((key, node)),
                None => {
                    let line = node.line;
                    let Data::Text { text, .. } = node.data else {
                        return Err(Fault::new(Code::Yaml, line).with("why", "a key that is no text"));
                    };
                    if !seen.insert(text.clone()) {
                        self.spoilt
                            .get_or_insert_with(|| Fault::new(Code::DuplicateKey, line).with("key", text.clone()));
                    }
                    *key = Some(Key { text, line });
                }
            },
        }
        Ok(())
    }
}

fn over(limit: &'static str, max: usize, line: usize) -> Fault {
    Fault::new(Code::Limit, line).with("limit", limit).with("max", max)
}

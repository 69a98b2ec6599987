//! YAML as published data uses it, as the same tree that JSON gives: every scalar a text (`1.10` stays what it is).
//!
//! Anchors, aliases and tags are refused: no publisher of data needs them, and a few lines of them make a tree of any size.

use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};

/// Longest message of the parser that is passed on, in characters.
const WHY_CHARS_MAX: usize = 200;

/// One document of at most `bytes_max` bytes, nested at most `depth_max` deep.
///
/// # Errors
/// Why not, in a line, with the line of the document.
pub fn read(text: &str, depth_max: usize, bytes_max: usize) -> Result<Value, String> {
    if text.len() > bytes_max {
        return Err(format!("larger than {bytes_max} bytes"));
    }
    let mut open: Vec<Open> = Vec::new();
    let mut done: Option<Value> = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| line(&e.to_string()))?;
        let refuse = |what: &str| Err(format!("{what} at line {}", span.start.line()));
        let value = match event {
            Event::Alias(_) => return refuse("an alias"),
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                return refuse("an anchor");
            }
            Event::Scalar(_, _, _, Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                return refuse("a tag");
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                None
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(Map::new(), None));
                None
            }
            Event::Scalar(text, style, ..) => Some(scalar(&text, style)),
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(Open::close),
            Event::DocumentStart(_) if done.is_some() => return refuse("a second document"),
            _ => None,
        };
        if open.len() > depth_max {
            return refuse("nesting too deep");
        }
        if let Some(value) = value {
            match open.last_mut() {
                None => done = Some(value),
                Some(Open::List(list)) => list.push(value),
                Some(Open::Map(map, key)) => match (key.take(), value) {
                    (None, Value::String(text)) => *key = Some(text),
                    (None, _) => return refuse("a key that is no text"),
                    (Some(key), value) => drop(map.insert(key, value)),
                },
            }
        }
    }
    done.ok_or_else(|| "no document".to_owned())
}

/// A message in one line.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(WHY_CHARS_MAX).collect()
}

enum Open {
    List(Vec<Value>),
    /// With the key whose value is awaited.
    Map(Map<String, Value>, Option<String>),
}
impl Open {
    fn close(self) -> Value {
        match self {
            Self::List(list) => Value::Array(list),
            Self::Map(map, _) => Value::Object(map),
        }
    }
}

fn scalar(text: &str, style: saphyr_parser::ScalarStyle) -> Value {
    let plain = style == saphyr_parser::ScalarStyle::Plain;
    if plain && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        Value::Null
    } else {
        Value::String(text.to_owned())
    }
}

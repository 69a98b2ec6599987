//! What a run said it saw, read from JSON: from `evidence.json`, from JSON lines of bodies, or from whatever form holds
//! objects with a `kind` as evidence-v1 names them. Unknown fields and kinds are passed over, so that a newer program
//! can be measured with this instrument as it is.

use serde_json::Value;
use std::collections::BTreeMap;

/// Hits by confidence.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Bands {
    pub(crate) high: u64,
    pub(crate) medium: u64,
    pub(crate) low: u64,
}
impl Bands {
    fn of(value: &Value) -> Self {
        let n = |name: &str| value.get(name).and_then(Value::as_u64).unwrap_or(0);
        Self { high: n("high"), medium: n("medium"), low: n("low") }
    }
    /// At medium confidence or better.
    pub(crate) fn sure(self) -> u64 {
        self.high + self.medium
    }
    pub(crate) fn add(&mut self, other: Self) {
        self.high += other.high;
        self.medium += other.medium;
        self.low += other.low;
    }
}

/// One masked hit.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// Line, if the place has one; the row where it has rows.
    pub(crate) line: Option<u64>,
    pub(crate) spot: String,
    pub(crate) mask: String,
    pub(crate) confidence: u64,
    pub(crate) why: String,
}

/// Hits of one class in one file or member.
#[derive(Clone, Debug)]
pub(crate) struct Hits {
    pub(crate) class: String,
    pub(crate) path: String,
    pub(crate) inside: String,
    pub(crate) bands: Bands,
    pub(crate) samples: Vec<Sample>,
}

/// All of it.
#[derive(Default, Debug)]
pub(crate) struct Seen {
    pub(crate) hits: Vec<Hits>,
    /// Per class: files and hits over all roots.
    pub(crate) tallies: BTreeMap<String, (u64, Bands)>,
    /// What was looked at, summed over the roots: `files`, `bytes`, `decoded_bytes`, …
    pub(crate) counts: BTreeMap<String, u64>,
    /// Places per reason.
    pub(crate) gaps: BTreeMap<String, u64>,
    /// Verdicts on columns and formats that say what they hold, per class.
    pub(crate) others: BTreeMap<String, u64>,
}
impl Seen {
    /// From one JSON document or from JSON lines.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut seen = Self::default();
        match serde_json::from_str::<Value>(text) {
            Ok(whole) => seen.walk(&whole),
            Err(_) => seen.lines(text)?,
        }
        if seen.counts.is_empty() {
            return Err("the output says nothing of what was covered: not a form that this reader knows".to_owned());
        }
        Ok(seen)
    }
    fn lines(&mut self, text: &str) -> Result<(), String> {
        for line in text.lines().filter(|l| !l.trim().is_empty()) {
            let value: Value = serde_json::from_str(line).map_err(|e| format!("neither JSON nor JSON lines: {e}"))?;
            self.walk(&value);
        }
        Ok(())
    }
    fn walk(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => match fields.get("kind").and_then(Value::as_str) {
                Some("hits") => self.hits.push(hits(value)),
                Some("tally") => {
                    let tally = self.tallies.entry(word(value, "class")).or_default();
                    tally.0 += number(value, "files");
                    tally.1.add(Bands::of(&value["bands"]));
                }
                Some("covered") => {
                    for (name, n) in value["counts"].as_object().into_iter().flatten() {
                        *self.counts.entry(name.clone()).or_default() += n.as_u64().unwrap_or(0);
                    }
                }
                Some("gap") => *self.gaps.entry(word(value, "reason")).or_default() += number(value, "count"),
                Some(kind @ ("column" | "content")) => {
                    *self.others.entry(format!("{kind} {}", word(value, "class"))).or_default() += 1;
                }
                _ => {
                    for (name, inner) in fields {
                        match inner.as_str().filter(|_| name == "items") {
                            // The items of an examination are a file of their own inside evidence.json.
                            Some(items) => drop(self.lines(items)),
                            None => self.walk(inner),
                        }
                    }
                }
            },
            Value::Array(all) => all.iter().for_each(|v| self.walk(v)),
            _ => {}
        }
    }
}

fn word(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or(0)
}

fn hits(value: &Value) -> Hits {
    let at = &value["at"];
    let inside: Vec<&str> = at["inside"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    Hits {
        class: word(value, "class"),
        path: word(at, "path"),
        inside: inside.join(" > "),
        bands: Bands::of(&value["bands"]),
        samples: value["samples"].as_array().into_iter().flatten().map(sample).collect(),
    }
}

fn sample(value: &Value) -> Sample {
    let spot = &value["spot"];
    Sample {
        line: spot.get("line").or_else(|| spot.get("row")).and_then(Value::as_u64),
        spot: place(spot),
        mask: word(value, "mask"),
        confidence: number(value, "confidence"),
        why: value["why"].as_array().into_iter().flatten().map(why).collect::<Vec<_>>().join(", "),
    }
}

/// `line:column`, or what the place says of itself.
fn place(spot: &Value) -> String {
    match (spot.get("line"), spot.get("column"), spot.get("page")) {
        (Some(line), Some(column), None) => format!("{line}:{column}"),
        _ => {
            let named = spot.as_object().into_iter().flatten().filter(|(name, _)| *name != "in");
            named.map(|(name, v)| format!("{name} {}", plain(v))).collect::<Vec<_>>().join(" ")
        }
    }
}

fn why(value: &Value) -> String {
    let by = word(value, "by");
    let of = value.get("word").map(|w| format!(" {}", plain(w))).unwrap_or_default();
    format!("{by}{of} {:+}", value.get("tenths").and_then(Value::as_i64).unwrap_or(0))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEM: &str = r#"{"body":{"kind":"hits","class":"vin","at":{"path":"/a","inside":["b","c"]},"bands":{"high":1,"medium":2,"low":0},"distinct":2,"samples":[{"spot":{"in":"line","line":3,"column":4},"mask":"L*","confidence":90,"why":[{"by":"word","word":"vin","tenths":30}]}]},"n":0,"salt":"0"}"#;
    const COVERED: &str = r#"{"kind":"covered","what":"folder:/","counts":{"files":2,"decoded_bytes":10}}"#;

    #[test]
    fn every_form_reads_the_same() {
        let lines = format!("{ITEM}\n{COVERED}\n{COVERED}\n");
        let evidence = serde_json::json!({"records": [{"bundle": {"kind": "other"}, "items": lines}]}).to_string();
        for form in [lines, evidence] {
            let seen = Seen::parse(&form).unwrap();
            let hit = &seen.hits[0];
            assert_eq!((hit.class.as_str(), hit.inside.as_str(), hit.bands.sure()), ("vin", "b > c", 3));
            assert_eq!((hit.samples[0].line, hit.samples[0].why.as_str()), (Some(3), "word vin +30"));
            assert_eq!(hit.samples[0].spot, "3:4");
            assert_eq!(seen.counts["decoded_bytes"], 20);
        }
    }

    #[test]
    fn a_form_that_is_not_known_is_an_error_and_not_a_zero() {
        assert!(Seen::parse("{\"findings\":[]}").is_err());
        assert!(Seen::parse("some text").is_err());
    }
}

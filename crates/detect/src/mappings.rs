//! Which log an event is of, and what its fields are called in rules: `packs/mappings/*.toml` (`docs/specs/mappings-v1.md`).
//!
//! Three steps, all data: *shapes* take away what a shipper put in front of names, *times* say which field is the event's time,
//! *sources* say to which log sources of Sigma an event belongs - often several - and which further names its values have.

use crate::event::{Event, Kind};
use crate::logs::Clock;
use serde::Deserialize;
use sigma::Logsource;
use std::collections::{BTreeMap, HashMap};

/// The mappings that are built in.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("shapes.toml", include_str!("../../../packs/mappings/shapes.toml")),
    ("windows.toml", include_str!("../../../packs/mappings/windows.toml")),
    ("unix.toml", include_str!("../../../packs/mappings/unix.toml")),
    ("network.toml", include_str!("../../../packs/mappings/network.toml")),
];
/// Most log sources that one event belongs to.
pub const SOURCES_MAX: usize = 64;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    #[serde(default)]
    times: Vec<String>,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    shape: Vec<Shape>,
    #[serde(default)]
    source: Vec<Source>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    /// Recognised by this field.
    when: String,
    #[serde(default)]
    strip: Vec<String>,
    #[serde(default)]
    rename: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    #[serde(default)]
    product: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    service: String,
    /// Forms of logs that it is looked for in; empty for all.
    #[serde(default)]
    form: Vec<String>,
    /// Field to the values of which one must be there; `*` for any.
    #[serde(default)]
    when: BTreeMap<String, Vec<String>>,
    /// Name in rules to name in the log, or to a text with names in braces.
    #[serde(default)]
    fields: BTreeMap<String, String>,
    /// What is written otherwise in a text with braces.
    #[serde(default)]
    replace: Vec<[String; 2]>,
    /// A field whose lines `name=value` are fields themselves.
    #[serde(default)]
    pairs: String,
}

/// A mapping file that cannot be used.
#[derive(Debug)]
pub struct BadMapping {
    /// Which file.
    pub file: String,
    /// Why, with its line.
    pub why: String,
}

/// Checked mappings.
pub struct Mappings {
    times: Vec<String>,
    hosts: Vec<String>,
    shapes: Vec<Shape>,
    sources: Vec<Source>,
    logsources: Vec<Logsource>,
    /// Sources that ask for a channel, by channel.
    by_channel: HashMap<String, Vec<usize>>,
    others: Vec<usize>,
}

impl Mappings {
    /// The built-in ones.
    ///
    /// # Panics
    /// Never: a test reads them.
    #[must_use]
    pub fn built_in() -> Self {
        Self::read(BUILT_IN).expect("the built-in mappings are tested")
    }

    /// Reads mapping files.
    ///
    /// # Errors
    /// The first file that does not follow `mappings-v1`.
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, BadMapping> {
        let mut all = File::default();
        for (name, text) in files {
            let bad = |why: String| BadMapping { file: name.to_owned(), why };
            let file: File = toml::from_str(text).map_err(|e| bad(e.to_string()))?;
            if file.format != "mappings-v1" {
                return Err(bad("format is not mappings-v1".to_owned()));
            }
            all.times.extend(file.times);
            all.hosts.extend(file.hosts);
            all.shape.extend(file.shape);
            all.source.extend(file.source);
        }
        let logsources = all.source.iter().map(|s| Logsource::new(&s.category, &s.product, &s.service)).collect();
        let mut by_channel: HashMap<String, Vec<usize>> = HashMap::new();
        let mut others = Vec::new();
        for (at, source) in all.source.iter().enumerate() {
            match source.when.get("Channel") {
                Some(channels) => {
                    channels.iter().for_each(|c| by_channel.entry(c.to_lowercase()).or_default().push(at));
                }
                None => others.push(at),
            }
        }
        let File { times, hosts, shape: shapes, source: sources, .. } = all;
        Ok(Self { times, hosts, shapes, sources, logsources, by_channel, others })
    }

    /// The log source of a number that [`Mappings::apply`] gave.
    #[must_use]
    pub fn logsource(&self, of: usize) -> Option<&Logsource> {
        self.logsources.get(of)
    }

    /// Whether some event can belong to what a rule names.
    #[must_use]
    pub fn serves(&self, rule: &Logsource) -> bool {
        rule.is_open() || self.logsources.iter().any(|s| rule.covers(s))
    }

    /// Names of fields, the time, and into `sources` the numbers of the log sources that the event belongs to.
    pub fn apply(&self, event: &mut Event, form: &str, clock: Clock, sources: &mut Vec<usize>) {
        sources.clear();
        if form != "evtx" {
            self.shape(event);
            self.time(event, clock);
        }
        let channel = event.get("Channel").map(str::to_ascii_lowercase);
        let known = channel.and_then(|c| self.by_channel.get(&c)).map_or(&[][..], Vec::as_slice);
        for at in known.iter().chain(&self.others) {
            if sources.len() < SOURCES_MAX && self.sources[*at].holds(event, form) {
                sources.push(*at);
            }
        }
        for at in sources.iter() {
            self.sources[*at].name(event);
        }
    }

    fn shape(&self, event: &mut Event) {
        let Some(shape) = self.shapes.iter().find(|s| event.find(&s.when).is_some()) else { return };
        enum Change {
            Strip(usize),
            Rename(String),
        }
        let change = |(at, (name, ..)): (usize, (&str, &str, Kind))| {
            if let Some(to) = shape.rename.get(name) {
                return Some((at, Change::Rename(to.clone())));
            }
            let front = shape.strip.iter().find(|s| name.starts_with(s.as_str()))?;
            Some((at, Change::Strip(front.len())))
        };
        let changes: Vec<(usize, Change)> = event.iter().enumerate().filter_map(change).collect();
        for (at, change) in changes {
            match change {
                Change::Strip(bytes) => event.strip(at, bytes),
                Change::Rename(to) => event.rename(at, &to),
            }
        }
    }

    fn time(&self, event: &mut Event, clock: Clock) {
        for name in &self.times {
            if event.time.is_some() {
                return;
            }
            let Some(text) = event.get(name).map(str::to_owned) else { continue };
            let digits = text.bytes().all(|b| b.is_ascii_digit());
            match (digits, text.len(), text.parse::<i64>()) {
                (true, 16, Ok(micros)) => (event.time, event.zoned) = (Some(micros / 1000), true),
                (true, 13, Ok(millis)) => (event.time, event.zoned) = (Some(millis), true),
                _ => drop(crate::logs::stamp(event, &text, clock)),
            }
        }
    }

    /// The host that an event names.
    #[must_use]
    pub fn host<'e>(&self, event: &'e Event) -> Option<&'e str> {
        self.hosts.iter().find_map(|name| event.get(name)).filter(|h| !h.is_empty())
    }
}

impl Source {
    fn holds(&self, event: &Event, form: &str) -> bool {
        let holds = |(name, wanted): (&String, &Vec<String>)| {
            event.all(name).any(|(value, kind)| {
                kind != Kind::Null && wanted.iter().any(|w| w == "*" || w.eq_ignore_ascii_case(value))
            })
        };
        (self.form.is_empty() || self.form.iter().any(|f| f == form)) && self.when.iter().all(holds)
    }

    /// Adds the names that rules use, where the event does not have them already.
    fn name(&self, event: &mut Event) {
        if !self.pairs.is_empty() {
            let lines: Vec<String> = event.all(&self.pairs).map(|(text, _)| text.to_owned()).collect();
            for (name, value) in lines.iter().flat_map(|t| t.lines()).filter_map(|l| l.trim().split_once('=')) {
                event.text(name, value);
            }
        }
        for (to, from) in &self.fields {
            if event.find(to).is_some() {
                continue;
            }
            if !from.contains('{') {
                if let Some(at) = event.find(from) {
                    event.alias(to, at);
                }
            } else if let Some(mut text) = filled(from, event) {
                for [was, is] in &self.replace {
                    text = text.replace(was.as_str(), is);
                }
                event.text(to, &text);
            }
        }
    }
}

/// A text with its names in braces filled in; none if one is not there.
fn filled(pattern: &str, event: &Event) -> Option<String> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        out.push_str(before);
        out.push_str(event.get(name)?);
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

//! What was asked: who, where, with which fields - checked against the route before a handler sees it.

use super::Site;
use super::answer::Answer;
use super::events::Proof;
use super::fault::Fault;
use super::frame::{self, Shown};
use super::route::{Field, Route, Takes};
use evidence::{Lang, Say, Time};
use maud::Markup;
use node::Node;
use node::accounts::{Act, Visitor};
use plan::CheckedPlan;
use serde_json::Value;
use std::collections::BTreeMap;

/// The face that is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Face {
    Console,
    Api,
}

/// Fields by name; one that may come several times has several values.
pub(crate) type Fields = BTreeMap<String, Vec<String>>;

/// One request.
pub(crate) struct Ask<'a> {
    pub(crate) site: &'a Site,
    pub(crate) route: &'static Route,
    pub(crate) visitor: Option<&'a Visitor>,
    pub(crate) face: Face,
    pub(crate) lang: Lang,
    /// Parts of the path that the route's holes took.
    pub(crate) path: Vec<(&'static str, String)>,
    pub(crate) query: Fields,
    pub(crate) body: Fields,
    /// The address that it came from.
    pub(crate) peer: String,
    /// What the browser calls itself.
    pub(crate) agent: String,
    /// The cookie of a session that is not yet whole.
    pub(crate) half: Option<String>,
    /// Set if events are asked for as they come: by what they are asked, and the one that was seen last.
    pub(crate) listens: Option<(Proof, Option<u64>)>,
    pub(crate) now: Time,
}

impl Ask<'_> {
    /// The node, through which the visitor acts.
    pub(crate) fn node(&self) -> Node {
        match self.visitor {
            Some(v) => self.site.node().acting(v.author()),
            None => self.site.node().clone(),
        }
    }

    /// The plan in force.
    pub(crate) fn plan(&self) -> &CheckedPlan {
        self.site.plan()
    }

    /// Who asks; routes that everybody may ask have nobody.
    pub(crate) fn who(&self) -> Result<&Visitor, Fault> {
        self.visitor.ok_or_else(|| Fault::new(401, "console.fault.unknown"))
    }

    /// True if the visitor may do it.
    pub(crate) fn may(&self, act: Act) -> bool {
        self.visitor.is_some_and(|v| v.may(act))
    }

    /// A part of the path.
    pub(crate) fn part(&self, hole: &str) -> &str {
        self.path.iter().find(|p| p.0 == hole).map_or("", |p| p.1.as_str())
    }

    /// A field of the body, or empty.
    pub(crate) fn text(&self, name: &str) -> &str {
        first(&self.body, name)
    }
    /// All values of a field of the body.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        self.body.get(name).into_iter().flatten().map(String::as_str).filter(|t| !t.is_empty()).collect()
    }
    /// True if a field of the body says yes.
    pub(crate) fn yes(&self, name: &str) -> bool {
        matches!(self.text(name), "1" | "on" | "true" | "yes")
    }
    /// A whole number of the body; it was checked against the route.
    pub(crate) fn whole(&self, name: &str) -> Option<i64> {
        self.text(name).trim().parse().ok()
    }
    /// A field of the query, or empty.
    pub(crate) fn wanted(&self, name: &str) -> &str {
        first(&self.query, name)
    }

    /// A word in the reader's language.
    pub(crate) fn t(&self, key: &str) -> &'static str {
        report::words::find(self.lang, key).unwrap_or_else(|| {
            debug_assert!(false, "no words for {key}");
            "?"
        })
    }
    /// A word of a family whose member is not known before: `family.member`, else the member itself.
    pub(crate) fn word(&self, family: &str, member: &str) -> String {
        report::words::find(self.lang, &format!("{family}.{member}")).map_or_else(|| member.to_owned(), str::to_owned)
    }
    /// A sentence in the reader's language.
    pub(crate) fn say(&self, say: &Say) -> String {
        report::words::say(self.lang, say)
    }

    /// The page in its frame for people, the value for programs; only what is asked for is made.
    pub(crate) fn page(
        &self,
        title: &str,
        body: impl FnOnce() -> Markup,
        value: impl FnOnce() -> Value,
    ) -> Result<Answer, Fault> {
        Ok(match self.face {
            Face::Api => Answer::Json(200, value()),
            Face::Console => Answer::Html(frame::page(&Shown::of(self, title), body())),
        })
    }

    /// Done: people go on to `to`, where the word `console.done.<done>` is shown; programs are given the value.
    pub(crate) fn done(&self, to: &str, done: &str, value: Value) -> Result<Answer, Fault> {
        Ok(match self.face {
            Face::Api => Answer::Json(200, value),
            Face::Console => {
                let mark = if to.contains('?') { '&' } else { '?' };
                Answer::Go(format!("{to}{mark}done={}", frame::encoded(done)), Vec::new())
            }
        })
    }
}

fn first<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.get(name).and_then(|v| v.first()).map_or("", String::as_str)
}

/// Fields as a form or a query writes them.
pub(crate) fn form(bytes: &[u8]) -> Fields {
    let mut out = Fields::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        out.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    out
}

/// Fields as a JSON object writes them: texts, numbers, truth values and lists of them.
pub(crate) fn object(bytes: &[u8]) -> Result<Fields, Fault> {
    let bad = || Fault::new(400, "console.fault.not-json");
    let Value::Object(object) = serde_json::from_slice(bytes).map_err(|_| bad())? else { return Err(bad()) };
    let one = |v: &Value| match v {
        Value::String(t) => Ok(t.clone()),
        Value::Number(n) => Ok(n.to_string()),
        Value::Bool(b) => Ok(if *b { "true" } else { "" }.to_owned()),
        Value::Null => Ok(String::new()),
        Value::Array(_) | Value::Object(_) => Err(bad()),
    };
    let many = |v: &Value| match v {
        Value::Array(all) => all.iter().map(one).collect::<Result<Vec<_>, _>>(),
        v => Ok(vec![one(v)?]),
    };
    object.iter().map(|(name, v)| Ok((name.clone(), many(v)?))).collect()
}

/// Checks what was sent against what the route takes. What it does not know is refused: a misspelt field that is silently nothing is worse than an error.
pub(crate) fn check(fields: &mut Fields, takes: &'static [Field], also: &[&str]) -> Result<(), Fault> {
    if let Some(name) = fields.keys().find(|n| !takes.iter().any(|f| f.name == *n) && !also.contains(&n.as_str())) {
        let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
        return Err(Fault::new(422, "console.fault.unknown-field").with("name", name));
    }
    for field in takes {
        let values = fields.remove(field.name).unwrap_or_default();
        let values = field.taken(values)?;
        if field.needed && values.iter().all(|v| v.trim().is_empty()) {
            return Err(Fault::field(field.name, "console.fault.needed").with("name", field.name));
        }
        if !values.is_empty() {
            fields.insert(field.name.to_owned(), values);
        }
    }
    Ok(())
}

impl Field {
    fn taken(&self, values: Vec<String>) -> Result<Vec<String>, Fault> {
        let bad = |key: &str| Fault::field(self.name, key).with("name", self.name);
        let many = matches!(self.takes, Takes::SomeOf(_) | Takes::Lines(_));
        if values.len() > if many { 10_000 } else { 1 } {
            return Err(bad("console.fault.twice"));
        }
        let empty = values.iter().all(String::is_empty);
        if empty {
            return Ok(Vec::new());
        }
        let control = |v: &String, but: &[char]| v.chars().any(|c| c.is_control() && !but.contains(&c));
        match self.takes {
            Takes::Line(max) => {
                if values.iter().any(|v| v.chars().count() > max) {
                    return Err(bad("console.fault.too-long").with("max", max));
                }
                if values.iter().any(|v| control(v, &[])) {
                    return Err(bad("console.fault.control"));
                }
            }
            Takes::Text(max) => {
                if values.iter().any(|v| v.chars().count() > max) {
                    return Err(bad("console.fault.too-long").with("max", max));
                }
                if values.iter().any(|v| control(v, &['\n', '\r', '\t'])) {
                    return Err(bad("console.fault.control"));
                }
            }
            Takes::Secret => {
                if values.iter().any(|v| v.len() > 1_024) {
                    return Err(bad("console.fault.too-long").with("max", 1_024));
                }
            }
            Takes::OneOf(of) | Takes::SomeOf(of) => {
                if values.iter().any(|v| !of.contains(&v.as_str())) {
                    return Err(bad("console.fault.not-one-of"));
                }
            }
            Takes::Lines(max) => {
                let lines: Vec<String> = values
                    .iter()
                    .flat_map(|v| v.lines())
                    .map(|l| l.trim().to_owned())
                    .filter(|l| !l.is_empty())
                    .collect();
                if lines.len() > max || lines.iter().any(|l| l.chars().count() > 400 || control(l, &[])) {
                    return Err(bad("console.fault.too-long").with("max", max));
                }
                return Ok(lines);
            }
            Takes::Whole(least, most) => {
                let whole = |v: &String| v.trim().parse::<i64>().is_ok_and(|n| (least..=most).contains(&n));
                if !values.iter().all(whole) {
                    return Err(bad("console.fault.not-whole").with("least", least).with("most", most));
                }
            }
            Takes::Date => {
                if values.iter().any(|v| Time::from_date(v).is_err()) {
                    return Err(bad("console.fault.not-date"));
                }
            }
            Takes::Yes => {
                if values.iter().any(|v| !["1", "on", "true", "yes"].contains(&v.as_str())) {
                    return Err(bad("console.fault.not-one-of"));
                }
            }
        }
        Ok(values)
    }
}

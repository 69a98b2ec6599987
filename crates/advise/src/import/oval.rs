//! OVAL definitions of distributions (Debian, Ubuntu, Red Hat, Azure Linux, SUSE and others): which package before which version.
//!
//! Read are tests of installed packages (`dpkginfo`, `rpminfo`) by name and `evr`; tests of platforms, signatures and files count as
//! met. So a definition may match where the whole of its criteria would not, and never the other way. A negated package test
//! is not read: a fault.

use super::{FaultKind, Form, ImportError, Sink, platform, token};
use crate::advisory::{Advisory, Affected, Bound, Names, Severity, Span, Status};
use crate::version::{Scheme, compare};
use crate::{SUMMARY_CHARS_MAX, cvss, ecosystem, text};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Default)]
struct Definition {
    id: String,
    class: String,
    title: String,
    platforms: Vec<String>,
    references: Vec<String>,
    vector: Option<String>,
    severity: Option<Severity>,
    modified: Option<i64>,
    resolutions: BTreeSet<String>,
    criteria: Vec<Node>,
}

/// A part of the criteria.
#[derive(Clone, Debug)]
struct Node {
    what: What,
    negate: bool,
    comment: String,
}
#[derive(Clone, Debug)]
enum What {
    All(Vec<Node>),
    Any(Vec<Node>),
    Test(String),
    Other,
}

/// An object names packages, or a variable that does.
enum Object {
    Names(Vec<String>),
    Variable(String),
}

#[derive(Default)]
struct Document {
    definitions: Vec<Definition>,
    /// Object and state of each package test.
    tests: HashMap<String, (String, Option<String>)>,
    objects: HashMap<String, Object>,
    /// The bound of a state by `evr`; `None` if it asks for something else.
    states: HashMap<String, Option<Span>>,
    variables: HashMap<String, Vec<String>>,
}

pub(super) fn read(text: &str, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    let document = parse(text, sink)?;
    // Some write a definition for each package of a vulnerability: together they are one advisory.
    let mut all: BTreeMap<String, Advisory> = BTreeMap::new();
    for definition in &document.definitions {
        sink.place.clone_from(&definition.id);
        match document.advisory(definition, sink) {
            Ok(Some(advisory)) => add(&mut all, advisory),
            Ok(None) => {}
            Err(kind) => sink.fault("", kind),
        }
        if all.len() > sink.limits.rows_max {
            break;
        }
    }
    all.into_values().for_each(|advisory| sink.advisory(advisory));
    Ok(())
}

fn add(all: &mut BTreeMap<String, Advisory>, advisory: Advisory) {
    match all.entry(advisory.id.clone()) {
        Entry::Vacant(free) => drop(free.insert(advisory)),
        Entry::Occupied(mut known) => {
            let known = known.get_mut();
            known.modified = known.modified.max(advisory.modified);
            known.severity = known.severity.max(advisory.severity);
            known.score = known.score.max(advisory.score);
            known.aliases.extend(advisory.aliases);
            known.covers.extend(advisory.covers);
            known.affected.extend(advisory.affected);
        }
    }
}

/// Azure Linux names its release in the versions of its packages alone: `.azl3`, `.cm2`.
const AZURE: &str = "Azure Linux";

fn azure_release(spans: &[Span]) -> Option<String> {
    let bounds = spans.iter().flat_map(|s| [&s.low, &s.high]).flatten();
    bounds.map(|b| b.version.as_str()).find_map(|v| {
        let (_, tail) = v.rsplit_once('.')?;
        let digits = tail.strip_prefix("azl").or_else(|| tail.strip_prefix("cm"))?;
        let digits = digits.get(..1).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
        Some(format!("{AZURE}:{digits}"))
    })
}

/// Where the parser is.
#[derive(Default)]
struct Parser {
    document: Document,
    definition: Option<Definition>,
    criteria: Vec<Node>,
    /// Id of the test, object, state or variable that is open.
    id: String,
    /// Object and state that the open test names.
    test: (String, Option<String>),
    operation: String,
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|a| a.key.local_name().as_ref() == name)?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.trim().to_owned())
}

fn parse(text: &str, sink: &mut Sink<'_>) -> Result<Document, ImportError> {
    let broken = |why: String| ImportError::Broken(Form::Oval, text::line(&why, 200));
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut parser = Parser::default();
    let (mut said, mut depth) = (String::new(), 0_usize);
    loop {
        match reader.read_event().map_err(|e| broken(e.to_string()))? {
            Event::Start(element) => {
                depth += 1;
                if depth > sink.limits.depth_max {
                    return Err(broken(format!("deeper than {} elements", sink.limits.depth_max)));
                }
                said.clear();
                parser.start(element.local_name().as_ref(), &element);
            }
            Event::Text(piece) => said.push_str(&piece.xml10_content()),
            Event::CData(piece) => said.push_str(&piece.xml10_content()),
            Event::GeneralRef(name) => {
                let number = name.resolve_char_ref().ok().flatten();
                let known = || [("lt", '<'), ("gt", '>'), ("amp", '&'), ("quot", '"'), ("apos", '\'')];
                said.extend(number.or_else(|| known().into_iter().find(|(n, _)| *n == name.as_ref()).map(|(_, c)| c)));
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                parser.end(element.local_name().as_ref(), said.trim(), sink);
                said.clear();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if depth > 0 {
        return Err(broken("it ends in the middle".to_owned()));
    }
    Ok(parser.document)
}

impl Parser {
    fn start(&mut self, name: &str, element: &BytesStart<'_>) {
        let at = |key: &str| attribute(element, key);
        match name {
            "definition" => {
                let (id, class) = (at("id").unwrap_or_default(), at("class").unwrap_or_default());
                self.definition = Some(Definition { id, class, ..Definition::default() });
            }
            "criteria" | "criterion" | "extend_definition" => {
                let what = match (name, at("operator").as_deref(), at("test_ref")) {
                    ("criterion", _, Some(test)) => What::Test(test),
                    ("criteria", Some("OR"), _) => What::Any(Vec::new()),
                    ("criteria", None | Some("AND"), _) => What::All(Vec::new()),
                    _ => What::Other,
                };
                let negate = at("negate").is_some_and(|n| n == "true" || n == "1");
                self.criteria.push(Node { what, negate, comment: at("comment").unwrap_or_default() });
            }
            "reference" => {
                if let (Some(d), Some(id)) = (&mut self.definition, at("ref_id")) {
                    d.references.push(id);
                }
            }
            "updated" | "issued" => {
                if let (Some(d), Some(date)) = (&mut self.definition, at("date")) {
                    d.modified = d.modified.max(text::instant(&date));
                }
            }
            "cve" => {
                if let Some(d) = &mut self.definition {
                    // Red Hat puts the score before the vector.
                    let after =
                        at("cvss3").and_then(|v| v.find("CVSS:").and_then(|i| v.get(i..).map(ToOwned::to_owned)));
                    d.vector = d.vector.take().or(after).or_else(|| at("cvss_vector"));
                    d.severity = d.severity.or_else(|| at("priority").and_then(|p| Severity::from_text(&p)));
                }
            }
            "resolution" => {
                if let (Some(d), Some(state)) = (&mut self.definition, at("state")) {
                    d.resolutions.insert(state.to_ascii_lowercase());
                }
            }
            "dpkginfo_test" | "rpminfo_test" => {
                self.id = at("id").unwrap_or_default();
                self.test = (String::new(), None);
            }
            "object" => self.test.0 = at("object_ref").unwrap_or_default(),
            "state" => self.test.1 = at("state_ref"),
            "dpkginfo_object" | "rpminfo_object" | "constant_variable" => self.id = at("id").unwrap_or_default(),
            "dpkginfo_state" | "rpminfo_state" => {
                self.id = at("id").unwrap_or_default();
                self.document.states.insert(self.id.clone(), None);
            }
            "name" => {
                if let Some(variable) = at("var_ref") {
                    self.document.objects.insert(self.id.clone(), Object::Variable(variable));
                }
            }
            "evr" => self.operation = at("operation").unwrap_or_else(|| "equals".to_owned()),
            _ => {}
        }
    }
    fn end(&mut self, name: &str, said: &str, sink: &mut Sink<'_>) {
        match name {
            "definition" => self.document.definitions.extend(self.definition.take()),
            "criteria" | "criterion" | "extend_definition" => {
                let Some(node) = self.criteria.pop() else { return };
                match (self.criteria.last_mut(), &mut self.definition) {
                    (Some(Node { what: What::All(inner) | What::Any(inner), .. }), _) => inner.push(node),
                    (None, Some(definition)) => definition.criteria.push(node),
                    _ => {}
                }
            }
            "dpkginfo_test" | "rpminfo_test" => {
                self.document.tests.insert(std::mem::take(&mut self.id), std::mem::take(&mut self.test));
            }
            "name" if !said.is_empty() => {
                self.document.objects.insert(self.id.clone(), Object::Names(vec![said.to_owned()]));
            }
            "value" if !said.is_empty() => {
                let values = self.document.variables.entry(self.id.clone()).or_default();
                if values.len() < sink.limits.versions_max {
                    values.push(said.to_owned());
                }
            }
            "evr" => {
                let bound = bound(&self.operation, said);
                self.document.states.insert(self.id.clone(), bound);
            }
            "timestamp" if self.definition.is_none() => {
                // Some leave the offset out.
                sink.dated(text::instant(said).or_else(|| text::instant(&format!("{said}Z"))));
            }
            _ => self.metadata(name, said),
        }
    }
    fn metadata(&mut self, name: &str, said: &str) {
        let Some(d) = &mut self.definition else { return };
        match name {
            "title" => d.title = text::line(said, SUMMARY_CHARS_MAX),
            "platform" => d.platforms.push(said.to_owned()),
            "severity" => d.severity = d.severity.or_else(|| Severity::from_text(said)),
            "cve" if said.starts_with("CVE-") => d.references.push(said.to_owned()),
            "advisory_date" | "date" | "public_date" => d.modified = d.modified.max(text::instant(said)),
            _ => {}
        }
    }
}

/// The versions of which a state speaks.
fn bound(operation: &str, evr: &str) -> Option<Span> {
    let end = |inclusive| Some(Bound { version: evr.to_owned(), inclusive });
    text::token(evr, super::TOKEN_BYTES_MAX)?;
    Some(match operation {
        "less than" => Span { high: end(false), fix: true, low: None },
        "less than or equal" => Span { high: end(true), fix: false, low: None },
        "greater than" => Span { low: end(false), high: None, fix: false },
        "greater than or equal" => Span { low: end(true), high: None, fix: false },
        "equals" => Span { low: end(true), high: end(true), fix: false },
        _ => return None,
    })
}

/// What criteria say: of a package of an ecosystem these spans.
type Said = BTreeMap<(String, String), Vec<Span>>;

/// Spans of one package in one definition; more are not read.
const SPANS_MAX: usize = 200;

impl Document {
    fn advisory(&self, d: &Definition, sink: &mut Sink<'_>) -> Result<Option<Advisory>, FaultKind> {
        let own = token("definition id", Some(&d.id))?;
        if matches!(d.class.as_str(), "inventory" | "compliance" | "miscellaneous") {
            return Ok(None);
        }
        let platforms: BTreeSet<String> = d.platforms.iter().filter_map(|p| platform::of_name(p)).collect();
        let mut platforms: Vec<String> = platforms.into_iter().collect();
        if platforms.is_empty() && d.platforms.iter().any(|p| matches!(p.trim(), "Azure Linux" | "CBL-Mariner")) {
            platforms.push(AZURE.to_owned());
        }
        if platforms.is_empty() {
            return Err(FaultKind::UnknownPlatform(text::line(&d.platforms.join(", "), 80)));
        }
        let mut said = Said::new();
        for node in &d.criteria {
            self.say(node, &platforms, sink.limits.affected_max, &mut said)?;
        }
        if said.is_empty() {
            return Err(FaultKind::NoVersions);
        }
        let only = |state: &str| !d.resolutions.is_empty() && d.resolutions.iter().all(|r| r == state);
        let unfixed = |spans: &[Span]| spans.iter().all(|s| *s == Span::all());
        let status = |spans: &[Span]| match () {
            () if only("will not fix") && unfixed(spans) => Status::WontFix,
            () if only("under investigation") => Status::UnderInvestigation,
            () => Status::Affected,
        };
        let mut affected = Vec::new();
        for ((ecosystem, name), spans) in said {
            let release = (ecosystem == AZURE).then(|| azure_release(&spans)).flatten();
            let ecosystem = release.unwrap_or(ecosystem);
            let name = ecosystem::name(&ecosystem, token("package name", Some(&name))?);
            let (scheme, status) = (Scheme::of(&ecosystem), status(&spans));
            affected.push(Affected { ecosystem, name, names: Names::Any, scheme, status, spans, versions: Vec::new() });
        }
        let ids: BTreeSet<String> =
            d.references.iter().filter_map(|r| text::token(r, super::TOKEN_BYTES_MAX)).map(ToOwned::to_owned).collect();
        let (cves, bulletins): (Vec<String>, Vec<String>) = ids.into_iter().partition(|i| i.starts_with("CVE-"));
        let bulletin = bulletins.into_iter().find(|b| b.len() <= 40 && !b.contains('/'));
        let (id, aliases, covers) = match (bulletin, cves.as_slice()) {
            (Some(bulletin), [one]) => (bulletin, vec![one.clone()], Vec::new()),
            (Some(bulletin), _) => (bulletin, Vec::new(), cves),
            (None, [one]) => (one.clone(), Vec::new(), Vec::new()),
            (None, _) => (own.to_owned(), Vec::new(), cves),
        };
        let score = d.vector.as_deref().and_then(cvss::base_score);
        Ok(Some(Advisory {
            id,
            aliases,
            covers,
            summary: d.title.clone(),
            modified: d.modified,
            severity: d.severity.or(score.map(cvss::rating)).unwrap_or_default(),
            score,
            malicious: false,
            affected,
        }))
    }
    /// Adds what a node says of packages on platforms.
    fn say(&self, node: &Node, platforms: &[String], names_max: usize, out: &mut Said) -> Result<(), FaultKind> {
        let mut here = Said::new();
        match &node.what {
            What::Other => {}
            What::Test(test) => self.test(test, platforms, &mut here),
            What::Any(inner) => inner.iter().try_for_each(|n| self.say(n, platforms, names_max, &mut here))?,
            What::All(inner) => {
                let named: BTreeSet<String> =
                    inner.iter().flat_map(platforms_of).filter(|p| platforms.contains(p)).collect();
                let named: Vec<String> = named.into_iter().collect();
                let scope = if named.is_empty() { platforms } else { &named };
                for n in inner {
                    let mut one = Said::new();
                    self.say(n, scope, names_max, &mut one)?;
                    for (key, spans) in one {
                        let scheme = Scheme::of(&key.0);
                        let both =
                            here.remove(&key).map_or_else(|| spans.clone(), |before| both(scheme, &before, &spans));
                        here.insert(key, both);
                    }
                }
            }
        }
        if node.negate && !here.is_empty() {
            return Err(FaultKind::Criteria("a negated test of a package"));
        }
        for (key, spans) in here {
            let entry = out.entry(key).or_default();
            entry.extend(spans);
            entry.sort();
            entry.dedup();
            if entry.len() > SPANS_MAX {
                return Err(FaultKind::TooMany("ranges of a package", SPANS_MAX));
            }
        }
        if out.len() > names_max { Err(FaultKind::TooMany("packages", names_max)) } else { Ok(()) }
    }
    fn test(&self, test: &str, platforms: &[String], out: &mut Said) {
        let Some((object, state)) = self.tests.get(test) else { return };
        let span = match state.as_ref().map(|s| self.states.get(s)) {
            None => Span::all(),
            Some(Some(Some(span))) => span.clone(),
            // Asks for a signature, an architecture, a name: counts as met.
            Some(_) => return,
        };
        let names: &[String] = match self.objects.get(object) {
            Some(Object::Names(names)) => names,
            Some(Object::Variable(v)) => self.variables.get(v).map_or(&[], Vec::as_slice),
            None => &[],
        };
        for platform in platforms {
            for name in names {
                out.entry((platform.clone(), name.clone())).or_default().push(span.clone());
            }
        }
    }
}

/// Platforms that a node asks for by its comment ("… is installed"), or by all of its parts.
fn platforms_of(node: &Node) -> Vec<String> {
    match &node.what {
        What::Any(inner) => {
            let all: Vec<Vec<String>> = inner.iter().map(platforms_of).collect();
            if all.iter().any(Vec::is_empty) { Vec::new() } else { all.concat() }
        }
        What::All(_) => Vec::new(),
        _ => platform::of_name(&node.comment).into_iter().collect(),
    }
}

/// The versions of which both speak.
fn both(scheme: Scheme, a: &[Span], b: &[Span]) -> Vec<Span> {
    let mut out = Vec::new();
    for (x, y) in a.iter().flat_map(|x| b.iter().map(move |y| (x, y))).take(SPANS_MAX + 1) {
        let low = tighter(scheme, &x.low, &y.low, true);
        let high = tighter(scheme, &x.high, &y.high, false);
        let fix = (x.fix && x.high == high) || (y.fix && y.high == high);
        out.push(Span { low, high, fix });
    }
    out
}

/// Of two ends the one that lets fewer versions in.
fn tighter(scheme: Scheme, a: &Option<Bound>, b: &Option<Bound>, low: bool) -> Option<Bound> {
    let (Some(x), Some(y)) = (a, b) else { return a.clone().or_else(|| b.clone()) };
    let order = compare(scheme, &x.version, &y.version);
    let order = if low { order } else { order.reverse() };
    let first = order.is_gt() || (order.is_eq() && !x.inclusive);
    Some(if first { x.clone() } else { y.clone() })
}

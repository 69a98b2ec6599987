//! CSAF 2.0 (OASIS), also its VEX profile: <https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html>.
//!
//! One advisory a vulnerability. A product becomes a package: by its package URL; as a component of a distribution that it
//! relates to; else as a product of its vendor (`vendor:siemens`), by its name in the tree. What the document says of the
//! products of one package is put together: affected ranges, fixes, what is not affected, what is still looked into.

use super::platform::{self, Named};
use super::{FaultKind, Sink, bad, token, vers};
use crate::advisory::{Advisory, Affected, Bound, Names, Severity, Span, Status};
use crate::version::{Scheme, compare};
use crate::{SUMMARY_CHARS_MAX, cvss, ecosystem, text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A product of the tree.
#[derive(Clone, Default, Debug)]
struct Product {
    vendor: String,
    name: String,
    /// `product_version`.
    version: Option<String>,
    /// `product_version_range`.
    range: Option<String>,
    full_name: String,
    purl: Option<String>,
    cpe: Option<String>,
    /// Ecosystem of the platform that it is a component of.
    platform: Option<String>,
}

fn str_at<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}
fn list_at<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn read(csaf: &Value, sink: &mut Sink<'_>) {
    sink.place.clear();
    let document = csaf.get("document").unwrap_or(&Value::Null);
    let tracking = document.get("tracking").unwrap_or(&Value::Null);
    let id = match token("tracking id", str_at(tracking, "id")) {
        Ok(id) => id.to_owned(),
        Err(kind) => return sink.fault("", kind),
    };
    sink.place.clone_from(&id);
    let modified = str_at(tracking, "current_release_date").and_then(text::instant);
    sink.dated(modified);
    let mut tree = Tree { products: HashMap::new(), groups: HashMap::new() };
    tree.read(csaf.get("product_tree").unwrap_or(&Value::Null), sink);
    let title = text::line(str_at(document, "title").unwrap_or_default(), SUMMARY_CHARS_MAX);
    let rated = document.get("aggregate_severity").and_then(|s| str_at(s, "text")).and_then(Severity::from_text);
    let mut unknown = BTreeSet::new();
    for (n, vulnerability) in list_at(csaf, "vulnerabilities").iter().enumerate() {
        let named = str_at(vulnerability, "cve")
            .or_else(|| list_at(vulnerability, "ids").first().and_then(|i| str_at(i, "text")));
        let cve = named.and_then(|c| token("cve", Some(c)).ok());
        let own = cve.map_or_else(
            || format!("{id}/{}", n + 1),
            |cve| if cve == id { id.clone() } else { format!("{id}/{cve}") },
        );
        sink.place.clone_from(&own);
        let affected = tree.statements(vulnerability, sink, &mut unknown);
        if affected.is_empty() {
            continue;
        }
        let (severity, score) = severity(vulnerability);
        let summary = text::line(str_at(vulnerability, "title").unwrap_or(&title), SUMMARY_CHARS_MAX);
        sink.advisory(Advisory {
            aliases: cve.filter(|c| *c != own).map(ToOwned::to_owned).into_iter().collect(),
            id: own,
            covers: Vec::new(),
            summary,
            modified,
            severity: if severity == Severity::Unknown { rated.unwrap_or_default() } else { severity },
            score,
            malicious: false,
            affected,
        });
    }
}

fn severity(vulnerability: &Value) -> (Severity, Option<u16>) {
    let scores = list_at(vulnerability, "scores");
    let of = |version: &str| scores.iter().find_map(|s| s.get(version));
    let (v3, v2) = (of("cvss_v3"), of("cvss_v2"));
    let score = [v3, v2].into_iter().flatten().find_map(|s| {
        let stated = || s.get("baseScore").map(ToString::to_string).and_then(|t| tenths(&t));
        str_at(s, "vectorString").and_then(cvss::base_score).or_else(stated)
    });
    let impact = list_at(vulnerability, "threats").iter().filter(|t| str_at(t, "category") == Some("impact"));
    let stated = impact.filter_map(|t| str_at(t, "details")).find_map(Severity::from_text);
    let named = stated.or_else(|| v3.and_then(|s| str_at(s, "baseSeverity")).and_then(Severity::from_text));
    (named.or(score.map(cvss::rating)).unwrap_or_default(), score)
}

/// `7.5` in tenths.
fn tenths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digit = part.chars().next()?.to_digit(10)?;
    let value = whole.parse::<u16>().ok()?.checked_mul(10)? + u16::try_from(digit).ok()?;
    (value <= 100).then_some(value)
}

/// Longest chain of components that is followed.
const CHAIN_MAX: usize = 8;

struct Tree {
    products: HashMap<String, Product>,
    groups: HashMap<String, Vec<String>>,
}

/// What is said of one package.
#[derive(Default)]
struct Said {
    affected: Vec<What>,
    fixed: Vec<String>,
    not: Vec<What>,
    looked_into: Vec<What>,
    wont_fix: bool,
    vendor_fix: bool,
}
#[derive(Clone, PartialEq, Eq)]
enum What {
    All,
    One(String),
    Range(Vec<Span>, Vec<String>),
}

impl Tree {
    fn read(&mut self, tree: &Value, sink: &mut Sink<'_>) {
        for branch in list_at(tree, "branches") {
            self.branch(branch, &Product::default(), 0, sink);
        }
        for product in list_at(tree, "full_product_names") {
            self.product(product, Product::default());
        }
        // A component of a module of a platform: what a relation names may be entered by a later one.
        let mut waiting: Vec<&Value> = list_at(tree, "relationships").iter().collect();
        for _ in 0..=CHAIN_MAX {
            let before = waiting.len();
            waiting.retain(|relation| !self.relation(relation));
            if waiting.is_empty() || waiting.len() == before {
                break;
            }
        }
        for relation in waiting {
            sink.fault("relationships", bad("relation", &relation.to_string()));
        }
        for group in list_at(tree, "product_groups") {
            if let Some(id) = str_at(group, "group_id") {
                let ids =
                    list_at(group, "product_ids").iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect();
                self.groups.insert(id.to_owned(), ids);
            }
        }
    }
    /// Enters the product of a relation; `false` if one that it names is not known yet.
    fn relation(&mut self, relation: &Value) -> bool {
        let known = |key: &str| str_at(relation, key).and_then(|id| self.products.get(id));
        let ends = known("product_reference").zip(known("relates_to_product_reference"));
        let Some((component, platform)) = ends else { return false };
        let product = Product { platform: platform.ecosystem(), ..component.clone() };
        if let Some(full) = relation.get("full_product_name") {
            self.product(full, product);
        }
        true
    }
    fn branch(&mut self, branch: &Value, above: &Product, depth: usize, sink: &mut Sink<'_>) {
        if depth > sink.limits.depth_max {
            return sink.fault("product_tree", FaultKind::TooMany("levels", sink.limits.depth_max));
        }
        let mut here = above.clone();
        let name = text::line(str_at(branch, "name").unwrap_or_default(), 400);
        match str_at(branch, "category") {
            Some("vendor") => here.vendor = name,
            Some("product_family") if here.name.is_empty() => here.name = name,
            Some("product_name") => here.name = name,
            Some("product_version") => here.version = Some(name),
            Some("product_version_range") => here.range = Some(name),
            _ => {}
        }
        if let Some(product) = branch.get("product") {
            self.product(product, here.clone());
        }
        for inner in list_at(branch, "branches") {
            self.branch(inner, &here, depth + 1, sink);
        }
    }
    /// Enters a `full_product_name`.
    fn product(&mut self, full: &Value, mut product: Product) {
        let Some(id) = str_at(full, "product_id") else { return };
        // A component keeps its own name: the whole one repeats the platform's.
        if product.platform.is_none() || product.full_name.is_empty() {
            product.full_name = text::line(str_at(full, "name").unwrap_or_default(), 400);
        }
        if let Some(aids) = full.get("product_identification_helper") {
            product.purl = str_at(aids, "purl").map(ToOwned::to_owned).or(product.purl);
            product.cpe = str_at(aids, "cpe").map(ToOwned::to_owned).or(product.cpe);
        }
        self.products.insert(id.to_owned(), product);
    }
    /// Products of a list of ids or of groups.
    fn ids<'a>(&'a self, value: &'a Value) -> impl Iterator<Item = &'a str> {
        let groups = list_at(value, "group_ids").iter().filter_map(Value::as_str).filter_map(|g| self.groups.get(g));
        let direct = list_at(value, "product_ids").iter().filter_map(Value::as_str);
        direct.chain(groups.flatten().map(String::as_str))
    }
    fn statements(&self, vulnerability: &Value, sink: &mut Sink<'_>, unknown: &mut BTreeSet<String>) -> Vec<Affected> {
        let (mut wont_fix, mut vendor_fix) = (BTreeSet::new(), BTreeSet::new());
        for remediation in list_at(vulnerability, "remediations") {
            match str_at(remediation, "category") {
                Some("no_fix_planned") => wont_fix.extend(self.ids(remediation)),
                Some("vendor_fix") => vendor_fix.extend(self.ids(remediation)),
                _ => {}
            }
        }
        let mut said: BTreeMap<(String, String, Names), Said> = BTreeMap::new();
        let statuses = vulnerability.get("product_status").and_then(Value::as_object);
        for (status, ids) in statuses.into_iter().flatten().filter(|(status, _)| *status != "recommended") {
            for id in ids.as_array().into_iter().flatten().filter_map(Value::as_str) {
                // One product that cannot be read is one fault, in however many vulnerabilities it stands.
                let (key, what) =
                    match self.products.get(id).ok_or_else(|| bad("product id", id)).and_then(Product::package) {
                        Ok(read) => read,
                        Err(kind) if unknown.insert(id.to_owned()) => {
                            sink.fault("product_status", kind);
                            continue;
                        }
                        Err(_) => continue,
                    };
                if said.len() >= sink.limits.affected_max && !said.contains_key(&key) {
                    sink.fault("product_status", FaultKind::TooMany("packages", sink.limits.affected_max));
                    return Vec::new();
                }
                let entry = said.entry(key).or_default();
                entry.wont_fix |= wont_fix.contains(id);
                entry.vendor_fix |= vendor_fix.contains(id);
                match (status.as_str(), what) {
                    ("known_affected" | "first_affected" | "last_affected", what) => entry.affected.push(what),
                    ("fixed" | "first_fixed", What::One(version)) => entry.fixed.push(version),
                    ("fixed" | "first_fixed", What::All) => sink.fault("fixed", FaultKind::Missing("version")),
                    ("fixed" | "first_fixed", what) => entry.not.push(what),
                    ("known_not_affected", what) => entry.not.push(what),
                    ("under_investigation", what) => entry.looked_into.push(what),
                    (other, _) => sink.fault("product_status", bad("status", other)),
                }
            }
        }
        said.into_iter().flat_map(|(key, said)| said.statements(key)).collect()
    }
}

impl Product {
    /// The ecosystem, if the product is a distribution.
    fn ecosystem(&self) -> Option<String> {
        let cpe = self.cpe.as_deref().and_then(platform::of_cpe);
        let version = self.version.as_deref().unwrap_or_default();
        cpe.or_else(|| platform::of_name(&self.full_name))
            .or_else(|| platform::of_name(&self.name))
            .or_else(|| platform::of_name(&format!("{} {version}", self.name)))
            .or_else(|| self.platform.clone())
    }
    /// Which package it is, and of which versions of it.
    fn package(&self) -> Result<((String, String, Names), What), FaultKind> {
        let by_purl = self.purl.as_deref().and_then(|p| platform::of_purl(p, self.platform.as_deref()));
        let component = || {
            let platform = self.platform.as_deref()?;
            let own = self.version.as_deref().unwrap_or(&self.name);
            platform::of_component(own, platform).or_else(|| platform::of_component(&self.full_name, platform))
        };
        let named = match by_purl.or_else(component) {
            Some(named) => named,
            None if self.platform.is_some() || self.purl.as_deref().is_some_and(|p| p.starts_with("pkg:oci/")) => {
                return Err(FaultKind::UnknownPlatform(text::line(&self.full_name, 80)));
            }
            None => self.of_vendor()?,
        };
        let what = match (self.range(), named.version) {
            (Some(range), _) => {
                let read =
                    vers::read(range, Scheme::of(&named.ecosystem)).ok_or_else(|| bad("version range", range))?;
                if read.0.first().is_some_and(|s| *s == Span::all()) { What::All } else { What::Range(read.0, read.1) }
            }
            (None, Some(version)) => What::One(version),
            (None, None) => What::All,
        };
        Ok(((named.ecosystem, named.name, named.names), what))
    }
    fn of_vendor(&self) -> Result<Named, FaultKind> {
        let vendor = token("vendor", Some(&self.vendor))?;
        let name = if self.name.is_empty() { &self.full_name } else { &self.name };
        let ecosystem = ecosystem::canonical(&format!("vendor:{vendor}"));
        let name = ecosystem::name(&ecosystem, token("product name", Some(name))?);
        let version = self.version.as_deref().filter(|v| !v.trim().is_empty() && self.range().is_none());
        let version = version.map(|v| token("version", Some(v)).map(ToOwned::to_owned)).transpose()?;
        Ok(Named { ecosystem, name, names: Names::Any, version })
    }
    /// Its range of versions; some put one where a version belongs.
    fn range(&self) -> Option<&str> {
        let is_range = |v: &&str| {
            let lower = v.trim().to_ascii_lowercase();
            lower.starts_with("vers:") || lower.starts_with("all") || lower.contains(['<', '>', '*'])
        };
        self.range.as_deref().or_else(|| self.version.as_deref().filter(is_range))
    }
}

impl Said {
    fn statements(self, (ecosystem, name, names): (String, String, Names)) -> Vec<Affected> {
        let scheme = Scheme::of(&ecosystem);
        let fixed = self.fixed.iter().max_by(|a, b| compare(scheme, a, b));
        let (mut spans, mut versions) = (Vec::new(), Vec::new());
        for what in &self.affected {
            match (what, fixed) {
                // All of it, but there is a fix: up to the fix.
                (What::All, Some(fix)) => spans.push(Span::until_fix(fix)),
                (What::All, None) => spans.push(Span::all()),
                (What::One(version), _) => versions.push(version.clone()),
                (What::Range(more, single), _) => {
                    let known = |b: &Option<Bound>| b.as_ref().is_some_and(|b| self.fixed.contains(&b.version));
                    spans.extend(
                        more.iter().map(|s| Span { fix: s.fix && (self.vendor_fix || known(&s.high)), ..s.clone() }),
                    );
                    versions.extend(single.iter().cloned());
                }
            }
        }
        // A fix without what it mends: everything before it.
        if let Some(fix) = fixed.filter(|_| self.affected.is_empty() || spans.is_empty()) {
            spans.push(Span::until_fix(fix));
        }
        let status =
            if self.wont_fix && fixed.is_none() && !self.vendor_fix { Status::WontFix } else { Status::Affected };
        let contradicted = !self.affected.is_empty() || fixed.is_some();
        let mut out = Vec::new();
        let mut say = |status: Status, mut spans: Vec<Span>, mut versions: Vec<String>| {
            spans.sort();
            spans.dedup();
            versions.sort();
            versions.dedup();
            if !spans.is_empty() || !versions.is_empty() {
                out.push(Affected {
                    ecosystem: ecosystem.clone(),
                    name: name.clone(),
                    names,
                    scheme,
                    status,
                    spans,
                    versions,
                });
            }
        };
        say(status, spans, versions);
        for (status, all) in [(Status::NotAffected, self.not), (Status::UnderInvestigation, self.looked_into)] {
            let (mut spans, mut versions) = (Vec::new(), Vec::new());
            for what in all {
                match what {
                    // Of two products of one name one is affected: all of it cannot be free of it.
                    What::All if status == Status::NotAffected && contradicted => {}
                    What::All => spans.push(Span::all()),
                    What::One(version) => versions.push(version),
                    What::Range(more, single) => {
                        spans.extend(more.into_iter().map(|s| Span { fix: false, ..s }));
                        versions.extend(single);
                    }
                }
            }
            say(status, spans, versions);
        }
        out
    }
}

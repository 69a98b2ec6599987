//! Files become rules: documents, collections with `action`, filters, references between rules.
//!
//! Everything is read first and joined in `finish`, so the order of files does not matter. A fault costs the document in which it stands,
//! and the correlations that build on it, by name.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::condition::{self, Condition};
use crate::correlation::{self, Draft};
use crate::event::Fields;
use crate::logsource::Logsource;
use crate::notice::{Code, Fault, Notice};
use crate::rule::{Body, Detection, Filter, Level, Rule, RuleId, Selection};
use crate::rules::Rules;
use crate::selection::{Maker, Preds};
use crate::yaml::{self, Data, Node};

/// What reading takes at most. At a limit the rule, or the file, is refused with code `limit`.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a file.
    pub file_bytes_max: usize,
    /// Scalars, lists and maps of a file, aliases followed.
    pub file_nodes_max: usize,
    /// Nesting of lists and maps.
    pub depth_max: usize,
    /// Values in the detection of one rule.
    pub rule_values_max: usize,
    /// Values that one value with placeholders stands for.
    pub expansions_max: usize,
    /// Rules of a set.
    pub rules_max: usize,
}
impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes_max: 16 << 20,
            file_nodes_max: 1_000_000,
            depth_max: 32,
            rule_values_max: 200_000,
            expansions_max: 10_000,
            rules_max: 100_000,
        }
    }
}

/// What rules are read with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// For `%name%` under the modifier `expand`: the name without percent signs, and the values. Values may have wildcards.
    pub placeholders: BTreeMap<String, Vec<String>>,
    /// Limits.
    pub limits: Limits,
}

/// What came of reading.
#[derive(Debug)]
pub struct Compiled {
    /// The rules that can be matched.
    pub rules: Rules,
    /// What was left out, and why: by file, then line.
    pub refusals: Vec<Notice>,
    /// What is worth knowing of the rules that are in: by file, then line.
    pub warnings: Vec<Notice>,
    /// Filters that were read.
    pub filters: usize,
}

/// Takes texts of files, gives [`Rules`].
pub struct Compiler {
    options: Options,
    fields: Fields,
    preds: Preds,
    rules: Vec<Rule>,
    drafts: Vec<(usize, Draft)>,
    filters: Vec<Sifter>,
    refusals: Vec<Notice>,
    warnings: Vec<Notice>,
    /// References to rules that were refused.
    refused: Vec<String>,
}

/// A filter and what it is for.
struct Sifter {
    filter: Arc<Filter>,
    file: String,
    line: usize,
    id: Option<String>,
    /// None: any rule.
    rules: Option<Vec<String>>,
    logsource: Logsource,
}

/// Who a notice is about.
struct About<'a> {
    file: &'a str,
    title: Option<String>,
    id: Option<String>,
}
impl About<'_> {
    fn notice(&self, fault: Fault) -> Notice {
        Notice {
            code: fault.code,
            file: self.file.to_owned(),
            line: fault.line,
            title: self.title.clone(),
            id: self.id.clone(),
            params: fault.params,
        }
    }
}

impl Compiler {
    /// Nothing read yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            options,
            fields: Fields::default(),
            preds: Preds::default(),
            rules: Vec::new(),
            drafts: Vec::new(),
            filters: Vec::new(),
            refusals: Vec::new(),
            warnings: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Reads a file. What cannot be read is refused in [`Compiler::finish`]'s answer.
    pub fn add(&mut self, file: &str, text: &str) {
        let about = About { file, title: None, id: None };
        let max = self.options.limits.file_bytes_max;
        if text.len() > max {
            return self.refusals.push(about.notice(Fault::new(Code::FileTooLarge, 1).with("max", max)));
        }
        let (documents, fault) = yaml::documents(text, &self.options.limits);
        let mut global: Option<Node> = None;
        let mut before: Option<Node> = None;
        for document in documents {
            match document {
                Err(fault) => self.refusals.push(about.notice(fault)),
                Ok(node) => self.document(file, &node, &mut global, &mut before),
            }
        }
        self.refusals.extend(fault.map(|f| about.notice(f)));
    }

    /// A document, with what an earlier one said for all, or said before (collections of Sigma 1).
    fn document(&mut self, file: &str, node: &Node, global: &mut Option<Node>, before: &mut Option<Node>) {
        if node.is_null() {
            return;
        }
        let action = node.get("action").map(|a| (a.text().unwrap_or_default().to_owned(), a.line));
        let bare = |node: &Node| Node {
            line: node.line,
            data: Data::Map(
                node.map().unwrap_or_default().iter().filter(|(k, _)| k.text != "action").cloned().collect(),
            ),
        };
        let whole = match &action {
            None => joined(global.as_ref(), node),
            Some((word, line)) => match word.as_str() {
                "global" => return *global = Some(joined(global.as_ref(), &bare(node))),
                "reset" => return *global = None,
                "repeat" => joined(before.as_ref(), &bare(node)),
                other => {
                    let fault = Fault::new(Code::UnknownAction, *line).with("action", other);
                    return self.refusals.push(About { file, title: None, id: None }.notice(fault));
                }
            },
        };
        *before = Some(whole.clone());
        self.rule(file, &whole);
    }

    fn rule(&mut self, file: &str, doc: &Node) {
        let text = |key: &str| doc.get(key).and_then(Node::text).map(str::to_owned);
        let about = About { file, title: text("title"), id: text("id") };
        let mut warnings = Vec::new();
        if let Err(fault) = self.read(file, doc, &mut warnings) {
            self.refused.extend(text("id").into_iter().chain(text("name")));
            return self.refusals.push(about.notice(fault));
        }
        self.warnings.extend(warnings.into_iter().map(|w| about.notice(w)));
    }

    fn read(&mut self, file: &str, doc: &Node, warnings: &mut Vec<Fault>) -> Result<(), Fault> {
        if doc.map().is_none() {
            return Err(Fault::new(Code::NotARule, doc.line));
        }
        if self.rules.len() >= self.options.limits.rules_max {
            let fault = Fault::new(Code::Limit, doc.line);
            return Err(fault.with("limit", "rules_max").with("max", self.options.limits.rules_max));
        }
        if let Some(section) = doc.get("filter") {
            return self.filter(file, doc, section, warnings);
        }
        if let Some(section) = doc.get("correlation") {
            let draft = correlation::read(doc, section)?;
            let rule = head(file, doc, Body::Detection(nothing()), warnings)?;
            self.drafts.push((self.rules.len(), draft));
            self.rules.push(rule);
            return Ok(());
        }
        let Some(section) = doc.get("detection") else { return Err(Fault::new(Code::NotARule, doc.line)) };
        let (selections, condition) = self.selections(section, &["condition", "timeframe"], warnings)?;
        let mut rule =
            head(file, doc, Body::Detection(Detection { selections, condition, filters: Vec::new() }), warnings)?;
        rule.logsource = logsource(doc)?;
        if rule.logsource.is_open() {
            warnings.push(Fault::new(Code::OpenLogsource, doc.line));
        }
        self.rules.push(rule);
        Ok(())
    }

    /// The selections of a section and its condition.
    fn selections(
        &mut self,
        section: &Node,
        other: &[&str],
        warnings: &mut Vec<Fault>,
    ) -> Result<(Vec<Selection>, Condition), Fault> {
        let form = |expected| Fault::new(Code::Form, section.line).with("part", "detection").with("expected", expected);
        let map = section.map().ok_or_else(|| form("a map"))?;
        let mut maker = Maker {
            fields: &mut self.fields,
            preds: &mut self.preds,
            placeholders: &self.options.placeholders,
            limits: &self.options.limits,
            values: 0,
            warnings: Vec::new(),
        };
        let mut selections = Vec::new();
        let mut lines = Vec::new();
        for (key, node) in map.iter().filter(|(k, _)| !other.contains(&k.text.as_str())) {
            let expr = maker.selection(node, &key.text)?;
            selections.push(Selection { name: key.text.clone(), expr });
            lines.push(key.line);
        }
        warnings.append(&mut maker.warnings);
        if selections.is_empty() {
            return Err(Fault::new(Code::Empty, section.line).with("part", "detection"));
        }
        let condition = section
            .get("condition")
            .ok_or_else(|| Fault::new(Code::Missing, section.line).with("part", "condition"))?;
        let names: Vec<String> = selections.iter().map(|s| s.name.clone()).collect();
        let mut each = Vec::new();
        for node in condition.each() {
            let text = node.text().ok_or_else(|| Fault::new(Code::Form, node.line).with("part", "condition"));
            each.push(condition::read(text.map_err(|f| f.with("expected", "a text"))?, &names, node.line)?);
        }
        let condition = match each.len() {
            0 => return Err(Fault::new(Code::Empty, condition.line).with("part", "condition")),
            1 => each.swap_remove(0),
            _ => Condition::Or(each),
        };
        let mut used = Vec::new();
        condition.uses(&mut used);
        for (n, selection) in selections.iter().enumerate() {
            if !used.contains(&n) {
                warnings.push(Fault::new(Code::UnusedSelection, lines[n]).with("name", &selection.name));
            }
        }
        Ok((selections, condition))
    }

    fn filter(&mut self, file: &str, doc: &Node, section: &Node, warnings: &mut Vec<Fault>) -> Result<(), Fault> {
        let rules =
            section.get("rules").ok_or_else(|| Fault::new(Code::Missing, section.line).with("part", "rules"))?;
        let any = rules.text().is_some_and(|t| t.eq_ignore_ascii_case("any"));
        let (selections, condition) = self.selections(section, &["condition", "rules"], warnings)?;
        let condition = match condition {
            Condition::Not(inner) => {
                warnings.push(Fault::new(Code::FilterNegated, section.line));
                *inner
            }
            other => other,
        };
        let rule = head(file, doc, Body::Detection(nothing()), warnings)?;
        let texts = rules.each().iter().filter_map(Node::text).map(str::to_owned).collect::<Vec<_>>();
        if texts.is_empty() {
            return Err(Fault::new(Code::Empty, rules.line).with("part", "rules"));
        }
        self.filters.push(Sifter {
            filter: Arc::new(Filter { title: rule.title, selections, condition }),
            file: file.to_owned(),
            line: rules.line,
            id: rule.id,
            rules: (!any).then_some(texts),
            logsource: logsource(doc)?,
        });
        Ok(())
    }

    /// Joins what was read.
    #[must_use]
    pub fn finish(mut self) -> Compiled {
        let names = self.names();
        self.sift(&names);
        self.correlate(&names);
        let filters = self.filters.len();
        let rules = Rules::new(self.rules, self.fields, self.preds.all);
        let mut warnings = self.warnings;
        warnings.extend(rules.doubts());
        let by_place = |a: &Notice, b: &Notice| (&a.file, a.line, a.code).cmp(&(&b.file, b.line, b.code));
        warnings.sort_by(by_place);
        self.refusals.sort_by(by_place);
        Compiled { rules, refusals: self.refusals, warnings, filters }
    }

    /// Rules by id and name; a second one of the same id is told.
    fn names(&mut self) -> HashMap<String, Vec<usize>> {
        let mut names: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, rule) in self.rules.iter().enumerate() {
            if let Some(id) = &rule.id {
                let of = names.entry(id.to_lowercase()).or_default();
                if !of.is_empty() {
                    let about = About { file: &rule.file, title: Some(rule.title.clone()), id: rule.id.clone() };
                    self.warnings.push(about.notice(Fault::new(Code::SameId, rule.line).with("id", id)));
                }
                of.push(at);
            }
            if let Some(name) = &rule.name {
                let of = names.entry(name.to_lowercase()).or_default();
                if of.last() != Some(&at) {
                    of.push(at);
                }
            }
        }
        names
    }

    fn sift(&mut self, names: &HashMap<String, Vec<usize>>) {
        for sifter in &self.filters {
            let about = About { file: &sifter.file, title: Some(sifter.filter.title.clone()), id: sifter.id.clone() };
            let mut warn = |code, reference: &str| {
                let fault = Fault::new(code, sifter.line).with("reference", reference);
                self.warnings.push(about.notice(fault));
            };
            let wanted: Vec<(usize, &str)> = match &sifter.rules {
                None => (0..self.rules.len()).map(|at| (at, "")).collect(),
                Some(references) => {
                    let mut wanted = Vec::new();
                    for reference in references {
                        match names.get(&reference.to_lowercase()) {
                            Some(of) => wanted.extend(of.iter().map(|at| (*at, reference.as_str()))),
                            None => warn(Code::FilterUnknownRule, reference),
                        }
                    }
                    wanted
                }
            };
            for (at, reference) in wanted {
                let rule = &mut self.rules[at];
                let fits = sifter.logsource.covers(&rule.logsource);
                match &mut rule.body {
                    Body::Detection(d) if fits && !d.selections.is_empty() => d.filters.push(sifter.filter.clone()),
                    _ if sifter.rules.is_some() => warn(Code::FilterLogsource, reference),
                    _ => {}
                }
            }
        }
    }

    /// Looks up references, refuses cycles and what builds on what was refused.
    fn correlate(&mut self, names: &HashMap<String, Vec<usize>>) {
        let mut faults: Vec<Option<Fault>> = Vec::new();
        let mut targets: Vec<Vec<usize>> = Vec::new();
        for (_, draft) in &self.drafts {
            let mut fault = None;
            let mut of = Vec::new();
            for (reference, line) in &draft.references {
                let code = match names.get(&reference.to_lowercase()).map(Vec::as_slice) {
                    Some([one]) => {
                        of.push(*one);
                        continue;
                    }
                    Some(_) => Code::AmbiguousRule,
                    None if self.refused.iter().any(|r| r.eq_ignore_ascii_case(reference)) => Code::RefusedRule,
                    None => Code::UnknownRule,
                };
                fault.get_or_insert(Fault::new(code, *line).with("reference", reference));
            }
            faults.push(fault);
            targets.push(of);
        }
        let number: HashMap<usize, usize> = self.drafts.iter().enumerate().map(|(n, (at, _))| (*at, n)).collect();
        // Peel off what builds only on what stands; what remains is in or behind a cycle.
        let mut stands = vec![false; self.drafts.len()];
        loop {
            let mut moved = false;
            for n in 0..self.drafts.len() {
                if stands[n] || faults[n].is_some() {
                    continue;
                }
                let of = targets[n].iter().filter_map(|t| number.get(t)).copied().collect::<Vec<_>>();
                if let Some(bad) = of.iter().find(|t| faults[**t].is_some()) {
                    let at = targets[n].iter().position(|t| number.get(t) == Some(bad)).unwrap_or_default();
                    let (reference, line) = &self.drafts[n].1.references[at];
                    faults[n] = Some(Fault::new(Code::RefusedRule, *line).with("reference", reference));
                    moved = true;
                } else if of.iter().all(|t| stands[*t]) {
                    stands[n] = true;
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
        self.settle(faults, &targets, &stands);
    }

    fn settle(&mut self, mut faults: Vec<Option<Fault>>, targets: &[Vec<usize>], stands: &[bool]) {
        let ids = |of: &[usize]| of.iter().map(|t| RuleId(u32::try_from(*t).expect("rules_max"))).collect::<Vec<_>>();
        let mut bodies = Vec::new();
        for (n, (at, draft)) in self.drafts.iter().enumerate() {
            if faults[n].is_none() && !stands[n] {
                let (reference, line) = &draft.references[0];
                faults[n] = Some(Fault::new(Code::Cycle, *line).with("reference", reference));
            }
            if faults[n].is_some() {
                continue;
            }
            let labels = |id: RuleId| {
                let rule = &self.rules[id.index()];
                rule.id.iter().chain(&rule.name).cloned().collect::<Vec<_>>()
            };
            match draft.resolve(&mut self.fields, ids(&targets[n]), &labels) {
                Ok(correlation) => bodies.push((*at, correlation, draft.generate, n)),
                Err(fault) => faults[n] = Some(fault),
            }
        }
        let mut feeds = vec![(false, false); self.rules.len()];
        for (at, correlation, generate, n) in bodies {
            for target in &targets[n] {
                feeds[*target].0 = true;
                feeds[*target].1 |= generate;
            }
            self.rules[at].body = Body::Correlation(correlation);
        }
        for (rule, (feeds, generated)) in self.rules.iter_mut().zip(feeds) {
            rule.alone = !feeds || generated;
        }
        self.drop_refused(faults);
    }

    /// Takes refused correlations out and numbers the rules anew.
    fn drop_refused(&mut self, faults: Vec<Option<Fault>>) {
        let mut gone = vec![false; self.rules.len()];
        for ((at, _), fault) in self.drafts.iter().zip(faults) {
            let Some(fault) = fault else { continue };
            gone[*at] = true;
            let rule = &self.rules[*at];
            let about = About { file: &rule.file, title: Some(rule.title.clone()), id: rule.id.clone() };
            self.refusals.push(about.notice(fault));
        }
        let mut next = 0;
        let anew: Vec<u32> = gone
            .iter()
            .map(|gone| {
                next += u32::from(!gone);
                next.wrapping_sub(1)
            })
            .collect();
        let mut at = 0;
        self.rules.retain(|_| {
            at += 1;
            !gone[at - 1]
        });
        for rule in &mut self.rules {
            if let Body::Correlation(c) = &mut rule.body {
                c.rules.iter_mut().for_each(|r| *r = RuleId(anew[r.index()]));
            }
        }
    }
}

fn nothing() -> Detection {
    Detection { selections: Vec::new(), condition: Condition::Or(Vec::new()), filters: Vec::new() }
}

/// What a rule says about itself.
fn head(file: &str, doc: &Node, body: Body, warnings: &mut Vec<Fault>) -> Result<Rule, Fault> {
    let text = |key: &str| doc.get(key).and_then(Node::text).map(str::to_owned);
    let list = |key: &str| -> Vec<String> {
        let each = doc.get(key).map(Node::each).unwrap_or_default();
        each.iter().filter_map(Node::text).map(str::to_owned).collect()
    };
    let title = text("title").filter(|t| !t.trim().is_empty());
    let title = title.ok_or_else(|| Fault::new(Code::Missing, doc.line).with("part", "title"))?;
    let level = match doc.get("level") {
        None => None,
        Some(node) if node.is_null() => None,
        Some(node) => {
            let word = node.text().unwrap_or_default();
            let level = Level::read(word);
            Some(level.ok_or_else(|| Fault::new(Code::UnknownLevel, node.line).with("level", word))?)
        }
    };
    let status = text("status");
    if let Some(word) = status.as_deref().filter(|s| matches!(*s, "deprecated" | "unsupported")) {
        warnings.push(Fault::new(Code::Status, doc.line).with("status", word));
    }
    if let Some(word) = text("taxonomy").filter(|t| t != "sigma") {
        warnings.push(Fault::new(Code::Taxonomy, doc.line).with("taxonomy", word));
    }
    Ok(Rule {
        title,
        id: text("id"),
        name: text("name"),
        level,
        status,
        description: text("description"),
        author: text("author"),
        tags: list("tags"),
        references: list("references"),
        falsepositives: list("falsepositives"),
        fields: list("fields"),
        logsource: Logsource::default(),
        file: file.to_owned(),
        line: doc.line,
        alone: true,
        body,
    })
}

fn logsource(doc: &Node) -> Result<Logsource, Fault> {
    let Some(node) = doc.get("logsource") else {
        return Err(Fault::new(Code::Missing, doc.line).with("part", "logsource"));
    };
    if node.map().is_none() {
        return Err(Fault::new(Code::Form, node.line).with("part", "logsource").with("expected", "a map"));
    }
    let part = |key: &str| match node.get(key) {
        None => Ok(""),
        Some(n) if n.is_null() => Ok(""),
        Some(n) => n.text().ok_or_else(|| Fault::new(Code::Form, n.line).with("part", key).with("expected", "a text")),
    };
    Ok(Logsource::new(part("category")?, part("product")?, part("service")?))
}

/// The second over the first: maps are joined, anything else is replaced.
fn joined(first: Option<&Node>, second: &Node) -> Node {
    let (Some(Data::Map(a)), Data::Map(b)) = (first.map(|n| &n.data), &second.data) else {
        return second.clone();
    };
    let mut map = a.clone();
    for (key, value) in b {
        match map.iter_mut().find(|(k, _)| k.text == key.text) {
            Some((_, old)) => *old = joined(Some(old), value),
            None => map.push((key.clone(), value.clone())),
        }
    }
    Node { line: second.line, data: Data::Map(map) }
}

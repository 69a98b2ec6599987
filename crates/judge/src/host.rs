//! Machine checks on one host.

use crate::BASIS_MAX;
use crate::choose::{Host, doubt};
use crate::measures::Measures;
use crate::sums::Draft;
use evidence::{
    Body, CheckResult, Cited, Fact, FactId, FactValue, Finding, GapReason, Outcome, Say, Shape, Sure, Time, fact,
};
use plan::{Check, CheckKind, CheckedPlan, Machine, Rule, Scene, System, Told};
use std::collections::{BTreeMap, BTreeSet};

/// A fact with the number of its item.
type Seen<'a> = (u64, &'a Fact);

/// Everything that is known of one host.
#[derive(Default)]
struct Known<'a> {
    ones: BTreeMap<&'a FactId, Seen<'a>>,
    rows: BTreeMap<&'a FactId, Vec<Seen<'a>>>,
    covered: BTreeMap<&'a str, u64>,
    gaps: BTreeMap<&'a str, (GapReason, u64, u64)>,
    /// Rows that the dictionary refuses, with the first of their items: what they say of their fact is not known.
    refused: BTreeMap<String, (GapReason, u64, u64)>,
    /// Single facts that were given two values: neither is known.
    twice: BTreeSet<&'a FactId>,
}

/// Every machine check that reads the host alone.
pub(crate) fn judge(plan: &CheckedPlan, host: &Host, measures: &Measures, as_of: Time, out: &mut Draft) {
    judge_those(plan, host, measures, as_of, &|m| m.with_data.is_none(), out);
}

/// The machine checks that `which` picks.
pub(crate) fn judge_those(
    plan: &CheckedPlan,
    host: &Host,
    measures: &Measures,
    as_of: Time,
    which: &dyn Fn(&Machine) -> bool,
    out: &mut Draft,
) {
    let known = know(host, out);
    let counts: Vec<(FactId, i64)> = known.counts();
    // A single value beside a gap of the same fact was read from a part only: it may be another one.
    let whole = |id: &FactId| known.gap(id).is_none() && !known.twice.contains(id);
    let ones = known.ones.iter().filter(|(id, _)| whole(id)).map(|(id, (_, f))| (*id, &f.value));
    let scene = Scene::new(ones, counts.iter().map(|(id, n)| (id, *n)), as_of, plan.parameters());
    for check in plan.checks() {
        if let CheckKind::Machine(machine) = &check.kind
            && which(machine)
        {
            Case { plan, host, known: &known, check, machine, measures, as_of }.judge(&scene, out);
        }
    }
}

fn know<'a>(host: &Host<'a>, out: &mut Draft) -> Known<'a> {
    let mut known = Known::default();
    let mut bad: BTreeSet<String> = BTreeSet::new();
    for item in host.items {
        match &item.body {
            Body::Fact(f) => match (fact::validate(f), fact::find(f.fact.as_str()).map(|d| d.shape)) {
                (Ok(()), Some(Shape::One(_))) => {
                    let first = known.ones.entry(&f.fact).or_insert((item.n, f));
                    if first.1.value != f.value {
                        known.twice.insert(&f.fact);
                    }
                }
                (Ok(()), _) => known.rows.entry(&f.fact).or_default().push((item.n, f)),
                (Err(e), _) => {
                    bad.insert(e.to_string());
                    let refused = known.refused.entry(format!("fact:{}", f.fact));
                    let first = refused.or_insert((GapReason::Corrupt, 0, item.n));
                    first.1 = first.1.saturating_add(1);
                }
            },
            Body::Covered(c) => {
                known.covered.entry(&c.what).or_insert(item.n);
            }
            Body::Gap(g) => {
                out.gap(&host.label, g);
                let gap = known.gaps.entry(&g.what).or_insert((g.reason, 0, item.n));
                gap.1 = gap.1.saturating_add(g.count);
            }
            Body::Hits(_)
            | Body::Tally(_)
            | Body::Alert(_)
            | Body::Column(_)
            | Body::Content(_)
            | Body::Measured(_) => {}
        }
    }
    for why in bad {
        out.doubts.push(doubt(Say::new("doubt.bad-fact").with("host", &host.label).with("why", why), Some(host.leaf)));
    }
    for id in &known.twice {
        let say = Say::new("doubt.two-values").with("host", &host.label).with("fact", id);
        out.doubts.push(doubt(say, Some(host.leaf)));
    }
    known
}

/// How far a table was seen.
enum Seeing {
    Complete,
    Partial(Say),
    Nothing,
}

impl Known<'_> {
    /// What of a fact could not be seen: what the sensor says, or else rows that cannot be read.
    fn gap(&self, fact: &FactId) -> Option<&(GapReason, u64, u64)> {
        let what = format!("fact:{fact}");
        self.gaps.get(what.as_str()).or_else(|| self.refused.get(&what))
    }

    fn seeing(&self, table: &FactId) -> Seeing {
        let what = format!("fact:{table}");
        let rows = self.rows.contains_key(table);
        match (self.covered.contains_key(what.as_str()), self.gap(table)) {
            (true, None) => Seeing::Complete,
            (covered, Some((reason, count, _))) if covered || rows => {
                let say = Say::new("because.table-incomplete").with("fact", table);
                Seeing::Partial(say.with("reason", reason.name()).with("count", count))
            }
            (false, None) if rows => Seeing::Partial(Say::new("because.table-uncovered").with("fact", table)),
            _ => Seeing::Nothing,
        }
    }

    /// Numbers of rows: of tables seen to the end, and as a lower bound of others that are not empty.
    fn counts(&self) -> Vec<(FactId, i64)> {
        let tables = fact::DICTIONARY.iter().filter(|d| matches!(d.shape, Shape::Many(_)));
        tables
            .filter_map(|d| {
                let id = FactId::from(d.id);
                let n = self.rows.get(&id).map_or(0, Vec::len);
                let known = n > 0 || matches!(self.seeing(&id), Seeing::Complete);
                known.then(|| (id, i64::try_from(n).unwrap_or(i64::MAX)))
            })
            .collect()
    }

    /// Why a fact is not known.
    fn missing(&self, fact: &FactId) -> Say {
        match self.gap(fact) {
            Some((reason, ..)) => Say::new("because.fact-missing").with("fact", fact).with("reason", reason.name()),
            None => Say::new("because.fact-unknown").with("fact", fact),
        }
    }
}

/// One check on one host.
struct Case<'a> {
    plan: &'a CheckedPlan,
    host: &'a Host<'a>,
    known: &'a Known<'a>,
    check: &'a Check,
    machine: &'a Machine,
    measures: &'a Measures<'a>,
    as_of: Time,
}

impl Case<'_> {
    fn judge(&self, scene: &Scene, out: &mut Draft) {
        let table = match &self.machine.rule {
            Rule::Each { fact, .. } => Some(fact),
            Rule::Pass(_) => None,
        };
        let seeing = table.map_or(Seeing::Complete, |t| self.known.seeing(t));
        let seen: &[Seen] = table.and_then(|t| self.known.rows.get(t)).map_or(&[], Vec::as_slice);
        let rows: Vec<&FactValue> = seen.iter().map(|(_, f)| &f.value).collect();
        let told = self.machine.tell(scene, (!matches!(seeing, Seeing::Nothing)).then_some(rows.as_slice()));
        let partial = match seeing {
            Seeing::Partial(say) => Some(say),
            Seeing::Complete | Seeing::Nothing => None,
        };
        match (told, partial) {
            (Told::OtherSystem, _) => {
                let family = self.family().map(|s| s.1.value.to_string()).unwrap_or_default();
                let because = Say::new("because.other-system").with("system", family);
                self.result(Outcome::NotApplicable, Some(because), 0, out);
            }
            (Told::NotApplicable, _) => {
                let text = self.machine.applies.as_ref().map_or("", |a| a.text());
                let because = Say::new("because.does-not-apply").with("condition", text);
                self.result(Outcome::NotApplicable, Some(because), 0, out);
            }
            (Told::Pass, None) => self.result(Outcome::Pass, None, 0, out),
            (Told::Pass, partial) => self.result(Outcome::CannotTell, partial, 0, out),
            (Told::Fail { rows: bad, unclear, field }, partial) => {
                let unsure = table.filter(|_| unclear > 0).map(|t| {
                    Say::new("because.field-missing").with("fact", t).with("field", field).with("rows", unclear)
                });
                self.fail(self.findings(&bad, seen), partial.or(unsure), out);
            }
            (Told::Missing(fact), _) => self.result(Outcome::CannotTell, Some(self.known.missing(&fact)), 0, out),
            (Told::Unclear { rows, field }, _) => {
                let say = Say::new("because.field-missing").with("fact", table.map_or("", |t| t.as_str()));
                self.result(Outcome::CannotTell, Some(say.with("field", field).with("rows", rows)), 0, out);
            }
            (Told::Defect(why), _) => {
                let say = Say::new("doubt.plan-defect").with("check", &self.check.id).with("host", &self.host.label);
                out.doubts.push(doubt(say.with("why", &why), None));
                self.result(Outcome::CannotTell, Some(Say::new("because.plan-defect").with("why", why)), 0, out);
            }
        }
    }

    /// Findings that an exception in force answers are no violation. If none is left and everything was seen, the check
    /// passes on the word of who approved them.
    fn fail(&self, findings: Vec<Finding>, unsure: Option<Say>, out: &mut Draft) {
        let (mut left, mut approved) = (Vec::new(), Vec::new());
        for finding in findings {
            match self.measures.approval(&finding, self.machine.approval_days, self.as_of) {
                Some(a) => approved.push(a),
                None => left.push(finding),
            }
        }
        let count = left.len() as u64;
        let first_end = approved.iter().map(|a| a.until).min();
        let sure = approved.iter().map(|a| a.sure).min();
        if count > 0 {
            self.result(Outcome::Fail, unsure, count, out);
        } else if unsure.is_some() {
            self.result(Outcome::CannotTell, unsure, 0, out);
        } else {
            let say = Say::new("because.approved").with("count", approved.len());
            self.result(Outcome::Pass, first_end.map(|t| say.with("until", t)), 0, out);
            if let Some(result) = out.checks.last_mut() {
                result.sure = sure;
            }
        }
        out.findings.extend(left);
        out.approved.extend(approved);
    }

    fn cite(&self, item: u64) -> Cited {
        Cited { leaf: self.host.leaf, item: Some(item) }
    }

    /// The fact that says which system the host runs.
    fn family(&self) -> Option<&Seen<'_>> {
        self.known.ones.get(&FactId::from(System::FACT))
    }

    /// Items of the single facts that the check reads, and of what covers its tables.
    fn basis(&self) -> Vec<Cited> {
        let ones = self.machine.one_facts().into_iter().filter_map(|f| self.known.ones.get(f)).map(|s| s.0);
        let mut items: Vec<u64> = ones.collect();
        for table in self.machine.tables() {
            let what = format!("fact:{table}");
            items.extend(self.known.covered.get(what.as_str()));
            items.extend(self.known.gap(table).map(|g| g.2));
            items.extend(self.known.rows.get(table).into_iter().flatten().map(|s| s.0).take(BASIS_MAX));
        }
        for fact in self.machine.one_facts() {
            items.extend(self.known.gap(fact).map(|g| g.2));
        }
        items.truncate(BASIS_MAX);
        items.sort_unstable();
        items.dedup();
        items.into_iter().map(|n| self.cite(n)).collect()
    }

    fn result(&self, outcome: Outcome, because: Option<Say>, findings: u64, out: &mut Draft) {
        out.checks.push(CheckResult {
            check: self.check.id.clone(),
            scenario: self.check.scenario.clone(),
            host: self.host.label.clone(),
            outcome,
            sure: (outcome != Outcome::CannotTell).then_some(Sure::MachineEvidenced),
            because,
            basis: self.basis(),
            findings,
        });
    }

    /// One finding a violating row; one for the host if the check has no table. Rows about the same object are
    /// one finding with all their items.
    fn findings(&self, bad: &[usize], seen: &[Seen]) -> Vec<Finding> {
        let Rule::Each { fact: table, .. } = &self.machine.rule else { return vec![self.of_host()] };
        let Some(Shape::Many([first, ..])) = fact::find(table.as_str()).map(|d| d.shape) else { return Vec::new() };
        let mut by_object: BTreeMap<String, Finding> = BTreeMap::new();
        for (n, fact) in bad.iter().filter_map(|b| seen.get(*b)) {
            let object = fact.value.field(first.0).map(ToString::to_string).unwrap_or_default();
            let finding = by_object.entry(object.clone()).or_insert_with(|| {
                let mut finding = self.finding(object);
                finding.at = Some(fact.at.clone());
                if let FactValue::Row(fields) = &fact.value {
                    finding.with.extend(fields.iter().map(|(k, v)| (k.clone(), v.to_string())));
                }
                finding
            });
            finding.evidence.push(self.cite(*n));
        }
        by_object.into_values().collect()
    }

    fn of_host(&self) -> Finding {
        let mut finding = self.finding(String::new());
        let read = self.machine.one_facts();
        finding.at = read.iter().find_map(|f| self.known.ones.get(*f)).map(|(_, f)| f.at.clone());
        finding.evidence = self.basis();
        finding
    }

    fn finding(&self, object: String) -> Finding {
        let mut with: BTreeMap<String, String> =
            self.plan.parameters().iter().map(|p| (format!("param.{}", p.id), p.value.to_string())).collect();
        for id in self.machine.one_facts() {
            if let Some((_, f)) = self.known.ones.get(id) {
                with.insert(id.as_str().to_owned(), f.value.to_string());
            }
        }
        Finding {
            id: Finding::id_of(&self.check.id, &self.host.label, &object),
            check: self.check.id.clone(),
            scenario: self.check.scenario.clone(),
            severity: self.check.severity,
            host: self.host.label.clone(),
            object,
            with,
            at: None,
            evidence: Vec::new(),
        }
    }
}

//! The plan's checks, applied.

use crate::doubt;
use crate::host::{Host, Lack, Seen};
use evidence::{
    Answer, CheckId, CheckResult, Cited, Digest, Doubt, FactId, FactValue, Finding, Outcome, Place, Say, Shape, Sure,
    Time, fact,
};
use plan::{Check, CheckKind, CheckedPlan, Machine, Rule, Scene, Told};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// The most items that a result names as its basis; findings carry their own.
const BASIS_MAX: usize = 8;

pub(crate) type Judged = (CheckResult, Vec<Finding>);

/// Every machine check on every host. Without a host, each is one "cannot tell".
pub(crate) fn machine(plan: &CheckedPlan, hosts: &[Host<'_>], as_of: Time, doubts: &mut Vec<Doubt>) -> Vec<Judged> {
    let mut out = Vec::new();
    let machines = || {
        plan.checks().iter().filter_map(|c| match &c.kind {
            CheckKind::Machine(m) => Some((c, &**m)),
            CheckKind::Answer(_) => None,
        })
    };
    for host in hosts {
        let facts = host.one.iter().map(|(id, seen)| (*id, seen.value));
        let counts = host.counts().into_iter().chain(empty_tables(host));
        let scene = Scene::new(facts, counts, as_of, plan.parameters());
        for (check, machine) in machines() {
            let applied = Applied { plan, check, machine, host, scene: &scene, holes: OnceCell::new() };
            out.push(applied.judge(doubts));
        }
    }
    if hosts.is_empty() {
        let none = |(check, _): (&Check, &Machine)| {
            (result(check, "", Outcome::CannotTell, None, Some(Say::new("because.no-host"))), Vec::new())
        };
        out.extend(machines().map(none));
    }
    out
}

/// Tables that were looked at to the end and have no row.
fn empty_tables<'h>(host: &'h Host<'_>) -> impl Iterator<Item = (&'h FactId, i64)> {
    EMPTY.iter().filter(|id| host.complete(id) && !host.rows.contains_key(*id)).map(|id| (id, 0))
}

/// Ids of all tables of the dictionary.
static EMPTY: std::sync::LazyLock<Vec<FactId>> = std::sync::LazyLock::new(|| {
    let many = |d: &&evidence::FactDef| matches!(d.shape, Shape::Many(_));
    fact::DICTIONARY.iter().filter(many).map(|d| FactId::from(d.id)).collect()
});

fn result(check: &Check, host: &str, outcome: Outcome, sure: Option<Sure>, because: Option<Say>) -> CheckResult {
    CheckResult {
        check: check.id.clone(),
        scenario: check.scenario.clone(),
        host: host.to_owned(),
        outcome,
        sure,
        because,
        basis: Vec::new(),
        findings: 0,
    }
}

/// One check on one host.
struct Applied<'a> {
    plan: &'a CheckedPlan,
    check: &'a Check,
    machine: &'a Machine,
    host: &'a Host<'a>,
    scene: &'a Scene<'a>,
    /// The holes that the plan's words of this check use; read once, at the first finding.
    holes: OnceCell<BTreeSet<String>>,
}

impl Applied<'_> {
    fn judge(&self, doubts: &mut Vec<Doubt>) -> Judged {
        let table = match &self.machine.rule {
            Rule::Each { fact, .. } => Some(fact),
            Rule::Pass(_) => None,
        };
        let rows = table.and_then(|t| self.host.table(t));
        let values: Option<Vec<&FactValue>> = rows.map(|rows| rows.iter().map(|r| r.value).collect());
        let told = self.machine.tell(self.scene, values.as_deref());
        let rows = rows.unwrap_or_default();
        match told {
            Told::NotApplicable => {
                let condition = self.machine.applies.as_ref().map_or("", plan::Condition::text);
                self.done(Outcome::NotApplicable, Some(Say::new("because.not-applicable").with("condition", condition)))
            }
            Told::Pass => match table.and_then(|t| self.host.lack(t).map(|l| (t, l))) {
                Some((table, lack)) => self.cannot_tell(incomplete(table, lack), Some(lack)),
                None if table.is_some_and(|t| !self.host.complete(t)) => self.missing(table),
                None => self.done(Outcome::Pass, None),
            },
            Told::Fail { rows: bad, unclear } => {
                self.doubt_rows(table, unclear, doubts);
                self.fail(&bad, rows)
            }
            Told::Missing(fact) => self.missing(Some(&fact)),
            Told::Unclear { rows, field } => {
                let say = Say::new("because.field-missing").with("field", field).with("rows", rows);
                self.cannot_tell(say.with("fact", table.map_or("", FactId::as_str)), None)
            }
            Told::Defect(why) => {
                let say = Say::new("doubt.plan-defect").with("check", &self.check.id).with("why", &why);
                doubts.push(doubt(say, None));
                self.cannot_tell(Say::new("because.plan-defect").with("why", why), None)
            }
        }
    }

    /// A failed check says plainly when there may be more than it shows.
    fn doubt_rows(&self, table: Option<&FactId>, unclear: usize, doubts: &mut Vec<Doubt>) {
        let check = &self.check.id;
        if unclear > 0 {
            doubts.push(doubt(Say::new("doubt.rows-unclear").with("check", check).with("rows", unclear), None));
        }
        if let Some((table, lack)) = table.and_then(|t| self.host.lack(t).map(|l| (t, l))) {
            let say = Say::new("doubt.rows-incomplete").with("check", check).with("fact", table);
            doubts.push(doubt(say.with("reason", lack.reason.name()), Some(self.host.cite(lack.item))));
        }
    }

    fn done(&self, outcome: Outcome, because: Option<Say>) -> Judged {
        let mut result = result(self.check, self.host.name(), outcome, Some(Sure::MachineEvidenced), because);
        result.basis = self.basis();
        (result, Vec::new())
    }

    fn cannot_tell(&self, because: Say, lack: Option<Lack>) -> Judged {
        let mut result = result(self.check, self.host.name(), Outcome::CannotTell, None, Some(because));
        result.basis = lack.map(|l| self.host.cite(l.item)).into_iter().collect();
        (result, Vec::new())
    }

    fn missing(&self, fact: Option<&FactId>) -> Judged {
        let id = fact.map_or("", FactId::as_str);
        match fact.and_then(|f| self.host.lack(f)) {
            Some(lack) => {
                let say = Say::new("because.fact-gap").with("fact", id).with("reason", lack.reason.name());
                self.cannot_tell(say, Some(lack))
            }
            None => self.cannot_tell(Say::new("because.fact-missing").with("fact", id), None),
        }
    }

    /// The single facts that the check reads and, for a check over rows, the proof that all were looked at.
    fn basis(&self) -> Vec<Cited> {
        let facts = self.machine.one_facts();
        let mut items: Vec<u64> = facts.iter().filter_map(|f| self.host.one.get(*f).map(|s| s.item)).collect();
        if let Rule::Each { fact, .. } = &self.machine.rule {
            items.extend(self.host.covered(fact));
        }
        items.sort_unstable();
        items.dedup();
        items.into_iter().take(BASIS_MAX).map(|n| self.host.cite(n)).collect()
    }

    fn fail(&self, bad: &[usize], rows: &[Seen<'_>]) -> Judged {
        let findings: Vec<Finding> = match &self.machine.rule {
            Rule::Pass(_) => {
                let at = self.machine.one_facts().iter().find_map(|f| self.host.one.get(*f)).map(|s| s.at);
                vec![self.finding("", at, self.basis(), self.words(None))]
            }
            Rule::Each { fact, .. } => {
                let bad = bad.iter().filter_map(|n| rows.get(*n));
                let mut by_object: BTreeMap<String, Vec<&Seen<'_>>> = BTreeMap::new();
                for seen in bad {
                    by_object.entry(object(fact, seen.value)).or_default().push(seen);
                }
                let one = |(object, seen): (String, Vec<&Seen<'_>>)| {
                    let evidence = seen.iter().take(BASIS_MAX).map(|s| self.host.cite(s.item)).collect();
                    let first = seen.first();
                    let words = self.words(first.map(|s| s.value));
                    self.finding(&object, first.map(|s| s.at), evidence, words)
                };
                by_object.into_iter().map(one).collect()
            }
        };
        let mut judged = self.done(Outcome::Fail, None);
        judged.0.findings = findings.len() as u64;
        judged.1 = findings;
        judged
    }

    fn finding(
        &self,
        object: &str,
        at: Option<&Place>,
        evidence: Vec<Cited>,
        with: BTreeMap<String, String>,
    ) -> Finding {
        Finding {
            id: Finding::id_of(&self.check.id, self.host.name(), object),
            check: self.check.id.clone(),
            scenario: self.check.scenario.clone(),
            severity: self.check.severity,
            host: self.host.name().to_owned(),
            object: object.to_owned(),
            with,
            at: at.cloned(),
            evidence,
        }
    }

    /// What fills the holes of the plan's words: parameters, the single facts that the check reads, the row.
    fn words(&self, row: Option<&FactValue>) -> BTreeMap<String, String> {
        let holes = self.holes.get_or_init(|| used_holes(self.plan, &self.check.id));
        let mut with = BTreeMap::new();
        for p in self.plan.parameters() {
            with.insert(format!("param.{}", p.id), p.value.to_string());
        }
        for f in self.machine.one_facts() {
            if let Some(seen) = self.host.one.get(f) {
                with.insert(f.to_string(), seen.value.to_string());
            }
        }
        if let Some(FactValue::Row(fields)) = row {
            with.extend(fields.iter().map(|(k, v)| (k.clone(), v.to_string())));
        }
        with.retain(|hole, _| holes.contains(hole));
        with
    }
}

/// The holes that the plan's words of a check use, in any language.
fn used_holes(plan: &CheckedPlan, check: &CheckId) -> BTreeSet<String> {
    let mut holes = BTreeSet::new();
    for lang in evidence::Lang::ALL {
        for part in ["title", "why", "remedy"] {
            let text = plan.words(lang).get(&format!("check.{check}.{part}")).unwrap_or_default();
            holes.extend(text.split('{').skip(1).filter_map(|p| p.split_once('}')).map(|p| p.0.to_owned()));
        }
    }
    holes
}

/// The object of a finding: the first field of the row, as the dictionary orders them.
fn object(table: &FactId, row: &FactValue) -> String {
    match fact::find(table.as_str()).map(|d| d.shape) {
        Some(Shape::Many([first, ..])) => row.field(first.0).map(ToString::to_string).unwrap_or_default(),
        _ => String::new(),
    }
}

fn incomplete(table: &FactId, lack: Lack) -> Say {
    Say::new("because.incomplete").with("fact", table).with("reason", lack.reason.name()).with("count", lack.count)
}

/// Every organisational check.
pub(crate) fn answered(
    plan: &CheckedPlan,
    answers: &BTreeMap<&CheckId, (&Answer, Digest)>,
    as_of: Time,
) -> Vec<Judged> {
    let mut out = Vec::new();
    for check in plan.checks() {
        let CheckKind::Answer(answerable) = &check.kind else { continue };
        let Some((answer, leaf)) = answers.get(&check.id) else {
            let because = Say::new("because.not-answered");
            out.push((result(check, "", Outcome::CannotTell, None, Some(because)), Vec::new()));
            continue;
        };
        let until = answerable.valid_days.map(|d| Time::from_secs(answer.effective.secs() + d * 86_400));
        let (outcome, because) = if answer.effective > as_of {
            let say = Say::new("because.answer-not-yet").with("effective", answer.effective.date());
            (Outcome::CannotTell, Some(say))
        } else if let Some(until) = until.filter(|u| *u <= as_of) {
            (Outcome::CannotTell, Some(Say::new("because.answer-expired").with("until", until.date())))
        } else if answer.fulfilled {
            (Outcome::Pass, None)
        } else {
            (Outcome::Fail, None)
        };
        out.push(from_answer(check, answer, *leaf, outcome, because));
    }
    out
}

fn from_answer(check: &Check, answer: &Answer, leaf: Digest, outcome: Outcome, because: Option<Say>) -> Judged {
    let rung = if answer.document.is_some() { Sure::Documented } else { Sure::Declared };
    let sure = (outcome != Outcome::CannotTell).then_some(rung);
    let mut judged = (result(check, "", outcome, sure, because), Vec::new());
    let cited = Cited { leaf, item: None };
    judged.0.basis.push(cited.clone());
    if outcome == Outcome::Fail {
        judged.0.findings = 1;
        judged.1.push(Finding {
            id: Finding::id_of(&check.id, "", ""),
            check: check.id.clone(),
            scenario: check.scenario.clone(),
            severity: check.severity,
            host: String::new(),
            object: String::new(),
            with: BTreeMap::new(),
            at: None,
            evidence: vec![cited],
        });
    }
    judged
}

//! Hosts that are known from a document: a bill of materials says what software there is, and nothing else.
//!
//! Such a host is judged like any other, with two differences. Its results are *documented*: no sensor saw the software. And only
//! the checks that a bill can answer are answered: those that read nothing but software and what advisories say of it. Every
//! other check cannot be told, with that reason, whatever the plan would say of a host of which nothing is known.
//!
//! A bill need not say which system a product runs, and what it names has the same vulnerabilities on each. So the checks of Linux,
//! which are those of packages and libraries, are asked of it; that assumption stands here and in no record.

use crate::choose::{Host, doubt};
use crate::host;
use crate::measures::Measures;
use crate::sums::Draft;
use evidence::{Body, Examination, Fact, Item, Outcome, Place, Say, Sure, Time};
use plan::{CheckKind, CheckedPlan, System};

/// The sensor that reads bills of materials.
const SENSOR: &str = "sbom";
/// What such a document can speak of.
const SPOKEN: [&str; 6] =
    ["advisory.pack", "library", "package", "sbom.document", "vulnerable.library", "vulnerable.package"];

/// True if the examination is the reading of a bill of materials.
fn is_bill(e: &Examination) -> bool {
    e.sensors.iter().any(|s| s.sensor.as_str() == SENSOR)
}

/// Machine checks on one host, whether sensors saw it or a document describes it.
pub(crate) fn judge(plan: &CheckedPlan, host: &Host<'_>, measures: &Measures<'_>, as_of: Time, out: &mut Draft) {
    if !is_bill(host.examination) {
        return host::judge(plan, host, measures, as_of, out);
    }
    let (checks, findings, approved) = (out.checks.len(), out.findings.len(), out.approved.len());
    let items = with_system(host.items);
    let known = Host { label: host.label.clone(), leaf: host.leaf, examination: host.examination, items: &items };
    host::judge(plan, &known, measures, as_of, out);
    for result in out.checks.iter_mut().skip(checks) {
        if result.outcome != Outcome::CannotTell {
            // What a person approved is no surer for it.
            result.sure = result.sure.map(|s| s.min(Sure::Documented));
        }
        if !speaks(plan, result.check.as_str()) {
            result.outcome = Outcome::CannotTell;
            result.sure = None;
            result.because = Some(Say::new("because.bill-silent"));
            result.basis.clear();
            result.findings = 0;
        }
    }
    let silent = out.findings.split_off(findings);
    out.findings.extend(silent.into_iter().filter(|f| speaks(plan, f.check.as_str())));
    let silent = out.approved.split_off(approved);
    out.approved.extend(silent.into_iter().filter(|a| speaks(plan, a.finding.check.as_str())));
    out.doubts.push(doubt(Say::new("doubt.bill").with("host", &host.label), Some(host.leaf)));
}

/// True if everything that a check reads is what a bill of materials can speak of.
fn speaks(plan: &CheckedPlan, check: &str) -> bool {
    let machine = plan.checks().iter().find(|c| c.id.as_str() == check).map(|c| &c.kind);
    let Some(CheckKind::Machine(machine)) = machine else { return false };
    machine.one_facts().into_iter().chain(machine.tables()).all(|f| SPOKEN.contains(&f.as_str()))
}

/// The items, and the system whose checks are asked. No check that is answered reads it, so nothing cites it.
fn with_system(items: &[Item]) -> Vec<Item> {
    let linux = Fact { fact: System::FACT.into(), value: "linux".into(), at: Place::file("") };
    let said = |i: &&Item| !matches!(&i.body, Body::Fact(f) if f.fact.as_str() == System::FACT);
    let mut out: Vec<Item> = items.iter().filter(said).cloned().collect();
    out.push(Item { body: Body::Fact(linux), n: u64::MAX, salt: String::new() });
    out
}

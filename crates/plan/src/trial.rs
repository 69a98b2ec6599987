//! Conditions are tried before the plan is believed: on sample values of every type, and on their own examples.

use crate::cond::{Condition, EvalError, Scene, Told, sample_row, sample_scene};
use crate::error::{At, Errors};
use crate::model::{Check, CheckKind, CountSource, Counter, Draft, Expected, Machine, OVERSIGHT_FACTS, Reason, Rule};
use evidence::{FactDef, FactValue, fact};

/// Sample scenes per condition. Bits of the seed choose the value of each fact.
const SEEDS: [u64; 8] = [
    0,
    u64::MAX,
    0x5555_5555_5555_5555,
    0xaaaa_aaaa_aaaa_aaaa,
    0x0f0f_0f0f_3333_3333,
    0x1234_5678_9abc_def0,
    0xdead_beef_0bad_f00d,
    0x9e37_79b9_7f4a_7c15,
];

pub(crate) fn run(plan: &Draft, errors: &mut Errors) {
    let scenes: Vec<(u64, Scene)> = SEEDS.iter().map(|s| (*s, sample_scene(*s, &plan.parameters))).collect();
    for check in &plan.checks {
        if let CheckKind::Machine(machine) = &check.kind {
            samples(check, machine, &scenes, errors);
            examples(check, machine, plan, errors);
        }
    }
    for counter in &plan.counters {
        let def = counter.from.facts();
        rows(&counter.when, def, &scenes, &counter.sourced.at, errors);
        counted(counter, plan, errors);
    }
    for reason in &plan.reasons {
        rows(&reason.when, &OVERSIGHT_FACTS, &scenes, &reason.sourced.at, errors);
        reasons(reason, plan, errors);
    }
    for lead in &plan.leads {
        rows(&lead.done, CountSource::Report.facts(), &scenes, &lead.sourced.at, errors);
    }
}

/// A condition over rows of a table, on sample rows.
fn rows(condition: &Condition, def: &FactDef, scenes: &[(u64, Scene)], at: &At, errors: &mut Errors) {
    for (seed, scene) in scenes {
        if let Err(EvalError::Defect(why)) = condition.holds(scene, Some(&sample_row(def, *seed))) {
            errors.add(at, "cel-type", &[("why", &why)], None);
            return;
        }
    }
}

fn counted(counter: &Counter, plan: &Draft, errors: &mut Errors) {
    let name = |counts: bool| if counts { "counts" } else { "counts-not" };
    for want in [true, false] {
        if !counter.examples.iter().any(|e| e.counts == want) {
            let with = [("id", counter.id.as_str()), ("want", name(want))];
            errors.add(&counter.sourced.at, "example-missing", &with, None);
        }
    }
    for e in &counter.examples {
        let scene = Scene::new([], [], e.now, &plan.parameters);
        let Some((got, hint)) = answer(counter.holds(&scene, &e.facts), &e.at, errors) else { continue };
        if got != Some(e.counts) {
            let got = name(got.unwrap_or(false));
            errors.add(&e.at, "example", &[("got", got), ("want", name(e.counts))], hint);
        }
    }
}

/// What came out of an example, and what it lacks; `None` is cannot tell. Nothing at all if the condition is wrong.
fn answer(told: Result<bool, EvalError>, at: &At, errors: &mut Errors) -> Option<(Option<bool>, Option<String>)> {
    match told {
        Ok(holds) => Some((Some(holds), None)),
        Err(EvalError::Field(field)) => Some((None, Some(format!("the example does not give {field}")))),
        Err(EvalError::Fact(fact)) => Some((None, Some(format!("the example does not give {fact}")))),
        Err(EvalError::Defect(why)) => {
            errors.add(at, "cel-type", &[("why", &why)], None);
            None
        }
    }
}

/// A reason needs an example that holds and one that does not; an example that cannot be told is neither.
fn reasons(reason: &Reason, plan: &Draft, errors: &mut Errors) {
    let name = |holds: Option<bool>| match holds {
        Some(true) => "holds",
        Some(false) => "holds-not",
        None => "cannot-tell",
    };
    for want in [true, false] {
        if !reason.examples.iter().any(|e| e.holds == want) {
            let with = [("id", reason.id.as_str()), ("want", name(Some(want)))];
            errors.add(&reason.sourced.at, "example-missing", &with, None);
        }
    }
    for e in &reason.examples {
        let scene = Scene::new([], [], e.now, &plan.parameters);
        let Some((got, hint)) = answer(reason.holds(&scene, &e.facts), &e.at, errors) else { continue };
        if got != Some(e.holds) {
            errors.add(&e.at, "example", &[("got", name(got)), ("want", name(Some(e.holds)))], hint);
        }
    }
}

/// On values of the right types nothing may go wrong but arithmetic (a division by a sample zero is not a defect).
fn samples(check: &Check, machine: &Machine, scenes: &[(u64, Scene)], errors: &mut Errors) {
    for (seed, scene) in scenes {
        let row = match &machine.rule {
            Rule::Each { fact, .. } => fact::find(fact.as_str()).map(|d| sample_row(d, *seed)),
            Rule::Pass(_) => None,
        };
        let rule = match &machine.rule {
            Rule::Pass(c) | Rule::Each { fail: c, .. } => c,
        };
        let tried = [machine.applies.as_ref().map(|a| a.holds(scene, None)), Some(rule.holds(scene, row.as_ref()))];
        for result in tried.into_iter().flatten() {
            if let Err(EvalError::Defect(why)) = result {
                errors.add(&check.sourced.at, "cel-type", &[("why", &why)], None);
                return;
            }
        }
    }
}

fn examples(check: &Check, machine: &Machine, plan: &Draft, errors: &mut Errors) {
    for want in [Expected::Pass, Expected::Fail] {
        if !machine.examples.iter().any(|e| e.expect == want) {
            let with = [("id", check.id.as_str()), ("want", want.name())];
            errors.add(&check.sourced.at, "example-missing", &with, None);
        }
    }
    for e in &machine.examples {
        let scene = Scene::new(&e.facts, e.counts.iter().map(|(f, n)| (f, *n)), e.now, &plan.parameters);
        let rows: Option<Vec<&FactValue>> = e.rows.as_ref().map(|r| r.iter().collect());
        let told = machine.tell(&scene, rows.as_deref());
        let (got, hint) = match &told {
            Told::OtherSystem | Told::NotApplicable => (Expected::NotApplicable, None),
            Told::Pass => (Expected::Pass, None),
            Told::Fail { .. } => (Expected::Fail, None),
            Told::Missing(f) => (Expected::CannotTell, Some(format!("the example does not give {f}"))),
            Told::Unclear { field, .. } => (Expected::CannotTell, Some(format!("a row lacks {field}"))),
            Told::Defect(why) => {
                errors.add(&e.at, "cel-type", &[("why", why)], None);
                continue;
            }
        };
        if got != e.expect {
            errors.add(&e.at, "example", &[("got", got.name()), ("want", e.expect.name())], hint);
        }
    }
}

//! What counts as of an instant, on which rung; and why the rest of what is at hand does not.

use super::facts;
use super::ground::{AtHand, Ground, OfRoll, Standing};
use super::input::{Counted, ReceivedReport};
use evidence::{Digest, FactValue, ProgrammeEntry, ProgrammeReport, ProgrammeThing, Record, Rung, Time};
use plan::{ClaimRung, CountOf, CountSource, Counter, Denominator, EvalError, Scene};
use std::collections::BTreeMap;

/// Milliseconds of a day.
const DAY_MILLIS: i64 = 86_400_000;
/// Answers of one condition that are kept while evidence is gone through.
const ANSWERS_MAX: usize = 10_000;

/// Why something that is at hand does not count. Words `progress-left.<name>`.
pub const LEFT: [&str; 9] = [
    "expired",
    "doubted",
    "withdrawn",
    "other-plan",
    "not-in-registry",
    "condition",
    "cannot-tell",
    "out-of-span",
    "refuted",
];
/// Why something counts on a lower rung than it says. Words `progress-fell.<name>`.
pub const FELL: [&str; 1] = ["coverage"];

/// What counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Claim {
    /// Credit code, id of a thing, name of what was counted.
    pub(crate) member: String,
    /// Enterprise of the registry.
    pub(crate) row: Option<u32>,
    /// Division of a thing; else empty.
    pub(crate) industry: String,
    pub(crate) rung: Rung,
    pub(crate) leaf: Digest,
    pub(crate) amount: u64,
    /// It says more than it counts for.
    pub(crate) fell: Option<&'static str>,
    /// What a random re-observation said.
    pub(crate) checked: Option<bool>,
}

/// What counts, and what does not.
#[derive(Default, Debug)]
pub(crate) struct Claims {
    /// Sorted by member.
    pub(crate) counted: Vec<Claim>,
    /// By enterprise, if it is about one.
    pub(crate) left: Vec<(Option<u32>, &'static str)>,
    /// Enterprises that were checked at random and did not hold.
    pub(crate) refuted: Vec<u32>,
    /// A condition that came out as neither true nor false.
    pub(crate) defect: Option<String>,
}

/// Answers a counter's condition; evidence that agrees in what it reads has one answer.
struct Asker<'c> {
    counter: &'c Counter,
    scene: Scene<'static>,
    answers: BTreeMap<Vec<Option<FactValue>>, Result<bool, EvalError>>,
    defect: Option<String>,
}
impl<'c> Asker<'c> {
    fn new(ground: &Ground<'_>, counter: &'c Counter, at: Time) -> Self {
        let scene = Scene::new([], [], at, ground.plan.parameters());
        Self { counter, scene, answers: BTreeMap::new(), defect: None }
    }
    /// `Err`: why it does not count.
    fn ask(&mut self, facts: &FactValue) -> Result<(), &'static str> {
        let read: Vec<Option<FactValue>> = self.counter.when.fields().iter().map(|f| facts.field(f).cloned()).collect();
        let answer = match self.answers.get(&read) {
            Some(known) => known.clone(),
            None => {
                let answer = self.counter.holds(&self.scene, facts);
                if self.answers.len() < ANSWERS_MAX {
                    self.answers.insert(read, answer.clone());
                }
                answer
            }
        };
        match answer {
            Ok(true) => Ok(()),
            Ok(false) => Err("condition"),
            Err(EvalError::Field(_) | EvalError::Fact(_)) => Err("cannot-tell"),
            Err(EvalError::Defect(why)) => {
                self.defect.get_or_insert(why);
                Err("cannot-tell")
            }
        }
    }
}

fn expired(counter: &Counter, dated: Time, at: Time) -> bool {
    let age = at.millis().saturating_sub(dated.millis());
    counter.valid_days.is_some_and(|days| age > days.saturating_mul(DAY_MILLIS))
}

/// What a counter counts as of an instant.
pub(crate) fn claims(ground: &Ground<'_>, counter: &Counter, at: Time) -> Claims {
    match counter.from {
        CountSource::Report => enterprises(ground, counter, at, &[0, 1]),
        CountSource::Publicity => enterprises(ground, counter, at, &[2]),
        CountSource::Standard => things(ground, counter, at, ProgrammeThing::Standard),
        CountSource::Case => things(ground, counter, at, ProgrammeThing::Case),
        CountSource::Attendance => counted(ground, counter, at, ground.input.attendances),
        CountSource::Session => counted(ground, counter, at, ground.input.sessions),
        CountSource::Professional => counted(ground, counter, at, ground.input.professionals),
    }
}

fn enterprises(ground: &Ground<'_>, counter: &Counter, at: Time, strangers: &[usize]) -> Claims {
    let mut out = Claims::default();
    let mut asker = Asker::new(ground, counter, at);
    for (row, at_hand) in &ground.at_hand {
        if !ground.is_in(counter, *row) {
            continue;
        }
        let (told, noted) = match counter.from {
            CountSource::Publicity => publicity(&mut asker, at_hand, at),
            _ => reported(&mut asker, at_hand, at),
        };
        out.left.extend(noted.into_iter().map(|why| (Some(*row), why)));
        let Some((mut rung, leaf, fell)) = told else { continue };
        let last = ground.checks.get(row).and_then(|c| c.iter().rev().find(|c| c.0 <= at));
        let checked = last.filter(|_| counter.from == CountSource::Report).map(|c| c.1);
        match checked {
            Some(false) => {
                out.left.push((Some(*row), "refuted"));
                out.refuted.push(*row);
                continue;
            }
            // What was observed anew is as sure as it gets; a claim that nobody but its author makes is not made sure by that.
            Some(true) if rung >= Rung::MachineEvidenced => rung = Rung::ReObserved,
            _ => {}
        }
        let member = ground.rows.get(*row as usize).map_or_else(String::new, |r| r.uscc.to_string());
        let (row, industry) = (Some(*row), String::new());
        out.counted.push(Claim { member, row, industry, rung, leaf, amount: 1, fell, checked });
    }
    // Of a selection nobody outside of the registry can be.
    if !matches!(counter.of, Some(Denominator::Selected(_))) {
        let all = strangers.iter().filter_map(|n| ground.strangers.get(*n)).flatten();
        let so_far = all.filter(|t| **t <= at).count();
        out.left.extend(std::iter::repeat_n((None, "not-in-registry"), so_far));
    }
    out.defect = asker.defect;
    out
}

/// A claim, if there is one, and what does not count.
type Told = (Option<(Rung, Digest, Option<&'static str>)>, Vec<&'static str>);

/// The newest valid report; without one the newest return.
fn reported(asker: &mut Asker<'_>, at_hand: &AtHand<'_>, at: Time) -> Told {
    let (mut valid, mut noted) = (None, Vec::new());
    for (r, standing) in at_hand.reports.iter().rev().filter(|r| r.0.received_at <= at) {
        match standing {
            Standing::Good => {
                valid = Some(*r);
                break;
            }
            Standing::Doubted => noted.push("doubted"),
            Standing::OtherPlan => noted.push("other-plan"),
        }
    }
    if let Some(r) = valid {
        let told = of_report(asker, r, at);
        noted.extend(told.err());
        return (told.ok(), noted);
    }
    let newest = at_hand.returns.iter().rev().find(|r| r.stated_at <= at && r.day <= at);
    let told = newest.map(|r| {
        if expired(asker.counter, r.day, at) {
            return Err("expired");
        }
        asker.ask(&facts::of_return(r.row, r.day)).map(|()| (Rung::Declared, r.leaf, None))
    });
    match told {
        Some(Ok(told)) => (Some(told), noted),
        Some(Err(why)) => {
            noted.push(why);
            (None, noted)
        }
        None => (None, noted),
    }
}

fn of_report(
    asker: &mut Asker<'_>,
    r: &ReceivedReport,
    at: Time,
) -> Result<(Rung, Digest, Option<&'static str>), &'static str> {
    let (counter, report) = (asker.counter, r.report());
    if expired(counter, report.as_of, at) {
        return Err("expired");
    }
    asker.ask(&facts::of_report(report))?;
    let rung = match counter.rung {
        Some(ClaimRung::Catalogue) => report.catalogue.as_ref().map(|c| c.rung),
        Some(ClaimRung::Drills) => report.drills.as_ref().map(|d| d.rung),
        None => None,
    };
    let rung = rung.unwrap_or(Rung::Declared);
    if rung > Rung::Declared && !covers(counter, report) {
        return Ok((Rung::Declared, r.leaf(), Some("coverage")));
    }
    Ok((rung, r.leaf(), None))
}

/// Enough of the declared scope was examined. Where nothing is declared, nothing can be enough.
fn covers(counter: &Counter, report: &ProgrammeReport) -> bool {
    let Some(percent) = counter.coverage_percent else { return true };
    let asked = |kind: &str| counter.coverage_of.is_empty() || counter.coverage_of.iter().any(|k| k.name() == kind);
    let (mut declared, mut examined) = (0_u128, 0_u128);
    for s in report.scope.iter().filter(|s| asked(&s.kind)) {
        declared += u128::from(s.declared);
        examined += u128::from(s.examined);
    }
    declared > 0 && examined * 100 >= declared * u128::try_from(percent).unwrap_or(100)
}

fn publicity(asker: &mut Asker<'_>, at_hand: &AtHand<'_>, at: Time) -> Told {
    let newest: Option<&OfRoll<'_>> = at_hand.publicity.iter().rev().find(|r| r.stated_at <= at);
    let Some(newest) = newest else { return (None, Vec::new()) };
    if expired(asker.counter, newest.day, at) {
        return (None, vec!["expired"]);
    }
    match asker.ask(&facts::of_publicity(newest.row, newest.day)) {
        Ok(()) => (Some((Rung::Documented, newest.leaf, None)), Vec::new()),
        Err(why) => (None, vec![why]),
    }
}

/// Within the days of the plan.
fn in_span(ground: &Ground<'_>, day: Time) -> bool {
    let (from, until) = ground.plan.span();
    let end = until.map(|u| Time::from_millis(u.millis().saturating_add(DAY_MILLIS - 1)));
    from.is_none_or(|f| f <= day) && end.is_none_or(|e| day <= e)
}

fn things(ground: &Ground<'_>, counter: &Counter, at: Time, thing: ProgrammeThing) -> Claims {
    let mut newest: BTreeMap<&str, (Time, Digest, &ProgrammeEntry)> = BTreeMap::new();
    for w in ground.input.entries {
        let Record::ProgrammeEntry(e) = w.record.value() else { continue };
        if e.thing != thing || e.stated_at > at {
            continue;
        }
        let new = (e.stated_at, w.record.leaf(), &**e);
        let kept = newest.entry(e.id.as_str()).or_insert(new);
        if (kept.0, kept.1) < (new.0, new.1) {
            *kept = new;
        }
    }
    let mut asker = Asker::new(ground, counter, at);
    let mut out = Claims::default();
    for (id, (_, leaf, e)) in newest {
        let told = if e.withdrawn {
            Err("withdrawn")
        } else if !in_span(ground, e.effective) || e.effective > at {
            Err("out-of-span")
        } else {
            asker.ask(&facts::of_entry(e))
        };
        if let Err(why) = told {
            out.left.push((None, why));
            continue;
        }
        let rung = if e.document.is_some() { Rung::Documented } else { Rung::Declared };
        let industry = e.industry.get(..3).unwrap_or(&e.industry).to_owned();
        let member = id.to_owned();
        out.counted.push(Claim { member, row: None, industry, rung, leaf, amount: 1, fell: None, checked: None });
    }
    out.defect = asker.defect;
    if counter.counts == CountOf::Industry {
        out.counted = industries(out.counted);
    }
    out
}

/// Each division once, by its surest thing; of equals the one whose id is smaller.
fn industries(things: Vec<Claim>) -> Vec<Claim> {
    let mut best: BTreeMap<String, Claim> = BTreeMap::new();
    for c in things.into_iter().filter(|c| !c.industry.is_empty()) {
        let claim = Claim { member: c.industry.clone(), ..c };
        match best.get(&claim.industry) {
            Some(kept) if kept.rung >= claim.rung => {}
            _ => {
                best.insert(claim.industry.clone(), claim);
            }
        }
    }
    best.into_values().collect()
}

fn counted(ground: &Ground<'_>, counter: &Counter, at: Time, list: &[Counted]) -> Claims {
    let mut sorted: Vec<&Counted> = list.iter().filter(|c| c.day <= at).collect();
    sorted.sort();
    sorted.dedup_by_key(|c| c.id.as_str());
    let mut asker = Asker::new(ground, counter, at);
    let mut out = Claims::default();
    // Who was certified before the plan began is a professional all the same.
    let any_day = counter.from == CountSource::Professional;
    for c in sorted {
        let told = if c.withdrawn {
            Err("withdrawn")
        } else if !any_day && !in_span(ground, c.day) {
            Err("out-of-span")
        } else {
            asker.ask(&facts::of_counted(c))
        };
        if let Err(why) = told {
            out.left.push((None, why));
            continue;
        }
        let amount = if counter.counts == CountOf::Attendance { c.amount } else { 1 };
        let (member, rung, leaf) = (c.id.clone(), c.rung, c.leaf);
        let (row, industry) = (None, String::new());
        out.counted.push(Claim { member, row, industry, rung, leaf, amount, fell: None, checked: None });
    }
    out.defect = asker.defect;
    out
}

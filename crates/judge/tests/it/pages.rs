//! The judge over some enterprises says of each what the judge over all says, and says until when that holds.

use crate::fixture::{PLAN, node, sign_record, t};
use crate::programme::{author, code, received, registry, report, roll};
use evidence::{
    Digest, Enterprise, Equivocation, Member, MemberStanding, NodeId, NodeRole, OrderEntry, OrderMove, OrderText, Part,
    Record, RollRow, Time,
};
use judge::{
    CounterSums, EnterpriseClaims, Life, Oversight, OversightInput, ProgressInput, ReceivedReport, Reobserved,
    RollRows, SelectionRows, SomeRows, SumsPlace, TargetShown, oversight_selection, progress, selection, some_claims,
    targets_from_sums, tops,
};
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 86_400_000;

/// Multiplication by a constant modulo 2^64, upper bits: enough to make up a history from a seed.
struct Draw(u64);
impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
    fn day(&mut self) -> Time {
        let odd = i64::try_from(self.below(3)).unwrap() * 3_600_000;
        Time::from_millis(t("2025-06-01").millis() + i64::try_from(self.below(700)).unwrap() * DAY + odd)
    }
}

#[derive(Default)]
struct History {
    members: Vec<Witness>,
    reports: Vec<ReceivedReport>,
    rolls: Vec<RollRows>,
    orders: Vec<Witness>,
    checks: Vec<Reobserved>,
    openings: Vec<Reobserved>,
    equivocations: Vec<Witness>,
}

fn history(seed: u64) -> History {
    let mut draw = Draw(seed);
    let mut h = History::default();
    let date = |at: Time| at.date().clone();
    for n in 0..40 {
        // 24 and beyond the registry does not have.
        let who = usize::try_from(draw.below(27)).unwrap();
        let at = draw.day();
        match draw.below(7) {
            0 | 1 => {
                let mut r = report(who, &date(at));
                r.catalogue.as_mut().unwrap().ungraded = draw.below(2);
                r.scope[0].examined = 7 + draw.below(5);
                r.incidents.open = draw.below(2);
                r.incidents.late = r.incidents.open;
                h.reports.push(received(r, &date(Time::from_millis(at.millis() + DAY))));
            }
            2 => {
                let standings = [MemberStanding::Certified, MemberStanding::Suspended, MemberStanding::Revoked];
                let standing = standings[usize::try_from(draw.below(3)).unwrap()];
                // Now and then a node is another enterprise's than before.
                let uscc = code(if draw.below(4) == 0 { (who + 1) % 27 } else { who });
                let part = Part { role: NodeRole::Plant, name: format!("厂{who}"), area: "440100".into(), uscc };
                h.members.push(sign_record(&Record::Member(Box::new(Member {
                    node: node(),
                    author: author(),
                    stated_at: at,
                    child: NodeId::new(format!("plant-{who:03}")),
                    standing,
                    part,
                    origin: "o".into(),
                    evidence_keys: Vec::new(),
                    log_keys: Vec::new(),
                    invitation: None,
                    follows: None,
                    reason: String::new(),
                }))));
            }
            3 => {
                let of = ["asked", "returns", "publicity"][usize::try_from(draw.below(3)).unwrap()];
                let mut codes: Vec<usize> = (0..6).map(|_| usize::try_from(draw.below(27)).unwrap()).collect();
                codes.sort_unstable();
                codes.dedup();
                let rows: Vec<RollRow> = codes
                    .into_iter()
                    .map(|n| RollRow {
                        uscc: code(n),
                        day: Some(t(&date(draw.day()))),
                        way: if of == "returns" { String::new() } else { "asked".into() },
                        assets: (of == "returns").then_some(3),
                        graded: (of == "returns").then_some(draw.below(4)),
                        ..RollRow::default()
                    })
                    .collect();
                h.rolls.push(roll(of, &date(at), &rows));
            }
            4 => {
                let basis = &PLAN.bases()[0];
                let (due, _) = judge::order_due(&PLAN, at, basis.working_days).unwrap();
                let text = OrderText {
                    uscc: code(who),
                    issuer: "省".into(),
                    plan: PLAN.reference(),
                    basis: basis.id.clone(),
                    demand: "mend".into(),
                    reasons: vec![],
                    working_days: basis.working_days,
                    due,
                    document: None,
                    wants: None,
                };
                let mut say = |stated_at: Time, what: OrderMove| {
                    let entry =
                        OrderEntry { node: node(), author: author(), stated_at, order: format!("o-{n:08x}"), what };
                    h.orders.push(sign_record(&Record::Order(Box::new(entry))));
                };
                say(at, OrderMove::Issued(Box::new(text)));
                if draw.below(2) == 0 {
                    let on_paper = Some(draw.day());
                    say(draw.day(), OrderMove::Answered { says: "done".into(), documents: vec![], on_paper });
                }
            }
            5 => {
                let check = Reobserved { uscc: code(who), at, leaf: Digest::of(&[n]), held: draw.below(2) == 0 };
                if draw.below(2) == 0 { h.checks.push(check) } else { h.openings.push(check) }
            }
            _ => h.equivocations.push(sign_record(&Record::Equivocation(Box::new(Equivocation {
                node: node(),
                child: NodeId::new(format!("plant-{who:03}")),
                at,
                size: 1,
                held: String::new(),
                given: String::new(),
                held_root: Digest::of(b"a"),
                given_root: Digest::of(b"b"),
                proof: vec![],
            })))),
        }
    }
    h
}

impl History {
    fn input(&self) -> OversightInput<'_> {
        OversightInput {
            members: &self.members,
            reports: &self.reports,
            rolls: &self.rolls,
            orders: &self.orders,
            openings: &self.openings,
            checks: &self.checks,
            equivocations: &self.equivocations,
            ..OversightInput::default()
        }
    }
    /// What is about one enterprise: its reports, its checks, its orders, whatever is of its nodes, its rows of rolls.
    fn of(&self, uscc: &str) -> Self {
        let child = |w: &Witness| match w.record.value() {
            Record::Member(m) => Some((m.child.clone(), m.part.uscc.clone())),
            Record::Equivocation(e) => Some((e.child.clone(), String::new())),
            _ => None,
        };
        let children: BTreeSet<NodeId> =
            self.members.iter().filter_map(child).filter(|c| c.1 == uscc).map(|c| c.0).collect();
        let orders: BTreeSet<String> = self
            .orders
            .iter()
            .filter_map(|w| match w.record.value() {
                Record::Order(e) if matches!(&e.what, OrderMove::Issued(t) if t.uscc == uscc) => Some(e.order.clone()),
                _ => None,
            })
            .collect();
        let of_nodes = |all: &[Witness]| -> Vec<Witness> {
            all.iter().filter(|w| child(w).is_some_and(|c| children.contains(&c.0))).cloned().collect()
        };
        let some = |r: &RollRows| {
            let rows: Vec<RollRow> = r.rows().iter().filter(|row| row.uscc == uscc).cloned().collect();
            (!rows.is_empty()).then(|| RollRows::some(r.leaf(), r.roll().clone(), rows))
        };
        let checks = |all: &[Reobserved]| all.iter().filter(|c| c.uscc == uscc).cloned().collect();
        Self {
            members: of_nodes(&self.members),
            equivocations: of_nodes(&self.equivocations),
            reports: self.reports.iter().filter(|r| r.report().uscc == uscc).cloned().collect(),
            rolls: self.rolls.iter().filter_map(some).collect(),
            orders: self
                .orders
                .iter()
                .filter(|w| matches!(w.record.value(), Record::Order(e) if orders.contains(&e.order)))
                .cloned()
                .collect(),
            checks: checks(&self.checks),
            openings: checks(&self.openings),
        }
    }
}

/// Everything that is said of one enterprise.
fn said(o: &Oversight<'_>, uscc: &str) -> Option<(judge::EnterpriseStanding, judge::EnterpriseState, Life)> {
    Some((o.standing(uscc)?, o.state(uscc)?, o.life(uscc)?))
}

fn add(sums: &mut BTreeMap<String, CounterSums>, of: &EnterpriseClaims, place: &SumsPlace) {
    for (counter, claim) in &of.by {
        let sum = sums.entry(counter.clone()).or_default();
        if let Some(rung) = claim.rung {
            *sum.counted.entry((place.clone(), rung)).or_default() += 1;
        }
        claim.left.iter().for_each(|why| *sum.left.entry(why.clone()).or_default() += 1);
        claim.fell.iter().for_each(|why| *sum.fell.entry(why.clone()).or_default() += 1);
        sum.held += u64::from(claim.held);
        sum.refuted += u64::from(claim.refuted);
    }
}

#[test]
fn some_are_judged_as_all_are_and_nothing_changes_before_it_is_said_to() {
    let registry = registry();
    let rows = SelectionRows::open(&registry.0, &registry.1).unwrap();
    let chosen =
        sign_record(&Record::SelectionJudgement(Box::new(selection(&PLAN, &rows, &[], t("2026-02-01")).judgement)));
    for seed in 1..=6 {
        let h = history(seed);
        let all = OversightInput { registry: Some(&rows), selection: Some(&chosen), ..h.input() };
        let counted = ProgressInput {
            registry: Some(&rows),
            selection: Some(&chosen),
            reports: &h.reports,
            rolls: &h.rolls,
            checks: &h.checks,
            ..ProgressInput::default()
        };
        let (top, _) = tops(&PLAN, &counted);
        let mut codes: Vec<String> = (0..27).map(code).collect();
        codes.sort();
        for as_of in ["2026-03-01", "2026-07-15", "2026-11-23", "2027-09-01"].map(t) {
            let whole = Oversight::new(&PLAN, &all, as_of);
            let (selected, _) = oversight_selection(&PLAN, &all, as_of);
            let mut sums: BTreeMap<String, CounterSums> = BTreeMap::new();
            for uscc in &codes {
                let own = h.of(uscc);
                let at = rows.rows().binary_search_by(|r| r.uscc.as_ref().cmp(uscc)).ok();
                let row: Vec<Enterprise<'_>> = at.map(|n| rows.rows()[n].clone()).into_iter().collect();
                let mark = |list: &[bool]| at.map(|n| list[n]).into_iter().collect::<Vec<bool>>();
                let some = |as_of: Time| {
                    let selected = selected.as_ref().map(|s| (mark(&s.0), s.1));
                    let some = SomeRows { registry: Some(rows.leaf()), rows: &row, selected };
                    Oversight::of_some(&PLAN, some, &own.input(), as_of)
                };
                let now = some(as_of);
                assert_eq!(said(&now, uscc), said(&whole, uscc), "seed {seed}, {as_of}, {uscc}");
                let tops: BTreeMap<_, _> = top.iter().map(|(rule, list)| (rule.clone(), mark(list))).collect();
                let input = ProgressInput {
                    reports: &own.reports,
                    rolls: &own.rolls,
                    checks: &own.checks,
                    ..ProgressInput::default()
                };
                let claims = |as_of: Time| some_claims(&PLAN, &row, &tops, &input, as_of);
                let told = claims(as_of);
                match row.first() {
                    Some(r) => add(&mut sums, &told.rows[0], &SumsPlace::of(r)),
                    None => add(&mut sums, &told.strangers, &SumsPlace::default()),
                }
                // Until the instant that is named nothing of it changes.
                let until = now.changes(uscc).into_iter().chain(told.changes.first().copied().flatten()).min();
                for days in [0, 1, 2, 7, 20, 29, 45, 90, 200, 400] {
                    let later = Time::from_millis(as_of.millis() + days * DAY + 1);
                    let last = Time::from_millis(until.map_or(i64::MAX, Time::millis) - 1);
                    let probe = later.min(last);
                    if row.is_empty() || probe < as_of {
                        continue;
                    }
                    assert_eq!(said(&some(probe), uscc), said(&now, uscc), "seed {seed}, {as_of} to {probe}, {uscc}");
                    assert_eq!(claims(probe).rows, told.rows, "seed {seed}, {as_of} to {probe}, {uscc}");
                }
            }
            // Denominators are counted from the rows.
            for counter in PLAN.counters() {
                let is_in = |n: usize| match &counter.of {
                    Some(plan::Denominator::AboveSize) => rows.rows()[n].above && rows.rows()[n].is_industrial(),
                    Some(plan::Denominator::Selected(rule)) => top[rule][n],
                    None => false,
                };
                for n in (0..rows.rows().len()).filter(|n| is_in(*n)) {
                    let members = &mut sums.entry(counter.id.clone()).or_default().members;
                    *members.entry(SumsPlace::of(&rows.rows()[n])).or_default() += 1;
                }
            }
            let targets = progress(&PLAN, &node(), &counted, as_of).judgement.targets;
            let want: Vec<TargetShown> = targets.iter().map(TargetShown::from).collect();
            assert_eq!(targets_from_sums(&PLAN, &sums, &targets, true), want, "seed {seed}, {as_of}");
        }
    }
}

//! Matches events against a plan: one pass over the values sets bits, bits wake rules, woken rules are asked.

use std::sync::Arc;

use crate::event::{Event, Value};
use crate::pattern::fold;
use crate::plan::{Inner, NOWHERE, Plan, Sought};
use crate::predicate::Room;
use crate::program::Asked;
use crate::rule::RuleId;
use crate::rules::Rules;

/// Matches events; one a thread. Its buffers grow to what the largest plan and event need, then nothing is allocated any more.
pub struct Scanner {
    rules: Arc<Rules>,
    found: Vec<RuleId>,
    /// Which bits are set, and which those are.
    bits: Vec<u64>,
    set: Vec<u32>,
    /// By place of a rule: the event that woke it last.
    woken: Vec<u64>,
    /// By place of a lazy predicate: the event that it was asked of last, twice, and one more if it held.
    asked: Vec<u64>,
    event: u64,
    folded: String,
    number: String,
    room: Room,
}

impl Scanner {
    /// For plans of these rules.
    #[must_use]
    pub fn new(rules: &Arc<Rules>) -> Self {
        Self {
            rules: rules.clone(),
            found: Vec::new(),
            bits: Vec::new(),
            set: Vec::new(),
            woken: Vec::new(),
            asked: Vec::new(),
            event: 0,
            folded: String::new(),
            number: String::new(),
            room: Room::default(),
        }
    }

    /// The rules of the plan that match, ascending.
    pub fn scan(&mut self, plan: &Plan, event: &Event) -> &[RuleId] {
        let plan = &*plan.0;
        self.found.clear();
        self.event += 1;
        grow(&mut self.bits, plan.bits.div_ceil(64));
        grow(&mut self.woken, plan.rules.len());
        grow(&mut self.asked, plan.lazies.len());
        self.pass(plan, event);
        for at in 0..self.set.len() {
            let bit = self.set[at] as usize;
            for place in &plan.woken[plan.wakes[bit] as usize..plan.wakes[bit + 1] as usize] {
                let last = &mut self.woken[*place as usize];
                if *last != self.event {
                    *last = self.event;
                    self.ask(plan, event, *place);
                }
            }
        }
        for place in &plan.always {
            self.ask(plan, event, *place);
        }
        for bit in self.set.drain(..) {
            self.bits[bit as usize / 64] = 0;
        }
        self.found.sort_unstable();
        &self.found
    }

    /// Every value once.
    fn pass(&mut self, plan: &Inner, event: &Event) {
        for at in 0..event.len() {
            let (field, value) = event.at(at);
            let place = plan.at.get(field.0 as usize).copied().unwrap_or(NOWHERE);
            let own = if place == NOWHERE { None } else { Some(&plan.sought[place as usize]) };
            if own.is_none() && plan.anywhere.is_none() {
                continue;
            }
            let mut marks = Marks { bits: &mut self.bits, set: &mut self.set };
            let null = value == Value::Null;
            for bit in own.iter().flat_map(|s| [s.exists, s.present.filter(|_| !null)]).flatten() {
                marks.set(bit);
            }
            let Some(text) = value.text(&mut self.number) else { continue };
            let all = [own, plan.anywhere.as_ref()];
            if all.iter().flatten().any(|s| s.folded.is_some()) {
                self.folded.clear();
                fold(text, &mut self.folded);
            }
            for sought in all.into_iter().flatten() {
                find(sought, text, &self.folded, &mut marks);
            }
        }
    }

    fn ask(&mut self, plan: &Inner, event: &Event, place: u32) {
        let mut asker = Asker {
            plan,
            rules: &self.rules,
            event,
            bits: &self.bits,
            asked: &mut self.asked,
            now: self.event << 1,
            room: &mut self.room,
        };
        if plan.program.holds(plan.roots[place as usize], &mut asker) {
            self.found.push(plan.rules[place as usize]);
        }
    }
}

fn grow(of: &mut Vec<u64>, len: usize) {
    if of.len() < len {
        of.resize(len, 0);
    }
}

fn find(sought: &Sought, text: &str, folded: &str, marks: &mut Marks<'_>) {
    if let Some(forms) = &sought.folded {
        forms.find(folded.as_bytes(), |bit| marks.set(bit));
    }
    if let Some(forms) = &sought.raw {
        forms.find(text.as_bytes(), |bit| marks.set(bit));
    }
}

struct Marks<'s> {
    bits: &'s mut Vec<u64>,
    set: &'s mut Vec<u32>,
}
impl Marks<'_> {
    #[inline]
    fn set(&mut self, bit: u32) {
        let word = &mut self.bits[bit as usize / 64];
        if *word >> (bit % 64) & 1 == 0 {
            *word |= 1 << (bit % 64);
            self.set.push(bit);
        }
    }
}

struct Asker<'s> {
    plan: &'s Inner,
    rules: &'s Rules,
    event: &'s Event,
    bits: &'s [u64],
    asked: &'s mut [u64],
    now: u64,
    room: &'s mut Room,
}
impl Asked for Asker<'_> {
    #[inline]
    fn bit(&self, bit: u32) -> bool {
        self.bits[bit as usize / 64] >> (bit % 64) & 1 == 1
    }

    fn lazy(&mut self, lazy: u32) -> bool {
        let asked = &mut self.asked[lazy as usize];
        if *asked & !1 != self.now {
            let holds = self.rules.pred(self.plan.lazies[lazy as usize]).holds(self.event, self.room);
            *asked = self.now | u64::from(holds);
        }
        *asked & 1 == 1
    }
}

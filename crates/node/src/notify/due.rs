//! What is to be sent now, and when to look again. Pure: obligations, what the signed records say was tried, the rota and
//! the instant decide; the same input gives the same plan (`docs/specs/notify-v1.md` §5).

use super::config::{Config, Rule, Step};
use super::message::{About, Message, Obligation};
use super::rota::Roster;
use evidence::{Notice, NoticeState, Origin, Say, Time};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Seconds until a failed attempt is repeated; the last one holds for all further.
const BACK_OFF_SECONDS: [i64; 5] = [5, 30, 120, 300, 600];
/// A role that nobody has is looked at again after so many minutes, for a shift may begin.
const NOBODY_MINUTES: i64 = 5;
/// The proof of a record that says that a role had nobody.
pub(crate) const NOBODY: &str = "nobody";

/// One way of one message to one recipient.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WayKey {
    /// The message.
    pub notice: String,
    /// What it is about.
    pub about: String,
    /// The clock.
    pub clock: String,
    /// Step, from 1.
    pub step: u32,
    /// Person; of a role that nobody has, the role.
    pub to: String,
    /// Channel; empty for a role that nobody has.
    pub channel: String,
}

/// An attempt that is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// What, to whom, on which way.
    pub key: WayKey,
    /// Which attempt on this way: 1 is the first of a round.
    pub attempt: u32,
    /// After this one the way is given up.
    pub last: bool,
    /// Nothing goes out; it is only recorded.
    pub quiet: bool,
    /// That it waits for its turn on the channel is recorded already.
    pub waits: bool,
    /// From which world.
    pub origin: Origin,
    /// What goes out; `None` if there is nobody to send it to.
    pub message: Option<Message>,
    /// Address on the channel.
    pub address: String,
}

/// The plan of an instant.
#[derive(Debug, Default)]
pub struct Plan {
    /// What is due, the most urgent first.
    pub attempts: Vec<Attempt>,
    /// When to look again, if nothing else happens.
    pub next: Option<Time>,
    /// What cannot be told to anybody, and why.
    pub problems: BTreeSet<Say>,
}

#[derive(Clone, Debug)]
struct Tried {
    state: NoticeState,
    at: Time,
}

/// What the records of a message say.
#[derive(Clone, Debug, Default)]
struct Told {
    acknowledged: bool,
    /// By step, recipient and channel.
    ways: HashMap<(u32, String, String), Vec<Tried>>,
    /// When each step left its first record.
    begun: HashMap<u32, Time>,
}

/// What was tried, as the signed records say; and what is on its way at this moment.
#[derive(Debug, Default)]
pub struct Seen {
    told: HashMap<(String, String, String), Told>,
    /// Attempts whose outcome is not known yet.
    pub flying: HashSet<WayKey>,
}
impl Seen {
    /// Takes a record.
    pub fn add(&mut self, n: &Notice) {
        let key = (n.notice.clone(), n.about.clone(), n.clock.clone());
        let told = self.told.entry(key).or_default();
        if n.state == NoticeState::Acknowledged {
            told.acknowledged = true;
            return;
        }
        let tried = Tried { state: n.state, at: n.stated_at };
        told.ways.entry((n.step, n.to.clone(), n.channel.clone())).or_default().push(tried);
        let begun = told.begun.entry(n.step).or_insert(n.stated_at);
        *begun = (*begun).min(n.stated_at);
    }
}

fn later(at: Time, minutes: i64) -> Time {
    at.plus_minutes(minutes).unwrap_or(at)
}

/// Where a way stands.
struct Way {
    /// When it may be used next; `None`: never again.
    ready: Option<Time>,
    attempt: u32,
    delivered: Option<Time>,
    given_up: Option<Time>,
    /// The newest record of it says that it waits.
    waits: bool,
}

/// Reads one way's records from its beginning.
fn way(tried: &[Tried], now: Time, open: Time, step: &Step, repeat: bool) -> Way {
    let mut w = Way { ready: Some(open), attempt: 1, delivered: None, given_up: None, waits: false };
    let mut rounds = 0;
    // A clock that was ahead must not put the next attempt off by as much.
    for t in tried.iter().map(|t| Tried { at: t.at.min(now), ..t.clone() }) {
        w.waits = t.state == NoticeState::Waiting;
        match t.state {
            NoticeState::Failed => {
                let back_off = BACK_OFF_SECONDS[(w.attempt as usize - 1).min(BACK_OFF_SECONDS.len() - 1)];
                w.ready = Some(Time::from_millis(t.at.millis() + back_off * 1000));
                w.attempt += 1;
                continue;
            }
            NoticeState::Delivered | NoticeState::Quiet => w.delivered = w.delivered.or(Some(t.at)),
            NoticeState::GivenUp => w.given_up = w.given_up.or(Some(t.at)),
            NoticeState::Waiting | NoticeState::Acknowledged => continue,
        }
        rounds += 1;
        w.attempt = 1;
        let again = repeat && step.repeat_minutes > 0 && rounds <= step.repeats_max;
        w.ready = again.then(|| later(t.at, step.repeat_minutes));
    }
    w
}

/// What is due at `now`.
#[must_use]
pub fn due(now: Time, config: &Config, roster: &Roster, seen: &Seen, open: &[Obligation]) -> Plan {
    let mut planner = Planner { now, config, roster, seen, plan: Plan::default(), roles: HashMap::new() };
    let mut order: Vec<&Obligation> = open.iter().collect();
    let urgency =
        |o: &Obligation| (o.colour.map_or(u8::MAX, |c| c as u8), o.deadline.map_or(i64::MAX, Time::millis), o.since);
    order.sort_by_key(|o| urgency(o));
    for o in order {
        planner.obligation(o);
    }
    planner.plan
}

struct Planner<'a> {
    now: Time,
    config: &'a Config,
    roster: &'a Roster,
    seen: &'a Seen,
    plan: Plan,
    /// Who has a role now: asked once a role, kind and area.
    roles: HashMap<(&'a str, About, &'a str), Vec<String>>,
}

impl<'a> Planner<'a> {
    fn wake(&mut self, at: Time) {
        self.plan.next = Some(self.plan.next.map_or(at, |n| n.min(at)));
    }

    fn obligation(&mut self, o: &'a Obligation) {
        let Some(message) = o.message() else {
            self.plan.problems.insert(Say::new("cli.say.notify_no_number").with("about", attest::clean(&o.about)));
            return;
        };
        let Some(rule) = self.config.rule(o) else {
            self.plan.problems.insert(Say::new("cli.say.notify_no_rule").with("about", &o.about));
            return;
        };
        let key = (o.notice(), o.about.clone(), o.clock.clone());
        let nothing = Told::default();
        let told = self.seen.told.get(&key).unwrap_or(&nothing);
        self.steps(o, rule, &key.0, &message, told);
    }

    fn steps(&mut self, o: &'a Obligation, rule: &'a Rule, notice: &str, message: &Message, told: &Told) {
        // The instant at which the step before had failed altogether.
        let mut failed: Option<Time> = None;
        for (number, step) in (1_u32..).zip(&rule.steps) {
            let planned = later(o.since, step.after_minutes);
            let earlier = failed.into_iter().chain(told.begun.get(&number).copied());
            let begin = earlier.fold(planned, Time::min);
            if self.now < begin {
                self.wake(begin);
                return;
            }
            failed = None;
            if !(told.acknowledged && step.until_acknowledged) {
                failed = self.step(o, step, number, begin, (notice, message), told);
            }
        }
    }

    /// Plans a step that has begun; when it failed altogether, if it did.
    fn step(
        &mut self,
        o: &'a Obligation,
        step: &'a Step,
        number: u32,
        begin: Time,
        (notice, message): (&str, &Message),
        told: &Told,
    ) -> Option<Time> {
        let key = |to: &str, channel: &str| WayKey {
            notice: notice.to_owned(),
            about: o.about.clone(),
            clock: o.clock.clone(),
            step: number,
            to: to.to_owned(),
            channel: channel.to_owned(),
        };
        let tried = |to: &str, channel: &str| {
            told.ways.get(&(number, to.to_owned(), channel.to_owned())).map_or(&[][..], Vec::as_slice)
        };
        let quiet = match o.origin {
            Origin::Live => false,
            Origin::Drill => self.config.quiet_drill,
            Origin::Replay => true,
        };
        // What goes out although somebody acknowledged goes out once.
        let repeat = !told.acknowledged;
        let (now, config, roster) = (self.now, self.config, self.roster);
        let candidates = self
            .roles
            .entry((&step.role, o.kind, &o.area))
            .or_insert_with(|| roster.candidates(config, &step.role, now, Some(o.kind), &o.area).unwrap_or_default());
        let candidates = candidates.clone();
        if candidates.is_empty() {
            return Some(self.nobody(
                o,
                step,
                key(&step.role, ""),
                &way(tried(&step.role, ""), self.now, begin, step, repeat),
            ));
        }
        let mut open = begin;
        let (mut failed, mut reached) = (begin, false);
        for person in candidates.iter().filter_map(|c| config.person(c)) {
            if now < open {
                self.wake(open);
                return None;
            }
            let (mut delivered, mut all_given_up): (Option<Time>, bool) = (None, true);
            for w in config.ways(person, &step.channels) {
                let Some(channel) = config.channel(&w.channel) else { continue };
                let key = key(&person.id, &w.channel);
                let stands = way(tried(&person.id, &w.channel), self.now, open, step, repeat);
                delivered = [delivered, stands.delivered].into_iter().flatten().min();
                all_given_up &= stands.given_up.is_some();
                failed = failed.max(stands.given_up.unwrap_or(failed));
                match stands.ready {
                    Some(at) if at <= now && !self.seen.flying.contains(&key) => self.plan.attempts.push(Attempt {
                        attempt: stands.attempt,
                        last: stands.attempt >= channel.attempts_max,
                        quiet,
                        waits: stands.waits,
                        origin: o.origin,
                        message: Some(message.clone()),
                        address: w.address.clone(),
                        key,
                    }),
                    Some(at) if at > now => self.wake(at),
                    _ => {}
                }
            }
            open = match delivered {
                Some(at) if repeat && step.repeat_minutes > 0 => later(at, step.repeat_minutes),
                None if all_given_up => failed,
                _ => return None,
            };
            // Once somebody has it, the step cannot fail any more, only widen.
            reached |= delivered.is_some();
        }
        (!reached && failed <= now).then_some(failed)
    }

    /// Nobody has the role: that leaves a record too, and the next step begins at once.
    fn nobody(&mut self, o: &Obligation, step: &Step, key: WayKey, stands: &Way) -> Time {
        self.plan.problems.insert(Say::new("cli.say.notify_nobody").with("role", &step.role));
        self.wake(later(self.now, NOBODY_MINUTES));
        match stands.ready {
            Some(at) if at <= self.now => self.plan.attempts.push(Attempt {
                key,
                attempt: 1,
                last: true,
                quiet: false,
                waits: false,
                origin: o.origin,
                message: None,
                address: String::new(),
            }),
            Some(at) => self.wake(at),
            None => {}
        }
        stands.given_up.unwrap_or(self.now)
    }
}

//! What is due when: the pure core, under a clock of the test's.

use crate::bed::{Bed, now, obligation};
use evidence::{Authenticated, Author, NodeId, Notice, NoticeState, Origin, Time};
use node::notify::{Attempt, Colour, Config, Obligation, Plan, Roster, Seen, config, due};

/// A phone and a mail; li is on duty with wang and zhao behind; after ten minutes the head of the plant.
const RULES: &str = r#"
zone = "CST-8"
[[channel]]
id = "phone"
kind = "command"
program = "/bin/true"
[[channel]]
id = "mail"
kind = "command"
program = "/bin/true"
attempts_max = 2
[[person]]
id = "li"
name = "Li"
ways = [{ channel = "phone", address = "1" }, { channel = "mail", address = "2" }]
[[person]]
id = "wang"
name = "Wang"
ways = [{ channel = "phone", address = "3" }]
[[person]]
id = "zhao"
name = "Zhao"
ways = [{ channel = "mail", address = "4" }]
[[person]]
id = "head"
name = "Head"
ways = [{ channel = "phone", address = "5" }]
[[rota]]
role = "duty"
deputies = ["wang", "zhao"]
[[rota.shift]]
person = "li"
[[rota]]
role = "first-responsible"
[[rota.shift]]
person = "head"
[[rota]]
role = "vacant"
[[escalation]]
for = "clock"
colours = ["red", "orange"]
[[escalation.step]]
role = "duty"
repeat_minutes = 3
repeats_max = 2
[[escalation.step]]
role = "first-responsible"
after_minutes = 10
until_acknowledged = false
[[escalation]]
for = "measure"
[[escalation.step]]
role = "vacant"
[[escalation.step]]
role = "first-responsible"
after_minutes = 60
"#;

struct Trial {
    _bed: Bed,
    config: Config,
    roster: Roster,
    seen: Seen,
}
impl Trial {
    fn new() -> Self {
        let bed = Bed::with(RULES);
        let config = config(&bed.home).unwrap();
        let roster = Roster::new(&config, None);
        Self { _bed: bed, config, roster, seen: Seen::default() }
    }
    fn plan(&self, now: Time, o: &Obligation) -> Plan {
        due(now, &self.config, &self.roster, &self.seen, std::slice::from_ref(o))
    }
    /// What is due, as `step person channel attempt`.
    fn due(&self, now: Time, o: &Obligation) -> Vec<String> {
        let mut all: Vec<String> = self.plan(now, o).attempts.iter().map(shown).collect();
        all.sort();
        all
    }
    /// Everything that is due at an instant becomes this.
    fn make(&mut self, now: Time, o: &Obligation, state: NoticeState) {
        for a in self.plan(now, o).attempts {
            let last = a.last && state == NoticeState::Failed;
            self.seen.add(&record(&a, now, if last { NoticeState::GivenUp } else { state }));
        }
    }
    fn acknowledge(&mut self, now: Time, o: &Obligation) {
        let key = self.plan(o.since, o);
        drop(key);
        let mut n = record_of(o, now);
        n.state = NoticeState::Acknowledged;
        self.seen.add(&n);
    }
}

fn shown(a: &Attempt) -> String {
    format!("{} {} {} {}", a.key.step, a.key.to, a.key.channel, a.attempt)
}
fn record_of(o: &Obligation, now: Time) -> Notice {
    Notice {
        node: NodeId::new("n"),
        author: Author { name: "t".into(), authenticated: Authenticated::TypedName },
        stated_at: now,
        notice: o.notice(),
        about: o.about.clone(),
        clock: o.clock.clone(),
        origin: o.origin,
        channel: String::new(),
        to: String::new(),
        step: 1,
        attempt: 1,
        state: NoticeState::Delivered,
        proof: String::new(),
    }
}
fn record(a: &Attempt, now: Time, state: NoticeState) -> Notice {
    Notice {
        channel: a.key.channel.clone(),
        to: a.key.to.clone(),
        step: a.key.step,
        attempt: a.attempt,
        state,
        ..record_of(&obligation_of(a), now)
    }
}
/// Enough of the obligation for its records.
fn obligation_of(a: &Attempt) -> Obligation {
    let o = Obligation { about: a.key.about.clone(), clock: a.key.clock.clone(), origin: a.origin, ..obligation() };
    if a.key.about.starts_with("m-") { measure() } else { o }
}
fn measure() -> Obligation {
    let kind = node::notify::About::Measure;
    Obligation { about: "m-00000001".into(), clock: String::new(), kind, colour: None, numeral: None, ..obligation() }
}
fn minute(n: i64) -> Time {
    now().plus_minutes(n).unwrap()
}
fn second(n: i64) -> Time {
    Time::from_millis(now().millis() + n * 1000)
}

#[test]
fn the_one_on_duty_is_told_at_once_on_all_ways_and_nobody_twice() {
    let mut t = Trial::new();
    let o = obligation();
    assert_eq!(t.plan(second(-1), &o).next, Some(now()));
    assert_eq!(t.due(now(), &o), ["1 li mail 1", "1 li phone 1"]);
    // The same records give the same plan: a restart repeats nothing.
    t.make(now(), &o, NoticeState::Delivered);
    for s in [0, 1, 60, 179] {
        assert_eq!(t.due(second(s), &o), [""; 0], "{s}");
    }
    assert_eq!(t.plan(now(), &o).next, Some(minute(3)));
    // Without an answer it is said again, and to who stands behind.
    assert_eq!(t.due(minute(3), &o), ["1 li mail 1", "1 li phone 1", "1 wang phone 1"]);
    t.make(minute(3), &o, NoticeState::Delivered);
    assert_eq!(t.due(minute(6), &o), ["1 li mail 1", "1 li phone 1", "1 wang phone 1", "1 zhao mail 1"]);
    t.make(minute(6), &o, NoticeState::Delivered);
    // The head of the plant; li was told three times, which is all.
    assert_eq!(t.due(minute(10), &o), ["1 wang phone 1", "1 zhao mail 1", "2 head phone 1"]);
}

#[test]
fn an_acknowledgement_ends_it_for_all_but_steps_that_go_out_all_the_same() {
    let mut t = Trial::new();
    let o = obligation();
    t.make(now(), &o, NoticeState::Delivered);
    t.acknowledge(minute(1), &o);
    assert_eq!(t.due(minute(5), &o), [""; 0]);
    assert_eq!(t.due(minute(10), &o), ["2 head phone 1"]);
    t.make(minute(10), &o, NoticeState::Delivered);
    assert_eq!((t.due(minute(1000), &o), t.plan(minute(1000), &o).next), (vec![], None));
    // Another level of the same clock is another message.
    let graver = Obligation { colour: Some(Colour::Orange), ..o };
    assert_eq!(t.due(minute(5), &graver), ["1 li mail 1", "1 li phone 1"]);
}

#[test]
fn failures_are_repeated_with_growing_gaps_then_given_up_and_escalated_at_once() {
    let mut t = Trial::new();
    let o = obligation();
    t.make(now(), &o, NoticeState::Failed);
    assert_eq!((t.due(second(4), &o), t.plan(second(4), &o).next), (vec![], Some(second(5))));
    // The mail may be tried twice, the telephone four times: after 5 s, 30 s, 2 min.
    assert_eq!(t.due(second(5), &o), ["1 li mail 2", "1 li phone 2"]);
    t.make(second(5), &o, NoticeState::Failed);
    assert_eq!(t.due(second(34), &o), [""; 0]);
    assert_eq!(t.due(second(35), &o), ["1 li phone 3"], "the mail was given up");
    t.make(second(35), &o, NoticeState::Failed);
    assert_eq!(t.due(second(154), &o), [""; 0]);
    let last = t.plan(second(155), &o).attempts;
    assert_eq!((last.len(), last[0].attempt, last[0].last), (1, 4, true));
    t.make(second(155), &o, NoticeState::Failed);
    // At once: wang. And if wang and zhao are not reached either, the head before the ten minutes are over.
    assert_eq!(t.due(second(155), &o), ["1 wang phone 1"]);
    t.make(second(155), &o, NoticeState::GivenUp);
    assert_eq!(t.due(second(155), &o), ["1 zhao mail 1"]);
    t.make(second(155), &o, NoticeState::GivenUp);
    assert_eq!(t.due(second(155), &o), ["2 head phone 1"]);
    // The head stays told, whatever the others do later.
    t.make(second(155), &o, NoticeState::Delivered);
    let later = t.due(second(200), &o);
    assert!(later.iter().all(|l| l.starts_with('1')), "{later:?}");
}

#[test]
fn a_deputy_who_is_not_reached_is_passed_over_at_once() {
    let mut t = Trial::new();
    let o = obligation();
    t.make(now(), &o, NoticeState::Delivered);
    for a in t.plan(minute(3), &o).attempts {
        let state = if a.key.to == "wang" { NoticeState::GivenUp } else { NoticeState::Delivered };
        t.seen.add(&record(&a, minute(3), state));
    }
    assert_eq!(t.due(minute(3), &o), ["1 zhao mail 1"]);
    t.make(minute(3), &o, NoticeState::GivenUp);
    // Li has it: the step has not failed, and the head is told in time, not at once.
    assert_eq!(t.due(minute(3), &o), [""; 0]);
}

#[test]
fn a_role_without_anybody_escalates_at_once_and_leaves_a_record() {
    let mut t = Trial::new();
    let o = measure();
    let plan = t.plan(now(), &o);
    let shown: Vec<String> = plan.attempts.iter().map(shown).collect();
    assert_eq!(shown, ["1 vacant  1", "2 head phone 1"]);
    assert!(plan.attempts[0].message.is_none() && plan.attempts[1].message.is_some());
    assert!(plan.problems.iter().any(|p| p.key == "cli.say.notify_nobody"));
    for a in &plan.attempts {
        let state = if a.message.is_none() { NoticeState::GivenUp } else { NoticeState::Delivered };
        t.seen.add(&record(a, now(), state));
    }
    assert_eq!(t.due(minute(1), &o), [""; 0]);
}

#[test]
fn drills_stay_inside_and_what_is_not_for_anybody_is_said() {
    let t = Trial::new();
    for origin in [Origin::Drill, Origin::Replay] {
        assert!(t.plan(now(), &Obligation { origin, ..obligation() }).attempts.iter().all(|a| a.quiet));
    }
    assert!(t.plan(now(), &obligation()).attempts.iter().all(|a| !a.quiet));
    let blue = t.plan(now(), &Obligation { colour: Some(Colour::Blue), ..obligation() });
    assert!(blue.attempts.is_empty() && blue.problems.iter().any(|p| p.key == "cli.say.notify_no_rule"));
    let canary = t.plan(now(), &Obligation { about: "CANARY".into(), ..obligation() });
    assert!(canary.attempts.is_empty() && canary.problems.iter().any(|p| p.key == "cli.say.notify_no_number"));
}

/// A way that is in the air is not used again; and who plans often sends no more than who plans when told to.
#[test]
fn planning_often_sends_no_more() {
    let run = |often: bool| {
        let mut t = Trial::new();
        let o = obligation();
        let (mut sent, mut clock) = (Vec::new(), now());
        while clock < minute(30) {
            let plan = t.plan(clock, &o);
            // As the doer: what follows at once is planned at once.
            let again = !plan.attempts.is_empty();
            for a in plan.attempts {
                t.seen.flying.insert(a.key.clone());
                assert!(!t.plan(clock, &o).attempts.iter().any(|b| b.key == a.key), "in the air");
                t.seen.flying.remove(&a.key);
                let state = if a.key.to == "li" && a.last { NoticeState::GivenUp } else { NoticeState::Failed };
                let state = if a.key.to == "li" { state } else { NoticeState::Delivered };
                t.seen.add(&record(&a, clock, state));
                sent.push(format!("{clock} {}", shown(&a)));
            }
            if again {
                continue;
            }
            let step = Time::from_millis(clock.millis() + 1000);
            clock = if often { step } else { t.plan(clock, &o).next.map_or(minute(30), |n| n.max(step)) };
        }
        sent.sort();
        sent
    };
    let told = run(false);
    assert!(told.len() > 10, "{told:?}");
    assert_eq!(told, run(true));
}

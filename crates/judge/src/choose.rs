//! Which records count: the newest of each subject that is not of the future and not of a drill.

use crate::measures::Measures;
use evidence::{
    Answer, Attestation, Authenticated, CheckId, Cited, Digest, Doubt, Examination, Item, Origin, Record, RecordKind,
    RunState, Say, Scope, Time,
};
use plan::{CheckKind, CheckedPlan};
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};

/// One examination, with its items and its name on this bench.
pub(crate) struct Host<'a> {
    /// As results name it: the host's own name, with what tells it apart if that is not enough.
    pub(crate) label: String,
    pub(crate) leaf: Digest,
    pub(crate) examination: &'a Examination,
    pub(crate) items: &'a [Item],
}

/// A folder whose data was looked at, in its newest examination.
pub(crate) struct Root<'a> {
    pub(crate) label: String,
    pub(crate) root: &'a str,
    pub(crate) leaf: Digest,
    pub(crate) examination: &'a Examination,
    pub(crate) items: &'a [Item],
}

/// An answer that is in force or has been.
pub(crate) struct Answered<'a> {
    pub(crate) answer: &'a Answer,
    pub(crate) leaf: Digest,
    stated_at: Time,
}

/// What lies before the judge.
#[derive(Default)]
pub(crate) struct Bench<'a> {
    pub(crate) hosts: Vec<Host<'a>>,
    pub(crate) roots: Vec<Root<'a>>,
    pub(crate) answers: BTreeMap<CheckId, Answered<'a>>,
    pub(crate) scope: Option<(&'a Scope, Digest)>,
    pub(crate) measures: Measures<'a>,
    /// Names of all hosts that were looked at themselves, not only their folders, as they name themselves.
    pub(crate) examined: BTreeSet<String>,
    pub(crate) doubts: Vec<Doubt>,
    pub(crate) cites: BTreeSet<(Digest, RecordKind)>,
}

/// A subject: host name, machine, root of an image, recorded or live.
pub(crate) type Subject = (String, Option<String>, Option<String>, bool);
pub(crate) type Examined<'a> = (Digest, &'a Examination, &'a [Item]);

pub(crate) fn doubt(say: Say, leaf: Option<Digest>) -> Doubt {
    Doubt { say, cited: leaf.map(|leaf| Cited { leaf, item: None }) }
}

pub(crate) fn choose<'a>(plan: &CheckedPlan, records: &'a [Witness], as_of: Time) -> Bench<'a> {
    let mut bench = Bench::default();
    // One order for all inputs; a record handed in twice counts once.
    let mut sorted: BTreeMap<Digest, &Witness> = BTreeMap::new();
    for w in records {
        let best = sorted.entry(w.record.leaf()).or_insert(w);
        if best.items.is_none() {
            *best = w;
        }
    }
    let mut examinations = Vec::new();
    let mut typed = BTreeSet::new();
    for (leaf, w) in sorted {
        match w.record.value() {
            Record::Examination(e)
                if e.origin != Origin::Drill
                    && bench.is_past(RecordKind::Examination, e.ended.max(e.started), leaf, as_of) =>
            {
                examinations.extend(bench.items(e, w, leaf).map(|items| (leaf, e, items)));
            }
            Record::Attestation(a) => bench.attestation(plan, a, leaf, as_of, &mut typed),
            Record::Scope(s) if bench.is_past(RecordKind::Scope, s.stated_at, leaf, as_of) => {
                let newer = |old: &(&Scope, Digest)| (old.0.stated_at, old.1) < (s.stated_at, leaf);
                if bench.scope.as_ref().is_none_or(newer) {
                    bench.scope = Some((s, leaf));
                }
            }
            Record::Measure(m) if bench.is_past(RecordKind::Measure, m.stated_at, leaf, as_of) => {
                bench.measures.add(leaf, m);
            }
            _ => {}
        }
    }
    bench.measures.sort();
    bench.subjects(&examinations);
    bench.settle(&typed);
    bench
}

impl<'a> Bench<'a> {
    /// False, with a doubt, for a record of the future.
    fn is_past(&mut self, kind: RecordKind, time: Time, leaf: Digest, as_of: Time) -> bool {
        if time <= as_of {
            return true;
        }
        let name = kind.predicate_type().split(':').nth(2).unwrap_or_default();
        self.doubts.push(doubt(Say::new("doubt.after-as-of").with("kind", name).with("time", time), Some(leaf)));
        self.cites.insert((leaf, kind));
        false
    }

    pub(crate) fn items(&mut self, e: &Examination, w: &'a Witness, leaf: Digest) -> Option<&'a [Item]> {
        match w.items.as_ref().filter(|i| i.of() == leaf) {
            Some(items) => Some(items.items()),
            None => {
                self.doubts.push(doubt(Say::new("doubt.items-missing").with("host", &e.subject.host), Some(leaf)));
                self.cites.insert((leaf, RecordKind::Examination));
                None
            }
        }
    }

    fn attestation(
        &mut self,
        plan: &CheckedPlan,
        a: &'a Attestation,
        leaf: Digest,
        as_of: Time,
        typed: &mut BTreeSet<Digest>,
    ) {
        let Some(answer) = a.as_answer() else { return };
        if !self.is_past(RecordKind::Attestation, a.stated_at, leaf, as_of) || answer.effective > as_of {
            return;
        }
        let key = match plan.check(&answer.check).map(|c| &c.kind) {
            Some(CheckKind::Answer(_)) => None,
            Some(CheckKind::Machine(_)) => Some("doubt.answer-machine-check"),
            None => Some("doubt.answer-unknown-check"),
        };
        if let Some(key) = key {
            self.doubts.push(doubt(Say::new(key).with("check", &answer.check), Some(leaf)));
            self.cites.insert((leaf, RecordKind::Attestation));
            return;
        }
        if a.author.authenticated == Authenticated::TypedName {
            typed.insert(leaf);
        }
        // The newest statement counts, not the newest effective date: a correction may reach back.
        let newer = self.answers.get(&answer.check).is_none_or(|old| (old.stated_at, old.leaf) < (a.stated_at, leaf));
        if newer {
            self.answers.insert(answer.check.clone(), Answered { answer, leaf, stated_at: a.stated_at });
        }
    }

    /// The newest examination of each subject, and of each folder.
    pub(crate) fn subjects(&mut self, examinations: &[Examined<'a>]) {
        let mut hosts: BTreeMap<Subject, Examined> = BTreeMap::new();
        let mut roots: BTreeMap<(Subject, &str), Examined> = BTreeMap::new();
        let mut machines: BTreeMap<String, BTreeSet<Option<String>>> = BTreeMap::new();
        let is_newer = |old: &Examined, new: &Examined| (old.1.ended, old.0) < (new.1.ended, new.0);
        for new in examinations {
            let on_host = looks_at_host(new);
            if !on_host && new.1.subject.folders.is_empty() {
                continue;
            }
            let subject = subject(new.1);
            if on_host {
                self.examined.insert(new.1.subject.host.clone());
            }
            machines.entry(subject.0.clone()).or_default().insert(subject.1.clone());
            for folder in &new.1.subject.folders {
                let old = roots.entry((subject.clone(), folder.as_str())).or_insert(*new);
                if is_newer(old, new) {
                    *old = *new;
                }
            }
            if on_host {
                let old = hosts.entry(subject).or_insert(*new);
                if is_newer(old, new) {
                    *old = *new;
                }
            }
        }
        for (name, ids) in &machines {
            if ids.len() > 1 {
                self.doubts.push(doubt(Say::new("doubt.same-name").with("host", name), None));
            }
        }
        let label = |s: &Subject| label(s, machines.get(&s.0).is_some_and(|ids| ids.len() > 1));
        for (subject, (leaf, examination, items)) in hosts {
            self.hosts.push(Host { label: label(&subject), leaf, examination, items });
        }
        for ((subject, root), (leaf, examination, items)) in roots {
            self.roots.push(Root { label: label(&subject), root, leaf, examination, items });
        }
    }

    /// Doubts and citations of what was chosen.
    fn settle(&mut self, typed: &BTreeSet<Digest>) {
        let mut used: BTreeMap<Digest, (&str, &Examination)> = BTreeMap::new();
        for h in &self.hosts {
            used.insert(h.leaf, (&h.label, h.examination));
        }
        for r in &self.roots {
            used.insert(r.leaf, (&r.label, r.examination));
        }
        let mut doubts = Vec::new();
        for (leaf, (label, e)) in &used {
            self.cites.insert((*leaf, RecordKind::Examination));
            examination_doubts(label, e, *leaf, &mut doubts);
        }
        for a in self.answers.values() {
            self.cites.insert((a.leaf, RecordKind::Attestation));
        }
        let count = self.answers.values().filter(|a| typed.contains(&a.leaf)).count();
        if count > 0 {
            doubts.push(doubt(Say::new("doubt.typed-names").with("count", count), None));
        }
        match &self.scope {
            Some((_, leaf)) => {
                self.cites.insert((*leaf, RecordKind::Scope));
            }
            None => doubts.push(doubt(Say::new("doubt.no-scope"), None)),
        }
        if used.is_empty() {
            doubts.push(doubt(Say::new("doubt.nothing-examined"), None));
        }
        if !used.is_empty() || !self.answers.is_empty() {
            doubts.push(doubt(Say::new("doubt.times-self-declared"), None));
        }
        self.doubts.append(&mut doubts);
    }
}

pub(crate) fn examination_doubts(label: &str, e: &Examination, leaf: Digest, doubts: &mut Vec<Doubt>) {
    for s in e.sensors.iter().filter(|s| !s.privileged) {
        let say = Say::new("doubt.unprivileged").with("host", label).with("sensor", &s.sensor);
        doubts.push(doubt(say, Some(leaf)));
    }
    if e.state == RunState::Stopped {
        doubts.push(doubt(Say::new("doubt.stopped").with("host", label), Some(leaf)));
    }
    if e.ended < e.started {
        let say = Say::new("doubt.clock-backwards").with("host", label);
        doubts.push(doubt(say.with("started", e.started).with("ended", e.ended), Some(leaf)));
    }
    if e.subject.carried.is_some() {
        doubts.push(doubt(Say::new("doubt.carried").with("host", label), Some(leaf)));
    }
    if let Some(root) = &e.subject.root {
        doubts.push(doubt(Say::new("doubt.image").with("host", &e.subject.host).with("root", root), Some(leaf)));
    }
}

pub(crate) fn subject(e: &Examination) -> Subject {
    let machine = e.subject.machine.map(|m| m.to_string());
    let root = e.subject.root.as_ref().map(|r| r.as_str().to_owned());
    (e.subject.host.clone(), machine, root, e.origin == Origin::Replay)
}

/// The name of a subject in results: enough to tell it apart, and not more.
fn label((host, machine, root, _): &Subject, shared: bool) -> String {
    let mut label = host.clone();
    if let (true, Some(machine)) = (shared, machine) {
        let digits = machine.rsplit(':').next().unwrap_or_default();
        label.push('#');
        label.extend(digits.chars().take(8));
    }
    if let Some(root) = root {
        label.push(':');
        label.push_str(root);
    }
    label
}

/// An examination of folders alone says nothing about the host and must not hide what another said.
fn looks_at_host((_, e, items): &Examined) -> bool {
    use evidence::Body;
    e.counts.facts > 0
        || items.iter().any(|i| match &i.body {
            Body::Covered(c) => c.what.starts_with("fact:"),
            Body::Gap(g) => g.what.starts_with("fact:"),
            _ => false,
        })
}

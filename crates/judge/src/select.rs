//! Which records count. Everything chosen is cited; so is a record that raises a doubt.

use crate::doubt;
use evidence::{
    Answer, CheckId, Cited, Digest, Doubt, Examination, KeyedDigest, Origin, PathText, Record, RecordKind, RunState,
    Say, Scope, Time,
};
use proof::Witness;
use std::collections::BTreeMap;

/// An examination with its record.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) witness: &'a Witness,
    pub(crate) examination: &'a Examination,
}
impl Run<'_> {
    pub(crate) fn leaf(&self) -> Digest {
        self.witness.record.leaf()
    }
    pub(crate) fn ran(&self, sensor: &str) -> bool {
        self.examination.sensors.iter().any(|s| s.sensor.as_str() == sensor)
    }
}

/// The records that count.
pub(crate) struct Chosen<'a> {
    /// Newest run of the host sensor for each subject.
    pub(crate) hosts: Vec<Run<'a>>,
    /// Newest run of the data sensor for each folder of each subject, with the folders that it counts for.
    pub(crate) data: Vec<(Run<'a>, Vec<&'a PathText>)>,
    pub(crate) scope: Option<&'a Scope>,
    pub(crate) answers: BTreeMap<&'a CheckId, (&'a Answer, Digest)>,
    pub(crate) cites: Vec<(Digest, RecordKind)>,
}

type Subject<'a> = (&'a str, Option<KeyedDigest>, Option<&'a PathText>);

pub(crate) fn select<'a>(records: &'a [Witness], as_of: Time, doubts: &mut Vec<Doubt>) -> Chosen<'a> {
    let mut cites = BTreeMap::new();
    let mut sorted: Vec<&Witness> = records.iter().collect();
    sorted.sort_by_key(|w| w.record.leaf());
    sorted.dedup_by_key(|w| w.record.leaf());

    let mut hosts: BTreeMap<Subject<'a>, Run<'a>> = BTreeMap::new();
    let mut data: BTreeMap<(Subject<'a>, &'a PathText), Run<'a>> = BTreeMap::new();
    let mut scope: Option<(&'a Scope, Digest)> = None;
    let mut answers: BTreeMap<&'a CheckId, (&'a Answer, Time, Digest)> = BTreeMap::new();
    for witness in sorted {
        let leaf = witness.record.leaf();
        let record = witness.record.value();
        let Some(at) = stated(record) else { continue };
        if at > as_of {
            cites.insert(leaf, record.kind());
            doubts.push(doubt(Say::new("doubt.future-record").with("at", at), cited(leaf)));
            continue;
        }
        match record {
            // A rehearsal never enters a judgement of the real world.
            Record::Examination(e) if e.origin != Origin::Drill => {
                let run = Run { witness, examination: e };
                let subject = (e.subject.host.as_str(), e.subject.machine, e.subject.root.as_ref());
                if run.ran("inspect") {
                    newest(&mut hosts, subject, run);
                }
                if run.ran("discover") {
                    for folder in &e.subject.folders {
                        newest(&mut data, (subject, folder), run);
                    }
                }
            }
            Record::Scope(s) if scope.is_none_or(|(old, l)| (old.stated_at, l) < (s.stated_at, leaf)) => {
                scope = Some((s, leaf));
            }
            Record::Attestation(a) => {
                if let Some(answer) = a.as_answer()
                    && answers.get(&answer.check).is_none_or(|(_, t, l)| (*t, *l) < (a.stated_at, leaf))
                {
                    answers.insert(&answer.check, (answer, a.stated_at, leaf));
                }
            }
            _ => {}
        }
    }
    let hosts: Vec<Run<'a>> = hosts.into_values().collect();
    let data = by_run(data);
    let runs = hosts.iter().chain(data.iter().map(|d| &d.0));
    let mut examined: BTreeMap<Digest, Run<'a>> = BTreeMap::new();
    for run in runs {
        examined.insert(run.leaf(), *run);
    }
    for (leaf, run) in &examined {
        cites.insert(*leaf, RecordKind::Examination);
        doubts_of(run, doubts);
    }
    cites.extend(scope.map(|(_, leaf)| (leaf, RecordKind::Scope)));
    cites.extend(answers.values().map(|(_, _, leaf)| (*leaf, RecordKind::Attestation)));
    Chosen {
        hosts,
        data,
        scope: scope.map(|(s, _)| s),
        answers: answers.into_iter().map(|(check, (a, _, leaf))| (check, (a, leaf))).collect(),
        cites: cites.into_iter().collect(),
    }
}

/// Keeps the run that ended last; of two that ended together, the one with the larger leaf, so that the order of the
/// records does not matter.
fn newest<'a, K: Ord>(runs: &mut BTreeMap<K, Run<'a>>, key: K, run: Run<'a>) {
    let end = |r: &Run<'_>| (r.examination.ended, r.leaf());
    if runs.get(&key).is_none_or(|old| end(old) < end(&run)) {
        runs.insert(key, run);
    }
}

/// A run with the folders that it counts for.
type DataRun<'a> = (Run<'a>, Vec<&'a PathText>);

fn by_run<'a>(data: BTreeMap<(Subject<'a>, &'a PathText), Run<'a>>) -> Vec<DataRun<'a>> {
    let mut out: BTreeMap<Digest, DataRun<'a>> = BTreeMap::new();
    for ((_, folder), run) in data {
        out.entry(run.leaf()).or_insert_with(|| (run, Vec::new())).1.push(folder);
    }
    out.into_values().collect()
}

/// The instant that a record states for itself; `None` for records that are not judged from.
fn stated(record: &Record) -> Option<Time> {
    match record {
        Record::Examination(e) => Some(e.ended),
        Record::Attestation(a) => Some(a.stated_at),
        Record::Scope(s) => Some(s.stated_at),
        Record::Measure(_) | Record::Judgement(_) => None,
    }
}

fn doubts_of(run: &Run<'_>, doubts: &mut Vec<Doubt>) {
    let e = run.examination;
    let mut raise = |key: &str| {
        doubts.push(doubt(Say::new(key).with("host", &e.subject.host), cited(run.leaf())));
    };
    if run.ran("inspect") && e.sensors.iter().any(|s| !s.privileged) {
        raise("doubt.unprivileged");
    }
    if e.state == RunState::Stopped {
        raise("doubt.stopped");
    }
    if e.ended < e.started {
        raise("doubt.clock-backwards");
    }
    if run.witness.items.is_none() {
        raise("doubt.items-missing");
    }
}

fn cited(leaf: Digest) -> Option<Cited> {
    Some(Cited { leaf, item: None })
}

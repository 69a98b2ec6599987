//! Everything that progress is counted from: what this node's own log holds, and what came from below.
//!
//! What came from below is dated by when it was taken in here: a child can date its records as it likes, but it cannot put one into a
//! past that was counted already. So a count as of an instant is the same whenever it is made again.

use crate::{Node, NodeError};
use evidence::{Digest, NodeRole, Part, Record, RecordKind, Rung, TargetProgress, Time, TrainingMove};
use judge::{
    Closing, Counted, ExpertState, ProgressInput, ReceivedReport, Reobserved, RollRows, SelectionRows, SessionCount,
};
use plan::CheckedPlan;
use proof::Witness;
use store::StoreError;

/// Everything that progress is counted from, owned.
pub(super) struct Gathered {
    registry: Option<(Witness, Vec<u8>)>,
    selection: Option<Witness>,
    pub(super) reports: Vec<ReceivedReport>,
    rolls: Vec<RollRows>,
    entries: Vec<Witness>,
    counted: CountedLists,
    checks: Vec<Reobserved>,
}

/// What training and the register of experts count, judged as of the instant that progress is counted as of.
#[derive(Default)]
pub(crate) struct CountedLists {
    pub(crate) attendances: Vec<Counted>,
    pub(crate) sessions: Vec<Counted>,
    pub(crate) professionals: Vec<Counted>,
}
impl Gathered {
    /// Hands the input to `work`.
    pub(super) fn with<T>(
        &self,
        closing: Option<&Closing>,
        work: impl FnOnce(&ProgressInput<'_>) -> T,
    ) -> Result<T, NodeError> {
        let rows = self.registry.as_ref().map(|(w, file)| SelectionRows::open(w, file)).transpose();
        let rows = rows.map_err(|why| {
            NodeError::Store(StoreError::Damaged { what: "the rows of the registry".to_owned(), why })
        })?;
        Ok(work(&ProgressInput {
            registry: rows.as_ref(),
            selection: self.selection.as_ref(),
            reports: &self.reports,
            rolls: &self.rolls,
            entries: &self.entries,
            attendances: &self.counted.attendances,
            sessions: &self.counted.sessions,
            professionals: &self.counted.professionals,
            checks: &self.checks,
            closing,
        }))
    }
}

/// Names a thing of a node as no other node can.
fn name(node: &evidence::NodeId, rest: &str) -> String {
    format!("{}/{rest}", node.as_str().get(..16).unwrap_or_default())
}

/// A session as the counters take it: once as a session, and its person-times by rung.
fn session(s: &SessionCount, lists: &mut CountedLists) {
    let (id, withdrawn) = (name(&s.node, &s.session), s.withdrawn.is_some());
    let counted =
        |id: String, amount: u64, rung: Rung| Counted { id, leaf: s.leaf, day: s.date, amount, rung, withdrawn };
    if withdrawn {
        lists.attendances.push(counted(id.clone(), s.was, Rung::Declared));
        lists.sessions.push(counted(id, 1, Rung::Declared));
        return;
    }
    let there = || s.person_times.iter().filter(|(_, n)| **n > 0);
    for (rung, people) in there() {
        lists.attendances.push(counted(format!("{id}/{}", rung.name()), *people, *rung));
    }
    // A session is as sure as the surest person who was there.
    if let Some((rung, _)) = there().next_back() {
        lists.sessions.push(counted(id, 1, *rung));
    }
}

impl Node {
    /// Records of a kind from below that were taken in by an instant and that nothing was found wrong with.
    pub(crate) fn taken_in(&self, kind: RecordKind, as_of: Time) -> Result<Vec<Witness>, NodeError> {
        let all = self.received(kind)?.into_iter();
        Ok(all.filter(|r| r.seen <= as_of && r.doubts.is_empty()).map(|r| r.witness).collect())
    }

    /// Bytes that came with a record from below; `None` if they stayed there.
    pub(crate) fn taken_artifact(&self, digest: Digest) -> Result<Option<Vec<u8>>, NodeError> {
        let Some(mirror) = self.mirror_if_any()? else { return Ok(None) };
        match mirror.read(|m| m.artifact(digest)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StoreError::NotFound(_)) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Reports in the hands of this node: those of its own log, which nobody else has received, and what came from below.
    pub(crate) fn received_reports(&self) -> Result<Vec<ReceivedReport>, NodeError> {
        let none = || Part { role: NodeRole::Plant, name: String::new(), area: String::new(), uscc: String::new() };
        let part = self.part()?.unwrap_or_else(none);
        let own = self.store().records(&[RecordKind::ProgrammeReport])?;
        let own = own.into_iter().filter_map(|w| {
            let at = match w.record.value() {
                Record::ProgrammeReport(r) => r.as_of,
                _ => return None,
            };
            ReceivedReport::new(w, (self.id(), part.clone()), None, at, Vec::new())
        });
        let below = self.received(RecordKind::ProgrammeReport)?.into_iter();
        let below =
            below.filter_map(|r| ReceivedReport::new(r.witness, (r.child, r.part), Some(r.receipt), r.seen, r.doubts));
        Ok(own.chain(below).collect())
    }

    /// Rolls with their rows: of the own log, and of those below that brought their rows along by an instant.
    pub(crate) fn rolls_at_hand(&self, as_of: Time) -> Result<Vec<RollRows>, NodeError> {
        let own = self.store().records(&[RecordKind::Roll])?;
        let mut rolls = own.iter().map(|w| self.roll_rows(w)).collect::<Result<Vec<_>, _>>()?;
        for w in self.taken_in(RecordKind::Roll, as_of)? {
            let Record::Roll(roll) = w.record.value() else { continue };
            if let Some(packed) = self.taken_artifact(roll.packed)? {
                rolls.push(Self::rows_of_roll(&w, &packed)?);
            }
        }
        Ok(rolls)
    }

    /// Training and experts as of an instant, here and below. Lines of people that stayed below make a number an upper bound.
    fn counted(&self, as_of: Time) -> Result<CountedLists, NodeError> {
        self.counted_with(as_of, self.taken_in(RecordKind::Training, as_of)?, self.taken_in(RecordKind::Expert, as_of)?)
    }

    /// Progress of the targets over anything but enterprises, with what came from below handed in; and what training comes to.
    pub(crate) fn things(
        &self,
        plan: &CheckedPlan,
        as_of: Time,
        [training, experts, below]: [Vec<Witness>; 3],
    ) -> Result<(Vec<TargetProgress>, CountedLists), NodeError> {
        let mut entries = self.store().records(&[RecordKind::ProgrammeEntry])?;
        entries.extend(below);
        let counted = self.counted_with(as_of, training, experts)?;
        let input = ProgressInput {
            entries: &entries,
            attendances: &counted.attendances,
            sessions: &counted.sessions,
            professionals: &counted.professionals,
            ..ProgressInput::default()
        };
        Ok((judge::progress(plan, &self.id(), &input, as_of).judgement.targets, counted))
    }

    fn counted_with(
        &self,
        as_of: Time,
        training: Vec<Witness>,
        experts: Vec<Witness>,
    ) -> Result<CountedLists, NodeError> {
        let mut records = self.training_records()?;
        let mut files = self.training_files(&records)?;
        for w in training {
            if let Record::Training(e) = w.record.value()
                && let TrainingMove::Attendance(evidence::AttendanceBatch { rows, .. })
                | TrainingMove::Test(evidence::TestBatch { rows, .. }) = &e.what
                && let Some(lines) = self.taken_artifact(rows.file)?
            {
                files.insert(rows.file, lines);
            }
            records.push(w);
        }
        records.extend(experts);
        let mut lists = CountedLists::default();
        for s in judge::training(&records, &files, as_of).sessions {
            session(&s, &mut lists);
        }
        lists.professionals = judge::experts(&records, as_of)
            .into_iter()
            .map(|e| Counted {
                id: name(&e.node, &e.id),
                leaf: e.leaf,
                day: e.certified,
                amount: 1,
                rung: if e.documented { Rung::Documented } else { Rung::Declared },
                withdrawn: e.state != ExpertState::Valid,
            })
            .collect();
        Ok(lists)
    }

    /// Everything that is counted as of an instant, from the registry and selection that are named.
    pub(super) fn gather(
        &self,
        registry: Option<Witness>,
        selection: Option<Witness>,
        as_of: Time,
    ) -> Result<Gathered, NodeError> {
        let registry = match registry {
            Some(w) => match w.record.value() {
                Record::Registry(r) => {
                    let file = self.registry_file(r)?;
                    Some((w, file))
                }
                _ => None,
            },
            None => None,
        };
        let rolls = self.rolls_at_hand(as_of)?;
        let mut entries = self.store().records(&[RecordKind::ProgrammeEntry])?;
        entries.extend(self.taken_in(RecordKind::ProgrammeEntry, as_of)?);
        Ok(Gathered {
            registry,
            selection,
            reports: self.received_reports()?,
            rolls,
            entries,
            counted: self.counted(as_of)?,
            checks: self.reobserved(as_of)?,
        })
    }
}

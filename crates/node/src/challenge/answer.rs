//! A child answers: it opens what was drawn, and observes anew what was ordered.
//!
//! An opening asks nobody: it shows what was signed long ago or names it as missing. A re-observation runs the sensors with the order's
//! nonce, waits for a second person, and shows the fresh run beside the one that the report rests on.

use super::carried::CarriedAnswer;
use super::order::seed_of;
use super::witness::Words;
use super::{SignedChallenge, bytes_of, order_of, wrong};
use crate::examine::Order;
use crate::programme::audit_path;
use crate::registry::zlib;
use crate::{Node, NodeError};
use discover::Reading;
use evidence::{
    Authenticated, Body, ChallengeEntry, ChallengeMove, Digest, Examination, Item, Opening, OpeningOrder,
    ProgrammeReport, Record, RecordKind, ReobservationOrder, Say, Scope, ScopeEntry, ScopeKind, SealedAnswer,
    Witnessed, canonical, leaf_hash,
};
use judge::{OpeningContent, REOBSERVATION, ReobservationContent, ShownItem, ShownRun, ShownThing};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use stdx::{Progress, Stop};

/// The fact that says which system a host runs: without it no check can be asked of its other facts.
const SYSTEM: &str = "os.family";

/// How to answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answering<'a> {
    /// A second person's name, typed: it is recorded as no more than that.
    pub witness: Option<&'a str>,
    /// What a second person signed in a home of their own.
    pub words: Option<&'a Words>,
    /// Threads that read data.
    pub workers: usize,
}

/// What became of an order.
#[derive(Clone, Debug)]
pub struct AnsweredOrder {
    /// The order.
    pub order: SignedChallenge,
    /// The answer; `None`: it waits for a witness.
    pub answer: Option<SignedChallenge>,
    /// The answer was made before; this is that one again.
    pub again: bool,
    /// Things that could not be observed from here.
    pub not_observed: u64,
    /// The answer as a file.
    pub file: Vec<u8>,
    /// What a second person is to sign, while there is no answer.
    pub ticket: Vec<u8>,
}

/// What comes of observing anew.
enum Anew {
    /// Everything that could be, and how many things could not.
    Whole(ReobservationContent, u64),
    /// Runs that a second person has still to sign.
    Unwitnessed(Vec<Digest>),
}

impl Node {
    /// Takes an order that came as a file. `Err` in the answer: why not.
    pub fn challenge_order_take(&self, bytes: &[u8]) -> Result<Result<SignedChallenge, Say>, NodeError> {
        let read = self.order_read(bytes)?;
        if let Ok(order) = &read {
            self.keep_order(order)?;
        }
        Ok(read)
    }

    /// Orders that wait for an answer.
    pub fn challenges_unanswered(&self) -> Result<Vec<SignedChallenge>, NodeError> {
        let done: BTreeSet<String> = self
            .challenge_entries()?
            .into_iter()
            .filter(|(e, _)| matches!(e.what, ChallengeMove::Opened(_)))
            .map(|(e, _)| e.challenge)
            .collect();
        Ok(self.orders_given()?.into_iter().filter(|o| !done.contains(&o.entry.challenge)).collect())
    }

    /// Answers one order; one that was answered before gets the same answer.
    pub fn challenge_answer(
        &self,
        order: &SignedChallenge,
        how: &Answering<'_>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<AnsweredOrder, NodeError> {
        if let Some(before) = self.answered_before(order)? {
            return Ok(before);
        }
        let of = order_of(&order.entry).ok_or_else(|| wrong("no-order"))?;
        let to = bytes_of(of.key).ok_or_else(|| wrong("no-order"))?;
        let report = match self.store().witness(of.report)?.record.into_value() {
            Record::ProgrammeReport(report) => *report,
            _ => return Err(wrong("no-order")),
        };
        let (clear, shown, missing) = match &order.entry.what {
            ChallengeMove::Drawn(drawn) => {
                let (content, asked) = self.opening(order.leaf, drawn, &report)?;
                let missing = content.missing.len() as u64;
                let shown = asked.saturating_sub(missing);
                (canonical::to_vec(&content), shown, missing)
            }
            ChallengeMove::Ordered(ordered) => {
                let (content, missing) = match self.reobservation(order, ordered, &report, how, progress, stop)? {
                    Anew::Whole(content, missing) => (content, missing),
                    Anew::Unwitnessed(runs) => {
                        let (ticket, order, file) = (self.ticket(order, &runs)?, order.clone(), Vec::new());
                        return Ok(AnsweredOrder { order, answer: None, again: false, not_observed: 0, file, ticket });
                    }
                };
                let shown = content.things.len() as u64;
                (canonical::to_vec(&content), shown, missing)
            }
            _ => return Err(wrong("no-order")),
        };
        let clear = clear.map_err(|e| NodeError::Internal(e.to_string()))?;
        let sealed = store::seal_to(&to, &zlib(&clear)?, &order.leaf.0)?;
        drop(clear);
        let what = ChallengeMove::Opened(SealedAnswer {
            order: order.leaf,
            sealed: Digest::of(&sealed),
            bytes: sealed.len() as u64,
            shown,
            missing,
        });
        let entry = self.challenge_entry(order.entry.challenge.clone(), None, what);
        let answer = self.challenge_append(entry, vec![sealed.clone()])?;
        let file = self.answer_file(answer.leaf, &sealed)?;
        let (order, not_observed, ticket) = (order.clone(), missing, Vec::new());
        Ok(AnsweredOrder { order, answer: Some(answer), again: false, not_observed, file, ticket })
    }

    fn answer_file(&self, leaf: Digest, sealed: &[u8]) -> Result<Vec<u8>, NodeError> {
        let carried = CarriedAnswer::new(self.store().envelope(leaf)?, sealed);
        canonical::to_vec(&carried).map_err(|e| NodeError::Internal(e.to_string()))
    }

    fn answered_before(&self, order: &SignedChallenge) -> Result<Option<AnsweredOrder>, NodeError> {
        for (entry, leaf) in self.challenge_entries()? {
            if let ChallengeMove::Opened(answer) = &entry.what
                && answer.order == order.leaf
            {
                let file = self.answer_file(leaf, &self.store().artifact(answer.sealed)?)?;
                let not_observed = answer.missing;
                let (answer, order) = (Some(SignedChallenge { entry, leaf }), order.clone());
                let ticket = Vec::new();
                return Ok(Some(AnsweredOrder { order, answer, again: true, not_observed, file, ticket }));
            }
        }
        Ok(None)
    }

    /// What was drawn, as far as it is at hand; and how much was drawn.
    fn opening(
        &self,
        leaf: Digest,
        order: &OpeningOrder,
        report: &ProgrammeReport,
    ) -> Result<(OpeningContent, u64), NodeError> {
        let seed = seed_of(order).ok_or_else(|| wrong("no-order"))?;
        let mut drawn: BTreeMap<Digest, Vec<u64>> = BTreeMap::new();
        for (examination, n) in judge::draw(&seed, &self.id(), order.report, &report.examinations, order.count) {
            drawn.entry(examination).or_default().push(n);
        }
        let mut content = OpeningContent::new(leaf);
        for (examination, numbers) in &drawn {
            let lines = match self.store().items(*examination) {
                Ok(Some(lines)) => lines,
                // Gone or damaged: it is named, and the rest is shown.
                _ => {
                    content.missing.extend(numbers.iter().map(|n| (*examination, *n)));
                    continue;
                }
            };
            content.examinations.push(self.store().envelope(*examination)?);
            show(&mut content, *examination, &lines, numbers);
        }
        self.replaced(&drawn, report, &mut content)?;
        Ok((content, drawn.values().map(|numbers| numbers.len() as u64).sum()))
    }

    /// Of each host that items were drawn of, the newest run as well: what it replaced says nothing of how the host stands.
    fn replaced(
        &self,
        drawn: &BTreeMap<Digest, Vec<u64>>,
        report: &ProgrammeReport,
        content: &mut OpeningContent,
    ) -> Result<(), NodeError> {
        let mut newest: BTreeMap<String, (evidence::Time, Digest)> = BTreeMap::new();
        let mut of_drawn = BTreeSet::new();
        for e in &report.examinations {
            let Ok(envelope) = self.store().envelope(e.leaf) else { continue };
            let Ok(Record::Examination(run)) = Record::from_statement(envelope.payload()) else { continue };
            if run.counts.facts == 0 {
                continue;
            }
            let subject = format!("{:?}", (&run.subject.host, &run.subject.machine, &run.subject.root));
            if drawn.contains_key(&e.leaf) {
                of_drawn.insert(subject.clone());
            }
            let kept = newest.entry(subject).or_insert((run.ended, e.leaf));
            *kept = (*kept).max((run.ended, e.leaf));
        }
        for (subject, (_, leaf)) in newest {
            if of_drawn.contains(&subject) && !drawn.contains_key(&leaf) {
                content.examinations.push(self.store().envelope(leaf)?);
            }
        }
        Ok(())
    }

    /// The fresh runs beside the old ones, once a second person has signed all of them; until then which those are.
    fn reobservation(
        &self,
        order: &SignedChallenge,
        ordered: &ReobservationOrder,
        report: &ProgrammeReport,
        how: &Answering<'_>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Anew, NodeError> {
        let cited = report.cites.iter().find(|(_, kind)| *kind == RecordKind::Scope);
        let scope_leaf = cited.ok_or_else(|| wrong("no-scope"))?.0;
        let Record::Scope(scope) = self.store().witness(scope_leaf)?.record.into_value() else {
            return Err(wrong("no-scope"));
        };
        let (mut runs, mut missing) = (Vec::new(), 0);
        for (at, (kind, nth)) in (0_u64..).zip(&ordered.things) {
            let entry = declared(&scope, kind, *nth);
            let before = entry.map(|e| self.newest_of(report, e)).transpose()?.flatten();
            let (Some(entry), Some(before)) = (entry, before) else {
                missing += 1;
                continue;
            };
            let Some(after) = self.observed_anew(entry, ordered, how, progress, stop)? else {
                missing += 1;
                continue;
            };
            runs.push((at, before, after));
        }
        // All runs are made before anybody is asked to sign: a witness is fetched once.
        let mut things = Vec::with_capacity(runs.len());
        for (thing, before, after) in &runs {
            let word = how.words.and_then(|w| w.of(order.leaf, *after));
            let (witness, witness_key) = match (word, self.witnessed(order, *after)?, how.witness) {
                (Some((word, key)), ..) => (word, Some(key)),
                (None, Some(leaf), _) => (self.store().envelope(leaf)?, None),
                (None, None, Some(name)) => {
                    let leaf = self.challenge_witness_run(order, *after, Some(name))?.leaf;
                    (self.store().envelope(leaf)?, None)
                }
                (None, None, None) => return Ok(Anew::Unwitnessed(runs.iter().map(|r| r.2).collect())),
            };
            let (before, after) = (self.shown_run(*before)?, self.shown_run(*after)?);
            things.push(ShownThing { thing: *thing, before, after, witness: Some(witness), witness_key });
        }
        let (format, scope) = (REOBSERVATION.to_owned(), self.store().envelope(scope_leaf)?);
        Ok(Anew::Whole(ReobservationContent { format, order: order.leaf, scope, things }, missing))
    }

    fn shown_run(&self, leaf: Digest) -> Result<ShownRun, NodeError> {
        let items = self.store().items(leaf)?.ok_or_else(|| wrong("no-items"))?;
        let items = String::from_utf8(items).map_err(|e| NodeError::Internal(e.to_string()))?;
        Ok(ShownRun { envelope: self.store().envelope(leaf)?, items })
    }

    /// The newest run of a declared thing that a report rests on.
    fn newest_of(&self, report: &ProgrammeReport, entry: &ScopeEntry) -> Result<Option<Digest>, NodeError> {
        let mut newest = None;
        for e in &report.examinations {
            if let Record::Examination(run) = self.store().witness(e.leaf)?.record.value()
                && is_about(run, entry)
            {
                newest = newest.max(Some((run.ended, e.leaf)));
            }
        }
        Ok(newest.map(|n| n.1))
    }

    /// Runs the sensors over a declared thing with the order's nonce, or finds the run that was made before; `None`: not reached from here.
    fn observed_anew(
        &self,
        entry: &ScopeEntry,
        ordered: &ReobservationOrder,
        how: &Answering<'_>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Option<Digest>, NodeError> {
        for leaf in self.store().leaves(&[RecordKind::Examination])?.into_iter().rev().take(1000) {
            let Ok(envelope) = self.store().envelope(leaf) else { continue };
            if let Ok(Record::Examination(run)) = Record::from_statement(envelope.payload())
                && run.nonce.as_deref() == Some(ordered.nonce.as_str())
                && is_about(&run, entry)
            {
                return Ok(Some(leaf));
            }
        }
        let mut order = Order { workers: how.workers.max(1), reading: Reading::Everything, ..Order::default() };
        order.nonce = Some(ordered.nonce.clone());
        match entry.kind {
            ScopeKind::Host => order.host = Some(inspect::Target::Live),
            ScopeKind::Share => {
                let path = PathBuf::from(folder(entry));
                if !path.is_absolute() || !path.exists() {
                    return Ok(None);
                }
                order.folders = vec![path];
            }
            _ => return Ok(None),
        }
        let observed = self.observe(&order, progress, stop)?;
        if stop.requested() {
            return Err(NodeError::Stopped);
        }
        // This machine is not the one that was drawn.
        if !is_about(&observed.examination, entry) {
            return Ok(None);
        }
        let kept = self.append(&Record::Examination(observed.examination), Some(observed.lines), Vec::new())?;
        Ok(Some(kept.witness.record.leaf()))
    }

    /// The newest word of a second person about a run; one of another account before one that was typed.
    fn witnessed(&self, order: &SignedChallenge, run: Digest) -> Result<Option<Digest>, NodeError> {
        let about = |e: &ChallengeEntry| matches!(&e.what, ChallengeMove::Witnessed(w) if w.order == order.leaf && w.examination == run);
        let all: Vec<_> = self.challenge_entries()?.into_iter().filter(|(e, _)| about(e)).collect();
        let by_account = |e: &ChallengeEntry| e.author.authenticated != Authenticated::TypedName;
        let best = all.iter().rev().find(|(e, _)| by_account(e)).or_else(|| all.last());
        Ok(best.map(|(_, leaf)| *leaf))
    }

    fn challenge_witness_run(
        &self,
        order: &SignedChallenge,
        run: Digest,
        name: Option<&str>,
    ) -> Result<SignedChallenge, NodeError> {
        let what = ChallengeMove::Witnessed(Witnessed { order: order.leaf, examination: run });
        self.challenge_append(self.challenge_entry(order.entry.challenge.clone(), name, what), Vec::new())
    }

    /// Signs, as the account that runs this, that the runs of an order were seen being made. Answers how many.
    pub fn challenge_witness(&self, named: &str) -> Result<u64, NodeError> {
        let fits = |o: &SignedChallenge| !named.is_empty() && o.entry.challenge.starts_with(named);
        let order =
            self.orders_given()?.into_iter().find(fits).ok_or_else(|| {
                NodeError::Entry(Say::new("error.challenge-unknown").with("value", attest::clean(named)))
            })?;
        let ChallengeMove::Ordered(ordered) = &order.entry.what else { return Err(wrong("no-witness")) };
        let mut count = 0;
        for leaf in self.store().leaves(&[RecordKind::Examination])?.into_iter().rev().take(1000) {
            if let Record::Examination(run) = self.store().witness(leaf)?.record.value()
                && run.nonce.as_deref() == Some(ordered.nonce.as_str())
            {
                self.challenge_witness_run(&order, leaf, None)?;
                count += 1;
            }
        }
        if count == 0 { Err(wrong("nothing-run")) } else { Ok(count) }
    }
}

/// Opens items of one examination by their numbers, and what says which system it is.
fn show(content: &mut OpeningContent, examination: Digest, lines: &[u8], numbers: &[u64]) {
    let lines: Vec<&[u8]> = lines.split(|b| *b == b'\n').filter(|l| !l.is_empty()).collect();
    let hashes: Vec<Digest> = lines.iter().map(|l| leaf_hash(l)).collect();
    let item = |n: u64| {
        let at = usize::try_from(n).ok()?;
        let item: Item = canonical::from_slice(lines.get(at)?).ok()?;
        Some(ShownItem { examination, opening: Opening { item, path: audit_path(&hashes, at) } })
    };
    for n in numbers {
        match item(*n) {
            Some(shown) => content.items.push(shown),
            None => content.missing.push((examination, *n)),
        }
    }
    let says_system = |line: &&[u8]| {
        canonical::from_slice::<Item>(line).is_ok_and(|i| matches!(&i.body, Body::Fact(f) if f.fact.as_str() == SYSTEM))
    };
    let system = lines.iter().position(says_system).and_then(|at| u64::try_from(at).ok());
    if let Some(n) = system.filter(|n| !numbers.contains(n)) {
        content.items.extend(item(n));
    }
}

/// The declared thing that an order names.
fn declared<'a>(scope: &'a Scope, kind: &str, nth: u64) -> Option<&'a ScopeEntry> {
    scope.entries.iter().filter(|e| e.kind.name() == kind).nth(usize::try_from(nth).ok()?)
}

/// The path of a share, without the host that it may begin with.
fn folder(entry: &ScopeEntry) -> &str {
    entry.id.split_once(':').map_or(entry.id.as_str(), |(_, path)| path)
}

fn is_about(run: &Examination, entry: &ScopeEntry) -> bool {
    match entry.kind {
        ScopeKind::Host => run.subject.host == entry.id && run.counts.facts > 0,
        ScopeKind::Share => run.subject.folders.iter().any(|f| f.as_str() == folder(entry) || f.as_str() == entry.id),
        _ => false,
    }
}

//! A parent takes answers in and judges them: opened in memory, held against the report, kept as counts.

use super::carried::CarriedAnswer;
use super::order::seed_of;
use super::secrets::Secrets;
use super::{DAY_MILLIS, GRACE_DAYS, SignedChallenge, order_of, refused, wrong};
use crate::federation::{Certified, Reader};
use crate::registry::unzlib;
use crate::{Node, NodeError, home};
use data_encoding::BASE64;
use evidence::{
    Author, ChallengeEntry, ChallengeJudged, ChallengeMove, ChallengeVerdict, Digest, NodeId, OpeningNumbers,
    ProgrammeReport, Record, RecordKind, ReobservationNumbers, Say, SealedAnswer, Time,
};
use judge::{OpeningCase, ReobservationCase, Reobserved};
use plan::CheckedPlan;
use std::collections::HashMap;
use store::StoreError;

/// What became of an answer, or of an order that nobody answered.
#[derive(Clone, Debug)]
pub enum Took {
    /// Judged.
    Judged(Box<SignedChallenge>),
    /// Not taken; the challenge, and why. It changes nothing: the order stands as it stood.
    Refused(String, Say),
}

/// An answer as it came.
struct Came {
    challenge: String,
    leaf: Digest,
    answer: SealedAnswer,
    author: Author,
    sealed: Vec<u8>,
    at: Time,
}

/// What a verdict rests on.
type Numbers = (Option<OpeningNumbers>, Option<ReobservationNumbers>);

impl Node {
    /// Takes in an answer that came as a file, and judges it under `plan`.
    pub fn challenge_take_file(&self, plan: &CheckedPlan, bytes: &[u8]) -> Result<Took, NodeError> {
        let _desk = self.desk()?;
        let no = |say: Say| Ok(Took::Refused(String::new(), say));
        let carried = match CarriedAnswer::read(bytes) {
            Ok(carried) => carried,
            Err(say) => return no(say),
        };
        let Ok(sealed) = BASE64.decode(carried.sealed.as_bytes()) else { return no(refused("seal")) };
        // Whose it claims to be says which keys it is held against.
        let claimed = match Record::from_statement(carried.envelope.payload()) {
            Ok(Record::Challenge(entry)) => entry.node,
            _ => return no(refused("no-order")),
        };
        let Some(mirror) = self.mirror_if_any()? else { return no(refused("stranger")) };
        let mut reader = Reader::new(self, &mirror);
        let mut roster = self.roster()?;
        let known = self.known(&mut roster, &claimed)?;
        drop(roster);
        if known.is_none() {
            return no(refused("stranger"));
        }
        let child = reader.child(&claimed)?;
        let record = match proof::verify_envelope(&carried.envelope, &child.chain.evidence_keys()) {
            Ok(record) => record,
            Err(e) => return no(refused("signature").with("why", attest::clean(&e.to_string()))),
        };
        let leaf = record.leaf();
        let Record::Challenge(entry) = record.into_value() else { return no(refused("no-order")) };
        let ChallengeEntry { author, challenge, what, .. } = *entry;
        let ChallengeMove::Opened(answer) = what else { return no(refused("no-order")) };
        let came = Came { challenge, leaf, answer, author, sealed, at: home::now() };
        let mut secrets = self.challenge_secrets()?;
        self.judge_answer(plan, &mut reader, &mut secrets, &claimed, &came)
    }

    /// Judges every answer that came with a package and was not judged, and every order whose time is over. What cannot be taken is said,
    /// once an answer, each time.
    pub fn challenge_take(&self, plan: &CheckedPlan) -> Result<Vec<Took>, NodeError> {
        let _desk = self.desk()?;
        let mut out = Vec::new();
        let entries = self.challenge_entries()?;
        let mut secrets = self.challenge_secrets()?;
        if let Some(mirror) = self.mirror_if_any()? {
            let mut reader = Reader::new(self, &mirror);
            for received in self.received(RecordKind::Challenge)? {
                let Record::Challenge(entry) = received.witness.record.value() else { continue };
                let ChallengeMove::Opened(answer) = &entry.what else { continue };
                let judged = entries.iter().any(|(e, _)| {
                    e.challenge == entry.challenge
                        && matches!(&e.what, ChallengeMove::Judged(j) if j.answer == Some(received.leaf))
                });
                if judged || !received.path.is_empty() {
                    continue;
                }
                let sealed = match mirror.read(|m| m.artifact(answer.sealed)) {
                    Ok(sealed) => sealed,
                    Err(StoreError::NotFound(_)) => {
                        out.push(Took::Refused(entry.challenge.clone(), refused("seal")));
                        continue;
                    }
                    Err(e) => return Err(e.into()),
                };
                let came = Came {
                    challenge: entry.challenge.clone(),
                    leaf: received.leaf,
                    answer: answer.clone(),
                    author: entry.author.clone(),
                    sealed,
                    at: received.seen,
                };
                out.push(self.judge_answer(plan, &mut reader, &mut secrets, &received.child, &came)?);
            }
        }
        out.extend(self.judge_silence(&mut secrets)?);
        Ok(out)
    }

    /// Orders that nobody answered and nobody can answer any more.
    fn judge_silence(&self, secrets: &mut Secrets) -> Result<Vec<Took>, NodeError> {
        let entries = self.challenge_entries()?;
        let over = home::now().millis().saturating_sub(GRACE_DAYS * DAY_MILLIS);
        let mut out = Vec::new();
        for (entry, leaf) in &entries {
            let Some(order) = order_of(entry).filter(|o| o.due.millis() < over) else { continue };
            let judged = |e: &ChallengeEntry| matches!(&e.what, ChallengeMove::Judged(j) if j.order == *leaf);
            if entries.iter().any(|(e, _)| judged(e)) {
                continue;
            }
            let what = ChallengeJudged {
                child: order.child.clone(),
                uscc: self.uscc_of(order.child)?,
                judge: judge::VERSION.to_owned(),
                order: *leaf,
                report: order.report,
                answer: None,
                answered_at: None,
                verdict: ChallengeVerdict::None,
                opening: None,
                reobservation: None,
            };
            out.push(Took::Judged(Box::new(self.settle(secrets, &entry.challenge, what)?)));
        }
        Ok(out)
    }

    fn uscc_of(&self, child: &NodeId) -> Result<String, NodeError> {
        let mut roster = self.roster()?;
        Ok(self.known(&mut roster, child)?.map_or_else(String::new, |k| k.member.part.uscc.clone()))
    }

    /// Signs what came of a challenge; then its key is destroyed. A crash between the two leaves a key to an answer that was judged.
    fn settle(
        &self,
        secrets: &mut Secrets,
        challenge: &str,
        what: ChallengeJudged,
    ) -> Result<SignedChallenge, NodeError> {
        let entry = self.challenge_entry(challenge.to_owned(), None, ChallengeMove::Judged(Box::new(what)));
        let kept = self.challenge_append(entry, Vec::new())?;
        secrets.destroy_key(challenge);
        self.keep_challenge_secrets(secrets)?;
        Ok(kept)
    }

    fn judge_answer(
        &self,
        plan: &CheckedPlan,
        reader: &mut Reader<'_>,
        secrets: &mut Secrets,
        child: &NodeId,
        came: &Came,
    ) -> Result<Took, NodeError> {
        let no = |say: Say| Ok(Took::Refused(came.challenge.clone(), say));
        let entries = self.challenge_entries()?;
        let order = entries.iter().find(|(_, leaf)| *leaf == came.answer.order);
        let order = order.and_then(|(e, leaf)| order_of(e).map(|o| (e, *leaf, o)));
        let Some((order_entry, order_leaf, of)) = order else { return no(refused("no-order")) };
        if of.child != child || order_entry.challenge != came.challenge {
            return no(refused("other-order"));
        }
        if entries.iter().any(|(e, _)| matches!(&e.what, ChallengeMove::Judged(j) if j.order == order_leaf)) {
            return no(refused("judged").with("challenge", &came.challenge));
        }
        if Digest::of(&came.sealed) != came.answer.sealed {
            return no(refused("seal"));
        }
        let Some(key) = secrets.key(&came.challenge) else {
            return no(refused("no-key").with("challenge", &came.challenge));
        };
        let packed = match key.open(&came.sealed, &order_leaf.0) {
            Ok(packed) => packed,
            Err(StoreError::Letter | StoreError::TooLarge { .. }) => return no(refused("seal")),
            Err(e) => return Err(e.into()),
        };
        let content =
            |why: String| refused("content").with("why", attest::clean(&why.chars().take(200).collect::<String>()));
        let clear = match unzlib(&packed, judge::ANSWER_BYTES_MAX as u64) {
            Ok(clear) => clear,
            Err(why) => return no(content(why)),
        };
        let by = reader.child(child)?;
        let report = self.report_of(child, of.report)?;
        let (opening, reobservation): Numbers = match &order_entry.what {
            ChallengeMove::Drawn(order) => {
                let shown = match judge::read_opening(&clear) {
                    Ok(shown) if shown.order == order_leaf => shown,
                    Ok(_) => return no(refused("other-order")),
                    Err(why) => return no(content(why)),
                };
                let places = self.places(reader, child)?;
                let case = OpeningCase {
                    plan,
                    order,
                    seed: seed_of(order).ok_or_else(|| wrong("no-seed"))?,
                    report: &report.1,
                    report_index: report.0,
                    keys: &by.chain.evidence_keys(),
                    place: &|leaf| places.get(&leaf).copied(),
                    shown: &shown,
                };
                let mut judged = judge::judged_opening(&case);
                let common = self.compare_shown(secrets, &by.part.uscc, order_leaf, &judged.bodies)?;
                judged.numbers.shared = common.shared;
                judged.numbers.alike = common.alike;
                judged.numbers.shared_with = common.with;
                (Some(judged.numbers), None)
            }
            ChallengeMove::Ordered(order) => {
                let shown = match judge::read_reobservation(&clear) {
                    Ok(shown) if shown.order == order_leaf => shown,
                    Ok(_) => return no(refused("other-order")),
                    Err(why) => return no(content(why)),
                };
                let (keys, report, author) = (by.chain.evidence_keys(), &report.1, &came.author);
                let case = ReobservationCase { plan, order, order_leaf, report, keys: &keys, author, shown: &shown };
                (None, Some(judge::judged_anew(&case)))
            }
            _ => return no(refused("no-order")),
        };
        drop(clear);
        let what = judged(&by, child, (order_leaf, of.report, of.due), came, opening, reobservation);
        Ok(Took::Judged(Box::new(self.settle(secrets, &came.challenge, what)?)))
    }

    /// A report of a child, with its index in the child's log.
    pub(crate) fn report_of(&self, child: &NodeId, leaf: Digest) -> Result<(u64, ProgrammeReport), NodeError> {
        let found =
            self.received(RecordKind::ProgrammeReport)?.into_iter().find(|r| r.child == *child && r.leaf == leaf);
        match found.map(|r| (r.index, r.witness.record.into_value())) {
            Some((index, Record::ProgrammeReport(report))) => Ok((index, *report)),
            _ => Err(wrong("no-report")),
        }
    }

    /// Where each record of a child's log stands, as mirrored.
    pub(crate) fn places(&self, reader: &Reader<'_>, child: &NodeId) -> Result<HashMap<Digest, u64>, NodeError> {
        let leaves = reader.mirror.read(|m| {
            let held = m.held(child)?;
            m.leaves(child, 0, held.accepted)
        })?;
        Ok(leaves.into_iter().zip(0_u64..).collect())
    }

    /// Re-observations that were judged here and below by an instant, for the count of progress.
    pub(crate) fn reobserved(&self, as_of: Time) -> Result<Vec<Reobserved>, NodeError> {
        self.told_of(as_of, judge::reobservation_held)
    }

    /// Openings likewise: whether everything that was drawn was shown in time and fits. One without an answer says nothing here: silence
    /// is a matter of its own.
    pub(crate) fn opened(&self, as_of: Time) -> Result<Vec<Reobserved>, NodeError> {
        self.told_of(as_of, opening_held)
    }

    fn told_of(
        &self,
        as_of: Time,
        held: impl Fn(&ChallengeJudged) -> Option<bool>,
    ) -> Result<Vec<Reobserved>, NodeError> {
        let own = self.challenge_entries()?.into_iter();
        let below =
            self.received(RecordKind::Challenge)?.into_iter().filter(|r| r.seen <= as_of && r.doubts.is_empty());
        let below = below.filter_map(|r| {
            let leaf = r.leaf;
            match r.witness.record.into_value() {
                Record::Challenge(entry) => Some((*entry, leaf)),
                _ => None,
            }
        });
        Ok(own.chain(below).filter_map(|(entry, leaf)| told(&entry, leaf, &held)).collect())
    }

    /// The same, openings and re-observations, with what came from below handed in.
    pub(crate) fn checks_with(&self, below: Vec<(ChallengeEntry, Digest)>) -> Result<[Vec<Reobserved>; 2], NodeError> {
        let all: Vec<_> = self.challenge_entries()?.into_iter().chain(below).collect();
        let of = |held: &dyn Fn(&ChallengeJudged) -> Option<bool>| {
            all.iter().filter_map(|(entry, leaf)| told(entry, *leaf, held)).collect()
        };
        Ok([of(&opening_held), of(&judge::reobservation_held)])
    }
}

fn opening_held(j: &ChallengeJudged) -> Option<bool> {
    j.opening.as_ref().map(|_| j.verdict == ChallengeVerdict::Kept)
}

fn told(
    entry: &ChallengeEntry,
    leaf: Digest,
    held: &(impl Fn(&ChallengeJudged) -> Option<bool> + ?Sized),
) -> Option<Reobserved> {
    match &entry.what {
        ChallengeMove::Judged(j) => {
            Some(Reobserved { uscc: j.uscc.clone(), at: entry.stated_at, leaf, held: held(j)? })
        }
        _ => None,
    }
}

fn judged(
    by: &Certified,
    child: &NodeId,
    (order, report, due): (Digest, Digest, Time),
    came: &Came,
    opening: Option<OpeningNumbers>,
    reobservation: Option<ReobservationNumbers>,
) -> ChallengeJudged {
    let verdict = match (&opening, &reobservation) {
        (Some(n), _) => judge::opening_verdict(due, Some((came.at, n))),
        (None, n) => judge::reobservation_verdict(due, n.as_ref().map(|n| (came.at, n))),
    };
    ChallengeJudged {
        child: child.clone(),
        uscc: by.part.uscc.clone(),
        judge: judge::VERSION.to_owned(),
        order,
        report,
        answer: Some(came.leaf),
        answered_at: Some(came.at),
        verdict,
        opening,
        reobservation,
    }
}

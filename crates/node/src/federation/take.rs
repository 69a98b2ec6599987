//! Taking in packages: many of many children at once, one transaction, one receipt each.
//!
//! Signatures are checked first, on all cores and without any lock; then, one after the other within the transaction, everything
//! that depends on what is held. A package is taken whole or nothing of it is. The receipts follow in the own log, one batch,
//! after the transaction is durable: a crash between the two leaves leaves without a receipt, and the child's next package - also
//! the same one again - makes it.

use super::caught::{self, History, equivocation};
use super::chain::Chain;
use super::fault::Fault;
use super::invite::covers;
use super::judged::doubts;
use super::nested::{Vouched, Vouching};
use super::parallel::in_parallel;
use super::received::open;
use super::roster::{Known, LastReceipt, Roster};
use super::upward::{artifact, dated, goes_up, made_at};
use super::wire::{Package, State, clip};
use crate::{Node, NodeError, home};
use data_encoding::BASE64;
use evidence::{
    ChallengeMove, Digest, Equivocation, Member, NodeId, Part, Receipt, Received, Record, RecordKind, Time,
};
use proof::{Checkpoint, Verified};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};
use store::{Deposit, Intake, Shipped, StoreError};

/// How far ahead of this node's clock a record may be dated, in minutes.
const AHEAD_MINUTES: i64 = 24 * 60;
/// Most leaves of one child that wait for the rest of their checkpoint: no step of a log has as many.
const WAITING_MAX: u64 = 1 << 20;

/// A package on its way in.
struct Case {
    package: Package,
    leaves: Vec<Digest>,
    known: Arc<Known>,
    /// The child's keys, with every change of them that came so far.
    chain: Chain,
}

/// What of it verified, or the fault at the step where it belongs.
struct Checked {
    checkpoint: Result<Checkpoint, Fault>,
    records: Result<Vec<Verified<Record>>, Fault>,
    chain: Chain,
}

/// What became of one package.
pub(crate) struct Taken {
    pub(crate) to: Option<NodeId>,
    pub(crate) package: Option<Package>,
    pub(crate) state: State,
    pub(crate) fault: Option<Fault>,
    pub(crate) held: (u64, Digest),
    /// What the parent's log will say: a membership with new keys, then the receipt; or an equivocation.
    pub(crate) said: Vec<Record>,
    pub(crate) known: Option<Arc<Known>>,
}

/// Children as they stand within the batch: the log is written after the transaction.
struct Now {
    known: Arc<Known>,
    caught: bool,
    /// Size that the newest receipt, also one that is still to be written, covers.
    receipted: u64,
    /// The child's keys after a package of this batch.
    rekeyed: Option<Chain>,
}

impl Node {
    /// A parent's answers to packages, one each, in their order. All of them become durable together: one transaction of the mirror,
    /// one batch of the log. `Err` only where nothing durable could be done; then nothing was answered and everything may come again.
    pub fn packages_taken(&self, packages: &[&[u8]]) -> Result<Vec<Vec<u8>>, NodeError> {
        self.packages_in(packages, false)
    }

    /// The same for packages that came as files: their receipts say so.
    pub fn packages_carried(&self, packages: &[&[u8]]) -> Result<Vec<Vec<u8>>, NodeError> {
        self.packages_in(packages, true)
    }

    fn packages_in(&self, packages: &[&[u8]], carried: bool) -> Result<Vec<Vec<u8>>, NodeError> {
        let read = in_parallel(packages, |bytes| Package::read(bytes));
        let desk = self.desk()?;
        let mut roster = self.roster()?;
        let mut opened: Vec<_> = read.into_iter().map(|r| self.open_case(&mut roster, r)).collect::<Result<_, _>>()?;
        drop(roster);
        self.chains_now(&mut opened)?;
        let now = home::now();
        let checked = in_parallel(&opened, |o| o.as_ref().ok().map(check));
        let mut standing: HashMap<NodeId, Now> = HashMap::new();
        let mirror = self.mirror()?;
        let taken = mirror.take(&desk.1, |intake| {
            let mut taken = Vec::with_capacity(opened.len());
            for (case, checked) in opened.into_iter().zip(checked) {
                taken.push(match (case, checked) {
                    (Ok(case), Some(checked)) => self.take_one(intake, case, checked, &mut standing, now, carried)?,
                    (Err(refused), _) => refused,
                    (Ok(_), None) => return Err(StoreError::Database("a package was not checked".to_owned())),
                });
            }
            Ok(taken)
        })?;
        let answers = self.answers_to(&taken)?;
        if super::judged::brought_registry(&taken) {
            // What was taken in is answered whatever becomes of the union; whoever runs this is told.
            let missed = self.unions_due_at_desk().err().map(|e| e.say());
            *self.federation.union_missed.lock().unwrap_or_else(PoisonError::into_inner) = missed;
        }
        drop(desk);
        Ok(answers)
    }

    /// Everything before the checkpoint: form, address, membership.
    fn open_case(
        &self,
        roster: &mut Roster,
        read: Result<(Package, Vec<Digest>), Fault>,
    ) -> Result<Result<Case, Taken>, NodeError> {
        let (package, leaves) = match read {
            Ok(read) => read,
            Err(fault) => return Ok(Err(Taken::refused(None, None, fault))),
        };
        if package.to != self.id() {
            let fault = Fault::NotForMe(clip(package.to.as_str()));
            return Ok(Err(Taken::refused(Some(package), None, fault)));
        }
        let Some(known) = self.known(roster, &package.from)? else {
            return Ok(Err(Taken::refused(Some(package), None, Fault::NotAMember)));
        };
        if let Some(fault) = known.barred() {
            return Ok(Err(Taken::refused(Some(package), Some(known), fault)));
        }
        let chain = known.chain.clone();
        Ok(Ok(Case { package, leaves, known, chain }))
    }

    /// The keys of each child with every change of them that is held; all of them read at one moment.
    fn chains_now(&self, opened: &mut [Result<Case, Taken>]) -> Result<(), NodeError> {
        let mirror = self.mirror()?;
        let mut changed: HashMap<NodeId, Vec<Shipped>> = HashMap::new();
        mirror.read(|m| {
            for case in opened.iter().flatten() {
                let child = &case.package.from;
                if !changed.contains_key(child) {
                    changed.insert(child.clone(), m.shipped_by(child, RecordKind::Attestation)?);
                }
            }
            Ok(())
        })?;
        for case in opened.iter_mut().flatten() {
            if let Some(changes) = changed.get(&case.package.from).filter(|c| !c.is_empty()) {
                case.chain = grown(&case.known, changes)?;
            }
        }
        Ok(())
    }

    /// Everything that depends on what is held. Errors are of this node; a fault of the package is in the answer.
    fn take_one(
        &self,
        intake: &Intake<'_>,
        case: Case,
        checked: Checked,
        standing: &mut HashMap<NodeId, Now>,
        now: Time,
        carried: bool,
    ) -> Result<Taken, StoreError> {
        let child = case.package.from.clone();
        let at = standing.entry(child.clone()).or_insert_with(|| Now {
            known: Arc::clone(&case.known),
            caught: false,
            receipted: case.known.receipt.as_ref().map_or(0, |r| r.size),
            rekeyed: None,
        });
        if at.caught {
            return Taken::refused(Some(case.package), Some(case.known), Fault::Caught).held(intake, &child);
        }
        let (case, checked) = match &at.rekeyed {
            // A package of this child before it in the batch brought keys.
            Some(chain) => {
                let case = Case { chain: chain.clone(), ..case };
                let checked = check(&case);
                (case, checked)
            }
            None => (case, checked),
        };
        let take = Take { node: self, intake, case: &case, now };
        let outcome = match checked.checkpoint {
            Err(fault) => Outcome::Refused(fault),
            Ok(checkpoint) => take.leaves(&checkpoint, checked.records)?,
        };
        let (mut fault, mut said) = (None, Vec::new());
        let state = match outcome {
            Outcome::Refused(why) => {
                fault = Some(why);
                State::Refused
            }
            Outcome::Caught(e) => {
                at.caught = true;
                fault = Some(caught::fault(&e));
                said.push(Record::Equivocation(e));
                State::Refused
            }
            Outcome::Behind => State::Behind,
            Outcome::More => {
                at.rekeyed = Some(checked.chain);
                State::More
            }
            Outcome::Accepted { new } => {
                let chain = if new { checked.chain } else { case.chain.clone() };
                if chain.grown() {
                    said.push(self.renewed(at, &chain, intake, now)?);
                }
                at.rekeyed = Some(chain.settled());
                State::Accepted
            }
        };
        if state == State::Accepted {
            said.extend(self.receipt(at, intake, now, carried).map_err(in_store)?);
        }
        let known = Some(Arc::clone(&case.known));
        let held = (0, Digest::of(b""));
        Taken { to: Some(child.clone()), package: Some(case.package), state, fault, held, said, known }
            .held(intake, &child)
    }

    /// The membership under the keys that the child's own changes lead to.
    fn renewed(&self, at: &Now, chain: &Chain, intake: &Intake<'_>, now: Time) -> Result<Record, StoreError> {
        let (evidence_keys, log_keys) = chain.texts();
        let changes = intake.shipped_by(&at.known.member.child, RecordKind::Attestation)?;
        Ok(Record::Member(Box::new(Member {
            node: self.id(),
            author: self.author(None),
            stated_at: now,
            evidence_keys,
            log_keys,
            invitation: None,
            follows: changes.last().map(|s| s.leaf),
            reason: String::new(),
            ..at.known.member.clone()
        })))
    }

    /// The receipt over everything that no receipt covers yet; nothing if the newest covers all. Before it the entries of orders that came with
    /// it, as this log takes them over: a crash before they are written is one before the receipt too.
    fn receipt(&self, at: &mut Now, intake: &Intake<'_>, now: Time, carried: bool) -> Result<Vec<Record>, NodeError> {
        let child = at.known.member.child.clone();
        let size = intake.held(&child)?.accepted;
        let Some(checkpoint) = intake.checkpoint(&child, size)?.filter(|_| size > at.receipted) else {
            return Ok(Vec::new());
        };
        let (mut records, mut said) = (Vec::new(), Vec::new());
        for shipped in intake.shipped_between(&child, at.receipted, size)? {
            let mut doubts = doubts(intake, &at.known.member.part, &shipped, now)?;
            if shipped.kind == RecordKind::Order.predicate_type() {
                let entry = (shipped.leaf, &*shipped.envelope);
                match self.order_from_below(&child, &at.known.member.part, entry, now)? {
                    Ok(entry) => said.extend(entry),
                    Err(doubt) => doubts.push(doubt),
                }
            }
            records.push(Received { index: shipped.index, leaf: shipped.leaf, kind: shipped.kind, doubts });
        }
        let root = intake.root(&child, size)?;
        let from = std::mem::replace(&mut at.receipted, size);
        let receipt = Receipt { node: self.id(), child, at: now, from, size, root, checkpoint, records, carried };
        said.push(Record::Receipt(Box::new(receipt)));
        Ok(said)
    }

    /// Puts what was said into the roster, so that the next batch need not look it up.
    pub(crate) fn note(&self, taken: &Taken, leaves: &BTreeMap<usize, Digest>) -> Option<Arc<Known>> {
        let mut known = (**taken.known.as_ref()?).clone();
        for (n, record) in taken.said.iter().enumerate() {
            let leaf = *leaves.get(&n)?;
            match record {
                Record::Member(m) => {
                    known.chain = Chain::member(m).ok()?;
                    known.member = (**m).clone();
                    known.leaf = leaf;
                    known.caught = false;
                }
                Record::Receipt(r) => known.receipt = Some(LastReceipt { leaf, size: r.size }),
                Record::Equivocation(_) => known.caught = true,
                _ => {}
            }
        }
        Some(Arc::new(known))
    }
}

/// The keys of a child with its own changes of them.
fn grown(known: &Known, changes: &[Shipped]) -> Result<Chain, NodeError> {
    let child = &known.member.child;
    let mut chain = known.chain.clone();
    for shipped in changes {
        let what = format!("record {} of {child}", shipped.index);
        let record = open(&what, &shipped.envelope, shipped.leaf, &chain)?;
        if let Record::Attestation(a) = record.value()
            && let Some(change) = a.as_key_change()
        {
            chain.change(shipped.index, change).map_err(|e| StoreError::Damaged { what, why: e.to_string() })?;
        }
    }
    Ok(chain)
}

impl Taken {
    fn refused(package: Option<Package>, known: Option<Arc<Known>>, fault: Fault) -> Self {
        let to = package.as_ref().map(|p| p.from.clone());
        let held = (0, Digest::of(b""));
        Self { to, package, state: State::Refused, fault: Some(fault), held, said: Vec::new(), known }
    }
    fn held(mut self, intake: &Intake<'_>, child: &NodeId) -> Result<Self, StoreError> {
        let size = intake.held(child)?.size;
        self.held = (size, intake.root(child, size)?);
        Ok(self)
    }
}

/// Signatures, and what needs nothing but the package.
fn check(case: &Case) -> Checked {
    let mut chain = case.chain.clone();
    // The package itself may bring the key that its checkpoint is signed with.
    let mut records = Ok(Vec::with_capacity(case.package.records.len()));
    for carried in &case.package.records {
        let verified = chain.record(carried.index, &carried.envelope).and_then(|verified| {
            if let Record::Attestation(a) = verified.value()
                && let Some(change) = a.as_key_change()
            {
                chain.change(carried.index, change).map_err(|e| Fault::Record(carried.index, clip(&e.to_string())))?;
            }
            Ok(verified)
        });
        match (&mut records, verified) {
            (Ok(list), Ok(verified)) => list.push(verified),
            (Ok(_), Err(fault)) => {
                records = Err(fault);
                break;
            }
            (Err(_), _) => break,
        }
    }
    Checked { checkpoint: chain.checkpoint(&case.package.checkpoint), records, chain }
}

enum Outcome {
    Refused(Fault),
    Caught(Box<Equivocation>),
    Behind,
    More,
    /// `new`: something of it was kept; else it was late, and everything in it is held already.
    Accepted {
        new: bool,
    },
}

struct Take<'a> {
    node: &'a Node,
    intake: &'a Intake<'a>,
    case: &'a Case,
    now: Time,
}

impl Take<'_> {
    fn child(&self) -> &NodeId {
        &self.case.package.from
    }

    /// Leaves against what is held, in the order of the specification.
    fn leaves(&self, given: &Checkpoint, records: Result<Vec<Verified<Record>>, Fault>) -> Result<Outcome, StoreError> {
        let (start, leaves, more) = (self.case.package.start, &self.case.leaves, self.case.package.more);
        let refuse = |why: &str| Ok(Outcome::Refused(Fault::Shape(why.to_owned())));
        let Some(end) = start.checked_add(leaves.len() as u64) else {
            return refuse("more leaves than a log can have");
        };
        match (more, end.cmp(&given.size())) {
            (_, std::cmp::Ordering::Greater) => return refuse("more leaves than its checkpoint is over"),
            (false, std::cmp::Ordering::Less) => return refuse("its leaves end before its checkpoint"),
            (true, std::cmp::Ordering::Equal) => return refuse("nothing can follow the whole of a checkpoint"),
            _ => {}
        }
        let mut held = self.intake.held(self.child())?;
        if start > held.size {
            return Ok(Outcome::Behind);
        }
        let same = self.intake.leaves(self.child(), start, end.min(held.size))?;
        let differs = same.iter().zip(leaves).position(|(a, b)| a != b).map(|n| start + n as u64);
        let unfinished = |size| size > held.accepted && size < held.size;
        // What waits for the rest of its checkpoint proves nothing: another history, or a smaller checkpoint, takes its place.
        if differs.is_some_and(|at| at >= held.accepted) || (differs.is_none() && !more && unfinished(end)) {
            self.intake.cut(self.child())?;
            held.size = held.accepted;
            if start > held.size {
                return Ok(Outcome::Behind);
            }
        }
        match differs {
            Some(at) if at < held.accepted => self.other_history(at, given),
            _ if end <= held.accepted && !more => self.late(end, given),
            _ => self.go_on(held.size, end, given, records),
        }
    }

    /// Leaves that differ from accepted ones: two histories, if the child's signature is over the given ones.
    fn other_history(&self, at: u64, given: &Checkpoint) -> Result<Outcome, StoreError> {
        if self.case.package.more {
            return Ok(Outcome::Refused(Fault::LeavesDiffer(at)));
        }
        let mut history = self.intake.leaves(self.child(), 0, self.case.package.start)?;
        history.extend_from_slice(&self.case.leaves);
        Ok(self.caught(given, &history)?.unwrap_or(Outcome::Refused(Fault::Root)))
    }

    /// A checkpoint of a size that is held, with the leaves that are held: late mail, or another root for it.
    fn late(&self, size: u64, given: &Checkpoint) -> Result<Outcome, StoreError> {
        if self.intake.root(self.child(), size)? == given.root() {
            return Ok(Outcome::Accepted { new: false });
        }
        Ok(self.caught(given, &[])?.unwrap_or(Outcome::Refused(Fault::Root)))
    }

    fn caught(&self, given: &Checkpoint, history: &[Digest]) -> Result<Option<Outcome>, StoreError> {
        let (child, accepted) = (self.child(), self.intake.held(self.child())?.accepted);
        let Some(note) = self.intake.checkpoint(child, accepted)? else { return Ok(None) };
        // Both are signed by keys of the child that were certified before this package: nobody is caught by a key that only the
        // package itself brings.
        let keys = self.case.chain.log_keys();
        let (Ok(held), Ok(given)) = (Checkpoint::verify(&note, &keys), Checkpoint::verify(given.note(), &keys)) else {
            return Ok(None);
        };
        let leaves = self.intake.leaves(child, 0, accepted)?;
        let held = History { checkpoint: &held, leaves: &leaves };
        let given = History { checkpoint: &given, leaves: history };
        let caught = equivocation(self.node.id(), child.clone(), self.now, &held, &given);
        Ok(caught.map(|e| Outcome::Caught(Box::new(e))))
    }

    /// New leaves behind what is held.
    fn go_on(
        &self,
        held: u64,
        end: u64,
        given: &Checkpoint,
        records: Result<Vec<Verified<Record>>, Fault>,
    ) -> Result<Outcome, StoreError> {
        let waits = end.saturating_sub(self.intake.held(self.child())?.accepted);
        if self.case.package.more && waits > WAITING_MAX {
            return Ok(Outcome::Refused(Fault::TooLarge("leaves that wait for their checkpoint", WAITING_MAX)));
        }
        let skip = usize::try_from(held.min(end) - self.case.package.start).unwrap_or(usize::MAX);
        let new = self.case.leaves.get(skip..).unwrap_or_default();
        let grown = self.intake.grow(self.child(), held, new)?;
        let whole = !self.case.package.more;
        if whole && grown.root() != given.root() {
            // What waited may be what is wrong: the child sends from the last acknowledged size on.
            self.intake.cut(self.child())?;
            return Ok(Outcome::Refused(Fault::Root));
        }
        let records = match records.and_then(|r| self.check_records(&r).map(|()| r)) {
            Ok(records) => records,
            Err(fault) => return Ok(Outcome::Refused(fault)),
        };
        let own: HashMap<u64, &Record> =
            self.case.package.records.iter().zip(&records).map(|(c, r)| (c.index, r.value())).collect();
        let mut vouching = Vouching::new(self.child(), self.intake, &own);
        let mut brought = Vec::with_capacity(self.case.package.nested.len());
        for below in &self.case.package.nested {
            let vouched = vouching.take(below).map_err(in_store)?;
            match vouched {
                Ok(vouched) => brought.push(vouched),
                Err(fault) => return Ok(Outcome::Refused(fault)),
            }
        }
        self.intake.keep(&grown)?;
        self.deposit(&records, &brought)?;
        if whole {
            self.intake.accept(self.child(), given.note())?;
            return Ok(Outcome::Accepted { new: true });
        }
        Ok(Outcome::More)
    }

    fn check_records(&self, records: &[Verified<Record>]) -> Result<(), Fault> {
        let member = &self.case.known.member;
        for (carried, record) in self.case.package.records.iter().zip(records) {
            let index = carried.index;
            let at = index.checked_sub(self.case.package.start).and_then(|n| usize::try_from(n).ok());
            if at.and_then(|n| self.case.leaves.get(n)) != Some(&record.leaf()) {
                return Err(Fault::Misplaced(index));
            }
            let value = record.value();
            if !goes_up(member.part.role, value) {
                return Err(Fault::Kind(value.kind().predicate_type().to_owned()));
            }
            if made_at(value).is_some_and(|node| *node != member.child) {
                return Err(Fault::WrongNode(index));
            }
            let ahead = self.now.plus_minutes(AHEAD_MINUTES).unwrap_or(self.now);
            if dated(value).is_some_and(|at| at > ahead) {
                return Err(Fault::Future(index));
            }
            check_about(&member.part, value)?;
            self.check_artifacts(&carried.artifacts, value)?;
        }
        Ok(())
    }

    fn check_artifacts(&self, artifacts: &[String], record: &Record) -> Result<(), Fault> {
        for bytes in artifacts {
            let bytes = BASE64.decode(bytes.as_bytes()).map_err(|_| Fault::Artifact)?;
            if artifact(record) != Some(Digest::of(&bytes)) {
                return Err(Fault::Artifact);
            }
        }
        Ok(())
    }

    fn deposit(&self, records: &[Verified<Record>], brought: &[Vouched]) -> Result<(), StoreError> {
        for (carried, record) in self.case.package.records.iter().zip(records) {
            let json = carried.envelope.to_json();
            self.intake.ship(self.child(), carried.index, &deposit(record, &json))?;
            if matches!(record.value(), Record::Challenge(e) if matches!(e.what, ChallengeMove::Opened(_))) {
                self.node.federation.answers_came.store(true, std::sync::atomic::Ordering::Release);
            }
            for bytes in &carried.artifacts {
                self.intake.artifact(&BASE64.decode(bytes.as_bytes()).unwrap_or_default())?;
            }
        }
        for vouched in brought {
            self.intake.bring(self.child(), vouched.under, &vouched.child, &deposit(&vouched.record, &vouched.json))?;
        }
        Ok(())
    }
}

fn deposit<'a>(record: &'a Verified<Record>, envelope: &'a [u8]) -> Deposit<'a> {
    let about = record.value().about().unwrap_or_default();
    Deposit { leaf: record.leaf(), kind: record.value().kind().predicate_type(), about, envelope }
}

/// Whose a record is: of the signer's own enterprise, or of a node that the signer may certify.
pub(crate) fn check_about(part: &Part, record: &Record) -> Result<(), Fault> {
    match record {
        Record::ProgrammeReport(r) if r.uscc != part.uscc => {
            Err(Fault::WrongEnterprise(clip(&r.uscc), part.uscc.clone()))
        }
        Record::Member(m) if !part.role.may_certify(m.part.role) => {
            Err(Fault::Kind(format!("{} of {}", m.part.role.name(), part.role.name())))
        }
        Record::Member(m) if !m.part.area.is_empty() && !covers(part, &m.part.area) => {
            Err(Fault::WrongArea(clip(&m.part.area), part.area.clone()))
        }
        _ => Ok(()),
    }
}

/// A fault of this node, inside a transaction of the mirror.
fn in_store(e: NodeError) -> StoreError {
    match e {
        NodeError::Store(e) => e,
        other => StoreError::Database(other.to_string()),
    }
}

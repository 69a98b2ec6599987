//! What was received is noted: where each record lies and whose it is. Nothing is judged here; what is shown of a record as it is
//! (receipts, equivocations, rows of rolls) is verified first.

use super::kind;
use crate::federation::{Certified, Reader, open_under};
use crate::{Node, NodeError};
use evidence::{
    ChallengeMove, Digest, Doubt, Equivocation, NodeId, NodeRole, OrderMove, Receipt, Record, RecordKind, RollRow, Time,
};
use proof::{Envelope, Witness};
use std::collections::BTreeSet;
use store::{CaughtLine, HeldLine, HeldPlace, Mirror, PageTables, ReceiptLine, StoreError};

/// Kinds of the own log that are noted.
pub(super) const KINDS: [RecordKind; 13] = [
    RecordKind::Attestation,
    RecordKind::Registry,
    RecordKind::SelectionJudgement,
    RecordKind::Member,
    RecordKind::ProgrammeReport,
    RecordKind::Order,
    RecordKind::Roll,
    RecordKind::Equivocation,
    RecordKind::Receipt,
    RecordKind::Challenge,
    RecordKind::ProgrammeEntry,
    RecordKind::Training,
    RecordKind::Expert,
];
/// Records that wait for their content and are looked for at once.
const WAITING_MAX: i64 = 10_000;

/// What changed, and so must be judged or counted again.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) codes: BTreeSet<String>,
    /// Nodes whose membership or history changed.
    pub(super) nodes: BTreeSet<String>,
    pub(super) orders: BTreeSet<String>,
    /// Counted lists: training, experts, what authorities state.
    pub(super) things: bool,
    pub(super) challenges: bool,
    /// The registry, the selection, or what this node is.
    pub(super) ground: bool,
}

/// How a record came.
#[derive(Clone)]
struct Came<'a> {
    place: HeldPlace,
    via: &'a str,
    idx: u64,
    node: &'a str,
    at: Time,
    seen: Time,
    receipt: Option<Digest>,
    doubts: &'a [Doubt],
}

fn damaged(what: String, why: &str) -> NodeError {
    NodeError::Store(StoreError::Damaged { what, why: why.to_owned() })
}

/// Fetches records from where they lie, and verifies them.
pub(super) struct Fetch<'a> {
    node: &'a Node,
    pub(super) reader: Option<Reader<'a>>,
}
impl<'a> Fetch<'a> {
    pub(super) fn new(node: &'a Node, mirror: Option<&'a Mirror>) -> Self {
        Self { node, reader: mirror.map(|m| Reader::new(node, m)) }
    }

    fn reader(&mut self, h: &HeldLine) -> Result<&mut Reader<'a>, NodeError> {
        self.reader.as_mut().ok_or_else(|| damaged(format!("record {}", h.leaf), "there is no mirror"))
    }

    /// What the node of a record was certified to be; none: it is this node.
    pub(super) fn certified(&mut self, h: &HeldLine) -> Result<Option<Certified>, NodeError> {
        let (via, node) = (NodeId::new(h.via.as_str()), NodeId::new(h.node.as_str()));
        Ok(match h.place {
            HeldPlace::Own => None,
            HeldPlace::Shipped | HeldPlace::Waiting => Some(self.reader(h)?.child(&via)?),
            HeldPlace::Brought => Some(self.reader(h)?.below(&via, &node, 0)?),
        })
    }

    /// The envelope of a record from below.
    pub(super) fn envelope(&mut self, h: &HeldLine) -> Result<Vec<u8>, NodeError> {
        let via = NodeId::new(h.via.as_str());
        let missing = || damaged(format!("record {} below {}", h.leaf, h.via), "missing");
        let mirror = self.reader(h)?.mirror;
        match h.place {
            HeldPlace::Brought => {
                let node = NodeId::new(h.node.as_str());
                let found = mirror.read(|m| m.brought_one(&via, h.idx, &node, h.leaf))?;
                Ok(found.ok_or_else(missing)?.envelope)
            }
            _ => {
                let found = mirror.read(|m| m.shipped_between(&via, h.idx, h.idx + 1))?.pop();
                Ok(found.filter(|s| s.leaf == h.leaf).ok_or_else(missing)?.envelope)
            }
        }
    }

    /// The record, verified.
    pub(super) fn witness(&mut self, h: &HeldLine) -> Result<Witness, NodeError> {
        let Some(by) = self.certified(h)? else { return Ok(self.node.store().witness(h.leaf)?) };
        let envelope = self.envelope(h)?;
        let record = open_under(&format!("record {} of {}", h.leaf, h.node), &envelope, h.leaf, &by.chain)?;
        Ok(Witness { record, items: None })
    }
}

/// What a record says, as it lies there: whose it is. Whoever relies on it verifies it.
fn says(envelope: &[u8]) -> Option<Record> {
    Record::from_statement(Envelope::from_json(envelope).ok()?.payload()).ok()
}

pub(super) struct Intake<'t, 'm> {
    pub(super) node: &'m Node,
    pub(super) tables: &'t mut PageTables,
    pub(super) mirror: Option<&'m Mirror>,
    pub(super) touched: Touched,
}

impl<'m> Intake<'_, 'm> {
    /// Records of the own log with an index in `from..to`.
    pub(super) fn own(&mut self, from: u64, to: u64) -> Result<u64, NodeError> {
        let sent = self.node.store().sent(&KINDS, from, to)?;
        let mut fetch = Fetch::new(self.node, self.mirror);
        let id = self.node.id().to_string();
        let mut count = 0;
        for s in sent {
            count += 1;
            let leaf = s.record.leaf();
            let came = |at: Time| Came {
                place: HeldPlace::Own,
                via: "",
                idx: s.index,
                node: &id,
                at,
                seen: at,
                receipt: None,
                doubts: &[],
            };
            match s.record.value() {
                Record::Attestation(a) => self.touched.ground |= a.as_profile().is_some(),
                Record::Registry(_) | Record::SelectionJudgement(_) => self.touched.ground = true,
                Record::Receipt(r) => {
                    self.receipt(r, leaf)?;
                    self.received(&mut fetch, r, leaf)?;
                }
                Record::ProgrammeReport(r) => self.hold(leaf, s.record.value(), &came(r.as_of))?,
                Record::Roll(_) => {
                    let rows = self.node.roll_rows(&self.node.store().witness(leaf)?)?;
                    self.roll(&rows)?;
                }
                Record::Equivocation(e) => {
                    self.tables.caught(&caught(leaf, e))?;
                    self.hold(leaf, s.record.value(), &came(e.at))?;
                }
                Record::Training(_) | Record::Expert(_) | Record::ProgrammeEntry(_) => self.touched.things = true,
                Record::Challenge(e) => self.touched.challenges |= matches!(e.what, ChallengeMove::Judged(_)),
                Record::Member(m) => self.hold(leaf, s.record.value(), &came(m.stated_at))?,
                Record::Order(e) => self.hold(leaf, s.record.value(), &came(e.stated_at))?,
                _ => {}
            }
        }
        Ok(count)
    }

    /// Records that a receipt named and that were not there are looked for.
    pub(super) fn waiting(&mut self) -> Result<(), NodeError> {
        let Some(mirror) = self.mirror else { return Ok(()) };
        let mut fetch = Fetch::new(self.node, self.mirror);
        for h in self.tables.waiting(WAITING_MAX)? {
            let via = NodeId::new(h.via.as_str());
            let there = mirror.read(|m| m.shipped_between(&via, h.idx, h.idx + 1))?.pop();
            if there.is_none_or(|s| s.leaf != h.leaf) {
                continue;
            }
            let doubts: Vec<Doubt> = serde_json::from_str(&h.doubts).unwrap_or_default();
            let came = Came {
                place: HeldPlace::Shipped,
                via: &h.via,
                idx: h.idx,
                node: &h.via,
                at: Time::from_millis(h.at),
                seen: Time::from_millis(h.seen),
                receipt: h.receipt,
                doubts: &doubts,
            };
            self.take(&mut fetch, h.leaf, &came)?;
        }
        Ok(())
    }

    fn receipt(&mut self, r: &Receipt, leaf: Digest) -> Result<(), NodeError> {
        let line = ReceiptLine {
            leaf,
            node: r.node.to_string(),
            child: r.child.to_string(),
            at: r.at.millis(),
            size: r.size,
            records: r.records.len() as u64,
            doubted: r.records.iter().filter(|n| !n.doubts.is_empty()).count() as u64,
        };
        Ok(self.tables.receipted(&line)?)
    }

    /// What an own receipt names of a child.
    fn received(&mut self, fetch: &mut Fetch<'m>, receipt: &Receipt, leaf: Digest) -> Result<(), NodeError> {
        let via = receipt.child.as_str();
        for named in &receipt.records {
            if !noted(&named.kind) {
                continue;
            }
            let came = Came {
                place: HeldPlace::Shipped,
                via,
                idx: named.index,
                node: via,
                at: receipt.at,
                seen: receipt.at,
                receipt: Some(leaf),
                doubts: &named.doubts,
            };
            self.take(fetch, named.leaf, &came)?;
        }
        Ok(())
    }

    /// One record from below; if it is a receipt, also what came under it.
    fn take(&mut self, fetch: &mut Fetch<'m>, leaf: Digest, came: &Came<'_>) -> Result<(), NodeError> {
        let line = line(leaf, 0, came);
        let child = NodeId::new(came.via);
        let there = match self.mirror {
            Some(mirror) => mirror.read(|m| m.shipped_between(&child, came.idx, came.idx + 1))?.pop(),
            None => None,
        };
        let Some(shipped) = there.filter(|s| s.leaf == leaf) else {
            let line = HeldLine { place: HeldPlace::Waiting, ..line };
            return Ok(self.tables.hold(&line)?);
        };
        let Some(record) = says(&shipped.envelope) else { return Ok(()) };
        self.one(fetch, leaf, &record, came)?;
        if shipped.kind == RecordKind::Receipt.predicate_type() {
            self.under(fetch, &child, came.idx, came.seen)?;
        }
        Ok(())
    }

    /// What a child brought under the receipt at an index of its log.
    fn under(&mut self, fetch: &mut Fetch<'m>, child: &NodeId, under: u64, seen: Time) -> Result<(), NodeError> {
        let Some(mirror) = self.mirror else { return Ok(()) };
        let Some(reader) = &mut fetch.reader else { return Ok(()) };
        let mut named = reader.named(child, under)?;
        for b in mirror.read(|m| m.brought_under(child, under))? {
            if !noted(&b.kind) {
                continue;
            }
            let how = named.remove(&(b.node.clone(), b.leaf));
            let how = how.ok_or_else(|| damaged(format!("{} below {child}", b.leaf), "no receipt names it"))?;
            let came = Came {
                place: HeldPlace::Brought,
                via: child.as_str(),
                idx: under,
                node: b.node.as_str(),
                at: how.at,
                seen,
                receipt: Some(how.receipt),
                doubts: &how.doubts,
            };
            if let Some(record) = says(&b.envelope) {
                self.one(fetch, b.leaf, &record, &came)?;
            }
        }
        Ok(())
    }

    fn one(&mut self, fetch: &mut Fetch<'m>, leaf: Digest, record: &Record, came: &Came<'_>) -> Result<(), NodeError> {
        // What counts nothing is not looked at, but for reports: that one is doubted is a fact.
        if !came.doubts.is_empty() && !matches!(record, Record::ProgrammeReport(_)) {
            return Ok(());
        }
        match record {
            Record::Receipt(_) => {
                if let Record::Receipt(r) = fetch.witness(&line(leaf, 0, came))?.record.value() {
                    self.receipt(r, leaf)?;
                }
                return Ok(());
            }
            Record::Equivocation(_) => {
                if let Record::Equivocation(e) = fetch.witness(&line(leaf, 0, came))?.record.value() {
                    self.tables.caught(&caught(leaf, e))?;
                }
            }
            Record::Roll(roll) => {
                if let Some(packed) = self.node.taken_artifact(roll.packed)? {
                    let witness = fetch.witness(&line(leaf, 0, came))?;
                    self.roll(&Node::rows_of_roll(&witness, &packed)?)?;
                }
                return Ok(());
            }
            Record::Attestation(_) => return Ok(()),
            _ => {}
        }
        self.hold(leaf, record, came)
    }

    /// Notes a record by whose it is. What came by two paths counts by the one that was first.
    fn hold(&mut self, leaf: Digest, record: &Record, came: &Came<'_>) -> Result<(), NodeError> {
        let rank = |at: i64, place: HeldPlace| (at, place == HeldPlace::Brought);
        let (kind, subject, code) = match record {
            Record::ProgrammeReport(r) => (kind::REPORT, String::new(), r.uscc.clone()),
            Record::Member(m) => {
                let enterprise = matches!(m.part.role, NodeRole::Plant | NodeRole::Group);
                let code = if enterprise { m.part.uscc.clone() } else { String::new() };
                self.touched.nodes.insert(m.child.to_string());
                (kind::MEMBER, m.child.to_string(), code)
            }
            Record::Equivocation(e) => {
                self.touched.nodes.insert(e.child.to_string());
                (kind::EQUIVOCATION, e.child.to_string(), String::new())
            }
            Record::Order(e) => {
                self.touched.orders.insert(e.order.clone());
                let what = match &e.what {
                    OrderMove::Carried { what, .. } => what,
                    what => what,
                };
                let code = if let OrderMove::Issued(text) = what { text.uscc.clone() } else { String::new() };
                (kind::ORDER, e.order.clone(), code)
            }
            Record::Training(_) => (kind::TRAINING, String::new(), String::new()),
            Record::Expert(_) => (kind::EXPERT, String::new(), String::new()),
            Record::ProgrammeEntry(_) => (kind::ENTRY, String::new(), String::new()),
            Record::Challenge(e) if matches!(e.what, ChallengeMove::Judged(_)) => {
                self.touched.challenges = true;
                (kind::CHALLENGE, String::new(), String::new())
            }
            _ => return Ok(()),
        };
        self.touched.things |= matches!(kind, kind::TRAINING | kind::EXPERT | kind::ENTRY);
        if let Some(old) = self.tables.held(leaf)?
            && old.place != HeldPlace::Waiting
            && rank(old.at, old.place) <= rank(came.at.millis(), came.place)
        {
            return Ok(());
        }
        if !code.is_empty() {
            self.touched.codes.insert(code.clone());
        }
        let line = HeldLine { subject, code, ..line(leaf, kind, came) };
        Ok(self.tables.hold(&line)?)
    }

    fn roll(&mut self, rows: &judge::RollRows) -> Result<(), NodeError> {
        if !matches!(rows.roll().of.as_str(), "publicity" | "returns" | "asked") {
            return Ok(());
        }
        let text = |line: Vec<u8>| String::from_utf8_lossy(&line).into_owned();
        let doc = serde_json::to_string(rows.roll()).map_err(|e| NodeError::Internal(e.to_string()))?;
        let lines: Vec<(String, String)> =
            rows.rows().iter().map(|r: &RollRow| (r.uscc.clone(), text(r.to_line()))).collect();
        self.tables.tell(rows.leaf(), &doc, &lines)?;
        self.touched.codes.extend(lines.into_iter().map(|l| l.0));
        Ok(())
    }
}

fn caught(leaf: Digest, e: &Equivocation) -> CaughtLine {
    CaughtLine { leaf, node: e.node.to_string(), child: e.child.to_string(), at: e.at.millis(), size: e.size }
}

fn noted(kind: &str) -> bool {
    KINDS.iter().any(|k| k.predicate_type() == kind)
}

fn line(leaf: Digest, kind: i64, came: &Came<'_>) -> HeldLine {
    let doubts = if came.doubts.is_empty() { String::new() } else { super::json(came.doubts) };
    HeldLine {
        leaf,
        kind,
        place: came.place,
        via: came.via.to_owned(),
        idx: came.idx,
        node: came.node.to_owned(),
        subject: String::new(),
        code: String::new(),
        at: came.at.millis(),
        seen: came.seen.millis(),
        receipt: came.receipt,
        doubts,
    }
}

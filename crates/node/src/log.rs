//! The log for whoever looks at it: its newest records, one record with its proof, what it cites and what cites it.

use crate::audit::Follows;
use crate::bundle::RecordFile;
use crate::{Node, NodeError};
use evidence::{Digest, Record, RecordKind, Time};
use plan::{CheckedPlan, Source};
use proof::{Checkpoint, Envelope};
use serde_json::Value;
use std::collections::BTreeSet;
use store::{Inclusion, Sent, StoreError};

/// How many later records are looked through for ones that cite a record.
pub const CITED_LOOKED_MAX: u32 = 1_000;
/// Most digests of one record that are looked up.
const DIGESTS_MAX: usize = 5_000;
/// Most records that go along with a judgement in its evidence, and most bytes of their items.
const ALONG_MAX: usize = 200;
const ALONG_BYTES_MAX: usize = 16 << 20;

/// A record as a line of a list.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// Index.
    pub index: u64,
    /// Leaf hash.
    pub leaf: Digest,
    /// What kind.
    pub kind: RecordKind,
    /// The instant that it names: when it was stated, ended, or as of when it was judged. Self-declared.
    pub at: Option<Time>,
    /// Who stated it; records that no person states have none.
    pub author: Option<String>,
}

/// A page of the log, newest first.
#[derive(Clone, Debug)]
pub struct LogPage {
    /// The newest checkpoint; `None` of an empty log.
    pub checkpoint: Option<Checkpoint>,
    /// The lines.
    pub lines: Vec<LogLine>,
    /// What the next page is asked for with.
    pub next: Option<u64>,
}

/// A record that another one names, or that names another one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cited {
    /// Index.
    pub index: u64,
    /// Leaf hash.
    pub leaf: Digest,
    /// What kind.
    pub kind: RecordKind,
}

/// A record with everything that stands behind it.
#[derive(Clone, Debug)]
pub struct LoggedRecord {
    /// As a line.
    pub line: LogLine,
    /// What it says: the predicate.
    pub predicate: Value,
    /// The envelope.
    pub envelope: Envelope,
    /// Where it stands in the tree.
    pub inclusion: Inclusion,
    /// Records of this log that it names.
    pub cites: Vec<Cited>,
    /// Later records that name it.
    pub cited_by: Vec<Cited>,
    /// Records after it were looked through up to this index (not with it).
    pub looked_to: u64,
}

fn line(sent: &Sent, predicate: &Value) -> LogLine {
    let times = ["stated_at", "as_of", "ended", "at"].iter().filter_map(|f| predicate[f].as_str());
    let author = predicate["author"]["name"].as_str().filter(|n| !n.is_empty());
    LogLine {
        index: sent.index,
        leaf: sent.record.leaf(),
        kind: sent.record.value().kind(),
        at: times.filter_map(|t| t.parse().ok()).next(),
        author: author.map(str::to_owned),
    }
}

/// The predicate of what was signed.
fn predicate(envelope: &Envelope) -> Result<Value, NodeError> {
    let mut statement: Value =
        serde_json::from_slice(envelope.payload()).map_err(|e| NodeError::Internal(e.to_string()))?;
    Ok(statement["predicate"].take())
}

/// Every digest that a record names, each once.
fn digests(value: &Value, found: &mut BTreeSet<Digest>) {
    match value {
        Value::String(text) if found.len() < DIGESTS_MAX => found.extend(text.parse::<Digest>().ok()),
        Value::Array(all) => all.iter().for_each(|v| digests(v, found)),
        Value::Object(all) => all.values().for_each(|v| digests(v, found)),
        _ => {}
    }
}

impl Node {
    /// A page of the log, newest first: at most `max` lines, of one kind or of all, with an index below `before`.
    pub fn log_page(&self, kind: Option<RecordKind>, before: Option<u64>, max: u32) -> Result<LogPage, NodeError> {
        let checkpoint = self.store().checkpoint()?;
        let mut sent = self.store().newest(kind, before, max.saturating_add(1))?;
        let more = sent.len() > max as usize;
        sent.truncate(max as usize);
        let next = if more { sent.last().map(|s| s.index) } else { None };
        let lines = sent.iter().map(|s| Ok(line(s, &predicate(&s.envelope)?))).collect::<Result<_, NodeError>>()?;
        Ok(LogPage { checkpoint, lines, next })
    }

    /// One record with its proof. `None`: there is none in the log.
    pub fn logged(&self, leaf: Digest) -> Result<Option<LoggedRecord>, NodeError> {
        let (sent, inclusion) = match (self.store().one(leaf), self.store().inclusion(leaf)) {
            (Ok(sent), Ok(inclusion)) => (sent, inclusion),
            (Err(StoreError::NotFound(_)), _) | (_, Err(StoreError::NotFound(_))) => return Ok(None),
            (Err(e), _) | (_, Err(e)) => return Err(e.into()),
        };
        let predicate = predicate(&sent.envelope)?;
        let mut named = BTreeSet::new();
        digests(&predicate, &mut named);
        named.remove(&leaf);
        let cites = self.store().standing_in(&named.into_iter().collect::<Vec<_>>())?;
        let cites = cites.into_iter().map(|(index, leaf, kind)| Cited { index, leaf, kind }).collect();
        let (mut cited_by, mut looked_to) = (Vec::new(), sent.index + 1);
        let text = leaf.hex();
        for later in self.store().following(sent.index + 1, CITED_LOOKED_MAX)? {
            looked_to = later.index + 1;
            let payload = String::from_utf8_lossy(later.envelope.payload());
            if payload.contains(&text) {
                let (leaf, kind) = (later.record.leaf(), later.record.value().kind());
                cited_by.push(Cited { index: later.index, leaf, kind });
            }
        }
        let line = line(&sent, &predicate);
        Ok(Some(LoggedRecord { line, predicate, envelope: sent.envelope, inclusion, cites, cited_by, looked_to }))
    }

    /// Evidence about one record, as [`crate::verify`] takes it: with what it was judged from, where that is little enough, and the plan that it names, or
    /// else the given one.
    pub fn evidence_about(&self, leaf: Digest, plan: &CheckedPlan) -> Result<Vec<u8>, NodeError> {
        let sent = self.store().one(leaf)?;
        let mut records = vec![self.with_items(leaf, &mut 0)?];
        if Follows::of(sent.record.value()).is_some() {
            let mut named = BTreeSet::new();
            digests(&predicate(&sent.envelope)?, &mut named);
            named.remove(&leaf);
            let cites = self.store().standing_in(&named.into_iter().collect::<Vec<_>>())?;
            let mut bytes = 0;
            // What is left out is named by whoever verifies: "not judged again, these records are missing".
            for (_, leaf, _) in cites.into_iter().take(ALONG_MAX) {
                let record = self.with_items(leaf, &mut bytes)?;
                if bytes > ALONG_BYTES_MAX {
                    break;
                }
                records.push(record);
            }
        }
        self.evidence_file(records, &self.plan_of(sent.record.value(), plan)?)
    }

    fn with_items(&self, leaf: Digest, bytes: &mut usize) -> Result<RecordFile, NodeError> {
        let items = self.store().items(leaf)?.map(|i| String::from_utf8_lossy(&i).into_owned());
        *bytes += items.as_ref().map_or(0, String::len);
        Ok(RecordFile { bundle: Some(self.store().bundle(leaf)?), envelope: None, items })
    }

    /// The text of the plan that a record names, if it was kept; else the given one.
    fn plan_of(&self, record: &Record, plan: &CheckedPlan) -> Result<Source, NodeError> {
        let kept = match record.plan().filter(|p| p.digest != plan.digest()) {
            Some(named) => self.source_of(named)?,
            None => None,
        };
        Ok(kept.unwrap_or_else(|| plan.source().clone()))
    }
}

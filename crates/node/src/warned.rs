//! Warnings from node to node, as signed files (`docs/specs/warnings-v1.md` §5).
//!
//! The file holds the publisher's own entries as they stand in the publisher's log. Whoever receives it says with whose keys it must be signed; a
//! file is never believed about its own key. It is taken as a whole or not at all.

use crate::warnings::{ENTRIES_MAX, WarningFile, origin_of, refused};
use crate::{Node, NodeError, home, signed};
use evidence::{Author, Digest, NodeId, Origin, Record, RecordKind, Say, Time, WarningEntry, WarningMove, canonical};
use proof::PublicKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// `format` of the file.
const FORMAT: &str = "watchfire-warning-v1";
/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// Most entries of a file.
const FILE_ENTRIES_MAX: usize = 1_000;
/// Hexadecimal digits of an id, behind `w-`.
const ID_DIGITS: usize = 8;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Handed {
    envelopes: Vec<serde_json::Value>,
    format: String,
    /// Changes of the key of the node that made the entries, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<serde_json::Value>,
    warning: String,
}

/// What came of a file.
pub struct TookWarning {
    /// The warning as it is now.
    pub file: WarningFile,
    /// Entries that were new.
    pub new: usize,
    /// Entries that were known already.
    pub known: usize,
    /// The node that made them.
    pub from: NodeId,
    /// The newest key of that node, if the file led to one that was not given.
    pub newer_key: Option<String>,
}

/// A file whose signatures were checked.
struct HandedWarning {
    /// The warning.
    id: String,
    entries: Vec<Checked>,
    newer_key: Option<String>,
}

/// An entry of a file, its signature checked.
struct Checked {
    leaf: Digest,
    entry: WarningEntry,
}

impl Node {
    /// The bytes of a file with this node's own entries about a warning. Of entries that name people here, what goes out is
    /// signed anew without names and notes: once each, and kept in the log.
    pub fn warning_export(&self, file: &WarningFile) -> Result<Vec<u8>, NodeError> {
        let own = |e: &WarningEntry| e.node == self.id() && !matches!(e.what, WarningMove::Received { .. });
        let mut made: BTreeSet<Digest> = BTreeSet::new();
        for w in &file.records {
            if let Record::Warning(e) = w.record.value()
                && let WarningMove::Outward { of, .. } = &e.what
            {
                made.insert(*of);
            }
        }
        let lacking: Vec<Record> = file
            .records
            .iter()
            .filter_map(|w| match w.record.value() {
                Record::Warning(e) if own(e) && !made.contains(&w.record.leaf()) => outward(e, w.record.leaf()),
                _ => None,
            })
            .collect();
        let fresh = if lacking.is_empty() { Vec::new() } else { self.append_all(&lacking)? };
        let mut all: Vec<(Time, &proof::Witness)> = Vec::new();
        for w in file.records.iter().chain(&fresh) {
            if let Record::Warning(e) = w.record.value() {
                all.push((e.stated_at, w));
            }
        }
        // Whoever receives it takes no entries that go back in time.
        all.sort_by_key(|x| x.0);
        let mut envelopes = Vec::new();
        for (_, w) in all {
            let Record::Warning(e) = w.record.value() else { continue };
            if own(e) && !names_people(&e.what) {
                let json = self.store().envelope(w.record.leaf())?.to_json();
                envelopes.push(serde_json::from_slice(&json).map_err(|e| NodeError::Internal(e.to_string()))?);
            }
        }
        if envelopes.is_empty() {
            return Err(refused("warning-nothing-own", &file.id));
        }
        if envelopes.len() > FILE_ENTRIES_MAX {
            return Err(NodeError::Entry(Say::new("error.warning-entries").with("max", FILE_ENTRIES_MAX)));
        }
        let keys = self.key_changes()?;
        let handed = Handed { envelopes, format: FORMAT.to_owned(), keys, warning: file.id.clone() };
        let mut out = canonical::to_vec(&handed).map_err(|e| NodeError::Internal(e.to_string()))?;
        out.push(b'\n');
        Ok(out)
    }

    /// Takes a file that another node signed: what is new of it enters the log, in order.
    pub fn warning_receive(
        &self,
        path: &Path,
        (publisher, known_as): (&[PublicKey], &str),
        author: Option<&str>,
    ) -> Result<TookWarning, NodeError> {
        let bytes = home::read(path, FILE_BYTES_MAX)?;
        let refuse = |say: Say| {
            let shown = evidence::PathText::from_bytes(path.as_os_str().as_encoded_bytes());
            NodeError::Entry(say.with("path", shown))
        };
        let HandedWarning { id, entries, newer_key } = open(&bytes, publisher).map_err(refuse)?;
        let first = entries.first().ok_or_else(|| refuse(fault("empty")))?;
        let (from, origin) = (first.entry.node.clone(), first.entry.origin);
        if from == self.id() {
            return Err(refuse(fault("own")));
        }
        let known = self.store().records_about(&id, &[RecordKind::Warning])?;
        let mut file = WarningFile { id, records: known };
        file.records.retain(|w| matches!(w.record.value(), Record::Warning(_)));
        fits(&file, &entries, (&from, origin)).map_err(|key| refuse(fault(key)))?;
        let statements = statements(&file);
        let now = file.now();
        let new: Vec<Record> = entries
            .iter()
            .filter(|c| !statements.contains(&c.leaf))
            .map(|c| Record::Warning(Box::new(self.as_received(c, (author, known_as), now))))
            .collect();
        if file.records.len() + new.len() > ENTRIES_MAX {
            return Err(NodeError::Entry(Say::new("error.warning-entries").with("max", ENTRIES_MAX)));
        }
        let (count, all) = (new.len(), entries.len());
        if count > 0 {
            file.records.extend(self.append_all(&new)?);
        }
        Ok(TookWarning { file, new: count, known: all - count, from, newer_key })
    }

    fn as_received(&self, c: &Checked, (author, known_as): (Option<&str>, &str), now: Time) -> WarningEntry {
        WarningEntry {
            node: self.id(),
            author: self.author(author),
            stated_at: now,
            warning: c.entry.warning.clone(),
            origin: c.entry.origin,
            what: WarningMove::Received {
                from: c.entry.node.clone(),
                statement: c.leaf,
                stated_at: c.entry.stated_at,
                known_as: known_as.to_owned(),
                what: match &c.entry.what {
                    WarningMove::Outward { what, .. } => what.clone(),
                    what => Box::new(what.clone()),
                },
            },
        }
    }
}

/// Entries that say who did something at a node.
fn names_people(what: &WarningMove) -> bool {
    matches!(what, WarningMove::Acknowledged { .. } | WarningMove::Duty { .. })
}

/// What leaves the node of an entry that names people: neither who, nor the account, nor the note.
fn outward(e: &WarningEntry, of: Digest) -> Option<Record> {
    let what = match &e.what {
        WarningMove::Acknowledged { .. } => WarningMove::Acknowledged { by: String::new(), note: String::new() },
        WarningMove::Duty { duty, done, .. } => {
            WarningMove::Duty { duty: duty.clone(), done: *done, note: String::new() }
        }
        _ => return None,
    };
    let author = Author { name: String::new(), authenticated: e.author.authenticated.clone() };
    let what = WarningMove::Outward { of, what: Box::new(what) };
    Some(Record::Warning(Box::new(WarningEntry { author, what, ..e.clone() })))
}

/// Leaves of the statements that are known: received, or made here.
fn statements(file: &WarningFile) -> BTreeSet<Digest> {
    let of = |w: &proof::Witness| match w.record.value() {
        Record::Warning(e) => match &e.what {
            WarningMove::Received { statement, .. } => *statement,
            _ => w.record.leaf(),
        },
        _ => w.record.leaf(),
    };
    file.records.iter().map(of).collect()
}

/// Whether entries fit what is known of the warning.
fn fits(file: &WarningFile, entries: &[Checked], (from, origin): (&NodeId, Origin)) -> Result<(), &'static str> {
    if origin_of(&file.records).is_some_and(|o| o != origin) {
        return Err("origin");
    }
    let issuer = file.records.iter().find_map(|w| match w.record.value() {
        Record::Warning(e) => match &e.what {
            WarningMove::Issued(_) => Some(&e.node),
            WarningMove::Received { from, what, .. } if matches!(**what, WarningMove::Issued(_)) => Some(from),
            _ => None,
        },
        _ => None,
    });
    let states = |c: &Checked| {
        matches!(c.entry.what, WarningMove::Issued(_) | WarningMove::Changed(_) | WarningMove::Lifted { .. })
    };
    match issuer {
        Some(issuer) if issuer != from && entries.iter().any(states) => Err("other-node"),
        None if !matches!(entries.first().map(|c| &c.entry.what), Some(WarningMove::Issued(_))) => Err("no-issue"),
        _ => Ok(()),
    }
}

/// Why a file is not taken.
fn fault(key: &str) -> Say {
    Say::new(format!("error.warning-file-{key}"))
}

/// Reads what a file says, and whose it is, without taking it: every limit and every signature is checked (fuzz target `warning_file`). The warning's
/// id, and how many entries.
///
/// # Errors
/// Why it is not taken, as a sentence.
pub fn warning_file_check(bytes: &[u8], publisher: &[PublicKey]) -> Result<(String, usize), Say> {
    open(bytes, publisher).map(|h| (h.id, h.entries.len()))
}

/// Every signature checked.
fn open(bytes: &[u8], publisher: &[PublicKey]) -> Result<HandedWarning, Say> {
    const OF: &str = "error.warning-file";
    let handed: Handed = serde_json::from_slice(bytes).map_err(|e| signed::unread(OF, &e))?;
    if handed.format != FORMAT {
        return Err(fault("format").with("value", attest::clean(&handed.format)).with("known", FORMAT));
    }
    let id = handed.warning;
    let digits = id.strip_prefix("w-").unwrap_or_default();
    if digits.len() != ID_DIGITS || !digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(fault("id"));
    }
    if handed.envelopes.len() > FILE_ENTRIES_MAX {
        return Err(fault("many").with("max", FILE_ENTRIES_MAX));
    }
    let keys = signed::keys_after(OF, publisher, &handed.keys)?;
    let mut out: Vec<Checked> = Vec::with_capacity(handed.envelopes.len());
    for (at, value) in handed.envelopes.iter().enumerate() {
        let n = at + 1;
        let envelope = signed::envelope(value);
        let record = envelope.and_then(|e| proof::verify_envelope(&e, &keys));
        let record = record.map_err(|e| signed::unproven(OF, &e).with("entry", n))?;
        let leaf = record.leaf();
        let Record::Warning(entry) = record.into_value() else { return Err(fault("kind").with("entry", n)) };
        let key = match out.first().map(|c| &c.entry) {
            _ if entry.warning != id => Some("other-warning"),
            _ if matches!(entry.what, WarningMove::Received { .. }) => Some("nested"),
            _ if matches!(&entry.what, WarningMove::Outward { what, .. } if !names_people(what)) => Some("nested"),
            Some(first) if first.node != entry.node => Some("mixed"),
            Some(first) if first.origin != entry.origin => Some("origin"),
            // A node's id is the id of its first key, and the first key of the file is that: another node's key beside it must
            // not speak for it.
            None if publisher.first().is_none_or(|k| k.id() != entry.node.as_str()) => Some("node"),
            _ if out.last().is_some_and(|c| c.entry.stated_at > entry.stated_at) => Some("order"),
            _ => None,
        };
        if let Some(key) = key {
            return Err(fault(key).with("entry", n));
        }
        out.push(Checked { leaf, entry: *entry });
    }
    let newer_key = signed::newer(publisher, &keys);
    Ok(HandedWarning { id, entries: out, newer_key })
}

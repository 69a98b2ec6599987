//! Warnings from node to node, as signed files (`docs/specs/warnings-v1.md` §5).
//!
//! The file holds the publisher's own entries as they stand in the publisher's log. Whoever receives it says with whose keys it must be signed; a
//! file is never believed about its own key. It is taken as a whole or not at all.

use crate::handed::{self, Checked, Entry, FILE_BYTES_MAX, FILE_ENTRIES_MAX};
use crate::warnings::{ENTRIES_MAX, WarningFile, origin_of, refused};
use crate::{Node, NodeError, home};
use evidence::{Author, Digest, NodeId, Origin, Record, RecordKind, Say, Time, WarningEntry, WarningMove};
use proof::PublicKey;
use std::collections::BTreeSet;
use std::path::Path;

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

impl Entry for WarningEntry {
    const FORMAT: &'static str = "watchfire-warning-v1";
    const OF: &'static str = "error.warning-file";
    const ABOUT: &'static str = "warning";
    const PREFIX: &'static str = "w-";
    fn of(record: &Record) -> Option<&Self> {
        match record {
            Record::Warning(e) => Some(e),
            _ => None,
        }
    }
    fn out_of(record: Record) -> Option<Self> {
        match record {
            Record::Warning(e) => Some(*e),
            _ => None,
        }
    }
    fn about(&self) -> &str {
        &self.warning
    }
    fn node(&self) -> &NodeId {
        &self.node
    }
    fn stated_at(&self) -> Time {
        self.stated_at
    }
    fn taken_over(&self) -> Option<Digest> {
        match &self.what {
            WarningMove::Received { statement, .. } => Some(*statement),
            _ => None,
        }
    }
    fn misfit(&self, first: Option<&Self>) -> Option<&'static str> {
        match &self.what {
            WarningMove::Received { .. } => Some("nested"),
            WarningMove::Outward { what, .. } if !names_people(what) => Some("nested"),
            _ if first.is_some_and(|f| f.node == self.node && f.origin != self.origin) => Some("origin"),
            _ => None,
        }
    }
    fn letter(&self) -> Option<Digest> {
        None
    }
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
        let mut entries = Vec::new();
        for (_, w) in all {
            let Record::Warning(e) = w.record.value() else { continue };
            if own(e) && !names_people(&e.what) {
                entries.push((&**e, w.record.leaf()));
            }
        }
        if entries.is_empty() {
            return Err(refused("warning-nothing-own", &file.id));
        }
        if entries.len() > FILE_ENTRIES_MAX {
            return Err(NodeError::Entry(Say::new("error.warning-entries").with("max", FILE_ENTRIES_MAX)));
        }
        self.hand_out(&file.id, &entries)
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
        let opened = handed::open::<WarningEntry>(&bytes, publisher).map_err(refuse)?;
        let from = opened.from(&self.id()).map_err(refuse)?;
        let handed::Opened { id, entries, newer_key, .. } = opened;
        let origin = entries.first().map_or(Origin::Live, |c| c.entry.origin);
        let known = self.store().records_about(&id, &[RecordKind::Warning])?;
        let mut file = WarningFile { id, records: known };
        file.records.retain(|w| matches!(w.record.value(), Record::Warning(_)));
        fits(&file, &entries, (&from, origin)).map_err(|key| refuse(handed::fault::<WarningEntry>(key)))?;
        let statements = handed::statements::<WarningEntry>(&file.records);
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

    fn as_received(
        &self,
        c: &Checked<WarningEntry>,
        (author, known_as): (Option<&str>, &str),
        now: Time,
    ) -> WarningEntry {
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

/// Whether entries fit what is known of the warning.
fn fits(
    file: &WarningFile,
    entries: &[Checked<WarningEntry>],
    (from, origin): (&NodeId, Origin),
) -> Result<(), &'static str> {
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
    let states = |c: &Checked<WarningEntry>| {
        matches!(c.entry.what, WarningMove::Issued(_) | WarningMove::Changed(_) | WarningMove::Lifted { .. })
    };
    match issuer {
        Some(issuer) if issuer != from && entries.iter().any(states) => Err("other-node"),
        None if !matches!(entries.first().map(|c| &c.entry.what), Some(WarningMove::Issued(_))) => Err("no-issue"),
        _ => Ok(()),
    }
}

/// Reads what a file says, and whose it is, without taking it: every limit and every signature is checked (fuzz target `warning_file`). The warning's
/// id, and how many entries.
///
/// # Errors
/// Why it is not taken, as a sentence.
pub fn warning_file_check(bytes: &[u8], publisher: &[PublicKey]) -> Result<(String, usize), Say> {
    handed::open::<WarningEntry>(bytes, publisher).map(|h| (h.id, h.entries.len()))
}

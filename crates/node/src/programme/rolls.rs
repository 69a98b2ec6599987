//! Tables about many enterprises: publicity that reached them, and returns of plants without Watchfire. One signed record a table; its
//! rows lie beside it, as those of a registry do.

use super::ROLL_BYTES_MAX;
use crate::registry::{reasons, unzlib, zlib};
use crate::{Node, NodeError, home};
use attest::{BadRow, RollKind};
use evidence::{Digest, Record, RecordKind, Roll, Say};
use judge::RollRows;
use std::path::Path;
use store::StoreError;

/// A roll as the log has it.
#[derive(Clone, Debug)]
pub struct KeptRoll {
    /// The record.
    pub roll: Roll,
    /// Its leaf.
    pub leaf: Digest,
}

/// What came in.
#[derive(Debug)]
pub struct ImportedRoll {
    /// The record.
    pub kept: KeptRoll,
    /// Headings that were not read.
    pub unused: Vec<String>,
}

impl Node {
    /// Brings in a table. `bad` is told of the rows that are left out before anything is signed; an error of it ends the import.
    pub fn roll_import(
        &self,
        table: &Path,
        kind: RollKind,
        bad: &mut dyn FnMut(&[BadRow]) -> Result<(), NodeError>,
        author: Option<&str>,
    ) -> Result<ImportedRoll, NodeError> {
        let limits = attest::ROLL_LIMITS;
        let bytes = home::read(table, limits.file_bytes_max as u64)?;
        let document = home::document_of(table, &bytes);
        let now = home::now();
        let read = attest::roll(&bytes, &limits, kind, &classify::uscc, now)
            .map_err(|e| NodeError::Table(table.to_owned(), e))?;
        bad(&read.bad)?;
        if read.rows.is_empty() {
            let few = read.bad.into_iter().take(20).collect();
            return Err(NodeError::NoGoodRow(table.to_owned(), few));
        }
        let left_out = reasons(&read.bad);
        let (lines, root) = evidence::roll_file(&read.rows);
        let packed = zlib(&lines)?;
        let roll = Roll {
            node: self.id(),
            author: self.author(author),
            stated_at: now,
            of: kind.name().to_owned(),
            document,
            rows: root,
            packed: Digest::of(&packed),
            left_out,
            doubts: Vec::new(),
        };
        let kept = self.append(&Record::Roll(Box::new(roll.clone())), None, vec![packed])?;
        Ok(ImportedRoll { kept: KeptRoll { roll, leaf: kept.witness.record.leaf() }, unused: read.unused })
    }

    /// Every roll, the oldest first.
    pub fn rolls(&self) -> Result<Vec<KeptRoll>, NodeError> {
        let all = self.store().records(&[RecordKind::Roll])?;
        let kept = all.into_iter().filter_map(|w| {
            let leaf = w.record.leaf();
            match w.record.into_value() {
                Record::Roll(roll) => Some(KeptRoll { roll: *roll, leaf }),
                _ => None,
            }
        });
        Ok(kept.collect())
    }

    /// The rows of a roll, checked against its record.
    pub(crate) fn roll_rows(&self, witness: &proof::Witness) -> Result<RollRows, StoreError> {
        let damaged = |what: Digest, why: String| StoreError::Damaged { what: format!("artifact {what}"), why };
        let Record::Roll(roll) = witness.record.value() else {
            return Err(damaged(witness.record.leaf(), "no roll".to_owned()));
        };
        Self::rows_of_roll(witness, &self.store().artifact(roll.packed)?)
    }

    /// The same from rows as they are kept.
    pub(crate) fn rows_of_roll(witness: &proof::Witness, packed: &[u8]) -> Result<RollRows, StoreError> {
        let damaged = |why: String| StoreError::Damaged { what: format!("artifact {}", Digest::of(packed)), why };
        let file = unzlib(packed, ROLL_BYTES_MAX).map_err(damaged)?;
        RollRows::open(witness, &file).map_err(damaged)
    }

    /// Reads the rows of every roll again.
    pub(crate) fn audit_rolls(&self, problems: &mut Vec<Say>) -> Result<(), NodeError> {
        let rolls = match self.store().records(&[RecordKind::Roll]) {
            Ok(rolls) => rolls,
            Err(_) if !problems.is_empty() => return Ok(()),
            Err(e) => return Err(e.into()),
        };
        for w in rolls {
            let wrong = match (self.roll_rows(&w), w.record.value()) {
                (Err(e), _) => Some(e.to_string()),
                (Ok(rows), Record::Roll(roll)) => {
                    let root = evidence::roll_file(rows.rows()).1.root;
                    (root != roll.rows.root).then(|| format!("the root is {root}"))
                }
                (Ok(_), _) => None,
            };
            if let Some(why) = wrong {
                problems.push(Say::new("cli.say.audit_roll").with("leaf", w.record.leaf()).with("why", why));
            }
        }
        Ok(())
    }
}

//! Writing into the mirrors, within one transaction. What is written was verified by the caller; what is computed here - sizes
//! and roots - is computed from what is held.

use super::reading::{Held, Mirrored};
use super::tiles;
use crate::StoreError;
use crate::log::to_sql;
use evidence::{Digest, NodeId};
use std::ops::Deref;

/// Leaves that were added to what is held, in memory only.
pub struct Grown {
    child: NodeId,
    from: u64,
    size: u64,
    grown: tiles::Grown,
}
impl Grown {
    /// The size with them.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }
    /// The root with them.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.grown.root
    }
}
impl std::fmt::Debug for Grown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grown({}..{} {})", self.from, self.size, self.root())
    }
}

/// An envelope to be kept.
#[derive(Clone, Copy, Debug)]
pub struct Deposit<'a> {
    /// Its leaf.
    pub leaf: Digest,
    /// Its `predicateType`.
    pub kind: &'a str,
    /// The node that it is about; empty: none.
    pub about: &'a str,
    /// The DSSE envelope, JSON.
    pub envelope: &'a [u8],
}

/// The mirrors, being written.
#[derive(Debug)]
pub struct Intake<'a>(pub(super) Mirrored<'a>);
impl<'a> Deref for Intake<'a> {
    type Target = Mirrored<'a>;
    fn deref(&self) -> &Mirrored<'a> {
        &self.0
    }
}

impl Intake<'_> {
    fn run(&self, sql: &str, with: impl rusqlite::Params) -> Result<(), StoreError> {
        let done = self.0.db.prepare_cached(sql).and_then(|mut q| q.execute(with));
        done.map(|_| ()).map_err(|e| self.0.fail(&e))
    }

    fn known(&self, child: &NodeId) -> Result<i64, StoreError> {
        if let Some(id) = self.0.id(child)? {
            return Ok(id);
        }
        self.run("INSERT INTO children (node, size, accepted) VALUES (?1, 0, 0)", [child.as_str()])?;
        Ok(self.0.db.last_insert_rowid())
    }

    /// Adds leaves to the first `from` of a child, in memory. Errors: fewer are held.
    pub fn grow(&self, child: &NodeId, from: u64, leaves: &[Digest]) -> Result<Grown, StoreError> {
        if from > self.0.held(child)?.size {
            return Err(StoreError::NoSuchSize(from));
        }
        // A child that is not known yet has no tiles: an id that nobody has reads as none.
        let id = self.0.id(child)?.unwrap_or(0);
        let grown = self.0.tiles(id).grow(from, leaves)?;
        Ok(Grown { child: child.clone(), from, size: from + leaves.len() as u64, grown })
    }

    /// Keeps what was grown. Errors: it does not begin where what is held ends.
    pub fn keep(&self, grown: &Grown) -> Result<(), StoreError> {
        let id = self.known(&grown.child)?;
        if self.0.held(&grown.child)?.size != grown.from {
            return Err(StoreError::NoSuchSize(grown.from));
        }
        self.0.tiles(id).keep(&grown.grown)?;
        self.run("UPDATE children SET size = ?2 WHERE id = ?1", (id, to_sql(grown.size)))
    }

    /// Everything that is held of a child is covered by this checkpoint of that size.
    pub fn accept(&self, child: &NodeId, note: &str) -> Result<(), StoreError> {
        let id = self.known(child)?;
        let size = to_sql(self.0.held(child)?.size);
        self.run("UPDATE children SET accepted = ?2 WHERE id = ?1", (id, size))?;
        self.run("INSERT OR IGNORE INTO checkpoints VALUES (?1, ?2, ?3)", (id, size, note))
    }

    /// Forgets what came after the newest accepted checkpoint: it led to no other.
    pub fn cut(&self, child: &NodeId) -> Result<(), StoreError> {
        let Held { size, accepted } = self.0.held(child)?;
        let Some(id) = self.0.id(child)?.filter(|_| size > accepted) else { return Ok(()) };
        self.0.tiles(id).cut(accepted)?;
        self.run("DELETE FROM shipped WHERE child = ?1 AND idx >= ?2", (id, to_sql(accepted)))?;
        self.run("DELETE FROM nested WHERE child = ?1 AND under >= ?2", (id, to_sql(accepted)))?;
        self.run("UPDATE children SET size = accepted WHERE id = ?1", [id])
    }

    /// Keeps an envelope of a child; one that is there already stays as it is.
    pub fn ship(&self, child: &NodeId, index: u64, deposit: &Deposit<'_>) -> Result<(), StoreError> {
        let (id, d) = (self.known(child)?, deposit);
        let sql = "INSERT OR IGNORE INTO shipped VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.run(sql, (id, to_sql(index), d.leaf.0, d.kind, d.about, d.envelope))
    }

    /// Keeps an envelope of `node` that a child brought under the receipt at `under` of its log.
    pub fn bring(&self, child: &NodeId, under: u64, node: &NodeId, deposit: &Deposit<'_>) -> Result<(), StoreError> {
        let (id, d) = (self.known(child)?, deposit);
        let sql = "INSERT OR IGNORE INTO nested (child, under, node, leaf, kind, about, envelope)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.run(sql, (id, to_sql(under), node.as_str(), d.leaf.0, d.kind, d.about, d.envelope))
    }

    /// Keeps bytes under their SHA-256.
    pub fn artifact(&self, bytes: &[u8]) -> Result<(), StoreError> {
        self.run("INSERT OR IGNORE INTO artifacts VALUES (?1, ?2)", (Digest::of(bytes).0, bytes))
    }
}

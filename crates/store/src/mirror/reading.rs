//! Reading what is held of children. Bytes come out as they lie there; the caller verifies them.

use super::tiles::Tiles;
use crate::StoreError;
use crate::log::to_sql;
use evidence::{Digest, NodeId, RecordKind};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::BTreeMap;
use std::path::Path;

/// How much is held of a child's log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Held {
    /// Leaves that are held.
    pub size: u64,
    /// Of these, leaves that an accepted checkpoint covers; the others wait for the rest of theirs.
    pub accepted: u64,
}

/// An envelope of a child, as it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shipped {
    /// The child.
    pub child: NodeId,
    /// Its index in the child's log.
    pub index: u64,
    /// Its leaf.
    pub leaf: Digest,
    /// Its `predicateType`.
    pub kind: String,
    /// The DSSE envelope, JSON.
    pub envelope: Vec<u8>,
}

/// An envelope of a node below a child, as the child brought it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Brought {
    /// The child that brought it.
    pub child: NodeId,
    /// Index, in the child's log, of the receipt that it came under.
    pub under: u64,
    /// The node whose record it is.
    pub node: NodeId,
    /// Its leaf.
    pub leaf: Digest,
    /// Its `predicateType`.
    pub kind: String,
    /// The DSSE envelope, JSON.
    pub envelope: Vec<u8>,
}

/// Under which receipt something came, and its place.
type Places = Vec<(u64, i64)>;

/// A child, and where records of a kind are that it brought of others: the index, in its log, of the receipt that each came under,
/// and its place; sorted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// The child.
    pub child: NodeId,
    /// The places.
    pub brought: Vec<(u64, i64)>,
}

/// What is held, at one moment.
#[derive(Debug)]
pub struct Mirrored<'a> {
    pub(super) db: &'a Connection,
    pub(super) path: &'a Path,
}

const SHIPPED: &str =
    "SELECT c.node, s.idx, s.leaf, s.kind, s.envelope FROM shipped s JOIN children c ON c.id = s.child";
const BROUGHT: &str =
    "SELECT c.node, n.under, n.node, n.leaf, n.kind, n.envelope FROM nested n JOIN children c ON c.id = n.child";

impl Mirrored<'_> {
    pub(super) fn fail(&self, e: &rusqlite::Error) -> StoreError {
        StoreError::sql(self.path, e)
    }

    pub(super) fn id(&self, child: &NodeId) -> Result<Option<i64>, StoreError> {
        let row = self
            .db
            .prepare_cached("SELECT id FROM children WHERE node = ?1")
            .and_then(|mut q| q.query_row([child.as_str()], |r| r.get(0)).optional());
        row.map_err(|e| self.fail(&e))
    }

    pub(super) fn tiles(&self, id: i64) -> Tiles<'_> {
        Tiles { db: self.db, path: self.path, child: id }
    }

    /// How much is held of a child; nothing of one that never sent.
    pub fn held(&self, child: &NodeId) -> Result<Held, StoreError> {
        let read = |r: &Row<'_>| Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?));
        let row = self
            .db
            .prepare_cached("SELECT size, accepted FROM children WHERE node = ?1")
            .and_then(|mut q| q.query_row([child.as_str()], read).optional())
            .map_err(|e| self.fail(&e))?;
        let number = |n| u64::try_from(n).unwrap_or(0);
        Ok(row.map_or_else(Held::default, |(size, accepted)| Held { size: number(size), accepted: number(accepted) }))
    }

    /// The root of the first `size` leaves of a child, computed from what is held.
    pub fn root(&self, child: &NodeId, size: u64) -> Result<Digest, StoreError> {
        match self.id(child)? {
            Some(id) => self.tiles(id).root(size),
            None if size == 0 => Ok(Digest::of(b"")),
            None => Err(StoreError::NoSuchSize(size)),
        }
    }

    /// Leaf hashes `from..to` of a child.
    pub fn leaves(&self, child: &NodeId, from: u64, to: u64) -> Result<Vec<Digest>, StoreError> {
        match self.id(child)? {
            _ if from >= to => Ok(Vec::new()),
            Some(id) => self.tiles(id).leaves(from, to),
            None => Err(StoreError::NoSuchSize(to)),
        }
    }

    /// The newest accepted checkpoint of a child, as it came.
    pub fn newest_checkpoint(&self, child: &NodeId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT note FROM checkpoints WHERE child = ?1 ORDER BY size DESC LIMIT 1";
        let Some(id) = self.id(child)? else { return Ok(None) };
        let row = self.db.prepare_cached(sql).and_then(|mut q| q.query_row([id], |r| r.get(0)).optional());
        row.map_err(|e| self.fail(&e))
    }

    /// The checkpoint of exactly this size that was accepted of a child.
    pub fn checkpoint(&self, child: &NodeId, size: u64) -> Result<Option<String>, StoreError> {
        let sql = "SELECT note FROM checkpoints WHERE child = ?1 AND size = ?2";
        let Some(id) = self.id(child)? else { return Ok(None) };
        let row =
            self.db.prepare_cached(sql).and_then(|mut q| q.query_row((id, to_sql(size)), |r| r.get(0)).optional());
        row.map_err(|e| self.fail(&e))
    }

    /// Envelopes of a child with an index in `from..to`, in their order.
    pub fn shipped_between(&self, child: &NodeId, from: u64, to: u64) -> Result<Vec<Shipped>, StoreError> {
        let Some(id) = self.id(child)? else { return Ok(Vec::new()) };
        let sql = format!("{SHIPPED} WHERE s.child = ?1 AND s.idx >= ?2 AND s.idx < ?3 ORDER BY s.idx");
        self.rows(&sql, params![id, to_sql(from), to_sql(to)], shipped)
    }

    /// Envelopes of one kind of a child, in their order.
    pub fn shipped_by(&self, child: &NodeId, kind: RecordKind) -> Result<Vec<Shipped>, StoreError> {
        let Some(id) = self.id(child)? else { return Ok(Vec::new()) };
        let sql = format!("{SHIPPED} WHERE s.kind = ?1 AND s.child = ?2 ORDER BY s.idx");
        self.rows(&sql, params![kind.predicate_type(), id], shipped)
    }

    /// The newest envelope of a kind of a child that is about a node, of its own.
    pub fn newest_shipped_about(
        &self,
        child: &NodeId,
        kind: RecordKind,
        node: &NodeId,
    ) -> Result<Option<Shipped>, StoreError> {
        let Some(id) = self.id(child)? else { return Ok(None) };
        let sql = format!("{SHIPPED} WHERE s.child = ?1 AND s.about = ?2 AND s.kind = ?3 ORDER BY s.idx DESC LIMIT 1");
        Ok(self.rows(&sql, params![id, node.as_str(), kind.predicate_type()], shipped)?.pop())
    }

    /// The same among what a child brought of others.
    pub fn newest_brought_about(
        &self,
        child: &NodeId,
        kind: RecordKind,
        node: &NodeId,
    ) -> Result<Option<Brought>, StoreError> {
        let Some(id) = self.id(child)? else { return Ok(None) };
        let sql = format!("{BROUGHT} WHERE n.child = ?1 AND n.about = ?2 AND n.kind = ?3 ORDER BY n.seq DESC LIMIT 1");
        Ok(self.rows(&sql, params![id, node.as_str(), kind.predicate_type()], brought)?.pop())
    }

    /// What came under the receipt at an index of a child's log, in the order in which it came.
    pub fn brought_under(&self, child: &NodeId, under: u64) -> Result<Vec<Brought>, StoreError> {
        let Some(id) = self.id(child)? else { return Ok(Vec::new()) };
        let sql = format!("{BROUGHT} WHERE n.child = ?1 AND n.under = ?2 ORDER BY n.seq");
        self.rows(&sql, params![id, to_sql(under)], brought)
    }

    /// What came under the receipts at indexes `from..to` of a child's log, receipt by receipt, in the order in which it came.
    pub fn brought_between(&self, child: &NodeId, from: u64, to: u64) -> Result<Vec<Brought>, StoreError> {
        let Some(id) = self.id(child)? else { return Ok(Vec::new()) };
        let sql = format!("{BROUGHT} WHERE n.child = ?1 AND n.under >= ?2 AND n.under < ?3 ORDER BY n.under, n.seq");
        self.rows(&sql, params![id, to_sql(from), to_sql(to)], brought)
    }

    /// One envelope that a child brought under the receipt at an index of its log.
    pub fn brought_one(
        &self,
        child: &NodeId,
        under: u64,
        node: &NodeId,
        leaf: Digest,
    ) -> Result<Option<Brought>, StoreError> {
        let Some(id) = self.id(child)? else { return Ok(None) };
        let sql = format!("{BROUGHT} WHERE n.child = ?1 AND n.under = ?2 AND n.node = ?3 AND n.leaf = ?4");
        Ok(self.rows(&sql, params![id, to_sql(under), node.as_str(), leaf.0], brought)?.pop())
    }

    /// Who holds records of a kind: own ones, or such that it brought of others; in the order in which the children first came.
    /// Envelopes are not read.
    pub fn holders(&self, kind: RecordKind) -> Result<Vec<Holder>, StoreError> {
        let urn = kind.predicate_type();
        let mut by: BTreeMap<i64, Places> = BTreeMap::new();
        for child in self.rows("SELECT DISTINCT child FROM shipped WHERE kind = ?1", [urn], |r| r.get(0))? {
            by.entry(child).or_default();
        }
        let sql = "SELECT child, under, seq FROM nested WHERE kind = ?1";
        for (child, under, seq) in self.rows(sql, [urn], |r| Ok((r.get(0)?, number(r, 1)?, r.get(2)?)))? {
            by.entry(child).or_default().push((under, seq));
        }
        let mut holders = Vec::with_capacity(by.len());
        for (child, mut places) in by {
            let named = self.rows("SELECT node FROM children WHERE id = ?1", [child], |r| r.get::<_, String>(0))?;
            let named = named.into_iter().next();
            let child = named.ok_or_else(|| StoreError::damaged(format!("child {child} of a mirror"), "missing"))?;
            places.sort_unstable();
            holders.push(Holder { child: NodeId::new(child), brought: places });
        }
        Ok(holders)
    }

    /// Envelopes that children brought of others, from places that [`Mirrored::holders`] named.
    pub fn brought_at(&self, places: &[(u64, i64)]) -> Result<Vec<Brought>, StoreError> {
        let sql = format!("{BROUGHT} WHERE n.seq = ?1");
        let mut out = Vec::with_capacity(places.len());
        for (_, seq) in places {
            out.extend(self.rows(&sql, [seq], brought)?);
        }
        Ok(out)
    }

    /// How many envelopes of others a child brought.
    pub fn brought_count(&self, child: &NodeId) -> Result<u64, StoreError> {
        let Some(id) = self.id(child)? else { return Ok(0) };
        let count = self.rows("SELECT count(*) FROM nested WHERE child = ?1", [id], |r| number(r, 0))?;
        Ok(count.into_iter().sum())
    }

    /// Bytes that came with a record, by their SHA-256, which is checked.
    pub fn artifact(&self, digest: Digest) -> Result<Vec<u8>, StoreError> {
        let sql = "SELECT bytes FROM artifacts WHERE digest = ?1";
        let bytes: Option<Vec<u8>> =
            self.db.query_row(sql, [digest.0], |r| r.get(0)).optional().map_err(|e| self.fail(&e))?;
        let bytes = bytes.ok_or(StoreError::NotFound(digest))?;
        match Digest::of(&bytes) == digest {
            true => Ok(bytes),
            false => {
                Err(StoreError::damaged(format!("artifact {digest} of a mirror"), "its bytes have another digest"))
            }
        }
    }

    fn rows<T>(
        &self,
        sql: &str,
        with: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut query = self.db.prepare_cached(sql).map_err(|e| self.fail(&e))?;
        let rows = query.query_map(with, read).map_err(|e| self.fail(&e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.fail(&e))
    }
}

fn number(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(at)?).unwrap_or(u64::MAX))
}

fn shipped(row: &Row<'_>) -> rusqlite::Result<Shipped> {
    Ok(Shipped {
        child: NodeId::new(row.get::<_, String>(0)?),
        index: number(row, 1)?,
        leaf: Digest(row.get(2)?),
        kind: row.get(3)?,
        envelope: row.get(4)?,
    })
}

fn brought(row: &Row<'_>) -> rusqlite::Result<Brought> {
    Ok(Brought {
        child: NodeId::new(row.get::<_, String>(0)?),
        under: number(row, 1)?,
        node: NodeId::new(row.get::<_, String>(2)?),
        leaf: Digest(row.get(3)?),
        kind: row.get(4)?,
        envelope: row.get(5)?,
    })
}

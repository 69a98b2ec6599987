//! The RFC 6962 tree in two tables: leaf hashes in `leaves`, roots of complete subtrees in `nodes`.
//!
//! A complete subtree never changes, so a node is written once. The root of any size, past or present, and every
//! proof are put together from at most 64 of them for each step.

use crate::StoreError;
use evidence::{Digest, node_hash};
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;

/// Reads the tree through a connection.
pub(crate) struct Tree<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) path: &'a Path,
}

impl Tree<'_> {
    /// Number of leaves.
    pub(crate) fn size(&self) -> Result<u64, StoreError> {
        let size: Option<i64> = self
            .db
            .query_row("SELECT max(idx) FROM leaves", [], |r| r.get(0))
            .map_err(|e| StoreError::sql(self.path, &e))?;
        Ok(size.map_or(0, |last| u64::try_from(last).unwrap_or(0) + 1))
    }

    /// The root of the complete subtree of 2^level leaves at `pos`.
    fn node(&self, level: u32, pos: u64) -> Result<Digest, StoreError> {
        let at = i64::try_from(pos).map_err(|_| StoreError::NoSuchSize(pos))?;
        let row = match level {
            0 => self
                .db
                .prepare_cached("SELECT hash FROM leaves WHERE idx = ?1")
                .and_then(|mut q| q.query_row([at], |r| r.get::<_, [u8; 32]>(0)).optional()),
            _ => self
                .db
                .prepare_cached("SELECT hash FROM nodes WHERE level = ?1 AND pos = ?2")
                .and_then(|mut q| q.query_row((level, at), |r| r.get::<_, [u8; 32]>(0)).optional()),
        };
        let row = row.map_err(|e| StoreError::sql(self.path, &e))?;
        row.map(Digest).ok_or_else(|| StoreError::damaged(format!("node {level}/{pos}"), "missing"))
    }

    /// The root over leaves `start..end`; `start` is a multiple of the largest power of two within the range.
    pub(crate) fn range(&self, start: u64, end: u64) -> Result<Digest, StoreError> {
        let n = end.saturating_sub(start);
        if n == 0 {
            return Ok(Digest::of(b""));
        }
        if n.is_power_of_two() {
            let level = n.trailing_zeros();
            return self.node(level, start >> level);
        }
        let split = start + left_of(n);
        Ok(node_hash(&self.range(start, split)?, &self.range(split, end)?))
    }

    /// The roots of the complete subtrees that make up the first `size` leaves, largest first, with their levels.
    pub(crate) fn frontier(&self, size: u64) -> Result<Vec<(u32, Digest)>, StoreError> {
        let mut out = Vec::new();
        let mut start = 0;
        for level in (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1) {
            out.push((level, self.node(level, start >> level)?));
            start += 1 << level;
        }
        Ok(out)
    }

    /// The audit path of leaf `index` in the tree of `size` leaves (RFC 6962 §2.1.1), nearest sibling first.
    pub(crate) fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Digest>, StoreError> {
        Ok(self.inclusions(&[index], size)?.pop().unwrap_or_default())
    }

    /// The audit paths of many leaves in the tree of one size: what they share is read once.
    pub(crate) fn inclusions(&self, indexes: &[u64], size: u64) -> Result<Vec<Vec<Digest>>, StoreError> {
        let mut seen: HashMap<(u64, u64), Digest> = HashMap::new();
        let mut range = |start: u64, end: u64| match seen.entry((start, end)) {
            Entry::Occupied(known) => Ok(*known.get()),
            Entry::Vacant(place) => self.range(start, end).map(|hash| *place.insert(hash)),
        };
        let mut paths = Vec::with_capacity(indexes.len());
        for index in indexes {
            let mut path = Vec::new();
            let (mut start, mut end) = (0, size);
            while end - start > 1 {
                let split = start + left_of(end - start);
                if *index < split {
                    path.push(range(split, end)?);
                    end = split;
                } else {
                    path.push(range(start, split)?);
                    start = split;
                }
            }
            path.reverse();
            paths.push(path);
        }
        Ok(paths)
    }

    /// The consistency proof between two sizes (RFC 6962 §2.1.2).
    pub(crate) fn consistency(&self, old: u64, new: u64) -> Result<Vec<Digest>, StoreError> {
        let mut path = Vec::new();
        if old == 0 || old == new {
            return Ok(path);
        }
        let (mut start, mut end) = (0, new);
        // True while the part looked at is a complete subtree of the old tree too: its root is then known already.
        let mut known = true;
        while end != old {
            let split = start + left_of(end - start);
            if old <= split {
                path.push(self.range(split, end)?);
                end = split;
            } else {
                path.push(self.range(start, split)?);
                start = split;
                known = false;
            }
        }
        if !known {
            path.push(self.range(start, end)?);
        }
        path.reverse();
        Ok(path)
    }
}

/// The largest power of two smaller than `n`, for `n` ≥ 2.
pub(crate) fn left_of(n: u64) -> u64 {
    1 << (u64::BITS - 1 - (n - 1).leading_zeros())
}

/// Adds leaves to a frontier and hands out every complete subtree that this makes.
pub(crate) struct Growth {
    frontier: Vec<(u32, Digest)>,
    pub(crate) size: u64,
}
impl Growth {
    pub(crate) fn new(frontier: Vec<(u32, Digest)>, size: u64) -> Self {
        Self { frontier, size }
    }
    /// Adds a leaf; `node(level, pos, hash)` takes each new complete subtree above it.
    pub(crate) fn push<E>(
        &mut self,
        leaf: Digest,
        mut node: impl FnMut(u32, u64, Digest) -> Result<(), E>,
    ) -> Result<(), E> {
        let (mut level, mut hash) = (0, leaf);
        while self.frontier.last().is_some_and(|(l, _)| *l == level) {
            let (_, left) = self.frontier.pop().expect("just looked at");
            hash = node_hash(&left, &hash);
            level += 1;
            node(level, self.size >> level, hash)?;
        }
        self.frontier.push((level, hash));
        self.size += 1;
        Ok(())
    }
    /// The root of all leaves.
    pub(crate) fn root(&self) -> Digest {
        let mut parts = self.frontier.iter().rev().map(|(_, hash)| *hash);
        let last = parts.next().unwrap_or_else(|| Digest::of(b""));
        parts.fold(last, |right, left| node_hash(&left, &right))
    }
}

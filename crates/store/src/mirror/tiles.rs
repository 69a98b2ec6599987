//! The leaf hashes of another node's log, in tiles of 256, with the roots of complete tiles in tiles above them.
//!
//! A complete subtree never changes, so what a tile holds is only ever added to. A tile is one row: a log of a million leaves
//! is four thousand rows of 8 KiB and sixteen above them, where a row a hash would be two million.
//!
//! The root of any size, past or present, is put together from at most one tile a level.

use crate::StoreError;
use crate::log::to_sql;
use crate::tree::Growth;
use evidence::{Digest, merkle_root};
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::BTreeMap;
use std::path::Path;

/// Hashes of a full tile, and the height of a tile: 2^8.
pub(super) const WIDTH: u64 = 256;
pub(super) const HEIGHT: u32 = 8;
/// Levels of tiles that a size of 63 bits can have.
const LEVELS: u32 = 8;
/// Bytes of a hash.
const HASH: usize = 32;

/// Reads and writes the tiles of one child.
pub(crate) struct Tiles<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) path: &'a Path,
    pub(crate) child: i64,
}

/// Leaves that were added in memory, and what would have to be written to keep them.
pub(crate) struct Grown {
    /// Size before.
    from: u64,
    /// Hashes by level of tiles, in ascending order of their place, which is that of the first.
    added: BTreeMap<u32, (u64, Vec<Digest>)>,
    /// The root with them.
    pub(crate) root: Digest,
}

impl Tiles<'_> {
    fn fail(&self, e: &rusqlite::Error) -> StoreError {
        StoreError::sql(self.path, e)
    }

    fn tile(&self, level: u32, n: u64) -> Result<Vec<u8>, StoreError> {
        let bytes: Option<Vec<u8>> = self
            .db
            .prepare_cached("SELECT hashes FROM tiles WHERE child = ?1 AND level = ?2 AND n = ?3")
            .and_then(|mut q| q.query_row((self.child, level, to_sql(n)), |r| r.get(0)).optional())
            .map_err(|e| self.fail(&e))?;
        Ok(bytes.unwrap_or_default())
    }

    /// The first `width` hashes of a tile.
    pub(super) fn hashes(&self, level: u32, n: u64, width: u64) -> Result<Vec<Digest>, StoreError> {
        let bytes = self.tile(level, n)?;
        let wanted = usize::try_from(width).unwrap_or(usize::MAX).saturating_mul(HASH);
        let bytes = bytes.get(..wanted);
        let bytes = bytes.ok_or_else(|| StoreError::damaged(format!("tile {level}/{n} of a mirror"), "too short"))?;
        Ok(bytes.chunks_exact(HASH).map(digest).collect())
    }

    /// Leaf hashes `from..to`.
    pub(crate) fn leaves(&self, from: u64, to: u64) -> Result<Vec<Digest>, StoreError> {
        let mut out = Vec::new();
        let mut at = from;
        while at < to {
            let (n, skip) = (at / WIDTH, at % WIDTH);
            let width = (to - n * WIDTH).min(WIDTH);
            let tile = self.hashes(0, n, width)?;
            out.extend(tile.into_iter().skip(usize::try_from(skip).unwrap_or(usize::MAX)));
            at = n * WIDTH + width;
        }
        Ok(out)
    }

    /// The roots of the complete subtrees that make up the first `size` leaves, largest first, with their levels.
    pub(crate) fn frontier(&self, size: u64) -> Result<Vec<(u32, Digest)>, StoreError> {
        let mut out = Vec::new();
        for level in (0..LEVELS).rev() {
            let count = size.checked_shr(level * HEIGHT).unwrap_or(0);
            let width = count % WIDTH;
            if width == 0 {
                continue;
            }
            let hashes = self.hashes(level, count / WIDTH, width)?;
            let mut rest = hashes.as_slice();
            for bit in (0..HEIGHT).rev().filter(|bit| width >> bit & 1 == 1) {
                let (part, after) = rest.split_at(1 << bit);
                out.push((level * HEIGHT + bit, merkle_root(part)));
                rest = after;
            }
        }
        Ok(out)
    }

    /// The root that the tree had at `size`.
    pub(crate) fn root(&self, size: u64) -> Result<Digest, StoreError> {
        Ok(Growth::new(self.frontier(size)?, size).root())
    }

    /// Adds leaves to the first `size` in memory; writes nothing.
    pub(crate) fn grow(&self, size: u64, leaves: &[Digest]) -> Result<Grown, StoreError> {
        let mut growth = Growth::new(self.frontier(size)?, size);
        let mut added: BTreeMap<u32, (u64, Vec<Digest>)> = BTreeMap::new();
        added.insert(0, (size, leaves.to_vec()));
        for leaf in leaves {
            growth.push(*leaf, |level, pos, hash| {
                if level % HEIGHT == 0 {
                    added.entry(level / HEIGHT).or_insert_with(|| (pos, Vec::new())).1.push(hash);
                }
                Ok::<(), StoreError>(())
            })?;
        }
        Ok(Grown { from: size, added, root: growth.root() })
    }

    /// Writes what was added.
    pub(crate) fn keep(&self, grown: &Grown) -> Result<(), StoreError> {
        debug_assert!(grown.added.get(&0).is_some_and(|(at, _)| *at == grown.from));
        for (level, (from, hashes)) in &grown.added {
            let mut at = *from;
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let (n, skip) = (at / WIDTH, at % WIDTH);
                let mut bytes = match skip {
                    0 => Vec::new(),
                    _ => self.tile(*level, n)?,
                };
                let begun = usize::try_from(skip).unwrap_or(usize::MAX).saturating_mul(HASH);
                if bytes.len() != begun {
                    let what = format!("tile {level}/{n} of a mirror");
                    return Err(StoreError::damaged(what, format!("{} bytes instead of {begun}", bytes.len())));
                }
                let (now, after) = rest.split_at(rest.len().min(usize::try_from(WIDTH - skip).unwrap_or(0)));
                now.iter().for_each(|h| bytes.extend_from_slice(&h.0));
                self.put(*level, n, &bytes)?;
                at += now.len() as u64;
                rest = after;
            }
        }
        Ok(())
    }

    fn put(&self, level: u32, n: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO tiles VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut q| q.execute((self.child, level, to_sql(n), bytes)))
            .map_err(|e| self.fail(&e))?;
        Ok(())
    }

    /// Forgets everything from leaf `size` on.
    pub(crate) fn cut(&self, size: u64) -> Result<(), StoreError> {
        for level in 0..LEVELS {
            let count = size.checked_shr(level * HEIGHT).unwrap_or(0);
            let (n, width) = (count / WIDTH, count % WIDTH);
            let first_gone = if width == 0 { n } else { n + 1 };
            self.db
                .prepare_cached("DELETE FROM tiles WHERE child = ?1 AND level = ?2 AND n >= ?3")
                .and_then(|mut q| q.execute((self.child, level, to_sql(first_gone))))
                .map_err(|e| self.fail(&e))?;
            if width > 0 {
                let kept: Vec<u8> = self.hashes(level, n, width)?.iter().flat_map(|h| h.0).collect();
                self.put(level, n, &kept)?;
            }
        }
        Ok(())
    }
}

fn digest(bytes: &[u8]) -> Digest {
    let mut hash = [0; HASH];
    hash.copy_from_slice(bytes);
    Digest(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The oracle is `evidence::merkle_root` over the plain list, which is held against RFC 6962's own vectors.
    #[test]
    fn any_way_of_growing_and_cutting_gives_the_roots_of_the_plain_list() {
        let path = Path::new(":memory:");
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(super::super::LAYOUT[0]).unwrap();
        let leaves: Vec<Digest> = (0..70_000_u32).map(|n| Digest::of(&n.to_be_bytes())).collect();
        let tiles = |child| Tiles { db: &db, path, child };
        // In steps of all kinds across the borders of tiles of both levels (256 and 65,536).
        let mut size = 0;
        for step in [1, 1, 253, 1, 1, 255, 300, 1000, 63_000, 723, 1, 1, 4463] {
            let t = tiles(1);
            let grown = t.grow(size, &leaves[size as usize..size as usize + step]).unwrap();
            assert_eq!(grown.root, merkle_root(&leaves[..size as usize + step]), "{size} and {step}");
            t.keep(&grown).unwrap();
            size += step as u64;
        }
        assert_eq!(size, 70_000);
        let sizes = [0, 1, 2, 3, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 69_999, 70_000];
        for n in sizes {
            assert_eq!(tiles(1).root(n as u64).unwrap(), merkle_root(&leaves[..n]), "root at {n}");
        }
        assert_eq!(tiles(1).leaves(250, 520).unwrap(), leaves[250..520]);
        // Cut anywhere and grown again it is the same; another child's tiles are not touched.
        tiles(2).keep(&tiles(2).grow(0, &leaves[..300]).unwrap()).unwrap();
        for n in [65_537_usize, 65_536, 65_535, 512, 257, 256, 1, 0] {
            tiles(1).cut(n as u64).unwrap();
            assert_eq!(tiles(1).root(n as u64).unwrap(), merkle_root(&leaves[..n]), "cut at {n}");
            assert!(tiles(1).leaves(0, n as u64 + 1).is_err(), "nothing is left behind {n}");
        }
        assert_eq!(tiles(2).root(300).unwrap(), merkle_root(&leaves[..300]));
        let again = tiles(1).grow(0, &leaves[..1000]).unwrap();
        tiles(1).keep(&again).unwrap();
        assert_eq!(tiles(1).root(1000).unwrap(), merkle_root(&leaves[..1000]));
    }
}

//! The tree of a child, made again from its leaves and from nothing else, each of them read once.
//!
//! An audit asks for the root under every receipt. Each of them put together from tiles would read the same tiles a thousand times; in
//! their order they all come out of one growing tree, and beside them every hash that the tiles above the leaves should hold.

use super::Mirrored;
use super::tiles::{HEIGHT, WIDTH};
use crate::StoreError;
use crate::tree::Growth;
use evidence::{Digest, NodeId};
use std::collections::BTreeMap;

/// Leaves that are read at a time where nobody needs them.
const STRETCH: u64 = 1 << 16;

/// A child's tree up to some leaf.
pub struct Remade {
    child: NodeId,
    growth: Growth,
    /// By level of tiles, the tile that is not full yet: its number, and what it should hold so far.
    above: BTreeMap<u32, (u64, Vec<Digest>)>,
    /// False once it was taken up from what the tiles say: then they were not made from the leaves alone.
    whole: bool,
}
impl std::fmt::Debug for Remade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Remade({} of {})", self.growth.size, self.child)
    }
}

impl Remade {
    /// Before the first leaf.
    #[must_use]
    pub fn new(child: &NodeId) -> Self {
        Self { child: child.clone(), growth: Growth::new(Vec::new(), 0), above: BTreeMap::new(), whole: true }
    }

    /// Leaves so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.growth.size
    }

    /// The root of the leaves so far.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.growth.root()
    }

    /// Goes on from `from` to `to` and hands out the leaves between. If it does not stand at `from`, or `taken_up` says that what it
    /// made there is not to be built upon, it begins with the roots that the tiles hold. Errors: a leaf or a tile is not there, or a
    /// full tile above the leaves does not hold their roots.
    pub fn grow(&mut self, m: &Mirrored<'_>, from: u64, to: u64) -> Result<Vec<Digest>, StoreError> {
        if self.growth.size != from {
            self.take_up(m, from)?;
        }
        let leaves = m.leaves(&self.child, from, to)?;
        for leaf in &leaves {
            self.push(m, *leaf)?;
        }
        Ok(leaves)
    }

    /// Stands at `size` with the roots that the tiles hold.
    pub fn take_up(&mut self, m: &Mirrored<'_>, size: u64) -> Result<(), StoreError> {
        (self.whole, self.above) = (false, BTreeMap::new());
        let frontier = match m.id(&self.child)? {
            Some(id) => m.tiles(id).frontier(size)?,
            None => Vec::new(),
        };
        self.growth = Growth::new(frontier, size);
        Ok(())
    }

    fn push(&mut self, m: &Mirrored<'_>, leaf: Digest) -> Result<(), StoreError> {
        let (above, whole, child) = (&mut self.above, self.whole, &self.child);
        self.growth.push(leaf, |level, pos, hash| {
            if !whole || level % HEIGHT != 0 {
                return Ok(());
            }
            let level = level / HEIGHT;
            let tile = above.entry(level).or_default();
            tile.0 = pos / WIDTH;
            tile.1.push(hash);
            if tile.1.len() as u64 == WIDTH {
                let (n, made) = std::mem::take(tile);
                return held(m, child, level, n, &made);
            }
            Ok(())
        })
    }

    /// Reads the rest of the leaves, up to all that are held, and holds every tile above against them. Errors: the first that differs.
    pub fn finish(mut self, m: &Mirrored<'_>) -> Result<(), StoreError> {
        let size = m.held(&self.child)?.size;
        if !self.whole || self.growth.size > size {
            self = Self::new(&self.child);
        }
        while self.growth.size < size {
            let from = self.growth.size;
            self.grow(m, from, size.min(from + STRETCH))?;
        }
        for (level, (n, made)) in self.above.iter().filter(|(_, tile)| !tile.1.is_empty()) {
            held(m, &self.child, *level, *n, made)?;
        }
        match m.root(&self.child, size)? == self.root() {
            true => Ok(()),
            false => Err(differs(&self.child)),
        }
    }
}

fn differs(child: &NodeId) -> StoreError {
    StoreError::damaged(format!("mirror of {child}"), "the tiles above the leaves are not their roots")
}

/// A tile holds what it should.
fn held(m: &Mirrored<'_>, child: &NodeId, level: u32, n: u64, made: &[Digest]) -> Result<(), StoreError> {
    let id = m.id(child)?.ok_or_else(|| differs(child))?;
    match m.tiles(id).hashes(level, n, made.len() as u64)? == made {
        true => Ok(()),
        false => Err(differs(child)),
    }
}

//! The log as static files: C2SP tlog-tiles, for mirrors and for verifiers that nobody here wrote.

use crate::log::to_sql;
use crate::tree::Tree;
use crate::{Store, StoreError, durable};
use std::fs;
use std::path::{Path, PathBuf};

/// Hashes of a full tile.
const TILE_WIDTH: u64 = 256;

impl Store {
    /// Writes `checkpoint`, `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]` of the newest checkpoint's tree into
    /// `dir`. The checkpoint comes last, so that a reader never sees one whose tiles are missing.
    pub fn export_tiles(&self, dir: &Path) -> Result<u64, StoreError> {
        let checkpoint = self.checkpoint()?;
        let size = checkpoint.as_ref().map_or(0, proof::Checkpoint::size);
        let mut level = 0;
        while size >> (8 * level) > 0 {
            for (tile, width) in tiles(size >> (8 * level)) {
                let bytes = self.tile(level, tile, width)?;
                put(&dir.join(format!("tile/{level}/{}", tile_name(tile, width))), &bytes)?;
            }
            level += 1;
        }
        for (tile, width) in tiles(size) {
            let bytes = self.entries(tile, width)?;
            put(&dir.join(format!("tile/entries/{}", tile_name(tile, width))), &bytes)?;
        }
        if let Some(checkpoint) = checkpoint {
            put(&dir.join("checkpoint"), checkpoint.note().as_bytes())?;
        }
        Ok(size)
    }

    fn tile(&self, level: u32, tile: u64, width: u64) -> Result<Vec<u8>, StoreError> {
        let db = self.db();
        let tree = Tree { db: &db, path: &self.db_path };
        let mut out = Vec::new();
        for at in tile * TILE_WIDTH..tile * TILE_WIDTH + width {
            let (start, end) = (at << (8 * level), (at + 1) << (8 * level));
            out.extend_from_slice(&tree.range(start, end)?.0);
        }
        Ok(out)
    }

    fn entries(&self, tile: u64, width: u64) -> Result<Vec<u8>, StoreError> {
        let fail = |e: rusqlite::Error| StoreError::sql(&self.db_path, &e);
        let db = self.db();
        let mut query =
            db.prepare_cached("SELECT body FROM leaves WHERE idx >= ?1 AND idx < ?2 ORDER BY idx").map_err(fail)?;
        let range = (to_sql(tile * TILE_WIDTH), to_sql(tile * TILE_WIDTH + width));
        let mut rows = query.query(range).map_err(fail)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next().map_err(fail)? {
            let body: Vec<u8> = row.get(0).map_err(fail)?;
            let length = u16::try_from(body.len());
            let length = length.map_err(|_| StoreError::TooLarge { what: "leaf", max: u64::from(u16::MAX) })?;
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(&body);
        }
        Ok(out)
    }
}

/// The tiles over `hashes` hashes of a level: number and width.
fn tiles(hashes: u64) -> impl Iterator<Item = (u64, u64)> {
    let full = (0..hashes / TILE_WIDTH).map(|n| (n, TILE_WIDTH));
    let rest = hashes % TILE_WIDTH;
    full.chain((rest > 0).then_some((hashes / TILE_WIDTH, rest)))
}

/// The path of a tile: groups of three digits, all but the last begin with `x`; a partial one names its width.
fn tile_name(tile: u64, width: u64) -> String {
    let mut name = format!("{:03}", tile % 1000);
    let mut rest = tile / 1000;
    while rest > 0 {
        name = format!("x{:03}/{name}", rest % 1000);
        rest /= 1000;
    }
    if width < TILE_WIDTH { format!("{name}.p/{width}") } else { name }
}

fn put(path: &PathBuf, bytes: &[u8]) -> Result<(), StoreError> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir).map_err(|e| StoreError::io(dir, e))?;
    let part = dir.join(format!(".{}{}", data_encoding::HEXLOWER.encode(&durable::random::<8>()?), durable::PART));
    fs::write(&part, bytes).and_then(|()| fs::rename(&part, path)).map_err(|e| StoreError::io(path, e))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification: 1234067 is `x001/x234/067`; a tree of 70,000 has 273 full tiles and one of 112.
    #[test]
    fn names_and_widths_follow_the_specification() {
        assert_eq!(tile_name(1_234_067, 256), "x001/x234/067");
        assert_eq!(tile_name(5, 112), "005.p/112");
        assert_eq!(tiles(70_000).count(), 274);
        assert_eq!(tiles(70_000).last(), Some((273, 112)));
        assert_eq!(tiles(256).last(), Some((0, 256)));
    }
}

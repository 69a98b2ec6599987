//! What sensors remember between runs: a file for each thing remembered. They may be deleted at any time, no total
//! reads them, and whatever is wrong with one is answered by remembering nothing.
//!
//! What sensors keep here is made of the plant's data, if only of masks and digests: the files are for this account
//! alone, as the spool's are, and written in the same way, whole or not at all.
//!
//! Refused: a database of its own (what is remembered of a tree is tens of megabytes in one piece, read once and
//! written once a run).

use crate::durable::{self, Steps};
use data_encoding::HEXLOWER;
use evidence::{Digest, State};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Largest value that is remembered, in bytes.
const VALUE_BYTES_MAX: u64 = 128 << 20;
/// All that one sensor remembers, in bytes; beyond it the oldest goes.
const MEMORY_BYTES_MAX: u64 = 1 << 30;

/// The caches of all sensors of a home.
#[derive(Debug)]
pub struct Cache(Option<PathBuf>);
impl Cache {
    /// What is kept in `memory` of the home; where that cannot be made, nothing will be remembered.
    #[must_use]
    pub fn open(home: &Path) -> Self {
        Self(Some(home.join("memory")))
    }
    /// A memory that keeps nothing and makes no file, for reading only.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }
    /// What `sensor` remembers; other sensors do not see it.
    #[must_use]
    pub fn of<'a>(&'a self, sensor: &'a str) -> SensorState<'a> {
        SensorState { folder: self.0.as_ref().map(|memory| memory.join(sensor)), bytes_max: MEMORY_BYTES_MAX, sensor }
    }
}

/// The memory of one sensor.
#[derive(Debug, Clone)]
pub struct SensorState<'a> {
    folder: Option<PathBuf>,
    bytes_max: u64,
    sensor: &'a str,
}
impl SensorState<'_> {
    /// A key may be a path, and a path may be secret: the file's name is its digest.
    fn name(&self, key: &str) -> String {
        let digest = Digest::of(format!("{}\n{key}", self.sensor).as_bytes());
        HEXLOWER.encode(digest.0.get(..16).unwrap_or_default())
    }
    /// Removes what was not written for the longest time, until the rest fits.
    fn make_room(&self, folder: &Path) -> std::io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let meta = entry.metadata()?;
            files.push((meta.modified()?, meta.len(), entry.path()));
        }
        files.sort();
        let mut all: u64 = files.iter().map(|f| f.1).sum();
        for (_, bytes, path) in files {
            if all <= self.bytes_max {
                break;
            }
            fs::remove_file(path)?;
            all -= bytes;
        }
        Ok(())
    }
}
impl State for SensorState<'_> {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        let path = self.folder.as_ref()?.join(self.name(key));
        durable::read(&path, "memory", VALUE_BYTES_MAX).ok()
    }
    fn set(&self, key: &str, bytes: &[u8]) {
        let Some(folder) = self.folder.as_ref().filter(|_| bytes.len() as u64 <= VALUE_BYTES_MAX) else { return };
        // A failed write is a memory less, nothing more.
        let _ = durable::make_dir(folder)
            .and_then(|()| durable::write(folder, &self.name(key), bytes, &Steps::default()))
            .map(|()| self.make_room(folder));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_missing_home_remembers_nothing() {
        let nowhere = Cache::open(Path::new("/dev/null/home"));
        nowhere.of("inspect").set("a", b"1");
        assert_eq!(nowhere.of("inspect").get("a"), None);
        Cache::none().of("inspect").set("a", b"1");
        assert_eq!(Cache::none().of("inspect").get("a"), None);
    }

    #[test]
    fn files_are_for_this_account_alone_and_the_oldest_goes() {
        let home = std::env::temp_dir().join(format!("store-memory-{}", std::process::id()));
        let _ = fs::remove_dir_all(&home);
        let cache = Cache::open(&home);
        let state = SensorState { bytes_max: 10, ..cache.of("discover") };
        for (n, key) in ["a", "b", "c"].into_iter().enumerate() {
            state.set(key, &[1; 4]);
            let path = home.join("memory/discover").join(state.name(key));
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            // Not all file systems tell such short times apart.
            let at = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(n as u64);
            fs::File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
        }
        assert_eq!(fs::metadata(home.join("memory/discover")).unwrap().permissions().mode() & 0o777, 0o700);
        let known = ["a", "b", "c"].map(|key| state.get(key).is_some());
        assert_eq!(known, [false, true, true]);
        fs::remove_dir_all(&home).unwrap();
    }
}

//! Files that are either wholly there after a crash or not at all.
//!
//! The order is always: neighbour, fsync, rename, fsync of the folder. Only after the last is anything told to
//! anyone. `Steps` is told after each of them, so that a test can photograph the disk at exactly that moment.

use crate::StoreError;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;

/// Is told the name of every durable step right after it. Does nothing unless a test listens.
#[derive(Clone, Default)]
pub struct Steps(Option<Arc<dyn Fn(&'static str) + Send + Sync>>);
impl Steps {
    /// Tells `listener` every step.
    #[must_use]
    pub fn new(listener: impl Fn(&'static str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(listener)))
    }
    pub(crate) fn done(&self, step: &'static str) {
        if let Some(listener) = &self.0 {
            listener(step);
        }
    }
}
impl std::fmt::Debug for Steps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Steps")
    }
}

/// Suffix of a file that is still being written; left behind by a crash it is ignored by everyone.
pub(crate) const PART: &str = ".part";

/// Random bytes of the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    use ring::rand::SecureRandom as _;
    let mut bytes = [0; N];
    let filled = ring::rand::SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| StoreError::io(Path::new("random"), std::io::Error::other("no randomness")))?;
    Ok(bytes)
}

/// Makes `dir` (and what leads to it) for this account alone, durably.
pub(crate) fn make_dir(dir: &Path) -> Result<(), StoreError> {
    if dir.is_dir() {
        return Ok(());
    }
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|e| StoreError::io(dir, e))?;
    // A crash before this leaves no folder: the next start makes it again.
    dir.parent().filter(|p| !p.as_os_str().is_empty()).map_or(Ok(()), sync_dir)
}

/// Makes the names in `dir` durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    File::open(dir).and_then(|d| d.sync_all()).map_err(|e| StoreError::io(dir, e))
}

/// Writes `bytes` to `dir/name`, readable by this account alone, durably and at once.
pub(crate) fn write(dir: &Path, name: &str, bytes: &[u8], steps: &Steps) -> Result<(), StoreError> {
    let part = dir.join(format!(".{name}.{}{PART}", data_encoding::HEXLOWER.encode(&random::<8>()?)));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()
    })();
    if let Err(e) = written {
        let _ = fs::remove_file(&part);
        return Err(StoreError::io(&part, e));
    }
    // A crash here leaves the part file, whole, under a name that nobody reads.
    steps.done("file-synced");
    fs::rename(&part, dir.join(name)).map_err(|e| StoreError::io(dir, e))?;
    // A crash here leaves the file under one of its two names, whole.
    steps.done("file-renamed");
    sync_dir(dir)?;
    // From here on the file is there after any crash.
    steps.done("folder-synced");
    Ok(())
}

/// Reads a file of at most `bytes_max` bytes.
pub(crate) fn read(path: &Path, what: &'static str, bytes_max: u64) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|f| f.take(bytes_max + 1).read_to_end(&mut bytes));
    read.map_err(|e| StoreError::io(path, e))?;
    if bytes.len() as u64 > bytes_max {
        return Err(StoreError::TooLarge { what, max: bytes_max });
    }
    Ok(bytes)
}

/// Refuses a secret that others could read.
pub(crate) fn check_private(path: &Path) -> Result<(), StoreError> {
    let mode = fs::metadata(path).map_err(|e| StoreError::io(path, e))?.mode() & 0o7777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(StoreError::LoosePermissions { path: path.to_owned(), mode }) }
}

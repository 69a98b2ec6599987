//! A home as one file, and back (`docs/specs/backup-v1.md`).
//!
//! The copy is made while others write. Each database is copied inside one read transaction of its own engine; the order - spool,
//! outbox, log, the rest - is such that whatever happens between two copies is what a crash could have left: a record is in the
//! spool and in the log (read twice, written once), the outbox knows less than the log, a mirror knows more. Keys go along
//! only under a passphrase, in the form of their own backup; nobody rotates them meanwhile. Caches and read tables are made again.
//!
//! Refused: overwriting a home, taking a file that is cut, longer, changed or of names that no home has, and a home that is there
//! before all of it is: it is filled beside its place and renamed.

use crate::durable::{self, PART, Steps};
use crate::log::lock_file;
use crate::{Store, StoreError, keys, schema, spool};
use data_encoding::HEXLOWER;
use evidence::{Digest, Hasher, NodeId, Time, canonical};
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

const FORMAT: &str = "watchfire-backup-v1";
/// Largest list of contents, in bytes.
const MANIFEST_BYTES_MAX: usize = 8 << 20;
/// Most files of a backup.
const FILES_MAX: usize = 20_000;
/// Largest configuration file that goes along, in bytes.
const CONFIG_BYTES_MAX: u64 = 1 << 20;
/// Largest backup of keys, in bytes.
const KEYS_BYTES_MAX: u64 = 16 << 20;
/// How long somebody who rotates keys, or writes, is waited for.
const WAIT: Duration = Duration::from_secs(30);
/// The name of the keys inside.
const KEYS: &str = "keys.backup";
/// The digest at the end: 64 digits and a line feed.
const END_BYTES: u64 = 65;

/// One file of a backup.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupFile {
    /// Its name under the home; `keys.backup` for the keys.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: Digest,
}

/// What a backup holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupManifest {
    format: String,
    /// The node.
    pub node: NodeId,
    /// When it was made, by the node's clock.
    pub made: Time,
    /// Records of the log in it.
    pub size: u64,
    /// The root of their tree.
    pub root: Digest,
    /// The files, in the order in which their bytes follow.
    pub files: Vec<BackupFile>,
}
impl BackupManifest {
    /// Whether the keys are in it.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.files.iter().any(|f| f.name == KEYS)
    }
}

/// A name that a home can have: databases, configuration, the spool.
fn known(name: &str) -> bool {
    let plain = |n: &str| {
        n.len() <= 200
            && !n.starts_with('.')
            && n.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    match name.strip_prefix("spool/") {
        Some(file) => plain(file) && file.ends_with(".spool"),
        None => name == KEYS || (plain(name) && [".db", ".toml", ".json"].iter().any(|x| name.ends_with(x))),
    }
}

fn fail(path: &Path) -> impl Fn(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |e| StoreError::io(&path, e)
}

/// A folder of one's own that goes away.
struct Beside(PathBuf);
impl Beside {
    fn new(of: &Path) -> Result<Self, StoreError> {
        let mut name = of.as_os_str().to_owned();
        name.push(format!(".{}{PART}", HEXLOWER.encode(&durable::random::<8>()?)));
        let path = PathBuf::from(name);
        durable::make_dir(&path)?;
        Ok(Self(path))
    }
}
impl Drop for Beside {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Store {
    /// Writes the whole home into one new file, while others may write to it. With a passphrase the keys go along, closed by it.
    /// Errors: the file is there already, an empty passphrase, somebody rotates keys for longer than half a minute.
    pub fn backup(&self, dest: &Path, passphrase: Option<&str>, made: Time) -> Result<BackupManifest, StoreError> {
        if fs::symlink_metadata(dest).is_ok() {
            return Err(StoreError::Exists(dest.to_owned()));
        }
        let copies = Beside::new(dest)?;
        let _rotation = match lock_file(&self.home().join("rotate.lock"), WAIT) {
            // Where nothing can be written nobody rotates.
            Err(StoreError::ReadOnly(_)) => None,
            other => Some(other?.ok_or(StoreError::Busy)?),
        };
        let names = copied(self.home(), &copies.0)?;
        let mut files: Vec<(String, PathBuf)> = names.into_iter().map(|n| (n.clone(), copies.0.join(n))).collect();
        if let Some(passphrase) = passphrase {
            // Read now: another process may have rotated since this one began.
            let now = keys::Keys::load(&self.home().join("keys"), None, false)?;
            durable::write(&copies.0, KEYS, &now.backup_bytes(passphrase)?, &Steps::default())?;
            files.push((KEYS.to_owned(), copies.0.join(KEYS)));
        }
        let (size, root) = tree_of(&copies.0.join("log.db"))?;
        let mut manifest =
            BackupManifest { format: FORMAT.into(), node: self.keys().node(), made, size, root, files: Vec::new() };
        for (name, path) in &files {
            let (bytes, sha256) = digested(path)?;
            manifest.files.push(BackupFile { name: name.clone(), bytes, sha256 });
        }
        let part = copies.0.join("backup");
        written(&part, &manifest, &files)?;
        named(&part, dest)?;
        durable::sync_dir(dest.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
        Ok(manifest)
    }
}

/// Gives a whole file its name, never over one that came meanwhile.
fn named(part: &Path, dest: &Path) -> Result<(), StoreError> {
    match fs::hard_link(part, dest) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Err(StoreError::Exists(dest.to_owned())),
        // A medium without links, such as a FAT stick.
        Err(_) if fs::symlink_metadata(dest).is_err() => fs::rename(part, dest).map_err(fail(dest)),
        Err(e) => Err(StoreError::io(dest, e)),
    }
}

/// Copies what is to be kept into `to`; answers the names in the order of copying.
fn copied(home: &Path, to: &Path) -> Result<Vec<String>, StoreError> {
    let mut names = Vec::new();
    durable::make_dir(&to.join("spool"))?;
    let spool = home.join("spool");
    for path in if spool.is_dir() { spool::list(&spool)? } else { Vec::new() } {
        let Some(name) = path.file_name().and_then(|n| n.to_str()).map(|n| format!("spool/{n}")) else { continue };
        match fs::copy(&path, to.join(&name)) {
            Ok(_) => names.push(name),
            // Appended to the log since: it is in the copy of the log, which is made after this.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => drop(fs::remove_file(to.join(&name))),
            Err(e) => return Err(StoreError::io(&path, e)),
        }
    }
    let (mut databases, mut plain) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(home).map_err(fail(home))? {
        let entry = entry.map_err(fail(home))?;
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        let meta = entry.metadata().map_err(fail(home))?;
        if meta.is_file() && known(&name) && name != KEYS {
            if name.ends_with(".db") { databases.push(name) } else { plain.push(name) }
        }
    }
    databases.sort_by_key(|n| (["outbox.db", "log.db"].iter().position(|f| f == n).unwrap_or(2), n.clone()));
    for name in databases {
        database(&home.join(&name), &to.join(&name))?;
        names.push(name);
    }
    plain.sort();
    for name in plain {
        let bytes = durable::read(&home.join(&name), "configuration file", CONFIG_BYTES_MAX)?;
        durable::write(to, &name, &bytes, &Steps::default())?;
        names.push(name);
    }
    Ok(names)
}

/// A database as it is at one instant, compact.
fn database(from: &Path, to: &Path) -> Result<(), StoreError> {
    let sql = |e: rusqlite::Error| StoreError::sql(from, &e);
    let db = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(sql)?;
    db.busy_timeout(WAIT).map_err(sql)?;
    db.execute("VACUUM INTO ?1", [to.to_string_lossy()]).map_err(|e| StoreError::sql(to, &e))?;
    Ok(())
}

/// Size and root of the newest checkpoint; of an empty log those of the empty tree.
fn tree_of(db: &Path) -> Result<(u64, Digest), StoreError> {
    let fail = |e: rusqlite::Error| StoreError::sql(db, &e);
    let db = schema::open_read_only(db)?;
    let mut get = db.prepare("SELECT size, root FROM checkpoints ORDER BY size DESC LIMIT 1").map_err(fail)?;
    let mut rows = get.query([]).map_err(fail)?;
    let Some(row) = rows.next().map_err(fail)? else { return Ok((0, evidence::merkle_root(&[]))) };
    let size = u64::try_from(row.get::<_, i64>(0).map_err(fail)?).unwrap_or(0);
    Ok((size, Digest(row.get(1).map_err(fail)?)))
}

fn digested(path: &Path) -> Result<(u64, Digest), StoreError> {
    let mut file = File::open(path).map_err(fail(path))?;
    let (mut hasher, mut buffer, mut bytes) = (Hasher::new(), vec![0; 1 << 16], 0);
    loop {
        let got = file.read(&mut buffer).map_err(fail(path))?;
        if got == 0 {
            return Ok((bytes, hasher.finish()));
        }
        bytes += got as u64;
        hasher.update(&buffer[..got]);
    }
}

/// Writes and takes the digest of what is written.
struct Hashed<W>(W, Hasher);
impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.0.write(bytes)?;
        self.1.update(&bytes[..n]);
        Ok(n)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}
impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let n = self.0.read(bytes)?;
        self.1.update(&bytes[..n]);
        Ok(n)
    }
}

fn written(part: &Path, manifest: &BackupManifest, files: &[(String, PathBuf)]) -> Result<(), StoreError> {
    let line = canonical::to_vec(manifest).map_err(|e| StoreError::Database(e.to_string()))?;
    if line.len() > MANIFEST_BYTES_MAX || manifest.files.len() > FILES_MAX {
        return Err(StoreError::TooLarge { what: "list of contents", max: FILES_MAX as u64 });
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part).map_err(fail(part))?;
    let mut out = Hashed(BufWriter::new(file), Hasher::new());
    let mut all = || {
        out.write_all(format!("{FORMAT}\n").as_bytes())?;
        out.write_all(&line)?;
        out.write_all(b"\n")?;
        for (_, path) in files {
            std::io::copy(&mut File::open(path)?, &mut out)?;
        }
        Ok(())
    };
    all().map_err(fail(part))?;
    let Hashed(mut out, hasher) = out;
    let end = (|| {
        out.write_all(format!("{}\n", hasher.finish().hex()).as_bytes())?;
        out.flush()?;
        out.get_ref().sync_all()
    })();
    end.map_err(fail(part))
}

/// Restores a backup into `home`, which must not be there or be empty. `ask` is asked for the passphrase if the keys are in it. Errors:
/// a file that is cut, longer, changed or none; a wrong passphrase; keys that are not those of the node.
pub fn restore_home(
    home: &Path,
    backup: &Path,
    ask: &dyn Fn() -> Option<String>,
) -> Result<BackupManifest, StoreError> {
    if fs::symlink_metadata(home).is_ok() {
        let empty = fs::read_dir(home).map_err(fail(home))?.next().is_none();
        if !empty {
            return Err(StoreError::Exists(home.to_owned()));
        }
    }
    if let Some(parent) = home.parent().filter(|p| !p.as_os_str().is_empty()) {
        durable::make_dir(parent)?;
    }
    let beside = Beside::new(home)?;
    let manifest = unpacked(backup, &beside.0)?;
    let found = tree_of(&beside.0.join("log.db"))?;
    if found != (manifest.size, manifest.root) {
        return Err(broken(backup, "the log in it is not the one that it names"));
    }
    if manifest.has_keys() {
        let path = beside.0.join(KEYS);
        let bytes = durable::read(&path, "backup of keys", KEYS_BYTES_MAX)?;
        let passphrase = ask().ok_or(StoreError::KeysLocked)?;
        keys::restore_bytes(&beside.0, &bytes, backup, &passphrase)?;
        fs::remove_file(&path).map_err(fail(&path))?;
        if keys::Keys::load(&beside.0.join("keys"), None, false)?.node() != manifest.node {
            return Err(broken(backup, "the keys in it are of another node"));
        }
    }
    durable::sync_dir(&beside.0)?;
    // A crash before this leaves a folder beside the home, which nobody reads. An empty home is replaced by it.
    fs::rename(&beside.0, home).map_err(fail(home))?;
    durable::sync_dir(home.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
    Ok(manifest)
}

fn broken(backup: &Path, why: &'static str) -> StoreError {
    StoreError::damaged(backup.display().to_string(), why)
}

/// Writes the files of a backup into `to`, and refuses all of them if one byte is another.
fn unpacked(backup: &Path, to: &Path) -> Result<BackupManifest, StoreError> {
    let file = File::open(backup).map_err(fail(backup))?;
    let length = file.metadata().map_err(fail(backup))?.len();
    let mut from = Hashed(BufReader::new(file), Hasher::new());
    let first = line(&mut from, FORMAT.len() + 1).map_err(fail(backup))?;
    if first.as_deref() != Some(FORMAT.as_bytes()) {
        return Err(broken(backup, "no backup of a home"));
    }
    let listed = line(&mut from, MANIFEST_BYTES_MAX + 1).map_err(fail(backup))?;
    let manifest: Option<BackupManifest> = listed.as_ref().and_then(|l| canonical::from_slice(l).ok());
    let manifest = manifest.ok_or_else(|| broken(backup, "its list of contents is none"))?;
    let mut names: Vec<&str> = manifest.files.iter().map(|f| f.name.as_str()).collect();
    names.sort_unstable();
    let twice = names.windows(2).any(|w| w[0] == w[1]);
    if manifest.format != FORMAT
        || names.len() > FILES_MAX
        || twice
        || !names.iter().all(|n| known(n))
        || !names.contains(&"log.db")
    {
        return Err(broken(backup, "its list of contents is none of a home"));
    }
    let head = (FORMAT.len() + 2 + listed.map_or(0, |l| l.len())) as u64;
    let stated = manifest.files.iter().try_fold(head + END_BYTES, |sum, f| sum.checked_add(f.bytes));
    if stated != Some(length) {
        return Err(broken(backup, "it is cut, or longer than it says"));
    }
    durable::make_dir(&to.join("spool"))?;
    for f in &manifest.files {
        let path = to.join(&f.name);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(fail(&path))?;
        let mut out = Hashed(made, Hasher::new());
        let copied = std::io::copy(&mut Read::by_ref(&mut from).take(f.bytes), &mut out).map_err(fail(&path))?;
        let Hashed(made, hasher) = out;
        made.sync_all().map_err(fail(&path))?;
        if copied != f.bytes || hasher.finish() != f.sha256 {
            return Err(broken(backup, "a file in it is cut or was changed"));
        }
    }
    let Hashed(mut rest, hasher) = from;
    let mut end = Vec::new();
    rest.by_ref().take(END_BYTES + 1).read_to_end(&mut end).map_err(fail(backup))?;
    if end != format!("{}\n", hasher.finish().hex()).as_bytes() {
        return Err(broken(backup, "the digest at its end is another"));
    }
    Ok(manifest)
}

/// A line without its line feed; `None` if there is none within so many bytes.
fn line(from: &mut impl Read, bytes_max: usize) -> std::io::Result<Option<Vec<u8>>> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while line.len() < bytes_max {
        if from.read(&mut byte)? == 0 {
            return Ok(None);
        }
        if byte[0] == b'\n' {
            return Ok(Some(line));
        }
        line.push(byte[0]);
    }
    Ok(None)
}

//! Where the node lives, who runs it, what time it is: the few things that only this room asks the system.

use crate::NodeError;
use evidence::{Document, Time};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The largest document that is digested for an answer, in bytes.
const DOCUMENT_BYTES_MAX: u64 = 1 << 30;

/// The node's home: `given`, else `$WATCHFIRE_HOME`, else the platform's data folder.
pub fn home(given: Option<&Path>) -> Result<PathBuf, NodeError> {
    if let Some(path) = given {
        return Ok(path.to_owned());
    }
    let var = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    var("WATCHFIRE_HOME")
        .or_else(|| var("XDG_DATA_HOME").map(|p| p.join("watchfire")))
        .or_else(|| var("HOME").map(|p| p.join(".local/share/watchfire")))
        .ok_or(NodeError::NoHome)
}

/// The instant by the system's clock. The only place of the program that asks for it.
#[must_use]
pub fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Time::from_millis(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
}

/// Which build of which version runs. Two builds of one version may read differently, so the file that runs is named too:
/// its size, inode and time, which costs less than its digest.
pub(crate) fn program() -> String {
    use std::os::unix::fs::MetadataExt as _;
    let build = std::env::current_exe().and_then(std::fs::metadata);
    let build = build.map(|m| format!("{} {} {} {}.{}", m.dev(), m.ino(), m.size(), m.mtime(), m.mtime_nsec()));
    format!("watchfire {} {}", env!("CARGO_PKG_VERSION"), build.unwrap_or_default())
}

/// The account that runs the program: name (or number, if it has none) and user id.
#[must_use]
pub fn account() -> (String, u32) {
    let uid = rustix::process::getuid().as_raw();
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    (name.unwrap_or_else(|| uid.to_string()), uid)
}

/// `bytes` random bytes of the system.
pub(crate) fn secret() -> Result<[u8; 32], NodeError> {
    let mut bytes = [0; 32];
    let mut source = std::fs::File::open("/dev/urandom").map_err(|e| NodeError::io("/dev/urandom", &e))?;
    source.read_exact(&mut bytes).map_err(|e| NodeError::io("/dev/urandom", &e))?;
    Ok(bytes)
}

/// Names a file by the digest of the bytes that were read from it: what was used and what is named are the same.
pub(crate) fn document_of(path: &Path, bytes: &[u8]) -> Document {
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    Document { name, digest: evidence::Digest::of(bytes), bytes: bytes.len() as u64 }
}

/// Names a file by its digest; the file stays where it is.
pub fn document(path: &Path) -> Result<Document, NodeError> {
    let fail = |e: &std::io::Error| NodeError::io(path, e);
    let meta = std::fs::metadata(path).map_err(|e| fail(&e))?;
    if !meta.is_file() {
        return Err(NodeError::NotAFile(path.to_owned()));
    }
    let mut file = std::fs::File::open(path).map_err(|e| fail(&e))?.take(DOCUMENT_BYTES_MAX + 1);
    let mut hasher = evidence::Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let got = file.read(&mut buffer).map_err(|e| fail(&e))?;
        if got == 0 {
            break;
        }
        bytes += got as u64;
        hasher.update(&buffer[..got]);
    }
    if bytes > DOCUMENT_BYTES_MAX {
        return Err(NodeError::TooLarge { path: path.to_owned(), bytes_max: DOCUMENT_BYTES_MAX });
    }
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    Ok(Document { name, digest: hasher.finish(), bytes })
}

/// Reads a whole file of at most `bytes_max` bytes.
pub fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>, NodeError> {
    let file = std::fs::File::open(path).map_err(|e| NodeError::io(path, &e))?;
    if !file.metadata().is_ok_and(|m| m.is_file()) {
        return Err(NodeError::NotAFile(path.to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(|e| NodeError::io(path, &e))?;
    if bytes.len() as u64 > bytes_max {
        return Err(NodeError::TooLarge { path: path.to_owned(), bytes_max });
    }
    Ok(bytes)
}

/// Writes a file so that either all of it or none of it is there: a neighbour first, then a rename.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), NodeError> {
    let fail = |e: &std::io::Error| NodeError::io(path, e);
    let mut neighbour = path.as_os_str().to_owned();
    neighbour.push(format!(".{}.part", std::process::id()));
    let neighbour = PathBuf::from(neighbour);
    // A crash here leaves a `.part` file and the old report.
    std::fs::write(&neighbour, bytes).map_err(|e| fail(&e))?;
    std::fs::rename(&neighbour, path).map_err(|e| {
        let _ = std::fs::remove_file(&neighbour);
        fail(&e)
    })
}

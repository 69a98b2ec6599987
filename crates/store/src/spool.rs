//! The spool: where any process leaves submissions durably, whoever writes the log.
//!
//! A spool file holds one batch and its own digest. It is deleted only after the log has committed the batch, and
//! reading it twice is harmless, because a leaf that is there already is not written again.

use crate::durable::{self, Steps};
use crate::{StoreError, Submission};
use data_encoding::HEXLOWER;
use evidence::Digest;
use proof::Envelope;
use std::fs;
use std::path::{Path, PathBuf};

const MAGIC: &[u8] = b"watchfire-spool-v1\n";
const EXT: &str = ".spool";
/// Added to the name of a file that was put out of the way.
const BAD: &str = ".bad";
/// Largest spool file, in bytes.
pub(crate) const SPOOL_BYTES_MAX: u64 = 1 << 30;
/// Most files that one look into the spool takes up; the rest follow at the next look.
const SPOOL_FILES_MAX: usize = 4096;

/// Writes a batch durably. Answers the file.
pub(crate) fn put(dir: &Path, batch: &[Submission], steps: &Steps) -> Result<PathBuf, StoreError> {
    let bytes = encode(batch)?;
    // Names are numbers, not times: a clock set back must not reorder anything.
    let last = all(dir)?.iter().filter_map(|p| number(p)).max().unwrap_or(0);
    let name = format!("{:016}-{}{EXT}", last.saturating_add(1), HEXLOWER.encode(&durable::random::<8>()?));
    durable::write(dir, &name, &bytes, steps)?;
    // From here on the batch survives any crash: whoever writes next appends it.
    steps.done("spooled");
    Ok(dir.join(name))
}

/// The oldest spool files, oldest first.
pub(crate) fn list(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut files = all(dir)?;
    files.sort();
    files.truncate(SPOOL_FILES_MAX);
    Ok(files)
}

fn all(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(|e| StoreError::io(dir, e))? {
        let path = entry.map_err(|e| StoreError::io(dir, e))?.path();
        if number(&path).is_some() {
            files.push(path);
        }
    }
    Ok(files)
}

/// Names of the files that were put out of the way, in order; none where there is no spool.
pub(crate) fn list_aside(dir: &Path) -> Result<Vec<String>, StoreError> {
    let mut names = Vec::new();
    if dir.exists() {
        for entry in fs::read_dir(dir).map_err(|e| StoreError::io(dir, e))? {
            let name = entry.map_err(|e| StoreError::io(dir, e))?.file_name();
            names.extend(
                name.to_str().filter(|n| n.strip_suffix(BAD).is_some_and(|n| n.ends_with(EXT))).map(str::to_owned),
            );
        }
    }
    names.sort();
    Ok(names)
}

fn number(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?.strip_suffix(EXT)?;
    name.split_once('-')?.0.parse().ok()
}

/// Reads a spool file; the inner error says why its content is not a batch.
pub(crate) fn get(path: &Path) -> Result<Result<Vec<Submission>, String>, StoreError> {
    let bytes = match durable::read(path, "spool file", SPOOL_BYTES_MAX) {
        Err(StoreError::TooLarge { .. }) => return Ok(Err("larger than a spool file can be".into())),
        other => other?,
    };
    Ok(decode(&bytes).ok_or_else(|| "its bytes do not have the digest at its end".into()))
}

/// Puts a damaged file out of the way, under a name that keeps it for a person to look at.
pub(crate) fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let mut bad = path.as_os_str().to_owned();
    bad.push(BAD);
    let bad = PathBuf::from(bad);
    fs::rename(path, &bad).map_err(|e| StoreError::io(path, e))?;
    Ok(bad)
}

/// Removes a file whose batch is committed.
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        // Not made durable: a crash brings the file back, and appending it again changes nothing.
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(StoreError::io(path, e)),
    }
}

fn encode(batch: &[Submission]) -> Result<Vec<u8>, StoreError> {
    let mut out = MAGIC.to_vec();
    put_number(&mut out, batch.len());
    for s in batch {
        put_bytes(&mut out, &s.envelope.to_json());
        put_number(&mut out, usize::from(s.items.is_some()));
        put_bytes(&mut out, s.items.as_deref().unwrap_or_default());
        put_number(&mut out, s.artifacts.len());
        for artifact in &s.artifacts {
            put_bytes(&mut out, artifact);
        }
    }
    let digest = Digest::of(&out);
    out.extend_from_slice(&digest.0);
    if out.len() as u64 > SPOOL_BYTES_MAX {
        return Err(StoreError::TooLarge { what: "batch", max: SPOOL_BYTES_MAX });
    }
    Ok(out)
}

fn put_number(out: &mut Vec<u8>, n: usize) {
    out.extend_from_slice(&(n as u64).to_be_bytes());
}
fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn decode(bytes: &[u8]) -> Option<Vec<Submission>> {
    let (body, digest) = bytes.split_last_chunk::<32>()?;
    if Digest::of(body).0 != *digest {
        return None;
    }
    let mut rest = body.strip_prefix(MAGIC)?;
    let mut batch = Vec::new();
    for _ in 0..take_number(&mut rest)? {
        let envelope = Envelope::from_json(take_bytes(&mut rest)?).ok()?;
        let has_items = take_number(&mut rest)? == 1;
        let items = take_bytes(&mut rest)?.to_vec();
        let mut artifacts = Vec::new();
        for _ in 0..take_number(&mut rest)? {
            artifacts.push(take_bytes(&mut rest)?.to_vec());
        }
        batch.push(Submission { envelope, items: has_items.then_some(items), artifacts });
    }
    rest.is_empty().then_some(batch)
}

fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let (n, after) = rest.split_first_chunk::<8>()?;
    *rest = after;
    Some(u64::from_be_bytes(*n))
}
fn take_bytes<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let n = usize::try_from(take_number(rest)?).ok()?;
    let (bytes, after) = rest.split_at_checked(n)?;
    *rest = after;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_changed_byte_and_any_cut_is_noticed() {
        let s = Submission {
            envelope: Envelope::new(b"{}".to_vec(), "k".into(), vec![1, 2]),
            items: Some(b"line\n".to_vec()),
            artifacts: vec![b"plan".to_vec()],
        };
        let bytes = encode(&[s.clone(), Submission { items: None, ..s.clone() }]).unwrap();
        assert_eq!(decode(&bytes).unwrap().len(), 2);
        assert_eq!(decode(&bytes).unwrap()[0].items, s.items);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(decode(&changed).is_none(), "byte {at}");
            assert!(decode(&bytes[..at]).is_none(), "cut at {at}");
        }
    }
}

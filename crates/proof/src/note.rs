//! Checkpoints: what a log signs about its tree. C2SP tlog-checkpoint inside a C2SP signed-note.

use crate::{KeyKind, ProofError, PublicKey};
use data_encoding::{BASE64, HEXLOWER};
use evidence::Digest;

/// Largest signed note, in bytes: a checkpoint and dozens of cosignatures.
pub const NOTE_BYTES_MAX: usize = 256 << 10;
/// Most signature lines of a note (the specification demands at least 16).
const NOTE_SIGNATURES_MAX: usize = 64;
/// Longest origin, in bytes.
pub const ORIGIN_BYTES_MAX: usize = 255;
/// Signature type of Ed25519 over the note text.
const TYPE_ED25519: u8 = 1;
const WHAT: &str = "checkpoint";

/// A log that the reader trusts: its name and its Ed25519 key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogKey {
    origin: String,
    key: PublicKey,
}
impl LogKey {
    /// The log `origin` that signs with `key`. Errors: not an Ed25519 key; a name with a space, a plus or a control
    /// character, empty or longer than [`ORIGIN_BYTES_MAX`].
    pub fn new(origin: &str, key: PublicKey) -> Result<Self, ProofError> {
        let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if origin.is_empty() || origin.len() > ORIGIN_BYTES_MAX || origin.contains(bad) {
            return Err(ProofError::shape("log origin", format!("{origin:?}")));
        }
        if key.kind() != KeyKind::Ed25519 {
            return Err(ProofError::Key);
        }
        Ok(Self { origin: origin.to_owned(), key })
    }
    /// From a C2SP verifier key line, `origin+hash+key`.
    pub fn from_vkey(line: &str) -> Result<Self, ProofError> {
        let wrong = |why: &str| ProofError::shape("verifier key", why);
        if line.len() > NOTE_BYTES_MAX {
            return Err(ProofError::TooLarge { what: "verifier key", max: NOTE_BYTES_MAX as u64 });
        }
        // A base64 key can contain a plus; origin and hash cannot.
        let mut parts = line.trim_end().splitn(3, '+');
        let (Some(origin), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("not of the form origin+hash+key"));
        };
        let raw = BASE64.decode(key.as_bytes()).map_err(|_| wrong("the key is not base64"))?;
        let (Some(&TYPE_ED25519), Some(raw)) = (raw.first(), raw.get(1..)) else { return Err(ProofError::Key) };
        let log = Self::new(origin, PublicKey::from_raw(KeyKind::Ed25519, raw)?)?;
        if HEXLOWER.encode(&log.hint()) != hash {
            return Err(wrong("the hash does not belong to the key"));
        }
        Ok(log)
    }
    /// The C2SP verifier key line.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.key.vkey(&self.origin)
    }
    /// The log's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
    /// The key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }
    /// The 32-byte id of the log, see [`PublicKey::log_id`].
    #[must_use]
    pub fn id(&self) -> Digest {
        self.key.log_id(&self.origin)
    }
    /// The first four bytes of the id, as they precede a signature in a note.
    #[must_use]
    pub fn hint(&self) -> [u8; 4] {
        let id = self.id().0;
        [id[0], id[1], id[2], id[3]]
    }
}

/// The text of a checkpoint: the bytes that the log signs.
#[must_use]
pub fn checkpoint_text(origin: &str, size: u64, root: Digest) -> String {
    format!("{origin}\n{size}\n{}\n", BASE64.encode(&root.0))
}

/// The signed note of a checkpoint from its text and the log's signature over that text.
#[must_use]
pub fn checkpoint_note(text: &str, log: &LogKey, signature: &[u8]) -> String {
    let blob = [&log.hint(), signature].concat();
    format!("{text}\n\u{2014} {} {}\n", log.origin, BASE64.encode(&blob))
}

/// A checkpoint whose log signature was checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    size: u64,
    root: Digest,
    log: LogKey,
    note: String,
}
impl Checkpoint {
    /// Reads a signed note and checks the signature of one of `logs` over it. Lines of other signers, such as
    /// cosignatures of witnesses, must be well-formed and are otherwise left alone.
    pub fn verify(note: &str, logs: &[LogKey]) -> Result<Self, ProofError> {
        let (text, signatures) = split(note)?;
        let (origin, size, root) = read_text(text)?;
        let mut by = None;
        for (count, line) in signatures.lines().enumerate() {
            if count >= NOTE_SIGNATURES_MAX {
                return Err(ProofError::TooLarge { what: "list of signatures", max: NOTE_SIGNATURES_MAX as u64 });
            }
            let (name, hint, signature) = read_signature(line)?;
            let known = logs.iter().find(|l| l.origin == name && l.origin == origin && l.hint() == hint);
            if let Some(log) = known {
                log.key.verify(WHAT, text.as_bytes(), &signature)?;
                by.get_or_insert(log);
            }
        }
        let log = by.ok_or_else(|| ProofError::UnknownKey(origin.to_owned()))?.clone();
        Ok(Self { size, root, log, note: note.to_owned() })
    }
    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }
    /// Root of the tree.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.root
    }
    /// The log and the key that signed it.
    #[must_use]
    pub fn log(&self) -> &LogKey {
        &self.log
    }
    /// The signed note, as read.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }
}

/// Splits a note at its last empty line into text (with its line feed) and signature lines.
pub(crate) fn split(note: &str) -> Result<(&str, &str), ProofError> {
    let wrong = |why: &str| ProofError::shape(WHAT, why);
    if note.len() > NOTE_BYTES_MAX {
        return Err(ProofError::TooLarge { what: WHAT, max: NOTE_BYTES_MAX as u64 });
    }
    if note.chars().any(|c| c < ' ' && c != '\n') {
        return Err(wrong("a control character"));
    }
    let (text, signatures) = note.rsplit_once("\n\n").ok_or_else(|| wrong("no empty line before the signatures"))?;
    if signatures.is_empty() || !signatures.ends_with('\n') {
        return Err(wrong("no line feed after the last signature"));
    }
    // The line feed that ends the text belongs to it.
    Ok((note.get(..=text.len()).unwrap_or(text), signatures))
}

fn read_text(text: &str) -> Result<(&str, u64, Digest), ProofError> {
    let wrong = |why: &str| ProofError::shape(WHAT, why);
    let mut lines = text.lines();
    let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(wrong("fewer than three lines"));
    };
    if origin.is_empty() || origin.len() > ORIGIN_BYTES_MAX || lines.any(str::is_empty) {
        return Err(wrong("an empty line, or too long an origin"));
    }
    Ok((origin, decimal(size).ok_or_else(|| wrong("size"))?, hash(root).ok_or_else(|| wrong("root"))?))
}

pub(crate) fn read_signature(line: &str) -> Result<(&str, [u8; 4], Vec<u8>), ProofError> {
    let wrong = || ProofError::shape(WHAT, "a signature line");
    let (name, blob) = line.strip_prefix("\u{2014} ").and_then(|l| l.split_once(' ')).ok_or_else(wrong)?;
    let blob = BASE64.decode(blob.as_bytes()).map_err(|_| wrong())?;
    let (hint, signature) = blob.split_first_chunk::<4>().ok_or_else(wrong)?;
    if name.is_empty() || name.contains('+') || signature.is_empty() {
        return Err(wrong());
    }
    Ok((name, *hint, signature.to_vec()))
}

/// A decimal number without leading zeros or signs.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// A SHA-256 hash in base64.
pub(crate) fn hash(text: &str) -> Option<Digest> {
    BASE64.decode(text.as_bytes()).ok()?.try_into().ok().map(Digest)
}

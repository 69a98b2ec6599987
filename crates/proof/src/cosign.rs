//! Cosignatures: what a cosigner says about the checkpoint of another log. C2SP tlog-cosignature, `cosignature/v1` of Ed25519.
//!
//! A cosignature says: at this time the largest tree that I have seen of that log has this root, and it contained every
//! smaller one that I saw. It is a line beside the log's own in the signed note, so that one text carries both.
//!
//! Refused: ML-DSA-44 (no implementation that is checked stands in the tree; the key type has room for it).

use crate::note::{read_signature, split};
use crate::{LogKey, ProofError};
use data_encoding::BASE64;
use evidence::{Digest, Time};

/// Signature type of a timestamped Ed25519 cosignature.
const TYPE_COSIGNATURE: u8 = 4;
/// Most signature lines that are looked at, as for a checkpoint.
const LINES_MAX: usize = 64;
/// Seconds that a milliseconds clock can say.
const SECONDS_MAX: u64 = 253_370_764_799;
const WHAT: &str = "cosignature";

/// A cosignature that was checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cosignature {
    by: LogKey,
    at: Time,
}
impl Cosignature {
    /// The cosigner.
    #[must_use]
    pub fn by(&self) -> &LogKey {
        &self.by
    }
    /// When, by the cosigner's clock; whole seconds.
    #[must_use]
    pub fn at(&self) -> Time {
        self.at
    }
}

impl LogKey {
    /// The four bytes before a cosignature of this key: SHA-256(name ‖ 0x0a ‖ 0x04 ‖ raw key), cut.
    fn cosigner_hint(&self) -> [u8; 4] {
        let id = Digest::of(&[self.origin().as_bytes(), &[b'\n', TYPE_COSIGNATURE], self.key().raw()].concat()).0;
        [id[0], id[1], id[2], id[3]]
    }
}

/// The bytes that a cosigner signs: of the note only its text, without the lines of signers. Errors: not a note.
pub fn cosignature_message(note: &str, at: Time) -> Result<Vec<u8>, ProofError> {
    let (text, _) = split(note)?;
    let seconds = u64::try_from(at.secs()).map_err(|_| ProofError::shape(WHAT, "a time before 1970"))?;
    Ok(message(text, seconds))
}

fn message(text: &str, seconds: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
}

/// The line of a cosignature, with its line feed, to stand below the others of the note.
#[must_use]
pub fn cosignature_line(by: &LogKey, at: Time, signature: &[u8]) -> String {
    let seconds = u64::try_from(at.secs()).unwrap_or(0);
    let blob = [&by.cosigner_hint()[..], &seconds.to_be_bytes(), signature].concat();
    format!("\u{2014} {} {}\n", by.origin(), BASE64.encode(&blob))
}

/// Looks for the cosignature of one of `cosigners` in a signed note and checks it; a line that is theirs and wrong is refused,
/// lines of others are left alone. Of several the newest counts. Says nothing of the log's own signature: that is
/// [`crate::Checkpoint::verify`].
pub fn verify_cosignature(note: &str, cosigners: &[LogKey]) -> Result<Cosignature, ProofError> {
    let (text, signatures) = split(note)?;
    let mut newest: Option<Cosignature> = None;
    for (count, line) in signatures.lines().enumerate() {
        if count >= LINES_MAX {
            return Err(ProofError::TooLarge { what: "list of signatures", max: LINES_MAX as u64 });
        }
        let (name, hint, blob) = read_signature(line)?;
        let Some(by) = cosigners.iter().find(|c| c.origin() == name && c.cosigner_hint() == hint) else { continue };
        let (seconds, signature) =
            blob.split_first_chunk::<8>().ok_or_else(|| ProofError::shape(WHAT, "too short for a time"))?;
        let seconds = u64::from_be_bytes(*seconds);
        if seconds > SECONDS_MAX {
            return Err(ProofError::shape(WHAT, "a time after the year 9998"));
        }
        by.key().verify(WHAT, &message(text, seconds), signature)?;
        let at = Time::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        if newest.as_ref().is_none_or(|n| n.at < at) {
            newest = Some(Cosignature { by: by.clone(), at });
        }
    }
    newest.ok_or_else(|| ProofError::UnknownKey("a cosigner".to_owned()))
}

//! `.tlog-proof`: one text file that shows, offline, that a leaf stands in a log (C2SP tlog-proof).

use crate::items::PATH_MAX;
use crate::note::{decimal, hash};
use crate::{Checkpoint, LogKey, NOTE_BYTES_MAX, ProofError, merkle};
use data_encoding::BASE64;
use evidence::Digest;

const HEAD: &str = "c2sp.org/tlog-proof@v1";
const WHAT: &str = "tlog-proof";

/// The text of a proof that leaf `index` stands in the tree of the signed note `checkpoint`.
#[must_use]
pub fn tlog_proof_text(index: u64, path: &[Digest], checkpoint: &str) -> String {
    let mut out = format!("{HEAD}\nindex {index}\n");
    for step in path {
        out.push_str(&BASE64.encode(&step.0));
        out.push('\n');
    }
    out + "\n" + checkpoint
}

/// Checks a `.tlog-proof` for the leaf with the given body (see [`crate::leaf_body`]) against the logs that the
/// reader trusts. Answers the index and the checkpoint. An `extra` line is read and, being unsigned, not used.
pub fn verify_tlog_proof(text: &str, body: &[u8], logs: &[LogKey]) -> Result<(u64, Checkpoint), ProofError> {
    let wrong = |why: &str| ProofError::shape(WHAT, why);
    if text.len() > NOTE_BYTES_MAX {
        return Err(ProofError::TooLarge { what: WHAT, max: NOTE_BYTES_MAX as u64 });
    }
    let (head, note) = text.split_once("\n\n").ok_or_else(|| wrong("no empty line before the checkpoint"))?;
    let mut lines = head.split('\n').peekable();
    if lines.next() != Some(HEAD) {
        return Err(wrong("first line"));
    }
    if let Some(extra) = lines.next_if(|l| l.starts_with("extra ")) {
        let body = extra.strip_prefix("extra ").unwrap_or_default();
        BASE64.decode(body.as_bytes()).map_err(|_| wrong("extra line"))?;
    }
    let index = lines.next().and_then(|l| l.strip_prefix("index ")).and_then(decimal);
    let index = index.ok_or_else(|| wrong("index line"))?;
    let mut path = Vec::new();
    for line in lines {
        if path.len() >= PATH_MAX {
            return Err(ProofError::TooLarge { what: "audit path", max: PATH_MAX as u64 });
        }
        path.push(hash(line).ok_or_else(|| wrong("a hash of the path"))?);
    }
    let checkpoint = Checkpoint::verify(note, logs)?;
    merkle::verify_inclusion(index, checkpoint.size(), evidence::leaf_hash(body), &path, checkpoint.root())?;
    Ok((index, checkpoint))
}

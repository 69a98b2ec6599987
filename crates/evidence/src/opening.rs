//! Sealing a run and opening single items of it later.
//!
//! The items of a run are written one canonical JSON object a line. Their RFC 6962 Merkle root and count stand in
//! the signed [`crate::Examination`], so a node can later show item *k* alone: its line and its audit path.
//! Each line carries a salt; a sibling hash therefore says nothing about a neighbour's content.

use crate::canonical::{self, CanonicalError};
use crate::{Body, Digest, Item};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// RFC 6962 §2.1 leaf hash: SHA-256(0x00 ‖ bytes).
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Digest {
    Digest(Sha256::new().chain_update([0]).chain_update(bytes).finalize().into())
}

/// RFC 6962 §2.1 interior hash: SHA-256(0x01 ‖ left ‖ right).
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// RFC 6962 §2.1 Merkle tree head over leaf hashes; of no leaves, SHA-256 of nothing.
#[must_use]
pub fn merkle_root(leaves: &[Digest]) -> Digest {
    let mut level = leaves.to_vec();
    if level.is_empty() {
        return Digest::of(b"");
    }
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| pair.get(1).map_or(pair[0], |right| node_hash(&pair[0], right))).collect();
    }
    level[0]
}

/// What the examination commits to about its items.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemRoot {
    /// Number of items.
    pub count: u64,
    /// RFC 6962 Merkle root over the lines without their line feeds.
    pub root: Digest,
    /// SHA-256 of the whole file of lines: the in-toto subject, so that outside verifiers can check the file.
    pub file: Digest,
}

/// One item shown alone, with what proves that it belongs to the run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The item.
    pub item: Item,
    /// Audit path (RFC 6962 §2.1.1), nearest sibling first.
    pub path: Vec<Digest>,
}

/// The items of one run, numbered, salted and written down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// The file of items: canonical JSON, one a line, each line ended by a line feed.
    pub lines: Vec<u8>,
    /// What the examination says about them.
    pub root: ItemRoot,
}

/// Numbers, salts and writes `bodies`. Sorting by canonical bytes makes the result independent of the order in
/// which threads reported; equal bodies are written once. `secret` is 32 random bytes, fresh for each run.
pub fn seal(bodies: &[Body], secret: &[u8; 32]) -> Result<Sealed, CanonicalError> {
    let mut written = bodies.iter().map(canonical::to_vec).collect::<Result<Vec<_>, _>>()?;
    written.sort_unstable();
    written.dedup();
    let (mut lines, mut hashes) = (Vec::new(), Vec::with_capacity(written.len()));
    for (n, body) in (0u64..).zip(written) {
        let salt = Sha256::new().chain_update(secret).chain_update(n.to_be_bytes()).finalize();
        let begin = lines.len();
        // The canonical form of an [`Item`]: its keys are in this order, the last two need no escape.
        lines.extend_from_slice(b"{\"body\":");
        lines.extend_from_slice(&body);
        let tail = format!(",\"n\":{n},\"salt\":\"{}\"}}", HEXLOWER.encode(&salt[..16]));
        lines.extend_from_slice(tail.as_bytes());
        hashes.push(leaf_hash(&lines[begin..]));
        lines.push(b'\n');
    }
    let root = ItemRoot { count: hashes.len() as u64, root: merkle_root(&hashes), file: Digest::of(&lines) };
    Ok(Sealed { lines, root })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Gap, GapReason};

    /// Roots of the first 0, 1, 2, 3, 7 and 8 leaves of the certificate-transparency test inputs
    /// ("", 00, 10, 2021, 3031, 40414243, 5051…57, 6061…6f), as published with the CT reference implementation.
    #[test]
    fn certificate_transparency_roots() {
        let inputs =
            ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        let leaves: Vec<Digest> = inputs.iter().map(|h| leaf_hash(&HEXLOWER.decode(h.as_bytes()).unwrap())).collect();
        for (n, want) in [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
            (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
            (7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
            (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
        ] {
            assert_eq!(merkle_root(&leaves[..n]).hex(), want, "{n} leaves");
        }
    }

    fn gap(n: u64) -> Body {
        Body::Gap(Gap { what: format!("folder:/{n}"), reason: GapReason::Missing, at: None, count: 1 })
    }

    #[test]
    fn sealing_does_not_depend_on_the_order_of_reports() {
        let a = seal(&[gap(1), gap(2), gap(3)], &[7; 32]).unwrap();
        let b = seal(&[gap(3), gap(1), gap(2), gap(1)], &[7; 32]).unwrap();
        assert_eq!(a, b);
        assert_eq!(a.root.count, 3);
        let line = a.lines.split(|b| *b == b'\n').next().unwrap();
        let first: Item = canonical::from_slice(line).unwrap();
        assert_eq!(canonical::to_vec(&first).unwrap(), line, "what is spliced is what is written");
        assert_eq!((first.n, &first.body), (0, &gap(1)));
        assert_ne!(a.root.root, seal(&[gap(1), gap(2), gap(3)], &[8; 32]).unwrap().root.root);
    }
}

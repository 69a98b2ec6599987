//! Inclusion and consistency in an RFC 6962 tree, by the algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2.

use crate::ProofError;
use evidence::{Digest, node_hash};

/// The root that an audit path (nearest sibling first) leads to from `leaf` at `index` of `size` leaves.
/// Errors: the path has not the length that the position demands.
pub fn root_from_path(index: u64, size: u64, leaf: Digest, path: &[Digest]) -> Result<Digest, ProofError> {
    if index >= size {
        return Err(ProofError::Inclusion);
    }
    let (mut fnode, mut snode, mut root) = (index, size - 1, leaf);
    for sibling in path {
        if snode == 0 {
            return Err(ProofError::Inclusion);
        }
        if fnode & 1 == 1 || fnode == snode {
            root = node_hash(sibling, &root);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            root = node_hash(&root, sibling);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    if snode == 0 { Ok(root) } else { Err(ProofError::Inclusion) }
}

/// Checks that `leaf` stands at `index` of the tree of `size` leaves under `root`.
pub fn verify_inclusion(index: u64, size: u64, leaf: Digest, path: &[Digest], root: Digest) -> Result<(), ProofError> {
    if root_from_path(index, size, leaf, path)? == root { Ok(()) } else { Err(ProofError::Inclusion) }
}

/// Checks that the tree of `old_size` leaves under `old_root` is a prefix of the tree of `new_size` leaves under
/// `new_root`. Anything is consistent with the empty tree, by an empty proof.
pub fn verify_consistency(
    old_size: u64,
    new_size: u64,
    old_root: Digest,
    new_root: Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    let wrong = ProofError::Consistency;
    if old_size > new_size {
        return Err(wrong);
    }
    if old_size == new_size || old_size == 0 {
        let roots_agree = if old_size == 0 { old_root == Digest::of(b"") } else { old_root == new_root };
        return if proof.is_empty() && roots_agree { Ok(()) } else { Err(wrong) };
    }
    // A complete subtree starts from itself; the proof then leaves it out.
    let (first, rest) = match proof.split_first() {
        _ if old_size.is_power_of_two() => (old_root, proof),
        Some((first, rest)) => (*first, rest),
        None => return Err(wrong),
    };
    let (mut fnode, mut snode) = (old_size - 1, new_size - 1);
    while fnode & 1 == 1 {
        fnode >>= 1;
        snode >>= 1;
    }
    let (mut old, mut new) = (first, first);
    for hash in rest {
        if snode == 0 {
            return Err(wrong);
        }
        if fnode & 1 == 1 || fnode == snode {
            old = node_hash(hash, &old);
            new = node_hash(hash, &new);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            new = node_hash(&new, hash);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    if snode == 0 && old == old_root && new == new_root { Ok(()) } else { Err(wrong) }
}

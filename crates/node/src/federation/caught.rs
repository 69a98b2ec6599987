//! Two histories of one log, as a proof that stands alone: two checkpoints that the child signed, the two roots at the smaller
//! size, and the path that ties the smaller root to the larger checkpoint.

use super::fault::Fault;
use evidence::{Digest, Equivocation, NodeId, Time, merkle_root};
use proof::{Checkpoint, LogKey, ProofError, merkle};

/// A checkpoint, and the leaves that it is over as far as they are known: of the smaller one its root says everything.
pub(crate) struct History<'a> {
    pub(crate) checkpoint: &'a Checkpoint,
    pub(crate) leaves: &'a [Digest],
}

/// The proof that no one log has both histories; `None` if one is the beginning of the other, or if the larger checkpoint is not
/// over its leaves.
pub(crate) fn equivocation(
    node: NodeId,
    child: NodeId,
    at: Time,
    held: &History<'_>,
    given: &History<'_>,
) -> Option<Equivocation> {
    let size = held.checkpoint.size().min(given.checkpoint.size());
    let root = |h: &History<'_>| match h.checkpoint.size() == size {
        true => Some(h.checkpoint.root()),
        false => {
            let over = h.leaves.len() as u64 == h.checkpoint.size() && merkle_root(h.leaves) == h.checkpoint.root();
            over.then(|| h.leaves.get(..usize::try_from(size).ok()?).map(merkle_root)).flatten()
        }
    };
    let (held_root, given_root) = (root(held)?, root(given)?);
    if held_root == given_root {
        return None;
    }
    let larger = [held, given].into_iter().find(|h| h.checkpoint.size() > size);
    Some(Equivocation {
        node,
        child,
        at,
        size,
        held: held.checkpoint.note().to_owned(),
        given: given.checkpoint.note().to_owned(),
        held_root,
        given_root,
        proof: larger.map_or_else(Vec::new, |l| consistency(l.leaves, usize::try_from(size).unwrap_or(usize::MAX))),
    })
}

/// RFC 6962 §2.1.2 over a list of leaves.
fn consistency(leaves: &[Digest], old: usize) -> Vec<Digest> {
    fn below(leaves: &[Digest], old: usize, whole: bool, path: &mut Vec<Digest>) {
        if leaves.len() == old {
            if !whole {
                path.push(merkle_root(leaves));
            }
            return;
        }
        let split = leaves.len().next_power_of_two() / 2;
        let (left, right) = leaves.split_at(split);
        if old <= split {
            below(left, old, whole, path);
            path.push(merkle_root(right));
        } else {
            below(right, old - split, false, path);
            path.push(merkle_root(left));
        }
    }
    let mut path = Vec::new();
    if old > 0 && old < leaves.len() {
        below(leaves, old, true, &mut path);
    }
    path
}

/// Checks an equivocation against the child's log keys, from the record alone: anyone who has the keys can.
pub(crate) fn check(e: &Equivocation, logs: &[LogKey]) -> Result<(), ProofError> {
    let held = Checkpoint::verify(&e.held, logs)?;
    let given = Checkpoint::verify(&e.given, logs)?;
    if held.log().origin() != given.log().origin() {
        return Err(ProofError::Mismatch("the names of two logs"));
    }
    if held.size().min(given.size()) != e.size || e.held_root == e.given_root {
        return Err(ProofError::Mismatch("the size, or the roots, of two histories"));
    }
    let within = |c: &Checkpoint, root: Digest| match c.size() == e.size {
        true if c.root() == root => Ok(()),
        true => Err(ProofError::Mismatch("a root and its checkpoint")),
        false => merkle::verify_consistency(e.size, c.size(), root, c.root(), &e.proof),
    };
    within(&held, e.held_root)?;
    within(&given, e.given_root)?;
    let one_is_empty = held.size() == given.size() && !e.proof.is_empty();
    if one_is_empty { Err(ProofError::Consistency) } else { Ok(()) }
}

/// The fault that goes back.
pub(crate) fn fault(e: &Equivocation) -> Fault {
    Fault::Equivocation(e.size)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pair of sizes: what is built verifies by `proof::merkle`, which is held against RFC 6962's own vectors.
    #[test]
    fn consistency_of_every_pair_of_sizes() {
        let leaves: Vec<Digest> = (0..40_u8).map(|n| Digest::of(&[n])).collect();
        for new in 1..=leaves.len() {
            for old in 1..=new {
                let path = consistency(&leaves[..new], old);
                let (a, b) = (merkle_root(&leaves[..old]), merkle_root(&leaves[..new]));
                merkle::verify_consistency(old as u64, new as u64, a, b, &path).unwrap();
            }
        }
    }
}

//! RFC 6962 by its definitions (§2.1.1, §2.1.2: recursive, over all leaves), against the verifying algorithms, which
//! are of another shape (RFC 9162, iterative, over a proof).

use evidence::{Digest, leaf_hash, merkle_root};
use proof::merkle::{verify_consistency, verify_inclusion};

fn split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// PATH(m, D[n]).
pub(crate) fn path(m: usize, d: &[Digest]) -> Vec<Digest> {
    if d.len() <= 1 {
        return vec![];
    }
    let (left, right) = d.split_at(split(d.len()));
    let (mut inner, other) = if m < left.len() {
        (path(m, left), merkle_root(right))
    } else {
        (path(m - left.len(), right), merkle_root(left))
    };
    inner.push(other);
    inner
}

/// SUBPROOF(m, D[n], b).
fn subproof(m: usize, d: &[Digest], whole: bool) -> Vec<Digest> {
    if m == d.len() {
        return if whole { vec![] } else { vec![merkle_root(d)] };
    }
    let (left, right) = d.split_at(split(d.len()));
    let (mut inner, other) = if m <= left.len() {
        (subproof(m, left, whole), merkle_root(right))
    } else {
        (subproof(m - left.len(), right, false), merkle_root(left))
    };
    inner.push(other);
    inner
}

fn leaves(n: u8) -> Vec<Digest> {
    (0..n).map(|i| leaf_hash(&[i])).collect()
}

#[test]
fn every_leaf_of_every_small_tree_is_included_once_and_nowhere_else() {
    for n in 1..=33 {
        let d = leaves(n);
        let (size, root) = (u64::from(n), merkle_root(&d));
        for m in 0..d.len() {
            let proof = path(m, &d);
            verify_inclusion(m as u64, size, d[m], &proof, root).unwrap();
            for other in 0..d.len() {
                let moved = verify_inclusion(other as u64, size, d[m], &proof, root);
                assert_eq!(moved.is_ok(), other == m, "{m} as {other} of {n}");
            }
            for cut in 0..proof.len() {
                assert!(verify_inclusion(m as u64, size, d[m], &proof[..cut], root).is_err());
                let mut changed = proof.clone();
                changed[cut].0[31] ^= 1;
                assert!(verify_inclusion(m as u64, size, d[m], &changed, root).is_err());
            }
            let longer = [proof.clone(), vec![root]].concat();
            assert!(verify_inclusion(m as u64, size, d[m], &longer, root).is_err());
        }
        assert!(verify_inclusion(size, size, d[0], &[], root).is_err());
    }
    assert!(verify_inclusion(0, 0, Digest::of(b""), &[], Digest::of(b"")).is_err());
}

#[test]
fn every_small_tree_is_a_prefix_of_every_later_one_and_of_no_other() {
    for new in 0..=33 {
        let d = leaves(new);
        let root = merkle_root(&d);
        for old in 0..=new {
            let old_root = merkle_root(&d[..usize::from(old)]);
            let proof = if old == 0 { vec![] } else { subproof(usize::from(old), &d, true) };
            let (o, n) = (u64::from(old), u64::from(new));
            verify_consistency(o, n, old_root, root, &proof).unwrap();
            let mut forked = old_root;
            forked.0[0] ^= 1;
            assert!(verify_consistency(o, n, forked, root, &proof).is_err(), "{old} of {new}");
            for cut in 0..proof.len() {
                let mut changed = proof.clone();
                changed[cut].0[0] ^= 1;
                assert!(verify_consistency(o, n, old_root, root, &changed).is_err(), "{old} of {new} at {cut}");
                assert!(verify_consistency(o, n, old_root, root, &proof[..cut]).is_err());
            }
            let longer = [proof, vec![root]].concat();
            assert!(verify_consistency(o, n, old_root, root, &longer).is_err());
            if old < new {
                assert!(verify_consistency(n, o, root, old_root, &[]).is_err(), "a log does not shrink");
            }
        }
    }
}

/// The example tree of RFC 6962 §2.1.3: the audit paths of d0, d3, d4 and d6 of seven leaves, the consistency proofs of
/// the trees of three, four and six with the tree of seven, named there by the letters of its figure.
#[test]
fn the_example_of_rfc_6962() {
    let d = leaves(7);
    let node = |l: &Digest, r: &Digest| evidence::node_hash(l, r);
    let [a, b, c, dd, e, f, j] = [d[0], d[1], d[2], d[3], d[4], d[5], d[6]];
    let (g, h, i) = (node(&a, &b), node(&c, &dd), node(&e, &f));
    let (k, l) = (node(&g, &h), node(&i, &j));
    let hash = node(&k, &l);
    for (m, want) in [(0, vec![b, h, l]), (3, vec![c, g, l]), (4, vec![f, j, k]), (6, vec![i, k])] {
        assert_eq!(path(m, &d), want, "d{m}");
        verify_inclusion(m as u64, 7, d[m], &want, hash).unwrap();
    }
    for (m, old, want) in [(3, node(&g, &c), vec![c, dd, g, l]), (4, k, vec![l]), (6, node(&k, &i), vec![i, j, k])] {
        verify_consistency(m, 7, old, hash, &want).unwrap();
    }
}

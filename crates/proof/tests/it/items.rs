//! Items and openings.

use crate::signer::{Signer, answer, examination};
use evidence::{Digest, Opening, Record, canonical, leaf_hash, merkle_root};
use proof::{ProofError, open_items, verify_envelope, verify_opening};

#[test]
fn items_are_what_the_examination_committed_to() {
    let signer = Signer::new("log.example");
    let verify = |record: &Record| verify_envelope(&signer.sign(record), std::slice::from_ref(&signer.key)).unwrap();
    for n in [0, 1, 2, 7] {
        let (examination, sealed) = examination(n);
        let record = verify(&Record::Examination(examination));
        let items = open_items(&record, &sealed.lines).unwrap();
        assert_eq!((items.items().len() as u64, items.of()), (n, record.leaf()));
        for at in 0..sealed.lines.len() {
            let mut changed = sealed.lines.clone();
            changed[at] ^= 1;
            assert!(open_items(&record, &changed).is_err(), "byte {at}");
            assert!(open_items(&record, &sealed.lines[..at]).is_err(), "cut at {at}");
        }
    }
    assert_eq!(open_items(&verify(&answer()), b""), Err(ProofError::NoItems));
}

/// A node that signs a wrong commitment: each of these has the right file digest and still is no evidence.
#[test]
fn a_dishonest_commitment_is_refused() {
    let signer = Signer::new("log.example");
    let (honest, sealed) = examination(3);
    let lines: Vec<&[u8]> = sealed.lines.split_inclusive(|b| *b == b'\n').collect();
    let text = |l: &[u8]| String::from_utf8(l.to_vec()).unwrap();
    let with = |lines: &[u8], change: &dyn Fn(&mut evidence::Examination)| {
        let mut e = honest.clone();
        let hashes: Vec<Digest> = lines.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(leaf_hash).collect();
        e.items.count = hashes.len() as u64;
        e.items.root = merkle_root(&hashes);
        e.items.file = Digest::of(lines);
        e.counts.gaps = hashes.len() as u64;
        change(&mut e);
        let envelope = signer.sign(&Record::Examination(e));
        open_items(&verify_envelope(&envelope, std::slice::from_ref(&signer.key)).unwrap(), lines)
    };
    let none = |_: &mut evidence::Examination| {};
    assert!(with(&sealed.lines, &none).is_ok());
    let cases = [
        ("swapped", [lines[1], lines[0], lines[2]].concat()),
        ("one missing in the middle", [lines[0], lines[2]].concat()),
        ("no line feed at the end", sealed.lines[..sealed.lines.len() - 1].to_vec()),
        ("an empty line", [lines[0], b"\n", lines[1], lines[2]].concat()),
        ("white space", text(&sealed.lines).replace(",\"n\"", ", \"n\"").into_bytes()),
        ("a short salt", {
            let first = text(lines[0]);
            let cut = first.len() - 5;
            [&first.as_bytes()[..cut], b"\"}\n", lines[1], lines[2]].concat()
        }),
        ("doubled body", [lines[0].to_vec(), text(lines[0]).replace("\"n\":0", "\"n\":1").into_bytes()].concat()),
    ];
    for (name, lines) in cases {
        assert!(with(&lines, &none).is_err(), "{name}");
    }
    assert!(with(&sealed.lines, &|e| e.items.count = 4).is_err());
    assert!(with(&sealed.lines, &|e| e.items.root = Digest::of(b"")).is_err());
    assert!(with(&sealed.lines, &|e| (e.counts.gaps, e.counts.facts) = (2, 1)).is_err());
}

#[test]
fn one_item_can_be_opened_alone() {
    let (_, sealed) = examination(5);
    let lines: Vec<&[u8]> = sealed.lines.split(|b| *b == b'\n').filter(|l| !l.is_empty()).collect();
    let hashes: Vec<Digest> = lines.iter().map(|l| leaf_hash(l)).collect();
    for (n, line) in lines.iter().enumerate() {
        let item = canonical::from_slice(line).unwrap();
        let opening = Opening { item, path: crate::tree::path(n, &hashes) };
        verify_opening(&opening, &sealed.root).unwrap();
        let mut moved = opening.clone();
        moved.item.n = (moved.item.n + 1) % 5;
        assert!(verify_opening(&moved, &sealed.root).is_err());
        let mut salted = opening.clone();
        salted.item.salt = "00".repeat(16);
        assert!(verify_opening(&salted, &sealed.root).is_err());
        let mut long = opening;
        long.path = vec![Digest::of(b""); 65];
        assert!(matches!(verify_opening(&long, &sealed.root), Err(ProofError::TooLarge { .. })));
    }
}

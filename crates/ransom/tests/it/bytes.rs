//! Differences and what bytes look like.

use ransom::{Differ, Histogram, Veil, diff};

/// 64 KiB of SHA-256 over a counter: random to all appearances.
fn random(bytes: usize) -> Vec<u8> {
    (0_u32..).flat_map(|n| evidence::Digest::of(&n.to_be_bytes()).0).take(bytes).collect()
}

#[test]
fn chi_square_is_what_others_compute() {
    // Python: n = 65536; c = Counter(bytes of sha256(i.to_bytes(4, 'big'))); 256/n*sum(v*v) - n.
    let random = Histogram::of(&random(65_536));
    assert_eq!(random.chi(), Some(CHI_OF_SHA256));
    assert!(random.looks_random());
    // Exactly even, and all the same.
    let even: Vec<u8> = (0..=255).cycle().take(65_536).collect();
    assert_eq!((Histogram::of(&even).chi(), Histogram::of(&even).looks_random()), (Some(0), false));
    assert_eq!(Histogram::of(&[7; 1000]).chi(), Some(2_550_000));
    assert_eq!(Histogram::of(&[7; 63]).chi(), None);
}
const CHI_OF_SHA256: u64 = 2_552;

#[test]
fn a_veil_changes_no_chi_square() {
    let mut chance = [0; 256];
    chance.copy_from_slice(&random(256));
    let veil = Veil::from_random(&chance);
    let (before, after) = (b"plain text, line after line\n".repeat(40), random(28 * 40));
    let (open, veiled) = (diff(&before, &after, &Veil::none()), diff(&before, &after, &veil));
    assert_eq!((open.now.chi(), open.was.chi()), (veiled.now.chi(), veiled.was.chi()));
    assert_ne!(open.was, veiled.was);
    assert_eq!((open.changed_bytes, open.controls_after), (veiled.changed_bytes, veiled.controls_after));
}

#[test]
fn intermittent_encryption_shows_its_stride_and_its_bytes() {
    let before = b"2026-03-14T09:12:00Z,FT-101,12.50,GOOD,m3/h\r\n".repeat(3000);
    for (on, period) in [(16, 32), (64, 4096), (4096, 20_480)] {
        let key = random(before.len());
        let after: Vec<u8> =
            before.iter().zip(&key).enumerate().map(|(at, (b, k))| if at % period < on { b ^ k } else { *b }).collect();
        let change = diff(&before, &after, &Veil::none());
        assert_eq!(change.stride, period as u64, "{on} of {period}");
        assert!(change.stride_places * 10 >= (before.len() / period) as u64 * 9 - 10, "{change:?}");
        let want = (0..before.len()).filter(|at| at % period < on).count();
        assert!(change.changed_bytes.abs_diff(want as u64) <= want as u64 / 20, "{on} of {period}: {change:?}");
        assert!(change.now.looks_random() && !change.was.looks_random(), "{on} of {period}: {change:?}");
    }
}

/// A differ that is fed in pieces finds what a naive comparison of the whole finds.
#[test]
fn pieces_of_any_size_give_the_same_and_the_naive_count() {
    let before = random(5_000);
    let mut after = before.clone();
    for (at, len) in [(0, 1), (10, 4), (17, 2), (255, 3), (1000, 700), (4_000, 64), (4_067, 5), (4_999, 1)] {
        after[at..at + len].iter_mut().for_each(|b| *b = !*b);
    }
    let whole = diff(&before, &after, &Veil::none());
    // Runs of equal bytes of at most three between changed ones belong to a range.
    let differs: Vec<usize> = (0..before.len()).filter(|i| before[*i] != after[*i]).collect();
    let ranges = 1 + differs.windows(2).filter(|w| w[1] - w[0] > 4).count();
    let joined: usize = differs.windows(2).map(|w| w[1] - w[0] - 1).filter(|gap| *gap <= 3).sum();
    assert_eq!((whole.ranges, whole.changed_bytes), (ranges as u64, (differs.len() + joined) as u64));
    for piece in [1, 3, 255, 256, 257, 4096] {
        let mut differ = Differ::new(Veil::none());
        before.chunks(piece).zip(after.chunks(piece)).for_each(|(a, b)| differ.feed(a, b));
        assert_eq!(differ.finish(), whole, "pieces of {piece}");
    }
    // Appended and cut bytes are counted, not compared.
    let longer = diff(&before, &[&before[..], b"more"].concat(), &Veil::none());
    assert_eq!((longer.changed_bytes, longer.before_bytes, longer.after_bytes), (0, 5_000, 5_004));
    let mut skipping = Differ::new(Veil::none());
    skipping.skip(1_000);
    skipping.feed(&before[1_000..], &after[1_000..]);
    assert_eq!(skipping.finish().before_bytes, 5_000);
}

//! Which of many words does a text begin with? Sorted by the compiler by first byte and from long to short, so that only few are
//! compared and the most specific one comes first.

/// Words with what they mean.
pub(super) struct Prefixes<T: 'static, const N: usize> {
    /// Where the words of each first byte begin in `order`.
    starts: [u16; 257],
    order: [Row<T>; N],
}
#[derive(Clone, Copy)]
struct Row<T> {
    /// The first four bytes and which of them count: most words are told apart by these.
    key: u32,
    mask: u32,
    word: &'static [u8],
    means: T,
}
impl<T: Copy, const N: usize> Prefixes<T, N> {
    /// `rows` has `N` rows, one at least.
    pub(super) const fn new(rows: &[(&'static [u8], T)]) -> Self {
        assert!(rows.len() == N, "N is the number of rows");
        let (mut starts, mut order) = ([0; 257], [row(rows[0]); N]);
        let mut done = 0;
        while done < N {
            let new = row(rows[done]);
            starts[new.word[0] as usize + 1] += 1;
            // A stable insertion sort: it runs once, in the compiler.
            let mut at = done;
            while at > 0 && comes_before(new.word, order[at - 1].word) {
                order[at] = order[at - 1];
                at -= 1;
            }
            order[at] = new;
            done += 1;
        }
        let mut byte = 0;
        while byte < 256 {
            starts[byte + 1] += starts[byte];
            byte += 1;
        }
        Self { starts, order }
    }
    /// What the words mean that `text` begins with, long ones first.
    pub(super) fn of<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = T> + 't {
        let bucket = text.first().and_then(|first| {
            let first = usize::from(*first);
            self.order.get(usize::from(self.starts[first])..usize::from(self.starts[first + 1]))
        });
        let mut four = [0; 4];
        four.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        let four = u32::from_le_bytes(four);
        let fits = move |row: &&Row<T>| four & row.mask == row.key && text.starts_with(row.word);
        bucket.unwrap_or_default().iter().filter(fits).map(|row| row.means)
    }
}
const fn row<T: Copy>(row: (&'static [u8], T)) -> Row<T> {
    let (mut key, mut mask) = ([0; 4], [0; 4]);
    let mut i = 0;
    while i < 4 && i < row.0.len() {
        (key[i], mask[i]) = (row.0[i], 0xFF);
        i += 1;
    }
    Row { key: u32::from_le_bytes(key), mask: u32::from_le_bytes(mask), word: row.0, means: row.1 }
}
const fn comes_before(a: &[u8], b: &[u8]) -> bool {
    a[0] < b[0] || (a[0] == b[0] && a.len() > b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_comes_first() {
        static TABLE: Prefixes<u8, 4> = Prefixes::new(&[(b"ab", 1), (b"abc", 2), (b"b", 3), (b"a", 4)]);
        let of = |text: &[u8]| TABLE.of(text).collect::<Vec<_>>();
        assert_eq!(of(b"abcd"), [2, 1, 4]);
        assert_eq!(of(b"b"), [3]);
        assert!(of(b"c").is_empty());
        assert!(of(b"").is_empty());
    }
}

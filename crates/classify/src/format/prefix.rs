//! Which of many words does a text begin with? Sorted by the compiler by first byte and from long to short, so that only few are
//! compared and the most specific one comes first.

/// Words with what they mean.
pub(super) struct Prefixes<T: 'static, const N: usize> {
    /// Where the words of each first byte begin in `order`.
    starts: [u16; 257],
    order: [(&'static [u8], T); N],
}
impl<T: Copy, const N: usize> Prefixes<T, N> {
    /// `rows` has `N` rows, one at least.
    pub(super) const fn new(rows: &[(&'static [u8], T)]) -> Self {
        assert!(rows.len() == N, "N is the number of rows");
        let (mut starts, mut order) = ([0; 257], [rows[0]; N]);
        let mut done = 0;
        while done < N {
            let row = rows[done];
            starts[row.0[0] as usize + 1] += 1;
            // A stable insertion sort: it runs once, in the compiler.
            let mut at = done;
            while at > 0 && comes_before(row.0, order[at - 1].0) {
                order[at] = order[at - 1];
                at -= 1;
            }
            order[at] = row;
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
        bucket.unwrap_or_default().iter().filter(|row| text.starts_with(row.0)).map(|row| row.1)
    }
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

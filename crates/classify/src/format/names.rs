//! Names inside a container become bits, one a pattern, so that rules are sets and nothing has to be kept.
//!
//! A name is compared only with patterns that share its first or its last byte. ASCII case is ignored, and `\` is `/`: archives
//! written on Windows have either.

/// What a name is compared with; lower case, `/` between folders.
#[derive(Clone, Copy)]
pub(super) enum Pattern {
    /// The whole name.
    Is(&'static [u8]),
    /// Its beginning.
    Starts(&'static [u8]),
    /// Its end.
    Ends(&'static [u8]),
}

/// Up to 64 patterns.
pub(super) struct Names<const N: usize> {
    patterns: [Pattern; N],
    by_first: [u64; 256],
    by_last: [u64; 256],
}
impl<const N: usize> Names<N> {
    pub(super) const fn new(patterns: [Pattern; N]) -> Self {
        assert!(N <= 64, "one bit a pattern");
        let (mut by_first, mut by_last) = ([0; 256], [0; 256]);
        let mut i = 0;
        while i < N {
            match patterns[i] {
                Pattern::Is(text) | Pattern::Starts(text) => by_first[text[0] as usize] |= 1 << i,
                Pattern::Ends(text) => by_last[text[text.len() - 1] as usize] |= 1 << i,
            }
            i += 1;
        }
        Self { patterns, by_first, by_last }
    }
    /// The bits of all patterns that `name` fits.
    pub(super) fn marks(&self, name: &[u8]) -> u64 {
        let (Some(first), Some(last)) = (name.first(), name.last()) else { return 0 };
        let mut asked = self.by_first[usize::from(plain(*first))] | self.by_last[usize::from(plain(*last))];
        let mut marks = 0;
        while asked != 0 {
            let bit = asked & asked.wrapping_neg();
            asked ^= bit;
            let fits = match self.patterns.get(bit.trailing_zeros() as usize) {
                Some(Pattern::Is(text)) => name.len() == text.len() && same(name, text),
                Some(Pattern::Starts(text)) => name.get(..text.len()).is_some_and(|n| same(n, text)),
                Some(Pattern::Ends(text)) => {
                    name.len().checked_sub(text.len()).and_then(|at| name.get(at..)).is_some_and(|n| same(n, text))
                }
                None => false,
            };
            if fits {
                marks |= bit;
            }
        }
        marks
    }
}
fn plain(byte: u8) -> u8 {
    if byte == b'\\' { b'/' } else { byte.to_ascii_lowercase() }
}
fn same(name: &[u8], text: &[u8]) -> bool {
    name.iter().zip(text).all(|(a, b)| plain(*a) == *b)
}

/// Names the bit of each pattern.
macro_rules! marks {
    ($table:ident: $($name:ident = $kind:ident $text:literal;)*) => {
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "the names of the bits below")]
        #[derive(Clone, Copy)]
        enum Bit { $($name),* }
        $(const $name: u64 = 1 << Bit::$name as u32;)*
        static $table: $crate::format::names::Names<{ [$(Bit::$name),*].len() }> =
            $crate::format::names::Names::new([$($crate::format::names::Pattern::$kind($text)),*]);
    };
}
pub(super) use marks;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_beginning_and_end() {
        static TABLE: Names<3> =
            Names::new([Pattern::Is(b"system/pedata.plf"), Pattern::Starts(b"word/"), Pattern::Ends(b".xef")]);
        for (name, marks) in [
            (&b"System\\PEData.plf"[..], 1),
            (b"word/document.xml", 2),
            (b"WORD/a.XEF", 6),
            (b"x.xef", 4),
            (b"sword/document.xml", 0),
            (b"xef", 0),
            (b"", 0),
        ] {
            assert_eq!(TABLE.marks(name), marks, "{name:?}");
        }
    }
}

//! The bytes at hand: the first and the last pieces of a content, read by position and never out of bounds.
//!
//! Every number in here comes from foreign bytes, so nothing is sliced but through [`Bytes::get`].

/// The two pieces of a content.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a> {
    /// From the beginning.
    pub(super) head: &'a [u8],
    /// To the end; may overlap `head`.
    pub(super) tail: &'a [u8],
    /// The whole length, if it is known.
    pub(super) size: Option<u64>,
}
impl<'a> Bytes<'a> {
    /// Takes the pieces as they come. A head that is all there is serves as the tail too.
    pub(super) fn new(head: &'a [u8], tail: &'a [u8], size: Option<u64>) -> Self {
        let whole = size == Some(head.len() as u64);
        Self { head, tail: if tail.is_empty() && whole { head } else { tail }, size }
    }
    /// `len` bytes at `at`, if they are at hand.
    pub(super) fn get(&self, at: u64, len: usize) -> Option<&'a [u8]> {
        let from_head = usize::try_from(at).ok().and_then(|at| self.head.get(at..at.checked_add(len)?));
        from_head.or_else(|| {
            let start = self.size?.checked_sub(self.tail.len() as u64)?;
            let at = usize::try_from(at.checked_sub(start)?).ok()?;
            self.tail.get(at..at.checked_add(len)?)
        })
    }
    /// Copies what is at hand at `at` into `out`; the number of bytes, 0 or all of them.
    pub(super) fn read(&self, at: u64, out: &mut [u8]) -> usize {
        self.get(at, out.len()).map_or(0, |from| {
            out.copy_from_slice(from);
            out.len()
        })
    }
    /// True if `what` stands at `at` of the head.
    pub(super) fn is(&self, at: usize, what: &[u8]) -> bool {
        self.head.get(at..).is_some_and(|rest| rest.starts_with(what))
    }
    /// The byte at `at` of the head.
    pub(super) fn u8(&self, at: usize) -> Option<u8> {
        self.head.get(at).copied()
    }
    /// Little-endian, from the head.
    pub(super) fn le16(&self, at: usize) -> Option<u16> {
        self.array(at).map(u16::from_le_bytes)
    }
    /// Little-endian, from the head.
    pub(super) fn le32(&self, at: usize) -> Option<u32> {
        self.array(at).map(u32::from_le_bytes)
    }
    /// Big-endian, from the head.
    pub(super) fn be16(&self, at: usize) -> Option<u16> {
        self.array(at).map(u16::from_be_bytes)
    }
    /// Big-endian, from the head.
    pub(super) fn be32(&self, at: usize) -> Option<u32> {
        self.array(at).map(u32::from_be_bytes)
    }
    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.head.get(at..at.checked_add(N)?)?.try_into().ok()
    }
}

/// True if `needle` occurs in the first `within` bytes of `hay`.
pub(super) fn has(hay: &[u8], within: usize, needle: &[u8]) -> bool {
    memchr::memmem::find(first(hay, within), needle).is_some()
}
/// At most `n` bytes from the front.
pub(super) fn first(bytes: &[u8], n: usize) -> &[u8] {
    bytes.get(..n).unwrap_or(bytes)
}
/// True if `bytes` begins with `what`, whatever the case of ASCII letters.
pub(super) fn begins_as(bytes: &[u8], what: &[u8]) -> bool {
    bytes.get(..what.len()).is_some_and(|b| b.eq_ignore_ascii_case(what))
}

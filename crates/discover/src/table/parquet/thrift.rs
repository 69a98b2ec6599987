//! Thrift's compact protocol, as far as Parquet's headers need it: structures are walked, and what nobody asks for
//! is stepped over. (Thrift, `doc/specs/thrift-compact-protocol.md`.)
//!
//! Nothing is allocated by a number that the file claims: a list is walked as long as there are bytes.

/// Structures inside structures; Parquet's own go six deep.
const DEPTH_MAX: u8 = 24;

/// The bytes do not follow the protocol, or end too early.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Broken;

/// What a field holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Value<'a> {
    Bool(bool),
    Int(i64),
    Bytes(&'a [u8]),
    /// A list or set of so many of one type; to be walked with [`Thrift::list`].
    List(Kind, usize),
    /// To be walked with [`Thrift::fields`].
    Struct,
    /// A number with a fraction, or a map. Nobody asks for them; they were stepped over.
    Other,
}

/// A type on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Kind(u8);

/// Bytes of one or more structures.
#[derive(Clone)]
pub(super) struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u8,
}
impl<'a> Thrift<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, depth: 0 }
    }
    /// How many bytes were read.
    pub(super) fn used(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Result<u8, Broken> {
        let byte = *self.bytes.get(self.at).ok_or(Broken)?;
        self.at += 1;
        Ok(byte)
    }
    fn take(&mut self, n: usize) -> Result<&'a [u8], Broken> {
        let end = self.at.checked_add(n).ok_or(Broken)?;
        let part = self.bytes.get(self.at..end).ok_or(Broken)?;
        self.at = end;
        Ok(part)
    }
    fn varint(&mut self) -> Result<u64, Broken> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Broken)
    }
    fn zigzag(&mut self) -> Result<i64, Broken> {
        let n = self.varint()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }
    fn length(&mut self) -> Result<usize, Broken> {
        usize::try_from(self.varint()?).map_err(|_| Broken)
    }

    /// Walks the fields of a structure. What `on` does not walk is stepped over.
    pub(super) fn fields(
        &mut self,
        on: &mut dyn FnMut(&mut Self, i16, Value<'a>) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Broken);
        }
        let mut id = 0i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                self.depth -= 1;
                return Ok(());
            }
            id = match head >> 4 {
                0 => i16::try_from(self.zigzag()?).map_err(|_| Broken)?,
                by => id.checked_add(i16::from(by)).ok_or(Broken)?,
            };
            let kind = Kind(head & 15);
            match kind.0 {
                1 | 2 => on(self, id, Value::Bool(kind.0 == 1))?,
                _ => self.value(kind, id, on)?,
            }
        }
    }
    /// Walks the elements of a list of which [`Value::List`] told.
    pub(super) fn list(
        &mut self,
        (kind, n): (Kind, usize),
        on: &mut dyn FnMut(&mut Self, Value<'a>) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        for _ in 0..n {
            match kind.0 {
                1 | 2 => {
                    let byte = self.byte()?;
                    on(self, Value::Bool(byte == 1))?;
                }
                _ => self.value(kind, 0, &mut |this, _, value| on(this, value))?,
            }
        }
        Ok(())
    }

    fn value(
        &mut self,
        kind: Kind,
        id: i16,
        on: &mut dyn FnMut(&mut Self, i16, Value<'a>) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        let value = match kind.0 {
            3 => Value::Int(i64::from(self.byte()? as i8)),
            4..=6 => Value::Int(self.zigzag()?),
            7 => {
                self.take(8)?;
                Value::Other
            }
            8 => {
                let n = self.length()?;
                Value::Bytes(self.take(n)?)
            }
            9 | 10 => {
                let head = self.byte()?;
                let n = if head >> 4 == 15 { self.length()? } else { usize::from(head >> 4) };
                // Every element takes a byte at least.
                if n > self.bytes.len().saturating_sub(self.at) {
                    return Err(Broken);
                }
                Value::List(Kind(head & 15), n)
            }
            11 => {
                self.map()?;
                Value::Other
            }
            12 => Value::Struct,
            _ => return Err(Broken),
        };
        let before = self.at;
        on(self, id, value)?;
        // Not walked: stepped over.
        if self.at == before {
            match value {
                Value::List(kind, n) => self.list((kind, n), &mut |_, _| Ok(()))?,
                Value::Struct => self.fields(&mut |_, _, _| Ok(()))?,
                _ => {}
            }
        }
        Ok(())
    }
    fn map(&mut self) -> Result<(), Broken> {
        let n = self.length()?;
        if n == 0 {
            return Ok(());
        }
        let kinds = self.byte()?;
        for _ in 0..n {
            for kind in [Kind(kinds >> 4), Kind(kinds & 15)] {
                self.list((kind, 1), &mut |_, _| Ok(()))?;
            }
        }
        Ok(())
    }
}

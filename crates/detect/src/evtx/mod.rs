//! Windows event logs, chunk by chunk.
//!
//! A file is a header of 4 KiB and chunks of 64 KiB, each complete in itself; so a damaged one costs only itself, and
//! several can be read at once. [`Chunk::read`] takes one chunk's bytes and hands out its events.
//!
//! Refused: an outside crate. The well-kept one renders text only (its tree is private), and it turns on a feature of
//! `serde_json` for the whole program that changes the order of every object we print.

mod program;
mod value;

use crate::event::{Event, Kind, Position};
use program::{Cursor, Part, Program, Section, Step, compile};

/// Bytes of the header of a file.
pub const HEADER_BYTES: usize = 4096;
/// Bytes of a chunk.
pub const CHUNK_BYTES: usize = 65_536;
/// Deepest element of a record, and deepest binary XML within binary XML.
pub(crate) const DEPTH_MAX: usize = 32;
/// Most elements of one template.
pub(crate) const ELEMENTS_MAX: usize = 4_096;
/// Most fields that one chunk may yield: what fits into 64 KiB honestly is far less, a loop is not.
const CHUNK_FIELDS_MAX: usize = 200_000;
const NESTED_MAX: usize = 6;
const RECORDS_AT: usize = 512;
const RECORD_MAGIC: &[u8] = b"\x2a\x2a\0\0";

/// The bytes do not follow the format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Broken;

/// Whether the bytes begin like an event log.
#[must_use]
pub fn is_log(head: &[u8]) -> bool {
    head.starts_with(b"ElfFile\0")
}

/// What was wrong with a chunk.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Damage {
    /// The chunk has no header of its own, or is cut short.
    pub chunk: bool,
    /// A checksum of the chunk is wrong: its records were read, and may be wrong too.
    pub checksum: bool,
    /// Records that could not be read.
    pub records: u64,
}
impl Damage {
    /// Whether anything was.
    #[must_use]
    pub fn any(&self) -> bool {
        self.chunk || self.checksum || self.records > 0
    }
}

/// Reads chunks; keeps its memory between them.
#[derive(Default)]
pub struct Chunk {
    programs: Vec<(usize, Section, Program)>,
    fields: usize,
}

/// A value of a template instance: its type and where it stands.
type Slot = (u8, usize, usize);

impl Chunk {
    /// Hands out the events of one chunk, which begins at byte `offset` of its file.
    pub fn read(&mut self, bytes: &[u8], offset: u64, event: &mut Event, take: &mut dyn FnMut(&mut Event)) -> Damage {
        self.programs.clear();
        self.fields = 0;
        let mut damage = Damage::default();
        if bytes.iter().all(|b| *b == 0) {
            return damage;
        }
        if !bytes.starts_with(b"ElfChnk\0") || bytes.len() < RECORDS_AT {
            damage.chunk = true;
            return damage;
        }
        let (end, sound) = checked(bytes);
        damage.checksum = !sound;
        damage.chunk = bytes.len() < CHUNK_BYTES && bytes.len() < end;
        let mut at = RECORDS_AT;
        let end = end.min(bytes.len());
        while at + 28 <= end {
            match self.record(bytes, at, event) {
                Ok((size, number)) => {
                    event.position = Position { number, offset: offset + at as u64 };
                    take(event);
                    at += size;
                }
                Err(next) => {
                    // What is left of the chunk may be readable: the next record begins with its mark.
                    let rest = bytes.get(at + 4..end).unwrap_or_default();
                    if !bytes[at..].starts_with(RECORD_MAGIC) && !sound && rest.iter().all(|b| *b == 0) {
                        break;
                    }
                    damage.records += 1;
                    at = match next {
                        Some(size) => at + size,
                        None => match memchr::memmem::find(rest, RECORD_MAGIC) {
                            Some(found) => at + 4 + found,
                            None => break,
                        },
                    };
                }
            }
        }
        damage
    }

    /// One record: its size and number; or, if it is broken, its size where that is known.
    fn record(&mut self, chunk: &[u8], at: usize, event: &mut Event) -> Result<(usize, u64), Option<usize>> {
        let head = chunk.get(at..at + 24).ok_or(None)?;
        let size = head.get(4..8).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes) as usize;
        let copy = chunk.get((at + size).saturating_sub(4)..at + size);
        if !head.starts_with(RECORD_MAGIC) || size < 28 || copy != head.get(4..8) {
            return Err(None);
        }
        let number =
            |from: usize| head.get(from..from + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
        event.clear();
        event.time = value::millis(number(16));
        event.zoned = true;
        self.fragment(chunk, at + 24, at + size - 4, Section::Root, event, 0).map_err(|_| Some(size))?;
        Ok((size, number(8)))
    }

    /// Binary XML: a template instance or bare elements.
    fn fragment(
        &mut self,
        chunk: &[u8],
        at: usize,
        end: usize,
        section: Section,
        event: &mut Event,
        depth: usize,
    ) -> Result<(), Broken> {
        if depth > NESTED_MAX {
            return Err(Broken);
        }
        let mut from = Cursor { chunk: chunk.get(..end).ok_or(Broken)?, at };
        while from.at < end {
            match from.chunk.get(from.at).copied() {
                Some(0x0f) => drop(from.take(4)?),
                Some(0x0c) => self.instance(chunk, &mut from, section, event, depth)?,
                Some(0x00) | None => break,
                Some(_) => {
                    let program = compile(chunk, from.at, end, section, false)?;
                    from.at = program.end;
                    self.run(chunk, &program, &[], event, depth)?;
                }
            }
        }
        Ok(())
    }

    fn instance(
        &mut self,
        chunk: &[u8],
        from: &mut Cursor<'_>,
        section: Section,
        event: &mut Event,
        depth: usize,
    ) -> Result<(), Broken> {
        from.take(6)?;
        let definition = from.u32()? as usize;
        let size = |mut there: Cursor<'_>| {
            there.take(20)?;
            Ok::<_, Broken>((there.u32()? as usize, there.at))
        };
        let (bytes, first) = size(Cursor { chunk, at: definition })?;
        if definition == from.at {
            from.at = first;
            from.take(bytes)?;
        }
        let count = from.u32()? as usize;
        let (descriptors, _) = from.take(count.checked_mul(4).ok_or(Broken)?)?.as_chunks::<4>();
        let mut slots: Vec<Slot> = Vec::with_capacity(count);
        for [low, high, of, _] in descriptors {
            let begins = from.at;
            from.take(usize::from(u16::from_le_bytes([*low, *high])))?;
            slots.push((*of, begins, from.at));
        }
        let known = self.programs.iter().position(|(at, s, _)| *at == definition && *s == section);
        let program = match known {
            Some(at) => self.programs.swap_remove(at).2,
            None => compile(chunk, first, first + bytes, section, true)?,
        };
        let done = self.run(chunk, &program, &slots, event, depth);
        self.programs.push((definition, section, program));
        done
    }

    fn run(
        &mut self,
        chunk: &[u8],
        program: &Program,
        slots: &[Slot],
        event: &mut Event,
        depth: usize,
    ) -> Result<(), Broken> {
        self.fields += program.steps.len();
        if self.fields > CHUNK_FIELDS_MAX {
            return Err(Broken);
        }
        let slot = |id: u16| slots.get(usize::from(id)).copied();
        let null = |id: u16| slot(id).is_none_or(|(of, ..)| of == value::NULL);
        for step in &program.steps {
            match step {
                Step::Nested { slot: id, section } => {
                    if let Some((value::BINXML, at, end)) = slot(*id) {
                        self.fragment(chunk, at, end, *section, event, depth + 1)?;
                    }
                }
                Step::Field { needs: Some(id), .. } if null(*id) => {}
                Step::Field { name, value, .. } => field(chunk, name, value, &slot, event),
            }
        }
        Ok(())
    }
}

fn field(chunk: &[u8], name: &[Part], parts: &[Part], slot: &dyn Fn(u16) -> Option<Slot>, event: &mut Event) {
    let made;
    let name = match name {
        [Part::Text(fixed)] => fixed.as_str(),
        parts => {
            let mut one = Event::default();
            one.write("", Kind::Text, |out| parts.iter().all(|p| part(chunk, p, slot, out)));
            made = one.get("").unwrap_or("Data").to_owned();
            &made
        }
    };
    if let [Part::Slot(id)] = parts {
        let Some((of, at, end)) = slot(*id) else { return event.put(name, "", Kind::Null) };
        let bytes = chunk.get(at..end).unwrap_or_default();
        if of == value::BINXML {
            return;
        }
        if of & value::ARRAY != 0 {
            return list(of & !value::ARRAY, bytes, name, event);
        }
        return event.write(name, value::kind(of), |out| value::write(of, bytes, out));
    }
    event.write(name, Kind::Text, |out| parts.iter().all(|p| part(chunk, p, slot, out)));
}

fn part(chunk: &[u8], part: &Part, slot: &dyn Fn(u16) -> Option<Slot>, out: &mut crate::event::Text<'_>) -> bool {
    match part {
        Part::Text(text) => out.push(text),
        Part::Slot(id) => {
            if let Some((of, at, end)) = slot(*id) {
                return value::write(of, chunk.get(at..end).unwrap_or_default(), out);
            }
        }
    }
    true
}

fn list(of: u8, bytes: &[u8], name: &str, event: &mut Event) {
    let mut one = |bytes: &[u8]| event.write(name, value::kind(of), |out| value::write(of, bytes, out));
    match value::width(of) {
        Some(0) if of == value::STRING => {
            let (pairs, _) = bytes.as_chunks::<2>();
            let texts = pairs.split(|p| *p == [0, 0]);
            let many = texts.clone().count();
            for (n, text) in texts.enumerate() {
                // Each text ends with a zero, so the last piece is nothing.
                if n + 1 < many || !text.is_empty() {
                    one(text.as_flattened());
                }
            }
        }
        Some(width) if width > 0 => bytes.chunks_exact(width).for_each(one),
        _ => {}
    }
}

/// Where the records of a chunk end by its header, and whether both checksums hold.
fn checked(bytes: &[u8]) -> (usize, bool) {
    let u32_at = |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
    let crc = |parts: &[&[u8]]| {
        let mut sum = flate2::Crc::new();
        parts.iter().for_each(|p| sum.update(p));
        sum.sum()
    };
    let free = u32_at(48) as usize;
    let header = crc(&[bytes.get(..120).unwrap_or_default(), bytes.get(128..512).unwrap_or_default()]) == u32_at(124);
    let inside = (RECORDS_AT..=CHUNK_BYTES).contains(&free);
    let data = bytes.get(RECORDS_AT..free).is_some_and(|d| crc(&[d]) == u32_at(52));
    (if inside && header { free } else { CHUNK_BYTES }, header && inside && data)
}

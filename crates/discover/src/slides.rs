//! PowerPoint before 2007 (MS-PPT): the text atoms of its one stream of records, and what is embedded in it.
//!
//! Containers are not told apart: their records are read as they come, so that no nesting is too deep. What earlier
//! saves left in the stream is read too, for it lies in the file.

use crate::content::Worker;
use crate::legacy::{Names, below};
use crate::ole::{Ole, Open, u32_at};
use crate::toll::Toll;
use crate::turn::Units;
use crate::unpack::reason;
use evidence::{GapReason, PathText};
use flate2::read::ZlibDecoder;
use std::io::{Read, Seek};

/// Embedded objects; more is a gap (`TooMany`).
const OBJECTS_MAX: usize = 4096;
/// Text that is read in one go. Bytes.
const STEP_BYTES: usize = 16 << 10;

/// Record types (MS-PPT 2.13.24).
mod record {
    pub(super) const WIDE_TEXT: u16 = 0x0FA0;
    pub(super) const NARROW_TEXT: u16 = 0x0FA8;
    pub(super) const STRING: u16 = 0x0FBA;
    pub(super) const OBJECT: u16 = 0x1011;
    pub(super) const ENCRYPTION: u16 = 0x2F14;
}
/// What `Current User` says of an encrypted presentation (MS-PPT 2.3.2).
const ENCRYPTED: u32 = 0xF3D1_C4DF;

/// Where an embedded object lies in the stream, in how many bytes, and whether they are deflated.
type Object = (u64, u64, bool);

/// Reads the presentation in the stream `id`; `names` are its neighbours.
pub(crate) fn read<R: Read + Seek>(
    worker: &mut Worker<'_>,
    ole: &mut Ole<R>,
    id: usize,
    names: &Names,
    inside: &[PathText],
) -> Result<(), GapReason> {
    if let Some(user) = names.get("Current User") {
        let mut head = [0; 16];
        let whole = ole.open_stream(user).read_exact(&mut head).is_ok();
        if whole && u32_at(&head, 12) == Some(ENCRYPTED) {
            return Err(GapReason::Encrypted);
        }
    }
    let mut objects = Vec::new();
    let text = text(worker, &mut ole.open_stream(id), &mut objects, inside);
    for (i, object) in (1..).zip(objects) {
        let inner = below(inside, &format!("object {i}"));
        embedded(worker, ole.open_stream(id), object, &inner);
    }
    text
}

fn text<R: Read + Seek>(
    worker: &mut Worker<'_>,
    src: &mut Open<'_, R>,
    objects: &mut Vec<Object>,
    inside: &[PathText],
) -> Result<(), GapReason> {
    let mut at = 0u64;
    // What is left of the text at hand, and whether its characters take two bytes.
    let (mut left, mut wide) = (0u64, false);
    let (mut units, mut buf, mut too_many) = (Units::default(), vec![0; STEP_BYTES], false);
    let result = worker.pieces(inside, |out| {
        let want = if left > 0 { buf.len().min(usize::try_from(left).unwrap_or(usize::MAX)) } else { 8 };
        let mut filled = 0;
        let ended = crate::text::fill(&mut src.take(want as u64), &mut buf[..want], &mut filled);
        ended.map_err(|e| reason(&e))?;
        at += filled as u64;
        let have = &buf[..filled];
        if left > 0 {
            if have.is_empty() {
                return Err(GapReason::Corrupt);
            }
            let mut push = |unit| match unit {
                0x0B | 0x0D => out.push(b'\n'),
                0..=0x1F => out.push(b' '),
                _ => units.push(unit, out),
            };
            if wide {
                have.as_chunks::<2>().0.iter().for_each(|p| push(u16::from_le_bytes(*p)));
            } else {
                have.iter().for_each(|b| push((*b).into()));
            }
            left -= filled as u64;
            if left == 0 {
                out.push(b'\n');
            }
            return Ok(true);
        }
        let [a, b, c, d, rest @ ..] = have else {
            return if have.is_empty() { Ok(false) } else { Err(GapReason::Corrupt) };
        };
        let (about, kind) = (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]));
        let length = u64::from(u32_at(rest, 0).ok_or(GapReason::Corrupt)?);
        match kind {
            record::ENCRYPTION => return Err(GapReason::Encrypted),
            record::WIDE_TEXT | record::NARROW_TEXT | record::STRING => {
                (left, wide) = (length, kind != record::NARROW_TEXT);
                return Ok(true);
            }
            // A container: what follows is its first record.
            _ if about & 0xF == 0xF => return Ok(true),
            record::OBJECT => {
                too_many |= objects.len() >= OBJECTS_MAX;
                if !too_many {
                    objects.push((at, length, about >> 4 == 1));
                }
            }
            _ => {}
        }
        at = at.checked_add(length).ok_or(GapReason::Corrupt)?;
        src.go(at);
        Ok(true)
    });
    result.and(if too_many { Err(GapReason::TooMany) } else { Ok(()) })
}

fn embedded<R: Read + Seek>(
    worker: &mut Worker<'_>,
    mut src: Open<'_, R>,
    (at, length, deflated): Object,
    inside: &[PathText],
) {
    // In front of what is deflated stands the size it inflates to, which we do not believe.
    let skipped = if deflated { 4 } else { 0 };
    src.go(at + skipped);
    let stored = src.take(length.saturating_sub(skipped));
    let toll = Toll::of(worker);
    if deflated {
        worker.content(&mut toll.paid(ZlibDecoder::new(stored)), inside);
    } else {
        worker.content(&mut toll.paid(stored), inside);
    }
}

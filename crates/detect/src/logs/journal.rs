//! The export format of journald: `NAME=value` lines, binary values with their length, an empty line between entries.

use super::{LINE_BYTES_MAX, Told};
use crate::event::{Event, Position};
use std::io::{BufRead, Read as _};
use stdx::Stop;

pub(super) fn is_export(head: &[u8]) -> bool {
    head.starts_with(b"__CURSOR=") || head.starts_with(b"__REALTIME_TIMESTAMP=")
}

pub(super) fn read(
    from: &mut dyn BufRead,
    event: &mut Event,
    take: &mut dyn FnMut(&mut Event, &'static str),
    stop: &Stop,
) -> Told {
    let mut told = Told { form: Some("journal"), ..Told::default() };
    let mut line = Vec::new();
    let (mut offset, mut begins) = (0_u64, 0_u64);
    event.clear();
    while !stop.requested() {
        line.clear();
        let got = match (&mut *from).take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line) {
            Ok(got) => got as u64,
            Err(e) => {
                told.error = Some(e);
                break;
            }
        };
        let ended = line.last() == Some(&b'\n');
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        offset += got;
        if text.is_empty() {
            if !event.is_empty() {
                told.events += 1;
                event.position = Position { number: told.events, offset: begins };
                take(event, "journal");
                event.clear();
            }
            begins = offset;
            if got == 0 {
                break;
            }
            continue;
        }
        if !ended && got == LINE_BYTES_MAX as u64 {
            let at = told.events + 1;
            told.bad(at);
            told.error = Some(std::io::ErrorKind::InvalidData.into());
            break;
        }
        match memchr::memchr(b'=', text) {
            Some(at) => put(event, &text[..at], &text[at + 1..]),
            None => {
                let name = text.to_vec();
                match binary(from, &mut offset) {
                    Ok(value) => put(event, &name, &value),
                    Err(e) => {
                        let at = told.events + 1;
                        told.bad(at);
                        told.error = Some(e);
                        break;
                    }
                }
            }
        }
    }
    told.lines = told.events;
    told
}

fn binary(from: &mut dyn BufRead, offset: &mut u64) -> std::io::Result<Vec<u8>> {
    let mut size = [0; 8];
    from.read_exact(&mut size)?;
    let size = u64::from_le_bytes(size);
    if size > LINE_BYTES_MAX as u64 {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    let mut value = vec![0; usize::try_from(size).unwrap_or_default() + 1];
    from.read_exact(&mut value)?;
    value.pop();
    *offset += size + 9;
    Ok(value)
}

fn put(event: &mut Event, name: &[u8], value: &[u8]) {
    let name = String::from_utf8_lossy(name);
    event.bytes(&name, value);
}

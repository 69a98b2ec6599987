//! EtherNet/IP and CIP (ODVA): who a device is by ListIdentity, what is written, started, stopped and loaded.
//!
//! Rockwell's controllers are written through services that ODVA leaves to makers and through PCCC (publication
//! 1770-6.5.16); both are read as far as they change something.

use super::names;
use crate::capture::bytes::{Cursor, le16, rest, slice, text, u8_at};
use crate::capture::ledger::{Label, Talk, What};

const ENIP: Label = Label::control("ethernet-ip");
const IO: Label = Label::control("cip-io");
/// Deepest nesting of messages in messages.
const DEPTH_MAX: usize = 3;
/// Most messages of a multiple service packet.
const PARTS_MAX: usize = 64;

/// A message of encapsulation with its head of 24 bytes.
pub(crate) fn message(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    let (command, len) = (le16(data, 0)?, usize::from(le16(data, 2)?));
    let body = slice(data, 24, len)?;
    if !matches!(command, 0 | 1 | 4 | 0x63..=0x66 | 0x6f | 0x70 | 0x72 | 0x73) {
        return None;
    }
    talk.is(ENIP);
    match command {
        0x63 if !talk.asked => identity(talk, body),
        0x6f | 0x70 => exchange(talk, body),
        _ => Some(()),
    };
    Some(())
}

/// Cyclic data over UDP: two items, a sequenced address and data.
pub(crate) fn implicit(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    let two = le16(data, 0)? == 2 && le16(data, 2)? == 0x8002 && le16(data, 4)? == 8;
    (two && le16(data, 14)? == 0x00b1).then(|| talk.is(IO))
}

/// The identity item of a ListIdentity answer.
fn identity(talk: &mut Talk<'_>, body: &[u8]) -> Option<()> {
    let mut c = Cursor::new(body);
    c.le16()?;
    let (kind, _len) = (c.le16()?, c.le16()?);
    if kind != 0x0c {
        return None;
    }
    // Version of the encapsulation and the socket address: what it says there may be behind a translation.
    c.take(18)?;
    let (vendor, _kind, _product) = (c.le16()?, c.le16()?, c.le16()?);
    let (major, minor) = (c.byte()?, c.byte()?);
    c.le16()?;
    let serial = c.le32()?;
    let len = usize::from(c.byte()?);
    let name = text(c.take(len)?);
    talk.server(|d| {
        d.vendor = Some(names::vendor("CIP", &names::CIP_VENDORS, vendor));
        d.firmware = Some(format!("{major}.{minor:03}"));
        d.serial = Some(format!("{vendor:04x}{serial:08x}"));
        if name.is_some() {
            d.model = name;
        }
    });
    Some(())
}

/// The items of SendRRData and SendUnitData: after handle and time limit, addresses and data.
fn exchange(talk: &mut Talk<'_>, body: &[u8]) -> Option<()> {
    let mut c = Cursor::new(rest(body, 6));
    let items = c.le16()?;
    for _ in 0..items.min(4) {
        let (kind, len) = (c.le16()?, usize::from(c.le16()?));
        let data = c.take(len)?;
        match kind {
            0x00b2 => cip(talk, data, 0),
            // A counter stands in front of connected data.
            0x00b1 => cip(talk, rest(data, 2), 0),
            _ => Some(()),
        };
    }
    Some(())
}

/// The class that a path leads to: segments of 8 and 16 bits.
fn class(path: &[u8]) -> Option<u16> {
    match path {
        [0x20, class, ..] => Some(u16::from(*class)),
        [0x21, _, a, b, ..] => Some(u16::from_le_bytes([*a, *b])),
        _ => None,
    }
}

/// A request of CIP: service, length of the path in words, path, data.
fn cip(talk: &mut Talk<'_>, data: &[u8], depth: usize) -> Option<()> {
    let service = u8_at(data, 0)?;
    if !talk.asked || service & 0x80 != 0 || depth > DEPTH_MAX {
        return None;
    }
    let words = usize::from(u8_at(data, 1)?);
    let path = slice(data, 2, words * 2)?;
    let body = rest(data, 2 + words * 2);
    let class = class(path);
    let what = match (service, class) {
        // Connection manager: a message to be passed on; opening and closing of connections change nothing.
        (0x52, Some(6)) => {
            let len = usize::from(le16(body, 2)?);
            return cip(talk, slice(body, 4, len)?, depth + 1);
        }
        (_, Some(6)) => return Some(()),
        (0x0a, Some(2)) => return parts(talk, body, depth),
        (0x4b, Some(0x67)) => return pccc(talk, body),
        (0x05 | 0x07, _) => What::Stop,
        (0x06, _) => What::Start,
        // Files of a device, and the store of its firmware.
        (0x4b, Some(0x37)) => What::Upload,
        (0x4c, Some(0x37)) | (0x4b..=0x4d, Some(0xa1)) => What::Firmware,
        // Of Rockwell: writing of tags, in parts, by bits.
        (0x4d | 0x53, _) | (0x4e, None | Some(0x6b)) => What::Write,
        (0x02 | 0x04 | 0x10, _) => What::Write,
        _ => return Some(()),
    };
    talk.command(ENIP, what);
    Some(())
}

fn parts(talk: &mut Talk<'_>, body: &[u8], depth: usize) -> Option<()> {
    let count = usize::from(le16(body, 0)?).min(PARTS_MAX);
    for n in 0..count {
        let from = usize::from(le16(body, 2 + n * 2)?);
        cip(talk, rest(body, from), depth + 1);
    }
    Some(())
}

/// PCCC: who asks (with a length), then command, status, transaction and function.
fn pccc(talk: &mut Talk<'_>, body: &[u8]) -> Option<()> {
    let data = rest(body, usize::from(u8_at(body, 0)?));
    let (command, function) = (u8_at(data, 0)?, u8_at(data, 4));
    let what = match (command, function?) {
        (0x0f, 0x80) => match u8_at(data, 5)? {
            6 => What::Start,
            1 => What::Stop,
            _ => return Some(()),
        },
        (0x0f, 0x3a) => What::Stop,
        (0x0f, 0x50..=0x52) => What::Download,
        (0x0f, 0x53..=0x55) => What::Upload,
        (0x0f, 0xa9..=0xab | 0x67 | 0x00 | 0x26) | (0x00 | 0x05 | 0x08, _) => What::Write,
        _ => return Some(()),
    };
    talk.command(ENIP, what);
    Some(())
}

//! FINS of Omron (manual W342): type and version of a controller, what is written, started, stopped and loaded.

use crate::capture::bytes::{be32, rest, slice, text, u8_at};
use crate::capture::ledger::{Label, Talk, What};

const FINS: Label = Label::control("fins");

/// Over TCP: a head of sixteen bytes; command 2 carries a frame.
pub(crate) fn over_tcp(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    match be32(data, 8)? {
        2 => message(talk, rest(data, 16)),
        0 | 1 | 3 | 6 => {
            talk.is(FINS);
            Some(())
        }
        _ => None,
    }
}

/// A frame: ten bytes of addresses, then command and what belongs to it.
pub(crate) fn message(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    // First byte: answer in bit 6, bits 1 to 5 zero; then a reserved byte and the number of gateways.
    let first = u8_at(data, 0)?;
    if first & 0x3e != 0 || u8_at(data, 1)? != 0 || u8_at(data, 2)? > 7 {
        return None;
    }
    let (main, sub) = (u8_at(data, 10)?, u8_at(data, 11)?);
    if main == 0 || main > 0x28 {
        return None;
    }
    talk.is(FINS);
    if first & 0x40 != 0 {
        if (main, sub) == (5, 1) {
            let (model, version) = (slice(data, 14, 20).and_then(text), slice(data, 34, 20).and_then(text));
            talk.server(|d| {
                d.vendor.get_or_insert_with(|| "Omron".to_owned());
                d.model = model.or(d.model.take());
                d.firmware = version.or(d.firmware.take());
            });
        }
        return Some(());
    }
    let what = match (main, sub) {
        (1, 2 | 3 | 5) | (2, 2 | 3) | (7, 2) | (0x23, _) => What::Write,
        (3, 6) => What::Upload,
        (3, 7 | 8) => What::Download,
        (4, 1) => What::Start,
        (4, 2) => What::Stop,
        _ => return Some(()),
    };
    talk.command(FINS, what);
    Some(())
}

//! DNP3 (IEEE 1815): addresses of outstations and masters, what is written, operated and restarted.

use super::Length;
use crate::capture::bytes::{le16, u8_at};
use crate::capture::ledger::{Label, Talk, What};

const DNP3: Label = Label::control("dnp3");

/// The checksum of DNP3: polynomial 0x3d65, bits reversed, inverted.
fn checksum(data: &[u8]) -> u16 {
    let mut sum = 0_u16;
    for byte in data {
        sum ^= u16::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0xa6bc } else { sum >> 1 };
        }
    }
    !sum
}

/// The head of ten bytes begins with the mark and has a good checksum.
pub(crate) fn head_holds(data: &[u8]) -> bool {
    data.starts_with(&[5, 0x64]) && data.get(..8).map(checksum) == le16(data, 8)
}

/// Head, then blocks of sixteen bytes with a checksum each; the length counts neither.
pub(crate) fn length(data: &[u8]) -> Length {
    match (data.get(..2), u8_at(data, 2)) {
        (Some([5, 0x64]), Some(len @ 5..)) => {
            let user = usize::from(len) - 5;
            Length::Bytes(10 + user + user.div_ceil(16) * 2)
        }
        (None, _) | (Some([5, 0x64]), None) => Length::More,
        _ => Length::Foreign,
    }
}

/// A frame of the link layer, with the first segment of an application message.
pub(crate) fn message(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    if !head_holds(data) {
        return None;
    }
    talk.is(DNP3);
    let (control, to, from) = (u8_at(data, 3)?, le16(data, 4)?, le16(data, 6)?);
    // The highest bit: from a master.
    let outstation = if control & 0x80 != 0 { to } else { from };
    talk.inner(|| format!("dnp3 {outstation}"));
    // Transport (bit 6: first segment), application control, function.
    let (Some(transport), Some(function)) = (u8_at(data, 10), u8_at(data, 12)) else { return Some(()) };
    if control & 0x80 == 0 || transport & 0x40 == 0 {
        return Some(());
    }
    let what = match function {
        2 | 9..=12 => What::Write,
        4..=6 => What::Operate,
        13 | 14 | 18 => What::Stop,
        17 => What::Start,
        31 => What::Firmware,
        _ => return Some(()),
    };
    talk.command(DNP3, what);
    Some(())
}

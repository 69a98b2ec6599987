//! IEC 60870-5-104: commands apart from monitoring.

use crate::capture::bytes::{le16, slice, u8_at};
use crate::capture::ledger::{Label, Talk, What};

const IEC104: Label = Label::control("iec104");

/// An APDU: start, length, four control bytes, and of kind I an ASDU.
pub(crate) fn message(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    let control = u8_at(data, 2)?;
    let len = usize::from(u8_at(data, 1)?);
    if u8_at(data, 0)? != 0x68 || len + 2 != data.len() {
        return None;
    }
    if control & 1 == 1 {
        // Kinds S and U have nothing but the four control bytes.
        if len != 4 {
            return None;
        }
        talk.is(IEC104);
        return Some(());
    }
    let asdu = slice(data, 6, len.checked_sub(4)?)?;
    let (kind, cause, station) = (u8_at(asdu, 0)?, u8_at(asdu, 2)? & 0x3f, le16(asdu, 4)?);
    talk.is(IEC104);
    talk.inner(|| format!("station {station}"));
    // Activation, sent by who asks.
    if !talk.asked || cause != 6 {
        return Some(());
    }
    let what = match kind {
        45..=51 | 58..=64 => What::Operate,
        103 | 110..=113 => What::Write,
        105 => What::Stop,
        _ => return Some(()),
    };
    talk.command(IEC104, what);
    Some(())
}

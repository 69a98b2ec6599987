//! Modbus/TCP (MODBUS Messaging on TCP/IP V1.0b, Application Protocol V1.1b3) and, inside function 90, the part of
//! Schneider's UMAS that starts, stops and loads controllers.

use crate::capture::bytes::{be16, rest, slice, text, u8_at};
use crate::capture::ledger::{Label, Talk, What};

const MODBUS: Label = Label::control("modbus");
const UMAS: Label = Label::control("umas");

/// A message with its head of seven bytes.
pub(crate) fn message(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    let (unit, function) = (u8_at(data, 6)?, u8_at(data, 7)?);
    if be16(data, 2)? != 0 || function == 0 {
        return None;
    }
    talk.is(MODBUS);
    talk.inner(|| format!("unit {unit}"));
    let body = rest(data, 8);
    if talk.asked {
        match function {
            5 | 6 | 15 | 16 | 21..=23 => talk.command(MODBUS, What::Write),
            // Diagnostics: restart of communication, listen only.
            8 if matches!(be16(body, 0), Some(1 | 4)) => talk.command(MODBUS, What::Stop),
            90 => umas(talk, body),
            _ => {}
        }
    } else if function == 43 && u8_at(body, 0) == Some(14) {
        identification(talk, body);
    }
    Some(())
}

/// Objects of "read device identification": 0 maker, 1 product code, 2 revision, 4 product name, 5 model name.
fn identification(talk: &mut Talk<'_>, body: &[u8]) {
    let count = u8_at(body, 5).unwrap_or_default();
    let mut left = rest(body, 6);
    for _ in 0..count {
        let (Some(id), Some(len)) = (u8_at(left, 0), u8_at(left, 1)) else { return };
        let Some(value) = slice(left, 2, usize::from(len)) else { return };
        left = rest(left, 2 + usize::from(len));
        let Some(value) = text(value) else { continue };
        talk.server(|d| match id {
            0 => d.vendor = Some(value),
            1 if d.model.is_none() => d.model = Some(value),
            4 | 5 => d.model = Some(value),
            2 => d.firmware = Some(value),
            _ => {}
        });
    }
}

/// UMAS: a key of the session, then its own function.
fn umas(talk: &mut Talk<'_>, body: &[u8]) {
    talk.is(UMAS);
    match u8_at(body, 1) {
        Some(0x21 | 0x23) => talk.command(UMAS, What::Write),
        // "Upload" is towards the controller in its names.
        Some(0x30) => talk.command(UMAS, What::Download),
        Some(0x33) => talk.command(UMAS, What::Upload),
        Some(0x40) => talk.command(UMAS, What::Start),
        Some(0x41) => talk.command(UMAS, What::Stop),
        _ => {}
    }
}

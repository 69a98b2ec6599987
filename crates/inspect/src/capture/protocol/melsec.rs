//! MELSEC communication protocol and SLMP of Mitsubishi (manual SH-080008), binary 3E and 4E frames.

use super::Length;
use crate::capture::bytes::{le16, slice, text, u8_at};
use crate::capture::ledger::{Label, Talk, What};

const MELSEC: Label = Label::control("melsec");

/// Where the length stands, by the subheader: 3E at 7, 4E at 11.
fn length_at(data: &[u8]) -> Option<usize> {
    match data.get(..2)? {
        [0x50 | 0xd0, 0] => Some(7),
        [0x54 | 0xd4, 0] => Some(11),
        _ => None,
    }
}

/// Subheader, route, length of what follows.
pub(crate) fn length(data: &[u8]) -> Length {
    if data.len() < 2 {
        return Length::More;
    }
    match length_at(data) {
        None => Length::Foreign,
        Some(at) => match le16(data, at) {
            Some(n) if n >= 2 => Length::Bytes(at + 2 + usize::from(n)),
            Some(_) => Length::Foreign,
            None => Length::More,
        },
    }
}

/// A frame. The route must name a module as the manual numbers them, which keeps other protocols out.
pub(crate) fn message(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    let at = length_at(data)?;
    if at + 2 + usize::from(le16(data, at)?) != data.len() || !matches!(le16(data, at - 3)?, 0x03d0..=0x03ff) {
        return None;
    }
    talk.is(MELSEC);
    if u8_at(data, 0)? & 0x80 != 0 {
        // The answer to "read type" has sixteen characters and two bytes of a code, after the end code.
        if le16(data, at + 2)? == 0
            && data.len() == at + 22
            && let Some(model) = slice(data, at + 4, 16).filter(|m| m.is_ascii()).and_then(text)
            && model.starts_with(['Q', 'L', 'R', 'F'])
        {
            talk.server(|d| {
                d.vendor.get_or_insert_with(|| "Mitsubishi Electric".to_owned());
                d.model = Some(model);
            });
        }
        return Some(());
    }
    let what = match le16(data, at + 4)? {
        0x1401 | 0x1402 | 0x1406 | 0x1601 | 0x0613 => What::Write,
        0x1001 => What::Start,
        0x1002 | 0x1003 | 0x1006 => What::Stop,
        0x1828 => What::Upload,
        0x1829 | 0x1827 | 0x1822 => What::Download,
        _ => return Some(()),
    };
    talk.command(MELSEC, what);
    Some(())
}

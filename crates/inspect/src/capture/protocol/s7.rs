//! What TPKT (RFC 1006) carries: S7comm, S7comm-plus, MMS of IEC 61850, and the first packet of a remote desktop.
//!
//! S7comm is not published; its layout is known from Wireshark's dissector and from Siemens' manuals of the system
//! status lists (SZL). Of S7comm-plus only reading and writing is told apart, which the facts say as a gap: stopping and
//! loading a controller are calls among others there.

use super::Memory;
use crate::capture::bytes::{be16, rest, slice, text, u8_at};
use crate::capture::ledger::{Label, Talk, What};

const S7: Label = Label::control("s7comm");
const PLUS: Label = Label::control("s7comm-plus");
const MMS: Label = Label::control("mms");
const RDP: Label = Label::remote("rdp");

/// A whole TPKT.
pub(crate) fn message(talk: &mut Talk<'_>, memory: &mut Memory, data: &[u8]) -> Option<()> {
    let head = usize::from(u8_at(data, 4)?);
    let (kind, variable) = (u8_at(data, 5)?, data.get(11..5 + head).unwrap_or_default());
    let body = rest(data, 5 + head);
    match kind & 0xf0 {
        0xe0 => {
            // A request for a remote desktop has no TSAPs; what may stand there is a user's name, and is not read.
            if parameter(variable, 0xc2).is_none() {
                let negotiates = variable.rchunks(8).next().is_some_and(|n| matches!(n, [1, _, 8, 0, ..]));
                if negotiates || variable.starts_with(b"Cookie:") {
                    talk.is(RDP);
                    memory.over = true;
                }
                return Some(());
            }
            if let Some([way, place]) = parameter(variable, 0xc2)
                && matches!(way, 1..=3)
            {
                let (rack, slot) = (place >> 5, place & 31);
                talk.inner(|| format!("rack {rack} slot {slot}"));
            }
            Some(())
        }
        0xd0 => Some(()),
        0xf0 if head == 2 => {
            // The highest bit of the number marks the last part. Only first parts are read.
            let more = u8_at(data, 6)? & 0x80 == 0;
            if std::mem::replace(&mut memory.partial[usize::from(talk.asked)], more) {
                talk.ledger.lost.long += 1;
                return Some(());
            }
            content(talk, memory, body)
        }
        // Other kinds of the transport protocol: disconnects, errors.
        0x80 | 0x70 | 0x50 | 0x60 | 0x10 | 0x20 => Some(()),
        _ => None,
    }
}

/// A parameter of the variable part of a connect request.
fn parameter(mut data: &[u8], code: u8) -> Option<&[u8]> {
    while let (Some(found), Some(len)) = (u8_at(data, 0), u8_at(data, 1)) {
        let value = slice(data, 2, usize::from(len))?;
        if found == code {
            return Some(value);
        }
        data = rest(data, 2 + usize::from(len));
    }
    None
}

fn content(talk: &mut Talk<'_>, memory: &mut Memory, body: &[u8]) -> Option<()> {
    match body {
        [] => Some(()),
        [0x32, ..] => s7(talk, body),
        [0x72, version, ..] if *version <= 3 || *version == 0xfe => {
            plus(talk, memory, body);
            Some(())
        }
        // TLS inside TPKT: newer controllers of Siemens.
        [0x14..=0x17, 3, 0..=4, ..] => {
            talk.is(PLUS);
            talk.encrypted();
            if !std::mem::replace(&mut memory.counted, true) {
                talk.ledger.lost.encrypted += 1;
            }
            Some(())
        }
        // A session that begins or ends, or its data with a presentation PDU in it.
        [0x09 | 0x0a | 0x0c..=0x0e | 0x19 | 0x1a, ..] | [1, 0, 1, 0, ..] => {
            talk.is(MMS);
            if talk.asked {
                mms(talk, body);
            }
            Some(())
        }
        _ => None,
    }
}

/// A confirmed write request of MMS: presentation data, then `a0 len 02 n id a5`.
fn mms(talk: &mut Talk<'_>, body: &[u8]) {
    // Over normal mode: user data, list of values: 61 len 30 len 02 01 03 a0 len, then the PDU.
    let Some(at) = body.windows(4).take(24).position(|w| matches!(w, [2, 1, 3, 0xa0])) else { return };
    let skip = |data: &[u8], at: usize| -> Option<usize> {
        let first = u8_at(data, at)?;
        Some(at + 1 + if first & 0x80 == 0 { 0 } else { usize::from(first & 0x7f) })
    };
    let told = (|| {
        let pdu = skip(body, at + 4)?;
        if u8_at(body, pdu)? != 0xa0 {
            return None;
        }
        let id = skip(body, pdu + 1)?;
        let service = id + 2 + usize::from(u8_at(body, id + 1)?);
        (u8_at(body, id)? == 2).then_some(u8_at(body, service)?)
    })();
    // Files and download sequences have tags of two bytes; they are not told apart here.
    if told == Some(0xa5) {
        talk.command(MMS, What::Write);
    }
}

fn s7(talk: &mut Talk<'_>, body: &[u8]) -> Option<()> {
    let kind = u8_at(body, 1)?;
    let (parameters, data) = (usize::from(be16(body, 6)?), usize::from(be16(body, 8)?));
    let head = match kind {
        1 | 7 => 10,
        2 | 3 => 12,
        _ => return None,
    };
    let parameter = slice(body, head, parameters)?;
    talk.is(S7);
    let data = slice(body, head + parameters, data).unwrap_or(rest(body, head + parameters));
    match kind {
        1 => job(talk, parameter),
        7 => user_data(talk, parameter, data),
        _ => {}
    }
    Some(())
}

/// What a client asks a controller to do.
fn job(talk: &mut Talk<'_>, parameter: &[u8]) {
    if !talk.asked {
        return;
    }
    let what = match u8_at(parameter, 0) {
        Some(5) => What::Write,
        Some(0x1a) => What::Download,
        Some(0x1d) => What::Upload,
        Some(0x29) => What::Stop,
        Some(0x28) => match service(parameter) {
            Some(b"P_PROGRAM") => What::Start,
            // Activates, deletes or compresses blocks, copies memory, loads a module.
            Some(b"_INSE" | b"_INS2" | b"_DELE" | b"_GARB" | b"_MODU") => What::Download,
            _ => What::Operate,
        },
        _ => return,
    };
    talk.command(S7, what);
}

/// The name of a program invocation: after seven bytes a block with a length, then the name with a length.
fn service(parameter: &[u8]) -> Option<&[u8]> {
    let block = usize::from(be16(parameter, 8)?);
    let at = 10 + block;
    slice(parameter, at + 1, usize::from(u8_at(parameter, at)?))
}

/// Userdata: `00 01 12 len method group function sequence`; the group's high half is 4 for a request, 8 for an answer.
fn user_data(talk: &mut Talk<'_>, parameter: &[u8], data: &[u8]) {
    let (Some(group), Some(function)) = (u8_at(parameter, 5), u8_at(parameter, 6)) else { return };
    match (group >> 4, group & 15, function) {
        (8, 4, 1) => lists(talk, data),
        (4, 7, 2 | 4) if talk.asked => talk.command(S7, What::Write),
        _ => {}
    }
}

/// An answer with a system status list.
fn lists(talk: &mut Talk<'_>, data: &[u8]) {
    let list = rest(data, 4);
    let (Some(id), Some(len), Some(count)) = (be16(list, 0), be16(list, 4), be16(list, 6)) else { return };
    let len = usize::from(len);
    if len < 4 || data.first() != Some(&0xff) {
        return;
    }
    for item in rest(list, 8).chunks_exact(len).take(usize::from(count)) {
        let Some(index) = be16(item, 0) else { return };
        match id & 0xff {
            0x11 => module(talk, index, item),
            0x1c => component(talk, index, item),
            0x32 if index == 4 => {
                if let Some(level) = be16(item, 6).filter(|l| (1..=3).contains(l)) {
                    talk.server(|d| d.protection = Some(i64::from(level)));
                }
            }
            _ => {}
        }
    }
}

/// Module identification: order number, then versions. Index 1 is the module, 7 its firmware.
fn module(talk: &mut Talk<'_>, index: u16, item: &[u8]) {
    if index == 1
        && let Some(order) = slice(item, 2, 20).and_then(text)
    {
        talk.server(|d| {
            d.model = Some(order);
            d.vendor.get_or_insert_with(|| "Siemens".to_owned());
        });
    }
    if index == 7
        && let Some([b'V', major, minor, patch]) = slice(item, 24, 4)
    {
        talk.server(|d| d.firmware = Some(format!("V{major}.{minor}.{patch}")));
    }
}

/// Component identification: 1 name of the station, 5 serial number of the module, 7 type of the module.
fn component(talk: &mut Talk<'_>, index: u16, item: &[u8]) {
    let Some(value) = slice(item, 2, item.len() - 2).map(|v| v.get(..24.min(v.len())).unwrap_or(v)).and_then(text)
    else {
        return;
    };
    talk.server(|d| match index {
        1 => d.name = Some(value),
        5 => d.serial = Some(value),
        7 if d.model.is_none() => d.model = Some(value),
        _ => {}
    });
}

/// S7comm-plus: `72 version len`, with version 3 a check of its own in front, then opcode and function.
fn plus(talk: &mut Talk<'_>, memory: &mut Memory, body: &[u8]) {
    talk.is(PLUS);
    if !std::mem::replace(&mut memory.counted, true) {
        talk.ledger.lost.opaque += 1;
    }
    let mut data = rest(body, 4);
    if u8_at(body, 1) == Some(3) {
        data = rest(data, 1 + usize::from(u8_at(data, 0).unwrap_or_default()));
    }
    // 31 is a request; functions 0542 and 054c write and read variables in sets: 0542 is SetMultiVariables.
    if talk.asked && u8_at(data, 0) == Some(0x31) && matches!(be16(data, 3), Some(0x0542 | 0x04f2)) {
        talk.command(PLUS, What::Write);
    }
}

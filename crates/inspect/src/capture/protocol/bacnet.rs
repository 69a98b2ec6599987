//! BACnet/IP (ASHRAE 135 annex J): who a device is by I-Am, what is written and restarted.

use super::names;
use crate::capture::bytes::{be16, rest, slice, u8_at};
use crate::capture::ledger::{Label, Talk, What};

const BACNET: Label = Label::control("bacnet");

/// A datagram: BVLC, network layer, application layer.
pub(crate) fn message(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    if u8_at(data, 0)? != 0x81 || usize::from(be16(data, 2)?) != data.len() {
        return None;
    }
    let network = match u8_at(data, 1)? {
        // A forwarded message names who sent it first.
        4 => rest(data, 10),
        0x09..=0x0b => rest(data, 4),
        0..=0x0c => {
            talk.is(BACNET);
            return Some(());
        }
        _ => return None,
    };
    let application = body(network)?;
    talk.is(BACNET);
    match (u8_at(application, 0)? >> 4, u8_at(application, 1)) {
        (1, Some(0)) => {
            announce(talk, rest(application, 2));
        }
        (0, _) if talk.asked => {
            // A segmented request has two bytes more in front of the service.
            let at = if u8_at(application, 0)? & 8 == 0 { 3 } else { 5 };
            let what = match u8_at(application, at)? {
                15 | 16 | 8..=11 => What::Write,
                17 | 20 => What::Stop,
                6 => What::Upload,
                7 => What::Download,
                _ => return Some(()),
            };
            talk.command(BACNET, what);
        }
        _ => {}
    }
    Some(())
}

/// Steps over the network layer; `None` for messages of the network itself.
fn body(data: &[u8]) -> Option<&[u8]> {
    let control = u8_at(data, 1)?;
    if u8_at(data, 0)? != 1 || control & 0x80 != 0 {
        return None;
    }
    let mut at = 2;
    let target = control & 0x20 != 0;
    for there in [target, control & 8 != 0] {
        if there {
            at += 3 + usize::from(u8_at(data, at + 2)?);
        }
    }
    Some(rest(data, if target { at + 1 } else { at }))
}

/// I-Am: object, longest message, segmentation, maker; each with a tag that holds its length.
fn announce(talk: &mut Talk<'_>, mut data: &[u8]) -> Option<()> {
    let mut values = [0_u32; 4];
    for value in &mut values {
        let len = usize::from(u8_at(data, 0)? & 7);
        let bytes = slice(data, 1, len).filter(|b| b.len() <= 4)?;
        *value = bytes.iter().fold(0, |n, b| n << 8 | u32::from(*b));
        data = rest(data, 1 + len);
    }
    let [object, _, _, vendor] = values;
    let vendor = names::vendor("BACnet", &names::BACNET_VENDORS, u16::try_from(vendor).ok()?);
    // Who announces itself is the one that sends.
    let set = |d: &mut crate::capture::ledger::Device| {
        d.vendor = Some(vendor);
        d.server = true;
        if d.inner.len() < 32 {
            d.inner.insert(format!("bacnet {}", object & 0x3f_ffff));
        }
    };
    if talk.asked {
        talk.client(set);
    } else {
        talk.server(set);
    }
    Some(())
}

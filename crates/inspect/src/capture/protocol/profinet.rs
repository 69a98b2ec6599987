//! PROFINET (IEC 61158-6-10): discovery and basic configuration (DCP), cyclic data, and remote calls.

use super::names;
use crate::capture::bytes::{be16, be32, rest, slice, text, u8_at};
use crate::capture::frame::Address;
use crate::capture::ledger::{Label, Talk, What};
use std::net::Ipv4Addr;

const DCP: Label = Label::control("profinet-dcp");
const RT: Label = Label::control("profinet");
const CM: Label = Label::control("profinet-cm");
/// Most blocks of a DCP frame.
const BLOCKS_MAX: usize = 64;

/// A frame of type 0x8892.
pub(crate) fn frame(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    match be16(data, 0)? {
        0xfefc..=0xfeff => dcp(talk, data),
        // Classes of cyclic data, alarms.
        0x0100..=0xfbff | 0xfc01 | 0xfe01 => {
            talk.is(RT);
            Some(())
        }
        _ => None,
    }
}

/// Frame id, service, kind (0 request, 1 answer), transaction, delay, length; then blocks.
fn dcp(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    let (service, kind) = (u8_at(data, 2)?, u8_at(data, 3)?);
    let blocks = slice(data, 12, usize::from(be16(data, 10)?))?;
    if !(3..=6).contains(&service) || kind > 5 {
        return None;
    }
    talk.is(DCP);
    // A request names who is looked for or what shall be set; a "hello" says who one is, without being asked.
    let answer = kind & 1 == 1 || service == 6;
    let mut left = blocks;
    for _ in 0..BLOCKS_MAX {
        let (Some(option), Some(len)) = (be16(left, 0), be16(left, 2)) else { break };
        let Some(value) = slice(left, 4, usize::from(len)) else { break };
        left = rest(left, 4 + usize::from(len).next_multiple_of(2));
        match (answer, service) {
            (true, 3 | 5 | 6) => says(talk, service, option, rest(value, 2)),
            (false, 4) if talk.asked => sets(talk, option),
            _ => {}
        }
    }
    Some(())
}

/// What a device says of itself.
fn says(talk: &mut Talk<'_>, service: u8, option: u16, value: &[u8]) {
    // The one that answers is the server; of a hello it is the one that sends.
    let set = |talk: &mut Talk<'_>, set: &dyn Fn(&mut crate::capture::ledger::Device)| {
        if service == 6 { talk.client(set) } else { talk.server(set) }
    };
    match option {
        0x0201 => {
            if let Some(kind) = text(value) {
                set(talk, &|d| d.model = Some(kind.clone()));
            }
        }
        0x0202 => {
            if let Some(name) = text(value) {
                set(talk, &|d| d.name = Some(name.clone()));
            }
        }
        0x0203 => {
            if let (Some(vendor), Some(device)) = (be16(value, 0), be16(value, 2)) {
                set(talk, &|d| {
                    d.vendor = Some(names::vendor("PROFINET", &names::PROFINET_VENDORS, vendor));
                    d.inner.insert(format!("device {vendor:04x}:{device:04x}"));
                });
            }
        }
        0x0204 => {
            if let Some(role) = u8_at(value, 0) {
                let named = [(1, "IO device"), (2, "IO controller"), (4, "IO multidevice"), (8, "IO supervisor")];
                for (_, name) in named.iter().filter(|(bit, _)| role & bit != 0) {
                    set(talk, &|d| {
                        d.inner.insert((*name).to_owned());
                    });
                }
            }
        }
        0x0102 => {
            if let (Some(ip), Some(mask)) = (be32(value, 0), be32(value, 4))
                && ip != 0
            {
                let address = Ipv4Addr::from_bits(ip);
                set(talk, &|d| {
                    d.inner.insert(format!("ip {address}"));
                });
                if mask.count_ones() == mask.leading_ones() && talk.ledger.prefixes.len() < talk.ledger.devices.len() {
                    talk.ledger.prefixes.insert(Address::V4(address), mask.count_ones());
                }
            }
        }
        _ => {}
    }
}

/// What somebody sets in a device: name and address; factory settings.
fn sets(talk: &mut Talk<'_>, option: u16) {
    match option {
        0x0102 | 0x0202 => talk.command(DCP, What::Write),
        0x0505 | 0x0506 => talk.command(DCP, What::Stop),
        _ => {}
    }
}

/// A remote call (DCE/RPC without connection, version 4) of PROFINET's interfaces.
pub(crate) fn remote_call(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    // The interface: dea000NN-6c97-11d1-8271-00a02442df7d, in either byte order.
    let interface = slice(data, 24, 16)?;
    let tail = interface.get(8..)? == [0x82, 0x71, 0, 0xa0, 0x24, 0x42, 0xdf, 0x7d];
    if u8_at(data, 0)? == 4 && tail {
        talk.is(CM);
        return Some(());
    }
    None
}

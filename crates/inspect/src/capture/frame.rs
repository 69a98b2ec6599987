//! From a frame to what it carries: Ethernet, cooked and raw links, tags, IPv4 and IPv6, TCP and UDP.
//!
//! Only headers that say who speaks with whom. Fragments are not put together: in control networks they are rare, and
//! putting together what an attacker overlaps is a science of its own. They are counted and become a gap.

use super::bytes::{be16, be32, rest, slice, u8_at};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Most tags of a frame.
const TAGS_MAX: usize = 4;
/// Most extension headers of an IPv6 packet.
const EXTENSIONS_MAX: usize = 8;

/// An end of a conversation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Address {
    /// IPv4.
    V4(Ipv4Addr),
    /// IPv6.
    V6(Ipv6Addr),
    /// Ethernet, of what needs no IP.
    Mac([u8; 6]),
}
impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::V4(a) => a.fmt(f),
            Self::V6(a) => a.fmt(f),
            Self::Mac([a, b, c, d, e, g]) => write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}"),
        }
    }
}
impl Address {
    /// Everybody, or a group.
    #[must_use]
    pub fn is_group(&self) -> bool {
        match self {
            Self::V4(a) => a.is_multicast() || a.is_broadcast() || a.octets()[3] == 255 || a.is_unspecified(),
            Self::V6(a) => a.is_multicast() || a.is_unspecified(),
            Self::Mac(a) => a[0] & 1 == 1,
        }
    }
    /// Can be reached from the internet: outside the ranges that RFC 6890 keeps for other purposes.
    #[must_use]
    pub fn is_public(&self) -> bool {
        match self {
            Self::V4(a) => {
                let o = a.octets();
                let kept = a.is_private()
                    || a.is_loopback()
                    || a.is_link_local()
                    || a.is_documentation()
                    || a.is_unspecified()
                    || o[0] == 0
                    || o[0] >= 224
                    || (o[0] == 100 && o[1] & 0xc0 == 64)
                    || (o[0] == 192 && o[1] == 0 && o[2] == 0)
                    || (o[0] == 198 && o[1] & 0xfe == 18);
                !kept
            }
            Self::V6(a) => {
                let s = a.segments();
                s[0] & 0xe000 == 0x2000 && !(s[0] == 0x2001 && s[1] == 0x0db8)
            }
            Self::Mac(_) => false,
        }
    }
    /// True if `prefix` leading bits of two addresses of one family are the same.
    #[must_use]
    pub fn same_net(&self, other: &Self, v4_prefix: u32) -> Option<bool> {
        match (self, other) {
            (Self::V4(a), Self::V4(b)) => {
                let mask = u32::MAX.checked_shl(32 - v4_prefix.min(32)).unwrap_or(0);
                Some((a.to_bits() ^ b.to_bits()) & mask == 0)
            }
            (Self::V6(a), Self::V6(b)) => Some((a.to_bits() ^ b.to_bits()) >> 64 == 0),
            _ => None,
        }
    }
}

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load<'a> {
    /// A segment of TCP.
    Tcp {
        /// Ports: from, to.
        ports: (u16, u16),
        /// Sequence number of its first byte.
        seq: u32,
        /// Flags: 1 FIN, 2 SYN, 4 RST, 16 ACK.
        flags: u8,
        /// Its bytes.
        data: &'a [u8],
        /// Bytes that it says it has.
        len: usize,
    },
    /// A datagram of UDP.
    Udp {
        /// Ports: from, to.
        ports: (u16, u16),
        /// Its bytes.
        data: &'a [u8],
        /// Bytes that it says it has.
        len: usize,
    },
    /// Something over Ethernet that is no IP.
    Ethernet {
        /// Type.
        kind: u16,
        /// Its bytes.
        data: &'a [u8],
    },
    /// Part of a datagram.
    Fragment,
    /// Another protocol over IP.
    Other,
}

/// A packet, as far as its headers go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// From.
    pub from: Address,
    /// To.
    pub to: Address,
    /// Ethernet address that it came from, where the link has one.
    pub mac: Option<[u8; 6]>,
    /// What it carries.
    pub load: Load<'a>,
}

/// Why a frame was not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unread {
    /// A link type that is not known.
    Link,
    /// Headers that contradict themselves or end early.
    Broken,
}

/// Reads the headers of a frame.
pub fn packet(link: u16, data: &[u8]) -> Result<Packet<'_>, Unread> {
    match link {
        1 => ethernet(data).ok_or(Unread::Broken),
        113 => {
            let kind = be16(data, 14).ok_or(Unread::Broken)?;
            beyond(kind, rest(data, 16), cooked(data, 4, 6), None).ok_or(Unread::Broken)
        }
        276 => {
            let kind = be16(data, 0).ok_or(Unread::Broken)?;
            beyond(kind, rest(data, 20), cooked(data, 11, 12), None).ok_or(Unread::Broken)
        }
        12 | 14 | 101 | 228 | 229 => raw(data, None).ok_or(Unread::Broken),
        _ => Err(Unread::Link),
    }
}

fn mac(data: &[u8], at: usize) -> Option<[u8; 6]> {
    slice(data, at, 6)?.try_into().ok()
}

/// The sender's address of a cooked link: its length stands at `len_at`, of two bytes (version 1) or one.
fn cooked(data: &[u8], len_at: usize, at: usize) -> Option<[u8; 6]> {
    let len = if len_at == 4 { be16(data, 4)? } else { u16::from(u8_at(data, len_at)?) };
    if len == 6 { mac(data, at) } else { None }
}

fn ethernet(data: &[u8]) -> Option<Packet<'_>> {
    let (to, from) = (mac(data, 0)?, mac(data, 6)?);
    beyond(be16(data, 12)?, rest(data, 14), Some(from), Some(to))
}

/// What follows a type of Ethernet: tags of VLANs and HSR are stepped over.
fn beyond(mut kind: u16, mut data: &[u8], from: Option<[u8; 6]>, to: Option<[u8; 6]>) -> Option<Packet<'_>> {
    for _ in 0..TAGS_MAX {
        match kind {
            0x8100 | 0x88a8 | 0x9100 => {
                kind = be16(data, 2)?;
                data = rest(data, 4);
            }
            0x892f => {
                kind = be16(data, 4)?;
                data = rest(data, 6);
            }
            _ => break,
        }
    }
    match kind {
        0x0800 | 0x86dd => raw(data, from),
        _ => {
            let nobody = [0; 6];
            let (from_address, to) = (Address::Mac(from.unwrap_or(nobody)), Address::Mac(to.unwrap_or([0xff; 6])));
            Some(Packet { from: from_address, to, mac: from, load: Load::Ethernet { kind, data } })
        }
    }
}

fn raw(data: &[u8], mac: Option<[u8; 6]>) -> Option<Packet<'_>> {
    match u8_at(data, 0)? >> 4 {
        4 => v4(data, mac),
        6 => v6(data, mac),
        _ => None,
    }
}

fn v4(data: &[u8], mac: Option<[u8; 6]>) -> Option<Packet<'_>> {
    let head = usize::from(u8_at(data, 0)? & 15) * 4;
    let total = usize::from(be16(data, 2)?);
    // Zero: the network card cut the segment later than the capture.
    let total = if total == 0 { data.len() } else { total };
    if head < 20 || total < head {
        return None;
    }
    let address = |at| Some(Address::V4(Ipv4Addr::from_bits(be32(data, at)?)));
    let (from, to) = (address(12)?, address(16)?);
    let load = if be16(data, 6)? & 0x3fff != 0 {
        Load::Fragment
    } else {
        let body = data.get(head..total.min(data.len()))?;
        transport(u8_at(data, 9)?, body, total - head)?
    };
    Some(Packet { from, to, mac, load })
}

fn v6(data: &[u8], mac: Option<[u8; 6]>) -> Option<Packet<'_>> {
    let mut len = usize::from(be16(data, 4)?);
    let mut next = u8_at(data, 6)?;
    let address = |at| Some(Address::V6(Ipv6Addr::from(<[u8; 16]>::try_from(slice(data, at, 16)?).ok()?)));
    let (from, to) = (address(8)?, address(24)?);
    let body = rest(data, 40);
    if len == 0 && next != 0 {
        len = body.len();
    }
    let mut body = body.get(..len).unwrap_or(body);
    for _ in 0..EXTENSIONS_MAX {
        let step = match next {
            0 | 43 | 60 => (usize::from(u8_at(body, 1)?) + 1) * 8,
            51 => (usize::from(u8_at(body, 1)?) + 2) * 4,
            44 if be16(body, 2)? & 0xfff9 == 0 => 8,
            44 => return Some(Packet { from, to, mac, load: Load::Fragment }),
            _ => break,
        };
        next = u8_at(body, 0)?;
        body = body.get(step..)?;
        len = len.checked_sub(step)?;
    }
    Some(Packet { from, to, mac, load: transport(next, body, len)? })
}

/// `len` is what the network says that `data` should have.
fn transport(protocol: u8, data: &[u8], len: usize) -> Option<Load<'_>> {
    match protocol {
        6 => {
            let head = usize::from(u8_at(data, 12)? >> 4) * 4;
            let len = len.checked_sub(head).filter(|_| head >= 20)?;
            let ports = (be16(data, 0)?, be16(data, 2)?);
            Some(Load::Tcp { ports, seq: be32(data, 4)?, flags: u8_at(data, 13)?, data: rest(data, head), len })
        }
        17 => {
            let ports = (be16(data, 0)?, be16(data, 2)?);
            let said = usize::from(be16(data, 4)?);
            let len = if said == 0 { len } else { said }.checked_sub(8)?;
            let body = rest(data, 8);
            Some(Load::Udp { ports, data: body.get(..len).unwrap_or(body), len })
        }
        _ => Some(Load::Other),
    }
}

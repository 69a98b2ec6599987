//! The protocols of control networks, one reader a file. A reader is given a whole message (of TCP, cut by the length
//! that the protocol states) or a datagram, and says what it understood through [`Talk`].
//!
//! A port alone proves nothing: a conversation is *of* a protocol once a message of it was read. Readers take only
//! what names a device or changes it. Values of processes, user names and passwords are stepped over.

pub(crate) mod bacnet;
pub(crate) mod dnp3;
pub(crate) mod enip;
pub(crate) mod fins;
pub(crate) mod iec104;
pub(crate) mod melsec;
pub(crate) mod modbus;
pub(crate) mod names;
pub(crate) mod opcua;
pub(crate) mod profinet;
pub(crate) mod s7;

use super::bytes::{be16, be32, le16, le32, u8_at};
use super::ledger::{Carrier, Label, Talk};
pub(crate) use names::by_port;

/// How long the message at the beginning of `data` is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Length {
    /// So many bytes, which may not all be there.
    Bytes(usize),
    /// Cannot be told yet: more bytes are needed.
    More,
    /// No message of this protocol.
    Foreign,
}

/// A protocol over TCP whose messages are cut and read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stream {
    /// Modbus/TCP.
    Modbus,
    /// TPKT: S7comm, S7comm-plus, MMS, RDP.
    Tpkt,
    /// EtherNet/IP.
    Enip,
    /// OPC UA.
    OpcUa,
    /// DNP3.
    Dnp3,
    /// IEC 60870-5-104.
    Iec104,
    /// FINS.
    Fins,
    /// MELSEC / SLMP.
    Melsec,
}

/// What the readers of one conversation remember.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    /// OPC UA: policy of the channel.
    pub(crate) policy: Option<String>,
    /// OPC UA: mode of the channel.
    pub(crate) mode: Option<&'static str>,
    /// OPC UA: address that the client asked for.
    pub(crate) url: Option<String>,
    /// Counted once as encrypted or opaque.
    pub(crate) counted: bool,
    /// TPKT: a part of a message was seen, more follow; from the server, from the client.
    pub(crate) partial: [bool; 2],
    /// What follows is none of the protocol's messages: nobody needs to look any more.
    pub(crate) over: bool,
}

impl Stream {
    /// Every protocol, for tests and fuzzing.
    pub const ALL: [Stream; 8] =
        [Self::Modbus, Self::Tpkt, Self::Enip, Self::OpcUa, Self::Dnp3, Self::Iec104, Self::Fins, Self::Melsec];
    /// The protocol of a port of a server, if it is one that is read.
    pub(crate) fn of_port(port: u16) -> Option<Self> {
        Some(match port {
            502 => Self::Modbus,
            102 | 3389 => Self::Tpkt,
            44818 => Self::Enip,
            4840 | 4843 => Self::OpcUa,
            20000 => Self::Dnp3,
            2404 => Self::Iec104,
            9600 => Self::Fins,
            5000..=5014 | 1280..=1282 => Self::Melsec,
            _ => return None,
        })
    }
    /// Of the first bytes of a conversation on any other port: only what cannot be mistaken.
    pub(crate) fn of_bytes(data: &[u8]) -> Option<Self> {
        let tpkt = data.starts_with(&[3, 0]) && be16(data, 2).is_some_and(|n| usize::from(n) == data.len());
        match data {
            [b'H', b'E', b'L', b'F', ..] => Some(Self::OpcUa),
            [_, _, _, _, len, 0xe0, ..] if tpkt && usize::from(*len) + 5 == data.len() => Some(Self::Tpkt),
            [0x65, 0, 4, 0, ..] if data.len() == 28 => Some(Self::Enip),
            [0x05, 0x64, len, ..] if *len >= 5 && dnp3::head_holds(data) => Some(Self::Dnp3),
            [b'F', b'I', b'N', b'S', 0, 0, ..] => Some(Self::Fins),
            _ => None,
        }
    }
    /// The length of the message that `data` begins with.
    pub(crate) fn length(self, data: &[u8]) -> Length {
        let told = |len: Option<usize>, least: usize| match len {
            Some(n) if n >= least => Length::Bytes(n),
            Some(_) => Length::Foreign,
            None => Length::More,
        };
        match self {
            Self::Modbus => match be16(data, 2) {
                Some(0) => match be16(data, 4) {
                    Some(n @ 2..=260) => Length::Bytes(usize::from(n) + 6),
                    Some(_) => Length::Foreign,
                    None => Length::More,
                },
                Some(_) => Length::Foreign,
                None => Length::More,
            },
            Self::Tpkt => match u8_at(data, 0) {
                Some(3) => told(be16(data, 2).map(usize::from), 7),
                Some(_) => Length::Foreign,
                None => Length::More,
            },
            Self::Enip => match le16(data, 0) {
                Some(0..=0x72) => told(le16(data, 2).map(|n| usize::from(n) + 24), 24),
                Some(_) => Length::Foreign,
                None => Length::More,
            },
            Self::OpcUa => match data.get(..4) {
                Some([a, b, c, b'F' | b'C' | b'A']) if opcua::is_type(&[*a, *b, *c]) => {
                    told(le32(data, 4).and_then(|n| usize::try_from(n).ok()), 8)
                }
                Some(_) => Length::Foreign,
                None => Length::More,
            },
            Self::Dnp3 => dnp3::length(data),
            Self::Iec104 => match u8_at(data, 0) {
                Some(0x68) => told(u8_at(data, 1).map(|n| usize::from(n) + 2), 6),
                Some(_) => Length::Foreign,
                None => Length::More,
            },
            Self::Fins => match data.get(..4) {
                Some(b"FINS") => told(be32(data, 4).and_then(|n| usize::try_from(n).ok()?.checked_add(8)), 16),
                Some(_) => Length::Foreign,
                None => Length::More,
            },
            Self::Melsec => melsec::length(data),
        }
    }
    /// Reads a whole message; false if it is none of this protocol.
    pub(crate) fn message(self, talk: &mut Talk<'_>, memory: &mut Memory, data: &[u8]) -> bool {
        let read = match self {
            Self::Modbus => modbus::message(talk, data),
            Self::Tpkt => s7::message(talk, memory, data),
            Self::Enip => enip::message(talk, data),
            Self::OpcUa => opcua::message(talk, memory, data),
            Self::Dnp3 => dnp3::message(talk, data),
            Self::Iec104 => iec104::message(talk, data),
            Self::Fins => fins::over_tcp(talk, data),
            Self::Melsec => melsec::message(talk, data),
        };
        read.is_some()
    }
}

/// Reads a datagram by the port of its server.
pub(crate) fn datagram(talk: &mut Talk<'_>, port: u16, data: &[u8]) -> Option<()> {
    match port {
        44818 => enip::message(talk, data),
        2222 => enip::implicit(talk, data),
        47808..=47823 => bacnet::message(talk, data),
        20000 => dnp3::message(talk, data),
        9600 => fins::message(talk, data),
        5000..=5014 => melsec::message(talk, data),
        34964 => profinet::remote_call(talk, data),
        34980 => ether_cat(talk, data),
        53 | 5353 => names::dns(talk, data),
        _ => None,
    }
}

/// EtherCAT: two bytes of length and type in front of the frame.
pub(crate) fn ether_cat(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    let head = le16(data, 0)?;
    // Type 1 is commands to slaves, 4 variables, 5 the mailbox.
    if matches!(head >> 12, 1 | 4 | 5) && usize::from(head & 0x7ff) <= data.len() {
        talk.is(Label::control("ethercat"));
        return Some(());
    }
    None
}

/// What is known of a type of Ethernet.
pub(crate) fn ether(kind: u16) -> Option<Label> {
    Some(match kind {
        0x8892 => Label::control("profinet"),
        0x88b8 => Label::control("goose"),
        0x88b9 => Label::control("gse-management"),
        0x88ba => Label::control("sampled-values"),
        0x88a4 => Label::control("ethercat"),
        0x88ab => Label::control("powerlink"),
        0x88cd => Label::control("sercos"),
        _ => return None,
    })
}

/// Reads a frame that is no IP.
pub(crate) fn over_ethernet(talk: &mut Talk<'_>, kind: u16, data: &[u8]) -> Option<()> {
    match kind {
        0x8892 => profinet::frame(talk, data),
        0x88a4 => ether_cat(talk, data),
        // APPID, length, two reserved words; the length includes these eight bytes.
        0x88b8..=0x88ba if be16(data, 2).is_some_and(|n| n >= 8 && usize::from(n) <= data.len()) => {
            talk.is(ether(kind)?);
            Some(())
        }
        0x88ab | 0x88cd => {
            talk.is(ether(kind)?);
            Some(())
        }
        _ => None,
    }
}

/// The label of a port before anything was read.
pub(crate) fn label(carrier: Carrier, port: u16) -> Label {
    match carrier {
        Carrier::Ethernet => ether(port).unwrap_or(Label::other("ethernet")),
        _ => by_port(carrier, port).unwrap_or(Label::other(carrier.name())),
    }
}

//! Conversations of TCP and datagrams: who is the server, and whole messages out of segments.
//!
//! One direction keeps the beginning of a message until its end has come, within bounds. A segment that is not the next
//! one tells of a hole: what was held is given up and reading goes on at the next segment that begins with a message.
//! Segments are not put in order and old ones are not waited for: captures on a mirror port are in order, and where they
//! are not, the hole is counted and said.

use super::Limits;
use super::bytes::rest;
use super::frame::{Address, Load, Packet};
use super::ledger::{Carrier, FlowKey, Kind, Ledger, Moment, Talk};
use super::protocol::{self, Length, Memory, Stream};
use std::collections::HashMap;

/// Segments with bytes after which a conversation of an unknown protocol is let alone.
const TRIES_MAX: u8 = 4;
/// Segments of another protocol after which a conversation on a known port is let alone.
const FOREIGN_MAX: u8 = 32;

const SYN: u8 = 2;
const ACK: u8 = 16;
const RST: u8 = 4;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Ends(Address, u16, Address, u16);

#[derive(Debug, Default)]
struct Direction {
    next: Option<u32>,
    held: Vec<u8>,
    /// Bytes of a message that is too long or not wanted, still to come.
    skip: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reading {
    Unknown(u8),
    As(Stream, u8),
    Alone,
}

#[derive(Debug)]
struct Conversation {
    flow: Option<usize>,
    client: Address,
    server: Address,
    reading: Reading,
    /// Something was understood.
    sure: bool,
    memory: Memory,
    /// From the client, from the server.
    directions: [Direction; 2],
    seen: u64,
}

/// Every conversation that is open.
#[derive(Debug)]
pub(super) struct Streams {
    limits: Limits,
    open: HashMap<Ends, Conversation>,
    held: usize,
    clock: u64,
}

impl Streams {
    /// None yet.
    #[must_use]
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, open: HashMap::new(), held: 0, clock: 0 }
    }

    /// Takes a packet in.
    pub(super) fn packet(&mut self, ledger: &mut Ledger, packet: &Packet<'_>, now: Moment) {
        self.clock += 1;
        match packet.load {
            Load::Tcp { ports, seq, flags, data, len } => {
                let cut = data.len() < len;
                self.segment(ledger, packet, (ports, seq, flags), (data, cut), now);
            }
            Load::Udp { ports, data, len } => datagram(ledger, packet, ports, (data, data.len() < len), now),
            Load::Ethernet { kind, data } => ether(ledger, packet, kind, data, now),
            Load::Fragment => ledger.lost.fragments += 1,
            Load::Other => {}
        }
    }

    fn segment(
        &mut self,
        ledger: &mut Ledger,
        packet: &Packet<'_>,
        ((from_port, to_port), seq, flags): ((u16, u16), u32, u8),
        (data, cut): (&[u8], bool),
        now: Moment,
    ) {
        let there = Ends(packet.from, from_port, packet.to, to_port);
        let back = Ends(packet.to, to_port, packet.from, from_port);
        let fresh = flags & (SYN | ACK) == SYN;
        let key = if self.open.contains_key(&back) { back } else { there };
        if fresh && let Some(old) = self.open.remove(&key) {
            self.held -= old.directions.iter().map(|d| d.held.len()).sum::<usize>();
        }
        if !self.open.contains_key(&key) {
            self.make_room();
            let answers = flags & (SYN | ACK) == SYN | ACK;
            let from_server = !fresh && (answers || serves(Carrier::Tcp, from_port, to_port));
            let (client, server, port) =
                if from_server { (packet.to, packet.from, from_port) } else { (packet.from, packet.to, to_port) };
            let flow_key = FlowKey { client, server, carrier: Carrier::Tcp, port };
            let flow = ledger.flow(flow_key, protocol::label(Carrier::Tcp, port), now);
            let reading = Stream::of_port(port).map_or(Reading::Unknown(0), |s| Reading::As(s, 0));
            let (memory, directions) = (Memory::default(), Default::default());
            let made = Conversation { flow, client, server, reading, sure: false, memory, directions, seen: 0 };
            self.open.insert(key, made);
        }
        let Some(conversation) = self.open.get_mut(&key) else { return };
        conversation.seen = self.clock;
        // Two ends with one address (a loopback) are told apart by the port.
        let asked = packet.from == conversation.client
            && (conversation.client != conversation.server || !serves(Carrier::Tcp, from_port, to_port));
        if let Some(flow) = conversation.flow.and_then(|f| ledger.flows.get_mut(f)) {
            flow.packets += 1;
            flow.span.add(now);
        }
        learn_mac(ledger, packet);
        let before: usize = conversation.directions.iter().map(|d| d.held.len()).sum();
        if !data.is_empty() || cut {
            let limits = (self.limits, self.held - before);
            conversation.bytes(ledger, (asked, seq, flags), (data, cut), limits, now);
        } else if flags & SYN != 0 {
            conversation.directions[usize::from(!asked)].next = Some(seq.wrapping_add(1));
        }
        let after: usize = conversation.directions.iter().map(|d| d.held.len()).sum();
        self.held = self.held - before + after;
        if flags & RST != 0 {
            self.open.remove(&key);
            self.held -= after;
        }
    }

    /// When every place is taken, the half that was silent longest is forgotten.
    fn make_room(&mut self) {
        if self.open.len() < self.limits.streams_max {
            return;
        }
        let mut seen: Vec<u64> = self.open.values().map(|c| c.seen).collect();
        let middle = seen.len() / 2;
        let (_, middle, _) = seen.select_nth_unstable(middle);
        let middle = *middle;
        self.open.retain(|_, c| c.seen > middle);
        self.held = self.open.values().flat_map(|c| &c.directions).map(|d| d.held.len()).sum();
    }
}

/// Whether the end at `port` is more likely the server than the one at `other`: a port that is known, else the lower.
fn serves(carrier: Carrier, port: u16, other: u16) -> bool {
    let known = |p| protocol::by_port(carrier, p).is_some_and(|l| l.kind == Kind::Control || p < 49152);
    match (known(port), known(other)) {
        (true, false) => true,
        (false, true) => false,
        _ => port < other,
    }
}

/// The Ethernet address of a device is known from the frames of its own segment; behind a router it is the router's, so
/// the newest does not replace the first.
fn learn_mac(ledger: &mut Ledger, packet: &Packet<'_>) {
    if let (Some(mac), Some(device)) = (packet.mac, ledger.devices.get_mut(&packet.from)) {
        device.mac.get_or_insert(mac);
    }
}

impl Conversation {
    fn bytes(
        &mut self,
        ledger: &mut Ledger,
        (asked, seq, flags): (bool, u32, u8),
        (data, cut): (&[u8], bool),
        (limits, held_by_others): (Limits, usize),
        now: Moment,
    ) {
        let Some(flow) = self.flow.filter(|_| self.reading != Reading::Alone) else { return };
        let seq = if flags & SYN != 0 { seq.wrapping_add(1) } else { seq };
        let mut data = data;
        let direction = &mut self.directions[usize::from(!asked)];
        let control = self.sure && matches!(self.reading, Reading::As(..));
        if let Some(next) = direction.next {
            // Signed distance: before what is expected it is sent again, beyond it there is a hole.
            match next.wrapping_sub(seq).cast_signed() {
                0 => {}
                again if again > 0 => {
                    data = rest(data, usize::try_from(again).unwrap_or(usize::MAX));
                    if data.is_empty() {
                        return;
                    }
                }
                _ => {
                    ledger.lost.holes += u64::from(control);
                    direction.held.clear();
                    direction.skip = 0;
                }
            }
        }
        let from = direction.next.filter(|n| n.wrapping_sub(seq).cast_signed() > 0).unwrap_or(seq);
        direction.next = Some(from.wrapping_add(u32::try_from(data.len()).unwrap_or_default()));
        let skipped = direction.skip.min(data.len());
        direction.skip -= skipped;
        data = rest(data, skipped);
        let mut talk = Talk { ledger, flow, client: self.client, server: self.server, asked, now };
        let stream = match self.reading {
            Reading::As(stream, _) => stream,
            Reading::Alone => return,
            Reading::Unknown(tries) => match Stream::of_bytes(data) {
                Some(stream) => {
                    self.reading = Reading::As(stream, 0);
                    stream
                }
                None => {
                    let known = data.is_empty() || protocol::names::first_bytes(&mut talk, data).is_some();
                    let over = (known && !data.is_empty()) || tries + 1 >= TRIES_MAX;
                    self.reading = if over { Reading::Alone } else { Reading::Unknown(tries + 1) };
                    return;
                }
            },
        };
        let direction = &mut self.directions[usize::from(!asked)];
        let mut held = std::mem::take(&mut direction.held);
        let fresh = held.is_empty();
        if !fresh {
            held.extend_from_slice(data);
        }
        let all: &[u8] = if fresh { data } else { &held };
        let mut at = 0;
        let mut foreign = false;
        let mut keep = false;
        while at < all.len() {
            let left = rest(all, at);
            match stream.length(left) {
                Length::Bytes(n) if n <= left.len() => {
                    let read = stream.message(&mut talk, &mut self.memory, left.get(..n).unwrap_or_default());
                    self.sure |= read;
                    foreign |= !read;
                    at += n;
                    if self.memory.over {
                        self.reading = Reading::Alone;
                        return;
                    }
                }
                Length::Bytes(n) if n > limits.message_bytes_max => {
                    talk.ledger.lost.long += u64::from(self.sure);
                    direction.skip = n - left.len();
                    break;
                }
                Length::Bytes(_) | Length::More => {
                    keep = true;
                    break;
                }
                Length::Foreign => {
                    foreign = true;
                    break;
                }
            }
        }
        if keep {
            let left = rest(all, at).to_vec();
            if held_by_others + left.len() > limits.held_bytes_max {
                talk.ledger.lost.holes += u64::from(self.sure);
            } else if !cut {
                direction.held = left;
            }
        }
        if cut {
            talk.ledger.lost.holes += 1;
            // Where the missing bytes end, another message need not begin.
            direction.next = None;
        }
        if foreign {
            self.foreign(&mut talk, stream, data);
        }
    }

    /// Bytes of another protocol: after many, nobody looks any more.
    fn foreign(&mut self, talk: &mut Talk<'_>, stream: Stream, data: &[u8]) {
        if self.sure {
            talk.ledger.lost.foreign += 1;
        } else if protocol::names::first_bytes(talk, data).is_some() {
            self.reading = Reading::Alone;
            return;
        }
        if let Reading::As(_, count) = self.reading {
            let alone = count >= FOREIGN_MAX && !self.sure;
            self.reading = if alone { Reading::Alone } else { Reading::As(stream, count.saturating_add(1)) };
        }
    }
}

fn datagram(ledger: &mut Ledger, packet: &Packet<'_>, (from, to): (u16, u16), (data, cut): (&[u8], bool), now: Moment) {
    let key = |client, server, port| FlowKey { client, server, carrier: Carrier::Udp, port };
    let asks = key(packet.from, packet.to, to);
    let answers = key(packet.to, packet.from, from);
    let group = packet.to.is_group();
    // Who asked first is the client: an answer comes back to a flow that is known. Equal ports are of peers.
    let from_server = match (ledger.known(&asks).is_some(), ledger.known(&answers).is_some()) {
        (true, _) => false,
        (false, true) => true,
        (false, false) => !group && from != to && serves(Carrier::Udp, from, to),
    };
    let key = if from_server { answers } else { asks };
    let label = protocol::label(Carrier::Udp, key.port);
    let Some(flow) = ledger.flow(key, label, now) else { return };
    ledger.lost.holes += u64::from(cut && label.kind == Kind::Control);
    count(ledger, flow, now);
    let mut talk = Talk { ledger, flow, client: key.client, server: key.server, asked: !from_server, now };
    let _ = protocol::datagram(&mut talk, key.port, data);
    learn_mac(ledger, packet);
}

fn count(ledger: &mut Ledger, flow: usize, now: Moment) {
    if let Some(flow) = ledger.flows.get_mut(flow) {
        flow.packets += 1;
        flow.span.add(now);
    }
}

/// Frames that are no IP: only those of protocols of control are kept.
fn ether(ledger: &mut Ledger, packet: &Packet<'_>, kind: u16, data: &[u8], now: Moment) {
    if protocol::ether(kind).is_none() {
        return;
    }
    let key = |client, server| FlowKey { client, server, carrier: Carrier::Ethernet, port: kind };
    let (asks, answers) = (key(packet.from, packet.to), key(packet.to, packet.from));
    let from_server = match (ledger.known(&asks).is_some(), ledger.known(&answers).is_some()) {
        (true, _) => false,
        (false, true) => true,
        // An answer of DCP to somebody whose question went to everybody.
        (false, false) => kind == 0x8892 && data.get(3) == Some(&1) && !packet.to.is_group(),
    };
    let key = if from_server { answers } else { asks };
    let Some(flow) = ledger.flow(key, protocol::label(Carrier::Ethernet, kind), now) else { return };
    count(ledger, flow, now);
    let mut talk = Talk { ledger, flow, client: key.client, server: key.server, asked: !from_server, now };
    let _ = protocol::over_ethernet(&mut talk, kind, data);
    learn_mac(ledger, packet);
}

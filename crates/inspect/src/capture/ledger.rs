//! What was seen: flows, devices, commands, endpoints. Everything in it has a bound, so that memory does not grow with
//! the capture; what does not fit is counted.

use super::Limits;
use super::frame::Address;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Most protocols and protocol addresses that are kept of one device, and names of one flow.
const NAMES_MAX: usize = 32;

/// Where and when a packet was seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// Which of the files.
    pub file: usize,
    /// Number of the frame.
    pub frame: u64,
    /// Nanoseconds since 1970, if the format has a time.
    pub nanos: Option<i64>,
}

/// First and last time, and where it was first.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Where it was seen first.
    pub place: Moment,
    /// Earliest time.
    pub first: Option<i64>,
    /// Latest time.
    pub last: Option<i64>,
}
impl Span {
    /// Of one moment.
    #[must_use]
    pub fn of(now: Moment) -> Self {
        Self { place: now, first: now.nanos, last: now.nanos }
    }
    /// Takes one more moment in.
    pub fn add(&mut self, now: Moment) {
        let Some(nanos) = now.nanos else { return };
        self.first = Some(self.first.map_or(nanos, |f| f.min(nanos)));
        self.last = Some(self.last.map_or(nanos, |l| l.max(nanos)));
    }
}

/// What a protocol is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// Control of machines.
    Control,
    /// Access to another machine from afar.
    Remote,
    /// Anything else.
    Other,
}

/// A protocol by its name in facts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Label {
    /// The name.
    pub name: &'static str,
    /// What it is for.
    pub kind: Kind,
}
impl Label {
    /// A protocol of control networks.
    #[must_use]
    pub const fn control(name: &'static str) -> Self {
        Self { name, kind: Kind::Control }
    }
    /// A protocol of remote access.
    #[must_use]
    pub const fn remote(name: &'static str) -> Self {
        Self { name, kind: Kind::Remote }
    }
    /// Another protocol.
    #[must_use]
    pub const fn other(name: &'static str) -> Self {
        Self { name, kind: Kind::Other }
    }
}

/// What carries a flow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Carrier {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// Ethernet without IP.
    Ethernet,
}
impl Carrier {
    /// The name in facts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Ethernet => "ethernet",
        }
    }
}

/// Who speaks with whom: client, server, carrier, port of the server (0 over Ethernet: the type).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FlowKey {
    /// Who began.
    pub client: Address,
    /// Who answers.
    pub server: Address,
    /// What carries it.
    pub carrier: Carrier,
    /// Port of the server, or type of Ethernet.
    pub port: u16,
}

/// A flow.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Between whom.
    pub key: FlowKey,
    /// The protocol by port.
    pub by_port: Label,
    /// Protocols by content.
    pub labels: BTreeSet<Label>,
    /// Packets in both directions.
    pub packets: u64,
    /// When.
    pub span: Span,
    /// Something was written or commanded; `None` while nothing was understood.
    pub writes: Option<bool>,
    /// Its content is encrypted.
    pub encrypted: bool,
    /// Product of remote access that it belongs to.
    pub tool: Option<&'static str>,
}

/// What was commanded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum What {
    /// Stop or restart of a controller or device.
    Stop,
    /// Start of a controller.
    Start,
    /// A program was loaded into a controller.
    Download,
    /// A program was read out of a controller.
    Upload,
    /// A value or setting was written.
    Write,
    /// A switch or set point was operated.
    Operate,
    /// Firmware was loaded.
    Firmware,
}
impl What {
    /// The name in facts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Download => "download",
            Self::Upload => "upload",
            Self::Write => "write",
            Self::Operate => "operate",
            Self::Firmware => "firmware",
        }
    }
    /// Changes something in the device.
    #[must_use]
    pub fn changes(self) -> bool {
        self != Self::Upload
    }
}

/// Commands of one kind from one to another.
#[derive(Clone, Debug)]
pub struct Command {
    /// How many.
    pub count: u64,
    /// When.
    pub span: Span,
}

/// A device, by what it says of itself.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its Ethernet address, if it was seen on the same segment.
    pub mac: Option<[u8; 6]>,
    /// Name.
    pub name: Option<String>,
    /// Maker.
    pub vendor: Option<String>,
    /// Type or order number.
    pub model: Option<String>,
    /// Version.
    pub firmware: Option<String>,
    /// Serial number: leaves the sensor as a keyed digest only.
    pub serial: Option<String>,
    /// Protection level that an S7 controller states, 1 is none.
    pub protection: Option<i64>,
    /// Protocols.
    pub protocols: BTreeSet<&'static str>,
    /// Addresses inside protocols.
    pub inner: BTreeSet<String>,
    /// It was asked.
    pub server: bool,
    /// It asked.
    pub client: bool,
    /// When.
    pub span: Span,
}

/// An endpoint of OPC UA: server, policy, mode, whether it was used or only offered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EndpointKey {
    /// The server.
    pub server: Address,
    /// Security policy: the part of its URI after `#`.
    pub policy: String,
    /// Security mode: none, sign, sign-and-encrypt or unknown.
    pub mode: &'static str,
    /// A client opened a channel with it.
    pub used: bool,
}

/// What is known of an endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its address as the server or client writes it.
    pub url: Option<String>,
    /// People or programs get in without saying who they are: offered or done; `None` if that was not seen.
    pub anonymous: Option<bool>,
    /// When.
    pub span: Span,
}

/// What was lost on the way, by reason.
#[derive(Clone, Debug, Default)]
pub struct Lost {
    /// Packets cut by the capture.
    pub cut: u64,
    /// Packets whose headers could not be read.
    pub unread: u64,
    /// Parts of datagrams.
    pub fragments: u64,
    /// Holes in streams of control protocols: bytes that were sent and not captured.
    pub holes: u64,
    /// Messages of control protocols longer than the limit.
    pub long: u64,
    /// Bytes of control protocols that do not follow the protocol.
    pub foreign: u64,
    /// Flows that did not fit.
    pub flows: u64,
    /// Devices that did not fit.
    pub devices: u64,
    /// Commands that did not fit.
    pub commands: u64,
    /// Endpoints that did not fit.
    pub endpoints: u64,
    /// Conversations whose commands cannot be read because they are encrypted.
    pub encrypted: u64,
    /// Conversations of S7comm-plus, of which only reading and writing is understood.
    pub opaque: u64,
}

/// Everything that was seen.
#[derive(Debug)]
pub struct Ledger {
    limits: Limits,
    /// Packets.
    pub packets: u64,
    /// When.
    pub span: Option<Span>,
    /// Flows, in the order of their first packet.
    pub flows: Vec<Flow>,
    by_key: HashMap<FlowKey, usize>,
    /// Devices.
    pub devices: BTreeMap<Address, Device>,
    /// Commands by client, server, protocol and kind.
    pub commands: BTreeMap<(Address, Address, &'static str, What), Command>,
    /// Endpoints.
    pub endpoints: BTreeMap<EndpointKey, Endpoint>,
    /// Length of the network's prefix, where a device states it.
    pub prefixes: BTreeMap<Address, u32>,
    /// What was lost.
    pub lost: Lost,
}

impl Ledger {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            packets: 0,
            span: None,
            flows: Vec::new(),
            by_key: HashMap::new(),
            devices: BTreeMap::new(),
            commands: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            prefixes: BTreeMap::new(),
            lost: Lost::default(),
        }
    }
    /// The flow of `key`, made if it is new; `None` if there is no room.
    pub fn flow(&mut self, key: FlowKey, by_port: Label, now: Moment) -> Option<usize> {
        if let Some(at) = self.by_key.get(&key) {
            return Some(*at);
        }
        if self.flows.len() >= self.limits.flows_max {
            self.lost.flows += 1;
            return None;
        }
        let (labels, span) = (BTreeSet::new(), Span::of(now));
        let flow = Flow { key, by_port, labels, packets: 0, span, writes: None, encrypted: false, tool: None };
        self.flows.push(flow);
        self.by_key.insert(key, self.flows.len() - 1);
        Some(self.flows.len() - 1)
    }
    /// The flow that is known by `key`.
    #[must_use]
    pub fn known(&self, key: &FlowKey) -> Option<usize> {
        self.by_key.get(key).copied()
    }
    /// The device at `address`, made if it is new; `None` for a group or if there is no room.
    pub fn device(&mut self, address: Address, now: Moment) -> Option<&mut Device> {
        if address.is_group() {
            return None;
        }
        if !self.devices.contains_key(&address) && self.devices.len() >= self.limits.devices_max {
            self.lost.devices += 1;
            return None;
        }
        let device = self.devices.entry(address).or_insert_with(|| Device {
            mac: None,
            name: None,
            vendor: None,
            model: None,
            firmware: None,
            serial: None,
            protection: None,
            protocols: BTreeSet::new(),
            inner: BTreeSet::new(),
            server: false,
            client: false,
            span: Span::of(now),
        });
        device.span.add(now);
        Some(device)
    }
}

/// What a protocol reader says: of one conversation, at one packet.
#[derive(Debug)]
pub struct Talk<'a> {
    /// Where it is written down.
    pub ledger: &'a mut Ledger,
    /// Number of the flow in the ledger.
    pub flow: usize,
    /// Who asked.
    pub client: Address,
    /// Who answers.
    pub server: Address,
    /// From client to server.
    pub asked: bool,
    /// Where and when.
    pub now: Moment,
}
impl Talk<'_> {
    /// The content is of this protocol: both ends are devices that speak it.
    pub fn is(&mut self, label: Label) {
        if let Some(flow) = self.ledger.flows.get_mut(self.flow) {
            if flow.labels.len() < NAMES_MAX {
                flow.labels.insert(label);
            }
            if label.kind == Kind::Control {
                flow.writes.get_or_insert(false);
            }
        }
        if label.kind != Kind::Control {
            return;
        }
        for (address, server) in [(self.server, true), (self.client, false)] {
            if let Some(device) = self.ledger.device(address, self.now) {
                device.protocols.insert(label.name);
                device.server |= server;
                device.client |= !server;
            }
        }
    }
    /// What the server says of itself.
    pub fn server(&mut self, set: impl FnOnce(&mut Device)) {
        let (address, now) = (self.server, self.now);
        if let Some(device) = self.ledger.device(address, now) {
            set(device);
        }
    }
    /// What the client says of itself.
    pub fn client(&mut self, set: impl FnOnce(&mut Device)) {
        let (address, now) = (self.client, self.now);
        if let Some(device) = self.ledger.device(address, now) {
            set(device);
        }
    }
    /// An address of the server inside the protocol.
    pub fn inner(&mut self, make: impl FnOnce() -> String) {
        self.server(|d| {
            if d.inner.len() < NAMES_MAX {
                d.inner.insert(make());
            }
        });
    }
    /// A command of the client.
    pub fn command(&mut self, label: Label, what: What) {
        if what.changes()
            && let Some(flow) = self.ledger.flows.get_mut(self.flow)
        {
            flow.writes = Some(true);
        }
        let key = (self.client, self.server, label.name, what);
        let full = self.ledger.commands.len() >= self.ledger.limits.commands_max;
        if full && !self.ledger.commands.contains_key(&key) {
            self.ledger.lost.commands += 1;
            return;
        }
        let new = || Command { count: 0, span: Span::of(self.now) };
        let command = self.ledger.commands.entry(key).or_insert_with(new);
        command.count += 1;
        command.span.add(self.now);
    }
    /// The content is encrypted: what it writes is not known.
    pub fn encrypted(&mut self) {
        if let Some(flow) = self.ledger.flows.get_mut(self.flow) {
            flow.encrypted = true;
        }
    }
    /// Belongs to a product of remote access.
    pub fn tool(&mut self, name: &'static str) {
        if let Some(flow) = self.ledger.flows.get_mut(self.flow) {
            flow.tool.get_or_insert(name);
        }
    }
    /// An endpoint of OPC UA.
    pub fn endpoint(&mut self, key: EndpointKey, url: Option<String>, anonymous: Option<bool>) {
        let full = self.ledger.endpoints.len() >= self.ledger.limits.endpoints_max;
        if full && !self.ledger.endpoints.contains_key(&key) {
            self.ledger.lost.endpoints += 1;
            return;
        }
        let new = || Endpoint { url: None, anonymous: None, span: Span::of(self.now) };
        let endpoint = self.ledger.endpoints.entry(key).or_insert_with(new);
        endpoint.span.add(self.now);
        if url.is_some() {
            endpoint.url = url;
        }
        if let Some(anonymous) = anonymous {
            endpoint.anonymous = Some(endpoint.anonymous.unwrap_or(false) || anonymous);
        }
    }
}

//! Packets made by hand from the formats that their specifications print, and captures of them.

/// Frames with their time in microseconds since 1970.
#[derive(Default, Clone)]
pub(crate) struct Wire {
    pub(crate) frames: Vec<(u64, Vec<u8>)>,
    seqs: std::collections::BTreeMap<([u8; 4], u16, [u8; 4], u16), u32>,
}

pub(crate) const MACS: [[u8; 6]; 2] = [[2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]];

fn sum(data: &[u8], start: u32) -> u16 {
    let mut n = start;
    for pair in data.chunks(2) {
        n += u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0));
    }
    while n > 0xffff {
        n = (n & 0xffff) + (n >> 16);
    }
    !u16::try_from(n).unwrap()
}

pub(crate) fn ethernet(kind: u16, from: [u8; 6], to: [u8; 6], data: &[u8]) -> Vec<u8> {
    [&to[..], &from, &kind.to_be_bytes(), data].concat()
}

pub(crate) fn ipv4(protocol: u8, from: [u8; 4], to: [u8; 4], body: &[u8]) -> Vec<u8> {
    let total = u16::try_from(20 + body.len()).unwrap();
    let mut head = [&[0x45, 0][..], &total.to_be_bytes(), &[0, 1, 0, 0, 64, protocol, 0, 0], &from, &to].concat();
    let check = sum(&head, 0);
    head[10..12].copy_from_slice(&check.to_be_bytes());
    [&head[..], body].concat()
}

fn mac(address: [u8; 4]) -> [u8; 6] {
    [2, 0, address[0], address[1], address[2], address[3]]
}

impl Wire {
    pub(crate) fn frame(&mut self, frame: Vec<u8>) {
        let at = 1_700_000_000_000_000 + self.frames.len() as u64 * 1000;
        self.frames.push((at, frame));
    }
    pub(crate) fn ether(&mut self, kind: u16, from: [u8; 6], to: [u8; 6], data: &[u8]) {
        self.frame(ethernet(kind, from, to, data));
    }
    pub(crate) fn udp(&mut self, (from, from_port): ([u8; 4], u16), (to, to_port): ([u8; 4], u16), data: &[u8]) {
        let len = u16::try_from(8 + data.len()).unwrap();
        let body = [&from_port.to_be_bytes()[..], &to_port.to_be_bytes(), &len.to_be_bytes(), &[0, 0], data].concat();
        self.frame(ethernet(0x0800, mac(from), mac(to), &ipv4(17, from, to, &body)));
    }
    /// A segment with `flags`, numbered on from the last one of its direction.
    pub(crate) fn segment(
        &mut self,
        (from, from_port): ([u8; 4], u16),
        (to, to_port): ([u8; 4], u16),
        flags: u8,
        data: &[u8],
    ) {
        let seq = self.seqs.entry((from, from_port, to, to_port)).or_insert(1000);
        let now = *seq;
        *seq = seq.wrapping_add(u32::try_from(data.len()).unwrap() + u32::from(flags & 2 != 0));
        self.raw((from, from_port), (to, to_port), (now, flags), data);
    }
    pub(crate) fn raw(
        &mut self,
        (from, from_port): ([u8; 4], u16),
        (to, to_port): ([u8; 4], u16),
        (seq, flags): (u32, u8),
        data: &[u8],
    ) {
        let ack = self.seqs.get(&(to, to_port, from, from_port)).copied().unwrap_or(0);
        let head = [&from_port.to_be_bytes()[..], &to_port.to_be_bytes(), &seq.to_be_bytes(), &ack.to_be_bytes()];
        let body = [&head.concat()[..], &[0x50, flags, 0x20, 0, 0, 0, 0, 0], data].concat();
        self.frame(ethernet(0x0800, mac(from), mac(to), &ipv4(6, from, to, &body)));
    }
    /// A handshake, then messages: true from the client.
    pub(crate) fn tcp(&mut self, client: ([u8; 4], u16), server: ([u8; 4], u16), messages: &[(bool, Vec<u8>)]) {
        self.segment(client, server, 2, &[]);
        self.segment(server, client, 0x12, &[]);
        self.segment(client, server, 0x10, &[]);
        for (asked, data) in messages {
            let (from, to) = if *asked { (client, server) } else { (server, client) };
            self.segment(from, to, 0x18, data);
        }
    }
    /// As pcap; `big` and `nanos` choose among its four forms.
    pub(crate) fn pcap(&self, big: bool, nanos: bool) -> Vec<u8> {
        let word = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let half = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let magic = if nanos { 0xa1b2_3c4d } else { 0xa1b2_c3d4 };
        let mut out = [&word(magic)[..], &half(2), &half(4), &[0; 8], &word(262_144), &word(1)].concat();
        for (at, data) in &self.frames {
            let part = u32::try_from(at % 1_000_000).unwrap() * if nanos { 1000 } else { 1 };
            let len = word(u32::try_from(data.len()).unwrap());
            out.extend([&word(u32::try_from(at / 1_000_000).unwrap())[..], &word(part), &len, &len, data].concat());
        }
        out
    }
    /// As pcapng with nanoseconds, a block that nobody knows, and statistics that say that seven packets were lost.
    pub(crate) fn pcapng(&self, big: bool) -> Vec<u8> {
        let word = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let half = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let long = |n: u64| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let block = |kind: u32, body: &[u8]| {
            let body = [body, &[0; 3][..body.len().next_multiple_of(4) - body.len()]].concat();
            let total = word(u32::try_from(12 + body.len()).unwrap());
            [&word(kind)[..], &total, &body, &total].concat()
        };
        let section = [&word(0x1a2b_3c4d)[..], &half(1), &half(0), &[0xff; 8]].concat();
        let resolution = [&half(9)[..], &half(1), &[9, 0, 0, 0], &[0; 4]].concat();
        let interface = [&half(1)[..], &half(0), &word(262_144), &resolution].concat();
        let mut out = [block(0x0a0d_0d0a, &section), block(1, &interface), block(0x0bad_beef, b"what?")].concat();
        for (at, data) in &self.frames {
            let nanos = at * 1000;
            let (high, low) = (u32::try_from(nanos >> 32).unwrap(), u32::try_from(nanos & 0xffff_ffff).unwrap());
            let len = word(u32::try_from(data.len()).unwrap());
            out.extend(block(6, &[&word(0)[..], &word(high), &word(low), &len, &len, data].concat()));
        }
        let lost = [&half(5)[..], &half(8), &long(7), &[0; 4]].concat();
        out.extend(block(5, &[&word(0)[..], &[0; 8], &lost].concat()));
        out
    }
}

pub(crate) const PLC: [u8; 4] = [10, 1, 1, 10];
pub(crate) const ENGINEER: [u8; 4] = [10, 1, 1, 50];
pub(crate) const OFFICE: [u8; 4] = [10, 9, 9, 9];
pub(crate) const OUTSIDE: [u8; 4] = [8, 8, 4, 4];

/// Modbus: transaction, unit, function and what follows.
pub(crate) fn modbus(unit: u8, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len() + 1).unwrap();
    [&[0, 1, 0, 0][..], &len.to_be_bytes(), &[unit], body].concat()
}
pub(crate) fn device_identification() -> Vec<u8> {
    let mut body = vec![0x2b, 0x0e, 1, 1, 0, 0, 3];
    for (id, text) in [(0, "Schneider Electric"), (1, "BMX P34 2020"), (2, "v2.50")] {
        body.extend([&[id, u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat());
    }
    body
}

pub(crate) fn tpkt(cotp: &[u8], data: &[u8]) -> Vec<u8> {
    let len = u16::try_from(4 + cotp.len() + data.len()).unwrap();
    [&[3, 0][..], &len.to_be_bytes(), cotp, data].concat()
}
/// A connect request of a programming device to rack 0, slot 2.
pub(crate) fn connect() -> Vec<u8> {
    tpkt(&[17, 0xe0, 0, 0, 0, 1, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2], &[])
}
pub(crate) fn confirm() -> Vec<u8> {
    tpkt(&[17, 0xd0, 0, 1, 0, 2, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2], &[])
}
pub(crate) fn s7(kind: u8, parameter: &[u8], data: &[u8]) -> Vec<u8> {
    let (p, d) = (u16::try_from(parameter.len()).unwrap(), u16::try_from(data.len()).unwrap());
    let error: &[u8] = if matches!(kind, 2 | 3) { &[0, 0] } else { &[] };
    let pdu = [&[0x32, kind, 0, 0, 0, 7][..], &p.to_be_bytes(), &d.to_be_bytes(), error, parameter, data].concat();
    tpkt(&[2, 0xf0, 0x80], &pdu)
}
/// A system status list as an answer.
pub(crate) fn szl(id: u16, index: u16, items: &[Vec<u8>]) -> Vec<u8> {
    let len = u16::try_from(items[0].len()).unwrap();
    let count = u16::try_from(items.len()).unwrap();
    let list = [&id.to_be_bytes()[..], &index.to_be_bytes(), &len.to_be_bytes(), &count.to_be_bytes()].concat();
    let list = [list, items.concat()].concat();
    let data = [&[0xff, 9][..], &u16::try_from(list.len()).unwrap().to_be_bytes(), &list].concat();
    s7(7, &[0, 1, 0x12, 8, 0x12, 0x84, 1, 1, 0, 0, 0, 0], &data)
}
pub(crate) fn szl_module() -> Vec<u8> {
    let item = |index: u16, version: [u8; 4]| {
        [&index.to_be_bytes()[..], b"6ES7 315-2EH14-0AB0 ", &[0, 0xc0], &version].concat()
    };
    szl(0x0011, 0, &[item(1, [0, 5, 0, 1]), item(6, [0, 5, 0, 1]), item(7, [b'V', 3, 2, 6])])
}
pub(crate) fn szl_component() -> Vec<u8> {
    let item = |index: u16, text: &str| {
        let mut text = text.as_bytes().to_vec();
        text.resize(32, 0);
        [&index.to_be_bytes()[..], &text].concat()
    };
    szl(0x001c, 0, &[item(1, "SIMATIC 300 Boiler"), item(5, "S C-C2UR28922012"), item(7, "CPU 315-2 PN/DP")])
}
pub(crate) fn szl_protection() -> Vec<u8> {
    let item = [&[0, 4][..], &[0, 1], &[0, 0], &[0, 1], &[0; 32]].concat();
    szl(0x0132, 4, &[item])
}
pub(crate) fn s7_stop() -> Vec<u8> {
    s7(1, &[&[0x29, 0, 0, 0, 0, 0, 9][..], b"P_PROGRAM"].concat(), &[])
}
pub(crate) fn s7_start() -> Vec<u8> {
    s7(1, &[&[0x28, 0, 0, 0, 0, 0, 0, 0xfd, 0, 0, 9][..], b"P_PROGRAM"].concat(), &[])
}
pub(crate) fn s7_download() -> Vec<u8> {
    let file = b"_0800001P";
    let more = b"1000400000244";
    let head = [&[0x1a, 0, 1, 0, 0, 0, 0, 0, 9][..], file, &[13], more].concat();
    s7(1, &head, &[])
}
pub(crate) fn s7_write() -> Vec<u8> {
    let item = [0x12, 10, 0x10, 2, 0, 1, 0, 1, 0x84, 0, 0, 0];
    s7(1, &[&[5, 1][..], &item].concat(), &[0, 4, 0, 8, 1])
}

pub(crate) fn enip(command: u16, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len()).unwrap();
    [&command.to_le_bytes()[..], &len.to_le_bytes(), &[1, 0, 0, 0], &[0; 16], body].concat()
}
pub(crate) fn list_identity() -> Vec<u8> {
    let name = b"1769-L33ER/A LOGIX5333ER";
    let socket = [0, 2, 0xaf, 0x12, 10, 1, 1, 11, 0, 0, 0, 0, 0, 0, 0, 0];
    let identity = [&[1, 0][..], &socket, &[1, 0, 14, 0, 107, 0, 28, 11], &[0x60, 0], &[0x39, 0x30, 0xc0, 0xda]];
    let identity = [&identity.concat()[..], &[u8::try_from(name.len()).unwrap()], name, &[3]].concat();
    let item = [&[1, 0, 0x0c, 0][..], &u16::try_from(identity.len()).unwrap().to_le_bytes(), &identity].concat();
    enip(0x63, &item)
}
/// A CIP request in SendRRData.
pub(crate) fn cip(request: &[u8]) -> Vec<u8> {
    let len = u16::try_from(request.len()).unwrap();
    let items = [&[2, 0, 0, 0, 0, 0, 0xb2, 0][..], &len.to_le_bytes(), request].concat();
    enip(0x6f, &[&[0; 6][..], &items].concat())
}
pub(crate) fn write_tag() -> Vec<u8> {
    cip(&[&[0x4d, 4, 0x91, 5][..], b"Valve", &[0], &[0xc4, 0, 1, 0, 1, 0, 0, 0]].concat())
}

fn ua_string(text: &str) -> Vec<u8> {
    [&u32::try_from(text.len()).unwrap().to_le_bytes()[..], text.as_bytes()].concat()
}
const UA_NULL: [u8; 4] = [0xff; 4];
pub(crate) fn opcua(kind: &[u8; 3], body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(8 + body.len()).unwrap();
    [&kind[..], b"F", &len.to_le_bytes(), body].concat()
}
pub(crate) fn ua_hello() -> Vec<u8> {
    let limits = [0_u32, 65535, 65535, 0, 0].map(u32::to_le_bytes).concat();
    opcua(b"HEL", &[limits, ua_string("opc.tcp://plc:4840")].concat())
}
pub(crate) fn ua_open(policy: &str) -> Vec<u8> {
    let policy = ua_string(&format!("http://opcfoundation.org/UA/SecurityPolicy#{policy}"));
    let head = [&0_u32.to_le_bytes()[..], &policy, &UA_NULL, &UA_NULL, &[1, 0, 0, 0, 1, 0, 0, 0]].concat();
    // OpenSecureChannelRequest: head of a request, version, issue, mode none, no nonce, an hour.
    let request = [&[1, 0, 0xbe, 1][..], &ua_request(), &[0; 8], &[1, 0, 0, 0], &UA_NULL, &[0x80, 0xee, 0x36, 0]];
    opcua(b"OPN", &[head, request.concat()].concat())
}
fn ua_request() -> Vec<u8> {
    [&[0, 0][..], &[0; 8], &[1, 0, 0, 0], &[0; 4], &UA_NULL, &[0; 4], &[0, 0, 0]].concat()
}
fn ua_message(id: u16, body: &[u8]) -> Vec<u8> {
    let head = [[1_u32, 1, 2, 2].map(u32::to_le_bytes).concat(), vec![1, 0], id.to_le_bytes().to_vec()].concat();
    opcua(b"MSG", &[&head[..], body].concat())
}
pub(crate) fn ua_endpoints() -> Vec<u8> {
    let response = [&[0; 8][..], &[1, 0, 0, 0], &[0; 4], &[0], &UA_NULL, &[0, 0, 0]].concat();
    let application = [
        ua_string("urn:plc"),
        ua_string("urn:vendor:plc-server"),
        vec![2],
        ua_string("Boiler controller"),
        vec![0; 4],
        UA_NULL.to_vec(),
        UA_NULL.to_vec(),
        vec![0; 4],
    ];
    let endpoint = [
        ua_string("opc.tcp://plc:4840"),
        application.concat(),
        UA_NULL.to_vec(),
        vec![1, 0, 0, 0],
        ua_string("http://opcfoundation.org/UA/SecurityPolicy#None"),
        vec![1, 0, 0, 0],
        ua_string("anonymous"),
        vec![0; 4],
        [UA_NULL; 3].concat(),
        ua_string("http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary"),
        vec![0],
    ];
    ua_message(431, &[response, vec![1, 0, 0, 0], endpoint.concat()].concat())
}
/// A write of no nodes: enough to be one.
pub(crate) fn ua_write() -> Vec<u8> {
    ua_message(673, &[ua_request(), vec![0; 4]].concat())
}

/// An answer of DCP: name of station, maker and device, address.
pub(crate) fn dcp_identify(ip: [u8; 4], prefix_mask: [u8; 4]) -> Vec<u8> {
    let block = |option: [u8; 2], value: &[u8]| {
        let value = [&[0, 0][..], value].concat();
        let mut out = [&option[..], &u16::try_from(value.len()).unwrap().to_be_bytes(), &value].concat();
        out.resize(out.len().next_multiple_of(2), 0);
        out
    };
    let blocks = [
        block([2, 2], b"boiler-io-1"),
        block([2, 1], b"S7-1200"),
        block([2, 3], &[0, 0x2a, 1, 0x0d]),
        block([2, 4], &[2, 0]),
        block([1, 2], &[ip, prefix_mask, [10, 1, 1, 1]].concat()),
    ]
    .concat();
    let len = u16::try_from(blocks.len()).unwrap().to_be_bytes();
    [&[0xfe, 0xff, 5, 1, 0, 0, 0, 1, 0, 0][..], &len, &blocks].concat()
}
/// A request of DCP to set the name of a station.
pub(crate) fn dcp_set() -> Vec<u8> {
    [&[0xfe, 0xfd, 4, 0, 0, 0, 0, 2, 0, 0, 0, 10][..], &[2, 2, 0, 6, 0, 1], b"io-2"].concat()
}

/// The checksum of DNP3, bit by bit from its polynomial.
fn dnp3_check(data: &[u8]) -> [u8; 2] {
    let mut sum = 0_u16;
    for bit in data.iter().flat_map(|b| (0..8).map(move |n| u16::from(b >> n & 1))) {
        let carry = (sum & 1) ^ bit;
        sum >>= 1;
        if carry == 1 {
            sum ^= 0xa6bc;
        }
    }
    (!sum).to_le_bytes()
}
pub(crate) fn dnp3(control: u8, to: u16, from: u16, user: &[u8]) -> Vec<u8> {
    let head = [&[5, 0x64, u8::try_from(5 + user.len()).unwrap(), control][..], &to.to_le_bytes(), &from.to_le_bytes()];
    let head = head.concat();
    let mut out = [&head[..], &dnp3_check(&head)].concat();
    for block in user.chunks(16) {
        out.extend([block, &dnp3_check(block)].concat());
    }
    out
}
/// Direct operate of a control relay (group 12, variation 1).
pub(crate) fn dnp3_operate() -> Vec<u8> {
    dnp3(0xc4, 10, 1, &[0xc0, 0xc0, 5, 12, 1, 0x28, 1, 0, 0, 0, 3, 1, 100, 0, 0, 0, 100, 0, 0, 0, 0])
}

/// A single command, activation, to station 5.
pub(crate) fn iec104_command() -> Vec<u8> {
    vec![0x68, 14, 0, 0, 0, 0, 45, 1, 6, 0, 5, 0, 1, 0, 0, 1]
}

pub(crate) fn bacnet(apdu: &[u8]) -> Vec<u8> {
    let len = u16::try_from(6 + apdu.len()).unwrap();
    [&[0x81, 0x0a][..], &len.to_be_bytes(), &[1, 4], apdu].concat()
}
pub(crate) fn i_am() -> Vec<u8> {
    bacnet(&[0x10, 0, 0xc4, 2, 0, 0x04, 0xd2, 0x22, 5, 0xc4, 0x91, 0, 0x21, 5])
}
/// WriteProperty of present value of an analog output.
pub(crate) fn write_property() -> Vec<u8> {
    bacnet(&[0, 5, 1, 15, 0x0c, 0, 0x40, 0, 1, 0x19, 0x55, 0x3e, 0x44, 0x42, 0x48, 0, 0, 0x3f])
}

pub(crate) fn fins(answer: bool, command: [u8; 2], data: &[u8]) -> Vec<u8> {
    let icf = if answer { 0xc0 } else { 0x80 };
    [&[icf, 0, 2, 0, 10, 0, 0, 50, 0, 1][..], &command, data].concat()
}
pub(crate) fn fins_model() -> Vec<u8> {
    let pad = |text: &str| format!("{text:<20}").into_bytes();
    fins(true, [5, 1], &[vec![0, 0], pad("CJ2M-CPU33"), pad("02.01"), vec![0; 52]].concat())
}

pub(crate) fn melsec(command: u16) -> Vec<u8> {
    let body = [&[0x10, 0][..], &command.to_le_bytes(), &[0, 0]].concat();
    let len = u16::try_from(body.len()).unwrap();
    [&[0x50, 0, 0, 0xff, 0xff, 3, 0][..], &len.to_le_bytes(), &body].concat()
}

/// A ClientHello with one name.
pub(crate) fn client_hello(name: &str) -> Vec<u8> {
    let n = u16::try_from(name.len()).unwrap();
    let list = [&(n + 3).to_be_bytes()[..], &[0], &n.to_be_bytes(), name.as_bytes()].concat();
    let extension = [&[0, 0][..], &(n + 5).to_be_bytes(), &list].concat();
    let body = [&[3, 3][..], &[7; 32], &[0], &[0, 2, 0x13, 1], &[1, 0], &(n + 9).to_be_bytes(), &extension].concat();
    let hello = [&[1, 0][..], &u16::try_from(body.len()).unwrap().to_be_bytes(), &body].concat();
    [&[0x16, 3, 1][..], &u16::try_from(hello.len()).unwrap().to_be_bytes(), &hello].concat()
}
pub(crate) fn dns_question(name: &str) -> Vec<u8> {
    let mut out = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        out.extend([&[u8::try_from(label.len()).unwrap()][..], label.as_bytes()].concat());
    }
    out.extend([0, 0, 1, 0, 1]);
    out
}

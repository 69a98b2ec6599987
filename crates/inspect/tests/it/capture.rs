//! Control networks by packets: what is said of them, what is not, and whether Wireshark reads the same in them.

use super::Tree;
use super::wire::{self, ENGINEER, OFFICE, OUTSIDE, PLC, Wire};
use evidence::{Body, DigestKey, FactValue, GapReason, MemoryState, Time};
use inspect::{Config, InspectError, Inspector, Target};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use stdx::{Silent, Stop};

/// Reads captures as the verb does.
fn read_with(files: Vec<PathBuf>, stop: &Stop, set: impl FnOnce(&mut Config)) -> Vec<Body> {
    let mut config = Config::new(DigestKey::new([7; 32]), Time::from_secs(1_800_000_000));
    set(&mut config);
    let inspector = Inspector::new(Target::Capture { files, name: Some("line 1".to_owned()) }, config).unwrap();
    let sink = Mutex::new(Vec::new());
    inspector.run(&sink, &MemoryState::default(), &Silent, stop);
    assert_eq!(inspector.identity().host, "line 1");
    assert!(inspector.captured().is_some());
    let bodies = sink.into_inner().unwrap();
    for id in inspector.facts() {
        let what = format!("fact:{id}");
        let told = bodies.iter().any(|b| match b {
            Body::Covered(c) => c.what == what,
            Body::Gap(g) => g.what == what,
            _ => false,
        });
        assert!(told, "{id}: neither covered nor a gap");
    }
    for body in &bodies {
        if let Body::Fact(f) = body {
            evidence::fact::validate(f).unwrap();
        }
    }
    bodies
}
fn read(bytes: &[u8]) -> Vec<Body> {
    let t = Tree::new();
    let file = t.file("net.pcap", bytes);
    read_with(vec![file], &Stop::new(), |_| {})
}
fn rows<'a>(bodies: &'a [Body], fact: &str) -> Vec<&'a FactValue> {
    let facts = bodies.iter().filter_map(|b| if let Body::Fact(f) = b { Some(f) } else { None });
    facts.filter(|f| f.fact.as_str() == fact).map(|f| &f.value).collect()
}
fn get(row: &FactValue, field: &str) -> String {
    row.field(field).map(ToString::to_string).unwrap_or_default()
}
/// First fields of a table.
fn objects(bodies: &[Body], fact: &str, field: &str) -> BTreeSet<String> {
    rows(bodies, fact).into_iter().map(|r| get(r, field)).collect()
}
fn row<'a>(bodies: &'a [Body], fact: &str, field: &str, value: &str) -> &'a FactValue {
    let found = rows(bodies, fact).into_iter().find(|r| get(r, field) == value);
    found.unwrap_or_else(|| panic!("no {fact} with {field} = {value}: {:?}", objects(bodies, fact, field)))
}
fn gaps(bodies: &[Body]) -> BTreeSet<(String, GapReason)> {
    let gap = |b: &Body| if let Body::Gap(g) = b { Some((g.what.clone(), g.reason)) } else { None };
    bodies.iter().filter_map(gap).collect()
}

const PANEL: [u8; 4] = [10, 1, 1, 11];

/// Everything that is understood, once.
fn plant() -> Wire {
    let mut w = Wire::default();
    let (plc, engineer) = (|port| (PLC, port), |port| (ENGINEER, port));
    w.tcp(
        engineer(40_001),
        plc(502),
        &[
            (true, wire::modbus(1, &[3, 0, 0, 0, 1])),
            (false, wire::modbus(1, &[3, 2, 0, 7])),
            (true, wire::modbus(1, &[6, 0, 1, 0, 9])),
            (true, wire::modbus(1, &[0x2b, 0x0e, 1, 0])),
            (false, wire::modbus(1, &wire::device_identification())),
        ],
    );
    w.tcp(
        engineer(40_002),
        plc(102),
        &[
            (true, wire::connect()),
            (false, wire::confirm()),
            (false, wire::szl_module()),
            (false, wire::szl_component()),
            (false, wire::szl_protection()),
            (true, wire::s7_stop()),
            (true, wire::s7_start()),
            (true, wire::s7_download()),
            (true, wire::s7_write()),
        ],
    );
    w.udp(engineer(40_003), (PANEL, 44_818), &wire::enip(0x63, &[]));
    w.udp((PANEL, 44_818), engineer(40_003), &wire::list_identity());
    w.tcp((OFFICE, 40_004), (PANEL, 44_818), &[(true, wire::write_tag())]);
    w.tcp(
        engineer(40_005),
        plc(4840),
        &[
            (true, wire::ua_hello()),
            (true, wire::ua_open("None")),
            (false, wire::ua_endpoints()),
            (true, wire::ua_write()),
        ],
    );
    w.ether(0x8892, wire::MACS[1], wire::MACS[0], &wire::dcp_identify([10, 1, 1, 12], [255, 255, 0, 0]));
    w.ether(0x8892, wire::MACS[0], wire::MACS[1], &wire::dcp_set());
    w.tcp(engineer(40_006), plc(20_000), &[(true, wire::dnp3_operate())]);
    w.tcp(engineer(40_007), plc(2404), &[(true, wire::iec104_command())]);
    w.udp((PLC, 47_808), ([10, 1, 1, 255], 47_808), &wire::i_am());
    w.udp(engineer(47_808), plc(47_808), &wire::write_property());
    w.udp(engineer(9600), plc(9600), &wire::fins(false, [4, 2], &[]));
    w.udp(plc(9600), engineer(9600), &wire::fins_model());
    w.tcp(engineer(40_008), plc(5007), &[(true, wire::melsec(0x1002))]);
    w.ether(0x88b8, wire::MACS[0], [1, 0x0c, 0xcd, 1, 0, 1], &[0, 1, 0, 10, 0, 0, 0, 0, 0x61, 0]);
    w.ether(
        0x88a4,
        wire::MACS[0],
        [0xff; 6],
        &[[0x0d, 0x10].as_slice(), &[8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]].concat(),
    );
    w.tcp((OFFICE, 40_009), plc(22), &[(false, b"SSH-2.0-x\r\n".to_vec())]);
    w.tcp(engineer(40_010), (OUTSIDE, 443), &[(true, wire::client_hello("router1.teamviewer.com"))]);
    w.udp(engineer(40_011), ([10, 1, 1, 1], 53), &wire::dns_question("relays.net.anydesk.com"));
    w.tcp((OUTSIDE, 40_012), plc(502), &[(true, wire::modbus(1, &[1, 0, 0, 0, 1]))]);
    w
}

#[test]
fn devices_say_who_they_are() {
    let bodies = read(&plant().pcap(false, false));
    let plc = row(&bodies, "control.device", "address", "10.1.1.10");
    // The newest answer wins: the controller was asked in several protocols.
    assert_eq!(get(plc, "firmware"), "02.01");
    assert_eq!(get(plc, "protection"), "1");
    assert_eq!(get(plc, "role"), "both", "it announced itself");
    let inner = get(plc, "inner");
    for name in ["unit 1", "rack 0 slot 2", "dnp3 10", "station 5", "bacnet 1234"] {
        assert!(inner.contains(name), "{name} in {inner}");
    }
    assert!(get(plc, "serial").starts_with("hmac-sha256-128:") && !format!("{bodies:?}").contains("C2UR28922012"));
    let panel = row(&bodies, "control.device", "address", "10.1.1.11");
    let of = |field| get(panel, field);
    assert_eq!((of("vendor"), of("model")), ("Rockwell Automation".into(), "1769-L33ER/A LOGIX5333ER".into()));
    assert_eq!(of("firmware"), "28.011");
    let io = row(&bodies, "control.device", "address", "02:00:00:00:00:02");
    assert_eq!((get(io, "name"), get(io, "vendor")), ("boiler-io-1".into(), "Siemens".into()));
    assert_eq!(gaps(&bodies), BTreeSet::new());
}

#[test]
fn each_protocol_gives_its_own_identity() {
    let one = |port: u16, messages: &[(bool, Vec<u8>)]| {
        let mut w = Wire::default();
        w.tcp((ENGINEER, 40_000), (PLC, port), messages);
        let bodies = read(&w.pcap(false, false));
        let device = row(&bodies, "control.device", "address", "10.1.1.10");
        ["name", "vendor", "model", "firmware"].map(|f| get(device, f))
    };
    let modbus = one(502, &[(false, wire::modbus(1, &wire::device_identification()))]);
    assert_eq!(modbus, ["", "Schneider Electric", "BMX P34 2020", "v2.50"]);
    let s7 = one(102, &[(true, wire::connect()), (false, wire::szl_module()), (false, wire::szl_component())]);
    assert_eq!(s7, ["SIMATIC 300 Boiler", "Siemens", "6ES7 315-2EH14-0AB0", "V3.2.6"]);
    let opcua = one(4840, &[(true, wire::ua_hello()), (false, wire::ua_endpoints())]);
    assert_eq!(opcua, ["Boiler controller", "", "urn:vendor:plc-server", ""]);
}

#[test]
fn commands_are_told_by_client_server_and_kind() {
    let bodies = read(&plant().pcap(false, false));
    let seen = objects(&bodies, "control.command", "command");
    let want = [
        "02:00:00:00:00:01 → 02:00:00:00:00:02 profinet-dcp write",
        "10.1.1.50 → 10.1.1.10 bacnet write",
        "10.1.1.50 → 10.1.1.10 dnp3 operate",
        "10.1.1.50 → 10.1.1.10 fins stop",
        "10.1.1.50 → 10.1.1.10 iec104 operate",
        "10.1.1.50 → 10.1.1.10 melsec stop",
        "10.1.1.50 → 10.1.1.10 modbus write",
        "10.1.1.50 → 10.1.1.10 opc-ua write",
        "10.1.1.50 → 10.1.1.10 s7comm download",
        "10.1.1.50 → 10.1.1.10 s7comm start",
        "10.1.1.50 → 10.1.1.10 s7comm stop",
        "10.1.1.50 → 10.1.1.10 s7comm write",
        "10.9.9.9 → 10.1.1.11 ethernet-ip write",
    ];
    assert_eq!(seen, want.map(str::to_owned).into());
    let outside = row(&bodies, "control.command", "command", want[12]);
    assert_eq!((get(outside, "outside"), get(outside, "count")), ("true".into(), "1".into()));
}

#[test]
fn flows_say_who_speaks_what_with_whom() {
    let bodies = read(&plant().pcap(false, false));
    let flow = |name: &str| row(&bodies, "control.flow", "flow", name);
    let modbus = flow("10.1.1.50 → 10.1.1.10 modbus/502");
    let of = |r, f: &str| get(r, f);
    assert_eq!(
        (of(modbus, "writes"), of(modbus, "outside"), of(modbus, "packets")),
        ("true".into(), "false".into(), "8".into())
    );
    let far = flow("8.8.4.4 → 10.1.1.10 modbus/502");
    assert_eq!(
        (of(far, "writes"), of(far, "public"), of(far, "outside")),
        ("false".into(), "true".into(), "true".into())
    );
    let ssh = flow("10.9.9.9 → 10.1.1.10 ssh/22");
    assert_eq!(
        (of(ssh, "remote"), of(ssh, "to_device"), of(ssh, "sure")),
        ("true".into(), "true".into(), "true".into())
    );
    assert_eq!(of(flow("10.1.1.50 → 8.8.4.4 tls/443"), "tool"), "TeamViewer");
    assert_eq!(of(flow("10.1.1.50 → 10.1.1.1 dns/53"), "tool"), "AnyDesk");
    for name in ["goose", "ethercat", "profinet-dcp"] {
        assert!(rows(&bodies, "control.flow").iter().any(|r| of(r, "protocol") == name), "{name}");
    }
}

#[test]
fn opc_ua_without_security_is_told_by_use_and_by_offer() {
    let bodies = read(&plant().pcap(false, false));
    let seen = objects(&bodies, "control.endpoint", "endpoint");
    assert_eq!(seen, ["10.1.1.10 None none offered", "10.1.1.10 None none used"].map(str::to_owned).into());
    let offered = row(&bodies, "control.endpoint", "used", "false");
    assert_eq!((get(offered, "anonymous"), get(offered, "url")), ("true".into(), "opc.tcp://plc:4840".into()));
    // With encryption the first message of the channel is no known service.
    let mut w = Wire::default();
    w.tcp(
        (ENGINEER, 40_000),
        (PLC, 4840),
        &[(true, wire::ua_hello()), (true, wire::ua_open("Basic256Sha256")), (true, wire::opcua(b"MSG", &[0xaa; 64]))],
    );
    let bodies = read(&w.pcap(false, false));
    let seen = objects(&bodies, "control.endpoint", "endpoint");
    assert_eq!(seen, ["10.1.1.10 Basic256Sha256 sign-and-encrypt used".to_owned()].into());
    let flow = row(&bodies, "control.flow", "protocol", "opc-ua");
    assert_eq!((get(flow, "writes"), get(flow, "encrypted")), (String::new(), "true".into()));
}

#[test]
fn every_form_of_file_gives_the_same() {
    let w = plant();
    let strip = |bodies: Vec<Body>| -> Vec<String> {
        let fact = |b: &Body| match b {
            Body::Fact(f) if !f.fact.as_str().starts_with("capture.dropped") => {
                Some(format!("{} {} {:?}", f.fact, f.value, f.at.inside))
            }
            _ => None,
        };
        let mut out: Vec<String> = bodies.iter().filter_map(fact).collect();
        out.sort();
        out
    };
    let first = strip(read(&w.pcap(false, false)));
    assert!(first.len() > 40, "{}", first.len());
    for (big, nanos) in [(false, true), (true, false), (true, true)] {
        assert_eq!(strip(read(&w.pcap(big, nanos))), first);
    }
    for big in [false, true] {
        let bodies = read(&w.pcapng(big));
        assert_eq!(rows(&bodies, "capture.dropped"), [&FactValue::Int(7)]);
        assert_eq!(strip(bodies), first);
    }
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&w.pcapng(false)).unwrap();
    assert_eq!(strip(read(&gz.finish().unwrap())), first);
}

#[test]
fn tags_and_other_links_are_stepped_over() {
    let mut w = Wire::default();
    w.tcp((ENGINEER, 40_000), (PLC, 502), &[(true, wire::modbus(1, &[6, 0, 1, 0, 9]))]);
    let plain = w.clone();
    for (_, frame) in &mut w.frames {
        frame.splice(12..12, [0x88, 0xa8, 0, 5, 0x81, 0, 0, 7]);
    }
    let written = |bytes: &[u8]| objects(&read(bytes), "control.command", "what");
    assert_eq!(written(&w.pcap(false, false)), ["write".to_owned()].into());
    // Raw IP: no link at all; cooked: sixteen or twenty bytes in front.
    for (link, head) in [
        (101_u8, vec![]),
        (113, [&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0][..], &[8, 0]].concat()),
        (20, [&[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6][..], &[2, 0, 0, 0, 0, 9, 0, 0]].concat()),
    ] {
        let mut w = plain.clone();
        for (_, frame) in &mut w.frames {
            frame.splice(..14, head.iter().copied());
        }
        let mut bytes = w.pcap(false, false);
        let number = if link == 20 { 276_u32 } else { u32::from(link) };
        bytes[20..24].copy_from_slice(&number.to_le_bytes());
        assert_eq!(written(&bytes), ["write".to_owned()].into(), "link {number}");
    }
}

#[test]
fn messages_are_put_together_and_holes_are_told() {
    let message = wire::modbus(1, &[6, 0, 1, 0, 9]);
    let (a, b) = ((ENGINEER, 40_000), (PLC, 502));
    let mut w = Wire::default();
    w.tcp(a, b, &[(true, message.clone()), (true, message[..5].to_vec()), (true, message[5..].to_vec())]);
    // Two in one segment, and the same segment again.
    w.segment(a, b, 0x18, &[message.clone(), message.clone()].concat());
    let again = 1001 + u32::try_from(message.len()).unwrap() * 2;
    w.raw(a, b, (again, 0x18), &[message.clone(), message.clone()].concat());
    let bodies = read(&w.pcap(false, false));
    assert_eq!(get(rows(&bodies, "control.command")[0], "count"), "4");
    assert!(gaps(&bodies).is_empty());
    // A hole in the middle of a message: given up, said, and read on.
    w.segment(a, b, 0x18, &message[..5]);
    w.raw(a, b, (again + 1000, 0x18), &message);
    let bodies = read(&w.pcap(false, false));
    assert_eq!(get(rows(&bodies, "control.command")[0], "count"), "5");
    assert!(gaps(&bodies).contains(&("fact:control.command".into(), GapReason::Missing)));
    assert!(!gaps(&bodies).iter().any(|g| g.0 == "fact:control.flow"));
}

#[test]
fn what_cannot_be_read_is_a_gap() {
    let mut w = Wire::default();
    w.tcp(
        (ENGINEER, 40_000),
        (PLC, 102),
        &[(true, wire::connect()), (true, wire::tpkt(&[2, 0xf0, 0x80], &[0x17, 3, 3, 0, 9, 1]))],
    );
    assert!(gaps(&read(&w.pcap(false, false))).contains(&("fact:control.command".into(), GapReason::Encrypted)));
    let mut w = Wire::default();
    w.tcp(
        (ENGINEER, 40_000),
        (PLC, 102),
        &[(true, wire::tpkt(&[2, 0xf0, 0x80], &[0x72, 1, 0, 4, 0x31, 0, 0, 4, 0xca]))],
    );
    assert!(gaps(&read(&w.pcap(false, false))).contains(&("fact:control.command".into(), GapReason::Unsupported)));
    // A fragment, and a link that nobody knows.
    let mut ip = wire::ipv4(17, ENGINEER, PLC, &[0; 16]);
    ip[6] = 0x20;
    let mut w = Wire::default();
    w.ether(0x0800, wire::MACS[0], wire::MACS[1], &ip);
    let bodies = read(&w.pcap(false, false));
    assert!(gaps(&bodies).contains(&("fact:control.flow".into(), GapReason::Unsupported)));
    let mut bytes = w.pcap(false, false);
    bytes[20] = 147;
    assert_eq!(rows(&read(&bytes), "capture.unread"), [&FactValue::Int(1)]);
    // Cut in the middle of a record: what stands before counts.
    let whole = plant().pcap(false, false);
    let bodies = read(&whole[..whole.len() - 5]);
    assert!(gaps(&bodies).contains(&("fact:control.flow".into(), GapReason::Corrupt)));
    assert!(rows(&bodies, "control.device").len() > 3);
}

/// A capture with a snap length shows who speaks, and cannot say that nothing was commanded.
#[test]
fn what_was_cut_is_not_nothing() {
    let cut = |w: &Wire, bytes: usize| {
        let whole = w.pcap(false, false);
        let mut out = whole[..24].to_vec();
        for (at, frame) in &w.frames {
            let kept = frame.len().min(bytes);
            let second = u32::try_from(at / 1_000_000).unwrap().to_le_bytes();
            let (len, original) = (u32::try_from(kept).unwrap(), u32::try_from(frame.len()).unwrap());
            out.extend([&second[..], &[0; 4], &len.to_le_bytes(), &original.to_le_bytes(), &frame[..kept]].concat());
        }
        read(&out)
    };
    let missing = ("fact:control.command".to_owned(), GapReason::Missing);
    let mut tcp = Wire::default();
    tcp.tcp((ENGINEER, 40_000), (PLC, 502), &[(true, wire::modbus(1, &[6, 0, 1, 0, 9]))]);
    let mut udp = Wire::default();
    udp.udp((ENGINEER, 47_808), (PLC, 47_808), &wire::write_property());
    let mut ether = Wire::default();
    ether.ether(0x8892, wire::MACS[0], wire::MACS[1], &wire::dcp_set());
    for (w, bytes) in [(tcp, 54), (udp, 48), (ether, 20)] {
        let bodies = cut(&w, bytes);
        assert!(rows(&bodies, "control.command").is_empty() && gaps(&bodies).contains(&missing), "{bytes}");
        assert!(!rows(&bodies, "control.flow").is_empty());
    }
    // Remote desktops are no control protocol: what follows their first packet is nobody's gap.
    let mut rdp = Wire::default();
    let first = wire::tpkt(&[14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0], &[]);
    let hello = wire::client_hello("host");
    rdp.tcp((OFFICE, 40_000), (ENGINEER, 3389), &[(true, first), (true, hello.clone()), (false, hello)]);
    let bodies = read(&rdp.pcap(false, false));
    assert_eq!(gaps(&bodies), BTreeSet::new());
    assert_eq!(get(row(&bodies, "control.flow", "protocol", "rdp"), "sure"), "true");
    assert!(rows(&bodies, "control.device").is_empty());
}

#[test]
fn every_limit_is_a_gap() {
    let t = Tree::new();
    let file = t.file("net.pcap", plant().pcap(false, false));
    let mut told = BTreeSet::new();
    let sets: [fn(&mut inspect::capture::Limits); 7] = [
        |l| l.packets_max = 10,
        |l| l.flows_max = 2,
        |l| l.devices_max = 1,
        |l| l.commands_max = 1,
        |l| l.endpoints_max = 1,
        |l| l.file_bytes_max = 500,
        |l| l.message_bytes_max = 4,
    ];
    for (n, set) in sets.into_iter().enumerate() {
        let bodies = read_with(vec![file.clone()], &Stop::new(), |c| set(&mut c.limits.capture));
        let found = gaps(&bodies);
        assert!(n == 6 || !found.is_empty(), "limit {n}");
        told.extend(found.into_iter().map(|g| g.1));
    }
    assert_eq!(told, [GapReason::TooMany, GapReason::TooLarge].into());
    // A stop that was asked for is said, also where a step was not reached.
    let stop = Stop::new();
    stop.request();
    let mut w = Wire::default();
    (0..5000).for_each(|_| w.udp((ENGINEER, 1), (PLC, 47_808), &wire::i_am()));
    let many = t.file("many.pcap", w.pcap(false, false));
    let bodies = read_with(vec![many], &stop, |_| {});
    assert!(gaps(&bodies).contains(&("fact:control.flow".into(), GapReason::Stopped)));
}

#[test]
fn conversations_are_forgotten_when_there_are_too_many() {
    let mut w = Wire::default();
    for port in 0..200 {
        w.tcp((ENGINEER, 40_000 + port), (PLC, 502), &[(true, wire::modbus(1, &[6, 0, 1, 0, 9]))]);
    }
    let t = Tree::new();
    let file = t.file("net.pcap", w.pcap(false, false));
    let bodies = read_with(vec![file], &Stop::new(), |c| c.limits.capture.streams_max = 8);
    assert_eq!(get(rows(&bodies, "control.command")[0], "count"), "200");
}

#[test]
fn a_file_that_is_no_capture_is_an_error() {
    let t = Tree::new();
    let config = || Config::new(DigestKey::new([7; 32]), Time::from_secs(0));
    let target = |p: &Path| Target::Capture { files: vec![p.to_owned()], name: None };
    for content in [&b"a,b\n1,2\n"[..], b"", b"\x0a"] {
        let file = t.file("x.csv", content);
        assert_eq!(Inspector::new(target(&file), config()).unwrap_err(), InspectError::NotACapture(file));
    }
    let none = t.0.join("none.pcap");
    assert_eq!(Inspector::new(target(&none), config()).unwrap_err(), InspectError::RootMissing(none));
}

/// Damage at any place: an end, never a panic, and facts that fit the dictionary.
#[test]
fn damaged_captures_end_without_a_panic() {
    use inspect::capture::{Limits, Stream, capture, conversation};
    let limits = Limits { flows_max: 50, devices_max: 20, commands_max: 20, streams_max: 20, ..Limits::default() };
    for whole in [plant().pcap(false, false), plant().pcapng(true)] {
        for cut in (0..whole.len()).step_by(97) {
            let _ = capture(&whole[..cut], limits);
        }
        let mut state = 1_u64;
        for _ in 0..300 {
            let mut bytes = whole.clone();
            for _ in 0..20 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let at = usize::try_from(state >> 33).unwrap() % bytes.len();
                bytes[at] = u8::try_from(state >> 25 & 0xff).unwrap();
            }
            let (ledger, _) = capture(&bytes, limits);
            assert!(ledger.flows.len() <= 50 && ledger.devices.len() <= 20);
        }
    }
    let payloads: Vec<u8> = plant().frames.iter().flat_map(|f| f.1.iter().skip(54).copied()).collect();
    for port in [102, 502, 2222, 2404, 4840, 5007, 9600, 20_000, 34_964, 34_980, 44_818, 47_808, 53, 0x8892, 0x88b8] {
        for (step, server) in [(1, false), (7, true), (1400, false), (100_000, true)] {
            let _ = conversation(port, server, step, &payloads, limits);
        }
    }
    assert_eq!(Stream::ALL.len(), 8);
}

/// What tshark says of fields of a capture: one line a packet that has any.
fn tshark(file: &Path, fields: &[&str]) -> Option<Vec<String>> {
    let mut command = Command::new("tshark");
    command.args(["-n", "-r"]).arg(file).args(["-d", "tcp.port==5007,data", "-T", "fields"]);
    fields.iter().for_each(|f| {
        command.args(["-e", f]);
    });
    let out = command.output().ok()?;
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let lines = String::from_utf8(out.stdout).unwrap();
    Some(lines.lines().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect())
}

/// The outside oracle: Wireshark's dissectors read the same bytes, and the same is in them.
#[test]
fn wireshark_reads_the_same() {
    if Command::new("tshark").arg("--version").output().is_err() {
        println!("SKIPPED: no tshark");
        return;
    }
    let t = Tree::new();
    let w = plant();
    for (name, bytes) in [("a.pcap", w.pcap(true, true)), ("b.pcapng", w.pcapng(false))] {
        let file = t.file(name, &bytes);
        let bodies = read_with(vec![file.clone()], &Stop::new(), |_| {});
        let ask = |fields: &[&str]| tshark(&file, fields).unwrap();
        assert_eq!(ask(&["frame.number"]).len(), w.frames.len());
        assert_eq!(rows(&bodies, "capture.packets"), [&FactValue::Int(i64::try_from(w.frames.len()).unwrap())]);
        let protocols: BTreeSet<String> =
            ask(&["frame.protocols"]).iter().flat_map(|l| l.split(':')).map(str::to_owned).collect();
        let ours = objects(&bodies, "control.flow", "protocol");
        for (theirs, name) in [
            ("mbtcp", "modbus"),
            ("s7comm", "s7comm"),
            ("enip", "ethernet-ip"),
            ("opcua", "opc-ua"),
            ("pn_dcp", "profinet-dcp"),
            ("dnp3", "dnp3"),
            ("iec60870_asdu", "iec104"),
            ("bacapp", "bacnet"),
            ("omron", "fins"),
            ("goose", "goose"),
            ("ecatf", "ethercat"),
            ("ssh", "ssh"),
            ("tls", "tls"),
            ("dns", "dns"),
        ] {
            assert!(protocols.contains(theirs) && ours.contains(name), "{theirs} {name}: {protocols:?} {ours:?}");
        }
        let has = |fields: &[&str], want: &str| {
            let lines = ask(fields);
            assert!(lines.iter().any(|l| l.contains(want)), "{fields:?}: no {want} in {lines:?}");
        };
        has(&["modbus.func_code"], "6");
        has(&["modbus.object_str_value"], "Schneider Electric,BMX P34 2020,v2.50");
        has(&["s7comm.param.func"], "0x29");
        has(&["s7comm.param.func"], "0x1a");
        has(&["s7comm.param.func"], "0x28");
        has(&["s7comm.param.pistart.servicename"], "P_PROGRAM");
        has(&["cotp.dst-tsap-bytes"], "0102");
        has(&["s7comm.szl.xy11.0001.anz"], "6ES7 315-2EH14-0AB0");
        has(&["s7comm.szl.001c.0001.name"], "SIMATIC 300 Boiler");
        has(&["s7comm.szl.0132.0004.real"], "1");
        has(&["enip.lir.name"], "1769-L33ER/A LOGIX5333ER");
        has(&["enip.lir.vendor"], "0x0001");
        has(&["cip.sc"], "0x4d");
        has(&["pn_dcp.suboption_device_nameofstation"], "boiler-io-1");
        has(&["dnp3.al.func"], "5");
        has(&["iec60870_asdu.typeid"], "45");
        has(&["bacapp.vendor_identifier"], "5");
        has(&["bacapp.instance_number"], "1234");
        has(&["omron.command"], "0x0402");
        has(&["opcua.transport.endpoint"], "opc.tcp://plc:4840");
        has(&["opcua.security.spu"], "SecurityPolicy#None");
        has(&["opcua.servicenodeid.numeric"], "673");
        has(&["tls.handshake.extensions_server_name"], "router1.teamviewer.com");
        // Nothing in them is malformed to Wireshark either.
        assert_eq!(
            ask(&["frame.protocols", "_ws.malformed"]).iter().filter(|l| l.contains("malformed")).collect::<Vec<_>>(),
            Vec::<&String>::new()
        );
    }
}

/// The names of makers are those of Wireshark's lists, as far as both know them.
#[test]
fn numbers_of_makers_are_those_that_wireshark_knows() {
    let Ok(out) = Command::new("tshark").args(["-G", "values"]).output() else {
        println!("SKIPPED: no tshark");
        return;
    };
    let text = String::from_utf8_lossy(&out.stdout).to_lowercase();
    for (field, id, name) in [
        ("enip.lir.vendor", 1, "rockwell"),
        ("enip.lir.vendor", 26, "festo"),
        ("enip.lir.vendor", 40, "wago"),
        ("enip.lir.vendor", 46, "abb"),
        ("enip.lir.vendor", 47, "omron"),
        ("enip.lir.vendor", 48, "turck"),
        ("enip.lir.vendor", 90, "hms"),
        ("enip.lir.vendor", 108, "beckhoff"),
        ("enip.lir.vendor", 161, "mitsubishi electric"),
        ("enip.lir.vendor", 243, "schneider"),
        ("enip.lir.vendor", 367, "keyence"),
        ("enip.lir.vendor", 562, "phoenix contact"),
        ("bacapp.vendor_identifier", 2, "trane"),
        ("bacapp.vendor_identifier", 5, "johnson"),
        ("bacapp.vendor_identifier", 7, "siemens"),
        ("bacapp.vendor_identifier", 8, "delta"),
        ("bacapp.vendor_identifier", 10, "schneider"),
        ("bacapp.vendor_identifier", 17, "honeywell"),
        ("bacapp.vendor_identifier", 36, "tridium"),
    ] {
        let head = format!("v\t{field}\t{id}\t");
        assert!(text.lines().any(|l| l.strip_prefix(&head).is_some_and(|n| n.contains(name))), "{field} {id} {name}");
    }
}

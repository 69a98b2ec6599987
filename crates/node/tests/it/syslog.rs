//! Syslog against receivers of ours.

use crate::bed::{Bed, TEXT, around, now};
use crate::fakes::serve;
use evidence::NoticeState;
use std::io::Read as _;
use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

/// RFC 5424: facility local0 (16) and severity alert (1) make 129.
fn check(line: &str) {
    let (head, rest) = line.split_once(" - watchfire - notice ").unwrap();
    assert!(head.starts_with(&format!("<129>1 {}", &now().to_string()[..16])), "{head}");
    let data = "[watchfire@32473 number=\"i-3f2a91c0\" notice=\"n-d5d30e87\" colour=\"red\" numeral=\"I\" deadline=\"2026-11-29 21:00 +08:00\"]";
    assert_eq!(rest, format!("{data} \u{feff}{TEXT}"));
}

#[test]
fn over_udp_with_a_proof_that_promises_nothing() {
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    receiver.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let port = receiver.local_addr().unwrap().port();
    let channel = format!("kind = \"syslog\"\ntransport = \"udp\"\nserver = \"127.0.0.1\"\nport = {port}");
    let notice = Bed::with(&around(&channel, "")).one();
    assert_eq!((notice.state, notice.proof.as_str()), (NoticeState::Delivered, "udp sent, unconfirmed"));
    let mut bytes = [0; 2048];
    let n = receiver.recv(&mut bytes).unwrap();
    check(std::str::from_utf8(&bytes[..n]).unwrap());
}

#[test]
fn over_tcp_by_octet_counting() {
    let (port, got) = serve(|mut stream, got| {
        let mut text = String::new();
        let _ = stream.read_to_string(&mut text);
        got.lock().unwrap().push(text);
    });
    let channel = format!("kind = \"syslog\"\ntransport = \"tcp\"\nserver = \"127.0.0.1\"\nport = {port}");
    let notice = Bed::with(&around(&channel, "")).one();
    assert_eq!((notice.state, notice.proof.as_str()), (NoticeState::Delivered, "tcp written"));
    let got = got.lock().unwrap();
    let (length, line) = got[0].split_once(' ').unwrap();
    assert_eq!(length.parse::<usize>().unwrap(), line.len(), "octets, not characters");
    check(line);
}

#[test]
fn to_the_socket_of_this_machine() {
    let bed = Bed::new();
    let path = bed.home.join("log.sock");
    let receiver = UnixDatagram::bind(&path).unwrap();
    receiver.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let channel = format!("kind = \"syslog\"\ntransport = \"unix\"\npath = \"{}\"", path.display());
    bed.file("notify.toml", &around(&channel, ""), 0o600);
    assert_eq!(bed.one().state, NoticeState::Delivered);
    let mut bytes = [0; 2048];
    let n = receiver.recv(&mut bytes).unwrap();
    check(std::str::from_utf8(&bytes[..n]).unwrap());
    let none = Bed::with(&around("kind = \"syslog\"\ntransport = \"unix\"\npath = \"/does-not-exist\"", "")).one();
    assert_eq!((none.state, none.proof.as_str()), (NoticeState::GivenUp, "no such socket"));
}

#![no_main]
//! Bytes as if they were sent on the port of a control protocol, over TCP in segments, over UDP and over Ethernet: the first byte
//! chooses the protocol, the second the side and the length of segments.
use inspect::capture::{Limits, conversation};

const PORTS: [u16; 18] = [
    53, 102, 443, 502, 2222, 2404, 3389, 4840, 5007, 9600, 20_000, 34_964, 34_980, 44_818, 47_808, 0x8892, 0x88a4, 0x88b8,
];

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [protocol, how, rest @ ..] = data else { return };
    let port = PORTS[usize::from(*protocol) % PORTS.len()];
    let step = [1, 7, 60, 4096][usize::from(how / 2 % 4)];
    let _ = conversation(port, how % 2 == 1, step, rest, Limits::default());
});

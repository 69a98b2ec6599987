//! Writes a capture of a given size (`make FILE MB`), or reads one, out of memory (`read FILE`) or as the verb does
//! (`sensor FILE`), to be measured.
#![expect(clippy::disallowed_methods, reason = "an example that makes its own input")]
#![expect(clippy::unwrap_used, reason = "what cannot be written ends it")]

#[path = "../tests/it/wire.rs"]
#[expect(dead_code, reason = "shared with the tests, which use all of it")]
mod wire;

use wire::Wire;

/// One round: eighty stations are polled over Modbus and S7, some files go over HTTP beside them.
fn round(w: &mut Wire) {
    for n in 0..80 {
        let (plc, hmi) = ([10, 1, 1, 10 + n], [10, 1, 2, 1 + n % 8]);
        let values = [&[3, 100][..], &[7; 100]].concat();
        for _ in 0..10 {
            let asked = wire::modbus(1, &[3, 0, 0, 0, 50]);
            w.segment((hmi, 40_000 + u16::from(n)), (plc, 502), 0x18, &asked);
            w.segment((plc, 502), (hmi, 40_000 + u16::from(n)), 0x18, &wire::modbus(1, &values));
        }
        w.segment((hmi, 41_000 + u16::from(n)), (plc, 102), 0x18, &wire::s7_write());
        w.segment((plc, 102), (hmi, 41_000 + u16::from(n)), 0x18, &wire::s7(3, &[5, 1], &[0xff]));
        for _ in 0..2 {
            w.segment(([10, 1, 3, 1], 80), (hmi, 42_000), 0x10, &[b'x'; 1400]);
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[1..] {
        ["make", file, megabytes] => {
            let bytes_min = megabytes.parse::<usize>().unwrap() << 20;
            let mut w = Wire::default();
            let mut out = w.pcap(false, false);
            // Numbers of segments go on from round to round: what comes again would be stepped over.
            while out.len() < bytes_min {
                round(&mut w);
                out.extend_from_slice(&w.pcap(false, false)[24..]);
                w.frames.clear();
            }
            std::fs::write(file, out).unwrap();
        }
        ["read", file] => {
            let bytes = std::fs::read(file).unwrap();
            let (ledger, fault) = inspect::capture::capture(&bytes, inspect::capture::Limits::default());
            println!("{} packets, {} flows, {:?}, {:?}", ledger.packets, ledger.flows.len(), ledger.lost, fault);
        }
        ["sensor", file] => {
            let config = inspect::Config::new(evidence::DigestKey::new([7; 32]), evidence::Time::from_secs(0));
            let target = inspect::Target::Capture { files: vec![file.into()], name: None };
            let inspector = inspect::Inspector::new(target, config).unwrap();
            let sink = std::sync::Mutex::new(Vec::new());
            inspector.run(&sink, &evidence::MemoryState::default(), &stdx::Silent, &stdx::Stop::new());
            println!("{} items", sink.into_inner().unwrap().len());
        }
        _ => println!("make FILE MB | read FILE | sensor FILE"),
    }
}

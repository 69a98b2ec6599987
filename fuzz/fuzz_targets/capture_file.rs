#![no_main]
//! A capture whose bytes are anybody's, whole: file, links, headers, conversations. Half of the inputs are put behind a good head,
//! which no fuzzer would have to find.
use inspect::capture::{Limits, capture};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let limits = Limits { flows_max: 64, devices_max: 16, commands_max: 16, endpoints_max: 8, streams_max: 16, ..Limits::default() };
    let mut bytes = data.to_vec();
    if let Some((first, rest)) = data.split_first().filter(|(first, _)| *first % 2 == 0) {
        bytes = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0];
        bytes[20] = [1, 113, 101, 20][usize::from(first / 2 % 4)];
        // Frames of sixty bytes or what is left, each under a record of its own.
        for frame in rest.chunks(60) {
            bytes.extend([0; 8]);
            bytes.extend(u32::try_from(frame.len()).unwrap_or_default().to_le_bytes().repeat(2));
            bytes.extend_from_slice(frame);
        }
    }
    let (ledger, _) = capture(&bytes, limits);
    assert!(ledger.flows.len() <= 64 && ledger.devices.len() <= 16 && ledger.commands.len() <= 16 && ledger.endpoints.len() <= 8);
});

//! Event logs of Windows: one chunk of any bytes, with its marks put right so that the parser gets past them.
#![no_main]

use detect::event::Event;
use detect::evtx::Chunk;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut event = Event::default();
    let mut events = 0_u64;
    Chunk::default().read(bytes, 0, &mut event, &mut |_| events += 1);
    let mut chunk = vec![0; 512];
    chunk[..8].copy_from_slice(b"ElfChnk\0");
    let size = u32::try_from(bytes.len() + 28).unwrap_or(28).to_le_bytes();
    chunk.extend(b"\x2a\x2a\0\0");
    chunk.extend(size);
    chunk.extend([0; 16]);
    chunk.extend(bytes);
    chunk.extend(size);
    Chunk::default().read(&chunk, 0, &mut event, &mut |_| events += 1);
    assert!(events <= bytes.len() as u64);
});

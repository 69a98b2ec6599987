#![no_main]
//! What kind of file is this: the bytes as head, as tail, as something that is read anywhere, and as names.
use classify::format::{Inside, hint, recognise, recognise_at, refine};
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let (head, tail) = data.split_at(data.len() / 2);
    let verdict = recognise(data, b"", Some(data.len() as u64));
    let _ = recognise(head, tail, Some(data.len() as u64));
    let _ = recognise(head, tail, None);
    let mut read = |at: u64, out: &mut [u8]| {
        let rest = usize::try_from(at).ok().and_then(|at| data.get(at..)).unwrap_or_default();
        let len = rest.len().min(out.len());
        out[..len].copy_from_slice(&rest[..len]);
        len
    };
    let _ = recognise_at(&mut read, data.len() as u64);
    let names: Vec<&[u8]> = data.split(|b| *b == 0).collect();
    let _ = refine(verdict, Inside::Members { names: &names, mimetype: names.first().copied() });
    let _ = refine(verdict, Inside::Streams { names: &names, root: [0; 16] });
    let _ = refine(verdict, Inside::Tables(&names));
    let _ = hint(data);
});

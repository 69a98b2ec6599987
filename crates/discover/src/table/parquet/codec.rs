//! Pages unpacked: at most to the size that their header gives, which is held to a limit before.

use evidence::GapReason;
use flate2::bufread::MultiGzDecoder;
use std::io::Read;

/// Unpacks `packed` into `out`, to exactly `size` bytes. What remains of a broken page is in `out`.
pub(super) fn unpack(codec: i64, packed: &[u8], size: usize, out: &mut Vec<u8>) -> Result<(), GapReason> {
    out.clear();
    let done = match codec {
        0 => {
            out.extend_from_slice(packed);
            Ok(())
        }
        1 => snappy(packed, size, out),
        2 => read(MultiGzDecoder::new(packed), size, out),
        4 => read(brotli_decompressor::Decompressor::new(packed, 4096), size, out),
        5 => hadoop(packed, size, out),
        6 => zstd(packed, size, out),
        7 => lz4(packed, size, out),
        // LZO (3), and what may come.
        _ => return Err(GapReason::Unsupported),
    };
    if done.is_ok() && out.len() == size { Ok(()) } else { Err(GapReason::Corrupt) }
}

struct Failed;

fn read(from: impl Read, size: usize, out: &mut Vec<u8>) -> Result<(), Failed> {
    // One more, which tells that there is more.
    from.take(size as u64 + 1).read_to_end(out).map(|_| ()).map_err(|_| Failed)
}
fn snappy(packed: &[u8], size: usize, out: &mut Vec<u8>) -> Result<(), Failed> {
    if snap::raw::decompress_len(packed).map_err(|_| Failed)? != size {
        return Err(Failed);
    }
    out.resize(size, 0);
    let n = snap::raw::Decoder::new().decompress(packed, out).map_err(|_| Failed)?;
    out.truncate(n);
    Ok(())
}
fn lz4(packed: &[u8], size: usize, out: &mut Vec<u8>) -> Result<(), Failed> {
    out.resize(size, 0);
    let n = lz4_flex::block::decompress_into(packed, out).map_err(|_| Failed)?;
    out.truncate(n);
    Ok(())
}
fn zstd(packed: &[u8], size: usize, out: &mut Vec<u8>) -> Result<(), Failed> {
    let mut decoder = ruzstd::decoding::FrameDecoder::new();
    // A page need not look back further than it is long; small frames claim a kilobyte.
    decoder.set_max_window_size((size as u64).max(8 << 20));
    out.resize(size, 0);
    let n = decoder.decode_all(packed, out).map_err(|_| Failed)?;
    out.truncate(n);
    Ok(())
}
/// The older LZ4: blocks, each after its unpacked and packed size (big end first); some writers left the sizes out.
fn hadoop(packed: &[u8], size: usize, out: &mut Vec<u8>) -> Result<(), Failed> {
    if framed(packed, size, out).is_ok() && out.len() == size {
        return Ok(());
    }
    out.clear();
    lz4(packed, size, out)
}
fn framed(mut packed: &[u8], size: usize, out: &mut Vec<u8>) -> Result<(), Failed> {
    while let Some((head, rest)) = packed.split_first_chunk::<8>() {
        let number = |b: &[u8]| b.iter().fold(0usize, |n, b| n << 8 | usize::from(*b));
        let (unpacked, length) = (number(&head[..4]), number(&head[4..]));
        let block = rest.get(..length).ok_or(Failed)?;
        let start = out.len();
        if unpacked > size - start {
            return Err(Failed);
        }
        out.resize(start + unpacked, 0);
        let n = lz4_flex::block::decompress_into(block, &mut out[start..]).map_err(|_| Failed)?;
        out.truncate(start + n);
        packed = &rest[length..];
    }
    Ok(())
}

//! Just enough of each container's format to put any content into it, for the trial. That these formats are really
//! so is for the archives of others' writers to show (`archives.rs`).
use lzma_rust2::{Lzma2Options, Lzma2Writer, LzmaOptions, LzmaWriter, XzOptions, XzWriter};
use std::io::Write;
use testing::plant;

/// The name of a member, where there is one.
pub(crate) const NAME: &str = "m.txt";

fn octal(n: usize, width: usize) -> Vec<u8> {
    format!("{n:0width$o}").into_bytes()
}
fn padded(mut bytes: Vec<u8>, unit: usize) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(unit), 0);
    bytes
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    plant::gzip(content).expect("memory takes what is written")
}
pub(crate) fn zip(content: &[u8]) -> Vec<u8> {
    plant::zip(&[(NAME, content)]).expect("memory takes what is written")
}
pub(crate) fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    out.write_all(content).expect("memory takes what is written");
    out.finish().expect("memory takes what is written")
}
pub(crate) fn xz(content: &[u8]) -> Vec<u8> {
    let mut out = XzWriter::new(Vec::new(), XzOptions::with_preset(1)).expect("memory takes what is written");
    out.write_all(content).expect("memory takes what is written");
    out.finish().expect("memory takes what is written")
}
pub(crate) fn lzma(content: &[u8]) -> Vec<u8> {
    let mut out = LzmaWriter::new_use_header(Vec::new(), &LzmaOptions::with_preset(1), None)
        .expect("memory takes what is written");
    out.write_all(content).expect("memory takes what is written");
    out.finish().expect("memory takes what is written")
}
pub(crate) fn zstd(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}
pub(crate) fn lz4(content: &[u8]) -> Vec<u8> {
    // Of a cut block nothing is read, so blocks are small.
    let info = lz4_flex::frame::FrameInfo::new().block_size(lz4_flex::frame::BlockSize::Max64KB);
    let mut out = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    out.write_all(content).expect("memory takes what is written");
    out.finish().expect("memory takes what is written")
}

/// A header of ustar that sums up.
pub(crate) fn tar_header(name: &str, bytes: &[u8; 12], kind: u8) -> Vec<u8> {
    let mut head = vec![0; 512];
    head[..name.len()].copy_from_slice(name.as_bytes());
    head[124..136].copy_from_slice(bytes);
    head[156] = kind;
    head[257..263].copy_from_slice(b"ustar\0");
    head[148..156].fill(b' ');
    let sum: usize = head.iter().map(|b| usize::from(*b)).sum();
    head[148..154].copy_from_slice(&octal(sum, 6));
    head
}
pub(crate) fn tar_member(name: &str, content: &[u8]) -> Vec<u8> {
    let bytes = octal(content.len(), 12).try_into().expect("memory takes what is written");
    [tar_header(name, &bytes, b'0'), padded(content.to_vec(), 512)].concat()
}
pub(crate) fn tar(content: &[u8]) -> Vec<u8> {
    [tar_member(NAME, content), vec![0; 1024]].concat()
}

pub(crate) fn cpio_member(name: &str, content: &[u8]) -> Vec<u8> {
    let field = |n: usize| format!("{n:08x}");
    let mode = if content.is_empty() { 0 } else { 0o100_644 };
    let fields = [1, mode, 0, 0, 1, 0, content.len(), 0, 0, 0, 0, name.len() + 1, 0].map(field).concat();
    let head = padded(format!("070701{fields}{name}\0").into_bytes(), 4);
    [head, padded(content.to_vec(), 4)].concat()
}
pub(crate) fn cpio(content: &[u8]) -> Vec<u8> {
    [cpio_member(NAME, content), cpio_member("TRAILER!!!", b"")].concat()
}
pub(crate) fn portable_cpio(content: &[u8]) -> Vec<u8> {
    let member = |name: &str, mode: usize, content: &[u8]| {
        let head = [vec![b'0'; 12], octal(mode, 6), vec![b'0'; 35], octal(name.len() + 1, 6), octal(content.len(), 11)];
        [b"070707", head.concat().as_slice(), name.as_bytes(), b"\0", content].concat()
    };
    [member(NAME, 0o100_644, content), member("TRAILER!!!", 0, b"")].concat()
}
pub(crate) fn ar(content: &[u8]) -> Vec<u8> {
    let head =
        format!("!<arch>\n{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", format!("{NAME}/"), 0, 0, 0, 644, content.len());
    [head.into_bytes(), padded(content.to_vec(), 2)].concat()
}
pub(crate) fn rpm(content: &[u8]) -> Vec<u8> {
    let lead = padded(vec![0xED, 0xAB, 0xEE, 0xDB], 96);
    // A header without an entry; the first is filled up to eight.
    let header = |bytes: u8| [vec![0x8E, 0xAD, 0xE8, 1], vec![0; 11], vec![bytes], vec![0; bytes.into()]].concat();
    [lead, padded(header(3), 8), header(5), gzip(&cpio(content))].concat()
}

/// A cabinet of one folder, deflated in blocks of 32 KiB.
pub(crate) fn cab(content: &[u8]) -> Vec<u8> {
    let two = |n: usize| u16::try_from(n).expect("memory takes what is written").to_le_bytes();
    let four = |n: usize| u32::try_from(n).expect("memory takes what is written").to_le_bytes();
    let blocks: Vec<Vec<u8>> = content
        .chunks(32 << 10)
        .map(|block| {
            let mut out = flate2::write::DeflateEncoder::new(b"CK".to_vec(), flate2::Compression::default());
            out.write_all(block).expect("memory takes what is written");
            let data = out.finish().expect("memory takes what is written");
            [four(0).as_slice(), &two(data.len()), &two(block.len()), &data].concat()
        })
        .collect();
    let file = [four(content.len()).as_slice(), &[0; 12], NAME.as_bytes(), b"\0"].concat();
    let data_at = 36 + 8 + file.len();
    let folder = [four(data_at).as_slice(), &two(blocks.len()), &two(1)].concat();
    let data = blocks.concat();
    let bytes = four(data_at + data.len());
    let head = [b"MSCF\0\0\0\0", bytes.as_slice(), &[0; 4], &four(44), &[0; 4], &[3, 1], &two(1), &two(1), &[0; 6]];
    [head.concat(), folder, file, data].concat()
}

/// A number of a 7z directory, in its longest form.
pub(crate) fn seven_number(n: usize) -> Vec<u8> {
    [vec![0xFF], (n as u64).to_le_bytes().to_vec()].concat()
}
/// A 7z archive of packed data and a directory.
pub(crate) fn seven_of(packed: &[u8], directory: &[u8]) -> Vec<u8> {
    let crc = |bytes: &[u8]| {
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        sum.sum().to_le_bytes()
    };
    let (at, bytes) = ((packed.len() as u64).to_le_bytes(), (directory.len() as u64).to_le_bytes());
    let start = [at.as_slice(), &bytes, &crc(directory)].concat();
    [b"7z\xBC\xAF\x27\x1C\0\x04", crc(&start).as_slice(), &start, packed, directory].concat()
}
/// A 7z archive with one block, of LZMA2, and one member in it.
pub(crate) fn seven(content: &[u8]) -> Vec<u8> {
    let mut out = Lzma2Writer::new(Vec::new(), Lzma2Options::with_preset(1));
    out.write_all(content).expect("memory takes what is written");
    let packed = out.finish().expect("memory takes what is written");
    let name: Vec<u8> = NAME.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    let directory = [
        // Header, streams, packed: at 0, one.
        vec![1, 4, 6, 0, 1, 9],
        seven_number(packed.len()),
        // One block of one coder, 21 (LZMA2) with a dictionary of 1 MiB.
        vec![0, 7, 11, 1, 0, 1, 0x21, 0x21, 1, 16, 12],
        seven_number(content.len()),
        vec![0, 0, 5, 1, 0x11],
        seven_number(name.len() + 1),
        vec![0],
        name,
        vec![0, 0],
    ]
    .concat();
    seven_of(&packed, &directory)
}

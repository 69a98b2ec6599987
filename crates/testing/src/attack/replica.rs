//! What a replica holds: files of the kinds that a plant's share holds, grown from a seed, and a manifest of them.
//!
//! Equal seeds grow equal bytes, so nothing in a replica can be lost for good. The manifest names each file by path *and* inode; a
//! file that came by another way is never touched.

use super::fence::{Fence, Refused};
use crate::plant::{self, Rng};
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::{Path, PathBuf};

const MANIFEST: &str = ".watchfire-attack-manifest";
const FOLDERS: [&str; 6] = ["合同", "生产/2026", "研发/图纸", "设备", "财务", "图片"];

/// What a replica is grown from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Grow {
    /// Equal seeds grow equal replicas.
    pub seed: u64,
    /// Number of files.
    pub files: usize,
    /// One file in eight is an image of a disk of 2.5 MiB.
    pub big: bool,
}

/// A grown file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Path below the replica.
    pub path: PathBuf,
    /// Its inode.
    pub inode: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its content.
    pub digest: evidence::Digest,
}

/// Everything that was grown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// From what.
    pub grow: Grow,
    /// The files, by path.
    pub files: Vec<Entry>,
}

/// How a file of the manifest stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Now {
    /// As it was grown.
    Intact,
    /// There, with another content.
    Changed,
    /// Not there.
    Missing,
}

/// Makes a replica in `dir`, which must not exist or be empty.
pub fn make(dir: &Path, grow: Grow) -> Result<(Fence, Manifest), Refused> {
    let fence = Fence::make(dir)?;
    let mut files = Vec::new();
    for number in 0..grow.files {
        let (path, bytes) = file(grow, number);
        fence.folder(path.parent().unwrap_or(Path::new("")))?;
        let inode = fence.create(&path, &bytes)?;
        let digest = evidence::Digest::of(&bytes);
        files.push(Entry { path, inode, bytes: bytes.len() as u64, digest });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let manifest = Manifest { grow, files };
    let json = serde_json::to_vec(&manifest).map_err(|e| Refused { path: MANIFEST.into(), why: e.to_string() })?;
    fence.own_write(MANIFEST, &json)?;
    fence.journal();
    Ok((fence, manifest))
}
/// Opens a replica that [`make`] made. A file whose inode is not the manifest's any more is left alone.
pub fn open(dir: &Path) -> Result<(Fence, Manifest), Refused> {
    let fence = Fence::open(dir)?;
    let json = fence.own_read(MANIFEST)?;
    let manifest: Manifest =
        serde_json::from_slice(&json).map_err(|e| Refused { path: MANIFEST.into(), why: e.to_string() })?;
    manifest.files.iter().for_each(|entry| fence.allow(entry.inode));
    Ok((fence, manifest))
}
/// How each file of the manifest stands now, by what is read at its path.
#[must_use]
pub fn check(fence: &Fence, manifest: &Manifest) -> Vec<(PathBuf, Now)> {
    let now = |entry: &Entry| {
        let there = fence.inode(&entry.path).is_ok();
        let bytes = std::fs::read(fence.dir().join(&entry.path)).ok().filter(|_| there);
        match bytes {
            None => Now::Missing,
            Some(bytes) if evidence::Digest::of(&bytes) == entry.digest => Now::Intact,
            Some(_) => Now::Changed,
        }
    };
    manifest.files.iter().map(|entry| (entry.path.clone(), now(entry))).collect()
}

/// A file of a replica by its number: path and content.
#[must_use]
pub fn file(grow: Grow, number: usize) -> (PathBuf, Vec<u8>) {
    let mut rng = Rng::new(grow.seed ^ (number as u64).wrapping_mul(0x9E37_79B9));
    // Every kind comes in every folder.
    let folder = FOLDERS[(number + number / KINDS.len()) % FOLDERS.len()];
    let (ending, make) = if grow.big && number % 8 == 7 { ("img", disk as Make) } else { KINDS[number % KINDS.len()] };
    let name = format!("{}-{number:05}.{ending}", rng.pick(&["报表", "泵壳", "line-a3", "合同", "record", "备份"]));
    (Path::new(folder).join(name), make(&mut rng))
}

type Make = fn(&mut Rng) -> Vec<u8>;
const KINDS: [(&str, Make); 9] = [
    ("txt", text),
    ("csv", csv),
    ("docx", docx),
    ("xlsx", xlsx),
    ("pdf", pdf),
    ("png", png),
    ("dxf", dxf),
    ("db", sqlite),
    ("log.gz", packed_log),
];

fn lines(rng: &mut Rng, bytes: usize) -> Vec<String> {
    const WORDS: [&str; 24] = [
        "泵站", "压力", "the", "pressure", "of", "line", "检修", "记录", "valve", "was", "replaced", "温度", "正常",
        "within", "limits", "班次", "report", "设备", "and", "returned", "to", "service", "配方", "recipe",
    ];
    let (mut out, mut size) = (Vec::new(), 0);
    while size < bytes {
        let words: Vec<&str> = (0..6 + rng.below(9)).map(|_| *rng.pick(&WORDS)).collect();
        let line = format!("{} {}.{}", words.join(" "), rng.below(100_000), rng.below(100));
        size += line.len() + 1;
        out.push(line);
    }
    out
}
fn between(rng: &mut Rng, min: usize, max: usize) -> usize {
    min + rng.below(max - min)
}

/// A text.
fn text(rng: &mut Rng) -> Vec<u8> {
    let size = between(rng, 3 << 10, 60 << 10);
    (lines(rng, size).join("\n") + "\n").into_bytes()
}
/// What a historian exports.
pub(super) fn csv(rng: &mut Rng) -> Vec<u8> {
    let mut out = "time,tag,value,quality,unit\r\n".to_owned();
    for n in 0..between(rng, 200, 3_000) {
        let (tag, value) = (100 + rng.below(40), rng.below(9_000));
        out += &format!(
            "2026-03-14T{:02}:{:02}:{:02}Z,FT-{tag},{}.{:02},GOOD,m3/h\r\n",
            n / 3600 % 24,
            n / 60 % 60,
            n % 60,
            value / 100,
            value % 100
        );
    }
    out.into_bytes()
}
/// A Word document.
pub(super) fn docx(rng: &mut Rng) -> Vec<u8> {
    let size = between(rng, 8 << 10, 60 << 10);
    let lines = lines(rng, size);
    plant::docx(&lines.iter().map(String::as_str).collect::<Vec<_>>()).expect("writing to memory does not fail")
}
/// A workbook.
pub(super) fn xlsx(rng: &mut Rng) -> Vec<u8> {
    let size = between(rng, 8 << 10, 60 << 10);
    let rows = lines(rng, size).into_iter().map(|l| l.split(' ').take(12).map(str::to_owned).collect());
    plant::xlsx("价格", rows).expect("writing to memory does not fail")
}
fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).and_then(|()| out.finish()).expect("writing to memory does not fail")
}
/// A PDF with packed pages (ISO 32000-1, 7.5).
fn pdf(rng: &mut Rng) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut at = Vec::new();
    let pages = 2 + rng.below(6);
    let mut object = |out: &mut Vec<u8>, body: &[u8]| {
        at.push(out.len());
        out.extend_from_slice(format!("{} 0 obj\n", at.len()).as_bytes());
        out.extend_from_slice(body);
        out.extend_from_slice(b"\nendobj\n");
    };
    object(&mut out, b"<< /Type /Catalog /Pages 2 0 R >>");
    let kids: Vec<String> = (0..pages).map(|n| format!("{} 0 R", 3 + 2 * n)).collect();
    object(&mut out, format!("<< /Type /Pages /Count {pages} /Kids [{}] >>", kids.join(" ")).as_bytes());
    for page in 0..pages {
        let contents = 4 + 2 * page;
        object(&mut out, format!("<< /Type /Page /Parent 2 0 R /Contents {contents} 0 R >>").as_bytes());
        let size = between(rng, 4 << 10, 30 << 10);
        let stream = zlib(lines(rng, size).join("\n").as_bytes());
        let mut body = format!("<< /Length {} /Filter /FlateDecode >>\nstream\n", stream.len()).into_bytes();
        body.extend_from_slice(&stream);
        body.extend_from_slice(b"\nendstream");
        object(&mut out, &body);
    }
    let xref = out.len();
    out.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", at.len() + 1).as_bytes());
    at.iter().for_each(|offset| out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes()));
    let trailer = format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n", at.len() + 1);
    out.extend_from_slice(trailer.as_bytes());
    out
}
/// A photograph of sorts: a gradient with noise (ISO/IEC 15948).
pub(super) fn png(rng: &mut Rng) -> Vec<u8> {
    let (width, height) = (between(rng, 60, 240), between(rng, 60, 200));
    let mut raw = Vec::new();
    for y in 0..height {
        raw.push(0);
        raw.extend(
            (0..width).flat_map(|x| [(x + y) as u8, (2 * x) as u8 ^ (rng.below(8) as u8), (rng.below(4) + y) as u8]),
        );
    }
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8], data: &[u8]| {
        out.extend_from_slice(&u32::try_from(data.len()).expect("a small picture").to_be_bytes());
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(data);
        out.extend_from_slice(kind);
        out.extend_from_slice(data);
        out.extend_from_slice(&crc.sum().to_be_bytes());
    };
    let mut header = Vec::new();
    header.extend_from_slice(&(width as u32).to_be_bytes());
    header.extend_from_slice(&(height as u32).to_be_bytes());
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    chunk(b"IHDR", &header);
    zlib(&raw).chunks(8192).for_each(|data| chunk(b"IDAT", data));
    chunk(b"IEND", b"");
    out
}
/// A drawing in DXF.
fn dxf(rng: &mut Rng) -> Vec<u8> {
    let mut out = "  0\r\nSECTION\r\n  2\r\nHEADER\r\n  9\r\n$ACADVER\r\n  1\r\nAC1015\r\n  0\r\nENDSEC\r\n  0\r\nSECTION\r\n  2\r\nENTITIES\r\n".to_owned();
    for _ in 0..between(rng, 80, 1_200) {
        let point = |rng: &mut Rng| format!("{}.{:03}", rng.below(800), rng.below(1000));
        out += &format!(
            "  0\r\nLINE\r\n  8\r\n0\r\n 10\r\n{}\r\n 20\r\n{}\r\n 11\r\n{}\r\n 21\r\n{}\r\n",
            point(rng),
            point(rng),
            point(rng),
            point(rng)
        );
    }
    (out + "  0\r\nENDSEC\r\n  0\r\nEOF\r\n").into_bytes()
}
/// An SQLite database with one table (<https://www.sqlite.org/fileformat2.html>): its schema page and leaves of rows of text.
pub(super) fn sqlite(rng: &mut Rng) -> Vec<u8> {
    const PAGE: usize = 4096;
    let leaves = 2 + rng.below(14);
    let mut out = vec![0; PAGE * (1 + leaves)];
    out[..16].copy_from_slice(b"SQLite format 3\0");
    out[16..24].copy_from_slice(&[0x10, 0, 1, 1, 0, 64, 32, 32]);
    out[28..32].copy_from_slice(&((1 + leaves) as u32).to_be_bytes());
    out[100] = 13;
    out[103..107].copy_from_slice(&[0, 0, 0x10, 0]);
    for page in out.chunks_mut(PAGE).skip(1) {
        let rows = lines(rng, PAGE - 200).join("\n");
        page[0] = 13;
        page[PAGE - (PAGE - 100)..].iter_mut().zip(rows.bytes()).for_each(|(slot, byte)| *slot = byte);
    }
    out
}
/// A packed log.
fn packed_log(rng: &mut Rng) -> Vec<u8> {
    let size = between(rng, 20 << 10, 160 << 10);
    plant::gzip(lines(rng, size).join("\n").as_bytes()).expect("writing to memory does not fail")
}
/// An image of a disk: a boot sector, then what looks like files and gaps.
fn disk(rng: &mut Rng) -> Vec<u8> {
    let mut out = vec![0; 512];
    out[446..462].copy_from_slice(&[0x80, 1, 1, 0, 0x83, 0xFE, 0xFF, 0xFF, 0x3F, 0, 0, 0, 0, 0x13, 0, 0]);
    out[510..].copy_from_slice(&[0x55, 0xAA]);
    while out.len() < 5 << 19 {
        out.extend(lines(rng, 60 << 10).join("\n").into_bytes());
        out.resize(out.len().next_multiple_of(4096), 0);
    }
    out
}

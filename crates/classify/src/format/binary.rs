//! Binary contents: what a short magic leaves open is settled by the fields after it, and some formats only have fields.
//!
//! Each question is a conjunction of conditions from the format's own description; a field that does not fit means no.

use super::Found;
use super::bytes::{Bytes, first, has};
use super::table::Id;

fn found(id: Id, yes: bool) -> Option<Found> {
    yes.then_some(Found::magic(id))
}

/// `AC10` and two digits: the versions that Autodesk gave out. What follows is no letter.
pub(super) fn dwg(b: &Bytes<'_>) -> Option<Found> {
    const VERSIONS: [&str; 15] = [
        "AC1001", "AC1002", "AC1003", "AC1004", "AC1006", "AC1009", "AC1012", "AC1013", "AC1014", "AC1015", "AC1018",
        "AC1021", "AC1024", "AC1027", "AC1032",
    ];
    if b.u8(6).is_some_and(|next| next >= 0x20) {
        return None;
    }
    let version = VERSIONS.into_iter().find(|v| b.is(0, v.as_bytes()));
    found(Id::Dwg, version.is_some() || b.is(0, b"AC1035")).map(|f| f.version(version.or(Some("AC1035"))))
}
/// CATIA names its document's kind in the head of the container.
pub(super) fn catia(b: &Bytes<'_>) -> Option<Found> {
    let kind = ["CATPart", "CATProduct", "CATDrawing", "CATMaterial", "CATProcess"]
        .into_iter()
        .find(|kind| has(b.head, b.head.len(), kind.as_bytes()));
    Some(Found::magic(Id::Catia5).version(kind))
}
pub(super) fn parasolid(b: &Bytes<'_>) -> Option<Found> {
    found(Id::ParasolidBin, has(b.head, 64, b"TRANSMIT FILE"))
}
/// A line of 80 bytes that begins with `Version 8.1`, then the byte order (JT file format reference, file header).
pub(super) fn jt(b: &Bytes<'_>) -> Option<Found> {
    let digit = b.u8(8).is_some_and(|d| d.is_ascii_digit());
    let line = b.head.get(..80)?.iter().all(|x| x.is_ascii_graphic() || matches!(x, b' ' | b'\r' | b'\n'));
    found(Id::Jt, digit && line && matches!(b.u8(80), Some(0 | 1)))
}
pub(super) fn kompas(b: &Bytes<'_>) -> Option<Found> {
    let sane = matches!(b.head, [_, _, _, 0 | 1 | 0x10, 0 | 1 | 0x80 | 0x90, 5..=0x18, ..]);
    found(Id::Kompas, sane)
}
/// The main chunk of a 3D Studio mesh is as long as the file, and holds a version or the editor's chunk.
pub(super) fn three_ds(b: &Bytes<'_>) -> Option<Found> {
    let chunk = matches!(b.le16(6), Some(0x0002 | 0x3D3D | 0x3DAA));
    let length = b.le32(2).map(u64::from);
    found(Id::ThreeDs, chunk && length.is_some_and(|l| l >= 16 && b.size.is_none_or(|size| l == size)))
}
/// Begin Metafile with its name, then Metafile Version (ISO/IEC 8632-3).
pub(super) fn cgm(b: &Bytes<'_>) -> Option<Found> {
    let name = usize::from(b.u8(1)?);
    let name = if (0x20..0x3F).contains(&name) {
        name & 0x1F
    } else if name == 0x3F {
        usize::from(b.be16(2)? & 0x7FFF) + 2
    } else {
        return None;
    };
    let at = 2 + name.next_multiple_of(2);
    found(Id::Cgm, b.is(at, &[0x10, 0x22, 0]) && matches!(b.u8(at + 3), Some(1..=4)))
}
pub(super) fn ply(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Ply, has(b.head, 256, b"format ascii 1.0") || has(b.head, 256, b"format binary_"))
}
/// HEADER with a version, then BGNLIB.
pub(super) fn gdsii(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Gdsii, b.be16(4).is_some_and(|v| v < 10_000) && (b.head.len() < 10 || b.is(8, &[1, 2])))
}
/// Shapefile and its index share a header; the index goes on with the offset 50, the shapes with record number 1.
pub(super) fn shape(b: &Bytes<'_>) -> Option<Found> {
    let header = b.le32(28) == Some(1000) && b.head.get(4..24)?.iter().all(|x| *x == 0);
    let kind = matches!(b.le32(32), Some(0 | 1 | 3 | 5 | 8 | 11 | 13 | 15 | 18 | 21 | 23 | 25 | 28 | 31));
    let index = b.be32(100) == Some(50);
    found(if index { Id::ShapeIndex } else { Id::Shapefile }, header && kind)
}
/// Version 1.0 to 1.4; the high bit of the point format means LAZ.
pub(super) fn las(b: &Bytes<'_>) -> Option<Found> {
    const VERSIONS: [&str; 5] = ["1.0", "1.1", "1.2", "1.3", "1.4"];
    if b.u8(24)? != 1 {
        return None;
    }
    VERSIONS.get(usize::from(b.u8(25)?)).map(|version| Found::magic(Id::Las).version(Some(version)))
}
/// TIFF, and GeoTIFF by tag 34735 in the first directory (OGC 19-008).
pub(super) fn tiff(b: &Bytes<'_>) -> Option<Found> {
    const GEO_KEYS: u16 = 34735;
    const ENTRIES_MAX: u16 = 256;
    let little = b.is(0, b"II");
    let number = |at: u64, len: usize| {
        let field = b.get(at, len)?;
        let fold = |acc: u64, byte: &u8| acc << 8 | u64::from(*byte);
        Some(if little { field.iter().rev().fold(0, fold) } else { field.iter().fold(0, fold) })
    };
    let big = b.is(2, b"+\0") || b.is(2, b"\0+");
    let (at, count_len, entry) = if big { (number(8, 8), 8, 20) } else { (number(4, 4), 2, 12) };
    let geo = at.is_some_and(|at| {
        let count = number(at, count_len).unwrap_or(0).min(u64::from(ENTRIES_MAX));
        (0..count).any(|n| {
            let entry = at.checked_add(count_len as u64).and_then(|a| a.checked_add(n * entry));
            entry.and_then(|e| number(e, 2)) == Some(u64::from(GEO_KEYS))
        })
    });
    Some(Found::magic(if geo { Id::GeoTiff } else { Id::Tiff }))
}
pub(super) fn grib(b: &Bytes<'_>) -> Option<Found> {
    let version = match b.u8(7)? {
        1 => "1",
        2 => "2",
        _ => return None,
    };
    Some(Found::magic(Id::Grib).version(Some(version)))
}
pub(super) fn bufr(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Bufr, matches!(b.u8(7), Some(2..=4)))
}
pub(super) fn cern_root(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Root, b.be32(8).is_some_and(|begin| (64..=512).contains(&begin)))
}
/// Stata before 117: release, byte order, type 1, 0.
pub(super) fn stata(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Stata, matches!(b.head, [0x71..=0x73, 1 | 2, 1, 0, ..]))
}
/// The European Data Format: start date and time as `dd.mm.yy` and `hh.mm.ss` at 168.
pub(super) fn edf(b: &Bytes<'_>) -> Option<Found> {
    let field = b.head.get(168..184)?;
    let fits = |(i, x): (usize, &u8)| if i % 8 == 2 || i % 8 == 5 { *x == b'.' } else { x.is_ascii_digit() };
    found(Id::Edf, field.iter().enumerate().all(fits))
}
pub(super) fn pcapng(b: &Bytes<'_>) -> Option<Found> {
    found(Id::PcapNg, b.is(8, b"\x1A\x2B\x3C\x4D") || b.is(8, b"\x4D\x3C\x2B\x1A"))
}
pub(super) fn netmon(b: &Bytes<'_>) -> Option<Found> {
    found(Id::NetMon, matches!(b.u8(5), Some(1 | 2)))
}
pub(super) fn blf(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Blf, b.le32(4).is_some_and(|header| (72..=512).contains(&header)))
}
pub(super) fn pdf(b: &Bytes<'_>) -> Option<Found> {
    const VERSIONS: [&str; 9] = ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0"];
    let version = VERSIONS.into_iter().find(|v| b.is(5, v.as_bytes()));
    Some(Found::magic(Id::Pdf).version(version))
}
pub(super) fn pst(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Pst, b.is(8, b"SM") || b.is(8, b"AB") || b.is(8, b"SO"))
}
pub(super) fn bzip2(b: &Bytes<'_>) -> Option<Found> {
    let level = matches!(b.u8(3), Some(b'1'..=b'9'));
    found(Id::Bzip2, level && (b.is(4, b"1AY&SY") || b.is(4, b"\x17\x72\x45\x38\x50\x90")))
}
/// The basic header is short, and its first part is 30 to 34 bytes (ARJ technical note).
pub(super) fn arj(b: &Bytes<'_>) -> Option<Found> {
    let sane = b.le16(2).is_some_and(|n| (30..=2600).contains(&n)) && matches!(b.u8(4), Some(28..=46));
    found(Id::Arj, sane && matches!(b.u8(10), Some(2)))
}
/// The old binary header: its name length is sane.
pub(super) fn cpio(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Cpio, b.le16(20).is_some_and(|n| (1..=4096).contains(&n)) && b.le16(6).is_some_and(|m| m & 0xF000 != 0))
}
/// The headers in text: eight numbers in hexadecimal (`newc`), or in octal (`odc`).
pub(super) fn cpio_text(b: &Bytes<'_>) -> Option<Found> {
    let numbers = b.head.get(6..76)?.iter().all(u8::is_ascii_hexdigit);
    found(Id::Cpio, numbers && matches!(b.u8(5), Some(b'1' | b'2' | b'7')))
}
/// A segment of ASCII with its length, which begins as a font does (Adobe technical note 5040).
pub(super) fn pfb(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Type1, b.is(6, b"%!"))
}
/// The origin follows: degrees, minutes, seconds, hemisphere (MIL-PRF-89020, UHL).
pub(super) fn dted(b: &Bytes<'_>) -> Option<Found> {
    let digits = b.head.get(4..11)?.iter().all(u8::is_ascii_digit);
    found(Id::Dted, digits && matches!(b.u8(11), Some(b'E' | b'W')))
}
pub(super) fn lha(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Lha, matches!(b.head.get(2..7), Some([b'-', b'l', b'h' | b'z', _, b'-'])))
}
/// Parquet is framed: the magic stands at both ends. A head alone is believed.
pub(super) fn parquet(b: &Bytes<'_>) -> Option<Found> {
    let end = b.tail.is_empty() || b.tail.ends_with(b"PAR1");
    found(Id::Parquet, end && b.u8(4).is_some_and(|x| x == 0x15 || x == 0))
}
/// The postscript ends with `ORC` and its own length.
pub(super) fn orc(b: &Bytes<'_>) -> Option<Found> {
    let end = b.tail.len().checked_sub(4).and_then(|at| b.tail.get(at..));
    found(Id::Orc, end.is_some_and(|e| e.starts_with(b"ORC")))
}
pub(super) fn mysql_frm(b: &Bytes<'_>) -> Option<Found> {
    found(Id::MysqlFrm, matches!(b.u8(2), Some(6..=11)) && b.u8(3).is_some_and(|engine| engine < 0x30))
}
pub(super) fn evt(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Evt, b.le32(8) == Some(1))
}
/// Five counts that fit the file (term(5)).
pub(super) fn terminfo(b: &Bytes<'_>) -> Option<Found> {
    let count = |at: usize| b.le16(at).filter(|n| *n < 4096);
    let sane = count(2).is_some_and(|names| names > 1) && (4..=10).step_by(2).all(|at| count(at).is_some());
    found(Id::Terminfo, sane && b.size.is_none_or(|s| s < 65536))
}
/// Protocol 2 to 5 and a first opcode that opens something; from protocol 4 on, a frame.
pub(super) fn pickle(b: &Bytes<'_>) -> Option<Found> {
    let opens = |op: u8| matches!(op, b'}' | b']' | b')' | b'(' | b'c' | b'X' | b'q');
    let sane = match b.head {
        [_, 4 | 5, 0x95, rest @ ..] => rest.get(4..8) == Some(&[0; 4]),
        [_, 2 | 3, op, ..] => opens(*op) && b.tail.ends_with(b"."),
        _ => false,
    };
    found(Id::Pickle, sane)
}
/// A magic number and `\r\n`, then flags of PEP 552 or a time.
pub(super) fn pyc(b: &Bytes<'_>) -> Option<Found> {
    let magic = b.le16(0)?;
    let known = (3000..4000).contains(&magic) || (50823..=62300).contains(&magic);
    let flags = b.le32(4).is_some_and(|f| f < 4) || (50823..=62300).contains(&magic);
    // The marshalled code object, with or without a reference flag.
    let code = [8, 12, 16].into_iter().any(|at| matches!(b.u8(at), Some(0x63 | 0xE3)));
    found(Id::Pyc, known && flags && code)
}
/// Reserved fields are zero, the header has a known length.
pub(super) fn bmp(b: &Bytes<'_>) -> Option<Found> {
    let header = matches!(b.le32(14), Some(12 | 16 | 40 | 52 | 56 | 64 | 108 | 124));
    found(Id::Bmp, header && b.le32(6) == Some(0) && b.le32(10).is_some_and(|at| at < 1 << 20))
}
pub(super) fn riff(b: &Bytes<'_>) -> Option<Found> {
    let kind = b.head.get(8..12)?;
    let id = match kind {
        b"WAVE" => Id::Wav,
        b"AVI " => Id::Avi,
        b"WEBP" => Id::Webp,
        [b'C', b'D', b'R' | b'r', _] | [b'c', b'd', b'r', _] => Id::Cdr,
        _ if kind.iter().all(|x| x.is_ascii_graphic() || *x == b' ') => Id::Riff,
        _ => return None,
    };
    Some(Found::magic(id))
}
/// Some images, each in range and with a reserved zero.
pub(super) fn ico(b: &Bytes<'_>) -> Option<Found> {
    let count = b.le16(4)?;
    let sane = (1..=64).contains(&count) && b.u8(9)? == 0 && b.le32(18)? >= 22 && b.le32(14)? > 0;
    found(Id::Ico, sane && b.le32(18)? < 1 << 24 && b.le16(10)? <= 256)
}
pub(super) fn pcx(b: &Bytes<'_>) -> Option<Found> {
    let (left, top, right, bottom) = (b.le16(4)?, b.le16(6)?, b.le16(8)?, b.le16(10)?);
    let sane = matches!(b.head, [_, 0 | 2..=5, 1, 1 | 2 | 4 | 8, ..]) && right >= left && bottom >= top;
    found(Id::Pcx, sane && b.u8(64)? == 0 && matches!(b.u8(65)?, 1..=4))
}
pub(super) fn id3(b: &Bytes<'_>) -> Option<Found> {
    let length = b.head.get(6..10)?.iter().all(|x| *x < 0x80);
    found(Id::Mp3, matches!(b.u8(3), Some(2..=4)) && length)
}
/// Two frames of MPEG layer III where the first says that the second begins.
pub(super) fn mp3(b: &Bytes<'_>) -> Option<Found> {
    let next = frame_bytes(b, 0)?;
    found(Id::Mp3, frame_bytes(b, next).is_some())
}
fn frame_bytes(b: &Bytes<'_>, at: usize) -> Option<usize> {
    const KBITS: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const KBITS_LOW: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    const HERTZ: [usize; 3] = [44100, 48000, 32000];
    let &[0xFF, second, third, _] = b.head.get(at..at.checked_add(4)?)? else { return None };
    if second & 0xE6 != 0xE2 {
        return None;
    }
    let (rates, samples, halves) = match second >> 3 & 3 {
        3 => (KBITS, 144, 1),
        2 => (KBITS_LOW, 72, 2),
        0 => (KBITS_LOW, 72, 4),
        _ => return None,
    };
    let kbits = *rates.get(usize::from(third >> 4)).filter(|k| **k > 0)?;
    let hertz = HERTZ.get(usize::from(third >> 2 & 3))? / halves;
    Some(samples * kbits * 1000 / hertz + usize::from(third >> 1 & 1))
}
pub(super) fn iff(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Aiff, b.is(8, b"AIFF") || b.is(8, b"AIFC"))
}
/// A version that was given out, and a length that holds more than the header.
pub(super) fn swf(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Swf, matches!(b.u8(3), Some(1..=50)) && b.le32(4).is_some_and(|n| (8..1 << 28).contains(&n)))
}
/// The new header's place stands at 60; without `PE` there it is a program for DOS.
pub(super) fn pe(b: &Bytes<'_>) -> Option<Found> {
    let at = b.le32(60).map(u64::from);
    if at.and_then(|at| b.get(at, 4)) == Some(b"PE\0\0") {
        return found(Id::Pe, true);
    }
    // Pages and paragraphs of a DOS header.
    let sane = b.le16(2).is_some_and(|n| n < 512) && b.le16(8).is_some_and(|n| (1..4096).contains(&n));
    found(Id::DosExe, sane && b.head.len() >= 28)
}
pub(super) fn elf(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Elf, matches!(b.head, [_, _, _, _, 1 | 2, 1 | 2, 1, ..]))
}
/// A fat macOS program counts its parts where a Java class has its version.
pub(super) fn cafebabe(b: &Bytes<'_>) -> Option<Found> {
    match b.be32(4)? {
        1..=30 => found(Id::MachO, true),
        version if (45..=100).contains(&(version & 0xFFFF)) => found(Id::JavaClass, true),
        _ => None,
    }
}
/// TrueType, OpenType: some tables, the first with a printable tag.
pub(super) fn sfnt(b: &Bytes<'_>) -> Option<Found> {
    if b.is(0, b"ttcf") {
        return found(Id::Ttf, matches!(b.be32(4), Some(0x0001_0000 | 0x0002_0000)));
    }
    let tables = b.be16(4).is_some_and(|n| (1..=64).contains(&n));
    let tag = b.head.get(12..16)?.iter().all(|x| x.is_ascii_graphic() || *x == b' ');
    // The search range follows from the count (OpenType 1.9, table directory).
    let range = b.be16(4).is_some_and(|n| n > 0 && b.be16(6) == Some(16 << n.ilog2()));
    found(if b.is(0, b"OTTO") { Id::Otf } else { Id::Ttf }, tables && tag && range)
}
pub(super) fn ftyp(b: &Bytes<'_>) -> Option<Found> {
    let brand = b.head.get(8..12)?;
    let image = matches!(brand, b"heic" | b"heix" | b"mif1" | b"msf1" | b"avif" | b"avis" | b"hevc");
    brand.iter().all(|x| x.is_ascii_graphic() || *x == b' ').then_some(Found::magic(if image {
        Id::Heif
    } else {
        Id::Mp4
    }))
}
pub(super) fn vectorworks(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Vectorworks, b.is(0, b"\0\0") && (b.is(14, b"VectorWorks") || matches!(b.u8(16), Some(b'1' | b'2'))))
}
pub(super) fn emf(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Emf, b.le32(0) == Some(1) && b.le32(4).is_some_and(|n| (88..=512).contains(&n)))
}
pub(super) fn boot_sector(b: &Bytes<'_>) -> Option<Found> {
    found(Id::Fat, b.is(510, b"\x55\xAA") && matches!(b.u8(0), Some(0xEB | 0xE9)))
}
/// The superblock: a block size and states in range (kernel documentation, `ext4/super`).
pub(super) fn ext(b: &Bytes<'_>) -> Option<Found> {
    let block = b.le32(1024 + 24).is_some_and(|log| log <= 6);
    let state = b.le16(1024 + 58).is_some_and(|s| s <= 7) && b.le32(1024).is_some_and(|inodes| inodes > 0);
    found(Id::Ext, block && state)
}

/// Formats without a magic at a fixed place.
pub(super) fn find(b: &Bytes<'_>) -> Option<Found> {
    const RULES: [fn(&Bytes<'_>) -> Option<Found>; 16] = [
        dbf,
        stl,
        innodb,
        mssql,
        paradox,
        oracle,
        later_hdf5,
        late_pdf,
        iso8211,
        dlis,
        nastran_op2,
        mpeg_ts,
        segy,
        tail,
        dicom_bare,
        partition_table,
    ];
    RULES.iter().find_map(|rule| rule(b)).or_else(|| super::records::netpbm(b.head))
}

/// dBase and FoxPro: version, date, a header length that its own field descriptors confirm.
fn dbf(b: &Bytes<'_>) -> Option<Found> {
    let fox = match b.u8(0)? {
        0x02 | 0x03 | 0x04 | 0x05 | 0x07 | 0x43 | 0x7B | 0x83 | 0x8B | 0x8E | 0xCB => false,
        0x30..=0x32 | 0xF5 | 0xFB => true,
        _ => return None,
    };
    let date = matches!(b.u8(2)?, 0..=12) && b.u8(3)? <= 31;
    let (header, record) = (usize::from(b.le16(8)?), usize::from(b.le16(10)?));
    if !date || header < 65 || record < 2 {
        return None;
    }
    // The first field: a name, a type, a length; the descriptors end with 0x0D (or a level 7 header, 68 bytes long).
    let field = [32, 68].into_iter().find(|at| {
        let name = b.head.get(*at..at + 11).unwrap_or_default();
        let len = name.iter().position(|x| *x == 0).unwrap_or(name.len());
        let name_fits = len > 0 && name.iter().take(len).all(|x| x.is_ascii_graphic() || *x >= 0x80 || *x == b' ');
        name_fits && b.u8(at + 11).is_some_and(|kind| b"CNLDMFBGPYTIVXQW0@O+".contains(&kind))
    });
    let ends = b.u8(header.checked_sub(1)?).is_none_or(|x| x == 0x0D || x == 0)
        || (32..header).step_by(32).any(|at| b.u8(at) == Some(0x0D));
    let container = fox && b.is(32, b"OBJECTID\0");
    let yes = field.is_some() && ends;
    yes.then_some(Found::content(if fox { Id::FoxPro } else { Id::Dbf }).version(container.then_some("container")))
}
/// Binary STL: 80 bytes, a count, 50 bytes a triangle; the length must be exactly that.
fn stl(b: &Bytes<'_>) -> Option<Found> {
    let triangles = u64::from(b.le32(80)?);
    let exact = b.size? == triangles.checked_mul(50)?.checked_add(84)?;
    (exact && triangles > 0).then_some(Found::content(Id::StlBinary))
}
/// Page 0 of a tablespace: FSP_HDR, number 0, and its space id twice (InnoDB `fil0types.h`, `fsp0types.h`).
fn innodb(b: &Bytes<'_>) -> Option<Found> {
    let yes = b.be16(24)? == 8 && b.be32(4)? == 0 && b.be32(34)? == b.be32(38)? && b.be32(38)? != 0 && b.be32(46)? > 0;
    yes.then_some(Found::content(Id::MysqlIbd))
}
/// The first page of a data file: header version 1, type 15, level 0 (SQL Server internals; from memory).
fn mssql(b: &Bytes<'_>) -> Option<Found> {
    let yes = b.is(0, &[0x01, 0x0F, 0, 0])
        && b.le32(32) == Some(0)
        && b.head.get(96..).is_some()
        && b.size.is_none_or(|s| s % 8192 == 0);
    yes.then_some(Found::content(Id::MssqlMdf))
}
/// Header and block sizes, file type and version in range (PRONOM x-fmt/147, fmt/350-352).
fn paradox(b: &Bytes<'_>) -> Option<Found> {
    let yes = b.le16(2)? == 0x0800
        && matches!(b.u8(4)?, 0 | 2)
        && matches!(b.u8(5)?, 1..=32)
        && matches!(b.u8(0x39)?, 3..=12);
    let records = b.le32(6)?;
    (yes && b.le16(0)? > 0 && records < 1 << 24).then_some(Found::content(Id::Paradox))
}
/// An Oracle data file: block 0 of type 0xA2 with its block size and the mark `}|{z`.
fn oracle(b: &Bytes<'_>) -> Option<Found> {
    let yes = matches!(b.head, [0, 0xA2 | 0x22, 0, 0, ..]) && b.head.get(28..32) == Some(b"}|{z");
    yes.then_some(Found::content(Id::OracleDatafile))
}
/// HDF5 may stand behind a block of the user: at 512, 1024, ... (HDF5 file format 3.0, II.A).
fn later_hdf5(b: &Bytes<'_>) -> Option<Found> {
    let at = [512usize, 1024, 2048, 4096, 8192];
    at.into_iter().any(|at| b.is(at, b"\x89HDF\r\n\x1A\n")).then_some(Found::content(Id::Hdf5))
}
/// Readers accept a header within the first kilobyte (PDF 1.7, implementation note 13).
fn late_pdf(b: &Bytes<'_>) -> Option<Found> {
    let yes = has(b.head, 1024, b"%PDF-1.") && has(b.tail, b.tail.len(), b"%%EOF");
    yes.then_some(Found::content(Id::Pdf))
}
/// The leader of a data descriptive record: length, interchange level, `L`, entry map (ISO 8211).
fn iso8211(b: &Bytes<'_>) -> Option<Found> {
    let leader = b.head.get(..24)?;
    let digits = |range: std::ops::Range<usize>| leader.get(range).is_some_and(|d| d.iter().all(u8::is_ascii_digit));
    let yes = digits(0..5) && matches!(leader[5], b'1'..=b'3') && leader[6] == b'L' && digits(12..17) && digits(20..22);
    yes.then_some(Found::content(Id::S57))
}
/// The storage unit label (API RP 66 version 1, 2.3.2).
fn dlis(b: &Bytes<'_>) -> Option<Found> {
    let yes = b.is(4, b"V1.00RECORD") || b.is(80 + 4, b"V1.00RECORD");
    yes.then_some(Found::content(Id::Dlis))
}
fn nastran_op2(b: &Bytes<'_>) -> Option<Found> {
    has(b.head, 512, b"NASTRAN FORT TAPE ID CODE").then_some(Found::content(Id::NastranOp2))
}
/// A sync byte every 188 bytes, five times (ISO/IEC 13818-1).
fn mpeg_ts(b: &Bytes<'_>) -> Option<Found> {
    (0..5).all(|n| b.u8(n * 188) == Some(0x47)).then_some(Found::content(Id::MpegTs))
}
/// 3,200 bytes of EBCDIC that begin with `C 1`, then a binary header with a known sample format (SEG-Y rev 1).
fn segy(b: &Bytes<'_>) -> Option<Found> {
    let card = b.is(0, b"\xC3\x40\xF1") || b.is(0, b"\xC3\xF0\xF1") || b.is(0, b"\xC3\x40\x40\xF1");
    let format = b.be16(3224).is_none_or(|f| matches!(f, 1..=16));
    (card && format).then_some(Found::content(Id::SegY))
}
/// Marks in the last bytes.
fn tail(b: &Bytes<'_>) -> Option<Found> {
    let last = |n: usize| b.tail.len().checked_sub(n).and_then(|at| b.tail.get(at..)).unwrap_or_default();
    let id = if last(512).starts_with(b"koly\0\0\0\x04") {
        Id::Dmg
    } else if last(512).starts_with(b"conectix") {
        Id::Vhd
    } else if b.tail.ends_with(b"TRUEVISION-XFILE.\0") {
        Id::Tga
    } else {
        return None;
    };
    Some(Found::magic(id))
}
/// DICOM without a preamble: the first element is in group 2 or 8 and its length is sane (PS3.10 of 1998 and before).
fn dicom_bare(b: &Bytes<'_>) -> Option<Found> {
    let group =
        matches!(b.le16(0)?, 0x0002 | 0x0008) && matches!(b.le16(2)?, 0x0000 | 0x0001 | 0x0005 | 0x0008 | 0x0016);
    let explicit = matches!(b.head.get(4..6)?, b"UL" | b"UI" | b"CS" | b"OB" | b"DA") && b.le16(6)? <= 256;
    let implicit = b.le32(4)? == 4 && b.le16(2)? == 0;
    (group && (explicit || implicit)).then_some(Found::content(Id::Dicom))
}
/// A boot record: the mark at its end, and four entries whose states and extents make sense.
fn partition_table(b: &Bytes<'_>) -> Option<Found> {
    if !b.is(510, b"\x55\xAA") {
        return None;
    }
    let entries = b.head.get(446..510)?.as_chunks::<16>().0;
    let sane = |e: &[u8; 16]| matches!(e[0], 0 | 0x80) && (e[4] != 0 || first(e, 16).iter().all(|x| *x == 0));
    let used = entries.iter().filter(|e| e[4] != 0).count();
    (used > 0 && entries.iter().all(sane)).then_some(Found::content(Id::Mbr))
}

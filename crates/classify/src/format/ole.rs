//! OLE2 compound files: the class id of the root and the names of streams and storages ([MS-CFB] 2.2, 2.6).
//!
//! Only the directory is read, sector by sector along its chain, through a function that reads at a position. The number of
//! sectors is bounded, so a chain that bites its own tail ends like any other; what it repeats does no harm, as names are a set.

use super::bytes::Bytes;
use super::names::marks;
use super::table::Id;
use super::{Found, How, Need};

/// Reads bytes at a position into a buffer and returns how many it read; fewer than asked for means the end.
pub type ReadAt<'r> = dyn FnMut(u64, &mut [u8]) -> usize + 'r;

/// Sectors of the directory that are read: 16,384 names at the usual 512 bytes.
const SECTORS_MAX: usize = 4096;
/// Words of allocation tables and of their lists that are read for one directory.
const WORDS_MAX: usize = 32 << 10;
const ENTRY_BYTES: usize = 128;
const SECTOR_BYTES_MAX: usize = 4096;
/// Names in the header's own list of allocation tables.
const HEADER_LIST: u64 = 109;
/// Units of a name ([MS-CFB] 2.6.1).
const NAME_UNITS_MAX: usize = 32;

/// How a listing ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listing {
    /// All names were given.
    Whole,
    /// The rest could not be read, or was more than is listed.
    Partial,
    /// The header is none.
    Corrupt,
}

/// Gives each name in the directory to `name`, with the class id of its entry (all zero for streams).
///
/// The root entry comes first. Names are narrowed to a byte a character, `?` for what is not ASCII. The first names are given
/// even where the rest is damaged. Reads at most 4,096 sectors and 32,768 words of
/// allocation tables.
pub fn streams(read_at: &mut ReadAt<'_>, name: &mut dyn FnMut(&[u8], [u8; 16])) -> Listing {
    let mut header = [0; 512];
    if read_at(0, &mut header) < header.len() || !header.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return Listing::Corrupt;
    }
    let sector = match le16(&header, 30) {
        9 => 512usize,
        12 => 4096,
        _ => return Listing::Corrupt,
    };
    let reached = (0, le32(&header, 68));
    let mut file = Sectors { header, bytes: sector as u64, reached, words_left: WORDS_MAX };
    let mut at = le32(&file.header, 48);
    for _ in 0..SECTORS_MAX {
        let mut buffer = [0; SECTOR_BYTES_MAX];
        let Some(buffer) = buffer.get_mut(..sector) else { return Listing::Corrupt };
        let got = read_at(file.position(at), buffer);
        let (entries, _) = buffer.get(..got).unwrap_or_default().as_chunks::<ENTRY_BYTES>();
        for entry in entries {
            give(entry, name);
        }
        if got < sector {
            return Listing::Partial;
        }
        match file.next(at, read_at) {
            Some(END_OF_CHAIN) => return Listing::Whole,
            Some(next) if next < SPECIAL => at = next,
            _ => return Listing::Partial,
        }
    }
    Listing::Partial
}

const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
/// Sector numbers from here on are marks.
const SPECIAL: u32 = 0xFFFF_FFFA;

struct Sectors {
    header: [u8; 512],
    bytes: u64,
    /// The furthest list of allocation tables that was found: how many were stepped over, and its sector.
    reached: (u64, u32),
    /// Words that may still be read.
    words_left: usize,
}
impl Sectors {
    fn position(&self, sector: u32) -> u64 {
        (u64::from(sector) + 1) * self.bytes
    }
    /// The sector after `sector` in its chain.
    fn next(&mut self, sector: u32, read_at: &mut ReadAt<'_>) -> Option<u32> {
        let per_sector = self.bytes / 4;
        let (table, slot) = (u64::from(sector) / per_sector, u64::from(sector) % per_sector);
        let table = self.table(table, read_at)?;
        self.word(table, slot, read_at)
    }
    /// The sector of the allocation table with this number.
    fn table(&mut self, number: u64, read_at: &mut ReadAt<'_>) -> Option<u32> {
        if number < HEADER_LIST {
            let at = 76 + 4 * usize::try_from(number).ok()?;
            return Some(le32(&self.header, at)).filter(|s| *s < SPECIAL);
        }
        // Further lists are chained; the last word of each is the next.
        let per_list = self.bytes / 4 - 1;
        let (skip, slot) = ((number - HEADER_LIST) / per_list, (number - HEADER_LIST) % per_list);
        let (from, mut list) = if self.reached.0 <= skip { self.reached } else { (0, le32(&self.header, 68)) };
        for _ in from..skip {
            list = self.word(list, per_list, read_at)?;
        }
        self.reached = (skip, list);
        self.word(list, slot, read_at).filter(|s| *s < SPECIAL)
    }
    /// A word of a sector.
    fn word(&mut self, sector: u32, slot: u64, read_at: &mut ReadAt<'_>) -> Option<u32> {
        self.words_left = self.words_left.checked_sub(1)?;
        let mut word = [0; 4];
        let at = self.position(Some(sector).filter(|s| *s < SPECIAL)?) + slot * 4;
        (read_at(at, &mut word) == 4).then(|| u32::from_le_bytes(word))
    }
}
fn le16(bytes: &[u8; 512], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}
fn le32(bytes: &[u8; 512], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
fn give(entry: &[u8; ENTRY_BYTES], name: &mut dyn FnMut(&[u8], [u8; 16])) {
    if !matches!(entry[66], 1 | 2 | 5) {
        return;
    }
    let units = usize::from(u16::from_le_bytes([entry[64], entry[65]])) / 2;
    let mut narrow = [0; NAME_UNITS_MAX];
    let (wide, _) = entry[..64].as_chunks::<2>();
    let mut len = 0;
    for (to, unit) in narrow.iter_mut().zip(wide).take(units.saturating_sub(1)) {
        *to = if unit[1] == 0 && unit[0] < 0x80 { unit[0] } else { b'?' };
        len += 1;
    }
    let mut class = [0; 16];
    class.copy_from_slice(&entry[80..96]);
    name(narrow.get(..len).unwrap_or_default(), class);
}

marks! { NAMES:
    DGN = Starts b"dgn~"; SW_VERSION = Starts b"_mo_version_"; SW_INFO = Starts b"isolidworksinformation"; SW_MANAGER = Starts b"swdoccontentmgr";
    SW_CMGR = Is b"cmgrhdr"; SW_XML = Starts b"swxmlcontents"; UG_PART = Is b"ug_part"; RSE = Is b"rsedb"; RSE_STORAGE = Is b"rsestorage";
    UFRX = Is b"ufrxdoc"; SE_SITES = Is b"jsiteslist"; SE_PROPS = Is b"jproperties"; BASIC_FILE_INFO = Is b"basicfileinfo";
    RVT_CONTENTS = Starts b"revitpreview"; MAX_CLASS = Starts b"classdirectory"; MAX_DLL = Is b"dlldirectory";
    BOARD6 = Is b"board6"; PADS6 = Is b"pads6"; FILE_HEADER = Is b"fileheader"; STORAGE = Is b"storage"; LIBRARY = Is b"library"; PIN_FRAC = Is b"pinfrac";
    HWP_INFO = Is b"docinfo"; HWP_TEXT = Is b"bodytext"; HWP_VIEW = Is b"prvtext"; ADDITIONAL = Is b"additional";
    PROGRAM_FILES = Is b"program files"; DATA_FILES = Is b"data files"; PAGE_LAYOUT = Is b"pagelayout"; MAPS = Is b"maps"; SCENE = Is b"scene"; STYLE_GALLERY = Is b"stylegallery";
    WORD = Is b"worddocument"; BOOK = Is b"book"; WORKBOOK = Is b"workbook"; POWERPOINT = Is b"powerpoint document"; PP_OLD = Is b"pp40"; VISIO = Is b"visiodocument";
    PROPS_8 = Is b"props8"; PROPS_9 = Is b"props9"; PROPS_12 = Is b"props12"; PROPS_14 = Is b"props14"; MSG = Starts b"__properties_version1.0"; NAMEID = Starts b"__nameid_version1.0"; ENCRYPTED = Is b"encryptedpackage";
    QUILL = Is b"quill"; CATALOG = Is b"catalog"; DEST_LIST = Is b"destlist"; THUMB_256 = Starts b"256_"; THUMB_96 = Starts b"96_";
}

/// Rules, asked in this order: all of the first set, one of the second.
const RULES: &[(u64, u64, Id)] = &[
    (0, DGN, Id::Dgn8),
    (0, SW_VERSION | SW_INFO | SW_MANAGER | SW_CMGR | SW_XML, Id::SolidWorks),
    (0, UG_PART, Id::Nx),
    (0, RSE | RSE_STORAGE | UFRX, Id::Inventor),
    (0, SE_SITES, Id::SolidEdge),
    (0, SE_PROPS, Id::SolidEdge),
    (0, BASIC_FILE_INFO | RVT_CONTENTS, Id::Revit),
    (MAX_CLASS | MAX_DLL, 0, Id::ThreeDsMax),
    (0, BOARD6 | PADS6, Id::AltiumPcb),
    (HWP_INFO | HWP_TEXT, 0, Id::Hwp),
    (FILE_HEADER | HWP_VIEW, 0, Id::Hwp),
    (FILE_HEADER | STORAGE, 0, Id::AltiumSch),
    (FILE_HEADER | ADDITIONAL, 0, Id::AltiumSch),
    (FILE_HEADER | LIBRARY, 0, Id::AltiumPcb),
    (FILE_HEADER, PIN_FRAC, Id::AltiumSch),
    (PROGRAM_FILES | DATA_FILES, 0, Id::RockwellRss),
    (STYLE_GALLERY, PAGE_LAYOUT | MAPS | SCENE, Id::ArcMap),
    (0, ENCRYPTED, Id::OfficeEncrypted),
    (0, MSG | NAMEID, Id::Msg),
    (0, POWERPOINT | PP_OLD, Id::Ppt),
    (0, VISIO, Id::Vsd),
    (QUILL, 0, Id::Publisher),
    (0, PROPS_8 | PROPS_9 | PROPS_12 | PROPS_14, Id::Mpp),
    (0, WORD, Id::Doc),
    (0, WORKBOOK | BOOK, Id::Xls),
    (DEST_LIST, 0, Id::JumpList),
    (0, CATALOG | THUMB_256 | THUMB_96, Id::ThumbsDb),
];
/// The class id of the root as it lies in the file, where it says more than the names, or instead of them.
const CLASSES: &[([u8; 16], Id)] = &[
    // {000C1084-0000-0000-C000-000000000046} and ...1086: installer package and patch (libmagic).
    (*b"\x84\x10\x0C\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", Id::Msi),
    (*b"\x86\x10\x0C\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", Id::Msi),
    (*b"\x0B\x0D\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", Id::Msg),
    (*b"\x46\xF0\x06\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", Id::Msg),
    (*b"\x06\x09\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", Id::Doc),
    (*b"\0\x09\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", Id::Doc),
    (*b"\x10\x08\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", Id::Xls),
    (*b"\x20\x08\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", Id::Xls),
    (*b"\x13\x1A\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", Id::Vsd),
    (*b"\x14\x1A\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", Id::Vsd),
    // {64818D10-4F9B-11CF-86EA-00AA00B929E8}: PowerPoint 97.
    (*b"\x10\x8D\x81\x64\x9B\x4F\xCF\x11\x86\xEA\0\xAA\0\xB9\x29\xE8", Id::Ppt),
    // {74B78F3A-C8C8-11D1-BE11-00C04FB6FAF1}: Project.
    (*b"\x3A\x8F\xB7\x74\xC8\xC8\xD1\x11\xBE\x11\0\xC0\x4F\xB6\xFA\xF1", Id::Mpp),
    // {00021201-0000-0000-00C0-000000000046}: Publisher.
    (*b"\x01\x12\x02\0\0\0\0\0\0\xC0\0\0\0\0\0\x46", Id::Publisher),
    // {4D29B490-49B2-11D0-93C3-7E0706000000} and its kin: Inventor part, assembly, drawing.
    (*b"\x90\xB4\x29\x4D\xB2\x49\xD0\x11\x93\xC3\x7E\x07\x06\0\0\0", Id::Inventor),
    (*b"\xE1\x81\x0F\xE6\xB3\x49\xD0\x11\x93\xC3\x7E\x07\x06\0\0\0", Id::Inventor),
    (*b"\xF1\xFD\xF9\xBB\xDC\x52\xD0\x11\x8C\x04\x08\0\x09\x0B\xE8\xEC", Id::Inventor),
    // {83A33D30-27C5-11CE-BFD4-00400513BB57}, ...32, ...34: SolidWorks part, assembly, drawing.
    (*b"\x30\x3D\xA3\x83\xC5\x27\xCE\x11\xBF\xD4\0\x40\x05\x13\xBB\x57", Id::SolidWorks),
    (*b"\x32\x3D\xA3\x83\xC5\x27\xCE\x11\xBF\xD4\0\x40\x05\x13\xBB\x57", Id::SolidWorks),
    (*b"\x34\x3D\xA3\x83\xC5\x27\xCE\x11\xBF\xD4\0\x40\x05\x13\xBB\x57", Id::SolidWorks),
];

/// What is known of the directory.
#[derive(Clone, Copy, Default)]
pub(super) struct Directory {
    marks: u64,
    class: [u8; 16],
    root: bool,
}
impl Directory {
    pub(super) fn add(&mut self, name: &[u8], class: [u8; 16]) {
        if !self.root {
            (self.root, self.class) = (true, class);
        }
        self.marks |= NAMES.marks(name);
    }
}
/// What the names and the class id say.
pub(super) fn by_streams(directory: &Directory) -> Option<Found> {
    let fits = |all: u64, any: u64| directory.marks & all == all && (any == 0 || directory.marks & any != 0);
    let by_name = RULES.iter().find(|(all, any, _)| fits(*all, *any)).map(|r| r.2);
    let by_class = CLASSES.iter().find(|c| c.0 == directory.class).map(|c| c.1);
    // An office stream inside another program's file is an embedded document; the root's class is its maker's word.
    let id = match (by_name, by_class) {
        (Some(name), Some(class)) if name.format().family == super::Family::Office => class,
        (Some(name), _) => name,
        (None, Some(class)) => class,
        (None, None) => return None,
    };
    Some(Found::new(id, How::Container))
}

pub(super) fn ask(bytes: &Bytes<'_>) -> Option<Found> {
    let mut directory = Directory::default();
    let ended = streams(&mut |at, out| bytes.read(at, out), &mut |name, class| directory.add(name, class));
    let ole = Found::magic(Id::Ole);
    Some(match (by_streams(&directory), ended) {
        (Some(found), _) => found,
        (None, Listing::Partial) => ole.needing(Need::Streams),
        (None, _) => ole,
    })
}

//! zip: the names of the members, from the local headers in the head and the directory in the tail (APPNOTE 4.3).
//!
//! A magic of `PK` says nothing: Word, 3MF, CODESYS and a Java program share it. Where the directory is longer than the tail, or
//! only a head is at hand, the names that can be seen decide; if they do not, the answer is `zip` and a need for the rest.

use super::bytes::Bytes;
use super::names::marks;
use super::table::Id;
use super::{Found, How, Need};

/// Names that are looked at; an archive with more is judged by these.
pub(super) const NAMES_MAX: usize = 2048;
/// Longer names are passed over. Bytes.
const NAME_BYTES_MAX: usize = 1024;

marks! { NAMES:
    CONTENT_TYPES = Is b"[content_types].xml"; WORD = Starts b"word/"; XL = Starts b"xl/"; XL_BIN = Is b"xl/workbook.bin";
    PPT = Starts b"ppt/"; VISIO = Starts b"visio/"; MATHCAD = Starts b"mathcad/"; NUSPEC = Ends b".nuspec";
    MODEL_3D = Ends b"3d/3dmodel.model"; DWF_SEQ = Ends b"dwfdocumentsequence.dwfseq"; FDSEQ = Ends b".fdseq"; AML = Ends b".aml";
    AUXILIARY = Ends b".auxiliary"; XEF = Ends b".xef"; STATION = Ends b"station.ctx"; BIN_APPLI = Starts b"binappli/";
    PE_DATA = Ends b"system/pedata.plf"; S7P = Ends b".s7p"; OM_SAVE7 = Ends b"homsave7"; TSPROJ = Ends b".tsproj"; PLCPROJ = Ends b".plcproj";
    KNX = Is b"knx_master.xml"; IDB = Ends b"db_backup_sqlite.idb"; INDUCTIVE = Starts b"com.inductiveautomation.";
    IGNITION = Starts b"ignition/"; PROJECT_JSON = Is b"project.json"; FMU = Is b"modeldescription.xml";
    SIMULINK = Is b"simulink/blockdiagram.xml"; DMODEL = Is b"dmodel.xml"; FILE_VERSION = Is b"fileversion";
    OFD = Is b"ofd.xml"; FC_DOCUMENT = Is b"document.xml"; FC_GUI = Is b"guidocument.xml"; BRP = Ends b".brp";
    REP_3D = Ends b".3drep"; XML_3D = Ends b".3dxml"; KML = Is b"doc.kml"; QGS = Ends b".qgs"; IFC = Ends b".ifc";
    MATRIX = Ends b"matrix/matrix"; SIARD = Is b"header/metadata.xml"; SIARD_DIR = Starts b"header/siardversion/";
    APK = Is b"androidmanifest.xml"; DEX = Is b"classes.dex"; ARSC = Is b"resources.arsc"; MANIFEST = Is b"meta-inf/manifest.mf";
    WHEEL = Ends b".dist-info/wheel"; NPY = Ends b".npy"; XMIND = Is b"content.json"; XMIND_META = Is b"metadata.json";
    FRITZING = Ends b".fz"; ODX = Ends b".odx-d"; ODX_C = Ends b".odx-c"; OVF = Ends b".ovf"; GIS_PROJECT = Starts b"gisproject/";
    BACKUP_INFO = Is b"backupinfo.xml"; REDUNDANCY = Is b"redundancy.xml"; USDC = Ends b".usdc"; USDA = Ends b".usda";
}

/// `mimetype` members (OpenDocument 1.2 part 3, 3.3; EPUB OCF 3.3).
const MIME_TYPES: &[(&[u8], Id)] = &[
    (b"application/vnd.oasis.opendocument.text", Id::Odt),
    (b"application/vnd.oasis.opendocument.spreadsheet", Id::Ods),
    (b"application/vnd.oasis.opendocument.presentation", Id::Odp),
    (b"application/vnd.oasis.opendocument.graphics", Id::Odg),
    (b"application/vnd.oasis.opendocument.formula", Id::Odg),
    (b"application/vnd.oasis.opendocument.chart", Id::Odg),
    (b"application/vnd.oasis.opendocument.base", Id::Odb),
    (b"application/vnd.sun.xml.writer", Id::Odt),
    (b"application/vnd.sun.xml.calc", Id::Ods),
    (b"application/vnd.sun.xml.impress", Id::Odp),
    (b"application/epub+zip", Id::Epub),
];

/// Rules, asked in this order: all of the first set, one of the second (or none asked for).
const RULES: &[(u64, u64, Id)] = &[
    (PE_DATA, 0, Id::SiemensTiaArchive),
    (S7P, 0, Id::SiemensS7Archive),
    (OM_SAVE7, 0, Id::SiemensS7Archive),
    (TSPROJ, 0, Id::TwinCatArchive),
    (PLCPROJ, 0, Id::TwinCatArchive),
    (AUXILIARY, 0, Id::Codesys3),
    (XEF, 0, Id::SchneiderZef),
    (STATION, 0, Id::SchneiderSta),
    (BIN_APPLI, 0, Id::SchneiderSta),
    (KNX, 0, Id::Knx),
    (IDB, 0, Id::IgnitionBackup),
    (BACKUP_INFO | REDUNDANCY, 0, Id::IgnitionBackup),
    (PROJECT_JSON, INDUCTIVE | IGNITION, Id::IgnitionProject),
    (CONTENT_TYPES | AML, 0, Id::AutomationMlx),
    (MATRIX, 0, Id::OdbPlusPlus),
    (0, ODX | ODX_C, Id::Pdx),
    (FMU, 0, Id::Fmu),
    (SIMULINK, 0, Id::Simulink),
    (DMODEL | FILE_VERSION, 0, Id::Comsol),
    (OFD, 0, Id::Ofd),
    (FC_DOCUMENT, FC_GUI | BRP, Id::FreeCad),
    (MODEL_3D, 0, Id::ThreeMf),
    (DWF_SEQ, 0, Id::Dwfx),
    (0, REP_3D | XML_3D, Id::Catia3dXml),
    (KML, 0, Id::Kmz),
    (QGS, 0, Id::Qgz),
    (0, GIS_PROJECT, Id::ArcGisPro),
    (0, SIARD | SIARD_DIR, Id::Siard),
    (XL_BIN, 0, Id::Xlsb),
    (WORD, 0, Id::Docx),
    (XL, 0, Id::Xlsx),
    (PPT, 0, Id::Pptx),
    (VISIO, 0, Id::Vsdx),
    (MATHCAD, 0, Id::Mathcad),
    (FDSEQ, 0, Id::Xps),
    (NUSPEC, 0, Id::Nupkg),
    (CONTENT_TYPES, 0, Id::Opc),
    (APK, DEX | ARSC, Id::Apk),
    (WHEEL, 0, Id::Wheel),
    (MANIFEST, 0, Id::Jar),
    (XMIND | XMIND_META, 0, Id::Xmind),
];
/// Formats that also need the list of an Open Packaging package beside their folder.
const OFFICE: [Id; 5] = [Id::Docx, Id::Xlsx, Id::Pptx, Id::Vsdx, Id::Mathcad];

/// What is known of the members.
#[derive(Clone, Copy, Default)]
pub(super) struct Members {
    marks: u64,
    first: u64,
    /// Marks that every name has.
    every: u64,
    count: usize,
    mime: Option<Id>,
    /// No name is missing.
    pub(super) whole: bool,
}
impl Members {
    pub(super) fn add(&mut self, name: &[u8]) {
        let marks = NAMES.marks(name);
        if self.count == 0 {
            (self.first, self.every) = (marks, marks);
        }
        self.count += 1;
        self.marks |= marks;
        self.every &= marks;
    }
    /// Adds what another list showed.
    fn join(&mut self, other: &Self) {
        self.marks |= other.marks;
        self.every &= other.every;
        self.count += other.count;
    }
    /// The content of the member `mimetype`.
    pub(super) fn mime(&mut self, content: &[u8]) {
        let content = content.trim_ascii();
        let kind = MIME_TYPES.iter().filter(|(mime, _)| content.starts_with(mime)).max_by_key(|(mime, _)| mime.len());
        self.mime = self.mime.or(kind.map(|k| k.1));
    }
}

/// What the members say; `archive` is what they are in.
pub(super) fn by_members(members: &Members, archive: Id) -> Option<Found> {
    let found = |id| Some(Found::new(id, How::Container));
    if archive == Id::Tar {
        let id = [(MATRIX, Id::OdbPlusPlus), (OVF, Id::Ova)].into_iter().find(|(mark, _)| members.marks & mark != 0)?.1;
        return found(id);
    }
    if let Some(id) = members.mime {
        return found(id);
    }
    if members.first & (USDC | USDA) != 0 {
        return found(Id::Usd);
    }
    // These hold for all members or not at all.
    match members.every {
        every if !members.whole || every == 0 => {}
        every if every & NPY != 0 => return found(Id::NumPyZip),
        every if every & IFC != 0 && members.count == 1 => return found(Id::IfcZip),
        every if every & FRITZING != 0 && members.count == 1 => return found(Id::Fritzing),
        _ => {}
    }
    let (_, _, id) = RULES.iter().find(|(all, any, id)| {
        let office = !OFFICE.contains(id) || members.marks & CONTENT_TYPES != 0;
        members.marks & all == *all && (*any == 0 || members.marks & any != 0) && office
    })?;
    found(*id)
}

pub(super) fn ask(bytes: &Bytes<'_>) -> Option<Found> {
    let mut members = Members::default();
    let whole = local(bytes, &mut members);
    members.whole = whole;
    let mut listed = Members { mime: members.mime, ..Members::default() };
    let whole = directory(bytes, &mut listed);
    listed.whole = whole;
    if listed.whole {
        members = listed;
    } else {
        members.join(&listed);
    }
    let zip = Found::magic(Id::Zip);
    Some(by_members(&members, Id::Zip).unwrap_or(if members.whole { zip } else { zip.needing(Need::Members) }))
}

/// Walks the local headers in the head. True if they were all there.
fn local(bytes: &Bytes<'_>, members: &mut Members) -> bool {
    let mut at = if bytes.is(0, b"PK00") { 4usize } else { 0 };
    for n in 0..NAMES_MAX {
        if !bytes.is(at, b"PK\x03\x04") {
            return bytes.is(at, b"PK\x01\x02") || bytes.is(at, b"PK\x05\x06");
        }
        let (Some(flags), Some(method), Some(packed), Some(name_len), Some(extra)) = (
            bytes.le16(at + 6),
            bytes.le16(at + 8),
            bytes.le32(at + 18),
            bytes.le16(at + 26).map(usize::from),
            bytes.le16(at + 28).map(usize::from),
        ) else {
            return false;
        };
        let Some(name) = bytes.head.get(at + 30..at + 30 + name_len) else { return false };
        if name_len <= NAME_BYTES_MAX {
            members.add(name);
        }
        let start = at + 30 + name_len + extra;
        let packed = packed as usize;
        if n == 0 && method == 0 && name == b"mimetype" {
            let known = bytes.head.get(start..start.saturating_add(packed));
            members.mime(known.filter(|c| !c.is_empty()).or_else(|| bytes.head.get(start..)).unwrap_or_default());
        }
        // Bit 3: the length stands behind the data. Without it the next header cannot be found for certain.
        if flags & 8 != 0 && packed == 0 {
            return false;
        }
        let Some(next) = start.checked_add(packed) else { return false };
        at = next;
    }
    false
}

/// Walks what is at hand of the central directory. True if that was all of it.
fn directory(bytes: &Bytes<'_>, members: &mut Members) -> bool {
    let tail = bytes.tail;
    let Some(end) = memchr::memmem::rfind(tail, b"PK\x05\x06") else { return false };
    let field = |at: usize| tail.get(end + at..end + at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    let Some(length) = field(12).map(|l| l as usize) else { return false };
    // The directory ends where its end record begins (zip64 puts another record between, which is stepped over).
    let from = end.checked_sub(length).filter(|at| tail.get(*at..).is_some_and(|t| t.starts_with(b"PK\x01\x02")));
    let whole = from.is_some();
    let mut starts = memchr::memmem::find_iter(tail.get(..end).unwrap_or_default(), b"PK\x01\x02").take(8);
    let at = from.or_else(|| starts.find(|at| chain(tail, *at, end, &mut |_| {})));
    if let Some(at) = at {
        chain(tail, at, end, &mut |name| members.add(name));
    }
    whole
}
/// Follows directory records from `at`; true if they lead to `end` or to a zip64 record before it.
fn chain(tail: &[u8], mut at: usize, end: usize, name: &mut dyn FnMut(&[u8])) -> bool {
    for _ in 0..NAMES_MAX {
        let Some(record) = tail.get(at..at.saturating_add(46)) else { return false };
        if !record.starts_with(b"PK\x01\x02") {
            return at == end || record.starts_with(b"PK\x06\x06");
        }
        let len = |i: usize| usize::from(u16::from_le_bytes([record[i], record[i + 1]]));
        let (name_len, rest) = (len(28), len(30) + len(32));
        let Some(bytes) = tail.get(at + 46..at + 46 + name_len) else { return false };
        if name_len <= NAME_BYTES_MAX {
            name(bytes);
        }
        at += 46 + name_len + rest;
        if at == end {
            return true;
        }
    }
    true
}

//! The header of a package as rpm's database keeps it.
//!
//! Two numbers (entries, bytes of data), then 16 bytes an entry (tag, type, offset, count), then the data; numbers
//! have the highest byte first. Format and tags: "RPM V4 Package format" in rpm's documentation, and the Linux
//! Standard Base, chapter "Package File Format".

use crate::parse::bytes::{Order, hex};

/// Most entries of a header; rpm's own figure.
const ENTRIES_MAX: usize = 0xffff;
/// Most files of a package.
const FILES_MAX: usize = 1_000_000;

const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
const INSTALL_TIME: u32 = 1008;
const VENDOR: u32 = 1011;
const ARCH: u32 = 1022;
const OLD_FILENAMES: u32 = 1027;
const FILE_STATES: u32 = 1029;
const FILE_MODES: u32 = 1030;
const FILE_DIGESTS: u32 = 1035;
const FILE_FLAGS: u32 = 1037;
const SOURCE_RPM: u32 = 1044;
const FILE_VERIFY_FLAGS: u32 = 1045;
const REQUIRE_NAME: u32 = 1049;
const DIR_INDEXES: u32 = 1116;
const BASE_NAMES: u32 = 1117;
const DIR_NAMES: u32 = 1118;
const FILE_DIGEST_ALGORITHM: u32 = 5011;

/// A file of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpmFile {
    folder: usize,
    name: Box<[u8]>,
    /// Digest of the content; empty for what is no regular file.
    pub digest: Box<[u8]>,
    /// Kind and permission bits, as in `stat`.
    pub mode: u16,
    /// `RPMFILE_*`: 1 configuration, 8 may be missing, 64 made by the package's own scripts.
    pub flags: u32,
    /// `RPMVERIFY_*`: 1 content, 64 permission bits.
    pub verify: u32,
    /// 0 installed; else replaced, left out or shared.
    pub state: u8,
}

/// A package of rpm's database.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RpmPackage {
    /// Name.
    pub name: String,
    /// `[epoch:]version-release`.
    pub version: String,
    /// Architecture; empty for the pseudo-packages of keys.
    pub arch: String,
    /// Vendor.
    pub vendor: String,
    /// Name of the source package and its `version-release`.
    pub source: Option<(String, String)>,
    /// Names of packages that it requires; libraries and files that it requires are left out.
    pub requires: Vec<String>,
    /// Seconds since 1970.
    pub installed: Option<i64>,
    /// `PGPHASHALGO_*` of the digests of files: 1 MD5, 2 SHA-1, 8 SHA-256, 9 SHA-384, 10 SHA-512, 11 SHA-224.
    pub algorithm: u32,
    /// Its files.
    pub files: Vec<RpmFile>,
    folders: Vec<Box<[u8]>>,
}
impl RpmPackage {
    /// The absolute path of one of its files.
    #[must_use]
    pub fn path(&self, file: &RpmFile) -> Vec<u8> {
        let mut path = self.folders.get(file.folder).map(|f| f.to_vec()).unwrap_or_default();
        path.extend_from_slice(&file.name);
        path
    }
}

#[derive(Clone, Copy)]
struct Entry<'a> {
    kind: u32,
    count: usize,
    data: &'a [u8],
}
struct Header<'a> {
    index: &'a [u8],
    data: &'a [u8],
}
impl<'a> Header<'a> {
    fn find(&self, tag: u32) -> Option<Entry<'a>> {
        let entry = self.index.chunks_exact(16).find(|e| Order::Big.u32(e, 0) == Some(tag))?;
        let data = self.data.get(Order::Big.size(entry, 8)?..)?;
        Some(Entry { kind: Order::Big.u32(entry, 4)?, count: Order::Big.size(entry, 12)?, data })
    }
    /// The strings of a tag (types 6, 8, 9); each ends with a zero byte.
    fn texts(&self, tag: u32) -> Vec<&'a [u8]> {
        let Some(e) = self.find(tag).filter(|e| matches!(e.kind, 6 | 8 | 9)) else { return Vec::new() };
        let mut rest = e.data;
        let mut out = Vec::new();
        while out.len() < e.count.min(FILES_MAX) {
            let Some(end) = memchr::memchr(0, rest) else { break };
            let (text, after) = rest.split_at(end);
            out.push(text);
            rest = after.get(1..).unwrap_or_default();
        }
        out
    }
    fn text(&self, tag: u32) -> Option<String> {
        self.texts(tag).first().map(|t| String::from_utf8_lossy(t).into_owned())
    }
    /// The numbers of a tag (types 1 to 4: one, one, two, four bytes).
    fn numbers(&self, tag: u32) -> Vec<u32> {
        let Some(e) = self.find(tag) else { return Vec::new() };
        let count = e.count.min(FILES_MAX);
        match e.kind {
            1 | 2 => e.data.iter().take(count).map(|b| u32::from(*b)).collect(),
            3 => e.data.chunks_exact(2).take(count).filter_map(|c| Order::Big.u16(c, 0).map(u32::from)).collect(),
            4 => e.data.chunks_exact(4).take(count).filter_map(|c| Order::Big.u32(c, 0)).collect(),
            _ => Vec::new(),
        }
    }
}

/// Reads a header; nothing if it is cut, or names no package.
#[must_use]
pub fn rpm_header(blob: &[u8]) -> Option<RpmPackage> {
    let entries = Order::Big.size(blob, 0).filter(|n| *n <= ENTRIES_MAX)?;
    let length = Order::Big.size(blob, 4)?;
    let (index, rest) = blob.get(8..)?.split_at_checked(entries.checked_mul(16)?)?;
    let header = Header { index, data: rest.get(..length)? };
    let name = header.text(NAME).filter(|n| !n.is_empty())?;
    let mut version = format!("{}-{}", header.text(VERSION)?, header.text(RELEASE)?);
    if let Some(epoch) = header.numbers(EPOCH).first().filter(|e| **e != 0) {
        version = format!("{epoch}:{version}");
    }
    let (folders, files) = files(&header);
    Some(RpmPackage {
        name,
        version,
        arch: header.text(ARCH).unwrap_or_default(),
        vendor: header.text(VENDOR).unwrap_or_default(),
        source: header.text(SOURCE_RPM).as_deref().and_then(source),
        requires: requires(&header),
        installed: header.numbers(INSTALL_TIME).first().map(|t| i64::from(*t)),
        algorithm: header.numbers(FILE_DIGEST_ALGORITHM).first().copied().unwrap_or(1),
        files,
        folders,
    })
}

/// Required names that can be packages: no path, no `library()(64bit)`, no `rpmlib(…)`.
fn requires(header: &Header<'_>) -> Vec<String> {
    let plain = |t: &&[u8]| !t.is_empty() && !t.iter().any(|b| matches!(b, b'(' | b'/'));
    let mut out: Vec<String> =
        header.texts(REQUIRE_NAME).into_iter().filter(plain).map(|t| String::from_utf8_lossy(t).into_owned()).collect();
    out.sort();
    out.dedup();
    out
}

/// `bash-5.1.8-6.el9_1.src.rpm`: name, version and release of the source package.
fn source(file: &str) -> Option<(String, String)> {
    let stem = file.strip_suffix(".rpm")?;
    let stem = stem.strip_suffix(".src").or_else(|| stem.strip_suffix(".nosrc"))?;
    let (rest, release) = stem.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    (!name.is_empty()).then(|| (name.to_owned(), format!("{version}-{release}")))
}

fn files(header: &Header<'_>) -> (Vec<Box<[u8]>>, Vec<RpmFile>) {
    let folders: Vec<Box<[u8]>> = header.texts(DIR_NAMES).into_iter().map(Into::into).collect();
    let mut names: Vec<(usize, &[u8])> = header
        .texts(BASE_NAMES)
        .into_iter()
        .zip(header.numbers(DIR_INDEXES))
        .map(|(name, folder)| (usize::try_from(folder).unwrap_or(usize::MAX), name))
        .collect();
    if names.is_empty() {
        // Packages made before version 4 list whole paths.
        names = header.texts(OLD_FILENAMES).into_iter().map(|n| (usize::MAX, n)).collect();
    }
    let (modes, flags) = (header.numbers(FILE_MODES), header.numbers(FILE_FLAGS));
    let (verify, states) = (header.numbers(FILE_VERIFY_FLAGS), header.numbers(FILE_STATES));
    let digests = header.texts(FILE_DIGESTS);
    let files = names.into_iter().enumerate().map(|(n, (folder, name))| RpmFile {
        folder,
        name: name.into(),
        digest: digests.get(n).and_then(|d| hex(d)).unwrap_or_default().into(),
        mode: modes.get(n).and_then(|m| u16::try_from(*m).ok()).unwrap_or(0),
        flags: flags.get(n).copied().unwrap_or(0),
        verify: verify.get(n).copied().unwrap_or(u32::MAX),
        state: states.get(n).and_then(|s| u8::try_from(*s).ok()).unwrap_or(0),
    });
    let files = files.collect();
    (folders, files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_package_is_in_the_name_of_its_file() {
        let of = |f: &str| source(f).map(|(n, v)| format!("{n} {v}"));
        // Names of packages of Fedora and openEuler.
        assert_eq!(of("bash-5.1.8-6.el9_1.src.rpm").as_deref(), Some("bash 5.1.8-6.el9_1"));
        assert_eq!(of("java-17-openjdk-17.0.9.0.9-2.el9.src.rpm").as_deref(), Some("java-17-openjdk 17.0.9.0.9-2.el9"));
        assert_eq!(of("firmware-1-2.nosrc.rpm").as_deref(), Some("firmware 1-2"));
        assert_eq!(of("(none)"), None);
    }
}

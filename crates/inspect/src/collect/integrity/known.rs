//! Which files the databases of packages know, with digests and permissions.
//!
//! What decides who may do what is told from the path alone, because of dpkg nothing else is known: programs in their usual folders;
//! below `/usr/lib*` whatever lies in a folder `bin`, `sbin` or `libexec` and every file without an ending (programs of
//! git-core, postgres, apt, cups). What cannot be told so comes with the rest: scripts with an ending below `/usr/lib` and
//! `/usr/share`, modules of interpreters, programs below `/opt`.
//!
//! A package of dpkg that has regular files and no sums of them is counted: who removes the list of sums must not get a pass.

use crate::host::{Look, Miss, place};
use crate::packages::{Packages, apk_database};
use crate::parse::{self, Sum};
use crate::shared::Seen;
use evidence::{GapReason, Place};
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Most files that are known; more is a gap `too-many`.
const FILES_MAX: usize = 2_000_000;
const DPKG_INFO: &str = "/var/lib/dpkg/info";

/// A file as its package has it.
#[derive(Debug)]
pub(super) struct Known {
    /// Where it lies.
    pub path: PathBuf,
    package: usize,
    /// Digest of its content.
    pub sum: Option<Sum>,
    /// Permission bits.
    pub mode: Option<u32>,
    /// It is configuration.
    pub config: bool,
    /// The package does without it.
    pub may_be_missing: bool,
    order: u8,
}
impl Known {
    /// It decides who may do what: a program, a library, a unit, a setting of log-ins.
    pub(super) fn is_program(&self) -> bool {
        self.order == 0
    }
    #[cfg(test)]
    pub(super) fn of_path(path: &str) -> Self {
        let (path, order) = (PathBuf::from(path), 0);
        Self { path, package: 0, sum: None, mode: None, config: false, may_be_missing: false, order }
    }
}
/// All that is known of one path.
pub(super) type Group<'m> = &'m [Known];

/// Known files.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    /// Where the first of them are known from; nothing if there is no manifest.
    pub at: Option<Place>,
    files: Vec<Known>,
    packages: Vec<String>,
    rules: Vec<(bool, String)>,
    over: bool,
    /// Packages that have files of which nothing is known here.
    pub unsummed: u64,
}
impl Manifest {
    /// Files by path, the telling ones first.
    pub(super) fn groups(&self) -> Vec<Group<'_>> {
        self.files.chunk_by(|a, b| a.path == b.path).collect()
    }
    /// Name of the package of a file.
    pub(super) fn package(&self, file: &Known) -> &str {
        self.packages.get(file.package).map_or("", String::as_str)
    }
    /// dpkg was told to leave this path out.
    pub(super) fn left_out(&self, path: &Path) -> bool {
        let text = path.to_string_lossy();
        self.rules.iter().rev().find(|(_, pattern)| parse::glob(pattern, &text)).is_some_and(|(include, _)| !include)
    }
    fn name(&mut self, package: &str) -> usize {
        if self.packages.last().is_none_or(|p| p != package) {
            self.packages.push(package.to_owned());
        }
        self.packages.len() - 1
    }
    fn add(&mut self, path: &[u8], package: usize, sum: Option<Sum>, refine: impl FnOnce(&mut Known)) {
        if self.files.len() >= FILES_MAX {
            self.over = true;
            return;
        }
        let path = PathBuf::from(OsStr::from_bytes(path));
        let order = order(&path);
        let mut known = Known { path, package, sum, mode: None, config: false, may_be_missing: false, order };
        refine(&mut known);
        self.files.push(known);
    }
}

/// Reads every manifest.
pub(super) fn read(look: &mut Look<'_>, packages: &Seen<Packages>) -> Manifest {
    let mut out = Manifest::default();
    dpkg(look, &mut out);
    unsummed(look, packages, &mut out);
    apk(look, &mut out);
    rpm(&packages.value, &mut out);
    pacman(look, &mut out);
    if out.over {
        look.miss(GapReason::TooMany, Path::new(DPKG_INFO));
    }
    // The order of packages stays where several know a path.
    out.files.sort_by(|a, b| (a.order, &a.path).cmp(&(b.order, &b.path)));
    out
}

/// What comes first: programs, libraries, units and settings of who may do what; then the kernel's modules.
fn order(path: &Path) -> u8 {
    const FIRST: [&str; 12] = [
        "/bin",
        "/sbin",
        "/usr/bin",
        "/usr/sbin",
        "/usr/libexec",
        "/usr/lib/openssh",
        "/etc/pam.d",
        "/etc/security",
        "/etc/ssh",
        "/etc/sudoers",
        "/etc/sudoers.d",
        "/etc/systemd",
    ];
    let library = |name: &[u8]| name.starts_with(b"ld-") || name.windows(3).any(|w| w == b".so");
    let parts: Vec<&[u8]> = path.components().map(|c| c.as_os_str().as_bytes()).collect();
    let lib = parts.iter().take(3).any(|p| p.starts_with(b"lib"));
    let telling = lib && parts.iter().any(|p| matches!(*p, b"systemd" | b"security" | b"sudo"));
    let name = parts.last().copied().unwrap_or_default();
    let module = lib && parts.contains(&&b"modules"[..]);
    let program = |p: &&[u8]| matches!(*p, b"bin" | b"sbin" | b"libexec");
    // A file of /lib/modules without an ending is a list or an image of the kernel.
    let program = lib && !module && (parts.iter().any(program) || !name.contains(&b'.'));
    if FIRST.iter().any(|f| path.starts_with(f)) || telling || program || (lib && library(name)) {
        0
    } else if module {
        1
    } else {
        2
    }
}

fn raw(look: &mut Look<'_>, path: &Path) -> Option<Vec<u8>> {
    match look.host.bytes(path, look.host.limits.file_bytes_max) {
        Ok((bytes, _)) => Some(bytes),
        Err(Miss::Gap(reason)) => {
            look.miss(reason, path);
            None
        }
        Err(Miss::Absent) => None,
    }
}

fn dpkg(look: &mut Look<'_>, out: &mut Manifest) {
    for f in look.read("/etc/dpkg/dpkg.cfg").into_iter().chain(look.drop_ins("/etc/dpkg/dpkg.cfg.d", "")) {
        out.rules.extend(parse::path_rules(&f.text()));
    }
    let diverted = look.read("/var/lib/dpkg/diversions");
    let diverted = diverted.as_ref().map(|f| f.text().into_owned()).unwrap_or_default();
    let diverted = parse::diversions(&diverted);
    let status = look.read("/var/lib/dpkg/status");
    let conffiles = status.as_ref().map(|f| parse::conffiles(&f.text())).unwrap_or_default();
    let configs: HashSet<&str> = conffiles.iter().map(|c| c.path.as_str()).collect();
    for folder in [DPKG_INFO, "/var/lib/dpkg/status.d"] {
        for e in look.list(folder) {
            let Some(name) = e.text().strip_suffix(".md5sums").map(str::to_owned) else { continue };
            let Some(sums) = raw(look, &e.path) else { continue };
            out.at.get_or_insert_with(|| place(Path::new(folder)));
            // Another package may have taken a file over; it is then no more in this one's list.
            let list = raw(look, &e.path.with_extension("list"));
            let own: Option<HashSet<&[u8]>> = list.as_ref().map(|l| parse::dpkg_list(l).collect());
            let package = name.split(':').next().unwrap_or(&name);
            let index = out.name(package);
            for (sum, path) in parse::md5sums(&sums) {
                let path = [b"/", path].concat();
                if own.as_ref().is_some_and(|o| !o.contains(path.as_slice())) {
                    continue;
                }
                let path = moved(&diverted, &path, package);
                let config = std::str::from_utf8(path).is_ok_and(|p| configs.contains(p));
                out.add(path, index, Some(sum), |known| known.config = config);
            }
        }
    }
    if let Some(file) = status.filter(|_| !conffiles.is_empty()) {
        out.at.get_or_insert_with(|| file.place());
    }
    for c in &conffiles {
        let index = out.name(&c.package);
        let path = moved(&diverted, c.path.as_bytes(), &c.package);
        // Whoever removes a configuration file may do so; dpkg does not bring it back.
        out.add(path, index, Some(c.sum.clone()), |known| (known.config, known.may_be_missing) = (true, true));
    }
}
/// Counts the installed packages of dpkg that have regular files and no sums of them. A package whose list holds folders and
/// links only has nothing to be summed, and its configuration files have their sums in the status.
fn unsummed(look: &mut Look<'_>, packages: &Seen<Packages>, out: &mut Manifest) {
    let dpkg = packages.value.all().filter(|(set, _)| set.manager == "dpkg");
    let mut unlisted: HashSet<&str> = dpkg.map(|(_, p)| p.name.as_str()).collect();
    if unlisted.is_empty() {
        return;
    }
    let installed = unlisted.clone();
    let known: HashSet<PathBuf> = out.files.iter().filter(|f| f.config).map(|f| f.path.clone()).collect();
    for folder in [DPKG_INFO, "/var/lib/dpkg/status.d"] {
        let entries = look.list(folder);
        let stem = |e: &crate::host::Entry, end: &str| e.text().strip_suffix(end).map(str::to_owned);
        let summed: HashSet<String> = entries.iter().filter_map(|e| stem(e, ".md5sums")).collect();
        let name = |stem: &str| stem.split(':').next().unwrap_or_default().to_owned();
        for stem in &summed {
            unlisted.remove(name(stem).as_str());
        }
        for e in &entries {
            let Some(stem) = stem(e, ".list").filter(|s| !summed.contains(s)) else { continue };
            let name = name(&stem);
            unlisted.remove(name.as_str());
            // One that was removed leaves the list of its configuration.
            let Some(list) = raw(look, &e.path).filter(|_| installed.contains(name.as_str())) else { continue };
            out.unsummed += u64::from(has_files(look, out, &known, &list));
        }
    }
    // A package without a list: whether it has files nobody can tell.
    out.unsummed += unlisted.len() as u64;
}
/// A regular file, or a path that is lost, is in the list of a package, and no sum of it is known.
fn has_files(look: &Look<'_>, out: &Manifest, known: &HashSet<PathBuf>, list: &[u8]) -> bool {
    let paths: Vec<&Path> = parse::dpkg_list(list).map(|p| Path::new(OsStr::from_bytes(p))).collect();
    let above: HashSet<&Path> = paths.iter().filter_map(|p| p.parent()).collect();
    paths.iter().filter(|p| !above.contains(*p) && !known.contains(**p)).any(|path| {
        if look.host.read_link(path).is_ok() {
            return false;
        }
        match look.host.stat(path) {
            Ok(meta) => meta.is_file(),
            Err(Miss::Absent) => !out.left_out(path),
            Err(Miss::Gap(_)) => true,
        }
    })
}
/// Where the file of a package went if another one keeps its path.
fn moved<'p>(diverted: &HashMap<&'p str, (&'p str, &'p str)>, path: &'p [u8], package: &str) -> &'p [u8] {
    let found = std::str::from_utf8(path).ok().and_then(|p| diverted.get(p));
    found.filter(|(_, by)| *by != package).map_or(path, |(to, _)| to.as_bytes())
}

fn apk(look: &mut Look<'_>, out: &mut Manifest) {
    let Some(file) = apk_database(look) else { return };
    let files = parse::apk_files(&file.text());
    if !files.is_empty() {
        out.at.get_or_insert_with(|| file.place());
    }
    for f in files {
        let index = out.name(&f.package);
        // apk protects what lies below /etc.
        let config = f.path.starts_with("etc/");
        let path = format!("/{}", f.path);
        out.add(path.as_bytes(), index, Some(f.sum), |known| (known.config, known.mode) = (config, f.mode));
    }
}

fn pacman(look: &mut Look<'_>, out: &mut Manifest) {
    for e in look.list("/var/lib/pacman/local") {
        let mtree = e.path.join("mtree");
        if look.host.stat(&mtree).is_err_and(|m| m == Miss::Absent) {
            let files = look.read(e.path.join("files"));
            let has_files = |t: &str| t.lines().any(|l| !l.is_empty() && !l.starts_with('%') && !l.ends_with('/'));
            out.unsummed += u64::from(files.is_some_and(|f| has_files(&f.text())));
        }
        let Some(packed) = raw(look, &mtree) else { continue };
        let bytes_max = look.host.limits.file_bytes_max;
        let mut text = Vec::new();
        let reader = flate2::read::MultiGzDecoder::new(packed.as_slice());
        match reader.take(bytes_max.saturating_add(1)).read_to_end(&mut text) {
            Ok(_) if text.len() as u64 <= bytes_max => {}
            Ok(_) => {
                look.miss(GapReason::Bomb, &e.path.join("mtree"));
                continue;
            }
            Err(_) => {
                look.miss(GapReason::Corrupt, &e.path.join("mtree"));
                continue;
            }
        }
        let files = look.read(e.path.join("files"));
        let files = files.as_ref().map(|f| f.text().into_owned()).unwrap_or_default();
        let configs: HashSet<&str> = parse::pacman_backup(&files).into_iter().collect();
        out.at.get_or_insert_with(|| place(Path::new("/var/lib/pacman/local")));
        // `NAME-VERSION-RELEASE`.
        let folder = e.text().into_owned();
        let index = out.name(folder.rsplitn(3, '-').nth(2).unwrap_or(&folder));
        for (path, sum, mode) in parse::pacman_mtree(&String::from_utf8_lossy(&text)) {
            let config = configs.contains(path.as_str());
            let path = format!("/{path}");
            out.add(path.as_bytes(), index, Some(sum), |known| (known.config, known.mode) = (config, mode));
        }
    }
}

fn rpm(packages: &Packages, out: &mut Manifest) {
    const CONFIG: u32 = 1;
    const MISSING_OK: u32 = 8;
    const GHOST: u32 = 64;
    const VERIFY_CONTENT: u32 = 1;
    const VERIFY_MODE: u32 = 64;
    for p in &packages.rpm {
        let index = out.name(&p.name);
        for f in &p.files {
            let regular = f.mode & 0o170_000 == 0o100_000;
            if !regular || f.flags & GHOST != 0 || f.state != 0 {
                continue;
            }
            let sum = Sum::numbered(p.algorithm, &f.digest).filter(|_| f.verify & VERIFY_CONTENT != 0);
            out.add(&p.path(f), index, sum, |known| {
                known.config = f.flags & CONFIG != 0;
                known.may_be_missing = f.flags & MISSING_OK != 0;
                known.mode = (f.verify & VERIFY_MODE != 0).then_some(u32::from(f.mode & 0o7777));
            });
        }
    }
    if let Some(set) = packages.sets.iter().find(|s| s.manager == "rpm" && !s.installed.is_empty()) {
        out.at.get_or_insert_with(|| set.at.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_comes_first() {
        for (path, expected) in [
            ("/usr/bin/ls", 0),
            ("/lib/x86_64-linux-gnu/security/pam_unix.so", 0),
            ("/usr/lib/systemd/system/ssh.service", 0),
            ("/usr/lib64/libc.so.6", 0),
            ("/usr/lib/postgresql/15/bin/postgres", 0),
            ("/usr/lib/git-core/git-remote-http", 0),
            ("/usr/lib64/apt/methods/http", 0),
            ("/usr/lib/jvm/java-17/bin/x.sh", 0),
            ("/lib/modules/6.1.0/kernel/fs/ext4.ko", 1),
            ("/lib/modules/6.1.0/vmlinuz", 1),
            ("/usr/lib/git-core/git-sh-prompt.sh", 2),
            ("/usr/share/doc/x/bin/y", 2),
            ("/usr/share/doc/systemd/README", 2),
            ("/usr/lib/python3/dist-packages/a.py", 2),
        ] {
            assert_eq!(order(Path::new(path)), expected, "{path}");
        }
    }
}

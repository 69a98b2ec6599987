//! Installed packages and what they own: dpkg, apk, pacman, rpm; of snaps and flatpaks the names only.

use crate::host::{Entry, File, Look, Miss};
use crate::parse::{self, Installed, RpmPackage, RpmStore};
use crate::shared::Seen;
use evidence::{GapReason, Place};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Folders of rpm's database, the oldest first; one is often a link to another.
const RPM_FOLDERS: [&str; 3] = ["/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm"];
/// Names of rpm's database with their stores, the newest first.
const RPM_STORES: [(&str, RpmStore); 3] =
    [("rpmdb.sqlite", RpmStore::Sqlite), ("Packages.db", RpmStore::Ndb), ("Packages", RpmStore::Berkeley)];

/// Installed packages.
#[derive(Debug, Default)]
pub(crate) struct Packages {
    /// Name of the manager and where its packages were read.
    pub sets: Vec<PackageSet>,
    /// Packages of rpm with their files.
    pub rpm: Vec<RpmPackage>,
    /// Paths owned according to apk, without the leading `/`, each with the name of its package.
    apk_files: Vec<(String, String)>,
}
/// Packages of one file.
#[derive(Debug)]
pub(crate) struct PackageSet {
    /// `dpkg`, `apk`, `pacman`, `rpm`, `snap` or `flatpak`.
    pub manager: &'static str,
    /// The file, its content given back.
    pub at: Place,
    /// Packages.
    pub installed: Vec<Installed>,
}
impl Packages {
    /// All packages.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&PackageSet, &Installed)> {
        self.sets.iter().flat_map(|s| s.installed.iter().map(move |p| (s, p)))
    }
    /// The package of this name.
    pub(crate) fn get(&self, name: &str) -> Option<(&PackageSet, &Installed)> {
        self.all().find(|(_, p)| p.name == name)
    }
}

/// Reads the databases of every manager.
pub(crate) fn read(look: &mut Look<'_>) -> Packages {
    let mut out = Packages::default();
    let mut dpkg: Vec<File> = look.read("/var/lib/dpkg/status").into_iter().collect();
    let parts = look.list("/var/lib/dpkg/status.d");
    dpkg.extend(parts.iter().filter(|e| !e.text().ends_with(".md5sums")).filter_map(|e| look.read(&e.path)));
    for f in dpkg {
        // dpkg ends its own file with a line; a part of an image may lack it.
        let cut = f.path.ends_with("dpkg/status") && !f.bytes.is_empty() && !f.bytes.ends_with(b"\n");
        if cut || parse::dpkg_fault(&f.text()).is_some() {
            look.miss(GapReason::Corrupt, &f.path);
        }
        out.sets.push(PackageSet { manager: "dpkg", at: f.place(), installed: parse::dpkg_status(&f.text()) });
    }
    if let Some(f) = apk_database(look) {
        if (!f.bytes.is_empty() && !f.bytes.ends_with(b"\n")) || parse::apk_fault(&f.text()).is_some() {
            look.miss(GapReason::Corrupt, &f.path);
        }
        let (installed, files) = parse::apk_installed(&f.text());
        let name = |at: usize| installed.get(at).map(|p| p.name.clone()).unwrap_or_default();
        out.apk_files = files.into_iter().map(|(at, path)| (name(at), path)).collect();
        out.sets.push(PackageSet { manager: "apk", at: f.place(), installed });
    }
    for e in look.list("/var/lib/pacman/local") {
        if let Some(f) = look.read(e.path.join("desc")) {
            let installed: Vec<Installed> = parse::pacman_desc(&f.text()).into_iter().collect();
            if installed.is_empty() {
                look.miss(GapReason::Corrupt, &f.path);
            }
            out.sets.push(PackageSet { manager: "pacman", at: f.place(), installed });
        }
    }
    rpm(look, &mut out);
    out.sets.extend(snaps(look));
    out.sets.extend(flatpaks(look));
    out
}

/// The database of apk.
pub(crate) fn apk_database(look: &mut Look<'_>) -> Option<File> {
    ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"].iter().find_map(|p| look.read(p))
}

fn rpm(look: &mut Look<'_>, out: &mut Packages) {
    let all = RPM_FOLDERS.iter().flat_map(|d| RPM_STORES.map(|(n, s)| (Path::new(d).join(n), s)));
    for (path, store) in all {
        if look.stat(&path).is_none_or(|m| m.size == 0) {
            continue;
        }
        let bytes = match look.host.bytes(&path, look.host.limits.package_bytes_max) {
            Ok((bytes, _)) => bytes,
            Err(Miss::Gap(reason)) => return look.miss(reason, &path),
            Err(Miss::Absent) => continue,
        };
        let at = crate::host::place(&path).digest(evidence::Digest::of(&bytes));
        let (packages, fault) = parse::rpm_packages(store, bytes);
        if let Some(reason) = fault {
            look.miss(reason, &path);
        }
        // What a writer has put beside the database and not yet into it is not seen.
        let beside = path.with_extension("sqlite-wal");
        if store == RpmStore::Sqlite && look.stat(&beside).is_some_and(|m| m.size > 0) {
            look.miss(GapReason::Unsupported, &beside);
        }
        out.sets.push(PackageSet { manager: "rpm", at, installed: packages.iter().map(Installed::from).collect() });
        out.rpm = packages;
        return;
    }
}

/// Snaps: the images of `/var/lib/snapd/snaps`, `NAME_REVISION.snap`, that are current. The version stands in the image
/// and so is known only where it is mounted.
fn snaps(look: &mut Look<'_>) -> Vec<PackageSet> {
    let mut revisions: BTreeMap<String, Vec<(String, Entry)>> = BTreeMap::new();
    for e in look.list("/var/lib/snapd/snaps") {
        let text = e.text().into_owned();
        if let Some((name, revision)) = text.strip_suffix(".snap").and_then(|t| t.rsplit_once('_')) {
            revisions.entry(name.to_owned()).or_default().push((revision.to_owned(), e));
        }
    }
    let mut out = Vec::new();
    for (name, mut all) in revisions {
        let mount = ["/snap", "/var/lib/snapd/snap"].map(|top| Path::new(top).join(&name).join("current"));
        let current = mount.iter().find_map(|p| look.host.read_link(p).ok());
        all.sort_by_key(|(r, _)| r.parse::<u64>().unwrap_or(0));
        let current = current.as_deref().and_then(Path::to_str);
        let found = all.iter().find(|(r, _)| Some(r.as_str()) == current).or(all.last());
        let Some((_, image)) = found else { continue };
        let mut package = Installed::named(0, &name);
        let meta = mount.iter().find_map(|p| look.host.read(&p.join("meta/snap.yaml")).ok());
        let keys = meta.as_ref().map(|f| parse::yaml_keys(&f.text())).unwrap_or_default();
        if let Some((_, _, version)) = keys.into_iter().find(|(_, k, _)| k == "version") {
            package.version = version;
        }
        let at = meta.map_or_else(|| crate::host::place(&image.path), |f| f.place());
        out.push(PackageSet { manager: "snap", at, installed: vec![package] });
    }
    out
}

/// Flatpaks of the system: `app/ID/current/active`. The version is the newest release of the application's own
/// description, if it brings one.
fn flatpaks(look: &mut Look<'_>) -> Vec<PackageSet> {
    let mut out = Vec::new();
    for e in look.list("/var/lib/flatpak/app") {
        let active = e.path.join("current/active");
        let Some(meta) = look.read(active.join("metadata")) else { continue };
        let name = e.text().into_owned();
        let mut package = Installed::named(0, &name);
        let described = ["files/share/metainfo", "files/share/appdata"]
            .iter()
            .flat_map(|d| ["metainfo", "appdata"].map(|k| active.join(d).join(format!("{name}.{k}.xml"))))
            .find_map(|p| look.host.read(&p).ok());
        if let Some(version) = described.and_then(|f| release(&f.text())) {
            package.version = version;
        }
        // `current` leads to `ARCH/BRANCH`.
        if let Ok(target) = look.host.read_link(&e.path.join("current")) {
            package.arch =
                target.components().next().map(|c| c.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
        }
        out.push(PackageSet { manager: "flatpak", at: meta.place(), installed: vec![package] });
    }
    out
}
/// The version of the first `release` of an AppStream description; the newest comes first.
fn release(xml: &str) -> Option<String> {
    let tag = xml.split("<release ").nth(1)?.split('>').next()?;
    let value = tag.split("version=").nth(1)?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(value.get(1..)?.split(quote).next()?.to_owned())
}

/// Endings of what an interpreter reads in as data: whether it is in use no map of the kernel shows.
const READ_IN: [&[u8]; 10] = [b"class", b"jar", b"js", b"lua", b"mjs", b"php", b"pm", b"py", b"rb", b"war"];
/// Folders whose files nothing in use reads in: documents, and what a debugger alone loads.
const BESIDE: [&[u8]; 2] = [b"/usr/share/doc/", b"/usr/share/gdb/"];

/// What the list of a package says about whether its use can be seen from outside.
#[derive(Clone, Copy, Default)]
struct Content {
    /// A file in a folder `bin`, `sbin` or `libexec`, or a shared library (`*.so`, `*.so.*`).
    program: bool,
    /// Something that an interpreter reads in.
    read_in: bool,
}
impl Content {
    fn add(&mut self, path: &[u8]) {
        if BESIDE.iter().any(|b| path.starts_with(b)) {
            return;
        }
        let mut parts = path.rsplit(|b| *b == b'/');
        let name = parts.next().unwrap_or_default();
        let library = name.ends_with(b".so") || name.windows(4).any(|w| w == b".so.");
        self.program |= library || parts.any(|p| matches!(p, b"bin" | b"sbin" | b"libexec"));
        let ending = name.rsplit(|b| *b == b'.').next().unwrap_or_default();
        self.read_in |= ending.len() < name.len() && READ_IN.contains(&ending);
    }
}

/// The paths that packages own, as hashes with the number of the package: a few bytes a path instead of its text.
pub(crate) struct Owned {
    hashes: HashMap<u64, u32>,
    /// Names of the packages whose lists were read, by number. The first is nobody: paths that were diverted.
    names: Vec<String>,
    /// What is in them, in the same order.
    contents: Vec<Content>,
    hasher: RandomState,
    /// Top-level names that are links into `/usr`.
    merged: Vec<&'static str>,
    sbin_is_bin: bool,
}
impl std::fmt::Debug for Owned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Owned({})", self.hashes.len())
    }
}
impl Owned {
    /// Reads the file lists; nothing if there are none to ask.
    pub(crate) fn read(look: &mut Look<'_>, packages: &Seen<Packages>) -> Option<Self> {
        let merged = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];
        let merged = merged.into_iter().filter(|n| look.host.read_link(&Path::new("/").join(n)).is_ok()).collect();
        let sbin_is_bin = look.host.read_link(Path::new("/usr/sbin")).is_ok();
        let mut owned = Self {
            hashes: HashMap::new(),
            names: vec![String::new()],
            contents: vec![Content::default()],
            hasher: RandomState::new(),
            merged,
            sbin_is_bin,
        };
        for e in look.list("/var/lib/dpkg/info") {
            if let Some(name) = e.text().strip_suffix(".list") {
                owned.read_list(look, &e, name.split(':').next().unwrap_or(name));
            }
        }
        if let Some(f) = look.read("/var/lib/dpkg/diversions") {
            parse::dpkg_list(&f.bytes).for_each(|p| owned.add(p, 0));
        }
        for (name, file) in &packages.value.apk_files {
            let package = owned.package(name);
            owned.add(format!("/{file}").as_bytes(), package);
        }
        for rpm in &packages.value.rpm {
            let package = owned.package(&rpm.name);
            rpm.files.iter().for_each(|f| owned.add(&rpm.path(f), package));
        }
        for e in look.list("/var/lib/pacman/local") {
            if let Some(f) = look.read(e.path.join("files")) {
                // The folder is `NAME-VERSION-RELEASE`.
                let package = owned.package(e.text().rsplitn(3, '-').last().unwrap_or_default());
                let files = f.text();
                let paths = files.lines().filter(|l| !l.starts_with('%'));
                paths.for_each(|l| owned.add(format!("/{l}").as_bytes(), package));
            }
        }
        (!owned.hashes.is_empty()).then_some(owned)
    }
    fn read_list(&mut self, look: &mut Look<'_>, e: &Entry, name: &str) {
        match look.host.bytes(&e.path, look.host.limits.file_bytes_max) {
            Ok((bytes, _)) => {
                let package = self.package(name);
                parse::dpkg_list(&bytes).for_each(|p| self.add(p, package));
            }
            Err(Miss::Gap(reason)) => look.miss(reason, &e.path),
            Err(Miss::Absent) => {}
        }
    }
    fn key(&self, path: &[u8]) -> u64 {
        let first = path.get(1..).unwrap_or_default().split(|b| *b == b'/').next().unwrap_or_default();
        let moved = self.merged.iter().any(|m| m.as_bytes() == first);
        let mut whole = if moved { b"/usr".to_vec() } else { Vec::new() };
        whole.extend_from_slice(path);
        if self.sbin_is_bin && whole.starts_with(b"/usr/sbin/") {
            whole.splice(..b"/usr/sbin/".len(), *b"/usr/bin/");
        }
        self.hasher.hash_one(whole)
    }
    /// The number of a package. Lists come package by package, so only the newest name can be the same again.
    fn package(&mut self, name: &str) -> u32 {
        if self.names.last().is_none_or(|last| last != name) {
            self.names.push(name.to_owned());
            self.contents.push(Content::default());
        }
        u32::try_from(self.names.len() - 1).unwrap_or(0)
    }
    fn add(&mut self, path: &[u8], package: u32) {
        if let Some(content) = usize::try_from(package).ok().and_then(|n| self.contents.get_mut(n)) {
            content.add(path);
        }
        let key = self.key(path);
        let owner = self.hashes.entry(key).or_insert(package);
        if *owner == 0 {
            *owner = package;
        }
    }
    /// The package that owns `path`; of several the first. Nothing for what was only diverted.
    pub(crate) fn package_of(&self, path: &Path) -> Option<&str> {
        let number = self.hashes.get(&self.key(path.as_os_str().as_bytes()))?;
        self.names.get(usize::try_from(*number).ok()?).map(String::as_str).filter(|n| !n.is_empty())
    }
    /// Names of the packages whose lists were read.
    pub(crate) fn listed(&self) -> HashSet<&str> {
        self.names.iter().map(String::as_str).collect()
    }
    /// By name of the packages whose lists were read: whether their use shows, because they have programs or shared
    /// libraries and nothing that an interpreter reads in.
    pub(crate) fn native(&self) -> HashMap<&str, bool> {
        let mut all: HashMap<&str, Content> = HashMap::new();
        for (name, content) in self.names.iter().zip(&self.contents) {
            let known = all.entry(name).or_default();
            known.program |= content.program;
            known.read_in |= content.read_in;
        }
        all.into_iter().map(|(name, c)| (name, c.program && !c.read_in)).collect()
    }
    /// A package owns `path`.
    pub(crate) fn has(&self, path: &Path) -> bool {
        self.hashes.contains_key(&self.key(path.as_os_str().as_bytes()))
    }
}

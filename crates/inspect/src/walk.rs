//! One walk over the file system for every fact about files.
//!
//! Folders are visited depth first in the order of their names, so a limit cuts at the same place each time. Kernel
//! file systems (proc, sys, …) hold no files of the host: they are named once as left out and make no fact
//! incomplete; so are mounted snaps. Network file systems and the layers of containers could hold files: leaving them out is a gap of
//! the facts. Links are never followed.

use crate::collect::libraries;
use crate::host::{Host, Meta, Miss, place};
use crate::out::Out;
use crate::{parse, shared};
use evidence::{FactValue, GapReason};
use rustix::fs::{Dir, FileType, fstatfs};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] =
    &["file.capability", "file.setuid", "file.temp_executable", "file.world_writable", "key.file", libraries::FACT];

/// Where container engines keep layers: the same files many times over, not this host's programs.
const CONTAINERS: [&str; 7] = [
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/containers/storage",
    "/var/lib/kubelet/pods",
    "/var/lib/lxc",
    "/var/lib/lxd",
    "/var/lib/machines",
];
/// Folders for passing files, where programs have no business; looked at three levels deep.
const TEMPORARY: [&str; 4] = ["/tmp", "/var/tmp", "/dev/shm", "/run"];
const TEMPORARY_DEPTH_MAX: usize = 3;

/// What a mounted file system means for the walk.
enum Kind {
    Kernel,
    Foreign,
    Own,
}
fn kind(magic: u64) -> Kind {
    match magic & 0xffff_ffff {
        // proc, sysfs, cgroup, cgroup2, devpts, debugfs, tracefs, securityfs, bpf, pstore, efivarfs, mqueue,
        // hugetlbfs, configfs, binfmt_misc, autofs, nsfs, fusectl, selinuxfs
        0x9fa0 | 0x6265_6572 | 0x27_e0eb | 0x6367_7270 | 0x1cd1 | 0x6462_6720 | 0x7472_6163 | 0x7363_6673
        | 0xcafe_4a11 | 0x6165_676c | 0xde5e_81e4 | 0x1980_0202 | 0x9584_58f6 | 0x6265_6570 | 0x4249_4e4d | 0x0187
        | 0x6e73_6673 | 0x6573_5543 | 0xf97c_ff8c => Kind::Kernel,
        // nfs, smb, cifs, smb2, 9p, fuse, ceph, afs, lustre, ocfs2, gfs2, overlay
        0x6969 | 0x517b | 0xff53_4d42 | 0xfe53_4d42 | 0x0102_1997 | 0x6573_5546 | 0x00c3_6400 | 0x5346_414f
        | 0x0bd0_0bd0 | 0x7461_636f | 0x0116_1970 | 0x794c_7630 => Kind::Foreign,
        _ => Kind::Own,
    }
}

/// `/snap/NAME/REVISION`: a read-only image of a package, under a signature and confined. Its files are in no package
/// list, and its set-id bits are those of the distribution inside.
fn snap(path: &Path) -> bool {
    ["/snap", "/var/lib/snapd/snap"]
        .iter()
        .any(|top| path.strip_prefix(top).is_ok_and(|below| below.components().count() == 2))
}

struct Walk<'o, 'a> {
    out: &'o mut Out<'a>,
    names: HashSet<&'a str>,
    /// Folder, device of its parent, and whether group or others can get there.
    todo: Vec<(PathBuf, u64, bool)>,
    entries: u64,
    /// Files that tell of libraries.
    libraries: Vec<(libraries::Kind, PathBuf)>,
}

/// Walks the whole file system.
pub(crate) fn walk(out: &mut Out<'_>, stop: &Stop) {
    let started = Instant::now();
    let root = Path::new("/");
    let dev = match out.host.stat(root) {
        Ok(meta) => meta.dev,
        Err(miss) => return lost(out, miss, root),
    };
    let misses = out.shared.owned(out.host).misses.clone();
    out.gaps(&["file.capability", "file.setuid", libraries::FACT], &misses);
    let shared = out.shared;
    let (names, todo) = (shared.products.names_anywhere(), vec![(root.to_owned(), dev, true)]);
    let mut walk = Walk { out, names, todo, entries: 0, libraries: Vec::new() };
    walk.all(started, stop);
    let met = std::mem::take(&mut walk.libraries);
    libraries::collect(out, stop, &met);
}

fn lost(out: &mut Out<'_>, miss: Miss, path: &Path) {
    match miss {
        Miss::Gap(reason) => short(out, reason, path),
        Miss::Absent => short(out, GapReason::Vanished, path),
    }
}
/// Something of the host's own was not walked, and products look for their names in what was.
fn short(out: &mut Out<'_>, reason: GapReason, path: &Path) {
    out.shared.lose(reason, path);
    out.gap_at(FACTS, reason, path);
}

impl Walk<'_, '_> {
    fn all(&mut self, started: Instant, stop: &Stop) {
        let limits = self.out.host.limits;
        while let Some((path, dev, reach)) = self.todo.pop() {
            let late = started.elapsed() > Duration::from_millis(limits.walk_millis_max);
            if stop.requested() || late || self.out.closed() {
                return short(self.out, GapReason::Stopped, &path);
            }
            if self.entries >= limits.walk_entries_max {
                return short(self.out, GapReason::TooMany, &path);
            }
            if path.components().count() > limits.walk_depth_max {
                short(self.out, GapReason::TooDeep, &path);
                continue;
            }
            self.folder(&path, dev, reach);
        }
    }
    fn folder(&mut self, path: &Path, parent_dev: u64, reach: bool) {
        if CONTAINERS.iter().any(|c| Path::new(c) == path) {
            return self.out.gap_at(FACTS, GapReason::OtherFilesystem, path);
        }
        let dir = match self.out.host.dir(path) {
            Ok(dir) => dir,
            Err(miss) => return lost(self.out, miss, path),
        };
        let own = match Host::stat_in(dir.as_fd(), OsStr::new(".")) {
            Ok(own) => own,
            Err(miss) => return lost(self.out, miss, path),
        };
        if own.dev != parent_dev {
            if snap(path) {
                return self.out.folder_gap(GapReason::OtherFilesystem, path);
            }
            match fstatfs(&dir).map(|s| kind(u64::from_ne_bytes(s.f_type.to_ne_bytes()))) {
                Ok(Kind::Own) => {}
                Ok(Kind::Kernel) => return self.out.folder_gap(GapReason::OtherFilesystem, path),
                _ => return self.out.gap_at(FACTS, GapReason::OtherFilesystem, path),
            }
        }
        let mut handle = match Dir::new(dir) {
            Ok(handle) => handle,
            Err(e) => return lost(self.out, e.into(), path),
        };
        let mut names: Vec<(Vec<u8>, FileType)> = Vec::new();
        for entry in &mut handle {
            match entry {
                Ok(e) => names.push((e.file_name().to_bytes().to_owned(), e.file_type())),
                Err(e) => return lost(self.out, e.into(), path),
            }
            if names.len() as u64 > self.out.host.limits.entries_max {
                return short(self.out, GapReason::TooMany, path);
            }
        }
        names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        self.entries += names.len() as u64;
        let base = self.todo.len();
        let dir = match handle.fd() {
            Ok(dir) => dir,
            Err(e) => return lost(self.out, e.into(), path),
        };
        let reach = reach && own.mode & 0o011 != 0;
        for (name, kind) in &names {
            if name != b"." && name != b".." {
                self.entry(path, dir, OsStr::from_bytes(name), *kind, (own.dev, reach));
            }
        }
        // Pushed in order, popped from the end: turn them so that the first name comes next.
        if let Some(fresh) = self.todo.get_mut(base..) {
            fresh.reverse();
        }
    }

    fn entry(&mut self, folder: &Path, dir: BorrowedFd<'_>, name: &OsStr, kind: FileType, (dev, reach): (u64, bool)) {
        if !matches!(kind, FileType::Directory | FileType::RegularFile | FileType::Unknown) {
            return;
        }
        let meta = match Host::stat_in(dir, name) {
            Ok(meta) => meta,
            // A file that goes away during the walk was not there; nothing is lost by that.
            Err(Miss::Absent) => return,
            // A folder that may be listed but not entered shows names only.
            Err(miss) => return lost(self.out, miss, &folder.join(name)),
        };
        if meta.is_dir() {
            if meta.mode & 0o002 != 0 {
                self.world_writable(&folder.join(name), &meta);
            }
            self.todo.push((folder.join(name), dev, reach));
        } else if meta.is_file() {
            self.file(folder, name, &meta, reach);
        }
    }

    fn file(&mut self, folder: &Path, name: &OsStr, meta: &Meta, reach: bool) {
        if meta.mode & 0o6000 != 0 && meta.mode & 0o111 != 0 {
            self.setuid(&folder.join(name), meta);
        }
        if meta.mode & 0o002 != 0 {
            self.world_writable(&folder.join(name), meta);
        }
        if meta.mode & 0o111 != 0 {
            if let Some(top) = TEMPORARY.iter().find(|t| folder.starts_with(t)) {
                self.temporary(Path::new(top), &folder.join(name), meta);
            }
            if name.to_str().is_some_and(|n| self.names.contains(n)) {
                self.out.shared.meet(folder.join(name));
            }
            self.capability(&folder.join(name));
        }
        if let Some(kind) = libraries::kind(folder, name.as_bytes(), meta.mode & 0o111 != 0, meta.size) {
            if self.libraries.len() < self.out.host.limits.library_files_max {
                self.libraries.push((kind, folder.join(name)));
            } else {
                self.out.over(libraries::FACT, 1);
            }
        }
        if key_name(name.as_bytes()) && !foreign_keys(folder) {
            self.key(&folder.join(name), name, meta, reach);
        }
    }

    /// Capabilities of a program, which the kernel keeps in an extended attribute.
    fn capability(&mut self, path: &Path) {
        let opened = match self.out.host.open_file(path) {
            Ok(opened) => opened,
            Err(Miss::Gap(reason)) => return self.out.gap_at(&["file.capability"], reason, path),
            Err(Miss::Absent) => return,
        };
        let Some(names) = opened.attribute("security.capability", 64).and_then(|v| parse::file_capabilities(&v)) else {
            return;
        };
        let mut row =
            FactValue::row([("path", shared::text_of(path).into()), ("capabilities", names.join(",").into())]);
        if let (Some(packaged), FactValue::Row(fields)) = (self.out.shared.packaged(self.out.host, path), &mut row) {
            fields.insert("packaged".into(), packaged.into());
        }
        self.out.fact("file.capability", row, place(path));
    }
    fn setuid(&mut self, path: &Path, meta: &Meta) {
        let mut row = FactValue::row([
            ("path", shared::text_of(path).into()),
            ("owner", i64::from(meta.uid).into()),
            ("mode", i64::from(meta.mode).into()),
            ("setuid", (meta.mode & 0o4000 != 0).into()),
            ("writable", meta.writable_by_others().into()),
        ]);
        if let (Some(packaged), FactValue::Row(fields)) = (self.out.shared.packaged(self.out.host, path), &mut row) {
            fields.insert("packaged".into(), packaged.into());
        }
        self.out.fact("file.setuid", row, place(path));
    }
    fn world_writable(&mut self, path: &Path, meta: &Meta) {
        let row = FactValue::row([
            ("path", shared::text_of(path).into()),
            ("directory", meta.is_dir().into()),
            ("sticky", (meta.mode & 0o1000 != 0).into()),
            ("owner", i64::from(meta.uid).into()),
        ]);
        self.out.fact("file.world_writable", row, place(path));
    }
    fn temporary(&mut self, top: &Path, path: &Path, meta: &Meta) {
        let Ok(below) = path.strip_prefix(top) else { return };
        if below.components().count() > TEMPORARY_DEPTH_MAX {
            return;
        }
        let hidden = below.components().any(|c| c.as_os_str().as_bytes().starts_with(b"."));
        let row = FactValue::row([
            ("path", shared::text_of(path).into()),
            ("owner", i64::from(meta.uid).into()),
            ("hidden", hidden.into()),
        ]);
        self.out.fact("file.temp_executable", row, place(path));
    }
    fn key(&mut self, path: &Path, name: &OsStr, meta: &Meta, reach: bool) {
        let len = usize::try_from(self.out.host.limits.key_bytes_max.min(meta.size)).unwrap_or(0);
        let bytes = match self.out.host.piece(path, 0, len) {
            Ok(bytes) => bytes,
            Err(Miss::Gap(reason)) => return self.out.gap_at(&["key.file"], reason, path),
            Err(Miss::Absent) => return,
        };
        let Some(key) = parse::private_key(&bytes) else { return };
        // Some systems keep host keys readable for a group of their own, ssh_keys; that opens nothing.
        let host_key = name.as_bytes().starts_with(b"ssh_host_");
        let open = reach && meta.mode & if host_key { 0o004 } else { 0o044 } != 0;
        let mut row = FactValue::row([
            ("path", shared::text_of(path).into()),
            ("owner", i64::from(meta.uid).into()),
            ("open", open.into()),
        ]);
        if let (Some(protected), FactValue::Row(fields)) = (key.protected, &mut row) {
            fields.insert("protected".into(), protected.into());
        }
        self.out.fact("key.file", row, place(path).line(key.line as u64));
    }
}

/// Folders whose keys are not this host's: what packages bring under `/usr`, and libraries of others, whose test keys
/// everybody has.
fn foreign_keys(folder: &Path) -> bool {
    let text = folder.as_os_str().as_bytes();
    let inside = |part: &str| text.windows(part.len()).any(|w| w == part.as_bytes());
    (folder.starts_with("/usr") && !folder.starts_with("/usr/local"))
        || [
            "/.cargo/registry/",
            "/.cargo/git/",
            "/node_modules/",
            "/site-packages/",
            "/dist-packages/",
            "/go/pkg/mod/",
            "/lib/python3.",
        ]
        .iter()
        .any(|p| inside(p))
}

fn key_name(name: &[u8]) -> bool {
    let ends = |s: &str| name.ends_with(s.as_bytes());
    (name.starts_with(b"id_") && !ends(".pub"))
        || (name.starts_with(b"ssh_host_") && ends("_key"))
        || [".pem", ".key", ".ppk"].iter().any(|s| ends(s))
        || name == b"identity"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_mount_of_a_snap_is_left_out() {
        for (path, expected) in [
            ("/snap/core22/1380", true),
            ("/var/lib/snapd/snap/core22/1380", true),
            ("/snap/core22", false),
            ("/snap/core22/1380/usr", false),
            ("/snapshots/a/1", false),
            ("/srv/snap/a/1", false),
        ] {
            assert_eq!(snap(Path::new(path)), expected, "{path}");
        }
    }

    /// Root enters every folder, so this says something only for a plain account.
    #[test]
    fn a_folder_that_only_lists_its_names_is_a_gap() {
        use std::os::unix::fs::PermissionsExt;
        if rustix::process::geteuid().is_root() {
            return;
        }
        let root = std::env::temp_dir().join(format!("inspect-walk-{}", std::process::id()));
        std::fs::create_dir_all(root.join("srv")).unwrap();
        std::fs::write(root.join("srv/tool"), "").unwrap();
        std::fs::set_permissions(root.join("srv"), std::fs::Permissions::from_mode(0o400)).unwrap();
        let config = crate::Config::new(evidence::DigestKey::new([7; 32]), evidence::Time::from_secs(1_795_000_000));
        let inspector = crate::Inspector::new(crate::Target::Root(root.clone()), config).unwrap();
        let sink: std::sync::Mutex<Vec<evidence::Body>> = std::sync::Mutex::default();
        inspector.run(&sink, &evidence::MemoryState::default(), &stdx::Silent, &Stop::new());
        let items = sink.into_inner().unwrap();
        for id in FACTS {
            let what = format!("fact:{id}");
            let seen = items.iter().any(
                |b| matches!(b, evidence::Body::Gap(g) if g.what == what && g.reason == GapReason::PermissionDenied),
            );
            assert!(seen, "{id}");
        }
        std::fs::set_permissions(root.join("srv"), std::fs::Permissions::from_mode(0o700)).unwrap();
        std::fs::remove_dir_all(root).unwrap();
    }
}

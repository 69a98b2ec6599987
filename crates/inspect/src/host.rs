//! The one door to the examined host: every path that a collector names goes through [`Host`].
//!
//! Paths resolve *inside* the root. An absolute link of an image leads to the image's own root and a `..` chain
//! ends there, as it would after a `chroot`; that is what `openat2` with `RESOLVE_IN_ROOT` does, and where the
//! kernel (or a container's filter) refuses that call a step-by-step walk over `O_PATH` handles does the same.
//! Only regular files are opened for reading, after their kind was seen through an `O_PATH` handle: a pipe would
//! block, and opening a device can have effects. Nothing is ever written, and where the account may ask for it
//! not even the access time changes.

use crate::Limits;
use crate::opened::Opened;
use evidence::{Digest, GapReason, PathText, Place};
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};
use stdx::Capped;

/// Links followed in one path before it counts as a loop; the kernel's own figure.
const LINKS_MAX: usize = 40;
/// Repeats of a call that a concurrent rename made the kernel give up.
const RETRIES_MAX: usize = 16;

/// Why something was not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Miss {
    /// It is not there. Often that means a default, so the collector decides.
    Absent,
    /// It could not be looked at.
    Gap(GapReason),
}
impl From<Errno> for Miss {
    fn from(e: Errno) -> Self {
        match e {
            Errno::NOENT | Errno::NOTDIR => Self::Absent,
            Errno::ACCESS | Errno::PERM => Self::Gap(GapReason::PermissionDenied),
            Errno::LOOP | Errno::XDEV => Self::Gap(GapReason::Link),
            Errno::SRCH => Self::Gap(GapReason::Vanished),
            Errno::NAMETOOLONG => Self::Gap(GapReason::TooDeep),
            _ => Self::Gap(GapReason::IoError),
        }
    }
}

/// What the file system says about a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meta {
    /// Kind of the file.
    pub kind: FileType,
    /// Permission bits with set-id and sticky bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Size in bytes.
    pub size: u64,
    /// Last change of the content, seconds since 1970.
    pub mtime: i64,
    /// Device number.
    pub dev: u64,
    /// Number of the file on its device.
    pub ino: u64,
}
impl Meta {
    #[expect(clippy::unnecessary_cast, reason = "the widths of these fields differ between architectures")]
    fn of(st: &Stat) -> Self {
        Self {
            kind: FileType::from_raw_mode(st.st_mode),
            mode: st.st_mode & 0o7777,
            uid: st.st_uid,
            gid: st.st_gid,
            size: u64::try_from(st.st_size).unwrap_or(0),
            mtime: st.st_mtime as i64,
            dev: st.st_dev as u64,
            ino: st.st_ino as u64,
        }
    }
    /// A regular file.
    pub(crate) fn is_file(&self) -> bool {
        self.kind == FileType::RegularFile
    }
    /// A directory.
    pub(crate) fn is_dir(&self) -> bool {
        self.kind == FileType::Directory
    }
    /// Some account besides the owner and root may write.
    pub(crate) fn writable_by_others(&self) -> bool {
        self.mode & 0o002 != 0 || (self.mode & 0o020 != 0 && self.gid != 0)
    }
}

/// A file as read.
#[derive(Debug)]
pub(crate) struct File {
    /// The path as asked for, seen from the root.
    pub path: PathBuf,
    /// The content.
    pub bytes: Vec<u8>,
    /// What the file system said.
    pub meta: Meta,
    digest: Digest,
}
impl File {
    /// The content as text; foreign bytes become U+FFFD.
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.bytes))
    }
    /// The whole file as a place, with its digest.
    pub(crate) fn place(&self) -> Place {
        place(&self.path).digest(self.digest)
    }
    /// A line of the file as a place, with its digest.
    pub(crate) fn line(&self, line: usize) -> Place {
        self.place().line(line as u64)
    }
}

/// A path as a place.
pub(crate) fn place(path: &Path) -> Place {
    Place::file(PathText::from_bytes(path.as_os_str().as_bytes()))
}
/// A path as printable text.
pub(crate) fn path_text(path: &Path) -> String {
    PathText::from_bytes(path.as_os_str().as_bytes()).as_str().to_owned()
}

/// An entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// Its name, in raw bytes.
    pub name: OsString,
    /// Full path, seen from the root.
    pub path: PathBuf,
}
impl Entry {
    /// The name as text, lossy.
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        self.name.to_string_lossy()
    }
}

/// The examined host.
#[derive(Debug)]
pub(crate) struct Host {
    root: OwnedFd,
    /// True for the running system.
    pub live: bool,
    /// The limits of this run.
    pub limits: Limits,
    in_root: bool,
}

impl Host {
    /// Opens the root folder.
    pub(crate) fn open(root: &Path, live: bool, limits: Limits) -> Result<Self, Errno> {
        let root = fs::open(root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        let in_root = fs::openat2(&root, ".", flags, Mode::empty(), ResolveFlags::IN_ROOT).is_ok();
        Ok(Self { root, live, limits, in_root })
    }
    /// The same host without `openat2`, to test the step-by-step walk.
    #[cfg(test)]
    pub(crate) fn by_steps(mut self) -> Self {
        self.in_root = false;
        self
    }

    fn handle(&self, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
        if !self.in_root {
            return self.step_by_step(path, flags);
        }
        let path = path.strip_prefix("/").unwrap_or(path);
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let flags = flags | OFlags::CLOEXEC;
        let mut last = Errno::AGAIN;
        for _ in 0..RETRIES_MAX {
            match fs::openat2(&self.root, path, flags, Mode::empty(), ResolveFlags::IN_ROOT) {
                Err(e @ (Errno::AGAIN | Errno::INTR)) => last = e,
                done => return done,
            }
        }
        Err(last)
    }
    fn step_by_step(&self, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
        let flags = flags | OFlags::CLOEXEC;
        let mut todo: Vec<OsString> = parts(path);
        let mut held: Vec<OwnedFd> = Vec::new();
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == ".." {
                held.pop();
                continue;
            }
            let dir: BorrowedFd<'_> = held.last().map_or(self.root.as_fd(), AsFd::as_fd);
            let st = fs::statat(dir, &part, AtFlags::SYMLINK_NOFOLLOW)?;
            let link = FileType::from_raw_mode(st.st_mode) == FileType::Symlink;
            if link && !(todo.is_empty() && flags.contains(OFlags::NOFOLLOW)) {
                links += 1;
                if links > LINKS_MAX {
                    return Err(Errno::LOOP);
                }
                let target = PathBuf::from(OsString::from_vec(fs::readlinkat(dir, &part, Vec::new())?.into_bytes()));
                if target.is_absolute() {
                    held.clear();
                }
                todo.extend(parts(&target));
                continue;
            }
            if todo.is_empty() {
                return fs::openat(dir, &part, flags | OFlags::NOFOLLOW, Mode::empty());
            }
            let through = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let next = fs::openat(dir, &part, through, Mode::empty())?;
            held.push(next);
        }
        let dir: BorrowedFd<'_> = held.last().map_or(self.root.as_fd(), AsFd::as_fd);
        fs::openat(dir, ".", flags, Mode::empty())
    }

    /// What the file system says about `path`, links followed inside the root.
    pub(crate) fn stat(&self, path: &Path) -> Result<Meta, Miss> {
        let fd = self.handle(path, OFlags::PATH)?;
        Ok(Meta::of(&fs::fstat(&fd)?))
    }
    /// The target of a link, as written in it.
    pub(crate) fn read_link(&self, path: &Path) -> Result<PathBuf, Miss> {
        let fd = self.handle(path, OFlags::PATH | OFlags::NOFOLLOW)?;
        let target = fs::readlinkat(&fd, "", Vec::new())?;
        Ok(PathBuf::from(OsString::from_vec(target.into_bytes())))
    }
    fn open_regular(&self, path: &Path) -> Result<(OwnedFd, Meta), Miss> {
        if !Meta::of(&fs::fstat(self.handle(path, OFlags::PATH)?)?).is_file() {
            return Err(Miss::Gap(GapReason::NotAFile));
        }
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        let fd = match self.handle(path, flags | OFlags::NOATIME) {
            Err(Errno::PERM) => self.handle(path, flags)?,
            other => other?,
        };
        let meta = Meta::of(&fs::fstat(&fd)?);
        if meta.is_file() { Ok((fd, meta)) } else { Err(Miss::Gap(GapReason::ChangedWhileRead)) }
    }
    /// Reads a regular file to its end, at most `file_bytes_max` bytes.
    pub(crate) fn read(&self, path: &Path) -> Result<File, Miss> {
        let (bytes, meta) = self.bytes(path, self.limits.file_bytes_max)?;
        Ok(File { path: path.to_owned(), digest: Digest::of(&bytes), bytes, meta })
    }
    /// The bytes of a regular file without a digest.
    pub(crate) fn bytes(&self, path: &Path, bytes_max: u64) -> Result<(Vec<u8>, Meta), Miss> {
        let (fd, meta) = self.open_regular(path)?;
        if meta.size > bytes_max {
            return Err(Miss::Gap(GapReason::TooLarge));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(meta.size).unwrap_or(0).saturating_add(1));
        match Capped::new(Reader(fd), bytes_max).read_to_end(&mut bytes) {
            Ok(_) => Ok((bytes, meta)),
            Err(e) if e.kind() == std::io::ErrorKind::FileTooLarge => Err(Miss::Gap(GapReason::TooLarge)),
            Err(e) => {
                Err(e.raw_os_error().map_or(Miss::Gap(GapReason::IoError), |n| Errno::from_raw_os_error(n).into()))
            }
        }
    }
    /// A regular file to be read in pieces.
    pub(crate) fn open_file(&self, path: &Path) -> Result<Opened, Miss> {
        let (handle, meta) = self.open_regular(path)?;
        Ok(Opened::new(handle, meta))
    }
    /// At most `len` bytes of a regular file from `offset`; fewer at its end.
    pub(crate) fn piece(&self, path: &Path, offset: u64, len: usize) -> Result<Vec<u8>, Miss> {
        self.open_file(path)?.piece(offset, len)
    }
    /// The entries of a directory in the order of their names, without `.` and `..`.
    pub(crate) fn list(&self, path: &Path) -> Result<Vec<Entry>, Miss> {
        let fd = self.handle(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK)?;
        let mut out = Vec::new();
        for entry in fs::Dir::new(fd)? {
            let name = OsStr::from_bytes(entry?.file_name().to_bytes()).to_owned();
            if name == "." || name == ".." {
                continue;
            }
            if out.len() as u64 >= self.limits.entries_max {
                return Err(Miss::Gap(GapReason::TooMany));
            }
            out.push(Entry { path: path.join(&name), name });
        }
        out.sort();
        Ok(out)
    }
    /// A directory handle for the walk: links are not followed on the last step.
    pub(crate) fn dir(&self, path: &Path) -> Result<OwnedFd, Miss> {
        Ok(self.handle(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::NONBLOCK)?)
    }
    /// What the file system says about `name` in an open directory.
    pub(crate) fn stat_in(dir: BorrowedFd<'_>, name: &OsStr) -> Result<Meta, Miss> {
        Ok(Meta::of(&fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)?))
    }
}

/// Reads from a handle.
struct Reader(OwnedFd);
impl Read for Reader {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        Ok(rustix::io::read(&self.0, buf)?)
    }
}

/// The names of a path, last first, `.` and the leading `/` left out.
fn parts(path: &Path) -> Vec<OsString> {
    let name = |c: Component<'_>| match c {
        Component::Normal(n) => Some(n.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        _ => None,
    };
    path.components().rev().filter_map(name).collect()
}

/// A look at the host that remembers what it could not see.
#[derive(Debug)]
pub(crate) struct Look<'a> {
    /// The host.
    pub host: &'a Host,
    /// What could not be seen.
    pub misses: Vec<(GapReason, PathBuf)>,
}
impl<'a> Look<'a> {
    /// A fresh look.
    pub(crate) fn new(host: &'a Host) -> Self {
        Self { host, misses: Vec::new() }
    }
    /// Remembers that `path` could not be looked at.
    pub(crate) fn miss(&mut self, reason: GapReason, path: &Path) {
        self.misses.push((reason, path.to_owned()));
    }
    fn keep<T>(&mut self, path: &Path, got: Result<T, Miss>) -> Option<T> {
        match got {
            Ok(v) => Some(v),
            Err(Miss::Absent) => None,
            Err(Miss::Gap(reason)) => {
                self.miss(reason, path);
                None
            }
        }
    }
    /// A file, if it is there.
    pub(crate) fn read(&mut self, path: impl AsRef<Path>) -> Option<File> {
        self.keep(path.as_ref(), self.host.read(path.as_ref()))
    }
    /// A directory's entries; none if it is not there.
    pub(crate) fn list(&mut self, path: impl AsRef<Path>) -> Vec<Entry> {
        self.keep(path.as_ref(), self.host.list(path.as_ref())).unwrap_or_default()
    }
    /// The files of a drop-in directory whose names end in `suffix`, in order of their names.
    pub(crate) fn drop_ins(&mut self, dir: impl AsRef<Path>, suffix: &str) -> Vec<File> {
        let names = self.list(dir);
        names
            .into_iter()
            .filter(|e| e.name.as_bytes().ends_with(suffix.as_bytes()) && !e.name.as_bytes().starts_with(b"."))
            .filter_map(|e| match self.host.stat(&e.path) {
                Ok(m) if m.is_dir() => None,
                _ => self.read(&e.path),
            })
            .collect()
    }
    /// What the file system says, if it is there.
    pub(crate) fn stat(&mut self, path: impl AsRef<Path>) -> Option<Meta> {
        self.keep(path.as_ref(), self.host.stat(path.as_ref()))
    }
    /// The first of `paths` that is there.
    pub(crate) fn first<'p>(&mut self, paths: &[&'p str]) -> Option<&'p str> {
        paths.iter().copied().find(|p| self.stat(p).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn tree() -> PathBuf {
        let dir =
            std::env::temp_dir().join(format!("inspect-host-{}-{:?}", std::process::id(), std::thread::current().id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(dir.join("etc/deep")).unwrap();
        std::fs::write(dir.join("etc/name"), "inside").unwrap();
        symlink("/etc/name", dir.join("absolute")).unwrap();
        symlink("../../../../etc/name", dir.join("etc/deep/up")).unwrap();
        symlink("loop-b", dir.join("loop-a")).unwrap();
        symlink("loop-a", dir.join("loop-b")).unwrap();
        symlink("/", dir.join("etc/root")).unwrap();
        dir
    }

    #[test]
    fn links_stay_inside_the_root_by_both_ways() {
        let dir = tree();
        for steps in [false, true] {
            let host = Host::open(&dir, false, Limits::default()).unwrap();
            let host = if steps { host.by_steps() } else { host };
            for path in ["/absolute", "/etc/deep/up", "/etc/root/etc/root/absolute", "/../../etc/name", "etc/./name"] {
                assert_eq!(host.read(Path::new(path)).unwrap().bytes, b"inside", "{path} {steps}");
            }
            assert_eq!(host.read(Path::new("/loop-a")).unwrap_err(), Miss::Gap(GapReason::Link));
            assert_eq!(host.read(Path::new("/etc/name/x")).unwrap_err(), Miss::Absent);
            assert_eq!(host.read(Path::new("/etc")).unwrap_err(), Miss::Gap(GapReason::NotAFile));
            assert_eq!(host.list(Path::new("/etc/root")).unwrap().len(), 4, "{steps}");
            assert_eq!(host.read_link(Path::new("/absolute")).unwrap(), Path::new("/etc/name"));
        }
        std::fs::remove_dir_all(dir).unwrap();
    }
}

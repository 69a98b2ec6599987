//! A folder that nothing gets out of: every file of the driver is opened through this, or not at all.
//!
//! A replica is a folder with a marker that names the folder's own device and inode, so that neither a copy of the marker nor a
//! moved folder counts. Paths are resolved by the kernel below the open folder (`openat2`: no `..`, no symbolic link, no
//! other mount), and a file is only touched if it is a regular one with an inode of the manifest or of this run: a hard link to something outside is refused.

use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Component, Path, PathBuf};

/// Names that begin so are the driver's own; no mode touches them.
pub const OWN: &str = ".watchfire-attack-";
const MARKER: &str = ".watchfire-attack-replica";
const WITHIN: ResolveFlags = ResolveFlags::BENEATH
    .union(ResolveFlags::NO_SYMLINKS)
    .union(ResolveFlags::NO_MAGICLINKS)
    .union(ResolveFlags::NO_XDEV);

/// Why something was not done.
#[derive(Debug)]
pub struct Refused {
    /// What was asked for.
    pub path: PathBuf,
    /// Why not.
    pub why: String,
}
impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.why)
    }
}
impl std::error::Error for Refused {}

/// What was done to a file, in the order of doing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Deed {
    /// Opened and read to its end.
    Read(PathBuf),
    /// An existing file was opened for writing.
    OpenWrite(PathBuf),
    /// A file was made.
    Created(PathBuf),
    /// A file that was open for writing was closed; `rewritten`: it had been cut to nothing at first.
    Closed {
        /// The file.
        path: PathBuf,
        /// Opened with `O_TRUNC`.
        rewritten: bool,
    },
    /// Renamed; what was at `to` is gone.
    Renamed {
        /// As it was named.
        from: PathBuf,
        /// As it is named.
        to: PathBuf,
    },
    /// Removed.
    Unlinked(PathBuf),
    /// Cut by its path.
    Truncated(PathBuf),
}

/// An open replica.
pub struct Fence {
    root: OwnedFd,
    dir: PathBuf,
    device: u64,
    allowed: RefCell<BTreeSet<u64>>,
    journal: RefCell<Vec<Deed>>,
}

type Did<T> = Result<T, Refused>;
fn refused(path: &Path, why: impl std::fmt::Display) -> Refused {
    Refused { path: path.to_owned(), why: why.to_string() }
}

impl Fence {
    /// Makes a replica folder: `dir` must not exist, or be an empty folder and no link.
    pub fn make(dir: &Path) -> Did<Self> {
        match std::fs::create_dir(dir) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(refused(dir, e)),
            _ => {}
        }
        let fence = Self::at(dir)?;
        let mut entries = std::fs::read_dir(dir).map_err(|e| refused(dir, e))?;
        if entries.next().is_some() {
            return Err(refused(dir, "not empty: a replica is made in a folder of its own"));
        }
        let mut marker = fence.own_new(MARKER)?;
        marker.write_all(fence.mark()?.as_bytes()).map_err(|e| refused(dir, e))?;
        Ok(fence)
    }
    /// Opens a folder that carries the marker of [`Fence::make`]. Files in it are touched once [`Fence::allow`] named them.
    pub fn open(dir: &Path) -> Did<Self> {
        let fence = Self::at(dir)?;
        let marker = fence.own_read(MARKER).map_err(|_| refused(dir, "no marker: not a replica of this program"))?;
        if marker != fence.mark()?.as_bytes() {
            return Err(refused(dir, "the marker is another folder's"));
        }
        Ok(fence)
    }
    fn at(dir: &Path) -> Did<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let root = rustix::fs::open(dir, flags, Mode::empty())
            .map_err(|e| refused(dir, format!("not a folder of its own: {e}")))?;
        let device = rustix::fs::fstat(&root).map_err(|e| refused(dir, e))?.st_dev;
        Ok(Self { root, dir: dir.to_owned(), device, allowed: RefCell::default(), journal: RefCell::default() })
    }
    fn mark(&self) -> Did<String> {
        let stat = rustix::fs::fstat(&self.root).map_err(|e| refused(&self.dir, e))?;
        Ok(format!("watchfire attack replica v1\n{}:{}\n", stat.st_dev, stat.st_ino))
    }
    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
    /// Lets a file be touched: one that the manifest names by path and inode.
    pub fn allow(&self, inode: u64) {
        self.allowed.borrow_mut().insert(inode);
    }
    /// What was done since the last time.
    pub fn journal(&self) -> Vec<Deed> {
        std::mem::take(&mut self.journal.borrow_mut())
    }
    fn note(&self, deed: Deed) {
        self.journal.borrow_mut().push(deed);
    }

    fn resolve(&self, path: &Path, flags: OFlags, mode: Mode) -> Did<OwnedFd> {
        let plain = path.components().all(|c| matches!(c, Component::Normal(_)));
        if !plain || path.as_os_str().is_empty() {
            return Err(refused(path, "not a path below the replica"));
        }
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        rustix::fs::openat2(&self.root, path, flags, mode, WITHIN)
            .map_err(|e| refused(path, format!("not a plain file below the replica: {e}")))
    }
    /// Of a path that may be touched: the folder, the name, and what stands there.
    fn place<'p>(&self, path: &'p Path) -> Did<(OwnedFd, &'p std::ffi::OsStr, Option<Stat>)> {
        let name = path.file_name().ok_or_else(|| refused(path, "no name"))?;
        if name.as_encoded_bytes().starts_with(OWN.as_bytes()) {
            return Err(refused(path, "the driver's own file"));
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let folder = match path.parent().filter(|p| !p.as_os_str().is_empty()) {
            Some(parent) => self.resolve(parent, flags, Mode::empty())?,
            None => self.root.try_clone().map_err(|e| refused(path, e))?,
        };
        let stat = match rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Some(stat),
            Err(rustix::io::Errno::NOENT) => None,
            Err(e) => return Err(refused(path, e)),
        };
        if let Some(stat) = &stat {
            self.may(path, stat)?;
        }
        Ok((folder, name, stat))
    }
    fn may(&self, path: &Path, stat: &Stat) -> Did<()> {
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(refused(path, "not a regular file"));
        }
        if stat.st_dev != self.device {
            return Err(refused(path, "on another file system"));
        }
        if !self.allowed.borrow().contains(&stat.st_ino) {
            return Err(refused(path, "not a file that this program grew here"));
        }
        Ok(())
    }
    fn existing(&self, path: &Path, flags: OFlags) -> Did<File> {
        if self.place(path)?.2.is_none() {
            return Err(refused(path, "is not there"));
        }
        let file = File::from(self.resolve(path, flags, Mode::empty())?);
        let stat = rustix::fs::fstat(&file).map_err(|e| refused(path, e))?;
        self.may(path, &stat)?;
        Ok(file)
    }

    /// Reads a file.
    pub fn read(&self, path: &Path) -> Did<Vec<u8>> {
        let mut bytes = Vec::new();
        self.existing(path, OFlags::RDONLY)?.read_to_end(&mut bytes).map_err(|e| refused(path, e))?;
        self.note(Deed::Read(path.to_owned()));
        Ok(bytes)
    }
    /// Opens an existing file for reading and writing, hands it over, closes it.
    pub fn change(&self, path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Did<()> {
        let mut file = self.existing(path, OFlags::RDWR)?;
        self.note(Deed::OpenWrite(path.to_owned()));
        write(&mut file).map_err(|e| refused(path, e))?;
        drop(file);
        self.note(Deed::Closed { path: path.to_owned(), rewritten: false });
        Ok(())
    }
    /// Cuts an existing file to nothing (`O_TRUNC`) and writes it anew.
    pub fn rewrite(&self, path: &Path, bytes: &[u8]) -> Did<()> {
        let mut file = self.existing(path, OFlags::WRONLY | OFlags::TRUNC)?;
        self.note(Deed::OpenWrite(path.to_owned()));
        file.write_all(bytes).map_err(|e| refused(path, e))?;
        drop(file);
        self.note(Deed::Closed { path: path.to_owned(), rewritten: true });
        Ok(())
    }
    /// Makes a new file; refused if something is there.
    pub fn create(&self, path: &Path, bytes: &[u8]) -> Did<u64> {
        if self.place(path)?.2.is_some() {
            return Err(refused(path, "is there already"));
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let mut file = File::from(self.resolve(path, flags, Mode::from_raw_mode(0o644))?);
        let inode = rustix::fs::fstat(&file).map_err(|e| refused(path, e))?.st_ino;
        self.allow(inode);
        self.note(Deed::Created(path.to_owned()));
        file.write_all(bytes).map_err(|e| refused(path, e))?;
        drop(file);
        self.note(Deed::Closed { path: path.to_owned(), rewritten: false });
        Ok(inode)
    }
    /// Makes a folder, if it is not there.
    pub fn folder(&self, path: &Path) -> Did<()> {
        let mut so_far = PathBuf::new();
        for part in path.components() {
            let Component::Normal(name) = part else { return Err(refused(path, "not a path below the replica")) };
            let parent = match so_far.as_os_str().is_empty() {
                true => self.root.try_clone().map_err(|e| refused(path, e))?,
                false => self.resolve(&so_far, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())?,
            };
            match rustix::fs::mkdirat(&parent, name, Mode::from_raw_mode(0o755)) {
                Ok(()) | Err(rustix::io::Errno::EXIST) => {}
                Err(e) => return Err(refused(path, e)),
            }
            so_far.push(name);
        }
        self.resolve(path, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).map(drop)
    }
    /// Renames a file, over another one if there is one.
    pub fn rename(&self, from: &Path, to: &Path) -> Did<()> {
        let (old, old_name, there) = self.place(from)?;
        there.ok_or_else(|| refused(from, "is not there"))?;
        let (new, new_name, _) = self.place(to)?;
        rustix::fs::renameat(&old, old_name, &new, new_name).map_err(|e| refused(from, e))?;
        self.note(Deed::Renamed { from: from.to_owned(), to: to.to_owned() });
        Ok(())
    }
    /// Removes a file.
    pub fn unlink(&self, path: &Path) -> Did<()> {
        let (folder, name, there) = self.place(path)?;
        there.ok_or_else(|| refused(path, "is not there"))?;
        rustix::fs::unlinkat(&folder, name, AtFlags::empty()).map_err(|e| refused(path, e))?;
        self.note(Deed::Unlinked(path.to_owned()));
        Ok(())
    }
    /// Cuts a file by its path (`truncate(2)`), which no open precedes.
    pub fn truncate(&self, path: &Path, bytes: u64) -> Did<()> {
        let (folder, name, there) = self.place(path)?;
        there.ok_or_else(|| refused(path, "is not there"))?;
        let whole = Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name);
        let bytes = i64::try_from(bytes).map_err(|e| refused(path, e))?;
        nix::unistd::truncate(&whole, bytes).map_err(|e| refused(path, e))?;
        self.note(Deed::Truncated(path.to_owned()));
        Ok(())
    }
    /// Inode and size of a file that may be touched; `None` if it is not there.
    pub fn stat(&self, path: &Path) -> Did<Option<(u64, u64)>> {
        Ok(self.place(path)?.2.map(|s| (s.st_ino, u64::try_from(s.st_size).unwrap_or(0))))
    }
    /// Path, inode and size of what stands at a path, whoever made it; links are not followed. For the manifest alone.
    pub(crate) fn inode(&self, path: &Path) -> Did<u64> {
        let file = self.resolve(path, OFlags::RDONLY, Mode::empty())?;
        Ok(rustix::fs::fstat(&file).map_err(|e| refused(path, e))?.st_ino)
    }

    /// Writes one of the driver's own files durably; replaces it if it is there.
    pub fn own_write(&self, name: &str, bytes: &[u8]) -> Did<()> {
        let path = Path::new(name);
        assert!(name.starts_with(OWN), "the driver's own files are named so");
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC;
        let mut file = File::from(self.resolve(path, flags, Mode::from_raw_mode(0o600))?);
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|e| refused(path, e))?;
        rustix::fs::fsync(&self.root).map_err(|e| refused(path, e))
    }
    fn own_new(&self, name: &str) -> Did<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        self.resolve(Path::new(name), flags, Mode::from_raw_mode(0o600)).map(File::from)
    }
    /// Reads one of the driver's own files.
    pub fn own_read(&self, name: &str) -> Did<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = File::from(self.resolve(Path::new(name), OFlags::RDONLY, Mode::empty())?);
        file.take(64 << 20).read_to_end(&mut bytes).map_err(|e| refused(Path::new(name), e))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn scratch(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("watchfire-fence-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir(&dir).unwrap();
        dir
    }

    #[test]
    fn only_a_folder_with_its_own_marker_is_entered() {
        let outer = scratch("marker");
        let why = |r: Did<Fence>| r.err().expect("refused").why;
        std::fs::create_dir(outer.join("plain")).unwrap();
        assert!(why(Fence::open(&outer.join("plain"))).contains("no marker"));
        std::fs::write(outer.join("plain/work.txt"), "mine").unwrap();
        assert!(why(Fence::make(&outer.join("plain"))).contains("not empty"));
        Fence::make(&outer.join("replica")).unwrap();
        assert!(Fence::open(&outer.join("replica")).is_ok());
        // A copied marker names another folder.
        std::fs::copy(outer.join("replica").join(MARKER), outer.join("plain").join(MARKER)).unwrap();
        assert!(why(Fence::open(&outer.join("plain"))).contains("another folder's"));
        // A link to a replica is not a replica.
        symlink(outer.join("replica"), outer.join("link")).unwrap();
        assert!(why(Fence::open(&outer.join("link"))).contains("not a folder of its own"));
        std::fs::remove_dir_all(outer).unwrap();
    }

    #[test]
    fn nothing_outside_is_touched_by_any_operation() {
        let outer = scratch("outside");
        std::fs::write(outer.join("victim.txt"), "stays").unwrap();
        std::fs::create_dir(outer.join("folder")).unwrap();
        std::fs::write(outer.join("folder/inner.txt"), "stays").unwrap();
        let dir = outer.join("replica");
        let fence = Fence::make(&dir).unwrap();
        fence.create(Path::new("own.txt"), b"own").unwrap();
        symlink(outer.join("victim.txt"), dir.join("soft.txt")).unwrap();
        symlink(outer.join("folder"), dir.join("softdir")).unwrap();
        std::fs::hard_link(outer.join("victim.txt"), dir.join("hard.txt")).unwrap();
        std::fs::write(dir.join("stranger.txt"), "stays").unwrap();
        let bad = ["../victim.txt", "soft.txt", "softdir/inner.txt", "hard.txt", "stranger.txt", "/etc/hostname", "."];
        let absolute = outer.join("victim.txt");
        for path in bad.iter().map(Path::new).chain([absolute.as_path(), Path::new(MARKER)]) {
            assert!(fence.read(path).is_err(), "{}", path.display());
            assert!(fence.change(path, |f| f.write_all(b"x")).is_err(), "{}", path.display());
            assert!(fence.rewrite(path, b"x").is_err(), "{}", path.display());
            assert!(fence.create(path, b"x").is_err(), "{}", path.display());
            assert!(fence.truncate(path, 0).is_err(), "{}", path.display());
            assert!(fence.unlink(path).is_err(), "{}", path.display());
            assert!(fence.rename(path, Path::new("got.txt")).is_err(), "{}", path.display());
            assert!(fence.rename(Path::new("own.txt"), path).is_err(), "{}", path.display());
        }
        assert!(fence.create(Path::new("softdir/new.txt"), b"x").is_err());
        assert!(fence.folder(Path::new("softdir/new")).is_err() && fence.folder(Path::new("../new")).is_err());
        for kept in ["victim.txt", "folder/inner.txt", "replica/stranger.txt"] {
            assert_eq!(std::fs::read_to_string(outer.join(kept)).unwrap(), "stays", "{kept}");
        }
        assert_eq!(fence.read(Path::new("own.txt")).unwrap(), b"own");
        assert_eq!(std::fs::read_dir(outer.join("folder")).unwrap().count(), 1);
        std::fs::remove_dir_all(outer).unwrap();
    }

    #[test]
    fn another_mount_below_is_not_entered() {
        // Needs the right to mount; elsewhere `openat2` is trusted for it.
        let outer = scratch("mount");
        let dir = outer.join("replica");
        let fence = Fence::make(&dir).unwrap();
        std::fs::create_dir(dir.join("mounted")).unwrap();
        let mount = std::process::Command::new("mount").args(["-t", "tmpfs", "none"]).arg(dir.join("mounted")).output();
        if !mount.is_ok_and(|m| m.status.success()) {
            println!("SKIPPED: mounting is not allowed here");
            std::fs::remove_dir_all(outer).unwrap();
            return;
        }
        std::fs::write(dir.join("mounted/work.txt"), "stays").unwrap();
        let path = Path::new("mounted/work.txt");
        let tried = [
            fence.read(path).is_err(),
            fence.unlink(path).is_err(),
            fence.create(Path::new("mounted/n"), b"").is_err(),
        ];
        let umount = std::process::Command::new("umount").arg(dir.join("mounted")).status().unwrap();
        assert!(umount.success() && tried == [true; 3], "{tried:?}");
        std::fs::remove_dir_all(outer).unwrap();
    }
}

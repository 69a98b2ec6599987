//! Opens what lies beneath a root without ever following a link.
//!
//! Between the listing of a folder and the opening of what it holds, anybody who may write there can put a link in
//! its place, or in the place of any folder on the way. So every path is resolved by the kernel from the root's
//! handle with links refused: one call, as a plain open is. Refused: comparing inode numbers before and after,
//! which tells of a swap only once the wrong thing is open, and costs calls.

use evidence::GapReason;
use rustix::fs::{Mode, OFlags, ResolveFlags, openat, openat2};
use rustix::io::Errno;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// A folder that is walked.
pub(crate) struct Beneath {
    path: PathBuf,
    handle: OwnedFd,
    /// The kernel has `openat2` (Linux 5.6).
    in_one_call: AtomicBool,
}
impl Beneath {
    /// Takes hold of the root `path`; a link that is named as a root is followed.
    pub(crate) fn new(path: &Path) -> rustix::io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = rustix::fs::open(path, flags, Mode::empty())?;
        Ok(Self { path: path.to_owned(), handle, in_one_call: AtomicBool::new(true) })
    }
    /// Opens `path`, which must be the root's or begin with it.
    pub(crate) fn open(&self, path: &Path, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        let below = path.strip_prefix(&self.path).map_err(|_| Errno::INVAL)?;
        let below = if below.as_os_str().is_empty() { Path::new(".") } else { below };
        if self.in_one_call.load(Ordering::Relaxed) {
            let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
            match openat2(&self.handle, below, flags, Mode::empty(), resolve) {
                Err(Errno::NOSYS) => self.in_one_call.store(false, Ordering::Relaxed),
                // Some sandboxes refuse calls that they do not know so.
                Err(Errno::PERM) => {}
                result => return result,
            }
        }
        self.step_by_step(below, flags)
    }
    /// The same, one folder after the other.
    fn step_by_step(&self, below: &Path, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        if below.components().any(|c| c == Component::ParentDir) {
            return Err(Errno::XDEV);
        }
        let step = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut held: Option<OwnedFd> = None;
        for folder in below.parent().into_iter().flat_map(Path::iter) {
            held = Some(openat(held.as_ref().unwrap_or(&self.handle).as_fd(), folder, step, Mode::empty())?);
        }
        let last = below.file_name().unwrap_or(".".as_ref());
        openat(held.as_ref().unwrap_or(&self.handle).as_fd(), last, flags | OFlags::NOFOLLOW, Mode::empty())
    }
}

/// Why something was not opened.
pub(crate) fn reason(e: Errno) -> GapReason {
    match e {
        Errno::ACCESS | Errno::PERM => GapReason::PermissionDenied,
        // A folder that is none any more: what was listed is gone.
        Errno::NOENT | Errno::NOTDIR => GapReason::Vanished,
        Errno::LOOP => GapReason::Link,
        Errno::NXIO | Errno::NODEV => GapReason::NotAFile,
        _ => GapReason::IoError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_link_is_followed_at_any_place_of_a_path() {
        let dir = std::env::temp_dir().join(format!("discover-beneath-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(dir.join("root/a/b")).unwrap();
        std::fs::create_dir_all(dir.join("out/b")).unwrap();
        for file in ["root/a/b/f", "out/b/f"] {
            std::fs::write(dir.join(file), "x").unwrap();
        }
        std::os::unix::fs::symlink(dir.join("out"), dir.join("root/link")).unwrap();
        std::os::unix::fs::symlink("a", dir.join("root/near")).unwrap();
        std::os::unix::fs::symlink("f", dir.join("root/a/b/last")).unwrap();
        let root = dir.join("root");
        let (fast, slow) = (Beneath::new(&root).unwrap(), Beneath::new(&root).unwrap());
        slow.in_one_call.store(false, Ordering::Relaxed);
        for beneath in [fast, slow] {
            let file = |path: &str| beneath.open(&root.join(path), OFlags::RDONLY).map(|_| ());
            let folder = |path: &str| beneath.open(&root.join(path), OFlags::RDONLY | OFlags::DIRECTORY).map(|_| ());
            assert_eq!((folder(""), folder("a/b"), file("a/b/f")), (Ok(()), Ok(()), Ok(())));
            for path in ["link/b/f", "near/b/f", "a/b/last", "../out/b/f"] {
                assert!(file(path).is_err(), "{path}");
            }
            for path in ["link", "link/b", "near"] {
                assert!(folder(path).is_err(), "{path}");
            }
            assert_eq!(beneath.open(&dir.join("out"), OFlags::RDONLY).err(), Some(Errno::INVAL));
        }
        std::fs::remove_dir_all(&dir).unwrap();
    }
}

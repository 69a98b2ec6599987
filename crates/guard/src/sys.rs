//! The kernel's side: fanotify groups and marks, file handles, signals. The only module of the room with `unsafe`.
//!
//! Everything above works with [`Event`] values and owned descriptors. Events are parsed from bytes without `unsafe`: a buffer
//! that the kernel filled is a foreign format with lengths of its own, and a wrong length ends the reading instead of the process.
//! What `rustix` offers in safe form (reflinks, links, pidfds, signals) is used from there.
#![expect(unsafe_code, reason = "fanotify and file handles have no safe form in the crates that we use")]

use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Event: a file is about to be opened (permission).
pub const OPEN_PERM: u64 = 0x0001_0000;
/// Event: content is about to be read, written or cut (permission; Linux 6.14).
pub const PRE_ACCESS: u64 = 0x0010_0000;
/// Event: the queue overflowed.
pub const OVERFLOW: u64 = 0x4000;
/// Event: something was created.
pub const CREATE: u64 = 0x100;
/// Event: something was removed.
pub const DELETE: u64 = 0x200;
/// Event: something was renamed (both names in one event; Linux 5.17).
pub const RENAME: u64 = 0x1000_0000;
/// Event: a file that was open for writing was closed.
pub const CLOSE_WRITE: u64 = 0x8;
/// Flag: the thing is a folder; also asks for events on folders.
pub const ON_DIR: u64 = 0x4000_0000;

const CLASS_CONTENT: u32 = 4;
const CLASS_PRE_CONTENT: u32 = 8;
const CLOEXEC: u32 = 1;
const UNLIMITED_QUEUE: u32 = 0x10;
const UNLIMITED_MARKS: u32 = 0x20;
const REPORT_TID: u32 = 0x100;
const REPORT_DFID_NAME_TARGET: u32 = 0x200 | 0x400 | 0x800 | 0x1000;
const MARK_ADD: u32 = 1;
const MARK_REMOVE: u32 = 2;
const MARK_MOUNT: u32 = 0x10;
const MARK_FILESYSTEM: u32 = 0x100;
const MARK_IGNORE_SURV: u32 = 0x400 | 0x40;
/// Bytes of a handle that are taken from an event (`MAX_HANDLE_SZ`).
const HANDLE_BYTES_MAX: usize = 128;

/// What a mark covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cover {
    /// The file system, through whatever mount it is reached.
    FileSystem,
    /// One mount; blind to others of the same file system.
    Mount,
}

/// A fanotify group.
#[derive(Debug)]
pub struct Group {
    fd: OwnedFd,
}

impl Group {
    fn init(flags: u32) -> io::Result<Self> {
        let open = libc::O_RDONLY | libc::O_CLOEXEC | libc::O_LARGEFILE | libc::O_NOATIME;
        // SAFETY: no pointers; the call returns a new descriptor or -1.
        let fd = unsafe { libc::fanotify_init(flags | CLOEXEC | UNLIMITED_QUEUE | UNLIMITED_MARKS, open as u32) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `fd` was just returned to us and belongs to nobody else.
        Ok(Self { fd: unsafe { OwnedFd::from_raw_fd(fd) } })
    }
    /// A group whose events wait for an answer. The second value says whether it may ask for [`PRE_ACCESS`].
    ///
    /// # Errors
    /// Missing right (`CAP_SYS_ADMIN`) or a kernel without permission events.
    pub fn permission() -> io::Result<(Self, bool)> {
        match Self::init(CLASS_PRE_CONTENT | REPORT_TID) {
            Ok(group) => Ok((group, true)),
            Err(_) => Ok((Self::init(CLASS_CONTENT | REPORT_TID)?, false)),
        }
    }
    /// A group that is told of names: created, removed, renamed, closed after writing.
    ///
    /// # Errors
    /// Missing right or a kernel before 5.17.
    pub fn names() -> io::Result<Self> {
        Self::init(REPORT_DFID_NAME_TARGET)
    }
    /// Asks for events of a file system or mount.
    ///
    /// # Errors
    /// The kernel's, such as `EXDEV` for a btrfs subvolume or `EINVAL` for an event that it does not know.
    pub fn mark(&self, cover: Cover, mask: u64, path: &Path) -> io::Result<()> {
        let scope = if cover == Cover::Mount { MARK_MOUNT } else { MARK_FILESYSTEM };
        self.mark_raw(MARK_ADD | scope, mask, libc::AT_FDCWD, Some(path))
    }
    /// Takes part of a mark back.
    ///
    /// # Errors
    /// The kernel's.
    pub fn unmark(&self, cover: Cover, mask: u64, path: &Path) -> io::Result<()> {
        let scope = if cover == Cover::Mount { MARK_MOUNT } else { MARK_FILESYSTEM };
        self.mark_raw(MARK_REMOVE | scope, mask, libc::AT_FDCWD, Some(path))
    }
    /// Ends the events of one inode until [`Group::listen_again`], also when it is changed.
    ///
    /// # Errors
    /// The kernel's.
    pub fn ignore(&self, file: BorrowedFd<'_>, mask: u64) -> io::Result<()> {
        self.mark_raw(MARK_ADD | MARK_IGNORE_SURV, mask, file.as_raw_fd(), None)
    }
    /// Takes every mark of inodes back: those of file systems and mounts stay.
    ///
    /// # Errors
    /// The kernel's.
    pub fn listen_again(&self) -> io::Result<()> {
        const FLUSH: u32 = 0x80;
        self.mark_raw(FLUSH, 0, libc::AT_FDCWD, Some(Path::new("/")))
    }
    fn mark_raw(&self, flags: u32, mask: u64, at: RawFd, path: Option<&Path>) -> io::Result<()> {
        let text = path.map(|p| CString::new(p.as_os_str().as_bytes())).transpose()?;
        let pointer = text.as_ref().map_or(std::ptr::null(), |t| t.as_ptr());
        // SAFETY: `pointer` is null (the mark is on `at` itself) or a string that ends with a zero and outlives the call.
        let done = unsafe { libc::fanotify_mark(self.fd.as_raw_fd(), flags, mask, at, pointer) };
        if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
    /// Waits for events; zero bytes after `wait_ms` without one.
    ///
    /// # Errors
    /// The kernel's.
    pub fn read(&self, into: &mut [u8], wait_ms: i32) -> io::Result<usize> {
        let mut wait = libc::pollfd { fd: self.fd.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one valid `pollfd`.
        let ready = unsafe { libc::poll(&raw mut wait, 1, wait_ms) };
        if ready <= 0 {
            let error = io::Error::last_os_error();
            return if ready == 0 || error.kind() == io::ErrorKind::Interrupted { Ok(0) } else { Err(error) };
        }
        Ok(rustix::io::read(&self.fd, into)?)
    }
    /// Answers a permission event.
    ///
    /// # Errors
    /// `ENOENT` if nothing waits for this answer any more.
    pub fn answer(&self, event: RawFd, allow: bool) -> io::Result<()> {
        let mut bytes = [0_u8; 8];
        bytes[..4].copy_from_slice(&event.to_ne_bytes());
        bytes[4..].copy_from_slice(&(if allow { 1_u32 } else { 2 }).to_ne_bytes());
        rustix::io::write(&self.fd, &bytes)?;
        Ok(())
    }
}

/// One file handle, as the kernel gives it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Handle {
    /// Type of the handle, a matter of the file system.
    pub kind: i32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A name in a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name {
    /// The folder.
    pub folder: Handle,
    /// The name in it.
    pub name: Vec<u8>,
}

/// One event.
#[derive(Debug, Default)]
pub struct Event {
    /// What happened: the constants of this module.
    pub mask: u64,
    /// Thread (permission events) or process.
    pub pid: i32,
    /// The file, for permission events. Closing it does not answer.
    pub file: Option<OwnedFd>,
    /// Where it happened; of a rename the old name.
    pub name: Option<Name>,
    /// The new name of a rename.
    pub to: Option<Name>,
    /// The thing itself, if the kernel says.
    pub target: Option<Handle>,
}

fn u16_at(b: &[u8], at: usize) -> Option<u16> {
    b.get(at..at + 2)?.try_into().ok().map(u16::from_ne_bytes)
}
fn u32_at(b: &[u8], at: usize) -> Option<u32> {
    b.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes)
}

/// Takes the events out of what [`Group::read`] returned. A length that does not fit ends the list.
#[must_use]
pub fn events(mut bytes: &[u8]) -> Vec<Event> {
    const HEAD: usize = 24;
    let mut out = Vec::new();
    while let (Some(len), Some(head)) = (u32_at(bytes, 0), u16_at(bytes, 6)) {
        let (len, head) = (len as usize, usize::from(head));
        if len < HEAD || head < HEAD || head > len || len > bytes.len() {
            break;
        }
        let (this, rest) = bytes.split_at(len);
        bytes = rest;
        let Some(mask) = this[8..16].try_into().ok().map(u64::from_ne_bytes) else { break };
        let fd = u32_at(this, 16).map_or(-1, u32::cast_signed);
        let mut event = Event { mask, pid: u32_at(this, 20).map_or(0, u32::cast_signed), ..Event::default() };
        if fd >= 0 {
            // SAFETY: the kernel opened this descriptor for us with the event; each event is read and parsed once.
            event.file = Some(unsafe { OwnedFd::from_raw_fd(fd) });
        }
        infos(&this[head..], &mut event);
        out.push(event);
    }
    out
}

fn infos(mut bytes: &[u8], event: &mut Event) {
    while bytes.len() >= 4 {
        let Some(len) = u16_at(bytes, 2).map(usize::from) else { return };
        if len < 4 || len > bytes.len() {
            return;
        }
        let (this, rest) = bytes.split_at(len);
        bytes = rest;
        // Type, padding, length, fsid; then the handle: bytes, type, the bytes; then perhaps a name.
        let (Some(size), Some(kind)) = (u32_at(this, 12), u32_at(this, 16)) else { continue };
        let size = size as usize;
        if size > HANDLE_BYTES_MAX {
            continue;
        }
        let Some(raw) = this.get(20..20 + size) else { continue };
        let handle = Handle { kind: kind.cast_signed(), bytes: raw.to_vec() };
        let name = this[20 + size..].split(|b| *b == 0).next().unwrap_or_default().to_vec();
        match this[0] {
            1 => event.target = Some(handle),
            2 | 10 => event.name = Some(Name { folder: handle, name }),
            12 => event.to = Some(Name { folder: handle, name }),
            _ => {}
        }
    }
}

/// Opens what a handle stands for, as a place only (`O_PATH`): no event, no right to its content.
///
/// # Errors
/// `ESTALE` if it is gone.
pub fn open_handle(mount: BorrowedFd<'_>, handle: &Handle) -> io::Result<OwnedFd> {
    #[repr(C)]
    struct Raw {
        bytes: u32,
        kind: i32,
        handle: [u8; HANDLE_BYTES_MAX],
    }
    let mut raw = Raw { bytes: 0, kind: handle.kind, handle: [0; HANDLE_BYTES_MAX] };
    let size = handle.bytes.len().min(HANDLE_BYTES_MAX);
    raw.bytes = size as u32;
    raw.handle[..size].copy_from_slice(&handle.bytes[..size]);
    let flags = libc::O_PATH | libc::O_CLOEXEC;
    // SAFETY: `raw` has the layout of `struct file_handle` with room for the longest handle, and outlives the call.
    let fd = unsafe { libc::syscall(libc::SYS_open_by_handle_at, mount.as_raw_fd(), &raw mut raw, flags) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a new descriptor of ours.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// Whether a thread belongs to this process: asked of the kernel without opening a file.
#[must_use]
pub fn is_own_thread(tid: i32) -> bool {
    // SAFETY: no pointers; signal 0 only asks.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), tid, 0) == 0 }
}

/// Splits this process. The answer is the child's pid, or `None` in the child.
///
/// # Errors
/// `EDEADLK` if there is more than one thread (a child would get locks that nobody opens), or the kernel's.
pub fn fork() -> io::Result<Option<i32>> {
    if std::fs::read_dir("/proc/self/task")?.count() != 1 {
        return Err(io::Error::from_raw_os_error(libc::EDEADLK));
    }
    // SAFETY: there is one thread, checked above, so the child starts with every lock open.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        pid => Ok(Some(pid)),
    }
}

/// Waits for a child; `None` when it still runs after the call. The value is its exit code, or 128 and the signal.
///
/// # Errors
/// `ECHILD` and the like.
pub fn reap(pid: i32, block: bool) -> io::Result<Option<i32>> {
    let mut status = 0;
    // SAFETY: `status` is a place for one integer.
    let got = unsafe { libc::waitpid(pid, &raw mut status, if block { 0 } else { libc::WNOHANG }) };
    match got {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        _ if libc::WIFEXITED(status) => Ok(Some(libc::WEXITSTATUS(status))),
        _ => Ok(Some(128 + libc::WTERMSIG(status))),
    }
}

/// Sends a signal; 0 only asks whether the process is there.
///
/// # Errors
/// `ESRCH` if it is gone.
pub fn signal(pid: i32, number: i32) -> io::Result<()> {
    // SAFETY: no pointers. A pid of at most 1 would mean a group or everybody.
    if pid <= 1 || unsafe { libc::kill(pid, number) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// The kernel stops the process with `SIGKILL` when its parent dies: for what a test or a self-test starts.
pub fn die_with_parent() {
    // SAFETY: integers only.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

/// Cuts a file to nothing by its path, without opening it.
///
/// # Errors
/// The kernel's.
pub fn truncate(path: &Path) -> io::Result<()> {
    let text = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: a string that ends with a zero and outlives the call.
    if unsafe { libc::truncate(text.as_ptr(), 0) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Writes over the beginning of a file through a shared mapping, as long as the bytes are.
///
/// # Errors
/// A file shorter than the bytes; the kernel's.
pub fn write_mapped(file: &std::fs::File, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    if file.metadata()?.len() < bytes.len() as u64 {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a new shared mapping of a file that is at least as long; no address is asked for.
    let at = unsafe { libc::mmap(std::ptr::null_mut(), bytes.len(), access, libc::MAP_SHARED, file.as_raw_fd(), 0) };
    if at == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the mapping is `bytes.len()` long, writable and ours alone in this process; it is unmapped once, after the copy.
    unsafe {
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), at.cast(), bytes.len());
        libc::munmap(at, bytes.len());
    }
    Ok(())
}

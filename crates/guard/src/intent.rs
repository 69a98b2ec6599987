//! What the blocked thread is about to do: read from its system call.
//!
//! A permission event has no open flags. The thread sleeps in our event, so `/proc/TID/syscall` holds still while we read
//! it: number and registers. What we cannot tell - io_uring, kernel threads, 32-bit programs, whose numbers mean other calls -
//! counts as writing: a pre-image too many costs 150 µs, one too few costs a file. `openat2` keeps its flags in memory, which
//! another thread can change after the kernel read them, so it counts as writing too; a register cannot be changed.

use std::io::Read as _;

/// What a thread is about to do with a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Intent {
    /// It opens for reading, executes, or reads.
    Read,
    /// It opens for writing or cuts.
    Write,
    /// It cuts the file by its path.
    Truncate,
    /// Not known: to be treated as writing.
    Unknown,
}
impl Intent {
    /// Whether a pre-image is needed.
    #[must_use]
    pub fn writes(self) -> bool {
        self != Self::Read
    }
}

/// Reads it of a blocked thread. Asked three times if the kernel says nothing the first time (the thread may not sleep yet).
#[must_use]
pub fn of(tid: i32) -> Intent {
    for _ in 0..2 {
        let known = once(tid);
        if known != Intent::Unknown {
            return known;
        }
    }
    once(tid)
}

fn once(tid: i32) -> Intent {
    let mut text = [0_u8; 256];
    let Ok(mut file) = std::fs::File::open(format!("/proc/{tid}/syscall")) else { return Intent::Unknown };
    let Ok(len) = file.read(&mut text) else { return Intent::Unknown };
    let Ok(text) = std::str::from_utf8(&text[..len]) else { return Intent::Unknown };
    told(text)
}

/// From the text of `/proc/TID/syscall`: number, six arguments, stack pointer, program counter.
fn told(text: &str) -> Intent {
    let mut words = text.split_ascii_whitespace();
    let Some(Ok(number)) = words.next().map(str::parse::<i64>) else { return Intent::Unknown };
    let mut args = [0_u64; 7];
    for slot in &mut args {
        let Some(Ok(value)) = words.next().map(|w| u64::from_str_radix(w.trim_start_matches("0x"), 16)) else {
            return Intent::Unknown;
        };
        *slot = value;
    }
    // The stack of a 32-bit program lies below 4 GiB.
    if args[6] >> 32 == 0 {
        return Intent::Unknown;
    }
    let flags = match number {
        libc::SYS_openat | libc::SYS_open_by_handle_at => args[2],
        #[cfg(target_arch = "x86_64")]
        libc::SYS_open => args[1],
        #[cfg(target_arch = "x86_64")]
        libc::SYS_creat => return Intent::Write,
        libc::SYS_truncate => return Intent::Truncate,
        // Content that is written through a descriptor: its pre-image was taken when it was opened for writing.
        libc::SYS_write
        | libc::SYS_pwrite64
        | libc::SYS_writev
        | libc::SYS_pwritev
        | libc::SYS_pwritev2
        | libc::SYS_ftruncate
        | libc::SYS_fallocate
        | libc::SYS_mmap
        | libc::SYS_sendfile
        | libc::SYS_splice
        | libc::SYS_copy_file_range
        | libc::SYS_execve
        | libc::SYS_execveat
        | libc::SYS_read
        | libc::SYS_pread64
        | libc::SYS_readv
        | libc::SYS_preadv
        | libc::SYS_preadv2 => return Intent::Read,
        _ => return Intent::Unknown,
    };
    let writes = flags & (libc::O_ACCMODE as u64) != libc::O_RDONLY as u64 || flags & (libc::O_TRUNC as u64) != 0;
    if writes { Intent::Write } else { Intent::Read }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn flags_are_read_from_the_register_of_each_call() {
        // Lines as Linux 6.18 shows them: smbd's put and get, a read, a running thread, io_uring_enter.
        assert_eq!(told("257 0xffffff9c 0x7ffd 0x842 0x1e4 0x0 0x0 0x7ffd0ee0f1c8 0x7f"), Intent::Write);
        assert_eq!(told("257 0xffffff9c 0x7ffd 0x800 0x0 0x0 0x0 0x7ffd0ee0f1c8 0x7f"), Intent::Read);
        assert_eq!(told("2 0x7ffd 0x200 0x0 0x0 0x0 0x0 0x7ffd0ee0f1c8 0x7f"), Intent::Write);
        assert_eq!(told("0 0x3 0x7ffd 0x1000 0x0 0x0 0x0 0x7ffd0ee0f1c8 0x7f"), Intent::Read);
        assert_eq!(told("76 0x7ffd 0x0 0x0 0x0 0x0 0x0 0x7ffd0ee0f1c8 0x7f"), Intent::Truncate);
        // 295 is preadv here and openat to a 32-bit program.
        assert_eq!(told("295 0xffffff9c 0x7ffd 0x2 0x0 0x0 0x0 0xffd8f1c8 0x8048000"), Intent::Unknown);
        for other in [
            "437 0xffffff9c 0x7ffd 0x99 0x18 0x0 0x0 0x7ffd0ee0f1c8 0x7f",
            "426 0x3 0x1 0x0 0x0 0x0 0x0 0x7ffd0ee0f1c8 0x7f",
            "running",
            "-1 0x7ffd 0x7f",
            "",
            "257 0xzz",
        ] {
            assert_eq!(told(other), Intent::Unknown, "{other}");
        }
    }
}

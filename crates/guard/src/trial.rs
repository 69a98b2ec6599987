//! The attack forms of the self-test, done by a child process to files that this module made itself.
//!
//! Every file that is touched lies in a folder with a marker that holds a token; the child is given the token and refuses any
//! other folder. The change is a fixed reversible one (exclusive or with a stream), so that nothing here is of use to anybody.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// The marker in a ground.
pub const MARKER: &str = ".watchfire-trial-ground";

/// A way to spoil files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Form {
    /// Every byte, in place.
    InPlace,
    /// Opened with `O_TRUNC` and written anew.
    Rewrite,
    /// Through a shared mapping.
    Mapped,
    /// The first 4 KiB.
    Head,
    /// 64 bytes of each 4 KiB.
    Spots,
    /// Every other 16 bytes.
    Alternate,
    /// One block of 4 KiB in four.
    Blocks,
    /// A new file beside it, the old one removed.
    NewUnlink,
    /// A new file renamed over it.
    RenameOver,
    /// Cut to nothing by its path.
    Truncate,
    /// Removed.
    Unlink,
}
impl Form {
    /// Every form.
    pub const ALL: [Self; 11] = [
        Self::InPlace,
        Self::Rewrite,
        Self::Mapped,
        Self::Head,
        Self::Spots,
        Self::Alternate,
        Self::Blocks,
        Self::NewUnlink,
        Self::RenameOver,
        Self::Truncate,
        Self::Unlink,
    ];
    /// Its name, also in `guard-form.*` of the words.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::InPlace => "in-place",
            Self::Rewrite => "rewrite",
            Self::Mapped => "mapped",
            Self::Head => "head",
            Self::Spots => "spots",
            Self::Alternate => "alternate",
            Self::Blocks => "blocks",
            Self::NewUnlink => "new-unlink",
            Self::RenameOver => "rename-over",
            Self::Truncate => "truncate",
            Self::Unlink => "unlink",
        }
    }
    /// The form of this name.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.id() == id)
    }
}

/// A stream that looks random (xorshift64*).
fn stream(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed | 1;
    std::iter::from_fn(move || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        Some(state.wrapping_mul(0x2545_F491_4F6C_DD1D))
    })
    .flat_map(u64::to_le_bytes)
}

/// Makes a ground with files of text and numbers. The answer is its token.
///
/// # Errors
/// The disk's; a folder that is there already.
pub fn prepare(ground: &Path, files: usize, bytes: usize) -> io::Result<String> {
    std::fs::create_dir(ground)?;
    let mut chance = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut chance)?;
    let token: String = chance.iter().map(|b| format!("{b:02x}")).collect();
    std::fs::write(ground.join(MARKER), &token)?;
    for n in 0..files {
        let folder = ground.join(format!("d{:02}", n % 8));
        std::fs::create_dir_all(&folder)?;
        let line = format!("{n};2026-01-01;压力;{};ok\n", n * 37 % 1000);
        let size = bytes + n % 97;
        let text: Vec<u8> = line.bytes().cycle().take(size).collect();
        std::fs::write(folder.join(format!("f{n:05}.csv")), text)?;
    }
    Ok(token)
}

/// The files of a ground, sorted; the marker is none.
#[must_use]
pub fn files(ground: &Path) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(ground).into_iter().flatten().flatten();
    let below = folders.flat_map(|f| std::fs::read_dir(f.path()).into_iter().flatten().flatten());
    let mut all: Vec<PathBuf> = below.map(|f| f.path()).filter(|p| p.extension().is_some_and(|e| e == "csv")).collect();
    all.sort();
    all
}

/// Spoils every file of a ground. Ends at the first refusal; the answer is how many were spoilt.
///
/// # Errors
/// A ground without the marker or with another token: nothing is touched.
pub fn attack(ground: &Path, token: &str, form: Form) -> io::Result<u64> {
    let marker = std::fs::read_to_string(ground.join(MARKER))?;
    if marker != token || token.len() != 32 {
        return Err(io::Error::other("not a ground of this trial"));
    }
    let mut done = 0;
    for (n, path) in files(ground).iter().enumerate() {
        if spoil(path, form, n as u64 + 1).is_err() {
            break;
        }
        done += 1;
    }
    Ok(done)
}

fn changed(form: Form, seed: u64, bytes: &mut [u8]) {
    let hit = |at: usize| match form {
        Form::Head => at < 4096,
        Form::Spots => at % 4096 < 64,
        Form::Alternate => (at / 16).is_multiple_of(2),
        Form::Blocks => (at / 4096).is_multiple_of(4),
        _ => true,
    };
    for ((at, byte), key) in bytes.iter_mut().enumerate().zip(stream(seed)) {
        if hit(at) {
            *byte ^= key;
        }
    }
}

fn spoil(path: &Path, form: Form, seed: u64) -> io::Result<()> {
    let mut bytes = match form {
        Form::Truncate | Form::Unlink => Vec::new(),
        _ => std::fs::read(path)?,
    };
    changed(form, seed, &mut bytes);
    let beside = path.with_extension("csv.locked");
    match form {
        Form::InPlace | Form::Head | Form::Spots | Form::Alternate | Form::Blocks => {
            OpenOptions::new().write(true).open(path)?.write_all_at(&bytes, 0)
        }
        Form::Rewrite => OpenOptions::new().write(true).truncate(true).open(path)?.write_all(&bytes),
        Form::Mapped => crate::sys::write_mapped(&OpenOptions::new().read(true).write(true).open(path)?, &bytes),
        Form::NewUnlink => {
            std::fs::write(&beside, &bytes)?;
            std::fs::remove_file(path)
        }
        Form::RenameOver => {
            std::fs::write(&beside, &bytes)?;
            std::fs::rename(&beside, path)
        }
        Form::Truncate => crate::sys::truncate(path),
        Form::Unlink => std::fs::remove_file(path),
    }
}

/// The program of the child: `FORM GROUND TOKEN`. Prints how many files it spoilt.
#[must_use]
pub fn main(args: &[String]) -> i32 {
    crate::sys::die_with_parent();
    let [form, ground, token] = args else { return 2 };
    let Some(form) = Form::named(form) else { return 2 };
    match attack(Path::new(ground), token, form) {
        Ok(done) => i32::from(writeln!(io::stdout(), "{done}").is_err()),
        Err(_) => 2,
    }
}

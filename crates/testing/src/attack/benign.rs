//! What ordinary programs do that looks like an attack and must not be taken for one.

use super::fence::{Fence, Refused};
use super::pattern::{Key, Pattern};
use super::replica::{self, Manifest};
use crate::plant::{self, Rng};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// An ordinary job over a replica. It says after each step so that a recorder can look.
type Run = fn(&Fence, &Manifest, &mut dyn FnMut()) -> Result<(), Refused>;

/// An ordinary job.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// Its name.
    pub id: &'static str,
    /// Lays down what the job finds there: somebody else made it long ago.
    pub prepare: fn(&Fence, &Manifest) -> Result<(), Refused>,
    /// Does it.
    pub run: Run,
}

/// Every job.
pub const JOBS: [Job; 13] = [
    job("zip", zip),
    job("gzip", gzip),
    job("tar", tar),
    job("seal-own-archive", seal),
    job("copy", copy),
    Job { prepare: loose_objects, ..job("git-gc", git_gc) },
    job("database-dump", dump),
    job("database-work", database),
    job("photo-import", photos),
    job("save-all", save_all),
    Job { prepare: logs, ..job("log-rotation", rotate) },
    job("read-sweep", sweep),
    job("edit", edit),
];
const fn job(id: &'static str, run: Run) -> Job {
    Job { id, prepare: |_, _| Ok(()), run }
}
impl Job {
    /// The job of this name.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        JOBS.into_iter().find(|j| j.id == id)
    }
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> Refused + '_ {
    |e| Refused { path: path.to_owned(), why: e.to_string() }
}
fn all(fence: &Fence, manifest: &Manifest, step: &mut dyn FnMut()) -> Result<Vec<(PathBuf, Vec<u8>)>, Refused> {
    let mut out = Vec::new();
    for entry in &manifest.files {
        out.push((entry.path.clone(), fence.read(&entry.path)?));
        step();
    }
    Ok(out)
}

/// Everything into one zip.
fn zip(fence: &Fence, manifest: &Manifest, step: &mut dyn FnMut()) -> Result<(), Refused> {
    let files = all(fence, manifest, step)?;
    let names: Vec<String> = files.iter().map(|(p, _)| p.display().to_string()).collect();
    let members: Vec<(&str, &[u8])> =
        names.iter().map(String::as_str).zip(files.iter().map(|f| f.1.as_slice())).collect();
    let path = Path::new("全部.zip");
    fence.create(path, &plant::zip(&members).map_err(failed(path))?)?;
    step();
    Ok(())
}
/// `gzip` over every file: a packed one takes the place of each.
fn gzip(fence: &Fence, manifest: &Manifest, step: &mut dyn FnMut()) -> Result<(), Refused> {
    for entry in &manifest.files {
        let packed = plant::gzip(&fence.read(&entry.path)?).map_err(failed(&entry.path))?;
        let mut name = entry.path.as_os_str().to_owned();
        name.push(".gz");
        fence.create(Path::new(&name), &packed)?;
        fence.unlink(&entry.path)?;
        step();
    }
    Ok(())
}
fn tar_of(files: &[(PathBuf, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, (_, bytes)) in files.iter().enumerate() {
        // POSIX ustar; the name is a number, its header is what counts.
        let mut head = [0_u8; 512];
        let name = format!("f{number:06}");
        head[..name.len()].copy_from_slice(name.as_bytes());
        head[100..108].copy_from_slice(b"0000644\0");
        head[108..116].copy_from_slice(b"0000000\0");
        head[116..124].copy_from_slice(b"0000000\0");
        head[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
        head[136..148].copy_from_slice(b"15000000000\0");
        head[148..157].copy_from_slice(b"        0");
        head[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = head.iter().map(|b| u32::from(*b)).sum();
        head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend_from_slice(&head);
        out.extend_from_slice(bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}
/// Everything into one tar.
fn tar(fence: &Fence, manifest: &Manifest, step: &mut dyn FnMut()) -> Result<(), Refused> {
    let files = all(fence, manifest, step)?;
    fence.create(Path::new("全部.tar"), &tar_of(&files))?;
    step();
    Ok(())
}
/// Packs everything, encrypts the archive for safe keeping, and removes the archive in plain: its own.
fn seal(fence: &Fence, manifest: &Manifest, step: &mut dyn FnMut()) -> Result<(), Refused> {
    let files = all(fence, manifest, step)?;
    let mut bytes = tar_of(&files);
    fence.create(Path::new("backup.tar"), &bytes)?;
    step();
    Key(99).apply(Pattern::Whole, 0, &mut bytes);
    fence.create(Path::new("backup.tar.enc"), &bytes)?;
    fence.unlink(Path::new("backup.tar"))?;
    step();
    Ok(())
}
/// A copy of the tree, each file under a passing name first, as rsync does.
fn copy(fence: &Fence, manifest: &Manifest, step: &mut dyn FnMut()) -> Result<(), Refused> {
    for entry in &manifest.files {
        let bytes = fence.read(&entry.path)?;
        let to = Path::new("copy").join(&entry.path);
        let folder = to.parent().unwrap_or(Path::new("copy"));
        fence.folder(folder)?;
        let name = entry.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let passing = folder.join(format!(".{name}.Xa3f9Q"));
        fence.create(&passing, &bytes)?;
        fence.rename(&passing, &to)?;
        step();
    }
    Ok(())
}
fn loose(manifest: &Manifest) -> Vec<PathBuf> {
    let mut rng = Rng::new(manifest.grow.seed);
    let name =
        |n: usize, rng: &mut Rng| format!("repo/.git/objects/{:02x}/{:016x}{:016x}", n % 16, rng.draw(), rng.draw());
    (0..60).map(|n| PathBuf::from(name(n, &mut rng))).collect()
}
fn loose_objects(fence: &Fence, manifest: &Manifest) -> Result<(), Refused> {
    let mut rng = Rng::new(manifest.grow.seed);
    for path in loose(manifest) {
        let mut object = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        object
            .write_all(b"blob 2000\0")
            .and_then(|()| object.write_all(&replica::csv(&mut rng)))
            .map_err(failed(&path))?;
        fence.folder(path.parent().unwrap_or(Path::new("repo")))?;
        fence.create(&path, &object.finish().map_err(failed(&path))?)?;
    }
    Ok(())
}
/// Loose objects into a pack, the loose ones removed, as `git gc` does.
fn git_gc(fence: &Fence, manifest: &Manifest, step: &mut dyn FnMut()) -> Result<(), Refused> {
    let mut pack = b"PACK\0\0\0\x02\0\0\0\x3c".to_vec();
    for path in loose(manifest) {
        pack.extend(fence.read(&path)?);
    }
    fence.folder(Path::new("repo/.git/objects/pack"))?;
    fence.create(Path::new("repo/.git/objects/pack/pack-1.pack"), &pack)?;
    for path in loose(manifest) {
        fence.unlink(&path)?;
        step();
    }
    Ok(())
}
/// Every database read and written out as text.
fn dump(fence: &Fence, manifest: &Manifest, step: &mut dyn FnMut()) -> Result<(), Refused> {
    for entry in manifest.files.iter().filter(|e| e.path.extension().is_some_and(|x| x == "db")) {
        let rows = String::from_utf8_lossy(&fence.read(&entry.path)?).replace('\0', "");
        let sql: String = rows.lines().map(|l| format!("INSERT INTO readings VALUES ('{l}');\n")).collect();
        fence.create(&entry.path.with_extension("sql"), sql.as_bytes())?;
        step();
    }
    Ok(())
}
/// Rows written into databases in place, page by page.
fn database(fence: &Fence, manifest: &Manifest, step: &mut dyn FnMut()) -> Result<(), Refused> {
    for entry in manifest.files.iter().filter(|e| e.path.extension().is_some_and(|x| x == "db")) {
        let bytes = fence.read(&entry.path)?;
        let new = replica::sqlite(&mut Rng::new(entry.inode));
        fence.change(&entry.path, |file| {
            use std::os::unix::fs::FileExt as _;
            for page in (4096..bytes.len().min(new.len())).step_by(4096) {
                file.write_all_at(&new[page + 100..page + 400], page as u64 + 100)?;
            }
            Ok(())
        })?;
        step();
    }
    Ok(())
}
/// Pictures from a camera.
fn photos(fence: &Fence, manifest: &Manifest, step: &mut dyn FnMut()) -> Result<(), Refused> {
    fence.folder(Path::new("图片/2026-03-14"))?;
    for n in 0..40 {
        let picture = replica::png(&mut Rng::new(manifest.grow.seed + n));
        fence.create(&Path::new("图片/2026-03-14").join(format!("IMG_{n:04}.png")), &picture)?;
        step();
    }
    Ok(())
}
/// An office program saves every document: written anew beside it, renamed over it.
fn save_all(fence: &Fence, manifest: &Manifest, step: &mut dyn FnMut()) -> Result<(), Refused> {
    for (n, entry) in (0..).zip(&manifest.files) {
        let make = match entry.path.extension().and_then(|e| e.to_str()) {
            Some("docx") => replica::docx,
            Some("xlsx") => replica::xlsx,
            Some("csv") => replica::csv,
            Some("png") => replica::png,
            _ => continue,
        };
        fence.read(&entry.path)?;
        let lock = entry.path.with_file_name(format!(".~lock.{n}#"));
        fence.create(&lock, b",planner,desk-7,14.03.2026 09:12,file:///home/planner/.config;")?;
        let passing = entry.path.with_file_name(format!("lu{n}x.tmp"));
        fence.create(&passing, &make(&mut Rng::new(n + 1000)))?;
        fence.rename(&passing, &entry.path)?;
        fence.unlink(&lock)?;
        step();
    }
    Ok(())
}
fn log_names() -> impl Iterator<Item = PathBuf> {
    (0..8).map(|n| Path::new("logs").join(format!("s{}", n % 4)).join(format!("service{n}.log")))
}
fn logs(fence: &Fence, manifest: &Manifest) -> Result<(), Refused> {
    let mut rng = Rng::new(manifest.grow.seed);
    for log in log_names() {
        fence.folder(log.parent().unwrap_or(Path::new("logs")))?;
        fence.create(&log, &replica::csv(&mut rng))?;
        for n in 1..=3 {
            let old = PathBuf::from(format!("{}.{n}.gz", log.display()));
            fence.create(&old, &plant::gzip(&replica::csv(&mut rng)).map_err(failed(&old))?)?;
        }
    }
    Ok(())
}
/// Logs of several services renamed one further, the newest packed, the oldest removed; half are copied and cut.
fn rotate(fence: &Fence, _: &Manifest, step: &mut dyn FnMut()) -> Result<(), Refused> {
    for (which, log) in log_names().enumerate() {
        let numbered = |n: usize| PathBuf::from(format!("{}.{n}.gz", log.display()));
        fence.unlink(&numbered(3))?;
        fence.rename(&numbered(2), &numbered(3))?;
        fence.rename(&numbered(1), &numbered(2))?;
        let bytes = fence.read(&log)?;
        fence.create(&numbered(1), &plant::gzip(&bytes).map_err(failed(&log))?)?;
        if which % 2 == 0 {
            fence.truncate(&log, 0)?;
        } else {
            fence.unlink(&log)?;
            fence.create(&log, b"")?;
        }
        step();
    }
    Ok(())
}
/// A scanner reads everything.
fn sweep(fence: &Fence, manifest: &Manifest, step: &mut dyn FnMut()) -> Result<(), Refused> {
    all(fence, manifest, step).map(drop)
}
/// A person edits texts and tables in place, and appends to them.
fn edit(fence: &Fence, manifest: &Manifest, step: &mut dyn FnMut()) -> Result<(), Refused> {
    for entry in manifest.files.iter().filter(|e| e.path.extension().is_some_and(|x| x == "txt" || x == "csv")) {
        let bytes = fence.read(&entry.path)?;
        let mut text = String::from_utf8_lossy(&bytes).replace("GOOD", "BAD ").replace("valve", "valves");
        text += "reviewed by the shift leader\n";
        fence.rewrite(&entry.path, text.as_bytes())?;
        step();
    }
    Ok(())
}

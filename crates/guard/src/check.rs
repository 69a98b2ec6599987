//! The self-test: what this kernel and this file system can and cannot protect, tried and not believed.
//!
//! A scratch folder is made on the file system in question, guarded for real, and a child spoils files in it in every way that the
//! trial knows; then files are brought back and compared with what they were. First with nobody being stopped (what is lost when
//! the attack is not recognised), then with holding (how many files are spoilt before). A file system of another machine is not tried:
//! whoever writes there does not pass through this kernel.

use crate::config::{Config, Mode, ShareConfig};
use crate::control;
use crate::desk::{Decision, Orders};
use crate::engine::file_system;
use crate::error::GuardError;
use crate::restore::{self, Choice};
use crate::service::Running;
use crate::trial::{self, Form};
use evidence::Digest;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// File systems that live on another machine, or that another machine or program changes behind this kernel.
const ELSEWHERE: [&str; 11] =
    ["nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "afs", "lustre"];
/// Files of each form.
pub const FILES: usize = 40;
/// Longest wait for a child or a hold.
const WAIT: Duration = Duration::from_secs(30);
/// Forms that are tried once more with holding.
const STOPPED: [Form; 4] = [Form::InPlace, Form::Rewrite, Form::Spots, Form::NewUnlink];

/// One form and what came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Tried {
    /// The form.
    pub form: &'static str,
    /// Files that were there.
    pub files: u64,
    /// Files that were spoilt.
    pub spoilt: u64,
    /// Of these files, those that are as they were after bringing back.
    pub recovered: u64,
    /// The attacker was held.
    pub held: bool,
}

/// What the self-test found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Checked {
    /// File system, as the kernel names it.
    pub file_system: String,
    /// Kernel.
    pub kernel: String,
    /// It lives elsewhere: nothing was tried.
    pub elsewhere: bool,
    /// Pre-images are reflinks.
    pub reflinks: bool,
    /// Without reflinks: largest file that has a pre-image, bytes.
    pub copy_bytes_max: u64,
    /// Names are told.
    pub names: bool,
    /// `truncate(path)` is told.
    pub truncate: bool,
    /// Nobody stopped.
    pub unseen: Vec<Tried>,
    /// With holding, if there is an order for it.
    pub stopped: Vec<Tried>,
}
impl Checked {
    /// Files that could not be brought back, over every form in which nobody was stopped.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.unseen.iter().map(|t| t.files - t.recovered).sum()
    }
}

/// Makes the command that runs [`trial::main`] with three arguments.
pub type Program<'a> = &'a dyn Fn(&str, &Path, &str) -> Command;

/// Runs it in a scratch folder in `folder`, which is removed afterwards.
///
/// # Errors
/// No right to guard; the disk's.
pub fn check(
    folder: &Path,
    orders: &Orders,
    program: Program<'_>,
    progress: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Checked, GuardError> {
    let folder = std::fs::canonicalize(folder).map_err(|e| GuardError::disk(folder, &e))?;
    let kind = file_system(&folder);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned();
    let mut out = Checked {
        elsewhere: ELSEWHERE.contains(&kind.as_str()),
        file_system: kind,
        kernel,
        reflinks: false,
        copy_bytes_max: 0,
        names: false,
        truncate: false,
        unseen: Vec::new(),
        stopped: Vec::new(),
    };
    if out.elsewhere {
        return Ok(out);
    }
    let scratch = Scratch::make(&folder)?;
    let steps = Form::ALL.len() + STOPPED.len();
    unseen(&scratch, program, &mut out, &mut |n| progress(n, steps))?;
    if orders.hold.is_some() {
        for (n, form) in STOPPED.into_iter().enumerate() {
            if !progress(Form::ALL.len() + n, steps) {
                break;
            }
            out.stopped.push(stopped(&scratch, form, orders, program)?);
        }
    }
    Ok(out)
}

/// A folder that is removed at the end.
struct Scratch(PathBuf);
impl Scratch {
    fn make(folder: &Path) -> Result<Self, GuardError> {
        let path = folder.join(format!(".watchfire-check-{}", std::process::id()));
        std::fs::create_dir(&path).map_err(|e| GuardError::disk(&path, &e))?;
        Ok(Self(path))
    }
    fn share(&self, name: &str, mode: Mode) -> Result<(Config, PathBuf), GuardError> {
        let share = self.0.join(name);
        std::fs::create_dir(&share).map_err(|e| GuardError::disk(&share, &e))?;
        let mut one = ShareConfig::new(&share, &self.0.join(format!("{name}.vault")));
        one.quota_bytes = 1 << 30;
        crate::config::settle(&mut one)?;
        let own = ransom::id(share.as_os_str().as_encoded_bytes());
        let socket = std::env::temp_dir().join(format!("watchfire-check-{own:x}.sock"));
        Ok((Config { socket, metrics: None, mode, workers: 2, shares: vec![one] }, share))
    }
}
impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

type Manifest = BTreeMap<PathBuf, Digest>;

fn manifest(share: &Path, ground: &Path) -> Manifest {
    let one = |p: PathBuf| Some((p.strip_prefix(share).ok()?.to_owned(), Digest::of(&std::fs::read(&p).ok()?)));
    trial::files(ground).into_iter().filter_map(one).collect()
}
fn is(path: &Path, digest: Digest) -> bool {
    std::fs::read(path).is_ok_and(|b| Digest::of(&b) == digest)
}

fn start(program: Program<'_>, form: Form, ground: &Path, token: &str) -> Result<Child, GuardError> {
    let mut command = program(form.id(), ground, token);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(|e| GuardError::disk(Path::new(command.get_program()), &e))
}
fn ended(child: &mut Child, enough: &dyn Fn() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < WAIT && !enough() {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

fn unseen(
    scratch: &Scratch,
    program: Program<'_>,
    out: &mut Checked,
    progress: &mut dyn FnMut(usize) -> bool,
) -> Result<(), GuardError> {
    let (config, share) = scratch.share("unseen", Mode::Observe)?;
    let mut grounds = Vec::new();
    for form in Form::ALL {
        let ground = share.join(form.id());
        let token = trial::prepare(&ground, FILES, 6000).map_err(|e| GuardError::disk(&ground, &e))?;
        grounds.push((form, manifest(&share, &ground), ground, token));
    }
    let running = Running::start(&config, Orders::default())?;
    let one = &running.engine.shares[0];
    (out.reflinks, out.names, out.truncate) = (one.vault.reflinks(), one.names, one.truncate);
    out.copy_bytes_max = one.config.copy_bytes_max;
    let mut failed = None;
    for (n, (form, _, ground, token)) in grounds.iter().enumerate() {
        if !progress(n) {
            break;
        }
        match start(program, *form, ground, token) {
            Ok(mut child) => {
                if !ended(&mut child, &|| false) {
                    let _ = (child.kill(), child.wait());
                }
            }
            Err(e) => failed = Some(e),
        }
    }
    running.end();
    if let Some(failed) = failed {
        return Err(failed);
    }
    let back = scratch.0.join("back");
    restore::restore(&share, &config.shares[0].vault, &Choice::default(), Some(&back), false, &mut |_, _| true)?;
    for (form, manifest, ..) in &grounds {
        let spoilt = manifest.iter().filter(|(p, d)| !is(&share.join(p), **d)).count();
        let recovered = manifest.iter().filter(|(p, d)| is(&share.join(p), **d) || is(&back.join(p), **d)).count();
        out.unseen.push(Tried {
            form: form.id(),
            files: manifest.len() as u64,
            spoilt: spoilt as u64,
            recovered: recovered as u64,
            held: false,
        });
    }
    Ok(())
}

fn stopped(scratch: &Scratch, form: Form, orders: &Orders, program: Program<'_>) -> Result<Tried, GuardError> {
    let (config, share) = scratch.share(&format!("stopped-{}", form.id()), Mode::Hold)?;
    let ground = share.join("g");
    let token = trial::prepare(&ground, FILES, 6000).map_err(|e| GuardError::disk(&ground, &e))?;
    let manifest = manifest(&share, &ground);
    let running = Running::start(&config, Orders { hold: orders.hold.clone(), kill: None })?;
    let engine = std::sync::Arc::clone(&running.engine);
    let child = start(program, form, &ground, &token);
    let mut held = false;
    if let Ok(mut child) = child {
        ended(&mut child, &|| !engine.desk.list().is_empty());
        for hold in engine.desk.list() {
            held = true;
            let _ = control::decide(&engine, hold.hold, Decision::Kill, "self-test", None);
        }
        let _ = (child.kill(), child.wait());
    }
    running.end();
    let vault = &config.shares[0].vault;
    let spoilt = manifest.iter().filter(|(p, d)| !is(&share.join(p), **d)).count();
    let back = scratch.0.join(format!("back-{}", form.id()));
    restore::restore(&share, vault, &Choice::default(), Some(&back), false, &mut |_, _| true)?;
    let recovered = manifest.iter().filter(|(p, d)| is(&share.join(p), **d) || is(&back.join(p), **d)).count();
    let counts = (manifest.len() as u64, spoilt as u64, recovered as u64);
    Ok(Tried { form: form.id(), files: counts.0, spoilt: counts.1, recovered: counts.2, held })
}

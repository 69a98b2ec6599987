//! Trials of `ransom` against the driver: every mode and every job on a fresh replica, from the real bytes.

use super::benign::Job;
use super::drive::{Attack, Mode, arm, drive};
use super::fence::Refused;
use super::pattern::Key;
use super::record::{Outcome, Recorder};
use super::replica::{self, Grow, Manifest};
use ransom::{Actor, Settings, What};
use std::path::{Path, PathBuf};

/// How an attack is spread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spread {
    /// So many processes of one tree, taking files in turn.
    Tree(u64),
    /// So many processes, each with a tree and a control group of its own, of one account.
    Account(u64),
    /// So many processes that have nothing in common but the share.
    Share(u64),
    /// One SMB session.
    Session,
}
impl Spread {
    fn actor(self, turn: u64) -> Actor {
        let own = |n: u64| 1000 + turn % n;
        match self {
            Self::Tree(n) => Actor {
                tree: Some(7),
                cgroup: Some(70),
                user: Some(1001),
                share: 1,
                process: own(n),
                ..Actor::default()
            },
            Self::Account(n) => Actor {
                tree: Some(own(n)),
                cgroup: Some(own(n)),
                user: Some(1001),
                share: 1,
                process: own(n),
                ..Actor::default()
            },
            Self::Share(n) => {
                Actor { tree: Some(own(n)), user: Some(own(n)), share: 1, process: own(n), ..Actor::default() }
            }
            Self::Session => Actor { session: Some(5), peer: Some(50), share: 1, process: 4, ..Actor::default() },
        }
    }
}

/// One trial of an attack.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// What is done to each file.
    pub mode: Mode,
    /// By whom.
    pub spread: Spread,
    /// Time between two files, milliseconds.
    pub every_ms: u64,
    /// The file that comes first is a canary.
    pub canary: bool,
    /// Seed of the replica.
    pub seed: u64,
    /// Every eighth file is an image of a disk.
    pub big: bool,
    /// Two services stop before.
    pub services: bool,
    /// The trace is kept.
    pub keep: bool,
}
impl Trial {
    /// A fast attack by one process.
    #[must_use]
    pub fn plain(mode: Mode, seed: u64) -> Self {
        Self {
            mode,
            spread: Spread::Tree(1),
            every_ms: 2,
            canary: false,
            seed,
            big: false,
            services: false,
            keep: false,
        }
    }
}

/// What a trial came to, and its trace.
#[derive(Clone, Debug)]
pub struct Result {
    /// What the recorder saw.
    pub outcome: Outcome,
    /// `ransom-trace-v1`, if it was kept.
    pub trace: Vec<u8>,
    /// Files of the replica.
    pub files: usize,
}

/// A folder of its own that is removed at the end.
struct Scratch(PathBuf);
impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
/// Attacks are ended after so many files if nobody is held.
const FILES_MAX: usize = 20;

fn replica_at(
    within: &Path,
    name: &str,
    grow: Grow,
) -> std::result::Result<(Scratch, super::Fence, Manifest), Refused> {
    let dir = within.join(format!("{name}-{}-{}", grow.seed, std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    let (fence, manifest) = replica::make(&dir, grow)?;
    Ok((Scratch(dir), fence, manifest))
}

/// Runs an attack until its actor is held, in a new folder within `within`.
pub fn attack(within: &Path, trial: &Trial) -> std::result::Result<Result, Refused> {
    let name = format!("attack-{}-{:?}-{}", trial.mode.id, trial.spread, trial.every_ms);
    let grow = Grow { seed: trial.seed, files: 27, big: trial.big };
    let (_scratch, fence, manifest) = replica_at(within, &name, grow)?;
    let mut recorder = Recorder::new(&fence, Settings::default());
    if trial.keep {
        recorder.keep();
    }
    if trial.canary {
        recorder.canary(&manifest.files[0].path);
    }
    if trial.services {
        for service in [11, 12] {
            recorder.tell(trial.spread.actor(0), What::ServiceStopped { service });
        }
        recorder.wait(5_000);
    }
    let attack = Attack { mode: trial.mode, key: Key(trial.seed ^ 0x5EED), part: 0, parts: 1 };
    arm(&fence, &attack)?;
    let mut turn = 0;
    drive(&fence, &manifest, &attack, |_, _| {
        recorder.wait(trial.every_ms);
        recorder.step(&fence, trial.spread.actor(turn));
        turn += 1;
        recorder.outcome().held.is_none() && turn < FILES_MAX as u64
    })?;
    Ok(Result { outcome: recorder.outcome().clone(), trace: recorder.trace().to_vec(), files: manifest.files.len() })
}

/// Runs an ordinary job to its end, 5 ms a step, in a new folder within `within`.
pub fn benign(within: &Path, job: Job, seed: u64) -> std::result::Result<Result, Refused> {
    let grow = Grow { seed, files: 54, big: false };
    let (_scratch, fence, manifest) = replica_at(within, &format!("benign-{}", job.id), grow)?;
    (job.prepare)(&fence, &manifest)?;
    let mut recorder = Recorder::new(&fence, Settings::default());
    let by = Spread::Tree(1).actor(0);
    (job.run)(&fence, &manifest, &mut || {
        recorder.wait(5);
        recorder.step(&fence, by);
    })?;
    recorder.step(&fence, by);
    Ok(Result { outcome: recorder.outcome().clone(), trace: recorder.trace().to_vec(), files: manifest.files.len() })
}

//! An ext4 file system of our own on a loop device: to fill, to make read-only, to photograph.

use crate::material::{Folder, answers, assert_clean, filled, skipped};
use std::path::{Path, PathBuf};
use std::process::Command;
use store::{Store, StoreError};

/// Runs a command; its error text if it failed.
pub(crate) fn run(program: &str, args: &[&str]) -> Result<(), String> {
    let done = Command::new(program).args(args).output().map_err(|e| format!("{program}: {e}"))?;
    let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    if done.status.success() { Ok(()) } else { Err(format!("{program}: {said}")) }
}

/// A mounted image. Unmounted when dropped.
pub(crate) struct Disk {
    pub(crate) image: PathBuf,
    pub(crate) at: PathBuf,
}
impl Disk {
    /// Makes a file system of `megabytes` in `folder`. Errors: why it cannot be done here (no root, no loop devices).
    pub(crate) fn make(folder: &Folder, megabytes: u32) -> Result<Self, String> {
        let image = folder.0.join("image");
        let path = image.to_str().unwrap();
        run("truncate", &["-s", &format!("{megabytes}M"), path])?;
        run("mkfs.ext4", &["-q", "-F", "-m", "0", path])?;
        Self::mount(image, folder.0.join("disk"))
    }
    /// Mounts an image. `commit=300`: the journal's timer must not do what a missing fsync left undone.
    pub(crate) fn mount(image: PathBuf, at: PathBuf) -> Result<Self, String> {
        std::fs::create_dir_all(&at).map_err(|e| e.to_string())?;
        run("mount", &["-o", "loop,commit=300", image.to_str().unwrap(), at.to_str().unwrap()])?;
        Ok(Self { image, at })
    }
    pub(crate) fn home(&self) -> PathBuf {
        self.at.join("home")
    }
    fn remount(&self, how: &str) {
        run("mount", &["-o", &format!("remount,{how}"), self.at.to_str().unwrap()]).unwrap();
    }
}
impl Drop for Disk {
    fn drop(&mut self) {
        // A process that another test has just forked holds our files for a moment, until it becomes its program.
        for _ in 0..200 {
            if run("umount", &[self.at.to_str().unwrap()]).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let _ = run("umount", &["-l", self.at.to_str().unwrap()]);
        assert!(std::thread::panicking(), "cannot unmount {}", self.at.display());
    }
}

fn fill(ballast: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(ballast).unwrap();
    while file.write_all(&[7; 4096]).and_then(|()| file.sync_all()).is_ok() {}
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let folder = Folder::new("full");
    let disk = match Disk::make(&folder, 16) {
        Ok(disk) => disk,
        Err(why) => return skipped("a_full_disk_is_said_and_loses_nothing", &why),
    };
    let store = filled(&disk.home(), 3);
    let ballast = disk.at.join("ballast");
    fill(&ballast);
    let mut kept = store.records(&[]).unwrap().len() as u64;
    // What already fits in allocated blocks may still go in; then it ends, and every time with the same words.
    let mut refused = 0;
    for n in 100..400 {
        match store.append(&answers(&store, n..n + 1)) {
            Ok(acks) => kept += acks.len() as u64,
            Err(StoreError::Full(_)) => refused += 1,
            Err(e) => panic!("{e:?}"),
        }
        if refused > 5 {
            break;
        }
    }
    assert!(refused > 5, "the disk never became full");
    assert!(store.records(&[]).unwrap().len() as u64 >= kept, "what was acknowledged can be read on a full disk");
    std::fs::remove_file(ballast).unwrap();
    store.append(&answers(&store, 900..901)).unwrap();
    drop(store);
    let store = Store::open(&disk.home()).unwrap();
    assert!(store.size().unwrap() > kept);
    assert_clean(&store);
    drop(store);
}

#[test]
fn a_home_that_cannot_be_written_can_be_read() {
    let folder = Folder::new("read-only");
    let disk = match Disk::make(&folder, 16) {
        Ok(disk) => disk,
        Err(why) => return skipped("a_home_that_cannot_be_written_can_be_read", &why),
    };
    drop(filled(&disk.home(), 3));
    disk.remount("ro");
    let error = Store::open(&disk.home()).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
    let error = Store::open(&disk.at.join("new")).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
    let store = Store::open_read_only(&disk.home()).unwrap();
    assert_eq!(store.records(&[]).unwrap().len(), 4);
    assert_clean(&store);
    drop(store);
    disk.remount("rw");
}

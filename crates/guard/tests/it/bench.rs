//! A loop-mounted file system, and the child that spoils files.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of its own, unmounted at the end.
pub(crate) struct Mount {
    pub(crate) at: PathBuf,
    image: PathBuf,
}

fn ran(program: &str, args: &[&str]) -> Result<(), String> {
    match Command::new(program).args(args).output() {
        Ok(out) if out.status.success() => Ok(()),
        Ok(out) => Err(format!("{program}: {}", String::from_utf8_lossy(&out.stderr).trim())),
        Err(e) => Err(format!("{program}: {e}")),
    }
}

/// A guard that answers nobody would leave this process and its children asleep in the kernel for ever. When the process ends, the
/// kernel lets everybody go; so it ends itself.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(600);

fn watchdog() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        std::thread::spawn(|| {
            std::thread::sleep(PATIENCE);
            eprintln!("guard tests are stuck: somebody waits for an answer that does not come");
            std::process::abort();
        });
    });
}

/// Makes and mounts one; says why not if it cannot be.
pub(crate) fn mount(kind: &str, name: &str) -> Option<Mount> {
    watchdog();
    let skip = |why: &str| println!("SKIPPED: guard on {kind} in a loop mount needs root and mkfs.{kind}: {why}");
    if rustix::process::geteuid().as_raw() != 0 {
        skip("not root");
        return None;
    }
    let base = std::env::temp_dir().join(format!("watchfire-guard-{}-{kind}-{name}", std::process::id()));
    let (image, at) = (base.with_extension("img"), base.with_extension("mnt"));
    let made = (|| {
        let file = std::fs::File::create(&image).map_err(|e| e.to_string())?;
        file.set_len(400 << 20).map_err(|e| e.to_string())?;
        std::fs::create_dir_all(&at).map_err(|e| e.to_string())?;
        let (img, dir) = (image.display().to_string(), at.display().to_string());
        ran(&format!("mkfs.{kind}"), &["-q", &img])?;
        ran("mount", &["-o", "loop", &img, &dir])
    })();
    let mount = Mount { at, image };
    match made {
        Ok(()) => Some(mount),
        Err(why) => {
            skip(&why);
            None
        }
    }
}
impl Drop for Mount {
    fn drop(&mut self) {
        for _ in 0..50 {
            if ran("umount", &[&self.at.display().to_string()]).is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let _ = std::fs::remove_dir(&self.at);
        let _ = std::fs::remove_file(&self.image);
    }
}

/// The child of a trial.
pub(crate) fn program(form: &str, ground: &Path, token: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guard-trial"));
    command.arg(form).arg(ground).arg(token);
    command
}

/// A guard over one share in a mount.
pub(crate) fn config(mount: &Mount, mode: guard::config::Mode) -> guard::config::Config {
    let share = mount.at.join("share");
    std::fs::create_dir_all(&share).expect("a folder");
    let mut one = guard::config::ShareConfig::new(&share, &mount.at.join("vault"));
    guard::config::settle(&mut one).expect("paths are there");
    one.quota_bytes = 1 << 30;
    let socket = mount.at.with_extension("sock");
    guard::config::Config { socket, metrics: None, mode, workers: 2, shares: vec![one] }
}

/// The order that the built-in plan has, by a name of its own.
pub(crate) fn orders() -> guard::Orders {
    guard::Orders { hold: Some("hold-attacker".into()), kill: None }
}

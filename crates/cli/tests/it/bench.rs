//! The bench: temporary folders, a small host to examine, and running the binary under a watchdog.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// No single command of these tests may take longer. Generous: the machine may be busy, the build is not optimised.
const WATCHDOG: Duration = Duration::from_secs(180);

/// A folder of its own for one test; gone with the test.
pub(crate) struct Dir(PathBuf);
impl Dir {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("watchfire-cli-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
    /// A path in it.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
    /// The home of the node under test.
    pub(crate) fn home(&self) -> PathBuf {
        self.at("home")
    }
    /// Writes a file in it, and the folders above.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
    /// A command of the binary with this test's home and English words.
    pub(crate) fn watchfire(&self, arguments: &[&str]) -> Command {
        let mut command = watchfire(arguments);
        command.env("WATCHFIRE_HOME", self.home()).current_dir(&self.0);
        command
    }
    /// Runs the binary with this test's home.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        run(&mut self.watchfire(arguments))
    }
    /// Runs it and reads its answer as JSON; it must be JSON and nothing else.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        self.run(arguments).done().json()
    }
}
impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A command of the binary that knows nothing of who runs the tests: no home, no locale, no colours.
pub(crate) fn watchfire(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchfire"));
    clean(command.args(arguments));
    command
}

/// Takes the tester's own settings out of a command's environment.
pub(crate) fn clean(command: &mut Command) {
    for name in [
        "LC_ALL",
        "LC_MESSAGES",
        "LANG",
        "NO_COLOR",
        "COLUMNS",
        "WATCHFIRE_HOME",
        "WATCHFIRE_PASSPHRASE",
        "WATCHFIRE_TABLES",
        "PGPASSFILE",
    ] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}
impl Ran {
    /// The exit code; a run that a signal ended has none.
    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or(-1)
    }
    /// It must have ended with 0.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        self.ends(0)
    }
    /// It must have ended with `code`.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "\nstdout: {}\nstderr: {}", self.out, self.err);
        self
    }
    /// Standard error must hold each of these.
    #[track_caller]
    pub(crate) fn complains(self, of: &[&str]) -> Self {
        for text in of {
            assert!(self.err.contains(text), "no {text:?} in\n{}", self.err);
        }
        self
    }
    /// Standard output must hold each of these.
    #[track_caller]
    pub(crate) fn says(self, what: &[&str]) -> Self {
        for text in what {
            assert!(self.out.contains(text), "no {text:?} in\n{}", self.out);
        }
        self
    }
    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("not pure JSON: {e}\n{}", self.out))
    }
}

/// Runs a command to its end.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> Ran {
    let shown = format!("{command:?}");
    let started = Started::new(command);
    started.wait(&shown)
}

/// A command on its way.
pub(crate) struct Started {
    pub(crate) child: Child,
    out: std::thread::JoinHandle<Vec<u8>>,
    err: std::thread::JoinHandle<Vec<u8>>,
}
impl Started {
    pub(crate) fn new(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        fn drain(mut from: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                let _ = from.read_to_end(&mut bytes);
                bytes
            })
        }
        let (out, err) = (drain(child.stdout.take().unwrap()), drain(child.stderr.take().unwrap()));
        Self { child, out, err }
    }
    /// Sends a signal to it.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, signal);
    }
    /// Waits for its end, not for ever.
    #[track_caller]
    pub(crate) fn wait(mut self, shown: &str) -> Ran {
        let from = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if from.elapsed() > WATCHDOG {
                let _ = self.child.kill();
                panic!("still running after {WATCHDOG:?}: {shown}");
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let text = |t: std::thread::JoinHandle<Vec<u8>>| {
            String::from_utf8(t.join().unwrap()).unwrap_or_else(|e| panic!("output is not UTF-8: {e}: {shown}"))
        };
        let ran = Ran { status, out: text(self.out), err: text(self.err) };
        for (name, text) in [("stderr", &ran.err), ("stdout", &ran.out)] {
            assert!(!text.contains("panicked at"), "{name} of {shown}:\n{text}");
            if name == "stderr" || !text.starts_with(['{', '[']) {
                assert_eq!(crate::speech::raw(text), None, "{name} of {shown}:\n{text}");
            }
        }
        ran
    }
}

/// Waits until `holds`; says what did not come if it takes too long.
#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let from = Instant::now();
    while !holds() {
        assert!(from.elapsed() < WATCHDOG, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// True if the tests run as root; else says in the form that the build job counts what is left out.
pub(crate) fn root_or_skip(test: &str) -> bool {
    let root = rustix::process::getuid().is_root();
    if !root {
        println!("SKIPPED: {test}: needs root");
    }
    root
}

/// A command of the binary as an account that owns nothing. The binary is brought to a place that everybody can reach.
pub(crate) fn as_nobody(dir: &Dir, arguments: &[&str]) -> Command {
    let open = |path: &Path| fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let binary = dir.at("watchfire-for-all");
    if !binary.exists() {
        let _ = fs::hard_link(env!("CARGO_BIN_EXE_watchfire"), &binary)
            .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_watchfire"), &binary).map(|_| ()));
        open(&dir.0);
        open(&binary);
        let home = dir.at("nobody");
        fs::create_dir_all(&home).unwrap();
        std::os::unix::fs::chown(&home, Some(65534), Some(65534)).unwrap();
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&binary).args(arguments);
    clean(&mut command);
    command.env("WATCHFIRE_HOME", dir.at("nobody/home")).current_dir(dir.at("nobody"));
    command
}

/// A small Debian host as a folder. Root may log in over SSH, one password is stored under MD5-crypt, and the
/// packet filter is off: three conditions that the plan calls findings.
pub(crate) fn host(dir: &Dir) -> PathBuf {
    let file = |name: &str, text: &str| dir.file(&format!("host/{name}"), text);
    file("etc/os-release", "NAME=Debian\nID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n");
    file("etc/hostname", "plant-7\n");
    file("etc/passwd", "root:x:0:0:r:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\n");
    file("etc/shadow", &format!("root:$1$saltsalt${HASH}:19000:0:99999:7:::\nann:!:19000:0:90:7:::\n"));
    file("etc/group", "root:x:0:\nann:x:1000:\n");
    file("etc/login.defs", "PASS_MAX_DAYS 90\nENCRYPT_METHOD YESCRYPT\nUMASK 027\n");
    file("etc/ssh/sshd_config", "Port 22\nPermitRootLogin yes\nPasswordAuthentication yes\n");
    file("usr/sbin/sshd", "");
    file("etc/ufw/ufw.conf", "ENABLED=no\n");
    file(
        "var/lib/dpkg/status",
        "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2.15-2\n\n",
    );
    dir.at("host")
}
/// The password hash planted in [`host`].
pub(crate) const HASH: &str = "kQ9dJvWmZ8sR3tLpX0aY51";

/// Every file under a folder.
pub(crate) fn files(under: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut folders = vec![under.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { out.push(path) }
        }
    }
    out
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// How many places the report has for a reason of not looking.
pub(crate) fn gaps(report: &Value, reason: &str) -> u64 {
    let rows = report["gaps"].as_array().unwrap();
    rows.iter().filter(|g| g["reason"] == reason).map(|g| g["count"].as_u64().unwrap()).sum()
}

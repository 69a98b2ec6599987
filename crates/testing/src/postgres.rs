//! A PostgreSQL server of a test's own: made by `initdb`, reached through a socket in its folder, thrown away at the end.
//!
//! The system's own server is neither needed nor touched. Root may not run a server: then the account `postgres` does.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The password of the server's owner.
pub const PASSWORD: &str = "correct horse battery";

/// A server under way.
#[derive(Debug)]
pub struct Server {
    dir: PathBuf,
    bin: PathBuf,
    options: String,
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n")
}

/// A command of the server's programs, as an account that may run it.
fn command(program: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.stdin(Stdio::null());
    command
}

fn done(command: &mut Command) {
    let out = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// Where the programs of an installed server are.
#[must_use]
pub fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    versions.filter_map(|v| Some(v.ok()?.path().join("bin"))).find(|bin| bin.join("initdb").exists())
}

impl Server {
    /// Starts a server, without waiting for the disk (`fsync=off`); says `SKIPPED` where none is installed.
    #[must_use]
    pub fn start(name: &str) -> Option<Self> {
        Self::start_with(name, "-c fsync=off -c autovacuum=off")
    }

    /// Starts a server with options of its own.
    ///
    /// # Panics
    /// If a server is installed and does not start.
    #[must_use]
    pub fn start_with(name: &str, options: &str) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Some(bin) = programs() else {
            println!("SKIPPED: {name}: PostgreSQL is not installed");
            return None;
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // A socket's path has at most 107 bytes.
        let dir = PathBuf::from(format!("/tmp/wf-pg-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a folder for the server");
        std::fs::write(dir.join("initial"), PASSWORD).expect("the server's first password");
        if is_root() {
            done(Command::new("chown").args(["-R", "postgres"]).arg(&dir));
        }
        let pwfile = format!("--pwfile={}", dir.join("initial").display());
        let args = ["-A", "scram-sha-256", "-U", "owner", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8", &pwfile, "-D"];
        done(command(&bin.join("initdb")).args(args).arg(dir.join("data")));
        let options = format!("-k {} -c listen_addresses='' {options}", dir.display());
        let server = Self { dir, bin, options };
        server.again();
        server.password_file("password", PASSWORD);
        Some(server)
    }

    /// Starts it again after [`Self::kill`].
    pub fn again(&self) {
        let mut start = command(&self.bin.join("pg_ctl"));
        start.args(["start", "-w", "-t", "120", "-D"]).arg(self.dir.join("data")).args(["-o", &self.options, "-l"]);
        start.arg(self.dir.join("log")).stdout(Stdio::null()).stderr(Stdio::null());
        let ended = start.status();
        assert!(
            ended.is_ok_and(|s| s.success()),
            "{}",
            std::fs::read_to_string(self.dir.join("log")).unwrap_or_default()
        );
    }

    /// Ends all its processes at once, as a crash does.
    pub fn kill(&self) {
        let mut stop = command(&self.bin.join("pg_ctl"));
        let _ = stop.args(["stop", "-w", "-m", "immediate", "-D"]).arg(self.dir.join("data")).output();
    }

    /// The process that all others of the server are children of.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.dir.join("data/postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    /// A `psql` for its owner on a database, without settings of anybody's.
    #[must_use]
    pub fn client(&self, database: &str) -> Command {
        let mut psql = Command::new(self.bin.join("psql"));
        psql.env("PGPASSWORD", PASSWORD).args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "owner", "-h"]);
        psql.arg(&self.dir).args(["-d", database]).stdin(Stdio::null());
        psql
    }

    /// Its folder, which is where its socket is.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes a file with a password that only this account reads.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn password_file(&self, name: &str, password: &str) -> PathBuf {
        let path = self.dir.join(name);
        std::fs::write(&path, password).expect("a password file");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("its mode");
        path
    }

    /// The address of a database for its owner.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.url_of("owner", "password", database, &self.dir)
    }

    /// The address of a database for a login, with its password file's name, through a socket in `socket`.
    #[must_use]
    pub fn url_of(&self, user: &str, password: &str, database: &str, socket: &Path) -> String {
        let file = self.dir.join(password);
        format!("postgres://{user}@/{database}?host={}&password-file={}", socket.display(), file.display())
    }

    /// Runs statements as the owner with `psql`; its answer, unaligned and without headings.
    ///
    /// # Panics
    /// If a statement fails.
    #[must_use]
    pub fn psql(&self, database: &str, sql: &str) -> String {
        let out = self.client(database).args(["-c", sql]).output().expect("psql runs");
        assert!(out.status.success(), "{sql}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

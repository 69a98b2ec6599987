//! A small Debian machine twice: as a careful administrator would leave it, and with conditions planted in it.
//!
//! The clean one is [`clean`]: packages with their files, lists, sums and settings. Each [`Plant`] is one condition that
//! an examiner should find: what it is in words, the steps that plant it, and which check should fail on which object at
//! which place. The words come first: a plant says what a condition *is*, and nothing of it is taken from what the
//! program prints. The planted machine is the clean one after every step of every plant, so the two differ by the plants
//! and by nothing else. Lines are not written down but looked up in the planted file, because plants share files.
//!
//! Refused: a real distribution as the base (debootstrap needs a network and hides what a test plants among thousands of
//! files). Refused too: running anything; steps are bytes, bits and links.

mod clean;
mod personnel;
mod ransomware;
mod remote;
mod vulnerability;

use md5::{Digest as _, Md5};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// One thing done to the machine. Paths are relative to its root. In paths and texts, `@DATE-N@` stands for an ISO date
/// and time N days ago, `@SYSLOG-N@` for a stamp of syslog, `@DAY-N@` for its number of days since 1970, and `@AT+N@` for
/// the minutes since 1970 of N days ahead as eight hexadecimal digits, as `at` names its jobs.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Writes a file with these permission bits.
    File(&'static str, u32, &'static str),
    /// Adds to the end of a file, which may be new.
    Append(&'static str, &'static str),
    /// Replaces a text that stands in the file once.
    Swap(&'static str, &'static str, &'static str),
    /// Sets permission bits.
    Mode(&'static str, u32),
    /// Gives a file to an account, as root only.
    Owner(&'static str, u32),
    /// Makes a symbolic link: path, target.
    Link(&'static str, &'static str),
    /// Makes a folder with these permission bits.
    Folder(&'static str, u32),
    /// Removes a file or a folder with all in it.
    Remove(&'static str),
    /// Dates a file back by days.
    Old(&'static str, u64),
    /// Gives a program the capability CAP_SETUID, as root only.
    Capability(&'static str),
    /// Writes that an account logged in, so many days ago: name, days.
    Login(&'static str, u64),
    /// Takes a package out: its files, its lists, its state.
    Purge(&'static str),
}

/// Where a finding should point to.
#[derive(Clone, Copy, Debug)]
pub enum At {
    /// The line of a file that holds this text first.
    Line(&'static str, &'static str),
    /// A file or folder as a whole.
    Whole(&'static str),
    /// Nowhere: it is about something that is not there.
    Nowhere,
}

/// One planted condition.
#[derive(Clone, Copy, Debug)]
pub struct Plant {
    /// The condition in words.
    pub what: &'static str,
    /// How it is planted.
    pub steps: &'static [Step],
    /// The check that should fail.
    pub check: &'static str,
    /// The object it should name; empty for a setting of the whole host.
    pub object: &'static str,
    /// Where.
    pub at: At,
}

/// A shorter way to write a plant.
const fn plant(what: &'static str, steps: &'static [Step], check: &'static str, object: &'static str, at: At) -> Plant {
    Plant { what, steps, check, object, at }
}

/// Every plant with the scenario it belongs to.
#[must_use]
pub fn plants() -> Vec<(&'static str, Plant)> {
    let of = |scenario, all: &[Plant]| all.iter().map(move |p| (scenario, *p)).collect::<Vec<_>>();
    let mut all = of("ransomware", ransomware::PLANTS);
    all.extend(of("vulnerability", vulnerability::PLANTS));
    all.extend(of("personnel", personnel::PLANTS));
    all.extend(of("remote-maintenance", remote::PLANTS));
    all
}

/// A machine in a folder.
#[derive(Debug)]
pub struct Machine {
    root: PathBuf,
    now: u64,
    /// Last log-ins by account number, and records of wtmp.
    logins: BTreeMap<&'static str, u64>,
}

/// Writes the clean machine into an empty or missing folder.
///
/// # Panics
///
/// If the folder cannot be written.
#[must_use]
pub fn clean(root: &Path, now: SystemTime) -> Machine {
    let now = now.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let mut machine = Machine { root: root.to_owned(), now, logins: BTreeMap::new() };
    fs::create_dir_all(root).unwrap_or_else(|e| panic!("{}: {e}", root.display()));
    machine.mode("", 0o755);
    for folder in clean::FOLDERS {
        machine.step(&Step::Folder(folder.0, folder.1));
    }
    for (path, target) in clean::LINKS {
        machine.step(&Step::Link(path, target));
    }
    for package in clean::PACKAGES {
        machine.install(package);
    }
    clean::STEPS.iter().for_each(|s| machine.step(s));
    machine.write_logins();
    machine
}

/// Writes the machine with every plant.
///
/// # Panics
///
/// As [`clean`].
#[must_use]
pub fn planted(root: &Path, now: SystemTime) -> Machine {
    let mut machine = clean(root, now);
    plants().iter().for_each(|(_, plant)| machine.plant(plant));
    machine
}

/// Seconds since 1970.
#[must_use]
pub fn seconds(time: SystemTime) -> i64 {
    let secs = time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    i64::try_from(secs).unwrap_or(i64::MAX)
}

/// Writes the clean machine with the plant of this number alone. One without steps is what the plant before it planted too.
///
/// # Panics
///
/// As [`clean`], and if there is no such plant.
#[must_use]
pub fn alone(root: &Path, now: SystemTime, number: usize) -> Machine {
    let mut machine = clean(root, now);
    let all = plants();
    let with_steps = (0..=number).rev().find(|n| !all[*n].1.steps.is_empty()).unwrap_or(number);
    machine.plant(&all[with_steps].1);
    machine
}

fn md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

impl Machine {
    /// Its root.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// Plants one condition.
    ///
    /// # Panics
    ///
    /// As [`clean`].
    pub fn plant(&mut self, plant: &Plant) {
        plant.steps.iter().for_each(|s| self.step(s));
        self.write_logins();
    }
    /// What a place reads as, `path:line` or `path`.
    ///
    /// # Panics
    ///
    /// If the file does not hold the text.
    #[must_use]
    pub fn place(&self, at: At) -> String {
        match at {
            At::Nowhere => String::new(),
            At::Whole(path) => format!("/{}", self.told(path)),
            At::Line(path, text) => {
                let (path, text) = (self.told(path), self.told(text));
                let whole = self.text(&path);
                let line =
                    whole.lines().position(|l| l.contains(&text) && !(text.starts_with("Package: ") && l != text));
                let line = line.unwrap_or_else(|| panic!("/{path} does not hold {text:?}"));
                format!("/{path}:{}", line + 1)
            }
        }
    }
    /// The object of a plant with its times filled in.
    #[must_use]
    pub fn object(&self, plant: &Plant) -> String {
        self.told(plant.object)
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap_or_else(|e| panic!("/{path}: {e}"))
    }
    /// Fills in times.
    fn told(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('@') {
            out.push_str(before);
            let filled = after.split_once('@').and_then(|(word, after)| Some((self.time(word)?, after)));
            match filled {
                Some((time, after)) => {
                    out.push_str(&time);
                    rest = after;
                }
                None => {
                    out.push('@');
                    rest = after;
                }
            }
        }
        out + rest
    }
    fn time(&self, word: &str) -> Option<String> {
        let ago = |prefix: &str| word.strip_prefix(prefix)?.parse::<u64>().ok().map(|n| self.now - n * DAY);
        if let Some(secs) = ago("DATE-") {
            return Some(evidence::Time::from_secs(i64::try_from(secs).ok()?).to_string().get(..19)?.to_owned());
        }
        if let Some(secs) = ago("SYSLOG-") {
            let iso = evidence::Time::from_secs(i64::try_from(secs).ok()?).to_string();
            let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
            let month = months.get(iso.get(5..7)?.parse::<usize>().ok()? - 1)?;
            return Some(format!("{month} {:>2} {}", iso.get(8..10)?.trim_start_matches('0'), iso.get(11..19)?));
        }
        if let Some(secs) = ago("DAY-") {
            return Some((secs / DAY).to_string());
        }
        let ahead = word.strip_prefix("AT+")?.parse::<u64>().ok()?;
        Some(format!("{:08x}", (self.now + ahead * DAY) / 60))
    }
    fn write(&self, path: &str, bytes: &[u8]) {
        let full = self.at(path);
        let done = full.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&full, bytes));
        done.unwrap_or_else(|e| panic!("/{path}: {e}"));
    }
    fn mode(&self, path: &str, mode: u32) {
        let done = fs::set_permissions(self.at(path), fs::Permissions::from_mode(mode));
        done.unwrap_or_else(|e| panic!("/{path}: {e}"));
    }
    fn date(&self, path: &str, days: u64) {
        let time = UNIX_EPOCH + Duration::from_secs(self.now - days * DAY);
        let done = fs::File::options().write(true).open(self.at(path)).and_then(|f| f.set_modified(time));
        done.unwrap_or_else(|e| panic!("/{path}: {e}"));
    }
    /// Adds a package: its files, its list, its sums, its row in dpkg's state.
    fn install(&self, package: &clean::Package) {
        let info = |suffix: &str| format!("var/lib/dpkg/info/{}.{suffix}", package.name);
        let (mut list, mut sums, mut conffiles) = (String::from("/.\n"), String::new(), String::new());
        for (path, mode, text) in package.files {
            let text = self.told(text);
            self.write(path, text.as_bytes());
            self.mode(path, *mode);
            list += &format!("/{path}\n");
            let sum = md5(text.as_bytes());
            if path.starts_with("etc/") {
                conffiles += &format!(" /{path} {sum}\n");
            } else {
                sums += &format!("{sum}  {path}\n");
            }
        }
        self.write(&info("list"), list.as_bytes());
        self.write(&info("md5sums"), sums.as_bytes());
        let conffiles = if conffiles.is_empty() { conffiles } else { format!("Conffiles:\n{conffiles}") };
        let row = format!(
            "Package: {}\nStatus: install ok installed\nPriority: optional\nSection: admin\nMaintainer: Plant <plant@example.org>\nArchitecture: amd64\nVersion: {}\n{conffiles}Description: {}\n\n",
            package.name, package.version, package.name
        );
        self.append("var/lib/dpkg/status", &row);
    }
    fn append(&self, path: &str, text: &str) {
        let full = self.at(path);
        let folder = full.parent().map_or(Ok(()), fs::create_dir_all);
        let file = folder.and_then(|()| fs::File::options().create(true).append(true).open(&full));
        let done = file.and_then(|mut f| f.write_all(text.as_bytes()));
        done.unwrap_or_else(|e| panic!("/{path}: {e}"));
    }
    fn purge(&self, name: &str) {
        let package = clean::PACKAGES.iter().find(|p| p.name == name);
        let package = package.unwrap_or_else(|| panic!("there is no package {name}"));
        for (path, _, _) in package.files {
            self.step_done(&Step::Remove(path));
        }
        for suffix in ["list", "md5sums"] {
            let path = self.at(&format!("var/lib/dpkg/info/{name}.{suffix}"));
            fs::remove_file(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        }
        let status = self.text("var/lib/dpkg/status");
        let kept: String =
            status.split_inclusive("\n\n").filter(|row| !row.starts_with(&format!("Package: {name}\n"))).collect();
        self.write("var/lib/dpkg/status", kept.as_bytes());
    }
    fn step(&mut self, step: &Step) {
        if let Step::Login(name, days) = step {
            self.logins.insert(name, *days);
        } else {
            self.step_done(step);
        }
    }
    fn step_done(&self, step: &Step) {
        let failed = |path: &str, e: std::io::Error| -> ! { panic!("/{path}: {e}") };
        match step {
            Step::File(path, mode, text) => {
                let path = self.told(path);
                self.write(&path, self.told(text).as_bytes());
                self.mode(&path, *mode);
            }
            Step::Append(path, text) => self.append(path, &self.told(text)),
            Step::Swap(path, from, to) => {
                let (text, from) = (self.text(path), self.told(from));
                assert_eq!(text.matches(&from).count(), 1, "/{path} holds {from:?} once");
                self.write(path, text.replace(&from, &self.told(to)).as_bytes());
            }
            Step::Mode(path, mode) => self.mode(path, *mode),
            Step::Owner(path, uid) => {
                let _ = chown(self.at(&self.told(path)), Some(*uid), Some(*uid));
            }
            Step::Link(path, target) => {
                let full = self.at(path);
                let _ = fs::remove_file(&full);
                let done = full.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| symlink(target, &full));
                done.unwrap_or_else(|e| failed(path, e));
            }
            Step::Folder(path, mode) => {
                fs::create_dir_all(self.at(path)).unwrap_or_else(|e| failed(path, e));
                self.mode(path, *mode);
            }
            Step::Remove(path) => {
                let full = self.at(path);
                let folder = fs::symlink_metadata(&full).is_ok_and(|m| m.is_dir());
                let done = if folder { fs::remove_dir_all(&full) } else { fs::remove_file(&full) };
                done.unwrap_or_else(|e| failed(path, e));
            }
            Step::Old(path, days) => self.date(path, *days),
            Step::Capability(path) => {
                // Version 2 with the effective flag, CAP_SETUID (bit 7) permitted: linux/capability.h.
                let mut value = [0_u8; 20];
                value[0] = 1;
                value[3] = 2;
                value[4] = 0x80;
                let _ =
                    rustix::fs::setxattr(self.at(path), "security.capability", &value, rustix::fs::XattrFlags::empty());
            }
            Step::Purge(name) => self.purge(name),
            Step::Login(..) => {}
        }
    }
    /// lastlog (records of 292 bytes, by account number) and wtmp (records of 384 bytes): utmp(5) of Linux on amd64.
    fn write_logins(&self) {
        let passwd = self.text("etc/passwd");
        let uid = |name: &str| {
            let line = passwd.lines().find(|l| l.split(':').next() == Some(name))?;
            line.split(':').nth(2)?.parse::<usize>().ok()
        };
        let (mut lastlog, mut wtmp) = (Vec::new(), Vec::new());
        for (name, days) in &self.logins {
            let uid = uid(name).unwrap_or_else(|| panic!("no account {name}"));
            let secs = u32::try_from(self.now - days * DAY).unwrap_or(u32::MAX).to_le_bytes();
            let from = uid * 292;
            if lastlog.len() < from + 292 {
                lastlog.resize(from + 292, 0);
            }
            lastlog[from..from + 4].copy_from_slice(&secs);
            let mut record = vec![0_u8; 384];
            // USER_PROCESS, the terminal, the name, the seconds.
            record[0] = 7;
            record[8..13].copy_from_slice(b"pts/0");
            record[44..44 + name.len()].copy_from_slice(name.as_bytes());
            record[340..344].copy_from_slice(&secs);
            wtmp.extend(record);
        }
        self.write("var/log/lastlog", &lastlog);
        self.write("var/log/wtmp", &wtmp);
    }
}

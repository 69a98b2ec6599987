//! `watchfire inspect` on a machine that runs: the twin of `testing::twin` as the root of processes of its own.
//!
//! The kernel lends what an image cannot have. In namespaces of its own (mounts, processes, network) the tree becomes the
//! root of a few processes that sleep and of sockets that wait; the program, started beside them, sees nothing else and is
//! asked for the running system, not for a folder. What a program is called and where its file lies is what is planted, so
//! each is the dynamic linker under another name, told to start this very test, which waits. Kernel settings and modules
//! stay those of the machine that runs the tests and are not judged here.

use crate::bench::{Dir, root_or_skip, run};
use crate::planted::{NOT_OF_AN_IMAGE, findings, outcomes, text};
use serde_json::Value;
use std::fs;
use std::io::Read as _;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use testing::twin;

/// A running program: where its file lies, what it listens on, what becomes of it, and what should be said of it.
struct Running {
    what: &'static str,
    path: &'static str,
    tcp: &'static [u16],
    udp: &'static [u16],
    then: Then,
    found: &'static [(&'static str, &'static str)],
}
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Stays,
    /// Its file is deleted while it runs.
    Deleted,
    /// Something is mounted over its entry in /proc.
    Covered,
}
use Then::{Covered, Deleted, Stays};

const fn running(
    what: &'static str,
    path: &'static str,
    tcp: &'static [u16],
    then: Then,
    found: &'static [(&'static str, &'static str)],
) -> Running {
    Running { what, path, tcp, udp: &[], then, found }
}

const PLANTS: &[Running] = &[
    running(
        "a hidden program runs from shared memory",
        "dev/shm/.x/agent",
        &[],
        Stays,
        &[("process-temporary", "/dev/shm/.x/agent")],
    ),
    running(
        "a program runs from a hidden folder of the system",
        "var/lib/.cache/kworker",
        &[],
        Stays,
        &[("process-hidden-folder", "/var/lib/.cache/kworker")],
    ),
    running(
        "root runs a program out of a home",
        "home/ann/tool",
        &[],
        Stays,
        &[("process-root-personal", "/home/ann/tool")],
    ),
    running(
        "a portable program runs",
        "tmp/.mount_viewAb/viewer",
        &[],
        Stays,
        &[("process-portable", "/tmp/.mount_viewAb/viewer")],
    ),
    running(
        "a program runs whose file in a shared folder is gone",
        "var/tmp/drop",
        &[],
        Deleted,
        &[("deleted-program", "/var/tmp/drop")],
    ),
    running(
        "a program runs whose file was replaced",
        "usr/local/bin/old",
        &[],
        Deleted,
        &[("program-replaced-running", "/usr/local/bin/old")],
    ),
    running(
        "a process is hidden by a mount over it",
        "usr/local/bin/ghost",
        &[],
        Covered,
        &[("process-hidden", "pid ")],
    ),
    running(
        "a tool of attackers waits for a connection",
        "usr/local/bin/nc",
        &[4444],
        Stays,
        &[("listening-tool", "/usr/local/bin/nc")],
    ),
    running(
        "a program in a home waits for connections",
        "home/ann/bin/server",
        &[8000],
        Stays,
        &[("listening-foreign", "/home/ann/bin/server")],
    ),
    running(
        "software without a package waits for connections",
        "opt/app/server",
        &[21, 23, 445, 502, 873, 2049, 3260, 5005, 5900, 6000, 6379, 10000],
        Stays,
        &[
            ("listening-own-software", "/opt/app/server"),
            ("exposed-ftp", "tcp 0.0.0.0:21"),
            ("exposed-telnet", "tcp 0.0.0.0:23"),
            ("exposed-file-sharing", "tcp 0.0.0.0:445"),
            ("exposed-control-protocol", "tcp 0.0.0.0:502"),
            ("exposed-rsync", "tcp 0.0.0.0:873"),
            ("exposed-nfs", "tcp 0.0.0.0:2049"),
            ("exposed-block-storage", "tcp 0.0.0.0:3260"),
            ("exposed-debugger", "tcp 0.0.0.0:5005"),
            ("exposed-remote-desktop", "tcp 0.0.0.0:5900"),
            ("exposed-x11", "tcp 0.0.0.0:6000"),
            ("exposed-data-service", "tcp 0.0.0.0:6379"),
            ("exposed-admin-console", "tcp 0.0.0.0:10000"),
        ],
    ),
    Running {
        what: "protocols without any protection wait",
        path: "opt/app/agent",
        tcp: &[],
        udp: &[161, 177],
        then: Stays,
        found: &[("exposed-management-protocol", "udp 0.0.0.0:161"), ("exposed-xdmcp", "udp 0.0.0.0:177")],
    },
    running(
        "a proxy leads through the machine",
        "usr/local/bin/squid",
        &[3128],
        Stays,
        &[("exposed-proxy", "tcp 0.0.0.0:3128")],
    ),
    running(
        "a second way in waits beside the usual port",
        "usr/local/sbin/sshd",
        &[2222],
        Stays,
        &[("ssh-other-port", "tcp 0.0.0.0:2222")],
    ),
];

/// Started as another program in the planted machine: opens what it is told to, says so, and waits to be ended.
#[test]
#[ignore = "is started by the tests of this file"]
fn waits() {
    let Ok(told) = std::env::var("WATCHFIRE_WAITS") else { return };
    let ports = |kind: &str| -> Vec<u16> {
        let part = told.split(';').find_map(|p| p.strip_prefix(kind)).unwrap_or_default();
        part.split(',').filter_map(|p| p.parse().ok()).collect()
    };
    let tcp: Vec<TcpListener> = ports("tcp=").iter().map(|p| TcpListener::bind(("0.0.0.0", *p)).unwrap()).collect();
    let udp: Vec<UdpSocket> = ports("udp=").iter().map(|p| UdpSocket::bind(("0.0.0.0", *p)).unwrap()).collect();
    fs::write(std::env::var("WATCHFIRE_READY").unwrap(), "").unwrap();
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    drop((tcp, udp));
}

/// The dynamic linker and the libraries of a program, as `ldd` lists them.
fn libraries(of: &Path) -> Option<(PathBuf, Vec<PathBuf>)> {
    let out = Command::new("ldd").arg(of).output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    let path = |l: &str| l.split_whitespace().find(|w| w.starts_with('/')).map(PathBuf::from);
    let all: Vec<PathBuf> = text.lines().filter_map(path).collect();
    let linker = all.iter().find(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("ld-")))?.clone();
    Some((linker, all))
}

/// Brings a program into the machine, by a second name of the same file where that can be.
fn bring(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to).unwrap();
    }
    fs::set_permissions(to, fs::Permissions::from_mode(0o755)).unwrap();
}

/// What the program says of the clean machine with these programs running on it; nothing where the kernel gives no
/// namespaces.
fn examined(plants: &[Running]) -> Option<Value> {
    let dir = Dir::new();
    let host = dir.at("host");
    let _machine = twin::clean(&host, SystemTime::now());
    dir.file("host/run/systemd/timesync/synchronized", "");
    let (program, this) = (PathBuf::from(env!("CARGO_BIN_EXE_watchfire")), std::env::current_exe().unwrap());
    let (linker, mut all) = libraries(&program)?;
    all.extend(libraries(&this)?.1);
    bring(&program, &host.join("opt/watchfire/watchfire"));
    bring(&this, &host.join("opt/watchfire/it"));
    for library in &all {
        let to = host.join("opt/watchfire/lib").join(library.file_name().unwrap());
        if !to.exists() {
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(fs::canonicalize(library).unwrap(), &to).unwrap();
            fs::set_permissions(&to, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    let linker_name = linker.file_name().unwrap().to_string_lossy().into_owned();
    let mut script = String::from(
        "set -e\nT=$1\nmount -t proc proc $T/proc\ntouch $T/dev/urandom\nmount --bind /dev/urandom $T/dev/urandom\n",
    );
    for (n, p) in plants.iter().enumerate() {
        let path = host.join(p.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(fs::canonicalize(&linker).unwrap(), &path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let list = |ports: &[u16]| ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        script += &format!(
            "WATCHFIRE_WAITS='tcp={};udp={}' WATCHFIRE_READY=/opt/watchfire/ready{n} chroot $T /{} --library-path /opt/watchfire/lib /opt/watchfire/it --exact planted_live::waits --ignored <$T/opt/watchfire/wait >/dev/null 2>&1 &\np{n}=$!\n",
            list(p.tcp),
            list(p.udp),
            p.path
        );
    }
    // A pipe that nobody writes to: what reads from it waits until the namespace ends.
    script = script.replacen(
        "set -e\nT=$1\n",
        "set -e\nT=$1\nmkfifo $T/opt/watchfire/wait\nexec 9<>$T/opt/watchfire/wait\n",
        1,
    );
    for (n, p) in plants.iter().enumerate() {
        script +=
            &format!("i=0; until [ -e $T/opt/watchfire/ready{n} ]; do i=$((i+1)); [ $i -lt 600 ]; sleep 0.1; done\n");
        match p.then {
            Stays => {}
            Deleted => script += &format!("rm $T/{}\n", p.path),
            Covered => {
                script +=
                    &format!("mkdir $T/opt/watchfire/nothing\nmount --bind $T/opt/watchfire/nothing $T/proc/$p{n}\n");
            }
        }
    }
    script += &format!(
        "WATCHFIRE_HOME=/opt/watchfire/home chroot $T /opt/watchfire/lib/{linker_name} --library-path /opt/watchfire/lib /opt/watchfire/watchfire inspect --format json\n"
    );
    let namespaces = ["--mount", "--pid", "--net", "--fork", "--kill-child", "--propagation", "private", "sh", "-c"];
    let tried = Command::new("unshare").args(namespaces).arg("true").output();
    if !tried.is_ok_and(|o| o.status.success()) {
        println!("SKIPPED: no namespaces of our own here");
        return None;
    }
    let mut command = Command::new("unshare");
    crate::bench::clean(command.args(namespaces).arg(&script).arg("sh").arg(&host));
    Some(run(&mut command).done().json())
}

/// Checks of [`NOT_OF_AN_IMAGE`] that rest on the kernel of the machine that runs the tests.
const OF_THE_KERNEL: [&str; 3] = ["foreign-module", "kernel-module-forced", "restart-overdue"];

#[test]
fn what_runs_on_the_planted_machine_is_found_and_nothing_on_the_clean_one() {
    if !root_or_skip("what_runs_on_the_planted_machine_is_found_and_nothing_on_the_clean_one") {
        return;
    }
    let Some(clean) = examined(&[]) else { return };
    for check in NOT_OF_AN_IMAGE.iter().filter(|c| !OF_THE_KERNEL.contains(c)) {
        assert_eq!(
            outcomes(&clean)[*check].0,
            "pass",
            "{check}: {:?} {:?}",
            outcomes(&clean)[*check],
            findings(&clean, check)
        );
    }
    let Some(planted) = examined(PLANTS) else { return };
    let mut missed = Vec::new();
    for plant in PLANTS {
        for (check, object) in plant.found {
            let of: Vec<String> = findings(&planted, check).iter().map(|f| text(&f["object"])).collect();
            // The number of a process is not known before.
            let hit = of.iter().any(|o| o == object || (object.ends_with(' ') && o.starts_with(object)));
            if !hit {
                missed.push(format!(
                    "{}: {check} names no {object:?}, but {of:?}; {:?}",
                    plant.what,
                    outcomes(&planted)[*check]
                ));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    let hidden = findings(&planted, "process-hidden");
    assert_eq!(hidden.len(), 1, "{hidden:?}");
    assert_eq!(hidden[0]["evidence"][0]["value"]["reason"], "covered");
    let seen: std::collections::BTreeSet<&str> = PLANTS.iter().flat_map(|p| p.found.iter().map(|f| f.0)).collect();
    let left: Vec<_> = NOT_OF_AN_IMAGE.iter().filter(|c| !seen.contains(**c) && !OF_THE_KERNEL.contains(c)).collect();
    // Whether the clock is right is a file of systemd; the twin has it.
    assert_eq!(left, [&"clock-unsynchronised"], "every other check of a running system has its plant");
}

//! The fact dictionary: every fact that a sensor may emit and a condition may read.
//!
//! A fact is *one* (at most one value a host) or *many* (a table whose rows have named fields). In a condition of
//! a plan a *one* fact is read by its id (`ssh.permit_root_login == 'yes'`); a *many* fact is the table of a
//! check that runs `each` row, read through `it` (`it.uid == 0`). Times read as whole seconds since 1970.
//!
//! A sensor that has looked at all rows of a *many* fact emits [`crate::Covered`] with `what = "fact:<id>"`;
//! a sensor that could not look emits [`crate::Gap`] with the same `what`. Neither reads as "none".

use crate::{Fact, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The type of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    /// True or false.
    Bool,
    /// An integer.
    Int,
    /// A text.
    Text,
    /// An instant, written as [`Time`]; seconds since 1970 in a condition.
    Time,
    /// A list of texts.
    Texts,
}

/// The unit of an integer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// A number of things, or a plain number.
    Count,
    /// Days.
    Days,
    /// Bytes.
    Bytes,
    /// Permission bits.
    Mode,
}

/// A field of a row: name and type. A field that could not be read is absent from the row.
pub type Field = (&'static str, Type);

/// One value or a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// At most one value a host.
    One(Type),
    /// Rows with these fields; the first names the object of a finding.
    Many(&'static [Field]),
}

/// An entry of the dictionary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FactDef {
    /// Id, dotted.
    pub id: &'static str,
    /// One or many.
    pub shape: Shape,
    /// Unit of an integer value.
    pub unit: Unit,
    /// Can only be seen on a running host.
    pub live_only: bool,
}

/// A value of a fact.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FactValue {
    /// [`Type::Bool`].
    Bool(bool),
    /// [`Type::Int`].
    Int(i64),
    /// [`Type::Text`], and [`Type::Time`] in the form of [`Time`].
    Text(String),
    /// [`Type::Texts`].
    Texts(Vec<String>),
    /// A row of a *many* fact.
    Row(BTreeMap<String, FactValue>),
}
impl FactValue {
    /// An instant.
    #[must_use]
    pub fn time(t: Time) -> Self {
        Self::Text(t.to_string())
    }
    /// A row.
    #[must_use]
    pub fn row<const N: usize>(fields: [(&str, FactValue); N]) -> Self {
        Self::Row(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
    }
    /// A field of a row.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FactValue> {
        match self {
            Self::Row(fields) => fields.get(name),
            _ => None,
        }
    }
    fn is(&self, ty: Type) -> bool {
        match (ty, self) {
            (Bool, Self::Bool(_)) | (Int, Self::Int(_)) | (Text, Self::Text(_)) | (Texts, Self::Texts(_)) => true,
            (Instant, Self::Text(t)) => t.parse::<Time>().is_ok(),
            _ => false,
        }
    }
}
impl From<bool> for FactValue {
    fn from(v: bool) -> Self {
        Self::Bool(v)
    }
}
impl From<i64> for FactValue {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}
impl From<&str> for FactValue {
    fn from(v: &str) -> Self {
        Self::Text(v.to_owned())
    }
}
impl From<String> for FactValue {
    fn from(v: String) -> Self {
        Self::Text(v)
    }
}
impl std::fmt::Display for FactValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(v) => write!(f, "{v}"),
            Self::Int(v) => write!(f, "{v}"),
            Self::Text(v) => f.write_str(v),
            Self::Texts(v) => f.write_str(&v.join(", ")),
            Self::Row(fields) => {
                let parts: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={v}")).collect();
                f.write_str(&parts.join(" "))
            }
        }
    }
}

/// Why a fact does not fit the dictionary: a defect of the sensor that emitted it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FactError {
    /// No such fact.
    Unknown(String),
    /// The value, or the named field, has another type or is not in the dictionary.
    Type(String, String),
}
impl std::fmt::Display for FactError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown(id) => write!(f, "fact {id:?} is not in the dictionary"),
            Self::Type(id, field) => write!(f, "fact {id:?}: {field} does not fit the dictionary"),
        }
    }
}
impl std::error::Error for FactError {}

/// The entry of `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static FactDef> {
    DICTIONARY.binary_search_by(|d| d.id.cmp(id)).ok().map(|at| &DICTIONARY[at])
}

/// Holds an emitted fact against the dictionary. The first field of a row must be there.
pub fn validate(fact: &Fact) -> Result<(), FactError> {
    let id = fact.fact.as_str();
    let def = find(id).ok_or_else(|| FactError::Unknown(id.to_owned()))?;
    let wrong = |what: &str| FactError::Type(id.to_owned(), what.to_owned());
    match (def.shape, &fact.value) {
        (Shape::One(ty), value) if value.is(ty) => Ok(()),
        (Shape::Many(fields), FactValue::Row(row)) => {
            for (name, value) in row {
                let ty = fields.iter().find(|f| f.0 == name).ok_or_else(|| wrong(name))?.1;
                if !value.is(ty) {
                    return Err(wrong(name));
                }
            }
            if row.contains_key(fields[0].0) { Ok(()) } else { Err(wrong(fields[0].0)) }
        }
        _ => Err(wrong("the value")),
    }
}

const fn one(id: &'static str, ty: Type) -> FactDef {
    FactDef { id, shape: Shape::One(ty), unit: Unit::Count, live_only: false }
}
const fn many(id: &'static str, fields: &'static [Field]) -> FactDef {
    FactDef { id, shape: Shape::Many(fields), unit: Unit::Count, live_only: false }
}
const fn live(def: FactDef) -> FactDef {
    FactDef { live_only: true, ..def }
}
const fn unit(unit: Unit, def: FactDef) -> FactDef {
    FactDef { unit, ..def }
}

/// Facts that no sensor sees by itself: `advise` says them of the packages that `inspect` saw, and a bill of materials of itself.
pub const OF_ADVISE: [&str; 4] = ["advisory.pack", "sbom.document", "vulnerable.library", "vulnerable.package"];

/// A file of a package that is not as the package brought it.
const ALTERED: &[Field] = &[("path", Text), ("package", Text), ("how", Text), ("config", Bool)];
/// A match of a YARA rule.
const MATCH: &[Field] = &[("path", Text), ("rule", Text), ("pack", Text), ("severity", Text), ("about", Text)];
/// Facts that no sensor sees by itself: the accounts that `inspect` saw, held against the plant's list of staff.
pub const OF_STAFF: [&str; 2] = ["staff.account", "staff.list_at"];

/// Facts of the sensor `flows`, which reads logs of proxies and flows.
pub const OF_FLOWS: [&str; 2] = ["egress.flow", "egress.log"];

/// Fields of the tables of vulnerable packages. `running`: program | library | no | not-live | unknown; a hint that no severity
/// follows from.
const VULNERABLE: &[Field] = &[
    ("package", Text),
    ("version", Text),
    ("ecosystem", Text),
    ("count", Int),
    ("worst", Text),
    ("score", Int),
    ("exploited", Int),
    ("ransomware", Bool),
    ("malicious", Bool),
    ("likely", Int),
    ("fixed", Text),
    ("advisories", Texts),
    ("running", Text),
    ("programs", Texts),
    ("listening", Texts),
];

use Type::{Bool, Int, Text, Texts, Time as Instant};

/// Every fact, sorted by id.
pub const DICTIONARY: &[FactDef] = &[
    // Accounts of /etc/passwd and /etc/shadow. `password`: set | locked | empty | none (no shadow entry).
    // `scheme`: yescrypt | bcrypt | sha512 | sha256 | md5 | des | other, absent if no hash. `login`: has a log-in
    // shell. Days count since 1970; absent if not set.
    many(
        "account",
        &[
            ("name", Text),
            ("uid", Int),
            ("gid", Int),
            ("shell", Text),
            ("login", Bool),
            ("home", Text),
            ("password", Text),
            ("scheme", Text),
            ("changed_day", Int),
            ("max_days", Int),
            ("expire_day", Int),
        ],
    ),
    // Last log-in per account, from lastlog or wtmp; accounts that never logged in have no row.
    many("account.last_login", &[("name", Text), ("at", Instant)]),
    // Packs of advisories that packages were held against. `kind`: advisories | exploited | likelihoods.
    many(
        "advisory.pack",
        &[("pack", Text), ("kind", Text), ("dated", Instant), ("rows", Int), ("ecosystems", Texts), ("digest", Text)],
    ),
    // Jobs of at. `at`: when it runs.
    many("at.job", &[("file", Text), ("user", Text), ("at", Instant), ("command", Text)]),
    one("audit.present", Bool),
    unit(Unit::Count, one("audit.rules", Int)),
    // Destinations in the configuration of backup tools. `separate`: not on this host's own disks.
    many("backup.destination", &[("target", Text), ("tool", Text), ("separate", Bool)]),
    // Newest trace of a backup that ended well (tool's own log, stamp or repository).
    one("backup.last_success", Instant),
    many("backup.schedule", &[("tool", Text), ("how", Text), ("when", Text)]),
    many("backup.tool", &[("name", Text), ("how", Text)]),
    // Of packet captures. `capture.cut`: packets that were captured in part; `capture.unread`: those whose headers were
    // not understood, fragments included; `capture.dropped`: what the capturing system says it lost.
    one("capture.cut", Int),
    one("capture.dropped", Int),
    one("capture.end", Instant),
    one("capture.packets", Int),
    one("capture.start", Instant),
    one("capture.unread", Int),
    many("cloud.client", &[("name", Text), ("how", Text), ("trace", Text)]),
    // Settings that open a container engine. `name`: docker.host | docker.socket | docker.insecure-registry |
    // podman.insecure-registry.
    many("container.setting", &[("name", Text), ("value", Text), ("open", Bool)]),
    // Commands to devices by client, server and protocol. `what`: stop | start | download | upload | write | operate |
    // firmware. `outside`: client and server are in different networks.
    many(
        "control.command",
        &[
            ("command", Text),
            ("client", Text),
            ("server", Text),
            ("protocol", Text),
            ("what", Text),
            ("count", Int),
            ("outside", Bool),
            ("first", Instant),
            ("last", Instant),
        ],
    ),
    // Who speaks a protocol of control. `role`: server | client | both. `inner`: addresses within protocols. `serial`: keyed
    // digest. `protection`: level that an S7 controller states, 1 is none.
    many(
        "control.device",
        &[
            ("address", Text),
            ("mac", Text),
            ("name", Text),
            ("vendor", Text),
            ("model", Text),
            ("firmware", Text),
            ("serial", Text),
            ("protection", Int),
            ("protocols", Texts),
            ("inner", Texts),
            ("role", Text),
            ("public", Bool),
            ("first", Instant),
            ("last", Instant),
        ],
    ),
    // Endpoints of OPC UA. `security`: none | sign | sign-and-encrypt | unknown. `used`: a channel was opened with it, else it was
    // offered. `anonymous`: one may come in, or came in, without a name.
    many(
        "control.endpoint",
        &[
            ("endpoint", Text),
            ("server", Text),
            ("policy", Text),
            ("security", Text),
            ("used", Bool),
            ("url", Text),
            ("anonymous", Bool),
            ("first", Instant),
            ("last", Instant),
        ],
    ),
    // Who speaks what with whom. `sure`: the content is of the protocol, else its port only. `control`, `remote`: what the
    // protocol is for. `writes`: something was changed, absent if that cannot be told. `to_device`: an end is a control
    // device. `tool`: product of remote access, absent if none.
    many(
        "control.flow",
        &[
            ("flow", Text),
            ("client", Text),
            ("server", Text),
            ("protocol", Text),
            ("carrier", Text),
            ("port", Int),
            ("packets", Int),
            ("first", Instant),
            ("last", Instant),
            ("control", Bool),
            ("remote", Bool),
            ("tool", Text),
            ("sure", Bool),
            ("writes", Bool),
            ("encrypted", Bool),
            ("to_device", Bool),
            ("outside", Bool),
            ("public", Bool),
        ],
    ),
    // Programs for bulk copies and transfers.
    many("copy.tool", &[("name", Text), ("how", Text), ("trace", Text)]),
    // What happens to the memory of a program that dies: none | file | systemd | pipe.
    one("core.dump", Text),
    // Jobs of cron and anacron. `writable`: the file or the first word of the command can be written by others
    // than its owner and root.
    many("cron.entry", &[("file", Text), ("user", Text), ("schedule", Text), ("command", Text), ("writable", Bool)]),
    // Database servers by configuration. `open`: listens beyond loopback. `trust`: lets someone in without a
    // password. `listen`: as configured.
    many("database.server", &[("name", Text), ("config", Text), ("listen", Texts), ("open", Bool), ("trust", Bool)]),
    one("disk.encrypted", Bool),
    // What left towards a destination, from logs of proxies and flows. `direction`: out (a host here asked) | served (the
    // destination asked a server here). `country`: ISO 3166-1, absent if not known. `unmeasured`: connections of which
    // the log does not say how much went out. `heaviest`: keyed digest of the client that sent most.
    many(
        "egress.flow",
        &[
            ("destination", Text),
            ("address", Text),
            ("port", Int),
            ("country", Text),
            ("direction", Text),
            ("bytes_out", Int),
            ("bytes_in", Int),
            ("connections", Int),
            ("unmeasured", Int),
            ("first", Instant),
            ("last", Instant),
            ("clients", Int),
            ("heaviest", Text),
        ],
    ),
    // A file of logs that was read. `form`: squid | combined | w3c | zeek | zeek-json | nfdump | rwcut | vpc | csv.
    many(
        "egress.log",
        &[
            ("log", Text),
            ("form", Text),
            ("lines", Int),
            ("bad", Int),
            ("bytes", Int),
            ("first", Instant),
            ("last", Instant),
            ("digest", Text),
        ],
    ),
    many("endpoint.protection", &[("name", Text), ("how", Text)]),
    // Installed files that differ from what their package brought. `how`: content | mode | missing | kind (no regular
    // file). `config`: a configuration file.
    many("file.altered", ALTERED),
    // Programs with capabilities of their own (security.capability); names as in capabilities(7), joined by commas.
    many("file.capability", &[("path", Text), ("capabilities", Text), ("packaged", Bool)]),
    // SUID or SGID files. `packaged`: a package owns the path (absent if the package database is missing).
    many(
        "file.setuid",
        &[("path", Text), ("owner", Int), ("mode", Int), ("setuid", Bool), ("packaged", Bool), ("writable", Bool)],
    ),
    // Executable regular files in /tmp, /var/tmp, /dev/shm and /run (depth 3).
    many("file.temp_executable", &[("path", Text), ("owner", Int), ("hidden", Bool)]),
    many("file.world_writable", &[("path", Text), ("directory", Bool), ("sticky", Bool), ("owner", Int)]),
    // A packet filter that is configured and switched on.
    one("firewall.enabled", Bool),
    one("firewall.tool", Text),
    // FTP servers by configuration. `tls`: log-ins can be encrypted.
    many("ftp.server", &[("name", Text), ("config", Text), ("anonymous", Bool), ("tls", Bool)]),
    // Servers of maps, positions and search that programs of maps or pages are set up to ask. `use`: tiles | imagery |
    // geocoding | routing | service | call-home. `country`: seat of the provider (ISO 3166), `oss`, or absent.
    many(
        "geo.server",
        &[
            ("server", Text),
            ("host", Text),
            ("scheme", Text),
            ("use", Text),
            ("program", Text),
            ("provider", Text),
            ("country", Text),
            ("tls", Bool),
            ("local", Bool),
        ],
    ),
    // Geographic information, survey and map software. `origin`: ISO 3166 code of the vendor's country, or `oss`.
    many("geo.software", &[("name", Text), ("how", Text), ("trace", Text), ("origin", Text)]),
    many("group.privileged", &[("member", Text), ("group", Text)]),
    live(one("host.boot_time", Instant)),
    one("host.name", Text),
    // Scripts that go into the first file system of the start and that no package owns.
    many("initramfs.hook", &[("path", Text), ("packaged", Bool), ("writable", Bool)]),
    // Files whose packages know a digest, and those of them that were held against it.
    one("integrity.checked", Int),
    one("integrity.known", Int),
    // Of net.ipv4.conf.all; the other values of this group likewise.
    one("kernel.accept_redirects", Int),
    one("kernel.accept_source_route", Int),
    one("kernel.aslr", Int),
    one("kernel.dmesg_restrict", Int),
    one("kernel.forwarding", Bool),
    one("kernel.kexec_load_disabled", Int),
    one("kernel.kptr_restrict", Int),
    // none | integrity | confidentiality
    live(one("kernel.lockdown", Text)),
    one("kernel.log_martians", Int),
    one("kernel.modules_disabled", Int),
    one("kernel.perf_event_paranoid", Int),
    one("kernel.protected_fifos", Int),
    one("kernel.protected_hardlinks", Int),
    one("kernel.protected_regular", Int),
    one("kernel.protected_symlinks", Int),
    one("kernel.ptrace_scope", Int),
    one("kernel.release", Text),
    one("kernel.rp_filter", Int),
    one("kernel.send_redirects", Int),
    one("kernel.suid_dumpable", Int),
    one("kernel.syn_cookies", Int),
    one("kernel.sysrq", Int),
    live(one("kernel.taint", Int)),
    one("kernel.unprivileged_bpf_disabled", Int),
    // Private keys outside containers. `open`: group or others may read. `protected`: has a passphrase.
    many("key.file", &[("path", Text), ("owner", Int), ("open", Bool), ("protected", Bool)]),
    // Libraries of programming languages. `ecosystem` as OSV names it. `locked`: from a lock file, not installed.
    // `packaged`: the file belongs to a package of the system, whose advisories then count instead.
    many(
        "library",
        &[("name", Text), ("version", Text), ("ecosystem", Text), ("file", Text), ("locked", Bool), ("packaged", Bool)],
    ),
    // Listening sockets. `exposed`: reachable from other hosts (not bound to loopback).
    live(many(
        "listen",
        &[
            ("socket", Text),
            ("proto", Text),
            ("address", Text),
            ("port", Int),
            ("exposed", Bool),
            ("uid", Int),
            ("process", Text),
            ("exe", Text),
        ],
    )),
    one("log.journal_persistent", Bool),
    // Oldest record still held under /var/log (last change of the oldest log file, rotated ones included).
    one("log.oldest", Instant),
    one("log.remote", Bool),
    // Days that the configured rotation keeps the main system log (or the journal's time limit).
    unit(Unit::Days, one("log.retention_days", Int)),
    one("log.syslog_present", Bool),
    // Modules that start with the system (`how`: load), or commands run in place of loading one (install).
    many("module.autoload", &[("module", Text), ("how", Text), ("file", Text), ("command", Text), ("packaged", Bool)]),
    // Modules that do not belong to the kernel's own tree, or carry the out-of-tree or unsigned taint.
    live(many("module.foreign", &[("name", Text), ("flags", Text)])),
    many("mount", &[("target", Text), ("source", Text), ("fstype", Text), ("options", Texts)]),
    // Software and the system by who made it. `kind`: os | database | middleware | … `country`: ISO 3166, `oss`, or absent
    // if it is not known. `maintained`: who mends it, maker | system. `depends`: what on this host needs it.
    many(
        "origin.component",
        &[
            ("component", Text),
            ("kind", Text),
            ("name", Text),
            ("version", Text),
            ("supplier", Text),
            ("country", Text),
            ("known", Text),
            ("sure", Text),
            ("maintained", Text),
            ("support_end", Instant),
            ("counterparts", Texts),
            ("depends", Texts),
            ("dependants", Int),
        ],
    ),
    // Hardware and firmware by who made it. `dated`: the day that firmware says of itself.
    many(
        "origin.hardware",
        &[
            ("component", Text),
            ("kind", Text),
            ("name", Text),
            ("version", Text),
            ("supplier", Text),
            ("country", Text),
            ("known", Text),
            ("sure", Text),
            ("dated", Instant),
            ("count", Int),
            ("rotational", Bool),
            ("driver", Text),
            ("depends", Texts),
        ],
    ),
    // linux | windows | control-network
    one("os.family", Text),
    one("os.id", Text),
    one("os.name", Text),
    // End of security support by the vendor, from the built-in table; absent if the release is not in it.
    // VERSION of os-release, which names the service pack where VERSION_ID does not: `22.03 (LTS-SP3)`.
    one("os.release", Text),
    one("os.support_end", Instant),
    one("os.version", Text),
    // Installed packages. `source`, `source_version`: the source package, absent where equal to the package's own.
    // `ecosystem`: the distribution, where a bill of materials names it; else it is the host's. `native`: by its list of
    // files it has programs or shared libraries, and nothing that an interpreter reads in.
    many(
        "package",
        &[
            ("name", Text),
            ("version", Text),
            ("manager", Text),
            ("arch", Text),
            ("source", Text),
            ("source_version", Text),
            ("ecosystem", Text),
            ("native", Bool),
        ],
    ),
    unit(Unit::Count, one("package.count", Int)),
    // Newest refresh of the package lists.
    one("package.lists_refreshed", Instant),
    // Files of packages that running processes execute or have loaded. `how`: program | library. `listening`: sockets on
    // which these processes wait, absent if they may not be seen.
    live(many(
        "package.running",
        &[("package", Text), ("file", Text), ("how", Text), ("count", Int), ("programs", Texts), ("listening", Texts)],
    )),
    one("pam.lockout", Bool),
    one("pam.password_quality", Bool),
    one("password.hash", Text),
    unit(Unit::Days, one("password.max_days", Int)),
    unit(Unit::Count, one("password.min_length", Int)),
    // Rules of udev that run a program. `packaged`: the file of the rule belongs to a package.
    many("persistence.udev", &[("file", Text), ("line", Int), ("program", Text), ("packaged", Bool)]),
    many("preload", &[("library", Text), ("file", Text), ("packaged", Bool)]),
    // Running programs, one row a file, account and container engine. `container`: docker | podman | kubernetes | … .
    live(many(
        "process",
        &[
            ("exe", Text),
            ("name", Text),
            ("uid", Int),
            ("count", Int),
            ("packaged", Bool),
            ("listening", Bool),
            ("container", Text),
        ],
    )),
    // Programs running from a file that has been deleted or replaced.
    live(many(
        "process.deleted_exe",
        &[("exe", Text), ("pid", Int), ("uid", Int), ("name", Text), ("temporary", Bool)],
    )),
    // Processes that /proc does not show. `reason`: unlisted (/proc/N answers) | cgroup (a control group names it) |
    // covered (something is mounted over /proc/N).
    live(many("process.hidden", &[("process", Text), ("pid", Int), ("reason", Text), ("exe", Text)])),
    // As file.altered, of programs, libraries, units and settings of log-ins.
    many("program.altered", ALTERED),
    // Servers of remote desktops by configuration. `tls`: only encrypted, absent where both sides agree on it.
    many("rdp.server", &[("name", Text), ("config", Text), ("listen", Texts), ("password", Bool), ("tls", Bool)]),
    // Remote maintenance, tunnel and remote-control programs. `running` and `autostart` absent if unknown.
    // `kind`: remote-control | tunnel | vpn | monitoring | terminal-server.
    many(
        "remote.tool",
        &[
            ("name", Text),
            ("kind", Text),
            ("how", Text),
            ("trace", Text),
            ("running", Bool),
            ("autostart", Bool),
            ("origin", Text),
        ],
    ),
    // Sessions of administrators are recorded (tlog, pam_tty_audit, sudo log_input/log_output).
    // The bill of materials that packages and libraries were taken from. `held`: components with an ecosystem;
    // `files`: components that are no software.
    many(
        "sbom.document",
        &[
            ("document", Text),
            ("form", Text),
            ("about", Text),
            ("made", Instant),
            ("maker", Text),
            ("components", Int),
            ("held", Int),
            ("files", Int),
        ],
    ),
    one("session.recorded", Bool),
    unit(Unit::Count, one("session.timeout_seconds", Int)),
    // NFS exports. `client` `*` means everybody.
    many("share.nfs", &[("path", Text), ("client", Text), ("writable", Bool), ("root_squash", Bool)]),
    many("share.smb", &[("name", Text), ("path", Text), ("guest", Bool), ("writable", Bool), ("vfs", Texts)]),
    one("smb.min_protocol", Text),
    // Copy-on-write snapshots of data file systems (snapper, btrbk, zfs-auto-snapshot, sanoid, timeshift) set up.
    many("snapshot.tool", &[("name", Text), ("how", Text)]),
    one("ssh.allow_tcp_forwarding", Text),
    // Keys that open an account over ssh. `key`: fingerprint `SHA256:…` as ssh-keygen prints it.
    many(
        "ssh.authorized_key",
        &[("key", Text), ("account", Text), ("type", Text), ("bits", Int), ("restricted", Bool), ("file", Text)],
    ),
    one("ssh.gateway_ports", Text),
    unit(Unit::Count, one("ssh.max_auth_tries", Int)),
    one("ssh.password_authentication", Bool),
    one("ssh.permit_empty_passwords", Bool),
    // yes | no | prohibit-password | forced-commands-only
    one("ssh.permit_root_login", Text),
    one("ssh.server_present", Bool),
    one("ssh.x11_forwarding", Bool),
    // Accounts that can log in, held against the list of staff. `standing`: active | left | shared | service | unlisted.
    // `left`: the day. `locked`: no password lets it in. `key`: an SSH key does. `used_after`: after that day.
    many(
        "staff.account",
        &[
            ("name", Text),
            ("standing", Text),
            ("left", Instant),
            ("locked", Bool),
            ("key", Bool),
            ("privileged", Bool),
            ("system", Bool),
            ("used_after", Bool),
        ],
    ),
    one("staff.list_at", Instant),
    many("startup.script", &[("path", Text), ("writable", Bool), ("packaged", Bool)]),
    one("sudo.logged", Bool),
    many("sudo.rule", &[("who", Text), ("nopasswd", Bool), ("all", Bool), ("command", Text), ("file", Text)]),
    one("swap.encrypted", Bool),
    // Enabled units. `packaged` as in file.setuid; `exec` the first command; `writable` as in cron.entry.
    many(
        "systemd.unit",
        &[("name", Text), ("path", Text), ("kind", Text), ("exec", Text), ("packaged", Bool), ("writable", Bool)],
    ),
    one("time.sync", Text),
    live(one("time.synchronized", Bool)),
    one("umask", Text),
    one("update.automatic", Bool),
    // Devices that were plugged in, as the kernel logged them: vendor and product number, never the serial number.
    many("usb.event", &[("device", Text), ("first", Instant), ("last", Instant), ("count", Int), ("storage", Bool)]),
    // USB mass storage: blocked by modprobe configuration or usbguard.
    one("usb.storage_blocked", Bool),
    many("vnc.server", &[("name", Text), ("config", Text), ("listen", Texts), ("password", Bool), ("tls", Bool)]),
    // Packages with known vulnerabilities, one row a package and version. `worst`: unknown | none | low | medium | high |
    // critical; `score`: CVSS base score in tenths; `exploited`: how many are known to be exploited; `fixed`: the version
    // that is past all of them, absent where one has none; `advisories`: ids, worst first.
    many("vulnerable.library", VULNERABLE),
    many("vulnerable.package", VULNERABLE),
    // Web servers by configuration. `root`: folders that are served; `tls_old`: SSLv3, TLS 1.0 or 1.1 is accepted.
    many(
        "web.server",
        &[
            ("name", Text),
            ("config", Text),
            ("listen", Texts),
            ("root", Texts),
            ("autoindex", Bool),
            ("server_tokens", Bool),
            ("tls_old", Bool),
            ("dav", Bool),
        ],
    ),
    // Settings of web servers, one row a place. `setting`: autoindex | server_tokens | tls_old | dav, as in web.server.
    many("web.setting", &[("name", Text), ("setting", Text), ("on", Bool)]),
    // Facts of Windows alone. Absent fields could not be told. `rid`: number of the account on this host.
    many(
        "windows.account",
        &[
            ("name", Text),
            ("rid", Int),
            ("enabled", Bool),
            ("password_required", Bool),
            ("password_expires", Bool),
            ("locked", Bool),
        ],
    ),
    many("windows.account_created", &[("name", Text), ("at", Instant), ("by", Text)]),
    // RestrictAnonymous: 0 lists accounts and shares to everybody, 1 no accounts, 2 nothing.
    one("windows.anonymous", Int),
    many("windows.audit", &[("subcategory", Text), ("success", Bool), ("failure", Bool)]),
    one("windows.autologon", Bool),
    one("windows.autoplay", Bool),
    // `default`: as Windows sets it up; absent where there is no such thing.
    many("windows.autorun", &[("entry", Text), ("place", Text), ("command", Text), ("user", Text), ("default", Bool)]),
    live(many("windows.bitlocker", &[("volume", Text), ("protected", Bool), ("encrypted", Bool)])),
    one("windows.blank_password_network", Bool),
    one("windows.builtin_admin_enabled", Bool),
    one("windows.credential_guard", Bool),
    one("windows.defender_enabled", Bool),
    // `kind`: paths | extensions | processes | ipaddresses
    many("windows.defender_exclusion", &[("value", Text), ("kind", Text)]),
    many("windows.firewall", &[("profile", Text), ("enabled", Bool), ("inbound_blocked", Bool)]),
    one("windows.guest_enabled", Bool),
    many("windows.hotfix", &[("id", Text), ("installed", Instant)]),
    one("windows.last_update", Instant),
    one("windows.llmnr", Bool),
    one("windows.lm_hash", Bool),
    // Seconds without input until the screen locks; 0 is never.
    one("windows.lock_seconds", Int),
    // Failed log-ins that lock an account; 0 is never.
    one("windows.lockout_threshold", Int),
    many("windows.log", &[("name", Text), ("max_kb", Int), ("oldest", Instant)]),
    many("windows.log_cleared", &[("log", Text), ("at", Instant), ("account", Text)]),
    one("windows.lsa_protection", Bool),
    // `level`: 1 every macro, 2 asks, 3 signed ones, 4 none.
    many("windows.macro_policy", &[("application", Text), ("user", Text), ("level", Int), ("internet_blocked", Bool)]),
    // LmCompatibilityLevel, 0 to 5.
    one("windows.ntlm_level", Int),
    one("windows.null_session", Bool),
    one("windows.password_complexity", Bool),
    // Version with the number of the cumulative update, such as 10.0.19045.3803.
    one("windows.patch_level", Text),
    live(one("windows.powershell_v2", Bool)),
    one("windows.rdp_enabled", Bool),
    one("windows.rdp_nla", Bool),
    one("windows.rdp_port", Int),
    one("windows.remote_registry", Bool),
    one("windows.restore_disabled", Bool),
    one("windows.script_block_logging", Bool),
    // `start`: boot | system | auto | manual | disabled. `unquoted`: a blank in a folder of a path without quotes.
    many("windows.service", &[("name", Text), ("path", Text), ("start", Text), ("account", Text), ("unquoted", Bool)]),
    many("windows.service_installed", &[("name", Text), ("path", Text), ("at", Instant)]),
    live(one("windows.shadow_copies", Int)),
    one("windows.smb1_enabled", Bool),
    one("windows.smb_signing_required", Bool),
    many(
        "windows.task",
        &[("path", Text), ("command", Text), ("account", Text), ("enabled", Bool), ("hidden", Bool), ("highest", Bool)],
    ),
    one("windows.uac_enabled", Bool),
    // `serial`: keyed digest of the serial number.
    many("windows.usb_device", &[("device", Text), ("serial", Text), ("first", Instant), ("last", Instant)]),
    one("windows.wdigest_plain", Bool),
    one("windows.winrm_enabled", Bool),
    // `who`: everyone | users | authenticated-users | interactive
    many("windows.writable_folder", &[("path", Text), ("who", Text)]),
    // YARA rules that match a file of the places where back doors are put. `severity`: low | medium | high | critical.
    // As yara.match, of program folders and of what no package brought.
    many("yara.elsewhere", MATCH),
    many("yara.match", MATCH),
    unit(Unit::Count, one("yara.rules", Int)),
    unit(Unit::Count, one("yara.scanned", Int)),
];

#[cfg(test)]
mod tests;

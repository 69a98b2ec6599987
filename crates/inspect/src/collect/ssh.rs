//! The OpenSSH server's settings as it would read them, and the keys that open accounts.

use crate::host::{File, Look};
use crate::out::Out;
use crate::{parse, shared};
use evidence::{FactValue, Place};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts about the server.
pub(crate) const FACTS: &[&str] = &[
    "ssh.allow_tcp_forwarding",
    "ssh.gateway_ports",
    "ssh.max_auth_tries",
    "ssh.password_authentication",
    "ssh.permit_empty_passwords",
    "ssh.permit_root_login",
    "ssh.server_present",
    "ssh.x11_forwarding",
];
/// Facts about keys.
pub(crate) const KEY_FACTS: &[&str] = &["ssh.authorized_key"];

const CONFIG: &str = "/etc/ssh/sshd_config";
const CONFIG_VENDOR: &str = "/usr/etc/ssh/sshd_config";
/// Deepest `Include`, as in sshd.
const INCLUDE_DEPTH_MAX: usize = 16;
/// Most included files; a hostile image could include itself many times.
const INCLUDE_FILES_MAX: usize = 256;

/// The first global value of each keyword with its place.
struct Config {
    first: BTreeMap<String, (String, Place)>,
    fallback: Place,
    files: usize,
}
impl Config {
    fn read(look: &mut Look<'_>, binary: &Path) -> Self {
        let mut config = Self { first: BTreeMap::new(), fallback: crate::host::place(binary), files: 0 };
        if let Some(f) = look.read(CONFIG).or_else(|| look.read(CONFIG_VENDOR)) {
            config.fallback = f.place();
            config.take(look, &f, 0);
        }
        config
    }
    fn take(&mut self, look: &mut Look<'_>, file: &File, depth: usize) {
        self.files += 1;
        for l in parse::sshd_lines(&file.text()) {
            if !l.global {
                continue;
            }
            if l.key != "include" {
                self.first.entry(l.key).or_insert_with(|| (l.value, file.line(l.line)));
                continue;
            }
            for pattern in parse::split_words(&l.value) {
                for path in expand(look, &pattern) {
                    if depth < INCLUDE_DEPTH_MAX && self.files < INCLUDE_FILES_MAX {
                        if let Some(f) = look.read(&path) {
                            self.take(look, &f, depth + 1);
                        }
                    } else {
                        look.miss(evidence::GapReason::TooDeep, &path);
                    }
                }
            }
        }
    }
    fn get(&self, key: &str) -> Option<(&str, Place)> {
        self.first.get(key).map(|(v, p)| (v.as_str(), p.clone()))
    }
    fn or(&self, key: &str, default: &str) -> (String, Place) {
        self.get(key).map_or_else(|| (default.to_owned(), self.fallback.clone()), |(v, p)| (v.to_ascii_lowercase(), p))
    }
}

/// Files that a pattern of `Include` names; wild cards stand in the last part. Relative to `/etc/ssh`.
fn expand(look: &mut Look<'_>, pattern: &str) -> Vec<PathBuf> {
    let whole = Path::new("/etc/ssh").join(pattern);
    let (Some(dir), Some(name)) = (whole.parent(), whole.file_name().map(|n| n.to_string_lossy().into_owned())) else {
        return Vec::new();
    };
    if !name.contains(['*', '?']) {
        return vec![whole];
    }
    let hidden = name.starts_with('.');
    look.list(dir)
        .into_iter()
        .filter(|e| (hidden || !e.text().starts_with('.')) && parse::glob(&name, &e.text()))
        .map(|e| e.path)
        .collect()
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let binary =
        crate::collect::program(&mut look, "sshd").or_else(|| look.first(&["/usr/lib/ssh/sshd"]).map(PathBuf::from));
    let fallback = Path::new("/usr/sbin/sshd");
    let place = crate::host::place(binary.as_deref().unwrap_or(fallback));
    out.fact("ssh.server_present", binary.is_some(), place);
    let Some(binary) = binary else { return out.gaps(FACTS, &look.misses) };
    let config = Config::read(&mut look, &binary);
    // Defaults of sshd_config(5) as compiled by the project.
    let (root, at) = config.or("permitrootlogin", "prohibit-password");
    let root = if root == "without-password" { "prohibit-password".to_owned() } else { root };
    out.fact("ssh.permit_root_login", parse::printable(&root), at);
    for (id, key, default) in [
        ("ssh.password_authentication", "passwordauthentication", "yes"),
        ("ssh.permit_empty_passwords", "permitemptypasswords", "no"),
        ("ssh.x11_forwarding", "x11forwarding", "no"),
    ] {
        let (value, at) = config.or(key, default);
        out.fact(id, parse::is_yes(&value), at);
    }
    for (id, key, default) in
        [("ssh.allow_tcp_forwarding", "allowtcpforwarding", "yes"), ("ssh.gateway_ports", "gatewayports", "no")]
    {
        let (value, at) = config.or(key, default);
        out.fact(id, parse::printable(&value), at);
    }
    let (tries, at) = config.or("maxauthtries", "6");
    out.fact("ssh.max_auth_tries", tries.parse::<i64>().unwrap_or(6), at);
    out.gaps(FACTS, &look.misses);
}

/// Keys of every account, in the files that the server would read.
pub(crate) fn authorized_keys(out: &mut Out<'_>, _stop: &Stop) {
    let accounts = out.shared.accounts(out.host);
    out.gaps(KEY_FACTS, &accounts.misses);
    let mut look = out.look();
    let config = Config::read(&mut look, Path::new("/usr/sbin/sshd"));
    let patterns = config.get("authorizedkeysfile").map_or(".ssh/authorized_keys .ssh/authorized_keys2", |(v, _)| v);
    let patterns = parse::split_words(patterns);
    let mut done = std::collections::BTreeSet::new();
    for (account, home) in shared::homes(&accounts.value) {
        for pattern in patterns.iter().filter(|p| *p != "none") {
            let path = pattern.replace("%h", &account.home).replace("%u", &account.name).replace("%%", "%");
            let path = home.join(path);
            if !done.insert((path.clone(), account.uid)) {
                continue;
            }
            let Some(f) = look.read(&path) else { continue };
            for key in parse::authorized_keys(&f.text()) {
                let mut row = FactValue::row([
                    ("key", key.fingerprint.into()),
                    ("account", parse::printable(&account.name).into()),
                    ("type", parse::printable(&key.kind).into()),
                    ("restricted", key.restricted.into()),
                    ("file", shared::text_of(&path).into()),
                ]);
                crate::collect::with(&mut row, "bits", key.bits);
                out.fact("ssh.authorized_key", row, f.line(key.line));
            }
        }
    }
    out.gaps(KEY_FACTS, &look.misses);
}

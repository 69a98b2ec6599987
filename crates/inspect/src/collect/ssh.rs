//! The OpenSSH server's settings as it would read them, and the keys that open accounts.

use crate::host::{File, Look};
use crate::out::Out;
use crate::{parse, shared};
use evidence::{FactValue, GapReason, Place};
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

/// Keywords that a `Match` block may set, and the fact that is then no longer true for everybody.
const CONDITIONAL: [(&str, &str); 11] = [
    ("allowtcpforwarding", "ssh.allow_tcp_forwarding"),
    ("authenticationmethods", "ssh.password_authentication"),
    ("authorizedkeyscommand", "ssh.authorized_key"),
    ("authorizedkeysfile", "ssh.authorized_key"),
    ("gatewayports", "ssh.gateway_ports"),
    ("kbdinteractiveauthentication", "ssh.password_authentication"),
    ("maxauthtries", "ssh.max_auth_tries"),
    ("passwordauthentication", "ssh.password_authentication"),
    ("permitemptypasswords", "ssh.permit_empty_passwords"),
    ("permitrootlogin", "ssh.permit_root_login"),
    ("x11forwarding", "ssh.x11_forwarding"),
];

/// A setting that holds for some connections only.
struct Conditional {
    key: &'static str,
    fact: &'static str,
    args: Vec<String>,
    at: Place,
}

/// The first global value of each keyword with its place, and what `Match` blocks set.
struct Config {
    first: BTreeMap<String, (Vec<String>, Place)>,
    conditional: Vec<Conditional>,
    fallback: Place,
    files: usize,
}
impl Config {
    fn read(look: &mut Look<'_>, binary: &Path) -> Self {
        let fallback = crate::host::place(binary);
        let mut config = Self { first: BTreeMap::new(), conditional: Vec::new(), fallback, files: 0 };
        if let Some(f) = look.read(CONFIG).or_else(|| look.read(CONFIG_VENDOR)) {
            config.fallback = f.place();
            config.take(look, &f, 0, true);
        }
        config
    }
    /// Takes one file; `global` is false if a `Match` block includes it.
    fn take(&mut self, look: &mut Look<'_>, file: &File, depth: usize, global: bool) {
        self.files += 1;
        for l in parse::sshd_lines(&file.text()) {
            let global = global && l.global;
            if l.key == "include" {
                self.include(look, &l.args, depth, global);
            } else if global {
                self.first.entry(l.key).or_insert_with(|| (l.args, file.line(l.line)));
            } else if let Some((key, fact)) = CONDITIONAL.iter().find(|(key, _)| *key == l.key) {
                self.conditional.push(Conditional { key, fact, args: l.args, at: file.line(l.line) });
            }
        }
    }
    fn include(&mut self, look: &mut Look<'_>, patterns: &[String], depth: usize, global: bool) {
        for path in patterns.iter().flat_map(|pattern| expand(look, pattern)).collect::<Vec<_>>() {
            if depth < INCLUDE_DEPTH_MAX && self.files < INCLUDE_FILES_MAX {
                if let Some(f) = look.read(&path) {
                    self.take(look, &f, depth + 1, global);
                }
            } else {
                look.miss(GapReason::TooDeep, &path);
            }
        }
    }
    fn get(&self, key: &str) -> Option<(&[String], Place)> {
        self.first.get(key).map(|(v, p)| (v.as_slice(), p.clone()))
    }
    fn or(&self, key: &str, default: &str) -> (String, Place) {
        self.get(key).map_or_else(|| (default.to_owned(), self.fallback.clone()), |(v, p)| (plain(v), p))
    }
    /// Whether a password opens a session, and the line that says so. PAM asks for one by the keyboard-interactive
    /// method too, which is on unless it is turned off.
    fn password(&self) -> (bool, Place) {
        let (value, at) = self.or("passwordauthentication", "yes");
        if parse::is_yes(&value) || !self.by_pam() || !self.methods_allow() {
            return (parse::is_yes(&value), at);
        }
        let (keyboard, line) = self.or("kbdinteractiveauthentication", "yes");
        if !parse::is_yes(&keyboard) {
            return (false, at);
        }
        let line = if self.first.contains_key("kbdinteractiveauthentication") { line } else { self.or("usepam", "").1 };
        (true, line)
    }
    fn by_pam(&self) -> bool {
        parse::is_yes(&self.or("usepam", "no").0)
    }
    /// `AuthenticationMethods` leaves a way by the keyboard.
    fn methods_allow(&self) -> bool {
        let (methods, _) = self.or("authenticationmethods", "any");
        methods.split([' ', ',']).any(|m| m == "any" || m.starts_with("keyboard-interactive"))
    }
    /// Notes a gap where a `Match` block says something else than holds for everybody.
    fn gaps(&self, out: &mut Out<'_>) {
        let password = self.password().0;
        for c in &self.conditional {
            let default = DEFAULTS.iter().find(|(key, _)| *key == c.key).map_or("", |(_, default)| default);
            let same = self.or(c.key, default).0 == plain(&c.args);
            // What only matters to the way through PAM changes nothing if that is closed or a password opens anyway.
            let by_pam = matches!(c.key, "authenticationmethods" | "kbdinteractiveauthentication");
            if !same && (!by_pam || (self.by_pam() && !password)) {
                out.gap(c.fact, GapReason::Unsupported, Some(c.at.clone()));
            }
        }
        // Nobody but the program knows which keys it answers.
        if let Some((_, at)) = self.get("authorizedkeyscommand").filter(|(v, _)| plain(v) != "none") {
            out.gap("ssh.authorized_key", GapReason::Unsupported, Some(at));
        }
    }
}

/// Defaults of `sshd_config(5)` as compiled by the project.
const DEFAULTS: [(&str, &str); 10] = [
    ("allowtcpforwarding", "yes"),
    ("authenticationmethods", "any"),
    ("authorizedkeyscommand", "none"),
    ("gatewayports", "no"),
    ("kbdinteractiveauthentication", "yes"),
    ("maxauthtries", "6"),
    ("passwordauthentication", "yes"),
    ("permitemptypasswords", "no"),
    ("permitrootlogin", "prohibit-password"),
    ("x11forwarding", "no"),
];

/// The words in lower case, with the older name of a value made the present one.
fn plain(args: &[String]) -> String {
    let value = args.join(" ").to_ascii_lowercase();
    if value == "without-password" { "prohibit-password".to_owned() } else { value }
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
    let (root, at) = config.or("permitrootlogin", "prohibit-password");
    out.fact("ssh.permit_root_login", parse::printable(&root), at);
    let (password, at) = config.password();
    out.fact("ssh.password_authentication", password, at);
    for (id, key, default) in
        [("ssh.permit_empty_passwords", "permitemptypasswords", "no"), ("ssh.x11_forwarding", "x11forwarding", "no")]
    {
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
    config.gaps(out);
    out.gaps(FACTS, &look.misses);
}

/// Keys of every account, in the files that the server would read.
pub(crate) fn authorized_keys(out: &mut Out<'_>, _stop: &Stop) {
    let accounts = out.shared.accounts(out.host);
    out.gaps(KEY_FACTS, &accounts.misses);
    let mut look = out.look();
    let config = Config::read(&mut look, Path::new("/usr/sbin/sshd"));
    config.gaps(out);
    let patterns = config.get("authorizedkeysfile").map_or_else(
        || vec![".ssh/authorized_keys".to_owned(), ".ssh/authorized_keys2".to_owned()],
        |(words, _)| words.to_vec(),
    );
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

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        let fallback = crate::host::place(Path::new(CONFIG));
        let mut config = Config { first: BTreeMap::new(), conditional: Vec::new(), fallback, files: 0 };
        for l in parse::sshd_lines(text) {
            let at = crate::host::place(Path::new(CONFIG)).line(l.line as u64);
            if l.global {
                config.first.entry(l.key).or_insert((l.args, at));
            }
        }
        config
    }

    #[test]
    fn pam_asks_for_a_password_too() {
        // sshd_config(5): KbdInteractiveAuthentication is on by default, UsePAM is off by default.
        for (text, want, line) in [
            ("PasswordAuthentication no\n", false, Some(1)),
            ("PasswordAuthentication no\nUsePAM yes\n", true, Some(2)),
            ("PasswordAuthentication no\nUsePAM yes\nKbdInteractiveAuthentication no\n", false, Some(1)),
            ("PasswordAuthentication no\nUsePAM YES\nChallengeResponseAuthentication Yes\n", true, Some(3)),
            ("PasswordAuthentication no\nKbdInteractiveAuthentication yes\n", false, Some(1)),
            ("PasswordAuthentication no\nUsePAM yes\nAuthenticationMethods publickey\n", false, Some(1)),
            (
                "PasswordAuthentication no\nUsePAM yes\nAuthenticationMethods publickey,keyboard-interactive:pam\n",
                true,
                Some(2),
            ),
            ("PasswordAuthentication YES\n", true, Some(1)),
            ("Port 22\n", true, None),
        ] {
            let at = crate::host::place(Path::new(CONFIG));
            let at = match line {
                Some(line) => at.line(line),
                None => at,
            };
            assert_eq!(config(text).password(), (want, at), "{text}");
        }
    }
}

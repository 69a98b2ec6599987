//! Rules for passwords and sessions: PAM, login.defs, shell profiles.

use crate::host::{File, Look};
use crate::out::Out;
use crate::parse::{self, PamRule};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &[
    "pam.lockout",
    "pam.password_quality",
    "password.hash",
    "password.max_days",
    "password.min_length",
    "session.timeout_seconds",
    "umask",
];

/// Stacks that guard log-ins, Debian's and Red Hat's names.
const STACKS: [&str; 8] = [
    "/etc/pam.d/common-auth",
    "/etc/pam.d/common-account",
    "/etc/pam.d/common-password",
    "/etc/pam.d/system-auth",
    "/etc/pam.d/password-auth",
    "/etc/pam.d/base-auth",
    "/etc/pam.d/base-password",
    "/etc/pam.d/sshd",
];

/// `PASS_MAX_DAYS` where nothing is set: no limit, written as distributions write it.
const MAX_DAYS_UNSET: i64 = 99_999;

struct Stack {
    file: File,
    rules: Vec<PamRule>,
}

fn find<'s>(stacks: &'s [Stack], modules: &[&str]) -> Option<(&'s File, &'s PamRule)> {
    stacks.iter().find_map(|s| Some((&s.file, s.rules.iter().find(|r| modules.contains(&r.module.as_str()))?)))
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let stacks: Vec<Stack> = STACKS
        .iter()
        .filter_map(|p| look.read(p))
        .map(|file| Stack { rules: parse::pam_rules(&file.text()), file })
        .collect();
    let defs = look.read("/etc/login.defs");
    let nothing = crate::collect::at("/etc/pam.d");
    if let Some(first) = stacks.first() {
        let lock = find(&stacks, &["pam_faillock.so", "pam_tally2.so", "pam_tally.so"]);
        let at = lock.map_or_else(|| first.file.place(), |(f, r)| f.line(r.line));
        out.fact("pam.lockout", lock.is_some(), at);
        let quality = find(&stacks, &["pam_pwquality.so", "pam_cracklib.so", "pam_passwdqc.so"]);
        let at = quality.map_or_else(|| first.file.place(), |(f, r)| f.line(r.line));
        out.fact("pam.password_quality", quality.is_some(), at);
    } else if look.stat("/etc/passwd").is_some() {
        out.fact("pam.lockout", false, nothing.clone());
        out.fact("pam.password_quality", false, nothing);
    }
    hash(out, &stacks, defs.as_ref());
    min_length(out, &mut look, &stacks, defs.as_ref());
    if let Some(f) = &defs {
        match parse::login_defs(&f.text(), "PASS_MAX_DAYS") {
            Some((line, v)) => {
                let days = v.parse::<i64>().ok().filter(|d| *d >= 0 && *d < MAX_DAYS_UNSET).unwrap_or(MAX_DAYS_UNSET);
                out.fact("password.max_days", days, f.line(line));
            }
            None => out.fact("password.max_days", MAX_DAYS_UNSET, f.place()),
        }
    }
    out.gaps(&FACTS[..5], &look.misses);
    profiles(out, defs.as_ref());
}

fn hash(out: &mut Out<'_>, stacks: &[Stack], defs: Option<&File>) {
    let schemes = ["yescrypt", "gost_yescrypt", "blowfish", "sha512", "sha256", "md5", "bigcrypt"];
    for s in stacks {
        for r in s.rules.iter().filter(|r| r.kind == "password" && r.module == "pam_unix.so") {
            if let Some(scheme) = r.args.iter().find(|a| schemes.contains(&a.as_str())) {
                return out.fact("password.hash", scheme.as_str(), s.file.line(r.line));
            }
        }
    }
    let Some(f) = defs else { return };
    match parse::login_defs(&f.text(), "ENCRYPT_METHOD") {
        Some((line, v)) => out.fact("password.hash", parse::printable(&v.to_ascii_lowercase()), f.line(line)),
        // login.defs(5): DES if nothing is said.
        None => out.fact("password.hash", "des", f.place()),
    }
}

/// pwquality asks for 8 characters unless told otherwise, cracklib for 9, pam_unix alone for 6, shadow without PAM
/// for 5: each by its own manual page.
fn min_length(out: &mut Out<'_>, look: &mut Look<'_>, stacks: &[Stack], defs: Option<&File>) {
    let argument = |r: &PamRule, name: &str| {
        r.args.iter().find_map(|a| a.strip_prefix(name)?.strip_prefix('=')?.parse::<i64>().ok())
    };
    if let Some((f, r)) = find(stacks, &["pam_pwquality.so"]) {
        if let Some(n) = argument(r, "minlen") {
            return out.fact("password.min_length", n, f.line(r.line));
        }
        let mut files: Vec<File> = look.read("/etc/security/pwquality.conf").into_iter().collect();
        files.extend(look.drop_ins("/etc/security/pwquality.conf.d", ".conf"));
        for f in files.iter().rev() {
            let set = parse::settings(&f.text()).filter(|(_, k, _)| k == "minlen").last();
            if let Some((line, n)) = set.and_then(|(line, _, v)| Some((line, v.parse::<i64>().ok()?))) {
                return out.fact("password.min_length", n, f.line(line));
            }
        }
        return out.fact("password.min_length", 8, f.line(r.line));
    }
    if let Some((f, r)) = find(stacks, &["pam_cracklib.so"]) {
        return out.fact("password.min_length", argument(r, "minlen").unwrap_or(9), f.line(r.line));
    }
    for s in stacks {
        if let Some(r) = s.rules.iter().find(|r| r.kind == "password" && r.module == "pam_unix.so") {
            return out.fact("password.min_length", argument(r, "minlen").unwrap_or(6), s.file.line(r.line));
        }
    }
    let Some(f) = defs else { return };
    let set = parse::login_defs(&f.text(), "PASS_MIN_LEN").and_then(|(line, v)| Some((line, v.parse::<i64>().ok()?)));
    match set {
        Some((line, n)) => out.fact("password.min_length", n, f.line(line)),
        None => out.fact("password.min_length", 5, f.place()),
    }
}

/// Shell profiles that set `TMOUT` and `umask` for log-ins; the last one read wins.
fn profiles(out: &mut Out<'_>, defs: Option<&File>) {
    let mut look = out.look();
    let mut files: Vec<File> = Vec::new();
    files.extend(look.read("/etc/profile"));
    files.extend(look.drop_ins("/etc/profile.d", ".sh"));
    for p in ["/etc/bash.bashrc", "/etc/bashrc"] {
        files.extend(look.read(p));
    }
    let last =
        |name: &str| files.iter().rev().find_map(|f| parse::shell_assignments(&f.text(), name).pop().map(|v| (f, v)));
    match last("TMOUT").and_then(|(f, (line, v))| Some((f.line(line), v.parse::<i64>().ok()?))) {
        Some((at, seconds)) => out.fact("session.timeout_seconds", seconds, at),
        // Nothing set: a shell waits for ever, written as 0.
        None => {
            if let Some(f) = files.first() {
                out.fact("session.timeout_seconds", 0, f.place());
            }
        }
    }
    let octal = |v: &str| parse::octal(v).filter(|m| *m <= 0o777).map(|m| format!("{m:03o}"));
    let profile = last("umask").and_then(|(f, (line, v))| Some((octal(&v)?, f.line(line))));
    let login = defs.and_then(|f| {
        let (line, v) = parse::login_defs(&f.text(), "UMASK")?;
        Some((octal(&v)?, f.line(line)))
    });
    match profile.or(login) {
        Some((mask, at)) => out.fact("umask", mask, at),
        // The kernel's own mask for the first process.
        None => {
            if let Some(f) = defs {
                out.fact("umask", "022", f.place());
            }
        }
    }
    out.gaps(&["session.timeout_seconds", "umask"], &look.misses);
}

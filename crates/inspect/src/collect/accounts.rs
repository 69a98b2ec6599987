//! Accounts, their groups and their last log-ins. Hashes stay in the parser.

use crate::host::{File, Miss};
use crate::out::Out;
use crate::{collect::with, parse};
use evidence::{FactValue, GapReason, Time};
use std::collections::BTreeMap;
use std::path::Path;
use stdx::Stop;

/// Facts about accounts.
pub(crate) const FACTS: &[&str] = &["account", "group.privileged"];
/// Facts about log-ins.
pub(crate) const LOGIN_FACTS: &[&str] = &["account.last_login"];

/// Groups whose members can become root or read everything: by sudo or su policy, by raw disks, by starting
/// containers or virtual machines, or by reading the password hashes.
const PRIVILEGED: [&str; 12] =
    ["root", "wheel", "sudo", "admin", "docker", "lxd", "incus-admin", "libvirt", "disk", "kmem", "shadow", "podman"];

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let Some(file) = look.read("/etc/passwd") else {
        if look.misses.is_empty() {
            look.miss(GapReason::Missing, Path::new("/etc/passwd"));
        }
        return out.gaps(FACTS, &look.misses);
    };
    let accounts = parse::passwd(&file.text());
    // A line that cannot be read may be an account that nobody sees.
    broken(out, "account", &file, &parse::Passwd::broken_lines(&file.text()));
    let mut shadow: BTreeMap<String, parse::Shadow> = BTreeMap::new();
    if let Some(f) = look.read("/etc/shadow") {
        broken(out, "account", &f, &parse::Shadow::broken_lines(&f.text()));
        // Of several lines with one name the system takes the first.
        for s in parse::shadow(&f.text()) {
            shadow.entry(s.name.clone()).or_insert(s);
        }
    }
    for a in &accounts {
        let mut row = FactValue::row([
            ("name", parse::printable(&a.name).into()),
            ("uid", i64::from(a.uid).into()),
            ("gid", i64::from(a.gid).into()),
            ("shell", parse::printable(&a.shell).into()),
            ("login", a.login().into()),
            ("home", parse::printable(&a.home).into()),
        ]);
        // A hash in /etc/passwd itself counts like one in the shadow file.
        let entry = shadow.get(&a.name).filter(|_| a.password == "x");
        let unreadable = a.password == "x" && !look.misses.is_empty();
        let state = match entry {
            Some(s) => s.state,
            None if a.password == "x" => "none",
            None => parse::password_state(&a.password),
        };
        with(&mut row, "password", (!unreadable).then_some(state));
        let scheme = entry.map_or_else(|| parse::password_scheme(&a.password), |s| s.scheme);
        with(&mut row, "scheme", scheme);
        with(&mut row, "changed_day", entry.and_then(|s| s.changed_day));
        with(&mut row, "max_days", entry.and_then(|s| s.max_days));
        with(&mut row, "expire_day", entry.and_then(|s| s.expire_day));
        out.fact("account", row, file.line(a.line));
    }
    out.gaps(&["account"], &look.misses);
    groups(out, &accounts);
}

fn broken(out: &mut Out<'_>, id: &'static str, file: &File, lines: &[usize]) {
    for line in lines {
        out.gap(id, GapReason::Corrupt, Some(file.line(*line)));
    }
}

fn groups(out: &mut Out<'_>, accounts: &[parse::Passwd]) {
    let mut look = out.look();
    if let Some(f) = look.read("/etc/group") {
        broken(out, "group.privileged", &f, &parse::Group::broken_lines(&f.text()));
        for g in parse::group(&f.text()).iter().filter(|g| PRIVILEGED.contains(&g.name.as_str()) || g.gid == 0) {
            let by_primary = accounts.iter().filter(|a| a.gid == g.gid && a.uid != 0).map(|a| a.name.clone());
            let mut members: Vec<String> = g.members.iter().cloned().chain(by_primary).collect();
            members.sort();
            members.dedup();
            for m in members.iter().filter(|m| *m != "root") {
                let row = FactValue::row([
                    ("member", parse::printable(m).into()),
                    ("group", parse::printable(&g.name).into()),
                ]);
                out.fact("group.privileged", row, f.line(g.line));
            }
        }
    }
    out.gaps(&["group.privileged"], &look.misses);
}

/// Size of a record of lastlog.
const LASTLOG_RECORD_BYTES: usize = 292;
/// The newest part of wtmp that is read, in bytes.
const WTMP_BYTES_MAX: u64 = 384 * 50_000;

/// Last log-ins from lastlog and wtmp, the newer of both.
pub(crate) fn last_logins(out: &mut Out<'_>, _stop: &Stop) {
    let accounts = out.shared.accounts(out.host);
    out.gaps(LOGIN_FACTS, &accounts.misses);
    let mut look = out.look();
    let mut newest: BTreeMap<String, (i64, &str)> = BTreeMap::new();
    let (lastlog, wtmp) = ("/var/log/lastlog", "/var/log/wtmp");
    let mut seen = false;
    if look.stat(lastlog).is_some() {
        seen = true;
        for a in &accounts.value {
            let offset = u64::from(a.uid).saturating_mul(LASTLOG_RECORD_BYTES as u64);
            match out.host.piece(Path::new(lastlog), offset, LASTLOG_RECORD_BYTES) {
                Ok(record) => {
                    if let Some(t) = parse::lastlog_time(&record) {
                        newest.entry(a.name.clone()).or_insert((t, lastlog));
                    }
                }
                Err(Miss::Gap(reason)) => {
                    look.miss(reason, Path::new(lastlog));
                    break;
                }
                Err(Miss::Absent) => break,
            }
        }
    }
    if let Some(meta) = look.stat(wtmp) {
        seen = true;
        let len = meta.size.min(WTMP_BYTES_MAX) / 384 * 384;
        let from = (meta.size / 384 * 384).saturating_sub(len);
        match out.host.piece(Path::new(wtmp), from, usize::try_from(len).unwrap_or(0)) {
            Ok(bytes) => {
                for (name, t) in parse::wtmp(&bytes) {
                    if newest.get(&name).is_none_or(|(have, _)| *have < t) {
                        newest.insert(name, (t, wtmp));
                    }
                }
            }
            Err(Miss::Gap(reason)) => look.miss(reason, Path::new(wtmp)),
            Err(Miss::Absent) => {}
        }
    }
    if look.stat("/var/lib/lastlog/lastlog2.db").is_some() {
        look.miss(GapReason::Unsupported, Path::new("/var/lib/lastlog/lastlog2.db"));
    } else if !seen && look.misses.is_empty() {
        look.miss(GapReason::Missing, Path::new(lastlog));
    }
    for a in &accounts.value {
        if let Some((t, path)) = newest.get(&a.name) {
            let at = FactValue::time(Time::from_secs(*t));
            let row = FactValue::row([("name", parse::printable(&a.name).into()), ("at", at)]);
            out.fact("account.last_login", row, crate::collect::at(path));
        }
    }
    out.gaps(LOGIN_FACTS, &look.misses);
}

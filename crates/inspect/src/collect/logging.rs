//! Logs: whether they are written, kept, sent away, and how far back they reach; audit rules.

use crate::host::{File, Look, place};
use crate::out::Out;
use crate::{collect, parse};
use evidence::{FactValue, GapReason, Place, Time};
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts about logs.
pub(crate) const FACTS: &[&str] =
    &["log.journal_persistent", "log.oldest", "log.remote", "log.retention_days", "log.syslog_present"];
/// Facts about the audit system.
pub(crate) const AUDIT_FACTS: &[&str] = &["audit.present", "audit.rules"];

/// Names of the system's own logs, rotated ones included; what applications write is left out.
const SYSTEM_LOGS: [&str; 11] = [
    "syslog*",
    "messages*",
    "auth.log*",
    "secure*",
    "kern.log*",
    "daemon.log*",
    "user.log*",
    "cron*",
    "wtmp*",
    "audit.log*",
    "*.journal*",
];

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let daemon = ["rsyslogd", "syslog-ng", "syslogd"].iter().find_map(|n| collect::program(&mut look, n));
    let at = place(daemon.as_deref().unwrap_or(Path::new("/usr/sbin/rsyslogd")));
    out.fact("log.syslog_present", daemon.is_some(), at);
    out.gaps(&["log.syslog_present"], &look.misses);
    let journal = journal(out);
    oldest(out);
    remote(out);
    retention(out, journal);
}

/// Settings of journald: main file, then drop-ins; the last one wins.
fn journal(out: &mut Out<'_>) -> Option<(i64, Place)> {
    let mut look = out.look();
    let daemon = look.first(&["/usr/lib/systemd/systemd-journald", "/lib/systemd/systemd-journald"])?;
    let mut files: Vec<File> =
        ["/usr/lib/systemd/journald.conf", "/etc/systemd/journald.conf"].iter().filter_map(|p| look.read(p)).collect();
    for dir in ["/usr/lib/systemd/journald.conf.d", "/etc/systemd/journald.conf.d"] {
        files.extend(look.drop_ins(dir, ".conf"));
    }
    let last = |key: &str| {
        files.iter().rev().find_map(|f| {
            let l = parse::ini(&f.text()).into_iter().rfind(|l| l.key == key)?;
            Some((l.value, f.line(l.line)))
        })
    };
    let kept = look.stat("/var/log/journal").is_some();
    let (persistent, at) = match last("Storage") {
        Some((v, at)) if v == "persistent" => (true, at),
        Some((v, at)) if v != "auto" => (false, at),
        // `auto` keeps records if the folder is there.
        set => (
            kept,
            set.map_or_else(|| if kept { collect::at("/var/log/journal") } else { collect::at(daemon) }, |s| s.1),
        ),
    };
    out.fact("log.journal_persistent", persistent, at);
    out.gaps(&["log.journal_persistent"], &look.misses);
    last("MaxRetentionSec")
        .and_then(|(v, at)| Some((parse::duration_days(&v)?, at)))
        .filter(|(days, _)| persistent && *days > 0)
}

fn oldest(out: &mut Out<'_>) {
    let mut look = out.look();
    let mut found: Option<(i64, PathBuf)> = None;
    let mut folders = vec![PathBuf::from("/var/log"), "/var/log/audit".into()];
    folders.extend(look.list("/var/log/journal").into_iter().map(|e| e.path));
    for dir in folders {
        for e in look.list(&dir) {
            if !SYSTEM_LOGS.iter().any(|p| parse::glob(p, &e.text())) {
                continue;
            }
            let Some(meta) = look.stat(&e.path).filter(|m| m.is_file() && m.size > 0) else { continue };
            if found.as_ref().is_none_or(|(t, _)| meta.mtime < *t) {
                found = Some((meta.mtime, e.path));
            }
        }
    }
    if let Some((t, path)) = found {
        out.fact("log.oldest", FactValue::time(Time::from_secs(t)), place(&path));
    }
    out.gaps(&["log.oldest"], &look.misses);
}

fn remote(out: &mut Out<'_>) {
    let mut look = out.look();
    let mut files: Vec<File> = ["/etc/rsyslog.conf", "/etc/syslog-ng/syslog-ng.conf", "/etc/syslog.conf"]
        .iter()
        .filter_map(|p| look.read(p))
        .collect();
    files.extend(look.drop_ins("/etc/rsyslog.d", ".conf"));
    files.extend(look.drop_ins("/etc/syslog-ng/conf.d", ".conf"));
    let mut at = files.iter().find_map(|f| parse::remote_syslog(&f.text()).map(|n| f.line(n)));
    if at.is_none()
        && let Some(f) = look.read("/etc/systemd/journal-upload.conf")
    {
        at = parse::ini(&f.text()).iter().find(|l| l.key == "URL" && !l.value.is_empty()).map(|l| f.line(l.line));
    }
    // Shippers whose only work is to send logs away, if something starts them.
    let shippers = [
        "filebeat.service",
        "fluent-bit.service",
        "fluentd.service",
        "td-agent.service",
        "promtail.service",
        "vector.service",
        "nxlog.service",
        "alloy.service",
    ];
    let units = &out.shared.units(out.host).value;
    let at = at.or_else(|| units.iter().find(|u| shippers.contains(&u.name.as_str())).map(|u| u.at.clone()));
    let none = files.first().map_or_else(|| collect::at("/etc/rsyslog.conf"), File::place);
    out.fact("log.remote", at.is_some(), at.unwrap_or(none));
    out.gaps(&["log.remote"], &look.misses);
}

/// Days that logrotate keeps the main system log; without one, the journal's limit of time.
fn retention(out: &mut Out<'_>, journal: Option<(i64, Place)>) {
    let mut look = out.look();
    let mut files: Vec<File> = look.read("/etc/logrotate.conf").into_iter().collect();
    files.extend(look.drop_ins("/etc/logrotate.d", ""));
    let defaults = files.first().and_then(|f| parse::logrotate(&f.text()).into_iter().next());
    let main_logs = ["/var/log/syslog", "/var/log/messages"];
    let mut days = None;
    for f in &files {
        for row in parse::logrotate(&f.text()) {
            if !row.files.iter().any(|p| main_logs.contains(&p.as_str())) {
                continue;
            }
            let period = row.period_days.or(defaults.as_ref().and_then(|d| d.period_days)).unwrap_or(7);
            let keep = row.keep.or(defaults.as_ref().and_then(|d| d.keep)).unwrap_or(0);
            let age = row.max_age_days.or(defaults.as_ref().and_then(|d| d.max_age_days)).unwrap_or(i64::MAX);
            days.get_or_insert((period.saturating_mul(keep).min(age), f.line(row.line)));
        }
    }
    if let Some((days, at)) = days.or(journal) {
        out.fact("log.retention_days", days, at);
    } else if look.misses.is_empty() {
        // Nothing sets a time: how long logs last depends on how fast they grow.
        out.gap_at(&["log.retention_days"], GapReason::Missing, Path::new("/etc/logrotate.d"));
    }
    out.gaps(&["log.retention_days"], &look.misses);
}

/// The audit daemon and its rules.
pub(crate) fn audit(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let daemon = collect::program(&mut look, "auditd");
    let at = place(daemon.as_deref().unwrap_or(Path::new("/usr/sbin/auditd")));
    out.fact("audit.present", daemon.is_some(), at);
    if daemon.is_some() {
        let (count, at) = rules(&mut look);
        out.fact("audit.rules", count, at);
    }
    out.gaps(AUDIT_FACTS, &look.misses);
}
fn rules(look: &mut Look<'_>) -> (i64, Place) {
    let mut files = look.drop_ins("/etc/audit/rules.d", ".rules");
    if files.is_empty() {
        files.extend(look.read("/etc/audit/audit.rules"));
    }
    // -D, -b, -f and the like set up the system; -a, -A and -w watch something.
    let watches =
        |f: &File| parse::lines(&f.text()).filter(|(_, l)| ["-a", "-A", "-w"].iter().any(|o| l.starts_with(o))).count();
    let count = files.iter().map(watches).sum::<usize>();
    let at = files.iter().max_by_key(|f| watches(f)).map_or_else(|| collect::at("/etc/audit/rules.d"), File::place);
    (i64::try_from(count).unwrap_or(i64::MAX), at)
}

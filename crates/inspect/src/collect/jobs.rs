//! Jobs of cron and anacron.

use crate::host::{File, Look};
use crate::out::Out;
use crate::parse::{self, CronJob};
use crate::shared::{self, Job};
use evidence::FactValue;
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["cron.entry"];

/// Every job.
pub(crate) fn cron_jobs(look: &mut Look<'_>) -> Vec<Job> {
    let uids: std::collections::BTreeMap<String, u32> = look
        .read("/etc/passwd")
        .map(|f| parse::passwd(&f.text()).into_iter().map(|a| (a.name, a.uid)).collect())
        .unwrap_or_default();
    let mut out = Vec::new();
    let mut take = |look: &mut Look<'_>, f: &File, jobs: Vec<CronJob>, owner: Option<String>| {
        for j in jobs {
            let user = j.user.clone().or_else(|| owner.clone()).unwrap_or_else(|| "root".into());
            let uid = uids.get(&user).copied().unwrap_or(0);
            let program = j.program().unwrap_or_default();
            let writable = f.meta.writable_by_others() || shared::program_writable(look, &program, uid);
            out.push(Job {
                file: shared::text_of(&f.path),
                at: f.line(j.line),
                user,
                schedule: j.schedule,
                command: j.command,
                writable,
            });
        }
    };
    let mut system: Vec<File> = look.read("/etc/crontab").into_iter().collect();
    system.extend(look.drop_ins("/etc/cron.d", ""));
    for f in &system {
        take(look, f, parse::crontab(&f.text(), true), None);
    }
    for dir in ["/var/spool/cron/crontabs", "/var/spool/cron", "/var/spool/cron/tabs", "/etc/crontabs"] {
        for e in look.list(dir) {
            if look.host.stat(&e.path).is_ok_and(|m| m.is_dir()) {
                continue;
            }
            if let Some(f) = look.read(&e.path) {
                take(look, &f, parse::crontab(&f.text(), false), Some(parse::printable(&e.text())));
            }
        }
    }
    if let Some(f) = look.read("/etc/anacrontab") {
        take(look, &f, parse::anacrontab(&f.text()), None);
    }
    for period in ["hourly", "daily", "weekly", "monthly"] {
        for f in look.drop_ins(format!("/etc/cron.{period}"), "") {
            if f.meta.mode & 0o111 != 0 {
                let command = shared::text_of(&f.path);
                let job = CronJob { line: 1, schedule: format!("@{period}"), user: None, command };
                take(look, &f, vec![job], None);
            }
        }
    }
    out
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let jobs = out.shared.jobs(out.host);
    for j in &jobs.value {
        let row = FactValue::row([
            ("file", j.file.as_str().into()),
            ("user", parse::printable(&j.user).into()),
            ("schedule", parse::printable(&j.schedule).into()),
            ("command", parse::scrub(&j.command).into()),
            ("writable", j.writable.into()),
        ]);
        out.fact("cron.entry", row, j.at.clone());
    }
    out.gaps(FACTS, &jobs.misses);
}

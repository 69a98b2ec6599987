//! Jobs: crontabs, anacron, unit files and desktop entries.

use super::{scrub::scrub, words};

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronJob {
    /// Line.
    pub line: usize,
    /// Five fields, or a nickname such as `@reboot`.
    pub schedule: String,
    /// The account, if the file names one.
    pub user: Option<String>,
    /// The command as written; scrub it before it leaves.
    pub command: String,
}
impl CronJob {
    /// The program that runs: the first word that is neither an assignment nor a wrapper.
    #[must_use]
    pub fn program(&self) -> Option<String> {
        exec_words(&self.command).into_iter().next()
    }
}

/// Jobs of a crontab; `with_user` for `/etc/crontab` and `/etc/cron.d`.
#[must_use]
pub fn crontab(text: &str, with_user: bool) -> Vec<CronJob> {
    words::lines(text).filter_map(|(line, l)| cron_line(line, l, with_user)).collect()
}

fn cron_line(line: usize, l: &str, with_user: bool) -> Option<CronJob> {
    let fields = if l.starts_with('@') { 1 } else { 5 };
    let mut rest = l;
    let mut schedule = Vec::new();
    for _ in 0..fields {
        let (field, more) = rest.split_once(char::is_whitespace)?;
        schedule.push(field);
        rest = more.trim_start();
    }
    let first = schedule.first()?.chars().next()?;
    if !(first.is_ascii_digit() || "*@-~".contains(first)) {
        return None;
    }
    let mut user = None;
    if with_user {
        let (name, more) = rest.split_once(char::is_whitespace)?;
        user = Some(name.to_owned());
        rest = more.trim_start();
    }
    (!rest.is_empty()).then(|| CronJob { line, schedule: schedule.join(" "), user, command: rest.to_owned() })
}

/// Jobs of `/etc/anacrontab`: period, delay, name, command; they run as root.
#[must_use]
pub fn anacrontab(text: &str) -> Vec<CronJob> {
    words::lines(text)
        .filter_map(|(line, l)| {
            let mut f = l.split_whitespace();
            let period = f.next()?;
            if !period.starts_with(|c: char| c.is_ascii_digit() || c == '@') {
                return None;
            }
            let command = f.skip(2).collect::<Vec<_>>().join(" ");
            let schedule = if period.starts_with('@') { period.to_owned() } else { format!("every {period} days") };
            (!command.is_empty()).then(|| CronJob { line, schedule, user: Some("root".into()), command })
        })
        .collect()
}

/// Words of a command from the program on: assignments, `[ … ] &&` tests and the usual wrappers are passed over.
#[must_use]
pub fn exec_words(command: &str) -> Vec<String> {
    let all = words::split_words(command);
    let mut at = 0;
    if matches!(all.first().map(String::as_str), Some("[" | "test" | "cd" | "command" | "sleep" | "source" | ".")) {
        at = all.iter().position(|w| ["&&", "||", ";"].contains(&w.as_str())).map_or(0, |p| p + 1);
    }
    let wrappers = ["nice", "ionice", "nohup", "env", "exec", "sudo", "chronic", "setsid", "time", "{", "("];
    let mut wrapped = false;
    while let Some(w) = all.get(at) {
        let base = w.rsplit('/').next().unwrap_or(w);
        if wrappers.contains(&base) {
            wrapped = true;
        } else if (!w.contains('=') || w.starts_with('/'))
            && !(wrapped && (w.starts_with('-') || w.parse::<u32>().is_ok()))
        {
            break;
        }
        at += 1;
    }
    all.get(at..).unwrap_or_default().to_vec()
}

/// A setting of a unit file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitLine {
    /// Line.
    pub line: usize,
    /// Section without brackets.
    pub section: String,
    /// Key.
    pub key: String,
    /// Value; continued lines are joined.
    pub value: String,
}

/// Settings of an INI-like file: unit files, desktop entries, journald.conf and others.
#[must_use]
pub fn ini(text: &str) -> Vec<UnitLine> {
    let mut section = String::new();
    let mut out: Vec<UnitLine> = Vec::new();
    let mut open = false;
    for (n, l) in text.lines().enumerate() {
        let l = l.trim();
        if l.starts_with(['#', ';']) || (l.is_empty() && !open) {
            continue;
        }
        let (body, more) = l.strip_suffix('\\').map_or((l, false), |b| (b, true));
        if open {
            if let Some(last) = out.last_mut() {
                last.value.push(' ');
                last.value.push_str(body.trim());
            }
        } else if let Some(name) = body.strip_prefix('[').and_then(|b| b.strip_suffix(']')) {
            name.clone_into(&mut section);
            continue;
        } else if let Some((key, value)) = body.split_once('=') {
            let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
            out.push(UnitLine { line: n + 1, section: section.clone(), key, value });
        } else {
            continue;
        }
        open = more;
    }
    out
}

/// The program of a desktop entry, unless it is hidden: (line, command).
#[must_use]
pub fn desktop_exec(text: &str) -> Option<(usize, String)> {
    let entry = ini(text);
    let of = |key: &str| entry.iter().find(|l| l.section == "Desktop Entry" && l.key == key);
    if of("Hidden").is_some_and(|l| words::is_yes(&l.value)) {
        return None;
    }
    of("Exec").map(|l| (l.line, scrub(&l.value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crontabs_of_both_kinds() {
        let j = crontab(
            "SHELL=/bin/sh\n# c\n17 *\t* * *\troot    cd / && run-parts --report /etc/cron.hourly\n@reboot root /opt/frpc -c x\n* * *\n",
            true,
        );
        assert_eq!(j.len(), 2);
        assert_eq!((j[0].line, j[0].schedule.as_str(), j[0].user.as_deref()), (3, "17 * * * *", Some("root")));
        assert_eq!(j[0].program().as_deref(), Some("run-parts"));
        assert_eq!((j[1].schedule.as_str(), j[1].program().as_deref()), ("@reboot", Some("/opt/frpc")));
        let u = crontab("*/5 * * * * FOO=1 nice -n 10 /home/u/x.sh\n", false);
        assert_eq!((u[0].user.clone(), u[0].program().as_deref()), (None, Some("/home/u/x.sh")));
        assert_eq!(anacrontab("7 10 weekly run-parts /etc/cron.weekly\nDELAY=1 2 3 4\n").len(), 1);
    }

    #[test]
    fn units_with_continued_lines() {
        let u = ini("[Service]\nExecStart=/bin/a \\\n  --b\n# c\n[Install]\nWantedBy=multi-user.target\n");
        assert_eq!((u[0].line, u[0].value.as_str()), (2, "/bin/a --b"));
        assert_eq!((u[1].section.as_str(), u[1].line), ("Install", 6));
    }
}

//! Who may become root, whether that is logged, and whether sessions are recorded.

use crate::host::{File, Look};
use crate::out::Out;
use crate::parse::{self, SudoLine};
use crate::shared;
use evidence::{FactValue, Place};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["session.recorded", "sudo.logged", "sudo.rule"];
/// Most files that includes may lead to.
const FILES_MAX: usize = 512;

fn lines(look: &mut Look<'_>) -> Vec<(File, Vec<SudoLine>)> {
    let mut todo: Vec<PathBuf> = vec!["/etc/sudoers".into()];
    let mut out: Vec<(File, Vec<SudoLine>)> = Vec::new();
    let mut aliases = BTreeMap::new();
    while let Some(path) = todo.pop() {
        if out.len() >= FILES_MAX || out.iter().any(|(f, _)| f.path == path) {
            continue;
        }
        let Some(f) = look.read(&path) else { continue };
        let lines = parse::sudoers(&f.text(), &mut aliases);
        for l in lines.iter().rev() {
            let SudoLine::Include { path, folder, .. } = l else { continue };
            let path = Path::new("/etc").join(path);
            if *folder {
                // sudo passes over names with a dot or a tilde at the end, so that editors' copies do not count.
                let names =
                    look.list(&path).into_iter().filter(|e| !e.text().contains('.') && !e.text().ends_with('~'));
                todo.extend(names.map(|e| e.path).rev());
            } else {
                todo.push(path);
            }
        }
        out.push((f, lines));
    }
    out
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let files = lines(&mut look);
    let mut recorded: Option<Place> = None;
    let mut quiet: Option<Place> = None;
    let mut own_log: Option<Place> = None;
    for (f, lines) in &files {
        for l in lines {
            match l {
                SudoLine::Rule { line, who, nopasswd, command } => {
                    let row = FactValue::row([
                        ("who", parse::printable(who).into()),
                        ("nopasswd", (*nopasswd).into()),
                        ("all", (command == "ALL").into()),
                        ("command", parse::scrub(command).into()),
                        ("file", shared::text_of(&f.path).into()),
                    ]);
                    out.fact("sudo.rule", row, f.line(*line));
                }
                SudoLine::Default { line, setting } => {
                    let name = setting.split(['=', ' ']).next().unwrap_or_default();
                    match name {
                        "log_input" | "log_output" => recorded = Some(f.line(*line)),
                        "!syslog" => quiet = Some(f.line(*line)),
                        "syslog" => quiet = None,
                        "logfile" => own_log = Some(f.line(*line)),
                        _ => {}
                    }
                }
                SudoLine::Include { .. } => {}
            }
        }
    }
    if let Some((f, _)) = files.first() {
        // sudo writes to syslog unless told not to.
        let logged = quiet.is_none() || own_log.is_some();
        out.fact("sudo.logged", logged, own_log.or(quiet).unwrap_or_else(|| f.place()));
    }
    out.gaps(&["sudo.logged", "sudo.rule"], &look.misses);
    session(out, recorded);
}

fn session(out: &mut Out<'_>, by_sudo: Option<Place>) {
    let mut look = out.look();
    let mut place = by_sudo;
    for f in look.drop_ins("/etc/pam.d", "") {
        let rules = parse::pam_rules(&f.text());
        let on = |r: &&parse::PamRule| {
            r.module == "pam_tty_audit.so"
                && r.args.iter().any(|a| a.starts_with("enable=") && a.len() > "enable=".len())
        };
        if let Some(r) = rules.iter().find(on) {
            place.get_or_insert(f.line(r.line));
        }
    }
    let accounts = out.shared.accounts(out.host);
    if let Some(a) = accounts.value.iter().find(|a| a.shell.ends_with("tlog-rec-session")) {
        place.get_or_insert(crate::collect::at("/etc/passwd").line(a.line as u64));
    }
    if let Some(f) = look.read("/etc/sssd/conf.d/sssd-session-recording.conf") {
        let scope = parse::ini(&f.text()).into_iter().find(|l| l.key == "scope" && l.value != "none");
        if let Some(l) = scope {
            place.get_or_insert(f.line(l.line));
        }
    }
    let none = crate::collect::at("/etc/sudoers");
    out.fact("session.recorded", place.is_some(), place.unwrap_or(none));
    out.gaps(&["session.recorded"], &look.misses);
}

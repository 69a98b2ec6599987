//! Who may become root, whether that is logged, and whether sessions are recorded.

use crate::host::{File, Look};
use crate::out::Out;
use crate::parse::{self, SudoLine};
use crate::shared;
use evidence::{FactValue, GapReason, Place};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["session.recorded", "sudo.logged", "sudo.rule"];
/// Most files that includes may lead to.
const FILES_MAX: usize = 512;

fn lines(look: &mut Look<'_>) -> Vec<(File, Vec<SudoLine>)> {
    let mut todo: Vec<PathBuf> = vec!["/etc/sudoers".into()];
    let mut files: Vec<File> = Vec::new();
    let mut aliases = BTreeMap::new();
    while let Some(path) = todo.pop() {
        if files.iter().any(|f| f.path == path) {
            continue;
        }
        if files.len() >= FILES_MAX {
            look.miss(GapReason::TooMany, &path);
            break;
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
        files.push(f);
    }
    // A rule may use an alias that a later file defines, so the rules are read when all of them are known.
    let read = |f: File| {
        let lines = parse::sudoers(&f.text(), &mut aliases);
        (f, lines)
    };
    files.into_iter().map(read).collect()
}

/// Users for whom defaults turn the password off; an entry `ALL` stands for everybody.
fn unasked(out: &mut Out<'_>, files: &[(File, Vec<SudoLine>)]) -> BTreeSet<String> {
    let everybody = ["ALL".to_owned()];
    let mut unasked: BTreeMap<String, Place> = BTreeMap::new();
    let mut rules: BTreeSet<&str> = BTreeSet::new();
    for (f, lines) in files {
        for l in lines {
            match l {
                SudoLine::Authenticate { line, who, asked } => {
                    for who in if who.is_empty() { &everybody[..] } else { who } {
                        if *asked {
                            unasked.remove(who);
                        } else {
                            unasked.insert(who.clone(), f.line(*line));
                        }
                    }
                }
                SudoLine::Rule { who, .. } => _ = rules.insert(who),
                SudoLine::Unclear { line } => out.gap("sudo.rule", GapReason::Unsupported, Some(f.line(*line))),
                SudoLine::Broken { line } => out.gap("sudo.rule", GapReason::Corrupt, Some(f.line(*line))),
                SudoLine::TooMany { line } => out.gap("sudo.rule", GapReason::TooMany, Some(f.line(*line))),
                SudoLine::Default { .. } | SudoLine::Include { .. } => {}
            }
        }
    }
    // It then reaches rules for a group or for everybody, and whose they are is not known here.
    for (_, at) in unasked.iter().filter(|(who, _)| *who != "ALL" && !rules.contains(who.as_str())) {
        out.gap("sudo.rule", GapReason::Unsupported, Some(at.clone()));
    }
    unasked.into_keys().collect()
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let files = lines(&mut look);
    let unasked = unasked(out, &files);
    let mut recorded: Option<Place> = None;
    let mut quiet: Option<Place> = None;
    let mut own_log: Option<Place> = None;
    for (f, lines) in &files {
        for l in lines {
            match l {
                SudoLine::Rule { line, who, nopasswd, passwd, command } => {
                    let nopasswd = *nopasswd || (!passwd && (unasked.contains("ALL") || unasked.contains(who)));
                    let row = FactValue::row([
                        ("who", parse::printable(who).into()),
                        ("nopasswd", nopasswd.into()),
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
                _ => {}
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

//! What starts with Windows or with a log-in, besides services and tasks.

use super::World;
use super::command::windows_command;
use super::data::Data;
use super::disk;
use super::view::{Query, Root};
use crate::collect::with;
use crate::host::{Miss, place};
use crate::out::Out;
use crate::parse::printable;
use evidence::{FactValue, GapReason, Place};

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["windows.autorun"];

const MACHINE_RUN: [&str; 7] = [
    "Microsoft\\Windows\\CurrentVersion\\Run",
    "Microsoft\\Windows\\CurrentVersion\\RunOnce",
    "Microsoft\\Windows\\CurrentVersion\\RunOnceEx",
    "Microsoft\\Windows\\CurrentVersion\\Policies\\Explorer\\Run",
    "WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Run",
    "WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\RunOnce",
    "WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Policies\\Explorer\\Run",
];
const USER_RUN: [&str; 3] = [
    "Software\\Microsoft\\Windows\\CurrentVersion\\Run",
    "Software\\Microsoft\\Windows\\CurrentVersion\\RunOnce",
    "Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\Explorer\\Run",
];
const WINLOGON: &str = "Microsoft\\Windows NT\\CurrentVersion\\Winlogon";
const WINDOWS: [&str; 2] =
    ["Microsoft\\Windows NT\\CurrentVersion\\Windows", "WOW6432Node\\Microsoft\\Windows NT\\CurrentVersion\\Windows"];
const DEBUGGERS: [&str; 2] = [
    "Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options",
    "WOW6432Node\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options",
];
const MACHINE_STARTUP: &str = "/ProgramData/Microsoft/Windows/Start Menu/Programs/Startup";
const USER_STARTUP: &str = "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup";

struct Start<'a> {
    place: &'a str,
    name: &'a str,
    command: &'a str,
    user: Option<&'a str>,
    default: Option<bool>,
}

fn put(out: &mut Out<'_>, start: &Start<'_>, at: Place) {
    let id = format!("{} {}", start.place, printable(start.name));
    let mut row = FactValue::row([("entry", id.trim().into()), ("place", start.place.into())]);
    let command = windows_command(start.command);
    with(&mut row, "command", Some(command.shown.as_str()));
    with(&mut row, "user", start.user.map(printable));
    with(&mut row, "default", start.default);
    out.fact("windows.autorun", row, at);
}

/// The value as Windows sets it up, so that what was changed stands out.
fn is_default(name: &str, command: &str) -> bool {
    let command = command.trim().trim_end_matches(',').to_lowercase();
    let base = command.rsplit('\\').next().unwrap_or(&command);
    match name {
        "Shell" => command == "explorer.exe",
        "Userinit" => base == "userinit.exe" && (command == base || command.ends_with("\\system32\\userinit.exe")),
        _ => false,
    }
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    for key in MACHINE_RUN {
        run_key(out, &mut q, Root::Software, key, None);
    }
    let users = world.registry.users();
    for (n, user) in &users {
        let user = world.user_name(user);
        for key in USER_RUN {
            run_key(out, &mut q, Root::User(*n), key, Some(&user));
        }
    }
    world.absent_users(out, FACTS);
    single(out, &mut q, WINLOGON, "Shell", "Winlogon Shell");
    single(out, &mut q, WINLOGON, "Userinit", "Winlogon Userinit");
    for key in WINDOWS {
        single(out, &mut q, key, "AppInit_DLLs", "AppInit_DLLs");
    }
    for key in DEBUGGERS {
        for program in q.subkeys(Root::Software, key).unwrap_or_default() {
            let Some(seen) = q.value(Root::Software, &format!("{key}\\{program}"), "Debugger") else { continue };
            if let Some(command) = seen.text() {
                let start = Start { place: "Debugger", name: &program, command: &command, user: None, default: None };
                put(out, &start, seen.at);
            }
        }
    }
    packages(out, &mut q);
    q.settle(out, FACTS);
    match &world.bundle {
        None => startup_folders(out),
        Some(_) => startup_list(out, world),
    }
}

fn run_key(out: &mut Out<'_>, q: &mut Query<'_>, root: Root, key: &str, user: Option<&str>) {
    let place = key.rsplit('\\').next().unwrap_or(key);
    for (name, data, at) in q.values(root, key).unwrap_or_default() {
        if let Some(command) = data.text() {
            put(out, &Start { place, name: &name, command: &command, user, default: None }, at);
        }
    }
}
fn single(out: &mut Out<'_>, q: &mut Query<'_>, key: &str, name: &str, place: &str) {
    let Some(seen) = q.value(Root::Software, key, name) else { return };
    if let Some(command) = seen.text().filter(|t| !t.trim().is_empty()) {
        let default = Some(is_default(name, &command));
        put(out, &Start { place, name: "", command: &command, user: None, default }, seen.at);
    }
}
/// Packages that LSA loads. Those that every Windows has are no news.
fn packages(out: &mut Out<'_>, q: &mut Query<'_>) {
    const USUAL: [&str; 12] = [
        "", "\"\"", "kerberos", "msv1_0", "schannel", "wdigest", "tspkg", "pku2u", "livessp", "cloudap", "scecli",
        "rassfm",
    ];
    for name in ["Authentication Packages", "Notification Packages", "Security Packages"] {
        let Some(seen) = q.value(Root::System, "Control\\Lsa", name) else { continue };
        for package in seen.data.as_ref().map(Data::texts).unwrap_or_default() {
            if !USUAL.contains(&package.trim().to_lowercase().as_str()) {
                let start =
                    Start { place: "LSA package", name: &package, command: &package, user: None, default: None };
                put(out, &start, seen.at.clone());
            }
        }
    }
}

fn startup_folders(out: &mut Out<'_>) {
    let mut folders = vec![(MACHINE_STARTUP.to_owned(), None)];
    for home in disk::homes(out.host) {
        let user = home.file_name().map(|n| n.to_string_lossy().into_owned());
        folders.push((format!("{}/{USER_STARTUP}", home.display()), user));
    }
    for (folder, user) in folders {
        let listed = disk::find(out.host, &folder).and_then(|p| out.host.list(&p));
        match listed {
            Ok(entries) => {
                for entry in entries.iter().filter(|e| !e.text().eq_ignore_ascii_case("desktop.ini")) {
                    let name = entry.text();
                    let start = Start {
                        place: "Startup folder",
                        name: &name,
                        command: &name,
                        user: user.as_deref(),
                        default: None,
                    };
                    put(out, &start, place(&entry.path));
                }
            }
            Err(Miss::Absent) => {}
            Err(Miss::Gap(reason)) => out.gap_at(FACTS, reason, std::path::Path::new(&folder)),
        }
    }
}
/// `dir /b /s` of the startup folders: whole paths.
fn startup_list(out: &mut Out<'_>, world: &World) {
    let Some((text, at)) = world.answer(out, FACTS, "startup-folders.txt", GapReason::NotLive) else { return };
    for (n, path) in text.lines().enumerate().map(|(n, l)| (n + 1, l.trim())) {
        let parts: Vec<&str> = path.split('\\').collect();
        let Some(name) = parts.last().filter(|_| parts.len() > 1) else { continue };
        if name.eq_ignore_ascii_case("desktop.ini") {
            continue;
        }
        let user = parts.iter().position(|p| p.eq_ignore_ascii_case("Users")).and_then(|i| parts.get(i + 1).copied());
        let start = Start { place: "Startup folder", name, command: name, user, default: None };
        put(out, &start, at.clone().line(n as u64));
    }
}

//! Scheduled tasks, from their files on a disk or from the list of `schtasks`.

use super::World;
use super::command::windows_command;
use super::{disk, text, xml};
use crate::collect::with;
use crate::host::{Miss, place};
use crate::out::Out;
use crate::parse::printable;
use evidence::{Digest, FactValue, GapReason, Place};
use std::path::{Path, PathBuf};

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["windows.task"];

const FOLDER: &str = "/Windows/System32/Tasks";
/// Most files of tasks that are read.
const TASKS_MAX: usize = 20_000;
/// Deepest folder of tasks.
const DEPTH_MAX: usize = 16;
/// Largest file of a task, in bytes.
const TASK_BYTES_MAX: u64 = 1 << 20;

/// A task as its file describes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskFile {
    /// Commands, arguments behind them, without secrets; a handler of COM is written `com:{…}`.
    pub commands: Vec<String>,
    /// Account or group: a name or a security identifier.
    pub account: Option<String>,
    /// Switched on.
    pub enabled: bool,
    /// Not shown in the list of tasks.
    pub hidden: bool,
    /// Runs with the highest rights that the account has.
    pub highest: bool,
}

/// Reads the description of a task (Microsoft, "Task Scheduler Schema").
#[must_use]
pub fn task_file(text: &str) -> Option<TaskFile> {
    let settings = xml::elements(text, "Settings");
    let actions = xml::elements(text, "Actions");
    if settings.is_empty() && actions.is_empty() {
        return None;
    }
    let set = |name: &str| settings.first().and_then(|s| xml::text(s, name));
    let mut commands = Vec::new();
    for inner in &actions {
        for exec in xml::elements(inner, "Exec") {
            let program = xml::text(exec, "Command").unwrap_or_default();
            let quoted =
                if program.contains(' ') && !program.starts_with('"') { format!("\"{program}\"") } else { program };
            let whole = format!("{quoted} {}", xml::text(exec, "Arguments").unwrap_or_default());
            commands.push(windows_command(&whole).shown);
        }
        let handlers = xml::elements(inner, "ComHandler").into_iter().filter_map(|h| xml::text(h, "ClassId"));
        commands.extend(handlers.map(|id| format!("com:{}", printable(&id))));
    }
    let principal = xml::elements(text, "Principal");
    let who = |name: &str| principal.first().and_then(|p| xml::text(p, name));
    Some(TaskFile {
        commands,
        account: who("UserId").or_else(|| who("GroupId")),
        enabled: set("Enabled").is_none_or(|v| v != "false"),
        hidden: set("Hidden").is_some_and(|v| v == "true"),
        highest: who("RunLevel").is_some_and(|v| v == "HighestAvailable"),
    })
}

fn put(out: &mut Out<'_>, path: &str, task: &TaskFile, at: Place) {
    let mut row = FactValue::row([
        ("path", printable(path).into()),
        ("enabled", task.enabled.into()),
        ("hidden", task.hidden.into()),
        ("highest", task.highest.into()),
    ]);
    with(&mut row, "command", Some(printable(&task.commands.join(" ; "))));
    with(&mut row, "account", task.account.as_deref().map(printable));
    out.fact("windows.task", row, at);
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, world: &World) {
    if world.bundle.is_none() {
        return from_disk(out);
    }
    let Some((text, at)) = world.answer(out, FACTS, "tasks.xml", GapReason::NotLive) else { return };
    let mut seen = 0;
    let (mut rest, mut line) = (text.as_str(), 1);
    while let Some(start) = rest.find("<Task ") {
        let (before, from) = rest.split_at(start);
        let Some((one, after)) = from.split_once("</Task>") else {
            out.gap("windows.task", GapReason::Corrupt, Some(at.clone()));
            break;
        };
        // The path stands in a comment before the task.
        let comment = before.rsplit_once("<!--").and_then(|(_, c)| c.split_once("-->")).map(|(c, _)| c.trim());
        line += before.matches('\n').count();
        match (task_file(one), comment) {
            (Some(task), Some(path)) => put(out, path, &task, at.clone().line(line as u64)),
            _ => out.gap("windows.task", GapReason::Corrupt, Some(at.clone().line(line as u64))),
        }
        line += one.matches('\n').count();
        rest = after;
        seen += 1;
        if seen >= TASKS_MAX {
            out.gap("windows.task", GapReason::TooMany, Some(at.clone()));
            break;
        }
    }
    // Every Windows has tasks.
    if seen == 0 {
        out.gap("windows.task", GapReason::Unsupported, Some(at));
    }
}

fn from_disk(out: &mut Out<'_>) {
    let top = match disk::find(out.host, FOLDER) {
        Ok(top) => top,
        Err(Miss::Absent) => return out.gap_at(FACTS, GapReason::Missing, Path::new(FOLDER)),
        Err(Miss::Gap(reason)) => return out.gap_at(FACTS, reason, Path::new(FOLDER)),
    };
    let (mut seen, mut todo): (usize, Vec<(PathBuf, usize)>) = (0, vec![(top.clone(), 0)]);
    while let Some((folder, depth)) = todo.pop() {
        let entries = match out.host.list(&folder) {
            Ok(entries) => entries,
            Err(Miss::Absent) => continue,
            Err(Miss::Gap(reason)) => {
                out.gap_at(FACTS, reason, &folder);
                continue;
            }
        };
        for entry in entries {
            seen += 1;
            if seen > TASKS_MAX {
                return out.gap_at(FACTS, GapReason::TooMany, &top);
            }
            // A link could lead round; a real task is no link.
            if out.host.read_link(&entry.path).is_ok() {
                out.gap_at(FACTS, GapReason::Link, &entry.path);
            } else if out.host.stat(&entry.path).is_ok_and(|m| m.is_dir()) {
                match depth < DEPTH_MAX {
                    true => todo.push((entry.path, depth + 1)),
                    false => out.gap_at(FACTS, GapReason::TooDeep, &entry.path),
                }
            } else {
                one_file(out, &top, &entry.path);
            }
        }
    }
}
fn one_file(out: &mut Out<'_>, top: &Path, path: &Path) {
    let bytes = match out.host.bytes(path, TASK_BYTES_MAX) {
        Ok((bytes, _)) => bytes,
        Err(Miss::Gap(reason)) => return out.gap_at(FACTS, reason, path),
        Err(Miss::Absent) => return out.gap_at(FACTS, GapReason::Vanished, path),
    };
    let name = path.strip_prefix(top).unwrap_or(path).to_string_lossy().replace('/', "\\");
    match task_file(&text::decode(&bytes, None)) {
        Some(task) => put(out, &format!("\\{name}"), &task, place(path).digest(Digest::of(&bytes))),
        None => out.gap_at(FACTS, GapReason::Corrupt, path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description() {
        let t = task_file("<Task><Principals><Principal id=\"A\"><UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals><Settings><Enabled>false</Enabled><Hidden>true</Hidden></Settings><Actions Context=\"A\"><Exec><Command>C:\\a b\\x.exe</Command><Arguments>-p S3cret &amp; x</Arguments></Exec><ComHandler><ClassId>{1}</ClassId></ComHandler></Actions></Task>").unwrap();
        assert_eq!(t.commands, ["C:\\a b\\x.exe -p *** *** ***", "com:{1}"]);
        assert_eq!((t.account.as_deref(), t.enabled, t.hidden, t.highest), (Some("S-1-5-18"), false, true, true));
        assert_eq!(task_file("noise"), None);
    }
}

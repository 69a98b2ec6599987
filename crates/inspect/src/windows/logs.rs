//! Logs, selected events, the audit policy, shadow copies and backups.

use super::World;
use super::data::filetime;
use super::disk;
use super::hive::{word32, word64};
use super::output;
use super::view::Root;
use crate::collect::with;
use crate::host::{Host, Miss, place};
use crate::out::Out;
use crate::parse::printable;
use evidence::{FactValue, GapReason, Place, Time};

/// Facts of this collector.
pub(crate) const FACTS: &[&str] =
    &["backup.last_success", "log.oldest", "windows.audit", "windows.log", "windows.shadow_copies"];
/// Facts of single events.
pub(crate) const EVENT_FACTS: &[&str] =
    &["windows.account_created", "windows.log_cleared", "windows.service_installed"];

/// The classic logs.
const LOGS: [&str; 3] = ["Application", "Security", "System"];
/// Bytes of a chunk of a log file, and of the file's own header.
const CHUNK_BYTES: u64 = 65_536;
const HEAD_BYTES: u64 = 4096;
/// Most chunks of one log file that are looked at.
const CHUNKS_MAX: u64 = 100_000;
/// Subcategories of the audit policy by identifier ([MS-GPAC] 2.2.1.4); the first part of `…-69AE-11D9-BED3-505054503030`.
const SUBCATEGORIES: [(&str, &str); 16] = [
    ("0CCE9210", "security-state-change"),
    ("0CCE9211", "security-system-extension"),
    ("0CCE9215", "logon"),
    ("0CCE9216", "logoff"),
    ("0CCE9217", "account-lockout"),
    ("0CCE921B", "special-logon"),
    ("0CCE921D", "file-system"),
    ("0CCE9224", "file-share"),
    ("0CCE9228", "sensitive-privilege-use"),
    ("0CCE922B", "process-creation"),
    ("0CCE922F", "audit-policy-change"),
    ("0CCE9235", "user-account-management"),
    ("0CCE9237", "security-group-management"),
    ("0CCE923F", "credential-validation"),
    ("0CCE9242", "kerberos-authentication-service"),
    ("0CCE9245", "removable-storage"),
];

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, world: &World) {
    logs(out, world);
    if let Some((text, at)) = world.answer(out, &["windows.audit"], "audit-policy.csv", GapReason::Unsupported) {
        let rows = output::audit_policy(&text);
        if rows.is_empty() {
            out.gap("windows.audit", GapReason::Unsupported, Some(at.clone()));
        }
        for r in rows {
            let known = SUBCATEGORIES.iter().find(|(id, _)| r.guid.starts_with(id)).map(|(_, n)| (*n).to_owned());
            let name = known.unwrap_or_else(|| r.guid.to_lowercase());
            let row = FactValue::row([
                ("subcategory", name.into()),
                ("success", r.success.into()),
                ("failure", r.failure.into()),
            ]);
            out.fact("windows.audit", row, at.clone());
        }
    }
    if world.bundle.is_some() {
        shadow_copies(out, world);
    }
    backup(out, world);
}

/// `vssadmin` ends with an error where there is no shadow copy; `wmic` tells the two apart.
fn shadow_copies(out: &mut Out<'_>, world: &World) {
    const IDS: &[&str] = &["windows.shadow_copies"];
    let Some(bundle) = &world.bundle else { return };
    if let Ok((text, at)) = bundle.answer("shadow-copies.txt") {
        return out.fact("windows.shadow_copies", output::shadow_copies(&text), at);
    }
    let Some((text, at)) = world.answer(out, IDS, "shadow-copies.csv", GapReason::NotLive) else { return };
    let (rows, _) = output::csv_table(&text);
    let ids = rows.iter().filter(|r| r.get("id").is_some_and(|i| i.starts_with('{'))).count();
    out.fact("windows.shadow_copies", i64::try_from(ids).unwrap_or(i64::MAX), at);
}

/// A host without Windows' own backup has no such tool, or a tool without versions: then another product makes the
/// backups, whose logs this version does not read.
fn backup(out: &mut Out<'_>, world: &World) {
    const IDS: &[&str] = &["backup.last_success"];
    let Some((text, at)) = world.answer(out, IDS, "backup-versions.txt", GapReason::Unsupported) else { return };
    if let Some(newest) = output::wbadmin_newest(&text) {
        out.fact("backup.last_success", FactValue::time(newest), at);
    }
}

fn logs(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    let mut security = None;
    for log in LOGS {
        let policy = q.value(Root::Software, &format!("Policies\\Microsoft\\Windows\\EventLog\\{log}"), "MaxSize");
        let own = q.value(Root::System, &format!("Services\\EventLog\\{log}"), "MaxSize");
        let (oldest, at) = match &world.bundle {
            None => from_file(out, log),
            Some(_) => from_events(out, world, log),
        };
        if log == "Security" {
            security = oldest.map(|t| (t, at.clone()));
        }
        let mut row = FactValue::row([("name", log.to_lowercase().into())]);
        // The policy counts in kilobytes, the log's own key in bytes.
        let size = policy.and_then(|p| p.int()).or_else(|| own.and_then(|o| o.int()).map(|b| b / 1024));
        with(&mut row, "max_kb", size);
        with(&mut row, "oldest", oldest.map(FactValue::time));
        out.fact("windows.log", row, at);
    }
    if let Some((time, at)) = security {
        out.fact("log.oldest", FactValue::time(time), at);
    }
    q.settle(out, &["windows.log"]);
}
fn from_events(out: &mut Out<'_>, world: &World, log: &str) -> (Option<Time>, Place) {
    let ids: &[&'static str] = if log == "Security" { &["windows.log", "log.oldest"] } else { &["windows.log"] };
    match world.answer(out, ids, &format!("oldest-{}.xml", log.to_lowercase()), GapReason::NotLive) {
        Some((text, at)) => (output::events(&text).first().and_then(|e| e.at), at),
        None => (None, world.bundle.as_ref().map_or_else(|| Place::file("/"), |b| b.at.clone())),
    }
}
fn from_file(out: &mut Out<'_>, log: &str) -> (Option<Time>, Place) {
    let ids: &[&'static str] = if log == "Security" { &["windows.log", "log.oldest"] } else { &["windows.log"] };
    let path = format!("/Windows/System32/winevt/Logs/{log}.evtx");
    let found = disk::find(out.host, &path).and_then(|p| Ok((oldest_record(out.host, &p)?, p)));
    match found {
        Ok((oldest, path)) => (oldest, place(&path)),
        Err(miss) => {
            let reason = if let Miss::Gap(reason) = miss { reason } else { GapReason::Missing };
            out.gap_at(ids, reason, std::path::Path::new(&path));
            (None, Place::file(path.as_str()))
        }
    }
}
/// Time of the oldest record: each chunk begins with a header of 512 bytes, behind which its first record stands with
/// its time at 16 (A. Schuster, "Introducing the Microsoft Vista event log file format").
fn oldest_record(host: &Host, path: &std::path::Path) -> Result<Option<Time>, Miss> {
    let corrupt = || Miss::Gap(GapReason::Corrupt);
    if !host.piece(path, 0, 8)?.starts_with(b"ElfFile\0") {
        return Err(corrupt());
    }
    let size = host.stat(path)?.size;
    let mut oldest = None;
    for n in 0..(size.saturating_sub(HEAD_BYTES) / CHUNK_BYTES).min(CHUNKS_MAX) {
        let at = HEAD_BYTES + n * CHUNK_BYTES;
        if !host.piece(path, at, 8)?.starts_with(b"ElfChnk\0") {
            continue;
        }
        let record = host.piece(path, at + 512, 24)?;
        if word32(&record, 0) == Some(0x2a2a)
            && let Some(time) = word64(&record, 16).and_then(filetime)
        {
            oldest = Some(oldest.map_or(time, |o: Time| o.min(time)));
        }
    }
    Ok(oldest)
}

/// Events with one of these numbers; a text that holds something and no event was not understood.
fn chosen(
    out: &mut Out<'_>,
    world: &World,
    id: &'static str,
    file: &str,
    numbers: &[u32],
) -> Vec<(output::EventRow, Place)> {
    let Some((xml, at)) = world.answer(out, &[id], file, GapReason::Unsupported) else { return Vec::new() };
    let rows = output::events(&xml);
    if rows.is_empty() && !xml.trim().is_empty() {
        out.gap(id, GapReason::Unsupported, Some(at.clone()));
    }
    let wanted = rows.into_iter().filter(|e| numbers.contains(&e.id));
    wanted.map(|e| (e.line, e)).map(|(n, e)| (e, at.clone().line(n as u64))).collect()
}

/// Collects single events. On a disk they are not read: the records are in a binary form that this version leaves.
pub(crate) fn events(out: &mut Out<'_>, world: &World) {
    let text = |e: &output::EventRow, name: &str| e.data.get(name).map(|t| printable(t)).filter(|t| !t.is_empty());
    for (file, log) in [("events-security-1102.xml", "security"), ("events-system-104.xml", "system")] {
        for (e, at) in chosen(out, world, "windows.log_cleared", file, &[1102, 104]) {
            let mut row = FactValue::row([("log", log.into())]);
            with(&mut row, "at", e.at.map(FactValue::time));
            with(&mut row, "account", text(&e, "SubjectUserName"));
            out.fact("windows.log_cleared", row, at);
        }
    }
    for (e, at) in chosen(out, world, "windows.account_created", "events-security-4720.xml", &[4720]) {
        let mut row = FactValue::row([("name", text(&e, "TargetUserName").unwrap_or_else(|| "?".into()).into())]);
        with(&mut row, "at", e.at.map(FactValue::time));
        with(&mut row, "by", text(&e, "SubjectUserName"));
        out.fact("windows.account_created", row, at);
    }
    for (e, at) in chosen(out, world, "windows.service_installed", "events-system-7045.xml", &[7045]) {
        let mut row = FactValue::row([("name", text(&e, "ServiceName").unwrap_or_else(|| "?".into()).into())]);
        with(&mut row, "path", e.data.get("ImagePath").map(|p| super::windows_command(p).shown));
        with(&mut row, "at", e.at.map(FactValue::time));
        out.fact("windows.service_installed", row, at);
    }
}

//! Lines of syslog (RFC 3164 and 5424, and files with ISO times), and what well-known programs write into them:
//! `sshd`, `sudo`, Samba's `vfs_full_audit`.

use super::Clock;
use crate::event::{Event, Kind};
use crate::text::{instant, month_day};

/// Reads one line; `false` if it is none.
pub(super) fn line(line: &[u8], clock: Clock, event: &mut Event) -> bool {
    let text = String::from_utf8_lossy(line);
    let (priority, rest) = match text.strip_prefix('<').and_then(|t| t.split_once('>')) {
        Some((p, rest)) if p.len() <= 3 => (p.parse::<u16>().ok(), rest),
        _ => (None, &*text),
    };
    let read = match rest.strip_prefix("1 ") {
        Some(rest) if priority.is_some() => structured(rest, clock, event),
        _ => plain(rest, clock, event),
    };
    if let Some(p) = priority.filter(|_| read) {
        event.put("facility", &(p / 8).to_string(), Kind::Number);
        event.put("severity", &(p % 8).to_string(), Kind::Number);
    }
    read
}

/// Sets the time of an event from a text that may lack its zone.
pub(crate) fn stamp(event: &mut Event, text: &str, clock: Clock) -> bool {
    let Some(at) = instant(text.as_bytes()) else { return false };
    let after = text.get(10..).unwrap_or_default();
    event.zoned = after.ends_with(['Z', 'z']) || after.contains(['+', '-']) || !text.contains([':', '-']);
    event.time = Some(if event.zoned { at } else { at - clock.ahead_minutes * 60_000 });
    true
}

fn structured(rest: &str, clock: Clock, event: &mut Event) -> bool {
    let mut words = rest.splitn(6, ' ');
    let mut word = || words.next().unwrap_or_default();
    let (at, host, program, pid, id) = (word(), word(), word(), word(), word());
    let rest = word();
    if !stamp(event, at, clock) {
        return false;
    }
    event.text("Hostname", host);
    event.text("MsgId", id);
    let message = match rest.strip_prefix("- ").or_else(|| rest.strip_prefix('-')) {
        Some(message) => message,
        None => data(rest, event),
    };
    said(program, pid, message.trim_start_matches('\u{feff}'), event);
    true
}

/// `[id name="value" …][…] message`: fields under their names; what is left is the message.
fn data<'a>(text: &'a str, event: &mut Event) -> &'a str {
    let mut rest = text;
    while let Some(inner) = rest.strip_prefix('[') {
        let (mut quoted, mut hidden) = (false, false);
        let end = inner.char_indices().find_map(|(at, c)| {
            let ends = c == ']' && !quoted;
            quoted ^= c == '"' && !hidden;
            hidden = c == '\\' && !hidden;
            ends.then_some(at)
        });
        let Some(end) = end else { return rest };
        let mut pairs = inner[..end].split_once(' ').map_or("", |(_, p)| p);
        while let Some((name, after)) = pairs.split_once("=\"") {
            let (value, next) = after.split_once('"').unwrap_or((after, ""));
            event.text(name.trim(), value);
            pairs = next;
        }
        rest = &inner[end + 1..];
    }
    rest.trim_start()
}

fn plain(rest: &str, clock: Clock, event: &mut Event) -> bool {
    let (after, known) =
        match rest.get(..15).and_then(|t| month_day(t.as_bytes(), clock.newest + clock.ahead_minutes * 60_000)) {
            Some(at) => {
                event.time = Some(at - clock.ahead_minutes * 60_000);
                (&rest[15..], true)
            }
            None => match rest.split_once(' ') {
                Some((first, after)) if first.len() >= 19 => (after, stamp(event, first, clock)),
                _ => ("", false),
            },
        };
    let mut words = after.trim_start().splitn(2, ' ');
    let (Some(host), Some(rest), true) = (words.next(), words.next(), known) else { return false };
    event.text("Hostname", host);
    let (tag, message) =
        rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|t| (t, ""))).unwrap_or(("", rest));
    let (program, pid) = match tag.strip_suffix(']').and_then(|t| t.split_once('[')) {
        Some((program, pid)) => (program, pid),
        None => (tag, ""),
    };
    if program.contains(' ') {
        said("", "", rest, event);
    } else {
        said(program, pid, message, event);
    }
    true
}

/// What a program said: its words as one field, and their parts where the program is known.
pub(super) fn said(program: &str, pid: &str, message: &str, event: &mut Event) {
    event.text("program", program);
    if !pid.is_empty() && pid != "-" {
        event.text("ProcessId", pid);
    }
    event.text("message", message);
    match program.rsplit('/').next().unwrap_or(program) {
        "sshd" | "sshd-session" => sshd(message, event),
        "sudo" => sudo(message, event),
        "smbd_audit" | "smbd" => samba(message, event),
        _ => {}
    }
}

fn sshd(message: &str, event: &mut Event) {
    let (outcome, rest) = match message.split_once(' ') {
        Some(("Accepted", rest)) => ("success", rest),
        Some(("Failed", rest)) => ("failure", rest),
        _ => return,
    };
    let Some((method, rest)) = rest.split_once(" for ") else { return };
    let rest = rest.strip_prefix("invalid user ").unwrap_or(rest);
    let Some((user, rest)) = rest.rsplit_once(" from ") else { return };
    let mut words = rest.split(' ');
    event.text("outcome", outcome);
    event.text("auth_method", method);
    event.text("user", user);
    event.text("src_ip", words.next().unwrap_or_default());
    event.text("src_port", words.nth(1).unwrap_or_default());
}

fn sudo(message: &str, event: &mut Event) {
    let Some((user, rest)) = message.split_once(" : ") else { return };
    event.text("user", user.trim());
    for part in rest.split(" ; ") {
        if let Some((name, value)) = part.split_once('=') {
            event.text(name.trim(), value);
            if name.trim() == "COMMAND" {
                event.text("CommandLine", value);
                event.text("Image", value.split(' ').next().unwrap_or_default());
                return;
            }
        }
    }
}

/// `user|address|share|operation|ok|file`, the prefix that our guard sets, or `user|address|operation|ok|file`.
fn samba(message: &str, event: &mut Event) {
    let parts: Vec<&str> = message.split('|').collect();
    let Some(ok) = parts.iter().position(|p| *p == "ok" || p.starts_with("fail")).filter(|at| *at >= 2) else { return };
    event.text("user", parts[0]);
    event.text("src_ip", parts[1]);
    if ok > 3 {
        event.text("share", parts[ok - 2]);
    }
    event.text("operation", parts[ok - 1]);
    event.text("outcome", if parts[ok] == "ok" { "success" } else { "failure" });
    // Of two file names (a renaming) the second is what is there afterwards.
    let files: Vec<&str> =
        parts.get(ok + 1..).unwrap_or_default().iter().filter(|f| !matches!(**f, "r" | "w")).copied().collect();
    if let Some(last) = files.last() {
        event.text("TargetFilename", last);
    }
    if let [first, _] = files.as_slice() {
        event.text("SourceFilename", first);
    }
}

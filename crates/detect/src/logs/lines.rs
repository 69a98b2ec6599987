//! Lines of a fixed form: the audit daemon of Linux, ArcSight's CEF, web servers.

use crate::event::{Event, Kind};
use crate::text::{epoch, logged};

/// `type=EXECVE msg=audit(1364481363.243:24287): argc=3 a0="cat" …`. Of a command its words are joined as `CommandLine`.
pub(super) fn auditd(line: &[u8], event: &mut Event) -> bool {
    let Ok(text) = std::str::from_utf8(line) else { return false };
    let from = text.find("type=").unwrap_or(0);
    let Some(at) = text.find("msg=audit(") else { return false };
    let Some((stamp, rest)) = text[at + 10..].split_once(')') else { return false };
    let Some((seconds, serial)) = stamp.rsplit_once(':') else { return false };
    let Some(kind) = text.get(from..at).and_then(|t| t.strip_prefix("type=")) else { return false };
    event.time = epoch(seconds.as_bytes());
    event.zoned = true;
    event.text("type", kind.trim());
    event.text("audit_id", serial);
    pairs(rest.trim_start_matches(':'), event, 0);
    if kind.trim() == "EXECVE" {
        let mut words = Vec::new();
        while let Some(word) = event.get(&format!("a{}", words.len())).filter(|_| words.len() < 512) {
            words.push(word.to_owned());
        }
        let first = words.first().cloned().unwrap_or_default();
        event.text("CommandLine", &words.join(" "));
        event.text("Image", &first);
    }
    event.time.is_some()
}

/// `key=value key="value with blanks" msg='key=value'`; values in hexadecimal, as the daemon writes what has a blank, are read.
fn pairs(text: &str, event: &mut Event, depth: usize) {
    let mut rest = text.trim_start_matches([' ', '\u{1d}']);
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.rsplit(' ').next().unwrap_or(key);
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, next) = match quote {
            Some(q) => after[1..].split_once(q).unwrap_or((&after[1..], "")),
            None => after.split_once([' ', '\u{1d}']).unwrap_or((after, "")),
        };
        if quote == Some('\'') && value.contains('=') && depth == 0 {
            pairs(value, event, 1);
        } else {
            let hexadecimal = quote.is_none() && spelled(key) && value.len() >= 2 && value.len() % 2 == 0;
            match data_encoding::HEXUPPER.decode(value.as_bytes()).ok().filter(|_| hexadecimal) {
                Some(bytes) => event.bytes(key, bytes.split(|b| *b == 0).next().unwrap_or_default()),
                None => event.text(key, value),
            }
        }
        rest = next.trim_start_matches([' ', '\u{1d}']);
    }
}

/// Fields that may be spelled in hexadecimal.
fn spelled(key: &str) -> bool {
    let argument = key.strip_prefix('a').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    argument || matches!(key, "proctitle" | "name" | "cmd" | "comm" | "exe" | "cwd" | "data" | "acct")
}

/// `CEF:0|vendor|product|version|id|name|severity|key=value …`, also behind the head of a syslog line.
pub(super) fn cef(line: &[u8], event: &mut Event) -> bool {
    let Ok(text) = std::str::from_utf8(line) else { return false };
    let Some(at) = text.find("CEF:").filter(|at| *at < 256) else { return false };
    let mut rest = &text[at + 4..];
    for name in
        ["cef_version", "DeviceVendor", "DeviceProduct", "DeviceVersion", "DeviceEventClassID", "Name", "Severity"]
    {
        let Some(end) = bare(rest, '|') else { return false };
        event.text(name, &rest[..end].replace("\\|", "|").replace("\\\\", "\\"));
        rest = &rest[end + 1..];
    }
    // A value goes on until the next word that is followed by an equals sign.
    while let Some(equals) = bare(rest, '=') {
        let key = rest[..equals].trim().to_owned();
        let after = &rest[equals + 1..];
        let end = match bare(after, '=') {
            Some(next) => after[..next].rfind(' ').unwrap_or(next),
            None => after.len(),
        };
        let value = after[..end].trim_end().replace("\\=", "=").replace("\\n", "\n").replace("\\\\", "\\");
        event.text(&key, &value);
        rest = &after[end..];
    }
    if let Some(at) = event.get("rt").and_then(|t| t.parse::<i64>().ok()) {
        event.time = Some(at);
        event.zoned = true;
    }
    true
}

/// Where a mark stands that no backslash hides.
fn bare(text: &str, mark: char) -> Option<usize> {
    let mut hidden = false;
    text.char_indices().find_map(|(at, c)| {
        let here = c == mark && !hidden;
        hidden = c == '\\' && !hidden;
        here.then_some(at)
    })
}

/// The combined log of nginx and Apache, under the names that rules for web servers use.
pub(super) fn web(line: &[u8], event: &mut Event) -> bool {
    let Ok(text) = std::str::from_utf8(line) else { return false };
    let Some((head, rest)) = text.split_once(" [") else { return false };
    let Some((stamp, rest)) = rest.split_once("] \"") else { return false };
    let Some(at) = logged(stamp.as_bytes()) else { return false };
    let Some(end) = bare(rest, '"') else { return false };
    let (request, after) = (&rest[..end], &rest[end + 1..]);
    let mut words = after.split_whitespace();
    let (Some(status), Some(bytes)) = (words.next(), words.next()) else { return false };
    if status.parse::<u16>().is_err() {
        return false;
    }
    event.time = Some(at);
    event.zoned = true;
    let mut ahead = head.split(' ');
    event.text("c-ip", ahead.next().unwrap_or_default());
    event.text("cs-username", ahead.nth(1).unwrap_or_default());
    let mut parts = request.splitn(3, ' ');
    event.text("cs-method", parts.next().unwrap_or_default());
    let uri = parts.next().unwrap_or_default();
    event.text("cs-uri", uri);
    let (stem, query) = uri.split_once('?').unwrap_or((uri, ""));
    event.text("cs-uri-stem", stem);
    event.text("cs-uri-query", query);
    event.text("cs-version", parts.next().unwrap_or_default());
    event.put("sc-status", status, Kind::Number);
    event.put("sc-bytes", bytes, Kind::Number);
    let mut quoted = after.split('"').skip(1).step_by(2);
    for name in ["cs-referer", "cs-user-agent"] {
        if let Some(value) = quoted.next() {
            event.text(name, value);
        }
    }
    true
}

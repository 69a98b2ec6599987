//! The manifest of a bundle: what the collector asked, with which answer, by whom and when.
//!
//! It is what makes "not there" tellable from "not looked at": a key that was asked for and is not in the answers is
//! absent, a key that nobody asked for is unknown. Format: docs/specs/windows-bundle-v1.md.

use evidence::Time;

/// First line of a manifest.
pub const HEAD: &str = "watchfire-windows-bundle 1";
/// Most rows of a manifest that are read.
const ROWS_MAX: usize = 100_000;
/// Exit code of a command that the host does not have.
pub const NO_SUCH_TOOL: i64 = 9009;

/// What was asked of the registry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// A key with everything below it.
    Tree,
    /// One named value of one key.
    Value,
    /// One named value of a key and of every key below it.
    Deep,
}

/// A question to the registry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    /// How far it reaches.
    pub reach: Reach,
    /// Exit code; 0 is an answer.
    pub exit: i64,
    /// File with the answer, in lower case.
    pub file: String,
    /// Whole path of the key in lower case.
    pub key: String,
    /// Name of the value in lower case, unless a whole tree was taken.
    pub value: String,
}

/// A source that is a file of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Exit code of the tool.
    pub exit: i64,
    /// File, in lower case.
    pub file: String,
    /// The command, as the collector wrote it down.
    pub command: String,
}

/// A manifest.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Manifest {
    /// Name and version of the collector.
    pub collector: String,
    /// Begin.
    pub started: Option<Time>,
    /// End; a bundle without it was cut short.
    pub ended: Option<Time>,
    /// The last row is there.
    pub whole: bool,
    /// Account that ran the collector.
    pub user: String,
    /// Ran with an administrator's rights.
    pub elevated: bool,
    /// Code page of the console.
    pub code_page: Option<u16>,
    /// Questions to the registry.
    pub asks: Vec<Ask>,
    /// Sources.
    pub sources: Vec<Source>,
    /// Lines that are not understood, from 1.
    pub strange: Vec<usize>,
}

/// Reads a manifest; `None` if the first line is not [`HEAD`].
#[must_use]
pub fn manifest(text: &str) -> Option<Manifest> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    if lines.next()?.1.trim_end() != HEAD {
        return None;
    }
    let mut m = Manifest::default();
    for (n, line) in lines.take(ROWS_MAX) {
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let rest = rest.trim();
        let understood = match word {
            "collector" => set(&mut m.collector, rest),
            "started" => set(&mut m.started, &moment(rest)),
            "ended" => {
                m.whole = true;
                set(&mut m.ended, &moment(rest))
            }
            "user" => set(&mut m.user, rest),
            "elevated" => set(&mut m.elevated, &(rest == "yes")),
            // The label is in the host's language; the number stands last, sometimes with a full stop.
            "codepage" => {
                let digits = rest.trim_end_matches('.').rsplit(|c: char| !c.is_ascii_digit()).next();
                set(&mut m.code_page, &digits.and_then(|d| d.parse().ok()))
            }
            "system" | "tool" | "note" | "" => true,
            "file" => source(rest).map(|s| m.sources.push(s)).is_some(),
            "tree" => ask(Reach::Tree, rest).map(|a| m.asks.push(a)).is_some(),
            "value" => ask(Reach::Value, rest).map(|a| m.asks.push(a)).is_some(),
            "deep" => ask(Reach::Deep, rest).map(|a| m.asks.push(a)).is_some(),
            _ => false,
        };
        if !understood {
            m.strange.push(n + 1);
        }
    }
    Some(m)
}
fn set<T: ?Sized + ToOwned<Owned = O>, O>(field: &mut O, value: &T) -> bool {
    *field = value.to_owned();
    true
}
fn source(rest: &str) -> Option<Source> {
    let mut parts = rest.splitn(3, ' ');
    let exit = parts.next()?.parse().ok()?;
    let file = parts.next()?.to_lowercase();
    Some(Source { exit, file, command: parts.next().unwrap_or_default().to_owned() })
}
fn ask(reach: Reach, rest: &str) -> Option<Ask> {
    let Source { exit, file, command } = source(rest)?;
    let (key, value) = match reach {
        Reach::Tree => (command.as_str(), ""),
        _ => command.split_once(" :: ")?,
    };
    Some(Ask { reach, exit, file, key: full_key(key), value: value.trim().to_lowercase() })
}
/// The whole path of a key in lower case; the short names of the two roots are spelled out.
#[must_use]
pub fn full_key(key: &str) -> String {
    let key = key.trim().trim_end_matches('\\').to_lowercase();
    let (root, rest) = key.split_once('\\').unwrap_or((&key, ""));
    let root = match root {
        "hklm" => "hkey_local_machine",
        "hku" => "hkey_users",
        other => other,
    };
    if rest.is_empty() { root.to_owned() } else { format!("{root}\\{rest}") }
}

/// An instant as WMI writes it (`20261129142201.123000+480`, the offset in minutes) or as RFC 3339 with a `Z`,
/// fractions of a second cut to milliseconds.
#[must_use]
pub fn moment(text: &str) -> Option<Time> {
    let text = text.trim();
    let digits = |from: usize, to: usize| text.get(from..to).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
    if let (Some(y), Some(mo), Some(d)) = (digits(0, 4), digits(4, 6), digits(6, 8)) {
        let (h, mi, s) = (digits(8, 10)?, digits(10, 12)?, digits(12, 14)?);
        let local: Time = format!("{y}-{mo}-{d}T{h}:{mi}:{s}.000Z").parse().ok()?;
        let offset: i64 = text.get(21..).unwrap_or("+0").trim_start_matches('+').parse().ok()?;
        return local.plus_minutes(-offset);
    }
    let text = text.strip_suffix('Z')?;
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let millis: String = part.chars().chain("000".chars()).take(3).collect();
    format!("{whole}.{millis}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows() {
        let m = manifest("watchfire-windows-bundle 1\r\ncollector collect.cmd 1\r\nelevated yes\r\ncodepage 活动代码页: 936\r\nfile 0 netstat.txt netstat -ano\r\nvalue 1 v.txt HKLM\\SYSTEM\\A b :: Security Packages\r\ntree 0 u.reg HKLM\\SOFTWARE\\U\r\nwhat\r\nended 20261129142201.123000+480\r\n").unwrap();
        assert_eq!((m.code_page, m.elevated, m.whole), (Some(936), true, true));
        assert_eq!(m.asks[0].key, "hkey_local_machine\\system\\a b");
        assert_eq!((m.asks[0].value.as_str(), m.asks[0].exit, m.asks[1].reach), ("security packages", 1, Reach::Tree));
        assert_eq!((m.sources[0].command.as_str(), m.strange), ("netstat -ano", vec![8]));
        assert_eq!(m.ended.map(|t| t.to_string()).as_deref(), Some("2026-11-29T06:22:01.000Z"));
        assert!(manifest("PK").is_none());
    }

    #[test]
    fn moments() {
        let at = |t| moment(t).map(|t| t.to_string());
        assert_eq!(at("2026-11-29T06:22:01Z").as_deref(), Some("2026-11-29T06:22:01.000Z"));
        assert_eq!(at("2026-11-29T06:22:01.1234567Z").as_deref(), Some("2026-11-29T06:22:01.123Z"));
        assert_eq!(at("20260101003000.000000-060").as_deref(), Some("2026-01-01T01:30:00.000Z"));
        assert_eq!((at(""), at("2026"), at("20269999999999.000000+000"), at("unknown")), (None, None, None, None));
    }
}

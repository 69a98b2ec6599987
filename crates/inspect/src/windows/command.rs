//! Commands of Windows without their secrets.
//!
//! As for commands of Linux (`parse::scrub`) this is a list of what may stay: the program, paths of programs and
//! libraries, and the names of short or known options. Every other word is `***`.

use crate::parse::printable;

/// What stands for a hidden word.
const HIDDEN: &str = "***";
/// Ends of files that are run or loaded.
const ENDS: [&str; 14] =
    [".exe", ".com", ".bat", ".cmd", ".dll", ".ps1", ".vbs", ".js", ".scr", ".sys", ".cpl", ".msc", ".hta", ".lnk"];
/// Options that tell what is done, not with whom or what.
const KNOWN: [&str; 34] = [
    "autorun",
    "autostart",
    "background",
    "bypass",
    "command",
    "daemon",
    "ec",
    "enc",
    "encodedcommand",
    "ep",
    "exec",
    "executionpolicy",
    "file",
    "hidden",
    "hide",
    "install",
    "minimized",
    "minimize",
    "noexit",
    "nologo",
    "noni",
    "noninteractive",
    "nop",
    "noprofile",
    "onboot",
    "quiet",
    "run",
    "server",
    "service",
    "silent",
    "start",
    "startup",
    "tray",
    "windowstyle",
];
/// Longest path that is kept, in characters.
const PATH_CHARS_MAX: usize = 260;

/// A command taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WindowsCommand {
    /// The program's path or name as written, without quotes.
    pub program: String,
    /// The program stands in quotes.
    pub quoted: bool,
    /// What may leave the sensor.
    pub shown: String,
}
impl WindowsCommand {
    /// The file name of the program, in lower case.
    #[must_use]
    pub(crate) fn base(&self) -> String {
        base(&self.program)
    }
}

/// The last part of a path of Windows, in lower case.
#[must_use]
pub(crate) fn base(path: &str) -> String {
    path.rsplit(['\\', '/']).next().unwrap_or(path).to_lowercase()
}

/// Takes a command apart.
#[must_use]
pub fn windows_command(text: &str) -> WindowsCommand {
    let text = text.trim();
    let (program, rest, quoted) = match text.strip_prefix('"') {
        Some(inner) => {
            let (program, rest) = inner.split_once('"').unwrap_or((inner, ""));
            (program, rest, true)
        }
        None => {
            let end = program_end(text);
            (text.get(..end).unwrap_or(text), text.get(end..).unwrap_or_default(), false)
        }
    };
    let mut shown = if is_path(program) || is_name(program) { program.to_owned() } else { HIDDEN.to_owned() };
    for word in words(rest) {
        shown.push(' ');
        shown.push_str(&argument(&word));
    }
    WindowsCommand { program: program.to_owned(), quoted, shown: printable(&shown) }
}

/// Where the program ends: behind the first ending of a program that is followed by a blank, a comma or nothing; else
/// at the first blank.
fn program_end(text: &str) -> usize {
    let lower = text.to_ascii_lowercase();
    let behind = |end: &str| {
        lower
            .match_indices(end)
            .map(|(at, e)| at + e.len())
            .find(|at| lower.get(*at..).is_some_and(|r| r.is_empty() || r.starts_with([' ', '\t', ',', '"'])))
    };
    let by_end = ENDS.iter().filter_map(|e| behind(e)).min();
    by_end.or_else(|| text.find([' ', '\t'])).unwrap_or(text.len())
}
fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let (mut word, mut quoted) = (String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' | '\t' if !quoted => out.extend(Some(std::mem::take(&mut word)).filter(|w| !w.is_empty())),
            _ => word.push(c),
        }
    }
    out.extend(Some(word).filter(|w| !w.is_empty()));
    out
}
fn argument(word: &str) -> String {
    if word.starts_with(['-', '/']) && word.len() > 1 {
        let body = word.trim_start_matches(['-', '/']);
        let (name, value) = body.split_once(['=', ':']).map_or((body, None), |(n, v)| (n, Some(v)));
        let letters = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic());
        let sign = word.get(..word.len() - body.len()).unwrap_or_default();
        let known = KNOWN.iter().any(|k| name.eq_ignore_ascii_case(k));
        // One letter, or a word that is known, or a long option with two dashes; glued secrets have none of these forms.
        let stays = letters && (name.len() == 1 || known || (sign == "--" && name.len() <= 20 && value.is_some()));
        return match (stays, value) {
            (true, Some(_)) => format!("{sign}{name}={HIDDEN}"),
            (true, None) => word.to_owned(),
            (false, _) => HIDDEN.to_owned(),
        };
    }
    // `rundll32 C:\x.dll,Entry`
    let path = word.split(',').next().unwrap_or(word);
    let runs = ENDS.iter().any(|e| path.to_ascii_lowercase().ends_with(e));
    if runs && (is_path(path) || is_name(path)) { path.to_owned() } else { HIDDEN.to_owned() }
}
/// `C:\…`, `%Variable%\…`, `\SystemRoot\…` or `\\host\…`, of plain characters.
fn is_path(text: &str) -> bool {
    let starts = text.starts_with(['\\', '%']) || text.get(1..3) == Some(":\\");
    let plain = |c: char| c.is_alphanumeric() || " \\:._-()%{}~+&,$'!@[]#?".contains(c);
    starts && text.chars().count() <= PATH_CHARS_MAX && text.chars().all(plain)
}
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().count() <= 60
        && text.chars().all(|c| c.is_alphanumeric() || "._-+\\()".contains(c) || (c == ' ' && text.contains('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_stays_and_secrets_go() {
        for (command, program, shown) in [
            (
                r#""C:\Program Files\ToDesk\ToDesk.exe" --runservice"#,
                r"C:\Program Files\ToDesk\ToDesk.exe",
                r"C:\Program Files\ToDesk\ToDesk.exe ***",
            ),
            (
                r"C:\Program Files\A B\x.exe -p S3cret /s",
                r"C:\Program Files\A B\x.exe",
                r"C:\Program Files\A B\x.exe -p *** /s",
            ),
            (r"C:\frp\frpc.exe -c C:\frp\frpc.toml", r"C:\frp\frpc.exe", r"C:\frp\frpc.exe -c ***"),
            (r"powershell -w hidden -enc SQBFAFgA", "powershell", "powershell -w *** -enc ***"),
            (r"rundll32.exe C:\x\y.dll,Start pass", "rundll32.exe", r"rundll32.exe C:\x\y.dll ***"),
            (r"net.exe use Z: \\s\x S3cret /user:me", "net.exe", "net.exe use_"),
            (
                r"%SystemRoot%\system32\svchost.exe -k netsvcs -p",
                r"%SystemRoot%\system32\svchost.exe",
                r"%SystemRoot%\system32\svchost.exe -k *** -p",
            ),
            (r"tool.exe -pS3cretword --password=x", "tool.exe", "tool.exe *** --password=***"),
            ("", "", HIDDEN),
        ] {
            let shown = shown.replace("use_", "*** *** *** *** ***");
            let c = windows_command(command);
            assert_eq!((c.program.as_str(), c.shown.as_str()), (program, shown.as_str()), "{command}");
            assert!(!c.shown.contains("cret"), "{command}");
        }
    }
}

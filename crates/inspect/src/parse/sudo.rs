//! `sudoers`: user specifications with simple aliases resolved, defaults and includes.

use super::words;
use std::collections::BTreeMap;

/// What one logical line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SudoLine {
    /// Somebody may run something.
    Rule {
        /// Line where the specification begins.
        line: usize,
        /// User, `%group`, or `ALL`.
        who: String,
        /// No password is asked.
        nopasswd: bool,
        /// The rule itself asks for one (`PASSWD:`), whatever the defaults say.
        passwd: bool,
        /// The command.
        command: String,
    },
    /// A default is set.
    Default {
        /// Line.
        line: usize,
        /// The setting, such as `!syslog` or `logfile=/var/log/sudo.log`.
        setting: String,
    },
    /// `Defaults !authenticate` and its opposite.
    Authenticate {
        /// Line.
        line: usize,
        /// Users it is for; none means everybody.
        who: Vec<String>,
        /// A password is asked.
        asked: bool,
    },
    /// It holds for some hosts, commands or target users only: more than this reader resolves.
    Unclear {
        /// Line.
        line: usize,
    },
    /// It does not follow the grammar.
    Broken {
        /// Line.
        line: usize,
    },
    /// It resolves to more rules than are kept.
    TooMany {
        /// Line.
        line: usize,
    },
    /// Another file or folder is read here.
    Include {
        /// Line.
        line: usize,
        /// Path as written.
        path: String,
        /// It is a folder.
        folder: bool,
    },
}

/// Logical lines of one file. Aliases are those defined in `aliases` so far and in this file.
#[must_use]
pub fn sudoers(text: &str, aliases: &mut BTreeMap<String, Vec<String>>) -> Vec<SudoLine> {
    let logical = logical_lines(text);
    for (_, l) in &logical {
        learn_alias(l, aliases);
    }
    logical.iter().flat_map(|(line, l)| read_line(*line, l, aliases)).collect()
}

/// Continued lines joined, comments cut. A comment is not continued, even if it ends with a backslash.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (n, l) in text.lines().enumerate() {
        let l = without_comment(l, open).trim_end();
        let (body, more) = match l.strip_suffix('\\') {
            Some(body) => (body, true),
            None => (l, false),
        };
        match out.last_mut().filter(|_| open) {
            Some((_, held)) => {
                held.push(' ');
                held.push_str(body.trim());
            }
            None => out.push((n + 1, body.trim().to_owned())),
        }
        open = more;
    }
    out.retain(|(_, l)| !l.is_empty());
    out
}

/// The line up to its comment. `#include` at the start and `#` before a number at a word's start are none.
fn without_comment(l: &str, continued: bool) -> &str {
    if !continued && l.trim_start().starts_with("#include") {
        return l;
    }
    let mut before = ' ';
    for (at, c) in outside(l) {
        let number = || l.get(at + 1..).is_some_and(|r| r.starts_with(|d: char| d.is_ascii_digit()));
        let starts = before.is_whitespace() || matches!(before, ',' | '(' | '%' | '!' | ':' | '=');
        if c == '#' && !(starts && number()) {
            return l.get(..at).unwrap_or(l);
        }
        before = l.get(at..).and_then(|r| r.chars().next()).unwrap_or(' ');
    }
    l
}

/// Characters with their places that stand in no quotes and behind no backslash.
fn outside(l: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut quoted, mut escaped) = (false, false);
    l.char_indices().filter(move |(_, c)| {
        if escaped {
            escaped = false;
            return false;
        }
        match c {
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ => return !quoted,
        }
        false
    })
}

/// Parts between the characters that `is` takes, outside quotes and parentheses; it sees what stands before them.
fn parts(l: &str, mut is: impl FnMut(&str, char) -> bool) -> Vec<&str> {
    let (mut out, mut from, mut depth) = (Vec::new(), 0, 0usize);
    for (at, c) in outside(l) {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let before = l.get(from..at).unwrap_or_default();
        if depth == 0 && is(before, c) {
            out.push(before);
            from = at + c.len_utf8();
        }
    }
    out.push(l.get(from..).unwrap_or_default());
    out
}

fn learn_alias(l: &str, aliases: &mut BTreeMap<String, Vec<String>>) {
    let kinds = ["User_Alias", "Cmnd_Alias", "Cmd_Alias", "Host_Alias", "Runas_Alias"];
    let Some(rest) = kinds.iter().find_map(|k| l.strip_prefix(k)) else { return };
    for def in rest.split(':') {
        if let Some((name, members)) = def.split_once('=') {
            let members = commas(members).map(str::to_owned).collect();
            aliases.insert(name.trim().to_owned(), members);
        }
    }
}

fn commas(s: &str) -> impl Iterator<Item = &str> {
    parts(s, |_, c| c == ',').into_iter().map(str::trim).filter(|m| !m.is_empty())
}

/// Deepest alias within an alias that is resolved.
const ALIAS_DEPTH_MAX: usize = 8;
/// Most members that one name resolves to; the rest of a hostile alias is left out.
const ALIAS_MEMBERS_MAX: usize = 256;

fn resolve(name: &str, aliases: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut now = vec![name.to_owned()];
    for _ in 0..ALIAS_DEPTH_MAX {
        let next: Vec<String> = now
            .iter()
            .flat_map(|n| aliases.get(n).cloned().unwrap_or_else(|| vec![n.clone()]))
            .take(ALIAS_MEMBERS_MAX + 1)
            .collect();
        if next == now {
            break;
        }
        now = next;
    }
    now
}

fn read_line(line: usize, l: &str, aliases: &BTreeMap<String, Vec<String>>) -> Vec<SudoLine> {
    let bare = l.trim_start_matches(['#', '@']);
    for (word, folder) in [("includedir", true), ("include", false)] {
        if (l.starts_with('#') || l.starts_with('@'))
            && let Some(path) = bare.strip_prefix(word).filter(|r| r.starts_with(char::is_whitespace))
        {
            let path = path.trim().trim_matches('"').to_owned();
            return vec![SudoLine::Include { line, path, folder }];
        }
    }
    if let Some(rest) = l.strip_prefix("Defaults") {
        return defaults(line, rest, aliases);
    }
    if l.split_whitespace().next().is_some_and(|w| w.ends_with("_Alias")) {
        return Vec::new();
    }
    rules(line, l, aliases)
}

fn defaults(line: usize, rest: &str, aliases: &BTreeMap<String, Vec<String>>) -> Vec<SudoLine> {
    let scope = rest.chars().next().filter(|c| matches!(c, ':' | '@' | '>' | '!'));
    let (who, settings) = match scope {
        Some(_) => list(rest.get(1..).unwrap_or_default()),
        None => ("", rest),
    };
    let mut out = Vec::new();
    for s in commas(settings) {
        out.push(match (s.trim_start_matches('!').trim() == "authenticate", scope) {
            (true, None | Some(':')) => {
                let who = commas(who).flat_map(|u| resolve(&name(u), aliases)).collect();
                SudoLine::Authenticate { line, who, asked: !s.starts_with('!') }
            }
            (true, Some(_)) => SudoLine::Unclear { line },
            (false, _) => SudoLine::Default { line, setting: s.to_owned() },
        });
    }
    out
}

/// A list of names with commas between them, and the rest.
fn list(l: &str) -> (&str, &str) {
    let l = l.trim_start();
    let (mut comma, mut end) = (true, 0);
    let mut blank = None;
    for (at, c) in outside(l) {
        // What was passed over in between, quoted or escaped, belongs to a name.
        comma &= at == end;
        end = at + c.len_utf8();
        if c.is_whitespace() && !comma && !l.get(at..).unwrap_or_default().trim_start().starts_with(',') {
            blank = Some(at);
            break;
        }
        comma = c == ',' || c.is_whitespace();
    }
    l.split_at(blank.unwrap_or(l.len()))
}

/// A name without its quotes and backslashes.
fn name(word: &str) -> String {
    words::split_words(word).join(" ")
}

/// Tags of `sudoers(5)` and the digests, behind which a colon separates nothing.
const TAGS: [&str; 20] = [
    "EXEC",
    "NOEXEC",
    "FOLLOW",
    "NOFOLLOW",
    "LOG_INPUT",
    "NOLOG_INPUT",
    "LOG_OUTPUT",
    "NOLOG_OUTPUT",
    "MAIL",
    "NOMAIL",
    "INTERCEPT",
    "NOINTERCEPT",
    "PASSWD",
    "NOPASSWD",
    "SETENV",
    "NOSETENV",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
];
/// Options of `sudoers(5)` that may stand before a command.
const OPTIONS: [&str; 10] =
    ["ROLE", "TYPE", "PRIVS", "LIMITPRIVS", "APPARMOR_PROFILE", "CWD", "CHROOT", "NOTBEFORE", "NOTAFTER", "TIMEOUT"];

/// `users hosts = commands : hosts = commands …`
fn rules(line: usize, l: &str, aliases: &BTreeMap<String, Vec<String>>) -> Vec<SudoLine> {
    let mut out = Vec::new();
    let (users, rest) = list(l);
    let who: Vec<String> = commas(users).flat_map(|u| resolve(&name(u), aliases)).collect();
    let is_end = |before: &str, c: char| {
        let last = before.trim_end().rsplit(|c: char| c.is_whitespace() || ",)=:".contains(c)).next();
        c == ':' && !last.is_some_and(|w| TAGS.contains(&w))
    };
    let mut broken = who.is_empty();
    let mut commands: Vec<(Option<bool>, String)> = Vec::new();
    for spec in parts(rest, is_end) {
        let at = outside(spec).find(|(_, c)| *c == '=').map(|(at, _)| at);
        let Some((hosts, right)) = at.and_then(|at| Some((spec.get(..at)?, spec.get(at + 1..)?))) else {
            broken = true;
            continue;
        };
        // A second word before `=` is no host list.
        broken |= hosts.trim().is_empty() || !list(hosts).1.trim().is_empty();
        let mut tag = None;
        let before = commands.len();
        for spec in commas(right) {
            let spec = command(spec, &mut tag);
            if !spec.is_empty() {
                commands.extend(resolve(spec, aliases).into_iter().map(|c| (tag, c)));
            }
        }
        broken |= commands.len() == before;
    }
    if broken {
        out.push(SudoLine::Broken { line });
    }
    if who.len().saturating_mul(commands.len()) > ALIAS_MEMBERS_MAX {
        out.push(SudoLine::TooMany { line });
    }
    let pairs = who.iter().flat_map(|w| commands.iter().map(move |c| (w, c)));
    out.extend(pairs.take(ALIAS_MEMBERS_MAX).map(|(who, (tag, command))| SudoLine::Rule {
        line,
        who: who.clone(),
        nopasswd: *tag == Some(true),
        passwd: *tag == Some(false),
        command: words::split_words(command).join(" "),
    }));
    out
}

/// The command behind target users, options and tags; `nopasswd` keeps what the last such tag said.
fn command<'a>(spec: &'a str, nopasswd: &mut Option<bool>) -> &'a str {
    let mut spec = spec.trim();
    loop {
        if let Some(rest) = spec.strip_prefix('(') {
            spec = rest.split_once(')').map_or("", |(_, r)| r).trim_start();
            continue;
        }
        let end = spec.find(|c: char| !c.is_ascii_uppercase() && c != '_').unwrap_or(spec.len());
        let (word, rest) = spec.split_at(end);
        let rest = rest.trim_start();
        if let Some(rest) = rest.strip_prefix(':').filter(|_| TAGS.contains(&word)) {
            match word {
                "NOPASSWD" => *nopasswd = Some(true),
                "PASSWD" => *nopasswd = Some(false),
                _ => {}
            }
            spec = rest.trim_start();
        } else if let Some(rest) = rest.strip_prefix('=').filter(|_| OPTIONS.contains(&word)) {
            spec = list(rest).1.trim_start();
        } else {
            return spec;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_tags_aliases_and_includes() {
        let text = "Defaults env_reset, logfile=/var/log/sudo.log\nUser_Alias OPS = alice, bob\nCmnd_Alias NET = /sbin/ip, \\\n /sbin/ss\n%sudo ALL=(ALL:ALL) ALL\nOPS ALL=(root) NOPASSWD: NET, PASSWD: /bin/ls -l # x\n# note\n@includedir /etc/sudoers.d\n#include /etc/extra\n";
        let mut aliases = BTreeMap::new();
        let got = sudoers(text, &mut aliases);
        let rules: Vec<_> = got
            .iter()
            .filter_map(|l| match l {
                SudoLine::Rule { line, who, nopasswd, command, .. } => {
                    Some((*line, who.as_str(), *nopasswd, command.as_str()))
                }
                _ => None,
            })
            .collect();
        assert_eq!(rules.len(), 7);
        assert_eq!(rules[0], (5, "%sudo", false, "ALL"));
        assert_eq!(rules[1], (6, "alice", true, "/sbin/ip"));
        assert!(rules.contains(&(6, "bob", false, "/bin/ls -l")));
        let other = got.iter().filter(|l| matches!(l, SudoLine::Include { .. })).count();
        assert_eq!(other, 2);
        assert!(got.contains(&SudoLine::Default { line: 1, setting: "logfile=/var/log/sudo.log".into() }));
        // An alias that names itself ends.
        let loops = sudoers("Cmnd_Alias A = A, A\nx ALL = A\n", &mut aliases);
        assert!(loops.len() <= ALIAS_MEMBERS_MAX);
    }

    #[test]
    fn lines_by_the_grammar() {
        // User_List Host_List '=' Cmnd_Spec_List (':' Host_List '=' Cmnd_Spec_List)* of sudoers(5).
        for (text, want) in [
            ("ann ALL=(root, bin) NOPASSWD: ALL", "ann+ALL"),
            ("ann ALL = (ALL) NOPASSWD : ALL", "ann+ALL"),
            ("ann ALL=(ALL:ALL) NOPASSWD:SETENV: /bin/a, /bin/b", "ann+/bin/a ann+/bin/b"),
            ("ann H1=/bin/a : H2, H3 = NOPASSWD: /bin/b", "ann-/bin/a ann+/bin/b"),
            ("ann H1=NOPASSWD: /bin/a : H2 = /bin/b", "ann+/bin/a ann-/bin/b"),
            ("ann , bob A, B = ALL", "ann-ALL bob-ALL"),
            ("ann ALL=CWD=/tmp NOPASSWD: ALL", "ann+ALL"),
            ("ann ALL=sha256:abc /bin/a", "ann-sha256:abc /bin/a"),
            ("ann ALL=/bin/a x\\,y", "ann-/bin/a x,y"),
            ("ann ALL=NOPASSWD: ALL# note", "ann+ALL"),
            ("#0 ALL=NOPASSWD: ALL\t# note", "#0+ALL"),
            ("%#10 ALL=(#0) ALL", "%#10-ALL"),
            ("# note \\\nann ALL=NOPASSWD: ALL", "ann+ALL"),
            ("\"%the staff\" ALL=ALL", "%the staff-ALL"),
            ("%the\\ staff ALL=ALL", "%the staff-ALL"),
            ("Defaults !authenticate", "everybody"),
            ("Defaults:ann,bob env_reset, !authenticate", "setting for:ann,bob"),
            ("Defaults!/bin/ls !authenticate", "unclear"),
            ("ann ALL", "broken"),
            ("ann ALL=", "broken"),
            ("ann", "broken"),
        ] {
            let say = |l: &SudoLine| match l {
                SudoLine::Rule { who, nopasswd, command, .. } => {
                    format!("{who}{}{command}", if *nopasswd { '+' } else { '-' })
                }
                SudoLine::Authenticate { who, .. } if who.is_empty() => "everybody".to_owned(),
                SudoLine::Authenticate { who, .. } => format!("for:{}", who.join(",")),
                SudoLine::Unclear { .. } => "unclear".to_owned(),
                SudoLine::Broken { .. } => "broken".to_owned(),
                SudoLine::TooMany { .. } => "many".to_owned(),
                SudoLine::Default { .. } => "setting".to_owned(),
                SudoLine::Include { .. } => "include".to_owned(),
            };
            let got: Vec<String> = sudoers(text, &mut BTreeMap::new()).iter().map(say).collect();
            assert_eq!(got.join(" "), want, "{text}");
        }
        let many: Vec<String> = (0..=ALIAS_MEMBERS_MAX).map(|n| format!("/bin/{n}")).collect();
        let got = sudoers(&format!("ann ALL={}", many.join(",")), &mut BTreeMap::new());
        assert_eq!(got.first(), Some(&SudoLine::TooMany { line: 1 }));
        assert_eq!(got.len(), ALIAS_MEMBERS_MAX + 1);
    }
}

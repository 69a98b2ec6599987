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

/// Continued lines joined; comments cut, except the `#include` forms and `#uid`.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (n, l) in text.lines().enumerate() {
        let l = l.trim_end();
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
    out.retain_mut(|(_, l)| {
        if let Some(rest) = l.strip_prefix('#') {
            return rest.starts_with("include") || rest.starts_with(|c: char| c.is_ascii_digit());
        }
        if let Some(at) = l.find(" #") {
            l.truncate(at);
        }
        !l.is_empty()
    });
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
    s.split(',').map(str::trim).filter(|m| !m.is_empty())
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
            .take(ALIAS_MEMBERS_MAX)
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
        let global = rest.starts_with(char::is_whitespace);
        let settings = if global { rest } else { rest.split_once(char::is_whitespace).map_or("", |(_, r)| r) };
        return commas(settings).map(|s| SudoLine::Default { line, setting: s.to_owned() }).collect();
    }
    if l.split_whitespace().next().is_some_and(|w| w.ends_with("_Alias")) {
        return Vec::new();
    }
    rules(line, l, aliases)
}

fn rules(line: usize, l: &str, aliases: &BTreeMap<String, Vec<String>>) -> Vec<SudoLine> {
    let Some((left, right)) = l.split_once('=') else { return Vec::new() };
    // The last word before `=` is the host list; what stands before it is the user list.
    let left = left.trim();
    let users = left.rsplit_once(char::is_whitespace).map_or("", |(users, _)| users);
    let mut commands: Vec<(bool, String)> = Vec::new();
    let mut nopasswd = false;
    for spec in commas(right) {
        let mut spec = spec;
        if let Some(rest) = spec.strip_prefix('(') {
            spec = rest.split_once(')').map_or("", |(_, r)| r).trim();
        }
        while let Some((tag, rest)) = spec.split_once(':') {
            if !tag.chars().all(|c| c.is_ascii_uppercase() || c == '_') || tag.is_empty() {
                break;
            }
            match tag {
                "NOPASSWD" => nopasswd = true,
                "PASSWD" => nopasswd = false,
                _ => {}
            }
            spec = rest.trim();
        }
        if !spec.is_empty() {
            commands.extend(resolve(spec, aliases).into_iter().map(|c| (nopasswd, c)));
        }
    }
    let who: Vec<String> = commas(users).flat_map(|u| resolve(&u.replace("\\ ", " "), aliases)).collect();
    let pairs = who.iter().flat_map(|w| commands.iter().map(move |c| (w, c)));
    pairs
        .take(ALIAS_MEMBERS_MAX)
        .map(|(who, (nopasswd, command))| SudoLine::Rule {
            line,
            who: who.clone(),
            nopasswd: *nopasswd,
            command: words::split_words(command).join(" "),
        })
        .collect()
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
                SudoLine::Rule { line, who, nopasswd, command } => {
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
}

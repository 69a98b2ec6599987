//! Rules of udev, settings of modules and jobs of at.

use super::words;

/// Programs that rules of udev run: (line, program with arguments). Built-in commands are none.
#[must_use]
pub fn udev_programs(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let mut rule = String::new();
    let mut start = 0;
    for (n, l) in text.lines().enumerate() {
        if rule.is_empty() {
            start = n + 1;
        }
        // A comment inside a rule that goes on is left out by udev too.
        if l.trim_start().starts_with('#') {
            continue;
        }
        match l.strip_suffix('\\') {
            Some(part) => rule.push_str(part),
            None => {
                rule.push_str(l);
                out.extend(rule_programs(&rule).into_iter().map(|p| (start, p)));
                rule.clear();
            }
        }
    }
    out.extend(rule_programs(&rule).into_iter().map(|p| (start, p)));
    out
}

/// `KEY{attribute}OPERATOR"value"`, separated by commas.
fn rule_programs(rule: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = rule;
    while let Some((key, after)) = rest.split_once('"') {
        let mut value = String::new();
        let mut chars = after.char_indices();
        let mut end = after.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => value.extend(chars.next().map(|(_, c)| c)),
                '"' => {
                    end = at + 1;
                    break;
                }
                c => value.push(c),
            }
        }
        rest = after.get(end..).unwrap_or_default();
        let key = key.trim_matches([',', ' ', '\t']);
        let name = key.trim_end_matches(['=', '+', ':', '!', ' ', '\t', 'e']);
        let runs = ["RUN", "RUN{program}", "PROGRAM", "IMPORT{program}"].contains(&name);
        if runs && !key.ends_with("-=") && !value.is_empty() {
            out.push(value);
        }
    }
    out
}

/// Commands that modprobe runs in place of loading a module: (line, module, command).
#[must_use]
pub fn modprobe_installs(text: &str) -> Vec<(usize, String, String)> {
    let of = |(n, l): (usize, &str)| {
        let rest = l.strip_prefix("install")?.trim_start();
        let (module, command) = rest.split_once(char::is_whitespace)?;
        Some((n, module.to_owned(), command.trim().to_owned()))
    };
    words::lines(text).filter_map(of).collect()
}

/// When the job runs whose file has this name, in seconds since 1970: a letter for the queue (`=` while it runs), five
/// hexadecimal digits of its number, eight of minutes since 1970.
#[must_use]
pub fn at_time(name: &str) -> Option<i64> {
    let digits = name.get(1..).filter(|d| d.len() == 13 && d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    i64::from_str_radix(digits.get(5..)?, 16).ok()?.checked_mul(60)
}

/// The first command of a job of at: (line, command). Before it stand the environment and the folder.
#[must_use]
pub fn at_command(text: &str) -> Option<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let prelude = lines.iter().position(|l| l.contains("Execution directory inaccessible"));
    let from = prelude.map_or(0, |at| at + 1);
    let mine = |l: &str| {
        let l = l.trim();
        !l.is_empty() && !l.starts_with('#') && l != "}" && !l.starts_with("exit 1") && !l.starts_with("${SHELL")
    };
    let at = lines.iter().enumerate().skip(from).find(|(_, l)| mine(l))?;
    Some((at.0 + 1, (*at.1).trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_run_something() {
        // After udev(7).
        let text = "# x\nACTION==\"add\", SUBSYSTEM==\"usb\", \\\n  RUN+=\"/tmp/x --key \\\"a b\\\"\"\nKERNEL==\"sd*\", PROGRAM==\"/bin/p %k\", RUN{builtin}+=\"kmod load\"\nIMPORT{program}=\"/usr/bin/q\", IMPORT{db}=\"X\", NAME=\"RUN+=\"\nRUN=\"\"\n";
        let seen = udev_programs(text);
        assert_eq!(seen, [(2, "/tmp/x --key \"a b\"".into()), (4, "/bin/p %k".into()), (5, "/usr/bin/q".into())]);
        assert!(udev_programs("RUN+=\"unfinished").len() == 1);
    }

    #[test]
    fn modules_and_jobs() {
        let text = "install usb-storage /bin/false\n  install evil /sbin/insmod /tmp/e.ko\nblacklist x\n";
        assert_eq!(modprobe_installs(text)[1], (2, "evil".into(), "/sbin/insmod /tmp/e.ko".into()));
        // `at 12:00 2026-01-01 UTC`: 1 767 268 800 s are 29 454 480 minutes, 0x1c17090.
        assert_eq!(at_time("a0000101c17090"), Some(1_767_268_800));
        assert_eq!(at_time("=0000101c17090"), Some(1_767_268_800));
        assert_eq!(at_time(".SEQ"), None);
        let job = "#!/bin/sh\n# atrun uid=0 gid=0\numask 22\nHOME=/root; export HOME\ncd /root || {\n\t echo 'Execution directory inaccessible' >&2\n\t exit 1\n}\n${SHELL:-/bin/sh} << 'marcinDELIMITER0'\n/opt/x run\n\nmarcinDELIMITER0\n";
        assert_eq!(at_command(job), Some((10, "/opt/x run".into())));
        assert_eq!(at_command(""), None);
    }
}

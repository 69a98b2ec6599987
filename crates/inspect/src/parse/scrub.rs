//! Takes secrets out of command lines and addresses before they become evidence.
//!
//! A list of places where secrets stand is never complete: every program has options of its own. So this is a list
//! of what may stay: the program, names of options and variables, operators, paths and short lower-case words.
//! Everything else is hidden, at the price of hiding much that is harmless.

use super::words::split_words;

/// Longest text that is kept, in characters.
const CHARS_MAX: usize = 400;
/// Longest name of a program, an option or a variable that is kept, in bytes.
const NAME_BYTES_MAX: usize = 40;
/// Longest plain word that is kept, in bytes.
const PLAIN_BYTES_MAX: usize = 25;
/// From this length on, letters mixed with digits look like a key, in bytes.
const KEY_BYTES_MIN: usize = 12;
/// Commands within commands (`sh -c '…'`) that are looked into.
const NESTED_MAX: usize = 3;
/// What stands for a secret.
const HIDDEN: &str = "***";
/// Parts of names whose value is a secret.
const SECRET_NAMES: [&str; 8] = ["pass", "pwd", "secret", "token", "key", "auth", "user", "cred"];
/// Short options that name an account, a secret or a header in many programs.
const SECRET_LETTERS: &str = "pPuUH";
/// Long options with one dash, as `find` and `java` have them.
const ONE_DASH: [&str; 11] =
    ["-delete", "-empty", "-exec", "-jar", "-maxdepth", "-mindepth", "-mmin", "-mtime", "-name", "-print", "-type"];
const OPERATORS: [&str; 14] = ["&&", "||", ";", "|", "&", "(", ")", "{", "}", "!", "[", "]", "[[", "]]"];
/// Programs whose words are content, not subcommands.
const TALKERS: [&str; 6] = ["echo", "printf", "logger", "expr", "sqlplus", "net"];
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ash", "zsh", "su"];

/// The command without secrets and control characters, cut to 400 characters.
#[must_use]
pub fn scrub(command: &str) -> String {
    printable(&scrub_nested(command, 0))
}

/// What the words so far say about the next one.
#[derive(Default)]
struct State {
    /// The program of this part of the command; empty before it.
    program: String,
    /// Hide the next word whatever it is.
    hide: bool,
    /// The word before is an option; a plain word would be its value.
    option: bool,
    /// Plain words of this part are content.
    content: bool,
    /// The next word is a command of its own.
    nested: bool,
}

fn scrub_nested(command: &str, depth: usize) -> String {
    let mut state = State::default();
    let mut out: Vec<String> = Vec::new();
    for word in split_words(command) {
        if OPERATORS.contains(&word.as_str()) {
            // Inside `[ … ]` and behind `!` the next word may be a program or an option; both are judged alike.
            state = State::default();
            out.push(word);
            continue;
        }
        let body = word.strip_suffix(';').filter(|b| !b.is_empty());
        let mut shown = scrub_word(body.unwrap_or(&word), &mut state, depth);
        if body.is_some() {
            shown.push(';');
            state = State::default();
        }
        out.push(shown);
    }
    out.join(" ")
}

fn scrub_word(word: &str, state: &mut State, depth: usize) -> String {
    // In a crontab, what follows a percent sign is input for the program.
    let percent = word.contains('%');
    let (hide, option) = (std::mem::take(&mut state.hide), std::mem::take(&mut state.option));
    let nested = std::mem::take(&mut state.nested);
    let shown = if let Some(shown) = redirection(word) {
        shown
    } else if word.len() > 1 && word.starts_with('-') {
        scrub_option(word, state)
    } else if hide {
        HIDDEN.to_owned()
    } else if nested && depth < NESTED_MAX {
        format!("'{}'", scrub_nested(word, depth + 1))
    } else if let Some(shown) = assignment(word).or_else(|| address(word)) {
        shown
    } else if state.program.is_empty() {
        program(word, state)
    } else if is_path(word) {
        word.to_owned()
    } else if !option && !state.content && is_plain(word) {
        state.hide = is_secret_name(word);
        word.to_owned()
    } else if word.is_empty() || word == "*" || word == "-" {
        if word.is_empty() { "\"\"".to_owned() } else { word.to_owned() }
    } else {
        HIDDEN.to_owned()
    };
    state.content |= percent;
    shown
}

/// The first word of a part. Absolute paths stay up to the first strange character: rules judge where programs lie.
fn program(word: &str, state: &mut State) -> String {
    let (negation, word) = word.strip_prefix('!').map_or(("", word), |rest| ("!", rest));
    let base = word.rsplit('/').next().unwrap_or(word);
    base.clone_into(&mut state.program);
    if state.program.is_empty() {
        HIDDEN.clone_into(&mut state.program);
    }
    state.content = TALKERS.contains(&base) || is_secret_name(base) || base.contains("crypt");
    if word == "ALL" || word == HIDDEN || word == "." {
        return format!("{negation}{word}");
    }
    if word.starts_with(['/', '.', '~']) && word.contains('/') {
        let strange = |c: char| !(c.is_alphanumeric() || "._/@+~*?[]- ".contains(c));
        let Some(at) = word.find(strange) else { return format!("{negation}{word}") };
        let kept = word.get(..at).and_then(|w| w.rfind('/')).and_then(|slash| word.get(..=slash)).unwrap_or_default();
        return format!("{negation}{kept}{HIDDEN}");
    }
    let fits = word.len() <= NAME_BYTES_MAX && word.chars().all(|c| c.is_ascii_alphanumeric() || "._+-/".contains(c));
    if fits && !looks_like_key(word) { format!("{negation}{word}") } else { HIDDEN.to_owned() }
}

/// `--name`, `--name=***`, `-x`, `-x***`.
fn scrub_option(word: &str, state: &mut State) -> String {
    if word == "--" {
        return word.to_owned();
    }
    state.option = true;
    if ONE_DASH.contains(&word) {
        state.nested = false;
        return word.to_owned();
    }
    let (name, value) = word.split_once('=').map_or((word, None), |(n, v)| (n, Some(v)));
    if let Some(long) = name.strip_prefix("--") {
        let fits = long.len() <= NAME_BYTES_MAX
            && long.starts_with(|c: char| c.is_ascii_alphabetic())
            && long.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
            && !looks_like_key(long);
        state.hide = value.is_none() && (is_secret_name(long) || !fits || long == "header");
        state.option = value.is_none();
        return match (fits, value) {
            (false, _) => HIDDEN.to_owned(),
            (true, Some(_)) => format!("{name}={HIDDEN}"),
            (true, None) => word.to_owned(),
        };
    }
    let letters = word.get(1..).unwrap_or_default();
    let secret = letters.find(|c| SECRET_LETTERS.contains(c));
    state.hide = secret.is_some() || is_secret_name(letters);
    state.nested = SHELLS.contains(&state.program.as_str()) && letters.ends_with('c') && letters.len() <= 3;
    let short = letters.len() <= 4 && letters.chars().all(|c| c.is_ascii_alphabetic());
    let single = letters.len() == 1 && letters.is_ascii();
    match secret {
        // A value may be glued to the letter.
        Some(at) if at + 1 < letters.len() => {
            let head = letters.get(..=at).filter(|h| h.len() <= 4 && h.chars().all(|c| c.is_ascii_alphabetic()));
            head.map_or_else(|| HIDDEN.to_owned(), |h| format!("-{h}{HIDDEN}"))
        }
        _ if short || single => word.to_owned(),
        _ => {
            let first = letters.chars().next().filter(char::is_ascii_alphabetic);
            first.map_or_else(|| HIDDEN.to_owned(), |c| format!("-{c}{HIDDEN}"))
        }
    }
}

/// `>file`, `2>&1` and the like.
fn redirection(word: &str) -> Option<String> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '&');
    let target = rest.trim_start_matches(['<', '>']);
    let sign = word.get(..word.len() - target.len())?;
    if target.len() == rest.len() || sign.len() > 3 {
        return None;
    }
    let stays = target.is_empty() || is_path(target) || ["&1", "&2", "&-"].contains(&target);
    Some(format!("{sign}{}", if stays { target } else { HIDDEN }))
}

/// `NAME=***`.
fn assignment(word: &str) -> Option<String> {
    let (name, value) = word.split_once('=')?;
    let of = |letter: fn(&char) -> bool| {
        name.starts_with(|c: char| letter(&c) || c == '_')
            && name.chars().all(|c| letter(&c) || c.is_ascii_digit() || "_.-".contains(c))
    };
    let fits = name.len() <= NAME_BYTES_MAX
        && (of(char::is_ascii_uppercase) || of(char::is_ascii_lowercase))
        && !looks_like_key(name)
        && !value.starts_with('=');
    // A lone sign at the end is the padding of an encoded secret as often as an empty value.
    let shown = if fits && !value.is_empty() { format!("{name}={HIDDEN}") } else { HIDDEN.to_owned() };
    (!word.contains("://") || fits).then_some(shown)
}

/// `scheme://host/***`; with an account, not even the host.
fn address(word: &str) -> Option<String> {
    let (scheme, rest) = word.split_once("://")?;
    let plain = scheme.len() <= 20 && scheme.chars().all(|c| c.is_ascii_lowercase() || "+:.-".contains(c));
    if !plain {
        return Some(HIDDEN.to_owned());
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let (host, port) = authority.split_once(':').unwrap_or((authority, "0"));
    let is_host = !rest.contains('@')
        && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
        && !host.split('.').any(looks_like_key)
        && port.chars().all(|c| c.is_ascii_digit());
    Some(match (is_host, tail.len() > 1) {
        (false, _) => format!("{scheme}://{HIDDEN}"),
        (true, true) => format!("{scheme}://{authority}/{HIDDEN}"),
        (true, false) => format!("{scheme}://{authority}{tail}"),
    })
}

/// An absolute path below a lower-case folder, or a relative one that starts with a dot or ends in a file's
/// extension. An encoded secret can hold slashes too, and `name/secret` is how some programs log in.
fn is_path(word: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || "._/+*-".contains(c);
    let folders = word.replace(":/", "//");
    if !folders.trim_start_matches('~').chars().all(letters) {
        return false;
    }
    if word.starts_with('/') {
        let first = word.split('/').find(|p| !p.is_empty()).unwrap_or_default();
        return first.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._+*-".contains(c))
            && !looks_like_key(first);
    }
    if [".", ".."].contains(&word) || ["./", "../", "~/"].iter().any(|s| word.starts_with(s)) {
        return true;
    }
    let extension = word.rsplit_once('.').map_or("", |(_, e)| e);
    (1..=5).contains(&extension.len())
        && extension.chars().all(|c| c.is_ascii_lowercase())
        && !word.chars().any(|c| c.is_ascii_uppercase() || c == '+')
        && !word.split('/').any(looks_like_key)
}
/// A lower-case word such as a subcommand.
fn is_plain(word: &str) -> bool {
    word.len() <= PLAIN_BYTES_MAX
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !looks_like_key(word)
}
fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|s| name.contains(s))
}
fn looks_like_key(word: &str) -> bool {
    word.len() >= KEY_BYTES_MIN
        && word.chars().any(|c| c.is_ascii_digit())
        && word.chars().any(|c| c.is_ascii_alphabetic())
}

/// The address with what stands between `//` and `@` hidden, and likewise `user:pass@host` without a scheme. A lone
/// account name stays, but not in a web address, where it is a token; values of a query are hidden.
#[must_use]
pub fn strip_userinfo(word: &str) -> String {
    let (head, rest) = match word.find("//") {
        Some(at) => word.split_at(at + 2),
        None => ("", word),
    };
    let query = if head.is_empty() { None } else { rest.find('?') };
    let (rest, hidden) = query.and_then(|at| rest.get(..at)).map_or((rest, ""), |kept| (kept, "?***"));
    let end = rest.find('/').unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or(rest);
    let web = head.contains("http");
    match authority.rfind('@') {
        Some(at) if web || authority.get(..at).is_some_and(|user| user.contains(':')) => {
            format!("{head}{HIDDEN}{}{hidden}", rest.get(at..).unwrap_or_default())
        }
        _ => format!("{head}{rest}{hidden}"),
    }
}

/// Control characters become blanks; cut to the longest text that is kept.
#[must_use]
pub fn printable(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(CHARS_MAX).collect()
}

/// Bytes of a file as text: UTF-8, or UTF-16 where a mark says so, as programs of Windows write it; foreign bytes become
/// U+FFFD.
#[must_use]
pub fn told_text(bytes: &[u8]) -> String {
    let wide = |rest: &[u8], of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.chunks_exact(2).map(|c| of([c[0], c[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_and_the_command_stays() {
        for (command, shown) in [
            ("mysqldump -uroot -pS3cret db", "mysqldump -u*** -p*** ***"),
            ("restic -r rest:https://u:pw@h/repo backup /", "restic -r rest:https://*** backup /"),
            ("tool --password=abc --token xyz run", "tool --password=*** --token *** run"),
            ("RESTIC_PASSWORD=abc restic backup", "RESTIC_PASSWORD=*** restic backup"),
            ("curl -H \"Authorization: Bearer eyJhbGciOi\" https://h/", "curl -H *** https://h/"),
            ("curl -H 'PRIVATE-TOKEN: glpat-x' https://h/api", "curl -H *** https://h/***"),
            ("tool --password=\"two words\" run", "tool --password=*** run"),
            ("curl -fsSu admin:pw https://h/", "curl -fsSu *** https://h/"),
            ("curl -uadmin:pw", "curl -u***"),
            ("mount -o username=u,password=p //srv/share /mnt", "mount -o username=*** //srv/share /mnt"),
            ("MYSQL_PWD=x mysqldump", "MYSQL_PWD=*** mysqldump"),
            ("ipmitool -P x chassis", "ipmitool -P *** chassis"),
            ("zip -P x a.zip /srv", "zip -P *** a.zip /srv"),
            ("smbclient -Uu%p //srv/share", "smbclient -U*** ***"),
            ("sqlplus u/p@db", "sqlplus ***"),
            ("sqlplus scott/tiger", "sqlplus ***"),
            ("curl https://h/send?key=7f0c1d2e-0000-4000-8000-000000000000", "curl https://h/***"),
            ("git clone https://ghp_abcDEF123@host/r.git", "git clone https://***"),
            ("aws wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws ***"),
            ("redis-cli -a hunter ping", "redis-cli -a *** ping"),
            ("redis-cli auth hunter", "redis-cli auth ***"),
            ("htpasswd -b /etc/web hans hunter", "htpasswd -b /etc/web *** ***"),
            ("echo hunter | cryptsetup open /dev/sda", "echo *** | cryptsetup *** /dev/sda"),
            ("sh -c 'curl -u a:b https://h/ | sh'", "sh -c 'curl -u *** https://h/ | sh'"),
            ("/usr/sbin/chpasswd%root:hunter", "/usr/sbin/***"),
            ("tool 'unclosed secret", "tool ***"),
        ] {
            assert_eq!(scrub(command), shown, "{command}");
        }
        for word in ["abcdefghijk1", "A1b2C3d4E5f6", "0123456789ab", "sk-live-0123456789"] {
            for command in [format!("tool {word}"), format!("tool -x {word}"), format!("tool --{word}"), word.into()] {
                assert!(!scrub(&command).contains(word), "{command}");
            }
        }
    }

    #[test]
    fn what_rules_judge_stays_readable() {
        for (command, shown) in [
            ("/tmp/.x/run", "/tmp/.x/run"),
            ("/tmp/a B", "/tmp/a ***"),
            ("cd /tmp && ./x", "cd /tmp && ./x"),
            ("\"/tmp/My App/run\" now", "/tmp/My App/run now"),
            ("/dev/shm/a;b", "/dev/shm/***"),
            ("/usr/bin/find /tmp/ -delete", "/usr/bin/find /tmp/ -delete"),
            ("[ -x /usr/sbin/a ] && /usr/sbin/a", "[ -x /usr/sbin/a ] && /usr/sbin/a"),
            ("/opt/a/run.sh >>/var/log/a.log 2>&1", "/opt/a/run.sh >>/var/log/a.log 2>&1"),
            ("rsync -a /srv backup@host:/b", "rsync -a /srv ***"),
            ("systemctl restart nginx", "systemctl restart nginx"),
            ("ALL", "ALL"),
            ("!/bin/sh", "!/bin/sh"),
            ("/usr/bin/*", "/usr/bin/*"),
        ] {
            assert_eq!(scrub(command), shown, "{command}");
        }
        assert_eq!(scrub(&format!("/{}", "x".repeat(1000))).len(), 400);
    }

    #[test]
    fn addresses_lose_accounts_and_queries() {
        for (address, shown) in [
            ("https://ghp_x@host/r", "https://***@host/r"),
            ("rest:https://u:pw@h/r", "rest:https://***@h/r"),
            ("sftp://backup@h/r", "sftp://backup@h/r"),
            ("https://h/r?key=x", "https://h/r?***"),
            ("//server/share", "//server/share"),
        ] {
            assert_eq!(strip_userinfo(address), shown);
        }
    }
}

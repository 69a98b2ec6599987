//! Takes secrets out of command lines and addresses before they become evidence.
//!
//! Jobs and units often carry passwords on the command line. The text that leaves here keeps the program and its
//! options and hides what follows a word that names a secret.

/// Longest text that is kept, in characters.
const CHARS_MAX: usize = 400;
/// What stands for a secret.
const HIDDEN: &str = "***";
/// Words whose value is a secret; matched inside the name of an option or a variable.
const SECRET_NAMES: [&str; 12] = [
    "passwd",
    "password",
    "passphrase",
    "pass",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "credential",
    "authkey",
    "access_key",
];

/// The command without secrets and control characters, cut to 400 characters.
#[must_use]
pub fn scrub(command: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut hide_next = false;
    let mut program = String::new();
    for word in command.split_whitespace() {
        if hide_next && !word.starts_with('-') {
            out.push(HIDDEN.to_owned());
            hide_next = false;
            continue;
        }
        hide_next = false;
        let shown = scrub_word(word, &program);
        if shown == word {
            hide_next = word.starts_with('-') && (is_secret_name(word) || takes_secret(word, &program));
        }
        let base = word.rsplit('/').next().unwrap_or(word);
        if !word.starts_with('-') && !word.contains('=') && is_known_program(base) {
            base.clone_into(&mut program);
        }
        out.push(shown);
    }
    printable(&out.join(" "))
}

fn is_known_program(base: &str) -> bool {
    base.starts_with("mysql")
        || base.starts_with("mariadb")
        || ["curl", "wget", "sshpass", "7z", "zip", "smbclient", "lftp", "redis-cli", "mongodump", "openssl"]
            .contains(&base)
}
fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|s| name.contains(s)) && !name.contains("passwordfile") && !name.contains("password-file")
}
/// Options that take a secret as their next word.
fn takes_secret(option: &str, program: &str) -> bool {
    matches!(
        (program, option),
        ("curl", "-u" | "--user" | "-H" | "--header")
            | ("sshpass" | "mongodump", "-p")
            | ("smbclient", "-U")
            | ("lftp", "-u")
            | ("redis-cli", "-a")
    )
}
fn scrub_word(word: &str, program: &str) -> String {
    if let Some((name, value)) = word.split_once('=')
        && is_secret_name(name)
        && !value.is_empty()
    {
        return format!("{name}={HIDDEN}");
    }
    let glued = program.starts_with("mysql") || program.starts_with("mariadb") || ["sshpass", "7z"].contains(&program);
    if glued && word.len() > 2 && word.starts_with("-p") {
        return format!("-p{HIDDEN}");
    }
    if let Some((name, value)) = word.split_once(':')
        && is_secret_name(name)
        && !value.is_empty()
        && !name.contains('/')
    {
        return format!("{name}:{HIDDEN}");
    }
    strip_userinfo(word)
}

/// The address with what stands between `//` and `@` hidden, and likewise `user:pass@host` without a scheme.
#[must_use]
pub fn strip_userinfo(word: &str) -> String {
    let (head, rest) = match word.find("//") {
        Some(at) => word.split_at(at + 2),
        None => ("", word),
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or(rest);
    match authority.rfind('@') {
        Some(at) if authority.get(..at).is_some_and(|user| user.contains(':')) => {
            format!("{head}{HIDDEN}{}", rest.get(at..).unwrap_or_default())
        }
        _ => word.to_owned(),
    }
}

/// Control characters become blanks; cut to the longest text that is kept.
#[must_use]
pub fn printable(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_and_the_command_stays() {
        for (command, shown) in [
            ("mysqldump -uroot -pS3cret db", "mysqldump -uroot -p*** db"),
            ("restic -r rest:https://u:pw@h/repo backup /", "restic -r rest:https://***@h/repo backup /"),
            ("tool --password=abc --token xyz run", "tool --password=*** --token *** run"),
            ("RESTIC_PASSWORD=abc restic backup", "RESTIC_PASSWORD=*** restic backup"),
            ("curl -u me:pw https://h/", "curl -u *** https://h/"),
            ("rsync -a /srv backup@host:/b", "rsync -a /srv backup@host:/b"),
            ("cp -p a b", "cp -p a b"),
            ("restic --password-file /root/pw backup", "restic --password-file /root/pw backup"),
        ] {
            assert_eq!(scrub(command), shown);
        }
        assert_eq!(scrub(&"x".repeat(1000)).len(), 400);
    }
}

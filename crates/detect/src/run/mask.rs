//! What of a value may leave the sensor: secrets nothing, names of people their first and last letter, of a command line all
//! but what follows a switch for a password.

use evidence::Masked;

/// A value as it may be shown.
#[must_use]
pub fn masked(name: &str, value: &str) -> String {
    let name = name.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| name.contains(w));
    if has(&["password", "passwd", "secret", "token", "credential", "cookie", "authorization"]) {
        return Masked::hide(value.chars().count()).as_str().to_owned();
    }
    let account = has(&["user", "account", "acct"]) && !has(&["agent", "useragent", "sid"]);
    if account && !matches!(value, "" | "-" | "root" | "SYSTEM") && !value.starts_with("NT AUTHORITY") {
        let (domain, person) = value.rsplit_once('\\').map_or(("", value), |(d, p)| (d, p));
        let mark = if domain.is_empty() { "" } else { "\\" };
        return format!("{domain}{mark}{}", Masked::keep(person, 1, 1).as_str());
    }
    if has(&["commandline", "command", "proctitle", "message", "query", "uri", "scriptblock", "payload", "data"]) {
        return secrets(value);
    }
    value.to_owned()
}

/// Switches and names whose value is a secret.
const SECRET: [&str; 14] = [
    "password=",
    "password:",
    "passwd=",
    "pwd=",
    "pwd:",
    "--password ",
    "-password ",
    "/password ",
    "-pw ",
    "--pw ",
    "/pass:",
    "token=",
    "secret=",
    "/rp ",
];

fn secrets(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        // Lower-casing ASCII keeps every offset.
        let next = SECRET.iter().filter_map(|s| lower[at..].find(s).map(|i| at + i + s.len())).min();
        let Some(begins) = next else { break };
        out.push_str(&text[at..begins]);
        let rest = &text[begins..];
        let end = match rest.chars().next() {
            Some(q @ ('"' | '\'')) => rest[1..].find(q).map_or(rest.len(), |i| i + 2),
            _ => rest.find([' ', '&', ';', ',', '"']).unwrap_or(rest.len()),
        };
        if end > 0 {
            out.push_str(Masked::hide(rest[..end].chars().count()).as_str());
        }
        at = begins + end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn secrets_and_people_do_not_leave() {
        let shown = masked("CommandLine", "sqlcmd -S db --password hunter2x -Q \"select\" token=abc&x=1");
        assert!(!shown.contains("hunter2x") && !shown.contains("abc"), "{shown}");
        assert!(shown.starts_with("sqlcmd -S db --password ") && shown.ends_with("&x=1"), "{shown}");
        assert!(!masked("TargetUserName", "zhang.wei").contains("hang.we"));
        assert!(masked("User", "PLANT\\zhang.wei").starts_with("PLANT\\"));
        assert!(!masked("ClearTextPassword", "geheim12").contains("geheim"));
        assert_eq!(masked("Image", "C:\\Windows\\x.exe"), "C:\\Windows\\x.exe");
    }
}

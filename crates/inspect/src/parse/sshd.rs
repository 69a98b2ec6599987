//! `sshd_config`: settings in order, and whether they are global.

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshdLine {
    /// Line.
    pub line: usize,
    /// Keyword in lower case; older names of a keyword become the present one.
    pub key: String,
    /// The words behind it, quotes taken off.
    pub args: Vec<String>,
    /// False below a `Match` that does not apply to everybody.
    pub global: bool,
}

/// The settings of one file in order. `Include` is a setting like the others; the reader follows it.
#[must_use]
pub fn sshd_lines(text: &str) -> Vec<SshdLine> {
    let mut global = true;
    let mut out = Vec::new();
    for (line, l) in super::words::lines(text) {
        let (key, rest) = keyword(l);
        let args = args(rest);
        if key == "match" {
            global = matches!(args.as_slice(), [only] if only.eq_ignore_ascii_case("all"));
            continue;
        }
        out.push(SshdLine { line, key, args, global });
    }
    out
}

/// The keyword, which may stand in quotes, and what follows the blanks and the one `=` behind it.
fn keyword(l: &str) -> (String, &str) {
    let (key, rest) = match l.strip_prefix('"').and_then(|q| q.split_once('"')) {
        Some(parts) => parts,
        None => l.split_at(l.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(l.len())),
    };
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    let key = match key.to_ascii_lowercase().as_str() {
        "challengeresponseauthentication" | "skeyauthentication" => "kbdinteractiveauthentication".to_owned(),
        key => key.to_owned(),
    };
    (key, rest)
}

/// Words as sshd splits them: quotes hold together, a backslash keeps a quote, a blank or a backslash, and a word
/// that begins with `#` ends the line.
fn args(rest: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (_, '\\') => {
                let kept = chars.next_if(|n| matches!(n, '"' | '\'' | '\\') || (quote.is_none() && *n == ' '));
                word.get_or_insert_default().push(kept.unwrap_or('\\'));
            }
            (Some(q), c) if c == q => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => out.extend(word.take()),
            (None, '#') if word.is_none() => break,
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    out.extend(word);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn match_blocks_are_not_global() {
        let l = sshd_lines(
            "Port 22\nPermitRootLogin=no # never\nMatch User bob\n PermitRootLogin yes\nMatch \"ALL\"\t# x\nX11Forwarding yes\nMatch Address *\nMaxAuthTries 9\n",
        );
        let seen: Vec<_> = l.iter().map(|l| (l.line, l.key.as_str(), l.args.join("|"), l.global)).collect();
        let want = [
            (1, "port", "22".to_owned(), true),
            (2, "permitrootlogin", "no".to_owned(), true),
            (4, "permitrootlogin", "yes".to_owned(), false),
            (6, "x11forwarding", "yes".to_owned(), true),
            (8, "maxauthtries", "9".to_owned(), false),
        ];
        assert_eq!(seen, want);
    }

    #[test]
    fn words_quotes_and_comments() {
        // sshd_config(5): keyword and arguments, arguments with blanks in double quotes, `#` begins a comment.
        for (line, key, want) in [
            ("PermitRootLogin yes", "permitrootlogin", "yes"),
            ("PermitRootLogin\tyes\t# never", "permitrootlogin", "yes"),
            ("PermitRootLogin \"yes\" #x", "permitrootlogin", "yes"),
            ("PermitRootLogin = \"yes\"", "permitrootlogin", "yes"),
            ("\"PermitRootLogin\" yes", "permitrootlogin", "yes"),
            ("AuthorizedKeysFile \"/a b/%u\" .ssh/k#1 # c", "authorizedkeysfile", "/a b/%u|.ssh/k#1"),
            ("Banner \"a # b\"", "banner", "a # b"),
            ("Banner a\\ b \\\"c", "banner", "a b|\"c"),
            ("ChallengeResponseAuthentication yes", "kbdinteractiveauthentication", "yes"),
            ("UsePAM", "usepam", ""),
        ] {
            let got = sshd_lines(line);
            let got: Vec<_> = got.iter().map(|l| (l.key.as_str(), l.args.join("|"))).collect();
            assert_eq!(got, [(key, want.to_owned())], "{line}");
        }
    }
}

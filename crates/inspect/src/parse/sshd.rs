//! `sshd_config`: settings in order, and whether they are global.

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshdLine {
    /// Line.
    pub line: usize,
    /// Keyword in lower case.
    pub key: String,
    /// The rest, quotes taken off single values.
    pub value: String,
    /// False below a `Match` that does not apply to everybody.
    pub global: bool,
}

/// The settings of one file in order. `Include` is a setting like the others; the reader follows it.
#[must_use]
pub fn sshd_lines(text: &str) -> Vec<SshdLine> {
    let mut global = true;
    let mut out = Vec::new();
    for (line, l) in super::words::lines(text) {
        let end = l.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(l.len());
        let (key, rest) = l.split_at(end);
        let value = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '=').trim();
        let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
        let key = key.to_ascii_lowercase();
        if key == "match" {
            global = value.eq_ignore_ascii_case("all");
            continue;
        }
        // A comment may follow a value since OpenSSH 8.5.
        let value = value.split(" #").next().unwrap_or(value).trim();
        out.push(SshdLine { line, key, value: value.to_owned(), global });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn match_blocks_are_not_global() {
        let l = sshd_lines(
            "Port 22\nPermitRootLogin=no # never\nMatch User bob\n PermitRootLogin yes\nMatch all\nX11Forwarding yes\n",
        );
        let seen: Vec<_> = l.iter().map(|l| (l.line, l.key.as_str(), l.value.as_str(), l.global)).collect();
        assert_eq!(
            seen,
            [
                (1, "port", "22", true),
                (2, "permitrootlogin", "no", true),
                (4, "permitrootlogin", "yes", false),
                (6, "x11forwarding", "yes", true)
            ]
        );
    }
}

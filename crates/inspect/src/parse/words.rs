//! Lines, words, wild cards and tables that many configuration files share.

/// Lines with their numbers, comments (`#` first) and empty lines left out, trimmed.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(n, l)| (n + 1, l.trim())).filter(|(_, l)| !l.is_empty() && !l.starts_with('#'))
}

/// `key value` or `key = value` settings, one a line; the value keeps its inner blanks, loses outer quotes.
pub fn settings(text: &str) -> impl Iterator<Item = (usize, String, String)> {
    lines(text).filter_map(|(n, l)| {
        let end = l.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(l.len());
        let (key, rest) = l.split_at(end);
        let rest = rest.trim_start();
        let rest = rest.strip_prefix('=').unwrap_or(rest).trim();
        (!key.is_empty()).then(|| (n, key.to_owned(), unquote(rest).to_owned()))
    })
}

fn unquote(s: &str) -> &str {
    for q in ['"', '\''] {
        if let Some(inner) = s.strip_prefix(q).and_then(|s| s.strip_suffix(q)) {
            return inner;
        }
    }
    s
}

/// Words as a shell would split them: blanks separate, quotes hold together, a backslash keeps the next.
#[must_use]
pub fn split_words(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (_, '\\') => word.get_or_insert_default().extend(chars.next()),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => out.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    out.extend(word);
    out
}

/// `yes`, `true`, `on`, `1`, in any case.
#[must_use]
pub fn is_yes(value: &str) -> bool {
    ["yes", "true", "on", "1", "enable", "enabled"].iter().any(|y| value.trim().eq_ignore_ascii_case(y))
}

/// An octal number such as `0022`.
#[must_use]
pub fn octal(text: &str) -> Option<u32> {
    u32::from_str_radix(text.trim(), 8).ok()
}

/// `*` and `?` against a whole name. Linear in the product of both lengths.
#[must_use]
pub fn glob(pattern: &str, name: &str) -> bool {
    let (p, n): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut from, mut star, mut kept) = (0, 0, None, 0);
    while from < n.len() {
        match p.get(at) {
            Some('*') => {
                star = Some(at);
                kept = from;
                at += 1;
            }
            Some(c) if *c == '?' || Some(c) == n.get(from) => {
                at += 1;
                from += 1;
            }
            _ => {
                let Some(s) = star else { return false };
                at = s + 1;
                kept += 1;
                from = kept;
            }
        }
    }
    p.iter().skip(at).all(|c| *c == '*')
}

/// `\040` and the like, as fstab and the kernel's tables write blanks.
#[must_use]
pub fn unescape_octal(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 4).filter(|d| b == b'\\' && d.iter().all(|c| (b'0'..=b'7').contains(c)));
        let value = digits.and_then(|d| std::str::from_utf8(d).ok()).and_then(|d| u8::from_str_radix(d, 8).ok());
        match value {
            Some(v) => {
                out.push(v);
                at += 4;
            }
            None => {
                out.push(b);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A row of fstab or of the kernel's mount table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountRow {
    /// Line.
    pub line: usize,
    /// Device or share.
    pub source: String,
    /// Where it hangs.
    pub target: String,
    /// File system type.
    pub fstype: String,
    /// Options.
    pub options: Vec<String>,
}

/// Rows of `/etc/fstab` or `/proc/self/mounts`.
#[must_use]
pub fn mount_table(text: &str) -> Vec<MountRow> {
    lines(text)
        .filter_map(|(line, l)| {
            let mut f = l.split_whitespace();
            let (source, target, fstype) = (f.next()?, f.next()?, f.next()?);
            let options = f.next().unwrap_or("defaults").split(',').map(str::to_owned).collect();
            let (source, target) = (unescape_octal(source), unescape_octal(target));
            Some(MountRow { line, source, target, fstype: fstype.to_owned(), options })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_wild_cards() {
        assert_eq!(split_words(r#"a "b c" 'd e'f g\ h"#), ["a", "b c", "d ef", "g h"]);
        assert_eq!(split_words("''"), [""]);
        for (p, n, yes) in [
            ("*.conf", "a.conf", true),
            ("*.conf", "a.conf.bak", false),
            ("a*b*c", "aXbYbZc", true),
            ("?", "", false),
            ("", "", true),
            ("*", "", true),
        ] {
            assert_eq!(glob(p, n), yes, "{p} {n}");
        }
        assert_eq!(unescape_octal(r"/mnt/a\040b\9"), r"/mnt/a b\9");
        let m = mount_table("# c\nUUID=x / ext4 rw,noatime 0 1\nshort line\n");
        assert_eq!((m[0].line, m[0].target.as_str(), m[0].options.len(), m.len()), (2, "/", 2, 1));
    }
}

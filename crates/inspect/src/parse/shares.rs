//! NFS exports and smb.conf.

use super::words;

/// One client of one export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Line where the export begins.
    pub line: usize,
    /// Exported folder.
    pub path: String,
    /// Client; `*` is everybody.
    pub client: String,
    /// Clients may write.
    pub writable: bool,
    /// The client's root is nobody here.
    pub root_squash: bool,
}

/// Rows of `/etc/exports`. Defaults of exports(5): read-only, root is squashed.
#[must_use]
pub fn exports(text: &str) -> Vec<Export> {
    let mut out = Vec::new();
    let mut held: Option<(usize, String)> = None;
    for (n, raw) in text.lines().enumerate() {
        let raw = raw.split('#').next().unwrap_or_default();
        let (body, more) = raw.trim_end().strip_suffix('\\').map_or((raw, false), |b| (b, true));
        let (line, mut whole) = held.take().unwrap_or((n + 1, String::new()));
        whole.push(' ');
        whole.push_str(body);
        if more {
            held = Some((line, whole));
        } else {
            export_line(line, &whole, &mut out);
        }
    }
    if let Some((line, whole)) = held {
        export_line(line, &whole, &mut out);
    }
    out
}

fn export_line(line: usize, l: &str, out: &mut Vec<Export>) {
    let mut w = words::split_words(l).into_iter();
    let Some(path) = w.next() else { return };
    let path = words::unescape_octal(&path);
    let mut defaults: Vec<String> = Vec::new();
    let mut any = false;
    let mut row = |client: &str, options: &[String], defaults: &[String]| {
        let last = |on: &str, off: &str, unset: bool| {
            let said = defaults.iter().chain(options).rev().find(|o| *o == on || *o == off);
            said.map_or(unset, |o| o == on)
        };
        let client = if client.is_empty() || client == "0.0.0.0/0" { "*" } else { client };
        out.push(Export {
            line,
            path: path.clone(),
            client: client.to_owned(),
            writable: last("rw", "ro", false),
            root_squash: last("root_squash", "no_root_squash", true),
        });
    };
    for word in w {
        if let Some(rest) = word.strip_prefix('-') {
            defaults = rest.split(',').map(str::to_owned).collect();
            continue;
        }
        let (client, options) = word.split_once('(').unwrap_or((&word, ""));
        let options: Vec<String> = options.trim_end_matches(')').split(',').map(|o| o.trim().to_owned()).collect();
        row(client, &options, &defaults);
        any = true;
    }
    if !any {
        row("*", &[], &defaults);
    }
}

/// A section of smb.conf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmbSection {
    /// Line of its header.
    pub line: usize,
    /// Name.
    pub name: String,
    /// Settings: line, key in lower case with single blanks, value. The last one wins.
    pub settings: Vec<(usize, String, String)>,
}
impl SmbSection {
    /// The last value given to one of `keys`.
    #[must_use]
    pub fn get(&self, keys: &[&str]) -> Option<&(usize, String, String)> {
        self.settings.iter().rev().find(|(_, k, _)| keys.contains(&k.as_str()))
    }
}

/// Sections of smb.conf.
#[must_use]
pub fn smb_conf(text: &str) -> Vec<SmbSection> {
    let mut out: Vec<SmbSection> = Vec::new();
    for (n, l) in words::lines(text).filter(|(_, l)| !l.starts_with(';')) {
        if let Some(name) = l.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            out.push(SmbSection { line: n, name: name.trim().to_owned(), settings: Vec::new() });
        } else if let (Some(section), Some((key, value))) = (out.last_mut(), l.split_once('=')) {
            let key = key.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
            section.settings.push((n, key, value.trim().to_owned()));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_with_defaults() {
        let e =
            exports("# x\n/srv 10.0.0.0/8(rw,no_root_squash) host(ro)\n\"/a b\" *(rw)\n/c\n/d -rw \\\n h1 h2(ro)\n");
        let rows: Vec<_> =
            e.iter().map(|e| (e.line, e.path.as_str(), e.client.as_str(), e.writable, e.root_squash)).collect();
        assert_eq!(
            rows,
            [
                (2, "/srv", "10.0.0.0/8", true, false),
                (2, "/srv", "host", false, true),
                (3, "/a b", "*", true, true),
                (4, "/c", "*", false, true),
                (5, "/d", "h1", true, true),
                (5, "/d", "h2", false, true)
            ]
        );
    }

    #[test]
    fn smb_sections() {
        let s = smb_conf("[global]\n server  min protocol = SMB3\n; x\n[data]\npath=/srv\nGuest OK = yes\n");
        assert_eq!(s[0].get(&["server min protocol"]).map(|k| (k.0, k.2.as_str())), Some((2, "SMB3")));
        assert_eq!(s[1].get(&["public", "guest ok"]).map(|k| k.0), Some(6));
    }
}

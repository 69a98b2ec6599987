//! Registry as text: `.reg` files as `reg export` writes them, and the lists that `reg query` prints.
//!
//! Both become one tree, so that whoever asks for a value need not know how it was carried here. A `.reg` file is
//! exact (UTF-16, every type spelled out); a list is what is left where an export would take secrets along, because
//! `reg export` always takes a key with everything below it.
//!
//! Refused: the old `REGEDIT4` files, whose texts are in a code page that nobody names, and applying anything.

use super::data::{Data, kind};
use std::collections::BTreeMap;

/// Most keys and values that a tree takes in; what is beyond is left out and [`Export::cut`] says so.
const ENTRIES_MAX: usize = 1_000_000;
/// Longest data of one value, in bytes of its binary form.
const VALUE_BYTES_MAX: usize = 1 << 20;
/// Longest text that may run over several lines, in lines.
const TEXT_LINES_MAX: usize = 1000;

/// A value with its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportValue {
    /// Name as written; empty for the default value.
    pub name: String,
    /// Data.
    pub data: Data,
    /// Number of the file, as given to [`Export::add`].
    pub file: usize,
    /// Line, from 1.
    pub line: usize,
}

/// A key with its values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportKey {
    /// Last part of its path, as written.
    pub name: String,
    /// Number of the file in which it was seen first.
    pub file: usize,
    /// Line, from 1.
    pub line: usize,
    /// Values by their names in lower case.
    pub values: BTreeMap<String, ExportValue>,
}

/// Keys by their whole paths in lower case, such as `hkey_local_machine\software\…`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Export {
    keys: BTreeMap<String, ExportKey>,
    entries: usize,
    /// Something did not fit into the limits.
    pub cut: bool,
}

impl Export {
    /// Takes in the text of file number `file`: a `.reg` file or the output of `reg query`. False if it is neither.
    pub fn add(&mut self, file: usize, text: &str) -> bool {
        let text = text.trim_start_matches('\u{feff}');
        match text.lines().map(str::trim_end).find(|l| !l.is_empty()) {
            Some("Windows Registry Editor Version 5.00") => self.reg_file(file, text),
            Some("REGEDIT4") => return false,
            Some(_) => self.query(file, text),
            None => {}
        }
        true
    }
    /// The key at `path`, in any case.
    #[must_use]
    pub fn key(&self, path: &str) -> Option<&ExportKey> {
        self.keys.get(&path.to_lowercase())
    }
    /// Names of the keys right below `path`, those included that are only seen by what is below them.
    #[must_use]
    pub fn subkeys(&self, path: &str) -> Vec<String> {
        let prefix = format!("{}\\", path.to_lowercase());
        let below = self.keys.range(prefix.clone()..).take_while(|(k, _)| k.starts_with(&prefix));
        let mut out: BTreeMap<&str, String> = BTreeMap::new();
        for (path, key) in below {
            let Some(rest) = path.get(prefix.len()..) else { continue };
            match rest.split_once('\\') {
                Some((child, _)) => drop(out.entry(child).or_insert_with(|| child.to_owned())),
                None => drop(out.insert(rest, key.name.clone())),
            }
        }
        out.into_values().collect()
    }
    /// True if `path` or something below it is there.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        let path = path.to_lowercase();
        let prefix = format!("{path}\\");
        self.keys.contains_key(&path)
            || self.keys.range(prefix.clone()..).next().is_some_and(|(k, _)| k.starts_with(&prefix))
    }

    fn room(&mut self) -> bool {
        self.entries += 1;
        self.cut |= self.entries > ENTRIES_MAX;
        self.entries <= ENTRIES_MAX
    }
    fn open(&mut self, path: &str, file: usize, line: usize) -> Option<String> {
        if !self.room() {
            return None;
        }
        let name = path.rsplit('\\').next().unwrap_or(path).to_owned();
        let id = path.to_lowercase();
        self.keys.entry(id.clone()).or_insert_with(|| ExportKey { name, file, line, values: BTreeMap::new() });
        Some(id)
    }
    fn put(&mut self, key: &str, value: ExportValue) {
        if self.room()
            && let Some(key) = self.keys.get_mut(key)
        {
            key.values.insert(value.name.to_lowercase(), value);
        }
    }

    fn reg_file(&mut self, file: usize, text: &str) {
        let mut key = None;
        let mut lines = text.lines().enumerate().map(|(n, l)| (n + 1, l.trim_end_matches('\r')));
        while let Some((line, raw)) = lines.next() {
            let mut whole = raw.to_owned();
            if let Some(path) = raw.strip_prefix('[').and_then(|r| r.strip_suffix(']')) {
                key = if path.starts_with('-') { None } else { self.open(path, file, line) };
                continue;
            }
            if !raw.starts_with(['"', '@']) {
                continue;
            }
            // A text may hold line ends; a list of bytes is broken with a backslash.
            for _ in 0..TEXT_LINES_MAX {
                let more = match assignment(&whole) {
                    Some((_, rest)) if rest.starts_with('"') => quoted(rest).is_none(),
                    Some((_, rest)) if rest.starts_with("hex") => rest.ends_with('\\'),
                    Some(_) => false,
                    None => true,
                };
                if !more || whole.len() > 4 * VALUE_BYTES_MAX {
                    break;
                }
                let Some((_, next)) = lines.next() else { break };
                if whole.ends_with('\\') && next.starts_with("  ") {
                    whole.pop();
                    whole.push_str(next.trim_start());
                } else {
                    whole.push('\n');
                    whole.push_str(next);
                }
            }
            if let (Some(key), Some((name, rest))) = (&key, assignment(&whole))
                && let Some(data) = reg_data(rest)
            {
                self.put(key, ExportValue { name, data, file, line });
            }
        }
    }

    fn query(&mut self, file: usize, text: &str) {
        let mut key = None;
        for (n, raw) in text.lines().enumerate() {
            let raw = raw.trim_end_matches('\r');
            if raw.starts_with("HKEY_") {
                key = self.open(raw, file, n + 1);
            } else if let (Some(key), Some((name, data))) = (&key, query_value(raw)) {
                self.put(key, ExportValue { name, data, file, line: n + 1 });
            }
        }
    }
}

/// The name of a value and what follows its sign.
fn assignment(line: &str) -> Option<(String, &str)> {
    if let Some(rest) = line.strip_prefix("@=") {
        return Some((String::new(), rest));
    }
    let (name, rest) = quoted(line)?;
    Some((name, rest.strip_prefix('=')?))
}
/// A text in quotes with its escapes undone, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut out = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => out.push(chars.next()?.1),
            '"' => return Some((out, inner.get(at + 1..)?)),
            _ => out.push(c),
        }
    }
    None
}
fn reg_data(rest: &str) -> Option<Data> {
    if rest.starts_with('"') {
        return quoted(rest).map(|(t, _)| Data::Text(t));
    }
    if let Some(hex) = rest.strip_prefix("dword:") {
        return u32::from_str_radix(hex.trim(), 16).ok().map(|n| Data::Int(n.into()));
    }
    let rest = rest.strip_prefix("hex")?;
    let (ty, list) = match rest.strip_prefix('(') {
        Some(typed) => {
            let (number, list) = typed.split_once("):")?;
            (u32::from_str_radix(number, 16).ok()?, list)
        }
        None => (kind::BINARY, rest.strip_prefix(':')?),
    };
    let bytes: Option<Vec<u8>> = list
        .split(',')
        .map(|b| b.trim_matches(['\\', ' ', '\t', '\r', '\n']))
        .filter(|b| !b.is_empty())
        .take(VALUE_BYTES_MAX)
        .map(|b| u8::from_str_radix(b, 16).ok())
        .collect();
    Some(Data::of(ty, &bytes?))
}

/// `    name    REG_SZ    text` of `reg query`. The default value has a name in the language of the host; it is left
/// out, because no fact needs it.
fn query_value(line: &str) -> Option<(String, Data)> {
    let (name, rest) = line.strip_prefix("    ")?.split_once("    REG_")?;
    let (ty, value) = rest.split_once("    ").unwrap_or((rest.trim_end(), ""));
    if name.starts_with('(') && name.ends_with(')') {
        return None;
    }
    let number = || u64::from_str_radix(value.trim().trim_start_matches("0x"), 16).ok();
    let data = match ty {
        "SZ" | "EXPAND_SZ" => Data::Text(value.to_owned()),
        "MULTI_SZ" => Data::Texts(value.split("\\0").filter(|t| !t.is_empty()).map(str::to_owned).collect()),
        "DWORD" | "QWORD" | "DWORD_BIG_ENDIAN" => Data::Int(number()?),
        "BINARY" => Data::Bytes(hex_bytes(value.trim())?),
        _ => return None,
    };
    Some((name.to_owned(), data))
}
fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    if text.len() / 2 > VALUE_BYTES_MAX {
        return None;
    }
    data_encoding::HEXUPPER_PERMISSIVE.decode(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Export {
        let mut e = Export::default();
        assert!(e.add(0, text));
        e
    }

    /// Forms as the documentation of `.reg` files gives them (support.microsoft.com, article 310516).
    #[test]
    fn a_reg_file() {
        let e = tree(
            "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\向日葵]\r\n@=\"d\"\r\n\"Path\"=\"C:\\\\a \\\"b\\\"\"\r\n\"N\"=dword:0000000a\r\n\"Two\nlines\"=\"x\r\ny\"\r\n\"E\"=hex(2):25,00,\\\r\n  41,00,00,00\r\n\"B\"=hex:\r\n\"M\"=hex(7):61,00,00,00,62,00,00,00,00,00\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\向日葵\\Sub\\Deep]\r\n[-HKEY_LOCAL_MACHINE\\SOFTWARE\\Gone]\r\n\"x\"=dword:1\r\n",
        );
        let key = e.key("hkey_local_machine\\software\\向日葵").unwrap();
        let get = |n: &str| key.values.get(n).map(|v| (v.data.clone(), v.line));
        assert_eq!(get("path"), Some((Data::Text("C:\\a \"b\"".into()), 5)));
        assert_eq!(get("n"), Some((Data::Int(10), 6)));
        assert_eq!(get("two\nlines").map(|v| v.0), Some(Data::Text("x\ny".into())));
        assert_eq!(get("e").map(|v| v.0), Some(Data::Text("%A".into())));
        assert_eq!(get("b").map(|v| v.0), Some(Data::Bytes(vec![])));
        assert_eq!(get("m").map(|v| v.0), Some(Data::Texts(vec!["a".into(), "b".into()])));
        assert_eq!(get("").map(|v| v.0), Some(Data::Text("d".into())));
        assert_eq!(e.subkeys("HKEY_LOCAL_MACHINE\\SOFTWARE"), ["向日葵"]);
        assert_eq!(e.subkeys("HKEY_LOCAL_MACHINE\\SOFTWARE\\向日葵"), ["sub"]);
        assert!(e.key("HKEY_LOCAL_MACHINE\\SOFTWARE\\Gone").is_none() && e.has("HKEY_LOCAL_MACHINE\\software"));
    }

    /// A list as `reg query` of Windows 10 prints it.
    #[test]
    fn a_query() {
        let e = tree(
            "\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\r\n    LimitBlankPasswordUse    REG_DWORD    0x1\r\n    Security Packages    REG_MULTI_SZ    kerberos\\0msv1_0\r\n    (默认)    REG_SZ    x\r\n\r\n搜索结束: 找到 1 匹配。\r\n",
        );
        let key = e.key("HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\LSA").unwrap();
        assert_eq!(key.values.len(), 2);
        assert_eq!(key.values["limitblankpassworduse"].data, Data::Int(1));
        assert_eq!(key.values["security packages"].data.texts(), ["kerberos", "msv1_0"]);
    }
}

//! Tables: CSV with a heading, Zeek's logs, the extended format of W3C (IIS, proxies).

use crate::event::Event;

/// A table whose columns are known.
pub(crate) struct Table {
    name: &'static str,
    mark: u8,
    columns: Vec<String>,
    /// Zeek writes `-` for what is not there; so does W3C.
    dash_is_none: bool,
}

/// Most columns.
const COLUMNS_MAX: usize = 1024;

impl Table {
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// A heading in a remark.
    pub(super) fn remark(line: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(line).ok()?;
        if let Some(names) = text.strip_prefix("#Fields:") {
            return Some(Self::new("w3c", b' ', names.split_whitespace().map(str::to_owned).collect(), true));
        }
        let names = text.strip_prefix("#fields\t")?;
        Some(Self::new("zeek", b'\t', names.split('\t').map(str::to_owned).collect(), true))
    }

    /// A heading as the first line: names only, at least three.
    pub(super) fn heading(line: &[u8]) -> Option<Self> {
        let count = |mark: u8| line.iter().filter(|b| **b == mark).count();
        let mark = [b',', b';', b'\t', b'|'].into_iter().max_by_key(|m| count(*m)).filter(|m| count(*m) >= 2)?;
        let mut columns = Vec::new();
        split(line, mark, &mut |cell| columns.push(String::from_utf8_lossy(cell).trim().to_owned())).then_some(())?;
        let named = |c: &String| {
            c.chars().next().is_some_and(|c| c.is_alphabetic() || matches!(c, '@' | '_')) && c.len() <= 128
        };
        (columns.len() <= COLUMNS_MAX && columns.iter().all(named)).then(|| Self::new("csv", mark, columns, false))
    }

    fn new(name: &'static str, mark: u8, columns: Vec<String>, dash_is_none: bool) -> Self {
        Self { name, mark, columns, dash_is_none }
    }

    /// Reads one line; none if it is a remark or a heading again.
    pub(super) fn line(&mut self, line: &[u8], event: &mut Event) -> Option<bool> {
        if self.name != "csv" && line.starts_with(b"#") {
            if let Some(again) = Self::remark(line) {
                *self = again;
            }
            return None;
        }
        let (mut n, mut over) = (0, false);
        let whole = split(line, self.mark, &mut |cell| {
            match self.columns.get(n) {
                Some(_) if self.dash_is_none && cell == b"-" => {}
                Some(name) => event.bytes(name, cell),
                None => over = true,
            }
            n += 1;
        });
        Some(whole && !over && n == self.columns.len())
    }
}

/// Hands out the cells of a line; `false` if a quote is left open.
fn split(line: &[u8], mark: u8, take: &mut dyn FnMut(&[u8])) -> bool {
    let mut rest = line;
    let mut unquoted = Vec::new();
    loop {
        if let (Some(mut inner), true) = (rest.strip_prefix(b"\""), mark != b'\t') {
            unquoted.clear();
            loop {
                let Some(at) = memchr::memchr(b'"', inner) else { return false };
                unquoted.extend_from_slice(&inner[..at]);
                inner = &inner[at + 1..];
                match inner.strip_prefix(b"\"") {
                    Some(more) => {
                        unquoted.push(b'"');
                        inner = more;
                    }
                    None => break,
                }
            }
            take(&unquoted);
            match inner.split_first() {
                None => return true,
                Some((m, more)) if *m == mark => rest = more,
                Some(_) => return false,
            }
        } else {
            match memchr::memchr(mark, rest) {
                Some(at) => {
                    take(&rest[..at]);
                    rest = &rest[at + 1..];
                }
                None => {
                    take(rest);
                    return true;
                }
            }
        }
    }
}

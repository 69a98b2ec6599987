//! What the lines of a log are, told by the first that says something.

use super::columns::Columns;
use super::lines;

/// The form of a log.
pub(crate) enum Form {
    /// Squid's own log.
    Squid,
    /// The combined log of nginx and Apache.
    Combined,
    /// A table whose columns a heading names: which one it is, and the columns.
    Table(&'static str, Columns),
    /// JSON, one object a line.
    Json,
}
impl Form {
    /// The name in facts.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Squid => "squid",
            Self::Combined => "combined",
            Self::Table(name, _) => name,
            Self::Json => "zeek-json",
        }
    }
}

/// What a line at the top of a log tells.
pub(crate) enum Told {
    /// The form; the line itself is to be read too.
    Form(Form),
    /// The form; the line was its heading.
    Heading(Form),
    /// A remark: look at the next.
    Remark,
    /// No form that this version knows.
    Unknown,
}

/// Looks at one line.
pub(crate) fn of(line: &[u8]) -> Told {
    if line.starts_with(b"#") {
        return match heading(line) {
            Some((name, columns)) => Told::Heading(Form::Table(name, columns)),
            None => Told::Remark,
        };
    }
    if line.starts_with(b"{") {
        return Told::Form(Form::Json);
    }
    if lines::squid(line).is_some() {
        return Told::Form(Form::Squid);
    }
    if lines::combined(line).is_some() {
        return Told::Form(Form::Combined);
    }
    match table(line) {
        Some((name, columns)) => Told::Heading(Form::Table(name, columns)),
        None => Told::Unknown,
    }
}

/// A heading in a remark: `#Fields: …` of W3C, `#fields …` of Zeek. It may come again in the middle of a file.
pub(crate) fn heading(line: &[u8]) -> Option<(&'static str, Columns)> {
    if let Some(names) = line.strip_prefix(b"#Fields:") {
        return Columns::of(names.trim_ascii_start(), b' ').map(|c| ("w3c", c));
    }
    let rest = line.strip_prefix(b"#fields")?;
    let (mark, names) = rest.split_first()?;
    Columns::of(names, *mark).map(|c| ("zeek", c.zeek()))
}

/// A heading as the first line of a table.
fn table(line: &[u8]) -> Option<(&'static str, Columns)> {
    let count = |mark: u8| line.iter().filter(|b| **b == mark).count();
    let mark = [b',', b'|', b'\t', b';'].into_iter().filter(|m| count(*m) >= 1).max_by_key(|m| count(*m));
    let mark = mark.unwrap_or(b' ');
    let columns = Columns::of(line, mark)?;
    let has = |name: &str| columns.named(name);
    let form = match mark {
        b'|' => "rwcut",
        b' ' if has("srcaddr") => "vpc",
        b',' if (has("ts") && has("ibyt")) || (has("firstseen") && has("srcaddr")) => "nfdump",
        _ => "csv",
    };
    Some((form, columns))
}

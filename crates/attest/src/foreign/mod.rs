//! Reports of others' tools (docs/specs/statements-v1.md): scanners that the plant has, and what suppliers write of their products.
//!
//! Each row becomes one neutral statement; a bad row is named and the good ones are kept. Messages, snippets and descriptions are
//! not read: tools put there what they found, and that may be a secret. Refused: to weigh the tools' words for severity against
//! each other or against ours; they are kept as written.

mod sarif;
mod table;
mod vex;

use crate::table::{BadRow, Format, Limits};
use crate::{bad, clean, has_credentials};
use evidence::{ForeignRow, ForeignStatus, Say, Time};
use serde_json::Value;

/// Rows of one report, good and bad; more is no report but a data base.
pub const FOREIGN_ROWS_MAX: usize = 20_000;

/// Bytes of a report in JSON, which is held in memory as a whole: a value of three bytes takes many times that.
pub const FOREIGN_JSON_BYTES_MAX: usize = 16 << 20;

/// Objects of a report in JSON, of some 650 bytes each in memory.
pub const FOREIGN_OBJECTS_MAX: usize = 800_000;

/// A report as it was read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Foreign {
    /// `sarif`, `cyclonedx`, `openvex` or `table`.
    pub form: &'static str,
    /// Name and version of the tool; empty if the file does not say.
    pub tool: String,
    /// When it looked or was written.
    pub at: Option<Time>,
    /// The good rows. Of a package URL `package` is the URL: what it means in its ecosystem another room knows.
    pub rows: Vec<ForeignRow>,
    /// The bad rows.
    pub bad: Vec<BadRow>,
    /// Rows that say that nothing is wrong, or that were suppressed.
    pub left_out: u64,
}

/// Reads a report of any form.
///
/// # Errors
/// The file is over a limit, broken as a whole, or of no form that is read, as a sentence.
pub fn foreign(bytes: &[u8], limits: &Limits) -> Result<Foreign, Say> {
    if bytes.len() > limits.file_bytes_max {
        return Err(refuse(&format!("larger than {} bytes", limits.file_bytes_max)));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let json = text.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{');
    if !json || Format::of(bytes) == Format::Xlsx {
        return table::read(bytes, limits);
    }
    if bytes.len() > FOREIGN_JSON_BYTES_MAX {
        return Err(refuse(&format!("larger than {FOREIGN_JSON_BYTES_MAX} bytes")));
    }
    if stdx::json::objects(text) > FOREIGN_OBJECTS_MAX {
        return Err(refuse(&format!("more than {FOREIGN_OBJECTS_MAX} objects of JSON")));
    }
    let value: Value = serde_json::from_slice(text).map_err(|e| refuse(&e))?;
    let context = value.get("@context").and_then(Value::as_str).unwrap_or_default();
    if said(&value, "bomFormat") == "CycloneDX" && value.get("vulnerabilities").is_some() {
        vex::cyclonedx(&value)
    } else if context.starts_with("https://openvex.dev/ns") {
        vex::openvex(&value)
    } else if said(&value, "version") == "2.1.0" && value.get("runs").is_some() {
        sarif::read(&value)
    } else {
        Err(refuse(&"neither SARIF 2.1.0, CycloneDX with vulnerabilities, OpenVEX nor a table"))
    }
}

fn refuse(why: &dyn std::fmt::Display) -> Say {
    Say::new("row.foreign").with("why", clean(&why.to_string()))
}

fn said<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

impl Foreign {
    /// Keeps a row with every text cut and made harmless, or names why it is bad.
    /// Refuses the report when it has more rows than are read.
    fn row(&mut self, number: u64, row: Result<ForeignRow, Say>) -> Result<(), Say> {
        if self.rows.len() + self.bad.len() >= FOREIGN_ROWS_MAX {
            return Err(refuse(&format!("more than {FOREIGN_ROWS_MAX} rows")));
        }
        let checked = row.and_then(|row| {
            let row = ForeignRow {
                id: clean(&row.id),
                status: row.status,
                host: clean(&row.host),
                package: clean(&row.package),
                version: clean(&row.version),
                ecosystem: clean(&row.ecosystem),
                severity: clean(&row.severity),
                title: clean(&row.title),
                justification: clean(&row.justification),
                place: clean(&row.place),
            };
            let texts = [&row.id, &row.host, &row.package, &row.title, &row.place, &row.severity];
            let credentials = texts.iter().any(|t| has_credentials(t));
            match (row.id.is_empty(), credentials) {
                (true, _) => Err(Say::new("row.missing-id")),
                (false, true) => Err(Say::new("row.credentials")),
                (false, false) => Ok(row),
            }
        });
        match checked {
            Ok(row) => self.rows.push(row),
            Err(say) => self.bad.push(bad(number, say)),
        }
        Ok(())
    }
    fn seen_at(&mut self, text: &str) {
        self.at = self.at.max(instant(text));
    }
}

/// A row that says nothing yet.
fn empty(id: &str, status: ForeignStatus) -> ForeignRow {
    ForeignRow {
        id: id.to_owned(),
        status,
        host: String::new(),
        package: String::new(),
        version: String::new(),
        ecosystem: String::new(),
        severity: String::new(),
        title: String::new(),
        justification: String::new(),
        place: String::new(),
    }
}

/// Words for a status, as forms and people write them. Compared without case, spaces, `_` and `-`.
const STATES: &[(&str, ForeignStatus)] = &[
    ("notaffected", ForeignStatus::NotAffected),
    ("falsepositive", ForeignStatus::NotAffected),
    ("不受影响", ForeignStatus::NotAffected),
    ("误报", ForeignStatus::NotAffected),
    ("resolved", ForeignStatus::Fixed),
    ("resolvedwithpedigree", ForeignStatus::Fixed),
    ("fixed", ForeignStatus::Fixed),
    ("closed", ForeignStatus::Fixed),
    ("已修复", ForeignStatus::Fixed),
    ("已关闭", ForeignStatus::Fixed),
    ("intriage", ForeignStatus::UnderInvestigation),
    ("underinvestigation", ForeignStatus::UnderInvestigation),
    ("排查中", ForeignStatus::UnderInvestigation),
    ("处理中", ForeignStatus::UnderInvestigation),
    ("exploitable", ForeignStatus::Affected),
    ("affected", ForeignStatus::Affected),
    ("受影响", ForeignStatus::Affected),
    ("", ForeignStatus::Found),
    ("found", ForeignStatus::Found),
    ("open", ForeignStatus::Found),
    ("new", ForeignStatus::Found),
    ("未修复", ForeignStatus::Found),
    ("待修复", ForeignStatus::Found),
    ("存在", ForeignStatus::Found),
];

fn status(text: &str) -> Result<ForeignStatus, Say> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-')).collect();
    let plain = plain.to_lowercase();
    let found = STATES.iter().find(|s| s.0 == plain).map(|s| s.1);
    found.ok_or_else(|| Say::new("row.unknown-status").with("value", clean(text)))
}

/// An instant as the forms write it (RFC 3339, any offset), or a date.
fn instant(text: &str) -> Option<Time> {
    let text = text.trim();
    let day = Time::from_date(text.get(..10)?).ok()?;
    let Some(rest) = text.get(10..).filter(|r| !r.is_empty()) else { return Some(day) };
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let number = |at: usize| -> Option<i64> {
        let two = clock.get(at..at + 2)?;
        two.bytes().all(|b| b.is_ascii_digit()).then(|| two.parse().ok())?
    };
    let seconds = number(0)? * 3600 + number(3)? * 60 + number(6)?;
    let zone = clock.get(8..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let sign = match zone.chars().next() {
        Some('+') => 1,
        Some('-') => -1,
        _ => 0,
    };
    let part = |at: usize| zone.get(at..at + 2).and_then(|t| t.parse::<i64>().ok()).unwrap_or(0);
    let offset = if sign == 0 { 0 } else { sign * (part(1) * 3600 + part(4) * 60) };
    Some(Time::from_millis(day.millis() + (seconds - offset) * 1000))
}

#[cfg(test)]
mod tests;

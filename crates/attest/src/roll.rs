//! Tables about many enterprises (`docs/specs/programme-v1.md` §5): publicity that reached them, and what plants without Watchfire
//! filled in.
//!
//! A bad row is named with its reason and left out; the first reason counts. Of one enterprise the first row is kept: a table that says
//! two things of one says neither.

use crate::table::{self, BadRow, Limits, TableError};
use crate::{TEXT_CHARS_MAX, bad, date};
use evidence::{ROLL_ROWS_MAX, RollRow, Say, Time};
use std::collections::HashMap;

/// What is read of a roll at most.
pub const ROLL_LIMITS: Limits =
    Limits { rows_max: ROLL_ROWS_MAX, file_bytes_max: 256 << 20, unpacked_bytes_max: 1 << 30, columns_max: 64 };

/// What a roll is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RollKind {
    /// Publicity.
    Publicity,
    /// Returns.
    Returns,
}
impl RollKind {
    /// The name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Publicity => "publicity",
            Self::Returns => "returns",
        }
    }
    fn needed(self) -> &'static [&'static str] {
        match self {
            Self::Publicity => &["uscc", "day", "way"],
            Self::Returns => &["uscc", "day", "assets", "graded"],
        }
    }
}

/// Ways that publicity goes, with the words that tables have for them.
pub const ROLL_WAYS: [(&str, &[&str]); 6] = [
    ("letter", &["letter", "mail", "函件", "发函", "通知"]),
    ("meeting", &["meeting", "会议", "宣贯会"]),
    ("training", &["training", "培训"]),
    ("visit", &["visit", "走访", "现场", "入企"]),
    ("online", &["online", "线上", "网络", "平台"]),
    ("other", &["other", "其他", "其它"]),
];

/// The fields of a row and their headings.
pub const ROLL_FIELDS: &[(&str, &[&str])] = &[
    ("uscc", &["uscc", "unified social credit code", "credit code", "统一社会信用代码", "社会信用代码"]),
    ("day", &["day", "date", "日期", "宣贯日期", "填报日期"]),
    ("way", &["way", "channel", "方式", "宣贯方式"]),
    ("assets", &["assets", "data assets", "数据资产数", "数据资产总数"]),
    ("graded", &["graded", "graded assets", "已定级数", "已定级数据资产数"]),
    ("confirmed", &["confirmed", "confirmed assets", "已确认数", "经人工确认数"]),
    ("filed", &["filed", "filed on", "备案日期", "目录备案日期"]),
    ("drills", &["drills", "drills held", "演练次数"]),
];

/// What a table held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RollRead {
    /// The good rows.
    pub rows: Vec<RollRow>,
    /// The bad rows.
    pub bad: Vec<BadRow>,
    /// Headings that were not read.
    pub unused: Vec<String>,
}

/// Where the fields of a row stand.
struct Columns {
    at: Vec<Option<usize>>,
    unused: Vec<String>,
}
impl Columns {
    fn of(heading: &[&str], kind: RollKind) -> Result<Self, TableError> {
        // A heading may say the same in two languages, one after the other.
        let plain: Vec<Vec<String>> =
            heading.iter().map(|h| h.split('/').map(|p| p.trim().to_lowercase()).collect()).collect();
        let find = |names: &[&str]| names.iter().find_map(|n| plain.iter().position(|p| p.iter().any(|p| p == n)));
        let at: Vec<Option<usize>> = ROLL_FIELDS.iter().map(|f| find(f.1)).collect();
        for needed in kind.needed() {
            if ROLL_FIELDS.iter().zip(&at).any(|(f, a)| f.0 == *needed && a.is_none()) {
                return Err(TableError::Column(needed));
            }
        }
        let unused = heading.iter().enumerate().filter(|(n, h)| !h.is_empty() && !at.contains(&Some(*n)));
        let unused = unused.map(|(_, h)| crate::clean(h)).collect();
        Ok(Self { at, unused })
    }
    fn cell<'c>(&self, cells: &[&'c str], field: &str) -> &'c str {
        let at = ROLL_FIELDS.iter().zip(&self.at).find(|(f, _)| f.0 == field).and_then(|(_, a)| *a);
        at.and_then(|n| cells.get(n)).map_or("", |c| c.trim())
    }
}

/// Reads a roll. `uscc`: the check character of a credit code; `now`: no day may be later.
pub fn roll(
    bytes: &[u8],
    limits: &Limits,
    kind: RollKind,
    uscc: &dyn Fn(&[u8]) -> bool,
    now: Time,
) -> Result<RollRead, TableError> {
    let mut columns: Option<Result<Columns, TableError>> = None;
    let mut seen: HashMap<String, u64> = HashMap::new();
    let (mut rows, mut wrong, mut first) = (Vec::new(), Vec::new(), true);
    table::each(bytes, limits, &mut |row, cells| {
        let columns = match columns.get_or_insert_with(|| Columns::of(cells, kind)) {
            Ok(_) if std::mem::take(&mut first) => return true,
            Ok(columns) => columns,
            Err(_) => return false,
        };
        // A row that a template made and nobody filled in says nothing: it is silence, not a fault.
        let said = kind.needed().iter().filter(|f| **f != "uscc").any(|f| !columns.cell(cells, f).is_empty());
        if !said {
            return true;
        }
        match read(columns, cells, kind, uscc, now) {
            Err(say) => wrong.push(bad(row, say)),
            Ok(e) => match seen.get(&e.uscc) {
                Some(first) => wrong.push(bad(row, Say::new("row.duplicate").with("first", first))),
                None => {
                    seen.insert(e.uscc.clone(), row);
                    rows.push(e);
                }
            },
        }
        true
    })?;
    let columns = columns.unwrap_or(Err(TableError::Empty))?;
    Ok(RollRead { rows, bad: wrong, unused: columns.unused })
}

/// One row, or why it cannot be taken.
fn read(
    columns: &Columns,
    cells: &[&str],
    kind: RollKind,
    uscc: &dyn Fn(&[u8]) -> bool,
    now: Time,
) -> Result<RollRow, Say> {
    let cell = |field: &str| columns.cell(cells, field);
    for field in kind.needed() {
        if cell(field).is_empty() {
            return Err(Say::new("row.missing-cell").with("column", field));
        }
    }
    for (field, _) in ROLL_FIELDS {
        if cell(field).chars().count() > TEXT_CHARS_MAX {
            return Err(Say::new("row.too-long").with("column", field).with("max", TEXT_CHARS_MAX));
        }
        if cell(field).chars().any(char::is_control) {
            return Err(Say::new("row.bad-control").with("column", field));
        }
    }
    let code = cell("uscc").to_uppercase();
    if !uscc(code.as_bytes()) {
        return Err(Say::new("row.bad-uscc").with("column", "uscc").with("value", &code));
    }
    let day = |field: &str| match cell(field) {
        "" => Ok(None),
        typed => {
            let day = day_of(typed).ok_or_else(|| Say::new("row.bad-day").with("column", field))?;
            if day > now {
                return Err(Say::new("row.date-ahead").with("date", day.date()));
            }
            Ok(Some(day))
        }
    };
    let number = |field: &str| match cell(field) {
        "" => Ok(None),
        typed => {
            let wrong = || Say::new("row.bad-number").with("column", field).with("value", typed);
            let digits: String = typed.chars().filter(|c| !matches!(c, ',' | '，' | ' ')).collect();
            digits.parse::<u64>().ok().filter(|n| *n <= NUMBER_MAX).map(Some).ok_or_else(wrong)
        }
    };
    let mut row = RollRow { uscc: code, day: day("day")?, ..RollRow::default() };
    match kind {
        RollKind::Publicity => {
            let word = cell("way").to_lowercase();
            let known = ROLL_WAYS.iter().find(|w| w.1.contains(&word.as_str()));
            row.way = known.map(|w| w.0.to_owned()).ok_or_else(|| {
                let names: Vec<&str> = ROLL_WAYS.iter().map(|w| w.0).collect();
                Say::new("row.unknown-word").with("column", "way").with("value", &word).with("known", names.join(", "))
            })?;
        }
        RollKind::Returns => {
            row.assets = number("assets")?;
            row.graded = number("graded")?;
            row.confirmed = number("confirmed")?;
            row.drills = number("drills")?;
            row.filed = day("filed")?;
            for (field, part) in [("graded", row.graded), ("confirmed", row.confirmed)] {
                if part > row.assets {
                    return Err(Say::new("row.more-than-all").with("column", field));
                }
            }
        }
    }
    Ok(row)
}

/// Most of anything that a return states.
const NUMBER_MAX: u64 = 1_000_000_000;
/// Day 0 of the numbers by which workbooks keep days, as days before 1970.
const WORKBOOK_DAYS: i64 = 25_569;

/// A day as typed, or as a workbook keeps it.
fn day_of(typed: &str) -> Option<Time> {
    if let Some(day) = date(typed.split(['T', ' ']).next().unwrap_or(typed)) {
        return Some(day);
    }
    let days: i64 = typed.parse().ok().filter(|n| (30_000..80_000).contains(n))?;
    Some(Time::from_secs((days - WORKBOOK_DAYS) * 86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Time {
        Time::from_date("2026-11-30").unwrap()
    }

    #[test]
    fn publicity_is_read_in_both_languages_and_the_bad_is_named() {
        let table = "统一社会信用代码,企业名称,日期,方式\nA,甲,2026-03-01,发函\nB,乙,2026-13-01,发函\nC,丙,2026-12-24,培训\n\
                     D,丁,2026-03-01,喊话\nA,甲,2026-04-01,培训\nE,戊,,\n-,己,2026-03-01,会议\n";
        let read = roll(table.as_bytes(), &ROLL_LIMITS, RollKind::Publicity, &|c| c != b"-", now()).unwrap();
        assert_eq!(read.unused, ["企业名称"]);
        let rows: Vec<(&str, &str, String)> =
            read.rows.iter().map(|r| (r.uscc.as_str(), r.way.as_str(), r.day.unwrap().date())).collect();
        assert_eq!(rows, [("A", "letter", "2026-03-01".to_owned())]);
        let bad: Vec<(u64, &str)> = read.bad.iter().map(|b| (b.row, b.say.key.as_str())).collect();
        // Row 7 says nothing at all: silence.
        let want = [
            (3, "row.bad-day"),
            (4, "row.date-ahead"),
            (5, "row.unknown-word"),
            (6, "row.duplicate"),
            (8, "row.bad-uscc"),
        ];
        assert_eq!(bad, want);
    }

    #[test]
    fn a_return_cannot_have_more_graded_than_there_is() {
        let table = "uscc,date,assets,graded,confirmed\nA,2026-03-01,10,10,3\nB,2026-03-01,10,11,\nC,46082,1,x,\n";
        let read = roll(table.as_bytes(), &ROLL_LIMITS, RollKind::Returns, &|_| true, now()).unwrap();
        assert_eq!((read.rows.len(), read.rows[0].graded), (1, Some(10)));
        let bad: Vec<&str> = read.bad.iter().map(|b| b.say.key.as_str()).collect();
        assert_eq!(bad, ["row.more-than-all", "row.bad-number"]);
        let none = roll(b"uscc,date\nA,2026-03-01\n", &ROLL_LIMITS, RollKind::Returns, &|_| true, now());
        assert_eq!(none, Err(TableError::Column("assets")));
        // 46082 is 1 March 2026 by the count of workbooks.
        assert_eq!(day_of("46082").unwrap().date(), "2026-03-01");
    }
}

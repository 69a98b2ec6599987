//! The registry of enterprises as a table (`docs/specs/registry-v1.md`): CSV or XLSX, headings in English or Chinese.
//!
//! Rows go straight from the table into lines of the file of rows. A bad row is named with its reason and left out; the
//! first reason counts.

use crate::table::{self, BadRow, Limits, TableError};
use crate::{TEXT_CHARS_MAX, bad, clean};
use evidence::{
    DESIGNATED_SIZE_YUAN, ENTERPRISES_MAX, Enterprise, EnterpriseFile, SUPERVISORS, Say, canonical::INTEGER_MAX,
    supervisor_of,
};
use std::collections::HashMap;

/// What is read of a registry at most. A workbook ends at 1,048,576 rows by itself.
pub const REGISTRY_LIMITS: Limits =
    Limits { rows_max: ENTERPRISES_MAX, file_bytes_max: 512 << 20, unpacked_bytes_max: 2 << 30, columns_max: 256 };

/// The fields of a row, as `--map` names them, and their headings.
pub const REGISTRY_FIELDS: &[(&str, &[&str])] = &[
    (
        "uscc",
        &["uscc", "unified social credit code", "credit code", "统一社会信用代码", "社会信用代码", "统一信用代码"],
    ),
    ("name", &["name", "enterprise", "company", "企业名称", "单位名称", "单位详细名称", "名称"]),
    (
        "area",
        &["area", "area code", "region", "region code", "行政区划代码", "行政区划", "区划代码", "地区代码", "地区"],
    ),
    ("supervisor", &["supervisor", "主管部门", "主管部门代码", "行业监管部门"]),
    (
        "industry",
        &["industry", "industry code", "行业代码", "国民经济行业代码", "国民经济行业分类", "行业小类代码", "行业"],
    ),
    ("revenue", &["revenue", "annual revenue", "turnover", "营业收入", "主营业务收入", "年营业收入", "年营收"]),
    ("unit", &["unit", "revenue unit", "金额单位", "收入单位", "计量单位"]),
    ("above", &["above", "above designated size", "above size", "是否规上", "规上", "是否规模以上", "规模以上"]),
    ("group", &["group", "group code", "group uscc", "集团代码", "所属集团代码", "所属集团统一社会信用代码"]),
];
/// Fields without which a table is no registry.
const NEEDED: [&str; 5] = ["uscc", "name", "area", "industry", "revenue"];

/// In what an amount is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RevenueUnit {
    /// 1 yuan.
    Yuan,
    /// 10,000 yuan.
    Wan,
    /// 1,000,000 yuan.
    Million,
    /// 100,000,000 yuan.
    Yi,
}
impl RevenueUnit {
    /// Every unit.
    pub const ALL: [Self; 4] = [Self::Yuan, Self::Wan, Self::Million, Self::Yi];
    /// The name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Yuan => "yuan",
            Self::Wan => "wan",
            Self::Million => "million",
            Self::Yi => "yi",
        }
    }
    fn yuan(self) -> i128 {
        match self {
            Self::Yuan => 1,
            Self::Wan => 10_000,
            Self::Million => 1_000_000,
            Self::Yi => 100_000_000,
        }
    }
    fn of(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        let word = word.trim_start_matches("单位").trim_start_matches([':', '：']).trim();
        match word {
            "yuan" | "cny" | "rmb" | "元" | "人民币元" => Some(Self::Yuan),
            "wan" | "10,000 yuan" | "万元" | "万" | "人民币万元" => Some(Self::Wan),
            "million" | "million yuan" | "cny million" | "百万元" | "百万" => Some(Self::Million),
            "yi" | "100 million yuan" | "亿元" | "亿" => Some(Self::Yi),
            _ => None,
        }
    }
}

/// What an import needs to know.
pub struct RegistryTerms<'a> {
    /// The check character of a unified social credit code.
    pub uscc: &'a dyn Fn(&[u8]) -> bool,
    /// Names of areas, and their codes.
    pub areas: &'a [(String, String)],
    /// Fields of [`REGISTRY_FIELDS`] with the heading that this table has for each.
    pub columns: &'a [(String, String)],
    /// Unit of amounts that state none.
    pub unit: RevenueUnit,
}

/// What a table held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportedRegistry {
    /// The good rows.
    pub file: EnterpriseFile,
    /// The bad rows.
    pub bad: Vec<BadRow>,
    /// Rows whose size follows from their revenue.
    pub derived: u64,
    /// Unit that was used where neither heading, column nor cell states one.
    pub unit: RevenueUnit,
    /// Headings that were not read.
    pub unused: Vec<String>,
}

/// Why no registry comes out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RegistryFault {
    /// The table cannot be read.
    Table(TableError),
    /// It was told to stop.
    Stopped,
    /// `--map` names a field that there is not.
    Field(String),
    /// `--map` names a heading that the table does not have.
    Heading(String),
    /// Apache Parquet, which this room does not read: its rows go through [`registry_rows`].
    Parquet,
}
impl From<TableError> for RegistryFault {
    fn from(e: TableError) -> Self {
        Self::Table(e)
    }
}

/// Where the fields of a row stand.
struct Columns {
    at: [Option<usize>; REGISTRY_FIELDS.len()],
    unit: RevenueUnit,
    unused: Vec<String>,
}
impl Columns {
    fn of(heading: &[&str], terms: &RegistryTerms<'_>) -> Result<Self, RegistryFault> {
        let plain: Vec<(String, String)> = heading.iter().map(|h| parts(h)).collect();
        let mut at = [None; REGISTRY_FIELDS.len()];
        for (field, wanted) in terms.columns {
            let n = REGISTRY_FIELDS.iter().position(|f| f.0 == field);
            let n = n.ok_or_else(|| RegistryFault::Field(field.clone()))?;
            let found = heading.iter().position(|h| h.trim() == wanted.trim());
            at[n] = Some(found.ok_or_else(|| RegistryFault::Heading(wanted.clone()))?);
        }
        for (n, (_, names)) in REGISTRY_FIELDS.iter().enumerate() {
            // The order of the names is their rank: of two columns that fit, the better name counts.
            let find = |name: &&str| plain.iter().position(|p| p.0 == **name);
            at[n] = at[n].or_else(|| names.iter().find_map(find));
        }
        for needed in NEEDED {
            if REGISTRY_FIELDS.iter().zip(at).any(|(f, a)| f.0 == needed && a.is_none()) {
                return Err(TableError::Column(needed).into());
            }
        }
        let revenue = REGISTRY_FIELDS.iter().position(|f| f.0 == "revenue").and_then(|n| at[n]);
        let stated = revenue.and_then(|n| RevenueUnit::of(&plain.get(n)?.1));
        let unused = heading.iter().enumerate().filter(|(n, h)| !h.is_empty() && !at.contains(&Some(*n)));
        let unused = unused.map(|(_, h)| clean(h)).collect();
        Ok(Self { at, unit: stated.unwrap_or(terms.unit), unused })
    }
    fn cell<'c>(&self, cells: &[&'c str], field: &str) -> &'c str {
        let at = REGISTRY_FIELDS.iter().zip(self.at).find(|(f, _)| f.0 == field).and_then(|(_, a)| a);
        at.and_then(|n| cells.get(n)).map_or("", |c| c.trim())
    }
}

/// A heading without what stands in brackets, in lower case; and what stands there.
fn parts(heading: &str) -> (String, String) {
    let open = heading.find(['(', '（', '[']);
    let (name, rest) = heading.split_at(open.unwrap_or(heading.len()));
    let inside = rest.trim_start_matches(['(', '（', '[']).trim_end_matches([')', '）', ']', ' ']);
    (name.trim().to_lowercase(), inside.to_owned())
}

/// Reads a registry. `go_on` is told of every 1,000 rows, with the number of rows so far, and says whether to go on.
pub fn registry(
    bytes: &[u8],
    limits: &Limits,
    terms: &RegistryTerms<'_>,
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Result<ImportedRegistry, RegistryFault> {
    if bytes.starts_with(b"PAR1") {
        return Err(RegistryFault::Parquet);
    }
    registry_rows(terms, go_on, &mut |take| table::each(bytes, limits, take).map_err(RegistryFault::Table))
}

/// Whoever is handed the rows of a table, with their numbers, until it answers that it has enough.
pub type RowTaker<'t> = dyn FnMut(u64, &[&str]) -> bool + 't;

/// The same from a table that somebody else reads: `each` hands its rows on, the heading first.
pub fn registry_rows(
    terms: &RegistryTerms<'_>,
    go_on: &mut dyn FnMut(u64) -> bool,
    each: &mut dyn FnMut(&mut RowTaker<'_>) -> Result<(), RegistryFault>,
) -> Result<ImportedRegistry, RegistryFault> {
    let mut columns: Option<Result<Columns, RegistryFault>> = None;
    let mut seen: HashMap<String, u64> = HashMap::new();
    let (mut rows, mut wrong, mut derived, mut count, mut stopped) = (Vec::new(), Vec::new(), 0, 0, false);
    each(&mut |row, cells| {
        let columns = match columns.get_or_insert_with(|| Columns::of(cells, terms)) {
            Ok(_) if count == 0 => {
                count = 1;
                return true;
            }
            Ok(columns) => columns,
            Err(_) => return false,
        };
        if cells.iter().all(|c| c.is_empty()) {
            return true;
        }
        count += 1;
        if count % 1_000 == 0 && !go_on(1_000) {
            stopped = true;
            return false;
        }
        match read(columns, cells, terms) {
            Err(say) => wrong.push(bad(row, say)),
            Ok(e) => {
                let uscc = e.uscc.to_string();
                if let Some(first) = seen.get(&uscc) {
                    wrong.push(bad(row, Say::new("row.duplicate").with("first", first)));
                    return true;
                }
                derived += u64::from(e.derived);
                rows.push((uscc.clone(), e.to_line()));
                seen.insert(uscc, row);
            }
        }
        true
    })?;
    if stopped {
        return Err(RegistryFault::Stopped);
    }
    let columns = columns.unwrap_or(Err(TableError::Empty.into()))?;
    let file = EnterpriseFile::write(rows);
    Ok(ImportedRegistry { file, bad: wrong, derived, unit: columns.unit, unused: columns.unused })
}

/// One row, or why it cannot be taken.
fn read<'c>(columns: &Columns, cells: &[&'c str], terms: &RegistryTerms<'_>) -> Result<Enterprise<'c>, Say> {
    let cell = |field: &str| columns.cell(cells, field);
    for field in NEEDED {
        if cell(field).is_empty() {
            return Err(Say::new("row.missing-cell").with("column", field));
        }
    }
    for (field, _) in REGISTRY_FIELDS {
        let text = cell(field);
        if text.len() > TEXT_CHARS_MAX && text.chars().count() > TEXT_CHARS_MAX {
            return Err(Say::new("row.too-long").with("column", field).with("max", TEXT_CHARS_MAX));
        }
        if text.chars().any(char::is_control) {
            return Err(Say::new("row.bad-control").with("column", field));
        }
    }
    let code = |field: &str| {
        let text = cell(field).to_uppercase();
        let wrong = || Say::new("row.bad-uscc").with("column", field).with("value", &text);
        if (terms.uscc)(text.as_bytes()) { Ok(text) } else { Err(wrong()) }
    };
    let uscc = code("uscc")?;
    let area = area(cell("area"), terms)?;
    let own = supervisor_of(&area).ok_or_else(|| Say::new("row.unknown-area").with("value", cell("area")))?;
    let supervisor = match cell("supervisor") {
        "" => own,
        stated => supervisor(stated, &area, own, terms)?,
    };
    let industry = industry_code(cell("industry"))
        .ok_or_else(|| Say::new("row.unknown-industry").with("value", cell("industry")))?;
    let unit = match cell("unit") {
        "" => columns.unit,
        word => RevenueUnit::of(word).ok_or_else(|| unknown("unit", word, "yuan, wan, million, yi"))?,
    };
    let revenue = revenue(cell("revenue"), unit)?;
    let group = if cell("group").is_empty() { String::new() } else { code("group")? };
    let (above, derived) = match cell("above").to_lowercase().as_str() {
        "" => (revenue >= DESIGNATED_SIZE_YUAN, true),
        "yes" | "y" | "true" | "1" | "是" | "规上" | "规模以上" => (true, false),
        "no" | "n" | "false" | "0" | "否" | "规下" | "规模以下" => (false, false),
        word => return Err(unknown("above", word, "yes, no")),
    };
    Ok(Enterprise {
        above,
        area: area.into(),
        derived,
        group: group.into(),
        industry: industry.into(),
        name: cell("name").into(),
        revenue,
        supervisor: supervisor.into(),
        uscc: uscc.into(),
    })
}

/// Why an import would have left this row out, of a row that somebody else wrote; `None` if it would not. `uscc` knows a valid code.
#[must_use]
pub fn row_fault(e: &Enterprise<'_>, uscc: &dyn Fn(&[u8]) -> bool) -> Option<Say> {
    for (field, text) in
        [("name", &e.name), ("area", &e.area), ("industry", &e.industry), ("supervisor", &e.supervisor)]
    {
        if text.is_empty() {
            return Some(Say::new("row.missing-cell").with("column", field));
        }
        if text.chars().count() > TEXT_CHARS_MAX {
            return Some(Say::new("row.too-long").with("column", field).with("max", TEXT_CHARS_MAX));
        }
        if text.chars().any(char::is_control) {
            return Some(Say::new("row.bad-control").with("column", field));
        }
    }
    let bad = |field: &str, code: &str| Say::new("row.bad-uscc").with("column", field).with("value", clean(code));
    if !uscc(e.uscc.as_bytes()) {
        return Some(bad("uscc", &e.uscc));
    }
    if !e.group.is_empty() && !uscc(e.group.as_bytes()) {
        return Some(bad("group", &e.group));
    }
    let Some(own) = supervisor_of(&e.area) else {
        return Some(Say::new("row.unknown-area").with("value", e.area.as_ref()));
    };
    let terms = RegistryTerms { uscc, areas: &[], columns: &[], unit: RevenueUnit::Yuan };
    if let Err(why) = supervisor(&e.supervisor, &e.area, own, &terms) {
        return Some(why);
    }
    if industry_code(&e.industry).as_deref() != Some(e.industry.as_ref()) {
        return Some(Say::new("row.unknown-industry").with("value", e.industry.as_ref()));
    }
    if e.revenue < 0 {
        return Some(Say::new("row.negative").with("column", "revenue").with("value", e.revenue));
    }
    let size_follows = !e.derived || e.above == (e.revenue >= DESIGNATED_SIZE_YUAN);
    (e.revenue > INTEGER_MAX || !size_follows)
        .then(|| Say::new("row.bad-number").with("column", "revenue").with("value", e.revenue))
}

fn unknown(column: &str, value: &str, known: &str) -> Say {
    Say::new("row.unknown-word").with("column", column).with("value", value).with("known", known)
}

/// The code of an area that was typed as a code or a name.
fn area(typed: &str, terms: &RegistryTerms<'_>) -> Result<String, Say> {
    if typed.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(typed.to_owned());
    }
    let lower = typed.to_lowercase();
    if lower == "65-xpcc" {
        return Ok("65-XPCC".to_owned());
    }
    let named = terms.areas.iter().find(|a| a.0.to_lowercase() == lower);
    named.map(|a| a.1.clone()).ok_or_else(|| Say::new("row.unknown-area").with("value", typed))
}

/// A supervisor that was stated: one of the 37, and of the area's own province. What the area says more exactly wins.
fn supervisor(typed: &str, area_code: &str, own: &'static str, terms: &RegistryTerms<'_>) -> Result<&'static str, Say> {
    let code = area(typed, terms).unwrap_or_default();
    let known = SUPERVISORS.iter().find(|s| **s == code).copied();
    // A province's code says no more than its province: the area may still lie in a separately planned city.
    let fits = |s: &&str| *s == own || (s.get(..2) == own.get(..2) && own.len() == 2 && area_code.len() == 2);
    known.filter(fits).ok_or_else(|| Say::new("row.supervisor-differs").with("value", typed).with("area", area_code))
}

/// Sections of GB/T 4754-2017 with their divisions.
const SECTIONS: [(char, u8, u8); 20] = [
    ('A', 1, 5),
    ('B', 6, 12),
    ('C', 13, 43),
    ('D', 44, 46),
    ('E', 47, 50),
    ('F', 51, 52),
    ('G', 53, 60),
    ('H', 61, 62),
    ('I', 63, 65),
    ('J', 66, 69),
    ('K', 70, 70),
    ('L', 71, 72),
    ('M', 73, 75),
    ('N', 76, 79),
    ('O', 80, 82),
    ('P', 83, 83),
    ('Q', 84, 85),
    ('R', 86, 90),
    ('S', 91, 96),
    ('T', 97, 97),
];

/// A code of GB/T 4754-2017 of two to four digits, with its letter; the letter may be left out, as statistics do. `None`
/// of a code whose division there is not, or whose letter is another division's. Groups and classes are not looked up.
#[must_use]
pub fn industry_code(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let letter = typed.chars().next().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_uppercase());
    let digits = if letter.is_some() { typed.get(1..)? } else { typed };
    if !matches!(digits.len(), 2..=4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let division: u8 = digits.get(..2)?.parse().ok()?;
    let section = SECTIONS.iter().find(|s| (s.1..=s.2).contains(&division))?;
    letter.is_none_or(|l| l == section.0).then(|| format!("{}{digits}", section.0))
}

/// An amount in whole yuan; what is less than a yuan is cut off. A unit behind the number is stronger than `unit`.
fn revenue(typed: &str, unit: RevenueUnit) -> Result<i64, Say> {
    let wrong = |key: &str| Say::new(key).with("column", "revenue").with("value", typed);
    let plain: String = typed.chars().filter(|c| !matches!(c, ',' | '，' | ' ' | '¥' | '￥' | '\u{a0}')).collect();
    let end = plain.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-')).unwrap_or(plain.len());
    let (number, word) = plain.split_at(end);
    let unit = if word.is_empty() { unit } else { RevenueUnit::of(word).ok_or_else(|| wrong("row.bad-number"))? };
    let (sign, digits) = number.strip_prefix('-').map_or((1, number), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 18 || !is_number(whole) || !is_number(fraction) {
        return Err(wrong("row.bad-number"));
    }
    // Below the twelfth place even 亿 has no yuan.
    let fraction = fraction.get(..12).unwrap_or(fraction);
    let places = 10_i128.pow(u32::try_from(fraction.len()).unwrap_or(0));
    let parsed = format!("{whole}{fraction}").parse::<i128>().map_err(|_| wrong("row.bad-number"))?;
    let yuan = parsed * unit.yuan() / places;
    if sign < 0 && parsed > 0 {
        return Err(wrong("row.negative"));
    }
    i64::try_from(yuan).ok().filter(|y| *y <= INTEGER_MAX).ok_or_else(|| wrong("row.bad-number"))
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;

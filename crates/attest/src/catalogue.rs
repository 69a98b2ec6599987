//! The catalogue that a plant already keeps, row by row: which column is what, what each row says, which rows are bad.
//!
//! People head their columns in many ways. [`mapping`] finds the heading row and says which column is which field, so
//! that a person can look at it before anything is kept; [`catalogue`] reads the rows with it. Words for levels and
//! categories are the plan's, given as [`Terms`]: this room knows no plan.

use crate::table::{self, BadRow, Limits, TableError};
use crate::{TEXT_CHARS_MAX, bad, has_credentials};
use evidence::{Carrier, CarrierKind, CategoryId, LevelId, ListedAsset, ListedTexts, PathText, Say};
use std::collections::BTreeMap;

/// Rows of a catalogue; more is no catalogue but data.
pub const ASSETS_MAX: usize = 20_000;
/// Among so many rows at the top the heading is looked for: titles stand above it.
const HEADING_ROWS_MAX: usize = 10;

/// Fields of a row, in the order of the form, with the headings that people write.
pub const HEADINGS: &[(&str, &[&str])] = &[
    (
        "name",
        &[
            "name",
            "asset",
            "data asset",
            "data",
            "名称",
            "数据名称",
            "数据资产名称",
            "资产名称",
            "数据项",
            "数据资源名称",
        ],
    ),
    ("category", &["category", "data category", "type", "数据类别", "类别", "数据分类", "分类", "数据类型"]),
    ("level", &["level", "data level", "grade", "数据级别", "级别", "数据分级", "分级", "数据等级", "等级"]),
    ("host", &["host", "server", "主机", "服务器", "主机名"]),
    (
        "carrier",
        &[
            "carrier",
            "path",
            "place",
            "location",
            "storage",
            "数据载体",
            "载体",
            "存储位置",
            "路径",
            "存放位置",
            "载体位置",
            "存储路径",
        ],
    ),
    ("size", &["size", "scale", "volume", "数据规模", "规模", "数据量", "大小"]),
    ("bytes", &["bytes", "storage volume", "存储量", "存储大小", "容量"]),
    ("records", &["records", "rows", "number of records", "记录数", "条数", "数据条数", "记录条数"]),
    ("source", &["source", "data source", "数据来源", "来源"]),
    (
        "purpose",
        &[
            "purpose",
            "purpose and means",
            "purpose and means of processing",
            "处理目的",
            "目的",
            "处理目的和方式",
            "处理目的及方式",
        ],
    ),
    ("scope", &["scope", "scope of use", "use", "使用范围", "范围"]),
    (
        "responsible",
        &["responsible", "responsible person", "owner", "责任主体", "责任人", "负责人", "责任部门", "管理责任人"],
    ),
    ("sharing", &["sharing", "shared with", "recipients", "对外共享", "共享", "共享情况", "对外提供", "对外共享情况"]),
    (
        "cross_border",
        &[
            "cross-border",
            "cross border",
            "cross_border",
            "cross-border transfer",
            "export",
            "跨境",
            "跨境传输",
            "出境",
            "数据出境",
            "跨境情况",
        ],
    ),
    (
        "protection",
        &["protection", "protection measures", "measures", "安全保护措施", "保护措施", "安全措施", "防护措施"],
    ),
];

/// Which column is which field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mapping {
    /// Row of the heading, as the person counts it.
    pub heading: u64,
    /// Field, its column (from 0) and heading.
    pub fields: BTreeMap<&'static str, (usize, String)>,
    /// Headings without a field, with their columns.
    pub unused: Vec<(usize, String)>,
    /// Fields without a column.
    pub missing: Vec<&'static str>,
    /// Rows below the heading that are not empty.
    pub rows: u64,
    at: usize,
}

/// Words of the plan for levels and categories: (word, id). Compared without case and spaces.
#[derive(Clone, Default, Debug)]
pub struct Terms {
    /// Levels.
    pub levels: Vec<(String, LevelId)>,
    /// Categories.
    pub categories: Vec<(String, CategoryId)>,
}

/// What a table held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportedAssets {
    /// The good rows, in the order of the table.
    pub assets: Vec<ListedAsset>,
    /// The bad rows.
    pub bad: Vec<BadRow>,
    /// Which column was which field.
    pub mapping: Mapping,
}

/// Compared forms: small letters without spaces, stars and what stands in brackets.
pub(crate) fn plain(text: &str) -> String {
    let head = text.split(['(', '（']).next().unwrap_or(text);
    head.chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | ':' | '：')).flat_map(char::to_lowercase).collect()
}

fn field_of(heading: &str) -> Option<&'static str> {
    let heading = plain(heading);
    let named = |names: &[&str]| names.iter().any(|n| plain(n) == heading);
    HEADINGS.iter().find(|(field, names)| *field == heading || named(names)).map(|h| h.0)
}

/// A column by its heading, its letter as in a spreadsheet, or its number from 1.
fn column_of(named: &str, heading: &[String]) -> Option<usize> {
    let wanted = plain(named);
    if let Some(at) = heading.iter().position(|h| plain(h) == wanted && !wanted.is_empty()) {
        return Some(at);
    }
    if let Ok(n) = wanted.parse::<usize>() {
        return n.checked_sub(1).filter(|n| *n < heading.len());
    }
    let letters = wanted.bytes().all(|b| b.is_ascii_lowercase()) && (1..=2).contains(&wanted.len());
    let number = wanted.bytes().fold(0_usize, |n, b| n * 26 + usize::from(b.saturating_sub(b'a')) + 1);
    number.checked_sub(1).filter(|n| letters && *n < heading.len())
}

type Rows = Vec<(u64, Vec<String>)>;

/// Which column is which field. `given` names columns for fields: `level=B`, `carrier=存放位置`.
pub fn mapping(bytes: &[u8], limits: &Limits, given: &[(String, String)]) -> Result<Mapping, Say> {
    let rows = table::rows(bytes, limits).map_err(|e| said(&e))?;
    map(&rows, given)
}

fn said(error: &TableError) -> Say {
    Say::new("row.table").with("why", error)
}

fn map(rows: &Rows, given: &[(String, String)]) -> Result<Mapping, Say> {
    let known = |cells: &[String]| cells.iter().filter(|c| field_of(c).is_some()).count();
    let best = rows.iter().take(HEADING_ROWS_MAX).enumerate().max_by_key(|(n, r)| (known(&r.1), usize::MAX - n));
    let (at, (number, heading)) = best.ok_or_else(|| said(&TableError::Empty))?;
    let mut fields: BTreeMap<&'static str, (usize, String)> = BTreeMap::new();
    let cell = |n: usize| heading.get(n).cloned().unwrap_or_default();
    for (field, column) in given {
        let known: Vec<&'static str> = HEADINGS.iter().map(|h| h.0).collect();
        let unknown = || Say::new("row.unknown-field").with("value", shown(field)).with("known", known.join(", "));
        let field = known.iter().copied().find(|f| *f == field.trim()).ok_or_else(unknown)?;
        let n = column_of(column, heading).ok_or_else(|| Say::new("row.no-column").with("value", shown(column)))?;
        fields.insert(field, (n, cell(n)));
    }
    for (n, text) in heading.iter().enumerate() {
        if let Some(field) = field_of(text).filter(|f| !fields.contains_key(f))
            && !fields.values().any(|(at, _)| *at == n)
        {
            fields.insert(field, (n, text.clone()));
        }
    }
    if !fields.contains_key("name") && !fields.contains_key("carrier") {
        return Err(Say::new("row.no-name-or-carrier"));
    }
    let used = |n: usize| fields.values().any(|(at, _)| *at == n);
    let unused = heading.iter().enumerate().filter(|(n, h)| !used(*n) && !h.trim().is_empty());
    let filled = rows.iter().skip(at + 1).filter(|r| r.1.iter().any(|c| !c.trim().is_empty())).count();
    Ok(Mapping {
        heading: *number,
        unused: unused.map(|(n, h)| (n, shown(h))).collect(),
        missing: HEADINGS.iter().map(|h| h.0).filter(|f| !fields.contains_key(f)).collect(),
        rows: filled as u64,
        fields: fields.into_iter().map(|(f, (n, h))| (f, (n, shown(&h)))).collect(),
        at,
    })
}

fn shown(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(40).collect()
}

/// Reads a catalogue. Bad rows are named, good rows kept; of two rows with one place the first counts.
pub fn catalogue(
    bytes: &[u8],
    limits: &Limits,
    given: &[(String, String)],
    terms: &Terms,
) -> Result<ImportedAssets, Say> {
    let rows = table::rows(bytes, limits).map_err(|e| said(&e))?;
    let mapping = map(&rows, given)?;
    let mut out = ImportedAssets { assets: Vec::new(), bad: Vec::new(), mapping };
    let mut first: BTreeMap<Carrier, u64> = BTreeMap::new();
    for (number, cells) in rows.iter().skip(out.mapping.at + 1) {
        if cells.iter().all(|c| c.trim().is_empty()) {
            continue;
        }
        if out.assets.len() >= ASSETS_MAX {
            out.bad.push(bad(*number, Say::new("row.too-many").with("max", ASSETS_MAX)));
            break;
        }
        match asset(&out.mapping, cells, terms) {
            Err(say) => out.bad.push(bad(*number, say)),
            Ok(asset) => match first.get(&asset.carrier) {
                Some(row) => out.bad.push(bad(*number, Say::new("row.duplicate").with("first", row))),
                None => {
                    first.insert(asset.carrier.clone(), *number);
                    out.assets.push(asset);
                }
            },
        }
    }
    Ok(out)
}

/// One row.
fn asset(mapping: &Mapping, cells: &[String], terms: &Terms) -> Result<ListedAsset, Say> {
    let text = |field: &'static str| -> Result<String, Say> {
        let raw = mapping.fields.get(field).and_then(|(n, _)| cells.get(*n)).map_or("", String::as_str).trim();
        // What an export wrote so that no spreadsheet takes it for a formula.
        let raw = raw.strip_prefix('\'').filter(|r| r.starts_with(['=', '+', '-', '@'])).unwrap_or(raw);
        if raw.chars().count() > TEXT_CHARS_MAX {
            return Err(Say::new("row.too-long").with("column", field).with("max", TEXT_CHARS_MAX));
        }
        if raw.chars().any(|c| c.is_control() && c != '\n') {
            return Err(Say::new("row.bad-control").with("column", field));
        }
        if has_credentials(raw) {
            return Err(Say::new("row.credentials"));
        }
        Ok(raw.replace('\n', " "))
    };
    let (name, at) = (text("name")?, text("carrier")?);
    if name.is_empty() && at.is_empty() {
        return Err(Say::new("row.missing-name-or-carrier"));
    }
    let mut texts = ListedTexts::default();
    for field in ListedTexts::FIELDS {
        texts.set(field, text(field)?);
    }
    let level = term(&text("level")?, &terms.levels, "row.unknown-level")?;
    let category = term(&text("category")?, &terms.categories, "row.unknown-category")?;
    let (bytes, records) = sizes(&text("size")?, &text("bytes")?, &text("records")?)?;
    let carrier = carrier(&text("host")?, &at, &name);
    Ok(ListedAsset { carrier, name, category, level, bytes, records, texts })
}

fn term<T: Clone>(text: &str, terms: &[(String, T)], key: &str) -> Result<Option<T>, Say> {
    let wanted = plain(text);
    if wanted.is_empty() {
        return Ok(None);
    }
    let found = terms.iter().find(|(word, _)| plain(word) == wanted).map(|t| t.1.clone());
    // English and Chinese once each is enough to choose from.
    let known = || {
        let mut words: Vec<&str> = Vec::new();
        for (word, _) in terms {
            let part = |w: &&str| w.contains(word.as_str()) || plain(w) == plain(word);
            if !words.iter().any(part) {
                words.push(word);
            }
        }
        words.join(", ")
    };
    found.map(Some).ok_or_else(|| Say::new(key).with("value", shown(text)).with("known", known()))
}

/// A place: `/folder`, `host:/folder`, `file!table`, an address; any other text is a place that nobody can look at.
fn carrier(host: &str, at: &str, name: &str) -> Carrier {
    let elsewhere = |text: &str| Carrier {
        kind: CarrierKind::Elsewhere,
        host: host.to_owned(),
        path: PathText::from(text),
        inside: Vec::new(),
    };
    if at.is_empty() {
        return elsewhere(name);
    }
    let address = at.contains("://") || at.starts_with("sqlite:");
    let (host, rest) = match at.split_once(":/") {
        Some((h, _)) if !address && !h.is_empty() && !h.contains(['/', ' ']) && h.len() > 1 => {
            (h, at.get(h.len() + 1..).unwrap_or(at))
        }
        _ => (host, at),
    };
    if !address && !rest.starts_with('/') {
        return elsewhere(at);
    }
    let (path, table) = rest.split_once('!').unwrap_or((rest, ""));
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    let kind = if address || !table.is_empty() { CarrierKind::Table } else { CarrierKind::Folder };
    let inside = table.split('!').filter(|t| !t.is_empty()).map(PathText::from).collect();
    Carrier { kind, host: host.to_owned(), path: PathText::from(path), inside }
}

/// Bytes and records, from their own columns or from a common one.
fn sizes(size: &str, bytes: &str, records: &str) -> Result<(Option<u64>, Option<u64>), Say> {
    let wrong = |field: &str, value: &str| Say::new("row.bad-number").with("column", field).with("value", shown(value));
    let mut out = (None, None);
    for (field, text, unit) in [("size", size, None), ("bytes", bytes, Some(true)), ("records", records, Some(false))] {
        // `1.5 GB / 12 万条`: a common column may say both.
        for part in text.split(['/', '、', ';', '；', '，']).map(str::trim).filter(|p| !p.is_empty()) {
            let (number, is_bytes) = amount(part, unit).ok_or_else(|| wrong(field, part))?;
            if is_bytes {
                out.0 = Some(number);
            } else {
                out.1 = Some(number);
            }
        }
    }
    Ok(out)
}

/// A number with its unit; `unit` says what a bare number is: bytes (true), records (false), or not to be guessed.
fn amount(text: &str, unit: Option<bool>) -> Option<(u64, bool)> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
    let digits = compact.trim_start_matches(['约', '≈', '~', '>', '≥']);
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let (number, tail) = digits.split_at(end);
    let mut factor: u64 = 1;
    let mut tail = tail.to_lowercase();
    for (word, by) in [("万", 10_000), ("亿", 100_000_000), ("千", 1000)] {
        if let Some(rest) = tail.strip_prefix(word) {
            (factor, tail) = (by, rest.to_owned());
        }
    }
    let (by, is_bytes) = match tail.as_str() {
        "" => (1, unit?),
        "b" | "bytes" | "byte" | "字节" => (1, true),
        "k" | "kb" | "kib" => (1000, true),
        "m" | "mb" | "mib" => (1_000_000, true),
        "g" | "gb" | "gib" => (1_000_000_000, true),
        "t" | "tb" | "tib" => (1_000_000_000_000, true),
        "条" | "条记录" | "行" | "records" | "rows" | "record" | "row" | "个" | "人" | "份" => (1, false),
        _ => return None,
    };
    if unit.is_some_and(|u| u != is_bytes) {
        return None;
    }
    scaled(number, factor.checked_mul(by)?).map(|n| (n, is_bytes))
}

/// A decimal number times a whole factor, without floats.
fn scaled(number: &str, factor: u64) -> Option<u64> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || part.len() > 9 || part.contains('.') {
        return None;
    }
    let tens = 10_u64.checked_pow(u32::try_from(part.len()).ok()?)?;
    let fraction: u64 = if part.is_empty() { 0 } else { part.parse().ok()? };
    let all = u128::from(whole.parse::<u64>().ok()?) * u128::from(tens) + u128::from(fraction);
    let value = all.checked_mul(u128::from(factor))? / u128::from(tens);
    u64::try_from(value).ok().filter(|n| *n < 1 << 53)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> Terms {
        let of = |words: &[(&str, &str)]| {
            words.iter().map(|(w, id)| ((*w).to_owned(), (*id).to_owned())).collect::<Vec<_>>()
        };
        let levels = of(&[
            ("general", "general"),
            ("一般数据", "general"),
            ("重要数据", "important"),
            ("important", "important"),
        ]);
        let categories = of(&[("personal", "personal"), ("个人信息", "personal"), ("研发数据", "rnd")]);
        Terms {
            levels: levels.into_iter().map(|(w, id)| (w, LevelId::new(id))).collect(),
            categories: categories.into_iter().map(|(w, id)| (w, CategoryId::new(id))).collect(),
        }
    }

    fn read(text: &str, given: &[(&str, &str)]) -> Result<ImportedAssets, Say> {
        let given: Vec<_> = given.iter().map(|(f, c)| ((*f).to_owned(), (*c).to_owned())).collect();
        catalogue(text.as_bytes(), &Limits::default(), &given, &terms())
    }

    #[test]
    fn a_table_under_a_title_is_read_and_its_bad_rows_are_named() {
        let got = read(
            "重要数据目录,,,,\n,,,,\n数据名称,数据级别（必填）,数据载体,数据规模,责任人\n员工名册,重要数据,/srv/hr/,1.5 GB / 12 万条,王芳\n图纸,绝密,/srv/cad,,\n,一般数据,,,\n工艺,一般数据,nas-1:/srv/recipe,许多,\n名册二,,/srv/hr,,\n库,,/srv/a.db!staff,3 万条,\n纸质档案,重要数据,,,\n",
            &[],
        )
        .unwrap();
        assert_eq!(got.mapping.heading, 3);
        let bad: Vec<(u64, &str)> = got.bad.iter().map(|b| (b.row, b.say.key.as_str())).collect();
        let want =
            [(5, "row.unknown-level"), (6, "row.missing-name-or-carrier"), (7, "row.bad-number"), (8, "row.duplicate")];
        assert_eq!(bad, want);
        let a = &got.assets[0];
        assert_eq!((a.name.as_str(), a.carrier.to_string().as_str()), ("员工名册", "/srv/hr"));
        assert_eq!((a.bytes, a.records, a.texts.responsible.as_str()), (Some(1_500_000_000), Some(120_000), "王芳"));
        assert_eq!(a.level.as_ref().map(LevelId::as_str), Some("important"));
        let kinds: Vec<CarrierKind> = got.assets.iter().map(|a| a.carrier.kind).collect();
        assert_eq!(kinds, [CarrierKind::Folder, CarrierKind::Table, CarrierKind::Elsewhere]);
        assert_eq!(got.assets[1].carrier.inside[0].as_str(), "staff");
    }

    #[test]
    fn columns_can_be_given_by_heading_letter_or_number_and_what_is_left_is_said() {
        let table = "what,where,how much,remark\nstaff,/srv/hr,5 GB,x\n";
        assert_eq!(read(table, &[]).unwrap_err().key, "row.no-name-or-carrier");
        let got = read(table, &[("name", "what"), ("carrier", "B"), ("size", "3")]).unwrap();
        assert_eq!((got.assets[0].name.as_str(), got.assets[0].bytes), ("staff", Some(5_000_000_000)));
        assert_eq!(got.mapping.unused, [(3, "remark".to_owned())]);
        assert!(got.mapping.missing.contains(&"level") && !got.mapping.missing.contains(&"size"));
        for (field, column, key) in [("colour", "A", "row.unknown-field"), ("level", "Z", "row.no-column")] {
            assert_eq!(read(table, &[("name", "what"), (field, column)]).unwrap_err().key, key);
        }
        // A given column is not taken for another field as well.
        let got = read("name,type\nx,personal\n", &[("level", "type")]);
        assert_eq!(got.unwrap().bad[0].say.key, "row.unknown-level");
    }

    #[test]
    fn places_are_told_apart() {
        let of = |at: &str| {
            let c = carrier("", at, "name");
            (c.kind, c.host.clone(), c.to_string())
        };
        let own = |s: &str| s.to_owned();
        assert_eq!(of("/srv/a/"), (CarrierKind::Folder, own(""), own("/srv/a")));
        assert_eq!(of("nas-1:/srv/a"), (CarrierKind::Folder, own("nas-1"), own("/srv/a")));
        assert_eq!(
            of("postgres://db/mes!public.staff"),
            (CarrierKind::Table, own(""), own("postgres://db/mes!public.staff"))
        );
        assert_eq!(of("C:/data"), (CarrierKind::Elsewhere, own(""), own("C:/data")));
        assert_eq!(of("MES 数据库"), (CarrierKind::Elsewhere, own(""), own("MES 数据库")));
        assert_eq!(of(""), (CarrierKind::Elsewhere, own(""), own("name")));
    }

    #[test]
    fn numbers_have_units_and_nothing_is_guessed() {
        for (text, unit, want) in [
            ("1.5GB", None, Some((1_500_000_000, true))),
            ("12 万条", None, Some((120_000, false))),
            ("1,200,000 条", None, Some((1_200_000, false))),
            ("约3.2亿条", None, Some((320_000_000, false))),
            ("500", None, None),
            ("500", Some(true), Some((500, true))),
            ("500 条", Some(true), None),
            ("5 GB", Some(false), None),
            ("1.2.3 GB", None, None),
            ("many", None, None),
            ("-5 GB", None, None),
            ("99999999999999999999 GB", None, None),
            ("0.1234567891 GB", None, None),
        ] {
            assert_eq!(amount(text, unit), want, "{text}");
        }
    }

    #[test]
    fn a_password_and_a_control_character_are_refused_and_not_repeated() {
        let got = read("name,carrier\na,postgres://u:S3cret@db/x\nb\u{7},/x\n", &[]).unwrap();
        let keys: Vec<&str> = got.bad.iter().map(|b| b.say.key.as_str()).collect();
        assert_eq!(keys, ["row.credentials", "row.bad-control"]);
        assert!(!format!("{:?}", got.bad).contains("S3cret"));
    }
}

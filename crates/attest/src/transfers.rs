//! Flows abroad as people keep them in a table, and as they type them: one way in for both.
//!
//! Headings are English or Chinese in any order. A bad row is named with its row, its column and the reason; good rows
//! are kept. Words of the plan (exempt cases) and of the product (countries) are given as [`FlowTerms`].

use crate::catalogue::plain;
use crate::table::{self, BadRow, Limits};
use crate::{TEXT_CHARS_MAX, bad, date, has_credentials};
use evidence::{Digest, Flow, FlowRow, Holds, PeopleCounted, Say, Span, Time, Way};
use std::collections::BTreeMap;

/// Rows of a table of flows.
pub const FLOWS_MAX: usize = 5_000;
/// Most hosts, and most assets, of one flow.
const PARTS_MAX: usize = 200;
/// Longest list of hosts or assets, in characters: as many of the longest as a flow may have.
const LIST_CHARS_MAX: usize = PARTS_MAX * 255;
/// Among so many rows at the top the heading is looked for.
const HEADING_ROWS_MAX: usize = 10;

/// Fields of a flow with the headings that people write; the order is that of an export.
pub const FLOW_HEADINGS: &[(&str, &[&str])] = &[
    ("exporter", &["exporter", "data exporter", "出境主体", "数据处理者", "数据出境方", "提供方"]),
    ("cii", &["cii", "cii operator", "critical infrastructure", "关基运营者", "是否关基", "关键信息基础设施运营者"]),
    ("system", &["system", "source system", "业务系统", "系统", "系统名称", "信息系统", "数据来源系统"]),
    ("assets", &["assets", "asset", "data assets", "数据资产", "资产", "数据资产编号", "目录资产"]),
    ("holds", &["holds", "data kinds", "kinds", "data holds", "数据种类", "数据类型", "出境数据类型", "数据性质"]),
    ("important", &["important", "important data", "是否重要数据", "重要数据", "含重要数据", "是否含重要数据"]),
    ("recipient", &["recipient", "overseas recipient", "receiver", "境外接收方", "接收方", "接收方名称"]),
    ("group", &["group", "recipient group", "group of companies", "所属集团", "接收方集团", "接收方所属集团"]),
    (
        "country",
        &["country", "destination country", "region", "国家", "国家或地区", "目的国", "所在国家或地区", "国家/地区"],
    ),
    ("way", &["way", "method", "transfer method", "出境方式", "传输方式", "方式"]),
    ("hosts", &["hosts", "host", "addresses", "recipient hosts", "接收地址", "目的地址", "接收方地址", "域名或地址"]),
    ("purpose", &["purpose", "purpose of transfer", "出境目的", "目的", "处理目的", "用途"]),
    ("ground", &["ground", "legal ground", "legal basis", "合法性基础", "法律依据", "合法依据"]),
    ("case", &["case", "exempt case", "exemption", "豁免情形", "免予情形", "豁免"]),
    ("reason", &["reason", "reason for exemption", "豁免理由", "理由", "适用理由"]),
    ("disjoint", &["disjoint", "people not elsewhere", "人员不重复", "人数不重叠", "不重叠"]),
    ("year", &["year", "calendar year", "年度", "年份", "统计年度"]),
    (
        "personal",
        &[
            "personal",
            "people",
            "number of people",
            "personal information (people)",
            "个人信息人数",
            "人数",
            "涉及人数",
            "一般个人信息人数",
        ],
    ),
    (
        "sensitive",
        &[
            "sensitive",
            "sensitive people",
            "sensitive personal information (people)",
            "敏感个人信息人数",
            "敏感人数",
            "敏感个人信息",
        ],
    ),
    ("as_of", &["as of", "as_of", "counted on", "统计日期", "截止日期", "统计截至日期"]),
];

/// Fields of a count: each may stand in a table once.
const COUNTING: [&str; 4] = ["year", "personal", "sensitive", "as_of"];

/// Columns that an export adds and an import does not read.
pub const FLOW_RESULTS: &[(&str, &[&str])] = &[
    ("id", &["id", "flow", "编号", "流向编号"]),
    ("state", &["state", "状态"]),
    ("need", &["need", "needed", "所需手续"]),
    ("in_hand", &["in hand", "已有手续"]),
    ("until", &["until", "有效期至"]),
    ("lacks", &["lacks", "missing", "欠缺"]),
];

/// Words and answers that this room cannot know.
pub struct FlowTerms<'a> {
    /// Countries: (word, code).
    pub countries: &'a [(String, String)],
    /// Exempt cases of the plan: (word, id).
    pub cases: &'a [(String, String)],
    /// The home country: to it nothing is exported.
    pub home: &'a str,
    /// The asset of the catalogue that a text names.
    pub asset: &'a dyn Fn(&str) -> Option<Digest>,
    /// The year of a count that does not say its own.
    pub year: i64,
    /// The day of a count that does not say its own.
    pub today: Time,
}

/// What a table held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportedFlows {
    /// The good rows, in the order of the table.
    pub rows: Vec<FlowRow>,
    /// The bad rows.
    pub bad: Vec<BadRow>,
    /// Rows that were left out: the bad ones, and those beyond [`FLOWS_MAX`].
    pub left_out: u64,
    /// Headings without a field.
    pub unused: Vec<String>,
}

fn field_of(heading: &str) -> Option<&'static str> {
    let heading = plain(heading);
    let known = FLOW_HEADINGS.iter().chain(FLOW_RESULTS);
    known.into_iter().find(|(f, names)| plain(f) == heading || names.iter().any(|n| plain(n) == heading)).map(|h| h.0)
}

fn shown(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(40).collect()
}

/// Reads a table of flows. Of two rows about one flow the first counts.
///
/// # Errors
/// If it is no table, or has no column for the recipient or its country.
pub fn transfers(bytes: &[u8], limits: &Limits, terms: &FlowTerms<'_>) -> Result<ImportedFlows, Say> {
    let rows = table::rows(bytes, limits).map_err(|e| Say::new("row.table").with("why", e))?;
    let known = |cells: &[String]| cells.iter().filter(|c| field_of(c).is_some()).count();
    let best = rows.iter().take(HEADING_ROWS_MAX).enumerate().max_by_key(|(n, r)| (known(&r.1), usize::MAX - n));
    let (at, (_, heading)) = best.ok_or_else(|| Say::new("row.table").with("why", "no rows"))?;
    let mut columns: BTreeMap<&'static str, (usize, String)> = BTreeMap::new();
    let mut unused = Vec::new();
    for (n, text) in heading.iter().enumerate().filter(|h| !h.1.trim().is_empty()) {
        match field_of(text) {
            Some(field) if !columns.contains_key(field) => {
                columns.insert(field, (n, shown(text)));
            }
            // Of two columns of numbers nobody can say which one was meant.
            Some(field) if COUNTING.contains(&field) => {
                return Err(Say::new("row.column-twice").with("value", shown(text)).with("field", field));
            }
            _ => unused.push(shown(text)),
        }
    }
    for field in ["recipient", "country"] {
        if !columns.contains_key(field) {
            return Err(Say::new("row.no-column").with("value", field));
        }
    }
    let mut out = ImportedFlows { rows: Vec::new(), bad: Vec::new(), left_out: 0, unused };
    let mut first: BTreeMap<String, u64> = BTreeMap::new();
    let filled = || rows.iter().skip(at + 1).filter(|r| r.1.iter().any(|c| !c.trim().is_empty()));
    for (number, cells) in filled() {
        if out.rows.len() >= FLOWS_MAX {
            out.bad.push(bad(*number, Say::new("row.too-many").with("max", FLOWS_MAX)));
            break;
        }
        let typed = |field: &str| {
            let cell = columns.get(field).and_then(|c| cells.get(c.0)).map_or("", String::as_str).trim();
            // What an export wrote so that no spreadsheet takes it for a formula.
            cell.strip_prefix('\'').filter(|r| r.starts_with(['=', '+', '-', '@'])).unwrap_or(cell).to_owned()
        };
        let named = |field: &str| columns.get(field).map_or_else(|| field.to_owned(), |c| c.1.clone());
        match flow(&typed, &named, terms) {
            Err(say) => out.bad.push(bad(*number, say)),
            Ok(row) => match first.get(&row.flow.id) {
                Some(old) => out.bad.push(bad(*number, Say::new("row.duplicate").with("first", old))),
                None => {
                    first.insert(row.flow.id.clone(), *number);
                    out.rows.push(row);
                }
            },
        }
    }
    out.left_out = filled().count() as u64 - out.rows.len() as u64;
    Ok(out)
}

/// A flow from its typed fields (names as in [`FLOW_HEADINGS`]); `named` says how a field is called where it was typed.
///
/// # Errors
/// A sentence that says which field is wrong and why.
pub fn flow(
    typed: &dyn Fn(&str) -> String,
    named: &dyn Fn(&str) -> String,
    terms: &FlowTerms<'_>,
) -> Result<FlowRow, Say> {
    let text = |field: &str| -> Result<String, Say> {
        let raw = typed(field);
        let max = if matches!(field, "hosts" | "assets") { LIST_CHARS_MAX } else { TEXT_CHARS_MAX };
        if raw.chars().count() > max {
            return Err(Say::new("row.too-long").with("column", named(field)).with("max", max));
        }
        if raw.chars().any(|c| c.is_control() && c != '\n') {
            return Err(Say::new("row.bad-control").with("column", named(field)));
        }
        if has_credentials(&raw) {
            return Err(Say::new("row.credentials"));
        }
        Ok(raw.replace('\n', " ").trim().to_owned())
    };
    let needed = |field: &str| {
        let value = text(field)?;
        if value.is_empty() { Err(Say::new("row.missing-cell").with("column", named(field))) } else { Ok(value) }
    };
    let yes = |field: &str| {
        let value = text(field)?;
        said(&value).ok_or_else(|| unknown(named(field), &value, "yes, no / 是, 否"))
    };
    let (recipient, purpose) = (needed("recipient")?, needed("purpose")?);
    let country = country(&needed("country")?, terms)?;
    let system = text("system")?;
    let assets = assets(&text("assets")?, terms)?;
    if system.is_empty() && assets.is_empty() {
        return Err(Say::new("row.missing-cell").with("column", named("system")));
    }
    let way = way(&text("way")?).map_err(|value| unknown(named("way"), &value, WAYS_SHOWN))?;
    let (case, reason) = (text("case")?, text("reason")?);
    let case = match case.as_str() {
        "" => String::new(),
        typed => {
            let found = terms.cases.iter().find(|(word, _)| plain(word) == plain(typed)).map(|c| c.1.clone());
            let ids = || terms.cases.iter().map(|c| c.1.as_str()).collect::<std::collections::BTreeSet<_>>();
            found.ok_or_else(|| unknown(named("case"), typed, &ids().into_iter().collect::<Vec<_>>().join(", ")))?
        }
    };
    // A case is somebody's claim: without a reason nobody could check it.
    if case.is_empty() != reason.is_empty() {
        return Err(Say::new("row.half-case"));
    }
    let exporter = text("exporter")?;
    let mut flow = Flow {
        id: Flow::id_of(&exporter, &system, &recipient, &country, &purpose, way),
        exporter,
        cii: yes("cii")?,
        system,
        assets,
        holds: holds(&text("holds")?).map_err(|value| unknown(named("holds"), &value, HOLDS_SHOWN))?,
        recipient,
        group: text("group")?,
        country,
        way,
        hosts: hosts(&text("hosts")?)?,
        purpose,
        ground: text("ground")?,
        case,
        reason,
        disjoint: yes("disjoint")?,
        impact: None,
    };
    if yes("important")? {
        flow.holds.push(Holds::Important);
    }
    let mut number = |field: &str, holds: Holds| -> Result<Option<Span>, Say> {
        let value = text(field)?;
        // A stroke says that nobody counted, which is not "none".
        if matches!(value.as_str(), "-" | "–" | "—" | "――" | "——" | "/" | "／" | "\\") {
            return Ok(None);
        }
        // "Yes" says that there are people, and not how many.
        if value.is_empty() || said(&value) == Some(true) {
            if !value.is_empty() {
                flow.holds.push(holds);
            }
            return Ok(None);
        }
        let wrong = || Say::new("row.bad-number").with("column", named(field)).with("value", shown(&value));
        let span = if said(&value) == Some(false) { Span::exact(0) } else { people(&value).ok_or_else(wrong)? };
        if span.most != Some(0) {
            flow.holds.push(holds);
        }
        Ok(Some(span))
    };
    let (personal, sensitive) = (number("personal", Holds::Personal)?, number("sensitive", Holds::SensitivePersonal)?);
    flow.holds.sort();
    flow.holds.dedup();
    if flow.case == WITHOUT && !flow.holds.is_empty() {
        return Err(Say::new("row.case-contradicted").with("value", WITHOUT));
    }
    let as_of = match text("as_of")?.as_str() {
        "" => None,
        typed => Some(date(typed).ok_or_else(|| Say::new("row.bad-day").with("column", named("as_of")))?),
    };
    let year = match text("year")?.trim_end_matches('年') {
        "" => as_of.map_or(Some(terms.year), |d| d.date().get(..4).and_then(|y| y.parse().ok())),
        typed => typed.parse::<i64>().ok().filter(|y| (2000..=2200).contains(y)),
    };
    if let Some(day) = as_of.filter(|d| *d > terms.today) {
        return Err(Say::new("row.future-day").with("column", named("as_of")).with("value", day.date()));
    }
    let year = year.ok_or_else(|| unknown(named("year"), &text("year").unwrap_or_default(), "2000 … 2200"))?;
    let counted = (personal.is_some() || sensitive.is_some()).then(|| {
        let of = |span: Option<Span>, holds: Holds| {
            let none = if flow.holds(holds) { Span::at_least(0) } else { Span::exact(0) };
            span.unwrap_or(none)
        };
        PeopleCounted {
            flow: flow.id.clone(),
            year,
            personal: of(personal, Holds::Personal),
            sensitive: of(sensitive, Holds::SensitivePersonal),
            as_of: as_of.unwrap_or(terms.today),
        }
    });
    Ok(FlowRow { flow, counted })
}

fn unknown(column: String, value: &str, known: &str) -> Say {
    Say::new("row.unknown-word").with("column", column).with("value", shown(value)).with("known", known)
}

/// Yes or no; empty is no. `None` if it is neither.
fn said(value: &str) -> Option<bool> {
    match value.trim().to_lowercase().as_str() {
        "yes" | "y" | "true" | "是" | "有" | "√" => Some(true),
        "" | "no" | "n" | "false" | "否" | "无" | "-" | "/" | "没有" => Some(false),
        _ => None,
    }
}

/// Bounds of a number of people, as people write them: `12000`, `12,000`, `1.2万`, `5000-8000`, `≥5000`, `<100`.
#[must_use]
pub fn people(text: &str) -> Option<Span> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，' | '人' | '\'')).collect();
    let one = |t: &str| -> Option<u64> {
        let (digits, times) = match (t.strip_suffix('万'), t.strip_suffix('亿')) {
            (Some(d), _) => (d, 10_000_u64),
            (_, Some(d)) => (d, 100_000_000),
            _ => (t, 1),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let good = |s: &str| s.bytes().all(|b| b.is_ascii_digit()) && s.len() <= 12;
        if !good(whole) || !good(part) || whole.is_empty() || (!part.is_empty() && times == 1) {
            return None;
        }
        let scale = 10_u64.checked_pow(u32::try_from(part.len()).ok()?)?;
        let part = if part.is_empty() { 0 } else { part.parse::<u64>().ok()?.checked_mul(times)? / scale };
        // Records hold integers up to 2^53; no count of people is near it.
        whole.parse::<u64>().ok()?.checked_mul(times)?.checked_add(part).filter(|n| *n <= 100_000_000_000)
    };
    for (mark, least) in [("≥", 0), (">=", 0), (">", 1), ("至少", 0), ("不少于", 0)] {
        if let Some(rest) = text.strip_prefix(mark) {
            return one(rest).map(|n| Span::at_least(n + least));
        }
    }
    for (mark, less) in [("≤", 0), ("<=", 0), ("<", 1), ("至多", 0), ("不超过", 0)] {
        if let Some(rest) = text.strip_prefix(mark) {
            return one(rest).map(|n| Span { least: 0, most: Some(n.saturating_sub(less)) });
        }
    }
    for mark in ["..", "-", "–", "—", "~", "～", "至"] {
        if let Some((a, b)) = text.split_once(mark) {
            return one(a).zip(one(b)).filter(|(a, b)| a <= b).map(|(a, b)| Span::between(a, b));
        }
    }
    one(&text).map(Span::exact)
}

/// The exempt case that says what a flow does not hold.
const WITHOUT: &str = "without-personal-or-important";

/// Countries and areas of ISO 3166-1, two letters each (249, as of 2026).
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV \
    BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG \
    KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX \
    MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG \
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG \
    VI VN VU WF WS YE YT ZA ZM ZW";

/// Whether two capital letters are a code of ISO 3166-1.
#[must_use]
pub fn is_country(code: &str) -> bool {
    COUNTRIES.split_ascii_whitespace().any(|c| c == code)
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；', '、', ',', '，']).map(str::trim).filter(|p| !p.is_empty()).take(PARTS_MAX)
}

/// Two letters of a code, or the name of a country.
fn country(text: &str, terms: &FlowTerms<'_>) -> Result<String, Say> {
    let upper = text.to_ascii_uppercase();
    let code = is_country(&upper);
    let by_name = || terms.countries.iter().find(|(word, _)| plain(word) == plain(text)).map(|c| c.1.clone());
    let found = if code { Some(upper) } else { by_name() };
    let found = found.ok_or_else(|| Say::new("row.bad-country").with("value", shown(text)))?;
    if !terms.home.is_empty() && found == terms.home {
        return Err(Say::new("row.home-country").with("value", found));
    }
    Ok(found)
}

fn assets(text: &str, terms: &FlowTerms<'_>) -> Result<Vec<Digest>, Say> {
    let find = |p: &str| (terms.asset)(p).ok_or_else(|| Say::new("row.unknown-asset").with("value", shown(p)));
    let mut out = parts(text).map(find).collect::<Result<Vec<_>, _>>()?;
    out.sort();
    out.dedup();
    Ok(out)
}

const WAYS_SHOWN: &str = "sent, remote-access, carried / 网络传输, 远程访问, 介质携带";
fn way(text: &str) -> Result<Way, String> {
    match plain(text).as_str() {
        "" | "sent" | "network" | "传输" | "网络传输" | "线上传输" => Ok(Way::Sent),
        "remote-access" | "remoteaccess" | "access" | "远程访问" | "境外访问" | "远程调取" => {
            Ok(Way::RemoteAccess)
        }
        "carried" | "medium" | "media" | "介质携带" | "携带出境" | "介质" => Ok(Way::Carried),
        _ => Err(text.to_owned()),
    }
}

const HOLDS_SHOWN: &str = "personal, sensitive-personal, important, core / 个人信息, 敏感个人信息, 重要数据, 核心数据";
fn holds(text: &str) -> Result<Vec<Holds>, String> {
    let one = |p: &str| match plain(p).as_str() {
        "personal" | "personalinformation" | "个人信息" | "一般个人信息" => Ok(vec![Holds::Personal]),
        "sensitive-personal" | "sensitive" | "sensitivepersonalinformation" | "敏感个人信息" => {
            Ok(vec![Holds::SensitivePersonal])
        }
        "important" | "importantdata" | "重要数据" => Ok(vec![Holds::Important]),
        "core" | "coredata" | "核心数据" => Ok(vec![Holds::Core]),
        "none" | "no" | "general" | "一般数据" | "无" | "否" | "-" => Ok(Vec::new()),
        _ => Err(p.to_owned()),
    };
    parts(text).map(one).collect::<Result<Vec<_>, _>>().map(|all| all.concat())
}

/// Names, addresses, networks and domains.
fn hosts(text: &str) -> Result<Vec<String>, Say> {
    let one = |p: &str| {
        let bare = p.split_once("://").map_or(p, |u| u.1.split('/').next().unwrap_or(u.1));
        let bare = match bare.rsplit_once(':') {
            Some((host, port)) if (!host.contains(':') || host.ends_with(']')) && port.parse::<u16>().is_ok() => host,
            _ => bare,
        };
        let bare = bare.trim_start_matches('[').trim_end_matches([']', '.']).to_lowercase();
        let network = bare.split_once('/').map(|(a, bits)| {
            let wide = match a.parse::<std::net::IpAddr>() {
                Ok(std::net::IpAddr::V4(_)) => 32,
                Ok(std::net::IpAddr::V6(_)) => 128,
                Err(_) => return false,
            };
            bits.parse::<u32>().is_ok_and(|b| b <= wide)
        });
        let name = bare.strip_prefix("*.").unwrap_or(&bare);
        let letters = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        let good = network.unwrap_or_else(|| {
            bare.parse::<std::net::IpAddr>().is_ok()
                || (!name.is_empty() && name.len() <= 253 && name.chars().all(letters))
        });
        if good { Ok(bare) } else { Err(Say::new("row.bad-host").with("value", shown(p))) }
    };
    let all = text.split([' ', ';', '；', '、', ',', '，']).map(str::trim).filter(|p| !p.is_empty());
    let mut out = all.take(PARTS_MAX).map(one).collect::<Result<Vec<_>, _>>()?;
    out.sort();
    out.dedup();
    Ok(out)
}

#[cfg(test)]
#[path = "transfers_tests.rs"]
mod tests;

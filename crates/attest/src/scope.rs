//! The declared scope: hosts, shares, databases, control networks and people that a node answers for.

use crate::table::{self, BadRow, Limits, TableError};
use crate::{TEXT_CHARS_MAX, bad};
use evidence::{DigestKey, Say, ScopeEntry, ScopeKind};
use std::collections::BTreeMap;

/// What a table held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    /// The good rows, sorted, without duplicates.
    pub entries: Vec<ScopeEntry>,
    /// The bad rows.
    pub bad: Vec<BadRow>,
}

/// Names of the columns, as people write them.
const KIND: &[&str] = &["kind", "type", "类型", "类别", "种类"];
const ID: &[&str] = &["id", "name", "address", "path", "编号", "标识", "地址", "路径", "名称"];
const LABEL: &[&str] = &["label", "note", "description", "说明", "备注", "描述"];
const SITE: &[&str] = &["site", "plant", "location", "地点", "站点", "厂区", "机房"];
const COUNTRY: &[&str] = &["country", "国家", "国别", "国家或地区"];

/// Names of the kinds, as people write them.
const KINDS: &[(&str, ScopeKind)] = &[
    ("host", ScopeKind::Host),
    ("主机", ScopeKind::Host),
    ("服务器", ScopeKind::Host),
    ("share", ScopeKind::Share),
    ("folder", ScopeKind::Share),
    ("共享", ScopeKind::Share),
    ("文件共享", ScopeKind::Share),
    ("文件夹", ScopeKind::Share),
    ("database", ScopeKind::Database),
    ("数据库", ScopeKind::Database),
    ("control-network", ScopeKind::ControlNetwork),
    ("control network", ScopeKind::ControlNetwork),
    ("控制网络", ScopeKind::ControlNetwork),
    ("工控网络", ScopeKind::ControlNetwork),
    ("person", ScopeKind::Person),
    ("人员", ScopeKind::Person),
];

/// A kind by any of its names.
#[must_use]
fn kind_of(text: &str) -> Option<ScopeKind> {
    let text = text.trim().to_lowercase();
    KINDS.iter().find(|(name, _)| *name == text).map(|(_, kind)| *kind)
}

/// Reads a scope from a CSV or XLSX table with the columns kind, id and (optionally) label; headings may be
/// Chinese. Persons leave as keyed digests without a label. A duplicate row is named and left out.
pub fn scope(bytes: &[u8], limits: &Limits, key: &DigestKey) -> Result<Imported, TableError> {
    let rows = table::rows(bytes, limits)?;
    let (_, heading) = rows.first().ok_or(TableError::Empty)?;
    let column = |names: &[&str]| heading.iter().position(|h| names.contains(&h.trim().to_lowercase().as_str()));
    let kind_at = column(KIND).ok_or(TableError::Column("kind"))?;
    let id_at = column(ID).ok_or(TableError::Column("id"))?;
    let (label_at, site_at, country_at) = (column(LABEL), column(SITE), column(COUNTRY));
    let mut seen: BTreeMap<(ScopeKind, String), (u64, ScopeEntry)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (row, cells) in rows.iter().skip(1) {
        let cell = |at: usize| cells.get(at).map_or("", String::as_str);
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let text = |at: Option<usize>| at.map_or("", cell);
        let typed = Typed {
            kind: cell(kind_at),
            id: cell(id_at),
            label: text(label_at),
            site: text(site_at),
            country: text(country_at),
        };
        match entry(typed, key) {
            Err(say) => wrong.push(bad(*row, say)),
            Ok(entry) => match seen.get(&(entry.kind, entry.id.clone())) {
                Some((first, _)) => wrong.push(bad(*row, Say::new("row.duplicate").with("first", first))),
                None => {
                    seen.insert((entry.kind, entry.id.clone()), (*row, entry));
                }
            },
        }
    }
    Ok(Imported { entries: seen.into_values().map(|(_, e)| e).collect(), bad: wrong })
}

/// An entry as a person typed it; what is not given is empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Typed<'t> {
    /// Kind, by any of its names.
    pub kind: &'t str,
    /// Id: host name, folder, address, network, name of a person.
    pub id: &'t str,
    /// Label.
    pub label: &'t str,
    /// Site.
    pub site: &'t str,
    /// Country: two letters of ISO 3166-1, or 中国.
    pub country: &'t str,
}

/// One entry from what a person typed. The error is a sentence for that person.
pub fn entry(typed: Typed<'_>, key: &DigestKey) -> Result<ScopeEntry, Say> {
    let known = || ScopeKind::ALL.map(ScopeKind::name).join(", ");
    let shown: String = typed.kind.chars().filter(|c| !c.is_control()).take(40).collect();
    let kind = kind_of(typed.kind);
    let kind = kind.ok_or_else(|| Say::new("row.unknown-kind").with("value", shown).with("known", known()))?;
    let (id, label, site) = (typed.id.trim(), typed.label.trim(), typed.site.trim());
    if id.is_empty() {
        return Err(Say::new("row.missing-id"));
    }
    for (column, text) in [("id", id), ("label", label), ("site", site)] {
        if text.chars().count() > TEXT_CHARS_MAX {
            return Err(Say::new("row.too-long").with("column", column).with("max", TEXT_CHARS_MAX));
        }
        if text.chars().any(char::is_control) {
            return Err(Say::new("row.bad-control").with("column", column));
        }
    }
    if has_credentials(id) || has_credentials(label) || has_credentials(site) {
        return Err(Say::new("row.credentials"));
    }
    let country = country(typed.country)?;
    let of = |id: &str, label: &str| {
        let (id, label, site) = (id.to_owned(), label.to_owned(), site.to_owned());
        ScopeEntry { kind, id, label, site, country: country.clone() }
    };
    Ok(match kind {
        ScopeKind::Person => of(&key.digest("person", id.as_bytes()).to_string(), ""),
        // A folder is the same folder with and without its last slash.
        ScopeKind::Share if id.len() > 1 => of(id.trim_end_matches('/'), label),
        _ => of(id, label),
    })
}

/// Two capitals of ISO 3166-1; empty stays empty.
fn country(typed: &str) -> Result<String, Say> {
    let typed = typed.trim();
    let code = match typed {
        "中国" | "中国大陆" | "China" | "china" => "CN".to_owned(),
        other => other.to_ascii_uppercase(),
    };
    if code.is_empty() || (code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())) {
        return Ok(code);
    }
    let shown: String = typed.chars().filter(|c| !c.is_control()).take(40).collect();
    Err(Say::new("row.bad-country").with("value", shown))
}

/// A password in an address: `scheme://user:password@host`, or `password=` and its like in the rest of it.
#[must_use]
pub fn has_credentials(text: &str) -> bool {
    let lower = text.to_lowercase();
    let userinfo = lower.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next()?.rsplit_once('@'));
    let named = ["password=", "passwd=", "pwd=", "secret=", "token="];
    userinfo.is_some_and(|(user, _)| user.contains(':')) || named.iter().any(|n| lower.contains(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Imported {
        scope(text.as_bytes(), &Limits::default(), &DigestKey::new([1; 32])).unwrap()
    }

    #[test]
    fn bad_rows_are_named_and_good_rows_kept() {
        let got = read(
            "类型;编号;说明\n主机;plc-gw-01;网关\nshare;/srv/share/;\nhorst;x;\n主机;;\n\n主机;plc-gw-01;again\n人员;李明;not kept\n",
        );
        let ids: Vec<&str> = got.entries.iter().map(|e| e.id.as_str()).collect();
        assert_eq!(ids.len(), 3);
        assert_eq!(ids[..2], ["plc-gw-01", "/srv/share"]);
        assert!(ids[2].starts_with("hmac-sha256-128:") && got.entries[2].label.is_empty());
        let bad: Vec<(u64, &str)> = got.bad.iter().map(|b| (b.row, b.say.key.as_str())).collect();
        assert_eq!(bad, [(4, "row.unknown-kind"), (5, "row.missing-id"), (7, "row.duplicate")]);
        assert_eq!(got.bad[2].say.with["first"], "2");
    }

    #[test]
    fn where_a_thing_stands_is_kept_and_a_country_is_two_letters() {
        let got = read("kind,id,site,country\nshare,/srv/a,苏州一厂,cn\nshare,/srv/b,,中国\nshare,/srv/c,,Germany\n");
        let of = |n: usize| (got.entries[n].site.as_str(), got.entries[n].country.as_str());
        assert_eq!((of(0), of(1), got.entries.len()), (("苏州一厂", "CN"), ("", "CN"), 2));
        assert_eq!(got.bad[0].say.key, "row.bad-country");
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        let got = read(
            "kind,id\ndatabase,postgres://mes@db/x\ndatabase,mysql://root:S3cret@db/x\ndatabase,db?Password=S3cret\n",
        );
        assert_eq!(got.entries.len(), 1);
        assert!(got.bad.iter().all(|b| b.say == Say::new("row.credentials")) && got.bad.len() == 2);
    }

    #[test]
    fn a_table_without_the_columns_says_which() {
        let key = DigestKey::new([1; 32]);
        let read = |b: &[u8]| scope(b, &Limits::default(), &key);
        assert_eq!(read(b"a,b\n1,2\n"), Err(TableError::Column("kind")));
        assert_eq!(read(b""), Err(TableError::Empty));
        assert_eq!(read(b"kind,id\nhost,\xff\n"), Err(TableError::Encoding(13)));
        assert!(matches!(read(b"PK\x03\x04garbage"), Err(TableError::Workbook(_))));
        let small = Limits { rows_max: 1, file_bytes_max: 1000, ..Limits::default() };
        assert_eq!(scope(b"kind,id\nhost,a\nhost,b\n", &small, &key), Err(TableError::TooManyRows(1)));
    }
}

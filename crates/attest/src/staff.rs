//! The list of staff: whose accounts are whose (`docs/specs/staff-v1.md`). Names of accounts leave as keyed digests, and
//! everything else of a row - the person's name above all - is not even looked at.

use crate::table::{self, BadRow, Limits, TableError};
use crate::{TEXT_CHARS_MAX, bad, date};
use evidence::{DigestKey, Say, StaffEntry, StaffStanding};
use std::collections::BTreeMap;

/// Most accounts of a list.
const ACCOUNTS_MAX: usize = 200_000;

const ACCOUNT: &[&str] = &["account", "accounts", "login", "user", "账号", "账户", "用户名", "登录名"];
const HOST: &[&str] = &["host", "server", "主机", "服务器"];
const STANDING: &[&str] = &["standing", "status", "状态", "在职状态"];
const LEFT: &[&str] = &["left", "left on", "leaving date", "离职日期", "离职时间"];

/// Standings, as people write them.
const STANDINGS: &[(&str, StaffStanding)] = &[
    ("active", StaffStanding::Active),
    ("在职", StaffStanding::Active),
    ("left", StaffStanding::Left),
    ("离职", StaffStanding::Left),
    ("已离职", StaffStanding::Left),
    ("shared", StaffStanding::Shared),
    ("共用", StaffStanding::Shared),
    ("service", StaffStanding::Service),
    ("服务", StaffStanding::Service),
    ("服务账号", StaffStanding::Service),
];

/// What a table held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StaffList {
    /// The good rows, sorted.
    pub entries: Vec<StaffEntry>,
    /// The bad rows.
    pub bad: Vec<BadRow>,
}

/// The keyed digest under which an account of a host stands in a list; `host` empty for every host. On Windows the name is
/// given in lower case, and the answer is [`StaffEntry::folded`].
#[must_use]
pub fn account(key: &DigestKey, host: &str, name: &str) -> String {
    let text = format!("{}\n{}", host.trim().to_lowercase(), name.trim());
    key.digest("staff-account", text.as_bytes()).to_string()
}

/// Reads a list from a CSV or XLSX table. An account that stands there twice is named and left out the second time.
pub fn staff(bytes: &[u8], limits: &Limits, key: &DigestKey) -> Result<StaffList, TableError> {
    let rows = table::rows(bytes, limits)?;
    let (_, heading) = rows.first().ok_or(TableError::Empty)?;
    let column = |names: &[&str]| heading.iter().position(|h| names.contains(&h.trim().to_lowercase().as_str()));
    let account_at = column(ACCOUNT).ok_or(TableError::Column("account"))?;
    let (host_at, standing_at, left_at) = (column(HOST), column(STANDING), column(LEFT));
    let mut seen: BTreeMap<String, (u64, StaffEntry)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (row, cells) in rows.iter().skip(1) {
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let text = |at: Option<usize>| at.and_then(|n| cells.get(n)).map_or("", |c| c.trim());
        let typed = [text(Some(account_at)), text(host_at), text(standing_at), text(left_at)];
        match read(typed, key) {
            Err(say) => wrong.push(bad(*row, say)),
            Ok(entries) => {
                for entry in entries {
                    let full = seen.len() >= ACCOUNTS_MAX;
                    match seen.get_mut(&entry.account) {
                        // Two rows that differ: the graver one counts, whichever comes first.
                        Some((first, kept)) => {
                            wrong.push(bad(*row, Say::new("row.duplicate").with("first", first)));
                            if graver(&entry, kept) {
                                *kept = entry;
                            }
                        }
                        None if full => {
                            wrong.push(bad(*row, Say::new("row.too-many").with("max", ACCOUNTS_MAX)));
                        }
                        None => {
                            seen.insert(entry.account.clone(), (*row, entry));
                        }
                    }
                }
            }
        }
    }
    Ok(StaffList { entries: seen.into_values().map(|(_, e)| e).collect(), bad: wrong })
}

/// True if `new` says more against an account than `old`: that its person left, and earlier; that it is nobody's own.
fn graver(new: &StaffEntry, old: &StaffEntry) -> bool {
    let rank = |e: &StaffEntry| match e.standing {
        StaffStanding::Active => 0,
        StaffStanding::Service => 1,
        StaffStanding::Shared => 2,
        StaffStanding::Left => 3,
    };
    let day = |e: &StaffEntry| e.left.map_or(i64::MAX, evidence::Time::millis);
    (rank(new), -day(new)) > (rank(old), -day(old))
}

/// The accounts of one row.
fn read([accounts, host, standing, left]: [&str; 4], key: &DigestKey) -> Result<Vec<StaffEntry>, Say> {
    for (column, text) in [("account", accounts), ("host", host)] {
        if text.chars().count() > TEXT_CHARS_MAX {
            return Err(Say::new("row.too-long").with("column", column).with("max", TEXT_CHARS_MAX));
        }
        if text.chars().any(char::is_control) {
            return Err(Say::new("row.bad-control").with("column", column));
        }
    }
    let day = match left {
        "" => None,
        typed => Some(date(typed).ok_or_else(|| Say::new("row.bad-day").with("column", "left"))?),
    };
    let standing = match standing.to_lowercase().as_str() {
        // Who has a day on which they leave is active until then; `node` looks at the day.
        "" | "active" | "在职" if day.is_some() => StaffStanding::Left,
        "" => StaffStanding::Active,
        typed => STANDINGS.iter().find(|s| s.0 == typed).map(|s| s.1).ok_or_else(|| {
            // What stands there may be a person's name in the wrong column: it is not repeated.
            Say::new("row.unknown-standing").with("known", StaffStanding::ALL.map(StaffStanding::name).join(", "))
        })?,
    };
    let names: Vec<&str> = accounts.split([';', '；', '、']).map(str::trim).filter(|n| !n.is_empty()).collect();
    if names.is_empty() {
        return Err(Say::new("row.missing-account"));
    }
    let entry = |name: &str| StaffEntry {
        account: account(key, host, name),
        folded: account(key, host, &name.to_lowercase()),
        standing,
        left: day,
    };
    Ok(names.into_iter().map(entry).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> StaffList {
        staff(text.as_bytes(), &Limits::default(), &DigestKey::new([7; 32])).unwrap()
    }

    #[test]
    fn a_list_keeps_standings_and_no_name() {
        let key = DigestKey::new([7; 32]);
        let got = list(
            "姓名,账号,状态,离职日期,主机\n司马青云,sima;SIMA2,在职,,\n李娜,lina,,2026-10-31,press-1\n,ops,共用,,\nx,,在职,,\n王芳,wang,请假,,\n王芳,wang,,下周,\n李娜,sima,,,\n",
        );
        let of = |host: &str, name: &str| {
            let wanted = account(&key, host, name);
            got.entries.iter().find(|e| e.account == wanted).map(|e| (e.standing, e.left.map(evidence::Time::date)))
        };
        assert_eq!(of("", "sima"), Some((StaffStanding::Active, None)));
        assert_eq!(of("", "SIMA2"), Some((StaffStanding::Active, None)));
        assert_eq!(of("PRESS-1", "lina"), Some((StaffStanding::Left, Some("2026-10-31".to_owned()))));
        assert_eq!((of("", "lina"), of("", "ops")), (None, Some((StaffStanding::Shared, None))));
        let bad: Vec<(u64, &str)> = got.bad.iter().map(|b| (b.row, b.say.key.as_str())).collect();
        let want = [(5, "row.missing-account"), (6, "row.unknown-standing"), (7, "row.bad-day"), (8, "row.duplicate")];
        assert_eq!(bad, want);
        let said = format!("{got:?}");
        assert!(["司马", "李娜", "王芳", "sima", "lina", "请假"].iter().all(|n| !said.contains(n)), "{said}");
    }

    #[test]
    fn a_table_without_accounts_is_no_list() {
        let read = staff("name\nx\n".as_bytes(), &Limits::default(), &DigestKey::new([7; 32]));
        assert!(matches!(read, Err(TableError::Column("account"))), "{read:?}");
    }

    #[test]
    fn of_two_rows_the_graver_counts() {
        let key = DigestKey::new([7; 32]);
        for rows in
            ["zhao,active,\nzhao,left,2020-01-01", "zhao,left,2020-01-01\nzhao,active,", "zhao,active,2020-01-01"]
        {
            let got = list(&format!("account,standing,left\n{rows}\n"));
            let [entry] = got.entries.as_slice() else { panic!("{got:?}") };
            assert_eq!(
                (entry.standing, entry.left.map(evidence::Time::date)),
                (StaffStanding::Left, Some("2020-01-01".to_owned())),
                "{rows}"
            );
            assert_eq!(entry.account, account(&key, "", "zhao"));
        }
    }

    #[test]
    fn capitals_tell_accounts_apart_but_on_windows() {
        let key = DigestKey::new([7; 32]);
        let got = list("account\nWang\n");
        assert_eq!(got.entries[0].account, account(&key, "", "Wang"));
        assert_ne!(got.entries[0].account, account(&key, "", "wang"));
        assert_eq!(got.entries[0].folded, account(&key, "", "wang"));
    }
}

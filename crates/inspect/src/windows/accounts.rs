//! Local accounts, members of the groups that lead to an administrator's rights, rules for passwords.
//!
//! Of SAM are read: the names of accounts (names of keys), the first 72 bytes of each account's fixed part (times,
//! number, flags), the member lists of three groups and the rules at the beginning of the domain's fixed part. The
//! value `V`, which holds the hashes, is never asked for.

use super::World;
use super::data::{Data, filetime};
use super::hive::{word32, word64};
use super::output;
use super::sid::sid;
use super::view::{Query, Root};
use crate::collect::with;
use crate::out::Out;
use crate::parse::printable;
use evidence::{FactValue, GapReason, Place, Time};
use std::collections::BTreeMap;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &[
    "account",
    "account.last_login",
    "group.privileged",
    "windows.account",
    "windows.builtin_admin_enabled",
    "windows.guest_enabled",
];
/// Facts about rules for passwords.
pub(crate) const RULE_FACTS: &[&str] =
    &["password.max_days", "password.min_length", "windows.lockout_threshold", "windows.password_complexity"];

const USERS: &str = "SAM\\Domains\\Account\\Users";
/// Bytes of an account's fixed part that are read.
const FIXED_BYTES: usize = 72;
/// Bytes of the domain's fixed part that are read; the key of the hashes begins behind them.
const RULES_BYTES: usize = 0x58;
/// Groups that lead to an administrator's rights: number below S-1-5-32, name.
const GROUPS: [(u32, &str); 3] = [(544, "Administrators"), (551, "Backup Operators"), (578, "Hyper-V Administrators")];
const ADMINISTRATOR: i64 = 500;
const GUEST: i64 = 501;

#[derive(Clone, Debug, Default)]
struct Account {
    name: String,
    rid: i64,
    enabled: bool,
    needs_password: Option<bool>,
    expires: Option<bool>,
    locked: Option<bool>,
    changed: Option<Time>,
    last: Option<Time>,
    ends: Option<Time>,
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, world: &World) {
    let accounts = if world.bundle.is_some() { from_bundle(out, world) } else { from_sam(out, world) };
    let Some(accounts) = accounts else { return };
    for (fact, rid) in [("windows.builtin_admin_enabled", ADMINISTRATOR), ("windows.guest_enabled", GUEST)] {
        // These two cannot be deleted; without a row the list is not whole.
        match accounts.iter().find(|(a, _)| a.rid == rid) {
            Some((a, at)) => out.fact(fact, a.enabled, at.clone()),
            None => out.gap(fact, GapReason::Missing, None),
        }
    }
    for (a, at) in &accounts {
        let mut row =
            FactValue::row([("name", a.name.as_str().into()), ("uid", a.rid.into()), ("login", a.enabled.into())]);
        let day = |t: Option<Time>| t.map(|t| t.secs().div_euclid(86_400));
        with(&mut row, "changed_day", day(a.changed));
        with(&mut row, "expire_day", day(a.ends));
        out.fact("account", row, at.clone());
        let mut row =
            FactValue::row([("name", a.name.as_str().into()), ("rid", a.rid.into()), ("enabled", a.enabled.into())]);
        with(&mut row, "password_required", a.needs_password);
        with(&mut row, "password_expires", a.expires);
        with(&mut row, "locked", a.locked);
        out.fact("windows.account", row, at.clone());
        if let Some(last) = a.last {
            let row = FactValue::row([("name", a.name.as_str().into()), ("at", FactValue::time(last))]);
            out.fact("account.last_login", row, at.clone());
        }
    }
}

fn from_sam(out: &mut Out<'_>, world: &World) -> Option<Vec<(Account, Place)>> {
    let mut q = world.ask();
    let names = q.subkeys(Root::Sam, &format!("{USERS}\\Names"));
    let mut all = Vec::new();
    for name in names.iter().flatten() {
        // The type of the default value is the account's number.
        let Some(rid) = q.default_kind(Root::Sam, &format!("{USERS}\\Names\\{name}")) else {
            FACTS.iter().for_each(|id| out.gap(id, GapReason::Corrupt, None));
            continue;
        };
        let Some(seen) = q.value_within(Root::Sam, &format!("{USERS}\\{rid:08X}"), "F", FIXED_BYTES) else { continue };
        match &seen.data {
            Some(Data::Bytes(fixed)) if fixed.len() >= FIXED_BYTES - 8 => {
                all.push((account(name, rid, fixed), seen.at));
            }
            _ => FACTS.iter().for_each(|id| out.gap(id, GapReason::Corrupt, Some(seen.at.clone()))),
        }
    }
    q.settle(out, FACTS);
    names.as_ref()?;
    let by_rid: BTreeMap<i64, &str> = all.iter().map(|(a, _)| (a.rid, a.name.as_str())).collect();
    for (rid, group) in GROUPS {
        members(out, &mut q, &by_rid, rid, group);
    }
    q.settle(out, &["group.privileged"]);
    Some(all)
}
/// Layout of an account's fixed part: last log-in at 8, change of the password at 24, end at 32, flags at 56.
fn account(name: &str, rid: u32, fixed: &[u8]) -> Account {
    let time = |at| word64(fixed, at).and_then(filetime);
    let flags = word32(fixed, 56).unwrap_or(0);
    Account {
        name: printable(name),
        rid: rid.into(),
        enabled: flags & 0x1 == 0,
        needs_password: Some(flags & 0x4 == 0),
        expires: Some(flags & 0x200 == 0),
        locked: Some(flags & 0x400 != 0),
        changed: time(24),
        last: time(8),
        ends: time(32),
    }
}
/// Layout of a group: offset of the members at 0x28 counted from 0x34, their number at 0x30.
fn members(out: &mut Out<'_>, q: &mut Query<'_>, names: &BTreeMap<i64, &str>, group: u32, label: &str) {
    let key = format!("SAM\\Domains\\Builtin\\Aliases\\{group:08X}");
    let Some(seen) = q.value(Root::Sam, &key, "C") else { return };
    let Some(Data::Bytes(c)) = &seen.data else { return };
    let list = || {
        let start = usize::try_from(word32(c, 0x28)?).ok()?.checked_add(0x34)?;
        let mut rest = c.get(start..)?;
        let mut out = Vec::new();
        for _ in 0..word32(c, 0x30)? {
            let (text, len) = sid(rest)?;
            out.push(text);
            rest = rest.get(len..)?;
        }
        Some(out)
    };
    let Some(all) = list() else { return out.gap("group.privileged", GapReason::Corrupt, Some(seen.at.clone())) };
    for text in all {
        let rid = text.strip_prefix("S-1-5-21-").and_then(|r| r.rsplit('-').next()).and_then(|r| r.parse().ok());
        let member = rid.and_then(|r| names.get(&r).copied()).unwrap_or(&text);
        let row = FactValue::row([("member", member.into()), ("group", label.into())]);
        out.fact("group.privileged", row, seen.at.clone());
    }
}

fn from_bundle(out: &mut Out<'_>, world: &World) -> Option<Vec<(Account, Place)>> {
    let ids =
        &["account", "account.last_login", "windows.account", "windows.builtin_admin_enabled", "windows.guest_enabled"];
    for (rid, group) in GROUPS {
        let file = format!("group-{rid}.txt");
        // The two rarer groups need not exist.
        let Some((text, at)) = optional(world, &file, rid == GROUPS[0].0, out) else { continue };
        for (line, member) in group_members(&text) {
            let row = FactValue::row([("member", printable(member).into()), ("group", group.into())]);
            out.fact("group.privileged", row, at.clone().line(line as u64));
        }
        if !text.contains("-----") {
            out.gap("group.privileged", GapReason::Unsupported, Some(at));
        }
    }
    let logins = world.table(out, &["account.last_login"], "logins.csv", GapReason::NotLive);
    let mut last: BTreeMap<String, Time> = BTreeMap::new();
    for row in logins.iter().flat_map(|(rows, _)| rows) {
        let (Some(name), Some(at)) = (row.get("name"), row.get("lastlogon").and_then(|t| super::manifest::moment(t)))
        else {
            continue;
        };
        let name = name.rsplit('\\').next().unwrap_or(name).to_lowercase();
        let newest = last.entry(name).or_insert(at);
        *newest = at.max(*newest);
    }
    let (rows, at) = world.table(out, ids, "accounts.csv", GapReason::NotLive)?;
    // Every Windows has accounts.
    if rows.is_empty() {
        ids.iter().for_each(|id| out.gap(id, GapReason::Unsupported, Some(at.clone())));
        return None;
    }
    let mut all = Vec::new();
    for row in &rows {
        let flag = |name: &str| row.get(name).map(|v| v.eq_ignore_ascii_case("true"));
        let (Some(name), Some(sid), Some(disabled)) = (row.get("name"), row.get("sid"), flag("disabled")) else {
            ids.iter().for_each(|id| out.gap(id, GapReason::Corrupt, Some(at.clone())));
            continue;
        };
        let account = Account {
            name: printable(name),
            rid: sid.rsplit('-').next().and_then(|r| r.parse().ok()).unwrap_or(-1),
            enabled: !disabled,
            needs_password: flag("passwordrequired"),
            expires: flag("passwordexpires"),
            locked: flag("lockout"),
            last: last.get(&name.to_lowercase()).copied(),
            ..Account::default()
        };
        all.push((account, at.clone()));
    }
    Some(all)
}
fn optional(world: &World, file: &str, needed: bool, out: &mut Out<'_>) -> Option<(String, Place)> {
    if needed {
        return world.answer(out, &["group.privileged"], file, GapReason::NotLive);
    }
    world.bundle.as_ref()?.answer(file).ok()
}
/// Members in the output of `net localgroup`: what stands between the line of dashes and the last line, which says
/// that the command is done.
fn group_members(text: &str) -> Vec<(usize, &str)> {
    let lines: Vec<(usize, &str)> =
        text.lines().enumerate().map(|(n, l)| (n + 1, l.trim())).filter(|l| !l.1.is_empty()).collect();
    let Some(dashes) = lines.iter().position(|l| l.1.starts_with("-----")) else { return Vec::new() };
    let end = lines.len().saturating_sub(1);
    lines.get(dashes + 1..end).unwrap_or_default().to_vec()
}

/// Collects the rules for passwords.
pub(crate) fn rules(out: &mut Out<'_>, world: &World) {
    let Some((rules, at)) = (if world.bundle.is_some() { bundle_rules(out, world) } else { sam_rules(out, world) })
    else {
        return;
    };
    for (fact, value) in [
        // As on Linux, a number that nobody reaches stands for "no limit".
        ("password.max_days", rules.max_days.map(|d| if d == 0 { 99_999 } else { d })),
        ("password.min_length", rules.min_length),
        ("windows.lockout_threshold", rules.lockout),
    ] {
        match value {
            Some(v) => out.fact(fact, v, at.clone()),
            None => out.gap(fact, GapReason::Corrupt, Some(at.clone())),
        }
    }
    match rules.complexity {
        Some(v) => out.fact("windows.password_complexity", v, at),
        None => out.gap("windows.password_complexity", GapReason::Missing, Some(at)),
    }
}
fn bundle_rules(out: &mut Out<'_>, world: &World) -> Option<(output::PasswordRules, Place)> {
    let bundle = world.bundle.as_ref()?;
    if let Ok((text, at)) = bundle.answer("security-policy.inf") {
        return Some((output::secedit(&text), at));
    }
    let (text, at) = world.answer(out, RULE_FACTS, "net-accounts.txt", GapReason::NotLive)?;
    let rules = output::net_accounts(&text);
    if rules.is_none() {
        RULE_FACTS.iter().for_each(|id| out.gap(id, GapReason::Unsupported, Some(at.clone())));
    }
    Some((rules?, at))
}
/// Layout of the domain's fixed part: longest age at 0x18 (negative steps), flags at 0x4c, lengths and the threshold
/// from 0x50 on.
fn sam_rules(out: &mut Out<'_>, world: &World) -> Option<(output::PasswordRules, Place)> {
    let mut q = world.ask();
    let seen = q.value_within(Root::Sam, "SAM\\Domains\\Account", "F", RULES_BYTES);
    q.settle(out, RULE_FACTS);
    let seen = seen?;
    let read = || {
        let Some(Data::Bytes(f)) = &seen.data else { return None };
        let half = |at: usize| f.get(at..at + 2).map(|b| b.iter().rev().fold(0_i64, |a, x| (a << 8) | i64::from(*x)));
        let age = word64(f, 0x18)?.cast_signed();
        // The smallest number means "never".
        let days = if age == i64::MIN { 0 } else { age.checked_neg()? / (86_400 * 10_000_000) };
        Some(output::PasswordRules {
            min_length: Some(half(0x50)?),
            max_days: Some(days),
            lockout: Some(half(0x54)?),
            complexity: Some(word32(f, 0x4c)? & 1 != 0),
        })
    };
    let rules = read();
    if rules.is_none() {
        RULE_FACTS.iter().for_each(|id| out.gap(id, GapReason::Corrupt, Some(seen.at.clone())));
    }
    Some((rules?, seen.at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_between_dashes_and_the_last_line() {
        let zh = "别名     administrators\r\n注释     管理员\r\n\r\n成员\r\n\r\n-------------------------------------------------------------------------------\r\nAdministrator\r\nPLANT\\Domain Admins\r\n命令成功完成。\r\n\r\n";
        assert_eq!(group_members(zh), [(7, "Administrator"), (8, "PLANT\\Domain Admins")]);
        assert!(group_members("error 1376").is_empty() && group_members("-----").is_empty());
    }
}

//! What tools of Windows print, read by position and shape, never by a label: labels are in the host's language.

use super::manifest::moment;
use super::xml;
use evidence::Time;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Most rows of one output that are read.
const ROWS_MAX: usize = 200_000;

/// A table with named columns, as `wmic … /format:csv` and `ConvertTo-Csv` write it. Names in lower case.
///
/// `wmic` writes no quotes, so a row whose number of cells differs from the head's cannot be told apart: it is counted
/// in the second value instead.
#[must_use]
pub fn csv_table(text: &str) -> (Vec<BTreeMap<String, String>>, usize) {
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    let head: Vec<String> = lines.next().map(cells).unwrap_or_default().iter().map(|c| c.to_lowercase()).collect();
    let (mut rows, mut bad) = (Vec::new(), 0);
    for line in lines.take(ROWS_MAX) {
        let cells = cells(line);
        if cells.len() == head.len() {
            rows.push(head.iter().cloned().zip(cells).collect());
        } else {
            bad += 1;
        }
    }
    (rows, bad)
}
/// Cells of a row; quotes are undone.
fn cells(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let (mut quoted, mut chars) = (false, line.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                out.last_mut().map(|l| l.push('"')).unwrap_or_default();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            c => out.last_mut().map(|l| l.push(c)).unwrap_or_default(),
        }
    }
    out
}

/// A socket that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// `tcp` or `udp`.
    pub proto: &'static str,
    /// Address.
    pub address: IpAddr,
    /// Port.
    pub port: u16,
    /// Process.
    pub pid: u32,
    /// Line, from 1.
    pub line: usize,
}

/// Waiting sockets of `netstat -ano`. A TCP socket waits if its other end is `0.0.0.0:0` or `[::]:0`; the word for the
/// state is in the host's language.
#[must_use]
pub fn netstat(text: &str) -> Vec<Waiting> {
    let row = |(n, line): (usize, &str)| {
        let f: Vec<&str> = line.split_whitespace().collect();
        let (proto, other) = (*f.first()?, *f.get(2)?);
        let proto = match proto {
            "TCP" if ["0.0.0.0:0", "[::]:0"].contains(&other) => "tcp",
            "UDP" if other == "*:*" => "udp",
            _ => return None,
        };
        let (address, port) = f.get(1)?.rsplit_once(':')?;
        let address = address.trim_matches(['[', ']']).split('%').next()?.parse().ok()?;
        Some(Waiting { proto, address, port: port.parse().ok()?, pid: f.last()?.parse().ok()?, line: n + 1 })
    };
    text.lines().enumerate().filter_map(row).take(ROWS_MAX).collect()
}

/// Names of processes by their numbers, of `tasklist /fo csv /nh`: name and number are the first two cells.
#[must_use]
pub fn tasklist(text: &str) -> BTreeMap<u32, String> {
    let row = |line: &str| {
        let cells = cells(line.trim());
        Some((cells.get(1)?.parse().ok()?, cells.first()?.clone()))
    };
    text.lines().filter_map(row).take(ROWS_MAX).collect()
}

/// Rules for passwords.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PasswordRules {
    /// Shortest password.
    pub min_length: Option<i64>,
    /// Longest age in days; 0 is no limit.
    pub max_days: Option<i64>,
    /// Failures that lock; 0 is never.
    pub lockout: Option<i64>,
    /// New passwords must mix kinds of characters.
    pub complexity: Option<bool>,
}

/// `secedit /export`: names of settings are the same in every language.
#[must_use]
pub fn secedit(text: &str) -> PasswordRules {
    let get = |name: &str| {
        text.lines().find_map(|l| {
            let (k, v) = l.split_once('=')?;
            (k.trim() == name).then(|| v.trim().parse::<i64>().ok())?
        })
    };
    PasswordRules {
        min_length: get("MinimumPasswordLength"),
        max_days: get("MaximumPasswordAge").map(|d| d.max(0)),
        lockout: get("LockoutBadCount"),
        complexity: get("PasswordComplexity").map(|v| v != 0),
    }
}

/// `net accounts`: eight or nine lines whose order is fixed. `None` if the lines that must be numbers are none.
#[must_use]
pub fn net_accounts(text: &str) -> Option<PasswordRules> {
    let values: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .filter_map(|l| l.rsplit_once([':', '：']).map(|(_, v)| v.trim()))
        .collect();
    let number = |n: usize| values.get(n).and_then(|v| v.parse::<i64>().ok());
    // Where the number may be a word, the word means "no limit" or "never".
    let or_none = |n: usize| values.get(n).map(|v| v.parse::<i64>().unwrap_or(0));
    let (min_length, _min_days) = (number(3)?, number(1)?);
    number(6)?;
    Some(PasswordRules { min_length: Some(min_length), max_days: or_none(2), lockout: or_none(5), complexity: None })
}

/// The clock is right according to `w32tm /query /status`: the first line holds the leap indicator, 3 is "not
/// synchronised" (RFC 5905, figure 9).
#[must_use]
pub fn leap_indicator(text: &str) -> Option<bool> {
    let line = text.lines().find(|l| !l.trim().is_empty())?;
    let (_, value) = line.split_once([':', '：'])?;
    let digit = value.trim().chars().next()?.to_digit(10)?;
    (digit <= 3).then_some(digit != 3)
}

/// Newest version of `wbadmin get versions`: identifiers `MM/DD/YYYY-HH:MM`, in UTC and alike in every language.
#[must_use]
pub fn wbadmin_newest(text: &str) -> Option<Time> {
    let one = |word: &str| {
        let (date, time) = word.split_once('-')?;
        let mut d = date.split('/');
        let (month, day, year) = (d.next()?, d.next()?, d.next()?);
        let fits = [month, day, year].map(str::len) == [2, 2, 4] && time.len() == 5;
        if fits { format!("{year}-{month}-{day}T{time}:00.000Z").parse().ok() } else { None }
    };
    text.split_whitespace().filter_map(one).max()
}

/// Numbers of the shadow copies named in `vssadmin list shadows`: their devices are named alike in every language.
#[must_use]
pub fn shadow_copies(text: &str) -> i64 {
    let names = text.split_whitespace().filter_map(|w| {
        w.to_ascii_lowercase().rsplit_once("harddiskvolumeshadowcopy").and_then(|(_, n)| n.parse::<u64>().ok())
    });
    let mut all: Vec<u64> = names.take(ROWS_MAX).collect();
    all.sort_unstable();
    all.dedup();
    i64::try_from(all.len()).unwrap_or(i64::MAX)
}

/// A subcategory of the audit policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRow {
    /// Identifier, `0CCE…`.
    pub guid: String,
    /// Successes are noted.
    pub success: bool,
    /// Failures are noted.
    pub failure: bool,
}

/// `auditpol /backup`: the fourth cell is the identifier, the seventh the setting as a number (1 success, 2 failure).
#[must_use]
pub fn audit_policy(text: &str) -> Vec<AuditRow> {
    let row = |line: &str| {
        let cells = cells(line.trim());
        let guid = cells.get(3)?.trim_matches(['{', '}']).to_uppercase();
        let value: u32 = cells.get(6)?.trim().parse().ok()?;
        (guid.len() == 36).then_some(AuditRow { guid, success: value & 1 != 0, failure: value & 2 != 0 })
    };
    text.lines().filter_map(row).take(ROWS_MAX).collect()
}

/// A folder of `icacls /save` with who may write into it besides administrators: `everyone`, `users`,
/// `authenticated-users` or `interactive`.
#[must_use]
pub fn saved_acls(text: &str) -> Vec<(usize, String, Vec<&'static str>)> {
    let mut out = Vec::new();
    let mut name: Option<(usize, &str)> = None;
    for (n, line) in text.lines().enumerate().map(|(n, l)| (n + 1, l.trim())).take(ROWS_MAX) {
        match name.take() {
            Some((at, folder)) if line.starts_with("D:") => out.push((at, folder.to_owned(), writers(line))),
            _ if !line.is_empty() => name = Some((n, line)),
            _ => {}
        }
    }
    out
}
/// Broad groups that a descriptor in SDDL lets write.
fn writers(sddl: &str) -> Vec<&'static str> {
    let mut out = Vec::new();
    for ace in sddl.split('(').skip(1).filter_map(|a| a.split_once(')').map(|(a, _)| a)) {
        let f: Vec<&str> = ace.split(';').collect();
        let (Some(kind), Some(flags), Some(rights), Some(who)) = (f.first(), f.get(1), f.get(2), f.get(5)) else {
            continue;
        };
        let who = match *who {
            "WD" | "S-1-1-0" => "everyone",
            "BU" | "S-1-5-32-545" => "users",
            "AU" | "S-1-5-11" => "authenticated-users",
            "IU" | "S-1-5-4" => "interactive",
            _ => continue,
        };
        // An entry for what is created below only says nothing about the folder itself.
        if *kind == "A" && !flags.contains("IO") && may_write(rights) && !out.contains(&who) {
            out.push(who);
        }
    }
    out
}
/// Rights that let someone put a file in: FILE_WRITE_DATA (2), GENERIC_WRITE, GENERIC_ALL, WRITE_DAC, WRITE_OWNER.
fn may_write(rights: &str) -> bool {
    if let Some(hex) = rights.strip_prefix("0x") {
        return u32::from_str_radix(hex, 16).is_ok_and(|m| m & (0x2 | 0x4000_0000 | 0x1000_0000 | 0x000c_0000) != 0);
    }
    rights.as_bytes().chunks(2).any(|r| [&b"FA"[..], b"FW", b"GA", b"GW", b"WD", b"WO", b"DC"].contains(&r))
}

/// An event of `wevtutil … /f:xml`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRow {
    /// Number of the event.
    pub id: u32,
    /// When.
    pub at: Option<Time>,
    /// Named data.
    pub data: BTreeMap<String, String>,
    /// Line, from 1.
    pub line: usize,
}

/// Events, one after another without an element around them.
#[must_use]
pub fn events(text: &str) -> Vec<EventRow> {
    let mut out = Vec::new();
    let (mut line, mut rest) = (1, text);
    while let Some(at) = rest.find("<Event ") {
        let (before, from) = rest.split_at(at);
        line += before.matches('\n').count();
        let Some((one, after)) = from.split_once("</Event>") else { break };
        let id = xml::text(one, "EventID").and_then(|t| t.parse().ok());
        let time = xml::pieces(one, "TimeCreated").first().and_then(|(tag, _)| xml::attribute(tag, "SystemTime"));
        let mut data: BTreeMap<String, String> = xml::pieces(one, "Data")
            .into_iter()
            .filter_map(|(tag, inner)| Some((xml::attribute(tag, "Name")?, xml::plain(inner))))
            .collect();
        // 1102 and 104 name the account in elements of their own.
        data.extend(xml::text(one, "SubjectUserName").map(|t| ("SubjectUserName".to_owned(), t)));
        if let Some(id) = id {
            out.push(EventRow { id, at: time.and_then(|t| moment(&t)), data, line });
        }
        if out.len() >= ROWS_MAX {
            break;
        }
        line += one.matches('\n').count();
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables() {
        let (rows, bad) =
            csv_table("\r\nNode,Disabled,Name,SID\r\nPC,FALSE,ann,S-1-5-21-1-2-3-1001\r\nPC,TRUE,a,b,c\r\n");
        assert_eq!((rows[0]["name"].as_str(), rows[0]["sid"].as_str(), bad), ("ann", "S-1-5-21-1-2-3-1001", 1));
        let (rows, _) = csv_table("\"Name\",\"Note\"\r\n\"a\",\"x, \"\"y\"\"\"\r\n");
        assert_eq!(rows[0]["note"], "x, \"y\"");
        let t = tasklist("\"System Idle Process\",\"0\",\"N/A\"\r\n\"ToDesk.exe\",\"4321\",\"x\"\r\n信息: 没有\r\n");
        assert_eq!((t.len(), t[&4321].as_str()), (2, "ToDesk.exe"));
    }

    /// Output of Windows 10, German and Chinese: the state word differs, the other end does not.
    #[test]
    fn sockets() {
        let s = netstat(
            "\r\n活动连接\r\n\r\n  协议  本地地址          外部地址        状态           PID\r\n  TCP    0.0.0.0:3389           0.0.0.0:0              LISTENING       1100\r\n  TCP    [::1]:445           [::]:0      ABHÖREN       4\r\n  TCP    10.0.0.2:50000      1.2.3.4:443            ESTABLISHED     99\r\n  UDP    [fe80::1%4]:5353       *:*                                    7\r\n",
        );
        let rows: Vec<_> = s.iter().map(|w| (w.proto, w.address.to_string(), w.port, w.pid, w.line)).collect();
        assert_eq!(
            rows,
            [
                ("tcp", "0.0.0.0".into(), 3389, 1100, 5),
                ("tcp", "::1".into(), 445, 4, 6),
                ("udp", "fe80::1".into(), 5353, 7, 8)
            ]
        );
    }

    #[test]
    fn password_rules() {
        let zh = "强制用户在时间到期之后多久必须注销?:     从不\r\n密码最短使用期限(天):                    0\r\n密码最长使用期限(天):                    42\r\n密码长度最小值:                          7\r\n保持的密码历史记录长度:                  None\r\n锁定阈值:                                从不\r\n锁定持续时间(分):                        30\r\n锁定观测窗口(分):                        30\r\n计算机角色:                              WORKSTATION\r\n命令成功完成。\r\n";
        let want = PasswordRules { min_length: Some(7), max_days: Some(42), lockout: Some(0), complexity: None };
        assert_eq!(net_accounts(zh), Some(want));
        assert_eq!(net_accounts("a: b\nc: d\n"), None);
        let s = secedit(
            "[System Access]\r\nMinimumPasswordLength = 8\r\nMaximumPasswordAge = -1\r\nPasswordComplexity = 1\r\nLockoutBadCount = 5\r\n",
        );
        assert_eq!(
            s,
            PasswordRules { min_length: Some(8), max_days: Some(0), lockout: Some(5), complexity: Some(true) }
        );
    }

    #[test]
    fn shapes() {
        assert_eq!(leap_indicator("跳跃指示符: 3(未同步)\r\n层次: 0\r\n"), Some(false));
        assert_eq!((leap_indicator("Leap Indicator: 0(no warning)"), leap_indicator("error")), (Some(true), None));
        let w = wbadmin_newest("Version identifier: 01/31/2026-21:00\r\nVersionsbezeichner: 02/01/2026-20:30\r\n");
        assert_eq!(w.map(|t| t.to_string()).as_deref(), Some("2026-02-01T20:30:00.000Z"));
        assert_eq!(
            shadow_copies(
                "x: \\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3\r\n y HarddiskVolumeShadowCopy3\r\n"
            ),
            1
        );
        let a = audit_policy(
            "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,Setting Value\r\nPC,系统,登录,{0CCE9215-69AE-11D9-BED3-505054503030},成功和失败,,3\r\n",
        );
        assert_eq!(a, [AuditRow { guid: "0CCE9215-69AE-11D9-BED3-505054503030".into(), success: true, failure: true }]);
    }

    #[test]
    fn descriptors() {
        let text = "SCADA\r\nD:AI(A;OICI;FA;;;WD)(A;ID;FA;;;SY)\r\nGood\r\nD:PAI(A;OICIIO;FA;;;BU)(A;;0x1200a9;;;BU)(D;;FA;;;AU)\r\n";
        let rows = saved_acls(text);
        assert_eq!(rows, [(1, "SCADA".to_owned(), vec!["everyone"]), (3, "Good".to_owned(), vec![])]);
        assert!(may_write("0x1301bf") && may_write("LCDC") && !may_write("FR"));
    }

    /// The schema of events: Microsoft, "Event Schema Elements".
    #[test]
    fn event_rows() {
        let text = "\r\n<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID Qualifiers='0'>7045</EventID><TimeCreated SystemTime='2026-01-02T03:04:05.123456700Z'/></System><EventData><Data Name='ServiceName'>svc</Data><Data Name='ImagePath'>C:\\a.exe</Data></EventData></Event>\r\n<Event x='1'><System><EventID>1102</EventID></System><UserData><LogFileCleared><SubjectUserName>ann</SubjectUserName></LogFileCleared></UserData></Event><Event ";
        let rows = events(text);
        assert_eq!((rows[0].id, rows[0].line, rows[0].data["ImagePath"].as_str()), (7045, 2, "C:\\a.exe"));
        assert_eq!(rows[0].at.map(|t| t.to_string()).as_deref(), Some("2026-01-02T03:04:05.123Z"));
        assert_eq!((rows.len(), rows[1].line, rows[1].data["SubjectUserName"].as_str()), (2, 3, "ann"));
    }
}

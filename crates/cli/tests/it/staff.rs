//! Accounts against the list of staff: a leaver's, a used one, nobody's, a shared one; and no name in what is kept.

use crate::bench::{Dir, files, host};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// Findings of the checks that read the list, as check and account; and what became of each such check.
fn told(dir: &Dir) -> (BTreeSet<String>, BTreeSet<String>) {
    let report = dir.json(&["inspect", "--root", "host", "--format", "json"]);
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let ours = |c: &str| {
        ["account-of-leaver", "account-of-leaver-privileged", "account-used-after-leaving", "account-not-listed"]
            .contains(&c)
            || ["account-shared", "staff-list-old"].contains(&c)
    };
    let of = |list: &str, with: &str| {
        let rows = report[list].as_array().unwrap().iter().filter(|r| ours(r["check"].as_str().unwrap()));
        rows.map(|r| format!("{} {}", text(&r["check"]), text(&r[with]))).collect()
    };
    (of("findings", "object"), of("checks", "outcome"))
}

/// One record of lastlog(5) at its place: seconds since 1970, line, host.
fn lastlog(dir: &Dir, uid: usize, secs: u32) {
    let mut bytes = vec![0_u8; 292 * (uid + 1)];
    bytes[292 * uid..292 * uid + 4].copy_from_slice(&secs.to_le_bytes());
    dir.file("host/var/log/lastlog", bytes);
}

#[test]
fn the_accounts_of_leavers_are_found_and_no_name_is_kept() {
    let dir = Dir::new();
    host(&dir);
    let accounts = [("lina", 2001), ("wang", 2002), ("zhao", 2003), ("ops", 2004), ("qian", 2005), ("OPS", 2006)];
    let passwd: String = accounts.map(|(n, u)| format!("{n}:x:{u}:{u}::/home/{n}:/bin/bash\n")).concat();
    let shadow: String = accounts
        .map(|(n, _)| format!("{n}:{}:19000:0:90:7:::\n", if n == "zhao" { "!" } else { "$y$j9T$abc$def" }))
        .concat();
    dir.file("host/etc/passwd", format!("root:x:0:0::/root:/bin/bash\n{passwd}"));
    dir.file("host/etc/shadow", format!("root:!:19000:0:90:7:::\n{shadow}"));
    dir.file("host/etc/group", "root:x:0:\nsudo:x:27:wang\n");
    // 15 November 2026: after wang had left.
    lastlog(&dir, 2002, 1_794_700_800);

    // Without a list nobody can tell.
    let (found, outcomes) = told(&dir);
    assert!(found.is_empty(), "{found:?}");
    assert!(outcomes.iter().all(|o| o.ends_with("cannot-tell")) && outcomes.len() == 6, "{outcomes:?}");

    let rows = "姓名,账号,状态,离职日期\n李娜娜,lina,,2026-10-31\n王一鸣,wang,离职,2026-10-31\n赵四海,zhao,离职,2026-10-31\n,ops,共用,\n孙某某,sun,请假,\n";
    dir.file("staff.csv", rows);
    let ran = dir.run(&["staff", "import", "staff.csv"]).done();
    ran.says(&["accounts: 4"]).complains(&["row 6"]);
    dir.run(&["staff", "show"]).done().says(&["left 3", "shared 1"]);
    let (found, outcomes) = told(&dir);
    let want = [
        // Another account than `ops`: capitals tell accounts of Linux apart.
        "account-not-listed OPS",
        "account-not-listed qian",
        "account-of-leaver lina",
        "account-of-leaver-privileged wang",
        "account-shared ops",
        "account-used-after-leaving wang",
    ];
    assert_eq!(found, want.map(str::to_owned).into());
    assert!(outcomes.contains("staff-list-old pass"), "{outcomes:?}");
    for path in files(&dir.home()) {
        let bytes = fs::read(&path).unwrap();
        for name in ["李娜娜", "王一鸣", "赵四海", "孙某某", "请假"] {
            assert!(!bytes.windows(name.len()).any(|w| w == name.as_bytes()), "{name} is in {}", path.display());
        }
    }

    dir.run(&["staff", "drop"]).done();
    assert!(told(&dir).0.is_empty());
    dir.run(&["staff", "show"]).done().says(&["No list of staff"]);
    dir.file("names.csv", "姓名\n李娜娜\n");
    dir.run(&["staff", "import", "names.csv"]).ends(2).complains(&["account"]);
    dir.run(&["audit"]).done();
}

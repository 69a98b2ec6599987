//! Tables as text, in every encoding and dialect that people save.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use super::{covered, id, verdicts};
use crate::{config, folder, gaps, hits, run};
use discover::Limits;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use testing::plant::{self, Wrap};

/// What is said of a file called `name`.
fn told(name: &str, bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let dir = folder(&format!("csv-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    let bodies = run(&dir, Limits::default());
    assert_eq!(gaps(&bodies), [], "{name}");
    let file = path.display().to_string();
    std::fs::remove_dir_all(&dir).unwrap();
    (verdicts(&bodies, &file), covered(&bodies, &file))
}
fn staff(separator: char, rows: u64, end: &str) -> String {
    let mut out = format!("姓名{separator}身份证号{separator}remark{end}");
    for n in 0..rows {
        let _ = write!(out, "员工{n}{separator}{}{separator}note {n}{end}", id(n));
    }
    out
}

#[test]
fn dialects_and_encodings_give_the_same_columns() {
    let people = [".身份证号 cn.resident-id is 50/50/50 of 50"];
    let whole = [" at_most_ppm_99=0 columns=3 rows=50 sampled=50"];
    for (separator, end) in [(',', "\n"), (',', "\r\n"), ('\t', "\n"), (';', "\r\n"), ('|', "\n")] {
        let text = staff(separator, 50, end);
        for wrap in [Wrap::Utf8, Wrap::Gb18030, Wrap::Utf16] {
            if separator == '|' && wrap == Wrap::Gb18030 {
                // A bar may be half of a character.
                continue;
            }
            let lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
            let bytes = plant::stored(wrap, &lines[..lines.len() - 1]).unwrap();
            let (columns, tables) = told("staff.txt", &bytes);
            assert_eq!(columns, people, "{separator:?} {end:?} {wrap:?}");
            assert_eq!(tables, whole, "{separator:?} {end:?} {wrap:?}");
        }
    }
}

#[test]
fn odd_tables() {
    let quoted = "name,sfzh,address\n\"a, b\",\"110105196001010003\",\"line one\nline two, with \"\"quotes\"\"\"\n";
    let quoted = quoted.replace("110105196001010003", &id(0));
    let title = format!("2024 年员工名单\n\n{}", staff(',', 20, "\n"));
    let bare: String = (0..30).map(|n| format!("{n},{},x\n", id(n))).collect();
    let short: String =
        (0..30).map(|n| if n % 15 == 7 { format!("{n},{}\n", id(n)) } else { format!("{n},{},x\n", id(n)) }).collect();
    let torn: String = (0..30).map(|n| format!("{n},{}{}\n", id(n), ",x".repeat(n as usize % 4))).collect();
    let orders: String = (0..50u64).map(|n| format!("{n},62{:014}\n", 20_240_000_000_000 + n * 12_345_677)).collect();
    let hashed: String = (1..50u128)
        .map(|n| format!("{n},{:032x}\n", n.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)))
        .collect();
    let prose = "One, two and three went home.\nFour, five and six stayed.\nNobody, they said, was late.\n";
    let open = format!("a,sfzh\n\"never closed,{}\n{}", id(1), "x\n".repeat(20));
    type Case<'a> = (&'a str, &'a str, String, &'a [&'a str], &'a [&'a str]);
    let table: [Case<'_>; 11] = [
        (
            "quotes",
            "a.csv",
            quoted,
            &[".sfzh cn.resident-id is 1/1/1 of 1"],
            &[" at_most_ppm_99=0 columns=3 rows=1 sampled=1"],
        ),
        (
            "a title before",
            "a.csv",
            title,
            &[".身份证号 cn.resident-id is 20/20/20 of 20"],
            &[" at_most_ppm_99=0 columns=3 rows=20 sampled=20"],
        ),
        (
            "no header",
            "a.csv",
            bare,
            &[".2 cn.resident-id is 30/30/30 of 30"],
            &[" at_most_ppm_99=0 columns=3 rows=30 sampled=30"],
        ),
        (
            "short rows",
            "a.csv",
            short,
            &[".2 cn.resident-id is 30/30/30 of 30"],
            &[" at_most_ppm_99=0 columns=3 rows=30 sampled=30"],
        ),
        ("no table", "a.csv", torn, &[], &[]),
        ("header alone", "a.csv", "姓名,身份证号\n".to_owned(), &[], &[" at_most_ppm_99=0 columns=2 rows=0 sampled=0"]),
        ("one line of any text", "a.txt", "Dear all, hello\n".to_owned(), &[], &[]),
        (
            "order numbers",
            "a.csv",
            format!("n,order_no\n{orders}"),
            &[],
            &[" at_most_ppm_99=0 columns=2 rows=50 sampled=50"],
        ),
        ("hashes", "a.csv", format!("n,手机号\n{hashed}"), &[], &[" at_most_ppm_99=0 columns=2 rows=49 sampled=49"]),
        ("prose", "a.txt", prose.to_owned(), &[], &[]),
        ("a quote never closed", "a.csv", open, &[], &[]),
    ];
    for (name, file, text, columns, tables) in table {
        let (got, covered) = told(file, text.as_bytes());
        assert_eq!(
            (got, covered),
            (columns.iter().map(|s| (*s).to_owned()).collect(), tables.iter().map(|s| (*s).to_owned()).collect()),
            "{name}"
        );
    }
}

#[test]
fn windows_lose_no_cell() {
    // a megabyte and more in Chinese: some windows, whose ends fall anywhere.
    for wrap in [Wrap::Utf8, Wrap::Gb18030, Wrap::Utf16] {
        let mut lines = vec!["姓名,备注,身份证号".to_owned()];
        lines.extend((0..12_000u64).map(|n| format!("员工{n},\"{}, 等\",{}", "备注".repeat(n as usize % 17), id(n))));
        let bytes = plant::stored(wrap, &lines).unwrap();
        let zip = plant::zip(&[("staff.csv", &bytes)]).unwrap();
        for (bytes, place) in [(&bytes, ""), (&zip, "!staff.csv")] {
            let bodies = discover::fuzz::read_bytes(bytes, &config(Limits::default()));
            let hit = hits(&bodies)[0];
            assert_eq!(hit.bands.high, 12_000, "{wrap:?}");
            let want = format!("{place}.身份证号 cn.resident-id is 12000/12000/12000 of 12000");
            assert_eq!(verdicts(&bodies, "/bytes"), [want], "{wrap:?}");
            let want = format!("{place} at_most_ppm_99=0 columns=3 rows=12000 sampled=12000");
            assert_eq!(covered(&bodies, "/bytes"), [want], "{wrap:?}");
        }
    }
}

#[test]
fn windows_in_which_nothing_was_found_are_reckoned() {
    // 6 MB, one value near the end; every third remark is empty.
    let mut text = "id,code,remark\n".to_owned();
    for n in 0..300_000u64 {
        let remark = if n == 290_000 { id(7) } else { "checked ".repeat(usize::from(n % 3 > 0)) };
        let _ = writeln!(text, "{n},A{},{remark}", n % 977);
    }
    let bodies = discover::fuzz::read_bytes(text.as_bytes(), &config(Limits::default()));
    assert_eq!(covered(&bodies, "/bytes"), [" at_most_ppm_99=0 columns=3 rows=300000 sampled=300000"]);
    let all = super::columns(&bodies);
    assert_eq!((all.len(), all[0].whole, all[0].holding, all[0].column.as_str()), (1, 1, 1, "remark"));
    assert!((199_000..201_000).contains(&all[0].filled), "{}", all[0].filled);
}

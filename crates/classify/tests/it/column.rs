//! What a column is and what it contains, by its cells and its name.

use classify::{Cells, ColumnStats, Scanner};
use evidence::{ColumnVerdict, DigestKey};
use std::cell::Cell;
use std::fmt::Write as _;
use std::rc::Rc;

const ID: &str = "360426199101010071";
/// Columns times classes, as in a usual table.
const STATEMENTS: u64 = 10 * 60;

/// The verdicts as text: `cn.mobile is 98, 50/50 of 50`.
fn judge(names: &[&str], cells: impl IntoIterator<Item = String>) -> String {
    let mut scanner = Scanner::new(classify::Detectors::builtin());
    let header = scanner.column_header(names);
    let key = DigestKey::new([7; 32]);
    let (mut stats, mut batch) = (ColumnStats::new(Rc::new(Cell::new(10_000))), Cells::default());
    for (row, cell) in (1..).zip(cells) {
        batch.push(row, cell.as_bytes());
        if batch.len() == 16 {
            flush(&mut scanner, &header, &key, &mut stats, &mut batch);
        }
    }
    flush(&mut scanner, &header, &key, &mut stats, &mut batch);
    let mut out = String::new();
    for j in stats.judge(STATEMENTS) {
        let verdict = if j.verdict == ColumnVerdict::Is { "is" } else { "contains" };
        let sure = if j.confidence >= 85 { "high" } else { "medium" };
        let named = if j.header { " named" } else { "" };
        let _ = write!(
            out,
            "{} {verdict} {sure} {}/{}/{} of {}{named};",
            j.id,
            j.whole,
            j.holding,
            j.distinct,
            stats.filled()
        );
    }
    out
}
fn flush(
    scanner: &mut Scanner,
    header: &classify::Header,
    key: &DigestKey,
    stats: &mut ColumnStats,
    batch: &mut Cells,
) {
    scanner.cells(batch, header, &mut |m| {
        let digest = u64::from_le_bytes(m.found.keyed(key).0[..8].try_into().expect("eight bytes"));
        stats.found(m, header, digest, 1);
    });
    stats.count(batch, |_| 1);
    batch.clear();
}

/// Numbers with a check digit made by the rule's own arithmetic.
fn id(n: u64) -> String {
    let body = format!("110105{}{:02}{:02}{:03}", 1960 + n % 40, 1 + n % 12, 1 + n % 28, n % 1000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("{body}{}", ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][sum as usize % 11])
}
fn luhn(body: &str) -> char {
    let double = |d: u32| if d > 4 { d * 2 - 9 } else { d * 2 };
    let digits = body.bytes().rev().map(|b| u32::from(b - b'0'));
    let sum: u32 = digits.enumerate().map(|(i, d)| if i % 2 == 0 { double(d) } else { d }).sum();
    char::from_digit((10 - sum % 10) % 10, 10).expect("a digit")
}
fn card(n: u64) -> String {
    let body = format!("622848{:012}", n * 7_919_003 % 1_000_000_000_000);
    format!("{body}{}", luhn(&body))
}
/// Sixteen digits that begin like cards and end as they come: one in ten passes.
fn order(n: u64) -> String {
    format!("62{:014}", 20_240_000_000_000 + n * 12_345_677)
}
fn mobile(n: u64) -> String {
    format!("1{}{:08}", [38, 39, 58, 77, 86, 99, 50][n as usize % 7], n * 7_654_321 % 100_000_000)
}
fn vin_like(n: u64) -> String {
    format!("LSVAB{}2{}B{}N{:06}", n % 10, n * 7 % 10, n * 3 % 8 + 1, n * 7919 % 1_000_000)
}

#[test]
fn a_column_is_or_contains() {
    let remark = |n: u64| format!("批次 {n} 合格，无异常");
    let one_id = |n: u64| if n == 31 { format!("见员工 {ID} 的记录") } else { remark(n) };
    let table: [(&str, String, &str); 17] = [
        (
            "one ID in fifty rows is not lost",
            judge(&["remark"], (0..50).map(one_id)),
            "cn.resident-id contains high 0/1/1 of 50;",
        ),
        (
            "nor in five thousand",
            judge(&["remark"], (0..5000).map(one_id)),
            "cn.resident-id contains high 0/1/1 of 5000;",
        ),
        (
            "nor whole among order numbers",
            judge(&["no"], (0..50).map(|n| if n == 7 { ID.to_owned() } else { format!("2024{:014}", n * 991) })),
            "cn.resident-id contains high 1/1/1 of 50;",
        ),
        ("fifty IDs", judge(&["c3"], (0..50).map(id)), "cn.resident-id is high 50/50/50 of 50;"),
        ("IDs with a name", judge(&["sfzh"], (0..50).map(id)), "cn.resident-id is high 50/50/50 of 50 named;"),
        (
            "a name in the comment",
            judge(&["c3", "身份证号码"], (0..50).map(id)),
            "cn.resident-id is high 50/50/50 of 50 named;",
        ),
        (
            "half empty",
            judge(&["sfzh"], (0..100).map(|n| if n % 2 == 0 { id(n) } else { String::new() })),
            "cn.resident-id is high 50/50/50 of 50 named;",
        ),
        ("cards without a name", judge(&["c7"], (0..50).map(card)), "bank-card is high 50/50/50 of 50;"),
        ("order numbers that pass by luck", judge(&["order_no"], (0..50).map(order)), ""),
        ("many of them", judge(&["c9"], (0..5000).map(order)), ""),
        (
            "cards among them",
            judge(&["c9"], (0..500).map(|n| if n % 3 == 0 { card(n) } else { format!("62{:017}", n * 991 + 3) })),
            "bank-card contains high 205/205/205 of 500;",
        ),
        ("serial numbers like VINs", judge(&["serial"], (0..200).map(vin_like)), ""),
        (
            "mobile numbers with a name",
            judge(&["手机号"], (0..50).map(mobile)),
            "cn.mobile is high 50/50/50 of 50 named;",
        ),
        ("without", judge(&["c4"], (0..50).map(mobile)), "cn.mobile is high 50/50/50 of 50;"),
        (
            "one row of numbers",
            judge(&["c4"], (0..50).map(|n| format!("{}", 13_900_000_000u64 + n))),
            "cn.mobile is medium 50/50/50 of 50;",
        ),
        (
            "hashed values under the name",
            judge(
                &["手机号"],
                (0..50u64).map(|n| {
                    format!("{:032x}", u128::from(n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
                }),
            ),
            "",
        ),
        ("an empty table", judge(&["手机号"], []), ""),
    ];
    for (name, got, want) in table {
        assert_eq!(got, want, "{name}");
    }
}

#[test]
fn the_order_and_size_of_batches_do_not_matter() {
    let cells: Vec<String> = (0..100).map(|n| if n % 3 == 0 { card(n) } else { mobile(n) }).collect();
    let forward = judge(&["c"], cells.iter().cloned());
    let backward = judge(&["c"], cells.iter().rev().cloned());
    assert_eq!(forward, backward);
    // In the order of the classes in their packs.
    for one in ["bank-card contains high 34/34/34 of 100;", "cn.mobile is high 66/66/66 of 100;"] {
        assert!(forward.contains(one), "{forward}");
    }
}

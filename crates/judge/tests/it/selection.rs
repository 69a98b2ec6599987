//! Selections computed by hand: shares, ties, two readings, what people add and remove.

use crate::fixture::{PLAN, node, sign_record, t};
use evidence::{
    Adjust, Adjustment, Attestation, Authenticated, Author, Digest, Document, Enterprise, EnterpriseFile, Record,
    Registry, SelectionJudgement, canonical,
};
use judge::{Reason, Selected, SelectionRows, explain, selection, selection_parts};
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};

const AS_OF: &str = "2026-11-23";

fn author() -> Author {
    Author { name: "李明".into(), authenticated: Authenticated::TypedName }
}

/// Code, area, industry, revenue in millions.
type Row<'a> = (&'a str, &'a str, &'a str, i64);

fn enterprise(row: &Row<'_>) -> Enterprise<'static> {
    Enterprise {
        above: row.3 >= 20,
        area: row.1.to_owned().into(),
        derived: false,
        group: String::new().into(),
        industry: row.2.to_owned().into(),
        name: "厂".into(),
        revenue: row.3 * 1_000_000,
        supervisor: evidence::supervisor_of(row.1).unwrap().into(),
        uscc: row.0.to_owned().into(),
    }
}

fn registry(rows: &[Row<'_>]) -> (Witness, Vec<u8>) {
    let lines = rows.iter().map(|r| (r.0.to_owned(), enterprise(r).to_line())).collect();
    let file = EnterpriseFile::write(lines);
    let registry = Registry {
        node: node(),
        author: author(),
        stated_at: t("2026-11-01"),
        year: 2025,
        document: Document { name: "a.csv".into(), digest: Digest::of(b"a"), bytes: 1 },
        unit: "yuan".into(),
        rows: file.root,
        packed: Digest::of(b"packed"),
        left_out: BTreeMap::new(),
        derived: 0,
        merged: None,
    };
    (sign_record(&Record::Registry(Box::new(registry))), file.lines)
}

fn adjust(uscc: &str, act: Adjust, day: &str) -> Witness {
    let adjustment = Adjustment { year: 2025, uscc: uscc.into(), act, reason: "because".into() };
    sign_record(&Record::Attestation(Attestation::adjustment(node(), author(), t(day), adjustment)))
}

fn select(rows: &[Row<'_>], said: &[Witness]) -> (SelectionJudgement, Vec<Vec<String>>) {
    let (w, file) = registry(rows);
    let rows = SelectionRows::open(&w, &file).unwrap();
    let Selected { judgement, lists } = selection(&PLAN, &rows, said, t(AS_OF));
    let codes = |list: &Vec<u32>| list.iter().map(|n| rows.rows()[*n as usize].uscc.to_string()).collect();
    let lists = lists.iter().map(codes).collect();
    (judgement, lists)
}

/// `n` enterprises of one group, revenues 1,000 downwards.
fn falling(n: i64) -> Vec<(String, i64)> {
    (0..n).map(|i| (format!("U{i:03}"), 1_000 - i)).collect()
}

/// The tenth part of a group, rounded up: of 10 one, of 11 two.
#[test]
fn a_share_is_rounded_up_and_is_never_nothing() {
    for (n, want) in [(1, 1), (9, 1), (10, 1), (11, 2), (19, 2), (20, 2), (21, 3)] {
        let group = falling(n);
        let rows: Vec<Row<'_>> = group.iter().map(|(u, r)| (u.as_str(), "440300", "C3451", *r)).collect();
        let (j, lists) = select(&rows, &[]);
        let top: Vec<String> = (0..want).map(|i| format!("U{i:03}")).collect();
        assert_eq!(lists, [top.clone(), top], "{n} enterprises");
        assert_eq!(j.readings[0].sums.share, u64::try_from(want).unwrap());
    }
}

#[test]
fn all_that_tie_with_the_last_one_are_in() {
    // Eleven: the share is two. The second, third and fourth have the same revenue.
    let revenue = [90, 80, 80, 80, 70, 60, 50, 40, 30, 25, 20];
    let codes: Vec<String> = (0..11).map(|i| format!("U{i:02}")).collect();
    let rows: Vec<Row<'_>> = codes.iter().zip(revenue).map(|(u, r)| (u.as_str(), "11", "C34", r)).collect();
    let (j, lists) = select(&rows, &[]);
    assert_eq!(lists[0], ["U00", "U01", "U02", "U03"]);
    let sums = j.readings[0].sums;
    assert_eq!((sums.enterprises, sums.share, sums.top, sums.selected), (11, 2, 4, 4));
    assert_eq!(j.readings[0].groups[0].lowest, Some(80_000_000));
    let all: Vec<Enterprise<'_>> = rows.iter().map(enterprise).collect();
    let why = |u: &str| {
        let p = explain(&PLAN, &all, u, None).unwrap().remove(0);
        (p.rank, p.why, p.above.map(|n| n.uscc), p.below.map(|n| n.uscc))
    };
    let some = |t: &str| Some(t.to_owned());
    assert_eq!(why("U00"), (Some(1), Reason::Top, None, some("U01")));
    assert_eq!(why("U03"), (Some(4), Reason::Tied, some("U02"), some("U04")));
    assert_eq!(why("U10"), (Some(11), Reason::Below, some("U09"), None));
}

/// The official reading takes one of each industry of the province, the press reading the two largest of the province.
#[test]
fn the_two_readings_stand_side_by_side() {
    let mut rows: Vec<Row<'_>> = vec![("A1", "440300", "C3451", 900), ("A2", "4401", "C3452", 800)];
    let small = falling(9);
    rows.extend(small.iter().map(|(u, r)| (u.as_str(), "440100", "C3900", *r - 900)));
    rows.extend([("Z1", "659001", "B0610", 30), ("Z2", "650100", "B0620", 40)]);
    // Neither of the population: too small; not industrial.
    rows.extend([("N1", "44", "C3451", 19), ("N2", "44", "I6510", 5_000)]);
    let (j, lists) = select(&rows, &[]);
    assert_eq!(lists[0], ["A1", "U000", "Z2"]);
    assert_eq!(lists[1], ["A1", "A2", "Z2"]);
    let groups: Vec<String> = j.readings[0].groups.iter().map(|g| g.group.join(" ")).collect();
    assert_eq!(groups, ["44 C34", "44 C39", "65 B06"], "the Corps is of the province Xinjiang");
    assert_eq!((j.readings[0].reading_of.as_deref(), j.readings[1].reading_of.as_deref()), (None, Some("top-tenth")));
    assert_eq!((j.enterprises, j.readings[1].sums.enterprises), (15, 13));
    let floor = j.readings[0].count_floor.as_ref().unwrap();
    assert_eq!((floor.target.as_str(), floor.bound, floor.reached), ("T2", 45_000, false));
    let all: Vec<Enterprise<'_>> = {
        let mut sorted = rows.clone();
        sorted.sort_unstable();
        sorted.iter().map(enterprise).collect()
    };
    let why = |u: &str| explain(&PLAN, &all, u, None).unwrap().iter().map(|p| p.why).collect::<Vec<_>>();
    assert_eq!(why("A2"), [Reason::Below, Reason::Top]);
    assert_eq!((why("N1"), why("N2")), (vec![Reason::Small; 2], vec![Reason::NotIndustrial; 2]));
    assert!(explain(&PLAN, &all, "nobody", None).is_none());
}

#[test]
fn the_newest_word_counts_and_a_removal_breaks_the_coverage() {
    let group = falling(20);
    let mut rows: Vec<Row<'_>> = group.iter().map(|(u, r)| (u.as_str(), "11", "C34", *r)).collect();
    rows.push(("V", "11", "C34", 5));
    let said = [
        adjust("U000", Adjust::Remove, "2026-11-10"),
        adjust("V", Adjust::Add, "2026-11-10"),
        adjust("U001", Adjust::Remove, "2026-11-10"),
        adjust("U001", Adjust::Withdraw, "2026-11-11"),
        // Of the future; of one that is in anyway; of one that the registry does not have.
        adjust("U005", Adjust::Add, "2026-12-24"),
        adjust("U001", Adjust::Remove, "2026-11-09"),
        adjust("W", Adjust::Add, "2026-11-10"),
    ];
    let (j, lists) = select(&rows, &said);
    assert_eq!(lists[0], ["U001", "V"]);
    let r = &j.readings[0];
    assert_eq!((r.sums.top, r.sums.added, r.sums.removed, r.sums.selected, r.covers), (2, 1, 1, 2, false));
    assert_eq!(j.adjusted.keys().collect::<Vec<_>>(), ["U000", "V", "W"]);
    assert!(j.doubts.iter().any(|d| d.say.key == "doubt.adjusted-not-there"));
    assert_eq!(j.cites.len(), 7, "the registry and every word that is not of the future");
    // Whatever order the words come in, the bytes are the same.
    let (again, _) = {
        let mut turned = said.to_vec();
        turned.reverse();
        select(&rows, &turned)
    };
    // Signatures differ from run to run, and with them the leaves of the registry: everything else is equal.
    let same = |j: &SelectionJudgement| canonical::to_vec(&(&j.readings, &j.adjusted)).unwrap();
    assert_eq!(same(&j), same(&again));
}

#[test]
fn rows_that_are_not_the_registrys_are_refused() {
    let (w, file) = registry(&[("A", "11", "C34", 30)]);
    assert!(SelectionRows::open(&w, &file).is_ok());
    let changed = String::from_utf8(file).unwrap().replace("30000000", "31000000");
    assert!(SelectionRows::open(&w, changed.as_bytes()).is_err());
    assert!(SelectionRows::open(&adjust("A", Adjust::Add, "2026-11-10"), b"").is_err());
}

/// What holds when an enterprise comes in, over many small tables: other groups do not change, and the larger ones stay
/// where they are. (It may push one of its own group out, and it may pull one in, because the share grows with the group.)
#[test]
fn a_newcomer_touches_its_own_group_only_and_never_removes_a_larger_one() {
    let mut state = 7_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..60 {
        let n = 1 + next(45);
        let made: Vec<(String, &str, i64)> = (0..n)
            .map(|i| {
                (
                    format!("U{i:03}"),
                    ["11", "12"][usize::try_from(next(2)).unwrap()],
                    20 + i64::try_from(next(12)).unwrap(),
                )
            })
            .collect();
        let rows: Vec<Row<'_>> = made.iter().map(|(u, a, r)| (u.as_str(), *a, "C34", *r)).collect();
        let revenue = 20 + i64::try_from(next(14)).unwrap();
        let mut more = rows.clone();
        more.push(("X", "11", "C34", revenue));
        let set = |rows: &[Row<'_>]| select(rows, &[]).1.remove(0).into_iter().collect::<BTreeSet<String>>();
        let (before, after) = (set(&rows), set(&more));
        for r in &rows {
            let (was, is) = (before.contains(r.0), after.contains(r.0));
            if r.1 == "12" {
                assert_eq!(was, is, "another group changed");
            } else if r.3 > revenue {
                assert!(!was || is, "{r:?} was larger than the newcomer of {revenue} and lost its place");
            }
        }
        // In each group nobody is out who is larger than one who is in.
        for area in ["11", "12"] {
            let of = |inside: bool| {
                more.iter()
                    .filter(move |r| r.1 == area)
                    .filter(|r| after.contains(r.0) == inside)
                    .map(|r| r.3)
                    .collect::<Vec<_>>()
            };
            let (least, most) = (of(true).into_iter().min(), of(false).into_iter().max());
            assert!(least.zip(most).is_none_or(|(least, most)| least > most));
        }
    }
}

/// Dalian (2102) lies in Liaoning (21), and its enterprises are ranked with the province's: eleven enterprises of one division, so two
/// of them are in. By supervisor they stand apart, and what people did is counted where it was done.
#[test]
fn parts_by_supervisor_and_industry_add_up_to_the_reading() {
    let rows: Vec<(String, &str, &str, i64)> = (0..11)
        .map(|n| (format!("U{n:03}"), if n % 2 == 0 { "210100" } else { "210200" }, "C3451", 1_000 - n))
        .chain([("V".to_owned(), "210200", "C1011", 19)])
        .collect();
    let rows: Vec<Row<'_>> = rows.iter().map(|(u, a, i, r)| (u.as_str(), *a, *i, *r)).collect();
    let said = [
        adjust("U000", Adjust::Remove, "2026-11-02"),
        adjust("U004", Adjust::Add, "2026-11-02"),
        // In the top already: changes nothing. And one below the size: added, of no population.
        adjust("U001", Adjust::Add, "2026-11-02"),
        adjust("V", Adjust::Add, "2026-11-02"),
    ];
    let (w, file) = registry(&rows);
    let rows = SelectionRows::open(&w, &file).unwrap();
    let selected = selection(&PLAN, &rows, &said, t(AS_OF));
    let parts = selection_parts(&PLAN, &rows, &selected);
    let rule = &selected.judgement.readings[0].rule;
    let told: Vec<(&str, &str, [u64; 5])> = parts
        .iter()
        .filter(|p| p.rule == *rule)
        .map(|p| {
            let s = p.sums;
            (p.by, p.key.as_str(), [s.enterprises, s.top, s.added, s.removed, s.selected])
        })
        .collect();
    assert_eq!(
        told,
        [
            ("all", "", [11, 2, 2, 1, 3]),
            ("industry", "C10", [0, 0, 1, 0, 1]),
            ("industry", "C34", [11, 2, 1, 1, 2]),
            ("supervisor", "21", [6, 1, 1, 1, 1]),
            ("supervisor", "2102", [5, 1, 1, 0, 2]),
        ]
    );
}

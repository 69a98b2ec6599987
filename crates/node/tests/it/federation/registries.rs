//! Registries go up: what the union of them is, whatever order they came in, and what a lying province cannot do with them.

use super::bed::{Direct, Site, assert_holds, hand, part, refusal};
use attest::RevenueUnit;
use evidence::{
    Adjust, Authenticated, Author, Digest, Document, Enterprise, EnterpriseFile, NodeRole, Record, RecordKind, Registry,
};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use node::{ImportOrder, KeptRegistry, Node, RowsFrom};
use std::collections::BTreeMap;
use std::io::Write as _;
use stdx::{Silent, Stop};
use testing::registry::uscc;

const YEAR: i64 = 2025;

fn ministry() -> Site {
    Site::new(part(NodeRole::Ministry, "", 1))
}
fn province(area: &str, above: &[&Site]) -> Site {
    let site = Site::new(part(NodeRole::Province, area, 1));
    above.iter().for_each(|m| site.join(m));
    site
}

/// Takes a table in as the registry of the year.
pub(crate) fn import(node: &Node, name: &str, csv: &str) -> KeptRegistry {
    let table = std::env::temp_dir().join(format!("watchfire-up-{}-{name}-{}.csv", std::process::id(), node.id()));
    std::fs::write(&table, csv).unwrap();
    let order = ImportOrder { table: &table, year: YEAR, unit: RevenueUnit::Yuan, columns: &[], author: None };
    let got = node.registry_import(&order, &mut |_| Ok(()), &Silent, &Stop::new()).unwrap();
    std::fs::remove_file(&table).unwrap();
    got.kept
}

pub(crate) fn table(lines: &[String]) -> String {
    format!("uscc,name,area,industry,revenue\n{}\n", lines.join("\n"))
}
/// A row whose code was given out in `region`.
fn row(region: u32, n: u64, area: &str, revenue: i64) -> String {
    format!("{},厂{n},{area},C3451,{revenue}", uscc(region, n))
}

pub(crate) fn plan() -> plan::CheckedPlan {
    plan::check(&plan::builtin()).unwrap()
}

/// The registry of the year, with its sources.
fn now(site: &Site) -> KeptRegistry {
    site.node.registry(Some(YEAR)).unwrap()
}
fn codes(site: &Site) -> Vec<(String, String)> {
    let (_, rows) = site.node.registry_rows(Some(YEAR)).unwrap();
    rows.iter().map(|r| (r.0.uscc.to_string(), r.0.supervisor.to_string())).collect()
}

/// A table of 31 provinces, cut by supervisor and sent up by each, is the same registry as the whole table imported at once: same bytes,
/// same root, same selection. Nothing but the way is another.
#[test]
fn the_union_of_the_parts_is_the_whole() {
    // Seven provinces and Dalian.
    let whole: Vec<String> = testing::registry::csv(11, 3_000).lines().map(str::to_owned).collect();
    let of_few = |line: &&String| line.split(',').nth(2).is_some_and(|area| area < "22");
    let whole = table(&whole.iter().skip(1).filter(of_few).cloned().collect::<Vec<_>>());
    let alone = ministry();
    let imported = import(&alone.node, "whole", &whole);
    let above = ministry();
    let mut parts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in whole.lines().skip(1).filter(|l| !l.is_empty()) {
        let area = line.split(',').nth(2).unwrap();
        parts.entry(evidence::supervisor_of(area).unwrap()).or_default().push(line.to_owned());
    }
    assert!(parts.contains_key("2102") && parts.len() >= 7, "separately planned cities are supervisors of their own");
    for (area, lines) in &parts {
        let site = province(area, &[&above]);
        import(&site.node, area, &table(lines));
        site.submit_all(&above);
    }
    let union = now(&above);
    let merged = union.registry.merged.as_ref().unwrap();
    assert_eq!(union.registry.rows, imported.registry.rows);
    assert_eq!(union.registry.derived, imported.registry.derived);
    assert_eq!((merged.sources.len(), merged.base, merged.twice), (parts.len(), None, 0));
    for s in &merged.sources {
        assert_eq!((s.taken, s.rows.count), (parts[s.supervisor.as_str()].len() as u64, s.taken));
    }
    let lists = |site: &Site| {
        let (kept, _) = site.node.registry_select(&plan(), Some(YEAR), RowsFrom::Log).unwrap();
        kept.judgement.readings.iter().map(|r| (r.rule.clone(), r.file, r.sums)).collect::<Vec<_>>()
    };
    assert_eq!(lists(&above), lists(&alone));
    assert!(above.node.store().home().join("memory/unions").exists());
    // What was kept beside may be thrown away or spoiled: the rows follow from what came.
    for entry in std::fs::read_dir(above.node.store().home().join("memory/unions")).unwrap() {
        std::fs::write(entry.unwrap().path(), b"spoiled").unwrap();
    }
    assert_eq!(above.node.registry_rows(Some(YEAR)).unwrap().1, alone.node.registry_rows(Some(YEAR)).unwrap().1);
    assert_holds(&above.node);
}

/// A union that cannot be made costs no receipt, and whoever runs the node is told, once.
#[test]
fn a_union_that_cannot_follow_is_said() {
    let above = ministry();
    import(&above.node, "own", &table(&[row(440_300, 2, "440300", 7)]));
    let js = province("32", &[&above]);
    import(&js.node, "first", &table(&[row(320_100, 1, "320100", 30)]));
    js.submit_all(&above);
    assert!(above.node.union_missed().is_none() && now(&above).registry.merged.is_some());
    let db = rusqlite::Connection::open(above.node.store().home().join("log.db")).unwrap();
    // The rows of the own import are lost: what came next cannot be merged with them.
    db.execute("DELETE FROM artifacts", []).unwrap();
    import(&js.node, "second", &table(&[row(320_100, 1, "320100", 31), row(320_100, 5, "320100", 8)]));
    let before = now(&above).leaf;
    js.submit_all(&above);
    assert_eq!(now(&above).leaf, before, "the union before goes on");
    let why = above.node.union_missed().expect("it is said");
    assert!(why.key.starts_with("error."), "{why:?}");
    assert!(above.node.union_missed().is_none(), "once");
}

#[test]
fn whatever_order_they_come_in_the_union_is_the_same() {
    let (one, two) = (ministry(), ministry());
    // The ministry's own table: a supervisor that will report, and one that will not.
    let base = table(&[row(320_100, 1, "320100", 1), row(440_300, 2, "440300", 7), row(420_100, 3, "420100", 5)]);
    for m in [&one, &two] {
        import(&m.node, "base", &base);
    }
    let (js, nb, zj) = (province("32", &[&one, &two]), province("3302", &[&one, &two]), province("33", &[&one, &two]));
    // A code that was given out in Jiangsu stands in two tables; another, that was given out by the Office in Beijing, too; a third is
    // claimed by a province and, for a supervisor that did not report, by the own table.
    let (given, office) = (row(320_500, 9, "320500", 40), row(110_000, 8, "320100", 50));
    let other = |row: &str, area: &str| row.replace(",3205", &format!(",{area}")).replace(",3201", &format!(",{area}"));
    import(&js.node, "js", &table(&[row(320_100, 1, "320100", 30), given.clone(), office.clone()]));
    import(&nb.node, "nb", &table(&[row(330_200, 4, "330200", 60), other(&given, "3302")]));
    import(&zj.node, "zj", &table(&[other(&office, "3301"), row(420_100, 3, "330100", 6)]));
    for site in [&js, &nb, &zj] {
        site.submit_all(&one);
    }
    for site in [&zj, &js, &nb, &zj] {
        site.submit_all(&two);
    }
    let (a, b) = (now(&one), now(&two));
    assert_eq!(a.registry.rows, b.registry.rows);
    let merged = a.registry.merged.clone().unwrap();
    let apart_from_base = |r: &Registry| evidence::Merged { base: None, ..r.merged.clone().unwrap() };
    assert_eq!(apart_from_base(&a.registry), apart_from_base(&b.registry));
    let want = [
        (uscc(110_000, 8), "32"),
        (uscc(320_100, 1), "32"),
        (uscc(320_500, 9), "32"),
        (uscc(330_200, 4), "3302"),
        (uscc(420_100, 3), "33"),
        (uscc(440_300, 2), "4403"),
    ];
    let got = codes(&one);
    let got: Vec<(String, &str)> = got.iter().map(|(u, s)| (u.clone(), s.as_str())).collect();
    assert_eq!(got, want);
    assert_eq!((merged.twice, merged.base_rows), (3, 1));
    let twice: Vec<_> = merged.twice_first.iter().map(|t| (t.uscc.clone(), &*t.counts, &*t.other)).collect();
    assert_eq!(
        twice,
        [(uscc(110_000, 8), "32", "33"), (uscc(320_500, 9), "32", "3302"), (uscc(420_100, 3), "33", "42")]
    );
    // Of Jiangsu its own number counts, not the ministry's old one.
    assert_eq!(one.node.registry_show(&uscc(320_100, 1), None).unwrap().1.0.revenue, 30);
    let (selection, _) = one.node.registry_select(&plan(), None, RowsFrom::Log).unwrap();
    let doubts: Vec<&str> = selection.judgement.doubts.iter().map(|d| d.say.key.as_str()).collect();
    assert!(doubts.contains(&"doubt.registry-twice") && doubts.contains(&"doubt.registry-missing"), "{doubts:?}");
    for m in [&one, &two] {
        assert_holds(&m.node);
    }
}

#[test]
fn a_newer_registry_takes_the_place_of_an_older_one_and_nothing_new_is_signed_without_one() {
    let above = ministry();
    let js = province("32", &[&above]);
    import(&js.node, "one", &table(&[row(320_100, 1, "320100", 30)]));
    js.submit_all(&above);
    let first = now(&above);
    import(&js.node, "two", &table(&[row(320_100, 1, "320100", 31), row(320_100, 2, "320100", 3)]));
    js.submit_all(&above);
    let second = now(&above);
    assert_eq!((first.registry.rows.count, second.registry.rows.count), (1, 2));
    // Mail that comes again, and asking again, sign nothing.
    let again = js.node.submit_files(None, Some(0)).unwrap();
    let package = serde_json::from_slice(&again[0].bytes).unwrap();
    assert_eq!(refusal(&hand(&above.node, &package)), "");
    let asked = above.node.registry_union(None).unwrap();
    assert_eq!((asked.new, asked.kept.leaf), (false, second.leaf));
    assert_eq!(above.node.store().records(&[RecordKind::Registry]).unwrap().len(), 2);
    // The one before still follows from what is here, for whatever was counted from it.
    assert_holds(&above.node);
    // An own import stands in for those that did not report, and no more.
    import(&above.node, "base", &table(&[row(320_100, 5, "320100", 9), row(440_100, 6, "440100", 9)]));
    let third = now(&above);
    assert_eq!(third.registry.merged.as_ref().unwrap().base_rows, 1);
    assert_eq!(codes(&above).len(), 3);
}

/// A year that nobody opened here is not made the newest one by whoever reports it first.
#[test]
fn a_new_year_is_opened_by_the_ministry() {
    let above = ministry();
    import(&above.node, "base", &table(&[row(320_100, 1, "320100", 1)]));
    let js = province("32", &[&above]);
    let next = hand_made(&js, |r| r.year = YEAR + 1);
    assert_eq!(next.1.year, YEAR + 1);
    js.submit_all(&above);
    assert_eq!(above.node.registry(None).unwrap().registry.year, YEAR);
    let opened = above.node.registry_union(Some(YEAR + 1)).unwrap();
    assert!(opened.new);
    assert_eq!(above.node.registry(None).unwrap().registry.year, YEAR + 1);
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = ZlibEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn enterprise(region: u32, n: u64, area: &str) -> Enterprise<'static> {
    Enterprise {
        above: true,
        area: area.to_owned().into(),
        derived: false,
        group: "".into(),
        industry: "C3451".into(),
        name: "厂".into(),
        revenue: 30_000_000,
        supervisor: evidence::supervisor_of(area).unwrap().into(),
        uscc: uscc(region, n).into(),
    }
}

/// A registry that a province signs by hand, with what `change` makes of it.
fn hand_made(site: &Site, change: impl FnOnce(&mut Registry)) -> (Digest, Registry) {
    let e = enterprise(320_100, 1, "320100");
    hand_made_of(site, &EnterpriseFile::write(vec![(e.uscc.to_string(), e.to_line())]), change)
}
fn hand_made_of(site: &Site, file: &EnterpriseFile, change: impl FnOnce(&mut Registry)) -> (Digest, Registry) {
    let packed = packed(&file.lines);
    let mut registry = Registry {
        node: site.node.id(),
        author: Author { name: "Li Ming".into(), authenticated: Authenticated::TypedName },
        stated_at: node::now(),
        year: YEAR,
        document: Document { name: "a.csv".into(), digest: Digest::of(b"a"), bytes: 1 },
        unit: "yuan".into(),
        rows: file.root,
        packed: Digest::of(&packed),
        left_out: BTreeMap::new(),
        derived: 0,
        merged: None,
    };
    change(&mut registry);
    let record = Record::Registry(Box::new(registry.clone()));
    let leaf = site.node.store().record(&record, None, vec![packed]).unwrap().leaf();
    (leaf, registry)
}

fn lines(rows: &[Enterprise<'_>]) -> EnterpriseFile {
    EnterpriseFile::write_sorted(rows.iter().map(Enterprise::to_line))
}

/// Whatever a province signs, its log goes on, the receipt names what is wrong, and the union keeps what was good.
#[test]
fn what_is_wrong_with_rows_is_a_doubt_and_counts_nothing() {
    let above = ministry();
    let js = province("32", &[&above]);
    import(&js.node, "good", &table(&[row(320_100, 1, "320100", 30)]));
    js.submit_all(&above);
    let good = now(&above);
    let own = enterprise(320_100, 1, "320100");
    let (a, b) = (enterprise(320_100, 1, "320100"), enterprise(320_100, 2, "320100"));
    let (first, second) = if a.uscc < b.uscc { (a, b) } else { (b, a) };
    let with = |change: &dyn Fn(&mut Enterprise<'static>)| {
        let mut e = own.clone();
        change(&mut e);
        lines(&[e])
    };
    let spaced = {
        let text = String::from_utf8(own.to_line()).unwrap().replace("\"above\":", "\"above\": ");
        EnterpriseFile::write_sorted([text.into_bytes()].into_iter())
    };
    let plain = lines(std::slice::from_ref(&own));
    type Change = fn(&mut Registry);
    let keep: Change = |_| {};
    let cases: Vec<(&str, EnterpriseFile, Change)> = vec![
        ("foreign-rows", with(&|e| (e.area, e.supervisor) = ("330100".into(), "33".into())), keep),
        ("bad-row", with(&|e| e.uscc = "91320100000000000X".into()), keep),
        ("bad-row", with(&|e| e.area = "990100".into()), keep),
        ("bad-row", with(&|e| e.area = "330100".into()), keep),
        ("bad-row", with(&|e| e.industry = "Z9900".into()), keep),
        ("bad-row", with(&|e| e.revenue = -1), keep),
        ("bad-row", with(&|e| (e.derived, e.above) = (true, false)), keep),
        ("bad-row", with(&|e| e.name = "a\u{7}".into()), keep),
        ("bad-row", with(&|e| e.group = "x".into()), keep),
        ("bad-row", spaced, keep),
        ("rows", lines(&[second, first.clone()]), keep),
        ("rows", lines(&[first.clone(), first]), keep),
        ("rows", plain.clone(), |r| r.rows.root = Digest::of(b"another")),
        ("rows", plain.clone(), |r| r.rows.file = Digest::of(b"another")),
        ("rows", plain.clone(), |r| r.rows.count = 2),
        ("rows-absent", plain.clone(), |r| r.rows.count = 400_000),
        ("year", plain.clone(), |r| r.year = 9_000),
        ("year", plain, |r| r.year = -1),
    ];
    for (n, (want, file, change)) in cases.into_iter().enumerate() {
        let (leaf, _) = hand_made_of(&js, &file, change);
        js.submit_all(&above);
        let receipts = above.node.store().records(&[RecordKind::Receipt]).unwrap();
        let named = receipts.iter().rev().find_map(|w| match w.record.value() {
            Record::Receipt(r) => r.records.iter().find(|x| x.leaf == leaf).cloned(),
            _ => None,
        });
        let doubts: Vec<String> = named.unwrap().doubts.iter().map(|d| d.say.key.clone()).collect();
        assert_eq!(doubts, [format!("doubt.registry-{want}")], "case {n}");
        assert_eq!(now(&above).leaf, good.leaf, "case {n}: nothing new was signed");
    }
    // Bytes that are no zlib stream, and one that unpacks without end.
    for bytes in [b"not packed".to_vec(), packed(&vec![b'a'; 100 << 20])] {
        let registry = hand_made_packed(&js, bytes);
        js.submit_all(&above);
        let left = above.node.registry_union(Some(YEAR)).unwrap().left;
        let doubt = left.iter().find(|r| r.leaf == registry).unwrap().doubt.clone().unwrap();
        assert_eq!(doubt.key, "doubt.registry-rows");
    }
    assert_eq!(now(&above).leaf, good.leaf);
    assert_holds(&above.node);
}

fn hand_made_packed(site: &Site, bytes: Vec<u8>) -> Digest {
    let file = lines(&[enterprise(320_100, 1, "320100")]);
    let registry = Registry {
        node: site.node.id(),
        author: Author { name: "Li Ming".into(), authenticated: Authenticated::TypedName },
        stated_at: node::now(),
        year: YEAR,
        document: Document { name: "a.csv".into(), digest: Digest::of(b"a"), bytes: 1 },
        unit: "yuan".into(),
        rows: file.root,
        packed: Digest::of(&bytes),
        left_out: BTreeMap::new(),
        derived: 0,
        merged: None,
    };
    site.node.store().record(&Record::Registry(Box::new(registry)), None, vec![bytes]).unwrap().leaf()
}

/// Rows that were changed anywhere: none is taken for another, and nothing panics.
#[test]
fn rows_that_were_damaged_anywhere_are_never_taken_for_others() {
    let file = lines(&[enterprise(320_100, 1, "320100"), enterprise(320_100, 2, "320200")]).lines;
    assert_eq!(node::registry_rows_probe(&file), 2);
    for at in 0..file.len() {
        for changed in [0, b'"', b'\n', 0xff, file[at] ^ 1] {
            let mut file = file.clone();
            file[at] = changed;
            // What still counts reads as what it says: a name, an amount, an area or industry that there is.
            assert!(matches!(node::registry_rows_probe(&file), 0 | 2), "byte {at}");
        }
        assert_eq!(node::registry_rows_probe(&file[..at]), u64::from(file[..at].ends_with(b"\n")), "cut at {at}");
    }
}

/// Only a province sends a registry, and nobody a union.
#[test]
fn a_city_keeps_its_registry_and_nobody_passes_a_union_off_as_its_own() {
    let above = ministry();
    let js = province("32", &[&above]);
    let city = Site::new(part(NodeRole::City, "3205", 1));
    city.join(&js);
    import(&city.node, "city", &table(&[row(320_500, 1, "320500", 30)]));
    city.submit_all(&js);
    assert!(js.node.registries_received(None).unwrap().is_empty());
    import(&js.node, "js", &table(&[row(320_100, 1, "320100", 30)]));
    let mut package = js.package(&above);
    let records = package["records"].as_array_mut().unwrap();
    let at = records.iter().position(|r| !r["artifacts"].as_array().is_none_or(Vec::is_empty)).unwrap();
    // The rows taken out on the way: the record stands, its rows do not, and nothing is counted.
    records[at]["artifacts"] = serde_json::json!([]);
    assert_eq!(refusal(&hand(&above.node, &package)), "");
    let got = above.node.registries_received(Some(YEAR)).unwrap();
    assert_eq!(got[0].doubt.as_ref().unwrap().key, "doubt.registry-rows-absent");
    assert!(above.node.registry(None).is_err());
    // They come with the same record again, in a package that brings something new, and count.
    js.node.invite(part(NodeRole::Plant, "3201", 5), 14, None).unwrap();
    let whole = js.node.submit_files(None, Some(0)).unwrap();
    let whole: serde_json::Value = serde_json::from_slice(&whole[0].bytes).unwrap();
    assert_eq!(refusal(&hand(&above.node, &whole)), "");
    assert!(above.node.registry_union(None).unwrap().kept.registry.merged.is_some());
    assert!(js.node.registry_union(None).is_err(), "a province makes no union");
    js.node.invite(part(NodeRole::Plant, "3201", 6), 14, None).unwrap();
    let other = js.node.submit_files(None, Some(0)).unwrap();
    let mut other: serde_json::Value = serde_json::from_slice(&other[0].bytes).unwrap();
    other["records"][at]["artifacts"] = serde_json::json!(["AAAA"]);
    assert_eq!(refusal(&hand(&above.node, &other)), "refused.artifact");
}

/// A separately planned city ranks alone; with its province at the ministry: the two lists differ, and it is said how.
#[test]
fn selections_of_provinces_stand_beside_the_one_of_the_ministry() {
    let above = ministry();
    let (zj, nb) = (province("33", &[&above]), province("3302", &[&above]));
    // Ten each, those of Ningbo all smaller: alone each has a top of one, together the two largest are of Zhejiang.
    let of = |region: u32, area: &str, from: i64| -> Vec<String> {
        (0..10).map(|n| row(region, n, area, from - i64::try_from(n).unwrap() * 1_000_000)).collect()
    };
    import(&zj.node, "zj", &table(&of(330_100, "330100", 900_000_000)));
    import(&nb.node, "nb", &table(&of(330_200, "330200", 90_000_000)));
    let plan = plan();
    for site in [&zj, &nb] {
        site.node.registry_select(&plan, None, RowsFrom::Log).unwrap();
    }
    // A person in Ningbo adds one.
    let added = uscc(330_200, 7);
    nb.node.registry_adjust(&added, Adjust::Add, "of weight", None, None).unwrap();
    nb.node.registry_select(&plan, None, RowsFrom::Log).unwrap();
    zj.submit_all(&above);
    nb.submit_all(&above);
    above.node.registry_select(&plan, None, RowsFrom::Log).unwrap();
    let (_, compared) = above.node.registry_compare(None).unwrap();
    let of = |area: &str| compared.iter().find(|c| c.source.supervisor == area).unwrap().readings[0].clone();
    let (zj_row, nb_row) = (of("33"), of("3302"));
    assert_eq!((zj_row.ours, zj_row.theirs.unwrap().selected), (2, 1));
    assert_eq!(zj_row.differs.unwrap().ours_alone, (1, vec![uscc(330_100, 1)]));
    assert_eq!((nb_row.ours, nb_row.theirs.unwrap().selected), (0, 2));
    let mut both = vec![uscc(330_200, 0), added];
    both.sort();
    assert_eq!(nb_row.differs.unwrap().theirs_alone, (2, both));
}

#[test]
fn a_registry_comes_over_a_line_that_breaks() {
    let above = ministry();
    let js = province("32", &[&above]);
    import(&js.node, "js", &table(&[row(320_100, 1, "320100", 30)]));
    // The answer is lost after everything was taken in.
    let built = js.node.submit_files(None, None).unwrap();
    above.node.packages_taken(&[&built[0].bytes]).unwrap();
    let done = js.node.submit(None, &Direct(&above.node), &Stop::new()).unwrap();
    assert_eq!(done.state, node::SubmitState::Equal);
    assert_eq!(now(&above).registry.rows.count, 1);
    assert_eq!(above.node.store().records(&[RecordKind::Registry]).unwrap().len(), 1);
}

/// Progress and oversight look at an instant with the same eyes: what was stated later did not count then.
#[test]
fn what_was_selected_later_did_not_count_then() {
    let above = ministry();
    let first = import(&above.node, "one", &table(&[row(320_100, 1, "320100", 900_000_000)]));
    let tick = || {
        std::thread::sleep(std::time::Duration::from_millis(5));
        node::now()
    };
    let plan = plan();
    let before = tick();
    let (selected, _) = above.node.registry_select(&plan, None, RowsFrom::Log).unwrap();
    let then = tick();
    import(&above.node, "two", &table(&[row(320_100, 2, "320100", 900_000_000)]));
    let progress = |as_of| {
        let how = node::Counting { as_of: Some(as_of), ..node::Counting::default() };
        let judged = above.node.progress(&plan, &how).unwrap().progressed.judgement;
        (judged.evidence.registry, judged.evidence.selection)
    };
    let key = |as_of| {
        let how = node::Looking { as_of: Some(as_of), year: None };
        above.node.oversight(&plan, how, |o| o.standing(&uscc(320_100, 1)).and_then(|s| s.selected)).unwrap()
    };
    assert_eq!((progress(before), key(before)), ((Some(first.leaf), None), None));
    assert_eq!((progress(then), key(then)), ((Some(first.leaf), Some(selected.leaf)), Some(true)));
    let (registry, selection) = progress(node::now());
    assert_eq!((registry, selection), (Some(now(&above).leaf), None), "of the newer registry nothing was selected yet");
}

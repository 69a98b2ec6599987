use super::*;
use evidence::enterprises;

/// Anything of 18 characters that does not end in `!`: the true check lives in `classify`, which `node` hands in.
fn terms<'a>(columns: &'a [(String, String)], areas: &'a [(String, String)]) -> RegistryTerms<'a> {
    RegistryTerms { uscc: &|u| u.len() == 18 && !u.ends_with(b"!"), areas, columns, unit: RevenueUnit::Yuan }
}

fn read_with(text: &str, columns: &[(String, String)]) -> Result<ImportedRegistry, RegistryFault> {
    let areas = [("深圳市".to_owned(), "4403".to_owned())];
    registry(text.as_bytes(), &REGISTRY_LIMITS, &terms(columns, &areas), &mut |_| true)
}

fn code(n: u32) -> String {
    format!("9144030000000{n:05}")
}

#[test]
fn rows_in_chinese_with_a_unit_in_the_heading() {
    let text = format!(
        "统一社会信用代码,企业名称,行政区划代码,行业代码,营业收入（万元）,备注\n{},青山厂,440300,C3451,\"2,000.00\",x\n{},白云厂,深圳市,3451,1999.9999,\n{},兵团厂,659001,b0610,3亿元,\n",
        code(3),
        code(2),
        code(1)
    );
    let got = read_with(&text, &[]).unwrap();
    assert_eq!((got.bad.len(), got.derived, got.unit, got.unused), (0, 3, RevenueUnit::Wan, vec!["备注".to_owned()]));
    let rows = enterprises(&got.file.root, &got.file.lines).unwrap();
    let short: Vec<_> = rows.iter().map(|r| (&*r.supervisor, &*r.industry, r.revenue, r.above, r.derived)).collect();
    // 2,000 万 is exactly the size; 19,999,999 yuan is below it.
    let want = [
        ("65-XPCC", "B0610", 300_000_000, true, true),
        ("4403", "C3451", 19_999_999, false, true),
        ("4403", "C3451", 20_000_000, true, true),
    ];
    assert_eq!(short, want);
}

#[test]
fn every_bad_row_is_named_and_the_good_ones_are_kept() {
    let good = code(1);
    let long = "x".repeat(501);
    let rows: &[(&str, &str)] = &[
        (&format!("{good},a,44,C34,1,"), ""),
        (&format!("{good},a,44,C34,1,"), "row.duplicate"),
        ("914403000000000!!!,a,44,C34,1,", "row.bad-uscc"),
        (&format!("{},,44,C34,1,", code(2)), "row.missing-cell"),
        (&format!("{},a,71,C34,1,", code(2)), "row.unknown-area"),
        (&format!("{},a,440,C34,1,", code(2)), "row.unknown-area"),
        (&format!("{},a,Atlantis,C34,1,", code(2)), "row.unknown-area"),
        (&format!("{},a,44,C06,1,", code(2)), "row.unknown-industry"),
        (&format!("{},a,44,C98,1,", code(2)), "row.unknown-industry"),
        (&format!("{},a,44,98,1,", code(2)), "row.unknown-industry"),
        (&format!("{},a,44,C34,many,", code(2)), "row.bad-number"),
        (&format!("{},a,44,C34,1.2.3,", code(2)), "row.bad-number"),
        (&format!("{},a,44,C34,99999999999999999999,", code(2)), "row.bad-number"),
        (&format!("{},a,44,C34,9007199254740992,", code(2)), "row.bad-number"),
        (&format!("{},a,44,C34,-5,", code(2)), "row.negative"),
        (&format!("{},{long},44,C34,1,", code(2)), "row.too-long"),
        (&format!("{},a\u{7}b,44,C34,1,", code(2)), "row.bad-control"),
        (&format!("{},a,44,C34,1,perhaps", code(2)), "row.unknown-word"),
        (&format!("{},a,44,C34,9007199254740991,yes", code(3)), ""),
    ];
    let text: String = rows.iter().map(|r| format!("{}\n", r.0)).collect();
    let got = read_with(&format!("uscc,name,area,industry,revenue,above\n{text}"), &[]).unwrap();
    let told: Vec<(u64, &str)> = got.bad.iter().map(|b| (b.row, b.say.key.as_str())).collect();
    let want: Vec<(u64, &str)> = (2_u64..).zip(rows).filter(|(_, r)| !r.1.is_empty()).map(|(n, r)| (n, r.1)).collect();
    assert_eq!(told, want);
    assert_eq!(got.file.root.count, 2);
    // Every sentence has its words.
    assert!(got.bad.iter().all(|b| crate::SAY_KEYS.iter().any(|k| k.0 == b.say.key)));
}

#[test]
fn headings_that_nobody_knows_are_mapped() {
    let text = format!("A,B,C,D,E\n{},a,44,C34,7\n", code(1));
    assert!(matches!(read_with(&text, &[]), Err(RegistryFault::Table(TableError::Column("uscc")))));
    let map = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    let all = [("uscc", "A"), ("name", "B"), ("area", "C"), ("industry", "D"), ("revenue", "E")];
    assert_eq!(read_with(&text, &map(&all)).unwrap().file.root.count, 1);
    assert_eq!(read_with(&text, &map(&[("size", "A")])), Err(RegistryFault::Field("size".to_owned())));
    assert_eq!(read_with(&text, &map(&[("uscc", "Z")])), Err(RegistryFault::Heading("Z".to_owned())));
}

#[test]
fn amounts_are_exact() {
    let of = |typed: &str, unit| revenue(typed, unit).ok();
    assert_eq!(of("1234.56", RevenueUnit::Wan), Some(12_345_600));
    assert_eq!(of("0.1", RevenueUnit::Yi), Some(10_000_000));
    assert_eq!(of("1.99", RevenueUnit::Yuan), Some(1));
    assert_eq!(of("12.5 million", RevenueUnit::Yuan), Some(12_500_000));
    assert_eq!(of("￥1,000元", RevenueUnit::Wan), Some(1_000));
    assert_eq!(of("0.00000001", RevenueUnit::Yi), Some(1));
    assert_eq!(of("0", RevenueUnit::Yuan), Some(0));
    for wrong in ["", "-", ".5", "1e9", "5 dollars", "--1", "1-2", "NaN"] {
        assert_eq!(of(wrong, RevenueUnit::Yuan), None, "{wrong}");
    }
}

#[test]
fn a_supervisor_that_is_not_the_areas_is_refused() {
    let of = |area: &str, supervisor: &str| {
        let text = format!("uscc,name,area,industry,revenue,supervisor\n{},a,{area},C34,1,{supervisor}\n", code(1));
        let got = read_with(&text, &[]).unwrap();
        let rows = enterprises(&got.file.root, &got.file.lines).unwrap();
        rows.first().map(|r| r.supervisor.to_string())
    };
    assert_eq!(of("21", "2102").as_deref(), Some("2102"), "the area is less exact than the supervisor");
    assert_eq!(of("65", "65-XPCC").as_deref(), Some("65-XPCC"));
    assert_eq!(of("440300", "深圳市").as_deref(), Some("4403"));
    assert_eq!((of("440300", "44"), of("44", "2102"), of("4401", "4403")), (None, None, None));
}

#[test]
fn hostile_bytes_are_refused_without_a_panic() {
    let read = |bytes: &[u8]| registry(bytes, &REGISTRY_LIMITS, &terms(&[], &[]), &mut |_| true);
    assert_eq!(read(b"PAR1\0\0"), Err(RegistryFault::Parquet));
    assert!(matches!(read(b""), Err(RegistryFault::Table(TableError::Empty))));
    assert!(matches!(read(b"PK\x03\x04broken"), Err(RegistryFault::Table(TableError::Workbook(_)))));
    assert!(matches!(read(b"\xff\xff"), Err(RegistryFault::Table(TableError::Encoding(0)))));
    let small = Limits { file_bytes_max: 10, ..REGISTRY_LIMITS };
    let many = registry(&[b'a'; 11], &small, &terms(&[], &[]), &mut |_| true);
    assert_eq!(many, Err(RegistryFault::Table(TableError::TooLarge(10))));
    // A quote that never ends is one cell, which is too long.
    let open = format!("uscc,name,area,industry,revenue\n\"{}", "x,\n".repeat(10_000));
    assert_eq!(read(open.as_bytes()).unwrap().file.root.count, 0);
    let rows: String = (0..3_000).map(|n| format!("{},a,44,C34,1\n", code(n))).collect();
    let text = format!("uscc,name,area,industry,revenue\n{rows}");
    let stopped = registry(text.as_bytes(), &REGISTRY_LIMITS, &terms(&[], &[]), &mut |_| false);
    assert_eq!(stopped, Err(RegistryFault::Stopped));
    let few = Limits { rows_max: 100, ..REGISTRY_LIMITS };
    let many = registry(text.as_bytes(), &few, &terms(&[], &[]), &mut |_| true);
    assert_eq!(many, Err(RegistryFault::Table(TableError::TooManyRows(100))));
}

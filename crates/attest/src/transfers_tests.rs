//! A hand-made table with good and bad rows, and numbers as people write them.

use super::*;

fn terms<'a>(countries: &'a [(String, String)], cases: &'a [(String, String)]) -> FlowTerms<'a> {
    FlowTerms {
        countries,
        cases,
        home: "CN",
        asset: &|text| (text == "/srv/hr").then(|| Digest::of(b"hr")),
        year: 2026,
        today: Time::from_date("2026-06-30").unwrap(),
    }
}

fn read(table: &str) -> ImportedFlows {
    let countries = [("Germany".to_owned(), "DE".to_owned()), ("德国".to_owned(), "DE".to_owned())];
    let cases = [
        ("emergency".to_owned(), "emergency".to_owned()),
        ("cross-border-staff".to_owned(), "cross-border-staff".to_owned()),
    ];
    transfers(table.as_bytes(), &Limits::default(), &terms(&countries, &cases)).unwrap()
}

#[test]
fn numbers_of_people_as_people_write_them() {
    for (text, want) in [
        ("12000", Span::exact(12_000)),
        ("12,000", Span::exact(12_000)),
        ("1.2万", Span::exact(12_000)),
        ("100万人", Span::exact(1_000_000)),
        ("5000-8000", Span::between(5_000, 8_000)),
        ("5000..8000", Span::between(5_000, 8_000)),
        ("≥ 5000", Span::at_least(5_000)),
        (">5000", Span::at_least(5_001)),
        ("<100", Span::between(0, 99)),
        ("0", Span::exact(0)),
    ] {
        assert_eq!(people(text), Some(want), "{text}");
    }
    for wrong in ["many", "-5", "8000-5000", "1.5", "12e3", "99999999999999999999", "", "万"] {
        assert_eq!(people(wrong), None, "{wrong}");
    }
}

#[test]
fn bad_rows_are_named_and_good_rows_kept() {
    let got = read(concat!(
        "数据出境台账（2026）,,,,,,,,\n",
        "业务系统,境外接收方,国家或地区,出境目的,个人信息人数,敏感个人信息人数,是否重要数据,接收地址,数据资产,备注\n",
        "HR,总部,德国,人事管理,1.2万,300,否,hr.example.com;203.0.113.0/24,/srv/hr,甲\n",
        "HR,,DE,人事管理,1,,,,,\n",
        "HR,总部,火星,人事管理,1,,,,,\n",
        "HR,总部,DE,人事管理,很多,,,,,\n",
        "HR,总部,DE,人事管理,7,,,,,\n",
        "CRM,Partner,us,support,,,是,,,\n",
        "CRM,Partner,CN,support,,,,,,\n",
        "CRM,Partner,US,ads,,,,http://a b/,,\n",
        "CRM,Partner,US,mail,,,,,/nowhere,\n",
        ",Partner,US,mail,,,,,,\n",
        "CRM,Partner,US,mail,,,也许,,,\n",
    ));
    let bad: Vec<(u64, &str)> = got.bad.iter().map(|b| (b.row, b.say.key.as_str())).collect();
    let want = [
        (4, "row.missing-cell"),
        (5, "row.bad-country"),
        (6, "row.bad-number"),
        (7, "row.duplicate"),
        (9, "row.home-country"),
        (10, "row.bad-host"),
        (11, "row.unknown-asset"),
        (12, "row.missing-cell"),
        (13, "row.unknown-word"),
    ];
    assert_eq!(bad, want);
    // The column is called as the table calls it.
    assert_eq!(got.bad[0].say.with["column"], "境外接收方");
    assert_eq!(got.unused, ["备注"]);
    let [hr, crm] = got.rows.as_slice() else { panic!("{:?}", got.rows) };
    let counted = hr.counted.as_ref().unwrap();
    assert_eq!((counted.year, counted.personal, counted.sensitive), (2026, Span::exact(12_000), Span::exact(300)));
    assert_eq!(hr.flow.holds, [Holds::Personal, Holds::SensitivePersonal]);
    assert_eq!((hr.flow.country.as_str(), hr.flow.assets.as_slice()), ("DE", [Digest::of(b"hr")].as_slice()));
    assert_eq!(hr.flow.hosts, ["203.0.113.0/24", "hr.example.com"]);
    assert_eq!((crm.flow.country.as_str(), crm.flow.holds.as_slice()), ("US", [Holds::Important].as_slice()));
    assert_eq!(crm.counted, None);
}

#[test]
fn a_case_has_a_reason() {
    let head = "system,recipient,country,purpose,exempt case,reason\n";
    let got =
        read(&format!("{head}HR,HQ,DE,payroll,cross-border-staff,\nHR,HQ,DE,pay,cross-border-staff,agreement 7\n"));
    assert_eq!(got.bad.iter().map(|b| b.say.key.as_str()).collect::<Vec<_>>(), ["row.half-case"]);
    assert_eq!(got.rows[0].flow.case, "cross-border-staff");
    let got = read(&format!("{head}HR,HQ,DE,payroll,holiday,because\n"));
    assert_eq!(got.bad[0].say.key, "row.unknown-word");
    assert!(got.bad[0].say.with["known"].contains("emergency"));
}

#[test]
fn a_table_without_recipients_is_no_register() {
    let none = transfers(b"a,b\n1,2\n", &Limits::default(), &terms(&[], &[]));
    assert_eq!(none.unwrap_err().key, "row.no-column");
}

#[test]
fn a_stroke_is_no_count_and_a_second_column_of_numbers_is_refused() {
    let head = "system,recipient,country,purpose,personal,sensitive\n";
    let got = read(&format!("{head}HR,HQ,DE,a,/,–\nHR,HQ,DE,b,0,—\nHR,HQ,DE,c,无,5\n"));
    let counts: Vec<_> = got.rows.iter().map(|r| r.counted.as_ref().map(|c| (c.personal, c.sensitive))).collect();
    let (none, five) = (Span::exact(0), Span::exact(5));
    assert_eq!(counts, [None, Some((none, none)), Some((none, five))]);
    let twice = "system,recipient,country,purpose,人数,个人信息人数\nHR,HQ,DE,a,1,2\n";
    let refused = transfers(twice.as_bytes(), &Limits::default(), &terms(&[], &[])).unwrap_err();
    assert_eq!(refused.key, "row.column-twice");
}

#[test]
fn countries_exist_and_counts_are_not_of_the_future() {
    let head = "system,recipient,country,purpose,personal,as of\n";
    let got = read(&format!("{head}HR,HQ,XX,a,1,\nHR,HQ,DE,b,1,2026-07-01\nHR,HQ,MC,c,1,2026-06-30\nHR,HQ,ZZ,a,1,\n"));
    let bad: Vec<_> = got.bad.iter().map(|b| (b.row, b.say.key.as_str())).collect();
    assert_eq!(bad, [(2, "row.bad-country"), (3, "row.future-day"), (5, "row.bad-country")]);
    assert_eq!(got.rows.len(), 1, "Monaco is one");
}

#[test]
fn hosts_lose_port_and_final_dot_and_a_case_does_not_contradict_its_row() {
    let cases = [("without-personal-or-important".to_owned(), "without-personal-or-important".to_owned())];
    let table = "system,recipient,country,purpose,hosts,personal,case,reason\n\
        HR,HQ,DE,a,hr.example.com:443;MAIL.example.com.;[2001:db8::1]:443;2001:db8::2,,,\n\
        HR,HQ,DE,b,,5,without-personal-or-important,none\n";
    let got = transfers(table.as_bytes(), &Limits::default(), &terms(&[], &cases)).unwrap();
    assert_eq!(got.rows[0].flow.hosts, ["2001:db8::1", "2001:db8::2", "hr.example.com", "mail.example.com"]);
    assert_eq!(got.bad[0].say.key, "row.case-contradicted");
}

#[test]
fn two_hundred_long_hosts_fit_and_rows_beyond_the_limit_are_counted() {
    let hosts: Vec<String> = (0..200).map(|n| format!("h{n}.a-long-name-of-a-recipient.example.com")).collect();
    let got = read(&format!("system,recipient,country,purpose,hosts\nHR,HQ,DE,a,{}\n", hosts.join(";")));
    assert_eq!(got.rows[0].flow.hosts.len(), 200, "{:?}", got.bad);
    let mut table = "system,recipient,country,purpose\n,x,DE,y\n".to_owned();
    (0..FLOWS_MAX + 7).for_each(|n| table.push_str(&format!("HR,R{n},DE,p\n")));
    let got = read(&table);
    assert_eq!((got.rows.len(), got.left_out), (FLOWS_MAX, 8));
}

//! Who made what, in every form of a report: with a plan that names a home country and with one that names none.

use crate::fixture::{Fixture, fixture};
use crate::schema;
use evidence::{Body, Fact, FactValue, Item, Lang, Place, Time};
use report::{Style, host};
use serde_json::Value;

fn with_origin(home: bool) -> Fixture {
    let mut f = fixture();
    if home {
        f.plan = plan::check(&plan::builtin()).unwrap_or_else(|e| panic!("{e:?}"));
    }
    let day = |text: &str| FactValue::time(Time::from_date(text).unwrap());
    let rows: Vec<(&str, FactValue, Place)> = vec![
        (
            "origin.component",
            FactValue::row([
                ("component", "database mysql".into()),
                ("kind", "database".into()),
                ("name", "MySQL".into()),
                ("version", "5.7.44".into()),
                ("supplier", "Oracle".into()),
                ("country", "US".into()),
                ("known", "package".into()),
                ("maintained", "maker".into()),
                ("support_end", day("2023-10-31")),
                ("counterparts", FactValue::Texts(vec!["达梦数据库 DM (Dameng, CN)".into(), "Other (X, DE)".into()])),
                ("depends", FactValue::Texts(vec!["package mes-server".into(), "=HYPERLINK(\"x\")".into()])),
                ("dependants", 7.into()),
            ]),
            Place::file("/var/lib/dpkg/status").line(12),
        ),
        (
            "origin.component",
            FactValue::row([
                ("component", "database postgresql".into()),
                ("kind", "database".into()),
                ("name", "PostgreSQL".into()),
                ("country", "oss".into()),
                ("maintained", "system".into()),
                ("support_end", day("2020-01-01")),
            ]),
            Place::file("/var/lib/dpkg/status").line(40),
        ),
        (
            "origin.component",
            FactValue::row([
                ("component", "database dm".into()),
                ("kind", "database".into()),
                ("name", "DM Database".into()),
                ("supplier", "Dameng".into()),
                ("country", "CN".into()),
            ]),
            Place::file("/opt/dmdbms/bin/dmserver"),
        ),
        (
            "origin.hardware",
            FactValue::row([
                ("component", "system".into()),
                ("kind", "system".into()),
                ("name", "Box \u{202e}<b>".into()),
                ("supplier", "Nobody's Workshop".into()),
            ]),
            Place::file("/sys/class/dmi/id/sys_vendor"),
        ),
        (
            "origin.hardware",
            FactValue::row([
                ("component", "firmware".into()),
                ("kind", "firmware".into()),
                ("version", "1.2".into()),
                ("supplier", "AMI".into()),
                ("country", "US".into()),
                ("dated", day("2019-03-04")),
            ]),
            Place::file("/sys/class/dmi/id/bios_vendor"),
        ),
    ];
    for (id, value, at) in rows {
        let fact = Fact { fact: id.into(), value, at };
        evidence::fact::validate(&fact).unwrap();
        let n = f.items.len() as u64;
        f.items.push(Item { body: Body::Fact(fact), n, salt: "00".repeat(16) });
    }
    f
}

#[test]
fn json_counts_by_seat_and_never_leaves_the_unknown_out() {
    let f = with_origin(true);
    let text = report::json(&f.input());
    assert_eq!(schema::check("report-v1", &text), Vec::<String>::new());
    let v: Value = serde_json::from_str(&text).unwrap();
    let origin = &v["origin"];
    assert_eq!(origin["home_country"], "CN");
    let kinds = origin["kinds"].as_array().unwrap();
    assert_eq!(kinds[0], serde_json::json!({"kind": "system", "home": 0, "abroad": 0, "oss": 0, "unknown": 1}));
    assert_eq!(kinds[2], serde_json::json!({"kind": "database", "home": 1, "abroad": 1, "oss": 1, "unknown": 0}));
    let mysql = origin["components"].as_array().unwrap().iter().find(|c| c["value"]["name"] == "MySQL").unwrap();
    assert_eq!(mysql["past_support"], true);
    assert_eq!(mysql["counterparts_shown"], serde_json::json!(["达梦数据库 DM (Dameng, CN)"]), "of the home country");
    let pg = origin["components"].as_array().unwrap().iter().find(|c| c["value"]["name"] == "PostgreSQL").unwrap();
    assert_eq!(pg["past_support"], false, "its distribution mends it");
}

#[test]
fn a_plan_without_a_home_country_calls_nobody_home() {
    let f = with_origin(false);
    let v: Value = serde_json::from_str(&report::json(&f.input())).unwrap();
    assert!(v["origin"].get("home_country").is_none());
    let kinds = v["origin"]["kinds"].as_array().unwrap();
    assert!(kinds.iter().all(|k| k["home"] == 0));
    let page = report::html(&f.input(), Lang::En);
    assert!(page.contains("names no home country") && !page.contains("Home country</th>"));
    let text = report::terminal(&f.input(), Lang::En, Style { colour: false, width: 100 });
    assert!(text.contains("Databases: 2 known, 1 open source, 0 not known"), "{text}");
}

#[test]
fn pages_and_text_say_it_in_both_languages() {
    let f = with_origin(true);
    let page = report::html(&f.input(), Lang::Zh);
    for wanted in [
        "软硬件来源",
        "美国",
        "2023-10-31",
        "已过期",
        "达梦数据库",
        "未知",
        "固件日期 2019-03-04",
        "另有 5 项",
        "package mes-server",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    assert!(!page.contains("Other (X, DE)") && !page.contains('\u{202e}') && !page.contains("<b>"));
    let text = report::terminal(&f.input(), Lang::En, Style { colour: false, width: 100 });
    assert!(text.contains("Databases: 1 home, 1 elsewhere, 1 open source, 0 not known"), "{text}");
    assert!(text.contains("1 past the end of support") && text.contains("MySQL 5.7.44"), "{text}");
    // A run that looked at no host has no such section.
    let plain = fixture();
    assert!(!report::html(&plain.input(), Lang::En).contains("id=\"origin\""));
    assert!(!report::json(&plain.input()).contains("\"origin\": {"));
}

#[test]
fn csv_rows_are_no_formulas() {
    let f = with_origin(true);
    let csv = host::csv(&f.input(), Lang::En);
    let rows: Vec<&str> = csv.lines().filter(|l| l.starts_with("origin,")).collect();
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().any(|r| r.contains("database mysql") && r.contains("abroad") && r.contains("Oracle")));
    assert!(rows.iter().any(|r| r.contains("unknown") && r.contains("Nobody's Workshop")));
}

#[test]
fn cyclonedx_names_suppliers_with_their_country() {
    let mut f = with_origin(true);
    let fact = |id: &str, value: FactValue, at: Place| Fact { fact: id.into(), value, at };
    let package = FactValue::row([
        ("name", "mysql-community-server".into()),
        ("version", "5.7.44".into()),
        ("manager", "dpkg".into()),
    ]);
    let body = Body::Fact(fact("package", package, Place::file("/var/lib/dpkg/status").line(12)));
    let n = f.items.len() as u64;
    f.items.push(Item { body, n, salt: "00".repeat(16) });
    let v: Value = serde_json::from_str(&host::cyclonedx(&f.input())).unwrap();
    let device = &v["components"][0];
    assert_eq!(device["supplier"]["name"], "Nobody's Workshop");
    assert!(device["supplier"].get("address").is_none(), "an unknown seat is not made up");
    let inner = device["components"].as_array().unwrap();
    let of = |name: &str| inner.iter().find(|c| c["name"] == name).unwrap_or_else(|| panic!("{name}: {inner:?}"));
    // The package is that component; it does not stand there twice.
    let mysql = of("mysql-community-server");
    assert_eq!(mysql["supplier"], serde_json::json!({"name": "Oracle", "address": {"country": "US"}}));
    assert!(inner.iter().all(|c| c["name"] != "MySQL"));
    let has = |c: &Value, name: &str, value: &str| {
        c["properties"].as_array().unwrap().contains(&serde_json::json!({"name": name, "value": value}))
    };
    assert!(has(mysql, "watchfire:support_end", "2023-10-31"));
    assert!(has(of("PostgreSQL"), "watchfire:origin", "oss"));
    assert_eq!(of("firmware")["type"], "firmware");
    // References are unique, as the standard wants them.
    let mut refs: Vec<&str> = inner.iter().map(|c| c["bom-ref"].as_str().unwrap()).collect();
    let all = refs.len();
    refs.sort_unstable();
    refs.dedup();
    assert_eq!(refs.len(), all);
}

//! Read tables on a PostgreSQL server give what files give; what a server cannot do is said, and nothing stands in for it.

use crate::bench::Dir;
use serde_json::Value;
use std::fs;
use testing::postgres::Server;

/// What people read: pages over all, of an area, of an industry, of a selection, one enterprise, why, sums.
fn seen(dir: &Dir, tables: &str, code: &str) -> Vec<Value> {
    let asked: [&[&str]; 11] = [
        &["list", "--limit", "10000"],
        &["list", "--limit", "50", "--after", code],
        &["list", "--area", "44", "--limit", "777"],
        &["list", "--area", "4403", "--industry", "C"],
        &["list", "--industry", "C34", "--limit", "300"],
        &["list", "--selected", "--limit", "3000"],
        &["list", "--selected", "--area", "11", "--reading", "top-tenth-press"],
        &["show", code],
        &["explain", code],
        &["sums"],
        &["sums", "--by", "industry", "--reading", "top-tenth-press"],
    ];
    let one = |more: &[&str]| dir.json(&[&["registry"], more, &["--format", "json", "--tables", tables]].concat());
    asked.iter().map(|more| one(more)).collect()
}

/// A selection but for its instant and leaf.
fn selected(dir: &Dir, from: &str, tables: &str) -> Value {
    let mut got = dir.json(&["registry", "select", "--from", from, "--tables", tables, "--format", "json"]);
    assert_eq!(got["no_table"], Value::Null);
    got["judgement"].as_object_mut().unwrap().remove("as_of");
    got["judgement"].take()
}

#[test]
fn twenty_thousand_rows_give_the_same_from_the_log_from_files_and_from_a_server() {
    let Some(server) = Server::start("twenty_thousand_rows") else { return };
    let (dir, url) = (Dir::new(), server.url("postgres"));
    let table = testing::registry::csv(11, 20_000);
    let code = |n: usize| table.lines().nth(n).unwrap().split(',').next().unwrap().to_owned();
    dir.file("t.csv", &table);
    dir.run(&["registry", "import", "t.csv", "--year", "2025", "--tables", &url]).done().says(&["20000 enterprises"]);
    dir.run(&["registry", "adjust", &code(77), "--add", "--reason", "r", "--tables", &url]).done();
    // The largest of all is in the top of its group in every reading.
    let largest = table.lines().skip(1).max_by_key(|l| l.rsplit(',').next().unwrap().parse::<u64>().unwrap()).unwrap();
    dir.run(&["registry", "adjust", largest.split(',').next().unwrap(), "--remove", "--reason", "r"]).done();
    let from_log = selected(&dir, "log", "files");
    for (from, tables) in [("tables", "files"), ("log", &*url), ("tables", &*url)] {
        assert_eq!(selected(&dir, from, tables), from_log, "{from} {tables}");
    }
    let files = seen(&dir, "files", &code(9_000));
    let served = seen(&dir, &url, &code(9_000));
    assert_eq!(files, served);
    assert_eq!(files[0]["rows"].as_array().unwrap().len(), 10_000);
    assert!(files.iter().take(7).all(|p| !p["rows"].as_array().unwrap().is_empty()));
    // Sums by supervisor and by industry are those of the judgement, which were counted by another way.
    for (reading, at) in [("top-tenth", "supervisor"), ("top-tenth", "industry"), ("top-tenth-press", "all")] {
        let got =
            dir.json(&["registry", "sums", "--by", at, "--reading", reading, "--tables", &url, "--format", "json"]);
        let of = |part: &str| got["sums"].as_object().unwrap().values().map(|k| k[part].as_u64().unwrap()).sum::<u64>();
        let judged = from_log["readings"].as_array().unwrap().iter().find(|r| r["rule"] == reading).unwrap();
        for part in ["enterprises", "top", "added", "removed", "selected"] {
            assert_eq!(of(part), judged["sums"][part].as_u64().unwrap(), "{reading} {at} {part}");
        }
        assert_eq!((of("removed"), of("added") <= 1), (1, true));
    }
    // Made anew, everything is as it was; dropped, it is made when somebody asks.
    dir.run(&["tables", "rebuild", "--tables", &url]).done().says(&["20000 rows", "1 selections"]);
    assert_eq!(seen(&dir, &url, &code(9_000)), served);
    dir.run(&["tables", "drop", "--tables", &url]).done();
    assert_eq!(server.psql("postgres", "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'watchfire%'"), "0");
    assert_eq!(seen(&dir, &url, &code(9_000)), served);
    // The home can say where they stand; the log is what it was.
    dir.file("home/tables.toml", format!("url = \"{url}\"\n"));
    let status = dir.json(&["tables", "status", "--verify", "--format", "json"]);
    assert_eq!((&status["engine"]["name"], &status["holds"]), (&Value::from("postgresql"), &Value::from(true)));
    assert_eq!(status["registries"][0]["table"]["rows"], 20_000);
    dir.run(&["audit"]).done();
    // Who can write to the server can change what a page shows. Nothing signed is made from it, and `--verify` sees it.
    let space = server.psql(
        "postgres",
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'watchfire%' AND nspname NOT LIKE '%pages'",
    );
    let n = server.psql("postgres", &format!("SELECT n FROM {space}.imports WHERE rows = 20000"));
    let _ = server.psql("postgres", &format!("DELETE FROM {space}.rows_{n} WHERE code = '{}'", code(9_000)));
    dir.run(&["registry", "select", "--from", "tables"]).ends(2).complains(&["other rows than the log"]);
    dir.run(&["tables", "status", "--verify"]).ends(1).says(&["NOT those of the log"]);
    dir.run(&["registry", "select"]).done();
    dir.run(&["tables", "rebuild"]).done();
    dir.run(&["tables", "status", "--verify"]).done();
}

#[test]
fn a_server_that_is_not_there_is_said_and_nothing_is_shown_in_its_place() {
    let dir = Dir::new();
    dir.file("t.csv", testing::registry::csv(3, 50));
    dir.run(&["registry", "import", "t.csv", "--year", "2025"]).done();
    for (lang, url, want) in [
        ("en", "postgres://u@/d?host=/nowhere", "does not answer"),
        ("zh", "postgres://u@/d?host=/nowhere", "读取表服务器无应答"),
        ("en", "postgres://u@db.example/d", "db.example is another machine"),
        ("zh", "postgres://u@db.example/d", "--tables-plain"),
        ("en", "postgres://u:CANARY@localhost/d", "holds a password"),
        ("zh", "postgres://u:CANARY@localhost/d", "含有口令"),
        ("en", "postgres://u@localhost/d?sslmode=require", "TLS"),
        ("en", "nonsense", "cannot be used"),
    ] {
        let ran = dir.run(&["--lang", lang, "registry", "list", "--tables", url]).ends(2).complains(&[want]);
        assert!(ran.out.is_empty() && !ran.err.contains("CANARY"), "{}", ran.err);
        assert_eq!(crate::speech::raw(&ran.err), None);
    }
    dir.file("home/tables.toml", "url = \"postgres://u@/d?host=/nowhere\"\n");
    dir.run(&["registry", "list"]).ends(2);
    dir.run(&["registry", "list", "--tables", "files"]).done();
    // What is signed is signed; that nobody will see it on a page yet is said.
    let ran = dir.run(&["registry", "import", "t.csv", "--year", "2024"]).done().complains(&["The record stands"]);
    assert_eq!(crate::speech::raw(&ran.err), None);
    let told = dir.json(&["registry", "select", "--year", "2024", "--format", "json"]);
    assert_eq!(told["no_table"]["key"], "error.tables-unreachable");
    for bad in ["url = 7\n", "adress = \"x\"\n", "url = \"CANARY", "plain = \"yes\"\n"] {
        dir.file("home/tables.toml", bad);
        let ran = dir.run(&["registry", "list"]).ends(2).complains(&["tables.toml"]);
        assert!(!ran.err.contains("CANARY"), "{}", ran.err);
    }
    fs::remove_file(dir.home().join("tables.toml")).unwrap();
    dir.run(&["registry", "list", "--year", "2024"]).done();
    dir.run(&["audit"]).done();
}

//! A home as one file and back, as people do it.

use crate::bench::Dir;
use std::fs;

#[test]
fn a_home_goes_into_a_file_and_comes_back_as_the_same_node() {
    let dir = Dir::new();
    dir.file("t.csv", testing::registry::csv(5, 300));
    dir.run(&["registry", "import", "t.csv", "--year", "2025"]).done();
    dir.run(&["registry", "select"]).done();
    dir.file("home/tables.toml", "url = \"files\"\n");
    let list = dir.json(&["registry", "list", "--selected", "--format", "json"]);
    let with = |arguments: &[&str]| {
        let mut command = dir.watchfire(arguments);
        command.env("WATCHFIRE_NEW_PASSPHRASE", "CANARY words").env("WATCHFIRE_PASSPHRASE", "CANARY words");
        crate::bench::run(&mut command)
    };
    let ran = with(&["backup", "b.watchfire", "--with-keys"]).done().says(&["2 records"]);
    assert!(!ran.out.contains("CANARY"));
    with(&["backup", "b.watchfire", "--with-keys"]).ends(2);
    let restored = with(&["restore", "b.watchfire", "--home", "again"]).done();
    restored.says(&["The audit holds", "Before this node signs"]);
    assert!(!dir.at("again/memory").exists(), "read tables are made again");
    let again = |arguments: &[&str]| dir.run(&[arguments, &["--home", "again"]].concat());
    let page = again(&["registry", "list", "--selected", "--format", "json"]).done().json();
    assert_eq!(page, list);
    again(&["registry", "select"]).done();
    again(&["audit"]).done().says(&["2 judgements"]);
    let keys = |home: &str| dir.json(&["key", "show", "--format", "json", "--home", home])["node"].clone();
    assert_eq!(keys("again"), keys("home"));
    // Into a home that is there, with another passphrase, from a file that was changed: nothing happens.
    with(&["restore", "b.watchfire", "--home", "home"]).ends(2);
    let mut command = dir.watchfire(&["--lang", "zh", "restore", "b.watchfire", "--home", "third"]);
    command.env("WATCHFIRE_PASSPHRASE", "wrong");
    let ran = crate::bench::run(&mut command).ends(2);
    assert_eq!(crate::speech::raw(&ran.err), None);
    let mut bytes = fs::read(dir.at("b.watchfire")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    dir.file("bad.watchfire", bytes);
    with(&["restore", "bad.watchfire", "--home", "third"]).ends(2).complains(&["changed"]);
    assert!(!dir.at("third").exists());
    // Without keys it says so, and what to do.
    dir.run(&["--lang", "zh", "backup", "k.watchfire"]).done().says(&["不含密钥"]);
    dir.run(&["restore", "k.watchfire", "--home", "fourth"]).done().says(&["watchfire key restore"]);
    dir.run(&["audit", "--home", "fourth"]).ends(2);
}

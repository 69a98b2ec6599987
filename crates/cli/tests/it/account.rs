//! `watchfire account`: accounts of the console, kept on the machine itself.

use crate::bench::{Dir, Ran, Started, files};
use std::io::Write as _;
use std::process::Stdio;

/// Runs it with this on its standard input.
fn fed(dir: &Dir, arguments: &[&str], input: &str) -> Ran {
    let mut started = Started::new(dir.watchfire(arguments).stdin(Stdio::piped()));
    started.child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    started.wait(&format!("{arguments:?}"))
}

#[test]
fn an_account_is_made_changed_and_shut_and_its_password_is_shown_once() {
    let dir = Dir::new();
    dir.run(&["account", "list"]).done().says(&["No account"]);
    let made = dir.json(&["account", "add", "Li.Na", "--name", "李娜", "--role", "administrator", "--format", "json"]);
    assert_eq!((&made["login"], &made["must_change"]), (&"li.na".into(), &true.into()), "{made}");
    let password = made["password"].as_str().unwrap().to_owned();
    assert_eq!(password.len(), 19, "80 random bits in groups of four: {password}");
    dir.run(&["account", "add", "li.na", "--name", "x", "--role", "duty"]).ends(2).complains(&["taken"]);
    dir.run(&["account", "disable", "li.na"]).ends(2).complains(&["last administrator"]);

    let scoped = ["account", "add", "wang", "--name", "Wang", "--role", "officer", "--area", "32", "--password-stdin"];
    fed(&dir, &scoped, "short\n").ends(2).complains(&["at least 12"]);
    fed(&dir, &scoped, "").ends(2).complains(&["no password"]);
    fed(&dir, &scoped, "correct horse battery\nmore\n").done().says(&["wang (Data-security officer)"]);
    dir.run(&["account", "add", "zhao", "--name", "Zhao", "--role", "king"]).ends(2);
    dir.run(&["account", "add", "zhao", "--name", "Zhao", "--role", "duty", "--area", "moon"]).ends(2);
    dir.run(&["account", "change", "nobody", "--name", "N"]).ends(2).complains(&["no such thing"]);

    // What is not given stays.
    let changed = dir.json(&["account", "change", "wang", "--role", "auditor", "--format", "json"]);
    assert_eq!(
        (&changed["name"], &changed["role"], &changed["areas"][0]),
        (&"Wang".into(), &"auditor".into(), &"32".into())
    );
    assert!(changed.get("password").is_none());
    let all = dir.json(&["account", "change", "wang", "--everything", "--format", "json"]);
    assert_eq!(all["areas"].as_array().unwrap().len(), 0);
    dir.run(&["account", "disable", "wang"]).done();
    let list = dir.json(&["account", "list", "--format", "json"]);
    let wang = list["accounts"].as_array().unwrap().iter().find(|a| a["login"] == "wang").unwrap();
    assert_eq!(wang["disabled"], true);
    dir.run(&["account", "list"]).done().says(&["li.na", "wang", "disabled"]);
    dir.run(&["account", "enable", "wang"]).done();

    let again = dir.json(&["account", "reset", "wang", "--format", "json"]);
    assert_ne!(again["password"].as_str().unwrap(), password);
    // Neither password is anywhere in the home.
    for path in files(&dir.home()) {
        let bytes = std::fs::read(&path).unwrap();
        for secret in [password.as_str(), "correct horse battery", again["password"].as_str().unwrap()] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "in {}", path.display());
        }
    }
}

#[test]
fn it_is_said_in_chinese_too() {
    let dir = Dir::new();
    let zh = |a: &[&str]| dir.run(&[&["--lang", "zh"], a].concat());
    zh(&["account", "list"]).done().says(&["没有账号"]);
    zh(&["account", "add", "zhao", "--name", "赵", "--role", "duty"]).done().says(&["账号已建立：zhao", "仅此一次"]);
    let all = dir.json(&["account", "list", "--format", "json"]);
    assert_eq!(all["accounts"][0]["lang"], "zh", "pages in the language in which it was made");
}

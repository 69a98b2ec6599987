//! What the program says is language: no hole that nobody filled, no word key that nobody translated; in Chinese too.

use crate::bench::Dir;

/// Groups of the words files. A text such as `error.no-home` on a screen means that its words are missing.
const GROUPS: [&str; 31] = [
    "catalogue",
    "drift",
    "differs",
    "standing",
    "basis",
    "error",
    "cli",
    "verify",
    "row",
    "doubt",
    "gap",
    "report",
    "step",
    "scope",
    "plan-error",
    "judge",
    "explain",
    "band",
    "told",
    "because",
    "incident",
    "warning",
    "exposure",
    "serve",
    "account",
    "refused",
    "node-role",
    "member-standing",
    "invitation-state",
    "detect-level",
    "detect-column",
];

/// The first hole or word key in a text, if there is one.
pub(crate) fn raw(text: &str) -> Option<String> {
    let name = |c: char| c.is_ascii_lowercase() || matches!(c, '_' | '-' | '.');
    for (at, _) in text.match_indices('{') {
        let rest = &text[at + 1..];
        let end = rest.find(|c: char| !name(c))?;
        if end > 0 && rest[end..].starts_with('}') {
            return Some(rest[..end].to_owned());
        }
    }
    let words = text.split(|c: char| !(name(c) || c.is_ascii_alphanumeric() || c == '/'));
    let ends = ["toml", "json", "html", "db", "csv", "xlsx", "conf"];
    let key = |w: &&str| {
        let Some((group, rest)) = w.trim_end_matches('.').split_once('.') else { return false };
        GROUPS.contains(&group) && !rest.is_empty() && !ends.contains(&rest)
    };
    words.into_iter().find(key).map(str::to_owned)
}

#[test]
fn holes_and_keys_are_told_from_prose() {
    assert_eq!(raw("The log: {why}"), Some("why".to_owned()));
    assert_eq!(raw("see error.no-home"), Some("error.no-home".to_owned()));
    assert_eq!(raw("Report: rep/report.html. An error. The plan.\n{\"a\": 1}"), None);
}

/// The share of Chinese among the letters that carry meaning cannot be fixed; that there is some can.
fn chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[test]
fn chinese_errors_are_chinese() {
    let dir = Dir::new();
    dir.run(&["examine", "--no-host", "--quiet"]).done();
    let broken = dir.file("plan/plan.toml", "[plan\n");
    let wrong: [&[&str]; 31] = [
        &["registry", "list"],
        &["registry", "import", "plan/plan.toml", "--year", "2025"],
        &["registry", "explain", "X"],
        &["catalogue", "show"],
        &["catalogue", "diff"],
        &["catalogue", "import", "/does-not-exist.csv"],
        &["catalogue", "import", "plan/plan.toml", "--map", "level"],
        &["catalogue", "export", "--format", "xlsx"],
        &["catalogue", "confirm", "ffffff", "--level", "core", "--by", "x"],
        &["discover", "--format", "html"],
        &["discover", "--format", "json,csv"],
        &["discover", "--explain", "0123456789ab"],
        &["discover", "postgres://a:b@c/d"],
        &["examine", "--root", "/does-not-exist"],
        &["examine", "--format", "html"],
        &["examine", "--fail-on", "loud"],
        &["examine", "--sideways"],
        &["sideways"],
        &["verify"],
        &["verify", "/does-not-exist"],
        &["verify", "plan/plan.toml"],
        &["answer", "org-nothing"],
        &["answer", "org-contracts"],
        &["answer", "org-contracts", "--effective", "soon"],
        &["scope", "add", "robot", "r2"],
        &["scope", "import", "/does-not-exist.csv"],
        &["log", "bundle", "abc"],
        &["--home", "/does-not-exist/home", "log", "show"],
        &["--home", "/does-not-exist/home", "audit"],
        &["--plan", "plan", "plan", "show"],
        &["key", "backup", "keys.sealed"],
    ];
    for arguments in wrong {
        let english = dir.run(arguments).ends(2);
        assert!(english.err.starts_with("error: ") && english.out.is_empty(), "{arguments:?}: {english:?}");
        assert!(!chinese(&english.err), "{}", english.err);
        let zh: Vec<&str> = ["--lang", "zh"].iter().chain(arguments).copied().collect();
        let said = dir.run(&zh).ends(2);
        assert!(said.err.starts_with("错误"), "{arguments:?}: {}", said.err);
        let first = said.err.lines().next().unwrap_or_default();
        assert!(chinese(first.trim_start_matches("错误")), "{arguments:?}: {first}");
        for english in ["No such file", "error:", "Usage", "try '--help'"] {
            assert!(!said.err.contains(english), "{arguments:?}: {english} in {}", said.err);
        }
    }
    drop(broken);
}

#[test]
fn help_is_there_in_both_languages_for_every_verb() {
    let dir = Dir::new();
    let verbs: [&[&str]; 29] = [
        &[],
        &["examine"],
        &["discover"],
        &["catalogue"],
        &["catalogue", "build"],
        &["catalogue", "show"],
        &["catalogue", "export"],
        &["catalogue", "import"],
        &["catalogue", "confirm"],
        &["catalogue", "diff"],
        &["scope"],
        &["scope", "add"],
        &["scope", "import"],
        &["scope", "show"],
        &["answer"],
        &["verify"],
        &["audit"],
        &["plan"],
        &["plan", "check"],
        &["plan", "show"],
        &["plan", "export"],
        &["key"],
        &["key", "show"],
        &["key", "rotate"],
        &["key", "backup"],
        &["log"],
        &["log", "show"],
        &["log", "bundle"],
        &["serve"],
    ];
    for verb in verbs {
        let with = |extra: &[&'static str]| dir.run(&[verb, extra].concat()).done();
        let english = with(&["--help"]);
        assert!(english.out.contains("Usage: watchfire") && !chinese(&english.out), "{}", english.out);
        let zh = with(&["--help", "--lang", "zh"]);
        assert!(chinese(&zh.out) && zh.out.contains("用法"), "{}", zh.out);
        for english in ["Usage", "Options:", "Arguments:", "Print help", "[default", "[possible"] {
            assert!(!zh.out.contains(english), "{english} in\n{}", zh.out);
        }
    }
    let order = dir.run(&["scope", "add", "--help"]).done().out;
    assert!(order.find("<KIND>  ") < order.find("<ID>  "), "arguments stand in the order in which they are given");
    assert!(!dir.home().exists(), "help makes no home");
}

#[test]
fn the_locale_chooses_the_language_and_the_option_overrules_it() {
    let dir = Dir::new();
    let said = |lang: &str, extra: &[&str]| {
        let arguments = [&["log", "show"], extra].concat();
        crate::bench::run(dir.watchfire(&arguments).env("LANG", lang)).ends(2).err
    };
    assert!(chinese(&said("zh_CN.UTF-8", &[])));
    assert!(!chinese(&said("zh_CN.UTF-8", &["--lang", "en"])));
    assert!(!chinese(&said("C", &[])));
}

#[test]
fn progress_is_for_terminals_and_stays_out_of_the_result() {
    let dir = Dir::new();
    dir.file("data/a.txt", "nothing".repeat(1000));
    let binary = env!("CARGO_BIN_EXE_watchfire");
    // `script` gives the command a terminal; the result goes into a file, as people do it.
    let on_terminal = |extra: &str| {
        let line = format!("'{binary}' examine --no-host data --format json {extra} > result.json");
        let mut command = std::process::Command::new("script");
        crate::bench::clean(command.args(["-qec", &line, "/dev/null"]).current_dir(dir.at(".")));
        let ran = crate::bench::run(command.env("WATCHFIRE_HOME", dir.home()).env("TERM", "xterm")).done();
        let result = std::fs::read(dir.at("result.json")).unwrap();
        assert!(serde_json::from_slice::<serde_json::Value>(&result).unwrap().is_object());
        ran.out
    };
    dir.file("data/b.txt", "手机：13912345617\n".repeat(1000));
    let shown = on_terminal("");
    assert!(shown.contains("Reading files"), "{shown}");
    assert!(on_terminal("--lang zh").contains("读取文件"));
    assert_eq!(on_terminal("--quiet").trim(), "");
}

#[test]
fn colours_are_for_those_who_want_them() {
    let dir = Dir::new();
    dir.file("data/a.txt", "nothing");
    let coloured = |set: &[(&str, &str)], extra: &[&str]| {
        let arguments = [&["examine", "--no-host", "data"], extra].concat();
        let ran = crate::bench::run(dir.watchfire(&arguments).envs(set.iter().copied())).done();
        ran.out.contains('\u{1b}')
    };
    assert!(!coloured(&[], &[]), "not into a pipe");
    assert!(coloured(&[], &["--colour", "always"]));
    assert!(!coloured(&[("NO_COLOR", "1")], &[]));
    assert!(!coloured(&[("NO_COLOR", "1")], &["--colour", "never"]));
}

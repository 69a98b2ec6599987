//! `watchfire notify`: what the configuration says, tests of ways, proofs, acknowledgement, delegation.

use crate::bench::Dir;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

const CONFIG: &str = r#"zone = "CST-8"
[[channel]]
id = "hook"
kind = "command"
program = "/bin/sh"
args = ["HOOK"]
[[channel]]
id = "log"
kind = "syslog"
transport = "unix"
path = "/does-not-exist"
[[person]]
id = "li"
name = "李明"
ways = [{ channel = "hook", address = "13912345617" }, { channel = "log" }]
[[person]]
id = "wang"
name = "Wang Fang"
ways = [{ channel = "hook", address = "13800138000" }]
[[rota]]
role = "duty"
deputies = ["wang"]
[[rota.shift]]
person = "li"
[[rota]]
role = "first-responsible"
[[rota.shift]]
days = ["mon"]
from = "09:00"
to = "17:00"
person = "wang"
[[escalation]]
for = "any"
[[escalation.step]]
role = "duty"
"#;

fn configured() -> Dir {
    let dir = Dir::new();
    let hook = dir.file("hook.sh", "cat > \"$0.got\"; echo id 7\n");
    dir.file("home/notify.toml", CONFIG.replace("HOOK", &hook.display().to_string()));
    dir
}

#[test]
fn check_says_who_gets_what_and_where_nobody_is() {
    let dir = configured();
    let said = dir.run(&["notify", "check", "--from", "2026-11-23", "--days", "7"]).ends(1);
    let said = said.says(&["notify.toml is sound", "Now duty: 李明 (li) by hook, log", "Drills are quiet"]);
    said.says(&[
        "Nobody has the role first-responsible from 2026-11-23 00:00 +08:00 to 2026-11-23 09:00 +08:00 (holes: 2)",
    ]);
    dir.run(&["--lang", "zh", "notify", "check"]).ends(1).says(&[
        "notify.toml 有效",
        "岗位 first-responsible",
        "无人负责",
    ]);
    let rota = dir.json(&["notify", "rota", "--from", "2026-11-23", "--days", "7", "--format", "json"]);
    let spans = rota["roles"][1]["spans"].as_array().unwrap();
    let persons: Vec<Vec<Value>> = spans.iter().map(|s| s["persons"].as_array().unwrap().clone()).collect();
    assert_eq!(persons, [vec![], vec![Value::from("wang")], vec![]]);
    // 09:00 in China is 01:00 UTC.
    assert_eq!(spans[1]["since"], "2026-11-23T01:00:00.000Z");
    assert!(!dir.at("home/log.db").exists() && !dir.at("home/keys").exists(), "looking makes no node");
}

#[test]
fn faults_name_file_line_and_key_in_both_languages() {
    let dir = configured();
    dir.file("secret", "CANARY");
    fs::set_permissions(dir.at("secret"), fs::Permissions::from_mode(0o644)).unwrap();
    let secret = dir.at("secret").display().to_string();
    let text = format!(
        "[[channel]]\nid = \"w\"\nkind = \"webhook\"\nurl = \"https://h.example/\"\nsecret_file = \"{secret}\"\n"
    );
    dir.file("home/notify.toml", text);
    let said = dir.run(&["notify", "check"]).ends(2);
    assert!(!said.err.contains("CANARY"));
    said.complains(&["notify.toml, line 5", "others can read the secret", "mode 644", "chmod 600"]);
    dir.run(&["--lang", "zh", "notify", "check"]).ends(2).complains(&["第 5 行", "其他账户可读取", "600"]);
    fs::remove_file(dir.at("home/notify.toml")).unwrap();
    dir.run(&["notify", "check"]).ends(2).complains(&["no configuration of notification", "notify-v1.md"]);
}

#[test]
fn a_test_is_sent_recorded_listed_and_acknowledged() {
    let dir = configured();
    dir.run(&["notify", "list"]).done().says(&["No messages"]);
    let sent = dir.json(&["notify", "test", "hook", "--to", "wang", "--format", "json"]);
    let notice = &sent["notices"][0];
    assert_eq!((notice["state"].as_str(), notice["proof"].as_str()), (Some("delivered"), Some("exit 0: id 7")));
    let got: Value = serde_json::from_slice(&fs::read(dir.at("hook.sh.got")).unwrap()).unwrap();
    assert_eq!((got["text"].as_str(), got["address"].as_str()), (Some("[测试 TEST] test"), Some("13800138000")));
    // One of li's two ways does not work: that is said, and ends with 1.
    dir.run(&["notify", "test", "--role", "duty"]).ends(1).says(&["delivered", "given up", "no such socket"]);
    dir.run(&["notify", "list", "--failed"]).done().says(&["no such socket"]);
    let id = notice["notice"].as_str().unwrap();
    let listed = dir.json(&["notify", "list", "--about", id, "--format", "json"]);
    assert_eq!(listed["notices"].as_array().unwrap().len(), 1);
    dir.run(&["notify", "ack", id, "--by", "Wang"]).done().says(&["acknowledged", "Wang"]);
    dir.run(&["notify", "ack", id]).done().says(&["acknowledged before"]);
    dir.run(&["notify", "ack", "n-00000000"]).ends(2).complains(&["No message"]);
    dir.run(&["notify", "test", "no"]).ends(2).complains(&["knows no no"]);
    // Neither name nor address of anybody is in the log.
    let all = dir.json(&["notify", "list", "--format", "json"]).to_string();
    assert!(!all.contains("1391234") && !all.contains("13800138") && !all.contains("李明"), "{all}");
    dir.run(&["audit"]).done();
}

#[test]
fn a_secret_of_the_environment_is_taken_and_never_said() {
    let dir = Dir::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text = format!(
        "[[channel]]\nid = \"w\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{port}/\"\nsecret_env = \"HOOK_SECRET\"\n\
         [[person]]\nid = \"li\"\nname = \"Li\"\nways = [{{ channel = \"w\" }}]\n"
    );
    dir.file("home/notify.toml", text);
    dir.run(&["notify", "check"]).ends(2).complains(&["line 5", "secret_env", "HOOK_SECRET"]);
    let with = |arguments: &[&str]| crate::bench::run(dir.watchfire(arguments).env("HOOK_SECRET", "CANARY"));
    // Nobody would be told of anything: that is a finding.
    let checked = with(&["notify", "check"]).ends(1).says(&["No [[escalation]] is for clock"]);
    // Nobody listens there any more.
    let tried = with(&["notify", "test", "w"]).ends(1);
    let listed = dir.run(&["notify", "list", "--format", "json"]).done();
    for ran in [&checked, &tried, &listed] {
        assert!(!ran.out.contains("CANARY") && !ran.err.contains("CANARY"), "{ran:?}");
    }
    assert!(listed.out.contains("connection refused"), "{}", listed.out);
}

/// How many a minute a robot takes is said with its source, or that nobody confirmed it.
#[test]
fn limits_of_robots_are_shown() {
    let dir = Dir::new();
    let secret = dir.file("secret", "x");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let channel = |id: &str, template: &str, more: &str| {
        let files = format!("secret_file = \"{0}\"\ntoken_file = \"{0}\"", secret.display());
        format!("[[channel]]\nid = \"{id}\"\nkind = \"template\"\ntemplate = \"{template}\"\n{files}\n{more}\n")
    };
    let text = channel("w", "wecom", "") + &channel("f", "feishu", "") + &channel("d", "dingtalk", "per_minute = 7");
    dir.file("home/notify.toml", text);
    let said = dir.run(&["notify", "check"]).ends(1);
    said.says(&[
        "w takes 20 messages a minute",
        "企业微信",
        "f takes 100",
        "not confirmed",
        "d takes 7",
        "as notify.toml says",
    ]);
    dir.run(&["--lang", "zh", "notify", "check"]).ends(1).says(&["每分钟最多接收 20 条", "未经核实"]);
    let json = dir.run(&["notify", "check", "--format", "json"]).ends(1).json();
    assert_eq!(
        (&json["channels"][1]["per_minute"], &json["channels"][1]["per_minute_source"]),
        (&100.into(), &"".into())
    );
    dir.file("home/notify.toml", channel("v", "voice-generic", "url = \"https://h.example/\"\nper_minute = 5"));
    dir.run(&["--lang", "zh", "notify", "check"]).ends(2).complains(&["per_minute", "不得排队"]);
}

#[test]
fn help_is_there_in_both_languages() {
    let dir = Dir::new();
    for verb in ["check", "rota", "test", "list", "ack", "delegate", "revoke"] {
        dir.run(&["notify", verb, "--help"]).done().says(&["Usage: watchfire notify"]);
        let zh = dir.run(&["--lang", "zh", "notify", verb, "--help"]).done();
        assert!(zh.out.contains("用法") && !zh.out.contains("[default"), "{}", zh.out);
    }
}

#[test]
fn a_duty_is_handed_over_and_taken_back() {
    let dir = configured();
    let day = |n: i64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        evidence::Time::from_secs(i64::try_from(now).unwrap() + n * 86_400).date()
    };
    let until = day(3);
    let delegate =
        ["notify", "delegate", "duty", "--from", "li", "--to", "wang", "--until", &until, "--format", "json"];
    let made = dir.json(&delegate);
    let id = made["delegation"]["id"].as_str().unwrap();
    let first = || {
        let rota = dir.json(&["notify", "rota", "--days", "1", "--format", "json"]);
        rota["roles"][0]["spans"][0]["persons"][0].as_str().unwrap().to_owned()
    };
    assert_eq!(first(), "wang");
    dir.run(&["notify", "revoke", id]).done().says(&["taken back"]);
    assert_eq!(first(), "li");
    let over = day(-3);
    dir.run(&["notify", "delegate", "duty", "--from", "li", "--to", "wang", "--until", &over])
        .ends(2)
        .complains(&["over before"]);
    dir.run(&["notify", "delegate", "duty", "--from", "li", "--to", "li", "--until", &until]).ends(2);
    dir.run(&["notify", "delegate", "king", "--from", "li", "--to", "wang", "--until", &until]).ends(2);
}

//! Orders, findings and re-observations over a real line: a province that serves, a plant that submits.

use crate::bench::{Dir, Ran, as_nobody, host, root_or_skip, run, text, until};
use crate::serve::Serving;
use serde_json::Value;

/// A credit code with a valid check character (GB 32100-2015), of nobody.
const USCC: &str = "91350100M000100Y43";
const PLANT: [&str; 8] = ["--role", "plant", "--name", "青山厂", "--area", "3201", "--uscc", USCC];

struct Line {
    dir: Dir,
    serving: Option<Serving>,
}
impl Line {
    fn at(&self, who: &str, args: &[&str]) -> Ran {
        self.dir.run(&[&["--home", who], args].concat())
    }
    fn json(&self, who: &str, args: &[&str]) -> Value {
        self.at(who, &[args, &["--format", "json"]].concat()).done().json()
    }
    /// A province that serves, and a plant that was enrolled over the line.
    fn new() -> Self {
        let dir = Dir::new();
        let line = Self { dir, serving: None };
        line.at("province", &["node", "init", "--role", "province", "--name", "江苏省工信厅", "--area", "32"]).done();
        line.at("plant", &[&["node", "init"], &PLANT[..]].concat()).done();
        let invited = line.json("province", &[&["node", "invite"], &PLANT[..]].concat());
        let code = invited["code"].as_str().unwrap().to_owned();
        let serve = ["--home", "province", "serve", "--listen", "127.0.0.1:0", "--format", "json"];
        let serving = Serving::new(&mut line.dir.watchfire(&serve));
        let ready: Value = serde_json::from_str(&serving.first).unwrap();
        line.at("plant", &["node", "enrol", "--code", &code, "--parent", ready["url"].as_str().unwrap()]).done();
        Self { serving: Some(serving), ..line }
    }
    /// Ends the service; what it printed meanwhile.
    fn end(&mut self) -> String {
        self.serving.take().unwrap().end()
    }
}

#[test]
fn an_order_that_asks_for_findings_is_served_answered_and_closed_over_the_line() {
    let mut line = Line::new();
    let root = host(&line.dir);
    line.at("plant", &["examine", "--root", text(&root), "--quiet"]).done();
    line.at("plant", &["standing", "--sign"]).done();
    line.at("plant", &["submit"]).done();
    let issue = ["order", "issue", USCC, "--basis", "dsl-44", "--demand", "关闭常设远程通道", "--findings"];
    line.at("province", &[&issue[..], &["--scenario", "weather"]].concat()).ends(2).complains(&["governance"]);
    let issued = line.json("province", &[&issue[..], &["--severity", "medium"]].concat());
    assert_eq!(issued["goes_by"], "line");
    let id = issued["order"].as_str().unwrap().to_owned();
    // Nothing is owed; the order comes all the same.
    line.at("plant", &["submit"]).done().says(&["New entries of orders came: 1"]);
    line.at("plant", &["order", "list"]).done().says(&[&id, "received"]);
    let shown = line.at("plant", &["--lang", "zh", "order", "show", &id]).done();
    shown.says(&["调取问题清单", "企业已签收"]);
    // Exactly what would leave is looked at; names are pseudonyms.
    let looked = line.at("plant", &["order", "findings", &id, "--preview"]).done();
    assert!(!looked.out.contains("plant-7"), "{}", looked.out);
    looked.says(&["pseudonyms", "host-", "found", "This is all that would leave", "--give"]);
    line.at("plant", &["--lang", "zh", "order", "findings", &id, "--preview"]).done().says(&["均为代号"]);
    let preview = line.json("plant", &["order", "findings", &id, "--preview"]);
    let digest = preview["digest"].as_str().unwrap();
    line.at("plant", &["order", "findings", &id]).ends(2);
    line.at("plant", &["order", "findings", &id, "--give", "0123456789"]).ends(2).complains(&["look at it again"]);
    line.at("province", &["order", "findings", &id, "--preview"]).ends(2).complains(&["this node's own"]);
    line.at("province", &["order", "findings", &id, "--open", "--reason", "x"])
        .ends(2)
        .complains(&["Nothing was given"]);
    line.at("plant", &["order", "findings", &id, "--give", digest]).done().says(&["given, sealed"]);
    // The preview of the submission shows the record, and that bytes go with it.
    let up = line.json("plant", &["submit", "--preview"]);
    let given = up["records"].as_array().unwrap().iter().find(|r| r["artifacts"].as_array().unwrap().len() == 1);
    assert!(given.unwrap()["statement"].to_string().contains("\"given\""), "{up}");
    line.at("plant", &["order", "answer", &id, "--says", "已关闭"]).done();
    line.at("plant", &["submit"]).done();
    line.at("province", &["--lang", "zh", "oversight", "queue", "--kind", "order-answered"]).done().says(&[&id]);
    // Reading needs a reason, and is written down where the plant sees it.
    line.at("province", &["order", "findings", &id, "--open"]).ends(2).complains(&["a reason"]);
    let opened = line.at("province", &["order", "findings", &id, "--open", "--reason", "复查前核对"]).done();
    assert!(!opened.out.contains("plant-7"), "{}", opened.out);
    opened.says(&["host-", "only a part was asked for", "written down"]);
    let opened = line.json("province", &["order", "findings", &id, "--open", "--reason", "核对"]);
    assert_eq!(opened["findings"], preview["findings"]);
    for result in ["not-mended", "mended"] {
        line.at("province", &["order", "examine", &id, "--result", result]).done();
        if result == "not-mended" {
            line.at("plant", &["order", "receive"]).done().says(&["new: 3"]);
            line.at("plant", &["order", "answer", &id, "--says", "端口已关闭"]).done();
            line.at("plant", &["submit"]).done();
        }
    }
    line.at("province", &["order", "close", &id]).done();
    line.at("plant", &["submit"]).done().says(&["New entries of orders came: 2"]);
    let plant = line.json("plant", &["order", "show", &id]);
    let province = line.json("province", &["order", "show", &id]);
    let steps = |v: &Value| -> Vec<String> {
        v["steps"].as_array().unwrap().iter().map(|s| s["is"].as_str().unwrap().to_owned()).collect()
    };
    let mut seen = (steps(&plant), steps(&province));
    assert_eq!((plant["state"].as_str(), plant["doubts"].as_array().unwrap().len()), (Some("closed"), 0), "{plant}");
    // Each log has them as they came to it; they are the same.
    seen.0.sort();
    seen.1.sort();
    assert_eq!(seen.0, seen.1);
    line.at("province", &["order", "findings", &id, "--open", "--reason", "x"]).ends(2).complains(&["destroyed"]);
    line.end();
    for who in ["plant", "province"] {
        line.at(who, &["audit"]).done();
        let ran = line.at(who, &["--lang", "zh", "order", "show", &id]).done();
        assert_eq!(crate::speech::raw(&ran.out), None);
    }
    // Without a line there is nobody to ask.
    line.at("province", &["order", "receive"]).ends(2).complains(&["come as files"]);
}

#[test]
fn a_re_observation_over_the_line_is_judged_as_kept_without_a_hand() {
    if !root_or_skip("a_re_observation_over_the_line_is_judged_as_kept_without_a_hand") {
        return;
    }
    let mut line = Line::new();
    for n in 0..10 {
        line.dir.file(&format!("share/f{n}.csv"), format!("姓名,手机\n李四,139{n:08}\n王五,137{n:08}\n"));
    }
    let share = line.dir.at("share");
    line.at("plant", &["scope", "add", "share", text(&share)]).done();
    line.at("plant", &["discover", text(&share), "--quiet"]).done();
    line.at("plant", &["standing", "--sign"]).done();
    line.at("plant", &["submit"]).done();
    line.at("province", &["challenge", "reobserve", USCC, "--count", "1"]).done();
    line.at("plant", &["submit"]).done().says(&["Challenges wait for an answer: 1"]);
    line.at("plant", &["challenge", "answer", "--ticket", "ticket.json"]).ends(2).says(&["ticket.json"]);
    let (ticket, word) = (line.dir.at("ticket.json"), line.dir.at("nobody/word.json"));
    let witness = ["challenge", "witness", "--ticket", text(&ticket), "--out", text(&word)];
    run(&mut as_nobody(&line.dir, &witness)).done();
    line.at("plant", &["challenge", "answer", "--witnessed", text(&word)]).done().says(&["1 shown"]);
    line.at("plant", &["submit"]).done();
    until("the answer is judged", || {
        let listed = line.json("province", &["challenge", "list"]);
        listed["challenges"][0]["state"] == "kept"
    });
    let said = line.end();
    let judged = said.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok()).find(|l| l["event"] == "judged");
    assert_eq!(judged.unwrap()["became"], "kept");
    line.at("province", &["challenge", "take"]).done().says(&["Nothing to judge"]);
    line.at("province", &["audit"]).done();
}

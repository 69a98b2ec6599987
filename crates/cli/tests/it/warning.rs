//! Warnings as people use them: issued by who may, changed, lifted, handed to another node, taken note of; and what is refused.

use crate::bench::Dir;
use serde_json::Value;

/// Everything that the form of a warning asks for, but for what the program knows.
const SAID: [&str; 10] = [
    "--set",
    "scope-and-harm=Suppliers' portals; orders may leak",
    "--set",
    "matters=Scanning of port 8443 was seen",
    "--set",
    "precautions=Close the portal at night",
    "--set",
    "time-limit=48 hours",
    "--set",
    "distribution=Key enterprises",
];

fn profiled(dir: &Dir, actor: &str) {
    dir.run(&["incident", "profile", "--actor", actor, "--name", "Department of Industry"]).done();
}
fn issue(dir: &Dir, extra: &[&str]) -> crate::bench::Ran {
    dir.run(&[&["warning", "issue"], extra, &SAID].concat())
}
fn issued(dir: &Dir, extra: &[&str]) -> Value {
    issue(dir, &[extra, &["--format", "json"]].concat()).done().json()
}
fn id(warning: &Value) -> String {
    warning["warning"].as_str().unwrap().to_owned()
}
fn show(dir: &Dir, id: &str) -> Value {
    dir.json(&["warning", "show", id, "--format", "json"])
}
fn list(dir: &Dir, extra: &[&str]) -> Vec<Value> {
    let all = dir.json(&[&["warning", "list", "--format", "json"], extra].concat());
    all["warnings"].as_array().unwrap().clone()
}
fn keys(of: &Dir, to: &Dir, name: &str) {
    to.file(name, of.run(&["key", "show", "--format", "json"]).done().out);
}
/// Hands the file of a warning from one node to another.
fn handed(from: &Dir, to: &Dir, id: &str, name: &str) {
    from.run(&["warning", "export", id, "--out", name]).done().says(&["key show"]);
    to.file(name, std::fs::read(from.at(name)).unwrap());
}
/// Records in the log.
fn records(dir: &Dir) -> u64 {
    dir.json(&["log", "show", "--format", "json"])["size"].as_u64().unwrap()
}

/// 工信部网安〔2024〕214号: red and orange by the mechanism after the leading group agreed; yellow and blue by the local regulator.
#[test]
fn who_may_issue_which_colour() {
    let approved = ["--approval", "leading-group=Zhao Min"];
    for (actor, may) in [
        ("mechanism", ["red", "orange"].as_slice()),
        ("local-regulator", &["yellow", "blue"]),
        ("enterprise", &[]),
        ("support-body", &[]),
    ] {
        let dir = Dir::new();
        profiled(&dir, actor);
        for (colour, numeral) in [("red", "Ⅰ"), ("orange", "Ⅱ"), ("yellow", "Ⅲ"), ("blue", "Ⅳ")] {
            let grave = matches!(colour, "red" | "orange");
            let with: &[&str] = if grave { &approved } else { &[] };
            let ran = issue(&dir, &[&["--colour", colour], with].concat());
            if may.contains(&colour) {
                ran.done().says(&[numeral, "In force since", "Issued: w-"]);
            } else {
                let who = if grave { "mechanism" } else { "local-regulator" };
                ran.ends(2).complains(&["lets", who, actor, "hint"]);
            }
        }
        assert_eq!(list(&dir, &[]).len(), may.len(), "{actor}");
    }
}

#[test]
fn what_the_plan_does_not_allow_is_refused_before_it_is_signed() {
    let dir = Dir::new();
    profiled(&dir, "mechanism");
    let before = records_or_none(&dir);
    issue(&dir, &["--colour", "red"]).ends(2).complains(&["approval of leading-group", "--approval"]);
    issue(&dir, &["--colour", "red", "--approval", "mechanism=Zhao"]).ends(2).complains(&["leading-group"]);
    issue(&dir, &["--colour", "red", "--approval", "leading-group= "]).ends(2).complains(&["names no person"]);
    issue(&dir, &["--colour", "red", "--approval", "leading-group"]).ends(2).complains(&["NAME=VALUE"]);
    let ahead = ["--colour", "red", "--approval", "leading-group=Zhao", "--approved", "2099-01-01 00:00"];
    issue(&dir, &ahead).ends(2).complains(&["has not been given yet"]);
    issue(&dir, &["--colour", "purple"]).ends(2).complains(&["purple", "red (I)", "blue (IV)"]);
    issue(&dir, &["--level", "V"]).ends(2).complains(&["V", "yellow (III)"]);
    issue(&dir, &["--colour", "red", "--level", "I"]).ends(2);
    issue(&dir, &[]).ends(2).complains(&["Neither colour nor level"]);
    issue(&dir, &["--colour", "yellow", "--issuer", "enterprise"]).ends(2).complains(&["local-regulator"]);
    let bare = ["warning", "issue", "--colour", "yellow", "--issuer", "local-regulator"];
    let named = ["scope-and-harm", "matters", "precautions", "time-limit", "distribution"];
    dir.run(&bare).ends(2).complains(&named);
    let blue = ["--colour", "blue", "--issuer", "local-regulator"];
    for area in ["99", "3", "83", "32x", "320", "3205001", "66-XPCC", "江苏"] {
        issue(&dir, &[&blue[..], &["--area", area]].concat()).ends(2).complains(&["is no area", "GB/T 2260"]);
    }
    issue(&dir, &[&blue[..], &["--set", "level=I"]].concat()).ends(2).complains(&["follows from --colour"]);
    issue(&dir, &[&blue[..], &["--set", "shoe-size=44"]].concat()).ends(2).complains(&["shoe-size", "precautions"]);
    issue(&dir, &[&blue[..], &["--approval", "leading-group=Z"]].concat()).ends(2).complains(&["needs no approval"]);
    assert_eq!(records_or_none(&dir), before, "nothing was signed");

    // Named on purpose, it stands, with a doubt: this node is not that by its own profile.
    let doubted = issued(&dir, &[&blue[..], &["--area", "320000,3205,65-xpcc"]].concat());
    assert_eq!(doubted["areas"], serde_json::json!(["32", "3205", "65-XPCC"]));
    assert!(doubted["doubts"].to_string().contains("doubt.warning-not-ours"), "{doubted}");
    dir.run(&["warning", "show", &id(&doubted)]).done().says(&["Jiangsu (32)", "Local regulator", "in the name of"]);
}

/// Records in the log; none if there is no log.
fn records_or_none(dir: &Dir) -> u64 {
    let ran = dir.run(&["log", "show", "--format", "json"]);
    if ran.code() == 0 { ran.json()["size"].as_u64().unwrap() } else { 0 }
}

#[test]
fn a_level_goes_down_and_up_and_a_lift_is_the_end() {
    let dir = Dir::new();
    profiled(&dir, "mechanism");
    dir.file("approval.txt", "agreed");
    let paper = ["--approval", "leading-group=Zhao Min", "--approval-document", "approval.txt"];
    let id = id(&issued(&dir, &[&["--colour", "orange", "--area", "32"][..], &paper].concat()));
    let change = |extra: &[&str]| dir.run(&[&["warning", "change", id.as_str()], extra].concat());
    change(&[]).ends(2).complains(&["Nothing of"]);
    change(&["--colour", "red"]).ends(2).complains(&["approval of leading-group"]);
    change(&[&["--colour", "red"][..], &paper].concat()).done().says(&["Ⅰ", "version 2", "approval.txt"]);
    // The issuer may lower its own warning; nobody's approval is asked for yellow.
    change(&["--colour", "yellow", "--set", "matters=The source was found"])
        .done()
        .says(&["Ⅲ", "The source was found"]);
    change(&["--colour", "orange"]).ends(2).complains(&["approval of leading-group"]);
    let now = show(&dir, &id);
    assert_eq!((&now["level"], &now["issuer"], &now["version"]), (&"III".into(), &"mechanism".into(), &3.into()));
    assert_eq!(now["areas"], serde_json::json!(["32"]), "what is not said stays");
    assert!(now["text"]["approval"].is_null(), "an approval of red is none of yellow: {}", now["text"]);
    assert_eq!(now["doubts"], serde_json::json!([]));

    dir.run(&["warning", "lift", &id, "--reason", " "]).ends(2).complains(&["is missing"]);
    dir.run(&["warning", "lift", &id, "--reason", "portal closed"]).done().says(&["Lifted", "portal closed"]);
    dir.run(&["warning", "lift", &id, "--reason", "again"]).ends(2).complains(&["lifted already"]);
    change(&["--colour", "blue"]).ends(2).complains(&["lifted already"]);
    assert!(list(&dir, &[]).is_empty());
    assert_eq!(list(&dir, &["--all"])[0]["state"], "lifted");
    dir.run(&["warning", "list"]).done().says(&["No warnings in force", "--all"]);
    dir.run(&["warning", "show", &id, "--format", "html", "--out", "page"]).done();
    let page = std::fs::read_to_string(dir.at(&format!("page/{id}.html"))).unwrap();
    assert!(page.contains("VOID"), "a lifted warning is void on paper");
    dir.run(&["audit"]).done();
}

#[test]
fn the_list_has_the_gravest_first_in_words_and_numerals() {
    let dir = Dir::new();
    profiled(&dir, "local-regulator,mechanism");
    issued(&dir, &["--colour", "blue"]);
    issued(&dir, &["--colour", "red", "--approval", "leading-group=Zhao"]);
    issued(&dir, &["--level", "iii", "--area", "37"]);
    issued(&dir, &["--colour", "yellow", "--start", "2099-01-01 08:00"]);
    let shown = list(&dir, &[]);
    let order: Vec<_> = shown.iter().map(|w| (w["colour"].as_str().unwrap(), w["state"].as_str().unwrap())).collect();
    assert_eq!(order, [("red", "in-force"), ("yellow", "in-force"), ("blue", "in-force"), ("yellow", "announced")]);
    let text = dir.run(&["warning", "list"]).done().out;
    for word in ["Ⅰ", "Red", "Ⅲ", "Yellow", "Ⅳ", "Blue", "Shandong (37)", "Announced"] {
        assert!(text.contains(word), "{word} in\n{text}");
    }
    dir.run(&["warning", "list", "--lang", "zh"]).done().says(&[
        "特别重大",
        "红色",
        "较大",
        "黄色",
        "蓝色",
        "山东（37）",
        "全国",
    ]);
    let csv = dir.run(&["warning", "list", "--format", "csv"]).done().out;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 5);
    assert!(lines[0].starts_with("\u{feff}warning,state,regime,level,numeral,colour"), "{}", lines[0]);
    assert!(lines[1].contains(",I,Ⅰ,red,"), "{}", lines[1]);
}

#[test]
fn a_drill_is_marked_and_never_among_real_warnings() {
    let dir = Dir::new();
    profiled(&dir, "local-regulator");
    let id = id(&issued(&dir, &["--colour", "yellow", "--drill"]));
    assert!(list(&dir, &[]).is_empty() && list(&dir, &["--all"]).is_empty());
    assert_eq!(list(&dir, &["--drill"])[0]["origin"], "drill");
    dir.run(&["warning", "ack", &id, "--by", "Li"]).done().says(&["DRILL", "(drill)"]);
    dir.run(&["warning", "show", &id, "--lang", "zh"]).done().says(&["演练"]);
    dir.run(&["warning", "show", &id, "--format", "html", "--out", "page"]).done();
    let page = std::fs::read_to_string(dir.at(&format!("page/{id}.html"))).unwrap();
    assert!(page.contains("DRILL") && page.contains("演练"));
}

#[test]
fn a_page_has_what_the_form_asks_for_and_the_code_of_its_record() {
    let dir = Dir::new();
    profiled(&dir, "local-regulator");
    let id = id(&issued(&dir, &["--colour", "yellow", "--area", "32"]));
    dir.run(&["warning", "show", &id, "--format", "html"]).ends(2).complains(&["--out"]);
    let record = show(&dir, &id)["record"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
    for (lang, words) in [
        ("en", ["Precautions", "Close the portal at night", "Department of Industry", "Jiangsu (32)"]),
        ("zh", ["应采取的防范措施", "预警信息", "发布单位", "江苏（32）"]),
    ] {
        dir.run(&["warning", "show", &id, "--format", "html", "--out", lang, "--lang", lang]).done();
        let page = std::fs::read_to_string(dir.at(&format!("{lang}/{id}.html"))).unwrap();
        for word in words {
            assert!(page.contains(word), "{word}");
        }
        assert!(page.contains(&record) && page.contains(&id), "{lang}: the page names its record");
    }
    dir.run(&["log", "bundle", &record]).done();
}

#[test]
fn a_warning_goes_to_a_plant_and_its_answer_comes_back() {
    let (province, plant) = (Dir::new(), Dir::new());
    profiled(&province, "local-regulator");
    let id = id(&issued(&province, &["--colour", "yellow", "--area", "32", "--sector", "C26"]));
    plant.run(&["scope", "add", "host", "h"]).done();
    keys(&province, &plant, "province.json");
    keys(&plant, &province, "plant.json");
    handed(&province, &plant, &id, "w1.json");
    let receive = |file: &str| plant.run(&["warning", "receive", file, "--publisher", "province.json"]);
    // Nobody said whose keys these are: that stands first, here and in the list.
    receive("w1.json").done().says(&["Ⅲ", "new entries: 1", "is not known", "this node's word", "nobody here knows"]);
    for verb in [&["warning", "show", id.as_str()][..], &["warning", "list"]] {
        let text = plant.run(verb).done().out;
        assert!(text.contains("!! ") && text.find("nobody here knows") < text.find("Ⅲ"), "{text}");
    }
    let other = Dir::new();
    for name in ["w1.json", "province.json"] {
        other.file(name, std::fs::read(plant.at(name)).unwrap());
    }
    let known = ["warning", "receive", "w1.json", "--publisher", "province.json", "--as"];
    other.run(&[&known[..], &["king"]].concat()).ends(2).complains(&["king", "local-regulator"]);
    other.run(&[&known[..], &["local-regulator"]].concat()).done();
    assert!(!show(&other, &id)["doubts"].to_string().contains("issuer-unknown"));
    let before = records(&plant);
    receive("w1.json").done().says(&["Nothing new"]);
    assert_eq!(records(&plant), before, "a file may come twice");

    plant.run(&["warning", "profile", "--area", "320500", "--sector", "C2611"]).done().says(&["3205", "C2611"]);
    assert_eq!(show(&plant, &id)["concerns"], "yes");
    plant.run(&["warning", "profile", "--area", "33"]).done();
    plant.run(&["warning", "show", &id]).done().says(&["does not concern"]);
    plant.run(&["warning", "profile", "--area", "99"]).ends(2).complains(&["is no area"]);
    plant.run(&["warning", "profile", "--area", ""]).done();
    assert_eq!(show(&plant, &id)["concerns"], "unknown");

    // Only the issuer changes or lifts; the plant has duties of its own.
    plant.run(&["warning", "lift", &id, "--reason", "x"]).ends(2).complains(&["Another node issued"]);
    plant.run(&["warning", "change", &id, "--colour", "blue"]).ends(2).complains(&["Another node issued"]);
    plant.run(&["warning", "export", &id, "--out", "x.json"]).ends(2).complains(&["nothing of its own"]);
    let duty = |extra: &[&str]| plant.run(&[&["warning", "duty", id.as_str()], extra].concat());
    duty(&["expert-analysis"]).ends(2).complains(&["experts", "which this node is not"]);
    duty(&["nothing"]).ends(2).complains(&["more-monitoring"]);
    duty(&["collect-and-report", "--skip"]).ends(2).complains(&["passed over"]);
    duty(&["collect-and-report", "--skip", "--note", "no data there"]).done();
    duty(&["more-monitoring", "--note", "rules raised"]).done().says(&["☑", "rules raised", "–"]);
    // As long as nobody took note, the watch tells whoever is on duty: the colour, not what it says.
    let told = plant.at("told");
    let hook = plant.file("hook.sh", format!("#!/bin/sh\ncat >> {}\n", told.display()));
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let notify = format!(
        "[[channel]]\nid = \"hook\"\nkind = \"command\"\nprogram = \"{}\"\n[[person]]\nid = \"li\"\nname = \"Li\"\n\
         ways = [{{ channel = \"hook\", address = \"1\" }}]\n[[rota]]\nrole = \"duty\"\n[[rota.shift]]\nperson = \"li\"\n\
         [[escalation]]\nfor = \"warning\"\n[[escalation.step]]\nrole = \"duty\"\n",
        hook.display()
    );
    plant.file("home/notify.toml", notify);
    plant.run(&["watch", "--once"]).done().says(&[&id, "li", "delivered"]);
    let message = std::fs::read_to_string(&told).unwrap();
    assert!(message.contains(&id) && message.contains("YELLOW") && !message.contains("matters"), "{message}");
    plant.run(&["warning", "ack", &id, "--by", " "]).ends(2).complains(&["Who took note"]);
    plant.run(&["warning", "ack", &id, "--by", "Wang Fang"]).done().says(&["✓ Wang Fang"]);
    std::fs::remove_file(&told).unwrap();
    plant.run(&["watch", "--once"]).done();
    assert!(!told.exists(), "whoever took note is told no more");

    // The answer, by the same way.
    handed(&plant, &province, &id, "answer.json");
    province
        .run(&["warning", "receive", "answer.json", "--publisher", "plant.json"])
        .done()
        .says(&["somebody", "new entries: 3"]);
    // Above the plant nobody reads who it was, from which account, or what was noted; the plant's own page has it.
    let file = plant.at("answer.json");
    plant.run(&["warning", "export", &id, "--out", "again.json"]).done();
    assert_eq!(std::fs::read(plant.at("again.json")).unwrap(), std::fs::read(file).unwrap(), "signed once");
    let seen = show(&province, &id);
    assert_eq!(seen["acknowledged"][0]["by"], "");
    let all = seen.to_string();
    assert!(!all.contains("Wang Fang") && !all.contains("rules raised") && !all.contains("no data there"), "{all}");
    plant.run(&["warning", "show", &id]).done().says(&["✓ Wang Fang", "rules raised"]);
    assert_ne!(seen["acknowledged"][0]["node"], seen["node"]);
    assert_eq!(seen["elsewhere"].as_array().unwrap().len(), 2);

    // Changes and the lift arrive; the older file, as well signed, does not come back.
    province.run(&["warning", "change", &id, "--colour", "blue"]).done();
    province.run(&["warning", "lift", &id, "--reason", "portal closed"]).done();
    handed(&province, &plant, &id, "w2.json");
    receive("w2.json").done().says(&["Lifted", "new entries: 2, known before: 1"]);
    receive("w1.json").done().says(&["Lifted", "Nothing new"]);
    assert_eq!((&show(&plant, &id)["state"], &show(&plant, &id)["level"]), (&"lifted".into(), &"IV".into()));
    for node in [&province, &plant] {
        node.run(&["audit"]).done();
    }
}

#[test]
fn a_file_that_does_not_hold_is_refused_as_a_whole() {
    let (province, plant, stranger) = (Dir::new(), Dir::new(), Dir::new());
    profiled(&province, "local-regulator");
    profiled(&stranger, "local-regulator");
    let first = id(&issued(&province, &["--colour", "yellow"]));
    province.run(&["warning", "change", &first, "--colour", "blue"]).done();
    let other = id(&issued(&province, &["--colour", "blue", "--area", "11"]));
    issued(&stranger, &["--colour", "blue"]);
    keys(&province, &plant, "province.json");
    keys(&stranger, &plant, "stranger.json");
    handed(&province, &plant, &first, "w.json");
    handed(&province, &plant, &other, "other.json");
    plant.run(&["scope", "add", "host", "h"]).done();
    let before = records(&plant);
    let refused = |file: &str, by: &str, why: &str| {
        plant.run(&["warning", "receive", file, "--publisher", by]).ends(2).complains(&["was not taken", why]);
        plant.run(&["warning", "receive", file, "--publisher", by, "--lang", "zh"]).ends(2).complains(&["未接收"]);
    };
    refused("w.json", "stranger.json", "which was not given");
    let bytes = std::fs::read(plant.at("w.json")).unwrap();
    let whole: Value = serde_json::from_slice(&bytes).unwrap();
    let altered = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut value = whole.clone();
        change(&mut value);
        plant.file(name, value.to_string());
    };
    // One letter of what was signed.
    altered("letter.json", &|v| {
        let payload = v["envelopes"][1]["payload"].as_str().unwrap().to_owned();
        let (head, tail) = payload.split_at(payload.len() / 2);
        let swapped = if tail.starts_with('A') { "B" } else { "A" };
        v["envelopes"][1]["payload"] = format!("{head}{swapped}{}", &tail[1..]).into();
    });
    refused("letter.json", "province.json", "signature of entry 2");
    altered("swapped.json", &|v| v["envelopes"].as_array_mut().unwrap().swap(0, 1));
    refused("swapped.json", "province.json", "older than the one before");
    altered("headless.json", &|v| drop(v["envelopes"].as_array_mut().unwrap().remove(0)));
    refused("headless.json", "province.json", "does not begin with the issue");
    altered("renamed.json", &|v| v["warning"] = "w-00000000".into());
    refused("renamed.json", "province.json", "about another warning");
    altered("id.json", &|v| v["warning"] = "../../etc".into());
    refused("id.json", "province.json", "ID is none of a warning");
    altered("empty.json", &|v| v["envelopes"] = serde_json::json!([]));
    refused("empty.json", "province.json", "no entry");
    altered("format.json", &|v| v["format"] = "watchfire-pack-v1".into());
    refused("format.json", "province.json", "watchfire-warning-v1");
    let another: Value = serde_json::from_slice(&std::fs::read(plant.at("other.json")).unwrap()).unwrap();
    altered("mixed.json", &|v| v["envelopes"][1] = another["envelopes"][0].clone());
    refused("mixed.json", "province.json", "about another warning");
    plant.file("cut.json", &bytes[..bytes.len() / 2]);
    refused("cut.json", "province.json", "not of the form of such a file");
    plant.file("large.json", vec![b' '; (4 << 20) + 1]);
    plant.run(&["warning", "receive", "large.json", "--publisher", "province.json"]).ends(2);
    let many = vec![whole["envelopes"][0].clone(); 1001];
    altered("many.json", &|v| v["envelopes"] = many.clone().into());
    refused("many.json", "province.json", "more than 1000 entries");
    assert_eq!(records(&plant), before, "nothing of them was kept");
    assert!(list(&plant, &["--all"]).is_empty());
    // Its own file back home.
    province.file("province.json", std::fs::read(plant.at("province.json")).unwrap());
    province
        .run(&["warning", "receive", "w.json", "--publisher", "province.json"])
        .ends(2)
        .complains(&["this node's own entries"]);
    // The untouched file is taken all the same.
    plant.run(&["warning", "receive", "w.json", "--publisher", "province.json"]).done().says(&["new entries: 2"]);
}

#[test]
fn hostile_texts_do_not_steer_the_screen_the_sheet_or_the_page() {
    let dir = Dir::new();
    profiled(&dir, "local-regulator");
    let evil = "matters=<script>alert(1)</script>\u{1b}[31m\u{202e}evil";
    let id = id(&issued(&dir, &["--colour", "blue", "--set", evil, "--sector", "=cmd|' /C calc'!A0"]));
    dir.run(&["warning", "ack", &id, "--by", "\u{1b}[2JLi", "--note", "<b>"]).done();
    for arguments in
        [&["warning", "show", id.as_str()][..], &["warning", "list"], &["warning", "list", "--format", "csv"]]
    {
        let out = dir.run(arguments).done().out;
        assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}'), "{out:?}");
    }
    let csv = dir.run(&["warning", "list", "--format", "csv"]).done().out;
    assert!(csv.contains("'=cmd"), "a formula is a text: {csv}");
    dir.run(&["warning", "show", &id, "--format", "html", "--out", "page"]).done();
    let page = std::fs::read_to_string(dir.at(&format!("page/{id}.html"))).unwrap();
    assert!(!page.contains("<script") && !page.contains('\u{202e}'), "the page is inert");
}

#[test]
fn a_plan_without_warnings_says_so() {
    let dir = Dir::new();
    let plan = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plans/nis2");
    dir.run(&["--plan", plan, "warning", "issue", "--colour", "red"]).ends(2).complains(&["knows no warnings"]);
    dir.run(&["warning", "list"]).done().says(&["No warnings in force"]);
    dir.run(&["warning", "show", "w-0000"]).ends(2);
}

/// An enterprise issues no warning: it reports what it foresees, at once (工信部网安〔2024〕214号; the text gives no figure).
#[test]
fn what_an_enterprise_foresees_starts_the_clock_of_its_report() {
    let dir = Dir::new();
    let opened = dir.json(&["incident", "open", "--title", "portal is being scanned", "--format", "json"]);
    let id = opened["incident"].as_str().unwrap().to_owned();
    let clock = |shown: &Value| {
        shown["clocks"].as_array().unwrap().iter().find(|c| c["clock"] == "warning-enterprise").cloned()
    };
    assert!(clock(&opened).is_none(), "not every incident was foreseen");
    let foreseen = dir.json(&["incident", "moment", &id, "foreseen", "--format", "json"]);
    // Level III is possible, and that is when the text asks to tell the regulator at once.
    let owed = clock(&foreseen).unwrap();
    assert_eq!((&owed["state"], &owed["ours"], &owed["certain"]), (&"due".into(), &true.into(), &true.into()));
    let graded = ["incident", "grade", &id, "--set", "threat=III", "--reason", "threat=same campaign", "--set"];
    let graded = dir.json(&[&graded[..], &["data-level=important", "--format", "json"]].concat());
    let certain = clock(&graded).unwrap();
    assert_eq!((&certain["state"], &certain["certain"]), (&"due".into(), &true.into()));
    assert!(certain["due"].is_null(), "the text gives no figure: {certain}");
}

#[test]
fn refusals_are_chinese_in_chinese() {
    let dir = Dir::new();
    profiled(&dir, "local-regulator");
    let wrong: [&[&str]; 9] = [
        &["warning", "issue"],
        &["warning", "issue", "--colour", "purple"],
        &["warning", "issue", "--colour", "red"],
        &["warning", "issue", "--colour", "blue"],
        &["warning", "issue", "--colour", "blue", "--area", "99"],
        &["warning", "show", "w-00"],
        &["warning", "lift", "w-00", "--reason", "x"],
        &["warning", "receive", "/does-not-exist", "--publisher", "/does-not-exist"],
        &["penalty", "list", "--transfer", "nothing"],
    ];
    for arguments in wrong {
        let english = dir.run(arguments).ends(2);
        assert!(english.err.starts_with("error: ") && english.out.is_empty(), "{arguments:?}: {english:?}");
        let zh: Vec<&str> = ["--lang", "zh"].iter().chain(arguments).copied().collect();
        let said = dir.run(&zh).ends(2).err;
        assert!(said.starts_with("错误"), "{arguments:?}: {said}");
        assert!(said.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count() > 4, "{arguments:?}: {said}");
    }
    for verb in ["issue", "change", "lift", "list", "show", "ack", "duty", "export", "receive", "profile"] {
        let help = dir.run(&["warning", verb, "--help", "--lang", "zh"]).done().out;
        assert!(help.contains("用法") && !help.contains("Usage"), "{help}");
    }
    // The screen's own colours still have their option where it does not mean the warning's.
    dir.run(&["--colour", "always", "warning", "list"]).done();
    dir.run(&["--colour", "loud", "warning", "list"]).ends(2);
}

#[test]
fn who_took_note_of_one_colour_is_told_of_the_next() {
    let (province, plant) = (Dir::new(), Dir::new());
    profiled(&province, "local-regulator");
    let id = id(&issued(&province, &["--colour", "blue"]));
    plant.run(&["scope", "add", "host", "h"]).done();
    keys(&province, &plant, "province.json");
    let receive = |file: &str| {
        handed(&province, &plant, &id, file);
        plant.run(&["warning", "receive", file, "--publisher", "province.json"]).done();
    };
    receive("w1.json");
    plant.run(&["warning", "ack", &id, "--by", "Wang Fang"]).done();
    let hook = plant.file("hook.sh", format!("#!/bin/sh\ncat >> {}\n", plant.at("told").display()));
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let notify = format!(
        "[[channel]]\nid = \"hook\"\nkind = \"command\"\nprogram = \"{}\"\n[[person]]\nid = \"li\"\nname = \"Li\"\n\
         ways = [{{ channel = \"hook\", address = \"1\" }}]\n[[rota]]\nrole = \"duty\"\n[[rota.shift]]\nperson = \"li\"\n\
         [[escalation]]\nfor = \"warning\"\n[[escalation.step]]\nrole = \"duty\"\n",
        hook.display()
    );
    plant.file("home/notify.toml", notify);
    plant.run(&["watch", "--once"]).done();
    assert!(!plant.at("told").exists(), "of the blue one somebody took note");
    province.run(&["warning", "change", &id, "--colour", "yellow"]).done();
    receive("w2.json");
    plant.run(&["watch", "--once"]).done().says(&[&id, "delivered"]);
    assert!(std::fs::read_to_string(plant.at("told")).unwrap().contains("YELLOW"));
}

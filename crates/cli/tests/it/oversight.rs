//! Oversight through the command line: lists, the queue, and an order from a province to a plant and back.

use crate::bench::Dir;
use evidence::{
    Attestation, Authenticated, Author, Member, MemberStanding, NodeId, NodeRole, Part, Profile, Record, Time,
};
use node::Node;
use serde_json::Value;
use std::fs;
use store::Submission;

fn author() -> Author {
    Author { name: "王芳".into(), authenticated: Authenticated::TypedName }
}

fn part(role: NodeRole, area: &str, uscc: &str) -> Part {
    Part { role, name: "某单位".into(), area: area.into(), uscc: uscc.into() }
}

fn open(dir: &Dir) -> Node {
    Node::open(&dir.home(), None, &|| None).unwrap()
}

fn append(dir: &Dir, record: &Record) {
    let node = open(dir);
    let envelope = node.store().sign(record).unwrap();
    node.store().append(&[Submission { envelope, items: None, artifacts: Vec::new() }]).unwrap();
}

/// The node says what it is.
fn is(dir: &Dir, part: Part) {
    let node = open(dir);
    let stated = Attestation::profile(node.id(), author(), node::now(), Profile { part });
    drop(node);
    append(dir, &Record::Attestation(stated));
}

/// The node certifies another one.
fn certifies(dir: &Dir, child: &NodeId, standing: MemberStanding, uscc: &str, at: Time) {
    let node = open(dir).id();
    let part = part(NodeRole::Plant, "440100", uscc);
    append(
        dir,
        &Record::Member(Box::new(Member {
            node,
            author: author(),
            stated_at: at,
            child: child.clone(),
            standing,
            part,
            origin: "plant".into(),
            evidence_keys: Vec::new(),
            log_keys: Vec::new(),
            invitation: None,
            follows: None,
            reason: String::new(),
        })),
    );
}

fn code(n: u64) -> String {
    testing::registry::uscc(440_100, n)
}

/// Twelve in Guangzhou, of which two are the top tenth; one in Shenzhen, whose supervisor is another.
fn province() -> Dir {
    let dir = Dir::new();
    let mut table = "uscc,name,area,industry,revenue\n".to_owned();
    for n in 0..12 {
        table += &format!("{},=青山{n}厂,440100,C3451,{}\n", code(n), 900_000_000 - n * 1_000_000);
    }
    table += &format!("{},鹏城厂,440300,C3511,900000000\n", code(20));
    dir.file("t.csv", table);
    dir.run(&["registry", "import", "t.csv", "--year", "2025"]).done();
    dir.run(&["registry", "select"]).done();
    dir
}

fn ago(days: i64) -> Time {
    node::now().plus_minutes(-days * 24 * 60).unwrap()
}

#[test]
fn a_province_lists_explains_and_queues_its_own_enterprises() {
    let dir = province();
    // Before it says what it is, everything that it holds is shown, with a note.
    let all = dir.json(&["oversight", "list", "key", "--format", "json"]);
    assert_eq!(all["total"], 3);
    assert!(all["doubts"].to_string().contains("oversight-no-part"), "{all}");
    is(&dir, part(NodeRole::Province, "44", ""));
    certifies(&dir, &NodeId::new("plant-0"), MemberStanding::Certified, &code(0), ago(40));
    let key = dir.json(&["oversight", "list", "key", "--format", "json"]);
    assert_eq!(key["total"], 2, "Shenzhen is its own supervisor's: {key}");
    // By hand (crates/judge/tests/it/oversight.rs): silent 25 to 160; not enrolled 20 to 155. The unknown is named in both languages.
    let said = dir.run(&["oversight", "list"]).done();
    said.says(&["Risk list", "25 to 160 points", "20 to 155 points", "cannot be told", "2 of 2"]);
    let said = dir.run(&["--lang", "zh", "oversight", "list", "key"]).done();
    said.says(&["重点企业名录", "25 至 160 分", "尚不能判定", "已接入但从未报送", "本页 2 条，共 2 条"]);
    let said = dir.run(&["--lang", "zh", "oversight", "explain", &code(1)]).done();
    said.says(&["重点企业尚未接入", "不掌握：超时限事件", "依据 "]);
    dir.run(&["oversight", "explain", &code(20)]).ends(2).complains(&["not this node's to see"]);
    // Keyset pages, and a place that is none.
    let first = dir.json(&["oversight", "list", "--limit", "1", "--format", "json"]);
    let next = first["next"].as_str().unwrap();
    let second = dir.json(&["oversight", "list", "--limit", "1", "--after", next, "--format", "json"]);
    assert_eq!(
        (first["rows"][0]["uscc"].as_str(), second["rows"][0]["uscc"].as_str()),
        (Some(&*code(0)), Some(&*code(1)))
    );
    assert!(second["next"].is_null());
    dir.run(&["oversight", "list", "--after", "x"]).ends(2).complains(&["no place"]);
    dir.run(&["oversight", "queue", "--kind", "sleepy"]).ends(2).complains(&["not-enrolled"]);
    let queue = dir.run(&["--lang", "zh", "oversight", "queue"]).done();
    queue.says(&["未接入", "watchfire node invite", "未报送", "王芳", "watchfire order issue"]);
    // As of the day before it was enrolled there was nobody to be silent.
    let early = ago(41).date();
    let queue = dir.json(&["oversight", "queue", "--as-of", &early, "--format", "json"]);
    assert_eq!(queue["total"], 0, "the selection is of today: {queue}");
    // A name is no formula; a workbook opens; the filter holds for an export too.
    dir.run(&["--lang", "zh", "oversight", "export", "risk", "--format", "csv", "--out", "risk.csv"]).done();
    let csv = fs::read_to_string(dir.at("risk.csv")).unwrap();
    assert!(csv.contains("'=青山0厂") && csv.contains("最低分"), "{csv}");
    dir.run(&["oversight", "export", "--queue", "--industry", "C34", "--out", "queue.xlsx"]).done().says(&["2 rows"]);
    assert!(fs::read(dir.at("queue.xlsx")).unwrap().starts_with(b"PK"));
    dir.run(&["oversight", "export", "key", "--industry", "D", "--out", "none.json", "--format", "json"]).done();
    let none: Value = serde_json::from_slice(&fs::read(dir.at("none.json")).unwrap()).unwrap();
    assert_eq!(none["total"], 0);
}

fn keys(dir: &Dir, name: &str) -> String {
    let out = dir.run(&["key", "show", "--format", "json"]).done().out;
    dir.file(name, out).to_str().unwrap().to_owned()
}

#[test]
fn an_order_goes_to_the_plant_and_back_and_is_closed() {
    let (province, plant) = (province(), Dir::new());
    let issue = |uscc: &str, basis: &str| {
        province.run(&["order", "issue", uscc, "--basis", basis, "--demand", "关闭常设远程通道", "--because", "silent"])
    };
    issue(&code(0), "dsl-44").ends(2).complains(&["has not said what it is"]);
    is(&province, part(NodeRole::Province, "44", ""));
    issue(&code(20), "dsl-44").ends(2).complains(&["not this node's", "supervisor 4403"]);
    issue(&code(0), "group-own").ends(2).complains(&["is issued by group"]);
    issue(&code(0), "dsl-45").ends(2).complains(&["dsl-44"]);
    issue("91440300000000000X", "dsl-44").ends(2).complains(&["91440300000000000X"]);
    issue(&code(0), "dsl-44").done().says(&["issued, due", "Data Security Law, article 44", "is issued"]);
    let listed = province.json(&["order", "list", "--format", "json"]);
    let order = listed["orders"][0]["order"].as_str().unwrap().to_owned();
    province.run(&["order", "export", &order, "--out", "o.json"]).done();
    is(&plant, part(NodeRole::Plant, "440100", &code(0)));
    let (of_province, of_plant) = (keys(&province, "province.keys"), keys(&plant, "plant.keys"));
    let file = province.at("o.json");
    let file = file.to_str().unwrap();
    // Not with other keys, not changed, not at another enterprise.
    plant.run(&["order", "receive", file, "--publisher", &of_plant]).ends(2).complains(&["not the publisher's"]);
    let bytes = fs::read_to_string(file).unwrap();
    let broken = plant.file("broken.json", bytes.replace("watchfire-order-v1", "watchfire-order-v9"));
    plant.run(&["order", "receive", broken.to_str().unwrap(), "--publisher", &of_province]).ends(2).complains(&["v9"]);
    let empty = plant.file("empty.json", "{}");
    plant.run(&["order", "receive", empty.to_str().unwrap(), "--publisher", &of_province]).ends(2);
    let other = Dir::new();
    is(&other, part(NodeRole::Plant, "440100", &code(1)));
    other.run(&["order", "receive", file, "--publisher", &of_province]).ends(2).complains(&["another enterprise"]);
    let took = plant.run(&["--lang", "zh", "order", "receive", file, "--publisher", &of_province]).done();
    took.says(&["已签收", "关闭常设远程通道", "新内容 1 项"]);
    plant.run(&["order", "receive", file, "--publisher", &of_province]).done().says(&["1 entries were known"]);
    // The plant answers; it can neither close nor extend.
    plant.run(&["order", "close", &order]).ends(2).complains(&["only the node that issued"]);
    plant.run(&["order", "answer", &order]).ends(2).complains(&["needs words or a document"]);
    let proof = plant.file("整改报告.pdf", "pdf");
    plant.run(&["order", "answer", &order, "--says", "已关闭", "--document", proof.to_str().unwrap()]).done();
    plant.run(&["order", "export", &order, "--out", "a.json"]).done();
    let answer = plant.at("a.json");
    let answer = answer.to_str().unwrap();
    // A member that is not certified any more, or of another enterprise, does not speak for it.
    let child = open(&plant).id();
    certifies(&province, &child, MemberStanding::Suspended, &code(0), ago(3));
    let receive = || province.run(&["order", "receive", answer, "--publisher", &of_plant]);
    receive().ends(2).complains(&["suspended"]);
    certifies(&province, &child, MemberStanding::Certified, &code(1), ago(2));
    receive().ends(2).complains(&["another enterprise"]);
    certifies(&province, &child, MemberStanding::Certified, &code(0), ago(1));
    province
        .run(&["order", "examine", &order, "--result", "mended"])
        .ends(2)
        .complains(&["neither answered nor overdue"]);
    receive().done().says(&["2 new entries", "answered, to be examined again", "documents: 1"]);
    province.run(&["--lang", "zh", "oversight", "queue", "--kind", "order-answered"]).done().says(&["待复查", &order]);
    province.run(&["order", "close", &order]).ends(2).complains(&["found mended"]);
    let by = ["order", "examine", &order, "--result", "mended", "--by", "0123456789"];
    province.run(&by).ends(2).complains(&["is no report"]);
    province.run(&["order", "examine", &order, "--result", "not-mended", "--note", "端口仍开放"]).done();
    // Once more, this time on paper.
    let paper = ["order", "answer", &order, "--paper", "2126-01-01", "--says", "x"];
    province.run(&paper).ends(2).complains(&["still to come"]);
    let today = node::now().date();
    province.run(&["order", "answer", &order, "--paper", &today, "--says", "来函"]).done().says(&["on paper"]);
    province.run(&["order", "examine", &order, "--result", "mended"]).done().says(&["mended, to be closed"]);
    province.run(&["--lang", "zh", "order", "close", &order, "--note", "复查合格"]).done().says(&["已办结"]);
    province.run(&["order", "list"]).done().says(&["No open order"]);
    let all = province.run(&["--lang", "zh", "order", "list", "--all", "--format", "csv"]).done();
    all.says(&["整改要求", "已办结", &order]);
    let shown = province.json(&["order", "show", &order[..6], "--format", "json"]);
    let steps: Vec<&str> = shown["steps"].as_array().unwrap().iter().map(|s| s["is"].as_str().unwrap()).collect();
    let want = ["issued", "received", "answered", "examined", "answered", "examined", "closed"];
    assert_eq!((steps, shown["doubts"].as_array().unwrap().len()), (want.to_vec(), 0), "{shown}");
    // What the province says of it goes to the plant, which sees the same.
    province.run(&["order", "export", &order, "--out", "o2.json"]).done();
    let again = province.at("o2.json");
    plant.run(&["order", "receive", again.to_str().unwrap(), "--publisher", &of_province]).done().says(&["closed"]);
    province.run(&["audit"]).done();
    plant.run(&["audit"]).done();
}

#[test]
fn time_is_given_as_far_as_the_basis_allows_and_no_further() {
    let dir = province();
    is(&dir, part(NodeRole::Province, "44", ""));
    let issue = ["order", "issue", &code(0), "--basis", "dsl-44", "--demand", "整改"];
    let order = dir.json(&[&issue[..], &["--format", "json"]].concat())["order"].as_str().unwrap().to_owned();
    let extend = |days: &str| dir.run(&["order", "extend", &order, "--days", days, "--reason", "设备到货延迟"]);
    extend("16").ends(2).complains(&["15 working days more", "15 are left"]);
    extend("0").ends(2).complains(&["from 1 to 1000"]);
    extend("15").done().says(&["extended by 15 working days"]);
    extend("1").ends(2).complains(&["allows 1 extensions"]);
    dir.run(&["order", "withdraw", &order, "--reason", " "]).ends(2).complains(&["a reason is needed"]);
    dir.run(&["--lang", "zh", "order", "withdraw", &order, "--reason", "重复下达"]).done().says(&["已撤销"]);
    dir.run(&["order", "answer", &order, "--paper", "2026-01-01", "--says", "x"]).ends(2).complains(&["is over"]);
    for wrong in ["o-zz", "", "o-00000000"] {
        dir.run(&["order", "show", wrong]).ends(2).complains(&["no order"]);
    }
    dir.run(&["audit"]).done();
}

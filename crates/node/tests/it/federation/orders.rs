//! Orders over the line: down with answers, up with packages, one entry each whatever is lost or repeated; and findings that are not what a
//! plant signed.

use super::bed::{Direct, Site, assert_holds, bytes, hand, part, two};
use evidence::{FindingsGiven, NodeRole, OrderEntry, OrderMove, Record, RecordKind, Severity};
use judge::FindingsContent;
use node::{Line, LineFault, NewAnswer, NewOrder, NewWanted, Node, Order, OrderFile, SubmitState};
use plan::CheckedPlan;
use serde_json::Value;
use std::cell::RefCell;
use std::io::Write as _;
use stdx::{Silent, Stop};

fn plan() -> CheckedPlan {
    node::load_plan(None).unwrap()
}

fn uscc(site: &Site) -> String {
    site.node.part().unwrap().unwrap().uscc
}

fn issue(authority: &Site, to: &str, wants: Option<NewWanted<'_>>) -> OrderFile {
    issue_under(&plan(), authority, to, wants)
}

fn issue_under(plan: &CheckedPlan, authority: &Site, to: &str, wants: Option<NewWanted<'_>>) -> OrderFile {
    let basis = if authority.node.part().unwrap().unwrap().role == NodeRole::Group { "group-own" } else { "dsl-44" };
    let (demand, reasons) = ("关闭常设远程通道", &[][..]);
    let new = NewOrder { uscc: to, basis, demand, reasons, working_days: None, document: None, wants, author: None };
    authority.node.order_issue(plan, new).unwrap()
}

fn answer(site: &Site, id: &str) {
    let new = NewAnswer { says: "已关闭", documents: Vec::new(), on_paper: None, author: None };
    site.node.order_answer(&plan(), site.node.order_file(id).unwrap(), new).unwrap();
}

/// The steps that count, and every entry that the log has.
#[track_caller]
fn steps(site: &Site, id: &str) -> (Vec<&'static str>, usize) {
    let file = site.node.order_file(id).unwrap();
    let view = file.view(&plan(), file.now()).unwrap();
    assert_eq!(view.doubts, []);
    (view.steps.iter().map(|s| s.what.name()).collect(), file.records.len())
}

/// A line on which what was sent arrives and the answer does not.
struct Lost<'a>(&'a Node);
impl Line for Lost<'_> {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, LineFault> {
        Direct(self.0).post(path, body)?;
        Err(LineFault::Unreachable("cut".into()))
    }
}

/// A line on which the orders of an answer are kept, or exchanged for others.
struct Orders<'a>(&'a Node, Option<&'a [Value]>, RefCell<Vec<Value>>);
impl Line for Orders<'_> {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, LineFault> {
        let mut answer: Value = serde_json::from_slice(&Direct(self.0).post(path, body)?).unwrap();
        self.2.borrow_mut().extend(answer["orders"].as_array().cloned().unwrap_or_default());
        if let Some(others) = self.1 {
            answer["orders"] = Value::Array(others.to_vec());
        }
        Ok(bytes(&answer))
    }
}

#[test]
fn an_order_goes_down_and_its_answer_up_once_whatever_is_lost_or_repeated() {
    let (province, plant) = two();
    let other = Site::new(part(NodeRole::Plant, "3201", 2));
    other.join(&province);
    let id = issue(&province, &uscc(&plant), None).id;
    assert!(province.node.order_goes_by_line(&uscc(&plant)).unwrap());
    // The answer that brings it is lost; the next one brings it again.
    plant.report(1);
    let lost = plant.node.submit(None, &Lost(&province.node), &Stop::new()).unwrap();
    assert!(matches!(lost.state, SubmitState::Unanswered(_)), "{lost:?}");
    assert!(plant.node.order_files().unwrap().is_empty());
    assert_eq!(plant.submit_all(&province).orders, (0, 1));
    assert_eq!(steps(&plant, &id), (vec!["issued", "received"], 2));
    // What has come does not come again, and a file of it is known.
    plant.report(2);
    assert_eq!(plant.submit_all(&province).orders, (0, 0));
    let file = plant.home.join("order.json");
    std::fs::write(&file, province.node.order_export(&province.node.order_file(&id).unwrap()).unwrap()).unwrap();
    let keys = province.node.store().keys().evidence_keys();
    let took = plant.node.order_receive(&plan(), &file, &keys, None).unwrap();
    assert_eq!((took.new, took.known), (0, 1));
    assert_eq!(steps(&province, &id), (vec!["issued", "received"], 2));
    // Nobody else is told.
    other.report(1);
    assert_eq!(other.submit_all(&province).orders, (0, 0));
    assert!(other.node.order_files().unwrap().is_empty());
    // The answer: the same package three times, and as a file.
    answer(&plant, &id);
    let package = plant.package(&province);
    for _ in 0..3 {
        hand(&province.node, &package);
    }
    plant.submit_all(&province);
    let file = province.home.join("answer.json");
    std::fs::write(&file, plant.node.order_export(&plant.node.order_file(&id).unwrap()).unwrap()).unwrap();
    let keys = plant.node.store().keys().evidence_keys();
    let took = province.node.order_receive(&plan(), &file, &keys, None).unwrap();
    assert_eq!((took.new, took.known), (0, 2));
    assert_eq!(steps(&province, &id), (vec!["issued", "received", "answered"], 3));
    // The province looks, closes, and the plant sees it; also when several entries come at once.
    let look = |result| {
        let file = province.node.order_file(&id).unwrap();
        province.node.order_examine(&plan(), file, (result, None, ""), None).unwrap()
    };
    look(evidence::Mending::Mended);
    province.node.order_close(&plan(), province.node.order_file(&id).unwrap(), "", None).unwrap();
    let asked = plant.node.submit_and_ask(None, None, &Direct(&province.node), &Stop::new()).unwrap();
    assert_eq!(
        (asked.state, asked.orders),
        (SubmitState::Equal, (0, 2)),
        "nothing is owed, and it is asked all the same"
    );
    assert_eq!(steps(&plant, &id).0, ["issued", "received", "answered", "examined", "closed"]);
    // A file first, then the line: one entry each.
    let second = issue(&province, &uscc(&plant), None).id;
    std::fs::write(&file, province.node.order_export(&province.node.order_file(&second).unwrap()).unwrap()).unwrap();
    let took = plant.node.order_receive(&plan(), &file, &province.node.store().keys().evidence_keys(), None).unwrap();
    assert_eq!((took.new, plant.submit_all(&province).orders), (1, (0, 0)));
    assert_eq!((steps(&plant, &second).1, steps(&province, &second).1), (2, 2));
    for site in [&province, &plant] {
        assert_holds(&site.node);
    }
}

#[test]
fn an_order_of_another_authority_or_for_another_enterprise_is_dropped() {
    let (province, plant) = two();
    let other = Site::new(part(NodeRole::Plant, "3201", 2));
    other.join(&province);
    // Another province, whose child the plant is not, orders the same enterprise.
    let (stranger, theirs) = two();
    let catch = |from: &Site, child: &Site| {
        let kept = Orders(&from.node, None, RefCell::default());
        child.report(7);
        child.node.submit(Some(from.node.id().as_str()), &kept, &Stop::new()).unwrap();
        kept.2.into_inner()
    };
    assert_eq!(uscc(&theirs), uscc(&plant));
    issue(&stranger, &uscc(&plant), None);
    let forged = catch(&stranger, &theirs);
    issue(&province, &uscc(&other), None);
    let misled = catch(&province, &other);
    assert_eq!((forged.len(), misled.len()), (1, 1));
    let mut tampered = misled.clone();
    let payload = tampered[0].pointer_mut("/entry/dsseEnvelope/payload").expect("a bundle has an envelope");
    *payload = Value::from(payload.as_str().unwrap().replacen("eyJ", "eyK", 1));
    for orders in [forged, misled, tampered, vec![serde_json::json!({"format": "?", "entry": 1}), Value::Null]] {
        plant.report(1);
        let line = Orders(&province.node, Some(&orders), RefCell::default());
        let done = plant.node.submit(None, &line, &Stop::new()).unwrap();
        assert_eq!((done.state, done.orders), (SubmitState::Equal, (0, 0)));
        assert!(plant.node.order_files().unwrap().is_empty(), "{orders:?}");
    }
    // What was slipped in took nothing away from what comes by right. The mark went past the misled entry; this one stands behind it.
    let id = issue(&province, &uscc(&plant), None).id;
    plant.report(2);
    assert_eq!(plant.submit_all(&province).orders, (0, 1));
    assert_eq!(steps(&plant, &id).0, ["issued", "received"]);
}

#[test]
fn what_one_authority_asked_is_no_business_of_another() {
    let ministry = Site::new(part(NodeRole::Ministry, "", 1));
    let province = Site::new(part(NodeRole::Province, "32", 1));
    let group = Site::new(part(NodeRole::Group, "32", 9));
    let plant = Site::new(part(NodeRole::Plant, "3201", 1));
    province.join(&ministry);
    group.join(&province);
    plant.join(&province);
    plant.join(&group);
    // The group orders its own plant, the province both.
    let of_group = issue(&group, &uscc(&plant), None).id;
    let of_province = issue(&province, &uscc(&plant), None).id;
    let to_group = issue(&province, &uscc(&group), None).id;
    for (child, parent) in [(&plant, &province), (&plant, &group), (&group, &province)] {
        child.report(1);
        child.submit_all(parent);
    }
    answer(&plant, &of_province);
    answer(&plant, &of_group);
    answer(&group, &to_group);
    for (child, parent) in [(&plant, &province), (&plant, &group), (&group, &province)] {
        child.report(2);
        child.submit_all(parent);
    }
    for (authority, id) in [(&province, &of_province), (&group, &of_group), (&province, &to_group)] {
        assert_eq!(steps(authority, id).0, ["issued", "received", "answered"], "{id}");
    }
    assert!(province.node.order_file(&of_group).is_err() && group.node.order_file(&of_province).is_err());
    // Nothing of it goes on: not by the receipts that name it, and the ministry takes such a package and has none of it.
    province.submit_all(&ministry);
    assert!(ministry.node.received(RecordKind::Order).unwrap().is_empty());
    assert!(ministry.node.received(RecordKind::ProgrammeReport).unwrap().len() >= 2);
    // An order of the ministry for a plant below a province goes as a file: the ministry has no line to it.
    assert!(!ministry.node.order_goes_by_line(&uscc(&plant)).unwrap());
    for site in [&ministry, &province, &group, &plant] {
        assert_holds(&site.node);
    }
}

/// A plant that has looked at a host with findings and reported, and an order that asks for them.
fn asked(wants: NewWanted<'_>) -> (Site, Site, String) {
    asked_under(&plan(), wants)
}

fn asked_under(plan: &CheckedPlan, wants: NewWanted<'_>) -> (Site, Site, String) {
    let (province, plant) = two();
    let root = plant.home.join("host");
    for (name, text) in [
        ("etc/os-release", "NAME=Debian\nID=debian\nVERSION_ID=\"12\"\n"),
        ("etc/hostname", "secret-host\n"),
        ("etc/passwd", "root:x:0:0:r:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\n"),
        ("etc/shadow", "root:$1$saltsalt$kQ9dJvWmZ8sR3tLpX0aY51:19000:0:99999:7:::\nann:!:19000:0:90:7:::\n"),
        ("etc/group", "root:x:0:\nann:x:1000:\n"),
        ("etc/ssh/sshd_config", "Port 22\nPermitRootLogin yes\nPasswordAuthentication yes\n"),
        ("usr/sbin/sshd", ""),
    ] {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let target = node::Target::Root(root);
    let order = Order { host: Some(target), workers: 1, ..Order::default() };
    plant.node.examine(&order, plan, &Silent, &Stop::new()).unwrap();
    plant.node.report_to_parent(plan, None, &Silent, &Stop::new()).unwrap();
    plant.submit_all(&province);
    let id = issue_under(plan, &province, &uscc(&plant), Some(wants)).id;
    let came = plant.node.submit_and_ask(None, None, &Direct(&province.node), &Stop::new()).unwrap();
    assert_eq!(came.orders, (0, 1));
    (province, plant, id)
}

const ALL: NewWanted<'_> = NewWanted { scenarios: &[], severity: None, since: None, most: 1000 };

/// Seals what a plant makes of its findings, and signs that they are given.
fn give(plant: &Site, id: &str, content: &FindingsContent) {
    let file = plant.node.order_file(id).unwrap();
    let view = file.view(&plan(), file.now()).unwrap();
    let key = &view.text.wants.as_ref().unwrap().key;
    let key = data_encoding::HEXLOWER.decode(key.as_bytes()).unwrap().try_into().unwrap();
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&evidence::canonical::to_vec(content).unwrap()).unwrap();
    let sealed = store::seal_to(&key, &packed.finish().unwrap(), &view.steps[0].statement.0).unwrap();
    let given = FindingsGiven {
        report: content.report,
        judgement: content.judgement,
        sealed: evidence::Digest::of(&sealed),
        bytes: sealed.len() as u64,
        shown: content.findings.len() as u64,
        left_out: content.left_out,
    };
    let Record::Order(entry) = file.records[0].record.value() else { panic!("no order") };
    let (author, node) = (entry.author.clone(), plant.node.id());
    let what = OrderMove::Given(given);
    let entry = OrderEntry { node, author, stated_at: file.now(), order: id.to_owned(), what };
    plant.node.store().record(&Record::Order(Box::new(entry)), None, vec![sealed]).unwrap();
}

/// What the province finds wrong with what it opens.
fn doubts(province: &Site, plant: &Site, id: &str) -> Vec<String> {
    plant.submit_all(province);
    let file = province.node.order_file(id).unwrap();
    let (_, opened) = province.node.order_open(&plan(), file, "复查", None).unwrap();
    opened.doubts.into_iter().map(|d| d.say.key.trim_start_matches("doubt.findings-").to_owned()).collect()
}

#[test]
fn findings_that_were_given_are_held_against_what_the_plant_signed() {
    let (province, plant, id) = asked(ALL);
    let preview = plant.node.order_findings(&plan(), &plant.node.order_file(&id).unwrap()).unwrap();
    let honest = &preview.content;
    assert!(honest.findings.len() >= 3 && !honest.names && honest.left_out == 0);
    assert!(honest.findings.iter().any(|f| f.check.as_str().contains("ssh") && f.severity >= Severity::Medium));
    // No name of the host, of an account or of a file is in it.
    let text = String::from_utf8(evidence::canonical::to_vec(honest).unwrap()).unwrap();
    for name in ["secret-host", "ann", "/etc", "sshd_config"] {
        assert!(!text.contains(&format!("\"{name}")) && !text.contains(&format!("{name}\"")), "{name}");
    }
    give(&plant, &id, honest);
    assert_eq!(doubts(&province, &plant, &id), Vec::<String>::new());
    let lie = |change: &dyn Fn(&mut FindingsContent)| {
        let mut content = honest.clone();
        change(&mut content);
        give(&plant, &id, &content);
        doubts(&province, &plant, &id)
    };
    assert_eq!(lie(&|c| drop(c.findings.remove(0))), ["number"], "one is left out");
    let elsewhere = |c: &mut FindingsContent| {
        let more = judge::ShownFinding { host: "host-0".into(), ..c.findings[0].clone() };
        c.findings.insert(0, more);
    };
    assert_eq!(lie(&elsewhere), ["number"], "one more, on a host that nobody reported");
    assert_eq!(lie(&|c| c.findings[0].severity = Severity::Low), ["rule"]);
    assert_eq!(lie(&|c| c.findings[0].check = "invented".into()), ["rule"], "the number is the same");
    assert_eq!(lie(&|c| c.judgement = evidence::Digest::of(b"none")), ["judgement", "not-signed"].map(String::from));
    assert_eq!(lie(&|c| c.report = evidence::Digest::of(b"none")), ["report"]);
    let foreign = |c: &mut FindingsContent| c.findings[0].evidence[0].leaf = evidence::Digest::of(b"none");
    assert_eq!(lie(&foreign), ["evidence"]);
    // What cannot be seen, and the specification says so: another object under the same check.
    assert_eq!(lie(&|c| c.findings[0].object = "object-0".into()), Vec::<String>::new());
    // Who reads is an entry of the order, and the plant sees it.
    plant.node.submit_and_ask(None, None, &Direct(&province.node), &Stop::new()).unwrap();
    let read = steps(&plant, &id).0.into_iter().filter(|s| *s == "read").count();
    assert_eq!(read, 9);
    for site in [&province, &plant] {
        assert_holds(&site.node);
    }
}

#[test]
fn an_order_asks_for_a_part_and_no_more_than_that_leaves() {
    let scenarios = ["personnel".to_owned()];
    let wants = NewWanted { scenarios: &scenarios, most: 1, ..ALL };
    let (province, plant, id) = asked(wants);
    let file = || plant.node.order_file(&id).unwrap();
    let preview = plant.node.order_findings(&plan(), &file()).unwrap();
    assert!(preview.content.findings.iter().all(|f| f.scenario.as_str() == "personnel"));
    assert_eq!(preview.content.findings.len(), 1);
    assert!(preview.content.left_out > 0);
    // A decision without a look is none, and the authority cannot open what was not given.
    let blind = plant.node.order_give(&plan(), file(), "00000000", None);
    assert!(blind.is_err_and(|e| e.say().key == "error.order-findings-seen"));
    let at = || province.node.order_file(&id).unwrap();
    let early = province.node.order_open(&plan(), at(), "x", None);
    assert!(early.is_err_and(|e| e.say().key == "error.order-findings-nothing"));
    plant.node.order_give(&plan(), file(), &preview.digest.hex()[..8], None).unwrap();
    plant.submit_all(&province);
    let (_, opened) = province.node.order_open(&plan(), at(), "复查", None).unwrap();
    assert_eq!(opened.content, preview.content);
    let keys: Vec<String> = opened.doubts.iter().map(|d| d.say.key.clone()).collect();
    assert_eq!(keys, ["doubt.findings-part"]);
    // Nothing of it lies in clear, and with the order the key ends.
    let needle = opened.content.findings[0].host.as_bytes().to_vec();
    for name in ["log.db", "log.db-wal", "mirror.db", "mirror.db-wal", "challenges.json"] {
        let bytes = std::fs::read(province.home.join(name)).unwrap_or_default();
        assert!(!bytes.windows(needle.len()).any(|w| w == needle), "{name}");
    }
    province.node.order_examine(&plan(), at(), (evidence::Mending::Mended, None, ""), None).unwrap();
    province.node.order_close(&plan(), at(), "", None).unwrap();
    let after = province.node.order_open(&plan(), at(), "x", None);
    assert!(after.is_err_and(|e| e.say().key == "error.order-findings-no-key"));
}

#[test]
fn names_leave_only_where_the_basis_says_so() {
    let folder = super::bed::folder("plan");
    let built_in = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plans/miit-2024-2026");
    super::bed::copy(&built_in, &folder);
    let bases = folder.join("oversight/oversight.toml");
    let text = std::fs::read_to_string(&bases).unwrap();
    std::fs::write(&bases, text.replacen("id = \"dsl-44\"\n", "id = \"dsl-44\"\nnames = true\n", 1)).unwrap();
    let named = node::load_plan(Some(&folder)).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let (_province, plant, id) = asked_under(&named, ALL);
    let file = plant.node.order_file(&id).unwrap();
    let shown = plant.node.order_findings(&named, &file).unwrap().content;
    assert!(shown.names && shown.findings.iter().any(|f| f.host.starts_with("secret-host")));
    // Under another text of the plan nobody can say what the basis allows: pseudonyms.
    let shown = plant.node.order_findings(&plan(), &file).unwrap().content;
    assert!(!shown.names && shown.findings.iter().all(|f| !f.host.contains("secret")));
}

#[test]
fn refusing_findings_is_an_answer_with_its_reason() {
    let (province, plant, id) = asked(ALL);
    let file = plant.node.order_file(&id).unwrap();
    assert!(plant.node.order_withhold(&plan(), file, "", None).is_err(), "without a reason it is none");
    plant.node.order_withhold(&plan(), plant.node.order_file(&id).unwrap(), "涉密系统", None).unwrap();
    plant.submit_all(&province);
    assert_eq!(steps(&province, &id).0, ["issued", "received", "withheld"]);
    let file = province.node.order_file(&id).unwrap();
    let view = file.view(&plan(), file.now()).unwrap();
    assert_eq!((view.state, view.answers[0].says), (judge::OrderState::Answered, "涉密系统"));
}

//! What arrives is checked in the order of the specification; each fault has its own key, and nothing of a package with a fault
//! is kept.

use super::bed::{Direct, Remembering, Site, assert_holds, bytes, hand, part, refusal, refused, report, two, uscc};
use data_encoding::BASE64;
use evidence::{Authenticated, Author, Digest, MemberStanding, NodeRole, Record, RecordKind, Scope, Time};
use node::{Line as _, SubmitState};
use serde_json::{Value, json};
use std::cell::RefCell;
use stdx::Stop;

fn leaves(package: &Value) -> Vec<u8> {
    BASE64.decode(package["leaves"].as_str().unwrap().as_bytes()).unwrap()
}
fn with_leaves(package: &mut Value, leaves: &[u8]) {
    package["leaves"] = json!(BASE64.encode(leaves));
}
/// How much the parent holds of the child.
fn held(parent: &Site, child: &Site) -> u64 {
    let members = parent.node.members().unwrap();
    members.iter().find(|m| m.member.child == child.node.id()).unwrap().held.size
}

#[test]
fn what_was_signed_below_is_held_above_and_the_root_is_the_same() {
    let (province, plant) = two();
    let leaf = plant.report(1);
    let done = plant.submit_all(&province);
    assert_eq!((done.packages, done.size), (1, 2));
    let got = province.node.received(RecordKind::ProgrammeReport).unwrap();
    assert_eq!(got.len(), 1);
    let r = &got[0];
    assert_eq!((&r.child, r.leaf, r.index, &r.part), (&plant.node.id(), leaf, 1, &part(NodeRole::Plant, "3201", 1)));
    assert_eq!((r.path.len(), r.seen, r.doubts.len()), (0, r.at, 0));
    assert_eq!(r.witness.record.value(), &Record::ProgrammeReport(Box::new(plant_report(&r.witness.record))));
    let kept = plant.node.parents().unwrap();
    assert_eq!(kept.len(), 1);
    // Nothing new: nothing is sent.
    assert_eq!(plant.submit_all(&province).packages, 0);
    // Of everything else only the hash goes up.
    let preview = plant.node.submit_preview(None, Some(0)).unwrap();
    assert_eq!((preview.leaves_only, preview.records.len()), (1, 1));
    assert_holds(&province.node);
    assert_holds(&plant.node);
}
fn plant_report(record: &proof::Verified<Record>) -> evidence::ProgrammeReport {
    match record.value() {
        Record::ProgrammeReport(r) => (**r).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn sent_again_nothing_is_counted_twice() {
    let (province, plant) = two();
    plant.report(1);
    let line = Remembering(&province.node, RefCell::default());
    plant.node.submit(None, &line, &Stop::new()).unwrap();
    let size = province.node.store().size().unwrap();
    let first = line.1.borrow()[0].clone();
    let (a, b) = (province.node.packages_taken(&[&first, &first]).unwrap(), line.post("/v1/packages", &first).unwrap());
    let receipt = |bytes: &[u8]| {
        let answer: Value = serde_json::from_slice(bytes).unwrap();
        assert_eq!(answer["state"], "accepted");
        answer["receipt"]["dsseEnvelope"].clone()
    };
    assert_eq!(receipt(&a[0]), receipt(&b));
    assert_eq!(receipt(&a[1]), receipt(&b));
    assert_eq!(province.node.store().size().unwrap(), size, "the log of the parent has not grown");
    assert_eq!(province.node.received(RecordKind::ProgrammeReport).unwrap().len(), 1);
    // Late mail, after newer one: no fault, and nothing is taken back.
    plant.report(2);
    plant.submit_all(&province);
    let late = hand(&province.node, &serde_json::from_slice(&first).unwrap());
    assert_eq!((late["state"].as_str(), late["held"]["size"].as_u64()), (Some("accepted"), Some(3)));
    // The child that finds the old answer again stays where it is.
    let name = plant.node.parents().unwrap()[0].part.name.clone();
    let done = plant.node.submit_answer(Some(&name), &a[0]).unwrap();
    assert_eq!((done.size, done.state), (3, SubmitState::Equal));
}

#[test]
fn forged_misplaced_and_foreign_packages_are_told_apart() {
    let (province, plant) = two();
    let ministry = Site::new(part(NodeRole::Ministry, "", 1));
    plant.report(1);
    let good = plant.package(&province);
    type Change<'a> = &'a dyn Fn(&mut Value);
    let flip = |p: &mut Value| {
        let text = p["records"][0]["envelope"]["payload"].as_str().unwrap();
        let mut raw = BASE64.decode(text.as_bytes()).unwrap();
        let at = raw.len() / 2;
        raw[at] ^= 1;
        p["records"][0]["envelope"]["payload"] = json!(BASE64.encode(&raw));
    };
    let other_root = |p: &mut Value| p["checkpoint"] = json!(province.node.checkpoint_text().unwrap());
    let swap = |p: &mut Value| {
        let raw = leaves(p);
        with_leaves(p, &[&raw[32..], &raw[..32]].concat());
    };
    let cases: [(&str, Change<'_>); 16] = [
        ("refused.shape", &|p| p["format"] = json!("watchfire-package-v2")),
        ("refused.shape", &|p| p["extra"] = json!(1)),
        ("refused.shape", &|p| drop(p.as_object_mut().unwrap().remove("knows"))),
        ("refused.not-for-me", &|p| p["to"] = json!(ministry.node.id())),
        ("refused.not-a-member", &|p| p["from"] = json!(ministry.node.id())),
        ("refused.checkpoint", &other_root),
        ("refused.checkpoint", &|p| {
            p["checkpoint"] = json!(p["checkpoint"].as_str().unwrap().replacen("\n2\n", "\n3\n", 1));
        }),
        ("refused.shape", &|p| with_leaves(p, &leaves(&good)[..32])),
        ("refused.shape", &|p| with_leaves(p, &[leaves(&good), leaves(&good)].concat())),
        ("refused.shape", &|p| p["start"] = json!(u32::MAX)),
        ("refused.root", &swap),
        ("refused.record", &flip),
        ("refused.record", &|p| p["records"][0]["envelope"]["signatures"][0]["keyid"] = json!("00")),
        ("refused.misplaced", &|p| p["records"][0]["index"] = json!(0)),
        ("refused.misplaced", &|p| p["records"][0]["index"] = json!(7)),
        ("refused.artifact", &|p| p["records"][0]["artifacts"] = json!(["AA=="])),
    ];
    for (n, (want, change)) in cases.iter().enumerate() {
        let mut package = good.clone();
        change(&mut package);
        let answer = hand(&province.node, &package);
        assert_eq!(refusal(&answer), *want, "{n}");
        assert_eq!((answer["state"].as_str(), held(&province, &plant)), (Some("refused"), 0), "{n}: nothing was kept");
        assert!(answer.get("receipt").is_none());
    }
    // Bytes that are no package at all are answered too.
    for broken in [&b""[..], b"[]", b"{\"a\":1}", &vec![b'x'; node::PACKAGE_BYTES_MAX + 1]] {
        let answers = province.node.packages_taken(&[broken]).unwrap();
        let answer: Value = serde_json::from_slice(&answers[0]).unwrap();
        assert!(["refused.shape", "refused.too-large"].contains(&refusal(&answer)));
    }
    // In one batch the good ones pass.
    let mut bad = good.clone();
    flip(&mut bad);
    let answers = province.node.packages_taken(&[&bytes(&bad), &bytes(&good), b""]).unwrap();
    let states: Vec<Value> =
        answers.iter().map(|a| serde_json::from_slice::<Value>(a).unwrap()["state"].clone()).collect();
    assert_eq!(states, ["refused", "accepted", "refused"]);
    assert_holds(&province.node);
}

/// Whatever happens to the bytes on the way: an answer, no panic, and what is held is what was signed or nothing.
#[test]
fn bytes_that_were_damaged_anywhere_are_answered_and_never_taken_for_others() {
    let (province, plant) = two();
    let leaf = plant.report(1);
    let good = plant.node.submit_files(None, None).unwrap().remove(0).bytes;
    let mut seed = 42_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let damaged = |next: &mut dyn FnMut(usize) -> usize| {
        let mut bytes = good.clone();
        for _ in 0..=next(3) {
            let at = next(bytes.len());
            match next(4) {
                0 => bytes[at] ^= 1 << next(8),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, u8::try_from(next(256)).unwrap()),
                _ => bytes.truncate(at.max(1)),
            }
        }
        bytes
    };
    let mut taken = 0;
    for _ in 0..40 {
        let batch: Vec<Vec<u8>> = (0..16).map(|_| damaged(&mut next)).collect();
        let batch: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
        for answer in province.node.packages_taken(&batch).unwrap() {
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            let state = answer["state"].as_str().unwrap();
            assert!(["refused", "behind", "accepted"].contains(&state), "{answer}");
            taken += usize::from(state == "accepted");
        }
    }
    // A change that changes nothing that is signed, such as in what the child says that it knows, is no fault.
    assert!(taken < 200, "{taken} of 640");
    hand(&province.node, &serde_json::from_slice(&good).unwrap());
    let got = province.node.received(RecordKind::ProgrammeReport).unwrap();
    assert_eq!(got.iter().map(|r| r.leaf).collect::<Vec<_>>(), [leaf]);
    assert!(province.node.members().unwrap()[0].caught.is_none());
    // Requests of strangers likewise.
    let code = province.node.invite(part(NodeRole::Plant, "3201", 5), 14, None).unwrap().1;
    let other = Site::new(part(NodeRole::Plant, "3201", 5));
    let request = other.node.enrol_request(&code).unwrap();
    for at in 0..request.len() {
        let mut bytes = request.clone();
        bytes[at] ^= 1 << (at % 8);
        let answer: Value = serde_json::from_slice(&province.node.enrolment_taken(&bytes)).unwrap();
        assert!(answer["refused"].is_object(), "{at}");
    }
    assert_holds(&province.node);
}

#[test]
fn a_plant_sends_only_what_goes_up_from_a_plant_and_only_of_its_own() {
    let (province, plant) = two();
    let other = Site::new(part(NodeRole::Plant, "3201", 2));
    let author = Author { name: "Li".into(), authenticated: Authenticated::TypedName };
    // A record of a kind that stays below: put into a package by hand, it is refused by its kind.
    let scope = Scope { node: plant.node.id(), author, stated_at: Time::from_secs(1), document: None, entries: vec![] };
    let leaf = plant.record(&Record::Scope(scope));
    let mut package = plant.package(&province);
    assert!(package.get("records").is_none(), "by itself it is not sent");
    let envelope: Value = serde_json::from_slice(&plant.node.store().envelope(leaf).unwrap().to_json()).unwrap();
    package["records"] = json!([{"index": 1, "envelope": envelope}]);
    assert_eq!(refusal(&hand(&province.node, &package)), "refused.kind");
    // Of another enterprise, of another node, from the future: honest programs send them, if their keepers make them so.
    plant.submit_all(&province);
    let mut r = report(&plant.node, &uscc(2), 1);
    plant.record(&Record::ProgrammeReport(Box::new(r.clone())));
    let said = refused(&plant.submit(&province));
    assert_eq!(
        (said.key.as_str(), said.with["said"].as_str(), said.with["is"].as_str()),
        ("refused.wrong-enterprise", uscc(2).as_str(), uscc(1).as_str())
    );
    let plant = fresh(&province, 3);
    r.uscc = uscc(3);
    r.node = other.node.id();
    plant.record(&Record::ProgrammeReport(Box::new(r)));
    assert_eq!(refused(&plant.submit(&province)).key, "refused.wrong-node");
    let plant = fresh(&province, 4);
    let mut r = plant.a_report(1);
    r.as_of = node::now().plus_minutes(24 * 60 + 5).unwrap();
    plant.record(&Record::ProgrammeReport(Box::new(r)));
    assert_eq!(refused(&plant.submit(&province)).key, "refused.future");
    // An hour ahead is a bad clock, not a fault; but it is a doubt.
    let plant = fresh(&province, 5);
    let mut r = plant.a_report(1);
    r.as_of = node::now().plus_minutes(60).unwrap();
    r.scope[0].examined = 11;
    plant.record(&Record::ProgrammeReport(Box::new(r)));
    plant.submit_all(&province);
    let got = province.node.received(RecordKind::ProgrammeReport).unwrap();
    let keys: Vec<&str> = got[0].doubts.iter().map(|d| d.say.key.as_str()).collect();
    assert_eq!(keys, ["doubt.programme-scope"]);
    assert_holds(&province.node);
}
fn fresh(province: &Site, n: u64) -> Site {
    let plant = Site::new(part(NodeRole::Plant, "3201", n));
    plant.join(province);
    plant
}

#[test]
fn a_member_that_is_not_certified_now_is_refused_by_its_standing() {
    let (province, plant) = two();
    for (standing, name) in [(MemberStanding::Suspended, "suspended"), (MemberStanding::Revoked, "revoked")] {
        plant.report(1);
        province.node.member_set(plant.node.id().as_str(), standing, "why", None).unwrap();
        let said = refused(&plant.submit(&province));
        assert_eq!((said.key.as_str(), said.with["standing"].as_str()), ("refused.not-certified", name));
        // The child learns its standing with a proof.
        assert_eq!(plant.node.parents().unwrap()[0].member.standing, standing);
        province.node.member_set(plant.node.id().as_str(), MemberStanding::Certified, "again", None).unwrap();
        plant.submit_all(&province);
    }
}

#[test]
fn a_log_that_was_rolled_back_and_continued_is_caught_and_provable() {
    let (province, plant) = two();
    plant.report(1);
    plant.submit_all(&province);
    let copy = plant.copy();
    plant.report(2);
    plant.report(3);
    plant.submit_all(&province);
    // The copy goes on from an old state, its outbox too.
    for n in 10..15 {
        copy.report(n);
    }
    let before = held(&province, &plant);
    assert_eq!(refused(&copy.submit(&province)).key, "refused.equivocation");
    assert_eq!(held(&province, &plant), before, "nothing of the other history is kept");
    let caught = province.node.members().unwrap().remove(0).caught.unwrap();
    assert_eq!((caught.size, &caught.child), (before, &plant.node.id()));
    assert_holds(&province.node);
    // Nothing more is taken from either until a person decides.
    assert_eq!(refused(&copy.submit(&province)).key, "refused.caught");
    plant.report(4);
    assert_eq!(refused(&plant.submit(&province)).key, "refused.caught");
    province.node.member_set(plant.node.id().as_str(), MemberStanding::Certified, "restored by mistake", None).unwrap();
    plant.submit_all(&province);
    assert_holds(&province.node);
    // The copy's other history is caught again.
    assert_eq!(refused(&copy.submit(&province)).key, "refused.equivocation");
}

#[test]
fn an_older_checkpoint_of_another_history_is_caught_too() {
    let (province, plant) = two();
    plant.report(1);
    let copy = plant.copy();
    plant.report(2);
    plant.report(3);
    plant.report(4);
    plant.submit_all(&province);
    copy.report(10);
    assert_eq!(refused(&copy.submit(&province)).key, "refused.equivocation");
    let caught = province.node.members().unwrap().remove(0).caught.unwrap();
    assert_eq!(caught.size, 3, "the smaller of the two");
    assert!(!caught.proof.is_empty());
    assert_holds(&province.node);
}

#[test]
fn a_node_whose_own_log_was_rolled_back_says_so_itself() {
    let (province, plant) = two();
    plant.report(1);
    let old = plant.copy();
    plant.report(2);
    plant.submit_all(&province);
    // The log is old, the outbox is not.
    for file in ["outbox.db", "outbox.db-wal", "parents.json"] {
        std::fs::copy(plant.home.join(file), old.home.join(file)).unwrap();
    }
    let e = old.node.submit(None, &Direct(&province.node), &Stop::new()).unwrap_err();
    assert_eq!(e.say().key, "error.log-rolled-back");
}

#[test]
fn leaves_without_the_rest_wait_and_a_wrong_rest_takes_nothing_back() {
    let (province, plant) = two();
    for n in 0..9 {
        plant.report(n);
    }
    let whole = plant.package(&province);
    let all = leaves(&whole);
    let piece = |from: usize, to: usize| {
        let mut p = whole.clone();
        p["start"] = json!(from);
        with_leaves(&mut p, &all[from * 32..to * 32]);
        let records: Vec<Value> = whole["records"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|r| (from..to).contains(&(r["index"].as_u64().unwrap() as usize)))
            .cloned()
            .collect();
        p["records"] = json!(records);
        if to < 10 {
            p["more"] = json!(true);
        }
        p
    };
    let state = |answer: &Value| answer["state"].as_str().unwrap().to_owned();
    assert_eq!(state(&hand(&province.node, &piece(4, 7))), "behind");
    let answer = hand(&province.node, &piece(0, 4));
    assert_eq!((state(&answer), answer["held"]["size"].as_u64()), ("more".to_owned(), Some(4)));
    assert!(answer.get("receipt").is_none(), "what no checkpoint covers is not acknowledged");
    assert!(province.node.received(RecordKind::ProgrammeReport).unwrap().is_empty());
    assert_eq!(state(&hand(&province.node, &piece(0, 4))), "more", "the same again");
    assert_eq!(state(&hand(&province.node, &piece(4, 7))), "more");
    // The rest with a wrong leaf: the checkpoint is not over it. What waited is given up, and sent again it is whole.
    let mut wrong = piece(7, 10);
    let mut rest = leaves(&wrong);
    rest[40] ^= 1;
    with_leaves(&mut wrong, &rest);
    wrong["records"] = json!([]);
    assert_eq!(refusal(&hand(&province.node, &wrong)), "refused.root");
    assert_eq!(held(&province, &plant), 0);
    for p in [piece(0, 4), piece(4, 7)] {
        assert_eq!(state(&hand(&province.node, &p)), "more");
    }
    let last = hand(&province.node, &piece(7, 10));
    assert_eq!(state(&last), "accepted");
    assert_eq!(province.node.received(RecordKind::ProgrammeReport).unwrap().len(), 9);
    // Waiting leaves that differ are nobody's proof: an honest whole takes their place.
    let (province, plant) = two();
    plant.report(1);
    plant.report(2);
    let whole = plant.package(&province);
    let mut part = whole.clone();
    with_leaves(&mut part, &Digest::of(b"garbage").0);
    (part["more"], part["records"]) = (json!(true), json!([]));
    assert_eq!(state(&hand(&province.node, &part)), "more");
    assert_eq!(state(&hand(&province.node, &whole)), "accepted");
    assert!(province.node.members().unwrap()[0].caught.is_none());
    plant.submit_all(&province);
    assert_holds(&province.node);
}

#[test]
fn files_carry_the_same_bytes() {
    let (province, plant) = two();
    plant.report(1);
    let built = plant.node.submit_files(None, None).unwrap();
    let answers = province.node.packages_carried(&[&built[0].bytes]).unwrap();
    let done = plant.node.submit_answer(None, &answers[0]).unwrap();
    assert_eq!((done.state, done.size), (SubmitState::Equal, 2));
    let receipts = province.node.store().records(&[RecordKind::Receipt]).unwrap();
    assert!(matches!(receipts[0].record.value(), Record::Receipt(r) if r.carried));
    // One way only: a person names from where on.
    plant.report(2);
    let built = plant.node.submit_files(None, Some(1)).unwrap();
    assert_eq!((built[0].start, built[0].end), (1, 3));
    province.node.packages_carried(&[&built[0].bytes]).unwrap();
    assert_eq!(held(&province, &plant), 3);
    assert_holds(&plant.node);
}

#[test]
fn an_answer_that_does_not_verify_is_no_answer() {
    let (province, plant) = two();
    plant.report(1);
    let line = Remembering(&province.node, RefCell::default());
    plant.node.submit(None, &line, &Stop::new()).unwrap();
    let package = line.1.borrow()[0].clone();
    plant.report(2);
    let answer: Value = serde_json::from_slice(&province.node.packages_taken(&[&package]).unwrap()[0]).unwrap();
    let (_, other) = two();
    let mut copy = answer.clone();
    let checkpoint = copy["receipt"]["verificationMaterial"]["tlogEntries"][0].clone();
    assert!(checkpoint.is_object());
    type Change<'a> = &'a dyn Fn(&mut Value);
    let cases: [Change<'_>; 7] = [
        &|a| a["from"] = json!(other.node.id()),
        &|a| a["to"] = json!(other.node.id()),
        &|a| drop(a.as_object_mut().unwrap().remove("receipt")),
        &|a| drop(a.as_object_mut().unwrap().remove("cosignature")),
        &|a| a["cosignature"] = json!(a["cosignature"].as_str().unwrap().replace("A", "B")),
        &|a| a["receipt"]["dsseEnvelope"]["payload"] = json!("e30="),
        &|a| a["format"] = json!("x"),
    ];
    for (n, change) in cases.iter().enumerate() {
        copy = answer.clone();
        change(&mut copy);
        assert!(plant.node.submit_answer(None, &bytes(&copy)).is_err(), "{n}");
    }
    // A claim to hold what the own log does not have is seen.
    copy = answer;
    copy["held"]["root"] = json!(Digest::of(b"another history"));
    assert_eq!(plant.node.submit_answer(None, &bytes(&copy)).unwrap().state, SubmitState::Differs);
}

#[test]
fn a_doctored_mirror_is_found_by_an_audit() {
    let (province, plant) = two();
    plant.report(1);
    plant.report(2);
    plant.submit_all(&province);
    let problems = |sql: &str| {
        let copy = province.copy();
        let home = copy.home.clone();
        run_sql(&home.join("mirror.db"), sql);
        copy.node.audit(&stdx::Silent, &Stop::new()).unwrap().problems.len()
    };
    assert_eq!(problems("SELECT 1"), 0);
    assert!(problems("UPDATE tiles SET hashes = zeroblob(length(hashes))") > 0);
    assert!(problems("DELETE FROM shipped WHERE idx = 1") > 0);
    assert!(problems("UPDATE shipped SET envelope = (SELECT envelope FROM shipped WHERE idx = 2) WHERE idx = 1") > 0);
    assert!(problems("UPDATE children SET size = 1, accepted = 1") > 0);
    // A part of one leaf, and of one envelope.
    let spoil = |column: &str, at: u32| {
        format!(
            "{column} = CAST(substr({column}, 1, {at}) || x'0102030405060708' || substr({column}, {at} + 9) AS BLOB)"
        )
    };
    assert!(problems(&format!("UPDATE tiles SET {}", spoil("hashes", 40))) > 0);
    assert!(problems(&format!("UPDATE shipped SET {} WHERE idx = 2", spoil("envelope", 60))) > 0);
    assert!(problems("UPDATE shipped SET leaf = zeroblob(32) WHERE idx = 2") > 0);
    assert!(problems("DELETE FROM tiles") > 0);
    let stray = "INSERT INTO nested SELECT 9, child, 999, 'n', leaf, kind, '', envelope FROM shipped WHERE idx = 2";
    assert!(problems(stray) > 0, "it came under no receipt");
    std::fs::remove_file(province.home.join("mirror.db")).unwrap();
    let mut gone = province;
    gone.restart();
    assert!(!gone.node.audit(&stdx::Silent, &Stop::new()).unwrap().problems.is_empty());
    // The child sends again, and the mirror is whole again.
    std::fs::remove_file(plant.home.join("outbox.db")).unwrap();
    let mut plant = plant;
    plant.restart();
    plant.submit_all(&gone);
    assert_holds(&gone.node);
}

fn run_sql(path: &std::path::Path, sql: &str) {
    let db = rusqlite::Connection::open(path).unwrap();
    db.execute_batch(sql).unwrap();
}

//! More than two levels: what goes up further, and what its path proves.

use super::bed::{Direct, Site, assert_holds, hand, part, refusal, refused, two};
use evidence::{Digest, MemberStanding, NodeRole, Record, RecordKind};
use node::NodeError;
use serde_json::{Value, json};

/// Ministry, province, city, and a plant below the last two each.
struct Country {
    ministry: Site,
    province: Site,
    city: Site,
    plant: Site,
    far: Site,
}
fn country() -> Country {
    let ministry = Site::new(part(NodeRole::Ministry, "", 1));
    let province = Site::new(part(NodeRole::Province, "32", 1));
    let city = Site::new(part(NodeRole::City, "3205", 1));
    let plant = Site::new(part(NodeRole::Plant, "3201", 1));
    let far = Site::new(part(NodeRole::Plant, "320506", 2));
    province.join(&ministry);
    city.join(&province);
    plant.join(&province);
    far.join(&city);
    Country { ministry, province, city, plant, far }
}

#[test]
fn a_plants_report_reaches_the_ministry_by_every_path_with_proof() {
    let c = country();
    let near = c.plant.report(1);
    let far = c.far.report(2);
    c.far.submit_all(&c.city);
    c.city.submit_all(&c.province);
    c.plant.submit_all(&c.province);
    c.province.submit_all(&c.ministry);
    let mut got = c.ministry.node.received(RecordKind::ProgrammeReport).unwrap();
    got.sort_by_key(|r| r.path.len());
    let ids = |sites: &[&Site]| sites.iter().map(|s| s.node.id()).collect::<Vec<_>>();
    assert_eq!(got.len(), 2);
    assert_eq!((got[0].leaf, &got[0].path, &got[0].child), (near, &ids(&[&c.province]), &c.plant.node.id()));
    assert_eq!((got[1].leaf, &got[1].path, &got[1].child), (far, &ids(&[&c.city, &c.province]), &c.far.node.id()));
    assert_eq!(got[1].part, part(NodeRole::Plant, "320506", 2));
    assert!(got.iter().all(|r| r.at <= r.seen));
    // The time is that of the node's own parent: its receipt is in the city's log.
    let receipt = c.city.node.store().records(&[RecordKind::Receipt]).unwrap().remove(0);
    assert_eq!(got[1].receipt, receipt.record.leaf());
    for site in [&c.ministry, &c.province, &c.city, &c.plant, &c.far] {
        assert_holds(&site.node);
    }
    // Again, more, in any order.
    c.far.report(3);
    c.far.submit_all(&c.city);
    c.province.submit_all(&c.ministry);
    c.city.submit_all(&c.province);
    c.province.submit_all(&c.ministry);
    assert_eq!(c.ministry.node.received(RecordKind::ProgrammeReport).unwrap().len(), 3);
    assert_holds(&c.ministry.node);
}

#[test]
fn a_plant_with_two_parents_is_received_once() {
    let c = country();
    let group = Site::new(part(NodeRole::Group, "", 9));
    group.join(&c.ministry);
    c.plant.join(&group);
    c.plant.report(1);
    let error = c.plant.node.submit(None, &Direct(&group.node), &stdx::Stop::new()).unwrap_err();
    assert!(matches!(error, NodeError::Entry(say) if say.key == "error.which-parent"));
    for parent in [&c.province, &group] {
        c.plant.submit_all(parent);
        parent.submit_all(&c.ministry);
    }
    assert_eq!(c.ministry.node.received(RecordKind::ProgrammeReport).unwrap().len(), 1);
    assert_holds(&c.ministry.node);
}

#[test]
fn what_no_receipt_names_or_nobody_vouches_for_is_refused() {
    let c = country();
    c.plant.report(1);
    c.plant.submit_all(&c.province);
    let good = c.province.package(&c.ministry);
    assert_eq!(good["nested"].as_array().unwrap().len(), 1);
    let stranger = Site::new(part(NodeRole::Plant, "3201", 7));
    let leaf = stranger.report(1);
    let foreign: Value = serde_json::from_slice(&stranger.node.store().envelope(leaf).unwrap().to_json()).unwrap();
    let unsent = c.plant.report(2);
    let unsent: Value = serde_json::from_slice(&c.plant.node.store().envelope(unsent).unwrap().to_json()).unwrap();
    type Change<'a> = &'a dyn Fn(&mut Value);
    let cases: [(&str, Change<'_>); 4] = [
        ("refused.nested-unvouched", &|p| p["nested"][0]["child"] = json!(stranger.node.id())),
        ("refused.nested-signature", &|p| p["nested"][0]["envelope"] = foreign.clone()),
        ("refused.nested-unnamed", &|p| p["nested"][0]["envelope"] = unsent.clone()),
        ("refused.nested-unnamed", &|p| p["nested"][0]["under"] = json!(0)),
    ];
    for (want, change) in cases {
        let mut package = good.clone();
        change(&mut package);
        assert_eq!(refusal(&hand(&c.ministry.node, &package)), want);
        assert_eq!(c.ministry.node.members().unwrap()[0].held.size, 0);
    }
    assert_eq!(hand(&c.ministry.node, &good)["state"], "accepted");
}

/// A province whose keeper looks away: it takes in a report that cannot be, and names no doubt. The ministry has doubts of its own.
#[test]
fn a_province_that_names_no_doubt_does_not_take_it_from_the_ministry() {
    let c = country();
    let mut r = c.plant.a_report(1);
    r.scope[0].examined = 11;
    let leaf = c.plant.record(&Record::ProgrammeReport(Box::new(r)));
    c.plant.submit_all(&c.province);
    let receipts = c.province.node.store().records(&[RecordKind::Receipt]).unwrap();
    let Record::Receipt(honest) = receipts[0].record.value() else { panic!() };
    let mut lax = (**honest).clone();
    assert_eq!(lax.records[0].leaf, leaf);
    lax.records[0].doubts.clear();
    // Signed again without the doubt: the newer receipt of the same record.
    c.province.record(&Record::Receipt(Box::new(lax)));
    c.province.submit_all(&c.ministry);
    let got = c.ministry.node.received(RecordKind::ProgrammeReport).unwrap();
    assert!(!got.is_empty());
    assert!(got.iter().all(|r| r.doubts.iter().any(|d| d.say.key == "doubt.programme-scope")));
}

/// A province that certifies a plant as one enterprise and passes on its report as another's.
#[test]
fn a_report_of_another_enterprise_is_refused_further_up_too() {
    let c = country();
    c.plant.report(1);
    c.plant.submit_all(&c.province);
    let members = c.province.node.store().records(&[RecordKind::Member]).unwrap();
    let plant = |m: &evidence::Member| m.child == c.plant.node.id();
    let member = members.iter().rev().find_map(|w| match w.record.value() {
        Record::Member(m) if plant(m) => Some((**m).clone()),
        _ => None,
    });
    let mut member = member.unwrap();
    member.part.uscc = super::bed::uscc(77);
    c.province.record(&Record::Member(Box::new(member)));
    assert_eq!(refused(&c.province.submit(&c.ministry)).key, "refused.wrong-enterprise");
}

#[test]
fn a_province_that_certifies_outside_of_its_area_is_refused() {
    let c = country();
    c.plant.submit_all(&c.province);
    let members = c.province.node.store().records(&[RecordKind::Member]).unwrap();
    let Record::Member(m) = members[0].record.value() else { panic!() };
    let mut m = (**m).clone();
    m.part.area = "3301".into();
    m.standing = MemberStanding::Certified;
    c.province.record(&Record::Member(Box::new(m)));
    let said = refused(&c.province.submit(&c.ministry));
    assert_eq!((said.key.as_str(), said.with["said"].as_str()), ("refused.wrong-area", "3301"));
}

#[test]
fn a_province_that_shows_another_history_is_caught_by_the_ministry() {
    let c = country();
    c.plant.report(1);
    c.plant.submit_all(&c.province);
    let twin = c.province.copy();
    c.plant.report(2);
    c.plant.submit_all(&c.province);
    c.province.submit_all(&c.ministry);
    // The twin never took the second report in, and says something else instead.
    twin.node.invite(part(NodeRole::Plant, "3202", 5), 14, None).unwrap();
    assert_eq!(refused(&twin.submit(&c.ministry)).key, "refused.equivocation");
    assert!(c.ministry.node.members().unwrap()[0].caught.is_some());
    assert_holds(&c.ministry.node);
    // The plant holds what the province signed to it: the receipt of the history that the ministry holds.
    assert_holds(&c.plant.node);
}

#[test]
fn receipts_beside_evidence_bound_its_time() {
    let (province, plant) = two();
    let leaf = plant.report(1);
    plant.submit_all(&province);
    let late = plant.report(2);
    let file = plant.node.receipts_file().unwrap();
    let at = std::path::Path::new("receipts.json");
    let covered = node::covered(at, &file, &[leaf]).unwrap();
    assert_eq!((covered.len(), covered[0].size, &covered[0].parent), (1, 2, &province.node.id()));
    assert!(node::covered(at, &file, &[leaf, late]).unwrap().is_empty(), "one of them is not covered");
    assert!(node::covered(at, &file, &[Digest::of(b"another")]).unwrap().is_empty());
    // Changed leaves are not those that the receipt is over.
    let mut value: Value = serde_json::from_slice(&file).unwrap();
    let text = value["leaves"].as_str().unwrap();
    let mut raw = data_encoding::BASE64.decode(text.as_bytes()).unwrap();
    raw[0] ^= 1;
    value["leaves"] = json!(data_encoding::BASE64.encode(&raw));
    assert!(matches!(node::covered(at, value.to_string().as_bytes(), &[leaf]), Err(NodeError::Refused(_))));
    for cut in (0..file.len()).step_by(97) {
        assert!(node::covered(at, &file[..cut], &[leaf]).is_err());
    }
}

//! A country in a folder, under bad lines: requests and answers are lost, doubled, late, cut; programs end and start again; one plant
//! and one province lie. One seed makes one run. `WATCHFIRE_SIM_PLANTS` and `WATCHFIRE_SIM_SEED` make others.

use super::bed::{Direct, Site, assert_holds, part};
use super::country::{Chance, Lossy, Mail, deliver};
use evidence::{Digest, NodeId, NodeRole, RecordKind};
use node::SubmitState;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use stdx::Stop;

struct Country {
    ministry: Site,
    provinces: Vec<Site>,
    /// With the province that each belongs to.
    plants: Vec<(Site, usize)>,
}

fn country(plants: u64) -> Country {
    let ministry = Site::new(part(NodeRole::Ministry, "", 1));
    let areas = ["32", "33", "44"];
    let provinces: Vec<Site> =
        areas.iter().zip(1..).map(|(area, n)| Site::new(part(NodeRole::Province, area, n))).collect();
    provinces.iter().for_each(|p| p.join(&ministry));
    let parts: Vec<_> = (0..plants).map(|n| (n as usize % 3, n)).collect();
    let mut made = Vec::new();
    for (at, province) in provinces.iter().enumerate() {
        let area = format!("{}01", areas[at]);
        let mine: Vec<_> = parts.iter().filter(|p| p.0 == at).map(|p| part(NodeRole::Plant, &area, p.1)).collect();
        let invited = province.node.invite_all(mine, 14, None).unwrap();
        for (invitation, code) in invited {
            let plant = Site::new(invitation.part);
            plant.join_with(province, &code);
            made.push((plant, at));
        }
    }
    Country { ministry, provinces, plants: made }
}

/// What a submission came to, for the comparison of two runs.
fn outcome(state: &SubmitState) -> String {
    match state {
        SubmitState::Refused(say) => say.key.clone(),
        SubmitState::Unanswered(say) => format!("unanswered {}", say.key),
        other => format!("{other:?}"),
    }
}

/// Runs it; answers what happened, without anything that randomness of keys makes different.
fn run(plants: u64, rounds: u64, seed: u64) -> Vec<String> {
    let mut c = country(plants);
    let chance = RefCell::new(Chance(seed));
    let late: Vec<Mail> = (0..4).map(|_| RefCell::default()).collect();
    let mut trace = Vec::new();
    let mut reports: BTreeMap<NodeId, Vec<Digest>> = BTreeMap::new();
    let mut acknowledged: BTreeSet<Digest> = BTreeSet::new();
    let (liar, false_province) = (0, 2);
    let (mut plant_twin, mut province_twin): (Option<Site>, Option<Site>) = (None, None);
    for round in 0..rounds {
        if round == 1 {
            plant_twin = Some(c.plants[liar].0.copy());
            province_twin = Some(c.provinces[false_province].copy());
        }
        for n in 0..c.plants.len() {
            if chance.borrow_mut().one_in(7) {
                c.plants[n].0.restart();
            }
            let (plant, at) = &c.plants[n];
            for k in 0..1 + chance.borrow_mut().below(2) {
                reports.entry(plant.node.id()).or_default().push(plant.report(round * 100 + k));
            }
            let line = Lossy { to: Direct(&c.provinces[*at].node), chance: &chance, late: &late[*at] };
            let done = plant.node.submit(None, &line, &Stop::new()).unwrap();
            trace.push(format!("{round} plant {n}: {} {}", outcome(&done.state), done.size));
            // What a receipt covers must be above for ever; a report is the record behind the profile.
            let owned = plant.node.store().leaves(&[RecordKind::ProgrammeReport]).unwrap();
            let covered = plant.node.store().hashes(0, done.size).unwrap();
            acknowledged.extend(owned.into_iter().filter(|leaf| covered.contains(leaf)));
        }
        for (at, province) in c.provinces.iter_mut().enumerate() {
            if chance.borrow_mut().one_in(3) {
                province.restart();
            }
            deliver(&province.node, &late[at]);
            let line = Lossy { to: Direct(&c.ministry.node), chance: &chance, late: &late[3] };
            let done = province.node.submit(None, &line, &Stop::new()).unwrap();
            trace.push(format!("{round} province {at}: {}", outcome(&done.state)));
        }
        deliver(&c.ministry.node, &late[3]);
        if chance.borrow_mut().one_in(2) {
            c.ministry.restart();
        }
    }
    honest_end(&c, liar, false_province);
    lies(&c, &plant_twin.unwrap(), &province_twin.unwrap(), liar, false_province);
    all_is_there(&c, &reports, &acknowledged, liar, false_province);
    trace
}

/// Over a good line everybody ends with equal roots.
fn honest_end(c: &Country, liar: usize, false_province: usize) {
    for (n, (plant, at)) in c.plants.iter().enumerate() {
        if n != liar {
            plant.submit_all(&c.provinces[*at]);
        }
    }
    c.plants[liar].0.submit_all(&c.provinces[c.plants[liar].1]);
    for (at, province) in c.provinces.iter().enumerate() {
        let done = province.submit(&c.ministry);
        assert!(at == false_province || done.state == SubmitState::Equal, "{done:?}");
    }
}

fn lies(c: &Country, plant_twin: &Site, province_twin: &Site, liar: usize, false_province: usize) {
    // The plant goes on from an old copy of itself; the province shows the ministry a history without what it has taken in since.
    plant_twin.report(777);
    let province = &c.provinces[c.plants[liar].1];
    assert!(matches!(plant_twin.submit(province).state, SubmitState::Refused(_)));
    province_twin.node.invite(part(NodeRole::Plant, "4402", 999), 14, None).unwrap();
    assert!(matches!(province_twin.submit(&c.ministry).state, SubmitState::Refused(_)));
    let caught = |site: &Site| -> Vec<NodeId> {
        site.node.members().unwrap().into_iter().filter(|m| m.caught.is_some()).map(|m| m.member.child).collect()
    };
    for (at, p) in c.provinces.iter().enumerate() {
        let want = if at == c.plants[liar].1 { vec![c.plants[liar].0.node.id()] } else { vec![] };
        assert_eq!(caught(p), want, "province {at}");
    }
    assert_eq!(caught(&c.ministry), [c.provinces[false_province].node.id()]);
}

fn all_is_there(
    c: &Country,
    reports: &BTreeMap<NodeId, Vec<Digest>>,
    acknowledged: &BTreeSet<Digest>,
    liar: usize,
    false_province: usize,
) {
    assert!(!acknowledged.is_empty());
    let mut all = BTreeSet::new();
    for (at, province) in c.provinces.iter().enumerate() {
        let got = province.node.received(RecordKind::ProgrammeReport).unwrap();
        let leaves: BTreeSet<Digest> = got.iter().map(|r| r.leaf).collect();
        assert_eq!(leaves.len(), got.len(), "nothing twice");
        let want: BTreeSet<Digest> =
            c.plants.iter().filter(|p| p.1 == at).flat_map(|p| reports[&p.0.node.id()].iter().copied()).collect();
        assert_eq!(leaves, want, "province {at} has exactly what its plants signed");
        all.extend(leaves);
    }
    assert!(acknowledged.is_subset(&all), "what was acknowledged is there");
    let got = c.ministry.node.received(RecordKind::ProgrammeReport).unwrap();
    let leaves: BTreeSet<Digest> = got.iter().map(|r| r.leaf).collect();
    assert_eq!(leaves.len(), got.len(), "nothing twice at the ministry");
    assert!(leaves.is_subset(&all));
    for (plant, at) in &c.plants {
        let whole = reports[&plant.node.id()].iter().all(|leaf| leaves.contains(leaf));
        assert!(whole || *at == false_province, "the ministry has everything of honest provinces");
    }
    assert_holds(&c.ministry.node);
    c.provinces.iter().for_each(|p| assert_holds(&p.node));
    assert_holds(&c.plants[liar].0.node);
    assert_holds(&c.plants[c.plants.len() - 1].0.node);
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

#[test]
fn under_bad_lines_and_restarts_nothing_is_lost_or_doubled_and_both_liars_are_named() {
    let plants = setting("WATCHFIRE_SIM_PLANTS", 100).max(6);
    let seed = setting("WATCHFIRE_SIM_SEED", 20_261_130);
    let trace = run(plants, 3, seed);
    let count = |what: &str| trace.iter().filter(|t| t.contains(what)).count();
    // The lines were bad, and something came through all the same.
    assert!(count("unanswered") > trace.len() / 10 && count("Equal") > trace.len() / 10, "{trace:#?}");
}

#[test]
fn one_seed_makes_one_run() {
    let (a, b, c) = (run(9, 3, 7), run(9, 3, 7), run(9, 3, 8));
    assert_eq!(a, b);
    assert_ne!(a, c);
}

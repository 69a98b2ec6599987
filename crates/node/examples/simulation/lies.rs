//! What is planted, and who notices. The lies that nobody notices are told as well: each is shown not to be noticed.

use crate::country::{Direct, copy, part, report};
use crate::province::{Plant, Province};
use crate::{Acknowledged, Ministry, open};
use evidence::{Digest, NodeId, NodeRole, ProgrammeReport, Record, RecordKind, ScopeShare, Time};
use node::{Node, SubmitState};
use stdx::Stop;

/// One lie.
pub(crate) struct Lie {
    pub(crate) what: &'static str,
    /// It is expected to be refused, doubted or named.
    pub(crate) caught: bool,
    pub(crate) came: String,
    pub(crate) as_expected: bool,
}

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

fn caught(node: &Node) -> Vec<NodeId> {
    node.members().unwrap().into_iter().filter(|m| m.caught.is_some()).map(|m| m.member.child).collect()
}

fn short(id: &NodeId) -> String {
    id.as_str().chars().take(8).collect()
}

fn send(from: &Node, to: &Node) -> SubmitState {
    from.submit(None, &Direct(to), &Stop::new()).unwrap().state
}

/// A plant more, made and enrolled over a good line. `known`: the simulation remembers its keys.
fn newcomer(p: &mut Province, n: u64, known: bool) -> Plant {
    let (of, name) = (part(NodeRole::Plant, &p.plant_area(), 900_000_000 + n), format!("newcomer-{n}"));
    let (invitation, code) = p.node().invite(of, 14, None).unwrap();
    let plant = Plant::new(p.root.join(name), invitation.part, code);
    if known {
        p.keys.insert(plant.node().id(), plant.evidence_keys());
    }
    plant
}

/// It enrols and reports what `change` makes of a report, to whoever stands for its province.
fn reports(plant: &mut Plant, province: &Node, change: impl Fn(&mut ProgrammeReport)) -> (Digest, SubmitState) {
    if let Some(code) = plant.take_code() {
        plant.node().enrol(&code, &Direct(province), None, None).unwrap();
    }
    let mut said = report(plant.node(), &plant.part.uscc, 1);
    change(&mut said);
    let record = Record::ProgrammeReport(Box::new(said));
    let leaf = plant.node().store().record(&record, None, vec![]).unwrap().leaf();
    (leaf, send(plant.node(), province))
}

fn everything(r: &mut ProgrammeReport) {
    r.scope = vec![ScopeShare { kind: "host".into(), declared: 500, examined: 500, undeclared: 0 }];
}

/// How a report stands at the ministry.
fn above(ministry: &Ministry, leaf: Digest) -> Option<usize> {
    let all = ministry.with(|m| m.received(RecordKind::ProgrammeReport).unwrap());
    all.into_iter().find(|r| r.leaf == leaf).map(|r| r.doubts.len())
}

/// Accepted all the way up, with nothing against it.
fn believed(what: &'static str, ministry: &Ministry, p: &mut Province, plant: &Plant, leaf: Digest) -> Lie {
    p.up(ministry);
    if p.keys.contains_key(&plant.node().id()) {
        p.signed.push(Acknowledged { plant: plant.node().id(), leaf });
    }
    let stands = above(ministry, leaf);
    let named = caught(p.node()).contains(&plant.node().id());
    let came = match stands {
        Some(doubts) => format!("counted by the ministry, doubts: {doubts}"),
        None => "not at the ministry".to_owned(),
    };
    Lie { what, caught: false, came, as_expected: stands == Some(0) && !named }
}

fn refused(what: &'static str, p: &mut Province, n: u64, key: &str, change: impl Fn(&mut ProgrammeReport)) -> Lie {
    let mut plant = newcomer(p, n, true);
    let (_, state) = reports(&mut plant, p.node(), change);
    let as_expected = matches!(&state, SubmitState::Refused(say) if say.key == key);
    let came = match state {
        SubmitState::Refused(say) => format!("refused by the province: `{}`", say.key),
        other => format!("{other:?}"),
    };
    Lie { what, caught: true, came, as_expected }
}

pub(crate) fn told(ministry: &Ministry, provinces: &mut [Province]) -> Vec<Lie> {
    let last = provinces.len() - 1;
    let mut lies = vec![
        forked_plant(ministry, &mut provinces[0]),
        forked_province(ministry, &provinces[last]),
        refused(
            "a plant reports under the credit code of another",
            &mut provinces[1],
            1,
            "refused.wrong-enterprise",
            |r| {
                r.uscc = crate::country::uscc(1);
            },
        ),
        refused("a plant dates a report three days ahead", &mut provinces[1], 2, "refused.future", |r| {
            r.as_of = Time::from_millis(r.as_of.millis() + 3 * DAY);
        }),
        impossible(ministry, &mut provinces[1]),
    ];
    let p = &mut provinces[1];
    let mut plant = newcomer(p, 4, true);
    let (leaf, _) = reports(&mut plant, p.node(), everything);
    let what = "a plant that examined nothing reports 500 of 500 hosts: an untrue report that follows from itself";
    lies.push(believed(what, ministry, p, &plant, leaf));
    let mut plant = newcomer(p, 5, true);
    let (leaf, _) = reports(&mut plant, p.node(), |r| r.as_of = Time::from_millis(r.as_of.millis() - 365 * DAY));
    lies.push(believed(
        "a plant dates a report a year back (its receipt says when it came)",
        ministry,
        p,
        &plant,
        leaf,
    ));
    lies.push(thrown_away(ministry, p));
    let p = &mut provinces[2];
    // Its keys are the province's secret: nobody else has ever seen this plant.
    let mut plant = newcomer(p, 7, false);
    let (leaf, _) = reports(&mut plant, p.node(), everything);
    lies.push(believed(
        "a province certifies a plant that does not exist and signs its reports",
        ministry,
        p,
        &plant,
        leaf,
    ));
    lies.push(agreed(ministry, p));
    lies.push(split_view(ministry, p));
    // Nobody else was named by anybody.
    let first = provinces[0].first.as_ref().unwrap().node().id();
    let named: Vec<NodeId> = provinces.iter().flat_map(|p| caught(p.node())).collect();
    let above = ministry.with(caught);
    lies.push(Lie {
        what: "everybody who was named: by provinces; by the ministry",
        caught: true,
        came: format!(
            "{:?}; {:?}",
            named.iter().map(short).collect::<Vec<_>>(),
            above.iter().map(short).collect::<Vec<_>>()
        ),
        as_expected: named == [first] && above == [provinces[last].node().id()],
    });
    lies
}

/// An old copy of a plant goes on: two histories under one key.
fn forked_plant(ministry: &Ministry, p: &mut Province) -> Lie {
    let mut twin = p.first_then.take().unwrap();
    twin.report();
    let state = send(twin.node(), p.node());
    p.up(ministry);
    let (liar, named) = (twin.node().id(), caught(p.node()));
    let came = format!("{state:?}").chars().take(90).collect::<String>();
    let as_expected = matches!(state, SubmitState::Refused(_)) && named == [liar.clone()];
    let what = "a plant is set back to an old copy of itself and goes on (roll-back, two histories)";
    Lie { what, caught: true, came: format!("its province names {}: {came}", short(&liar)), as_expected }
}

/// An old copy of a province shows the ministry another history.
fn forked_province(ministry: &Ministry, p: &Province) -> Lie {
    let twin = open(p.then.as_ref().unwrap());
    twin.invite(part(NodeRole::Plant, &p.plant_area(), 999_999), 14, None).unwrap();
    let state = twin.submit(None, &ministry, &Stop::new()).unwrap().state;
    let (liar, named) = (p.node().id(), ministry.with(caught));
    let came = format!("{state:?}").chars().take(90).collect::<String>();
    let as_expected = matches!(state, SubmitState::Refused(_)) && named == [liar.clone()];
    let what = "a province shows the ministry a history without half of what it took in";
    Lie { what, caught: true, came: format!("the ministry names {}: {came}", short(&liar)), as_expected }
}

/// Numbers that cannot be: kept, and counted nowhere.
fn impossible(ministry: &Ministry, p: &mut Province) -> Lie {
    let mut plant = newcomer(p, 3, true);
    let (leaf, _) = reports(&mut plant, p.node(), |r| {
        r.scope = vec![ScopeShare { kind: "host".into(), declared: 5, examined: 50, undeclared: 0 }];
    });
    p.up(ministry);
    p.signed.push(Acknowledged { plant: plant.node().id(), leaf });
    let doubts = above(ministry, leaf);
    let came = format!("kept with doubts ({}), counts nothing", doubts.unwrap_or_default());
    let as_expected = doubts.is_some_and(|d| d > 0);
    Lie { what: "a plant reports that it examined 50 of 5 hosts", caught: true, came, as_expected }
}

/// A bad history that nobody above has seen yet.
fn thrown_away(ministry: &Ministry, p: &mut Province) -> Lie {
    let mut plant = newcomer(p, 6, true);
    let code = plant.take_code().unwrap();
    plant.node().enrol(&code, &Direct(p.node()), None, None).unwrap();
    let mut clean = plant.copy(p.root.join("clean"));
    plant.report();
    let (leaf, _) = reports(&mut clean, p.node(), everything);
    believed(
        "a plant throws away records before anybody above holds them, and signs better ones",
        ministry,
        p,
        &clean,
        leaf,
    )
}

/// What the province should have looked into, it passes on: the plant's word and the province's receipt agree.
fn agreed(ministry: &Ministry, p: &mut Province) -> Lie {
    let mut plant = newcomer(p, 8, true);
    let (leaf, _) = reports(&mut plant, p.node(), |r| {
        everything(r);
        r.incidents = evidence::IncidentCounts::default();
    });
    let what = "a plant and its province agree: it hides an incident that both know of, the province asks for no proof";
    believed(what, ministry, p, &plant, leaf)
}

/// A province answers one plant from a copy of itself that the ministry never sees.
fn split_view(ministry: &Ministry, p: &mut Province) -> Lie {
    let mut plant = newcomer(p, 9, false);
    let home = p.root.join("split");
    copy(&p.home, &home);
    let twin = open(&home);
    let (leaf, state) = reports(&mut plant, &twin, everything);
    p.up(ministry);
    let got = above(ministry, leaf).is_some();
    let held = if state == SubmitState::Equal { "the plant holds a receipt" } else { "no receipt" };
    let came = format!("{held}, the ministry {}", if got { "holds the report" } else { "never saw the report" });
    let what = "a province gives a plant receipts from a log that it shows nobody else, until somebody brings one to the ministry";
    Lie { what, caught: false, came, as_expected: state == SubmitState::Equal && !got }
}

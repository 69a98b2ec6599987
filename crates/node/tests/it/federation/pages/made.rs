//! What a country of nodes does, made up from a seed.

use super::super::bed::{Site, part, uscc};
use evidence::{
    Author, CatalogueCounts, ChallengeEntry, ChallengeJudged, ChallengeMove, ChallengeVerdict, Digest, Document,
    Equivocation, MemberStanding, NodeId, NodeRole, OpeningNumbers, OrderEntry, OrderMove, OrderText, PlanRef,
    ProgrammeThing, Record, ReobservationNumbers, Roll, RollRow, Rung, ScenarioCounts, Time, WitnessKind, roll_file,
};
use flate2::{Compression, write::ZlibEncoder};
use node::{ImportOrder, NewEntry, RowsFrom};
use plan::CheckedPlan;
use std::collections::BTreeMap;
use std::io::Write as _;
use stdx::{Silent, Stop};
use testing::plant::Rng;

const DAY: i64 = 86_400_000;

pub(super) fn plan() -> CheckedPlan {
    plan::check(&plan::builtin()).unwrap()
}
pub(super) fn ago(days: i64) -> Time {
    Time::from_millis(node::now().millis() - days * DAY)
}
pub(super) fn author() -> Author {
    Author { name: "Wang Fang".into(), authenticated: evidence::Authenticated::TypedName }
}
pub(super) fn document() -> Document {
    Document { name: "a".into(), digest: Digest::of(b"a"), bytes: 1 }
}

/// 60 enterprises over five areas; the first twelve are those of the plants below.
pub(super) fn import(site: &Site, year: i64, shift: u64) {
    let areas = ["320100", "320505", "320506", "330203", "440305"];
    let mut csv = String::from("uscc,name,area,industry,revenue,group\n");
    for n in (1..=60_u64).filter(|n| !(n + shift).is_multiple_of(13)) {
        let area = areas[usize::try_from(n % 5).unwrap()];
        let industry = ["C3451", "C3511", "C3451", "B0610"][usize::try_from(n % 4).unwrap()];
        let group = if n % 7 == 0 { uscc(9) } else { String::new() };
        let revenue = 1_000_000 * (400 + (n * 37 + shift * 11) % 300);
        csv += &format!("{},厂{n},{area},{industry},{revenue},{group}\n", uscc(n));
    }
    let table = site.home.join("registry.csv");
    std::fs::write(&table, csv).unwrap();
    let order =
        ImportOrder { table: &table, year, unit: attest::RevenueUnit::Yuan, columns: &[], author: Some("Li Ming") };
    site.node.registry_import(&order, &mut |_| Ok(()), &Silent, &Stop::new()).unwrap();
}

pub(super) fn roll(site: &Site, of: &str, rows: &[RollRow], stated_at: Time) {
    let (lines, root) = roll_file(rows);
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(&lines).unwrap();
    let packed = zlib.finish().unwrap();
    let roll = Roll {
        node: site.node.id(),
        author: author(),
        stated_at,
        of: of.into(),
        document: document(),
        rows: root,
        packed: Digest::of(&packed),
        left_out: BTreeMap::new(),
        doubts: Vec::new(),
    };
    site.node.store().record(&Record::Roll(Box::new(roll)), None, vec![packed]).unwrap();
}

pub(super) fn a_report(site: &Site, plan: &CheckedPlan, rng: &mut Rng, n: u64) {
    let mut r = site.a_report(n);
    r.plan = plan.reference();
    r.as_of = ago([0, 3, 40, 380, 500][rng.below(5)]);
    (r.scope[0].examined, r.doubts) = (9, BTreeMap::new());
    r.judge = judge::VERSION.to_owned();
    let leaf = Digest::of(&n.to_be_bytes());
    r.cites = vec![(leaf, evidence::RecordKind::Catalogue)];
    let levels = BTreeMap::from([("general".to_owned(), 4), ("important".to_owned(), rng.below(3) as u64)]);
    let catalogue = CatalogueCounts {
        leaf,
        as_of: r.as_of,
        rung: *rng.pick(&[Rung::Declared, Rung::MachineEvidenced]),
        levels,
        ungraded: rng.below(3).saturating_sub(1) as u64,
        confirmed: 1,
        filed: None,
    };
    r.catalogue = (rng.below(4) > 0).then_some(catalogue);
    if r.catalogue.is_none() {
        r.cites.clear();
    }
    if rng.below(3) == 0 {
        (r.incidents.open, r.incidents.late) = (2, rng.below(2) as u64);
        (r.measures.open, r.measures.overdue) = (3, rng.below(3) as u64);
    }
    if rng.below(3) == 0 {
        let scenario = plan.scenarios()[0].id.to_string();
        let (failed, not_examined) = (rng.below(2) as u64, rng.below(2) as u64);
        r.scenarios.push(ScenarioCounts { scenario, passed: 5, failed, accepted: 0, not_applicable: 0, not_examined });
    }
    match rng.below(8) {
        // It cannot be, it is of another plan, it is of another's enterprise in one's own log.
        0 => r.scope[0].examined = 11,
        1 => r.plan = PlanRef { digest: Digest::of(b"other"), ..r.plan },
        _ => {}
    }
    site.record(&Record::ProgrammeReport(Box::new(r)));
}

pub(super) fn order(site: &Site, plan: &CheckedPlan, code: &str, rng: &mut Rng, n: u64) {
    let issued = ago([2, 90][rng.below(2)]);
    let basis = &plan.bases()[0];
    let (due, _) = judge::order_due(plan, issued, basis.working_days).unwrap();
    let text = OrderText {
        uscc: code.to_owned(),
        issuer: "province".into(),
        plan: plan.reference(),
        basis: basis.id.clone(),
        demand: "mend".into(),
        reasons: vec![],
        working_days: basis.working_days,
        due,
        document: None,
        wants: None,
    };
    let id = format!("o-{n:08x}");
    let say = |stated_at: Time, what: OrderMove| {
        let entry = OrderEntry { node: site.node.id(), author: author(), stated_at, order: id.clone(), what };
        site.record(&Record::Order(Box::new(entry)));
    };
    say(issued, OrderMove::Issued(Box::new(text)));
    if rng.below(2) == 0 {
        say(ago(1), OrderMove::Answered { says: "done".into(), documents: vec![], on_paper: Some(ago(1)) });
    }
    if rng.below(3) == 0 {
        say(ago(0), OrderMove::Withdrawn { reason: "mistaken".into() });
    }
}

pub(super) fn challenged(site: &Site, child: NodeId, code: &str, rng: &mut Rng, n: u64) {
    let kept = rng.below(2) == 0;
    let verdict = if kept { ChallengeVerdict::Kept } else { ChallengeVerdict::Failed };
    let opening = OpeningNumbers {
        draws: Digest::of(b"d"),
        held: 3,
        missing: u64::from(!kept),
        wrong: BTreeMap::new(),
        contradicted: 0,
        shared: 0,
        alike: 0,
        shared_with: vec![],
    };
    let again = ReobservationNumbers {
        things: 3,
        observed: 3,
        same: 3,
        better: 0,
        worse: u64::from(!kept),
        gone: 0,
        wrong: BTreeMap::new(),
        witness: WitnessKind::ALL[0],
    };
    let is_opening = rng.below(2) == 0;
    let judged = ChallengeJudged {
        child,
        uscc: code.to_owned(),
        judge: judge::VERSION.to_owned(),
        order: Digest::of(b"o"),
        report: Digest::of(b"r"),
        answer: None,
        answered_at: None,
        verdict,
        opening: is_opening.then_some(opening),
        reobservation: (!is_opening).then_some(again),
    };
    let entry = ChallengeEntry {
        node: site.node.id(),
        author: author(),
        stated_at: node::now(),
        challenge: format!("c-{n:016x}"),
        what: ChallengeMove::Judged(Box::new(judged)),
    };
    site.record(&Record::Challenge(Box::new(entry)));
}

pub(super) fn caught(site: &Site, child: NodeId) {
    let e = Equivocation {
        node: site.node.id(),
        child,
        at: node::now(),
        size: 1,
        held: String::new(),
        given: String::new(),
        held_root: Digest::of(b"a"),
        given_root: Digest::of(b"b"),
        proof: vec![],
    };
    site.record(&Record::Equivocation(Box::new(e)));
}

/// Ministry, a province with a city, a separately planned city, a group; plants below each.
pub(super) struct Country {
    pub(super) ministry: Site,
    pub(super) province: Site,
    pub(super) city: Site,
    pub(super) ningbo: Site,
    pub(super) group: Site,
    /// With its parents: 1 province, 2 city, 3 separately planned city, 4 group.
    pub(super) plants: Vec<(Site, Vec<usize>)>,
}
impl Country {
    pub(super) fn new() -> Self {
        let at = |role, area, n| Site::new(part(role, area, n));
        let ministry = at(NodeRole::Ministry, "", 1);
        let province = at(NodeRole::Province, "32", 1);
        let city = at(NodeRole::City, "3205", 1);
        let ningbo = at(NodeRole::Province, "3302", 2);
        let group = at(NodeRole::Group, "", 9);
        let plants = [(1, "3201"), (5, "3201"), (6, "320505"), (7, "320506"), (8, "330203"), (3, "330203")];
        let plants = plants.map(|(n, area)| {
            (
                at(NodeRole::Plant, area, n),
                match n {
                    1 => vec![1, 4],
                    5 => vec![1],
                    6 | 7 => vec![2],
                    _ => vec![3],
                },
            )
        });
        let country = Self { ministry, province, city, ningbo, group, plants: plants.into() };
        for child in [&country.province, &country.ningbo, &country.group] {
            child.join(&country.ministry);
        }
        country.city.join(&country.province);
        for (plant, parents) in &country.plants {
            parents.iter().for_each(|p| plant.join(country.authorities()[*p]));
        }
        country
    }
    pub(super) fn authorities(&self) -> [&Site; 5] {
        [&self.ministry, &self.province, &self.city, &self.ningbo, &self.group]
    }
    /// Something that may happen; answers what it was.
    pub(super) fn step(&mut self, plan: &CheckedPlan, rng: &mut Rng, n: u64) -> &'static str {
        let any = 1 + rng.below(60) as u64;
        let which = rng.below(4);
        let authority = self.authorities()[rng.below(4)];
        let at = rng.below(self.plants.len());
        let (plant, parents) = &self.plants[at];
        match rng.below(16) {
            0..=3 => {
                a_report(plant, plan, rng, n);
                parents.iter().for_each(|p| drop(plant.submit(self.authorities()[*p])));
                "a report"
            }
            4..=5 => {
                (0..4).for_each(|w| self.up(w));
                "everything goes up"
            }
            6 => {
                self.up(which);
                "one goes up"
            }
            7 => {
                order(authority, plan, &uscc(any), rng, n);
                "an order"
            }
            8 => {
                let parent = self.authorities()[*rng.pick(parents)];
                let id = plant.node.id();
                let standing =
                    *rng.pick(&[MemberStanding::Suspended, MemberStanding::Revoked, MemberStanding::Certified]);
                let _ = parent.node.member_set(id.as_str(), standing, "why", None);
                "a membership"
            }
            9 => {
                let of = *rng.pick(&["asked", "returns", "publicity"]);
                let row = |n: u64, rng: &mut Rng| RollRow {
                    uscc: uscc(n),
                    day: Some(ago([-20, 1, 20, 450][rng.below(4)])),
                    way: match of {
                        "asked" => rng.pick(&["asked", "reminded", "escalated"]).to_string(),
                        "publicity" => "letter".into(),
                        _ => String::new(),
                    },
                    assets: (of == "returns").then_some(4),
                    graded: (of == "returns").then_some(rng.below(5) as u64),
                    ..RollRow::default()
                };
                // 61 and beyond no registry has.
                let mut codes: Vec<u64> = (0..8).map(|_| 1 + rng.below(64) as u64).collect();
                codes.sort_unstable_by_key(|n| uscc(*n));
                codes.dedup();
                let rows: Vec<RollRow> = codes.into_iter().map(|n| row(n, rng)).collect();
                roll(authority, of, &rows, ago([0, 2, 30][rng.below(3)]));
                "a roll"
            }
            10 => {
                let child = if rng.below(2) == 0 { plant.node.id() } else { NodeId::new(format!("{n:064x}")) };
                caught(authority, child);
                "two histories"
            }
            11 => {
                import(authority, 2025 + i64::try_from(n % 3).unwrap(), n);
                "a registry"
            }
            12 => {
                let _ = authority.node.registry_select(plan, None, RowsFrom::Log);
                "a selection"
            }
            13 => {
                let part = plant.node.part().unwrap().unwrap();
                challenged(authority, plant.node.id(), &part.uscc, rng, n);
                "a challenge"
            }
            14 => {
                let id = format!("GB {}", n % 5);
                let effective = Some(ago([0, 100][rng.below(2)]));
                let new = NewEntry {
                    thing: ProgrammeThing::Standard,
                    id: &id,
                    title: "t",
                    stage: "drafting",
                    industry: "C34",
                    effective,
                    document: Some(document()),
                    author: None,
                };
                authority.node.programme_add(new).unwrap();
                "a standard"
            }
            _ => {
                self.ministry.restart();
                "the ministry begins again"
            }
        }
    }
    pub(super) fn up(&self, which: usize) {
        match which {
            0 => drop(self.city.submit(&self.province)),
            1 => drop(self.province.submit(&self.ministry)),
            2 => drop(self.ningbo.submit(&self.ministry)),
            _ => drop(self.group.submit(&self.ministry)),
        }
    }
}

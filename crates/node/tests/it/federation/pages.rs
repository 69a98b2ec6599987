//! Pages are rows that follow; the judge goes over everything. After every step of a history that a seed makes up, at every authority,
//! both must say the same (`docs/specs/pages-v1.md`).

use super::bed::{Site, part, uscc};
use evidence::{
    Author, CatalogueCounts, ChallengeEntry, ChallengeJudged, ChallengeMove, ChallengeVerdict, Digest, Document,
    Equivocation, MemberStanding, NodeId, NodeRole, OpeningNumbers, OrderEntry, OrderMove, OrderText, PlanRef,
    ProgrammeThing, Record, ReobservationNumbers, Roll, RollRow, Rung, ScenarioCounts, Time, WitnessKind, roll_file,
};
use flate2::{Compression, write::ZlibEncoder};
use judge::{EnterpriseState, ListFilter, ListOf};
use node::{EnterpriseFilter, EnterpriseSort, ImportOrder, Looking, NewEntry, Pages, RowsFrom, Scope};
use plan::CheckedPlan;
use std::collections::BTreeMap;
use std::io::Write as _;
use stdx::{Silent, Stop};
use testing::plant::Rng;

const DAY: i64 = 86_400_000;

fn plan() -> CheckedPlan {
    plan::check(&plan::builtin()).unwrap()
}
fn ago(days: i64) -> Time {
    Time::from_millis(node::now().millis() - days * DAY)
}
fn author() -> Author {
    Author { name: "Wang Fang".into(), authenticated: evidence::Authenticated::TypedName }
}
fn document() -> Document {
    Document { name: "a".into(), digest: Digest::of(b"a"), bytes: 1 }
}

/// What pages show is what the judge says.
#[track_caller]
fn same(site: &Site, plan: &CheckedPlan, step: &str) {
    let checked = site.node.pages_verify(plan).unwrap();
    let role = site.node.part().unwrap().map(|p| p.role);
    assert_eq!(checked.differ, Vec::<String>::new(), "{step}, at the {role:?}");
    assert_eq!(site.node.pages(plan).unwrap().behind(), 0);
}

/// 60 enterprises over five areas; the first twelve are those of the plants below.
fn import(site: &Site, year: i64, shift: u64) {
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

fn roll(site: &Site, of: &str, rows: &[RollRow], stated_at: Time) {
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

fn a_report(site: &Site, plan: &CheckedPlan, rng: &mut Rng, n: u64) {
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

fn order(site: &Site, plan: &CheckedPlan, code: &str, rng: &mut Rng, n: u64) {
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

fn challenged(site: &Site, child: NodeId, code: &str, rng: &mut Rng, n: u64) {
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

fn caught(site: &Site, child: NodeId) {
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
struct Country {
    ministry: Site,
    province: Site,
    city: Site,
    ningbo: Site,
    group: Site,
    /// With its parents: 1 province, 2 city, 3 separately planned city, 4 group.
    plants: Vec<(Site, Vec<usize>)>,
}
impl Country {
    fn new() -> Self {
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
    fn authorities(&self) -> [&Site; 5] {
        [&self.ministry, &self.province, &self.city, &self.ningbo, &self.group]
    }
    /// Something that may happen; answers what it was.
    fn step(&mut self, plan: &CheckedPlan, rng: &mut Rng, n: u64) -> &'static str {
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
    fn up(&self, which: usize) {
        match which {
            0 => drop(self.city.submit(&self.province)),
            1 => drop(self.province.submit(&self.ministry)),
            2 => drop(self.ningbo.submit(&self.ministry)),
            _ => drop(self.group.submit(&self.ministry)),
        }
    }
}

#[test]
fn after_every_step_of_any_history_pages_show_what_the_judge_says() {
    let plan = plan();
    let seed = std::env::var("WATCHFIRE_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(7);
    let steps = std::env::var("WATCHFIRE_STEPS").ok().and_then(|s| s.parse().ok()).unwrap_or(60);
    let mut rng = Rng::new(seed);
    let mut c = Country::new();
    for at in c.authorities() {
        same(at, &plan, "before anything");
    }
    for n in 0..steps {
        let step = c.step(&plan, &mut rng, n);
        for at in c.authorities() {
            same(at, &plan, &format!("seed {seed}, step {n}, {step}"));
        }
    }
    // What grew step by step is what is made at once.
    for at in c.authorities() {
        let before = shown(&at.node.pages(&plan).unwrap());
        at.node.pages_follow(&plan, true, &Silent, &Stop::new()).unwrap();
        same(at, &plan, "made anew");
        assert_eq!(shown(&at.node.pages(&plan).unwrap()), before);
    }
}

/// The life of everybody, every receipt and equivocation.
fn shown(pages: &Pages<'_>) -> (Vec<String>, usize, Vec<String>) {
    let all = pages.enterprises(&Scope::Node, &EnterpriseFilter::default(), EnterpriseSort::Points, None, 200).unwrap();
    let life = |code: &str| format!("{:?}", pages.enterprise(&Scope::Node, code).unwrap().unwrap());
    let receipts = pages.receipts(None, None, 200).unwrap().rows.len();
    let caught = pages.equivocations().unwrap().into_iter().map(|c| format!("{c:?}")).collect();
    (all.rows.iter().map(|r| life(&r.uscc)).collect(), receipts, caught)
}

/// One country in which everything has happened: every filter and every scope against rows that are gone through one by one.
#[test]
fn filters_and_scopes_narrow_to_the_same_rows() {
    let plan = plan();
    let mut rng = Rng::new(3);
    let c = Country::new();
    let m = &c.ministry;
    import(m, 2025, 1);
    m.node.registry_select(&plan, None, RowsFrom::Log).unwrap();
    for (n, (plant, parents)) in (0..).zip(&c.plants) {
        a_report(plant, &plan, &mut rng, n);
        parents.iter().for_each(|p| drop(plant.submit(c.authorities()[*p])));
    }
    for n in 0..12 {
        order(m, &plan, &uscc(1 + n * 3), &mut rng, n);
    }
    caught(m, NodeId::new("f".repeat(64)));
    (0..4).for_each(|w| c.up(w));
    same(m, &plan, "a country");
    let pages = m.node.pages(&plan).unwrap();
    let list = |supervisor: &str, province: &str, city: &str, industry: &str, group: &str| ListFilter {
        supervisor: supervisor.into(),
        province: province.into(),
        city: city.into(),
        industry: industry.into(),
        group: group.into(),
    };
    let group = uscc(9);
    let filters = [
        list("", "", "", "", ""),
        list("32", "", "", "", ""),
        list("3302", "", "", "", ""),
        list("", "32", "", "", ""),
        list("", "33", "", "C34", ""),
        list("", "", "3205", "", ""),
        list("32", "", "320505", "", ""),
        list("32", "32", "3205", "C3451", ""),
        list("33", "", "3302", "", ""),
        list("", "44", "3205", "", ""),
        list("", "", "", "C34", ""),
        list("", "", "", "C345", ""),
        list("", "", "", "B", ""),
        list("32", "", "", "B06", ""),
        list("", "", "", "", &group),
        list("32", "", "", "C35", &group),
    ];
    let everybody = |page: &dyn Fn(Option<&str>) -> node::EnterprisePage| {
        let (mut codes, mut after, mut total) = (Vec::new(), None::<String>, None);
        loop {
            let got = page(after.as_deref());
            total = if after.is_none() { got.total } else { total };
            codes.extend(got.rows.into_iter().map(|r| r.uscc));
            match got.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert!(total.is_none_or(|t| t == codes.len() as u64), "{total:?} of {}", codes.len());
        codes
    };
    let all = pages.enterprises(&Scope::Node, &EnterpriseFilter::default(), EnterpriseSort::Code, None, 200).unwrap();
    assert!(all.next.is_none() && all.rows.len() > 50);
    let state = |code: &str| pages.enterprise(&Scope::Node, code).unwrap().unwrap().state;
    for filter in &filters {
        for of in ListOf::ALL {
            let got = everybody(&|after| pages.list(&Scope::Node, of, filter, after, 3).unwrap());
            let how = Looking { as_of: Some(pages.as_of()), year: None };
            let want: Vec<String> = m
                .node
                .oversight(&plan, how, |o| {
                    let page = o.list(of, filter, None, 1000).unwrap();
                    page.rows.into_iter().map(|r| r.uscc).collect()
                })
                .unwrap();
            assert_eq!(got, want, "{} {filter:?}", of.name());
        }
        let takes = |r: &judge::EnterpriseStanding| {
            (filter.supervisor.is_empty() || filter.supervisor == r.supervisor)
                && (filter.group.is_empty() || filter.group == r.group)
                && r.area.starts_with(&filter.province)
                && r.area.starts_with(&filter.city)
                && r.industry.starts_with(&filter.industry)
        };
        for wanted in EnterpriseState::ALL.into_iter().map(Some).chain([None]) {
            for selected in [false, true] {
                let asked = EnterpriseFilter { list: filter.clone(), state: wanted, selected };
                let fits = all.rows.iter().filter(|r| takes(r) && (!selected || r.selected == Some(true)));
                let fits: Vec<_> = fits.filter(|r| wanted.is_none_or(|s| state(&r.uscc) == s)).collect();
                for sort in [EnterpriseSort::Code, EnterpriseSort::Points] {
                    let got = everybody(&|after| pages.enterprises(&Scope::Node, &asked, sort, after, 4).unwrap());
                    let mut want = fits.clone();
                    if sort == EnterpriseSort::Points {
                        want.sort_by_key(|r| (std::cmp::Reverse((r.most, r.least)), r.uscc.clone()));
                    }
                    let want: Vec<&str> = want.iter().map(|r| r.uscc.as_str()).collect();
                    assert_eq!(got, want, "{asked:?} {sort:?}");
                }
            }
        }
        let queue = |filter: &ListFilter| {
            let (mut items, mut after) = (Vec::new(), None::<String>);
            loop {
                let page = pages.queue(&Scope::Node, &[], filter, after.as_deref(), 2).unwrap();
                items.extend(page.items);
                match page.next {
                    Some(next) => after = Some(next),
                    None => break items,
                }
            }
        };
        let how = Looking { as_of: Some(pages.as_of()), year: None };
        let want = m.node.oversight(&plan, how, |o| o.queue(&[], filter, None, 1000).unwrap().items).unwrap();
        assert_eq!(queue(filter), want, "{filter:?}");
    }
    // Each scope sees what `judge::may` lets it see, and nothing else, on every page.
    let scopes = [
        part(NodeRole::Ministry, "", 1),
        part(NodeRole::Province, "32", 1),
        part(NodeRole::Province, "3302", 1),
        part(NodeRole::Province, "", 1),
        part(NodeRole::City, "3205", 1),
        part(NodeRole::City, "320506", 1),
        part(NodeRole::City, "", 1),
        part(NodeRole::Group, "", 9),
        part(NodeRole::Plant, "320506", 7),
    ];
    let certified_here = |code: &str| {
        let life = pages.enterprise(&Scope::Node, code).unwrap().unwrap().life;
        life.members.iter().any(|l| l.by == m.node.id())
    };
    for part in scopes {
        let sees = |r: &&judge::EnterpriseStanding| {
            let member = certified_here(&r.uscc);
            let whose = judge::Whose { uscc: &r.uscc, area: &r.area, supervisor: &r.supervisor, member };
            judge::may(&part, judge::Act::See, &whose)
        };
        let want: Vec<&str> = all.rows.iter().filter(sees).map(|r| r.uscc.as_str()).collect();
        let scope = Scope::Part(part.clone());
        let every = EnterpriseFilter::default();
        let got = everybody(&|after| pages.enterprises(&scope, &every, EnterpriseSort::Code, after, 7).unwrap());
        assert_eq!(got, want, "{part:?}");
        let one = |code: &str| pages.enterprise(&scope, code).unwrap().is_some();
        assert_eq!(all.rows.iter().filter(|r| one(&r.uscc)).count(), want.len(), "{part:?}");
        let queue = pages.queue(&scope, &[], &ListFilter::default(), None, 200).unwrap();
        assert!(queue.items.iter().all(|i| want.contains(&i.uscc.as_str())), "{part:?}");
        assert!(queue.total.is_none_or(|t| t == queue.items.len() as u64), "{part:?}");
    }
    for wrong in ["", "x", "1.2", "-1.0.a"] {
        assert!(pages.list(&Scope::Node, ListOf::Risk, &ListFilter::default(), Some(wrong), 5).is_err(), "{wrong}");
    }
}

/// A province's plants, its receipts and whom it caught are known at the ministry; and what is verified once is not verified again.
#[test]
fn what_came_from_below_is_shown_above() {
    let plan = plan();
    let c = Country::new();
    c.plants[0].0.report(1);
    c.plants[0].0.submit_all(&c.province);
    caught(&c.province, c.plants[1].0.node.id());
    c.province.submit_all(&c.ministry);
    let pages = c.ministry.node.pages(&plan).unwrap();
    let one = pages.enterprise(&Scope::Node, &uscc(1)).unwrap().unwrap();
    assert!(one.standing.enrolled && one.life.members[0].by == c.province.node.id());
    assert_eq!(one.life.reports.len(), 1);
    let silent = pages.enterprise(&Scope::Node, &uscc(5)).unwrap().unwrap();
    assert_eq!((silent.state, silent.life.caught.len()), (EnterpriseState::Silent, 1));
    assert_eq!(pages.equivocations().unwrap()[0].by, c.province.node.id());
    let receipts = pages.receipts(Some(&c.plants[0].0.node.id()), None, 10).unwrap().rows;
    assert_eq!((receipts.len(), &receipts[0].by), (1, &c.province.node.id()));
    // A page reads rows: neither log nor mirror is looked at.
    let read = c.ministry.node.store().reads();
    for _ in 0..3 {
        let pages = c.ministry.node.pages(&plan).unwrap();
        pages.enterprises(&Scope::Node, &EnterpriseFilter::default(), EnterpriseSort::Code, None, 50).unwrap();
        pages.queue(&Scope::Node, &[], &ListFilter::default(), None, 50).unwrap();
        pages.progress().unwrap();
        pages.enterprise(&Scope::Node, &uscc(1)).unwrap().unwrap();
    }
    assert_eq!(c.ministry.node.store().reads(), read);
}

/// Tables that are gone, or no tables at all, are made again; following twice does nothing.
#[test]
fn tables_are_made_again_and_followed_once() {
    let plan = plan();
    let c = Country::new();
    import(&c.ministry, 2025, 1);
    c.plants[0].0.report(1);
    c.plants[0].0.submit_all(&c.province);
    c.province.submit_all(&c.ministry);
    let node = &c.ministry.node;
    let before = shown(&node.pages(&plan).unwrap());
    let again = node.pages_follow(&plan, false, &Silent, &Stop::new()).unwrap();
    assert_eq!((again.records, again.judged), (0, 0));
    let file = c.ministry.home.join("memory/pages.db");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(shown(&node.pages(&plan).unwrap()), before);
    drop(c.ministry.copy());
    std::fs::write(&file, b"no database at all, and long enough to look at").unwrap();
    for side in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(c.ministry.home.join(format!("memory/pages.db{side}")));
    }
    let site = c.ministry.copy();
    assert_eq!(shown(&site.node.pages(&plan).unwrap()), before);
    // A stop leaves what was there.
    let stop = Stop::new();
    stop.request();
    assert!(site.node.pages_follow(&plan, true, &Silent, &stop).is_err());
    assert_eq!(shown(&site.node.pages(&plan).unwrap()), before);
    same(&site, &plan, "after a stop");
}

/// On a PostgreSQL server the same is shown as from files.
#[test]
fn a_server_shows_the_same_as_files() {
    let Some(server) = testing::postgres::Server::start("pages") else { return };
    let plan = plan();
    let mut rng = Rng::new(11);
    let mut c = Country::new();
    let home = c.ministry.home.clone();
    let there = super::bed::open(&home).with_tables(Some(&server.url("postgres")), store::Reach::Local);
    import(&c.ministry, 2025, 1);
    c.ministry.node.registry_select(&plan, None, RowsFrom::Log).unwrap();
    for n in 0..24 {
        let step = c.step(&plan, &mut rng, n);
        (0..4).for_each(|w| c.up(w));
        if n % 3 == 2 {
            assert_eq!(there.pages_verify(&plan).unwrap().differ, Vec::<String>::new(), "step {n}, {step}");
        }
    }
    let shown = |node: &node::Node| shown(&node.pages(&plan).unwrap());
    assert_eq!(shown(&there), shown(&c.ministry.node));
    there.pages_follow(&plan, true, &Silent, &Stop::new()).unwrap();
    assert_eq!(there.pages_verify(&plan).unwrap().differ, Vec::<String>::new());
    there.tables_drop().unwrap();
    assert_eq!(shown(&there), shown(&c.ministry.node));
}

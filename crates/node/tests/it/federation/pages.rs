//! Pages are rows that follow; the judge goes over everything. After every step of a history that a seed makes up, at every authority,
//! both must say the same (`docs/specs/pages-v1.md`).

mod made;

use super::bed::{Site, part, uscc};
use evidence::{NodeId, NodeRole};
use judge::{EnterpriseState, ListFilter, ListOf};
use made::{Country, a_report, caught, import, order, plan};
use node::{EnterpriseFilter, EnterpriseSort, Looking, Pages, RowsFrom, Scope};
use plan::CheckedPlan;
use stdx::{Silent, Stop};
use testing::plant::Rng;

/// What pages show is what the judge says.
#[track_caller]
fn same(site: &Site, plan: &CheckedPlan, step: &str) {
    let checked = site.node.pages_verify(plan).unwrap();
    let role = site.node.part().unwrap().map(|p| p.role);
    assert_eq!(checked.differ, Vec::<String>::new(), "{step}, at the {role:?}");
    assert_eq!(site.node.pages(plan).unwrap().behind(), 0);
}

#[test]
fn after_every_step_of_any_history_pages_show_what_the_judge_says() {
    let plan = plan();
    let seed = std::env::var("WATCHFIRE_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(7);
    let steps = std::env::var("WATCHFIRE_STEPS").ok().and_then(|s| s.parse().ok()).unwrap_or(30);
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
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o077, 0, "nobody but the owner reads it");
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

fn changed(site: &Site, file: &str, sql: &str) {
    let db = rusqlite::Connection::open(site.home.join(file)).unwrap();
    assert!(db.execute(sql, []).unwrap() > 0, "{sql}");
}

/// A node that nobody asked for three days notes the ends of these days, each as it was then.
#[test]
fn ends_of_days_that_went_by_are_noted_once() {
    let plan = plan();
    let mut rng = Rng::new(5);
    let c = Country::new();
    import(&c.province, 2025, 1);
    for n in 0..4 {
        a_report(&c.plants[0].0, &plan, &mut rng, n);
    }
    c.plants[0].0.submit_all(&c.province);
    let points = || {
        let shown = c.province.node.pages(&plan).unwrap().progress().unwrap();
        shown.targets.iter().map(|t| t.series.len()).collect::<Vec<_>>()
    };
    let before = points();
    // The weeks before it was read first, and now.
    assert!(before.iter().all(|n| *n == 9), "{before:?}");
    let three = node::now().millis() - 3 * 86_400_000;
    let back = format!("UPDATE state SET value = '{three}' WHERE name = 'followed'");
    changed(&c.province, "memory/pages.db", &back);
    assert!(points().iter().all(|n| *n == 12));
    assert!(points().iter().all(|n| *n == 12));
    same(&c.province, &plan, "after three days");
    // A key that is another one is judged anew, and the points stay.
    changed(&c.province, "memory/pages.db", "UPDATE state SET value = 'other' WHERE name = 'plan'");
    assert!(!c.province.node.pages_follow(&plan, false, &Silent, &Stop::new()).unwrap().anew);
    assert!(points().iter().all(|n| *n == 12));
    same(&c.province, &plan, "under another key");
}

/// Content that the mirror lost is waited for, and judged when it is there again.
#[test]
fn what_a_receipt_names_and_is_not_there_is_waited_for() {
    let plan = plan();
    let c = Country::new();
    c.plants[0].0.report(1);
    c.plants[0].0.submit_all(&c.province);
    changed(&c.province, "mirror.db", "UPDATE shipped SET idx = idx + 1000 WHERE kind LIKE '%programme-report%'");
    c.province.node.pages_follow(&plan, true, &Silent, &Stop::new()).unwrap();
    let reports = || {
        let one = c.province.node.pages(&plan).unwrap().enterprise(&Scope::Node, &uscc(1)).unwrap().unwrap();
        one.life.reports.len()
    };
    assert_eq!(reports(), 0);
    changed(&c.province, "mirror.db", "UPDATE shipped SET idx = idx - 1000 WHERE idx >= 1000");
    c.province.node.pages_follow(&plan, false, &Silent, &Stop::new()).unwrap();
    assert_eq!(reports(), 1);
    same(&c.province, &plan, "when it is there again");
}

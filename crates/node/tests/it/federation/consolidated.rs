//! One enterprise by several paths: through its group, its city and its province. It is one enterprise everywhere and counts once.

use super::bed::{Site, assert_holds, part};
use super::registries::{import, plan, table};
use evidence::{
    CatalogueCounts, Digest, MemberStanding, NodeRole, Part, PlanRef, ProgrammeReport, Record, RecordKind, Rung, Time,
};
use judge::{GroupStanding, ListFilter, ListOf};
use node::{Counting, Looking, NodeError};
use std::collections::BTreeMap;
use testing::registry::uscc;

fn enterprise(role: NodeRole, area: &str, region: u32, n: u64) -> Part {
    Part { role, name: format!("{} {n}", role.name()), area: area.to_owned(), uscc: uscc(region, n) }
}

/// A report under the built-in plan that says: so many assets graded and confirmed. It is made by hand, and says that machines saw it.
fn graded(site: &Site, n: u64, assets: u64) -> Digest {
    let plan = plan();
    let now = Time::from_millis(node::now().millis() - 60_000 + i64::try_from(n).unwrap());
    let catalogue = Digest::of(b"catalogue");
    let report = ProgrammeReport {
        plan: PlanRef { digest: plan.source().digest(), ..plan.reference() },
        as_of: now,
        cites: vec![(catalogue, RecordKind::Catalogue)],
        catalogue: Some(CatalogueCounts {
            leaf: catalogue,
            as_of: now,
            levels: BTreeMap::from([("general".to_owned(), assets)]),
            ungraded: 0,
            confirmed: assets,
            rung: Rung::MachineEvidenced,
            filed: Some(now),
        }),
        scope: vec![evidence::ScopeShare { kind: "host".into(), declared: 10, examined: 10, undeclared: 0 }],
        ..site.a_report(n)
    };
    site.record(&Record::ProgrammeReport(Box::new(report)))
}

/// How many enterprises the node counts for the target of graded enterprises, on every rung together.
fn counted(site: &Site) -> (u64, usize) {
    let kept = site.node.progress(&plan(), &Counting::default()).unwrap();
    let at = kept.progressed.judgement.targets.iter().position(|t| t.target == "T2").unwrap();
    let target = &kept.progressed.judgement.targets[at];
    (target.ladder[0].at_least, kept.progressed.members[at].len())
}

fn seen(site: &Site) -> Vec<String> {
    let page = site
        .node
        .oversight(&plan(), Looking::default(), |o| o.list(ListOf::Risk, &ListFilter::default(), None, 100).unwrap());
    let mut codes: Vec<String> = page.unwrap().rows.into_iter().map(|r| r.uscc).collect();
    codes.sort();
    codes
}

fn group_of(site: &Site, code: &str) -> GroupStanding {
    site.node.groups(&plan(), Looking::default(), |o, memberships| o.group(code, memberships)).unwrap()
}
fn doubts(g: &GroupStanding) -> Vec<&str> {
    g.doubts.iter().map(|d| d.say.key.as_str()).collect()
}
fn row(part: &Part, group: &str) -> String {
    format!("{},{},{},C3451,900000000,{group}", part.uscc, part.name, part.area)
}

/// Plant → group → ministry, and the same plant → province → ministry; another plant of the group of another province; and one that the
/// registry gives to the group and the group never certified.
#[test]
fn a_plant_of_a_group_counts_once_whatever_path_its_reports_take() {
    let ministry = Site::new(part(NodeRole::Ministry, "", 1));
    let (js, zj) = (Site::new(part(NodeRole::Province, "32", 1)), Site::new(part(NodeRole::Province, "33", 1)));
    let group = Site::new(enterprise(NodeRole::Group, "", 110_000, 9));
    let code = uscc(110_000, 9);
    let (a, b) = (enterprise(NodeRole::Plant, "320100", 320_100, 1), enterprise(NodeRole::Plant, "330100", 330_100, 2));
    let (plant, other) = (Site::new(a.clone()), Site::new(b.clone()));
    for above in [&js, &zj, &group] {
        above.join(&ministry);
    }
    plant.join(&js);
    plant.join(&group);
    other.join(&group);
    let silent = enterprise(NodeRole::Plant, "320500", 320_500, 3);
    // The registry of Jiangsu gives two enterprises to the group; that of Zhejiang does not know of the group.
    let head = |rows: &[String]| format!("uscc,name,area,industry,revenue,group\n{}\n", rows.join("\n"));
    import(&js.node, "js", &head(&[row(&a, &code), row(&silent, &code)]));
    import(&zj.node, "zj", &head(&[row(&b, "")]));
    // The first report goes by the group alone, the second by both; the third by the province alone.
    graded(&plant, 1, 5);
    graded(&other, 1, 7);
    plant.submit_all(&group);
    graded(&plant, 2, 6);
    for above in [&group, &js] {
        plant.submit_all(above);
    }
    graded(&plant, 3, 4);
    plant.submit_all(&js);
    other.submit_all(&group);
    // One and the same report is sent up by the group before and behind that of the province: the order changes nothing.
    for above in [&group, &js, &zj, &group] {
        above.submit_all(&ministry);
    }
    assert_eq!(
        ministry.node.received(RecordKind::ProgrammeReport).unwrap().len(),
        4,
        "three of one plant, one of the other"
    );
    assert_eq!(counted(&ministry), (2, 2), "two enterprises, each under its own code");
    assert_eq!(counted(&js).0, 1);
    let rows = seen(&ministry);
    assert_eq!(rows.iter().filter(|u| **u == a.uscc).count(), 1);

    // The group's own page: what each reported, sums with the denominator. It saw the second report and not the third.
    let own = group_of(&group, &code);
    let of = |g: &GroupStanding, uscc: &str| g.rows.iter().find(|r| r.uscc == uscc).cloned().unwrap();
    assert_eq!((own.rows.len(), own.reported, own.outside), (2, 2, 0));
    assert_eq!((own.sums.graded, own.sums.declared, own.sums.examined), (6 + 7, 20, 20));
    assert_eq!(of(&own, &a.uscc).nodes, 1);
    assert_eq!(doubts(&own), [] as [&str; 0]);

    // The ministry's: three enterprises, one silent, the newest report of each; where registry and group differ it is said.
    let above = group_of(&ministry, &code);
    assert_eq!((above.rows.len(), above.reported, above.sums.graded), (3, 2, 4 + 7));
    assert_eq!(doubts(&above), ["doubt.group-not-certified", "doubt.group-not-in-registry"]);
    assert_eq!((of(&above, &silent.uscc).listed, of(&above, &silent.uscc).certified), (Some(true), None));
    assert_eq!(of(&above, &b.uscc).listed, Some(false));
    assert_eq!(of(&above, &b.uscc).certified, Some(MemberStanding::Certified));
    // The province sees its own of the group and no other; nobody's plant below another province.
    let below = group_of(&js, &code);
    assert_eq!((below.rows.len(), below.reported, below.sums.graded), (2, 1, 4));
    // By group: two of the denominators' enterprises are of it, one of them counts.
    let how = Counting { by_group: true, ..Counting::default() };
    let by = ministry.node.progress(&plan(), &how).unwrap().by_group;
    let t2 = by["T2"].iter().find(|g| g.group == code).unwrap();
    assert_eq!(t2.own.iter().sum::<u64>(), 1);
    for site in [&ministry, &js, &zj, &group] {
        assert_holds(&site.node);
    }
    // What a group lets go of is a member no more, and the registry's column is then the only one that names it.
    group.node.member_set(plant.node.id().as_str(), MemberStanding::Revoked, "sold", None).unwrap();
    group.submit_all(&ministry);
    let after = group_of(&ministry, &code);
    assert_eq!(of(&after, &a.uscc).certified, Some(MemberStanding::Revoked));
    assert_eq!(after.doubts.iter().find(|d| d.say.key == "doubt.group-not-certified").unwrap().say.with["count"], "2");
}

/// Plant → city → province → ministry, and a plant that is its province's own child.
#[test]
fn a_city_takes_in_acts_and_sees_within_its_area_and_everything_counts_once() {
    let ministry = Site::new(part(NodeRole::Ministry, "", 1));
    let province = Site::new(part(NodeRole::Province, "32", 1));
    let city = Site::new(part(NodeRole::City, "3205", 1));
    province.join(&ministry);
    city.join(&province);
    let (a, b) = (enterprise(NodeRole::Plant, "320506", 320_500, 1), enterprise(NodeRole::Plant, "320100", 320_100, 2));
    let (inside, outside) = (Site::new(a.clone()), Site::new(b.clone()));
    inside.join(&city);
    outside.join(&province);
    // A plant of the city's area may be the province's child too: two paths again.
    inside.join(&province);
    let refused = |e: NodeError| match e {
        NodeError::Entry(say) => say.key,
        e => panic!("{e:?}"),
    };
    // It invites nobody of another city's area, and a city is not invited outside of its province.
    assert_eq!(refused(city.node.invite(b.clone(), 14, None).unwrap_err()), "error.area-not-covered");
    assert_eq!(
        refused(province.node.invite(part(NodeRole::City, "3301", 1), 14, None).unwrap_err()),
        "error.area-not-covered"
    );

    let rows = table(&[
        format!("{},{},320506,C3451,900000000", a.uscc, "厂甲"),
        format!("{},{},320100,C3451,800000000", b.uscc, "厂乙"),
    ]);
    import(&province.node, "js", &rows);
    import(&city.node, "city", &rows);
    graded(&inside, 1, 5);
    graded(&outside, 1, 5);
    inside.submit_all(&city);
    inside.submit_all(&province);
    outside.submit_all(&province);
    for (below, above) in [(&city, &province), (&province, &ministry), (&city, &province), (&province, &ministry)] {
        below.submit_all(above);
    }
    assert_eq!(counted(&city), (1, 1));
    assert_eq!(counted(&province), (2, 2));
    assert_eq!(counted(&ministry), (2, 2));
    assert_eq!(ministry.node.received(RecordKind::ProgrammeReport).unwrap().len(), 2);

    // The city's table has both; it sees, orders and challenges its own alone.
    let visible = |site: &Site, uscc: &str| {
        site.node.oversight(&plan(), Looking::default(), |o| o.standing(uscc).is_some()).unwrap()
    };
    assert_eq!((visible(&city, &a.uscc), visible(&city, &b.uscc)), (true, false));
    assert_eq!((visible(&province, &a.uscc), visible(&province, &b.uscc)), (true, true));
    let order = |site: &Site, uscc: &str| {
        let new = node::NewOrder {
            uscc,
            basis: "dsl-44",
            demand: "mend it",
            reasons: &[],
            working_days: None,
            document: None,
            wants: None,
            author: None,
        };
        site.node.order_issue(&plan(), new).map(|f| f.id)
    };
    assert!(order(&city, &a.uscc).is_ok());
    assert_eq!(refused(order(&city, &b.uscc).unwrap_err()), "error.order-not-yours");
    let wanted = |count| node::OrderWanted { round: None, count, days: 30, author: None };
    assert!(city.node.challenge_reobserve(&a.uscc, &wanted(1)).is_ok());
    assert!(city.node.challenge_reobserve(&b.uscc, &wanted(1)).is_err(), "no child of the city");
    for site in [&ministry, &province, &city] {
        assert_holds(&site.node);
    }
}

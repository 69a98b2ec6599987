//! What was found, counted by class: tallies, files, columns, recognised formats, and classes of the user's own.

use crate::fixture::{Exam, PLAN, t};
use evidence::{
    Bands, Body, Column, ColumnVerdict, Content, Counts, DataGroup, FormatTold, GapReason, Hits, Judgement, Outcome,
    OwnClass, Place, Tally,
};

fn exam() -> Exam {
    Exam::of("h1", "2026-11-20").in_folders(&["/srv"]).folder("/srv", 9)
}

fn run(exam: &Exam) -> Judgement {
    judge::judge(&PLAN, &[exam.sign()], t("2026-11-23"))
}

fn tally(class: &str, root: &str, files: u64, high: u64, distinct: u64) -> Tally {
    let bands = Bands { high, ..Bands::default() };
    Tally { class: class.into(), root: root.into(), files, bands, distinct, distinct_is_floor: false, own: None }
}

fn hits(class: &str, path: &str, high: u64, low: u64) -> Body {
    let bands = Bands { high, medium: 0, low };
    Body::Hits(Hits { class: class.into(), at: Place::file(path), bands, distinct: high + low, samples: Vec::new() })
}

fn column(class: &str, path: &str, name: &str, confidence: u8) -> Body {
    Body::Column(Column {
        class: class.into(),
        at: Place::file(path),
        column: name.to_owned(),
        verdict: ColumnVerdict::Is,
        confidence,
        sampled: 100,
        rows: Some(1000),
        filled: 90,
        whole: 80,
        holding: 85,
        distinct: 70,
        header: true,
    })
}

fn content(class: &str, path: &str, how: FormatTold) -> Body {
    let at = Place::file(path);
    Body::Content(Content { format: "dwg".into(), class: class.into(), at, how, detail: None, bytes: Some(9) })
}

/// The group of a class: files, hits, distinct, floor, columns, contents.
fn check(exam: &Exam, class: &str, want: Option<(u64, u64, u64, bool, u64, u64)>) {
    let j = run(exam);
    let of = |g: &DataGroup| (g.files, g.hits, g.distinct, g.distinct_is_floor, g.columns, g.contents);
    assert_eq!(j.data.iter().find(|g| g.class.as_str() == class).map(of), want, "{class}");
}

#[test]
fn of_two_tallies_of_one_folder_the_tree_counts() {
    let direct = Body::Tally(tally("cn.mobile", "/srv", 1, 3, 3));
    let tree = Body::Tally(tally("cn.mobile", "/srv", 4, 30, 20));
    let below = Body::Tally(tally("cn.mobile", "/srv/hr", 3, 27, 18));
    let want = Some((4, 30, 20, false, 0, 0));
    check(&exam().body(direct.clone()).body(tree.clone()).body(below.clone()), "cn.mobile", want);
    check(&exam().body(below).body(tree).body(direct), "cn.mobile", want);
}

#[test]
fn columns_count_where_nothing_else_counted_their_table() {
    let alone = exam().body(column("cn.mobile", "/srv/a.db", "tel", 92));
    check(&alone, "cn.mobile", Some((1, 85, 70, true, 1, 0)));
    let two = alone.clone().body(column("cn.mobile", "/srv/a.db", "tel2", 92));
    check(&two, "cn.mobile", Some((1, 85, 70, true, 2, 0)));
    let beside = exam().body(hits("cn.mobile", "/srv/a.csv", 5, 1)).body(column("cn.mobile", "/srv/a.csv", "tel", 92));
    check(&beside, "cn.mobile", Some((1, 5, 6, true, 1, 0)));
    let tallied = beside.body(Body::Tally(tally("cn.mobile", "/srv", 1, 5, 5)));
    check(&tallied, "cn.mobile", Some((1, 5, 5, false, 1, 0)));
    check(&exam().body(column("cn.mobile", "/srv/a.db", "n", 40)), "cn.mobile", None);
}

#[test]
fn a_format_that_was_told_counts_and_a_name_alone_does_not() {
    let told = exam().body(content("vin", "/srv/a.dwg", FormatTold::Magic));
    check(&told, "vin", Some((1, 0, 0, false, 0, 1)));
    check(&exam().body(content("vin", "/srv/a.dwg", FormatTold::NameHint)), "vin", None);
    check(&told.body(content("vin", "/srv/b.dwg", FormatTold::NameHint)), "vin", Some((1, 0, 0, false, 0, 1)));
}

#[test]
fn a_class_of_the_users_own_brings_its_category_and_the_plan_overrules_it() {
    let own = |counts| {
        let own = OwnClass { category: "personal".into(), counts, kind: None, en: "Badge".into(), zh: "工牌".into() };
        Some(Box::new(own))
    };
    let with = |class: &str, counts| {
        let tally = Tally { own: own(counts), ..tally(class, "/srv", 1, 2_000_000, 2_000_000) };
        run(&exam().body(Body::Tally(tally)))
    };
    let level = |j: &Judgement| (j.data[0].category.to_string(), j.data[0].level.level.to_string());
    let unknown = |j: &Judgement| j.doubts.iter().any(|d| d.say.key == "doubt.unknown-class");
    let people = with("plant.badge", Counts::People);
    assert_eq!(level(&people), ("personal".into(), "important".into()));
    assert!(!unknown(&people));
    let things = with("plant.badge", Counts::Things);
    assert_eq!(level(&things), ("personal".into(), "general".into()));
    // The plan says that a vehicle number is production data and no person.
    assert_eq!(level(&with("vin", Counts::People)), ("production".into(), "general".into()));
    let nobody = run(&exam().body(Body::Tally(tally("plant.badge", "/srv", 1, 9, 9))));
    assert_eq!(level(&nobody).0, "unclassified");
    assert!(unknown(&nobody));
}

/// A server of maps abroad, and a map of itself: what a file says of its extent makes it important (plan: geo-large-area,
/// more than 25 km² at a scale larger than 1:5,000).
fn mapped(area_km2: u64) -> Exam {
    let server = [
        ("server", "https://mt1.google.com".into()),
        ("host", "mt1.google.com".into()),
        ("use", "tiles".into()),
        ("country", "US".into()),
        ("local", false.into()),
    ];
    let values = [("area_km2".to_owned(), area_km2), ("scale".to_owned(), 2_000)].into();
    let map = evidence::Measured { class: "file.geographic".into(), at: Place::file("/srv/maps/plant.shp"), values };
    let exam = Exam::of("h1", "2026-11-20").in_folders(&["/srv/maps"]).folder("/srv/maps", 3);
    exam.row("geo.server", server).covered("geo.server").body(Body::Measured(map))
}

#[test]
fn a_program_and_data_in_one_run_are_more_than_either() {
    let check = "geo-data-server-abroad";
    let told = |exam: &Exam| {
        let j = run(exam);
        let r = j.checks.iter().find(|c| c.check.as_str() == check).unwrap().clone();
        let found = j.findings.iter().find(|f| f.check.as_str() == check).cloned();
        (r.outcome, r.because.map_or_else(String::new, |b| b.key), found)
    };
    let (outcome, _, found) = told(&mapped(26));
    assert_eq!(outcome, Outcome::Fail);
    let found = found.unwrap();
    assert_eq!(found.object, "https://mt1.google.com");
    assert_eq!(
        (found.with["data.root"].as_str(), found.with["data.level"].as_str()),
        ("/srv/maps/plant.shp", "important")
    );
    assert_eq!(found.evidence.len(), 2, "the server and the map: {found:?}");

    let none = |e: &Exam| told(e).2.is_none();
    // 25 km² is not more than 25 km².
    let small = mapped(25);
    assert_eq!((told(&small).0, told(&small).1.as_str()), (Outcome::Pass, "because.no-such-data"));
    assert!(none(&small));
    let blind = mapped(25).gap_at("/srv/maps", "/srv/maps/locked", GapReason::PermissionDenied);
    assert_eq!((told(&blind).0, told(&blind).1.as_str()), (Outcome::CannotTell, "because.data-incomplete"));
    // A database that could not be reached, or rows that were lost on the way, may hold what is not seen.
    for what in ["database:postgres://127.0.0.1/db", "run"] {
        assert_eq!(told(&mapped(25).gap(what, GapReason::IoError)).0, Outcome::CannotTell, "{what}");
    }
    let empty = Exam {
        bodies: mapped(25)
            .bodies
            .into_iter()
            .filter(|b| !matches!(b, Body::Covered(c) if c.what.starts_with("folder:")))
            .collect(),
        ..mapped(25)
    };
    assert_eq!(told(&empty.folder("/srv/maps", 0)).0, Outcome::CannotTell, "an empty folder clears nothing");
    let no_folder = Exam { folders: Vec::new(), ..mapped(26) };
    assert_eq!((told(&no_folder).0, told(&no_folder).1.as_str()), (Outcome::CannotTell, "because.no-folder"));
    // Data alone is nothing to this check.
    let alone =
        Exam { bodies: mapped(26).bodies.into_iter().filter(|b| !matches!(b, Body::Fact(_))).collect(), ..mapped(26) };
    assert_eq!(told(&alone).0, Outcome::Pass);
    // The same two in two runs prove nothing: the map was read on another day.
    let map = Exam {
        bodies: mapped(26)
            .bodies
            .into_iter()
            .filter(|b| !matches!(b, Body::Fact(_) | Body::Covered(evidence::Covered { .. })))
            .collect(),
        ..mapped(26)
    };
    let server = Exam {
        folders: Vec::new(),
        bodies: mapped(26).bodies.into_iter().filter(|b| matches!(b, Body::Fact(_))).collect(),
        ..Exam::of("h1", "2026-11-21")
    };
    let j = judge::judge(&PLAN, &[map.sign(), server.covered("geo.server").sign()], t("2026-11-23"));
    assert!(!j.findings.iter().any(|f| f.check.as_str() == check));
}

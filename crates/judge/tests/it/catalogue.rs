//! The catalogue, held to what a reader of a filing relies on.

use crate::fixture::{Exam, PLAN, placed, signed, stated, t};
use evidence::{
    Asset, AssetStanding, Attestation, Bands, Body, Carrier, CarrierKind, Catalogue, Column, ColumnVerdict, Content,
    Covered, Digest, Document, FormatTold, GapReason, Grading, Hits, LevelBasis, ListedAsset, ListedTexts, Listing,
    Measured, PathText, Place, Sample, ScopeKind, Span, Spot, Tally, canonical,
};
use judge::{Verdict, catalogue, diff, transfer_input};
use proof::Witness;

const NOW: &str = "2026-11-23";

fn run(records: &[Witness]) -> Catalogue {
    catalogue(&PLAN, records, t(NOW), 0)
}

fn exam(date: &str, roots: &[&'static str]) -> Exam {
    roots.iter().fold(Exam::of("h1", date).in_folders(roots), |e, r| e.folder(r, 9))
}

fn place(path: &str, inside: &[&str]) -> Place {
    Place { inside: inside.iter().map(|i| (*i).into()).collect(), ..Place::file(path) }
}

fn spot_sample(spot: Spot) -> Sample {
    let keyed = evidence::DigestKey::new([1; 32]).digest("x", b"y");
    Sample { spot, mask: evidence::Masked::hide(6), keyed, confidence: 90, why: Vec::new() }
}

fn hits(class: &str, at: Place, sure: u64, distinct: u64) -> Body {
    let bands = Bands { high: sure, ..Bands::default() };
    let samples = vec![spot_sample(Spot::Line { line: 1, column: 1 })];
    Body::Hits(Hits { class: class.into(), at, bands, distinct, samples })
}

fn in_field(class: &str, at: Place) -> Body {
    let samples = vec![spot_sample(Spot::Field { column: "c".to_owned(), row: 3 })];
    Body::Hits(Hits { class: class.into(), at, bands: Bands { high: 5, ..Bands::default() }, distinct: 5, samples })
}

fn tally(class: &str, root: &str, files: u64, sure: u64, distinct: u64) -> Body {
    let bands = Bands { high: sure, ..Bands::default() };
    let root = root.into();
    Body::Tally(Tally { class: class.into(), root, files, bands, distinct, distinct_is_floor: false, own: None })
}

fn column(class: &str, at: Place, sampled: u64, rows: Option<u64>, distinct: u64) -> Body {
    Body::Column(Column {
        class: class.into(),
        at,
        column: "c".to_owned(),
        verdict: ColumnVerdict::Is,
        confidence: 95,
        sampled,
        rows,
        filled: sampled,
        whole: sampled,
        holding: sampled,
        distinct,
        header: true,
    })
}

fn listed(path: &str, level: Option<&str>) -> ListedAsset {
    let kind = if path.starts_with('/') { CarrierKind::Folder } else { CarrierKind::Elsewhere };
    ListedAsset {
        carrier: Carrier { kind, host: String::new(), path: path.into(), inside: Vec::new() },
        name: format!("asset {path}"),
        category: None,
        level: level.map(Into::into),
        bytes: None,
        records: None,
        texts: ListedTexts::default(),
    }
}

fn document() -> Document {
    Document { name: "list.xlsx".to_owned(), digest: Digest::of(b"list"), bytes: 4 }
}

fn listing(date: &str, assets: Vec<ListedAsset>) -> Witness {
    stated(date, |n, a, at| Attestation::listing(n, a, at, Listing { document: document(), assets, left_out: 0 }))
}

fn graded(date: &str, path: &str, level: &str, confirmed: bool) -> Witness {
    let carrier = Carrier { kind: CarrierKind::Folder, host: "h1".to_owned(), path: path.into(), inside: Vec::new() };
    let (by, document, catalogue) = ("Wang Fang".to_owned(), Some(document()), Digest::of(b"seen"));
    let (level, object, harm) = (level.into(), None, None);
    let grading = Grading { carrier, confirmed, level, object, harm, by, document, catalogue };
    stated(date, |n, a, at| Attestation::grading(n, a, at, grading))
}

fn at<'c>(c: &'c Catalogue, place: &str) -> &'c Asset {
    let all: Vec<String> = c.assets.iter().map(|a| a.carrier.to_string()).collect();
    c.assets.iter().find(|a| a.carrier.to_string() == place).unwrap_or_else(|| panic!("no {place} in {all:?}"))
}

fn places(c: &Catalogue) -> Vec<String> {
    let mut all: Vec<String> = c.assets.iter().map(|a| a.carrier.to_string()).collect();
    all.sort();
    all
}

#[test]
fn what_is_found_belongs_to_its_folder_its_table_or_the_listed_asset_above() {
    let table = |name: &str| Body::Covered(Covered { what: format!("table:{name}"), counts: [].into() });
    let exam = exam("2026-11-20", &["/srv", "postgres://db:5432/erp"])
        .body(hits("cn.mobile", place("/srv/hr/a.csv", &[]), 5, 5))
        .body(hits("cn.mobile", place("/srv/hr/b.zip", &["x/c.csv"]), 5, 5))
        .body(hits("cn.mobile", place("/srv/hr/old/a.csv", &[]), 5, 5))
        .body(hits("cn.mobile", place("/srv/top.txt", &[]), 5, 5))
        .body(table("/srv/db/plant.db!staff"))
        .body(column("cn.mobile", place("/srv/db/plant.db", &["staff"]), 40, Some(40), 38))
        // A table in a text file is told as a table too; its hits stand on lines, so the folder holds it.
        .body(table("/srv/csv/b.zip!orders.csv"))
        .body(hits("cn.mobile", place("/srv/csv/b.zip", &["orders.csv"]), 5, 5))
        .body(column("cn.mobile", place("/srv/csv/b.zip", &["orders.csv"]), 5, Some(5), 5))
        // A document in a field belongs to the table; a table that was not read to the end is told by its fields.
        .body(table("postgres://db:5432/erp!public!orders"))
        .body(hits("cn.mobile", place("postgres://db:5432/erp", &["public", "orders", "a.docx"]), 5, 5))
        .body(in_field("cn.mobile", place("/srv/db/other.db", &["part"])))
        // Low confidence and a hint by name are nothing.
        .body(Body::Hits(Hits {
            class: "cn.mobile".into(),
            at: place("/srv/low/a.txt", &[]),
            bands: Bands { low: 9, ..Bands::default() },
            distinct: 9,
            samples: Vec::new(),
        }));
    let c = run(&[exam.sign()]);
    let tables = ["/srv/db/other.db!part", "/srv/db/plant.db!staff", "postgres://db:5432/erp!public!orders"];
    assert_eq!(places(&c), ["/srv", "/srv/csv", tables[0], tables[1], "/srv/hr", "/srv/hr/old", tables[2]]);
    assert_eq!((at(&c, "/srv/hr").size.files, at(&c, "/srv/hr").classes[0].files), (2, 2));
    assert_eq!(at(&c, "/srv/db/plant.db!staff").size.records, Span::exact(40));
    let c = run(&[exam.sign(), listing("2026-11-01", vec![listed("/srv/hr", None), listed("/srv/db/plant.db", None)])]);
    assert_eq!(places(&c), ["/srv", "/srv/csv", tables[0], "/srv/db/plant.db", "/srv/hr", tables[2]]);
    assert_eq!((at(&c, "/srv/hr").size.files, at(&c, "/srv/hr").standing), (3, AssetStanding::Both));
    assert_eq!(at(&c, "/srv/hr").carrier.host, "h1", "a list that names no host takes the examined one");
}

#[test]
fn people_are_exact_where_a_tally_says_so_and_a_span_where_only_files_do() {
    let two = || {
        exam("2026-11-20", &["/srv"]).body(hits("cn.mobile", place("/srv/hr/a.csv", &[]), 100, 100)).body(hits(
            "cn.mobile",
            place("/srv/hr/b.csv", &[]),
            60,
            60,
        ))
    };
    let people = |e: &Exam| at(&run(&[e.sign()]), "/srv/hr").people;
    assert_eq!(people(&two()), Span::between(100, 160));
    assert_eq!(people(&two().body(tally("cn.mobile", "/srv", 2, 160, 130))), Span::between(100, 130), "capped");
    assert_eq!(people(&two().body(tally("cn.mobile", "/srv/hr", 2, 160, 110))), Span::exact(110), "of the folder");
    // Another class of the same people: nobody knows how many are the same.
    let ids = two()
        .body(tally("cn.mobile", "/srv/hr", 2, 160, 110))
        .body(hits("bank-card", place("/srv/hr/a.csv", &[]), 90, 90))
        .body(hits("vin", place("/srv/hr/a.csv", &[]), 900, 900));
    let c = run(&[ids.sign()]);
    let a = at(&c, "/srv/hr");
    assert_eq!((a.people, a.sensitive_people), (Span::between(110, 200), Span::exact(90)));
    assert_eq!(
        a.categories.iter().map(evidence::CategoryId::as_str).collect::<Vec<_>>(),
        ["personal", "production", "sensitive-personal"]
    );
    assert_eq!(a.category.as_str(), "production", "most hits");
    // A column that was only sampled has no upper bound.
    let sampled = exam("2026-11-20", &["/srv"]).body(column(
        "cn.mobile",
        place("/srv/hr/t.parquet", &[]),
        4000,
        Some(90_000),
        3900,
    ));
    assert_eq!(people(&sampled), Span::at_least(3900));
    let c = run(&[sampled.sign()]);
    assert_eq!(at(&c, "/srv/hr").size.records, Span::exact(90_000));
}

#[test]
fn the_newest_run_of_a_place_speaks_and_the_oldest_says_since_when() {
    let seen = |date: &str, roots: &[&'static str], path: &str, n: u64| {
        exam(date, roots).body(hits("cn.mobile", place(path, &[]), n, n)).sign()
    };
    let old = seen("2026-09-01", &["/srv"], "/srv/hr/a.csv", 9);
    let gone = seen("2026-09-02", &["/srv"], "/srv/gone/a.csv", 9);
    let new = seen("2026-10-01", &["/srv"], "/srv/hr/a.csv", 20);
    let c = run(&[old.clone(), gone.clone(), new.clone()]);
    assert_eq!(places(&c), ["/srv/hr"]);
    let a = at(&c, "/srv/hr");
    assert_eq!((a.people, a.since, a.seen), (Span::exact(20), Some(t("2026-09-01")), Some(t("2026-10-01"))));
    // A newer look at a part of it speaks for the part: the file that was there is gone.
    let part = exam("2026-10-05", &["/srv/hr"]).body(hits("cn.mobile", place("/srv/hr/b.csv", &[]), 3, 3)).sign();
    let both = run(&[new.clone(), part]);
    assert_eq!((at(&both, "/srv/hr").people, both.roots.len()), (Span::exact(3), 2));
    // The catalogue before carries since, so that the old runs need not be read again.
    let before = run(&[old]);
    let after = run(&[new, signed(&before)]);
    assert_eq!(at(&after, "/srv/hr").since, Some(t("2026-09-01")));
    assert_eq!(after.previous, Some(signed_leaf(&after)));
}

/// The only catalogue that it cites.
fn signed_leaf(c: &Catalogue) -> Digest {
    c.cites.iter().find(|x| x.1 == evidence::RecordKind::Catalogue).unwrap().0
}

#[test]
fn listed_and_found_are_reconciled_and_not_looked_at_is_not_missing() {
    let exam = exam("2026-11-20", &["/srv"])
        .body(hits("cn.resident-id", place("/srv/hr/a.csv", &[]), 2_000_000, 2_000_000))
        .body(hits("cn.mobile", place("/srv/new/a.csv", &[]), 5, 5))
        .gap_at("/srv", "/srv/locked", GapReason::PermissionDenied)
        .gap_at("/srv", "/srv/hr/secret.zip", GapReason::Encrypted);
    let rows = vec![
        listed("/srv/hr", Some("general")),
        listed("/srv/empty", Some("important")),
        listed("/srv/locked", Some("important")),
        listed("/elsewhere", Some("important")),
        listed("the paper archive", Some("core")),
    ];
    let c = run(&[exam.sign(), listing("2026-11-01", rows)]);
    let standing = |p: &str| at(&c, p).standing;
    assert_eq!(standing("/srv/hr"), AssetStanding::Both);
    assert_eq!(standing("/srv/new"), AssetStanding::Found);
    assert_eq!(standing("/srv/empty"), AssetStanding::Missing);
    for p in ["/srv/locked", "/elsewhere", "the paper archive"] {
        assert_eq!(standing(p), AssetStanding::NotExamined, "{p}");
    }
    let hr = at(&c, "/srv/hr");
    assert_eq!((hr.level.level.as_str(), hr.level.basis, hr.level.proposed), ("general", LevelBasis::Listed, false));
    assert_eq!(hr.level.proposal.as_ref().map(evidence::LevelId::as_str), Some("important"));
    assert_eq!(hr.differs.iter().map(|d| d.key.as_str()).collect::<Vec<_>>(), ["differs.level-listed"]);
    assert_eq!(hr.gaps.iter().map(|g| (g.reason, g.count)).collect::<Vec<_>>(), [(GapReason::Encrypted, 1)]);
    assert_eq!(at(&c, "the paper archive").level.level.as_str(), "core", "a person listed it");
    assert_eq!(c.assets[0].level.level.as_str(), "core", "highest first");
}

#[test]
fn a_person_decides_and_later_runs_keep_it() {
    let big =
        exam("2026-11-20", &["/srv"]).body(hits("cn.resident-id", place("/srv/hr/a.csv", &[]), 2_000_000, 2_000_000));
    let alone = run(&[big.sign()]);
    let a = at(&alone, "/srv/hr");
    assert_eq!((a.level.level.as_str(), a.level.basis, a.level.proposed), ("important", LevelBasis::Found, true));
    assert!(alone.assets.iter().all(|a| a.level.level.as_str() != "core"), "no number makes core");
    let c = run(&[big.sign(), graded("2026-11-21", "/srv/hr", "core", true)]);
    let l = &at(&c, "/srv/hr").level;
    assert_eq!((l.level.as_str(), l.basis, l.proposed), ("core", LevelBasis::Confirmed, false));
    let by = l.by.as_ref().unwrap();
    assert_eq!((by.by.as_str(), by.account.as_str(), by.document.is_some()), ("Wang Fang", "officer", true));
    // The newest decision counts; a rejection keeps the proposal in sight.
    let later = graded("2026-11-22", "/srv/hr", "general", false);
    let c = run(&[big.sign(), graded("2026-11-21", "/srv/hr", "core", true), later.clone()]);
    let a = at(&c, "/srv/hr");
    assert_eq!((a.level.level.as_str(), a.level.basis), ("general", LevelBasis::Rejected));
    assert_eq!(a.differs[0].key, "differs.level-graded");
    // Another day's run of the same place keeps it; a place that is gone is a doubt, not silence.
    let next = Exam { ended: t("2026-11-22"), ..big.clone() };
    assert_eq!(at(&run(&[next.sign(), later.clone()]), "/srv/hr").level.basis, LevelBasis::Rejected);
    let none = run(&[exam("2026-11-22", &["/srv"]).sign(), later]);
    assert!(none.assets.is_empty());
    assert!(none.doubts.iter().any(|d| d.say.key == "doubt.graded-not-there"));
}

#[test]
fn geography_is_proposed_by_what_a_file_says_of_itself() {
    let map = |path: &str, values: &[(&str, u64)]| {
        let at = place(path, &[]);
        let content = Content {
            format: "geotiff".into(),
            class: "geo.lat-lon".into(),
            at: at.clone(),
            how: FormatTold::Magic,
            detail: None,
            bytes: Some(1000),
        };
        let values = values.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect();
        [Body::Content(content), Body::Measured(Measured { class: "geo.lat-lon".into(), at, values })]
    };
    let check = |values: &[(&str, u64)], level: &str, because: &str| {
        let e = map("/srv/gis/a.tif", values).into_iter().fold(exam("2026-11-20", &["/srv"]), Exam::body);
        let c = run(&[e.sign()]);
        let a = at(&c, "/srv/gis");
        assert_eq!((a.level.level.as_str(), a.level.because[0].key.as_str()), (level, because), "{values:?}");
        assert_eq!(a.size.bytes, Some(Span::exact(1000)));
        a.level.because.clone()
    };
    let said = check(&[("area_km2", 31)], "important", "effect.geo-large-area.because");
    assert_eq!(said[0].with["values"], "area_km2=31, scale=?");
    check(&[("area_km2", 25)], "general", "because.level-found");
    check(&[("area_km2", 31), ("scale", 5000)], "general", "because.level-found");
    check(&[("area_km2", 31), ("scale", 2000)], "important", "effect.geo-large-area.because");
    check(&[("contour_m", 20)], "important", "effect.geo-contours.because");
    check(&[("contour_m", 21)], "general", "because.level-found");
    check(&[("contour_m", 5), ("scale", 2000)], "general", "because.level-found");
    let untold = check(&[], "general", "because.level-found");
    // It says nothing of its extent, and it measured nothing: the second is said.
    assert_eq!(untold.len(), 1);
    let [content, _] = map("/srv/gis/a.tif", &[]);
    let c = run(&[exam("2026-11-20", &["/srv"]).body(content).sign()]);
    assert_eq!(at(&c, "/srv/gis").level.because[1].key, "because.not-measured");
}

#[test]
fn a_threshold_that_the_bounds_straddle_is_possible_and_not_met() {
    let e = (0..20).fold(exam("2026-11-20", &["/srv"]), |e, n| {
        e.body(hits("cn.mobile", place(&format!("/srv/hr/{n}.csv"), &[]), 100_000, 100_000))
    });
    let c = run(&[e.sign()]);
    let a = at(&c, "/srv/hr");
    assert_eq!((a.people, a.level.level.as_str()), (Span::between(100_000, 2_000_000), "general"));
    assert_eq!(a.level.because[1].key, "because.may-reach");
}

#[test]
fn the_same_records_make_the_same_bytes_in_any_order_and_from_what_is_cited() {
    let e = exam("2026-11-20", &["/srv"]).body(hits("cn.mobile", place("/srv/hr/a.csv", &[]), 5, 5)).sign();
    let old = exam("2026-10-20", &["/srv"]).body(hits("cn.mobile", place("/srv/hr/a.csv", &[]), 5, 5)).sign();
    let host = Exam::of("h1", "2026-11-20").one("host.name", "h1").sign();
    let list = listing("2026-11-01", vec![listed("/srv/hr", None)]);
    let stale = listing("2026-10-01", vec![listed("/srv/none", None)]);
    let grade = graded("2026-11-02", "/srv/hr", "important", true);
    let before = signed(&run(std::slice::from_ref(&old)));
    let future = Exam { ended: t("2027-01-01"), started: t("2027-01-01"), ..exam("2027-01-01", &["/srv"]) }.sign();
    let records = vec![e, old, host, list, stale, grade, before, future];
    let one = run(&records);
    let mut back = records.clone();
    back.reverse();
    back.extend(records.clone());
    let bytes = |c: &Catalogue| canonical::to_vec(c).unwrap();
    assert_eq!(bytes(&one), bytes(&run(&back)));
    let cited: Vec<Witness> =
        records.iter().filter(|w| one.cites.iter().any(|c| c.0 == w.record.leaf())).cloned().collect();
    assert_eq!(cited.len(), one.cites.len());
    assert_eq!(bytes(&one), bytes(&run(&cited)));
    assert_eq!(cited.len(), 5, "neither the host's run nor the replaced list nor the future");
    // The record is what it says it is: it reads back from its own bytes.
    assert_eq!(run(&[]).assets.len(), 0);
    assert!(matches!(signed(&one).record.value(), evidence::Record::Catalogue(c) if **c == one));
}

fn important(date: &str, records: u64, rows: &[&str]) -> Catalogue {
    let e = exam(date, &["/srv"]).body(hits("cn.resident-id", place("/srv/hr/a.csv", &[]), records, records));
    let rows = rows.iter().map(|p| listed(p, Some("important"))).collect();
    catalogue(&PLAN, &[e.sign(), listing("2026-01-01", rows)], t(date), 0)
}

#[test]
fn drift_is_counted_by_kind_and_the_duty_follows_from_the_plan() {
    let before = important("2026-11-01", 1000, &["/srv/hr"]);
    let to = |n: u64| diff(&PLAN, &before, &important("2026-11-20", n, &["/srv/hr"]));
    let same = to(1000);
    assert_eq!((same.verdict(), same.items.len(), &same.due), (Verdict::No, 0, &None));
    let (less, more) = (to(1290), to(1310));
    assert_eq!((less.verdict(), &less.due), (Verdict::No, &None), "29 %");
    assert_eq!((more.verdict(), more.kinds[0].records.percent_least), (Verdict::Certain, 31));
    let due = more.due.unwrap();
    assert_eq!((due.duty.as_str(), due.until), ("catalogue-change", Some(t("2027-02-20"))));
    assert_eq!((more.percent, more.from.unwrap().to_string()), (Some(30), "important".to_owned()));
    // Another filed item: an asset that came, one that went, a text that changed.
    let came = diff(&PLAN, &before, &important("2026-11-20", 1000, &["/srv/hr", "/srv/x"]));
    assert_eq!((came.items.len(), came.items[0].there, came.due.is_some()), (1, (false, true), true));
    let went = diff(&PLAN, &important("2026-11-01", 1000, &["/srv/hr", "/srv/x"]), &before);
    assert_eq!(went.items[0].there, (true, false));
    let mut changed = before.clone();
    changed.assets[0].listed.as_mut().unwrap().texts.responsible = "Zhao".to_owned();
    let text = diff(&PLAN, &before, &changed);
    assert_eq!((text.items[0].fields[0].field, text.due.is_some()), ("responsible", true));
    // What is only proposed is not filed; it is counted.
    let e =
        exam("2026-11-20", &["/srv"]).body(hits("cn.resident-id", place("/srv/hr/a.csv", &[]), 2_000_000, 2_000_000));
    let proposed = run(&[e.sign()]);
    let none = diff(&PLAN, &run(&[]), &proposed);
    assert_eq!((none.items.len(), none.kinds.len(), none.proposals, none.due), (0, 0, 1, None));
}

#[test]
fn transfer_rules_get_their_numbers_with_bounds_and_by_country() {
    let e = exam("2026-11-20", &["/srv/a", "/srv/b"])
        .body(hits("cn.mobile", place("/srv/a/x.csv", &[]), 60_000, 60_000))
        .body(hits("cn.mobile", place("/srv/b/y.csv", &[]), 70_000, 70_000))
        .body(hits("bank-card", place("/srv/b/y.csv", &[]), 50, 50));
    let entries = [(ScopeKind::Share, "/srv/a", "苏州一厂", "CN"), (ScopeKind::Share, "h1:/srv/b", "", "")];
    let c = run(&[e.sign(), placed("2026-11-01", &entries)]);
    assert_eq!((at(&c, "/srv/a").site.as_deref(), at(&c, "/srv/a").country.as_deref()), (Some("苏州一厂"), Some("CN")));
    assert_eq!(at(&c, "/srv/b").country, None);
    let input = transfer_input(&PLAN, &c);
    assert_eq!((input.all.people, input.all.sensitive_people), (Span::between(70_000, 130_050), Span::exact(50)));
    assert_eq!(input.by_country["CN"].people, Span::exact(60_000));
    assert_eq!(input.by_country[""].since, Some(t("2026-11-20")));
    let ids = |n: &Option<judge::Need>| n.as_ref().map(|n| n.rule.clone()).unwrap();
    assert_eq!((ids(&input.needs.0), ids(&input.needs.1)), ("sensitive-any".into(), "personal-middle".into()));
    let none = transfer_input(&PLAN, &run(&[]));
    assert_eq!(ids(&none.needs.0), "personal-small");
    let path = PathText::from("/srv/a");
    let important = run(&[e.sign(), graded("2026-11-21", path.as_str(), "important", true)]);
    assert_eq!(ids(&transfer_input(&PLAN, &important).needs.0), "important-data");
}

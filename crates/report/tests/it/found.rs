//! A run over data in which every case of the discover faces occurs once.

use crate::fixture::{self, Fixture};
use evidence::{
    Bands, Body, Column, ColumnVerdict, Content, Covered, DataGroup, FormatTold, Gap, GapReason, Hits, Item, Measured,
    OwnClass, Place, Sample, Spot, Tally, Why, WhyKind,
};

fn why(by: WhyKind, tenths: i64, word: Option<&str>, away: Option<i64>) -> Why {
    Why { by, tenths, word: word.map(str::to_owned), away }
}

fn column(class: &str, path: &str, inside: &[&str], name: &str, verdict: ColumnVerdict) -> Body {
    let is = verdict == ColumnVerdict::Is;
    Body::Column(Column {
        class: class.into(),
        at: Place { inside: inside.iter().map(|i| (*i).into()).collect(), ..Place::file(path) },
        column: name.to_owned(),
        verdict,
        confidence: if is { 98 } else { 70 },
        sampled: 4603,
        rows: is.then_some(120_000),
        filled: 4500,
        whole: if is { 4480 } else { 0 },
        holding: if is { 4490 } else { 31 },
        distinct: if is { 4400 } else { 30 },
        header: is,
    })
}

fn content(format: &str, class: &str, path: &str, how: FormatTold, bytes: Option<u64>) -> Body {
    let detail = (how == FormatTold::Magic).then(|| "AC1032".to_owned());
    Body::Content(Content { format: format.to_owned(), class: class.into(), at: Place::file(path), how, detail, bytes })
}

fn bodies() -> Vec<Body> {
    let own = OwnClass {
        category: "personal".into(),
        counts: evidence::Counts::People,
        kind: None,
        en: "Works badge".to_owned(),
        zh: "工牌号".to_owned(),
    };
    let bands = |high, medium, low| Bands { high, medium, low };
    let sample = |spot, confidence, why| Sample {
        spot,
        mask: evidence::Masked::keep("W-20261123-0042", 2, 2),
        keyed: evidence::DigestKey::new([7; 32]).digest("plant.badge", b"W-20261123-0042"),
        confidence,
        why,
    };
    let parts = vec![
        why(WhyKind::Structure, -4, Some("mod-11-2"), None),
        why(WhyKind::Word, 28, Some("工牌"), Some(-3)),
        why(WhyKind::Against, -8, Some("test"), Some(40)),
    ];
    let page = Spot::Page { page: 3, line: 4, column: 5 };
    let samples = vec![
        sample(Spot::Field { column: "备注".to_owned(), row: 7 }, 83, parts),
        sample(page, 40, vec![why(WhyKind::Structure, 12, None, None), why(WhyKind::NoContext, -16, None, None)]),
        sample(Spot::Byte { offset: 1024 }, 66, Vec::new()),
    ];
    let in_archive = Place { inside: vec!["a/b.csv".into()], ..Place::file("/srv/share/=cmd|' /C calc'!A0.zip") };
    // One content in seven places.
    let copy = |n: u64| {
        let content = evidence::DigestKey::new([7; 32]).digest("file", b"one list");
        Body::Hits(Hits {
            class: "cn.mobile".into(),
            at: Place {
                digest: Some(evidence::ContentDigest::Keyed(content)),
                ..Place::file(&*format!("/srv/share/backup{n}/list.csv"))
            },
            bands: bands(3, 0, 0),
            distinct: 3,
            samples: Vec::new(),
        })
    };
    let mut all: Vec<Body> = (1..=7).map(copy).collect();
    all.extend(vec![
        Body::Tally(Tally {
            class: "plant.badge".into(),
            root: "/srv/share".into(),
            files: 1,
            bands: bands(0, 2, 1),
            distinct: 2,
            distinct_is_floor: false,
            own: Some(Box::new(own)),
        }),
        Body::Hits(Hits { class: "plant.badge".into(), at: in_archive, bands: bands(0, 2, 1), distinct: 3, samples }),
        Body::Hits(Hits {
            class: "cn.mobile".into(),
            at: Place::file("/srv/share/low.txt"),
            bands: bands(0, 0, 4),
            distinct: 4,
            samples: Vec::new(),
        }),
        column("cn.resident-id", "/srv/share/plant.db", &["staff"], "sfz", ColumnVerdict::Is),
        column("email", "/srv/share/plant.db", &["log"], "备注", ColumnVerdict::Contains),
        content("dwg", "drawing", "/srv/share/cad/pump.dwg", FormatTold::Magic, Some(1_234_567)),
        content("dwg", "drawing", "/srv/share/cad/hall.dwg", FormatTold::Magic, Some(999)),
        content("geotiff", "geo.raster", "/srv/share/map.tif", FormatTold::Container, None),
        content("prt", "drawing", "/srv/share/x.prt", FormatTold::NameHint, None),
        Body::Measured(Measured {
            class: "geo.raster".into(),
            at: Place::file("/srv/share/map.tif"),
            values: [("area_km2".to_owned(), 31)].into(),
        }),
        Body::Covered(Covered {
            what: "folder:/srv/share".to_owned(),
            counts: [("files", 1200), ("folders", 40), ("bytes", 5_300_000_000), ("scanned", 900), ("binary", 200)]
                .into_iter()
                .chain([("remembered", 1100), ("remembered_bytes", 5_000_000_000), ("remembered_since", 1_700_000_000)])
                .chain([("memory_refused", 1)])
                .map(|(k, v)| (k.to_owned(), v))
                .collect(),
        }),
        Body::Gap(Gap {
            what: "folder:/srv/share".to_owned(),
            reason: GapReason::PermissionDenied,
            at: Some(Place::file("/srv/share/-secret")),
            count: 3,
        }),
    ]);
    all
}

/// The fixture of the report with more data in it.
pub(crate) fn found() -> Fixture {
    let mut f = fixture::fixture();
    let from = f.items.len() as u64;
    f.items.extend((from..).zip(bodies()).map(|(n, body)| Item { body, n, salt: "00".repeat(16) }));
    let group = |category: &str, class: &str, files, hits, columns, contents| DataGroup {
        category: category.into(),
        class: class.into(),
        files,
        hits,
        distinct: hits,
        columns,
        contents,
        level: evidence::DataLevel {
            level: "general".into(),
            proposed: false,
            because: vec![evidence::Say::new("because.level-found")],
        },
        ..f.judgement.data[1].clone()
    };
    let more = [
        group("personal", "plant.badge", 1, 2, 0, 0),
        group("personal", "email", 1, 31, 1, 0),
        group("rnd", "drawing", 2, 0, 0, 2),
        group("unclassified", "geo.raster", 1, 0, 0, 1),
    ];
    f.judgement.data.extend(more);
    f
}

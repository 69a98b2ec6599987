//! The records and items that the catalogue brought.

use crate::{at, author};
use evidence::*;
use std::collections::BTreeMap;

fn document() -> Document {
    Document { name: "目录.xlsx".into(), digest: Digest::of(b"xlsx"), bytes: 4 }
}

fn carrier() -> Carrier {
    Carrier {
        kind: CarrierKind::Table,
        host: "plc-gw-01".into(),
        path: "/srv/plant.db".into(),
        inside: vec!["员工".into()],
    }
}

fn listed() -> ListedAsset {
    ListedAsset {
        carrier: carrier(),
        name: "员工名册".into(),
        category: Some("personal".into()),
        level: Some("important".into()),
        bytes: Some(9_000_000),
        records: Some(120_000),
        texts: ListedTexts { source: "人事系统".into(), responsible: "王芳".into(), ..ListedTexts::default() },
    }
}

fn catalogue() -> Catalogue {
    let cited = Cited { leaf: Digest::of(b"leaf"), item: Some(3) };
    let by = GradedBy {
        leaf: Digest::of(b"graded"),
        stated_at: at(),
        by: "王芳".into(),
        account: "liming".into(),
        document: Some(document()),
    };
    let asset = Asset {
        id: carrier().id(),
        carrier: carrier(),
        standing: AssetStanding::Both,
        category: "personal".into(),
        categories: vec!["personal".into()],
        classes: vec![AssetClass {
            class: "cn.mobile".into(),
            category: "personal".into(),
            files: 1,
            hits: 40,
            distinct: Span::at_least(38),
            columns: 1,
            contents: 0,
        }],
        level: AssetLevel {
            level: "important".into(),
            basis: LevelBasis::Confirmed,
            proposed: false,
            proposal: Some("general".into()),
            because: vec![Say::new("because.level-found")],
            by: Some(by),
        },
        size: AssetSize { files: 1, records: Span::exact(120_000), bytes: Some(Span::exact(9_000_000)) },
        people: Span::between(38, 120_000),
        sensitive_people: Span::exact(0),
        since: Some(at()),
        seen: Some(at()),
        gaps: vec![AssetGap { reason: GapReason::Encrypted, count: 2 }],
        site: Some("苏州".into()),
        country: Some("CN".into()),
        listed: Some(listed()),
        differs: vec![Say::new("differs.level-graded").with("level", "important").with("proposal", "general")],
        evidence: vec![cited.clone()],
    };
    Catalogue {
        judge: "watchfire-judge/2".into(),
        plan: PlanRef { id: "miit-2024-2026".into(), version: "1".into(), digest: Digest::of(b"plan") },
        as_of: at(),
        cites: vec![(Digest::of(b"leaf"), RecordKind::Examination)],
        skipped: 1,
        previous: Some(Digest::of(b"before")),
        roots: vec![CatalogueRoot {
            host: "plc-gw-01".into(),
            root: "/srv".into(),
            leaf: Digest::of(b"leaf"),
            ended: at(),
            state: RunState::Complete,
        }],
        assets: vec![asset],
        doubts: vec![Doubt { say: Say::new("doubt.no-scope"), cited: Some(cited) }],
    }
}

/// The records, by the name of their golden file.
pub(crate) fn records() -> Vec<(&'static str, Record)> {
    let node = || NodeId::new("0123456789abcdef");
    let listing = Listing { document: document(), assets: vec![listed()], left_out: 1 };
    let grading = Grading {
        carrier: carrier(),
        confirmed: true,
        level: "important".into(),
        object: Some("economy".into()),
        harm: Some("serious".into()),
        by: "王芳".into(),
        document: Some(document()),
        catalogue: Digest::of(b"catalogue"),
    };
    let filing = Filing { catalogue: Digest::of(b"catalogue"), date: at(), receipt: document() };
    let scope = Scope {
        node: node(),
        author: author(),
        stated_at: at(),
        document: None,
        entries: vec![ScopeEntry {
            kind: ScopeKind::Share,
            id: "/srv".into(),
            label: String::new(),
            site: "苏州".into(),
            country: "CN".into(),
        }],
    };
    vec![
        ("catalogue", Record::Catalogue(Box::new(catalogue()))),
        ("listing", Record::Attestation(Attestation::listing(node(), author(), at(), listing))),
        ("grading", Record::Attestation(Attestation::grading(node(), author(), at(), grading))),
        ("filing", Record::Attestation(Attestation::filing(node(), author(), at(), filing))),
        ("scope-site", Record::Scope(scope)),
    ]
}

/// Items that came after the first ones.
pub(crate) fn bodies() -> Vec<Body> {
    let own = OwnClass {
        category: "personal".into(),
        counts: Counts::People,
        kind: Some(SensitiveKind::Medical),
        en: "Works badge".into(),
        zh: "工牌号".into(),
    };
    let map = || Place::file("/srv/map.tif");
    let why = |by, tenths, word: Option<&str>, away| Why { by, tenths, word: word.map(str::to_owned), away };
    let key = DigestKey::new([7; 32]);
    vec![
        Body::Column(Column {
            class: "cn.mobile".into(),
            at: Place { inside: vec!["员工".into()], ..Place::file("/srv/plant.db") },
            column: "电话".into(),
            verdict: ColumnVerdict::Is,
            confidence: 98,
            sampled: 40,
            rows: Some(120_000),
            filled: 40,
            whole: 39,
            holding: 40,
            distinct: 38,
            header: true,
        }),
        Body::Content(Content {
            format: "geotiff".into(),
            class: "geo.raster".into(),
            at: map(),
            how: FormatTold::Container,
            detail: None,
            bytes: Some(999),
        }),
        Body::Measured(Measured {
            class: "geo.raster".into(),
            at: map(),
            values: BTreeMap::from([("area_km2".into(), 31)]),
        }),
        Body::Tally(Tally {
            class: "plant.badge".into(),
            root: "/srv".into(),
            files: 1,
            bands: Bands { high: 1, medium: 0, low: 0 },
            distinct: 1,
            distinct_is_floor: true,
            own: Some(Box::new(own)),
        }),
        Body::Hits(Hits {
            class: "plant.badge".into(),
            at: Place::file("/srv/a.txt"),
            bands: Bands { high: 1, medium: 0, low: 0 },
            distinct: 1,
            samples: vec![Sample {
                spot: Spot::Line { line: 3, column: 7 },
                mask: Masked::keep("W-20261123-0042", 2, 2),
                keyed: key.digest("plant.badge", b"W-20261123-0042"),
                confidence: 83,
                why: vec![
                    why(WhyKind::Structure, -4, Some("mod-11-2"), None),
                    why(WhyKind::Word, 28, Some("工牌"), Some(-3)),
                ],
            }],
        }),
    ]
}

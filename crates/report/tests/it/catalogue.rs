//! The faces of the catalogue and of its drift: golden files, schemas, cells that are no formulas, foreign text that
//! steers nothing.

use crate::fixture::{fixture, plan_files};
use crate::{golden, schema};
use evidence::{
    Asset, AssetClass, AssetGap, AssetLevel, AssetSize, AssetStanding, Carrier, CarrierKind, Catalogue, CatalogueRoot,
    Cited, Digest, Document, Doubt, Filing, GapReason, GradedBy, Lang, LevelBasis, ListedAsset, ListedTexts, PlanRef,
    RunState, Say, Span, Time,
};
use judge::{Drift, TransferInput};
use plan::{CheckedPlan, Source};
use report::Style;
use report::catalogue::{self, CatalogueInput, DriftInput};
use std::collections::BTreeSet;

const STYLE: Style = Style { colour: false, width: 120 };

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn sample_plan() -> CheckedPlan {
    let mut files = plan_files();
    let more = [
        ("forms/form.toml", include_str!("../plan/filing/form.toml")),
        ("clocks/clock.toml", include_str!("../plan/filing/clock.toml")),
        ("duties/duty.toml", include_str!("../plan/filing/duty.toml")),
        ("transfers/transfer.toml", include_str!("../plan/filing/transfer.toml")),
        ("words/en-filing.toml", include_str!("../plan/filing/en.toml")),
        ("words/zh-filing.toml", include_str!("../plan/filing/zh.toml")),
    ];
    files.extend(more.map(|(path, text)| (path.to_owned(), text.to_owned())));
    plan::check(&Source { files: files.into_iter().collect() }).unwrap_or_else(|errors| {
        panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    })
}

fn document(name: &str) -> Document {
    Document { name: name.to_owned(), digest: Digest::of(name.as_bytes()), bytes: 4 }
}

fn level(level: &str, basis: LevelBasis) -> AssetLevel {
    AssetLevel {
        level: level.into(),
        basis,
        proposed: basis == LevelBasis::Found && level != "general",
        proposal: Some(level.into()),
        because: vec![Say::new("because.level-found")],
        by: None,
    }
}

/// Something found at a place.
fn asset(kind: CarrierKind, path: &str, inside: &[&str], of: AssetLevel) -> Asset {
    let inside = inside.iter().map(|i| (*i).into()).collect();
    let carrier = Carrier { kind, host: "plant-7".to_owned(), path: path.into(), inside };
    let class = AssetClass {
        class: "cn.resident-id".into(),
        category: "personal".into(),
        files: 2,
        hits: 1220,
        distinct: Span::between(820, 1220),
        columns: 0,
        contents: 0,
    };
    Asset {
        id: carrier.id(),
        carrier,
        standing: AssetStanding::Found,
        category: "personal".into(),
        categories: vec!["personal".into()],
        classes: vec![class],
        level: of,
        size: AssetSize { files: 2, records: Span::between(820, 1220), bytes: None },
        people: Span::between(820, 1220),
        sensitive_people: Span::between(820, 1220),
        since: Some(time("2026-10-01T08:00:00.000Z")),
        seen: Some(time("2026-11-23T20:00:00.000Z")),
        gaps: Vec::new(),
        site: None,
        country: None,
        listed: None,
        differs: Vec::new(),
        evidence: vec![Cited { leaf: Digest::of(b"run"), item: Some(10) }],
    }
}

/// What only a list knows.
fn listed(a: Asset, name: &str) -> Asset {
    let row = ListedAsset {
        carrier: a.carrier.clone(),
        name: name.to_owned(),
        category: Some("management".into()),
        level: Some(a.level.level.clone()),
        bytes: Some(1_500_000_000),
        records: Some(120_000),
        texts: ListedTexts {
            source: "own records".to_owned(),
            responsible: "王芳".to_owned(),
            ..ListedTexts::default()
        },
    };
    Asset { listed: Some(row), standing: AssetStanding::Both, ..a }
}

fn sample() -> Catalogue {
    let none = AssetSize::default();
    let graded = GradedBy {
        leaf: Digest::of(b"graded"),
        stated_at: time("2026-11-01T09:00:00.000Z"),
        by: "Wang Fang".to_owned(),
        account: "wf".to_owned(),
        document: Some(document("decision.pdf")),
    };
    let recipe = asset(CarrierKind::Table, "/srv/db/plant.db", &["staff"], level("core", LevelBasis::Confirmed));
    let recipe = Asset {
        level: AssetLevel { by: Some(graded), proposal: Some("important".into()), ..recipe.level.clone() },
        size: AssetSize { files: 1, records: Span::exact(120_000), bytes: Some(Span::exact(9_000_000)) },
        people: Span::exact(118_000),
        sensitive_people: Span::exact(0),
        site: Some("Suzhou".to_owned()),
        country: Some("CN".to_owned()),
        ..listed(recipe, "Staff")
    };
    let share = asset(CarrierKind::Folder, "/srv/share/hr", &[], level("important", LevelBasis::Found));
    let gaps = vec![AssetGap { reason: GapReason::Encrypted, count: 2 }];
    let differs = vec![Say::new("differs.level-listed").with("level", "general").with("proposal", "important")];
    let share = Asset { gaps, differs, country: Some("DE".to_owned()), ..share };
    let old =
        listed(asset(CarrierKind::Folder, "/srv/old", &[], level("important", LevelBasis::Listed)), "Old drawings");
    let gone = |a: Asset, standing| Asset {
        standing,
        classes: Vec::new(),
        categories: Vec::new(),
        size: none,
        people: Span::exact(0),
        sensitive_people: Span::exact(0),
        since: None,
        seen: None,
        evidence: Vec::new(),
        ..a
    };
    let cabinet = asset(CarrierKind::Elsewhere, "档案室", &[], level("general", LevelBasis::Listed));
    let plain = asset(CarrierKind::Folder, "/srv/share", &[], level("general", LevelBasis::Found));
    let plain =
        Asset { people: Span::at_least(3), size: AssetSize { records: Span::at_least(9), ..plain.size }, ..plain };
    Catalogue {
        judge: "watchfire-judge/2".to_owned(),
        plan: PlanRef { id: "sample-plan".into(), version: "3".to_owned(), digest: Digest::of(b"plan") },
        as_of: time("2026-11-23T20:44:52.123Z"),
        cites: Vec::new(),
        skipped: 2,
        previous: Some(Digest::of(b"before")),
        roots: vec![CatalogueRoot {
            host: "plant-7".to_owned(),
            root: "/srv".into(),
            leaf: Digest::of(b"run"),
            ended: time("2026-11-23T20:00:00.000Z"),
            state: RunState::Stopped,
        }],
        assets: vec![
            recipe,
            gone(old, AssetStanding::Missing),
            share,
            gone(listed(cabinet, "Contracts"), AssetStanding::NotExamined),
            plain,
        ],
        doubts: vec![Doubt { say: Say::new("doubt.no-scope"), cited: None }],
    }
}

struct Shown {
    plan: CheckedPlan,
    catalogue: Catalogue,
    transfers: TransferInput,
    filed: Filing,
}
impl Shown {
    fn of(catalogue: Catalogue) -> Self {
        let plan = sample_plan();
        let transfers = judge::transfer_input(&plan, &catalogue);
        let filed = Filing {
            catalogue: Digest::of(b"before"),
            date: time("2026-10-02T00:00:00.000Z"),
            receipt: document("receipt.pdf"),
        };
        Self { plan, catalogue, transfers, filed }
    }
    fn input(&self) -> CatalogueInput<'_> {
        CatalogueInput {
            catalogue: &self.catalogue,
            leaf: Digest::of(b"catalogue"),
            plan: &self.plan,
            transfers: &self.transfers,
            filed: Some(&self.filed),
            from: None,
            generated: time("2026-11-24T00:00:00.000Z"),
            program: "watchfire 0.1.0",
        }
    }
    fn drift(&self) -> Drift {
        let mut before = self.catalogue.clone();
        before.as_of = time("2026-10-02T08:00:00.000Z");
        before.assets.retain(|a| a.carrier.path.as_str() != "/srv/old");
        for a in &mut before.assets {
            if let Some(row) = &mut a.listed {
                row.texts.responsible = "李雷".to_owned();
                row.records = Some(80_000);
            }
            a.size.records = Span::between(80_000, 90_000);
        }
        judge::diff(&self.plan, &before, &self.catalogue)
    }
    fn drift_input<'a>(&'a self, drift: &'a Drift) -> DriftInput<'a> {
        let leaves = (Digest::of(b"before"), Digest::of(b"catalogue"));
        DriftInput { drift, leaves, filed: Some(&self.filed), plan: &self.plan }
    }
}

#[test]
fn every_form_is_as_it_was() {
    let shown = Shown::of(sample());
    let input = shown.input();
    let drift = shown.drift();
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        let assets = shown.catalogue.assets.iter();
        let mut said = catalogue::terminal(&input, lang, STYLE);
        said.extend(assets.map(|a| format!("\n{}", catalogue::asset(&input, a, lang, STYLE))));
        said += &format!("\n{}", catalogue::transfers(&input, lang, STYLE));
        said += &format!("\n{}", catalogue::drift(&shown.drift_input(&drift), lang, STYLE));
        golden::check(&format!("catalogue.{name}.txt"), &said);
        golden::check(&format!("catalogue.{name}.html"), &catalogue::html(&input, lang));
        golden::check(&format!("catalogue.{name}.csv"), &catalogue::csv(&input, lang));
    }
    golden::check("catalogue.json", &catalogue::json(&input));
    golden::check("drift.json", &catalogue::drift_json(&shown.drift_input(&drift)));
}

#[test]
fn json_fits_its_schemas() {
    let shown = Shown::of(sample());
    assert_eq!(schema::check("catalogue-v1", &catalogue::json(&shown.input())), Vec::<String>::new());
    let drift = shown.drift();
    assert_eq!(schema::check("drift-v1", &catalogue::drift_json(&shown.drift_input(&drift))), Vec::<String>::new());
    // The least there can be.
    let empty = Catalogue { assets: Vec::new(), roots: Vec::new(), doubts: Vec::new(), previous: None, ..sample() };
    let shown = Shown::of(empty);
    let input = CatalogueInput { filed: None, ..shown.input() };
    assert_eq!(schema::check("catalogue-v1", &catalogue::json(&input)), Vec::<String>::new());
    let drift = judge::diff(&fixture().plan, &shown.catalogue, &shown.catalogue);
    let least = DriftInput { filed: None, ..shown.drift_input(&drift) };
    assert_eq!(schema::check("drift-v1", &catalogue::drift_json(&least)), Vec::<String>::new());
}

#[test]
fn only_a_choice_by_level_is_called_the_form_that_is_filed() {
    let shown = Shown::of(sample());
    let important = "important".into();
    let filed = CatalogueInput { from: Some(&important), ..shown.input() };
    let rows = |input: &CatalogueInput<'_>| catalogue::csv(input, Lang::En).lines().count() - 1;
    assert_eq!((rows(&shown.input()), rows(&filed)), (5, 3));
    for lang in Lang::ALL {
        let name = shown.plan.words(lang).get("form.catalogue.name").unwrap();
        assert!(catalogue::html(&filed, lang).contains(name));
        assert!(!catalogue::html(&shown.input(), lang).contains(name));
    }
}

#[test]
fn the_table_has_the_form_s_columns_and_no_cell_begins_a_formula() {
    let mut c = sample();
    for a in &mut c.assets {
        a.carrier.path = "=cmd|' /C calc'!A0".into();
        a.site = Some("@site".to_owned());
        if let Some(row) = &mut a.listed {
            row.name = "+name".to_owned();
            ListedTexts::FIELDS.iter().for_each(|f| row.texts.set(f, "-text\r\nmore".to_owned()));
        }
    }
    let shown = Shown::of(c);
    for lang in Lang::ALL {
        let text = catalogue::csv(&shown.input(), lang);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let head: BTreeSet<&str> = rows[0].iter().collect();
        assert_eq!(head.len(), rows[0].len(), "no heading twice");
        for field in &shown.plan.forms()[0].fields {
            let key = format!("form.catalogue.field.{}", field.id);
            assert!(head.contains(shown.plan.words(lang).get(&key).unwrap()), "{lang:?} {key}");
        }
        for row in &rows {
            assert_eq!(row.len(), head.len());
            for cell in row {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            }
        }
        assert!(text.contains("'=cmd") && text.contains("'+name") && text.contains("'-text"));
        // A workbook is a ZIP archive; what is in its cells, the tests of the program read.
        assert!(catalogue::xlsx(&shown.input(), lang).unwrap().starts_with(b"PK\x03\x04"));
    }
}

/// Markup, a terminal escape, a right-to-left override, a zero-width space and a C1 control.
const HOSTILE: &str = "a\"'><script>alert(1)</script>\u{1b}]0;x\u{7}\u{202e}gpj.exe\u{200b}\u{9b}31m";

#[test]
fn foreign_text_steers_neither_terminal_nor_page() {
    let mut c = sample();
    c.roots[0].root = HOSTILE.into();
    c.roots[0].host = HOSTILE.to_owned();
    for a in &mut c.assets {
        a.carrier.host = HOSTILE.to_owned();
        a.carrier.path = HOSTILE.into();
        a.carrier.inside = vec![HOSTILE.into()];
        (a.site, a.country) = (Some(HOSTILE.to_owned()), Some(HOSTILE.to_owned()));
        if let Some(by) = &mut a.level.by {
            (by.by, by.account) = (HOSTILE.to_owned(), HOSTILE.to_owned());
            by.document = Some(document(HOSTILE));
        }
        if let Some(row) = &mut a.listed {
            row.name = HOSTILE.to_owned();
            ListedTexts::FIELDS.iter().for_each(|f| row.texts.set(f, HOSTILE.to_owned()));
        }
    }
    let shown = Shown::of(c);
    let input = shown.input();
    let mut drift = shown.drift();
    for item in &mut drift.items {
        item.fields.iter_mut().for_each(|f| f.after = HOSTILE.to_owned());
    }
    let mut pages = vec![catalogue::json(&input), catalogue::drift_json(&shown.drift_input(&drift))];
    for lang in Lang::ALL {
        let page = catalogue::html(&input, lang);
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        pages.extend([page, catalogue::csv(&input, lang), catalogue::terminal(&input, lang, STYLE)]);
        pages.extend(shown.catalogue.assets.iter().map(|a| catalogue::asset(&input, a, lang, STYLE)));
        pages.extend([
            catalogue::transfers(&input, lang, STYLE),
            catalogue::drift(&shown.drift_input(&drift), lang, STYLE),
        ]);
    }
    let steers = |c: &char| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(u32::from(*c), 0x200b..=0x200f | 0x202a..=0x202e)
    };
    for page in pages {
        assert_eq!(page.chars().find(steers), None, "{page}");
    }
}

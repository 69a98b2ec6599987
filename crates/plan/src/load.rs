//! Files to types. Which file may hold what is decided by its folder.

use crate::Source;
use crate::error::{At, Errors, nearest};
use crate::model::{
    Act, Category, ClassRule, DataLevelDef, Draft, Drill, Duty, Effect, MeasureRule, Parameter, Row, Scenario,
    Selection, StandingOrder, Target, Transfer,
};
use crate::read::{Table, parse};
use crate::{load_checks, load_clocks, load_counters, load_incidents, load_oversight};
use evidence::{CategoryId, ClassId, Counts, Lang, LevelId, ScenarioId, SensitiveKind};
use std::collections::BTreeSet;

/// Largest file of a plan, in bytes.
const FILE_BYTES_MAX: usize = 4 << 20;
/// Folders of a plan.
const FOLDERS: [&str; 17] = [
    "targets",
    "counters",
    "guide",
    "selection",
    "oversight",
    "checks",
    "levels",
    "incidents",
    "clocks",
    "calendars",
    "penalties",
    "transfers",
    "forms",
    "drills",
    "responses",
    "duties",
    "words",
];

/// Reads all files. What could not be read is an error and is left out.
pub(crate) fn load(source: &Source, errors: &mut Errors) -> Draft {
    let mut plan = Draft::default();
    if !source.files.contains_key("plan.toml") {
        let at = At { file: "plan.toml".to_owned(), span: 0..0 };
        errors.add(&at, "missing-file", &[("file", "plan.toml")], None);
    }
    // Parameters first: conditions name them.
    let ordered =
        source.files.iter().filter(|f| f.0 == "plan.toml").chain(source.files.iter().filter(|f| f.0 != "plan.toml"));
    for (path, text) in ordered {
        let Some(kind) = kind_of(path, errors) else { continue };
        if text.len() > FILE_BYTES_MAX {
            let why = format!("{} bytes, more than {FILE_BYTES_MAX}", text.len());
            errors.add(&At { file: path.clone(), span: 0..0 }, "syntax", &[("why", &why)], None);
            errors.broken.insert(path.clone());
            continue;
        }
        let Some(tree) = parse(path, text, errors) else {
            errors.broken.insert(path.clone());
            continue;
        };
        let root = Table::root(path, &tree);
        if kind == "words" {
            words(path, &root, &mut plan, errors);
            continue;
        }
        file(kind, &root, &mut plan, errors);
        root.finish(errors);
    }
    plan.checks.sort_by(|a, b| a.id.cmp(&b.id));
    plan.parameters.sort_by(|a, b| a.id.cmp(&b.id));
    plan.counters.sort_by(|a, b| a.id.cmp(&b.id));
    plan.rows.sort_by_key(|r| r.number);
    plan.levels.sort_by_key(|l| l.rank);
    plan.incidents.sort_by(|a, b| (&a.regime, a.rank).cmp(&(&b.regime, b.rank)));
    plan.regimes.sort_by_key(|r| r.rank);
    plan.transfers.sort_by_key(|t| t.rank);
    plan.matters.sort_by_key(|m| m.rank);
    plan
}

/// The folder of a file, or `plan` for `plan.toml`.
fn kind_of<'p>(path: &'p str, errors: &mut Errors) -> Option<&'p str> {
    if path == "plan.toml" {
        return Some("plan");
    }
    let folder = path.split_once('/').filter(|(f, rest)| FOLDERS.contains(f) && rest.ends_with(".toml"));
    if folder.is_none() {
        let head = path.split('/').next().unwrap_or(path);
        let hint = nearest(head, FOLDERS).or_else(|| Some(format!("folders are {}", FOLDERS.join(", "))));
        errors.add(&At { file: path.to_owned(), span: 0..0 }, "unknown-file", &[], hint);
    }
    folder.map(|f| f.0)
}

fn file(kind: &str, root: &Table, plan: &mut Draft, errors: &mut Errors) {
    match kind {
        "plan" => head(root, plan, errors),
        "targets" => targets(root, plan, errors),
        "selection" => selection(root, plan, errors),
        "checks" => {
            let parameters: BTreeSet<String> = plan.parameters.iter().map(|p| p.id.clone()).collect();
            load_checks::checks(root, &parameters, plan, errors);
        }
        "counters" | "guide" => {
            let parameters: BTreeSet<String> = plan.parameters.iter().map(|p| p.id.clone()).collect();
            if kind == "guide" {
                load_counters::leads(root, &parameters, plan, errors);
            } else {
                load_counters::counters(root, &parameters, plan, errors);
            }
        }
        "oversight" => {
            let parameters: BTreeSet<String> = plan.parameters.iter().map(|p| p.id.clone()).collect();
            load_oversight::oversight(root, &parameters, plan, errors);
        }
        "levels" => levels(root, plan, errors),
        "incidents" => load_incidents::incidents(root, plan, errors),
        "clocks" => load_clocks::clocks(root, plan, errors),
        "transfers" => transfers(root, plan, errors),
        "forms" => load_clocks::forms(root, plan, errors),
        "calendars" => load_clocks::calendars(root, plan, errors),
        "penalties" => load_incidents::penalties(root, plan, errors),
        "drills" => drills(root, plan, errors),
        "responses" => responses(root, plan, errors),
        _ => duties(root, plan, errors),
    }
}

fn head(root: &Table, plan: &mut Draft, errors: &mut Errors) {
    match root.table(errors, "plan") {
        None => errors.add(&root.at, "missing-key", &[("key", "[plan]")], None),
        Some(t) => {
            plan.id = t.id(errors, "id");
            plan.version = t.text(errors, "version");
            plan.from = t.opt_date(errors, "from");
            plan.until = t.opt_date(errors, "until");
            plan.own_actor = t.text_or(errors, "own_actor", "");
            plan.own_branch = t.text_or(errors, "own_branch", "");
            plan.head = t.at.clone();
            for typed in t.texts(errors, "accepts") {
                match typed.parse() {
                    Ok(digest) => plan.accepts.push(digest),
                    Err(_) => {
                        let with = [("key", "accepts"), ("want", "digests, `sha256:…`"), ("got", typed.as_str())];
                        errors.add(&t.at("accepts"), "bad-value", &with, None);
                    }
                }
            }
            if let (Some(from), Some(until)) = (plan.from, plan.until)
                && from > until
            {
                let why = "it ends before it begins";
                errors.add(&t.at("until"), "bounds", &[("id", &plan.id), ("why", why)], None);
            }
            t.finish(errors);
        }
    }
    for t in root.tables(errors, "parameter") {
        let sourced = t.sourced(errors);
        let (id, value, unit) = (t.id(errors, "id"), t.int(errors, "value"), t.text(errors, "unit"));
        // A condition reads it as a name.
        if !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            let hint = Some("a parameter is a name in conditions: letters, digits and `_`".to_owned());
            errors.add(&t.at("id"), "bad-id", &[("id", &id)], hint);
        }
        plan.parameters.push(Parameter { id, value, unit, sourced });
        t.finish(errors);
    }
    for t in root.tables(errors, "scenario") {
        let sourced = t.sourced(errors);
        plan.scenarios.push(Scenario {
            id: ScenarioId::new(t.id(errors, "id")),
            risk: t.flag(errors, "risk"),
            sourced,
        });
        t.finish(errors);
    }
    for t in root.tables(errors, "row") {
        let sourced = t.sourced(errors);
        plan.rows.push(Row {
            number: t.small(errors, "number"),
            scenario: ScenarioId::new(t.id(errors, "scenario")),
            sourced,
        });
        t.finish(errors);
    }
}

fn targets(root: &Table, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "target") {
        let sourced = t.sourced(errors);
        plan.targets.push(Target {
            id: t.id(errors, "id"),
            counter: t.id(errors, "counter"),
            bound: t.int(errors, "bound"),
            unit: t.text(errors, "unit"),
            exclusive: t.flag(errors, "exclusive"),
            per: t.texts(errors, "per"),
            reading_of: t.opt_text(errors, "reading_of"),
            together: t.opt_text(errors, "together"),
            due: t.opt_date(errors, "due").unwrap_or_else(|| {
                if !t.has("due") {
                    errors.add(&t.at, "missing-key", &[("key", "due")], None);
                }
                evidence::Time::from_secs(0)
            }),
            sourced,
        });
        t.finish(errors);
    }
}

fn selection(root: &Table, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "selection") {
        let sourced = t.sourced(errors);
        plan.selection.push(Selection {
            id: t.id(errors, "id"),
            top_percent: t.int(errors, "top_percent"),
            by: t.text(errors, "by"),
            per: t.texts(errors, "per"),
            among: t.text(errors, "among"),
            rounding: t.opt_text(errors, "rounding").unwrap_or_else(|| "ceil".to_owned()),
            ties: t.opt_text(errors, "ties").unwrap_or_else(|| "all".to_owned()),
            reading_of: t.opt_text(errors, "reading_of"),
            sourced,
        });
        t.finish(errors);
    }
}

fn levels(root: &Table, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "category") {
        let sourced = t.sourced(errors);
        plan.categories.push(Category { id: CategoryId::new(t.id(errors, "id")), sourced });
        t.finish(errors);
    }
    for t in root.tables(errors, "class") {
        let sourced = t.sourced(errors);
        plan.classes.push(ClassRule {
            class: ClassId::new(t.id(errors, "id")),
            category: CategoryId::new(t.id(errors, "category")),
            counts: t
                .choice(
                    errors,
                    "counts",
                    &[("people", Counts::People), ("things", Counts::Things), ("none", Counts::None)],
                )
                .unwrap_or(Counts::Things),
            kind: if t.has("kind") {
                t.choice(errors, "kind", &SensitiveKind::ALL.map(|k| (k.name(), k)))
            } else {
                None
            },
            sourced,
        });
        t.finish(errors);
    }
    for t in root.tables(errors, "level") {
        let sourced = t.sourced(errors);
        plan.levels.push(DataLevelDef {
            id: LevelId::new(t.id(errors, "id")),
            rank: t.small(errors, "rank"),
            proposed_only: t.flag(errors, "proposed_only"),
            sourced,
        });
        t.finish(errors);
    }
    for t in root.tables(errors, "cell") {
        let sourced = t.sourced(errors);
        plan.effects.push(Effect::Cell {
            object: t.id(errors, "object"),
            harm: t.id(errors, "harm"),
            level: LevelId::new(t.id(errors, "level")),
            sourced,
        });
        t.finish(errors);
    }
    for t in root.tables(errors, "measured") {
        let sourced = t.sourced(errors);
        plan.effects.push(Effect::Measured {
            id: t.id(errors, "id"),
            category: CategoryId::new(t.id(errors, "category")),
            when: t.tables(errors, "when").iter().map(|w| measure(w, errors)).collect(),
            level: LevelId::new(t.id(errors, "level")),
            sourced,
        });
        t.finish(errors);
    }
    for t in root.tables(errors, "found") {
        let sourced = t.sourced(errors);
        plan.effects.push(Effect::Found {
            id: t.id(errors, "id"),
            category: CategoryId::new(t.id(errors, "category")),
            at_least: t.int(errors, "at_least"),
            level: LevelId::new(t.id(errors, "level")),
            sourced,
        });
        t.finish(errors);
    }
}

fn measure(t: &Table, errors: &mut Errors) -> MeasureRule {
    let mut bound = |key: &'static str| t.opt_int(errors, key).and_then(|n| u64::try_from(n).ok());
    let (above, below) = (bound("above"), bound("below"));
    if above.is_none() && below.is_none() {
        let hint = "give `above`, `below` or both, whole numbers from 0".to_owned();
        errors.add(&t.at, "missing-key", &[("key", "above")], Some(hint));
    }
    let rule = MeasureRule { measure: t.text(errors, "measure"), above, below };
    t.finish(errors);
    rule
}

fn transfers(root: &Table, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "transfer") {
        let sourced = t.sourced(errors);
        let about = [
            ("important-data", "important-data"),
            ("personal", "personal"),
            ("sensitive-personal", "sensitive-personal"),
            ("any", "any"),
        ];
        let needs = [
            ("assessment", "assessment"),
            ("contract-or-certification", "contract-or-certification"),
            ("exempt", "exempt"),
        ];
        plan.transfers.push(Transfer {
            id: t.id(errors, "id"),
            rank: t.small(errors, "rank"),
            about: t.choice(errors, "about", &about).unwrap_or_default().to_owned(),
            exporter: t.text_or(errors, "exporter", ""),
            case: t.text_or(errors, "case", ""),
            min: t.opt_int(errors, "min"),
            below: t.opt_int(errors, "below"),
            needs: t.choice(errors, "needs", &needs).unwrap_or_default().to_owned(),
            sourced,
        });
        t.finish(errors);
    }
}

fn drills(root: &Table, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "drill") {
        let sourced = t.sourced(errors);
        plan.drills.push(Drill {
            id: t.id(errors, "id"),
            scenario: ScenarioId::new(t.id(errors, "scenario")),
            every_months: t.id(errors, "every_months"),
            sourced,
        });
        t.finish(errors);
    }
}

fn responses(root: &Table, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "standing_order") {
        let sourced = t.sourced(errors);
        let act = t.choice(errors, "act", &[("hold", Act::Hold), ("kill", Act::Kill)]);
        let after_seconds = t.opt_int(errors, "after_seconds").unwrap_or(0);
        let id = t.id(errors, "id");
        t.finish(errors);
        let Some(act) = act else { continue };
        plan.standing_orders.push(StandingOrder { id, act, after_seconds, sourced });
    }
}

fn duties(root: &Table, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "duty") {
        let sourced = t.sourced(errors);
        plan.duties.push(Duty {
            id: t.id(errors, "id"),
            actor: t.id(errors, "actor"),
            level: t.opt_text(errors, "level").map(LevelId::new),
            change_percent: t.opt_int(errors, "change_percent"),
            clock: t.opt_text(errors, "clock"),
            sourced,
        });
        t.finish(errors);
    }
}

/// `words/<lang>.toml` and `words/<lang>-<part>.toml`: the parts of a language are one.
fn words(path: &str, root: &Table, plan: &mut Draft, errors: &mut Errors) {
    let name = path.trim_start_matches("words/").trim_end_matches(".toml");
    let lang = match name.split('-').next() {
        Some("en") => Lang::En,
        Some("zh") => Lang::Zh,
        _ => {
            let hint =
                Some("words are in words/en.toml and words/zh.toml, or in parts such as words/en-part.toml".to_owned());
            errors.add(&At { file: path.to_owned(), span: 0..0 }, "unknown-file", &[], hint);
            return;
        }
    };
    let words = plan.words.entry(lang).or_default();
    for (key, at, leaf) in root.leaves() {
        match leaf {
            toml::de::DeValue::String(s) if !s.trim().is_empty() => {
                if let Some(first) = words.places.get(&key) {
                    errors.add(&at, "duplicate-id", &[("id", &key), ("first", &first.file)], None);
                }
                words.places.insert(key.clone(), at);
                words.by_key.insert(key, s.clone().into_owned());
            }
            _ => errors.add(&at, "wrong-type", &[("key", &key), ("want", "a text")], None),
        }
    }
}

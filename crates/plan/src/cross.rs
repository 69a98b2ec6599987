//! What only shows when the whole plan is seen: ids that lead nowhere, bounds that contradict, words.

use crate::error::{At, Errors, nearest};
use crate::model::{CheckKind, Denominator, Draft, Effect, Measured};
use crate::{cross_incidents, vocabulary, wanted};
use evidence::Lang;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn check(plan: &Draft, errors: &mut Errors) {
    duplicates(plan, errors);
    // With a file unread, what it defines would only seem to be missing.
    if errors.broken.is_empty() {
        dangling(plan, errors);
        served(plan, errors);
        cross_incidents::check(plan, errors);
        vocabulary::check(plan, errors);
    }
    ranks(plan, errors);
    criteria(plan, errors);
    numbers(plan, errors);
    found(plan, errors);
    words(plan, errors);
}

fn duplicates(plan: &Draft, errors: &mut Errors) {
    let mut first: BTreeMap<String, &At> = BTreeMap::new();
    for (id, sourced) in plan.sourced() {
        if let Some(before) = first.get(&id) {
            let place = format!("{}:{}", before.file, line(errors.text(&before.file), before.span.start));
            errors.add(&sourced.at, "duplicate-id", &[("id", &id), ("first", &place)], None);
        } else {
            first.insert(id, &sourced.at);
        }
    }
}

fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}

/// One kind of name, and who may refer to it.
pub(crate) struct Names<'a> {
    what: &'static str,
    known: BTreeSet<&'a str>,
}
impl<'a> Names<'a> {
    pub(crate) fn new(what: &'static str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self { what, known: known.into_iter().collect() }
    }
    pub(crate) fn need(&self, id: &str, at: &At, errors: &mut Errors) {
        if !self.known.contains(id) {
            let hint = nearest(id, self.known.iter().copied());
            errors.add(at, "dangling-id", &[("what", self.what), ("id", id)], hint);
        }
    }
}

fn dangling(plan: &Draft, errors: &mut Errors) {
    let scenarios = Names::new("scenario", plan.scenarios.iter().map(|s| s.id.as_str()));
    let numbers: Vec<String> = plan.rows.iter().map(|r| r.number.to_string()).collect();
    let rows = Names::new("row", numbers.iter().map(String::as_str));
    let categories = Names::new("category", plan.categories.iter().map(|c| c.id.as_str()));
    let levels = Names::new("data level", plan.levels.iter().map(|l| l.id.as_str()));
    let parameters = Names::new("parameter", plan.parameters.iter().map(|p| p.id.as_str()));
    let duties = Names::new("duty", plan.duties.iter().map(|d| d.id.as_str()));
    let clocks = Names::new("clock", plan.clocks.iter().map(|c| c.id.as_str()));
    let targets = Names::new("target", plan.targets.iter().map(|t| t.id.as_str()));
    let selections = Names::new("selection", plan.selection.iter().map(|s| s.id.as_str()));
    for row in &plan.rows {
        scenarios.need(row.scenario.as_str(), &row.sourced.at, errors);
    }
    for check in &plan.checks {
        scenarios.need(check.scenario.as_str(), &check.sourced.at, errors);
        for row in &check.rows {
            rows.need(&row.to_string(), &check.sourced.at, errors);
        }
        if let CheckKind::Machine(m) = &check.kind
            && let Some(with) = &m.with_data
        {
            categories.need(with.category.as_str(), &check.sourced.at, errors);
            levels.need(with.at_least.as_str(), &check.sourced.at, errors);
        }
    }
    for class in &plan.classes {
        categories.need(class.category.as_str(), &class.sourced.at, errors);
    }
    for effect in &plan.effects {
        match effect {
            Effect::Cell { level, sourced, .. } => levels.need(level.as_str(), &sourced.at, errors),
            Effect::Found { category, level, sourced, .. } | Effect::Measured { category, level, sourced, .. } => {
                categories.need(category.as_str(), &sourced.at, errors);
                levels.need(level.as_str(), &sourced.at, errors);
            }
        }
    }
    let broken = || plan.broken_counts.iter().map(String::as_str);
    let counters = Names::new("counter", plan.counters.iter().map(|c| c.id.as_str()).chain(broken()));
    let leads = Names::new("lead", plan.leads.iter().map(|l| l.id.as_str()).chain(broken()));
    for t in &plan.targets {
        t.reading_of.iter().for_each(|r| targets.need(r, &t.sourced.at, errors));
        counters.need(&t.counter, &t.sourced.at, errors);
    }
    for c in &plan.counters {
        if let Some(Denominator::Selected(rule)) = &c.of {
            selections.need(rule, &c.sourced.at, errors);
        }
    }
    for l in &plan.leads {
        l.serves.iter().for_each(|c| counters.need(c, &l.sourced.at, errors));
        l.duties.iter().for_each(|d| duties.need(d, &l.sourced.at, errors));
        l.after.iter().for_each(|a| leads.need(a, &l.sourced.at, errors));
    }
    let bases = Names::new("basis", plan.bases.iter().map(|b| b.id.as_str()));
    for m in &plan.matters {
        m.basis.iter().for_each(|b| bases.need(b, &m.sourced.at, errors));
    }
    for s in &plan.selection {
        s.reading_of.iter().for_each(|r| selections.need(r, &s.sourced.at, errors));
    }
    for i in &plan.incidents {
        i.warning.iter().flat_map(|w| &w.duties).for_each(|d| duties.need(d, &i.sourced.at, errors));
        for c in &i.criteria {
            if let Measured::Words { data } = &c.measured {
                data.iter().for_each(|l| levels.need(l.as_str(), &c.sourced.at, errors));
            }
        }
    }
    for d in &plan.drills {
        scenarios.need(d.scenario.as_str(), &d.sourced.at, errors);
        parameters.need(&d.every_months, &d.sourced.at, errors);
    }
    for d in &plan.duties {
        d.level.iter().for_each(|l| levels.need(l.as_str(), &d.sourced.at, errors));
        d.clock.iter().for_each(|c| clocks.need(c, &d.sourced.at, errors));
    }
}

/// Every row is served by a check, every scenario has one.
fn served(plan: &Draft, errors: &mut Errors) {
    if !plan.broken_checks.is_empty() {
        return;
    }
    for row in &plan.rows {
        if !plan.checks.iter().any(|c| c.rows.contains(&row.number)) {
            let id = format!("row {}", row.number);
            errors.add(&row.sourced.at, "bounds", &[("id", &id), ("why", "no check serves it")], None);
        }
    }
    for s in &plan.scenarios {
        if !plan.checks.iter().any(|c| c.scenario == s.id) {
            errors.add(&s.sourced.at, "bounds", &[("id", s.id.as_str()), ("why", "it has no check")], None);
        }
    }
}

fn ranks(plan: &Draft, errors: &mut Errors) {
    for (n, level) in plan.levels.iter().enumerate() {
        let next = u32::try_from(n + 1).unwrap_or(u32::MAX);
        if level.rank != next {
            let why = format!("ranks of data levels run 1, 2, 3 …; this is {} where {next} is due", level.rank);
            errors.add(&level.sourced.at, "bounds", &[("id", level.id.as_str()), ("why", &why)], None);
        }
    }
    let mut first = BTreeMap::new();
    for m in &plan.matters {
        if let Some(other) = first.insert(m.rank, m.kind.name()) {
            let why = format!("same rank as {other}");
            errors.add(&m.sourced.at, "bounds", &[("id", m.kind.name()), ("why", &why)], None);
        }
    }
    let mut seen = BTreeMap::new();
    for i in &plan.incidents {
        if let Some(other) = seen.insert((&i.regime, i.rank), &i.id) {
            let why = format!("same rank as {other}");
            errors.add(&i.sourced.at, "bounds", &[("id", &i.id), ("why", &why)], None);
        }
    }
}

/// Along one dimension of one regime the levels must follow each other without overlap and without a hole.
fn criteria(plan: &Draft, errors: &mut Errors) {
    type Step<'a> = (u32, Option<i64>, Option<i64>, &'a str, &'a At);
    let mut lines: BTreeMap<(&str, &str, &str), Vec<Step>> = BTreeMap::new();
    for i in &plan.incidents {
        for c in &i.criteria {
            if let Measured::Bounds { min, below, .. } = &c.measured {
                let line = lines.entry((&i.regime, &c.dimension, &c.branch)).or_default();
                line.push((i.rank, *min, *below, &c.id, &c.sourced.at));
                contradiction(&c.id, *min, *below, &c.sourced.at, errors);
            }
        }
    }
    for steps in lines.values_mut() {
        steps.sort_by_key(|s| s.0);
        for pair in steps.windows(2) {
            let [(_, graver, ..), (_, _, lesser, id, at)] = pair else { continue };
            let why = match (graver, lesser) {
                (Some(g), Some(l)) if l > g => format!("ends at {l}, but the graver level begins at {g}"),
                (Some(g), Some(l)) if l < g => format!("ends at {l}, and the graver level begins only at {g}"),
                (Some(g), None) => format!("has no upper bound, but the graver level begins at {g}"),
                (None, _) => "the graver level has no lower bound".to_owned(),
                _ => continue,
            };
            errors.add(at, "bounds", &[("id", id), ("why", &why)], None);
        }
    }
}

fn contradiction(id: &str, min: Option<i64>, below: Option<i64>, at: &At, errors: &mut Errors) {
    if let (Some(min), Some(below)) = (min, below)
        && min >= below
    {
        let why = format!("at least {min} and below {below} is nothing");
        errors.add(at, "bounds", &[("id", id), ("why", &why)], None);
    }
}

fn numbers(plan: &Draft, errors: &mut Errors) {
    for t in &plan.transfers {
        contradiction(&t.id, t.min, t.below, &t.sourced.at, errors);
    }
    for (n, t) in plan.transfers.iter().enumerate() {
        let rest = plan.transfers.iter().skip(n + 1);
        for o in rest.filter(|o| (&o.about, &o.exporter, &o.case) == (&t.about, &t.exporter, &t.case)) {
            let apart = |a: Option<i64>, b: Option<i64>| matches!((a, b), (Some(min), Some(below)) if min >= below);
            if !apart(t.min, o.below) && !apart(o.min, t.below) {
                let why = format!("overlaps {}", t.id);
                errors.add(&o.sourced.at, "bounds", &[("id", &o.id), ("why", &why)], None);
            }
        }
    }
    for s in &plan.selection {
        if !(1..=100).contains(&s.top_percent) {
            let why = format!("{} per cent", s.top_percent);
            errors.add(&s.sourced.at, "bounds", &[("id", &s.id), ("why", &why)], None);
        }
        for (key, value, known) in [("rounding", &s.rounding, ["ceil", "floor"]), ("ties", &s.ties, ["all", "code"])] {
            if !known.contains(&value.as_str()) {
                let why = format!("{key} {value:?} is neither {} nor {}", known[0], known[1]);
                errors.add(&s.sourced.at, "bounds", &[("id", &s.id), ("why", &why)], None);
            }
        }
    }
    for d in &plan.duties {
        if d.change_percent.is_some_and(|p| !(1..=1000).contains(&p)) {
            let why = format!("{} per cent", d.change_percent.unwrap_or(0));
            errors.add(&d.sourced.at, "bounds", &[("id", &d.id), ("why", &why)], None);
        }
    }
    for e in &plan.effects {
        let Effect::Measured { id, when, sourced, .. } = e else { continue };
        if when.is_empty() {
            errors.add(&sourced.at, "bounds", &[("id", id), ("why", "it would hold of anything")], None);
        }
        for rule in when {
            if let (Some(above), Some(below)) = (rule.above, rule.below)
                && above.saturating_add(1) >= below
            {
                let why = format!("more than {above} and less than {below} is nothing");
                errors.add(&sourced.at, "bounds", &[("id", id), ("why", &why)], None);
            }
        }
    }
    counted(plan, errors);
    for t in &plan.targets {
        if t.bound < 0 || (t.unit == "percent" && t.bound > 100) {
            let why = format!("{} {}", t.bound, t.unit);
            errors.add(&t.sourced.at, "bounds", &[("id", &t.id), ("why", &why)], None);
        }
    }
}

/// A share needs something that it is a share of; a way to a target ends.
fn counted(plan: &Draft, errors: &mut Errors) {
    for t in plan.targets.iter().filter(|t| t.unit == "percent") {
        if plan.counters.iter().any(|c| c.id == t.counter && c.of.is_none()) {
            let why = format!("a share, but its counter {} has no denominator", t.counter);
            errors.add(&t.sourced.at, "bounds", &[("id", &t.id), ("why", &why)], None);
        }
    }
    for t in plan.targets.iter().filter(|t| t.unit != "percent") {
        if let Some(c) = plan.counters.iter().find(|c| c.id == t.counter && c.unit != t.unit) {
            let why = format!("in {}, but its counter {} counts {}", t.unit, c.id, c.unit);
            errors.add(&t.sourced.at, "bounds", &[("id", &t.id), ("why", &why)], None);
        }
    }
    for lead in &plan.leads {
        let (mut open, mut seen) = (vec![lead.id.as_str()], BTreeSet::new());
        while let Some(id) = open.pop() {
            let after = plan.leads.iter().filter(|l| l.id == id).flat_map(|l| &l.after).map(String::as_str);
            open.extend(after.filter(|a| seen.insert(*a)));
        }
        if seen.contains(lead.id.as_str()) {
            let why = "it comes after itself";
            errors.add(&lead.sourced.at, "bounds", &[("id", &lead.id), ("why", why)], None);
        }
    }
}

/// More data may not mean a lower level.
fn found(plan: &Draft, errors: &mut Errors) {
    let rank = |id: &evidence::LevelId| plan.levels.iter().find(|l| &l.id == id).map_or(0, |l| l.rank);
    let rules: Vec<_> = plan
        .effects
        .iter()
        .filter_map(|e| match e {
            Effect::Found { id, category, at_least, level, sourced } => Some((id, category, at_least, level, sourced)),
            Effect::Cell { .. } | Effect::Measured { .. } => None,
        })
        .collect();
    for a in &rules {
        if *a.2 < 1 {
            errors.add(&a.4.at, "bounds", &[("id", a.0), ("why", "it would hold of nothing found")], None);
        }
        for b in rules.iter().filter(|b| b.1 == a.1 && b.2 >= a.2 && b.0 != a.0) {
            if rank(b.3) <= rank(a.3) && (b.2 > a.2 || b.0 > a.0) {
                let why = format!("more data gives no higher level than {}", a.0);
                errors.add(&b.4.at, "bounds", &[("id", b.0), ("why", &why)], None);
            }
        }
    }
}

fn words(plan: &Draft, errors: &mut Errors) {
    let wanted = wanted::keys(plan);
    for lang in Lang::ALL {
        let file = match lang {
            Lang::En => "words/en.toml",
            Lang::Zh => "words/zh.toml",
        };
        if errors.broken.contains(file) {
            continue;
        }
        let main = plan.words.get(&lang).filter(|w| w.places.values().any(|at| at.file == file));
        let Some(words) = main else {
            errors.add(&At { file: file.to_owned(), span: 0..0 }, "missing-file", &[("file", file)], None);
            continue;
        };
        for (key, want) in &wanted {
            if !words.by_key.contains_key(key) {
                let hint = Some(format!("add it to {file}"));
                errors.add(&want.at, "missing-words", &[("lang", lang.tag()), ("key", key)], hint);
            }
        }
        for (key, text) in &words.by_key {
            let at = words.places.get(key).cloned().unwrap_or(At { file: file.to_owned(), span: 0..0 });
            match wanted.get(key) {
                None if of_broken(plan, key) || !errors.broken.is_empty() => {}
                None => {
                    let hint = nearest(key, wanted.keys().map(String::as_str));
                    errors.add(&at, "words-for-nothing", &[("key", key)], hint);
                }
                Some(want) => {
                    for hole in holes(text).into_iter().filter(|h| !want.holes.contains(*h)) {
                        let hint = nearest(hole, want.holes.iter().map(String::as_str));
                        errors.add(&at, "words-differ", &[("key", key), ("hole", hole)], hint);
                    }
                }
            }
        }
    }
}

/// Words of a check that could not be read.
fn of_broken(plan: &Draft, key: &str) -> bool {
    plan.broken_checks.iter().any(|c| key.strip_prefix("check.").is_some_and(|k| k.starts_with(c.as_str())))
}

/// The names in braces.
fn holes(text: &str) -> Vec<&str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}').map(|p| p.0)).collect()
}

//! `watchfire registry`: the enterprises of a year, and which of them the plan selects.

use crate::args::{Format, FromArg, Registry, RegistryVerb, RowsFormat, SumsByArg, UnitArg};
use crate::error::{CliError, exit};
use crate::{CSV_MARK, Face, print, print_json, progress};
use attest::RevenueUnit;
use evidence::{Adjust, Enterprise, Lang, Say, SelectionReading};
use judge::{Neighbour, Placed};
use node::{AdjustmentMade, EnterpriseRow, ImportOrder, KeptSelection, NodeError, PageOrder, RowsFrom};
use report::words;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;

pub(crate) fn run(face: &Face, a: &Registry) -> Result<u8, CliError> {
    match &a.what {
        RegistryVerb::Import { table, year, unit, map, errors, author, format } => {
            let columns = map.iter().map(|m| mapped(m)).collect::<Result<Vec<_>, _>>()?;
            let unit = unit_of(*unit);
            let order = ImportOrder { table, year: *year, unit, columns: &columns, author: author.as_deref() };
            import(face, &order, errors.as_deref(), *format)?;
        }
        RegistryVerb::List { area, industry, selected, reading, after, limit, year, format } => {
            let order = PageOrder {
                year: *year,
                area: area.clone(),
                industry: industry.clone(),
                selected: selected.then(|| reading.clone().unwrap_or_default()),
                after: after.clone(),
                limit: *limit,
            };
            list(face, &order, *format)?;
        }
        RegistryVerb::Show { uscc, year, format } => show(face, uscc, *year, *format)?,
        RegistryVerb::Select { year, from, format } => select(face, *year, *from, *format)?,
        RegistryVerb::Sums { by, reading, year, format } => {
            sums(face, *by, reading.as_deref().unwrap_or_default(), *year, *format)?;
        }
        RegistryVerb::Union { year, format } => crate::union::union(face, *year, *format)?,
        RegistryVerb::Sources { year, format } => crate::union::sources(face, *year, *format)?,
        RegistryVerb::Compare { year, format } => crate::union::compare(face, *year, *format)?,
        RegistryVerb::Explain { uscc, year, format } => explain(face, uscc, *year, *format)?,
        RegistryVerb::Adjust { uscc, add, remove, withdraw: _, reason, year, author, format } => {
            let act = match (add, remove) {
                (true, _) => Adjust::Add,
                (_, true) => Adjust::Remove,
                _ => Adjust::Withdraw,
            };
            let (a, leaf) = face.node()?.registry_adjust(uscc, act, reason, *year, author.as_deref())?;
            let say = Say::new("cli.say.registry_adjusted").with("uscc", &a.uscc).with("year", a.year);
            let word = words::text(face.lang, &format!("adjust.{}", a.act.name())).to_owned();
            match format {
                Format::Json => print_json(&json!({"adjustment": a, "record": leaf})),
                Format::Text => print(&face.say(&say.with("act", word).with("leaf", leaf.short()))),
            }
        }
        RegistryVerb::Export { selected, reading, year, out, format } => {
            let node = face.node_read_only()?;
            let rows = if *selected {
                node.registry_selected(reading.as_deref().unwrap_or_default(), *year)?.rows
            } else {
                node.registry_rows(*year)?.1
            };
            export(face, &rows, out.as_deref(), *format)?;
        }
    }
    Ok(exit::DONE)
}

fn unit_of(unit: UnitArg) -> RevenueUnit {
    match unit {
        UnitArg::Yuan => RevenueUnit::Yuan,
        UnitArg::Wan => RevenueUnit::Wan,
        UnitArg::Million => RevenueUnit::Million,
        UnitArg::Yi => RevenueUnit::Yi,
    }
}

fn mapped(typed: &str) -> Result<(String, String), CliError> {
    let parts = typed.split_once('=').map(|(f, h)| (f.trim().to_lowercase(), h.trim().to_owned()));
    parts.ok_or_else(|| CliError::new(Say::new("error.registry-map").with("value", attest::clean(typed))))
}

fn import(face: &Face, order: &ImportOrder<'_>, errors: Option<&Path>, format: Format) -> Result<(), CliError> {
    let node = face.node()?;
    let bar = progress::bar(face.common.quiet, face.lang);
    let mut bad_rows = 0;
    let mut told: Vec<String> = Vec::new();
    let mut bad = |rows: &[attest::BadRow]| -> Result<(), NodeError> {
        bad_rows = rows.len();
        if let Some(path) = errors {
            let text = report::registry::bad_rows(rows.iter().map(|b| (b.row, &b.say)), face.lang);
            node::write(path, format!("{CSV_MARK}{text}").as_bytes())?;
        } else {
            let say = |b: &attest::BadRow| {
                let why = words::say(face.lang, &b.say);
                face.say(&Say::new("cli.say.scope_bad_row").with("row", b.row).with("why", why))
            };
            told.extend(rows.iter().take(SHOWN_MAX).map(say));
        }
        Ok(())
    };
    let got = node.registry_import(order, &mut bad, &*bar, &face.stop)?;
    let r = &got.kept.registry;
    if format == Format::Json {
        print_json(&json!({
            "record": got.kept.leaf, "registry": r, "left_out": bad_rows, "unused": got.unused, "no_table": got.no_table,
            "stays": got.stays, "no_union": got.no_union,
        }));
        return Ok(());
    }
    told.iter().for_each(|line| eprintln!("{line}"));
    for (reason, count) in &r.left_out {
        let word = words::text(face.lang, &format!("registry.reason.{}", reason.trim_start_matches("row."))).to_owned();
        eprintln!("{}", face.say(&Say::new("cli.say.registry_left_out").with("why", word).with("count", count)));
    }
    if !got.unused.is_empty() {
        eprintln!("{}", face.say(&Say::new("cli.say.transfer_unused").with("columns", got.unused.join(", "))));
    }
    if r.derived > 0 {
        eprintln!("{}", face.say(&Say::new("cli.say.registry_derived").with("count", r.derived)));
    }
    let say = Say::new("cli.say.registry_imported").with("year", r.year).with("count", r.rows.count);
    print(&face.say(&say.with("bad", bad_rows).with("leaf", got.kept.leaf.short())));
    no_table(face, got.no_table.as_ref());
    if let Some(why) = &got.stays {
        eprintln!("{}", face.say(&Say::new("cli.say.union_stays").with("why", words::say(face.lang, why))));
    }
    if let Some(why) = &got.no_union {
        eprintln!("{}", face.say(&Say::new("cli.say.union_missed").with("why", words::say(face.lang, why))));
    }
    Ok(())
}

/// Says that the read tables could not take what the log has.
fn no_table(face: &Face, why: Option<&Say>) {
    if let Some(why) = why {
        eprintln!("{}", face.say(&Say::new("cli.say.tables_not_made").with("why", words::say(face.lang, why))));
    }
}

fn select(face: &Face, year: Option<i64>, from: FromArg, format: Format) -> Result<(), CliError> {
    let from = match from {
        FromArg::Log => RowsFrom::Log,
        FromArg::Tables => RowsFrom::Tables,
    };
    let (kept, not_kept) = face.node()?.registry_select(&face.plan()?, year, from)?;
    match format {
        Format::Json => print_json(&json!({"judgement": kept.judgement, "record": kept.leaf, "no_table": not_kept})),
        Format::Text => {
            selection(face, &kept);
            no_table(face, not_kept.as_ref());
        }
    }
    Ok(())
}

fn sums(face: &Face, by: SumsByArg, rule: &str, year: Option<i64>, format: Format) -> Result<(), CliError> {
    let by = match by {
        SumsByArg::Supervisor => "supervisor",
        SumsByArg::Industry => "industry",
        SumsByArg::All => "all",
    };
    let got = face.node_read_only()?.registry_sums(rule, by, year)?;
    if format == Format::Json {
        let j = &got.kept.judgement;
        print_json(
            &json!({"record": got.kept.leaf, "year": j.year, "as_of": j.as_of, "rule": got.rule, "by": by, "sums": got.keys}),
        );
        return Ok(());
    }
    let say = Say::new("cli.say.registry_sums").with("rule", self::rule(face, face.plan().ok().as_ref(), &got.rule));
    print(&face.say(&say.with("year", got.kept.judgement.year).with("leaf", got.kept.leaf.short())));
    for (key, parts) in &got.keys {
        let name = match by {
            "supervisor" => supervisor(face.lang, key),
            _ => "",
        };
        let part = |name: &str| parts.get(name).copied().unwrap_or(0);
        let say = Say::new("cli.say.registry_sums_line").with("key", key).with("name", name);
        let say = say.with("selected", part("selected")).with("of", part("enterprises")).with("top", part("top"));
        print(face.say(&say.with("added", part("added")).with("removed", part("removed"))).trim_start());
    }
    Ok(())
}

/// Bad rows that are shown where no file was asked for.
const SHOWN_MAX: usize = 20;

/// An amount with its thousands apart.
fn yuan(amount: i64) -> String {
    let digits = amount.to_string();
    let mut out = String::new();
    for (n, c) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn supervisor(lang: Lang, code: &str) -> &str {
    words::find(lang, &format!("supervisor.{code}")).unwrap_or("?")
}

fn line(face: &Face, e: &Enterprise<'_>) -> String {
    let say = Say::new("cli.say.registry_line").with("uscc", &e.uscc).with("name", &e.name);
    let say = say.with("supervisor", supervisor(face.lang, &e.supervisor)).with("industry", &e.industry);
    face.say(&say.with("revenue", yuan(e.revenue)))
}

fn list(face: &Face, order: &PageOrder, format: Format) -> Result<(), CliError> {
    let (kept, selection, rows) = face.node_read_only()?.registry_page(order)?;
    let full = rows.len() as u64 == order.limit;
    let next = rows.last().filter(|_| full).map(|r| r.0.uscc.to_string());
    if format == Format::Json {
        let row = |e: &Enterprise<'_>| {
            let mut value = json!(e);
            if let Some(source) = crate::union::source_json(&kept.registry, e) {
                value["source"] = source;
            }
            value
        };
        let rows: Vec<Value> = rows.iter().map(|r| row(&r.0)).collect();
        let selected = selection.map(|s| json!({"record": s.leaf, "as_of": s.judgement.as_of}));
        print_json(&json!({
            "year": kept.registry.year, "record": kept.leaf, "rows": rows, "next": next, "selection": selected,
            "merged": kept.registry.merged,
        }));
        return Ok(());
    }
    for r in &rows {
        print(&line(face, &r.0));
    }
    let of = Say::new("cli.say.registry_page").with("rows", rows.len()).with("count", kept.registry.rows.count);
    print(&face.say(&of.with("year", kept.registry.year)));
    crate::union::of_union(face, &kept.registry);
    if let Some(s) = selection {
        print(&face.say(&Say::new("cli.say.registry_selected_on").with("date", s.judgement.as_of.date())));
    }
    if let Some(next) = next {
        print(&face.say(&Say::new("cli.say.registry_next").with("uscc", next)));
    }
    Ok(())
}

fn show(face: &Face, uscc: &str, year: Option<i64>, format: Format) -> Result<(), CliError> {
    let node = face.node_read_only()?;
    let (kept, row) = node.registry_show(uscc, year)?;
    let said = node.adjustments(kept.registry.year, Some(&row.0.uscc))?;
    if format == Format::Json {
        let said: Vec<Value> = said.iter().map(made).collect();
        let source = crate::union::source_json(&kept.registry, &row.0);
        print_json(&json!({
            "year": kept.registry.year, "record": kept.leaf, "enterprise": row.0, "adjustments": said, "source": source,
        }));
        return Ok(());
    }
    head(face, &row.0, kept.registry.year);
    crate::union::source(face, &kept.registry, &row.0);
    said.iter().for_each(|m| print(&face.say(&word_of(face, m))));
    Ok(())
}

fn head(face: &Face, e: &Enterprise<'_>, year: i64) {
    print(&line(face, e));
    let size = match (e.above, e.derived) {
        (true, false) => "registry.above",
        (true, true) => "registry.above-derived",
        (false, false) => "registry.below",
        (false, true) => "registry.below-derived",
    };
    let say = Say::new("cli.say.registry_more").with("year", year).with("area", &e.area);
    print(&face.say(&say.with("size", words::text(face.lang, size))));
    if !e.group.is_empty() {
        print(&face.say(&Say::new("cli.say.registry_group").with("uscc", &e.group)));
    }
}

fn made(m: &AdjustmentMade) -> Value {
    json!({"adjustment": m.adjustment, "author": m.author, "at": m.at, "record": m.leaf})
}

fn word_of(face: &Face, m: &AdjustmentMade) -> Say {
    let act = words::text(face.lang, &format!("adjust.{}", m.adjustment.act.name())).to_owned();
    let say = Say::new("cli.say.registry_word").with("date", m.at.date()).with("act", act);
    say.with("author", &m.author).with("text", &m.adjustment.reason)
}

/// The name of a rule in the reader's language.
fn rule(face: &Face, plan: Option<&plan::CheckedPlan>, id: &str) -> String {
    let named = plan.and_then(|p| p.words(face.lang).get(&format!("selection.{id}.name")));
    named.map_or_else(|| id.to_owned(), |n| format!("{n} ({id})"))
}

fn selection(face: &Face, kept: &KeptSelection) {
    let (j, plan) = (&kept.judgement, face.plan().ok());
    let say = Say::new("cli.say.registry_selection").with("year", j.year).with("count", j.enterprises);
    print(&face.say(&say.with("leaf", kept.leaf.short())));
    for r in &j.readings {
        reading(face, plan.as_ref(), r);
    }
    for d in &j.doubts {
        print(&face.say(&Say::new("cli.say.registry_doubt").with("why", words::say(face.lang, &d.say))));
    }
}

fn reading(face: &Face, plan: Option<&plan::CheckedPlan>, r: &SelectionReading) {
    let s = &r.sums;
    let say = Say::new("cli.say.registry_reading").with("rule", rule(face, plan, &r.rule));
    let say = say.with("count", s.selected).with("groups", r.groups.len()).with("population", s.enterprises);
    print(&face.say(&say.with("percent", r.top_percent)));
    let say = Say::new("cli.say.registry_reading_sums").with("share", s.share).with("tied", s.top - s.share);
    print(&face.say(&say.with("added", s.added).with("removed", s.removed)));
    if let Some(floor) = &r.count_floor {
        let key = if floor.reached { "registry_floor_reached" } else { "registry_floor_short" };
        let say = Say::new(format!("cli.say.{key}")).with("target", &floor.target).with("bound", floor.bound);
        print(&face.say(&say.with("count", s.selected)));
    }
    let key = if r.covers { "registry_covers" } else { "registry_covers_not" };
    print(&face.say(&Say::new(format!("cli.say.{key}")).with("top", s.top).with("removed", s.removed)));
}

fn explain(face: &Face, uscc: &str, year: Option<i64>, format: Format) -> Result<(), CliError> {
    let plan = face.plan()?;
    let e = face.node_read_only()?.registry_explain(&plan, uscc, year)?;
    if format == Format::Json {
        let neighbour =
            |n: &Option<Neighbour>| n.as_ref().map(|n| json!({"uscc": n.uscc, "name": n.name, "revenue": n.revenue}));
        let placed = e.placed.iter().map(|p| {
            json!({
                "rule": p.rule, "reading_of": p.reading_of, "group": p.group, "enterprises": p.enterprises,
                "rank": p.rank, "share": p.share, "top": p.top, "lowest": p.lowest, "above": neighbour(&p.above),
                "below": neighbour(&p.below), "selected": p.selected, "why": p.why.name(),
            })
        });
        print_json(&json!({
            "year": e.kept.registry.year,
            "record": e.kept.leaf,
            "enterprise": e.row.0,
            "source": crate::union::source_json(&e.kept.registry, &e.row.0),
            "readings": placed.collect::<Vec<_>>(),
            "adjustments": e.said.iter().map(made).collect::<Vec<_>>(),
        }));
        return Ok(());
    }
    head(face, &e.row.0, e.kept.registry.year);
    crate::union::source(face, &e.kept.registry, &e.row.0);
    for p in &e.placed {
        place(face, &plan, p);
    }
    e.said.iter().for_each(|m| print(&face.say(&word_of(face, m))));
    Ok(())
}

fn place(face: &Face, plan: &plan::CheckedPlan, p: &Placed) {
    let key = if p.selected { "registry_in" } else { "registry_out" };
    let say = Say::new(format!("cli.say.{key}")).with("rule", rule(face, Some(plan), &p.rule));
    let why = words::text(face.lang, &format!("selection-why.{}", p.why.name())).to_owned();
    print(&face.say(&say.with("why", why)));
    let named = |v: &String| match words::find(face.lang, &format!("supervisor.{v}")) {
        Some(name) => format!("{v} {name}"),
        None => v.clone(),
    };
    let group: Vec<String> = p.group.iter().map(named).collect();
    let say = Say::new("cli.say.registry_place").with("group", group.join(" · ")).with("of", p.enterprises);
    let rank = p.rank.map_or_else(|| "-".to_owned(), |r| r.to_string());
    let say = say.with("rank", rank).with("share", p.share).with("top", p.top);
    print(&face.say(&say.with("lowest", p.lowest.map_or_else(|| "-".to_owned(), yuan))));
    for (key, n) in [("registry_above", &p.above), ("registry_below", &p.below)] {
        if let Some(n) = n {
            let say = Say::new(format!("cli.say.{key}")).with("uscc", &n.uscc).with("name", &n.name);
            print(&face.say(&say.with("revenue", yuan(n.revenue))));
        }
    }
}

fn export(face: &Face, rows: &[EnterpriseRow], out: Option<&Path>, format: RowsFormat) -> Result<(), CliError> {
    let each = || rows.iter().map(|r| &r.0);
    let bytes = match format {
        RowsFormat::Csv => format!("{CSV_MARK}{}", report::registry::csv(each(), face.lang)).into_bytes(),
        RowsFormat::Json => {
            let mut lines = Vec::new();
            for r in each() {
                lines.extend(r.to_line());
                lines.push(b'\n');
            }
            lines
        }
        RowsFormat::Xlsx => {
            let made = report::registry::xlsx(each(), face.lang);
            made.map_err(|why| CliError::new(Say::new("error.internal").with("why", why)))?
        }
    };
    match (out, format) {
        (Some(path), _) => {
            node::write(path, &bytes)?;
            let shown = evidence::PathText::from_bytes(path.as_os_str().as_encoded_bytes());
            let say = Say::new("cli.say.registry_written").with("path", shown).with("count", rows.len());
            print(&face.say(&say));
        }
        // A workbook on a terminal helps nobody.
        (None, RowsFormat::Xlsx) => return Err(CliError::new(Say::new("error.xlsx-needs-file"))),
        (None, _) => {
            let mut to = std::io::stdout().lock();
            if to.write_all(&bytes).and_then(|()| to.flush()).is_err_and(|e| e.kind() != std::io::ErrorKind::BrokenPipe)
            {
                return Err(CliError::new(Say::new("error.output")));
            }
        }
    }
    Ok(())
}

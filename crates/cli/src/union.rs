//! `watchfire registry union|sources|compare`: what provinces sent, and their selections beside the own one.

use crate::args::Format;
use crate::error::CliError;
use crate::{Face, print, print_json};
use evidence::{Enterprise, Registry, SUPERVISORS, Say};
use node::{Compared, ComparedReading, KeptRegistry, Node, ReceivedRegistry};
use report::words;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Codes that a line of text names; JSON has more.
const NAMED_MAX: usize = 8;

fn supervisor(face: &Face, code: &str) -> String {
    words::find(face.lang, &format!("supervisor.{code}"))
        .map_or_else(|| code.to_owned(), |name| format!("{code} {name}"))
}

/// A union in one line; nothing of another registry.
pub(crate) fn of_union(face: &Face, registry: &Registry) {
    if let Some(m) = &registry.merged {
        let say = Say::new("cli.say.union_of").with("sources", m.sources.len()).with("base", m.base_rows);
        print(&face.say(&say));
    }
}

/// Which registry a row of a union is from, for JSON; nothing of another registry.
pub(crate) fn source_json(registry: &Registry, row: &Enterprise<'_>) -> Option<Value> {
    let merged = registry.merged.as_ref()?;
    Some(match Node::union_source(registry, &row.supervisor) {
        Some(s) => json!({"supervisor": s.supervisor, "node": s.node, "record": s.leaf, "stated_at": s.stated_at}),
        None => json!({"own": merged.base}),
    })
}

/// The same as a line.
pub(crate) fn source(face: &Face, registry: &Registry, row: &Enterprise<'_>) {
    let Some(merged) = &registry.merged else { return };
    let say = match Node::union_source(registry, &row.supervisor) {
        Some(s) => {
            let say = Say::new("cli.say.union_source").with("supervisor", supervisor(face, &s.supervisor));
            say.with("node", short(s.node.as_str())).with("date", s.stated_at.date()).with("leaf", s.leaf.short())
        }
        None => {
            let leaf = merged.base.map_or_else(|| "–".to_owned(), |l| l.short());
            Say::new("cli.say.union_source_own").with("leaf", leaf)
        }
    };
    print(&face.say(&say));
}

fn short(node: &str) -> &str {
    node.get(..16).unwrap_or(node)
}

fn received_json(r: &ReceivedRegistry) -> Value {
    json!({
        "supervisor": r.supervisor, "node": r.node, "record": r.leaf, "year": r.registry.year,
        "stated_at": r.registry.stated_at, "rows": r.registry.rows.count, "doubt": r.doubt,
    })
}

fn left(face: &Face, list: &[ReceivedRegistry]) {
    for r in list {
        let Some(doubt) = &r.doubt else { continue };
        let say = Say::new("cli.say.union_left").with("supervisor", supervisor(face, &r.supervisor));
        let say = say.with("year", r.registry.year).with("date", r.registry.stated_at.date());
        eprintln!("{}", face.say(&say.with("leaf", r.leaf.short()).with("why", words::say(face.lang, doubt))));
    }
}

fn twice(face: &Face, registry: &Registry) {
    let Some(m) = registry.merged.as_ref().filter(|m| m.twice > 0) else { return };
    print(&face.say(&Say::new("cli.say.union_twice").with("count", m.twice)));
    for t in m.twice_first.iter().take(NAMED_MAX) {
        let say = Say::new("cli.say.union_twice_line").with("uscc", &t.uscc);
        print(&face.say(&say.with("counts", supervisor(face, &t.counts)).with("other", supervisor(face, &t.other))));
    }
}

pub(crate) fn union(face: &Face, year: Option<i64>, format: Format) -> Result<(), CliError> {
    let made = face.node()?.registry_union(year)?;
    let r = &made.kept.registry;
    if format == Format::Json {
        let left: Vec<Value> = made.left.iter().map(received_json).collect();
        print_json(&json!({"record": made.kept.leaf, "registry": r, "new": made.new, "left": left}));
        return Ok(());
    }
    left(face, &made.left);
    let merged = r.merged.clone().unwrap_or_default();
    let key = if made.new { "cli.say.union_made" } else { "cli.say.union_stands" };
    let say = Say::new(key).with("year", r.year).with("count", r.rows.count).with("sources", merged.sources.len());
    print(&face.say(&say.with("base", merged.base_rows).with("leaf", made.kept.leaf.short())));
    twice(face, r);
    Ok(())
}

pub(crate) fn sources(face: &Face, year: Option<i64>, format: Format) -> Result<(), CliError> {
    let node = face.node_read_only()?;
    let (KeptRegistry { registry, leaf }, rows) = node.registry_rows(year)?;
    let mut taken: BTreeMap<&str, u64> = BTreeMap::new();
    for r in &rows {
        *taken.entry(r.0.supervisor.as_ref()).or_default() += 1;
    }
    let came = node.registries_received(Some(registry.year))?;
    if format == Format::Json {
        let came: Vec<Value> = came.iter().map(received_json).collect();
        let lines = SUPERVISORS.iter().map(|s| {
            let source = Node::union_source(&registry, s);
            json!({"supervisor": s, "rows": taken.get(s).copied().unwrap_or(0), "source": source})
        });
        let lines: Vec<Value> = lines.collect();
        print_json(
            &json!({"year": registry.year, "record": leaf, "merged": registry.merged, "supervisors": lines, "received": came}),
        );
        return Ok(());
    }
    for s in SUPERVISORS {
        let rows = taken.get(s).copied().unwrap_or(0);
        let say = match Node::union_source(&registry, s) {
            Some(source) => {
                let say = Say::new("cli.say.union_line").with("taken", rows).with("rows", source.rows.count);
                let say = say.with("date", source.stated_at.date()).with("leaf", source.leaf.short());
                say.with("node", short(source.node.as_str()))
            }
            None if rows > 0 => Say::new("cli.say.union_line_own").with("taken", rows),
            None => Say::new("cli.say.union_line_none"),
        };
        print(&face.say(&say.with("supervisor", supervisor(face, s))));
    }
    of_union(face, &registry);
    twice(face, &registry);
    left(face, &came);
    Ok(())
}

pub(crate) fn compare(face: &Face, year: Option<i64>, format: Format) -> Result<(), CliError> {
    let (ours, compared) = face.node_read_only()?.registry_compare(year)?;
    if format == Format::Json {
        let lines: Vec<Value> = compared.iter().map(compared_json).collect();
        print_json(&json!({"record": ours.leaf, "as_of": ours.judgement.as_of, "supervisors": lines}));
        return Ok(());
    }
    for c in &compared {
        let whose = supervisor(face, &c.source.supervisor);
        if c.selection.is_none() {
            print(&face.say(&Say::new("cli.say.compare_none").with("supervisor", whose)));
            continue;
        }
        for r in &c.readings {
            reading(face, &whose, r);
        }
    }
    Ok(())
}

fn compared_json(c: &Compared) -> Value {
    let readings = c.readings.iter().map(|r| {
        let differs = r.differs.as_ref().map(|d| {
            let side = |(count, codes): &(u64, Vec<String>)| json!({"count": count, "codes": codes});
            json!({"ours_alone": side(&d.ours_alone), "theirs_alone": side(&d.theirs_alone), "same": d.is_same()})
        });
        json!({"rule": r.rule, "ours": r.ours, "theirs": r.theirs, "differs": differs})
    });
    let selection = c.selection.map(|(leaf, at)| json!({"record": leaf, "as_of": at}));
    json!({"source": c.source, "selection": selection, "readings": readings.collect::<Vec<_>>()})
}

fn reading(face: &Face, whose: &str, r: &ComparedReading) {
    let theirs = r.theirs.map_or_else(|| "–".to_owned(), |t| t.selected.to_string());
    let say = Say::new("cli.say.compare_head").with("supervisor", whose).with("rule", &r.rule);
    print(&face.say(&say.with("ours", r.ours).with("theirs", theirs)));
    let Some(d) = &r.differs else {
        print(&face.say(&Say::new("cli.say.compare_unknown")));
        return;
    };
    if d.is_same() {
        print(&face.say(&Say::new("cli.say.compare_same")));
    }
    for (key, (count, codes)) in [("compare_here", &d.ours_alone), ("compare_there", &d.theirs_alone)] {
        if *count > 0 {
            let some: Vec<&str> = codes.iter().take(NAMED_MAX).map(String::as_str).collect();
            let say = Say::new(format!("cli.say.{key}")).with("count", count).with("codes", some.join(" "));
            print(&face.say(&say));
        }
    }
}

//! `watchfire tables`: where the read tables stand, what they hold, making them anew.

use crate::args::{Format, Tables, TablesVerb};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json, progress};
use evidence::Say;
use node::TablesSeen;
use serde_json::{Value, json};
use store::Engine;

pub(crate) fn run(face: &Face, a: &Tables) -> Result<u8, CliError> {
    match &a.what {
        TablesVerb::Status { verify, format } => {
            let bar = progress::bar(face.common.quiet, face.lang);
            let seen = face.node_read_only()?.tables_seen(verify.then_some(&*bar))?;
            let holds = seen.tables.iter().all(|t| t.holds != Some(false));
            match format {
                Format::Json => print_json(&status_json(&seen, holds)),
                Format::Text => status(face, &seen),
            }
            if !holds {
                return Ok(exit::FINDINGS);
            }
        }
        TablesVerb::Rebuild { format } => {
            let bar = progress::bar(face.common.quiet, face.lang);
            let done = face.node_read_only()?.tables_rebuild(&*bar, &face.stop)?;
            if *format == Format::Json {
                let of = |k: &node::KeptRegistry| json!({"year": k.registry.year, "record": k.leaf, "rows": k.registry.rows.count});
                let registries: Vec<Value> = done.registries.iter().map(of).collect();
                print_json(&json!({"engine": engine_json(&done.engine), "registries": registries, "rows": done.rows,
                                   "selections": done.selections}));
            } else {
                let say =
                    Say::new("cli.say.tables_rebuilt").with("count", done.registries.len()).with("rows", done.rows);
                print(&face.say(&say.with("selections", done.selections).with("place", &done.engine.place)));
            }
        }
        TablesVerb::Drop { format } => {
            let engine = face.node_read_only()?.tables_drop()?;
            face.tell(&Say::new("cli.say.tables_dropped").with("place", &engine.place), *format);
        }
    }
    Ok(exit::DONE)
}

fn engine_json(e: &Engine) -> Value {
    json!({"name": e.name, "version": e.version, "place": e.place})
}

fn status_json(seen: &TablesSeen, holds: bool) -> Value {
    let of = |t: &node::TableSeen| {
        let r = &t.registry.registry;
        let table =
            t.kept.as_ref().map(|k| json!({"rows": k.rows, "lists": k.lists, "sums": k.sources, "bytes": k.bytes}));
        json!({"year": r.year, "record": t.registry.leaf, "rows": r.rows.count, "table": table, "holds": t.holds})
    };
    let registries: Vec<Value> = seen.tables.iter().map(of).collect();
    json!({"engine": engine_json(&seen.engine), "registries": registries, "others": seen.others, "holds": holds})
}

fn status(face: &Face, seen: &TablesSeen) {
    let e = &seen.engine;
    let name = if e.name == "sqlite" { "SQLite" } else { "PostgreSQL" };
    let say = Say::new("cli.say.tables_engine").with("engine", name).with("version", &e.version);
    print(&face.say(&say.with("place", &e.place)));
    for t in &seen.tables {
        let r = &t.registry.registry;
        let key = match (&t.kept, t.holds) {
            (None, _) => "tables_missing",
            (Some(_), None) => "tables_line",
            (Some(_), Some(true)) => "tables_line_holds",
            (Some(_), Some(false)) => "tables_line_differs",
        };
        let say = Say::new(format!("cli.say.{key}")).with("year", r.year).with("leaf", t.registry.leaf.short());
        let say = say.with("rows", r.rows.count);
        let k = t.kept.as_ref();
        let say = say.with("lists", k.map_or(0, |k| k.lists)).with("sums", k.map_or(0, |k| k.sources));
        print(&face.say(&say.with("mib", k.map_or(0, |k| k.bytes.div_ceil(1 << 20)))));
    }
    if seen.others > 0 {
        print(&face.say(&Say::new("cli.say.tables_others").with("count", seen.others)));
    }
}

//! `watchfire tables`: where the read tables stand, what they hold, making them anew.

use crate::args::{Format, Tables, TablesVerb};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json, progress};
use evidence::Say;
use node::{PagesChecked, TablesSeen};
use serde_json::{Value, json};
use store::Engine;

pub(crate) fn run(face: &Face, a: &Tables) -> Result<u8, CliError> {
    match &a.what {
        TablesVerb::Status { verify, format } => {
            let bar = progress::bar(face.common.quiet, face.lang);
            let node = face.node_read_only()?;
            let seen = node.tables_seen(verify.then_some(&*bar))?;
            let pages = if *verify { Some(node.pages_verify(&face.plan()?)?) } else { None };
            let holds = seen.tables.iter().all(|t| t.holds != Some(false));
            let holds = holds && pages.as_ref().is_none_or(|p| p.differ.is_empty());
            match format {
                Format::Json => print_json(&status_json(&seen, pages.as_ref(), holds)),
                Format::Text => status(face, &seen, pages.as_ref()),
            }
            if !holds {
                return Ok(exit::FINDINGS);
            }
        }
        TablesVerb::Rebuild { format } => {
            let bar = progress::bar(face.common.quiet, face.lang);
            let node = face.node_read_only()?;
            let done = node.tables_rebuild(&*bar, &face.stop)?;
            let pages = node.pages_follow(&face.plan()?, true, &*bar, &face.stop)?;
            if *format == Format::Json {
                let of = |k: &node::KeptRegistry| json!({"year": k.registry.year, "record": k.leaf, "rows": k.registry.rows.count});
                let registries: Vec<Value> = done.registries.iter().map(of).collect();
                print_json(&json!({"engine": engine_json(&done.engine), "registries": registries, "rows": done.rows,
                                   "selections": done.selections, "pages": {"records": pages.records, "enterprises": pages.judged}}));
            } else {
                let say =
                    Say::new("cli.say.tables_rebuilt").with("count", done.registries.len()).with("rows", done.rows);
                print(&face.say(&say.with("selections", done.selections).with("place", &done.engine.place)));
                let say = Say::new("cli.say.tables_pages_made").with("count", pages.judged);
                print(&face.say(&say.with("records", pages.records)));
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

fn status_json(seen: &TablesSeen, pages: Option<&PagesChecked>, holds: bool) -> Value {
    let of = |t: &node::TableSeen| {
        let r = &t.registry.registry;
        let table =
            t.kept.as_ref().map(|k| json!({"rows": k.rows, "lists": k.lists, "sums": k.sources, "bytes": k.bytes}));
        json!({"year": r.year, "record": t.registry.leaf, "rows": r.rows.count, "table": table, "holds": t.holds})
    };
    let registries: Vec<Value> = seen.tables.iter().map(of).collect();
    let pages = pages
        .map(|p| json!({"enterprises": p.enterprises, "matters": p.matters, "targets": p.targets, "differ": p.differ}));
    json!({"engine": engine_json(&seen.engine), "registries": registries, "others": seen.others, "pages": pages,
           "holds": holds})
}

fn status(face: &Face, seen: &TablesSeen, pages: Option<&PagesChecked>) {
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
    let Some(pages) = pages else { return };
    let key = if pages.differ.is_empty() { "tables_pages_hold" } else { "tables_pages_differ" };
    let say = Say::new(format!("cli.say.{key}")).with("count", pages.enterprises).with("matters", pages.matters);
    print(&face.say(&say.with("targets", pages.targets)));
    for what in &pages.differ {
        print(&format!("    {what}"));
    }
}

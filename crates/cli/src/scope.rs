//! `watchfire scope`: what this node answers for.

use crate::args::{Format, Scope, ScopeVerb};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use evidence::{Say, ScopeEntry, ScopeKind};
use node::ScopeSet;
use report::words;
use serde_json::json;
use std::fmt::Write as _;

pub(crate) fn run(face: &Face, a: &Scope) -> Result<u8, CliError> {
    match &a.what {
        ScopeVerb::Add { kind, id, label, site, country, author, format } => {
            let typed = attest::Typed { kind, id, label, site, country };
            let set = face.node()?.scope_add(typed, author.as_deref())?;
            declared(face, &set, *format);
        }
        ScopeVerb::Import { table, author, format } => {
            let set = face.node()?.scope_import(table, author.as_deref())?;
            declared(face, &set, *format);
        }
        ScopeVerb::Show { format } => {
            let scope = match face.node_read_only() {
                Ok(node) => node.scope()?,
                Err(e) if e.no_log() => None,
                Err(e) => return Err(e),
            };
            show(face, &scope.map(|s| s.entries).unwrap_or_default(), *format);
        }
    }
    Ok(exit::DONE)
}

fn declared(face: &Face, set: &ScopeSet, format: Format) {
    if format == Format::Json {
        let bad: Vec<_> = set.bad.iter().map(|b| json!({"row": b.row, "say": b.say})).collect();
        print_json(&json!({"record": set.leaf, "entries": set.entries, "left_out": bad}));
        return;
    }
    for bad in &set.bad {
        let why = words::say(face.lang, &bad.say);
        let say = Say::new("cli.say.scope_bad_row").with("row", bad.row).with("why", why);
        eprintln!("{}", face.say(&say));
    }
    let say = Say::new("cli.say.scope_set").with("count", set.entries.len()).with("leaf", set.leaf.short());
    print(&face.say(&say));
}

fn show(face: &Face, entries: &[ScopeEntry], format: Format) {
    if format == Format::Json {
        print_json(&json!({ "entries": entries }));
        return;
    }
    if entries.is_empty() {
        print(&face.say(&Say::new("cli.say.scope_none")));
        return;
    }
    let mut out = String::new();
    for kind in ScopeKind::ALL {
        let of: Vec<_> = entries.iter().filter(|e| e.kind == kind).collect();
        if of.is_empty() {
            continue;
        }
        let key = format!("scope.{}", kind.name());
        let _ = writeln!(out, "{} ({})", words::text(face.lang, &key), of.len());
        for entry in of {
            let at = [&entry.site, &entry.country].into_iter().filter(|t| !t.is_empty()).cloned().collect::<Vec<_>>();
            let _ = writeln!(out, "  {}  {}  {}", entry.id, entry.label, at.join(", "));
        }
    }
    print(&out);
}

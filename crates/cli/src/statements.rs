//! `watchfire statements`: what the plant's scanners and its suppliers say, brought in as documented.

use crate::args::{Format, Statements, StatementsVerb};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use evidence::Say;
use node::{KeptReport, Told};
use serde_json::json;

/// Bad rows that are named; the rest is counted.
const NAMED_MAX: usize = 20;

pub(crate) fn run(face: &Face, a: &Statements) -> Result<u8, CliError> {
    match &a.what {
        StatementsVerb::Import { file, name, host, tool, date, author, format } => {
            let wrong = |d: &str| CliError::new(Say::new("error.bad-date").with("value", attest::clean(d)));
            let date = date.as_deref().map(|d| attest::date(d).ok_or_else(|| wrong(d))).transpose()?;
            let told = Told { name, host: host.as_deref(), tool: tool.as_deref(), date };
            let (kept, bad) = face.node()?.statements_import(file, told, author.as_deref())?;
            imported(face, &kept, &bad, *format);
        }
        StatementsVerb::List { format } => list(face, *format)?,
        StatementsVerb::Drop { name, author, format } => {
            let kept = face.node()?.statements_drop(name, author.as_deref())?;
            face.tell(&line("report_dropped", &kept), *format);
        }
    }
    Ok(exit::DONE)
}

/// A sentence about a report.
fn line(key: &str, kept: &KeptReport) -> Say {
    let r = &kept.report;
    let at = r.at.map_or_else(|| "–".to_owned(), evidence::Time::date);
    Say::new(format!("cli.say.{key}"))
        .with("name", attest::clean(&r.name))
        .with("tool", attest::clean(&r.tool))
        .with("date", at)
        .with("rows", r.rows.len())
        .with("document", attest::clean(&r.document.name))
        .with("digest", r.document.digest.short())
        .with("author", attest::clean(&kept.author))
        .with("at", kept.at.date())
}

fn imported(face: &Face, kept: &KeptReport, bad: &[attest::BadRow], format: Format) {
    if format == Format::Json {
        let rows: Vec<_> =
            bad.iter().map(|b| json!({"row": b.row, "why": b.say.key, "text": face.say(&b.say)})).collect();
        return print_json(&json!({"leaf": kept.leaf, "report": kept.report, "bad_rows": rows}));
    }
    print(&face.say(&line("report_kept", kept)));
    for b in bad.iter().take(NAMED_MAX) {
        let why = face.say(&b.say);
        eprintln!("{}", face.say(&Say::new("cli.say.scope_bad_row").with("row", b.row).with("why", why)));
    }
    if bad.len() > NAMED_MAX {
        eprintln!("… +{}", bad.len() - NAMED_MAX);
    }
}

fn list(face: &Face, format: Format) -> Result<(), CliError> {
    let all = match face.node_read_only() {
        Ok(node) => node.foreign_reports()?,
        Err(e) if e.no_log() => Vec::new(),
        Err(e) => return Err(e),
    };
    if format == Format::Json {
        let one = |k: &KeptReport| json!({"report": k.report, "author": k.author, "imported": k.at, "leaf": k.leaf});
        print_json(&json!({"reports": all.iter().map(one).collect::<Vec<_>>()}));
    } else if all.is_empty() {
        print(&face.say(&Say::new("cli.say.reports_none")));
    }
    for kept in all.iter().filter(|_| format == Format::Text) {
        print(&face.say(&line("report_line", kept)));
    }
    Ok(())
}

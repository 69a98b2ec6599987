//! `watchfire programme`: what counts for a target and no plant reports.

use crate::args::{Format, Programme, ProgrammeVerb, PublicityVerb, ReturnsVerb, ThingArg};
use crate::error::{CliError, exit};
use crate::{CSV_MARK, Face, print, print_json};
use attest::{BadRow, RollKind};
use evidence::{PathText, ProgrammeThing, Rung, Say, Time};
use node::{ImportedRoll, KeptEntry, KeptRoll, NewEntry, NodeError, ReturnState, TemplateOrder};
use report::words;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Rows that were left out that are shown on the screen.
const SHOWN_MAX: usize = 20;

pub(crate) fn run(face: &Face, a: &Programme) -> Result<u8, CliError> {
    match &a.what {
        ProgrammeVerb::Add { thing, id, title, stage, industry, effective, document, author, format } => {
            let new = NewEntry {
                thing: of(*thing),
                id,
                title,
                stage,
                industry,
                effective: effective.as_deref().map(date).transpose()?,
                document: document.as_deref().map(node::document).transpose()?,
                author: author.as_deref(),
            };
            told(face, &face.node()?.programme_add(new)?, "programme_kept", *format);
        }
        ProgrammeVerb::Withdraw { thing, id, reason, author, format } => {
            let kept = face.node()?.programme_withdraw(of(*thing), id, reason, author.as_deref())?;
            told(face, &kept, "programme_taken_back", *format);
        }
        ProgrammeVerb::List { format } => list(face, *format)?,
        ProgrammeVerb::Publicity { what: PublicityVerb::Import { table, errors, author, format } } => {
            publicity(face, table, errors.as_deref(), author.as_deref(), *format)?;
        }
        ProgrammeVerb::Returns { what } => returns(face, what)?,
    }
    Ok(exit::DONE)
}

fn of(thing: ThingArg) -> ProgrammeThing {
    match thing {
        ThingArg::Standard => ProgrammeThing::Standard,
        ThingArg::Case => ProgrammeThing::Case,
    }
}

fn date(typed: &str) -> Result<Time, CliError> {
    attest::date(typed).ok_or_else(|| CliError::new(Say::new("error.bad-date").with("value", attest::clean(typed))))
}

fn word(face: &Face, family: &str, name: &str) -> String {
    words::find(face.lang, &format!("{family}.{name}")).unwrap_or(name).to_owned()
}

fn rung(face: &Face, kept: &KeptEntry) -> String {
    let rung = if kept.entry.document.is_some() { Rung::Documented } else { Rung::Declared };
    word(face, "sure", rung.name())
}

fn told(face: &Face, kept: &KeptEntry, key: &str, format: Format) {
    if format == Format::Json {
        print_json(&json!({"entry": kept.entry, "record": kept.leaf}));
        return;
    }
    let say = Say::new(format!("cli.say.{key}")).with("thing", word(face, "programme-thing", kept.entry.thing.name()));
    let say = say.with("id", &kept.entry.id).with("leaf", kept.leaf.short());
    // Only what was stated has a rung.
    let say = if key == "programme_kept" { say.with("rung", rung(face, kept)) } else { say };
    print(&face.say(&say));
}

fn list(face: &Face, format: Format) -> Result<(), CliError> {
    let node = face.node_read_only()?;
    let (entries, rolls) = (node.programme_entries()?, node.rolls()?);
    if format == Format::Json {
        let entries: Vec<Value> = entries.iter().map(|k| json!({"entry": k.entry, "record": k.leaf})).collect();
        let rolls: Vec<Value> = rolls.iter().map(|k| json!({"roll": k.roll, "record": k.leaf})).collect();
        print_json(&json!({"entries": entries, "rolls": rolls}));
        return Ok(());
    }
    for k in &entries {
        let e = &k.entry;
        let thing = word(face, "programme-thing", e.thing.name());
        let say = if e.withdrawn {
            Say::new("cli.say.programme_line_withdrawn").with("reason", &e.reason)
        } else {
            let say = Say::new("cli.say.programme_line").with("stage", &e.stage).with("industry", &e.industry);
            say.with("effective", e.effective.date()).with("rung", rung(face, k))
        };
        print(&face.say(&say.with("thing", thing).with("id", &e.id).with("title", &e.title)));
    }
    for k in &rolls {
        let say = Say::new("cli.say.programme_roll").with("of", word(face, "roll-of", &k.roll.of));
        let say = say.with("count", k.roll.rows.count).with("document", &k.roll.document.name);
        print(&face.say(&say.with("date", k.roll.stated_at.date())));
    }
    if entries.is_empty() && rolls.is_empty() {
        print(&face.say(&Say::new("cli.say.programme_none")));
    }
    Ok(())
}

fn publicity(
    face: &Face,
    table: &Path,
    errors: Option<&Path>,
    author: Option<&str>,
    format: Format,
) -> Result<(), CliError> {
    let node = face.node()?;
    let mut shown = Vec::new();
    let mut bad = |rows: &[BadRow]| -> Result<(), NodeError> {
        match errors {
            Some(path) => {
                let text = report::registry::bad_rows(rows.iter().map(|b| (b.row, &b.say)), face.lang);
                node::write(path, format!("{CSV_MARK}{text}").as_bytes())?;
            }
            None => shown.extend(rows.iter().take(SHOWN_MAX).map(|b| bad_row(face, b))),
        }
        Ok(())
    };
    let got = node.roll_import(table, RollKind::Publicity, &mut bad, author)?;
    imported(face, &got, &shown, format);
    Ok(())
}

fn bad_row(face: &Face, b: &BadRow) -> String {
    let why = words::say(face.lang, &b.say);
    face.say(&Say::new("cli.say.scope_bad_row").with("row", b.row).with("why", why))
}

fn imported(face: &Face, got: &ImportedRoll, shown: &[String], format: Format) {
    let KeptRoll { roll, leaf } = &got.kept;
    if format == Format::Json {
        print_json(&json!({"roll": roll, "record": leaf, "unused": got.unused}));
        return;
    }
    shown.iter().for_each(|line| eprintln!("{line}"));
    let bad: u64 = roll.left_out.values().sum();
    let say = Say::new("cli.say.roll_imported").with("of", word(face, "roll-of", &roll.of));
    print(&face.say(&say.with("count", roll.rows.count).with("bad", bad).with("leaf", leaf.short())));
    if !got.unused.is_empty() {
        print(&face.say(&Say::new("cli.say.roll_unused").with("list", got.unused.join(", "))));
    }
}

fn path_text(path: &Path) -> PathText {
    PathText::from_bytes(path.as_os_str().as_encoded_bytes())
}

fn returns(face: &Face, what: &ReturnsVerb) -> Result<(), CliError> {
    match what {
        ReturnsVerb::Template { area, selected, year, due, out, author, format } => {
            let (plan, due) = (face.plan()?, date(due)?);
            let order = TemplateOrder { area, selected: *selected, year: *year, due, author: author.as_deref() };
            let (roll, count) = face.node()?.returns_template(&plan, &order, out)?;
            match format {
                Format::Json => print_json(&json!({"written": path_text(out), "count": count, "record": roll.leaf})),
                Format::Text => {
                    let say = Say::new("cli.say.returns_template").with("count", count);
                    print(&face.say(&say.with("path", path_text(out))));
                }
            }
        }
        ReturnsVerb::Import { table, back, author, format } => {
            let mut shown = Vec::new();
            let mut noted = None;
            let mut bad = |rows: &[BadRow]| -> Result<(), NodeError> {
                match back {
                    Some(path) if !rows.is_empty() => {
                        let made = report::programme::returns_back_xlsx(rows.iter().map(|b| (b.row, &b.say)));
                        node::write(path, &made.map_err(NodeError::Internal)?)?;
                        noted = Some((rows.len(), path_text(path)));
                    }
                    _ => shown.extend(rows.iter().take(SHOWN_MAX).map(|b| bad_row(face, b))),
                }
                Ok(())
            };
            let got = face.node()?.returns_import(table, &mut bad, author.as_deref())?;
            imported(face, &got, &shown, *format);
            if let (Some((count, path)), Format::Text) = (noted, format) {
                print(&face.say(&Say::new("cli.say.returns_back").with("count", count).with("path", path)));
            }
        }
        ReturnsVerb::Status { area, year, format } => status(face, area, *year, *format)?,
        ReturnsVerb::Remind { area, escalate, due, author, format } => {
            let (roll, count) = face.node()?.returns_remind(area, *escalate, date(due)?, author.as_deref())?;
            match format {
                Format::Json => print_json(&json!({"count": count, "record": roll.leaf})),
                Format::Text => {
                    let say = Say::new("cli.say.returns_reminded").with("count", count);
                    print(&face.say(&say.with("leaf", roll.leaf.short())));
                }
            }
        }
    }
    Ok(())
}

fn status(face: &Face, area: &str, year: Option<i64>, format: Format) -> Result<(), CliError> {
    let all = face.node_read_only()?.returns_status(area, year)?;
    let mut sums: BTreeMap<ReturnState, usize> = BTreeMap::new();
    for r in &all {
        *sums.entry(r.state).or_default() += 1;
    }
    let silent = |s: ReturnState| !matches!(s, ReturnState::NotAsked | ReturnState::Answered);
    if format == Format::Json {
        let rows = all.iter().filter(|r| silent(r.state)).map(|r| {
            json!({"uscc": r.uscc, "name": r.name, "state": r.state.name(), "due": r.due.map(Time::date), "owner": r.owner})
        });
        let sums: BTreeMap<&str, usize> = sums.iter().map(|(s, n)| (s.name(), *n)).collect();
        print_json(&json!({"sums": sums, "silent": rows.collect::<Vec<_>>()}));
        return Ok(());
    }
    for r in all.iter().filter(|r| silent(r.state)) {
        let say = Say::new("cli.say.returns_line").with("uscc", &r.uscc).with("name", &r.name).with("owner", &r.owner);
        let due = r.due.map_or_else(|| "-".to_owned(), Time::date);
        print(&face.say(&say.with("state", word(face, "returns-state", r.state.name())).with("due", due)));
    }
    for (state, count) in &sums {
        let say = Say::new("cli.say.returns_sum").with("state", word(face, "returns-state", state.name()));
        print(&face.say(&say.with("count", count)));
    }
    Ok(())
}

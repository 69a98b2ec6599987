//! `watchfire staff`: whose accounts are whose. Names stay in the plant's table.

use crate::args::{Format, Staff, StaffVerb};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use evidence::{Say, StaffStanding};
use node::StaffSet;
use report::words;
use serde_json::{Map, Value, json};

pub(crate) fn run(face: &Face, a: &Staff) -> Result<u8, CliError> {
    match &a.what {
        StaffVerb::Import { table, author, format } => {
            kept(face, &face.node()?.staff_import(table, author.as_deref())?, *format);
        }
        StaffVerb::Drop { author, format } => {
            let set = face.node()?.staff_drop(author.as_deref())?;
            face.tell(&Say::new("cli.say.staff_dropped").with("leaf", set.leaf.short()), *format);
        }
        StaffVerb::Show { format } => show(face, *format)?,
    }
    Ok(exit::DONE)
}

fn kept(face: &Face, set: &StaffSet, format: Format) {
    if format == Format::Json {
        let bad: Vec<_> = set.bad.iter().map(|b| json!({"row": b.row, "say": b.say})).collect();
        print_json(&json!({"record": set.leaf, "accounts": counts(&set.staff), "left_out": bad}));
        return;
    }
    for bad in &set.bad {
        let why = words::say(face.lang, &bad.say);
        let say = Say::new("cli.say.scope_bad_row").with("row", bad.row).with("why", why);
        eprintln!("{}", face.say(&say));
    }
    let say = Say::new("cli.say.staff_kept").with("count", set.staff.entries.len());
    print(&face.say(&say.with("leaf", set.leaf.short())));
}

/// Accounts by standing; there is nothing else in a list that could be shown.
fn counts(staff: &evidence::Staff) -> Map<String, Value> {
    let count = |s: StaffStanding| staff.entries.iter().filter(|e| e.standing == s).count();
    StaffStanding::ALL.into_iter().map(|s| (s.name().to_owned(), json!(count(s)))).collect()
}

fn show(face: &Face, format: Format) -> Result<(), CliError> {
    let staff = match face.node_read_only() {
        Ok(node) => node.staff()?,
        Err(e) if e.no_log() => None,
        Err(e) => return Err(e),
    };
    match (staff, format) {
        (None, Format::Json) => print_json(&json!({})),
        (None, Format::Text) => print(&face.say(&Say::new("cli.say.staff_none"))),
        (Some((staff, at, leaf)), Format::Json) => {
            print_json(
                &json!({"record": leaf, "stated_at": at, "accounts": counts(&staff), "document": staff.document}),
            );
        }
        (Some((staff, at, _)), Format::Text) => {
            let of = |s: StaffStanding| staff.entries.iter().filter(|e| e.standing == s).count();
            let say = Say::new("cli.say.staff_shown").with("date", at.date());
            let say = say.with("active", of(StaffStanding::Active)).with("left", of(StaffStanding::Left));
            print(
                &face.say(&say.with("shared", of(StaffStanding::Shared)).with("service", of(StaffStanding::Service))),
            );
        }
    }
    Ok(())
}

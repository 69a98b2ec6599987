//! `watchfire training session`: announced, attended, closed, withdrawn.

use super::{bad_json, date, name_bad, reason, table, word};
use crate::args::{Format, ListFormat, SessionVerb};
use crate::error::CliError;
use crate::{Face, print, print_json};
use console::said::session_count_json;
use evidence::{Digest, Rung, Say};
use judge::{SessionCount, TrainingStanding};
use node::Attended;
use serde_json::{Value, json};

pub(crate) fn run(face: &Face, verb: &SessionVerb) -> Result<(), CliError> {
    match verb {
        SessionVerb::Add { course, day, last_day, author, format } => {
            let day = date(day)?;
            let last = last_day.as_deref().map(date).transpose()?.unwrap_or(day);
            let kept = face.node()?.session_add(course, (day, last), author.as_deref())?;
            let s = &kept.session;
            if *format == Format::Json {
                print_json(&json!({"session": s, "record": kept.leaf}));
            } else {
                let say = Say::new("cli.say.training_session_kept").with("session", &s.session);
                let say = say.with("course", &s.course).with("day", s.day.date());
                print(&face.say(&say.with("leaf", kept.leaf.short())));
            }
        }
        SessionVerb::List { format } => list(face, *format)?,
        SessionVerb::Show { session, names, format } => show(face, session, *names, *format)?,
        SessionVerb::Attend { session, names, door: None, document, author, format } => {
            let got = face.node()?.attend(session, names, document.as_deref(), author.as_deref())?;
            attended(face, &got, *format);
        }
        SessionVerb::Attend { session, names, door: Some(code), author, format, .. } => {
            // Each person checks in alone: a list that somebody typed is no better for a code.
            let [name] = names.as_slice() else { return Err(CliError::new(Say::new("error.training-door-alone"))) };
            attended(face, &face.node()?.attend_by_door(session, name, code, author.as_deref())?, *format);
        }
        SessionVerb::Import { session, table, document, author, format } => {
            let got = face.node()?.attendance_import(session, table, document.as_deref(), author.as_deref())?;
            attended(face, &got, *format);
        }
        SessionVerb::Door { session, minutes, author, format } => {
            let door = face.node()?.door(session, *minutes, author.as_deref())?;
            if *format == Format::Json {
                print_json(&json!({"code": door.code, "from": door.from, "until": door.until, "record": door.leaf}));
            } else {
                let say = Say::new("cli.say.training_door").with("code", &door.code).with("until", door.until);
                print(&face.say(&say.with("leaf", door.leaf.short())));
            }
        }
        SessionVerb::Close { session, author, format } => {
            let (session, leaf) = face.node()?.session_close(session, author.as_deref())?;
            told(face, "training_closed", &session, leaf, *format);
        }
        SessionVerb::Withdraw { session, batch, reason: why, author, format } => {
            let (session, leaf) =
                face.node()?.session_withdraw(session, batch.as_deref(), reason(*why), author.as_deref())?;
            let key = if batch.is_some() { "training_batch_withdrawn" } else { "training_withdrawn" };
            told(face, key, &session, leaf, *format);
        }
    }
    Ok(())
}

fn told(face: &Face, key: &str, session: &str, leaf: Digest, format: Format) {
    match format {
        Format::Json => print_json(&json!({"session": session, "record": leaf})),
        Format::Text => {
            let say = Say::new(format!("cli.say.{key}")).with("session", session);
            print(&face.say(&say.with("leaf", leaf.short())));
        }
    }
}

fn attended(face: &Face, a: &Attended, format: Format) {
    if format == Format::Json {
        print_json(&json!({
            "session": a.session, "record": a.leaf, "rung": a.rung, "counted": a.counted, "known": a.known,
            "left_out": bad_json(&a.bad), "names_not_kept": a.forgotten,
        }));
        return;
    }
    name_bad(face, &a.bad);
    let say = Say::new("cli.say.training_attended").with("session", &a.session).with("count", a.counted);
    let say = say.with("rung", word(face, "sure", a.rung.name())).with("known", a.known).with("bad", a.bad.len());
    print(&face.say(&say.with("leaf", a.leaf.map_or_else(|| "-".to_owned(), |l| l.short()))));
    if a.forgotten > 0 {
        print(&face.say(&Say::new("cli.say.training_names_not_kept").with("count", a.forgotten)));
    }
}

fn standing(face: &Face) -> Result<TrainingStanding, CliError> {
    Ok(match super::look(face)? {
        Some(node) => node.training_standing(node::now())?,
        None => TrainingStanding::default(),
    })
}

/// Fixed headings of a list of sessions.
pub(crate) const HEAD: [&str; 12] = [
    "session",
    "course",
    "day",
    "last_day",
    "audience",
    "person_times",
    "declared",
    "documented",
    "machine_evidenced",
    "tested",
    "passed",
    "state",
];

pub(crate) fn count_cells(c: &SessionCount) -> Vec<String> {
    let of = |r: Rung| c.person_times.get(&r).copied().unwrap_or(0).to_string();
    vec![
        c.session.clone(),
        c.course.clone(),
        c.date.date(),
        c.last.date(),
        c.audience.name().to_owned(),
        c.total().to_string(),
        of(Rung::Declared),
        of(Rung::Documented),
        of(Rung::MachineEvidenced),
        c.tested.to_string(),
        c.passed.to_string(),
        state(c).to_owned(),
    ]
}

fn state(c: &SessionCount) -> &'static str {
    match (c.withdrawn, c.open) {
        (Some(_), _) => "withdrawn",
        (None, true) => "open",
        (None, false) => "closed",
    }
}

pub(crate) fn count_line(face: &Face, c: &SessionCount) -> String {
    let of = |r: Rung| c.person_times.get(&r).copied().unwrap_or(0);
    let say = Say::new("cli.say.training_session").with("session", &c.session).with("day", c.date.date());
    let say = say.with("course", &c.course).with("count", c.total()).with("declared", of(Rung::Declared));
    let say = say.with("documented", of(Rung::Documented)).with("machine", of(Rung::MachineEvidenced));
    let say = say.with("tested", c.tested).with("passed", c.passed);
    let state = match c.withdrawn {
        Some(reason) => {
            let why = Say::new("cli.say.training_was").with("count", c.was);
            face.say(&why.with("why", word(face, "training-reason", reason.name())))
        }
        None => word(face, "session-state", state(c)).to_owned(),
    };
    face.say(&say.with("state", state))
}

fn list(face: &Face, format: ListFormat) -> Result<(), CliError> {
    let standing = standing(face)?;
    let announced = match super::look(face)? {
        Some(node) => node.sessions()?,
        None => Vec::new(),
    };
    let rows: Vec<Value> = standing.sessions.iter().map(session_count_json).collect();
    let csv = || (HEAD.to_vec(), standing.sessions.iter().map(count_cells).collect());
    let text = || {
        if announced.is_empty() {
            print(&face.say(&Say::new("cli.say.training_none")));
        }
        standing.sessions.iter().for_each(|c| print(&count_line(face, c)));
        // Those to come are announced, not counted.
        for s in announced.iter().filter(|s| !standing.sessions.iter().any(|c| c.leaf == s.leaf)) {
            let say = Say::new("cli.say.training_to_come").with("session", &s.session.session);
            print(&face.say(&say.with("course", &s.session.course).with("day", s.session.day.date())));
        }
    };
    table(format, ("sessions", rows), csv, text);
    Ok(())
}

fn show(face: &Face, typed: &str, names: bool, format: ListFormat) -> Result<(), CliError> {
    let node = face.node_read_only()?;
    let kept = node.session(typed)?;
    let standing = node.training_standing(node::now())?;
    let count = standing.sessions.iter().find(|c| c.leaf == kept.leaf);
    let people = node.attendees(&kept.session.session, names)?;
    let rows = people.iter().map(|(p, rung, named)| {
        let name = named.as_ref().map(|n| json!({"name": n.name, "mark": n.mark, "employer": n.employer}));
        json!({"person": p, "rung": rung, "named": name})
    });
    match format {
        ListFormat::Json => print_json(&json!({
            "announced": kept.session, "record": kept.leaf, "count": count.map(session_count_json), "people": rows.collect::<Vec<_>>(),
        })),
        ListFormat::Csv => {
            let cells = people.iter().map(|(p, rung, named)| {
                let text = |of: fn(&store::Named) -> &String| named.as_ref().map(of).cloned().unwrap_or_default();
                let [name, mark, employer] = [text(|n| &n.name), text(|n| &n.mark), text(|n| &n.employer)];
                vec![p.to_string(), rung.name().to_owned(), name, mark, employer]
            });
            let rows: Vec<Vec<String>> = cells.collect();
            let head = ["person", "rung", "name", "mark", "employer"];
            print(&format!("{}{}", crate::CSV_MARK, report::training::table_csv(&head, &rows)));
        }
        ListFormat::Text => {
            match count {
                Some(c) => print(&count_line(face, c)),
                None => {
                    let say = Say::new("cli.say.training_to_come").with("session", &kept.session.session);
                    let say = say.with("course", &kept.session.course).with("day", kept.session.day.date());
                    print(&face.say(&say));
                }
            }
            for (p, rung, named) in &people {
                let who = match named {
                    Some(n) if n.mark.is_empty() => n.name.clone(),
                    Some(n) => format!("{}#{}", n.name, n.mark),
                    None => p.to_string(),
                };
                let say = Say::new("cli.say.training_person").with("who", who);
                print(&face.say(&say.with("rung", word(face, "sure", rung.name()))));
            }
        }
    }
    Ok(())
}

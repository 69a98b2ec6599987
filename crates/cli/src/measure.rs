//! `watchfire measure`: what is done about findings, by whom and until when; and what may stand for a while.

use crate::args::{Format, Measure, MeasureFormat, MeasureState as Typed, MeasureVerb};
use crate::error::{CliError, exit};
use crate::{CSV_MARK, Face, print, print_json};
use evidence::{MeasureState, Say, Time};
use node::{Exception, KeptMeasure, Recorded, Wanted};
use plan::Days;
use report::words;
use serde_json::json;
use std::fmt::Write as _;

pub(crate) fn run(face: &Face, a: &Measure) -> Result<u8, CliError> {
    match &a.what {
        MeasureVerb::Add { findings, incident, action, owner, deputy, due, author, format } => {
            let plan = face.plan()?;
            let days = Days::of(plan.calendar());
            let until = days.day_ends(date(due)?);
            let wanted = Wanted { findings, incidents: incident, action, owner, deputy, until };
            let made = face.node()?.measure_add(&plan, &wanted, None, author.as_deref())?;
            recorded(face, &made, &days, *format);
        }
        MeasureVerb::Except { findings, reason, owner, approver, since, until, document, author, format } => {
            let plan = face.plan()?;
            let days = Days::of(plan.calendar());
            let until = days.day_ends(date(until)?);
            let wanted = Wanted { findings, incidents: &[], action: reason, owner, deputy: "", until };
            let exception = Exception {
                approver,
                since: since.as_deref().map(date).transpose()?.map(|s| days.day_begins(s)),
                document: document.as_deref().map(node::document).transpose()?,
            };
            let made = face.node()?.measure_add(&plan, &wanted, Some(exception), author.as_deref())?;
            recorded(face, &made, &days, *format);
        }
        MeasureVerb::Start(s) => further(face, s, MeasureState::Running)?,
        MeasureVerb::Done(s) => further(face, s, MeasureState::Done)?,
        MeasureVerb::Withdraw(s) => further(face, s, MeasureState::Withdrawn)?,
        MeasureVerb::Verify { id, document, author, format } => {
            let document = document.as_deref().map(node::document).transpose()?;
            let kept = face.node()?.measure_verify(&face.plan()?, id, document, author.as_deref())?;
            told(face, &kept, *format);
        }
        MeasureVerb::List { late, all, format } => return list(face, *late, *all, *format),
    }
    Ok(exit::DONE)
}

fn date(typed: &str) -> Result<Time, CliError> {
    attest::date(typed).ok_or_else(|| CliError::new(Say::new("error.bad-date").with("value", attest::clean(typed))))
}

fn further(face: &Face, s: &Typed, state: MeasureState) -> Result<(), CliError> {
    let document = s.document.as_deref().map(node::document).transpose()?;
    let kept = face.node()?.measure_state(&s.id, state, document, s.author.as_deref())?;
    told(face, &kept, s.format);
    Ok(())
}

fn told(face: &Face, kept: &KeptMeasure, format: Format) {
    if format == Format::Json {
        print_json(&kept.value(node::now()));
        return;
    }
    let say = Say::new("cli.say.measure_state").with("id", &kept.measure.id).with("leaf", kept.leaf.short());
    print(&face.say(&say.with("state", state_word(face, kept.measure.state))));
}

fn state_word(face: &Face, state: MeasureState) -> &'static str {
    words::find(face.lang, &format!("measure.state.{}", state.name())).unwrap_or(state.name())
}

fn recorded(face: &Face, made: &Recorded, days: &Days, format: Format) {
    if format == Format::Json {
        let mut out = made.kept.value(node::now());
        out["stand"] = json!(made.stand);
        print_json(&out);
        return;
    }
    let m = &made.kept.measure;
    let say = Say::new("cli.say.measure_kept").with("id", &m.id).with("count", m.findings.len());
    print(&face.say(&say.with("until", days.day_named(m.due)).with("leaf", made.kept.leaf.short())));
    let mut out = String::new();
    for f in &made.findings {
        let object = attest::clean(&f.object);
        let _ = writeln!(out, "  {}  {}  {}  {object}", f.id.short(), f.check, attest::clean(&f.host));
    }
    print(&out);
    for check in &made.stand {
        print(&face.say(&Say::new("cli.say.measure_stands").with("check", check)));
    }
}

/// Open measures and exceptions in force; late ones alone, or all with those that are over.
fn list(face: &Face, late: bool, all: bool, format: MeasureFormat) -> Result<u8, CliError> {
    let now = node::now();
    let days = Days::of(face.plan()?.calendar());
    let measures = match face.node_read_only() {
        Ok(node) => node.measures()?,
        Err(e) if e.no_log() => Vec::new(),
        Err(e) => return Err(e),
    };
    let over = |k: &KeptMeasure| matches!(k.measure.state, MeasureState::Verified | MeasureState::Withdrawn);
    let shown: Vec<&KeptMeasure> =
        measures.iter().filter(|k| if late { k.is_late(now) } else { all || !over(k) }).collect();
    match format {
        MeasureFormat::Json => {
            print_json(&json!({"measures": shown.iter().map(|k| k.value(now)).collect::<Vec<_>>()}));
        }
        MeasureFormat::Csv => {
            let rows: Vec<_> = shown.iter().map(|k| (&k.measure, k.is_late(now))).collect();
            print(&format!("{CSV_MARK}{}", report::measures_csv(&rows, &days)));
        }
        MeasureFormat::Text if shown.is_empty() => print(&face.say(&Say::new("cli.say.measures_none"))),
        MeasureFormat::Text => {
            for k in &shown {
                print(&line(face, k, &days, now));
            }
        }
    }
    let any_late = shown.iter().any(|k| k.is_late(now));
    Ok(if late && any_late { exit::FINDINGS } else { exit::DONE })
}

fn line(face: &Face, k: &KeptMeasure, days: &Days, now: Time) -> String {
    let m = &k.measure;
    let state = match k.is_late(now) {
        true => format!("{} ({})", state_word(face, m.state), words::text(face.lang, "measure.late")),
        false => state_word(face, m.state).to_owned(),
    };
    let say =
        Say::new("cli.say.measure_line").with("id", &m.id).with("until", days.day_named(m.expires.unwrap_or(m.due)));
    let say = say.with("state", state).with("owner", &m.owner).with("count", m.findings.len());
    face.say(&say.with("action", &m.action))
}

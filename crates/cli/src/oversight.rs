//! `watchfire oversight`: who first and why, lists, and what waits.

use crate::args::{Format, ListArg, MeasureFormat, OversightArgs, OversightVerb, RowsFormat, Which};
use crate::error::{CliError, exit};
use crate::{CSV_MARK, Face, print, print_json};
use evidence::{Doubt, PathText, Say, Time};
use judge::{EnterpriseStanding, ListFilter, ListOf, ListPage, QueueItem, QueuePage};
use node::Looking;
use plan::{CheckedPlan, Days, MatterKind};
use report::{oversight as tables, words};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn run(face: &Face, a: &OversightArgs) -> Result<u8, CliError> {
    match &a.what {
        OversightVerb::List { list: of, which, page, format } => {
            let (plan, filter, how) = read(face, which)?;
            let of = ListOf::from(*of);
            let node = face.node_read_only()?;
            let (got, doubts) = node.oversight(&plan, how, |o| {
                (o.list(of, &filter, page.after.as_deref(), page.limit as usize), o.doubts().to_vec())
            })?;
            let got = got.ok_or_else(|| no_place(page.after.as_deref()))?;
            list(face, &plan, (of, &got, &doubts), *format);
        }
        OversightVerb::Queue { kind, which, page, format } => {
            let (plan, filter, how) = read(face, which)?;
            let kinds = kind.iter().map(|k| kind_of(k)).collect::<Result<Vec<_>, _>>()?;
            let node = face.node_read_only()?;
            let (got, doubts) = node.oversight(&plan, how, |o| {
                (o.queue(&kinds, &filter, page.after.as_deref(), page.limit as usize), o.doubts().to_vec())
            })?;
            let got = got.ok_or_else(|| no_place(page.after.as_deref()))?;
            queue(face, &plan, (&got, &doubts), *format);
        }
        OversightVerb::Explain { uscc, year, as_of, format } => {
            explain(face, uscc, (*year, as_of.as_deref()), *format)?;
        }
        OversightVerb::Group { uscc, year, as_of, format } => {
            let plan = face.plan()?;
            let how = Looking { as_of: day(&plan, as_of.as_deref())?, year: *year };
            crate::group::run(face, &plan, how, uscc.as_deref(), *format)?;
        }
        OversightVerb::Export { list, queue: _, which, out, format } => export(face, *list, which, (out, *format))?,
    }
    Ok(exit::DONE)
}

fn no_place(after: Option<&str>) -> CliError {
    CliError::new(Say::new("error.oversight-after").with("value", attest::clean(after.unwrap_or_default())))
}

fn kind_of(typed: &str) -> Result<MatterKind, CliError> {
    MatterKind::ALL.into_iter().find(|k| k.name() == typed.trim()).ok_or_else(|| {
        let known: Vec<&str> = MatterKind::ALL.iter().map(|k| k.name()).collect();
        let say = Say::new("error.oversight-kind").with("value", attest::clean(typed));
        CliError::new(say.with("known", known.join(", ")))
    })
}

fn day(plan: &CheckedPlan, typed: Option<&str>) -> Result<Option<Time>, CliError> {
    let Some(typed) = typed else { return Ok(None) };
    let bad = || CliError::new(Say::new("error.bad-date").with("value", attest::clean(typed)));
    let days = Days::of(plan.calendar());
    days.read(typed).map(|t| Some(days.day_ends(t))).ok_or_else(bad)
}

fn read(face: &Face, which: &Which) -> Result<(CheckedPlan, ListFilter, Looking), CliError> {
    let plan = face.plan()?;
    let upper = |text: &str| text.trim().to_uppercase();
    let filter = ListFilter {
        supervisor: if which.supervisor.is_empty() { String::new() } else { node::area_code(&which.supervisor) },
        province: upper(&which.province),
        city: upper(&which.city),
        industry: upper(&which.industry),
        group: upper(&which.group),
    };
    let how = Looking { as_of: day(&plan, which.as_of.as_deref())?, year: which.year };
    Ok((plan, filter, how))
}

fn doubts_json(doubts: &[Doubt]) -> Value {
    json!(doubts)
}

pub(crate) fn notes(face: &Face, doubts: &[Doubt]) {
    for d in doubts {
        eprintln!("{}", face.say(&Say::new("cli.say.oversight_doubt").with("note", words::say(face.lang, &d.say))));
    }
}

fn points(face: &Face, least: u64, most: u64) -> String {
    let key = if least == most { "cli.say.oversight_points" } else { "cli.say.oversight_range" };
    face.say(&Say::new(key).with("least", least).with("most", most))
}

fn head(face: &Face, s: &EnterpriseStanding) -> String {
    let say = Say::new("cli.say.oversight_row").with("uscc", &s.uscc).with("name", &s.name);
    let say = say.with("supervisor", tables::supervisor(face.lang, &s.supervisor)).with("industry", &s.industry);
    face.say(&say.with("points", points(face, s.least, s.most)))
}

fn list(face: &Face, plan: &CheckedPlan, (of, page, doubts): (ListOf, &ListPage, &[Doubt]), format: MeasureFormat) {
    match format {
        MeasureFormat::Json => {
            let mut out = tables::list_json(of, page);
            out["doubts"] = doubts_json(doubts);
            print_json(&out);
        }
        MeasureFormat::Csv => {
            notes(face, doubts);
            print(&format!("{CSV_MARK}{}", tables::standings(plan, face.lang, of, &page.rows).csv()));
        }
        MeasureFormat::Text => {
            print(&face.say(&Say::new(format!("oversight.list.{}", of.name()))));
            for s in &page.rows {
                print(&head(face, s));
                for (holds, key) in [(true, "oversight_holds"), (false, "oversight_cannot")] {
                    let reasons = tables::reasons(plan, face.lang, s, holds);
                    if !reasons.is_empty() {
                        let text = reasons.join(words::text(face.lang, "oversight.separator"));
                        print(&face.say(&Say::new(format!("cli.say.{key}")).with("reasons", text)));
                    }
                }
                if of == ListOf::Measures {
                    let (open, overdue, done) = s.measures.unwrap_or_default();
                    let say =
                        Say::new("cli.say.oversight_measures").with("orders", s.orders.0).with("late", s.orders.1);
                    print(&face.say(&say.with("open", open).with("overdue", overdue).with("done", done)));
                }
            }
            foot(face, page.rows.len(), page.total, page.next.as_deref());
            notes(face, doubts);
        }
    }
}

fn foot(face: &Face, rows: usize, total: u64, next: Option<&str>) {
    print(&face.say(&Say::new("cli.say.oversight_page").with("rows", rows).with("total", total)));
    if let Some(next) = next {
        print(&face.say(&Say::new("cli.say.oversight_next").with("after", next)));
    }
}

fn queue(face: &Face, plan: &CheckedPlan, (page, doubts): (&QueuePage, &[Doubt]), format: MeasureFormat) {
    match format {
        MeasureFormat::Json => {
            let mut out = tables::queue_json(page);
            out["doubts"] = doubts_json(doubts);
            print_json(&out);
        }
        MeasureFormat::Csv => {
            notes(face, doubts);
            print(&format!("{CSV_MARK}{}", tables::queue(plan, face.lang, &page.items).csv()));
        }
        MeasureFormat::Text => {
            let days = Days::of(plan.calendar());
            page.items.iter().for_each(|i| matter(face, (plan, &days), i));
            foot(face, page.items.len(), page.total, page.next.as_deref());
            notes(face, doubts);
        }
    }
}

fn matter(face: &Face, (plan, days): (&CheckedPlan, &Days), i: &QueueItem) {
    let whose = if i.uscc.is_empty() { &i.about } else { &i.uscc };
    let say =
        Say::new("cli.say.oversight_matter").with("matter", tables::planned(plan, face.lang, "matter", i.kind.name()));
    let say = say.with("whose", whose).with("name", &i.name);
    let say = say.with("supervisor", tables::supervisor(face.lang, &i.supervisor));
    print(&face.say(&say.with("points", points(face, i.points.0, i.points.1))));
    let mut said = words::say(face.lang, &i.why);
    if let Some(due) = i.due {
        let due = Say::new("cli.say.oversight_due").with("due", tables::last_day(days, due));
        said.push_str(&words::say(face.lang, &due));
    }
    if !i.state.is_empty() {
        let state = Say::new("cli.say.oversight_state").with("state", tables::state_of_return(face.lang, &i.state));
        said.push_str(&words::say(face.lang, &state.with("owner", &i.owner)));
    }
    print(&face.say(&Say::new("cli.say.oversight_said").with("text", said)));
    print(&face.say(&Say::new("cli.say.oversight_do").with("command", &i.command)));
}

fn explain(
    face: &Face,
    uscc: &str,
    (year, as_of): (Option<i64>, Option<&str>),
    format: Format,
) -> Result<(), CliError> {
    let plan = face.plan()?;
    let how = Looking { as_of: day(&plan, as_of)?, year };
    let code = uscc.trim().to_uppercase();
    let node = face.node_read_only()?;
    let (standing, doubts) = node.oversight(&plan, how, |o| (o.standing(&code), o.doubts().to_vec()))?;
    let unknown = || CliError::new(Say::new("error.oversight-unknown").with("uscc", attest::clean(uscc)));
    let s = standing.ok_or_else(unknown)?;
    if format == Format::Json {
        print_json(&json!({"standing": tables::standing_json(&s), "doubts": doubts_json(&doubts)}));
        return Ok(());
    }
    print(&head(face, &s));
    let said = |is: Option<bool>| {
        let key = match is {
            Some(true) => "oversight.yes",
            Some(false) => "oversight.no",
            None => "oversight.unknown",
        };
        words::text(face.lang, key)
    };
    let report = s.report.map_or_else(|| "–".to_owned(), |r| format!("{} ({})", r.0.date(), r.1.short()));
    let say = Say::new("cli.say.oversight_about").with("selected", said(s.selected));
    print(&face.say(&say.with("enrolled", said(Some(s.enrolled))).with("report", report)));
    for r in &s.reasons {
        let name = tables::planned(&plan, face.lang, "reason", &r.reason);
        let key = if r.holds { "cli.say.oversight_reason" } else { "cli.say.oversight_untold" };
        let say = Say::new(key).with("points", r.points).with("name", name);
        let unknown: Vec<&str> = r.missing.iter().map(|m| tables::fact_name(face.lang, m)).collect();
        let say = say.with("unknown", unknown.join(words::text(face.lang, "oversight.separator")));
        print(&face.say(&say));
        if !r.from.is_empty() {
            let from: Vec<String> = r.from.iter().map(evidence::Digest::short).collect();
            print(&face.say(&Say::new("cli.say.oversight_from").with("records", from.join(" "))));
        }
    }
    let mine = node.order_files()?;
    let now = mine.iter().map(node::OrderFile::now).max().unwrap_or(node::now());
    for v in mine.iter().filter_map(|f| f.view(&plan, how.as_of.unwrap_or(now))).filter(|v| v.text.uscc == code) {
        print(&crate::order::line(face, &plan, &v));
    }
    notes(face, &doubts);
    Ok(())
}

fn export(
    face: &Face,
    list: Option<ListArg>,
    which: &Which,
    (out, format): (&Path, RowsFormat),
) -> Result<(), CliError> {
    let (plan, filter, how) = read(face, which)?;
    let node = face.node_read_only()?;
    let broken = |why| CliError::new(Say::new("error.internal").with("why", why));
    let (table, value, rows, doubts) = node.oversight(&plan, how, |o| {
        let doubts = o.doubts().to_vec();
        match list.map(ListOf::from) {
            Some(of) => {
                let page = o.list(of, &filter, None, usize::MAX).expect("no place was given");
                let table = tables::standings(&plan, face.lang, of, &page.rows);
                (table, tables::list_json(of, &page), page.rows.len(), doubts)
            }
            None => {
                let page = o.queue(&[], &filter, None, usize::MAX).expect("no place was given");
                let table = tables::queue(&plan, face.lang, &page.items);
                (table, tables::queue_json(&page), page.items.len(), doubts)
            }
        }
    })?;
    let bytes = match format {
        RowsFormat::Csv => format!("{CSV_MARK}{}", table.csv()).into_bytes(),
        RowsFormat::Xlsx => table.xlsx().map_err(broken)?,
        RowsFormat::Json => {
            let mut value = value;
            value["doubts"] = doubts_json(&doubts);
            format!("{value:#}\n").into_bytes()
        }
    };
    node::write(out, &bytes)?;
    let shown = PathText::from_bytes(out.as_os_str().as_encoded_bytes());
    print(&face.say(&Say::new("cli.say.oversight_written").with("path", shown).with("rows", rows)));
    notes(face, &doubts);
    Ok(())
}

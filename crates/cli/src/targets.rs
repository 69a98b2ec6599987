//! `watchfire progress`: how far the plan's targets are reached, with the proof of every number.

use crate::args::{ByArg, Format, Progress, ProgressFormat, ProgressVerb};
use crate::error::{CliError, exit};
use crate::{CSV_MARK, Face, print, print_json, width, written};
use evidence::{PathText, Rung, Say, Time};
use node::{Counting, KeptProgress, Period};
use report::programme::{
    BulletinInput, GroupBy, ProgressView, bulletin_docx, bulletin_xlsx, progress_csv, progress_html, progress_json,
    progress_text,
};
use report::words;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

const PROGRAM: &str = concat!("watchfire ", env!("CARGO_PKG_VERSION"));

pub(crate) fn run(face: &Face, a: &Progress) -> Result<u8, CliError> {
    match &a.what {
        None => show(face, a)?,
        Some(ProgressVerb::Close { period, year, format }) => close(face, period, *year, *format)?,
        Some(ProgressVerb::Bulletin { week, year, out, format }) => bulletin(face, week, *year, out, *format)?,
        Some(ProgressVerb::Verify { file, key, format }) => verify(face, file, key.as_deref(), *format)?,
    }
    Ok(exit::DONE)
}

fn view<'a>(kept: &'a KeptProgress, plan: &'a plan::CheckedPlan, by: Option<GroupBy>) -> ProgressView<'a> {
    ProgressView {
        judgement: &kept.progressed.judgement,
        leaf: kept.leaf,
        plan,
        forecast: &kept.forecast,
        weeks: &kept.weeks,
        by,
        generated: node::now(),
        program: PROGRAM,
    }
}

fn show(face: &Face, a: &Progress) -> Result<(), CliError> {
    let as_of = a.as_of.as_deref().map(|t| face.day_ends(date(t)?)).transpose()?;
    let sign = a.sign || a.prove.is_some();
    if a.prove.is_some() && a.out.is_none() {
        return Err(CliError::new(Say::new("error.prove-needs-file")));
    }
    let plan = face.plan()?;
    let node = if sign { face.node()? } else { face.node_read_only()? };
    let by_group = a.by == Some(ByArg::Group);
    let how = Counting { as_of, year: a.year, sign, period: None, forecast: a.prove.is_none(), by_group };
    let mut kept = node.progress(&plan, &how)?;
    if let (Some(target), Some(out)) = (&a.prove, &a.out) {
        let bytes = node.progress_proof(&kept, target, a.of.as_deref())?;
        node::write(out, &bytes)?;
        let targets = &kept.progressed.judgement.targets;
        let count = targets.iter().find(|t| t.target == *target).map_or(0, |t| t.members.count);
        let say = Say::new("cli.say.progress_proof").with("target", target).with("count", count);
        print(&face.say(&say.with("path", PathText::from_bytes(out.as_os_str().as_encoded_bytes()))));
        return Ok(());
    }
    // Shown with the others; the judgement that was signed has it not.
    for t in &mut kept.progressed.judgement.targets {
        if let Some(groups) = kept.by_group.remove(&t.target) {
            t.by.insert(GroupBy::Group.name().to_owned(), groups);
        }
    }
    let by = a.by.map(|b| match b {
        ByArg::Supervisor => GroupBy::Supervisor,
        ByArg::Province => GroupBy::Province,
        ByArg::Industry => GroupBy::Industry,
        ByArg::Group => GroupBy::Group,
    });
    let v = view(&kept, &plan, by);
    let style = report::Style { colour: a.out.is_none() && face.colour(), width: width() };
    let text = match a.format {
        ProgressFormat::Text => progress_text(&v, face.lang, style),
        ProgressFormat::Json => format!("{:#}\n", progress_json(&v)),
        ProgressFormat::Csv => format!("{CSV_MARK}{}", progress_csv(&v)),
        ProgressFormat::Html => progress_html(&v, face.lang),
    };
    match &a.out {
        None => print(&text),
        Some(path) => {
            node::write(path, text.as_bytes())?;
            let shown = PathText::from_bytes(path.as_os_str().as_encoded_bytes());
            print(&face.say(&Say::new("cli.say.progress_written").with("path", shown)));
        }
    }
    Ok(())
}

fn date(typed: &str) -> Result<Time, CliError> {
    attest::date(typed).ok_or_else(|| CliError::new(Say::new("error.bad-date").with("value", attest::clean(typed))))
}

fn period(plan: &plan::CheckedPlan, typed: &str) -> Result<Period, CliError> {
    Period::read(typed, &plan::Days::of(plan.calendar()))
        .ok_or_else(|| CliError::new(Say::new("error.period-unknown").with("value", attest::clean(typed))))
}

fn close(face: &Face, typed: &str, year: Option<i64>, format: Format) -> Result<(), CliError> {
    let plan = face.plan()?;
    let how = Counting { year, sign: true, period: Some(period(&plan, typed)?), ..Counting::default() };
    let kept = face.node()?.progress(&plan, &how)?;
    let v = view(&kept, &plan, None);
    if format == Format::Json {
        print_json(&progress_json(&v));
        return Ok(());
    }
    print(&progress_text(&v, face.lang, report::Style { colour: face.colour(), width: width() }));
    let Some(closed) = &kept.progressed.judgement.closed else { return Ok(()) };
    for l in &closed.late {
        let say = Say::new("cli.say.progress_late").with("uscc", &l.uscc).with("dated", l.dated.date());
        print(&face.say(&say.with("received", l.received_at.date()).with("leaf", l.leaf.short())));
    }
    if closed.late_more > 0 {
        print(&face.say(&Say::new("cli.say.progress_late_more").with("count", closed.late_more)));
    }
    Ok(())
}

fn bulletin(face: &Face, week: &str, year: Option<i64>, out: &Path, format: Format) -> Result<(), CliError> {
    let (plan, node) = (face.plan()?, face.node_read_only()?);
    let week = period(&plan, week)?;
    let at = |as_of: Time| Counting { as_of: Some(as_of), year, ..Counting::default() };
    let now = node.progress(&plan, &Counting { forecast: true, ..at(week.until) })?;
    let before = node.progress(&plan, &at(Time::from_millis(week.from.millis() - 1)))?;
    // The same week gives the same bytes, whenever it is printed.
    let v = ProgressView { generated: now.progressed.judgement.as_of, ..view(&now, &plan, None) };
    let input = BulletinInput { week: &week.name, now: v, before: &before.progressed.judgement };
    std::fs::create_dir_all(out).map_err(|e| node::NodeError::io(out, &e))?;
    let workbook = bulletin_xlsx(&input, face.lang);
    let workbook = workbook.map_err(|why| CliError::new(Say::new("error.internal").with("why", why)))?;
    let name = format!("bulletin-{}", week.name);
    let say = [
        written(out, &format!("{name}.docx"), &bulletin_docx(&input, face.lang), "progress_written")?,
        written(out, &format!("{name}.xlsx"), &workbook, "progress_written")?,
    ];
    match format {
        Format::Json => print_json(&json!({"written": say.iter().map(|s| &s.with).collect::<Vec<_>>()})),
        Format::Text => say.iter().for_each(|s| print(&face.say(s))),
    }
    Ok(())
}

fn verify(face: &Face, file: &Path, key: Option<&Path>, format: Format) -> Result<(), CliError> {
    let trusted = key.map(crate::verify::keys).transpose()?;
    let checked = node::progress_verify(file, trusted.as_ref().map(|k| k.evidence.as_slice()))?;
    let target = checked.judgement.targets.iter().find(|t| t.target == checked.target);
    let (count, root) = target.map_or((0, String::new()), |t| (t.members.count, t.members.root.to_string()));
    if format == Format::Json {
        let own: Option<BTreeMap<&str, u64>> =
            checked.own.map(|own| Rung::ALL.iter().map(|r| r.name()).zip(own).collect());
        print_json(&json!({
            "holds": true, "target": checked.target, "count": count, "root": root, "own": own, "member": checked.member,
            "receipts": checked.receipts, "record": checked.leaf, "key": checked.key, "as_of": checked.judgement.as_of,
            "node": checked.judgement.node, "key_given": key.is_some(),
        }));
        return Ok(());
    }
    let say = match &checked.member {
        None => Say::new("cli.say.progress_verified"),
        Some(m) => {
            let rung = words::find(face.lang, &format!("sure.{}", m.rung.name())).unwrap_or(m.rung.name());
            Say::new("cli.say.progress_verified_one").with("member", &m.member).with("rung", rung)
        }
    };
    print(&face.say(&say.with("target", &checked.target).with("count", count).with("root", root)));
    print(&face.say(&Say::new("cli.say.progress_verified_receipts").with("count", checked.receipts)));
    let known = if key.is_some() { "cli.say.progress_verified_known" } else { "cli.say.progress_verified_key" };
    let say = Say::new(known).with("key", &checked.key).with("leaf", checked.leaf);
    print(&face.say(&say.with("as_of", checked.judgement.as_of)));
    Ok(())
}

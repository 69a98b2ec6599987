//! `watchfire inspect`: hosts examined against the plan's checks; what changed between two runs; one finding again.

use crate::args::{Format, HostFormat, Inspect, InspectVerb};
use crate::error::{CliError, exit};
use crate::{CSV_MARK, Face, finish, input, print, progress, width, written};
use evidence::{Outcome, Say, Severity};
use node::{Depth, Examined, How, KeptReport, Node, NodeError, Subject, Target, carried, fleet};
use report::{Style, host};
use std::io::Write as _;

pub(crate) fn run(face: &Face, a: &Inspect) -> Result<u8, CliError> {
    match &a.what {
        Some(InspectVerb::Diff { before, after, fail_on_worse, format }) => {
            return diff(face, before.as_deref().zip(after.as_deref()), *fail_on_worse, *format);
        }
        None if a.collector.is_some() => {
            let bytes = carried::collector()?;
            return to_stdout(&bytes).map(|()| exit::DONE);
        }
        None if a.collect => return collect(face, a),
        None => {}
    }
    let screen = screen(a)?;
    if a.name.is_some() && a.sbom.len() > 1 {
        return Err(CliError::new(Say::new("error.name-one")));
    }
    let plan = face.plan()?;
    let node = face.node()?;
    // Before the work, not after it: a report that cannot be written is known at once.
    if let Some(out) = &a.out {
        std::fs::create_dir_all(out).map_err(|e| NodeError::io(out, &e))?;
    }
    let bar = progress::bar(face.common.quiet, face.lang);
    let again = a.recheck.as_deref().map(|id| node.finding(id)).transpose()?;
    let subjects: Vec<Subject> = match (&again, &a.fleet) {
        (Some(again), _) => vec![Subject::Here(again.target.clone())],
        (None, Some(file)) => fleet::ask(file, &*bar, &face.stop)?.into_iter().map(Subject::Fleet).collect(),
        (None, None) => subjects(a),
    };
    let examined = node.inspect(subjects, &how(a), &plan, &*bar, &face.stop)?;
    if let Some(again) = &again {
        return Ok(recheck(face, &examined, &again.finding, screen));
    }
    let hosts = std::iter::once(&examined.run).chain(&examined.others).map(|s| s.examination.subject.host.clone());
    let documented = node.foreign_reports_of(&hosts.collect())?;
    report(face, a, screen, (&examined, &documented), &plan)?;
    let worst = examined.judgement.0.findings.iter().map(|f| f.severity).max();
    let over = a.fail_on.is_some_and(|on| worst.is_some_and(|w| w >= Severity::from(on)));
    Ok(match (over, face.stop.requested() || !examined.notes.is_empty()) {
        (true, _) => exit::FINDINGS,
        // What was seen is kept, but what was asked for was not done.
        (false, true) => exit::COULD_NOT,
        (false, false) => exit::DONE,
    })
}

fn how(a: &Inspect) -> How {
    let depth = if a.thorough { Depth::Thorough } else { Depth::Usual };
    How { yara: a.yara.clone(), products: a.products.clone(), depth }
}

/// Images, carried files and captures as they were named; without any, this host.
fn subjects(a: &Inspect) -> Vec<Subject> {
    let roots = a.root.iter().map(|r| Subject::Here(Target::Root(r.clone())));
    let carried = a.from.iter().map(|f| Subject::Carried(f.clone()));
    let bills = a.sbom.iter().map(|f| Subject::Bill(f.clone(), a.name.clone()));
    let mut named: Vec<Subject> = roots.chain(carried).chain(bills).collect();
    if !a.capture.is_empty() {
        named.push(Subject::Here(Target::Capture { files: a.capture.clone(), name: a.name.clone() }));
    }
    if named.is_empty() { vec![Subject::Here(Target::Live)] } else { named }
}

/// Writes a carried file, to standard output or into the folder of `--out`.
fn collect(face: &Face, a: &Inspect) -> Result<u8, CliError> {
    let target = match a.root.as_slice() {
        [] => Target::Live,
        [root] => Target::Root(root.clone()),
        _ => return Err(CliError::new(Say::new("error.collect-one"))),
    };
    let bar = progress::bar(face.common.quiet, face.lang);
    let bytes = carried::collect(target, &how(a), &*bar, &face.stop)?;
    match &a.out {
        Some(out) => {
            std::fs::create_dir_all(out).map_err(|e| NodeError::io(out, &e))?;
            print(&face.say(&written(out, "host.wfc", &bytes, "carried_written")?));
        }
        None => to_stdout(&bytes)?,
    }
    Ok(if face.stop.requested() { exit::COULD_NOT } else { exit::DONE })
}

fn to_stdout(bytes: &[u8]) -> Result<(), CliError> {
    let mut to = std::io::stdout().lock();
    to.write_all(bytes).and_then(|()| to.flush()).map_err(|e| NodeError::io("-", &e).into())
}

/// What goes to standard output: text beside files, else the one form that was asked for.
fn screen(a: &Inspect) -> Result<HostFormat, CliError> {
    match (&a.out, a.format.as_slice()) {
        (Some(_), _) => Ok(HostFormat::Text),
        (None, [HostFormat::Html]) => Err(CliError::new(Say::new("error.html-needs-out"))),
        (None, [one]) => Ok(*one),
        (None, _) => Err(CliError::new(Say::new("error.forms-need-out"))),
    }
}

fn report(
    face: &Face,
    a: &Inspect,
    screen: HostFormat,
    (examined, documented): (&Examined, &[KeptReport]),
    plan: &plan::CheckedPlan,
) -> Result<(), CliError> {
    let others: Vec<report::Ran<'_>> = examined
        .others
        .iter()
        .map(|s| report::Ran { examination: &s.examination, leaf: s.leaf, items: &s.items })
        .collect();
    let documented: Vec<report::Documented<'_>> = documented
        .iter()
        .map(|k| report::Documented { report: &k.report, author: &k.author, at: k.at, leaf: k.leaf })
        .collect();
    let input = report::Input { documented: &documented, ..input(examined, &others, plan) };
    let style = Style { colour: face.colour(), width: width() };
    let form = |format: HostFormat| match format {
        HostFormat::Text => ("inspect.txt", report::terminal(&input, face.lang, style)),
        HostFormat::Json => ("inspect.json", report::json(&input)),
        HostFormat::Csv => ("inspect.csv", host::csv(&input, face.lang)),
        HostFormat::Sarif => ("inspect.sarif", host::sarif(&input, face.lang)),
        HostFormat::Ocsf => ("inspect.ocsf.jsonl", host::ocsf(&input, face.lang)),
        HostFormat::Cyclonedx => ("inspect.cdx.json", host::cyclonedx(&input)),
        HostFormat::Spdx => ("inspect.spdx.json", host::spdx(&input)),
        HostFormat::Html => ("inspect.html", report::html(&input, face.lang)),
    };
    print(&form(screen).1);
    let mut notes: Vec<Say> = examined.notes.clone();
    if let Some(out) = &a.out {
        let mut formats: Vec<HostFormat> = a.format.iter().copied().filter(|f| *f != HostFormat::Text).collect();
        formats.sort_unstable();
        formats.dedup();
        for format in formats {
            let (name, mut text) = form(format);
            if format == HostFormat::Csv {
                text.insert_str(0, CSV_MARK);
            }
            notes.push(written(out, name, text.as_bytes(), "report_written")?);
        }
    }
    finish(face, a.out.as_deref(), examined, notes, screen == HostFormat::Text)
}

/// Says what became of one finding: mended, still there, or nobody can tell now.
fn recheck(face: &Face, examined: &Examined, before: &evidence::Finding, screen: HostFormat) -> u8 {
    let j = &examined.judgement.0;
    let mut all = j.findings.iter().chain(j.approved.iter().map(|a| &a.finding));
    let there = all.any(|f| f.id == before.id);
    let result = j.checks.iter().find(|c| c.check == before.check && c.host == before.host);
    let (key, code) = match (there, result.map(|r| r.outcome)) {
        (true, _) => ("still-there", exit::FINDINGS),
        (false, None | Some(Outcome::CannotTell)) => ("cannot-tell", exit::COULD_NOT),
        (false, Some(_)) => ("mended", exit::DONE),
    };
    let say = Say::new(format!("recheck.{key}"))
        .with("id", before.id.short())
        .with("check", before.check.as_str())
        .with("object", attest::clean(&before.object))
        .with("host", attest::clean(&before.host));
    let format = if screen == HostFormat::Json { Format::Json } else { Format::Text };
    face.tell(&say, format);
    if let (Some(because), Format::Text) = (result.and_then(|r| r.because.as_ref()), format) {
        print(&face.say(because));
    }
    code
}

fn diff(face: &Face, runs: Option<(&str, &str)>, fail_on_worse: bool, format: Format) -> Result<u8, CliError> {
    let plan = face.plan()?;
    let node: Node = face.node_read_only()?;
    let (before, after) = match runs {
        Some((before, after)) => (node.judgement(before)?, node.judgement(after)?),
        None => node.newest_pair()?,
    };
    let compared = judge::compare(&before.judgement, &after.judgement);
    let leaves = [before.leaf, after.leaf];
    match format {
        Format::Text => {
            let style = Style { colour: face.colour(), width: width() };
            print(&host::compare_terminal(&compared, leaves, &plan, face.lang, style));
        }
        Format::Json => print(&host::compare_json(&compared, leaves, &plan)),
    }
    Ok(if fail_on_worse && compared.is_worse() { exit::FINDINGS } else { exit::DONE })
}

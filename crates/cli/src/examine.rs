//! `watchfire examine`: this machine and the data in folders, judged, signed and reported.

use crate::args::{Examine, ReportFormat, reading};
use crate::error::{CliError, exit};
use crate::{Face, finish, input, print, progress, width, written};
use evidence::{Say, Severity};
use node::{Examined, NodeError, Order, Target};
use std::path::PathBuf;

pub(crate) fn run(face: &Face, a: &Examine) -> Result<u8, CliError> {
    if a.format.contains(&ReportFormat::Html) && a.out.is_none() {
        return Err(CliError::new(Say::new("error.html-needs-out")));
    }
    let plan = face.plan()?;
    let node = face.node()?;
    // Before the work, not after it: a report that cannot be written is known at once.
    if let Some(out) = &a.out {
        std::fs::create_dir_all(out).map_err(|e| NodeError::io(out, &e))?;
    }
    let host = match (&a.root, a.no_host) {
        (Some(root), _) => Some(Target::Root(root.clone())),
        (None, false) => Some(Target::Live),
        (None, true) => None,
    };
    let folders = match (a.no_data, a.folders.is_empty(), &a.root) {
        (true, ..) => Vec::new(),
        (false, false, _) => a.folders.clone(),
        // Of an image, the data is not looked at unless a folder is named.
        (false, true, Some(_)) => Vec::new(),
        (false, true, None) => vec![PathBuf::from(".")],
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = a.workers.unwrap_or(processors);
    let order = Order {
        host,
        how: node::How::default(),
        folders,
        workers,
        detectors: Vec::new(),
        reading: reading(a.fresh),
        nonce: None,
    };
    let bar = progress::bar(face.common.quiet, face.lang);
    let examined = node.examine(&order, &plan, &*bar, &face.stop)?;
    report(face, a, &examined, &plan)?;
    let worst = examined.judgement.0.findings.iter().map(|f| f.severity).max();
    let over = a.fail_on.is_some_and(|on| worst.is_some_and(|w| w >= Severity::from(on)));
    Ok(match (over, face.stop.requested()) {
        (true, _) => exit::FINDINGS,
        // What was seen is kept, but what was asked for was not done.
        (false, true) => exit::COULD_NOT,
        (false, false) => exit::DONE,
    })
}

fn report(face: &Face, a: &Examine, examined: &Examined, plan: &plan::CheckedPlan) -> Result<(), CliError> {
    let input = input(examined, &[], plan);
    let json_only = a.out.is_none() && a.format.contains(&ReportFormat::Json);
    if json_only {
        print(&report::json(&input));
    } else {
        let style = report::Style { colour: face.colour(), width: width() };
        print(&report::terminal(&input, face.lang, style));
    }
    let mut notes = Vec::new();
    if let Some(out) = &a.out {
        if a.format.contains(&ReportFormat::Html) {
            notes.push(written(out, "report.html", report::html(&input, face.lang).as_bytes(), "report_written")?);
        }
        if a.format.contains(&ReportFormat::Json) {
            notes.push(written(out, "report.json", report::json(&input).as_bytes(), "report_written")?);
        }
    }
    finish(face, a.out.as_deref(), examined, notes, !json_only)
}

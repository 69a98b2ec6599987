//! `watchfire audit`: the whole log checked, every judgement derived again.

use crate::args::{Audit, Format};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json, progress};
use evidence::Say;
use serde_json::json;
use std::fmt::Write as _;

pub(crate) fn run(face: &Face, a: &Audit) -> Result<u8, CliError> {
    // Looking makes nothing: no home, no keys. What still waits in the spool is not in the log yet.
    let node = face.node_read_only()?;
    let bar = progress::bar(face.common.quiet, face.lang);
    let report = node.audit(&*bar, &face.stop)?;
    let holds = report.problems.is_empty();
    let complete = !face.stop.requested();
    if a.format == Format::Json {
        print_json(&json!({
            "holds": holds,
            "complete": complete,
            "leaves": report.leaves,
            "judgements": report.judgements,
            "derived": report.derived,
            "problems": report.problems,
            "notes": report.notes,
        }));
    } else {
        let mut out = String::new();
        let head = if holds {
            let key = match (complete, report.derived == report.judgements) {
                (false, _) => "cli.say.audit_stopped",
                (true, false) => "cli.say.audit_partly",
                (true, true) => "cli.say.audit_good",
            };
            let say = Say::new(key).with("leaves", report.leaves).with("judgements", report.judgements);
            say.with("derived", report.derived)
        } else {
            Say::new("cli.say.audit_bad").with("count", report.problems.len())
        };
        let _ = writeln!(out, "{}", face.say(&head));
        for say in report.problems.iter().chain(&report.notes) {
            let _ = writeln!(out, "  - {}", face.say(say));
        }
        print(&out);
    }
    Ok(match (holds, complete) {
        (false, _) => exit::FINDINGS,
        (true, false) => exit::COULD_NOT,
        (true, true) => exit::DONE,
    })
}

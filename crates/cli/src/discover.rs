//! `watchfire discover`: the data in folders, files and databases, found, judged, signed and reported; and why one
//! finding is what it is.

use crate::args::{DataFormat, Discover, reading};
use crate::error::{CliError, exit};
use crate::{CSV_MARK, Face, finish, input, print, progress, width, written};
use evidence::{Band, Body, Lang, Say};
use node::{Examined, NodeError, Order};
use report::Style;
use report::discover::{self, Asked, Explain};
use std::path::PathBuf;

pub(crate) fn run(face: &Face, a: &Discover) -> Result<u8, CliError> {
    if let Some(id) = &a.explain {
        return explain(face, a, id);
    }
    let screen = screen(a)?;
    let plan = face.plan()?;
    let targets = match a.targets.as_slice() {
        [] => vec![PathBuf::from(".")],
        typed => typed.iter().map(|t| node::target(t)).collect::<Result<_, _>>()?,
    };
    let node = face.node()?;
    // Before the work, not after it: a report that cannot be written is known at once.
    if let Some(out) = &a.out {
        std::fs::create_dir_all(out).map_err(|e| NodeError::io(out, &e))?;
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let (workers, detectors) = (a.workers.unwrap_or(processors), a.detectors.clone());
    let order = Order {
        host: None,
        how: node::How::default(),
        folders: targets,
        workers,
        detectors,
        reading: reading(a.fresh),
        nonce: None,
    };
    let bar = progress::bar(face.common.quiet, face.lang);
    let examined = node.examine(&order, &plan, &*bar, &face.stop)?;
    report(face, a, screen, &examined, &plan)?;
    let over = a.fail_on.is_some_and(|on| best(&examined) >= Some(Band::from(on)));
    Ok(match (over, face.stop.requested()) {
        (true, _) => exit::FINDINGS,
        // What was seen is kept, but what was asked for was not done.
        (false, true) => exit::COULD_NOT,
        (false, false) => exit::DONE,
    })
}

/// The surest thing found: a hit in a file, or a column.
fn best(examined: &Examined) -> Option<Band> {
    let band = |body: &Body| match body {
        Body::Hits(h) => h.bands.best(),
        Body::Column(c) => Some(Band::of(c.confidence)),
        _ => None,
    };
    examined.run.items.iter().filter_map(|i| band(&i.body)).max()
}

/// What goes to standard output: text beside files, else the one form that was asked for.
fn screen(a: &Discover) -> Result<DataFormat, CliError> {
    match (&a.out, a.format.as_slice()) {
        (Some(_), _) => Ok(DataFormat::Text),
        (None, [DataFormat::Html]) => Err(CliError::new(Say::new("error.html-needs-out"))),
        (None, [one]) => Ok(*one),
        (None, _) => Err(CliError::new(Say::new("error.forms-need-out"))),
    }
}

fn form(input: &report::Input<'_>, format: DataFormat, lang: Lang, style: Style) -> (&'static str, String) {
    match format {
        DataFormat::Text => ("discover.txt", discover::terminal(input, lang, style)),
        DataFormat::Json => ("discover.json", discover::json(input)),
        DataFormat::Csv => ("discover.csv", discover::csv(input, lang)),
        DataFormat::Sarif => ("discover.sarif", discover::sarif(input, lang)),
        DataFormat::Html => ("discover.html", discover::html(input, lang)),
    }
}

fn report(
    face: &Face,
    a: &Discover,
    screen: DataFormat,
    examined: &Examined,
    plan: &plan::CheckedPlan,
) -> Result<(), CliError> {
    let input = input(examined, &[], plan);
    let style = Style { colour: face.colour(), width: width() };
    print(&form(&input, screen, face.lang, style).1);
    let mut notes = Vec::new();
    if let Some(out) = &a.out {
        let mut formats: Vec<DataFormat> = a.format.iter().copied().filter(|f| *f != DataFormat::Text).collect();
        formats.sort_unstable();
        formats.dedup();
        for format in formats {
            let (name, mut text) = form(&input, format, face.lang, style);
            if format == DataFormat::Csv {
                text.insert_str(0, CSV_MARK);
            }
            notes.push(written(out, name, text.as_bytes(), "report_written")?);
        }
    }
    finish(face, a.out.as_deref(), examined, notes, screen == DataFormat::Text)
}

fn explain(face: &Face, a: &Discover, id: &str) -> Result<u8, CliError> {
    let plan = face.plan()?;
    let traced = face.node_read_only()?.trace(id)?;
    let digits = id.strip_prefix("sha256:").unwrap_or(id).to_ascii_lowercase();
    let Some((asked, item)) = Asked::find(&traced.items, &digits).into_iter().next() else {
        return Err(NodeError::UnknownHit(attest::clean(id)).into());
    };
    let examination = (&traced.examination, traced.leaf);
    let explained = Explain { asked, examination, item, items: &traced.items, newest: traced.newest, plan: &plan };
    match a.format.as_slice() {
        [DataFormat::Text] => {
            print(&explained.text(face.lang, Style { colour: face.colour(), width: width() }));
        }
        [DataFormat::Json] => print(&explained.json()),
        _ => return Err(CliError::new(Say::new("error.explain-form"))),
    }
    Ok(exit::DONE)
}

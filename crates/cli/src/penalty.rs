//! `watchfire penalty`: which articles findings and incidents touch. Information with its sources.

use crate::args::{MeasureFormat, Penalty, PenaltyVerb};
use crate::error::{CliError, exit};
use crate::{CSV_MARK, Face, print, print_json, width};
use evidence::{Answered, Digest, Finding, IncidentJudgement, Origin, Say, Time};
use judge::Happened;
use node::{IncidentFile, Profile};
use plan::{CheckedPlan, DimensionKind};
use report::ExposureInput;
use std::collections::BTreeMap;

/// Numbers that were answered, by dimension: at least, at most.
type Numbers = BTreeMap<String, (i64, Option<i64>)>;
/// An incident as it stands: its judgement, the level of its data as somebody answered it, and the numbers.
type Open = (IncidentJudgement, Option<String>, Numbers);

pub(crate) fn run(face: &Face, a: &Penalty) -> Result<u8, CliError> {
    let PenaltyVerb::List { finding, incident, transfer, all, format } = &a.what;
    let plan = face.plan()?;
    for t in transfer {
        known_transfer(&plan, t)?;
    }
    let named = !finding.is_empty() || !incident.is_empty() || !transfer.is_empty();
    let mut actors = node::own_actors(&plan, &Profile::default());
    let looked = match face.node_read_only() {
        Ok(node) if named => {
            actors = node::own_actors(&plan, &Profile::load(node.store().home())?);
            let findings = node.findings_of(finding)?;
            let mut open = Vec::new();
            for typed in incident {
                let file = node.incident_file(typed)?;
                let missing = || CliError::new(Say::new("error.unknown-incident").with("value", &file.id));
                open.push(stands(&plan, &file).ok_or_else(missing)?.2);
            }
            (findings, open, None)
        }
        Ok(node) => {
            actors = node::own_actors(&plan, &Profile::load(node.store().home())?);
            let newest = node.newest_judgement()?;
            let files = node.incident_files()?;
            let open = files.iter().filter_map(|f| stands(&plan, f));
            // A drill touches no law, and what is closed was dealt with.
            let open = open.filter(|(origin, closed, _)| *origin == Origin::Live && !closed).map(|x| x.2).collect();
            let at = newest.as_ref().map(|(leaf, j)| (*leaf, j.as_of));
            (newest.map(|(_, j)| j.findings).unwrap_or_default(), open, at)
        }
        Err(e) if e.no_log() && finding.is_empty() && incident.is_empty() => (Vec::new(), Vec::new(), None),
        Err(e) => return Err(e),
    };
    show(face, &plan, (looked, transfer, *all), &actors, *format);
    Ok(exit::DONE)
}

type Looked = (Vec<Finding>, Vec<Open>, Option<(Digest, Time)>);

fn show(
    face: &Face,
    plan: &CheckedPlan,
    ((findings, open, judgement), transfers, all): (Looked, &[String], bool),
    actors: &[String],
    format: MeasureFormat,
) {
    let happened: Vec<Happened<'_>> =
        open.iter().map(|(judgement, data, numbers)| Happened { judgement, data: data.as_deref(), numbers }).collect();
    let touched = judge::exposure(plan, &findings, &happened, transfers, actors);
    let looked_at = [findings.len(), happened.len(), transfers.len()];
    let input = ExposureInput { plan, touched: &touched, all, judgement, looked_at };
    match format {
        MeasureFormat::Json => print_json(&report::exposure_json(&input)),
        MeasureFormat::Csv => print(&format!("{CSV_MARK}{}", report::exposure_csv(&input, face.lang))),
        MeasureFormat::Text => {
            let style = report::Style { colour: face.colour(), width: width() };
            print(&report::exposure_text(&input, face.lang, style));
        }
    }
}

/// Origin, whether it is closed, and how it stands now.
fn stands(plan: &CheckedPlan, file: &IncidentFile) -> Option<(Origin, bool, Open)> {
    let now = file.now();
    let view = file.view(plan, now)?;
    let judgement = file.judge(plan, now)?;
    let dimension = plan.dimensions().iter().find(|d| d.kind == DimensionKind::DataLevel);
    let data = dimension.and_then(|d| match view.answers.get(d.id.as_str()) {
        Some(Answered::Chosen { value, .. }) => Some(value.clone()),
        _ => None,
    });
    let number = |a: &Answered| match a {
        Answered::Number { least, most } => Some((least.unwrap_or(0), *most)),
        _ => None,
    };
    let numbers = view.answers.iter().filter_map(|(d, a)| Some(((*d).to_owned(), number(a)?))).collect();
    Some((view.origin, view.closed.is_some(), (judgement, data, numbers)))
}

/// A rule of transfers of the plan, or what one needs.
fn known_transfer(plan: &CheckedPlan, typed: &str) -> Result<(), CliError> {
    if plan.transfers().iter().any(|t| t.id == typed || t.needs == typed) {
        return Ok(());
    }
    let known: Vec<&str> = plan.transfers().iter().map(|t| t.id.as_str()).collect();
    let say = Say::new("error.penalty-transfer").with("value", attest::clean(typed));
    Err(CliError::new(say.with("known", known.join(", "))))
}

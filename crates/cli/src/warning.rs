//! `watchfire warning`: warnings in colours, from issue to lift, and from node to node.

use crate::args::{
    Agreed, Format, MeasureFormat, ReportFormat, Warning, WarningSaid, WarningText as Typed, WarningVerb,
};
use crate::error::{CliError, exit};
use crate::incident::{instant, pair};
use crate::{CSV_MARK, Face, print, print_json, width, written};
use evidence::{Consent, Origin, Say, Time};
use judge::{WarningState, WarningView};
use node::{Node, NodeError, Profile, WantedWarning, WarningFile};
use plan::CheckedPlan;
use report::WarningInput;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;

pub(crate) fn run(face: &Face, a: &Warning) -> Result<u8, CliError> {
    match &a.what {
        WarningVerb::Issue { text, drill, agreed, said } => issue(face, (text, agreed, *drill), said),
        WarningVerb::Change { warning, text, agreed, said } => {
            let (plan, node) = (face.plan()?, face.node()?);
            let file = node.warning_file(warning)?;
            let read = Read::of(&plan, text, agreed)?;
            let file = node.warning_change(&plan, file, &read.wanted(text), said.author.as_deref())?;
            kept(face, (&plan, &node), &file, ("warning_changed", said.format))
        }
        WarningVerb::Lift { warning, reason, agreed, said } => {
            let (plan, node) = (face.plan()?, face.node()?);
            let file = node.warning_file(warning)?;
            let consent = consent(&plan, agreed)?;
            let file = node.warning_lift(&plan, file, (reason, consent), said.author.as_deref())?;
            kept(face, (&plan, &node), &file, ("warning_lifted", said.format))
        }
        WarningVerb::List { all, drill, format } => list(face, (*all, *drill), *format),
        WarningVerb::Show { warning, out, format } => {
            let (plan, node) = (face.plan()?, face.node_read_only()?);
            let file = node.warning_file(warning)?;
            show(face, (&plan, &node), &file, (out.as_deref(), *format))
        }
        WarningVerb::Ack { warning, by, note, said } => {
            let (plan, node) = (face.plan()?, face.node()?);
            let file = node.warning_file(warning)?;
            let file = node.warning_acknowledge(file, (by, note), said.author.as_deref())?;
            kept(face, (&plan, &node), &file, ("warning_noted", said.format))
        }
        WarningVerb::Duty { warning, duty, skip, note, said } => {
            let (plan, node) = (face.plan()?, face.node()?);
            let file = node.warning_file(warning)?;
            let file = node.warning_duty(&plan, file, (duty, !skip, note), said.author.as_deref())?;
            kept(face, (&plan, &node), &file, ("warning_duty_kept", said.format))
        }
        WarningVerb::Export { warning, out, format } => {
            let node = face.node()?;
            let file = node.warning_file(warning)?;
            node::write(out, &node.warning_export(&file)?)?;
            let shown = evidence::PathText::from_bytes(out.as_os_str().as_encoded_bytes());
            face.tell(&Say::new("cli.say.warning_exported").with("id", &file.id).with("path", shown), *format);
            Ok(exit::DONE)
        }
        WarningVerb::Receive { file, publisher, known_as, said } => receive(face, file, (publisher, known_as), said),
        WarningVerb::Profile { area, sector, format } => profile(face, (area.as_deref(), sector.as_deref()), *format),
    }
}

/// What somebody typed of a text, read.
struct Read {
    approval: Option<Consent>,
    start: Option<Time>,
    areas: Option<Vec<String>>,
    sectors: Option<Vec<String>>,
    set: Vec<(String, String)>,
}
impl Read {
    fn of(plan: &CheckedPlan, text: &Typed, agreed: &Agreed) -> Result<Self, CliError> {
        Ok(Self {
            approval: consent(plan, agreed)?,
            start: text.start.as_deref().map(|t| instant(plan, t)).transpose()?,
            areas: text.area.as_deref().map(given),
            sectors: text.sector.as_deref().map(given),
            set: text.set.iter().map(|s| pair(s)).collect::<Result<_, _>>()?,
        })
    }
    fn wanted<'a>(&'a self, text: &'a Typed) -> WantedWarning<'a> {
        WantedWarning {
            regime: text.regime.as_deref(),
            level: text.level.as_deref(),
            colour: text.colour(),
            issuer: text.issuer.as_deref(),
            approval: self.approval.clone(),
            areas: self.areas.as_deref(),
            sectors: self.sectors.as_deref(),
            start: self.start,
            set: &self.set,
        }
    }
}

/// An empty text stands for none: `--area ""`.
fn given(typed: &[String]) -> Vec<String> {
    typed.iter().filter(|t| !t.trim().is_empty()).cloned().collect()
}

fn consent(plan: &CheckedPlan, a: &Agreed) -> Result<Option<Consent>, CliError> {
    let Some(typed) = &a.approval else { return Ok(None) };
    let (actor, person) = pair(typed)?;
    let at = a.approved.as_deref().map_or_else(|| Ok(node::now()), |t| instant(plan, t))?;
    let document = a.approval_document.as_deref().map(node::document).transpose()?;
    Ok(Some(Consent { actor, person: attest::clean(&person), at, document }))
}

fn issue(face: &Face, (text, agreed, drill): (&Typed, &Agreed, bool), said: &WarningSaid) -> Result<u8, CliError> {
    let plan = face.plan()?;
    if text.colour().is_none() && text.level.is_none() {
        return Err(CliError::new(Say::new("error.warning-which")));
    }
    let read = Read::of(&plan, text, agreed)?;
    let node = face.node()?;
    let origin = if drill { Origin::Drill } else { Origin::Live };
    let file = node.warning_issue(&plan, &read.wanted(text), origin, said.author.as_deref())?;
    kept(face, (&plan, &node), &file, ("warning_issued", said.format))
}

/// What reads a warning at this node.
struct Reader {
    node: evidence::NodeId,
    profile: Profile,
    actors: Vec<String>,
}
impl Reader {
    fn of(plan: &CheckedPlan, node: &Node) -> Result<Self, CliError> {
        let profile = Profile::load(node.store().home())?;
        let actors = node::own_actors(plan, &profile);
        Ok(Self { node: node.id(), profile, actors })
    }
    fn view<'a>(&self, plan: &CheckedPlan, file: &'a WarningFile, now: Time) -> Option<WarningView<'a>> {
        file.view(plan, now, &self.node, (&self.profile, &self.actors))
    }
}

fn show(
    face: &Face,
    (plan, node): (&CheckedPlan, &Node),
    file: &WarningFile,
    (out, format): (Option<&Path>, ReportFormat),
) -> Result<u8, CliError> {
    let now = file.now();
    let reader = Reader::of(plan, node)?;
    let missing = || CliError::new(Say::new("error.unknown-warning").with("value", &file.id));
    let view = reader.view(plan, file, now).ok_or_else(missing)?;
    let input = WarningInput { plan, view: &view, now };
    match (format, out) {
        (ReportFormat::Json, _) => print_json(&report::warning_json(&input)),
        (ReportFormat::Text, _) => {
            let style = report::Style { colour: face.colour(), width: width() };
            print(&report::warning_text(&input, face.lang, style));
        }
        (ReportFormat::Html, None) => return Err(CliError::new(Say::new("error.warning-needs-out"))),
        (ReportFormat::Html, Some(out)) => {
            let none = || CliError::new(Say::new("error.warning-no-form").with("value", &view.text.regime));
            let page = report::warning_html(&input, face.lang).ok_or_else(none)?;
            std::fs::create_dir_all(out).map_err(|e| NodeError::io(out, &e))?;
            print(&face.say(&written(out, &format!("{}.html", view.warning), page.as_bytes(), "warning_written")?));
        }
    }
    Ok(exit::DONE)
}

/// Tells that something was written down, with the warning as it stands now.
fn kept(
    face: &Face,
    (plan, node): (&CheckedPlan, &Node),
    file: &WarningFile,
    (key, format): (&str, Format),
) -> Result<u8, CliError> {
    let of = if format == Format::Json { ReportFormat::Json } else { ReportFormat::Text };
    show(face, (plan, node), file, (None, of))?;
    if format == Format::Text {
        print(&face.say(&Say::new(format!("cli.say.{key}")).with("id", &file.id)));
    }
    Ok(exit::DONE)
}

fn receive(face: &Face, path: &Path, (keys, known_as): (&Path, &str), said: &WarningSaid) -> Result<u8, CliError> {
    let plan = face.plan()?;
    let keys = crate::verify::keys(keys)?.evidence;
    let issuers: BTreeSet<&str> =
        plan.incident_levels().iter().filter_map(|l| l.warning.as_ref()).map(|w| w.issuer.as_str()).collect();
    let actors = node::actors(&plan);
    if !known_as.is_empty() && !issuers.contains(known_as) && !actors.contains(known_as) {
        let say = Say::new("cli.wrong.value-of").with("value", attest::clean(known_as)).with("option", "--as");
        let known: Vec<&str> = issuers.into_iter().collect();
        return Err(CliError::new(say.with("known", known.join(", "))));
    }
    let node = face.node()?;
    let took = node.warning_receive(path, (&keys, known_as), said.author.as_deref())?;
    let of = if said.format == Format::Json { ReportFormat::Json } else { ReportFormat::Text };
    show(face, (&plan, &node), &took.file, (None, of))?;
    if said.format == Format::Text {
        let key = if took.new > 0 { "warning_received" } else { "warning_known" };
        let say = Say::new(format!("cli.say.{key}")).with("id", &took.file.id).with("node", &took.from);
        print(&face.say(&say.with("new", took.new).with("known", took.known)));
        if let Some(key) = &took.newer_key {
            print(&face.say(&Say::new("cli.say.newer_key").with("key", key)));
        }
    }
    Ok(exit::DONE)
}

fn list(face: &Face, (all, drill): (bool, bool), format: MeasureFormat) -> Result<u8, CliError> {
    let plan = face.plan()?;
    let (files, reader) = match face.node_read_only() {
        Ok(node) => (node.warning_files()?, Some(Reader::of(&plan, &node)?)),
        Err(e) if e.no_log() => (Vec::new(), None),
        Err(e) => return Err(e),
    };
    let seen = |f| reader.as_ref().and_then(|r: &Reader| Some((r.view(&plan, f, f.now())?, f.now())));
    let views: Vec<(WarningView<'_>, Time)> = files
        .iter()
        .filter_map(seen)
        .filter(|(v, _)| (v.origin == Origin::Drill) == drill && v.origin != Origin::Replay)
        .filter(|(v, _)| all || v.state != WarningState::Lifted)
        .collect();
    let mut shown: Vec<WarningInput<'_>> =
        views.iter().map(|(view, now)| WarningInput { plan: &plan, view, now: *now }).collect();
    shown.sort_by_key(report::warning_order);
    match format {
        MeasureFormat::Json => print_json(&report::warning_list_json(&shown)),
        MeasureFormat::Csv => print(&format!("{CSV_MARK}{}", report::warnings_csv(&plan, &shown, face.lang))),
        MeasureFormat::Text => {
            let style = report::Style { colour: face.colour(), width: width() };
            print(&report::warning_list_text(&plan, &shown, face.lang, style));
        }
    }
    Ok(exit::DONE)
}

fn profile(
    face: &Face,
    (areas, sectors): (Option<&[String]>, Option<&[String]>),
    format: Format,
) -> Result<u8, CliError> {
    let (plan, node) = (face.plan()?, face.node()?);
    let home = node.store().home().to_owned();
    let mut profile = Profile::load(&home)?;
    let before = profile.clone();
    let sorted = |mut all: Vec<String>| {
        all.sort();
        all.dedup();
        all
    };
    if let Some(typed) = areas {
        profile.areas = sorted(given(typed).iter().map(|a| node::area(&plan, a)).collect::<Result<_, _>>()?);
    }
    if let Some(typed) = sectors {
        profile.sectors = sorted(given(typed).iter().map(|s| node::sector(s)).collect::<Result<_, _>>()?);
    }
    if profile != before {
        profile.save(&home)?;
    }
    let actors = node::own_actors(&plan, &profile);
    if format == Format::Json {
        print_json(&json!({"actors": actors, "areas": profile.areas, "sectors": profile.sectors}));
        return Ok(exit::DONE);
    }
    for (key, value) in [("actors", &actors), ("areas", &profile.areas), ("sectors", &profile.sectors)] {
        let value = if value.is_empty() { "–".to_owned() } else { value.join(", ") };
        print(&face.say(&Say::new(format!("cli.say.warning_profile_{key}")).with("value", value)));
    }
    Ok(exit::DONE)
}

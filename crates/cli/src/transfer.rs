//! `watchfire transfer`: the register of what leaves the country, what it needs and has, and what the logs show.

use crate::args::{
    CountriesVerb, Format, GrantArg, NewFlow, NoteArg, OutcomeArg, RegisterFormat, RequestVerb, StepArg, Transfer,
    TransferVerb,
};
use crate::error::{CliError, exit};
use crate::{CSV_MARK, Face, print, print_json, progress, width};
use evidence::{
    AuthorityRequest, Decided, FlowState, Grant, Granted, NoteKind, Provided, RequestMoved, RequestStep, Say, Time,
    TransferJudgement,
};
use node::TransferRegister;
use report::transfers::TransferInput;
use report::words;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;

pub(crate) fn run(face: &Face, a: &Transfer) -> Result<u8, CliError> {
    match &a.what {
        TransferVerb::Add(flow) => add(face, flow)?,
        TransferVerb::Import { table, said } => import(face, table, said.author.as_deref(), said.format)?,
        TransferVerb::Count { flow, personal, sensitive, year, as_of, said } => {
            let people = (node::people_said(personal)?, node::people_said(sensitive)?);
            let as_of = as_of.as_deref().map(date).transpose()?;
            let node = face.node()?;
            let (c, leaf) = node.transfer_count(&face.plan()?, flow, people, (*year, as_of), said.author.as_deref())?;
            let say = Say::new("cli.say.transfer_counted").with("flow", &c.flow).with("year", c.year);
            tell(face, &say.with("leaf", leaf.short()), &json!({"counted": c, "record": leaf}), said.format);
        }
        TransferVerb::Decide { flows, grant, outcome, number, since, until, document, said } => {
            let decided = Decided {
                flows: flows.clone(),
                grant: grant_of(*grant),
                outcome: outcome_of(*outcome),
                number: number.clone(),
                since: date(since)?,
                until: until.as_deref().map(date).transpose()?,
                document: document.as_deref().map(node::document).transpose()?,
            };
            let (d, leaf) = face.node()?.transfer_decide(decided, said.author.as_deref())?;
            let word = words::find(face.lang, &format!("outcome-of.{}", d.outcome.name())).unwrap_or_default();
            let say = Say::new("cli.say.transfer_decided").with("grant", d.grant.name()).with("result", word);
            let say = say.with("flows", d.flows.join(", ")).with("leaf", leaf.short());
            tell(face, &say, &json!({"decided": d, "record": leaf}), said.format);
        }
        TransferVerb::End { flow, at, reason, said } => {
            let day = date(at)?;
            let (flow, leaf) = face.node()?.transfer_end(flow, day, reason, said.author.as_deref())?;
            let today = plan::Days::of(face.plan()?.calendar()).date(node::now());
            let key = if day.date() >= today { "transfer_ends" } else { "transfer_ended" };
            let say = Say::new(format!("cli.say.{key}")).with("flow", &flow).with("leaf", leaf.short());
            let say = say.with("date", day.date());
            tell(face, &say, &json!({"ended": flow, "record": leaf}), said.format);
        }
        TransferVerb::List { state, format } => list(face, state.as_deref(), *format)?,
        TransferVerb::Export { out, format } => export(face, out.as_deref(), *format)?,
        TransferVerb::Assess { fail_on, format } => return assess(face, *fail_on, *format),
        TransferVerb::Observe { logs, said } => observe(face, logs, said.author.as_deref(), said.format)?,
        TransferVerb::Countries { what } => countries(face, what)?,
        TransferVerb::Request { what } => request(face, what)?,
        TransferVerb::Provided { recipient, data, purpose, flow, entrusted, at, contract, said } => {
            let provided = Provided {
                id: String::new(),
                flow: flow.clone(),
                recipient: recipient.clone(),
                data: data.clone(),
                purpose: purpose.clone(),
                entrusted: *entrusted,
                at: date(at)?,
                contract: contract.as_deref().map(node::document).transpose()?,
            };
            let (p, leaf) = face.node()?.transfer_provided(provided, said.author.as_deref())?;
            let say = Say::new("cli.say.transfer_provided").with("id", &p.id).with("leaf", leaf.short());
            tell(face, &say, &json!({"provided": p, "record": leaf}), said.format);
        }
    }
    Ok(exit::DONE)
}

fn tell(face: &Face, say: &Say, value: &Value, format: Format) {
    match format {
        Format::Json => print_json(value),
        Format::Text => print(&face.say(say)),
    }
}

fn date(typed: &str) -> Result<Time, CliError> {
    attest::date(typed).ok_or_else(|| CliError::new(Say::new("error.bad-date").with("value", attest::clean(typed))))
}

fn grant_of(a: GrantArg) -> Grant {
    match a {
        GrantArg::Assessment => Grant::Assessment,
        GrantArg::Contract => Grant::Contract,
        GrantArg::Certification => Grant::Certification,
    }
}
fn outcome_of(a: OutcomeArg) -> Granted {
    match a {
        OutcomeArg::Filed => Granted::Filed,
        OutcomeArg::Granted => Granted::Granted,
        OutcomeArg::Refused => Granted::Refused,
        OutcomeArg::Withdrawn => Granted::Withdrawn,
    }
}
fn step_of(a: StepArg) -> RequestStep {
    match a {
        StepArg::Passed => RequestStep::Passed,
        StepArg::Approved => RequestStep::Approved,
        StepArg::Refused => RequestStep::Refused,
        StepArg::Answered => RequestStep::Answered,
        StepArg::Declined => RequestStep::Declined,
        StepArg::Withdrawn => RequestStep::Withdrawn,
    }
}

fn add(face: &Face, f: &NewFlow) -> Result<(), CliError> {
    let yes = |b: bool| if b { "yes" } else { "" }.to_owned();
    let typed = |field: &str| match field {
        "recipient" => f.recipient.clone(),
        "country" => f.country.clone(),
        "purpose" => f.purpose.clone(),
        "system" => f.system.clone(),
        "assets" => f.asset.join("; "),
        "holds" => f.holds.join("; "),
        "personal" => f.personal.clone(),
        "sensitive" => f.sensitive.clone(),
        "exporter" => f.exporter.clone(),
        "cii" => yes(f.cii),
        "group" => f.group.clone(),
        "way" => f.way.clone(),
        "hosts" => f.host.join("; "),
        "ground" => f.ground.clone(),
        "case" => f.case.clone(),
        "reason" => f.reason.clone(),
        "disjoint" => yes(f.disjoint),
        _ => String::new(),
    };
    let impact = f.impact.as_deref().map(node::document).transpose()?;
    let (row, leaf) = face.node()?.transfer_add(&face.plan()?, &typed, impact, f.said.author.as_deref())?;
    let say = Say::new("cli.say.transfer_kept").with("flow", &row.flow.id).with("leaf", leaf.short());
    tell(face, &say, &json!({"flow": row.flow, "counted": row.counted, "record": leaf}), f.said.format);
    Ok(())
}

fn import(face: &Face, table: &Path, author: Option<&str>, format: Format) -> Result<(), CliError> {
    let got = match face.node()?.transfer_import(&face.plan()?, table, author) {
        Err(node::NodeError::NoGoodRow(path, bad)) => {
            bad_rows(face, bad.iter().take(BAD_ROWS_SHOWN));
            let shown = evidence::PathText::from_bytes(path.as_os_str().as_encoded_bytes());
            let say = Say::new("error.no-good-flow").with("path", shown).with("count", bad.len());
            return Err(CliError::new(say));
        }
        other => other?,
    };
    if format == Format::Json {
        let bad: Vec<_> = got.read.bad.iter().map(|b| json!({"row": b.row, "say": b.say})).collect();
        let rows: Vec<_> = got.read.rows.iter().map(|r| json!({"flow": r.flow, "counted": r.counted})).collect();
        print_json(
            &json!({"record": got.leaf, "rows": rows, "left_out": bad, "left_out_count": got.read.left_out, "same": got.same, "unused": got.read.unused}),
        );
        return Ok(());
    }
    bad_rows(face, got.read.bad.iter());
    if !got.read.unused.is_empty() {
        let say = Say::new("cli.say.transfer_unused").with("columns", got.read.unused.join(", "));
        eprintln!("{}", face.say(&say));
    }
    if got.same > 0 {
        print(&face.say(&Say::new("cli.say.transfer_same").with("count", got.same)));
    }
    if let Some(leaf) = got.leaf {
        let say = Say::new("cli.say.transfer_imported").with("count", got.read.rows.len() - got.same);
        print(&face.say(&say.with("bad", got.read.left_out).with("leaf", leaf.short())));
    }
    Ok(())
}

/// Bad rows that are shown where no row was good.
const BAD_ROWS_SHOWN: usize = 20;

fn bad_rows<'b>(face: &Face, rows: impl Iterator<Item = &'b attest::BadRow>) {
    for bad in rows {
        let why = words::say(face.lang, &bad.say);
        eprintln!("{}", face.say(&Say::new("cli.say.scope_bad_row").with("row", bad.row).with("why", why)));
    }
}

/// How things stand now; without a log nothing was declared.
fn standing(face: &Face, plan: &plan::CheckedPlan) -> Result<(TransferRegister, TransferJudgement), CliError> {
    match face.node_read_only() {
        Ok(node) => Ok(node.transfers(plan)?),
        Err(e) if e.no_log() => Ok((TransferRegister::default(), judge::transfers(plan, &[], node::now()))),
        Err(e) => Err(e),
    }
}

fn shown<'a>(
    (register, judgement): (&'a TransferRegister, &'a TransferJudgement),
    leaf: Option<evidence::Digest>,
    plan: &'a plan::CheckedPlan,
) -> TransferInput<'a> {
    TransferInput { judgement, leaf, flows: &register.flows, counted: &register.counted, plan }
}

fn text(face: &Face, input: &TransferInput<'_>) {
    if input.judgement.flows.is_empty() && input.judgement.notes.is_empty() {
        print(&face.say(&Say::new("cli.say.transfers_none")));
        return;
    }
    let style = report::Style { colour: face.colour(), width: width() };
    print(&report::transfers::terminal(input, face.lang, style));
}

fn value(register: &TransferRegister, judgement: &TransferJudgement) -> Value {
    json!({
        "judgement": judgement,
        "flows": register.flows,
        "requests": register.requests,
        "provided": register.provided,
    })
}

fn list(face: &Face, state: Option<&str>, format: Format) -> Result<(), CliError> {
    let plan = face.plan()?;
    let (register, mut judgement) = standing(face, &plan)?;
    if let Some(state) = state {
        let names: Vec<&str> = FlowState::ALL.iter().map(|s| s.name()).collect();
        let unknown = || {
            let say = Say::new("cli.wrong.value-of").with("value", attest::clean(state)).with("option", "--state");
            CliError::new(say.with("known", names.join(", ")))
        };
        let wanted = FlowState::ALL.iter().find(|s| s.name() == state).ok_or_else(unknown)?;
        judgement.flows.retain(|f| f.state == *wanted);
    }
    match format {
        Format::Json => print_json(&value(&register, &judgement)),
        Format::Text => text(face, &shown((&register, &judgement), None, &plan)),
    }
    Ok(())
}

fn export(face: &Face, out: Option<&Path>, format: RegisterFormat) -> Result<(), CliError> {
    let plan = face.plan()?;
    let (register, judgement) = standing(face, &plan)?;
    let input = shown((&register, &judgement), None, &plan);
    let bytes = match format {
        RegisterFormat::Json => format!("{:#}\n", value(&register, &judgement)).into_bytes(),
        RegisterFormat::Csv => format!("{CSV_MARK}{}", report::transfers::csv(&input, face.lang)).into_bytes(),
        RegisterFormat::Xlsx => {
            let made = report::transfers::xlsx(&input, face.lang);
            made.map_err(|why| CliError::new(Say::new("error.internal").with("why", why)))?
        }
        RegisterFormat::Text => {
            let style = report::Style { colour: false, width: width() };
            report::transfers::terminal(&input, face.lang, style).into_bytes()
        }
    };
    match (out, format) {
        (Some(path), _) => {
            node::write(path, &bytes)?;
            let shown = evidence::PathText::from_bytes(path.as_os_str().as_encoded_bytes());
            print(&face.say(&Say::new("cli.say.transfer_written").with("path", shown)));
        }
        // A workbook on a terminal helps nobody.
        (None, RegisterFormat::Xlsx) => return Err(CliError::new(Say::new("error.xlsx-needs-file"))),
        (None, _) => {
            let mut to = std::io::stdout().lock();
            if to.write_all(&bytes).and_then(|()| to.flush()).is_err_and(|e| e.kind() != std::io::ErrorKind::BrokenPipe)
            {
                return Err(CliError::new(Say::new("error.output")));
            }
        }
    }
    Ok(())
}

fn assess(face: &Face, fail_on: Option<NoteArg>, format: Format) -> Result<u8, CliError> {
    let plan = face.plan()?;
    let (register, judgement, leaf) = face.node()?.transfer_assess(&plan)?;
    match format {
        Format::Json => {
            let mut out = value(&register, &judgement);
            out["record"] = json!(leaf);
            print_json(&out);
        }
        Format::Text => text(face, &shown((&register, &judgement), Some(leaf), &plan)),
    }
    let worst = match fail_on {
        None => return Ok(exit::DONE),
        Some(NoteArg::Finding) => NoteKind::Finding,
        Some(NoteArg::Warning) => NoteKind::Warning,
    };
    let fails = judgement.notes.iter().any(|n| n.kind <= worst);
    Ok(if fails { exit::FINDINGS } else { exit::DONE })
}

fn observe(face: &Face, logs: &[std::path::PathBuf], author: Option<&str>, format: Format) -> Result<(), CliError> {
    let node = face.node()?;
    let bar = progress::bar(face.common.quiet, face.lang);
    let seen = node.transfer_observe(logs, author, &*bar, &face.stop)?;
    let number = |f: &evidence::Fact, field: &str| match f.value.field(field) {
        Some(evidence::FactValue::Int(n)) => u64::try_from(*n).unwrap_or(0),
        _ => 0,
    };
    let sum = |fact: &str, field: &str| seen.rows(fact).map(|f| number(f, field)).fold(0_u64, u64::saturating_add);
    let (files, lines, bad) = (seen.rows("egress.log").count(), sum("egress.log", "lines"), sum("egress.log", "bad"));
    let destinations = seen.rows("egress.flow").count();
    let gaps: Vec<&evidence::Gap> =
        seen.items.iter().filter_map(|i| if let evidence::Body::Gap(g) = &i.body { Some(g) } else { None }).collect();
    if format == Format::Json {
        let rows = |fact: &str| seen.rows(fact).map(|f| json!(f.value)).collect::<Vec<_>>();
        print_json(&json!({
            "record": seen.leaf,
            "flows": rows("egress.flow"),
            "logs": rows("egress.log"),
            "gaps": gaps,
            "countries": seen.countries.as_ref().map(|c| &c.table),
        }));
        return Ok(());
    }
    for gap in gaps.iter().filter(|g| g.at.as_ref().is_none_or(|p| p.path.as_str() != "countries")) {
        let at = gap.at.as_ref().map(|p| match &p.spot {
            Some(evidence::Spot::Line { line, .. }) => format!("{}:{line}", p.path),
            _ => p.path.to_string(),
        });
        let say = Say::new("cli.say.transfer_gap").with("place", at.unwrap_or_default());
        eprintln!("{}", face.say(&say.with("reason", gap.reason.name()).with("count", gap.count)));
    }
    let say = Say::new("cli.say.transfer_observed").with("files", files).with("lines", lines).with("bad", bad);
    print(&face.say(&say.with("destinations", destinations).with("leaf", seen.leaf.short())));
    match &seen.countries {
        None => print(&face.say(&Say::new("cli.say.transfer_no_countries"))),
        Some(kept) => print(&face.say(&table(face, kept))),
    }
    print(&face.say(&Say::new("cli.say.transfer_assess_next")));
    Ok(())
}

fn table(face: &Face, kept: &node::KeptCountries) -> Say {
    let dated = kept.table.dated.map(Time::date);
    let dated = dated.unwrap_or_else(|| words::text(face.lang, "cli.say.transfer_undated").to_owned());
    let say = Say::new("cli.say.transfer_countries").with("rows", kept.table.rows).with("dated", dated);
    say.with("form", &kept.table.form).with("at", kept.at.date())
}

fn countries(face: &Face, what: &CountriesVerb) -> Result<(), CliError> {
    match what {
        CountriesVerb::Import { files, said } => {
            let got = face.node()?.countries_import(files, said.author.as_deref())?;
            for (file, line) in got.faults.iter().filter(|_| said.format == Format::Text) {
                let say = Say::new("cli.say.transfer_bad_line").with("path", file).with("line", line);
                eprintln!("{}", face.say(&say));
            }
            let value = json!({"table": got.kept.table, "record": got.kept.leaf, "faults": got.faults});
            tell(face, &table(face, &got.kept), &value, said.format);
        }
        CountriesVerb::Show { format } => {
            let kept = match face.node_read_only() {
                Ok(node) => node.countries()?,
                Err(e) if e.no_log() => None,
                Err(e) => return Err(e),
            };
            match kept {
                Some(kept) => {
                    tell(face, &table(face, &kept), &json!({"table": kept.table, "record": kept.leaf}), *format);
                }
                None => tell(face, &Say::new("cli.say.transfer_no_countries"), &json!({}), *format),
            }
        }
        CountriesVerb::Drop(said) => {
            let leaf = face.node()?.countries_drop(said.author.as_deref())?;
            let say = Say::new("cli.say.transfer_countries_dropped").with("leaf", leaf.short());
            tell(face, &say, &json!({"record": leaf}), said.format);
        }
    }
    Ok(())
}

fn request(face: &Face, what: &RequestVerb) -> Result<(), CliError> {
    match what {
        RequestVerb::Add { authority, country, asked, basis, received, document, said } => {
            let request = AuthorityRequest {
                id: String::new(),
                authority: authority.clone(),
                country: country.clone(),
                asked: asked.clone(),
                basis: basis.clone(),
                received: date(received)?,
                document: document.as_deref().map(node::document).transpose()?,
            };
            let (r, leaf) = face.node()?.transfer_request(request, said.author.as_deref())?;
            let say = Say::new("cli.say.transfer_request").with("id", &r.id).with("leaf", leaf.short());
            tell(face, &say, &json!({"request": r, "record": leaf}), said.format);
        }
        RequestVerb::Move { request, step, at, document, note, said } => {
            let moved = RequestMoved {
                request: request.clone(),
                step: step_of(*step),
                at: date(at)?,
                document: document.as_deref().map(node::document).transpose()?,
                note: note.clone(),
            };
            let (m, leaf) = face.node()?.transfer_request_move(moved, said.author.as_deref())?;
            let word = words::find(face.lang, &format!("request.{}", m.step.name())).unwrap_or_default();
            let say = Say::new("cli.say.transfer_request_moved").with("id", &m.request).with("state", word);
            tell(face, &say.with("leaf", leaf.short()), &json!({"moved": m, "record": leaf}), said.format);
        }
        RequestVerb::List { format } => {
            let (register, judgement) = standing(face, &face.plan()?)?;
            if *format == Format::Json {
                print_json(&json!({"requests": register.requests, "standings": judgement.requests}));
                return Ok(());
            }
            if judgement.requests.is_empty() {
                print(&face.say(&Say::new("cli.say.transfer_no_requests")));
            }
            for s in &judgement.requests {
                let Some(r) = register.requests.get(&s.request) else { continue };
                let step = s.step.map_or("new", RequestStep::name);
                let word = words::find(face.lang, &format!("request.{step}")).unwrap_or_default();
                let say = Say::new("cli.say.transfer_request_line").with("id", &r.id).with("authority", &r.authority);
                let say = say.with("country", &r.country).with("state", word).with("days", s.days);
                print(&face.say(&say.with("asked", &r.asked)));
            }
        }
    }
    Ok(())
}

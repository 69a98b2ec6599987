//! From a judgement and the items of its run to a view: grouping, counting, looking up.

use crate::clean::clean;
use crate::view::{CheckRow, Labelled, ProofText, ScenarioRow, Tongue, UnconfirmedRow, View};
use crate::{Input, documented, findings};
use evidence::{Body, CheckResult, Coverage, FactValue, Origin, Outcome, RunState, Severity, Sure};
use plan::CheckKind;
use std::collections::BTreeSet;

/// Everything that a report says, in one language.
pub(crate) fn view<'a>(input: &Input<'a>, tongue: Tongue<'a>) -> View<'a> {
    let checks = Checks::new(input, tongue);
    let data = findings::data(input, tongue);
    let unconfirmed = unconfirmed(input, tongue);
    View {
        result: result(input, tongue),
        cautions: cautions(input, tongue),
        covers: covers(input, tongue),
        scenarios: scenarios(input, tongue),
        by_severity: by_severity(input),
        findings: findings::groups(input, tongue, input.judgement.findings.iter()),
        approved: findings::groups(input, tongue, input.judgement.approved.iter().map(|a| &a.finding)),
        by_level: findings::by_level(input, tongue),
        data_note: data_note(input, tongue),
        data,
        origin: crate::origin::view(input, tongue),
        gaps: findings::gaps(input, tongue),
        next: next(input, tongue, checks.open.len()),
        cannot: checks.cannot,
        answers: checks.answers,
        open: checks.open,
        passed: checks.passed,
        documented: documented::blocks(input, tongue),
        doubts: input.judgement.doubts.iter().map(|d| tongue.say(&d.say)).collect(),
        unconfirmed,
        proof_text: proof_text(input, tongue),
        footer: footer(input, tongue),
        tongue,
    }
}

/// When and by which program it was written.
pub(crate) fn footer(input: &Input<'_>, tongue: Tongue<'_>) -> String {
    tongue.f("report.generated", &[("time", &instant(input.generated)), ("program", &clean(input.program))])
}

/// Where the records stand, how to check them, and what that proves.
pub(crate) fn proof_text(input: &Input<'_>, tongue: Tongue<'_>) -> ProofText {
    ProofText {
        verify: verify(input, tongue),
        commands: [
            ("watchfire verify evidence.json", "report.verify.command-verify"),
            ("watchfire audit", "report.verify.command-audit"),
            ("watchfire plan show --unconfirmed", "report.verify.command-unconfirmed"),
        ]
        .map(|(command, key)| (command, tongue.t(key).to_owned()))
        .to_vec(),
        proven: proven(input, tongue),
        not_proven: not_proven(input, tongue),
    }
}

/// An instant for people: to the second, with the zone.
pub(crate) fn instant(time: evidence::Time) -> String {
    let text = time.to_string();
    let (date, rest) = text.split_once('T').unwrap_or((&text, ""));
    format!("{date} {} UTC", rest.split_once('.').map_or(rest, |r| r.0))
}

/// What of a run's data was not read again because earlier runs had, and whether what was kept of them was damaged.
pub(crate) fn remembered(input: &Input<'_>, tongue: Tongue<'_>) -> Vec<String> {
    let trees = input.items.iter().filter_map(|i| match &i.body {
        Body::Covered(c) if c.what.starts_with("folder:") => Some(&c.counts),
        _ => None,
    });
    let sum = |name: &str| trees.clone().filter_map(|c| c.get(name)).fold(0, |sum: u64, n| sum.saturating_add(*n));
    let since = trees.clone().filter_map(|c| c.get("remembered_since")).min();
    let mut out = Vec::new();
    if let Some(since) = since {
        let since = instant(evidence::Time::from_secs(i64::try_from(*since).unwrap_or(i64::MAX)));
        let bytes = crate::discover::bytes(sum("remembered_bytes"));
        let with: [(&str, &dyn std::fmt::Display); 3] =
            [("files", &sum("remembered")), ("bytes", &bytes), ("since", &since)];
        out.push(tongue.f("report.result.remembered-line", &with));
    }
    if sum("memory_refused") > 0 {
        out.push(tongue.t("report.result.memory-refused").to_owned());
    }
    out
}

/// The hosts of the judgement; of organisational checks there is none.
fn hosts(input: &Input<'_>) -> BTreeSet<String> {
    let judged = input.judgement.checks.iter().map(|c| clean(&c.host)).filter(|h| !h.is_empty());
    let examined = input.runs().map(|r| clean(&r.examination.subject.host));
    judged.chain(examined).collect()
}

fn place_of_judgement(input: &Input<'_>, tongue: Tongue<'_>) -> String {
    let hosts = hosts(input);
    match hosts.len() {
        0 => tongue.t("report.whole-node").to_owned(),
        1 => hosts.into_iter().next().unwrap_or_default(),
        n => tongue.f("report.result.hosts-count", &[("count", &n)]),
    }
}

/// The result in sentences: what became of the checks, what data was found.
pub(crate) fn result(input: &Input<'_>, tongue: Tongue<'_>) -> Vec<String> {
    let j = input.judgement;
    let place = place_of_judgement(input, tongue);
    let count = |o: Outcome| j.checks.iter().filter(|c| c.outcome == o).count();
    let key = match (j.checks.is_empty(), count(Outcome::Fail)) {
        (true, _) => "report.result.no-checks",
        (_, 0) => "report.result.clean",
        _ => "report.result.fail",
    };
    let first = tongue.f(
        key,
        &[
            ("where", &place),
            ("checks", &j.checks.len()),
            ("failed", &count(Outcome::Fail)),
            ("cannot", &count(Outcome::CannotTell)),
            ("passed", &count(Outcome::Pass)),
            ("paper", &j.checks.iter().filter(|c| on_paper(c)).count()),
            ("na", &count(Outcome::NotApplicable)),
        ],
    );
    vec![first, data_sentence(input, tongue)]
}

/// Passed, but no machine saw it.
pub(crate) fn on_paper(c: &CheckResult) -> bool {
    c.outcome == Outcome::Pass && matches!(c.sure, Some(Sure::Declared | Sure::Documented))
}

fn data_sentence(input: &Input<'_>, tongue: Tongue<'_>) -> String {
    let data = &input.judgement.data;
    let Some(first) = data.first() else { return data_note(input, tongue) };
    let key = if first.level.proposed { "report.result.data-proposed" } else { "report.result.data-given" };
    tongue.f(key, &[("groups", &data.len()), ("level", &tongue.level(&first.level.level))])
}

/// What "no data" means here: looked at and found none, or not looked at.
fn data_note(input: &Input<'_>, tongue: Tongue<'_>) -> String {
    let looked = input.examination.is_none_or(|(e, _)| !e.subject.folders.is_empty());
    tongue.t(if looked { "report.data.none" } else { "report.data.not-looked" }).to_owned()
}

pub(crate) fn cautions(input: &Input<'_>, tongue: Tongue<'_>) -> Vec<String> {
    let mut out = Vec::new();
    let mut say = |key: &str| out.push(tongue.t(key).to_owned());
    if input.examination.is_none() {
        say("report.result.no-examination");
    }
    for run in input.runs() {
        for caution in bill(run, tongue).into_iter().chain(cautions_of(run.examination, tongue)) {
            if !out.contains(&caution) {
                out.push(caution);
            }
        }
    }
    out
}

/// What a bill of materials says of itself, if the run is the reading of one.
fn bill(run: crate::Ran<'_>, tongue: Tongue<'_>) -> Option<String> {
    let row = run.items.iter().find_map(|i| match &i.body {
        Body::Fact(f) if f.fact.as_str() == "sbom.document" => Some(&f.value),
        _ => None,
    })?;
    let said = |field: &str| match row.field(field) {
        Some(FactValue::Text(time)) if field == "made" => clean(time.split('T').next().unwrap_or_default()),
        Some(value) => clean(&value.to_string()),
        None => "–".to_owned(),
    };
    let with = ["document", "form", "made", "maker", "components", "held"].map(|f| (f, said(f)));
    let say = with.iter().map(|(f, v)| (*f, v as &dyn std::fmt::Display)).collect::<Vec<_>>();
    let host = clean(&run.examination.subject.host);
    let all: Vec<(&str, &dyn std::fmt::Display)> = say.into_iter().chain([("host", &host as _)]).collect();
    Some(tongue.f("report.result.bill", &all))
}

fn cautions_of(run: &evidence::Examination, tongue: Tongue<'_>) -> Vec<String> {
    let mut out = Vec::new();
    let mut say = |key: &str| out.push(tongue.t(key).to_owned());
    match run.origin {
        Origin::Live => {}
        Origin::Drill => say("report.result.drill"),
        Origin::Replay => say("report.result.replay"),
    }
    if run.state == RunState::Stopped {
        say("report.result.stopped");
    }
    if run.subject.carried.is_some() {
        out.push(tongue.f("report.result.carried", &[("host", &clean(&run.subject.host))]));
    }
    if let Some(root) = &run.subject.root {
        out.push(tongue.f("report.result.root-image", &[("root", &clean(root.as_str()))]));
    }
    let low: Vec<String> =
        run.sensors.iter().filter(|s| !s.privileged).map(|s| tongue.code("sensor", s.sensor.as_str())).collect();
    if !low.is_empty() {
        let list = low.join(tongue.t("report.list-join"));
        out.push(tongue.f("report.result.unprivileged", &[("sensors", &list)]));
    }
    out
}

fn covers(input: &Input<'_>, tongue: Tongue<'_>) -> Vec<Labelled> {
    let j = input.judgement;
    let mut out = Vec::new();
    let mut add = |key: &str, values: Vec<String>| out.push(Labelled { label: tongue.t(key).to_owned(), values });
    add("report.result.hosts", hosts(input).into_iter().collect());
    for run in input.runs() {
        let run = run.examination;
        let many = !input.others.is_empty();
        if many {
            add("report.result.host", vec![clean(&run.subject.host)]);
        }
        let folders: Vec<String> = run.subject.folders.iter().map(|f| clean(f.as_str())).collect();
        let none = || vec![tongue.t("report.result.no-folders").to_owned()];
        if !many {
            add("report.result.folders", if folders.is_empty() { none() } else { folders });
        }
        let span: [(&str, &dyn std::fmt::Display); 2] = [("from", &instant(run.started)), ("to", &instant(run.ended))];
        add("report.result.when", vec![tongue.f("report.result.when-span", &span)]);
        let counts: [(&str, &dyn std::fmt::Display); 3] =
            [("facts", &run.counts.facts), ("hits", &run.counts.hits), ("gaps", &run.counts.gaps)];
        add("report.result.observations", vec![tongue.f("report.result.counts", &counts)]);
    }
    let remembered = remembered(input, tongue);
    if !remembered.is_empty() {
        add("report.result.remembered", remembered);
    }
    add("report.result.scope", scope(&j.coverage, tongue));
    let plan: [(&str, &dyn std::fmt::Display); 3] =
        [("id", &clean(j.plan.id.as_str())), ("version", &clean(&j.plan.version)), ("digest", &j.plan.digest.short())];
    add("report.result.plan", vec![tongue.f("report.result.plan-line", &plan)]);
    add("report.result.as-of", vec![instant(j.as_of)]);
    add("report.result.judge", vec![clean(&j.judge)]);
    out
}

pub(crate) fn scope(coverage: &[Coverage], tongue: Tongue<'_>) -> Vec<String> {
    let mut out = Vec::new();
    if coverage.iter().all(|c| c.declared == 0) {
        out.push(tongue.t("report.result.scope-none").to_owned());
    }
    for c in coverage {
        let kind = tongue.code("scope", c.kind.name());
        if c.declared > 0 {
            let with: [(&str, &dyn std::fmt::Display); 3] =
                [("kind", &kind), ("examined", &c.examined), ("declared", &c.declared)];
            out.push(tongue.f("report.result.scope-line", &with));
        }
        if c.undeclared > 0 {
            out.push(tongue.f("report.result.scope-undeclared", &[("kind", &kind), ("undeclared", &c.undeclared)]));
        }
    }
    out
}

fn scenarios(input: &Input<'_>, tongue: Tongue<'_>) -> Vec<ScenarioRow> {
    let row = |s: &evidence::Standing| ScenarioRow {
        name: tongue.scenario(&s.scenario),
        risk: input.plan.scenarios().iter().find(|p| p.id == s.scenario).is_none_or(|p| p.risk),
        failed: s.failed,
        cannot_tell: s.cannot_tell,
        passed: s.passed,
        on_paper: s.passed_on_paper,
        not_applicable: s.not_applicable,
        findings: s.findings.values().sum(),
        worst: s.findings.iter().filter(|f| *f.1 > 0).map(|f| *f.0).max(),
    };
    input.judgement.standings.iter().map(row).collect()
}

fn by_severity(input: &Input<'_>) -> Vec<(Severity, u64)> {
    let count = |s: Severity| input.judgement.findings.iter().filter(|f| f.severity == s).count() as u64;
    Severity::ALL.into_iter().rev().map(|s| (s, count(s))).collect()
}

/// Results by what the reader does with them.
struct Checks {
    cannot: Vec<CheckRow>,
    answers: Vec<CheckRow>,
    open: Vec<CheckRow>,
    passed: Vec<CheckRow>,
}
impl Checks {
    fn new(input: &Input<'_>, tongue: Tongue<'_>) -> Self {
        let mut out = Self { cannot: Vec::new(), answers: Vec::new(), open: Vec::new(), passed: Vec::new() };
        for result in &input.judgement.checks {
            let asked = is_answered_by_people(input, result);
            let list = match (asked, result.outcome) {
                (true, Outcome::CannotTell) => &mut out.open,
                (true, _) => &mut out.answers,
                (false, Outcome::CannotTell) => &mut out.cannot,
                (false, Outcome::Pass | Outcome::NotApplicable) => &mut out.passed,
                // A failed machine check stands under the findings.
                (false, Outcome::Fail) => continue,
            };
            list.push(check_row(result, asked, tongue));
        }
        // What a document could never have told comes after what a person can do something about.
        let silent = tongue.t("because.bill-silent");
        out.cannot.sort_by_key(|row| row.because == silent);
        out
    }
}

/// True for organisational checks, by the plan; a check that the plan does not know is taken by its lack of a host.
pub(crate) fn is_answered_by_people(input: &Input<'_>, result: &CheckResult) -> bool {
    match input.plan.check(&result.check) {
        Some(check) => matches!(check.kind, CheckKind::Answer(_)),
        None => result.host.is_empty(),
    }
}

fn check_row(result: &CheckResult, asked: bool, tongue: Tongue<'_>) -> CheckRow {
    let none = std::collections::BTreeMap::new();
    CheckRow {
        id: clean(result.check.as_str()),
        title: tongue.check(&result.check, "title", &none),
        scenario: tongue.scenario(&result.scenario),
        host: clean(&result.host),
        asked,
        outcome: result.outcome,
        sure: result.sure,
        because: result.because.as_ref().map(|b| tongue.say(b)).unwrap_or_default(),
        basis: result.basis.first().map(|c| c.leaf.short()),
    }
}

/// Unconfirmed parts of the plan that this judgement used: scenarios and checks it reports on, the rows and
/// categories behind them, levels and classes of the data.
pub(crate) fn unconfirmed_used(input: &Input<'_>) -> Vec<plan::Unconfirmed> {
    let j = input.judgement;
    let mut used: BTreeSet<String> = BTreeSet::new();
    for result in &j.checks {
        used.insert(format!("check {}", result.check));
        used.insert(format!("scenario {}", result.scenario));
        let rows = input.plan.check(&result.check).map(|c| c.rows.as_slice()).unwrap_or_default();
        used.extend(rows.iter().map(|r| format!("row {r}")));
    }
    for group in &j.data {
        used.insert(format!("category {}", group.category));
        used.insert(format!("class {}", group.class));
        used.insert(format!("level {}", group.level.level));
        used.extend(input.plan.effects().iter().filter_map(|e| match e {
            plan::Effect::Found { id, category, level, .. }
                if *category == group.category && *level == group.level.level =>
            {
                Some(format!("effect {id}"))
            }
            _ => None,
        }));
    }
    let mut all = input.plan.unconfirmed();
    all.retain(|u| used.contains(&u.id) || u.id.starts_with("parameter "));
    all
}

fn unconfirmed(input: &Input<'_>, tongue: Tongue<'_>) -> Vec<UnconfirmedRow> {
    let row = |u: plan::Unconfirmed| UnconfirmedRow {
        id: clean(&u.id),
        source: clean(&u.source),
        sure: tongue.how_sure(u.sure, u.draft),
    };
    unconfirmed_used(input).into_iter().map(row).collect()
}

fn index(position: Option<u64>, tongue: Tongue<'_>) -> String {
    match position {
        Some(n) => tongue.f("report.verify.index", &[("index", &n)]),
        None => tongue.t("report.verify.spooled-index").to_owned(),
    }
}

fn verify(input: &Input<'_>, tongue: Tongue<'_>) -> Vec<Labelled> {
    let p = &input.proof;
    let mut out = Vec::new();
    let mut add = |key: &str, values: Vec<String>| out.push(Labelled { label: tongue.t(key).to_owned(), values });
    let leaf = |d: &evidence::Digest| tongue.f("report.verify.leaf", &[("leaf", d)]);
    add("report.verify.judgement", vec![leaf(&input.judgement_leaf), index(p.judgement_index, tongue)]);
    if let Some((_, digest)) = &input.examination {
        add("report.verify.examination", vec![leaf(digest), index(p.examination_index, tongue)]);
    }
    add("report.verify.log", vec![clean(&p.log_origin)]);
    add("report.verify.tree-size", vec![p.tree_size.to_string()]);
    add("report.verify.root", vec![p.root.to_string()]);
    add("report.verify.checkpoint", vec![instant(p.checkpoint_time)]);
    add("report.verify.key", vec![clean(p.key_id.as_str())]);
    add("report.verify.plan-digest", vec![input.judgement.plan.digest.to_string()]);
    out
}

fn proven(input: &Input<'_>, tongue: Tongue<'_>) -> Vec<String> {
    let mut keys = vec!["report.verify.proven-signature"];
    if !input.proof.spooled {
        keys.push("report.verify.proven-inclusion");
    }
    keys.push("report.verify.proven-judgement");
    keys.into_iter().map(|k| tongue.t(k).to_owned()).collect()
}

fn not_proven(input: &Input<'_>, tongue: Tongue<'_>) -> Vec<String> {
    let mut keys = Vec::new();
    if input.proof.time_is_self_declared {
        keys.push("report.verify.not-time");
    }
    keys.extend(["report.verify.not-person", "report.verify.not-complete"]);
    if input.proof.spooled {
        keys.push("report.verify.spooled");
    }
    keys.into_iter().map(|k| tongue.t(k).to_owned()).collect()
}

fn next(input: &Input<'_>, tongue: Tongue<'_>, open: usize) -> Vec<String> {
    let j = input.judgement;
    let mut out = Vec::new();
    if !j.findings.is_empty() {
        out.push(tongue.t("report.next.fix").to_owned());
    }
    let proposed = j.data.iter().filter(|d| d.level.proposed).count();
    if proposed > 0 {
        out.push(tongue.f("report.next.confirm", &[("count", &proposed)]));
    }
    if open > 0 {
        out.push(tongue.f("report.next.answer", &[("count", &open), ("command", &"watchfire answer")]));
    }
    if j.coverage.iter().all(|c| c.declared == 0) {
        out.push(tongue.f("report.next.scope", &[("command", &"watchfire scope add")]));
    }
    if input.runs().any(|r| r.examination.sensors.iter().any(|s| !s.privileged)) {
        out.push(tongue.t("report.next.privileged").to_owned());
    }
    out
}

//! The JSON face: ids and codes for programs, and beside them the words of both languages for people.
//!
//! Values are exact here (a path is the record's path, not the cleaned one of the other faces); characters that could
//! steer a terminal, and `<`, are written as `\uXXXX`, which means the same to a JSON reader. Absent means not known;
//! there is no `null`. The schema is `docs/specs/report-v1.schema.json`.

use crate::clean::inert;
use crate::view::{Own, Tongue};
use crate::{FORMAT, Input, documented, findings, gather};
use evidence::{
    Approved, Body, CheckResult, Cited, Coverage, DataGroup, Digest, Doubt, FactValue, Finding, GapCount, Lang,
    MeasureStanding, Origin, Outcome, PathText, Place, PlanRef, RunState, Say, SensorRun, Severity, Standing, Sure,
    Time,
};
use plan::CheckKind;
use serde::Serialize;
use std::collections::BTreeMap;

/// A text in every language of the faces.
#[derive(Serialize)]
pub(crate) struct Texts {
    en: String,
    zh: String,
}

#[derive(Serialize)]
struct Report<'a> {
    format: &'static str,
    program: &'a str,
    generated: Time,
    judge: &'a str,
    as_of: Time,
    plan: &'a PlanRef,
    summary: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    examination: Option<Run<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_examinations: Vec<Run<'a>>,
    scope_declared: bool,
    coverage: &'a [Coverage],
    scenarios: Vec<Scenario<'a>>,
    findings: Vec<FindingOut<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    approved: Vec<ApprovedOut<'a>>,
    rules: Vec<Rule<'a>>,
    checks: Vec<CheckOut<'a>>,
    data: Vec<Data<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<OriginOut<'a>>,
    gaps: Vec<GapOut<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    documented: Vec<documented::Out<'a>>,
    doubts: Vec<DoubtOut<'a>>,
    unconfirmed: Vec<UnconfirmedOut>,
    proof: Proof<'a>,
}

#[derive(Serialize)]
struct Summary {
    text: Texts,
    checks: usize,
    outcomes: BTreeMap<&'static str, usize>,
    passed_on_paper: usize,
    findings: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
pub(crate) struct Run<'a> {
    leaf: Digest,
    host: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<&'a PathText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carried: Option<Digest>,
    folders: &'a [PathText],
    origin: Origin,
    started: Time,
    ended: Time,
    state: RunState,
    sensors: &'a [SensorRun],
    facts: u64,
    hits: u64,
    gaps: u64,
}

#[derive(Serialize)]
struct Scenario<'a> {
    id: &'a str,
    name: Texts,
    risk: bool,
    failed: u64,
    cannot_tell: u64,
    passed: u64,
    passed_on_paper: u64,
    not_applicable: u64,
    findings: &'a BTreeMap<Severity, u64>,
}

#[derive(Serialize)]
struct FindingOut<'a> {
    id: Digest,
    check: &'a str,
    scenario: &'a str,
    severity: Severity,
    host: &'a str,
    object: &'a str,
    title: Texts,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'a Place>,
    evidence: Vec<EvidenceOut<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    measures: Vec<MeasureOut<'a>>,
}

#[derive(Serialize)]
struct MeasureOut<'a> {
    id: &'a str,
    leaf: Digest,
    stands: &'static str,
    until: Time,
}

#[derive(Serialize)]
struct ApprovedOut<'a> {
    finding: FindingOut<'a>,
    measure: &'a str,
    until: Time,
    sure: Sure,
}

#[derive(Serialize)]
struct EvidenceOut<'a> {
    leaf: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a FactValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'a Place>,
}

#[derive(Serialize)]
struct Rule<'a> {
    check: &'a str,
    scenario: &'a str,
    severity: Severity,
    kind: &'static str,
    title: Texts,
    why: Texts,
    remedy: Texts,
    source: &'a str,
    how_sure: &'static str,
    draft: bool,
    rows: &'a [u32],
    mappings: &'a [String],
}

#[derive(Serialize)]
struct CheckOut<'a> {
    check: &'a str,
    scenario: &'a str,
    host: &'a str,
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    sure: Option<Sure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<Said<'a>>,
    basis: &'a [Cited],
    findings: u64,
}

#[derive(Serialize)]
pub(crate) struct Said<'a> {
    pub(crate) key: &'a str,
    pub(crate) with: &'a BTreeMap<String, String>,
    pub(crate) text: Texts,
}

#[derive(Serialize)]
struct Data<'a> {
    host: &'a str,
    root: &'a PathText,
    category: &'a str,
    category_name: Texts,
    class: &'a str,
    class_name: Texts,
    level: &'a str,
    level_name: Texts,
    proposed: bool,
    files: u64,
    hits: u64,
    distinct: u64,
    distinct_is_floor: bool,
    because: Vec<Said<'a>>,
    samples: Vec<SampleOut>,
}

#[derive(Serialize)]
struct SampleOut {
    mask: String,
    at: Place,
    confidence: u8,
}

#[derive(Serialize)]
struct OriginOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    home_country: Option<&'static str>,
    kinds: Vec<OriginCount<'a>>,
    components: Vec<OriginComponent<'a>>,
}

#[derive(Serialize)]
struct OriginCount<'a> {
    kind: &'a str,
    home: u64,
    abroad: u64,
    oss: u64,
    unknown: u64,
}

#[derive(Serialize)]
struct OriginComponent<'a> {
    host: &'a str,
    fact: &'a str,
    seat: &'static str,
    past_support: bool,
    counterparts_shown: Vec<&'a str>,
    value: &'a FactValue,
    at: &'a Place,
}

#[derive(Serialize)]
struct GapOut<'a> {
    host: &'a str,
    area: &'a str,
    reason: &'static str,
    reason_name: Texts,
    count: u64,
}

#[derive(Serialize)]
pub(crate) struct DoubtOut<'a> {
    #[serde(flatten)]
    said: Said<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cited: Option<&'a Cited>,
}

#[derive(Serialize)]
struct UnconfirmedOut {
    id: String,
    file: String,
    source: String,
    how_sure: &'static str,
    draft: bool,
}

#[derive(Serialize)]
pub(crate) struct Proof<'a> {
    judgement_leaf: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    judgement_index: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    examination_leaf: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    examination_index: Option<u64>,
    log_origin: &'a str,
    tree_size: u64,
    root: Digest,
    checkpoint_time: Time,
    time_is_self_declared: bool,
    key_id: &'a str,
    spooled: bool,
}

/// A tongue for each language.
pub(crate) struct Both<'a> {
    en: Tongue<'a>,
    zh: Tongue<'a>,
}
impl<'a> Both<'a> {
    pub(crate) fn new(plan: &'a plan::CheckedPlan, own: &'a Own) -> Self {
        let of = |lang| Tongue { lang, plan, own };
        Self { en: of(Lang::En), zh: of(Lang::Zh) }
    }
    pub(crate) fn say(&self, f: impl Fn(Tongue<'a>) -> String) -> Texts {
        Texts { en: f(self.en), zh: f(self.zh) }
    }
    pub(crate) fn said<'s>(&self, say: &'s Say) -> Said<'s> {
        Said { key: &say.key, with: &say.with, text: self.say(|t| t.say(say)) }
    }
}

/// The whole text.
pub(crate) fn render(input: &Input<'_>) -> String {
    let own = Own::of(input.items);
    let both = Both::new(input.plan, &own);
    let text = serde_json::to_string_pretty(&report(input, &both)).expect("texts, numbers and maps with text keys");
    escape(&text)
}

/// Characters that are not [`inert`], and `<`, as `\uXXXX`. They can only stand inside strings: the pretty printer
/// puts only spaces and line feeds between.
pub(crate) fn escape(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if c == '\n' || (inert(c) && c != '<') {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out.push('\n');
    out
}

fn report<'a>(input: &'a Input<'a>, both: &Both<'a>) -> Report<'a> {
    let j = input.judgement;
    Report {
        format: FORMAT,
        program: input.program,
        generated: input.generated,
        judge: &j.judge,
        as_of: j.as_of,
        plan: &j.plan,
        summary: summary(input, both),
        examination: input.examination.map(run),
        other_examinations: input.others.iter().map(|r| run((r.examination, r.leaf))).collect(),
        scope_declared: j.coverage.iter().any(|c| c.declared > 0),
        coverage: &j.coverage,
        scenarios: j.standings.iter().map(|s| scenario(input, both, s)).collect(),
        findings: j.findings.iter().map(|f| finding(input, both, f)).collect(),
        approved: j.approved.iter().map(|a| approved(input, both, a)).collect(),
        rules: rules(input, both),
        checks: j.checks.iter().map(|c| check(both, c)).collect(),
        data: j.data.iter().map(|d| data(input, both, d)).collect(),
        origin: origin_out(input),
        gaps: j.gaps.iter().map(|g| gap(both, g)).collect(),
        documented: input.documented.iter().map(documented::out).collect(),
        doubts: j.doubts.iter().map(|d| doubt(both, d)).collect(),
        unconfirmed: gather::unconfirmed_used(input).into_iter().map(unconfirmed).collect(),
        proof: proof(input),
    }
}

fn summary<'a>(input: &Input<'a>, both: &Both<'a>) -> Summary {
    let j = input.judgement;
    let with = |o: Outcome| j.checks.iter().filter(|c| c.outcome == o).count();
    Summary {
        text: both.say(|t| gather::result(input, t).join(" ")),
        checks: j.checks.len(),
        outcomes: Outcome::ALL.into_iter().map(|o| (o.name(), with(o))).collect(),
        passed_on_paper: j.checks.iter().filter(|c| gather::on_paper(c)).count(),
        findings: Severity::ALL
            .into_iter()
            .map(|s| (s.name(), j.findings.iter().filter(|f| f.severity == s).count()))
            .collect(),
    }
}

pub(crate) fn run((e, leaf): (&evidence::Examination, Digest)) -> Run<'_> {
    Run {
        leaf,
        host: &e.subject.host,
        root: e.subject.root.as_ref(),
        carried: e.subject.carried,
        folders: &e.subject.folders,
        origin: e.origin,
        started: e.started,
        ended: e.ended,
        state: e.state,
        sensors: &e.sensors,
        facts: e.counts.facts,
        hits: e.counts.hits,
        gaps: e.counts.gaps,
    }
}

fn scenario<'a>(input: &Input<'a>, both: &Both<'a>, s: &'a Standing) -> Scenario<'a> {
    Scenario {
        id: s.scenario.as_str(),
        name: both.say(|t| t.scenario(&s.scenario)),
        risk: input.plan.scenarios().iter().find(|p| p.id == s.scenario).is_none_or(|p| p.risk),
        failed: s.failed,
        cannot_tell: s.cannot_tell,
        passed: s.passed,
        passed_on_paper: s.passed_on_paper,
        not_applicable: s.not_applicable,
        findings: &s.findings,
    }
}

fn finding<'a>(input: &Input<'a>, both: &Both<'a>, f: &'a Finding) -> FindingOut<'a> {
    let measures = input.judgement.measures.iter();
    FindingOut {
        id: f.id,
        check: f.check.as_str(),
        scenario: f.scenario.as_str(),
        severity: f.severity,
        host: &f.host,
        object: &f.object,
        title: both.say(|t| t.check(&f.check, "title", &f.with)),
        at: f.at.as_ref(),
        evidence: f.evidence.iter().map(|c| evidence_out(input, c)).collect(),
        measures: measures.filter(|m| m.finding == f.id).map(measure).collect(),
    }
}

fn measure(m: &MeasureStanding) -> MeasureOut<'_> {
    MeasureOut { id: &m.measure, leaf: m.leaf, stands: m.stands.name(), until: m.until }
}

fn approved<'a>(input: &Input<'a>, both: &Both<'a>, a: &'a Approved) -> ApprovedOut<'a> {
    ApprovedOut { finding: finding(input, both, &a.finding), measure: &a.measure, until: a.until, sure: a.sure }
}

fn evidence_out<'a>(input: &Input<'a>, cited: &Cited) -> EvidenceOut<'a> {
    let mut out = EvidenceOut { leaf: cited.leaf, item: cited.item, fact: None, value: None, at: None };
    match findings::item(input, cited).map(|i| &i.body) {
        Some(Body::Fact(f)) => {
            out.fact = Some(f.fact.as_str());
            out.value = Some(&f.value);
            out.at = Some(&f.at);
        }
        Some(Body::Hits(h)) => out.at = Some(&h.at),
        Some(Body::Gap(g)) => out.at = g.at.as_ref(),
        Some(Body::Column(c)) => out.at = Some(&c.at),
        Some(Body::Content(c)) => out.at = Some(&c.at),
        Some(Body::Measured(m)) => out.at = Some(&m.at),
        Some(Body::Covered(_) | Body::Tally(_) | Body::Alert(_)) | None => {}
    }
    out
}

/// The rules behind the results, each once.
fn rules<'a>(input: &Input<'a>, both: &Both<'a>) -> Vec<Rule<'a>> {
    let mut ids: Vec<_> = input.judgement.checks.iter().map(|c| &c.check).collect();
    ids.sort();
    ids.dedup();
    let none = BTreeMap::new();
    let rule = |c: &'a plan::Check| Rule {
        check: c.id.as_str(),
        scenario: c.scenario.as_str(),
        severity: c.severity,
        kind: match c.kind {
            CheckKind::Machine(_) => "machine",
            CheckKind::Answer(_) => "answer",
        },
        title: both.say(|t| t.check(&c.id, "title", &none)),
        why: both.say(|t| t.check(&c.id, "why", &none)),
        remedy: both.say(|t| t.check(&c.id, "remedy", &none)),
        source: &c.sourced.source,
        how_sure: c.sourced.sure.letter(),
        draft: c.sourced.draft,
        rows: &c.rows,
        mappings: &c.mappings,
    };
    ids.into_iter().filter_map(|id| input.plan.check(id)).map(rule).collect()
}

fn check<'a>(both: &Both<'_>, c: &'a CheckResult) -> CheckOut<'a> {
    CheckOut {
        check: c.check.as_str(),
        scenario: c.scenario.as_str(),
        host: &c.host,
        outcome: c.outcome,
        sure: c.sure,
        because: c.because.as_ref().map(|b| both.said(b)),
        basis: &c.basis,
        findings: c.findings,
    }
}

fn data<'a>(input: &Input<'_>, both: &Both<'_>, d: &'a DataGroup) -> Data<'a> {
    Data {
        host: &d.host,
        root: &d.root,
        category: d.category.as_str(),
        category_name: both.say(|t| t.category(&d.category)),
        class: d.class.as_str(),
        class_name: both.say(|t| t.class(&d.class)),
        level: d.level.level.as_str(),
        level_name: both.say(|t| t.level(&d.level.level)),
        proposed: d.level.proposed,
        files: d.files,
        hits: d.hits,
        distinct: d.distinct,
        distinct_is_floor: d.distinct_is_floor,
        because: d.level.because.iter().map(|b| both.said(b)).collect(),
        samples: findings::picked(input, d)
            .into_iter()
            .map(|(sample, at)| SampleOut { mask: sample.mask.to_string(), at, confidence: sample.confidence })
            .collect(),
    }
}

/// Who made what; nothing if no run looked at a host.
fn origin_out<'a>(input: &Input<'a>) -> Option<OriginOut<'a>> {
    let all = crate::origin::components(input);
    if all.is_empty() {
        return None;
    }
    let kinds = crate::origin::counts(&all).into_iter();
    let kinds = kinds.map(|(kind, [home, abroad, oss, unknown])| OriginCount { kind, home, abroad, oss, unknown });
    let kinds = kinds.collect();
    let component = |c: crate::origin::Component<'a>| OriginComponent {
        host: c.host,
        fact: c.fact.fact.as_str(),
        seat: c.seat.name(),
        past_support: c.past,
        counterparts_shown: c.counterparts,
        value: &c.fact.value,
        at: &c.fact.at,
    };
    Some(OriginOut {
        home_country: crate::origin::home(input),
        kinds,
        components: all.into_iter().map(component).collect(),
    })
}

fn gap<'a>(both: &Both<'_>, g: &'a GapCount) -> GapOut<'a> {
    GapOut {
        host: &g.host,
        area: &g.area,
        reason: g.reason.name(),
        reason_name: both.say(|t| t.code("gap", g.reason.name())),
        count: g.count,
    }
}

pub(crate) fn doubt<'a>(both: &Both<'_>, d: &'a Doubt) -> DoubtOut<'a> {
    DoubtOut { said: both.said(&d.say), cited: d.cited.as_ref() }
}

fn unconfirmed(u: plan::Unconfirmed) -> UnconfirmedOut {
    UnconfirmedOut { id: u.id, file: u.file, source: u.source, how_sure: u.sure.letter(), draft: u.draft }
}

pub(crate) fn proof<'a>(input: &'a Input<'_>) -> Proof<'a> {
    let p = &input.proof;
    Proof {
        judgement_leaf: input.judgement_leaf,
        judgement_index: p.judgement_index,
        examination_leaf: input.examination.map(|e| e.1),
        examination_index: p.examination_index,
        log_origin: &p.log_origin,
        tree_size: p.tree_size,
        root: p.root,
        checkpoint_time: p.checkpoint_time,
        time_is_self_declared: p.time_is_self_declared,
        key_id: p.key_id.as_str(),
        spooled: p.spooled,
    }
}

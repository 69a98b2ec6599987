//! Standing by scenario, findings, and what nobody could look at.

use super::{LINES, OUTCOMES, SEVERITIES, tabs};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form;
use crate::site::frame::{encoded, time};
use crate::site::parts;
use evidence::{CheckResult, Finding, Judgement, Outcome, Severity, Standing};
use maud::{Markup, html};
use node::Judged;
use report::Speech;
use report::plot::{self, Bar, Part};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Runs that are offered for choice.
const RUNS: usize = 20;
/// Gaps that are shown; the rest is counted.
const GAPS: usize = 100;

/// What is asked of the list.
struct Filter<'a> {
    scenario: &'a str,
    severity: &'a str,
    outcome: &'a str,
    host: &'a str,
}
impl<'a> Filter<'a> {
    fn of(ask: &'a Ask<'_>) -> Self {
        let outcome = Some(ask.wanted("outcome")).filter(|o| !o.is_empty()).unwrap_or("fail");
        Self { scenario: ask.wanted("scenario"), severity: ask.wanted("severity"), outcome, host: ask.wanted("host") }
    }
    fn here(&self, scenario: &str, host: &str) -> bool {
        (self.scenario.is_empty() || self.scenario == scenario) && (self.host.is_empty() || self.host == host)
    }
    fn finding(&self, f: &Finding) -> bool {
        self.here(f.scenario.as_str(), &f.host) && (self.severity.is_empty() || self.severity == f.severity.name())
    }
    fn check(&self, c: &CheckResult) -> bool {
        c.outcome.name() == self.outcome && self.here(c.scenario.as_str(), &c.host)
    }
}

fn of_check(c: &CheckResult) -> String {
    format!("{}@{}", c.check, c.host)
}

pub(super) fn page(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let runs = node.judgements(RUNS)?;
    let chosen = match ask.wanted("run") {
        "" => None,
        typed => Some(node.judgement(typed)?),
    };
    let Some(judged) = chosen.as_ref().or(runs.first()) else {
        let empty = json!({"format": "watchfire-examination-v1", "findings": []});
        return ask.page(ask.t("console.place.examination"), || html! { (tabs(ask)) (nothing(ask)) }, || empty);
    };
    let (j, filter) = (&judged.judgement, Filter::of(ask));
    let findings: Vec<&Finding> = match filter.outcome {
        "fail" => j.findings.iter().filter(|f| filter.finding(f)).collect(),
        "approved" => j.approved.iter().map(|a| &a.finding).filter(|f| filter.finding(f)).collect(),
        _ => Vec::new(),
    };
    let checks: Vec<&CheckResult> = match filter.outcome {
        "fail" | "approved" => Vec::new(),
        _ => j.checks.iter().filter(|c| filter.check(c)).collect(),
    };
    let after = ask.wanted("after");
    let (findings_here, next_finding) = parts::after(&findings, after, |f| f.id.hex(), LINES);
    let (checks_here, next_check) = parts::after(&checks, after, |c| of_check(c), LINES);
    let next = next_finding.or(next_check);
    let count = findings.len() + checks.len();
    ask.page(
        ask.t("console.place.examination"),
        || {
            let speech = Speech::new(ask.plan(), ask.lang);
            let run = ask.wanted("run");
            html! {
                (tabs(ask))
                (runs_of(ask, judged, &runs))
                (coverage(ask, j))
                (standing(ask, speech, j))
                (super::risk::spread(ask, speech, j))
                (unseen(ask, speech, j))
                h2 { (ask.t("console.exam.findings")) }
                (filters(ask, speech, j, &filter, run))
                p { (ask.say(&evidence::Say::new("console.exam.count").with("count", count).with("of", total(j, filter.outcome)))) }
                @if findings_here.is_empty() && checks_here.is_empty() { (parts::empty(ask.t("console.exam.none-here"), ask.t("console.exam.none-here-hint"))) }
                @if !findings_here.is_empty() { (table(ask, speech, j, findings_here)) }
                @if !checks_here.is_empty() { (check_table(ask, speech, checks_here)) }
                (parts::next(ask, &[("run", run), ("scenario", filter.scenario), ("severity", filter.severity), ("outcome", filter.outcome), ("host", filter.host)], next.as_deref()))
            }
        },
        || value(judged, findings_here, checks_here, next.as_deref()),
    )
}

fn value(judged: &Judged, findings: &[&Finding], checks: &[&CheckResult], next: Option<&str>) -> Value {
    let j = &judged.judgement;
    json!({
        "format": "watchfire-examination-v1", "record": judged.leaf, "as_of": j.as_of, "plan": j.plan, "judge": j.judge, "coverage": j.coverage,
        "standings": j.standings, "gaps": j.gaps, "doubts": j.doubts, "measures": j.measures, "findings": findings, "checks": checks, "next": next,
    })
}

/// Of how many: findings of this kind, or checks that were asked.
fn total(j: &Judgement, outcome: &str) -> usize {
    match outcome {
        "fail" => j.findings.len(),
        "approved" => j.approved.len(),
        _ => j.checks.len(),
    }
}

fn nothing(ask: &Ask<'_>) -> Markup {
    html! {
        (parts::empty(ask.t("console.exam.none"), ask.t("console.exam.none-hint")))
        p { code { "watchfire inspect" } }
    }
}

fn hosts(j: &Judgement) -> Vec<&str> {
    let hosts: BTreeSet<&str> = j.checks.iter().map(|c| c.host.as_str()).filter(|h| !h.is_empty()).collect();
    hosts.into_iter().collect()
}

/// A run in one line, for the choice.
fn named(ask: &Ask<'_>, judged: &Judged) -> String {
    let j = &judged.judgement;
    let hosts = hosts(j);
    let first = hosts
        .first()
        .map_or_else(|| ask.t("console.exam.no-host").to_owned(), |h| Speech::new(ask.plan(), ask.lang).text(h));
    let more = if hosts.len() > 1 { format!(" +{}", hosts.len() - 1) } else { String::new() };
    let at = plan::Days::of(ask.plan().calendar()).local(j.as_of);
    format!("{at} · {first}{more} · {}", j.findings.len())
}

fn runs_of(ask: &Ask<'_>, judged: &Judged, runs: &[Judged]) -> Markup {
    let leaf = judged.leaf.hex();
    let mut options: Vec<(String, String)> = runs.iter().map(|r| (r.leaf.hex(), named(ask, r))).collect();
    if !options.iter().any(|o| o.0 == leaf) {
        options.push((leaf.clone(), named(ask, judged)));
    }
    let options: Vec<(&str, String)> = options.iter().map(|o| (o.0.as_str(), o.1.clone())).collect();
    html! {
        p.small {
            (ask.t("console.exam.as-of")) " " (time(ask, judged.judgement.as_of)) " · " (ask.t("console.exam.judgement")) " " code title=(leaf) { (judged.leaf.short()) }
            " · " (ask.t("console.exam.plan")) " " (judged.judgement.plan.version)
        }
        @if options.len() > 1 { (form::filter(ask, form::choice("run", ask.t("console.exam.run"), &options, &leaf))) }
    }
}

fn coverage(ask: &Ask<'_>, j: &Judgement) -> Markup {
    html! {
        div.tiles {
            @for c in &j.coverage {
                @let of = ask.say(&evidence::Say::new("console.exam.of-declared").with("declared", c.declared).with("undeclared", c.undeclared));
                (parts::tile(&ask.word("scope", c.kind.name()), &format!("{} / {}", c.examined, c.declared), &of))
            }
        }
        @if j.coverage.iter().all(|c| c.declared == 0) {
            p { (parts::mark("warn", ask.t("console.exam.no-scope"))) " " a href="/examination/scope" { (ask.t("console.exam.declare")) } }
        }
    }
}

fn all(s: &Standing) -> u64 {
    s.failed + s.cannot_tell + s.passed + s.not_applicable
}

fn standing(ask: &Ask<'_>, speech: Speech<'_>, j: &Judgement) -> Markup {
    let names: Vec<String> = j.standings.iter().map(|s| speech.scenario(&s.scenario)).collect();
    let word = |o: Outcome| ask.word("outcome", o.name());
    let words = [
        word(Outcome::Fail),
        word(Outcome::CannotTell),
        word(Outcome::Pass),
        ask.t("console.exam.on-paper").to_owned(),
        word(Outcome::NotApplicable),
    ];
    let counts = |s: &Standing| {
        [s.failed, s.cannot_tell, s.passed.saturating_sub(s.passed_on_paper), s.passed_on_paper, s.not_applicable]
    };
    let tones = ["bad", "warn", "good", "paper", "calm"];
    let bars: Vec<Bar<'_>> = j
        .standings
        .iter()
        .zip(&names)
        .map(|(s, label)| {
            let parts = counts(s).into_iter().zip(&words).zip(tones);
            Bar { label, parts: parts.map(|((count, word), tone)| Part { tone, word, count }).collect() }
        })
        .collect();
    let total: BTreeMap<Severity, u64> = j.findings.iter().fold(BTreeMap::new(), |mut by, f| {
        *by.entry(f.severity).or_default() += 1;
        by
    });
    let heads = [
        ask.t("console.exam.scenario"),
        &words[0],
        &words[1],
        &words[2],
        &words[3],
        &words[4],
        ask.t("console.exam.checks"),
        ask.t("console.exam.findings"),
    ];
    let line = |(s, name): (&Standing, &String)| {
        let mut line = vec![html! { a href={ "/examination?scenario=" (encoded(s.scenario.as_str())) } { (name) } }];
        line.extend(counts(s).map(|n| html! { (n) }));
        line.push(html! { (all(s)) });
        line.push(html! { (s.findings.values().sum::<u64>()) });
        line
    };
    html! {
        h2 { (ask.t("console.exam.standing")) }
        p.small { (ask.t("console.exam.standing-about")) }
        div.tiles {
            @for s in Severity::ALL.iter().rev() {
                (parts::tile(&ask.word("severity", s.name()), &total.get(s).copied().unwrap_or(0).to_string(), &ask.say(&evidence::Say::new("console.exam.of-findings").with("count", j.findings.len()))))
            }
        }
        (plot::bars("standing", ask.t("console.exam.standing"), ask.t("console.exam.standing-plot"), &bars))
        (parts::table(ask.t("console.exam.standing"), &heads, j.standings.iter().zip(&names).map(line).collect()))
    }
}

/// What nobody could look at: as large as what was found.
fn unseen(ask: &Ask<'_>, speech: Speech<'_>, j: &Judgement) -> Markup {
    let blind: u64 = j.standings.iter().map(|s| s.cannot_tell).sum();
    let asked: u64 = j.standings.iter().map(all).sum();
    let places: u64 = j.gaps.iter().map(|g| g.count).sum();
    let say =
        evidence::Say::new("console.exam.unseen-count").with("count", blind).with("of", asked).with("places", places);
    html! {
        h2 { (ask.t("console.exam.unseen")) }
        p {
            @if blind == 0 && places == 0 { (parts::mark("good", ask.t("console.exam.all-seen"))) }
            @else { (parts::mark("warn", &ask.say(&say))) " " a href="/examination?outcome=cannot-tell" { (ask.t("console.exam.which-checks")) } }
        }
        @if !j.gaps.is_empty() {
            (parts::table(ask.t("console.exam.unseen"), &[ask.t("console.exam.host"), ask.t("console.exam.area"), ask.t("console.exam.why-not"), ask.t("console.exam.places")],
                j.gaps.iter().take(GAPS).map(|g| vec![html! { (speech.text(&g.host)) }, html! { (speech.area(&g.area)) }, html! { (ask.word("gap", g.reason.name())) }, html! { (g.count) }]).collect()))
            @if j.gaps.len() > GAPS { p.small { (ask.say(&evidence::Say::new("console.exam.more").with("count", j.gaps.len() - GAPS))) } }
        }
        @if !j.doubts.is_empty() {
            details { summary { (ask.t("console.exam.doubts")) " (" (j.doubts.len()) ")" } ul { @for d in j.doubts.iter().take(GAPS) { li { (speech.say(&d.say)) } } } }
        }
    }
}

fn filters(ask: &Ask<'_>, speech: Speech<'_>, j: &Judgement, filter: &Filter<'_>, run: &str) -> Markup {
    let every = || ("", ask.t("console.exam.all").to_owned());
    let scenarios: Vec<(&str, String)> = std::iter::once(every())
        .chain(j.standings.iter().map(|s| (s.scenario.as_str(), speech.scenario(&s.scenario))))
        .collect();
    let severities: Vec<(&str, String)> =
        std::iter::once(every()).chain(SEVERITIES.iter().map(|s| (*s, ask.word("severity", s)))).collect();
    let outcomes: Vec<(&str, String)> = OUTCOMES.iter().map(|o| (*o, ask.word("console.exam.outcome", o))).collect();
    let hosts: Vec<(&str, String)> =
        std::iter::once(every()).chain(hosts(j).into_iter().map(|h| (h, speech.text(h)))).collect();
    form::filter(
        ask,
        html! {
            @if !run.is_empty() { input type="hidden" name="run" value=(run); }
            (form::choice("outcome", ask.t("console.exam.show"), &outcomes, filter.outcome))
            (form::choice("scenario", ask.t("console.exam.scenario"), &scenarios, filter.scenario))
            (form::choice("severity", ask.t("console.exam.severity"), &severities, filter.severity))
            (form::choice("host", ask.t("console.exam.host"), &hosts, filter.host))
        },
    )
}

/// Where something was found.
pub(super) fn object(ask: &Ask<'_>, f: &Finding) -> String {
    match (f.object.is_empty(), f.host.is_empty()) {
        (false, _) => Speech::new(ask.plan(), ask.lang).text(&f.object),
        (true, false) => ask.t("report.whole-host").to_owned(),
        (true, true) => ask.t("report.whole-node").to_owned(),
    }
}

/// The title of a check: of an organisational one it says what should be, of a machine's what is wrong.
pub(super) fn title(ask: &Ask<'_>, speech: Speech<'_>, f: &Finding) -> String {
    let title = speech.check(&f.check, "title", &f.with);
    match ask.plan().check(&f.check).map(|c| &c.kind) {
        Some(plan::CheckKind::Answer(_)) => {
            ask.say(&evidence::Say::new("report.findings.not-fulfilled").with("title", title))
        }
        _ => title,
    }
}

fn table(ask: &Ask<'_>, speech: Speech<'_>, j: &Judgement, findings: &[&Finding]) -> Markup {
    let measures = |f: &Finding| {
        j.measures
            .iter()
            .filter(|m| m.finding == f.id)
            .map(|m| (m.measure.clone(), ask.word("console.exam.stands", m.stands.name())))
            .collect::<Vec<_>>()
    };
    let heads = [
        ask.t("console.exam.severity"),
        ask.t("console.exam.finding"),
        ask.t("console.exam.host"),
        ask.t("console.exam.object"),
        ask.t("console.exam.scenario"),
        ask.t("console.exam.measures"),
    ];
    parts::table(ask.t("console.exam.findings"), &heads, findings.iter().map(|f| vec![
        parts::severity(ask, f.severity),
        html! { a href={ "/examination/findings/" (f.id.hex()) } { (title(ask, speech, f)) } },
        html! { (speech.text(&f.host)) },
        html! { (object(ask, f)) },
        html! { (speech.scenario(&f.scenario)) },
        html! { @for (id, how) in measures(f) { a href={ "/examination/measures/" (id) } { (how) } " " } @if measures(f).is_empty() { "–" } },
    ]).collect())
}

fn check_table(ask: &Ask<'_>, speech: Speech<'_>, checks: &[&CheckResult]) -> Markup {
    let heads = [
        ask.t("console.exam.outcome-head"),
        ask.t("console.exam.check"),
        ask.t("console.exam.host"),
        ask.t("console.exam.sure"),
        ask.t("console.exam.why-not"),
    ];
    parts::table(
        ask.t("console.exam.checks"),
        &heads,
        checks
            .iter()
            .map(|c| {
                vec![
                    parts::outcome(ask, c.outcome),
                    html! { (speech.check(&c.check, "title", &BTreeMap::new())) },
                    html! { @if c.host.is_empty() { (ask.t("report.whole-node")) } @else { (speech.text(&c.host)) } },
                    html! { (c.sure.map_or_else(|| "–".to_owned(), |s| ask.word("sure", s.name()))) },
                    html! { (c.because.as_ref().map_or_else(|| "–".to_owned(), |b| speech.say(b))) },
                ]
            })
            .collect(),
    )
}

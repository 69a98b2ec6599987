//! The product's own texts, in every language of the faces.
//!
//! The files of `words/` are built in: `en.toml` and `zh.toml` for reports and the sentences of records,
//! `origin.*.toml` for who made what, `incident.*.toml` for incidents, `transfers.*.toml` for transfers in every face, `assessment.*.toml` for the yearly risk-assessment report,
//! `warning.*.toml` for warnings and exposure to penalties, `registry.*.toml` for the registry of enterprises,
//! `programme.*.toml` for the programme's reports and progress, `oversight.*.toml` for standings, the queue and orders,
//! `training.*.toml` for training and experts, `serve.*.toml` for the line
//! between nodes, `federation.*.toml` for nodes above and below, `tables.*.toml` for read tables and backups,
//! `challenge.*.toml` for challenges, `rules.*.toml` for rules of detection, `detect.*.toml` for alerts from logs,
//! `ransom.*.toml` for suspicion of ransomware, `guard.*.toml` for the guard of shares, `console.*.toml` for the console, `cli.*.toml` for the command line.
//! Their tables are joined with dots into flat keys:
//! `report.result.heading`, `gap.permission-denied`. A key without a text shows as itself: an ugly place on the page
//! is found sooner than an empty one.
//!
//! A hole of a template may carry a code instead of a text: hole `reason` with the value `permission-denied` reads
//! as the text of `gap.permission-denied`. [`FAMILIES`] says which holes are such codes. So records stay free of
//! language and sentences stay whole.

use evidence::{Lang, Say};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Holes whose value is a code, and the family of words that the code belongs to; the first that knows it says it.
pub const FAMILIES: &[(&str, &str)] = &[
    ("fact", "fact"),
    ("reason", "gap"),
    ("gap", "gap"),
    ("kind", "scope"),
    ("kind", "record"),
    ("field", "field"),
    ("class", "class"),
    ("outcome", "outcome"),
    ("severity", "severity"),
    ("sure", "sure"),
    ("origin", "origin"),
    ("sensor", "sensor"),
    ("system", "family"),
    ("grant", "grant"),
    ("about", "holds"),
    ("criterion", "criterion"),
    ("exporter", "transfer"),
    ("why", "line"),
    ("role", "node-role"),
    ("own", "node-role"),
    ("standing", "member-standing"),
    ("stands", "invitation-state"),
    ("fault", "unproven"),
    ("change", "key-change"),
    ("order_state", "order-state"),
    ("member_standing", "member-standing"),
    ("node_role", "node-role"),
    ("row_reason", "registry.reason"),
    ("refusal", "guard-refusal"),
];

type Flat = BTreeMap<String, String>;

/// The files of one language: the command line's, those about origin, incidents, transfers and warnings, the report's; a later file wins.
const FILES: [&[&str]; 2] = [
    &[
        include_str!("../../../words/cli.en.toml"),
        include_str!("../../../words/origin.en.toml"),
        include_str!("../../../words/incident.en.toml"),
        include_str!("../../../words/transfers.en.toml"),
        include_str!("../../../words/warning.en.toml"),
        include_str!("../../../words/registry.en.toml"),
        include_str!("../../../words/union.en.toml"),
        include_str!("../../../words/programme.en.toml"),
        include_str!("../../../words/oversight.en.toml"),
        include_str!("../../../words/training.en.toml"),
        include_str!("../../../words/serve.en.toml"),
        include_str!("../../../words/account.en.toml"),
        include_str!("../../../words/federation.en.toml"),
        include_str!("../../../words/tables.en.toml"),
        include_str!("../../../words/rules.en.toml"),
        include_str!("../../../words/challenge.en.toml"),
        include_str!("../../../words/guard.en.toml"),
        include_str!("../../../words/ransom.en.toml"),
        include_str!("../../../words/detect.en.toml"),
        include_str!("../../../words/console.en.toml"),
        include_str!("../../../words/console-examination.en.toml"),
        include_str!("../../../words/console-incidents.en.toml"),
        include_str!("../../../words/console-catalogue.en.toml"),
        include_str!("../../../words/console-warnings.en.toml"),
        include_str!("../../../words/console-transfers.en.toml"),
        include_str!("../../../words/assessment.en.toml"),
        include_str!("../../../words/console-above.en.toml"),
        include_str!("../../../words/console-evidence.en.toml"),
        include_str!("../../../words/console-plan.en.toml"),
        include_str!("../../../words/console-nodes.en.toml"),
        include_str!("../../../words/console-training.en.toml"),
        include_str!("../../../words/console-notices.en.toml"),
        include_str!("../../../words/console-plots.en.toml"),
        include_str!("../../../words/en.toml"),
    ],
    &[
        include_str!("../../../words/cli.zh.toml"),
        include_str!("../../../words/origin.zh.toml"),
        include_str!("../../../words/incident.zh.toml"),
        include_str!("../../../words/transfers.zh.toml"),
        include_str!("../../../words/warning.zh.toml"),
        include_str!("../../../words/registry.zh.toml"),
        include_str!("../../../words/union.zh.toml"),
        include_str!("../../../words/programme.zh.toml"),
        include_str!("../../../words/oversight.zh.toml"),
        include_str!("../../../words/training.zh.toml"),
        include_str!("../../../words/serve.zh.toml"),
        include_str!("../../../words/account.zh.toml"),
        include_str!("../../../words/federation.zh.toml"),
        include_str!("../../../words/tables.zh.toml"),
        include_str!("../../../words/rules.zh.toml"),
        include_str!("../../../words/challenge.zh.toml"),
        include_str!("../../../words/guard.zh.toml"),
        include_str!("../../../words/ransom.zh.toml"),
        include_str!("../../../words/detect.zh.toml"),
        include_str!("../../../words/console.zh.toml"),
        include_str!("../../../words/console-examination.zh.toml"),
        include_str!("../../../words/console-incidents.zh.toml"),
        include_str!("../../../words/console-catalogue.zh.toml"),
        include_str!("../../../words/console-warnings.zh.toml"),
        include_str!("../../../words/console-transfers.zh.toml"),
        include_str!("../../../words/assessment.zh.toml"),
        include_str!("../../../words/console-above.zh.toml"),
        include_str!("../../../words/console-evidence.zh.toml"),
        include_str!("../../../words/console-plan.zh.toml"),
        include_str!("../../../words/console-nodes.zh.toml"),
        include_str!("../../../words/console-training.zh.toml"),
        include_str!("../../../words/console-notices.zh.toml"),
        include_str!("../../../words/console-plots.zh.toml"),
        include_str!("../../../words/zh.toml"),
    ],
];
static EN: LazyLock<Flat> = LazyLock::new(|| FILES[0].iter().flat_map(|f| flat(f)).collect());
static ZH: LazyLock<Flat> = LazyLock::new(|| FILES[1].iter().flat_map(|f| flat(f)).collect());

fn of(lang: Lang) -> &'static Flat {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}

fn flat(text: &str) -> Flat {
    let table: toml::Table = toml::from_str(text).expect("the built-in words are TOML; a test reads them");
    let mut out = Flat::new();
    join("", &table, &mut out);
    out
}

fn join(prefix: &str, table: &toml::Table, out: &mut Flat) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => join(&key, inner, out),
            toml::Value::String(text) => {
                out.insert(key, text.clone());
            }
            other => {
                out.insert(key, other.to_string());
            }
        }
    }
}

/// The text of `key`, with its holes; the key itself if there is none.
#[must_use]
pub fn text(lang: Lang, key: &str) -> &str {
    find(lang, key).unwrap_or(key)
}

/// The text of `key`, if there is one.
#[must_use]
pub fn find(lang: Lang, key: &str) -> Option<&'static str> {
    of(lang).get(key).map(String::as_str)
}

/// A sentence in the reader's language. Holes of [`FAMILIES`] that carry a known code are said as its text.
#[must_use]
pub fn say(lang: Lang, say: &Say) -> String {
    fill(lang, text(lang, &say.key), say)
}

/// Fills `template` (from these words or from a plan's) with the values of `say`.
#[must_use]
pub fn fill(lang: Lang, template: &str, say: &Say) -> String {
    let mut said = say.clone();
    for (hole, value) in &mut said.with {
        let families = FAMILIES.iter().filter(|f| f.0 == hole);
        let word = families.filter_map(|f| find(lang, &format!("{}.{value}", f.1))).next();
        if let Some(word) = word {
            word.clone_into(value);
        }
    }
    said.fill(template)
}

/// Every key of a language, sorted.
pub fn keys(lang: Lang) -> impl Iterator<Item = &'static str> {
    of(lang).keys().map(String::as_str)
}

/// The holes of a template, in order.
#[must_use]
pub fn holes(template: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some((_, from)) = rest.split_once('{') {
        if let Some((name, after)) = from.split_once('}') {
            out.push(name);
            rest = after;
        } else {
            rest = from;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::{GapReason, Outcome, RecordKind, ScopeKind, Severity, Shape, Sure, fact};
    use std::collections::BTreeSet;

    #[test]
    fn both_languages_have_the_same_keys_and_holes_and_no_empty_text() {
        let en: BTreeSet<&str> = keys(Lang::En).collect();
        let zh: BTreeSet<&str> = keys(Lang::Zh).collect();
        assert_eq!(en.difference(&zh).collect::<Vec<_>>(), Vec::<&&str>::new(), "only in English");
        assert_eq!(zh.difference(&en).collect::<Vec<_>>(), Vec::<&&str>::new(), "only in Chinese");
        for key in en {
            let per_lang = Lang::ALL.map(|lang| {
                let template = text(lang, key);
                assert!(!template.trim().is_empty(), "{key} is empty");
                holes(template).into_iter().collect::<BTreeSet<_>>()
            });
            assert_eq!(per_lang[0], per_lang[1], "holes of {key}");
        }
    }

    #[test]
    fn everything_that_a_record_can_name_has_a_text() {
        let mut want: Vec<String> = Vec::new();
        want.extend(GapReason::ALL.map(|r| format!("gap.{}", r.name())));
        want.extend(evidence::WhyKind::ALL.map(|w| format!("why.{}", w.name())));
        want.extend(evidence::SensitiveKind::ALL.map(|k| format!("sensitive.{}", k.name())));
        want.extend(evidence::AssetStanding::ALL.map(|s| format!("standing.{}", s.name())));
        want.extend(evidence::LevelBasis::ALL.map(|b| format!("basis.{}", b.name())));
        want.extend(evidence::CarrierKind::ALL.map(|c| format!("carrier.{}", c.name())));
        want.extend(judge::Verdict::ALL.map(|v| format!("drift.{}", v.name())));
        want.extend(evidence::FormatTold::ALL.map(|f| format!("told.{}", f.name())));
        want.extend(evidence::Band::ALL.map(|b| format!("band.{}", b.name())));
        want.extend(evidence::Holds::ALL.iter().map(|h| format!("holds.{}", h.name())));
        want.extend(evidence::Way::ALL.iter().map(|w| format!("way.{}", w.name())));
        want.extend(evidence::Grant::ALL.iter().map(|g| format!("grant.{}", g.name())));
        want.extend(evidence::Granted::ALL.iter().map(|g| format!("outcome-of.{}", g.name())));
        want.extend(evidence::RequestStep::ALL.iter().map(|r| format!("request.{}", r.name())));
        want.extend(evidence::FlowState::ALL.iter().map(|s| format!("flow-state.{}", s.name())));
        want.extend(evidence::NoteKind::ALL.iter().map(|k| format!("note-kind.{}", k.name())));
        want.extend(evidence::SUPERVISORS.map(|s| format!("supervisor.{s}")));
        want.extend(evidence::NodeRole::ALL.map(|r| format!("node-role.{}", r.name())));
        want.extend(evidence::MemberStanding::ALL.map(|s| format!("member-standing.{}", s.name())));
        want.extend(evidence::Adjust::ALL.map(|a| format!("adjust.{}", a.name())));
        want.extend(evidence::Audience::ALL.iter().map(|a| format!("audience.{}", a.name())));
        want.extend(evidence::TakenBack::ALL.iter().map(|r| format!("training-reason.{}", r.name())));
        want.extend(evidence::ConflictKind::ALL.iter().map(|k| format!("conflict.{}", k.name())));
        want.extend(judge::ExpertState::ALL.map(|s| format!("expert-state.{}", s.name())));
        want.extend(judge::Reason::ALL.map(|r| format!("selection-why.{}", r.name())));
        want.extend(evidence::ProgrammeThing::ALL.map(|t| format!("programme-thing.{}", t.name())));
        want.extend(evidence::Rung::ALL.map(|r| format!("sure.{}", r.name())));
        want.extend(judge::GuideState::ALL.map(|s| format!("guide-state.{}", s.name())));
        want.extend(judge::EnterpriseState::ALL.map(|s| format!("enterprise-state.{}", s.name())));
        want.extend(judge::OrderState::ALL.map(|s| format!("order-state.{}", s.name())));
        want.extend(evidence::Mending::ALL.map(|m| format!("mending.{}", m.name())));
        want.extend(evidence::NodeRole::ALL.map(|r| format!("node-role.{}", r.name())));
        want.extend(evidence::MemberStanding::ALL.map(|s| format!("member-standing.{}", s.name())));
        want.extend(judge::ListOf::ALL.map(|l| format!("oversight.list.{}", l.name())));
        if let Shape::Many(facts) = plan::OVERSIGHT_FACTS.shape {
            want.extend(facts.iter().map(|f| format!("oversight.fact.{}", f.0)));
        }
        let columns = crate::oversight::STANDING_COLUMNS.iter().chain(&crate::oversight::QUEUE_COLUMNS);
        want.extend(columns.chain(&crate::oversight::ORDER_COLUMNS).map(|c| format!("oversight.column.{c}")));
        want.extend(judge::LEFT.map(|w| format!("progress-left.{w}")));
        want.extend(judge::FELL.map(|w| format!("progress-fell.{w}")));
        for target in plan::check(&plan::builtin()).unwrap().targets() {
            want.push(format!("progress-unit.{}", target.unit));
        }
        want.extend(crate::registry::COLUMNS.map(|c| format!("registry.column.{c}")));
        want.extend(crate::registry::BAD_COLUMNS.map(|c| format!("registry.bad.{c}")));
        want.extend(crate::transfers::COLUMNS.map(|c| format!("transfer.column.{}", c.replace('_', "-"))));
        want.extend(Outcome::ALL.map(|r| format!("outcome.{}", r.name())));
        want.extend(evidence::ForeignStatus::ALL.map(|s| format!("stated.{}", s.name())));
        want.extend(Sure::ALL.map(|r| format!("sure.{}", r.name())));
        want.extend(Severity::ALL.map(|r| format!("severity.{}", r.name())));
        want.extend(ScopeKind::ALL.map(|r| format!("scope.{}", r.name())));
        want.extend(plan::HowSure::ALL.map(|r| format!("how-sure.{}", r.letter())));
        for kind in RecordKind::ALL {
            want.push(format!("record.{}", serde_json::to_value(kind).unwrap().as_str().unwrap()));
        }
        for class in ["cn.resident-id", "cn.uscc", "bank-card", "cn.mobile", "vin", "email", "private-key"] {
            want.push(format!("class.{class}"));
        }
        for def in fact::DICTIONARY {
            want.push(format!("fact.{}", def.id));
            if let Shape::Many(fields) = def.shape {
                want.extend(fields.iter().map(|f| format!("field.{}", f.0)));
            }
        }
        want.extend(plan::SAY_KEYS.iter().map(|k| k.0.to_owned()));
        for key in want {
            for lang in Lang::ALL {
                assert!(find(lang, &key).is_some(), "{lang:?} {key}");
            }
        }
    }

    /// Texts that nobody shows are texts that nobody corrects.
    #[test]
    fn every_text_of_the_report_is_used() {
        const SOURCES: &[&str] = &[
            include_str!("origin.rs"),
            include_str!("html/origin.rs"),
            include_str!("gather.rs"),
            include_str!("findings.rs"),
            include_str!("notes.rs"),
            include_str!("documented.rs"),
            include_str!("view.rs"),
            include_str!("terminal.rs"),
            include_str!("html/page.rs"),
            include_str!("html/chart.rs"),
            include_str!("html/frame.rs"),
            include_str!("paper.rs"),
            include_str!("discover/view.rs"),
            include_str!("discover/terminal.rs"),
            include_str!("discover/html.rs"),
            include_str!("discover/sarif.rs"),
            include_str!("discover/explain.rs"),
            include_str!("catalogue/mod.rs"),
            include_str!("catalogue/table.rs"),
            include_str!("catalogue/terminal.rs"),
            include_str!("catalogue/html.rs"),
            include_str!("catalogue/xlsx.rs"),
            include_str!("catalogue/drift.rs"),
            include_str!("form/mod.rs"),
            include_str!("form/face.rs"),
            include_str!("form/said.rs"),
            include_str!("form/kit.rs"),
            include_str!("form/html.rs"),
            include_str!("form/docx.rs"),
        ];
        let built = ["chart-title", "chart-desc", "area-fact", "area-folder", "area-run", "-same-word", "-other-word"];
        let shown = ["report.", "discover.", "explain.", "catalogue.", "form-face."];
        for key in keys(Lang::En).filter(|k| shown.iter().any(|s| k.starts_with(s))) {
            let used = SOURCES.iter().any(|s| s.contains(&format!("\"{key}\"")));
            assert!(used || built.iter().any(|b| key.ends_with(b)), "{key}");
        }
    }

    #[test]
    fn a_missing_key_shows_and_a_code_is_said_in_words() {
        assert_eq!(text(Lang::Zh, "no.such.key"), "no.such.key");
        let reason = Say::new("k").with("reason", "link").with("path", "link");
        assert_eq!(fill(Lang::En, "{path}: {reason}", &reason), "link: symbolic link, not followed");
        assert_eq!(holes("a {b} c {d"), ["b"]);
    }
}

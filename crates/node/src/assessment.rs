//! The yearly risk-assessment report: the plan's form `risk-assessment`, with what the log knows filled in (`docs/specs/assessment-v1.md`).
//!
//! Of each of the eight contents one field is drawn from records - counts, answers, states, each as it stands at this instant - and one is a person's to write.
//! What a person must write is never made up: it stays empty, and the form names it as missing.
//!
//! Refused: a verdict of the program on any content. The law asks people to assess.

use crate::{Node, NodeError, Profile, home};
use evidence::{FieldValue, FlowState, Lang, MeasureState, Origin, Say, Time};
use plan::{CheckedPlan, Form};
use report::form::{FormInput, FormState};
use report::words;
use std::collections::BTreeMap;

/// The plan's form.
const FORM: &str = "risk-assessment";
/// Longest text that a person gives for a field, in characters.
const FIELD_CHARS_MAX: usize = 8_000;

/// Which organisational checks bear on which content. A design proposal; a check that the plan does not have is left out.
const CHECKS: [(&str, &[&str]); 6] = [
    ("legality", &["org-core-transfer", "org-complaints", "org-succession"]),
    ("rules", &["org-inventory", "org-lifecycle", "org-destruction", "org-contingency-plan"]),
    ("organisation", &["org-responsible", "org-key-posts"]),
    (
        "protection",
        &["org-least-privilege", "org-encryption", "org-restore-test", "org-log-keeping", "org-ransomware-readiness"],
    ),
    ("staff", &["org-training", "org-staff-conduct", "org-drill-record"]),
    ("recipients", &["org-contracts", "org-remote-maintenance"]),
];

/// The report as it stands.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// The form's fields: those drawn from records, and those that a person gave.
    pub fields: BTreeMap<String, FieldValue>,
    /// Fields that a person has still to write.
    pub missing: Vec<String>,
    /// Fields that are drawn from records.
    pub drawn: Vec<String>,
    /// The instant.
    pub as_of: Time,
    serial: String,
}

fn no_form() -> NodeError {
    NodeError::Entry(Say::new("error.assessment-no-form"))
}

fn form(plan: &CheckedPlan) -> Result<&Form, NodeError> {
    plan.forms().iter().find(|f| f.id == FORM).ok_or_else(no_form)
}

/// Fields of the form that a person writes, in its order.
pub fn assessment_fields(plan: &CheckedPlan) -> Result<Vec<&plan::FormField>, NodeError> {
    Ok(form(plan)?.fields.iter().filter(|f| !f.id.ends_with("-records")).collect())
}

impl Assessment {
    /// As the faces of paper take it.
    pub fn input<'a>(&'a self, plan: &'a CheckedPlan) -> Result<FormInput<'a>, NodeError> {
        Ok(FormInput {
            plan,
            form: form(plan)?,
            serial: &self.serial,
            version: 1,
            state: FormState::Draft,
            digest: None,
            fields: &self.fields,
            missing: &self.missing,
            incident: "",
            title: "",
            printed: self.as_of,
            seal: true,
            drill: false,
        })
    }
}

/// Lines of one field.
struct Lines {
    lang: Lang,
    out: Vec<String>,
}
impl Lines {
    fn say(&mut self, say: &Say) {
        self.out.push(words::say(self.lang, say));
    }
}

impl Node {
    /// Draws the report up from what the log knows; `set` is what people wrote: field and text.
    pub fn assessment(
        &self,
        plan: &CheckedPlan,
        lang: Lang,
        set: &[(String, String)],
    ) -> Result<Assessment, NodeError> {
        let (form, as_of) = (form(plan)?, home::now());
        let mut fields: BTreeMap<String, FieldValue> = BTreeMap::new();
        let profile = Profile::load(self.store().home())?;
        let part = self.part()?;
        let name = if profile.name.is_empty() { part.map(|p| p.name).unwrap_or_default() } else { profile.name };
        for (field, text) in [("holder", name), ("contact", profile.contact)] {
            if !text.is_empty() {
                fields.insert(field.to_owned(), FieldValue::Text { text });
            }
        }
        let mut drawn = Vec::new();
        for field in form.fields.iter().filter(|f| f.id.ends_with("-records")) {
            let lines = self.drawn(plan, lang, field.id.trim_end_matches("-records"))?;
            fields.insert(field.id.clone(), FieldValue::Text { text: lines.join("\n") });
            drawn.push(field.id.clone());
        }
        for (field, text) in set.iter().filter(|s| !s.1.trim().is_empty()) {
            let bad = |key: &str| {
                let known: Vec<&str> =
                    form.fields.iter().filter(|f| !drawn.contains(&f.id)).map(|f| f.id.as_str()).collect();
                let say = Say::new(format!("error.assessment-{key}")).with("value", attest::clean(field));
                NodeError::Entry(say.with("known", known.join(", ")).with("max", FIELD_CHARS_MAX))
            };
            if drawn.contains(field) {
                return Err(bad("drawn"));
            }
            if !form.fields.iter().any(|f| f.id == *field) {
                return Err(bad("unknown"));
            }
            if text.chars().count() > FIELD_CHARS_MAX {
                return Err(bad("long"));
            }
            let text: String = text.trim().chars().filter(|c| *c == '\n' || !c.is_control()).collect();
            fields.insert(field.clone(), FieldValue::Text { text });
        }
        let missing = judge::missing_fields(form, &fields);
        let year = plan::Days::of(plan.calendar()).date(as_of).get(..4).unwrap_or_default().to_owned();
        Ok(Assessment { fields, missing, drawn, as_of, serial: format!("{FORM}/{year}") })
    }

    /// What records say about one content.
    fn drawn(&self, plan: &CheckedPlan, lang: Lang, content: &str) -> Result<Vec<String>, NodeError> {
        let mut lines = Lines { lang, out: Vec::new() };
        match content {
            "data" => self.of_data(plan, &mut lines)?,
            "environment" => self.of_environment(&mut lines)?,
            "protection" => self.of_protection(plan, &mut lines)?,
            "staff" => self.of_staff(&mut lines)?,
            "risk" => self.of_risk(plan, &mut lines)?,
            "recipients" => self.of_recipients(&mut lines)?,
            "export" => self.of_export(plan, &mut lines)?,
            "findings" => self.of_findings(&mut lines)?,
            "measures" => self.of_measures(&mut lines)?,
            _ => {}
        }
        if let Some((_, checks)) = CHECKS.iter().find(|c| c.0 == content) {
            self.of_answers(plan, checks, &mut lines)?;
        }
        if lines.out.is_empty() {
            lines.say(&Say::new("assessment.nothing"));
        }
        Ok(lines.out)
    }

    fn of_answers(&self, plan: &CheckedPlan, checks: &[&str], lines: &mut Lines) -> Result<(), NodeError> {
        for open in self.answers(plan)?.iter().filter(|o| checks.contains(&o.check.as_str())) {
            let title = plan.words(lines.lang).get(&format!("check.{}.title", open.check)).unwrap_or_default();
            let say = |key: &str| Say::new(format!("assessment.{key}")).with("title", title);
            lines.say(&match open.answered {
                None => say("unanswered"),
                Some((true, sure, since)) => say("fulfilled").with("sure", sure.name()).with("date", since.date()),
                Some((false, _, since)) => say("not-fulfilled").with("date", since.date()),
            });
        }
        Ok(())
    }

    fn of_data(&self, plan: &CheckedPlan, lines: &mut Lines) -> Result<(), NodeError> {
        let Some(kept) = self.catalogue(None)? else {
            lines.say(&Say::new("assessment.no-catalogue"));
            return Ok(());
        };
        let assets = &kept.catalogue.assets;
        lines.say(&Say::new("assessment.catalogue").with("count", assets.len()).with("leaf", kept.leaf.short()));
        for level in plan.levels() {
            let of = || assets.iter().filter(|a| a.level.level == level.id);
            let name = plan.words(lines.lang).get(&format!("level.{}.name", level.id)).unwrap_or(level.id.as_str());
            let say = Say::new("assessment.level").with("level", name).with("count", of().count());
            lines.say(&say.with("proposed", of().filter(|a| a.level.proposed).count()));
        }
        Ok(())
    }

    fn of_environment(&self, lines: &mut Lines) -> Result<(), NodeError> {
        let Some((leaf, j)) = self.newest_judgement()? else {
            lines.say(&Say::new("assessment.not-examined"));
            return Ok(());
        };
        lines.say(&Say::new("assessment.examined").with("date", j.as_of.date()).with("leaf", leaf.short()));
        for c in &j.coverage {
            let say = Say::new("assessment.coverage").with("kind", c.kind.name()).with("examined", c.examined);
            lines.say(&say.with("declared", c.declared).with("undeclared", c.undeclared));
        }
        Ok(())
    }

    fn of_protection(&self, plan: &CheckedPlan, lines: &mut Lines) -> Result<(), NodeError> {
        let Some((_, j)) = self.newest_judgement()? else { return Ok(()) };
        for s in &j.standings {
            let key = format!("scenario.{}.name", s.scenario);
            let name = plan.words(lines.lang).get(&key).unwrap_or(s.scenario.as_str());
            let say = Say::new("assessment.scenario").with("name", name).with("passed", s.passed);
            let say = say.with("paper", s.passed_on_paper).with("failed", s.failed);
            lines.say(&say.with("unseen", s.cannot_tell));
        }
        Ok(())
    }

    fn of_staff(&self, lines: &mut Lines) -> Result<(), NodeError> {
        let t = self.training_standing(home::now())?;
        let say = Say::new("assessment.training").with("sessions", t.sums.sessions).with("times", t.sums.person_times);
        lines.say(&say.with("people", t.sums.people).with("passed", t.sums.passed));
        Ok(())
    }

    fn of_risk(&self, plan: &CheckedPlan, lines: &mut Lines) -> Result<(), NodeError> {
        let files = self.incident_files()?;
        let views = || files.iter().filter_map(|f| f.view(plan, f.now())).filter(|v| v.origin == Origin::Live);
        let open = views().filter(|v| v.closed.is_none()).count();
        lines.say(&Say::new("assessment.incidents").with("count", views().count()).with("open", open));
        if let Some((_, j)) = self.newest_judgement()? {
            lines.say(&Say::new("assessment.open-findings").with("count", j.findings.len()));
        }
        Ok(())
    }

    fn of_recipients(&self, lines: &mut Lines) -> Result<(), NodeError> {
        let register = self.transfer_register()?;
        let without = register.provided.values().filter(|p| p.contract.is_none()).count();
        let entrusted = register.provided.values().filter(|p| p.entrusted).count();
        let say = Say::new("assessment.provided").with("count", register.provided.len()).with("entrusted", entrusted);
        lines.say(&say.with("without", without));
        Ok(())
    }

    fn of_export(&self, plan: &CheckedPlan, lines: &mut Lines) -> Result<(), NodeError> {
        let (_, j) = self.transfers(plan)?;
        lines.say(&Say::new("assessment.flows").with("count", j.flows.len()).with("year", j.year));
        for state in FlowState::ALL {
            let count = j.flows.iter().filter(|f| f.state == *state).count();
            if count > 0 {
                let word = words::find(lines.lang, &format!("flow-state.{}", state.name())).unwrap_or(state.name());
                lines.say(&Say::new("assessment.flow-state").with("name", word).with("count", count));
            }
        }
        Ok(())
    }

    fn of_findings(&self, lines: &mut Lines) -> Result<(), NodeError> {
        let Some((_, j)) = self.newest_judgement()? else {
            lines.say(&Say::new("assessment.not-examined"));
            return Ok(());
        };
        let mut by: BTreeMap<evidence::Severity, usize> = BTreeMap::new();
        j.findings.iter().for_each(|f| *by.entry(f.severity).or_default() += 1);
        for (severity, count) in by {
            lines.say(&Say::new("assessment.findings").with("severity", severity.name()).with("count", count));
        }
        if !j.approved.is_empty() {
            lines.say(&Say::new("assessment.approved").with("count", j.approved.len()));
        }
        if j.findings.is_empty() {
            lines.say(&Say::new("assessment.no-findings"));
        }
        Ok(())
    }

    fn of_measures(&self, lines: &mut Lines) -> Result<(), NodeError> {
        let (all, now) = (self.measures()?, home::now());
        let late = all.iter().filter(|k| k.is_late(now)).count();
        let verified = all.iter().filter(|k| k.measure.state == MeasureState::Verified).count();
        let say = Say::new("assessment.measures").with("count", all.len()).with("verified", verified);
        lines.say(&say.with("late", late));
        Ok(())
    }
}

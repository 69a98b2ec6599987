//! Warnings: one as it stands, the list; for a terminal, as JSON, CSV and the page that the plan's form describes.
//!
//! The order of one warning is that of a person who has a minute: how grave, whether it is in force, whether it concerns this node, what must be done; then
//! what it says. Numeral, word and name of the colour stand together wherever a level is named.

use crate::Style;
use crate::clean::{clean, harmless, inert};
use crate::discover::{safe, write};
use crate::form::{self, FormInput};
use crate::paper::{Ink, Paper};
use crate::view::{Labelled, Own, Tongue};
use evidence::{Consent, Digest, FieldValue, Lang, Origin, Time};
use judge::{Concern, DutyView, Taken, WarningState, WarningView};
use plan::{CheckedPlan, Days};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Doubts shown; the rest is counted.
const DOUBTS_MAX: usize = 8;
/// Who took note, shown; the rest is counted.
const NOTED_MAX: usize = 20;
/// The columns of the list as CSV. Fixed: programs read them.
const HEAD: [&str; 19] = [
    "warning",
    "state",
    "regime",
    "level",
    "numeral",
    "colour",
    "level_name",
    "origin",
    "issuer",
    "node",
    "areas",
    "sectors",
    "start",
    "since",
    "lifted",
    "concerns",
    "acknowledged",
    "duties_open",
    "doubts",
];

/// Everything that the page of one warning is made of.
#[derive(Clone, Copy)]
pub struct WarningInput<'a> {
    /// The plan that was applied.
    pub plan: &'a CheckedPlan,
    /// What the entries say.
    pub view: &'a WarningView<'a>,
    /// The instant that stands for now.
    pub now: Time,
}
impl WarningInput<'_> {
    fn level(&self) -> Option<&plan::IncidentLevel> {
        let text = self.view.text;
        self.plan.incident_levels().iter().find(|l| l.regime == text.regime && l.id == text.level)
    }
    fn open_duties(&self) -> usize {
        self.view.duties.iter().filter(|d| d.ours && d.taken.is_none()).count()
    }
}

/// The order of the list: those in force first, the gravest of them first, then the newest.
#[must_use]
pub fn warning_order(input: &WarningInput<'_>) -> (WarningState, u32, std::cmp::Reverse<Time>) {
    let rank = input.level().map_or(u32::MAX, |l| l.rank);
    (input.view.state, rank, std::cmp::Reverse(input.view.since))
}

fn origin(o: Origin) -> &'static str {
    match o {
        Origin::Live => "live",
        Origin::Drill => "drill",
        Origin::Replay => "replay",
    }
}

/// `(drill)` behind the id of a warning of a drill.
fn marked(t: Tongue<'_>, v: &WarningView<'_>) -> String {
    match v.origin {
        Origin::Live => v.warning.to_owned(),
        other => t.f("incident.marked", &[("id", &v.warning), ("origin", &t.code("origin", origin(other)))]),
    }
}

fn colour(colour: &str) -> Ink {
    match colour {
        "red" => Ink::Red,
        "orange" | "yellow" => Ink::Yellow,
        "blue" => Ink::Cyan,
        _ => Ink::Bold,
    }
}

/// Where, or everywhere; a province by its name.
fn places(t: Tongue<'_>, of: &[String], all: &str) -> String {
    if of.is_empty() {
        return t.t(all).to_owned();
    }
    let name = |a: &String| match crate::words::find(t.lang, &format!("area.{a}")) {
        Some(name) => t.f("warning.area", &[("name", &name), ("code", &clean(a))]),
        None => clean(a),
    };
    of.iter().map(name).collect::<Vec<_>>().join(t.t("report.list-join"))
}

fn consent(t: Tongue<'_>, days: &Days, c: &Consent) -> String {
    let with: [(&str, &dyn std::fmt::Display); 3] =
        [("who", &t.actor(&c.actor)), ("person", &clean(&c.person)), ("at", &days.local(c.at))];
    let mut out = t.f("warning.consent", &with);
    if let Some(d) = &c.document {
        out = format!("{out} · {} ({})", clean(&d.name), d.digest.short());
    }
    out
}

fn state(t: Tongue<'_>, days: &Days, v: &WarningView<'_>) -> String {
    let start = days.local(v.text.start);
    match (v.state, v.lifted) {
        (_, Some(l)) => {
            let with: [(&str, &dyn std::fmt::Display); 2] = [("at", &days.local(l.at)), ("reason", &clean(l.reason))];
            t.f("warning.was-lifted", &with)
        }
        (WarningState::Announced, _) => t.f("warning.begins", &[("start", &start)]),
        _ => t.f("warning.is-in-force", &[("start", &start)]),
    }
}

/// One warning for a terminal.
#[must_use]
pub fn warning_text(input: &WarningInput<'_>, lang: Lang, style: Style) -> String {
    let own = Own::default();
    let t = Tongue { lang, plan: input.plan, own: &own };
    let mut page = Page { input, t, days: Days::of(input.plan.calendar()), paper: Paper::new(t, style) };
    page.head();
    page.duties();
    page.contents();
    page.noted();
    page.doubts();
    page.paper.into_text()
}

/// That nobody here knows the node as the issuer whose name it uses.
fn issuer_unknown(t: Tongue<'_>, v: &WarningView<'_>) -> String {
    let with: [(&str, &dyn std::fmt::Display); 2] = [("by", &t.actor(&v.text.issuer)), ("id", &v.warning)];
    t.f("warning.issuer-unknown", &with)
}

struct Page<'i, 'a> {
    input: &'i WarningInput<'a>,
    t: Tongue<'i>,
    days: Days,
    paper: Paper<'i>,
}

impl Page<'_, '_> {
    fn head(&mut self) {
        let (t, v) = (self.t, self.input.view);
        let level = t.incident_level(&v.text.regime, &v.text.level);
        if !v.knows_issuer() {
            self.paper.para("!! ", Some(Ink::Red), &issuer_unknown(t, v));
        }
        self.paper.title(&t.f("warning.title", &[("id", &marked(t, v)), ("level", &level)]));
        if v.origin != Origin::Live {
            self.paper.para("", Some(Ink::Bold), t.t("warning.is-drill"));
        }
        let state = state(t, &self.days, v);
        self.paper.para("", Some(Ink::Bold), &state);
        let concern = t.t(match v.concern() {
            Concern::Yes => "warning.concerns-yes",
            Concern::No => "warning.concerns-no",
            Concern::Unknown => "warning.concerns-unknown",
        });
        self.paper.para("", None, concern);
        let from =
            t.f("warning.from-node", &[("node", &clean(v.node.as_str())), ("at", &self.days.local(v.issued_at))]);
        let mut pairs = vec![
            ("warning.issuer", t.actor(&v.text.issuer)),
            ("warning.areas", places(t, &v.text.areas, "warning.everywhere")),
            ("warning.sectors", places(t, &v.text.sectors, "warning.all-sectors")),
            ("warning.issued", from),
        ];
        if v.version > 1 {
            let with: [(&str, &dyn std::fmt::Display); 2] =
                [("version", &v.version), ("since", &self.days.local(v.since))];
            pairs.push(("warning.changed", t.f("warning.changed-line", &with)));
        }
        if let Some(c) = &v.text.approval {
            pairs.push(("warning.approval", consent(t, &self.days, c)));
        }
        if let Some(c) = v.lifted.and_then(|l| l.approval) {
            pairs.push(("warning.lift-approval", consent(t, &self.days, c)));
        }
        let pairs: Vec<Labelled> =
            pairs.into_iter().map(|(k, value)| Labelled { label: t.t(k).to_owned(), values: vec![value] }).collect();
        self.paper.line("");
        self.paper.pairs("", &pairs);
    }

    fn duties(&mut self) {
        let (t, v) = (self.t, self.input.view);
        let (ours, others): (Vec<_>, Vec<_>) = v.duties.iter().partition(|d| d.ours);
        self.paper.heading(t.t("warning.duties-heading"));
        if ours.is_empty() {
            self.paper.para("  ", None, t.t("warning.no-duties"));
        }
        for d in &ours {
            self.duty(d);
        }
        if let Some(d) = ours.iter().find(|d| d.taken.is_none()).filter(|_| v.state != WarningState::Lifted) {
            let command = format!("watchfire warning duty {} {} --note …", v.warning, clean(&d.duty));
            self.paper.para("  → ", Some(Ink::Cyan), &command);
        }
        if !others.is_empty() {
            self.paper.line("");
            self.paper.para("", Some(Ink::Bold), t.t("warning.duties-of-others"));
            for d in others {
                self.duty(d);
            }
        }
    }

    fn duty(&mut self, d: &DutyView<'_>) {
        let t = self.t;
        let mark = match d.taken {
            Some(x) if x.done => "☑",
            Some(_) => "–",
            None => "☐",
        };
        let what = t.plan_text(&format!("duty.{}.name", d.duty), &d.duty);
        let with: [(&str, &dyn std::fmt::Display); 3] =
            [("what", &what), ("actor", &t.actor(&d.actor)), ("id", &clean(&d.duty))];
        let line = t.f("warning.duty-line", &with);
        self.paper.para(&format!("  {mark} "), None, &line);
        if let Some(x) = &d.taken {
            let line = self.taken(x);
            self.paper.para("    ", Some(Ink::Dim), &line);
        }
    }

    fn taken(&self, x: &Taken<'_>) -> String {
        let key = if x.done { "warning.duty-done" } else { "warning.duty-passed" };
        self.t.f(key, &[("at", &self.days.local(x.at)), ("note", &clean(x.note))])
    }

    fn contents(&mut self) {
        let (t, v) = (self.t, self.input.view);
        self.paper.heading(t.t("warning.contents-heading"));
        let form = judge::warning_form(self.input.plan, &v.text.regime);
        let known: Vec<&str> = form.map(|f| f.fields.iter().map(|x| x.id.as_str()).collect()).unwrap_or_default();
        let besides = v.text.fields.keys().map(String::as_str).filter(|k| !known.contains(k));
        let order: Vec<&str> = known.iter().copied().chain(besides).collect();
        for id in order {
            let name = form.map_or("", |f| f.id.as_str());
            let label = t.plan_text(&format!("form.{name}.field.{id}"), id);
            self.paper.para("  ", Some(Ink::Bold), &label);
            match v.text.fields.get(id) {
                // A warning is read to its end: its text is not cut.
                Some(FieldValue::Text { text }) => {
                    for line in text.lines() {
                        self.paper.para("    ", None, &harmless(line, usize::MAX, inert));
                    }
                }
                Some(FieldValue::Minute { at }) => self.paper.para("    ", None, &self.days.local(*at)),
                Some(FieldValue::Choice { choice }) => {
                    let word = t.plan_text(&format!("form.{name}.choice.{choice}"), choice);
                    self.paper.para("    ", None, &word);
                }
                Some(FieldValue::Number { number }) => self.paper.para("    ", None, &number.to_string()),
                Some(FieldValue::Size { bytes, records }) => {
                    let shown = [bytes, records].map(|n| n.map_or_else(|| "–".to_owned(), |n| n.to_string()));
                    self.paper.para("    ", None, &shown.join(" / "));
                }
                Some(FieldValue::NotYetKnown) => self.paper.para("    ", None, t.t("form-face.not-yet-known")),
                Some(FieldValue::None) => self.paper.para("    ", None, t.t("form-face.none")),
                None => self.paper.para("    ", Some(Ink::Yellow), t.t("form-face.missing")),
            }
        }
    }

    fn noted(&mut self) {
        let (t, v) = (self.t, self.input.view);
        self.paper.heading(t.t("warning.noted-heading"));
        if v.acknowledged.is_empty() {
            self.paper.para("  ", None, t.t("warning.nobody"));
            if v.state != WarningState::Lifted {
                let command = format!("watchfire warning ack {} --by …", v.warning);
                self.paper.para("  → ", Some(Ink::Cyan), &command);
            }
        }
        for a in v.acknowledged.iter().take(NOTED_MAX) {
            let with: [(&str, &dyn std::fmt::Display); 4] = [
                ("by", &if a.by.is_empty() { t.t("warning.unnamed").to_owned() } else { clean(a.by) }),
                ("at", &self.days.local(a.at)),
                ("node", &clean(a.node.as_str())),
                ("note", &clean(a.note)),
            ];
            self.paper.para("  ✓ ", None, &t.f("warning.noted-line", &with));
        }
        self.paper.more("incident.more", v.acknowledged.len().saturating_sub(NOTED_MAX));
        if !v.elsewhere.is_empty() {
            self.paper.line("");
            self.paper.para("", Some(Ink::Bold), t.t("warning.elsewhere"));
        }
        for x in v.elsewhere.iter().take(NOTED_MAX) {
            let what = t.plan_text(&format!("duty.{}.name", x.duty), x.duty);
            let mark = if x.done { "  ☑ " } else { "  – " };
            let line = format!("{what} · {} · {}", clean(x.node.as_str()), self.taken(x));
            self.paper.para(mark, None, &line);
        }
        self.paper.more("incident.more", v.elsewhere.len().saturating_sub(NOTED_MAX));
    }

    fn doubts(&mut self) {
        let t = self.t;
        let doubts = &self.input.view.doubts;
        if doubts.is_empty() {
            return;
        }
        self.paper.heading(&crate::incident::beside(t, t.t("report.doubts.heading"), &doubts.len()));
        for d in doubts.iter().take(DOUBTS_MAX) {
            self.paper.para("  ? ", None, &t.say(&d.say));
        }
        self.paper.more("incident.more", doubts.len().saturating_sub(DOUBTS_MAX));
    }
}

/// The list for a terminal.
#[must_use]
pub fn warning_list_text(plan: &CheckedPlan, list: &[WarningInput<'_>], lang: Lang, style: Style) -> String {
    let own = Own::default();
    let t = Tongue { lang, plan, own: &own };
    let days = Days::of(plan.calendar());
    let mut paper = Paper::new(t, style);
    paper.title(t.t("warning.list-title"));
    if list.is_empty() {
        paper.para("  ", None, t.t("warning.list-none"));
    }
    for input in list {
        let v = input.view;
        let (mark, ink) = match v.state {
            WarningState::InForce => ("! ", colour(input.level().map_or("", |l| l.colour.as_str()))),
            WarningState::Announced => ("· ", Ink::Bold),
            WarningState::Lifted => ("✓ ", Ink::Dim),
        };
        let head = format!("{}  {}", marked(t, v), t.incident_level(&v.text.regime, &v.text.level));
        if !v.knows_issuer() {
            paper.para("!! ", Some(Ink::Red), &issuer_unknown(t, v));
        }
        paper.para(mark, Some(ink), &head);
        paper.para("  ", None, &state(t, &days, v));
        let places = [
            places(t, &v.text.areas, "warning.everywhere"),
            places(t, &v.text.sectors, "warning.all-sectors"),
            t.actor(&v.text.issuer),
        ];
        paper.para("  ", Some(Ink::Dim), &places.join(" · "));
        let concern = t.code("warning.concern", v.concern().name());
        let with: [(&str, &dyn std::fmt::Display); 3] =
            [("concerns", &concern), ("open", &input.open_duties()), ("noted", &v.acknowledged.len())];
        paper.para("  ", None, &t.f("warning.list-line", &with));
    }
    paper.into_text()
}

/// The list as CSV (RFC 4180), a row a warning. No cell begins a formula.
#[must_use]
pub fn warnings_csv(plan: &CheckedPlan, list: &[WarningInput<'_>], lang: Lang) -> String {
    let own = Own::default();
    let t = Tongue { lang, plan, own: &own };
    let row = |i: &WarningInput<'_>| {
        let (v, level) = (i.view, i.level());
        let cells = [
            v.warning.to_owned(),
            v.state.name().to_owned(),
            v.text.regime.clone(),
            v.text.level.clone(),
            level.map(|l| l.numeral.clone()).unwrap_or_default(),
            level.map(|l| l.colour.clone()).unwrap_or_default(),
            t.incident_level(&v.text.regime, &v.text.level),
            origin(v.origin).to_owned(),
            v.text.issuer.clone(),
            v.node.to_string(),
            v.text.areas.join(" "),
            v.text.sectors.join("; "),
            v.text.start.to_string(),
            v.since.to_string(),
            v.lifted.map(|l| l.at.to_string()).unwrap_or_default(),
            v.concern().name().to_owned(),
            v.acknowledged.len().to_string(),
            i.open_duties().to_string(),
            v.doubts.len().to_string(),
        ];
        cells.iter().map(|c| safe(c)).collect()
    };
    write(std::iter::once(HEAD.map(str::to_owned).to_vec()).chain(list.iter().map(row)))
}

fn both(plan: &CheckedPlan, text: impl Fn(Tongue<'_>) -> String) -> Value {
    let own = Own::default();
    let of = |lang| text(Tongue { lang, plan, own: &own });
    json!({ "en": of(Lang::En), "zh-CN": of(Lang::Zh) })
}

/// One warning for programs: ids, codes and instants as they are, with the words of both languages beside them.
#[must_use]
pub fn warning_json(input: &WarningInput<'_>) -> Value {
    let (plan, v) = (input.plan, input.view);
    let taken = |x: &Taken<'_>| json!({"node": x.node, "duty": x.duty, "done": x.done, "at": x.at, "note": x.note});
    let duties: Vec<Value> = v
        .duties
        .iter()
        .map(|d| {
            let words = both(plan, |t| t.plan_text(&format!("duty.{}.name", d.duty), &d.duty));
            json!({"duty": d.duty, "actor": d.actor, "ours": d.ours, "taken": d.taken.as_ref().map(taken), "words": words})
        })
        .collect();
    let noted = v.acknowledged.iter().map(|a| json!({"node": a.node, "by": a.by, "at": a.at, "note": a.note}));
    let entries = v.entries.iter().map(|s| {
        json!({"at": s.at, "node": s.node, "record": s.leaf, "statement": s.statement, "author": s.entry.author, "what": s.what})
    });
    let lifted = v.lifted.map(|l| json!({"at": l.at, "reason": l.reason, "approval": l.approval}));
    let mut out = short(input);
    let more = json!({
        "as_of": input.now, "plan": plan.reference(), "text": v.text, "record": v.last.leaf, "version": v.version,
        "concerns_areas": v.concerns.0.name(), "concerns_sectors": v.concerns.1.name(), "lifted": lifted, "duties": duties,
        "elsewhere": v.elsewhere.iter().map(taken).collect::<Vec<_>>(), "acknowledged": noted.collect::<Vec<_>>(),
        "entries": entries.collect::<Vec<_>>(), "doubts": v.doubts,
    });
    if let (Some(out), Value::Object(more)) = (out.as_object_mut(), more) {
        out.extend(more);
    }
    out
}

fn short(input: &WarningInput<'_>) -> Value {
    let (v, level) = (input.view, input.level());
    json!({
        "warning": v.warning, "origin": v.origin, "state": v.state.name(), "regime": v.text.regime, "level": v.text.level,
        "numeral": level.map(|l| &l.numeral), "colour": level.map(|l| &l.colour),
        "words": both(input.plan, |t| t.incident_level(&v.text.regime, &v.text.level)),
        "issuer": v.text.issuer, "node": v.node, "issued": v.issued_at, "since": v.since, "start": v.text.start,
        "areas": v.text.areas, "sectors": v.text.sectors, "concerns": v.concern().name(),
        "duties_open": input.open_duties(), "acknowledged_count": v.acknowledged.len(),
    })
}

/// The list, a short form of each.
#[must_use]
pub fn warning_list_json(list: &[WarningInput<'_>]) -> Value {
    json!({ "warnings": list.iter().map(short).collect::<Vec<_>>() })
}

/// The page that the plan's form describes; `None` if the plan has no form for warnings of that regime. Its code is made of the leaf of the entry that says what stands
/// there, in the log of the node that issued it.
#[must_use]
pub fn warning_html(input: &WarningInput<'_>, lang: Lang) -> Option<String> {
    let v = input.view;
    let of = judge::warning_form(input.plan, &v.text.regime)?;
    let missing = judge::missing_fields(of, &v.text.fields);
    let leaf: Digest = v.last.statement.unwrap_or(v.last.leaf);
    let fields = on_paper(input, lang);
    let input = FormInput {
        plan: input.plan,
        form: of,
        serial: v.warning,
        version: v.version,
        state: if v.lifted.is_some() { form::FormState::Void } else { form::FormState::Frozen },
        digest: Some(leaf),
        fields: &fields,
        missing: &missing,
        incident: "",
        title: "",
        printed: input.now,
        seal: false,
        drill: v.origin != Origin::Live,
    };
    Some(form::form_html(&input, lang))
}

/// The fields of the form; and, under their names in the reader's language, what the form has no field for and nobody who reads the paper may miss.
fn on_paper(input: &WarningInput<'_>, lang: Lang) -> BTreeMap<String, FieldValue> {
    let own = Own::default();
    let t = Tongue { lang, plan: input.plan, own: &own };
    let (v, days) = (input.view, Days::of(input.plan.calendar()));
    let mut fields = v.text.fields.clone();
    let mut add = |key: &str, text: String| {
        let label = t.t(key).trim_end_matches([':', '：']).to_owned();
        fields.entry(label).or_insert(FieldValue::Text { text });
    };
    add("warning.areas", places(t, &v.text.areas, "warning.everywhere"));
    add("warning.sectors", places(t, &v.text.sectors, "warning.all-sectors"));
    if let Some(c) = &v.text.approval {
        add("warning.approval", consent(t, &days, c));
    }
    if v.lifted.is_some() {
        add("warning.lifted", state(t, &days, v));
    }
    fields
}

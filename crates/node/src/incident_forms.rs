//! Official forms of an incident: drafted from what is known, reviewed, frozen, printed, sealed, sent.
//!
//! The contacts of whoever reports are kept in `profile.toml` of the node's home; each form that is drafted carries its own copy of them into the log, as
//! the paper that is signed does.

use crate::incident_words::text;
use crate::incidents::{IncidentFile, KeptIncident};
use crate::{Node, NodeError, home};
use evidence::{
    Answered, Catalogue, Digest, Document, FieldValue, FormMove, FormRef, FormStep, FrozenForm, Happening,
    IncidentJudgement, Say,
};
use judge::{FormState, FormView, IncidentView};
use plan::{CheckedPlan, Days, DimensionKind, FieldRule, Form, FormField};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Longest text of a field, in characters.
const FIELD_CHARS_MAX: usize = 20_000;
/// Digits of the code on the paper.
const CODE_DIGITS: usize = 12;
/// Largest file of the profile, in bytes.
const PROFILE_BYTES_MAX: u64 = 1 << 16;
/// Name of the profile in the node's home.
const PROFILE: &str = "profile.toml";
/// Bytes of a gigabyte, as the official forms count (decimal).
const GIGABYTE: i64 = 1_000_000_000;

/// Who reports, for the head of forms; and what an incident of this node is by default.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// Full name of who reports: the enterprise.
    pub name: String,
    /// Unit that incidents concern, if it is another than that.
    pub unit: String,
    /// Contact person.
    pub contact: String,
    /// Their telephone.
    pub mobile: String,
    /// What this node is towards the plan's clocks.
    pub actors: Vec<String>,
    /// Branches that its incidents concern.
    pub branches: Vec<String>,
    /// Areas that it lies in or answers for; warnings about others do not concern it.
    pub areas: Vec<String>,
    /// Its sectors.
    pub sectors: Vec<String>,
}

impl Profile {
    /// Reads it from the node's home; an empty one if there is none.
    pub fn load(home: &Path) -> Result<Self, NodeError> {
        let path = home.join(PROFILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        let bytes = home::read(&path, PROFILE_BYTES_MAX)?;
        let text = String::from_utf8(bytes)
            .map_err(|e| NodeError::NotUtf8 { path: path.clone(), at: e.utf8_error().valid_up_to() })?;
        toml::from_str(&text).map_err(|e| {
            let say = Say::new("error.profile").with("path", path.display()).with("why", e.message());
            NodeError::Entry(say)
        })
    }

    /// Writes it into the node's home, for its owner alone: it names people.
    pub fn save(&self, home: &Path) -> Result<(), NodeError> {
        let text = toml::to_string(self).map_err(|e| NodeError::Internal(e.to_string()))?;
        let path = home.join(PROFILE);
        home::write(&path, text.as_bytes())?;
        use std::os::unix::fs::PermissionsExt as _;
        let only_owner = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&path, only_owner).map_err(|e| NodeError::io(&path, &e))
    }
}

/// What somebody wants of a form.
pub struct Drafting<'a> {
    /// Id of a form of the plan, or a stage: `initial`, `progress`, `summary`.
    pub form: &'a str,
    /// Regime, if the stage is one of several regimes'; the plan's first otherwise.
    pub regime: Option<&'a str>,
    /// Fields and values as typed.
    pub set: &'a [(String, String)],
    /// A new form of this kind, filled from the one before.
    pub next: bool,
    /// Change one that is frozen: what was frozen and sealed is void.
    pub amend: bool,
}

/// A form after a step.
pub struct FormDone {
    /// The incident.
    pub kept: KeptIncident,
    /// The form's serial.
    pub serial: String,
}

/// The code that stands on the paper of a frozen form: twelve digits of its digest, in groups of four.
#[must_use]
pub fn code_of(digest: Digest) -> String {
    let hex: Vec<char> = digest.hex().chars().take(CODE_DIGITS).collect();
    hex.chunks(4).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

fn refused(key: &str, value: &str) -> NodeError {
    NodeError::Entry(Say::new(format!("error.{key}")).with("value", attest::clean(value)))
}

/// The form that is meant by an id or a stage.
fn form_of<'p>(plan: &'p CheckedPlan, d: &Drafting<'_>) -> Result<&'p Form, NodeError> {
    if let Some(f) = plan.forms().iter().find(|f| f.id == d.form) {
        return Ok(f);
    }
    let first = plan.regimes().first().map(|r| r.id.as_str());
    let regime = d.regime.or(first).unwrap_or_default();
    let staged = plan.forms().iter().find(|f| f.regime == regime && f.stages.iter().any(|s| s == d.form));
    staged.ok_or_else(|| {
        let known = plan.forms().iter().filter(|f| !f.regime.is_empty());
        let known: Vec<String> = known.map(|f| format!("{} ({})", f.id, f.stages.join(", "))).collect();
        let say = Say::new("error.incident-form").with("value", attest::clean(d.form));
        NodeError::Entry(say.with("known", known.join("; ")))
    })
}

impl Node {
    /// Drafts a form: what is known fills it, what was typed replaces that.
    pub fn form_draft(
        &self,
        plan: &CheckedPlan,
        file: IncidentFile,
        d: &Drafting<'_>,
        author: Option<&str>,
    ) -> Result<FormDone, NodeError> {
        let form = form_of(plan, d)?;
        let now = file.now();
        let view = file.view(plan, now).ok_or_else(|| refused("unknown-incident", &file.id))?;
        let judgement = file.judge(plan, now).ok_or_else(|| refused("unknown-incident", &file.id))?;
        // In the order of their numbers: the view sorts `…/10` after `…/9`.
        let kin: Vec<&FormView<'_>> = view.forms.iter().filter(|f| f.form == form.id).collect();
        let before = kin.iter().rev().find(|f| f.state != FormState::Void).copied();
        let firm = before.is_some_and(|b| b.digest.is_some());
        if firm && !d.next && !d.amend {
            let serial = before.map_or("", |b| b.serial);
            if d.set.is_empty() {
                let serial = serial.to_owned();
                return Ok(FormDone { kept: KeptIncident { file, judgement, leaf: None }, serial });
            }
            return Err(refused("form-frozen", serial));
        }
        let serial = match before {
            Some(b) if !d.next => b.serial.to_owned(),
            _ => format!("{}/{}/{}", file.id, form.id, kin.len() + 1),
        };
        let mut fields = before.map(|b| b.fields.clone()).unwrap_or_default();
        let profile = Profile::load(self.store().home())?;
        let catalogue = self.catalogue(None)?.map(|k| k.catalogue);
        let known = Known {
            plan,
            view: &view,
            judgement: &judgement,
            profile: &profile,
            touched: touched(plan, &view, catalogue.as_ref()),
            hosts: self.scope()?.map(|s| s.entries).unwrap_or_default(),
        };
        for f in &form.fields {
            let open = matches!(fields.get(&f.id), None | Some(FieldValue::NotYetKnown));
            if let Some(value) = known.fill(f).filter(|_| open) {
                fields.insert(f.id.clone(), value);
            }
            // What may be unknown and is not known yet says so: an empty line looks forgotten.
            if f.may_be_unknown {
                fields.entry(f.id.clone()).or_insert(FieldValue::NotYetKnown);
            }
        }
        let days = Days::of(plan.calendar());
        for (name, typed) in d.set {
            let field = form.fields.iter().find(|f| &f.id == name).ok_or_else(|| {
                let known: Vec<&str> = form.fields.iter().map(|f| f.id.as_str()).collect();
                let say = Say::new("error.form-field").with("value", attest::clean(name)).with("form", &form.id);
                NodeError::Entry(say.with("known", known.join(", ")))
            })?;
            fields.insert(field.id.clone(), value(field, typed, &days)?);
        }
        let step = FormStep { serial: serial.clone(), form: form.id.clone(), step: FormMove::Drafted { fields } };
        drop(view);
        let kept = self.incident_add(plan, file, vec![Happening::Form(step)], author)?;
        Ok(FormDone { kept, serial })
    }

    /// Says that a second person read a form.
    pub fn form_review(
        &self,
        plan: &CheckedPlan,
        serial: &str,
        reviewer: &str,
        author: Option<&str>,
    ) -> Result<FormDone, NodeError> {
        let reviewer = attest::clean(reviewer);
        self.form_step(plan, serial, author, |_, _, view| {
            let drafters = view.drafter();
            if reviewer.is_empty() || reviewer == drafters {
                return Err(refused("form-own-review", &reviewer));
            }
            Ok(FormMove::Reviewed { reviewer: reviewer.clone() })
        })
    }

    /// Freezes a form: from now on it is known by its digest.
    pub fn form_freeze(&self, plan: &CheckedPlan, serial: &str, author: Option<&str>) -> Result<FormDone, NodeError> {
        self.form_step(plan, serial, author, |form, incident, view| {
            let missing = judge::missing_fields(form, view.fields);
            if !missing.is_empty() {
                let say = Say::new("error.form-missing").with("value", view.serial).with("fields", missing.join(", "));
                return Err(NodeError::Entry(say));
            }
            if view.state < FormState::Reviewed {
                return Err(refused("form-not-reviewed", view.serial));
            }
            let frozen = FrozenForm {
                fields: view.fields,
                form: &form.id,
                incident,
                plan: plan.digest(),
                serial: view.serial,
                version: view.version,
            };
            let digest = FormRef::digest_of(&frozen).map_err(|e| NodeError::Internal(e.to_string()))?;
            Ok(FormMove::Frozen { digest, plan: plan.digest() })
        })
    }

    /// Says that a frozen form was printed.
    pub fn form_printed(&self, plan: &CheckedPlan, serial: &str, author: Option<&str>) -> Result<FormDone, NodeError> {
        self.form_step(plan, serial, author, |_, _, view| match view.digest {
            Some(_) => Ok(FormMove::Printed),
            None => Err(refused("form-not-frozen", view.serial)),
        })
    }

    /// Binds the scan of the signed or sealed paper to the frozen form whose code stands on it.
    pub fn form_seal(
        &self,
        plan: &CheckedPlan,
        serial: &str,
        (scan, signatory, code): (Document, &str, &str),
        author: Option<&str>,
    ) -> Result<FormDone, NodeError> {
        let signatory = attest::clean(signatory);
        self.form_step(plan, serial, author, |_, _, view| {
            let digest = view.digest.ok_or_else(|| refused("form-not-frozen", view.serial))?;
            let plain = |t: &str| t.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
            if plain(code) != plain(&code_of(digest)) {
                return Err(refused("form-code", code));
            }
            if signatory.is_empty() {
                return Err(refused("form-signatory", view.serial));
            }
            Ok(FormMove::Sealed { scan: scan.clone(), signatory: signatory.clone(), digest })
        })
    }

    /// Takes a form out of use.
    pub fn form_void(
        &self,
        plan: &CheckedPlan,
        serial: &str,
        reason: &str,
        author: Option<&str>,
    ) -> Result<FormDone, NodeError> {
        let reason = text("--reason", reason, FIELD_CHARS_MAX)?;
        self.form_step(plan, serial, author, |_, _, _| Ok(FormMove::Voided { reason: reason.clone() }))
    }

    fn form_step(
        &self,
        plan: &CheckedPlan,
        serial: &str,
        author: Option<&str>,
        step: impl Fn(&Form, &str, &FormView<'_>) -> Result<FormMove, NodeError>,
    ) -> Result<FormDone, NodeError> {
        let unknown = || refused("unknown-form", serial);
        let file = self.incident_for_writing(serial.split('/').next().unwrap_or_default()).map_err(|_| unknown())?;
        let now = file.now();
        let view = file.view(plan, now).ok_or_else(unknown)?;
        let of = view.forms.iter().find(|f| f.serial == serial).ok_or_else(unknown)?;
        if of.state == FormState::Void {
            return Err(refused("form-void", serial));
        }
        let form = plan.forms().iter().find(|f| f.id == of.form).ok_or_else(unknown)?;
        let step = FormStep { serial: serial.to_owned(), form: form.id.clone(), step: step(form, &file.id, of)? };
        drop(view);
        let kept = self.incident_add(plan, file, vec![Happening::Form(step)], author)?;
        Ok(FormDone { kept, serial: serial.to_owned() })
    }
}

/// The frozen form of a serial, for a report that hands it over; refused while it may not be sent.
pub fn form_reference(plan: &CheckedPlan, file: &IncidentFile, serial: &str) -> Result<FormRef, NodeError> {
    let now = file.now();
    let view = file.view(plan, now).ok_or_else(|| refused("unknown-incident", &file.id))?;
    let of = view.forms.iter().find(|f| f.serial == serial).ok_or_else(|| refused("unknown-form", serial))?;
    if of.state == FormState::Void {
        return Err(refused("form-void", serial));
    }
    let digest = of.digest.ok_or_else(|| refused("form-not-frozen", serial))?;
    Ok(FormRef { serial: serial.to_owned(), digest })
}

/// A form of an incident as the faces of paper want it, handed to `show`.
pub fn form_shown<R>(
    plan: &CheckedPlan,
    file: &IncidentFile,
    serial: &str,
    show: impl FnOnce(&report::form::FormInput<'_>) -> R,
) -> Result<R, NodeError> {
    use report::form::FormState as Paper;
    let unknown = || refused("unknown-form", serial);
    let as_of = file.now();
    let view = file.view(plan, as_of).ok_or_else(unknown)?;
    let of = view.forms.iter().find(|f| f.serial == serial).ok_or_else(unknown)?;
    let form = plan.forms().iter().find(|f| f.id == of.form).ok_or_else(unknown)?;
    let missing = judge::missing_fields(form, of.fields);
    let state = match of.state {
        FormState::Draft => Paper::Draft,
        FormState::Reviewed => Paper::Reviewed,
        FormState::Frozen | FormState::Printed => Paper::Frozen,
        FormState::Sealed => Paper::Sealed,
        FormState::Void => Paper::Void,
    };
    Ok(show(&report::form::FormInput {
        plan,
        form,
        serial: of.serial,
        version: of.version,
        state,
        digest: of.digest,
        fields: of.fields,
        missing: &missing,
        incident: view.incident,
        title: &view.opened.title,
        printed: home::now(),
        seal: judge::must_be_sealed(plan, &file.records, view.incident, form, as_of),
        drill: view.origin == evidence::Origin::Drill,
    }))
}

/// What assets that the incident touches amount to.
#[derive(Default)]
struct Touched {
    level: Option<String>,
    bytes: Option<i64>,
    records: Option<i64>,
}

/// A report names the larger number where one is not exactly known.
fn most(span: &evidence::Span) -> u64 {
    span.most.unwrap_or(span.least)
}

fn touched(plan: &CheckedPlan, view: &IncidentView<'_>, catalogue: Option<&Catalogue>) -> Touched {
    let dimension = plan.dimensions().iter().find(|d| d.kind == DimensionKind::DataLevel);
    let level = dimension.and_then(|d| match view.answers.get(d.id.as_str()) {
        Some(Answered::Chosen { value, .. }) => Some(value.clone()),
        _ => None,
    });
    let mut out = Touched { level, ..Touched::default() };
    let Some(catalogue) = catalogue else { return out };
    for id in asset_ids(view) {
        let Some(asset) = catalogue.assets.iter().find(|a| a.id.hex() == id) else { continue };
        let add = |sum: Option<i64>, n: u64| Some(sum.unwrap_or(0).saturating_add(i64::try_from(n).unwrap_or(0)));
        out.records = add(out.records, most(&asset.size.records));
        if let Some(bytes) = &asset.size.bytes {
            out.bytes = add(out.bytes, most(bytes));
        }
    }
    out
}

/// Ids of the assets that the incident touches.
pub(crate) fn asset_ids(view: &IncidentView<'_>) -> Vec<String> {
    let seen = view.entries.iter().filter_map(|(_, e)| match &e.what {
        Happening::Seen(s) if s.source == "asset" => Some(s.id.clone()),
        _ => None,
    });
    let mut ids: Vec<String> = seen.collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Everything that a form can be filled from.
struct Known<'a> {
    plan: &'a CheckedPlan,
    view: &'a IncidentView<'a>,
    judgement: &'a IncidentJudgement,
    profile: &'a Profile,
    touched: Touched,
    hosts: Vec<evidence::ScopeEntry>,
}
impl Known<'_> {
    fn fill(&self, f: &FormField) -> Option<FieldValue> {
        let (source, name) = f.prefill.split_once('.').unwrap_or((&f.prefill, ""));
        let words = |text: &str| {
            let text = text.to_owned();
            (!text.is_empty()).then_some(FieldValue::Text { text })
        };
        let value = match source {
            "title" => words(&self.view.opened.title),
            "moment" => self.view.moments.get(name).map(|m| FieldValue::Minute { at: m.at }),
            "answer" => self.answer(name, &f.kind),
            "grade" => self.grade(name, &f.kind),
            "profile" => match name {
                "unit" if self.profile.unit.is_empty() => words(&self.profile.name),
                "unit" => words(&self.profile.unit),
                "name" => words(&self.profile.name),
                "contact" => words(&self.profile.contact),
                "mobile" => words(&self.profile.mobile),
                _ => None,
            },
            "catalogue" => match (name, &f.kind) {
                ("level", _) => self.touched.level.clone().map(|choice| FieldValue::Choice { choice }),
                (_, FieldRule::GigabytesAndRecords) => {
                    let (bytes, records) = (self.touched.bytes, self.touched.records);
                    (bytes.is_some() || records.is_some()).then_some(FieldValue::Size { bytes, records })
                }
                _ => None,
            },
            "host" => {
                let hosts = self.hosts.iter().filter(|e| e.kind == evidence::ScopeKind::Host);
                let named: Vec<&str> = hosts.map(|e| e.id.as_str()).filter(|h| self.names(h)).collect();
                words(&named.join(", "))
            }
            _ => None,
        };
        // A choice that the form does not offer is none.
        value.filter(|v| match (v, &f.kind) {
            (FieldValue::Choice { choice }, FieldRule::Choice(choices)) => choices.contains(choice),
            (FieldValue::Choice { .. }, _) => false,
            (FieldValue::Minute { .. }, kind) => *kind == FieldRule::Minute,
            (FieldValue::Text { .. }, kind) => *kind == FieldRule::Text,
            _ => true,
        })
    }

    /// Hosts of the scope that something seen names: the others are not touched.
    fn names(&self, host: &str) -> bool {
        let seen = |e: &&(Digest, &evidence::IncidentEntry)| match &e.1.what {
            Happening::Seen(s) => s.text.split([' ', '·', ',']).any(|w| w == host),
            _ => false,
        };
        self.view.entries.iter().any(|e| seen(&e))
    }

    fn answer(&self, name: &str, kind: &FieldRule) -> Option<FieldValue> {
        match (*self.view.answers.get(name)?, kind) {
            (Answered::Number { least: Some(a), most: Some(b) }, FieldRule::Number) if a == b => {
                Some(FieldValue::Number { number: *a })
            }
            (Answered::Chosen { value, .. }, FieldRule::Choice(_)) => {
                Some(FieldValue::Choice { choice: value.clone() })
            }
            (Answered::Chosen { reason, .. }, FieldRule::Text) => Some(FieldValue::Text { text: reason.clone() }),
            _ => None,
        }
    }

    fn grade(&self, regime: &str, kind: &FieldRule) -> Option<FieldValue> {
        let g = self.judgement.grades.iter().find(|g| g.regime == regime)?;
        if g.at_least != g.at_most {
            return None;
        }
        match kind {
            FieldRule::Choice(_) => Some(FieldValue::Choice { choice: g.at_least.clone() }),
            _ => {
                let level = self.plan.incident_levels().iter().find(|l| l.regime == regime && l.id == g.at_least)?;
                Some(FieldValue::Text { text: level.numeral.clone() })
            }
        }
    }
}

/// Reads what somebody typed for a field.
pub(crate) fn value(f: &FormField, typed: &str, days: &Days) -> Result<FieldValue, NodeError> {
    let typed = typed.trim();
    let bad = |known: &str| {
        let say = Say::new("error.form-value").with("field", &f.id).with("value", attest::clean(typed));
        NodeError::Entry(say.with("known", known))
    };
    if matches!(typed, "unknown" | "尚不明确") {
        return if f.may_be_unknown {
            Ok(FieldValue::NotYetKnown)
        } else {
            Err(NodeError::Entry(Say::new("error.form-must-know").with("field", &f.id)))
        };
    }
    if matches!(typed, "none" | "无") && f.optional {
        return Ok(FieldValue::None);
    }
    match &f.kind {
        FieldRule::Text => Ok(FieldValue::Text { text: text(&f.id, typed, FIELD_CHARS_MAX)? }),
        FieldRule::Minute => {
            let at = typed.parse().ok().or_else(|| days.read(typed)).ok_or_else(|| bad("2026-11-29 20:30"))?;
            Ok(FieldValue::Minute { at })
        }
        FieldRule::Choice(choices) => match choices.iter().find(|c| c.eq_ignore_ascii_case(typed)) {
            Some(choice) => Ok(FieldValue::Choice { choice: choice.clone() }),
            None => Err(bad(&choices.join(", "))),
        },
        FieldRule::Number => {
            let plain: String = typed.chars().filter(|c| !matches!(c, ',' | '_' | ' ')).collect();
            let number = plain.parse().ok().filter(|n| (0..=evidence::canonical::INTEGER_MAX).contains(n));
            Ok(FieldValue::Number { number: number.ok_or_else(|| bad("12000"))? })
        }
        FieldRule::GigabytesAndRecords => size(typed).ok_or_else(|| bad("12.5GB/30000, 12.5GB, 30000")),
    }
}

/// `12.5GB/30000`, `800MB`, `30000`.
fn size(typed: &str) -> Option<FieldValue> {
    let (mut bytes, mut records) = (None, None);
    for part in typed.split(['/', '，']) {
        let part: String = part.chars().filter(|c| !matches!(c, ',' | '_' | ' ')).collect::<String>().to_uppercase();
        let units = [("GB", GIGABYTE), ("MB", GIGABYTE / 1000), ("TB", GIGABYTE * 1000), ("KB", 1000)];
        match units.iter().find_map(|(unit, scale)| Some((part.strip_suffix(unit)?, scale))) {
            Some((number, scale)) if bytes.is_none() => bytes = Some(scaled(number, *scale)?),
            Some(_) => return None,
            None if records.is_none() => {
                let number = part.strip_suffix('条').unwrap_or(&part);
                records =
                    Some(number.parse::<i64>().ok().filter(|n| (0..=evidence::canonical::INTEGER_MAX).contains(n))?);
            }
            None => return None,
        }
    }
    Some(FieldValue::Size { bytes, records })
}

/// A decimal number times a power of ten, exactly; nothing finer than one is kept.
fn scaled(number: &str, scale: i64) -> Option<i64> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || !whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit()) || part.len() > 12 {
        return None;
    }
    let mut out = whole.parse::<i64>().ok()?.checked_mul(scale)?;
    let mut place = scale;
    for digit in part.bytes() {
        place /= 10;
        out = out.checked_add(i64::from(digit - b'0').checked_mul(place)?)?;
    }
    (out <= evidence::canonical::INTEGER_MAX).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_without_fractions_of_a_byte() {
        let gb = |bytes, records| Some(FieldValue::Size { bytes, records });
        assert_eq!(size("12.5GB/30000"), gb(Some(12_500_000_000), Some(30_000)));
        assert_eq!(size("0.000000001 GB"), gb(Some(1), None));
        assert_eq!(size("30,000条"), gb(None, Some(30_000)));
        assert_eq!(size("800MB"), gb(Some(800_000_000), None));
        for bad in ["", "GB", "-1GB", "1GB/2GB", "1/2", "1e3", "99999999999999999999"] {
            assert_eq!(size(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_code_is_twelve_digits_of_the_digest() {
        let digest = Digest([0xab; 32]);
        assert_eq!(code_of(digest), "abab-abab-abab");
    }
}

//! How far each form has come: drafted, reviewed, frozen, printed, sealed, void.

use super::fold::Entry;
use crate::choose::doubt;
use evidence::{
    Digest, Doubt, FieldValue, FormMove, FormRef, FormStep, FrozenForm, Happening, IncidentEntry, Reported, Say, Time,
};
use plan::{CheckedPlan, FieldRule, Form};
use std::collections::BTreeMap;

/// How far a form has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FormState {
    /// Filled in, may change.
    Draft,
    /// A second person read it.
    Reviewed,
    /// May not change under its digest.
    Frozen,
    /// On paper.
    Printed,
    /// Signed or sealed, scanned back.
    Sealed,
    /// Not to be used any more.
    Void,
}
impl FormState {
    /// In the order of the way.
    pub const ALL: [FormState; 6] =
        [Self::Draft, Self::Reviewed, Self::Frozen, Self::Printed, Self::Sealed, Self::Void];
    /// The name in word keys and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Reviewed => "reviewed",
            Self::Frozen => "frozen",
            Self::Printed => "printed",
            Self::Sealed => "sealed",
            Self::Void => "void",
        }
    }
}

/// A form of an incident as it stands.
#[derive(Clone, Debug)]
pub struct FormView<'a> {
    /// Its serial.
    pub serial: &'a str,
    /// Form of the plan.
    pub form: &'a str,
    /// Counts the drafts that differed, from 1.
    pub version: u32,
    /// How far.
    pub state: FormState,
    /// What was frozen in this version.
    pub digest: Option<Digest>,
    /// The fields of this version.
    pub fields: &'a BTreeMap<String, FieldValue>,
    /// A change voided what had been frozen or sealed, and it was not frozen again since.
    pub voided_seal: bool,
    frozen_at: Option<Time>,
    drafter: &'a str,
}
impl<'a> FormView<'a> {
    /// Who drafted this version: nobody reviews what they wrote themselves.
    #[must_use]
    pub fn drafter(&self) -> &'a str {
        self.drafter
    }
}

/// How a form stood when somebody wrote down that it was handed over. What becomes of it later changes nothing about that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct HandedOver {
    /// When it was frozen under the digest that the report names; `None` if it was not, or was void.
    pub(crate) frozen: Option<Time>,
    /// It was signed or sealed.
    pub(crate) sealed: bool,
}

/// The forms of an incident.
pub(crate) struct Forms<'a> {
    pub(crate) views: Vec<FormView<'a>>,
    /// By the leaf of the report.
    pub(crate) handed_over: BTreeMap<Digest, HandedOver>,
    pub(crate) doubts: Vec<Doubt>,
}

/// Folds the steps of all forms.
pub(crate) fn fold<'a>(plan: &CheckedPlan, entries: &[Entry<'a>]) -> Forms<'a> {
    let mut forms: BTreeMap<&'a str, FormView<'a>> = BTreeMap::new();
    let mut handed_over = BTreeMap::new();
    let mut doubts = Vec::new();
    for (leaf, e) in entries {
        let step = match &e.what {
            Happening::Form(step) => step,
            Happening::Reported(Reported { form: Some(r), .. }) => {
                let view = forms.get(r.serial.as_str()).filter(|v| v.state != FormState::Void);
                let view = view.filter(|v| v.digest == Some(r.digest));
                let frozen = view.and_then(|v| v.frozen_at);
                let sealed = view.is_some_and(|v| v.state == FormState::Sealed);
                handed_over.insert(*leaf, HandedOver { frozen, sealed });
                continue;
            }
            _ => continue,
        };
        let refused = match (&step.step, forms.get_mut(step.serial.as_str())) {
            (FormMove::Drafted { fields }, None) => {
                let view = FormView {
                    serial: &step.serial,
                    form: &step.form,
                    version: 1,
                    state: FormState::Draft,
                    digest: None,
                    fields,
                    voided_seal: false,
                    frozen_at: None,
                    drafter: &e.author.name,
                };
                forms.insert(&step.serial, view);
                None
            }
            (_, None) => Some("doubt.form-no-draft"),
            (_, Some(view)) if view.form != step.form => Some("doubt.form-other"),
            (_, Some(view)) => advance(plan, view, step, e),
        };
        if matches!(step.step, FormMove::Reviewed { .. }) && refused.is_none() {
            let say = Say::new("doubt.form-typed-reviewer").with("serial", &step.serial);
            doubts.push(doubt(say, Some(*leaf)));
        }
        if let Some(key) = refused {
            doubts.push(doubt(Say::new(key).with("serial", &step.serial), Some(*leaf)));
        }
    }
    let mut views: Vec<FormView<'a>> = forms.into_values().collect();
    // `…/10` comes after `…/9`.
    views.sort_by_key(|v| (v.form, v.serial.rsplit('/').next().and_then(|n| n.parse::<u64>().ok()), v.serial));
    Forms { views, handed_over, doubts }
}

fn advance<'a>(
    plan: &CheckedPlan,
    view: &mut FormView<'a>,
    step: &'a FormStep,
    e: &'a IncidentEntry,
) -> Option<&'static str> {
    match &step.step {
        FormMove::Drafted { fields } if fields == view.fields && view.state != FormState::Void => {}
        FormMove::Drafted { fields } => {
            // Until it is frozen again: the old paper is still out there.
            view.voided_seal |= view.state > FormState::Reviewed;
            view.version += 1;
            (view.state, view.digest, view.frozen_at) = (FormState::Draft, None, None);
            (view.fields, view.drafter) = (fields, &e.author.name);
        }
        FormMove::Voided { .. } => view.state = FormState::Void,
        _ if view.state == FormState::Void => return Some("doubt.form-void"),
        FormMove::Reviewed { reviewer } => {
            if reviewer.trim().is_empty() || reviewer == view.drafter {
                return Some("doubt.form-own-review");
            }
            view.state = view.state.max(FormState::Reviewed);
        }
        FormMove::Frozen { digest, plan: of } => {
            if view.state < FormState::Reviewed {
                return Some("doubt.form-not-reviewed");
            }
            // What a later plan asks for is nothing against a form of the plan that was in force then.
            let missing = plan.forms().iter().find(|f| f.id == view.form).map(|f| missing_fields(f, view.fields));
            if *of == plan.digest() && missing.is_none_or(|m| !m.is_empty()) {
                return Some("doubt.form-incomplete");
            }
            if frozen(*of, &e.incident, view) != Some(*digest) {
                return Some("doubt.form-digest");
            }
            view.digest = Some(*digest);
            view.frozen_at = Some(e.stated_at);
            view.voided_seal = false;
            view.state = view.state.max(FormState::Frozen);
        }
        FormMove::Printed if view.digest.is_none() => return Some("doubt.form-not-frozen"),
        FormMove::Printed => view.state = view.state.max(FormState::Printed),
        FormMove::Sealed { digest, .. } => {
            if view.digest != Some(*digest) {
                return Some("doubt.form-digest");
            }
            view.state = FormState::Sealed;
        }
    }
    None
}

fn frozen(plan: Digest, incident: &str, view: &FormView<'_>) -> Option<Digest> {
    let frozen =
        FrozenForm { fields: view.fields, form: view.form, incident, plan, serial: view.serial, version: view.version };
    FormRef::digest_of(&frozen).ok()
}

/// Fields that still lack a value that the plan demands, in the form's order.
#[must_use]
pub fn missing_fields(form: &Form, fields: &BTreeMap<String, FieldValue>) -> Vec<String> {
    let lacks = |f: &&plan::FormField| match (&f.kind, fields.get(&f.id)) {
        (_, None | Some(FieldValue::None)) => !f.optional,
        (_, Some(FieldValue::NotYetKnown)) => !f.may_be_unknown,
        (FieldRule::Text, Some(FieldValue::Text { text })) => text.trim().is_empty() && !f.optional,
        (FieldRule::Minute, Some(FieldValue::Minute { .. })) => false,
        (FieldRule::Choice(choices), Some(FieldValue::Choice { choice })) => !choices.contains(choice),
        (FieldRule::Number, Some(FieldValue::Number { number })) => *number < 0,
        (FieldRule::GigabytesAndRecords, Some(FieldValue::Size { bytes, records })) => {
            (bytes.is_none() && records.is_none()) || bytes.is_some_and(|b| b < 0) || records.is_some_and(|r| r < 0)
        }
        _ => true,
    };
    form.fields.iter().filter(lacks).map(|f| f.id.clone()).collect()
}

//! How far each form has come: drafted, reviewed, frozen, printed, sealed, void.

use super::fold::Entry;
use crate::choose::doubt;
use evidence::{Authenticated, Digest, Doubt, FieldValue, FormMove, FormRef, FormStep, FrozenForm, Happening, Say};
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
    /// The newest change voided what had been frozen or sealed.
    pub voided_seal: bool,
    drafter: &'a str,
}
impl<'a> FormView<'a> {
    /// Who drafted this version: nobody reviews what they wrote themselves.
    #[must_use]
    pub fn drafter(&self) -> &'a str {
        self.drafter
    }
}

/// Folds the steps of all forms.
pub(crate) fn fold<'a>(plan: &CheckedPlan, entries: &[Entry<'a>]) -> (Vec<FormView<'a>>, Vec<Doubt>) {
    let mut forms: BTreeMap<&'a str, FormView<'a>> = BTreeMap::new();
    let mut doubts = Vec::new();
    for (leaf, e) in entries {
        let Happening::Form(step) = &e.what else { continue };
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
                    drafter: &e.author.name,
                };
                forms.insert(&step.serial, view);
                None
            }
            (_, None) => Some("doubt.form-no-draft"),
            (_, Some(view)) if view.form != step.form => Some("doubt.form-other"),
            (_, Some(view)) => advance(plan, view, step, &e.incident, (&e.author.name, &e.author.authenticated)),
        };
        if let Some(key) = refused {
            doubts.push(doubt(Say::new(key).with("serial", &step.serial), Some(*leaf)));
        }
    }
    (forms.into_values().collect(), doubts)
}

fn advance<'a>(
    plan: &CheckedPlan,
    view: &mut FormView<'a>,
    step: &'a FormStep,
    incident: &str,
    author: (&'a str, &Authenticated),
) -> Option<&'static str> {
    match &step.step {
        FormMove::Drafted { fields } if fields == view.fields && view.state != FormState::Void => {}
        FormMove::Drafted { fields } => {
            view.voided_seal = view.state > FormState::Reviewed;
            view.version += 1;
            (view.state, view.digest, view.fields, view.drafter) = (FormState::Draft, None, fields, author.0);
        }
        FormMove::Voided { .. } => view.state = FormState::Void,
        _ if view.state == FormState::Void => return Some("doubt.form-void"),
        FormMove::Reviewed { reviewer } => {
            if reviewer.trim().is_empty() || reviewer == view.drafter {
                return Some("doubt.form-own-review");
            }
            view.state = view.state.max(FormState::Reviewed);
        }
        FormMove::Frozen { digest } => {
            let of_plan = plan.forms().iter().find(|f| f.id == view.form)?;
            if !missing_fields(of_plan, view.fields).is_empty() {
                return Some("doubt.form-incomplete");
            }
            if frozen(plan, incident, view) != Some(*digest) {
                return Some("doubt.form-digest");
            }
            view.digest = Some(*digest);
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

fn frozen(plan: &CheckedPlan, incident: &str, view: &FormView<'_>) -> Option<Digest> {
    let frozen = FrozenForm {
        fields: view.fields,
        form: view.form,
        incident,
        plan: plan.digest(),
        serial: view.serial,
        version: view.version,
    };
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

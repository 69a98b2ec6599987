//! Official forms as papers: one page that prints, a DOCX, JSON; and the paper kit for a plant whose computers are down.
//!
//! Two steps, as everywhere here: a form becomes a sheet (`face`, `kit`: every id in words, every foreign text inert), and a sheet is laid out
//! (`html`, `docx`). So what is on the page and what is in the document is the same. HTML pages are cut here, not by the browser
//! (`pages`): each carries its number, and the number of all.
//!
//! Refused: a PDF writer (fonts for Chinese would have to be carried; every browser prints one) and a template document that is
//! filled in (its bytes would be nobody's to review).

mod docx;
mod face;
mod html;
mod json;
mod kit;
mod leaflet;
mod measure;
mod pages;
mod qr;
mod said;
mod sheet;

pub(crate) use leaflet::{Leaflet, leaflet_docx};

use evidence::{Digest, FieldValue, Lang, Time};
use plan::CheckedPlan;
pub(crate) use qr::Code;
pub use qr::qr;
use said::Said;
use std::collections::BTreeMap;

/// The `format` of the JSON face; `docs/specs/incidents-v1.md` §6 describes it.
pub const FORM_FACE_FORMAT: &str = "watchfire-form-face-v1";

/// The kit is for whoever is there: Chinese first, as its readers at the regulator's are.
const KIT_LANGS: [Lang; 2] = [Lang::Zh, Lang::En];

/// Everything that a face of a form is made of.
#[derive(Clone, Copy, Debug)]
pub struct FormInput<'a> {
    /// The plan: words, and the calendar whose zone minutes are written in.
    pub plan: &'a CheckedPlan,
    /// The form.
    pub form: &'a plan::Form,
    /// Its serial, `i-3f2a91c0/annex-2/1`; empty for a blank form.
    pub serial: &'a str,
    /// Counts the drafts that differed, from 1.
    pub version: u32,
    /// How far it is.
    pub state: FormState,
    /// Digest of what was frozen (`evidence::FormRef::digest_of`); its code is printed where it is given.
    pub digest: Option<Digest>,
    /// Field → value.
    pub fields: &'a BTreeMap<String, FieldValue>,
    /// Fields that still lack a value that the plan demands.
    pub missing: &'a [String],
    /// The incident's id; may be empty for a blank form.
    pub incident: &'a str,
    /// What people call it.
    pub title: &'a str,
    /// The instant that stands for now.
    pub printed: Time,
    /// A signature or a seal is needed at this level.
    pub seal: bool,
    /// From a drill: a mark that nobody overlooks is on every page.
    pub drill: bool,
}

/// A field's value in one line, as the paper says it in that language.
#[must_use]
pub fn field_said(plan: &CheckedPlan, form: &plan::Form, value: &FieldValue, lang: Lang) -> String {
    Said { plan, langs: &[lang] }.short(form, value)
}

/// How far a form is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FormState {
    /// Nothing is filled in; to be filled with a pen.
    Blank,
    /// Filled in, may change.
    Draft,
    /// A second person read it.
    Reviewed,
    /// May not change under its digest.
    Frozen,
    /// Signed or sealed paper came back.
    Sealed,
    /// Not to be used any more.
    Void,
}
impl FormState {
    /// All of them.
    pub const ALL: [FormState; 6] = [Self::Blank, Self::Draft, Self::Reviewed, Self::Frozen, Self::Sealed, Self::Void];
    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Draft => "draft",
            Self::Reviewed => "reviewed",
            Self::Frozen => "frozen",
            Self::Sealed => "sealed",
            Self::Void => "void",
        }
    }
    fn key(self) -> &'static str {
        match self {
            Self::Blank => "form-face.state.blank",
            Self::Draft => "form-face.state.draft",
            Self::Reviewed => "form-face.state.reviewed",
            Self::Frozen => "form-face.state.frozen",
            Self::Sealed => "form-face.state.sealed",
            Self::Void => "form-face.state.void",
        }
    }
}

/// One page that needs nothing else: no script, no request, printed on A4 with a number on each sheet.
#[must_use]
pub fn form_html(input: &FormInput<'_>, lang: Lang) -> String {
    let said = Said { plan: input.plan, langs: &[lang] };
    html::render(said, &[face::sheet(input, said)])
}

/// A WordprocessingML document (ISO/IEC 29500). The same input gives the same bytes.
#[must_use]
pub fn form_docx(input: &FormInput<'_>, lang: Lang) -> Vec<u8> {
    let said = Said { plan: input.plan, langs: &[lang] };
    docx::render(said, &[face::sheet(input, said)], input.printed)
}

/// The form for programs ([`FORM_FACE_FORMAT`]): ids and values as data, labels in both languages.
#[must_use]
pub fn form_json(input: &FormInput<'_>) -> serde_json::Value {
    json::render(input)
}

/// The paper kit of a regime in both languages, for a plant whose computers are down: whom to call, how to grade, what to do, every form blank,
/// a timeline and a chain of custody.
#[must_use]
pub fn kit_html(plan: &CheckedPlan, regime: &str, actors: &[String], printed: Time) -> String {
    let said = Said { plan, langs: &KIT_LANGS };
    html::render(said, &kit::sheets(said, regime, actors, printed))
}

/// The paper kit as a document.
#[must_use]
pub fn kit_docx(plan: &CheckedPlan, regime: &str, actors: &[String], printed: Time) -> Vec<u8> {
    let said = Said { plan, langs: &KIT_LANGS };
    docx::render(said, &kit::sheets(said, regime, actors, printed), printed)
}

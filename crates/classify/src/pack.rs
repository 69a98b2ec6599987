//! Detectors as data: what a file of `packs/detectors/` may say. The form is detectors-v1 in `docs/specs/`.
//!
//! A detector is a structure (a finder of the scanner, or a trigger and a pattern), named validators, words and
//! numbers. Whoever adds a class of data writes a table here with a line that must hit and one that must not; the
//! program is not compiled again. What does not fit is refused with file, detector and reason.

use crate::check::{Validity, validator};
use crate::events::Triggers;
use crate::pattern::{Pattern, is_unbounded};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// Detectors of one set; a `u16` names them, one value is kept back.
pub const DETECTORS_MAX: usize = 4096;
/// Largest pack file, in bytes.
pub const PACK_BYTES_MAX: usize = 1 << 20;
/// Heaviest word, in tenths.
const WEIGHT_MAX: i16 = 50;

/// A pack that cannot be used: where and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackError {
    /// The file, as it was named.
    pub file: String,
    /// Line and column from 1, where they are known.
    pub at: Option<(usize, usize)>,
    /// The detector, where it is known.
    pub detector: Option<String>,
    /// What is wrong.
    pub fault: PackFault,
}
/// What is wrong with a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackFault {
    /// Not TOML, or a field that the form does not know, or of another type. The parser's own words.
    Form(String),
    /// The file is larger than [`PACK_BYTES_MAX`].
    TooLarge,
    /// More than [`DETECTORS_MAX`] detectors.
    TooMany,
    /// The id is taken.
    IdTaken,
    /// The id has other characters than small letters, digits, dots and dashes.
    IdForm,
    /// No finder of the program goes by this id.
    NoNative,
    /// A pattern finder without trigger or pattern.
    NoTrigger,
    /// No validator has this name.
    NoValidator(String),
    /// The pattern is no regular expression, or too large. The parser's own words.
    Pattern(String),
    /// The pattern may match without end: `*`, `+` or `{n,}`.
    Unbounded,
    /// A literal shorter than three bytes.
    ShortLiteral,
    /// A length range that is empty or outside 4 to 64.
    Lengths,
    /// A word without letters, or heavier than 50.
    Word(String),
    /// The mask would show too much of a short value.
    Mask,
    /// An example that must hit does not, or one that must not does.
    Example {
        /// It should have hit.
        wanted: bool,
        /// Which example, from 1.
        number: usize,
    },
}
impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        if let Some(id) = &self.detector {
            write!(f, ": detector {id}")?;
        }
        f.write_str(": ")?;
        match &self.fault {
            PackFault::Form(e) => f.write_str(e),
            PackFault::TooLarge => write!(f, "larger than {PACK_BYTES_MAX} bytes"),
            PackFault::TooMany => write!(f, "more than {DETECTORS_MAX} detectors"),
            PackFault::IdTaken => f.write_str("the id is taken by another detector"),
            PackFault::IdForm => f.write_str("an id has small letters, digits, dots and dashes"),
            PackFault::NoNative => f.write_str("no finder of the program has this id; use finder = \"pattern\""),
            PackFault::NoTrigger => f.write_str("a pattern finder needs a trigger and a pattern"),
            PackFault::NoValidator(name) => write!(f, "no validator is called {name:?}"),
            PackFault::Pattern(e) => write!(f, "the pattern cannot be used: {e}"),
            PackFault::Unbounded => f.write_str("the pattern has no end: write {0,64} instead of * or +"),
            PackFault::ShortLiteral => f.write_str("a literal has at least three bytes"),
            PackFault::Lengths => f.write_str("a range of lengths is [least, most], from 4 to 64"),
            PackFault::Word(w) => write!(f, "word {w:?}: letters are needed, and a weight from -50 to 50"),
            PackFault::Mask => f.write_str("a mask shows at most 12 characters"),
            PackFault::Example { wanted: true, number } => write!(f, "example {number} of `hit` does not hit"),
            PackFault::Example { wanted: false, number } => write!(f, "example {number} of `miss` hits"),
        }
    }
}
impl std::error::Error for PackError {}

/// A name in both languages.
#[derive(Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// What distinct values of a class count.
#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Counts {
    /// One value, one person.
    People,
    /// Values are things.
    Things,
    /// Nothing is counted by value.
    #[default]
    None,
}

/// What a class asks of its context.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// The structure speaks for itself.
    #[default]
    No,
    /// Without a word for it the confidence stays low.
    ForMore,
    /// Without a word for it there is no hit.
    ForAny,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FinderKind {
    Native,
    Pattern,
    Table,
    Words,
    Format,
}

#[derive(Deserialize, Clone, Debug, Default)]
#[serde(deny_unknown_fields)]
struct TriggerForm {
    #[serde(default)]
    literals: Vec<String>,
    digits: Option<[usize; 2]>,
    capitals: Option<[usize; 2]>,
    #[serde(default)]
    words: bool,
    #[serde(default)]
    label: bool,
}

#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields)]
struct Form {
    id: String,
    name: Name,
    category: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    counts: Counts,
    finder: FinderKind,
    #[serde(default)]
    families: Vec<String>,
    trigger: Option<TriggerForm>,
    pattern: Option<String>,
    #[serde(default)]
    lead: usize,
    #[serde(default)]
    after_digit: bool,
    #[serde(default)]
    validate: Vec<String>,
    #[serde(default)]
    base: i32,
    #[serde(default)]
    context: Need,
    #[serde(default)]
    own_line: bool,
    #[serde(default)]
    mask: [usize; 2],
    #[serde(default)]
    words: BTreeMap<String, i16>,
    #[serde(default)]
    against: BTreeMap<String, i16>,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(default)]
    dummies: Vec<String>,
    #[serde(default)]
    hit: Vec<String>,
    #[serde(default)]
    miss: Vec<String>,
    #[serde(default)]
    source: String,
    #[serde(default)]
    sure: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    detector: Vec<toml::Spanned<Form>>,
    #[serde(default)]
    words: BTreeMap<String, i16>,
}

/// How a pattern detector is woken.
#[derive(Default)]
pub(crate) struct Trigger {
    pub(crate) literals: Vec<String>,
    pub(crate) digits: Option<[usize; 2]>,
    pub(crate) capitals: Option<[usize; 2]>,
    pub(crate) words: bool,
    /// The pattern is about the value that stands behind one of the words.
    pub(crate) label: bool,
    /// A literal counts only right behind a digit.
    pub(crate) after_digit: bool,
}

/// A class of data and how it is found.
pub struct Detector {
    /// Id; stands in signed records.
    pub id: evidence::ClassId,
    /// Its name.
    pub name: Name,
    /// Category, as in the plan.
    pub category: String,
    /// Which of the eight classes of sensitive personal data, or empty.
    pub kind: String,
    /// What its distinct values count.
    pub counts: Counts,
    /// Where the rule comes from.
    pub source: String,
    /// How sure that is: F, E, S, D, M as in the plan's files.
    pub sure: String,
    /// Lines that must hit.
    pub hit: Vec<String>,
    /// Lines that must not.
    pub miss: Vec<String>,
    pub(crate) finder: FinderKind,
    /// Families of formats that are of this class.
    pub(crate) families: Vec<String>,
    pub(crate) trigger: Trigger,
    pub(crate) pattern: Option<Pattern>,
    pub(crate) validate: Vec<fn(&[u8]) -> Validity>,
    pub(crate) base: i32,
    pub(crate) need: Need,
    /// Words on other lines say nothing of it.
    pub(crate) own_line: bool,
    pub(crate) mask: [usize; 2],
    pub(crate) headers: Vec<String>,
    pub(crate) dummies: Vec<String>,
    pub(crate) words: Vec<(String, i16)>,
    pub(crate) against: Vec<(String, i16)>,
    pub(crate) file: String,
}

/// What one file holds.
pub(crate) struct Pack {
    pub(crate) detectors: Vec<Detector>,
    /// Words against every class.
    pub(crate) against: Vec<(String, i16)>,
}

fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Reads one pack.
pub(crate) fn read(file: &str, text: &str) -> Result<Pack, PackError> {
    let error = |at, detector: Option<&str>, fault| PackError {
        file: file.to_owned(),
        at,
        detector: detector.map(str::to_owned),
        fault,
    };
    if text.len() > PACK_BYTES_MAX {
        return Err(error(None, None, PackFault::TooLarge));
    }
    let read: File = toml::from_str(text).map_err(|e| {
        let at = e.span().map(|s| place(text, s.start));
        error(at, None, PackFault::Form(e.message().to_owned()))
    })?;
    let mut detectors = Vec::new();
    for spanned in read.detector {
        let at = Some(place(text, spanned.span().start));
        let form = spanned.into_inner();
        let id = form.id.clone();
        detectors.push(detector(file, form).map_err(|fault| error(at, Some(&id), fault))?);
    }
    let against = words(read.words).map_err(|fault| error(None, None, fault))?;
    Ok(Pack { detectors, against })
}

fn words(map: BTreeMap<String, i16>) -> Result<Vec<(String, i16)>, PackFault> {
    map.into_iter()
        .map(|(word, weight)| {
            let fits = word.chars().any(char::is_alphabetic) && weight.abs() <= WEIGHT_MAX && word.len() <= 64;
            if fits { Ok((word, weight)) } else { Err(PackFault::Word(word)) }
        })
        .collect()
}

fn detector(file: &str, form: Form) -> Result<Detector, PackFault> {
    let id_fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
    if form.id.is_empty() || form.id.len() > 64 || !form.id.bytes().all(id_fits) {
        return Err(PackFault::IdForm);
    }
    if form.mask[0] + form.mask[1] > 12 {
        return Err(PackFault::Mask);
    }
    let trigger = form.trigger.unwrap_or_default();
    for range in [trigger.digits, trigger.capitals].into_iter().flatten() {
        if range[0] < 4 || range[1] > 64 || range[0] > range[1] {
            return Err(PackFault::Lengths);
        }
    }
    if trigger.literals.iter().any(|l| l.len() < Triggers::LITERAL_MIN && l != "(" && l != "@" && l.is_ascii()) {
        return Err(PackFault::ShortLiteral);
    }
    let woken = !trigger.literals.is_empty()
        || trigger.digits.is_some()
        || trigger.capitals.is_some()
        || trigger.words
        || trigger.label;
    if form.finder == FinderKind::Pattern && (!woken || form.pattern.is_none()) {
        return Err(PackFault::NoTrigger);
    }
    let mut validate = Vec::new();
    for name in &form.validate {
        validate.push(validator(name).ok_or_else(|| PackFault::NoValidator(name.clone()))?);
    }
    let pattern = form.pattern.map(|text| pattern(text, form.lead)).transpose()?;
    Ok(Detector {
        id: evidence::ClassId::new(&form.id),
        name: form.name,
        category: form.category,
        kind: form.kind,
        counts: form.counts,
        source: form.source,
        sure: form.sure,
        hit: form.hit,
        miss: form.miss,
        finder: form.finder,
        families: form.families,
        trigger: Trigger {
            literals: trigger.literals,
            digits: trigger.digits,
            capitals: trigger.capitals,
            words: trigger.words,
            label: trigger.label,
            after_digit: form.after_digit,
        },
        pattern,
        validate,
        base: form.base,
        need: form.context,
        own_line: form.own_line,
        mask: form.mask,
        headers: form.headers,
        dummies: form.dummies,
        words: words(form.words)?,
        against: words(form.against)?,
        file: file.to_owned(),
    })
}

fn pattern(text: String, lead: usize) -> Result<Pattern, PackFault> {
    if is_unbounded(&text) {
        return Err(PackFault::Unbounded);
    }
    Ok(Pattern::new(text, lead))
}
impl Detector {
    /// Compiles what is otherwise compiled when it is needed: for packs from outside, whose faults must be told.
    pub(crate) fn check(&self) -> Result<(), PackFault> {
        match &self.pattern {
            Some(p) => p.check().map_err(PackFault::Pattern),
            None => Ok(()),
        }
    }
}

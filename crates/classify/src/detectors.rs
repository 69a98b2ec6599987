//! A set of detectors, compiled: what the scanner looks things up in.
//!
//! Built once and shared by all workers. The set that is built in is made when it is first asked for and costs a
//! few milliseconds; patterns and the words' forms in other encodings wait until a text needs them.

use crate::context::Lexicon;
use crate::events::{Triggers, hash as three_hash};
use crate::find::ARMOUR;
use crate::pack::{self, Detector, FinderKind, PackError, PackFault};
use crate::scan::{Scanner, Text};
use crate::view::Encoding;
use crate::wide::Forms;
use evidence::{ClassId, Digest, DigestKey};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Raised whenever a finder, a base inside a finder or a decay changes: equal rules give equal hits.
const RULES_VERSION: u32 = 4;

/// A class of data: its number in the set of detectors that found it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Class(pub(crate) u16);
impl Class {
    /// Its number, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Classes for which the scanner has a structure of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub(crate) enum Native {
    ResidentId,
    Uscc,
    Vin,
    BankCard,
    Mobile,
    Landline,
    Email,
    PrivateKey,
    Ipv4,
    Mac,
    Plate,
    PlateNev,
    LatLon,
}
impl Native {
    const ALL: [(Native, &'static str); 13] = [
        (Self::ResidentId, "cn.resident-id"),
        (Self::Uscc, "cn.uscc"),
        (Self::Vin, "vin"),
        (Self::BankCard, "bank-card"),
        (Self::Mobile, "cn.mobile"),
        (Self::Landline, "cn.landline"),
        (Self::Email, "email"),
        (Self::PrivateKey, "private-key"),
        (Self::Ipv4, "ipv4"),
        (Self::Mac, "mac-address"),
        (Self::Plate, "cn.plate"),
        (Self::PlateNev, "cn.plate-nev"),
        (Self::LatLon, "geo.lat-lon"),
    ];
}

/// What stands between a name and its value in Chinese text.
const WIDE_COLON: &str = "：";
/// Longest run that wakes a pattern.
pub(crate) const RUN_MAX: usize = 64;

/// A literal and the detectors that it wakes.
type Waking = (Vec<u8>, Vec<u16>);

/// Literals by their first three bytes.
struct Begins(Vec<Vec<Waking>>);
impl Begins {
    const BUCKETS: usize = 1024;

    fn new(words: impl Iterator<Item = Waking>) -> Self {
        let mut this = Self(vec![Vec::new(); Self::BUCKETS]);
        for waking in words {
            if let Some(three) = waking.0.first_chunk() {
                this.0[three_hash(*three) % Self::BUCKETS].push(waking);
            }
        }
        this
    }
    /// Calls `on` with every literal that `rest` begins with: its length and the detectors it wakes.
    fn each(&self, rest: &[u8], mut on: impl FnMut(usize, &[u16])) {
        let Some(three) = rest.first_chunk::<3>() else { return };
        let Some(bucket) = self.0.get(three_hash(*three) % Self::BUCKETS) else { return };
        bucket.iter().filter(|(l, _)| rest.starts_with(l)).for_each(|(l, wakes)| on(l.len(), wakes));
    }
}

/// A compiled set of detectors.
pub struct Detectors {
    list: Vec<Detector>,
    by_id: HashMap<String, u16>,
    natives: [Option<Class>; Native::ALL.len()],
    pub(crate) lexicon: Lexicon,
    /// By length of a maximal run of digits, or of digits and capitals.
    by_digits: Vec<Vec<u16>>,
    by_capitals: Vec<Vec<u16>>,
    begins: Begins,
    pub(crate) triggers: Triggers,
    /// Words outside ASCII that wake a detector, and their forms by encoding.
    wide: Vec<(String, Vec<u16>)>,
    wide_forms: [OnceLock<Forms>; 5],
    /// By number of a Latin word, the detectors that wake at it where a value follows.
    labels: Vec<Vec<u16>>,
    /// Detectors that look at a bracket after digits.
    pub(crate) brackets: Vec<u16>,
    /// Detectors that look at an `@` in an address.
    pub(crate) ats: Vec<u16>,
    headers: HashMap<String, Vec<u16>>,
    /// By family of formats, the class of its files.
    families: HashMap<String, Class>,
    /// By number of a word, what it says of kinds of documents, which are told by their words alone.
    documents: Vec<Vec<(u16, i16)>>,
    digest: Digest,
}

macro_rules! packs {
    ($($name:literal),*) => { &[$(($name, include_str!(concat!("../../../packs/detectors/", $name)))),*] };
}
const BUILT_IN: &[(&str, &str)] = packs!(
    "against.toml",
    "business.toml",
    "files.toml",
    "geographic.toml",
    "industrial.toml",
    "organisation.toml",
    "personal.toml",
    "secrets.toml",
    "vehicle.toml"
);

impl Detectors {
    /// The set that is built in.
    #[must_use]
    pub fn builtin() -> Arc<Self> {
        static SET: OnceLock<Arc<Detectors>> = OnceLock::new();
        let make = || {
            let set = Self::build(BUILT_IN, false);
            // A test reads every built-in pack; one that cannot be read never leaves the house.
            Arc::new(set.unwrap_or_else(|e| panic!("a built-in pack cannot be read: {e}")))
        };
        Arc::clone(SET.get_or_init(make))
    }

    /// The built-in set and `extra` packs: (name of the file, its text). Their examples are tried.
    pub fn with(extra: &[(String, String)]) -> Result<Arc<Self>, PackError> {
        let mut files: Vec<(&str, &str)> = BUILT_IN.to_vec();
        files.extend(extra.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        let set = Arc::new(Self::build(&files, true)?);
        for (number, d) in set.list.iter().enumerate().filter(|(_, d)| extra.iter().any(|e| e.0 == d.file)) {
            set.try_examples(u16::try_from(number).unwrap_or(u16::MAX), d)?;
        }
        Ok(set)
    }

    /// Only these classes of the built-in set.
    #[must_use]
    pub fn only(ids: &[&str]) -> Arc<Self> {
        let wanted = |d: &Detector| ids.contains(&d.id.as_str());
        Arc::new(
            Self::build_some(BUILT_IN, false, wanted).unwrap_or_else(|e| panic!("a built-in pack cannot be read: {e}")),
        )
    }

    fn build(files: &[(&str, &str)], check: bool) -> Result<Self, PackError> {
        Self::build_some(files, check, |_| true)
    }
    fn build_some(files: &[(&str, &str)], check: bool, wanted: impl Fn(&Detector) -> bool) -> Result<Self, PackError> {
        let (mut list, mut against, mut digested) =
            (Vec::new(), Vec::new(), format!("classify-rules {RULES_VERSION}\n"));
        let mut by_id = HashMap::new();
        for (file, text) in files {
            let read = pack::read(file, text)?;
            against.extend(read.against);
            for d in read.detectors.into_iter().filter(&wanted) {
                let fault =
                    |fault| PackError { file: (*file).to_owned(), at: None, detector: Some(d.id.to_string()), fault };
                let number = u16::try_from(list.len()).ok().filter(|n| usize::from(*n) < pack::DETECTORS_MAX);
                let Some(number) = number else { return Err(fault(PackFault::TooMany)) };
                if by_id.insert(d.id.to_string(), number).is_some() {
                    return Err(fault(PackFault::IdTaken));
                }
                if d.finder == FinderKind::Native && !Native::ALL.iter().any(|n| n.1 == d.id.as_str()) {
                    return Err(fault(PackFault::NoNative));
                }
                if check {
                    d.check().map_err(fault)?;
                }
                list.push(d);
            }
            digested.push_str(text);
            digested.push('\0');
        }
        let natives = Native::ALL.map(|(_, id)| by_id.get(id).map(|n| Class(*n)));
        let lexicon = Lexicon::new(&list, &against);
        let mut set = Self {
            natives,
            lexicon,
            by_id,
            by_digits: vec![Vec::new(); RUN_MAX + 1],
            by_capitals: vec![Vec::new(); RUN_MAX + 1],
            begins: Begins(Vec::new()),
            triggers: Triggers::new(std::iter::empty(), std::iter::empty()),
            wide: Vec::new(),
            wide_forms: [const { OnceLock::new() }; 5],
            labels: Vec::new(),
            brackets: Vec::new(),
            ats: Vec::new(),
            headers: HashMap::new(),
            families: HashMap::new(),
            documents: Vec::new(),
            digest: Digest::of(digested.as_bytes()),
            list,
        };
        set.index();
        Ok(set)
    }

    fn index(&mut self) {
        let mut literals: HashMap<Vec<u8>, Vec<u16>> = HashMap::new();
        let mut wide: HashMap<String, Vec<u16>> = HashMap::new();
        self.labels = vec![Vec::new(); self.lexicon.len()];
        let is_document =
            |(about, _): &(u16, i16)| self.list.get(usize::from(*about)).is_some_and(|d| d.finder == FinderKind::Words);
        let words = (0..self.lexicon.len()).filter_map(|n| u16::try_from(n).ok());
        self.documents = words.map(|n| self.lexicon.says(n).iter().copied().filter(is_document).collect()).collect();
        for (n, d) in (0u16..).zip(&self.list) {
            for header in &d.headers {
                self.headers.entry(header_key(header)).or_default().push(n);
            }
            for family in &d.families {
                self.families.insert(family.clone(), Class(n));
            }
            if d.finder != FinderKind::Pattern {
                continue;
            }
            for (range, by) in [(d.trigger.digits, &mut self.by_digits), (d.trigger.capitals, &mut self.by_capitals)] {
                if let Some([least, most]) = range {
                    by[least..=most].iter_mut().for_each(|slot| slot.push(n));
                }
            }
            for literal in &d.trigger.literals {
                if literal == "(" {
                    self.brackets.push(n);
                } else if literal == "@" {
                    self.ats.push(n);
                } else if literal.is_ascii() {
                    literals.entry(literal.clone().into_bytes()).or_default().push(n);
                } else {
                    wide.entry(literal.clone()).or_default().push(n);
                }
            }
            for (word, _) in d.words.iter().filter(|_| d.trigger.words || d.trigger.label) {
                if let Some(number) = self.lexicon.number(word) {
                    self.labels[usize::from(number)].push(n);
                } else if !word.is_ascii() {
                    wide.entry(word.clone()).or_default().push(n);
                }
            }
        }
        let armour = self.native(Native::PrivateKey).map(|_| ARMOUR);
        self.begins = Begins::new(literals.into_iter());
        let all = self.begins.0.iter().flatten().map(|(l, _)| l.as_slice()).chain(armour);
        let labels = (0u16..).zip(&self.labels).filter(|(_, wakes)| !wakes.is_empty());
        self.triggers = Triggers::new(all, labels.map(|(n, _)| self.lexicon.word(n)));
        if self.labels.iter().any(|wakes| !wakes.is_empty()) {
            wide.entry(WIDE_COLON.to_owned()).or_default();
        }
        self.wide = wide.into_iter().collect();
        self.wide.sort();
    }

    /// Tries the lines of a detector that must hit and must not.
    pub(crate) fn try_examples(&self, number: u16, d: &Detector) -> Result<(), PackError> {
        let hits = |line: &String| self.hits_in(number, line);
        let failed = |wanted: bool, i: usize| PackError {
            file: d.file.clone(),
            at: None,
            detector: Some(d.id.to_string()),
            fault: PackFault::Example { wanted, number: i + 1 },
        };
        if let Some(i) = d.hit.iter().position(|line| !hits(line)) {
            return Err(failed(true, i));
        }
        match d.miss.iter().position(hits) {
            Some(i) => Err(failed(false, i)),
            None => Ok(()),
        }
    }

    /// True if `line` holds class number `number` at medium confidence or better.
    fn hits_in(&self, number: u16, line: &str) -> bool {
        let mut scanner = Scanner::of(self);
        let header = scanner.header(line.as_bytes(), Encoding::Utf8);
        let text = Text { header: header.as_ref(), ..Text::whole(line.as_bytes(), Encoding::Utf8) };
        let mut hit = false;
        let mut on = |m: &crate::Match<'_>| hit |= m.class.0 == number && m.confidence >= 65;
        scanner.scan(&text, &mut on);
        scanner.document(&text, &mut on);
        hit
    }

    /// The digest of everything that decides what is found and how sure: version, words, weights, patterns.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
    /// Every detector; the number of a class is its place.
    #[must_use]
    pub fn list(&self) -> &[Detector] {
        &self.list
    }
    /// The detector of a class.
    ///
    /// # Panics
    /// If the class is of another, larger set.
    #[must_use]
    pub fn of(&self, class: Class) -> &Detector {
        &self.list[class.index()]
    }
    /// The id of a class.
    #[must_use]
    pub fn id(&self, class: Class) -> &ClassId {
        &self.of(class).id
    }
    /// The class that has this id.
    #[must_use]
    pub fn class(&self, id: &str) -> Option<Class> {
        self.by_id.get(id).map(|n| Class(*n))
    }
    /// The class of files of this format, if the format alone says what they hold.
    #[must_use]
    pub fn of_format(&self, format: &crate::format::Format) -> Option<Class> {
        self.families.get(&format!("{:?}", format.family).to_ascii_lowercase()).copied()
    }
    /// How many classes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }
    /// True if there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
    pub(crate) fn native(&self, native: Native) -> Option<Class> {
        self.natives[native as usize]
    }
    pub(crate) fn by_digits(&self, length: usize) -> &[u16] {
        self.by_digits.get(length).map_or(&[], Vec::as_slice)
    }
    pub(crate) fn by_capitals(&self, length: usize) -> &[u16] {
        self.by_capitals.get(length).map_or(&[], Vec::as_slice)
    }
    /// Classes that a column with this header is of outright.
    pub(crate) fn by_header(&self, header: &str) -> &[u16] {
        self.headers.get(&header_key(header)).map_or(&[], Vec::as_slice)
    }
    /// True if words outside ASCII wake a detector.
    pub(crate) fn has_wide(&self) -> bool {
        !self.wide.is_empty()
    }
    /// Trigger words outside ASCII in the forms of an encoding.
    pub(crate) fn wide(&self, encoding: Encoding) -> Option<&Forms> {
        let slot = match encoding {
            Encoding::Utf8 => 0,
            Encoding::Gb18030 => 1,
            Encoding::Big5 => 2,
            Encoding::Utf16Le => 3,
            Encoding::Utf16Be => 4,
            Encoding::Ascii | Encoding::Other => return None,
        };
        let texts = || (0u16..).zip(&self.wide).map(|(n, w)| (n, w.0.as_str()));
        self.has_wide().then(|| self.wide_forms[slot].get_or_init(|| Forms::new(texts(), encoding)))
    }
    /// True if this trigger word is the full-width colon, after which a label's value stands.
    pub(crate) fn is_wide_colon(&self, number: u16) -> bool {
        self.wide.get(usize::from(number)).is_some_and(|w| w.0 == WIDE_COLON)
    }
    /// The detectors that wake at trigger word number `number` of [`Self::wide`].
    pub(crate) fn wide_wakes(&self, number: u16) -> &[u16] {
        self.wide.get(usize::from(number)).map_or(&[], |w| &w.1)
    }
    /// Calls `on` with every literal that `rest` begins with: its length and the detectors it wakes.
    pub(crate) fn begun(&self, rest: &[u8], on: impl FnMut(usize, &[u16])) {
        self.begins.each(rest, on);
    }
    /// What word number `number` says of kinds of documents.
    pub(crate) fn document_words(&self, number: u16) -> &[(u16, i16)] {
        self.documents.get(usize::from(number)).map_or(&[], Vec::as_slice)
    }
    /// The detectors that wake at Latin word number `number`.
    pub(crate) fn label_wakes(&self, number: u16) -> &[u16] {
        self.labels.get(usize::from(number)).map_or(&[], Vec::as_slice)
    }
    /// The keyed digest of a value of a class: the same in every run under the same key.
    #[must_use]
    pub fn keyed(&self, key: &DigestKey, class: Class, value: &str) -> evidence::KeyedDigest {
        key.digest(self.id(class).as_str(), value.as_bytes())
    }
}

/// A header without what writers put between words: `身份证 号`, `ID_No.` and `idNo` are one.
pub(crate) fn header_key(header: &str) -> String {
    let kept = header.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every line of the packs that must hit does, every one that must not does not, and every pattern compiles.
    #[test]
    fn the_packs_own_examples_hold() {
        let set = Detectors::build(BUILT_IN, true).unwrap_or_else(|e| panic!("{e}"));
        let failed: Vec<String> = (0u16..)
            .zip(set.list())
            .flat_map(|(n, d)| {
                let set = &set;
                let missed =
                    d.hit.iter().filter(move |l| !set.hits_in(n, l)).map(move |l| format!("{}: no hit: {l}", d.id));
                let wrong =
                    d.miss.iter().filter(move |l| set.hits_in(n, l)).map(move |l| format!("{}: hit: {l}", d.id));
                missed.chain(wrong).collect::<Vec<_>>()
            })
            .collect();
        assert!(failed.is_empty(), "{} of the examples fail:\n{}", failed.len(), failed.join("\n"));
    }
}

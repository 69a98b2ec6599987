//! Courses: what is taught, how it is tested, and the numbers that count (`docs/specs/training-v1.md` §4).
//!
//! One TOML file a course, in both languages side by side, so that a change of one is seen beside the other. It is read like a plan: every
//! error is named with its place. Three courses are built in. What a course says about rules carries its source; what is not confirmed says so.
//!
//! Refused: chance. Which questions a paper asks follows from the session and a letter, so it can be printed and marked again.

use crate::error::{Errors, PlanError};
use crate::read::{self, Table};
use crate::source::Source;
use evidence::{Audience, Digest, Lang};

/// Largest course file, in bytes.
pub const COURSE_BYTES_MAX: usize = 1 << 20;
/// Most slides, and most questions, of a course.
const PARTS_MAX: usize = 500;
/// Letters of answers.
const LETTERS: &[u8; 8] = b"ABCDEFGH";

/// A text in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Both {
    en: String,
    zh: String,
}
impl Both {
    /// In one language.
    #[must_use]
    pub fn of(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// Texts in both languages, as many in each.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BothLists {
    en: Vec<String>,
    zh: Vec<String>,
}
impl BothLists {
    /// In one language.
    #[must_use]
    pub fn of(&self, lang: Lang) -> &[String] {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// One slide.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slide {
    /// Heading.
    pub title: Both,
    /// What stands on it.
    pub points: BothLists,
    /// What it rests on; may be empty.
    pub source: String,
    /// What it rests on is not confirmed.
    pub unconfirmed: bool,
}

/// One question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// Its id within the course.
    pub id: String,
    /// The question.
    pub text: Both,
    /// What can be chosen: A, B, …
    pub options: BothLists,
    /// The letters that are right, sorted.
    pub right: String,
    /// Why.
    pub why: Both,
    /// What it rests on; may be empty.
    pub source: String,
    /// What it rests on is not confirmed.
    pub unconfirmed: bool,
}

/// A course.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Course {
    /// Its code.
    pub code: String,
    /// Version of its content.
    pub version: i64,
    /// Title.
    pub title: Both,
    /// What it is for, in a sentence.
    pub about: Both,
    /// For whom.
    pub audience: Audience,
    /// Length, in minutes of teaching.
    pub minutes: u64,
    /// Months that a certificate is valid; 0: it does not expire.
    pub validity_months: u64,
    /// Share of right answers that passes, in percent.
    pub pass_percent: u64,
    /// Questions of one paper.
    pub asked: usize,
    /// What it rests on as a whole.
    pub sources: Vec<String>,
    /// Slides, in their order.
    pub slides: Vec<Slide>,
    /// The bank of questions.
    pub questions: Vec<Question>,
    /// SHA-256 of the file.
    pub digest: Digest,
}
impl Course {
    /// The questions of one paper, in its order: those whose SHA-256 of `session` LF `version` LF id are the smallest.
    #[must_use]
    pub fn paper(&self, session: &str, version: &str) -> Vec<&Question> {
        let place = |q: &&Question| Digest::of(format!("{session}\n{version}\n{}", q.id).as_bytes());
        let mut all: Vec<&Question> = self.questions.iter().collect();
        all.sort_by_cached_key(place);
        all.truncate(self.asked);
        all
    }
}

/// The courses that the program carries.
#[must_use]
pub fn builtin_courses() -> [(&'static str, &'static str); 3] {
    [
        ("plant-staff.toml", include_str!("../../../training/plant-staff.toml")),
        ("officer.toml", include_str!("../../../training/officer.toml")),
        ("regulator.toml", include_str!("../../../training/regulator.toml")),
    ]
}

/// Reads a course from the text of its file, which is called `name` in errors. On failure every error found.
pub fn course(name: &str, text: &str) -> Result<Course, Vec<PlanError>> {
    let source = Source { files: [(name.to_owned(), text.to_owned())].into_iter().collect() };
    let mut errors = Errors::new(&source);
    let mut read = None;
    if text.len() > COURSE_BYTES_MAX {
        let at = crate::error::At { file: name.to_owned(), span: 0..0 };
        let why = format!("larger than {COURSE_BYTES_MAX} bytes");
        errors.add(&at, "bounds", &[("id", name), ("why", &why)], None);
    } else if let Some(table) = read::parse(name, text, &mut errors) {
        read = Some(whole(&Table::root(name, &table), text, &mut errors));
    }
    let found = errors.finish();
    match read {
        Some(course) if found.is_empty() => Ok(course),
        _ => Err(found),
    }
}

fn whole(root: &Table<'_>, text: &str, errors: &mut Errors<'_>) -> Course {
    let audiences: Vec<(&'static str, Audience)> = Audience::ALL.iter().map(|a| (a.name(), *a)).collect();
    let course = Course {
        code: root.id(errors, "code"),
        version: root.int(errors, "version"),
        title: both(root, "title", errors),
        about: both(root, "about", errors),
        audience: root.choice(errors, "audience", &audiences).unwrap_or(Audience::PlantStaff),
        minutes: within(root, "minutes", (1, 100_000), errors),
        validity_months: within(root, "validity_months", (0, 240), errors),
        pass_percent: within(root, "pass_percent", (1, 100), errors),
        asked: usize::try_from(within(root, "asked", (1, 200), errors)).unwrap_or(0),
        sources: root.texts(errors, "sources"),
        slides: parts(root, "slide", errors, slide),
        questions: parts(root, "question", errors, question),
        digest: Digest::of(text.as_bytes()),
    };
    let mut ids: Vec<&str> = course.questions.iter().map(|q| q.id.as_str()).collect();
    ids.sort_unstable();
    if let Some(twice) = ids.windows(2).find(|w| w[0] == w[1]) {
        errors.add(&root.at("question"), "duplicate-id", &[("id", twice[0]), ("first", &root.at.file)], None);
    }
    if course.asked > course.questions.len() {
        let why = format!("{} asked, {} in the bank", course.asked, course.questions.len());
        errors.add(&root.at("asked"), "bounds", &[("id", &course.code), ("why", &why)], None);
    }
    root.finish(errors);
    course
}

fn within(t: &Table<'_>, key: &'static str, (least, most): (u64, u64), errors: &mut Errors<'_>) -> u64 {
    let n = t.int(errors, key);
    u64::try_from(n).ok().filter(|n| (least..=most).contains(n)).unwrap_or_else(|| {
        let (want, got) = (format!("a whole number from {least} to {most}"), n.to_string());
        errors.add(&t.at(key), "bad-value", &[("key", key), ("want", &want), ("got", &got)], None);
        least
    })
}

fn parts<T>(
    root: &Table<'_>,
    key: &'static str,
    errors: &mut Errors<'_>,
    read: fn(&Table<'_>, &mut Errors<'_>) -> T,
) -> Vec<T> {
    let tables = root.tables(errors, key);
    if tables.is_empty() || tables.len() > PARTS_MAX {
        let why = format!("{} of them, 1 to {PARTS_MAX} are possible", tables.len());
        errors.add(&root.at(key), "bounds", &[("id", key), ("why", &why)], None);
    }
    let read = |t: &Table<'_>| {
        let part = read(t, errors);
        t.finish(errors);
        part
    };
    tables.iter().take(PARTS_MAX).map(read).collect()
}

fn both(t: &Table<'_>, key: &'static str, errors: &mut Errors<'_>) -> Both {
    let Some(inner) = t.table(errors, key) else {
        errors.add(&t.at, "missing-key", &[("key", key)], None);
        return Both::default();
    };
    let both = Both { en: inner.text(errors, "en"), zh: inner.text(errors, "zh") };
    inner.finish(errors);
    both
}

fn lists(t: &Table<'_>, key: &'static str, errors: &mut Errors<'_>) -> BothLists {
    let Some(inner) = t.table(errors, key) else {
        errors.add(&t.at, "missing-key", &[("key", key)], None);
        return BothLists::default();
    };
    let lists = BothLists { en: inner.texts(errors, "en"), zh: inner.texts(errors, "zh") };
    inner.finish(errors);
    if lists.en.len() != lists.zh.len() || lists.en.is_empty() {
        let why = format!("{} in English, {} in Chinese", lists.en.len(), lists.zh.len());
        errors.add(&t.at(key), "bounds", &[("id", key), ("why", &why)], None);
    }
    lists
}

fn slide(t: &Table<'_>, errors: &mut Errors<'_>) -> Slide {
    Slide {
        title: both(t, "title", errors),
        points: lists(t, "points", errors),
        source: t.text_or(errors, "source", ""),
        unconfirmed: t.flag(errors, "unconfirmed"),
    }
}

fn question(t: &Table<'_>, errors: &mut Errors<'_>) -> Question {
    let q = Question {
        id: t.id(errors, "id"),
        text: both(t, "text", errors),
        options: lists(t, "options", errors),
        right: t.text(errors, "right"),
        why: both(t, "why", errors),
        source: t.text_or(errors, "source", ""),
        unconfirmed: t.flag(errors, "unconfirmed"),
    };
    let count = q.options.en.len();
    let letters = LETTERS.get(..count).unwrap_or_default();
    let sorted = q.right.as_bytes().is_sorted_by(|a, b| a < b);
    if count < 2 || letters.is_empty() || !sorted || !q.right.bytes().all(|b| letters.contains(&b)) {
        let with = [("key", "right"), ("want", "letters of its 2 to 8 options, in order"), ("got", q.right.as_str())];
        errors.add(&t.at("right"), "bad-value", &with, None);
    }
    q
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_built_in_courses_have_no_error_and_enough_in_them() {
        let mut audiences = BTreeSet::new();
        for (name, text) in builtin_courses() {
            let c = course(name, text).unwrap_or_else(|errors| {
                let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
                panic!("{}", text.join("\n"))
            });
            assert!(c.slides.len() >= 8 && c.questions.len() >= 12, "{name}");
            assert_eq!(format!("{}.toml", c.code), name);
            let letters: BTreeSet<&str> = c.questions.iter().map(|q| q.right.as_str()).collect();
            assert!(letters.len() >= 4, "{name}: the right letter must not be guessable: {letters:?}");
            audiences.insert(c.audience);
        }
        assert_eq!(audiences.len(), Audience::ALL.len());
    }

    #[test]
    fn a_paper_is_the_same_again_and_another_for_another_session() {
        let [(name, text), ..] = builtin_courses();
        let c = course(name, text).unwrap();
        let ids = |s: &str, v: &str| c.paper(s, v).iter().map(|q| q.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids("t-1", "A"), ids("t-1", "A"));
        assert_ne!(ids("t-1", "A"), ids("t-1", "B"));
        assert_ne!(ids("t-1", "A"), ids("t-2", "A"));
        let asked: BTreeSet<String> = ids("t-1", "A").into_iter().collect();
        assert_eq!(asked.len(), c.asked);
    }

    #[test]
    fn every_error_of_a_course_is_named() {
        let text = "code = \"x y\"\nversion = 1\naudience = \"all\"\nminutes = 0\nvalidity_months = 12\npass_percent = 101\nasked = 3\ntitle = {en = \"a\", zh = \"b\"}\nabout = {en = \"a\"}\ncolour = 1\n[[slide]]\ntitle = {en = \"a\", zh = \"b\"}\npoints = {en = [\"a\"], zh = []}\n[[question]]\nid = \"q\"\ntext = {en = \"a\", zh = \"b\"}\noptions = {en = [\"a\", \"b\"], zh = [\"a\", \"b\"]}\nright = \"C\"\nwhy = {en = \"a\", zh = \"b\"}\n";
        let errors = course("c.toml", text).unwrap_err();
        let got: Vec<(usize, &str)> = errors.iter().map(|e| (e.line, e.code)).collect();
        let want = [
            (1, "bad-id"),
            (3, "bad-value"),
            (4, "bad-value"),
            (6, "bad-value"),
            (7, "bounds"),
            (9, "missing-key"),
            (10, "unknown-key"),
            (13, "bounds"),
            (18, "bad-value"),
        ];
        assert_eq!(got, want);
    }
}

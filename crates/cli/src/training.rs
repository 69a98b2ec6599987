//! `watchfire training`: courses, sessions, who attended, tests, certificates, and what it all comes to.

mod certificate;
mod session;
mod status;

use crate::args::{CourseVerb, Format, ListFormat, ReasonArg, TestVerb, Training, TrainingVerb};
use crate::error::{CliError, exit};
use crate::{CSV_MARK, Face, print, print_json, secret, written};
use evidence::{Lang, Say, TakenBack, Time};
use node::{KnownCourse, Marked, Node};
use report::words;
use serde_json::{Value, json};
use std::path::Path;

pub(crate) use certificate::hand_out;

pub(crate) fn run(face: &Face, a: &Training) -> Result<u8, CliError> {
    match &a.what {
        TrainingVerb::Course(verb) => course(face, verb)?,
        TrainingVerb::Session(verb) => session::run(face, verb)?,
        TrainingVerb::Test(verb) => test(face, verb)?,
        TrainingVerb::Certificate(verb) => certificate::run(face, verb)?,
        TrainingVerb::Forget { person, author, format } => {
            let (person, leaf) = face.node()?.forget(person, author.as_deref())?;
            let key = if leaf.is_some() { "training_forgotten" } else { "training_not_known" };
            if *format == Format::Json {
                print_json(&json!({"person": person, "record": leaf, "was_known": leaf.is_some()}));
            } else {
                let leaf = leaf.map(|l| l.short()).unwrap_or_default();
                print(&face.say(&Say::new(format!("cli.say.{key}")).with("person", person).with("leaf", leaf)));
            }
        }
        TrainingVerb::Backup { file, format } => {
            let node = face.node()?;
            let passphrase = secret::ask_new(face.lang).map_err(|key| CliError::new(Say::new(key)))?;
            node.private().backup(file, &passphrase).map_err(node::NodeError::from)?;
            let shown = evidence::PathText::from_bytes(file.as_os_str().as_encoded_bytes());
            face.tell(&Say::new("cli.say.training_backed_up").with("path", shown), *format);
        }
        TrainingVerb::Restore { file, format } => {
            let node = face.node()?;
            let passphrase = secret::ask(face.lang).ok_or_else(|| CliError::new(Say::new("error.no-terminal")))?;
            let forgotten: Vec<_> = node.forgotten()?.into_iter().collect();
            let back = node.private().restore(file, &passphrase, &forgotten).map_err(node::NodeError::from)?;
            face.tell(&Say::new("cli.say.training_restored").with("count", back), *format);
        }
        TrainingVerb::Status { as_of, format } => return status::run(face, as_of.as_deref(), *format),
    }
    Ok(exit::DONE)
}

/// A node that is there already, for looking only; `None` if there is no log yet.
pub(crate) fn look(face: &Face) -> Result<Option<Node>, CliError> {
    match face.node_read_only() {
        Ok(node) => Ok(Some(node)),
        Err(e) if e.no_log() => Ok(None),
        Err(e) => Err(e),
    }
}

pub(crate) fn date(typed: &str) -> Result<Time, CliError> {
    attest::date(typed).ok_or_else(|| CliError::new(Say::new("error.bad-date").with("value", attest::clean(typed))))
}

pub(crate) fn reason(r: ReasonArg) -> TakenBack {
    match r {
        ReasonArg::Error => TakenBack::Error,
        ReasonArg::NotHeld => TakenBack::NotHeld,
        ReasonArg::Request => TakenBack::Request,
        ReasonArg::Misconduct => TakenBack::Misconduct,
        ReasonArg::ExpiredPapers => TakenBack::ExpiredPapers,
        ReasonArg::Other => TakenBack::Other,
    }
}

/// A word of a family, such as `audience.officer`.
pub(crate) fn word(face: &Face, family: &str, name: &str) -> &'static str {
    words::find(face.lang, &format!("{family}.{name}")).unwrap_or("?")
}

/// Prints a list: as JSON under `name`, as CSV with fixed headings, or as lines.
pub(crate) fn table(
    format: ListFormat,
    (name, rows): (&str, Vec<Value>),
    csv: impl Fn() -> (Vec<&'static str>, Vec<Vec<String>>),
    text: impl Fn(),
) {
    match format {
        ListFormat::Json => print_json(&json!({name: rows})),
        ListFormat::Csv => {
            let (head, rows) = csv();
            print(&format!("{CSV_MARK}{}", report::training::table_csv(&head, &rows)));
        }
        ListFormat::Text => text(),
    }
}

/// Names bad rows on standard error.
pub(crate) fn name_bad(face: &Face, bad: &[attest::BadRow]) {
    for b in bad {
        let why = words::say(face.lang, &b.say);
        eprintln!("{}", face.say(&Say::new("cli.say.scope_bad_row").with("row", b.row).with("why", why)));
    }
}

pub(crate) fn bad_json(bad: &[attest::BadRow]) -> Vec<Value> {
    bad.iter().map(|b| json!({"row": b.row, "say": b.say})).collect()
}

fn course(face: &Face, verb: &CourseVerb) -> Result<(), CliError> {
    match verb {
        CourseVerb::Add { file, author, format } => {
            let kept = face.node()?.course_add(file, author.as_deref())?;
            let leaf = kept.leaf.map(|l| l.short()).unwrap_or_default();
            let say = Say::new("cli.say.training_course_kept").with("code", &kept.course.code).with("leaf", leaf);
            match format {
                Format::Json => print_json(&course_json(&kept)),
                Format::Text => print(&face.say(&say)),
            }
        }
        CourseVerb::List { format } => {
            let all = courses(face)?;
            let csv = || {
                let head = vec!["code", "version", "audience", "minutes", "months", "pass_percent", "asked", "title"];
                (head, all.iter().map(|c| course_cells(face, c)).collect())
            };
            let text = || all.iter().for_each(|c| print(&course_line(face, c)));
            table(*format, ("courses", all.iter().map(course_json).collect()), csv, text);
        }
        CourseVerb::Show { code, format } => {
            let kept = one_course(face, code)?;
            if *format == Format::Json {
                print_json(&course_json(&kept));
                return Ok(());
            }
            print(&course_line(face, &kept));
            print(&format!("  {}", kept.course.about.of(face.lang)));
            for s in &kept.course.slides {
                let key = if s.unconfirmed { "training_slide_unconfirmed" } else { "training_slide" };
                print(&face.say(&Say::new(format!("cli.say.{key}")).with("title", s.title.of(face.lang))));
            }
            let unsure = kept.course.questions.iter().filter(|q| q.unconfirmed).count();
            let say = Say::new("cli.say.training_bank").with("count", kept.course.questions.len());
            print(&face.say(&say.with("unconfirmed", unsure)));
        }
        CourseVerb::Print { code, out, answers, format } => {
            let kept = one_course(face, code)?;
            make_folder(out)?;
            let page = report::training::slides_html(&kept.course, *answers, face.lang);
            let name = format!("{}.{}.html", kept.course.code, face.lang.tag());
            face.tell(&written(out, &name, page.as_bytes(), "training_written")?, *format);
        }
    }
    Ok(())
}

pub(crate) fn make_folder(out: &Path) -> Result<(), CliError> {
    std::fs::create_dir_all(out).map_err(|e| node::NodeError::Io(out.to_owned(), e.kind(), e.to_string()).into())
}

fn built_in() -> Result<Vec<KnownCourse>, CliError> {
    let read = |(name, text): (&str, &str)| {
        let course = ::plan::course(name, text).map_err(node::NodeError::Plan)?;
        Ok(KnownCourse { course, leaf: None })
    };
    ::plan::builtin_courses().into_iter().map(read).collect()
}

fn courses(face: &Face) -> Result<Vec<KnownCourse>, CliError> {
    match look(face)? {
        Some(node) => Ok(node.courses()?),
        None => built_in(),
    }
}

fn one_course(face: &Face, code: &str) -> Result<KnownCourse, CliError> {
    match look(face)? {
        Some(node) => Ok(node.course(code)?),
        None => {
            let all = built_in()?;
            let known: Vec<String> = all.iter().map(|c| c.course.code.clone()).collect();
            let say = Say::new("error.training-unknown-course").with("value", attest::clean(code));
            let unknown = || CliError::new(say.with("known", known.join(", ")));
            all.into_iter().find(|c| c.course.code == code.trim()).ok_or_else(unknown)
        }
    }
}

fn course_json(c: &KnownCourse) -> Value {
    let title: serde_json::Map<String, Value> =
        Lang::ALL.into_iter().map(|l| (l.tag().to_owned(), json!(c.course.title.of(l)))).collect();
    json!({
        "code": c.course.code, "version": c.course.version, "title": title, "audience": c.course.audience,
        "minutes": c.course.minutes, "validity_months": c.course.validity_months,
        "pass_percent": c.course.pass_percent, "asked": c.course.asked, "slides": c.course.slides.len(),
        "questions": c.course.questions.len(), "digest": c.course.digest, "record": c.leaf,
    })
}

fn course_cells(face: &Face, c: &KnownCourse) -> Vec<String> {
    let c = &c.course;
    let own = |n: u64| n.to_string();
    vec![
        c.code.clone(),
        c.version.to_string(),
        c.audience.name().to_owned(),
        own(c.minutes),
        own(c.validity_months),
        own(c.pass_percent),
        own(c.asked as u64),
        c.title.of(face.lang).to_owned(),
    ]
}

fn course_line(face: &Face, c: &KnownCourse) -> String {
    let c = &c.course;
    let say = Say::new("cli.say.training_course").with("code", &c.code).with("title", c.title.of(face.lang));
    let say = say.with("audience", word(face, "audience", c.audience.name())).with("minutes", c.minutes);
    face.say(&say.with("months", c.validity_months).with("percent", c.pass_percent).with("asked", c.asked))
}

fn test(face: &Face, verb: &TestVerb) -> Result<(), CliError> {
    match verb {
        TestVerb::Print { session, out, version, answers, format } => {
            let paper = face.node_read_only()?.test_paper(session, version)?;
            let id = &paper.session.session;
            make_folder(out)?;
            let page = report::training::paper_html(&paper.course, id, &paper.version, *answers, face.lang);
            let kind = if *answers { "answers" } else { "paper" };
            let letter: String = paper.version.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
            let name = format!("{id}.{letter}.{kind}.{}.html", face.lang.tag());
            face.tell(&written(out, &name, page.as_bytes(), "training_written")?, *format);
        }
        TestVerb::Mark { session, name, answers, version, author, format } => {
            marked(face, &face.node()?.test_mark(session, name, answers, version, author.as_deref())?, *format);
        }
        TestVerb::Import { session, table, version, document, author, format } => {
            let node = face.node()?;
            let got = node.test_import(session, table, version, document.as_deref(), author.as_deref())?;
            marked(face, &got, *format);
        }
    }
    Ok(())
}

fn marked(face: &Face, m: &Marked, format: Format) {
    if format == Format::Json {
        print_json(&json!({
            "session": m.session, "record": m.leaf, "lines": m.lines, "passed": m.passed, "right": m.right,
            "asked": m.asked, "not_in_attendance": m.absent, "left_out": bad_json(&m.bad),
        }));
        return;
    }
    name_bad(face, &m.bad);
    let say = Say::new("cli.say.training_marked").with("session", &m.session).with("count", m.lines);
    print(&face.say(&say.with("passed", m.passed).with("leaf", m.leaf.short())));
    if let Some(right) = m.right {
        print(&face.say(&Say::new("cli.say.training_right").with("right", right).with("asked", m.asked)));
    }
    if m.absent > 0 {
        print(&face.say(&Say::new("cli.say.training_absent").with("count", m.absent)));
    }
}

//! Logs of text, line by line: what form they have is told by their first line that says something.
//!
//! Reading order: here (forms, the loop over lines), `json`, `table` (CSV, Zeek, W3C), `syslog` (and what programs write into
//! it), `lines` (audit daemon, CEF, web servers), `journal` (the export format). Each fills an [`Event`]; nothing is kept of
//! a line. A line that its form cannot read is counted and named.

pub(crate) use syslog::stamp;

mod journal;
mod json;
mod lines;
mod syslog;
mod table;

use crate::event::{Event, Position};
use crate::flows::read::next;
use std::io::BufRead;
use stdx::Stop;

/// Longest line, in bytes; a longer one is a bad line.
pub const LINE_BYTES_MAX: usize = 2 << 20;
/// Most bytes that one packed file unpacks to.
pub const UNPACKED_BYTES_MAX: u64 = 256 << 30;
/// Largest JSON file that is one document instead of lines, in bytes.
pub const DOCUMENT_BYTES_MAX: u64 = 1 << 30;
/// Deepest nesting of JSON.
pub const DEPTH_MAX: usize = 32;
/// Lines that may come before the form shows.
const TOP_LINES_MAX: u64 = 200;

/// Times without a zone, and dates without a year, are completed by these.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Minutes that the assumed zone is ahead of UTC.
    pub ahead_minutes: i64,
    /// No event is younger than this, in milliseconds since 1970: a date without a year is of the last year that fits.
    pub newest: i64,
}

/// What a log is written in.
pub(crate) enum Form {
    Json,
    Table(table::Table),
    Syslog,
    Auditd,
    Cef,
    Web,
}
impl Form {
    fn name(&self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Table(t) => t.name(),
            Self::Syslog => "syslog",
            Self::Auditd => "auditd",
            Self::Cef => "cef",
            Self::Web => "web",
        }
    }

    fn of(line: &[u8], clock: Clock) -> Option<(Self, bool)> {
        let mut trial = Event::default();
        if line.starts_with(b"{") {
            return Some((Self::Json, true));
        }
        if let Some(table) = table::Table::remark(line) {
            return Some((Self::Table(table), false));
        }
        for (form, reads) in [
            (Self::Auditd, lines::auditd as fn(&[u8], &mut Event) -> bool),
            (Self::Cef, lines::cef),
            (Self::Web, lines::web),
        ] {
            trial.clear();
            if reads(line, &mut trial) {
                return Some((form, true));
            }
        }
        trial.clear();
        if syslog::line(line, clock, &mut trial) {
            return Some((Self::Syslog, true));
        }
        table::Table::heading(line).map(|t| (Self::Table(t), false))
    }
}

/// What came of one log.
#[derive(Default, Debug)]
pub struct Told {
    /// The form; none if no line of the top had one.
    pub form: Option<&'static str>,
    /// Lines, or records.
    pub lines: u64,
    /// Events.
    pub events: u64,
    /// Lines that could not be read.
    pub bad: u64,
    /// The first of them.
    pub first_bad: Option<u64>,
    /// Why reading ended early.
    pub error: Option<std::io::Error>,
}
impl Told {
    fn bad(&mut self, line: u64) {
        self.bad += 1;
        self.first_bad.get_or_insert(line);
    }
}

/// Reads one log, already unpacked. `take` is given each event and the name of its form.
pub fn read(from: &mut dyn BufRead, clock: Clock, take: &mut dyn FnMut(&mut Event, &'static str), stop: &Stop) -> Told {
    let mut event = Event::default();
    let head = match from.fill_buf() {
        Ok(head) => head,
        Err(e) => return Told { error: Some(e), ..Told::default() },
    };
    if journal::is_export(head) {
        return journal::read(from, &mut event, take, stop);
    }
    if json::is_document(head) {
        return json::document(from, clock, &mut event, take, stop);
    }
    let mut told = Told::default();
    let (mut number, mut offset) = (0_u64, 0_u64);
    let (mut form, mut long): (Option<Form>, Vec<u8>) = (None, Vec::new());
    let mut before = Vec::new();
    while !(number % 1024 == 0 && stop.requested()) {
        let at = offset;
        let got = next(from, &mut long, &mut offset, LINE_BYTES_MAX, &mut |line| {
            number += 1;
            let Some(line) = line else { return Line::Bad };
            one(line, number, at, clock, &mut form, &mut event, take)
        });
        match got {
            Ok(None) => break,
            Err(e) => {
                told.error = Some(e);
                break;
            }
            Ok(Some(Line::Event)) => told.events += 1,
            Ok(Some(Line::Nothing)) => {}
            Ok(Some(Line::Bad)) if form.is_none() => before.push(number),
            Ok(Some(Line::Bad)) => told.bad(number),
        }
        if form.is_none() && number >= TOP_LINES_MAX {
            break;
        }
    }
    told.lines = number;
    told.form = form.as_ref().map(Form::name);
    before.into_iter().for_each(|line| told.bad(line));
    told
}

enum Line {
    Event,
    Nothing,
    Bad,
}

fn one(
    line: &[u8],
    number: u64,
    offset: u64,
    clock: Clock,
    form: &mut Option<Form>,
    event: &mut Event,
    take: &mut dyn FnMut(&mut Event, &'static str),
) -> Line {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = if number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
    if line.trim_ascii().is_empty() {
        return Line::Nothing;
    }
    let known = match form {
        Some(known) => known,
        None => match Form::of(line, clock) {
            Some((known, true)) => form.insert(known),
            Some((known, false)) => {
                *form = Some(known);
                return Line::Nothing;
            }
            None if line.starts_with(b"#") => return Line::Nothing,
            None => return Line::Bad,
        },
    };
    event.clear();
    let read = match known {
        Form::Json => json::line(line, event),
        Form::Table(table) => match table.line(line, event) {
            Some(read) => read,
            None => return Line::Nothing,
        },
        Form::Syslog => syslog::line(line, clock, event),
        Form::Auditd => lines::auditd(line, event),
        Form::Cef => lines::cef(line, event),
        Form::Web => lines::web(line, event),
    };
    if !read {
        return Line::Bad;
    }
    event.position = Position { number, offset };
    take(event, known.name());
    Line::Event
}

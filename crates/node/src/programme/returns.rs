//! Returns of plants without Watchfire: whom was asked, what came back, and who is silent.
//!
//! Who was asked is a roll too (`of` = `asked`): one row an enterprise with the last day (`day`) and what was done (`way`: `asked`, `reminded`,
//! `escalated`). So silence has a record, an owner and a day, and follows from the log like everything else.

use super::rolls::KeptRoll;
use crate::registry::zlib;
use crate::{Node, NodeError, home};
use attest::{BadRow, RollKind};
use evidence::{Digest, Document, Enterprise, Record, Roll, RollRow, Say, Time};
use plan::CheckedPlan;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Milliseconds of a day.
const DAY_MILLIS: i64 = 86_400_000;

/// Where an enterprise stands with its return.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ReturnState {
    /// Nobody asked it.
    NotAsked,
    /// It was asked, and its last day is to come.
    Asked,
    /// It was reminded, and its last day is to come.
    Reminded,
    /// Its last day is over.
    Overdue,
    /// It was taken to the level above.
    Escalated,
    /// It answered since it was asked.
    Answered,
}
impl ReturnState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::NotAsked, Self::Asked, Self::Reminded, Self::Overdue, Self::Escalated, Self::Answered];
    /// Its name. Words `returns-state.<name>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotAsked => "not-asked",
            Self::Asked => "asked",
            Self::Reminded => "reminded",
            Self::Overdue => "overdue",
            Self::Escalated => "escalated",
            Self::Answered => "answered",
        }
    }
}

/// An enterprise and its return.
#[derive(Clone, Debug)]
pub struct Returning {
    /// Credit code.
    pub uscc: String,
    /// Name.
    pub name: String,
    /// Where it stands.
    pub state: ReturnState,
    /// Its last day.
    pub due: Option<Time>,
    /// Who asked it last.
    pub owner: String,
}

/// What a template is for.
pub struct TemplateOrder<'a> {
    /// Beginning of an area's code, or `65-XPCC`.
    pub area: &'a str,
    /// Only selected enterprises.
    pub selected: bool,
    /// Year of the registry.
    pub year: Option<i64>,
    /// Last day for answers.
    pub due: Time,
    /// Who asks.
    pub author: Option<&'a str>,
}

fn within(e: &Enterprise<'_>, area: &str) -> bool {
    if area == "65-XPCC" { e.supervisor == "65-XPCC" } else { e.area.starts_with(area) || e.supervisor == area }
}

impl Node {
    /// Writes the workbook for the enterprises of an area into `out` and signs that they were asked. Answers how many.
    pub fn returns_template(
        &self,
        plan: &CheckedPlan,
        order: &TemplateOrder<'_>,
        out: &Path,
    ) -> Result<(KeptRoll, u64), NodeError> {
        let area = order.area.trim().to_uppercase();
        let (kept, rows) = if order.selected {
            let selected = self.registry_selected("", order.year)?;
            (self.registry(order.year)?, selected.rows)
        } else {
            self.registry_rows(order.year)?
        };
        let rows: Vec<&Enterprise<'_>> = rows.iter().map(|r| &r.0).filter(|e| within(e, &area)).collect();
        if rows.is_empty() {
            return Err(NodeError::Entry(Say::new("error.template-empty").with("area", attest::clean(order.area))));
        }
        let codes: BTreeSet<String> = rows.iter().map(|e| e.uscc.to_string()).collect();
        let binding = attest::Binding {
            area: area.clone(),
            year: kept.registry.year,
            plan: plan.digest(),
            due: order.due.date(),
        };
        let names = rows.iter().map(|e| (e.uscc.to_string(), e.name.to_string()));
        let bytes =
            report::programme::returns_xlsx(&binding.lines(&codes), &area, kept.registry.year, order.due, names)
                .map_err(NodeError::Internal)?;
        home::write(out, &bytes)?;
        let name = out.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let document = Document { name, digest: Digest::of(&bytes), bytes: bytes.len() as u64 };
        let roll = self.note_asked(codes, "asked", order.due, document, order.author)?;
        Ok((roll, rows.len() as u64))
    }

    /// Signs that enterprises were asked, reminded or escalated.
    fn note_asked(
        &self,
        codes: BTreeSet<String>,
        way: &str,
        due: Time,
        document: Document,
        author: Option<&str>,
    ) -> Result<KeptRoll, NodeError> {
        let row = |uscc| RollRow { uscc, day: Some(due), way: way.to_owned(), ..RollRow::default() };
        let rows: Vec<RollRow> = codes.into_iter().map(row).collect();
        let (lines, root) = evidence::roll_file(&rows);
        let packed = zlib(&lines)?;
        let roll = Roll {
            node: self.id(),
            author: self.author(author),
            stated_at: home::now(),
            of: "asked".to_owned(),
            document,
            rows: root,
            packed: Digest::of(&packed),
            left_out: BTreeMap::new(),
            doubts: Vec::new(),
        };
        let kept = self.append(&Record::Roll(Box::new(roll.clone())), None, vec![packed])?;
        Ok(KeptRoll { roll, leaf: kept.witness.record.leaf() })
    }

    /// Where every enterprise of an area (empty: of all) stands with its return.
    pub fn returns_status(&self, area: &str, year: Option<i64>) -> Result<Vec<Returning>, NodeError> {
        let area = area.trim().to_uppercase();
        let now = home::now();
        // The newest word on each: when, what, until when, by whom.
        let mut asked: BTreeMap<String, (Time, String, Time, String)> = BTreeMap::new();
        let mut answered: BTreeMap<String, Time> = BTreeMap::new();
        for w in self.store().records(&[evidence::RecordKind::Roll])? {
            let rows = self.roll_rows(&w)?;
            let roll = rows.roll();
            for r in rows.rows() {
                match roll.of.as_str() {
                    "asked" => {
                        let day = r.day.unwrap_or(roll.stated_at);
                        let new = (roll.stated_at, r.way.clone(), day, roll.author.name.clone());
                        let kept = asked.entry(r.uscc.clone()).or_insert_with(|| new.clone());
                        if kept.0 < new.0 {
                            // A reminder does not begin silence anew: an answer to the first asking is an answer.
                            *kept = (kept.0, new.1, new.2, new.3);
                        }
                    }
                    "returns" => {
                        let at = answered.entry(r.uscc.clone()).or_insert(roll.stated_at);
                        *at = (*at).max(roll.stated_at);
                    }
                    _ => {}
                }
            }
        }
        let (_, rows) = self.registry_rows(year)?;
        let rows = rows.iter().map(|r| &r.0).filter(|e| area.is_empty() || within(e, &area));
        let one = |e: &Enterprise<'_>| {
            let word = asked.get(e.uscc.as_ref());
            let since = answered.get(e.uscc.as_ref());
            let state = match word {
                None if since.is_some() => ReturnState::Answered,
                None => ReturnState::NotAsked,
                Some(w) if since.is_some_and(|s| *s >= w.0) => ReturnState::Answered,
                Some(w) if w.1 == "escalated" => ReturnState::Escalated,
                Some(w) if w.2.millis().saturating_add(DAY_MILLIS) <= now.millis() => ReturnState::Overdue,
                Some(w) if w.1 == "reminded" => ReturnState::Reminded,
                Some(_) => ReturnState::Asked,
            };
            Returning {
                uscc: e.uscc.to_string(),
                name: e.name.to_string(),
                state,
                due: word.map(|w| w.2),
                owner: word.map_or_else(String::new, |w| w.3.clone()),
            }
        };
        Ok(rows.map(one).collect())
    }

    /// Notes that the silent ones of an area were reminded, or taken to the level above. Answers how many.
    pub fn returns_remind(
        &self,
        area: &str,
        escalate: bool,
        due: Time,
        author: Option<&str>,
    ) -> Result<(KeptRoll, u64), NodeError> {
        let silent = [ReturnState::Asked, ReturnState::Reminded, ReturnState::Overdue];
        let all = self.returns_status(area, None)?;
        let codes: BTreeSet<String> = all.into_iter().filter(|r| silent.contains(&r.state)).map(|r| r.uscc).collect();
        if codes.is_empty() {
            return Err(NodeError::Entry(Say::new("error.returns-nobody").with("area", attest::clean(area))));
        }
        let count = codes.len() as u64;
        let none = Document { name: String::new(), digest: Digest::of(b""), bytes: 0 };
        let way = if escalate { "escalated" } else { "reminded" };
        Ok((self.note_asked(codes, way, due, none, author)?, count))
    }

    /// Takes a workbook that came back: it must be one of `returns_template`, unchanged where it may not be. `bad` is told of rows that
    /// cannot be taken before anything is signed.
    pub fn returns_import(
        &self,
        table: &Path,
        bad: &mut dyn FnMut(&[BadRow]) -> Result<(), NodeError>,
        author: Option<&str>,
    ) -> Result<super::ImportedRoll, NodeError> {
        let bytes = home::read(table, attest::ROLL_LIMITS.file_bytes_max as u64)?;
        let bound = attest::bound(&bytes, &attest::ROLL_LIMITS);
        if !bound.map_err(|e| NodeError::Table(table.to_owned(), e))? {
            let path = evidence::PathText::from_bytes(table.as_os_str().as_encoded_bytes());
            return Err(NodeError::Entry(Say::new("error.not-a-template").with("path", path)));
        }
        self.roll_import(table, RollKind::Returns, bad, author)
    }
}

//! Standings, the queue and orders as tables that people keep: CSV and workbooks, with headings in the reader's language; and as JSON.
//!
//! A range stays a range: `least` and `most` are two columns, and what cannot be told stands in a column of its own.

use crate::discover::{safe, write};
use crate::view::{Own, Tongue};
use crate::words;
use evidence::{Lang, Mending, OrderMove, Say, Time};
use judge::{EnterpriseStanding, ListOf, ListPage, OrderView, QueueItem, QueuePage, ReasonStanding, ShownFinding};
use plan::{CheckedPlan, Days};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::{Value, json};

/// Columns of standings; words `oversight.column.<name>`.
pub const STANDING_COLUMNS: [&str; 19] = [
    "uscc",
    "name",
    "supervisor",
    "area",
    "industry",
    "group",
    "selected",
    "enrolled",
    "report",
    "least",
    "most",
    "reasons",
    "unknown",
    "orders_open",
    "orders_overdue",
    "measures_open",
    "measures_overdue",
    "measures_done",
    "records",
];
/// Columns of the queue; words `oversight.column.<name>`.
pub const QUEUE_COLUMNS: [&str; 13] =
    ["rank", "kind", "uscc", "name", "supervisor", "about", "due", "least", "most", "why", "state", "owner", "command"];
/// Columns of orders; words `oversight.column.<name>`.
pub const ORDER_COLUMNS: [&str; 11] =
    ["order", "uscc", "basis", "issued", "due", "state", "overdue", "late", "answered", "examined", "demand"];
/// Longest text of a cell of a workbook, in characters (Excel's own limit).
const CELL_CHARS_MAX: usize = 32_767;
const WIDTH: f64 = 20.0;

/// A cell: numbers stay numbers in a workbook.
#[derive(Clone, Debug)]
pub enum Cell {
    /// A text.
    Text(String),
    /// A number.
    Number(u64),
}
impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<u64> for Cell {
    fn from(n: u64) -> Self {
        Self::Number(n)
    }
}

/// A table in the reader's language.
#[derive(Clone, Debug)]
pub struct Table {
    pub(crate) title: String,
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
}
impl Table {
    fn new(lang: Lang, title: &str, columns: &[&str], rows: Vec<Vec<Cell>>) -> Self {
        let head = columns.iter().map(|c| words::text(lang, &format!("oversight.column.{c}")).to_owned());
        Self { title: words::text(lang, title).to_owned(), head: head.collect(), rows }
    }
    /// As CSV (RFC 4180), without a byte order mark; no cell begins a formula.
    #[must_use]
    pub fn csv(&self) -> String {
        let cell = |c: &Cell| match c {
            Cell::Text(text) => safe(text),
            Cell::Number(n) => n.to_string(),
        };
        let rows = self.rows.iter().map(|r| r.iter().map(cell).collect());
        write(std::iter::once(self.head.clone()).chain(rows))
    }
    /// As a workbook: texts and numbers, no formula.
    ///
    /// # Errors
    /// If it cannot be written: more rows than the format allows.
    pub fn xlsx(&self) -> Result<Vec<u8>, String> {
        self.book().map_err(|e| e.to_string())
    }
    fn book(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name(&self.title)?;
        let bold = Format::new().set_bold().set_text_wrap();
        for (column, text) in (0_u16..).zip(&self.head) {
            sheet.write_string_with_format(0, column, text, &bold)?.set_column_width(column, WIDTH)?;
        }
        for (row, cells) in (1_u32..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                match cell {
                    Cell::Text(text) => {
                        let text: String = text.chars().take(CELL_CHARS_MAX).collect();
                        sheet.write_string(row, column, text)?;
                    }
                    // Points and counts are far below the integers that a float holds.
                    Cell::Number(n) => {
                        sheet.write_number(row, column, *n as f64)?;
                    }
                }
            }
        }
        sheet.set_freeze_panes(1, 2)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        book.save_to_buffer()
    }
}

/// A name of the plan's; its id where there is none.
#[must_use]
pub fn planned(plan: &CheckedPlan, lang: Lang, family: &str, id: &str) -> String {
    plan.words(lang).get(&format!("{family}.{id}.name")).map_or_else(|| id.to_owned(), str::to_owned)
}

/// The name of a fact that reasons read.
#[must_use]
pub fn fact_name(lang: Lang, name: &str) -> &str {
    words::find(lang, &format!("oversight.fact.{name}")).unwrap_or(name)
}

fn yes(lang: Lang, is: Option<bool>) -> Cell {
    let key = match is {
        Some(true) => "oversight.yes",
        Some(false) => "oversight.no",
        None => "oversight.unknown",
    };
    Cell::from(words::text(lang, key))
}

/// Supervisor, by name.
#[must_use]
pub fn supervisor(lang: Lang, code: &str) -> &str {
    words::find(lang, &format!("supervisor.{code}")).unwrap_or(code)
}

/// The reasons of one kind, by name.
#[must_use]
pub fn reasons(plan: &CheckedPlan, lang: Lang, s: &EnterpriseStanding, holds: bool) -> Vec<String> {
    let of = s.reasons.iter().filter(|r| r.holds == holds);
    of.map(|r| planned(plan, lang, "reason", &r.reason)).collect()
}

/// Standings as a table.
#[must_use]
pub fn standings(plan: &CheckedPlan, lang: Lang, of: ListOf, rows: &[EnterpriseStanding]) -> Table {
    let mark = words::text(lang, "oversight.separator");
    let blank = || Cell::from("");
    let row = |s: &EnterpriseStanding| {
        let mut from: Vec<String> = s.reasons.iter().flat_map(|r| &r.from).map(evidence::Digest::short).collect();
        from.sort();
        from.dedup();
        let measures = s.measures.map_or([blank(), blank(), blank()], |m| [m.0.into(), m.1.into(), m.2.into()]);
        let mut cells: Vec<Cell> = vec![
            s.uscc.as_str().into(),
            s.name.as_str().into(),
            supervisor(lang, &s.supervisor).into(),
            s.area.as_str().into(),
            s.industry.as_str().into(),
            s.group.as_str().into(),
            yes(lang, s.selected),
            yes(lang, Some(s.enrolled)),
            s.report.map_or_else(String::new, |r| r.0.date()).into(),
            s.least.into(),
            s.most.into(),
            reasons(plan, lang, s, true).join(mark).into(),
            reasons(plan, lang, s, false).join(mark).into(),
            s.orders.0.into(),
            s.orders.1.into(),
        ];
        cells.extend(measures);
        cells.push(from.join(" ").into());
        cells
    };
    let title = format!("oversight.list.{}", of.name());
    Table::new(lang, &title, &STANDING_COLUMNS, rows.iter().map(row).collect())
}

/// The queue as a table.
#[must_use]
pub fn queue(plan: &CheckedPlan, lang: Lang, items: &[QueueItem]) -> Table {
    let days = Days::of(plan.calendar());
    let row = |i: &QueueItem| {
        vec![
            u64::from(i.rank).into(),
            planned(plan, lang, "matter", i.kind.name()).into(),
            i.uscc.as_str().into(),
            i.name.as_str().into(),
            supervisor(lang, &i.supervisor).into(),
            i.about.as_str().into(),
            i.due.map_or_else(String::new, |d| last_day(&days, d)).into(),
            i.points.0.into(),
            i.points.1.into(),
            words::say(lang, &i.why).into(),
            state_of_return(lang, &i.state).into(),
            i.owner.as_str().into(),
            i.command.as_str().into(),
        ]
    };
    Table::new(lang, "oversight.queue", &QUEUE_COLUMNS, items.iter().map(row).collect())
}

/// Where an enterprise stands with its return, in words; empty of one that is not silent.
#[must_use]
pub fn state_of_return(lang: Lang, state: &str) -> &str {
    words::find(lang, &format!("returns-state.{state}")).unwrap_or(state)
}

/// The last day of a limit: its end is 24:00 of that day.
#[must_use]
pub fn last_day(days: &Days, end: Time) -> String {
    days.date(Time::from_millis(end.millis().saturating_sub(1)))
}

fn mending(lang: Lang, result: Mending) -> String {
    words::text(lang, &format!("mending.{}", result.name())).to_owned()
}

/// Orders as a table.
#[must_use]
pub fn orders(plan: &CheckedPlan, lang: Lang, views: &[OrderView<'_>]) -> Table {
    let days = Days::of(plan.calendar());
    let row = |v: &OrderView<'_>| {
        vec![
            v.order.into(),
            v.text.uscc.as_str().into(),
            planned(plan, lang, "basis", &v.text.basis).into(),
            days.date(v.issued_at).into(),
            last_day(&days, v.due).into(),
            words::text(lang, &format!("order-state.{}", v.state.name())).into(),
            yes(lang, Some(v.overdue)),
            yes(lang, Some(v.late())),
            v.answers.last().map_or_else(String::new, |a| days.date(a.at)).into(),
            v.examined.map_or_else(String::new, |e| mending(lang, e.1)).into(),
            v.text.demand.as_str().into(),
        ]
    };
    Table::new(lang, "oversight.orders", &ORDER_COLUMNS, views.iter().map(row).collect())
}

fn reason_json(r: &ReasonStanding) -> Value {
    json!({"reason": r.reason, "points": r.points, "holds": r.holds, "from": r.from, "missing": r.missing})
}

/// A standing.
#[must_use]
pub fn standing_json(s: &EnterpriseStanding) -> Value {
    json!({
        "uscc": s.uscc,
        "name": s.name,
        "area": s.area,
        "supervisor": s.supervisor,
        "industry": s.industry,
        "group": s.group,
        "listed": s.listed,
        "selected": s.selected,
        "enrolled": s.enrolled,
        "report": s.report.map(|r| json!({"as_of": r.0, "leaf": r.1})),
        "least": s.least,
        "most": s.most,
        "reasons": s.reasons.iter().map(reason_json).collect::<Vec<_>>(),
        "orders": {"open": s.orders.0, "overdue": s.orders.1},
        "measures": s.measures.map(|m| json!({"open": m.0, "overdue": m.1, "done": m.2})),
    })
}

/// A page of a list.
#[must_use]
pub fn list_json(of: ListOf, page: &ListPage) -> Value {
    let rows: Vec<Value> = page.rows.iter().map(standing_json).collect();
    json!({"list": of.name(), "rows": rows, "total": page.total, "next": page.next})
}

/// A page of the queue.
#[must_use]
pub fn queue_json(page: &QueuePage) -> Value {
    let item = |i: &QueueItem| {
        json!({
            "rank": i.rank,
            "kind": i.kind.name(),
            "uscc": i.uscc,
            "name": i.name,
            "supervisor": i.supervisor,
            "about": i.about,
            "due": i.due,
            "least": i.points.0,
            "most": i.points.1,
            "why": i.why,
            "state": i.state,
            "owner": i.owner,
            "from": i.from,
            "command": i.command,
        })
    };
    json!({"items": page.items.iter().map(item).collect::<Vec<_>>(), "total": page.total, "next": page.next})
}

/// An order.
#[must_use]
pub fn order_json(v: &OrderView<'_>) -> Value {
    let steps = v.steps.iter().map(
        |s| json!({"is": s.what.name(), "node": s.node, "at": s.at, "taken_in": s.taken_in, "leaf": s.leaf, "what": s.what}),
    );
    json!({
        "order": v.order,
        "text": v.text,
        "issuer": v.issuer,
        "issued_at": v.issued_at,
        "state": v.state.name(),
        "due": v.due,
        "overdue": v.overdue,
        "late": v.late(),
        "extended": {"times": v.extended.0, "working_days": v.extended.1},
        "received_at": v.received_at,
        "steps": steps.collect::<Vec<_>>(),
        "doubts": v.doubts,
    })
}

/// What a finding that was given on order is called, its holes filled with what came with it.
#[must_use]
pub fn finding_title(plan: &CheckedPlan, lang: Lang, f: &ShownFinding) -> String {
    let own = Own::default();
    let tongue = Tongue { lang, plan, own: &own };
    let title = tongue.check(&f.check, "title", &f.with);
    match plan.check(&f.check).map(|c| &c.kind) {
        // The title of an organisational check says what should be; of a machine check, what is wrong.
        Some(plan::CheckKind::Answer(_)) => tongue.f("report.findings.not-fulfilled", &[("title", &title)]),
        _ => title,
    }
}

/// What a step of an order says, in words.
#[must_use]
pub fn order_step(plan: &CheckedPlan, lang: Lang, what: &OrderMove) -> String {
    let days = Days::of(plan.calendar());
    let say = Say::new(format!("order-move.{}", what.name()));
    let or_none = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
    let say = match what {
        OrderMove::Issued(t) => say.with("days", t.working_days).with("due", last_day(&days, t.due)),
        OrderMove::Answered { says, documents, on_paper } => {
            let key = if on_paper.is_some() { "order-move.answered-on-paper" } else { "order-move.answered" };
            let say = Say::new(key).with("says", or_none(says)).with("documents", documents.len());
            on_paper.map_or(say.clone(), |day| say.with("day", days.date(day)))
        }
        OrderMove::Extended { reason, working_days, due } => {
            say.with("why", reason).with("days", working_days).with("due", last_day(&days, *due))
        }
        OrderMove::Examined { result, by, note } => {
            let result = mending(lang, *result);
            let by = by.map_or_else(|| words::text(lang, "oversight.on-the-spot").to_owned(), |l| l.short());
            say.with("result", result).with("by", by).with("note", or_none(note))
        }
        OrderMove::Closed { note } => say.with("note", or_none(note)),
        OrderMove::Withdrawn { reason } | OrderMove::Withheld { reason } => say.with("why", reason),
        OrderMove::Given(given) => say.with("shown", given.shown).with("left", given.left_out),
        OrderMove::Read { of, reason } => say.with("leaf", of.short()).with("why", reason),
        OrderMove::Received {} | OrderMove::Carried { .. } => say,
    };
    words::say(lang, &say)
}

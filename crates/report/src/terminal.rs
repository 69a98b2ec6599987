//! The terminal face: about two screens, words first, colour only as an addition.

use crate::Style;
use crate::view::{FindingRow, Group, View};
use crate::width::{fit, head, left, right, width, wrap};
use evidence::{Outcome, Severity};
use std::fmt::Display;

/// Narrowest and widest page, in columns; wider lines are hard to read.
const COLUMNS: std::ops::RangeInclusive<usize> = 60..=160;
/// Checks whose findings are shown; the rest is counted.
const GROUPS_MAX: usize = 10;
/// Objects shown of one check.
const OBJECTS_MAX: usize = 3;
/// A value is shown beside a finding only if it has this much room, in columns.
const VALUE_COLUMNS_MIN: usize = 16;
/// Rows shown of the other lists.
const ROWS_MAX: usize = 8;

/// ANSI attributes. Bold and the eight basic colours only: they follow the user's own palette.
#[derive(Clone, Copy)]
enum Ink {
    Bold,
    Dim,
    Red,
    Yellow,
    Green,
    Cyan,
}

struct Page<'v, 'a> {
    view: &'v View<'a>,
    columns: usize,
    colour: bool,
    out: String,
}

/// The whole text.
pub(crate) fn render(view: &View<'_>, style: Style) -> String {
    let columns = style.width.clamp(*COLUMNS.start(), *COLUMNS.end());
    let mut page = Page { view, columns, colour: style.colour, out: String::new() };
    page.result();
    page.scenarios();
    page.findings();
    page.data();
    page.gaps();
    page.cannot();
    page.people();
    page.doubts();
    page.verify();
    page.next();
    page.out
}

impl Page<'_, '_> {
    fn t<'k>(&self, key: &'k str) -> &'k str {
        self.view.t(key)
    }

    fn ink(&self, ink: Ink, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Bold => "1",
            Ink::Dim => "2",
            Ink::Red => "31",
            Ink::Yellow => "33",
            Ink::Green => "32",
            Ink::Cyan => "36",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// Wrapped text behind `lead` (without colour codes), following lines indented by the lead's width.
    fn para(&mut self, lead: &str, ink: Option<Ink>, text: &str) {
        let indent = width(lead);
        for (n, part) in wrap(text, self.columns.saturating_sub(indent)).iter().enumerate() {
            let front = if n == 0 { lead.to_owned() } else { " ".repeat(indent) };
            let part = ink.map_or_else(|| part.clone(), |i| self.ink(i, part));
            self.line(&format!("{front}{part}"));
        }
    }

    fn heading(&mut self, text: &str) {
        self.line("");
        let bold = self.ink(Ink::Bold, text);
        self.line(&bold);
        self.line(&"─".repeat(width(text).min(self.columns)));
    }

    fn more(&mut self, rest: usize) {
        if rest > 0 {
            let text = self.view.tongue.f("report.more-in-html", &[("count", &rest)]);
            let text = self.ink(Ink::Dim, &text);
            self.line(&format!("  … {text}"));
        }
    }

    /// A table with a heading row; columns with `true` are numbers and go to the right. The first column takes what
    /// room is left and is cut if that is too little.
    fn table(&mut self, head: &[(&str, bool)], rows: &[Vec<String>]) {
        let mut widths: Vec<usize> = head.iter().map(|h| width(h.0)).collect();
        for row in rows {
            for (w, cell) in widths.iter_mut().zip(row) {
                *w = (*w).max(width(cell));
            }
        }
        let fixed: usize = widths.iter().skip(1).map(|w| w + 2).sum();
        if let Some(first) = widths.first_mut() {
            *first = (*first).min(self.columns.saturating_sub(fixed + 2).max(12));
        }
        let lay = |cells: Vec<&str>| {
            let parts = cells.iter().zip(&widths).zip(head).map(|((cell, w), h)| {
                let cell = fit(cell, *w);
                if h.1 { right(&cell, *w) } else { left(&cell, *w) }
            });
            format!("  {}", parts.collect::<Vec<_>>().join("  "))
        };
        let top = lay(head.iter().map(|h| h.0).collect());
        let top = self.ink(Ink::Dim, top.trim_end());
        self.line(&top);
        for row in rows {
            let text = lay(row.iter().map(String::as_str).collect());
            self.line(&text);
        }
    }

    fn result(&mut self) {
        let view = self.view;
        let title = self.ink(Ink::Bold, &format!("Watchfire · {}", self.t("report.title")));
        self.line(&title);
        self.line("");
        for (n, sentence) in view.result.iter().enumerate() {
            self.para("", (n == 0).then_some(Ink::Bold), sentence);
        }
        for caution in &view.cautions {
            self.para("! ", Some(Ink::Yellow), caution);
        }
        self.line("");
        let lead = view.covers.iter().map(|l| width(&l.label)).max().unwrap_or(0);
        for item in &view.covers {
            for (n, value) in item.values.iter().enumerate() {
                let label = if n == 0 { item.label.as_str() } else { "" };
                self.para(&format!("{}  ", left(label, lead)), None, value);
            }
        }
    }

    fn scenarios(&mut self) {
        let view = self.view;
        self.heading(self.t("report.scenarios.heading"));
        let (fail, cannot) = (view.tongue.outcome(Outcome::Fail), view.tongue.outcome(Outcome::CannotTell));
        let (pass, na) = (view.tongue.outcome(Outcome::Pass), view.tongue.outcome(Outcome::NotApplicable));
        let head = [
            (self.t("report.scenarios.scenario"), false),
            (fail.as_str(), true),
            (cannot.as_str(), true),
            (pass.as_str(), true),
            (self.t("report.scenarios.paper-short"), true),
            (na.as_str(), true),
            (self.t("report.scenarios.worst-short"), false),
        ];
        let rows: Vec<Vec<String>> = view
            .scenarios
            .iter()
            .map(|s| {
                let counts = [s.failed, s.cannot_tell, s.passed, s.on_paper, s.not_applicable];
                let worst = s.worst.map_or_else(|| "–".to_owned(), |w| view.tongue.severity(w));
                let mark = if s.risk { "" } else { " *" };
                let mut row = vec![format!("{}{mark}", s.name)];
                row.extend(counts.iter().map(ToString::to_string));
                row.push(worst);
                row
            })
            .collect();
        self.table(&head, &rows);
        if view.scenarios.iter().any(|s| !s.risk) {
            let note = self.t("report.scenarios.not-risk");
            self.para("  * ", Some(Ink::Dim), note);
        }
        if view.scenarios.iter().any(|s| s.on_paper > 0) {
            let note = self.t("report.scenarios.on-paper-note");
            self.para("  ", Some(Ink::Dim), note);
        }
    }

    fn findings(&mut self) {
        let view = self.view;
        self.heading(&format!("{} ({})", self.t("report.findings.heading"), view.finding_count()));
        if view.findings.is_empty() {
            self.para("  ", None, self.t("report.findings.none"));
        }
        let lead = Severity::ALL.map(|s| width(&view.tongue.severity(s))).into_iter().max().unwrap_or(0);
        for group in view.findings.iter().take(GROUPS_MAX) {
            self.group(group, lead);
        }
        self.more(view.findings.len().saturating_sub(GROUPS_MAX));
    }

    fn group(&mut self, group: &Group, lead: usize) {
        let view = self.view;
        let word = left(&view.tongue.severity(group.severity), lead);
        let ink = match group.severity {
            Severity::Critical | Severity::High => Ink::Red,
            Severity::Medium => Ink::Yellow,
            Severity::Low => Ink::Cyan,
        };
        let mut title = group.title.clone();
        if group.rows.len() > 1 {
            let count = view.tongue.f("report.findings.instances", &[("count", &group.rows.len())]);
            title = format!("{title} ({count})");
        }
        for (n, part) in wrap(&title, self.columns.saturating_sub(lead + 4)).iter().enumerate() {
            let front = if n == 0 { self.ink(ink, &word) } else { " ".repeat(lead) };
            let part = self.ink(Ink::Bold, part);
            self.line(&format!("  {front}  {part}"));
        }
        let indent = " ".repeat(lead + 4);
        for row in group.rows.iter().take(OBJECTS_MAX) {
            let text = self.finding_line(row, self.columns.saturating_sub(lead + 6));
            self.line(&format!("{indent}· {text}"));
        }
        let rest = group.rows.len().saturating_sub(OBJECTS_MAX);
        if rest > 0 {
            let more = view.tongue.f("report.more", &[("count", &rest)]);
            self.line(&format!("{indent}  {more}"));
        }
        if !group.remedy.is_empty() {
            self.para(&format!("{indent}→ "), Some(Ink::Dim), &group.remedy);
        }
    }

    /// Object and place in full, then as much of the value as there is room for.
    fn finding_line(&self, row: &FindingRow, room: usize) -> String {
        let first = row.evidence.first();
        let at = row.place.as_ref().or_else(|| first.map(|e| &e.place)).filter(|p| !p.is_empty());
        let mut text = row.object.clone();
        if let Some(part) = at {
            text = format!("{text}  {part}");
        }
        let left = room.saturating_sub(width(&text) + 2);
        let said = first.filter(|e| !e.value.is_empty());
        match said.map(|e| format!("{}{}{}", e.what, self.t("report.label-join"), e.value)) {
            Some(said) if left >= VALUE_COLUMNS_MIN => format!("{text}  {}", head(&said, left)),
            _ => fit(&text, room),
        }
    }

    fn data(&mut self) {
        let view = self.view;
        self.heading(self.t("report.data.heading"));
        if view.data.is_empty() {
            self.para("  ", None, &view.data_note);
            return;
        }
        let head = [
            (self.t("report.data.root"), false),
            (self.t("report.data.class"), false),
            (self.t("report.data.level"), false),
            (self.t("report.data.files"), true),
            (self.t("report.data.hits"), true),
            (self.t("report.data.distinct"), true),
        ];
        let rows: Vec<Vec<String>> = view
            .data
            .iter()
            .take(ROWS_MAX)
            .map(|d| {
                let mark = if d.proposed {
                    format!("{} ({})", d.level, view.t("report.data.proposed"))
                } else {
                    d.level.clone()
                };
                vec![d.root.clone(), d.class.clone(), mark, d.files.to_string(), d.hits.to_string(), d.distinct.clone()]
            })
            .collect();
        self.table(&head, &rows);
        self.more(view.data.len().saturating_sub(ROWS_MAX));
    }

    fn gaps(&mut self) {
        let view = self.view;
        self.heading(self.t("report.gaps.heading"));
        if view.gaps.is_empty() {
            self.para("  ", None, self.t("report.gaps.none"));
            return;
        }
        let head = [
            (self.t("report.gaps.reason"), false),
            (self.t("report.gaps.area"), false),
            (self.t("report.gaps.count"), true),
        ];
        let row = |g: &crate::view::GapRow| vec![g.reason.clone(), g.area.clone(), g.count.to_string()];
        let rows: Vec<Vec<String>> = view.gaps.iter().take(ROWS_MAX).map(row).collect();
        self.table(&head, &rows);
        self.more(view.gaps.len().saturating_sub(ROWS_MAX));
    }

    fn cannot(&mut self) {
        let list = &self.view.cannot;
        if list.is_empty() {
            return;
        }
        self.heading(&format!("{} ({})", self.t("report.cannot.heading"), list.len()));
        self.para("  ", Some(Ink::Dim), self.t("report.cannot.intro"));
        for row in list.iter().take(ROWS_MAX) {
            let join = self.t("report.label-join");
            let because = if row.because.is_empty() { String::new() } else { format!("{join}{}", row.because) };
            self.para("  · ", None, &format!("{}{because}", row.title));
        }
        self.more(list.len().saturating_sub(ROWS_MAX));
    }

    fn people(&mut self) {
        let view = self.view;
        let count = |text: &str, n: &dyn Display| format!("  {text}{}{n}", view.t("report.label-join"));
        if view.answers.is_empty() && view.open.is_empty() {
            return;
        }
        self.heading(self.t("report.answers.heading"));
        for row in view.answers.iter().take(ROWS_MAX) {
            let sure = row.sure.map(|s| view.tongue.sure(s)).unwrap_or_default();
            let join = self.t("report.list-join");
            let said = [view.tongue.outcome(row.outcome), sure].into_iter().filter(|s| !s.is_empty());
            let said = said.collect::<Vec<_>>().join(join);
            self.para("  · ", None, &format!("{}{}{said}", row.title, self.t("report.label-join")));
        }
        self.more(view.answers.len().saturating_sub(ROWS_MAX));
        let open = count(self.t("report.answers.open"), &view.open.len());
        self.line(&open);
    }

    fn doubts(&mut self) {
        let view = self.view;
        if view.doubts.is_empty() {
            return;
        }
        self.heading(&format!("{} ({})", self.t("report.doubts.heading"), view.doubts.len()));
        for doubt in view.doubts.iter().take(ROWS_MAX) {
            self.para("  ? ", None, doubt);
        }
        self.more(view.doubts.len().saturating_sub(ROWS_MAX));
    }

    fn verify(&mut self) {
        let view = self.view;
        self.heading(self.t("report.verify.heading"));
        let lead = view.verify.iter().map(|l| width(&l.label)).max().unwrap_or(0);
        for item in view.verify.iter().take(2) {
            self.para(&format!("  {}  ", left(&item.label, lead)), None, &item.values.join(self.t("report.list-join")));
        }
        for text in view.not_proven.iter().take(1) {
            self.para("  ! ", Some(Ink::Dim), text);
        }
        if !view.unconfirmed.is_empty() {
            let text = format!(
                "{}{}{}",
                self.t("report.verify.unconfirmed"),
                self.t("report.label-join"),
                view.unconfirmed.len()
            );
            self.para("  ! ", Some(Ink::Dim), &text);
        }
    }

    fn next(&mut self) {
        let view = self.view;
        self.heading(self.t("report.next.heading"));
        for text in &view.next {
            self.para("  → ", Some(Ink::Green), text);
        }
        for (command, purpose) in &view.commands {
            self.para("  → ", None, &format!("{command}  ({purpose})"));
        }
    }
}

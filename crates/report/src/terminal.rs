//! The terminal face: about two screens, words first, colour only as an addition.

use crate::Style;
use crate::paper::{Ink, Paper};
use crate::view::{FindingRow, Group, View};
use crate::width::{fit, head, left, width, wrap};
use evidence::{Outcome, Severity};
use std::fmt::Display;
use std::ops::{Deref, DerefMut};

/// Checks whose findings are shown; the rest is counted.
const GROUPS_MAX: usize = 10;
/// Objects shown of one check.
const OBJECTS_MAX: usize = 3;
/// A value is shown beside a finding only if it has this much room, in columns.
const VALUE_COLUMNS_MIN: usize = 16;
/// Rows shown of the other lists.
const ROWS_MAX: usize = 8;

struct Page<'v, 'a> {
    view: &'v View<'a>,
    paper: Paper<'a>,
}
impl<'a> Deref for Page<'_, 'a> {
    type Target = Paper<'a>;
    fn deref(&self) -> &Paper<'a> {
        &self.paper
    }
}
impl DerefMut for Page<'_, '_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.paper
    }
}

/// The whole text.
pub(crate) fn render(view: &View<'_>, style: Style) -> String {
    let mut page = Page { view, paper: Paper::new(view.tongue, style) };
    page.result();
    page.scenarios();
    page.findings();
    page.data();
    page.origin();
    page.gaps();
    page.cannot();
    page.people();
    page.documented();
    page.doubts();
    page.verify();
    page.next();
    page.paper.into_text()
}

impl Page<'_, '_> {
    fn rest(&mut self, rest: usize) {
        self.more("report.more-in-html", rest);
    }

    fn result(&mut self) {
        let view = self.view;
        self.title(view.t("report.title"));
        for (n, sentence) in view.result.iter().enumerate() {
            self.para("", (n == 0).then_some(Ink::Bold), sentence);
        }
        for caution in &view.cautions {
            self.para("! ", Some(Ink::Yellow), caution);
        }
        self.line("");
        self.pairs("", &view.covers);
    }

    fn scenarios(&mut self) {
        let view = self.view;
        self.heading(view.t("report.scenarios.heading"));
        let (fail, cannot) = (view.tongue.outcome(Outcome::Fail), view.tongue.outcome(Outcome::CannotTell));
        let (pass, na) = (view.tongue.outcome(Outcome::Pass), view.tongue.outcome(Outcome::NotApplicable));
        let head = [
            (view.t("report.scenarios.scenario"), false),
            (fail.as_str(), true),
            (cannot.as_str(), true),
            (pass.as_str(), true),
            (view.t("report.scenarios.paper-short"), true),
            (na.as_str(), true),
            (view.t("report.scenarios.worst-short"), false),
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
            let note = view.t("report.scenarios.not-risk");
            self.para("  * ", Some(Ink::Dim), note);
        }
        if view.scenarios.iter().any(|s| s.on_paper > 0) {
            let note = view.t("report.scenarios.on-paper-note");
            self.para("  ", Some(Ink::Dim), note);
        }
    }

    fn findings(&mut self) {
        let view = self.view;
        self.heading(&format!("{} ({})", view.t("report.findings.heading"), view.finding_count()));
        if view.findings.is_empty() {
            self.para("  ", None, view.t("report.findings.none"));
        }
        let lead = Severity::ALL.map(|s| width(&view.tongue.severity(s))).into_iter().max().unwrap_or(0);
        for group in view.findings.iter().take(GROUPS_MAX) {
            self.group(group, lead);
        }
        self.rest(view.findings.len().saturating_sub(GROUPS_MAX));
        if view.approved.is_empty() {
            return;
        }
        let count: usize = view.approved.iter().map(|g| g.rows.len()).sum();
        self.heading(&format!("{} ({count})", view.t("report.approved.heading")));
        self.para("  ", Some(Ink::Dim), view.t("report.approved.intro"));
        for group in view.approved.iter().take(GROUPS_MAX) {
            self.group(group, lead);
        }
        self.rest(view.approved.len().saturating_sub(GROUPS_MAX));
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
            for note in row.measures.iter().chain(&row.notes) {
                self.para(&format!("{indent}    "), Some(Ink::Dim), note);
            }
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
        match said.map(|e| format!("{}{}{}", e.what, self.view.t("report.label-join"), e.value)) {
            Some(said) if left >= VALUE_COLUMNS_MIN => format!("{text}  {}", head(&said, left)),
            _ => fit(&text, room),
        }
    }

    fn data(&mut self) {
        let view = self.view;
        self.heading(view.t("report.data.heading"));
        if view.data.is_empty() {
            self.para("  ", None, &view.data_note);
            return;
        }
        let head = [
            (view.t("report.data.root"), false),
            (view.t("report.data.class"), false),
            (view.t("report.data.level"), false),
            (view.t("report.data.files"), true),
            (view.t("report.data.hits"), true),
            (view.t("report.data.distinct"), true),
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
        self.rest(view.data.len().saturating_sub(ROWS_MAX));
    }

    fn gaps(&mut self) {
        let view = self.view;
        self.heading(view.t("report.gaps.heading"));
        if view.gaps.is_empty() {
            self.para("  ", None, view.t("report.gaps.none"));
            return;
        }
        let head = [
            (view.t("report.gaps.reason"), false),
            (view.t("report.gaps.area"), false),
            (view.t("report.gaps.count"), true),
        ];
        let row = |g: &crate::view::GapRow| vec![g.reason.clone(), g.area.clone(), g.count.to_string()];
        let rows: Vec<Vec<String>> = view.gaps.iter().take(ROWS_MAX).map(row).collect();
        self.table(&head, &rows);
        self.rest(view.gaps.len().saturating_sub(ROWS_MAX));
    }

    fn cannot(&mut self) {
        let view = self.view;
        let list = &view.cannot;
        if list.is_empty() {
            return;
        }
        self.heading(&format!("{} ({})", view.t("report.cannot.heading"), list.len()));
        self.para("  ", Some(Ink::Dim), view.t("report.cannot.intro"));
        for row in list.iter().take(ROWS_MAX) {
            let join = view.t("report.label-join");
            let because = if row.because.is_empty() { String::new() } else { format!("{join}{}", row.because) };
            self.para("  · ", None, &format!("{}{because}", row.title));
        }
        self.rest(list.len().saturating_sub(ROWS_MAX));
    }

    fn people(&mut self) {
        let view = self.view;
        let count = |text: &str, n: &dyn Display| format!("  {text}{}{n}", view.t("report.label-join"));
        if view.answers.is_empty() && view.open.is_empty() {
            return;
        }
        self.heading(view.t("report.answers.heading"));
        for row in view.answers.iter().take(ROWS_MAX) {
            let sure = row.sure.map(|s| view.tongue.sure(s)).unwrap_or_default();
            let join = view.t("report.list-join");
            let said = [view.tongue.outcome(row.outcome), sure].into_iter().filter(|s| !s.is_empty());
            let said = said.collect::<Vec<_>>().join(join);
            self.para("  · ", None, &format!("{}{}{said}", row.title, view.t("report.label-join")));
        }
        self.rest(view.answers.len().saturating_sub(ROWS_MAX));
        let open = count(view.t("report.answers.open"), &view.open.len());
        self.line(&open);
    }

    fn documented(&mut self) {
        let view = self.view;
        if view.documented.is_empty() {
            return;
        }
        self.heading(&format!("{} ({})", view.t("report.documented.heading"), view.documented.len()));
        self.para("  ", Some(Ink::Dim), view.t("report.documented.intro"));
        for block in view.documented.iter().take(ROWS_MAX) {
            self.para("  ", Some(Ink::Bold), &block.says);
            self.para("  ", Some(Ink::Dim), &block.from);
            for row in block.rows.iter().take(ROWS_MAX) {
                let said: Vec<&str> = row.iter().map(String::as_str).filter(|c| !c.is_empty()).collect();
                self.para("  · ", None, &said.join("  "));
            }
            self.rest(block.rows.len().saturating_sub(ROWS_MAX));
        }
        self.rest(view.documented.len().saturating_sub(ROWS_MAX));
    }

    /// Counts by kind, and what is past its support; the list itself is in the other forms.
    fn origin(&mut self) {
        let view = self.view;
        let origin = &view.origin;
        if origin.rows.is_empty() {
            return;
        }
        self.heading(&format!("{} ({})", view.t("report.origin.heading"), origin.rows.len()));
        for (kind, [home, abroad, oss, unknown]) in &origin.counts {
            let text = if origin.home {
                let with: [(&str, &dyn Display); 5] =
                    [("kind", kind), ("home", home), ("abroad", abroad), ("oss", oss), ("unknown", unknown)];
                view.tongue.f("report.origin.terminal-line", &with)
            } else {
                let with: [(&str, &dyn Display); 4] =
                    [("kind", kind), ("known", abroad), ("oss", oss), ("unknown", unknown)];
                view.tongue.f("report.origin.terminal-line-plain", &with)
            };
            self.para("  · ", None, &text);
        }
        let past: Vec<_> = origin.rows.iter().filter(|r| r.past).collect();
        if !past.is_empty() {
            let text = view.tongue.f("report.origin.past-line", &[("count", &past.len())]);
            self.para("  ! ", Some(Ink::Yellow), &text);
            for row in past.iter().take(ROWS_MAX) {
                self.para("    ", None, &format!("{} {} · {}", row.name, row.version, row.support));
            }
            self.rest(past.len().saturating_sub(ROWS_MAX));
        }
    }

    fn doubts(&mut self) {
        let view = self.view;
        if view.doubts.is_empty() {
            return;
        }
        self.heading(&format!("{} ({})", view.t("report.doubts.heading"), view.doubts.len()));
        for doubt in view.doubts.iter().take(ROWS_MAX) {
            self.para("  ? ", None, doubt);
        }
        self.rest(view.doubts.len().saturating_sub(ROWS_MAX));
    }

    fn verify(&mut self) {
        let view = self.view;
        self.heading(view.t("report.verify.heading"));
        let lead = view.proof_text.verify.iter().map(|l| width(&l.label)).max().unwrap_or(0);
        for item in view.proof_text.verify.iter().take(2) {
            self.para(&format!("  {}  ", left(&item.label, lead)), None, &item.values.join(view.t("report.list-join")));
        }
        for text in view.proof_text.not_proven.iter().take(1) {
            self.para("  ! ", Some(Ink::Dim), text);
        }
        if !view.unconfirmed.is_empty() {
            let text = format!(
                "{}{}{}",
                view.t("report.verify.unconfirmed"),
                view.t("report.label-join"),
                view.unconfirmed.len()
            );
            self.para("  ! ", Some(Ink::Dim), &text);
        }
    }

    fn next(&mut self) {
        let view = self.view;
        self.heading(view.t("report.next.heading"));
        for text in &view.next {
            self.para("  → ", Some(Ink::Green), text);
        }
        for (command, purpose) in &view.proof_text.commands {
            self.para("  → ", None, &format!("{command}  ({purpose})"));
        }
    }
}

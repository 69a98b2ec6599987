//! Words of a form: of the product and the plan, in one language or in both, and values as people write them.

use super::sheet::Piece;
use crate::clean::{clean, clean_plan, harmless, inert};
use crate::incident::number;
use crate::words;
use evidence::{FieldValue, Lang, Say, Time};
use plan::{CheckedPlan, FieldRule, Form, FormField};
use std::fmt::Display;

/// Between the languages of a text on one line.
const BOTH: &str = " / ";
/// Bytes of a gigabyte as forms count it, and of the thousandth that is shown.
const GB: i64 = 1_000_000_000;
const THOUSANDTH: i64 = GB / 1000;

/// A plan and the languages in which its papers are written, the first one first.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) plan: &'a CheckedPlan,
    pub(super) langs: &'a [Lang],
}

impl<'a> Said<'a> {
    /// One line a language; a text that both have alike stands once.
    fn each(&self, one: impl Fn(Lang) -> String) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for text in self.langs.iter().map(|l| one(*l)) {
            if !out.contains(&text) {
                out.push(text);
            }
        }
        out
    }
    /// A text of the product, one line a language.
    pub(super) fn lines(&self, key: &str) -> Vec<String> {
        self.each(|l| words::text(l, key).to_owned())
    }
    /// A text of the product on one line.
    pub(super) fn t(&self, key: &str) -> String {
        self.lines(key).join(BOTH)
    }
    /// A text with one hole, which is filled in each language by that language's word.
    pub(super) fn with_word(&self, key: &str, hole: &str, word: &str) -> String {
        self.each(|l| Say::new(key).with(hole, words::text(l, word)).fill(words::text(l, key))).join(BOTH)
    }
    /// What stands between the parts of a list.
    pub(super) fn join(&self) -> String {
        self.lines("form-face.list-join").swap_remove(0)
    }
    /// A line to write on, printed in the first language: there is no room for both.
    pub(super) fn pen(&self, key: &str) -> Vec<Piece> {
        self.lines(key).into_iter().take(1).map(Piece::Pen).collect()
    }
    /// The same with holes; the values are already inert.
    pub(super) fn f(&self, key: &str, with: &[(&str, &dyn Display)]) -> String {
        self.f_lines(key, with).join(BOTH)
    }
    pub(super) fn f_lines(&self, key: &str, with: &[(&str, &dyn Display)]) -> Vec<String> {
        let say = with.iter().fold(Say::new(key), |say, (hole, value)| say.with(hole, value));
        self.each(|l| say.fill(words::text(l, key)))
    }
    /// A text of the plan, one line a language; `other` where the plan has none.
    pub(super) fn plan_lines(&self, key: &str, other: &str) -> Vec<String> {
        self.each(|l| self.plan.words(l).get(key).map_or_else(|| clean(other), clean_plan))
    }
    pub(super) fn plan_word(&self, key: &str, other: &str) -> String {
        self.plan_lines(key, other).join(BOTH)
    }
    /// Labels as pieces: the first language plain or strong, the others as glosses.
    pub(super) fn label(lines: Vec<String>, first: fn(String) -> Piece) -> Vec<Piece> {
        let mut lines = lines.into_iter();
        let mut out: Vec<Piece> = lines.next().map(first).into_iter().collect();
        out.extend(lines.map(Piece::soft));
        out
    }
    pub(super) fn form_name(&self, form: &Form) -> Vec<String> {
        self.plan_lines(&format!("form.{}.name", form.id), &form.id)
    }
    pub(super) fn field(&self, form: &Form, field: &FormField) -> Vec<String> {
        self.plan_lines(&format!("form.{}.field.{}", form.id, field.id), &field.id)
    }
    pub(super) fn group(&self, form: &Form, group: &str) -> Vec<String> {
        self.plan_lines(&format!("form.{}.group.{group}", form.id), group)
    }
    pub(super) fn choice(&self, form: &Form, choice: &str) -> String {
        self.plan_word(&format!("form.{}.choice.{choice}", form.id), choice)
    }

    /// An instant to the minute, in the zone of the plan's calendar, or UTC; always with the offset.
    pub(super) fn minute(&self, at: Time) -> String {
        let zone = self.plan.calendar().and_then(|c| jiff::tz::TimeZone::posix(&c.zone_rule).ok());
        let zone = zone.unwrap_or(jiff::tz::TimeZone::UTC);
        let Ok(instant) = jiff::Timestamp::from_millisecond(at.millis()) else { return at.to_string() };
        let there = instant.to_zoned_datetime(zone);
        if self.langs == [Lang::Zh] {
            there.strftime("%Y年%m月%d日 %H时%M分（UTC%:z）").to_string()
        } else {
            there.strftime("%Y-%m-%d %H:%M (UTC%:z)").to_string()
        }
    }

    /// A value as pieces of a cell.
    pub(super) fn value(&self, form: &Form, field: Option<&FormField>, value: &FieldValue) -> Vec<Piece> {
        if let Some(FieldRule::Choice(choices)) = field.map(|f| &f.kind) {
            return vec![self.boxes(form, field, choices, Some(value))];
        }
        match value {
            FieldValue::Text { text } => paragraphs(text),
            other => vec![Piece::plain(self.short(form, other))],
        }
    }

    /// A value on one line.
    pub(super) fn short(&self, form: &Form, value: &FieldValue) -> String {
        match value {
            FieldValue::Text { text } => harmless(text, usize::MAX, inert),
            FieldValue::Minute { at } => self.minute(*at),
            FieldValue::Choice { choice } => self.choice(form, choice),
            FieldValue::Number { number: n } => number(*n),
            FieldValue::Size { bytes, records } => {
                let bytes = bytes.map_or_else(|| self.t("form-face.size.no-amount"), |b| self.gigabytes(b));
                let records = records.map_or_else(
                    || self.t("form-face.size.no-records"),
                    |n| self.f("form-face.size.records", &[("count", &number(n))]),
                );
                self.f("form-face.size.both", &[("amount", &bytes), ("records", &records)])
            }
            FieldValue::None => self.t("form-face.none"),
            FieldValue::NotYetKnown => self.t("form-face.not-yet-known"),
        }
    }

    /// Bytes as GB (10^9) to the nearest thousandth; an amount that is smaller is not said to be nothing.
    fn gigabytes(&self, bytes: i64) -> String {
        if bytes != 0 && bytes.unsigned_abs() < THOUSANDTH.unsigned_abs() / 2 {
            return self.t("form-face.size.less");
        }
        let thousandths = (i128::from(bytes.unsigned_abs()) + i128::from(THOUSANDTH / 2)) / i128::from(THOUSANDTH);
        let (whole, part) = (i64::try_from(thousandths / 1000).unwrap_or(i64::MAX), thousandths % 1000);
        let part = format!("{part:03}");
        let part = part.trim_end_matches('0');
        let sign = if bytes < 0 { "-" } else { "" };
        let dot = if part.is_empty() { "" } else { "." };
        self.f("form-face.size.amount", &[("amount", &format!("{sign}{}{dot}{part}", number(whole)))])
    }

    /// All choices, with that of `value` ticked; beside them what else the form allows.
    pub(super) fn boxes(
        &self,
        form: &Form,
        field: Option<&FormField>,
        choices: &[String],
        value: Option<&FieldValue>,
    ) -> Piece {
        let chosen = match value {
            Some(FieldValue::Choice { choice }) => Some(choice),
            _ => None,
        };
        let mut out: Vec<(bool, String)> = choices.iter().map(|c| (chosen == Some(c), self.choice(form, c))).collect();
        // What the plan does not know any more, or another kind of value, is still what was frozen.
        match value {
            Some(FieldValue::Choice { choice }) if choices.contains(choice) => {}
            Some(FieldValue::None | FieldValue::NotYetKnown) | None => {}
            Some(other) => out.push((true, self.short(form, other))),
        }
        out.extend(self.besides(field, value));
        Piece::Boxes(out)
    }

    /// The boxes "none" and "not yet known", where the field allows them or the value is so.
    pub(super) fn besides(&self, field: Option<&FormField>, value: Option<&FieldValue>) -> Vec<(bool, String)> {
        let (none, unknown) = (value == Some(&FieldValue::None), value == Some(&FieldValue::NotYetKnown));
        let mut out = Vec::new();
        if none || field.is_some_and(|f| f.optional) {
            out.push((none, self.t("form-face.none")));
        }
        if unknown || field.is_some_and(|f| f.may_be_unknown) {
            out.push((unknown, self.t("form-face.not-yet-known")));
        }
        out
    }
}

/// Foreign text as paragraphs: everything is shown, what steers is spelled out, empty lines count once.
pub(super) fn paragraphs(text: &str) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut empty = false;
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line).replace('\t', "    ");
        let line = harmless(line.trim_end(), usize::MAX, inert);
        if line.is_empty() {
            empty = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut empty) {
            out.push(Piece::plain(""));
        }
        out.push(Piece::plain(line));
    }
    if out.is_empty() {
        out.push(Piece::plain(""));
    }
    out
}

//! A form as a sheet: title, code, the table of groups, fields and values, the boxes to sign and seal.

use super::measure::{Ink, Size};
use super::qr::Code;
use super::said::Said;
use super::sheet::{Block, Piece, Row, Sheet, Table};
use super::{FormInput, FormState};
use crate::clean::clean;
use evidence::Lang;
use plan::{FieldRule, Form, FormField};
use std::collections::BTreeSet;

/// Widths of group, field and value, tenths of a millimetre.
const WIDTHS: [u32; 3] = [250, 480, 1090];
/// A form with so few texts has room for long ones: lines to write on for each.
const FEW_TEXTS: [(usize, usize); 2] = [(5, 7), (8, 3)];
/// Lines to write on for a text of a longer form.
const LINES: usize = 2;

pub(super) fn sheet(input: &FormInput<'_>, said: Said<'_>) -> Sheet {
    let code = code(input);
    let name = said.form_name(input.form);
    let mut foot = vec![said.f("form-face.printed", &[("time", &said.minute(input.printed))])];
    if let Some(code) = &code {
        foot.push(said.f("form-face.code", &[("digits", &code.digits)]));
    }
    let mut blocks = vec![Block::Title { text: name.clone(), under: under(input, said, code.as_ref()), code }];
    if let Some(text) = lacking(input, said) {
        blocks.push(Block::Note(Ink::Strong, text));
    }
    let seal = input.seal.then(|| Block::Seal(seal_labels(said)));
    // A report of pages is sealed on its first page, where the code stands too (annex 3 of the contingency plan demands it).
    let first = input.form.stages.iter().any(|s| s == "summary");
    let (before, after) = if first { (seal, None) } else { (None, seal) };
    blocks.extend(before);
    blocks.push(Block::Table(table(input, said)));
    blocks.extend(after);
    Sheet {
        name: name.join(" / "),
        marks: marks(input, said),
        band: band(input.state).map(|key| said.t(key)),
        drill: input.drill.then(|| drill(said)),
        foot,
        blocks,
    }
}

/// The code of what was frozen; a paper that may still change carries none.
pub(super) fn code(input: &FormInput<'_>) -> Option<Code> {
    let bound = matches!(input.state, FormState::Frozen | FormState::Sealed | FormState::Void);
    input.digest.filter(|_| bound).map(|d| Code::of(input.serial, &d))
}

/// The mark of a drill, in every language whatever the page is in: nobody may take it for real.
pub(super) fn drill(said: Said<'_>) -> [String; 2] {
    let said = Said { langs: &[Lang::Zh, Lang::En], ..said };
    [said.lines("form-face.drill").join(" "), said.t("form-face.drill-note")]
}

fn band(state: FormState) -> Option<&'static str> {
    match state {
        FormState::Draft => Some("form-face.band.draft"),
        FormState::Reviewed => Some("form-face.band.reviewed"),
        FormState::Void => Some("form-face.band.void"),
        FormState::Blank | FormState::Frozen | FormState::Sealed => None,
    }
}

fn marks(input: &FormInput<'_>, said: Said<'_>) -> Vec<String> {
    let serial = if input.serial.is_empty() {
        said.t("form-face.serial-blank")
    } else {
        said.f("form-face.serial", &[("serial", &clean(input.serial))])
    };
    let mut out = vec![serial];
    if input.state != FormState::Blank {
        out.push(said.f("form-face.version", &[("version", &input.version)]));
    }
    out.push(said.with_word("form-face.state.word", "state", input.state.key()));
    out
}

/// The lines under the title.
fn under(input: &FormInput<'_>, said: Said<'_>, code: Option<&Code>) -> Vec<String> {
    let mut out = Vec::new();
    if !input.incident.is_empty() {
        let with: [(&str, &dyn std::fmt::Display); 2] =
            [("incident", &clean(input.incident)), ("title", &clean(input.title))];
        out.push(said.f("form-face.incident", &with));
    }
    let (id, version) = (clean(input.plan.id().as_str()), clean(input.plan.version()));
    let digest = input.plan.digest().short();
    out.push(said.f("form-face.plan", &[("id", &id), ("version", &version), ("digest", &digest)]));
    if let Some(code) = code {
        out.push(code.digest.clone());
    }
    out
}

/// The sentence that says what still lacks; forms to be filled by hand lack everything.
fn lacking(input: &FormInput<'_>, said: Said<'_>) -> Option<String> {
    if input.missing.is_empty() || input.state == FormState::Blank {
        return None;
    }
    let name = |id: &String| match input.form.fields.iter().find(|f| f.id == *id) {
        Some(field) => said.field(input.form, field).join(" / "),
        None => clean(id),
    };
    let names: Vec<String> = input.missing.iter().map(name).collect();
    let list = names.join(&said.join());
    Some(said.f("form-face.lacking", &[("count", &names.len()), ("list", &list)]))
}

fn seal_labels(said: Said<'_>) -> Vec<String> {
    ["form-face.seal.stamp", "form-face.seal.signature", "form-face.seal.date"].map(|k| said.t(k)).into()
}

fn table(input: &FormInput<'_>, said: Said<'_>) -> Table {
    let head = ["form-face.group", "form-face.field", "form-face.value"];
    let known: BTreeSet<&str> = input.form.fields.iter().map(|f| f.id.as_str()).collect();
    let mut rows: Vec<Row> = input.form.fields.iter().map(|f| row(input, said, f)).collect();
    // What was frozen is on the paper, also what the plan's form does not have (any more).
    for (id, value) in input.fields.iter().filter(|(id, _)| !known.contains(id.as_str())) {
        let group = Said::label(said.lines("form-face.other-fields"), Piece::strong);
        rows.push(Row { cells: vec![group, vec![Piece::plain(clean(id))], said.value(input.form, None, value)] });
    }
    Table {
        widths: WIDTHS.to_vec(),
        head: head.map(|k| Said::label(said.lines(k), Piece::strong)).into(),
        rows,
        size: Size::Normal,
        labels: 2,
        merged: true,
        continued: said.t("form-face.continued"),
    }
}

fn row(input: &FormInput<'_>, said: Said<'_>, field: &FormField) -> Row {
    let value = input.fields.get(&field.id);
    let missing = input.missing.contains(&field.id);
    let mut cell = match (input.state, value) {
        (FormState::Blank, None) => blank(input.form, said, field),
        (_, Some(value)) => said.value(input.form, Some(field), value),
        (_, None) => match &field.kind {
            FieldRule::Choice(choices) => vec![said.boxes(input.form, Some(field), choices, None)],
            _ if missing => Vec::new(),
            _ => vec![Piece::plain(said.t("form-face.not-filled"))],
        },
    };
    if missing && input.state != FormState::Blank {
        cell.push(Piece::strong(said.t("form-face.missing")));
    }
    let group = Said::label(said.group(input.form, &field.group), Piece::strong);
    Row { cells: vec![group, Said::label(said.field(input.form, field), Piece::plain), cell] }
}

/// What a pen fills in.
fn blank(form: &Form, said: Said<'_>, field: &FormField) -> Vec<Piece> {
    let mut out = match &field.kind {
        FieldRule::Choice(choices) => return vec![said.boxes(form, Some(field), choices, None)],
        FieldRule::Text => vec![Piece::Pen(String::new()); lines(form, field)],
        FieldRule::Number => vec![Piece::Pen(String::new())],
        FieldRule::Minute => said.pen("form-face.pen.minute"),
        FieldRule::GigabytesAndRecords => said.pen("form-face.pen.size"),
    };
    let besides = said.besides(Some(field), None);
    if !besides.is_empty() {
        out.push(Piece::Boxes(besides));
    }
    out
}

/// Lines to write on for a text.
fn lines(form: &Form, field: &FormField) -> usize {
    // What comes from the profile is a name, a number, an address.
    if field.prefill.starts_with("profile.") || field.prefill.starts_with("node.") {
        return 1;
    }
    let texts = form.fields.iter().filter(|f| matches!(f.kind, FieldRule::Text)).count();
    FEW_TEXTS.iter().find(|(most, _)| texts <= *most).map_or(LINES, |(_, lines)| *lines)
}

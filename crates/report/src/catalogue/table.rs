//! The rows of the filing form, once for every table form: the plan's fields, and beside them what was found.

use super::{CatalogueInput, span};
use crate::clean::{clean, harmless, inert};
use crate::discover::bytes;
use crate::view::Tongue;
use evidence::{Asset, CarrierKind, Span};

/// A cell.
pub(crate) enum Cell {
    Text(String),
    Number(u64),
}
impl Cell {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(t) => t.clone(),
            Self::Number(n) => n.to_string(),
        }
    }
}

/// A table in one language.
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// How many columns from the left are the form's own.
    pub(crate) form: usize,
}

/// Columns beside the form, with the keys of their headings.
const BESIDE: [(&str, &str); 14] = [
    ("basis", "catalogue.column.basis"),
    ("standing", "catalogue.column.standing"),
    ("records", "catalogue.column.records"),
    ("bytes", "catalogue.column.bytes"),
    ("people", "catalogue.column.people"),
    ("sensitive", "catalogue.column.sensitive"),
    ("classes", "catalogue.column.classes"),
    ("since", "catalogue.column.since"),
    ("seen", "catalogue.column.seen"),
    ("gaps", "catalogue.column.gaps"),
    ("site", "catalogue.column.site"),
    ("country", "catalogue.column.country"),
    ("differs", "catalogue.column.differs"),
    ("id", "catalogue.column.id"),
];

pub(crate) fn table(input: &CatalogueInput<'_>, tongue: Tongue<'_>) -> Table {
    let form = input.plan.forms().iter().find(|f| f.id == "catalogue");
    let fields: Vec<&str> = form.iter().flat_map(|f| &f.fields).map(|f| f.id.as_str()).collect();
    let word = |field: &str| {
        let key = format!("form.catalogue.field.{field}");
        tongue.plan_word(&key).map_or_else(|| field.to_owned(), str::to_owned)
    };
    let mut head = vec![tongue.t("catalogue.column.name").to_owned()];
    head.extend(fields.iter().map(|f| word(f)));
    let form = head.len();
    head.extend(BESIDE.iter().map(|c| tongue.t(c.1).to_owned()));
    let row = |a: &Asset| {
        let name = a.listed.as_ref().map(|l| l.name.as_str()).unwrap_or_default();
        let mut row = vec![text(name)];
        row.extend(fields.iter().map(|f| field(tongue, a, f)));
        row.extend(BESIDE.iter().map(|c| beside(tongue, a, c.0)));
        row
    };
    // Every asset is more than what is filed; only a choice by level is the form of that name.
    let filed = input.from.and_then(|_| tongue.plan_word("form.catalogue.name"));
    let title = filed.unwrap_or_else(|| tongue.t("catalogue.title")).to_owned();
    Table { title, head, rows: input.assets().map(row).collect(), form }
}

/// Foreign text whole, without what steers.
fn text(t: &str) -> Cell {
    Cell::Text(harmless(t, usize::MAX, inert))
}

/// `host:/path!table`, as lists write it and imports read it.
pub(crate) fn carrier(a: &Asset) -> String {
    let place = a.carrier.to_string();
    let path = a.carrier.path.as_str();
    if a.carrier.host.is_empty() || a.carrier.kind == CarrierKind::Elsewhere || !path.starts_with('/') {
        return place;
    }
    // A name with a colon would not be read as a host again.
    if a.carrier.host.contains([':', ' ', '/']) { place } else { format!("{}:{place}", a.carrier.host) }
}

/// Bytes and records as a person writes them: as listed, else as found.
pub(crate) fn size(tongue: Tongue<'_>, a: &Asset) -> String {
    let listed = a.listed.as_ref();
    let found = a.seen.is_some();
    let span_of = |s: Span, show: &dyn Fn(u64) -> String| match s.known() {
        Some(n) => show(n),
        None => format!("≥ {}", show(s.least)),
    };
    let amount = listed.and_then(|l| l.bytes).map(Span::exact).or(a.size.bytes.filter(|_| found));
    let records = listed.and_then(|l| l.records).map(Span::exact).or(found.then_some(a.size.records));
    let count = |n: u64| tongue.f("catalogue.records", &[("count", &n)]);
    let parts = [amount.map(|s| span_of(s, &bytes)), records.filter(|s| s.least > 0).map(|s| span_of(s, &count))];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" / ")
}

/// A field of the form.
fn field(tongue: Tongue<'_>, a: &Asset, field: &str) -> Cell {
    match field {
        // What is not classified is left open for a person.
        "category" if a.category.as_str() == "unclassified" => Cell::Text(String::new()),
        "category" => Cell::Text(tongue.category(&a.category)),
        "level" => Cell::Text(tongue.level(&a.level.level)),
        "size" => Cell::Text(size(tongue, a)),
        "carrier" => text(&carrier(a)),
        other => {
            let name = other.replace('-', "_");
            text(a.listed.as_ref().map(|l| l.texts.get(&name)).unwrap_or_default())
        }
    }
}

/// What a level rests on, in words: who graded it too.
pub(crate) fn basis(tongue: Tongue<'_>, a: &Asset) -> String {
    let word = tongue.code("basis", a.level.basis.name());
    let mut out = if a.level.proposed { tongue.f("catalogue.only-proposed", &[("basis", &word)]) } else { word };
    if let Some(by) = &a.level.by {
        let account = if by.account.is_empty() { tongue.t("catalogue.nobody").to_owned() } else { clean(&by.account) };
        let with: [(&str, &dyn std::fmt::Display); 3] =
            [("name", &clean(&by.by)), ("account", &account), ("date", &by.stated_at.date())];
        out = format!("{out}{}{}", tongue.t("report.label-join"), tongue.f("catalogue.by", &with));
    }
    out
}

pub(crate) fn classes(tongue: Tongue<'_>, a: &Asset) -> String {
    a.classes.iter().map(|c| tongue.class(&c.class)).collect::<Vec<_>>().join(tongue.t("report.list-join"))
}

pub(crate) fn gaps(tongue: Tongue<'_>, a: &Asset) -> String {
    let one = |g: &evidence::AssetGap| format!("{} {}", tongue.code("gap", g.reason.name()), g.count);
    a.gaps.iter().map(one).collect::<Vec<_>>().join(tongue.t("report.value-join"))
}

fn number(s: Span) -> Cell {
    s.known().map_or_else(|| Cell::Text(span(s)), Cell::Number)
}

fn beside(tongue: Tongue<'_>, a: &Asset, column: &str) -> Cell {
    let found = a.seen.is_some();
    let declared = |t: &Option<String>| match t {
        Some(t) => text(t),
        None => Cell::Text(tongue.t("catalogue.not-declared").to_owned()),
    };
    match column {
        "basis" => Cell::Text(basis(tongue, a)),
        "standing" => Cell::Text(tongue.code("standing", a.standing.name())),
        "records" if found => number(a.size.records),
        "bytes" => a.size.bytes.map_or_else(|| Cell::Text(String::new()), number),
        "people" if found => number(a.people),
        "sensitive" if found => number(a.sensitive_people),
        "classes" => Cell::Text(classes(tongue, a)),
        "since" => Cell::Text(a.since.map(evidence::Time::date).unwrap_or_default()),
        "seen" => Cell::Text(a.seen.map(evidence::Time::date).unwrap_or_default()),
        "gaps" => Cell::Text(gaps(tongue, a)),
        "site" => declared(&a.site),
        "country" => declared(&a.country),
        "differs" => {
            Cell::Text(a.differs.iter().map(|d| tongue.say(d)).collect::<Vec<_>>().join(tongue.t("report.value-join")))
        }
        "id" => Cell::Text(a.id.short()),
        _ => Cell::Text(String::new()),
    }
}

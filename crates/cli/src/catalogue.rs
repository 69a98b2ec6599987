//! `watchfire catalogue`: what data the plant holds - drawn up, brought in, graded, filed, compared, exported.

use crate::args::{Catalogue, CatalogueForm, CatalogueVerb, DueArg, Format, Grade};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json, progress, width, written};
use attest::Mapping;
use evidence::{LevelId, Say};
use judge::{TransferInput, Verdict};
use node::{Decision, Kept, Node, NodeError};
use plan::CheckedPlan;
use report::Style;
use report::catalogue::{self, CatalogueInput, DriftInput};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Excel takes a CSV file for the system's old code page unless it begins with this mark.
const MARK: &str = "\u{feff}";

pub(crate) fn run(face: &Face, a: &Catalogue) -> Result<u8, CliError> {
    match &a.what {
        CatalogueVerb::Build { format } => build(face, *format)?,
        CatalogueVerb::Show { asset, transfers, of, format } => {
            show(face, asset.as_deref(), *transfers, of.as_deref(), *format)?;
        }
        CatalogueVerb::Export { format, out, from, of } => {
            export(face, format, out.as_deref(), from.as_deref(), of.as_deref())?;
        }
        CatalogueVerb::Import { table, map, dry_run, author, format } => {
            import(face, table, map, *dry_run, author.as_deref(), *format)?;
        }
        CatalogueVerb::Confirm(g) => grade(face, g, true)?,
        CatalogueVerb::Reject(g) => grade(face, g, false)?,
        CatalogueVerb::File { date, receipt_document, of, author, format } => {
            file(face, date, receipt_document, of.as_deref(), author.as_deref(), *format)?;
        }
        CatalogueVerb::Diff { before, after, fail_on, format } => {
            return diff(face, before.as_deref(), after.as_deref(), *fail_on, *format);
        }
    }
    Ok(exit::DONE)
}

fn style(face: &Face) -> Style {
    Style { colour: face.colour(), width: width() }
}

/// Everything that a face of a catalogue borrows.
struct Shown {
    kept: Kept,
    plan: CheckedPlan,
    transfers: TransferInput,
    filed: Option<evidence::Filing>,
}
impl Shown {
    fn new(node: &Node, kept: Kept, plan: CheckedPlan) -> Result<Self, CliError> {
        let transfers = judge::transfer_input(&plan, &kept.catalogue);
        let filed = node.filed()?.map(|f| f.0);
        Ok(Self { kept, plan, transfers, filed })
    }
    fn input<'a>(&'a self, from: Option<&'a LevelId>) -> CatalogueInput<'a> {
        CatalogueInput {
            catalogue: &self.kept.catalogue,
            leaf: self.kept.leaf,
            plan: &self.plan,
            transfers: &self.transfers,
            filed: self.filed.as_ref(),
            from,
            generated: node::now(),
            program: concat!("watchfire ", env!("CARGO_PKG_VERSION")),
        }
    }
}

fn build(face: &Face, format: Format) -> Result<(), CliError> {
    let plan = face.plan()?;
    let node = face.node()?;
    let bar = progress::bar(face.common.quiet, face.lang);
    let kept = node.catalogue_build(&plan, &*bar, &face.stop)?;
    let shown = Shown::new(&node, kept, plan)?;
    print_catalogue(face, &shown, format);
    Ok(())
}

fn print_catalogue(face: &Face, shown: &Shown, format: Format) {
    let input = shown.input(None);
    match format {
        Format::Json => print(&catalogue::json(&input)),
        Format::Text => print(&catalogue::terminal(&input, face.lang, style(face))),
    }
}

fn open(face: &Face, of: Option<&str>) -> Result<(Node, Shown), CliError> {
    let plan = face.plan()?;
    let node = face.node_read_only()?;
    let kept = match of {
        None => node.newest_catalogue()?,
        Some(digits) => node.catalogue(Some(digits))?.ok_or(NodeError::NoCatalogue)?,
    };
    let shown = Shown::new(&node, kept, plan)?;
    Ok((node, shown))
}

fn show(face: &Face, asset: Option<&str>, transfers: bool, of: Option<&str>, format: Format) -> Result<(), CliError> {
    let (_, shown) = open(face, of)?;
    let input = shown.input(None);
    match (asset, transfers, format) {
        (None, false, _) => print_catalogue(face, &shown, format),
        (None, true, Format::Text) => print(&catalogue::transfers(&input, face.lang, style(face))),
        (None, true, Format::Json) => {
            let all: serde_json::Value = serde_json::from_str(&catalogue::json(&input)).unwrap_or_default();
            print_json(&json!({"leaf": all["leaf"], "as_of": all["as_of"], "transfers": all["transfers"]}));
        }
        (Some(named), _, Format::Text) => {
            let asset = node::find_asset(&shown.kept.catalogue, named)?;
            print(&catalogue::asset(&input, asset, face.lang, style(face)));
        }
        (Some(named), _, Format::Json) => print_json(&json!(node::find_asset(&shown.kept.catalogue, named)?)),
    }
    Ok(())
}

fn export(
    face: &Face,
    forms: &[CatalogueForm],
    out: Option<&Path>,
    from: Option<&str>,
    of: Option<&str>,
) -> Result<(), CliError> {
    let (_, shown) = open(face, of)?;
    let level = from.map(|typed| {
        let id = shown.plan.levels().iter().map(|l| &l.id).find(|l| l.as_str() == typed);
        let known: Vec<&str> = shown.plan.levels().iter().map(|l| l.id.as_str()).collect();
        let say = Say::new("row.unknown-level").with("value", attest::clean(typed)).with("known", known.join(", "));
        id.cloned().ok_or_else(|| CliError::from(NodeError::Entry(say)))
    });
    let level = level.transpose()?;
    let input = shown.input(level.as_ref());
    let Some(out) = out else {
        return match forms {
            [CatalogueForm::Csv] => {
                print(&catalogue::csv(&input, face.lang));
                Ok(())
            }
            [CatalogueForm::Json] => {
                print(&catalogue::json(&input));
                Ok(())
            }
            [_] => Err(CliError::new(Say::new("error.form-needs-out"))),
            _ => Err(CliError::new(Say::new("error.forms-need-out"))),
        };
    };
    std::fs::create_dir_all(out).map_err(|e| NodeError::io(out, &e))?;
    for form in forms {
        let (name, bytes) = match form {
            CatalogueForm::Csv => {
                ("catalogue.csv", format!("{MARK}{}", catalogue::csv(&input, face.lang)).into_bytes())
            }
            CatalogueForm::Json => ("catalogue.json", catalogue::json(&input).into_bytes()),
            CatalogueForm::Html => ("catalogue.html", catalogue::html(&input, face.lang).into_bytes()),
            CatalogueForm::Xlsx => {
                let book = catalogue::xlsx(&input, face.lang).map_err(NodeError::Internal)?;
                ("catalogue.xlsx", book)
            }
        };
        print(&face.say(&written(out, name, &bytes, "catalogue_written")?));
    }
    Ok(())
}

/// `field=column`.
fn given(map: &[String]) -> Result<Vec<(String, String)>, CliError> {
    let pair = |m: &String| {
        let (field, column) = m.split_once('=').filter(|(f, c)| !f.trim().is_empty() && !c.trim().is_empty())?;
        Some((field.trim().to_owned(), column.trim().to_owned()))
    };
    map.iter()
        .map(|m| pair(m).ok_or_else(|| CliError::new(Say::new("error.bad-map").with("value", attest::clean(m)))))
        .collect()
}

fn import(
    face: &Face,
    table: &Path,
    map: &[String],
    dry_run: bool,
    author: Option<&str>,
    format: Format,
) -> Result<(), CliError> {
    let plan = face.plan()?;
    let given = given(map)?;
    let read = node::catalogue_read(&plan, table, &given)?;
    let bad: Vec<_> = read.bad.iter().map(|b| json!({"row": b.row, "say": b.say})).collect();
    let leaf = if dry_run {
        None
    } else {
        if read.assets.is_empty() {
            bad_rows(face, &read.bad);
        }
        Some(face.node()?.catalogue_import(&plan, table, &given, author)?.leaf)
    };
    if format == Format::Json {
        let mapping = mapping_json(&read.mapping);
        print_json(&json!({"record": leaf, "kept": leaf.is_some(), "mapping": mapping, "assets": read.assets,
                           "left_out": bad}));
        return Ok(());
    }
    print(&mapping_text(face, &read.mapping));
    bad_rows(face, &read.bad);
    let say = match leaf {
        Some(leaf) => Say::new("cli.say.listed").with("leaf", leaf.short()),
        None => Say::new("cli.say.listed_dry"),
    };
    print(&face.say(&say.with("count", read.assets.len()).with("bad", read.bad.len())));
    Ok(())
}

fn bad_rows(face: &Face, bad: &[attest::BadRow]) {
    for row in bad {
        let why = face.say(&row.say);
        eprintln!("{}", face.say(&Say::new("cli.say.scope_bad_row").with("row", row.row).with("why", why)));
    }
}

fn mapping_json(m: &Mapping) -> serde_json::Value {
    let fields: Vec<_> =
        m.fields.iter().map(|(f, (n, h))| json!({"field": f, "column": n + 1, "heading": h})).collect();
    let unused: Vec<_> = m.unused.iter().map(|(n, h)| json!({"column": n + 1, "heading": h})).collect();
    json!({"heading_row": m.heading, "rows": m.rows, "fields": fields, "unused": unused, "missing": m.missing})
}

fn mapping_text(face: &Face, m: &Mapping) -> String {
    let mut out = face.say(&Say::new("cli.say.map_head").with("row", m.heading).with("rows", m.rows));
    let field = |f: &str| face.say(&Say::new(format!("cli.field.{f}")));
    for (f, (n, heading)) in attest::HEADINGS.iter().filter_map(|(f, _)| m.fields.get(f).map(|c| (f, c))) {
        let say = Say::new("cli.say.map_line").with("field", field(f)).with("id", f).with("column", n + 1);
        let _ = write!(out, "\n  {}", face.say(&say.with("heading", heading)));
    }
    for (n, heading) in &m.unused {
        let say = Say::new("cli.say.map_unused").with("column", n + 1).with("heading", heading);
        let _ = write!(out, "\n  {}", face.say(&say));
    }
    if !m.missing.is_empty() {
        let missing: Vec<String> = m.missing.iter().map(|f| format!("{} ({f})", field(f))).collect();
        let _ = write!(out, "\n  {}", face.say(&Say::new("cli.say.map_missing").with("fields", missing.join(", "))));
    }
    out
}

fn grade(face: &Face, g: &Grade, confirmed: bool) -> Result<(), CliError> {
    let plan = face.plan()?;
    let decision = Decision {
        asset: &g.asset,
        confirmed,
        level: g.level.as_deref(),
        object: g.object.as_deref(),
        harm: g.harm.as_deref(),
        by: &g.by,
        document: g.document.as_deref().map(node::document).transpose()?,
        author: g.author.as_deref(),
    };
    let (leaf, asset, level) = face.node()?.grade(&plan, &decision)?;
    if g.format == Format::Json {
        print_json(&json!({"record": leaf, "asset": asset.id, "carrier": asset.carrier, "level": level,
                           "confirmed": confirmed, "by": attest::clean(&g.by), "name_checked": false}));
        return Ok(());
    }
    let word = plan.words(face.lang).get(&format!("level.{level}.name")).unwrap_or(level.as_str()).to_owned();
    let key = if confirmed { "cli.say.graded" } else { "cli.say.graded_rejected" };
    let say = Say::new(key).with("carrier", &asset.carrier).with("word", word).with("by", attest::clean(&g.by));
    print(&face.say(&say.with("leaf", leaf.short())));
    if g.document.is_none() {
        print(&face.say(&Say::new("cli.say.graded_no_document")));
    }
    Ok(())
}

fn file(
    face: &Face,
    date: &str,
    receipt: &Path,
    of: Option<&str>,
    author: Option<&str>,
    format: Format,
) -> Result<(), CliError> {
    let on = attest::date(date)
        .ok_or_else(|| CliError::new(Say::new("error.bad-date").with("value", attest::clean(date))))?;
    let (leaf, filed) = face.node()?.file_catalogue(of, on, receipt, author)?;
    if format == Format::Json {
        print_json(&json!({"record": leaf, "catalogue": filed.leaf, "date": on.date()}));
    } else {
        let say = Say::new("cli.say.catalogue_filed").with("catalogue", filed.leaf.short()).with("date", on.date());
        print(&face.say(&say.with("leaf", leaf.short())));
    }
    Ok(())
}

fn diff(
    face: &Face,
    before: Option<&str>,
    after: Option<&str>,
    fail_on: Option<DueArg>,
    format: Format,
) -> Result<u8, CliError> {
    let plan = face.plan()?;
    let node = face.node_read_only()?;
    let named =
        |digits: &str| -> Result<Kept, CliError> { Ok(node.catalogue(Some(digits))?.ok_or(NodeError::NoCatalogue)?) };
    let new = match after {
        Some(digits) => named(digits)?,
        None => node.newest_catalogue()?,
    };
    let filing = node.filed()?.map(|f| f.0);
    let old = match (before, &filing) {
        (Some(digits), _) => named(digits)?,
        (None, Some(f)) => named(&f.catalogue.hex())?,
        (None, None) => node.catalogue_before(&new)?.ok_or_else(|| CliError::new(Say::new("error.nothing-before")))?,
    };
    let drift = judge::diff(&plan, &old.catalogue, &new.catalogue);
    let filed = filing.as_ref().filter(|f| f.catalogue == old.leaf);
    let input = DriftInput { drift: &drift, leaves: (old.leaf, new.leaf), filed, plan: &plan };
    match format {
        Format::Json => print(&catalogue::drift_json(&input)),
        Format::Text => print(&catalogue::drift(&input, face.lang, style(face))),
    }
    let over = match fail_on {
        None => false,
        Some(DueArg::Due) => drift.due.is_some(),
        Some(DueArg::Possible) => drift.due.is_some() || drift.verdict() >= Verdict::Possible,
    };
    Ok(if over { exit::FINDINGS } else { exit::DONE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_a_field_and_a_column() {
        let of = |m: &str| given(&[m.to_owned()]).ok().map(|v| v[0].clone());
        assert_eq!(of("level = 密级"), Some(("level".to_owned(), "密级".to_owned())));
        assert_eq!((of("level"), of("=B"), of("level=")), (None, None, None));
    }

    #[test]
    fn every_field_of_a_table_has_a_word() {
        for (field, _) in attest::HEADINGS {
            for lang in evidence::Lang::ALL {
                assert!(report::words::find(lang, &format!("cli.field.{field}")).is_some(), "{field}");
            }
        }
    }
}

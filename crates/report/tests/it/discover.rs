//! The faces of what was found: golden files, schema, SARIF's required parts, cells that are no formulas, foreign text
//! that steers nothing.

use crate::found::found;
use crate::{golden, schema};
use evidence::{Body, Lang, PathText, Place};
use report::Style;
use report::discover::{self, Asked, Explain};
use serde_json::Value;
use std::collections::BTreeSet;

const STYLE: Style = Style { colour: false, width: 120 };

#[test]
fn every_form_is_as_it_was() {
    let f = found();
    let input = f.input();
    golden::check("discover.en.txt", &discover::terminal(&input, Lang::En, STYLE));
    golden::check("discover.zh.txt", &discover::terminal(&input, Lang::Zh, STYLE));
    golden::check("discover.en.html", &discover::html(&input, Lang::En));
    golden::check("discover.zh.html", &discover::html(&input, Lang::Zh));
    golden::check("discover.json", &discover::json(&input));
    golden::check("discover.zh.csv", &discover::csv(&input, Lang::Zh));
    golden::check("discover.sarif", &discover::sarif(&input, Lang::En));
}

#[test]
fn json_fits_its_schema() {
    let f = found();
    let mut input = f.input();
    assert_eq!(schema::check("discover-v1", &discover::json(&input)), Vec::<String>::new());
    input.examination = None;
    input.items = &[];
    assert_eq!(schema::check("discover-v1", &discover::json(&input)), Vec::<String>::new());
}

/// A field that must be there, of a type.
#[track_caller]
fn must<'v>(value: &'v Value, name: &str, is: fn(&Value) -> bool) -> &'v Value {
    let field = value.get(name).unwrap_or_else(|| panic!("no {name} in {value}"));
    assert!(is(field), "{name}: {field}");
    field
}

/// What sarif-schema-2.1.0.json requires of the objects that we write, and the rules of the text (§3) that a schema
/// cannot say: indexes that lead somewhere, lines and columns from 1, absolute URIs of ASCII.
#[test]
fn sarif_has_what_the_standard_requires() {
    for lang in Lang::ALL {
        let text = discover::sarif(&found().input(), lang);
        let log: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(must(&log, "version", Value::is_string), "2.1.0");
        let [run] = must(&log, "runs", Value::is_array).as_array().unwrap().as_slice() else { panic!("one run") };
        let driver = &must(run, "tool", Value::is_object)["driver"];
        must(driver, "name", Value::is_string);
        let rules = must(driver, "rules", Value::is_array).as_array().unwrap();
        let ids: BTreeSet<&str> = rules.iter().map(|r| must(r, "id", Value::is_string).as_str().unwrap()).collect();
        assert_eq!(ids.len(), rules.len(), "rule ids are unique");
        assert!(["en", "zh-CN"].contains(&run["language"].as_str().unwrap()));
        assert!(["utf16CodeUnits", "unicodeCodePoints"].contains(&run["columnKind"].as_str().unwrap()));
        let results = must(run, "results", Value::is_array).as_array().unwrap();
        let mut fingerprints = BTreeSet::new();
        for result in results {
            assert!(!must(&result["message"], "text", Value::is_string).as_str().unwrap().is_empty());
            assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(fingerprints.insert(result["partialFingerprints"]["watchfireHit/v1"].to_string()));
            let related = result["relatedLocations"].as_array().cloned().unwrap_or_default();
            for location in result["locations"].as_array().unwrap().iter().chain(&related) {
                place(location);
            }
        }
        assert_eq!(results.len(), 18, "twelve files with hits, two columns, four formats");
        let invocation = &run["invocations"][0];
        must(invocation, "executionSuccessful", Value::is_boolean);
        assert_eq!(invocation["executionSuccessful"], false, "the run was stopped");
        let kinds = driver["notifications"].as_array().unwrap();
        let notes = invocation["toolExecutionNotifications"].as_array().unwrap();
        assert!(notes.len() >= 4);
        for note in notes {
            must(&note["message"], "text", Value::is_string);
            assert!(kinds.iter().any(|k| k["id"] == note["descriptor"]["id"]));
        }
    }
}

fn place(location: &Value) {
    let physical = must(location, "physicalLocation", Value::is_object);
    let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:%".contains(&b);
    assert!(uri.starts_with("file:///") && uri.bytes().all(plain), "{uri}");
    if let Some(region) = physical.get("region") {
        let number = |name: &str| region.get(name).map(|n| n.as_u64().unwrap());
        assert!(number("startLine").is_none_or(|n| n >= 1) && number("startColumn").is_none_or(|n| n >= 1));
        assert!(number("startLine").is_some() || number("byteOffset").is_some());
    }
}

#[test]
fn no_cell_of_the_table_begins_a_formula_and_every_row_is_as_wide_as_its_head() {
    let mut f = found();
    // Foreign text where a table shows it: a column's name, a format, a member of an archive.
    for item in &mut f.items {
        match &mut item.body {
            Body::Column(c) => c.column = "=HYPERLINK(\"http://x\")".to_owned(),
            Body::Content(c) => c.format = "+cmd".to_owned(),
            Body::Hits(h) => h.at.inside.push("@member".into()),
            _ => {}
        }
    }
    let text = discover::csv(&f.input(), Lang::En);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let head = rows[0].clone();
    let kinds: BTreeSet<&str> = rows[1..].iter().map(|r| &r[0]).collect();
    assert_eq!(kinds, BTreeSet::from(["column", "content", "file", "gap", "sample"]));
    for row in &rows {
        assert_eq!(row.len(), head.len());
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
    }
    assert!(text.contains("'=HYPERLINK") && text.contains("'+cmd"));
}

/// Markup, a terminal escape, a right-to-left override, a zero-width space and a C1 control.
const HOSTILE: &str = "a\"'><script>alert(1)</script>\u{1b}]0;x\u{7}\u{202e}gpj.exe\u{200b}\u{9b}31m";

#[test]
fn foreign_text_steers_neither_terminal_nor_page() {
    let mut f = found();
    f.examination.subject.folders = vec![HOSTILE.into()];
    for item in &mut f.items {
        match &mut item.body {
            Body::Hits(h) => {
                h.at = Place { inside: vec![PathText::from(HOSTILE)], ..Place::file(HOSTILE) };
                for s in &mut h.samples {
                    s.why.iter_mut().for_each(|w| w.word = Some(HOSTILE.to_owned()));
                    s.spot = evidence::Spot::Cell { sheet: HOSTILE.to_owned(), cell: HOSTILE.to_owned() };
                }
            }
            Body::Column(c) => c.column = HOSTILE.to_owned(),
            Body::Content(c) => {
                c.format = HOSTILE.to_owned();
                c.detail = Some(HOSTILE.to_owned());
            }
            Body::Tally(t) => {
                if let Some(own) = &mut t.own {
                    (own.en, own.zh) = (HOSTILE.to_owned(), HOSTILE.to_owned());
                }
            }
            Body::Gap(g) => g.at = Some(Place::file(HOSTILE)),
            _ => {}
        }
    }
    let input = f.input();
    let steering = |text: &str| {
        let steers = |c: &char| {
            (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(u32::from(*c), 0x200b..=0x200f | 0x202a..=0x202e)
        };
        text.chars().find(steers)
    };
    let mut pages = Vec::new();
    for lang in Lang::ALL {
        let page = discover::html(&input, lang);
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        pages.extend([page, discover::terminal(&input, lang, STYLE), discover::csv(&input, lang)]);
        pages.extend([discover::sarif(&input, lang), discover::json(&input)]);
        for item in &f.items {
            let id = match &item.body {
                Body::Hits(h) => h.id(),
                Body::Column(c) => c.id(),
                Body::Content(c) => c.id(),
                _ => continue,
            };
            let (asked, n) = Asked::find(&f.items, &id.hex())[0];
            let examination = (&f.examination, id);
            let explain = Explain { asked, examination, item: n, items: &f.items, newest: true, plan: &f.plan };
            pages.extend([explain.text(lang, STYLE), explain.json()]);
        }
    }
    for page in pages {
        assert_eq!(steering(&page), None, "{page}");
    }
}

#[test]
fn every_finding_is_explained_in_both_languages() {
    let f = found();
    let mut said = String::new();
    for item in &f.items {
        let asked: Vec<Asked<'_>> = match &item.body {
            Body::Hits(h) => {
                std::iter::once(Asked::File(h)).chain(h.samples.iter().map(|s| Asked::Sample(h, s))).collect()
            }
            Body::Column(c) => vec![Asked::Column(c)],
            Body::Content(c) => vec![Asked::Content(c)],
            _ => continue,
        };
        for one in asked {
            let digits = one.id().short();
            let found = Asked::find(&f.items, &digits);
            assert_eq!(found.len(), 1, "{digits}");
            assert_eq!(found[0].1, item.n);
            let examination = (&f.examination, evidence::Digest::of(b"leaf"));
            let explain =
                Explain { asked: one, examination, item: item.n, items: &f.items, newest: false, plan: &f.plan };
            for lang in Lang::ALL {
                said += &explain.text(lang, STYLE);
            }
            let json: Value = serde_json::from_str(&explain.json()).unwrap();
            assert_eq!(json["id"], digits.as_str());
            assert!(json["changes"].as_array().unwrap().iter().all(|c| c["text"]["zh"].as_str().unwrap().len() > 6));
        }
    }
    golden::check("explain.txt", &said);
}

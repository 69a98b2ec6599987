//! Every form has a golden file; `UPDATE_GOLDEN=1` rewrites them, to be read before they are kept.

use crate::fixture::fixture;
use evidence::Lang;
use report::Style;
use std::path::PathBuf;

pub(crate) fn check(name: &str, got: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, got).unwrap();
        return;
    }
    let want = std::fs::read_to_string(&path).unwrap_or_default();
    if want == got {
        return;
    }
    let differs = want.lines().zip(got.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or(want.lines().count().min(got.lines().count()));
    panic!(
        "{name} differs from line {}:\n- {}\n+ {}\nUPDATE_GOLDEN=1 rewrites it",
        line + 1,
        want.lines().nth(line).unwrap_or("(end)"),
        got.lines().nth(line).unwrap_or("(end)"),
    );
}

#[test]
fn every_form_is_as_it_was() {
    let fixture = fixture();
    let style = Style { colour: false, width: 100 };
    check("report.en.txt", &report::terminal(&fixture.input(), Lang::En, style));
    check("report.zh.txt", &report::terminal(&fixture.input(), Lang::Zh, style));
    check("report.en.html", &report::html(&fixture.input(), Lang::En));
    check("report.zh.html", &report::html(&fixture.input(), Lang::Zh));
    check("report.json", &report::json(&fixture.input()));
}

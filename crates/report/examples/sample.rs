//! Writes the sample report in every form: `cargo run -p report --example sample -- FOLDER`.

#![expect(clippy::disallowed_methods, reason = "an example writes files; the room does not")]

#[path = "../tests/it/fixture.rs"]
mod fixture;

use evidence::Lang;
use report::Style;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| ".".into()));
    std::fs::create_dir_all(&folder)?;
    let fixture = fixture::fixture();
    let style = Style { colour: true, width: 100 };
    for (lang, tag) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        std::fs::write(folder.join(format!("report.{tag}.txt")), report::terminal(&fixture.input(), lang, style))?;
        std::fs::write(folder.join(format!("report.{tag}.html")), report::html(&fixture.input(), lang))?;
    }
    std::fs::write(folder.join("report.json"), report::json(&fixture.input()))
}

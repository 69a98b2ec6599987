//! What the packs of detectors say of their classes, as files of the built-in plan: categories decide levels, and what
//! decides a level must be in the plan, under its digest. `levels/data.toml` overrules: a class that stands there is
//! left out here. A test holds the files equal to the packs.

use classify::{Counts, Detector, Detectors};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The plan's folder.
fn plan() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plans/miit-2024-2026")
}

/// Path in the plan and text of every file that is made.
pub(crate) fn files() -> Result<Vec<(&'static str, String)>, String> {
    let path = plan().join("levels/data.toml");
    let own = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let builtin = Detectors::builtin();
    let is_own = |d: &&Detector| own.contains(&format!("[[class]]\nid = \"{}\"", d.id));
    let mut detectors: Vec<&Detector> = builtin.list().iter().filter(|d| !is_own(d)).collect();
    detectors.sort_by(|a, b| a.id.cmp(&b.id));
    let mut levels =
        "# Made by `cargo xtask classes` from packs/detectors: do not edit. data.toml overrules it.\n".to_owned();
    let mut en = "# Made by `cargo xtask classes` from packs/detectors: do not edit.\n".to_owned();
    let mut zh = en.clone();
    for d in detectors {
        let counts = match d.counts {
            Counts::People => "people",
            Counts::Things => "things",
            Counts::None => "none",
        };
        let _ = write!(
            levels,
            "\n[[class]]\nid = {}\ncategory = {}\ncounts = \"{counts}\"\n",
            quoted(d.id.as_str()),
            quoted(&d.category)
        );
        if !d.kind.is_empty() {
            let _ = writeln!(levels, "kind = {}", quoted(&d.kind));
        }
        let _ = writeln!(levels, "source = {}\nsure = {}", quoted(&format!("detector: {}", d.source)), quoted(&d.sure));
        for (out, name) in [(&mut en, &d.name.en), (&mut zh, &d.name.zh)] {
            let _ = write!(out, "\n[class.{}]\nname = {}\n", quoted(d.id.as_str()), quoted(name));
        }
    }
    Ok(vec![("levels/classes.toml", levels), ("words/en-classes.toml", en), ("words/zh-classes.toml", zh)])
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Writes the files.
pub(crate) fn write() -> Result<(), String> {
    for (name, text) in files()? {
        let path = plan().join(name);
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_says_of_every_class_what_its_detector_says() {
        for (name, text) in files().expect("the plan's folder is there") {
            let kept = std::fs::read_to_string(plan().join(name)).unwrap_or_default();
            assert!(kept == text, "plans/miit-2024-2026/{name} is stale: cargo xtask classes");
        }
    }
}

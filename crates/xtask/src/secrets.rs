//! `cargo xtask bench secrets`: precision and recall on data that others labelled and nobody here tuned on.
//!
//! The sets come out of published packages by the ordinary clients, into a cache outside the repository; none of it is
//! ever committed. Only totals are printed, by set and by type: whoever looks at single misses has tuned on the set.
//!
//! **The rule.** A label is a file and a range of lines. It is found if a tool reports a secret on one of its lines. A
//! reported line (each file and line once) on no label is a false one.
//! Precision = found labels / (found labels + false lines), recall = found labels / labels.

mod sets;

use crate::options::{self, Options};
use crate::peers::{self, Peer};
use crate::program;
use serde_json::Value;
use sets::Set;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;

/// A hit is one of a secret if its class stands in this category in the packs of detectors.
const CATEGORY: &str = "credential";
/// And before there were packs, if it is this class.
const BEFORE: &str = "private-key";
/// Bands of the program under measurement: name and least confidence, per cent.
const BANDS: [(&str, u8); 2] = [("watchfire, medium or better", 65), ("watchfire, high", 85)];

/// File (from the set's root) and line; line 0 stands for the whole file.
type Reported = BTreeSet<(String, u64)>;

/// The job.
pub(crate) fn bench(words: &[&str]) -> Result<(), String> {
    let options = Options::parse(words, &[], &["cache"])?;
    let cache = options::cache(&options)?;
    let tools = peers::installed(&cache, &["detect-secrets", "kingfisher-bin"])?;
    for set in sets::fetched(&cache)? {
        match set {
            Ok(set) => score(&set, &tools)?,
            Err(why) => println!("\nnot measured: {why}"),
        }
    }
    Ok(())
}

fn score(set: &Set, tools: &[Result<Peer, String>]) -> Result<(), String> {
    println!("\n## {}\n\n{}\n", set.name, set.about);
    println!("{} files, {} labels\n", set.files, set.labels.len());
    println!(
        "| tool | found | false | missed | precision | recall | F1 |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    let mut columns = Vec::new();
    let secret = classes()?;
    let mut seen = BTreeMap::new();
    for (name, least) in BANDS {
        let reported = ours(&set.root, least, &secret, &mut seen)?;
        columns.push((name.to_owned(), row(name, set, &reported)));
    }
    for tool in tools {
        match tool {
            Ok(peer) => {
                let name = format!("{} {}", peer.name, peer.version);
                columns.push((name.clone(), row(&name, set, &theirs(peer, &set.root)?)));
            }
            Err(why) => println!("| {why} | | | | | | |"),
        }
    }
    by_type(set, &columns);
    println!("\nclasses of the program that were taken for secrets (true) or not: {seen:?}");
    Ok(())
}

/// Prints a tool's row; says which labels it found.
fn row(name: &str, set: &Set, reported: &Reported) -> Vec<bool> {
    let on = |label: &sets::Label, (file, line): &(String, u64)| {
        *file == label.file && (*line == 0 || label.lines.contains(line))
    };
    let found: Vec<bool> = set.labels.iter().map(|l| reported.iter().any(|r| on(l, r))).collect();
    let wrong = reported.iter().filter(|r| !set.labels.iter().any(|l| on(l, r))).count();
    let right = found.iter().filter(|f| **f).count();
    let share = |n: usize, of: usize| if of == 0 { f64::NAN } else { n as f64 / of as f64 };
    let (precision, recall) = (share(right, right + wrong), share(right, found.len()));
    let f1 = 2.0 * precision * recall / (precision + recall);
    println!("| {name} | {right} | {wrong} | {} | {precision:.3} | {recall:.3} | {f1:.3} |", found.len() - right);
    found
}

/// Recall by type of label.
fn by_type(set: &Set, columns: &[(String, Vec<bool>)]) {
    let kinds: BTreeSet<&str> = set.labels.iter().map(|l| l.kind.as_str()).collect();
    let heads: Vec<&str> = columns.iter().map(|c| c.0.as_str()).collect();
    println!("\n| type | labels | found by {} |\n| --- | ---: |{}", heads.join(" | "), " ---: |".repeat(heads.len()));
    for kind in kinds {
        let of: Vec<usize> = (0..set.labels.len()).filter(|i| set.labels[*i].kind == kind).collect();
        let cells = columns.iter().map(|(_, f)| of.iter().filter(|i| f[**i]).count().to_string());
        println!("| {kind} | {} | {} |", of.len(), cells.collect::<Vec<_>>().join(" | "));
    }
}

fn inside(root: &Path, path: &str) -> String {
    let path = Path::new(path);
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// The classes that are secrets, by the packs in the repository.
fn classes() -> Result<BTreeSet<String>, String> {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/detectors");
    let mut all = BTreeSet::from([BEFORE.to_owned()]);
    for entry in std::fs::read_dir(packs).into_iter().flatten().flatten() {
        let path = entry.path();
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let pack: toml::Table = text.parse().map_err(|e| format!("{}: {e}", path.display()))?;
        let word = |d: &toml::Value, name: &str| d.get(name).and_then(toml::Value::as_str).map(str::to_owned);
        let detectors = pack.get("detector").and_then(toml::Value::as_array).into_iter().flatten();
        let secret = detectors.filter(|d| word(d, "category").as_deref() == Some(CATEGORY));
        all.extend(secret.filter_map(|d| word(d, "id")));
    }
    Ok(all)
}

fn ours(
    root: &Path,
    least: u8,
    secret: &BTreeSet<String>,
    classes: &mut BTreeMap<String, bool>,
) -> Result<Reported, String> {
    let seen = program::bodies(least, &[root])?;
    let mut out = Reported::new();
    for hit in seen.hits {
        let is = secret.contains(&hit.class);
        classes.insert(hit.class, is);
        if is {
            let file = inside(root, &hit.path);
            out.extend(hit.samples.iter().map(|s| (file.clone(), s.line.unwrap_or(0))));
        }
    }
    Ok(out)
}

fn theirs(peer: &Peer, root: &Path) -> Result<Reported, String> {
    let mut command = peer.look(root);
    let done = command.stdin(Stdio::null()).output().map_err(|e| format!("{command:?}: {e}"))?;
    if done.status.code().is_none_or(|c| !peer.good.contains(&c)) {
        return Err(format!("{} ended with {}", peer.name, done.status));
    }
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    if peer.name == "detect-secrets" { of_baseline(&text, root) } else { Ok(of_lines(&text, root)) }
}

/// detect-secrets: `results` by file, each with a `line_number`.
fn of_baseline(text: &str, root: &Path) -> Result<Reported, String> {
    let whole: Value = serde_json::from_str(text).map_err(|e| format!("detect-secrets: {e}"))?;
    let results = whole["results"].as_object().ok_or("detect-secrets printed no results")?;
    let all = results.iter().flat_map(|(file, found)| {
        let lines = found.as_array().into_iter().flatten().filter_map(|f| f["line_number"].as_u64());
        lines.map(|l| (inside(root, file), l))
    });
    Ok(all.collect())
}

/// Kingfisher: one JSON object a line, a finding has `path` and `line`.
fn of_lines(text: &str, root: &Path) -> Reported {
    let values = text.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok());
    let finding = |v: Value| Some((inside(root, v["finding"]["path"].as_str()?), v["finding"]["line"].as_u64()?));
    values.filter_map(finding).collect()
}

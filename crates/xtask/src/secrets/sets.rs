//! The labelled sets: what is fetched, how its own labels are read. The files are laid out anew, one case a file or as
//! they were, under neutral names: no path tells a tool what to expect.

use crate::peers::{self, quiet};
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A secret as the set's authors labelled it.
pub(crate) struct Label {
    /// From the set's root.
    pub(crate) file: String,
    pub(crate) lines: RangeInclusive<u64>,
    /// Its type, as far as the set tells.
    pub(crate) kind: String,
}

/// A labelled set, laid out under `root`.
pub(crate) struct Set {
    pub(crate) name: String,
    /// Whose labels these are and what they are worth.
    pub(crate) about: &'static str,
    pub(crate) root: PathBuf,
    pub(crate) files: usize,
    pub(crate) labels: Vec<Label>,
}
impl Set {
    fn new(cache: &Path, name: &str, about: &'static str) -> Result<Self, String> {
        let root = cache.join("labelled").join(name.replace(' ', "-"));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).map_err(|e| e.to_string())?;
        Ok(Self { name: name.to_owned(), about, root, files: 0, labels: Vec::new() })
    }
    /// Lays a file out; returns its name.
    fn put(&mut self, ending: &str, text: &str) -> Result<String, String> {
        let name = format!("{:03}/{:05}.{ending}", self.files / 100, self.files);
        let path = self.root.join(&name);
        fs::create_dir_all(path.parent().unwrap_or(&self.root)).map_err(|e| e.to_string())?;
        fs::write(&path, text).map_err(|e| e.to_string())?;
        self.files += 1;
        Ok(name)
    }
    fn label(&mut self, file: &str, lines: RangeInclusive<u64>, kind: &str) {
        self.labels.push(Label { file: file.to_owned(), lines, kind: kind.to_owned() });
    }
    /// A label on every line that is neither empty nor a comment.
    fn each_line(&mut self, file: &str, text: &str, kind: &str) {
        for (n, line) in (1..).zip(text.lines()) {
            if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
                self.label(file, n..=n, kind);
            }
        }
    }
}

/// Every set, or why it is not there.
pub(crate) fn fetched(cache: &Path) -> Result<Vec<Result<Set, String>>, String> {
    peers::environment(cache)?;
    Ok(vec![keyhog(cache), ripsecrets(cache), cribra(cache), bandit(cache)])
}

/// The sources of a crate, fetched by cargo into a home of its own: what tests of secrets hold must not lie among the sources
/// that a census counts.
fn of_crate(cache: &Path, name: &str, version: &str) -> Result<PathBuf, String> {
    let wanted = format!("{name}-{version}");
    let home = cache.join("cargo");
    let found = || {
        let registries = fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
        registries.map(|r| r.path().join(&wanted)).find(|p| p.is_dir())
    };
    if found().is_none() {
        fs::create_dir_all(&home).map_err(|e| e.to_string())?;
        settings(&home);
        // `cargo info` unpacks the crate it tells of.
        let mut info = Command::new(env!("CARGO"));
        info.arg("info").arg(format!("{name}@{version}")).current_dir(cache).env("CARGO_HOME", &home);
        quiet(&mut info).map_err(|e| format!("{wanted}: {e}"))?;
    }
    found().ok_or_else(|| format!("{wanted} was not unpacked by cargo"))
}

/// The user's settings of cargo, such as the address of a mirror, if there are any.
fn settings(home: &Path) {
    let user = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let user = user.or_else(|| std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".cargo")));
    if let Some(user) = user {
        let _ = fs::copy(user.join("config.toml"), home.join("config.toml"));
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}
fn sorted(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut all: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    all.sort();
    Ok(all)
}
fn stem(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The self-tests of KeyHog's detectors: for each a text that it must fire on and one that it must not.
fn keyhog(cache: &Path) -> Result<Set, String> {
    let from = of_crate(cache, "keyhog-core", "0.5.86")?.join("detectors");
    let about = "`keyhog-core` 0.5.86 (MIT OR Apache-2.0), `detectors/*.toml`: each detector's `test_positive` (text it must fire on) and \
        `test_negative` (text it must not fire on), one case a file. Written by the authors of another scanner for 900 services; \
        the positives follow its patterns, and a negative is one for its own detector, so both are kind to tools of the same make. \
        Type: the last word of the detector's id.";
    let mut set = Set::new(cache, "keyhog-core 0.5.86", about)?;
    for path in sorted(&from)? {
        let parsed: toml::Table = read(&path)?.parse().map_err(|e| format!("{}: {e}", stem(&path)))?;
        let Some(detector) = parsed.get("detector") else { continue };
        let id = detector.get("id").and_then(|i| i.as_str()).unwrap_or_default();
        let last = id.rsplit('-').next().unwrap_or(id);
        let known = ["key", "token", "credentials", "secret", "password", "string"];
        let kind = known.into_iter().find(|k| *k == last).unwrap_or("other");
        for case in detector.get("tests").and_then(|t| t.as_array()).into_iter().flatten() {
            let text = |name: &str| case.get(name).and_then(|t| t.as_str()).filter(|t| !t.is_empty());
            if let Some(positive) = text("test_positive") {
                let file = set.put("txt", &format!("{positive}\n"))?;
                set.label(&file, 1..=u64::MAX, kind);
            }
            if let Some(negative) = text("test_negative") {
                set.put("txt", &format!("{negative}\n"))?;
            }
        }
    }
    Ok(set)
}

/// The samples of ripsecrets: one secret on each line, one in each file, none.
fn ripsecrets(cache: &Path) -> Result<Set, String> {
    let from = of_crate(cache, "ripsecrets", "0.1.11")?.join("test");
    let about = "`ripsecrets` 0.1.11 (MIT), `test/`: `one_per_line` (each line is a secret), `one_per_file` (the file is), `none` (no line is). \
        Small, and few lines without a secret.";
    let mut set = Set::new(cache, "ripsecrets 0.1.11", about)?;
    for path in sorted(&from.join("one_per_line"))? {
        let text = read(&path)?;
        let file = set.put("txt", &text)?;
        for n in (1..).take(text.lines().count()) {
            set.label(&file, n..=n, &stem(&path));
        }
    }
    for path in sorted(&from.join("one_per_file"))? {
        let file = set.put("txt", &read(&path)?)?;
        set.label(&file, 1..=u64::MAX, &stem(&path));
    }
    set.put("txt", &read(&from.join("none"))?)?;
    Ok(set)
}

/// Cribra's corpus: lines that are secrets, lines that must stay clean.
fn cribra(cache: &Path) -> Result<Set, String> {
    let from = of_crate(cache, "cribra", "0.7.2")?.join("tests/fixtures");
    let about = "`cribra` 0.7.2 (MIT), `tests/fixtures`: every line but comments of `deterministic.env`, `contextual.env` and \
        `corpus_v02/positive.env` is a secret; no line of its four lists of false positives and of `adversarial-harmless.txt` is. Small; \
        its values are synthetic.";
    let mut set = Set::new(cache, "cribra 0.7.2", about)?;
    for (path, kind) in
        [("deterministic.env", "token"), ("contextual.env", "named value"), ("corpus_v02/positive.env", "mixed")]
    {
        let text = read(&from.join(path))?;
        let file = set.put("env", &text)?;
        set.each_line(&file, &text, kind);
    }
    for path in [
        "false-positives.txt",
        "contextual-false-positives.txt",
        "ambiguous-false-positives.txt",
        "corpus_v02/false-positives.txt",
        "corpus_v02/adversarial-harmless.txt",
    ] {
        set.put("txt", &read(&from.join(path))?)?;
    }
    Ok(set)
}

/// Bandit's example of passwords in code: a comment names the value, the line after it holds it.
fn bandit(cache: &Path) -> Result<Set, String> {
    let (name, version) = ("bandit", "1.9.4");
    let archive = cache.join(format!("{name}-{version}.tar.gz"));
    if !archive.exists() {
        let mut pip = Command::new(peers::environment(cache)?.join("pip"));
        pip.args(["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", name, "--dest"]);
        quiet(pip.arg(cache).arg(format!("{name}=={version}"))).map_err(|e| format!("{name}: {e}"))?;
    }
    let member = format!("{name}-{version}/examples/hardcoded-passwords.py");
    let text = quiet(Command::new("tar").arg("-xOzf").arg(&archive).arg(&member))?;
    let about = "`bandit` 1.9.4 (Apache-2.0), `examples/hardcoded-passwords.py`: after a comment that names the value (a label with an \
        empty value is passed over) the first line that holds it is the secret. Toy passwords in Python code; 16 labels by \
        its own test. Comments are emptied.";
    let mut set = Set::new(cache, "bandit 1.9.4", about)?;
    // A comment repeats the value, and some tools report a value where they see it first.
    let bare: Vec<&str> = text.lines().map(|l| if l.trim_start().starts_with('#') { "#" } else { l }).collect();
    let file = set.put("py", &(bare.join("\n") + "\n"))?;
    let mut named: Option<&str> = None;
    for (n, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with('#') {
            let value = line.split_once("hardcoded password: '").and_then(|(_, rest)| rest.strip_suffix('\''));
            named = value.or(named);
        } else if named.is_some_and(|value| !value.is_empty() && line.contains(value)) {
            set.label(&file, n..=n, "password");
            named = None;
        }
    }
    Ok(set)
}

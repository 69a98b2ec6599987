//! Folders of rules, and the samples that rules come with.

use crate::mappings::Mappings;
use evidence::Digest;
use sigma::{Compiled, Compiler, Logsource, Notice, Options, RuleId, Rules};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most rule files of a run.
pub const RULE_FILES_MAX: usize = 100_000;
/// Largest rule file, in bytes.
pub const RULE_BYTES_MAX: u64 = 4 << 20;
const DEPTH_MAX: usize = 16;

/// A rule file.
#[derive(Clone, Debug)]
pub struct RuleText {
    /// As it is named in what is said about it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Rules that were read.
pub struct Loaded {
    /// Them.
    pub rules: Arc<Rules>,
    /// Rules that are left out, and why.
    pub refusals: Vec<Notice>,
    /// What is worth knowing of others.
    pub warnings: Vec<Notice>,
    /// Files that could not be read at all.
    pub unread: Vec<(String, String)>,
    /// Log sources that no mapping serves, with how many rules name each.
    pub unserved: Vec<(Logsource, usize)>,
    digests: HashMap<String, Digest>,
}

impl Loaded {
    /// Compiles texts.
    #[must_use]
    pub fn of(texts: &[RuleText], mappings: &Mappings, options: Options) -> Self {
        let mut compiler = Compiler::new(options);
        for file in texts {
            compiler.add(&file.name, &file.text);
        }
        let Compiled { rules, refusals, warnings, .. } = compiler.finish();
        let mut unserved: Vec<_> =
            rules.logsources().filter(|(s, _)| !mappings.serves(s)).map(|(s, n)| (s.clone(), n)).collect();
        unserved.sort();
        let digests = texts.iter().map(|f| (f.name.clone(), Digest::of(f.text.as_bytes()))).collect();
        Self { rules: Arc::new(rules), refusals, warnings, unread: Vec::new(), unserved, digests }
    }

    /// The digest of a rule.
    #[must_use]
    pub fn digest(&self, rule: RuleId) -> Digest {
        let rule = self.rules.get(rule);
        let text = self.digests.get(&rule.file).copied().unwrap_or_else(|| Digest::of(b""));
        super::digest_of(&text, rule.line)
    }
}

/// Reads every `.yml` and `.yaml` file under the paths. Samples (`*.samples.yml`) and tests are no rules.
#[must_use]
pub fn load(paths: &[PathBuf]) -> (Vec<RuleText>, Vec<(String, String)>) {
    let (mut texts, mut unread) = (Vec::new(), Vec::new());
    for path in paths {
        walk(path, 0, &mut texts, &mut unread);
    }
    (texts, unread)
}

fn walk(path: &Path, depth: usize, texts: &mut Vec<RuleText>, unread: &mut Vec<(String, String)>) {
    let shown = crate::flows::read::shown(path).as_str().to_owned();
    let mut fail = |why: String| unread.push((shown.clone(), why));
    if depth > DEPTH_MAX || texts.len() >= RULE_FILES_MAX {
        return fail(format!("deeper than {DEPTH_MAX} folders or more than {RULE_FILES_MAX} files"));
    }
    if path.is_dir() {
        match std::fs::read_dir(path).and_then(|all| all.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>()) {
            Ok(mut below) => {
                below.sort();
                for p in below.iter().filter(|p| p.is_dir() || rule(p)) {
                    walk(p, depth + 1, texts, unread);
                }
            }
            Err(e) => fail(e.to_string()),
        }
        return;
    }
    let size = std::fs::metadata(path).map(|m| m.len());
    match size {
        Ok(size) if size > RULE_BYTES_MAX => fail(format!("larger than {RULE_BYTES_MAX} bytes")),
        _ => match std::fs::read_to_string(path) {
            Ok(text) => texts.push(RuleText { name: shown, text }),
            Err(e) => fail(e.to_string()),
        },
    }
}

fn rule(path: &Path) -> bool {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    (name.ends_with(".yml") || name.ends_with(".yaml")) && !name.ends_with(".samples.yml")
}

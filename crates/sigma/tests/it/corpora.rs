//! The public rule set and its regression cases, where they lie beside the checkout.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sigma::{Compiled, Compiler, Event, FieldId, Logsource, Options, Rules, Scanner, Value};

/// A folder of `corpora/`, which lies beside the checkout or beside the folder that it is in.
pub(crate) fn corpus(test: &str, name: &str) -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = here
        .ancestors()
        .skip(2)
        .take(3)
        .flat_map(|a| [a.join("corpora").join(name), a.join("shared/corpora").join(name)]);
    let found = found.into_iter().find(|p| p.exists());
    if found.is_none() {
        println!("SKIPPED: {test}: {name} is not beside the checkout");
    }
    found
}

fn files(folder: &Path, ending: &str, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, ending, out);
        } else if path.to_string_lossy().ends_with(ending) {
            out.push(path);
        }
    }
}

pub(crate) fn public_rules(root: &Path) -> Compiled {
    let mut compiler = Compiler::new(Options::default());
    for folder in ["rules", "rules-emerging-threats", "rules-threat-hunting", "rules-compliance"] {
        let mut found = Vec::new();
        files(&root.join(folder), ".yml", &mut found);
        for path in found {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            compiler.add(&name, &std::fs::read_to_string(&path).unwrap());
        }
    }
    compiler.finish()
}

#[test]
fn every_public_rule_is_read_or_refused_with_a_reason() {
    let Some(root) = corpus("public rules", "sigma") else { return };
    let compiled = public_rules(&root);
    println!("{:?}, refused {}", compiled.rules, compiled.refusals.len());
    compiled.refusals.iter().for_each(|r| println!("{r}"));
    let mut codes = std::collections::BTreeMap::new();
    compiled.warnings.iter().for_each(|w| *codes.entry(w.code.as_str()).or_insert(0) += 1);
    println!("{codes:?}");
}

// until here
#[test]
fn regression() {
    let Some(root) = corpus("regression", "sigma") else { return };
    let rules: Arc<Rules> = Arc::new(public_rules(&root).rules);
    let _ = (Logsource::new("", "", ""), FieldId::OTHER, Value::Null, Event::new(), Scanner::new(&rules));
}

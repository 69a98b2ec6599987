//! Sigma rules before they are used: `watchfire rules check` and the samples of `watchfire rules test`.

use crate::args::Format;
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use detect::logs::Clock;
use detect::mappings::Mappings;
use detect::run::{Loaded, Order, RuleText, load};
use evidence::Say;
use serde_json::{Value, json};
use sigma::{Notice, Options, RuleId};
use std::path::{Path, PathBuf};

/// Most samples of a rule file, and the largest file of samples in bytes.
const SAMPLE_BYTES_MAX: usize = 4 << 20;
const SAMPLE_DEPTH_MAX: usize = 8;
const DEPTH_MAX: usize = 16;

/// Rules of paths, or the built-in ones.
pub(crate) fn read(paths: &[PathBuf], mappings: &Mappings) -> Loaded {
    let (texts, unread) = if paths.is_empty() { (starter(), Vec::new()) } else { load(paths) };
    let mut loaded = Loaded::of(&texts, mappings, Options::default());
    loaded.unread = unread;
    loaded
}

fn starter() -> Vec<RuleText> {
    let text = |(name, text, _): &(&str, &str, &str)| RuleText { name: (*name).to_owned(), text: (*text).to_owned() };
    detect::starter::RULES.iter().map(text).collect()
}

/// The rule of a title, if only one is called so.
pub(crate) fn titled(rules: &Loaded, title: &str) -> Option<RuleId> {
    let mut same = rules.rules.all().iter().filter(|r| r.title.eq_ignore_ascii_case(title));
    let one = same.next().filter(|_| same.next().is_none())?;
    rules.rules.find(one.id.as_deref().or(one.name.as_deref())?)
}

pub(crate) fn check(face: &Face, paths: &[PathBuf], format: Format) -> Result<u8, CliError> {
    let mappings = Mappings::built_in();
    let loaded = read(paths, &mappings);
    let count = loaded.rules.all().len();
    if format == Format::Json {
        let value = |n: &Notice| {
            let params: serde_json::Map<String, Value> =
                n.params.iter().map(|(k, v)| ((*k).to_owned(), json!(v))).collect();
            json!({"code": n.code.as_str(), "file": n.file, "line": n.line, "title": n.title, "id": n.id, "params": params})
        };
        let unserved: Vec<Value> =
            loaded.unserved.iter().map(|(s, n)| json!({"logsource": s.to_string(), "rules": n})).collect();
        print_json(&json!({
            "rules": count,
            "refused": loaded.refusals.iter().map(value).collect::<Vec<_>>(),
            "warnings": loaded.warnings.iter().map(value).collect::<Vec<_>>(),
            "unread": loaded.unread.iter().map(|(p, w)| json!({"path": p, "why": w})).collect::<Vec<_>>(),
            "unserved": unserved,
        }));
    } else {
        for (key, notices) in [("rules_refused", &loaded.refusals), ("rules_warned", &loaded.warnings)] {
            for n in notices {
                let params: Vec<String> = n.params.iter().map(|(k, v)| format!("{k}={v}")).collect();
                let say = Say::new(format!("cli.say.{key}")).with("path", format!("{}:{}", n.file, n.line));
                let say = say.with("code", n.code.as_str()).with("title", n.title.as_deref().unwrap_or("-"));
                print(&face.say(&say.with("what", params.join(" "))));
            }
        }
        for (path, why) in &loaded.unread {
            print(&face.say(&Say::new("cli.say.rules_unread").with("path", path).with("why", why)));
        }
        for (source, n) in &loaded.unserved {
            print(&face.say(&Say::new("cli.say.rules_unserved").with("source", source.to_string()).with("count", n)));
        }
        let say = Say::new("cli.say.rules_checked").with("count", count).with("refused", loaded.refusals.len());
        let unserved: usize = loaded.unserved.iter().map(|(_, n)| n).sum();
        print(&face.say(&say.with("warnings", loaded.warnings.len()).with("unserved", unserved)));
    }
    let bad = !loaded.refusals.is_empty() || !loaded.unread.is_empty();
    Ok(if bad { exit::FINDINGS } else { exit::DONE })
}

/// Whether any of the paths holds Sigma rules.
pub(crate) fn any(paths: &[PathBuf]) -> bool {
    fn below(path: &Path, depth: usize) -> bool {
        if !path.is_dir() {
            return path.extension().is_some_and(|e| e == "yml" || e == "yaml") && sigma_file(path);
        }
        let all = std::fs::read_dir(path).into_iter().flatten().flatten();
        depth < DEPTH_MAX && all.map(|e| e.path()).any(|p| below(&p, depth + 1))
    }
    paths.iter().any(|p| below(p, 0))
}

fn sigma_file(path: &Path) -> bool {
    // A tool's entry in the form of LOLRMM is YAML too: it has no `detection`.
    path.is_file()
        && std::fs::read_to_string(path).is_ok_and(|t| t.contains("\ndetection:") || t.contains("\ncorrelation:"))
}

/// What is wrong with a sample.
struct Fault {
    file: String,
    sample: usize,
    /// True if it should have matched.
    wanted: bool,
    why: String,
}

pub(crate) fn test(face: &Face, paths: &[PathBuf], format: Format) -> Result<u8, CliError> {
    let (texts, unread) = load(paths);
    let (mut matching, mut others, mut without) = (0_u64, 0_u64, 0_u64);
    let mut faults: Vec<Fault> = Vec::new();
    for text in &texts {
        let beside = samples_beside(&text.name);
        let Ok(samples) = std::fs::read_to_string(&beside) else {
            without += 1;
            continue;
        };
        let tried = try_one(text, &samples);
        matching += tried.0;
        others += tried.1;
        faults.extend(tried.2);
    }
    if format == Format::Json {
        let value = |f: &Fault| json!({"file": f.file, "sample": f.sample, "should_match": f.wanted, "why": f.why});
        print_json(&json!({
            "files": texts.len(), "matching": matching, "others": others, "without_samples": without,
            "unread": unread.iter().map(|(p, w)| json!({"path": p, "why": w})).collect::<Vec<_>>(),
            "faults": faults.iter().map(value).collect::<Vec<_>>(),
        }));
    } else {
        for f in &faults {
            let key = match (f.why.is_empty(), f.wanted) {
                (false, _) => "rules_sample_bad",
                (true, true) => "rules_sample_missed",
                (true, false) => "rules_sample_matched",
            };
            let say = Say::new(format!("cli.say.{key}")).with("path", &f.file).with("number", f.sample);
            print(&face.say(&if f.why.is_empty() { say } else { say.with("why", &f.why) }));
        }
        for (path, why) in &unread {
            print(&face.say(&Say::new("cli.say.rules_unread").with("path", path).with("why", why)));
        }
        let say = Say::new("cli.say.rules_samples").with("count", texts.len()).with("matching", matching);
        let say = say.with("others", others).with("without", without).with("faults", faults.len());
        print(&face.say(&say));
    }
    Ok(if faults.is_empty() && unread.is_empty() { exit::DONE } else { exit::FINDINGS })
}

fn samples_beside(rule: &str) -> PathBuf {
    Path::new(rule).with_extension("samples.yml")
}

/// The samples of one file of rules: how many should and should not match, and which did otherwise.
fn try_one(rule: &RuleText, samples: &str) -> (u64, u64, Vec<Fault>) {
    let fault = |sample, wanted, why: &str| Fault { file: rule.name.clone(), sample, wanted, why: why.to_owned() };
    let mappings = Mappings::built_in();
    let loaded = Loaded::of(std::slice::from_ref(rule), &mappings, Options::default());
    if let Some(n) = loaded.refusals.first() {
        return (0, 0, vec![fault(0, true, &n.to_string())]);
    }
    let tree = match stdx::yaml::read(samples, SAMPLE_DEPTH_MAX, SAMPLE_BYTES_MAX) {
        Ok(tree) => tree,
        Err(e) => return (0, 0, vec![fault(0, true, &e)]),
    };
    let clock = Clock { ahead_minutes: 0, newest: node::now().millis() };
    let order = Order {
        rules: &loaded,
        mappings: &mappings,
        clock,
        from: None,
        to: None,
        level: None,
        workers: 1,
        follow: false,
        question: None,
    };
    let (mut counts, mut faults) = ((0, 0), Vec::new());
    for (key, wanted) in [("match", true), ("no-match", false)] {
        let texts = tree[key].as_array().map_or(&[][..], Vec::as_slice);
        *(if wanted { &mut counts.0 } else { &mut counts.1 }) += texts.len() as u64;
        for (n, text) in texts.iter().enumerate() {
            let Some(text) = text.as_str() else {
                faults.push(fault(n + 1, wanted, "no text"));
                continue;
            };
            let done = order.run_bytes(text.as_bytes(), "sample", &stdx::Stop::new());
            if done.counts.events == 0 || !done.gaps.is_empty() {
                faults.push(fault(n + 1, wanted, "no form of log that is known"));
            } else if done.found.is_empty() == wanted {
                faults.push(fault(n + 1, wanted, ""));
            }
        }
    }
    // A rule that is shown to match and not to match nothing is shown half.
    if counts.0 == 0 || counts.1 == 0 {
        faults.push(fault(0, counts.0 == 0, "at least one sample that matches and one that does not"));
    }
    (counts.0, counts.1, faults)
}

//! The public rule set and its regression cases, where they lie beside the checkout.
#![expect(clippy::disallowed_methods, reason = "a test reads files; the room does not")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sigma::{Compiled, Compiler, Event, Logsource, Options, Rules, Scanner, Value};

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

/// Values of JSON under dotted names.
pub(crate) fn flatten(rules: &Rules, name: &str, value: &serde_json::Value, event: &mut Event) {
    use serde_json::Value as Json;
    let field = rules.field(name);
    match value {
        Json::Null => event.push(field, Value::Null),
        Json::Bool(b) => event.push(field, Value::Bool(*b)),
        Json::Number(n) => match n.as_i64() {
            Some(n) => event.push(field, Value::Int(n)),
            None => event.push(field, Value::Float(n.as_f64().unwrap())),
        },
        Json::String(text) => event.push(field, Value::Text(text)),
        Json::Array(list) => list.iter().for_each(|v| flatten(rules, name, v, event)),
        Json::Object(map) => {
            for (key, value) in map {
                let inner = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                flatten(rules, &inner, value, event);
            }
        }
    }
}

/// A Windows event as the EVTX tools write it, with the names that rules use.
fn windows(rules: &Rules, json: &serde_json::Value, event: &mut Event) {
    let (system, empty) = (&json["Event"]["System"], serde_json::Map::new());
    event.clear();
    for (key, value) in system.as_object().unwrap_or(&empty) {
        let text = if value.get("#text").is_some() { &value["#text"] } else { value };
        if !text.is_object() {
            flatten(rules, key, text, event);
        }
        for (name, value) in value["#attributes"].as_object().unwrap_or(&empty) {
            flatten(rules, &format!("{key}_{name}"), value, event);
        }
    }
    for part in ["EventData", "UserData"] {
        for (key, value) in json["Event"][part].as_object().unwrap_or(&empty) {
            match value.as_object() {
                Some(inner) if key == "Data" => flatten(rules, "Data", &inner["#text"], event),
                Some(inner) => inner.iter().for_each(|(k, v)| flatten(rules, k, v, event)),
                None => flatten(rules, key, value, event),
            }
        }
    }
}

/// The log sources of the regression cases: `detect` has the real mapping.
fn sources(channel: &str, id: i64) -> Vec<Logsource> {
    let of = |service: &str, categories: &[&str]| {
        let categories = if categories.is_empty() { &[""] } else { categories };
        categories.iter().map(|c| Logsource::new(c, "windows", service)).collect::<Vec<_>>()
    };
    let sysmon: &[&str] = match id {
        1 => &["process_creation"],
        2 => &["file_change"],
        3 => &["network_connection"],
        4 => &["sysmon_status"],
        5 => &["process_termination"],
        6 => &["driver_load"],
        7 => &["image_load"],
        8 => &["create_remote_thread"],
        9 => &["raw_access_thread"],
        10 => &["process_access"],
        11 => &["file_event"],
        12 => &["registry_event", "registry_add", "registry_delete"],
        13 => &["registry_event", "registry_set"],
        14 => &["registry_event", "registry_rename"],
        15 => &["create_stream_hash"],
        16 => &["sysmon_status"],
        17 | 18 => &["pipe_created"],
        19..=21 => &["wmi_event"],
        22 => &["dns_query"],
        23 | 26 => &["file_delete"],
        25 => &["process_tampering"],
        255 => &["sysmon_error"],
        _ => &[],
    };
    match channel {
        "Microsoft-Windows-Sysmon/Operational" => of("sysmon", sysmon),
        "Security" if id == 4688 => of("security", &["process_creation"]),
        "Security" => of("security", &[]),
        "System" => of("system", &[]),
        "Application" => of("application", &[]),
        "Windows PowerShell" => of("powershell-classic", &["ps_classic_start", "ps_classic_provider_start"]),
        "Microsoft-Windows-PowerShell/Operational" if id == 4104 => of("powershell", &["ps_script"]),
        "Microsoft-Windows-PowerShell/Operational" => of("powershell", &["ps_module"]),
        "Microsoft-Windows-Windows Defender/Operational" => of("windefend", &[]),
        "Microsoft-Windows-NTLM/Operational" => of("ntlm", &[]),
        "Microsoft-Windows-TaskScheduler/Operational" => of("taskscheduler", &[]),
        other => of(other.rsplit('/').next().unwrap_or_default(), &[]),
    }
}

#[test]
fn every_public_rule_is_read_or_refused_with_a_reason() {
    let Some(root) = corpus("public rules", "sigma") else { return };
    let compiled = public_rules(&root);
    // Two rules ask for a list that only the plant has: the specification wants them rejected.
    let refused: Vec<String> =
        compiled.refusals.iter().map(|r| format!("{} {:?}", r.code.as_str(), r.params)).collect();
    assert_eq!(refused, vec![r#"placeholder [("name", "known_cdcs")]"#; 2]);
    assert_eq!(compiled.rules.all().len(), 3755);
    assert!(compiled.warnings.iter().all(|w| w.line > 0 && !w.file.is_empty()));
}

#[test]
fn regression_cases_fire_their_rule() {
    let Some(root) = corpus("regression", "sigma") else { return };
    let rules: Arc<Rules> = Arc::new(public_rules(&root).rules);
    let mut scanner = Scanner::new(&rules);
    let mut cases = Vec::new();
    files(&root.join("regression"), ".json", &mut cases);
    assert!(cases.len() > 80, "{} cases", cases.len());
    let (mut missed, mut event) = (Vec::new(), Event::new());
    for case in &cases {
        let wanted = rules.find(&case.file_stem().unwrap().to_string_lossy()).unwrap();
        let text = std::fs::read_to_string(case).unwrap();
        let mut fired = false;
        for json in serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>() {
            let json = json.unwrap();
            for json in json.as_array().map_or(std::slice::from_ref(&json), Vec::as_slice) {
                windows(&rules, json, &mut event);
                let system = &json["Event"]["System"];
                let id = &system["EventID"];
                let id = id.as_i64().or(id["#text"].as_i64()).unwrap_or_default();
                let plan = rules.plan(&sources(system["Channel"].as_str().unwrap_or_default(), id));
                let found = scanner.scan(&plan, &event);
                fired |= found.contains(&wanted);
                let plainly: Vec<_> =
                    plan.rules().iter().copied().filter(|r| rules.matches_plainly(*r, &event)).collect();
                assert_eq!(found, plainly, "{}", case.display());
            }
        }
        if !fired {
            missed.push(case.strip_prefix(&root).unwrap().display().to_string());
        }
    }
    println!("{} of {} cases fire", cases.len() - missed.len(), cases.len());
    assert!(missed.is_empty(), "{missed:#?}");
}

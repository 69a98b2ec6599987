//! Events per CPU second: `cargo run --release -p sigma --example sigma_rate -- RULES_FOLDER JSONL_FOLDER`.
//!
//! One thread. Rules are loaded, plans made, then the events scanned twice: flattened beforehand, and from their JSON text.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a bench reads files and the clock of the processor"
)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use sigma::{Compiler, Event, Logsource, Options, Plan, Rules, Scanner, Value};

/// Seconds of CPU of this thread.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

fn resident_mib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4 / 1024
}

fn files(folder: &Path, ending: &str, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, out);
        } else if path.to_string_lossy().ends_with(ending) {
            out.push(path);
        }
    }
}

fn flatten(rules: &Rules, plan: &Plan, name: &str, value: &Json, event: &mut Event) {
    let field = rules.field(name);
    if !plan.reads(field) && !plan.reads_every_value() && !value.is_object() {
        return;
    }
    match value {
        Json::Null => event.push(field, Value::Null),
        Json::Bool(b) => event.push(field, Value::Bool(*b)),
        Json::Number(n) => event.push(field, n.as_i64().map_or(Value::Float(n.as_f64().unwrap()), Value::Int)),
        Json::String(text) => event.push(field, Value::Text(text)),
        Json::Array(list) => list.iter().for_each(|v| flatten(rules, plan, name, v, event)),
        Json::Object(map) => map.iter().for_each(|(k, v)| flatten(rules, plan, k, v, event)),
    }
}

fn sources(channel: &str, id: i64) -> Vec<Logsource> {
    let sysmon: &[&str] = match id {
        1 => &["process_creation"],
        3 => &["network_connection"],
        6 => &["driver_load"],
        7 => &["image_load"],
        8 => &["create_remote_thread"],
        10 => &["process_access"],
        11 => &["file_event"],
        12 => &["registry_event", "registry_add", "registry_delete"],
        13 => &["registry_event", "registry_set"],
        17 | 18 => &["pipe_created"],
        22 => &["dns_query"],
        23 | 26 => &["file_delete"],
        _ => &[""],
    };
    let of = |service: &str, all: &[&str]| all.iter().map(|c| Logsource::new(c, "windows", service)).collect();
    match channel {
        "Microsoft-Windows-Sysmon/Operational" => of("sysmon", sysmon),
        "Security" | "security" if id == 4688 => of("security", &["process_creation"]),
        "Security" | "security" => of("security", &[""]),
        "System" => of("system", &[""]),
        "Windows PowerShell" => of("powershell-classic", &["ps_classic_start"]),
        "Microsoft-Windows-PowerShell/Operational" if id == 4104 => of("powershell", &["ps_script"]),
        "Microsoft-Windows-PowerShell/Operational" => of("powershell", &["ps_module"]),
        other => of(&other.to_lowercase(), &[""]),
    }
}

struct Plans(HashMap<(String, i64), Plan>);
impl Plans {
    fn of(&mut self, rules: &Rules, json: &Json) -> Plan {
        let channel = json["Channel"].as_str().unwrap_or_default();
        let id = json["EventID"].as_i64().unwrap_or_default();
        let key = (channel.to_owned(), id);
        self.0.entry(key).or_insert_with(|| rules.plan(&sources(channel, id))).clone()
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let mut found = Vec::new();
    files(Path::new(&arguments[1]), ".yml", &mut found);
    let texts: Vec<String> = found.iter().map(|p| std::fs::read_to_string(p).unwrap()).collect();
    let (before, start) = (resident_mib(), cpu());
    let mut compiler = Compiler::new(Options::default());
    for (path, text) in found.iter().zip(&texts) {
        compiler.add(&path.to_string_lossy(), text);
    }
    let compiled = compiler.finish();
    let rules = Arc::new(compiled.rules);
    let loaded = cpu() - start;
    println!(
        "rules {} refused {}: {loaded:.3} CPU s, {} MiB",
        rules.all().len(),
        compiled.refusals.len(),
        resident_mib() - before
    );

    let mut found = Vec::new();
    files(Path::new(&arguments[2]), ".json", &mut found);
    let text: String = found.iter().map(|p| std::fs::read_to_string(p).unwrap() + "\n").collect();
    let lines: Vec<&str> = text.lines().filter(|l| l.starts_with('{')).collect();
    let mut plans = Plans(HashMap::new());
    let memory = resident_mib();
    let start = cpu();
    let mut events = Vec::new();
    let mut seconds_of_plans = 0.0;
    for line in &lines {
        let Ok(json) = serde_json::from_str::<Json>(line) else { continue };
        let start = cpu();
        let plan = plans.of(&rules, &json);
        seconds_of_plans += cpu() - start;
        let mut event = Event::new();
        flatten(&rules, &plan, "", &json, &mut event);
        events.push((plan, event));
    }
    let bytes: usize = plans.0.values().map(Plan::bytes).sum();
    println!(
        "{} events of {} bytes; plans {}: {seconds_of_plans:.3} CPU s, {} MiB counted once a shape; preparing {:.2} s, {} MiB in all",
        events.len(),
        text.len() / lines.len(),
        plans.0.len(),
        bytes >> 20,
        cpu() - start,
        resident_mib() - memory
    );
    let mut scanner = Scanner::new(&rules);
    for round in 0..3 {
        let start = cpu();
        let matches: usize = events.iter().map(|(plan, event)| scanner.scan(plan, event).len()).sum();
        let spent = cpu() - start;
        println!(
            "flat, round {round}: {:.0} events/CPU s, {:.2} us, {matches} matches",
            events.len() as f64 / spent,
            spent * 1e6 / events.len() as f64
        );
    }
    let start = cpu();
    let (mut event, mut matches) = (Event::new(), 0);
    for line in &lines {
        let Ok(json) = serde_json::from_str::<Json>(line) else { continue };
        let plan = plans.of(&rules, &json);
        event.clear();
        flatten(&rules, &plan, "", &json, &mut event);
        matches += scanner.scan(&plan, &event).len();
    }
    let spent = cpu() - start;
    println!(
        "with JSON (serde_json tree): {:.0} events/CPU s, {:.2} us, {matches} matches",
        lines.len() as f64 / spent,
        spent * 1e6 / lines.len() as f64
    );
}

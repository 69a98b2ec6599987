//! Lists of products that a user loads, and the trial of a list: what it says is looked for, and what is wrong with it said.

use crate::bench::{Dir, host};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

const LIST: &str = "fact = \"remote.tool\"\n[[product]]\nid = \"exampledesk\"\nname = \"ExampleDesk\"\nkind = \"remote-control\"\norigin = \"DE\"\nbinaries = [\"exampledesk\"]\nunits = [\"exampledesk.service\"]\npackages = [\"exampledesk-deb\"]\nconfigs = [\"/etc/exampledesk.conf\", \"~/.exampledesk\"]\nwindows_names = [\"ExampleDesk*\"]\nsource = \"made up for this trial\"\n";

/// An entry in the form of LOLRMM, made up.
const ENTRY: &str = "Name: Fernwartung Beispiel\nCategory: RMM\nDetails:\n  Capabilities:\n    - Remote Control\n  PEMetadata:\n    - Filename: agent.exe\n    - Filename: fernwartungbsp.exe\n  InstallationPaths:\n    - C:\\Program Files\\Fernwartung\\*\n    - '*\\setup.exe'\nArtifacts:\n  Disk:\n    - File: /opt/fernwartung/bin\n      OS: Linux\n    - File: ~/Library/Fernwartung\n      OS: Mac\n  EventLog:\n    - ServiceName: FernwartungSvc\n";

fn tools(report: &Value) -> Vec<String> {
    let found = report["findings"].as_array().unwrap().iter().filter(|f| f["check"] == "remote-control-installed");
    found.map(|f| f["object"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_list_of_the_users_is_looked_for_beside_ours() {
    let dir = Dir::new();
    host(&dir);
    let program = dir.file("host/usr/bin/exampledesk", "");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    dir.file("host/opt/fernwartung/bin/x", "");
    dir.file("lists/own.toml", LIST);
    dir.file("lists/entry.yaml", ENTRY);
    let plain = dir.json(&["inspect", "--root", "host", "--format", "json"]);
    assert!(tools(&plain).iter().all(|t| !t.contains("Example") && !t.contains("Fernwartung")));
    let with = dir.json(&["inspect", "--root", "host", "--products", "lists", "--format", "json"]);
    let found = tools(&with);
    assert!(
        found.contains(&"ExampleDesk".to_owned()) && found.contains(&"Fernwartung Beispiel".to_owned()),
        "{found:?}"
    );
    let rules = |r: &Value| r["examination"]["sensors"][0]["rules"].as_str().unwrap().to_owned();
    assert_ne!(rules(&plain), rules(&with), "the record says with which lists it was made");

    // A broken list of our form stops the run; an entry of others that is none is a gap, never a pass.
    dir.file("broken.toml", LIST.replace("origin = \"DE\"", "origin = \"Germany\""));
    dir.run(&["inspect", "--root", "host", "--products", "broken.toml"]).ends(2).complains(&[
        "broken.toml",
        "exampledesk",
        "ISO 3166",
    ]);
    dir.file("bad.yaml", "a: &x 1\n");
    let gap = dir.json(&["inspect", "--root", "host", "--products", "bad.yaml", "--format", "json"]);
    let check = gap["checks"].as_array().unwrap().iter().find(|c| c["check"] == "tunnel-tool").unwrap();
    assert_eq!(check["outcome"], "cannot-tell");
}

#[test]
fn a_list_is_tried_before_it_is_used() {
    let dir = Dir::new();
    dir.file("own.toml", LIST);
    let good = dir.json(&["rules", "test", "own.toml", "--format", "json"]);
    // A program, a unit, a package and two configurations are planted; the name of Windows is not.
    assert_eq!((&good["planted"], &good["form_only"]), (&5.into(), &1.into()), "{good}");
    assert_eq!(good["faults"].as_array().unwrap().len(), 0, "{good}");

    // Two products that share a trace are told from each other by nobody.
    let twin = LIST
        .replace("exampledesk\"\nname", "otherdesk\"\nname")
        .replace("name = \"ExampleDesk\"", "name = \"OtherDesk\"");
    let twin = twin
        .split_once("[[product]]")
        .unwrap()
        .1
        .replace("binaries = [\"exampledesk\"]", "binaries = [\"exampledesk\", \"other\"]");
    dir.file("both.toml", format!("{LIST}[[product]]{twin}"));
    let both = dir.run(&["rules", "test", "both.toml", "--format", "json"]).ends(1);
    let both: Value = serde_json::from_str(&both.out).unwrap();
    assert!(both["faults"].as_array().unwrap().iter().any(|f| f["kind"] == "another"), "{both}");
    dir.file("x.yar", "rule broken { condition: nonsense }\n");
    dir.run(&["rules", "test", "x.yar"]).ends(1).says(&["x.yar", "faults: 1"]);
    dir.file("bad.toml", "fact = \"nothing\"\nproduct = []\n");
    dir.run(&["rules", "test", "bad.toml"]).ends(1).says(&["bad.toml", "remote.tool"]);
}

/// Our own lists say nothing that is not found, and nothing that is found for another.
#[test]
fn the_built_in_lists_pass_their_own_trial() {
    let dir = Dir::new();
    let tried = dir.run(&["rules", "test", "--format", "json"]);
    let tried: Value = serde_json::from_str(&tried.out).unwrap();
    assert!(tried["planted"].as_u64().unwrap() > 800, "{tried}");
    assert_eq!(tried["faults"].as_array().unwrap().len(), 0, "{tried}");
}

/// The rules lie in the program; they must not find it.
#[test]
fn the_program_is_no_back_door_to_its_own_rules() {
    let program = fs::read(env!("CARGO_BIN_EXE_watchfire")).unwrap();
    let program = String::from_utf8_lossy(&program);
    // A line of a rule as it is written; single strings of the rules may stand in the program for other reasons.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/rules/yara");
    let mut lines = 0;
    for rules in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(rules.unwrap().path()).unwrap();
        for line in text.lines().map(str::trim).filter(|l| l.starts_with('$') && l.len() > 20) {
            assert!(!program.contains(line), "a rule lies in the program in clear: {line}");
            lines += 1;
        }
    }
    assert!(lines > 30, "{lines}");
}

/// A list is foreign: a path that leads out of the trial's folder plants nothing there.
#[test]
fn a_list_plants_nothing_outside_the_trial() {
    let dir = Dir::new();
    let outside = format!("watchfire-outside-{}", std::process::id());
    for (n, trace) in ["configs = [\"/../OUT/x\"]", "binaries = [\"/../OUT/x\"]"].iter().enumerate() {
        let text = LIST.replace("configs = [\"/etc/exampledesk.conf\", \"~/.exampledesk\"]\n", "");
        let text = text.replace("binaries = [\"exampledesk\"]", &trace.replace("OUT", &outside));
        let list = format!("{n}.toml");
        dir.file(&list, text);
        dir.run(&["rules", "test", &list]).ends(1).says(&[&list, "exampledesk", ".."]);
    }
    dir.file("x.yaml", ENTRY.replace("/opt/fernwartung/bin", &format!("/../{outside}/fernwartung")));
    let entry = dir.json(&["rules", "test", "x.yaml", "--format", "json"]);
    assert_eq!(entry["planted"], 0, "{entry}");
    assert!(!std::env::temp_dir().join(&outside).exists(), "{outside}");
}

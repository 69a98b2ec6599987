//! What the collector scripts ask, read from the scripts themselves: a bundle of the tests answers exactly the
//! questions that a real one would.

use std::collections::BTreeSet;

const CMD: &str = include_str!("../../collectors/windows/collect.cmd");
const PS1: &str = include_str!("../../collectors/windows/collect.ps1");

/// A question as a line of the manifest without its exit code: `tree FILE KEY` and the like.
pub(crate) type Question = (&'static str, String, String, String);

fn quoted(line: &str, quote: char) -> Vec<String> {
    line.split(quote).skip(1).step_by(2).map(str::to_owned).collect()
}

/// Questions of `collect.cmd` for the machine and for one user.
pub(crate) fn cmd(user: &str) -> Vec<Question> {
    let mut out = Vec::new();
    for line in CMD.lines().map(str::trim).filter(|l| l.starts_with("call :")) {
        let file = line.split(' ').nth(2).unwrap_or_default();
        let lines: Vec<String> = if line.contains("%~2") {
            let each = ["14.0", "15.0", "16.0"]
                .iter()
                .flat_map(|v| ["Word", "Excel", "PowerPoint", "Access"].map(|p| (*v, p)));
            each.map(|(v, p)| line.replace("%~1", user).replace("%~2", v).replace("%~3", p)).collect()
        } else {
            vec![line.replace("%~1", user)]
        };
        for whole in lines {
            let q = quoted(&whole, '"');
            let file = file.replace("%~1", user);
            if whole.starts_with("call :value ") {
                out.push(("value", "registry-values.txt".into(), q[0].clone(), q[1].clone()));
            } else if whole.starts_with("call :tree ") {
                out.push(("tree", file, q[0].clone(), String::new()));
            } else if whole.starts_with("call :deep ") {
                out.push(("deep", file, q[0].clone(), q[1].clone()));
            }
        }
    }
    out
}
/// The same of `collect.ps1`.
fn ps1(user: &str) -> Vec<Question> {
    let mut out = Vec::new();
    for line in PS1.lines().map(str::trim) {
        let Some((verb, _)) = line.split_once(' ').filter(|(v, _)| ["Value", "Tree", "Deep"].contains(v)) else {
            continue;
        };
        let each: Vec<(&str, &str)> = if line.contains("$version") {
            ["14.0", "15.0", "16.0"]
                .iter()
                .flat_map(|v| ["Word", "Excel", "PowerPoint", "Access"].map(|p| (*v, p)))
                .collect()
        } else {
            vec![("", "")]
        };
        for (v, p) in each {
            let whole = line.replace('"', "'").replace("$user", user).replace("$version", v).replace("$program", p);
            let q = quoted(&whole, '\'');
            out.push(match verb {
                "Value" => ("value", "registry-values.txt".into(), q[0].clone(), q[1].clone()),
                "Tree" => ("tree", q[0].clone(), q[1].clone(), String::new()),
                _ => ("deep", q[0].clone(), q[1].clone(), q[2].clone()),
            });
        }
    }
    out
}

#[test]
fn both_scripts_ask_the_same() {
    let (cmd, ps1): (BTreeSet<_>, BTreeSet<_>) = (cmd("U").into_iter().collect(), ps1("U").into_iter().collect());
    assert!(cmd.len() > 150, "{}", cmd.len());
    assert_eq!(cmd, ps1);
}

/// Files named in the manifest by one script are named by the other.
#[test]
fn both_scripts_write_the_same_files() {
    let names = |text: &str| -> BTreeSet<String> {
        let ends = [".txt", ".csv", ".xml", ".inf", ".reg"];
        text.split(|c: char| !(c.is_ascii_alphanumeric() || "-.".contains(c)))
            .filter(|w| {
                ends.iter().any(|e| w.ends_with(e))
                    && w.contains('-')
                    && w.starts_with(|c: char| c.is_ascii_alphabetic())
            })
            .map(str::to_owned)
            .collect()
    };
    let only_cmd: Vec<String> = names(CMD).difference(&names(PS1)).cloned().collect();
    // collect.ps1 puts these names together.
    assert_eq!(only_cmd, ["oldest-application.xml", "oldest-security.xml", "oldest-system.xml"]);
}

/// Names of values and keys that hold secrets: none of the scripts may ask for them.
#[test]
fn no_script_asks_for_a_secret() {
    let secret = [
        "defaultpassword",
        "hklm\\sam",
        "hklm\\security",
        "password\"",
        "validcommunities",
        "vnc",
        "\\secrets",
        "commandline",
    ];
    for script in [CMD, PS1] {
        let asked = script.lines().map(str::trim).filter(|l| {
            ["call :", "Value ", "Tree ", "Deep ", "Wmi ", "Tool "].iter().any(|s| l.starts_with(s))
                || l.starts_with("reg ")
        });
        for line in asked {
            let line = line.to_lowercase();
            assert!(secret.iter().all(|s| !line.contains(s)), "{line}");
        }
        // Whole keys are taken of these only.
        assert!(!script.contains("reg save"));
        let words = [
            "reg add",
            "reg delete",
            "reg import",
            "net user ",
            "/delete",
            "/create",
            "set-itemproperty",
            "remove-item",
            "sc config",
        ];
        for word in words {
            assert!(!script.to_lowercase().contains(word), "the script only reads: {word}");
        }
        assert!(script.is_ascii(), "a script in ASCII reads alike in every code page");
        assert!(script.lines().count() * 2 == script.matches(['\r', '\n']).count(), "lines end as Windows wants them");
    }
    let trees: Vec<String> = cmd("U").into_iter().filter(|q| q.0 == "tree").map(|q| q.2).collect();
    for key in &trees {
        let known = ["\\Uninstall", "\\Run", "\\RunOnce", "\\RunOnceEx", "\\Shares", "\\Exclusions", "\\Listener"];
        assert!(known.iter().any(|k| key.ends_with(k)), "{key}");
    }
}

/// The page for whoever must allow the scripts names every key and value that they ask for, and every tool's file.
#[test]
fn the_review_page_names_every_question() {
    let page = include_str!("../../../../docs/windows-collector.md");
    for (_, _, key, value) in cmd("SID") {
        if key.contains("\\Office\\") {
            assert!(page.contains(&format!("`{value}`")), "{value}");
            continue;
        }
        let shown = key.replace("HKLM\\SYSTEM\\CurrentControlSet", "CCS");
        let row = page.lines().find(|l| l.starts_with(&format!("| `{shown}` |")));
        let row = row.unwrap_or_else(|| panic!("no row for {shown}"));
        assert!(value.is_empty() || row.contains(&format!("`{value}`")), "{shown} {value}");
    }
    let spec = include_str!("../../../../docs/specs/windows-bundle-v1.md");
    let lines = CMD.lines().filter(|l| l.starts_with("call :took ") || l.starts_with("call :wmi "));
    for file in lines.filter_map(|l| l.split(' ').nth(2)) {
        let name = file.replace("oldest-application", "oldest-{application,security,system}");
        let listed =
            spec.contains(&format!("`{name}`")) || file.starts_with("oldest-") || file.starts_with("folder-acls-");
        assert!(listed, "{file}");
    }
}

//! The attack driver as a program: does to a replica that it made itself what ransomware does to a share. Prints JSON.
//!
//! Exit codes: 0 done, 2 could not. See `testing::attack`.
#![forbid(unsafe_code)]

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use testing::attack::drive::{self, MODES};
use testing::attack::replica::{self, Grow, Manifest, Now};
use testing::attack::{Attack, Fence, Mode, benign, pattern::Key};

const USAGE: &str = "\
attack make DIR [--files N] [--seed S] [--big]   a replica in a new or empty folder; prints its manifest with hashes
attack run DIR --mode M [--processes N] [--per-minute N] [--key K]
attack benign DIR --job J                         an ordinary program that looks like an attack
attack check DIR                                  how each file stands against the manifest
attack undo DIR                                   everything as it was grown
attack modes                                      names of modes and jobs";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

/// The value of an option.
fn value<'w>(words: &'w [String], name: &str) -> Option<&'w str> {
    words.iter().position(|w| w == name).and_then(|at| words.get(at + 1)).map(String::as_str)
}
fn number(words: &[String], name: &str, default: u64) -> Result<u64, String> {
    value(words, name).map_or(Ok(default), |v| v.parse().map_err(|_| format!("{name}: not a number: {v}")))
}

fn run(words: &[String]) -> Result<Value, String> {
    let said = |e: testing::attack::Refused| e.to_string();
    let verb = words.first().map_or("", String::as_str);
    if verb == "modes" {
        let jobs: Vec<&str> = benign::JOBS.iter().map(|j| j.id).collect();
        return Ok(json!({ "modes": MODES.map(|m| m.id), "jobs": jobs }));
    }
    let dir = words.get(1).filter(|w| !w.starts_with("--")).map(PathBuf::from).ok_or(USAGE)?;
    match verb {
        "make" => {
            let files = usize::try_from(number(words, "--files", 200)?).map_err(|e| e.to_string())?;
            let grow = Grow { seed: number(words, "--seed", 1)?, files, big: words.iter().any(|w| w == "--big") };
            let (_, manifest) = replica::make(&dir, grow).map_err(said)?;
            serde_json::to_value(manifest).map_err(|e| e.to_string())
        }
        "run" => attack(&dir, words),
        "benign" => {
            let (fence, manifest) = replica::open(&dir).map_err(said)?;
            let job = value(words, "--job").and_then(benign::Job::named).ok_or("--job: none of `attack modes`")?;
            (job.prepare)(&fence, &manifest).map_err(said)?;
            let began = Instant::now();
            (job.run)(&fence, &manifest, &mut || {}).map_err(said)?;
            Ok(json!({ "job": job.id, "millis": millis(began), "files": state(&fence, &manifest) }))
        }
        "check" => replica::open(&dir).map(|(fence, manifest)| state(&fence, &manifest)).map_err(said),
        "undo" => {
            let (fence, manifest) = replica::open(&dir).map_err(said)?;
            let intact = drive::undo(&fence, &manifest).map_err(said)?;
            Ok(json!({ "intact": intact, "of": manifest.files.len() }))
        }
        _ => Err(USAGE.to_owned()),
    }
}

fn millis(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}
fn state(fence: &Fence, manifest: &Manifest) -> Value {
    let all = replica::check(fence, manifest);
    let count = |now: Now| all.iter().filter(|(_, n)| *n == now).count();
    let harmed: Vec<_> = all.iter().filter(|(_, n)| *n != Now::Intact).take(1000).collect();
    json!({ "intact": count(Now::Intact), "changed": count(Now::Changed), "missing": count(Now::Missing), "harmed": harmed })
}

fn attack(dir: &Path, words: &[String]) -> Result<Value, String> {
    let said = |e: testing::attack::Refused| e.to_string();
    let mode = value(words, "--mode").and_then(Mode::named).ok_or("--mode: none of `attack modes`")?;
    let processes = usize::try_from(number(words, "--processes", 1)?.clamp(1, 64)).map_err(|e| e.to_string())?;
    let part = number(words, "--part", u64::MAX)?;
    let key = Key(number(words, "--key", 0x5EED)?);
    let (fence, manifest) = replica::open(dir).map_err(said)?;
    let began = Instant::now();
    // A part is a process of a run that another process armed.
    if part == u64::MAX {
        drive::arm(&fence, &Attack { mode, key, part: 0, parts: 1 }).map_err(said)?;
    }
    let mut stopped: Option<String> = None;
    if part == u64::MAX && processes > 1 {
        let own = std::env::current_exe().map_err(|e| e.to_string())?;
        let spawn = |part: usize| {
            let part = part.to_string();
            Command::new(&own).args(words).args(["--part", &part]).stdout(std::process::Stdio::null()).spawn()
        };
        let children: Vec<_> = (0..processes).map(spawn).collect::<Result<_, _>>().map_err(|e| e.to_string())?;
        for mut child in children {
            let ended = child.wait().map_err(|e| e.to_string())?;
            if !ended.success() {
                stopped = Some(format!("a process ended with {ended}"));
            }
        }
    } else {
        let (part, parts) = if part == u64::MAX { (0, 1) } else { (usize::try_from(part).unwrap_or(0), processes) };
        let per_minute = number(words, "--per-minute", 0)?;
        let after = |_: usize, _: &replica::Entry| {
            if let Some(pause) = 60_000_u64.checked_div(per_minute) {
                std::thread::sleep(Duration::from_millis(pause));
            }
            true
        };
        stopped =
            drive::drive(&fence, &manifest, &Attack { mode, key, part, parts }, after).err().map(|e| e.to_string());
    }
    let files = state(&fence, &manifest);
    Ok(json!({ "mode": mode.id, "processes": processes, "millis": millis(began), "stopped": stopped, "files": files }))
}

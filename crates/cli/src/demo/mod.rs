//! `watchfire demo`: a small true federation on this machine - one ministry, two provinces, six plants.
//!
//! Nothing of it is painted: the demonstration runs this very program with the command lines that it prints, one after the other, in folders
//! of its own; what the pages show afterwards is what those commands found, judged, signed and sent. Data and hosts are made up: files with identifiers whose check digits
//! are right and which belong to nobody, and file systems with settings as they are met.
//!
//! Refused: a database that is shipped ready (it would prove nothing), and an own way through the rooms (it would show what no user has).

mod files;
mod script;
mod served;

use crate::args::{Demo, Format};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use evidence::{PathText, Say};
use serde_json::json;
use served::Served;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A folder of the demonstration's own, which goes when it ends.
struct Place {
    path: PathBuf,
    keep: bool,
}
impl Drop for Place {
    fn drop(&mut self) {
        if !self.keep {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

pub(crate) fn run(face: &Face, a: &Demo) -> Result<u8, CliError> {
    let begun = Instant::now();
    let place = place(a.dir.as_deref())?;
    let mut script = script::Script::new(face, place.path.clone(), a.format)?;
    script.played(a.port)?;
    if face.stop.requested() {
        return Ok(exit::COULD_NOT);
    }
    told(face, a, &script, begun.elapsed());
    if a.once {
        return Ok(if script.failed.is_empty() { exit::DONE } else { exit::COULD_NOT });
    }
    while !face.stop.requested() && script.served.iter_mut().all(Served::lives) {
        std::thread::sleep(Duration::from_millis(100));
    }
    if a.format == Format::Text {
        let key = if place.keep { "demo.ended-kept" } else { "demo.ended" };
        let shown = PathText::from_bytes(place.path.as_os_str().as_encoded_bytes());
        print(&face.say(&Say::new(key).with("path", shown)));
    }
    Ok(exit::DONE)
}

fn place(given: Option<&Path>) -> Result<Place, CliError> {
    let fail = |path: &Path, e: &std::io::Error| CliError::from(node::NodeError::io(path, e));
    let Some(path) = given else {
        let path = std::env::temp_dir().join(format!("watchfire-demo-{}", std::process::id()));
        std::fs::create_dir(&path).map_err(|e| fail(&path, &e))?;
        return Ok(Place { path, keep: false });
    };
    std::fs::create_dir_all(path).map_err(|e| fail(path, &e))?;
    let mut within = std::fs::read_dir(path).map_err(|e| fail(path, &e))?;
    if within.next().is_some() {
        let shown = PathText::from_bytes(path.as_os_str().as_encoded_bytes());
        return Err(CliError::new(Say::new("error.demo-not-empty").with("path", shown)));
    }
    Ok(Place { path: std::fs::canonicalize(path).map_err(|e| fail(path, &e))?, keep: true })
}

/// Where the pages are, and who gets in.
fn told(face: &Face, a: &Demo, script: &script::Script<'_>, took: Duration) {
    let seconds = format!("{:.0}", took.as_secs_f64());
    if a.format == Format::Json {
        let served: Vec<_> = script
            .served
            .iter()
            .map(|s| json!({"node": s.name, "url": s.url, "home": s.home.display().to_string()}))
            .collect();
        print_json(&json!({
            "format": "watchfire-demo-v1", "served": served, "logins": script::LOGINS.map(|l| l.0), "password": script.password,
            "commands": script.ran, "failed": script.failed, "seconds": took.as_secs(),
        }));
        return;
    }
    print("");
    print(&face.say(&Say::new("demo.ready").with("count", script.ran).with("seconds", seconds)));
    for line in &script.failed {
        print(&face.say(&Say::new("demo.failed").with("line", line)));
    }
    for s in &script.served {
        print(&format!("  {}  {}", s.url, s.name));
    }
    print(&face.say(&Say::new("demo.logins").with("password", &script.password)));
    for (login, key) in script::LOGINS {
        print(&format!("  {login:<14} {}", face.say(&Say::new(key))));
    }
    print(&face.say(&Say::new("demo.not-run")));
    if !a.once {
        print(&face.say(&Say::new("demo.end")));
    }
}

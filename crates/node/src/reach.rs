//! Whether what an advisory is about runs: a hint beside each vulnerable package, from what `inspect` saw of processes.
//!
//! The hint changes no severity. Its "no" is said only where every process could be looked at and every package has a list of its
//! files, and only of a package whose use would show: by its list it has a program (a file in bin, sbin or libexec) or a shared
//! library, and nothing that an interpreter reads in (`native` of `package`); of others it is unknown. Of an image nobody knows. Of a library only that can be told which is built into a program (Go, cargo): what an
//! interpreter has loaded no map of the kernel shows.

use evidence::{Body, Fact, FactValue, GapReason};
use std::collections::{BTreeMap, BTreeSet};

/// Programs named in one row.
const PROGRAMS_MAX: usize = 8;
/// Sockets named in one row.
const SOCKETS_MAX: usize = 16;
/// Ecosystems whose libraries are part of a program's file.
const BUILT_IN: [&str; 2] = ["Go", "crates.io"];

/// How far a table of what runs was seen.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Seeing {
    /// Nobody looked.
    #[default]
    Nobody,
    /// To the end.
    Whole,
    /// The host was not running.
    NotLive,
    /// In part.
    Part,
}

#[derive(Default)]
struct Use {
    program: bool,
    programs: BTreeSet<String>,
    /// Nothing if one of the processes may not be asked.
    sockets: Option<BTreeSet<String>>,
}

/// What was seen running.
#[derive(Default)]
pub(crate) struct Running {
    packages: BTreeMap<String, Use>,
    packages_seen: Seeing,
    /// Packages whose use shows in what processes have mapped.
    native: BTreeSet<String>,
    /// Names by the file of the program.
    programs: BTreeMap<String, BTreeSet<String>>,
    programs_seen: Seeing,
}

fn text<'a>(row: &'a FactValue, field: &str) -> Option<&'a str> {
    match row.field(field) {
        Some(FactValue::Text(t)) => Some(t),
        _ => None,
    }
}
fn texts<'a>(row: &'a FactValue, field: &str) -> Option<&'a [String]> {
    match row.field(field) {
        Some(FactValue::Texts(t)) => Some(t),
        _ => None,
    }
}

fn seeing(bodies: &[Body], table: &str) -> Seeing {
    let what = format!("fact:{table}");
    let mut seen = Seeing::Nobody;
    for body in bodies {
        match body {
            Body::Covered(c) if c.what == what && seen == Seeing::Nobody => seen = Seeing::Whole,
            Body::Gap(g) if g.what == what && g.reason == GapReason::NotLive => return Seeing::NotLive,
            Body::Gap(g) if g.what == what => seen = Seeing::Part,
            _ => {}
        }
    }
    seen
}

impl Running {
    /// From what a run saw.
    pub(crate) fn of(bodies: &[Body]) -> Self {
        let mut out = Self {
            packages_seen: seeing(bodies, "package.running"),
            programs_seen: seeing(bodies, "process"),
            ..Self::default()
        };
        for body in bodies {
            match body {
                Body::Fact(f) if f.fact.as_str() == "package.running" => out.package(&f.value),
                Body::Fact(f)
                    if f.fact.as_str() == "package" && f.value.field("native") == Some(&FactValue::Bool(true)) =>
                {
                    out.native.extend(text(&f.value, "name").map(str::to_owned));
                }
                Body::Fact(f) if f.fact.as_str() == "process" && f.value.field("container").is_none() => {
                    if let (Some(exe), Some(name)) = (text(&f.value, "exe"), text(&f.value, "name")) {
                        out.programs.entry(exe.to_owned()).or_default().insert(name.to_owned());
                    }
                }
                _ => {}
            }
        }
        out
    }

    fn package(&mut self, row: &FactValue) {
        let Some(name) = text(row, "package") else { return };
        let new = || Use { sockets: Some(BTreeSet::new()), ..Use::default() };
        let used = self.packages.entry(name.to_owned()).or_insert_with(new);
        used.program |= text(row, "how") == Some("program");
        used.programs.extend(texts(row, "programs").unwrap_or_default().iter().cloned());
        match (texts(row, "listening"), &mut used.sockets) {
            (Some(more), Some(all)) => all.extend(more.iter().cloned()),
            _ => used.sockets = None,
        }
    }

    /// Fields of the hint for the package of a system.
    pub(crate) fn of_package(&self, name: &str) -> Vec<(&'static str, FactValue)> {
        let list = |all: &BTreeSet<String>, max| FactValue::Texts(all.iter().take(max).cloned().collect());
        let Some(used) = self.packages.get(name) else {
            // No process runs the kernel.
            let seen = match self.packages_seen {
                Seeing::Whole if !self.native.contains(name) => Seeing::Part,
                seen => seen,
            };
            return if is_kernel(name) { Vec::new() } else { unseen(seen) };
        };
        let how = if used.program { "program" } else { "library" };
        let mut out = vec![("running", how.into()), ("programs", list(&used.programs, PROGRAMS_MAX))];
        out.extend(used.sockets.as_ref().map(|s| ("listening", list(s, SOCKETS_MAX))));
        out
    }

    /// Fields of the hint for a library that is built into a program; nothing for others.
    pub(crate) fn of_library(&self, library: &Fact) -> Vec<(&'static str, FactValue)> {
        let built_in = text(&library.value, "ecosystem").is_some_and(|e| BUILT_IN.contains(&e));
        let locked = library.value.field("locked") == Some(&FactValue::Bool(true));
        let Some(file) = text(&library.value, "file").filter(|_| built_in && !locked) else { return Vec::new() };
        match self.programs.get(file) {
            Some(names) => {
                let names = names.iter().take(PROGRAMS_MAX).cloned().collect();
                vec![("running", "program".into()), ("programs", FactValue::Texts(names))]
            }
            None => unseen(self.programs_seen),
        }
    }
}

/// Packages of the kernel, as distributions name them.
fn is_kernel(name: &str) -> bool {
    matches!(name, "linux" | "kernel") || name.starts_with("linux-") || name.starts_with("kernel-")
}

/// What can be said of what was not seen running.
fn unseen(seen: Seeing) -> Vec<(&'static str, FactValue)> {
    let word = match seen {
        Seeing::Nobody => return Vec::new(),
        Seeing::Whole => "no",
        Seeing::NotLive => "not-live",
        Seeing::Part => "unknown",
    };
    vec![("running", word.into())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::{Covered, Gap, Place};

    fn fact(id: &str, fields: &[(&str, FactValue)]) -> Body {
        let row = fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        Body::Fact(Fact { fact: id.into(), value: FactValue::Row(row), at: Place::file("/x") })
    }
    fn covered(what: &str) -> Body {
        Body::Covered(Covered { what: what.into(), counts: BTreeMap::new() })
    }
    fn gap(what: &str, reason: GapReason) -> Body {
        Body::Gap(Gap { what: what.into(), reason, at: None, count: 1 })
    }
    fn running(hint: &[(&'static str, FactValue)]) -> Option<String> {
        hint.iter().find(|h| h.0 == "running").map(|h| h.1.to_string())
    }

    #[test]
    fn absence_is_said_only_where_everything_was_seen() {
        let texts = |t: &[&str]| FactValue::Texts(t.iter().map(|t| (*t).to_owned()).collect());
        let row = |package: &str, how: &str, listening: Option<&[&str]>| {
            let mut fields = vec![("package", package.into()), ("how", how.into()), ("programs", texts(&["sshd"]))];
            fields.extend(listening.map(|l| ("listening", texts(l))));
            fact("package.running", &fields)
        };
        let package = |name: &str, native: Option<bool>| {
            let mut fields = vec![("name", name.into())];
            fields.extend(native.map(|n| ("native", n.into())));
            fact("package", &fields)
        };
        let packages = || [package("other", Some(true)), package("python3-x", Some(false)), package("unlisted", None)];
        let rows = || vec![row("ssh", "library", Some(&[])), row("ssh", "program", Some(&["tcp 0.0.0.0:22"]))];
        let of = |mut bodies: Vec<Body>, end: Option<Body>| {
            bodies.extend(end);
            bodies.extend(packages());
            Running::of(&bodies)
        };
        let whole = of(rows(), Some(covered("fact:package.running")));
        let ssh = whole.of_package("ssh");
        assert_eq!(ssh[0], ("running", "program".into()));
        assert_eq!(ssh[2], ("listening", texts(&["tcp 0.0.0.0:22"])));
        assert_eq!(running(&whole.of_package("other")).as_deref(), Some("no"));
        for read_in in ["python3-x", "unlisted"] {
            assert_eq!(running(&whole.of_package(read_in)).as_deref(), Some("unknown"), "its use would not show");
        }
        assert_eq!(running(&whole.of_package("linux-image-6.1.0-9-amd64")), None, "a kernel is no process");
        let part = of(rows(), Some(gap("fact:package.running", GapReason::PermissionDenied)));
        assert_eq!(running(&part.of_package("ssh")).as_deref(), Some("program"), "what was seen was seen");
        assert_eq!(running(&part.of_package("other")).as_deref(), Some("unknown"));
        let image = of(Vec::new(), Some(gap("fact:package.running", GapReason::NotLive)));
        assert_eq!(running(&image.of_package("ssh")).as_deref(), Some("not-live"));
        assert_eq!(running(&of(Vec::new(), None).of_package("ssh")), None, "nobody looked, nothing is said");
        // One process that may not be asked: where it waits is not known, and is not "nowhere".
        let deaf = of(vec![row("ssh", "program", None), row("ssh", "library", Some(&["tcp 1"]))], None);
        assert!(deaf.of_package("ssh").iter().all(|h| h.0 != "listening"));
    }

    #[test]
    fn of_libraries_only_those_inside_a_program_are_told() {
        let process = fact("process", &[("exe", "/opt/agent".into()), ("name", "agent".into())]);
        let seen = Running::of(&[process, covered("fact:process")]);
        let library = |ecosystem: &str, file: &str, locked: bool| {
            let fields = [("ecosystem", ecosystem.into()), ("file", file.into()), ("locked", locked.into())];
            match fact("library", &fields) {
                Body::Fact(f) => running(&seen.of_library(&f)),
                _ => None,
            }
        };
        assert_eq!(library("Go", "/opt/agent", false).as_deref(), Some("program"));
        assert_eq!(library("crates.io", "/opt/other", false).as_deref(), Some("no"));
        assert_eq!(library("crates.io", "/srv/Cargo.lock", true), None);
        assert_eq!(library("PyPI", "/opt/agent", false), None);
    }
}

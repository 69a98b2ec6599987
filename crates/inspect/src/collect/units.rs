//! Units that something starts: links in `*.wants` and `*.requires`, and generators.

use crate::host::{File, Host, Look, place};
use crate::out::Out;
use crate::shared::{self, Shared, Unit};
use crate::{collect, parse};
use evidence::{FactValue, GapReason};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["systemd.unit"];

/// Folders with links that enable units, and what stands before the kind of such a unit.
const ROOTS: [(&str, &str); 5] = [
    ("/etc/systemd/system", ""),
    ("/run/systemd/system", ""),
    ("/usr/lib/systemd/system", ""),
    ("/etc/systemd/user", "user-"),
    ("/usr/lib/systemd/user", "user-"),
];
const GENERATORS: [&str; 3] = [
    "/etc/systemd/system-generators",
    "/usr/local/lib/systemd/system-generators",
    "/usr/lib/systemd/system-generators",
];
/// What may stand before a command and is no part of it.
const PREFIXES: [char; 6] = ['-', '@', ':', '+', '!', '|'];
/// Most units of one host; more is a gap.
const UNITS_MAX: usize = 5_000;

/// Every enabled unit once, by name.
pub(crate) fn enabled_units(look: &mut Look<'_>, shared: &Shared) -> Vec<Unit> {
    let mut links: BTreeMap<(String, String), PathBuf> = BTreeMap::new();
    let mut roots: Vec<(PathBuf, &str)> = ROOTS.iter().map(|(r, k)| (PathBuf::from(r), *k)).collect();
    for (_, home) in shared::homes(&shared.accounts(look.host).value) {
        roots.push((home.join(".config/systemd/user"), "user-"));
    }
    let merged = look.host.read_link(Path::new("/lib")).is_ok();
    if !merged {
        roots.push(("/lib/systemd/system".into(), ""));
    }
    for (root, prefix) in &roots {
        for folder in look.list(root) {
            if !folder.text().ends_with(".wants") && !folder.text().ends_with(".requires") {
                continue;
            }
            for e in look.list(&folder.path) {
                links.entry(((*prefix).to_owned(), e.text().into_owned())).or_insert(e.path);
            }
        }
    }
    if links.len() > UNITS_MAX {
        look.miss(GapReason::TooMany, Path::new("/etc/systemd/system"));
    }
    let mut out: Vec<Unit> = links
        .into_iter()
        .take(UNITS_MAX)
        .filter(|((prefix, name), _)| !masked(look.host, prefix, name))
        .map(|((prefix, name), link)| unit(look, &prefix, name, &link))
        .collect();
    for dir in GENERATORS {
        for e in look.list(dir) {
            let name = shared::text_of(Path::new(&e.name));
            let writable = look.host.stat(&e.path).is_ok_and(|m| m.writable_by_others());
            let exec = shared::text_of(&e.path);
            out.push(Unit {
                name,
                at: place(&e.path),
                path: e.path,
                kind: "generator".into(),
                words: vec![exec.clone()],
                exec: Some(exec),
                when: None,
                writable,
                lines: Vec::new(),
            });
        }
    }
    out
}

/// A link to `/dev/null`, or an empty file, in a folder of the administrator: nothing starts such a unit.
fn masked(host: &Host, prefix: &str, name: &str) -> bool {
    let folders = if prefix.is_empty() {
        ["/etc/systemd/system", "/run/systemd/system"]
    } else {
        ["/etc/systemd/user", "/run/systemd/user"]
    };
    folders.iter().map(|d| Path::new(d).join(name)).any(|path| match host.read_link(&path) {
        Ok(target) => target == Path::new("/dev/null"),
        Err(_) => host.stat(&path).is_ok_and(|m| m.is_file() && m.size == 0),
    })
}

/// Where the unit file is: what the link leads to, or the file of that name (template for an instance).
fn unit_file(look: &mut Look<'_>, prefix: &str, name: &str, link: &Path) -> Option<File> {
    let folders: Vec<String> = collect::UNIT_FOLDERS
        .iter()
        .map(|d| {
            if prefix.is_empty() {
                (*d).to_owned()
            } else {
                d.replace("/system", "/user").replacen("/userd", "/systemd", 1)
            }
        })
        .collect();
    let template = name.split_once('@').and_then(|(base, rest)| Some(format!("{base}@.{}", rest.rsplit_once('.')?.1)));
    for n in std::iter::once(name.to_owned()).chain(template) {
        for d in &folders {
            if let Some(f) = look.read(Path::new(d).join(&n)) {
                return Some(f);
            }
        }
    }
    let target = look.host.read_link(link).ok()?;
    look.read(link.parent()?.join(target))
}

fn unit(look: &mut Look<'_>, prefix: &str, name: String, link: &Path) -> Unit {
    let suffix = name.rsplit_once('.').map_or("unit", |(_, s)| s).to_owned();
    let kind = format!("{prefix}{}", parse::printable(&suffix));
    let file = unit_file(look, prefix, &name, link);
    let Some(file) = file else {
        let (path, at) = (link.to_owned(), place(link));
        return Unit {
            name,
            path,
            kind,
            exec: None,
            words: Vec::new(),
            when: None,
            at,
            writable: false,
            lines: Vec::new(),
        };
    };
    let mut lines = parse::ini(&file.text());
    let mut at = file.place();
    // What a timer, socket or path starts is the service beside it.
    let mut source = None;
    if ["timer", "socket", "path"].contains(&suffix.as_str()) {
        let named = lines.iter().find(|l| l.key == "Unit" || l.key == "Service").map(|l| l.value.clone());
        let service = named.unwrap_or_else(|| format!("{}.service", name.rsplit_once('.').map_or("", |(s, _)| s)));
        source = unit_file(look, prefix, &service, Path::new("/nonexistent"));
    }
    let when = lines
        .iter()
        .find(|l| l.section == "Timer" && l.key.starts_with("On"))
        .map(|l| format!("{}={}", l.key, l.value));
    let mut exec: Option<(String, evidence::Place)> = None;
    let text_file = source.as_ref().unwrap_or(&file);
    let own = if source.is_some() { parse::ini(&text_file.text()) } else { lines.clone() };
    let first = |lines: &[parse::UnitLine], f: &File| {
        let l = lines.iter().find(|l| l.key == "ExecStart" && !l.value.is_empty())?;
        Some((l.value.clone(), f.line(l.line)))
    };
    exec = first(&own, text_file).or(exec);
    lines.extend(own);
    let drop_in = Path::new("/etc/systemd/system").join(format!("{name}.d"));
    if prefix.is_empty() {
        for f in look.drop_ins(&drop_in, ".conf") {
            let more = parse::ini(&f.text());
            exec = first(&more, &f).or(exec);
            lines.extend(more);
        }
    }
    let mut words = Vec::new();
    let mut writable = file.meta.writable_by_others();
    if let Some((command, line)) = &exec {
        words = parse::exec_words(command.trim_start_matches(PREFIXES));
        at = line.clone();
        writable |= words.first().is_some_and(|w| shared::program_writable(look, w, 0));
    }
    let exec = exec.map(|(command, _)| parse::scrub(command.trim_start_matches(PREFIXES)));
    Unit { name, path: file.path, kind, exec, words, when, at, writable, lines }
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let units = out.shared.units(out.host);
    for u in &units.value {
        let mut row = FactValue::row([
            ("name", parse::printable(&u.name).into()),
            ("path", shared::text_of(&u.path).into()),
            ("kind", u.kind.as_str().into()),
            ("writable", u.writable.into()),
        ]);
        collect::with(&mut row, "exec", u.exec.as_deref());
        collect::with(&mut row, "packaged", out.shared.packaged(out.host, &u.path));
        out.fact("systemd.unit", row, u.at.clone());
    }
    out.gaps(FACTS, &units.misses);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn masked_units_are_neither_enabled_nor_gaps() {
        let root = std::env::temp_dir().join(format!("inspect-units-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        let etc = root.join("etc/systemd/system");
        std::fs::create_dir_all(etc.join("multi-user.target.wants")).unwrap();
        std::fs::create_dir_all(root.join("dev")).unwrap();
        std::fs::create_dir_all(root.join("usr/lib/systemd/system")).unwrap();
        for name in ["link.service", "empty.service", "on.service"] {
            let text = "[Service]\nExecStart=-/usr/sbin/a --token HASHSECRET\n";
            std::fs::write(root.join("usr/lib/systemd/system").join(name), text).unwrap();
            let target = Path::new("/usr/lib/systemd/system").join(name);
            symlink(target, etc.join("multi-user.target.wants").join(name)).unwrap();
        }
        symlink("/dev/null", etc.join("link.service")).unwrap();
        std::fs::write(etc.join("empty.service"), "").unwrap();
        let host = Host::open(&root, false, crate::Limits::default()).unwrap();
        let mut look = Look::new(&host);
        let units = enabled_units(
            &mut look,
            &Shared::new(
                evidence::Time::from_secs(0),
                crate::yara::Rules::starter(),
                crate::packs::Products::builtin(),
            ),
        );
        let seen: Vec<_> = units.iter().map(|u| (u.name.as_str(), u.exec.as_deref())).collect();
        assert_eq!(seen, [("on.service", Some("/usr/sbin/a --token ***"))]);
        assert!(look.misses.is_empty(), "{:?}", look.misses);
        std::fs::remove_dir_all(root).unwrap();
    }
}

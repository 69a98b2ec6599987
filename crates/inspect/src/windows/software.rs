//! Installed programs, as their own uninstall entries tell.

use super::World;
use super::view::{Query, Root};
use crate::collect::with;
use crate::out::Out;
use crate::parse::printable;
use evidence::{FactValue, Place};

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["package", "package.count"];

const UNINSTALL: &str = "Microsoft\\Windows\\CurrentVersion\\Uninstall";

/// An installed program.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Name as shown.
    pub name: String,
    /// Version, if told.
    pub version: Option<String>,
    /// Publisher, if told.
    pub publisher: Option<String>,
    /// Where.
    pub at: Place,
    bits: Option<&'static str>,
}

/// The installed programs, of the machine and of each user. Parts of others and updates have no name or a parent.
pub(crate) fn programs(out: &mut Out<'_>, world: &World, ids: &[&'static str]) -> Vec<Program> {
    let mut q = world.ask();
    let mut all = Vec::new();
    list(&mut q, Root::Software, UNINSTALL, None, &mut all);
    list(&mut q, Root::Software, &format!("WOW6432Node\\{UNINSTALL}"), Some("x86"), &mut all);
    for (n, _) in world.registry.users() {
        list(&mut q, Root::User(n), &format!("Software\\{UNINSTALL}"), None, &mut all);
    }
    q.settle(out, ids);
    world.absent_users(out, ids);
    all
}
fn list(q: &mut Query<'_>, root: Root, key: &str, bits: Option<&'static str>, all: &mut Vec<Program>) {
    for entry in q.subkeys(root, key).unwrap_or_default() {
        let key = format!("{key}\\{entry}");
        let Some(seen) = q.value(root, &key, "DisplayName") else { continue };
        let Some(name) = seen.text() else { continue };
        if q.value(root, &key, "ParentKeyName").and_then(|s| s.text()).is_some() {
            continue;
        }
        let version = q.value(root, &key, "DisplayVersion").and_then(|s| s.text());
        let publisher = q.value(root, &key, "Publisher").and_then(|s| s.text());
        all.push(Program { name, version, publisher, at: seen.at, bits });
    }
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, world: &World) {
    let all = programs(out, world, FACTS);
    if let Some(first) = all.first() {
        let count = i64::try_from(all.len()).unwrap_or(i64::MAX);
        out.fact("package.count", count, first.at.clone());
    }
    for p in all {
        let mut row = FactValue::row([("name", printable(&p.name).into()), ("manager", "windows".into())]);
        with(&mut row, "version", p.version.as_deref().map(printable));
        with(&mut row, "arch", p.bits);
        out.fact("package", row, p.at);
    }
}

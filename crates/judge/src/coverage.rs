//! Of what: examined against declared, kind by kind.

use crate::choose::{Bench, Host, Root, doubt};
use crate::data::is_under;
use crate::sums::Draft;
use evidence::{Body, Coverage, FactValue, RunState, Say, ScopeEntry, ScopeKind};
use plan::System;
use std::collections::BTreeSet;

pub(crate) fn judge(bench: &Bench, out: &mut Draft) {
    let entries: &[ScopeEntry] = bench.scope.map_or(&[], |(s, _)| s.entries.as_slice());
    for kind in ScopeKind::ALL {
        let declared: BTreeSet<&str> = entries.iter().filter(|e| e.kind == kind).map(|e| e.id.as_str()).collect();
        let (examined, undeclared) = match kind {
            ScopeKind::Host => hosts(bench, &declared, out),
            ScopeKind::Share => shares(bench, &declared, out),
            ScopeKind::ControlNetwork => networks(bench, &declared, entries, out),
            // Nothing examines these yet: declared, and not covered.
            ScopeKind::Database | ScopeKind::Person => (0, 0),
        };
        out.coverage.push(Coverage { kind, declared: declared.len() as u64, examined, undeclared });
    }
}

fn hosts(bench: &Bench, declared: &BTreeSet<&str>, out: &mut Draft) -> (u64, u64) {
    let networks: BTreeSet<&str> = bench.hosts.iter().filter(|h| is_network(h)).map(name).collect();
    let hosts: BTreeSet<&str> = bench.hosts.iter().filter(|h| !is_network(h)).map(name).collect();
    // A name that only a network has is no host's.
    let examined = bench.examined.iter().map(String::as_str).filter(|e| hosts.contains(e) || !networks.contains(e));
    named(bench, declared, &examined.collect(), "doubt.undeclared-host", out)
}

/// Declared names that were examined, and examined names that are not declared; each of these is a doubt.
fn named(
    bench: &Bench,
    declared: &BTreeSet<&str>,
    examined: &BTreeSet<&str>,
    key: &str,
    out: &mut Draft,
) -> (u64, u64) {
    let is = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let seen = declared.iter().filter(|d| examined.iter().any(|e| is(e, d))).count();
    let undeclared: Vec<&&str> = examined.iter().filter(|e| !declared.iter().any(|d| is(e, d))).collect();
    if bench.scope.is_some() {
        for host in &undeclared {
            out.doubts.push(doubt(Say::new(key).with("host", host), None));
        }
    }
    (seen as u64, undeclared.len() as u64)
}

fn name<'a>(host: &Host<'a>) -> &'a str {
    &host.examination.subject.host
}

/// The fields of every row of a table of this run.
fn rows<'a>(host: &Host<'a>, fact: &'static str) -> impl Iterator<Item = &'a FactValue> {
    host.items.iter().filter_map(move |i| match &i.body {
        Body::Fact(f) if f.fact.as_str() == fact => Some(&f.value),
        _ => None,
    })
}

/// What was examined is no host but a control network, by its packets.
fn is_network(host: &Host) -> bool {
    rows(host, System::FACT).any(|v| *v == FactValue::from(System::ControlNetwork.name()))
}

/// A control network is examined if a capture under its name was read. Of each, devices that nobody declared as hosts are
/// one doubt: by address or by the name that the device gives itself.
fn networks(bench: &Bench, declared: &BTreeSet<&str>, entries: &[ScopeEntry], out: &mut Draft) -> (u64, u64) {
    let networks: Vec<&Host> = bench.hosts.iter().filter(|h| is_network(h)).collect();
    let known = |v: Option<&FactValue>| match v {
        Some(FactValue::Text(t)) => entries.iter().any(|e| e.kind == ScopeKind::Host && e.id.eq_ignore_ascii_case(t)),
        _ => false,
    };
    for network in networks.iter().filter(|_| bench.scope.is_some()) {
        let unknown = rows(network, "control.device").filter(|d| !known(d.field("address")) && !known(d.field("name")));
        let unknown: BTreeSet<String> = unknown.filter_map(|d| d.field("address")).map(ToString::to_string).collect();
        if let Some(first) = unknown.first() {
            let say = Say::new("doubt.undeclared-devices").with("host", &network.label);
            let say = say.with("count", unknown.len()).with("device", first);
            out.doubts.push(doubt(say, Some(network.leaf)));
        }
    }
    named(bench, declared, &networks.iter().map(|h| name(h)).collect(), "doubt.undeclared-network", out)
}

/// A share is examined if a folder that is it or lies above it was looked at, and nothing kept the run from it.
fn shares(bench: &Bench, declared: &BTreeSet<&str>, out: &mut Draft) -> (u64, u64) {
    let shares: Vec<(Option<&str>, &str)> = declared.iter().map(|d| share(d)).collect();
    let roots: BTreeSet<(&str, &str)> =
        bench.roots.iter().map(|r| (r.examination.subject.host.as_str(), r.root)).collect();
    let of = |host: Option<&str>, name: &str| host.is_none_or(|h| h.eq_ignore_ascii_case(name));
    let saw = |h: Option<&str>, p: &str, r: &Root| of(h, &r.examination.subject.host) && looked_at(r, p);
    let examined = shares.iter().filter(|(h, p)| bench.roots.iter().any(|r| saw(*h, p, r)));
    let examined = examined.count() as u64;
    let mut undeclared = 0;
    for (host, root) in &roots {
        let known = shares.iter().any(|(h, p)| of(*h, host) && (is_under(root, p) || is_under(p, root)));
        if !known {
            undeclared += 1;
            if bench.scope.is_some() {
                let say = Say::new("doubt.undeclared-folder").with("host", host).with("root", root);
                out.doubts.push(doubt(say, None));
            }
        }
    }
    (examined, undeclared)
}

/// Whether a run over `root` came to `path`: it ended by itself, something lay under the root, and no gap is the path
/// or lies above it. A name in the list of folders alone is an intention.
pub(crate) fn looked_at(root: &Root, path: &str) -> bool {
    let what = format!("folder:{}", root.root);
    let (mut entries, mut kept_out) = (0_u64, false);
    for item in root.items {
        match &item.body {
            Body::Covered(c) if c.what == what => {
                for name in ["folders", "files"] {
                    entries = entries.saturating_add(c.counts.get(name).copied().unwrap_or(0));
                }
            }
            // The walk over the host leaves out mounts that the walk over folders was told to enter: its gaps are
            // not those of this root.
            Body::Gap(g) if g.what == what => {
                kept_out |= g.at.as_ref().is_some_and(|at| is_under(path, at.path.as_str()));
            }
            _ => {}
        }
    }
    is_under(path, root.root) && root.examination.state != RunState::Stopped && entries > 0 && !kept_out
}

/// `host:/path` or `/path`.
pub(crate) fn share(id: &str) -> (Option<&str>, &str) {
    match id.split_once(":/") {
        Some((host, _)) if !host.is_empty() && !host.contains('/') => {
            (Some(host), id.get(host.len() + 1..).unwrap_or(id))
        }
        _ => (None, id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_names_its_host_or_not() {
        assert_eq!(share("nas:/srv/a"), (Some("nas"), "/srv/a"));
        assert_eq!(share("/srv/a:/b"), (None, "/srv/a:/b"));
        assert!(is_under("/srv/a/b", "/srv/a/") && is_under("/srv", "/") && !is_under("/srv/ab", "/srv/a"));
    }
}

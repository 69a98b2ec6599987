//! Of what: examined against declared, kind by kind.

use crate::choose::{Bench, doubt};
use crate::data::is_under;
use crate::sums::Draft;
use evidence::{Coverage, Say, ScopeEntry, ScopeKind};
use std::collections::BTreeSet;

pub(crate) fn judge(bench: &Bench, out: &mut Draft) {
    let entries: &[ScopeEntry] = bench.scope.map_or(&[], |(s, _)| s.entries.as_slice());
    for kind in ScopeKind::ALL {
        let declared: BTreeSet<&str> = entries.iter().filter(|e| e.kind == kind).map(|e| e.id.as_str()).collect();
        let (examined, undeclared) = match kind {
            ScopeKind::Host => hosts(bench, &declared, out),
            ScopeKind::Share => shares(bench, &declared, out),
            // Nothing examines these yet: declared, and not covered.
            ScopeKind::Database | ScopeKind::ControlNetwork | ScopeKind::Person => (0, 0),
        };
        out.coverage.push(Coverage { kind, declared: declared.len() as u64, examined, undeclared });
    }
}

fn hosts(bench: &Bench, declared: &BTreeSet<&str>, out: &mut Draft) -> (u64, u64) {
    let is = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let examined = declared.iter().filter(|d| bench.examined.iter().any(|e| is(e, d))).count();
    let undeclared: Vec<&String> = bench.examined.iter().filter(|e| !declared.iter().any(|d| is(e, d))).collect();
    if bench.scope.is_some() {
        for host in &undeclared {
            out.doubts.push(doubt(Say::new("doubt.undeclared-host").with("host", host), None));
        }
    }
    (examined as u64, undeclared.len() as u64)
}

/// A share is examined if an examined folder is it or lies above it.
fn shares(bench: &Bench, declared: &BTreeSet<&str>, out: &mut Draft) -> (u64, u64) {
    let shares: Vec<(Option<&str>, &str)> = declared.iter().map(|d| share(d)).collect();
    let roots: BTreeSet<(&str, &str)> =
        bench.roots.iter().map(|r| (r.examination.subject.host.as_str(), r.root)).collect();
    let of = |host: Option<&str>, name: &str| host.is_none_or(|h| h.eq_ignore_ascii_case(name));
    let examined = shares.iter().filter(|(h, p)| roots.iter().any(|(name, root)| of(*h, name) && is_under(p, root)));
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

/// `host:/path` or `/path`.
fn share(id: &str) -> (Option<&str>, &str) {
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

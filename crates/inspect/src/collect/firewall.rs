//! A packet filter that is configured and switched on.

use crate::collect;
use crate::host::File;
use crate::out::Out;
use crate::parse;
use evidence::Place;
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["firewall.enabled", "firewall.tool"];

struct Filter {
    tool: &'static str,
    on: bool,
    at: Place,
}

/// Collects. The first filter that is on wins; then the first that is there.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let mut filters = Vec::new();
    let enabled = |names: &[&str]| names.iter().any(|n| out.shared.unit_enabled(out.host, n));
    if let Some(f) = look.read("/etc/ufw/ufw.conf") {
        let set = parse::settings(&f.text()).filter(|(_, k, _)| k.eq_ignore_ascii_case("ENABLED")).last();
        let on = set.as_ref().is_some_and(|(_, _, v)| parse::is_yes(v));
        filters.push(Filter { tool: "ufw", on, at: set.map_or_else(|| f.place(), |(n, _, _)| f.line(n)) });
    }
    if let Some(path) = collect::program(&mut look, "firewalld") {
        filters.push(Filter { tool: "firewalld", on: enabled(&["firewalld.service"]), at: crate::host::place(&path) });
    }
    for path in ["/etc/nftables.conf", "/etc/sysconfig/nftables.conf"] {
        if let Some(f) = look.read(path) {
            let on = drops(&f, &["drop", "reject"]);
            let at = on.map_or_else(|| f.place(), |n| f.line(n));
            filters.push(Filter { tool: "nftables", on: on.is_some() && enabled(&["nftables.service"]), at });
        }
    }
    for (path, units) in [
        ("/etc/iptables/rules.v4", &["netfilter-persistent.service", "iptables.service"][..]),
        ("/etc/sysconfig/iptables", &["iptables.service"][..]),
        ("/etc/iptables/iptables.rules", &["iptables.service"][..]),
    ] {
        if let Some(f) = look.read(path) {
            let on = drops(&f, &["DROP", "REJECT"]);
            let at = on.map_or_else(|| f.place(), |n| f.line(n));
            filters.push(Filter { tool: "iptables", on: on.is_some() && enabled(units), at });
        }
    }
    let units = &out.shared.units(out.host).misses;
    let best = filters.iter().find(|f| f.on).or(filters.first());
    if let Some(f) = best {
        out.fact("firewall.tool", f.tool, f.at.clone());
    }
    let none = collect::at("/etc/nftables.conf");
    out.fact("firewall.enabled", best.is_some_and(|f| f.on), best.map_or(none, |f| f.at.clone()));
    out.gaps(FACTS, units);
    out.gaps(FACTS, &look.misses);
}

/// First line that throws packets away: without one a rule set lets everything through.
fn drops(f: &File, words: &[&str]) -> Option<usize> {
    let text = f.text();
    let hit =
        parse::lines(&text).find(|(_, l)| l.split(|c: char| c.is_whitespace() || c == ';').any(|w| words.contains(&w)));
    hit.map(|(n, _)| n)
}

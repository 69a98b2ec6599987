//! What the logs show against what is declared.

use super::entries::Entries;
use super::zone::{self, Zone};
use crate::choose::doubt;
use crate::country::home;
use evidence::{Fact, FactValue, Flow, NoteKind, Say, Time, TransferNote};
use plan::CheckedPlan;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Most destinations that are named one by one.
const NAMED_MAX: usize = 200;

/// What one destination took, of the examination that saw most of it.
#[derive(Default, Clone, Copy)]
struct Seen<'a> {
    name: &'a str,
    address: &'a str,
    country: &'a str,
    out: u64,
    unmeasured: u64,
    connections: u64,
    /// The last instant at which something went there, if the logs say it.
    last: Option<Time>,
}

fn text<'a>(f: &'a Fact, field: &str) -> &'a str {
    match f.value.field(field) {
        Some(FactValue::Text(t)) => t,
        _ => "",
    }
}
fn int(f: &Fact, field: &str) -> u64 {
    match f.value.field(field) {
        Some(FactValue::Int(n)) => u64::try_from(*n).unwrap_or(0),
        _ => 0,
    }
}

/// By destination; of two examinations the larger row, because they may have read the same lines.
fn seen<'a>(entries: &Entries<'a>) -> Vec<Seen<'a>> {
    let mut all: BTreeMap<(&str, &str), Seen<'a>> = BTreeMap::new();
    for log in &entries.logs {
        let mut here: BTreeMap<(&str, &str), Seen<'a>> = BTreeMap::new();
        for f in log {
            let key = (text(f, "destination"), text(f, "address"));
            let row = here.entry(key).or_default();
            (row.name, row.address) = key;
            if row.country.is_empty() {
                row.country = text(f, "country");
            }
            row.out = row.out.saturating_add(int(f, "bytes_out"));
            row.unmeasured = row.unmeasured.saturating_add(int(f, "unmeasured"));
            row.connections = row.connections.saturating_add(int(f, "connections"));
            row.last = row.last.max(text(f, "last").parse().ok());
        }
        for (key, row) in here {
            let old = all.entry(key).or_insert(row);
            old.out = old.out.max(row.out);
            old.unmeasured = old.unmeasured.max(row.unmeasured);
            old.connections = old.connections.max(row.connections);
            old.last = old.last.max(row.last);
            if old.country.is_empty() {
                old.country = row.country;
            }
        }
    }
    all.into_values().collect()
}

/// A name in small letters, without port and without the dot that some end it with.
fn bare(name: &str) -> String {
    let host = match name.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => name,
    };
    host.trim_end_matches('.').to_lowercase()
}

/// Whether a destination is what a flow names: an address, a network, a name, or `*.domain`.
fn named(host: &str, at: &Seen<'_>) -> bool {
    let host = host.trim();
    let address: Option<IpAddr> = at.address.parse().ok();
    if let Some((network, bits)) = host.split_once('/') {
        return match (network.parse::<IpAddr>(), bits.parse::<u32>(), address) {
            (Ok(IpAddr::V4(n)), Ok(bits @ 0..=32), Some(IpAddr::V4(a))) => {
                let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
                u32::from(n) & mask == u32::from(a) & mask
            }
            (Ok(IpAddr::V6(n)), Ok(bits @ 0..=128), Some(IpAddr::V6(a))) => {
                let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
                u128::from(n) & mask == u128::from(a) & mask
            }
            _ => false,
        };
    }
    if let Ok(host) = host.parse::<IpAddr>() {
        return address == Some(host.to_canonical());
    }
    let (host, name) = (bare(host), bare(at.name));
    match host.strip_prefix("*.") {
        Some(domain) => name == domain || name.strip_suffix(domain).is_some_and(|n| n.ends_with('.')),
        None => name == host,
    }
}

/// Traffic after the last day of a flow: the flow no longer declares it.
fn after_end(entries: &Entries<'_>, zone: &Zone, flow: &Flow, at: &Seen<'_>) -> bool {
    let end = entries.ended.get(flow.id.as_str()).map(|end| zone::date(*end));
    end.zip(at.last).is_some_and(|(end, last)| zone.day(last) > end)
}

/// How a destination stands against what is declared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SeenAs {
    /// The only flows that name it have ended, and it got data after the last day of one.
    AfterEnd,
    /// Abroad, named by no flow, and as much went there as the plan asks about.
    Undeclared,
    /// The same, where the log does not say how much went out.
    Unmeasured,
    /// Named by a flow that says another country.
    OtherCountry,
    /// Named by no flow; the table of countries does not know where it is, or no home country is known.
    CountryUnknown,
    /// Abroad, named by no flow, and less went there than the plan asks about.
    Small,
    /// Named by a flow.
    Declared,
    /// In the home country.
    Home,
}
impl SeenAs {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 8] = [
        Self::AfterEnd,
        Self::Undeclared,
        Self::Unmeasured,
        Self::OtherCountry,
        Self::CountryUnknown,
        Self::Small,
        Self::Declared,
        Self::Home,
    ];

    /// Its name in files, addresses and words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AfterEnd => "after-end",
            Self::Undeclared => "undeclared",
            Self::Unmeasured => "unmeasured",
            Self::OtherCountry => "other-country",
            Self::CountryUnknown => "country-unknown",
            Self::Small => "small",
            Self::Declared => "declared",
            Self::Home => "home",
        }
    }
}

/// One destination that logs show, held against the flows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeenDestination {
    /// Name as the log has it; may be the address.
    pub destination: String,
    /// Address; empty if the log has none.
    pub address: String,
    /// ISO 3166-1 by the table of countries; empty if it does not know.
    pub country: String,
    /// Bytes that went out, of the examination that saw most.
    pub bytes_out: u64,
    /// Connections of which the log does not say how much went out.
    pub unmeasured: u64,
    /// Connections.
    pub connections: u64,
    /// The last instant at which something went there, if the logs say it.
    pub last: Option<Time>,
    /// How it stands.
    pub seen_as: SeenAs,
    /// Flows in force that name it, or those that have ended if none else does.
    pub flows: Vec<String>,
}

/// A destination with the flows that name it.
struct Held<'e, 'a> {
    over: Vec<&'e &'a Flow>,
    flows: Vec<&'e &'a Flow>,
    seen_as: SeenAs,
}

/// Holds one destination against the flows: the one place that says how it stands.
fn hold<'e, 'a>(plan: &CheckedPlan, entries: &'e Entries<'a>, zone: &Zone, at: &Seen<'a>) -> Held<'e, 'a> {
    let home = home(plan);
    let least = plan.parameter("transfer_observed_bytes").and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    let all = entries.flows.values().filter(|f| f.hosts.iter().any(|h| named(h, at)));
    let (over, flows): (Vec<&&Flow>, Vec<&&Flow>) = all.partition(|f| after_end(entries, zone, f, at));
    let seen_as = if flows.is_empty() {
        match home {
            _ if !over.is_empty() && at.last.is_some() => SeenAs::AfterEnd,
            // Where nobody knows which country is home, none is abroad.
            None => SeenAs::CountryUnknown,
            Some(home) if at.country == home => SeenAs::Home,
            Some(_) if at.country.is_empty() => SeenAs::CountryUnknown,
            Some(_) if at.out >= least => SeenAs::Undeclared,
            Some(_) if at.unmeasured > 0 => SeenAs::Unmeasured,
            Some(_) => SeenAs::Small,
        }
    } else if !at.country.is_empty() && flows.iter().all(|f| f.country != at.country) {
        SeenAs::OtherCountry
    } else {
        SeenAs::Declared
    };
    Held { over, flows, seen_as }
}

/// Every destination of the logs, the most urgent first; of those that stand alike the one that got most.
pub(crate) fn list(plan: &CheckedPlan, entries: &Entries<'_>, zone: &Zone) -> Vec<SeenDestination> {
    let mut out: Vec<SeenDestination> = seen(entries)
        .into_iter()
        .map(|at| {
            let held = hold(plan, entries, zone, &at);
            let named = if held.flows.is_empty() { &held.over } else { &held.flows };
            SeenDestination {
                destination: at.name.to_owned(),
                address: at.address.to_owned(),
                country: at.country.to_owned(),
                bytes_out: at.out,
                unmeasured: at.unmeasured,
                connections: at.connections,
                last: at.last,
                seen_as: held.seen_as,
                flows: named.iter().map(|f| f.id.clone()).collect(),
            }
        })
        .collect();
    let key = |d: &SeenDestination| (d.seen_as, u64::MAX - d.bytes_out, d.destination.clone(), d.address.clone());
    out.sort_by_cached_key(key);
    out
}

pub(crate) fn judge(
    plan: &CheckedPlan,
    entries: &mut Entries<'_>,
    zone: &Zone,
    as_of: Time,
    notes: &mut Vec<TransferNote>,
) {
    if entries.logs.is_empty() {
        return;
    }
    match entries.countries {
        None => entries.doubts.push(doubt(Say::new("doubt.transfer-no-countries"), None)),
        Some(table) => {
            let days = plan.parameter("transfer_countries_days").unwrap_or(365);
            let age = table.dated.map(|d| as_of.millis().saturating_sub(d.millis()) / crate::answers::DAY_MILLIS);
            if let Some(age) = age.filter(|a| *a > days) {
                let say = Say::new("doubt.transfer-old-countries").with("days", age);
                entries.doubts.push(doubt(say, None));
            }
        }
    }
    let home = home(plan);
    if home.is_none() {
        entries.doubts.push(doubt(Say::new("doubt.transfer-no-home"), None));
    }
    let mut met: BTreeSet<&str> = BTreeSet::new();
    let (mut undeclared, mut unknown, mut small) = (Vec::new(), (0_u64, 0_u64), (0_u64, 0_u64));
    for at in seen(entries) {
        let held = hold(plan, entries, zone, &at);
        met.extend(held.flows.iter().map(|f| f.id.as_str()));
        match (held.seen_as, held.over.first(), at.last) {
            (SeenAs::AfterEnd, Some(flow), Some(last)) => {
                let end = entries.ended.get(flow.id.as_str()).map(|e| e.date()).unwrap_or_default();
                let say = Say::new("transfer-note.ended-traffic").with("flow", &flow.id).with("destination", at.name);
                let say = say.with("end", end).with("date", zone.day(last)).with("bytes", at.out);
                let say = say.with("connections", at.connections);
                notes.push(TransferNote { kind: NoteKind::Finding, say, about: flow.id.clone() });
            }
            (SeenAs::OtherCountry, ..) => {
                let Some(flow) = held.flows.first() else { continue };
                let say = Say::new("transfer-note.other-country").with("flow", &flow.id).with("destination", at.name);
                let say = say.with("declared", &flow.country).with("country", at.country);
                notes.push(TransferNote { kind: NoteKind::Warning, say, about: flow.id.clone() });
            }
            (SeenAs::CountryUnknown, ..) if home.is_some() => {
                unknown = (unknown.0 + 1, unknown.1.saturating_add(at.out));
            }
            (SeenAs::Undeclared, ..) => undeclared.push((NoteKind::Finding, "undeclared", at)),
            (SeenAs::Unmeasured, ..) => undeclared.push((NoteKind::Note, "undeclared-unmeasured", at)),
            (SeenAs::Small, ..) => small = (small.0 + 1, small.1.saturating_add(at.out)),
            _ => {}
        }
    }
    undeclared.sort_by(|a, b| (a.0, b.2.out, b.2.unmeasured, a.2.name).cmp(&(b.0, a.2.out, a.2.unmeasured, b.2.name)));
    let more = undeclared.len().saturating_sub(NAMED_MAX);
    for (kind, key, at) in undeclared.into_iter().take(NAMED_MAX) {
        let say = Say::new(format!("transfer-note.{key}")).with("destination", at.name).with("country", at.country);
        let say = say.with("bytes", at.out).with("connections", at.connections);
        notes.push(TransferNote { kind, say, about: at.name.to_owned() });
    }
    let mut count = |key: &str, (n, bytes): (u64, u64)| {
        if n > 0 {
            let say = Say::new(format!("transfer-note.{key}")).with("count", n).with("bytes", bytes);
            notes.push(TransferNote { kind: NoteKind::Note, say, about: String::new() });
        }
    };
    count("undeclared-small", small);
    count("country-unknown", unknown);
    if more > 0 {
        let say = Say::new("transfer-note.undeclared-more").with("count", more);
        notes.push(TransferNote { kind: NoteKind::Finding, say, about: String::new() });
    }
    for flow in entries.flows.values().filter(|f| !f.hosts.is_empty() && !met.contains(f.id.as_str())) {
        if !entries.ended.contains_key(flow.id.as_str()) {
            let say = Say::new("transfer-note.never-seen").with("flow", &flow.id).with("recipient", &flow.recipient);
            notes.push(TransferNote { kind: NoteKind::Note, say, about: flow.id.clone() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_names_hosts_in_four_ways() {
        let at = |name: &'static str, address: &'static str| Seen { name, address, ..Seen::default() };
        for (host, seen, want) in [
            ("203.0.113.0/24", at("203.0.113.9", "203.0.113.9"), true),
            ("203.0.113.0/24", at("203.0.114.9", "203.0.114.9"), false),
            ("0.0.0.0/0", at("x", "203.0.114.9"), true),
            ("2001:db8::/32", at("x", "2001:db8:1::1"), true),
            ("203.0.113.9", at("a.example", "203.0.113.9"), true),
            ("*.example.com", at("API.example.com", ""), true),
            ("*.example.com", at("example.com", ""), true),
            ("*.example.com", at("badexample.com", ""), false),
            ("hr.example.com", at("hr.example.com", ""), true),
            ("hr.example.com", at("hr.example.com:443", ""), true),
            ("hr.example.com:8443", at("HR.example.com.", ""), true),
            ("*.example.com.", at("a.example.com:443", ""), true),
        ] {
            assert_eq!(named(host, &seen), want, "{host} {} {}", seen.name, seen.address);
        }
    }
}

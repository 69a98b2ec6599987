//! One row a destination: what is kept of millions of lines.

use super::{DESTINATIONS_MAX, PAIRS_MAX};
use crate::countries::Countries;
use crate::text::internal;
use evidence::{Body, Digest, DigestKey, Fact, FactValue, Place, Time};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

/// Most names that are kept of one address.
const NAMES_MAX: usize = 8;

/// What a line says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen<'a> {
    /// The client or server here, as written.
    pub(crate) here: &'a [u8],
    /// Name of the other side, if the line has one.
    pub(crate) name: &'a [u8],
    /// Address of the other side.
    pub(crate) address: Option<IpAddr>,
    pub(crate) port: Option<u16>,
    /// The other side asked.
    pub(crate) served: bool,
    /// Bytes that left; `None`: the line does not say.
    pub(crate) out: Option<u64>,
    pub(crate) into: Option<u64>,
    /// Connections; a line is one unless it says otherwise.
    pub(crate) count: u64,
    /// Milliseconds since 1970.
    pub(crate) first: Option<i64>,
    pub(crate) last: Option<i64>,
    /// The line only names an address whose bytes another log has.
    pub(crate) names_only: bool,
    /// The line says that whoever wrote the log left flows out.
    pub(crate) skipped: bool,
}

#[derive(Default)]
struct Row {
    out: u64,
    measured: bool,
    into: u64,
    connections: u64,
    unmeasured: u64,
    span: Option<(i64, i64)>,
    clients: u64,
    heaviest: Option<(u64, u32)>,
}

/// Everything that a run has seen.
#[derive(Default)]
pub(crate) struct Sums {
    /// Destination → row. The key: direction, port, address, name.
    index: HashMap<Box<[u8]>, u32>,
    rows: Vec<(Key, Row)>,
    clients: HashMap<Box<[u8]>, u32>,
    client_names: Vec<Box<[u8]>>,
    pairs: HashMap<(u32, u32), u64>,
    names: HashMap<IpAddr, BTreeSet<Box<[u8]>>>,
    scratch: Vec<u8>,
    /// Lines about a destination beyond the limit.
    pub(crate) over: u64,
    /// Lines about destinations within the own networks.
    pub(crate) internal: u64,
}

struct Key {
    name: Box<[u8]>,
    address: Option<IpAddr>,
    port: Option<u16>,
    served: bool,
    names_only: bool,
}

impl Sums {
    /// Adds a line.
    pub(crate) fn add(&mut self, seen: &Seen<'_>) {
        if seen.address.is_some_and(internal) {
            self.internal += 1;
            return;
        }
        let Some((row, is_new_row)) = self.row(seen) else {
            self.over += 1;
            return;
        };
        // A name and an address are met first where their row is.
        if let (Some(at), true, false) = (seen.address, is_new_row, seen.name.is_empty()) {
            let names = self.names.entry(at).or_default();
            if names.len() < NAMES_MAX && !names.contains(seen.name) {
                names.insert(lower(seen.name));
            }
        }
        let client = self.client(seen.here);
        let bytes = seen.out.unwrap_or(0);
        let mut is_new = false;
        let full = self.pairs.len() >= PAIRS_MAX;
        let sent = client.and_then(|client| match self.pairs.entry((row, client)) {
            std::collections::hash_map::Entry::Occupied(mut e) => {
                *e.get_mut() = e.get().saturating_add(bytes);
                Some((*e.get(), client))
            }
            std::collections::hash_map::Entry::Vacant(_) if full => None,
            std::collections::hash_map::Entry::Vacant(e) => {
                is_new = true;
                Some((*e.insert(bytes), client))
            }
        });
        let Some((_, sum)) = self.rows.get_mut(row as usize) else { return };
        sum.connections = sum.connections.saturating_add(seen.count);
        match seen.out {
            Some(out) => {
                sum.measured = true;
                sum.out = sum.out.saturating_add(out);
            }
            None => sum.unmeasured = sum.unmeasured.saturating_add(seen.count),
        }
        sum.into = sum.into.saturating_add(seen.into.unwrap_or(0));
        for at in [seen.first, seen.last].into_iter().flatten() {
            let (a, b) = sum.span.unwrap_or((at, at));
            sum.span = Some((a.min(at), b.max(at)));
        }
        sum.clients += u64::from(is_new);
        if let Some((sent, client)) = sent
            && sum.heaviest.is_none_or(|(most, _)| sent > most)
        {
            sum.heaviest = Some((sent, client));
        }
    }

    /// The row of a line, and whether it is a new one.
    fn row(&mut self, seen: &Seen<'_>) -> Option<(u32, bool)> {
        self.scratch.clear();
        self.scratch.push(u8::from(seen.served) | (u8::from(seen.names_only) << 1));
        self.scratch.extend_from_slice(&seen.port.unwrap_or(0).to_be_bytes());
        match seen.address {
            Some(IpAddr::V4(a)) => self.scratch.extend_from_slice(&a.octets()),
            Some(IpAddr::V6(a)) => self.scratch.extend_from_slice(&a.octets()),
            None => {}
        }
        self.scratch.push(0);
        self.scratch.extend(seen.name.iter().map(u8::to_ascii_lowercase));
        if let Some(row) = self.index.get(self.scratch.as_slice()) {
            return Some((*row, false));
        }
        if self.rows.len() >= DESTINATIONS_MAX {
            return None;
        }
        let row = u32::try_from(self.rows.len()).ok()?;
        self.index.insert(self.scratch.as_slice().into(), row);
        let key = Key {
            name: lower(seen.name),
            address: seen.address,
            port: seen.port,
            served: seen.served,
            names_only: seen.names_only,
        };
        self.rows.push((key, Row::default()));
        Some((row, true))
    }

    fn client(&mut self, here: &[u8]) -> Option<u32> {
        if here.is_empty() {
            return None;
        }
        if let Some(id) = self.clients.get(here) {
            return Some(*id);
        }
        if self.clients.len() >= PAIRS_MAX {
            return None;
        }
        let id = u32::try_from(self.client_names.len()).ok()?;
        self.clients.insert(here.into(), id);
        self.client_names.push(here.into());
        Some(id)
    }

    /// The rows as facts, largest first.
    pub(crate) fn facts(self, countries: &Countries, key: &DigestKey, rules: Digest) -> Vec<Body> {
        let measured: BTreeSet<IpAddr> =
            self.rows.iter().filter(|(k, _)| !k.names_only).filter_map(|(k, _)| k.address).collect();
        let mut out = Vec::with_capacity(self.rows.len());
        for (k, row) in self.rows {
            // What another log has the bytes of was only named by this one.
            if k.names_only && k.address.is_some_and(|a| measured.contains(&a)) {
                continue;
            }
            let name = match (k.name.is_empty(), k.address.and_then(|a| self.names.get(&a))) {
                (true, Some(names)) if names.len() == 1 => names.first().cloned().unwrap_or_default(),
                _ => k.name,
            };
            let at = k.address.map(|a| a.to_string());
            let destination =
                if name.is_empty() { at.clone().unwrap_or_default() } else { clean(&String::from_utf8_lossy(&name)) };
            let mut fields = BTreeMap::from([
                ("destination".to_owned(), FactValue::from(destination.as_str())),
                ("direction".to_owned(), if k.served { "served" } else { "out" }.into()),
                ("bytes_in".to_owned(), int(row.into)),
                ("connections".to_owned(), int(row.connections)),
                ("unmeasured".to_owned(), int(row.unmeasured)),
                ("clients".to_owned(), int(row.clients)),
            ]);
            let mut with = |field: &str, value: Option<FactValue>| {
                fields.extend(value.map(|v| (field.to_owned(), v)));
            };
            with("address", at.map(FactValue::from));
            with("port", k.port.map(|p| i64::from(p).into()));
            with("bytes_out", row.measured.then(|| int(row.out)));
            let code = k.address.and_then(|a| countries.of(a));
            with("country", code.map(|c| c.map(char::from).iter().collect::<String>().into()));
            with("first", row.span.map(|s| FactValue::time(Time::from_millis(s.0))));
            with("last", row.span.map(|s| FactValue::time(Time::from_millis(s.1))));
            let client = row.heaviest.and_then(|(_, c)| self.client_names.get(c as usize));
            with("heaviest", client.map(|c| key.digest("egress-client", c).to_string().into()));
            let at = Place::file(format!("egress/{destination}").as_str()).digest(rules);
            out.push(Body::Fact(Fact { fact: "egress.flow".into(), value: FactValue::Row(fields), at }));
        }
        out
    }
}

fn lower(name: &[u8]) -> Box<[u8]> {
    name.to_ascii_lowercase().into_boxed_slice()
}

/// Without control characters, cut to what a name of a host may have.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(255).collect()
}

/// Integers of records lie within ±2^53.
pub(crate) fn int(n: u64) -> FactValue {
    i64::try_from(n.min((1 << 53) - 1)).unwrap_or(i64::MAX).into()
}

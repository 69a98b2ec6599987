//! From what was seen to facts of the dictionary, with the frame where each was seen first.

use super::frame::Address;
use super::ledger::{Carrier, Device, Flow, Kind, Label, Ledger, Moment, Span};
use super::{Done, World};
use crate::host::place;
use crate::out::Out;
use evidence::{FactValue, GapReason, PathText, Place, Time};
use std::collections::{BTreeMap, BTreeSet};

/// Facts about the capture and the network.
pub(crate) const FACTS: &[&str] = &[
    "capture.cut",
    "capture.dropped",
    "capture.end",
    "capture.packets",
    "capture.start",
    "capture.unread",
    COMMAND,
    DEVICE,
    ENDPOINT,
    FLOW,
    "host.name",
    "os.family",
];
const COMMAND: &str = "control.command";
const DEVICE: &str = "control.device";
const ENDPOINT: &str = "control.endpoint";
const FLOW: &str = "control.flow";
const TABLES: [&str; 4] = [COMMAND, DEVICE, ENDPOINT, FLOW];

/// Length of an IPv4 prefix where no device states one.
const PREFIX_USUAL: u32 = 24;

struct Writer<'a> {
    world: &'a World,
    ledger: &'a Ledger,
    done: &'a [Done],
    /// Devices that answered in a protocol of control.
    servers: BTreeSet<Address>,
}

/// Writes everything and closes the facts.
pub(super) fn write(mut out: Out<'_>, world: &World, ledger: &Ledger, done: &[Done]) {
    let servers = ledger.devices.iter().filter(|(_, d)| d.server).map(|(a, _)| *a).collect();
    let w = Writer { world, ledger, done, servers };
    let whole = w.file(0);
    out.fact("os.family", "control-network", whole.clone());
    out.fact("host.name", clean(&world.name), whole.clone());
    out.fact("capture.packets", count(ledger.packets), whole.clone());
    out.fact("capture.cut", count(ledger.lost.cut), whole.clone());
    out.fact("capture.unread", count(ledger.lost.unread + ledger.lost.fragments), whole.clone());
    let dropped: Vec<u64> = done.iter().filter_map(|d| d.dropped).collect();
    if !dropped.is_empty() {
        out.fact("capture.dropped", count(dropped.into_iter().fold(0, u64::saturating_add)), whole.clone());
    }
    if let Some(span) = ledger.span {
        for (id, nanos) in [("capture.start", span.first), ("capture.end", span.last)] {
            if let Some(time) = time(nanos) {
                out.fact(id, time, w.place(span.place));
            }
        }
    }
    w.flows(&mut out);
    w.devices(&mut out);
    w.commands(&mut out);
    w.endpoints(&mut out);
    w.gaps(&mut out);
    out.close();
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
fn time(nanos: Option<i64>) -> Option<FactValue> {
    nanos.map(|n| FactValue::time(Time::from_millis(n.div_euclid(1_000_000))))
}
/// Names of files and networks as they may stand in a text.
fn clean(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(200).collect()
}

type Row = BTreeMap<String, FactValue>;
fn put(row: &mut Row, field: &str, value: impl Into<FactValue>) {
    row.insert(field.to_owned(), value.into());
}
fn put_some<T: Into<FactValue>>(row: &mut Row, field: &str, value: Option<T>) {
    if let Some(value) = value {
        put(row, field, value);
    }
}
fn span(row: &mut Row, span: &Span) {
    put_some(row, "first", time(span.first));
    put_some(row, "last", time(span.last));
}

impl Writer<'_> {
    fn file(&self, number: usize) -> Place {
        let path = self.world.files.get(number).map_or_else(|| place("/".as_ref()), |f| place(&f.1));
        match self.done.get(number) {
            Some(done) => path.digest(done.digest),
            None => path,
        }
    }
    /// A frame of a file, by its number as Wireshark counts.
    fn place(&self, at: Moment) -> Place {
        let mut place = self.file(at.file);
        place.inside.push(PathText::from(format!("frame {}", at.frame).as_str()));
        place
    }

    /// True if the ends are in different networks: by the prefix that the server states, else by the first 24 bits of
    /// IPv4 and 64 of IPv6.
    fn outside(&self, client: &Address, server: &Address) -> bool {
        if client.is_group() || server.is_group() {
            return false;
        }
        let stated = self.ledger.prefixes.get(server).or_else(|| self.ledger.prefixes.get(client));
        client.same_net(server, stated.copied().unwrap_or(PREFIX_USUAL)) == Some(false)
    }

    fn flows(&self, out: &mut Out<'_>) {
        for flow in &self.ledger.flows {
            for label in &flow.labels {
                self.flow(out, flow, *label, true);
            }
            if flow.labels.is_empty() {
                self.flow(out, flow, flow.by_port, false);
            }
        }
    }

    fn flow(&self, out: &mut Out<'_>, flow: &Flow, Label { name: protocol, kind }: Label, sure: bool) {
        let (client, server) = (flow.key.client, flow.key.server);
        let ethernet = flow.key.carrier == Carrier::Ethernet;
        let at = if ethernet { String::new() } else { format!("/{}", flow.key.port) };
        let mut row = Row::new();
        put(&mut row, "flow", format!("{client} → {server} {protocol}{at}"));
        put(&mut row, "client", client.to_string());
        put(&mut row, "server", server.to_string());
        put(&mut row, "protocol", protocol);
        put(&mut row, "carrier", flow.key.carrier.name());
        if !ethernet {
            put(&mut row, "port", i64::from(flow.key.port));
        }
        put(&mut row, "packets", count(flow.packets));
        span(&mut row, &flow.span);
        put(&mut row, "control", kind == Kind::Control);
        put(&mut row, "remote", kind == Kind::Remote || flow.tool.is_some());
        put_some(&mut row, "tool", flow.tool);
        put(&mut row, "sure", sure);
        if !flow.encrypted || flow.writes == Some(true) {
            put_some(&mut row, "writes", flow.writes);
        }
        put(&mut row, "encrypted", flow.encrypted);
        put(&mut row, "to_device", self.servers.contains(&server) || self.servers.contains(&client));
        put(&mut row, "outside", self.outside(&client, &server));
        put(&mut row, "public", client.is_public() || server.is_public());
        out.fact(FLOW, FactValue::Row(row), self.place(flow.span.place));
    }

    fn devices(&self, out: &mut Out<'_>) {
        for (address, device) in &self.ledger.devices {
            let row = self.device(address, device);
            out.fact(DEVICE, FactValue::Row(row), self.place(device.span.place));
        }
    }

    fn device(&self, address: &Address, d: &Device) -> Row {
        let mut row = Row::new();
        put(&mut row, "address", address.to_string());
        // An address of Ethernet that several share is a router's, and tells nothing of a device behind it.
        if !matches!(address, Address::Mac(_)) && self.ledger.devices.values().filter(|o| o.mac == d.mac).count() == 1 {
            put_some(&mut row, "mac", d.mac.map(|m| Address::Mac(m).to_string()));
        }
        put_some(&mut row, "name", d.name.clone());
        put_some(&mut row, "vendor", d.vendor.clone());
        put_some(&mut row, "model", d.model.clone());
        put_some(&mut row, "firmware", d.firmware.clone());
        let serial = d.serial.as_ref().map(|s| self.world.key.digest("serial", s.as_bytes()).to_string());
        put_some(&mut row, "serial", serial);
        put_some(&mut row, "protection", d.protection);
        let protocols = d.protocols.iter().map(|p| (*p).to_owned()).collect();
        row.insert("protocols".to_owned(), FactValue::Texts(protocols));
        row.insert("inner".to_owned(), FactValue::Texts(d.inner.iter().cloned().collect()));
        let role = match (d.server, d.client) {
            (true, true) => "both",
            (true, false) => "server",
            (false, _) => "client",
        };
        put(&mut row, "role", role);
        put(&mut row, "public", address.is_public());
        span(&mut row, &d.span);
        row
    }

    fn commands(&self, out: &mut Out<'_>) {
        for ((client, server, protocol, what), command) in &self.ledger.commands {
            let mut row = Row::new();
            put(&mut row, "command", format!("{client} → {server} {protocol} {}", what.name()));
            put(&mut row, "client", client.to_string());
            put(&mut row, "server", server.to_string());
            put(&mut row, "protocol", *protocol);
            put(&mut row, "what", what.name());
            put(&mut row, "count", count(command.count));
            put(&mut row, "outside", self.outside(client, server));
            span(&mut row, &command.span);
            out.fact(COMMAND, FactValue::Row(row), self.place(command.span.place));
        }
    }

    fn endpoints(&self, out: &mut Out<'_>) {
        for (key, endpoint) in &self.ledger.endpoints {
            let mut row = Row::new();
            let how = if key.used { "used" } else { "offered" };
            put(&mut row, "endpoint", format!("{} {} {} {how}", key.server, key.policy, key.mode));
            put(&mut row, "server", key.server.to_string());
            put(&mut row, "policy", key.policy.clone());
            put(&mut row, "security", key.mode);
            put(&mut row, "used", key.used);
            put_some(&mut row, "url", endpoint.url.clone());
            put_some(&mut row, "anonymous", endpoint.anonymous);
            span(&mut row, &endpoint.span);
            out.fact(ENDPOINT, FactValue::Row(row), self.place(endpoint.span.place));
        }
    }

    fn gaps(&self, out: &mut Out<'_>) {
        for (number, done) in self.done.iter().enumerate() {
            if let Some(reason) = done.reason {
                let seen = FACTS.iter().filter(|f| !matches!(**f, "os.family" | "host.name"));
                seen.for_each(|id| out.gap(id, reason, Some(self.file(number))));
            }
        }
        let lost = &self.ledger.lost;
        let mut gap = |ids: &[&'static str], reason, n: u64| {
            if n > 0 {
                ids.iter().for_each(|id| out.gap_count(id, reason, n));
            }
        };
        gap(&TABLES, GapReason::Unsupported, lost.unread + lost.fragments);
        // Bytes that were on the wire and not in the capture: what they said is not known, who spoke is.
        gap(&[COMMAND, DEVICE, ENDPOINT], GapReason::Missing, lost.holes);
        gap(&[COMMAND, DEVICE, ENDPOINT], GapReason::TooLarge, lost.long);
        gap(&[COMMAND, DEVICE, ENDPOINT], GapReason::Corrupt, lost.foreign);
        gap(&[COMMAND], GapReason::Encrypted, lost.encrypted);
        gap(&[COMMAND], GapReason::Unsupported, lost.opaque);
        for (id, n) in
            [(FLOW, lost.flows), (DEVICE, lost.devices), (COMMAND, lost.commands), (ENDPOINT, lost.endpoints)]
        {
            out.over(id, n);
        }
    }
}

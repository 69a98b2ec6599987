//! Logs that are tables: a heading names the columns, whatever their order.
//!
//! Who is here and who is elsewhere is told by the addresses: a private one is here; of two public ones the source is.

use super::sum::Seen;
use crate::text::{address, instant, internal, number, target};
use std::net::IpAddr;

/// What a column can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
enum Role {
    Date,
    Time,
    End,
    Source,
    SourcePort,
    Address,
    Name,
    Url,
    Port,
    Out,
    In,
    Count,
    Action,
    ServerPort,
    Requested,
    Answered,
    Status,
}
const ROLES: usize = 17;

/// Names of columns, in small letters.
const NAMES: &[(Role, &[&str])] = &[
    (Role::Date, &["date"]),
    (
        Role::Time,
        &["time", "timestamp", "ts", "start", "stime", "first", "firstseen", "start_time", "datetime", "时间"],
    ),
    (Role::End, &["te", "end", "etime", "last", "lastseen", "end_time", "结束时间"]),
    (
        Role::Source,
        &[
            "c-ip",
            "client",
            "client_ip",
            "src",
            "src_ip",
            "srcip",
            "source",
            "source_ip",
            "sa",
            "sip",
            "srcaddr",
            "id.orig_h",
            "源地址",
            "源ip",
            "客户端",
        ],
    ),
    (Role::SourcePort, &["sp", "sport", "src_port", "srcport", "source_port", "id.orig_p", "源端口"]),
    (
        Role::Address,
        &[
            "r-ip",
            "s-supplier-ip",
            "address",
            "dst",
            "dst_ip",
            "dstip",
            "dest_ip",
            "destination_ip",
            "da",
            "dip",
            "dstaddr",
            "id.resp_h",
            "s-ip",
            "目的地址",
            "目的ip",
        ],
    ),
    (
        Role::Name,
        &[
            "cs-host",
            "cs-uri-host",
            "r-host",
            "host",
            "hostname",
            "dst_host",
            "destination",
            "server_name",
            "domain",
            "sni",
            "目的域名",
            "域名",
        ],
    ),
    (Role::Url, &["cs-uri", "url", "uri", "网址"]),
    (
        Role::Port,
        &[
            "cs-uri-port",
            "r-port",
            "port",
            "dp",
            "dport",
            "dst_port",
            "dstport",
            "dest_port",
            "destination_port",
            "id.resp_p",
            "目的端口",
            "端口",
        ],
    ),
    (
        Role::Out,
        &[
            "cs-bytes",
            "bytes_out",
            "out_bytes",
            "bytes_sent",
            "sent_bytes",
            "sent",
            "orig_bytes",
            "ibyt",
            "bytes",
            "octets",
            "上行字节",
            "发送字节",
            "流出字节",
        ],
    ),
    (
        Role::In,
        &[
            "sc-bytes",
            "bytes_in",
            "in_bytes",
            "bytes_received",
            "rcvd_bytes",
            "received",
            "resp_bytes",
            "obyt",
            "下行字节",
            "接收字节",
            "流入字节",
        ],
    ),
    (Role::Count, &["connections", "count", "flows", "连接数"]),
    (Role::Action, &["action"]),
    (Role::ServerPort, &["s-port"]),
    (Role::Requested, &["request_body_len"]),
    (Role::Answered, &["response_body_len"]),
    (Role::Status, &["log-status", "log_status", "logstatus"]),
];

/// How the lines are to be understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// A proxy, or a table that says who asked whom.
    Asked,
    /// Flows in one direction each.
    Flows,
    /// Connections: source is who began it.
    Connections,
    /// What a server here answered.
    Served,
    /// Names of connections whose bytes another log has.
    Names,
}

/// Where the columns of a table are.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    mark: u8,
    /// Role of each column, as far as it has one.
    roles: Vec<Option<Role>>,
    names: Vec<String>,
    kind: Kind,
    /// The address is that of the machine that the line was sent on to, which need not be the destination.
    hop: bool,
}

/// Columns that only a forward proxy writes.
const FORWARD: [&str; 6] = ["s-action", "r-ip", "s-supplier-ip", "s-supplier-name", "s-hierarchy", "cs-uri-port"];

impl Columns {
    /// From the names of a heading. `None` if nothing in it can be a destination.
    pub(crate) fn of(heading: &[u8], mark: u8) -> Option<Self> {
        let text = std::str::from_utf8(heading).ok()?;
        let text = text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
        let names: Vec<String> =
            text.split(char::from(mark)).map(|n| n.trim().trim_matches('"').to_lowercase()).collect();
        // What is named first in the list of a role wins: `r-ip` is the destination where `s-ip` is the proxy.
        let mut roles = vec![None; names.len()];
        for (role, known) in NAMES {
            let best = known.iter().find_map(|k| names.iter().position(|n| n == k));
            if let Some(slot) = best.and_then(|at| roles.get_mut(at)) {
                *slot = Some(*role);
            }
        }
        let forward = FORWARD.iter().any(|f| names.iter().any(|n| n == f));
        let address = roles.iter().position(|r| *r == Some(Role::Address));
        let named = |what: &[&str]| address.and_then(|at| names.get(at)).is_some_and(|n| what.contains(&n.as_str()));
        let hop = named(&["r-ip", "s-supplier-ip", "s-ip"]);
        // `s-ip` of a forward proxy is the proxy itself.
        if forward
            && named(&["s-ip"])
            && let Some(slot) = address.and_then(|at| roles.get_mut(at))
        {
            *slot = None;
        }
        let mut out = Self { mark, roles, names, kind: Kind::Asked, hop };
        if !(out.has(Role::Address) || out.has(Role::Name) || out.has(Role::Url)) {
            return None;
        }
        out.kind = out.kind();
        Some(out)
    }

    fn kind(&self) -> Kind {
        if self.named("s-ip") && self.has(Role::ServerPort) && !FORWARD.iter().any(|n| self.named(n)) {
            return Kind::Served;
        }
        if self.named("id.orig_h") {
            let bytes = self.named("orig_bytes");
            return if bytes { Kind::Connections } else { Kind::Names };
        }
        let both = self.has(Role::Source) && self.has(Role::Address);
        let flows = self.has(Role::SourcePort) || ["sa", "sip", "srcaddr"].iter().any(|n| self.named(n));
        if both && flows && !self.has(Role::Name) && !self.has(Role::Url) { Kind::Flows } else { Kind::Asked }
    }

    /// Zeek writes empty values its own way; nothing else differs.
    pub(crate) fn zeek(self) -> Self {
        self
    }

    /// True if a column has this name.
    pub(crate) fn named(&self, name: &str) -> bool {
        self.names.iter().any(|n| n == name)
    }
    fn has(&self, role: Role) -> bool {
        self.roles.contains(&Some(role))
    }

    /// What a line says; `Err` if it does not follow the heading, `Ok(None)` if it is about nothing that left.
    pub(crate) fn line<'a>(&self, line: &'a [u8]) -> Result<Option<Seen<'a>>, ()> {
        let mut cells: [&[u8]; ROLES] = [b""; ROLES];
        let mut rest = Some(line);
        let mut roles = self.roles.iter();
        let mut columns = 0;
        while let Some(text) = rest {
            let Some(role) = roles.next() else { break };
            let (cell, after) = split(text, self.mark);
            rest = after;
            columns += 1;
            if let Some(role) = role {
                cells[*role as usize] = plain(cell);
            }
        }
        // A line that ends early has no destination, or loses numbers: it was cut.
        if columns < self.roles.iter().rposition(Option::is_some).map_or(0, |n| n + 1) {
            return Err(());
        }
        seen(self.kind, self.hop, &cells)
    }
}

/// What the cells say.
fn seen<'a>(kind: Kind, hop: bool, cells: &[&'a [u8]; ROLES]) -> Result<Option<Seen<'a>>, ()> {
    let cell = |r: Role| cells[r as usize];
    let count = |r: Role| match cell(r) {
        b"" => Ok(None),
        text => number(text).map(Some).ok_or(()),
    };
    let port = |r: Role| count(r).map(|n| n.and_then(|n| u16::try_from(n).ok()));
    // A flow that was rejected carried nothing.
    if matches!(cell(Role::Action), b"REJECT") {
        return Ok(None);
    }
    match cell(Role::Status) {
        b"NODATA" => return Ok(None),
        b"SKIPDATA" => return Ok(Some(Seen { skipped: true, ..Seen::default() })),
        _ => {}
    }
    let first = when(cell(Role::Date), cell(Role::Time));
    let last = Some(cell(Role::End)).filter(|t| !t.is_empty()).and_then(instant);
    let mut out = Seen { count: count(Role::Count)?.unwrap_or(1), first, last, ..Seen::default() };
    let to = cell(Role::Address);
    let at = address(to);
    match kind {
        Kind::Served => {
            out.served = true;
            out.here = to;
            out.address = Some(address(cell(Role::Source)).ok_or(())?);
            out.port = port(Role::ServerPort)?;
            (out.out, out.into) = (count(Role::In)?, count(Role::Out)?);
            return Ok(Some(out));
        }
        Kind::Flows | Kind::Connections => {
            let (Some(a), Some(b)) = (address(cell(Role::Source)), at) else { return Err(()) };
            let ends = Ends { source: a, dest: b, sport: port(Role::SourcePort)?, dport: port(Role::Port)? };
            ends.fill(&mut out, kind, (cell(Role::Source), to), (count(Role::Out)?, count(Role::In)?));
            return Ok(Some(out));
        }
        Kind::Asked | Kind::Names => {}
    }
    out.here = cell(Role::Source);
    out.names_only = kind == Kind::Names;
    out.out = count(Role::Out)?.or(count(Role::Requested)?);
    out.into = count(Role::In)?.or(count(Role::Answered)?);
    out.port = port(Role::Port)?;
    out.address = at;
    out.name = cell(Role::Name);
    if out.name.is_empty() {
        if let Some((host, port)) = target(cell(Role::Url)) {
            out.name = host;
            out.port = out.port.or(port);
        } else if at.is_none() {
            out.name = to;
        }
    }
    if !named(&mut out) {
        return Err(());
    }
    // What is named is not within the own networks because the next machine on its way is.
    if hop && !out.name.is_empty() && out.address.is_some_and(internal) {
        out.address = None;
    }
    Ok(Some(out))
}

/// A name that is an address is one; of anything else only the host is kept, if it can be one. False if there is no
/// destination. Evidence is signed and kept: what stands in a wrong column (an account, a token) must not enter it.
pub(crate) fn named(seen: &mut Seen<'_>) -> bool {
    if !seen.name.is_empty() && address(seen.name).is_none() {
        let Some((host, port)) = target(seen.name) else { return false };
        // `li@corp:word` outside an address of the web is an account.
        if memchr::memmem::find(seen.name, b"://").is_none() {
            let rest = seen.name.get(host.len()..).unwrap_or_default();
            if seen.name.contains(&b'@') || (port.is_none() && rest.starts_with(b":")) {
                return false;
            }
        }
        seen.name = host.strip_suffix(b".").unwrap_or(host);
        seen.port = seen.port.or(port);
    }
    if let Some(at) = address(seen.name) {
        seen.address = seen.address.or(Some(at));
        seen.name = b"";
    }
    (seen.name.is_empty() || hostname(seen.name)) && (seen.address.is_some() || !seen.name.is_empty())
}

/// Whether a text can be the name of a host: labels of RFC 1123 (and the underscore that some write), 253 characters, the
/// last label with a letter in front, as every top-level domain has it. Numbers of people, cards and phones are none. A
/// name without a dot is one only as NetBIOS has them: 15 characters, and no long number in it.
fn hostname(name: &[u8]) -> bool {
    let letters = |l: &[u8]| l.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let label = |l: &[u8]| (1..=63).contains(&l.len()) && letters(l) && !l.starts_with(b"-") && !l.ends_with(b"-");
    let last = name.rsplit(|b| *b == b'.').next().unwrap_or_default();
    let single = || name.len() <= 15 && !name.windows(6).any(|w| w.iter().all(u8::is_ascii_digit));
    name.len() <= 253
        && name.split(|b| *b == b'.').all(label)
        && last.first().is_some_and(u8::is_ascii_alphabetic)
        && (last.len() < name.len() || single())
}

/// Both ends of a flow.
struct Ends {
    source: IpAddr,
    dest: IpAddr,
    sport: Option<u16>,
    dport: Option<u16>,
}
impl Ends {
    fn fill<'a>(
        &self,
        out: &mut Seen<'a>,
        kind: Kind,
        (source, dest): (&'a [u8], &'a [u8]),
        bytes: (Option<u64>, Option<u64>),
    ) {
        let ours = internal(self.source) || !internal(self.dest);
        let (here, there) = if ours { (self.sport, self.dport) } else { (self.dport, self.sport) };
        (out.here, out.address) = if ours { (source, Some(self.dest)) } else { (dest, Some(self.source)) };
        out.served = match kind {
            Kind::Connections => !ours,
            // Whoever asks has the larger port.
            _ => here.zip(there).is_some_and(|(h, t)| t > h),
        };
        out.port = if out.served { here } else { there };
        (out.out, out.into) = match (ours, kind) {
            (true, _) => bytes,
            (false, Kind::Connections) => (bytes.1, bytes.0),
            // A flow inwards says how much came; what left, if it says that at all, is the other number.
            (false, _) => (Some(bytes.1.unwrap_or(0)), bytes.0),
        };
    }
}

fn when(date: &[u8], time: &[u8]) -> Option<i64> {
    if date.is_empty() || time.is_empty() {
        return instant(if time.is_empty() { date } else { time });
    }
    let mut joined = Vec::with_capacity(date.len() + time.len() + 1);
    joined.extend_from_slice(date);
    joined.push(b' ');
    joined.extend_from_slice(time);
    instant(&joined)
}

/// The first cell and what comes after its mark; `None` after the last.
fn split(text: &[u8], mark: u8) -> (&[u8], Option<&[u8]>) {
    if text.first() == Some(&b'"') {
        // Quotes within are doubled, or stand in a cell that nobody asks for.
        let mut from = 1;
        while let Some(at) = text.get(from..).and_then(|t| memchr::memchr(b'"', t)) {
            let end = from + at;
            match text.get(end + 1) {
                None => return (&text[1..end], None),
                Some(next) if *next == mark => return (&text[1..end], text.get(end + 2..)),
                Some(b'"') => from = end + 2,
                Some(_) => from = end + 1,
            }
        }
    }
    match memchr::memchr(mark, text) {
        Some(at) => (&text[..at], text.get(at + 1..)),
        None => (text, None),
    }
}

/// Without blanks; what stands for nothing is nothing.
fn plain(cell: &[u8]) -> &[u8] {
    match cell.trim_ascii() {
        b"-" | b"(empty)" => b"",
        other => other,
    }
}

/// What an object of JSON says: Zeek's fields, or any table's names.
pub(crate) fn json(text: &[u8]) -> Result<Option<OwnedSeen>, ()> {
    let serde_json::Value::Object(object) = serde_json::from_slice(text).map_err(|_| ())? else { return Err(()) };
    let mut cells: [Vec<u8>; ROLES] = Default::default();
    let mut flat: Vec<(String, &serde_json::Value)> = Vec::with_capacity(object.len());
    for (key, value) in &object {
        match value {
            serde_json::Value::Object(inner) => flat.extend(inner.iter().map(|(k, v)| (format!("{key}.{k}"), v))),
            _ => flat.push((key.to_lowercase(), value)),
        }
    }
    for (role, known) in NAMES {
        let value = known.iter().find_map(|k| flat.iter().find(|(name, _)| name == k));
        let Some((_, value)) = value else { continue };
        cells[*role as usize] = match value {
            serde_json::Value::String(s) => plain(s.as_bytes()).to_vec(),
            serde_json::Value::Number(n) => n.to_string().into_bytes(),
            _ => Vec::new(),
        };
    }
    let has = |name: &str| flat.iter().any(|(n, _)| n == name);
    let kind = match (has("id.orig_h"), has("orig_bytes") || has("conn_state")) {
        (true, true) => Kind::Connections,
        (true, false) => Kind::Names,
        (false, _) => Kind::Asked,
    };
    let borrowed: [&[u8]; ROLES] = std::array::from_fn(|n| cells[n].as_slice());
    let told = seen(kind, false, &borrowed)?;
    Ok(told.map(|s| OwnedSeen {
        here: s.here.to_vec(),
        name: s.name.to_vec(),
        rest: Seen { here: b"", name: b"", ..s },
    }))
}

/// A line of JSON, whose texts are not slices of it.
pub(crate) struct OwnedSeen {
    here: Vec<u8>,
    name: Vec<u8>,
    rest: Seen<'static>,
}
impl OwnedSeen {
    pub(crate) fn seen(&self) -> Seen<'_> {
        Seen { here: &self.here, name: &self.name, ..self.rest }
    }
}

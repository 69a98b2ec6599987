//! What the network sees: shares, SMB, the filter, remote management, sockets.

use super::World;
use super::data::Data;
use super::output;
use super::sid;
use super::view::{Query, Root};
use crate::collect::with;
use crate::out::Out;
use crate::parse::printable;
use evidence::{FactValue, GapReason, Place};

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &[
    "firewall.enabled",
    "firewall.tool",
    "share.smb",
    "windows.firewall",
    "windows.null_session",
    "windows.smb1_enabled",
    "windows.winrm_enabled",
];
/// Facts about sockets.
pub(crate) const LISTEN_FACTS: &[&str] = &["listen"];

const SERVER: &str = "Services\\LanmanServer";
/// Profiles of the filter: name, key, key of the policy.
const PROFILES: [(&str, &str); 3] =
    [("domain", "DomainProfile"), ("private", "StandardProfile"), ("public", "PublicProfile")];

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, world: &World) {
    firewall(out, world);
    shares(out, world);
    smb1(out, world);
    null_sessions(out, world);
    remote_management(out, world);
}

/// The filter counts as on if its service starts and every profile is on.
fn firewall(out: &mut Out<'_>, world: &World) {
    const IDS: &[&str] = &["firewall.enabled", "firewall.tool", "windows.firewall"];
    let mut q = world.ask();
    let service = q.value(Root::System, "Services\\MpsSvc", "Start");
    let starts = service.as_ref().map(|s| s.int().is_some_and(|v| v <= 2));
    let mut all = starts;
    let mut at = service.map(|s| s.at);
    for (profile, key) in PROFILES {
        let policy = format!("Policies\\Microsoft\\WindowsFirewall\\{key}");
        let local = format!("Services\\SharedAccess\\Parameters\\FirewallPolicy\\{key}");
        let both = |name| [(Root::Software, policy.as_str(), name), (Root::System, local.as_str(), name)];
        let Some(enabled) = q.first(&both("EnableFirewall")) else {
            all = None;
            continue;
        };
        // Windows blocks what comes in unless told otherwise.
        let inbound = q.first(&both("DefaultInboundAction"));
        let on = enabled.int().unwrap_or(0) != 0 && starts == Some(true);
        if !on {
            at = Some(enabled.at.clone());
        }
        all = all.map(|a| a && on);
        let mut row = FactValue::row([("profile", profile.into()), ("enabled", on.into())]);
        with(&mut row, "inbound_blocked", inbound.map(|i| i.int().unwrap_or(1) != 0));
        out.fact("windows.firewall", row, enabled.at);
    }
    if let (Some(all), Some(at)) = (all, at) {
        out.fact("firewall.enabled", all, at.clone());
        out.fact("firewall.tool", "windows-firewall", at);
    }
    q.settle(out, IDS);
}

fn shares(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    let null = null_shares(&mut q).unwrap_or_default();
    for (name, data, at) in q.values(Root::System, &format!("{SERVER}\\Shares")).unwrap_or_default() {
        let texts = data.texts();
        let get = |key: &str| texts.iter().find_map(|t| t.strip_prefix(key)?.strip_prefix('='));
        // Type 0 is a folder; printers and pipes are no shares of files.
        if get("Type").is_some_and(|t| t.trim().parse::<u32>().is_ok_and(|t| t & 0xff != 0)) {
            continue;
        }
        let guarded = q.value(Root::System, &format!("{SERVER}\\Shares\\Security"), &name);
        let rights = guarded.as_ref().and_then(|s| match &s.data {
            Some(Data::Bytes(sd)) => sid::allowed(sd),
            // Without a descriptor everybody may read.
            _ => Some(Vec::new()),
        });
        let mut row = FactValue::row([("name", printable(&name).into())]);
        with(&mut row, "path", get("Path").map(printable));
        let broad = |who: &str| !["S-1-5-32-544", "S-1-5-18"].contains(&who);
        with(
            &mut row,
            "writable",
            rights.as_ref().map(|r| r.iter().any(|(who, mask)| broad(who) && sid::writes(*mask))),
        );
        let nobody = |who: &str| ["S-1-5-7", "S-1-5-32-546"].contains(&who) || who.ends_with("-501");
        let anonymous = null.iter().any(|n| n.eq_ignore_ascii_case(&name));
        with(&mut row, "guest", rights.as_ref().map(|r| anonymous || r.iter().any(|(who, _)| nobody(who))));
        out.fact("share.smb", row, at);
    }
    q.settle(out, &["share.smb"]);
}
fn null_shares(q: &mut Query<'_>) -> Option<Vec<String>> {
    let seen = q.value(Root::System, &format!("{SERVER}\\Parameters"), "NullSessionShares")?;
    Some(seen.data.as_ref().map(Data::texts).unwrap_or_default())
}

/// SMB 1: the server takes it unless told not to and its driver is there, or the client's driver starts.
fn smb1(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    let mut look = || {
        let allowed = q.value(Root::System, &format!("{SERVER}\\Parameters"), "SMB1")?;
        let driver = q.value(Root::System, "Services\\srv", "Start")?;
        let client = q.value(Root::System, "Services\\mrxsmb10", "Start")?;
        let there = |v: Option<i64>| v.is_some_and(|s| s != 4);
        if allowed.int() != Some(0) && there(driver.int()) {
            let at = if allowed.data.is_some() { allowed.at } else { driver.at };
            return Some((true, at));
        }
        Some((there(client.int()), client.at))
    };
    if let Some((on, at)) = look() {
        out.fact("windows.smb1_enabled", on, at);
    }
    q.settle(out, &["windows.smb1_enabled"]);
}

/// Shares or, where the restriction is off, everything may be reached without a name.
fn null_sessions(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    let restricted = q.value(Root::System, &format!("{SERVER}\\Parameters"), "RestrictNullSessAccess");
    if let (Some(restricted), Some(shares)) = (restricted, null_shares(&mut q)) {
        let open = restricted.int() == Some(0) || !shares.is_empty();
        out.fact("windows.null_session", open, restricted.at);
    }
    q.settle(out, &["windows.null_session"]);
}

/// The service starts by itself and listens: a listener is set up, or policy makes one.
fn remote_management(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    let mut look = || {
        let start = q.value(Root::System, "Services\\WinRM", "Start")?;
        let policy = q.value(Root::Software, "Policies\\Microsoft\\Windows\\WinRM\\Service", "AllowAutoConfig")?;
        let listeners = q.subkeys(Root::Software, "Microsoft\\Windows\\CurrentVersion\\WSMAN\\Listener")?;
        let on = start.int().is_some_and(|s| s <= 2) && (policy.int() == Some(1) || !listeners.is_empty());
        Some((on, start.at))
    };
    if let Some((on, at)) = look() {
        out.fact("windows.winrm_enabled", on, at);
    }
    q.settle(out, &["windows.winrm_enabled"]);
}

/// Collects waiting sockets.
pub(crate) fn listen(out: &mut Out<'_>, world: &World) {
    let Some((text, at)) = world.answer(out, LISTEN_FACTS, "netstat.txt", GapReason::NotLive) else { return };
    let tasks = world.bundle.as_ref().map(|b| b.answer("tasklist.csv"));
    let names = match tasks {
        Some(Ok((text, _))) => output::tasklist(&text),
        Some(Err(reason)) => {
            out.field_gap("listen.process", reason, std::path::Path::new("/tasklist.csv"));
            Default::default()
        }
        None => Default::default(),
    };
    let rows = output::netstat(&text);
    // A Windows without a single waiting socket does not exist: the text was not understood.
    if rows.is_empty() {
        out.gap("listen", GapReason::Unsupported, Some(at.clone()));
    }
    for w in rows {
        let host = if w.address.is_ipv6() { format!("[{}]", w.address) } else { w.address.to_string() };
        let mut row = FactValue::row([
            ("socket", format!("{} {host}:{}", w.proto, w.port).into()),
            ("proto", w.proto.into()),
            ("address", w.address.to_string().into()),
            ("port", i64::from(w.port).into()),
            ("exposed", (!w.address.is_loopback()).into()),
        ]);
        with(&mut row, "process", names.get(&w.pid).map(|n| printable(n)));
        out.fact("listen", row, line(&at, w.line));
    }
}
fn line(at: &Place, n: usize) -> Place {
    at.clone().line(n as u64)
}

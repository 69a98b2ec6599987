//! Names: protocols by port, makers by the numbers of their organisations, products of remote access by the domains that
//! they call at.
//!
//! Short lists on purpose: a number without a name here is shown as the number, which its organisation's own list tells.

use crate::capture::bytes::{be16, rest, slice, u8_at};
use crate::capture::ledger::{Carrier, Label, Talk};

/// Makers by the number that ODVA gave them.
pub(crate) const CIP_VENDORS: [(u16, &str); 12] = [
    (1, "Rockwell Automation"),
    (26, "Festo"),
    (40, "WAGO"),
    (46, "ABB"),
    (47, "Omron"),
    (48, "Turck"),
    (90, "HMS Industrial Networks"),
    (108, "Beckhoff"),
    (161, "Mitsubishi Electric"),
    (243, "Schneider Electric"),
    (367, "Keyence"),
    (562, "Phoenix Contact"),
];
/// Makers by the number that ASHRAE gave them.
pub(crate) const BACNET_VENDORS: [(u16, &str); 7] = [
    (2, "Trane"),
    (5, "Johnson Controls"),
    (7, "Siemens"),
    (8, "Delta Controls"),
    (10, "Schneider Electric"),
    (17, "Honeywell"),
    (36, "Tridium"),
];
/// Makers by the number that PROFIBUS & PROFINET International gave them.
pub(crate) const PROFINET_VENDORS: [(u16, &str); 1] = [(0x002a, "Siemens")];

/// The name of a maker, or its number.
pub(crate) fn vendor(list: &str, names: &[(u16, &str)], id: u16) -> String {
    let known = names.iter().find(|(n, _)| *n == id);
    known.map_or_else(|| format!("{list} vendor {id}"), |(_, name)| (*name).to_owned())
}

/// Ports of TCP and UDP and what is usually there; those of remote access with their products.
const PORTS: &[(u16, Label)] = &[
    (20, Label::other("ftp-data")),
    (21, Label::remote("ftp")),
    (22, Label::remote("ssh")),
    (23, Label::remote("telnet")),
    (25, Label::other("smtp")),
    (53, Label::other("dns")),
    (67, Label::other("dhcp")),
    (68, Label::other("dhcp")),
    (69, Label::other("tftp")),
    (80, Label::other("http")),
    (102, Label::control("iso-tsap")),
    (110, Label::other("pop3")),
    (123, Label::other("ntp")),
    (135, Label::other("rpc")),
    (137, Label::other("netbios")),
    (138, Label::other("netbios")),
    (139, Label::other("smb")),
    (143, Label::other("imap")),
    (161, Label::other("snmp")),
    (162, Label::other("snmp")),
    (389, Label::other("ldap")),
    (443, Label::other("https")),
    (445, Label::other("smb")),
    (500, Label::remote("ipsec")),
    (502, Label::control("modbus")),
    (514, Label::other("syslog")),
    (1194, Label::remote("openvpn")),
    (1433, Label::other("mssql")),
    (1723, Label::remote("pptp")),
    (1883, Label::other("mqtt")),
    (1911, Label::control("fox")),
    (2222, Label::control("cip-io")),
    (2404, Label::control("iec104")),
    (3306, Label::other("mysql")),
    (3389, Label::remote("rdp")),
    (4500, Label::remote("ipsec")),
    (4840, Label::control("opc-ua")),
    (4843, Label::control("opc-ua")),
    (5353, Label::other("mdns")),
    (5432, Label::other("postgresql")),
    (5900, Label::remote("vnc")),
    (5901, Label::remote("vnc")),
    (5938, Label::remote("teamviewer")),
    (5985, Label::remote("winrm")),
    (5986, Label::remote("winrm")),
    (7070, Label::remote("anydesk")),
    (8080, Label::other("http")),
    (8883, Label::other("mqtt")),
    (9600, Label::control("fins")),
    (11740, Label::control("codesys")),
    (20000, Label::control("dnp3")),
    (21116, Label::remote("rustdesk")),
    (34964, Label::control("profinet-cm")),
    (34980, Label::control("ethercat")),
    (44818, Label::control("ethernet-ip")),
    (47808, Label::control("bacnet")),
    (51820, Label::remote("wireguard")),
];

/// What is usually at a port.
pub(crate) fn by_port(carrier: Carrier, port: u16) -> Option<Label> {
    // These are of TCP only; over UDP others use the numbers.
    let tcp_only = matches!(port, 20..=23 | 80 | 102 | 3389 | 5900 | 5901 | 7070);
    if carrier == Carrier::Udp && tcp_only {
        return None;
    }
    PORTS.binary_search_by_key(&port, |p| p.0).ok().map(|at| PORTS[at].1)
}

/// Domains of vendors of remote access, and the product's name. A name ends in one of them.
const DOMAINS: [(&str, &str); 24] = [
    ("anydesk.com", "AnyDesk"),
    ("anydesk.com.cn", "AnyDesk"),
    ("cpolar.cn", "cpolar"),
    ("cpolar.com", "cpolar"),
    ("dwservice.net", "DWService"),
    ("getgo.com", "GoTo"),
    ("gotoassist.com", "GoTo"),
    ("hsk.oray.com", "Peanuthull"),
    ("logmein.com", "LogMeIn"),
    ("natapp.cn", "NATAPP"),
    ("netbird.io", "NetBird"),
    ("ngrok.com", "ngrok"),
    ("ngrok.io", "ngrok"),
    ("oray.com", "Sunlogin"),
    ("oray.net", "Sunlogin"),
    ("parsec.app", "Parsec"),
    ("raylink.live", "RayLink"),
    ("rustdesk.com", "RustDesk"),
    ("screenconnect.com", "ScreenConnect"),
    ("splashtop.com", "Splashtop"),
    ("tailscale.com", "Tailscale"),
    ("teamviewer.com", "TeamViewer"),
    ("todesk.com", "ToDesk"),
    ("zerotier.com", "ZeroTier"),
];

/// The product that a name of a host belongs to.
pub(crate) fn tool(name: &[u8]) -> Option<&'static str> {
    let ends = |domain: &str| {
        let at = name.len().checked_sub(domain.len());
        at.is_some_and(|at| rest(name, at).eq_ignore_ascii_case(domain.as_bytes()) && (at == 0 || name[at - 1] == b'.'))
    };
    DOMAINS.iter().find(|(domain, _)| ends(domain)).map(|(_, tool)| *tool)
}

/// Longest name of DNS, in bytes.
const NAME_BYTES_MAX: usize = 255;

/// A message of DNS with one question: only products of remote access are taken from its name.
pub(crate) fn dns(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    if be16(data, 4)? == 0 || u8_at(data, 2)? & 0x78 != 0 {
        return None;
    }
    let mut at = 12;
    let mut name = Vec::new();
    loop {
        let len = usize::from(u8_at(data, at)?);
        if len == 0 {
            break;
        }
        if len > 63 || name.len() + len > NAME_BYTES_MAX {
            return None;
        }
        if !name.is_empty() {
            name.push(b'.');
        }
        name.extend_from_slice(slice(data, at + 1, len)?);
        at += len + 1;
    }
    talk.is(Label::other("dns"));
    if let Some(tool) = tool(&name) {
        talk.tool(tool);
    }
    Some(())
}

/// The first bytes of a conversation of TCP that no reader of control protocols took.
pub(crate) fn first_bytes(talk: &mut Talk<'_>, data: &[u8]) -> Option<()> {
    let label = match data {
        [b'S', b'S', b'H', b'-', ..] => Label::remote("ssh"),
        [b'R', b'F', b'B', b' ', b'0', ..] => Label::remote("vnc"),
        [0x16, 3, 0..=4, ..] => {
            if let Some(tool) = server_name(data).and_then(tool) {
                talk.tool(tool);
            }
            Label::other("tls")
        }
        [0xff, 0xfb..=0xfe, _, ..] => Label::remote("telnet"),
        [0, _, _, _, 0xff | 0xfe, b'S', b'M', b'B', ..] => Label::other("smb"),
        _ if data.starts_with(b"HTTP/1.") || is_http(data) => Label::other("http"),
        _ => return None,
    };
    talk.is(label);
    Some(())
}

fn is_http(data: &[u8]) -> bool {
    let methods: [&[u8]; 6] = [b"GET /", b"POST /", b"PUT /", b"HEAD /", b"OPTIONS ", b"CONNECT "];
    methods.iter().any(|m| data.starts_with(m))
}

/// The name of the server in a ClientHello (RFC 6066), as far as the segment has it.
fn server_name(data: &[u8]) -> Option<&[u8]> {
    if u8_at(data, 5)? != 1 {
        return None;
    }
    // Record 5, handshake 4, version 2, random 32; then session, ciphers, compressions.
    let mut at = 43;
    at += 1 + usize::from(u8_at(data, at)?);
    at += 2 + usize::from(be16(data, at)?);
    at += 1 + usize::from(u8_at(data, at)?);
    at += 2;
    for _ in 0..64 {
        let (kind, len) = (be16(data, at)?, usize::from(be16(data, at + 2)?));
        if kind == 0 {
            let len = usize::from(be16(data, at + 7)?);
            return slice(data, at + 9, len);
        }
        at += 4 + len;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_domains_match_whole_labels() {
        assert!(PORTS.windows(2).all(|w| w[0].0 < w[1].0));
        assert!(DOMAINS.windows(2).all(|w| w[0].0 < w[1].0));
        assert_eq!(tool(b"router12.TeamViewer.com"), Some("TeamViewer"));
        assert_eq!((tool(b"notteamviewer.com"), tool(b""), tool(b"teamviewer.com.example")), (None, None, None));
        assert_eq!(by_port(Carrier::Udp, 22), None);
        assert_eq!(vendor("CIP", &CIP_VENDORS, 9999), "CIP vendor 9999");
    }
}

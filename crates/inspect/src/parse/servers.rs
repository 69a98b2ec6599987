//! Addresses of servers in configuration, project files and pages: scheme and host, and nothing else of them.
//!
//! A tile address carries keys and tokens in its path and query, sometimes a name and a password before the host. None of
//! that is kept. Addresses are found in plain text, with escaped slashes as JSON writes them (`https:\/\/`) and encoded
//! as QGIS writes its sources (`https%3A%2F%2F`). A host with a placeholder (`{s}.tile.example`, `${s}`, `[abc]`) is read with a
//! letter in its place.

use std::collections::HashSet;

/// Most addresses of one file.
const SERVERS_MAX: usize = 2_000;
/// Longest host name (RFC 1035), in bytes.
const HOST_BYTES_MAX: usize = 253;
/// So far back before its slashes an address is read: scheme, quote, and the word before it. In bytes.
const BEFORE_BYTES_MAX: usize = 64;
/// So far an address is read from its slashes for the end of its host, names and placeholders included; a longer one is none. In bytes.
const AUTHORITY_BYTES_MAX: usize = 512;
/// Names of vocabularies and formats: they look like addresses and nobody asks them.
const VOCABULARIES: [&str; 16] = [
    "www.w3.org",
    "w3.org",
    "www.opengis.net",
    "schemas.opengis.net",
    "schemas.microsoft.com",
    "java.sun.com",
    "xmlns.jcp.org",
    "schemas.xmlsoap.org",
    "www.springframework.org",
    "www.isotc211.org",
    "purl.org",
    "earth.google.com",
    "mrcc.com",
    "www.topografix.com",
    "inspire.ec.europa.eu",
    "json-schema.org",
];

/// A server that a text names.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Server {
    /// Line, from 1.
    pub line: usize,
    /// `http`, `https`, or `any` where the page's own scheme is used (`//host`).
    pub scheme: &'static str,
    /// Host in lower case, without a port; an IPv6 address in brackets.
    pub host: String,
}

/// The servers that a text names, each once at its first line; true if there are more than fit.
#[must_use]
pub fn servers(text: &str) -> (Vec<Server>, bool) {
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for (n, raw) in text.lines().enumerate() {
        let plain = unescaped(raw);
        for (scheme, rest, before) in addresses(&plain) {
            let Some((host, after)) = host(rest) else { continue };
            let vocabulary = VOCABULARIES.contains(&host.as_str()) && scheme == "http";
            if vocabulary || before.ends_with("xmlns") || notice(after) || !seen.insert((scheme, host.clone())) {
                continue;
            }
            if out.len() >= SERVERS_MAX {
                return (out, true);
            }
            out.push(Server { line: n + 1, scheme, host });
        }
    }
    (out, false)
}

/// A link to a notice of copyright is no server of maps.
fn notice(after: &str) -> bool {
    ["/copyright", "/about", "/legal", "/terms", "/license"].iter().any(|p| after.starts_with(p))
}

/// Undoes what stands between a text and its address.
fn unescaped(line: &str) -> std::borrow::Cow<'_, str> {
    if !line.contains('%') && !line.contains("\\/") {
        return line.into();
    }
    let mut out = line.replace("\\/", "/");
    for (from, to) in [("%3A", ":"), ("%3a", ":"), ("%2F", "/"), ("%2f", "/"), ("%7B", "{"), ("%7D", "}"), ("%40", "@")]
    {
        out = out.replace(from, to);
    }
    out.into()
}

/// Beginnings of addresses: scheme, what follows the slashes, and the word in front of a quote before it.
fn addresses(line: &str) -> impl Iterator<Item = (&'static str, &str, &str)> {
    line.match_indices("//").filter_map(move |(at, _)| {
        // A line may be the whole file: what is read for one address has a bound, before it and after it.
        let (before, rest) = (last_of(line.get(..at)?, BEFORE_BYTES_MAX), line.get(at + 2..)?);
        let (scheme, cut) = if ends_in(before, "https:") {
            ("https", 6)
        } else if ends_in(before, "http:") {
            ("http", 5)
        } else if before.ends_with(['"', '\'', '(', '=', '`']) && !before.ends_with("://") {
            ("any", 0)
        } else {
            return None;
        };
        let front = before.get(..before.len().checked_sub(cut)?)?.trim_end_matches(['"', '\'']).trim_end_matches('=');
        let word = front.rsplit([' ', '<', '\t']).next().unwrap_or(front);
        // `xmlns:gml="…"` and `xmlns="…"`.
        let word = word.split(':').next().unwrap_or(word);
        Some((scheme, rest, word))
    })
}

/// The last `bytes_max` bytes of a text; fewer where a letter would be cut.
fn last_of(text: &str, bytes_max: usize) -> &str {
    let start = text.len().saturating_sub(bytes_max);
    (start..=text.len()).find_map(|n| text.get(n..)).unwrap_or_default()
}
/// The first `bytes_max` bytes of a text; fewer where a letter would be cut.
fn first_of(text: &str, bytes_max: usize) -> &str {
    (0..=text.len().min(bytes_max)).rev().find_map(|n| text.get(..n)).unwrap_or_default()
}
fn ends_in(text: &str, end: &str) -> bool {
    let (text, end) = (text.as_bytes(), end.as_bytes());
    text.len().checked_sub(end.len()).and_then(|n| text.get(n..)).is_some_and(|t| t.eq_ignore_ascii_case(end))
}

/// The host at the beginning of what follows the slashes, and what follows it.
fn host(rest: &str) -> Option<(String, &str)> {
    let stop =
        |c: char| matches!(c, '/' | '"' | '\'' | ' ' | '<' | '>' | ')' | '\\' | '&' | ';' | '`' | '|' | '#' | '\t');
    let mut depth = 0_usize;
    let near = first_of(rest, AUTHORITY_BYTES_MAX);
    let end = near.char_indices().find(|(_, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && (stop(*c) || *c == '?' || *c == ',')
    });
    let end = end.map(|(n, _)| n).or_else(|| (near.len() == rest.len()).then_some(rest.len()))?;
    let (authority, after) = rest.split_at(end);
    // A name and a password may stand before the host.
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    if let Some(inner) = authority.strip_prefix('[').and_then(|a| a.split(']').next())
        && inner.parse::<std::net::Ipv6Addr>().is_ok()
    {
        return Some((format!("[{}]", inner.to_ascii_lowercase()), after));
    }
    let mut name = String::new();
    let mut inside = 0_usize;
    for c in authority.chars() {
        match c {
            '{' | '[' => {
                if inside == 0 {
                    name.push('a');
                }
                inside += 1;
            }
            '}' | ']' => inside = inside.saturating_sub(1),
            '$' => {}
            ':' if inside == 0 => break,
            c if inside == 0 => name.push(c.to_ascii_lowercase()),
            _ => {}
        }
    }
    let name = name.trim_end_matches('.').to_owned();
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let good = !name.is_empty() && name.len() <= HOST_BYTES_MAX && name.chars().all(letters) && !name.starts_with('.');
    (good && (name.contains('.') || name == "localhost")).then_some((name, after))
}

/// True for this host, a private network, or a name that only an own network knows.
#[must_use]
pub fn own_server(host: &str) -> bool {
    if let Ok(ip) = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>() {
        return match ip {
            std::net::IpAddr::V4(a) => a.is_private() || a.is_loopback() || a.is_link_local() || a.is_unspecified(),
            std::net::IpAddr::V6(a) => {
                a.is_loopback()
                    || a.is_unspecified()
                    || matches!(a.segments()[0] & 0xfe00, 0xfc00)
                    || a.segments()[0] & 0xffc0 == 0xfe80
            }
        };
    }
    // RFC 6761, RFC 6762, RFC 8375, and the private name that ICANN set aside in 2024.
    let last = host.rsplit('.').next().unwrap_or(host);
    !host.contains('.')
        || ["localhost", "local", "internal", "lan", "intranet", "corp", "home", "test", "example", "invalid"]
            .contains(&last)
        || host.ends_with(".home.arpa")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        servers(text).0.into_iter().map(|s| format!("{}:{} {}", s.line, s.scheme, s.host)).collect()
    }

    #[test]
    fn addresses_as_programs_write_them() {
        // QGIS3.ini, a QGIS source, Leaflet's own example, JSON, a style sheet, MapProxy.
        assert_eq!(
            of("[connections-xyz]\nOpenStreetMap\\url=https://tile.openstreetmap.org/{z}/{x}/{y}.png"),
            ["2:https tile.openstreetmap.org"]
        );
        assert_eq!(
            of("<datasource>type=xyz&amp;url=https%3A%2F%2Fmt1.google.com%2Fvt%2Flyrs%3Ds</datasource>"),
            ["1:https mt1.google.com"]
        );
        assert_eq!(of("L.tileLayer('http://{s}.tile.example.org/{z}')"), ["1:http a.tile.example.org"]);
        assert_eq!(
            of(r#"{"url":"https:\/\/api.mapbox.com\/v4\/x?access_token=pk.SECRET"}"#),
            ["1:https api.mapbox.com"]
        );
        assert_eq!(
            of("<script src=\"//maps.googleapis.com/maps/api/js?key=AIzaSECRET\">"),
            ["1:any maps.googleapis.com"]
        );
        assert_eq!(of("`https://${s}.map.example.net:8443/x`"), ["1:https a.map.example.net"]);
        assert_eq!(of("url: http://ann:S3cret@10.1.2.3:8080/wms?"), ["1:http 10.1.2.3"]);
        assert_eq!(of("https://[2001:db8::1]:443/x"), ["1:https [2001:db8::1]"]);
        assert_eq!(of("http://localhost/x https://h.cn"), ["1:http localhost", "1:https h.cn"]);
    }

    #[test]
    fn what_is_no_server_is_left_out() {
        for text in [
            "<kml xmlns=\"http://www.opengis.net/kml/2.2\" xmlns:gx=\"http://www.google.com/kml/ext/2.2\">",
            "// a comment",
            "a = b // c",
            "&copy; <a href=\"https://www.openstreetmap.org/copyright\">",
            "https://",
            "http://nodots/x",
            "https://.../",
            "\"//\"",
            "file:///etc/x",
        ] {
            assert_eq!(of(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn own_servers() {
        for own in
            ["localhost", "10.0.0.1", "192.168.1.9", "[::1]", "[fd00::1]", "gis.lan", "map.internal", "127.0.0.1"]
        {
            assert!(own_server(own), "{own}");
        }
        for other in ["8.8.8.8", "tile.openstreetmap.org", "[2001:db8::1]", "t0.tianditu.gov.cn"] {
            assert!(!own_server(other), "{other}");
        }
    }

    #[test]
    fn hostile_texts_end() {
        let many: String = (0..SERVERS_MAX + 10).map(|n| format!("http://h{n}.example.com/\n")).collect();
        let (all, more) = servers(&many);
        assert!(more && all.len() == SERVERS_MAX);
        for text in
            ["http://{{{{{{", "https://}}}.a", "http://\u{202e}x.y", "https:////////", "http://[[[[]]]", "//'\"//"]
        {
            let _ = servers(text);
        }
        let _ = servers(&"//".repeat(100_000));
        let long = format!("http://{}.example.com/", "a".repeat(10_000));
        assert_eq!(of(&long), Vec::<String>::new(), "no host is that long");
    }

    /// One line of two megabytes, which is what a minified page is. What is read for one address has a bound.
    #[test]
    fn a_line_of_megabytes_ends() {
        let long = |part: &str| part.repeat((2 << 20) / part.len());
        assert_eq!(of(&long("\"//a.b")), ["1:any a.b"]);
        assert_eq!(of(&long("é//a.b")), Vec::<String>::new());
        assert_eq!(of(&"\"//{".repeat(60_000)), Vec::<String>::new(), "a placeholder that nobody closes");
        assert_eq!(of(&"='//x@{".repeat(30_000)), Vec::<String>::new());
        let words = format!("{}https://h.cn/é\"//tile.example.com", long("é"));
        assert_eq!(of(&words), ["1:https h.cn", "1:any tile.example.com"]);
        assert_eq!(of(&format!("{}HTTPS://h.cn/", "ü".repeat(40))), ["1:https h.cn"]);
    }
}

//! Servers of remote desktops: VNC and RDP, by configuration and by the commands that start them.

use crate::collect::with;
use crate::host::Look;
use crate::out::Out;
use crate::{parse, shared};
use evidence::{FactValue, Place};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["rdp.server", "vnc.server"];

struct Server {
    name: &'static str,
    config: String,
    listen: Vec<String>,
    password: Option<bool>,
    tls: Option<bool>,
    at: Place,
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let rdp: Vec<Server> = xrdp(&mut look).into_iter().chain(gnome(&mut look)).collect();
    put(out, "rdp.server", rdp);
    out.gaps(&["rdp.server"], &look.misses);
    let mut look = out.look();
    let mut vnc = tigervnc(out, &mut look);
    vnc.extend(x11vnc(out));
    put(out, "vnc.server", vnc);
    let shared = out.shared;
    for misses in
        [&look.misses, &shared.units(out.host).misses, &shared.jobs(out.host).misses, &shared.accounts(out.host).misses]
    {
        out.gaps(&["vnc.server"], misses);
    }
}

fn put(out: &mut Out<'_>, id: &'static str, servers: Vec<Server>) {
    for s in servers {
        let listen = s.listen.iter().map(|l| parse::printable(l)).collect();
        let mut row = FactValue::row([
            ("name", s.name.into()),
            ("config", s.config.into()),
            ("listen", FactValue::Texts(listen)),
        ]);
        with(&mut row, "password", s.password);
        with(&mut row, "tls", s.tls);
        out.fact(id, row, s.at);
    }
}

/// `security_layer=negotiate` lets the client choose: xrdp.ini(5).
fn xrdp(look: &mut Look<'_>) -> Option<Server> {
    let file = look.read("/etc/xrdp/xrdp.ini")?;
    let all = parse::ini(&file.text());
    let get = |key: &str| all.iter().find(|l| l.section.eq_ignore_ascii_case("globals") && l.key == key);
    let port = get("port");
    let listen = port.map_or("3389", |l| l.value.as_str()).split_whitespace().map(str::to_owned).collect();
    let tls = match get("security_layer").map(|l| l.value.to_ascii_lowercase()).as_deref() {
        Some("tls") => Some(true),
        Some("rdp") => Some(false),
        _ => None,
    };
    let at = port.map_or_else(|| file.place(), |l| file.line(l.line));
    Some(Server { name: "xrdp", config: shared::text_of(&file.path), listen, password: Some(true), tls, at })
}

/// GNOME's server for the whole system; it speaks RDP over TLS only. What single users switch on is kept in a binary
/// store that is not read.
fn gnome(look: &mut Look<'_>) -> Option<Server> {
    let paths = [
        "/etc/gnome-remote-desktop/grd.conf",
        "/var/lib/gnome-remote-desktop/.local/share/gnome-remote-desktop/grd.conf",
    ];
    let file = paths.iter().find_map(|p| look.read(p))?;
    let all = parse::ini(&file.text());
    let get = |key: &str| all.iter().find(|l| l.section == "RDP" && l.key == key);
    let enabled = get("enabled").filter(|l| parse::is_yes(&l.value))?;
    let listen = vec![get("port").map_or_else(|| "3389".to_owned(), |l| l.value.clone())];
    let at = file.line(enabled.line);
    let config = shared::text_of(&file.path);
    Some(Server { name: "gnome-remote-desktop", config, listen, password: Some(true), tls: Some(true), at })
}

/// TigerVNC: defaults of the system and of each account. Without a word on it, a password is asked for.
fn tigervnc(out: &Out<'_>, look: &mut Look<'_>) -> Vec<Server> {
    let mut paths: Vec<std::path::PathBuf> =
        ["/etc/tigervnc/vncserver-config-defaults", "/etc/tigervnc/vncserver-config-mandatory"]
            .iter()
            .map(std::path::PathBuf::from)
            .collect();
    for (_, home) in shared::homes(&out.shared.accounts(out.host).value) {
        paths.extend([home.join(".vnc/config"), home.join(".config/tigervnc/config")]);
    }
    let mut servers = Vec::new();
    for path in paths {
        let Some(file) = look.read(&path) else { continue };
        // Debian's wrapper reads Perl, `$localhost = "no";`; the program itself `localhost=0` or the word alone.
        let set: Vec<(usize, String, String)> = parse::settings(&file.text())
            .map(|(n, k, v)| {
                let value = v.trim_end_matches(';').trim_matches(['"', '\'']).to_owned();
                (n, k.trim_start_matches('$').to_ascii_lowercase(), value)
            })
            .collect();
        if set.is_empty() {
            continue;
        }
        let last = |key: &str| set.iter().rfind(|(_, k, _)| k == key);
        let types = last("securitytypes");
        let kinds: Vec<String> =
            types.map(|t| t.2.split(',').map(|w| w.trim().to_ascii_lowercase()).collect()).unwrap_or_default();
        let open = |k: &String| k == "none" || k.ends_with("none");
        let wrapped = |k: &String| k.starts_with("tls") || k.starts_with("x509") || k.starts_with("ra2");
        let local = last("localhost").is_some_and(|(_, _, v)| v.is_empty() || parse::is_yes(v));
        servers.push(Server {
            name: "tigervnc",
            config: shared::text_of(&path),
            listen: vec![if local { "localhost".to_owned() } else { "*".to_owned() }],
            password: Some(!kinds.iter().any(open)),
            tls: types.map(|_| kinds.iter().all(wrapped)),
            at: types.map_or_else(|| file.place(), |t| file.line(t.0)),
        });
    }
    servers
}

/// x11vnc shows a desktop that is there; everything is in its command.
fn x11vnc(out: &Out<'_>) -> Vec<Server> {
    let units = out.shared.units(out.host).value.iter();
    let units = units.map(|u| (u.words.clone(), shared::text_of(&u.path), u.at.clone()));
    let jobs = out.shared.jobs(out.host).value.iter();
    let jobs = jobs.map(|j| (parse::split_words(&j.command), j.file.clone(), j.at.clone()));
    let started =
        units.chain(jobs).filter(|(words, _, _)| words.iter().any(|w| w.rsplit('/').next() == Some("x11vnc")));
    let of = |(words, config, at): (Vec<String>, String, Place)| {
        let has =
            |options: &[&str]| words.iter().any(|w| options.contains(&w.trim_start_matches('-')) && w.starts_with('-'));
        let after = |option: &str| {
            let place = words.iter().position(|w| w.trim_start_matches('-') == option)?;
            words.get(place + 1).cloned()
        };
        let port = after("rfbport").unwrap_or_else(|| "5900".to_owned());
        let address = if has(&["localhost"]) { Some("localhost".to_owned()) } else { after("listen") };
        let password = has(&[
            "rfbauth",
            "passwd",
            "passwdfile",
            "usepw",
            "unixpw",
            "unixpw_nis",
            "unixpw_cmd",
            "unixpw_system_greeter",
        ]);
        Server {
            name: "x11vnc",
            config,
            listen: vec![address.map_or_else(|| format!("*:{port}"), |a| format!("{a}:{port}"))],
            password: Some(password),
            tls: Some(has(&["ssl", "ssltunnel", "stunnel", "enc"])),
            at,
        }
    };
    started.map(of).collect()
}

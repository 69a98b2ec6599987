//! Web servers by their configuration, includes followed.
//!
//! One row a server, not one a site: what it listens on, which folders it serves, and whether any of its sites shows
//! lists of files, its version, old protocols or WebDAV. Where each of these is switched on is a row of `web.setting`, at
//! its own file and line; which site it is for is left to who reads the file.

use crate::collect::with;
use crate::host::{File, Look};
use crate::out::Out;
use crate::parse::{self, Directive};
use crate::shared;
use evidence::{FactValue, GapReason, Place};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["web.server", "web.setting"];

/// Most files of one server's configuration.
const FILES_MAX: usize = 2_000;
/// Most folders that the wild cards of one server's includes are looked up in.
const FOLDERS_MAX: usize = 5_000;
/// Most texts of one field.
const TEXTS_MAX: usize = 64;

struct Server {
    name: &'static str,
    file: File,
    line: usize,
    listen: Vec<String>,
    root: Vec<String>,
    autoindex: bool,
    tokens: bool,
    tls_old: Option<bool>,
    dav: bool,
    /// Settings that are on, with the place that says so; one that is on because nothing says otherwise has none.
    on: Vec<(&'static str, Place)>,
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let mut servers: Vec<Server> = nginx(&mut look);
    servers.extend(apache(&mut look));
    servers.extend(lighttpd(&mut look));
    servers.extend(caddy(&mut look));
    servers.extend(tomcat(&mut look));
    for s in servers {
        s.root.iter().filter(|r| r.starts_with('/')).for_each(|r| out.shared.serve(PathBuf::from(r)));
        let mut row = FactValue::row([
            ("name", s.name.into()),
            ("config", shared::text_of(&s.file.path).into()),
            ("listen", texts(s.listen)),
            ("root", texts(s.root)),
            ("autoindex", s.autoindex.into()),
            ("server_tokens", s.tokens.into()),
            ("dav", s.dav.into()),
        ]);
        with(&mut row, "tls_old", s.tls_old);
        let at = if s.line == 0 { s.file.place() } else { s.file.line(s.line) };
        let settings = [
            ("autoindex", Some(s.autoindex)),
            ("server_tokens", Some(s.tokens)),
            ("tls_old", s.tls_old),
            ("dav", Some(s.dav)),
        ];
        for (setting, on) in settings.into_iter().filter_map(|(name, on)| Some((name, on?))) {
            let mut places: Vec<Place> =
                s.on.iter().filter(|(name, _)| on && *name == setting).map(|(_, at)| at.clone()).collect();
            if places.is_empty() {
                places.push(s.file.place());
            }
            places.truncate(TEXTS_MAX);
            for at in places {
                let row = FactValue::row([("name", s.name.into()), ("setting", setting.into()), ("on", on.into())]);
                out.fact("web.setting", row, at);
            }
        }
        out.fact("web.server", row, at);
    }
    out.gaps(FACTS, &look.misses);
}

fn texts(all: Vec<String>) -> FactValue {
    let mut seen = HashSet::new();
    let once = all.into_iter().map(|t| parse::printable(&t)).filter(|t| seen.insert(t.clone()));
    FactValue::Texts(once.take(TEXTS_MAX).collect())
}

/// The configuration that begins in one file, with what it includes, in the order of reading.
struct Config {
    all: Vec<Directive>,
    /// Where each stands.
    places: Vec<Place>,
}
impl Config {
    fn read(
        look: &mut Look<'_>,
        main: &Path,
        parse: fn(&str) -> Vec<Directive>,
        includes: &[&str],
    ) -> Option<(File, Self)> {
        let main = look.read(main)?;
        let (mut all, mut places) = (Vec::new(), Vec::new());
        let placed = |file: &File| parse(&file.text()).into_iter().map(|d| (file.line(d.line), d)).collect::<Vec<_>>();
        let mut seen = HashSet::from([main.path.clone()]);
        let mut base = main.path.parent().unwrap_or(Path::new("/")).to_owned();
        let mut todo: Vec<(Place, Directive)> = placed(&main);
        todo.reverse();
        let mut folders = FOLDERS_MAX;
        while let Some((at, d)) = todo.pop() {
            if d.name == "serverroot"
                && let Some(root) = d.words.first().filter(|r| r.starts_with('/'))
            {
                base = root.into();
            }
            if !includes.contains(&d.name.as_str()) {
                all.push(d);
                places.push(at);
                continue;
            }
            let mut fresh = Vec::new();
            for path in d.words.iter().flat_map(|w| matches(look, &base.join(w), &mut folders)).collect::<Vec<_>>() {
                if seen.len() >= FILES_MAX {
                    look.miss(GapReason::TooMany, &path);
                    break;
                }
                if seen.insert(path.clone())
                    && let Some(file) = look.read(&path)
                {
                    fresh.extend(placed(&file));
                }
            }
            todo.extend(fresh.into_iter().rev());
        }
        Some((main, Self { all, places }))
    }
    /// Directives of this name that hold what is asked, as places of a setting.
    fn places(
        &self,
        setting: &'static str,
        name: &str,
        holds: impl Fn(&Directive) -> bool,
    ) -> Vec<(&'static str, Place)> {
        let all = self.all.iter().zip(&self.places).filter(|(d, _)| d.name == name && holds(d));
        all.map(|(_, at)| (setting, at.clone())).collect()
    }
    fn named<'c>(&'c self, name: &'c str) -> impl Iterator<Item = &'c Directive> {
        self.all.iter().filter(move |d| d.name == name)
    }
    /// The first words of every directive of this name.
    fn firsts(&self, name: &str) -> Vec<String> {
        self.named(name).filter_map(|d| d.words.first().cloned()).collect()
    }
    fn says(&self, name: &str, value: &str) -> bool {
        self.named(name).any(|d| d.words.first().is_some_and(|w| w.eq_ignore_ascii_case(value)))
    }
}

/// Files that a pattern means: wild cards in any part, a folder means all in it.
fn matches(look: &mut Look<'_>, pattern: &Path, folders: &mut usize) -> Vec<PathBuf> {
    let mut spend = |look: &mut Look<'_>| {
        let left = folders.checked_sub(1);
        *folders = left.unwrap_or(0);
        if left.is_none() {
            look.miss(GapReason::TooMany, pattern);
        }
        left.is_some()
    };
    if !spend(look) {
        return Vec::new();
    }
    let mut found = vec![PathBuf::from("/")];
    for part in pattern.components().skip(1) {
        let part = part.as_os_str().to_string_lossy();
        if !part.contains(['*', '?']) {
            found.iter_mut().for_each(|p| p.push(&*part));
            continue;
        }
        let mut next = Vec::new();
        for folder in found {
            if !spend(look) {
                return Vec::new();
            }
            let fits = look.list(&folder).into_iter().filter(|e| parse::glob(&part, &e.text()));
            next.extend(fits.map(|e| e.path));
        }
        next.truncate(FILES_MAX);
        found = next;
    }
    let mut out = Vec::new();
    for path in found {
        match look.stat(&path) {
            Some(m) if m.is_dir() => out.extend(look.list(&path).into_iter().map(|e| e.path)),
            Some(_) => out.push(path),
            None => {}
        }
    }
    out
}

fn nginx(look: &mut Look<'_>) -> Vec<Server> {
    let mains =
        ["/etc/nginx/nginx.conf", "/usr/local/nginx/conf/nginx.conf", "/usr/local/openresty/nginx/conf/nginx.conf"];
    let read = |look: &mut Look<'_>, main: &&str| {
        let (file, c) = Config::read(look, Path::new(main), |t| parse::braces(t, false), &["include"])?;
        let mut listen: Vec<String> = c
            .named("listen")
            .filter_map(|d| Some((d.words.first()?, d.words.iter().any(|w| w == "ssl" || w == "quic"))))
            .map(|(address, tls)| if tls { format!("{address} ssl") } else { address.clone() })
            .collect();
        if listen.is_empty()
            && c.named("server").any(|d| d.blocks.is_empty() || d.blocks.last().is_some_and(|b| b == "http"))
        {
            listen.push("80".to_owned());
        }
        let tls = listen.iter().any(|l| l.ends_with(" ssl")) || c.says("ssl", "on");
        let first = |d: &Directive, words: &[&str]| {
            d.words.first().is_some_and(|w| words.iter().any(|word| w.eq_ignore_ascii_case(word)))
        };
        let on = [
            c.places("autoindex", "autoindex", |d| first(d, &["on"])),
            c.places("server_tokens", "server_tokens", |d| first(d, &["on", "build"])),
            c.places("tls_old", "ssl_protocols", old_protocols),
            c.places("dav", "dav_methods", |d| d.words.iter().any(|w| w != "off")),
        ];
        Some(Server {
            name: "nginx",
            line: 0,
            root: [c.firsts("root"), c.firsts("alias")].concat(),
            autoindex: c.says("autoindex", "on"),
            tokens: c.says("server_tokens", "on")
                || c.says("server_tokens", "build")
                || !c.says("server_tokens", "off"),
            tls_old: protocols(&c, "ssl_protocols", tls),
            dav: c.named("dav_methods").any(|d| d.words.iter().any(|w| w != "off")),
            on: on.concat(),
            listen,
            file,
        })
    };
    mains.iter().filter_map(|main| read(look, main)).collect()
}
fn old_protocols(d: &Directive) -> bool {
    parse::old_tls(d.words.iter().map(String::as_str))
}
/// Old protocols are in if some directive lets them in, out if all leave them out. Without a directive the build
/// decides, unless no TLS is spoken at all.
fn protocols(c: &Config, name: &str, tls: bool) -> Option<bool> {
    let mut all = c.named(name).map(old_protocols).peekable();
    if all.peek().is_none() { (!tls).then_some(false) } else { Some(all.any(|old| old)) }
}

fn apache(look: &mut Look<'_>) -> Vec<Server> {
    let mains = [
        "/etc/apache2/apache2.conf",
        "/etc/httpd/conf/httpd.conf",
        "/etc/apache2/httpd.conf",
        "/usr/local/apache2/conf/httpd.conf",
    ];
    let read = |look: &mut Look<'_>, main: &&str| {
        let (file, c) = Config::read(look, Path::new(main), parse::apache, &["include", "includeoptional"])?;
        let lists = |w: &String| ["indexes", "+indexes", "all", "+all"].contains(&w.to_ascii_lowercase().as_str());
        let quiet = |w: &String| ["prod", "productonly"].contains(&w.to_ascii_lowercase().as_str());
        let on = [
            c.places("autoindex", "options", |d| d.words.iter().any(lists)),
            c.places("server_tokens", "servertokens", |d| !d.words.iter().any(quiet)),
            c.places("tls_old", "sslprotocol", old_protocols),
            c.places("dav", "dav", |d| d.words.first().is_some_and(|w| !w.eq_ignore_ascii_case("off"))),
        ];
        Some(Server {
            name: "apache",
            on: on.concat(),
            line: 0,
            listen: c.firsts("listen"),
            root: c.firsts("documentroot"),
            autoindex: c.named("options").any(|d| d.words.iter().any(lists)),
            tokens: !c.named("servertokens").last().is_some_and(|d| d.words.iter().any(quiet)),
            tls_old: protocols(&c, "sslprotocol", c.says("sslengine", "on")),
            dav: c.named("dav").any(|d| d.words.first().is_some_and(|w| !w.eq_ignore_ascii_case("off"))),
            file,
        })
    };
    mains.iter().filter_map(|main| read(look, main)).collect()
}

fn lighttpd(look: &mut Look<'_>) -> Option<Server> {
    let main = look.read("/etc/lighttpd/lighttpd.conf")?;
    let mut all: Vec<(Place, String, String)> = Vec::new();
    let mut port_line = 0;
    for (line, k, v) in parse::lighttpd(&main.text()) {
        if k == "server.port" {
            port_line = line;
        }
        all.push((main.line(line), k, v));
    }
    for folder in ["/etc/lighttpd/conf-enabled", "/etc/lighttpd/conf.d"] {
        for f in look.drop_ins(folder, ".conf") {
            all.extend(parse::lighttpd(&f.text()).into_iter().map(|(n, k, v)| (f.line(n), k, v)));
        }
    }
    let last = |key: &str| all.iter().rfind(|(_, k, _)| k == key);
    let value = |key: &str| last(key).map(|(_, _, v)| v.as_str());
    let on = |key: &str| all.iter().any(|(_, k, v)| k == key && parse::is_yes(v));
    let commands = || all.iter().filter(|(_, k, _)| k == "ssl.openssl.ssl-conf-cmd" || k == "minprotocol");
    let outdated = |v: &str| ["\"TLSv1\"", "\"TLSv1.1\"", "\"SSLv3\""].iter().any(|old| v.contains(old));
    let old = on("ssl.use-sslv3") || commands().any(|(_, _, v)| outdated(v));
    let said = all.iter().filter_map(|(at, k, v)| {
        let setting = match k.as_str() {
            "dir-listing.activate" | "server.dir-listing" if parse::is_yes(v) => "autoindex",
            "webdav.activate" if parse::is_yes(v) => "dav",
            "ssl.use-sslv3" if parse::is_yes(v) => "tls_old",
            "ssl.openssl.ssl-conf-cmd" | "minprotocol" if outdated(v) => "tls_old",
            "server.tag" => "server_tokens",
            _ => return None,
        };
        Some((setting, at.clone()))
    });
    let said = said.collect();
    let tls_old = match (old, on("ssl.engine"), commands().next()) {
        (true, _, _) => Some(true),
        (false, true, None) => None,
        _ => Some(false),
    };
    let (bind, port) = (value("server.bind").unwrap_or("*"), value("server.port").unwrap_or("80"));
    Some(Server {
        name: "lighttpd",
        line: port_line,
        on: said,
        listen: vec![format!("{bind}:{port}")],
        root: value("server.document-root").map(str::to_owned).into_iter().collect(),
        autoindex: on("dir-listing.activate") || on("server.dir-listing"),
        tokens: value("server.tag").is_none_or(|tag| tag.bytes().any(|b| b.is_ascii_digit())),
        tls_old,
        dav: on("webdav.activate"),
        file: main,
    })
}

/// Caddy tells no version and speaks no protocol older than TLS 1.2.
fn caddy(look: &mut Look<'_>) -> Option<Server> {
    let (file, c) = Config::read(look, Path::new("/etc/caddy/Caddyfile"), |t| parse::braces(t, true), &["import"])?;
    let sites = c.all.iter().filter(|d| d.blocks.is_empty() && !d.name.starts_with('('));
    let listen = sites.flat_map(|d| std::iter::once(&d.name).chain(&d.words));
    let listen = listen.map(|w| w.trim_end_matches(',').to_owned()).filter(|w| !w.is_empty()).collect();
    let root = c.named("root").filter_map(|d| d.words.last().cloned()).collect();
    let browse = |d: &Directive| d.words.iter().any(|w| w == "browse");
    let on = [c.places("autoindex", "file_server", browse), c.places("dav", "webdav", |_| true)];
    Some(Server {
        name: "caddy",
        on: on.concat(),
        line: 0,
        listen,
        root,
        autoindex: c.named("file_server").any(|d| d.words.iter().any(|w| w == "browse")),
        tokens: false,
        tls_old: Some(false),
        dav: c.named("webdav").next().is_some(),
        file,
    })
}

fn tomcat(look: &mut Look<'_>) -> Vec<Server> {
    let mut folders = Vec::new();
    for (top, pattern, below) in [
        ("/etc", "tomcat*", ""),
        ("/opt", "*tomcat*", "conf"),
        ("/usr/local", "*tomcat*", "conf"),
        ("/usr/share", "tomcat*", "conf"),
        ("/var/lib", "tomcat*", "conf"),
    ] {
        let names = look.list(top).into_iter().filter(|e| parse::glob(pattern, &e.text()));
        folders.extend(names.map(|e| if below.is_empty() { e.path } else { e.path.join(below) }));
    }
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for folder in folders {
        let Some(file) = look.read(folder.join("server.xml")) else { continue };
        // Debian's /var/lib/tomcat/conf is a link to /etc.
        if !seen.insert(file.bytes.clone()) {
            continue;
        }
        let web = look.read(folder.join("web.xml"));
        out.push(tomcat_server(file, web.as_ref()));
    }
    out
}
fn tomcat_server(file: File, web: Option<&File>) -> Server {
    let plain = parse::xml_plain(&file.text());
    let connectors = parse::xml_elements(&plain, "Connector");
    let get = |a: &[(String, String)], key: &str| a.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
    let listen = connectors.iter().filter_map(|(_, a)| {
        let port = get(a, "port")?;
        Some(get(a, "address").map_or_else(|| port.clone(), |address| format!("{address}:{port}")))
    });
    let listen = listen.collect();
    let tls = connectors.iter().any(|(_, a)| get(a, "SSLEnabled").is_some_and(|v| parse::is_yes(&v)));
    let hosts = parse::xml_elements(&plain, "SSLHostConfig");
    let set = connectors.iter().chain(&hosts).flat_map(|(_, a)| {
        ["protocols", "sslEnabledProtocols", "sslProtocols"].iter().filter_map(|k| get(a, k)).collect::<Vec<_>>()
    });
    let set: Vec<String> = set.collect();
    let old = |v: &String| parse::old_tls(v.split([',', '+', ' ']).filter(|w| !w.is_empty()));
    let tls_old = if set.is_empty() { (!tls).then_some(false) } else { Some(set.iter().any(old)) };
    let valves = parse::xml_elements(&plain, "Valve");
    let quiet = valves.iter().any(|(_, a)| get(a, "showServerInfo").is_some_and(|v| v.eq_ignore_ascii_case("false")));
    let words: String = web.map(|f| parse::xml_plain(&f.text())).unwrap_or_default().split_whitespace().collect();
    let on = web.map(|f| ["autoindex", "dav"].map(|setting| (setting, f.place())).to_vec()).unwrap_or_default();
    Server {
        name: "tomcat",
        on,
        line: connectors.first().map_or(0, |c| c.0),
        listen,
        root: parse::xml_elements(&plain, "Host").iter().filter_map(|(_, a)| get(a, "appBase")).collect(),
        autoindex: words.contains("<param-name>listings</param-name><param-value>true</param-value>"),
        tokens: !quiet,
        tls_old,
        dav: words.contains("org.apache.catalina.servlets.WebdavServlet"),
        file,
    }
}

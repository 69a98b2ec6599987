//! Servers of maps, positions and search that programs and pages of this host are set up to ask.
//!
//! Of programs of maps every server of their settings counts, known or not: connections and projects of QGIS, JOSM, places
//! of Google Earth, sources of SAS.Planet, stores of GeoServer, sources of MapProxy, MapServer and TileServer. Of pages in
//! web roots only servers of the list `packs/products/tiles.toml` count, because pages are full of links. Of an address
//! the scheme and the host leave; its path holds keys.
//!
//! A link in a web root is followed within the host, once: what it leads to is served too. A root or a link that is the whole file
//! system is not looked through; that is a gap.
//!
//! Refused: resolving names to tell where a server stands (that would be asking, and the answer changes), and reading
//! the browsers' histories.

use crate::host::{Look, Meta, Miss, place};
use crate::out::Out;
use crate::packs::{self, TileServer};
use crate::{collect, parse, shared};
use evidence::{Digest, FactValue, GapReason};
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["geo.server"];

/// Settings of programs below a home folder: program, path with wild cards.
const HOME: [(&str, &str); 14] = [
    ("QGIS", ".local/share/QGIS/QGIS3/profiles/*/QGIS/QGIS3.ini"),
    ("QGIS", ".config/QGIS/QGIS2.conf"),
    ("QGIS", "AppData/Roaming/QGIS/QGIS3/profiles/*/QGIS/QGIS3.ini"),
    ("QGIS", "*.qgs"),
    ("QGIS", "*.qgz"),
    ("QGIS", "*/*.qgs"),
    ("QGIS", "*/*.qgz"),
    ("JOSM", ".config/JOSM/preferences.xml"),
    ("JOSM", "AppData/Roaming/JOSM/preferences.xml"),
    ("Google Earth", ".googleearth/*.kml"),
    ("Google Earth", ".config/Google/GoogleEarth*.conf"),
    ("Google Earth", "AppData/LocalLow/Google/GoogleEarth/*.kml"),
    ("Global Mapper", "AppData/Local/GlobalMapper/*.txt"),
    ("ArcGIS Pro", "AppData/Roaming/Esri/ArcGISPro/Favorites/*"),
];
/// Settings of programs of the whole host.
const HOST: [(&str, &str); 18] = [
    ("GeoServer", "/opt/geoserver*/data_dir/workspaces/*/*/wm*store.xml"),
    ("GeoServer", "/usr/share/geoserver*/data_dir/workspaces/*/*/wm*store.xml"),
    ("GeoServer", "/var/lib/geoserver*/workspaces/*/*/wm*store.xml"),
    ("GeoServer", "/var/lib/tomcat*/webapps/geoserver/data/workspaces/*/*/wm*store.xml"),
    ("MapProxy", "/etc/mapproxy/*.yaml"),
    ("MapProxy", "/opt/mapproxy*/*.yaml"),
    ("MapProxy", "/srv/mapproxy*/*.yaml"),
    ("MapServer", "/etc/mapserver/*.map"),
    ("MapServer", "/srv/mapserver*/*.map"),
    ("MapServer", "/opt/mapserver*/*.map"),
    ("TileServer", "/etc/tileserver*/*.json"),
    ("TileServer", "/opt/tileserver*/*.json"),
    ("TileServer", "/srv/tileserver*/*.json"),
    ("QGIS Server", "/srv/qgis*/*.qg?"),
    ("SAS.Planet", "/SAS*Planet*/SASPlanet.ini"),
    ("SAS.Planet", "/SAS*Planet*/Maps/*/*/params.txt"),
    ("SAS.Planet", "/Program Files*/SAS*Planet*/SASPlanet.ini"),
    ("SAS.Planet", "/opt/SAS*Planet*/Maps/*/*/params.txt"),
];
/// Endings of pages, scripts and settings in web roots.
const PAGES: [&str; 14] =
    ["html", "htm", "js", "mjs", "ts", "vue", "php", "jsp", "aspx", "json", "yaml", "yml", "xml", "conf"];
const WEB_DEPTH_MAX: usize = 8;
/// Folders of others' sources.
const LEFT_OUT: [&str; 4] = ["node_modules", ".git", ".svn", "vendor"];
/// Most files that one pattern means.
const MATCHES_MAX: usize = 500;

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, stop: &Stop) {
    let homes = shared::homes(&out.shared.accounts(out.host).value).into_iter().map(|(_, h)| h).collect();
    let mut roots: Vec<PathBuf> = super::WEB_FOLDERS.iter().map(PathBuf::from).collect();
    roots.extend(out.shared.web_roots());
    servers(out, stop, homes, roots);
    let misses = &out.shared.accounts(out.host).misses;
    out.gaps(FACTS, misses);
}

/// Reads settings below `homes` and of the host, then pages below `roots`.
pub(crate) fn servers(out: &mut Out<'_>, stop: &Stop, homes: Vec<PathBuf>, roots: Vec<PathBuf>) {
    let mut look = out.look();
    let mut seen = BTreeSet::new();
    let mut patterns: Vec<(&str, PathBuf)> = HOST.iter().map(|(p, path)| (*p, PathBuf::from(path))).collect();
    for home in homes {
        patterns.extend(HOME.iter().map(|(p, path)| (*p, home.join(path))));
    }
    for (program, pattern) in patterns {
        if stop.requested() {
            return out.gap_at(FACTS, GapReason::Stopped, &pattern);
        }
        for path in meant(&mut look, &pattern) {
            if stop.requested() {
                return out.gap_at(FACTS, GapReason::Stopped, &path);
            }
            if seen.insert(path.clone()) {
                read(out, &mut look, program, &path, false);
            }
        }
    }
    pages(out, &mut look, stop, roots);
    out.gaps(FACTS, &look.misses);
}

/// Files that a pattern means, letters in any case: what Windows writes is found however it is mounted.
fn meant(look: &mut Look<'_>, pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("/")];
    let mut parts = pattern.components().skip(1).peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        let part = part.as_os_str().to_string_lossy().to_lowercase();
        let mut next = Vec::new();
        for folder in found {
            let exact = folder.join(part.as_ref() as &str);
            if !part.contains(['*', '?']) && look.host.stat(&exact).is_ok() {
                next.push(exact);
                continue;
            }
            let entries = match look.host.list(&folder) {
                Ok(entries) => entries,
                Err(Miss::Absent) => continue,
                Err(Miss::Gap(reason)) => {
                    look.miss(reason, &folder);
                    continue;
                }
            };
            let fits = entries.into_iter().filter(|e| parse::glob(&part, &e.text().to_lowercase())).map(|e| e.path);
            // Homes of service accounts are program folders with thousands of files; on the way only folders lead on.
            next.extend(fits.filter(|p| last || look.host.stat(p).is_ok_and(|m| m.is_dir())));
        }
        if next.len() > MATCHES_MAX {
            look.miss(GapReason::TooMany, pattern);
            next.truncate(MATCHES_MAX);
        }
        found = next;
    }
    found.retain(|p| look.host.stat(p).is_ok_and(|m| m.is_file()));
    found
}

/// Reads one file and emits its servers; of a page those that are known.
fn read(out: &mut Out<'_>, look: &mut Look<'_>, program: &str, path: &Path, page: bool) {
    let bytes = match look.host.bytes(path, look.host.limits.geo_file_bytes_max) {
        Ok((bytes, _)) => bytes,
        Err(Miss::Absent) => return,
        Err(Miss::Gap(reason)) => return look.miss(reason, path),
    };
    let digest = Digest::of(&bytes);
    let project = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("qgz"));
    let (text, inside) = if project {
        match unzipped(&bytes, look.host.limits.geo_file_bytes_max) {
            Some((name, text)) => (text, Some(name)),
            None => return look.miss(GapReason::Corrupt, path),
        }
    } else {
        (parse::told_text(&bytes), None)
    };
    // Most files of a web root name no server at all.
    if !text.contains("//") && !text.contains("%2F%2F") && !text.contains("\\/\\/") {
        return;
    }
    let sources = inside.is_some() || path.extension().is_some_and(|e| e.eq_ignore_ascii_case("qgs"));
    let (found, more) = parse::servers(&if sources { project_sources(&text) } else { text });
    if more {
        look.miss(GapReason::TooMany, path);
    }
    for s in found {
        let known = packs::tile_server(&s.host);
        if page && known.is_none() {
            continue;
        }
        let mut at = place(path).digest(digest);
        match &inside {
            Some(name) => at.inside.push(evidence::PathText::from_bytes(name.as_bytes())),
            None => at = at.line(s.line as u64),
        }
        out.fact("geo.server", row(program, &s, known), at);
    }
}

fn row(program: &str, s: &parse::Server, known: Option<&TileServer>) -> FactValue {
    let scheme = if s.scheme == "any" { String::new() } else { format!("{}:", s.scheme) };
    let mut row = FactValue::row([
        ("server", parse::printable(&format!("{scheme}//{}", s.host)).into()),
        ("host", parse::printable(&s.host).into()),
        ("scheme", s.scheme.into()),
        ("use", known.map_or("unknown", |k| k.used_for.as_str()).into()),
        ("program", program.into()),
        ("tls", (s.scheme != "http").into()),
        ("local", parse::own_server(&s.host).into()),
    ]);
    collect::with(&mut row, "provider", known.map(|k| k.provider.as_str()));
    collect::with(&mut row, "country", known.map(|k| k.country.as_str()));
    row
}

/// Only what a project of QGIS reads data from: the rest of it is full of names of vocabularies. Line ends are kept.
fn project_sources(text: &str) -> String {
    let mut inside = false;
    let mut out = String::with_capacity(text.len() / 4);
    for line in text.lines() {
        let (opens, closes) = (line.contains("<datasource"), line.contains("</datasource>"));
        let attribute = line.contains("<layer-tree-layer") && line.contains("source=");
        if inside || opens || attribute {
            out.push_str(line);
        }
        inside = (inside || opens) && !closes;
        out.push('\n');
    }
    out
}

/// The project inside a `.qgz`.
fn unzipped(bytes: &[u8], bytes_max: u64) -> Option<(String, String)> {
    let mut at = parse::in_memory(bytes);
    let members = parse::zip_members(&mut at, bytes.len() as u64)?;
    let project = members.iter().find(|m| m.name.ends_with(".qgs"))?;
    let content = parse::zip_content(&mut at, project, bytes_max)?;
    Some((project.name.clone(), String::from_utf8_lossy(&content).into_owned()))
}

/// What is left to look at below web roots.
#[derive(Default)]
struct Pages {
    folders: VecDeque<(PathBuf, usize)>,
    /// Met on the way, and followed when every folder was looked at by its own path.
    links: VecDeque<(PathBuf, usize)>,
    /// Folders and files that were met, by device and number: whatever links lead to them, they are looked at once.
    met: HashSet<(u64, u64)>,
}
impl Pages {
    fn first_time(&mut self, meta: &Meta) -> bool {
        self.met.insert((meta.dev, meta.ino))
    }
    fn folder(&mut self, look: &mut Look<'_>, path: PathBuf, depth: usize, meta: &Meta) {
        if self.met.contains(&(meta.dev, meta.ino)) {
            return;
        }
        if depth > WEB_DEPTH_MAX {
            look.miss(GapReason::TooDeep, &path);
        } else if self.first_time(meta) {
            self.folders.push_back((path, depth));
        }
    }
}

/// Pages below web roots, within a time and a number of entries.
fn pages(out: &mut Out<'_>, look: &mut Look<'_>, stop: &Stop, roots: Vec<PathBuf>) {
    let started = Instant::now();
    let limits = out.host.limits;
    let over = || stop.requested() || started.elapsed() > Duration::from_millis(limits.geo_millis_max);
    let mut todo = Pages::default();
    let top = look.host.stat(Path::new("/")).ok().map(|m| (m.dev, m.ino));
    // Whoever serves the whole file system, by its name or by a link: that is not looked through, and is said.
    todo.met.extend(top);
    for root in roots {
        match look.stat(&root) {
            Some(meta) if Some((meta.dev, meta.ino)) == top => look.miss(GapReason::TooMany, &root),
            Some(meta) if meta.is_dir() && root.is_absolute() => todo.folder(look, root, 0, &meta),
            _ => {}
        }
    }
    let mut entries = 0_u64;
    loop {
        while let Some((folder, depth)) = todo.folders.pop_front() {
            if over() {
                return look.miss(GapReason::Stopped, &folder);
            }
            for e in look.list(&folder) {
                entries += 1;
                if entries > limits.geo_entries_max {
                    return look.miss(GapReason::TooMany, &folder);
                }
                // A page of megabytes takes its time.
                if over() {
                    return look.miss(GapReason::Stopped, &e.path);
                }
                if look.host.read_link(&e.path).is_ok() {
                    todo.links.push_back((e.path, depth + 1));
                } else {
                    entry(out, look, &mut todo, &e.path, depth + 1);
                }
            }
        }
        let Some((link, depth)) = todo.links.pop_front() else { return };
        if over() {
            return look.miss(GapReason::Stopped, &link);
        }
        match look.host.stat(&link) {
            Ok(meta) if Some((meta.dev, meta.ino)) == top => look.miss(GapReason::TooMany, &link),
            // On a running host nothing is served there; of an image, what it leads to may lie on a disk that is not in it.
            Err(Miss::Absent) if !look.host.live => look.miss(GapReason::Link, &link),
            _ => entry(out, look, &mut todo, &link, depth),
        }
    }
}

/// A folder below a web root is put on the list, a page read; of a link, what it leads to within the host.
fn entry(out: &mut Out<'_>, look: &mut Look<'_>, todo: &mut Pages, path: &Path, depth: usize) {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let Some(meta) = look.stat(path) else { return };
    let page = name.rsplit_once('.').is_some_and(|(_, end)| PAGES.contains(&end));
    if meta.is_dir() && !LEFT_OUT.contains(&name.as_str()) {
        todo.folder(look, path.to_owned(), depth, &meta);
    } else if meta.is_file() && page && todo.first_time(&meta) {
        read(out, look, "web page", path, true);
    }
}

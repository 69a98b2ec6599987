//! Lists of products that a user loads: our own form, and entries of LOLRMM (`docs/specs/products-v1.md`).
//!
//! LOLRMM (magicsword-io, Apache-2.0) describes programs for remote management by their traces, one YAML file a program. What a
//! Linux or Windows host can be looked through for is taken; a trace that would fit any program - a name such as `agent.exe`,
//! a path of stars - is left out, because one wrong finding costs more than one trace.
//!
//! A trace is also a path that the trial of a list plants (`node::rules`), so a path that leads up, or a name with a slash, is
//! none: of our own form it refuses the list, of LOLRMM the trace is passed over.
//!
//! Refused: fetching. Whoever loads a list brings the file.

use crate::packs::{self, Product};
use serde::Deserialize;
use serde_json::Value;

/// Largest file, in bytes.
const LIST_BYTES_MAX: usize = 4 << 20;
/// Most products of a file, and most traces of one kind of a product.
const ENTRIES_MAX: usize = 10_000;
/// Longest text of an entry, in characters.
const TEXT_CHARS_MAX: usize = 500;
/// Deepest nesting of YAML.
const DEPTH_MAX: usize = 12;
/// The fact that LOLRMM's programs become.
const REMOTE: &str = "remote.tool";
/// Kinds of programs for remote maintenance.
const KINDS: [&str; 5] = ["remote-control", "tunnel", "vpn", "monitoring", "terminal-server"];
/// Fewest letters and digits that a name must have to tell a program from others.
const TELLING_CHARS_MIN: usize = 6;
/// File names that many programs have.
const GENERIC: [&str; 24] = [
    "agent",
    "assist",
    "client",
    "connect",
    "console",
    "helper",
    "host",
    "install",
    "installer",
    "launcher",
    "loader",
    "manager",
    "monitor",
    "remote",
    "server",
    "service",
    "session",
    "setup",
    "support",
    "uninstall",
    "update",
    "updater",
    "viewer",
    "windows",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnList {
    /// Of which inventory the products are.
    fact: String,
    product: Vec<Product>,
}

/// The fact and the products of one file. The error says why not, with the line where it is known.
pub(crate) fn read(file: &str, text: &str) -> Result<(&'static str, Vec<Product>), String> {
    if text.len() > LIST_BYTES_MAX {
        return Err(format!("larger than {LIST_BYTES_MAX} bytes"));
    }
    let yaml = file.rsplit('.').next().is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"));
    if yaml {
        let value = stdx::yaml::read(text, DEPTH_MAX, LIST_BYTES_MAX)?;
        return Ok((REMOTE, lolrmm(&value)?.into_iter().collect()));
    }
    own(text)
}

fn own(text: &str) -> Result<(&'static str, Vec<Product>), String> {
    let list: OwnList = toml::from_str(text).map_err(|e| e.to_string().trim_end().replace('\n', " "))?;
    let fact = packs::facts().find(|f| *f == list.fact).ok_or_else(|| {
        let known: Vec<_> = packs::facts().collect();
        format!("fact = {:?} is none of {}", list.fact, known.join(", "))
    })?;
    if list.product.len() > ENTRIES_MAX {
        return Err(format!("more than {ENTRIES_MAX} products"));
    }
    for p in &list.product {
        if p.origin.is_empty() {
            return Err(format!("product {:?}: origin is two capitals (ISO 3166-1), or oss", p.id));
        }
        well_made(fact, p).map_err(|why| format!("product {:?}: {why}", p.id))?;
    }
    Ok((fact, list.product))
}

/// Why an entry is none that should be looked for.
pub(crate) fn well_made(fact: &str, p: &Product) -> Result<(), String> {
    let all = [
        &p.binaries,
        &p.anywhere,
        &p.units,
        &p.packages,
        &p.processes,
        &p.configs,
        &p.windows_names,
        &p.windows_services,
        &p.windows_files,
    ];
    let texts = || all.iter().flat_map(|l| l.iter()).chain([&p.id, &p.name, &p.origin, &p.source]);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let why = match () {
        () if p.id.is_empty() || !p.id.chars().all(plain) => "an id has small letters, digits and hyphens only",
        () if p.name.trim().is_empty() => "it has no name",
        () if p.source.trim().is_empty() => "it does not say where its traces are known from",
        () if p.traces() == 0 => "it has no trace to look for",
        () if texts().any(|t| t.chars().count() > TEXT_CHARS_MAX || t.chars().any(char::is_control)) => {
            "a text is too long or has control characters"
        }
        () if all.iter().any(|l| l.len() > ENTRIES_MAX) => "it has too many traces",
        () if !p.origin.is_empty() && !country(&p.origin) => "origin is two capitals (ISO 3166-1), or oss",
        () if fact == REMOTE && !KINDS.contains(&p.kind.as_str()) => {
            return Err(format!("kind is one of {}", KINDS.join(", ")));
        }
        () if [&p.units, &p.packages, &p.processes]
            .iter()
            .any(|l| l.iter().any(|n| !plain_path(n) || n.contains('/'))) =>
        {
            "a unit, a package and a process are names, without a slash"
        }
        () if p.binaries.iter().chain(&p.anywhere).any(|b| !b.starts_with('/') && b.contains('/')) => {
            "a program is a file name, or an absolute path"
        }
        () if [&p.binaries, &p.anywhere, &p.configs, &p.windows_files]
            .iter()
            .any(|l| l.iter().any(|t| !plain_path(t))) =>
        {
            "a path has no empty part, and none that is . or .."
        }
        () if p.units.iter().any(|u| !u.contains('.')) => "a unit is named with its suffix",
        () if p.configs.iter().any(|c| !c.starts_with('/') && !c.starts_with("~/")) => {
            "a configuration is an absolute path, or one from ~/"
        }
        () if p.windows_names.iter().chain(&p.windows_services).any(|t| letters(t) < 3) => {
            "a pattern of Windows would fit nearly everything"
        }
        () if p.windows_files.iter().any(|f| f.contains('\\') || letters(f) < 3) => {
            "a file of Windows is written with slashes, and tells something"
        }
        () => return Ok(()),
    };
    Err(why.to_owned())
}

/// A name or a path, absolute or from `~/`, whose parts are all names: none is empty, `.` or `..`.
fn plain_path(text: &str) -> bool {
    let rest = text.strip_prefix("~/").or_else(|| text.strip_prefix('/')).unwrap_or(text);
    rest.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Two capitals, or `oss`.
fn country(origin: &str) -> bool {
    origin == "oss" || (origin.len() == 2 && origin.bytes().all(|b| b.is_ascii_uppercase()))
}

/// Letters and digits; one of another script counts for three, as it tells as much.
fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).map(char::len_utf8).sum()
}

/// One entry of LOLRMM; nothing if it has no trace that a host can be looked through for.
fn lolrmm(value: &Value) -> Result<Option<Product>, String> {
    let text = |v: &Value| v.as_str().unwrap_or_default().trim().to_owned();
    let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
    let name = text(&value["Name"]);
    if name.is_empty() || value.get("Details").is_none() {
        return Err("no entry of LOLRMM: it has no Name or no Details".to_owned());
    }
    let lower = |v: &Value| text(v).to_lowercase();
    let controls = list(&value["Details"]["Capabilities"]).iter().any(|c| lower(c).contains("remote"));
    let kind = if lower(&value["Category"]) == "rmm" && !controls { "monitoring" } else { "remote-control" };
    let mut p = Product {
        id: name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect(),
        name,
        kind: kind.to_owned(),
        // The list names no countries: what asks for one cannot tell.
        origin: String::new(),
        binaries: Vec::new(),
        anywhere: Vec::new(),
        units: Vec::new(),
        packages: Vec::new(),
        processes: Vec::new(),
        configs: Vec::new(),
        ports: Vec::new(),
        windows_names: Vec::new(),
        windows_services: Vec::new(),
        windows_files: Vec::new(),
        source: "LOLRMM".to_owned(),
    };
    if letters(&p.name) >= TELLING_CHARS_MIN {
        p.windows_names.push(p.name.clone());
    }
    let artifacts = &value["Artifacts"];
    let disk = list(&artifacts["Disk"]);
    let paths = list(&value["Details"]["InstallationPaths"]);
    for path in paths.iter().map(text).chain(disk.iter().filter(|d| lower(&d["OS"]) != "mac").map(|d| text(&d["File"])))
    {
        path_of(&path, &mut p);
    }
    for meta in list(&value["Details"]["PEMetadata"]) {
        file_of(&text(&meta["Filename"]), &mut p);
    }
    let services = list(&artifacts["EventLog"]).iter().map(|e| text(&e["ServiceName"])).collect::<Vec<_>>();
    let registry = list(&artifacts["Registry"]).into_iter().filter_map(|r| {
        let path = text(&r["Path"]);
        // Letters of other scripts may change their length with their case; the place is asked of this text.
        let at = path.to_ascii_lowercase().find("\\services\\")?;
        path.get(at + 10..)?.split('\\').next().map(str::to_owned)
    });
    for service in services.into_iter().chain(registry) {
        if letters(&service) >= TELLING_CHARS_MIN && !generic(&service) && !service.contains(['%', '*']) {
            push(&mut p.windows_services, service);
        }
    }
    Ok((p.traces() > 0 && well_made(REMOTE, &p).is_ok()).then_some(p))
}

fn push(list: &mut Vec<String>, text: String) {
    if !list.contains(&text) && list.len() < ENTRIES_MAX {
        list.push(text);
    }
}

/// True for names that many programs have.
fn generic(name: &str) -> bool {
    let stem = name.to_lowercase();
    let stem = stem.strip_suffix(".exe").unwrap_or(&stem);
    let plain: String = stem.chars().filter(|c| c.is_alphabetic()).collect();
    GENERIC.contains(&plain.as_str())
}

/// A file name alone: of a program of Windows that tells enough.
fn file_of(name: &str, p: &mut Product) {
    let exe = name.to_lowercase().ends_with(".exe") && !name.contains(['*', '%', '?', '/', '\\']);
    if exe && letters(name) >= TELLING_CHARS_MIN + 3 && !generic(name) {
        push(&mut p.windows_files, name.to_owned());
    }
}

/// A path as LOLRMM writes it: of Windows with its variables, of Linux absolute or from the home folder.
fn path_of(path: &str, p: &mut Product) {
    let path = path.trim().trim_matches('"');
    let fits = |rest: &str| letters(rest) >= TELLING_CHARS_MIN && !rest.contains(['*', '%', '?']);
    if path.starts_with('/') || path.starts_with("~/") {
        let mac = ["/Applications", "/Library", "~/Library", "/Users"].iter().any(|m| path.starts_with(m));
        let path = path.trim_end_matches('*').trim_end_matches('/');
        // A folder that every system has is no trace.
        if !mac && plain_path(path) && fits(path) && path.split('/').filter(|s| !s.is_empty() && *s != "~").count() >= 2
        {
            push(&mut p.configs, path.to_owned());
        }
        return;
    }
    let slashes = path.replace('\\', "/");
    // As long as the text itself, so that what is left of one is the same place in the other.
    let small = slashes.to_ascii_lowercase();
    let known = [
        ("%programfiles(x86)%/", "/Program Files (x86)/"),
        ("%programfiles%/", "/Program Files/"),
        ("%programdata%/", "/ProgramData/"),
        ("%localappdata%/", "~/AppData/Local/"),
        ("%appdata%/", "~/AppData/Roaming/"),
        ("%userprofile%/", "~/"),
        ("%systemroot%/", "/Windows/"),
        ("%windir%/", "/Windows/"),
        ("c:/users/*/", "~/"),
        ("c:/", "/"),
    ];
    let full = known.iter().find_map(|(from, to)| {
        let rest = small.strip_prefix(from)?;
        Some((to, slashes.get(slashes.len() - rest.len()..)?))
    });
    let Some((to, rest)) = full else { return file_of(slashes.rsplit('/').next().unwrap_or_default(), p) };
    let rest = rest.trim_end_matches('*').trim_end_matches('/');
    let shared = ["microsoft", "windows", "temp", "system32", "syswow64", "program files"];
    let first = rest.split('/').next().unwrap_or_default().to_lowercase();
    let of_system = **to == *"/Windows/" || shared.contains(&first.as_str());
    let full = format!("{to}{rest}");
    if plain_path(&full) && fits(rest) && (!of_system || rest.to_lowercase().ends_with(".exe")) {
        push(&mut p.windows_files, full);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(paths: &str) -> Option<Product> {
        read("x.yaml", &format!("Name: Fernwartung\nDetails:\n  InstallationPaths:\n{paths}")).unwrap().1.pop()
    }

    #[test]
    fn paths_that_lead_elsewhere_are_none() {
        let list = |traces: &str| {
            format!(
                "fact = \"remote.tool\"\n[[product]]\nid = \"x\"\nname = \"X\"\nkind = \"vpn\"\norigin = \"DE\"\nsource = \"s\"\n{traces}\n"
            )
        };
        for bad in [
            "configs = [\"/../review/x\"]",
            "configs = [\"~/../x\"]",
            "configs = [\"/etc//x\"]",
            "configs = [\"/\"]",
            "configs = [\"/etc/x/\"]",
            "binaries = [\"/../x\"]",
            "binaries = [\"../x\"]",
            "binaries = [\"a/x\"]",
            "anywhere = [\"..\"]",
            "anywhere = [\"a/../../x\"]",
            "units = [\"../x.service\"]",
            "units = [\"..\"]",
            "packages = [\"a/b\"]",
            "processes = [\"/x\"]",
            "processes = [\"\"]",
            "windows_files = [\"/Program Files/../xyz\"]",
        ] {
            assert!(read("x.toml", &list(bad)).is_err(), "{bad}");
        }
        for good in
            ["configs = [\"/etc/..x/y\", \"~/.x\"]", "binaries = [\"x\", \"/opt/x/y\"]", "units = [\"x@.service\"]"]
        {
            assert!(read("x.toml", &list(good)).is_ok(), "{good}");
        }
        // Of LOLRMM the trace is passed over, and the rest of the entry stays.
        let p = entry("    - '/../fernwartung/x'\n    - 'C:\\..\\fernwartung'\n    - /opt/fernwartung/bin\n").unwrap();
        assert_eq!((p.configs, p.windows_files), (vec!["/opt/fernwartung/bin".to_owned()], Vec::new()));
    }

    /// Letters that are longer in small: `İ` has two bytes, and three as `i̇`.
    #[test]
    fn letters_that_grow_are_no_panic() {
        let p = entry("    - 'C:\\İİİİİİ'\n").unwrap();
        assert_eq!(p.windows_files, ["/İİİİİİ"]);
        let _ = entry("    - '%PROGRAMFILES%\\İİİİİİ\\İ.exe'\n    - 'İİİİİİ.exe'\n");
        let key = "Name: Fernwartung\nDetails: {}\nArtifacts:\n  Registry:\n    - Path: 'HKLM\\İİİİ\\Services\\FernwartungSvc\\x'\n";
        let p = read("x.yml", key).unwrap().1.pop().unwrap();
        assert_eq!(p.windows_services, ["FernwartungSvc"]);
    }
}

//! Libraries of programming languages, in the files that the walk met.
//!
//! The walk remembers files by name and folder; here they are read. Caches of others' sources are no libraries of
//! this host, and neither are the lock files that libraries bring along, so both are left out ([`kind`]).

use crate::collect::with;
use crate::host::{Miss, place};
use crate::opened::Opened;
use crate::out::Out;
use crate::parse::{self, Library};
use crate::shared;
use evidence::{FactValue, GapReason};
use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use stdx::Stop;

/// The fact, which the walk provides.
pub(crate) const FACT: &str = "library";

/// Smallest program that can hold a list of modules, in bytes.
const PROGRAM_BYTES_MIN: u64 = 16 << 10;

/// Reads libraries out of a text; nothing if it is not of its format.
type Reader = fn(&str) -> Option<Vec<Library>>;

/// What a file says about libraries.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Lock(Reader),
    GoSum,
    Tree(Reader),
    /// A tree whose file need not name a package.
    Node,
    Gemspec,
    Archive,
    Program,
}

/// Lock files by their names.
const LOCKS: [(&str, Reader); 14] = [
    ("Cargo.lock", |t| Some(parse::cargo_lock(t))),
    ("Gemfile.lock", |t| Some(parse::gem_lock(t))),
    ("Pipfile.lock", parse::pipfile_lock),
    ("composer.lock", parse::composer_lock),
    ("go.mod", |t| Some(parse::go_mod(t))),
    ("gradle.lockfile", |t| Some(parse::gradle_lock(t))),
    ("npm-shrinkwrap.json", parse::npm_lock),
    ("package-lock.json", parse::npm_lock),
    ("packages.lock.json", parse::nuget_lock),
    ("pnpm-lock.yaml", |t| Some(parse::pnpm_lock(t))),
    ("poetry.lock", |t| Some(parse::python_toml_lock(t))),
    ("requirements.txt", |t| Some(parse::requirements(t))),
    ("uv.lock", |t| Some(parse::python_toml_lock(t))),
    ("yarn.lock", |t| Some(parse::yarn_lock(t))),
];

/// Folders into which tools copy others' sources, to take them from there later.
const CACHES: [&str; 10] = [
    "/.cargo/registry/",
    "/.cargo/git/",
    "/.npm/_cacache/",
    "/go/pkg/mod/",
    "/.cache/",
    "/.m2/repository/",
    "/.gradle/caches/",
    "/.nuget/packages/",
    "/.local/share/pnpm/store/",
    "/.yarn/cache/",
];
/// Folders of libraries: a lock file in there is how a library was tested, not what is used.
const OTHERS: [&str; 8] = [
    "/node_modules/",
    "/site-packages/",
    "/dist-packages/",
    "/vendor/",
    "/testdata/",
    "/gems/",
    "/gocode/src/",
    "/doc/",
];
/// Folders in which programs are asked for their modules.
const PROGRAMS: [&str; 7] = ["/usr/bin", "/usr/sbin", "/usr/local", "/usr/libexec", "/opt", "/srv", "/bin"];

/// What the file `name` in `folder` may say, from its name alone.
pub(crate) fn kind(folder: &Path, name: &[u8], executable: bool, size: u64) -> Option<Kind> {
    let ends = |s: &str| name.ends_with(s.as_bytes());
    let kind = if let Some(lock) = LOCKS.iter().find(|(n, _)| n.as_bytes() == name) {
        Kind::Lock(lock.1)
    } else if name.starts_with(b"requirements") && ends(".txt") {
        Kind::Lock(|t| Some(parse::requirements(t)))
    } else if name == b"go.sum" {
        Kind::GoSum
    } else if name == b"package.json" && installed_node(folder) {
        Kind::Node
    } else if (name == b"METADATA" && folder_ends(folder, ".dist-info"))
        || (name == b"PKG-INFO" && folder_ends(folder, ".egg-info"))
        || ends(".egg-info")
    {
        Kind::Tree(|t| Some(parse::python_metadata(t).into_iter().collect()))
    } else if ends(".gemspec") && folder.components().rev().take(2).any(|c| c.as_os_str() == "specifications") {
        Kind::Gemspec
    } else if name == b"installed.json" && folder.ends_with("vendor/composer") {
        Kind::Tree(parse::composer_lock)
    } else if ends(".deps.json") {
        Kind::Tree(parse::deps_json)
    } else if [".jar", ".war", ".ear"].iter().any(|s| ends(s)) {
        Kind::Archive
    } else if executable && size >= PROGRAM_BYTES_MIN && PROGRAMS.iter().any(|p| folder.starts_with(p)) {
        Kind::Program
    } else {
        return None;
    };
    let mut text = folder.as_os_str().as_bytes().to_vec();
    text.push(b'/');
    let inside = |part: &&str| text.windows(part.len()).any(|w| w == part.as_bytes());
    let lock = matches!(kind, Kind::Lock(_) | Kind::GoSum);
    let left_out = CACHES.iter().any(inside) || (lock && OTHERS.iter().any(inside));
    (!left_out).then_some(kind)
}
fn folder_ends(folder: &Path, suffix: &str) -> bool {
    folder.as_os_str().as_bytes().ends_with(suffix.as_bytes())
}
/// `node_modules/NAME` or `node_modules/@SCOPE/NAME`: deeper there is what a package is tested with.
fn installed_node(folder: &Path) -> bool {
    let mut up = folder.components().rev().skip(1).map(Component::as_os_str);
    match up.next() {
        Some(parent) if parent == "node_modules" => true,
        Some(parent) if parent.as_bytes().starts_with(b"@") => up.next().is_some_and(|p| p == "node_modules"),
        _ => false,
    }
}

/// Reads what the walk met.
pub(crate) fn collect(out: &mut Out<'_>, stop: &Stop, met: &[(Kind, PathBuf)]) {
    let modules: HashSet<&Path> =
        met.iter().filter(|(_, p)| p.ends_with("go.mod")).filter_map(|(_, p)| p.parent()).collect();
    for (kind, path) in met {
        if stop.requested() || out.closed() {
            return out.gap_at(&[FACT], GapReason::Stopped, path);
        }
        if let Err(reason) = one(out, *kind, path, &modules) {
            out.gap_at(&[FACT], reason, path);
        }
    }
}

fn one(out: &mut Out<'_>, kind: Kind, path: &Path, modules: &HashSet<&Path>) -> Result<(), GapReason> {
    let text = |out: &Out<'_>| match out.host.read(path) {
        Ok(file) => Ok(Some(file)),
        // A file that goes away during the run was not there.
        Err(Miss::Absent) => Ok(None),
        Err(Miss::Gap(reason)) => Err(reason),
    };
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    match kind {
        Kind::GoSum if path.parent().is_some_and(|p| modules.contains(p)) => {}
        Kind::GoSum => {
            if let Some(file) = text(out)? {
                let at = file.place();
                emit(out, path, &parse::go_sum(&file.text()), true, &at);
            }
        }
        Kind::Lock(read) | Kind::Tree(read) => {
            if let Some(file) = text(out)? {
                let found = read(&file.text()).ok_or(GapReason::Corrupt)?;
                emit(out, path, &found, matches!(kind, Kind::Lock(_)), &file.place());
            }
        }
        Kind::Node => {
            if let Some(file) = text(out)? {
                let found: Vec<Library> = parse::node_package(&file.text()).into_iter().collect();
                emit(out, path, &found, false, &file.place());
            }
        }
        Kind::Gemspec => {
            let found: Vec<Library> = parse::gemspec_name(&file_name).into_iter().collect();
            emit(out, path, &found, false, &place(path));
        }
        Kind::Archive => {
            let Some(opened) = open(out, path)? else { return Ok(()) };
            let size = opened.meta.size;
            let found = parse::jar_libraries(&file_name, &mut reader(&opened), size).ok_or(GapReason::Corrupt)?;
            for (inside, library) in &found.0 {
                row(out, path, inside, library, false, &place(path));
            }
            if !found.1 {
                return Err(GapReason::TooLarge);
            }
        }
        Kind::Program => {
            let Some(opened) = open(out, path)? else { return Ok(()) };
            let found = parse::program_libraries(&mut reader(&opened));
            emit(out, path, &found, false, &place(path));
        }
    }
    Ok(())
}

fn open(out: &Out<'_>, path: &Path) -> Result<Option<Opened>, GapReason> {
    match out.host.open_file(path) {
        Ok(opened) => Ok(Some(opened)),
        Err(Miss::Absent) => Ok(None),
        Err(Miss::Gap(reason)) => Err(reason),
    }
}
fn reader(opened: &Opened) -> impl FnMut(u64, usize) -> Option<Vec<u8>> + '_ {
    |offset, length| opened.piece(offset, length).ok()
}

fn emit(out: &mut Out<'_>, path: &Path, found: &[Library], locked: bool, at: &evidence::Place) {
    for library in found {
        row(out, path, "", library, locked, at);
    }
}
fn row(out: &mut Out<'_>, path: &Path, inside: &str, library: &Library, locked: bool, at: &evidence::Place) {
    let mut file = shared::text_of(path);
    if !inside.is_empty() {
        file.push('!');
        file.push_str(&parse::printable(inside));
    }
    let mut row = FactValue::row([
        ("name", parse::printable(&library.name).into()),
        ("version", parse::printable(&library.version).into()),
        ("ecosystem", library.ecosystem.into()),
        ("file", file.into()),
        ("locked", locked.into()),
    ]);
    with(&mut row, "packaged", out.shared.packaged(out.host, path));
    let at = if library.line == 0 { at.clone() } else { at.clone().line(library.line as u64) };
    out.fact(FACT, row, at);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_and_what_libraries_bring_along_are_left_out() {
        let of = |path: &str| {
            let path = Path::new(path);
            kind(path.parent().unwrap(), path.file_name().unwrap().as_bytes(), false, 0).is_some()
        };
        for path in [
            "/srv/app/Cargo.lock",
            "/srv/app/requirements-prod.txt",
            "/srv/app/node_modules/ms/package.json",
            "/srv/app/node_modules/@s/ms/package.json",
            "/usr/lib/python3/dist-packages/six-1.16.0.egg-info",
            "/usr/lib/python3/dist-packages/a.dist-info/METADATA",
            "/var/lib/gems/3.1.0/specifications/default/rack-2.2.8.gemspec",
            "/srv/www/vendor/composer/installed.json",
        ] {
            assert!(of(path), "{path}");
        }
        for path in [
            "/srv/app/package.json",
            "/srv/app/node_modules/ms/test/package.json",
            "/srv/app/node_modules/ms/yarn.lock",
            "/home/a/.cargo/registry/src/x/Cargo.lock",
            "/home/a/go/pkg/mod/x/go.mod",
            "/home/a/.m2/repository/a/a.jar",
            "/srv/a/METADATA",
        ] {
            assert!(!of(path), "{path}");
        }
    }
}

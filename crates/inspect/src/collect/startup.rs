//! Scripts that start with the system or a session, and libraries loaded into every program.

use crate::host::{File, Look, place};
use crate::out::Out;
use crate::{collect::with, parse, shared};
use evidence::FactValue;
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["preload", "startup.script"];

const SINGLE: [&str; 6] =
    ["/etc/rc.local", "/etc/rc.d/rc.local", "/etc/profile", "/etc/bash.bashrc", "/etc/bashrc", "/etc/X11/Xsession"];
const FOLDERS: [&str; 9] = [
    "/etc/profile.d",
    "/etc/update-motd.d",
    "/etc/xdg/autostart",
    "/etc/network/if-up.d",
    "/etc/NetworkManager/dispatcher.d",
    "/etc/X11/Xsession.d",
    "/etc/init.d",
    "/etc/rc.d/init.d",
    "/etc/local.d",
];

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let owned = out.shared.owned(out.host).misses.clone();
    out.gaps(FACTS, &owned);
    let mut look = out.look();
    let mut paths: Vec<PathBuf> = SINGLE.iter().map(PathBuf::from).collect();
    for dir in FOLDERS {
        paths.extend(look.list(dir).into_iter().map(|e| e.path));
    }
    let accounts = out.shared.accounts(out.host);
    for (_, home) in shared::homes(&accounts.value) {
        paths.extend(look.list(home.join(".config/autostart")).into_iter().map(|e| e.path));
    }
    for path in paths {
        let Some(meta) = look.stat(&path).filter(crate::host::Meta::is_file) else { continue };
        // rc.local without the execute bit is never run.
        if path.ends_with("rc.local") && meta.mode & 0o111 == 0 {
            continue;
        }
        let mut row =
            FactValue::row([("path", shared::text_of(&path).into()), ("writable", meta.writable_by_others().into())]);
        with(&mut row, "packaged", out.shared.packaged(out.host, &path));
        let at = look.read(&path).map_or_else(|| place(&path), |f| f.place());
        out.fact("startup.script", row, at);
    }
    out.gaps(&["startup.script"], &look.misses);
    preload(out);
}

fn preload(out: &mut Out<'_>) {
    let mut look = out.look();
    let mut rows: Vec<(File, usize, String)> = Vec::new();
    if let Some(f) = look.read("/etc/ld.so.preload") {
        let found: Vec<(usize, String)> = parse::lines(&f.text())
            .flat_map(|(n, l)| l.split(|c: char| c.is_whitespace() || c == ':').map(move |w| (n, w.to_owned())))
            .collect();
        rows.extend(copies(&mut look, "/etc/ld.so.preload", found));
    }
    for path in ["/etc/environment", "/etc/profile"] {
        if let Some(f) = look.read(path) {
            let found = parse::shell_assignments(&f.text(), "LD_PRELOAD");
            let found = found.iter().flat_map(|(n, v)| v.split([' ', ':']).map(|w| (*n, w.to_owned()))).collect();
            rows.extend(copies(&mut look, path, found));
        }
    }
    for (f, line, library) in rows.iter().filter(|(_, _, l)| !l.is_empty()) {
        let mut row =
            FactValue::row([("library", parse::printable(library).into()), ("file", shared::text_of(&f.path).into())]);
        let absolute = library.starts_with('/');
        with(&mut row, "packaged", out.shared.packaged(out.host, Path::new(library)).filter(|_| absolute));
        out.fact("preload", row, f.line(*line));
    }
    out.gaps(&["preload"], &look.misses);
}
fn copies(look: &mut Look<'_>, path: &str, found: Vec<(usize, String)>) -> Vec<(File, usize, String)> {
    found.into_iter().take(64).filter_map(|(n, l)| Some((look.read(path)?, n, l))).collect()
}

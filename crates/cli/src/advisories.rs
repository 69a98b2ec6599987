//! `watchfire advisories`: what packages are held against.

use crate::args::{Advisories, AdvisoriesVerb, Format};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json, progress};
use evidence::{AdvisoryPack, Say, Time};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Files and ecosystems named; the rest is counted.
const NAMED_MAX: usize = 8;

pub(crate) fn run(face: &Face, a: &Advisories) -> Result<u8, CliError> {
    match &a.what {
        AdvisoriesVerb::Import { paths, name, publisher: Some(keys), author, format, .. } => {
            take(face, paths, name, keys, author.as_deref(), *format)
        }
        AdvisoriesVerb::Export { name, out, format } => {
            let bytes = face.node_read_only()?.advisories_export(name)?;
            node::write(out, &bytes)?;
            let shown = evidence::PathText::from_bytes(out.as_os_str().as_encoded_bytes());
            face.tell(
                &Say::new("cli.say.pack_exported").with("name", attest::clean(name)).with("path", shown),
                *format,
            );
            Ok(exit::DONE)
        }
        AdvisoriesVerb::Import { paths, name, source, author, format, .. } => {
            import(face, paths, (name, source.as_deref()), author.as_deref(), *format)
        }
        AdvisoriesVerb::Status { max_age, format } => status(face, *max_age, *format),
        AdvisoriesVerb::Drop { name, author, format } => {
            let pack = face.node()?.advisories_drop(name, author.as_deref())?;
            face.tell(&Say::new("cli.say.pack_dropped").with("name", attest::clean(&pack.name)), *format);
            Ok(exit::DONE)
        }
    }
}

/// Takes packs that another node signed; each under the name, so one at a time.
fn take(
    face: &Face,
    paths: &[PathBuf],
    name: &str,
    keys: &Path,
    author: Option<&str>,
    format: Format,
) -> Result<u8, CliError> {
    let [path] = paths else { return Err(CliError::new(Say::new("error.one-signed-pack"))) };
    let keys = crate::verify::keys(keys)?.evidence;
    let took = face.node()?.advisories_take(path, &attest::clean(name), &keys, author)?;
    let pack = took.pack;
    if format == Format::Json {
        print_json(&json!({ "pack": pack, "newer_key": took.newer_key }));
        return Ok(exit::DONE);
    }
    let signed = pack.publisher.as_ref().map(|p| p.node.to_string()).unwrap_or_default();
    let say = Say::new("cli.say.pack_taken").with("name", attest::clean(&pack.name)).with("rows", pack.rows);
    let say = say.with("dated", date(pack.dated)).with("source", attest::clean(&pack.source));
    print(&face.say(&say.with("publisher", signed)));
    print(&ecosystems(&pack));
    if let Some(key) = took.newer_key {
        print(&face.say(&Say::new("cli.say.newer_key").with("key", key)));
    }
    Ok(exit::DONE)
}

fn date(time: Option<Time>) -> String {
    time.map_or_else(|| "–".to_owned(), |t| t.to_string().chars().take(10).collect())
}

fn import(
    face: &Face,
    paths: &[PathBuf],
    (name, source): (&str, Option<&str>),
    author: Option<&str>,
    format: Format,
) -> Result<u8, CliError> {
    let bar = progress::bar(face.common.quiet, face.lang);
    let first = paths.first().and_then(|p| p.file_name()).map(|n| n.to_string_lossy().into_owned());
    let source = attest::clean(source.or(first.as_deref()).unwrap_or_default());
    let name = attest::clean(name);
    let made = face.node()?.advisories_import(paths, (&name, &source), author, &*bar, &face.stop)?;
    if format == Format::Json {
        let faults = made.faults.iter().map(|f| json!({"file": f.file, "place": f.place, "why": f.kind.to_string()}));
        print_json(&json!({
            "pack": made.pack,
            "files": made.files,
            "refused_files": made.refused.iter().map(|(f, why)| json!({"file": f, "why": why})).collect::<Vec<_>>(),
            "faults": faults.collect::<Vec<_>>(),
            "fault_count": made.fault_count,
        }));
        return Ok(exit::DONE);
    }
    let pack = &made.pack;
    let say = Say::new("cli.say.pack_kept").with("name", attest::clean(&pack.name)).with("rows", pack.rows);
    let say = say.with("dated", date(pack.dated)).with("source", attest::clean(&pack.source));
    print(&face.say(&say.with("digest", pack.digest.short())));
    print(&ecosystems(pack));
    for (file, why) in made.refused.iter().take(NAMED_MAX) {
        let say = Say::new("cli.say.pack_file_refused").with("path", attest::clean(file));
        eprintln!("{}", face.say(&say.with("why", attest::clean(why))));
    }
    if let Some(f) = made.faults.first() {
        let say = Say::new("cli.say.pack_refused").with("count", made.fault_count).with("file", attest::clean(&f.file));
        let say = say.with("place", attest::clean(&f.place)).with("why", attest::clean(&f.kind.to_string()));
        eprintln!("{}", face.say(&say));
    }
    Ok(exit::DONE)
}

fn ecosystems(pack: &AdvisoryPack) -> String {
    let mut most: Vec<(&String, &u64)> = pack.ecosystems.iter().collect();
    most.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
    let named: Vec<String> = most.iter().take(NAMED_MAX).map(|(e, n)| format!("{} {n}", attest::clean(e))).collect();
    let rest = most.len().saturating_sub(NAMED_MAX);
    let more = if rest > 0 { format!(" … +{rest}") } else { String::new() };
    if named.is_empty() { String::new() } else { format!("  {}{more}", named.join(", ")) }
}

fn status(face: &Face, max_age: Option<i64>, format: Format) -> Result<u8, CliError> {
    let now = node::now();
    let packs = match face.node_read_only() {
        Ok(node) => node.advisory_packs()?,
        Err(e) if e.no_log() => Vec::new(),
        Err(e) => return Err(e),
    };
    let age = |p: &AdvisoryPack| p.dated.map(|d| (now.millis() - d.millis()) / DAY);
    if format == Format::Json {
        let rows: Vec<Value> = packs
            .iter()
            .map(|k| {
                let mut row = json!({"pack": k.pack, "author": k.author, "imported": k.at});
                if let Some(age) = age(&k.pack) {
                    row["age_days"] = json!(age);
                }
                row
            })
            .collect();
        print_json(&json!({ "packs": rows }));
    } else if packs.is_empty() {
        print(&face.say(&Say::new("cli.say.packs_none")));
    } else {
        for k in &packs {
            let key = if k.pack.dated.is_some() { "pack_line" } else { "pack_undated" };
            let say = Say::new(format!("cli.say.{key}")).with("name", attest::clean(&k.pack.name));
            let say = say.with("kind", &k.pack.kind).with("rows", k.pack.rows).with("at", date(Some(k.at)));
            let mut say = say.with("author", attest::clean(&k.author));
            if let Some(age) = age(&k.pack) {
                say = say.with("dated", date(k.pack.dated)).with("age", age);
            }
            print(&face.say(&say));
            print(&ecosystems(&k.pack));
        }
    }
    // A pack that states no date is as old as nobody knows.
    let advisories = || packs.iter().filter(|k| k.pack.kind == "advisories");
    let fresh =
        |max: i64| advisories().next().is_some() && advisories().all(|k| age(&k.pack).is_some_and(|a| a <= max));
    Ok(if max_age.is_some_and(|max| !fresh(max)) { exit::FINDINGS } else { exit::DONE })
}

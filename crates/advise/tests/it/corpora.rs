//! Real advisories that lie beside the checkout: every row is read, and the counts are those of other programs.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests unpack a corpus with tar(1); the room reads nothing"
)]

use advise::import::{Form, Importer, Limits};
use advise::matcher::{Package, matches};
use advise::pack::{Kind, Pack};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The unpacked corpus; gone with this value.
struct Corpus(PathBuf);
impl Drop for Corpus {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
fn corpus(name: &str) -> Option<Corpus> {
    let packed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora").join(name);
    // A worktree lies one folder deeper.
    let deeper = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/corpora").join(name);
    let Some(packed) = [packed, deeper].into_iter().find(|p| p.is_file()) else {
        println!("SKIPPED: {name} is not beside the checkout");
        return None;
    };
    let folder = std::env::temp_dir().join(format!("advise-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let corpus = Corpus(folder);
    match Command::new("tar").arg("-xJf").arg(&packed).arg("-C").arg(&corpus.0).status() {
        Ok(status) if status.success() => Some(corpus),
        ended => {
            println!("SKIPPED: tar(1) and xz(1) did not unpack {name}: {ended:?}");
            None
        }
    }
}
fn files(at: &Path, ending: &str, out: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(at).expect("just unpacked").map(|e| e.expect("just unpacked").path()) {
        if path.is_dir() {
            files(&path, ending, out);
        } else if path.to_string_lossy().ends_with(ending) {
            out.push(path);
        }
    }
}
/// Reads every file of that ending; each must be of that form.
fn import(corpus: &Corpus, ending: &str, form: Form) -> advise::import::Imported {
    let mut paths = Vec::new();
    files(&corpus.0, ending, &mut paths);
    let mut importer = Importer::new(Limits::default());
    for path in paths {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).expect("just unpacked");
        assert_eq!(importer.feed(&name, &bytes), Ok(form), "{name}");
    }
    importer.finish()
}
fn package(ecosystem: &str, name: &str, version: &str) -> Package {
    Package { ecosystem: ecosystem.into(), name: name.into(), version: version.into(), source: None }
}

#[test]
fn every_python_advisory_is_read() {
    let Some(corpus) = corpus("pypa-advisories.tar.xz") else { return };
    let imported = import(&corpus, ".yaml", Form::OsvYaml);
    // `find vulns -name '*.yaml' | wc -l`, and `grep -l ^withdrawn:`.
    assert_eq!((imported.files, imported.left_out.withdrawn), (2661, 10));
    assert_eq!((imported.advisories.len(), imported.refused), (2651, 0));
    let pack = Pack::build("pypa", "test", Kind::Advisories, &imported).expect("fits");
    let pack = Pack::open(&pack).expect("just built");
    pack.check().expect("whole");
    // Counted over the same files with Python's `packaging` and OSV's own rule of evaluation. The first three are the 33
    // advisories of which pip-audit without its server says "No known vulnerabilities found".
    for (name, version, count) in [
        ("Django", "2.2", 28),
        ("requests", "2.19.1", 2),
        ("PyYAML", "5.1", 3),
        ("django", "1.8", 18),
        ("Jinja2", "2.4.1", 5),
        ("pillow", "5.0.0", 37),
        ("pillow", "8.0.0", 26),
        ("tensorflow", "2.4.0", 198),
        ("urllib3", "1.24", 7),
        ("ansible", "2.7.0", 34),
        ("no-such-package", "1.0", 0),
    ] {
        let out = matches(std::slice::from_ref(&pack), &[package("PyPI", name, version)]);
        assert_eq!(out.matches.len(), count, "{name} {version}");
    }
}

#[test]
fn every_rust_advisory_is_read() {
    let Some(corpus) = corpus("rustsec-advisory-db.tar.xz") else { return };
    let imported = import(&corpus, ".md", Form::RustSec);
    // `find crates -name '*.md' | wc -l`, and `grep -l ^withdrawn`.
    assert_eq!((imported.files, imported.left_out.withdrawn), (714, 9));
    assert_eq!((imported.advisories.len(), imported.refused), (705, 0));
    let pack = Pack::build("rustsec", "test", Kind::Advisories, &imported).expect("fits");
    let pack = Pack::open(&pack).expect("just built");
    pack.check().expect("whole");
    // RUSTSEC-2020-0019: patched ">= 0.12.3, < 0.13.0" and ">= 0.13.1", unaffected "< 0.12".
    let fix = |version: &str| {
        let out = matches(std::slice::from_ref(&pack), &[package("crates.io", "tokio-rustls", version)]);
        out.matches.into_iter().find(|m| m.id == "RUSTSEC-2020-0019").map(|m| m.fixed)
    };
    assert_eq!([fix("0.11.9"), fix("0.12.3"), fix("0.13.1")], [None, None, None]);
    assert_eq!((fix("0.12.0"), fix("0.13.0")), (Some(Some("0.12.3".into())), Some(Some("0.13.1".into()))));
}

#[test]
fn every_row_of_the_exploited_is_read() {
    let Some(corpus) = corpus("kev.tar.xz") else { return };
    let imported = import(&corpus, ".json", Form::KevJson);
    // The catalogue's own `count`; 293 rows have `"knownRansomwareCampaignUse": "Known"`.
    assert_eq!((imported.exploited.len(), imported.refused), (1404, 0));
    assert_eq!(imported.exploited.iter().filter(|e| e.ransomware).count(), 293);
    let pack = Pack::build("kev", "test", Kind::Exploited, &imported).expect("fits");
    let pack = Pack::open(&pack).expect("just built");
    pack.check().expect("whole");
    let dated = pack.about().dated.map(|s| evidence::Time::from_secs(s).to_string());
    assert_eq!((pack.about().rows, dated.as_deref()), (1404, Some("2025-08-25T17:04:19.000Z")));
    assert!(matches!(
        pack.standing("CVE-2025-48384"),
        Ok(Some(advise::pack::Standing::Exploited { ransomware: false, .. }))
    ));
    assert_eq!(pack.standing("CVE-1999-0001"), Ok(None));
}

//! The measured claims, on real files that lie beside the checkout. Names are hidden: only bytes go in.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests unpack a corpus with tar(1); the room reads nothing"
)]

use classify::format::{Family, recognise_at};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which answers are right for a folder of `industrial-formats`.
const LABELS: &[(&str, &[&str])] = &[
    ("dbf", &["dbase", "foxpro"]),
    ("dcm", &["dicom"]),
    ("dgn", &["microstation-dgn7", "microstation-dgn8"]),
    ("dwf", &["dwf"]),
    ("dwg", &["autocad-dwg"]),
    ("dxf", &["dxf"]),
    ("dxfb", &["dxf-binary"]),
    ("e57", &["e57"]),
    ("fits", &["fits"]),
    ("gbr", &["gerber"]),
    ("gds", &["gdsii"]),
    ("hdf", &["hdf4", "hdf5"]),
    ("icd", &["iec61850-scl"]),
    ("igs", &["iges"]),
    ("kml", &["kml"]),
    ("l5x", &["rockwell-l5x"]),
    ("las", &["las"]),
    ("mdb", &["access-mdb", "access-accdb"]),
    ("opcua_nodeset", &["opcua-nodeset"]),
    ("plcopen", &["plcopen-xml"]),
    ("prt", &["cadkey"]),
    ("shp", &["shapefile"]),
    ("sldprt", &["solidworks"]),
    ("stl", &["stl", "stl-binary"]),
    ("stp", &["step"]),
];
/// Answers that claim nothing beyond what is certain.
const GENERAL: &[&str] =
    &["binary", "text", "xml", "zip", "ole", "opc", "sqlite", "tiff", "riff", "gzip", "empty", "json", "csv", "tar"];

/// The unpacked corpus; gone with this value.
struct Corpus(PathBuf);
impl Drop for Corpus {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
fn corpus(test: &str, name: &str) -> Option<Corpus> {
    let packed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora").join(name);
    if !packed.is_file() {
        println!("SKIPPED: {test}: {name} is not beside the checkout");
        return None;
    }
    let folder = std::env::temp_dir().join(format!("classify-{test}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let corpus = Corpus(folder);
    // The archives hold several members under one path: each is kept.
    match Command::new("tar").arg("--backup=numbered").arg("-xJf").arg(&packed).arg("-C").arg(&corpus.0).status() {
        Ok(status) if status.success() => Some(corpus),
        ended => {
            println!("SKIPPED: {test}: tar(1) and xz(1) did not unpack {name}: {ended:?}");
            None
        }
    }
}
fn files(at: &Path, out: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(at).expect("just unpacked").map(|e| e.expect("just unpacked").path());
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path);
        }
    }
}
fn answer(bytes: &[u8]) -> &'static str {
    let mut read = |at: u64, out: &mut [u8]| {
        let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
        let len = rest.len().min(out.len());
        out[..len].copy_from_slice(&rest[..len]);
        len
    };
    recognise_at(&mut read, bytes.len() as u64).format.id
}

/// Right, all, and the wrong ones.
#[derive(Default)]
struct Score(usize, usize, Vec<String>);

#[test]
fn real_industrial_files_are_told_by_content() {
    let Some(corpus) = corpus("industrial", "industrial-formats.tar.xz") else { return };
    let (mut halves, mut all, mut paths) = (<[Score; 2]>::default(), 0, Vec::new());
    files(&corpus.0, &mut paths);
    for path in paths {
        let inside = path.strip_prefix(&corpus.0).expect("below the folder");
        let Some(label) = inside.iter().nth(1).and_then(|l| l.to_str()).filter(|_| inside.iter().count() > 2) else {
            continue;
        };
        let (_, right) = LABELS.iter().find(|l| l.0 == label).unwrap_or_else(|| panic!("no label {label}"));
        let bytes = std::fs::read(&path).expect("just unpacked");
        // The halves: by the lowest bit of the first byte of SHA-256. Only the even one was looked at while the rules were written.
        let odd = u8::from_str_radix(&evidence::Digest::of(&bytes).hex()[..2], 16).expect("hexadecimal") & 1;
        let (score, id) = (&mut halves[usize::from(odd)], answer(&bytes));
        (score.1, all) = (score.1 + 1, all + 1);
        if right.contains(&id) {
            score.0 += 1;
        } else {
            score.2.push(format!("{}: {id}", inside.display()));
        }
    }
    let [seen, unseen] = &halves;
    let wrong: Vec<_> = seen.2.iter().chain(&unseen.2).collect();
    println!("seen {} of {}, unseen {} of {}, wrong: {wrong:?}", seen.0, seen.1, unseen.0, unseen.1);
    assert!(all >= 100, "{all}");
    assert!((seen.0 + unseen.0) * 100 >= all * 98, "{wrong:?}");
    let sure: Vec<_> = wrong.iter().filter(|w| !GENERAL.iter().any(|g| w.ends_with(&format!(": {g}")))).collect();
    assert!(sure.is_empty(), "confidently wrong: {sure:?}");
}

#[test]
fn skeletons_of_pronom_are_never_taken_for_another_format() {
    let Some(corpus) = corpus("pronom", "pronom-skeleton-suite.tar.xz") else { return };
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/formats/pronom.tsv");
    let list = std::fs::read_to_string(list).expect("the fixture is in the repository");
    let expected: BTreeMap<&str, &str> = list.lines().filter_map(|l| l.split_once('\t')).collect();
    let (mut right, mut general, mut wrong, mut industrial, mut paths) = (0, 0, Vec::new(), Vec::new(), Vec::new());
    files(&corpus.0, &mut paths);
    for path in paths {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        // `fmt-412-container-...` or `x-fmt-111-signature-...`.
        let Some((kind, rest)) = name.split_once("fmt-") else { continue };
        let puid = format!("{kind}fmt/{}", rest.split('-').next().unwrap_or_default());
        let id = answer(&std::fs::read(&path).expect("just unpacked"));
        match expected.get(puid.as_str()) {
            Some(expect) if *expect == id => right += 1,
            Some(_) if GENERAL.contains(&id) => general += 1,
            Some(expect) => wrong.push(format!("{name}: {id} for {expect}")),
            None => {
                let family = classify::format::named(id).map_or(Family::Other, |f| f.family);
                if family.is_industrial() {
                    industrial.push(format!("{name}: {id}"));
                }
            }
        }
    }
    println!(
        "right {right}, container or kind only {general}, wrong {wrong:?}\nindustrial without an expectation: {industrial:?}"
    );
    assert!(right >= 150, "{right}");
    assert!(wrong.is_empty(), "{wrong:?}");
}

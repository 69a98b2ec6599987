//! The same content in each encoding yields the same hits: class, place, mask, value and band, one for one. The per cent
//! inside a band may differ by a little: how far off a word stands is counted in code units.
use super::{config, folder, gaps, hits};
use discover::{Discoverer, Limits};
use evidence::{Body, KeyedDigest, MemoryState, Sample, Spot};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use testing::mixture;
use testing::plant::Rng;

type Encode = fn(&str) -> Vec<u8>;
fn wide(text: &str, mark: bool, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = mark.then_some(0xFEFF);
    mark.into_iter().chain(text.encode_utf16()).flat_map(unit).collect()
}
const ENCODINGS: [(&str, Encode); 7] = [
    ("UTF-8", |t| t.as_bytes().to_vec()),
    ("UTF-8 with a mark", |t| [b"\xEF\xBB\xBF", t.as_bytes()].concat()),
    ("GB18030", |t| encoding_rs::GB18030.encode(t).0.into_owned()),
    ("UTF-16LE", |t| wide(t, false, u16::to_le_bytes)),
    ("UTF-16LE with a mark", |t| wide(t, true, u16::to_le_bytes)),
    ("UTF-16BE", |t| wide(t, false, u16::to_be_bytes)),
    ("UTF-16BE with a mark", |t| wide(t, true, u16::to_be_bytes)),
];

/// Every sample and its class, by the name of the file; a keyed digest is of the value and so is equal too.
fn seen(dir: &Path) -> BTreeMap<String, Vec<(String, Sample)>> {
    let sink = Mutex::new(Vec::new());
    let every = Limits { samples_per_hit_max: 1_000_000, ..Limits::default() };
    let sensor = Discoverer::new(vec![dir.to_owned()], config(every));
    sensor.run(&sink, &MemoryState::default(), &stdx::Silent, &stdx::Stop::new());
    let bodies: Vec<Body> = sink.into_inner().expect("no worker died");
    assert_eq!(gaps(&bodies), [], "{}", dir.display());
    let mut all: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for h in hits(&bodies) {
        let name = Path::new(h.at.path.as_str()).file_name().expect("files have names").to_string_lossy().into_owned();
        let samples = h.samples.iter().map(|s| (h.class.as_str().to_owned(), s.clone()));
        assert_eq!(h.bands.all(), h.samples.len() as u64, "every hit is a sample here");
        all.entry(name).or_default().extend(samples);
    }
    for samples in all.values_mut() {
        samples.sort();
    }
    all
}

/// What must be equal of a hit.
fn alike((class, s): &(String, Sample)) -> (&str, &Spot, &str, &KeyedDigest, &'static str) {
    let band = match s.confidence {
        85.. => "high",
        65.. => "medium",
        _ => "low",
    };
    (class, &s.spot, s.mask.as_str(), &s.keyed, band)
}

fn by_class(samples: &[(String, Sample)]) -> BTreeMap<&str, usize> {
    let mut all = BTreeMap::new();
    samples.iter().for_each(|(class, _)| *all.entry(class.as_str()).or_default() += 1);
    all
}

/// Texts of every style, some larger than the windows in which text is looked at.
fn texts() -> Vec<mixture::Text> {
    let mut rng = Rng::new(20);
    let mut all: Vec<_> = (0..24).map(|_| mixture::text(&mut rng, 20_000, 700)).collect();
    all.push(mixture::staff(&mut rng, 30_000));
    all.push(mixture::text(&mut rng, 600_000, 5_000));
    all
}

#[test]
fn equal_content_yields_equal_hits_in_every_encoding() {
    let texts = texts();
    let mut first = None;
    for (name, encode) in ENCODINGS {
        let dir = folder("encodings");
        for (i, text) in texts.iter().enumerate() {
            std::fs::write(dir.join(format!("{i:02}")), encode(&text.text)).unwrap();
        }
        let here = seen(&dir);
        std::fs::remove_dir_all(&dir).unwrap();
        let first = first.get_or_insert_with(|| here.clone());
        assert_eq!(here.len(), first.len(), "{name}: files with hits");
        for (file, samples) in &here {
            assert_eq!(by_class(samples), by_class(&first[file]), "{name}: hits in text {file}");
            for (a, b) in samples.iter().zip(&first[file]) {
                assert_eq!(alike(a), alike(b), "{name}: text {file}");
            }
        }
    }
    // Equal is not enough: what was planted is there, on its line.
    let first = first.unwrap();
    for (i, text) in texts.iter().enumerate() {
        for s in text.sown.iter().filter(|s| ["resident-id", "uscc", "mobile", "vin", "private-key"].contains(&s.kind))
        {
            let on_line = |x: &Sample| format!("{:?}", x.spot).contains(&format!("line: {}", s.line));
            let found = first[&format!("{i:02}")].iter().any(|(c, x)| c.contains(s.kind) && on_line(x));
            assert!(found, "{} on line {} of text {i}", s.kind, s.line);
        }
    }
}

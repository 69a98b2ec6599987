//! Event logs of Windows, held against the same events as another tool wrote them.

use detect::event::{Event, Kind};
use detect::evtx::{CHUNK_BYTES, Chunk, Damage, HEADER_BYTES};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The public regression cases, if they lie beside the checkout.
pub(crate) fn regression() -> Option<PathBuf> {
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora/sigma/regression");
    let deeper = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/corpora/sigma/regression");
    let at = [at, deeper].into_iter().find(|p| p.is_dir());
    if at.is_none() {
        eprintln!("SKIPPED: the public regression cases are not beside the checkout");
    }
    at
}

pub(crate) fn below(at: &Path, ending: &str, out: &mut Vec<PathBuf>) {
    let mut here: Vec<_> = std::fs::read_dir(at).unwrap().map(|e| e.unwrap().path()).collect();
    here.sort();
    for path in here {
        if path.is_dir() {
            below(&path, ending, out);
        } else if path.extension().is_some_and(|e| e == ending) {
            out.push(path);
        }
    }
}

fn read(bytes: &[u8]) -> (Vec<Event>, Vec<Damage>) {
    let (mut events, mut damage) = (Vec::new(), Vec::new());
    let (mut chunk, mut event) = (Chunk::default(), Event::default());
    for (n, part) in bytes.get(HEADER_BYTES..).unwrap_or_default().chunks(CHUNK_BYTES).enumerate() {
        let at = (HEADER_BYTES + n * CHUNK_BYTES) as u64;
        damage.push(chunk.read(part, at, &mut event, &mut |e| events.push(e.clone())));
    }
    (events, damage)
}

/// What the other tool says of an event: the same names that a rule uses.
fn expected(event: &Value) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let mut out = Vec::new();
    for (name, value) in event["Event"]["System"].as_object().unwrap() {
        if let Some(of) = value["#attributes"].as_object() {
            let name = |n: &String| format!("{name}_{n}");
            out.extend(of.iter().filter(|(n, _)| *n != "Qualifiers").map(|(n, v)| (name(n), text(v))));
        }
        let inner = value.get("#text").unwrap_or(value);
        if !inner.is_object() && !inner.is_null() {
            out.push((name.clone(), text(inner)));
        }
    }
    if let Some(data) = event["Event"]["EventData"].as_object() {
        for (name, value) in data.iter().filter(|(_, v)| !v.is_object() && !v.is_array()) {
            let kept = name.replace(' ', "");
            out.push((kept, if value.is_null() { String::new() } else { text(value) }));
        }
    }
    out
}

#[test]
fn every_field_is_what_another_tool_read() {
    let Some(at) = regression() else { return };
    let mut files = Vec::new();
    below(&at, "evtx", &mut files);
    let mut compared = 0;
    for file in files.iter().filter(|f| f.with_extension("json").exists()) {
        let (events, damage) = read(&std::fs::read(file).unwrap());
        assert!(damage.iter().all(|d| !d.chunk && d.records == 0), "{}: {damage:?}", file.display());
        let other = std::fs::read_to_string(file.with_extension("json")).unwrap();
        let others: Vec<Value> = serde_json::Deserializer::from_str(&other).into_iter().map(Result::unwrap).collect();
        let others: Vec<&Value> =
            others.iter().flat_map(|v| v.as_array().map_or(vec![v], |a| a.iter().collect())).collect();
        for value in others {
            let number = value["Event"]["System"]["EventRecordID"].to_string();
            let event = events.iter().find(|e| e.get("EventRecordID") == Some(number.as_str())).unwrap();
            for (name, want) in expected(value) {
                let got = event.all(&name).next().map_or("<none>", |(v, _)| v);
                // The other tool leaves out blanks at the end of a value.
                assert_eq!(got.trim(), want.trim(), "{} {name}", file.display());
                compared += 1;
            }
        }
    }
    assert!(compared > 1000, "{compared}");
}

#[test]
fn a_damaged_log_gives_what_is_left_and_says_what_is_not() {
    let Some(at) = regression() else { return };
    let mut files = Vec::new();
    below(&at, "evtx", &mut files);
    let mut whole = None;
    for file in &files {
        let bytes = std::fs::read(file).unwrap();
        let (events, damage) = read(&bytes);
        if events.len() >= 4 && !damage.iter().any(Damage::any) {
            whole = Some((bytes, events));
            break;
        }
    }
    let (bytes, events) = whole.unwrap();
    // One record's mark is gone: the others are there.
    let mut hurt = bytes.clone();
    let second = usize::try_from(events[1].position.offset).unwrap();
    hurt[second] ^= 0xff;
    let (left, damage) = read(&hurt);
    assert!(damage.iter().any(|d| d.checksum && d.records >= 1), "{damage:?}");
    let numbers = |events: &[Event]| events.iter().map(|e| e.position.number).collect::<Vec<_>>();
    assert!(numbers(&left).ends_with(&numbers(&events)[2..]), "{:?} {:?}", numbers(&left), numbers(&events));
    // Cut in the middle: what came before is there.
    let third = usize::try_from(events[2].position.offset).unwrap();
    let (left, damage) = read(&bytes[..third + 40]);
    assert_eq!(numbers(&left), numbers(&events)[..2]);
    assert!(damage.iter().any(|d| d.chunk || d.records > 0), "{damage:?}");
    // Every bit of the first records turned over, one in each run: never a panic, never an endless run.
    for n in (HEADER_BYTES + 512..HEADER_BYTES + 512 + 1500).chain(HEADER_BYTES..HEADER_BYTES + 128) {
        let mut hurt = bytes.clone();
        hurt[n] ^= 1 << (n % 8);
        let (_, damage) = read(&hurt);
        let kept = damage.iter().any(Damage::any);
        assert!(kept || n < HEADER_BYTES + 128, "a flipped bit at {n} was not noticed");
    }
    assert_eq!(Kind::Text, events[0].all("Channel").next().unwrap().1);
}

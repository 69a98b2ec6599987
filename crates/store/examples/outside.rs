//! Writes what outside verifiers read: genuine material, and the same with one thing changed.
//! Usage: `cargo run -p store --example outside -- DIR` (an empty folder).
#![expect(clippy::unwrap_used, reason = "an example for tests may fail loudly")]

use data_encoding::BASE64;
use evidence::{
    Answer, Attestation, Authenticated, Author, Body, Examination, Gap, GapReason, ItemCounts, Origin, Record,
    RunState, SubjectRef, Time, seal,
};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use store::{Ack, Role, Store, Submission};

/// Leaves before the examination, and in all: neither is a power of two.
const BEFORE: u64 = 777;
const OLD: u64 = 600;
const ALL: u64 = 1000;

fn main() {
    let dir = std::env::args_os().nth(1).expect("a folder to write to");
    let dir = Path::new(&dir);
    fs::create_dir_all(dir.join("tampered")).unwrap();
    let store = Store::open(&dir.join("home")).unwrap();
    append(&store, 0, OLD);
    append(&store, OLD, BEFORE);
    let (record, lines) = examination(&store);
    let leaf = store.record(&record, Some(lines.clone()), vec![]).unwrap().leaf();
    append(&store, BEFORE + 1, ALL);
    genuine(&store, dir, leaf, &lines);
    bundles(dir);
    envelopes(dir);
    texts(dir);
    println!("wrote material about {} records to {}", store.size().unwrap(), dir.display());
}

fn append(store: &Store, from: u64, to: u64) {
    let submission = |n: u64| {
        let author = Author { name: "Li Ming".into(), authenticated: Authenticated::TypedName };
        let answer = Answer {
            check: format!("check-{n}").as_str().into(),
            fulfilled: true,
            document: None,
            effective: Time::from_secs(0),
            approver: "Wang Fang".into(),
        };
        let at = Time::from_secs(1_790_000_000);
        let record = Record::Attestation(Attestation::answer(store.keys().node(), author, at, answer));
        Submission { envelope: store.sign(&record).unwrap(), items: None, artifacts: vec![] }
    };
    let acks = store.append(&(from..to).map(submission).collect::<Vec<_>>()).unwrap();
    assert!(acks.iter().all(|a| matches!(a, Ack::Appended { .. })));
}

fn examination(store: &Store) -> (Record, Vec<u8>) {
    let gap = |i| Body::Gap(Gap { what: format!("folder:/{i}"), reason: GapReason::Missing, at: None, count: 1 });
    let sealed = seal(&(0..5).map(gap).collect::<Vec<_>>(), &[7; 32]).unwrap();
    let at = Time::from_secs(1_790_000_000);
    let record = Record::Examination(Examination {
        node: store.keys().node(),
        subject: SubjectRef { host: "plc-gw-01".into(), machine: None, root: None, folders: vec![], carried: None },
        origin: Origin::Live,
        started: at,
        ended: at,
        state: RunState::Complete,
        sensors: vec![],
        items: sealed.root,
        counts: ItemCounts { gaps: 5, ..ItemCounts::default() },
        nonce: None,
    });
    (record, sealed.lines)
}

fn genuine(store: &Store, dir: &Path, leaf: evidence::Digest, lines: &[u8]) {
    let keys = store.keys();
    let log = keys.log_keys().remove(0);
    let bundle = store.bundle(leaf).unwrap();
    fs::write(dir.join("bundle.json"), bundle.to_string()).unwrap();
    fs::write(dir.join("envelope.json"), store.envelope(leaf).unwrap().to_json()).unwrap();
    fs::write(dir.join("artifact"), lines).unwrap();
    fs::write(dir.join("evidence.pem"), keys.current(Role::Evidence).to_pem()).unwrap();
    fs::write(dir.join("keyid"), keys.current(Role::Evidence).id()).unwrap();
    fs::write(dir.join("vkey"), log.vkey() + "\n").unwrap();
    fs::write(dir.join("leaf"), store.leaf_body(leaf).unwrap()).unwrap();
    fs::write(dir.join("index"), BEFORE.to_string()).unwrap();
    fs::write(dir.join("record.tlog-proof"), store.tlog_proof(leaf).unwrap()).unwrap();
    fs::write(dir.join("checkpoint"), store.checkpoint().unwrap().unwrap().note()).unwrap();
    fs::write(dir.join("checkpoint-old"), store.checkpoint_at(OLD).unwrap().unwrap().note()).unwrap();
    let proof: String = store.consistency(OLD, ALL).unwrap().iter().map(|h| BASE64.encode(&h.0) + "\n").collect();
    fs::write(dir.join("consistency"), proof).unwrap();
    let path: String = store.inclusion(leaf).unwrap().path.iter().map(|h| BASE64.encode(&h.0) + "\n").collect();
    fs::write(dir.join("path"), path).unwrap();
    store.export_tiles(&dir.join("tiles")).unwrap();
    let root = json!({
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "tlogs": [{
            "baseUrl": format!("https://{}", log.origin()),
            "hashAlgorithm": "SHA2_256",
            "publicKey": {
                "rawBytes": BASE64.encode(log.key().spki_der()),
                "keyDetails": "PKIX_ED25519",
                "validFor": {"start": "2020-01-01T00:00:00Z"},
            },
            "logId": {"keyId": BASE64.encode(&log.id().0)},
        }],
        "certificateAuthorities": [], "ctlogs": [], "timestampAuthorities": [],
    });
    fs::write(dir.join("trusted_root.json"), root.to_string()).unwrap();
    // Another log with keys of its own, whose signatures must not count.
    let other = Store::open(&dir.join("other")).unwrap();
    fs::write(dir.join("tampered/vkey"), other.keys().log_keys().remove(0).vkey() + "\n").unwrap();
    fs::write(dir.join("tampered/evidence.pem"), other.keys().current(Role::Evidence).to_pem()).unwrap();
}

/// The same base64 text with one bit of its bytes changed.
fn flip(text: &Value) -> Value {
    let mut bytes = BASE64.decode(text.as_str().unwrap().as_bytes()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    Value::String(BASE64.encode(&bytes))
}

fn bundles(dir: &Path) {
    let genuine: Value = serde_json::from_slice(&fs::read(dir.join("bundle.json")).unwrap()).unwrap();
    let write = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut changed = genuine.clone();
        change(&mut changed);
        assert_ne!(changed, genuine, "{name}");
        fs::write(dir.join(format!("tampered/bundle-{name}.json")), changed.to_string()).unwrap();
    };
    const ENTRY: &str = "/verificationMaterial/tlogEntries/0";
    let at = |path: &str| format!("{ENTRY}{path}");
    let flipped = |path: String| move |b: &mut Value| *b.pointer_mut(&path).unwrap() = flip(b.pointer(&path).unwrap());
    write("payload", &flipped("/dsseEnvelope/payload".into()));
    write("signature", &flipped("/dsseEnvelope/signatures/0/sig".into()));
    write("body", &flipped(at("/canonicalizedBody")));
    write("path-first", &flipped(at("/inclusionProof/hashes/0")));
    write("path-last", &flipped(at("/inclusionProof/hashes/9")));
    write("path-cut", &|b| drop(b.pointer_mut(&at("/inclusionProof/hashes")).unwrap().as_array_mut().unwrap().pop()));
    write("path-swapped", &|b| {
        b.pointer_mut(&at("/inclusionProof/hashes")).unwrap().as_array_mut().unwrap().swap(0, 1);
    });
    // In both places: some verifiers read the one, some the other. Ours compares them.
    write("index", &|b| {
        *b.pointer_mut(&at("/logIndex")).unwrap() = json!("778");
        *b.pointer_mut(&at("/inclusionProof/logIndex")).unwrap() = json!("778");
    });
    let note = |b: &mut Value, from: &str, to: &str| {
        let text = b.pointer_mut(&at("/inclusionProof/checkpoint/envelope")).unwrap();
        *text = Value::String(text.as_str().unwrap().replacen(from, to, 1));
    };
    write("checkpoint-size", &|b| note(b, "\n1000\n", "\n1001\n"));
    write("checkpoint-origin", &|b| note(b, "watchfire", "watchfirf"));
    write("checkpoint-old", &|b| {
        let old = fs::read_to_string(dir.join("checkpoint-old")).unwrap();
        *b.pointer_mut(&at("/inclusionProof/checkpoint/envelope")).unwrap() = Value::String(old);
    });
    write("checkpoint-signature", &|b| {
        let text = b.pointer(&at("/inclusionProof/checkpoint/envelope")).unwrap().as_str().unwrap().to_owned();
        let (rest, blob) = text.trim_end().rsplit_once(' ').unwrap();
        let blob = flip(&Value::String(blob.to_owned()));
        let changed = format!("{rest} {}\n", blob.as_str().unwrap());
        *b.pointer_mut(&at("/inclusionProof/checkpoint/envelope")).unwrap() = Value::String(changed);
    });
}

fn envelopes(dir: &Path) {
    let genuine: Value = serde_json::from_slice(&fs::read(dir.join("envelope.json")).unwrap()).unwrap();
    for (name, path) in [("payload", "/payload"), ("signature", "/signatures/0/sig")] {
        let mut changed = genuine.clone();
        *changed.pointer_mut(path).unwrap() = flip(genuine.pointer(path).unwrap());
        fs::write(dir.join(format!("tampered/envelope-{name}.json")), changed.to_string()).unwrap();
    }
    let mut changed = genuine;
    changed["payloadType"] = json!("application/vnd.in-toto+jsoo");
    fs::write(dir.join("tampered/envelope-type.json"), changed.to_string()).unwrap();
}

fn texts(dir: &Path) {
    let read = |name: &str| fs::read_to_string(dir.join(name)).unwrap();
    let swapped = |text: String| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.swap(0, 1);
        lines.join("\n") + "\n"
    };
    fs::write(dir.join("tampered/consistency"), swapped(read("consistency"))).unwrap();
    fs::write(dir.join("tampered/path"), swapped(read("path"))).unwrap();
    fs::write(dir.join("tampered/checkpoint"), read("checkpoint").replacen("\n1000\n", "\n1001\n", 1)).unwrap();
    let mut leaf = fs::read(dir.join("leaf")).unwrap();
    leaf[100] ^= 1;
    fs::write(dir.join("tampered/leaf"), leaf).unwrap();
    let mut copy = std::process::Command::new("cp");
    assert!(copy.arg("-r").args([dir.join("tiles"), dir.join("tampered/tiles")]).status().unwrap().success());
    let tile = dir.join("tampered/tiles/tile/0/003.p/232");
    let mut bytes = fs::read(&tile).unwrap();
    bytes[40] ^= 1;
    fs::write(tile, bytes).unwrap();
}

//! Streams drawn from a seed: judged again they give the same, actors apart do not disturb each other, memory stays bounded.

use ransom::{
    Actor, Change, Event, File, Seen, Settings, Standing, Tally, Veil, Verdict, Watch, Way, What, diff, trace,
};

/// SplitMix64.
pub(crate) struct Draw(pub(crate) u64);
impl Draw {
    pub(crate) fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % below
    }
}

pub(crate) fn file(id: u64, folder: u64, ext: &str) -> File {
    File { id, folder, stem: id, ext: ext.to_owned(), bytes: 20_000 }
}
pub(crate) fn seen(format: &str, standing: Standing) -> Seen {
    Seen { format: format.to_owned(), standing }
}
/// A text of which these bytes became random.
pub(crate) fn encrypted(draw: &mut Draw, bytes: usize) -> Change {
    let before: Vec<u8> =
        b"the pressure of line A3 stays within its limits\n".iter().copied().cycle().take(bytes).collect();
    let after: Vec<u8> = before.iter().map(|_| draw.next(256) as u8).collect();
    diff(&before, &after, &Veil::none())
}

/// Anything, by an actor of a share of its own.
fn any(draw: &mut Draw, share: u64, at_ms: u64) -> Event {
    let id = share * 10_000 + draw.next(60);
    let ext = ["csv", "docx", "pdf", "locked"][draw.next(4) as usize];
    let file = file(id, share * 100 + draw.next(5), ext);
    let standing =
        [Standing::Valid, Standing::Broken, Standing::Opaque, Standing::Empty, Standing::Unseen][draw.next(5) as usize];
    let (before, after) = (seen(ext, Standing::Valid), seen("binary", standing));
    let what = match draw.next(14) {
        0 => What::OpenWrite { file },
        1..=3 => {
            let change = Box::new(encrypted(draw, 300));
            What::Changed { file, way: Way::InPlace, before, after, change }
        }
        4 => What::Unchanged { file },
        5 => What::Read { file },
        6 => What::Create { file },
        7 => What::Written { file, now: after, random: draw.next(2) == 0 },
        8 => What::Rename { to: File { ext: "locked".to_owned(), ..file.clone() }, from: file },
        9 => What::Unlink { file, before },
        10 => What::Truncate { file, before, from_bytes: 50_000 },
        11 => What::Note { file, name: 1, content: draw.next(3) },
        12 => What::VaultPressure { percent: draw.next(101) as u8 },
        _ => What::Canary { file: File { id: 0, ..file } },
    };
    // Canaries are rare, or every stream ends at once.
    let what = if matches!(what, What::Canary { .. }) && draw.next(30) > 0 {
        What::VaultPressure { percent: 1 }
    } else {
        what
    };
    let by = Actor {
        session: (draw.next(3) == 0).then_some(share * 10),
        tree: Some(share * 10 + draw.next(3)),
        user: Some(share),
        share,
        process: share * 1_000 + draw.next(9),
        ..Actor::default()
    };
    Event { at_ms, by, what }
}

#[test]
fn a_trace_is_judged_again_to_the_same_verdicts_byte_for_byte() {
    for seed in 0..12 {
        let mut draw = Draw(seed);
        let settings = Settings { victims_max: 32, files_max: 256, scopes_max: 16, ..Settings::default() };
        let mut watch = Watch::new(settings.clone()).unwrap();
        let mut bytes = trace::header_line(&trace::Header::new(evidence::Time::from_secs(0), settings)).unwrap();
        let mut want = Vec::new();
        for n in 0..400 {
            let share = 1 + draw.next(2);
            let event = any(&mut draw, share, n * 50);
            bytes.extend(trace::event_line(&event).unwrap());
            want.push((event.clone(), watch.take(&event)));
        }
        let got = trace::replay(&bytes).unwrap();
        assert!(got == want, "seed {seed}");
        // And the events are written again to the same bytes.
        let again: Vec<u8> = got.iter().flat_map(|(event, _)| trace::event_line(event).unwrap()).collect();
        assert!(bytes.ends_with(&again));
    }
}

#[test]
fn the_order_of_actors_apart_does_not_matter() {
    for seed in 0..12 {
        let mut draw = Draw(seed + 100);
        let streams: [Vec<Event>; 3] = [1, 2, 3].map(|share| (0..150).map(|n| any(&mut draw, share, n * 40)).collect());
        let alone: Vec<Vec<Verdict>> = streams
            .iter()
            .map(|stream| {
                let mut watch = Watch::new(Settings::default()).unwrap();
                stream.iter().map(|event| watch.take(event)).collect()
            })
            .collect();
        // The same clock; between equal times any order.
        let mut mixed: Vec<(usize, usize)> = (0..3).flat_map(|s| (0..150).map(move |n| (s, n))).collect();
        mixed.sort_by_key(|(s, n)| (*n, (*s as u64 + seed) % 3));
        let mut watch = Watch::new(Settings::default()).unwrap();
        for (s, n) in mixed {
            assert_eq!(watch.take(&streams[s][n]), alone[s][n], "seed {seed}, stream {s}, event {n}");
        }
    }
}

#[test]
fn a_million_actors_and_files_are_forgotten_within_the_bound() {
    let settings = Settings::default();
    let mut watch = Watch::new(settings.clone()).unwrap();
    let change = Box::new(encrypted(&mut Draw(1), 256));
    let mut max = Tally::default();
    for n in 0..1_000_000_u64 {
        let by = Actor { tree: Some(n), share: 1, process: n, ..Actor::default() };
        let file = file(n, n % 5_000, "csv");
        let what = match n % 16 {
            0..=3 => What::Read { file },
            4..=7 => What::Create { file },
            8..=14 => What::OpenWrite { file },
            // Valid stays valid: ordinary work.
            _ => What::Changed {
                file,
                way: Way::InPlace,
                before: seen("csv", Standing::Valid),
                after: seen("text", Standing::Valid),
                change: change.clone(),
            },
        };
        watch.take(&Event { at_ms: n, by, what });
        if n % 10_000 == 0 {
            let tally = watch.tally();
            (max.scopes, max.files) = (max.scopes.max(tally.scopes), max.files.max(tally.files));
        }
    }
    let tally = watch.tally();
    assert!(max.scopes <= u64::from(settings.scopes_max) && max.files <= u64::from(settings.files_max), "{max:?}");
    // Nothing is forgotten silently: a million trees and the share; half a million files that were read or made.
    assert_eq!(tally.scopes + tally.scopes_evicted, 1_000_001);
    assert_eq!(tally.files + tally.files_evicted, 500_000);
    assert_eq!(tally.events, 1_000_000);
}

#[test]
fn a_line_that_is_not_of_a_trace_is_named() {
    let header = trace::Header::new(evidence::Time::from_secs(0), Settings::default());
    let header = String::from_utf8(trace::header_line(&header).unwrap()).unwrap();
    let event = Event {
        at_ms: 5,
        by: Actor { share: 1, process: 2, ..Actor::default() },
        what: What::Read { file: file(3, 4, "csv") },
    };
    let event = String::from_utf8(trace::event_line(&event).unwrap()).unwrap();
    assert_eq!(
        event,
        "{\"at_ms\":5,\"by\":{\"process\":2,\"share\":1},\"what\":{\"do\":\"read\",\"file\":{\"bytes\":20000,\"ext\":\"csv\",\"folder\":4,\"id\":3,\"stem\":3}}}\n"
    );
    let at = |text: &str| trace::replay(text.as_bytes()).unwrap_err().line;
    assert_eq!(trace::replay(format!("{header}{event}").as_bytes()).unwrap().len(), 1);
    assert_eq!(at(""), 1);
    assert_eq!(at(&event), 1);
    assert_eq!(at(&format!("{header}{event}{header}")), 3);
    let spelt = [
        event.replace("{\"at_ms\"", "{ \"at_ms\""),
        event.replace("\"process\":2", "\"process\":2,\"peer\":null"),
        event.replace("20000", "9007199254740992"),
        event.replace("csv", "seventeen-letters"),
        event.replace("read", "wipe"),
        event.replace(":5,", ":-5,"),
        "{}\n".to_owned(),
    ];
    for bad in spelt {
        assert_eq!(at(&format!("{header}{bad}")), 2, "{bad}");
    }
    assert_eq!(at(&format!("{header}{}", "x".repeat(trace::LINE_BYTES_MAX + 1))), 2);
    let off = header.replace("\"pending_max\":4", "\"pending_max\":0");
    assert!(off != header && at(&off) == 1, "settings that switch a bound off");
    // Ids beyond 2^53 are not written.
    let by = Actor { share: 1 << 53, ..Actor::default() };
    assert!(trace::event_line(&Event { at_ms: 0, by, what: What::VaultPressure { percent: 1 } }).is_err());
}

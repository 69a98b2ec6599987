use super::tape::OF_FILES;
use super::*;
use crate::gather::Settled;
use crate::{Limits, Remember};
use evidence::{
    Bands, Column, ColumnVerdict, DigestKey, FormatTold, GapReason, Masked, Place, Sample, Spot, Time, Why, WhyKind,
};
use std::collections::BTreeMap;

fn config() -> Config {
    let remember =
        Remember { now: Time::from_secs(1_700_000_000), program: "trial".to_owned(), reading: Reading::Changed };
    Config { remember: Some(remember), ..Config::new(DigestKey::new([7; 32]), 1) }
}

/// One event of each kind, with every variant of what can be in it.
fn events(config: &Config) -> Vec<Event> {
    let inside = || vec![PathText::from("a.zip"), PathText::from_bytes(b"\xff\\\n")];
    let detectors = &config.detectors;
    let class = |id| detectors.class(id).unwrap();
    let spots = [
        Spot::Line { line: 1, column: u64::MAX },
        Spot::Cell { sheet: "表".to_owned(), cell: "A1".to_owned() },
        Spot::Byte { offset: 127 },
        Spot::Page { page: 128, line: 2, column: 3 },
        Spot::Field { column: "手机".to_owned(), row: 9 },
    ];
    let why = |by, tenths, away: Option<i64>| Why { by, tenths, word: away.map(|_| "电话".to_owned()), away };
    let sample = |spot: Spot| Sample {
        spot,
        mask: Masked::keep("13912345678", 2, 1),
        keyed: config.key.digest("x", b"y"),
        confidence: 93,
        why: vec![why(WhyKind::Structure, -12, None), why(WhyKind::Word, i64::MIN, Some(-3))],
    };
    let bands = |high, low| Bands { high, medium: 2, low };
    let settled = |id, spots: &[Spot]| Settled {
        class: class(id),
        bands: bands(3, u64::MAX),
        distinct: 5,
        sure: vec![3, 7, u64::MAX],
        samples: spots.iter().cloned().map(sample).collect(),
    };
    let column = |verdict, rows| Column {
        class: "cn.mobile".into(),
        at: Place::file(""),
        column: "手机".to_owned(),
        verdict,
        confidence: 90,
        sampled: 10,
        rows,
        filled: 9,
        whole: 8,
        holding: 7,
        distinct: 6,
        header: rows.is_some(),
    };
    let mut all = vec![
        Event::Count { what: Count::DecodedBytes, n: 1 << 50 },
        Event::Count { what: Count::Tables, n: 3 },
        Event::Format { format: formats()[3].id, n: 2 },
        Event::Content {
            inside: inside(),
            class: class("cn.mobile"),
            format: formats()[1].id,
            how: FormatTold::Root,
            detail: Some("AC1032".to_owned()),
            bytes: Some(5),
        },
        Event::Column { inside: inside(), column: column(ColumnVerdict::Is, Some(40)) },
        Event::Column { inside: Vec::new(), column: column(ColumnVerdict::Contains, None) },
        Event::Table { inside: inside(), counts: BTreeMap::from([("rows".to_owned(), 4), ("columns".to_owned(), 0)]) },
        Event::Hits {
            inside: inside(),
            digest: Some(config.key.digest("file", b"z")),
            settled: vec![settled("cn.mobile", &spots), settled("email", &[])],
        },
        Event::Hits { inside: Vec::new(), digest: None, settled: Vec::new() },
    ];
    all.extend(GapReason::ALL.map(|reason| Event::Gap { reason, inside: inside(), spot: spots.first().cloned() }));
    all
}
fn encoded(config: &Config) -> Vec<u8> {
    let mut out = Vec::new();
    for event in events(config) {
        code::put(&event, &config.detectors, &mut out).unwrap();
    }
    out
}

#[test]
fn every_event_comes_back_as_it_was() {
    let config = config();
    assert_eq!(code::take(&encoded(&config), &config.detectors), Some(events(&config)));
}

#[test]
fn cut_or_changed_events_are_none_or_others_and_never_a_panic() {
    let config = config();
    let good = encoded(&config);
    let whole: Vec<usize> = (1..=events(&config).len())
        .map(|n| {
            let mut out = Vec::new();
            events(&config).iter().take(n).for_each(|e| code::put(e, &config.detectors, &mut out).unwrap());
            out.len()
        })
        .collect();
    for n in 0..good.len() {
        let cut = code::take(&good[..n], &config.detectors);
        assert_eq!(cut.is_some(), n == 0 || whole.contains(&n), "{n}");
        for bit in [0x01, 0x80, 0xFF] {
            let mut other = good.clone();
            other[n] ^= bit;
            let _ = code::take(&other, &config.detectors);
        }
    }
    // A length of everything, a number of too many bits, a class that is none.
    for bad in [
        &[3, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1][..],
        &[1, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 3],
        &[4, 0, 255, 127],
    ] {
        assert_eq!(code::take(bad, &config.detectors), None);
    }
}

#[test]
fn most_files_fit_a_word() {
    let text = formats().iter().find(|f| f.id == "text").unwrap().id;
    let noted = |counts, formats: &[&'static str]| Noted {
        counts,
        formats: formats.iter().map(|f| (*f, 1)).collect(),
        events: Vec::new(),
    };
    let largest = (1 << DECODED_BITS) - 1;
    for plain in [
        noted([0; 5], &[]),
        noted([12_000, 1, 0, 0, 0], &[text]),
        noted([largest, 15, 15, 0, 0], &[formats().last().unwrap().id]),
    ] {
        let word = word(&plain).unwrap();
        assert_eq!(word & IN_HEAP, 0);
        let counted = |what| plain.counts[OF_FILES.iter().position(|of| *of == what).unwrap()];
        for event in events_of(word).unwrap() {
            match event {
                Event::Count { what, n } => assert_eq!(n, counted(what)),
                Event::Format { format, n } => assert_eq!(vec![(format, n)], plain.formats),
                other => panic!("{other:?}"),
            }
        }
    }
    for more in [
        noted([largest + 1, 1, 0, 0, 0], &[]),
        noted([0, 16, 0, 0, 0], &[]),
        noted([0, 1, 0, 1, 0], &[]),
        noted([0; 5], &[text, text]),
    ] {
        assert_eq!(word(&more), None);
    }
}

fn meta() -> Stat {
    let mut meta = rustix::fs::stat("/").unwrap();
    (meta.st_ctime, meta.st_mtime) = (1_000_000_000, 1_000_000_000);
    meta
}
/// A memo of a plain file and one with findings.
fn kept(config: &Config) -> Vec<u8> {
    let memo = Memo::open(config, || None).unwrap();
    memo.keep(Path::new("/plain"), &meta(), &Noted { counts: [9, 1, 0, 0, 0], ..Noted::default() }, config);
    memo.keep(Path::new("/full"), &meta(), &Noted { events: encoded(config), ..Noted::default() }, config);
    memo.close(true).unwrap()
}

#[test]
fn a_memo_is_read_as_it_was_written_or_not_at_all() {
    let config = config();
    let good = kept(&config);
    let open = |bytes: &[u8]| Memo::open(&config, || Some(bytes.to_vec())).unwrap();
    let memo = open(&good);
    assert_eq!(memo.recall(Path::new("/full"), &meta(), &config), Some(events(&config)));
    assert_eq!(
        memo.recall(Path::new("/plain"), &meta(), &config).unwrap()[0],
        Event::Count { what: Count::DecodedBytes, n: 9 }
    );
    assert_eq!(memo.since(), Some(1_700_000_000));
    assert!(memo.close(true).is_none(), "nothing new: nothing is written");
    for n in 0..good.len() {
        let mut other = good.clone();
        other[n] ^= 1;
        for bad in [&good[..n], &other] {
            let memo = open(bad);
            assert!(memo.refused() && memo.old.count == 0, "{n}");
        }
    }
}

#[test]
fn any_change_of_a_file_is_another_stamp() {
    let config = config();
    let memo = Memo::open(&config, || Some(kept(&config))).unwrap();
    let known = |change: &dyn Fn(&mut Stat)| {
        let mut meta = meta();
        change(&mut meta);
        memo.recall(Path::new("/plain"), &meta, &config).is_some()
    };
    assert!(known(&|_| {}));
    assert!(known(&|s| s.st_atime += 1), "reading is no change");
    let changes: [&dyn Fn(&mut Stat); 7] = [
        &|s| s.st_dev += 1,
        &|s| s.st_ino += 1,
        &|s| s.st_size += 1,
        &|s| s.st_mtime -= 1,
        &|s| s.st_mtime_nsec ^= 1,
        &|s| s.st_ctime -= 1,
        &|s| s.st_ctime_nsec ^= 1,
    ];
    for change in changes {
        assert!(!known(change));
    }
    assert!(memo.recall(Path::new("/plains"), &meta(), &config).is_none());
}

#[test]
fn an_entry_without_findings_takes_28_bytes() {
    let config = Config { limits: Limits::default(), ..config() };
    let memo = Memo::open(&config, || None).unwrap();
    for n in 0..1000 {
        let noted = Noted { counts: [n, 1, 0, 0, 0], ..Noted::default() };
        memo.keep(Path::new(&format!("/{n}")), &meta(), &noted, &config);
    }
    assert_eq!(memo.close(true).unwrap().len(), HEAD_BYTES + 28_000 + MAC_BYTES);
}

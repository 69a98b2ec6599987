//! Parquet files that pyarrow wrote (`tests/data/parquet/make.py`), whole and broken.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use super::{all_detectors, covered, verdicts};
use crate::{config, folder, gaps, hits, run};
use discover::Limits;
use discover::fuzz::read_bytes;
use evidence::{Body, GapReason, Spot};

fn data(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/parquet/{name}.parquet", env!("CARGO_MANIFEST_DIR"))).unwrap()
}
const ALL: [&str; 6] = ["snappy-1", "zstd-2", "brotli-2", "lz4-1", "none-1", "delta-gzip"];
const VERDICTS: [&str; 7] = [
    ".amount cn.mobile is 60/60/60 of 60",
    ".blob cn.resident-id contains 0/1/1 of 60",
    ".owner.contact.mobile cn.mobile is 60/60/60 of 60",
    ".phone cn.mobile is 60/60/60 of 60",
    ".remark cn.resident-id contains 0/1/1 of 60",
    ".sfzh cn.resident-id is 48/48/48 of 48",
    ".tags cn.resident-id contains 1/1/1 of 60",
];

#[test]
fn every_codec_and_encoding_gives_the_same_columns() {
    let dir = folder("parquet");
    for name in ALL {
        let path = dir.join(format!("{name}.parquet"));
        std::fs::write(&path, data(name)).unwrap();
        // From the disk, from memory, from an archive.
        let zip = testing::plant::zip(&[("a.parquet", &data(name))]).unwrap();
        let read = [
            (run(&path, Limits::default()), path.display().to_string(), ""),
            (read_bytes(&data(name), &config(Limits::default())), "/bytes".to_owned(), ""),
            (read_bytes(&zip, &config(Limits::default())), "/bytes".to_owned(), "!a.parquet"),
        ];
        for (bodies, file, inside) in read {
            let want: Vec<String> = VERDICTS.iter().map(|v| format!("{inside}{v}")).collect();
            assert_eq!(verdicts(&bodies, &file), want, "{name}");
            let all = format!("{inside} at_most_ppm_99=0 columns=18 rows=60 sampled=60");
            assert_eq!(covered(&bodies, &file), [all], "{name}");
            assert_eq!(gaps(&bodies), [], "{name}");
            let spots: Vec<_> = hits(&bodies).iter().flat_map(|h| &h.samples).map(|s| s.spot.clone()).collect();
            assert!(spots.contains(&Spot::Field { column: "remark".to_owned(), row: 32 }), "{name} {spots:?}");
            assert!(spots.contains(&Spot::Field { column: "sfzh".to_owned(), row: 1 }), "{name} {spots:?}");
        }
    }
    let bodies = read_bytes(&data("empty"), &config(Limits::default()));
    assert_eq!(covered(&bodies, "/bytes"), [" at_most_ppm_99=0 columns=18 rows=0 sampled=0"]);
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn dates_and_small_numbers_are_read_where_a_name_speaks_for_a_class() {
    for name in ALL {
        let all = verdicts(&read_bytes(&data(name), &all_detectors(Limits::default())), "/bytes");
        for want in [".birthday birth-date is", ".csrq birth-date is", ".基本工资 salary is"] {
            let want = format!("{want} 60/60/60 of 60");
            assert!(all.contains(&want), "{name}: {all:#?}");
        }
    }
}

#[test]
fn a_value_of_a_dictionary_counts_as_often_as_it_stands() {
    // Without a dictionary each cell is scanned by itself: the counts must agree.
    let count = |name: &str| {
        let bodies = read_bytes(&data(name), &config(Limits::default()));
        let all: Vec<_> = hits(&bodies).iter().map(|h| (h.class.clone(), h.bands, h.distinct)).collect();
        all
    };
    for name in &ALL[..4] {
        assert_eq!(count(name), count("none-1"), "{name}");
    }
}

#[test]
fn row_groups_are_drawn_by_lot_where_all_are_too_much() {
    let mut limits = Limits::default();
    limits.table.columnar_bytes_max = 2000;
    let bodies = read_bytes(&data("snappy-1"), &config(limits));
    let table = bodies.iter().find_map(|b| match b {
        Body::Covered(c) if c.what.starts_with("table:") => Some(c.counts.clone()),
        _ => None,
    });
    let table = table.unwrap();
    assert!(table["sampled"] < 60 && table["rows_about"] == 60 && table["at_most_ppm_99"] > 500_000, "{table:?}");
}

#[test]
fn what_cannot_be_read_is_a_gap() {
    let whole = data("snappy-1");
    let encrypted = [&whole[..whole.len() - 4], b"PARE"].concat();
    let mut long = whole.clone();
    let end = long.len();
    long[end - 8..end - 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut torn = whole.clone();
    // In the middle of the first column chunks: the other columns are read nevertheless.
    torn[2000..2040].fill(0xA5);
    for (name, bytes, want, hit) in [
        ("encrypted", &encrypted, GapReason::Encrypted, false),
        ("a footer longer than the file", &long, GapReason::Corrupt, false),
        ("no footer", &whole[..whole.len() / 2].to_vec(), GapReason::Corrupt, false),
        ("a torn page", &torn, GapReason::Corrupt, true),
    ] {
        let bodies = read_bytes(bytes, &config(Limits::default()));
        assert_eq!(gaps(&bodies), [want], "{name}");
        assert_eq!(!hits(&bodies).is_empty(), hit, "{name}");
        assert_eq!(covered(&bodies, "/bytes"), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn any_cut_and_any_flip_is_read_without_a_panic() {
    for name in ["zstd-2", "lz4-1", "delta-gzip"] {
        let whole = data(name);
        for (n, flip) in (0..whole.len()).step_by(29).zip([0x01, 0x80, 0xFF].into_iter().cycle()) {
            let mut other = whole.clone();
            other[n] ^= flip;
            let _ = read_bytes(&other, &config(Limits::default()));
        }
    }
}

//! What archives take in memory, measured in a process of its own.
use super::faults::peak_kib;
use super::writers::{tar_member, xz};
use super::{ID, config, folder, gaps, hits};
use discover::{Config, Discoverer, Limits};
use evidence::{GapReason as G, MemoryState};
use std::path::Path;
use std::sync::Mutex;
use testing::plant::{self, Rng};

fn noise(rng: &mut Rng, bytes: usize) -> Vec<u8> {
    (0..bytes / 8).flat_map(|_| rng.draw().to_le_bytes()).collect()
}

/// A stream of xz that is the same and claims a dictionary of 64 MiB (.xz file format, 3.1 and 5.3.1).
fn with_wide_dictionary(mut stream: Vec<u8>) -> Vec<u8> {
    let end = 12 + (usize::from(stream[12]) + 1) * 4 - 4;
    let filter = memchr::memmem::find(&stream[12..end], b"\x21\x01").expect("LZMA2 is in every stream");
    stream[12 + filter + 2] = 28;
    let mut sum = flate2::Crc::new();
    sum.update(&stream[12..end]);
    stream[end..end + 4].copy_from_slice(&sum.sum().to_le_bytes());
    stream
}

#[test]
fn however_many_workers_unpack_memory_stays_within_its_bounds() {
    const LARGE: &str = "DISCOVER_TEST_UNPACK";
    if let Some(dir) = std::env::var_os(LARGE) {
        let sink = Mutex::new(Vec::new());
        let many = Config { workers: 6, ..config(Limits::default()) };
        let sensor = Discoverer::new(vec![Path::new(&dir).to_owned()], many);
        sensor.run(&sink, &MemoryState::default(), &stdx::Silent, &stdx::Stop::new());
        let bodies = sink.into_inner().unwrap();
        let found: u64 = hits(&bodies).iter().map(|h| h.bands.high).sum();
        println!("\npeak {} found {found} gaps {:?}.", peak_kib(), gaps(&bodies));
        return;
    }
    let dir = folder("unpack");
    let mut rng = Rng::new(5);
    // 70 MiB to be decoded before the text is reached, of which a window of 64 MiB is kept.
    let large = noise(&mut rng, 1 << 20).repeat(70);
    let text = format!("身份证号 {ID}\n");
    let tar = [tar_member("large.bin", &large), tar_member("plan.txt", text.as_bytes()), vec![0; 1024]].concat();
    let deep = with_wide_dictionary(xz(&tar));
    // The same in an archive that is held in memory while it is read, of 30 MiB.
    let zip = plant::zip(&[("fill", &noise(&mut rng, 28 << 20)), ("deep.tar.xz", &deep)]).unwrap();
    let nested = [tar_member("a.zip", &zip), vec![0; 1024]].concat();
    for i in 0..6 {
        let folder = dir.join(format!("{i}"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("a"), if i % 3 == 2 { &nested } else { &deep }).unwrap();
        // Workers take 32 files at a time.
        for j in 0..31 {
            std::fs::write(folder.join(format!("b{j}")), "all is well").unwrap();
        }
    }
    let this = std::env::current_exe().unwrap();
    let name = "memory::however_many_workers_unpack_memory_stays_within_its_bounds";
    let out =
        std::process::Command::new(this).args(["--exact", name, "--nocapture"]).env(LARGE, &dir).output().unwrap();
    let out = String::from_utf8(out.stdout).unwrap();
    let line = out.lines().find_map(|l| l.strip_prefix("peak ")).unwrap_or_else(|| panic!("{out}"));
    let (peak, rest) = line.split_once(' ').unwrap();
    assert_eq!(rest, "found 6 gaps [].");
    let peak = peak.parse::<u64>().unwrap();
    assert!(peak < 256 << 10, "{line}");
    // Two of them did hold a window each.
    assert!(peak > 128 << 10, "{line}");
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn what_one_file_holds_ends_at_its_limit_and_the_same_file_is_read_the_same_way() {
    let mut rng = Rng::new(6);
    let large = noise(&mut rng, 1 << 20).repeat(70);
    let text = format!("身份证号 {ID}\n");
    let members = |large: &[u8]| {
        [
            tar_member("plan.txt", text.as_bytes()),
            tar_member("x", large),
            tar_member("b", text.as_bytes()),
            vec![0; 1024],
        ]
        .concat()
    };
    // Windows of 64 MiB, one in the other.
    let inner = with_wide_dictionary(xz(&members(&large)));
    let filler = noise(&mut rng, 1 << 20).repeat(70);
    let outer = [tar_member("filler", &filler), members(&inner)].concat();
    let bytes = with_wide_dictionary(xz(&outer));
    let bodies = discover::fuzz::read_bytes(&bytes, &config(Limits::default()));
    let told = gaps(&bodies);
    assert!(!told.is_empty() && told.iter().all(|g| *g == G::TooLarge), "{told:?}");
    // What came before is found in both, and what came after in the outer one.
    assert_eq!(hits(&bodies).len(), 3);
    let wide = Limits { held_bytes_max: 200 << 20, ..Limits::default() };
    let bodies = discover::fuzz::read_bytes(&bytes, &config(wide));
    assert_eq!((hits(&bodies).len(), gaps(&bodies)), (4, vec![]));
}

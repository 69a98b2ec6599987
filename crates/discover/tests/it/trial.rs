//! The trial that every reader of a container passes, whatever the format: what is planted is found at its place;
//! each limit holds and says so; of a cut container what stands before the cut is found, and the rest is a gap; a
//! request to stop is heard.
use super::{ID, config, gaps, hits, writers};
use discover::Limits;
use discover::fuzz::{read_bytes, read_bytes_until};
use evidence::{Body, GapReason as G, PathText, Spot};
use stdx::Stop;

/// A container, and how to put a content into it.
pub(crate) struct Reader {
    pub(crate) name: &'static str,
    pub(crate) build: fn(&[u8]) -> Vec<u8>,
    /// What stands in the place of a hit, one for each level.
    pub(crate) inside: &'static [&'static str],
    /// It makes blanks smaller by two hundred times.
    pub(crate) packs: bool,
    /// Nothing can be read without its end.
    pub(crate) needs_its_end: bool,
}

/// A line that no rule takes for anything, and that does not pack well.
fn line(i: u64) -> String {
    let noise = evidence::Digest::of(&i.to_le_bytes());
    format!("line {i} of the pump's log, {noise:?}\n")
}
/// Lines with values on the third and, if it is long, on the last one.
fn text(lines: u64) -> String {
    let line = |i| if i == 3 || i == lines { format!("身份证号 {ID}\n") } else { line(i) };
    (1..=lines).map(line).collect()
}

fn ids(bodies: &[Body]) -> u64 {
    hits(bodies).iter().filter(|h| h.class.as_str() == "cn.resident-id").map(|h| h.bands.high).sum()
}
fn count(bodies: &[Body], name: &str) -> u64 {
    bodies
        .iter()
        .find_map(|b| if let Body::Covered(c) = b { c.counts.get(name).copied() } else { None })
        .expect("every run ends so")
}
fn read(bytes: &[u8], limits: Limits) -> Vec<Body> {
    read_bytes(bytes, &config(limits))
}

/// Puts one reader through the trial.
pub(crate) fn accept(reader: &Reader) {
    places(reader);
    depth(reader);
    sizes(reader);
    cuts(reader);
    damage(reader);
    stop(reader);
}

fn places(reader: &Reader) {
    let name = reader.name;
    // Several windows long.
    let bytes = (reader.build)(text(9000).as_bytes());
    let bodies = read(&bytes, Limits::default());
    assert_eq!(gaps(&bodies), [], "{name}");
    let hit = hits(&bodies)[0];
    let inside: Vec<_> = hit.at.inside.iter().map(PathText::as_str).collect();
    assert_eq!((inside.as_slice(), hit.bands.high, hit.distinct), (reader.inside, 2, 1), "{name}");
    let spots: Vec<_> = hit.samples.iter().map(|s| s.spot.clone()).collect();
    assert_eq!(spots, [3, 9000].map(|line| Spot::Line { line, column: 6 }), "{name}");
    assert!(!serde_json::to_string(&bodies).expect("it has a text").contains(ID), "{name} leaks");
    // Next to nothing, nothing at all, and no text.
    for content in [b"a".as_slice(), b"", &[0; 70_000]] {
        let bodies = read(&(reader.build)(content), Limits::default());
        assert_eq!((gaps(&bodies), ids(&bodies)), (vec![], 0), "{name}: {} bytes", content.len());
    }
}

fn depth(reader: &Reader) {
    let name = reader.name;
    let levels = reader.inside.len();
    let limits = Limits { container_depth_max: 3 * levels, ..Limits::default() };
    let nest = |n: usize| (0..n).fold(text(20).into_bytes(), |content, _| (reader.build)(&content));
    let bodies = read(&nest(3), limits.clone());
    assert_eq!((ids(&bodies), gaps(&bodies)), (2, vec![]), "{name}: three deep");
    assert_eq!(hits(&bodies)[0].at.inside.len(), 3 * levels, "{name}");
    let bodies = read(&nest(4), limits);
    assert_eq!((ids(&bodies), gaps(&bodies)), (0, vec![G::TooDeep]), "{name}: four deep");
}

fn sizes(reader: &Reader) {
    let name = reader.name;
    // The value at the beginning is found, what lies beyond the limit is a gap.
    let bytes = (reader.build)(text(9000).as_bytes());
    let small = Limits { member_bytes_max: 300_000, ..Limits::default() };
    let bodies = read(&bytes, small);
    let told = gaps(&bodies);
    assert!(ids(&bodies) == 1 && !told.is_empty() && told.iter().all(|g| *g == G::TooLarge), "{name}: {told:?}");
    if reader.packs {
        let blanks = format!("{}{}", text(20), " ".repeat(4 << 20));
        let early = Limits { bomb_bytes_min: 2 << 20, container_ratio_max: 100, ..Limits::default() };
        let bodies = read(&(reader.build)(blanks.as_bytes()), early);
        let told = gaps(&bodies);
        assert!(ids(&bodies) == 2 && !told.is_empty() && told.iter().all(|g| *g == G::Bomb), "{name}: {told:?}");
        assert!(count(&bodies, "decoded_bytes") < 3 << 20, "{name}");
        let few = Limits { container_bytes_max: 300_000, ..Limits::default() };
        assert!(gaps(&read(&bytes, few)).contains(&G::TooLarge), "{name}: in all");
    }
}

fn cuts(reader: &Reader) {
    let name = reader.name;
    let bytes = (reader.build)(text(9000).as_bytes());
    let cut = &bytes[..bytes.len() * 2 / 3];
    let bodies = read(cut, Limits::default());
    let told = gaps(&bodies);
    assert!(!told.is_empty() && told.iter().all(|g| *g == G::Corrupt), "{name}: cut: {told:?}");
    assert_eq!(ids(&bodies), u64::from(!reader.needs_its_end), "{name}: cut");
    // At every byte: no panic, and never as if nothing were missing.
    let small = (reader.build)(text(4).as_bytes());
    let whole = read(&small, Limits::default());
    // Without a member, an `ar` archive is one all the same.
    for n in (0..small.len()).filter(|n| (name, *n) != ("ar", 8)) {
        let bodies = read(&small[..n], Limits::default());
        let same = (ids(&bodies), count(&bodies, "decoded_bytes")) == (ids(&whole), count(&whole, "decoded_bytes"));
        // What is too short to be told for what it is goes by what it looks like.
        let is_known = count(&bodies, "scanned") == 0 || !hits(&bodies).iter().all(|h| h.at.inside.is_empty());
        assert!(!gaps(&bodies).is_empty() || same || !is_known || count(&bodies, "binary") == 1, "{name}: cut at {n}");
    }
}

fn damage(reader: &Reader) {
    let small = (reader.build)(text(3).as_bytes());
    for (n, flip) in (0..small.len()).zip([0x01, 0x80, 0xFF, 0x10].into_iter().cycle()) {
        let mut other = small.clone();
        other[n] ^= flip;
        let _ = read(&other, Limits::default());
    }
}

fn stop(reader: &Reader) {
    let name = reader.name;
    let bytes = (reader.build)(text(40_000).as_bytes());
    let whole = count(&read(&bytes, Limits::default()), "decoded_bytes");
    let stop = Stop::new();
    stop.request();
    let bodies = read_bytes_until(&bytes, &config(Limits::default()), &stop);
    assert_eq!(gaps(&bodies), [G::Stopped], "{name}");
    // One window is looked at.
    assert!(count(&bodies, "decoded_bytes") < whole / 4, "{name}");
}

macro_rules! trials {
    ($($test:ident: $build:path, $inside:expr, packs $packs:expr, needs_its_end $end:expr;)*) => {$(
        #[test]
        fn $test() {
            let name = stringify!($test);
            accept(&Reader { name, build: $build, inside: &$inside, packs: $packs, needs_its_end: $end });
        }
    )*};
}
trials! {
    gzip: writers::gzip, ["gzip"], packs true, needs_its_end false;
    bzip2: writers::bzip2, ["bzip2"], packs true, needs_its_end false;
    xz: writers::xz, ["xz"], packs true, needs_its_end false;
    lzma: writers::lzma, ["lzma"], packs true, needs_its_end false;
    zstd: writers::zstd, ["zstd"], packs true, needs_its_end false;
    lz4: writers::lz4, ["lz4"], packs true, needs_its_end false;
    zip: writers::zip, [writers::NAME], packs true, needs_its_end false;
    seven: writers::seven, [writers::NAME], packs true, needs_its_end true;
    tar: writers::tar, [writers::NAME], packs false, needs_its_end false;
    cpio: writers::cpio, [writers::NAME], packs false, needs_its_end false;
    portable_cpio: writers::portable_cpio, [writers::NAME], packs false, needs_its_end false;
    ar: writers::ar, [writers::NAME], packs false, needs_its_end false;
    cab: writers::cab, [writers::NAME], packs true, needs_its_end false;
    rpm: writers::rpm, ["payload", "gzip", writers::NAME], packs true, needs_its_end false;
}

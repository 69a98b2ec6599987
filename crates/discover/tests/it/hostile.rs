//! Archives that lie: about sizes, counts, names, and about what is inside what.
use super::writers::{self, NAME, cpio_member, seven_number, seven_of, tar_header, tar_member};
use super::{ID, config, gaps, hits};
use discover::Limits;
use discover::fuzz::read_bytes;
use evidence::{Body, GapReason as G, PathText};
use testing::plant::{self, Rng};

fn text() -> Vec<u8> {
    format!("pump\n\n身份证号 {ID}\n").into_bytes()
}
/// Where values were found, and the gaps' reasons without repetition.
fn read(bytes: &[u8], limits: Limits) -> (Vec<String>, Vec<G>) {
    let bodies = read_bytes(bytes, &config(limits));
    let mut found: Vec<_> = hits(&bodies)
        .iter()
        .map(|h| h.at.inside.iter().map(PathText::as_str).collect::<Vec<_>>().join(" > "))
        .collect();
    found.sort();
    let mut told = gaps(&bodies);
    told.dedup();
    (found, told)
}
fn check(name: &str, bytes: &[u8], found: &[&str], told: &[G]) {
    let (places, reasons) = read(bytes, Limits::default());
    assert_eq!((places, reasons.as_slice()), (found.iter().map(|s| (*s).to_owned()).collect(), told), "{name}");
}
type Build = fn(&[u8]) -> Vec<u8>;
const BUILDS: [Build; 13] = [
    writers::gzip,
    writers::bzip2,
    writers::xz,
    writers::lzma,
    writers::zstd,
    writers::lz4,
    writers::zip,
    writers::seven,
    writers::tar,
    writers::cpio,
    writers::portable_cpio,
    writers::ar,
    writers::cab,
];

#[test]
fn any_container_lies_in_any_other_in_any_third() {
    for (i, a) in BUILDS.iter().enumerate() {
        for (j, b) in BUILDS.iter().enumerate() {
            // Two of them are taken in pairs, the third changes along.
            let c = BUILDS[(i + j) % BUILDS.len()];
            let (found, told) = read(&c(&b(&a(&text()))), Limits::default());
            assert_eq!((found.len(), told), (1, vec![]), "{i} in {j} in {}", (i + j) % BUILDS.len());
            assert_eq!(found[0].matches(" > ").count(), 2);
        }
    }
}

#[test]
fn floods_of_entries_end_at_the_limit_and_what_came_before_is_found() {
    let few = Limits { container_entries_max: 50, ..Limits::default() };
    let first = |member: fn(&str, &[u8]) -> Vec<u8>, end: Vec<u8>| {
        let flood = (0..100).map(|i| member(&format!("f{i}"), b"all is well")).collect::<Vec<_>>().concat();
        [member("first", &text()), flood, end].concat()
    };
    let ar_member = |name: &str, content: &[u8]| {
        let whole = writers::ar(content);
        let named = format!("{:<16}", format!("{name}/"));
        [named.as_bytes(), &whole[8 + 16..]].concat()
    };
    let ar = [b"!<arch>\n".to_vec(), ar_member("first", &text()), ar_member("f", b"all is well").repeat(100)].concat();
    for (name, bytes) in [
        ("tar", first(tar_member, vec![0; 1024])),
        ("cpio", first(cpio_member, cpio_member("TRAILER!!!", b""))),
        ("ar", ar),
    ] {
        assert_eq!(read(&bytes, few.clone()), (vec!["first".to_owned()], vec![G::TooMany]), "{name}");
    }
    // The directory says how many there are: nothing is begun.
    let many: Vec<(String, Vec<u8>)> = (0..100).map(|i| (format!("f{i}"), text())).collect();
    let members: Vec<(&str, &[u8])> = many.iter().map(|(n, t)| (n.as_str(), t.as_slice())).collect();
    assert_eq!(read(&plant::zip(&members).unwrap(), few.clone()), (vec![], vec![G::TooMany]));
    let seven = |files: usize| {
        seven_of(
            b"",
            &[vec![1, 5], seven_number(files), vec![0x0E], seven_number(13), vec![0xFF; 13], vec![0, 0]].concat(),
        )
    };
    assert_eq!(read(&seven(100), few), (vec![], vec![G::TooMany]));
}

#[test]
fn absurd_sizes_in_a_tar_cost_one_member() {
    let good = tar_member("good", &text());
    let end = vec![0; 1024];
    let with = |bytes: &[u8; 12]| {
        let head = tar_header("bad", bytes, b'0');
        [tar_member("before", &text()), head, good.clone(), end.clone()].concat()
    };
    // Negative, beyond 64 bits, no number: the next header is found.
    for (name, size) in [
        ("negative", b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE"),
        ("beyond", b"\x80\x00\x00\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
        ("no number", b"zzzzzzzzzzz\0"),
    ] {
        check(name, &with(size), &["before", "good"], &[G::Corrupt]);
    }
    // More than there is: what there is, is the member's.
    for (name, size) in [("largest", b"\x80\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), ("octal", b"77777777777\0")]
    {
        let (found, told) = read(&with(size), Limits::default());
        assert!(found.contains(&"before".to_owned()) && told == [G::Corrupt], "{name}: {found:?} {told:?}");
    }
    // A header that does not sum up.
    let mut broken = [tar_member("before", &text()), tar_member("bad", b"x"), good, end].concat();
    broken[1024 + 20] ^= 1;
    check("sum", &broken, &["before", "good"], &[G::Corrupt]);
    // Two archives end to end are one; what is none is told.
    check("twice", &[writers::tar(&text()), writers::tar(&text())].concat(), &[NAME, NAME], &[]);
    check("trash", &[writers::tar(&text()), vec![b'x'; 600]].concat(), &[NAME], &[G::Corrupt]);
}

#[test]
fn extensions_of_tar_are_bounded() {
    let octal = |n: usize| -> [u8; 12] { format!("{n:012o}").into_bytes().try_into().unwrap() };
    let extension = |kind: u8, body: &[u8]| {
        let mut padded = body.to_vec();
        padded.resize(body.len().next_multiple_of(512), 0);
        [tar_header("x", &octal(body.len()), kind), padded].concat()
    };
    let file = [tar_member("own", &text()), vec![0; 1024]].concat();
    let with = |kind: u8, body: &[u8]| [extension(kind, body), file.clone()].concat();
    check("a name of 2 MiB", &with(b'L', &vec![b'n'; 2 << 20]), &["own"], &[G::TooLarge]);
    check("a name that is not UTF-8", &with(b'L', b"\xFF\xFEn\0"), &["\\xff\\xfen"], &[]);
    check("a record's length lies", &with(b'x', b"99 path=long\n"), &["own"], &[G::Corrupt]);
    check("a record without a length", &with(b'x', b"path=long\n"), &["own"], &[G::Corrupt]);
    check("a record's length is less than itself", &with(b'x', b"2 path=long\n"), &["own"], &[G::Corrupt]);
    let name = read(&with(b'L', &vec![b'n'; 10_000]), Limits::default()).0;
    assert_eq!(name[0].len(), 4096, "long names are cut");
    // Sparse maps: too many stretches, one that goes back, one that ends beyond all numbers.
    let record = |body: &str| {
        let n = body.len() + 2;
        let digits = (n + n.to_string().len()).to_string().len();
        format!("{} {body}\n", n + digits)
    };
    let map = |map: &str| {
        let records = [record("GNU.sparse.realsize=99999999"), record(&format!("GNU.sparse.map={map}"))];
        with(b'x', records.concat().as_bytes())
    };
    let many = map("7,0,".repeat(100_000).trim_end_matches(','));
    assert_eq!(read(&many, Limits::default()).1, [G::TooMany]);
    for bad in ["1,1,1,1", "9,1,1,1", "18446744073709551615,9", "1", "x,1"] {
        assert_eq!(read(&map(bad), Limits::default()).1, [G::Corrupt], "{bad}");
    }
    // Holes come out of nothing.
    let holes: Vec<String> = (1..30_000u64).map(|i| format!("{},0", i * 8192)).collect();
    let mut long = text();
    long.extend(b"all is well\n".repeat(1000));
    let records =
        [record("GNU.sparse.realsize=99999999"), record(&format!("GNU.sparse.map=0,8192,{}", holes.join(",")))];
    let file = tar_member("own", &long[..8192]);
    let bytes = [extension(b'x', records.concat().as_bytes()), file, vec![0; 1024]].concat();
    let small = Limits { bomb_bytes_min: 1 << 20, container_ratio_max: 20, ..Limits::default() };
    assert_eq!(read(&bytes, small), (vec!["own".to_owned()], vec![G::Bomb]));
}

#[test]
fn names_of_four_gigabytes_are_none() {
    let mut cpio =
        [cpio_member("before", &text()), cpio_member("bad", &text()), cpio_member("TRAILER!!!", b"")].concat();
    let second = cpio_member("before", &text()).len();
    cpio[second + 94..second + 102].copy_from_slice(b"FFFFFFFF");
    check("cpio", &cpio, &["before"], &[G::Corrupt]);
    cpio[second + 94..second + 102].copy_from_slice(b"00000004");
    cpio[second + 54..second + 62].copy_from_slice(b"FFFFFFFF");
    let (found, told) = read(&cpio, Limits::default());
    assert!(found.contains(&"before".to_owned()) && told == [G::Corrupt], "a member of 4 GiB: {found:?} {told:?}");
    let ar = [writers::ar(&text()), format!("{:<48}{:<10}`\n", "#1/4294967296", "9999999999").into_bytes()].concat();
    check("ar", &ar, &[NAME], &[G::TooLarge]);
    let ar = [writers::ar(&text()), format!("{:<48}{:<10}`\n", "//", "9999999999").into_bytes()].concat();
    check("ar, all names", &ar, &[NAME], &[G::TooLarge]);
}

#[test]
fn a_directory_of_7z_that_lies_is_not_believed() {
    let huge = vec![0xFF, 0, 0, 0, 0, 0, 0, 0, 0x80];
    type Lie = (&'static str, Vec<Vec<u8>>, G);
    let directories: [Lie; 8] = [
        ("packed streams", vec![vec![1, 4, 6, 0], huge.clone(), vec![9]], G::Corrupt),
        ("blocks", vec![vec![1, 4, 7, 11], huge.clone(), vec![0]], G::Corrupt),
        ("coders", vec![vec![1, 4, 7, 11, 1, 0], huge.clone()], G::Unsupported),
        ("files", vec![vec![1, 5], huge.clone()], G::Corrupt),
        ("length of a property", vec![vec![1, 5, 1, 0x11], huge.clone()], G::Corrupt),
        ("coder's properties", vec![vec![1, 4, 7, 11, 1, 0, 1, 0x21, 0x21], huge.clone()], G::Corrupt),
        ("archive's properties", vec![vec![1, 2, 9], huge.clone()], G::Corrupt),
        ("nothing", vec![vec![1]], G::Corrupt),
    ];
    for (name, parts, told) in directories {
        check(name, &seven_of(b"data", &parts.concat()), &[], &[told]);
    }
    // Members in the one block: as many as no header has room for.
    let streams = [vec![1, 4, 6, 0, 1, 9, 4, 0, 7, 11, 1, 0, 1, 1, 0, 12, 4, 0, 8, 13], huge].concat();
    check("members", &seven_of(b"data", &streams), &[], &[G::Corrupt]);
    // Two coders that feed each other, and one that nobody feeds.
    let cycle = [1, 4, 6, 0, 1, 9, 4, 0, 7, 11, 1, 0, 3, 1, 3, 1, 3, 1, 3, 1, 0, 0, 1, 12, 4, 4, 4, 0, 0, 5, 1, 0, 0];
    check("cycle", &seven_of(b"data", &cycle), &[], &[G::Corrupt]);
    // A directory that is packed in itself for ever.
    let itself = [0x17, 6, 0, 1, 9, 23, 0, 7, 11, 1, 0, 1, 1, 0, 12, 23, 0, 0];
    let mut packed = itself.to_vec();
    packed.resize(23, 0);
    check("itself", &seven_of(&packed, &packed), &[], &[G::Unsupported]);
}

#[test]
fn coders_in_a_row_do_not_add_up_to_more_memory_than_there_may_be() {
    // Eight of LZMA2, each with a dictionary of 64 MiB and claiming as much data, each fed by the one before.
    let coder = [0x21, 0x21, 1, 28];
    let pairs: Vec<u8> = (0..7u8).flat_map(|i| [i + 1, i]).collect();
    let sizes: Vec<u8> = (0..8).flat_map(|_| seven_number(64 << 20)).collect();
    let mut packed = text();
    for _ in 0..8 {
        let mut out = lzma_rust2::Lzma2Writer::new(Vec::new(), lzma_rust2::Lzma2Options::with_preset(0));
        std::io::Write::write_all(&mut out, &packed).unwrap();
        packed = out.finish().unwrap();
    }
    let directory = [
        vec![1, 4, 6, 0, 1, 9],
        seven_number(packed.len()),
        vec![0, 7, 11, 1, 0, 8],
        coder.repeat(8),
        pairs,
        vec![12],
        sizes,
        vec![0, 0, 5, 1, 0, 0],
    ]
    .concat();
    // What they hold follows what they give: with little in them they are read.
    let (found, told) = read(&seven_of(&packed, &directory), Limits::default());
    assert_eq!((found.len(), told), (1, vec![G::Corrupt]), "the block is shorter than it claims");
    let tight = Limits { held_bytes_max: 2 << 20, ..Limits::default() };
    assert_eq!(read(&seven_of(&packed, &directory), tight), (vec![], vec![G::TooLarge]));
}

#[test]
fn what_follows_a_stream_and_is_none_is_told() {
    for (i, build) in BUILDS[..6].iter().enumerate() {
        let bytes = [build(&text()), b"and more of it".to_vec()].concat();
        let (found, told) = read(&bytes, Limits::default());
        assert_eq!((found.len(), told), (1, vec![G::Corrupt]), "{i}");
    }
}

#[test]
fn archives_with_their_directory_at_the_end_are_sought_through_on_disk() {
    let dir = super::folder("seek");
    let noise: Vec<u8> = (0..20_000u64).flat_map(|i| evidence::Digest::of(&i.to_le_bytes()).0).collect();
    std::fs::write(dir.join("a.zip"), plant::zip(&[("noise", &noise), ("plan.txt", &text())]).unwrap()).unwrap();
    let lines: String = noise.iter().map(|b| format!("{b} ")).collect();
    let lines = format!("{lines}\n{}", String::from_utf8(text()).unwrap());
    std::fs::write(dir.join("b.7z"), writers::seven(lines.as_bytes())).unwrap();
    // Nothing of them may be held in memory.
    let none = Limits { nested_bytes_max: 0, ..Limits::default() };
    let bodies = super::run(&dir, none);
    let found: Vec<_> = hits(&bodies).iter().map(|h| h.at.inside[0].as_str().to_owned()).collect();
    assert_eq!((found.len(), gaps(&bodies)), (2, vec![]), "{found:?}");
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn an_archive_in_a_stream_is_no_member() {
    // Larger as a whole than a member may be, and each member within the limit.
    let small = Limits { member_bytes_max: 100_000, ..Limits::default() };
    let noise: Vec<u8> = (0..2_500u64).flat_map(|i| evidence::Digest::of(&i.to_le_bytes()).0).collect();
    let tar = [tar_member("a", &noise), tar_member("b", &noise), tar_member("c", &text()), vec![0; 1024]].concat();
    assert_eq!(read(&writers::gzip(&tar), small.clone()), (vec!["gzip > c".to_owned()], vec![]));
    let long = format!("{}{}", "all is well\n".repeat(20_000), String::from_utf8(text()).unwrap());
    assert_eq!(read(&writers::gzip(long.as_bytes()), small), (vec![], vec![G::TooLarge]));
}

#[test]
fn a_zip_without_its_directory_is_read_along_its_members() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/archives/streamed.zip");
    let whole = std::fs::read(path).unwrap();
    let directory = memchr::memmem::find(&whole, b"PK\x01\x02").unwrap();
    check("whole", &whole, &["folder/plan.txt", "last.txt"], &[]);
    check("cut at its directory", &whole[..directory], &["folder/plan.txt", "last.txt"], &[G::Corrupt]);
    check("cut in its directory", &whole[..directory + 60], &["folder/plan.txt", "last.txt"], &[G::Corrupt]);
    let third = memchr::memmem::rfind(&whole[..directory], b"PK\x03\x04").unwrap();
    check("cut at a member", &whole[..third + 20], &["folder/plan.txt"], &[G::Corrupt]);
    // One that is too large to be held in memory.
    let noise: Vec<u8> = (0..40_000u64).flat_map(|i| evidence::Digest::of(&i.to_le_bytes()).0).collect();
    let large = plant::zip(&[("noise", &noise), ("plan.txt", &text())]).unwrap();
    let small = Limits { nested_bytes_max: 1 << 20, ..Limits::default() };
    assert_eq!(read(&writers::tar(&large), small.clone()), (vec!["m.txt > plan.txt".to_owned()], vec![G::TooLarge]));
    let seven = writers::tar(&writers::seven(&noise));
    assert_eq!(read(&seven, small), (vec![], vec![G::TooLarge]));
}

#[test]
fn names_of_no_encoding_are_shown_by_their_bytes() {
    let text = text();
    let name = b"\xFF\xFE\xFD\xFC.txt";
    let mut zip = plant::zip(&[("AAAA.txt", &text)]).unwrap();
    let mut tar = tar_member("AAAA.txt", &text);
    for at in memchr::memmem::find_iter(&zip.clone(), b"AAAA") {
        zip[at..at + 8].copy_from_slice(name);
    }
    // The sum of the header's bytes: old ones out, new ones in.
    tar[..8].copy_from_slice(name);
    tar[148..156].fill(b' ');
    let sum: usize = tar[..512].iter().map(|b| usize::from(*b)).sum();
    tar[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
    let tar = [tar, vec![0; 1024]].concat();
    let mut cpio = cpio_member("AAAA.txt", &text);
    cpio[110..118].copy_from_slice(name);
    let cpio = [cpio, cpio_member("TRAILER!!!", b"")].concat();
    for (name, bytes) in [("zip", zip), ("tar", tar), ("cpio", cpio)] {
        check(name, &bytes, &["\\xff\\xfe\\xfd\\xfc.txt"], &[]);
    }
}

#[test]
fn damaged_archives_of_others_never_panic_and_never_end_late() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/archives");
    let mut rng = Rng::new(11);
    let limits = Limits { bomb_bytes_min: 1 << 20, container_bytes_max: 8 << 20, ..Limits::default() };
    for entry in std::fs::read_dir(dir).unwrap() {
        let whole = std::fs::read(entry.unwrap().path()).unwrap();
        for _ in 0..25 {
            let mut bytes = whole.clone();
            for _ in 0..1 + rng.below(4) {
                let at = rng.below(bytes.len());
                match rng.below(4) {
                    0 => bytes[at] ^= 1 << rng.below(8),
                    1 => bytes[at] = *rng.pick(&[0, 1, 0x7F, 0x80, 0xFF]),
                    2 => bytes.truncate(at + 1),
                    _ => {
                        let piece = bytes[at..(at + 40).min(bytes.len())].to_vec();
                        let to = rng.below(bytes.len());
                        bytes.splice(to..to, piece);
                    }
                }
            }
            // Whatever it is, its end is told.
            let bodies = read_bytes(&bytes, &config(limits.clone()));
            assert!(matches!(bodies.last(), Some(Body::Covered(_))));
        }
    }
}

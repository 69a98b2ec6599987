//! PDFs: what each writer makes of the same text, what stands beside it, and what was made to do harm.
use super::{ID, config, folder, gaps, hits, run};
use discover::Limits;
use discover::fuzz::read_bytes;
use evidence::{Body, GapReason, Hits, Spot};
use std::fmt::Write;
use testing::plant;

const PHONE: &str = "13961835674";
const CARD: &str = "6228480402564890018";

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/pdf/{name}.pdf", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}
/// Where what was found: member, class, page and line, confidence in words.
fn found(bodies: &[Body]) -> Vec<String> {
    let word = |confidence: u8| match confidence {
        85.. => "high",
        65.. => "medium",
        _ => "low",
    };
    let each = |hit: &Hits| {
        let inside: String = hit.at.inside.iter().map(|m| format!("{m}: ")).collect();
        let class = hit.class.as_str().to_owned();
        let samples = hit.samples.iter().map(move |s| {
            let at = match &s.spot {
                Spot::Page { page, line, .. } => format!("page {page} line {line}"),
                Spot::Line { line, .. } => format!("line {line}"),
                _ => "elsewhere".to_owned(),
            };
            format!("{inside}{class} {at} {}", word(s.confidence))
        });
        samples.collect::<Vec<_>>()
    };
    let mut all: Vec<String> = hits(bodies).into_iter().flat_map(each).collect();
    all.sort();
    all
}
fn read(bytes: &[u8]) -> Vec<Body> {
    read_bytes(bytes, &config(Limits::default()))
}

#[test]
fn what_every_writer_makes_is_found_on_its_page_and_line() {
    let (first, second) = ("cn.resident-id page 1 line 3 high", "cn.resident-id page 3 line 2 high");
    let table = ["bank-card page 2 line 3 high", "cn.mobile page 2 line 3 high"];
    let mail = "email page 3 line 2 high";
    let all = [table[0], table[1], first, second, mail];
    let two = [table[0], table[1], first];
    let turned = ["cn.resident-id page 1 line 1 high", "cn.resident-id page 2 line 1 high"];
    let files: [(&str, &[&str]); 13] = [
        ("reportlab-cid", &all),
        ("reportlab-pieces", &all),
        ("reportlab-ttf", &two[2..]),
        ("libreoffice", &all),
        ("skia", &two),
        ("cairo", &all),
        ("ghostscript", &turned),
        ("object-streams", &all),
        ("linear", &all),
        ("rc4-40", &all),
        ("rc4-128", &all),
        ("aes-128", &all),
        ("aes-256", &all),
    ];
    let dir = folder("pdf");
    for (name, expect) in files {
        let bytes = fixture(name);
        let bodies = read(&bytes);
        // Some writers put a title into the properties.
        let pages: Vec<String> = found(&bodies).into_iter().filter(|f| !f.starts_with("Info: ")).collect();
        assert_eq!(pages, expect, "{name}");
        assert_eq!(gaps(&bodies), [], "{name}");
        let emitted = serde_json::to_string(&bodies).unwrap();
        assert!([ID, PHONE, CARD].iter().all(|value| !emitted.contains(value)), "{name} leaks");
        // A file that fits no buffer is read by seeking: the same with 300 kB behind it, and its end once more.
        let end = memchr::memmem::rfind(&bytes, b"startxref").unwrap();
        let long = [&bytes, &b"% nothing here\n".repeat(20_000)[..], &bytes[end..]].concat();
        std::fs::write(dir.join("long.pdf"), long).unwrap();
        let again = found(&run(&dir, Limits::default()));
        assert_eq!(again, found(&bodies), "{name} by seeking");
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn what_stands_beside_the_pages_is_found_too() {
    let expect = [
        "AcroForm: cn.mobile line 1 high",
        "Info: cn.resident-id",
        "Info: cn.resident-id",
        "Outlines: cn.resident-id line 1 high",
        "bank-card page 2 line 3 high",
        "cn.mobile page 2 line 3 high",
        "cn.resident-id page 1 line 3 high",
        "cn.resident-id page 2 line 4 high",
        "cn.resident-id page 3 line 2 high",
        "cn.resident-id page 3 line 4 high",
        "email page 3 line 2 high",
        "email page 3 line 3 low",
        "inner.pdf: cn.resident-id page 1 line 1 high",
        "inner.pdf: cn.resident-id page 2 line 1 high",
        "名单.txt: cn.resident-id line 2 high",
    ];
    let bodies = read(&fixture("beside"));
    let mut all = found(&bodies);
    // pypdf orders properties as it likes.
    for line in all.iter_mut().filter(|l| l.starts_with("Info: ")) {
        line.truncate("Info: cn.resident-id".len());
    }
    assert_eq!(all, expect);
    assert_eq!(gaps(&bodies), []);
}

#[test]
fn what_cannot_be_read_says_so() {
    let gap = |bodies: &[Body]| -> Vec<(GapReason, u64, String)> {
        let gaps = bodies.iter().filter_map(|b| if let Body::Gap(g) = b { Some(g) } else { None });
        gaps.map(|g| (g.reason, g.count, g.at.as_ref().map_or(String::new(), ToString::to_string))).collect()
    };
    let scan = read(&fixture("scan"));
    assert_eq!(gap(&scan), [(GapReason::Unsupported, 2, "/bytes#p1:1:1".to_owned())]);
    assert_eq!(found(&scan), ["cn.resident-id page 3 line 1 high"]);
    let locked = read(&fixture("locked"));
    assert_eq!(gap(&locked), [(GapReason::Encrypted, 1, "/bytes".to_owned())]);
    assert_eq!(found(&locked), Vec::<String>::new());
}

/// A document of `objects`, numbered from 1; the first is its root.
fn document(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (i, object) in (1..).zip(objects) {
        let _ = writeln!(table, "{:010} 00000 n ", out.len());
        out.extend(format!("{i} 0 obj\n").bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let at = out.len();
    let tail = format!("trailer\n<</Root 1 0 R/Size {}>>\nstartxref\n{at}\n%%EOF\n", objects.len() + 1);
    out.extend(table.bytes().chain(tail.bytes()));
    out
}
fn stream(dict: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = format!("<<{dict}/Length {}>>\nstream\n", bytes.len()).into_bytes();
    out.extend(bytes);
    out.extend(b"\nendstream");
    out
}
/// One page with this content; objects from 5 on are `more`.
fn page(resources: &str, content: Vec<u8>, more: &[Vec<u8>]) -> Vec<u8> {
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        format!("<</Type/Page/Parent 2 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>>>{resources}>>/Contents 4 0 R>>").into_bytes(),
        content,
    ];
    objects.extend_from_slice(more);
    document(&objects)
}
fn text() -> String {
    format!("BT /F 10 Tf 50 700 Td (ID {ID}) Tj ET\n")
}
fn flate(bytes: &[u8]) -> Vec<u8> {
    // What gzip makes, without its head and tail, is what deflate makes.
    let gzip = plant::gzip(bytes).expect("memory takes it");
    [&[0x78, 0x9C], &gzip[10..gzip.len() - 8], &[0; 4]].concat()
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = memchr::memmem::find(bytes, from.as_bytes()).expect("it is there");
    [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
}
/// What LZW makes of one byte again and again: every code stands for one byte more than the last.
fn lzw_of_one_byte(bytes: usize) -> Vec<u8> {
    let (mut bits, mut have, mut out, mut made) = (0u64, 0, Vec::new(), 0);
    let mut put = |code: u64, width: u32| {
        (bits, have) = (bits << width | code, have + width);
        while have >= 8 {
            have -= 8;
            out.push((bits >> have) as u8);
        }
    };
    put(256, 9);
    let mut next = 257;
    while made < bytes {
        let code = if next == 257 { u64::from(b' ') } else { next };
        // The reader's table is a code behind, and codes grow one early.
        let width = [510, 1022, 2046].iter().fold(9, |w, limit| w + u32::from(next > *limit));
        put(code, width);
        made += if next == 257 { 1 } else { next as usize - 256 };
        next = (next + 1).min(4095);
    }
    put(0, 12);
    out
}

#[test]
fn numbers_stay_whole_however_they_are_drawn_and_cells_stay_apart() {
    let digits =
        |each: &dyn Fn(usize, char) -> String| -> String { ID.chars().enumerate().map(|(i, c)| each(i, c)).collect() };
    let table: [(&str, String, usize); 10] = [
        ("kerned", format!("50 700 Td [{}] TJ", digits(&|_, c| format!("({c})-80 "))), 1),
        ("spaced by Tc", format!("50 700 Td 4 Tc ({ID}) Tj"), 1),
        ("each moved by Td", format!("50 700 Td {}", digits(&|_, c| format!("({c}) Tj 5.56 0 Td "))), 1),
        ("each placed by Tm", digits(&|i, c| format!("1 0 0 1 {} 700 Tm ({c}) Tj ", 50.0 + i as f64 * 5.56)), 1),
        (
            "backwards",
            digits(&|i, _| format!("1 0 0 1 {} 700 Tm ({}) Tj ", 300.0 - i as f64 * 5.56, &ID[17 - i..18 - i])),
            1,
        ),
        ("in boxes", digits(&|i, c| format!("1 0 0 1 {} 700 Tm ({c}) Tj ", 50 + i * 20)), 1),
        ("in hexadecimal", format!("50 700 Td <{}> Tj", digits(&|_, c| format!("{:02x}", c as u32))), 1),
        ("scaled, by the matrix", format!("10 0 0 10 50 700 Tm /F 1 Tf 50 Tz ({ID}) Tj"), 1),
        ("neighbours in a table", format!("50 700 Td (7) Tj 1 0 0 1 59 700 Tm ({ID}) Tj 1 0 0 1 162 700 Tm (7) Tj"), 1),
        ("a number inside a longer one", format!("50 700 Td (7) Tj 1 0 0 1 55.56 700 Tm ({ID}) Tj"), 0),
    ];
    for (name, drawn, expect) in table {
        let content = format!("BT /F 10 Tf {drawn} ET");
        let bodies = read(&page("", stream("", content.as_bytes()), &[]));
        assert_eq!((hits(&bodies).len(), gaps(&bodies)), (expect, vec![]), "{name}");
    }
}

#[test]
fn loops_and_lies_end() {
    use GapReason as G;
    let t = text();
    let packed = |dict: &str, bytes: &[u8]| stream(&format!("/Filter/FlateDecode{dict}"), &flate(bytes));
    let form = |inner: &str| stream("/Type/XObject/Subtype/Form", format!("{t}{inner}").as_bytes());
    let tree = |kids: &str| {
        document(&[
            b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
            format!("<</Type/Pages/Kids[{kids}]>>").into_bytes(),
            b"<</Type/Page/Parent 2 0 R/Resources<</Font<</F<</Subtype/Type1/BaseFont/Helvetica>>>>>>/Contents 4 0 R>>"
                .to_vec(),
            stream("", t.as_bytes()),
        ])
    };
    let short = {
        let mut bytes = page("", stream("", t.as_bytes()), &[]);
        let at = memchr::memmem::find(&bytes, b"/Length ").unwrap() + 8;
        bytes[at..at + 2].copy_from_slice(b"1 ");
        bytes
    };
    let endless = {
        let bytes = page("", stream("", t.as_bytes()), &[]);
        let text = String::from_utf8(bytes).unwrap();
        text.replace("/Root 1 0 R", "/Root 1 0 R/Prev 9").into_bytes()
    };
    let back = {
        let bytes = page("", stream("", t.as_bytes()), &[]);
        let at = memchr::memmem::rfind(&bytes, b"xref\n0").unwrap();
        let text = String::from_utf8(bytes).unwrap();
        text.replace("/Root 1 0 R", &format!("/Root 1 0 R/Prev {at}")).into_bytes()
    };
    let nothing =
        [b"%PDF-1.7\n".to_vec(), b"1 0 obj 2 0 R endobj 2 0 obj 1 0 R endobj\nstartxref\n0\n%%EOF".to_vec()].concat();
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let many_fonts: String = (0..20_000).map(|i| format!("/F{i} 10 Tf ")).collect();
    let fonts: String = (0..20_000).map(|i| format!("/F{i}<</Subtype/Type0/DescendantFonts[]>>")).collect();
    let lines: String = (0..200_000).map(|i| format!("1 0 0 1 50 {i} Tm (x) Tj ")).collect();
    let table: [(&str, Vec<u8>, usize, &[G]); 22] = [
        (
            "a length that is too long",
            page("", replaced(&stream("", t.as_bytes()), "/Length ", "/Length 9"), &[]),
            1,
            &[],
        ),
        (
            "a length that is its own stream",
            page("", replaced(&stream("", t.as_bytes()), "/Length ", "/Length 4 0 R/X "), &[]),
            1,
            &[],
        ),
        ("a bomb in LZW", page("", stream("/Filter/LZWDecode", &lzw_of_one_byte(64 << 20)), &[]), 0, &[G::Bomb]),
        ("a tree that holds itself", tree("2 0 R 3 0 R"), 1, &[G::Corrupt]),
        ("a page twice", tree("3 0 R 3 0 R"), 1, &[G::Corrupt]),
        ("a page that is not there", tree("3 0 R 99 0 R"), 1, &[G::Corrupt]),
        (
            "a form that draws itself",
            page("/XObject<</X 5 0 R>>", stream("", b"/X Do"), &[form("/X Do")]),
            1,
            &[G::Corrupt],
        ),
        ("an older table that is this one", back, 1, &[]),
        ("an older table that is none", endless, 1, &[G::Corrupt]),
        ("a length that is too short", short, 1, &[]),
        ("nothing but references", nothing, 0, &[G::Corrupt]),
        ("deep arrays", page("", stream("", format!("{deep} TJ {t}").as_bytes()), &[]), 1, &[G::TooDeep]),
        ("deep states", page("", stream("", format!("{}{t}", "q ".repeat(9000)).as_bytes()), &[]), 1, &[G::TooDeep]),
        (
            "a wide predictor",
            page(
                "",
                stream("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 2147483648>>", &flate(t.as_bytes())),
                &[],
            ),
            0,
            &[G::TooLarge],
        ),
        (
            "many filters",
            page("", stream("/Filter[/AHx/AHx/AHx/AHx/AHx/AHx/AHx/AHx/AHx/AHx]", t.as_bytes()), &[]),
            0,
            &[G::TooDeep],
        ),
        ("a filter for images", page("", stream("/Filter/DCTDecode", t.as_bytes()), &[]), 0, &[G::Unsupported]),
        (
            "a bomb behind text",
            page("", packed("", &[t.as_bytes(), &vec![b' '; 64 << 20]].concat()), &[]),
            1,
            &[G::Bomb],
        ),
        (
            "many fonts",
            page(
                &format!("/Font<<{fonts}/F<</Subtype/Type1/BaseFont/Helvetica>>>>"),
                stream("", format!("{t} {many_fonts}").as_bytes()),
                &[],
            ),
            1,
            &[],
        ),
        ("many lines", page("", packed("", format!("{t} BT /F 10 Tf {lines} ET").as_bytes()), &[]), 1, &[]),
        (
            "an image without an end",
            page("", stream("", format!("{t} BI /W 1 ID xxxx").as_bytes()), &[]),
            1,
            &[G::Corrupt],
        ),
        ("an unknown filter", page("", stream("/Filter/Nonsense", t.as_bytes()), &[]), 0, &[G::Unsupported]),
        ("a text in another file", page("", stream("/F(other.txt)", t.as_bytes()), &[]), 0, &[G::Unsupported]),
    ];
    for (name, bytes, ids, reasons) in table {
        let bodies = read(&bytes);
        let found: u64 = hits(&bodies).iter().map(|h| h.bands.high).sum();
        assert_eq!((found, gaps(&bodies).as_slice()), (ids as u64, reasons), "{name}");
    }
}

#[test]
fn forms_that_draw_forms_without_end_are_stopped_by_count() {
    // Ten forms, each drawing the next one fifty times: the text would be shown 50^9 times.
    let forms: Vec<Vec<u8>> = (5..15)
        .map(|i| {
            let next = format!("/XObject<</X {} 0 R>>", i + 1);
            let drawn = if i < 14 { "/X Do ".repeat(50) } else { text() };
            let fonts = "/Font<</F<</Subtype/Type1/BaseFont/Helvetica>>>>";
            stream(&format!("/Type/XObject/Subtype/Form/Resources<<{next}{fonts}>>"), drawn.as_bytes())
        })
        .collect();
    let bytes = page("/XObject<</X 5 0 R>>", stream("", format!("{}/X Do", text()).as_bytes()), &forms);
    let bodies = read(&bytes);
    assert_eq!(gaps(&bodies), [GapReason::TooMany]);
    let hits = hits(&bodies);
    assert!(hits[0].bands.high > 0 && hits[0].distinct == 1);
}

#[test]
fn objects_that_need_each_other_are_no_objects() {
    // An object stream that says it lies in itself, and one whose length lies in it.
    let contained = "6 0 (x) 7 2 9";
    let container = |extra: &str| stream(&format!("/Type/ObjStm/N 2/First 8{extra}"), contained.as_bytes());
    let mut rows = Vec::new();
    let mut out = b"%PDF-1.7\n".to_vec();
    let t = text();
    let objects: [(u32, Vec<u8>); 6] = [
        (1, b"<</Type/Catalog/Pages 2 0 R>>".to_vec()),
        (2, b"<</Type/Pages/Kids[3 0 R 5 0 R 6 0 R]>>".to_vec()),
        (3, b"<</Type/Page/Resources<</Font<</F<</Subtype/Type1/BaseFont/Helvetica>>>>>>/Contents 4 0 R>>".to_vec()),
        (4, stream("", t.as_bytes())),
        (8, container("/DecodeParms 7 0 R/Filter 7 0 R")),
        (9, container("/Extends 9 0 R")),
    ];
    for (number, object) in objects {
        rows.push((number, [1u8, (out.len() >> 8) as u8, out.len() as u8, 0]));
        out.extend(format!("{number} 0 obj\n").bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    // 5 lies in itself, 6 in 9, 7 in 8 whose filter it is; 10 is this table.
    rows.extend([(5, [2, 0, 5, 0]), (6, [2, 0, 9, 0]), (7, [2, 0, 8, 1])]);
    let at = out.len();
    rows.push((10, [1, (at >> 8) as u8, at as u8, 0]));
    rows.sort_unstable();
    let table: Vec<u8> = rows.iter().flat_map(|r| r.1).collect();
    out.extend(b"10 0 obj\n");
    out.extend(stream("/Type/XRef/W[1 2 1]/Index[1 10]/Size 11/Root 1 0 R", &table));
    out.extend(format!("\nendobj\nstartxref\n{at}\n%%EOF\n").bytes());
    let bodies = read(&out);
    assert_eq!(found(&bodies), ["cn.resident-id page 1 line 1 high"]);
    assert_eq!(gaps(&bodies), [GapReason::Corrupt]);
}

#[test]
fn any_cut_and_any_flipped_byte_is_read_without_a_panic() {
    for (name, step) in
        [("object-streams", 7), ("aes-256", 29), ("ghostscript", 29), ("beside", 199), ("libreoffice", 401)]
    {
        let whole = fixture(name);
        let expect = found(&read(&whole)).len();
        for n in (0..whole.len()).step_by(step) {
            let cut = read(&whole[..n]);
            assert!(found(&cut).len() <= expect, "{name} cut at {n}");
            // What is cut off is never passed over in silence.
            assert!(n < 5 || !gaps(&cut).is_empty() || found(&cut).len() == expect, "{name} cut at {n}");
            for flip in [0x01, 0xFF] {
                let mut other = whole.clone();
                other[n] ^= flip;
                let _ = read(&other);
            }
        }
    }
}

#[test]
fn a_document_is_known_by_its_mark_wherever_it_stands_and_a_text_stays_a_text() {
    let whole = fixture("object-streams");
    let expect = found(&read(&whole));
    let junk: [&[u8]; 3] = [b"\r\n", b"\x1B%-12345X@PJL SET X=1\n\0\0", &[0; 900]];
    for junk in junk {
        assert_eq!(found(&read(&[junk, &whole].concat())), expect);
    }
    let text = format!("How a PDF begins:\n%PDF-1.7\n1 0 obj\nID {ID}\n");
    assert_eq!(found(&read(text.as_bytes())), ["cn.resident-id line 4 high"]);
}

#[test]
fn documents_in_archives_are_read_from_memory_and_no_deeper_than_anything_else() {
    let whole = fixture("object-streams");
    let zip = plant::zip(&[("a/scan.pdf", &whole), ("b.pdf", &fixture("locked"))]).unwrap();
    let bodies = read(&zip);
    assert_eq!(found(&bodies).len(), found(&read(&whole)).len());
    assert!(found(&bodies).iter().any(|f| f == "a/scan.pdf: cn.resident-id page 1 line 3 high"));
    assert_eq!(gaps(&bodies), [GapReason::Encrypted]);
    // What fits a window is held in any case.
    let large = [whole.clone(), vec![b' '; 300 << 10]].concat();
    for (limits, reason) in [
        (Limits { nested_bytes_max: 1000, ..Limits::default() }, GapReason::TooLarge),
        (Limits { container_depth_max: 1, ..Limits::default() }, GapReason::TooDeep),
    ] {
        let bodies = read_bytes(&plant::zip(&[("a.pdf", &large)]).unwrap(), &config(limits));
        assert_eq!((found(&bodies).len(), gaps(&bodies)), (0, vec![reason]));
    }
}

#[test]
fn fonts_of_every_kind_are_read_or_named_as_unread() {
    let digits =
        |each: &dyn Fn(u32) -> String| -> String { ID.chars().filter_map(|c| c.to_digit(10)).map(each).collect() };
    let wide = |first: u32| digits(&|d| format!("{:04X}", first + d));
    let single = |first: u32| digits(&|d| format!("{:02X}", first + d));
    let composite = |encoding: &str, ordering: &str, more: &str| {
        format!(
            "<</Subtype/Type0/Encoding{encoding}/DescendantFonts[<</Subtype/CIDFontType2/DW 500/CIDSystemInfo<</Registry(Adobe)/Ordering({ordering})>>>>]{more}>>"
        )
    };
    let map = |text: &str| stream("", text.as_bytes());
    let names = |prefix: &str| -> String { (0..10).map(|i| format!("/{prefix}{i}")).collect() };
    let words = "/zero/one/two/three/four/five/six/seven/eight/nine";
    let none = map("");
    let to_wide = map("1 beginbfrange <0010> <0019> <0030> endbfrange");
    let to_single =
        map("1 begincodespacerange <00> <FF> endcodespacerange 10 beginbfrange <41> <4A> <0030> endbfrange");
    let own = map("1 begincodespacerange <00> <FF> endcodespacerange 1 begincidrange <41> <4A> 17 endcidrange");
    let built = map("/GBK-EUC-H usecmap 1 begincidchar <20> 1 endcidchar");
    let type3 = |names: &str| {
        format!(
            "<</Subtype/Type3/FontMatrix[.01 0 0 .01 0 0]/FirstChar 65/Widths[{}]/Encoding<</Differences[65 {names}]>>>>",
            "50 ".repeat(10)
        )
    };
    let type1 =
        |names: &str, more: &str| format!("<</Subtype/Type1/BaseFont/X/Encoding<</Differences[65 {names}]>>{more}>>");
    let symbolic = "<</Subtype/TrueType/BaseFont/X/FontDescriptor<</Flags 4>>>>".to_owned();
    let unread = &[GapReason::Unsupported][..];
    type Case<'a> = (&'a str, String, &'a [u8], String, usize, &'a [GapReason]);
    let table: [Case<'_>; 14] = [
        ("two bytes and a map", composite("/Identity-H", "Identity", "/ToUnicode 5 0 R"), &to_wide, wide(0x10), 1, &[]),
        ("numbers of a collection", composite("/Identity-H", "GB1", ""), &none, wide(17), 1, &[]),
        ("a map of its own", composite(" 5 0 R", "GB1", ""), &own, single(0x41), 1, &[]),
        ("a map that builds on another", composite(" 5 0 R", "GB1", ""), &built, single(0x30), 1, &[]),
        ("from top to bottom", composite("/UniGB-UCS2-V", "GB1", ""), &none, wide(0x30), 1, &[]),
        ("UTF-16 by name", composite("/UniCNS-UTF16-H", "CNS1", ""), &none, wide(0x30), 1, &[]),
        ("drawn letters with names", type3(words), &none, single(65), 1, &[]),
        ("names of code points", type1(&names("uni003"), ""), &none, single(65), 1, &[]),
        ("names that say nothing and a map", type1(&names("g"), "/ToUnicode 5 0 R"), &to_single, single(65), 1, &[]),
        ("names that say nothing", type1(&names("g"), ""), &none, single(65), 0, unread),
        ("drawn letters without names", type3(&names("a")), &none, single(65), 0, unread),
        ("two bytes and no map", composite("/Identity-H", "Identity", ""), &none, wide(17), 0, unread),
        ("codes of its own", symbolic, &none, single(65), 0, unread),
        ("a map that is an image", composite("/Identity-H", "GB1", "/ToUnicode 6 0 R"), &none, wide(17), 1, unread),
    ];
    let image = stream("/Filter/DCTDecode", b"x");
    for (name, font, map, shown, expect, reasons) in table {
        let content = format!("BT /G 10 Tf 50 700 Td <{shown}> Tj ET");
        let bytes =
            page(&format!("/Font<</G {font}>>"), stream("", content.as_bytes()), &[map.to_vec(), image.clone()]);
        let bodies = read(&bytes);
        assert_eq!((hits(&bodies).len(), gaps(&bodies).as_slice()), (expect, reasons), "{name}");
    }
    // Glyphs in units of their own: 2 units between digits of 50 do not part them.
    let large = type3(words).replace("[.01 0 0 .01 0 0]", "[1 0 0 1 0 0]");
    let content = format!("BT /G 1 Tf .1 0 0 .1 50 700 Tm [{}] TJ ET", digits(&|d| format!("<{:02X}>-2000 ", 65 + d)));
    let bodies = read(&page(&format!("/Font<</G {large}>>"), stream("", content.as_bytes()), &[]));
    assert_eq!((hits(&bodies).len(), gaps(&bodies)), (1, vec![]), "glyphs in units of their own");
    // A replacement counts where the glyphs cannot be read, and only there.
    let symbolic = "/Font<</G<</Subtype/TrueType/FontDescriptor<</Flags 4>>>>/F<</Subtype/Type1/BaseFont/Helvetica>>>>";
    for (font, expect) in [("G", 1), ("F", 0)] {
        let content = format!("/Span <</ActualText ({ID})>> BDC BT /{font} 10 Tf 50 700 Td (abcdefghi) Tj ET EMC");
        let bodies = read(&page(symbolic, stream("", content.as_bytes()), &[]));
        assert_eq!((hits(&bodies).len(), gaps(&bodies)), (expect, vec![]), "{font}");
    }
}

#[test]
fn metadata_forms_in_xml_and_associated_files_are_members() {
    let xml = format!("<x>身份证号 {ID}</x>");
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R/Metadata 4 0 R/AcroForm<</XFA[(template)5 0 R(datasets)6 0 R]>>/AF[7 0 R]>>"
            .to_vec(),
        b"<</Type/Pages/Kids[3 0 R]>>".to_vec(),
        b"<</Type/Page>>".to_vec(),
        stream("/Type/Metadata/Subtype/XML", xml.as_bytes()),
        stream("", b"<none/>"),
        stream("/Filter/FlateDecode", &flate(xml.as_bytes())),
        b"<</Type/Filespec/F(a.csv)/EF<</F 8 0 R>>>>".to_vec(),
        stream("", format!("name,id\nx,{ID}\n").as_bytes()),
    ];
    let bodies = read(&document(&objects));
    let expect = [
        "Metadata: cn.resident-id line 1 high",
        "XFA/datasets: cn.resident-id line 1 high",
        "a.csv: cn.resident-id line 2 high",
    ];
    assert_eq!((found(&bodies), gaps(&bodies)), (expect.map(str::to_owned).to_vec(), vec![]));
}

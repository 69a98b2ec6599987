//! Documents and mails: what others' writers made (`tests/data/documents`, which has a README) and what nobody should.
mod claims;

use super::{config, folder, gaps, hits, run};
use discover::Limits;
use discover::fuzz::read_bytes;
use evidence::{Body, DigestKey, GapReason, Spot};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use testing::plant;

const ID: (&str, &str) = ("cn.resident-id", "360426199101010071");
const CARD: (&str, &str) = ("bank-card", "6228480402564890018");
const USCC: (&str, &str) = ("cn.uscc", "91310115MAAG1T2X13");
const VIN: (&str, &str) = ("vin", "LSVAG2189E2100347");
const A: (&str, &str) = ("cn.mobile", "13961835674");
const B: (&str, &str) = ("cn.mobile", "15051889237");
const C: (&str, &str) = ("cn.mobile", "18652017439");
const D: (&str, &str) = ("cn.mobile", "13705196231");
const ZHAO: (&str, &str) = ("email", "zhao.liu88@163.com");
const META: (&str, &str) = ("email", "wang.meta731@qq.com");

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/documents").join(name)
}
fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(data(name)).expect("a fixture of this folder")
}
/// What is expected: class and value, where inside, and a line's number or a cell.
type Expect<'a> = ((&'a str, &'a str), &'a str, &'a str);

/// Every sample as a line of text: class, keyed digest, members, spot.
fn seen(bodies: &[Body]) -> Vec<String> {
    // What is planted here is of these; that a name beside it is seen too is for others to test.
    let planted = ["cn.resident-id", "bank-card", "cn.uscc", "vin", "cn.mobile", "email"];
    let mut all = Vec::new();
    for hit in hits(bodies).into_iter().filter(|h| planted.contains(&h.class.as_str())) {
        let inside: Vec<&str> = hit.at.inside.iter().map(evidence::PathText::as_str).collect();
        assert_eq!(hit.bands.all(), hit.samples.len() as u64, "each hit has its sample");
        for sample in &hit.samples {
            let spot = match &sample.spot {
                Spot::Line { line, .. } => line.to_string(),
                Spot::Cell { sheet, cell } => format!("{sheet}!{cell}"),
                other => panic!("{other:?}"),
            };
            all.push(format!("{} {:?} {} {spot}", hit.class.as_str(), sample.keyed, inside.join("/")));
        }
    }
    all.sort();
    all
}
fn wanted(expect: &[Expect<'_>]) -> Vec<String> {
    let key = DigestKey::new([7; 32]);
    let one = |((class, value), inside, spot): &Expect<'_>| {
        let keyed = key.digest(class, value.as_bytes());
        format!("{class} {keyed:?} {inside} {spot}")
    };
    let mut all: Vec<String> = expect.iter().map(one).collect();
    all.sort();
    all
}
/// All that is in `bytes` is what is expected, no more and no less, and no value is in what comes out.
fn check(name: &str, bytes: &[u8], expect: &[Expect<'_>], reasons: &[GapReason]) {
    let bodies = read_bytes(bytes, &config(Limits { samples_per_hit_max: 1000, ..Limits::default() }));
    assert_eq!(seen(&bodies), wanted(expect), "{name}");
    assert_eq!(gaps(&bodies), reasons, "{name}");
    let text = serde_json::to_string(&bodies).expect("bodies are JSON");
    for ((_, value), ..) in expect {
        assert!(!text.contains(value), "{name} leaks");
    }
}

#[test]
fn what_others_wrote_is_found_where_it_stands() {
    const DOC: &str = "WordDocument";
    const XLS: &str = "Workbook";
    const ODF: &str = "content.xml";
    const PPT: &str = "slides.ppt/PowerPoint Document";
    let long: Vec<(String, String)> = (1..=12)
        .map(|i: u32| {
            let value = if i.is_multiple_of(2) {
                format!("139618356{}", i / 2 + 20)
            } else {
                format!("{}", 13_961_830_000u64 + 25 * u64::from(i))
            };
            (value, format!("长表!B{}", 25 * i + 1))
        })
        .collect();
    let mut long_book: Vec<Expect<'_>> =
        long.iter().map(|(value, spot)| (("cn.mobile", value.as_str()), XLS, spot.as_str())).collect();
    long_book.push((ID, XLS, "two!A2"));
    let book = |inside| {
        vec![
            (CARD, inside, "员工!C2"),
            (A, inside, "员工!B2"),
            (B, inside, "员工!B8"),
            (ID, inside, "员工!D8"),
            (C, inside, "Plant!A2"),
            (D, inside, "Plant!A3"),
            (ZHAO, inside, "Plant!B2"),
        ]
    };
    let mail = |value: &'static str| ("email", value);
    let table: [(&str, Vec<Expect<'_>>); 11] = [
        (
            "letter.doc",
            vec![
                (ID, DOC, "1"),
                (A, DOC, "2"),
                (C, DOC, "6"),
                (ZHAO, DOC, "7"),
                // A footnote, a header, a comment, a text box; a property.
                (CARD, DOC, "8"),
                (USCC, DOC, "10"),
                (VIN, DOC, "15"),
                (D, DOC, "15"),
                (B, DOC, "17"),
                (META, "SummaryInformation", "2"),
            ],
        ),
        (
            "letter.rtf",
            vec![
                (META, "", "6"),
                (USCC, "", "8"),
                (ID, "", "10"),
                (A, "", "11"),
                (CARD, "", "13"),
                (VIN, "", "15"),
                (D, "", "15"),
                (B, "", "18"),
                (C, "", "22"),
                (ZHAO, "", "23"),
            ],
        ),
        (
            "letter.odt",
            vec![
                (META, "meta.xml", "2"),
                (USCC, "styles.xml", "1"),
                (ID, ODF, "1"),
                (A, ODF, "2"),
                (CARD, ODF, "3"),
                (VIN, ODF, "4"),
                (D, ODF, "4"),
                (B, ODF, "6"),
                (C, ODF, "9"),
                (ZHAO, ODF, "10"),
            ],
        ),
        ("book.xls", book(XLS)),
        ("book.ods", book(ODF)),
        ("long.xls", long_book),
        ("gbk5.xls", vec![(CARD, "Book", "员工!C2"), (A, "Book", "员工!B2"), (ID, "Book", "员工!B3")]),
        ("slides.ppt.gz", vec![(ID, PPT, "16"), (A, PPT, "17"), (ZHAO, PPT, "19"), (B, PPT, "21")]),
        ("slides.odp", vec![(ID, ODF, "1"), (A, ODF, "2"), (B, ODF, "3"), (ZHAO, ODF, "4")]),
        (
            "full.eml",
            vec![
                (mail("zhang.san731@qq.com"), "header", "1"),
                (mail("li.si88@163.com"), "header", "2"),
                (ID, "header", "3"),
                (A, "1.1", "1"),
                (CARD, "1.1", "2"),
                (A, "1.2", "1"),
                (CARD, "1.2", "1"),
                (B, "通讯录.csv", "2"),
                (mail("a.inner55@qq.com"), "3/header", "1"),
                (mail("b.inner66@qq.com"), "3/header", "2"),
                (C, "3/1", "1"),
                (D, "a.zip/deep.txt", "1"),
            ],
        ),
        (
            "box.mbox",
            vec![
                (C, "1/header", "3"),
                (mail("x.one55@qq.com"), "1/header", "4"),
                (mail("y.two66@163.com"), "1/header", "5"),
                (B, "1/1", "1"),
                (ID, "1/身份.txt", "1"),
                (A, "1/3", "1"),
                (mail("one.line77@qq.com"), "2/header", "1"),
                (mail("two.lines88@163.com"), "2/header", "2"),
                // A line of text that begins with "From".
                (D, "2/1", "1"),
            ],
        ),
    ];
    for (name, expect) in &table {
        check(name, &bytes(name), expect, &[]);
    }
}

#[test]
fn a_file_on_disk_yields_what_its_bytes_do() {
    // Longer than a buffer, so that the file is sought in: a presentation and a workbook.
    let dir = folder("documents");
    let mut ppt = Vec::new();
    flate2::read::GzDecoder::new(&*bytes("slides.ppt.gz")).read_to_end(&mut ppt).unwrap();
    assert!(ppt.len() > 256 << 10);
    std::fs::write(dir.join("a.ppt"), &ppt).unwrap();
    std::fs::write(dir.join("b.xls"), bytes("long.xls")).unwrap();
    let bodies = run(&dir, Limits { samples_per_hit_max: 1000, ..Limits::default() });
    let mut expect = seen(&read_bytes(&ppt, &config(Limits { samples_per_hit_max: 1000, ..Limits::default() })));
    expect.extend(seen(&read_bytes(
        &bytes("long.xls"),
        &config(Limits { samples_per_hit_max: 1000, ..Limits::default() }),
    )));
    expect.sort();
    assert_eq!(seen(&bodies), expect);
    assert_eq!(expect.len(), 4 + 13);
    assert_eq!(gaps(&bodies), []);
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn what_is_encrypted_is_a_gap() {
    // Encrypted under "secret" by LibreOffice and by msoffcrypto. A Word document's properties stay open.
    let table: [(&str, usize, &[Expect<'_>]); 4] = [
        ("locked.doc", 1, &[(META, "SummaryInformation", "2")]),
        ("locked.xls", 1, &[]),
        ("locked.docx", 1, &[]),
        ("locked.ods", 5, &[]),
    ];
    for (name, n, expect) in table {
        check(name, &bytes(name), expect, &vec![GapReason::Encrypted; n]);
    }
    let pgp = b"From: a\r\nTo: b\r\nContent-Type: multipart/encrypted; boundary=x\r\n\r\n--x\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--x\r\nContent-Type: application/octet-stream\r\n\r\nphone 13961835674\r\n--x--\r\n";
    check("PGP", pgp, &[], &[GapReason::Encrypted]);
    let smime = b"From: a\r\nTo: b\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n";
    check("S/MIME", smime, &[], &[GapReason::Encrypted]);
    let ppt = compound(&[("PowerPoint Document", b"\x0F\0\x14\x2F\0\0\0\0"), ("Current User", b"")]);
    check("presentation", &ppt, &[], &[GapReason::Encrypted]);
    let mut user = vec![0; 20];
    user[12..16].copy_from_slice(&0xF3D1_C4DFu32.to_le_bytes());
    let ppt = compound(&[("PowerPoint Document", b"x"), ("Current User", &user)]);
    check("presentation by its user", &ppt, &[], &[GapReason::Encrypted]);
}

#[test]
fn marks_escapes_and_encodings_hide_nothing_and_count_nothing_twice() {
    let gb = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let html = "<html><body>\n<p>手机 <b>139</b>6183<span style=\"x\">5674</span></p>\n<script>var phone='15051889237'</script>\n<a href=\"mailto:zhao.liu&#56;8@163.com\" title='身份证 360426199101010071'>x</a>&#38134;&#34892;&#21345; 62284804025648900&#49;8\n<!-- phone 18652017439 --></body></html>";
    let page: &[Expect<'_>] =
        &[(A, "", "2"), (B, "", "3"), (ZHAO, "", "4"), (ID, "", "4"), (CARD, "", "4"), (C, "", "5")];
    let declared = "<?xml version=\"1.0\" encoding=\"GB18030\"?>\n<list><手机>&#49;3961835674</手机>\n<x>身份证 360426199101010071</x></list>";
    let json = r#"{"\u8eab\u4efd\u8bc1": "360426199101010071",
        "\u624b\u673a": ["\u0031\u00339\u00361835674", "15051889237"]}"#;
    let java = "# plant\nphone=1\n\\u94f6\\u884c\\u5361=6228480402564890018\n";
    let table: [(&str, Vec<u8>, &[Expect<'_>]); 7] = [
        ("HTML", html.into(), page),
        ("HTML in GB18030", gb(html), page),
        ("HTML in UTF-16", wide(html), page),
        ("XML in GB18030", gb(declared), &[(A, "", "2"), (ID, "", "3")]),
        ("JSON", json.into(), &[(ID, "", "1"), (A, "", "2"), (B, "", "2")]),
        ("properties", java.into(), &[(CARD, "", "3")]),
        ("RTF in a mail", mail_of("message.rtf", &bytes("letter.rtf")), &[]),
    ];
    for (name, bytes, expect) in &table[..6] {
        check(name, bytes, expect, &[]);
        let bodies = read_bytes(bytes, &config(Limits::default()));
        for hit in hits(&bodies) {
            assert_eq!(hit.bands.low, 0, "{name}: a word stands beside each {}", hit.class.as_str());
        }
    }
    let bodies = read_bytes(&table[6].1, &config(Limits::default()));
    assert_eq!(hits(&bodies).iter().filter(|h| h.at.inside[0].as_str() == "message.rtf").count(), 6);
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for (i, piece) in bytes.chunks(3).enumerate() {
        let word = piece.iter().fold(0u32, |w, b| w << 8 | u32::from(*b)) << (8 * (3 - piece.len()));
        for k in 0..4 {
            let letter = char::from(LETTERS[(word >> (18 - 6 * k)) as usize & 63]);
            out.push(if k <= piece.len() { letter } else { '=' });
        }
        if i % 19 == 18 {
            out.push_str("\r\n");
        }
    }
    out
}
/// A mail with one attachment.
fn mail_of(name: &str, bytes: &[u8]) -> Vec<u8> {
    format!(
        "From: a\r\nTo: b\r\nContent-Type: multipart/mixed; boundary=\"=x\"\r\n\r\n--=x\r\nContent-Type: application/octet-stream; name={name}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--=x--\r\n",
        base64(bytes)
    )
    .into_bytes()
}

#[test]
fn texts_of_rtf_are_read_in_the_sets_of_their_fonts() {
    const DOC: &str = "object 1/WordDocument";
    let head = "{\\rtf1\\ansi\\ansicpg936\\deff0{\\fonttbl{\\f0\\fcharset134 \\'cb\\'ce;}{\\f1\\fcharset136 x;}{\\f2\\fcharset0 y;}}";
    // OLE 1.0 in front of the object: version, kind 2, its class, two empty texts, its size.
    let letter = bytes("letter.doc");
    let mut object = b"\x01\x05\0\0\x02\0\0\0\x05\0\0\0Word\0\0\0\0\0\0\0\0\0".to_vec();
    object.extend((letter.len() as u32).to_le_bytes());
    object.extend(letter);
    let digits: Vec<String> = object.chunks(40).map(|l| l.iter().map(|b| format!("{b:02x}")).collect()).collect();
    let object = format!("{{\\object{{\\*\\objclass W}}{{\\*\\objdata {}}}}}", digits.join("\n"));
    let in_object: &[Expect<'_>] = &[
        (ID, DOC, "1"),
        (A, DOC, "2"),
        (C, DOC, "6"),
        (ZHAO, DOC, "7"),
        (CARD, DOC, "8"),
        (USCC, DOC, "10"),
        (VIN, DOC, "15"),
        (D, DOC, "15"),
        (B, DOC, "17"),
        (META, "object 1/SummaryInformation", "2"),
    ];
    let table: [(&str, &str, &[Expect<'_>]); 10] = [
        ("GBK", "\\f0 \\'ca\\'d6\\'bb\\'fa 1396183{\\b 5674}", &[(A, "", "1")]),
        // The second byte of 電 in Big5 is the letter q.
        ("Big5", "\\f1 \\'b9q\\'b8\\'dc 13961835674", &[(A, "", "1")]),
        ("a Western font in a Chinese document", "\\f2 \\'ca\\'d6\\'bb\\'fa 13961835674", &[(A, "", "1")]),
        // 手机 as numbers, with stand-ins; a digit as one.
        ("Unicode", "\\uc2\\u25163\\'ca\\'d6\\u26426\\'bb\\'fa\\uc1 139\\u54 ?1835674", &[(A, "", "1")]),
        // 電 as a signed number, without stand-ins.
        ("a negative number", "\\uc0\\u-26885\\u-30095 13961835674", &[(A, "", "1")]),
        ("pictures", "{\\pict\\bin6 }}{{\\'}phone 13961835674{\\pict 15051889237}", &[(A, "", "1")]),
        (
            "what nobody knows",
            "phone 13961835674\\par{\\*\\new ID card 360426199101010071}",
            &[(A, "", "1"), (ID, "", "2")],
        ),
        (
            "cells and rows",
            "phone 13961835674\\cell 15051889237\\row tel 18652017439",
            &[(A, "", "1"), (B, "", "1"), (C, "", "2")],
        ),
        // HTML in RTF, as Outlook stores it.
        (
            "tags",
            "phone 139{\\*\\htmltag84 <b>}6183{\\*\\htmltag92 </b>}5674{\\*\\htmltag84 <a href=\"tel:15051889237\">}",
            &[(A, "", "1"), (B, "", "1")],
        ),
        ("an object", &object, in_object),
    ];
    for (name, text, expect) in table {
        let rtf = format!("{head}{text}}}");
        check(name, rtf.as_bytes(), expect, &[]);
        if !text.contains("pict") {
            let bodies = read_bytes(rtf.as_bytes(), &config(Limits::default()));
            let sure = hits(&bodies).iter().filter(|h| h.class.as_str() == "cn.mobile").all(|h| h.bands.high > 0);
            assert!(sure, "{name}: the word beside the number is read");
        }
    }
}

/// A compound file made by another's writer. A path has its storages made.
fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).expect("memory takes a file");
    for (path, bytes) in streams {
        let path = Path::new("/").join(path);
        file.create_storage_all(path.parent().expect("memory takes a file")).expect("memory takes a file");
        file.create_stream(&path).expect("memory takes a file").write_all(bytes).expect("memory takes a file");
    }
    file.flush().expect("memory takes a file");
    file.into_inner().into_inner()
}
fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_message_of_outlook_is_read_with_what_is_attached() {
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    // Code page 936 in the list of properties: 3FFD of type 3, after a head of 32 bytes.
    let mut list = vec![0; 32];
    list.extend(b"\x03\0\xFD\x3F\x06\0\0\0\xA8\x03\0\0\0\0\0\0");
    // Stored without compression (MS-OXRTFCP).
    let rtf = b"{\\rtf1\\ansi phone 13705196231}";
    let mut stored =
        [(rtf.len() as u32 + 12).to_le_bytes(), (rtf.len() as u32).to_le_bytes(), *b"MELA", [0; 4]].concat();
    stored.extend(rtf);
    let zip = plant::zip(&[("in.txt", "银行卡号 6228480402564890018\n".as_bytes())]).unwrap();
    let attached = "__attach_version1.0_#00000000";
    let inner = "__attach_version1.0_#00000001/__substg1.0_3701000D";
    let streams: Vec<(String, Vec<u8>)> = [
        ("__properties_version1.0", list.clone()),
        ("__nameid_version1.0/__substg1.0_00020102", vec![0; 16]),
        ("__substg1.0_0037001F", wide("员工身份证号 360426199101010071")),
        ("__substg1.0_1000001E", gbk("手机 13961835674\r\n")),
        ("__substg1.0_10130102", b"<html><body>tel <b>150</b>51889237</body></html>".to_vec()),
        ("__substg1.0_10090102", stored),
        ("__substg1.0_3A1C001F", wide("18652017439")),
        ("__recip_version1.0_#00000000/__properties_version1.0", vec![0; 8]),
        ("__recip_version1.0_#00000000/__substg1.0_39FE001F", wide("zhao.liu88@163.com")),
        (&format!("{attached}/__properties_version1.0"), vec![0; 8]),
        (&format!("{attached}/__substg1.0_3707001E"), gbk("名单.zip")),
        (&format!("{attached}/__substg1.0_37010102"), zip),
        ("__attach_version1.0_#00000001/__properties_version1.0", vec![0; 8]),
        ("__attach_version1.0_#00000001/__substg1.0_3001001F", wide("old mail")),
        (&format!("{inner}/__properties_version1.0"), list),
        (&format!("{inner}/__substg1.0_1000001F"), wide("邮箱 wang.meta731@qq.com")),
    ]
    .map(|(path, bytes)| (path.to_owned(), bytes))
    .to_vec();
    let all: Vec<(&str, &[u8])> = streams.iter().map(|(p, b)| (p.as_str(), b.as_slice())).collect();
    let message = compound(&all);
    let expect: &[Expect<'_>] = &[
        (ID, "header", "1"),
        (C, "header", "2"),
        (ZHAO, "header", "3"),
        (A, "body", "1"),
        (B, "body.html", "1"),
        (D, "body.rtf", "1"),
        (CARD, "名单.zip/in.txt", "1"),
        (META, "old mail/body", "1"),
    ];
    check("message", &message, expect, &[]);
    // In a mail, so in memory.
    let inner: Vec<(_, String, &str)> = expect.iter().map(|(v, i, l)| (*v, format!("m.msg/{i}"), *l)).collect();
    let inner: Vec<Expect<'_>> = inner.iter().map(|(v, i, l)| (*v, i.as_str(), *l)).collect();
    check("message in a mail", &mail_of("m.msg", &message), &inner, &[]);
}

#[test]
fn a_file_that_was_embedded_is_read_and_a_compound_file_of_another_kind_said_to_be_unknown() {
    // A file that was embedded as it was: size, flag, label, path, two numbers, a path with its length, size, bytes.
    let text = "身份证号 360426199101010071".as_bytes();
    let mut native = b"\0\0\0\0\x02\0list.txt\0C:\\a\\list.txt\0\0\0\x03\0\x05\0\0\0C:\\x\0".to_vec();
    native.extend((text.len() as u32).to_le_bytes());
    native.extend(text);
    check("embedded", &compound(&[("\u{1}Ole10Native", &native)]), &[(ID, "Ole10Native/list.txt", "1")], &[]);
    let file = compound(&[("Notes", b"phone 13961835674")]);
    check("unknown", &file, &[(A, "Notes", "1")], &[GapReason::Unsupported]);
    // Too large to be held in memory as a whole: what is held is read.
    let small = config(Limits { nested_bytes_max: 100_000, ..Limits::default() });
    let lines = format!("phone 13961835674\n{}", "all is well\n".repeat(60_000));
    let bodies = read_bytes(&mail_of("a.bin", &compound(&[("Notes", lines.as_bytes())])), &small);
    assert!(gaps(&bodies).contains(&GapReason::TooLarge));
    assert_eq!(hits(&bodies).len(), 1);
}

#[test]
fn macros_are_read_in_the_code_page_of_their_project() {
    // A container of one chunk of literals (MS-OVBA 2.4.1): a byte of flags, then eight bytes as they are.
    let container = |text: &[u8]| {
        let body: Vec<u8> = text.chunks(8).flat_map(|eight| [&[0], eight].concat()).collect();
        let head = 0xB000 | (body.len() as u16 - 1);
        [&[1][..], &head.to_le_bytes(), &body].concat()
    };
    let dir = container(b"\x01\0\x04\0\0\0\x03\0\0\0\x03\0\x02\0\0\0\xA8\x03");
    let source = encoding_rs::GBK.encode("Attribute VB_Name = \"M\"\r\n' 手机 13961835674\r\n").0.into_owned();
    let module = [b"compiled form\x01\x02".to_vec(), container(&source)].concat();
    let streams: &[(&str, &[u8])] =
        &[("VBA/dir", &dir), ("VBA/_VBA_PROJECT", b"\xCC\x61"), ("VBA/M", &module), ("PROJECT", b"ID=\"x\"\r\n")];
    check("macros", &compound(streams), &[(A, "VBA/M", "2")], &[]);
    let bodies = read_bytes(&compound(streams), &config(Limits::default()));
    assert_eq!(hits(&bodies)[0].bands.high, 1, "the word beside the number is read");
}
